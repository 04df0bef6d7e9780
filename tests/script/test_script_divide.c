/* The digital divide: what equipping parks that have no access to AI does, against quarters in which nobody
 * is equipped. */
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
static jw_world *run(bool is_on)
{
    const char *path = JW_SOURCE_FOLDER "/scripts/digital_divide.lua";
    jw_error error = {0};
    char *text;
    size_t size;
    assert_int_equal(jw_file_read(path, 1 << 20, &text, &size, &error), JW_OK);
    char *found = strstr(text, "default = true");
    assert_non_null(found);
    if (!is_on)
        memcpy(found, "default =false", 14);
    write_text_file("divide.lua", text);
    jw_free(text);
    jw_script_def def = {parks, "divide.lua"};
    jw_module_entry entry = {&jw_script_module, &def};
    jw_world *world;
    if (jw_twin_create(&parks_def, &entry, 1, &world, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    for (int i = 0; i < 2 * 1090; i++) {
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
        jw_world *world = run(is_on);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equipment_narrows_access),
    };
    return cmocka_run_group_tests(tests, open_parks, close_parks);
}
