/* The planner's door: ranges, order of work, and what the parts share. */
#include "city/plan_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Chinese urban practice (CJJ 37): lanes of 3.25-3.5 m, 60 km/h arterials, 50 and 40 below, 30 in local
 * streets. */
const plan_grade_info jw_plan_grades[PLAN_GRADE_COUNT] = {
    [PLAN_RING] = {JW_ROAD_PRIMARY, 3, 1, 3.5, 6.0, 60 / 3.6, 15.5, 8.0, 4.0},
    [PLAN_ARTERIAL] = {JW_ROAD_PRIMARY, 3, 1, 3.25, 4.0, 60 / 3.6, 13.75, 8.0, 4.0},
    [PLAN_AVENUE] = {JW_ROAD_SECONDARY, 2, 1, 3.25, 3.0, 50 / 3.6, 10.0, 7.0, 3.5},
    [PLAN_COLLECTOR] = {JW_ROAD_TERTIARY, 2, 1, 3.0, 0.0, 40 / 3.6, 8.0, 6.0, 3.0},
    [PLAN_LOCAL] = {JW_ROAD_RESIDENTIAL, 1, 0, 3.25, 0.0, 30 / 3.6, 3.25, 5.0, 2.5},
    [PLAN_SEAM] = {JW_ROAD_SERVICE, 0, 0, 0, 0, 0, 0, 0, 0},
};

/* ---- sharing ---------------------------------------------------------------------------------------------
 */

jw_random_key jw_plan_key(const city_plan *plan, const char *purpose)
{
    return (jw_random_key){plan->def.seed, jw_hash_text(0, purpose)};
}

double jw_plan_uniform(const city_plan *plan, const char *purpose, uint64_t entity, double low, double high)
{
    return low + (high - low) * jw_random_uniform(jw_plan_key(plan, purpose), entity, 0);
}

bool jw_plan_is_ok(const city_plan *plan)
{
    return plan->result == JW_OK;
}

bool jw_plan_contains(const jw_vec2 *ring, uint32_t count, jw_vec2 p)
{
    bool is_inside = false;
    for (uint32_t i = 0, k = count - 1; i < count; k = i++) {
        if ((ring[i].y > p.y) != (ring[k].y > p.y) &&
            p.x < (ring[k].x - ring[i].x) * (p.y - ring[i].y) / (ring[k].y - ring[i].y) + ring[i].x) {
            is_inside = !is_inside;
        }
    }
    return is_inside;
}

uint32_t jw_plan_point(city_plan *plan, jw_vec2 at)
{
    uint32_t node = JW_NONE;
    if (jw_plan_is_ok(plan)) {
        plan->result =
            jw_draft_add_point(plan->draft, jw_round_mm(at.x), jw_round_mm(at.y), &node, plan->error);
    }
    return node;
}

/* Polygon from rings of points; false once anything has failed. */
static bool make_shape(city_plan *plan, const jw_vec2 *points, const uint32_t *sizes, uint32_t ring_count,
                       jw_draft_shape *out)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < ring_count; ++i) {
        total += sizes[i];
    }
    uint32_t *refs = jw_plan_is_ok(plan) ? jw_alloc(total * sizeof *refs) : NULL;
    if (refs == NULL) {
        if (jw_plan_is_ok(plan)) {
            plan->result = jw_fail_memory(plan->error);
        }
        return false;
    }
    for (uint32_t i = 0; i < total; ++i) {
        refs[i] = jw_plan_point(plan, points[i]);
    }
    if (jw_plan_is_ok(plan)) {
        plan->result = jw_draft_add_shape(plan->draft, refs, sizes, ring_count, out, plan->error);
    }
    jw_free(refs);
    return jw_plan_is_ok(plan);
}

/* What the plan names, in Chinese; a number behind it stays. */
static void translate(city_plan *plan, uint32_t offset, const char *text)
{
    static const char *const words[][2] = {
        {"Art gallery", "美术馆"},
        {"Assembly hall", "礼堂"},
        {"Canal garden", "运河花园"},
        {"Central gardens", "中央公园"},
        {"Central station", "中央车站"},
        {"City museum", "城市博物馆"},
        {"Computing room", "计算机房"},
        {"Concert hall", "音乐厅"},
        {"Conference hall", "会议中心"},
        {"Factory", "工厂"},
        {"Gallery", "画廊"},
        {"Green corridor", "绿廊"},
        {"Hospital", "医院"},
        {"Lake shore park", "湖滨公园"},
        {"Library", "图书馆"},
        {"Museum", "博物馆"},
        {"Opera", "歌剧院"},
        {"Park", "公园"},
        {"Railway", "铁路"},
        {"Reed bank", "苇岸"},
        {"School", "学校"},
        {"Science hall", "科学馆"},
        {"South lake", "南湖"},
        {"Station square", "站前广场"},
        {"Station tracks", "站场"},
        {"Urban computing centre", "城市计算中心"},
        {"Woodland ring", "环城林带"},
    };
    char zh[64];
    for (uint32_t i = 0; i < JW_COUNT_OF(words) && jw_plan_is_ok(plan); i++) {
        size_t size = strlen(words[i][0]);
        const char *rest = text + size;
        if (strncmp(text, words[i][0], size) != 0 || (rest[0] && (rest[0] != ' ' || rest[1] > '9')))
            continue;
        snprintf(zh, sizeof zh, "%s%s", words[i][1], rest[0] ? rest + 1 : "");
        plan->result = jw_draft_translate(plan->draft, offset, NULL, zh, plan->error);
        return;
    }
}

