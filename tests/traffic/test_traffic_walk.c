/* People on foot: pavements, ways, speeds, crossings with signals; state. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Free pavement: the time is the way by the wished speed, which is normal (1.34, 0.26). */
static void test_free_walk(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(400, 2, 14, true), NULL, 0.5, 0, 1);
    double sum = 0, square = 0;
    for (uint32_t k = 0; k < 400; k++) {
        test_scene_walk(&s, -380, -10, -80, -10);
        double wish = (double)s.traffic->walks.items[k].wish_mps;
        sum += wish;
        square += wish * wish;
    }
    double mean = sum / 400, sd = jw_sqrt(square / 400 - mean * mean);
    assert_true(jw_abs(mean - 1.34) < 0.04 && jw_abs(sd - 0.25) < 0.04);
    /* One after the other has the pavement for itself. */
    test_scene_free(&s);
    s = test_scene_make(jw_fixture_cross(400, 2, 14, true), NULL, 0.5, 0, 1);
    test_scene_walk(&s, -380, -10, -80, -10);
    double wish = (double)s.traffic->walks.items[0].wish_mps;
    test_scene_run(&s, 300 / wish - 1);
    assert_int_equal(jw_traffic_count_walkers(s.traffic).walking, 1);
    test_scene_run(&s, 2);
    jw_walk_counts c = jw_traffic_count_walkers(s.traffic);
    assert_int_equal(c.arrived, 1);
    assert_true(jw_abs(c.mean_way_m - 300) < 0.5 && jw_abs(c.mean_delay_s) < 0.6);
    test_scene_free(&s);
}

/* Weidmann: at 2 persons a square metre the speed is 1 - exp(-1.913 (1/2 - 1/5.4)) = 0.452 of the free one.
 */
static void test_crowd(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(100, 1, 14, true), NULL, 0.5, 0, 1);
    test_scene_walk(&s, -90, -10, -20, -10);
    const jw_walks *w = &s.traffic->walks;
    float length_m = w->net.links[w->items[0].link].length_m;
    uint32_t count = (uint32_t)(2 * 2.6f * length_m);
    for (uint32_t k = 1; k < count; k++)
        test_scene_walk(&s, -90, -10, -20, -10);
    test_scene_step(&s);
    for (uint32_t k = 0; k < count; k++)
        assert_true(jw_abs((double)(w->items[k].speed_mps / w->items[k].wish_mps) - 0.452) < 0.01);
    test_scene_free(&s);
}

/* Corners and crossings of a cross: four arms, with as many crossings, each with zones for all lanes. */
static void test_network(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(200, 2, 14, true), NULL, 0.5, 0, 1);
    test_scene_walk(&s, -100, -10, -100, 10); /* over the road: to the junction and back */
    const jw_walk_net *net = &s.traffic->walks.net;
    assert_int_equal(net->crossing_count, 4);
    for (uint32_t k = 0; k < 4; k++) {
        const jw_crossing *x = &net->crossings[k];
        double width_m = 0;
        for (uint32_t l = 0; l < s.city->edges[x->in_edge].lane_count; l++)
            width_m += 2 * s.city->lanes[s.city->edges[x->in_edge].first_lane + l].width_m;
        assert_true(jw_abs((double)net->links[x->link].length_m - width_m - 2.6) < 0.5);
        assert_true(x->programme == 0 && x->phases != 0);
        for (uint32_t z = 0; z < x->zone_count; z++) {
            const jw_walk_zone *zone = &net->zones[x->first_zone + z];
            assert_true(zone->x_begin_m > 0 && zone->x_end_m < net->links[x->link].length_m);
            assert_true(zone->begin_m < zone->end_m);
        }
    }
    jw_walk_counts c = jw_traffic_count_walkers(s.traffic);
    test_scene_run(&s, 400);
    c = jw_traffic_count_walkers(s.traffic);
    assert_int_equal(c.arrived, 1);
    assert_true(c.mean_way_m > 150 && c.mean_way_m < 260);
    test_scene_free(&s);
}

/* Uniform arrivals at a signal wait r^2 / 2C on average (Highway Capacity Manual, delay of pedestrians), r
 * being the part of the cycle in which one may not start. */
