/* Save and hash (traffic_load.c reads it again): one description of the state, written to one of two sinks,
 * so that whatever is saved is hashed and the other way round. Routes are kept from where the vehicle is: the
 * way behind it influences nothing. Metrics of the router, geometry, rows and overhanging tails are derived
 * again. */
#include "traffic/traffic_state.h"

#include <string.h>

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
    JW_STATE_SIGNAL_REALS(X)
#undef X
#define X(name) put_f64(s, def->demand.name);
    JW_STATE_DEMAND_REALS(X)
#undef X
#define X(name) put_f64(s, def->kerb.name);
    JW_STATE_KERB_REALS(X)
#undef X
#define X(name) put_f64(s, def->walk.name);
    JW_STATE_WALK_REALS(X)
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
        JW_STATE_TYPE_REALS(X)
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
    JW_STATE_VEHICLE_WHOLES(X)
#undef X
#define X(name) put_f64(s, v->name);
    JW_STATE_VEHICLE_REALS(X)
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
        JW_STATE_TRIP_WHOLES(X)
#undef X
#define X(name) put_f64(s, trip->name);
        JW_STATE_TRIP_REALS(X)
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
        JW_STATE_DISTURBANCE_WHOLES(X)
#undef X
#define X(name) put_f32(s, d->name);
        JW_STATE_DISTURBANCE_REALS(X)
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
    JW_STATE_COUNT_WHOLES(X)
#undef X
    put_f64(s, t->depart_wait_sum_s);
    put_f64(s, t->travel_sum_s);
    put_f64(s, t->delay_sum_s);
#define X(name) put_f64(s, t->emitted.name);
    JW_STATE_EMITTED_REALS(X)
#undef X
#define X(name) put_u64(s, (uint64_t)t->sample.name);
    JW_STATE_SAMPLE_WHOLES(X)
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
