/* Roadmaps beside a roadmap: with other seeds and with one parameter changed, several at a time. Every run
 * reads the scene for itself, because a scene's parameters are its own state. */
#include "study/roadmap_study.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERMILLE 1000

typedef struct study_work {
    const jw_roadmap_study_def *def;
    jw_roadmap_study *out;
    uint32_t run_count;
    uint64_t scene_hash; /* texts and parameters of the roadmap itself */
    jw_error *errors;    /* by run */
    atomic_uint passed;  /* thousandths of runs */
    atomic_bool is_cancelled, has_failed;
    atomic_flag is_telling;
} study_work;

typedef struct study_run {
    study_work *work;
    uint32_t change; /* JW_NONE: the roadmap itself */
    uint32_t seed;   /* from 0 */
    uint32_t passed; /* thousandths that are told */
} study_run;

static bool tell(study_run *run, double part)
{
    study_work *work = run->work;
    const jw_roadmap_study_def *def = work->def;
    uint32_t passed = (uint32_t)(PERMILLE * jw_clamp(part, 0, 1));
    if (passed > run->passed) {
        atomic_fetch_add(&work->passed, passed - run->passed);
        run->passed = passed;
    }
    if (def->progress && !atomic_flag_test_and_set(&work->is_telling)) {
        char what[48];
        uint32_t told = atomic_load(&work->passed);
        snprintf(what, sizeof what, "%u of %u roadmaps", told / PERMILLE, work->run_count);
        if (!def->progress(def->progress_context, told / (PERMILLE * jw_max(work->run_count, 1)), what))
            atomic_store(&work->is_cancelled, true);
        atomic_flag_clear(&work->is_telling);
    }
    return !atomic_load(&work->is_cancelled) && !atomic_load(&work->has_failed);
}

/* Reading and warming up tell nothing of their own, but can be cancelled. */
static bool keep_on(void *context, double fraction, const char *what)
{
    (void)fraction, (void)what;
    return tell(context, 0);
}

static bool go_on(void *context, double fraction, const char *what)
{
    (void)what;
    return tell(context, fraction);
}

/* ---- changes ------------------------------------------------------------------------------------------- */

static jw_result set_all(jw_scene *scene, const jw_roadmap_plan *plan, jw_error *error)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < plan->set_count && result == JW_OK; i++) {
        char id[sizeof plan->set[i]];
        jw_text_copy(id, sizeof id, plan->set[i]);
        char *equals = strchr(id, '=');
        if (!equals)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "--set %.80s: write --set id=value", id);
        *equals = 0;
        result = jw_scene_set(scene, id, equals + 1, error);
    }
    return result;
}

/* The plan's scene with its policy and parameters; the caller closes it. */
static jw_result open_scene(const jw_roadmap_plan *plan, jw_scene **out, jw_error *error)
{
    jw_result result = jw_scene_open(plan->scene, out, NULL, error);
    if (result == JW_OK && plan->policy[0])
        result = jw_scene_use_scenario(*out, plan->policy, error);
    return result == JW_OK ? set_all(*out, plan, error) : result;
}

static void say_value(const jw_param *param, double value, char *out, size_t size)
{
    if (param->type == JW_PARAM_BOOLEAN)
        jw_text_copy(out, size, value != 0 ? "true" : "false");
    else if (param->type == JW_PARAM_CHOICE)
        jw_text_copy(out, size, param->choices[(uint32_t)value]);
    else
        snprintf(out, size, "%.9g", value);
}

/* Down or up; the value itself where the range ends there. */
static double moved(const jw_param *param, double direction)
{
    double step = jw_abs(param->value) * JW_ROADMAP_TORNADO_SHARE;
    if (param->type == JW_PARAM_INTEGER)
        step = jw_max(jw_round(step), 1);
    return jw_clamp(param->value + direction * step, param->min, param->max);
}

static uint32_t list_values(const jw_param *param, double *out)
{
    uint32_t count = 0;
    if (param->type == JW_PARAM_BOOLEAN) {
        out[count++] = param->value == 0;
    } else if (param->type == JW_PARAM_CHOICE) {
        for (uint32_t i = 0; i < param->choice_count; i++)
            if (i != (uint32_t)param->value)
                out[count++] = i;
    } else {
        for (double direction = -1; direction <= 1; direction += 2)
            if (moved(param, direction) != param->value)
                out[count++] = moved(param, direction);
    }
    return count;
}

