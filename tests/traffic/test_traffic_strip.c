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

/* One lane of a given width, from edge 0 over a signalled crossing to edge 3; `bike_lane`: and one beside it.
 */
static test_scene make_cross(double lane_m, bool has_bike_lane, const jw_traffic_def *def)
{
    jw_draft draft = {0};
    jw_error error = {0};
    uint32_t centre = jw_fixture_add_node(&draft, 0, 0, true);
    const double arm[4][2] = {{-300, 0}, {300, 0}, {0, -300}, {0, 300}};
    for (uint32_t k = 0; k < 4; k++) {
        uint32_t refs[2] = {jw_fixture_add_node(&draft, arm[k][0], arm[k][1], false), centre};
        jw_draft_road road = {.road_class = JW_ROAD_SECONDARY,
                              .lanes_forward = 1,
                              .lanes_backward = 1,
                              .bike_lane_forward = has_bike_lane,
                              .bike_lane_backward = has_bike_lane,
                              .lane_width_m = lane_m,
                              .allow = JW_ALLOW_MOTOR | BIKES,
                              .speed_mps = 13.89,
                              .source_id = k + 1};
        must(jw_draft_add_road(&draft, &road, refs, 2, NULL, &error), &error);
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return test_scene_make(city, def, 0.5, 0, 1);
}

/* Edges of make_cross: in from the west, east, south, north and back out there. */
enum { WEST_IN, WEST_OUT, EAST_IN, EAST_OUT, SOUTH_IN, SOUTH_OUT, NORTH_IN, NORTH_OUT };

/* A car comes up to bicycles on a shared lane: where it is wide enough, it passes. */
static void test_mixed(void **state)
{
    (void)state;
    const double widths_m[2] = {3.0, 3.5};
    double taken_s[2], most_mps[2] = {0, 0};
    for (uint32_t k = 0; k < 2; k++) {
        test_scene s = test_scene_make(make_lane(1000, widths_m[k], JW_ALLOW_MOTOR | BIKES), NULL, 0.5, 0, 1);
        for (uint32_t n = 0; n < 4; n++)
            test_scene_trip_of(&s, JW_VEHICLE_BICYCLE, n, 0, 0);
        test_scene_trip_of(&s, JW_VEHICLE_CAR, 30, 0, 0);
        test_scene_run(&s, 31);
        uint32_t slot = s.traffic->cars[s.traffic->tracks[0].end - 1].slot, cars = 1;
        assert_int_equal(s.traffic->vehicles[slot].vehicle_class, JW_VEHICLE_CAR);
        while (cars) {
            test_scene_step(&s);
            const jw_track *lane = &s.traffic->tracks[0];
            cars = lane->end - lane->begin - lane->wheels;
            const jw_car *car = &s.traffic->cars[s.traffic->place_of_slot[slot]];
            for (uint32_t p = lane->begin; p < lane->end && cars; p++)
                if (s.traffic->cars[p].strip && s.traffic->cars[p].pos_m > car->pos_m - 5 &&
                    s.traffic->cars[p].pos_m < car->pos_m + 1) {
                    most_mps[k] = jw_max(most_mps[k], (double)car->speed_mps);
                    assert_true(car->lateral_mm > 500 && s.traffic->cars[p].lateral_mm < -1000);
                }
        }
        taken_s[k] = test_scene_time(&s) - 30;
        test_scene_free(&s);
    }
    printf("1 km behind bicycles: %.0f s on a lane of 3.0 m, %.0f s on one of 3.5 m (passing at %.1f m/s)\n",
           taken_s[0], taken_s[1], most_mps[1]);
    assert_true(taken_s[0] > 1000 / 5.5 - 35);
    assert_true(taken_s[1] < 1000 / 13.89 + 15);
    assert_true(most_mps[0] == 0 && most_mps[1] > 8 && most_mps[1] < 5.5 + 5.6 + 1);
}

static char shown_from(const test_scene *s, uint32_t edge)
{
    const jw_lane *lane = &s->city->lanes[s->city->edges[edge].first_lane];
    return (char)s->traffic->shown[s->city->lane_connections[lane->first_connection]];
}

static void run_to(test_scene *s, uint32_t edge, char wanted)
{
    while (shown_from(s, edge) == wanted)
        test_scene_step(s);
    while (shown_from(s, edge) != wanted)
        test_scene_step(s);
}

/* At red, cars first, then e-bikes on the same lane: these come up to the line beside and ahead of them. */
static void test_ahead_of_cars(void **state)
{
    (void)state;
    test_scene s = make_cross(3.5, false, NULL);
    run_to(&s, WEST_IN, 'r');
    double now_s = test_scene_time(&s);
    test_scene_trip_of(&s, JW_VEHICLE_BICYCLE, now_s, EAST_IN, WEST_OUT); /* there are such */
    for (uint32_t k = 0; k < 2; k++)
        test_scene_trip(&s, now_s, WEST_IN, EAST_OUT, 230 - 20 * k);
    test_scene_run(&s, 8);
    jw_error error = {0};
    for (uint32_t k = 0; k < 9; k++)
        must(jw_traffic_add_trip(s.world, s.traffic,
                                 &(jw_trip_def){.depart_ns = jw_world_time_ns(s.world),
                                                .from_edge = WEST_IN,
                                                .to_edge = EAST_OUT,
                                                .from_s_m = 190,
                                                .vehicle_class = JW_VEHICLE_EBIKE},
                                 &error),
             &error);
    while (shown_from(&s, WEST_IN) == 'r')
        test_scene_step(&s);
    const jw_traffic *t = s.traffic;
    uint32_t lane = s.city->edges[WEST_IN].first_lane, ahead = 0, strips = 0;
    float line_m = t->tracks[lane].length_m, car_m = 0;
    assert_int_equal(t->tracks[lane].wheels, 9);
    assert_int_equal(t->tracks[lane].end - t->tracks[lane].begin, 11);
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++)
        if (!t->cars[p].strip)
            car_m = jw_maxf(car_m, t->cars[p].pos_m);
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++)
        if (t->cars[p].strip && t->cars[p].pos_m - jw_length_at(t, p) >= car_m) {
            ahead++;
            strips |= 1u << t->cars[p].strip;
        }
    printf("at green the first car stands %.1f m before the line, %u of 9 e-bikes ahead of it\n",
           (double)(line_m - car_m), ahead);
    assert_true(line_m - car_m > 7 && line_m - car_m < 9);
    assert_true(ahead >= 4 && strips == (1 << 1 | 1 << 2 | 1 << 3));
    test_scene_free(&s);
}

