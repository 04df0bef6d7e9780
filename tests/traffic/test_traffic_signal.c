/* Signal control: delay against Webster's formula, gap-out, maxima and skipping of actuated control,
 * stability under max-pressure, bands of green waves, priority, what comes from outside, and that amber,
 * all-red and the least greens are kept whatever decides. */
#include "traffic/traffic_internal.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>

/* ---- demand ----------------------------------------------------------------------------------------------
 */

static uint32_t send_poisson(test_scene *s, uint32_t from, uint32_t to, double per_hour, double begin_s,
                             double end_s)
{
    return test_scene_poisson(s, (jw_random_key){11 + from, 17}, from, from, to, per_hour, begin_s, end_s);
}

static double cross_delay(jw_signal_control control, double west_per_hour, double south_per_hour,
                          double end_s, uint32_t *out_left)
{
    jw_traffic_def def = test_plain_def();
    def.signals.control = control;
    test_scene s = test_scene_make(jw_fixture_cross(500, 1, 13.89, true), &def, 0.5, 0, 1);
    send_poisson(&s, 0, 3, west_per_hour, 0, end_s);
    send_poisson(&s, 4, 7, south_per_hour, 0, end_s);
    test_scene_run(&s, end_s);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    *out_left = (uint32_t)(c.created - c.arrived);
    test_scene_free(&s);
    return c.mean_delay_s;
}

/* ---- fixed time: Webster ---------------------------------------------------------------------------------
 */

/* Mean time before the stop line of the major road, by Poisson arrivals, with or without signals. */
static double time_before_line_s(bool has_signal, double per_hour)
{
    const double end_s = 6 * 3600;
    test_scene s = test_scene_make(jw_fixture_cross(900, 1, 13.89, has_signal), NULL, 0.5, 0, 1);
    uint32_t count = send_poisson(&s, 0, 3, per_hour, 0, end_s), lane = s.city->edges[0].first_lane;
    double sum_s = 0, wished_s = 0;
    jw_random_key key = {11, 17};
    for (uint32_t k = 0; k < count; k++) /* as send_poisson drew them */
        wished_s += jw_random_exponential(key, 0, k, 3600 / per_hour) * (count - k);
    while (test_scene_time(&s) < end_s + 600) {
        test_scene_step(&s);
        jw_traffic_counts c = jw_traffic_count(s.traffic);
        uint32_t passed =
            (uint32_t)c.departed - (s.traffic->tracks[lane].end - s.traffic->tracks[lane].begin);
        sum_s += 0.5 * (count - passed); /* all that have not passed, from midnight on */
    }
    assert_int_equal(jw_traffic_count(s.traffic).arrived, count);
    test_scene_free(&s);
    return (sum_s - wished_s) / count;
}

/* Webster, "Traffic signal settings", Road Research Technical Paper 39, HMSO, London 1958: uniform, random
 * and (minus) correction term. */
static double webster_s(double cycle_s, double green_s, double saturation_per_s, double flow_per_s)
{
    double split = green_s / cycle_s, x = flow_per_s / (split * saturation_per_s);
    return cycle_s * pow(1 - split, 2) / (2 * (1 - split * x)) + x * x / (2 * flow_per_s * (1 - x)) -
           0.65 * pow(cycle_s / (flow_per_s * flow_per_s), 1.0 / 3) * pow(x, 2 + 5 * split);
}

static void test_webster(void **state)
{
    (void)state;
    /* The fixture's green is 68 s of 120; the saturation flow (1,864 veh/h) and the start-up loss (1.55 s)
     * are what test_traffic_flow measures; at the end cars that cannot stop comfortably use the amber: 2 s of
     * 3 (HCM 2000, exhibit 10-9: extension 2 s). */
    const double cycle_s = 120, green_s = 68 - 1.55 + 2, saturation = 1864 / 3600.0;
    const double ratios[] = {0.5, 0.8};
    for (uint32_t k = 0; k < JW_COUNT_OF(ratios); k++) {
        double flow = ratios[k] * saturation * green_s / cycle_s;
        double delay = time_before_line_s(true, 3600 * flow) - time_before_line_s(false, 3600 * flow);
        double expected = webster_s(cycle_s, green_s, saturation, flow);
        printf("fixed time at v/c %.1f: delay %.1f s, Webster %.1f s\n", ratios[k], delay, expected);
        assert_true(fabs(delay - expected) < 0.08 * expected);
    }
}

/* ---- actuated --------------------------------------------------------------------------------------------
 */

static uint32_t phase_of(const test_scene *s)
{
    const jw_signal *now = &s->traffic->signals.now[0];
    return now->stage == JW_STAGE_GREEN ? now->phase : JW_NONE;
}

static void test_actuated_beats_fixed(void **state)
{
    (void)state;
    uint32_t left;
    double fixed = cross_delay(JW_SIGNAL_FIXED, 250, 550, 3600, &left);
    double actuated = cross_delay(JW_SIGNAL_ACTUATED, 250, 550, 3600, &left);
    printf("250 and 550 veh/h where the plan has it the other way round: %.1f s fixed, %.1f s actuated\n",
           fixed, actuated);
    assert_true(actuated < 0.6 * fixed);
}

