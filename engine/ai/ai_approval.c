/* The way of a version to its approval: its risk, its track, the reviewers' desks.
 *
 * The desks have a clock of their own, the world's plus the working days that a roadmap passed beside it:
 * both kinds of time move it, and what is due by it is reviewed in the order of its due times. */
#include "ai/ai_approval.h"
#include "ai/ai_internal.h"
#include "ai/ai_sector.h"

#include <string.h>

#define NS_PER_DAY(book) ((book)->def.day_s * 1e9)
#define SKIPPED_NS_MAX   ((int64_t)1 << 61)

/* ---- risk ---------------------------------------------------------------------------------------------- */

const char *jw_risk_track_name(jw_risk_track track)
{
    static const char *const names[] = {"register", "review", "trial"};
    return track < JW_TRACK_COUNT ? names[track] : "";
}

const char *jw_approval_phase_name(jw_approval_phase phase)
{
    static const char *const names[] = {"waiting", "review", "trial", "approved", "rejected", "withdrawn"};
    return phase < JW_APPROVAL_PHASE_COUNT ? names[phase] : "";
}

uint32_t jw_risk_score(jw_risk_data data, jw_risk_autonomy autonomy, jw_risk_reach reach)
{
    return ((uint32_t)data + 1) * ((uint32_t)autonomy + 1) * ((uint32_t)reach + 1);
}

jw_approval_def jw_default_approval_def(void)
{
    return (jw_approval_def){.review_from = 5,
                             .trial_from = 13,
                             .reviewers = 2,
                             .review_days = 10,
                             .day_s = 8 * 3600,
                             .review_finds = 0.3,
                             .trial_decisions = 200,
                             .trial_margin = 0.05,
                             .bad_share = 0.2,
                             .bad_loss = 0.1,
                             .tolerance = 0.02,
                             .complaint_share = 0.001};
}

