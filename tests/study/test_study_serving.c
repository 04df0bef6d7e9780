/* Six figures a card for the times of language models: the fit on numbers of our own that it must find again,
 * on tables that say nothing, and on the measurements of splitwise-sim where they are at hand. */
#include "base/test_base.h"
#include "study/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER                                                                                               \
    "model,hardware,prompt_size,batch_size,token_size,peak_power,average_power,prompt_time,token_time,"      \
    "e2e_time,tensor_parallel\n"

static const jw_llm_timing truth = {
    .fixed_s = 0.04, .token_s = 1e-4, .long_s = 5e-5, .step_s = 0.03, .sequence_s = 3e-4, .cache_s = 2e-7};

/* Every configuration three times; the middle one says the truth. */
static void write_table(const char *path, const char *hardware)
{
    static const uint32_t sizes[][3] = {{128, 1, 128},  {256, 1, 128},  {512, 1, 128},  {512, 1, 4096},
                                        {512, 2, 128},  {512, 4, 128},  {512, 8, 128},  {512, 16, 128},
                                        {512, 32, 128}, {1024, 1, 128}, {2048, 1, 128}, {4096, 1, 128},
                                        {8192, 1, 128}};
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(HEADER, file);
    for (uint32_t i = 0; i < JW_COUNT_OF(sizes); i++)
        for (int repeat = -1; repeat <= 1; repeat++) {
            double batch = sizes[i][1], held = sizes[i][0] + 0.5 * (sizes[i][2] - 1);
            double prefill_s = jw_llm_timing_prefill_s(&truth, sizes[i][0] * batch),
                   step_s = jw_llm_timing_step_s(&truth, batch, batch * held);
            double factor = 1 + 0.2 * repeat;
            fprintf(file, "m,%s,%u,%u,%u,1,1,%.9g,%.9g,1,4\n", hardware, sizes[i][0], sizes[i][1],
                    sizes[i][2], 1e3 * prefill_s * factor, 1e3 * step_s * factor);
        }
    fclose(file);
}

static void assert_close(double value, double expected)
{
    if (fabs(value / expected - 1) > 1e-6)
        fail_msg("%.9g is not %.9g", value, expected);
}

