/* Stops on the way: where and how long vehicles stand, who is in whose way, kerbs, snapshots. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static jw_stop make_stop(uint32_t edge, double end_m, double length_m, double duration_s, jw_stop_kind kind)
{
    return (jw_stop){.edge = edge,
                     .lane = JW_NONE,
                     .begin_m = (float)(end_m - length_m),
                     .end_m = (float)end_m,
                     .duration_s = (float)duration_s,
                     .kind = kind};
}

static void add(test_scene *s, jw_vehicle_class c, double depart_s, uint32_t from, uint32_t to,
                const jw_stop *stops, uint32_t count)
{
    test_scene_add(s, &(jw_trip_def){.depart_ns = jw_ns_from_s(depart_s),
                                     .vehicle_class = c,
                                     .from_edge = from,
                                     .to_edge = to,
                                     .stops = stops,
                                     .stop_count = count});
}

/* Seconds until so many have arrived; fails after 30 minutes. */
static double run_until_arrived(test_scene *s, int64_t count)
{
    for (double begin_s = test_scene_time(s); test_scene_time(s) < begin_s + 1800;) {
        test_scene_step(s);
        if (jw_traffic_count(s->traffic).arrived >= count)
            return test_scene_time(s) - begin_s;
    }
    fail_msg("%lld arrived, not %lld", (long long)jw_traffic_count(s->traffic).arrived, (long long)count);
    return 0;
}

/* One vehicle alone: a stop of 60 s costs 60 s and what braking and starting take. */
static void test_duration(void **state)
{
    (void)state;
    static const jw_stop_kind kinds[] = {JW_STOP_IN_LANE, JW_STOP_BAY, JW_STOP_KERB, JW_STOP_ASIDE};
    test_scene free_scene = test_scene_make(jw_fixture_two_roads(400, 2, 2, 13.9), NULL, 0.5, 0, 1);
    test_scene_trip_of(&free_scene, JW_VEHICLE_BUS, 0, 0, 1);
    double free_s = run_until_arrived(&free_scene, 1);
    test_scene_free(&free_scene);
    for (uint32_t k = 0; k < JW_COUNT_OF(kinds); k++) {
        test_scene s = test_scene_make(jw_fixture_two_roads(400, 2, 2, 13.9), NULL, 0.5, 0, 1);
        jw_stop stop = make_stop(0, 250, 30, 60, kinds[k]);
        add(&s, JW_VEHICLE_BUS, 0, 0, 1, &stop, 1);
        double stood_s = 0, least_m = 1e9, most_m = 0;
        uint32_t aside = 0;
        while (jw_traffic_count(s.traffic).arrived == 0) {
            test_scene_step(&s);
            if (!jw_traffic_count(s.traffic).standing)
                continue;
            stood_s += 0.5;
            jw_vehicle_columns v = jw_traffic_vehicles(s.traffic);
            assert_int_equal(v.count, 1);
            assert_true(v.flags[0] & JW_VEHICLE_AT_STOP);
            assert_true(v.speed_mps[0] == 0 && v.edge[0] == 0);
            least_m = jw_min(least_m, v.x_m[0]);
            most_m = jw_max(most_m, v.x_m[0]);
            aside = s.traffic->stops.aside;
        }
        double slower_s = test_scene_time(&s) - free_s;
        print_message("kind %u: stood %.1f s at %.1f m, in all %.1f s longer\n", k, stood_s, most_m,
                      slower_s);
        assert_true(stood_s >= 60 && stood_s <= 61);
        assert_true(least_m >= 247.4 && most_m <= 250.01 && most_m - least_m < 0.01);
        assert_int_equal(aside, kinds[k] != JW_STOP_IN_LANE);
        /* v/2 (1/a + 1/b) = 8 s for the two changes of speed, IDM's last metres some more. */
        assert_true(slower_s > 60 + 5 && slower_s < 60 + 20);
        jw_traffic_counts c = jw_traffic_count(s.traffic);
        assert_int_equal(c.stops, 1);
        assert_int_equal(c.double_parked, 0);
        assert_true(c.mean_delay_s < 25);
        assert_true(s.traffic->trip_log[0].stop_s >= 60 && s.traffic->trip_log[0].standing_s < 10);
        test_scene_free(&s);
    }
}

static void test_until(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(500, 1, 13.9), NULL, 1, 0, 1);
    jw_stop stops[3] = {make_stop(0, 100, 20, 5, JW_STOP_IN_LANE), make_stop(0, 101, 20, 5, JW_STOP_IN_LANE),
                        make_stop(0, 300, 20, 0, JW_STOP_BAY)};
    stops[2].until_ns = jw_ns_from_s(200);
    add(&s, JW_VEHICLE_CAR, 0, 0, 0, stops, 3);
    test_scene_run(&s, 198);
    assert_int_equal(jw_traffic_count(s.traffic).stops, 3);
    assert_int_equal(jw_traffic_count(s.traffic).standing, 1);
    double more_s = run_until_arrived(&s, 1);
    assert_true(more_s > 14 && more_s < 30); /* 200 m from a standstill */
    test_scene_free(&s);
}

