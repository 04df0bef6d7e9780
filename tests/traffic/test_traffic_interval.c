/* Sums over an interval against cases worked out by hand, the identity of flow, density and speed, and counts
 * that balance. */
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

static const jw_table *find_table(const test_scene *scene, const char *name)
{
    uint32_t module;
    const jw_table *table = jw_world_find_table(scene->world, name, &module);
    assert_non_null(table);
    return table;
}

static double number(const test_scene *scene, const char *name, uint32_t row, const char *column)
{
    const jw_table *table = find_table(scene, name);
    uint32_t c = 0;
    while (c < table->column_count && strcmp(table->columns[c].name, column) != 0)
        c++;
    assert_true(c < table->column_count);
    return table->columns[c].type == JW_COLUMN_F64
               ? table->number(scene->world, scene->traffic, row, c)
               : (double)table->integer(scene->world, scene->traffic, row, c);
}

static void next_interval(const test_scene *scene)
{
    const jw_table *table = find_table(scene, "edge_intervals");
    jw_traffic_module.drain(scene->world, scene->traffic, (uint32_t)(table - jw_traffic_module.tables),
                            table->row_count(scene->world, scene->traffic));
}

/* Ten cars at exactly 10 m/s, 20 s apart, over two roads of 1,000 m: each spends 100 s on each. */
static void test_steady_cars_by_hand(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.types[JW_VEHICLE_CAR].max_speed_mps = 10;
    test_scene scene = test_scene_make(jw_fixture_two_roads(1000, 1, 1, 20), &def, 0.5, 0, 1);
    assert_int_equal(find_table(&scene, "edge_intervals")->row_count(scene.world, scene.traffic), 0);
    assert_int_equal(jw_traffic_measure_intervals(scene.traffic, true, NULL), JW_OK);
    for (uint32_t k = 0; k < 10; k++) {
        jw_trip_def trip = {.depart_ns = jw_ns_from_s(20 * k),
                            .from_edge = 0,
                            .to_edge = 1,
                            .depart_speed = JW_DEPART_SPEED,
                            .depart_mps = 10};
        assert_int_equal(jw_traffic_add_trip(scene.world, scene.traffic, &trip, NULL), JW_OK);
    }
    test_scene_run(&scene, 600); /* the last one needs 180 + 200 s */
    assert_int_equal(jw_traffic_count(scene.traffic).arrived, 10);
    /* The roads lie end to end: no connection of any length between them, or a short one. */
    float length_m = scene.traffic->tracks[0].length_m;
    double spent_s = 10 * (double)length_m / 10;
    assert_near(number(&scene, "edge_intervals", 0, "vehicles"), spent_s / 600, 0.02);
    assert_near(number(&scene, "edge_intervals", 0, "flow_veh_h"), 60, 0.6);
    assert_near(number(&scene, "edge_intervals", 0, "speed_mps"), 10, 0.02);
    assert_near(number(&scene, "edge_intervals", 0, "density_veh_km"), 60 / 36.0, 0.02);
    assert_near(number(&scene, "edge_intervals", 0, "delay_s"), 0, 0.1);
    assert_near(number(&scene, "edge_intervals", 0, "queue_veh"), 0, 1e-9);
    assert_int_equal(number(&scene, "edge_intervals", 0, "departed"), 10);
    assert_int_equal(number(&scene, "edge_intervals", 0, "entered"), 0);
    assert_int_equal(number(&scene, "edge_intervals", 0, "left"), 10);
    assert_int_equal(number(&scene, "edge_intervals", 1, "entered"), 10);
    assert_int_equal(number(&scene, "edge_intervals", 1, "arrived"), 10);
    /* The same again is nothing: the drain begins the next interval. */
    next_interval(&scene);
    test_scene_run(&scene, 60);
    assert_true(number(&scene, "edge_intervals", 0, "vehicles") == 0);
    assert_int_equal(number(&scene, "edge_intervals", 0, "left"), 0);
    assert_true(number(&scene, "edge_intervals", 0, "begin_ns") == (double)jw_ns_from_s(600));
    test_scene_free(&scene);
}

