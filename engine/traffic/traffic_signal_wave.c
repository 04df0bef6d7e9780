/* Green waves: a chain of programmes along a way, one cycle for all, offsets that let a platoon at
 * progression speed meet greens only.
 *
 * The band of a direction is the interval of departures from the first line that pass every line on green:
 * what the windows of green, each shifted back by the way there, have in common (Little, "The synchronization
 * of traffic signals by mixed-integer linear programming", Operations Research 14, 568-594, 1966). Offsets
 * are found a second at a time, junction by junction until none gets better, from a good beginning: green
 * when the platoon's head comes, or, for both directions, the better half of the cycle. */
#include "traffic/traffic_internal.h"

#include <stdlib.h>

#define CHAIN_MAX   64
#define WALK_MAX    32      /* junctions without signals between two with */
#define WALK_MAX_M  1200.0f /* a platoon that drives longer has dispersed (Robertson's F below 0.3) */
#define SWEEPS_MAX  20
#define CYCLE_MIN_S 20.0
#define CYCLE_MAX_S 300.0

/* One programme of a chain. */
typedef struct wave_node {
    uint32_t programme;
    uint32_t forward, backward; /* links of its way through; JW_NONE: none */
    double at_s, at_m;          /* from the first stop line */
    double cycle_s;             /* of the plan being made: */
    double green_s[2][2];       /* of each direction: begin and length within its cycle */
    double offset_s;
} wave_node;

typedef struct chain {
    wave_node nodes[CHAIN_MAX];
    uint32_t count;
    double speed_mps; /* 0: limits */
    bool is_both_ways;
} chain;

/* ---- splits ----------------------------------------------------------------------------------------------
 */

/* Durations of the programme's phases stretched or cut to a cycle: greens share what is left beyond their
 * minima as the map's plan does. False: the minima do not fit. */
static bool split(const jw_traffic *t, uint32_t programme, int64_t cycle_ns, int64_t *out_ns)
{
    const jw_programme *p = &t->city->programmes[programme];
    int64_t fixed_ns = 0, spare_ns = 0, given_ns = 0;
    uint32_t last = JW_NONE;
    for (uint32_t k = 0; k < p->phase_count; k++) {
        int64_t duration_ns = jw_ns_from_s(t->city->signal_phases[p->first_phase + k].duration_s);
        bool is_green = jw_signal_is_green(t, programme, k);
        out_ns[k] = is_green ? t->signals.net.min_ns[p->first_phase + k] : duration_ns;
        fixed_ns += out_ns[k];
        spare_ns += is_green ? duration_ns - out_ns[k] : 0;
        last = is_green ? k : last;
    }
    int64_t left_ns = cycle_ns - fixed_ns;
    if (last == JW_NONE || left_ns < 0)
        return false;
    for (uint32_t k = 0; k < p->phase_count; k++) {
        if (!jw_signal_is_green(t, programme, k) || k == last)
            continue;
        int64_t duration_ns = jw_ns_from_s(t->city->signal_phases[p->first_phase + k].duration_s);
        double share = spare_ns > 0 ? (double)(duration_ns - out_ns[k]) / (double)spare_ns : 0;
        int64_t more_ns = jw_ns_from_s(jw_floor(share * jw_s_from_ns(left_ns)));
        out_ns[k] += more_ns;
        given_ns += more_ns;
    }
    out_ns[last] += left_ns - given_ns;
    return true;
}

/* The longest green of a link within the cycle, over phases in a row. */
static void find_green(const jw_traffic *t, uint32_t programme, const int64_t *phase_ns, uint32_t link,
                       double *out_begin_s, double *out_length_s)
{
    uint32_t count = t->city->programmes[programme].phase_count;
    int64_t at_ns = 0, best_ns = 0, best_begin_ns = 0;
    for (uint32_t k = 0; k < count && link != JW_NONE; k++) {
        int64_t length_ns = 0;
        for (uint32_t i = 0; i < count && jw_signal_lets_go(t, programme, (k + i) % count, link); i++)
            length_ns += phase_ns[(k + i) % count];
        if (length_ns > best_ns) {
            best_ns = length_ns;
            best_begin_ns = at_ns;
        }
        at_ns += phase_ns[k];
    }
    *out_begin_s = jw_s_from_ns(best_begin_ns);
    *out_length_s = jw_s_from_ns(best_ns);
}

