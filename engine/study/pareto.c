/* Candidates put into forks of one world a seed, and what becomes of each. */
#include "study/pareto.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define DATASET "pareto-data" /* what tuned candidates have seen */

static const struct {
    const char *name, *unit;
} measures[] = {{"right", "%"},    {"p95", "ms"}, {"power", "W"},
                {"cost", "CNY/h"}, {"late", "%"}, {"quality", "%"}};
_Static_assert(JW_COUNT_OF(measures) == JW_PARETO_MEASURE_COUNT, "every measure has a name");

const char *jw_pareto_measure_name(jw_pareto_measure measure)
{
    return measures[measure].name;
}

const char *jw_pareto_measure_unit(jw_pareto_measure measure)
{
    return measures[measure].unit;
}

typedef struct pareto_work {
    const jw_pareto_def *def;
    jw_pareto *out;
    const char *service; /* id */
    uint32_t version;    /* of the scene, that candidates are made of */
    uint32_t type;       /* of requests */
    jw_error *errors;    /* a seed */
    atomic_uint done;
    atomic_bool is_cancelled, has_failed;
    atomic_flag is_telling;
} pareto_work;

static bool tell(pareto_work *work)
{
    const jw_pareto_def *def = work->def;
    if (def->progress && !atomic_flag_test_and_set(&work->is_telling)) {
        double runs = (double)work->out->candidate_count * work->out->seed_count;
        if (!def->progress(def->progress_context, jw_min(atomic_load(&work->done) / runs, 1), "simulating"))
            atomic_store(&work->is_cancelled, true);
        atomic_flag_clear(&work->is_telling);
    }
    return !atomic_load(&work->is_cancelled) && !atomic_load(&work->has_failed);
}

static bool keep_on(void *context, double fraction, const char *what)
{
    (void)fraction, (void)what;
    return tell(context);
}

/* ---- candidates ---- */

static const char *tiers_name(uint32_t tiers)
{
    return tiers == 1u << JW_TIER_EDGE ? "edge" : tiers == 1u << JW_TIER_CITY ? "city" : "edge and city";
}

static void name_part(const jw_pareto_part *part, char *out, size_t size)
{
    char cards[24] = "";
    if (part->cards)
        snprintf(cards, sizeof cards, ", %u card%s", part->cards, part->cards == 1 ? "" : "s");
    snprintf(out, size, "%gx%s%s%.20s at %s%s", part->size, part->is_tuned ? " tuned" : "",
             part->method[0] ? " " : "", part->method, tiers_name(part->tiers), cards);
}

static void add(jw_pareto *out, const jw_pareto_part *parts, uint32_t count)
{
    jw_pareto_candidate *c = &out->candidates[out->candidate_count++];
    char names[2][64] = {"", ""};
    *c = (jw_pareto_candidate){.part_count = count, .dominated_by = JW_NONE};
    for (uint32_t i = 0; i < count; i++) {
        c->parts[i] = parts[i];
        name_part(&parts[i], names[i], sizeof names[i]);
    }
    snprintf(c->name, sizeof c->name, "%s%s%s", names[0], count > 1 ? " + " : "", names[1]);
}

static jw_pareto_part part_of(const jw_pareto_def *def, uint32_t size, bool is_tuned, uint32_t method,
                              uint32_t tiers, uint32_t cards)
{
    jw_pareto_part part = {.size = def->sizes[size], .is_tuned = is_tuned, .tiers = tiers, .cards = cards};
    if (strcmp(def->methods[method], "none") != 0)
        jw_text_copy(part.method, sizeof part.method, def->methods[method]);
    return part;
}

static jw_result list_candidates(const jw_pareto_def *def, jw_pareto *out, jw_error *error)
{
    const uint32_t edge = 1u << JW_TIER_EDGE, city = 1u << JW_TIER_CITY, tiers[] = {edge, city, edge | city};
    uint32_t tunings = def->data_gb > 0 ? 2 : 1, small = 0, large = 0;
    uint64_t count = (uint64_t)def->size_count * tunings * def->method_count * 3 * def->card_count;
    if (count + def->card_count > JW_PARETO_CANDIDATES_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "%llu candidates: at most %d, take fewer sizes, methods or cards",
                       (unsigned long long)count, JW_PARETO_CANDIDATES_MAX);
    out->candidates = jw_alloc((count + def->card_count) * sizeof *out->candidates);
    if (!out->candidates)
        return jw_fail_memory(error);
    for (uint32_t s = 0; s < def->size_count; s++) {
        small = def->sizes[s] < def->sizes[small] ? s : small;
        large = def->sizes[s] > def->sizes[large] ? s : large;
        for (uint32_t t = 0; t < tunings; t++)
            for (uint32_t m = 0; m < def->method_count; m++)
                for (uint32_t p = 0; p < JW_COUNT_OF(tiers); p++)
                    for (uint32_t k = 0; k < def->card_count; k++) {
                        jw_pareto_part part = part_of(def, s, t > 0, m, tiers[p], def->cards[k]);
                        add(out, &part, 1);
                    }
    }
    for (uint32_t k = 0; k < def->card_count && small != large; k++) { /* the mix: both, each where it fits */
        jw_pareto_part parts[2] = {part_of(def, small, tunings > 1, 0, edge, def->cards[k]),
                                   part_of(def, large, false, 0, city, def->cards[k])};
        add(out, parts, 2);
    }
    return JW_OK;
}

