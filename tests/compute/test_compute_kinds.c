/* Pictures that wait for a batch, functions with cold starts, trainings with checkpoints, streams: against
 * closed forms where there are some, by hand else. */
#include "compute/compute_bench.h"
#include "compute/compute_internal.h"
#include "compute/damage.h"

#include <math.h>
#include <stdio.h>

static void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance)
        fail_msg("%.9g is not %.9g", value, expected);
}

/* `eye` becomes a service of another kind with one millisecond an item. */
static void create(bench_world *bench, jw_service_kind kind, uint32_t cards)
{
    bench->services[EYE].kind = kind;
    bench->services[EYE].gflop_per_item = 40; /* of 200 TOPS at a fifth */
    bench->sites[0].racks[0].count = cards;
    bench_create(bench);
    bench_install(bench, EYE, cards);
}

static double time_s(const bench_world *bench, uint32_t which)
{
    const bench_result *result = &bench_client_of(bench)->results[which];
    assert_true(result->calls == 1 && result->outcome == BENCH_DONE);
    return bench_time_s(result);
}

/* ---- batches ---- */

/* Batches of three, a window of 100 ms, one card: 1 and 2 wait for 3; 4 waits its window; 5 comes while 4 is
 * in work, its window is over when that ends. */
static void test_a_window_by_hand(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 1, 0},   {1.01, EYE, 1, 0},  {1.05, EYE, 1, 0},
                                     {1.2, EYE, 1, 0}, {1.3, EYE, 150, 0}, {1.31, EYE, 1, 0},
                                     {1.32, EYE, 2, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].max_batch = 3;
    bench.services[EYE].max_wait_s = 0.1;
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    create(&bench, JW_SERVICE_VISION, 1);
    jw_site_id site = bench_site(&bench, 0).id;
    assert_near(jw_compute_estimate_s(bench.world, bench_compute(&bench), site, EYE, 1, 0, 0), 0.101, 1e-9);
    assert_near(jw_compute_estimate_s(bench.world, bench_compute(&bench), site, EYE, 3, 0, 0), 0.003, 1e-9);
    bench_run_s(&bench, 5);
    assert_near(time_s(&bench, 0), 0.053, 1e-8);
    assert_near(time_s(&bench, 2), 0.003, 1e-8);
    assert_near(time_s(&bench, 3), 0.101, 1e-8);
    assert_near(time_s(&bench, 4), 0.151,
                1e-8); /* more than a batch: at once, but after the fourth, at 1.301 */
    assert_near(time_s(&bench, 5), 1.451 - 1.31 + 0.003, 1e-8);
    assert_near(time_s(&bench, 6), 1.451 - 1.32 + 0.003, 1e-8);
    bench_destroy(&bench);
}

static double mean_time_s(const bench_world *bench, uint32_t count, double *out_half_width)
{
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < count; i++) {
        double one_s = time_s(bench, i);
        sum += one_s;
        squares += one_s * one_s;
    }
    double mean_s = sum / count;
    *out_half_width = 2.576 * sqrt((squares / count - mean_s * mean_s) / count);
    return mean_s;
}

/* With cards to spare and windows T after the first of a batch, Poisson arrivals of rate a make batches of 1
 * + aT in the mean; the first waits T, the others T/2: (1 + aT/2) T / (1 + aT), and the work of the batch,
 * whose mean size as a picture sees it is 1 + aT + aT / (1 + aT). */
static void test_windows_that_never_fill(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].max_batch = 1000;
    bench.services[EYE].max_wait_s = 0.1;
    bench.plan.poisson_mean_s = 0.02;
    bench.plan.poisson_count = 40000;
    bench.plan.poisson_items = 1;
    create(&bench, JW_SERVICE_VISION, 16);
    bench_run_s(&bench, 0.02 * 40000 + 20);
    double half_width, at = 0.1 / 0.02, wait_s = (1 + at / 2) * 0.1 / (1 + at);
    double work_s = 0.001 * (1 + at + at / (1 + at));
    double mean_s = mean_time_s(&bench, 40000, &half_width);
    /* Times within a batch are alike: about sqrt(batch) wider than of independent ones. */
    assert_near(mean_s, wait_s + work_s, half_width * sqrt(1 + at));
    bench_destroy(&bench);
}

