/* Whole scenes: whatever happens, nobody overlaps, nobody is lost, and jams dissolve. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

/* `rate_per_h` trips from each of `from` to edges drawn in turn from `to`, during `seconds`. */
static void feed(test_scene *s, const uint32_t *from, uint32_t from_count, const uint32_t *to,
                 uint32_t to_count, double rate_per_h, double seconds)
{
    for (uint32_t f = 0; f < from_count; f++) {
        uint32_t k = f;
        for (double at = f * 0.7; at < seconds; at += 3600 / rate_per_h) {
            for (;;) {
                uint32_t target = to[(k++ * 7 + f) % to_count];
                jw_trip_def trip = {.depart_ns = jw_ns_from_s(at),
                                    .from_edge = from[f],
                                    .to_edge = target,
                                    .vehicle_class = k % 11 == 0 ? JW_VEHICLE_TRUCK : JW_VEHICLE_CAR};
                jw_error error = {0};
                if (s->city->edges[from[f]].opposite == target || from[f] == target ||
                    jw_traffic_add_trip(s->world, s->traffic, &trip, &error) != JW_OK)
                    continue;
                break;
            }
        }
    }
}

/* Runs until all have arrived; fails when that takes longer than `most_s`. */
static void drain(test_scene *s, double most_s, const char *name)
{
    double begin = test_scene_time(s);
    while (jw_traffic_count(s->traffic).running + jw_traffic_count(s->traffic).waiting > 0) {
        if (test_scene_time(s) - begin > most_s) {
            jw_traffic_counts c = jw_traffic_count(s->traffic);
            fail_msg("%s: after %.0f s %lld run, %lld wait, %lld arrived: a gridlock", name, most_s,
                     (long long)c.running, (long long)c.waiting, (long long)c.arrived);
        }
        test_scene_step(s);
    }
    jw_traffic_counts c = jw_traffic_count(s->traffic);
    printf("%s: %lld arrived, mean travel %.1f s, delay %.1f s, %lld hard brakings in %lld updates, empty at "
           "%.0f s\n",
           name, (long long)c.arrived, c.mean_travel_time_s, c.mean_delay_s, (long long)c.emergency_brakings,
           (long long)c.vehicle_updates, test_scene_time(s));
    assert_int_equal(c.created, c.arrived);
}

static void test_road(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(1000, 2, 20), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 300; k++)
        test_scene_trip_of(&s, k % 7 == 0 ? JW_VEHICLE_TRUCK : JW_VEHICLE_CAR, k * 1.0, 0, 0);
    drain(&s, 900, "road");
    test_scene_free(&s);
}

static void test_cross(void **state)
{
    (void)state;
    const uint32_t in[] = {0, 2, 4, 6}, out[] = {1, 3, 5, 7};
    for (int has_signal = 0; has_signal < 2; has_signal++) {
        test_scene s = test_scene_make(jw_fixture_cross(200, 2, 14, has_signal), NULL, 0.5, 0, 1);
        feed(&s, in, 4, out, 4, has_signal ? 500 : 300, 1800);
        test_scene_run(&s, 1800);
        drain(&s, 1200, has_signal ? "cross with signals" : "cross without signals");
        test_scene_free(&s);
    }
}

static void test_priority_t(void **state)
{
    (void)state;
    const uint32_t in[] = {0, 2, 4}, out[] = {1, 3, 5};
    test_scene s = test_scene_make(jw_fixture_priority_t(250, 14), NULL, 0.5, 0, 1);
    feed(&s, in, 3, out, 3, 350, 1800);
    test_scene_run(&s, 1800);
    drain(&s, 1200, "T junction");
    test_scene_free(&s);
}

/* Edges that begin (or end) where only one road ends. */
static uint32_t find_arms(const jw_city *city, bool is_in, uint32_t *out)
{
    uint32_t count = 0;
    for (uint32_t e = 0; e < city->edge_count; e++) {
        const jw_junction *j = &city->junctions[is_in ? city->edges[e].from : city->edges[e].to];
        if (j->kind == JW_JUNCTION_DEAD_END)
            out[count++] = e;
    }
    return count;
}

static void test_roundabout(void **state)
{
    (void)state;
    uint32_t in[16], out[16];
    jw_city *city = jw_fixture_roundabout(20, 200);
    uint32_t in_count = find_arms(city, true, in), out_count = find_arms(city, false, out);
    assert_int_equal(in_count, 4);
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    feed(&s, in, in_count, out, out_count, 300, 1800);
    test_scene_run(&s, 1800);
    drain(&s, 1200, "roundabout");
    test_scene_free(&s);
}

static void run_grid(double factor, bool has_signals, double drain_s, const char *name)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = factor;
    test_scene s = test_scene_make(jw_fixture_grid(5, 150, 2, 13.9, has_signals), &def, 0.5, 7 * 3600, 2);
    test_scene_run(&s, 1800);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    printf("%s at 7:30: %lld created, %lld waiting, %lld running, %.1f m/s\n", name, (long long)c.created,
           (long long)c.waiting, (long long)c.running, c.mean_speed_mps);
    test_scene_command(&s, "set_demand_factor", "factor", 0.0, NULL);
    test_scene_run(&s, 120);
    drain(&s, drain_s, name);
    test_scene_free(&s);
}

static void test_grid_moderate(void **state)
{
    (void)state;
    run_grid(5, true, 1800, "signal grid, moderate");
    run_grid(5, false, 1800, "uncontrolled grid, moderate");
}

static void test_grid_heavy(void **state)
{
    (void)state;
    run_grid(20, true, 7200, "signal grid, heavy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_road),          cmocka_unit_test(test_cross),
        cmocka_unit_test(test_priority_t),    cmocka_unit_test(test_roundabout),
        cmocka_unit_test(test_grid_moderate), cmocka_unit_test(test_grid_heavy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