/* Green ends the passage time after its detectors were left, when another phase is called. */
static void test_gap_out(void **state)
{
    (void)state;
    const double passages[] = {1.0, 2.0, 4.5};
    for (uint32_t k = 0; k < JW_COUNT_OF(passages); k++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = JW_SIGNAL_ACTUATED;
        def.signals.passage_s = passages[k];
        test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), &def, 0.1, 0, 1);
        test_scene_trip(&s, 20, 4, 7, 250); /* calls while the others are on the detector */
        for (uint32_t i = 0; i < 8; i++)    /* closer than the least passage time */
            test_scene_trip(&s, 2.4 * i, 0, 3, 0);
        double left_s = 0, ended_s = 0;
        while (ended_s == 0 && test_scene_time(&s) < 120) {
            test_scene_step(&s);
            jw_signal_look(s.traffic, 0);
            bool is_used = false;
            for (uint32_t i = 0; i < 3; i++)
                is_used |= s.traffic->signals.sight.detected[i] > 0;
            if (is_used)
                left_s = test_scene_time(&s);
            if (phase_of(&s) == JW_NONE)
                ended_s = test_scene_time(&s);
        }
        printf("passage time %.1f s: green ended %.2f s after the detector was left\n", passages[k],
               ended_s - left_s);
        assert_true(left_s > 30 && fabs(ended_s - left_s - passages[k]) < 0.35);
        test_scene_free(&s);
    }
}

/* Against a queue that never ends, green lasts its maximum from the call on. */
static void test_max_out(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_ACTUATED;
    test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), &def, 0.5, 0, 1);
    for (uint32_t k = 0; k < 200; k++)
        test_scene_trip(&s, 0, 0, 3, 0);
    test_scene_trip(&s, 30, 4, 7, 300);
    double called_s = 0, ended_s = 0, max_s = jw_s_from_ns(s.traffic->signals.net.max_ns[0]);
    while (ended_s == 0 && test_scene_time(&s) < 300) {
        test_scene_step(&s);
        if (called_s == 0 && s.traffic->signals.now[0].call_ns >= 0)
            called_s = test_scene_time(&s);
        if (phase_of(&s) == JW_NONE)
            ended_s = test_scene_time(&s);
    }
    printf("called at %.1f s, green ended %.1f s later (maximum %.0f s)\n", called_s, ended_s - called_s,
           max_s);
    assert_true(called_s > 30 && fabs(ended_s - called_s - max_s) <= 0.5);
    test_scene_free(&s);
}

/* Two lanes with left turns of their own: their phases come only when somebody turns left. */
/* Some way from one edge to another has a green that is protected. */
static bool has_green(const test_scene *s, uint32_t from, uint32_t to)
{
    const jw_city *city = s->city;
    for (uint32_t c = 0; c < city->connection_count; c++)
        if (s->traffic->shown[c] == 'G' && city->lanes[city->connections[c].from_lane].edge == from &&
            city->lanes[city->connections[c].to_lane].edge == to)
            return true;
    return false;
}

/* What nobody calls is left out; beside a left turn alone nothing goes against it. */
static void test_skipping(void **state)
{
    (void)state;
    for (int turns_left = 0; turns_left < 2; turns_left++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = JW_SIGNAL_ACTUATED;
        test_scene s = test_scene_make(jw_fixture_cross(300, 3, 13.89, true), &def, 0.5, 0, 1);
        assert_int_equal(s.city->programmes[0].phase_count, 12); /* straight, left, straight, left */
        for (uint32_t k = 0; k < 60; k++) {
            test_scene_trip(&s, k * 11.0, 0, 3, 0);
            test_scene_trip(&s, k * 13.0 + 3, 4, turns_left ? 1 : 7, 0);
        }
        bool goes[4] = {false}; /* west straight, west left, south left, north straight */
        while (test_scene_time(&s) < 900) {
            test_scene_step(&s);
            goes[0] |= has_green(&s, 0, 3);
            goes[1] |= has_green(&s, 0, 7);
            goes[2] |= has_green(&s, 4, 1);
            goes[3] |= has_green(&s, 6, 5);
        }
        assert_true(goes[0] && !goes[1] && goes[2] == (turns_left == 1) && goes[3] == (turns_left == 0));
        test_scene_free(&s);
    }
}

/* ---- extended --------------------------------------------------------------------------------------------
 */

/* The next green of phase 0: how long it lasts; out_free_s: the end, counted from when a rear last left the
 * loop, 2 s of way before the line. */
static double next_green_s(test_scene *s, double *out_free_s)
{
    const jw_traffic *t = s->traffic;
    const jw_track *lane = &t->tracks[s->city->edges[0].first_lane];
    double begin_s, left_s = -100, loop_m = (double)lane->length_m - 2 * 13.89;
    while (phase_of(s) == 0)
        test_scene_step(s);
    while (phase_of(s) != 0)
        test_scene_step(s);
    for (begin_s = test_scene_time(s); phase_of(s) == 0; test_scene_step(s))
        for (uint32_t p = lane->begin; p < lane->end; p++)
            if ((double)t->cars[p].pos_m >= loop_m &&
                (double)(t->cars[p].pos_m - jw_length_at(t, p)) <= loop_m)
                left_s = test_scene_time(s);
    *out_free_s = test_scene_time(s) - left_s;
    return test_scene_time(s) - begin_s;
}

/* Every green of the list comes in its turn, called or not: for its minimum, until its loops are free for 3
 * s, or for its maximum. */
