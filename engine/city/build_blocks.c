/* Blocks: where trips start and end. Those of the draft; on a map without blocks, cells of 400 m with the
 * people and jobs of their buildings, and on a map without buildings those of its land use, or else of its
 * streets. Gates: where main roads end at the edge of the map. */
#include "city/build.h"

#include <math.h>
#include <string.h>

#define CELL_M         400.0
#define CELLS_MAX      (1u << 20)
#define ACCESS_MAX     4
#define ACCESS_MIN_M   15.0 /* shorter edges are no place to start from */
#define ACCESS_REACH_M 100.0
#define ACCESS_BLOCKS  64    /* that one thread looks for at a time */
#define HOUSE_MAX_M2   300.0 /* footprint of a house of one or two households */
#define GATE_PLACE_M   30.0  /* from a dead end to the draft's own place for it */

/* ---- people ------------------------------------------------------------------------------------------ */

/* Floor area a head, outside of walls. Homes: 60 m2, a quarter of it walls and stairs, which leaves 45 m2
 * (2020 census: 41.76 m2 of housing a person in China's cities; Swiss federal statistics 2021: 46.6). A house
 * - small, and its height unknown - has at most two storeys of homes, 80 m2 a head. A building that says
 * nothing, on land of no stated use, counts as housing by a third. Calibrated on one country, Liechtenstein:
 * 42,000 by rule, 39,000 to 40,000 in truth. Low by 60 to 80 % where few buildings are drawn or towers have
 * no storeys in the map: docs/validation.md. Jobs: offices 25 m2, shops 40, public buildings 60, works 80
 * (planning values of the employment density guides: Homes and Communities Agency 2015, gross areas rounded
 * up); stations 100; computing centres 400. In homes a job for every 400 m2. */
void jw_build_people(jw_building *building, double footprint_m2)
{
    static const struct {
        double home_m2, house_m2, job_m2; /* 0: none */
    } rule[JW_USE_COUNT] = {
        [JW_USE_NONE] = {180, 240, 400},  [JW_USE_RESIDENTIAL] = {60, 80, 400},
        [JW_USE_COMMERCIAL] = {0, 0, 40}, [JW_USE_OFFICE] = {0, 0, 25},
        [JW_USE_INDUSTRIAL] = {0, 0, 80}, [JW_USE_PUBLIC] = {0, 0, 60},
        [JW_USE_STATION] = {0, 0, 100},   [JW_USE_COMPUTING] = {0, 0, 400},
    };
    if (footprint_m2 < 40.0)
        return; /* sheds and garages */
    double floor_m2 = footprint_m2 * building->levels;
    bool is_house = building->height_is_assumed && footprint_m2 < HOUSE_MAX_M2;
    double home_m2 = is_house ? footprint_m2 * jw_min(building->levels, 2.0) : floor_m2;
    double each_m2 = is_house ? rule[building->use].house_m2 : rule[building->use].home_m2;
    if (each_m2 > 0)
        building->population = (uint32_t)jw_round(home_m2 / each_m2);
    if (rule[building->use].job_m2 > 0)
        building->jobs = (uint32_t)(floor_m2 / rule[building->use].job_m2);
}

/* Where no building is drawn: people and jobs per km2 of land, as of built-up Chinese districts (GB 50137:
 * about 100 m2 of urban land a person in all, 23 to 36 m2 of it residential), and per km of local street
 * where not even land use is drawn: plots 20 m deep on both sides, built 1.5 times over, 40 m2 a person. */
static const struct {
    double population_per_km2, jobs_per_km2;
} land_rule[JW_USE_COUNT] = {
    [JW_USE_RESIDENTIAL] = {30000, 2000}, [JW_USE_COMMERCIAL] = {2000, 25000}, [JW_USE_OFFICE] = {0, 40000},
    [JW_USE_INDUSTRIAL] = {0, 8000},      [JW_USE_PUBLIC] = {0, 10000},        [JW_USE_STATION] = {0, 5000},
    [JW_USE_COMPUTING] = {0, 2000},
};
#define STREET_POPULATION_PER_KM 1500.0
#define STREET_JOBS_PER_KM       750.0

