/* Two-wheelers: several abreast on lanes of their own, beside and among cars, at the line. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#define BIKES (JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE)

static void must(jw_result result, const jw_error *error)
{
    if (result)
        fail_msg("%s", error->message);
}

/* Edge 0 of one lane; another road beside it, for a city needs one for cars. */
static jw_city *make_lane(double length_m, double width_m, uint8_t allow)
{
    jw_draft draft = {0};
    jw_error error = {0};
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t refs[2] = {jw_fixture_add_node(&draft, 0, 300 * k, false),
                            jw_fixture_add_node(&draft, length_m, 300 * k, false)};
        jw_draft_road road = {.road_class = JW_ROAD_SECONDARY,
                              .lanes_forward = 1,
                              .lane_width_m = width_m,
                              .allow = k ? JW_ALLOW_MOTOR : allow,
                              .speed_mps = 13.89,
                              .source_id = k + 1};
        must(jw_draft_add_road(&draft, &road, refs, 2, NULL, &error), &error);
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    assert_int_equal(city->lanes[0].allow, allow);
    return city;
}

/* Arrivals an hour, from begin_s to end_s. */
static double arrivals_per_h(test_scene *s, double begin_s, double end_s)
{
    test_scene_run(s, begin_s);
    int64_t before = jw_traffic_count(s->traffic).arrived;
    test_scene_run(s, end_s - begin_s);
    return (double)(jw_traffic_count(s->traffic).arrived - before) * 3600 / (end_s - begin_s);
}

/* As many as come. CJJ 37-2012, 4.5 (from memory, unverified): 1,600 to 1,800 bicycles an hour for each
 * bicycle lane of 1 m, separated from cars; HCM 2000, chapter 19: 2,000 an hour and lane. Of both kinds of
 * riders, each with a wish of its own. */
static void test_capacity(void **state)
{
    (void)state;
    const double widths_m[3] = {2.5, 2.8, 3.6};
    for (uint32_t k = 0; k < 3; k++) {
        jw_traffic_def def = test_plain_def();
        def.types[JW_VEHICLE_BICYCLE].speed_factor_sd = 0.1;
        def.types[JW_VEHICLE_EBIKE].speed_factor_sd = 0.1;
        test_scene s = test_scene_make(make_lane(400, widths_m[k], BIKES), &def, 0.5, 0, 1);
        for (uint32_t n = 0; n < 4000; n++)
            test_scene_trip_of(&s, n % 3 ? JW_VEHICLE_EBIKE : JW_VEHICLE_BICYCLE, 0, 0, 0);
        double flow = arrivals_per_h(&s, 300, 900), strips = s.city->lanes[0].strips;
        printf("lane of %.1f m: %.0f bicycles and e-bikes an hour, %.0f a strip\n", widths_m[k], flow,
               flow / strips);
        assert_true(strips == k + 2);
        assert_true(flow / strips > 1600 && flow / strips < 2100);
        test_scene_free(&s);
    }
}

/* Somebody slow rides ahead: who is faster passes beside it, within the lane. */
static void test_overtaking(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.types[JW_VEHICLE_BICYCLE].max_speed_mps = 3;
    test_scene s = test_scene_make(make_lane(1000, 2.5, BIKES), &def, 0.5, 0, 1);
    test_scene_trip_of(&s, JW_VEHICLE_BICYCLE, 0, 0, 0);
    test_scene_trip_of(&s, JW_VEHICLE_BICYCLE, 10, 0, 0);
    for (uint32_t k = 0; k < 20; k++)
        test_scene_trip_of(&s, JW_VEHICLE_EBIKE, 30 + 3 * k, 0, 0);
    test_scene_run(&s, 40);
    const jw_car *first = &s.traffic->cars[s.traffic->tracks[0].begin];
    assert_int_equal(s.traffic->types[first->type].vehicle_class, JW_VEHICLE_BICYCLE);
    uint32_t abreast = 0, beside = 0;
    while (jw_traffic_count(s.traffic).arrived < 20) {
        test_scene_step(&s);
        const jw_track *lane = &s.traffic->tracks[0];
        for (uint32_t p = lane->begin + 1; p < lane->end; p++) {
            const jw_car *car = &s.traffic->cars[p], *other = &car[-1];
            if (car->strip == other->strip || other->pos_m - car->pos_m > 1)
                continue;
            abreast++;
            beside += car->lateral_mm - other->lateral_mm > 900 || other->lateral_mm - car->lateral_mm > 900;
        }
    }
    double last_s = test_scene_time(&s) - 30 - 3 * 19;
    printf("20 e-bikes pass two bicycles on 1 km: the last in %.0f s (alone %.0f s), %u times side by side\n",
           last_s, 1000 / 6.94, abreast);
    assert_true(last_s < 1000 / 6.94 + 15); /* behind the bicycles it would be 300 s */
    assert_int_equal(jw_traffic_count(s.traffic).running, 2);
    assert_true(abreast > 20 && beside * 2 > abreast);
    test_scene_free(&s);
}

