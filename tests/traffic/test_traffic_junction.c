/* Rules at junctions, against closed forms and hand-made cases: capacity of a minor movement (Harders),
 * stop signs, all-way stops, right before left, zipper merges, permitted left turns, grids beyond capacity.
 */
#include "traffic/traffic_internal.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const jw_random_key key = {20261122, 3};

static void feed_poisson(test_scene *s, uint32_t from, uint32_t to, double rate_per_h, double until_s)
{
    test_scene_poisson(s, key, (uint64_t)from << 32 | to, from, to, rate_per_h, 0, until_s);
}

/* What a rule does to all that leave an edge. */
static void set_rule(jw_city *city, uint32_t edge, jw_rule rule)
{
    jw_connection *connections = (jw_connection *)(uintptr_t)city->connections;
    for (uint32_t c = 0; c < city->connection_count; c++)
        if (city->lanes[connections[c].from_lane].edge == edge)
            connections[c].rule = (uint8_t)rule;
}

/* When vehicles that came from the same edges pass into the junction that those end at, in order. */
typedef struct passages {
    uint64_t from_edges; /* bits */
    uint32_t count;
    double time_s[6000];
    uint8_t is_known[8192]; /* by number of the trip */
} passages;

static void watch(const test_scene *s, passages *w)
{
    const jw_traffic *t = s->traffic;
    uint32_t first = w->count;
    for (uint32_t track = t->net.lane_count; track < t->net.track_count; track++)
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
            const jw_vehicle *v = &t->vehicles[t->cars[p].slot];
            if (!(w->from_edges >> v->from_edge & 1) || w->is_known[v->number])
                continue;
            w->is_known[v->number] = 1;
            w->time_s[w->count++] = test_scene_time(s) - t->cars[p].pos_m / jw_max(t->cars[p].speed_mps, 1);
        }
    for (uint32_t k = first + 1; k < w->count; k++) /* within a step, from different edges */
        for (uint32_t i = k; i > first && w->time_s[i] < w->time_s[i - 1]; i--) {
            double swap = w->time_s[i];
            w->time_s[i] = w->time_s[i - 1];
            w->time_s[i - 1] = swap;
        }
}

static uint32_t count_after(const passages *w, double begin_s)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < w->count; k++)
        count += w->time_s[k] >= begin_s;
    return count;
}

/* ---- gap acceptance --------------------------------------------------------------------------------------
 * Who waits takes each gap from the critical one tc on, and n more vehicles with each further n follow-up
 * times tf. When gaps are exponential this is Harders' capacity (Strassenbau und Strassenverkehrstechnik 76,
 * 1968; HCM 2010, equation 19-32):
 *
 *   c = q exp(-q tc) / (1 - exp(-q tf))
 *
 * tc and tf are the base values of HCM's exhibits 19-10 and 19-11 for a two-lane major street, found at stop
 * signs. In one lane gaps cannot be exponential, since a vehicle needs some 2 s of it: so the same is also
 * summed over the gaps as they were. */

typedef struct movement {
    const char *name;
    bool is_left;
    double critical_s, follow_up_s;
} movement;

static double harders(double flow_per_h, const movement *m)
{
    double q = flow_per_h / 3600;
    return flow_per_h * jw_exp(-q * m->critical_s) / (1 - jw_exp(-q * m->follow_up_s));
}

static double summed(const passages *major, double begin_s, const movement *m)
{
    double sum = 0;
    for (uint32_t k = 1; k < major->count; k++) {
        double gap_s = major->time_s[k] - major->time_s[k - 1];
        if (major->time_s[k - 1] >= begin_s && gap_s >= m->critical_s)
            sum += 1 + jw_floor((gap_s - m->critical_s) / m->follow_up_s);
    }
    return sum;
}

#define FILL_S  300
#define COUNT_S 7200

