/* Judging versions by their decisions: the sample of a trial, who answers in it, and the complaints of those
 * who meet what is wrong. */
#include "ai/ai_internal.h"

test_verdict test_verdict_of(const quality_test *test)
{
    uint64_t left = test->sample - test->judged;
    if (test->wrong > test->max_wrong || test->late > test->max_late)
        return TEST_FAILED;
    bool is_sure = test->wrong + left <= test->max_wrong && test->late + left <= test->max_late;
    return is_sure || left == 0 ? TEST_PASSED : TEST_OPEN;
}

static void add(quality_test *test, bool is_wrong, bool is_late)
{
    if (test_verdict_of(test) != TEST_OPEN)
        return;
    test->judged++;
    test->wrong += is_wrong;
    test->late += is_late;
}

/* By its terms, in logarithms: the first of them may be too small for a number. */
double jw_trial_pass_chance(uint32_t decisions, uint32_t max_wrong, double error_share)
{
    if (max_wrong >= decisions || error_share <= 0)
        return 1;
    if (error_share >= 1)
        return 0;
    double log_term = decisions * jw_log(1 - error_share), chance = jw_exp(log_term);
    double log_odds = jw_log(error_share / (1 - error_share));
    for (uint32_t k = 1; k <= max_wrong; k++) {
        log_term += jw_log((double)(decisions - k + 1) / k) + log_odds;
        chance += jw_exp(log_term);
    }
    return jw_min(chance, 1);
}

static double draw(approval_book *book)
{
    return jw_random_uniform(book->key, 1, book->draws++);
}

static bool is_on_trial(const jw_ai *ai, const approval_submission *s, uint64_t site, uint32_t service)
{
    return s->phase == JW_APPROVAL_TRIAL && (s->site == site || s->site == JW_AI_REGISTRY) &&
           ai->models[s->model].service == service;
}

static void judge_trials(jw_world *world, jw_ai *ai, const jw_decision_note *note)
{
    approval_book *book = &ai->approval;
    uint32_t left = book->trials;
    for (uint32_t i = 0; i < book->submission_count && left > 0; i++) {
        approval_submission *s = &book->submissions[i];
        left -= s->phase == JW_APPROVAL_TRIAL;
        if (!is_on_trial(ai, s, note->site, note->service))
            continue;
        if (s->share > 0 && note->version == ai->models[s->model].version)
            add(&s->test, note->is_misread, note->is_late);
        else if (s->share == 0)
            add(&s->test, draw(book) >= drift_quality(ai, s->model), note->is_late);
        test_verdict verdict = test_verdict_of(&s->test);
        if (verdict != TEST_OPEN)
            approval_decide(world, ai, i, verdict == TEST_PASSED);
    }
}

static bool is_watched(const deployment *d)
{
    return d->phase == JW_DEPLOY_RUNNING && d->test.sample > 0;
}

/* Answers of a version that is being rolled out, by sites that have it of this rollout. */
static void judge_rollouts(jw_world *world, jw_ai *ai, const jw_decision_note *note)
{
    for (uint32_t i = 0; i < ai->deployment_count; i++) {
        deployment *d = &ai->deployments[i];
        const jw_model *model = &ai->models[d->model];
        if (!is_watched(d) || model->service != note->service || model->version != note->version ||
            test_verdict_of(&d->test) != TEST_OPEN)
            continue;
        uint32_t k = 0, end = rollout_wave_end(d);
        while (k < end && (ai->sites[d->first_site + k].site != note->site ||
                           ai->sites[d->first_site + k].phase != SITE_SERVING))
            k++;
        if (k == end)
            continue;
        add(&d->test, note->is_misread, note->is_late);
        if (test_verdict_of(&d->test) ==
            TEST_FAILED) /* what is in work there is not torn down within a call */
            jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_FIRST, ai->module, EVENT_HEALTH, i + 1,
                        d->waves_done);
    }
}

bool jw_ai_wants_decisions(const jw_ai *ai)
{
    bool is_wanted = ai->approval.def.is_on;
    for (uint32_t i = 0; i < ai->deployment_count && !is_wanted; i++)
        is_wanted = is_watched(&ai->deployments[i]);
    return is_wanted;
}

void jw_ai_note_decision(jw_world *world, jw_ai *ai, const jw_decision_note *note)
{
    approval_book *book = &ai->approval;
    judge_rollouts(world, ai, note);
    if (!book->def.is_on)
        return;
    book->judged++;
    book->wrong += note->is_wrong;
    if (note->is_wrong && note->people > 0 && book->def.complaint_share > 0) {
        /* Each complains by itself: this is the chance that at least one does, and one is counted. */
        double quiet =
            book->def.complaint_share < 1 ? jw_exp(note->people * jw_log(1 - book->def.complaint_share)) : 0;
        book->complaints += draw(book) >= quiet;
    }
    if (book->trials > 0)
        judge_trials(world, ai, note);
}

uint32_t jw_ai_pick_version(jw_world *world, jw_ai *ai, uint64_t site, uint32_t service, uint32_t version)
{
    (void)world;
    approval_book *book = &ai->approval;
    for (uint32_t i = 0; i < ai->deployment_count; i++) {
        const deployment *d = &ai->deployments[i];
        if (rollout_is_sharing(ai, d) && ai->sites[d->first_site].site == site &&
            ai->models[d->model].service == service)
            return draw(book) < d->canary_share ? ai->models[d->model].version : version;
    }
    uint32_t left = book->trials;
    for (uint32_t i = 0; i < book->submission_count && left > 0; i++) {
        const approval_submission *s = &book->submissions[i];
        left -= s->phase == JW_APPROVAL_TRIAL;
        if (s->share > 0 && is_on_trial(ai, s, site, service))
            return draw(book) < s->share ? ai->models[s->model].version : version;
    }
    return version;
}

void jw_ai_carry_trials(jw_world *world, jw_ai *ai, const jw_ai *tried)
{
    approval_book *book = &ai->approval;
    book->draws = tried->approval.draws; /* the next rush has other luck */
    for (uint32_t i = 0; i < book->submission_count && i < tried->approval.submission_count; i++) {
        approval_submission *s = &book->submissions[i];
        const approval_submission *there = &tried->approval.submissions[i];
        if (s->phase != JW_APPROVAL_TRIAL || there->model != s->model)
            continue;
        s->test = there->test;
        test_verdict verdict = test_verdict_of(&s->test);
        if (verdict != TEST_OPEN)
            approval_decide(world, ai, i, verdict == TEST_PASSED);
    }
}
