/* Failure domains and autoscaling against hand-made cases, the availability of a repaired machine, and the
 * rule of the autoscaler worked out by hand. */
#include "compute/compute_bench.h"
#include "compute/compute_internal.h"
#include "compute/damage.h"

#include <stdlib.h>

static void command(bench_world *bench, const char *verb, uint32_t rack, uint32_t card)
{
    jw_error error = {0};
    jw_command c = jw_command_make(verb);
    jw_command_text(&c, "name", "site");
    jw_command_number(&c, "rack", rack);
    if (card != JW_NONE)
        jw_command_number(&c, "card", card);
    assert_int_equal(jw_world_post(bench->world, &c, &error), JW_OK);
}

static uint32_t count_of(const bench_world *bench, uint32_t outcome, uint32_t why)
{
    const bench_client *client = bench_client_of(bench);
    uint32_t count = 0;
    for (uint32_t i = 0; i < client->result_count; i++)
        count += client->results[i].outcome == outcome && (why == JW_NONE || client->results[i].why == why);
    return count;
}

/* Jobs of one image each, evenly `per_s` a second from `from_s` to `to_s`. */
static uint32_t add_jobs(bench_job *jobs, uint32_t count, double from_s, double to_s, double per_s)
{
    for (uint32_t i = 0; i < (uint32_t)((to_s - from_s) * per_s); i++)
        jobs[count++] = (bench_job){.at_s = from_s + i / per_s, .service = EYE, .items = 1};
    return count;
}

/* Four cards, each with a job of 100 ms: the third fails after 50 ms, its job alone is rejected. */
static void test_a_card_takes_its_job_with_it(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 4;
    bench.services[EYE].gflop_per_item = 40000; /* 1 s */
    static bench_job jobs[6];
    for (uint32_t i = 0; i < 6; i++)
        jobs[i] = (bench_job){.at_s = 0.1 + 0.01 * i, .service = EYE, .items = 1};
    bench.plan.jobs = jobs;
    bench.plan.job_count = 6;
    bench_create(&bench);
    bench_install(&bench, EYE, 4);
    bench_run_s(&bench, 0.5);
    assert_int_equal(bench_site(&bench, 0).running, 4);
    command(&bench, "fail_card", 0, 2);
    bench_run_s(&bench, 0.5);
    jw_site_state site = bench_site(&bench, 0);
    assert_true(site.cards_failed == 1 && site.instances == 3 && site.running == 3);
    bench_run_s(&bench, 3);
    assert_int_equal(count_of(&bench, BENCH_DONE, JW_NONE), 5);
    assert_int_equal(count_of(&bench, BENCH_REJECTED, JW_REJECT_FAILED), 1);
    assert_int_equal(bench_client_of(&bench)->results[2].why, JW_REJECT_FAILED);
    command(&bench, "repair_card", 0, JW_NONE);
    bench_run_s(&bench, 0.5);
    assert_true(bench_site(&bench, 0).cards_failed == 0 && bench_site(&bench, 0).instances == 4);
    bench_destroy(&bench);
}

