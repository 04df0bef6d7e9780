/* Demand from files: zones, matrices and lists of trips, apart from any world. */
#include "traffic/traffic_internal.h"

#include <math.h> /* isfinite alone */
#include <stdio.h>
#include <string.h>

#define ACCESS_MAX 8 /* edges of a block's zone: the nearest */

/* They are written and read as they lie in memory: no padding. */
_Static_assert(sizeof(jw_zone) == JW_ZONE_NAME_SIZE + 16, "a zone has no padding");
_Static_assert(sizeof(jw_od_cell) == 40, "a cell has no padding");
_Static_assert(sizeof(jw_stop) == 32, "a stop has no padding");
_Static_assert(sizeof(jw_listed_trip) == 72, "a trip has no padding");

#define ARRAYS(X)                                                                                            \
    X(zones, zone_count, zone_capacity)                                                                      \
    X(zone_edges, zone_edge_count, zone_edge_capacity)                                                       \
    X(cells, cell_count, cell_capacity)                                                                      \
    X(trips, trip_count, trip_capacity)                                                                      \
    X(route_edges, route_edge_count, route_edge_capacity) X(stops, stop_count, stop_capacity)

void jw_demand_data_free(jw_demand_data *data)
{
#define X(items, count, capacity) jw_free(data->items);
    ARRAYS(X)
#undef X
    memset(data, 0, sizeof *data);
}

jw_result jw_demand_data_copy(jw_demand_data *out, const jw_demand_data *from, jw_error *error)
{
    memset(out, 0, sizeof *out);
#define X(items, count, capacity)                                                                            \
    if (from->count) {                                                                                       \
        if (jw_grow(&out->items, &out->capacity, from->count, sizeof *out->items, error)) {                  \
            jw_demand_data_free(out);                                                                        \
            return JW_ERROR_MEMORY;                                                                          \
        }                                                                                                    \
        memcpy(out->items, from->items, from->count * sizeof *out->items);                                   \
        out->count = from->count;                                                                            \
    }
    ARRAYS(X)
#undef X
    return JW_OK;
}

void jw_demand_data_save(const jw_demand_data *data, jw_writer *writer)
{
#define X(items, count, capacity) jw_write_array(writer, data->items, data->count, sizeof *data->items);
    ARRAYS(X)
#undef X
}

void jw_demand_data_load(jw_demand_data *data, jw_reader *reader)
{
#define X(items, count, capacity)                                                                            \
    jw_read_array(reader, &data->items, &data->count, sizeof *data->items, UINT32_MAX / 2);                  \
    data->capacity = data->count;
    ARRAYS(X)
#undef X
}

uint64_t jw_demand_data_hash(const jw_demand_data *data)
{
    uint64_t hash = 0;
#define X(items, count, capacity)                                                                            \
    hash = jw_hash_bytes(jw_hash_u64(hash, data->count), data->items, data->count * sizeof *data->items);
    ARRAYS(X)
#undef X
    return hash;
}

static bool are_edges(const uint32_t *edges, uint32_t count, uint32_t edge_count)
{
    for (uint32_t k = 0; k < count; k++)
        if (edges[k] >= edge_count)
            return false;
    return true;
}

static bool is_within(uint32_t first, uint32_t count, uint32_t total)
{
    return first <= total && count <= total - first;
}

static bool is_good_trip(const jw_demand_data *data, const jw_listed_trip *trip, uint32_t edges)
{
    return trip->depart_ns >= 0 && trip->from_edge < edges && trip->to_edge < edges &&
           trip->vehicle_class < JW_VEHICLE_CLASS_COUNT && isfinite(trip->from_s_m) && trip->from_s_m >= 0 &&
           isfinite(trip->arrive_s_m) && trip->arrive_s_m >= 0 && trip->depart_mps >= 0 &&
           trip->depart_mps < 200 && trip->depart_lane < JW_DEPART_LANE + 64 &&
           trip->depart_speed <= JW_DEPART_UP_TO &&
           is_within(trip->first_route, trip->route_count, data->route_edge_count) &&
           is_within(trip->first_stop, trip->stop_count, data->stop_count) &&
           trip->stop_count <= JW_TRIP_STOPS_MAX &&
           (!trip->route_count ||
            (data->route_edges[trip->first_route] == trip->from_edge &&
             data->route_edges[trip->first_route + trip->route_count - 1] == trip->to_edge));
}

