/* Sectors, sources and consumers over sites that are all this test has of a city: a gigabyte takes a second,
 * data of residency 1 may only be at odd sites, and the counts of feeds are set by hand. */
#include "ai/ai_sector.h"
#include "compute/damage.h"

#include <stdio.h>

enum { AI, TOWN, MODULES };
enum { SITES = 16, MANY = 400 };

typedef struct town {
    uint8_t is_down[SITES];
    uint64_t counts[JW_FEED_COUNT];
    uint32_t fails;
    uint32_t asked; /* connections that an arrival asked for */
} town;

static town *town_of(const jw_world *world)
{
    return jw_world_state(world, TOWN);
}

static jw_ai *ai_of(const jw_world *world)
{
    return jw_world_state(world, AI);
}

static jw_result on_start(jw_world *world, uint64_t from, uint64_t to, int64_t bytes, uint64_t tag)
{
    if (from >= SITES || to >= SITES)
        return JW_ERROR_NOT_FOUND;
    jw_schedule(world, jw_world_time_ns(world) + bytes, JW_PRIORITY_NORMAL, TOWN, 0, 0, tag);
    return JW_OK;
}

/* A stopped transfer still ends: who stopped it has to know better. */
static void on_stop(jw_world *world, uint64_t tag)
{
    (void)world, (void)tag;
}

static jw_result on_install(jw_world *world, uint64_t site, uint32_t service, uint32_t version,
                            jw_error *error)
{
    (void)world, (void)site, (void)service, (void)version, (void)error;
    return JW_OK;
}

static bool on_is_up(jw_world *world, uint64_t site)
{
    return site < SITES && !town_of(world)->is_down[site];
}

static double on_distance(jw_world *world, uint64_t from, uint64_t to)
{
    (void)world;
    return from > to ? (double)(from - to) : (double)(to - from);
}

static bool on_may_hold(jw_world *world, uint64_t home, uint8_t residency, uint64_t site)
{
    (void)world, (void)home;
    return residency == 0 || site % 2 == 1;
}

static uint64_t on_measured(const jw_world *world, uint8_t feed)
{
    return town_of(world)->counts[feed < JW_FEED_COUNT ? feed : 0];
}

static jw_result town_attach(jw_world *world, void *state, jw_error *error)
{
    (void)state, (void)error;
    jw_ai_ports ports = {.start_transfer = on_start,
                         .stop_transfer = on_stop,
                         .install = on_install,
                         .is_site_up = on_is_up,
                         .distance_s = on_distance,
                         .may_hold = on_may_hold,
                         .measured = on_measured};
    jw_ai_set_ports(ai_of(world), &ports);
    return JW_OK;
}

static void ask_next(jw_world *world, town *t)
{
    char source[32], consumer[32];
    snprintf(source, sizeof source, "s%u", t->asked / MANY);
    snprintf(consumer, sizeof consumer, "c%u", t->asked % MANY);
    t->asked++;
    (void)jw_ai_connect_source(world, ai_of(world), consumer, source, NULL);
}

static void town_on_event(jw_world *world, void *state, const jw_event *event)
{
    town *t = state;
    if (event->kind == 1) {
        ask_next(world, t);
        return;
    }
    bool is_ok = t->fails == 0;
    t->fails -= t->fails > 0;
    jw_ai_transfer_ended(world, ai_of(world), event->b, is_ok);
}

static void town_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    jw_write_bytes(writer, state, sizeof(town));
}

static void town_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    jw_read_bytes(reader, state, sizeof(town));
}

static const jw_module town_module = {.name = "town",
                                      .version = 1,
                                      .state_size = sizeof(town),
                                      .attach = town_attach,
                                      .on_event = town_on_event,
                                      .save = town_save,
                                      .load = town_load};

static jw_result try_create(jw_world **out)
{
    static const jw_ai_def def = {0};
    static const jw_module_entry entries[] = {{&jw_ai_module, &def}, {&town_module, NULL}};
    jw_world_def world = {.seed = 1, .modules = entries, .module_count = MODULES};
    return jw_world_create(&world, out, NULL);
}

/* A working day is a second; the substrate stands at site 9. */
static jw_integration_def plan_of(jw_wiring wiring, uint32_t integrators)
{
    jw_integration_def plan = jw_default_integration_def();
    plan.wiring = (uint8_t)wiring;
    plan.substrate = 9;
    plan.day_s = 1;
    plan.integrators = integrators;
    plan.substrate_days = 0;
    plan.substrate_packages = 1;
    plan.schema_days = 0;
    plan.batch_s = 10;
    return plan;
}

