#include "base/test_base.h"

#include <stdio.h>
#include <string.h>

static void first_error_wins(void **state)
{
    (void)state;
    jw_error error = {0};
    assert_int_equal(jw_fail(&error, JW_ERROR_INPUT, "a.osm", 12, "way %d has no nodes", 4711),
                     JW_ERROR_INPUT);
    assert_int_equal(jw_fail(&error, JW_ERROR_IO, "b", 1, "later"), JW_ERROR_IO);
    assert_int_equal(error.code, JW_ERROR_INPUT);
    char text[100];
    jw_error_format(&error, text, sizeof text);
    assert_string_equal(text, "a.osm:12: way 4711 has no nodes");
    error.line = 0;
    jw_error_format(&error, text, sizeof text);
    assert_string_equal(text, "a.osm: way 4711 has no nodes");
    error.file[0] = 0;
    jw_error_format(&error, text, 8);
    assert_string_equal(text, "way 471");
}

static void errors_are_optional_and_long_ones_are_cut_at_a_character(void **state)
{
    (void)state;
    assert_int_equal(jw_fail(NULL, JW_ERROR_LIMIT, NULL, 0, "x"), JW_ERROR_LIMIT);
    assert_int_equal(jw_fail_memory(NULL), JW_ERROR_MEMORY);
    char long_text[1200];
    memset(long_text, 'a', sizeof long_text);
    for (size_t i = 1; i + 3 < sizeof long_text; i += 3)
        memcpy(long_text + i, "\xe7\xbb\x8f", 3); /* three-byte characters after one of one byte */
    long_text[sizeof long_text - 1] = 0;
    jw_error error = {0};
    jw_fail(&error, JW_ERROR_INPUT, NULL, 0, "%s", long_text);
    assert_true(strlen(error.message) > sizeof error.message - 5);
    assert_true(jw_text_is_utf8(error.message, strlen(error.message)));
}

static void every_code_has_a_text(void **state)
{
    (void)state;
    for (int code = 0; code < JW_RESULT_COUNT; code++)
        assert_true(strlen(jw_result_text((jw_result)code)) > 1);
    assert_string_equal(jw_result_text(JW_ERROR_CORRUPT), "damaged data");
    assert_non_null(jw_result_text((jw_result)-1));
    jw_error error = {.code = JW_ERROR_NOT_FOUND};
    char text[40];
    jw_error_format(&error, text, sizeof text);
    assert_string_equal(text, "not found");
}

static void problems_are_merged_counted_and_bounded(void **state)
{
    (void)state;
    jw_problems problems = {0};
    jw_problems_add(NULL, JW_PROBLEM, "f", 1, "e", "not collected");
    jw_problems_add(&problems, JW_PROBLEM, "map.osm", 5, "way 1", "no lanes");
    jw_problems_add(&problems, JW_PROBLEM, "map.osm", 9, "way 2", "no lanes");
    jw_problems_add(&problems, JW_NOTE, "map.osm", 9, "way 2", "no lanes");
    jw_problems_add(&problems, JW_PROBLEM, "other.osm", 9, NULL, "no lanes");
    assert_int_equal(problems.count, 3);
    assert_int_equal(problems.items[0].count, 2);
    assert_string_equal(problems.items[0].element, "way 1");
    assert_int_equal(problems.items[0].line, 5);
    assert_int_equal(problems.problem_count, 3);
    for (int i = 0; i < JW_PROBLEMS_MAX; i++)
        jw_problems_add(&problems, JW_PROBLEM, NULL, 0, NULL, "problem %d", i);
    assert_int_equal(problems.count, JW_PROBLEMS_MAX);
    assert_int_equal(problems.dropped, 3);
    assert_int_equal(problems.problem_count, 3 + JW_PROBLEMS_MAX);
    jw_problems_free(&problems);

    jw_memory_fail_after(0);
    jw_problems_add(&problems, JW_PROBLEM, NULL, 0, NULL, "no room");
    jw_memory_fail_after(-1);
    assert_int_equal(problems.dropped, 1);
    assert_int_equal(problems.problem_count, 1);
    jw_problems_free(&problems);
}

static void collect(void *context, jw_log_level level, const char *line)
{
    snprintf(context, 64, "%d %s", (int)level, line);
}

static void log_goes_to_the_sink(void **state)
{
    (void)state;
    char got[64] = "";
    jw_log_to(collect, got);
    jw_log_line(JW_LOG_WARNING, "link %d is cut", 7);
    jw_log_to(NULL, NULL);
    assert_string_equal(got, "1 link 7 is cut");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(first_error_wins),      JW_UNIT(errors_are_optional_and_long_ones_are_cut_at_a_character),
        JW_UNIT(every_code_has_a_text), JW_UNIT(problems_are_merged_counted_and_bounded),
        JW_UNIT(log_goes_to_the_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
