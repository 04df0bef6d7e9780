/* Signal controls side by side: statistics against worked examples, the same table for any number of threads,
 * controls that differ, what is refused. */
#include "study/study.h"
#include "twin/twin_fixture.h"

#include "base/test_base.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void test_student(void **state)
{
    (void)state;
    /* Quantiles as in any table (Fisher and Yates). */
    assert_true(jw_student_95(1) == 12.706 && jw_student_95(4) == 2.776 && jw_student_95(30) == 2.042);
    assert_true(fabs(jw_student_95(40) - 2.021) < 0.002);
    assert_true(fabs(jw_student_95(60) - 2.000) < 0.001);
    assert_true(fabs(jw_student_95(999) - 1.962) < 0.001);
}

/* Two controls, three seeds: 10, 12, 14 and 9, 9, 12. */
static void test_cells(void **state)
{
    (void)state;
    double values[6 * JW_BENCHMARK_MEASURE_COUNT] = {0};
    const double delays[] = {10, 12, 14, 9, 9, 12};
    for (uint32_t i = 0; i < 6; i++)
        values[i * JW_BENCHMARK_MEASURE_COUNT + JW_BENCHMARK_DELAY] = delays[i];
    jw_benchmark_control controls[2] = {{.name = "fixed"}, {.name = "a \"b\""}};
    uint64_t hashes[6] = {1, 2, 3, 4, 5, 6};
    jw_benchmark b = {.controls = controls,
                      .control_count = 2,
                      .seed_count = 3,
                      .first_seed = 7,
                      .minutes = 5,
                      .values = values,
                      .hashes = hashes};
    jw_benchmark_cell first = jw_benchmark_at(&b, 0, JW_BENCHMARK_DELAY),
                      second = jw_benchmark_at(&b, 1, JW_BENCHMARK_DELAY);
    /* s = 2 and sqrt(3); differences -1, -3, -2: s = 1; t(2) = 4.303. */
    assert_true(fabs(first.mean - 12) < 1e-12 && fabs(first.half_width - 4.303 * 2 / sqrt(3)) < 1e-9);
    assert_true(first.difference == 0 && first.difference_half_width == 0);
    assert_true(fabs(second.mean - 10) < 1e-12 && fabs(second.half_width - 4.303 * sqrt(3) / sqrt(3)) < 1e-9);
    assert_true(fabs(second.difference + 2) < 1e-12 &&
                fabs(second.difference_half_width - 4.303 / sqrt(3)) < 1e-9);
    char *text, *json;
    size_t size;
    assert_int_equal(jw_benchmark_write_csv(&b, "cells.csv", NULL), JW_OK);
    assert_int_equal(jw_file_read("cells.csv", 1 << 20, &text, &size, NULL), JW_OK);
    assert_non_null(
        strstr(text, "control,measure,unit,mean,ci95,difference,difference_ci95,seed_7,seed_8,seed_9\n"));
    assert_non_null(strstr(text, "\"a \"\"b\"\"\",delay,s,10,4.303,-2,2.484338208,9,9,12\n"));
    jw_free(text);
    assert_int_equal(jw_benchmark_write_json(&b, "town", &json, NULL), JW_OK);
    assert_non_null(strstr(json, "\"compared_with\": \"fixed\""));
    assert_non_null(strstr(json, "\"0000000000000006\""));
    jw_free(json);
    remove("cells.csv");
}

static uint32_t count_calls;

static bool count_progress(void *context, double fraction, const char *what)
{
    (void)context, (void)what;
    count_calls++;
    assert_true(fraction >= 0 && fraction <= 1);
    return true;
}

static bool cancel(void *context, double fraction, const char *what)
{
    (void)context, (void)fraction, (void)what;
    return false;
}

static void test_runs(void **state)
{
    (void)state;
    static const char *const names[] = {"fixed", "actuated", "max-pressure", "green-wave", "ai"};
    jw_benchmark_control controls[JW_COUNT_OF(names)];
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++)
        assert_int_equal(jw_benchmark_find_control(names[i], &controls[i], NULL), JW_OK);
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_benchmark_def benchmark = {.def = &def,
                                  .controls = controls,
                                  .control_count = JW_COUNT_OF(names),
                                  .seed_count = 3,
                                  .minutes = 10,
                                  .threads = 1,
                                  .progress = count_progress};
    jw_benchmark one, two;
    jw_error error = {0};
    assert_int_equal(jw_benchmark_run(&benchmark, &one, &error), JW_OK);
    benchmark.threads = 3;
    assert_int_equal(jw_benchmark_run(&benchmark, &two, &error), JW_OK);
    assert_memory_equal(one.values, two.values, 15 * JW_BENCHMARK_MEASURE_COUNT * sizeof *one.values);
    assert_memory_equal(one.hashes, two.hashes, 15 * sizeof *one.hashes);
    assert_true(count_calls > 30);
    for (uint32_t i = 0; i < 15; i++)
        for (uint32_t k = 0; k < i; k++)
            assert_true(one.hashes[i] != one.hashes[k]);
    jw_benchmark_cell fixed = jw_benchmark_at(&one, 0, JW_BENCHMARK_DELAY),
                      actuated = jw_benchmark_at(&one, 1, JW_BENCHMARK_DELAY);
    printf("delay %.1f +- %.1f s fixed, %.1f +- %.1f s actuated\n", fixed.mean, fixed.half_width,
           actuated.mean, actuated.half_width);
    assert_true(actuated.difference + actuated.difference_half_width < 0);
    for (uint32_t m = 0; m < JW_BENCHMARK_MEASURE_COUNT; m++)
        assert_true(jw_benchmark_at(&one, 2, (jw_benchmark_measure)m).mean >= 0);
    assert_true(jw_benchmark_at(&one, 0, JW_BENCHMARK_THROUGHPUT).mean > 50);
    jw_benchmark_free(&one);
    jw_benchmark_free(&two);
    benchmark.progress = cancel;
    assert_int_equal(jw_benchmark_run(&benchmark, &one, &error), JW_ERROR_CANCELLED);
    jw_twin_def_free(&def);
}

static void test_refused(void **state)
{
    (void)state;
    jw_error error = {0};
    jw_benchmark_control controls[2];
    jw_benchmark out;
    assert_int_equal(jw_benchmark_find_control("max_presure", &controls[0], &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "max_presure"));
    assert_true(jw_benchmark_find_control("nowhere.lua", &controls[0], &error) != JW_OK);
    assert_int_equal(jw_benchmark_find_control("fixed", &controls[0], &error), JW_OK);
    assert_int_equal(jw_benchmark_find_control("ai", &controls[1], &error), JW_OK);
    jw_twin_def def;
    twin_fixture_def(&def, 2);
    jw_benchmark_def good = {
        .def = &def, .controls = controls, .control_count = 1, .seed_count = 2, .minutes = 1};
    jw_benchmark_def wrong[] = {good, good, good, good};
    wrong[0].control_count = 0;
    wrong[1].seed_count = 1;
    wrong[2].minutes = 0;
    wrong[3].minutes = 1e9;
    for (uint32_t i = 0; i < JW_COUNT_OF(wrong); i++)
        assert_int_equal(jw_benchmark_run(&wrong[i], &out, &error), JW_ERROR_INPUT);
    def.camera_count = 0;
    good.control_count = 2;
    error = (jw_error){0};
    assert_int_equal(jw_benchmark_run(&good, &out, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "cameras"));
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_student), JW_UNIT(test_cells), JW_UNIT(test_runs),
                                       JW_UNIT(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