bool jw_approval_is_fine(const jw_approval_def *def, jw_error *error)
{
    const struct {
        const char *name;
        double value, min, max;
    } figures[] = {
        {"review_from", def->review_from, 1, 37},
        {"trial_from", def->trial_from, def->review_from, 37},
        {"reviewers", def->reviewers, 1, JW_REVIEWERS_MAX},
        {"review_days", def->review_days, 1e-6, 1000},
        {"day_s", def->day_s, 1e-3, 86400},
        {"review_finds", def->review_finds, 0, 1},
        {"trial_decisions", def->trial_decisions, 1, 1e6},
        {"trial_margin", def->trial_margin, 0, 1},
        {"bad_share", def->bad_share, 0, 1},
        {"bad_loss", def->bad_loss, 0, 1},
        {"tolerance", def->tolerance, 0, 1},
        {"complaint_share", def->complaint_share, 0, 1},
        {"drift", def->drift, 0, 1},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        if (!(figures[i].value >= figures[i].min && figures[i].value <= figures[i].max)) {
            jw_fail(error, JW_ERROR_INPUT, NULL, 0, "approval: %s is %g, it must be %g to %g",
                    figures[i].name, figures[i].value, figures[i].min, figures[i].max);
            return false;
        }
    return true;
}

const jw_approval_def *jw_ai_approval_def(const jw_ai *ai)
{
    return &ai->approval.def;
}

jw_risk_track jw_approval_track(const jw_approval_def *def, uint32_t score)
{
    return score >= def->trial_from    ? JW_TRACK_TRIAL
           : score >= def->review_from ? JW_TRACK_REVIEW
                                       : JW_TRACK_REGISTER;
}

/* ---- the registry's part ------------------------------------------------------------------------------- */

static jw_result set_up(jw_world *world, jw_ai *ai, const jw_approval_def *def, jw_error *error)
{
    approval_book *book = &ai->approval;
    if (!jw_approval_is_fine(def, error))
        return JW_ERROR_INPUT;
    approval_desk *desks = jw_alloc(def->reviewers * sizeof *desks);
    if (!desks)
        return jw_fail_memory(error);
    jw_free(book->desks);
    book->desks = desks;
    book->def = *def;
    book->is_fast = def->is_fast;
    drift_start(world, ai);
    return JW_OK;
}

jw_result approval_init(jw_world *world, jw_ai *ai, const jw_approval_def *def, jw_error *error)
{
    jw_approval_def none = jw_default_approval_def();
    approval_attach(world, &ai->approval);
    return set_up(world, ai, def ? def : &none, error);
}

void approval_attach(jw_world *world, approval_book *book)
{
    book->key = jw_world_random(world, jw_hash_text(0, "ai.approval"));
}

void approval_free(approval_book *book)
{
    jw_free(book->models);
    jw_free(book->submissions);
    jw_free(book->desks);
}

/* By the version's name: the same version is as good in every run of a seed. A compressed one has its
 * parent's loss; what compression costs is in its declared quality. */
static double draw_loss(const jw_ai *ai, uint32_t index, const model_origin *origin)
{
    const approval_book *book = &ai->approval;
    const jw_model *model = &ai->models[index];
    uint32_t parent = origin->method1 ? ai_find_model(ai, model->id, origin->parent) : JW_NONE;
    if (!book->def.is_on)
        return 0;
    if (parent != JW_NONE)
        return jw_min(book->models[parent].loss, model->quality);
    jw_random_key key = {book->key.seed, jw_hash_text(book->key.stream, model->id)};
    if (jw_random_uniform(key, model->version, 0) >= book->def.bad_share || book->def.bad_loss == 0)
        return 0;
    return jw_min(jw_random_exponential(key, model->version, 1, book->def.bad_loss), model->quality);
}

jw_result approval_add_model(jw_ai *ai, const model_origin *origin, jw_error *error)
{
    approval_book *book = &ai->approval;
    jw_result result =
        jw_grow(&book->models, &book->model_capacity, ai->model_count + 1ull, sizeof *book->models, error);
    if (result != JW_OK)
        return result;
    book->models[ai->model_count] = (approval_model){.loss = draw_loss(ai, ai->model_count, origin)};
    drift_add_model(ai, origin);
    book->model_count = ai->model_count + 1;
    return JW_OK;
}

void approval_trust(jw_ai *ai, uint32_t model)
{
    ai->approval.models[model].is_approved = 1;
    ai->approval.models[model].loss = 0;
}

static bool serves_somewhere(const jw_ai *ai, uint32_t model)
{
    for (uint32_t i = 0; i < ai->holding_count; i++)
        if (ai->holdings[i].model == model && ai->holdings[i].is_serving)
            return true;
    return false;
}

jw_result jw_ai_require_approval(jw_world *world, jw_ai *ai, const jw_approval_def *def, jw_error *error)
{
    approval_book *book = &ai->approval;
    if (book->def.is_on)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "require_approval: versions need approval here already");
    jw_approval_def on = *def;
    on.is_on = true;
    jw_result result = set_up(world, ai, &on, error);
    for (uint32_t i = 0; i < ai->model_count && result == JW_OK;
         i++) /* parents come before what is made of them */
        if (serves_somewhere(ai, i))
            approval_trust(ai, i);
        else
            book->models[i].loss = draw_loss(ai, i, &ai->origins[i]);
    return result;
}

bool jw_ai_is_approved(const jw_ai *ai, const char *model, uint32_t version)
{
    uint32_t index = ai_find_model(ai, model, version);
    return index != JW_NONE && (!ai->approval.def.is_on || ai->approval.models[index].is_approved);
}

static bool is_open(const approval_submission *s)
{
    return s->phase <= JW_APPROVAL_TRIAL;
}

