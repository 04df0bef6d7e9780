/* Save, load, hash. Saving and hashing are one description of the state, written to one of two sinks, so that
 * whatever is saved is hashed and the other way round. Routes are kept from where the vehicle is: the way
 * behind it influences nothing. Metrics of the router, geometry, rows and overhanging tails are derived
 * again. */
#include "traffic/traffic_siren.h"

#include <math.h> /* isfinite alone */
#include <string.h>

#define TRIPS_MAX    50000000u
#define VEHICLES_MAX 20000000u

/* ---- the sink --------------------------------------------------------------------------------------------
 */

typedef struct sink {
    jw_writer *writer; /* NULL: hash */
    uint64_t hash;
} sink;

static void put_u64(sink *s, uint64_t value)
{
    if (s->writer)
        jw_write_u64(s->writer, value);
    else
        s->hash = jw_hash_u64(s->hash, value);
}

static void put_u32(sink *s, uint32_t value)
{
    if (s->writer)
        jw_write_u32(s->writer, value);
    else
        s->hash = jw_hash_u64(s->hash, value);
}

static void put_f32(sink *s, float value)
{
    if (s->writer)
        jw_write_f32(s->writer, value);
    else
        s->hash = jw_hash_f64(s->hash, value);
}

static void put_f64(sink *s, double value)
{
    if (s->writer)
        jw_write_f64(s->writer, value);
    else
        s->hash = jw_hash_f64(s->hash, value);
}

static void put_array(sink *s, const void *items, uint32_t count, size_t size)
{
    if (s->writer)
        jw_write_array(s->writer, items, count, size);
    else
        s->hash = jw_hash_bytes(jw_hash_u64(s->hash, count), items, (size_t)count * size);
}

/* Fields of structs, by kind: unsigned or signed whole numbers, and reals. */
#define DEMAND_REALS(X)                                                                                      \
    X(factor)                                                                                                \
    X(trips_per_person_day)                                                                                  \
    X(decay_per_km)                                                                                          \
    X(through_share)                                                                                         \
    X(truck_share)                                                                                           \
    X(shuttle_share)                                                                                         \
    X(through_per_day)                                                                                       \
    X(chains_per_resident)                                                                                   \
    X(work_share) X(stop_share) X(ebike_share) X(bicycle_share) X(peak_begin_s) X(peak_end_s) X(peak_factor)
#define WALK_REALS(X) X(trips_per_person_day) X(decay_per_km) X(yield_share)
#define KERB_REALS(X) X(dropoff_share) X(dropoff_s) X(delivery_share) X(delivery_s) X(spaces_per_100m)
#define SIGNAL_REALS(X)                                                                                      \
    X(passage_s) X(detector_m) X(decision_s) X(wave_kmh) X(wave_cycle_s) X(priority_s) X(connected_share)
#define TYPE_REALS(X)                                                                                        \
    X(length_m)                                                                                              \
    X(width_m)                                                                                               \
    X(max_speed_mps)                                                                                         \
    X(desired_headway_s)                                                                                     \
    X(min_gap_m)                                                                                             \
    X(accel_mps2)                                                                                            \
    X(decel_mps2)                                                                                            \
    X(emergency_decel_mps2)                                                                                  \
    X(speed_factor_mean)                                                                                     \
    X(speed_factor_sd)                                                                                       \
    X(politeness) X(change_threshold_mps2) X(electric_share) X(mass_kg) X(coolness) X(sigma)
#define COUNT_WHOLES(X)                                                                                      \
    X(created)                                                                                               \
    X(waiting)                                                                                               \
    X(departed)                                                                                              \
    X(running_at_start)                                                                                      \
    X(arrived)                                                                                               \
    X(removed)                                                                                               \
    X(impossible)                                                                                            \
    X(vehicle_updates) X(emergency_brakings) X(rerouted) X(stops) X(double_parked) X(missed_stops)
