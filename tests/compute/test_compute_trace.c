/* Traces of requests: times, bounds, every kind of bad row by its line; and replays. */
#include "base/test_base.h"
#include "compute/compute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "TIMESTAMP,ContextTokens,GeneratedTokens\n"

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_rows_are_read(void **state)
{
    (void)state;
    jw_llm_trace trace;
    jw_error error = {0};
    write_text("trace.csv", HEADER "2023-11-30 23:59:59.5,374,44\r\n"
                                   "2023-12-01 00:00:00.1234567891,396,109\n"
                                   "2024-02-29T12:00:00Z,1,1\n"
                                   "2024-02-29T12:00:00+00:00,2000000,2\n");
    if (jw_llm_trace_read("trace.csv", &trace, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_int_equal(trace.count, 4);
    assert_true(trace.requests[0].time_ns == 0 && trace.requests[0].prompt_tokens == 374 &&
                trace.requests[0].output_tokens == 44);
    assert_int_equal(trace.requests[1].time_ns, 623456789);
    /* From the last half second of November: December and January, and 28 days and a half of February. */
    assert_true(trace.requests[2].time_ns ==
                (31 + 31 + 28) * 86400 * JW_NS_PER_S + 43200 * JW_NS_PER_S + JW_NS_PER_S / 2);
    assert_true(trace.requests[3].time_ns == trace.requests[2].time_ns &&
                trace.requests[3].prompt_tokens == 2000000);
    jw_llm_trace_free(&trace);
}

static void test_bad_rows_are_named(void **state)
{
    (void)state;
#define ROW "2023-11-16 18:15:46.68,374,44\n"
    static const struct {
        const char *text, *wanted;
    } list[] = {
        {"TIMESTAMP,ContextTokens\n" ROW, "GeneratedTokens"},
        {"time,prompt,output\n1,2,3\n", "TIMESTAMP"},
        {HEADER, "no requests"},
        {HEADER ROW "2023-11-16 18:15:46.67,374,44\n", "bad.csv:3: the time is 0.010 s before"},
        {HEADER ROW "2023-11-16 18:15:47,1000000000,44\n", "bad.csv:3"},
        {HEADER ROW ROW "2023-11-16 18:15:47,10,1000000000\n", "bad.csv:4"},
        {HEADER "2023-11-16 18:15:47,0,5\n", "bad.csv:2"},
        {HEADER "2023-11-16 18:15:47,5,-5\n", "bad.csv:2"},
        {HEADER "2023-11-16 18:15:47,5,1.5\n", "bad.csv:2: a count of tokens is no whole number"},
        {HEADER "2023-11-16 18:15:47,5\n", "bad.csv:2"},
        {HEADER "yesterday,5,5\n", "bad.csv:2: \"yesterday\" is no time"},
        {HEADER "2023-13-16 18:15:47,5,5\n", "bad.csv:2: \"2023-13-16 18:15:47\" is no time"},
        {HEADER "2023-11-16 25:15:47,5,5\n", "is no time"},
        {HEADER "2023-11-16 18:15:47.,5,5\n", "is no time"},
        {HEADER "2023-11-16 18:15:47+08:00,5,5\n", "is no time"},
        {HEADER "2023-11-16 18:15:47 and more,5,5\n", "is no time"},
        {HEADER ROW "2026-11-16 18:15:47,5,5\n", "more than 400 days"},
        {"", "bad.csv"},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(list); i++) {
        jw_llm_trace trace;
        jw_error error = {0};
        char got[1000];
        write_text("bad.csv", list[i].text);
        assert_true(jw_llm_trace_read("bad.csv", &trace, &error) != JW_OK);
        jw_error_format(&error, got, sizeof got);
        if (!strstr(got, list[i].wanted))
            fail_msg("case %u: \"%s\" does not say \"%s\"", i, got, list[i].wanted);
        assert_true(trace.requests == NULL && jw_allocated_bytes() == 0);
    }
    jw_llm_trace trace;
    assert_int_equal(jw_llm_trace_read("absent.csv", &trace, NULL), JW_ERROR_NOT_FOUND);
}

static const jw_card card = {.id = "card",
                             .fp16_tflops = 100,
                             .int8_tops = 200,
                             .memory_gb = 80,
                             .bandwidth_tbps = 2,
                             .idle_w = 50,
                             .peak_w = 300};
static const jw_service talk = {.id = "talk",
                                .kind = JW_SERVICE_LLM,
                                .parameters_b = 6.74,
                                .bytes_per_parameter = 2,
                                .kv_bytes_per_token = 524288,
                                .prefill_mfu = 0.5,
                                .decode_efficiency = 0.7,
                                .max_batch = 8,
                                .image_gb = 13.5};

/* Alone on the cards a request takes what its timing says; replays come one after the other. */
static void test_a_replay(void **state)
{
    (void)state;
    jw_llm_request requests[] = {{0, 1000, 1}, {10 * JW_NS_PER_S, 3000, 5}};
    jw_llm_trace trace = {.requests = requests, .count = 2};
    const jw_llm_timing timing = {.service = "talk",
                                  .card = "card",
                                  .cards = 1,
                                  .fixed_s = 0.1,
                                  .token_s = 1e-4,
                                  .long_s = 1e-3,
                                  .step_s = 0.02,
                                  .sequence_s = 0.01};
    jw_serving_bench_def def = {
        .card = &card, .service = &talk, .timing = &timing, .trace = &trace, .repeats = 3};
    jw_serving_bench_result r;
    jw_error error = {0};
    if (jw_serving_bench(&def, &r, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_true(r.stats.done == 6 && r.rejected == 0 && r.stats.prompt_tokens == 12000 &&
                r.stats.output_tokens == 18);
    assert_int_equal(r.stats.iterations, 3 * (1 + 1 + 4));
    double first_s = 0.1 + 1000 * 1e-4, second_s = 0.1 + 3000 * 1e-4 + 952 * 1e-3;
    assert_true(jw_abs(r.stats.ttft_mean_s - (first_s + second_s) / 2) < 1e-8);
    assert_true(jw_abs(r.stats.tpot_mean_s - 0.03) < 1e-8);
    assert_true(r.simulated_s >= 51 && r.simulated_s <= 54); /* 0, 10, 20, .. 50 s and the last answer */
    uint64_t hash = r.hash;
    assert_int_equal(jw_serving_bench(&def, &r, &error), JW_OK);
    assert_true(r.hash == hash);
    def.service = &(jw_service){.id = "eye", .kind = JW_SERVICE_VISION, .gflop_per_item = 1};
    assert_int_equal(jw_serving_bench(&def, &r, &error), JW_ERROR_INPUT);
}

static void test_memory(void **state)
{
    (void)state;
    write_text("trace.csv", HEADER ROW ROW ROW);
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t after = 0; result != JW_OK; after++) {
        jw_llm_trace trace = {0};
        jw_serving_bench_result r;
        jw_memory_fail_after(after);
        result = jw_llm_trace_read("trace.csv", &trace, NULL);
        if (result == JW_OK) {
            jw_serving_bench_def def = {.card = &card, .service = &talk, .trace = &trace};
            result = jw_serving_bench(&def, &r, NULL);
        }
        jw_memory_fail_after(-1);
        assert_true(result == JW_OK || result == JW_ERROR_MEMORY);
        jw_llm_trace_free(&trace);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
}

/* The conversation trace of 2023: all is read, and its means are those published. */
static void test_the_conversation_trace(void **state)
{
    (void)state;
    const char *data = getenv("JINGWEI_DATA");
    if (!data || !data[0]) {
        print_message("skipped: JINGWEI_DATA is not set\n");
        skip();
        return;
    }
    char path[600];
    jw_llm_trace trace;
    jw_error error = {0};
    snprintf(path, sizeof path, "%s/AzureLLMInferenceTrace_conv.csv", data);
    if (jw_llm_trace_read(path, &trace, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_int_equal(trace.count, 19366);
    double prompts = 0, outputs = 0;
    for (uint32_t i = 0; i < trace.count; i++) {
        prompts += trace.requests[i].prompt_tokens;
        outputs += trace.requests[i].output_tokens;
    }
    assert_true(jw_abs(prompts / trace.count - 1155) < 1 && jw_abs(outputs / trace.count - 211) < 1);
    jw_llm_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_rows_are_read), JW_UNIT(test_bad_rows_are_named),     JW_UNIT(test_a_replay),
        JW_UNIT(test_memory),        JW_UNIT(test_the_conversation_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
