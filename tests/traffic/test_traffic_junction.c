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

static const jw_random_key key = {20261122, 3};

/* Trips with exponential headways, as independent drivers come. */
static void feed_poisson(test_scene *s, uint32_t from, uint32_t to, double rate_per_h, double until_s)
{
    uint64_t entity = (uint64_t)from << 32 | to, k = 0;
    for (double at = 0; rate_per_h > 0;) {
        at += jw_random_exponential(key, entity, k++, 3600 / rate_per_h);
        if (at > until_s)
            return;
        test_scene_trip(s, at, from, to, 0);
    }
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

static void test_capacity_of_minor_road(void **state)
{
    (void)state;
    const movement movements[] = {{"right", false, 6.2, 3.3}, {"left", true, 7.1, 3.5}};
    for (uint32_t rule = JW_RULE_NONE; rule <= JW_RULE_STOP; rule++)
        for (uint32_t k = 0; k < JW_COUNT_OF(movements); k++)
            for (double flow = 300; flow <= 1200; flow += 300) {
                double wanted, closed = harders(flow, &movements[k]);
                double found = minor_capacity(flow, &movements[k], (jw_rule)rule, 0.5, &wanted);
                printf(
                    "%s, to the %s, major flow %4.0f veh/h: %.0f veh/h get in; by its gaps %.0f (%+.0f %%), "
                    "Harders %.0f (%+.0f %%)\n",
                    rule ? "stop" : "yield", movements[k].name, flow, found, wanted,
                    100 * (found / wanted - 1), closed, 100 * (found / closed - 1));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capacity_of_minor_road),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
