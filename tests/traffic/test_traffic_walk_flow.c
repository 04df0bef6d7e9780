/* Vehicles and people on foot at crossings: gaps, drivers who give way, right turns, crowds. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- vehicles and walkers --------------------------------------------------------------------------------
 */

static jw_traffic_def def_of(double yield_share)
{
    jw_traffic_def def = test_plain_def();
    def.walk.yield_share = yield_share;
    return def;
}

/* A street with a side street: cars straight on along the major road, walkers over its arm. */
typedef struct gap_result {
    double wait_s, flow_per_s;
    double adams_s, expected_s;
    int64_t crossed, emergencies;
} gap_result;

/* What a walker waits on average who looks for a gap of tau_s between vehicles that pass at these times, from
 * the one before. */
static double wait_among_s(const jw_passage *passages, uint32_t count, double tau_s)
{
    double sum = 0, begin_s = jw_s_from_ns(passages[0].time_ns), end_s = begin_s, wait_s = 0;
    for (uint32_t k = count; k-- > 1;) { /* from the last: who comes in a short gap waits for what follows */
        double to_s = jw_s_from_ns(passages[k].time_ns), gap_s = to_s - jw_s_from_ns(passages[k - 1].time_ns);
        end_s = end_s > to_s ? end_s : to_s;
        double blocked_s = jw_min(gap_s, tau_s);
        sum += blocked_s * (0.5 * blocked_s + wait_s);
        wait_s = gap_s >= tau_s ? 0 : wait_s + gap_s; /* of who comes as this gap begins */
    }
    return sum / (end_s - begin_s);
}

/* Adams (A theoretical and practical study of pedestrian crossings, 1936), for vehicles that come at random.
 */
static double adams_s(double q, double tau_s)
{
    return (jw_exp(q * tau_s) - q * tau_s - 1) / q;
}

/* Averaged over the gaps that walkers need to the other end of the lane with traffic, by their speeds and
 * both directions. passages NULL: Adams. */
static double expected_s(const test_scene *s, const jw_crossing *x, double q, const jw_passage *passages,
                         uint32_t count)
{
    const jw_walk_net *net = &s->traffic->walks.net;
    const jw_walk_zone *zone = NULL;
    for (uint32_t k = 0; k < x->zone_count && !zone; k++) {
        const jw_walk_zone *z = &net->zones[x->first_zone + k];
        const jw_connection *c = &s->city->connections[z->connection];
        if (c->turn == JW_TURN_STRAIGHT && s->city->lanes[c->from_lane].edge == 0)
            zone = z;
    }
    double sum = 0, weight = 0, length_m = (double)net->links[x->link].length_m;
    for (int k = -20; k <= 20; k++)
        for (int side = 0; side < 2; side++) {
            double z = 0.1 * k, wish = 1.34 + 0.26 * z, w = jw_exp(-0.5 * z * z);
            double way_m = side ? length_m - (double)zone->x_begin_m : (double)zone->x_end_m;
            double tau_s = way_m / wish + 0.5;
            sum += w * (passages ? wait_among_s(passages, count, tau_s) : adams_s(q, tau_s));
            weight += w;
        }
    return sum / weight;
}