/* ---- access edges ------------------------------------------------------------------------------------ */

typedef struct access_found {
    uint32_t edges[ACCESS_MAX];
    uint32_t count;
} access_found;

typedef struct access_work {
    jw_build *build;
    access_found *found;  /* per block */
    uint32_t first_block; /* of those that are looked at together */
    jw_grid *grid;        /* of edges that trips may start from */
    jw_box *boxes;
    uint32_t *numbers; /* their edges */
    uint32_t edge_count;
} access_work;

static bool is_access_edge(const jw_build *build, uint32_t e, bool is_strict)
{
    const jw_edge *edge = &build->parts.edges[e];
    if (build->component[e] != 0)
        return false;
    bool is_local = edge->road_class > JW_ROAD_TRUNK && !build->pieces[build->edge_side[e] / 2].is_link &&
                    !edge->is_roundabout && edge->length_m >= ACCESS_MIN_M && !edge->is_bridge &&
                    !edge->is_tunnel;
    return is_local || !is_strict;
}

static jw_result index_edges(access_work *work, jw_error *error)
{
    jw_build *build = work->build;
    const jw_city_parts *parts = &build->parts;
    work->boxes = jw_build_take(build, parts->edge_count, sizeof *work->boxes, error);
    work->numbers = jw_build_take(build, parts->edge_count, sizeof(uint32_t), error);
    if (!work->boxes || !work->numbers)
        return JW_ERROR_MEMORY;
    for (int is_strict = 1; is_strict >= 0 && work->edge_count == 0; is_strict--)
        for (uint32_t e = 0; e < parts->edge_count; e++) {
            if (!is_access_edge(build, e, is_strict))
                continue;
            jw_box box = jw_box_empty();
            for (uint32_t i = 0; i < parts->edges[e].point_count; i++) {
                jw_vec3 p = parts->points[parts->edges[e].first_point + i];
                box = jw_box_extend(box, p.x, p.y);
            }
            work->boxes[work->edge_count] = box;
            work->numbers[work->edge_count++] = e;
        }
    if (work->edge_count == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "no car can drive on the map's roads: take an extract that contains streets for cars");
    return jw_grid_create(work->boxes, work->edge_count, 0, &work->grid, error);
}

typedef struct access_query {
    const access_work *work;
    double x, y;
    uint32_t edges[ACCESS_MAX];
    double distance_m[ACCESS_MAX];
    uint32_t count;
} access_query;

static bool visit_edge(void *context, uint32_t item)
{
    access_query *query = context;
    const jw_city_parts *parts = &query->work->build->parts;
    uint32_t e = query->work->numbers[item];
    jw_box box = query->work->boxes[item];
    double dx = jw_max(0.0, jw_max(box.min_x - query->x, query->x - box.max_x));
    double dy = jw_max(0.0, jw_max(box.min_y - query->y, query->y - box.max_y));
    double worst_m = query->distance_m[ACCESS_MAX - 1];
    bool is_full = query->count == ACCESS_MAX;
    if (is_full && dx * dx + dy * dy > worst_m * worst_m * 1.000001) /* equal distances stay equal */
        return true;
    const jw_edge *edge = &parts->edges[e];
    double d =
        jw_polyline_project(parts->points + edge->first_point, edge->point_count, query->x, query->y, NULL);
    uint32_t at = query->count;
    while (at > 0 &&
           (query->distance_m[at - 1] > d || (query->distance_m[at - 1] == d && query->edges[at - 1] > e)))
        at--;
    if (at >= ACCESS_MAX)
        return true;
    if (query->count < ACCESS_MAX)
        query->count++;
    for (uint32_t i = query->count - 1; i > at; i--) {
        query->edges[i] = query->edges[i - 1];
        query->distance_m[i] = query->distance_m[i - 1];
    }
    query->edges[at] = e;
    query->distance_m[at] = d;
    return true;
}

