/* Induction loops and areas of lanes against cases worked out by hand: passages, speed and occupancy, also
 * where tails lie over the end of a lane; queues; snapshots. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void assert_near(double value, double wanted, double tolerance)
{
    if (!(jw_abs(value - wanted) <= tolerance))
        fail_msg("%g is not %g +- %g", value, wanted, tolerance);
}

static uint32_t add(test_scene *scene, const char *name, uint32_t edge, double position_m)
{
    jw_detector_def def = {.edge = edge, .position_m = position_m};
    const jw_detector_sum *sums;
    jw_text_copy(def.name, sizeof def.name, name);
    assert_int_equal(jw_traffic_add_detector(scene->traffic, &def, NULL), JW_OK);
    return jw_traffic_detectors(scene->traffic, &sums) - 1;
}

static void send_cars(test_scene *scene, uint32_t count, double headway_s)
{
    for (uint32_t k = 0; k < count; k++) {
        jw_trip_def trip = {.depart_ns = jw_ns_from_s(headway_s * k),
                            .from_edge = 0,
                            .to_edge = 1,
                            .depart_speed = JW_DEPART_SPEED,
                            .depart_mps = 10};
        assert_int_equal(jw_traffic_add_trip(scene->world, scene->traffic, &trip, NULL), JW_OK);
    }
}

/* Cars of 5 m at 10 m/s: half a second each, wherever the loop lies and whatever the step. */
static void test_steady_cars(void **state)
{
    (void)state;
    static const double steps_s[] = {0.1, 0.5, 1.0};
    for (uint32_t i = 0; i < JW_COUNT_OF(steps_s); i++) {
        jw_traffic_def def = test_plain_def();
        def.types[JW_VEHICLE_CAR].max_speed_mps = 10;
        def.types[JW_VEHICLE_CAR].length_m = 5;
        test_scene scene = test_scene_make(jw_fixture_two_roads(300, 1, 1, 20), &def, steps_s[i], 0, 1);
        add(&scene, "middle", 0, 150);
        add(&scene, "end", 0, -0.5);
        add(&scene, "stop line", 0, -3);
        add(&scene, "beginning", 1, 0.2);
        send_cars(&scene, 10, 20);
        test_scene_run(&scene, 300);
        const jw_detector_sum *sums;
        assert_int_equal(jw_traffic_detectors(scene.traffic, &sums), 4);
        for (uint32_t k = 0; k < 4; k++) {
            assert_int_equal(sums[k].entered, 10);
            assert_int_equal(sums[k].left, 10);
            assert_near(sums[k].occupied_s, 5, 0.02);
            assert_near(sums[k].speed_sum_mps / 10, 10, 0.01);
            assert_near(10 / sums[k].slowness_sum_s_per_m, 10, 0.01);
        }
        uint32_t module;
        const jw_table *table = jw_world_find_table(scene.world, "detectors", &module);
        assert_int_equal(table->row_count(scene.world, scene.traffic), 4);
        assert_string_equal(table->text(scene.world, scene.traffic, 1, 0), "end");
        assert_near(table->number(scene.world, scene.traffic, 1, 3), 10 / 300.0 * 3600, 0.01); /* flow */
        assert_near(table->number(scene.world, scene.traffic, 1, 4), 5 / 300.0, 1e-4);
        jw_traffic_module.drain(scene.world, scene.traffic, (uint32_t)(table - jw_traffic_module.tables), 4);
        assert_int_equal(table->row_count(scene.world, scene.traffic), 0);
        test_scene_run(&scene, 60);
        assert_int_equal(table->integer(scene.world, scene.traffic, 1, 2), 0);
        test_scene_free(&scene);
    }
}

/* Who stands over a loop occupies it all the time; the one ahead of it sees nobody. */
static void test_standing(void **state)
{
    (void)state;
    test_scene scene = test_scene_make(jw_fixture_two_roads(500, 1, 1, 10), NULL, 0.5, 0, 1);
    test_scene_command(&scene, "incident", "edge", 0.0, "lane", 0.0, "position_m", 300.0, "duration_s",
                       1000.0, NULL);
    send_cars(&scene, 1, 1);
    test_scene_run(&scene, 120);
    double front_m = (double)test_car(scene.traffic, 0)->pos_m;
    add(&scene, "under", 0, front_m - 2);
    add(&scene, "ahead", 0, front_m + 0.3);
    test_scene_run(&scene, 100);
    const jw_detector_sum *sums;
    jw_traffic_detectors(scene.traffic, &sums);
    assert_near(sums[0].occupied_s, 100, 0.01);
    assert_int_equal(sums[0].entered, 0);
    assert_near(sums[1].occupied_s, 0, 0);
    test_scene_free(&scene);
}