static jw_source_def source_of(const char *id, const char *sector)
{
    jw_source_def def = {.records_per_day = 86400, /* one a second */
                         .history_days = 0,
                         .record_bytes = 1000,
                         .quality = 1,
                         .sensitivity = 1,
                         .coverage = 1,
                         .match = 1,
                         .persons = 10000,
                         .effort_days = 5,
                         .home = 1};
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.sector, sizeof def.sector, "%s", sector);
    return def;
}

static jw_consumer_def consumer_of(const char *id, uint64_t site)
{
    jw_consumer_def def = {.site = site, .effort_days = 5, .purpose = "planning"};
    snprintf(def.id, sizeof def.id, "%s", id);
    return def;
}

static void want(jw_consumer_def *def, const char *source)
{
    snprintf(def->sources[def->source_count++], JW_MODEL_ID_SIZE, "%s", source);
}

static void check_sums(const jw_world *world)
{
    jw_error error = {0};
    if (!jw_ai_is_data_consistent(ai_of(world), &error))
        fail_msg("%s", error.message);
    jw_data_counts c = jw_ai_count_data(ai_of(world));
    assert_int_equal(c.asked_bytes, c.arrived_bytes + c.lost_bytes + c.moving_bytes);
}

static void run_s(jw_world *world, double seconds)
{
    for (uint32_t i = 0; i < seconds * 2; i++) {
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        check_sums(world);
    }
}

static void add_sector(jw_world *world, const char *id, const char *purpose)
{
    jw_sector_def def = {.purpose_count = purpose[0] ? 1 : 0};
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.purposes[0], sizeof def.purposes[0], "%s", purpose);
    assert_int_equal(jw_ai_add_sector(ai_of(world), &def, NULL), JW_OK);
}

static jw_result connect(jw_world *world, const char *consumer, const char *source)
{
    return jw_ai_connect_source(world, ai_of(world), consumer, source, NULL);
}

/* N sources and M consumers who want all of them, asked for at once. */
static jw_world *create_grid(const jw_integration_def *plan, uint32_t sources, uint32_t consumers)
{
    jw_world *world;
    char id[32];
    assert_int_equal(try_create(&world), JW_OK);
    assert_int_equal(jw_ai_set_integration(ai_of(world), plan, NULL), JW_OK);
    add_sector(world, "tax", "planning");
    for (uint32_t i = 0; i < sources; i++) {
        snprintf(id, sizeof id, "s%u", i);
        jw_source_def def = source_of(id, "tax");
        assert_int_equal(jw_ai_add_source(world, ai_of(world), &def, NULL), JW_OK);
    }
    for (uint32_t c = 0; c < consumers; c++) {
        snprintf(id, sizeof id, "c%u", c);
        jw_consumer_def def = consumer_of(id, 3 + 2 * (c % 3));
        for (uint32_t i = 0; i < sources && i < JW_CONSUMER_SOURCES_MAX; i++) {
            snprintf(id, sizeof id, "s%u", i);
            want(&def, id);
        }
        assert_int_equal(jw_ai_add_consumer(ai_of(world), &def, NULL), JW_OK);
    }
    return world;
}

static void connect_all(jw_world *world, uint32_t consumers)
{
    char id[32];
    for (uint32_t c = 0; c < consumers; c++) {
        snprintf(id, sizeof id, "c%u", c);
        assert_int_equal(connect(world, id, ""), JW_OK);
    }
}

/* ---- adapters and the people who build them ---- */

/* Adapters of equal effort are built in rounds of as many as there are people: N x M of 10 days take
 * ceil(NM / c) rounds; N + M of 5 days, ceil((N + M) / c). */
static void test_every_pair_or_every_end_has_an_adapter(void **state)
{
    (void)state;
    static const struct {
        uint32_t sources, consumers, people;
    } cases[] = {{6, 5, 4}, {12, 7, 5}, {3, 2, 1}, {1, 1, 2}, {2, 2, 3}};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        uint32_t n = cases[i].sources, m = cases[i].consumers, c = cases[i].people;
        for (jw_wiring wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++) {
            bool is_fabric = wiring == JW_WIRING_FABRIC;
            jw_integration_def plan = plan_of(wiring, c);
            jw_world *world = create_grid(&plan, n, m);
            connect_all(world, m);
            uint32_t adapters = is_fabric ? n + m : n * m;
            double each_days = is_fabric ? 5 : 10, rounds = jw_ceil((double)adapters / c);
            run_s(world, rounds * each_days - 1);
            jw_integration_state s = jw_ai_integration(world, ai_of(world));
            uint32_t packages = is_fabric; /* the substrate, of no effort here */
            assert_true(s.adapters == adapters + packages && s.adapters_done < s.adapters);
            run_s(world, 2);
            s = jw_ai_integration(world, ai_of(world));
            assert_int_equal(s.adapters_done, s.adapters);
            assert_true(jw_abs(s.person_days - adapters * each_days) < 1e-9);
            assert_true(jw_abs(s.cost_cny - s.person_days * 2000) < 1e-6);
            run_s(world, 12);
            s = jw_ai_integration(world, ai_of(world));
            assert_int_equal(s.consumers_complete, m);
            /* The last one has the whole time behind it. */
            jw_consumer_state last, one;
            assert_true(jw_ai_consumer(world, ai_of(world), m - 1, &last));
            for (uint32_t k = 0; jw_ai_consumer(world, ai_of(world), k, &one); k++)
                assert_true(one.adapter_days <= last.adapter_days + 1e-9);
            assert_true(jw_abs(last.adapter_days - rounds * each_days) < 1e-9);
            assert_true(last.data_days > last.adapter_days && last.load_s < 1);
            jw_world_destroy(world);
        }
    }
}

