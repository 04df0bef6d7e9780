/* Snapshots of sites at work, refusals, and memory that ends. */
#include "compute/compute_bench.h"
#include "compute/compute_internal.h"
#include "compute/damage.h"

#include <math.h>
#include <stdio.h>

enum { JOBS = 400 };

/* Two sites of several cards, vision and language, queues, rejections: everything has some state. */
static void busy_bench(bench_world *bench, bench_job jobs[JOBS])
{
    bench_init(bench);
    bench->sites[0].racks[0].count = 3;
    bench->sites[0].queue_max = 20;
    bench->sites[1] = bench->sites[0];
    snprintf(bench->sites[1].name, sizeof bench->sites[1].name, "other");
    bench->compute.site_count = 2;
    bench->services[EYE].gflop_per_item = 4000;
    bench->services[EYE].max_batch = 8;
    for (uint32_t i = 0; i < JOBS; i++)
        jobs[i] = (bench_job){0.02 * i, i % 3 ? EYE : TALK, 1 + i % 5 * (i % 3 ? 1 : 200), i % 3 ? 0 : 30};
    bench->plan.jobs = jobs;
    bench->plan.job_count = JOBS;
}

static void install_all(bench_world *bench)
{
    bench_install(bench, EYE, 2);
    bench_install(bench, TALK, 1);
}

static void test_a_restored_site_goes_on_alike(void **state)
{
    (void)state;
    static bench_job jobs[JOBS];
    bench_world bench;
    busy_bench(&bench, jobs);
    bench_create(&bench);
    install_all(&bench);
    bench_run_s(&bench, 4);
    jw_site_state site = bench_site(&bench, 0);
    assert_true(site.running > 0 && site.queued > 0);
    jw_writer image = {0};
    jw_error error = {0};
    assert_int_equal(jw_world_save(bench.world, &image, &error), JW_OK);
    uint64_t at_save = jw_world_hash(bench.world);
    bench_run_s(&bench, 20);
    uint64_t expected = jw_world_hash(bench.world);
    int64_t energy_mj = bench_site(&bench, 0).energy_mj;

    assert_int_equal(jw_world_restore(bench.world, image.bytes, image.size, &error), JW_OK);
    assert_true(jw_world_hash(bench.world) == at_save);
    bench_run_s(&bench, 20);
    assert_true(jw_world_hash(bench.world) == expected);
    assert_true(bench_site(&bench, 0).energy_mj == energy_mj);

    jw_world *original = bench.world;
    assert_int_equal(jw_world_create_from_snapshot(bench.entries, BENCH_MODULE_COUNT, NULL, 0, 2, image.bytes,
                                                   image.size, &bench.world, &error),
                     JW_OK);
    bench_run_s(&bench, 20);
    assert_true(jw_world_hash(bench.world) == expected);
    jw_world_destroy(original);
    jw_writer_free(&image);
    bench_destroy(&bench);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    static bench_job jobs[JOBS];
    bench_world bench;
    busy_bench(&bench, jobs);
    bench.plan.job_count = 24; /* a small image: every byte is damaged */
    bench_create(&bench);
    install_all(&bench);
    bench_run_s(&bench, 0.5);
    assert_true(bench_site(&bench, 0).running > 0 && bench_site(&bench, 0).queued > 0);
    uint32_t accepted = damage_all(bench.world, 1, 4, true);
    assert_true(accepted > 0); /* a service rate may be another one: that is a sound world */
    bench_run_s(&bench, 30);
    bench_destroy(&bench);
}

/* Language models with all that they do: prompts are cut, caches are sent and swapped. */
static void talking_bench(bench_world *bench, bench_job jobs[JOBS], uint32_t count)
{
    bench_init(bench);
    bench->cards[0].memory_gb = 15.7; /* 650 MB of cache: 78 blocks */
    bench->sites[0].racks[0].count = 3;
    bench->services[TALK].scheduler = (jw_llm_scheduler){
        .chunk_tokens = 128, .preemption = JW_LLM_SWAP, .prefill_share = 0.3, .transfer_gbps = 5};
    for (uint32_t i = 0; i < count; i++)
        jobs[i] = (bench_job){0.5 + 0.1 * i, TALK, 100 + 37 * (i % 5), 60 + 31 * (i % 7)};
    bench->plan.jobs = jobs;
    bench->plan.job_count = count;
}

static bool is_stage(const bench_world *bench, job_stage stage)
{
    const jw_compute *compute = bench_compute(bench);
    for (uint32_t i = 0; i < compute->job_pool.slot_count; i++)
        if ((compute->job_pool.generations[i] & 1) && compute->jobs[i].stage == stage)
            return true;
    return false;
}

static void run_until_all_stages(bench_world *bench)
{
    for (uint32_t i = 0; i < 400; i++) {
        bench_run_s(bench, 0.1);
        if (is_stage(bench, STAGE_FILLING) && is_stage(bench, STAGE_ACTIVE) &&
            is_stage(bench, STAGE_SWAPPED) && is_stage(bench, STAGE_SENDING) &&
            bench_site(bench, 0).queued > 0)
            return;
    }
    fail_msg("%s", "the stages never came together");
}

