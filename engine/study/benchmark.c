/* Signal controls side by side: every control with every seed is a world of its own, several at a time. The
 * demand of a seed is the same under all controls, and so is the world where the counting begins, so that
 * differences are taken in pairs. */
#include "study/study.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define CONTROLS_MAX 64
#define SEEDS_MAX    1000
#define MINUTES_MAX  (24 * 60.0)

static const struct {
    const char *name, *unit;
} measures[] = {
    {"travel_time", "s"},  {"delay", "s"},     {"time_spent", "veh-h"},   {"queue_mean", "veh/lane"},
    {"queue_most", "veh"}, {"stops", "1/veh"}, {"throughput", "veh/h"},   {"unfinished", "veh"},
    {"fuel", "l/100 km"},  {"co2", "kg"},      {"conflicts", "1/1000 km"}};
_Static_assert(JW_COUNT_OF(measures) == JW_BENCHMARK_MEASURE_COUNT, "every measure has a name");

const char *jw_benchmark_measure_name(jw_benchmark_measure measure)
{
    return measures[measure].name;
}

const char *jw_benchmark_measure_unit(jw_benchmark_measure measure)
{
    return measures[measure].unit;
}

jw_result jw_benchmark_find_control(const char *name, jw_benchmark_control *out, jw_error *error)
{
    static const struct {
        const char *name;
        jw_signal_control control;
        bool is_ai;
    } known[] = {{"fixed", JW_SIGNAL_FIXED, false},
                 {"actuated", JW_SIGNAL_ACTUATED, false},
                 {"max-pressure", JW_SIGNAL_MAX_PRESSURE, false},
                 {"green-wave", JW_SIGNAL_GREEN_WAVE, false},
                 {"as-mapped", JW_SIGNAL_AS_MAPPED, false},
                 {"ai", JW_SIGNAL_FIXED, true}};
    *out = (jw_benchmark_control){.control = JW_SIGNAL_OUTSIDE};
    if (jw_text_ends_with(name, ".lua")) {
        jw_path_stem(name, out->name, sizeof out->name);
        out->script = name;
        return jw_scenario_check(name, NULL, error);
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(known); i++)
        if (strcmp(known[i].name, name) == 0) {
            jw_text_copy(out->name, sizeof out->name, name);
            out->control = known[i].control;
            out->is_ai = known[i].is_ai;
            return JW_OK;
        }
    return jw_fail(
        error, JW_ERROR_INPUT, NULL, 0,
        "control \"%.60s\" is none of fixed, actuated, max-pressure, green-wave, as-mapped, ai, or a "
        "FILE.lua",
        name);
}

/* ---- runs ---------------------------------------------------------------------------------------------- */

typedef struct benchmark_work {
    const jw_benchmark_def *def;
    jw_benchmark *out;
    jw_error *errors; /* by run */
    atomic_uint done;
    atomic_bool is_cancelled, has_failed;
    atomic_flag is_telling;
} benchmark_work;

static bool tell(benchmark_work *work, double part)
{
    const jw_benchmark_def *def = work->def;
    if (def->progress && !atomic_flag_test_and_set(&work->is_telling)) {
        double runs = def->control_count * def->seed_count;
        if (!def->progress(def->progress_context, jw_min((atomic_load(&work->done) + part) / runs, 1),
                           "simulating"))
            atomic_store(&work->is_cancelled, true);
        atomic_flag_clear(&work->is_telling);
    }
    return !atomic_load(&work->is_cancelled) && !atomic_load(&work->has_failed);
}