/* ---- a candidate in a world ---- */

/* Sites of the tiers that are up; the number of the largest of all in *largest. */
static uint32_t list_sites(const jw_world *world, uint32_t tiers, uint64_t *sites, uint64_t *largest)
{
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    uint32_t count = 0, most = 0;
    jw_site_state site;
    for (uint32_t i = 0; i < jw_compute_site_count(compute); i++) {
        if (!jw_compute_site(world, compute, i, &site) || !site.is_up)
            continue;
        if (site.cards > most) {
            most = site.cards;
            *largest = jw_twin_site_handle(site.id);
        }
        if (tiers >> site.def->tier & 1)
            sites[count++] = jw_twin_site_handle(site.id);
    }
    return count;
}

static jw_result make_version(pareto_work *work, jw_world *world, const jw_pareto_part *part, uint64_t site,
                              uint32_t *version, jw_error *error)
{
    jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    jw_result result = JW_OK;
    *version = work->version;
    if (part->size != 1)
        result = jw_ai_resize(world, ai, work->service, *version, part->size, version, error);
    if (result == JW_OK && part->is_tuned) {
        jw_tune_def def = {.version = *version, .datasets = {DATASET}, .dataset_count = 1, .site = site};
        jw_dataset_def data = {.id = DATASET, .sector = "transport", .home = site};
        uint32_t slot;
        jw_text_copy(def.model, sizeof def.model, work->service);
        data.size_bytes = (int64_t)(work->def->data_gb * 1e9);
        result = jw_ai_add_dataset(world, ai, &data, error);
        if (result == JW_OK)
            result = jw_ai_tune(world, ai, &def, &slot, error);
        if (result == JW_OK)
            result = jw_ai_finish_tuning(world, ai, slot, error);
        *version = jw_ai_newest_version(ai, work->service);
    }
    return result == JW_OK && part->method[0]
               ? jw_ai_compress(world, ai, work->service, *version, part->method, version, error)
               : result;
}

static jw_result put_part(pareto_work *work, jw_world *world, const jw_pareto_part *part, uint64_t *sites,
                          double *best_quality, jw_error *error)
{
    jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    uint32_t service = jw_compute_find_service(compute, work->service);
    uint64_t largest = 0;
    jw_deployment_def def = {.sites = sites, .is_instant = 1};
    jw_deployment_id id;
    def.site_count = list_sites(world, part->tiers, sites, &largest);
    if (def.site_count == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no site is of the tier %s",
                       tiers_name(part->tiers));
    jw_text_copy(def.model, sizeof def.model, work->service);
    jw_result result = make_version(work, world, part, largest, &def.version, error);
    if (result == JW_OK)
        result = jw_ai_deploy(world, ai, &def, &id, error);
    for (uint32_t i = 0; i < def.site_count && result == JW_OK && part->cards; i++) {
        jw_site_id site = {(uint32_t)sites[i], (uint32_t)(sites[i] >> 32)};
        result = jw_compute_uninstall(world, compute, site, service, error);
        if (result == JW_OK)
            result = jw_compute_install(world, compute, site, service, def.version, part->cards, error);
    }
    if (result == JW_OK)
        *best_quality = jw_max(*best_quality, jw_ai_quality(ai, service, def.version));
    return result;
}

static jw_result put(pareto_work *work, jw_world *world, const jw_pareto_candidate *c, double *best_quality,
                     jw_error *error)
{
    jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    uint64_t *sites = jw_alloc((jw_compute_site_count(jw_world_state(world, JW_TWIN_COMPUTE)) + 1) *
                               sizeof *sites),
             largest;
    if (!sites)
        return jw_fail_memory(error);
    jw_result result = JW_OK;
    uint32_t all = list_sites(world, UINT32_MAX, sites, &largest);
    for (uint32_t i = 0; i < all && result == JW_OK; i++)
        if (jw_ai_serving_version(ai, sites[i], work->service))
            result = jw_ai_take_away(world, ai, sites[i], work->service, error);
    for (uint32_t i = 0; i < c->part_count && result == JW_OK; i++)
        result = put_part(work, world, &c->parts[i], sites, best_quality, error);
    jw_free(sites);
    return result;
}

