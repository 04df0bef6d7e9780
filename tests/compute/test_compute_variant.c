/* Versions that were made smaller run by their own figures. */
#include "compute/compute_bench.h"
#include "compute/damage.h"

#include <math.h>

static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

static const jw_variant int8 = {.memory_factor = 0.5, .operation_factor = 1, .is_int8 = 1};
static const jw_variant int4 = {.memory_factor = 0.25, .operation_factor = 1};
static const jw_variant sparse = {.memory_factor = 0.5625, .operation_factor = 1, .sparse_factor = 0.625};
static const jw_variant distilled = {.memory_factor = 0.6, .operation_factor = 0.614};

static void test_figures_of_a_variant(void **state)
{
    (void)state;
    bench_world b;
    bench_init(&b);
    jw_card card = b.cards[0], made = card;
    made.has_sparse = 1;
    const jw_service *talk = &b.services[TALK];
    double weights_gb = jw_service_weights_gb(talk), prefill_s = jw_llm_prefill_s(talk, &card, 1, 1000);
    double step_s = jw_llm_step_s(talk, &card, 1, 0) - talk->step_overhead_s;
    jw_service as = jw_service_as(talk, &card, &int8);
    assert_true(is_near(jw_service_weights_gb(&as), weights_gb / 2)); /* bytes, and the INT8 rate */
    assert_true(
        is_near(jw_llm_prefill_s(&as, &card, 1, 1000), prefill_s * card.fp16_tflops / card.int8_tops));
    assert_true(is_near(jw_llm_step_s(&as, &card, 1, 0) - talk->step_overhead_s, step_s / 2));
    as = jw_service_as(talk, &card, &int4); /* weights alone: the arithmetic stays */
    assert_true(is_near(jw_llm_prefill_s(&as, &card, 1, 1000), prefill_s));
    assert_true(is_near(jw_llm_step_s(&as, &card, 1, 0) - talk->step_overhead_s, step_s / 4));
    as = jw_service_as(talk, &card, &sparse); /* room everywhere, operations where a card is made for it */
    assert_true(is_near(jw_llm_prefill_s(&as, &card, 1, 1000), prefill_s));
    assert_true(is_near(jw_service_weights_gb(&as), 0.5625 * weights_gb));
    as = jw_service_as(talk, &made, &sparse);
    assert_true(is_near(jw_llm_prefill_s(&as, &made, 1, 1000), 0.625 * prefill_s));
    assert_true(is_near(jw_service_weights_gb(&as), 0.5625 * weights_gb));
    as = jw_service_as(talk, &card, &distilled);
    assert_true(is_near(jw_llm_prefill_s(&as, &card, 1, 1000), 0.614 * prefill_s));
    assert_true(is_near(jw_service_weights_gb(&as), 0.6 * weights_gb));
    as = jw_service_as(&b.services[EYE], &card, &distilled);
    assert_true(is_near(jw_service_weights_gb(&as), 0.6 * jw_service_weights_gb(&b.services[EYE])));
    assert_true(is_near(jw_vision_batch_s(&as, &card, 1) - as.step_overhead_s,
                        0.614 * (jw_vision_batch_s(&b.services[EYE], &card, 1) - as.step_overhead_s)));
}

/* One picture takes 10 ms as the service is, 6.14 ms distilled; a batch that has begun keeps its time. */
static void test_a_version_changes_the_time_of_work(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 1, 0}, {2.999, EYE, 1, 0}, {4, EYE, 1, 0}};
    bench_world b;
    bench_init(&b);
    b.plan = (bench_plan){.site = "site", .jobs = jobs, .job_count = 3};
    bench_create(&b);
    bench_install(&b, EYE, 1);
    jw_compute *compute = bench_compute(&b);
    jw_error error = {0};
    assert_int_equal(jw_compute_describe(compute, EYE, 2, &distilled, &error), JW_OK);
    assert_int_equal(jw_compute_describe(compute, EYE, 2, &distilled, &error), JW_OK);
    assert_int_equal(jw_compute_describe(compute, EYE, 2, &int4, &error), JW_ERROR_EXISTS);
    assert_int_equal(jw_compute_describe(compute, 99, 2, &int4, &error), JW_ERROR_NOT_FOUND);
    const jw_variant odd = {.memory_factor = NAN, .operation_factor = 1};
    assert_int_equal(jw_compute_describe(compute, EYE, 3, &odd, &error), JW_ERROR_INPUT);
    bench_run_s(&b, 3);
    assert_int_equal(
        jw_compute_install(b.world, compute, jw_compute_find_site(compute, "site"), EYE, 2, 0, &error),
        JW_OK);
    bench_run_s(&b, 3);
    const bench_result *results = bench_client_of(&b)->results;
    assert_true(fabs(bench_time_s(&results[0]) - 0.010) < 1e-6 && results[0].version == 1);
    assert_true(fabs(bench_time_s(&results[1]) - 0.010) < 1e-6 && results[1].version == 1);
    assert_true(fabs(bench_time_s(&results[2]) - 0.00614) < 1e-6 && results[2].version == 2);
    bench_destroy(&b);
}

