/* Trips that files list. A cell of a matrix with N trips between a and b has had floor(N (t - a) / (b - a) +
 * u) of them by time t, with u drawn once a cell: exactly N where N is whole, N in the mean where it is not,
 * spread as evenly as whole trips can be, minute by minute; within a minute times are uniform. */
#include "traffic/traffic_internal.h"

#include <stdlib.h>
#include <string.h>

#define DAY_NS (86400 * JW_NS_PER_S)

/* ---- matrices --------------------------------------------------------------------------------------------
 */

static double so_far(const jw_od_cell *cell, double trips, double at_s)
{
    return trips * (jw_clamp(at_s, cell->begin_s, cell->end_s) - cell->begin_s) /
           (cell->end_s - cell->begin_s);
}

static bool draw_trip(jw_world *world, jw_traffic *t, uint32_t index, double begin_s, double end_s,
                      int64_t midnight_ns, jw_dice *d)
{
    const jw_demand_data *data = &t->demand.data;
    const jw_od_cell *cell = &data->cells[index];
    const jw_zone *zones = data->zones, *origin = &zones[cell->from_zone], *target = &zones[cell->to_zone];
    double at = jw_roll(d), from_at = jw_roll(d), to_at = jw_roll(d), live = jw_roll(d);
    jw_vehicle_class c = (jw_vehicle_class)cell->vehicle_class;
    if (c == JW_VEHICLE_CLASS_COUNT)
        c = jw_demand_roll_class(d, &t->def.demand);
    const uint32_t *edges = data->zone_edges;
    uint32_t from = jw_demand_roll_edge(d, t, edges + origin->first_from, origin->from_count, c, JW_NONE);
    uint32_t to = jw_demand_roll_edge(d, t, edges + target->first_to, target->to_count, c, JW_NONE);
    for (uint32_t again = 0; from == to && again < 8; again++)
        to = jw_demand_roll_edge(d, t, edges + target->first_to, target->to_count, c, JW_NONE);
    if (from == JW_NONE || to == JW_NONE || from == to) {
        t->counts.impossible++;
        return true;
    }
    begin_s = jw_max(begin_s, cell->begin_s);
    end_s = jw_min(end_s, cell->end_s);
    jw_trip trip = {.depart_ns = midnight_ns + jw_ns_from_s(begin_s + at * (end_s - begin_s)),
                    .tag = (uint64_t)index + 1,
                    .from_edge = from,
                    .to_edge = to,
                    .from_s_m = jw_edge_length(t, from) * (float)(0.3 + 0.4 * from_at),
                    .arrive_s_m = jw_edge_length(t, to) * (float)(0.4 + 0.4 * to_at),
                    .vehicle_class = (uint8_t)c};
    return jw_demand_wish(world, t, &trip, live);
}

static void draw_matrix(jw_world *world, jw_traffic *t, int64_t begin_ns, int64_t end_ns)
{
    const jw_demand_data *data = &t->demand.data;
    int64_t midnight_ns = begin_ns - begin_ns % DAY_NS;
    double begin_s = jw_s_from_ns(begin_ns - midnight_ns), end_s = jw_s_from_ns(end_ns - midnight_ns);
    jw_random_key phase = jw_world_random(world, jw_hash_text(0, "traffic.od.phase"));
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.od"));
    for (uint32_t k = 0; k < data->cell_count; k++) {
        const jw_od_cell *cell = &data->cells[k];
        if (cell->end_s <= begin_s || cell->begin_s >= end_s)
            continue;
        double trips = cell->trips * t->demand.factor;
        double u = jw_random_uniform(phase, k, (uint64_t)(midnight_ns / DAY_NS));
        double before = jw_floor(so_far(cell, trips, begin_s) + u);
        uint32_t count = (uint32_t)(jw_floor(so_far(cell, trips, end_s) + u) - before);
        jw_dice dice = {key, k, (uint64_t)(begin_ns / JW_NS_PER_S) << 32};
        for (uint32_t n = 0; n < count; n++) {
            dice.counter = (uint64_t)(begin_ns / JW_NS_PER_S) << 32 | (uint64_t)n * 32;
            if (!draw_trip(world, t, k, begin_s, end_s, midnight_ns, &dice))
                return;
        }
    }
}

/* ---- lists -----------------------------------------------------------------------------------------------
 */

static bool is_route_possible(const jw_traffic *t, const uint32_t *route, uint32_t count, uint32_t c)
{
    for (uint32_t k = 0; k + 1 < count; k++)
        if (!jw_traffic_good_lanes(t, route[k], route[k + 1], c))
            return false;
    return true;
}

/* A type that does not exist makes a trip impossible, too. A route through what is closed now is given up for
 * one of the router's. */