static jw_service_cards count_cards(const jw_world *world, const char *id)
{
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    uint32_t service = jw_compute_find_service(compute, id);
    jw_service_cards all = {0};
    jw_site_state site;
    for (uint32_t i = 0; i < jw_compute_site_count(compute); i++) {
        if (!jw_compute_site(world, compute, i, &site))
            continue;
        jw_service_cards one = jw_compute_cards(compute, site.id, service);
        all.cards += one.cards;
        all.weights_gb += one.weights_gb;
        all.price_cny += one.price_cny;
    }
    return all;
}

static jw_result live_through(pareto_work *work, jw_world *world, jw_error *error)
{
    uint64_t steps = (uint64_t)jw_round(work->def->minutes * 60 / jw_s_from_ns(jw_world_dt_ns(world)));
    jw_result result = JW_OK;
    for (uint64_t i = 0; i < steps && result == JW_OK; i++) {
        if (i % 100 == 0 && !tell(work))
            return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
        result = jw_world_step(world, error);
    }
    return result;
}

static jw_result measure(const pareto_work *work, const jw_world *world, const jw_service_cards *cards,
                         double *out, jw_error *error)
{
    jw_request_counts r = jw_twin_requests(world, work->type);
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    jw_service_energy used =
        jw_compute_service_energy(world, compute, jw_compute_find_service(compute, work->service));
    double ended = (double)(r.answered + r.lost), hours = work->def->minutes / 60;
    if (!(ended > 0))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "nobody asked \"%s\" in %g min: longer, or another request type",
                       jw_twin_request_type(world, work->type)->name, work->def->minutes);
    out[JW_PARETO_RIGHT] = 100 * r.right / ended;
    out[JW_PARETO_P95] = r.p95_ms;
    out[JW_PARETO_POWER] = (double)used.energy_mj / 1000 / (3600 * hours);
    out[JW_PARETO_COST] =
        (double)used.cost_fen / 100 / hours + cards->price_cny / (JW_PARETO_CARD_YEARS * 365 * 24);
    out[JW_PARETO_LATE] = 100 * (double)(r.late + r.lost) / ended;
    return JW_OK;
}

/* In place of the first measure of a seed that could not put the candidate there. */
#define REFUSED (-1.0)

/* One candidate in a fork; why it is refused is told by the first seed. */
static jw_result run_one(pareto_work *work, const jw_world *start, uint32_t candidate, uint32_t seed,
                         jw_error *error)
{
    jw_pareto_candidate *c = &work->out->candidates[candidate];
    double *out =
        work->out->values + ((size_t)candidate * work->out->seed_count + seed) * JW_PARETO_MEASURE_COUNT;
    jw_world *world = NULL;
    jw_error refusal = {0};
    double quality = 0;
    jw_result result = jw_world_fork(start, &world, error);
    if (result != JW_OK)
        return result;
    jw_result fits = put(work, world, c, &quality, &refusal);
    if (fits == JW_ERROR_MEMORY) {
        result = jw_fail_memory(error);
    } else if (fits != JW_OK) {
        out[JW_PARETO_RIGHT] = REFUSED;
        if (seed == 0)
            jw_text_copy(c->refusal, sizeof c->refusal, refusal.message);
    } else {
        jw_service_cards cards = count_cards(world, work->service);
        if (seed == 0) {
            c->cards = cards.cards;
            c->memory_gb = cards.weights_gb;
        }
        out[JW_PARETO_QUALITY] = 100 * quality;
        result = live_through(work, world, error);
        if (result == JW_OK)
            result = measure(work, world, &cards, out, error);
    }
    jw_world_destroy(world);
    return result;
}

static jw_result run_seed(pareto_work *work, uint32_t seed, jw_error *error)
{
    jw_twin_def own = *work->def->def;
    own.seed = work->out->first_seed + seed;
    own.threads = 1;
    jw_world *start = NULL;
    jw_result result = jw_scene_make_world(work->def->scene, &own, NULL, keep_on, work, &start, error);
    for (uint32_t c = 0; c < work->out->candidate_count && result == JW_OK; c++) {
        result = run_one(work, start, c, seed, error);
        atomic_fetch_add(&work->done, 1);
    }
    jw_world_destroy(start);
    return result;
}

