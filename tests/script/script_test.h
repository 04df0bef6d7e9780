/* Helpers of the script tests: texts as files, and a world of the script and the diary it writes. */
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
    jw_module_entry of_twin[JW_TWIN_MODULE_COUNT];
    jw_twin_modules(NULL, 0, of_twin);
    jw_module_entry entries[] = {{&jw_script_module, &def}, of_twin[JW_TWIN_DIARY]};
    jw_world_def world = {
        .seed = 5, .modules = entries, .module_count = 2, .start_time_ns = 8 * 3600 * JW_NS_PER_S};
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

/* What the script said and where it failed, without what the commands themselves leave in the diary; ""
 * beyond the last. */
static inline const char *log_line(const jw_world *world, uint32_t index)
{
    uint32_t count;
    const jw_frame_event *events = jw_twin_events(world, &count);
    for (uint32_t i = 0; i < count; i++)
        if (events[i].key[0] == 0 && events[i].kind != JW_EVENT_MARK && index-- == 0)
            return events[i].text;
    return "";
}

static inline uint32_t log_count(const jw_world *world)
{
    uint32_t count = 0;
    while (log_line(world, count)[0])
        count++;
    return count;
}

static inline const char *last_line(const jw_world *world)
{
    uint32_t count = log_count(world);
    return count ? log_line(world, count - 1) : "";
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

static inline double number_of(const jw_world *world, const char *metric)
{
    double value = -1;
    assert_true(jw_world_metric(world, metric, &value));
    return value;
}

#endif
