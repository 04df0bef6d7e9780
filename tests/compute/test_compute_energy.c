/* Energy: exact to the millijoule over any time, lazily read or not. */
#include "compute/compute_bench.h"

#include <math.h>

static void test_idle_and_busy_by_hand(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 1, 0}};
    bench_world bench;
    bench_init(&bench);
    bench_create(&bench);
    bench_run_s(&bench, 10);
    /* (100 W base + 50 W idle) x 1.5 */
    assert_true(bench_site(&bench, 0).power_w == 225);
    assert_true(bench_site(&bench, 0).energy_mj == 2250000);
    bench_destroy(&bench);

    bench.plan.jobs = jobs;
    bench.plan.job_count = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 10);
    /* 10 ms at 300 W in place of 50, times 1.5: 3.75 J more */
    assert_true(bench_site(&bench, 0).energy_mj == 2253750);
    jw_site_state site = bench_site(&bench, 0);
    double kwh = 2253750 / 3.6e9;
    assert_true(fabs(site.carbon_kg - kwh * 0.7252 * 0.75) < 1e-12); /* a quarter is green */
    assert_true(site.cost_fen == llround(kwh * 60));
    double metric;
    assert_true(jw_world_metric(bench.world, "compute.energy", &metric) && fabs(metric - kwh * 1000) < 1e-9);
    bench_destroy(&bench);
}

static void test_power_follows_the_busy_share(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{0.9, EYE, 60, 0}, {0.9, EYE, 60, 0}, {0.9, EYE, 60, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 4;
    bench.sites[0].tier = JW_TIER_CITY;
    bench.sites[0].pue = 0;          /* by tier: 1.25 */
    bench.sites[0].base_power_w = 0; /* 150 W a card */
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    bench_create(&bench);
    bench_install(&bench, EYE, 4);
    bench_run_s(&bench, 1);
    jw_site_state site = bench_site(&bench, 0);
    assert_true(site.utilisation == 0.75);
    assert_true(site.power_w == 1.25 * (4 * 150 + 4 * 50 + 3 * 250));
    bench_run_s(&bench, 1);
    assert_true(bench_site(&bench, 0).power_w == 1.25 * (4 * 150 + 4 * 50));
    /* Three times 0.6 s of 250 W more. */
    assert_true(bench_site(&bench, 0).energy_mj == (int64_t)(1.25 * (2 * 800 + 3 * 0.6 * 250) * 1000));
    bench_destroy(&bench);
}

/* A day with thousands of starts and stops and a power that is no round number: the integer sum is the one
 * product, to the last millijoule. */
static void test_a_day_is_exact(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].pue = 1.3737;
    bench.sites[0].base_power_w = 101.003;
    bench.plan.poisson_mean_s = 8;
    bench.plan.poisson_count = 10000;
    bench.plan.poisson_items = 7;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 24 * 3600);
    jw_site_state site = bench_site(&bench, 0);
    assert_int_equal(site.running, 0);
    assert_int_equal(site.done, 10000);
    __int128 idle_mw = llround((101.003 + 50) * 1.3737 * 1000),
             busy_mw = llround((101.003 + 300) * 1.3737 * 1000);
    __int128 busy_ns = (__int128)10000 * 70000000, all_ns = (__int128)24 * 3600 * 1000000000;
    int64_t expected_mj = (int64_t)((busy_mw * busy_ns + idle_mw * (all_ns - busy_ns)) / 1000000000);
    assert_true(site.energy_mj == expected_mj);
    bench_destroy(&bench);
}

/* Reading stores nothing, and what is read between two events is what an event would have settled. */
static void test_reading_is_lazy_and_true(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.plan.poisson_mean_s = 0.02;
    bench.plan.poisson_count = 2000;
    bench.plan.poisson_items = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    int64_t last_mj = 0;
    for (uint32_t i = 0; i < 100; i++) {
        bench_run_s(&bench, 0.5);
        uint64_t hash = jw_world_hash(bench.world);
        int64_t energy_mj = bench_site(&bench, 0).energy_mj;
        assert_true(energy_mj > last_mj && energy_mj == bench_site(&bench, 0).energy_mj);
        assert_true(hash == jw_world_hash(bench.world));
        last_mj = energy_mj;
    }
    bench_command(&bench, "fail_site", "site"); /* settles, and then draws nothing */
    bench_run_s(&bench, 0.5);
    assert_true(bench_site(&bench, 0).energy_mj == last_mj);
    bench_run_s(&bench, 3600);
    assert_true(bench_site(&bench, 0).energy_mj == last_mj);
    bench_command(&bench, "repair_site", "site");
    bench_run_s(&bench, 10.5);
    assert_true(bench_site(&bench, 0).energy_mj == last_mj + 10500 * 225);
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_idle_and_busy_by_hand),
        JW_UNIT(test_power_follows_the_busy_share),
        JW_UNIT(test_a_day_is_exact),
        JW_UNIT(test_reading_is_lazy_and_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