#define EMITTED_REALS(X) X(co2_g) X(nox_g) X(pm_g) X(fuel_ml) X(energy_wh)
#define SAMPLE_WHOLES(X) X(next_ns) X(conflicts) X(halts) X(queued) X(lanes) X(queued_most)
#define VEHICLE_WHOLES(X)                                                                                    \
    X(wish_ms)                                                                                               \
    X(depart_ms)                                                                                             \
    X(tag)                                                                                                   \
    X(number)                                                                                                \
    X(edge)                                                                                                  \
    X(entered_ms)                                                                                            \
    X(from_edge)                                                                                             \
    X(to_edge)                                                                                               \
    X(standing_ms)                                                                                           \
    X(halts)                                                                                                 \
    X(depart_lane) X(prev[0]) X(prev[1]) X(person1) X(plan1)
#define VEHICLE_REALS(X) X(arrive_s_m) X(free_s) X(way_m) X(own_free_s) X(depart_s_m) X(depart_mps)
#define TRIP_WHOLES(X)                                                                                       \
    X(depart_ns)                                                                                             \
    X(tag)                                                                                                   \
    X(number)                                                                                                \
    X(from_edge)                                                                                             \
    X(to_edge)                                                                                               \
    X(next)                                                                                                  \
    X(person1)                                                                                               \
    X(plan1)                                                                                                 \
    X(vehicle_class) X(type1) X(is_live) X(is_used) X(has_route) X(is_wish) X(depart_lane) X(depart_speed)
#define TRIP_REALS(X)         X(from_s_m) X(arrive_s_m) X(depart_mps)
#define DISTURBANCE_WHOLES(X) X(begin_ns) X(end_ns) X(trip) X(number) X(kind) X(edge) X(lane) X(has_departed)
#define DISTURBANCE_REALS(X)  X(pos_m) X(x_m) X(y_m) X(radius_m) X(limit_mps) X(amount)

/* ---- describe --------------------------------------------------------------------------------------------
 */

static void put_def(sink *s, const jw_traffic_def *def)
{
    put_u64(s, def->demand.is_gravity);
    put_u64(s, def->demand.max_running);
    put_u64(s, def->signals.control);
    put_u64(s, def->signals.has_priority);
    put_f64(s, def->reroute_share);
    put_f64(s, def->router_interval_s);
    put_f64(s, def->sample_interval_s);
    put_f64(s, def->reroute_interval_s);
    put_f64(s, def->reroute_gain);
#define X(name) put_f64(s, def->signals.name);
    SIGNAL_REALS(X)
#undef X
#define X(name) put_f64(s, def->demand.name);
    DEMAND_REALS(X)
#undef X
#define X(name) put_f64(s, def->kerb.name);
    KERB_REALS(X)
#undef X
#define X(name) put_f64(s, def->walk.name);
    WALK_REALS(X)
#undef X
    put_u64(s, def->is_euler);
    put_f64(s, def->keep_right_mps2);
}

static void put_types(sink *s, const jw_traffic *t)
{
    put_u64(s, t->type_count);
    for (uint32_t k = 0; k < t->type_count; k++) {
        put_u64(s, (uint64_t)t->type_defs[k].vehicle_class);
        put_u64(s, (uint64_t)t->type_defs[k].model);
#define X(name) put_f64(s, t->type_defs[k].name);
        TYPE_REALS(X)
#undef X
    }
}

static void put_vehicle(sink *s, const jw_traffic *t, const jw_car *car)
{
    const jw_vehicle *v = &t->vehicles[car->slot];
#define JW_X(name) put_f32(s, car->name);
    JW_CAR_REALS(JW_X)
#undef JW_X
#define JW_X(type, name) put_u32(s, (uint32_t)car->name);
    JW_CAR_WHOLES(JW_X)
#undef JW_X
    put_u32(s, (uint32_t)car->is_close | (uint32_t)car->has_halted << 1 | (uint32_t)car->is_electric << 2);
    put_u32(s, car->strip);
    put_u32(s, car->is_aside);
#define X(name) put_u64(s, (uint64_t)v->name);
    VEHICLE_WHOLES(X)
#undef X
#define X(name) put_f64(s, v->name);
    VEHICLE_REALS(X)
#undef X
    put_u32(s, v->vehicle_class | v->is_live << 5 | v->is_halted << 6 | (uint32_t)v->is_cut_off << 7);
    put_array(s, t->route_turns ? t->route_turns + v->route_first : NULL, v->route_count, 1);
}