/* As many come to a loop as come past it and stand over it; in a busy town with all that happens there. */
static void test_counts_balance(void **state)
{
    (void)state;
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 6;
    test_scene scene = test_scene_make(jw_fixture_grid(4, 200, 1, 13.9, true), &def, 0.5, 8 * 3600.0, 2);
    char name[16] = "d";
    uint32_t edges = scene.traffic->net.edge_count, count = 0;
    for (uint32_t e = 0; e < edges; e++, count++) {
        name[1] = (char)('A' + e / 26 % 26), name[2] = (char)('A' + e % 26), name[3] = 0;
        add(&scene, name, e, -2);
    }
    test_scene_run(&scene, 300);
    assert_int_equal(jw_traffic_measure_intervals(scene.traffic, true, NULL), JW_OK);
    const jw_detector_sum *sums;
    jw_traffic_detectors(scene.traffic, &sums);
    int64_t before[256], all = 0;
    for (uint32_t k = 0; k < count; k++)
        before[k] = sums[k].entered - sums[k].left;
    test_scene_run(&scene, 600);
    int64_t begin_ns;
    const jw_track_sum *tracks = jw_traffic_track_sums(scene.traffic, &begin_ns);
    for (uint32_t k = 0; k < count; k++) {
        const jw_track_sum *edge = &tracks[scene.traffic->net.edge_first_lane[k]];
        int64_t rest = sums[k].entered - sums[k].left - before[k];
        /* Up to four two-wheelers may be over it then and now; trips begin and end there. */
        assert_true(rest >= -4 - (int64_t)scene.traffic->edge_departed[k] &&
                    rest <= 4 + (int64_t)edge->arrived);
        assert_true(sums[k].occupied_s <= 900.01 && sums[k].entered >= before[k]);
        all += sums[k].entered;
    }
    assert_true(all > 1000);
    test_scene_free(&scene);
}

static uint32_t add_area(test_scene *scene, const char *name, double begin_m, double length_m)
{
    jw_detector_def def = {.position_m = begin_m, .length_m = length_m};
    const jw_detector_sum *sums;
    jw_text_copy(def.name, sizeof def.name, name);
    assert_int_equal(jw_traffic_add_detector(scene->traffic, &def, NULL), JW_OK);
    return jw_traffic_detectors(scene->traffic, &sums) - 1;
}

/* The same cars through 100 m and through the last 50 m of a lane: 10 s and 5 s each, whatever the step. */
static void test_areas(void **state)
{
    (void)state;
    static const double steps_s[] = {0.1, 0.5, 1.0};
    for (uint32_t i = 0; i < JW_COUNT_OF(steps_s); i++) {
        jw_traffic_def def = test_plain_def();
        def.types[JW_VEHICLE_CAR].max_speed_mps = 10;
        def.types[JW_VEHICLE_CAR].length_m = 5;
        test_scene scene = test_scene_make(jw_fixture_two_roads(300, 1, 1, 20), &def, steps_s[i], 0, 1);
        add_area(&scene, "middle", 103, 100);
        add_area(&scene, "end", -50, 50);
        send_cars(&scene, 10, 20);
        test_scene_run(&scene, 300);
        const jw_detector_sum *sums;
        assert_int_equal(jw_traffic_detectors(scene.traffic, &sums), 2);
        for (uint32_t k = 0; k < 2; k++) {
            assert_int_equal(sums[k].entered, 10);
            assert_int_equal(sums[k].left, 10);
            assert_near(sums[k].time_s, k ? 50 : 100, 0.05);
            assert_near(sums[k].way_m, k ? 500 : 1000, 0.5);
            assert_near(sums[k].jam_m_s, 0, 0);
        }
        assert_near(sums[0].occupied_s, 10 * 5 * 100 / 10.0 / 100, 0.3); /* 5 m of 100 for 10 s, ten times */
        uint32_t module;
        const jw_table *table = jw_world_find_table(scene.world, "detectors", &module);
        assert_near(table->number(scene.world, scene.traffic, 0, 3), 10 / 300.0 * 3600, 0.1); /* flow */
        assert_near(table->number(scene.world, scene.traffic, 0, 5), 10, 0.01);
        assert_near(table->number(scene.world, scene.traffic, 1, 11), 50, 0.01);
        test_scene_free(&scene);
    }
}

