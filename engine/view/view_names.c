/* What the city names. The pieces of a street are joined into one line; on it are places for its name: the
 * middle, the quarters between, the eighths: whatever the height, some of them are a good distance apart, and
 * none of them moves with the camera. */
#include "view/view_names.h"

#include <stdlib.h>
#include <string.h>

enum { CHAIN_EDGES_MAX = 4096, NAMES_MAX = 1 << 17, ANCHOR_LEVELS = 8 };
#define ANCHOR_GAP_M 120.0 /* no two names of a street nearer than this */
#define STRAIGHT_ON  0.5   /* cosine of the sharpest turn at which a street goes on */
#define SIMPLER_M    1.5

typedef struct collector {
    const jw_city *city;
    double origin_x_m, origin_y_m;
    mesh_names *out;
    uint64_t *hashes; /* of edges' names */
    uint8_t *is_taken;
    uint32_t chain[CHAIN_EDGES_MAX]; /* edges in the order of travel */
    jw_vec3 *scratch, *shifted;
    uint32_t scratch_capacity, shifted_capacity;
    jw_error *error;
} collector;

void jw_names_free(mesh_names *names)
{
    jw_free(names->items);
    jw_free(names->lines);
    jw_free(names->points);
    *names = (mesh_names){0};
}

static jw_result add_name(collector *c, const mesh_name *name)
{
    if (c->out->count >= NAMES_MAX)
        return JW_OK;
    jw_result result = jw_grow(&c->out->items, &c->out->capacity, (uint64_t)c->out->count + 1,
                               sizeof *c->out->items, c->error);
    if (result == JW_OK)
        c->out->items[c->out->count++] = *name;
    return result;
}

/* ---- streets ------------------------------------------------------------------------------------------ */

/* A road of two directions is one piece of its street: the edge of the lower number stands for both. */
static uint32_t piece_of(const jw_city *city, uint32_t edge)
{
    uint32_t other = city->edges[edge].opposite;
    return other != JW_NONE && other < edge ? other : edge;
}

/* Heading of an edge at its beginning or end. */
static jw_vec2 way_of(const jw_city *city, const jw_edge *edge, bool is_end)
{
    const jw_vec3 *p = city->points + edge->first_point + (is_end ? edge->point_count - 2 : 0);
    jw_vec2 way = {p[1].x - p[0].x, p[1].y - p[0].y};
    double length = jw_vec2_length(way);
    return length > 0 ? jw_vec2_scale(way, 1 / length) : way;
}

/* The edge of the same street that goes on straightest from the end of `from` (or leads to its beginning). */
static uint32_t next_of(const collector *c, uint32_t from, bool is_ahead)
{
    const jw_city *city = c->city;
    const jw_edge *edge = &city->edges[from];
    const jw_junction *junction = &city->junctions[is_ahead ? edge->to : edge->from];
    uint32_t first = is_ahead ? junction->first_out : junction->first_in,
             count = is_ahead ? junction->out_count : junction->in_count, best = JW_NONE;
    jw_vec2 way = way_of(city, edge, is_ahead);
    double best_cosine = STRAIGHT_ON;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t next = city->junction_edges[first + i];
        if (c->hashes[next] != c->hashes[from] || c->is_taken[piece_of(city, next)] ||
            city->edges[next].road_class > edge->road_class + 2)
            continue;
        jw_vec2 other = way_of(city, &city->edges[next], !is_ahead);
        double cosine = way.x * other.x + way.y * other.y;
        if (cosine > best_cosine) {
            best_cosine = cosine;
            best = next;
        }
    }
    return best;
}