static void test_extended(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_EXTENDED;
    test_scene s = test_scene_make(jw_fixture_cross(600, 1, 13.89, true), &def, 0.1, 0, 1);
    double free_s, begin_s = test_scene_time(&s), green_s = next_green_s(&s, &free_s);
    const jw_signal_net *net = &s.traffic->signals.net;
    double min_s = jw_s_from_ns(net->min_ns[0]), max_s = jw_s_from_ns(net->max_ns[0]), other_s = 0;
    assert_true(fabs(green_s - min_s) < 0.15);
    assert_true(test_scene_time(&s) - begin_s < 2 * 2 * (min_s + 6)); /* the other street's in between */
    for (uint32_t i = 0; i < 8; i++)
        test_scene_trip(&s, test_scene_time(&s) + 2.4 * i, 0, 3, 0);
    do {
        green_s = next_green_s(&s, &free_s);
    } while (green_s < min_s + 1 && test_scene_time(&s) < 300);
    printf("extended green: minimum %.0f s, platoon %.1f s, ended %.1f s after its loop was left\n", min_s,
           green_s, free_s);
    assert_true(green_s > min_s + 1 && green_s < max_s && fabs(free_s - 3) < 0.35);
    for (uint32_t i = 0; i < 300; i++)
        test_scene_trip(&s, test_scene_time(&s), 0, 3, 0);
    for (uint32_t i = 0; i < 3; i++)
        green_s = next_green_s(&s, &free_s);
    assert_true(fabs(green_s - max_s) < 0.15);
    while (phase_of(&s) != 3)
        test_scene_step(&s);
    for (; phase_of(&s) == 3; other_s += 0.1)
        test_scene_step(&s);
    assert_true(fabs(other_s - jw_s_from_ns(net->min_ns[3])) < 0.15);
    test_scene_free(&s);
}

/* ---- max-pressure ----------------------------------------------------------------------------------------
 */

static void test_max_pressure(void **state)
{
    (void)state;
    /* The plan gives the southern arm 44 of 120 s: 680 veh/h. */
    uint32_t fixed, stable, later;
    cross_delay(JW_SIGNAL_FIXED, 250, 850, 3600, &fixed);
    cross_delay(JW_SIGNAL_MAX_PRESSURE, 250, 850, 3600, &stable);
    cross_delay(JW_SIGNAL_MAX_PRESSURE, 250, 850, 2 * 3600, &later);
    printf("250 and 850 veh/h: %u cars left after an hour fixed, %u by max-pressure, %u after two hours\n",
           fixed, stable, later);
    assert_true(fixed > 150 && stable < 50 && later < 50);
}

/* What waits behind the junction counts against a phase. */
static void test_pressure(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 5; k++)
        test_scene_trip(&s, 0, 4, 7, 330); /* north on the southern arm: red until 72 s */
    test_scene_run(&s, 30);
    jw_signal_answer answer;
    jw_signal_view view = jw_traffic_view_signal(s.world, s.traffic, 0, &answer);
    assert_int_equal(view.green_count, 2);
    assert_true(view.green[0] == 0 && view.green[1] == 3 && view.phase == 0 && !view.is_changing);
    assert_true(view.queued[0] == 0 && view.queued[1] == 5 && view.pressure[1] == 5 && view.pressure[0] == 0);
    assert_true(view.min_s[1] == 10 && view.max_s[1] == 60 && view.wait_s[1] > 15);
    assert_true(fabs(view.elapsed_s - 30) < 1e-6);
    test_scene_free(&s);
}

/* ---- green waves -----------------------------------------------------------------------------------------
 */

#define STREETS 5

/* A main road west to east with signals at every cross street, `spacing_m` apart; edges of draft road r: 2 r
 * and 2 r + 1. Road k leads from node k to k + 1. */
static jw_city *make_corridor(double spacing_m)
{
    jw_draft draft = {0};
    uint32_t main[STREETS + 2];
    for (uint32_t k = 0; k < STREETS + 2; k++)
        main[k] = jw_fixture_add_node(&draft, k * spacing_m, 0, k > 0 && k <= STREETS);
    for (uint32_t k = 0; k <= STREETS; k++)
        jw_fixture_add_road(&draft, main[k], main[k + 1], JW_ROAD_PRIMARY, 2, 2, 13.89);
    for (uint32_t k = 1; k <= STREETS; k++) {
        uint32_t south = jw_fixture_add_node(&draft, k * spacing_m, -200, false),
                 north = jw_fixture_add_node(&draft, k * spacing_m, 200, false);
        jw_fixture_add_road(&draft, south, main[k], JW_ROAD_SECONDARY, 1, 1, 13.89);
        jw_fixture_add_road(&draft, main[k], north, JW_ROAD_SECONDARY, 1, 1, 13.89);
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

static uint32_t junction_at(const jw_city *city, double x_m)
{
    for (uint32_t j = 0; j < city->junction_count; j++)
        if (fabs(city->junctions[j].x_m - x_m) < 1 && fabs(city->junctions[j].y_m) < 1)
            return j;
    return JW_NONE;
}

/* The edge along the main road that ends (or begins) at x. */
static uint32_t main_edge(const jw_city *city, double from_m, double to_m)
{
    for (uint32_t e = 0; e < city->edge_count; e++)
        if (city->edges[e].from == junction_at(city, from_m) && city->edges[e].to == junction_at(city, to_m))
            return e;
    return JW_NONE;
}

/* A platoon that reaches the first line when the band opens drives through. */
static void test_green_wave(void **state)
{
    (void)state;
    const double spacings_m[] = {310, 430};
    for (uint32_t n = 0; n < 2; n++) {
        double spacing_m = spacings_m[n];
        jw_traffic_def def = test_plain_def();
        def.types[JW_VEHICLE_CAR].max_speed_mps = 40 / 3.6;
        test_scene s = test_scene_make(make_corridor(spacing_m), &def, 0.5, 0, 1);
        jw_wave_def wave_def = {.from_junction = junction_at(s.city, spacing_m),
                                .to_junction = junction_at(s.city, STREETS * spacing_m),
                                .speed_mps = 40 / 3.6,
                                .cycle_s = 90};
        jw_wave wave;
        jw_error error = {0};
        assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wave_def, &wave, &error), JW_OK);
        printf(
            "wave of %u signals %.0f m apart at %.1f km/h: cycle %.0f s, bands %.0f s there, %.0f s back\n",
            wave.programme_count, spacing_m, 3.6 * wave.speed_mps, wave.cycle_s, wave.forward_s,
            wave.backward_s);
        assert_int_equal(wave.programme_count, STREETS);
        assert_true(wave.cycle_s == 90 && wave.forward_s > 25 && fabs(wave.speed_mps - 40 / 3.6) < 0.01);
        /* Green at the first line, 3 cycles on, when all are in step. */
        uint32_t first = s.city->junctions[wave_def.from_junction].programme;
        double offset_s = jw_s_from_ns(s.traffic->signals.plans[first].offset_ns);
        double open_s = 3 * 90 + offset_s, to_line_s = (spacing_m - 20) / (40 / 3.6);
        for (uint32_t k = 0; k < 12; k++)
            test_scene_trip(&s, open_s - to_line_s + 4 + 2.0 * k, main_edge(s.city, 0, spacing_m),
                            main_edge(s.city, STREETS * spacing_m, (STREETS + 1) * spacing_m), 0);
        float slowest = 100;
        uint32_t most = 0;
        while (test_scene_time(&s) < open_s + 300) {
            test_scene_step(&s);
            const jw_traffic *t = s.traffic;
            most = t->running > most ? t->running : most;
            for (uint32_t slot = 0; slot < t->pool.slot_count; slot++)
                if (t->pool.generations[slot] & 1)
                    slowest = jw_minf(slowest, t->cars[t->place_of_slot[slot]].speed_mps);
        }
        jw_traffic_counts c = jw_traffic_count(s.traffic);
        printf("  platoon of %u: slowest %.1f km/h, mean delay %.1f s\n", most, 3.6 * (double)slowest,
               c.mean_delay_s);
        assert_true(c.arrived == 12 && most == 12 && slowest > 20 / 3.6f);
        test_scene_free(&s);
    }
}