/* Followers on a single lane: an in-lane stop holds them all, a bay none. */
static double time_behind(jw_stop_kind kind, uint32_t lanes, double *out_bus_s)
{
    test_scene s = test_scene_make(jw_fixture_two_roads(600, lanes, lanes, 13.9), NULL, 0.5, 0, 1);
    jw_stop stop = make_stop(0, 300, 30, 90, kind);
    add(&s, JW_VEHICLE_BUS, 0, 0, 1, &stop, 1);
    for (uint32_t k = 0; k < 10; k++)
        test_scene_trip_of(&s, JW_VEHICLE_CAR, 5 + 4 * k, 0, 1);
    double last_s = 0;
    *out_bus_s = 0;
    while (jw_traffic_count(s.traffic).arrived < 11 && test_scene_time(&s) < 900)
        test_scene_step(&s);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 11);
    for (uint32_t k = 0; k < 11; k++) {
        const jw_trip_record *r = &s.traffic->trip_log[k];
        double took_s = jw_s_from_ns(r->arrive_ns - r->wish_ns);
        if (r->vehicle_class == JW_VEHICLE_BUS)
            *out_bus_s = took_s;
        else
            last_s = jw_max(last_s, took_s);
    }
    test_scene_free(&s);
    return last_s;
}

static void test_in_the_way(void **state)
{
    (void)state;
    double bus_s, lane_s = time_behind(JW_STOP_IN_LANE, 1, &bus_s);
    double bay_s = time_behind(JW_STOP_BAY, 1, &bus_s), second_s = time_behind(JW_STOP_IN_LANE, 2, &bus_s);
    print_message("slowest car behind an in-lane stop %.0f s, with two lanes %.0f s, a bay %.0f s\n", lane_s,
                  second_s, bay_s);
    assert_true(bay_s < 1200 / 13.9 + 25);
    assert_true(lane_s > bay_s + 40);
    assert_true(second_s < bay_s + 30); /* they pass on the second lane */
}

/* Vehicles an hour over a road of so many lanes with more demand than it can take; in the right one a bus
 * stands at 400 m from before the first of them comes to after the last. And the longest that one stands. */
static double flow_past(uint32_t lanes, bool has_bus, double *out_longest_s)
{
    enum { BEGIN_S = 600, END_S = 1800 };
    test_scene s = test_scene_make(jw_fixture_two_roads(600, lanes, lanes, 13.9), NULL, 0.5, 0, 1);
    jw_stop stop = make_stop(0, 400, 30, 3600, JW_STOP_IN_LANE);
    if (has_bus)
        add(&s, JW_VEHICLE_BUS, 0, 0, 1, &stop, 1);
    for (uint32_t k = 0; k < 2000u; k++)
        test_scene_trip(&s, 60 + k * END_S / 2000.0, 0, 1, 0);
    int64_t before = 0;
    while (test_scene_time(&s) < END_S) {
        test_scene_step(&s);
        if (test_scene_time(&s) == BEGIN_S)
            before = jw_traffic_count(s.traffic).arrived;
    }
    *out_longest_s = 0;
    for (uint32_t k = 0; k < jw_traffic_count(s.traffic).running; k++)
        if (test_car(s.traffic, k)->stop != JW_STOP_STANDS)
            *out_longest_s = jw_max(*out_longest_s, (double)test_car(s.traffic, k)->wait_s);
    double flow_per_h = (double)(jw_traffic_count(s.traffic).arrived - before) * 3600 / (END_S - BEGIN_S);
    test_scene_free(&s);
    return flow_per_h;
}

/* Beside a bus at its stop a street of two lanes carries nearly what one lane carries: the queue behind the
 * bus moves over from a standstill. */
static void test_past_a_bus(void **state)
{
    (void)state;
    double lane_s, past_s, blocked_s, lane = flow_past(1, false, &lane_s), past = flow_past(2, true, &past_s);
    assert_true(flow_past(1, true, &blocked_s) == 0 && blocked_s > 1000);
    print_message(
        "one lane %.0f veh/h; two lanes with a bus in one %.0f, nobody stands for more than %.0f s\n", lane,
        past, past_s);
    assert_true(lane > 1500 && past > 0.75 * lane && past < 1.1 * lane);
    assert_true(past_s < 60);
}

