/* Scenarios of how AI comes into service: approval by risk, who serves, and which model. */
#include "script_district.h"

/* A quarter of an hour with parameters as "id=value" pairs; the identities hold all the time. */
static jw_world *live(const char *name, const char *const (*set)[2], uint32_t count)
{
    char path[300];
    jw_error error = {0};
    snprintf(path, sizeof path, JW_SOURCE_FOLDER "/scripts/%s.lua", name);
    assert_int_equal(jw_scene_use_scenario(district, path, &error), JW_OK);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(jw_scene_set(district, set[i][0], set[i][1], &error), JW_OK);
    jw_world *world = make_world(path);
    for (uint32_t minute = 0; minute < 15; minute++) {
        step_world(world, 120);
        if (!jw_twin_is_consistent(world, &error))
            fail_msg("%s", error.message);
    }
    assert_string_equal(jw_script_last_error(world), "");
    return world;
}

static void test_the_fast_track_saves_days_and_passes_what_is_bad(void **state)
{
    (void)state;
    double wrong[2], days[2];
    for (int is_fast = 0; is_fast < 2; is_fast++) {
        const char *const set[][2] = {{"mechanism", is_fast ? "true" : "false"}, {"bad_share", "0.5"}};
        jw_world *world = live("risk_class_approval", set, 2);
        wrong[is_fast] = number_of(world, "ai.wrong_approvals");
        days[is_fast] = number_of(world, "ai.approval_days");
        assert_contains(last_line(world), "versions approved and ");
        assert_true(is_fast || strstr(last_line(world), "and 0 rejected") == NULL);
        jw_world_destroy(world);
    }
    print_message("fast: %.1f days, %g wrong approvals; with trials: %.1f days, %g\n", days[1], wrong[1],
                  days[0], wrong[0]);
    assert_true(days[1] < 0.5 * days[0] && wrong[1] > wrong[0]);
}

/* In the cut the cloud alone loses all, the edge alone the questions to the language model, always; both
 * together lose only these questions, only then. */
static void test_the_continuum_serves_on_in_a_cut(void **state)
{
    (void)state;
    static const char *const ways[][2][2] = {{{"mechanism", "true"}, {"alone", "cloud_only"}},
                                             {{"mechanism", "false"}, {"alone", "cloud_only"}},
                                             {{"mechanism", "false"}, {"alone", "edge_only"}}};
    static const char *const names[] = {"Continuum", "Cloud alone", "Edge alone"};
    double lost[3], energy[3];
    for (uint32_t i = 0; i < 3; i++) {
        jw_world *world = live("edge_cloud_continuum", ways[i], 2);
        lost[i] = number_of(world, "twin.requests_lost");
        energy[i] = number_of(world, "twin.energy");
        assert_int_equal(log_count(world), 3);
        assert_contains(log_line(world, 1), names[i]);
        print_message("%s\n", log_line(world, 1));
        jw_world_destroy(world);
    }
    assert_true(lost[0] < lost[2] && lost[2] < 0.1 * lost[1]);
    assert_true(jw_abs(energy[1] - energy[0]) < 0.1 * energy[0]);
}

/* The small model is tuned on the junctions' pictures before it serves: then it is worth the large one, and
 * quicker; on a fifth of the pictures it is worth less. */
static void test_a_vertical_model_is_worth_a_larger_one(void **state)
{
    (void)state;
    static const char *const ways[][2][2] = {{{"mechanism", "true"}, {"data_gb", "4"}},
                                             {{"mechanism", "false"}, {"data_gb", "4"}},
                                             {{"mechanism", "true"}, {"data_gb", "0.8"}}};
    double quality[3], p50_ms[3];
    for (uint32_t i = 0; i < 3; i++) {
        jw_world *world = live("vertical_model", ways[i], 2);
        const jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
        assert_true(number_of(world, "ai.tuned") == (i == 1 ? 0 : 1));
        quality[i] = jw_ai_quality(ai, 0, jw_ai_newest_version(ai, "signal-vision"));
        p50_ms[i] = jw_twin_requests(world, 0).p50_ms;
        print_message("%s\n", last_line(world));
        assert_contains(last_line(world),
                        i == 1 ? "General model in the cloud" : "Vertical model at the edge");
        jw_world_destroy(world);
    }
    assert_true(jw_abs(quality[0] - quality[1]) < 0.01 && quality[2] < quality[0] - 0.003);
    assert_true(p50_ms[0] < 0.5 * p50_ms[1]);
}

/* Retraining mends what the rain has done, unless the canary asks for the figures of dry days. */
static void test_retraining_follows_the_drift(void **state)
{
    (void)state;
    static const char *const ways[][2][2] = {{{"mechanism", "true"}, {"max_error", "0.3"}},
                                             {{"mechanism", "true"}, {"max_error", "0"}},
                                             {{"mechanism", "false"}, {"max_error", "0.3"}}};
    double misread[3];
    for (uint32_t i = 0; i < 3; i++) {
        jw_world *world = live("drift_retraining", ways[i], 2);
        misread[i] = number_of(world, "twin.signal_misread");
        print_message("%s\n", last_line(world));
        assert_contains(last_line(world), "In eight minutes of rain");
        jw_world_destroy(world);
    }
    assert_true(misread[0] < 0.93 * misread[2] && misread[1] > 0.97 * misread[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_fast_track_saves_days_and_passes_what_is_bad),
        cmocka_unit_test(test_the_continuum_serves_on_in_a_cut),
        cmocka_unit_test(test_a_vertical_model_is_worth_a_larger_one),
        cmocka_unit_test(test_retraining_follows_the_drift),
    };
    return cmocka_run_group_tests(tests, open_district, close_district);
}
