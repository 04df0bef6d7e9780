/* Queues of a site against the closed forms of queueing theory, and what ends a job otherwise. */
#include "compute/compute_bench.h"

#include <math.h>
#include <string.h>

/* ---- a stream against closed forms ---- */

#define BATCHES       40
#define BATCH_SIZE    5000
#define STUDENT_99_39 2.708 /* two-sided 99 % quantile of Student's t with 39 degrees of freedom */

/* Mean of `value` and half its 99 % confidence interval by batch means: neighbours in a queue are not
 * independent, means over 5,000 of them nearly are. */
static double batch_means(const double *value, double *out_half)
{
    double means[BATCHES] = {0}, mean = 0, square = 0;
    for (uint32_t b = 0; b < BATCHES; b++) {
        for (uint32_t i = 0; i < BATCH_SIZE; i++)
            means[b] += value[b * BATCH_SIZE + i] / BATCH_SIZE;
        mean += means[b] / BATCHES;
    }
    for (uint32_t b = 0; b < BATCHES; b++)
        square += (means[b] - mean) * (means[b] - mean);
    *out_half = STUDENT_99_39 * sqrt(square / (BATCHES - 1) / BATCHES);
    return mean;
}

/* Runs BATCHES x BATCH_SIZE Poisson arrivals at a load and fills values: waiting time, or 1 when rejected. */
static void run_stream(double load, uint32_t queue_max, bool is_loss, double *values)
{
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].queue_max = queue_max;
    bench.plan.poisson_mean_s = 0.01 / load;
    bench.plan.poisson_items = 1;
    bench.plan.poisson_count = BATCHES * BATCH_SIZE + 1000; /* the first thousand fill the queue */
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, bench.plan.poisson_mean_s * bench.plan.poisson_count * 1.05 + 60);
    const bench_client *client = bench_client_of(&bench);
    for (uint32_t i = 0; i < client->result_count; i++) {
        const bench_result *result = &client->results[i];
        assert_int_equal(result->calls, 1);
        if (!is_loss)
            assert_int_equal(result->outcome, BENCH_DONE);
        if (i >= 1000)
            values[i - 1000] = is_loss ? result->outcome == BENCH_REJECTED : bench_time_s(result) - 0.01;
    }
    bench_destroy(&bench);
}

/* W = rho s / 2 (1 - rho) (Pollaczek-Khinchine for fixed service). */
static void test_one_card_waits_like_m_d_1(void **state)
{
    (void)state;
    static const double loads[] = {0.5, 0.8, 0.9};
    double *waits = jw_alloc(BATCHES * BATCH_SIZE * sizeof *waits);
    for (uint32_t i = 0; i < JW_COUNT_OF(loads); i++) {
        double expected_s = loads[i] * 0.01 / (2 * (1 - loads[i])), half_s;
        run_stream(loads[i], 100000, false, waits);
        double mean_s = batch_means(waits, &half_s);
        print_message("load %.1f: waits %.3f ms +- %.3f, M/D/1 %.3f\n", loads[i], mean_s * 1e3, half_s * 1e3,
                      expected_s * 1e3);
        assert_true(fabs(mean_s - expected_s) <= half_s);
        assert_true(half_s < 0.1 * expected_s); /* the interval is narrow enough to say something */
    }
    jw_free(waits);
}

/* One place to wait: M/D/1/2 loses 1 - 1 / (e^-rho + rho) (embedded chain at departures). */
static void test_a_short_queue_loses_like_m_d_1_2(void **state)
{
    (void)state;
    static const double loads[] = {0.5, 1.0, 2.0};
    double *losses = jw_alloc(BATCHES * BATCH_SIZE * sizeof *losses);
    for (uint32_t i = 0; i < JW_COUNT_OF(loads); i++) {
        double expected = 1 - 1 / (exp(-loads[i]) + loads[i]), half;
        run_stream(loads[i], 1, true, losses);
        double mean = batch_means(losses, &half);
        print_message("load %.1f: loses %.4f +- %.4f, M/D/1/2 %.4f\n", loads[i], mean, half, expected);
        assert_true(fabs(mean - expected) <= half);
        assert_true(half < 0.1 * expected);
    }
    jw_free(losses);
}

/* Four cards, service times exponential (in images of 10 us, a thousand in the mean): Erlang's second formula
 * for the share that waits, and the mean wait C s / (c - a) (Gross and Harris, "Fundamentals of Queueing
 * Theory", 2.3). */
static double erlang_c(uint32_t servers, double erlang)
{
    double blocking = 1;
    for (uint32_t i = 1; i <= servers; i++)
        blocking = erlang * blocking / (i + erlang * blocking);
    return servers * blocking / (servers - erlang * (1 - blocking));
}