static void measure(const jw_world *world, double time_spent_h, double minutes, double *out)
{
    const jw_traffic *traffic = jw_world_state(world, JW_TWIN_TRAFFIC);
    jw_traffic_counts c = jw_traffic_count(traffic);
    jw_traffic_quality q = jw_traffic_judge(traffic);
    double way_km = jw_max(q.vehicle_km, 1e-9);
    out[JW_BENCHMARK_TRAVEL_TIME] = c.mean_travel_time_s;
    out[JW_BENCHMARK_DELAY] = c.mean_delay_s;
    out[JW_BENCHMARK_TIME_SPENT] = time_spent_h;
    out[JW_BENCHMARK_QUEUE_MEAN] = q.queue_mean_veh;
    out[JW_BENCHMARK_QUEUE_MOST] = q.queue_most_veh;
    out[JW_BENCHMARK_STOPS] = c.departed ? (double)q.stops / (double)c.departed : 0;
    out[JW_BENCHMARK_THROUGHPUT] = (double)c.arrived * 60 / minutes;
    out[JW_BENCHMARK_UNFINISHED] = (double)(c.running + c.due);
    out[JW_BENCHMARK_FUEL] = q.fuel_l * 100 / way_km;
    out[JW_BENCHMARK_CO2] = c.co2_kg;
    out[JW_BENCHMARK_CONFLICTS] = (double)q.conflicts * 1000 / way_km;
}

static jw_result simulate(benchmark_work *work, jw_world *world, double *out_time_spent_h, jw_error *error)
{
    double sum_s = 0, dt_s = jw_s_from_ns(jw_world_dt_ns(world));
    uint64_t steps = (uint64_t)jw_round(work->def->minutes * 60 / dt_s);
    for (uint64_t i = 0; i < steps; i++) {
        if (i % 100 == 0 && !tell(work, (double)i / (double)steps))
            return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
        jw_result result = jw_world_step(world, error);
        if (result != JW_OK)
            return result;
        const jw_traffic *traffic = jw_world_state(world, JW_TWIN_TRAFFIC);
        sum_s += dt_s * jw_traffic_present(traffic);
    }
    *out_time_spent_h = sum_s / 3600;
    return JW_OK;
}

static bool keep_on(void *context, double fraction, const char *what)
{
    (void)fraction, (void)what;
    return tell(context, 0);
}

static jw_result begin_control(jw_world *world, const jw_benchmark_control *control, jw_error *error)
{
    jw_traffic *traffic = jw_world_state(world, JW_TWIN_TRAFFIC);
    if (jw_traffic_set_signal_control(traffic, JW_NONE, control->control) != JW_OK)
        return jw_fail_memory(error);
    jw_command command = jw_command_make("set_coupling");
    jw_command_text(&command, "name", jw_coupling_name(JW_COUPLING_SIGNALS));
    jw_command_number(&command, "on", control->is_ai);
    return jw_world_post(world, &command, error);
}

static jw_result run_one(benchmark_work *work, uint32_t control, uint32_t seed, jw_error *error)
{
    const jw_benchmark_def *def = work->def;
    const jw_benchmark_control *c = &def->controls[control];
    jw_twin_def own = *def->def; /* its arrays are only read */
    own.seed = work->out->first_seed + seed;
    own.threads = 1;
    own.traffic.signals.control = JW_SIGNAL_FIXED; /* of the warm-up: all begin alike */
    own.traffic.sample_interval_s = jw_s_from_ns(own.dt_ns);
    own.is_coupling_off[JW_COUPLING_SIGNALS] = true;
    jw_world *world = NULL;
    double time_spent_h = 0;
    jw_result result = jw_scene_make_world(def->scene, &own, c->script, keep_on, work, &world, error);
    if (result == JW_OK)
        result = begin_control(world, c, error);
    if (result == JW_OK)
        result = simulate(work, world, &time_spent_h, error);
    if (result == JW_OK && jw_script_last_error(world)[0])
        result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s", jw_script_last_error(world));
    if (result == JW_OK) {
        uint32_t run = control * def->seed_count + seed;
        measure(world, time_spent_h, def->minutes,
                work->out->values + (size_t)run * JW_BENCHMARK_MEASURE_COUNT);
        work->out->hashes[run] = jw_world_hash(world);
    }
    jw_world_destroy(world);
    return result;
}