static void test_signal_delay(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(150, 2, 14, true), NULL, 0.5, 0, 1);
    test_scene_walk(&s, -60, -12, -60, -12);
    const jw_crossing *x = test_crossing_of_edge(s.traffic, 0);
    const jw_walk_node *from = &s.traffic->walks.net.nodes[s.traffic->walks.net.links[x->link].ends[0]];
    double cycle_s = s.city->programmes[0].cycle_s, open_s = 0;
    float stage_m = jw_minf(x->refuge_m, s.traffic->walks.net.links[x->link].length_m);
    for (double at = 0; at < cycle_s; at += 0.5) {
        test_scene_step(&s);
        open_s += 0.5 * jw_walk_is_shown(s.traffic, x, stage_m);
    }
    assert_true(open_s > 5 && open_s < cycle_s / 2);
    uint32_t number = (uint32_t)(x - s.traffic->walks.net.crossings);
    for (uint32_t k = 0; k < 40 * (uint32_t)cycle_s / 7; k++) {
        test_scene_walk(&s, (double)from->x_m - 30, (double)from->y_m, (double)from->x_m - 30, 12);
        test_scene_run(&s, 7);
    }
    test_scene_run(&s, 200);
    double r = cycle_s - open_s, expected = r * r / (2 * cycle_s);
    double mean =
        (double)s.traffic->walks.cross_wait_ms[number] / 1000 / (double)s.traffic->walks.crossed[number];
    printf("signal: cycle %.0f s, open %.1f s: wait %.2f s, r2/2C %.2f s, %lld walkers\n", cycle_s, open_s,
           mean, expected, (long long)s.traffic->walks.crossed[number]);
    assert_true(jw_abs(mean / expected - 1) < 0.07);
    test_scene_free(&s);
}

/* Who waits at the kerb of an actuated signal calls a green; who comes while it rests there walks at once. */
static void call(uint32_t lanes)
{
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_ACTUATED;
    test_scene s = test_scene_make(jw_fixture_cross(150, lanes, 14, true), &def, 0.5, 0, 1);
    test_scene_run(&s, 100);
    for (uint32_t k = 0; k < 4; k++) { /* over the west, the east, and again */
        double x = k % 2 ? 60 : -60;
        if (k < 2)
            test_scene_walk(&s, x, -20, x, 20);
        else
            test_scene_walk(&s, -20, x, 20, x);
        test_scene_run(&s, 160);
    }
    jw_walk_counts c = jw_traffic_count_walkers(s.traffic);
    printf("actuated, %u lanes, %s: wait %.1f s\n", lanes,
           s.traffic->signals.now[0].in_rings ? "rings" : "one ring", c.mean_wait_s);
    assert_int_equal(c.arrived, 4);
    assert_true(c.mean_wait_s < 15); /* amber, all-red: the green that rests has had its minimum */
    test_scene_free(&s);
}

static void test_call(void **state)
{
    (void)state;
    for (uint32_t lanes = 1; lanes <= 4; lanes++)
        call(lanes);
}

/* ---- state -----------------------------------------------------------------------------------------------
 */

static test_scene make_busy_grid(int threads)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 4;
    def.walk.trips_per_person_day = 8;
    def.signals.control = JW_SIGNAL_ACTUATED;
    return test_scene_make(jw_fixture_grid(4, 130, 2, 13.9, true), &def, 0.5, 8 * 3600, threads);
}

static void test_threads(void **state)
{
    (void)state;
    uint64_t expected[6] = {0};
    for (int threads = 1; threads <= 3; threads++) {
        test_scene s = make_busy_grid(threads);
        for (uint32_t part = 0; part < 6; part++) {
            test_scene_run(&s, 60);
            uint64_t hash = jw_world_hash(s.world);
            if (threads == 1)
                expected[part] = hash;
            assert_true(hash == expected[part]);
        }
        jw_walk_counts c = jw_traffic_count_walkers(s.traffic);
        assert_true(c.walking > 300 && c.arrived > 50);
        test_scene_free(&s);
    }
}

