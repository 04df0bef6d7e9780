/* Signals that rule themselves: delay against Webster's formula, gap-out, maxima and skipping of actuated
 * control, extended greens, stability under max-pressure, priority; how well it goes. */
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
            if (test_green_phase(&s) == JW_NONE)
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
        if (test_green_phase(&s) == JW_NONE)
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
    while (test_green_phase(s) == 0)
        test_scene_step(s);
    while (test_green_phase(s) != 0)
        test_scene_step(s);
    for (begin_s = test_scene_time(s); test_green_phase(s) == 0; test_scene_step(s))
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
    while (test_green_phase(&s) != 3)
        test_scene_step(&s);
    for (; test_green_phase(&s) == 3; other_s += 0.1)
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

/* What is announced comes true: between two changes of a signal no time that was ever said to be the earliest
 * lies behind the change, none that was the latest before it. And something is said: how many of the times
 * before a green are known to a step, and how long the earliest are in the mean. */
static void watch_times(jw_signal_control control, bool is_asked, double *out_known, double *out_least_s)
{
    enum { LINKS = 64 };
    jw_traffic_def def = test_plain_def();
    def.signals.control = control;
    test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), &def, 0.5, 0, 1);
    send_poisson(&s, 0, 3, 400, 0, 1800);
    send_poisson(&s, 4, 7, 300, 0, 1800);
    double least_s[LINKS] = {0}, most_s[LINKS], said = 0, known = 0, least_sum_s = 0;
    bool was_green[LINKS] = {false}, is_new[LINKS];
    uint32_t count = s.city->connection_count < LINKS ? s.city->connection_count : LINKS;
    for (uint32_t c = 0; c < count; c++)
        is_new[c] = true;
    while (test_scene_time(&s) < 1800) {
        test_scene_step(&s);
        double now_s = test_scene_time(&s);
        if (is_asked && fmod(now_s, 40) < 20 && fmod(now_s, 4) < 0.5)
            jw_traffic_request_phase(s.world, s.traffic, 0, fmod(now_s, 24) < 12 ? 0 : 2,
                                     jw_world_time_ns(s.world) + 5 * JW_NS_PER_S);
        for (uint32_t c = 0; c < count; c++) {
            jw_signal_times times;
            if (!jw_traffic_signal_times(s.traffic, c, is_asked, &times))
                continue;
            if (!is_new[c] && times.is_green != was_green[c]) {
                assert_true(now_s >= least_s[c] - 1e-6);
                assert_true(now_s <= most_s[c] + 1e-6);
            }
            if (is_new[c] || times.is_green != was_green[c])
                least_s[c] = 0, most_s[c] = INFINITY;
            is_new[c] = false;
            was_green[c] = times.is_green;
            least_s[c] = fmax(least_s[c], now_s + times.min_end_s);
            most_s[c] = fmin(most_s[c], now_s + times.max_end_s);
            if (!times.is_green) {
                said++;
                known += times.max_end_s - times.min_end_s <= 0.5 + 1e-9;
                least_sum_s += times.min_end_s;
            }
        }
    }
    *out_known = known / said;
    *out_least_s = least_sum_s / said;
    test_scene_free(&s);
}

static void test_times(void **state)
{
    (void)state;
    static const jw_signal_control controls[] = {JW_SIGNAL_FIXED, JW_SIGNAL_EXTENDED, JW_SIGNAL_MAX_PRESSURE,
                                                 JW_SIGNAL_OUTSIDE};
    for (uint32_t k = 0; k < JW_COUNT_OF(controls); k++) {
        double known, least_s, asked_known, asked_s;
        watch_times(controls[k], false, &known, &least_s);
        watch_times(controls[k], true, &asked_known, &asked_s);
        printf("%s: %.0f %% of reds known, %.1f s at least; asked %.0f %%, %.1f s\n",
               jw_signal_control_name(controls[k]), 100 * known, least_s, 100 * asked_known, asked_s);
        assert_true(controls[k] != JW_SIGNAL_FIXED || known > 0.999);
        assert_true(asked_known > 0.02 && asked_known < 0.9 && asked_s > 1);
        assert_true(least_s >= 1);
    }
}

/* A programme whose every phase has an amber somewhere has no green of its own: its list is never left. */
static void test_times_without_a_green_phase(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    jw_city *city = jw_fixture_cross(400, 1, 13.89, true);
    const jw_programme *p = &city->programmes[0];
    char *states = (char *)city->signal_states; /* the city's own, on the heap */
    for (uint32_t k = 0; k < p->phase_count; k++)
        states[city->signal_phases[p->first_phase + k].first_state + p->link_count - 1] = 'y';
    test_scene s = test_scene_make(city, &def, 0.5, 0, 1);
    test_scene_run(&s, 5);
    jw_signal_times times;
    for (uint32_t c = 0; c < city->connection_count; c++)
        if (jw_traffic_signal_times(s.traffic, c, true, &times) && !times.is_green)
            assert_true(times.min_end_s >= 0 && times.max_end_s >= times.min_end_s);
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
        signal_test(test_priority),     signal_test(test_recovery),
        signal_test(test_quality),      signal_test(test_queue_quality),
        signal_test(test_times),        signal_test(test_times_without_a_green_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