jw_result approval_check(const jw_ai *ai, uint32_t model, jw_error *error)
{
    const approval_book *book = &ai->approval;
    const approval_model *m = &book->models[model];
    const jw_model *version = &ai->models[model];
    if (!book->def.is_on || m->is_approved)
        return JW_OK;
    if (m->submission1 == 0)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "\"%s\" version %u is not approved: submit_model puts it on the track of its risk "
                       "(register, review or trial)",
                       version->id, version->version);
    const approval_submission *s = &book->submissions[m->submission1 - 1];
    return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                   "\"%s\" version %u is not approved: its risk of %u needs the track %s, and it is %s",
                   version->id, version->version, s->score, jw_risk_track_name((jw_risk_track)s->track),
                   jw_approval_phase_name((jw_approval_phase)s->phase));
}

/* ---- the desks ----------------------------------------------------------------------------------------- */

int64_t approval_desk_ns(const jw_world *world, const approval_book *book)
{
    return jw_world_time_ns(world) + book->skipped_ns;
}

void approval_decide(jw_world *world, jw_ai *ai, uint32_t submission, bool is_approved)
{
    approval_book *book = &ai->approval;
    approval_submission *s = &book->submissions[submission];
    approval_model *m = &book->models[s->model];
    bool is_bad = m->loss > book->def.tolerance;
    book->trials -= s->phase == JW_APPROVAL_TRIAL;
    s->phase = is_approved ? JW_APPROVAL_APPROVED : JW_APPROVAL_REJECTED;
    if (s->ended_ns < 0) /* a desk has said when */
        s->ended_ns = approval_desk_ns(world, book);
    m->is_approved = is_approved;
    *(is_approved ? &book->approved : &book->rejected) += 1;
    book->wrong_approvals += is_approved && is_bad;
    book->wrong_rejections += !is_approved && !is_bad;
    book->spent_ns += s->ended_ns - s->submitted_ns;
    book->waited_ns += s->begun_ns - s->submitted_ns;
}

static void begin_review(jw_world *world, jw_ai *ai, uint32_t desk, uint32_t submission, int64_t at_ns)
{
    approval_book *book = &ai->approval;
    approval_submission *s = &book->submissions[submission];
    double days = jw_random_exponential(book->key, 2 + 2ull * submission, 0, book->def.review_days);
    s->phase = JW_APPROVAL_REVIEW;
    s->begun_ns = at_ns;
    /* At most 1,000 days x 1,000: an exponential draw is below 40 means. */
    book->desks[desk] = (approval_desk){submission + 1, at_ns + (int64_t)(days * NS_PER_DAY(book))};
    int64_t due_ns = book->desks[desk].due_ns - book->skipped_ns;
    if (due_ns >= jw_world_time_ns(world))
        jw_schedule(world, due_ns, JW_PRIORITY_NORMAL, (uint16_t)jw_world_find_module(world, "ai"),
                    EVENT_REVIEWED, 0, 0);
}

static void fill_desk(jw_world *world, jw_ai *ai, uint32_t desk, int64_t at_ns)
{
    approval_book *book = &ai->approval;
    while (book->next_waiting < book->submission_count &&
           book->submissions[book->next_waiting].phase != JW_APPROVAL_WAITING)
        book->next_waiting++;
    if (book->next_waiting < book->submission_count)
        begin_review(world, ai, desk, book->next_waiting++, at_ns);
}

static void end_review(jw_world *world, jw_ai *ai, uint32_t submission, int64_t at_ns)
{
    approval_book *book = &ai->approval;
    approval_submission *s = &book->submissions[submission];
    bool is_bad = book->models[s->model].loss > book->def.tolerance;
    if (s->phase != JW_APPROVAL_REVIEW) /* withdrawn on the desk */
        return;
    bool is_found = is_bad && jw_random_uniform(book->key, 2 + 2ull * submission, 1) < book->def.review_finds;
    if (!is_found && s->track == JW_TRACK_TRIAL) {
        s->phase = JW_APPROVAL_TRIAL;
        book->trials++;
        return;
    }
    s->ended_ns = at_ns;
    approval_decide(world, ai, submission, !is_found);
}