/* The substrate pays from a size on only: with packages of 60 days and 2 more for each schema, 3 x 2 pairs of
 * 10 days are less than 60 + 5 x 7, and 6 x 5 of them are more than 60 + 11 x 7. */
static void test_the_substrate_pays_from_a_size_on(void **state)
{
    (void)state;
    static const struct {
        uint32_t sources, consumers;
        double days[2];
    } cases[] = {{3, 2, {60, 95}}, {6, 5, {300, 137}}};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++)
        for (jw_wiring wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++) {
            jw_integration_def plan = plan_of(wiring, 100);
            plan.substrate_days = 60;
            plan.substrate_packages = 6;
            plan.schema_days = 2;
            jw_world *world = create_grid(&plan, cases[i].sources, cases[i].consumers);
            connect_all(world, cases[i].consumers);
            run_s(world, 30);
            jw_integration_state s = jw_ai_integration(world, ai_of(world));
            assert_true(jw_abs(s.person_days - cases[i].days[wiring]) < 1e-9);
            assert_int_equal(s.consumers_complete, cases[i].consumers);
            jw_world_destroy(world);
        }
}

/* One integrator, work of a fixed length, requests as a Poisson process: M/D/1, whose mean time in the queue
 * is rho D / (2 (1 - rho)) (Pollaczek and Khinchine). */
static void test_integrators_are_a_queue(void **state)
{
    (void)state;
    jw_integration_def plan = plan_of(JW_WIRING_POINT_TO_POINT, 1);
    plan.batch_s = 1e6; /* records are of no interest here */
    jw_world *world = create_grid(&plan, 12, MANY);
    const double work_days = 10, rho = 0.7;
    double at_s = 0;
    for (uint32_t i = 0; i < 12 * MANY; i++) {
        at_s += jw_random_exponential((jw_random_key){7, 1}, i, 0, work_days / rho);
        jw_schedule(world, jw_ns_from_s(at_s), JW_PRIORITY_NORMAL, TOWN, 1, 0, 0);
    }
    for (double t = 0; t < at_s + 2000; t += 0.5)
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
    double sum_days = 0;
    uint32_t count = 0;
    jw_adapter_state a;
    for (; jw_ai_adapter(world, ai_of(world), count, &a); count++) {
        assert_int_equal(a.phase, JW_ADAPTER_DONE);
        sum_days += a.waited_days;
    }
    assert_int_equal(count, 12 * MANY);
    double expected_days = rho * work_days / (2 * (1 - rho));
    print_message("M/D/1 at %.1f: waited %.2f days, %.2f by Pollaczek and Khinchine\n", rho, sum_days / count,
                  expected_days);
    assert_true(jw_abs(sum_days / count - expected_days) < 0.15 * expected_days);
    jw_world_destroy(world);
}

static void test_a_changed_schema_is_worked_on_again(void **state)
{
    (void)state;
    for (jw_wiring wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++) {
        jw_integration_def plan = plan_of(wiring, 100);
        jw_world *world = create_grid(&plan, 2, 4);
        connect_all(world, 4);
        run_s(world, 33);
        double before_days = jw_ai_integration(world, ai_of(world)).person_days;
        jw_stream_state s0;
        assert_int_equal(jw_ai_change_schema(world, ai_of(world), "s0", NULL), JW_OK);
        assert_true(jw_ai_stream(ai_of(world), wiring == JW_WIRING_FABRIC ? 1 : 0, &s0));
        assert_true(s0.phase == JW_STREAM_WAITING && s0.delivered > 0);
        int64_t delivered = s0.delivered;
        run_s(world, 1.5); /* two days of work for each adapter of the source */
        assert_true(jw_ai_stream(ai_of(world), wiring == JW_WIRING_FABRIC ? 1 : 0, &s0));
        assert_int_equal(s0.delivered, delivered);
        run_s(world, 20);
        assert_true(jw_ai_stream(ai_of(world), wiring == JW_WIRING_FABRIC ? 1 : 0, &s0));
        assert_true(s0.phase == JW_STREAM_OPEN && s0.delivered > delivered);
        double rework_days = jw_ai_integration(world, ai_of(world)).person_days - before_days;
        assert_true(jw_abs(rework_days - (wiring == JW_WIRING_FABRIC ? 2 : 4 * 2)) < 1e-9);
        jw_world_destroy(world);
    }
}