/* By track, then from front to back. */
static void put_vehicles(sink *s, const jw_traffic *t)
{
    put_u64(s, t->running);
    for (uint32_t track = 0; track < t->net.track_count + t->net.edge_count; track++)
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++)
            put_vehicle(s, t, &t->cars[p]);
}

static void put_trips(sink *s, const jw_traffic *t)
{
    put_u64(s, t->trip_number);
    put_u64(s, t->trip_free);
    put_u64(s, t->queued);
    put_u64(s, t->trip_count);
    for (uint32_t k = 0; k < t->trip_count; k++) {
        const jw_trip *trip = &t->trips[k];
#define X(name) put_u64(s, (uint64_t)trip->name);
        TRIP_WHOLES(X)
#undef X
#define X(name) put_f64(s, trip->name);
        TRIP_REALS(X)
#undef X
        put_array(s, trip->route_count ? t->route_turns + trip->route_first : NULL, trip->route_count, 1);
    }
    if (s->writer)
        jw_person_save(&t->persons, s->writer);
    else
        put_u64(s, jw_person_hash(&t->persons));
    if (s->writer)
        jw_stops_save(t, s->writer);
    else
        s->hash = jw_stops_hash(t, s->hash);
    if (s->writer)
        jw_buses_save(t, s->writer);
    else
        s->hash = jw_buses_hash(t, s->hash);
    if (s->writer)
        jw_detectors_save(t, s->writer);
    else
        s->hash = jw_detectors_hash(t, s->hash);
    if (s->writer)
        jw_walk_save(t, s->writer);
    else
        s->hash = jw_walk_hash(t, s->hash);
    put_array(s, t->pending, t->pending_count, sizeof(uint32_t));
    put_array(s, t->edge_entered, t->net.edge_count, sizeof(uint32_t));
    put_array(s, t->edge_departed, t->net.edge_count, sizeof(uint32_t));
    put_array(s, t->queue_head, t->net.edge_count, sizeof(uint32_t));
    put_array(s, t->queue_tail, t->net.edge_count, sizeof(uint32_t));
}

static void put_roads(sink *s, const jw_traffic *t)
{
    const jw_disturbances *all = &t->disturbances;
    put_array(s, all->limit_mps, t->net.lane_count, sizeof *all->limit_mps);
    put_array(s, t->lane_closed, t->net.lane_count, 1);
    put_u64(s, all->last_number);
    put_u64(s, all->count);
    for (uint32_t k = 0; k < all->count; k++) {
        const jw_disturbance *d = &all->items[k];
#define X(name) put_u64(s, (uint64_t)d->name);
        DISTURBANCE_WHOLES(X)
#undef X
#define X(name) put_f32(s, d->name);
        DISTURBANCE_REALS(X)
#undef X
    }
    if (s->writer)
        jw_signals_save(t, s->writer);
    else
        s->hash = jw_signals_hash(t, s->hash);
}

/* The order of contraction follows from the city, but takes longer to find than to keep. */
static void put_router(sink *s, const jw_traffic *t)
{
    const jw_router *r = &t->router;
    put_array(s, r->live_ms, t->net.turn_count, sizeof *r->live_ms);
    put_array(s, r->pass_count, t->net.turn_count, sizeof *r->pass_count);
    put_array(s, r->pass_sum_ms, t->net.turn_count, sizeof *r->pass_sum_ms);
    put_u64(s, (uint64_t)r->begun_ns);
    put_u64(s, r->is_rebuilding);
    if (r->is_rebuilding)
        put_array(s, r->next_ms, t->net.turn_count, sizeof *r->next_ms);
}