/* All that is due by now, in order of its due time; of equals the lower desk first. */
void approval_reviewed(jw_world *world, jw_ai *ai)
{
    approval_book *book = &ai->approval;
    int64_t now_ns = approval_desk_ns(world, book);
    for (;;) {
        uint32_t first = JW_NONE;
        for (uint32_t i = 0; i < book->def.reviewers; i++)
            if (book->desks[i].submission1 && book->desks[i].due_ns <= now_ns &&
                (first == JW_NONE || book->desks[i].due_ns < book->desks[first].due_ns))
                first = i;
        if (first == JW_NONE)
            return;
        approval_desk done = book->desks[first];
        book->desks[first] = (approval_desk){0};
        end_review(world, ai, done.submission1 - 1, done.due_ns);
        fill_desk(world, ai, first, done.due_ns);
    }
}

jw_result approval_pass_days(jw_world *world, jw_ai *ai, double days, jw_error *error)
{
    approval_book *book = &ai->approval;
    int64_t skipped_ns = (int64_t)(days * NS_PER_DAY(book));
    if (book->skipped_ns > SKIPPED_NS_MAX - skipped_ns)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "the reviewers' clock has come to its end");
    book->skipped_ns += skipped_ns;
    approval_reviewed(world, ai);
    for (uint32_t i = 0; i < book->def.reviewers; i++)
        if (book->desks[i].submission1)
            jw_schedule(world, book->desks[i].due_ns - book->skipped_ns, JW_PRIORITY_NORMAL, ai->module,
                        EVENT_REVIEWED, 0, 0);
    return JW_OK;
}

/* ---- the door ------------------------------------------------------------------------------------------ */

static uint64_t first_site(const jw_ai *ai, const char *model)
{
    uint64_t site = JW_AI_REGISTRY;
    for (uint32_t i = 0; i < ai->holding_count; i++)
        if (ai->holdings[i].is_serving && strcmp(ai->models[ai->holdings[i].model].id, model) == 0 &&
            ai->holdings[i].site < site)
            site = ai->holdings[i].site;
    return site;
}

static jw_result check_submission(const jw_world *world, const jw_ai *ai, const jw_submission_def *def,
                                  uint32_t model, jw_error *error)
{
    const approval_book *book = &ai->approval;
    jw_corpus corpus;
    if (!book->def.is_on)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "%s: this scene has no approval; it begins with city:approval{}", "submit_model");
    if (model == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "%s: there is no model \"%s\" of version %u (0: newest)", "submit_model", def->model,
                       def->version);
    const approval_model *m = &book->models[model];
    if (m->is_approved)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "submit_model: \"%s\" version %u is approved already",
                       def->model, ai->models[model].version);
    if (m->submission1 && is_open(&book->submissions[m->submission1 - 1]))
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "submit_model: \"%s\" version %u is under way already",
                       def->model, ai->models[model].version);
    if (!(def->share >= 0 && def->share <= 1) || def->data > JW_DATA_SPECIAL ||
        def->autonomy > JW_AUTONOMY_ALONE || def->reach > JW_REACH_CITY)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "submit_model: the share of a trial is 0 to 1, and the risk of known classes");
    if (def->dataset[0] && !jw_ai_corpus(world, ai, def->dataset, &corpus))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "submit_model: there is no dataset \"%s\"",
                       def->dataset);
    return JW_OK;
}

/* Records x sensitivity of what a version was made of, as it was read, and works on, as it is; *most: the
 * highest sensitivity. */
static double data_of(const jw_world *world, const jw_ai *ai, uint32_t model, const char *dataset,
                      double *most)
{
    jw_model_lineage lineage;
    jw_corpus corpus;
    double sum = 0;
    bool is_told = false;
    *most = 0;
    if (!jw_ai_lineage(ai, ai->models[model].id, ai->models[model].version, &lineage))
        lineage.dataset_count = 0;
    for (uint32_t i = 0; i < lineage.dataset_count; i++) {
        const jw_corpus *read = &lineage.datasets[i].corpus;
        is_told |= strcmp(lineage.datasets[i].id, dataset) == 0;
        sum += read->records * read->sensitivity;
        *most = jw_max(*most, read->sensitivity);
    }
    if (is_told || !jw_ai_corpus(world, ai, dataset, &corpus))
        return sum;
    *most = jw_max(*most, corpus.sensitivity);
    return sum + corpus.records * corpus.sensitivity;
}