/* How many an hour get out of a minor road where there always is a queue, and how many should. */
static double minor_capacity(double major_per_h, const movement *m, jw_rule rule, double dt_s,
                             double *out_wanted)
{
    static passages major, minor;
    major = (passages){.from_edges = 1 << 0 | 1 << 2};
    minor = (passages){.from_edges = 1 << 4};
    jw_city *city = jw_fixture_priority_t(400, 13.89);
    set_rule(city, 4, rule);
    test_scene s = test_scene_make(city, NULL, dt_s, 0, 1);
    if (m->is_left) { /* crosses one stream and joins the other */
        feed_poisson(&s, 0, 3, major_per_h / 2, FILL_S + COUNT_S);
        feed_poisson(&s, 2, 1, major_per_h / 2, FILL_S + COUNT_S);
    } else {
        feed_poisson(&s, 0, 3, major_per_h, FILL_S + COUNT_S);
    }
    for (uint32_t k = 0; k < 2500; k++)
        test_scene_trip(&s, 10, 4, m->is_left ? 1 : 3, 0);
    while (test_scene_time(&s) < FILL_S + COUNT_S) {
        test_scene_step(&s);
        watch(&s, &major);
        watch(&s, &minor);
    }
    *out_wanted = summed(&major, FILL_S, m) * 3600.0 / COUNT_S;
    test_scene_free(&s);
    return count_after(&minor, FILL_S) * 3600.0 / COUNT_S;
}

/* HCM found these follow-up times at stop signs. Who need not halt follows as into a roundabout. */
#define ROLLING_S 2.61

static void test_capacity_of_minor_road(void **state)
{
    (void)state;
    for (uint32_t rule = JW_RULE_NONE; rule <= JW_RULE_STOP; rule++) {
        const movement movements[] = {{"right", false, 6.2, rule ? 3.3 : ROLLING_S},
                                      {"left", true, 7.1, rule ? 3.5 : ROLLING_S}};
        for (uint32_t k = 0; k < JW_COUNT_OF(movements); k++)
            for (double flow = 300; flow <= 1200; flow += 300) {
                double wanted, closed = harders(flow, &movements[k]);
                double found = minor_capacity(flow, &movements[k], (jw_rule)rule, 0.5, &wanted);
                printf(
                    "%s, to the %s, major flow %4.0f veh/h: %.0f veh/h get in; by its gaps %.0f (%+.0f %%), "
                    "Harders %.0f (%+.0f %%)\n",
                    rule ? "stop" : "yield", movements[k].name, flow, found, wanted,
                    100 * (found / wanted - 1), closed, 100 * (found / closed - 1));
                /* Of the gaps of two streams drivers use short ones one after the other. */
                assert_true(found > 0.9 * wanted && found < (movements[k].is_left ? 1.25 : 1.07) * wanted);
            }
    }
}

/* ---- roundabouts -----------------------------------------------------------------------------------------
 */

/* The edge from or to the end of an arm, at (x, y). */
static uint32_t edge_at(const jw_city *city, bool is_in, double x_m, double y_m)
{
    for (uint32_t e = 0; e < city->edge_count; e++) {
        const jw_junction *j = &city->junctions[is_in ? city->edges[e].from : city->edges[e].to];
        if (jw_abs(j->x_m - x_m) < 1 && jw_abs(j->y_m - y_m) < 1)
            return e;
    }
    return JW_NONE;
}

/* How many an hour get in from a queue in the south past those who come round from the west. */
static double entry_capacity(double flow_per_h, double radius_m, double *out_round_per_h, double *out_wanted)
{
    static passages round, in;
    double far_m = radius_m + 300;
    jw_city *city = jw_fixture_roundabout(radius_m, 300);
    uint32_t west = edge_at(city, true, -far_m, 0), south = edge_at(city, true, 0, -far_m),
             east = edge_at(city, false, far_m, 0);
    round = (passages){.from_edges = 1ull << west};
    in = (passages){.from_edges = 1ull << south};
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    feed_poisson(&s, west, east, flow_per_h, FILL_S + COUNT_S);
    for (uint32_t k = 0; k < 3500; k++)
        test_scene_trip(&s, 10, south, east, 0);
    while (test_scene_time(&s) < FILL_S + COUNT_S) {
        test_scene_step(&s);
        watch(&s, &round);
        watch(&s, &in);
    }
    *out_round_per_h = count_after(&round, FILL_S) * 3600.0 / COUNT_S;
    *out_wanted = summed(&round, FILL_S, &(movement){"entry", false, 4.98, ROLLING_S}) * 3600.0 / COUNT_S;
    test_scene_free(&s);
    return count_after(&in, FILL_S) * 3600.0 / COUNT_S;
}

