/* Versions of models in the town: a trial and a canary that see real answers, and the drift of a changing
 * city. */
#include "twin/twin_fixture.h"

#include "base/test_base.h"

#include <string.h>

static jw_ai *ai_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_AI);
}

static void post(jw_world *world, const jw_command *command)
{
    jw_error error = {0};
    if (jw_world_post(world, command, &error) != JW_OK)
        fail_msg("%s", error.message);
    twin_fixture_run_checked(world, 1);
}

static void release(jw_world *world, uint32_t version, double quality)
{
    jw_command command = jw_command_make("release_model");
    jw_command_text(&command, "model", "signal-vision");
    jw_command_number(&command, "version", version);
    jw_command_number(&command, "image_gb", 0.5);
    jw_command_number(&command, "quality", quality);
    post(world, &command);
}

static void submit(jw_world *world, uint32_t version, const char *data, const char *site, double share)
{
    jw_command command = jw_command_make("submit_model");
    jw_command_text(&command, "model", "signal-vision");
    jw_command_number(&command, "version", version);
    jw_command_text(&command, "data", data);
    jw_command_text(&command, "site", site);
    jw_command_number(&command, "share", share);
    post(world, &command);
}

static jw_submission_state newest_submission(const jw_world *world)
{
    jw_submission_state s;
    uint32_t count = jw_ai_submission_count(ai_of(world));
    assert_true(count > 0 && jw_ai_submission(world, ai_of(world), count - 1, &s));
    return s;
}

static jw_city *city;

static void leave(jw_world *world)
{
    jw_world_destroy(world);
    jw_city_release(city);
}

/* All versions fall short, most of them by much; papers take no time and find nothing. */
static jw_world *town(double bad_share, double drift)
{
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    city = jw_city_retain(def.city); /* it has to live as long as the world */
    def.approval.is_on = true;
    def.approval.bad_share = bad_share;
    def.approval.bad_loss = 0.5;
    def.approval.review_days = 1e-6;
    def.approval.review_finds = 0;
    def.approval.trial_decisions = 100;
    def.approval.drift = drift;
    jw_world *world = twin_fixture_create(&def, 1);
    jw_twin_def_free(&def);
    return world;
}

static void run_s(jw_world *world, double seconds)
{
    twin_fixture_run_checked(world, (uint32_t)(seconds / jw_s_from_ns(jw_world_dt_ns(world)) + 0.5));
}

/* The trial judges answers of the one site, in the shadow and with a share, and finds what the papers did
 * not. */
static void test_a_trial_sees_the_answers_of_its_site(void **state)
{
    (void)state;
    for (int is_shadow = 0; is_shadow < 2; is_shadow++) {
        jw_world *world = town(1, 0);
        uint32_t version = 3;
        jw_submission_state s;
        for (;; version++) { /* the first that is bad enough to be sure */
            release(world, version, 0.95);
            submit(world, version, "special", "edge-1", is_shadow ? 0 : 0.5);
            s = newest_submission(world);
            if (s.loss > 0.3)
                break;
            assert_int_equal(jw_ai_withdraw(world, ai_of(world), "signal-vision", version, NULL), JW_OK);
        }
        run_s(world, 240);
        s = newest_submission(world);
        assert_int_equal(s.phase, JW_APPROVAL_REJECTED);
        assert_true(s.wrong == 11 && s.judged >= 11 && s.judged < 60); /* 10 of 100 may be wrong */
        jw_command command = jw_command_make("deploy_model");
        jw_command_text(&command, "model", "signal-vision");
        jw_command_number(&command, "version", version);
        post(world, &command);
        assert_int_equal(jw_ai_deployment_count(ai_of(world)), 3); /* those of the start: it was refused */
        leave(world);
    }
}

static jw_deployment_state canary(jw_world *world, uint32_t version)
{
    jw_command command = jw_command_make("deploy_model");
    jw_command_text(&command, "model", "signal-vision");
    jw_command_number(&command, "version", version);
    jw_command_number(&command, "canary", 0.5);
    jw_command_number(&command, "sample", 80);
    post(world, &command);
    jw_deployment_state d;
    uint32_t slot = jw_ai_deployment_count(ai_of(world)) - 1;
    run_s(world, 400);
    assert_true(jw_ai_deployment(ai_of(world), slot, &d) && d.version == version);
    return d;
}

