/* Language models: the roofline against hand-computed and published figures, and continuous batching step by
 * step. */
#include "compute/compute_bench.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance)
        fail_msg("%.9g is not %.9g", value, expected);
}

/* By hand for the bench's card (100 TFLOPS, 2 TB/s) and Llama2-7B's figures: prefill of 1000 tokens is 2
 * x 6.74e9 x 1000 / (0.5 x 1e14) = 0.2696 s; a step reads 13.48 GB of weights and 524,288 bytes a token of
 * cache (2 x 32 layers x 32 heads x 128 x 2 bytes) at 0.7 x 2 TB/s, and adds 20 ms. */
static double prefill_s(uint32_t tokens)
{
    return 2 * 6.74e9 * tokens / 5e13;
}

static double step_s(uint32_t kv_tokens)
{
    return (13.48e9 + 524288.0 * kv_tokens) / 1.4e12 + 0.02;
}

static void test_roofline_by_hand(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    const jw_service *talk = &bench.services[TALK];
    const jw_card *card = &bench.cards[0];
    assert_near(jw_llm_prefill_s(talk, card, 1, 1000), 0.2696, 1e-12);
    assert_near(jw_llm_step_s(talk, card, 1, 0), 0.029628571428571, 1e-12);
    assert_near(jw_llm_step_s(talk, card, 1, 1000), 0.030003062857143, 1e-12);
    assert_near(jw_llm_step_s(talk, card, 2, 1000), 0.025001531428571, 1e-12);
    assert_near(jw_vision_batch_s(&bench.services[EYE], card, 3), 0.03, 1e-12);
}

/* Llama2-70B in FP16, measured by the authors of splitwise-sim (perf_model, MIT): prefill of 2048 tokens on
 * eight A100 274 ms, which is a utilisation of 0.42; the roofline of a decode step is 8.6 ms there, 34.3 ms
 * on two and 5.2 ms on eight H100, against 44.9, 54.9 and 29.8 ms measured: the rest is the stack's
 * constant. */
static void test_roofline_against_published_figures(void **state)
{
    (void)state;
    const jw_card a100 = {"a100", 312, 624, 80, 2.039, 63, 400, 0, 0, 0, 0},
                  h100 = {"h100", 989, 1979, 80, 3.35, 75, 700, 0, 0, 0, 0};
    jw_service llama = {.kind = JW_SERVICE_LLM,
                        .parameters_b = 70,
                        .bytes_per_parameter = 2,
                        .kv_bytes_per_token = 327680,
                        .prefill_mfu = 0.42,
                        .decode_efficiency = 1,
                        .cards_per_instance = 8};
    assert_near(jw_llm_prefill_s(&llama, &a100, 8, 2048), 0.274, 0.003);
    assert_near(jw_llm_step_s(&llama, &a100, 8, 512), 0.0086, 0.0001);
    assert_near(jw_llm_step_s(&llama, &a100, 2, 512), 0.0343, 0.0003);
    assert_near(jw_llm_step_s(&llama, &h100, 8, 512), 0.0052, 0.0001);
    llama.step_overhead_s = 0.0363;
    assert_near(jw_llm_step_s(&llama, &a100, 8, 512), 0.0449, 0.0001);
    assert_near(jw_llm_step_s(&llama, &a100, 8, 8192), 0.0465, 0.0015);
}

static void create(bench_world *bench, const bench_job *jobs, uint32_t count)
{
    bench->plan.jobs = jobs;
    bench->plan.job_count = count;
    bench_create(bench);
    bench_install(bench, TALK, 1);
}

static const bench_result *done(const bench_world *bench, uint32_t job)
{
    const bench_result *result = &bench_client_of(bench)->results[job];
    assert_int_equal(result->calls, 1);
    assert_int_equal(result->outcome, BENCH_DONE);
    return result;
}

static void test_one_sequence_takes_prefill_and_a_step_a_token(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 1000, 100}};
    bench_world bench;
    bench_init(&bench);
    create(&bench, jobs, 1);
    bench_run_s(&bench, 10);
    assert_near(bench_time_s(done(&bench, 0)), prefill_s(1000) + 100 * step_s(1100), 1e-7);
    bench_destroy(&bench);
}