/* One who stands before a closed end waits and loses all the time it stands. */
static void test_a_queue_by_hand(void **state)
{
    (void)state;
    test_scene scene = test_scene_make(jw_fixture_two_roads(500, 1, 1, 10), NULL, 0.5, 0, 1);
    assert_int_equal(jw_traffic_measure_intervals(scene.traffic, true, NULL), JW_OK);
    test_scene_command(&scene, "incident", "edge", 0.0, "lane", 0.0, "position_m", 300.0, "duration_s",
                       1000.0, NULL);
    test_scene_trip(&scene, 0, 0, 1, 0);
    test_scene_run(&scene, 120);
    next_interval(&scene);
    test_scene_run(&scene, 100);
    assert_near(number(&scene, "edge_intervals", 0, "queue_veh"), 1, 1e-9);
    assert_int_equal(number(&scene, "edge_intervals", 0, "queue_most_veh"), 1);
    assert_near(number(&scene, "edge_intervals", 0, "time_lost_s"), 100, 0.01);
    assert_near(number(&scene, "edge_intervals", 0, "vehicles"), 1, 1e-9);
    assert_near(number(&scene, "edge_intervals", 0, "speed_mps"), 0, 0.01);
    test_scene_free(&scene);
}

static test_scene make_town(int threads)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 6;
    def.reroute_share = -1;
    test_scene scene =
        test_scene_make(jw_fixture_grid(4, 200, 2, 13.9, true), &def, 0.5, 8 * 3600.0, threads);
    assert_int_equal(jw_traffic_measure_intervals(scene.traffic, true, NULL), JW_OK);
    return scene;
}

static uint32_t count_on_edge(const jw_traffic *t, uint32_t edge)
{
    uint32_t kerb = t->net.track_count + edge, count = t->tracks[kerb].end - t->tracks[kerb].begin;
    for (uint32_t lane = t->net.edge_first_lane[edge]; lane < t->net.edge_first_lane[edge + 1]; lane++)
        count += t->tracks[lane].end - t->tracks[lane].begin;
    return count;
}

/* In a busy town: what is summed by tracks is what all vehicles did; q = k v on every lane; who came and did
 * not go is there. */
static void test_sums_balance_in_a_town(void **state)
{
    (void)state;
    test_scene scene = make_town(2);
    jw_traffic *t = scene.traffic;
    test_scene_run(&scene, 300);
    next_interval(&scene);
    uint32_t before[256];
    assert_true(t->net.edge_count <= JW_COUNT_OF(before));
    for (uint32_t e = 0; e < t->net.edge_count; e++)
        before[e] = count_on_edge(t, e);
    test_scene_run(&scene, 300);
    uint32_t passed = 0;
    for (uint32_t e = 0; e < t->net.edge_count; e++) {
        double in =
            number(&scene, "edge_intervals", e, "entered") + number(&scene, "edge_intervals", e, "departed");
        double out =
            number(&scene, "edge_intervals", e, "left") + number(&scene, "edge_intervals", e, "arrived");
        assert_true(before[e] + in - out == count_on_edge(t, e));
        passed += (uint32_t)out;
    }
    assert_true(passed > 1000);
    for (uint32_t lane = 0; lane < t->net.lane_count; lane++) {
        double q = number(&scene, "lane_intervals", lane, "flow_veh_h");
        double k = number(&scene, "lane_intervals", lane, "density_veh_km");
        double v = number(&scene, "lane_intervals", lane, "speed_mps");
        assert_near(q, k * v * 3.6, 1e-9 * jw_max(q, 1));
        assert_true(v >= 0 && v < 25);
    }
    int64_t begin_ns;
    const jw_track_sum *sums = jw_traffic_track_sums(t, &begin_ns);
    double way_m = 0, time_s = 0, co2_g = 0;
    for (uint32_t k = 0; k < t->net.track_count; k++) {
        way_m += sums[k].way_m;
        time_s += sums[k].time_s;
        co2_g += sums[k].co2_g;
        assert_true(sums[k].time_s > -1e-6 && sums[k].way_m > -1e-3);
    }
    assert_int_equal(begin_ns, jw_ns_from_s(8 * 3600.0));
    assert_near(way_m, t->sample.way_m, 1e-6 * way_m);
    assert_near(time_s, (double)t->counts.vehicle_updates * 0.5, 1e-6 * time_s);
    assert_near(co2_g, t->emitted.co2_g, 1e-6 * co2_g);
    test_scene_free(&scene);
}