/* A bay of 30 m holds two buses; the third stands in the lane beside it. Nobody is lost. */
static void test_full_bay(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_two_roads(500, 1, 1, 13.9), NULL, 0.5, 0, 1);
    jw_stop stop = make_stop(0, 300, 26, 100, JW_STOP_BAY);
    for (uint32_t k = 0; k < 4; k++)
        add(&s, JW_VEHICLE_BUS, 4 * k, 0, 1, &stop, 1);
    uint32_t most = 0;
    while (jw_traffic_count(s.traffic).arrived < 4 && test_scene_time(&s) < 900) {
        test_scene_step(&s);
        most = s.traffic->stops.aside > most ? s.traffic->stops.aside : most;
    }
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    assert_int_equal(most, 2);
    assert_int_equal(c.arrived, 4);
    assert_int_equal(c.stops, 4);
    assert_true(c.double_parked >= 1);
    test_scene_free(&s);
}

/* The way between stops is the router's; a closure between them changes it, and no stop is left out. */
static void test_way(void **state)
{
    (void)state;
    for (uint32_t is_closed = 0; is_closed < 2; is_closed++) {
        test_scene s = test_scene_make(jw_fixture_grid(4, 130, 2, 13.9, false), NULL, 0.5, 0, 1);
        jw_stop stops[3] = {make_stop(30, 60, 20, 10, JW_STOP_IN_LANE), make_stop(7, 60, 20, 10, JW_STOP_BAY),
                            make_stop(50, 60, 20, 10, JW_STOP_ASIDE)};
        add(&s, JW_VEHICLE_BUS, 0, 2, 20, stops, 3);
        uint32_t reached = 0;
        while (jw_traffic_count(s.traffic).arrived < 1 && test_scene_time(&s) < 1500) {
            int64_t before = jw_traffic_count(s.traffic).stops;
            test_scene_step(&s);
            if (jw_traffic_count(s.traffic).stops > before) {
                assert_int_equal(jw_traffic_vehicles(s.traffic).edge[0], stops[reached].edge);
                reached++;
                uint32_t route[64], count = 0;
                if (reached == 1 && is_closed) { /* what it would have driven next */
                    test_scene_run(&s, 15);
                    count =
                        jw_traffic_vehicle_route(s.traffic, jw_traffic_vehicles(s.traffic).id[0], route, 64);
                    assert_true(count > 2 && route[count - 1] == 7);
                    test_scene_command(&s, "close_edge", "edge", (double)route[count - 2], NULL);
                }
            }
        }
        assert_int_equal(reached, 3);
        assert_int_equal(jw_traffic_count(s.traffic).arrived, 1);
        assert_int_equal(s.traffic->trip_log[0].to_edge, 20);
        assert_int_equal(jw_traffic_count(s.traffic).rerouted, is_closed);
        test_scene_free(&s);
    }
}

/* Along a given route, twice over the same edge: the stop behind is made the second time. */
static void test_round(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_grid(4, 130, 2, 13.9, false), NULL, 0.5, 0, 1);
    jw_stop stops[2] = {make_stop(30, 90, 20, 10, JW_STOP_BAY), make_stop(30, 50, 20, 10, JW_STOP_BAY)};
    add(&s, JW_VEHICLE_CAR, 0, 2, 20, stops, 2);
    run_until_arrived(&s, 1);
    assert_int_equal(jw_traffic_count(s.traffic).stops, 2);
    assert_true(s.traffic->trip_log[0].way_m > 800);
    test_scene_free(&s);
}

static void test_bad(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_two_roads(400, 2, 2, 13.9), NULL, 0.5, 0, 1);
    const uint32_t route[] = {0, 1};
    struct {
        jw_stop stops[2];
        uint32_t count;
        const char *part;
    } cases[] = {
        {{make_stop(9, 100, 20, 5, 0)}, 1, "edge 9"},
        {{make_stop(0, 100, -20, 5, 0)}, 1, "behind end"},
        {{make_stop(0, 100, 20, -5, 0)}, 1, "duration"},
        {{make_stop(0, 100, 20, 5, (jw_stop_kind)7)}, 1, "stop"},
        {{make_stop(1, 100, 20, 5, 0), make_stop(0, 100, 20, 5, 0)}, 2, "order"},
        {{make_stop(0, 100, 20, 5, 0)}, 5000, "more than"},
    };
    cases[0].stops[0].edge = 9;
    jw_stop lane = make_stop(0, 100, 20, 5, 0);
    lane.lane = 3;
    for (uint32_t k = 0; k <= JW_COUNT_OF(cases); k++) {
        jw_error error = {0};
        jw_trip_def trip = {.from_edge = 0, .to_edge = 1, .route = route, .route_count = 2};
        trip.stops = k < JW_COUNT_OF(cases) ? cases[k].stops : &lane;
        trip.stop_count = k < JW_COUNT_OF(cases) ? cases[k].count : 1;
        assert_int_not_equal(jw_traffic_add_trip(s.world, s.traffic, &trip, &error), JW_OK);
        if (!strstr(error.message, k < JW_COUNT_OF(cases) ? cases[k].part : "no such lane"))
            fail_msg("%u: %s", k, error.message);
    }
    jw_error error = {0};
    jw_stop back = make_stop(0, 100, 20, 5, 0);
    jw_trip_def trip = {.from_edge = 1, .to_edge = 1, .stops = &back, .stop_count = 1};
    assert_int_equal(jw_traffic_add_trip(s.world, s.traffic, &trip, &error), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_traffic_count(s.traffic).created, 0);
    test_scene_run(&s, 5);
    test_scene_free(&s);
}

