/* Find by name or number: streets, places, junctions, buildings, vehicles, sites, cells, fibres, industrial
 * parks. What is chosen is flown to, where it is on the map, and inspected: of a place the building that it
 * is in; where there is none, that is said. */
#include "ui/ui_state.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Part of a text, the case of Latin letters aside. */
static bool holds(const char *text, const char *part)
{
    for (; *text; text++) {
        size_t i = 0;
        while (part[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (!part[i])
            return true;
    }
    return false;
}

/* A text of the map in any of its languages. */
static bool map_holds(const jw_city *city, uint32_t text, const char *part)
{
    return holds(jw_city_text(city, text), part) ||
           holds(jw_city_text_in(city, text, JW_LANGUAGE_EN), part) ||
           holds(jw_city_text_in(city, text, JW_LANGUAGE_ZH), part);
}

static void add(ui_find *find, jw_pick_kind kind, uint32_t index, uint32_t generation, const char *name)
{
    if (find->count == UI_FIND_MAX)
        return;
    jw_pick *pick = &find->hits[find->count++];
    *pick = (jw_pick){.kind = kind, .index = index, .generation = generation};
    jw_text_copy(pick->name, sizeof pick->name, name);
}

/* Each name of a street once. */
static void find_streets(jw_ui *ui, ui_find *find)
{
    const jw_city *city = ui->city;
    uint32_t last = JW_NONE;
    for (uint32_t i = 0; i < city->edge_count && find->count < UI_FIND_MAX; i++) {
        const char *name = jw_city_text(city, city->edges[i].name);
        if (!*name || city->edges[i].name == last || !map_holds(city, city->edges[i].name, find->text))
            continue;
        bool is_new = true; /* equal texts of a map are one text */
        for (uint32_t k = 0; k < find->count && is_new; k++)
            is_new = find->hits[k].kind != JW_PICK_EDGE ||
                     city->edges[find->hits[k].index].name != city->edges[i].name;
        last = city->edges[i].name;
        if (is_new)
            add(find, JW_PICK_EDGE, i, 0, "");
    }
}

/* A place of the map, unless one of its name is there already. */
static void add_place(const jw_city *city, ui_find *find, uint32_t name, jw_vec2 at)
{
    if (find->count == UI_FIND_MAX || !map_holds(city, name, find->text))
        return;
    for (uint32_t i = 0; i < find->count; i++)
        if (find->hits[i].kind == JW_PICK_NONE &&
            strcmp(jw_city_text(city, find->hits[i].index), jw_city_text(city, name)) == 0)
            return;
    find->places[find->count] = at;
    add(find, JW_PICK_NONE, name, 0, "");
}

static void find_places(const jw_city *city, ui_find *find)
{
    for (uint32_t i = 0; i < city->place_count; i++)
        if (city->places[i].kind != JW_PLACE_GATE && city->places[i].kind != JW_PLACE_SITE)
            add_place(city, find, city->places[i].name, (jw_vec2){city->places[i].x_m, city->places[i].y_m});
    for (uint32_t i = 0; i < city->area_count; i++) {
        const jw_area *area = &city->areas[i];
        if (area->ring_count == 0 || !*jw_city_text(city, area->name))
            continue;
        const jw_ring_range *ring = &city->rings[area->first_ring];
        add_place(city, find, area->name,
                  jw_ring_centroid(city->points + ring->first_point, ring->point_count));
    }
}

/* Everything that has this number. */
static void find_number(jw_ui *ui, ui_find *find, uint32_t number)
{
    const jw_city *city = ui->city;
    const jw_frame *frame = &ui->sides[ui->side].newer;
    for (uint32_t i = 0; i < frame->vehicle_count; i++)
        if (frame->vehicles[i].index1 == number)
            add(find, JW_PICK_VEHICLE, number, frame->vehicles[i].generation, "");
    if (number < city->junction_count)
        add(find, JW_PICK_JUNCTION, number, 0, "");
    if (number < city->edge_count)
        add(find, JW_PICK_EDGE, number, 0, "");
    if (number < city->building_count)
        add(find, JW_PICK_BUILDING, number, 0, "");
}

static bool is_park(const jw_frame_detail *detail)
{
    return detail->watch_id == UI_FIND_WATCH && detail->thing.kind == JW_WATCH_PARK;
}

/* The world's industrial parks, as far as it has told of them. */
static uint32_t count_parks(const jw_frame *frame)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < frame->detail_count; i++)
        count += is_park(&frame->details[i]);
    return count;
}

/* By their name or kind. */
static void find_parks(const jw_ui *ui, ui_find *find)
{
    const jw_frame *frame = &ui->sides[ui->side].newer;
    bool is_kind = holds(ui_say(ui, "thing.park"), find->text);
    for (uint32_t i = 0; i < frame->detail_count; i++) {
        const jw_frame_detail *detail = &frame->details[i];
        if (is_park(detail) && (is_kind || holds(detail->thing.name, find->text)))
            add(find, JW_PICK_PARK, 0, 0, detail->thing.name);
    }
}