/* ---- bands -----------------------------------------------------------------------------------------------
 */

static double wrap(double value_s, double cycle_s)
{
    double rest = jw_fmod(value_s, cycle_s);
    return rest < 0 ? rest + cycle_s : rest;
}

/* Width of the band in a direction (0 forward). */
static double band_of(const chain *c, uint32_t direction)
{
    double cycle_s = c->nodes[0].cycle_s, begin_s = 0, end_s = 0;
    for (uint32_t k = 0; k < c->count; k++) {
        const wave_node *n = &c->nodes[k];
        double way_s = direction == 0 ? n->at_s : -n->at_s;
        double green_s = n->green_s[direction][1];
        if (green_s <= 0)
            return 0;
        double from_s = n->offset_s + n->green_s[direction][0] - way_s;
        if (k == 0) {
            begin_s = from_s;
            end_s = from_s + green_s;
            continue;
        }
        /* The window that begins at or after the band's beginning, or the one before it: the wider cut. */
        double after_s = begin_s + wrap(from_s - begin_s, cycle_s), before_s = after_s - cycle_s;
        double after_width = jw_min(end_s, after_s + green_s) - after_s;
        double before_width = jw_min(end_s, before_s + green_s) - begin_s;
        if (after_width <= 0 && before_width <= 0)
            return 0;
        if (after_width > before_width) {
            begin_s = after_s;
            end_s = after_s + after_width;
        } else {
            end_s = begin_s + before_width;
        }
    }
    return end_s - begin_s;
}

/* What offsets are judged by: both bands, or the forward one and then the other. */
static double worth(const chain *c)
{
    double forward_s = band_of(c, 0), backward_s = band_of(c, 1);
    if (c->is_both_ways)
        return jw_min(forward_s, backward_s) + 0.1 * (forward_s + backward_s);
    return forward_s + 0.001 * backward_s;
}

/* Every green's middle falls together with the first's or lies half a cycle off (Little's half-integer
 * synchronisation), whichever puts it nearer to a band's middle `middle_s` behind the first's. */
static void set_halves(chain *c, double middle_s)
{
    double cycle_s = c->nodes[0].cycle_s;
    double first_s = c->nodes[0].green_s[0][0] + c->nodes[0].green_s[0][1] / 2;
    for (uint32_t k = 1; k < c->count; k++) {
        wave_node *n = &c->nodes[k];
        double off_s = wrap(n->at_s + middle_s, cycle_s);
        bool is_half = off_s > cycle_s / 4 && off_s < 3 * cycle_s / 4;
        n->offset_s = first_s - n->green_s[0][0] - n->green_s[0][1] / 2 + (is_half ? cycle_s / 2 : 0);
    }
}

static void begin_offsets(chain *c)
{
    double best = -1, best_s = 0;
    c->nodes[0].offset_s = 0;
    for (uint32_t k = 1; k < c->count && !c->is_both_ways; k++)
        c->nodes[k].offset_s = c->nodes[0].green_s[0][0] + c->nodes[k].at_s - c->nodes[k].green_s[0][0];
    for (double s = 0; s < c->nodes[0].cycle_s && c->is_both_ways; s += 1) {
        set_halves(c, s);
        if (worth(c) > best) {
            best = worth(c);
            best_s = s;
        }
    }
    if (c->is_both_ways)
        set_halves(c, best_s);
}

static void find_offsets(chain *c)
{
    begin_offsets(c);
    bool is_better = true;
    for (uint32_t sweep = 0; sweep < SWEEPS_MAX && is_better; sweep++) {
        is_better = false;
        for (uint32_t k = 1; k < c->count; k++) {
            wave_node *n = &c->nodes[k];
            double begin_s = n->offset_s, best_s = begin_s, best = worth(c);
            for (double s = 1; s < n->cycle_s; s += 1) {
                n->offset_s = begin_s + s;
                if (worth(c) > best + 1e-9) {
                    best = worth(c);
                    best_s = n->offset_s;
                    is_better = true;
                }
            }
            n->offset_s = best_s;
        }
    }
}

