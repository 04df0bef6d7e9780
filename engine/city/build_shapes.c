/* Buildings, areas, lines, places, sites: from references to nodes to rings of points, sound and oriented. */
#include "city/build.h"

#include <math.h>
#include <string.h>

/* Rings up to this size are checked here; longer ones, and those with holes, by GEOS. */
#define RING_CHECK_MAX 48

#define SMALLEST_M2  4.0
#define HOUSE_M2     150.0 /* and these are houses: two storeys */
#define SHED_M2      40.0  /* smaller ones that say nothing are sheds and garages: one storey */
#define STOREY_M     3.2   /* between flats (GB 50096: at least 2.8) and offices (4) */
#define HEIGHT_MAX_M 1000.0f

typedef struct shape_work {
    jw_build *build;
    jw_vec3 *points; /* of the shape at hand */
    uint32_t point_capacity;
    jw_ring *rings;
    uint32_t ring_capacity;
    uint32_t ring_count;
    jw_grid *area_grid; /* of built areas with a use */
    uint32_t *area_numbers;
} shape_work;

/* ---- rings ------------------------------------------------------------------------------------------- */

static bool is_simple(const jw_vec3 *p, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 2; k < count; k++) {
            if (i == 0 && k + 1 == count)
                continue;
            jw_vec3 a = p[i], b = p[i + 1], c = p[k], d = p[(k + 1) % count];
            if (jw_segments_cross((jw_vec2){a.x, a.y}, (jw_vec2){b.x, b.y}, (jw_vec2){c.x, c.y},
                                  (jw_vec2){d.x, d.y}, NULL, NULL))
                return false;
        }
    return true;
}

/* Fetches the rings' points; rings of fewer than three distinct points are dropped (the outer one: all). */
static jw_result fetch_rings(shape_work *work, const jw_draft_shape *shape, jw_error *error)
{
    const jw_draft *draft = work->build->draft;
    work->ring_count = 0;
    if ((uint64_t)shape->first_ring + shape->ring_count > draft->ring_count)
        return JW_OK;
    uint64_t total = 0;
    for (uint32_t r = 0; r < shape->ring_count; r++) {
        const jw_ring_range *range = &draft->rings[shape->first_ring + r];
        if ((uint64_t)range->first_point + range->point_count > draft->ref_count)
            return JW_OK;
        total += range->point_count;
    }
    jw_result result = jw_grow(&work->points, &work->point_capacity, total, sizeof *work->points, error);
    if (result == JW_OK)
        result = jw_grow(&work->rings, &work->ring_capacity, shape->ring_count, sizeof *work->rings, error);
    if (result != JW_OK)
        return result;
    uint32_t count = 0;
    for (uint32_t r = 0; r < shape->ring_count; r++) {
        const jw_ring_range *range = &draft->rings[shape->first_ring + r];
        uint32_t first = count;
        for (uint32_t i = 0; i < range->point_count; i++) {
            uint32_t node = draft->refs[range->first_point + i];
            if (node >= draft->node_count || !isfinite(work->build->place[node].x) ||
                !isfinite(work->build->place[node].y))
                continue;
            jw_vec2 p = work->build->place[node];
            if (count > first && work->points[count - 1].x == p.x && work->points[count - 1].y == p.y)
                continue;
            work->points[count++] = (jw_vec3){p.x, p.y, 0};
        }
        while (count > first + 1 && work->points[count - 1].x == work->points[first].x &&
               work->points[count - 1].y == work->points[first].y)
            count--;
        if (count - first >= 3)
            work->rings[work->ring_count++] = (jw_ring){work->points + first, count - first};
        else if (r == 0)
            return JW_OK;
        else
            count = first;
    }
    return JW_OK;
}

static jw_result add_ring(jw_city_parts *parts, const jw_vec3 *points, uint32_t count, jw_error *error)
{
    jw_ring_range range = {.point_count = count};
    jw_result result = jw_city_add_points(parts, points, count, &range.first_point, error);
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, rings, ring_count, 1, error);
    if (result == JW_OK)
        parts->rings[parts->ring_count++] = range;
    return result;
}

/* A valid polygon of the city: its rings, and the area without holes. */
typedef struct polygon {
    uint32_t first_ring, ring_count;
    double area_m2;
} polygon;

#define POLYGONS_MAX 64 /* that one broken shape may fall into */

