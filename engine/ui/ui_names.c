/* What things are called: streets by their names, junctions by the streets that meet there, everything else
 * by its kind and number with the street beside it. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

const char *ui_say_map(const jw_ui *ui, uint32_t text)
{
    bool is_zh = strcmp(ui->text.language, "zh") == 0;
    return jw_city_text_in(ui->city, text, is_zh ? JW_LANGUAGE_ZH : JW_LANGUAGE_EN);
}

static const char *street_of(const jw_ui *ui, uint32_t edge)
{
    return ui_say_map(ui, ui->city->edges[edge].name);
}

/* Up to two different names of the streets at a junction, without `but`. */
static uint32_t streets_at(const jw_ui *ui, const jw_junction *junction, const char *but, const char *out[2])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < junction->in_count + junction->out_count && count < 2; i++) {
        uint32_t slot =
            i < junction->in_count ? junction->first_in + i : junction->first_out + i - junction->in_count;
        const char *name = street_of(ui, ui->city->junction_edges[slot]);
        if (*name && strcmp(name, but) != 0 && (count == 0 || strcmp(name, out[0]) != 0))
            out[count++] = name;
    }
    return count;
}

/* The nearest street that has a name, within 300 m; "" when there is none. */
static const char *street_near(const jw_ui *ui, double x_m, double y_m)
{
    const jw_city *city = ui->city;
    const char *best = "";
    double least_m = 300;
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *edge = &city->edges[i];
        const jw_vec3 *points = city->points + edge->first_point;
        double along_m;
        if (edge->point_count < 2 || !*street_of(ui, i) ||
            jw_abs(points[0].x - x_m) + jw_abs(points[0].y - y_m) > 2 * (edge->length_m + least_m))
            continue;
        double away_m = jw_polyline_project(points, edge->point_count, x_m, y_m, &along_m);
        if (away_m < least_m) {
            least_m = away_m;
            best = street_of(ui, i);
        }
    }
    return best;
}

static void say_near(const jw_ui *ui, double x_m, double y_m, char *out, size_t out_size)
{
    const char *street = street_near(ui, x_m, y_m);
    if (*street)
        ui_say_with(ui, "name.near", street, out, out_size);
}

static void number_thing(const jw_ui *ui, const char *key, uint32_t number, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s %u", ui_say(ui, key), number);
}

/* ---- one kind each ---------------------------------------------------------------------------------------
 */

static void name_edge(const jw_ui *ui, uint32_t index, char *title, size_t title_size, char *place,
                      size_t place_size)
{
    const jw_city *city = ui->city;
    const jw_edge *edge = &city->edges[index];
    const char *name = street_of(ui, index), *from[2], *to[2];
    number_thing(ui, "thing.edge", index, *name ? place : title, *name ? place_size : title_size);
    if (!*name)
        return;
    jw_text_copy(title, title_size, name);
    if (streets_at(ui, &city->junctions[edge->from], name, from) &&
        streets_at(ui, &city->junctions[edge->to], name, to))
        snprintf(place, place_size, "%s %u: %s → %s", ui_say(ui, "thing.edge"), index, from[0], to[0]);
}

static void name_junction(const jw_ui *ui, uint32_t index, char *title, size_t title_size, char *place,
                          size_t place_size)
{
    const char *names[2];
    uint32_t count = streets_at(ui, &ui->city->junctions[index], "", names);
    number_thing(ui, "thing.junction", index, count ? place : title, count ? place_size : title_size);
    if (count)
        snprintf(title, title_size, "%s%s%s", names[0], count == 2 ? " / " : "", count == 2 ? names[1] : "");
}

static void name_vehicle(const jw_ui *ui, const jw_frame *frame, const jw_pick *pick, char *title,
                         size_t title_size)
{
    static const char *const classes[JW_VEHICLE_CLASS_COUNT] = {
        "thing.car",       "thing.truck",   "thing.bus",   "thing.shuttle",
        "thing.emergency", "thing.bicycle", "thing.ebike", "thing.pedestrian"};
    const char *key = "thing.vehicle";
    for (uint32_t i = 0; i < frame->vehicle_count; i++)
        if (frame->vehicles[i].index1 == pick->index &&
            frame->vehicles[i].vehicle_class < JW_VEHICLE_CLASS_COUNT)
            key = classes[frame->vehicles[i].vehicle_class];
    number_thing(ui, key, pick->index, title, title_size);
}

