/* Load: the bytes are foreign. Whatever would let the step read or write beyond its arrays, or never end, is
 * refused. What is derived is made again. */
#include "traffic/traffic_state.h"

#include <math.h> /* isfinite alone */
#include <string.h>

#define TRIPS_MAX    50000000u
#define VEHICLES_MAX 20000000u

/* An array of exactly `count` elements into memory that is there. */
static void read_into(jw_reader *r, void *out, uint32_t count, size_t size)
{
    void *items = NULL;
    uint32_t found = 0;
    jw_read_array(r, &items, &found, size, count);
    if (!r->failed && found != count)
        jw_reader_fail(r, "traffic: an array has %u elements where this city needs %u", found, count);
    if (!r->failed && count)
        memcpy(out, items, (size_t)count * size);
    jw_free(items);
}

static bool expect(jw_reader *r, bool is_good, const char *what)
{
    if (!is_good && !r->failed)
        jw_reader_fail(r, "traffic: %s out of range", what);
    return !r->failed;
}

static void read_def(jw_reader *r, jw_traffic_def *def)
{
    def->demand.is_gravity = jw_read_u64(r) != 0;
    def->demand.max_running = (uint32_t)jw_read_u64(r);
    uint64_t control = jw_read_u64(r);
    expect(r, control < JW_SIGNAL_CONTROL_COUNT, "signal control");
    def->signals.control = (jw_signal_control)control;
    def->signals.has_priority = jw_read_u64(r) != 0;
    def->reroute_share = jw_read_f64(r);
    def->router_interval_s = jw_read_f64(r);
    def->sample_interval_s = jw_read_f64(r);
    expect(r, def->sample_interval_s > 0 && def->sample_interval_s <= 3600, "sample_interval_s");
    def->reroute_interval_s = jw_read_f64(r);
    def->reroute_gain = jw_read_f64(r);
#define X(name) expect(r, isfinite(def->signals.name = jw_read_f64(r)), "signals");
    JW_STATE_SIGNAL_REALS(X)
#undef X
#define X(name) expect(r, isfinite(def->demand.name = jw_read_f64(r)), "demand");
    JW_STATE_DEMAND_REALS(X)
#undef X
    expect(r,
           def->demand.factor <= 100 && def->demand.peak_factor <= 100 &&
               def->demand.trips_per_person_day <= 100 && def->demand.through_per_day <= 1e8 &&
               def->demand.chains_per_resident <= 5,
           "demand");
#define X(name) expect(r, isfinite(def->kerb.name = jw_read_f64(r)), "kerbs");
    JW_STATE_KERB_REALS(X)
#undef X
#define X(name) expect(r, isfinite(def->walk.name = jw_read_f64(r)), "walking");
    JW_STATE_WALK_REALS(X)
#undef X
    def->is_euler = jw_read_u64(r) != 0;
    expect(r, isfinite(def->keep_right_mps2 = jw_read_f64(r)), "bias of lane changes");
    expect(r,
           def->router_interval_s >= 1 && isfinite(def->router_interval_s) && isfinite(def->reroute_share) &&
               isfinite(def->reroute_interval_s) && isfinite(def->reroute_gain),
           "router settings");
    expect(r, def->signals.decision_s >= 1 && def->signals.passage_s > 0, "signal settings");
}

/* What they say is checked when they are made ready. */
static void read_types(jw_traffic *t, jw_reader *r)
{
    uint64_t count = jw_read_u64(r);
    if (!expect(r, count >= JW_VEHICLE_CLASS_COUNT && count <= JW_VEHICLE_CLASS_COUNT + JW_EXTRA_TYPES_MAX,
                "number of vehicle types"))
        return;
    t->type_count = (uint32_t)count;
    t->type_defs = jw_alloc(t->type_count * sizeof *t->type_defs);
    if (!t->type_defs) {
        jw_reader_fail(r, "out of memory");
        return;
    }
    for (uint32_t k = 0; k < count; k++) {
        t->type_defs[k].vehicle_class = (jw_vehicle_class)jw_read_u64(r);
        t->type_defs[k].model = (jw_follow_model)jw_read_u64(r);
#define X(name) t->type_defs[k].name = jw_read_f64(r);
        JW_STATE_TYPE_REALS(X)
#undef X
        expect(r, k >= JW_VEHICLE_CLASS_COUNT || (uint32_t)t->type_defs[k].vehicle_class == k,
               "vehicle type");
    }
}