void ui_find_search(jw_ui *ui)
{
    ui_find *find = &ui->find;
    find->count = 0;
    find->park_count = 0;
    if (!find->text[0] || !ui->city || !ui->side_count)
        return;
    const jw_frame *frame = &ui->sides[ui->side].newer;
    char *end;
    unsigned long number = strtoul(find->text, &end, 10);
    if (isdigit((unsigned char)find->text[0]) && !*end && number < JW_NONE)
        find_number(ui, find, (uint32_t)number);
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (holds(frame->assets[i].name, find->text))
            add(find, JW_PICK_ASSET, i, 0, frame->assets[i].name);
    find_streets(ui, find);
    find_places(ui->city, find);
    for (uint32_t i = 0; i < frame->link_count; i++)
        if (holds(frame->links[i].name, find->text))
            add(find, JW_PICK_LINK, i, 0, frame->links[i].name);
    find_parks(ui, find);
    find->park_count = count_parks(frame);
}

bool ui_place_of(const jw_ui *ui, const jw_frame *frame, const jw_pick *pick, double *x_m, double *y_m)
{
    const jw_city *city = ui->city;
    switch (pick->kind) {
    case JW_PICK_NONE:
        return false;
    case JW_PICK_EDGE: {
        const jw_edge *edge = &city->edges[pick->index];
        const jw_vec3 *point = &city->points[edge->first_point + edge->point_count / 2];
        *x_m = point->x, *y_m = point->y;
        return true;
    }
    case JW_PICK_JUNCTION:
        *x_m = city->junctions[pick->index].x_m, *y_m = city->junctions[pick->index].y_m;
        return true;
    case JW_PICK_BUILDING:
        *x_m = city->buildings[pick->index].x_m, *y_m = city->buildings[pick->index].y_m;
        return true;
    case JW_PICK_VEHICLE:
        for (uint32_t i = 0; i < frame->vehicle_count; i++)
            if (frame->vehicles[i].index1 == pick->index &&
                frame->vehicles[i].generation == pick->generation) {
                *x_m = (double)frame->vehicles[i].x_m, *y_m = (double)frame->vehicles[i].y_m;
                return true;
            }
        return false;
    case JW_PICK_ASSET:
        for (uint32_t i = 0; i < frame->asset_count; i++)
            if (strcmp(frame->assets[i].name, pick->name) == 0) {
                *x_m = (double)frame->assets[i].x_m, *y_m = (double)frame->assets[i].y_m;
                return true;
            }
        return false;
    case JW_PICK_LINK:
        for (uint32_t i = 0; i < frame->link_count; i++)
            if (strcmp(frame->links[i].name, pick->name) == 0) {
                *x_m = (double)(frame->links[i].x0_m + frame->links[i].x1_m) / 2;
                *y_m = (double)(frame->links[i].y0_m + frame->links[i].y1_m) / 2;
                return true;
            }
        return false;
    case JW_PICK_PARK:
        return false;
    }
    return false;
}

void ui_go_to(jw_ui *ui, const jw_pick *pick)
{
    jw_camera camera = ui->camera;
    ui_select(ui, ui->side, pick);
    ui->tab = UI_TAB_INSPECTOR;
    ui->is_drawer_closed = false;
    if (!ui_place_of(ui, &ui->sides[ui->side].newer, pick, &camera.x_m, &camera.y_m))
        return;
    camera.distance_m = jw_min(camera.distance_m, pick->kind == JW_PICK_VEHICLE ? 150 : 600);
    ui_camera_fly(ui, &camera);
}

void ui_find_open(jw_ui *ui, bool is_open)
{
    ui->find = (ui_find){.is_open = is_open && ui->city};
    ui->find.takes_focus = ui->find.is_open;
    if (ui->find.is_open)
        gui_expect_text();
    ui->watches_changed = true;
    ui->redraws = 3;
}

/* The building in which a place of the map is, a hospital's or a school's; JW_NONE: it is in none, or an
 * area's name, whose middle says nothing. */
static uint32_t building_of(const jw_city *city, uint32_t name, jw_vec2 at)
{
    bool is_point = false;
    for (uint32_t i = 0; i < city->place_count && !is_point; i++)
        is_point = city->places[i].name == name && city->places[i].x_m == at.x &&
                   city->places[i].y_m == at.y && city->places[i].kind != JW_PLACE_QUARTER;
    for (uint32_t i = 0; i < city->building_count && is_point; i++) {
        const jw_building *building = &city->buildings[i];
        const jw_ring_range *ring = &city->rings[building->first_ring];
        if (building->ring_count > 0 &&
            jw_ring_contains(city->points + ring->first_point, ring->point_count, at.x, at.y))
            return i;
    }
    return JW_NONE;
}