static void test_language_models_go_on_alike(void **state)
{
    (void)state;
    static bench_job jobs[JOBS];
    bench_world bench;
    talking_bench(&bench, jobs, 120);
    bench_create(&bench);
    bench_install(&bench, TALK, 3);
    run_until_all_stages(&bench);
    jw_writer image = {0};
    jw_error error = {0};
    assert_int_equal(jw_world_save(bench.world, &image, &error), JW_OK);
    uint64_t at_save = jw_world_hash(bench.world);
    bench_run_s(&bench, 60);
    uint64_t expected = jw_world_hash(bench.world);
    assert_int_equal(jw_world_restore(bench.world, image.bytes, image.size, &error), JW_OK);
    assert_true(jw_world_hash(bench.world) == at_save);
    bench_run_s(&bench, 60);
    assert_true(jw_world_hash(bench.world) == expected);
    bench_run_s(&bench, 200);
    assert_int_equal(jw_compute_llm_stats(bench_compute(&bench), TALK).done, 120);
    jw_writer_free(&image);
    bench_destroy(&bench);
}

/* What is about to be rejected is nowhere in a language model. */
static void test_a_rejected_job_in_work_is_refused(void **state)
{
    (void)state;
    bench_world bench;
    jw_error error = {0};
    jw_writer image = {0};
    bench_init(&bench);
    bench_create(&bench);
    jw_job_def lost = {.site = bench_site(&bench, 0).id, .service = TALK, .items = 1};
    jw_compute *compute = bench_compute(&bench);
    assert_int_equal(jw_compute_submit(bench.world, compute, &lost, NULL, &error), JW_OK);
    assert_int_equal(jw_world_save(bench.world, &image, &error), JW_OK);
    assert_int_equal(jw_world_restore(bench.world, image.bytes, image.size, &error), JW_OK);
    compute = bench_compute(&bench);
    assert_int_equal(compute->jobs[0].phase, JOB_REJECTING);
    compute->jobs[0].stage = STAGE_SENDING;
    image.size = 0;
    assert_int_equal(jw_world_save(bench.world, &image, &error), JW_OK);
    jw_log_to(damage_be_quiet, NULL);
    assert_int_not_equal(jw_world_restore(bench.world, image.bytes, image.size, &error), JW_OK);
    jw_log_to(NULL, NULL);
    jw_writer_free(&image);
    bench_destroy(&bench);
}

static void test_damaged_language_models_are_refused_or_harmless(void **state)
{
    (void)state;
    static bench_job jobs[JOBS];
    bench_world bench;
    talking_bench(&bench, jobs, 30);
    bench_create(&bench);
    bench_install(&bench, TALK, 3);
    run_until_all_stages(&bench);
    assert_true(damage_all(bench.world, 1, 4, true) > 0);
    bench_run_s(&bench, 100);
    assert_int_equal(jw_compute_llm_stats(bench_compute(&bench), TALK).done, 30);
    bench_destroy(&bench);
}

/* A failing site rejects what it holds, wherever that is, each once. */
static void test_sequences_of_a_failed_site_are_rejected_once(void **state)
{
    (void)state;
    static bench_job jobs[JOBS];
    bench_world bench;
    talking_bench(&bench, jobs, 30);
    bench_create(&bench);
    bench_install(&bench, TALK, 3);
    run_until_all_stages(&bench);
    bench_command(&bench, "fail_site", "site");
    bench_run_s(&bench, 5);
    for (uint32_t i = 0; i < 30; i++)
        assert_int_equal(bench_client_of(&bench)->results[i].calls, 1);
    assert_true(bench_site(&bench, 0).running == 0 && bench_site(&bench, 0).queued == 0);
    bench_destroy(&bench);
}

/* Each figure alone makes the catalogue bad; without it the same catalogue is taken. */
static void test_hostile_figures_are_refused(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY, -1, 1e300};
    bench_world bench;
    bench_init(&bench);
    double *const figures[] = {
        &bench.cards[0].fp16_tflops,
        &bench.cards[0].int8_tops,
        &bench.cards[0].memory_gb,
        &bench.cards[0].bandwidth_tbps,
        &bench.cards[0].idle_w,
        &bench.cards[0].peak_w,
        &bench.cards[0].price_cny,
        &bench.services[EYE].gflop_per_item,
        &bench.services[EYE].efficiency,
        &bench.services[EYE].step_overhead_s,
        &bench.services[EYE].image_gb,
        &bench.services[TALK].parameters_b,
        &bench.services[TALK].prefill_mfu,
        &bench.services[TALK].bytes_per_parameter,
        &bench.services[TALK].image_gb,
        &bench.services[TALK].kv_bytes_per_token,
        &bench.services[TALK].decode_efficiency,
        &bench.regions[0].kgco2_per_kwh,
        &bench.regions[0].price_cny_per_kwh,
        &bench.regions[0].green_share,
        &bench.sites[0].pue,
        &bench.sites[0].base_power_w,
        &bench.sites[0].x_m,
        &bench.sites[0].y_m,
    };
    for (uint32_t f = 0; f < JW_COUNT_OF(figures); f++)
        for (uint32_t b = 0; b < JW_COUNT_OF(bad); b++) {
            bool is_place = figures[f] == &bench.sites[0].x_m || figures[f] == &bench.sites[0].y_m;
            if (is_place && bad[b] == -1)
                continue;
            double good = *figures[f];
            *figures[f] = bad[b];
            jw_error error = {0};
            if (bench_try_create(&bench, &error) != JW_ERROR_INPUT)
                fail_msg("figure %u of %g was taken", f, bad[b]);
            assert_true(error.message[0] && bench.world == NULL && jw_allocated_bytes() == 0);
            *figures[f] = good;
        }
    bench_create(&bench);
    bench_destroy(&bench);
}