/* ---- kerbs, and the whole --------------------------------------------------------------------------------
 */

static test_scene make_busy(int threads)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 8;
    def.demand.shuttle_share = 0.05;
    def.kerb =
        (jw_kerb_def){.dropoff_share = 0.3, .delivery_share = 0.5, .delivery_s = 120, .spaces_per_100m = 2};
    test_scene s = test_scene_make(jw_fixture_grid(4, 130, 2, 13.9, true), &def, 0.5, 8 * 3600, threads);
    for (uint32_t k = 0; k < 40; k++) {
        jw_stop stops[3] = {make_stop((7 * k) % 60, 60, 25, 10 + k % 7, (jw_stop_kind)(k % 4)),
                            make_stop((11 * k + 5) % 60, 80, 25, 20, JW_STOP_BAY),
                            make_stop((5 * k + 9) % 60, 50, 25, 15, JW_STOP_IN_LANE)};
        add(&s, k % 2 ? JW_VEHICLE_BUS : JW_VEHICLE_TRUCK, 8 * 3600 + 5 * k, (3 * k) % 60, (13 * k + 1) % 60,
            stops, 3);
    }
    return s;
}

static void test_state(void **state)
{
    (void)state;
    test_scene a = make_busy(1), b = make_busy(2);
    jw_error error = {0};
    uint64_t hashes[24];
    for (uint32_t k = 0; k < 24; k++) {
        test_scene_run(&a, 20);
        test_scene_run(&b, 20);
        hashes[k] = jw_world_hash(a.world);
        assert_true(jw_world_hash(b.world) == hashes[k]);
    }
    jw_traffic_counts c = jw_traffic_count(a.traffic);
    print_message("%lld stops, %lld in the second row, %lld missed, %lld stand now, %lld arrived\n",
                  (long long)c.stops, (long long)c.double_parked, (long long)c.missed_stops,
                  (long long)c.standing, (long long)c.arrived);
    assert_true(c.stops > 120 && c.double_parked > 0 && c.missed_stops == 0 && c.arrived > 100);
    test_scene_free(&a);
    test_scene_free(&b);
    /* Saved every 20 s, restored, and run on: the same. */
    a = make_busy(1);
    for (uint32_t k = 0; k < 23; k++) {
        test_scene_run(&a, 20);
        jw_world *other = test_scene_copy(&a, 2);
        assert_true(jw_world_hash(other) == hashes[k]);
        for (uint32_t n = 0; n < 40; n++)
            assert_int_equal(jw_world_step(other, &error), JW_OK);
        assert_true(jw_world_hash(other) == hashes[k + 1]);
        jw_world_destroy(other);
    }
    test_scene_free(&a);
}

/* Bytes of the plans changed at random: refused or taken, never a crash. */
static void test_damage(void **state)
{
    (void)state;
    test_scene s = make_busy(1);
    test_scene_run(&s, 100);
    jw_writer image = {0};
    jw_stops_save(s.traffic, &image);
    jw_random_key key = {5, 5};
    uint32_t refused = 0;
    for (uint32_t k = 0; k < 3000; k++) {
        uint32_t at = jw_random_index(key, k, 0, (uint32_t)image.size);
        uint8_t kept = image.bytes[at];
        image.bytes[at] = (uint8_t)jw_random_u64(key, k, 1);
        jw_stops old = s.traffic->stops;
        memset(&s.traffic->stops, 0, sizeof s.traffic->stops);
        jw_reader r = jw_reader_make(image.bytes, image.size);
        jw_stops_load(s.traffic, &r);
        refused += r.failed;
        jw_stops_free(s.traffic);
        s.traffic->stops = old;
        image.bytes[at] = kept;
    }
    assert_true(refused > 300);
    jw_writer_free(&image);
    test_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duration),   cmocka_unit_test(test_until),    cmocka_unit_test(test_in_the_way),
        cmocka_unit_test(test_past_a_bus), cmocka_unit_test(test_full_bay), cmocka_unit_test(test_way),
        cmocka_unit_test(test_round),      cmocka_unit_test(test_bad),      cmocka_unit_test(test_state),
        cmocka_unit_test(test_damage),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + (jw_allocated_bytes() != 0);
}
