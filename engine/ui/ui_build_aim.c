/* What the pointer means: the building, street, junction, node or fibre near it that fits what is built. */
#include "ui/ui_state.h"

#include <math.h>
#include <string.h>

#define REACH_UNITS 26.0 /* how far from the pointer things are drawn to, on the screen */
#define SAME_M      5.0  /* two things so near stand at one place */
#define ROOF_M      12.0 /* at least, on the ground: a building is a large thing */

/* Metres on the ground that a unit of the screen covers where the camera looks. */
static double metres_per_unit(const jw_ui *ui)
{
    const jw_camera *camera = &ui->camera;
    double fov = camera->fov_rad > 0 ? camera->fov_rad : 0.6, height = jw_max(ui->height_px, 1);
    double half = 0.5 * fov, tangent = jw_sin(half) / jw_max(jw_cos(half), 1e-3);
    return 2 * tangent * camera->distance_m / height * (double)gui_px(1) * (double)ui->pixel_ratio;
}

static double segment_distance(jw_vec2 p, jw_vec2 a, jw_vec2 b, double *out_share)
{
    double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
    double t = length2 > 0 ? jw_clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0, 1) : 0;
    *out_share = t;
    return jw_vec2_distance(p, (jw_vec2){a.x + t * dx, a.y + t * dy});
}

jw_result ui_build_index(const jw_city *city, jw_grid **out, jw_error *error)
{
    jw_box *boxes = jw_alloc((city->edge_count + 1) * sizeof *boxes);
    if (!boxes)
        return jw_fail_memory(error);
    for (uint32_t e = 0; e < city->edge_count; e++) {
        const jw_edge *edge = &city->edges[e];
        boxes[e] = jw_box_empty();
        for (uint32_t i = 0; i < edge->point_count; i++) {
            const jw_vec3 *point = &city->points[edge->first_point + i];
            boxes[e] = jw_box_extend(boxes[e], point->x, point->y);
        }
    }
    jw_result result = jw_grid_create(boxes, city->edge_count, 0, out, error);
    jw_free(boxes);
    return result;
}

typedef struct street_search {
    const jw_city *city;
    ui_aim *aim;
    double best_m;
} street_search;

/* Of two as near the first: the grid tells them by its cells. */
static bool look_at_street(void *context, uint32_t e)
{
    street_search *search = context;
    ui_aim *aim = search->aim;
    const jw_edge *edge = &search->city->edges[e];
    double along_m, away_m = jw_polyline_project(search->city->points + edge->first_point, edge->point_count,
                                                 aim->at.x, aim->at.y, &along_m);
    bool is_later = aim->fits && !(away_m < search->best_m) && e > aim->thing.index;
    if (away_m > search->best_m || is_later)
        return true;
    search->best_m = away_m;
    aim->fits = true;
    aim->thing = (jw_pick){.kind = JW_PICK_EDGE, .index = e};
    aim->along_m = jw_min(along_m, edge->length_m);
    return true;
}

static void aim_at_street(const jw_ui *ui, double reach_m, ui_aim *aim)
{
    const jw_city *city = ui->city;
    street_search search = {.city = city, .aim = aim, .best_m = reach_m};
    jw_box box = {aim->at.x - reach_m, aim->at.y - reach_m, aim->at.x + reach_m, aim->at.y + reach_m};
    jw_grid_query(ui->streets, box, look_at_street, &search);
    if (!aim->fits)
        return;
    const jw_edge *edge = &city->edges[aim->thing.index];
    double best_m = INFINITY, along_m;
    for (uint32_t l = 0; l < edge->lane_count; l++) {
        const jw_lane *lane = &city->lanes[edge->first_lane + l];
        double away_m = jw_polyline_project(city->points + lane->first_point, lane->point_count, aim->at.x,
                                            aim->at.y, &along_m);
        if (away_m < best_m) {
            best_m = away_m;
            aim->lane = l;
        }
    }
}