/* Without a wave the same platoon has to stop: what the test above measures is not there by itself. */
static void test_no_wave(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    test_scene s = test_scene_make(make_corridor(310), &def, 0.5, 0, 1);
    jw_wave_def wrong = {junction_at(s.city, 310), junction_at(s.city, 310), 10, 90, true};
    jw_wave wave;
    jw_error error = {0};
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wrong, &wave, &error), JW_ERROR_NOT_FOUND);
    wrong.to_junction = junction_at(s.city, 310 * STREETS);
    wrong.cycle_s = 20;
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wrong, &wave, &error), JW_ERROR_INPUT);
    wrong.cycle_s = 10;
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wrong, &wave, &error), JW_ERROR_INPUT);
    wrong.from_junction = 1 << 20;
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wrong, &wave, &error), JW_ERROR_NOT_FOUND);
    /* Bands in both directions share what one alone would have. */
    /* 22 s from line to line, a quarter of the cycle: at 28 s there would be none. */
    jw_wave_def both = {junction_at(s.city, 310), junction_at(s.city, 310 * STREETS), 13.89, 90, true};
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &both, &wave, &error), JW_OK);
    printf("both ways: %.0f s there, %.0f s back\n", wave.forward_s, wave.backward_s);
    assert_true(wave.forward_s > 5 && wave.backward_s > 5);
    test_scene_free(&s);
}

/* A start under GREEN_WAVE: every signal of the corridor is part of one chain. */
static void test_all_waves(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_GREEN_WAVE;
    test_scene s = test_scene_make(make_corridor(310), &def, 0.5, 0, 1);
    assert_int_equal(s.traffic->signals.wave_count, 1);
    assert_int_equal(s.traffic->signals.waves[0].programme_count, STREETS);
    test_scene_run(&s, 300);
    test_scene_free(&s);
}

/* ---- priority --------------------------------------------------------------------------------------------
 */

/* Mean travel time of a class that comes every 2 minutes, and now and then of the others, too. */
static double priority_time(bool has_priority, jw_vehicle_class vehicle_class, double *out_others_s)
{
    jw_traffic_def def = test_plain_def();
    def.signals.has_priority = has_priority;
    test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), &def, 0.5, 0, 1);
    for (uint32_t k = 0; k < 40; k++)
        test_scene_trip_of(&s, vehicle_class, 30 + k * 137.0, 4, 7);
    send_poisson(&s, 0, 3, 300, 0, 5600);
    test_scene_run(&s, 6000);
    double sum[2] = {0, 0};
    uint32_t count[2] = {0, 0};
    for (uint32_t k = 0; k < s.traffic->trip_log_count; k++) {
        const jw_trip_record *trip = &s.traffic->trip_log[k];
        uint32_t of = trip->vehicle_class == vehicle_class;
        sum[of] += jw_s_from_ns(trip->arrive_ns - trip->wish_ns);
        count[of]++;
    }
    assert_int_equal(count[1], 40);
    *out_others_s = sum[0] / count[0];
    test_scene_free(&s);
    return sum[1] / count[1];
}

static void test_priority(void **state)
{
    (void)state;
    const jw_vehicle_class classes[] = {JW_VEHICLE_BUS, JW_VEHICLE_EMERGENCY};
    const char *const names[] = {"buses", "emergency vehicles"};
    const double least_gain_s[] = {5, 2}; /* emergency vehicles pass red lights anyway */
    for (uint32_t k = 0; k < 2; k++) {
        double others[2], without = priority_time(false, classes[k], &others[0]),
                          with = priority_time(true, classes[k], &others[1]);
        printf("%s: %.1f s without priority, %.1f s with; the others %.1f s and %.1f s\n", names[k], without,
               with, others[0], others[1]);
        assert_true(without - with > least_gain_s[k]);
        assert_true(others[1] < others[0] + 12);
    }
}

