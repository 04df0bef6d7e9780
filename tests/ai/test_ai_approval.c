/* Approval over a few sites that take what they are given: the reviewers' queue against M/M/c, a trial's
 * chance of passing against the binomial, who may be deployed, and what drift does. */
#include "ai/ai_approval.h"
#include "ai/ai_sector.h"
#include "compute/damage.h"

enum { AI, FLEET, MODULES };
enum { SERVICE = 5, SITES = 4 };

typedef struct fleet {
    uint32_t versions[SITES];
    double mix; /* the one feature of this city */
} fleet;

static jw_ai *ai_of(const jw_world *world)
{
    return jw_world_state(world, AI);
}

static jw_result on_start(jw_world *world, uint64_t from, uint64_t site, int64_t bytes, uint64_t tag)
{
    (void)from, (void)site, (void)bytes;
    jw_schedule(world, jw_world_time_ns(world) + JW_NS_PER_S, JW_PRIORITY_NORMAL, FLEET, 0, 0, tag);
    return JW_OK;
}

static void on_stop(jw_world *world, uint64_t tag)
{
    (void)world, (void)tag;
}

static jw_result on_install(jw_world *world, uint64_t site, uint32_t service, uint32_t version,
                            jw_error *error)
{
    (void)service, (void)error;
    ((fleet *)jw_world_state(world, FLEET))->versions[site] = version;
    return JW_OK;
}

static bool on_is_up(jw_world *world, uint64_t site)
{
    (void)world;
    return site < SITES;
}

static double on_distance(jw_world *world, uint64_t from, uint64_t to)
{
    (void)world;
    return from == to ? 0 : 1;
}

static bool on_may_hold(jw_world *world, uint64_t home, uint8_t residency, uint64_t site)
{
    (void)world, (void)home, (void)residency, (void)site;
    return true;
}

static void on_features(const jw_world *world, double out[JW_CITY_FEATURES])
{
    out[0] = ((fleet *)jw_world_state(world, FLEET))->mix;
}

static jw_result fleet_attach(jw_world *world, void *state, jw_error *error)
{
    (void)state, (void)error;
    jw_ai_ports ports = {.start_transfer = on_start,
                         .stop_transfer = on_stop,
                         .install = on_install,
                         .is_site_up = on_is_up,
                         .distance_s = on_distance,
                         .may_hold = on_may_hold,
                         .city_features = on_features};
    jw_ai_set_ports(ai_of(world), &ports);
    return JW_OK;
}

static void fleet_on_event(jw_world *world, void *state, const jw_event *event)
{
    (void)state;
    jw_ai_transfer_ended(world, ai_of(world), event->b, true);
}

static void fleet_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    jw_write_bytes(writer, state, sizeof(fleet));
}

static void fleet_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    jw_read_bytes(reader, state, sizeof(fleet));
    ((fleet *)state)->mix = 0;
}

static const jw_module fleet_module = {.name = "fleet",
                                       .version = 1,
                                       .state_size = sizeof(fleet),
                                       .attach = fleet_attach,
                                       .on_event = fleet_on_event,
                                       .save = fleet_save,
                                       .load = fleet_load};

enum { VERSIONS = 60 };

/* "eye" with versions 1 to VERSIONS; version 1 serves everywhere from the start. */
static jw_world *create_seeded(const jw_approval_def *approval, uint64_t seed)
{
    static const uint64_t sites[SITES] = {0, 1, 2, 3};
    static jw_model models[VERSIONS];
    for (uint32_t i = 0; i < VERSIONS; i++)
        models[i] =
            (jw_model){.id = "eye", .version = i + 1, .service = SERVICE, .image_gb = 0.5, .quality = 0.9};
    static const jw_compression methods[] = {{.id = "half", .memory_factor = 0.5, .quality_factor = 0.9}};
    jw_ai_def def = {.models = models,
                     .model_count = VERSIONS,
                     .methods = methods,
                     .method_count = 1,
                     .approval = approval};
    const jw_module_entry entries[] = {{&jw_ai_module, &def}, {&fleet_module, NULL}};
    jw_world_def world_def = {
        .seed = seed, .dt_ns = JW_NS_PER_S, .modules = entries, .module_count = MODULES};
    jw_world *world;
    assert_int_equal(jw_world_create(&world_def, &world, NULL), JW_OK);
    jw_deployment_id id;
    jw_deployment_def first = {
        .model = "eye", .version = 1, .sites = sites, .site_count = SITES, .is_instant = 1};
    assert_int_equal(jw_ai_deploy(world, ai_of(world), &first, &id, NULL), JW_OK);
    return world;
}