/* How long 16 e-bikes waiting at red take to pass the line: on strips, and too wide for them. */
static double discharge_s(double width_m)
{
    jw_traffic_def def = test_plain_def();
    def.types[JW_VEHICLE_EBIKE].width_m = width_m;
    test_scene s = make_cross(3.25, true, &def);
    run_to(&s, WEST_IN, 'r');
    for (uint32_t k = 0; k < 16; k++)
        test_scene_trip_of(&s, JW_VEHICLE_EBIKE, test_scene_time(&s), WEST_IN, EAST_OUT);
    run_to(&s, WEST_IN, 'r');
    for (uint32_t k = 0; k < 16; k++)
        test_scene_trip_of(&s, JW_VEHICLE_EBIKE, test_scene_time(&s), WEST_IN, EAST_OUT);
    const jw_track *lane = &s.traffic->tracks[s.city->edges[WEST_IN].first_lane];
    test_scene_run(&s, 1);
    while (shown_from(&s, WEST_IN) == 'r')
        test_scene_step(&s);
    double green_s = test_scene_time(&s);
    assert_true(lane->end - lane->begin == 16);
    while (lane->end != lane->begin)
        test_scene_step(&s);
    double taken_s = test_scene_time(&s) - green_s;
    test_scene_free(&s);
    return taken_s;
}

static void test_discharge(void **state)
{
    (void)state;
    double abreast_s = discharge_s(0.7), single_s = discharge_s(1.2);
    printf("16 e-bikes from red: %.1f s on two strips, %.1f s one behind the other\n", abreast_s, single_s);
    assert_true(abreast_s < 0.65 * single_s);
}

/* Four strips become three, on which cars leave nothing free, and then three bicycles' width for all: those
 * beside one another go one after the other, without a gap in is_consistent's eyes. */
static void test_narrowing(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_error error = {0};
    const double widths_m[3] = {3.9, 2.8, 2.0};
    uint32_t last = jw_fixture_add_node(&draft, 0, 0, false);
    for (uint32_t k = 0; k < 3; k++) {
        uint32_t refs[2] = {last, jw_fixture_add_node(&draft, k == 0 ? 300 : 300 + 40 * k, 0, false)};
        jw_draft_road road = {.road_class = JW_ROAD_SECONDARY,
                              .lanes_forward = 1,
                              .lane_width_m = widths_m[k],
                              .allow = JW_ALLOW_MOTOR | BIKES,
                              .speed_mps = 13.89,
                              .source_id = k + 1};
        must(jw_draft_add_road(&draft, &road, refs, 2, NULL, &error), &error);
        last = refs[1];
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    assert_int_equal(city->edge_count, 3);
    assert_true(city->lanes[0].strips == 4 && city->lanes[1].strips == 3 && city->lanes[2].strips == 2);
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    for (uint32_t n = 0; n < 300; n++)
        test_scene_trip_of(&s, n % 4 ? JW_VEHICLE_EBIKE : JW_VEHICLE_CAR, n / 2, 0, 2);
    while (jw_traffic_count(s.traffic).arrived < 300 && test_scene_time(&s) < 900)
        test_scene_step(&s);
    printf("300 through a narrowing road in %.0f s\n", test_scene_time(&s));
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 300);
    test_scene_free(&s);
}

