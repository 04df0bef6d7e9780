/* Jams that stay are reported, and are over when their cause is: signals that somebody's script works without
 * ever giving green to some. */
#include "traffic/traffic_internal.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

/* The first green phase, for ever. */
static void forget_the_others(void *context, jw_world *world, const jw_signal_view *view,
                              jw_signal_answer *answer)
{
    (void)context;
    (void)world;
    answer->phase = view->green[0];
}

static test_scene make_scene(jw_city *city)
{
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_OUTSIDE;
    test_scene s = test_scene_make(city, &def, 0.5, 0, 1);
    jw_traffic_set_signal_port(s.traffic, (jw_signal_port){forget_the_others, NULL});
    return s;
}

static double metric_stuck(const test_scene *s)
{
    double value = -1;
    assert_true(jw_world_metric(s->world, "traffic.stuck", &value));
    return value;
}

static void test_forgotten_approach(void **state)
{
    (void)state;
    test_scene s = make_scene(jw_fixture_cross(400, 1, 13.89, true));
    for (uint32_t k = 0; k < 100; k++) {
        test_scene_trip(&s, 12 * k, 0, 3, 0);
        test_scene_trip(&s, 12 * k, 4, 7, 0);
    }
    test_scene_run(&s, 240);
    jw_traffic_jam early = jw_traffic_find_jam(s.traffic);
    assert_true(early.vehicles == 0 && early.edge == 4 && early.longest_s > 150);
    test_scene_run(&s, 1160);
    jw_traffic_jam jam = jw_traffic_find_jam(s.traffic);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    uint32_t module;
    const jw_table *edges = jw_world_find_table(s.world, "edges", &module);
    printf("never green from the south: %u stand for 5 min, longest %.0f s on edge %u; %lld arrived\n",
           jam.vehicles, jam.longest_s, jam.edge, (long long)c.arrived);
    assert_int_equal(c.arrived, 100); /* the others are not held up */
    assert_true(jam.vehicles > 30 && jam.edge == 4 && jam.longest_s > 1300);
    assert_true(metric_stuck(&s) == jam.vehicles);
    assert_true(edges->number(s.world, s.traffic, 4, 9) == jam.longest_s &&
                edges->number(s.world, s.traffic, 0, 9) == 0);
    assert_int_equal(jw_traffic_set_signal_control(s.traffic, JW_NONE, JW_SIGNAL_FIXED), JW_OK);
    test_scene_run(&s, 900);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 200);
    jam = jw_traffic_find_jam(s.traffic);
    assert_true(jam.vehicles == 0 && jam.edge == JW_NONE && jam.longest_s == 0);
    test_scene_free(&s);
}

/* The same at every junction of a network: it locks, says so, and comes free again. */
static void test_forgotten_streets(void **state)
{
    (void)state;
    test_scene s = make_scene(jw_fixture_grid(4, 150, 1, 13.9, true));
    jw_random_key key = {20261122, 9};
    for (uint32_t k = 0; k < 1200; k++) {
        jw_trip_def trip = {.depart_ns = k * JW_NS_PER_S,
                            .from_edge = jw_random_index(key, 1, k, s.city->edge_count),
                            .to_edge = jw_random_index(key, 2, k, s.city->edge_count)};
        assert_int_equal(jw_traffic_add_trip(s.world, s.traffic, &trip, NULL), JW_OK);
    }
    test_scene_run(&s, 1800);
    jw_traffic_jam jam = jw_traffic_find_jam(s.traffic);
    printf("never green for one street of each junction: %u of %u stand for 5 min, longest %.0f s\n",
           jam.vehicles, s.traffic->running, jam.longest_s);
    assert_true(jam.vehicles > s.traffic->running / 3 && metric_stuck(&s) > 0);
    assert_int_equal(jw_traffic_set_signal_control(s.traffic, JW_NONE, JW_SIGNAL_FIXED), JW_OK);
    for (uint32_t k = 0; k < 20 && jw_traffic_count(s.traffic).arrived < 1200; k++)
        test_scene_run(&s, 300);
    printf("  all have arrived at %.0f s\n", test_scene_time(&s));
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 1200);
    test_scene_free(&s);
}

/* Who serves a stop of its own does not stand in a jam. */
static void test_own_stop(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(400, 1, 13.89), NULL, 0.5, 0, 1);
    jw_stop stop = {.edge = 0, .begin_m = 190, .end_m = 200, .duration_s = 900};
    jw_trip_def trip = {.from_edge = 0, .to_edge = 0, .arrive_s_m = 390, .stops = &stop, .stop_count = 1};
    assert_int_equal(jw_traffic_add_trip(s.world, s.traffic, &trip, NULL), JW_OK);
    test_scene_run(&s, 600);
    assert_true(s.traffic->running == 1 && jw_traffic_find_jam(s.traffic).vehicles == 0);
    test_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forgotten_approach),
        cmocka_unit_test(test_forgotten_streets),
        cmocka_unit_test(test_own_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