static void run_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    pareto_work *work = context;
    (void)block;
    for (uint32_t seed = begin; seed < end && tell(work); seed++)
        if (run_seed(work, seed, &work->errors[seed]) != JW_OK)
            atomic_store(&work->has_failed, true);
}

/* ---- checks ---- */

static jw_result check_choices(const jw_pareto_def *def, jw_error *error)
{
    bool has_choices = def->size_count && def->method_count && def->card_count &&
                       def->size_count <= JW_PARETO_CHOICES_MAX &&
                       def->method_count <= JW_PARETO_CHOICES_MAX && def->card_count <= JW_PARETO_CHOICES_MAX;
    if (!has_choices || def->seed_count < 2 || def->seed_count > 100 ||
        !(def->minutes > 0 && def->minutes <= 1440) || !(def->data_gb >= 0 && def->data_gb <= 1e6))
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "a front takes 1 to %d sizes, methods and cards, 2 to 100 seeds, up to 1440 min and up to 1e6 GB",
            JW_PARETO_CHOICES_MAX);
    for (uint32_t s = 0; s < def->size_count; s++)
        if (!(def->sizes[s] >= 0.01 && def->sizes[s] <= 10))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "a size is %g, it must be 0.01 to 10 times the model's", def->sizes[s]);
    for (uint32_t m = 0; m < def->method_count; m++) {
        bool is_known = strcmp(def->methods[m], "none") == 0;
        for (uint32_t i = 0; i < def->def->compression_count; i++)
            is_known |= strcmp(def->methods[m], def->def->compressions[i].id) == 0;
        if (!is_known)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "the catalogue has no compression \"%s\" (see assets/catalog/compression.lua; "
                           "\"none\" is one, "
                           "too)",
                           def->methods[m]);
    }
    return JW_OK;
}

static jw_result find_service(pareto_work *work, jw_error *error)
{
    const jw_twin_def *def = work->def->def;
    const char *request = work->def->request[0] ? work->def->request : "signal";
    work->type = JW_NONE;
    for (uint32_t i = 0; i < def->request_count; i++)
        if (strcmp(def->requests[i].name, request) == 0)
            work->type = i;
    if (work->type == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s has no request type \"%s\"", def->name,
                       request);
    work->service = def->requests[work->type].service;
    for (uint32_t i = 0; i < def->rollout_count; i++)
        if (strcmp(def->rollouts[i].model, work->service) == 0)
            work->version = def->rollouts[i].version;
    return work->version ? JW_OK
                         : jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                                   "%s rolls out no model \"%s\", which serves \"%s\"", def->name,
                                   work->service, request);
}

/* A seed in which a candidate cannot be (a site has failed there) is no measurement of nothing. */
static void check_seeds(jw_pareto *out)
{
    for (uint32_t i = 0; i < out->candidate_count; i++) {
        jw_pareto_candidate *c = &out->candidates[i];
        double *values = out->values + (size_t)i * out->seed_count * JW_PARETO_MEASURE_COUNT;
        bool is_refused = false;
        for (uint32_t s = 0; s < out->seed_count; s++) {
            if (values[s * JW_PARETO_MEASURE_COUNT + JW_PARETO_RIGHT] != REFUSED)
                continue;
            is_refused = true;
            if (!c->refusal[0])
                snprintf(c->refusal, sizeof c->refusal, "with seed %llu it cannot be put there",
                         (unsigned long long)(out->first_seed + s));
        }
        if (!is_refused)
            continue;
        c->cards = 0;
        c->memory_gb = 0;
        memset(values, 0, (size_t)out->seed_count * JW_PARETO_MEASURE_COUNT * sizeof *values);
    }
}

static void check_budget(const jw_pareto_def *def, jw_pareto *out)
{
    for (uint32_t i = 0; i < out->candidate_count; i++) {
        jw_pareto_candidate *c = &out->candidates[i];
        double half, kw = jw_pareto_mean(out, i, JW_PARETO_POWER, &half) / 1000;
        if (c->refusal[0])
            continue;
        if (def->budget_cards > 0 && c->cards > def->budget_cards)
            snprintf(c->refusal, sizeof c->refusal, "over budget: %u cards of %g", c->cards,
                     def->budget_cards);
        else if (def->budget_gb > 0 && c->memory_gb > def->budget_gb)
            snprintf(c->refusal, sizeof c->refusal, "over budget: %.4g GB of %g", c->memory_gb,
                     def->budget_gb);
        else if (def->budget_kw > 0 && kw > def->budget_kw)
            snprintf(c->refusal, sizeof c->refusal, "over budget: %.4g kW of %g", kw, def->budget_kw);
    }
}