static void test_sites_that_cannot_be_are_refused(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench_create(&bench);
    jw_compute *compute = bench_compute(&bench);
    jw_site_id id;
    jw_site_def def = bench.sites[0];
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_ERROR_EXISTS);
    def.name[0] = 0;
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_ERROR_INPUT);
    snprintf(def.name, sizeof def.name, "new");
    snprintf(def.racks[0].card, sizeof def.racks[0].card, "none");
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_ERROR_NOT_FOUND);
    def = bench.sites[0];
    snprintf(def.name, sizeof def.name, "new");
    snprintf(def.region, sizeof def.region, "atlantis");
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_ERROR_NOT_FOUND);
    def.region[0] = 0;
    def.racks[0].count = 0;
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_ERROR_INPUT);
    def.racks[0].count = UINT32_MAX;
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_ERROR_INPUT);
    def.racks[0].count = 1;
    def.rack_count = JW_SITE_RACKS_MAX + 1;
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_ERROR_INPUT);
    def.rack_count = 1;
    def.base_power_w = 1e9;
    def.pue = 9; /* each is within its limits, together they are 9 GW */
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_ERROR_LIMIT);
    def.pue = 1;
    assert_int_equal(jw_compute_add_site(bench.world, compute, &def, &id, NULL), JW_OK);
    assert_int_equal(jw_compute_find_site(compute, "new").index1, id.index1);
    bench_destroy(&bench);
}

/* Memory ends at every point of a run: an error comes back, nothing leaks, and a snapshot taken before brings
 * the world back. */
static void test_every_allocation_of_a_run_may_fail(void **state)
{
    (void)state;
    static bench_job jobs[JOBS];
    bench_world bench;
    busy_bench(&bench, jobs);
    uint64_t expected = 0;
    bool was_failed = true;
    for (int64_t after = -1; was_failed; after++) {
        jw_error error = {0};
        jw_writer image = {0};
        bench_create(&bench);
        install_all(&bench);
        assert_int_equal(jw_world_save(bench.world, &image, &error), JW_OK);
        jw_memory_fail_after(after);
        was_failed = after < 0;
        for (uint32_t i = 0; i < 16; i++)
            if (jw_world_step(bench.world, &error) != JW_OK) {
                assert_int_equal(error.code, JW_ERROR_MEMORY);
                was_failed = true;
                break;
            }
        jw_memory_fail_after(-1);
        if (after < 0)
            expected = jw_world_hash(bench.world);
        else {
            assert_int_equal(jw_world_restore(bench.world, image.bytes, image.size, &error), JW_OK);
            bench_run_s(&bench, 8);
            assert_true(jw_world_hash(bench.world) == expected);
        }
        jw_writer_free(&image);
        bench_destroy(&bench);
        assert_true(jw_allocated_bytes() == 0 && after < 10000);
    }
}

static void test_every_allocation_of_a_restore_may_fail(void **state)
{
    (void)state;
    static bench_job jobs[JOBS];
    bench_world bench;
    busy_bench(&bench, jobs);
    bench_create(&bench);
    install_all(&bench);
    bench_run_s(&bench, 2);
    jw_writer image = {0};
    jw_error error = {0};
    assert_int_equal(jw_world_save(bench.world, &image, &error), JW_OK);
    uint64_t hash = jw_world_hash(bench.world);
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t after = 0; result != JW_OK; after++) {
        error = (jw_error){0};
        jw_memory_fail_after(after);
        result = jw_world_restore(bench.world, image.bytes, image.size, &error);
        jw_memory_fail_after(-1);
        if (result != JW_OK && result != JW_ERROR_MEMORY)
            fail_msg("after %d allocations: %s", (int)after, error.message);
        assert_true(jw_world_hash(bench.world) == hash);
    }
    jw_writer_free(&image);
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_a_restored_site_goes_on_alike),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_language_models_go_on_alike),
        JW_UNIT(test_a_rejected_job_in_work_is_refused),
        JW_UNIT(test_damaged_language_models_are_refused_or_harmless),
        JW_UNIT(test_sequences_of_a_failed_site_are_rejected_once),
        JW_UNIT(test_hostile_figures_are_refused),
        JW_UNIT(test_sites_that_cannot_be_are_refused),
        JW_UNIT(test_every_allocation_of_a_run_may_fail),
        JW_UNIT(test_every_allocation_of_a_restore_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
