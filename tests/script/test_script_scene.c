#include "script/script.h"
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void test_smoke(void **state)
{
    (void)state;
    const char *files[] = {"scenes/district.lua", "scenes/xiongan.lua"};
    for (int i = 0; i < 2; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", JW_SOURCE_FOLDER, files[i]);
        jw_error error = {0};
        jw_scene *scene;
        jw_problems problems = {0};
        double t0 = jw_clock_seconds();
        if (jw_scene_open(path, &scene, &problems, &error) != JW_OK)
            fail_msg("%s:%d: %s", error.file, error.line, error.message);
        double t1 = jw_clock_seconds();
        jw_twin_def def;
        if (jw_scene_build(scene, 2, &problems, NULL, NULL, &def, &error) != JW_OK)
            fail_msg("%s:%d: %s", error.file, error.line, error.message);
        double t2 = jw_clock_seconds();
        printf("%s open %.3f build %.3f sites %u cells %u links %u cameras %u lines %u params %u\n", files[i],
               t1 - t0, t2 - t1, def.site_count, def.cell_count, def.link_count, def.camera_count,
               def.line_count, jw_scene_param_count(scene));
        for (uint32_t k = 0; k < problems.count; k++)
            printf("%s\n", problems.items[k].message);
        jw_world *world;
        jw_script_def sd = {scene, JW_SOURCE_FOLDER "/scripts/data_flow.lua"};
        jw_module_entry entry = {&jw_script_module, &sd};
        if (jw_twin_create(&def, &entry, 1, &world, &error) != JW_OK)
            fail_msg("%s:%d: %s", error.file, error.line, error.message);
        double t3 = jw_clock_seconds();
        for (int k = 0; k < 900; k++)
            assert_int_equal(jw_world_step(world, &error), JW_OK);
        printf("create %.3f, 20 steps %.3f\n", t3 - t2, jw_clock_seconds() - t3);
        for (uint32_t k = 0; k < jw_script_log_count(world); k++)
            printf("log: %s\n", jw_script_log_line(world, k));
        printf("error: %s\n", jw_script_last_error(world));
        jw_world_destroy(world);
        jw_twin_def_free(&def);
        jw_scene_close(scene);
        jw_problems_free(&problems);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_smoke)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