/* The nearest edges, within a circle that grows until it holds enough. */
static access_found find_access(const access_work *work, const jw_block *block)
{
    access_query query = {.work = work, .x = block->x_m, .y = block->y_m};
    jw_box all = work->build->parts.bounds;
    double widest_m = jw_max(jw_max(jw_abs(all.max_x - query.x), jw_abs(all.min_x - query.x)),
                             jw_max(jw_abs(all.max_y - query.y), jw_abs(all.min_y - query.y)));
    for (double reach_m = ACCESS_REACH_M;;) {
        query.count = 0;
        jw_grid_query(work->grid,
                      (jw_box){query.x - reach_m, query.y - reach_m, query.x + reach_m, query.y + reach_m},
                      visit_edge, &query);
        bool is_enough = query.count > 0 && query.distance_m[query.count - 1] <= reach_m &&
                         (query.count == ACCESS_MAX || reach_m >= CELL_M);
        if (is_enough || reach_m > 2 * widest_m + CELL_M)
            break;
        /* Four that lie too far out tell how far the nearest four are at most. */
        reach_m = query.count == ACCESS_MAX ? query.distance_m[ACCESS_MAX - 1] : reach_m * 2;
    }
    access_found found = {.count = query.count};
    memcpy(found.edges, query.edges, sizeof found.edges);
    return found;
}

static void find_access_of_some(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    const access_work *work = context;
    (void)block;
    for (uint32_t i = work->first_block + begin; i < work->first_block + end; i++)
        work->found[i] = find_access(work, &work->build->parts.blocks[i]);
}

/* Some at a time: between them it may be cancelled. */
static jw_result find_all_access(access_work *work, jw_error *error)
{
    enum { BLOCKS_AT_ONCE = 32 * ACCESS_BLOCKS };
    jw_build *build = work->build;
    uint32_t count = build->parts.block_count;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < count && result == JW_OK; i += BLOCKS_AT_ONCE) {
        work->first_block = i;
        jw_parallel_blocks(count - i < BLOCKS_AT_ONCE ? count - i : BLOCKS_AT_ONCE, ACCESS_BLOCKS,
                           build->def.threads, find_access_of_some, work);
        result = jw_build_tell(build, build->fraction, build->what, error);
    }
    return result;
}

static jw_result add_access(access_work *work, jw_error *error)
{
    jw_city_parts *parts = &work->build->parts;
    work->found = jw_build_take(work->build, parts->block_count, sizeof *work->found, error);
    jw_result result = work->found ? index_edges(work, error) : JW_ERROR_MEMORY;
    if (result == JW_OK)
        result = find_all_access(work, error);
    for (uint32_t b = 0; b < parts->block_count && result == JW_OK; b++) {
        const access_found *found = &work->found[b];
        parts->blocks[b].first_access = parts->block_edge_count;
        parts->blocks[b].access_count = found->count;
        result = JW_CITY_ROOM(parts, block_edges, block_edge_count, found->count, error);
        for (uint32_t i = 0; i < found->count && result == JW_OK; i++)
            parts->block_edges[parts->block_edge_count++] = found->edges[i];
    }
    jw_grid_destroy(work->grid);
    return result;
}

/* ---- blocks of the draft ----------------------------------------------------------------------------- */

static jw_result add_ring(jw_build *build, jw_block *block, const jw_vec3 *points, uint32_t count,
                          jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_ring_range range = {.point_count = count};
    jw_result result = jw_city_add_points(parts, points, count, &range.first_point, error);
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, rings, ring_count, 1, error);
    if (result != JW_OK)
        return result;
    block->first_ring = parts->ring_count;
    block->ring_count = 1;
    parts->rings[parts->ring_count++] = range;
    return JW_OK;
}

