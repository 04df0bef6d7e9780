/* Scenarios with their mechanism on and off. A seed's demand and its state where the run begins are the same
 * both times, so that differences are taken in pairs. */
#include "study/effects.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define SEEDS_MAX 1000
#define MECHANISM "mechanism"

typedef struct effects_work {
    const jw_effects_def *def;
    const char *script; /* of now */
    jw_twin_def twin;   /* what the scene makes with the parameters of now */
    jw_effects *out;
    uint32_t effect, is_on;
    jw_error *errors; /* by seed */
    atomic_uint done;
    atomic_bool is_cancelled, has_failed;
    atomic_flag is_telling;
} effects_work;

static bool tell(effects_work *work, double part)
{
    const jw_effects_def *def = work->def;
    if (def->progress && !atomic_flag_test_and_set(&work->is_telling)) {
        double runs = 2.0 * def->script_count * def->seed_count;
        if (!def->progress(def->progress_context, jw_min((atomic_load(&work->done) + part) / runs, 1),
                           work->script))
            atomic_store(&work->is_cancelled, true);
        atomic_flag_clear(&work->is_telling);
    }
    return !atomic_load(&work->is_cancelled) && !atomic_load(&work->has_failed);
}

static bool keep_on(void *context, double fraction, const char *what)
{
    (void)fraction, (void)what;
    return tell(context, 0);
}

static jw_result measure(const jw_world *world, const jw_scenario_text *texts, double *out, jw_error *error)
{
    for (uint32_t m = 0; m < texts->measure_count; m++)
        if (!jw_world_metric(world, texts->measures[m], &out[m]))
            return jw_fail(
                error, JW_ERROR_INPUT, NULL, 0,
                "measures names the metric \"%s\", which there is not; 'jingwei doc lua' lists them",
                texts->measures[m]);
    return JW_OK;
}

static const char *unit_of(const jw_world *world, const char *metric)
{
    for (uint32_t m = 0; m < jw_world_module_count(world); m++) {
        const jw_module *module = jw_world_module(world, m);
        for (uint32_t i = 0; i < module->metric_count; i++)
            if (strcmp(module->metrics[i].name, metric) == 0)
                return module->metrics[i].unit;
    }
    return "";
}

static jw_result run_one(effects_work *work, uint32_t seed, jw_error *error)
{
    const jw_effects_def *def = work->def;
    jw_twin_def own = work->twin; /* its arrays are only read */
    own.seed = work->out->first_seed + seed;
    own.threads = 1;
    jw_world *world = NULL;
    jw_result result = jw_scene_make_world(def->scene, &own, work->script, keep_on, work, &world, error);
    uint64_t steps =
        result == JW_OK ? (uint64_t)jw_round(def->minutes * 60 / jw_s_from_ns(jw_world_dt_ns(world))) : 0;
    for (uint64_t i = 0; i < steps && result == JW_OK; i++) {
        if (i % 100 == 0 && !tell(work, (double)i / (double)steps))
            result = jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
        else
            result = jw_world_step(world, error);
    }
    if (result == JW_OK && jw_script_last_error(world)[0])
        result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s", jw_script_last_error(world));
    if (result == JW_OK) {
        jw_effect *effect = &work->out->effects[work->effect];
        size_t run = (size_t)work->is_on * def->seed_count + seed;
        result = measure(world, &effect->texts, effect->values + run * JW_MEASURES_MAX, error);
        effect->hashes[run] = jw_world_hash(world);
        for (uint32_t m = 0; run == 0 && m < effect->texts.measure_count; m++)
            effect->units[m] = unit_of(world, effect->texts.measures[m]);
    }
    jw_world_destroy(world);
    return result;
}

static void run_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    effects_work *work = context;
    (void)block;
    for (uint32_t seed = begin; seed < end; seed++) {
        if (!tell(work, 0))
            return;
        if (run_one(work, seed, &work->errors[seed]) != JW_OK)
            atomic_store(&work->has_failed, true);
        atomic_fetch_add(&work->done, 1);
    }
}

/* The first error in order of seeds, not in time; what was cancelled for it comes later. */
static jw_result first_error(const effects_work *work, jw_error *error)
{
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t seed = 0; seed < work->def->seed_count; seed++) {
            const jw_error *e = &work->errors[seed];
            if (e->code != JW_OK && (e->code != JW_ERROR_CANCELLED || pass == 1))
                return jw_fail(error, e->code, e->file, e->line, "%s with seed %llu: %.180s",
                               work->out->effects[work->effect].script,
                               (unsigned long long)(work->out->first_seed + seed), e->message);
        }
    return atomic_load(&work->is_cancelled) ? jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled")
                                            : JW_OK;
}

/* The scene's own defaults, the scenario, and its mechanism as wanted. */
static jw_result run_seeds(effects_work *work, jw_error *error)
{
    const jw_effects_def *def = work->def;
    jw_error ignored = {0};
    memset(work->errors, 0, def->seed_count * sizeof *work->errors);
    if (jw_scene_set(def->scene, MECHANISM, work->is_on ? "true" : "false", &ignored) != JW_OK)
        return jw_fail(error, JW_ERROR_INPUT, work->script, 1,
                       "it cannot be switched off: give it a boolean parameter \"%s\"", MECHANISM);
    jw_result result = jw_scene_build(def->scene, 1, NULL, keep_on, work, &work->twin, error);
    if (result != JW_OK)
        return result;
    work->out->first_seed = def->seed ? def->seed : work->twin.seed;
    jw_parallel_blocks(def->seed_count, 1, def->threads, run_block, work);
    jw_twin_def_free(&work->twin);
    return first_error(work, error);
}