/* The second comes while the first is in its first step, is prefilled in the next one, and leaves while the
 * first goes on. */
static void test_two_sequences_share_their_steps(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 1000, 100}, {1.1, TALK, 500, 10}};
    bench_world bench;
    bench_init(&bench);
    create(&bench, jobs, 2);
    bench_run_s(&bench, 10);
    double first_s = prefill_s(1000) + step_s(1100), shared_s = prefill_s(500) + 10 * step_s(1610);
    assert_near(bench_time_s(done(&bench, 0)), first_s + shared_s + 89 * step_s(1100), 1e-6);
    assert_near(bench_time_s(done(&bench, 1)), first_s - 0.1 + shared_s, 1e-6);
    bench_destroy(&bench);
}

/* At most max_batch sequences are in work: the ninth waits for the first to leave. */
static void test_the_batch_is_bounded(void **state)
{
    (void)state;
    bench_job jobs[9];
    bench_world bench;
    bench_init(&bench);
    for (uint32_t i = 0; i < 9; i++)
        jobs[i] = (bench_job){1, TALK, 100, i == 0 ? 5 : 50};
    create(&bench, jobs, 9);
    bench_run_s(&bench, 10);
    /* Step 1 holds the first alone; seven join in step 2; the first leaves after step 5. */
    double until_s = prefill_s(100) + step_s(105) + 7 * prefill_s(100) + 4 * step_s(105 + 7 * 150);
    assert_near(bench_time_s(done(&bench, 0)), until_s, 1e-6);
    double ninth_s = until_s + prefill_s(100) + 46 * step_s(8 * 150);
    assert_near(bench_time_s(done(&bench, 1)), ninth_s, 1e-6);
    assert_near(bench_time_s(done(&bench, 8)), ninth_s + 4 * step_s(150), 1e-6);
    bench_destroy(&bench);
}

/* 80 GB less a tenth and the weights hold 111,618 tokens. */
static void test_a_long_sequence_is_not_starved(void **state)
{
    (void)state;
    bench_job jobs[40];
    bench_world bench;
    bench_init(&bench);
    for (uint32_t i = 0; i < 40; i++)
        jobs[i] = (bench_job){1 + 0.001 * i, TALK, 5000, 10 + 10 * i};
    jobs[8] = (bench_job){1.008, TALK, 100000, 1000}; /* fits only when nearly all others have left */
    for (uint32_t i = 9; i < 40; i++)
        jobs[i].output_tokens = 10;
    create(&bench, jobs, 40);
    bench_run_s(&bench, 200);
    /* Six of the first eight must leave before it fits; those that came later would fit at once, and none
     * overtakes. */
    for (uint32_t i = 9; i < 40; i++)
        assert_true(done(&bench, i)->ended_ns > done(&bench, 5)->ended_ns);
    done(&bench, 8);
    bench_destroy(&bench);
}

static void test_the_cache_is_a_limit(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 60000, 100},
                                     {1, TALK, 60000, 100},
                                     {1, TALK, 111000, 619},
                                     {1, TALK, 111000, 618},
                                     {1, TALK, 4000000000u, 4000000000u}};
    bench_world bench;
    bench_init(&bench);
    create(&bench, jobs, JW_COUNT_OF(jobs));
    bench_run_s(&bench, 200);
    double alone_s = prefill_s(60000) + 100 * step_s(60100);
    assert_near(bench_time_s(done(&bench, 0)), alone_s, 1e-6);
    assert_near(bench_time_s(done(&bench, 1)), 2 * alone_s, 1e-6); /* waits for room */
    const bench_result *results = bench_client_of(&bench)->results;
    assert_true(results[2].outcome == BENCH_REJECTED && results[2].why == JW_REJECT_TOO_LARGE);
    assert_true(results[4].outcome == BENCH_REJECTED && results[4].why == JW_REJECT_TOO_LARGE);
    done(&bench, 3);
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_roofline_by_hand),
        JW_UNIT(test_roofline_against_published_figures),
        JW_UNIT(test_one_sequence_takes_prefill_and_a_step_a_token),
        JW_UNIT(test_two_sequences_share_their_steps),
        JW_UNIT(test_the_batch_is_bounded),
        JW_UNIT(test_a_long_sequence_is_not_starved),
        JW_UNIT(test_the_cache_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