/* Cards that come: racks, power and instances by hand. */
static void test_a_site_grows(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 2;
    bench.sites[0].power_max_kw = 4.6;          /* 300 W a card, 100 W for the two, 150 W for each more */
    bench.services[EYE].gflop_per_item = 40000; /* 1 s */
    static bench_job jobs[10];
    for (uint32_t i = 0; i < 10; i++)
        jobs[i] = (bench_job){.at_s = 1.1, .service = EYE, .items = 1};
    bench.plan.jobs = jobs;
    bench.plan.job_count = 10;
    bench_create(&bench);
    bench_install(&bench, EYE, 2);
    jw_compute *compute = bench_compute(&bench);
    jw_site_id site = jw_compute_find_site(compute, "site");
    jw_error error = {0};
    assert_int_equal(jw_compute_add_cards(bench.world, compute, site, "card", 9, &error), JW_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "4.75 kW at full load, it has 4.6 kW"));
    assert_int_equal(jw_compute_add_cards(bench.world, compute, site, "cart", 1, &error), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_compute_add_cards(bench.world, compute, site, "card", 8, &error), JW_OK);
    assert_true(bench_site(&bench, 0).cards == 10 && bench_site(&bench, 0).instances == 2);
    assert_int_equal(jw_compute_install(bench.world, compute, site, EYE, 1, 7, &error), JW_OK);
    bench_run_s(&bench, 1);
    assert_int_equal(bench_site(&bench, 0).instances, 7);
    bench_run_s(&bench, 0.5);
    assert_true(bench_site(&bench, 0).running == 7 && bench_site(&bench, 0).queued == 3);
    jw_world *other;
    assert_int_equal(jw_world_fork(bench.world, &other, NULL), JW_OK);
    bench_run_s(&bench, 3);
    assert_int_equal(count_of(&bench, BENCH_DONE, JW_NONE), 10);
    for (uint32_t i = 0; jw_world_time_ns(other) < jw_world_time_ns(bench.world) && i < 1000; i++)
        assert_int_equal(jw_world_step(other, NULL), JW_OK);
    assert_true(jw_world_hash(other) == jw_world_hash(bench.world));
    jw_world_destroy(other);
    bench_destroy(&bench);
}

/* With its last card a service rejects what waits and what comes; a card that returns serves at once. */
static void test_the_last_card_and_its_return(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].gflop_per_item = 40000;
    static bench_job jobs[5];
    static const double at_s[] = {0.1, 0.2, 0.3, 1.2, 2.2};
    for (uint32_t i = 0; i < 5; i++)
        jobs[i] = (bench_job){.at_s = at_s[i], .service = EYE, .items = 1};
    bench.plan.jobs = jobs;
    bench.plan.job_count = 5;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 0.5);
    command(&bench, "fail_card", 0, 0);
    bench_run_s(&bench, 1);
    assert_int_equal(count_of(&bench, BENCH_REJECTED, JW_REJECT_FAILED), 3);
    assert_int_equal(count_of(&bench, BENCH_REJECTED, JW_REJECT_DOWN), 1);
    assert_true(jw_compute_estimate_s(bench.world, bench_compute(&bench), bench_site(&bench, 0).id, EYE, 1, 0,
                                      0) < 0);
    command(&bench, "repair_card", 0, JW_NONE);
    bench_run_s(&bench, 2);
    assert_int_equal(count_of(&bench, BENCH_DONE, JW_NONE), 1);
    bench_destroy(&bench);
}

/* Two racks, a service on each: one fails, the other goes on. */
static void test_a_rack_fails_alone(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 2;
    bench.sites[0].racks[1] = bench.sites[0].racks[0];
    bench.sites[0].rack_count = 2;
    static bench_job jobs[2000];
    uint32_t count = add_jobs(jobs, 0, 0.1, 10, 20);
    for (uint32_t i = 0; i < count; i += 10)
        jobs[i] = (bench_job){.at_s = jobs[i].at_s, .service = TALK, .items = 100, .output_tokens = 5};
    bench.plan.jobs = jobs;
    bench.plan.job_count = count;
    bench_create(&bench);
    bench_install(&bench, EYE, 2);
    bench_install(&bench, TALK, 2);
    bench_run_s(&bench, 3);
    command(&bench, "fail_rack", 0, JW_NONE);
    bench_run_s(&bench, 3);
    jw_site_state site = bench_site(&bench, 0);
    assert_true(site.is_up && site.cards_failed == 2 && site.instances == 2);
    command(&bench, "repair_rack", 0, JW_NONE);
    bench_run_s(&bench, 10);
    const bench_client *client = bench_client_of(&bench);
    for (uint32_t i = 0; i < count; i++) {
        bool is_eye = jobs[i].service == EYE, is_gap = jobs[i].at_s > 3.1 && jobs[i].at_s < 6;
        if (!is_eye || !is_gap)
            assert_true(client->results[i].outcome == BENCH_DONE || (jobs[i].at_s > 2.9 && is_eye));
        else
            assert_int_equal(client->results[i].outcome, BENCH_REJECTED);
    }
    bench_destroy(&bench);
}

