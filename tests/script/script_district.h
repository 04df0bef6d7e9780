/* The district of the tree, opened once for all tests of a program, and worlds of it with a scenario. */
#ifndef JW_SCRIPT_DISTRICT_H
#define JW_SCRIPT_DISTRICT_H

#include "script_test.h"

static jw_scene *district;
static jw_twin_def district_def;

static int open_district(void **state)
{
    (void)state;
    jw_error error = {0};
    if (jw_scene_open(JW_SOURCE_FOLDER "/scenes/district.lua", &district, NULL, &error) != JW_OK ||
        jw_scene_build(district, 2, NULL, NULL, NULL, &district_def, &error) != JW_OK) {
        print_error("%s:%d: %s\n", error.file, error.line, error.message);
        return 1;
    }
    district_def.warm_ns = 0; /* moments are counted from the first step here */
    return 0;
}

static int close_district(void **state)
{
    (void)state;
    jw_twin_def_free(&district_def);
    jw_scene_close(district);
    return jw_allocated_bytes() == 0 ? 0 : 1;
}

static jw_world *make_world(const char *scenario_path)
{
    jw_error error = {0};
    jw_script_def def = {district, scenario_path};
    jw_module_entry entry = {&jw_script_module, &def};
    jw_world *world;
    if (jw_twin_create(&district_def, &entry, 1, &world, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    return world;
}

/* What its snapshot says. */
static inline jw_world *copy_world(jw_world *world, int threads)
{
    const jw_module_entry entry = {&jw_script_module, NULL};
    jw_writer image = {0};
    jw_error error = {0};
    jw_world *copy;
    assert_int_equal(jw_world_save(world, &image, &error), JW_OK);
    if (jw_twin_create_from_snapshot(district_def.city, &entry, 1, threads, image.bytes, image.size, &copy,
                                     &error) != JW_OK)
        fail_msg("%s", error.message);
    jw_writer_free(&image);
    return copy;
}

#endif
