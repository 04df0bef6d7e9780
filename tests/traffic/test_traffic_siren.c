/* Emergency vehicles: through a queue, over red, past everybody else, with nobody hit; snapshots and threads.
 */
#include "traffic/traffic_siren.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void add(test_scene *s, jw_vehicle_class c, double depart_s, uint32_t from, uint32_t to, uint64_t tag)
{
    test_scene_add(s, &(jw_trip_def){.depart_ns = jw_ns_from_s(depart_s),
                                     .vehicle_class = c,
                                     .from_edge = from,
                                     .to_edge = to,
                                     .tag = tag});
}

static uint32_t count_aside(const jw_traffic *t)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < t->running; k++)
        count += test_car(t, k)->is_aside;
    return count;
}

/* A trip over a signalled cross behind the queue of an approach with more demand than its green can serve. */
static double time_through_queue(jw_vehicle_class c, uint32_t lanes, uint32_t *out_aside)
{
    enum { BEGIN_S = 600 };
    test_scene s = test_scene_make(jw_fixture_cross(700, lanes, 13.9, true), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 400 * lanes; k++)
        test_scene_trip(&s, 3.0 * k / lanes, 0, 3, 0);
    for (uint32_t k = 0; k < 300; k++)
        test_scene_trip(&s, 4.0 * k, k % 2 ? 4 : 6, k % 2 ? 7 : 5, 0);
    add(&s, c, BEGIN_S, 0, 3, 77);
    test_scene_run(&s, BEGIN_S);
    *out_aside = 0;
    double time_s = 0;
    for (uint32_t seen = 0; time_s == 0 && test_scene_time(&s) < 2400;) {
        test_scene_step(&s);
        uint32_t aside = count_aside(s.traffic);
        *out_aside = aside > *out_aside ? aside : *out_aside;
        for (; seen < s.traffic->trip_log_count; seen++)
            if (s.traffic->trip_log[seen].tag == 77)
                time_s = test_scene_time(&s) - BEGIN_S;
    }
    /* When it is gone everybody goes on. */
    test_scene_run(&s, 5);
    assert_true(time_s > 0 && count_aside(s.traffic) == 0);
    test_scene_free(&s);
    return time_s;
}

static void test_queue(void **state)
{
    (void)state;
    for (uint32_t lanes = 1; lanes <= 2; lanes++) {
        uint32_t car_aside, aside;
        double car_s = time_through_queue(JW_VEHICLE_CAR, lanes, &car_aside);
        double siren_s = time_through_queue(JW_VEHICLE_EMERGENCY, lanes, &aside);
        print_message("%u lanes: a car needs %.0f s through the queue, an emergency vehicle %.0f s past %u "
                      "vehicles\n",
                      lanes, car_s, siren_s, aside);
        assert_true(car_aside == 0 && aside > 5);
        assert_true(siren_s < 0.6 * car_s);
        assert_true(siren_s < 1400 / 13.9 + 700 / 8.3); /* never slower than through a corridor all along */
    }
}

/* Over red it goes at once, and as slowly as care demands; the others stop before their green. */
static void test_red(void **state)
{
    (void)state;
    uint32_t reds = 0;
    for (uint32_t has_others = 0; has_others < 2; has_others++)
        for (uint32_t k = 0; k < 12; k++) {
            test_scene s = test_scene_make(jw_fixture_cross(300, 1, 13.9, true), NULL, 0.5, 0, 1);
            for (uint32_t n = 0; n < 100 && has_others; n++)
                test_scene_trip(&s, 5.0 * n, n % 2 ? 4 : 6, n % 2 ? 7 : 5, 0);
            add(&s, JW_VEHICLE_EMERGENCY, 60 + 7 * k, 0, 3, 77);
            bool was_red = false;
            float most_mps = 0;
            uint32_t arrived = 0;
            while (!arrived && test_scene_time(&s) < 400) {
                test_scene_step(&s);
                for (uint32_t p = 0; p < s.traffic->running; p++) {
                    const jw_car *car = test_car(s.traffic, p);
                    uint32_t lanes = s.traffic->net.lane_count;
                    if (car->is_siren && car->track >= lanes && car->track < s.traffic->net.track_count &&
                        s.traffic->shown[car->track - lanes] == 'r' && car->pos_m < 4) {
                        was_red = true;
                        most_mps = jw_maxf(most_mps, car->speed_mps);
                    }
                }
                for (uint32_t n = 0; n < s.traffic->trip_log_count; n++)
                    arrived |= s.traffic->trip_log[n].tag == 77;
            }
            double took_s = test_scene_time(&s) - 60 - 7 * k;
            if (took_s > 600 / 13.9 + 16 || most_mps > JW_SIREN_RED_MPS + 1.5f)
                fail_msg("others %u, %u: %.1f s, over %s at %.1f m/s", has_others, k, took_s,
                         was_red ? "red" : "green", (double)most_mps);
            reds += was_red;
            test_scene_free(&s);
        }
    assert_true(reds >= 8);
}

/* ---- the whole -------------------------------------------------------------------------------------------
 */

static test_scene make_busy(int threads)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 14;
    def.demand.bicycle_share = 0.1;
    def.demand.ebike_share = 0.2;
    def.demand.truck_share = 0.1;
    test_scene s = test_scene_make(jw_fixture_grid(4, 130, 2, 13.9, true), &def, 0.5, 8 * 3600, threads);
    for (uint32_t k = 0; k < 60; k++)
        add(&s, JW_VEHICLE_EMERGENCY, 8 * 3600 + 120 + 6 * k, (7 * k) % 60, (13 * k + 31) % 60, 1000 + k);
    return s;
}

static void test_state(void **state)
{
    (void)state;
    enum { MARKS = 20 };
    test_scene a = make_busy(1), b = make_busy(3);
    jw_error error = {0};
    uint64_t hashes[MARKS];
    uint32_t aside = 0, arrived = 0;
    double longest_s = 0;
    for (uint32_t k = 0; k < MARKS; k++) {
        test_scene_run(&a, 30);
        test_scene_run(&b, 30);
        hashes[k] = jw_world_hash(a.world);
        assert_true(jw_world_hash(b.world) == hashes[k]);
        aside += count_aside(a.traffic);
        for (uint32_t n = 0; n < a.traffic->running; n++)
            if (test_car(a.traffic, n)->is_siren)
                longest_s = jw_max(longest_s, (double)test_car(a.traffic, n)->wait_s);
    }
    for (uint32_t k = 0; k < a.traffic->trip_log_count; k++)
        arrived += a.traffic->trip_log[k].tag >= 1000;
    print_message(
        "%u of 60 emergency vehicles are there, none stood for more than %.0f s; %u stood aside at %u "
        "looks\n",
        arrived, longest_s, aside, MARKS);
    assert_true(aside > 10 && arrived >= 58 && longest_s < 60);
    test_scene_free(&a);
    test_scene_free(&b);
    a = make_busy(1);
    for (uint32_t k = 0; k + 1 < MARKS; k++) {
        test_scene_run(&a, 30);
        jw_world *other = test_scene_copy(&a, 2);
        assert_true(jw_world_hash(other) == hashes[k]);
        for (uint32_t n = 0; n < 60; n++)
            assert_int_equal(jw_world_step(other, &error), JW_OK);
        assert_true(jw_world_hash(other) == hashes[k + 1]);
        jw_world_destroy(other);
    }
    test_scene_free(&a);
}

static void test_no_leak(void **state)
{
    (void)state;
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_queue), cmocka_unit_test(test_red),
                                       cmocka_unit_test(test_state), cmocka_unit_test(test_no_leak)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
