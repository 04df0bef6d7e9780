/* Recorded requests as senders: each comes when and as long as it was, also after a restore; and models that
 * no site can hold. */
#include "base/test_base.h"
#include "compute/damage.h"
#include "twin/twin_fixture.h"
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

static jw_llm_request recorded[] = {
    {0, 374, 44}, {2 * JW_NS_PER_S, 396, 109}, {2 * JW_NS_PER_S, 879, 1}, {60 * JW_NS_PER_S, 91, 16}};

static jw_twin_def town(int64_t start_ns, double rate)
{
    jw_twin_def def;
    jw_error error = {0};
    twin_fixture_sites(&def, 2);
    def.traffic.demand.factor = 1e-6;
    for (uint32_t i = 0; i < JW_COUPLING_COUNT; i++)
        def.is_coupling_off[i] = 1;
    jw_crowd_def crowd = {.name = "office", .type = "assistant", .x_m = 120, .y_m = 100};
    jw_trace_def trace = {.trace = {.requests = recorded, .count = 4}, .rate = rate, .start_ns = start_ns};
    if (jw_twin_def_add_trace(&def, &crowd, &trace, &error) != JW_OK)
        fail_msg("%s", error.message);
    return def;
}

static jw_llm_stats stats_of(const jw_world *world)
{
    const jw_compute *compute = twin_compute_of(world);
    return jw_compute_llm_stats(compute, jw_compute_find_service(compute, "city-llm"));
}

static void assert_sent(const jw_world *world, int64_t sent)
{
    assert_int_equal(jw_twin_requests(world, JW_NONE).sent, sent);
}

static void test_requests_come_as_they_were(void **state)
{
    (void)state;
    jw_twin_def def = town(-1, 2); /* twice as fast, from the start */
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 1);
    assert_sent(world, 1);
    twin_fixture_run_checked(world, 1);
    assert_sent(world, 3);
    twin_fixture_run_checked(world, 57);
    assert_sent(world, 3); /* at 29.5 s */
    twin_fixture_run_checked(world, 60);
    assert_sent(world, 4);
    jw_llm_stats stats = stats_of(world);
    assert_true(stats.done == 4 && stats.prompt_tokens == 374 + 396 + 879 + 91 &&
                stats.output_tokens == 44 + 109 + 1 + 16);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* A thousandth as fast, what comes on day 399 comes in a thousand years, and not at once. */
static void test_the_slowest_replay(void **state)
{
    (void)state;
    static const int64_t day_ns = 86400 * JW_NS_PER_S;
    int64_t times_ns[4];
    for (uint32_t i = 0; i < 4; i++) {
        times_ns[i] = recorded[i].time_ns;
        recorded[i].time_ns = i ? 399 * day_ns : 0;
    }
    jw_twin_def def = town(-1, 1e-3);
    for (uint32_t i = 0; i < 4; i++)
        recorded[i].time_ns = times_ns[i];
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 10);
    assert_sent(world, 1);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_a_trace_begins_at_its_hour(void **state)
{
    (void)state;
    jw_twin_def def = town((8 * 3600 + 10) * JW_NS_PER_S, 1);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 19);
    assert_sent(world, 0);
    twin_fixture_run_checked(world, 6);
    assert_sent(world, 3);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    def = town((8 * 3600 - 30) * JW_NS_PER_S, 1); /* three of them before the world begins */
    world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 100);
    assert_sent(world, 1);
    assert_int_equal(stats_of(world).prompt_tokens, 91);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_a_restored_world_goes_on_alike(void **state)
{
    (void)state;
    jw_twin_def def = town(-1, 1);
    jw_world *world = twin_fixture_create(&def, 1), *fork = NULL;
    jw_error error = {0};
    twin_fixture_run_checked(world, 30);
    assert_int_equal(jw_world_fork(world, &fork, &error), JW_OK);
    assert_true(jw_world_hash(fork) == jw_world_hash(world));
    twin_fixture_run_checked(world, 120);
    twin_fixture_run_checked(fork, 120);
    assert_true(jw_world_hash(fork) == jw_world_hash(world));
    assert_sent(fork, 4);
    jw_world_destroy(fork);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_twin_def def = town(-1, 1);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 30);
    assert_true(damage_all(world, 31, 2, false) > 0);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_bad_traces_are_refused(void **state)
{
    (void)state;
    jw_twin_def def = town(-1, 1);
    jw_crowd_def crowd = {.name = "office", .type = "assistant"};
    jw_trace_def trace = {.trace = {.requests = recorded, .count = 4}};
    assert_int_equal(jw_twin_def_add_trace(&def, &crowd, &trace, NULL), JW_ERROR_EXISTS);
    snprintf(crowd.name, sizeof crowd.name, "other");
    snprintf(crowd.type, sizeof crowd.type, "nothing");
    assert_int_equal(jw_twin_def_add_trace(&def, &crowd, &trace, NULL), JW_ERROR_NOT_FOUND);
    snprintf(crowd.type, sizeof crowd.type, "assistant");
    trace.rate = -1;
    assert_int_equal(jw_twin_def_add_trace(&def, &crowd, &trace, NULL), JW_ERROR_INPUT);
    trace.rate = 1;
    trace.trace.count = 0;
    assert_int_equal(jw_twin_def_add_trace(&def, &crowd, &trace, NULL), JW_ERROR_INPUT);
    assert_int_equal(def.trace_count, 1);
    jw_twin_def_free(&def);
}

static void test_a_model_that_no_site_holds_is_named(void **state)
{
    (void)state;
    jw_twin_def def = town(-1, 1);
    jw_problems problems = {0};
    jw_error error = {0};
    assert_int_equal(jw_twin_def_check(&def, &problems, &error), JW_OK);
    assert_int_equal(problems.problem_count, 0);
    def.services[2].parameters_b = 400; /* 800 GB on sixteen cards of 24 GB */
    def.services[2].cards_per_instance = 16;
    assert_int_equal(jw_twin_def_check(&def, &problems, &error), JW_OK);
    assert_int_equal(problems.problem_count, 1);
    bool is_named = false;
    for (uint32_t i = 0; i < problems.count; i++)
        is_named |= strcmp(problems.items[i].element, "city-llm") == 0 &&
                    strstr(problems.items[i].message, "800 GB on 16 cards") &&
                    strstr(problems.items[i].message, "\"city-cloud\", gives 345.6 GB of 32 x card");
    assert_true(is_named);
    jw_problems_free(&problems);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_requests_come_as_they_were),
        JW_UNIT(test_the_slowest_replay),
        JW_UNIT(test_a_trace_begins_at_its_hour),
        JW_UNIT(test_a_restored_world_goes_on_alike),
        JW_UNIT(test_bad_traces_are_refused),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_a_model_that_no_site_holds_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