jw_result jw_demand_data_check(const jw_demand_data *data, const jw_city *city, jw_error *error)
{
    uint32_t edges = city->edge_count;
    if (!are_edges(data->zone_edges, data->zone_edge_count, edges) ||
        !are_edges(data->route_edges, data->route_edge_count, edges))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "demand: an edge of a zone or a route does not exist");
    for (uint32_t k = 0; k < data->zone_count; k++) {
        const jw_zone *zone = &data->zones[k];
        if (!is_within(zone->first_from, zone->from_count, data->zone_edge_count) ||
            !is_within(zone->first_to, zone->to_count, data->zone_edge_count) ||
            !memchr(zone->name, 0, sizeof zone->name))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "demand: zone %u is not whole", k);
    }
    for (uint32_t k = 0; k < data->cell_count; k++) {
        const jw_od_cell *cell = &data->cells[k];
        if (!(cell->begin_s >= 0 && cell->end_s > cell->begin_s && cell->end_s <= 86400) ||
            !(cell->trips >= 0 && cell->trips <= 1e9) || cell->from_zone >= data->zone_count ||
            cell->to_zone >= data->zone_count || cell->vehicle_class > JW_VEHICLE_CLASS_COUNT)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "demand: cell %u of the matrix (line %u) needs zones that exist, 0 <= begin < end "
                           "<= 24 h, and 0 to 1e9 trips",
                           k, cell->line);
    }
    for (uint32_t k = 0; k < data->trip_count; k++)
        if (!is_good_trip(data, &data->trips[k], edges))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "demand: listed trip %u needs edges, stops and a class that exist, a route "
                           "between them and a time from 0 on",
                           k);
    return JW_OK;
}

/* ---- zones -----------------------------------------------------------------------------------------------
 */

void jw_demand_gate_edges(const jw_city *city, const jw_place *place, uint32_t *out_in, uint32_t *out_out)
{
    uint32_t best = JW_NONE;
    double best_m2 = 200.0 * 200.0;
    *out_in = *out_out = JW_NONE;
    for (uint32_t j = 0; j < city->junction_count; j++) {
        double dx = city->junctions[j].x_m - place->x_m, dy = city->junctions[j].y_m - place->y_m;
        if (dx * dx + dy * dy < best_m2) {
            best_m2 = dx * dx + dy * dy;
            best = j;
        }
    }
    if (best == JW_NONE)
        return;
    const jw_junction *junction = &city->junctions[best];
    if (junction->out_count)
        *out_in = city->junction_edges[junction->first_out];
    if (junction->in_count)
        *out_out = city->junction_edges[junction->first_in];
}

static jw_result push_edge(jw_demand_data *data, uint32_t edge, jw_error *error)
{
    jw_result result = jw_grow(&data->zone_edges, &data->zone_edge_capacity, data->zone_edge_count + 1ull,
                               sizeof *data->zone_edges, error);
    if (!result)
        data->zone_edges[data->zone_edge_count++] = edge;
    return result;
}

/* The edges pushed since `first` become a zone; `from_count` of them to leave from, the others (or, when
 * there are no others, the same) to arrive at. */
static jw_result push_zone(jw_demand_data *data, const char *name, uint32_t first, uint32_t from_count,
                           uint32_t *out, jw_error *error)
{
    uint32_t others = data->zone_edge_count - first - from_count;
    jw_zone zone = {.first_from = first,
                    .from_count = from_count,
                    .first_to = others ? first + from_count : first,
                    .to_count = others ? others : from_count};
    if (!jw_text_copy(zone.name, sizeof zone.name, name))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the zone's name \"%.60s\" is longer than %d bytes",
                       name, JW_ZONE_NAME_SIZE - 1);
    jw_result result =
        jw_grow(&data->zones, &data->zone_capacity, data->zone_count + 1ull, sizeof *data->zones, error);
    if (result)
        return result;
    *out = data->zone_count;
    data->zones[data->zone_count++] = zone;
    return JW_OK;
}