static jw_result add_repaired(shape_work *work, polygon *out, uint32_t *out_count, jw_error *error)
{
    jw_city_parts *parts = &work->build->parts;
    jw_polygons repaired = {0};
    jw_error ignored = {0}; /* a shape that cannot be repaired is left out */
    jw_result result = jw_polygon_make_valid(work->rings, work->ring_count, &repaired, &ignored);
    if (result != JW_OK)
        return result == JW_ERROR_MEMORY ? jw_fail_memory(error) : JW_OK;
    for (uint32_t r = 0; r < repaired.ring_count && result == JW_OK; r++) {
        const jw_vec3 *points = repaired.points + repaired.ring_first[r];
        uint32_t count = repaired.ring_first[r + 1] - repaired.ring_first[r];
        if (repaired.ring_is_outer[r]) {
            if (*out_count == POLYGONS_MAX)
                break;
            out[(*out_count)++] = (polygon){.first_ring = parts->ring_count};
        }
        if (*out_count == 0 || count < 3)
            continue;
        result = add_ring(parts, points, count, error);
        out[*out_count - 1].ring_count++;
        out[*out_count - 1].area_m2 += jw_ring_area_m2(points, count);
    }
    jw_polygons_free(&repaired);
    return result;
}

/* Stores a draft's shape as one or, when it was broken, several valid polygons. */
static jw_result add_shape(shape_work *work, const jw_draft_shape *shape, polygon *out, uint32_t *out_count,
                           jw_error *error)
{
    *out_count = 0;
    jw_result result = fetch_rings(work, shape, error);
    if (result != JW_OK || work->ring_count == 0)
        return result;
    jw_ring ring = work->rings[0];
    if (work->ring_count > 1 || ring.count > RING_CHECK_MAX || !is_simple(ring.points, ring.count))
        return add_repaired(work, out, out_count, error);
    double area_m2 = jw_ring_area_m2(ring.points, ring.count);
    if (area_m2 == 0.0)
        return JW_OK;
    jw_vec3 *points = work->points;
    for (uint32_t i = 0; area_m2 < 0.0 && i < ring.count / 2; i++) {
        jw_vec3 swap = points[i];
        points[i] = points[ring.count - 1 - i];
        points[ring.count - 1 - i] = swap;
    }
    out[0] = (polygon){work->build->parts.ring_count, 1, jw_abs(area_m2)};
    *out_count = 1;
    return add_ring(&work->build->parts, points, ring.count, error);
}

/* ---- areas, lines ------------------------------------------------------------------------------------ */

static uint32_t sound_text(const jw_build *build, uint32_t text)
{
    return text < build->draft->text_size ? text : 0;
}

static jw_result add_areas(shape_work *work, jw_error *error)
{
    jw_build *build = work->build;
    jw_city_parts *parts = &build->parts;
    for (uint32_t i = 0; i < build->draft->area_count; i++) {
        const jw_draft_area *from = &build->draft->areas[i];
        if ((unsigned)from->kind >= JW_AREA_KIND_COUNT || (unsigned)from->use >= JW_USE_COUNT)
            continue;
        polygon polygons[POLYGONS_MAX];
        uint32_t count;
        jw_result result = jw_build_goes_on(build, i, error);
        if (result == JW_OK)
            result = add_shape(work, &from->shape, polygons, &count, error);
        if (result == JW_OK && count > 0)
            result = JW_CITY_ROOM(parts, areas, area_count, count, error);
        if (result != JW_OK)
            return result;
        for (uint32_t k = 0; k < count; k++)
            if (polygons[k].ring_count > 0)
                parts->areas[parts->area_count++] =
                    (jw_area){from->kind, from->use, polygons[k].first_ring, polygons[k].ring_count,
                              sound_text(build, from->name)};
    }
    return JW_OK;
}

static jw_result add_lines(jw_build *build, jw_error *error)
{
    const jw_draft *draft = build->draft;
    jw_city_parts *parts = &build->parts;
    for (uint32_t i = 0; i < draft->line_count; i++) {
        const jw_draft_line *from = &draft->lines[i];
        if ((uint64_t)from->first_ref + from->ref_count > draft->ref_count ||
            (unsigned)from->kind > JW_LINE_CYCLEWAY)
            continue;
        jw_result result = JW_CITY_ROOM(parts, points, point_count, from->ref_count, error);
        if (result == JW_OK)
            result = JW_CITY_ROOM(parts, lines, line_count, 1, error);
        if (result != JW_OK)
            return result;
        jw_line line = {.kind = from->kind,
                        .first_point = parts->point_count,
                        .width_m = isfinite((double)from->width_m) ? from->width_m : 0.0f,
                        .layer = from->layer};
        for (uint32_t k = 0; k < from->ref_count; k++) {
            uint32_t node = draft->refs[from->first_ref + k];
            if (node < draft->node_count && isfinite(build->place[node].x) && isfinite(build->place[node].y))
                parts->points[line.first_point + line.point_count++] =
                    (jw_vec3){build->place[node].x, build->place[node].y, 0};
        }
        if (line.point_count < 2)
            continue;
        parts->point_count += line.point_count;
        parts->lines[parts->line_count++] = line;
    }
    return JW_OK;
}