/* ---- records ---- */

/* One consumer c at site 3 with sources given. */
static jw_world *create_one(const jw_integration_def *plan, const jw_source_def *sources, uint32_t count,
                            bool is_joined)
{
    jw_world *world;
    assert_int_equal(try_create(&world), JW_OK);
    assert_int_equal(jw_ai_set_integration(ai_of(world), plan, NULL), JW_OK);
    add_sector(world, "tax", "planning");
    add_sector(world, "health", "");
    jw_consumer_def c = consumer_of("c", 3);
    c.is_joined = is_joined;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(jw_ai_add_source(world, ai_of(world), &sources[i], NULL), JW_OK);
        want(&c, sources[i].id);
    }
    assert_int_equal(jw_ai_add_consumer(ai_of(world), &c, NULL), JW_OK);
    return world;
}

/* 1000 records of history and one a second, a tenth of them wrong, of which 80 % are found. */
static void test_every_record_is_accounted_for(void **state)
{
    (void)state;
    jw_integration_def plan = plan_of(JW_WIRING_POINT_TO_POINT, 1);
    jw_source_def source = source_of("s", "tax");
    source.history_days = 1000.0 / 86400;
    source.quality = 0.9;
    source.record_bytes = 1e6; /* a thousand of them take a second */
    jw_world *world = create_one(&plan, &source, 1, false);
    assert_int_equal(connect(world, "c", ""), JW_OK);
    run_s(world, 109.5);
    jw_stream_state s;
    assert_true(jw_ai_stream(ai_of(world), 0, &s));
    /* Built after 10 s; batches at 10, 20, ... 100: what is seen then is 1000 + 100. */
    assert_int_equal(s.seen, 1100);
    assert_true(s.dropped_quality == 87 || s.dropped_quality == 88); /* parts of a record wait */
    double left = 1100.0 - (double)s.dropped_quality;
    assert_true((double)s.delivered == left);
    jw_corpus corpus;
    assert_true(jw_ai_corpus(world, ai_of(world), "c", &corpus));
    assert_true(corpus.records == left && corpus.tokens == left * 1e6 / 4);
    assert_true(jw_abs(corpus.quality - 0.9 / 0.92) < 1e-12);
    assert_true(jw_abs(corpus.coverage - left / 1100) < 1e-12);
    /* Mean age: of 1000 made evenly in the 1000 s before the start, and 100 in the 100 s after it. */
    double age_s = 109.5 - (1000 * -500.0 + 100 * 50) / 1100;
    assert_true(jw_abs(corpus.age_days * 86400 - age_s) < 0.5);
    jw_dataset_state set;
    assert_true(jw_ai_dataset(ai_of(world), 0, &set));
    assert_true((double)set.def->size_bytes == left * 1e6 && set.replicas == 1 && set.def->home == 3);
    assert_int_equal(jw_ai_count_data(ai_of(world)).arrived_bytes, set.def->size_bytes);
    jw_world_destroy(world);
}

static void test_a_failed_transfer_goes_again(void **state)
{
    (void)state;
    jw_integration_def plan = plan_of(JW_WIRING_POINT_TO_POINT, 1);
    jw_source_def source = source_of("s", "tax");
    jw_world *world = create_one(&plan, &source, 1, false);
    town_of(world)->fails = 2;
    assert_int_equal(connect(world, "c", "s"), JW_OK);
    run_s(world, 29.5);
    jw_stream_state s;
    assert_true(jw_ai_stream(ai_of(world), 0, &s));
    assert_true(s.delivered == 0 && s.checked == 20 && s.seen == 20);
    run_s(world, 5);
    assert_true(jw_ai_stream(ai_of(world), 0, &s) && s.delivered == 30 && s.seen == 30);
    /* Down when a batch is due: it waits. Down while one is moving: it is moved again. */
    town_of(world)->is_down[3] = 1;
    run_s(world, 10);
    assert_true(jw_ai_stream(ai_of(world), 0, &s) && s.delivered == 30 && s.waiting == 10);
    town_of(world)->is_down[3] = 0;
    run_s(world, 10);
    assert_true(jw_ai_stream(ai_of(world), 0, &s) && s.delivered == 50);
    jw_world_destroy(world);
}

