/* Approval: the reviewers' queue against M/M/c, a trial's chance of passing against the binomial, who may be
 * deployed. */
#include "approval_fixture.h"
#include "ai/ai_sector.h"

#include <string.h>

static jw_result deploy(jw_world *world, uint32_t version, jw_error *error)
{
    static const uint64_t site = 0;
    jw_deployment_id id;
    jw_deployment_def def = {.model = "eye", .version = version, .sites = &site, .site_count = 1};
    return jw_ai_deploy(world, ai_of(world), &def, &id, error);
}

/* ---- risk and refusals ---- */

static void test_risk_gives_the_track(void **state)
{
    (void)state;
    jw_approval_def def = jw_default_approval_def();
    assert_int_equal(jw_risk_score(JW_DATA_PUBLIC, JW_AUTONOMY_ADVISES, JW_REACH_SITE), 1);
    assert_int_equal(jw_risk_score(JW_DATA_SPECIAL, JW_AUTONOMY_ALONE, JW_REACH_CITY), 36);
    assert_int_equal(jw_approval_track(&def, 4), JW_TRACK_REGISTER);
    assert_int_equal(jw_approval_track(&def, 5), JW_TRACK_REVIEW);
    assert_int_equal(jw_approval_track(&def, 12), JW_TRACK_REVIEW);
    assert_int_equal(jw_approval_track(&def, 13), JW_TRACK_TRIAL);
    jw_error error = {0};
    def.tolerance = 2;
    assert_false(jw_approval_is_fine(&def, &error));
    assert_non_null(strstr(error.message, "tolerance is 2"));
}

static void test_only_approved_versions_are_deployed(void **state)
{
    (void)state;
    jw_error error = {0};
    jw_world *world = create(NULL); /* no approval: everything may go, and nothing can be submitted */
    jw_submission_def def = paper(2);
    assert_int_equal(deploy(world, 2, &error), JW_OK);
    assert_int_equal(jw_ai_submit(world, ai_of(world), &def, NULL, &error), JW_ERROR_STATE);
    assert_true(jw_ai_quality(ai_of(world), SERVICE, 2) == 0.9);
    jw_world_destroy(world);

    jw_approval_def on = approval();
    on.bad_share = 0;
    world = create(&on);
    assert_int_equal(deploy(world, 2, &error), JW_ERROR_STATE);
    assert_non_null(strstr(error.message, "submit_model"));
    assert_int_equal(jw_ai_submit(world, ai_of(world), &def, NULL, NULL), JW_OK);
    assert_int_equal(jw_ai_submit(world, ai_of(world), &def, NULL, NULL), JW_ERROR_STATE);
    error = (jw_error){0};
    assert_int_equal(deploy(world, 2, &error), JW_ERROR_STATE);
    assert_non_null(strstr(error.message, "its risk of 8 needs the track review"));
    run_s(world, 20000);
    assert_int_equal(at(world, 0).phase, JW_APPROVAL_APPROVED);
    assert_int_equal(deploy(world, 2, &error), JW_OK);
    /* Low risk is registered at once; a compressed version is a new one. */
    uint32_t made;
    jw_submission_def low = {.model = "eye", .version = 3, .site = JW_AI_REGISTRY};
    assert_int_equal(jw_ai_submit(world, ai_of(world), &low, NULL, NULL), JW_OK);
    assert_true(jw_ai_is_approved(ai_of(world), "eye", 3));
    assert_int_equal(jw_ai_compress(world, ai_of(world), "eye", 3, "half", &made, NULL), JW_OK);
    assert_false(jw_ai_is_approved(ai_of(world), "eye", made));
    low.version = 99;
    assert_int_equal(jw_ai_submit(world, ai_of(world), &low, NULL, NULL), JW_ERROR_NOT_FOUND);
    low = paper(4);
    jw_text_copy(low.dataset, sizeof low.dataset, "nowhere");
    assert_int_equal(jw_ai_submit(world, ai_of(world), &low, NULL, &error), JW_ERROR_NOT_FOUND);
    jw_world_destroy(world);
}

/* What serves when approval begins has it; all else needs it, and is worth what it would be from the start.
 */
