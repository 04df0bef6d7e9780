/* Real maps and the planned city for half an hour of the morning peak: vehicles arrive, nobody overlaps,
 * traffic does not come to a standstill. The maps are found through JINGWEI_DATA. */
#include "traffic/traffic_internal.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the vehicles at most this share may stand for more than five minutes at the end. */
static void run_half_hour(jw_city *city, const char *name, double factor, double most_stuck)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = factor;
    def.walk.trips_per_person_day = 0.5 / factor;
    test_scene s = test_scene_make(city, &def, 0.5, 7.5 * 3600, 2);
    test_scene_run(&s, 1800);
    const jw_traffic *t = s.traffic;
    jw_traffic_counts c = jw_traffic_count(t);
    uint32_t stuck = 0;
    for (uint32_t p = 0; p < t->running; p++)
        stuck += test_car(t, p)->wait_s > 300;
    printf("%s, demand x %.1f: %lld departed, %lld arrived, %lld run at %.1f m/s, %lld wait, delay %.0f s, "
           "%u stuck, "
           "%lld hard brakings in %lld updates\n",
           name, factor, (long long)c.departed, (long long)c.arrived, (long long)c.running, c.mean_speed_mps,
           (long long)c.waiting, c.mean_delay_s, stuck, (long long)c.emergency_brakings,
           (long long)c.vehicle_updates);
    const jw_walks *walks = &t->walks;
    jw_walk_counts w = jw_traffic_count_walkers(t);
    uint32_t standing = 0, with_signals = 0;
    for (uint32_t k = 0; k < walks->net.crossing_count; k++)
        with_signals += walks->net.crossings[k].programme != JW_NONE;
    for (uint32_t slot = 0; slot < walks->pool.slot_count; slot++)
        standing += jw_walk_is_alive(walks, slot) && walks->items[slot].wait_s > 300;
    printf("  on foot: %lld set out, %lld arrived, %lld walk, %lld impossible; way %.0f m, delay %.1f s, %u "
           "stand; "
           "%u crossings, %u with signals\n",
           (long long)w.departed, (long long)w.arrived, (long long)w.walking, (long long)w.impossible,
           w.mean_way_m, w.mean_delay_s, standing, walks->net.crossing_count, with_signals);
    assert_true(w.arrived > w.departed / 3 && w.mean_delay_s < 120 && standing <= w.walking / 50);
    assert_true(w.impossible < w.departed / 5);
    assert_true(c.arrived > c.departed / 4);
    assert_true(c.mean_speed_mps > 3);
    assert_true(stuck <= most_stuck * (double)c.running);
    assert_true((double)c.emergency_brakings < 1e-4 * (double)c.vehicle_updates);
    test_scene_free(&s);
}

static void run_map(const char *file, double factor, double most_stuck)
{
    const char *folder = getenv("JINGWEI_DATA");
    if (!folder) {
        printf("%s: skipped, JINGWEI_DATA is not set\n", file);
        skip();
    }
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    jw_draft draft = {0};
    jw_problems problems = {0};
    jw_error error = {0};
    jw_city *city = NULL;
    jw_build_def build = {0};
    if (jw_read_osm(path, &draft, &problems, NULL, NULL, &error) ||
        jw_city_build(&draft, &build, &problems, NULL, NULL, &city, &error))
        fail_msg("%s: %s", path, error.message);
    jw_draft_free(&draft);
    jw_problems_free(&problems);
    run_half_hour(city, file, factor, most_stuck);
}

static void test_krems(void **state)
{
    (void)state;
    run_map("krems.osm.gz", 1, 0);
}

static void test_monaco(void **state)
{
    (void)state;
    run_map("monaco.osm.gz", 1, 0.02);
}

static void test_liechtenstein(void **state)
{
    (void)state;
    run_map("liechtenstein-latest.osm.pbf", 1, 0.02);
}

/* The centre of Shanghai at the default 0.9 vehicle trips a head and day is far beyond what its streets
 * carry: most people there go by underground, which is not simulated. */
static void test_shanghai(void **state)
{
    (void)state;
    run_map("shanghai_center.osm.gz", 0.2, 0.03);
}

static void test_plan(void **state)
{
    (void)state;
    jw_plan_def plan = {.seed = 7};
    jw_build_def build = {0};
    jw_draft draft = {0};
    jw_error error = {0};
    jw_city *city = NULL;
    strcpy(plan.style, "xiongan");
    if (jw_plan_city(&plan, &draft, &error) || jw_city_build(&draft, &build, NULL, NULL, NULL, &city, &error))
        fail_msg("%s", error.message);
    jw_draft_free(&draft);
    run_half_hour(city, "planned city", 1, 0.02);
}

static void test_bench(void **state)
{
    (void)state;
    static jw_traffic_bench_result result[2];
    for (int threads = 1; threads <= 2; threads++) {
        jw_traffic_bench_result *r = &result[threads - 1];
        jw_error error = {0};
        if (jw_traffic_bench(&(jw_traffic_bench_def){.vehicles = 5000, .threads = threads, .sim_s = 10}, r,
                             &error))
            fail_msg("%s", error.message);
        printf("bench, %d threads: %u vehicles, %.2f M updates/s, %.0f x real time, %.0f bytes a vehicle, "
               "%.0f a lane\n",
               threads, r->vehicles, r->updates_per_s[0] / 1e6, r->real_time_factor[0], r->bytes_per_vehicle,
               r->bytes_per_lane);
        assert_in_range(r->vehicles, 4500, 5000);
    }
    assert_true(result[0].hash == result[1].hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_krems),         cmocka_unit_test(test_monaco),
                                       cmocka_unit_test(test_liechtenstein), cmocka_unit_test(test_shanghai),
                                       cmocka_unit_test(test_plan),          cmocka_unit_test(test_bench)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
