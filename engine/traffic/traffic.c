/* The module: set-up, tear-down, and the step as a list of phases. */
#include "traffic/traffic_internal.h"

#include <string.h>

/* ---- definitions -----------------------------------------------------------------------------------------
 */

static double or_default(double value, double fallback)
{
    return value != 0 ? value : fallback;
}

static jw_result check_def(const jw_traffic_def *def, jw_error *error)
{
    const jw_demand_def *d = &def->demand;
    double shares = d->truck_share + d->shuttle_share + d->ebike_share + d->bicycle_share;
    if (!(d->truck_share >= 0 && d->shuttle_share >= 0 && d->ebike_share >= 0 && d->bicycle_share >= 0 &&
          shares <= 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "demand: the shares of vehicle classes must be 0 to 1 together");
    if (!(d->factor >= 0 && d->factor <= 100 && d->trips_per_person_day > 0 && d->decay_per_km > 0))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "demand: factor must be 0 to 100, trips_per_person_day and decay_per_km above 0");
    if (!(d->through_share >= 0 && d->through_share <= 1 && d->peak_factor >= 0 && d->peak_factor <= 100))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "demand: through_share must be 0 to 1, peak_factor 0 to 100");
    if (!(d->through_per_day >= 0 && d->through_per_day <= 1e8 && d->chains_per_resident >= 0 &&
          d->chains_per_resident <= 5 && d->work_share >= 0 && d->work_share <= 1 && d->stop_share >= 0 &&
          d->stop_share <= 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "demand: through_per_day must be 0 to 1e8, chains_per_resident 0 to 5, work_share and "
                       "stop_share 0 to 1");
    const jw_signal_def *s = &def->signals;
    if (!((unsigned)s->control < JW_SIGNAL_CONTROL_COUNT && s->passage_s >= 0.1 && s->passage_s <= 20 &&
          s->detector_m >= 2 && s->detector_m <= 100 && s->decision_s >= 1 && s->decision_s <= 120 &&
          s->wave_kmh >= 0 && s->wave_kmh <= 150 &&
          (s->wave_cycle_s == 0 || (s->wave_cycle_s >= 20 && s->wave_cycle_s <= 300)) && s->priority_s > 0 &&
          s->priority_s <= 60 && s->connected_share >= 0 && s->connected_share <= 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "signals: passage_s must be 0.1 to 20, detector_m 2 to 100, decision_s 1 to 120, "
                       "wave_kmh 0 to 150, wave_cycle_s 0 or 20 to 300, priority_s up to 60, connected_share "
                       "0 to 1");
    if (!(def->sample_interval_s > 0 && def->sample_interval_s <= 3600))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "sample_interval_s must be above 0, at most 3600 s");
    if (!(jw_abs(def->keep_right_mps2) <= 5))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "keep_right_mps2 must be -5 to 5");
    const jw_kerb_def *k = &def->kerb;
    if (!(k->dropoff_share >= 0 && k->dropoff_share <= 1 && k->delivery_share >= 0 &&
          k->delivery_share <= 1 && k->dropoff_s > 0 && k->dropoff_s <= 86400 && k->delivery_s > 0 &&
          k->delivery_s <= 86400 && k->spaces_per_100m <= 100))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "kerb: shares must be 0 to 1, times above 0, spaces_per_100m at most 100");
    const jw_walk_def *w = &def->walk;
    if (!(w->trips_per_person_day >= 0 && w->trips_per_person_day <= 20 && w->decay_per_km > 0 &&
          w->decay_per_km <= 100 && w->yield_share <= 1))
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "walk: trips_per_person_day must be 0 to 20, decay_per_km above 0, yield_share at most 1");
    if (!(def->router_interval_s >= 10))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "router_interval_s must be at least 10 s");
    if (!(def->reroute_interval_s < 0 || def->reroute_interval_s >= 1) || !(def->reroute_gain >= 0))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "reroute_interval_s must be at least 1 s (or below 0: never), reroute_gain 0 or more");
    return JW_OK;
}

static void complete_def(jw_traffic_def *def)
{
    jw_demand_def *d = &def->demand;
    d->factor = or_default(d->factor, 1);
    d->trips_per_person_day = or_default(d->trips_per_person_day, 0.9);
    d->decay_per_km = or_default(d->decay_per_km, 0.25);
    d->peak_factor = or_default(d->peak_factor, 1);
    d->work_share = or_default(d->work_share, 0.65);
    d->stop_share = or_default(d->stop_share, 0.3);
    jw_signal_def *s = &def->signals;
    s->passage_s = or_default(s->passage_s, 2);
    s->detector_m = or_default(s->detector_m, 20);
    s->decision_s = or_default(s->decision_s, 5);
    s->priority_s = or_default(s->priority_s, 10);
    def->kerb.dropoff_s = or_default(def->kerb.dropoff_s, 45);
    def->kerb.delivery_s = or_default(def->kerb.delivery_s, 480);
    def->kerb.spaces_per_100m = or_default(def->kerb.spaces_per_100m, 2);
    def->walk.decay_per_km = or_default(def->walk.decay_per_km, 2);
    def->walk.yield_share = or_default(def->walk.yield_share, 0.5);
    def->reroute_share = or_default(def->reroute_share, 0.3);
    def->router_interval_s = or_default(def->router_interval_s, 300);
    def->sample_interval_s = or_default(def->sample_interval_s, 2);
    def->reroute_interval_s = or_default(def->reroute_interval_s, 300);
    def->reroute_gain = or_default(def->reroute_gain, 0.2);
}