static jw_result add_block(jw_demand_data *data, const jw_city *city, const uint32_t *component,
                           const char *name, uint32_t block, uint32_t *out, jw_error *error)
{
    const jw_block *b = &city->blocks[block];
    uint32_t first = data->zone_edge_count;
    for (uint32_t pass = 0; pass < 2 && data->zone_edge_count == first; pass++)
        for (uint32_t k = 0; k < b->access_count && data->zone_edge_count - first < ACCESS_MAX; k++) {
            uint32_t edge = city->block_edges[b->first_access + k];
            if (pass == 0 && component[edge] != 0)
                continue; /* edges from which nothing can be reached, only where there are no others */
            jw_result result = push_edge(data, edge, error);
            if (result)
                return result;
        }
    return push_zone(data, name, first, data->zone_edge_count - first, out, error);
}

static jw_result add_place(jw_demand_data *data, const jw_city *city, const uint32_t *component,
                           const char *name, const jw_place *place, uint32_t *out, jw_error *error)
{
    uint32_t nearest = JW_NONE, in, out_edge;
    double nearest_m = 0;
    if (place->kind == JW_PLACE_GATE) {
        uint32_t first = data->zone_edge_count;
        jw_demand_gate_edges(city, place, &in, &out_edge);
        if (in == JW_NONE || out_edge == JW_NONE)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "no road enters and leaves the map at the gate \"%s\"", name);
        jw_result result = push_edge(data, in, error);
        if (!result)
            result = push_edge(data, out_edge, error);
        return result ? result : push_zone(data, name, first, 1, out, error);
    }
    for (uint32_t b = 0; b < city->block_count; b++) {
        double distance_m = jw_vec2_distance((jw_vec2){city->blocks[b].x_m, city->blocks[b].y_m},
                                             (jw_vec2){place->x_m, place->y_m});
        if (nearest == JW_NONE || distance_m < nearest_m) {
            nearest = b;
            nearest_m = distance_m;
        }
    }
    if (nearest == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "the city has no block near \"%s\"", name);
    return add_block(data, city, component, name, nearest, out, error);
}

/* "edge:12" with prefix "edge:": 12; JW_NONE: another prefix, or no number below `count`. */
static uint32_t number_of(const char *name, const char *prefix, uint32_t count)
{
    size_t length = strlen(prefix);
    double number;
    if (strncmp(name, prefix, length) != 0 || !jw_text_to_number(name + length, &number))
        return JW_NONE;
    return number >= 0 && number < count && number == jw_floor(number) ? (uint32_t)number : JW_NONE;
}

static const jw_place *place_of(const jw_city *city, const char *name)
{
    uint32_t gates = 0;
    for (uint32_t k = 0; k < city->place_count; k++)
        gates += city->places[k].kind == JW_PLACE_GATE;
    uint32_t gate = number_of(name, "gate:", gates);
    for (uint32_t k = 0; k < city->place_count && gate != JW_NONE; k++)
        if (city->places[k].kind == JW_PLACE_GATE && gate-- == 0)
            return &city->places[k];
    for (uint32_t k = 0; k < city->place_count; k++)
        if (strcmp(jw_city_text(city, city->places[k].name), name) == 0)
            return &city->places[k];
    for (uint32_t k = 0; k < city->place_count; k++)
        if (strcmp(jw_place_kind_names[city->places[k].kind], name) == 0)
            return &city->places[k];
    return NULL;
}

static jw_result add_named(jw_demand_data *data, const jw_city *city, const uint32_t *component,
                           const char *name, uint32_t *out, jw_error *error)
{
    uint32_t edge = number_of(name, "edge:", city->edge_count);
    if (edge != JW_NONE) {
        jw_result result = push_edge(data, edge, error);
        return result ? result : push_zone(data, name, data->zone_edge_count - 1, 1, out, error);
    }
    uint32_t block = number_of(name, "block:", city->block_count);
    const jw_place *place = block == JW_NONE ? place_of(city, name) : NULL;
    if (place)
        return add_place(data, city, component, name, place, out, error);
    for (uint32_t b = 0; b < city->block_count && block == JW_NONE && name[0]; b++)
        if (strcmp(jw_city_text(city, city->blocks[b].name), name) == 0)
            block = b;
    if (block != JW_NONE)
        return add_block(data, city, component, name, block, out, error);
    return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                   "there is no zone \"%.60s\": write edge:N (0 to %d), block:N (0 to %d), gate:N, or the "
                   "name of a zone, a place or a block",
                   name, (int)city->edge_count - 1, (int)city->block_count - 1);
}