static void run_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    benchmark_work *work = context;
    (void)block;
    for (uint32_t run = begin; run < end; run++) {
        if (!tell(work, 0))
            return;
        if (run_one(work, run / work->def->seed_count, run % work->def->seed_count, &work->errors[run]) !=
            JW_OK)
            atomic_store(&work->has_failed, true);
        atomic_fetch_add(&work->done, 1);
    }
}

static jw_result check_def(const jw_benchmark_def *def, jw_error *error)
{
    if (def->control_count < 1 || def->control_count > CONTROLS_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a benchmark takes 1 to 64 controls, not %u",
                       def->control_count);
    if (def->seed_count < 2 || def->seed_count > SEEDS_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a benchmark takes 2 to 1000 seeds, not %u",
                       def->seed_count);
    if (!(def->minutes > 0 && def->minutes <= MINUTES_MAX))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a benchmark takes up to a day, not %g min",
                       def->minutes);
    if (def->def->city->programme_count == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s has no signals to control", def->def->name);
    for (uint32_t i = 0; i < def->control_count; i++)
        if (def->controls[i].is_ai && def->def->camera_count == 0)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "control \"ai\": %s has no cameras; give it some with city:cameras",
                           def->def->name);
    return JW_OK;
}

/* The first error in order, not in time; what was cancelled for it comes later. */
static jw_result first_error(const benchmark_work *work, uint32_t runs, jw_error *error)
{
    const jw_error *found = NULL;
    uint32_t at = 0;
    for (uint32_t run = 0; run < runs; run++)
        if (work->errors[run].code != JW_OK &&
            (!found || (found->code == JW_ERROR_CANCELLED && work->errors[run].code != JW_ERROR_CANCELLED))) {
            found = &work->errors[run];
            at = run;
        }
    if (!found)
        return atomic_load(&work->is_cancelled) ? jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled")
                                                : JW_OK;
    return jw_fail(error, found->code, found->file, found->line, "%s with seed %llu: %.180s",
                   work->def->controls[at / work->def->seed_count].name,
                   (unsigned long long)(work->out->first_seed + at % work->def->seed_count), found->message);
}

jw_result jw_benchmark_run(const jw_benchmark_def *def, jw_benchmark *out, jw_error *error)
{
    *out = (jw_benchmark){0};
    jw_result result = check_def(def, error);
    if (result != JW_OK)
        return result;
    uint32_t runs = def->control_count * def->seed_count;
    *out = (jw_benchmark){.control_count = def->control_count,
                          .seed_count = def->seed_count,
                          .first_seed = def->def->seed,
                          .minutes = def->minutes,
                          .controls = jw_alloc(def->control_count * sizeof *out->controls),
                          .values = jw_alloc((size_t)runs * JW_BENCHMARK_MEASURE_COUNT * sizeof *out->values),
                          .hashes = jw_alloc(runs * sizeof *out->hashes)};
    benchmark_work work = {.def = def, .out = out, .is_telling = ATOMIC_FLAG_INIT};
    work.errors = jw_alloc(runs * sizeof *work.errors);
    if (!out->controls || !out->values || !out->hashes || !work.errors)
        result = jw_fail_memory(error);
    if (result == JW_OK) {
        memcpy(out->controls, def->controls, def->control_count * sizeof *out->controls);
        jw_parallel_blocks(runs, 1, def->threads, run_block, &work);
        result = first_error(&work, runs, error);
    }
    jw_free(work.errors);
    if (result != JW_OK)
        jw_benchmark_free(out);
    return result;
}

void jw_benchmark_free(jw_benchmark *benchmark)
{
    jw_free(benchmark->controls);
    jw_free(benchmark->values);
    jw_free(benchmark->hashes);
    *benchmark = (jw_benchmark){0};
}