static void test_approval_may_begin_later(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    def.bad_share = 0.5;
    jw_world *world = create(NULL), *other = create(&def);
    assert_int_equal(jw_ai_require_approval(world, ai_of(world), &def, NULL), JW_OK);
    assert_int_equal(jw_ai_require_approval(world, ai_of(world), &def, NULL), JW_ERROR_STATE);
    assert_true(jw_ai_is_approved(ai_of(world), "eye", 1) && !jw_ai_is_approved(ai_of(world), "eye", 2));
    uint32_t bad = 0;
    for (uint32_t v = 1; v <= VERSIONS; v++) {
        double quality = jw_ai_quality(ai_of(world), SERVICE, v);
        assert_true(quality == jw_ai_quality(ai_of(other), SERVICE, v));
        bad += quality < 0.9;
    }
    assert_true(bad > 15 && bad < 45 && jw_ai_quality(ai_of(world), SERVICE, 1) == 0.9);
    jw_submission_def s = paper(2);
    assert_int_equal(jw_ai_submit(world, ai_of(world), &s, NULL, NULL), JW_OK);
    jw_world_destroy(world);
    jw_world_destroy(other);
}

/* Data of people make a version more risky than its vendor says, and each site that serves it exposes them.
 */
static void test_exposure_is_records_by_sensitivity_by_sites(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    def.bad_share = 0;
    def.review_finds = 0;
    jw_world *world = create(&def);
    jw_integration_def plan = jw_default_integration_def();
    plan.day_s = 1;
    plan.batch_s = 10;
    jw_sector_def health = {.id = "health", .purpose_count = 1, .purposes = {"care"}};
    jw_source_def visits = {.id = "visits",
                            .sector = "health",
                            .schema = "visit",
                            .records_per_day = 1000,
                            .history_days = 5,
                            .record_bytes = 100,
                            .quality = 1,
                            .sensitivity = 2,
                            .coverage = 1,
                            .match = 1,
                            .persons = 500,
                            .effort_days = 0.5,
                            .home = 3};
    jw_consumer_def triage = {.id = "triage",
                              .purpose = "care",
                              .site = 2,
                              .source_count = 1,
                              .sources = {"visits"},
                              .effort_days = 0.5};
    assert_int_equal(jw_ai_set_integration(ai_of(world), &plan, NULL), JW_OK);
    assert_int_equal(jw_ai_add_sector(ai_of(world), &health, NULL), JW_OK);
    assert_int_equal(jw_ai_add_source(world, ai_of(world), &visits, NULL), JW_OK);
    assert_int_equal(jw_ai_add_consumer(ai_of(world), &triage, NULL), JW_OK);
    assert_int_equal(jw_ai_connect_source(world, ai_of(world), "triage", "visits", NULL), JW_OK);
    run_s(world, 100);
    jw_submission_def s = {.model = "eye", .version = 2, .site = JW_AI_REGISTRY};
    jw_text_copy(s.dataset, sizeof s.dataset, "triage");
    s.reach = JW_REACH_DISTRICT; /* public data, it says: 2; special they are: 8 */
    assert_int_equal(jw_ai_submit(world, ai_of(world), &s, NULL, NULL), JW_OK);
    assert_true(at(world, 0).score == 8 && at(world, 0).track == JW_TRACK_REVIEW);
    run_s(world, 10000);
    assert_int_equal(at(world, 0).phase, JW_APPROVAL_APPROVED);
    assert_true(jw_ai_count_approvals(world, ai_of(world)).exposure == 0); /* it serves nowhere */
    static const uint64_t three[] = {0, 1, 3};
    jw_deployment_id id;
    jw_deployment_def d = {.model = "eye", .version = 2, .sites = three, .site_count = 3};
    assert_int_equal(jw_ai_deploy(world, ai_of(world), &d, &id, NULL), JW_OK);
    run_s(world, 100);
    jw_corpus corpus;
    assert_true(jw_ai_corpus(world, ai_of(world), "triage", &corpus) && corpus.records >= 5000);
    assert_true(corpus.sensitivity == 2);
    assert_true(jw_abs(jw_ai_count_approvals(world, ai_of(world)).exposure - corpus.records * 2 * 3) < 1e-6);
    assert_int_equal(jw_ai_rollback(world, ai_of(world), id, NULL), JW_OK);
    assert_true(jw_ai_count_approvals(world, ai_of(world)).exposure == 0);
    jw_world_destroy(world);
}