static void test_the_figures_are_found_again(void **state)
{
    (void)state;
    jw_llm_times times;
    jw_error error = {0};
    write_table("times.csv", "h100-80gb");
    for (int other = 0; other <= 1; other++) {
        assert_int_equal(jw_llm_times_fit("times.csv", other, &times, &error), JW_OK);
        assert_true(times.row_count == 1 && times.judged_count == (other ? 7 : 6) && times.left_out == 0);
        const jw_llm_timing *t = &times.rows[0].timing;
        assert_true(strcmp(t->card, "h100-sxm") == 0 && t->cards == 4);
        assert_close(t->fixed_s, truth.fixed_s);
        assert_close(t->token_s, truth.token_s);
        assert_close(t->long_s, truth.long_s);
        assert_close(t->step_s, truth.step_s);
        assert_close(t->sequence_s, truth.sequence_s);
        assert_close(t->cache_s, truth.cache_s);
        assert_true(times.prefill_worst < 1e-6 && times.decode_worst < 1e-6);
        jw_llm_times_free(&times);
    }
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_refused(const char *text, const char *wanted)
{
    jw_llm_times times;
    jw_error error = {0};
    char got[1000];
    write_text("bad.csv", text);
    assert_true(jw_llm_times_fit("bad.csv", false, &times, &error) != JW_OK);
    jw_error_format(&error, got, sizeof got);
    if (!strstr(got, wanted))
        fail_msg("\"%s\" does not say \"%s\"", got, wanted);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_bad_tables_are_named(void **state)
{
    (void)state;
    assert_refused("a,b\n1,2\n", "hardware");
    assert_refused(HEADER, "no measurement of a card of the catalogue");
    assert_refused(HEADER "m,tpu,512,1,128,1,1,100,50,1,4\n", "no measurement of a card of the catalogue");
    assert_refused(HEADER "m,a100-80gb,512,1,128,1,1,-5,50,1,4\n", "bad.csv:2");
    assert_refused(HEADER "m,a100-80gb,512,1,128,1,1,100,50,1,4\nm,a100-80gb,512,1,128,1,1,100,x,1,4\n",
                   "bad.csv:3");
    /* One configuration tells no six figures. */
    assert_refused(HEADER "m,a100-80gb,512,1,128,1,1,100,50,1,4\n", "do not tell the six figures apart");
}

static void test_impossible_rows_are_left_out(void **state)
{
    (void)state;
    jw_llm_times times;
    write_table("times.csv", "a100-80gb");
    FILE *file = fopen("times.csv", "a");
    assert_non_null(file);
    fputs("m,a100-80gb,512,64,128,1,1,90,50,1,4\n", file); /* 64 prompts sooner than two */
    fclose(file);
    assert_int_equal(jw_llm_times_fit("times.csv", false, &times, NULL), JW_OK);
    assert_int_equal(times.left_out, 1);
    assert_close(times.rows[0].timing.token_s, truth.token_s);
    jw_llm_times_free(&times);
}

static void test_memory(void **state)
{
    (void)state;
    jw_llm_times times;
    write_table("times.csv", "h100-80gb");
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t after = 0; result != JW_OK; after++) {
        jw_memory_fail_after(after);
        result = jw_llm_times_fit("times.csv", false, &times, NULL);
        jw_memory_fail_after(-1);
        assert_true(result == JW_OK || (result == JW_ERROR_MEMORY && jw_allocated_bytes() == 0));
    }
    jw_llm_times_free(&times);
}

static const char *data_path(const char *name, char *out, size_t size)
{
    const char *data = getenv("JINGWEI_DATA");
    if (!data || !data[0]) {
        print_message("skipped: JINGWEI_DATA is not set\n");
        skip();
        return NULL;
    }
    snprintf(out, size, "%s/%s", data, name);
    return out;
}

/* The bounds that serving has to keep on configurations that were not fitted, and the catalogue's rows are
 * those that the fit gives. */
static void test_measurements_are_told(void **state)
{
    (void)state;
    char path[600];
    if (!data_path("perf_model_llama2_70b.csv", path, sizeof path))
        return;
    jw_llm_times times;
    jw_error error = {0};
    assert_int_equal(jw_llm_times_fit(path, false, &times, &error), JW_OK);
    assert_true(times.row_count == 6 && times.judged_count == 54 && times.left_out == 2);
    assert_true(times.decode_p50 <= 0.05 && times.decode_worst <= 0.15);
    assert_true(times.prefill_p50 <= 0.09 && times.prefill_p90 <= 0.25);
    jw_twin_def catalogue;
    assert_int_equal(jw_twin_def_init(&catalogue, &error), JW_OK);
    setenv("JINGWEI_HOME", JW_SOURCE_FOLDER, 1);
    if (jw_catalogue_read(&catalogue, &error) != JW_OK)
        fail_msg("%s", error.message);
    unsetenv("JINGWEI_HOME");
    assert_int_equal(catalogue.timing_count, times.row_count);
    for (uint32_t i = 0; i < times.row_count; i++) {
        const jw_llm_timing *a = &times.rows[i].timing, *b = &catalogue.timings[i];
        assert_true(strcmp(a->card, b->card) == 0 && strcmp(a->service, b->service) == 0 &&
                    a->cards == b->cards);
        const double pairs[][2] = {{a->fixed_s, b->fixed_s},       {a->token_s, b->token_s},
                                   {a->long_s, b->long_s},         {a->step_s, b->step_s},
                                   {a->sequence_s, b->sequence_s}, {a->cache_s, b->cache_s}};
        for (uint32_t k = 0; k < JW_COUNT_OF(pairs); k++)
            assert_true(fabs(pairs[k][0] / pairs[k][1] - 1) < 1e-3); /* written with four digits */
        assert_true(fabs(a->prefill_error - b->prefill_error) < 1e-3 &&
                    fabs(a->decode_error - b->decode_error) < 1e-3);
    }
    jw_twin_def_free(&catalogue);
    jw_llm_times_free(&times);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_the_figures_are_found_again),  JW_UNIT(test_bad_tables_are_named),
        JW_UNIT(test_impossible_rows_are_left_out), JW_UNIT(test_memory),
        JW_UNIT(test_measurements_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