static bool queue_listed(jw_world *world, jw_traffic *t, uint32_t index)
{
    const jw_listed_trip *listed = &t->demand.data.trips[index];
    const uint32_t *route = t->demand.data.route_edges + listed->first_route;
    uint32_t c = listed->vehicle_class;
    uint32_t type = listed->type_index1 ? JW_VEHICLE_CLASS_COUNT + listed->type_index1 - 1 : c;
    if (type >= t->type_count || t->types[type].vehicle_class != c ||
        !jw_traffic_good_lanes(t, listed->from_edge, JW_NONE, c) ||
        !jw_traffic_good_lanes(t, listed->to_edge, JW_NONE, c)) {
        t->counts.impossible++;
        return true;
    }
    jw_trip trip = {.depart_ns = listed->depart_ns,
                    .tag = listed->tag,
                    .from_edge = listed->from_edge,
                    .to_edge = listed->to_edge,
                    .from_s_m = listed->from_s_m,
                    .arrive_s_m = jw_edge_length(t, listed->to_edge),
                    .depart_mps = listed->depart_mps,
                    .depart_lane = (uint8_t)listed->depart_lane,
                    .depart_speed = (uint8_t)listed->depart_speed,
                    .vehicle_class = (uint8_t)c,
                    .type1 = (uint8_t)listed->type_index1};
    if (listed->arrive_s_m > 0)
        trip.arrive_s_m = jw_minf(trip.arrive_s_m, listed->arrive_s_m);
    if (listed->route_count && is_route_possible(t, route, listed->route_count, c)) {
        jw_error error = {0};
        if (jw_traffic_give_route(t, route, listed->route_count, &trip.route_first, &error)) {
            jw_world_fail(world, error.code, error.message);
            return false;
        }
        trip.route_count = listed->route_count - 1;
        trip.has_route = 1;
    }
    jw_error error = {0};
    if (listed->stop_count &&
        jw_plan_make(t, &trip, t->demand.data.stops + listed->first_stop, listed->stop_count, &error)) {
        if (error.code == JW_ERROR_MEMORY)
            jw_world_fail(world, error.code, error.message);
        t->counts.impossible++;
        return error.code != JW_ERROR_MEMORY;
    }
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.listed"));
    return jw_demand_wish(world, t, &trip, jw_random_uniform(key, index, 0));
}

void jw_demand_draw_listed(jw_world *world, jw_traffic *t, int64_t begin_ns, int64_t end_ns)
{
    jw_demand *d = &t->demand;
    int64_t midnight_ns = end_ns - end_ns % DAY_NS;
    if (begin_ns < midnight_ns && midnight_ns < end_ns) {
        draw_matrix(world, t, begin_ns, midnight_ns);
        draw_matrix(world, t, midnight_ns, end_ns);
    } else {
        draw_matrix(world, t, begin_ns, end_ns);
    }
    while (d->next_trip < d->data.trip_count && d->data.trips[d->next_trip].depart_ns < end_ns)
        if (!queue_listed(world, t, d->next_trip++))
            return;
}

/* ---- taking over -----------------------------------------------------------------------------------------
 */

typedef struct sort_key {
    int64_t depart_ns;
    uint32_t place;
} sort_key;

static int compare_keys(const void *a, const void *b)
{
    const sort_key *p = a, *q = b;
    if (p->depart_ns != q->depart_ns)
        return p->depart_ns < q->depart_ns ? -1 : 1;
    return p->place < q->place ? -1 : p->place > q->place;
}

static jw_result sort_trips(jw_demand_data *data, jw_error *error)
{
    bool is_sorted = true;
    for (uint32_t k = 1; k < data->trip_count; k++)
        is_sorted = is_sorted && data->trips[k - 1].depart_ns <= data->trips[k].depart_ns;
    if (is_sorted)
        return JW_OK;
    sort_key *keys = jw_alloc(data->trip_count * sizeof *keys);
    jw_listed_trip *trips = jw_alloc(data->trip_count * sizeof *trips);
    if (keys && trips) {
        for (uint32_t k = 0; k < data->trip_count; k++)
            keys[k] = (sort_key){data->trips[k].depart_ns, k};
        qsort(keys, data->trip_count, sizeof *keys, compare_keys);
        for (uint32_t k = 0; k < data->trip_count; k++)
            trips[k] = data->trips[keys[k].place];
        memcpy(data->trips, trips, data->trip_count * sizeof *trips);
    }
    bool is_done = keys && trips;
    jw_free(keys);
    jw_free(trips);
    return is_done ? JW_OK : jw_fail_memory(error);
}

jw_result jw_demand_take_data(jw_traffic *t, const jw_demand_data *from, jw_error *error)
{
    jw_demand *d = &t->demand;
    jw_result result = jw_demand_data_check(from, t->city, error);
    if (!result)
        result = jw_demand_data_copy(&d->data, from, error);
    if (!result)
        result = sort_trips(&d->data, error);
    while (d->next_trip < d->data.trip_count && d->data.trips[d->next_trip].depart_ns < d->next_ns)
        d->next_trip++;
    d->data_hash = jw_demand_data_hash(&d->data);
    return result;
}