static void test_four_cards_wait_like_erlang_c(void **state)
{
    (void)state;
    enum { CARDS = 4, JOBS = BATCHES * BATCH_SIZE, FIRST = 1000 };
    static const double loads[] = {0.5, 0.8};
    bench_job *jobs = jw_alloc((JOBS + FIRST) * sizeof *jobs);
    double *waits = jw_alloc(JOBS * sizeof *waits), *shares = jw_alloc(JOBS * sizeof *shares);
    for (uint32_t k = 0; k < JW_COUNT_OF(loads); k++) {
        double at_s = 1, erlang = CARDS * loads[k], service_s = 0;
        for (uint32_t i = 0; i < JOBS + FIRST; i++) {
            jw_random_key key = {11, k};
            at_s += jw_random_exponential(key, i, 0, 0.01 / erlang);
            jobs[i] = (bench_job){
                .at_s = at_s, .service = EYE, .items = 1 + (uint32_t)jw_random_exponential(key, i, 1, 999.5)};
            service_s += jobs[i].items * 1e-5 / (JOBS + FIRST);
        }
        assert_true(fabs(service_s - 0.01) < 1e-4);
        bench_world bench;
        bench_init(&bench);
        bench.services[EYE].gflop_per_item = 0.4;
        bench.sites[0].racks[0].count = CARDS;
        bench.sites[0].queue_max = 100000;
        bench.plan.jobs = jobs;
        bench.plan.job_count = JOBS + FIRST;
        bench_create(&bench);
        bench_install(&bench, EYE, 0);
        bench_run_s(&bench, at_s + 10);
        const bench_client *client = bench_client_of(&bench);
        for (uint32_t i = 0; i < JOBS; i++) {
            double wait_s = bench_time_s(&client->results[i + FIRST]) - jobs[i + FIRST].items * 1e-5;
            assert_int_equal(client->results[i + FIRST].outcome, BENCH_DONE);
            waits[i] = wait_s;
            shares[i] = wait_s > 1e-7;
        }
        double half_s, half, mean_s = batch_means(waits, &half_s), share = batch_means(shares, &half);
        double wanted = erlang_c(CARDS, erlang), wanted_s = wanted * 0.01 / (CARDS - erlang);
        print_message("Erlang C, load %.1f: %.4f +- %.4f wait (%.4f), %.3f +- %.3f ms in the mean (%.3f)\n",
                      loads[k], share, half, wanted, mean_s * 1e3, half_s * 1e3, wanted_s * 1e3);
        assert_true(fabs(share - wanted) <= half && fabs(mean_s - wanted_s) <= half_s);
        assert_true(half < 0.1 * wanted && half_s < 0.15 * wanted_s);
        bench_destroy(&bench);
    }
    jw_free(jobs);
    jw_free(waits);
    jw_free(shares);
}

/* ---- batches ---- */

static void assert_times(const bench_world *bench, const double *expected_s, uint32_t count)
{
    const bench_client *client = bench_client_of(bench);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(client->results[i].calls, 1);
        assert_int_equal(client->results[i].outcome, BENCH_DONE);
        double time_s = bench_time_s(&client->results[i]);
        if (fabs(time_s - expected_s[i]) > 1e-7)
            fail_msg("job %u took %.9f s, not %.9f", i, time_s, expected_s[i]);
    }
}

static void test_images_that_wait_go_as_a_batch(void **state)
{
    (void)state;
    static const bench_job jobs[] = {
        {1, EYE, 1, 0}, {1, EYE, 1, 0}, {1, EYE, 1, 0}, {1, EYE, 1, 0}, {1, EYE, 1, 0},
        {1, EYE, 1, 0}, {1, EYE, 1, 0}, {1, EYE, 1, 0}, {1, EYE, 1, 0}, {1, EYE, 1, 0},
        {5, EYE, 3, 0}, {5, EYE, 3, 0}, {5, EYE, 3, 0}, {5, EYE, 3, 0}, {9, EYE, 20, 0},
    };
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].max_batch = 8;
    bench.services[EYE].step_overhead_s = 0.004;
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 12);
    /* The first finds the card idle and goes alone: 14 ms. Eight of the others go together: 84 ms; the last
     * one, 14 ms. Of four with three images each, two fit into eight. Twenty images are one batch when one
     * request brings them. */
    const double expected_s[] = {0.014, 0.098, 0.098, 0.098, 0.098, 0.098, 0.098, 0.098,
                                 0.098, 0.112, 0.034, 0.098, 0.098, 0.132, 0.204};
    assert_times(&bench, expected_s, JW_COUNT_OF(jobs));
    assert_true(bench_site(&bench, 0).done == JW_COUNT_OF(jobs));
    bench_destroy(&bench);
}