static void test_a_site_that_fails_or_loses_its_store(void **state)
{
    (void)state;
    jw_integration_def plan = plan_of(JW_WIRING_FABRIC, 10);
    jw_source_def source = source_of("s", "tax");
    source.record_bytes = 1e8; /* ten take a second */
    jw_world *world = create_one(&plan, &source, 1, false);
    assert_int_equal(connect(world, "c", "s"), JW_OK);
    run_s(world, 25.5); /* the second batch, of ten, is moving to the substrate */
    jw_stream_state up, down;
    assert_true(jw_ai_stream(ai_of(world), 1, &up) && up.moving > 0 && !up.consumer[0]);
    int64_t moving = up.moving;
    jw_ai_site_down(world, ai_of(world), 9);
    assert_true(jw_ai_stream(ai_of(world), 1, &up) && up.moving == 0 && up.checked == moving);
    run_s(world, 40);
    assert_true(jw_ai_stream(ai_of(world), 0, &down) && down.delivered > 0);
    jw_ai_forget_store(world, ai_of(world), 9);
    check_sums(world);
    assert_true(jw_ai_stream(ai_of(world), 1, &up) && up.delivered == 0 && up.lost > 0);
    jw_ai_forget_store(world, ai_of(world), 3);
    assert_true(jw_ai_stream(ai_of(world), 0, &down) && down.delivered == 0 && down.lost > 0);
    run_s(world, 30);
    assert_true(jw_ai_stream(ai_of(world), 0, &down) && down.delivered > 0);
    jw_world_destroy(world);
}

static void test_residency_holds_in_either_wiring(void **state)
{
    (void)state;
    for (jw_wiring wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++) {
        jw_integration_def plan = plan_of(wiring, 10);
        plan.substrate = wiring == JW_WIRING_FABRIC ? 8 : 9; /* even: may not hold it */
        jw_source_def source = source_of("s", "tax");
        source.residency = 1;
        jw_world *world = create_one(&plan, &source, 1, false);
        assert_int_equal(connect(world, "c", "s"), JW_OK);
        run_s(world, 45);
        jw_stream_state s;
        assert_true(jw_ai_stream(ai_of(world), wiring == JW_WIRING_FABRIC ? 1 : 0, &s));
        if (wiring == JW_WIRING_FABRIC)
            assert_true(s.dropped_residency == s.seen && s.delivered == 0 && s.seen > 0);
        else
            assert_true(s.dropped_residency == 0 && s.delivered > 0);
        jw_world_destroy(world);
    }
}

static void test_records_come_from_what_the_city_counted(void **state)
{
    (void)state;
    jw_integration_def plan = plan_of(JW_WIRING_POINT_TO_POINT, 1);
    jw_source_def source = source_of("s", "tax");
    source.feed = JW_FEED_TRIPS;
    source.records_per_event = 2.5;
    source.persons = 0;
    jw_world *world = create_one(&plan, &source, 1, false);
    town_of(world)->counts[JW_FEED_TRIPS] = 100;
    assert_int_equal(connect(world, "c", ""), JW_OK);
    run_s(world, 15);
    jw_stream_state s;
    assert_true(jw_ai_stream(ai_of(world), 0, &s) && s.seen == 250);
    town_of(world)->counts[JW_FEED_TRIPS] = 40; /* counted anew: from zero, after a warm-up */
    run_s(world, 10);
    assert_true(jw_ai_stream(ai_of(world), 0, &s) && s.seen == 350 && s.delivered == 350);
    jw_source_state made;
    assert_true(jw_ai_source(world, ai_of(world), 0, &made) && made.made == 350 && made.exposure == 0);
    jw_world_destroy(world);
}

/* ---- purposes ---- */

static void test_purposes_are_refused_until_allowed(void **state)
{
    (void)state;
    for (jw_wiring wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++) {
        jw_integration_def plan = plan_of(wiring, 10);
        jw_source_def sources[2] = {source_of("s", "tax"), source_of("h", "health")};
        jw_world *world = create_one(&plan, sources, 2, false);
        assert_int_equal(connect(world, "c", ""), JW_OK);
        assert_int_equal(connect(world, "c", ""), JW_ERROR_EXISTS);
        run_s(world, 33);
        jw_sector_state health;
        jw_consumer_state c;
        assert_true(jw_ai_sector(ai_of(world), 1, &health) && health.refused == 1);
        assert_true(jw_ai_consumer(world, ai_of(world), 0, &c));
        assert_true(c.asked == 2 && c.refused == 1 && c.served == 1 && c.is_complete);
        assert_true(c.corpus.coverage <= 0.5 && c.corpus.coverage > 0.3);
        double before_days = jw_ai_integration(world, ai_of(world)).person_days;
        assert_int_equal(jw_ai_allow_purpose(world, ai_of(world), "health", "planning", true, NULL), JW_OK);
        run_s(world, 30);
        assert_true(jw_ai_consumer(world, ai_of(world), 0, &c) && c.served == 2 && c.refused == 0);
        double more_days = jw_ai_integration(world, ai_of(world)).person_days - before_days;
        assert_true(jw_abs(more_days - (wiring == JW_WIRING_FABRIC ? 5 : 10)) < 1e-9);
        /* Forbidden again: what has come stays, nothing more comes. */
        assert_int_equal(jw_ai_allow_purpose(world, ai_of(world), "health", "planning", false, NULL), JW_OK);
        run_s(world, 1);
        jw_stream_state s;
        uint32_t slot = 0;
        while (jw_ai_stream(ai_of(world), slot, &s) && !(s.source[0] == 'h' && s.consumer[0]))
            slot++;
        int64_t delivered = s.delivered;
        assert_true(delivered > 0 && s.phase == JW_STREAM_FORBIDDEN);
        run_s(world, 30);
        assert_true(jw_ai_stream(ai_of(world), slot, &s) && s.delivered == delivered);
        jw_world_destroy(world);
    }
}