/* ---- set-up ----------------------------------------------------------------------------------------------
 */

static jw_result take_arrays(jw_traffic *t, jw_error *error)
{
    uint32_t tracks = t->net.track_count, lanes = t->net.lane_count, edges = t->net.edge_count;
    t->block_count = jw_edge_blocks(t) + jw_block_count(t->net.junction_count, JW_JUNCTION_BLOCK);
    t->views = jw_alloc(sizeof *t->views);
    if (!t->views)
        return jw_fail_memory(error);
    struct {
        void *items;
        size_t count, size;
    } all[] = {{&t->lane_closed, lanes, 1},
               {&t->obstacle_m, lanes, 4},
               {&t->shown, t->net.connection_count, 1},
               {&t->used_tracks, (tracks + edges) / 64 + 1, sizeof *t->used_tracks},
               {&t->inside, t->net.junction_count, sizeof *t->inside},
               {&t->queue_head, edges, 4},
               {&t->edge_entered, edges, 4},
               {&t->edge_departed, edges, 4},
               {&t->queue_tail, edges, 4},
               {&t->overhang_tracks, tracks, 4},
               {&t->is_taken, lanes, 1},
               {&t->views->edges, edges, sizeof *t->views->edges},
               {&t->outboxes, t->block_count, sizeof *t->outboxes}};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++) {
        void *memory = jw_alloc((all[k].count ? all[k].count : 1) * all[k].size);
        if (!memory)
            return jw_fail_memory(error);
        memcpy(all[k].items, &memory, sizeof memory);
    }
    for (uint32_t k = 0; k < tracks; k++)
        t->tracks[k].overhang_m = JW_FAR;
    for (uint32_t k = 0; k < lanes; k++) {
        t->obstacle_m[k] = JW_FAR;
        t->tracks[k].limit_mps = (float)t->city->lanes[k].speed_mps;
    }
    for (uint32_t c = 0; c < t->net.connection_count; c++)
        t->tracks[lanes + c].limit_mps = (float)t->city->connections[c].speed_mps;
    memset(t->queue_head, 0xFF, edges * sizeof(uint32_t));
    memset(t->queue_tail, 0xFF, edges * sizeof(uint32_t));
    memset(t->free_room, 0xFF, sizeof t->free_room);
    t->trip_free = t->stops.plan_free = t->buses.free = JW_NONE;
    t->threads = 1;
    return JW_OK;
}

jw_result jw_traffic_prepare(jw_world *world, jw_traffic *t, jw_error *error)
{
    const jw_shared_city *shared = jw_world_shared(world);
    if (!shared || !shared->city)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "traffic needs a city: the world's shared data has none");
    t->city = shared->city;
    if (!t->city->edge_count)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the city has no roads to drive on");
    t->dt_s = (float)jw_s_from_ns(jw_world_dt_ns(world));
    t->dawdle_key = jw_world_random(world, jw_hash_text(0, "traffic.dawdle"));
    jw_result result = jw_traffic_types_prepare(t, error);
    if (!result)
        result = jw_traffic_net_build(t, error);
    if (!result)
        result = take_arrays(t, error);
    if (!result)
        result = jw_disturb_prepare(t, error);
    if (!result && !jw_world_is_wanted(world))
        result = JW_ERROR_CANCELLED;
    if (!result) {
        jw_traffic_net_refresh(t);
        result = jw_traffic_router_init(world, t, error);
    }
    if (!result && !jw_world_is_wanted(world))
        result = JW_ERROR_CANCELLED;
    if (!result)
        result = jw_traffic_demand_init(world, t, error);
    return result ? result : jw_signals_init(world, t, error);
}