/* A cache of 63 blocks is on its way when the 4-bit version comes: the sequence begins anew and its cache is
 * sent once more, whole; the first sending's arrival is none of the second's. */
static void test_a_cache_is_sent_anew(void **state)
{
    (void)state;
    static const bench_job job = {1, TALK, 1000, 3};
    bench_world b;
    bench_init(&b);
    b.sites[0].racks[0].count = 2;
    b.services[TALK].scheduler.prefill_share = 0.5;
    b.services[TALK].scheduler.transfer_gbps = 1;
    b.plan = (bench_plan){.site = "site", .jobs = &job, .job_count = 1};
    bench_create(&b);
    bench_install(&b, TALK, 2);
    jw_compute *compute = bench_compute(&b);
    assert_int_equal(jw_compute_describe(compute, TALK, 2, &int4, NULL), JW_OK);
    bench_run_s(&b, 3);
    assert_int_equal(
        jw_compute_install(b.world, compute, jw_compute_find_site(compute, "site"), TALK, 2, 0, NULL), JW_OK);
    bench_run_s(&b, 20);
    const bench_result *result = &bench_client_of(&b)->results[0];
    jw_service as = jw_service_as(&b.services[TALK], &b.cards[0], &int4);
    double send_s = 63 * 16 * 524288.0 * 8 / 1e9, prefill_s = jw_llm_prefill_s(&as, &b.cards[0], 1, 1001);
    double step_s = jw_llm_step_s(&as, &b.cards[0], 1, 0);
    /* Two tokens were said by two prefills; the third is a step's, with what it reads of the cache. */
    double at_least_s = 3 - 1 + prefill_s + send_s + step_s;
    assert_true(result->outcome == BENCH_DONE && bench_time_s(result) > at_least_s - 0.5 * step_s);
    assert_true(bench_time_s(result) < at_least_s + step_s);
    bench_destroy(&b);
}

/* Ten sequences are in the midst of their answers when the 4-bit version comes: all are answered once, each
 * token is counted once, the rest is faster; back again what has no room for its answer is refused. */
static void test_a_language_model_begins_anew(void **state)
{
    (void)state;
    bench_job jobs[10];
    for (uint32_t i = 0; i < 10; i++)
        jobs[i] = (bench_job){1 + 0.2 * i, TALK, 500, 400};
    double ended_s[2];
    for (int is_changed = 0; is_changed < 2; is_changed++) {
        bench_world b;
        bench_init(&b);
        b.plan = (bench_plan){.site = "site", .jobs = jobs, .job_count = 10};
        bench_create(&b);
        bench_install(&b, TALK, 1);
        jw_compute *compute = bench_compute(&b);
        jw_site_id site = jw_compute_find_site(compute, "site");
        assert_int_equal(jw_compute_describe(compute, TALK, 2, &int4, NULL), JW_OK);
        bench_run_s(&b, 4);
        assert_true(jw_compute_llm_stats(compute, TALK).done == 0);
        if (is_changed)
            assert_int_equal(jw_compute_install(b.world, compute, site, TALK, 2, 0, NULL), JW_OK);
        jw_world *other;
        assert_int_equal(jw_world_fork(b.world, &other, NULL), JW_OK);
        bench_run_s(&b, 60);
        for (uint32_t i = 0; i < 120; i++)
            assert_int_equal(jw_world_step(other, NULL), JW_OK);
        assert_true(jw_world_hash(other) == jw_world_hash(b.world));
        jw_world_destroy(other);
        const bench_client *client = bench_client_of(&b);
        int64_t last_ns = 0;
        for (uint32_t i = 0; i < 10; i++) {
            assert_true(client->results[i].calls == 1 && client->results[i].outcome == BENCH_DONE);
            last_ns = client->results[i].ended_ns > last_ns ? client->results[i].ended_ns : last_ns;
        }
        ended_s[is_changed] = jw_s_from_ns(last_ns);
        jw_llm_stats stats = jw_compute_llm_stats(compute, TALK);
        assert_true(stats.output_tokens == 4000 && stats.done == 10 && client->first_error < 0);
        assert_true((stats.recomputed_tokens > 0) == is_changed);
        bench_destroy(&b);
    }
    assert_true(ended_s[1] < ended_s[0]);
}