/* A grid of signalled streets, two motor lanes and a bicycle lane each way, or one lane for all; two of three
 * trips are ridden. */
static test_scene make_grid(bool has_bike_lanes, int threads)
{
    jw_draft draft = {0};
    jw_fixture_draw_grid(&draft, 3, 130, has_bike_lanes ? 2 : 1, 13.9, true);
    for (uint32_t k = 0; k < draft.road_count; k++)
        draft.roads[k].bike_lane_forward = draft.roads[k].bike_lane_backward = has_bike_lanes;
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = has_bike_lanes ? 30 : 12;
    def.demand.ebike_share = 0.45;
    def.demand.bicycle_share = 0.2;
    return test_scene_make(city, &def, 0.5, 8 * 3600, threads);
}

/* Nobody overlaps anybody, all arrive, and the hashes are the same for any number of threads and after a
 * restore. */
static void test_state(void **state)
{
    (void)state;
    for (int has_lanes = 0; has_lanes < 2; has_lanes++) {
        uint64_t expected[6];
        jw_writer image = {0};
        jw_error error = {0};
        for (int threads = 1; threads <= 3; threads++) {
            test_scene s = make_grid(has_lanes, threads);
            for (uint32_t k = 0; k < JW_COUNT_OF(expected); k++) {
                test_scene_run(&s, 60);
                uint64_t hash = jw_world_hash(s.world);
                expected[k] = threads == 1 ? hash : expected[k];
                assert_true(hash == expected[k]);
                if (threads == 1 && k == 2)
                    must(jw_world_save(s.world, &image, &error), &error);
            }
            uint32_t abreast = 0;
            for (uint32_t track = 0; track < s.traffic->net.lane_count; track++)
                for (uint32_t p = s.traffic->tracks[track].begin + 1; p < s.traffic->tracks[track].end; p++)
                    abreast += s.traffic->cars[p - 1].pos_m - s.traffic->cars[p].pos_m < 1;
            assert_true(s.traffic->running > 100 && abreast > 10);
            if (threads == 3) {
                must(jw_world_restore(s.world, image.bytes, image.size, &error), &error);
                s.traffic = jw_world_state(s.world, 0);
                for (uint32_t k = 2; k < JW_COUNT_OF(expected); k++) {
                    assert_true(jw_world_hash(s.world) == expected[k]);
                    test_scene_run(&s, 60);
                }
                printf("%s: %u running, %u beside another\n", has_lanes ? "own lanes" : "narrow streets",
                       s.traffic->running, abreast);
            }
            test_scene_free(&s);
        }
        jw_writer_free(&image);
    }
}

/* A snapshot in which a two-wheeler has no strip, a car has one, or the strip is not there. */
static void test_damaged(void **state)
{
    (void)state;
    test_scene s = make_grid(true, 1);
    test_scene_run(&s, 60);
    jw_error error = {0};
    for (uint32_t k = 0; k < 3; k++) {
        uint32_t slot = 0;
        jw_traffic *t = s.traffic;
        while (!(t->pool.generations[slot] & 1) || (t->cars[t->place_of_slot[slot]].strip == 0) != (k == 1) ||
               t->cars[t->place_of_slot[slot]].track >= t->net.lane_count)
            slot++;
        jw_car *car = &t->cars[t->place_of_slot[slot]];
        uint32_t kept = car->strip;
        car->strip = k == 0 ? 0 : k == 1 ? 1 : 7;
        jw_writer image = {0};
        must(jw_world_save(s.world, &image, &error), &error);
        car->strip = kept & 7;
        jw_world *other = NULL;
        jw_module_entry entry = {&jw_traffic_module, NULL};
        assert_int_not_equal(jw_world_create_from_snapshot(&entry, 1, jw_world_shared(s.world),
                                                           s.city->content_hash, 1, image.bytes, image.size,
                                                           &other, &error),
                             JW_OK);
        jw_writer_free(&image);
    }
    test_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_capacity), cmocka_unit_test(test_overtaking),
                                       cmocka_unit_test(test_state), cmocka_unit_test(test_damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