/* With no window to end them, batches of b fill: the wait for the others is (b - 1) / 2a in the mean. */
static void test_batches_that_fill(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].max_batch = 8;
    bench.services[EYE].max_wait_s = 1e4;
    bench.plan.poisson_mean_s = 0.02;
    bench.plan.poisson_count = 40000;
    bench.plan.poisson_items = 1;
    create(&bench, JW_SERVICE_VISION, 16);
    bench_run_s(&bench, 0.02 * 40000 + 20);
    double half_width, mean_s = mean_time_s(&bench, 40000, &half_width);
    assert_near(mean_s, 7 * 0.02 / 2 + 0.008, half_width * sqrt(8));
    bench_destroy(&bench);
}

/* ---- functions ---- */

enum { CALLS = 800000, BATCHES = 20, STUDENT_MILLI = 2861 }; /* t of 19 degrees of freedom at 99 % */

/* Half of the 99 % interval of the mean of all by the means of batches, which are 400 s long here: many dozen
 * times as long as a busy period is remembered. */
static double half_width_of(const double *values, double *out_mean)
{
    double means[BATCHES] = {0}, squares = 0;
    *out_mean = 0;
    for (uint32_t i = 0; i < CALLS; i++)
        means[i / (CALLS / BATCHES)] += values[i] / (CALLS / BATCHES);
    for (uint32_t b = 0; b < BATCHES; b++)
        *out_mean += means[b] / BATCHES;
    for (uint32_t b = 0; b < BATCHES; b++)
        squares += (means[b] - *out_mean) * (means[b] - *out_mean);
    return STUDENT_MILLI * 1e-3 * sqrt(squares / (BATCHES - 1) / BATCHES);
}

/* Poisson calls of exponential length on c servers: the share that waits is Erlang's C, the mean wait
 * C / (c m - a). Erlang C(8, 10) = 0.4091802. */
static void test_functions_wait_like_m_m_c(void **state)
{
    (void)state;
    static bench_job jobs[CALLS];
    jw_random_key key = {3, 9};
    double at_s = 1;
    for (uint32_t i = 0; i < CALLS; i++) {
        at_s += jw_random_exponential(key, i, 0, 0.01);
        /* 80 ms in the mean, in steps of a microsecond. */
        jobs[i] = (bench_job){at_s, EYE, 1 + (uint32_t)jw_random_exponential(key, i, 1, 80000), 0};
    }
    bench_world bench;
    bench_init(&bench);
    bench.plan.jobs = jobs;
    bench.plan.job_count = CALLS;
    bench.sites[0].queue_max = CALLS;
    create(&bench, JW_SERVICE_FUNCTION, 10);
    bench_destroy(&bench);
    bench.services[EYE].gflop_per_item = 0.04;
    bench_create(&bench);
    bench_install(&bench, EYE, 10);
    bench_run_s(&bench, at_s + 20);
    static double wait_s[CALLS], has_waited[CALLS];
    for (uint32_t i = 0; i < CALLS; i++) {
        wait_s[i] = time_s(&bench, i) - 1e-6 * jobs[i].items;
        has_waited[i] = wait_s[i] > 1e-7;
    }
    double mean_s, share, mean_half_s = half_width_of(wait_s, &mean_s),
                          share_half = half_width_of(has_waited, &share);
    printf("waits: %.4f +- %.4f of 0.4092, %.2f +- %.2f ms of 16.37\n", share, share_half, 1000 * mean_s,
           1000 * mean_half_s);
    assert_near(share, 0.4091802, share_half);
    assert_near(mean_s, 0.4091802 / (10 / 0.08 - 100), mean_half_s);
    assert_true(share_half < 0.02 && mean_half_s < 0.002); /* it would see a wrong formula */
    assert_int_equal(jw_compute_service_counts(bench_compute(&bench), EYE).cold_starts, 0);
    bench_destroy(&bench);
}