/* Nobody can say that data are less sensitive than they are. */
static jw_risk_data class_of_data(double sensitivity)
{
    return sensitivity > 1    ? JW_DATA_SPECIAL
           : sensitivity == 1 ? JW_DATA_PERSONAL
           : sensitivity > 0  ? JW_DATA_INTERNAL
                              : JW_DATA_PUBLIC;
}

/* Of one that passes when it is as declared: as many of the sample wrong as its errors and the margin make.
 */
static quality_test trial_of(const jw_approval_def *def, double quality)
{
    double share = jw_min(1, 1 - quality + def->trial_margin);
    return (quality_test){.sample = def->trial_decisions,
                          .max_wrong = (uint32_t)(share * def->trial_decisions + 1e-9),
                          .max_late = UINT32_MAX};
}

jw_result jw_ai_submit(jw_world *world, jw_ai *ai, const jw_submission_def *def, uint32_t *slot,
                       jw_error *error)
{
    approval_book *book = &ai->approval;
    uint32_t model = ai_find_model(ai, def->model, def->version);
    jw_result result = check_submission(world, ai, def, model, error);
    if (result != JW_OK)
        return result;
    double most;
    (void)data_of(world, ai, model, def->dataset, &most);
    jw_risk_data data = def->data > class_of_data(most) ? def->data : class_of_data(most);
    approval_submission fresh = {
        .model = model,
        .score = jw_risk_score(data, def->autonomy, def->reach),
        .phase = JW_APPROVAL_WAITING,
        .site = def->site == JW_AI_REGISTRY && def->share > 0 ? first_site(ai, def->model) : def->site,
        .share = def->share,
        .submitted_ns = approval_desk_ns(world, book),
        .begun_ns = -1,
        .ended_ns = -1,
        .test = trial_of(&book->def, ai->models[model].quality)};
    jw_risk_track track = jw_approval_track(&book->def, fresh.score);
    fresh.track = (uint8_t)(track > JW_TRACK_REGISTER && book->is_fast ? track - 1 : track);
    jw_text_copy(fresh.dataset, sizeof fresh.dataset, def->dataset);
    uint64_t one = fresh.site == JW_AI_REGISTRY ? first_site(ai, def->model) : fresh.site;
    if (fresh.track == JW_TRACK_TRIAL && jw_ai_serving_version(ai, one, def->model) == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "submit_model: its risk of %u needs a trial, and no such site serves \"%s\"",
                       fresh.score, def->model);
    result = jw_grow(&book->submissions, &book->submission_capacity, book->submission_count + 1ull,
                     sizeof *book->submissions, error);
    if (result != JW_OK)
        return result;
    uint32_t index = book->submission_count++;
    book->submissions[index] = fresh;
    book->models[model].submission1 = index + 1;
    book->submitted++;
    if (slot)
        *slot = index;
    if (fresh.track == JW_TRACK_REGISTER) {
        book->submissions[index].begun_ns = fresh.submitted_ns;
        approval_decide(world, ai, index, true);
        return JW_OK;
    }
    for (uint32_t i = 0; i < book->def.reviewers; i++)
        if (book->desks[i].submission1 == 0) {
            fill_desk(world, ai, i, fresh.submitted_ns);
            break;
        }
    return JW_OK;
}