jw_result jw_pareto_run(const jw_pareto_def *def, jw_pareto *out, jw_error *error)
{
    *out = (jw_pareto){.seed_count = def->seed_count, .first_seed = def->def->seed, .minutes = def->minutes};
    pareto_work work = {.def = def, .out = out, .is_telling = ATOMIC_FLAG_INIT};
    jw_result result = check_choices(def, error);
    if (result == JW_OK)
        result = find_service(&work, error);
    if (result == JW_OK)
        result = list_candidates(def, out, error);
    if (result == JW_OK) {
        work.errors = jw_alloc(def->seed_count * sizeof *work.errors);
        out->values = jw_alloc((size_t)out->candidate_count * def->seed_count * JW_PARETO_MEASURE_COUNT *
                               sizeof *out->values);
        if (!work.errors || !out->values)
            result = jw_fail_memory(error);
    }
    if (result == JW_OK)
        jw_parallel_blocks(def->seed_count, 1, def->threads, run_block, &work);
    for (uint32_t s = 0; s < def->seed_count && result == JW_OK; s++)
        if (work.errors[s].code != JW_OK && work.errors[s].code != JW_ERROR_CANCELLED)
            result = jw_fail(error, work.errors[s].code, work.errors[s].file, work.errors[s].line,
                             "with seed %llu: %.220s", (unsigned long long)(out->first_seed + s),
                             work.errors[s].message);
    if (result == JW_OK && atomic_load(&work.is_cancelled))
        result = jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    jw_free(work.errors);
    if (result != JW_OK) {
        jw_pareto_free(out);
        return result;
    }
    check_seeds(out);
    check_budget(def, out);
    jw_pareto_mark(out);
    return JW_OK;
}

void jw_pareto_free(jw_pareto *pareto)
{
    jw_free(pareto->candidates);
    jw_free(pareto->values);
    *pareto = (jw_pareto){0};
}

/* ---- statistics and the front ---- */

static double value_of(const jw_pareto *pareto, uint32_t candidate, uint32_t seed, jw_pareto_measure measured)
{
    return pareto
        ->values[((size_t)candidate * pareto->seed_count + seed) * JW_PARETO_MEASURE_COUNT + measured];
}

/* Of a candidate's values, or of what they are above those of `less`, seed by seed. */
static double mean_of(const jw_pareto *pareto, uint32_t candidate, uint32_t less, jw_pareto_measure measured,
                      double *half_width)
{
    uint32_t n = pareto->seed_count;
    double sum = 0, square = 0;
    for (uint32_t s = 0; s < n; s++)
        sum += value_of(pareto, candidate, s, measured) -
               (less == JW_NONE ? 0 : value_of(pareto, less, s, measured));
    for (uint32_t s = 0; s < n; s++) {
        double d = value_of(pareto, candidate, s, measured) -
                   (less == JW_NONE ? 0 : value_of(pareto, less, s, measured)) - sum / n;
        square += d * d;
    }
    *half_width = n > 1 ? jw_student_95(n - 1) * jw_sqrt(square / (n - 1) / n) : 0;
    return sum / n;
}

double jw_pareto_mean(const jw_pareto *pareto, uint32_t candidate, jw_pareto_measure measured,
                      double *half_width)
{
    return mean_of(pareto, candidate, JW_NONE, measured, half_width);
}

static bool dominates(const jw_pareto *pareto, uint32_t a, uint32_t b)
{
    bool is_better = false;
    double half;
    for (uint32_t k = 0; k < JW_PARETO_OBJECTIVES; k++) {
        double gain = mean_of(pareto, b, a, (jw_pareto_measure)k, &half);
        if (k == JW_PARETO_RIGHT)
            gain = -gain;
        if (gain < -half)
            return false;
        is_better |= gain > half;
    }
    return is_better;
}

void jw_pareto_mark(jw_pareto *pareto)
{
    for (uint32_t b = 0; b < pareto->candidate_count; b++) {
        jw_pareto_candidate *c = &pareto->candidates[b];
        c->dominated_by = JW_NONE;
        for (uint32_t a = 0; a < pareto->candidate_count && c->dominated_by == JW_NONE && !c->refusal[0]; a++)
            if (a != b && !pareto->candidates[a].refusal[0] && dominates(pareto, a, b))
                c->dominated_by = a;
        c->is_on_front = !c->refusal[0] && c->dominated_by == JW_NONE;
    }
}