/* Turns that can be made one after the other, to the end of the pool; returns the edge they lead to. */
static uint32_t read_route(jw_traffic *t, jw_reader *r, uint32_t edge, uint32_t *first, uint32_t *count)
{
    const jw_traffic_net *net = &t->net;
    uint8_t *turns = NULL;
    jw_read_array(r, &turns, count, 1, 10u * net->edge_count + 1000000);
    for (uint32_t k = 0; !r->failed && k < *count; k++)
        if (expect(r, turns[k] < net->turn_first[edge + 1] - net->turn_first[edge], "a turn of a route"))
            edge = net->turn_to[net->turn_first[edge] + turns[k]];
    jw_error error = {0};
    if (!r->failed && *count) {
        if (jw_grow(&t->route_turns, &t->route_capacity, (uint64_t)t->route_used + *count, 1, &error)) {
            jw_reader_fail(r, "out of memory");
        } else {
            memcpy(t->route_turns + t->route_used, turns, *count);
            *first = t->route_used;
            t->route_used += *count;
        }
    }
    if (r->failed)
        *count = 0;
    jw_free(turns);
    return edge;
}

/* The order of contraction must be known before the module is prepared. */
static void read_order(jw_traffic *t, jw_reader *r, const jw_city *city)
{
    uint32_t count = 0;
    uint8_t *seen = jw_alloc(city->edge_count + 1);
    jw_read_array(r, &t->router.given_rank, &count, sizeof(uint32_t), city->edge_count);
    if (!seen)
        jw_reader_fail(r, "out of memory");
    expect(r, count == city->edge_count, "number of ranks");
    for (uint32_t e = 0; !r->failed && e < count; e++)
        if (expect(r, t->router.given_rank[e] < count && !seen[t->router.given_rank[e]], "a rank"))
            seen[t->router.given_rank[e]] = 1;
    jw_free(seen);
    if (r->failed) {
        jw_free(t->router.given_rank);
        t->router.given_rank = NULL;
    }
}

static void read_router(jw_traffic *t, jw_reader *r)
{
    jw_router *router = &t->router;
    read_into(r, router->live_ms, t->net.turn_count, sizeof *router->live_ms);
    read_into(r, router->pass_count, t->net.turn_count, sizeof *router->pass_count);
    read_into(r, router->pass_sum_ms, t->net.turn_count, sizeof *router->pass_sum_ms);
    router->begun_ns = (int64_t)jw_read_u64(r);
    router->is_rebuilding = jw_read_u64(r) != 0;
    if (router->is_rebuilding)
        read_into(r, router->next_ms, t->net.turn_count, sizeof *router->next_ms);
    for (uint32_t k = 0; k < t->net.turn_count; k++)
        expect(r, router->live_ms[k] < JW_CLOSED_MS && router->next_ms[k] < JW_CLOSED_MS, "a travel time");
}

static bool is_good_disturbance(const jw_traffic *t, const jw_disturbance *d)
{
    bool is_on_lane = d->kind == JW_DISTURB_INCIDENT || d->kind == JW_DISTURB_WORKS;
    return (uint32_t)d->kind < JW_DISTURB_COUNT && (d->edge == JW_NONE || d->edge < t->net.edge_count) &&
           (is_on_lane ? d->lane < t->net.lane_count && d->edge == t->net.lane_edge[d->lane]
                       : d->lane == JW_NONE) &&
           d->pos_m >= 0 && d->pos_m < JW_FAR && isfinite(d->x_m) && isfinite(d->y_m) &&
           isfinite(d->radius_m) && d->limit_mps >= 0 && d->limit_mps < 200 && isfinite(d->amount) &&
           d->has_departed <= 1;
}