static gap_result cross_flow(double yield_share, double vehicles_per_h)
{
    jw_traffic_def def = def_of(yield_share);
    test_scene s = test_scene_make(jw_fixture_priority_t(400, 13.9), &def, 0.5, 0, 1);
    test_scene_walk(&s, -60, -12, -60, -12);
    const jw_crossing *x = test_crossing_of_edge(s.traffic, 0);
    const jw_walk_node *a = &s.traffic->walks.net.nodes[s.traffic->walks.net.links[x->link].ends[0]];
    const jw_walk_node *b = &s.traffic->walks.net.nodes[s.traffic->walks.net.links[x->link].ends[1]];
    jw_random_key key = {7, 11};
    const double hours = 3;
    const uint32_t street = 0;
    assert_int_equal(jw_traffic_count_passages(s.traffic, &street, 1, NULL), JW_OK);
    double at = 5;
    for (uint32_t k = 0; at < 3600 * hours; k++) {
        at += jw_random_exponential(key, 1, k, 3600 / vehicles_per_h);
        test_scene_trip(&s, at, 0, 3, 0); /* from the west to the east */
    }
    uint32_t number = (uint32_t)(x - s.traffic->walks.net.crossings);
    for (uint32_t k = 0; k < 3600 * hours / 10; k++) {
        bool is_even = k % 2 == 0;
        test_scene_walk(&s, (double)(is_even ? a : b)->x_m - 10, (double)(is_even ? a : b)->y_m,
                        (double)(is_even ? b : a)->x_m - 10, (double)(is_even ? b : a)->y_m);
        test_scene_run(&s, 10);
    }
    const jw_passage *passages;
    uint32_t passed = jw_traffic_passages(s.traffic, &passages);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    gap_result r = {.crossed = s.traffic->walks.crossed[number],
                    .wait_s = (double)s.traffic->walks.cross_wait_ms[number] / 1000 /
                              (double)s.traffic->walks.crossed[number],
                    .flow_per_s = (double)c.arrived / 3600 / hours,
                    .adams_s = expected_s(&s, x, (double)c.arrived / 3600 / hours, NULL, 0),
                    .expected_s = expected_s(&s, x, 0, passages, passed),
                    .emergencies = c.emergency_brakings};
    test_scene_free(&s);
    return r;
}

static void test_gaps(void **state)
{
    (void)state;
    double least_s = 0;
    for (double flow = 200; flow <= 600; flow += 200) {
        gap_result r = cross_flow(-1, flow);
        printf("gaps: %.0f veh/h: wait %.2f s; by the vehicles' gaps %.2f s; Adams %.2f s; %lld walkers\n",
               3600 * r.flow_per_s, r.wait_s, r.expected_s, r.adams_s, (long long)r.crossed);
        assert_true(jw_abs(r.wait_s / r.expected_s - 1) < 0.15 && r.emergencies == 0);
        if (flow < 300) /* more of them do not come at random */
            assert_true(jw_abs(r.wait_s / r.adams_s - 1) < 0.25);
        least_s = flow < 450 ? r.wait_s : least_s;
    }
    gap_result r = cross_flow(1, 400);
    printf("drivers give way: wait %.2f s instead of %.2f s\n", r.wait_s, least_s);
    assert_true(r.wait_s < 0.7 * least_s && r.emergencies == 0);
}

/* Right turns an hour at a signal, with walkers over their exit. */
static double right_turns(double walkers_per_h, uint32_t to, double *out_green_share)
{
    jw_traffic_def def = def_of(1);
    test_scene s = test_scene_make(jw_fixture_cross(300, 1, 13.9, true), &def, 0.5, 0, 1);
    test_scene_walk(&s, -60, -12, -60, -12);
    const jw_programme *programme = &s.city->programmes[0];
    *out_green_share = s.city->signal_phases[programme->first_phase].duration_s / programme->cycle_s;
    const jw_crossing *x = test_crossing_of_edge(s.traffic, to - 1);
    const jw_walk_node *a = &s.traffic->walks.net.nodes[s.traffic->walks.net.links[x->link].ends[0]];
    const jw_walk_node *b = &s.traffic->walks.net.nodes[s.traffic->walks.net.links[x->link].ends[1]];
    for (uint32_t k = 0; k < 2000; k++)
        test_scene_trip(&s, 0, 0, to, 0);
    jw_random_key arrivals = {20261122, 5};
    double next_s = 0;
    for (uint32_t k = 0; test_scene_time(&s) < 3600;) {
        while (walkers_per_h > 0 && test_scene_time(&s) >= next_s) {
            next_s += jw_random_exponential(arrivals, to, k, 3600 / walkers_per_h);
            bool is_even = k++ % 2 == 0;
            test_scene_walk(&s, (double)(is_even ? a : b)->x_m, (double)(is_even ? a : b)->y_m - 12,
                            (double)(is_even ? b : a)->x_m, (double)(is_even ? b : a)->y_m - 12);
        }
        test_scene_step(&s);
    }
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    jw_walk_counts w = jw_traffic_count_walkers(s.traffic);
    assert_true(c.emergency_brakings == 0 && w.arrived > 0.9 * walkers_per_h);
    test_scene_free(&s);
    return (double)c.arrived;
}

