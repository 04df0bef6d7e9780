/* When a scenario's lesson can be told: what lasts_min may be, and that every shipped lesson has told its
 * figures by then. */
#include "script_district.h"

#include <dirent.h>

static void check_lasts(const char *lasts, double wanted_s)
{
    char text[600];
    jw_scenario_text texts;
    jw_error error = {0};
    snprintf(text, sizeof text,
             "return scenario { title = 'x', %s\n"
             "  params = { param { id = 'late_min', type = 'number', default = 4, min = 0, max = 9, label = "
             "'l' } },\n"
             "  timeline = { ['+2min'] = function() end } }",
             lasts);
    write_text_file("lasts.lua", text);
    if (jw_scenario_read_texts("lasts.lua", &texts, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_true(texts.last_s == wanted_s && texts.last_of_day_s == 0);
}

static void test_what_it_may_be(void **state)
{
    (void)state;
    check_lasts("", 120);
    check_lasts("lasts_min = 5.5,", 330);
    check_lasts("lasts_min = 1,", 120); /* the timeline goes on */
    check_lasts("lasts_min = function(p) return p.late_min + 3 end,", 420);
}

static void check_refused(const char *lasts, const char *why)
{
    char text[300];
    jw_scenario_text texts;
    jw_error error = {0};
    snprintf(text, sizeof text, "return scenario { title = 'x',\n  lasts_min = %s }", lasts);
    write_text_file("lasts.lua", text);
    assert_int_equal(jw_scenario_read_texts("lasts.lua", &texts, &error), JW_ERROR_INPUT);
    assert_contains(error.message, why);
    assert_string_equal(error.file, "lasts.lua");
}

static void test_what_it_may_not_be(void **state)
{
    (void)state;
    check_refused("'5min'", "lasts_min must be a number or a function(p), not a string");
    check_refused("function() end", "lasts_min gives a nil, not a number of minutes");
    check_refused("function(p) return p.late_min end", "no parameter \"late_min\"");
    check_refused("-1", "lasts_min gives -1, but must be from 0 to");
    check_refused("0/0", "but must be from 0 to");
    check_refused("function() while true do end end", "too much work");
}

/* A lesson of the tree speaks of what is there to see: who steps through it has been told the scenario's
 * figures by the time when the answer comes, and not long before it. */
static void test_shipped_lessons_are_told_in_time(void **state)
{
    (void)state;
    const char *folder = JW_SOURCE_FOLDER "/scripts";
    uint32_t lessons = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[700], *text;
        size_t size;
        if (!jw_text_ends_with(entry->d_name, ".lua"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        jw_scenario_text texts;
        assert_int_equal(jw_scenario_read_texts(path, &texts, NULL), JW_OK);
        if (!texts.lesson.en[0])
            continue;
        if (texts.last_s == 0)
            fail_msg("%s does not say when its lesson can be told", path);
        assert_int_equal(jw_file_read(path, 1 << 20, &text, &size, NULL), JW_OK);
        bool is_of_district = !strstr(text, "scenes/parks.lua") && !strstr(text, "scenes/east_west.lua");
        jw_free(text);
        lessons++;
        if (!is_of_district)
            continue;
        jw_world *world = make_world(path);
        int64_t start_ns = jw_world_time_ns(world), told_ns = jw_scenario_told_ns(&texts, start_ns),
                last_ns = 0;
        while (jw_world_time_ns(world) < told_ns)
            step_world(world, 1);
        uint32_t count;
        const jw_frame_event *events = jw_twin_events(world, &count);
        for (uint32_t i = 0; i < count; i++)
            if (events[i].kind == JW_EVENT_LINE)
                last_ns = events[i].time_ns;
        if (last_ns < told_ns - 300 * JW_NS_PER_S)
            fail_msg("%s lasts %.0f min, but told its last after %.1f min", path, texts.last_s / 60,
                     jw_s_from_ns(last_ns - start_ns) / 60);
        assert_string_equal(jw_script_last_error(world), "");
        jw_world_destroy(world);
    }
    closedir(directory);
    assert_true(lessons >= 20);
}

/* It follows the parameters: those of the scene, those that are changed while it runs, those of a snapshot.
 */
static void test_it_follows_the_parameters(void **state)
{
    (void)state;
    write_text_file("lasts.lua",
                    "return scenario { title = 'x', lasts_min = function(p) return 10 / p.share end,\n"
                    "  params = { param { id = 'share', type = 'number', default = 1, min = 0, max = 1,\n"
                    "             when = 'live', label = 's' } } }");
    jw_error error = {0};
    assert_int_equal(jw_scene_use_scenario(district, "lasts.lua", &error), JW_OK);
    assert_int_equal(jw_scene_set(district, "share", "0.5", &error), JW_OK);
    jw_world *world = make_world("lasts.lua");
    assert_true(jw_scenario_texts(world)->last_s == 1200);
    static const double shares[] = {0.25, 0, 0.125};
    for (uint32_t i = 0; i < JW_COUNT_OF(shares); i++) {
        jw_command command = jw_command_make("set_param");
        jw_command_text(&command, "id", "share");
        jw_command_number(&command, "value", shares[i]);
        assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
        step_world(world, 1);
        assert_true(jw_scenario_texts(world)->last_s == (i < 2 ? 2400 : 4800)); /* 10 / 0 is refused */
    }
    jw_world *copy = copy_world(world, 1);
    assert_true(jw_scenario_texts(copy)->last_s == 4800);
    jw_world_destroy(copy);
    jw_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_it_may_be),
        cmocka_unit_test(test_what_it_may_not_be),
        cmocka_unit_test(test_shipped_lessons_are_told_in_time),
        cmocka_unit_test(test_it_follows_the_parameters),
    };
    jw_log_to(no_log, NULL);
    return cmocka_run_group_tests(tests, open_district, close_district);
}