/* ---- buildings --------------------------------------------------------------------------------------- */

static jw_box ring_box(const jw_city_parts *parts, uint32_t ring)
{
    jw_box box = jw_box_empty();
    for (uint32_t i = 0; i < parts->rings[ring].point_count; i++) {
        jw_vec3 p = parts->points[parts->rings[ring].first_point + i];
        box = jw_box_extend(box, p.x, p.y);
    }
    return box;
}

static jw_result index_areas(shape_work *work, jw_error *error)
{
    jw_build *build = work->build;
    const jw_city_parts *parts = &build->parts;
    jw_box *boxes = jw_build_take(build, parts->area_count, sizeof *boxes, error);
    work->area_numbers = jw_build_take(build, parts->area_count, sizeof(uint32_t), error);
    if (!boxes || !work->area_numbers)
        return JW_ERROR_MEMORY;
    uint32_t count = 0;
    for (uint32_t i = 0; i < parts->area_count; i++)
        if (parts->areas[i].kind == JW_AREA_BUILT && parts->areas[i].use != JW_USE_NONE) {
            boxes[count] = ring_box(parts, parts->areas[i].first_ring);
            work->area_numbers[count++] = i;
        }
    return jw_grid_create(boxes, count, 0, &work->area_grid, error);
}

typedef struct use_query {
    const shape_work *work;
    double x, y;
    uint32_t area; /* the last drawn that contains the place */
} use_query;

static bool visit_area(void *context, uint32_t item)
{
    use_query *query = context;
    const jw_city_parts *parts = &query->work->build->parts;
    uint32_t number = query->work->area_numbers[item];
    const jw_area *area = &parts->areas[number];
    bool is_inside = false;
    for (uint32_t r = 0; r < area->ring_count; r++) {
        const jw_ring_range *ring = &parts->rings[area->first_ring + r];
        is_inside ^=
            jw_ring_contains(parts->points + ring->first_point, ring->point_count, query->x, query->y);
    }
    if (is_inside && (query->area == JW_NONE || number > query->area))
        query->area = number;
    return true;
}

static jw_use use_at(const shape_work *work, double x, double y)
{
    use_query query = {work, x, y, JW_NONE};
    jw_grid_query(work->area_grid, (jw_box){x, y, x, y}, visit_area, &query);
    return query.area == JW_NONE ? JW_USE_NONE : work->build->parts.areas[query.area].use;
}

/* Height from what the map says: metres, else storeys, else the default, but one for sheds and at most
 * two for houses. */
static void fill_height(const jw_build *build, const jw_draft_building *from, double area_m2,
                        jw_building *out)
{
    float height_m = isfinite((double)from->height_m) && from->height_m > 0 ? from->height_m : 0;
    out->base_m = isfinite((double)from->base_m) && from->base_m > 0 ? from->base_m : 0;
    out->levels = from->levels;
    if (height_m > HEIGHT_MAX_M)
        height_m = HEIGHT_MAX_M;
    if (out->levels == 0 && height_m == 0) {
        double most = area_m2 < SHED_M2 ? 1 : area_m2 < HOUSE_M2 ? 2 : 255;
        out->levels = (uint8_t)jw_clamp(build->def.default_levels, 1, most);
        out->height_is_assumed = 1;
    }
    if (out->levels == 0)
        out->levels = (uint8_t)jw_clamp(jw_round((double)height_m / STOREY_M), 1, 255);
    float roof_m = isfinite((double)from->roof_m) && from->roof_m > 0 ? from->roof_m : 0;
    if (height_m == 0) /* storeys are counted without the roof */
        height_m = (float)jw_min(out->levels * STOREY_M + (double)roof_m, HEIGHT_MAX_M);
    out->height_m = height_m;
    out->roof = from->roof < JW_ROOF_COUNT ? from->roof : JW_ROOF_UNKNOWN;
    out->roof_is_across = from->roof_is_across != 0;
    out->roof_m = roof_m < height_m ? roof_m : 0; /* a roof as high as its house is a mistake of the map */
    if (out->base_m >= out->height_m)
        out->base_m = 0;
}

