/* Language models: the roofline against hand-computed and published figures, and continuous batching step by
 * step. */
#include "compute/compute_bench.h"
#include "compute/compute_internal.h"

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
    const jw_card a100 = {.id = "a100",
                          .fp16_tflops = 312,
                          .int8_tops = 624,
                          .memory_gb = 80,
                          .bandwidth_tbps = 2.039,
                          .idle_w = 63,
                          .peak_w = 400,
                          .token_w = 250},
                  h100 = {.id = "h100",
                          .fp16_tflops = 989,
                          .int8_tops = 1979,
                          .memory_gb = 80,
                          .bandwidth_tbps = 3.35,
                          .idle_w = 75,
                          .peak_w = 700,
                          .token_w = 380};
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

static const bench_result *done(const bench_world *bench, uint32_t which)
{
    const bench_result *result = &bench_client_of(bench)->results[which];
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
    /* The prefill says the first token, each of 99 steps one more; a step reads the cache as it then is. */
    double expected_s = prefill_s(1000);
    for (uint32_t i = 0; i < 99; i++)
        expected_s += step_s(1000 + i);
    assert_near(bench_time_s(done(&bench, 0)), expected_s, 1e-7);
    bench_destroy(&bench);
}

/* The second comes while the first is in its second step, is prefilled together with the third, and leaves
 * while the first goes on. */
static void test_two_sequences_share_their_steps(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 1000, 100}, {1.31, TALK, 500, 10}};
    bench_world bench;
    bench_init(&bench);
    create(&bench, jobs, 2);
    bench_run_s(&bench, 10);
    double time_s = prefill_s(1000);
    for (uint32_t i = 0; i < 2; i++)
        time_s += step_s(1000 + i);
    assert_true(time_s - step_s(1001) < 0.31 && time_s > 0.31);
    time_s += prefill_s(500) + step_s(1002);
    for (uint32_t i = 0; i < 9; i++)
        time_s += step_s(1003 + i + 500 + i);
    assert_near(bench_time_s(done(&bench, 1)), time_s - 0.31, 1e-7);
    for (uint32_t i = 0; i < 87; i++)
        time_s += step_s(1012 + i);
    assert_near(bench_time_s(done(&bench, 0)), time_s, 1e-7);
    jw_llm_stats stats = jw_compute_llm_stats(bench_compute(&bench), TALK);
    assert_true(stats.done == 2 && stats.good == 2 && stats.prompt_tokens == 1500 &&
                stats.output_tokens == 110 && stats.preemptions == 0);
    assert_int_equal(stats.iterations, 1 + 2 + 1 + 9 + 87);
    assert_near(jw_compute_ttft_s(bench_compute(&bench), TALK, 1), prefill_s(1000), 0.01 * prefill_s(1000));
    bench_destroy(&bench);
}

/* 80 GB less a tenth and the weights hold 6,976 blocks of 16 tokens. */
static void test_the_cache_is_a_limit(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 111000, 617},
                                     {1, TALK, 4000000000u, 4000000000u},
                                     {1, TALK, 111000, 616},
                                     {1, TALK, 60000, 100},
                                     {1, TALK, 60000, 100}};
    bench_world bench;
    bench_init(&bench);
    create(&bench, jobs, JW_COUNT_OF(jobs));
    bench_run_s(&bench, 200);
    const bench_result *results = bench_client_of(&bench)->results;
    assert_true(results[0].outcome == BENCH_REJECTED && results[0].why == JW_REJECT_TOO_LARGE);
    assert_true(results[1].outcome == BENCH_REJECTED && results[1].why == JW_REJECT_TOO_LARGE);
    double alone_s = prefill_s(111000);
    for (uint32_t i = 0; i < 615; i++)
        alone_s += step_s(111000 + i);
    assert_near(bench_time_s(done(&bench, 2)), alone_s, 1e-6);
    double next_s = prefill_s(60000);
    for (uint32_t i = 0; i < 99; i++)
        next_s += step_s(60000 + i);
    assert_near(bench_time_s(done(&bench, 3)), alone_s + next_s, 1e-6);
    assert_near(bench_time_s(done(&bench, 4)), alone_s + 2 * next_s, 1e-6); /* waits for room */
    bench_destroy(&bench);
}