static void name_building(const jw_ui *ui, uint32_t index, char *title, size_t title_size, char *place,
                          size_t place_size)
{
    static const char *const uses[JW_USE_COUNT] = {"thing.building", "thing.residential", "thing.commercial",
                                                   "thing.office",   "thing.industrial",  "thing.public",
                                                   "thing.station",  "thing.computing"};
    const jw_building *building = &ui->city->buildings[index];
    number_thing(ui, uses[building->use < JW_USE_COUNT ? building->use : 0], index, title, title_size);
    say_near(ui, building->x_m, building->y_m, place, place_size);
}

static const jw_frame_asset *find_asset(const jw_frame *frame, const char *name)
{
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (strcmp(frame->assets[i].name, name) == 0)
            return &frame->assets[i];
    return NULL;
}

static void name_asset(const jw_ui *ui, const jw_frame *frame, const char *name, char *title,
                       size_t title_size, char *place, size_t place_size)
{
    static const char *const kinds[] = {"thing.site",    "thing.cell", "thing.camera",
                                        "thing.factory", "thing.stop", "thing.roadside"};
    static const char *const tiers[] = {"thing.site_roadside", "thing.site_base_station", "thing.site_park",
                                        "thing.site_edge",     "thing.site_city",         "thing.site_west"};
    const jw_frame_asset *asset = find_asset(frame, name);
    const char *key = "thing.site";
    if (asset && asset->kind < JW_COUNT_OF(kinds))
        key = kinds[asset->kind];
    if (asset && asset->kind == JW_ASSET_SITE && asset->tier < JW_COUNT_OF(tiers))
        key = tiers[asset->tier];
    snprintf(title, title_size, "%s %s", ui_say(ui, key), name);
    if (asset)
        say_near(ui, (double)asset->x_m, (double)asset->y_m, place, place_size);
}

/* The site, else the cell, at one end of a fibre. */
static const char *asset_at(const jw_frame *frame, float x_m, float y_m)
{
    const char *name = "";
    for (uint32_t i = frame->asset_count; i-- > 0;) {
        const jw_frame_asset *asset = &frame->assets[i];
        bool is_there = jw_abs((double)(asset->x_m - x_m)) < 1 && jw_abs((double)(asset->y_m - y_m)) < 1;
        if (is_there && (asset->kind == JW_ASSET_SITE || (asset->kind == JW_ASSET_CELL && !*name)))
            name = asset->name;
    }
    return name;
}

static void name_link(const jw_ui *ui, const jw_frame *frame, const char *name, char *title,
                      size_t title_size, char *place, size_t place_size)
{
    snprintf(title, title_size, "%s %s", ui_say(ui, "thing.link"), name);
    for (uint32_t i = 0; i < frame->link_count; i++) {
        const jw_frame_link *link = &frame->links[i];
        if (strcmp(link->name, name) != 0)
            continue;
        const char *a = asset_at(frame, link->x0_m, link->y0_m), *b = asset_at(frame, link->x1_m, link->y1_m);
        if (*a && *b)
            snprintf(place, place_size, "%s – %s", a, b);
    }
}

void ui_name_thing(const jw_ui *ui, const jw_frame *frame, const jw_pick *pick, char *title,
                   size_t title_size, char *place, size_t place_size)
{
    title[0] = place[0] = 0;
    switch (pick->kind) {
    case JW_PICK_NONE:
        break;
    case JW_PICK_EDGE:
        name_edge(ui, pick->index, title, title_size, place, place_size);
        break;
    case JW_PICK_JUNCTION:
        name_junction(ui, pick->index, title, title_size, place, place_size);
        break;
    case JW_PICK_BUILDING:
        name_building(ui, pick->index, title, title_size, place, place_size);
        break;
    case JW_PICK_VEHICLE:
        name_vehicle(ui, frame, pick, title, title_size);
        break;
    case JW_PICK_ASSET:
        name_asset(ui, frame, pick->name, title, title_size, place, place_size);
        break;
    case JW_PICK_PARK:
        snprintf(title, title_size, "%s %s", ui_say(ui, "thing.park"), pick->name);
        jw_text_copy(place, place_size, ui_say(ui, "find.no_place"));
        break;
    case JW_PICK_LINK:
        name_link(ui, frame, pick->name, title, title_size, place, place_size);
        break;
    }
}
