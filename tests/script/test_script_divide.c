/* What equipping parks does, those that have no access to AI first or those that are cheapest to complete,
 * against quarters in which nobody is equipped. */
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

/* The scenario runs with its mechanism, or as a copy of it whose default is off. */
static jw_world *run(const char *name, bool is_on, int seconds)
{
    char path[300];
    jw_error error = {0};
    snprintf(path, sizeof path, JW_SOURCE_FOLDER "/scripts/%s.lua", name);
    char *text;
    size_t size;
    assert_int_equal(jw_file_read(path, 1 << 20, &text, &size, &error), JW_OK);
    char *found = strstr(text, "id = \"mechanism\", type = \"boolean\", default = true");
    assert_non_null(found);
    if (!is_on)
        memcpy(strstr(found, "default"), "default =false", 14);
    write_text_file("divide.lua", text);
    jw_free(text);
    jw_script_def def = {parks, "divide.lua"};
    jw_module_entry entry = {&jw_script_module, &def};
    jw_world *world;
    if (jw_twin_create(&parks_def, &entry, 1, &world, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    for (int i = 0; i < 2 * seconds; i++) {
        step_world(world, 1);
        if (i % 120 == 0 && !jw_twin_is_consistent(world, &error))
            fail_msg("%s", error.message);
    }
    assert_string_equal(jw_script_last_error(world), "");
    return world;
}

static void test_equipment_narrows_access(void **state)
{
    (void)state;
    jw_quarter first[2], last[2];
    for (int is_on = 0; is_on <= 1; is_on++) {
        jw_world *world = run("digital_divide", is_on, 1090);
        const jw_economy *economy = jw_world_state(world, JW_TWIN_ECONOMY);
        uint32_t count = jw_economy_quarter_count(economy);
        assert_int_equal(count, 6);
        assert_true(jw_economy_quarter(economy, 0, &first[is_on]) &&
                    jw_economy_quarter(economy, count - 1, &last[is_on]));
        const jw_theil *t = &last[is_on].access;
        assert_true(jw_abs(t->total - t->between - t->within) < 1e-9);
        assert_contains(last_line(world), "Theil index of access to AI");
        print_message("%s: access %.3f (between %.3f), first %.3f; output %.3f, first %.3f\n",
                      is_on ? "equipped" : "not equipped", t->total, t->between, first[is_on].access.total,
                      last[is_on].productivity.total, first[is_on].productivity.total);
        jw_world_destroy(world);
    }
    assert_true(first[0].access.total == first[1].access.total); /* equipment takes a quarter */
    assert_true(last[1].access.total < 0.8 * last[0].access.total);
    assert_true(last[1].access.between < 0.2 * last[1].access.total);
}

/* Forty parks a quarter get what they lack; most of it is there before the fourth quarter closes. */
static void test_the_pattern_is_copied(void **state)
{
    (void)state;
    double complete[2], oee[2];
    for (int is_on = 0; is_on <= 1; is_on++) {
        jw_world *world = run("park_replication", is_on, 1210);
        complete[is_on] = number_of(world, "economy.parks_complete");
        oee[is_on] = number_of(world, "economy.oee");
        jw_world_destroy(world);
    }
    print_message("complete %g, without %g; OEE %.1f %%, %.1f %%\n", complete[1], complete[0], oee[1],
                  oee[0]);
    assert_true(complete[1] > complete[0] + 60 && complete[1] <= complete[0] + 160);
    assert_true(oee[1] > oee[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equipment_narrows_access),
        cmocka_unit_test(test_the_pattern_is_copied),
    };
    return cmocka_run_group_tests(tests, open_parks, close_parks);
}