static jw_result run_script(effects_work *work, jw_error *error)
{
    const jw_effects_def *def = work->def;
    jw_effect *effect = &work->out->effects[work->effect];
    size_t runs = 2 * (size_t)def->seed_count;
    work->script = def->scripts[work->effect];
    jw_path_stem(work->script, effect->script, sizeof effect->script);
    jw_result result = jw_scenario_read_texts(work->script, &effect->texts, error);
    if (result == JW_OK && effect->texts.measure_count == 0)
        result = jw_fail(error, JW_ERROR_INPUT, work->script, 1,
                         "it says not what to measure: give it measures = { \"economy.oee\" } or the like");
    if (result == JW_OK)
        result = jw_scene_use_scenario(def->scene, work->script, error);
    effect->values = jw_alloc(runs * JW_MEASURES_MAX * sizeof *effect->values);
    effect->hashes = jw_alloc(runs * sizeof *effect->hashes);
    if (result == JW_OK && (!effect->values || !effect->hashes))
        result = jw_fail_memory(error);
    for (work->is_on = 0; work->is_on < 2 && result == JW_OK; work->is_on++)
        result = run_seeds(work, error);
    return result;
}

jw_result jw_effects_run(const jw_effects_def *def, jw_effects *out, jw_error *error)
{
    *out = (jw_effects){0};
    if (def->script_count < 1 || def->script_count > JW_EFFECTS_SCRIPTS_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "effects takes 1 to %d scenarios, not %u",
                       JW_EFFECTS_SCRIPTS_MAX, def->script_count);
    if (def->seed_count < 2 || def->seed_count > SEEDS_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "effects takes 2 to %d seeds, not %u", SEEDS_MAX,
                       def->seed_count);
    if (!(def->minutes > 0 && def->minutes <= 24 * 60))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "effects takes up to a day, not %g min", def->minutes);
    *out = (jw_effects){.count = def->script_count,
                        .seed_count = def->seed_count,
                        .minutes = def->minutes,
                        .effects = jw_alloc(def->script_count * sizeof *out->effects)};
    effects_work work = {.def = def, .out = out, .is_telling = ATOMIC_FLAG_INIT};
    work.errors = jw_alloc(def->seed_count * sizeof *work.errors);
    jw_result result = out->effects && work.errors ? JW_OK : jw_fail_memory(error);
    if (out->effects)
        memset(out->effects, 0, def->script_count * sizeof *out->effects);
    for (; work.effect < def->script_count && result == JW_OK; work.effect++)
        result = run_script(&work, error);
    jw_free(work.errors);
    if (result != JW_OK)
        jw_effects_free(out);
    return result;
}

void jw_effects_free(jw_effects *effects)
{
    for (uint32_t i = 0; effects->effects && i < effects->count; i++) {
        jw_free(effects->effects[i].values);
        jw_free(effects->effects[i].hashes);
    }
    jw_free(effects->effects);
    *effects = (jw_effects){0};
}

jw_effect_cell jw_effect_at(const jw_effects *effects, uint32_t effect, uint32_t measure_index)
{
    uint32_t n = effects->seed_count;
    const double *off = effects->effects[effect].values + measure_index,
                 *on = off + (size_t)n * JW_MEASURES_MAX;
    return (jw_effect_cell){.on = jw_estimate_mean(on, NULL, n, JW_MEASURES_MAX),
                            .off = jw_estimate_mean(off, NULL, n, JW_MEASURES_MAX),
                            .difference = jw_estimate_mean(on, off, n, JW_MEASURES_MAX)};
}

jw_result jw_effects_write_csv(const jw_effects *effects, const char *path, jw_error *error)
{
    jw_writer w = {0};
    uint32_t n = effects->seed_count;
    jw_write_format(&w, "scenario,metric,unit,on,on_ci95,off,off_ci95,difference,difference_ci95");
    for (uint32_t run = 0; run < 2 * n; run++)
        jw_write_format(&w, ",%s_%llu", run < n ? "off" : "on",
                        (unsigned long long)(effects->first_seed + run % n));
    jw_write_format(&w, "\n");
    for (uint32_t e = 0; e < effects->count; e++)
        for (uint32_t m = 0; m < effects->effects[e].texts.measure_count; m++) {
            const jw_effect *effect = &effects->effects[e];
            jw_effect_cell c = jw_effect_at(effects, e, m);
            jw_write_format(&w, "%s,%s,%s,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g", effect->script,
                            effect->texts.measures[m], effect->units[m], c.on.mean, c.on.half_width,
                            c.off.mean, c.off.half_width, c.difference.mean, c.difference.half_width);
            for (uint32_t run = 0; run < 2 * n; run++)
                jw_write_format(&w, ",%.9g", effect->values[(size_t)run * JW_MEASURES_MAX + m]);
            jw_write_format(&w, "\n");
        }
    jw_result result = w.failed ? jw_fail_memory(error) : jw_file_write(path, w.bytes, w.size, error);
    jw_writer_free(&w);
    return result;
}
