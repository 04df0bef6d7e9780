/* How fast traffic runs: random trips on a grid of signalled junctions, or the trips given, without any other
 * module. Wall time is shown, never part of the state. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define RAMP_S   300.0  /* over which the city is filled */
#define SETTLE_S 300.0  /* more, so that the first trips end */
#define FILL_S   7200.0 /* as many vehicles as wished may never be there */

/* ---- the grid ----------------------------------------------------------------------------------------
 */

/* Streets of two lanes each way, 50 km/h, a signal at each crossing: 20 x 20 junctions 200 m apart up to
 * 8,000 vehicles, 40 x 40 of 250 m up to 40,000, and as many more beyond as keep the density. */
static jw_result draw_grid(jw_draft *draft, uint32_t vehicles, jw_error *error)
{
    uint32_t side = vehicles <= 8000    ? 20
                    : vehicles <= 40000 ? 40
                                        : (uint32_t)jw_round(40 * jw_sqrt(vehicles / 40000.0));
    double spacing_m = vehicles <= 8000 ? 200 : 250;
    draft->is_projected = true;
    for (uint32_t i = 0; i < side * side; i++) {
        uint32_t node;
        jw_result result =
            jw_draft_add_point(draft, spacing_m * (i % side), spacing_m * (i / side), &node, error);
        if (result)
            return result;
        draft->nodes[node].source_id = i + 1;
        draft->nodes[node].has_signal = true;
    }
    for (uint32_t i = 0; i < side * side; i++) {
        const uint32_t ends[2] = {i % side + 1 < side ? i + 1 : JW_NONE,
                                  i / side + 1 < side ? i + side : JW_NONE};
        for (uint32_t k = 0; k < 2; k++) {
            jw_draft_road road = {.road_class = JW_ROAD_SECONDARY,
                                  .lanes_forward = 2,
                                  .lanes_backward = 2,
                                  .allow = JW_ALLOW_MOTOR | JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE,
                                  .speed_mps = 13.89,
                                  .source_id = draft->road_count + 1};
            uint32_t refs[2] = {i, ends[k]};
            jw_result result =
                ends[k] == JW_NONE ? JW_OK : jw_draft_add_road(draft, &road, refs, 2, NULL, error);
            if (result)
                return result;
        }
    }
    return JW_OK;
}

static jw_result make_grid(uint32_t vehicles, jw_city **out, jw_error *error)
{
    jw_draft draft = {0};
    jw_result result = draw_grid(&draft, vehicles, error);
    if (!result)
        result = jw_city_build(&draft, NULL, NULL, NULL, NULL, out, error);
    jw_draft_free(&draft);
    return result;
}

/* ---- one measurement ------------------------------------------------------------------------------------
 */

typedef struct bench {
    const jw_traffic_bench_def *def;
    jw_world *world;
    jw_traffic *t;
    uint64_t draws;
    double step_s; /* wall time of the steps; adding trips is the bench's own work */
    int64_t empty_bytes, fixed_bytes, other_bytes;
} bench;

/* Neither the router nor the log of trips grow with the vehicles. */
static int64_t count_other_bytes(const jw_traffic *t)
{
    return jw_traffic_router_bytes(&t->router) + (int64_t)(t->trip_log_capacity * sizeof *t->trip_log);
}

/* Random trips keep as many vehicles on the road as are wished. */
static jw_result add_random_trips(bench *b, uint32_t most, jw_error *error)
{
    const jw_random_key key = {42, 42};
    uint32_t edges = b->t->net.edge_count;
    for (uint32_t k = 0; k < most && b->t->running + b->t->counts.waiting < b->def->vehicles; k++) {
        jw_trip_def trip = {.depart_ns = jw_world_time_ns(b->world), .vehicle_class = JW_VEHICLE_CAR};
        trip.from_edge = jw_random_index(key, b->draws, 0, edges);
        trip.to_edge = jw_random_index(key, b->draws++, 1, edges);
        if (trip.from_edge == trip.to_edge)
            continue;
        jw_result result = jw_traffic_add_trip(b->world, b->t, &trip, error);
        if (result && result != JW_ERROR_NOT_FOUND && result != JW_ERROR_INPUT)
            return result;
    }
    return JW_OK;
}

static jw_result run_for(bench *b, double sim_s, uint32_t until_running, jw_error *error)
{
    int64_t end_ns = jw_world_time_ns(b->world) + jw_ns_from_s(sim_s), second_ns = 0;
    uint32_t ramp = (uint32_t)(b->def->vehicles / RAMP_S) + 1;
    while (jw_world_time_ns(b->world) < end_ns && b->t->running < until_running) {
        jw_result result = JW_OK;
        if (!b->def->traffic && jw_world_time_ns(b->world) >= second_ns) {
            second_ns = jw_world_time_ns(b->world) + JW_NS_PER_S;
            result = add_random_trips(b, ramp, error);
        }
        double begin_s = jw_clock_seconds();
        if (!result)
            result = jw_world_step(b->world, error);
        b->step_s += jw_clock_seconds() - begin_s;
        if (result)
            return result;
    }
    return JW_OK;
}