/* Cold at first, warm within the second after, cold again; of two warm ones the last used is taken. */
static void test_cold_starts_by_hand(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 100, 0},   {1.05, EYE, 200, 0}, {2, EYE, 100, 0},
                                     {2.95, EYE, 10, 0}, {2.955, EYE, 10, 0}, {6, EYE, 10, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].cold_start_s = 0.5;
    bench.services[EYE].keep_alive_s = 1;
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    create(&bench, JW_SERVICE_FUNCTION, 2);
    bench_run_s(&bench, 10);
    assert_near(time_s(&bench, 0), 0.6, 1e-8); /* until 1.6, warm until 2.6 */
    assert_near(time_s(&bench, 1), 0.7, 1e-8); /* until 1.75, warm until 2.75 */
    assert_near(time_s(&bench, 2), 0.1, 1e-8); /* on the second, which is warm until 3.1 */
    assert_near(time_s(&bench, 3), 0.01, 1e-8);
    assert_near(time_s(&bench, 4), 0.51, 1e-8); /* the first is cold since 2.6 */
    assert_near(time_s(&bench, 5), 0.51, 1e-8);
    assert_int_equal(jw_compute_service_counts(bench_compute(&bench), EYE).cold_starts, 4);
    bench_destroy(&bench);
}

/* ---- trainings ---- */

/* Ten seconds of work, a checkpoint of half a second after every second but the last. */
static void test_checkpoints_take_time(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 10000, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].checkpoint_interval_s = 1;
    bench.services[EYE].checkpoint_s = 0.5;
    bench.plan.jobs = jobs;
    bench.plan.job_count = 1;
    create(&bench, JW_SERVICE_TRAINING, 1);
    bench_run_s(&bench, 20);
    assert_near(time_s(&bench, 0), 10 + 9 * 0.5, 1e-8);
    bench_destroy(&bench);
}

/* Fails after 4.5 s + 0.6: three checkpoints hold three seconds, 0.6 s are lost. It waits for the repair. */
static void test_a_failure_costs_what_is_not_saved(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 10000, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].checkpoint_interval_s = 1;
    bench.services[EYE].checkpoint_s = 0.4;
    bench.plan.jobs = jobs;
    bench.plan.job_count = 1;
    create(&bench, JW_SERVICE_TRAINING, 1);
    bench_run_s(&bench, 6); /* 5 s at it: three rounds of 1.4 s and 0.8 s */
    bench_command(&bench, "fail_site", "site");
    bench_run_s(&bench, 4);
    assert_true(bench_site(&bench, 0).queued == 1 && bench_site(&bench, 0).running == 0);
    bench_command(&bench, "repair_site", "site");
    bench_run_s(&bench, 20);
    /* Commands are carried out at the next step's start, which is at 6 s and 10 s. */
    jw_service_counts counts = jw_compute_service_counts(bench_compute(&bench), EYE);
    assert_int_equal(counts.interrupted, 1);
    assert_near((double)counts.lost_ns, 0.8e9, 1);
    assert_near(time_s(&bench, 0), 10 - 1 + 7 + 6 * 0.4, 1e-8);
    bench_destroy(&bench);
}

/* A rack fails as one: what one server loses is not begun on another that fails with it. */
static void test_a_rack_interrupts_once(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 10000, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].checkpoint_interval_s = 1;
    bench.plan.jobs = jobs;
    bench.plan.job_count = 1;
    create(&bench, JW_SERVICE_TRAINING, 3);
    bench_run_s(&bench, 5);
    bench_command(&bench, "fail_rack", "site");
    bench_run_s(&bench, 2);
    assert_true(bench_site(&bench, 0).queued == 1 && bench_site(&bench, 0).running == 0);
    assert_int_equal(jw_compute_service_counts(bench_compute(&bench), EYE).interrupted, 1);
    bench_command(&bench, "repair_rack", "site");
    bench_run_s(&bench, 20);
    assert_near(time_s(&bench, 0), 12, 1e-8);
    bench_destroy(&bench);
}