static jw_result add_buildings(shape_work *work, jw_error *error)
{
    jw_build *build = work->build;
    jw_city_parts *parts = &build->parts;
    for (uint32_t i = 0; i < build->draft->building_count; i++) {
        const jw_draft_building *from = &build->draft->buildings[i];
        polygon polygons[POLYGONS_MAX];
        uint32_t count;
        jw_result result = jw_build_goes_on(build, i, error);
        if (result == JW_OK)
            result = add_shape(work, &from->shape, polygons, &count, error);
        if (result == JW_OK)
            result = JW_CITY_ROOM(parts, buildings, building_count, 1, error);
        if (result != JW_OK)
            return result;
        uint32_t best = JW_NONE; /* of a broken shape, the largest part */
        for (uint32_t k = 0; k < count; k++)
            if (polygons[k].ring_count > 0 &&
                (best == JW_NONE || polygons[k].area_m2 > polygons[best].area_m2))
                best = k;
        if (best == JW_NONE || polygons[best].area_m2 < SMALLEST_M2)
            continue;
        const jw_ring_range *outer = &parts->rings[polygons[best].first_ring];
        jw_vec2 centre = jw_ring_centroid(parts->points + outer->first_point, outer->point_count);
        jw_building building = {.first_ring = polygons[best].first_ring,
                                .ring_count = polygons[best].ring_count,
                                .x_m = centre.x,
                                .y_m = centre.y,
                                .use = from->use < JW_USE_COUNT ? from->use : JW_USE_NONE,
                                .block = JW_NONE,
                                .source_id = from->source_id};
        fill_height(build, from, polygons[best].area_m2, &building);
        if (building.use == JW_USE_NONE)
            building.use = (uint8_t)use_at(work, centre.x, centre.y);
        jw_build_people(&building, polygons[best].area_m2);
        if (from->has_people) {
            building.population = from->population;
            building.jobs = from->jobs;
        }
        parts->buildings[parts->building_count++] = building;
    }
    return JW_OK;
}

/* ---- places, sites, extent --------------------------------------------------------------------------- */

static jw_result add_places(jw_build *build, jw_error *error)
{
    const jw_draft *draft = build->draft;
    jw_city_parts *parts = &build->parts;
    jw_result result = JW_CITY_ROOM(parts, places, place_count, draft->place_count, error);
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, sites, site_count, draft->site_count, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < draft->place_count; i++) {
        const jw_draft_place *p = &draft->places[i];
        if ((unsigned)p->kind < JW_PLACE_KIND_COUNT && isfinite(p->x_m) && isfinite(p->y_m))
            parts->places[parts->place_count++] =
                (jw_place){p->kind, p->x_m, p->y_m, sound_text(build, p->name)};
    }
    for (uint32_t i = 0; i < draft->site_count; i++) {
        const jw_draft_site *s = &draft->sites[i];
        if (isfinite(s->x_m) && isfinite(s->y_m))
            parts->sites[parts->site_count++] = (jw_city_site){sound_text(build, s->name),
                                                               sound_text(build, s->tier),
                                                               sound_text(build, s->card),
                                                               s->card_count,
                                                               s->x_m,
                                                               s->y_m};
    }
    return JW_OK;
}

static void find_bounds(jw_city_parts *parts)
{
    jw_box box = jw_box_empty();
    for (uint32_t e = 0; e < parts->edge_count; e++)
        for (uint32_t i = 0; i < parts->edges[e].point_count; i++) {
            jw_vec3 p = parts->points[parts->edges[e].first_point + i];
            box = jw_box_extend(box, p.x, p.y);
        }
    for (uint32_t b = 0; b < parts->building_count; b++)
        box = jw_box_union(box, ring_box(parts, parts->buildings[b].first_ring));
    parts->bounds = box;
}

jw_result jw_build_shapes(jw_build *build, jw_error *error)
{
    shape_work work = {.build = build};
    jw_result result = add_areas(&work, error);
    if (result == JW_OK)
        result = index_areas(&work, error);
    if (result == JW_OK)
        result = add_buildings(&work, error);
    if (result == JW_OK)
        result = add_lines(build, error);
    if (result == JW_OK)
        result = add_places(build, error);
    if (result == JW_OK)
        find_bounds(&build->parts);
    jw_grid_destroy(work.area_grid);
    jw_free(work.points);
    jw_free(work.rings);
    return result;
}