jw_result jw_ai_withdraw(jw_world *world, jw_ai *ai, const char *model, uint32_t version, jw_error *error)
{
    approval_book *book = &ai->approval;
    uint32_t index = ai_find_model(ai, model, version);
    uint32_t slot1 = index == JW_NONE ? 0 : book->models[index].submission1;
    if (slot1 == 0 || !is_open(&book->submissions[slot1 - 1]))
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "withdraw_model: \"%s\" version %u is not on its way to approval", model, version);
    approval_submission *s = &book->submissions[slot1 - 1];
    book->trials -= s->phase == JW_APPROVAL_TRIAL;
    book->withdrawn++;
    s->ended_ns = approval_desk_ns(world, book);
    bool was_read = s->phase == JW_APPROVAL_REVIEW;
    s->phase = JW_APPROVAL_WITHDRAWN;
    for (uint32_t i = 0; i < book->def.reviewers && was_read; i++)
        if (book->desks[i].submission1 == slot1) {
            book->desks[i] = (approval_desk){0};
            fill_desk(world, ai, i, s->ended_ns);
        }
    return JW_OK;
}

void jw_ai_set_fast_track(jw_world *world, jw_ai *ai, bool is_on)
{
    (void)world;
    ai->approval.is_fast = is_on;
}

/* ---- views --------------------------------------------------------------------------------------------- */

uint32_t jw_ai_submission_count(const jw_ai *ai)
{
    return ai->approval.submission_count;
}

bool jw_ai_submission(const jw_world *world, const jw_ai *ai, uint32_t slot, jw_submission_state *out)
{
    const approval_book *book = &ai->approval;
    if (slot >= book->submission_count)
        return false;
    const approval_submission *s = &book->submissions[slot];
    int64_t now_ns = approval_desk_ns(world, book);
    const jw_model *model = &ai->models[s->model];
    *out = (jw_submission_state){
        .model = model->id,
        .dataset = s->dataset,
        .version = model->version,
        .score = s->score,
        .track = (jw_risk_track)s->track,
        .phase = (jw_approval_phase)s->phase,
        .days = (double)((s->ended_ns < 0 ? now_ns : s->ended_ns) - s->submitted_ns) / NS_PER_DAY(book),
        .judged = s->test.judged,
        .wrong = s->test.wrong,
        .max_wrong = s->test.max_wrong,
        .loss = book->models[s->model].loss};
    int64_t begun_ns = s->begun_ns >= 0 ? s->begun_ns : s->ended_ns >= 0 ? s->ended_ns : now_ns;
    out->waited_days = (double)(begun_ns - s->submitted_ns) / NS_PER_DAY(book);
    if (s->track == JW_TRACK_TRIAL)
        out->false_pass = jw_trial_pass_chance(s->test.sample, s->test.max_wrong,
                                               jw_min(1, 1 - model->quality + book->def.bad_loss));
    return true;
}

static double exposure_of(const jw_world *world, const jw_ai *ai, uint32_t model)
{
    const approval_model *m = &ai->approval.models[model];
    double sites = 0, most;
    if (!m->is_approved || m->submission1 == 0)
        return 0;
    for (uint32_t i = 0; i < ai->holding_count; i++)
        sites += ai->holdings[i].model == model && ai->holdings[i].is_serving;
    const char *dataset = ai->approval.submissions[m->submission1 - 1].dataset;
    return sites > 0 ? sites * data_of(world, ai, model, dataset, &most) : 0;
}

jw_approval_counts jw_ai_count_approvals(const jw_world *world, const jw_ai *ai)
{
    const approval_book *book = &ai->approval;
    jw_approval_counts counts = {.submitted = book->submitted,
                                 .approved = book->approved,
                                 .rejected = book->rejected,
                                 .withdrawn = book->withdrawn,
                                 .wrong_approvals = book->wrong_approvals,
                                 .wrong_rejections = book->wrong_rejections,
                                 .judged = book->judged,
                                 .wrong = book->wrong,
                                 .complaints = book->complaints};
    for (uint32_t i = 0; i < book->submission_count; i++) {
        counts.open += is_open(&book->submissions[i]);
        counts.waiting += book->submissions[i].phase == JW_APPROVAL_WAITING;
    }
    double ended = (double)(book->approved + book->rejected) * NS_PER_DAY(book);
    if (ended > 0) {
        counts.mean_days = (double)book->spent_ns / ended;
        counts.mean_waited_days = (double)book->waited_ns / ended;
    }
    for (uint32_t i = 0; i < book->model_count; i++)
        counts.exposure += exposure_of(world, ai, i);
    return counts;
}

