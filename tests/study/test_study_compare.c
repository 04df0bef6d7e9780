/* Two runs side by side: real ones, and summaries that lack something. */
#include "record/record_fixture.h"
#include "study/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const jw_difference *row_of(const jw_comparison *comparison, const char *name)
{
    for (uint32_t i = 0; i < comparison->count; i++)
        if (strcmp(comparison->rows[i].name, name) == 0)
            return &comparison->rows[i];
    return NULL;
}

static void write_summary(const char *folder, const char *text)
{
    mkdir(folder, 0777);
    assert_int_equal(jw_file_write(record_path(folder, "summary.json"), text, strlen(text), NULL), JW_OK);
}

static void make_run(const char *folder, const char *fails)
{
    record_town town;
    record_make_town(&town, 3);
    record_begin(&town, folder, 60, 60);
    if (fails)
        twin_fixture_command(town.world, "fail_node", "name", fails);
    record_run_s(&town, 120);
    record_end(&town, false);
    record_free_town(&town);
}

static void test_two_runs(void **state)
{
    (void)state;
    make_run("whole", NULL);
    make_run("cut", "edge-1");
    jw_comparison same = {0}, other = {0};
    jw_problems problems = {0};
    jw_error error = {0};
    assert_int_equal(jw_compare_runs("whole", "whole", &same, &problems, &error), JW_OK);
    assert_int_equal(problems.count, 0);
    for (uint32_t i = 0; i < same.count; i++)
        assert_true(same.rows[i].a == same.rows[i].b);
    assert_int_equal(jw_compare_runs("whole", "cut", &other, &problems, &error), JW_OK);
    assert_int_equal(problems.count, 0);
    assert_string_equal(other.scene_a, "town");
    assert_int_equal(other.count, same.count);
    assert_string_equal(row_of(&other, "energy_wh")->unit, "Wh");
    assert_true(row_of(&other, "energy_wh")->b < row_of(&other, "energy_wh")->a); /* a site was dark */
    assert_true(row_of(&other, "sim_s")->a == 120 && row_of(&other, "sim_s")->b == 120);
    jw_comparison_free(&same);
    jw_comparison_free(&other);
}

static void test_what_is_not_alike_is_said(void **state)
{
    (void)state;
    write_summary("a", "{\"scene\": \"north\", \"seed\": 1, \"sim_s\": 60.0, \"energy_wh\": 5, "
                       "\"trips\": {\"arrived\": 3}}");
    write_summary("b", "{\"scene\": \"so\\\"uth\", \"seed\": 2, \"sim_s\": 90.0, \"carbon_kg\": 1.5, "
                       "\"trips\": {\"arrived\": \"many\"}}");
    jw_comparison comparison = {0};
    jw_problems problems = {0};
    assert_int_equal(jw_compare_runs("a", "b", &comparison, &problems, NULL), JW_OK);
    assert_int_equal(problems.count, 2);
    assert_non_null(strstr(problems.items[0].message, "different scenes"));
    assert_non_null(strstr(problems.items[1].message, "different length"));
    assert_int_equal(comparison.count, 4);
    assert_true(isnan(row_of(&comparison, "energy_wh")->b) && isnan(row_of(&comparison, "carbon_kg")->a));
    assert_true(row_of(&comparison, "trips.arrived")->a == 3 &&
                isnan(row_of(&comparison, "trips.arrived")->b));
    assert_null(row_of(&comparison, "requests.p95_ms"));
    assert_string_equal(comparison.scene_b, "so\"uth");
    jw_comparison_free(&comparison);
    jw_problems_free(&problems);
}

static void test_what_cannot_be_compared(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "{", "[1]", "nonsense"};
    write_summary("good", "{\"scene\": \"x\"}");
    mkdir("empty", 0777);
    jw_comparison comparison;
    jw_error error = {0};
    assert_int_equal(jw_compare_runs("good", "none", &comparison, NULL, &error), JW_ERROR_NOT_FOUND);
    error = (jw_error){0};
    assert_int_equal(jw_compare_runs("empty", "good", &comparison, NULL, &error), JW_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "empty is no run folder"));
    for (uint32_t i = 0; i < JW_COUNT_OF(bad); i++) {
        error = (jw_error){0};
        write_summary("bad", bad[i]);
        if (jw_compare_runs("good", "bad", &comparison, NULL, &error) == JW_OK)
            fail_msg("'%s' was taken for a summary", bad[i]);
        assert_true(error.message[0] && comparison.rows == NULL);
        assert_int_not_equal(jw_compare_runs("good", "bad", &comparison, NULL, NULL), JW_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORD_UNIT(test_two_runs),
        RECORD_UNIT(test_what_is_not_alike_is_said),
        RECORD_UNIT(test_what_cannot_be_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