/* All pieces from `edge` on in both directions; returns how many, the first in *out_first of the chain. */
static uint32_t join_street(collector *c, uint32_t edge, uint32_t *out_first)
{
    enum { HALF = CHAIN_EDGES_MAX / 2 };
    uint32_t first = HALF, end = HALF + 1;
    c->chain[HALF] = edge;
    c->is_taken[piece_of(c->city, edge)] = 1;
    for (uint32_t next; end < CHAIN_EDGES_MAX && (next = next_of(c, c->chain[end - 1], true)) != JW_NONE;) {
        c->is_taken[piece_of(c->city, next)] = 1;
        c->chain[end++] = next;
    }
    for (uint32_t next; first > 0 && (next = next_of(c, c->chain[first], false)) != JW_NONE;) {
        c->is_taken[piece_of(c->city, next)] = 1;
        c->chain[--first] = next;
    }
    *out_first = first;
    return end - first;
}

/* The middle of the roadway: an edge's line is that of its own direction. */
static jw_result add_points(collector *c, uint32_t edge_number, uint32_t *count)
{
    const jw_city *city = c->city;
    const jw_edge *edge = &city->edges[edge_number];
    uint32_t needed = *count + edge->point_count;
    jw_result result = jw_grow(&c->scratch, &c->scratch_capacity, needed, sizeof *c->scratch, c->error);
    if (result == JW_OK)
        result = jw_grow(&c->shifted, &c->shifted_capacity, edge->point_count, sizeof *c->shifted, c->error);
    if (result != JW_OK)
        return result;
    double width_m = 0;
    for (uint32_t i = 0; i < edge->lane_count && edge->opposite != JW_NONE; i++)
        width_m += city->lanes[edge->first_lane + i].width_m;
    jw_polyline_offset(city->points + edge->first_point, edge->point_count, width_m / 2, c->shifted);
    memcpy(c->scratch + *count, c->shifted, edge->point_count * sizeof *c->scratch);
    *count = needed;
    return JW_OK;
}

static name_kind kind_of_road(jw_road_class road_class)
{
    return road_class <= JW_ROAD_PRIMARY    ? NAME_MAIN_STREET
           : road_class <= JW_ROAD_TERTIARY ? NAME_STREET
                                            : NAME_LANE;
}

static jw_result add_anchors(collector *c, mesh_name name, const jw_vec2 *points, uint32_t count,
                             double length_m)
{
    jw_result result = JW_OK;
    for (uint32_t level = 0; level < ANCHOR_LEVELS && result == JW_OK; level++) {
        double gap_m = length_m / (double)(1u << level);
        if (level > 0 && gap_m < 2 * ANCHOR_GAP_M)
            break;
        uint32_t point = 0;
        double from_m = 0, piece_m = jw_vec2_distance(points[0], points[1]);
        for (uint32_t k = 0; k < 1u << level && result == JW_OK; k++) {
            double at_m = gap_m * (k + 0.5);
            while (at_m > from_m + piece_m && point + 2 < count) {
                from_m += piece_m;
                point++;
                piece_m = jw_vec2_distance(points[point], points[point + 1]);
            }
            double t = piece_m > 0 ? jw_clamp((at_m - from_m) / piece_m, 0, 1) : 0;
            name.x = (float)(points[point].x + (points[point + 1].x - points[point].x) * t);
            name.y = (float)(points[point].y + (points[point + 1].y - points[point].y) * t);
            name.at_m = (float)at_m;
            /* Between the middle and the quarters lies a quarter. */
            name.gap_m = (float)(level ? gap_m / 2 : gap_m);
            result = add_name(c, &name);
        }
    }
    return result;
}