static jw_result list_changes(const jw_scene *scene, jw_roadmap_study *out, jw_error *error)
{
    uint32_t count = jw_scene_param_count(scene);
    size_t most = (size_t)count * JW_PARAM_CHOICES_MAX;
    out->factors = jw_alloc((count + 1) * sizeof *out->factors);
    out->changes = jw_alloc((most + 1) * sizeof *out->changes);
    if (!out->factors || !out->changes)
        return jw_fail_memory(error);
    memset(out->changes, 0, (most + 1) * sizeof *out->changes);
    for (uint32_t i = 0; i < count; i++) {
        const jw_param *param = jw_scene_param(scene, i);
        jw_roadmap_factor *factor = &out->factors[out->factor_count++];
        double values[JW_PARAM_CHOICES_MAX];
        *factor = (jw_roadmap_factor){
            .first = out->change_count, .count = list_values(param, values), .label = param->label};
        jw_text_copy(factor->id, sizeof factor->id, param->id);
        jw_text_copy(factor->unit, sizeof factor->unit, param->unit);
        say_value(param, param->value, factor->value, sizeof factor->value);
        for (uint32_t k = 0; k < factor->count; k++) {
            jw_roadmap_change *change = &out->changes[out->change_count++];
            say_value(param, values[k], change->value, sizeof change->value);
        }
        if (factor->count == 0) {
            factor->count = 1;
            jw_text_copy(out->changes[out->change_count++].refusal, sizeof out->changes->refusal,
                         "not varied: 20 % of it is nothing");
        }
    }
    return JW_OK;
}

static const jw_roadmap_factor *factor_of(const jw_roadmap_study *study, uint32_t change)
{
    uint32_t i = 0;
    while (change >= study->factors[i].first + study->factors[i].count)
        i++;
    return &study->factors[i];
}

/* ---- runs ---------------------------------------------------------------------------------------------- */

static void keep_quarters(jw_roadmap_study *out, const jw_roadmap *map, uint32_t seed)
{
    uint32_t measures = jw_roadmap_measure_count();
    for (uint32_t q = 0; q < out->quarter_count; q++)
        for (uint32_t m = 0; m < measures; m++)
            out->quarters[((size_t)q * measures + m) * out->seed_count + seed] =
                jw_roadmap_measure(&map->rows[q], m);
}

static void keep_ends(jw_roadmap_study *out, const jw_roadmap *map, uint32_t change, uint32_t seed)
{
    const jw_roadmap_row *last = &map->rows[out->quarter_count - 1];
    double *ends = out->ends + (size_t)change * 2 * out->seed_count + seed;
    ends[0] = jw_roadmap_measure(last, JW_ROADMAP_TFP);
    ends[out->seed_count] = jw_roadmap_measure(last, out->measure);
}

static jw_result make_world(study_run *run, jw_scene **scene, jw_twin_def *twin, jw_world **world,
                            jw_error *error)
{
    jw_roadmap_study *out = run->work->out;
    const jw_roadmap_plan *plan = &run->work->def->base->plan;
    jw_result result = open_scene(plan, scene, error);
    if (result == JW_OK && jw_scene_hash(*scene) != run->work->scene_hash)
        result = jw_fail(error, JW_ERROR_STATE, plan->scene, 1, "scene or policy were changed meanwhile");
    if (result == JW_OK && run->change != JW_NONE)
        result =
            jw_scene_set(*scene, factor_of(out, run->change)->id, out->changes[run->change].value, error);
    if (result == JW_OK)
        result = jw_scene_build(*scene, 1, NULL, keep_on, run, twin, error);
    if (result != JW_OK)
        return result;
    twin->seed = out->first_seed + run->seed;
    twin->threads = 1;
    return jw_scene_make_world(*scene, twin, plan->policy[0] ? plan->policy : NULL, keep_on, run, world,
                               error);
}