/* After a bus the programme is back in step with its clock within two cycles. */
static void test_recovery(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    test_scene plain = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), &def, 0.5, 0, 1);
    def.signals.has_priority = true;
    test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), &def, 0.5, 0, 1);
    test_scene_trip_of(&s, JW_VEHICLE_BUS, 93, 4, 7); /* is near the line when its green ends at 116 s */
    bool was_different = false;
    for (uint32_t k = 0; k < 2 * 600; k++) {
        test_scene_step(&s);
        test_scene_step(&plain);
        bool is_different = jw_traffic_signals(s.traffic)[9] != jw_traffic_signals(plain.traffic)[9] ||
                            jw_traffic_signals(s.traffic)[1] != jw_traffic_signals(plain.traffic)[1];
        was_different |= is_different;
        if (test_scene_time(&s) > 120 + 2 * 120)
            assert_false(is_different);
    }
    assert_true(was_different);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 1);
    test_scene_free(&s);
    test_scene_free(&plain);
}

/* ---- from outside ----------------------------------------------------------------------------------------
 */

typedef struct caller {
    uint32_t calls, greens;
    uint64_t seed;
    bool is_random;
} caller;

/* Any green phase, or none; now and then nonsense. */
static void decide(void *context, jw_world *world, const jw_signal_view *view, jw_signal_answer *answer)
{
    caller *c = context;
    (void)world;
    jw_random_key key = {c->seed, 5};
    uint32_t draw = jw_random_index(key, view->programme, (uint64_t)view->time_ns, view->green_count + 2);
    c->calls++;
    c->greens = view->green_count;
    if (!c->is_random)
        answer->phase = view->green[view->green_count - 1];
    else if (draw < view->green_count)
        answer->phase = view->green[draw];
    else if (draw == view->green_count)
        answer->phase = 1; /* amber: refused */
}

/* Letters of one connection over time. */
typedef struct watch {
    char letter;
    double since_s;
} watch;

/* Whatever is asked: no link goes from green to red but over 3 s of amber at least, and then a green of
 * another street comes no sooner than 1 s later; no green ends before 5 s. */
static void check_letters(const test_scene *s, watch *watches, double *red_s, double least_s)
{
    const jw_city *city = s->city;
    const uint8_t *shown = jw_traffic_signals(s->traffic);
    double now_s = test_scene_time(s);
    for (uint32_t c = 0; c < city->connection_count; c++) {
        watch *w = &watches[c];
        char letter = (char)shown[c] == 'g' ? 'G' : (char)shown[c];
        if (letter == w->letter)
            continue;
        double lasted_s = now_s - w->since_s;
        if (w->letter == 'G') {
            assert_int_equal(letter, 'y');
            assert_true(lasted_s >= least_s - 1e-6);
        } else if (w->letter == 'y') {
            assert_int_equal(letter, 'r');
            assert_true(lasted_s >= 3 - 1e-6);
            red_s[c] = now_s;
        } else if (w->letter == 'r') {
            assert_int_equal(letter, 'G');
            for (uint32_t k = 0; k < city->connections[c].conflict_count; k++) {
                uint32_t foe = city->conflicts[city->connections[c].first_conflict + k].foe;
                if (!city->conflicts[city->connections[c].first_conflict + k].is_merge && shown[foe] == 'r')
                    assert_true(now_s - red_s[foe] >= 1 - 1e-6);
                assert_true(shown[foe] != 'y');
            }
        }
        w->letter = letter;
        w->since_s = now_s;
    }
}

static void test_random_decisions(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = JW_SIGNAL_OUTSIDE;
        def.signals.decision_s = 2;
        def.signals.has_priority = seed % 2 == 0;
        test_scene s =
            test_scene_make(jw_fixture_cross(200, 1 + 2 * (seed % 3 == 0), 13.89, true), &def, 0.5, 0, 1);
        caller c = {.seed = seed, .is_random = true};
        jw_traffic_set_signal_port(s.traffic, (jw_signal_port){decide, &c});
        for (uint32_t k = 0; k < 60; k++) {
            test_scene_trip(&s, k * 20.0, 0, 3, 0);
            test_scene_trip(&s, k * 17.0, 4, 1, 0);
            test_scene_trip_of(&s, k % 3 ? JW_VEHICLE_BUS : JW_VEHICLE_EMERGENCY, k * 41.0, 6, 5);
        }
        watch watches[64] = {0};
        double red_s[64];
        assert_true(s.city->connection_count <= JW_COUNT_OF(watches));
        for (uint32_t i = 0; i < JW_COUNT_OF(red_s); i++)
            red_s[i] = -100;
        test_scene_step(&s);
        for (uint32_t i = 0; i < s.city->connection_count; i++)
            watches[i].letter =
                jw_traffic_signals(s.traffic)[i] == 'g' ? 'G' : (char)jw_traffic_signals(s.traffic)[i];
        for (uint32_t i = 0; i < s.city->connection_count; i++)
            watches[i].since_s = -100;
        while (test_scene_time(&s) < 1800) {
            /* Controls change at run time, too. */
            if (jw_world_step_number(s.world) % 199 == 0) {
                jw_random_key key = {seed, 9};
                uint32_t control =
                    1 + jw_random_index(key, 0, jw_world_step_number(s.world), JW_SIGNAL_CONTROL_COUNT - 1);
                assert_int_equal(jw_traffic_set_signal_control(s.traffic, 0, (jw_signal_control)control),
                                 JW_OK);
            }
            test_scene_step(&s);
            check_letters(&s, watches, red_s, seed % 3 ? 10 : 7);
        }
        assert_true(c.calls > 50);
        test_scene_free(&s);
    }
}