static bool aim_at_junction(const jw_city *city, double reach_m, ui_aim *aim)
{
    double best_m = reach_m;
    for (uint32_t j = 0; j < city->junction_count; j++) {
        const jw_junction *junction = &city->junctions[j];
        double away_m = jw_vec2_distance(aim->at, (jw_vec2){junction->x_m, junction->y_m});
        if (junction->programme != JW_NONE && away_m < best_m) {
            best_m = away_m;
            aim->thing = (jw_pick){.kind = JW_PICK_JUNCTION, .index = j};
        }
    }
    if (aim->thing.kind != JW_PICK_JUNCTION)
        return false;
    aim->at = (jw_vec2){city->junctions[aim->thing.index].x_m, city->junctions[aim->thing.index].y_m};
    return true;
}

static void aim_at_building(const jw_city *city, double reach_m, ui_aim *aim)
{
    double best_m = jw_max(reach_m, ROOF_M);
    jw_vec2 point = aim->at;
    for (uint32_t b = 0; b < city->building_count; b++) {
        const jw_building *building = &city->buildings[b];
        double away_m = jw_vec2_distance(point, (jw_vec2){building->x_m, building->y_m});
        if (away_m < best_m) {
            best_m = away_m;
            aim->thing = (jw_pick){.kind = JW_PICK_BUILDING, .index = b};
            aim->at = (jw_vec2){building->x_m, building->y_m};
            aim->height_m = (double)building->height_m;
        }
    }
}

static void aim_at_asset(const jw_frame *frame, uint32_t kinds, double reach_m, ui_aim *aim)
{
    double best_m = reach_m;
    jw_vec2 point = aim->at;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        const jw_frame_asset *asset = &frame->assets[i];
        double away_m = jw_vec2_distance(point, (jw_vec2){(double)asset->x_m, (double)asset->y_m});
        if (!(kinds >> asset->kind & 1) || away_m >= best_m)
            continue;
        best_m = away_m;
        aim->fits = true;
        aim->thing = (jw_pick){.kind = JW_PICK_ASSET, .index = i};
        jw_text_copy(aim->thing.name, sizeof aim->thing.name, asset->name);
        aim->at = (jw_vec2){(double)asset->x_m, (double)asset->y_m};
        aim->height_m = (double)asset->z_m;
    }
}

static void aim_at_link(const jw_frame *frame, double reach_m, ui_aim *aim)
{
    double best_m = reach_m, share;
    jw_vec2 point = aim->at;
    for (uint32_t i = 0; i < frame->link_count; i++) {
        const jw_frame_link *link = &frame->links[i];
        jw_vec2 a = {(double)link->x0_m, (double)link->y0_m}, b = {(double)link->x1_m, (double)link->y1_m};
        double away_m = segment_distance(point, a, b, &share);
        if (away_m >= best_m)
            continue;
        best_m = away_m;
        aim->fits = true;
        aim->thing = (jw_pick){.kind = JW_PICK_LINK, .index = i};
        jw_text_copy(aim->thing.name, sizeof aim->thing.name, link->name);
    }
}

#define KIND(asset) (1u << JW_ASSET_##asset)
#define EQUIPMENT   (KIND(SITE) | KIND(CELL) | KIND(ROADSIDE))

/* Assets are small: what the pointer touches of them goes before the fibre that they hang on. */
static void aim_at_removable(const jw_frame *frame, double reach_m, ui_aim *aim)
{
    aim_at_asset(frame, EQUIPMENT, reach_m, aim);
    if (!aim->fits)
        aim_at_link(frame, reach_m / 2, aim);
}

/* All that would be: the lane or the whole street. */
static bool is_closed(const jw_ui *ui, const jw_frame *frame, const ui_aim *aim)
{
    if (aim->thing.index >= frame->edge_count)
        return false;
    uint32_t count = ui->city->edges[aim->thing.index].lane_count;
    uint32_t wanted = ui->build.takes_lane ? UINT32_C(1) << aim->lane % 32
                      : count < 32         ? (UINT32_C(1) << count) - 1
                                           : UINT32_MAX;
    return (frame->edges[aim->thing.index].closed_lanes & wanted) == wanted;
}