/* ---- joining, anonymity, exposure ---- */

/* 1000 records each; the second source knows half of the people and can be matched in 0.8 of them. */
static void test_joined_records_find_their_partners(void **state)
{
    (void)state;
    jw_integration_def plan = plan_of(JW_WIRING_POINT_TO_POINT, 10);
    jw_source_def sources[2] = {source_of("s", "tax"), source_of("t", "tax")};
    for (uint32_t i = 0; i < 2; i++) {
        sources[i].records_per_day = 1000;
        sources[i].history_days = 1;
        sources[i].record_bytes = 400;
    }
    sources[0].coverage = 0.9;
    sources[1].coverage = 0.5;
    sources[1].match = 0.8;
    jw_world *world = create_one(&plan, sources, 2, true);
    assert_int_equal(connect(world, "c", ""), JW_OK);
    run_s(world, 20);
    jw_corpus corpus;
    assert_true(jw_ai_corpus(world, ai_of(world), "c", &corpus));
    assert_true(jw_abs(corpus.records - 1000 * 0.5 * 0.8) < 1e-9);
    assert_true(jw_abs(corpus.tokens - 400 * 800 / 4.0) < 1e-6);
    assert_true(jw_abs(corpus.coverage - 0.9 * 0.5 * 0.8) < 1e-12);
    assert_true(corpus.sensitivity == 2 && corpus.quality == 1);
    jw_world_destroy(world);
}