/* HCM 2010, chapter 31: walkers in the green by the hour of green, the share of time that they are in the
 * way, and what is left of the flow (one lane to turn into). */
static double hcm_factor(double walkers_per_h, double green_share)
{
    double in_green = walkers_per_h / green_share;
    double share = in_green <= 1000 ? in_green / 2000 : jw_min(0.4 + in_green / 10000, 0.9);
    return 1 - share;
}

static void test_right_turns(void **state)
{
    (void)state;
    double green_share, free_per_h = right_turns(0, 5, &green_share);
    for (double walkers = 200; walkers <= 1600; walkers *= 2) {
        double factor = right_turns(walkers, 5, &green_share) / free_per_h,
               hcm = hcm_factor(walkers, green_share);
        printf("right turns: %.0f walkers/h: %.2f of %.0f veh/h (%.2f green); HCM %.2f\n", walkers, factor,
               free_per_h, green_share, hcm);
        assert_true(jw_abs(factor - hcm) < 0.12);
    }
}

/* ---- crowds ----------------------------------------------------------------------------------------------
 */

/* Heavy demand of both, and then none: all arrive, whatever the junctions are. */
static void empty_again(bool has_signals, jw_signal_control control, double yield_share)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 12;
    def.walk.trips_per_person_day = 2;
    def.walk.yield_share = yield_share;
    def.signals.control = control;
    test_scene s = test_scene_make(jw_fixture_grid(4, 130, 2, 13.9, has_signals), &def, 0.5, 8 * 3600, 1);
    test_scene_run(&s, 900);
    jw_traffic_counts busy = jw_traffic_count(s.traffic);
    jw_walk_counts walkers = jw_traffic_count_walkers(s.traffic);
    test_scene_command(&s, "set_demand_factor", "factor", 0.0, NULL);
    double begin_s = test_scene_time(&s);
    while (jw_traffic_present(s.traffic) + jw_traffic_count_walkers(s.traffic).walking > 0 &&
           test_scene_time(&s) < begin_s + 3600)
        test_scene_run(&s, 10);
    jw_walk_counts end = jw_traffic_count_walkers(s.traffic);
    printf("%s %s: %lld drive, %lld walk (arrived %lld, delay %.1f s); empty after %.0f s; wait at crossings "
           "%.1f s, "
           "%lld emergencies\n",
           has_signals ? "signals" : "no signals", jw_signal_control_name(control), (long long)busy.running,
           (long long)walkers.walking, (long long)walkers.arrived, walkers.mean_delay_s,
           test_scene_time(&s) - begin_s, end.mean_wait_s,
           (long long)jw_traffic_count(s.traffic).emergency_brakings);
    assert_true(walkers.walking > 500 && busy.running > 80);
    assert_int_equal(jw_traffic_present(s.traffic), 0);
    assert_int_equal(end.walking, 0);
    test_scene_free(&s);
}

static void test_no_deadlock(void **state)
{
    (void)state;
    empty_again(true, JW_SIGNAL_FIXED, 1);
    empty_again(true, JW_SIGNAL_ACTUATED, 1);
    empty_again(true, JW_SIGNAL_MAX_PRESSURE, 1);
    empty_again(false, JW_SIGNAL_FIXED, 1);
    empty_again(false, JW_SIGNAL_FIXED, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gaps), cmocka_unit_test(test_right_turns),
                                       cmocka_unit_test(test_no_deadlock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