static jw_result run_one(study_run *run, jw_error *error)
{
    jw_roadmap map = {.plan = run->work->def->base->plan};
    jw_scene *scene = NULL;
    jw_twin_def twin = {0};
    jw_world *world = NULL;
    map.plan.quarters = run->work->out->quarter_count;
    jw_result result = make_world(run, &scene, &twin, &world, error);
    if (result == JW_OK)
        result = jw_roadmap_run(world, &map, NULL, go_on, run, error);
    if (result == JW_OK && run->change == JW_NONE)
        keep_quarters(run->work->out, &map, run->seed);
    else if (result == JW_OK)
        keep_ends(run->work->out, &map, run->change, run->seed);
    jw_roadmap_free(&map);
    jw_world_destroy(world);
    jw_twin_def_free(&twin);
    jw_scene_close(scene);
    return result;
}

/* First the other seeds of the roadmap itself, then each change with each seed. */
static study_run run_at(study_work *work, uint32_t index)
{
    uint32_t seeds = work->out->seed_count;
    if (index < seeds - 1)
        return (study_run){.work = work, .change = JW_NONE, .seed = index + 1};
    index -= seeds - 1;
    return (study_run){.work = work, .change = index / seeds, .seed = index % seeds};
}

/* A change that cannot be made is listed; anything else is the end of the study. */
static bool ends_all(const study_run *run, jw_result result)
{
    return result != JW_OK && result != JW_ERROR_CANCELLED &&
           (run->change == JW_NONE || result == JW_ERROR_MEMORY || result == JW_ERROR_STATE);
}

static void run_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    study_work *work = context;
    (void)block;
    for (uint32_t i = begin; i < end; i++) {
        study_run run = run_at(work, i);
        if (!tell(&run, 0))
            return;
        bool is_refused = run.change != JW_NONE && work->out->changes[run.change].refusal[0];
        jw_result result = is_refused ? JW_OK : run_one(&run, &work->errors[i]);
        if (ends_all(&run, result))
            atomic_store(&work->has_failed, true);
        tell(&run, 1);
    }
}

/* In order of runs, not in time; what was cancelled because of an error is none. */
static jw_result judge_errors(study_work *work, jw_error *error)
{
    jw_roadmap_study *out = work->out;
    for (uint32_t i = 0; i < work->run_count; i++) {
        study_run run = run_at(work, i);
        const jw_error *e = &work->errors[i];
        if (e->code == JW_OK || e->code == JW_ERROR_CANCELLED)
            continue;
        if (ends_all(&run, e->code))
            return jw_fail(error, e->code, e->file, e->line, "with seed %llu: %.200s",
                           (unsigned long long)(out->first_seed + run.seed), e->message);
        jw_roadmap_change *change = &out->changes[run.change];
        if (!change->refusal[0])
            snprintf(change->refusal, sizeof change->refusal, "%.250s", e->message);
    }
    return atomic_load(&work->is_cancelled) ? jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled")
                                            : JW_OK;
}

/* ---- what is most influential -------------------------------------------------------------------------- */

static int compare_factors(const void *a, const void *b)
{
    const jw_roadmap_factor *x = a, *y = b;
    for (uint32_t k = 0; k < 2; k++)
        if (x->span[k] != y->span[k])
            return x->span[k] > y->span[k] ? -1 : 1;
    return strcmp(x->id, y->id);
}

static void rank(jw_roadmap_study *study)
{
    for (uint32_t i = 0; i < study->factor_count; i++)
        for (uint32_t which = 0; which < 2; which++) {
            jw_roadmap_factor *factor = &study->factors[i];
            double least = 0, most = 0;
            for (uint32_t c = factor->first; c < factor->first + factor->count; c++) {
                if (study->changes[c].refusal[0])
                    continue;
                double effect = jw_roadmap_study_effect(study, c, which).mean;
                least = jw_min(least, effect);
                most = jw_max(most, effect);
            }
            factor->span[which] = most - least;
        }
    if (study->factor_count)
        qsort(study->factors, study->factor_count, sizeof *study->factors, compare_factors);
}