/* The outer ring of a draft's block, counter-clockwise; holes of blocks mean nothing to trips. */
static jw_result fill_outline(jw_build *build, const jw_draft_block *from, jw_block *out, jw_error *error)
{
    const jw_draft *draft = build->draft;
    if (from->shape.ring_count == 0 || from->shape.first_ring >= draft->ring_count)
        return JW_OK;
    const jw_ring_range *range = &draft->rings[from->shape.first_ring];
    if ((uint64_t)range->first_point + range->point_count > draft->ref_count)
        return JW_OK;
    jw_vec3 *points = jw_alloc((range->point_count + 1) * sizeof *points);
    if (!points)
        return jw_fail_memory(error);
    uint32_t count = 0;
    for (uint32_t i = 0; i < range->point_count; i++) {
        uint32_t node = draft->refs[range->first_point + i];
        if (node < draft->node_count && isfinite(build->place[node].x) && isfinite(build->place[node].y))
            points[count++] = (jw_vec3){build->place[node].x, build->place[node].y, 0};
    }
    double area_m2 = count >= 3 ? jw_ring_area_m2(points, count) : 0.0;
    for (uint32_t i = 0; area_m2 < 0.0 && i < count / 2; i++) {
        jw_vec3 swap = points[i];
        points[i] = points[count - 1 - i];
        points[count - 1 - i] = swap;
    }
    jw_result result = JW_OK;
    if (area_m2 != 0.0) {
        jw_vec2 centre = jw_ring_centroid(points, count);
        out->x_m = jw_round_mm(centre.x + from->east_m); /* what files keep comes back the same */
        out->y_m = jw_round_mm(centre.y + from->north_m);
        result = add_ring(build, out, points, count, error);
    }
    jw_free(points);
    return result;
}

typedef struct block_query {
    const jw_city_parts *parts;
    double x, y;
    uint32_t found;
} block_query;

static bool visit_block(void *context, uint32_t item)
{
    block_query *query = context;
    const jw_block *block = &query->parts->blocks[item];
    const jw_ring_range *ring = &query->parts->rings[block->first_ring];
    if (!jw_ring_contains(query->parts->points + ring->first_point, ring->point_count, query->x, query->y))
        return true;
    if (item < query->found)
        query->found = item;
    return true;
}

/* Buildings into the blocks that contain them; blocks that say nothing get the sums. */
static jw_result assign_buildings(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_box *boxes = jw_build_take(build, parts->block_count, sizeof *boxes, error);
    uint8_t *is_given = jw_build_take(build, parts->block_count, 1, error);
    if (!boxes || !is_given)
        return JW_ERROR_MEMORY;
    for (uint32_t b = 0; b < parts->block_count; b++) {
        const jw_ring_range *ring = &parts->rings[parts->blocks[b].first_ring];
        boxes[b] = jw_box_empty();
        for (uint32_t i = 0; i < ring->point_count; i++) {
            jw_vec3 p = parts->points[ring->first_point + i];
            boxes[b] = jw_box_extend(boxes[b], p.x, p.y);
        }
        is_given[b] = parts->blocks[b].population > 0 || parts->blocks[b].jobs > 0;
    }
    jw_grid *grid;
    jw_result result = jw_grid_create(boxes, parts->block_count, 0, &grid, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < parts->building_count; i++) {
        jw_building *building = &parts->buildings[i];
        block_query query = {parts, building->x_m, building->y_m, JW_NONE};
        jw_grid_query(grid, (jw_box){query.x, query.y, query.x, query.y}, visit_block, &query);
        building->block = query.found;
        if (query.found != JW_NONE && !is_given[query.found]) {
            parts->blocks[query.found].population += building->population;
            parts->blocks[query.found].jobs += building->jobs;
        }
    }
    jw_grid_destroy(grid);
    return JW_OK;
}

static jw_result take_blocks(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_result result = JW_CITY_ROOM(parts, blocks, block_count, build->draft->block_count, error);
    for (uint32_t i = 0; i < build->draft->block_count && result == JW_OK; i++) {
        const jw_draft_block *from = &build->draft->blocks[i];
        jw_block block = {.use = (unsigned)from->use < JW_USE_COUNT ? from->use : JW_USE_NONE,
                          .population = from->population,
                          .jobs = from->jobs,
                          .name = from->name < build->draft->text_size ? from->name : 0};
        result = fill_outline(build, from, &block, error);
        if (result == JW_OK && block.ring_count > 0)
            parts->blocks[parts->block_count++] = block;
        else if (result == JW_OK)
            jw_problems_add(build->problems, JW_WARNING, NULL, 0, NULL, "block without an outline left out");
    }
    return result == JW_OK ? assign_buildings(build, error) : result;
}