/* A language model takes the card; when it goes, the training goes on. */
static void test_others_take_the_cards(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 10000, 0}, {1, EYE, 20000, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].checkpoint_interval_s = 2;
    bench.plan.jobs = jobs;
    bench.plan.job_count = 2;
    create(&bench, JW_SERVICE_TRAINING, 2);
    jw_compute *compute = bench_compute(&bench);
    bench_run_s(&bench, 6);
    assert_int_equal(bench_site(&bench, 0).running, 2);
    bench_install(&bench, TALK, 1); /* at 6 s: the second server has 5 s of work, 4 of them saved */
    assert_true(bench_site(&bench, 0).running == 1 && bench_site(&bench, 0).queued == 1);
    assert_int_equal(jw_compute_service_counts(compute, EYE).lost_ns, JW_NS_PER_S);
    jw_site_id site = bench_site(&bench, 0).id;
    jw_error error = {0};
    bench_run_s(&bench, 2);
    assert_int_equal(jw_compute_uninstall(bench.world, compute, site, TALK, &error), JW_OK); /* at 8 s */
    bench_run_s(&bench, 40);
    assert_near(time_s(&bench, 0), 10, 1e-8);
    assert_near(time_s(&bench, 1), 8 - 1 + 16, 1e-8);
    /* Another training takes nothing. */
    bench.services[TALK].kind = JW_SERVICE_TRAINING;
    bench_destroy(&bench);
}

/* An instance that is given up finishes its picture first; at that moment its card is the training's again.
 */
static void test_cards_return_at_once(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 10000, 0}, {1, TALK, 10000, 0}, {2.9, EYE, 370, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[TALK].kind = JW_SERVICE_TRAINING;
    bench.services[TALK].gflop_per_item = bench.services[EYE].gflop_per_item = 40;
    bench.services[TALK].is_int8 = bench.services[EYE].is_int8;
    bench.services[TALK].efficiency = bench.services[EYE].efficiency;
    bench.services[TALK].step_overhead_s = bench.services[EYE].step_overhead_s;
    bench.plan.jobs = jobs;
    bench.plan.job_count = 3;
    bench.sites[0].racks[0].count = 2;
    bench_create(&bench);
    bench_install(&bench, TALK, 2);
    bench_run_s(&bench, 2);
    bench_install(&bench, EYE, 1); /* at 2 s: the second training has done one second, none of it saved */
    bench_run_s(&bench, 1);
    installed *in = &bench_compute(&bench)->sites[0].services[1];
    assert_int_equal(in->servers[0].count, 1);
    compute_set_off(in, &in->servers[0], OFF_DRAINING);
    bench_run_s(&bench, 30);
    double work_s = time_s(&bench, 0);
    assert_near(work_s, jw_vision_batch_s(&bench.services[TALK], &bench.cards[0], 10000), 1e-8);
    assert_near(time_s(&bench, 1), 1.9 + time_s(&bench, 2) + work_s, 1e-8); /* from 3.27 s on */
    assert_int_equal(in->on_count, 0);
    bench_destroy(&bench);
}

/* ---- streams ---- */

/* 25 pictures a second of a millisecond each: 40 streams a card. */
static void test_a_card_holds_forty_streams(void **state)
{
    (void)state;
    bench_job jobs[90];
    for (uint32_t i = 0; i < 90; i++)
        jobs[i] = (bench_job){1 + 0.001 * i, EYE, 250, 0};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].frame_rate_hz = 25;
    bench.plan.jobs = jobs;
    bench.plan.job_count = 90;
    create(&bench, JW_SERVICE_STREAM, 2);
    bench_run_s(&bench, 5);
    assert_int_equal(bench_site(&bench, 0).running, 80);
    assert_near(bench_site(&bench, 0).utilisation, 1, 1e-9);
    bench_run_s(&bench, 15);
    for (uint32_t i = 0; i < 80; i++)
        assert_near(time_s(&bench, i), 10, 1e-8);
    for (uint32_t i = 80; i < 90; i++) {
        const bench_result *result = &bench_client_of(&bench)->results[i];
        assert_true(result->outcome == BENCH_REJECTED && result->why == JW_REJECT_FULL);
    }
    bench_destroy(&bench);
}