static void test_cards_work_side_by_side(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 1, 0}, {1, EYE, 1, 0}, {1, EYE, 1, 0}, {1, EYE, 1, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 3;
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    bench_create(&bench);
    bench_install(&bench, EYE, 0); /* all that are free */
    bench_run_s(&bench, 2);
    const double expected_s[] = {0.01, 0.01, 0.01, 0.02};
    assert_times(&bench, expected_s, JW_COUNT_OF(jobs));
    bench_destroy(&bench);
}

/* ---- other ends ---- */

static void assert_rejected(const bench_world *bench, uint32_t job, jw_reject why)
{
    const bench_result *result = &bench_client_of(bench)->results[job];
    assert_int_equal(result->calls, 1);
    assert_int_equal(result->outcome, BENCH_REJECTED);
    assert_int_equal(result->why, why);
}

static void test_a_site_that_fails_rejects_each_job_once(void **state)
{
    (void)state;
    enum { JOBS = 60 };
    bench_job jobs[JOBS];
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].max_batch = 4;
    bench.services[EYE].gflop_per_item = 4000; /* 0.1 s an image */
    bench.sites[0].racks[0].count = 4;
    for (uint32_t i = 0; i < JOBS; i++)
        jobs[i] = (bench_job){i < 40 ? 0.9 : i < 50 ? 1.2 : 2.2, i % 4 == 3 ? TALK : EYE, 10, 20};
    bench.plan.jobs = jobs;
    bench.plan.job_count = JOBS;
    bench_create(&bench);
    bench_install(&bench, EYE, 3);
    bench_install(&bench, TALK, 1);
    bench_run_s(&bench, 1); /* forty are queued or running */
    assert_true(bench_site(&bench, 0).running > 0 && bench_site(&bench, 0).queued > 0);
    int64_t done = bench_site(&bench, 0).done;
    bench_command(&bench, "fail_site", "site");
    bench_run_s(&bench, 1);
    jw_site_state site = bench_site(&bench, 0);
    assert_false(site.is_up);
    assert_true(site.running == 0 && site.queued == 0 && site.power_w == 0 && site.utilisation == 0);
    assert_int_equal(bench_client_of(&bench)->changes, 1);
    uint32_t rejected = 0;
    for (uint32_t i = 0; i < 50; i++) {
        const bench_result *result = &bench_client_of(&bench)->results[i];
        assert_int_equal(result->calls, 1);
        rejected += result->outcome == BENCH_REJECTED;
        if (result->outcome == BENCH_REJECTED)
            assert_int_equal(result->why, i < 40 ? JW_REJECT_FAILED : JW_REJECT_DOWN);
    }
    assert_int_equal(rejected, 50 - done);
    bench_command(&bench, "repair_site", "site");
    bench_command(&bench, "repair_site", "site"); /* it is up: nothing changes */
    bench_run_s(&bench, 30);
    assert_int_equal(bench_client_of(&bench)->changes, 2);
    for (uint32_t i = 0; i < JOBS; i++) {
        assert_int_equal(bench_client_of(&bench)->results[i].calls, 1);
        if (i >= 50)
            assert_int_equal(bench_client_of(&bench)->results[i].outcome, BENCH_DONE);
    }
    jw_compute_counts counts = jw_compute_count(bench.world, bench_compute(&bench));
    assert_true(counts.submitted == JOBS && counts.done + counts.rejected == JOBS);
    bench_destroy(&bench);
}

/* A service that is taken away and comes back has new servers: an event of the old ones ends nothing. */
static void test_a_service_installed_anew_has_its_own_time(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{0.9, EYE, 1, 0}, {1.2, EYE, 1, 0}, {5, EYE, 1, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].gflop_per_item = 400 * 60; /* 0.6 s */
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 1);
    jw_site_id site = bench_site(&bench, 0).id;
    jw_error error = {0};
    assert_int_equal(jw_compute_uninstall(bench.world, bench_compute(&bench), site, EYE, &error), JW_OK);
    assert_int_equal(jw_compute_installed_version(bench_compute(&bench), site, EYE), 0);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 3);
    assert_rejected(&bench, 0, JW_REJECT_NOT_INSTALLED);
    assert_true(fabs(bench_time_s(&bench_client_of(&bench)->results[1]) - 0.6) < 1e-7);
    assert_int_equal(jw_compute_uninstall(bench.world, bench_compute(&bench), site, EYE, &error), JW_OK);
    assert_int_equal(jw_compute_uninstall(bench.world, bench_compute(&bench), site, EYE, NULL),
                     JW_ERROR_NOT_FOUND);
    bench_run_s(&bench, 2);
    assert_rejected(&bench, 2, JW_REJECT_NOT_INSTALLED);
    bench_destroy(&bench);
}