/* ---- blocks by rule ---------------------------------------------------------------------------------- */

/* What gathers in a cell. */
typedef struct cell {
    double weight, x_m, y_m; /* sums weighted by people and jobs */
    double population, jobs;
    double use_weight[JW_USE_COUNT];
    uint32_t block;
} cell;

typedef struct cell_field {
    cell *cells;
    uint32_t columns, rows;
    double min_x, min_y, side_m;
} cell_field;

static cell *cell_at(const cell_field *field, double x, double y)
{
    double column = (x - field->min_x) / field->side_m, row = (y - field->min_y) / field->side_m;
    uint32_t c = (uint32_t)jw_clamp(column, 0, field->columns - 1),
             r = (uint32_t)jw_clamp(row, 0, field->rows - 1);
    return &field->cells[r * field->columns + c];
}

static void put(cell *c, double x, double y, double population, double jobs, jw_use use)
{
    double weight = population + jobs;
    c->weight += weight;
    c->x_m += weight * x;
    c->y_m += weight * y;
    c->population += population;
    c->jobs += jobs;
    c->use_weight[use] += weight;
}

static void put_buildings(const jw_build *build, const cell_field *field)
{
    for (uint32_t i = 0; i < build->parts.building_count; i++) {
        const jw_building *b = &build->parts.buildings[i];
        put(cell_at(field, b->x_m, b->y_m), b->x_m, b->y_m, b->population, b->jobs, (jw_use)b->use);
    }
}

/* Land use, sampled every 50 m; returns the weight put down. */
static double put_land(const jw_build *build, const cell_field *field)
{
    const jw_city_parts *parts = &build->parts;
    const double step_m = 50.0, share_km2 = step_m * step_m / 1e6;
    double total = 0.0;
    for (uint32_t i = 0; i < parts->area_count; i++) {
        const jw_area *area = &parts->areas[i];
        if (area->kind != JW_AREA_BUILT || area->use == JW_USE_NONE)
            continue;
        const jw_ring_range *ring = &parts->rings[area->first_ring];
        const jw_vec3 *points = parts->points + ring->first_point;
        jw_box box = jw_box_empty();
        for (uint32_t k = 0; k < ring->point_count; k++)
            box = jw_box_extend(box, points[k].x, points[k].y);
        box = (jw_box){jw_max(box.min_x, parts->bounds.min_x), jw_max(box.min_y, parts->bounds.min_y),
                       jw_min(box.max_x, parts->bounds.max_x), jw_min(box.max_y, parts->bounds.max_y)};
        for (double y = jw_floor(box.min_y / step_m) * step_m; y <= box.max_y; y += step_m)
            for (double x = jw_floor(box.min_x / step_m) * step_m; x <= box.max_x; x += step_m) {
                if (!jw_ring_contains(points, ring->point_count, x, y))
                    continue;
                double population = land_rule[area->use].population_per_km2 * share_km2;
                double jobs = land_rule[area->use].jobs_per_km2 * share_km2;
                put(cell_at(field, x, y), x, y, population, jobs, area->use);
                total += population + jobs;
            }
    }
    return total;
}

static void put_streets(const jw_build *build, const cell_field *field)
{
    for (uint32_t p = 0; p < build->piece_count; p++) {
        const jw_build_piece *piece = &build->pieces[p];
        if (piece->is_internal || piece->road_class < JW_ROAD_SECONDARY ||
            piece->road_class > JW_ROAD_RESIDENTIAL)
            continue;
        const jw_vec3 *line = build->line + piece->first_point;
        uint32_t steps = (uint32_t)(piece->length_m / 50.0) + 1;
        double km = piece->length_m / steps / 1000.0;
        for (uint32_t k = 0; k < steps; k++) {
            jw_vec3 at = jw_polyline_at(line, piece->point_count, piece->length_m * (k + 0.5) / steps, NULL);
            put(cell_at(field, at.x, at.y), at.x, at.y, km * STREET_POPULATION_PER_KM,
                km * STREET_JOBS_PER_KM, JW_USE_RESIDENTIAL);
        }
    }
}

