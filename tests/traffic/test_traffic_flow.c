/* Flow against closed forms and measured figures (REFERENCES, "Road traffic"): capacity of an IDM lane, jam
 * density, saturation flow and lost time at a signal, gaps accepted at a minor road, closures and incidents.
 */
#include "traffic/traffic_internal.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

/* Times at which vehicles pass from an edge into the junction at its end, in order. */
typedef struct passages {
    uint32_t edge, count;
    double time_s[600];
    uint32_t slot[600];
} passages;

static void watch(const test_scene *s, passages *w)
{
    const jw_traffic *t = s->traffic;
    for (uint32_t track = t->net.lane_count; track < t->net.track_count; track++) {
        if (t->net.lane_edge[t->net.ways[track - t->net.lane_count].from_lane] != w->edge)
            continue;
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
            bool is_known = false;
            for (uint32_t k = w->count > 12 ? w->count - 12 : 0; k < w->count; k++)
                is_known |= w->slot[k] == t->cars[p].slot;
            if (is_known || w->count == JW_COUNT_OF(w->slot))
                continue;
            w->slot[w->count] = t->cars[p].slot;
            w->time_s[w->count++] = test_scene_time(s) - t->cars[p].pos_m / jw_max(t->cars[p].speed_mps, 1);
        }
    }
}

/* ---- following -------------------------------------------------------------------------------------------
 */

/* Flow of a platoon of cars behind a leader that never drives faster than `speed_mps`, after it has settled.
 */
static double platoon_flow(double v0_mps, double headway_s, double speed_mps)
{
    jw_traffic_def def = test_plain_def();
    def.types[JW_VEHICLE_CAR].desired_headway_s = headway_s;
    def.types[JW_VEHICLE_SHUTTLE] = def.types[JW_VEHICLE_CAR];
    def.types[JW_VEHICLE_SHUTTLE].max_speed_mps = speed_mps;
    test_scene s = test_scene_make(jw_fixture_road(8000, 1, v0_mps), &def, 0.5, 0, 1);
    test_scene_trip_of(&s, JW_VEHICLE_SHUTTLE, 0, 0, 0);
    for (uint32_t k = 0; k < 30; k++)
        test_scene_trip_of(&s, JW_VEHICLE_CAR, 1, 0, 0);
    while (s.traffic->running == 0 || test_car(s.traffic, 0)->pos_m < 7800)
        test_scene_step(&s);
    const jw_traffic *t = s.traffic;
    assert_int_equal(t->running, 31);
    double spacing = (test_car(t, 5)->pos_m - test_car(t, 25)->pos_m) / 20,
           speed = test_car(t, 15)->speed_mps;
    assert_true(jw_abs(speed - speed_mps) < 0.01 * speed_mps);
    test_scene_free(&s);
    return 3600 * speed / spacing;
}

static void test_capacity(void **state)
{
    (void)state;
    /* Equilibrium s_e(v) = (s0 + v T) / sqrt(1 - (v / v0)^4) at the speed of the greatest flow. */
    const struct {
        double v0_kmh, headway_s, best_kmh, flow;
    } cases[] = {
        {120, 1.5, 67.6, 1836}, {120, 1.0, 72.2, 2519}, {50, 1.5, 32.3, 1467}, {50, 1.0, 34.2, 1899}};
    for (uint32_t k = 0; k < JW_COUNT_OF(cases); k++) {
        double flow = platoon_flow(cases[k].v0_kmh / 3.6, cases[k].headway_s, cases[k].best_kmh / 3.6);
        printf("v0 %.0f km/h, T %.1f s: %.0f veh/h at %.1f km/h (closed form %.0f)\n", cases[k].v0_kmh,
               cases[k].headway_s, flow, cases[k].best_kmh, cases[k].flow);
        assert_true(jw_abs(flow - cases[k].flow) < 0.01 * cases[k].flow);
    }
    /* Above and below that speed less gets through. */
    assert_true(platoon_flow(120 / 3.6, 1.5, 50 / 3.6) < 1836 * 0.99);
    assert_true(platoon_flow(120 / 3.6, 1.5, 90 / 3.6) < 1836 * 0.99);
}

