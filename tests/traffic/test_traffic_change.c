/* Lane changes: speed gain, keeping right, lanes for some classes only, and making room where a lane ends. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static void add(test_scene *s, const jw_trip_def *trip)
{
    jw_error error = {0};
    if (jw_traffic_add_trip(s->world, s->traffic, trip, &error))
        fail_msg("%s", error.message);
}

static uint32_t count_on(const jw_traffic *t, uint32_t lane)
{
    return t->tracks[lane].end - t->tracks[lane].begin;
}

/* Seconds a car needs for 2 km with a truck at 6 m/s 20 s ahead of it. */
static double time_behind_truck(uint32_t lanes, double keep_right_mps2)
{
    jw_traffic_def def = test_plain_def();
    jw_vehicle_type slow = def.types[JW_VEHICLE_TRUCK];
    slow.max_speed_mps = 6;
    slow.vehicle_class = JW_VEHICLE_TRUCK;
    def.extra_types = &slow;
    def.extra_type_count = 1;
    def.keep_right_mps2 = keep_right_mps2;
    test_scene s = test_scene_make(jw_fixture_road(2000, lanes, 13.89), &def, 0.5, 0, 1);
    add(&s, &(jw_trip_def){.type_index1 = 1, .depart_lane = JW_DEPART_FIRST});
    add(&s, &(jw_trip_def){.depart_ns = jw_ns_from_s(20), .depart_lane = JW_DEPART_FIRST});
    double departed_s = 0;
    while (jw_traffic_count(s.traffic).arrived == 0) {
        test_scene_step(&s);
        if (departed_s == 0 && s.traffic->running == 2)
            departed_s = test_scene_time(&s);
    }
    double result = test_scene_time(&s) - departed_s;
    test_scene_free(&s);
    return result;
}

static void test_speed_gain(void **state)
{
    (void)state;
    double alone = 2000 / 13.89, one = time_behind_truck(1, 0), two = time_behind_truck(2, 0),
           right = time_behind_truck(2, 0.3);
    printf("2 km, alone %.0f s; behind a truck %.0f s, where it can be overtaken %.0f s, with a bias to the "
           "right %.0f s\n",
           alone, one, two, right);
    assert_true(one > 250); /* the truck arrives first: the time until then */
    assert_true(two < alone + 10);
    assert_true(right < alone + 15);
}

/* Of cars that begin on the left lane of an empty road, where do they end? */
static void test_keep_right(void **state)
{
    (void)state;
    for (int is_wished = 0; is_wished < 2; is_wished++) {
        jw_traffic_def def = test_plain_def();
        def.keep_right_mps2 = is_wished ? 0.3 : 0;
        test_scene s = test_scene_make(jw_fixture_road(1500, 3, 13.89), &def, 0.5, 0, 1);
        for (uint32_t k = 0; k < 10; k++)
            add(&s, &(jw_trip_def){.depart_ns = jw_ns_from_s(8 * k), .depart_lane = JW_DEPART_LANE + 2});
        test_scene_run(&s, 95);
        assert_true(count_on(s.traffic, 0) + count_on(s.traffic, 1) + count_on(s.traffic, 2) >= 8);
        if (is_wished)
            assert_true(count_on(s.traffic, 0) >= 7);
        else
            assert_int_equal(count_on(s.traffic, 0) + count_on(s.traffic, 1), 0);
        test_scene_free(&s);
    }
}

/* The kerb lane is for buses: they keep to it or not, cars never get there, however full theirs is. */
static void test_bus_lane(void **state)
{
    (void)state;
    jw_draft draft = {0};
    uint32_t refs[2] = {jw_fixture_add_node(&draft, 0, 0, false),
                        jw_fixture_add_node(&draft, 1500, 0, false)};
    jw_draft_road road = {.road_class = JW_ROAD_PRIMARY,
                          .lanes_forward = 3,
                          .bus_lane_forward = 1,
                          .allow = JW_ALLOW_MOTOR,
                          .speed_mps = 13.89,
                          .source_id = 1};
    jw_error error = {0};
    assert_int_equal(jw_draft_add_road(&draft, &road, refs, 2, NULL, &error), JW_OK);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    assert_false(city->lanes[0].allow & JW_ALLOW_CAR);
    assert_true(city->lanes[0].allow & JW_ALLOW_BUS);
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 200; k++)
        add(&s, &(jw_trip_def){.depart_ns = jw_ns_from_s(k), .vehicle_class = JW_VEHICLE_CAR});
    for (uint32_t k = 0; k < 10; k++)
        add(&s, &(jw_trip_def){.depart_ns = jw_ns_from_s(10 + 20 * k),
                               .vehicle_class = JW_VEHICLE_BUS,
                               .depart_lane = JW_DEPART_FIRST});
    test_scene_command(&s, "incident", "edge", 0.0, "lane", 1.0, "position_m", 1000.0, "duration_s", 120.0,
                       NULL);
    uint32_t buses = 0;
    while (test_scene_time(&s) < 400) {
        test_scene_step(&s);
        const jw_traffic *t = s.traffic;
        for (uint32_t p = t->tracks[0].begin; p < t->tracks[0].end; p++)
            assert_int_equal(jw_class_at(t, p), JW_VEHICLE_BUS);
        buses += count_on(t, 0);
    }
    assert_true(buses > 500);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 210);
    test_scene_free(&s);
}

/* Two lanes end in one: cars let one another in, and the one lane stays well used. */
static void test_lane_end(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_two_roads(600, 2, 1, 13.89), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 900; k++)
        test_scene_trip(&s, k, 0, 1, 0);
    test_scene_run(&s, 300);
    int64_t before = jw_traffic_count(s.traffic).arrived;
    test_scene_run(&s, 600);
    double flow = (double)(jw_traffic_count(s.traffic).arrived - before) * 6;
    printf("two lanes into one: %.0f veh/h\n", flow);
    assert_true(flow > 1899 * 0.75); /* of the capacity of an IDM lane at this limit */
    test_scene_run(&s, 1500);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 900);
    test_scene_free(&s);
}

static void test_refused_departures(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(500, 2, 13.89), NULL, 0.5, 0, 1);
    const jw_trip_def bad[] = {
        {.depart_lane = JW_DEPART_LANE + 2}, {.depart_speed = 9}, {.depart_mps = -1}, {.arrive_s_m = -5}};
    for (uint32_t k = 0; k < JW_COUNT_OF(bad); k++) {
        jw_error error = {0};
        assert_int_equal(jw_traffic_add_trip(s.world, s.traffic, &bad[k], &error), JW_ERROR_INPUT);
        assert_true(error.message[0] != 0);
    }
    add(&s, &(jw_trip_def){.depart_speed = JW_DEPART_SPEED, .depart_mps = 5, .arrive_s_m = 200});
    test_scene_step(&s);
    assert_true(test_car(s.traffic, 0)->speed_mps == 5);
    while (s.traffic->running) {
        assert_true(test_car(s.traffic, 0)->pos_m < 200);
        test_scene_step(&s);
    }
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 1);
    test_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_speed_gain),         cmocka_unit_test(test_keep_right),
        cmocka_unit_test(test_bus_lane),           cmocka_unit_test(test_lane_end),
        cmocka_unit_test(test_refused_departures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
