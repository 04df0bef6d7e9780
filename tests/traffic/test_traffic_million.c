/* Millions of trips at one instant: they wait in little memory, no step takes long, none is lost. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIPS 2000000u

static void test_one_instant(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(10, 150, 2, 13.9, true);
    jw_demand_data data = {0};
    jw_error error = {0};
    assert_int_equal(jw_grow(&data.trips, &data.trip_capacity, TRIPS, sizeof *data.trips, &error), JW_OK);
    jw_random_key key = {5, 6};
    for (uint32_t k = 0; k < TRIPS; k++) {
        uint32_t from = jw_random_index(key, k, 0, city->edge_count),
                 to = jw_random_index(key, k, 1, city->edge_count);
        data.trips[data.trip_count++] =
            (jw_listed_trip){.depart_ns = 10 * JW_NS_PER_S,
                             .tag = k + 1,
                             .from_edge = from,
                             .to_edge = from == to ? (to + 1) % city->edge_count : to};
    }
    jw_traffic_def def = test_plain_def();
    def.demand_data = &data;
    test_scene s = test_scene_make(city, &def, 0.5, 0, 2);
    jw_demand_data_free(&data);
    int64_t before = jw_allocated_bytes();
    double worst_s = 0, first_s = jw_clock_seconds();
    for (uint32_t step = 0; step < 240; step++) {
        double begin_s = jw_clock_seconds();
        assert_int_equal(jw_world_step(s.world, &error), JW_OK);
        worst_s = jw_max(worst_s, jw_clock_seconds() - begin_s);
    }
    double per_trip = (double)(jw_allocated_bytes() - before) / TRIPS;
    printf("%u trips at one instant: %.0f bytes a trip, longest step %.2f s, 240 steps in %.1f s\n", TRIPS,
           per_trip, worst_s, jw_clock_seconds() - first_s);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    assert_int_equal(c.created + c.impossible, TRIPS);
    assert_int_equal(c.created, c.waiting + c.departed);
    assert_true(c.departed > 1000);
    assert_true(per_trip < 128);
    assert_true(jw_traffic_is_consistent(s.traffic, &error));
    test_scene_free(&s);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_instant)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