void ui_find_go(jw_ui *ui, uint32_t hit)
{
    jw_pick pick = ui->find.hits[hit];
    jw_vec2 at = ui->find.places[hit];
    ui_find_open(ui, false);
    if (pick.kind == JW_PICK_NONE) {
        const char *name = ui_say_map(ui, pick.index);
        uint32_t building = building_of(ui->city, pick.index, at);
        pick = (jw_pick){.kind = building == JW_NONE ? JW_PICK_NONE : JW_PICK_BUILDING, .index = building};
        if (building == JW_NONE) {
            char text[256];
            ui_say_with(ui, "find.no_values", name, text, sizeof text);
            ui_notice(ui, text);
        }
    }
    if (pick.kind != JW_PICK_NONE) {
        ui_go_to(ui, &pick);
        return;
    }
    jw_camera camera = ui->camera;
    ui_select(ui, ui->side, &pick); /* what was chosen before is not this */
    camera.x_m = at.x;
    camera.y_m = at.y;
    camera.distance_m = jw_min(camera.distance_m, 900);
    ui_camera_fly(ui, &camera);
}

/* One line, the whole of it as a tooltip where it does not fit. */
static bool draw_hit(const jw_ui *ui, uint32_t hit)
{
    const jw_pick *pick = &ui->find.hits[hit];
    char title[128], place[128], row[128];
    ui_name_thing(ui, &ui->sides[ui->side].newer, pick, title, sizeof title, place, sizeof place);
    if (pick->kind == JW_PICK_NONE)
        jw_text_copy(title, sizeof title, ui_say_map(ui, pick->index));
    jw_text_copy(row, sizeof row, title);
    gui_shorten(GUI_BODY, gui_room_x() - gui_px(16), row, sizeof row);
    gui_push((int)hit);
    bool is_chosen = gui_choice(row, false);
    if (place[0] || strcmp(row, title) != 0)
        gui_tooltip(place[0] ? place : title);
    gui_pop();
    return is_chosen;
}

/* Those in view alone: a thousand cost no more than a dozen. The one chosen, or JW_NONE. */
static uint32_t draw_hits(jw_ui *ui)
{
    ui_find *find = &ui->find;
    char number[24], text[96];
    uint32_t chosen = JW_NONE;
    gui_scroll_begin("##hits", -gui_text_height(GUI_SMALL) - gui_px(8));
    gui_tight(true);
    gui_rows rows = gui_rows_begin(find->count, gui_choice_height());
    for (uint32_t i = rows.first; i < rows.end; i++)
        if (draw_hit(ui, i))
            chosen = i;
    gui_rows_end(&rows);
    gui_tight(false);
    gui_scroll_end();
    find->first_shown = rows.first;
    find->shown_count = rows.end - rows.first;
    snprintf(number, sizeof number, "%u", find->count);
    ui_say_with(ui, find->count == UI_FIND_MAX ? "find.first" : "find.count", number, text, sizeof text);
    gui_text(GUI_SMALL, GUI_MUTED, text);
    return chosen;
}

void ui_find_draw(jw_ui *ui)
{
    ui_find *find = &ui->find;
    ui_layout layout = ui_layout_of(ui);
    gui_rect rect = {layout.charts.x + gui_px(12), layout.rail.y,
                     (float)jw_min(gui_px(360), layout.charts.width - gui_px(24)),
                     -(float)jw_min(gui_px(420), -layout.rail.height)};
    if (layout.charts.width < gui_px(280)) /* over the other panels */
        rect = (gui_rect){layout.rail.x, layout.rail.y, layout.window.width - 2 * layout.rail.x,
                          layout.rail.height};
    char before[sizeof find->text];
    jw_text_copy(before, sizeof before, find->text);
    gui_panel_begin("##find", rect);
    gui_width(0);
    if (find->takes_focus)
        gui_focus();
    find->takes_focus = false;
    bool is_entered = gui_input("##findtext", ui_say(ui, "find.hint"), find->text, sizeof find->text);
    uint32_t parks = ui->side_count ? count_parks(&ui->sides[ui->side].newer) : 0;
    if (strcmp(before, find->text) != 0 || (find->text[0] && parks != find->park_count))
        ui_find_search(ui);
    uint32_t chosen = find->count ? draw_hits(ui) : JW_NONE;
    if (is_entered && find->count)
        chosen = 0;
    if (!find->text[0] && parks) {
        char number[24], text[160];
        snprintf(number, sizeof number, "%u", parks);
        ui_say_with(ui, "find.parks", number, text, sizeof text);
        gui_text(GUI_SMALL, GUI_MUTED, text);
    }
    if (find->text[0] && !find->count)
        gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "find.nothing"));
    gui_panel_end();
    if (chosen != JW_NONE)
        ui_find_go(ui, chosen);
}