/* A machine that fails after an exponential time of mean F and is repaired after one of mean R works F / (F +
 * R) of the time. 40 cards, 100 s and 50 s, over 20,000 s: the number of independent states is about 40 x
 * 20,000 / (2 x 33), so that the mean lies within 0.667 +- 3 x 0.0043. */
static void test_availability_of_repaired_cards(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 40;
    jw_fault_def fault = {.card_mtbf_s = 100, .card_mttr_s = 50};
    bench.compute.faults = &fault;
    bench.compute.fault_count = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 25);
    double working = 0;
    uint32_t looks = 0, low = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        bench_run_s(&bench, 10);
        jw_site_state site = bench_site(&bench, 0);
        working += 1 - (double)site.cards_failed / 40;
        low += site.instances < 25;
        looks++;
    }
    double share = working / looks;
    if (share < 0.654 || share > 0.680)
        fail_msg("%.4f of the cards work", share);
    assert_true(low > 0);
    bench_destroy(&bench);
}

static bool is_bad(double min, double max)
{
    jw_scale_def scale = {.min = (uint32_t)min, .max = (uint32_t)max};
    char fault[128];
    return !compute_is_scale_fine(&scale, fault);
}

/* 231 a second of 10 ms are 2.31 instances' work: 2.31 / 0.7 rounded up is 4. Then 40 a second: one, after
 * the cooldown. Then nothing, and with min 0 none; the next job waits until one is loaded. */
static void test_instances_follow_the_load(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 16;
    jw_scale_def scale = {.service = "eye", .min = 0, .max = 10, .interval_s = 15, .cooldown_s = 60};
    bench.compute.scales = &scale;
    bench.compute.scale_count = 1;
    static bench_job jobs[60000];
    uint32_t count = add_jobs(jobs, 0, 0.5, 150, 231);
    count = add_jobs(jobs, count, 150, 300, 40);
    jobs[count++] = (bench_job){.at_s = 500, .service = EYE, .items = 1};
    bench.plan.jobs = jobs;
    bench.plan.job_count = count;
    bench_create(&bench);
    bench_install(&bench, EYE, 0);
    assert_int_equal(bench_site(&bench, 0).instances, 1);
    bench_run_s(&bench, 30); /* one instance does 100 a second: the queue asks for all there are */
    assert_int_equal(bench_site(&bench, 0).instances, 10);
    bench_run_s(&bench, 120);
    assert_int_equal(bench_site(&bench, 0).instances, 4);
    bench_run_s(&bench, 40);
    assert_int_equal(bench_site(&bench, 0).instances, 4); /* not yet */
    bench_run_s(&bench, 100);
    assert_int_equal(bench_site(&bench, 0).instances, 1);
    bench_run_s(&bench, 150);
    assert_int_equal(bench_site(&bench, 0).instances, 0);
    bench_run_s(&bench, 100);
    const bench_result *last = &bench_client_of(&bench)->results[count - 1];
    /* A look within a second, the image of 1 GB at 2 GB/s, the work. */
    assert_true(last->outcome == BENCH_DONE && bench_time_s(last) > 0.5 && bench_time_s(last) < 1.6);
    assert_int_equal(count_of(&bench, BENCH_DONE, JW_NONE), count);
    assert_true(is_bad(3, 2) && is_bad(0, 0) && is_bad(0, 1e6) && !is_bad(0, 1));
    bench_destroy(&bench);
}

/* Fewer free cards than wanted: as many as there are. A failed instance is replaced by a free card. */
static void test_failed_instances_are_replaced(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 3;
    jw_scale_def scale = {.service = "eye", .min = 2, .max = 10};
    bench.compute.scales = &scale;
    bench.compute.scale_count = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 0);
    assert_int_equal(bench_site(&bench, 0).instances, 2);
    command(&bench, "fail_card", 0, 0);
    bench_run_s(&bench, 1);
    assert_int_equal(bench_site(&bench, 0).instances, 1);
    bench_run_s(&bench, 30);
    assert_int_equal(bench_site(&bench, 0).instances, 2);
    command(&bench, "fail_card", 0, 1);
    bench_run_s(&bench, 30);
    assert_true(bench_site(&bench, 0).instances == 1 && bench_site(&bench, 0).cards_failed == 2);
    command(&bench, "repair_card", 0, JW_NONE);
    bench_run_s(&bench, 30);
    assert_int_equal(bench_site(&bench, 0).instances, 2);
    bench_destroy(&bench);
}