static jw_world *create(const jw_approval_def *approval)
{
    return create_seeded(approval, 3);
}

static void assert_adds_up(const jw_world *world)
{
    jw_approval_counts c = jw_ai_count_approvals(world, ai_of(world));
    assert_int_equal(c.submitted, c.approved + c.rejected + c.withdrawn + c.open);
}

static void run_s(jw_world *world, uint32_t seconds)
{
    for (uint32_t i = 0; i < seconds; i++) {
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        assert_adds_up(world);
    }
}

static jw_approval_def approval(void)
{
    jw_approval_def def = jw_default_approval_def();
    def.is_on = true;
    def.day_s = 100;
    return def;
}

/* Of medium risk: a review. */
static jw_submission_def paper(uint32_t version)
{
    return (jw_submission_def){.model = "eye",
                               .version = version,
                               .data = JW_DATA_INTERNAL,
                               .autonomy = JW_AUTONOMY_CONFIRMED,
                               .reach = JW_REACH_DISTRICT,
                               .site = JW_AI_REGISTRY};
}

static jw_submission_def risky(uint32_t version)
{
    jw_submission_def def = paper(version);
    def.data = JW_DATA_SPECIAL;
    return def;
}

static jw_result deploy(jw_world *world, uint32_t version, jw_error *error)
{
    static const uint64_t site = 0;
    jw_deployment_id id;
    jw_deployment_def def = {.model = "eye", .version = version, .sites = &site, .site_count = 1};
    return jw_ai_deploy(world, ai_of(world), &def, &id, error);
}