/* What is under way counts as submitted at the start. */
void approval_restart_counts(approval_book *book)
{
    book->submitted = 0;
    for (uint32_t i = 0; i < book->submission_count; i++)
        book->submitted += is_open(&book->submissions[i]);
    book->approved = book->rejected = book->withdrawn = book->wrong_approvals = book->wrong_rejections = 0;
    book->judged = book->wrong = book->complaints = book->spent_ns = book->waited_ns = 0;
}

/* ---- verbs --------------------------------------------------------------------------------------------- */

jw_result approval_verb_require(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_approval_def def = jw_default_approval_def();
    def.reviewers = (uint32_t)jw_command_get_number(command, "reviewers", def.reviewers);
    def.review_days = jw_command_get_number(command, "review_days", def.review_days);
    def.day_s = jw_command_get_number(command, "day_s", def.day_s);
    def.review_finds = jw_command_get_number(command, "review_finds", def.review_finds);
    def.trial_decisions = (uint32_t)jw_command_get_number(command, "trial_decisions", def.trial_decisions);
    def.trial_margin = jw_command_get_number(command, "trial_margin", def.trial_margin);
    def.bad_share = jw_command_get_number(command, "bad_share", def.bad_share);
    def.bad_loss = jw_command_get_number(command, "bad_loss", def.bad_loss);
    def.complaint_share = jw_command_get_number(command, "complaint_share", def.complaint_share);
    def.drift = jw_command_get_number(command, "drift", def.drift);
    def.is_fast = jw_command_get_number(command, "fast_track", 0) != 0;
    return jw_ai_require_approval(world, state, &def, error);
}

const jw_verb_arg approval_require_args[APPROVAL_REQUIRE_ARGS] = {
    {"reviewers", 'n', true, 1, JW_REVIEWERS_MAX, 2, "", "people"},
    {"review_days", 'n', true, 1e-6, 1000, 10, "d", "working days of a review in the mean"},
    {"day_s", 'n', true, 1e-3, 86400, 28800, "s", "of the clock for a working day"},
    {"review_finds", 'n', true, 0, 1, 0.3, "", "share of versions worse than declared that a review refuses"},
    {"trial_decisions", 'n', true, 1, 1e6, 200, "", "decisions that a trial judges"},
    {"trial_margin", 'n', true, 0, 1, 0.05, "", "error share above the declared one that passes"},
    {"bad_share", 'n', true, 0, 1, 0.2, "", "of new versions, worse than declared"},
    {"bad_loss", 'n', true, 0, 1, 0.1, "", "of their quality in the mean"},
    {"complaint_share", 'n', true, 0, 1, 0.001, "", "of people who meet a wrong decision"},
    {"drift", 'n', true, 0, 1, 0, "", "quality lost in another city than it was made of"},
    {"fast_track", 'n', true, 0, 1, 0, "", "1: each version goes one track lower"},
};

jw_result approval_verb_withdraw(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_ai_withdraw(world, state, jw_command_get_text(command, "model", ""),
                          (uint32_t)jw_command_get_number(command, "version", 0), error);
}

const jw_verb_arg approval_withdraw_args[APPROVAL_WITHDRAW_ARGS] = {
    {"model", 't', false, 0, 0, 0, "", "id in the catalogue"},
    {"version", 'n', true, 0, 1e6, 0, "", "0: the newest"},
};

jw_result approval_verb_fast_track(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_ai *ai = state;
    if (!ai->approval.def.is_on)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "%s: this scene has no approval; it begins with city:approval{}", command->verb);
    jw_ai_set_fast_track(world, ai, jw_command_get_number(command, "on", 1) != 0);
    return JW_OK;
}

const jw_verb_arg approval_fast_args[APPROVAL_FAST_ARGS] = {{"on", 'n', false, 0, 1, 0, "", "1 on, 0 off"}};