/* ---- the queue ---- */

/* Mean time in the queue of M/M/c (Erlang C): C / (c mu - lambda). */
static double erlang_c_wait(double lambda, double mu, uint32_t servers)
{
    double offered = lambda / mu, term = 1, sum = 0;
    for (uint32_t k = 0; k < servers; k++) {
        sum += term;
        term *= offered / (k + 1);
    }
    double last = term * servers / (servers - offered);
    return last / (sum + last) / (servers * mu - lambda);
}

/* All are bad and all are found: each is rejected and can come again. */
static void test_reviewers_are_a_queue_of_c_servers(void **state)
{
    (void)state;
    for (uint32_t servers = 1; servers <= 3; servers++) {
        jw_approval_def def = approval();
        def.reviewers = servers;
        def.review_days = 1;
        def.day_s = 20;
        def.review_finds = def.bad_share = 1;
        def.bad_loss = 0.9;
        def.tolerance = 0;
        jw_world *world = create(&def);
        jw_random_key key = {7, servers};
        double lambda = 0.7 * servers, next_s = 0; /* a working day */
        for (uint64_t n = 0; n < 40000;) {
            while (next_s <= jw_s_from_ns(jw_world_time_ns(world))) {
                uint32_t version = 2;
                jw_submission_def paper_def = paper(version);
                while (version <= VERSIONS &&
                       jw_ai_submit(world, ai_of(world), &paper_def, NULL, NULL) != JW_OK)
                    paper_def = paper(++version);
                assert_true(version <= VERSIONS); /* never are all of them in the queue */
                next_s += jw_random_exponential(key, 0, n++, def.day_s / lambda);
            }
            assert_int_equal(jw_world_step(world, NULL), JW_OK);
        }
        jw_approval_counts c = jw_ai_count_approvals(world, ai_of(world));
        assert_adds_up(world);
        double expected = erlang_c_wait(lambda, 1, servers);
        print_message("M/M/%u at 0.7: waits %.3f days, Erlang C %.3f\n", servers, c.mean_waited_days,
                      expected);
        assert_true(jw_abs(c.mean_waited_days - expected) < 0.06 * expected);
        assert_true(jw_abs(c.mean_days - expected - 1) < 0.04 * (expected + 1));
        assert_int_equal(c.approved, 0);
        jw_world_destroy(world);
    }
}

/* Days that pass beside the clock do what days of the clock do. */
static void test_days_pass_beside_the_clock(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    jw_world *slow = create(&def), *fast = create(&def);
    for (uint32_t v = 2; v < 30; v++) {
        jw_submission_def s = v % 3 ? paper(v) : risky(v);
        assert_int_equal(jw_ai_submit(slow, ai_of(slow), &s, NULL, NULL), JW_OK);
        assert_int_equal(jw_ai_submit(fast, ai_of(fast), &s, NULL, NULL), JW_OK);
    }
    run_s(slow, 10000);
    /* 60 working days of 100 s: of 365 days 250 are worked. */
    assert_int_equal(jw_ai_pass_days(fast, ai_of(fast), 87.6, NULL), JW_OK);
    assert_adds_up(fast);
    run_s(fast, 10000 - 6000);
    for (uint32_t i = 0; i < jw_ai_submission_count(ai_of(slow)); i++) {
        jw_submission_state a = at(slow, i), b = at(fast, i);
        assert_int_equal(a.phase, b.phase);
        assert_true(jw_abs(a.days - b.days) < 1e-6 && jw_abs(a.waited_days - b.waited_days) < 1e-6);
    }
    assert_true(at(slow, 0).days > 0 && at(slow, 20).waited_days > at(slow, 2).waited_days);
    assert_int_equal(jw_ai_pass_days(fast, ai_of(fast), -1, NULL), JW_ERROR_INPUT);
    jw_world_destroy(slow);
    jw_world_destroy(fast);
}