static bool is_up(const jw_frame *frame, const jw_pick *thing)
{
    if (thing->kind == JW_PICK_LINK)
        return frame->links[thing->index].is_up != 0;
    return thing->kind != JW_PICK_ASSET || frame->assets[thing->index].is_up != 0;
}

/* The first of two ends is aimed at again. */
static bool is_same_end(const jw_ui *ui, const ui_aim *aim)
{
    const ui_build *build = &ui->build;
    bool is_wave = build->what == UI_BUILD_SIGNALS && build->control == UI_CONTROL_WAVE;
    if (build->pick_count == 0 || aim->thing.kind == JW_PICK_NONE)
        return false;
    return is_wave ? build->picks[0].index == aim->thing.index
                   : build->what == UI_BUILD_FIBRE && strcmp(build->picks[0].name, aim->thing.name) == 0;
}

static void aim_at(const jw_ui *ui, const jw_frame *frame, double reach_m, ui_aim *aim)
{
    const jw_city *city = ui->city;
    switch (ui->build.what) {
    case UI_BUILD_CELL:
    case UI_BUILD_SITE:
        aim->fits = true;
        aim_at_building(city, reach_m, aim);
        break;
    case UI_BUILD_ROADSIDE:
        aim->fits = true;
        aim_at_junction(city, 2 * reach_m, aim);
        break;
    case UI_BUILD_CROWD:
        aim->fits = ui->catalogue.request_count > 0;
        break;
    case UI_BUILD_FIBRE:
        aim_at_asset(frame, KIND(SITE) | KIND(CELL), reach_m, aim);
        break;
    case UI_BUILD_CARDS:
        aim_at_asset(frame, KIND(SITE), reach_m, aim);
        break;
    case UI_BUILD_CLOSE:
        aim_at_street(ui, reach_m, aim);
        aim->fits = aim->fits && !is_closed(ui, frame, aim);
        break;
    case UI_BUILD_BUS_LINE:
    case UI_BUILD_INCIDENT:
    case UI_BUILD_WORKS:
        aim_at_street(ui, reach_m, aim);
        break;
    case UI_BUILD_SIGNALS:
        aim->fits = aim_at_junction(city, 2 * reach_m, aim);
        break;
    case UI_BUILD_MOVE: /* the second click says where to */
        if (ui->build.pick_count == 0)
            aim_at_asset(frame, EQUIPMENT, reach_m, aim);
        else
            aim->fits = true;
        break;
    case UI_BUILD_REMOVE:
        aim_at_removable(frame, reach_m, aim);
        break;
    case UI_BUILD_CUT:
        aim_at_link(frame, reach_m, aim);
        aim->fits = aim->fits && is_up(frame, &aim->thing);
        break;
    case UI_BUILD_FAIL:
        aim_at_asset(frame, EQUIPMENT, reach_m, aim);
        aim->fits = aim->fits && is_up(frame, &aim->thing);
        break;
    case UI_BUILD_MODEL:
    case UI_BUILD_COUNT:
        break;
    }
}

ui_aim ui_build_aim(const jw_ui *ui)
{
    ui_aim aim = {0};
    uint32_t part = ui->tool.has_hover ? ui->tool.side : ui->tools.split.acting;
    const ui_side *side = &ui->sides[ui_part_side(ui, part)];
    if (!ui->city || !ui->side_count || !side->has_newer)
        return aim;
    aim.fits = ui->build.what == UI_BUILD_MODEL && ui->catalogue.model_count > 0; /* no place of its own */
    aim.at = ui->tool.hover;
    aim.is_there = ui->tool.has_hover;
    if (!aim.is_there) {
        jw_view_rect rect = ui_side_rect(ui, part);
        aim.is_there = jw_camera_ground(&ui->camera, rect, rect.x_px + rect.width_px / 2.0,
                                        rect.y_px + rect.height_px / 2.0, &aim.at);
    }
    if (aim.is_there)
        aim_at(ui, &side->newer, REACH_UNITS * metres_per_unit(ui), &aim);
    if (is_same_end(ui, &aim) || ui_build_is_ruled_so(ui, &aim))
        aim.fits = false;
    /* Two sites in one building would be one: that has cards to grow by. */
    if (ui->build.what == UI_BUILD_SITE && ui_build_neighbour(ui, aim.at))
        aim.fits = false;
    return aim;
}