/* The first that waits needs more room than there is and is cancelled: the next, which fits, begins with the
 * next iteration and not at the end of the one that decodes. */
static void test_the_next_moves_up(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 60000, 20000}};
    bench_world bench;
    jw_job_id ids[2];
    jw_error error = {0};
    bench_init(&bench);
    create(&bench, jobs, JW_COUNT_OF(jobs));
    bench_run_s(&bench, 40);
    jw_compute *compute = bench_compute(&bench);
    jw_job_def wait = {.site = bench_site(&bench, 0).id, .service = TALK, .output_tokens = 10, .tag = 0};
    for (uint32_t i = 0; i < 2; i++) {
        wait.items = i ? 1000 : 60000;
        assert_int_equal(jw_compute_submit(bench.world, compute, &wait, &ids[i], &error), JW_OK);
    }
    bench_run_s(&bench, 2);
    assert_int_equal(bench_site(&bench, 0).queued, 2);
    jw_compute_cancel(bench.world, compute, ids[0]);
    bench_run_s(&bench, 5);
    assert_true(bench_site(&bench, 0).queued == 0 && bench_site(&bench, 0).running == 1);
    assert_int_equal(bench_client_of(&bench)->results[0].calls, 1);
    bench_destroy(&bench);
}

/* A long answer that nobody waits for any more frees its cache at the end of its step: the prompt that waits
 * for room is prefilled then, and not when the answer would have ended. */
static void test_a_cancelled_sequence_makes_room(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 60000, 100}};
    bench_world bench;
    jw_job_id id;
    jw_error error = {0};
    bench_init(&bench);
    create(&bench, jobs, 1);
    bench_run_s(&bench, 0.5);
    jw_compute *compute = bench_compute(&bench);
    jw_job_def first = {
        .site = bench_site(&bench, 0).id, .service = TALK, .items = 60000, .output_tokens = 50000, .tag = 99};
    assert_int_equal(jw_compute_submit(bench.world, compute, &first, &id, &error), JW_OK);
    bench_run_s(&bench, 39.5);
    const server *work = &compute->sites[0].services[0].servers[0];
    assert_true(bench_site(&bench, 0).queued == 1 && work->blocks >= 3750);
    double at_s = 0.5 + prefill_s(60000);
    uint32_t steps = 0;
    for (; at_s < 40; steps++)
        at_s += step_s(60000 + steps);
    jw_compute_cancel(bench.world, compute, id);
    double ends_s = at_s + prefill_s(60000);
    for (uint32_t i = 0; i < 99; i++)
        ends_s += step_s(60000 + i);
    bench_run_s(&bench, 60);
    assert_near(bench_time_s(done(&bench, 0)), ends_s - 1, 1e-6);
    jw_llm_stats stats = jw_compute_llm_stats(compute, TALK);
    assert_true(stats.done == 1 && stats.output_tokens == 1 + (int64_t)steps + 100 && work->blocks == 0);
    assert_true(jw_compute_service_counts(compute, TALK).cancelled == 1 &&
                jw_compute_count(bench.world, compute).rejected == 1);
    assert_int_equal(bench_client_of(&bench)->strays, 0);
    bench_destroy(&bench);
}

/* Half of a crowd that is too much for the cache is cancelled at drawn moments, in every way of scheduling:
 * all end, no block is left over, and a world restored in the midst, where every count is made again from the
 * jobs, ends alike. */