static void read_disturbances(jw_traffic *t, jw_reader *r)
{
    jw_disturbances *all = &t->disturbances;
    all->last_number = (uint32_t)jw_read_u64(r);
    uint64_t count = jw_read_u64(r);
    if (!expect(r, count <= JW_DISTURBANCE_MAX, "number of disturbances"))
        return;
    for (uint32_t k = 0; k < count; k++) {
        jw_disturbance d = {.slot = JW_NONE};
#define X(name) d.name = (__typeof__(d.name))jw_read_u64(r);
        JW_STATE_DISTURBANCE_WHOLES(X)
#undef X
#define X(name) d.name = jw_read_f32(r);
        JW_STATE_DISTURBANCE_REALS(X)
#undef X
        if (!expect(r, is_good_disturbance(t, &d), "a disturbance"))
            return;
        all->items[all->count++] = d;
        if (d.kind == JW_DISTURB_INCIDENT)
            t->obstacle_m[d.lane] = d.pos_m;
    }
    jw_disturb_refresh_limits(t);
    jw_disturb_refresh_closures(t);
    jw_disturb_find_weather(t);
}

static void read_roads(jw_traffic *t, jw_reader *r)
{
    float *limits = t->disturbances.limit_mps;
    read_into(r, limits, t->net.lane_count, sizeof *limits);
    read_into(r, t->lane_closed, t->net.lane_count, 1);
    for (uint32_t k = 0; k < t->net.lane_count && !r->failed; k++) {
        expect(r, limits[k] > 0 && limits[k] < 200, "a speed limit");
        t->closed_count += t->lane_closed[k] != 0;
    }
    read_disturbances(t, r);
    jw_signals_load(t, r);
}

static bool is_good_car(const jw_traffic *t, const jw_car *car)
{
    uint32_t track = car->track, next = car->next, slot = car->slot;
    if (track >= t->net.track_count + t->net.edge_count || slot >= t->pool.slot_count ||
        !(t->pool.generations[slot] & 1) || t->place_of_slot[slot] != JW_NONE || car->type >= t->type_count)
        return false;
    if (jw_is_lane(t, track)
            ? next != JW_NONE && (next >= t->net.connection_count || t->net.ways[next].from_lane != track)
            : next != (jw_is_kerb(t, track) ? JW_NONE : track - t->net.lane_count))
        return false;
    return car->pos_m >= 0 && car->pos_m <= t->tracks[track].length_m + 1 && car->speed_mps >= 0 &&
           car->speed_mps < 200 && isfinite(car->accel_mps2) && isfinite(car->factor) &&
           isfinite(car->headway_s) && isfinite(car->wait_s) && isfinite(car->used);
}

/* The track is a good one. */
static bool is_good_strip(const jw_traffic *t, const jw_car *car, uint32_t strip)
{
    return strip <= t->tracks[car->track].strips && (strip != 0) == (t->types[car->type].is_narrow != 0);
}