/* The port is asked once in each interval and what it says is done; the view shows the detectors. */
static void test_port(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_OUTSIDE;
    test_scene s = test_scene_make(jw_fixture_cross(200, 1, 13.89, true), &def, 0.5, 0, 1);
    caller c = {0};
    jw_traffic_set_signal_port(s.traffic, (jw_signal_port){decide, &c});
    test_scene_run(&s, 60);
    assert_int_equal(c.calls, 13); /* in the first step, then every 5 s */
    assert_int_equal(c.greens, 2);
    assert_int_equal(phase_of(&s), 3);
    test_scene_run(&s, 200);
    assert_int_equal(phase_of(&s), 3);
    jw_traffic_set_signal_port(s.traffic, (jw_signal_port){0});
    /* Detectors: 10 cars of one street, all counted once. */
    uint32_t count = 0;
    for (uint32_t k = 0; k < 10; k++)
        test_scene_trip(&s, test_scene_time(&s) + 2.5 * k, 4, 7, 0);
    double occupied = 0;
    for (uint32_t k = 0; k < 24; k++) {
        test_scene_run(&s, 5);
        jw_signal_answer answer;
        jw_signal_view view = jw_traffic_view_signal(s.world, s.traffic, 0, &answer);
        for (uint32_t l = 0; l < view.lane_count; l++) {
            count += view.count[l];
            occupied += 5 * (double)view.occupancy[l];
        }
        answer.phase = 3;
        assert_int_equal(jw_traffic_answer_signal(s.world, s.traffic, &view, &answer), JW_OK);
    }
    printf("10 cars: %u counted, %.1f s occupied\n", count, occupied);
    assert_int_equal(count, 10);
    assert_true(occupied > 10 && occupied < 40);
    jw_signal_answer answer;
    jw_signal_view view = jw_traffic_view_signal(s.world, s.traffic, 0, &answer);
    answer.phase = 2;
    assert_int_equal(jw_traffic_answer_signal(s.world, s.traffic, &view, &answer), JW_ERROR_INPUT);
    test_scene_free(&s);
}

/* Advised speeds: of connected cars, on that edge alone, until they end. */
static void test_advice(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.connected_share = 0.5;
    test_scene s = test_scene_make(jw_fixture_cross(600, 1, 13.89, true), &def, 0.5, 0, 1);
    assert_int_equal(jw_traffic_advise_speed(s.world, s.traffic, 1, 8, JW_NS_PER_S), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_traffic_advise_speed(s.world, s.traffic, 99, 8, JW_NS_PER_S), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_traffic_advise_speed(s.world, s.traffic, 0, 8, 100000 * JW_NS_PER_S), JW_OK);
    uint32_t slow = 0, fast = 0;
    for (uint32_t k = 0; k < 20; k++) { /* one at a time: they do not hold each other up */
        double begin_s = test_scene_time(&s);
        test_scene_trip(&s, begin_s, 0, 3, 0);
        test_scene_run(&s, 12);
        float speed = s.traffic->cars[s.traffic->place_of_slot[0]].speed_mps;
        slow += speed < 8.1f;
        fast += speed > 13;
        assert_true(speed < 8.1f || speed > 13);
        while (s.traffic->running)
            test_scene_step(&s);
    }
    printf("advised 29 km/h: %u of 20 cars follow\n", slow);
    assert_true(slow >= 4 && fast >= 4);
    jw_traffic_advise_speed(s.world, s.traffic, 0, 0, 1000000 * JW_NS_PER_S);
    assert_int_equal(s.traffic->signals.advice_count, 0);
    /* Behind the line each drives as before. */
    jw_traffic_advise_speed(s.world, s.traffic, 0, 8, 1000000 * JW_NS_PER_S);
    test_scene_trip_of(&s, JW_VEHICLE_SHUTTLE, test_scene_time(&s), 0, 3);
    test_scene_run(&s, 20);
    float before = s.traffic->cars[s.traffic->place_of_slot[0]].speed_mps;
    while (s.traffic->cars[s.traffic->place_of_slot[0]].track != s.city->edges[3].first_lane)
        test_scene_step(&s);
    test_scene_run(&s, 15);
    float behind = s.traffic->cars[s.traffic->place_of_slot[0]].speed_mps;
    assert_true(before < 8.1f && behind > 10);
    assert_int_equal(s.traffic->signals.advised_count, 0);
    test_scene_free(&s);
}

/* What is announced of greens comes true, step by step, under the clock and in a green wave; nothing is
 * announced of what vehicles rule. */