static void test_drawn_cancellations(void **state)
{
    (void)state;
    static const bench_job never[] = {{1e8, TALK, 1, 1}}; /* its result takes all calls */
    enum { JOBS = 400 };
    for (uint32_t way = 0; way < 4; way++) {
        bench_world bench;
        bench_init(&bench);
        jw_service *talk = &bench.services[TALK];
        talk->max_batch = 32;
        talk->scheduler.preemption = way == 1 ? JW_LLM_SWAP : JW_LLM_RECOMPUTE;
        talk->scheduler.chunk_tokens = way == 2 ? 512 : 0;
        talk->scheduler.prefill_share = way == 3 ? 0.5 : 0;
        talk->scheduler.transfer_gbps = 20; /* caches are on their way for a while */
        bench.sites[0].racks[0].count = way == 3 ? 4 : 2;
        bench.sites[0].queue_max = JOBS;
        bench.plan.jobs = never;
        bench.plan.job_count = 1;
        bench_create(&bench);
        bench_install(&bench, TALK, bench.sites[0].racks[0].count);
        jw_random_key key = {7, way};
        jw_job_id ids[JOBS];
        jw_error error = {0};
        jw_writer image = {0};
        uint64_t hash = 0;
        uint32_t stages = 0;
        for (uint32_t pass = 0; pass < 2; pass++) {
            jw_compute *compute = bench_compute(&bench);
            for (uint32_t i = pass ? JOBS / 2 : 0; i < JOBS + 100; i++) {
                if (i == JOBS / 2 && pass == 0)
                    assert_int_equal(jw_world_save(bench.world, &image, &error), JW_OK);
                jw_job_def ask = {.site = bench_site(&bench, 0).id, .service = TALK};
                ask.items = 1 + (uint32_t)jw_random_exponential(key, i, 0, 6000);
                ask.output_tokens = 1 + (uint32_t)jw_random_exponential(key, i, 1, 300);
                if (i < JOBS)
                    assert_int_equal(jw_compute_submit(bench.world, compute, &ask, &ids[i], &error), JW_OK);
                bench_run_s(&bench, 0.5);
                if (i >= 20 && i < JOBS + 20 && jw_random_uniform(key, i, 2) < 0.5) {
                    const struct job *j = &compute->jobs[ids[i - 20].index1 - 1];
                    stages |= 1u << j->stage;
                    jw_compute_cancel(bench.world, compute, ids[i - 20]);
                }
            }
            bench_run_s(&bench, 2000);
            jw_compute_counts counts = jw_compute_count(bench.world, compute);
            assert_true(counts.running == 0 && counts.queued == 0 && counts.submitted == JOBS);
            assert_true(counts.rejected == jw_compute_service_counts(compute, TALK).cancelled &&
                        counts.rejected > JOBS / 5);
            const installed *in = &compute->sites[0].services[0];
            for (uint32_t k = 0; k < in->server_count; k++)
                assert_true(in->servers[k].blocks == 0 && in->servers[k].kv_tokens == 0 &&
                            in->servers[k].cancelled == 0);
            if (pass == 0) {
                hash = jw_world_hash(bench.world);
                assert_int_equal(jw_world_restore(bench.world, image.bytes, image.size, &error), JW_OK);
            }
        }
        assert_true(jw_world_hash(bench.world) == hash);
        assert_true(stages & 1u << STAGE_ACTIVE);
        jw_writer_free(&image);
        bench_destroy(&bench);
    }
}

/* Prefilled on one instance, sent, decoded on the other: 1000 tokens are 63 blocks of 16, half a megabyte a
 * token; prompts of two are sent one after the other. */
static void test_prefill_and_decode_on_two_instances(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 1000, 100}, {1, TALK, 1000, 3}, {3, TALK, 10, 1}};
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 2;
    bench.services[TALK].scheduler.prefill_share = 0.5;
    bench.services[TALK].scheduler.transfer_gbps = 100;
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    bench_create(&bench);
    bench_install(&bench, TALK, 2);
    bench_run_s(&bench, 10);
    double send_s = 63 * 16 * 524288.0 * 8 / 100e9;
    /* The first goes alone, the second waited for the end of its prefill. */
    double first_s = prefill_s(1000) + send_s, second_s = 2 * prefill_s(1000) + send_s;
    /* The first decodes alone until the second has come, which joins after the step then under way. */
    double time_s = first_s;
    uint32_t held = 1000, said = 1;
    for (; time_s < second_s; said++)
        time_s += step_s(held++);
    for (uint32_t i = 0; i < 2; i++, said++)
        time_s += step_s(held++ + 1000 + i);
    assert_near(bench_time_s(done(&bench, 1)), time_s, 1e-7);
    for (; said < 100; said++)
        time_s += step_s(held++);
    assert_near(bench_time_s(done(&bench, 0)), time_s, 1e-7);
    assert_near(bench_time_s(done(&bench, 2)), prefill_s(10), 1e-7); /* one token: it is never sent */
    bench_destroy(&bench);
}