static void read_vehicle(jw_traffic *t, jw_reader *r)
{
    jw_car car = {.hold_m = JW_FAR};
#define JW_X(name) car.name = jw_read_f32(r);
    JW_CAR_REALS(JW_X)
#undef JW_X
#define JW_X(type, name) car.name = (type)jw_read_u32(r);
    JW_CAR_WHOLES(JW_X)
#undef JW_X
    uint32_t bits = jw_read_u32(r);
    car.is_close = bits & 1;
    car.has_halted = bits >> 1 & 1;
    car.is_electric = bits >> 2 & 1;
    uint32_t strip = jw_read_u32(r);
    car.strip = strip & 7;
    car.is_aside = jw_read_u32(r) & 1;
    if (!expect(r, is_good_car(t, &car) && is_good_strip(t, &car, strip), "a vehicle"))
        return;
    car.is_siren = t->types[car.type].vehicle_class == JW_VEHICLE_EMERGENCY;
    jw_vehicle *v = &t->vehicles[car.slot];
#define X(name) v->name = (__typeof__(v->name))jw_read_u64(r);
    JW_STATE_VEHICLE_WHOLES(X)
#undef X
#define X(name) expect(r, isfinite(v->name = (float)jw_read_f64(r)), "a vehicle's way");
    JW_STATE_VEHICLE_REALS(X)
#undef X
    uint32_t marks = jw_read_u32(r);
    v->vehicle_class = marks & 31;
    v->is_live = marks >> 5 & 1;
    v->is_halted = marks >> 6 & 1;
    v->is_cut_off = marks >> 7 & 1;
    bool is_good = v->edge < t->net.edge_count &&
                   read_route(t, r, v->edge, &v->route_first, &v->route_count) == v->to_edge &&
                   v->from_edge < t->net.edge_count && v->vehicle_class == t->types[car.type].vehicle_class;
    for (uint32_t k = 0; k < 2; k++)
        is_good = is_good && (v->prev[k] == JW_NONE || v->prev[k] < t->net.track_count);
    car.is_last = !v->route_count;
    t->counts.cut_off += v->is_cut_off;
    if (!expect(r, is_good, "a vehicle's trip"))
        return;
    if (jw_traffic_put_car(t, &car) == JW_NONE || (car.is_aside && !jw_siren_note_yielder(t, car.slot)))
        jw_reader_fail(r, "out of memory");
}

static void read_vehicles(jw_traffic *t, jw_reader *r)
{
    uint64_t running = jw_read_u64(r);
    jw_error error = {0};
    if (!expect(r, running <= VEHICLES_MAX && running == t->pool.alive_count, "number of vehicles"))
        return;
    if (jw_traffic_grow_slots(t, t->pool.slot_count + 1, &error)) {
        jw_reader_fail(r, "out of memory");
        return;
    }
    memset(t->place_of_slot, 0xFF, t->slot_capacity * sizeof(uint32_t));
    for (; t->running < running && !r->failed; t->running++)
        read_vehicle(t, r);
}

static void read_trips(jw_world *world, jw_traffic *t, jw_reader *r)
{
    t->trip_number = jw_read_u64(r);
    t->trip_free = (uint32_t)jw_read_u64(r);
    t->queued = (uint32_t)jw_read_u64(r);
    uint64_t count = jw_read_u64(r);
    jw_error error = {0};
    if (!expect(r, count <= TRIPS_MAX && count <= r->size, "number of trips"))
        return;
    if (count && jw_grow(&t->trips, &t->trip_capacity, count, sizeof *t->trips, &error)) {
        jw_reader_fail(r, "out of memory");
        return;
    }
    for (uint32_t k = 0; k < count && !r->failed; k++) {
        jw_trip *trip = &t->trips[k];
#define X(name) trip->name = (__typeof__(trip->name))jw_read_u64(r);
        JW_STATE_TRIP_WHOLES(X)
#undef X
#define X(name) expect(r, isfinite(trip->name = (float)jw_read_f64(r)), "a trip");
        JW_STATE_TRIP_REALS(X)
#undef X
        uint32_t end = trip->to_edge;
        if (expect(r, trip->from_edge < t->net.edge_count, "a trip"))
            end = read_route(t, r, trip->from_edge, &trip->route_first, &trip->route_count);
        expect(r,
               trip->to_edge < t->net.edge_count && (end == trip->to_edge || !trip->route_count) &&
                   trip->vehicle_class < JW_VEHICLE_CLASS_COUNT &&
                   (uint32_t)JW_VEHICLE_CLASS_COUNT + trip->type1 <= t->type_count &&
                   (trip->next == JW_NONE || trip->next < count),
               "a trip");
        t->trip_count = k + 1;
    }
    jw_person_load(t, r);
    if (!r->failed)
        jw_stops_load(t, r);
    if (!r->failed)
        jw_buses_load(t, r);
    if (!r->failed)
        jw_detectors_load(t, r);
    if (!r->failed)
        jw_walk_load(world, t, r);
    jw_read_array(r, &t->pending, &t->pending_count, sizeof(uint32_t), count);
    t->pending_capacity = r->failed ? 0 : t->pending_count;
    for (uint32_t k = 0; !r->failed && k < t->pending_count; k++)
        expect(r, t->pending[k] < count, "a pending trip");
    read_into(r, t->edge_entered, t->net.edge_count, sizeof(uint32_t));
    read_into(r, t->edge_departed, t->net.edge_count, sizeof(uint32_t));
    read_into(r, t->queue_head, t->net.edge_count, sizeof(uint32_t));
    read_into(r, t->queue_tail, t->net.edge_count, sizeof(uint32_t));
    for (uint32_t e = 0; !r->failed && e < t->net.edge_count; e++)
        expect(r,
               (t->queue_head[e] == JW_NONE) == (t->queue_tail[e] == JW_NONE) &&
                   (t->queue_head[e] == JW_NONE || (t->queue_head[e] < count && t->queue_tail[e] < count)),
               "a queue");
    expect(r, t->trip_free == JW_NONE || t->trip_free < count, "the free trips");
}