void jw_traffic_destroy(void *state)
{
    jw_traffic *t = state;
    jw_traffic_net_free(&t->net);
    jw_traffic_router_free(&t->router);
    jw_traffic_demand_free(&t->demand);
    jw_person_free(&t->persons);
    jw_stops_free(t);
    jw_buses_free(t);
    jw_walk_free(t);
    jw_disturb_free(&t->disturbances);
    jw_counters_free(&t->counters);
    jw_intervals_free(&t->intervals);
    jw_detectors_free(&t->detectors);
    jw_pool_free(&t->pool);
    jw_signals_free(&t->signals);
    for (uint32_t k = 0; t->outboxes && k < t->block_count; k++)
        jw_free(t->outboxes[k].orders);
    jw_traffic_views none = {0}, *w = t->views ? t->views : &none;
    void *all[] = {t->types,
                   t->sirens.items,
                   t->sirens.yielders,
                   t->type_defs,
                   t->lane_closed,
                   t->obstacle_m,
                   t->used_tracks,
                   t->inside,
                   t->shown,
                   t->tracks,
                   t->cars,
                   t->vehicles,
                   t->place_of_slot,
                   t->route_turns,
                   t->trips,
                   t->edge_entered,
                   t->edge_departed,
                   t->pending,
                   t->queue_head,
                   t->queue_tail,
                   t->overhang_tracks,
                   t->tails,
                   t->is_taken,
                   t->outboxes,
                   t->trip_log,

                   w->id,
                   w->x_m,
                   w->y_m,
                   w->z_m,
                   w->heading_rad,
                   w->speed_mps,
                   w->vehicle_class,
                   w->flags,
                   w->edge,
                   w->edges,
                   t->views};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    memset(t, 0, sizeof *t);
}

static jw_result init(jw_world *world, void *state, const void *def, jw_error *error)
{
    jw_traffic *t = state;
    t->def = def ? *(const jw_traffic_def *)def : jw_default_traffic_def();
    complete_def(&t->def);
    jw_result result = check_def(&t->def, error);
    if (!result)
        result = jw_traffic_types_init(t, error);
    if (!result)
        result = jw_traffic_prepare(world, t, error);
    if (!result)
        result = jw_person_init(world, t, error);
    if (!result)
        result = jw_buses_init(world, t, error);
    if (!result)
        result = jw_detectors_init(t, t->def.detectors, t->def.detector_count, error);
    if (!result)
        result = jw_walk_init(world, t, error);
    t->def.demand_data = NULL; /* the caller's */
    t->def.bus_lines = NULL;
    t->def.detectors = NULL;
    t->now_ns = t->detectors.base_ns = jw_world_time_ns(world);
    t->router.begun_ns = t->now_ns;
    if (result)
        jw_traffic_destroy(t);
    return result;
}

void jw_traffic_set_ports(jw_traffic *t, const jw_traffic_ports *ports)
{
    t->ports = *ports;
}

typedef struct block_loop {
    jw_traffic *t;
    jw_block_function lanes, connections;
} block_loop;

static void run_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    const block_loop *loop = context;
    jw_traffic *t = loop->t;
    uint32_t edge_blocks = jw_edge_blocks(t), edges = t->net.edge_count, junctions = t->net.junction_count;
    (void)end;
    if (block < edge_blocks) {
        begin = block * JW_EDGE_BLOCK;
        loop->lanes(t, block, begin, edges - begin < JW_EDGE_BLOCK ? edges : begin + JW_EDGE_BLOCK);
    } else {
        block -= edge_blocks;
        begin = block * JW_JUNCTION_BLOCK;
        loop->connections(t, block, begin,
                          junctions - begin < JW_JUNCTION_BLOCK ? junctions : begin + JW_JUNCTION_BLOCK);
    }
}

void jw_traffic_run_blocks(jw_traffic *t, jw_block_function lanes, jw_block_function connections)
{
    block_loop loop = {t, lanes, connections};
    jw_parallel_blocks(t->block_count, 1, t->threads, run_block, &loop);
}

static const jw_phase phases[] = {
    {"traffic.demand", JW_SLOT_TRAFFIC, jw_traffic_phase_demand_run},
    {"traffic.signals", JW_SLOT_TRAFFIC, jw_traffic_phase_signals},
    {"traffic.walk", JW_SLOT_TRAFFIC, jw_traffic_phase_walk},
    {"traffic.junctions", JW_SLOT_TRAFFIC, jw_traffic_phase_junctions},
    {"traffic.follow", JW_SLOT_TRAFFIC, jw_traffic_phase_follow},
    {"traffic.change", JW_SLOT_TRAFFIC, jw_traffic_phase_change},
    {"traffic.move", JW_SLOT_TRAFFIC, jw_traffic_phase_move},
    {"traffic.measure", JW_SLOT_TRAFFIC, jw_traffic_phase_measure},
};

const jw_module jw_traffic_module = {
    .name = "traffic",
    .version = 9,
    .state_size = sizeof(jw_traffic),
    .init = init,
    .destroy = jw_traffic_destroy,
    .phases = phases,
    .phase_count = JW_COUNT_OF(phases),
    .verbs = jw_traffic_verbs,
    .verb_count = JW_TRAFFIC_VERBS,
    .save = jw_traffic_save,
    .load = jw_traffic_load,
    .hash = jw_traffic_hash,
    .metrics = jw_traffic_metrics,
    .metric_count = JW_TRAFFIC_METRICS,
    .metric = jw_traffic_metric,
    .tables = jw_traffic_tables,
    .table_count = JW_TRAFFIC_TABLES,
    .drain = jw_traffic_drain,
    .restart_counts = jw_traffic_restart_counts,
};