static void test_what_is_withdrawn_frees_the_desk(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    def.reviewers = 1;
    def.bad_share = 0;
    jw_world *world = create(&def);
    for (uint32_t v = 2; v < 5; v++) {
        jw_submission_def s = paper(v);
        assert_int_equal(jw_ai_submit(world, ai_of(world), &s, NULL, NULL), JW_OK);
    }
    assert_int_equal(jw_ai_withdraw(world, ai_of(world), "eye", 2, NULL), JW_OK);
    assert_int_equal(jw_ai_withdraw(world, ai_of(world), "eye", 3, NULL), JW_OK);
    assert_int_equal(jw_ai_withdraw(world, ai_of(world), "eye", 3, NULL), JW_ERROR_STATE);
    assert_int_equal(at(world, 2).phase, JW_APPROVAL_REVIEW);
    run_s(world, 10000);
    jw_approval_counts c = jw_ai_count_approvals(world, ai_of(world));
    assert_true(c.withdrawn == 2 && c.approved == 1 && c.open == 0);
    jw_submission_def again = paper(2);
    assert_int_equal(jw_ai_submit(world, ai_of(world), &again, NULL, NULL), JW_OK);
    jw_world_destroy(world);
}

/* ---- trials ---- */

static double log_choose(uint32_t n, uint32_t k)
{
    double sum = 0;
    for (uint32_t i = 1; i <= k; i++)
        sum += jw_log((double)(n - k + i) / i);
    return sum;
}

static void test_the_pass_chance_is_the_binomial(void **state)
{
    (void)state;
    assert_true(jw_abs(jw_trial_pass_chance(10, 2, 0.5) - 56.0 / 1024) < 1e-12);
    assert_true(jw_trial_pass_chance(10, 10, 0.5) == 1 && jw_trial_pass_chance(10, 2, 1) == 0);
    double sum = 0;
    for (uint32_t k = 0; k <= 900; k++)
        sum += jw_exp(log_choose(20000, k) + k * jw_log(0.05) + (20000 - k) * jw_log(0.95));
    assert_true(jw_abs(jw_trial_pass_chance(20000, 900, 0.05) - sum) < 1e-9);
}

/* Version 2 of so many worlds is worse than declared; the share that passes in the shadow is the binomial's
 * at its true quality. */
static void test_a_trial_passes_what_is_bad_as_often_as_stated(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    def.trial_decisions = 50;
    def.trial_margin = 0.06;
    def.review_days = 1e-6;
    def.review_finds = 0;
    def.bad_share = 1;
    def.bad_loss = 0.06;
    def.trial_from = 5;
    uint32_t passed = 0, tried = 0;
    double expected = 0, variance = 0;
    for (uint32_t seed = 0; seed < 40; seed++) {
        jw_world *world = create_seeded(&def, seed);
        for (uint32_t v = 2; v < VERSIONS; v++) {
            jw_submission_def s = risky(v);
            s.site = seed % SITES;
            assert_int_equal(jw_ai_submit(world, ai_of(world), &s, NULL, NULL), JW_OK);
        }
        run_s(world, 3);
        for (uint32_t n = 0; n < def.trial_decisions + 5; n++) {
            note(world, (seed + 1) % SITES, 1, true); /* another site's decisions do not count */
            note(world, seed % SITES, 1, n % 2);      /* nor those of the version that serves */
        }
        for (uint32_t i = 0; i < VERSIONS - 2; i++) {
            jw_submission_state s = at(world, i);
            assert_int_equal(s.max_wrong, 8);
            assert_true(s.phase == JW_APPROVAL_APPROVED || s.phase == JW_APPROVAL_REJECTED);
            double chance = jw_trial_pass_chance(50, 8, 0.1 + s.loss);
            expected += chance;
            variance += chance * (1 - chance);
            passed += s.phase == JW_APPROVAL_APPROVED;
            tried++;
            assert_true(jw_abs(s.false_pass - jw_trial_pass_chance(50, 8, 0.1 + 0.06)) < 1e-9);
        }
        jw_approval_counts c = jw_ai_count_approvals(world, ai_of(world));
        uint32_t bad = 0;
        for (uint32_t i = 0; i < VERSIONS - 2; i++)
            bad += at(world, i).phase == JW_APPROVAL_APPROVED && at(world, i).loss > def.tolerance;
        assert_int_equal(c.wrong_approvals, bad);
        jw_world_destroy(world);
    }
    print_message("%u of %u bad versions passed, the binomial says %.1f\n", passed, tried, expected);
    assert_true(jw_abs(passed - expected) < 4 * jw_sqrt(variance));
}