static jw_submission_state at(const jw_world *world, uint32_t slot)
{
    jw_submission_state s;
    assert_true(jw_ai_submission(world, ai_of(world), slot, &s));
    return s;
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
    assert_non_null(strstr(error.message, "its risk of 8 needs the track \"review\""));
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

static void note(jw_world *world, uint64_t site, uint32_t version, bool is_wrong)
{
    jw_decision_note n = {
        .site = site, .service = SERVICE, .version = version, .is_misread = is_wrong, .is_wrong = is_wrong};
    jw_ai_note_decision(world, ai_of(world), &n);
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

/* ---- canaries ---- */

static const uint64_t all_sites[SITES] = {0, 1, 2, 3};

static jw_deployment_id deploy_canary(jw_world *world, uint32_t version, double share, double max_late)
{
    jw_deployment_id id;
    jw_deployment_def def = {.model = "eye",
                             .version = version,
                             .sites = all_sites,
                             .site_count = SITES,
                             .wave_size = 2,
                             .canary_share = share,
                             .health_decisions = 100,
                             .max_late_share = max_late};
    assert_int_equal(jw_ai_deploy(world, ai_of(world), &def, &id, NULL), JW_OK);
    return id;
}

/* Each site answers ten requests a second; an answer of version 2 is wrong, or late, with these shares.
 * Returns how many of them version 2 gave. */
static uint32_t live_s(jw_world *world, uint32_t seconds, double wrong, double late)
{
    const fleet *f = jw_world_state(world, FLEET);
    jw_random_key key = {11, (uint64_t)jw_world_time_ns(world)};
    uint32_t given = 0;
    for (uint32_t i = 0; i < seconds; i++) {
        run_s(world, 1);
        for (uint32_t n = 0; n < 10 * SITES; n++) {
            uint64_t site = n % SITES;
            uint32_t version = jw_ai_pick_version(world, ai_of(world), site, SERVICE, f->versions[site]);
            bool is_new = version == 2;
            jw_decision_note made = {.site = site,
                                     .service = SERVICE,
                                     .version = version,
                                     .is_misread = is_new && jw_random_uniform(key, i, n) < wrong,
                                     .is_late = is_new && jw_random_uniform(key, i, n + 1000) < late};
            jw_ai_note_decision(world, ai_of(world), &made);
            given += is_new;
        }
    }
    return given;
}

static jw_deployment_state rollout(const jw_world *world, jw_deployment_id id)
{
    jw_deployment_state s;
    assert_true(jw_ai_deployment(ai_of(world), id.index1 - 1, &s));
    return s;
}

static void assert_versions(const jw_world *world, uint32_t first, uint32_t others)
{
    const fleet *f = jw_world_state(world, FLEET);
    for (uint32_t i = 0; i < SITES; i++) {
        assert_int_equal(f->versions[i], i ? others : first);
        assert_int_equal(jw_ai_serving_version(ai_of(world), i, "eye"), i ? others : first);
    }
}

static void test_a_canary_catches_a_bad_version(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        jw_world *world = create(NULL);
        assert_false(jw_ai_wants_decisions(ai_of(world)));
        jw_deployment_id id = deploy_canary(world, 2, 0.3, 0.1);
        assert_true(jw_ai_wants_decisions(ai_of(world)));
        uint32_t given = live_s(world, 600, late ? 0 : 0.5, late ? 0.5 : 0);
        jw_deployment_state s = rollout(world, id);
        assert_int_equal(s.phase, JW_DEPLOY_ROLLED_BACK);
        assert_versions(world, 1, 1);
        /* 15 of 100 may be wrong, 10 late: one more ends it, and within the same second a few more are given.
         */
        assert_int_equal(late ? s.late : s.wrong, late ? 11 : 16);
        assert_true(given >= s.judged && given <= s.judged + 10 && given < 60);
        jw_world_destroy(world);
    }
}

static void test_a_good_version_passes_its_canary_and_goes_on(void **state)
{
    (void)state;
    jw_world *world = create(NULL), *copy;
    jw_deployment_id id = deploy_canary(world, 2, 0.3, 0);
    live_s(world, 20, 0.05, 1);
    jw_deployment_state s = rollout(world, id);
    assert_true(s.canary_share == 0.3 && s.sites_serving == 1 && s.judged > 30 && s.judged < 80);
    assert_versions(world, 1, 1); /* the canary's site still has the old one installed */
    assert_int_equal(jw_world_fork(world, &copy, NULL), JW_OK);
    live_s(world, 380, 0.05, 1);
    s = rollout(world, id);
    assert_int_equal(s.phase, JW_DEPLOY_DONE);
    assert_int_equal(s.waves_done, 3); /* 1, 2 and 1 sites */
    assert_versions(world, 2, 2);
    live_s(copy, 380, 0.05, 1);
    assert_true(jw_world_hash(copy) == jw_world_hash(world));
    jw_world_destroy(copy);
    jw_world_destroy(world);
}

/* It waits for its sample: without answers it neither passes nor fails, and can be carried through or undone.
 */
static void test_a_canary_waits_for_its_answers(void **state)
{
    (void)state;
    jw_world *world = create(NULL);
    jw_deployment_id id = deploy_canary(world, 2, 0.5, 0);
    run_s(world, 1000);
    assert_int_equal(rollout(world, id).phase, JW_DEPLOY_RUNNING);
    assert_int_equal(rollout(world, id).waves_done, 0);
    assert_int_equal(jw_ai_finish(world, ai_of(world), id, NULL), JW_OK);
    assert_int_equal(rollout(world, id).waves_done, 3);
    assert_versions(world, 2, 2);
    id = deploy_canary(world, 3, 0.5, 0);
    run_s(world, 10);
    assert_int_equal(jw_ai_rollback(world, ai_of(world), id, NULL), JW_OK);
    assert_versions(world, 2, 2);
    run_s(world, 500);
    assert_int_equal(rollout(world, id).phase, JW_DEPLOY_ROLLED_BACK);
    jw_world_destroy(world);
}

/* A version that turns bad after its canary goes back in its second wave. */
static void test_later_waves_are_looked_at(void **state)
{
    (void)state;
    jw_world *world = create(NULL);
    jw_deployment_id id = deploy_canary(world, 2, 1, 0);
    while (rollout(world, id).waves_done == 0)
        live_s(world, 1, 0, 0);
    live_s(world, 2, 0, 0);
    live_s(world, 30, 0.9, 0);
    assert_int_equal(rollout(world, id).phase, JW_DEPLOY_ROLLED_BACK);
    assert_int_equal(rollout(world, id).waves_done, 2);
    assert_versions(world, 1, 1);
    jw_deployment_def wrong = {
        .model = "eye", .version = 3, .sites = all_sites, .site_count = SITES, .canary_share = 1.5};
    assert_int_equal(jw_ai_deploy(world, ai_of(world), &wrong, &id, NULL), JW_ERROR_INPUT);
    jw_world_destroy(world);
}

/* ---- drift ---- */

static void test_drift_lowers_quality_and_a_new_version_restores_it(void **state)
{
    (void)state;
    jw_approval_def def = approval();
    def.drift = 0.4;
    def.bad_share = 0;
    jw_world *world = create(&def);
    fleet *city = jw_world_state(world, FLEET);
    city->mix = 0.1;
    run_s(world, 2000);
    assert_true(jw_ai_drift_distance(ai_of(world), "eye", 1) < 1e-9);
    assert_true(jw_abs(jw_ai_quality(ai_of(world), SERVICE, 1) - 0.9) < 1e-9);
    city->mix = 0.6;
    run_s(world, 6000); /* 20 windows: the mean has come to the new value */
    assert_true(jw_abs(jw_ai_drift_distance(ai_of(world), "eye", 1) - 0.5) < 1e-6);
    assert_true(jw_abs(jw_ai_quality(ai_of(world), SERVICE, 1) - 0.7) < 1e-6);
    jw_command command = jw_command_make("release_model");
    jw_command_text(&command, "model", "eye");
    jw_command_number(&command, "version", 100);
    jw_command_number(&command, "image_gb", 1);
    jw_command_number(&command, "quality", 0.9);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_s(world, 1);
    assert_true(jw_abs(jw_ai_quality(ai_of(world), SERVICE, 100) - 0.9) < 1e-9);
    uint32_t made; /* smaller, but of the same old city */
    assert_int_equal(jw_ai_compress(world, ai_of(world), "eye", 1, "half", &made, NULL), JW_OK);
    assert_true(jw_abs(jw_ai_quality(ai_of(world), SERVICE, made) - (0.81 - 0.2)) < 1e-6);
    jw_world_destroy(world);
}

/* ---- state ---- */

static void deploy_approved_canary(jw_world *world)
{
    jw_submission_def low = {.model = "eye", .version = 50, .site = JW_AI_REGISTRY};
    assert_int_equal(jw_ai_submit(world, ai_of(world), &low, NULL, NULL), JW_OK);
    deploy_canary(world, 50, 0.5, 0.2);
    run_s(world, 10);
}

static jw_world *in_the_middle(void)
{
    jw_approval_def def = approval();
    def.review_days = 1;
    def.trial_decisions = 20;
    def.drift = 0.2;
    jw_world *world = create(&def);
    for (uint32_t v = 2; v < 12; v++) {
        jw_submission_def s = v % 2 ? paper(v) : risky(v);
        s.share = v == 4 ? 0.5 : 0;
        assert_int_equal(jw_ai_submit(world, ai_of(world), &s, NULL, NULL), JW_OK);
    }
    run_s(world, 400);
    deploy_approved_canary(world);
    for (uint32_t n = 0; n < 8; n++)
        note(world, 0, 1, n % 3 == 0);
    return world;
}

static void test_a_copy_goes_on_alike(void **state)
{
    (void)state;
    jw_world *world = in_the_middle(), *other;
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    ((fleet *)jw_world_state(world, FLEET))->mix = 0;
    for (uint32_t i = 0; i < 50; i++) {
        run_s(world, 10);
        run_s(other, 10);
        note(world, 0, jw_ai_pick_version(world, ai_of(world), 0, SERVICE, 1), i % 5 == 0);
        note(other, 0, jw_ai_pick_version(other, ai_of(other), 0, SERVICE, 1), i % 5 == 0);
        assert_true(jw_world_hash(world) == jw_world_hash(other));
    }
    jw_approval_counts c = jw_ai_count_approvals(world, ai_of(world));
    assert_true(c.approved > 1 && c.submitted == 11);
    jw_world_destroy(other);
    jw_world_destroy(world);
}

/* What a fork judged is carried to the world that waited. */
static void test_trials_are_carried_over(void **state)
{
    (void)state;
    jw_world *world = in_the_middle(), *rush;
    assert_int_equal(jw_world_fork(world, &rush, NULL), JW_OK);
    for (uint32_t n = 0; n < 200; n++)
        note(rush, 0, jw_ai_pick_version(rush, ai_of(rush), 0, SERVICE, 1), n % 10 == 0);
    jw_ai_carry_trials(world, ai_of(world), ai_of(rush));
    uint32_t ended = 0;
    for (uint32_t i = 0; i < jw_ai_submission_count(ai_of(world)); i++) {
        assert_int_equal(at(world, i).phase, at(rush, i).phase);
        assert_int_equal(at(world, i).wrong, at(rush, i).wrong);
        ended += at(world, i).track == JW_TRACK_TRIAL && at(world, i).phase >= JW_APPROVAL_APPROVED;
    }
    assert_true(ended > 0);
    assert_adds_up(world);
    jw_world_destroy(rush);
    jw_world_destroy(world);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_world *world = in_the_middle();
    assert_true(damage_all(world, 3, 200, true) > 0);
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
        cmocka_unit_test(test_a_canary_catches_a_bad_version),
        cmocka_unit_test(test_a_good_version_passes_its_canary_and_goes_on),
        cmocka_unit_test(test_a_canary_waits_for_its_answers),
        cmocka_unit_test(test_later_waves_are_looked_at),
        cmocka_unit_test(test_drift_lowers_quality_and_a_new_version_restores_it),
        cmocka_unit_test(test_a_copy_goes_on_alike),
        cmocka_unit_test(test_trials_are_carried_over),
        cmocka_unit_test(test_damaged_snapshots_are_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