static jw_result measure(bench *b, jw_traffic_bench_result *out, jw_error *error)
{
    const jw_traffic_bench_def *def = b->def;
    jw_traffic *t = b->t;
    jw_result result = def->traffic ? run_for(b, def->warm_s, UINT32_MAX, error)
                                    : run_for(b, FILL_S, def->vehicles - def->vehicles / 50, error);
    if (!result && !def->traffic)
        result = run_for(b, SETTLE_S, UINT32_MAX, error);
    *out = (jw_traffic_bench_result){.lanes = t->net.lane_count, .edges = t->net.edge_count};
    jw_phase_time before[JW_COUNT_OF(out->phases) + 8], after[JW_COUNT_OF(out->phases) + 8];
    uint32_t phases = jw_world_phase_times(b->world, before, JW_COUNT_OF(before));
    int64_t first = t->counts.vehicle_updates;
    for (uint32_t run = 0; run < JW_COUNT_OF(out->updates_per_s) && !result; run++) {
        int64_t updates = t->counts.vehicle_updates;
        b->step_s = 0;
        result = run_for(b, def->sim_s, UINT32_MAX, error);
        double wall_s = jw_max(b->step_s, 1e-9);
        out->updates_per_s[run] = (double)(t->counts.vehicle_updates - updates) / wall_s;
        out->real_time_factor[run] = def->sim_s / wall_s;
    }
    if (result)
        return result;
    jw_world_phase_times(b->world, after, JW_COUNT_OF(after));
    for (uint32_t k = 0; k < phases && k < JW_COUNT_OF(before); k++) {
        double seconds = after[k].seconds - before[k].seconds;
        if (seconds > 0 && out->phase_count < JW_COUNT_OF(out->phases))
            out->phases[out->phase_count++] = (jw_phase_time){after[k].name, seconds, 0};
    }
    out->vehicles = (uint32_t)jw_round((double)(t->counts.vehicle_updates - first) * t->dt_s /
                                       (def->sim_s * JW_COUNT_OF(out->updates_per_s)));
    jw_traffic_vehicles(t); /* rows are memory, too */
    int64_t grown = jw_allocated_bytes() - b->fixed_bytes - (count_other_bytes(t) - b->other_bytes);
    out->bytes_per_vehicle = t->running ? (double)grown / t->running : 0;
    out->bytes_per_lane = (double)(b->fixed_bytes - b->empty_bytes) / t->net.lane_count;
    out->counts = jw_traffic_count(t);
    out->hash = jw_world_hash(b->world);
    return JW_OK;
}

jw_result jw_traffic_bench(const jw_traffic_bench_def *given, jw_traffic_bench_result *out, jw_error *error)
{
    jw_traffic_bench_def def = *given;
    def.vehicles = def.vehicles ? def.vehicles : 5000;
    def.dt_s = def.dt_s != 0 ? def.dt_s : 1.0;
    def.sim_s = def.sim_s != 0 ? def.sim_s : 60.0;
    jw_city *grid = NULL;
    if (!def.city) {
        jw_result result = make_grid(def.vehicles, &grid, error);
        if (result)
            return result;
        def.city = grid;
    }
    jw_shared_city shared = {def.city};
    jw_traffic_def traffic = def.traffic ? *def.traffic : jw_default_traffic_def();
    if (!def.traffic) {
        traffic.demand.is_gravity = false;
        traffic.demand.max_running = def.vehicles;
        traffic.reroute_share = -1;
    }
    jw_module_entry entry = {&jw_traffic_module, &traffic};
    jw_world_def world_def = {.seed = 1,
                              .dt_ns = jw_ns_from_s(def.dt_s),
                              .start_time_ns = def.start_time_ns,
                              .threads = def.threads ? def.threads : 1,
                              .modules = &entry,
                              .module_count = 1,
                              .shared = &shared,
                              .shared_hash = def.city->content_hash};
    bench b = {.def = &def, .empty_bytes = jw_allocated_bytes()};
    jw_result result = jw_world_create(&world_def, &b.world, error);
    b.fixed_bytes = jw_allocated_bytes();
    if (!result) {
        b.t = jw_world_state(b.world, 0);
        b.other_bytes = count_other_bytes(b.t);
        result = measure(&b, out, error);
    }
    jw_world_destroy(b.world);
    jw_city_release(grid);
    return result;
}