/* HCM 6 (2016), one lane: 1,380 exp(-0.00102 v) veh/h, that is 4.98 s and 2.61 s; HCM 2010 had 1,130
 * exp(-0.001 v) (both from memory, unverified). In a ring of one lane gaps are not exponential. */
static void test_roundabout(void **state)
{
    (void)state;
    for (double flow = 0; flow <= 1000; flow += 200) {
        double round, wanted, found = entry_capacity(flow, 18, &round, &wanted);
        double hcm6 = 1380 * jw_exp(-0.00102 * round);
        wanted = flow > 0 ? wanted : hcm6;
        printf(
            "roundabout, %4.0f veh/h go round: %.0f veh/h get in; by their gaps %.0f (%+.0f %%), HCM 6 %.0f "
            "(%+.0f %%), HCM 2010 %.0f\n",
            round, found, wanted, 100 * (found / wanted - 1), hcm6, 100 * (found / hcm6 - 1),
            1130 * jw_exp(-0.001 * round));
        assert_true(jw_abs(found / wanted - 1) < 0.07);
    }
}

/* ---- signs -----------------------------------------------------------------------------------------------
 */

/* The lowest speed of the first vehicle from an edge within the last metres before its junction, and when it
 * went in. */
static double least_before_line(test_scene *s, uint32_t edge, double within_m, double *out_entry_s)
{
    const jw_traffic *t = s->traffic;
    uint32_t lane = t->net.edge_first_lane[edge];
    double least = 99;
    bool was_there = false;
    for (double until = test_scene_time(s) + 300; test_scene_time(s) < until;) {
        test_scene_step(s);
        const jw_track *track = &t->tracks[lane];
        if (track->begin == track->end) {
            if (was_there)
                break;
            continue;
        }
        was_there = true;
        const jw_car *first = &t->cars[track->begin];
        if (track->length_m - first->pos_m < within_m)
            least = jw_min(least, first->speed_mps);
    }
    *out_entry_s = test_scene_time(s);
    return least;
}

static void test_stop_sign(void **state)
{
    (void)state;
    for (uint32_t rule = JW_RULE_NONE; rule <= JW_RULE_ALL_STOP; rule++) {
        jw_city *city = jw_fixture_priority_t(200, 13.89);
        set_rule(city, 4, (jw_rule)rule);
        test_scene s = test_scene_make(city, NULL, 0.25, 0, 1);
        test_scene_trip(&s, 0, 4, 1, 0); /* alone */
        double entry_s, least = least_before_line(&s, 4, 3, &entry_s);
        printf("minor road, rule %u: %.2f m/s at the line, in after %.1f s\n", rule, least, entry_s);
        assert_true(rule == JW_RULE_NONE ? least > 2 : least < JW_STOPPED_MPS);
        test_scene_run(&s, 60);
        assert_int_equal(jw_traffic_count(s.traffic).arrived, 1);
        test_scene_free(&s);
    }
}