static bool serves_anywhere(const jw_world *world, uint32_t version)
{
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    jw_site_state site;
    for (uint32_t i = 0; i < jw_compute_site_count(compute); i++)
        if (jw_compute_site(world, compute, i, &site) &&
            jw_ai_serving_version(ai_of(world), (uint64_t)site.id.generation << 32 | site.id.index1,
                                  "signal-vision") == version)
            return true;
    return false;
}

/* A version that nobody tried (its risk is said to be low) goes back after the canary's few answers; a good
 * one reaches all edge sites. */
static void test_a_canary_bounds_the_harm(void **state)
{
    (void)state;
    jw_world *world = town(1, 0);
    uint32_t version = 3;
    for (;; version++) {
        release(world, version, 0.95);
        jw_submission_def low = {.model = "signal-vision", .site = JW_AI_REGISTRY};
        assert_int_equal(jw_ai_submit(world, ai_of(world), &low, NULL, NULL), JW_OK);
        if (newest_submission(world).loss > 0.3)
            break;
    }
    jw_deployment_state d = canary(world, version);
    assert_int_equal(d.phase, JW_DEPLOY_ROLLED_BACK);
    assert_true(d.wrong == 9 && d.judged <= 80); /* 8 of 80 may be wrong */
    assert_false(serves_anywhere(world, version));
    leave(world);
    world = town(0, 0);
    release(world, 3, 0.95);
    jw_submission_def low = {.model = "signal-vision", .site = JW_AI_REGISTRY};
    assert_int_equal(jw_ai_submit(world, ai_of(world), &low, NULL, NULL), JW_OK);
    d = canary(world, 3);
    assert_int_equal(d.phase, JW_DEPLOY_DONE);
    assert_int_equal(d.sites_serving, 2);
    assert_true(serves_anywhere(world, 3));
    leave(world);
}

/* Share of misread greens over some minutes. */
static double misread_share(jw_world *world)
{
    jw_approval_counts before = jw_ai_count_approvals(world, ai_of(world)), after;
    double read = 0, read_after = 0;
    assert_true(jw_world_metric(world, "twin.signal_misread", &read));
    run_s(world, 300);
    assert_true(jw_world_metric(world, "twin.signal_misread", &read_after));
    after = jw_ai_count_approvals(world, ai_of(world));
    return (read_after - read) / (double)(after.judged - before.judged);
}

static void test_rain_makes_it_another_city_and_a_new_version_mends_that(void **state)
{
    (void)state;
    jw_world *world = town(0, 0.5);
    const uint32_t service = jw_compute_find_service(jw_world_state(world, JW_TWIN_COMPUTE), "signal-vision");
    run_s(world, 600);
    double dry = misread_share(world), quality = jw_ai_quality(ai_of(world), service, 1);
    double distance = jw_ai_drift_distance(ai_of(world), "signal-vision", 1);
    assert_true(jw_abs(quality - (0.9 - 0.5 * distance)) < 1e-12);
    jw_command rain = jw_command_make("rain");
    jw_command_number(&rain, "rain_mm_per_h", 20);
    jw_command_number(&rain, "hours", 2);
    post(world, &rain);
    run_s(world, 900);
    double wet_distance = jw_ai_drift_distance(ai_of(world), "signal-vision", 1);
    double wet = misread_share(world);
    release(world, 3, 0.9);
    jw_submission_def low = {.model = "signal-vision", .site = JW_AI_REGISTRY};
    assert_int_equal(jw_ai_submit(world, ai_of(world), &low, NULL, NULL), JW_OK);
    for (int tier = 0; tier < 2; tier++) {
        jw_command deploy = jw_command_make("deploy_model");
        jw_command_text(&deploy, "model", "signal-vision");
        jw_command_text(&deploy, "tier", tier ? "city" : "edge");
        post(world, &deploy);
    }
    run_s(world, 120);
    double mended = misread_share(world);
    print_message("distance %.2f, in rain %.2f; misread %.3f, in rain %.3f, by a new version %.3f\n",
                  distance, wet_distance, dry, wet, mended);
    assert_true(wet_distance > distance + 0.5 && wet > 1.5 * dry && mended < 0.7 * wet);
    assert_true(jw_ai_quality(ai_of(world), service, 3) > jw_ai_quality(ai_of(world), service, 1) + 0.15);
    leave(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_a_trial_sees_the_answers_of_its_site),
        JW_UNIT(test_a_canary_bounds_the_harm),
        JW_UNIT(test_rain_makes_it_another_city_and_a_new_version_mends_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