static void test_restore(void **state)
{
    (void)state;
    test_scene s = make_busy_grid(2);
    test_scene_run(&s, 200);
    jw_error error = {0};
    jw_world *other = test_scene_copy(&s, 1);
    assert_true(jw_world_hash(other) == jw_world_hash(s.world));
    for (uint32_t k = 0; k < 4; k++) {
        test_scene_run(&s, 40);
        while (jw_world_time_ns(other) < jw_world_time_ns(s.world))
            assert_int_equal(jw_world_step(other, &error), JW_OK);
        assert_true(jw_world_hash(other) == jw_world_hash(s.world));
    }
    jw_world_destroy(other);
    test_scene_free(&s);
}

/* Walkers of a damaged snapshot are refused, or such that the next steps can be made. */
static void test_damage(void **state)
{
    (void)state;
    test_scene s = make_busy_grid(1);
    test_scene_run(&s, 60);
    jw_writer image = {0};
    jw_walk_save(s.traffic, &image);
    uint32_t refused = 0, tried = 0;
    for (size_t at = 0; at < image.size; at += 1 + image.size / 3000) {
        uint8_t *bytes = malloc(image.size);
        memcpy(bytes, image.bytes, image.size);
        bytes[at] ^= (uint8_t)(1 + tried * 37 % 255);
        test_scene other = test_scene_make(jw_city_retain(s.city), NULL, 0.5, 8 * 3600, 1);
        jw_reader r = jw_reader_make(bytes, image.size);
        jw_error error = {0};
        jw_walk_load(other.world, other.traffic, &r);
        refused += r.failed;
        tried++;
        for (uint32_t k = 0; k < 4 && !r.failed && jw_walk_is_consistent(other.traffic, &error); k++)
            assert_int_equal(jw_world_step(other.world, &error), JW_OK);
        test_scene_free(&other);
        free(bytes);
    }
    assert_true(refused > tried / 20);
    jw_writer_free(&image);
    test_scene_free(&s);
    assert_true(jw_allocated_bytes() == 0);
}

/* Each allocation that fails is an error, and the next try succeeds; no way is no error of memory. */
static void test_failures(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(100, 2, 14, true), NULL, 0.5, 0, 1);
    int64_t count = 0;
    for (;; count++) {
        jw_error error = {0};
        jw_memory_fail_after(count);
        jw_result result = jw_traffic_add_walk(s.world, s.traffic, -60, -12, 60, 12, &error);
        jw_memory_fail_after(-1);
        if (result == JW_OK)
            break;
        assert_int_equal(result, JW_ERROR_MEMORY);
        test_scene_step(&s);
    }
    assert_true(count > 15);
    test_scene_run(&s, 300);
    jw_walk_counts c = jw_traffic_count_walkers(s.traffic);
    assert_true(c.departed == 1 && c.arrived == 1 && c.impossible == 0);
    test_scene_free(&s);
    /* Two roads that no pavement joins. */
    jw_draft draft = {.is_projected = true};
    uint32_t nodes[4];
    for (uint32_t k = 0; k < 4; k++)
        nodes[k] = jw_fixture_add_node(&draft, k % 2 ? 200 : 0, k / 2 ? 500 : 0, false);
    jw_fixture_add_road(&draft, nodes[0], nodes[1], JW_ROAD_SECONDARY, 1, 1, 14);
    jw_fixture_add_road(&draft, nodes[2], nodes[3], JW_ROAD_SECONDARY, 1, 1, 14);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    s = test_scene_make(city, NULL, 0.5, 0, 1);
    jw_error error = {0};
    assert_int_equal(jw_traffic_add_walk(s.world, s.traffic, 100, 0, 100, 500, &error), JW_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "no way on foot"));
    assert_int_equal(jw_traffic_count_walkers(s.traffic).impossible, 1);
    test_scene_walk(&s, 20, -8, 150, 8); /* round the end of the street */
    test_scene_run(&s, 400);
    assert_int_equal(jw_traffic_count_walkers(s.traffic).arrived, 1);
    test_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free_walk),    cmocka_unit_test(test_crowd),  cmocka_unit_test(test_network),
        cmocka_unit_test(test_signal_delay), cmocka_unit_test(test_call),   cmocka_unit_test(test_threads),
        cmocka_unit_test(test_restore),      cmocka_unit_test(test_damage), cmocka_unit_test(test_failures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