static jw_result add_street(collector *c, uint32_t edge)
{
    const jw_city *city = c->city;
    uint32_t first, edges = join_street(c, edge, &first), count = 0;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < edges && result == JW_OK; i++)
        result = add_points(c, c->chain[first + i], &count);
    if (result != JW_OK)
        return result;
    count = jw_polyline_simplify(c->scratch, count, SIMPLER_M);
    double length_m = jw_polyline_length(c->scratch, count);
    if (count < 2 || !(length_m > 20))
        return JW_OK;
    mesh_names *out = c->out;
    result = jw_grow(&out->points, &out->point_capacity, (uint64_t)out->point_count + count,
                     sizeof *out->points, c->error);
    if (result == JW_OK)
        result = jw_grow(&out->lines, &out->line_capacity, (uint64_t)out->line_count + 1, sizeof *out->lines,
                         c->error);
    if (result != JW_OK)
        return result;
    jw_vec2 *points = out->points + out->point_count;
    for (uint32_t i = 0; i < count; i++)
        points[i] = (jw_vec2){c->scratch[i].x - c->origin_x_m, c->scratch[i].y - c->origin_y_m};
    mesh_name name = {.kind = (uint8_t)kind_of_road(city->edges[edge].road_class),
                      .rank = (uint8_t)city->edges[edge].road_class,
                      .text = city->edges[edge].name,
                      .line = out->line_count};
    out->lines[out->line_count++] = (name_line){out->point_count, count, (float)length_m};
    out->point_count += count;
    return add_anchors(c, name, points, count, length_m);
}

static jw_result add_streets(collector *c)
{
    const jw_city *city = c->city;
    c->hashes = jw_alloc(((size_t)city->edge_count + 1) * sizeof *c->hashes);
    c->is_taken = jw_alloc((size_t)city->edge_count + 1);
    if (!c->hashes || !c->is_taken)
        return jw_fail_memory(c->error);
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *edge = &city->edges[i];
        bool has_name = edge->name && city->texts[edge->name] && !edge->is_link && !edge->is_tunnel &&
                        edge->point_count >= 2;
        c->hashes[i] = has_name ? jw_hash_text(0, jw_city_text(city, edge->name)) : 0;
    }
    jw_result result = JW_OK;
    /* By class: a street begins with its greatest piece and is of that kind. */
    for (int road_class = 0; road_class < JW_ROAD_CLASS_COUNT; road_class++)
        for (uint32_t i = 0; i < city->edge_count && result == JW_OK; i++)
            if ((int)city->edges[i].road_class == road_class && c->hashes[i] && piece_of(city, i) == i &&
                !c->is_taken[i])
                result = add_street(c, i);
    return result;
}

/* ---- places and areas --------------------------------------------------------------------------------- */

static jw_result add_places(collector *c)
{
    static const uint8_t kinds[JW_PLACE_KIND_COUNT] = {
        [JW_PLACE_STATION] = NAME_STATION,  [JW_PLACE_COMPUTING_CENTRE] = NAME_PLACE,
        [JW_PLACE_FACTORY] = NAME_PLACE,    [JW_PLACE_HOSPITAL] = NAME_PLACE,
        [JW_PLACE_SCHOOL] = NAME_PLACE,     [JW_PLACE_PARK] = NAME_PARK,
        [JW_PLACE_GATE] = NAME_KIND_COUNT,  [JW_PLACE_SITE] = NAME_KIND_COUNT,
        [JW_PLACE_QUARTER] = NAME_DISTRICT, [JW_PLACE_OTHER] = NAME_PLACE,
    };
    const jw_city *city = c->city;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < city->place_count && result == JW_OK; i++) {
        const jw_place *place = &city->places[i];
        mesh_name name = {.kind = kinds[place->kind],
                          .text = place->name,
                          .x = (float)(place->x_m - c->origin_x_m),
                          .y = (float)(place->y_m - c->origin_y_m),
                          .line = JW_NONE};
        if (name.kind < NAME_KIND_COUNT && city->texts[place->name])
            result = add_name(c, &name);
    }
    return result;
}

static bool lies_in(const jw_city *city, const jw_area *area, double x, double y)
{
    for (uint32_t r = 0; r < area->ring_count; r++) {
        const jw_ring_range *ring = &city->rings[area->first_ring + r];
        if (jw_ring_contains(city->points + ring->first_point, ring->point_count, x, y) != (r == 0))
            return false;
    }
    return true;
}

/* The middle of an area, or where that lies in a hole or outside of it the middle of its widest piece on a
 * line from west to east through it or through a quarter of it. */
