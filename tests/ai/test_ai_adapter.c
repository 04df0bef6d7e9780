/* Adapters between sources and consumers, and the people who build them: N x M by pairs against N + M by the
 * fabric, integrators as a queue (M/D/1). */
#include "sector_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_every_pair_or_every_end_has_an_adapter),
        JW_UNIT(test_the_substrate_pays_from_a_size_on),
        JW_UNIT(test_integrators_are_a_queue),
        JW_UNIT(test_a_changed_schema_is_worked_on_again),
        JW_UNIT(test_days_that_pass_do_what_days_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