static jw_result make_field(jw_build *build, cell_field *field, jw_error *error)
{
    jw_box bounds = build->parts.bounds;
    *field = (cell_field){.min_x = bounds.min_x, .min_y = bounds.min_y, .side_m = CELL_M};
    double width_m = bounds.max_x - bounds.min_x, height_m = bounds.max_y - bounds.min_y;
    while ((width_m / field->side_m + 1) * (height_m / field->side_m + 1) > CELLS_MAX)
        field->side_m *= 2; /* a stray road far away */
    field->columns = (uint32_t)(width_m / field->side_m) + 1;
    field->rows = (uint32_t)(height_m / field->side_m) + 1;
    field->cells = jw_build_take(build, (uint64_t)field->columns * field->rows, sizeof *field->cells, error);
    return field->cells ? JW_OK : JW_ERROR_MEMORY;
}

static jw_result add_cell(jw_build *build, const cell_field *field, uint32_t index, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    cell *c = &field->cells[index];
    jw_result result = JW_CITY_ROOM(parts, blocks, block_count, 1, error);
    if (result != JW_OK)
        return result;
    jw_block block = {.x_m = jw_round_mm(c->x_m / c->weight),
                      .y_m = jw_round_mm(c->y_m / c->weight),
                      .population = (uint32_t)jw_round(c->population),
                      .jobs = (uint32_t)jw_round(c->jobs)};
    for (uint32_t use = 1; use < JW_USE_COUNT; use++)
        if (c->use_weight[use] > (block.use == JW_USE_NONE ? 0.0 : c->use_weight[block.use]))
            block.use = (jw_use)use;
    double x = field->min_x + index % field->columns * field->side_m, d = field->side_m;
    double y = field->min_y + index / field->columns * field->side_m;
    jw_vec3 square[4] = {{x, y, 0}, {x + d, y, 0}, {x + d, y + d, 0}, {x, y + d, 0}};
    result = add_ring(build, &block, square, 4, error);
    c->block = parts->block_count;
    parts->blocks[parts->block_count++] = block;
    return result;
}

static jw_result form_blocks(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    cell_field field;
    jw_result result = make_field(build, &field, error);
    if (result != JW_OK)
        return result;
    put_buildings(build, &field);
    double in_buildings = 0.0;
    for (uint32_t i = 0; i < field.columns * field.rows; i++)
        in_buildings += field.cells[i].weight;
    if (in_buildings < 100.0 && put_land(build, &field) < 100.0)
        put_streets(build, &field);
    for (uint32_t i = 0; i < field.columns * field.rows && result == JW_OK; i++) {
        field.cells[i].block = JW_NONE;
        if (field.cells[i].weight >= 1.0)
            result = add_cell(build, &field, i, error);
    }
    for (uint32_t i = 0; i < parts->building_count; i++)
        parts->buildings[i].block = cell_at(&field, parts->buildings[i].x_m, parts->buildings[i].y_m)->block;
    return result;
}

/* ---- gates ------------------------------------------------------------------------------------------- */

static bool is_named_gate(const jw_build *build, uint32_t n)
{
    return build->draft->nodes[n].is_gate && build->node_junction[n] != JW_NONE;
}

/* Whether the draft has a place for it, among the first `count`. */
static bool has_gate_place(const jw_city_parts *parts, uint32_t count, const jw_junction *junction)
{
    for (uint32_t i = 0; i < count; i++) {
        const jw_place *place = &parts->places[i];
        jw_vec2 between = {place->x_m - junction->x_m, place->y_m - junction->y_m};
        if (place->kind == JW_PLACE_GATE && jw_vec2_length(between) < GATE_PLACE_M)
            return true;
    }
    return false;
}

static jw_result add_gate(jw_city_parts *parts, const jw_junction *junction, uint32_t *text, jw_error *error)
{
    jw_result result = *text == 0 ? jw_city_add_text(parts, "gate", text, error) : JW_OK;
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, places, place_count, 1, error);
    if (result == JW_OK)
        parts->places[parts->place_count++] = (jw_place){JW_PLACE_GATE, junction->x_m, junction->y_m, *text};
    return result;
}