/* Four arms, all with a stop sign; in which order those from edges 0, 2, 4, 6 get in. */
static void test_all_way_stop(void **state)
{
    (void)state;
    const uint32_t in[4] = {0, 2, 4, 6}, across[4] = {3, 1, 7, 5}, left[4] = {7, 5, 1, 3};
    const uint32_t orders[][4] = {{0, 1, 2, 3}, {2, 0, 3, 1}, {3, 2, 1, 0}, {1, 3, 0, 2}};
    for (uint32_t k = 0; k < JW_COUNT_OF(orders); k++) {
        jw_city *city = jw_fixture_cross(150, 1, 13.89, false);
        for (uint32_t a = 0; a < 4; a++)
            set_rule(city, in[a], JW_RULE_ALL_STOP);
        test_scene s = test_scene_make(city, NULL, 0.25, 0, 1);
        for (uint32_t a = 0; a < 4; a++) /* so close that none is gone when the next comes */
            test_scene_trip(&s, a * 0.6, in[orders[k][a]], left[orders[k][a]], 0);
        static passages arms[4];
        for (uint32_t a = 0; a < 4; a++)
            arms[a] = (passages){.from_edges = (uint64_t)1 << in[a]};
        while (test_scene_time(&s) < 90) {
            test_scene_step(&s);
            for (uint32_t a = 0; a < 4; a++)
                watch(&s, &arms[a]);
        }
        printf("all-way stop: came %u %u %u %u, in at", orders[k][0], orders[k][1], orders[k][2],
               orders[k][3]);
        for (uint32_t a = 0; a < 4; a++)
            printf(" %.1f", arms[orders[k][a]].time_s[0]);
        printf(" s\n");
        for (uint32_t a = 1; a < 4; a++) /* those who do not meet may go together */
            assert_true(arms[orders[k][a]].time_s[0] > arms[orders[k][a - 1]].time_s[0] - 1);
        assert_int_equal(jw_traffic_count(s.traffic).arrived, 4);
        test_scene_free(&s);
    }
    /* Queues on all arms: each gets its turns. */
    jw_city *city = jw_fixture_cross(200, 1, 13.89, false);
    for (uint32_t a = 0; a < 4; a++)
        set_rule(city, in[a], JW_RULE_ALL_STOP);
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    for (uint32_t a = 0; a < 4; a++)
        for (uint32_t k = 0; k < 200; k++)
            test_scene_trip(&s, 0, in[a], across[a], 0);
    static passages arms[4];
    for (uint32_t a = 0; a < 4; a++)
        arms[a] = (passages){.from_edges = (uint64_t)1 << in[a]};
    while (test_scene_time(&s) < 900) {
        test_scene_step(&s);
        for (uint32_t a = 0; a < 4; a++)
            watch(&s, &arms[a]);
    }
    uint32_t least = 10000, most = 0, sum = 0;
    for (uint32_t a = 0; a < 4; a++) {
        least = arms[a].count < least ? arms[a].count : least;
        most = arms[a].count > most ? arms[a].count : most;
        sum += arms[a].count;
    }
    printf("all-way stop, queues: %u veh/h in all, %u to %u an arm in 15 min\n", sum * 4, least, most);
    assert_true(most - least <= 4);
    /* HCM 2010, chapter 20: 1,300 to 1,800 veh/h in all where four one-lane arms share alike; ours all halt.
     */
    assert_in_range(sum * 4, 1300, 2400);
    test_scene_free(&s);
}