static uint32_t add_text(city_plan *plan, const char *text)
{
    uint32_t offset = 0;
    if (jw_plan_is_ok(plan) && text != NULL && text[0] != '\0') {
        plan->result = jw_draft_add_text(plan->draft, text, &offset, plan->error);
        translate(plan, offset, text);
    }
    return offset;
}

void jw_plan_area_rings(city_plan *plan, const jw_vec2 *points, const uint32_t *sizes, uint32_t ring_count,
                        jw_area_kind kind, jw_use use, const char *name)
{
    jw_draft_area area = {.kind = kind, .use = use, .name = add_text(plan, name)};
    if (make_shape(plan, points, sizes, ring_count, &area.shape)) {
        plan->result = jw_draft_add_area(plan->draft, &area, plan->error);
    }
}

void jw_plan_area(city_plan *plan, const jw_vec2 *points, uint32_t count, jw_area_kind kind, jw_use use,
                  const char *name)
{
    jw_plan_area_rings(plan, points, &count, 1, kind, use, name);
}

void jw_plan_path(city_plan *plan, const jw_vec2 *points, uint32_t count, jw_line_kind kind, double width_m)
{
    uint32_t *refs = jw_plan_is_ok(plan) ? jw_alloc(count * sizeof *refs) : NULL;
    if (refs == NULL) {
        if (jw_plan_is_ok(plan)) {
            plan->result = jw_fail_memory(plan->error);
        }
        return;
    }
    for (uint32_t i = 0; i < count; ++i) {
        refs[i] = jw_plan_point(plan, points[i]);
    }
    jw_draft_line line = {.kind = kind, .width_m = (float)width_m};
    if (jw_plan_is_ok(plan)) {
        plan->result = jw_draft_add_line(plan->draft, &line, refs, count, NULL, plan->error);
    }
    jw_free(refs);
}

void jw_plan_place(city_plan *plan, jw_place_kind kind, jw_vec2 at, const char *name)
{
    if (jw_plan_is_ok(plan)) {
        plan->result = jw_draft_add_place(plan->draft, kind, at.x, at.y, name, plan->error);
        if (jw_plan_is_ok(plan))
            translate(plan, plan->draft->places[plan->draft->place_count - 1].name, name);
    }
}

/* A station has a great hipped roof; of the blocks of low flats every third has gables. Roofs are part of the
 * height: they throw no longer shadows, for light and for radio. */
static void choose_roof(const city_plan *plan, uint32_t corners, jw_draft_building *building)
{
    bool is_gabled_block = (plan->draft->block_count * 2654435761u >> 16) % 3 == 0;
    if (building->use == JW_USE_STATION) {
        building->roof = JW_ROOF_HIPPED;
        building->roof_m = building->height_m * 0.35f;
    } else if (building->use == JW_USE_RESIDENTIAL && building->levels <= 6 && corners == 4 &&
               is_gabled_block) {
        building->roof = JW_ROOF_GABLED;
        building->roof_m = 2.6f;
    }
}

void jw_plan_building(city_plan *plan, const jw_vec2 *points, uint32_t count, uint32_t levels,
                      double height_m, jw_use use)
{
    jw_draft_building building = {.levels = (uint8_t)levels,
                                  .height_m = (float)height_m,
                                  .use = (uint8_t)use,
                                  .has_people = 1,
                                  .source_id = plan->draft->building_count + 1};
    choose_roof(plan, count, &building);
    if (make_shape(plan, points, &count, 1, &building.shape)) {
        plan->result = jw_draft_add_building(plan->draft, &building, plan->error);
    }
}