/* A new instance loads its model for ten seconds, in which the site is away: it works afterwards. */
static void test_an_instance_loads_through_an_outage(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 3;
    jw_scale_def scale = {.service = "eye", .min = 2, .max = 2, .load_gbyte_per_s = 0.1};
    bench.compute.scales = &scale;
    bench.compute.scale_count = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 0);
    command(&bench, "fail_card", 0, 0);
    const installed *in = &bench_compute(&bench)->sites[0].services[0];
    for (int i = 0; i < 40 && (in->on_count < 2 || in->ready_count == 2); i++)
        bench_run_s(&bench, 0.5);
    assert_true(in->on_count == 2 && in->ready_count == 1);
    bench_command(&bench, "fail_site", "site");
    bench_run_s(&bench, 1);
    bench_command(&bench, "repair_site", "site");
    bench_run_s(&bench, 60);
    assert_int_equal(bench_site(&bench, 0).instances, 2);
    bench_destroy(&bench);
}

/* Six instances, fewer wanted; while that must last, four are lost with their cards. Those that are left are
 * not given up for what was wanted before. */
static void test_what_failed_is_not_dropped_again(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 6;
    jw_scale_def scale = {.service = "eye", .min = 1, .max = 6, .interval_s = 15, .cooldown_s = 60};
    bench.compute.scales = &scale;
    bench.compute.scale_count = 1;
    static bench_job jobs[30000];
    uint32_t count = add_jobs(jobs, 0, 0.5, 40, 400); /* all six */
    count = add_jobs(jobs, count, 40, 62, 300);       /* five of them */
    bench.plan.jobs = jobs;
    bench.plan.job_count = add_jobs(jobs, count, 62, 180, 40);
    bench_create(&bench);
    bench_install(&bench, EYE, 0);
    bench_run_s(&bench, 80);
    assert_int_equal(bench_site(&bench, 0).instances, 6);
    for (uint32_t i = 0; i < 4; i++)
        command(&bench, "fail_card", 0, 0);
    for (uint32_t i = 0; i < 100; i++) {
        bench_run_s(&bench, 1);
        assert_true(bench_site(&bench, 0).instances >= 1);
    }
    bench_destroy(&bench);
}

/* Cancelled: out of the queue or out of work at once, and the next begins; counted as rejected, nobody is
 * told. */
static void test_cancelled_jobs(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.services[EYE].gflop_per_item = 40000;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    jw_compute *compute = bench_compute(&bench);
    jw_job_id ids[4];
    jw_error error = {0};
    jw_job_def one = {.site = bench_site(&bench, 0).id, .service = EYE, .items = 1, .tag = 99};
    bench_run_s(&bench, 0.5);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(jw_compute_submit(bench.world, compute, &one, &ids[i], &error), JW_OK);
    jw_compute_cancel(bench.world, compute, ids[3]);
    jw_compute_cancel(bench.world, compute, ids[1]);
    jw_compute_cancel(bench.world, compute, ids[0]);
    jw_compute_cancel(bench.world, compute, ids[1]);                                      /* stale */
    assert_true(bench_site(&bench, 0).queued == 0 && bench_site(&bench, 0).running == 1); /* the third */
    bench_run_s(&bench, 0.5);
    jw_compute_cancel(bench.world, compute, ids[2]);
    assert_true(bench_site(&bench, 0).running == 0 && bench_site(&bench, 0).utilisation == 0);
    assert_int_equal(jw_compute_service_counts(compute, EYE).cancelled, 4);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(jw_world_step(bench.world, &error), JW_OK);
    jw_compute_counts counts = jw_compute_count(bench.world, compute);
    assert_true(counts.submitted == 4 && counts.rejected == 4 && counts.done == 0 && counts.running == 0);
    assert_int_equal(bench_client_of(&bench)->strays, 0); /* no port was called */
    bench_destroy(&bench);
}