static bool plan_chain(jw_traffic *t, chain *c, double cycle_s)
{
    int64_t phase_ns[JW_PROGRAMME_PHASES_MAX];
    for (uint32_t k = 0; k < c->count; k++) {
        wave_node *n = &c->nodes[k];
        if (!split(t, n->programme, jw_ns_from_s(cycle_s), phase_ns))
            return false;
        n->cycle_s = cycle_s;
        find_green(t, n->programme, phase_ns, n->forward, &n->green_s[0][0], &n->green_s[0][1]);
        find_green(t, n->programme, phase_ns, n->backward, &n->green_s[1][0], &n->green_s[1][1]);
    }
    find_offsets(c);
    return true;
}

/* Puts the chain's plan into the programmes, from the next phase of each on. */
static jw_result adopt(jw_traffic *t, const chain *c, jw_wave *out, jw_error *error)
{
    jw_signals *s = &t->signals;
    if (s->wave_count >= JW_SIGNAL_WAVES_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %d green waves", JW_SIGNAL_WAVES_MAX);
    jw_result result = jw_grow(&s->waves, &s->wave_capacity, s->wave_count + 1ull, sizeof *s->waves, error);
    if (result != JW_OK)
        return result;
    const wave_node *first = &c->nodes[0], *last = &c->nodes[c->count - 1];
    for (uint32_t k = 0; k < c->count; k++) {
        const wave_node *n = &c->nodes[k];
        const jw_programme *p = &t->city->programmes[n->programme];
        split(t, n->programme, jw_ns_from_s(n->cycle_s), s->phase_ns + p->first_phase);
        s->plans[n->programme] =
            (jw_signal_plan){jw_ns_from_s(n->cycle_s), jw_ns_from_s(wrap(n->offset_s, n->cycle_s))};
        s->now[n->programme].wave = s->wave_count;
        s->now[n->programme].control = JW_SIGNAL_GREEN_WAVE;
    }
    *out = (jw_wave){.first_programme = first->programme,
                     .last_programme = last->programme,
                     .programme_count = c->count,
                     .speed_mps = last->at_s > 0 ? last->at_m / last->at_s : 0,
                     .cycle_s = first->cycle_s,
                     .forward_s = band_of(c, 0),
                     .backward_s = band_of(c, 1)};
    s->waves[s->wave_count++] = *out;
    return JW_OK;
}

/* The cycle: given, or the longest of the chain's. */
static double cycle_of(const jw_traffic *t, const chain *c, double given_s)
{
    double longest_s = 0;
    for (uint32_t k = 0; k < c->count; k++)
        longest_s = jw_max(longest_s, t->city->programmes[c->nodes[k].programme].cycle_s);
    return given_s > 0 ? given_s : longest_s;
}

/* ---- chains ----------------------------------------------------------------------------------------------
 */

/* The first connection for cars from an edge to another, or JW_NONE. */
static uint32_t connection_between(const jw_traffic *t, uint32_t from, uint32_t to)
{
    const jw_city *city = t->city;
    for (uint32_t l = t->net.edge_first_lane[from]; l < t->net.edge_first_lane[from + 1]; l++)
        for (uint32_t k = 0; k < city->lanes[l].connection_count; k++) {
            uint32_t c = city->lane_connections[city->lanes[l].first_connection + k];
            if (t->net.lane_edge[t->city->connections[c].to_lane] == to &&
                (city->connections[c].allow & JW_ALLOW_CAR))
                return c;
        }
    return JW_NONE;
}

/* The way back through a node: from the opposite of the edge that goes on to the opposite of the one that
 * came. */
static uint32_t link_back(const jw_traffic *t, uint32_t in, uint32_t out)
{
    uint32_t from = out == JW_NONE ? JW_NONE : t->city->edges[out].opposite;
    uint32_t to = in == JW_NONE ? JW_NONE : t->city->edges[in].opposite;
    uint32_t c = from == JW_NONE || to == JW_NONE ? JW_NONE : connection_between(t, from, to);
    return c == JW_NONE ? JW_NONE : t->city->connections[c].signal_link;
}

static uint32_t straight_from(const jw_traffic *t, uint32_t edge)
{
    const jw_city *city = t->city;
    for (uint32_t l = t->net.edge_first_lane[edge + 1]; l-- > t->net.edge_first_lane[edge];)
        for (uint32_t k = 0; k < city->lanes[l].connection_count; k++) {
            uint32_t c = city->lane_connections[city->lanes[l].first_connection + k];
            if (city->connections[c].turn == JW_TURN_STRAIGHT && (city->connections[c].allow & JW_ALLOW_CAR))
                return t->net.lane_edge[t->city->connections[c].to_lane];
        }
    return JW_NONE;
}

static uint32_t straight_into(const jw_traffic *t, uint32_t edge)
{
    const jw_junction *junction = &t->city->junctions[t->city->edges[edge].from];
    for (uint32_t k = 0; k < junction->connection_count; k++) {
        const jw_connection *c = &t->city->connections[junction->first_connection + k];
        if (c->turn == JW_TURN_STRAIGHT && (c->allow & JW_ALLOW_CAR) && t->net.lane_edge[c->to_lane] == edge)
            return t->net.lane_edge[c->from_lane];
    }
    return JW_NONE;
}

static bool has_programme(const chain *c, uint32_t programme)
{
    for (uint32_t k = 0; k < c->count; k++)
        if (c->nodes[k].programme == programme)
            return true;
    return false;
}

/* Adds edges to the chain while the way goes straight on: from stop line to stop line, at progression speed.
 * Ends behind junction `to` (JW_NONE: never), at a programme that is taken, or where the next signal is too
 * far. True when `to` was passed. */
static bool walk(const jw_traffic *t, uint32_t edge, uint32_t to, const uint8_t *is_taken, chain *c)
{
    const jw_city *city = t->city;
    double at_s = 0, at_m = 0, last_m = 0;
    for (uint32_t k = 0; k < WALK_MAX * CHAIN_MAX && edge != JW_NONE; k++) {
        uint32_t junction = city->edges[edge].to, programme = city->junctions[junction].programme;
        uint32_t next = straight_from(t, edge);
        uint32_t link = next == JW_NONE ? JW_NONE : connection_between(t, edge, next);
        double limit = city->edges[edge].speed_mps, mps = c->speed_mps > 0 ? c->speed_mps : limit;
        if (c->count > 0) { /* the first line is where the way begins */
            at_m += city->edges[edge].length_m;
            at_s += city->edges[edge].length_m / mps;
        }
        if (at_m - last_m > WALK_MAX_M || (programme != JW_NONE && is_taken && is_taken[programme]))
            return false;
        if (programme != JW_NONE && !has_programme(c, programme)) {
            if (c->count == CHAIN_MAX)
                return false;
            c->nodes[c->count++] =
                (wave_node){.programme = programme,
                            .forward = link == JW_NONE ? JW_NONE : city->connections[link].signal_link,
                            .backward = link_back(t, edge, next),
                            .at_s = at_s,
                            .at_m = at_m};
            last_m = at_m;
        }
        if (junction == to)
            return true;
        if (link != JW_NONE) {
            at_m += city->connections[link].length_m;
            at_s += city->connections[link].length_m / jw_min(mps, city->connections[link].speed_mps);
        }
        edge = next;
    }
    return false;
}

/* ---- from outside ----------------------------------------------------------------------------------------
 */

jw_result jw_traffic_make_wave(jw_world *world, jw_traffic *t, const jw_wave_def *def, jw_wave *out,
                               jw_error *error)
{
    const jw_city *city = t->city;
    (void)world;
    if (def->from_junction >= city->junction_count || def->to_junction >= city->junction_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "a green wave from junction %u to %u: there are %u", def->from_junction,
                       def->to_junction, city->junction_count);
    if (!(def->speed_mps >= 0 && def->speed_mps <= 42) ||
        !(def->cycle_s == 0 || (def->cycle_s >= CYCLE_MIN_S && def->cycle_s <= CYCLE_MAX_S)))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a green wave: speed up to 150 km/h, cycle 20 to 300 s (0: the longest)");
    const jw_junction *from = &city->junctions[def->from_junction];
    chain c;
    bool is_found = false;
    for (uint32_t k = 0; k < from->in_count && !is_found; k++) {
        c = (chain){.speed_mps = def->speed_mps, .is_both_ways = def->is_both_ways};
        is_found = walk(t, city->junction_edges[from->first_in + k], def->to_junction, NULL, &c) &&
                   def->from_junction != def->to_junction;
    }
    if (!is_found || c.count < 2)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "no street with two signals or more leads straight on from junction %u to %u",
                       def->from_junction, def->to_junction);
    if (!plan_chain(t, &c, cycle_of(t, &c, def->cycle_s)))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a green wave: the least greens and changes of a programme do not fit into its cycle");
    return adopt(t, &c, out, error);
}