static void test_jam(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(1000, 1, 13.9), NULL, 0.5, 0, 1);
    test_scene_command(&s, "incident", "edge", 0.0, "lane", 0.0, "position_m", 900.0, "duration_s", 300.0,
                       NULL);
    for (uint32_t k = 0; k < 60; k++)
        test_scene_trip(&s, 1, 0, 0, 0);
    test_scene_run(&s, 290);
    const jw_traffic *t = s.traffic;
    double spacing = (test_car(t, 2)->pos_m - test_car(t, 42)->pos_m) / 40;
    printf("standing: %.2f m a car, %.0f cars a km\n", spacing, 1000 / spacing);
    assert_true(jw_abs(spacing - 7.0) < 0.1); /* 143 a km */
    assert_true(test_car(t, 0)->pos_m < 900 && test_car(t, 0)->pos_m > 896);
    assert_true(jw_traffic_edges(t)[0].queue_m > 55 * 7);
    /* The jam dissolves from its front: its wave runs back at (s0 + l) / T = 7 m/s at least in order of size.
     */
    test_scene_run(&s, 20);
    uint32_t standing = 0;
    for (uint32_t p = 0; p < t->running; p++)
        standing += test_car(t, p)->speed_mps < 0.5f;
    assert_in_range(standing, 30, 52);
    test_scene_run(&s, 200);
    assert_int_equal(jw_traffic_count(t).running, 0);
    test_scene_free(&s);
}

/* ---- signals ---------------------------------------------------------------------------------------------
 */

static void test_saturation(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 150; k++)
        test_scene_trip(&s, 0, 0, 3, 0);
    passages w = {.edge = 0};
    double green_s = -1;
    uint32_t first = 0, straight = 1, cycles = 0;
    assert_true(s.traffic->net.lane_edge[s.traffic->net.ways[straight].to_lane] == 3);
    bool was_green = true;
    while (test_scene_time(&s) < 500) {
        test_scene_step(&s);
        watch(&s, &w);
        uint8_t shown = jw_traffic_signals(s.traffic)[straight];
        bool is_green = shown == 'G' || shown == 'g';
        if (shown == 'r')
            first = w.count; /* whoever passes later belongs to the next green */
        if (is_green && !was_green)
            green_s = test_scene_time(&s) - 0.5;
        if (!is_green && was_green && green_s > 0 && w.count > first + 20) {
            double headway = (w.time_s[first + 19] - w.time_s[first + 4]) / 15;
            double lost = w.time_s[first + 19] - green_s - 20 * headway;
            printf("signal: saturation flow %.0f veh/h, lost at the start %.2f s\n", 3600 / headway, lost);
            assert_true(3600 / headway > 1800 && 3600 / headway < 1950);
            assert_true(lost > 1.2 && lost < 2.5);
            cycles++;
        }
        was_green = is_green;
    }
    assert_true(cycles >= 2);
    /* Nobody passes on red. */
    for (uint32_t k = 1; k < w.count; k++)
        assert_true(w.time_s[k] >= w.time_s[k - 1] - 0.5);
    test_scene_free(&s);
}

static void test_actuated(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    double delay[2];
    for (int is_actuated = 0; is_actuated < 2; is_actuated++) {
        def.signals.control = is_actuated ? JW_SIGNAL_ACTUATED : JW_SIGNAL_FIXED;
        test_scene s = test_scene_make(jw_fixture_cross(300, 1, 13.89, true), &def, 0.5, 0, 1);
        for (uint32_t k = 0; k < 100; k++) {
            test_scene_trip(&s, k * 17.3, 0, 3, 0);
            test_scene_trip(&s, k * 19.1 + 5, 4, 7, 0);
        }
        test_scene_run(&s, 2100);
        jw_traffic_counts c = jw_traffic_count(s.traffic);
        assert_int_equal(c.arrived, 200);
        delay[is_actuated] = c.mean_delay_s;
        test_scene_free(&s);
    }
    printf("light traffic: mean delay %.1f s fixed, %.1f s actuated\n", delay[0], delay[1]);
    assert_true(delay[1] < 0.7 * delay[0]);
}