/* A batch goes on without the picture that nobody wants; a stream's share is free; a training stops. */
static void test_cancelled_in_work_by_kind(void **state)
{
    (void)state;
    static const struct {
        jw_service_kind kind;
        uint32_t held; /* of three jobs, when the first is cancelled */
    } kinds[] = {
        {JW_SERVICE_VISION, 3}, {JW_SERVICE_FUNCTION, 1}, {JW_SERVICE_TRAINING, 1}, {JW_SERVICE_STREAM, 2}};
    static const bench_job never[] = {{1e8, EYE, 1, 0}}; /* its result takes all calls */
    for (uint32_t k = 0; k < JW_COUNT_OF(kinds); k++) {
        bench_world bench;
        bench_init(&bench);
        bench.plan.jobs = never;
        bench.plan.job_count = 1;
        jw_service *eye = &bench.services[EYE];
        eye->kind = kinds[k].kind;
        eye->gflop_per_item = 40000; /* 1 s; of a stream's card at 0.4 a second two fifths */
        eye->max_batch = 3;
        eye->max_wait_s = 0.1;
        eye->frame_rate_hz = 0.4;
        bench_create(&bench);
        bench_install(&bench, EYE, 1);
        jw_compute *compute = bench_compute(&bench);
        jw_job_id ids[3];
        jw_error error = {0};
        jw_job_def one = {.site = bench_site(&bench, 0).id, .service = EYE, .items = 1};
        bench_run_s(&bench, 0.5);
        for (uint32_t i = 0; i < 3; i++)
            assert_int_equal(jw_compute_submit(bench.world, compute, &one, &ids[i], &error), JW_OK);
        bench_run_s(&bench, 0.5);
        assert_int_equal(bench_site(&bench, 0).running, kinds[k].held);
        jw_compute_cancel(bench.world, compute, ids[0]);
        jw_compute_counts counts = jw_compute_count(bench.world, compute);
        assert_int_equal(counts.running, kinds[k].kind == JW_SERVICE_VISION ? 2 : 1); /* or the next one */
        jw_compute_cancel(bench.world, compute, ids[1]);
        jw_compute_cancel(bench.world, compute, ids[2]);
        counts = jw_compute_count(bench.world, compute);
        assert_true(counts.running == 0 && counts.queued <= 1); /* a stream's refusal is yet to be said */
        assert_true(bench_site(&bench, 0).utilisation == 0);
        bench_run_s(&bench, 5);
        counts = jw_compute_count(bench.world, compute);
        assert_true(counts.rejected == 3 && counts.done == 0 && counts.running == 0);
        bench_destroy(&bench);
    }
}

/* Two instances fail, the second's repair is due first: that one works again. What it was due for does not
 * become another's when its instance has been given up meanwhile. */