/* Equal streets. */
static jw_city *make_equal_cross(double arm_m)
{
    jw_draft draft = {0};
    uint32_t centre = jw_fixture_add_node(&draft, 0, 0, false);
    const double x[4] = {-1, 1, 0, 0}, y[4] = {0, 0, -1, 1};
    for (uint32_t a = 0; a < 4; a++)
        jw_fixture_add_road(&draft, jw_fixture_add_node(&draft, x[a] * arm_m, y[a] * arm_m, false), centre,
                            JW_ROAD_RESIDENTIAL, 1, 1, 30 / 3.6);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

static void test_right_before_left(void **state)
{
    (void)state;
    /* From the west and from the south at once: the south comes from the right. */
    test_scene s = test_scene_make(make_equal_cross(100), NULL, 0.25, 0, 1);
    bool is_equal = false;
    for (uint32_t j = 0; j < s.city->junction_count; j++)
        is_equal |= s.city->junctions[j].kind == JW_JUNCTION_RIGHT_FIRST;
    assert_true(is_equal);
    static passages west, south;
    west = (passages){.from_edges = 1 << 0};
    south = (passages){.from_edges = 1 << 4};
    test_scene_trip(&s, 0, 0, 3, 0);
    test_scene_trip(&s, 0, 4, 7, 0);
    while (test_scene_time(&s) < 60) {
        test_scene_step(&s);
        watch(&s, &west);
        watch(&s, &south);
    }
    printf("right before left: west in at %.1f s, south at %.1f s\n", west.time_s[0], south.time_s[0]);
    assert_true(west.count == 1 && south.count == 1 && south.time_s[0] < west.time_s[0]);
    test_scene_free(&s);
    /* All four at once, each with one on its right; with one car an arm, and with queues. */
    const uint32_t in[4] = {0, 2, 4, 6}, across[4] = {3, 1, 7, 5}, left[4] = {7, 5, 1, 3};
    for (uint32_t n = 1; n <= 20; n += 19)
        for (uint32_t turn = 0; turn < 2; turn++)
            for (double dt_s = 0.25; dt_s <= 1; dt_s *= 2) {
                s = test_scene_make(make_equal_cross(100), NULL, dt_s, 0, 1);
                for (uint32_t k = 0; k < n; k++)
                    for (uint32_t a = 0; a < 4; a++)
                        test_scene_trip(&s, 0, in[a], turn ? left[a] : across[a], 0);
                while (jw_traffic_count(s.traffic).arrived < 4 * (int64_t)n) {
                    test_scene_step(&s);
                    assert_true(test_scene_time(&s) < 60 + 12 * n);
                }
                printf("right before left, %u an arm %s, dt %.2f s: empty after %.0f s\n", n,
                       turn ? "turning left" : "straight on", dt_s, test_scene_time(&s));
                test_scene_free(&s);
            }
}

/* ---- merges ----------------------------------------------------------------------------------------------
 */

static void test_zipper(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_two_roads(600, 2, 1, 13.89);
    for (uint32_t c = 0; c < city->connection_count; c++) /* nobody said so: the road becomes narrower */
        assert_true(city->connections[c].rule ==
                    (city->lanes[city->connections[c].to_lane].edge == 1 ? JW_RULE_ZIPPER : JW_RULE_NONE));
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    const jw_traffic *t = s.traffic;
    for (uint32_t k = 0; k < 400; k++)
        test_scene_trip(&s, 0, 0, 1, 0);
    uint32_t count = 0, alternate = 0, by_lane[2] = {0, 0}, last_lane = 9;
    static uint8_t seen[1000];
    memset(seen, 0, sizeof seen);
    double hardest = 0;
    while (test_scene_time(&s) < 600) {
        test_scene_step(&s);
        for (uint32_t c = 0; c < 2; c++) {
            const jw_track *track = &t->tracks[t->net.lane_count + c];
            for (uint32_t p = track->begin; p < track->end; p++) {
                uint64_t number = t->vehicles[t->cars[p].slot].number;
                if (seen[number] || test_scene_time(&s) < 120)
                    continue;
                seen[number] = 1;
                uint32_t lane = t->net.ways[c].from_lane & 1;
                alternate += lane != last_lane;
                last_lane = lane;
                by_lane[lane]++;
                count++;
            }
        }
        for (uint32_t k = 0; k < t->running; k++)
            hardest = jw_min(hardest, test_car(t, k)->accel_mps2);
    }
    printf("zipper: %u and %u from the lanes in 8 min, %.0f %% by turns, hardest %.1f m/s2\n", by_lane[0],
           by_lane[1], 100.0 * alternate / count, hardest);
    assert_true(count > 120);
    assert_true(alternate > 0.9 * count);
    assert_true(hardest > -6);
    test_scene_free(&s);
}

/* ---- inside the junction ---------------------------------------------------------------------------------
 */

/* Turning round gives way to the oncoming stream. */
static void test_u_turn(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(200, 1, 13.89, false), NULL, 0.5, 0, 1);
    const jw_turn_graph turns = jw_traffic_turns(s.traffic);
    bool has_u_turn = false;
    for (uint32_t k = turns.turn_first[0]; k < turns.turn_first[1]; k++)
        has_u_turn |= turns.turn_to[k] == 1;
    if (!has_u_turn) { /* at the ends of the arms there always is one */
        test_scene_trip(&s, 0, 1, 0, 0);
    } else {
        test_scene_trip(&s, 0, 0, 1, 0);
    }
    for (uint32_t k = 0; k < 30; k++)
        test_scene_trip(&s, 2 + k * 4, 2, 1, 0);
    test_scene_run(&s, 300);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 31);
    assert_int_equal(jw_traffic_count(s.traffic).emergency_brakings, 0);
    test_scene_free(&s);
}

