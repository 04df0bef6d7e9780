/* Helpers of the script tests: texts as files, and a world of nothing but the script module. */
#ifndef JW_SCRIPT_TEST_H
#define JW_SCRIPT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "script/script.h"

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void write_text_file(const char *name, const char *text)
{
    jw_error error = {0};
    assert_int_equal(jw_file_write(name, text, strlen(text), &error), JW_OK);
}

static inline void make_script_world(const char *scenario_path, const jw_scene *scene, jw_world **out,
                                     jw_error *error)
{
    jw_script_def def = {scene, scenario_path};
    jw_module_entry entry = {&jw_script_module, &def};
    jw_world_def world = {
        .seed = 5, .modules = &entry, .module_count = 1, .start_time_ns = 8 * 3600 * JW_NS_PER_S};
    *out = NULL;
    jw_world_create(&world, out, error);
}

static inline void step_world(jw_world *world, int steps)
{
    jw_error error = {0};
    for (int i = 0; i < steps; i++)
        if (jw_world_step(world, &error) != JW_OK)
            fail_msg("step: %s", error.message);
}

/* The last line of the script's log, "" when there is none. */
static inline const char *last_line(const jw_world *world)
{
    uint32_t count = jw_script_log_count(world);
    return count ? jw_script_log_line(world, count - 1) : "";
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

static inline void no_log(void *context, jw_log_level level, const char *line)
{
    (void)context;
    (void)level;
    (void)line;
}

#endif
