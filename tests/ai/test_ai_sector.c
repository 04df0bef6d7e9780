/* Records of sectors: every one accounted for, purposes, residency, joining, anonymity, exposure, snapshots.
 */
#include "compute/damage.h"
#include "sector_fixture.h"

/* ---- records ---- */

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
        JW_UNIT(test_every_record_is_accounted_for),
        JW_UNIT(test_a_failed_transfer_goes_again),
        JW_UNIT(test_a_site_that_fails_or_loses_its_store),
        JW_UNIT(test_residency_holds_in_either_wiring),
        JW_UNIT(test_records_come_from_what_the_city_counted),
        JW_UNIT(test_purposes_are_refused_until_allowed),
        JW_UNIT(test_joined_records_find_their_partners),
        JW_UNIT(test_anonymity_costs_use_and_saves_exposure),
        JW_UNIT(test_the_substrate_joins_and_exposes),
        JW_UNIT(test_what_cannot_be_is_refused),
        JW_UNIT(test_a_restored_world_goes_on_alike),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
