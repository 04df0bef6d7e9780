/* How fast traffic runs: the planned city under heavy demand. Wall time is shown, never part of the state. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define FILL_S 2400.0

static jw_result make_city(jw_city **out, jw_error *error)
{
    jw_plan_def plan = {.seed = 7};
    jw_build_def build = {0};
    jw_draft draft = {0};
    strcpy(plan.style, "xiongan");
    jw_result result = jw_plan_city(&plan, &draft, error);
    if (!result)
        result = jw_city_build(&draft, &build, NULL, NULL, NULL, out, error);
    jw_draft_free(&draft);
    return result;
}

static jw_result run_until(jw_world *world, double until_s, uint32_t vehicles, jw_error *error)
{
    const jw_traffic *t = jw_world_state(world, 0);
    while (jw_s_from_ns(jw_world_time_ns(world)) < until_s && (!vehicles || t->running < vehicles)) {
        jw_result result = jw_world_step(world, error);
        if (result)
            return result;
    }
    return JW_OK;
}

static jw_result measure(jw_world *world, uint32_t vehicles, double sim_s, int64_t empty_bytes,
                         jw_traffic_bench_result *out, jw_error *error)
{
    const jw_traffic *t = jw_world_state(world, 0);
    double start_s = jw_s_from_ns(jw_world_time_ns(world));
    jw_result result = run_until(world, start_s + FILL_S, vehicles, error);
    if (result)
        return result;
    start_s = jw_s_from_ns(jw_world_time_ns(world));
    int64_t updates = t->counts.vehicle_updates;
    double begin_s = jw_clock_seconds();
    result = run_until(world, start_s + sim_s, 0, error);
    if (result)
        return result;
    /* What does not grow with the vehicles: the trees, and the log of trips. */
    int64_t shared_bytes = (int64_t)t->router.tree_count * (t->net.edge_count + 1) +
                           (int64_t)(t->trip_log_capacity * sizeof *t->trip_log);
    double wall_s = jw_max(jw_clock_seconds() - begin_s, 1e-9),
           done = (double)(t->counts.vehicle_updates - updates);
    *out = (jw_traffic_bench_result){
        .vehicles = (uint32_t)jw_round(done * t->dt_s / sim_s),
        .sim_s = sim_s,
        .wall_s = wall_s,
        .updates_per_s = done / wall_s,
        .real_time_factor = sim_s / wall_s,
        .bytes_per_vehicle =
            t->running ? (double)(jw_allocated_bytes() - empty_bytes - shared_bytes) / t->running : 0,
        .hash = jw_world_hash(world),
    };
    return JW_OK;
}

jw_result jw_traffic_bench(uint32_t vehicles, double sim_s, int threads, jw_traffic_bench_result *out,
                           jw_error *error)
{
    jw_city *city = NULL;
    jw_result result = make_city(&city, error);
    if (result)
        return result;
    jw_shared_city shared = {city};
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 5;
    def.demand.max_running = vehicles;
    jw_module_entry entry = {&jw_traffic_module, &def};
    jw_world_def world_def = {.seed = 1,
                              .start_time_ns = jw_ns_from_s(7.5 * 3600),
                              .threads = threads,
                              .modules = &entry,
                              .module_count = 1,
                              .shared = &shared,
                              .shared_hash = city->content_hash};
    jw_world *world = NULL;
    result = jw_world_create(&world_def, &world, error);
    if (!result)
        result = measure(world, vehicles, sim_s, jw_allocated_bytes(), out, error);
    jw_world_destroy(world);
    jw_city_release(city);
    return result;
}