const char *ui_build_neighbour(const jw_ui *ui, jw_vec2 at)
{
    bool is_site = ui->build.what == UI_BUILD_SITE;
    const jw_frame *frame = &ui->sides[ui->side].newer;
    if (!is_site && ui->build.what != UI_BUILD_CELL && ui->build.what != UI_BUILD_ROADSIDE)
        return NULL;
    uint32_t kind = is_site                           ? JW_ASSET_SITE
                    : ui->build.what == UI_BUILD_CELL ? JW_ASSET_CELL
                                                      : JW_ASSET_ROADSIDE;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        jw_vec2 place = {(double)frame->assets[i].x_m, (double)frame->assets[i].y_m};
        if (frame->assets[i].kind == kind && jw_vec2_distance(place, at) < SAME_M)
            return frame->assets[i].name;
    }
    for (uint32_t i = 0; i < ui->done_count && is_site; i++) { /* given, and not yet shown */
        const ui_deed *deed = &ui->deeds[i];
        jw_vec2 place = {jw_command_get_number(&deed->done, "x", INFINITY),
                         jw_command_get_number(&deed->done, "y", INFINITY)};
        if (strcmp(deed->done.verb, "place_edge_site") == 0 && deed->side == ui->side &&
            deed->since_ns >= frame->time_ns && jw_vec2_distance(place, at) < SAME_M)
            return jw_command_get_text(&deed->done, "name", "");
    }
    return NULL;
}

void ui_build_say_unfit(const jw_ui *ui, const ui_aim *aim, char *out, size_t out_size)
{
    static const char *const nothing[UI_BUILD_COUNT] = {
        [UI_BUILD_FIBRE] = "build.no_end",       [UI_BUILD_CARDS] = "build.no_site",
        [UI_BUILD_BUS_LINE] = "build.no_street", [UI_BUILD_CLOSE] = "build.no_street",
        [UI_BUILD_SIGNALS] = "build.no_signals", [UI_BUILD_INCIDENT] = "build.no_street",
        [UI_BUILD_WORKS] = "build.no_street",    [UI_BUILD_MOVE] = "build.no_equipment",
        [UI_BUILD_REMOVE] = "build.no_asset",    [UI_BUILD_CUT] = "build.no_fibre",
        [UI_BUILD_FAIL] = "build.no_equipment"};
    const ui_build *build = &ui->build;
    const char *key = nothing[build->what] && !aim->fits ? nothing[build->what] : "build.nothing_here";
    const char *site = build->what == UI_BUILD_SITE ? ui_build_neighbour(ui, aim->at) : NULL;
    char name[160] = "", place[160];
    if (site) {
        jw_text_copy(name, sizeof name, site);
        key = "build.site_here";
    } else if (build->what == UI_BUILD_BUS_LINE && aim->fits) {
        key = "build.two_streets";
    } else if (aim->thing.kind != JW_PICK_NONE && !aim->fits) {
        ui_name_thing(ui, &ui->sides[ui->side].newer, &aim->thing, name, sizeof name, place, sizeof place);
        key = is_same_end(ui, aim)              ? "build.same_end"
              : build->what == UI_BUILD_SIGNALS ? "build.ruled_so"
              : build->what == UI_BUILD_CLOSE   ? "build.closed_already"
                                                : "build.down_already";
    }
    ui_say_with(ui, key, name, out, out_size);
}