/* In a trial with a share the candidate answers that share, and only its own answers are judged. */
static void test_a_candidate_answers_its_share(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    def.review_days = 1e-6;
    def.bad_share = 0;
    def.trial_decisions = 100;
    jw_world *world = create(&def);
    jw_submission_def s = risky(2);
    s.share = 0.25;
    s.site = 1;
    assert_int_equal(jw_ai_submit(world, ai_of(world), &s, NULL, NULL), JW_OK);
    run_s(world, 2);
    assert_true(jw_ai_pick_version(world, ai_of(world), 0, SERVICE, 1) == 1);
    uint32_t asked = 0, answered = 0;
    while (at(world, 0).phase == JW_APPROVAL_TRIAL) {
        uint32_t version = jw_ai_pick_version(world, ai_of(world), 1, SERVICE, 1);
        asked++;
        answered += version == 2;
        note(world, 1, version, version != 2); /* the old one errs always, the candidate never */
    }
    assert_int_equal(at(world, 0).phase, JW_APPROVAL_APPROVED);
    assert_int_equal(at(world, 0).wrong, 0);
    /* Sure to pass when all that is left may be wrong: 15 of 100. */
    assert_int_equal(answered, 85);
    assert_true(asked > 250 && asked < 440);
    jw_world_destroy(world);
}

static void test_the_fast_track_is_one_step_lower(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    def.is_fast = true;
    jw_world *world = create(&def);
    jw_submission_def a = paper(2), b = risky(3);
    assert_int_equal(jw_ai_submit(world, ai_of(world), &a, NULL, NULL), JW_OK);
    assert_int_equal(jw_ai_submit(world, ai_of(world), &b, NULL, NULL), JW_OK);
    assert_true(at(world, 0).phase == JW_APPROVAL_APPROVED && at(world, 0).track == JW_TRACK_REGISTER);
    assert_true(at(world, 1).track == JW_TRACK_REVIEW && at(world, 1).score == 16);
    jw_ai_set_fast_track(world, ai_of(world), false);
    b = risky(4);
    assert_int_equal(jw_ai_submit(world, ai_of(world), &b, NULL, NULL), JW_OK);
    assert_int_equal(at(world, 2).track, JW_TRACK_TRIAL);
    jw_world_destroy(world);
}

/* A decision met by n people is complained of with probability 1 - (1 - p)^n. */
static void test_complaints_come_of_wrong_decisions(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    def.complaint_share = 0.02;
    jw_world *world = create(&def);
    jw_decision_note n = {.service = SERVICE, .version = 1, .people = 10};
    for (uint32_t i = 0; i < 5000; i++)
        jw_ai_note_decision(world, ai_of(world), &n);
    assert_int_equal(jw_ai_count_approvals(world, ai_of(world)).complaints, 0);
    n.is_wrong = true;
    for (uint32_t i = 0; i < 5000; i++)
        jw_ai_note_decision(world, ai_of(world), &n);
    jw_approval_counts c = jw_ai_count_approvals(world, ai_of(world));
    double p = 1 - jw_pow(0.98, 10);
    assert_true(c.judged == 10000 && c.wrong == 5000);
    assert_true(jw_abs((double)c.complaints - 5000 * p) < 4 * jw_sqrt(5000 * p * (1 - p)));
    jw_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_risk_gives_the_track),
        cmocka_unit_test(test_only_approved_versions_are_deployed),
        cmocka_unit_test(test_approval_may_begin_later),
        cmocka_unit_test(test_exposure_is_records_by_sensitivity_by_sites),
        cmocka_unit_test(test_reviewers_are_a_queue_of_c_servers),
        cmocka_unit_test(test_days_pass_beside_the_clock),
        cmocka_unit_test(test_what_is_withdrawn_frees_the_desk),
        cmocka_unit_test(test_the_pass_chance_is_the_binomial),
        cmocka_unit_test(test_a_trial_passes_what_is_bad_as_often_as_stated),
        cmocka_unit_test(test_a_candidate_answers_its_share),
        cmocka_unit_test(test_the_fast_track_is_one_step_lower),
        cmocka_unit_test(test_complaints_come_of_wrong_decisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
