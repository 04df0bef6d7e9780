/* Money and regions: a fund that stands for sales, and two regions that work for each other. */
#include "script_test.h"

static jw_scene *parks;
static jw_twin_def parks_def;

static int open_parks(void **state)
{
    (void)state;
    jw_error error = {0};
    if (jw_scene_open(JW_SOURCE_FOLDER "/scenes/parks.lua", &parks, NULL, &error) != JW_OK ||
        jw_scene_build(parks, 2, NULL, NULL, NULL, &parks_def, &error) != JW_OK) {
        print_error("%s:%d: %s\n", error.file, error.line, error.message);
        return 1;
    }
    parks_def.warm_ns = 0;
    return 0;
}

static int close_parks(void **state)
{
    (void)state;
    jw_twin_def_free(&parks_def);
    jw_scene_close(parks);
    return jw_allocated_bytes() == 0 ? 0 : 1;
}

/* A quarter of an hour, a quarter of a year each minute; money and people are where they were or went. */
static jw_world *live(const char *name, bool is_on)
{
    char path[300];
    jw_error error = {0};
    snprintf(path, sizeof path, JW_SOURCE_FOLDER "/scripts/%s.lua", name);
    if (jw_scene_use_scenario(parks, path, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    assert_int_equal(jw_scene_set(parks, "mechanism", is_on ? "true" : "false", &error), JW_OK);
    jw_script_def def = {parks, path};
    jw_module_entry entry = {&jw_script_module, &def};
    jw_world *world;
    if (jw_twin_create(&parks_def, &entry, 1, &world, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    for (uint32_t i = 0; i < 15; i++) {
        step_world(world, 120);
        if (!jw_twin_is_consistent(world, &error))
            fail_msg("%s", error.message);
    }
    assert_string_equal(jw_script_last_error(world), "");
    return world;
}

/* Loans at a lower rate and more that live; what the fund stands for it pays where nobody else buys. */
static void test_guarantees_keep_startups_alive(void **state)
{
    (void)state;
    double units[2], rate[2], failed[2];
    for (int is_on = 0; is_on < 2; is_on++) {
        jw_world *world = live("fund_guarantees", is_on);
        const jw_economy *economy = jw_world_state(world, JW_TWIN_ECONOMY);
        int64_t sold = 0, bought_fen = 0;
        jw_supplier_state s;
        for (uint32_t i = 0; jw_economy_supplier(world, economy, i, &s); i++) {
            sold += s.sold;
            bought_fen += s.bought_fen;
        }
        units[is_on] = number_of(world, "economy.startup_units");
        rate[is_on] = number_of(world, "economy.startup_rate");
        failed[is_on] = number_of(world, "economy.startup_defaults");
        assert_true(units[is_on] == (double)sold && (bought_fen > 0) == is_on);
        assert_contains(last_line(world), "After 13 quarters");
        print_message("%s\n", last_line(world));
        jw_world_destroy(world);
    }
    assert_true(units[1] > 2 * units[0] && rate[1] <= rate[0] && failed[1] < failed[0]);
}

/* Both laboratories train on what the other side has judged, and parks of both buy; money and people add up.
 */
static void test_models_go_both_ways(void **state)
{
    (void)state;
    double oee[2];
    for (int is_on = 0; is_on < 2; is_on++) {
        jw_world *world = live("dual_directional", is_on);
        const jw_economy *economy = jw_world_state(world, JW_TWIN_ECONOMY);
        jw_supplier_state s;
        jw_region_state east, west;
        for (uint32_t i = 0; jw_economy_supplier(world, economy, i, &s); i++)
            assert_true((s.licensed > 20) == (is_on && strstr(s.def->name, "models")));
        assert_true(jw_economy_region(world, economy, 0, &east) &&
                    jw_economy_region(world, economy, 1, &west));
        assert_true(east.arrived == -west.arrived && (west.arrived > 0) == is_on);
        assert_true(number_of(world, "ai.tuned") == 2 * is_on);
        oee[is_on] = number_of(world, "economy.oee");
        assert_true(is_on == 0 || strstr(last_line(world), "parks."));
        print_message("%s\n", last_line(world));
        jw_world_destroy(world);
    }
    assert_true(oee[1] > oee[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guarantees_keep_startups_alive),
        cmocka_unit_test(test_models_go_both_ways),
    };
    return cmocka_run_group_tests(tests, open_parks, close_parks);
}
