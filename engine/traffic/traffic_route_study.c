/* What studies ask of the router and the demand: times by turn and hour, and all trips of a span at once. */
#include "traffic/traffic_internal.h"

#include <stdlib.h>
#include <string.h>

jw_turn_graph jw_traffic_turns(const jw_traffic *t)
{
    return (jw_turn_graph){t->net.edge_count, t->net.turn_count, t->net.turn_first, t->net.turn_to};
}

void jw_traffic_free_times(const jw_traffic *t, jw_vehicle_class vehicle_class, uint32_t *out_ms)
{
    jw_traffic_fill_turn_ms(t, jw_traffic_route_kind(t, vehicle_class, false), NULL, out_ms);
}

/* ---- times by turn ---------------------------------------------------------------------------------------
 */

jw_result jw_turn_times_init(jw_turn_times *times, const jw_traffic *t, int64_t begin_ns, int64_t bin_ns,
                             uint32_t bin_count, jw_error *error)
{
    size_t cells = (size_t)bin_count * t->net.turn_count + 1;
    *times = (jw_turn_times){.begin_ns = begin_ns,
                             .bin_ns = bin_ns,
                             .bin_count = bin_count,
                             .turn_count = t->net.turn_count,
                             .count = jw_alloc(cells * sizeof *times->count),
                             .sum_ms = jw_alloc(cells * sizeof *times->sum_ms)};
    if (times->count && times->sum_ms)
        return JW_OK;
    jw_turn_times_free(times);
    return jw_fail_memory(error);
}

void jw_turn_times_free(jw_turn_times *times)
{
    jw_free(times->count);
    jw_free(times->sum_ms);
    *times = (jw_turn_times){0};
}

void jw_traffic_set_turn_times(jw_traffic *t, jw_turn_times *times)
{
    t->router.times = times;
}

/* From several threads at once: whole numbers sum up to the same in any order. */
void jw_turn_times_note(jw_turn_times *times, uint32_t turn, uint32_t entered_ms, uint32_t time_ms)
{
    int64_t bin = ((int64_t)entered_ms * JW_NS_PER_MS - times->begin_ns) / times->bin_ns;
    bin = bin < 0 ? 0 : bin < times->bin_count ? bin : times->bin_count - 1;
    size_t cell = (size_t)bin * times->turn_count + turn;
    __atomic_fetch_add(&times->count[cell], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&times->sum_ms[cell], time_ms, __ATOMIC_RELAXED);
}

void jw_traffic_note_unfinished(const jw_traffic *t, jw_turn_times *times)
{
    uint32_t now_ms = jw_ms_of(t->now_ns);
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        const jw_vehicle *v = &t->vehicles[slot];
        if (!(t->pool.generations[slot] & 1) || !v->route_count ||
            !t->router.is_motor[t->router.group_of_class[v->vehicle_class]])
            continue;
        uint32_t turn = t->net.turn_first[v->edge] + t->route_turns[v->route_first];
        uint32_t known_ms =
            t->router.live_ms[turn] ? t->router.live_ms[turn] : jw_traffic_free_turn_ms(t, turn, JW_FAR);
        if (now_ms - v->entered_ms > known_ms)
            jw_turn_times_note(times, turn, v->entered_ms, now_ms - v->entered_ms);
    }
}

/* ---- trips -----------------------------------------------------------------------------------------------
 */

typedef struct trip_key {
    int64_t depart_ns;
    uint64_t number;
    uint32_t trip;
} trip_key;

static int compare_trips(const void *a, const void *b)
{
    const trip_key *p = a, *q = b;
    if (p->depart_ns != q->depart_ns)
        return p->depart_ns < q->depart_ns ? -1 : 1;
    return p->number < q->number ? -1 : p->number > q->number;
}

static jw_result list_trip(const jw_traffic *t, const jw_trip *trip, jw_demand_data *out, jw_error *error)
{
    uint32_t count = trip->has_route ? trip->route_count + 1 : 0, edge = trip->from_edge;
    if (jw_grow(&out->trips, &out->trip_capacity, out->trip_count + 1ull, sizeof *out->trips, error) ||
        jw_grow(&out->route_edges, &out->route_edge_capacity, out->route_edge_count + (uint64_t)count,
                sizeof *out->route_edges, error))
        return JW_ERROR_MEMORY;
    out->trips[out->trip_count++] = (jw_listed_trip){.depart_ns = trip->depart_ns,
                                                     .tag = trip->tag,
                                                     .from_edge = trip->from_edge,
                                                     .to_edge = trip->to_edge,
                                                     .first_route = out->route_edge_count,
                                                     .route_count = count,
                                                     .vehicle_class = trip->vehicle_class,
                                                     .type_index1 = trip->type1,
                                                     .from_s_m = trip->from_s_m,
                                                     .arrive_s_m = trip->arrive_s_m,
                                                     .depart_mps = trip->depart_mps,
                                                     .depart_lane = trip->depart_lane,
                                                     .depart_speed = trip->depart_speed};
    for (uint32_t k = 0; k < count; k++) {
        out->route_edges[out->route_edge_count++] = edge;
        if (k + 1 < count)
            edge = t->net.turn_to[t->net.turn_first[edge] + t->route_turns[trip->route_first + k]];
    }
    return JW_OK;
}

jw_result jw_traffic_list_trips(jw_world *world, jw_traffic *t, int64_t end_ns, jw_demand_data *out,
                                int64_t *out_impossible, jw_error *error)
{
    *out = (jw_demand_data){0};
    if (t->def.demand.chains_per_resident > 0)
        return jw_fail(error, JW_ERROR_UNSUPPORTED, NULL, 0,
                       "the trips of persons' days cannot be listed beforehand: they begin when the last one "
                       "ended; leave out demand of model \"chains\"");
    jw_traffic_draw_trips(world, t, end_ns);
    trip_key *keys = jw_alloc((t->trip_count + 1) * sizeof *keys);
    if (!keys)
        return jw_fail_memory(error);
    uint32_t count = 0;
    for (uint32_t k = 0; k < t->trip_count; k++)
        if (t->trips[k].is_used && t->trips[k].depart_ns < end_ns)
            keys[count++] = (trip_key){t->trips[k].depart_ns, t->trips[k].number, k};
    if (count)
        qsort(keys, count, sizeof *keys, compare_trips);
    jw_result result = JW_OK;
    for (uint32_t k = 0; k < count && !result; k++)
        result = list_trip(t, &t->trips[keys[k].trip], out, error);
    jw_free(keys);
    *out_impossible = t->counts.impossible;
    if (result)
        jw_demand_data_free(out);
    return result;
}