void jw_plan_block(city_plan *plan, const jw_vec2 *points, uint32_t count, jw_use use,
                   uint32_t first_building)
{
    jw_draft_block block = {.use = use};
    if (jw_plan_is_ok(plan)) {
        plan->result = jw_grow(&plan->block_first_building, &plan->block_first_capacity,
                               (uint64_t)plan->draft->block_count + 1, sizeof(uint32_t), plan->error);
    }
    if (make_shape(plan, points, &count, 1, &block.shape)) {
        plan->block_first_building[plan->draft->block_count] = first_building;
        plan->result = jw_draft_add_block(plan->draft, &block, plan->error);
    }
}

/* ---- the definition --------------------------------------------------------------------------------------
 */

static jw_result check_range(const char *field, double value, double low, double high, jw_error *error)
{
    if (isfinite(value) && value >= low && value <= high) {
        return JW_OK;
    }
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                   "city plan: %s is %g; give a number from %g to %g, or 0 for the default", field, value,
                   low, high);
}

static jw_result resolve_def(const jw_plan_def *given, city_plan *plan, jw_error *error)
{
    jw_plan_def *def = &plan->def;
    *def = *given;
    if (memchr(def->style, '\0', sizeof def->style) == NULL ||
        (def->style[0] != '\0' && strcmp(def->style, "xiongan") != 0 &&
         strcmp(def->style, "district") != 0)) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "city plan: style is \"%.15s\"; give \"xiongan\" or \"district\"", def->style);
    }
    plan->is_district = strcmp(def->style, "district") == 0;
    def->area_km2 = def->area_km2 == 0 ? (plan->is_district ? 4.0 : 38.0) : def->area_km2;
    def->seed = def->seed == 0 ? 7 : def->seed;
    def->block_m = def->block_m == 0 ? 180.0 : def->block_m;
    def->clusters = def->clusters == 0 ? (plan->is_district ? 1 : 5) : def->clusters;
    def->density_per_km2 = def->density_per_km2 == 0 ? 10000.0 : def->density_per_km2;
    def->lake_share = def->lake_share == 0 ? (plan->is_district ? 0.05 : 0.08) : def->lake_share;
    jw_result result = check_range("area_km2", def->area_km2, 1, 200, error);
    result = result != JW_OK ? result : check_range("block_m", def->block_m, 80, 400, error);
    result = result != JW_OK ? result : check_range("clusters", def->clusters, 1, 9, error);
    result =
        result != JW_OK ? result : check_range("density_per_km2", def->density_per_km2, 100, 40000, error);
    if (result == JW_OK && !(isfinite(def->lake_share) && def->lake_share <= 0.2)) {
        result =
            jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                    "city plan: lake_share is %g; give a share of the area up to 0.2, 0 for the default, or "
                    "a negative number for no lake",
                    def->lake_share);
    }
    if (result == JW_OK && plan->is_district && def->clusters != 1) {
        result =
            jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                    "city plan: clusters is %u; style \"district\" is one cluster: leave it out or choose "
                    "style \"xiongan\"",
                    def->clusters);
    }
    if (result == JW_OK && def->clusters > 1 && def->area_km2 / def->clusters < 2.0) {
        result =
            jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                    "city plan: area_km2 is %g, too small for %u clusters; give at least 2 km2 for each, or "
                    "fewer clusters",
                    def->area_km2, def->clusters);
    }
    return result;
}

jw_result jw_plan_city(const jw_plan_def *def, jw_draft *draft, jw_error *error)
{
    city_plan plan = {.draft = draft, .error = error};
    jw_result result = resolve_def(def, &plan, error);
    if (result != JW_OK) {
        return result;
    }
    memset(draft, 0, sizeof *draft);
    strcpy(draft->name, plan.is_district ? "Jingwei district" : "Jingwei new area");
    draft->origin_lon_deg = 115.93;
    draft->origin_lat_deg = 39.04;
    draft->is_projected = true;
    plan.clusters = jw_alloc(plan.def.clusters * sizeof *plan.clusters);
    plan.result = plan.clusters == NULL ? jw_fail_memory(error) : JW_OK;

    static void (*const steps[])(city_plan *) = {
        jw_plan_make_form,   jw_plan_make_water,     jw_plan_make_streets, jw_plan_make_links,
        jw_plan_assign_land, jw_plan_make_buildings, jw_plan_make_green,   jw_plan_share_people};
    for (uint32_t i = 0; i < JW_COUNT_OF(steps) && jw_plan_is_ok(&plan); ++i) {
        steps[i](&plan);
    }
    jw_map_free(&plan.nodes);
    jw_free(plan.block_first_building);
    jw_free(plan.obstacle_points);
    jw_free(plan.obstacles);
    jw_free(plan.cells);
    jw_free(plan.superblocks);
    jw_free(plan.clusters);
    if (plan.result != JW_OK) {
        jw_draft_free(draft);
    }
    return plan.result;
}