/* Poisson streams are refused with Erlang's B, whatever their length: ErlangB(10, 15) = 0.0364969. */
static void test_streams_are_refused_like_m_d_c_c(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].frame_rate_hz = 200; /* 5 streams a card */
    bench.plan.poisson_mean_s = 0.1;
    bench.plan.poisson_count = 100000;
    bench.plan.poisson_items = 200; /* a second */
    create(&bench, JW_SERVICE_STREAM, 3);
    bench_run_s(&bench, 0.1 * 100000 + 100);
    uint32_t refused = 0;
    for (uint32_t i = 0; i < 100000; i++)
        refused += bench_client_of(&bench)->results[i].outcome == BENCH_REJECTED;
    double expected = 0.0364969;
    /* Refusals come in bunches of about a busy period: twice the width of independent ones. */
    assert_near(refused / 100000.0, expected, 2 * 2.576 * sqrt(expected * (1 - expected) / 100000));
    bench_destroy(&bench);
}

/* ---- all of them ---- */

static void kinds_bench(bench_world *bench, bench_job jobs[60], uint32_t kind)
{
    bench_init(bench);
    jw_service *eye = &bench->services[EYE];
    eye->kind = kind == 0 ? JW_SERVICE_VISION : (jw_service_kind)(JW_SERVICE_LLM + kind);
    eye->gflop_per_item = 40;
    eye->max_batch = 7;
    eye->max_wait_s = 0.3;
    eye->cold_start_s = 0.2;
    eye->keep_alive_s = 0.5;
    eye->checkpoint_interval_s = 0.1;
    eye->checkpoint_s = 0.02;
    eye->frame_rate_hz = 400;
    bench->sites[0].racks[0].count = 2;
    for (uint32_t i = 0; i < 60; i++)
        jobs[i] = (bench_job){0.5 + 0.07 * i, EYE, kind == 0 ? 1 + i % 3 : 200 + 50 * (i % 7), 0};
    bench->plan.jobs = jobs;
    bench->plan.job_count = 60;
}

static void test_a_restored_world_goes_on_alike(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < 4; kind++) {
        bench_job jobs[60];
        bench_world bench;
        kinds_bench(&bench, jobs, kind);
        bench_create(&bench);
        bench_install(&bench, EYE, 2);
        bench_run_s(&bench, 2);
        assert_true(bench_site(&bench, 0).running + bench_site(&bench, 0).queued > 0);
        jw_writer image = {0};
        jw_error error = {0};
        assert_int_equal(jw_world_save(bench.world, &image, &error), JW_OK);
        bench_command(&bench, "fail_site", "site");
        bench_run_s(&bench, 1);
        bench_command(&bench, "repair_site", "site");
        bench_run_s(&bench, 30);
        uint64_t expected = jw_world_hash(bench.world);
        if (jw_world_restore(bench.world, image.bytes, image.size, &error) != JW_OK)
            fail_msg("kind %u: %s", kind, error.message);
        bench_command(&bench, "fail_site", "site");
        bench_run_s(&bench, 1);
        bench_command(&bench, "repair_site", "site");
        bench_run_s(&bench, 30);
        assert_true(jw_world_hash(bench.world) == expected);
        for (uint32_t i = 0; i < 60; i++)
            assert_int_equal(bench_client_of(&bench)->results[i].calls, 1);
        jw_writer_free(&image);
        bench_destroy(&bench);
    }
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < 4; kind++) {
        bench_job jobs[60];
        bench_world bench;
        kinds_bench(&bench, jobs, kind);
        bench_create(&bench);
        bench_install(&bench, EYE, 2);
        bench_run_s(&bench, 2);
        assert_true(damage_all(bench.world, 1, 4, true) > 0);
        bench_destroy(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_a_window_by_hand),
        JW_UNIT(test_windows_that_never_fill),
        JW_UNIT(test_batches_that_fill),
        JW_UNIT(test_functions_wait_like_m_m_c),
        JW_UNIT(test_cold_starts_by_hand),
        JW_UNIT(test_checkpoints_take_time),
        JW_UNIT(test_a_failure_costs_what_is_not_saved),
        JW_UNIT(test_a_rack_interrupts_once),
        JW_UNIT(test_others_take_the_cards),
        JW_UNIT(test_cards_return_at_once),
        JW_UNIT(test_a_card_holds_forty_streams),
        JW_UNIT(test_streams_are_refused_like_m_d_c_c),
        JW_UNIT(test_a_restored_world_goes_on_alike),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