static jw_vec2 middle_of(const jw_city *city, const jw_area *area)
{
    enum { LINES = 3, STEPS = 64 };
    const jw_ring_range *ring = &city->rings[area->first_ring];
    const jw_vec3 *points = city->points + ring->first_point;
    jw_vec2 middle = jw_ring_centroid(points, ring->point_count);
    if (lies_in(city, area, middle.x, middle.y))
        return middle;
    jw_box box = jw_box_empty();
    for (uint32_t i = 0; i < ring->point_count; i++)
        box = jw_box_extend(box, points[i].x, points[i].y);
    double step_m = (box.max_x - box.min_x) / STEPS;
    int widest = 0;
    for (int line = 1; line <= LINES; line++) {
        double y = box.min_y + (box.max_y - box.min_y) * line / (LINES + 1);
        for (int i = 0, from = 0; i <= STEPS; i++) {
            if (i < STEPS && lies_in(city, area, box.min_x + (i + 0.5) * step_m, y))
                continue;
            if (i - from > widest) {
                widest = i - from;
                middle = (jw_vec2){box.min_x + (i + from) * 0.5 * step_m, y};
            }
            from = i + 1;
        }
    }
    return middle;
}

/* What is a point on the map and no area is taken for one of a block's size: from far above there would be a
 * swarm. */
static void size_parks(mesh_names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (names->items[i].kind == NAME_PARK && names->items[i].room_m <= 0)
            names->items[i].room_m = 90;
}

/* A park that is a place too is named once, as large as it is. */
static bool is_named_as(collector *c, uint32_t text, const jw_vec3 *ring, uint32_t count, double side_m)
{
    bool is_found = false;
    for (uint32_t i = 0; i < c->out->count; i++) {
        mesh_name *name = &c->out->items[i];
        if (name->line == JW_NONE && strcmp(c->city->texts + name->text, c->city->texts + text) == 0 &&
            jw_ring_contains(ring, count, (double)name->x + c->origin_x_m, (double)name->y + c->origin_y_m)) {
            name->room_m = (float)side_m;
            is_found = true;
        }
    }
    return is_found;
}

static jw_result add_areas(collector *c)
{
    const jw_city *city = c->city;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < city->area_count && result == JW_OK; i++) {
        const jw_area *area = &city->areas[i];
        bool is_water = area->kind == JW_AREA_WATER || area->kind == JW_AREA_WETLAND;
        bool is_green = area->kind == JW_AREA_PARK || area->kind == JW_AREA_WOOD;
        if (!city->texts[area->name] || area->ring_count == 0 || !(is_water || is_green))
            continue;
        const jw_ring_range *ring = &city->rings[area->first_ring];
        const jw_vec3 *points = city->points + ring->first_point;
        double side_m = jw_sqrt(jw_abs(jw_ring_area_m2(points, ring->point_count)));
        jw_vec2 middle = middle_of(city, area);
        if (!(side_m > 10) || is_named_as(c, area->name, points, ring->point_count, side_m))
            continue;
        mesh_name name = {.kind = is_water ? NAME_WATER : NAME_PARK,
                          .text = area->name,
                          .x = (float)(middle.x - c->origin_x_m),
                          .y = (float)(middle.y - c->origin_y_m),
                          .room_m = (float)side_m,
                          .line = JW_NONE};
        result = add_name(c, &name);
    }
    return result;
}

jw_result jw_names_collect(const jw_city *city, double origin_x_m, double origin_y_m, mesh_names *out,
                           jw_error *error)
{
    *out = (mesh_names){0};
    collector *c = jw_alloc(sizeof *c);
    if (!c)
        return jw_fail_memory(error);
    c->city = city;
    c->origin_x_m = origin_x_m;
    c->origin_y_m = origin_y_m;
    c->out = out;
    c->error = error;
    jw_result result = add_places(c);
    if (result == JW_OK)
        result = add_areas(c);
    size_parks(out);
    if (result == JW_OK)
        result = add_streets(c);
    jw_free(c->hashes);
    jw_free(c->is_taken);
    jw_free(c->scratch);
    jw_free(c->shifted);
    jw_free(c);
    if (result != JW_OK)
        jw_names_free(out);
    return result;
}