static void test_next_green(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 2; k++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = k ? JW_SIGNAL_GREEN_WAVE : JW_SIGNAL_FIXED;
        test_scene s = test_scene_make(make_corridor(310), &def, 0.5, 0, 1);
        test_scene_run(&s, 300);
        uint32_t checked = 0;
        for (uint32_t round = 0; round < 9; round++) {
            enum { CONNECTIONS = 200, STEPS = 160 };
            static double begin_s[CONNECTIONS], end_s[CONNECTIONS];
            uint32_t count = s.city->connection_count;
            assert_true(count <= CONNECTIONS);
            double after_s = 7.0 * round;
            for (uint32_t c = 0; c < count; c++) {
                bool is_known = jw_traffic_next_green(s.traffic, c, after_s, &begin_s[c], &end_s[c]);
                assert_true(is_known == (s.city->connections[c].signal_link != JW_NONE));
                assert_true(!is_known || (begin_s[c] >= 0 && end_s[c] > after_s && end_s[c] > begin_s[c]));
                end_s[c] = is_known ? end_s[c] : -1;
            }
            for (uint32_t n = 1; n <= STEPS; n++) {
                test_scene_step(&s);
                double at_s = 0.5 * n; /* what is shown during the step that ended was set at its begin */
                for (uint32_t c = 0; c < count; c++) {
                    uint8_t shown = jw_traffic_signals(s.traffic)[c];
                    bool is_green = shown == 'G' || shown == 'g';
                    if (end_s[c] > 0 && at_s > after_s && at_s > 1 && at_s < begin_s[c] - 1)
                        assert_false(is_green);
                    if (end_s[c] > 0 && at_s > begin_s[c] + 1 && at_s < end_s[c] - 1) {
                        assert_true(is_green);
                        checked++;
                    }
                }
            }
        }
        assert_true(checked > 1000);
        double begin, end;
        jw_traffic_set_signal_control(s.traffic, JW_NONE, JW_SIGNAL_ACTUATED);
        test_scene_run(&s, 60);
        for (uint32_t c = 0; c < s.city->connection_count; c++)
            assert_false(jw_traffic_next_green(s.traffic, c, 0, &begin, &end));
        test_scene_free(&s);
    }
}

/* Advice to one vehicle: it alone follows, as long as it holds. */
static void test_advice_to_one(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(2000, 2, 13.89), NULL, 0.5, 0, 1);
    test_scene_trip(&s, 0, 0, 0, 0);
    test_scene_trip(&s, 0, 0, 0, 0);
    test_scene_run(&s, 20);
    jw_vehicle_columns v = jw_traffic_vehicles(s.traffic);
    assert_int_equal(v.count, 2);
    jw_vehicle_id one = v.id[0], other = v.id[1];
    assert_int_equal(jw_traffic_advise_vehicle(s.world, s.traffic, one, 6, 40 * JW_NS_PER_S), JW_OK);
    assert_int_equal(jw_traffic_advise_vehicle(s.world, s.traffic, one, 7, 40 * JW_NS_PER_S), JW_OK);
    assert_int_equal(s.traffic->signals.advised_count, 1);
    test_scene_run(&s, 15);
    assert_true(fabsf(s.traffic->cars[s.traffic->place_of_slot[one.index1 - 1]].speed_mps - 7) < 0.2f);
    assert_true(s.traffic->cars[s.traffic->place_of_slot[other.index1 - 1]].speed_mps > 13);
    test_scene_run(&s, 25);
    assert_true(s.traffic->cars[s.traffic->place_of_slot[one.index1 - 1]].speed_mps > 13);
    assert_int_equal(s.traffic->signals.advised_count, 0);
    test_scene_run(&s, 200);
    assert_int_equal(jw_traffic_advise_vehicle(s.world, s.traffic, one, 7, 900 * JW_NS_PER_S),
                     JW_ERROR_NOT_FOUND);
    test_scene_free(&s);
}

/* ---- state -----------------------------------------------------------------------------------------------
 */

static void test_restore(void **state)
{
    (void)state;
    for (uint32_t control = 0; control < JW_SIGNAL_CONTROL_COUNT; control++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = (jw_signal_control)control;
        def.signals.has_priority = true;
        def.signals.connected_share = 0.5;
        test_scene s = test_scene_make(make_corridor(310), &def, 0.5, 0, 1);
        caller c = {.seed = control, .is_random = true};
        jw_traffic_set_signal_port(s.traffic, (jw_signal_port){decide, &c});
        uint32_t main = main_edge(s.city, 0, 310);
        for (uint32_t k = 0; k < 100; k++) {
            test_scene_trip_of(&s, k % 7 ? JW_VEHICLE_CAR : JW_VEHICLE_BUS, 3.0 * k, main,
                               main_edge(s.city, STREETS * 310, (STREETS + 1) * 310));
            test_scene_trip_of(&s, k % 9 ? JW_VEHICLE_CAR : JW_VEHICLE_EMERGENCY, 3.7 * k,
                               main_edge(s.city, (STREETS + 1) * 310, STREETS * 310),
                               main_edge(s.city, 310, 0));
        }
        assert_int_equal(jw_traffic_advise_speed(s.world, s.traffic, main, 9, 400 * JW_NS_PER_S), JW_OK);
        test_scene_run(&s, 103);
        jw_writer image = {0};
        assert_int_equal(jw_world_save(s.world, &image, NULL), JW_OK);
        uint64_t at_save = jw_world_hash(s.world), later[40];
        for (uint32_t k = 0; k < JW_COUNT_OF(later); k++) {
            test_scene_run(&s, 7);
            later[k] = jw_world_hash(s.world);
        }
        jw_error error = {0};
        if (jw_world_restore(s.world, image.bytes, image.size, &error) != JW_OK)
            fail_msg("%s", error.message);
        s.traffic = jw_world_state(s.world, 0);
        jw_traffic_set_signal_port(s.traffic, (jw_signal_port){decide, &c});
        assert_true(jw_world_hash(s.world) == at_save);
        for (uint32_t k = 0; k < JW_COUNT_OF(later); k++) {
            test_scene_run(&s, 7);
            assert_true(jw_world_hash(s.world) == later[k]);
        }
        jw_writer_free(&image);
        test_scene_free(&s);
    }
}