static void test_outside(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_OUTSIDE;
    test_scene s = test_scene_make(jw_fixture_cross(200, 1, 13.89, true), &def, 0.5, 0, 1);
    test_scene_run(&s, 20);
    uint32_t phase;
    double elapsed;
    bool is_outside;
    jw_traffic_programme_state(s.traffic, 0, &phase, &elapsed, &is_outside);
    assert_int_equal(phase, 0);
    assert_false(is_outside);
    const uint8_t *shown = jw_traffic_signals(s.traffic);
    assert_int_equal(shown[1], 'G');
    assert_int_equal(shown[9], 'r');
    /* Asked for the other street: amber for 3 s, all red for 1 s, then green, and kept until the request
     * ends. */
    assert_int_equal(jw_traffic_request_phase(s.world, s.traffic, 0, 3, 60 * JW_NS_PER_S), JW_OK);
    assert_int_equal(jw_traffic_request_phase(s.world, s.traffic, 0, 1, 60 * JW_NS_PER_S), JW_ERROR_INPUT);
    assert_int_equal(jw_traffic_request_phase(s.world, s.traffic, 9, 0, 60 * JW_NS_PER_S),
                     JW_ERROR_NOT_FOUND);
    test_scene_step(&s);
    assert_int_equal(shown[1], 'y');
    test_scene_run(&s, 2.5);
    assert_int_equal(shown[1], 'y');
    test_scene_run(&s, 0.5);
    assert_int_equal(shown[1], 'r');
    assert_int_equal(shown[9], 'r');
    test_scene_run(&s, 1);
    assert_int_equal(shown[9], 'G');
    jw_traffic_programme_state(s.traffic, 0, &phase, &elapsed, &is_outside);
    assert_int_equal(phase, 3);
    assert_true(is_outside);
    test_scene_run(&s, 35);
    assert_int_equal(shown[9], 'G');
    /* The answer stays out: back to the fixed programme, in step with its clock once the least green of 10 s,
     * shown from 64.5 s on, has made its amber late (68 s by the clock). */
    test_scene_run(&s, 10);
    jw_traffic_programme_state(s.traffic, 0, &phase, &elapsed, &is_outside);
    assert_false(is_outside);
    assert_int_equal(phase, 0);
    test_scene_run(&s, 4.5);
    assert_int_equal(shown[1], 'G');
    test_scene_run(&s, 0.5);
    assert_int_equal(shown[1], 'y');
    test_scene_run(&s, 180 - test_scene_time(&s));
    test_scene reference = test_scene_make(jw_fixture_cross(200, 1, 13.89, true), NULL, 0.5, 0, 1);
    test_scene_run(&reference, 180);
    for (uint32_t k = 0; k < 120; k++) {
        for (uint32_t c = 0; c < s.city->connection_count; c++)
            assert_int_equal(jw_traffic_signals(s.traffic)[c], jw_traffic_signals(reference.traffic)[c]);
        test_scene_run(&s, 1);
        test_scene_run(&reference, 1);
    }
    test_scene_free(&reference);
    test_scene_free(&s);
}

/* ---- gaps ------------------------------------------------------------------------------------------------
 */

/* Cars every `headway_s` on the major road from the west, some waiting on the minor road to go to edge `to`:
 * how many of those got in during ten minutes, and what the major road suffered. */
static uint32_t minor_entries(double headway_s, uint32_t to, double *out_major_delay_s,
                              double *out_hardest_mps2)
{
    test_scene s = test_scene_make(jw_fixture_priority_t(300, 13.89), NULL, 0.25, 0, 1);
    for (double at = 0; at < 660; at += headway_s)
        test_scene_trip(&s, at, 0, 3, 0);
    for (uint32_t k = 0; k < 200; k++)
        test_scene_trip(&s, 30, 4, to, 100);
    passages minor = {.edge = 4};
    *out_hardest_mps2 = 0;
    while (test_scene_time(&s) < 630) {
        test_scene_step(&s);
        watch(&s, &minor);
        const jw_traffic *t = s.traffic;
        for (uint32_t p = t->tracks[0].begin; p < t->tracks[0].end; p++)
            if (t->vehicles[t->cars[p].slot].from_edge == 0)
                *out_hardest_mps2 = jw_min(*out_hardest_mps2, t->cars[p].accel_mps2);
    }
    double delay = 0;
    uint32_t count = 0;
    for (uint32_t k = 0; k < s.traffic->trip_log_count; k++) {
        const jw_trip_record *r = &s.traffic->trip_log[k];
        if (r->from_edge == 0) {
            delay += jw_s_from_ns(r->arrive_ns - r->depart_ns) - r->free_s;
            count++;
        }
    }
    *out_major_delay_s = delay / count;
    test_scene_free(&s);
    return minor.count;
}

static void test_gaps(void **state)
{
    (void)state;
    const uint32_t targets[2] = {3, 1};
    const char *names[2] = {"right", "left"};
    for (uint32_t turn = 0; turn < 2; turn++) {
        double critical = 0, delay, hardest, base_delay;
        minor_entries(1000, targets[turn], &base_delay, &hardest);
        for (double headway = 2.5; headway < 12 && critical == 0; headway += 0.5) {
            uint32_t entries = minor_entries(headway, targets[turn], &delay, &hardest);
            if (entries > 600 / headway * 0.5) /* at least every second gap is taken */
                critical = headway;
            printf("minor road to the %s, major headway %.1f s: %u entered, major delay %.2f s more, hardest "
                   "%.2f m/s2\n",
                   names[turn], headway, entries, delay - base_delay, hardest);
            assert_true(hardest > -3);
            assert_true(delay - base_delay < 4);
        }
        /* HCM 6, exhibit 20-11: base critical headways of two-lane streets 6.2 s (right), 7.1 s (left). */
        assert_true(critical >= 4.5 && critical <= 8);
    }
}