/* The prefilling instance fails: what it holds is rejected, and the other one does both from then on; when it
 * is back they share again. */
static void test_another_steps_in_for_a_failed_prefiller(void **state)
{
    (void)state;
    bench_job jobs[30];
    for (uint32_t i = 0; i < 30; i++)
        jobs[i] = (bench_job){1 + i, TALK, 500, 20};
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 2;
    bench.services[TALK].scheduler.prefill_share = 0.5;
    bench.plan.jobs = jobs;
    bench.plan.job_count = 30;
    bench_create(&bench);
    bench_install(&bench, TALK, 2);
    bench_run_s(&bench, 10);
    bench_command(&bench, "fail_card", "site"); /* the first of the first rack */
    bench_run_s(&bench, 10);
    for (uint32_t i = 11; i < 17; i++)
        assert_near(bench_time_s(done(&bench, i)), prefill_s(500) + 19 * step_s(509), 1e-4);
    bench_command(&bench, "repair_card", "site");
    bench_run_s(&bench, 20);
    double send_s = 32 * 16 * 524288.0 * 8 / 200e9;
    assert_near(bench_time_s(done(&bench, 25)), prefill_s(500) + send_s + 19 * step_s(509), 1e-4);
    uint32_t rejected = 0;
    for (uint32_t i = 0; i < 30; i++)
        rejected += bench_client_of(&bench)->results[i].outcome == BENCH_REJECTED;
    assert_true(rejected <= 1);
    bench_destroy(&bench);
}

/* A measured time counts for its own cards alone, and the constant of an iteration that prefills and decodes
 * counts once. */
static void test_measured_times(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 1000, 50}, {1.35, TALK, 1000, 1}};
    jw_llm_timing timings[] = {{.service = "talk", .card = "card", .cards = 8, .step_s = 9},
                               {.service = "eye", .card = "card", .cards = 1, .step_s = 9},
                               {.service = "talk",
                                .card = "card",
                                .cards = 1,
                                .fixed_s = 0.05,
                                .token_s = 2e-4,
                                .long_s = 1,
                                .step_s = 0.04,
                                .sequence_s = 0.001,
                                .cache_s = 1e-6}};
    bench_world bench;
    bench_init(&bench);
    bench.compute.timings = timings;
    bench.compute.timing_count = JW_COUNT_OF(timings);
    create(&bench, jobs, 2);
    bench_run_s(&bench, 10);
    double time_s = 0.25;
    uint32_t held = 1000;
    for (; time_s < 0.35; held++)
        time_s += 0.041 + 1e-6 * held;
    time_s += 0.05 + 0.2 + 0.001 + 1e-6 * held++; /* both */
    assert_near(bench_time_s(done(&bench, 1)), time_s - 0.35, 1e-7);
    for (; held < 1049; held++)
        time_s += 0.041 + 1e-6 * held;
    assert_near(bench_time_s(done(&bench, 0)), time_s, 1e-7);
    uint32_t module;
    const jw_table *table = jw_world_find_table(bench.world, "language_models", &module);
    const void *compute = jw_world_state(bench.world, module);
    assert_int_equal(table->row_count(bench.world, compute), 1);
    assert_string_equal(table->text(bench.world, compute, 0, 0), "talk");
    assert_string_equal(table->text(bench.world, compute, 0, 1), "measured");
    assert_int_equal(table->integer(bench.world, compute, 0, 2), 2);
    assert_near(table->number(bench.world, compute, 0, 10),
                1000 * jw_compute_llm_stats(compute, TALK).tpot_mean_s, 1e-9);
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_roofline_by_hand),
        JW_UNIT(test_roofline_against_published_figures),
        JW_UNIT(test_one_sequence_takes_prefill_and_a_step_a_token),
        JW_UNIT(test_two_sequences_share_their_steps),
        JW_UNIT(test_the_cache_is_a_limit),
        JW_UNIT(test_the_next_moves_up),
        JW_UNIT(test_a_cancelled_sequence_makes_room),
        JW_UNIT(test_drawn_cancellations),
        JW_UNIT(test_prefill_and_decode_on_two_instances),
        JW_UNIT(test_another_steps_in_for_a_failed_prefiller),
        JW_UNIT(test_measured_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