static void test_verbs(void **state)
{
    (void)state;
    test_scene s = test_scene_make(make_corridor(310), NULL, 0.5, 0, 1);
    test_scene_command(&s, "green_wave", "from", (double)junction_at(s.city, 310), "to",
                       (double)junction_at(s.city, 310 * STREETS), NULL);
    test_scene_command(&s, "signal_priority", "on", 1.0, NULL);
    test_scene_command(&s, "signal_request", "programme", 1.0, "phase", 0.0, NULL);
    test_scene_command(&s, "advise_speed", "edge", (double)main_edge(s.city, 0, 310), "speed_kmh", 36.0,
                       NULL);
    test_scene_step(&s);
    for (uint32_t k = 0; k < jw_world_log_count(s.world); k++)
        assert_int_equal(jw_world_log_entry(s.world, k).result, JW_OK);
    assert_int_equal(s.traffic->signals.wave_count, 1);
    assert_true(s.traffic->signals.now[2].has_priority && s.traffic->signals.now[1].request == 0);
    uint32_t module;
    const jw_table *waves = jw_world_find_table(s.world, "waves", &module);
    assert_int_equal(waves->row_count(s.world, s.traffic), 1);
    assert_int_equal(waves->integer(s.world, s.traffic, 0, 2), STREETS);
    const jw_table *signals = jw_world_find_table(s.world, "signals", &module);
    assert_int_equal(signals->row_count(s.world, s.traffic), STREETS);
    assert_string_equal(signals->text(s.world, s.traffic, 0, 1), "green_wave");
    test_scene_command(&s, "signal_request", "programme", 1.0, "phase", 1.0, NULL);
    test_scene_command(&s, "signal_request", "programme", 77.0, "phase", 0.0, NULL);
    test_scene_command(&s, "green_wave", "from", 0.0, "to", 1.0, NULL);
    uint32_t before = jw_world_log_count(s.world);
    test_scene_step(&s);
    for (uint32_t k = before; k < jw_world_log_count(s.world); k++)
        assert_true(jw_world_log_entry(s.world, k).result != JW_OK);
    test_scene_free(&s);
}

/* ---- how well it goes ------------------------------------------------------------------------------------
 */

static void test_quality(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(1000, 1, 13.89), NULL, 0.5, 0, 1);
    test_scene_command(&s, "incident", "edge", 0.0, "lane", 0.0, "position_m", 900.0, "duration_s", 200.0,
                       NULL);
    for (uint32_t k = 0; k < 5; k++)
        test_scene_trip(&s, 1 + 5 * k, 0, 0, 0);
    test_scene_run(&s, 400);
    jw_traffic_quality q = jw_traffic_judge(s.traffic);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 5);
    printf("5 cars stopped once on 1 km: %.2f veh-km, %lld stops\n", q.vehicle_km, (long long)q.stops);
    assert_true(fabs(q.vehicle_km - 5) < 0.1 && q.stops == 5);
    assert_true(q.queue_most_veh == 0 && q.fuel_l > 0.2 && q.fuel_l < 1); /* no signals; 5 to 20 l/100 km */

    /* A car that closes in on a standing one: 10 m at 6.6 m/s are 1.52 s, at 6.8 m/s 1.47 s. */
    uint32_t conflicts = 0;
    test_scene_trip(&s, 400, 0, 0, 120);
    test_scene_trip(&s, 400, 0, 0, 105);
    test_scene_run(&s, 1);
    jw_traffic *t = s.traffic;
    assert_int_equal(t->running, 2);
    jw_car *leader = &t->cars[t->tracks[0].begin], *follower = leader + 1;
    leader->speed_mps = 0;
    follower->pos_m = leader->pos_m - t->types[leader->type].length_m - 10;
    const float speeds_mps[] = {6.6f, 6.8f, 7.5f, 3.0f, 9.0f};
    const uint32_t expected[] = {0, 1, 1, 1, 2};
    for (uint32_t k = 0; k < JW_COUNT_OF(expected); k++) {
        follower->speed_mps = speeds_mps[k];
        conflicts += jw_traffic_follow_one(t, 0, t->tracks[0].begin + 1);
        assert_int_equal(conflicts, expected[k]);
    }
    test_scene_free(&s);
}

/* Queues before a signal, as they are put there. */
static void test_queue_quality(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.sample_interval_s = 0.5;
    test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), &def, 0.5, 0, 1);
    for (uint32_t k = 0; k < 6; k++)
        test_scene_trip(&s, 0, 4, 7, 300); /* red until 72 s */
    test_scene_run(&s, 60);
    jw_traffic_quality before = jw_traffic_judge(s.traffic);
    assert_int_equal(before.queue_most_veh, 6);
    /* 6 of 4 lanes' vehicles for up to 60 s less what they need to come and stand. */
    printf("6 cars at the red: %.2f standing a lane in the mean\n", before.queue_mean_veh);
    assert_true(before.queue_mean_veh > 0.9 && before.queue_mean_veh < 1.5);
    test_scene_free(&s);
}

static int check_memory(void **state)
{
    (void)state;
    return jw_allocated_bytes() == 0 ? 0 : -1;
}

#define signal_test(name) cmocka_unit_test_teardown(name, check_memory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        signal_test(test_webster),      signal_test(test_actuated_beats_fixed),
        signal_test(test_gap_out),      signal_test(test_max_out),
        signal_test(test_skipping),     signal_test(test_extended),
        signal_test(test_max_pressure), signal_test(test_pressure),
        signal_test(test_green_wave),   signal_test(test_no_wave),
        signal_test(test_all_waves),    signal_test(test_priority),
        signal_test(test_recovery),     signal_test(test_random_decisions),
        signal_test(test_port),         signal_test(test_advice),
        signal_test(test_next_green),   signal_test(test_advice_to_one),
        signal_test(test_restore),      signal_test(test_verbs),
        signal_test(test_quality),      signal_test(test_queue_quality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