/* A queue behind an incident: from the first's front to the last's rear, cut where the area begins. */
static void test_jam(void **state)
{
    (void)state;
    test_scene scene = test_scene_make(jw_fixture_two_roads(500, 1, 1, 10), NULL, 0.5, 0, 1);
    test_scene_command(&scene, "incident", "edge", 0.0, "lane", 0.0, "position_m", 300.0, "duration_s", 150.0,
                       NULL);
    send_cars(&scene, 4, 4);
    add_area(&scene, "all", 200, 150);
    test_scene_run(&scene, 120);
    const jw_traffic *t = scene.traffic;
    float length_m = jw_length_at(t, t->tracks[0].begin);
    double first_m = (double)test_car(t, 0)->pos_m, last_m = (double)test_car(t, 3)->pos_m;
    add_area(&scene, "beginning of it", last_m - 1, 100);
    add_area(&scene, "ahead", first_m + 1, 50);
    test_scene_run(&scene, 20);
    const jw_detector_sum *sums;
    jw_traffic_detectors(t, &sums);
    assert_int_equal(sums[0].jam_vehicles, 4);
    assert_near(sums[0].jam_m, first_m - last_m + (double)length_m, 0.01);
    assert_near(sums[1].jam_m, first_m - last_m + 1, 0.01);
    assert_near(sums[1].jam_m_s, sums[1].jam_m * 20, 0.1);
    assert_near(sums[2].jam_m, 0, 0);
    test_scene_run(&scene, 110); /* the road is free again */
    jw_traffic_detectors(t, &sums);
    assert_true(sums[0].jam_vehicles == 0 && sums[0].jam_m <= 0 && sums[0].left == 4);
    test_scene_free(&scene);
}

static void test_bad_and_saved(void **state)
{
    (void)state;
    test_scene scene = test_scene_make(jw_fixture_two_roads(300, 1, 1, 20), NULL, 0.5, 0, 1);
    uint64_t hash = jw_world_hash(scene.world);
    add(&scene, "one", 0, 100);
    assert_true(jw_world_hash(scene.world) != hash);
    hash = jw_world_hash(scene.world);
    add_area(&scene, "two", 100, 80);
    assert_true(jw_world_hash(scene.world) != hash);
    static const jw_detector_def bad[] = {{"one", 0, 0, 50, 0}, {"", 0, 0, 50, 0},    {"x", 9, 0, 50, 0},
                                          {"x", 0, 1, 50, 0},   {"x", 0, 0, 1e4, 0},  {"x", 0, 0, -1e4, 0},
                                          {"x", 0, 0, 301, 0},  {"x", 0, 0, 250, 60}, {"x", 0, 0, 50, -1}};
    for (uint32_t k = 0; k < JW_COUNT_OF(bad); k++)
        assert_true(jw_traffic_add_detector(scene.traffic, &bad[k], NULL) != JW_OK);
    jw_writer image = {0};
    assert_int_equal(jw_world_save(scene.world, &image, NULL), JW_OK);
    test_scene copy = test_scene_make(jw_fixture_two_roads(300, 1, 1, 20), NULL, 0.5, 0, 1);
    assert_int_equal(jw_world_restore(copy.world, image.bytes, image.size, NULL), JW_OK);
    assert_true(jw_world_hash(copy.world) == jw_world_hash(scene.world));
    copy.traffic = jw_world_state(copy.world, 0);
    send_cars(&copy, 3, 10);
    test_scene_run(&copy, 100);
    const jw_detector_sum *sums;
    assert_int_equal(jw_traffic_detectors(copy.traffic, &sums), 2);
    assert_true(sums[0].entered == 3 && sums[1].entered == 3 && sums[1].left == 3);
    assert_near(sums[1].way_m, 240, 0.1);
    jw_writer_free(&image);
    test_scene_free(&copy);
    test_scene_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady_cars),
        cmocka_unit_test(test_standing),
        cmocka_unit_test(test_counts_balance),
        cmocka_unit_test(test_areas),
        cmocka_unit_test(test_jam),
        cmocka_unit_test(test_bad_and_saved),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + (jw_allocated_bytes() != 0);
}