/* ---- closures --------------------------------------------------------------------------------------------
 */

static uint32_t count_on(const jw_traffic *t, uint32_t lane)
{
    return t->tracks[lane].end - t->tracks[lane].begin;
}

static void test_lane_closure(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_two_roads(600, 2, 2, 13.9), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 400; k++)
        test_scene_trip(&s, k * 1.5, 0, 1, 0);
    test_scene_run(&s, 100);
    uint32_t kerb = s.traffic->net.edge_first_lane[1];
    assert_true(count_on(s.traffic, kerb) > 0);
    test_scene_command(&s, "close_lane", "edge", 1.0, "lane", 0.0, NULL);
    test_scene_run(&s, 90);
    for (uint32_t k = 0; k < 200; k++) {
        assert_int_equal(count_on(s.traffic, kerb), 0);
        test_scene_step(&s);
    }
    int64_t arrived = jw_traffic_count(s.traffic).arrived;
    test_scene_command(&s, "open_lane", "edge", 1.0, "lane", 0.0, NULL);
    test_scene_run(&s, 120);
    assert_true(count_on(s.traffic, kerb) > 0);
    assert_true(jw_traffic_count(s.traffic).arrived > arrived);
    test_scene_run(&s, 600);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 400);
    test_scene_free(&s);
}

/* Lanes closed at last, after verbs: c, o, b close, open and take back a closing of edge 1, C and B of its
 * kerb lane alone. */
static int64_t closed_after(test_scene *s, const char *verbs)
{
    test_scene_command(s, "open_edge", "edge", 1.0, NULL);
    test_scene_step(s);
    for (const char *v = verbs; *v; v++) {
        if (*v == 'c')
            test_scene_command(s, "close_edge", "edge", 1.0, NULL);
        else if (*v == 'o')
            test_scene_command(s, "open_edge", "edge", 1.0, NULL);
        else if (*v == 'b')
            test_scene_command(s, "open_edge", "edge", 1.0, "take_back", 1.0, NULL);
        else if (*v == 'C')
            test_scene_command(s, "close_lane", "edge", 1.0, "lane", 0.0, NULL);
        else
            test_scene_command(s, "open_lane", "edge", 1.0, "lane", 0.0, "take_back", 1.0, NULL);
        test_scene_step(s);
    }
    const jw_table *edges = &jw_traffic_module.tables[0];
    return edges->integer(s->world, s->traffic, 1, 5);
}

/* Who takes back his closing leaves those of others, before or after his. */
static void test_closings_are_counted(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_two_roads(600, 2, 2, 13.9), NULL, 0.5, 0, 1);
    assert_int_equal(closed_after(&s, "c"), 2);
    assert_int_equal(closed_after(&s, "cb"), 0);
    assert_int_equal(closed_after(&s, "ccb"), 2);
    assert_int_equal(closed_after(&s, "ccbb"), 0);
    assert_int_equal(closed_after(&s, "cco"), 0); /* to open opens, whoever closed it */
    assert_int_equal(closed_after(&s, "Ccb"), 1);
    assert_int_equal(closed_after(&s, "cCB"), 2);
    assert_int_equal(closed_after(&s, "bbc"), 2); /* nothing to take back is no debt */
    assert_int_equal(closed_after(&s, "cobc"), 2);
    for (uint32_t k = 0; k < 300; k++) /* a script that closes it at each step */
        test_scene_command(&s, "close_edge", "edge", 1.0, NULL);
    assert_int_equal(closed_after(&s, ""), 0);
    for (uint32_t k = 0; k < 300; k++)
        test_scene_command(&s, "close_edge", "edge", 1.0, NULL);
    test_scene_command(&s, "works", "edge", 1.0, "lane", 0.0, "hours", 1.0, NULL);
    test_scene_command(&s, "open_edge", "edge", 1.0, "take_back", 1.0, NULL);
    test_scene_step(&s);
    assert_int_equal(jw_traffic_module.tables[0].integer(s.world, s.traffic, 1, 5), 2);
    assert_int_equal(closed_after(&s, "cb"), 1);                      /* the works' lane */
    assert_int_equal(jw_traffic_edges(s.traffic)[1].closed_lanes, 1); /* as it is drawn */
    assert_int_equal(jw_traffic_edges(s.traffic)[0].closed_lanes, 0);
    test_scene_free(&s);
}