static jw_result prepare(study_work *work, jw_error *error)
{
    const jw_roadmap_study_def *def = work->def;
    jw_roadmap_study *out = work->out;
    jw_scene *scene = NULL;
    jw_twin_def twin = {0};
    jw_result result = open_scene(&def->base->plan, &scene, error);
    if (result == JW_OK && def->has_tornado)
        result = list_changes(scene, out, error);
    work->scene_hash = result == JW_OK ? jw_scene_hash(scene) : 0;
    size_t seeds = out->seed_count, values = jw_roadmap_measure_count() * seeds;
    work->run_count = (uint32_t)(seeds - 1 + out->change_count * seeds);
    out->first_seed = def->base->plan.seed;
    if (result == JW_OK && out->first_seed == 0) { /* the scene's own */
        study_run run = {.work = work};
        result = jw_scene_build(scene, def->threads, NULL, keep_on, &run, &twin, error);
        out->first_seed = twin.seed;
        jw_twin_def_free(&twin);
    }
    jw_scene_close(scene);
    if (result != JW_OK)
        return result;
    work->errors = jw_alloc((work->run_count + 1) * sizeof *work->errors);
    out->quarters = jw_alloc(out->quarter_count * values * sizeof *out->quarters);
    out->ends = jw_alloc((out->change_count + 1) * 2 * seeds * sizeof *out->ends);
    if (!work->errors || !out->quarters || !out->ends)
        return jw_fail_memory(error);
    memset(work->errors, 0, (work->run_count + 1) * sizeof *work->errors);
    memset(out->ends, 0, (out->change_count + 1) * 2 * seeds * sizeof *out->ends);
    keep_quarters(out, def->base, 0);
    return JW_OK;
}

jw_result jw_roadmap_study_run(const jw_roadmap_study_def *def, jw_roadmap_study *out, jw_error *error)
{
    *out = (jw_roadmap_study){
        .quarter_count = def->base->count, .seed_count = def->seed_count, .measure = def->measure};
    if (def->base->count == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "there is no quarter to study");
    if (def->seed_count < 1 || def->seed_count > JW_ROADMAP_SEEDS_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a roadmap takes 1 to %d seeds, not %u",
                       JW_ROADMAP_SEEDS_MAX, def->seed_count);
    if (def->measure >= jw_roadmap_measure_count())
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a roadmap has %u measures, there is no %u",
                       jw_roadmap_measure_count(), def->measure);
    study_work work = {.def = def, .out = out, .is_telling = ATOMIC_FLAG_INIT};
    jw_result result = prepare(&work, error);
    if (result == JW_OK) {
        jw_parallel_blocks(work.run_count, 1, def->threads, run_block, &work);
        result = judge_errors(&work, error);
    }
    jw_free(work.errors);
    if (result == JW_OK)
        rank(out);
    else
        jw_roadmap_study_free(out);
    return result;
}

void jw_roadmap_study_free(jw_roadmap_study *study)
{
    jw_free(study->factors);
    jw_free(study->changes);
    jw_free(study->quarters);
    jw_free(study->ends);
    *study = (jw_roadmap_study){0};
}

static jw_estimate estimate(const double *values, const double *less, uint32_t count)
{
    if (count > 1)
        return jw_estimate_mean(values, less, count, 1);
    return (jw_estimate){.mean = values[0] - (less ? less[0] : 0)};
}

static const double *at_quarter(const jw_roadmap_study *study, uint32_t quarter, uint32_t measure)
{
    return study->quarters + ((size_t)quarter * jw_roadmap_measure_count() + measure) * study->seed_count;
}

jw_estimate jw_roadmap_study_band(const jw_roadmap_study *study, uint32_t quarter, uint32_t measure)
{
    return estimate(at_quarter(study, quarter, measure), NULL, study->seed_count);
}

jw_estimate jw_roadmap_study_effect(const jw_roadmap_study *study, uint32_t change, uint32_t which)
{
    const double *own = at_quarter(study, study->quarter_count - 1, which ? study->measure : JW_ROADMAP_TFP);
    return estimate(study->ends + ((size_t)change * 2 + which) * study->seed_count, own, study->seed_count);
}

uint32_t jw_roadmap_study_shown(const jw_roadmap_study *study)
{
    uint32_t shown = 0;
    for (uint32_t i = 0; i < study->factor_count && shown < JW_ROADMAP_TORNADO_SHOWN; i++)
        if (study->factors[i].span[0] > 0 || study->factors[i].span[1] > 0)
            shown = i + 1;
    return shown;
}