static void test_a_new_version_counts_for_what_starts_later(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{0.9, EYE, 1, 0}, {0.9, EYE, 1, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].gflop_per_item = 400 * 60;
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 1);
    jw_site_id site = bench_site(&bench, 0).id;
    assert_int_equal(jw_compute_install(bench.world, bench_compute(&bench), site, EYE, 7, 0, NULL), JW_OK);
    assert_int_equal(jw_compute_installed_version(bench_compute(&bench), site, EYE), 7);
    bench_run_s(&bench, 2);
    assert_int_equal(bench_client_of(&bench)->results[0].version, 1);
    assert_int_equal(bench_client_of(&bench)->results[1].version, 7);
    bench_destroy(&bench);
}

static void test_cards_are_given_once(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 5;
    bench.services[TALK].parameters_b = 70; /* 140 GB: no single card of 80 GB, two have 0.9 x 160 */
    bench_create(&bench);
    jw_compute *compute = bench_compute(&bench);
    jw_site_id site = bench_site(&bench, 0).id;
    jw_error error = {0};
    assert_int_equal(jw_compute_install(bench.world, compute, site, TALK, 1, 1, &error), JW_ERROR_LIMIT);
    assert_string_equal(error.message,
                        "site \"site\": \"talk\" takes 140 GB on 1 cards together, its 5 x card "
                        "give 72 GB: larger cards, or a smaller model");
    bench_destroy(&bench);

    bench.services[TALK].cards_per_instance = 2;
    bench_create(&bench);
    compute = bench_compute(&bench);
    assert_int_equal(jw_compute_install(bench.world, compute, site, TALK, 1, 1, NULL), JW_OK); /* two cards */
    assert_int_equal(jw_compute_install(bench.world, compute, site, EYE, 1, 4, NULL), JW_ERROR_LIMIT);
    assert_int_equal(jw_compute_install(bench.world, compute, site, EYE, 1, 3, NULL), JW_OK);
    assert_int_equal(jw_compute_uninstall(bench.world, compute, site, TALK, NULL), JW_OK);
    assert_int_equal(jw_compute_install(bench.world, compute, site, TALK, 2, 2, NULL), JW_OK);
    assert_int_equal(jw_compute_install(bench.world, compute, (jw_site_id){9, 1}, TALK, 2, 2, NULL),
                     JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_compute_install(bench.world, compute, site, 17, 2, 2, NULL), JW_ERROR_NOT_FOUND);
    bench_destroy(&bench);
}

/* What is forecast for an idle site is what then happens. */
static void test_the_forecast_of_an_idle_site_is_exact(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 4, 0}, {2, TALK, 300, 40}};
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 2;
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    bench_create(&bench);
    jw_site_id site = bench_site(&bench, 0).id;
    assert_true(jw_compute_estimate_s(bench.world, bench_compute(&bench), site, EYE, 4, 0, 0) < 0);
    bench_install(&bench, EYE, 1);
    bench_install(&bench, TALK, 1);
    double eye_s = jw_compute_estimate_s(bench.world, bench_compute(&bench), site, EYE, 4, 0, 0);
    double talk_s = jw_compute_estimate_s(bench.world, bench_compute(&bench), site, TALK, 300, 40, 0);
    bench_run_s(&bench, 10);
    const bench_result *results = bench_client_of(&bench)->results;
    assert_true(fabs(bench_time_s(&results[0]) - eye_s) < 1e-7);
    assert_true(fabs(bench_time_s(&results[1]) - talk_s) < 1e-6);
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_one_card_waits_like_m_d_1),
        JW_UNIT(test_a_short_queue_loses_like_m_d_1_2),
        JW_UNIT(test_four_cards_wait_like_erlang_c),
        JW_UNIT(test_images_that_wait_go_as_a_batch),
        JW_UNIT(test_cards_work_side_by_side),
        JW_UNIT(test_a_site_that_fails_rejects_each_job_once),
        JW_UNIT(test_a_service_installed_anew_has_its_own_time),
        JW_UNIT(test_a_new_version_counts_for_what_starts_later),
        JW_UNIT(test_cards_are_given_once),
        JW_UNIT(test_the_forecast_of_an_idle_site_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