static void test_edge_closure(void **state)
{
    (void)state;
    /* A grid: whoever was to pass the closed street goes round it. */
    test_scene s = test_scene_make(jw_fixture_grid(3, 150, 1, 13.9, false), NULL, 0.5, 0, 1);
    uint32_t from = 0, to = s.city->edge_count - 1;
    for (uint32_t k = 0; k < 60; k++)
        test_scene_trip(&s, k * 4, from, to, 0);
    test_scene_run(&s, 10);
    uint32_t route[64], count;
    jw_vehicle_id id = jw_traffic_vehicles(s.traffic).id[0];
    count = jw_traffic_vehicle_route(s.traffic, id, route, 64);
    assert_true(count > 3);
    uint32_t closed = route[count / 2];
    test_scene_command(&s, "close_edge", "edge", (double)closed, NULL);
    test_scene_step(&s);
    jw_vehicle_columns columns = jw_traffic_vehicles(s.traffic);
    for (uint32_t row = 0; row < columns.count; row++) {
        count = jw_traffic_vehicle_route(s.traffic, columns.id[row], route, 64);
        for (uint32_t k = 1; k < count; k++)
            assert_true(route[k] != closed);
    }
    test_scene_run(&s, 900);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 60);
    test_scene_free(&s);
}

static void test_incident(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(1500, 2, 13.9), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 500; k++)
        test_scene_trip(&s, k * 1.2, 0, 0, 0);
    test_scene_run(&s, 60);
    test_scene_command(&s, "incident", "edge", 0.0, "lane", 0.0, "position_m", 1200.0, "duration_s", 240.0,
                       NULL);
    float longest = 0;
    for (uint32_t k = 0; k < 480; k++) {
        test_scene_step(&s);
        longest = jw_maxf(longest, jw_traffic_edges(s.traffic)[0].queue_m);
        if (k > 40) /* nobody stands in the incident */
            for (uint32_t p = s.traffic->tracks[0].begin; p < s.traffic->tracks[0].end; p++)
                assert_true(s.traffic->cars[p].pos_m <= 1200 || s.traffic->cars[p].pos_m > 1200 + 5 ||
                            k < 60);
    }
    int64_t passed = jw_traffic_count(s.traffic).arrived;
    printf("incident: queue up to %.0f m, %lld had passed at its end\n", (double)longest, (long long)passed);
    assert_true(longest > 50);
    assert_true(passed > 70); /* the other lane stays in use: 1,500 veh/h over the last 190 s would be 80 */
    test_scene_run(&s, 500);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 500);
    assert_true(jw_traffic_edges(s.traffic)[0].queue_m == 0);
    test_scene_free(&s);
}

static void test_refused(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_two_roads(300, 1, 1, 13.9), NULL, 0.5, 0, 1);
    const struct {
        jw_trip_def trip;
        jw_result result;
    } cases[] = {
        {{.from_edge = 1, .to_edge = 0}, JW_ERROR_NOT_FOUND},
        {{.from_edge = 0, .to_edge = 77}, JW_ERROR_INPUT},
        {{.from_edge = 0, .to_edge = 1, .vehicle_class = JW_VEHICLE_PEDESTRIAN}, JW_ERROR_INPUT},
        {{.from_edge = 0, .to_edge = 1, .vehicle_class = (jw_vehicle_class)99}, JW_ERROR_INPUT},
        {{.from_edge = 0, .to_edge = 1, .from_s_m = -1}, JW_ERROR_INPUT},
        {{.from_edge = 0, .to_edge = 1, .route = (const uint32_t[]){0, 0, 1}, .route_count = 3},
         JW_ERROR_INPUT},
        {{.from_edge = 0, .to_edge = 1, .route = (const uint32_t[]){0, 1}, .route_count = 2}, JW_OK},
    };
    for (uint32_t k = 0; k < JW_COUNT_OF(cases); k++) {
        jw_error error = {0};
        assert_int_equal(jw_traffic_add_trip(s.world, s.traffic, &cases[k].trip, &error), cases[k].result);
        assert_true(cases[k].result == JW_OK || error.message[0]);
    }
    test_scene_run(&s, 120);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 1);
    test_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capacity),     cmocka_unit_test(test_jam),
        cmocka_unit_test(test_saturation),   cmocka_unit_test(test_actuated),
        cmocka_unit_test(test_outside),      cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_lane_closure), cmocka_unit_test(test_closings_are_counted),
        cmocka_unit_test(test_edge_closure), cmocka_unit_test(test_incident),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