static uint32_t find_turn(const jw_city *city, uint32_t from, uint32_t to, bool is_bike)
{
    for (uint32_t c = 0; c < city->connection_count; c++)
        if (city->lanes[city->connections[c].from_lane].edge == from &&
            city->lanes[city->connections[c].to_lane].edge == to &&
            !(city->connections[c].allow & JW_ALLOW_CAR) == is_bike)
            return c;
    return JW_NONE;
}

/* E-bikes turn left from all four arms in two stages while cars come from everywhere: none passes the corner
 * before the crossed street has green, when who comes against it from its own street has red. */
static void test_two_stages(void **state)
{
    (void)state;
    test_scene s = make_cross(3.25, true, NULL);
    const uint32_t in[4] = {WEST_IN, EAST_IN, SOUTH_IN, NORTH_IN},
                   left[4] = {NORTH_OUT, SOUTH_OUT, WEST_OUT, EAST_OUT};
    const uint32_t against[4] = {EAST_IN, WEST_IN, NORTH_IN, SOUTH_IN},
                   ahead[4] = {WEST_OUT, EAST_OUT, NORTH_OUT, SOUTH_OUT};
    uint32_t ways[4], foes[4];
    for (uint32_t k = 0; k < 4; k++) {
        ways[k] = find_turn(s.city, in[k], left[k], true);
        const jw_connection *c = &s.city->connections[ways[k]];
        assert_true(c->second != JW_NONE && c->wait_m > 8 && c->wait_m < c->length_m - 5);
        assert_int_equal(s.city->connections[c->second].turn, JW_TURN_STRAIGHT);
        foes[k] = find_turn(s.city, against[k], ahead[k == 0 ? 0 : k == 1 ? 1 : k == 2 ? 3 : 2], false);
        assert_int_not_equal(foes[k], JW_NONE);
        for (uint32_t n = 0; n < 30; n++)
            test_scene_trip_of(&s, JW_VEHICLE_EBIKE, 12 * n, in[k], left[k]);
        for (uint32_t n = 0; n < 60; n++)
            test_scene_trip(&s, 6 * n, against[k], s.city->lanes[s.city->connections[foes[k]].to_lane].edge,
                            0);
    }
    const jw_traffic *t = s.traffic;
    float before_m[64] = {0};
    uint32_t waited = 0, crossed = 0, most = 0;
    while (jw_traffic_count(t).arrived < 4 * 90 && test_scene_time(&s) < 1500) {
        test_scene_step(&s);
        for (uint32_t k = 0; k < 4; k++) {
            const jw_connection *c = &s.city->connections[ways[k]];
            const jw_track *track = &t->tracks[t->net.lane_count + ways[k]];
            uint32_t standing = 0;
            for (uint32_t p = track->begin; p < track->end; p++) {
                const jw_car *car = &t->cars[p];
                bool was_before = car->slot < 64 && before_m[car->slot] <= c->wait_m;
                standing += car->speed_mps < JW_STOPPED_MPS && car->pos_m > c->wait_m - 6;
                if (was_before && car->pos_m > c->wait_m + 0.05f) {
                    crossed++;
                    assert_true(t->shown[c->second] == 'G' || t->shown[c->second] == 'g' ||
                                t->shown[c->second] == 'y');
                    assert_int_equal(t->shown[foes[k]], 'r');
                }
                before_m[car->slot & 63] = car->pos_m;
            }
            waited += standing > 0;
            most = standing > most ? standing : most;
        }
    }
    printf("left turns in two stages: %u seen to leave the corner, up to %u waited at one\n", crossed, most);
    assert_int_equal(jw_traffic_count(t).arrived, 4 * 90);
    assert_true(crossed > 60 && waited > 100 && most >= 2);
    test_scene_free(&s);
}

/* Who waits at the corner calls the second green, though nobody else wants it. */
static void test_corner_calls(void **state)
{
    (void)state;
    const jw_signal_control controls[] = {JW_SIGNAL_ACTUATED, JW_SIGNAL_MAX_PRESSURE};
    for (uint32_t k = 0; k < JW_COUNT_OF(controls); k++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = controls[k];
        test_scene s = make_cross(3.25, true, &def);
        assert_true(s.city->connections[find_turn(s.city, WEST_IN, NORTH_OUT, true)].second != JW_NONE);
        test_scene_trip_of(&s, JW_VEHICLE_EBIKE, 0, WEST_IN, NORTH_OUT);
        test_scene_run(&s, 200);
        assert_int_equal(jw_traffic_count(s.traffic).arrived, 1);
        test_scene_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capacity),      cmocka_unit_test(test_overtaking),
        cmocka_unit_test(test_state),         cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_mixed),         cmocka_unit_test(test_discharge),
        cmocka_unit_test(test_ahead_of_cars), cmocka_unit_test(test_two_stages),
        cmocka_unit_test(test_corner_calls),  cmocka_unit_test(test_narrowing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