/* Dead ends that the draft calls gates; where it names none: those of primary roads and above anywhere, of
 * secondary and tertiary ones in the outer twentieth of the map. Each once, though in a network several nodes
 * are one dead end, and not where the draft has a gate of its own. */
static jw_result add_gates(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    bool is_named = false;
    for (uint32_t n = 0; n < build->draft->node_count; n++)
        is_named |= is_named_gate(build, n);
    uint8_t *is_done = jw_build_take(build, parts->junction_count, 1, error);
    if (!is_done)
        return JW_ERROR_MEMORY;
    jw_box b = parts->bounds;
    double margin_x_m = (b.max_x - b.min_x) / 20, margin_y_m = (b.max_y - b.min_y) / 20;
    uint32_t text = 0, given = parts->place_count;
    for (uint32_t n = 0; n < build->draft->node_count; n++) {
        uint32_t j = build->node_junction[n];
        if (j == JW_NONE || build->node_first_end[n + 1] - build->node_first_end[n] != 1)
            continue;
        const jw_junction *junction = &parts->junctions[j];
        uint32_t p = build->node_ends[build->node_first_end[n]] / 2;
        jw_road_class road_class = build->pieces[p].road_class;
        bool is_outside = junction->x_m < b.min_x + margin_x_m || junction->x_m > b.max_x - margin_x_m ||
                          junction->y_m < b.min_y + margin_y_m || junction->y_m > b.max_y - margin_y_m;
        bool is_gate = is_named
                           ? is_named_gate(build, n)
                           : road_class <= JW_ROAD_PRIMARY || (road_class <= JW_ROAD_TERTIARY && is_outside);
        if (!is_gate || is_done[j] || junction->kind != JW_JUNCTION_DEAD_END)
            continue;
        is_done[j] = 1;
        if (has_gate_place(parts, given, junction))
            continue;
        jw_result result = add_gate(parts, junction, &text, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

/* The components of the roads built so far, through a view of the parts as a city. */
static jw_result find_components(jw_build *build, jw_error *error)
{
    const jw_city_parts *parts = &build->parts;
    build->component = jw_build_take(build, parts->edge_count, sizeof(uint32_t), error);
    if (!build->component)
        return JW_ERROR_MEMORY;
    const jw_city view = {.edges = parts->edges,
                          .edge_count = parts->edge_count,
                          .lanes = parts->lanes,
                          .lane_count = parts->lane_count,
                          .lane_connections = parts->lane_connections,
                          .lane_connection_count = parts->lane_connection_count,
                          .connections = parts->connections,
                          .connection_count = parts->connection_count};
    return jw_city_components(&view, build->component, error);
}

/* Tells how much of the roads is out of reach from the rest. */
static void report_components(const jw_build *build)
{
    double all_m = 0.0, outside_m = 0.0;
    uint32_t part_count = 0;
    for (uint32_t e = 0; e < build->parts.edge_count; e++) {
        if (build->component[e] == JW_NONE)
            continue;
        all_m += build->parts.edges[e].length_m;
        if (build->component[e] == 0)
            continue;
        outside_m += build->parts.edges[e].length_m;
        part_count = build->component[e] > part_count ? build->component[e] : part_count;
    }
    if (outside_m > 0.0)
        jw_problems_add(
            build->problems, JW_WARNING, NULL, 0, "roads",
            "%.2f of %.2f km (each direction counted) lie outside the main part, in %u parts: nobody "
            "drives from there to the rest and back; join them or take them out",
            outside_m / 1000.0, all_m / 1000.0, part_count);
}

jw_result jw_build_blocks(jw_build *build, jw_error *error)
{
    jw_result result = find_components(build, error);
    if (result == JW_OK)
        report_components(build);
    if (result == JW_OK)
        result = build->draft->block_count > 0 ? take_blocks(build, error) : form_blocks(build, error);
    access_work work = {.build = build};
    if (result == JW_OK)
        result = add_access(&work, error);
    return result == JW_OK ? add_gates(build, error) : result;
}