/* The way out to the east is blocked: the queue does not block the crossing street. */
static void test_box(void **state)
{
    (void)state;
    for (int has_signal = 0; has_signal < 2; has_signal++) {
        test_scene s = test_scene_make(jw_fixture_cross(200, 1, 13.89, has_signal), NULL, 0.5, 0, 1);
        test_scene_command(&s, "incident", "edge", 3.0, "lane", 0.0, "position_m", 40.0, "duration_s", 2000.0,
                           NULL);
        for (uint32_t k = 0; k < 60; k++)
            test_scene_trip(&s, 1, 0, 3, 0);
        for (uint32_t k = 0; k < 10; k++)
            test_scene_trip(&s, 20 + k * 8, 4, 7, 0);
        test_scene_run(&s, 180); /* later those who are stuck come round over the other streets */
        uint32_t across = 0;
        for (uint32_t k = 0; k < s.traffic->trip_log_count; k++)
            across += s.traffic->trip_log[k].from_edge == 4;
        printf("box, %s: %u of 10 crossed\n", has_signal ? "signal" : "no signal", across);
        assert_int_equal(across, 10);
        test_scene_free(&s);
    }
}

/* ---- signals ---------------------------------------------------------------------------------------------
 */

/* Left turns out of one lane under a green that oncoming traffic shares. HCM 2010, equation 31-100: after the
 * oncoming queue of s = 1,900 veh/h has gone they pass as at a minor road with 4.5 s and 2.5 s; two more a
 * cycle wait inside and clear in the amber. The same over the gaps as they were: behind the last who comes
 * all go that the green lets go; of ours one waits inside. */
#define LEFT_CRITICAL_S  4.5
#define LEFT_FOLLOW_UP_S 2.5

static double summed_in_green(const passages *oncoming, double begin_s, double cycle_s, double green_s)
{
    double sum = 0;
    uint32_t k = 0;
    for (double end_s = begin_s + green_s; begin_s < 4200; begin_s += cycle_s, end_s += cycle_s) {
        double last_s = begin_s;
        while (k < oncoming->count && oncoming->time_s[k] < begin_s)
            k++;
        for (; k < oncoming->count && oncoming->time_s[k] < end_s; last_s = oncoming->time_s[k++]) {
            double spare_s = oncoming->time_s[k] - last_s - LEFT_CRITICAL_S;
            sum += spare_s < 0 ? 0 : 1 + jw_floor(spare_s / LEFT_FOLLOW_UP_S);
        }
        sum += jw_floor((end_s - last_s) / LEFT_FOLLOW_UP_S) + 1;
    }
    return sum;
}

static void test_permitted_left(void **state)
{
    (void)state;
    double last = 1e9;
    for (double flow = 0; flow <= 1000; flow += 200) {
        test_scene s = test_scene_make(jw_fixture_cross(300, 1, 13.89, true), NULL, 0.5, 0, 1);
        const jw_programme *programme = &s.city->programmes[0];
        double cycle_s = programme->cycle_s,
               green_s = s.city->signal_phases[programme->first_phase].duration_s;
        static passages left, oncoming;
        left = (passages){.from_edges = 1 << 0};
        oncoming = (passages){.from_edges = 1 << 2};
        feed_poisson(&s, 2, 1, flow, 4200);
        for (uint32_t k = 0; k < 1500; k++)
            test_scene_trip(&s, 5, 0, 7, 0);
        while (test_scene_time(&s) < 4200) {
            test_scene_step(&s);
            watch(&s, &left);
            watch(&s, &oncoming);
        }
        double q = flow / 3600, queue_s = (cycle_s - green_s) * flow / (1900 - flow);
        double rate = flow > 0 ? flow * jw_exp(-q * LEFT_CRITICAL_S) / (1 - jw_exp(-q * LEFT_FOLLOW_UP_S))
                               : 3600 / LEFT_FOLLOW_UP_S;
        double closed = rate * jw_max(green_s - queue_s, 0) / cycle_s + 2 * 3600 / cycle_s;
        double found = count_after(&left, 600), wanted = summed_in_green(&oncoming, 600, cycle_s, green_s);
        printf("left turns against %4.0f veh/h: %.0f veh/h; by their gaps %.0f (%+.0f %%), HCM %.0f\n", flow,
               found, wanted, 100 * (found / wanted - 1), closed);
        assert_true(found < closed && found < last);
        assert_true(jw_abs(found / wanted - 1) < 0.09);
        assert_true(found >= 0.95 * 3600 / cycle_s); /* one a cycle at least */
        last = found;
        test_scene_free(&s);
    }
}