/* What is cancelled in the iteration in which the other version comes does not begin anew: it ends, unheard.
 */
static void test_a_cancelled_sequence_does_not_begin_anew(void **state)
{
    (void)state;
    bench_world b;
    bench_init(&b);
    bench_create(&b);
    bench_install(&b, TALK, 1);
    jw_compute *compute = bench_compute(&b);
    jw_job_def def = {.site = jw_compute_find_site(compute, "site"), .service = TALK, .tag = 99};
    def.items = 500;
    def.output_tokens = 400;
    jw_job_id id;
    assert_int_equal(jw_compute_describe(compute, TALK, 2, &int4, NULL), JW_OK);
    assert_int_equal(jw_compute_submit(b.world, compute, &def, &id, NULL), JW_OK);
    bench_run_s(&b, 2);
    jw_compute_cancel(b.world, compute, id);
    assert_int_equal(jw_compute_install(b.world, compute, def.site, TALK, 2, 0, NULL), JW_OK);
    assert_int_equal(jw_compute_jobs(compute, def.site, TALK), 0);
    bench_run_s(&b, 60);
    jw_compute_counts counts = jw_compute_count(b.world, compute);
    assert_true(counts.submitted == 1 && counts.rejected == 1 && counts.done == 0);
    assert_int_equal(bench_client_of(&b)->strays, 0);
    bench_destroy(&b);
}

static void test_a_version_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    bench_world b;
    bench_init(&b);
    b.cards[0].memory_gb = 8; /* 13.5 GB as it is, 3.4 GB in 4 bits */
    bench_create(&b);
    jw_compute *compute = bench_compute(&b);
    jw_site_id site = jw_compute_find_site(compute, "site");
    jw_error error = {0};
    assert_int_equal(jw_compute_install(b.world, compute, site, TALK, 1, 0, &error), JW_ERROR_LIMIT);
    assert_int_equal(jw_compute_describe(compute, TALK, 2, &int4, NULL), JW_OK);
    assert_int_equal(jw_compute_install(b.world, compute, site, TALK, 2, 0, NULL), JW_OK);
    error = (jw_error){0};
    assert_int_equal(jw_compute_install(b.world, compute, site, TALK, 1, 0, &error), JW_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "a smaller version"));
    assert_int_equal(jw_compute_installed_version(compute, site, TALK), 2);
    bench_destroy(&b);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, TALK, 500, 400}, {1, EYE, 1, 0}};
    bench_world b;
    bench_init(&b);
    b.plan = (bench_plan){.site = "site", .jobs = jobs, .job_count = 2};
    b.sites[0].racks[0].count = 2;
    bench_create(&b);
    jw_compute *compute = bench_compute(&b);
    assert_int_equal(jw_compute_describe(compute, TALK, 1, &int4, NULL), JW_OK);
    bench_install(&b, TALK, 1);
    bench_install(&b, EYE, 1);
    bench_run_s(&b, 2);
    assert_true(damage_all(b.world, 11, 2, false) > 0);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_figures_of_a_variant),
        JW_UNIT(test_a_version_changes_the_time_of_work),
        JW_UNIT(test_a_cache_is_sent_anew),
        JW_UNIT(test_a_language_model_begins_anew),
        JW_UNIT(test_a_cancelled_sequence_does_not_begin_anew),
        JW_UNIT(test_a_version_that_does_not_fit_is_refused),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