static void test_a_repair_mends_its_card(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 3;
    bench_create(&bench);
    bench_install(&bench, EYE, 2);
    jw_compute *compute = bench_compute(&bench);
    compute_site *s = &compute->sites[0];
    const server *servers = s->services[0].servers;
    command(&bench, "fail_card", 0, 0);
    command(&bench, "fail_card", 0, 0); /* of the working ones: the second instance's */
    command(&bench, "fail_card", 0, 0); /* the free one */
    bench_run_s(&bench, 0.5);
    assert_true(servers[0].off && servers[1].off && s->rack_failed[0] == 1 && s->broken_count == 3);
    jw_schedule(bench.world, jw_world_time_ns(bench.world) + 1, JW_PRIORITY_NORMAL, (uint16_t)compute->module,
                EVENT_REPAIR, 1, s->broken[1].id);
    bench_run_s(&bench, 0.5);
    assert_true(servers[0].off && !servers[1].off && s->rack_failed[0] == 1);
    uint32_t last = s->broken[1].id;
    command(&bench, "repair_card", 0, JW_NONE); /* by hand: the one that failed first */
    bench_run_s(&bench, 0.5);
    assert_true(!servers[0].off && s->rack_failed[0] == 1);
    jw_schedule(bench.world, jw_world_time_ns(bench.world) + 1, JW_PRIORITY_NORMAL, (uint16_t)compute->module,
                EVENT_REPAIR, 1, last - 2); /* mended already: nothing */
    bench_run_s(&bench, 0.5);
    assert_int_equal(bench_site(&bench, 0).cards_failed, 1);
    command(&bench, "fail_card", 0, 1);
    bench_run_s(&bench, 0.5);
    assert_int_equal(jw_compute_uninstall(bench.world, compute, bench_site(&bench, 0).id, EYE, NULL), JW_OK);
    assert_true(s->rack_failed[0] == 2 && compute_is_broken_sound(s));
    jw_schedule(bench.world, jw_world_time_ns(bench.world) + 1, JW_PRIORITY_NORMAL, (uint16_t)compute->module,
                EVENT_REPAIR, 1, last);
    bench_run_s(&bench, 0.5);
    assert_true(s->rack_failed[0] == 1 && s->broken[0].id == last + 1);
    bench_destroy(&bench);
}

static void make_busy(bench_world *bench)
{
    static jw_scale_def scale;
    static jw_fault_def fault;
    bench_init(bench);
    scale = (jw_scale_def){.service = "eye", .min = 1, .max = 6, .interval_s = 3, .cooldown_s = 5};
    fault = (jw_fault_def){.card_mtbf_s = 30, .card_mttr_s = 10};
    bench->sites[0].racks[0].count = 6;
    bench->sites[0].racks[1] = bench->sites[0].racks[0];
    bench->sites[0].rack_count = 2;
    bench->compute.scales = &scale;
    bench->compute.faults = &fault;
    bench->compute.scale_count = bench->compute.fault_count = 1;
    bench->plan.poisson_mean_s = 0.004;
    bench->plan.poisson_count = 5000;
    bench->plan.poisson_items = 1;
    bench_create(bench);
    bench_install(bench, EYE, 0);
    bench_install(bench, TALK, 2);
    bench_run_s(bench, 8);
    command(bench, "fail_rack", 1, JW_NONE);
    bench_run_s(bench, 0.5);
}

static void test_restored_goes_on_alike(void **state)
{
    (void)state;
    bench_world bench;
    make_busy(&bench);
    jw_writer image = {0};
    assert_int_equal(jw_world_save(bench.world, &image, NULL), JW_OK);
    uint64_t saved = jw_world_hash(bench.world);
    for (int i = 0; i < 60; i++)
        assert_int_equal(jw_world_step(bench.world, NULL), JW_OK);
    uint64_t after = jw_world_hash(bench.world);
    assert_int_equal(jw_world_restore(bench.world, image.bytes, image.size, NULL), JW_OK);
    assert_true(jw_world_hash(bench.world) == saved);
    for (int i = 0; i < 60; i++)
        assert_int_equal(jw_world_step(bench.world, NULL), JW_OK);
    assert_true(jw_world_hash(bench.world) == after);
    assert_int_equal(jw_world_restore(bench.world, image.bytes, image.size, NULL), JW_OK);
    assert_true(damage_all(bench.world, 1 + (uint32_t)(image.size / 1500), 4, false) > 0);
    jw_writer_free(&image);
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_a_card_takes_its_job_with_it),     JW_UNIT(test_a_site_grows),
        JW_UNIT(test_the_last_card_and_its_return),     JW_UNIT(test_a_rack_fails_alone),
        JW_UNIT(test_availability_of_repaired_cards),   JW_UNIT(test_instances_follow_the_load),
        JW_UNIT(test_failed_instances_are_replaced),    JW_UNIT(test_an_instance_loads_through_an_outage),
        JW_UNIT(test_what_failed_is_not_dropped_again), JW_UNIT(test_cancelled_jobs),
        JW_UNIT(test_cancelled_in_work_by_kind),        JW_UNIT(test_a_repair_mends_its_card),
        JW_UNIT(test_restored_goes_on_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