/* The more important the road, the earlier its chain is made. */
static int compare_edges(const void *a, const void *b, void *context)
{
    const jw_city *city = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const jw_edge *ex = &city->edges[x], *ey = &city->edges[y];
    if (ex->road_class != ey->road_class)
        return ex->road_class < ey->road_class ? -1 : 1;
    if (ex->lane_count != ey->lane_count)
        return ex->lane_count > ey->lane_count ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* The first edge of the street of `edge`: back while its signals are free, not further than a chain is long.
 */
static uint32_t first_edge(const jw_traffic *t, uint32_t edge, const uint8_t *is_taken)
{
    uint32_t first = edge;
    double way_m = 0;
    for (uint32_t k = 0; k < WALK_MAX; k++) {
        uint32_t before = straight_into(t, edge);
        uint32_t programme =
            before == JW_NONE ? JW_NONE : t->city->junctions[t->city->edges[before].to].programme;
        if (before == JW_NONE || before == first || way_m > WALK_MAX_M ||
            (programme != JW_NONE && is_taken[programme]))
            break;
        way_m = programme == JW_NONE ? way_m + t->city->edges[edge].length_m : 0;
        if (programme != JW_NONE)
            first = before;
        edge = before;
    }
    return first;
}

static jw_result make_wave_at(jw_traffic *t, uint32_t edge, uint8_t *is_taken, jw_error *error)
{
    chain c = {.speed_mps = t->def.signals.wave_kmh / 3.6, .is_both_ways = true};
    walk(t, first_edge(t, edge, is_taken), JW_NONE, is_taken, &c);
    if (c.count < 2 || !plan_chain(t, &c, cycle_of(t, &c, t->def.signals.wave_cycle_s)))
        return JW_OK;
    for (uint32_t k = 0; k < c.count; k++)
        is_taken[c.nodes[k].programme] = 1;
    jw_wave wave;
    return adopt(t, &c, &wave, error);
}

jw_result jw_signal_make_all_waves(jw_traffic *t, jw_error *error)
{
    const jw_city *city = t->city;
    uint8_t *is_taken = jw_alloc(city->programme_count + 1u);
    uint32_t *edges = jw_alloc((city->edge_count + 1u) * sizeof *edges), count = 0;
    jw_result result = is_taken && edges ? JW_OK : jw_fail_memory(error);
    for (uint32_t e = 0; e < city->edge_count && result == JW_OK; e++)
        if (city->junctions[city->edges[e].to].programme != JW_NONE)
            edges[count++] = e;
    if (count > 1)
        qsort_r(edges, count, sizeof *edges, compare_edges, (void *)(uintptr_t)city);
    for (uint32_t k = 0; k < count && result == JW_OK; k++)
        if (!is_taken[city->junctions[city->edges[edges[k]].to].programme])
            result = make_wave_at(t, edges[k], is_taken, error);
    jw_free(is_taken);
    jw_free(edges);
    return result;
}