static void test_anonymity_costs_use_and_saves_exposure(void **state)
{
    (void)state;
    static const uint32_t persons[] = {500, 20000, 170000}, groups[] = {1, 2, 3, 5, 10, 20, 50, 100};
    for (uint32_t p = 0; p < 3; p++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            jw_anonymity before = {0}, a;
            for (uint32_t i = 0; i < JW_COUNT_OF(groups); i++) {
                assert_int_equal(jw_anonymity_of((jw_random_key){seed, 5}, persons[p], groups[i], &a, NULL),
                                 JW_OK);
                if (seed == 1)
                    print_message("%6u persons, k %3u: dropped %.4f, detail %.3f, risk %.5f\n", persons[p],
                                  groups[i], a.dropped, a.detail, a.risk);
                assert_true(a.dropped <= 0.05 && a.risk <= 1.0 / groups[i]);
                if (i > 0) {
                    assert_true((1 - a.dropped) * a.detail <= (1 - before.dropped) * before.detail);
                    assert_true((1 - a.dropped) * a.risk <= (1 - before.dropped) * before.risk);
                }
                before = a;
            }
            assert_true(before.detail < 0.6 && before.risk < 0.01);
        }
    jw_anonymity a;
    assert_int_equal(jw_anonymity_of((jw_random_key){1, 1}, 100, 0, &a, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_anonymity_of((jw_random_key){1, 1}, 0, 2, &a, NULL), JW_ERROR_INPUT);
    /* Fewer people than a group takes: all are dropped. */
    assert_int_equal(jw_anonymity_of((jw_random_key){1, 1}, 10, 20, &a, NULL), JW_OK);
    assert_true(a.dropped == 1 && a.risk == 0);
}

/* By pairs the exposure is that of each site with a copy; by fabric the substrate is one more, with records
 * as they are. Records made anonymous at their source find no partner; joined in the substrate before, they
 * do. */
static void test_the_substrate_joins_and_exposes(void **state)
{
    (void)state;
    double exposure[2][2], records[2][2];
    for (jw_wiring wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++)
        for (uint32_t is_anonymous = 0; is_anonymous < 2; is_anonymous++) {
            jw_integration_def plan = plan_of(wiring, 10);
            jw_source_def sources[2] = {source_of("s", "tax"), source_of("t", "tax")};
            for (uint32_t i = 0; i < 2; i++) {
                sources[i].records_per_day = 10000;
                sources[i].history_days = 1;
                sources[i].sensitivity = 3;
            }
            jw_world *world = create_one(&plan, sources, 2, true);
            for (uint32_t i = 0; i < 2 && is_anonymous; i++)
                assert_int_equal(jw_ai_anonymise(world, ai_of(world), sources[i].id, 10, NULL), JW_OK);
            assert_int_equal(connect(world, "c", ""), JW_OK);
            run_s(world, 35);
            jw_integration_state s = jw_ai_integration(world, ai_of(world));
            exposure[wiring][is_anonymous] = s.exposure;
            records[wiring][is_anonymous] = s.records;
            jw_world_destroy(world);
        }
    assert_true(exposure[0][0] >= 60000 && exposure[0][0] < 60100);
    assert_true(jw_abs(exposure[1][0] - 2 * exposure[0][0]) < 30);
    assert_true(exposure[0][1] < exposure[0][0] / 10);
    assert_true(jw_abs(exposure[1][1] - exposure[0][0] - exposure[0][1]) < 30);
    assert_true(records[0][0] > 9900 && records[1][0] > 9900);
    assert_true(records[0][1] < records[0][0] / 10 && records[1][1] > 0.85 * records[1][0]);
}

/* ---- time that passes at once ---- */

static void test_days_that_pass_do_what_days_do(void **state)
{
    (void)state;
    for (jw_wiring wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++) {
        jw_integration_def plan = plan_of(wiring, 2);
        jw_world *world = create_grid(&plan, 3, 2), *other;
        connect_all(world, 2);
        assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
        run_s(world, 100);
        assert_int_equal(jw_ai_pass_days(other, ai_of(other), 146, NULL), JW_OK);
        check_sums(other);
        jw_integration_state a = jw_ai_integration(world, ai_of(world)),
                             b = jw_ai_integration(other, ai_of(other));
        assert_true(a.person_days == b.person_days && a.adapters_done == b.adapters_done);
        jw_consumer_state ca, cb;
        for (uint32_t i = 0; i < 2; i++) {
            assert_true(jw_ai_consumer(world, ai_of(world), i, &ca) &&
                        jw_ai_consumer(other, ai_of(other), i, &cb));
            assert_true(ca.adapter_days == cb.adapter_days);
        }
        /* A record a second for 146 days (100 of them working days) from each of three sources for each of
         * two consumers. */
        assert_true(jw_abs(b.records - 6 * 86400.0 * 146) < 1);
        run_s(other, 30);
        assert_true(jw_ai_integration(other, ai_of(other)).records > b.records);
        assert_int_equal(jw_ai_pass_days(other, ai_of(other), -1, NULL), JW_ERROR_INPUT);
        jw_world_destroy(other);
        jw_world_destroy(world);
    }
}

/* ---- bad input, snapshots ---- */

static void test_what_cannot_be_is_refused(void **state)
{
    (void)state;
    jw_integration_def plan = plan_of(JW_WIRING_FABRIC, 1);
    jw_source_def source = source_of("s", "tax"), bad;
    jw_world *world = create_one(&plan, &source, 1, false);
    jw_ai *ai = ai_of(world);
    assert_int_equal(jw_ai_add_source(world, ai, &source, NULL), JW_ERROR_EXISTS);
    bad = source_of("x", "toll");
    assert_int_equal(jw_ai_add_source(world, ai, &bad, NULL), JW_ERROR_NOT_FOUND);
    bad = source_of("x", "tax");
    bad.quality = 1.5;
    assert_int_equal(jw_ai_add_source(world, ai, &bad, NULL), JW_ERROR_INPUT);
    bad = source_of("x", "tax");
    bad.record_bytes = 1e9; /* 86 TB a day */
    assert_int_equal(jw_ai_add_source(world, ai, &bad, NULL), JW_ERROR_INPUT);
    jw_consumer_def c = consumer_of("d", 3);
    assert_int_equal(jw_ai_add_consumer(ai, &c, NULL), JW_ERROR_INPUT);
    want(&c, "nothing");
    assert_int_equal(jw_ai_add_consumer(ai, &c, NULL), JW_ERROR_NOT_FOUND);
    c = consumer_of("c", 3);
    want(&c, "s");
    assert_int_equal(jw_ai_add_consumer(ai, &c, NULL), JW_ERROR_EXISTS);
    jw_sector_def sector = {.id = "tax"};
    assert_int_equal(jw_ai_add_sector(ai, &sector, NULL), JW_ERROR_EXISTS);
    assert_int_equal(connect(world, "nobody", "s"), JW_ERROR_NOT_FOUND);
    assert_int_equal(connect(world, "c", "nothing"), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_ai_anonymise(world, ai, "s", 0, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_ai_anonymise(world, ai, "nothing", 2, NULL), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_ai_allow_purpose(world, ai, "toll", "planning", true, NULL), JW_ERROR_NOT_FOUND);
    assert_int_equal(connect(world, "c", "s"), JW_OK);
    assert_int_equal(jw_ai_set_integration(ai, &plan, NULL), JW_ERROR_STATE);
    jw_world_destroy(world);
    plan.substrate = JW_NO_SITE;
    world = create_one(&plan, &source, 1, false);
    assert_int_equal(connect(world, "c", "s"), JW_ERROR_STATE);
    jw_world_destroy(world);
}

static jw_world *in_the_middle(jw_wiring wiring)
{
    jw_integration_def plan = plan_of(wiring, 2);
    jw_source_def sources[3] = {source_of("s", "tax"), source_of("t", "tax"), source_of("h", "health")};
    sources[0].record_bytes = 1e8;
    sources[1].quality = 0.7;
    jw_world *world = create_one(&plan, sources, 3, true);
    assert_int_equal(jw_ai_anonymise(world, ai_of(world), "t", 7, NULL), JW_OK);
    assert_int_equal(connect(world, "c", ""), JW_OK);
    run_s(world, 15.5);
    return world;
}

static void test_a_restored_world_goes_on_alike(void **state)
{
    (void)state;
    for (jw_wiring wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++) {
        jw_world *world = in_the_middle(wiring), *other;
        assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
        for (uint32_t i = 0; i < 60; i++) {
            assert_true(jw_world_hash(other) == jw_world_hash(world));
            run_s(world, 1);
            run_s(other, 1);
            if (i == 20)
                for (uint32_t k = 0; k < 2; k++) {
                    jw_world *w = k ? world : other;
                    assert_int_equal(jw_ai_allow_purpose(w, ai_of(w), "health", "planning", true, NULL),
                                     JW_OK);
                }
        }
        assert_true(jw_ai_integration(world, ai_of(world)).consumers_complete == 1);
        jw_world_destroy(other);
        jw_world_destroy(world);
    }
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_world *world = in_the_middle(JW_WIRING_FABRIC);
    assert_true(damage_all(world, 1, 30, true) > 0);
    jw_world_destroy(world);
}

/* Wherever memory ends, what there is adds up and is released. */
static bool try_all(jw_world **world)
{
    jw_integration_def plan = plan_of(JW_WIRING_FABRIC, 2);
    jw_source_def source = source_of("s", "tax");
    jw_sector_def sector = {.id = "tax", .purpose_count = 1, .purposes = {"planning"}};
    jw_consumer_def c = consumer_of("c", 3);
    want(&c, "s");
    bool is_fine = try_create(world) == JW_OK && jw_ai_set_integration(ai_of(*world), &plan, NULL) == JW_OK &&
                   jw_ai_add_sector(ai_of(*world), &sector, NULL) == JW_OK &&
                   jw_ai_add_source(*world, ai_of(*world), &source, NULL) == JW_OK &&
                   jw_ai_add_consumer(ai_of(*world), &c, NULL) == JW_OK &&
                   jw_ai_anonymise(*world, ai_of(*world), "s", 5, NULL) == JW_OK &&
                   connect(*world, "c", "s") == JW_OK;
    for (uint32_t i = 0; i < 60 && is_fine; i++)
        is_fine = jw_world_step(*world, NULL) == JW_OK;
    return is_fine;
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    bool is_fine = false;
    for (int64_t after = 0; !is_fine; after++) {
        jw_world *world = NULL;
        jw_memory_fail_after(after);
        is_fine = try_all(&world);
        jw_memory_fail_after(-1);
        if (world)
            check_sums(world);
        if (is_fine)
            assert_int_equal(jw_ai_integration(world, ai_of(world)).consumers_complete, 1);
        jw_world_destroy(world);
        assert_true(jw_allocated_bytes() == 0 && after < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_every_pair_or_every_end_has_an_adapter),
        JW_UNIT(test_the_substrate_pays_from_a_size_on),
        JW_UNIT(test_integrators_are_a_queue),
        JW_UNIT(test_a_changed_schema_is_worked_on_again),
        JW_UNIT(test_every_record_is_accounted_for),
        JW_UNIT(test_a_failed_transfer_goes_again),
        JW_UNIT(test_a_site_that_fails_or_loses_its_store),
        JW_UNIT(test_residency_holds_in_either_wiring),
        JW_UNIT(test_records_come_from_what_the_city_counted),
        JW_UNIT(test_purposes_are_refused_until_allowed),
        JW_UNIT(test_joined_records_find_their_partners),
        JW_UNIT(test_anonymity_costs_use_and_saves_exposure),
        JW_UNIT(test_the_substrate_joins_and_exposes),
        JW_UNIT(test_days_that_pass_do_what_days_do),
        JW_UNIT(test_what_cannot_be_is_refused),
        JW_UNIT(test_a_restored_world_goes_on_alike),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
