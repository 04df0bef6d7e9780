/* Each parameter of each shipped scene runs at both ends of the range that it promises. */
#include "script_test.h"

/* One step from cold with one parameter at `value`; the map is planned anew where the parameter is the map's.
 */
static void run_at(jw_scene *scene, const jw_param *param, double value)
{
    jw_error error = {0};
    jw_twin_def def;
    jw_world *world = NULL;
    char text[40];
    if (param->type == JW_PARAM_CHOICE)
        jw_text_copy(text, sizeof text, param->choices[(uint32_t)value]);
    else if (param->type == JW_PARAM_BOOLEAN)
        jw_text_copy(text, sizeof text, value > 0 ? "true" : "false");
    else
        snprintf(text, sizeof text, "%.10g", value);
    if (jw_scene_set(scene, param->id, text, &error) != JW_OK ||
        jw_scene_build(scene, 2, NULL, NULL, NULL, &def, &error) != JW_OK)
        fail_msg("%s: %s=%s: %s", jw_scene_name(scene), param->id, text, error.message);
    def.warm_ns = 0;
    if (jw_twin_create(&def, NULL, 0, &world, &error) != JW_OK || jw_world_step(world, &error) != JW_OK)
        fail_msg("%s: %s=%s: %s", jw_scene_name(scene), param->id, text, error.message);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void try_scene(const char *path)
{
    jw_error error = {0};
    jw_scene *scene;
    if (jw_scene_open(path, &scene, NULL, &error) != JW_OK)
        fail_msg("%s", error.message);
    for (uint32_t i = 0; i < jw_scene_param_count(scene); i++) {
        jw_param param = *jw_scene_param(scene, i);
        bool is_choice = param.type == JW_PARAM_CHOICE, is_switch = param.type == JW_PARAM_BOOLEAN;
        run_at(scene, &param, is_choice || is_switch ? 0 : param.min);
        run_at(scene, &param, is_choice ? (double)param.choice_count - 1 : is_switch ? 1 : param.max);
        run_at(scene, &param, param.default_value);
    }
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_district(void **state)
{
    (void)state;
    try_scene(JW_SOURCE_FOLDER "/scenes/district.lua");
}

static void test_parks(void **state)
{
    (void)state;
    try_scene(JW_SOURCE_FOLDER "/scenes/parks.lua");
}

static void test_east_west(void **state)
{
    (void)state;
    try_scene(JW_SOURCE_FOLDER "/scenes/east_west.lua");
}

static void test_xiongan(void **state)
{
    (void)state;
    try_scene(JW_SOURCE_FOLDER "/scenes/xiongan.lua");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_district),
        cmocka_unit_test(test_parks),
        cmocka_unit_test(test_east_west),
        cmocka_unit_test(test_xiongan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