/* An output: the state goes its way whether it is measured or not, and sums do not depend on threads. */
static void test_measuring_changes_nothing(void **state)
{
    (void)state;
    test_scene scenes[3] = {make_town(1), make_town(3), make_town(1)};
    assert_int_equal(jw_traffic_measure_intervals(scenes[2].traffic, false, NULL), JW_OK);
    int64_t begin_ns;
    for (uint32_t k = 0; k < 3; k++)
        test_scene_run(&scenes[k], 200);
    assert_null(jw_traffic_track_sums(scenes[2].traffic, &begin_ns));
    assert_true(jw_world_hash(scenes[0].world) == jw_world_hash(scenes[2].world));
    assert_memory_equal(jw_traffic_track_sums(scenes[0].traffic, &begin_ns),
                        jw_traffic_track_sums(scenes[1].traffic, &begin_ns),
                        scenes[0].traffic->net.track_count * sizeof(jw_track_sum));
    for (uint32_t k = 0; k < 3; k++)
        test_scene_free(&scenes[k]);
}

static void test_levels_of_service(void **state)
{
    (void)state;
    static const double signal_s[] = {10, 20, 35, 55, 80}, other_s[] = {10, 15, 25, 35, 50};
    for (int k = 0; k < 5; k++) {
        assert_int_equal(jw_level_of_service(signal_s[k], true), 'A' + k);
        assert_int_equal(jw_level_of_service(signal_s[k] + 0.01, true), 'B' + k);
        assert_int_equal(jw_level_of_service(other_s[k], false), 'A' + k);
        assert_int_equal(jw_level_of_service(other_s[k] + 0.01, false), 'B' + k);
    }
}

/* Few vehicles at a signal: uniform delay, Webster's first term C (1 - g/C)^2 / (2 (1 - y)), within what the
 * start-up loss and the arrivals' rhythm make of it; the level is that delay's. */
static void test_delay_at_a_signal(void **state)
{
    (void)state;
    test_scene scene = test_scene_make(jw_fixture_cross(400, 1, 13.9, true), NULL, 0.5, 0, 1);
    jw_traffic *t = scene.traffic;
    assert_int_equal(jw_traffic_measure_intervals(t, true, NULL), JW_OK);
    for (uint32_t k = 0; k < 120; k++) /* 300 veh/h from the west, never in step with the cycle */
        test_scene_trip(&scene, 12.0 * k + 0.37 * (k % 7), 0, 3, 0);
    test_scene_run(&scene, 1800);
    const jw_programme *programme = &t->city->programmes[0];
    double cycle_s = 0, green_s = 0;
    uint32_t link = JW_NONE;
    for (uint32_t c = 0; c < t->net.connection_count && link == JW_NONE; c++)
        if (t->net.lane_edge[t->net.ways[c].from_lane] == 0 && t->net.lane_edge[t->net.ways[c].to_lane] == 3)
            link = t->city->connections[c].signal_link;
    for (uint32_t p = 0; p < programme->phase_count; p++) {
        const jw_signal_phase *phase = &t->city->signal_phases[programme->first_phase + p];
        cycle_s += phase->duration_s;
        char shown = (char)t->city->signal_states[phase->first_state + link];
        green_s += shown == 'G' || shown == 'g' ? phase->duration_s : 0;
    }
    double red = 1 - green_s / cycle_s;
    double expected_s = cycle_s * red * red / (2 * (1 - 300.0 / 1800));
    double measured_s = number(&scene, "junction_intervals", 0, "control_delay_s");
    assert_int_equal(number(&scene, "junction_intervals", 0, "passed"), 120);
    assert_near(measured_s, expected_s + 3, 6);
    uint32_t module;
    const jw_table *table = jw_world_find_table(scene.world, "junction_intervals", &module);
    assert_int_equal(table->text(scene.world, t, 0, 8)[0], jw_level_of_service(measured_s, true));
    test_scene_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady_cars_by_hand),    cmocka_unit_test(test_a_queue_by_hand),
        cmocka_unit_test(test_sums_balance_in_a_town), cmocka_unit_test(test_measuring_changes_nothing),
        cmocka_unit_test(test_levels_of_service),      cmocka_unit_test(test_delay_at_a_signal),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + (jw_allocated_bytes() != 0);
}