/* ---- beyond capacity -------------------------------------------------------------------------------------
 */

/* A grid of 4 x 4 blocks with far more demand than it can carry: it jams, but goes on moving. */
static void test_beyond_capacity(void **state)
{
    (void)state;
    for (int has_signals = 0; has_signals < 2; has_signals++)
        for (double demand = 4000; demand <= 8000; demand *= 2) {
            test_scene s = test_scene_make(jw_fixture_grid(4, 150, 1, 13.9, has_signals), NULL, 1, 0, 2);
            const jw_traffic *t = s.traffic;
            for (uint64_t k = 0; k < (uint64_t)(demand * 1.5); k++) {
                jw_trip_def trip = {.depart_ns = jw_ns_from_s(3600 * (double)k / demand),
                                    .from_edge = jw_random_index(key, 1, k, s.city->edge_count),
                                    .to_edge = jw_random_index(key, 2, k, s.city->edge_count)};
                jw_error error = {0};
                assert_int_equal(jw_traffic_add_trip(s.world, s.traffic, &trip, &error), JW_OK);
            }
            test_scene_run(&s, 3600);
            int64_t before = jw_traffic_count(t).arrived;
            test_scene_run(&s, 1800);
            double arrived = 2.0 * (double)(jw_traffic_count(t).arrived - before);
            uint32_t stuck = 0;
            for (uint32_t k = 0; k < t->running; k++)
                stuck += test_car(t, k)->wait_s > 300;
            printf("grid %s, %.0f trips/h: %.0f arrive an hour, %u run, %u stand for 5 min\n",
                   has_signals ? "with signals" : "without signals", demand, arrived, t->running, stuck);
            assert_true(demand > 4000 ? arrived > 500 : arrived > 0.85 * demand);
            assert_true(stuck <= 0.25 * t->running);
            test_scene_free(&s);
        }
}

/* Any step: nobody overlaps (checked after each), hard braking stays rare. */
static void test_steps(void **state)
{
    (void)state;
    const double steps_s[] = {0.1, 0.25, 0.5, 1};
    for (uint32_t k = 0; k < JW_COUNT_OF(steps_s); k++)
        for (int kind = 0; kind < 4; kind++) {
            jw_traffic_def def = jw_default_traffic_def();
            def.demand.factor = 10;
            if (kind & 1) {
                def.types[JW_VEHICLE_CAR] = jw_sumo_vehicle_type();
                def.is_euler = steps_s[k] == 1;
            }
            test_scene s =
                test_scene_make(jw_fixture_grid(3, 150, 2, 13.9, kind / 2), &def, steps_s[k], 7.5 * 3600, 2);
            test_scene_run(&s, 300);
            jw_traffic_counts c = jw_traffic_count(s.traffic);
            double share = (double)c.emergency_brakings / jw_max((double)c.vehicle_updates, 1);
            printf("dt %.2f s, %s, %s: %lld departed, %lld arrived, %.1f of a million updates brake hard\n",
                   steps_s[k], kind & 1 ? "Krauss" : "IDM", kind / 2 ? "signals" : "none",
                   (long long)c.departed, (long long)c.arrived, 1e6 * share);
            assert_true(c.arrived > c.departed / 3);
            assert_true(share < 1e-3);
            test_scene_free(&s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capacity_of_minor_road),
        cmocka_unit_test(test_roundabout),
        cmocka_unit_test(test_stop_sign),
        cmocka_unit_test(test_all_way_stop),
        cmocka_unit_test(test_right_before_left),
        cmocka_unit_test(test_zipper),
        cmocka_unit_test(test_u_turn),
        cmocka_unit_test(test_box),
        cmocka_unit_test(test_permitted_left),
        cmocka_unit_test(test_beyond_capacity),
        cmocka_unit_test(test_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