/* ---- finding zones fast ----------------------------------------------------------------------------------
 */

void jw_zone_finder_free(jw_zone_finder *finder)
{
    jw_map_free(&finder->map);
    jw_free(finder->component);
}

jw_result jw_zone_finder_make(jw_zone_finder *finder, jw_demand_data *data, const jw_city *city,
                              jw_error *error)
{
    *finder = (jw_zone_finder){.data = data, .city = city};
    finder->component = jw_alloc((city->edge_count + 1) * sizeof *finder->component);
    if (!finder->component)
        return jw_fail_memory(error);
    jw_result result = jw_city_components(city, finder->component, error);
    for (uint32_t k = 0; k < data->zone_count && !result; k++)
        if (!jw_map_set(&finder->map, jw_hash_text(1, data->zones[k].name), k))
            result = jw_fail_memory(error);
    if (result)
        jw_zone_finder_free(finder);
    return result;
}

jw_result jw_zone_find(jw_zone_finder *finder, const char *name, uint32_t *out, jw_error *error)
{
    jw_demand_data *data = finder->data;
    uint64_t hash = jw_hash_text(1, name);
    *out = jw_map_get(&finder->map, hash);
    if (*out != JW_NONE && strcmp(data->zones[*out].name, name) == 0)
        return JW_OK;
    for (uint32_t k = 0; k < data->zone_count && *out != JW_NONE; k++) /* two names of one hash */
        if (strcmp(data->zones[k].name, name) == 0) {
            *out = k;
            return JW_OK;
        }
    jw_result result = add_named(data, finder->city, finder->component, name, out, error);
    if (!result && !jw_map_set(&finder->map, hash, *out))
        result = jw_fail_memory(error);
    return result;
}

jw_result jw_demand_find_zone(jw_demand_data *data, const jw_city *city, const char *name, uint32_t *out,
                              jw_error *error)
{
    jw_zone_finder finder;
    jw_result result = jw_zone_finder_make(&finder, data, city, error);
    if (result)
        return result;
    result = jw_zone_find(&finder, name, out, error);
    jw_zone_finder_free(&finder);
    return result;
}

static bool is_inside(const jw_vec2 *points, uint32_t count, jw_vec2 at)
{
    bool is_in = false;
    for (uint32_t k = 0, before = count - 1; k < count; before = k++) {
        jw_vec2 a = points[k], b = points[before];
        if ((a.y > at.y) != (b.y > at.y) && at.x < (b.x - a.x) * (at.y - a.y) / (b.y - a.y) + a.x)
            is_in = !is_in;
    }
    return is_in;
}

jw_result jw_demand_add_polygon(jw_demand_data *data, const jw_city *city, const char *name,
                                const jw_vec2 *points, uint32_t count, jw_error *error)
{
    uint32_t first = data->zone_edge_count, zone;
    for (uint32_t k = 0; k < data->zone_count; k++)
        if (strcmp(data->zones[k].name, name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "zone \"%s\" exists already", name);
    if (count < 3)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "zone \"%s\": a polygon has 3 points or more", name);
    uint32_t *component = jw_alloc((city->edge_count + 1) * sizeof *component);
    if (!component)
        return jw_fail_memory(error);
    jw_result result = jw_city_components(city, component, error);
    for (uint32_t e = 0; e < city->edge_count && !result; e++) {
        const jw_edge *edge = &city->edges[e];
        const jw_vec3 *a = &city->points[edge->first_point], *b = a + edge->point_count - 1;
        if (component[e] == 0 && is_inside(points, count, (jw_vec2){(a->x + b->x) / 2, (a->y + b->y) / 2}))
            result = push_edge(data, e, error);
    }
    jw_free(component);
    if (!result && data->zone_edge_count == first)
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                         "zone \"%s\": no road of the connected network lies in its polygon", name);
    return result ? result : push_zone(data, name, first, data->zone_edge_count - first, &zone, error);
}