static void describe(sink *s, const jw_traffic *t)
{
    put_def(s, &t->def);
    put_types(s, t);
    if (s->writer)
        jw_demand_data_save(&t->demand.data, s->writer);
    else
        put_u64(s, t->demand.data_hash);
    put_u64(s, (uint64_t)t->now_ns);
    put_array(s, t->router.hierarchy.rank_of_edge, t->net.edge_count, sizeof(uint32_t));
    put_roads(s, t);
    put_vehicles(s, t);
    put_trips(s, t);
    put_router(s, t);
    put_u64(s, (uint64_t)t->demand.next_ns);
    put_f64(s, t->demand.factor);
    put_u64(s, t->demand.next_trip);
#define X(name) put_u64(s, (uint64_t)t->counts.name);
    COUNT_WHOLES(X)
#undef X
    put_f64(s, t->depart_wait_sum_s);
    put_f64(s, t->travel_sum_s);
    put_f64(s, t->delay_sum_s);
#define X(name) put_f64(s, t->emitted.name);
    EMITTED_REALS(X)
#undef X
#define X(name) put_u64(s, (uint64_t)t->sample.name);
    SAMPLE_WHOLES(X)
#undef X
    put_f64(s, t->sample.way_m);
}

void jw_traffic_save(const jw_world *world, const void *state, jw_writer *writer)
{
    const jw_traffic *t = state;
    (void)world;
    sink s = {writer, 0};
    jw_pool_save(&t->pool, writer);
    describe(&s, t);
}

uint64_t jw_traffic_hash(const jw_world *world, const void *state)
{
    const jw_traffic *t = state;
    (void)world;
    sink s = {NULL, 1};
    /* Of the pool what decides later ids: generations and the order of the free slots. */
    put_array(&s, t->pool.generations, t->pool.slot_count, sizeof(uint32_t));
    put_array(&s, t->pool.free_slots, t->pool.free_count, sizeof(uint32_t));
    describe(&s, t);
    return s.hash;
}

/* ---- load ------------------------------------------------------------------------------------------------
 */

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
    SIGNAL_REALS(X)
#undef X
#define X(name) expect(r, isfinite(def->demand.name = jw_read_f64(r)), "demand");
    DEMAND_REALS(X)
#undef X
    expect(r,
           def->demand.factor <= 100 && def->demand.peak_factor <= 100 &&
               def->demand.trips_per_person_day <= 100 && def->demand.through_per_day <= 1e8 &&
               def->demand.chains_per_resident <= 5,
           "demand");
#define X(name) expect(r, isfinite(def->kerb.name = jw_read_f64(r)), "kerbs");
    KERB_REALS(X)
#undef X
#define X(name) expect(r, isfinite(def->walk.name = jw_read_f64(r)), "walking");
    WALK_REALS(X)
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
        TYPE_REALS(X)
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
        DISTURBANCE_WHOLES(X)
#undef X
#define X(name) d.name = jw_read_f32(r);
        DISTURBANCE_REALS(X)
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
        expect(r, t->lane_closed[k] <= (JW_CLOSED_BY_HAND | JW_CLOSED_BY_WORKS), "a closure");
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
    VEHICLE_WHOLES(X)
#undef X
#define X(name) expect(r, isfinite(v->name = (float)jw_read_f64(r)), "a vehicle's way");
    VEHICLE_REALS(X)
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
        TRIP_WHOLES(X)
#undef X
#define X(name) expect(r, isfinite(trip->name = (float)jw_read_f64(r)), "a trip");
        TRIP_REALS(X)
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
    COUNT_WHOLES(X)
#undef X
    t->depart_wait_sum_s = jw_read_f64(r);
    t->travel_sum_s = jw_read_f64(r);
    t->delay_sum_s = jw_read_f64(r);
#define X(name) expect(r, isfinite(t->emitted.name = jw_read_f64(r)), "emissions");
    EMITTED_REALS(X)
#undef X
#define X(name)                                                                                              \
    t->sample.name = (__typeof__(t->sample.name))jw_read_u64(r);                                             \
    expect(r, t->sample.name<INT64_MAX / 4 && (int64_t)t->sample.name> - INT64_MAX / 4, "a sum of samples");
    SAMPLE_WHOLES(X)
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
