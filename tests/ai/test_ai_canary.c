/* Canaries, what drift does, and the state of approval in snapshots. */
#include "approval_fixture.h"
#include "compute/damage.h"

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