void jw_traffic_load(jw_world *world, void *state, jw_reader *r)
{
    jw_traffic *t = state;
    jw_error error = {0};
    jw_pool pool = {0};
    jw_pool_load(&pool, r);
    t->pool = pool;
    read_def(r, &t->def);
    if (!r->failed)
        read_types(t, r);
    jw_demand_data data = {0};
    jw_demand_data_load(&data, r);
    t->now_ns = (int64_t)jw_read_u64(r);
    const jw_shared_city *shared = jw_world_shared(world);
    if (!r->failed && shared && shared->city)
        read_order(t, r, shared->city);
    t->def.demand_data = &data;
    if (!r->failed && jw_traffic_prepare(world, t, &error))
        jw_reader_fail(r, "traffic: %s", error.message);
    t->def.demand_data = NULL;
    jw_demand_data_free(&data);
    if (r->failed)
        return;
    read_roads(t, r);
    if (!r->failed)
        read_vehicles(t, r);
    if (!r->failed)
        read_trips(world, t, r);
    if (!r->failed)
        read_router(t, r);
    t->demand.next_ns = (int64_t)jw_read_u64(r);
    expect(r, t->demand.next_ns >= jw_world_time_ns(world), "the demand drawn so far");
    expect(r, (t->demand.factor = jw_read_f64(r)) >= 0 && t->demand.factor <= 100, "demand factor");
    uint64_t next_trip = jw_read_u64(r);
    expect(r, next_trip <= t->demand.data.trip_count, "the next trip");
    t->demand.next_trip = (uint32_t)next_trip;
#define X(name) t->counts.name = (int64_t)jw_read_u64(r);
    JW_STATE_COUNT_WHOLES(X)
#undef X
    t->depart_wait_sum_s = jw_read_f64(r);
    t->travel_sum_s = jw_read_f64(r);
    t->delay_sum_s = jw_read_f64(r);
#define X(name) expect(r, isfinite(t->emitted.name = jw_read_f64(r)), "emissions");
    JW_STATE_EMITTED_REALS(X)
#undef X
#define X(name)                                                                                              \
    t->sample.name = (__typeof__(t->sample.name))jw_read_u64(r);                                             \
    expect(r, t->sample.name<INT64_MAX / 4 && (int64_t)t->sample.name> - INT64_MAX / 4, "a sum of samples");
    JW_STATE_SAMPLE_WHOLES(X)
#undef X
    t->sample.way_m = jw_read_f64(r);
    expect(r, isfinite(t->sample.way_m), "the distance driven");
    if (r->failed)
        return;
    jw_traffic_tidy_places(t);
    jw_traffic_restore_derived(t);
    jw_traffic_net_refresh(t);
    jw_signals_show(t);
    if (!jw_traffic_is_consistent(t, &error))
        jw_reader_fail(r, "traffic: %.120s", error.message);
}
