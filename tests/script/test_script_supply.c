/* Scenarios of cards: what an export rule, and what another maker's cards do to a hall that grows. */
#include "script_district.h"

typedef struct outcome {
    double ordered, coming, delivered, cancelled, late, lost, spent_cny;
} outcome;

/* A quarter of an hour, a month each minute; no request and no card is lost from the count. */
static outcome live(const char *name, bool is_on, const char *software)
{
    char path[300];
    jw_error error = {0};
    snprintf(path, sizeof path, JW_SOURCE_FOLDER "/scripts/%s.lua", name);
    assert_int_equal(jw_scene_use_scenario(district, path, &error), JW_OK);
    assert_int_equal(jw_scene_set(district, "mechanism", is_on ? "true" : "false", &error), JW_OK);
    if (software)
        assert_int_equal(jw_scene_set(district, "software", software, &error), JW_OK);
    jw_world *world = make_world(path);
    outcome o = {0};
    for (uint32_t minute = 0; minute < 15; minute++) {
        step_world(world, 120);
        if (!jw_twin_is_consistent(world, &error))
            fail_msg("%s", error.message);
        o = (outcome){number_of(world, "ai.cards_ordered"),   number_of(world, "ai.cards_coming"),
                      number_of(world, "ai.cards_delivered"), number_of(world, "ai.cards_cancelled"),
                      number_of(world, "twin.requests_late"), number_of(world, "twin.requests_lost"),
                      number_of(world, "ai.cards_spent")};
        assert_true(o.ordered == o.coming + o.delivered + o.cancelled);
    }
    assert_string_equal(jw_script_last_error(world), "");
    assert_contains(last_line(world), "cards in the halls for");
    print_message("%s %s: %s\n", name, is_on ? "on" : "off", last_line(world));
    jw_world_destroy(world);
    return o;
}

/* The rule takes what is on its way and fewer cards come; hardly anybody who asks notices in this time. */
static void test_a_shock_cancels_cards_before_anybody_notices(void **state)
{
    (void)state;
    outcome on = live("export_shock", true, NULL), off = live("export_shock", false, NULL);
    assert_true(on.cancelled > 0 && off.cancelled == 0);
    assert_true(on.delivered < off.delivered);
    assert_true(jw_abs(on.spent_cny - off.spent_cny) <
                0.1 * off.spent_cny); /* money came back and was spent */
    assert_true(jw_abs(on.late - off.late) < 0.15 * off.late);
}

/* As many cards for as much money, but they read memory at a fraction of the speed, also with software of
 * their own; without it they are slower once more. */
static void test_memory_decides_between_makers(void **state)
{
    (void)state;
    outcome domestic = live("indigenous_accelerators", true, "1"),
            unported = live("indigenous_accelerators", true, "0.6"),
            other = live("indigenous_accelerators", false, NULL);
    assert_true(domestic.delivered >= other.delivered && domestic.cancelled == 0 && other.cancelled == 0);
    assert_true(jw_abs(domestic.spent_cny - other.spent_cny) < 0.1 * other.spent_cny);
    assert_true(domestic.late > 1.1 * other.late);
    assert_true(unported.late > 1.05 * domestic.late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_shock_cancels_cards_before_anybody_notices),
        cmocka_unit_test(test_memory_decides_between_makers),
    };
    return cmocka_run_group_tests(tests, open_district, close_district);
}
