/* The network of pavements, crossings and corners; ways through it; where a walker is on the map. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define ARMS_MAX      64
#define AHEAD_M       2.6f  /* middle of a crossing, beyond the stop line */
#define HALF_BAND     0.62f /* of that: half the width of the crossing */
#define HALF_BODY_M   1.5f  /* half a wide vehicle and a step beside it */
#define REFUGE_M      1.5f  /* of a road divided so far people stand in its middle */
#define WIDE_M        16.0f /* likewise, over so much road: GB 50688-2011 (from memory, unverified) */
#define SHORTEST_M    0.5f
#define WALK_MPS      1.34f
#define SIGNAL_WAIT_S 25.0f /* what a way over a crossing costs at least beside walking: guesses, */
#define GAP_WAIT_S    5.0f  /* only to choose between ways */

typedef struct arm {
    uint32_t in, out; /* edges; JW_NONE */
    float angle;      /* outwards */
    float ahead_m;
} arm;

static jw_result take(void *out_pointer, size_t count, size_t size, jw_error *error)
{
    void *memory = jw_alloc((count ? count : 1) * size);
    if (!memory)
        return jw_fail_memory(error);
    memcpy(out_pointer, &memory, sizeof memory);
    return JW_OK;
}

void jw_walk_net_free(jw_walk_net *net)
{
    void *all[] = {net->nodes, net->links, net->crossings, net->zones, net->way_zone, net->pavement};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    memset(net, 0, sizeof *net);
}

/* ---- arms ------------------------------------------------------------------------------------------------
 */

static uint32_t other_direction(const jw_city *city, uint32_t e)
{
    uint32_t o = city->edges[e].opposite;
    return o != JW_NONE && city->edges[o].from == city->edges[e].to &&
                   city->edges[o].to == city->edges[e].from
               ? o
               : JW_NONE;
}

static uint32_t first_lane(const jw_city *city, uint32_t e)
{
    return city->edges[e].first_lane;
}

static uint32_t last_lane(const jw_city *city, uint32_t e)
{
    return city->edges[e].first_lane + city->edges[e].lane_count - 1;
}

/* Where an edge meets the junction, seen from its kerb lane: place, and heading outwards. */
static void end_of(const jw_traffic *t, uint32_t lane, bool is_in, float *x, float *y, float *z, float *out)
{
    jw_traffic_track_place(t, lane, is_in ? t->tracks[lane].length_m : 0, x, y, z, out);
    if (is_in)
        *out = (float)jw_wrap_angle(*out + JW_PI);
}

static arm make_arm(const jw_traffic *t, const jw_junction *j, uint32_t in, uint32_t out)
{
    float x, y, z;
    arm a = {.in = in, .out = out};
    end_of(t, first_lane(t->city, in != JW_NONE ? in : out), in != JW_NONE, &x, &y, &z, &a.angle);
    double room_m = (x - j->x_m) * jw_cos(a.angle) + (y - j->y_m) * jw_sin(a.angle);
    a.ahead_m = jw_minf(jw_maxf(0.43f * (float)room_m, SHORTEST_M), AHEAD_M);
    return a;
}

/* Counter-clockwise. */
static uint32_t arms_of(const jw_traffic *t, uint32_t number, arm out[ARMS_MAX])
{
    const jw_city *city = t->city;
    const jw_junction *j = &city->junctions[number];
    uint32_t count = 0;
    for (uint32_t k = 0; k < j->in_count + j->out_count && count < ARMS_MAX; k++) {
        bool is_in = k < j->in_count;
        uint32_t e = city->junction_edges[is_in ? j->first_in + k : j->first_out + k - j->in_count];
        if (!is_in && other_direction(city, e) != JW_NONE)
            continue; /* came with the other direction */
        arm a = make_arm(t, j, is_in ? e : JW_NONE, is_in ? other_direction(city, e) : e);
        uint32_t at = count++;
        for (; at > 0 && out[at - 1].angle > a.angle; at--)
            out[at] = out[at - 1];
        out[at] = a;
    }
    return count;
}

/* The corner on the right of the road or on its left, as one looks outwards. */
static jw_walk_node corner_of(const jw_traffic *t, const arm *a, bool is_right)
{
    /* On the right are those who leave the junction; a kerb lane lies at the kerb of its own side. */
    bool has_kerb = is_right ? a->out != JW_NONE : a->in != JW_NONE;
    uint32_t e = is_right == has_kerb ? a->out : a->in;
    uint32_t lane = has_kerb ? first_lane(t->city, e) : last_lane(t->city, e);
    float x, y, z, angle;
    end_of(t, lane, e == a->in, &x, &y, &z, &angle);
    float side_m = 0.5f * (float)t->city->lanes[lane].width_m + JW_WALK_KERB_M;
    float c = (float)jw_cos(angle), s = (float)jw_sin(angle), sign = is_right ? 1.0f : -1.0f;
    return (jw_walk_node){.x_m = x - c * a->ahead_m + s * side_m * sign,
                          .y_m = y - s * a->ahead_m - c * side_m * sign,
                          .z_m = z,
                          .links = {JW_NONE, JW_NONE, JW_NONE}};
}

static bool has_pavement(const jw_edge *edge)
{
    return edge->road_class >= JW_ROAD_PRIMARY && !edge->is_tunnel;
}

static bool has_crossing(const jw_city *city, const jw_junction *j, const arm *a)
{
    const jw_edge *edge = &city->edges[a->in != JW_NONE ? a->in : a->out];
    if (j->kind == JW_JUNCTION_JOINT || j->kind == JW_JUNCTION_DEAD_END || edge->is_roundabout)
        return false;
    return edge->road_class >= JW_ROAD_PRIMARY ||
           (edge->road_class == JW_ROAD_TRUNK && j->kind == JW_JUNCTION_SIGNAL);
}

/* ---- links -----------------------------------------------------------------------------------------------
 */

static float between(const jw_walk_net *net, uint32_t a, uint32_t b)
{
    const jw_walk_node *p = &net->nodes[a], *q = &net->nodes[b];
    float dx = q->x_m - p->x_m, dy = q->y_m - p->y_m;
    return jw_sqrtf_exact(dx * dx + dy * dy);
}

static uint32_t add_link(jw_walk_net *net, uint32_t a, uint32_t b, uint32_t kind)
{
    uint32_t k = net->link_count++;
    net->links[k] = (jw_walk_link){.ends = {a, b},
                                   .of = JW_NONE,
                                   .kind = (uint8_t)kind,
                                   .length_m = jw_maxf(between(net, a, b), SHORTEST_M)};
    net->nodes[a].links[kind] = net->nodes[b].links[kind] = k;
    return k;
}

/* Round the kerb: a quadratic curve, tangent to both pavements. Angles are those of the arms, outwards. */
static void add_corner(jw_walk_net *net, uint32_t a, float a_angle, uint32_t b, float b_angle)
{
    jw_walk_link *link = &net->links[add_link(net, a, b, JW_WALK_CORNER)];
    const jw_walk_node *p = &net->nodes[a], *q = &net->nodes[b];
    float ux = -(float)jw_cos(a_angle), uy = -(float)jw_sin(a_angle);
    float vx = -(float)jw_cos(b_angle), vy = -(float)jw_sin(b_angle);
    float dx = q->x_m - p->x_m, dy = q->y_m - p->y_m, across = ux * vy - uy * vx;
    float along_a = across != 0 ? (dx * vy - dy * vx) / across : 0;
    float along_b = across != 0 ? (dx * uy - dy * ux) / across : 0;
    float most_m = 2 * link->length_m;
    bool has_bend = along_a > 0 && along_b > 0 && along_a < most_m && along_b < most_m;
    link->bend_x_m = has_bend ? p->x_m + ux * along_a : 0.5f * (p->x_m + q->x_m);
    link->bend_y_m = has_bend ? p->y_m + uy * along_a : 0.5f * (p->y_m + q->y_m);
    if (has_bend) /* of such a curve (Gravesen 1997): two thirds of the chord, a third of the sides */
        link->length_m = (2 * link->length_m + along_a + along_b) / 3;
}

static float point_to_node(const jw_traffic *t, const jw_walk_link *link, float pos_m, uint32_t node)
{
    float x, y, z, heading;
    jw_traffic_track_place(t, link->of, pos_m, &x, &y, &z, &heading);
    x -= link->side_m * (float)jw_sin(heading) + t->walks.net.nodes[node].x_m;
    y += link->side_m * (float)jw_cos(heading) - t->walks.net.nodes[node].y_m;
    return jw_sqrtf_exact(x * x + y * y);
}

static void add_pavement(jw_traffic *t, uint32_t e, bool is_left, uint32_t from, uint32_t to)
{
    jw_walk_net *net = &t->walks.net;
    uint32_t lane = is_left ? last_lane(t->city, e) : first_lane(t->city, e);
    uint32_t k = add_link(net, from, to, JW_WALK_PAVEMENT);
    jw_walk_link *link = &net->links[k];
    link->of = lane;
    link->side_m = (0.5f * (float)t->city->lanes[lane].width_m + JW_WALK_KERB_M) * (is_left ? 1.0f : -1.0f);
    link->lead_m = point_to_node(t, link, 0, from);
    link->length_m =
        link->lead_m + t->tracks[lane].length_m + point_to_node(t, link, t->tracks[lane].length_m, to);
    net->pavement[2 * e + is_left] = k;
}

static float width_of(const jw_traffic *t, uint32_t e)
{
    float sum_m = 0;
    for (uint32_t l = 0; e != JW_NONE && l < t->city->edges[e].lane_count; l++)
        sum_m += (float)t->city->lanes[first_lane(t->city, e) + l].width_m;
    return sum_m;
}

/* ---- zones -----------------------------------------------------------------------------------------------
 */

/* Where a connection's centre line meets the line of a crossing; for one that ends there, the last time. */
static float meets(const jw_traffic *t, uint32_t c, const jw_walk_link *link, bool is_end, float otherwise_m)
{
    const jw_walk_node *a = &t->walks.net.nodes[link->ends[0]], *b = &t->walks.net.nodes[link->ends[1]];
    uint32_t track = t->net.lane_count + c;
    const jw_shape_point *p = t->net.shape + t->net.shape_first[track];
    uint32_t count = t->net.shape_first[track + 1] - t->net.shape_first[track];
    float ux = (b->x_m - a->x_m) / link->length_m, uy = (b->y_m - a->y_m) / link->length_m;
    float s = otherwise_m;
    bool has_met = false;
    for (uint32_t k = 0; k + 1 < count && (is_end || !has_met); k++) {
        float d0 = (p[k].x_m - a->x_m) * uy - (p[k].y_m - a->y_m) * ux;
        float d1 = (p[k + 1].x_m - a->x_m) * uy - (p[k + 1].y_m - a->y_m) * ux;
        if ((d0 > 0) == (d1 > 0))
            continue;
        float f = d0 / (d0 - d1);
        float px = p[k].x_m + (p[k + 1].x_m - p[k].x_m) * f, py = p[k].y_m + (p[k + 1].y_m - p[k].y_m) * f;
        float along = (px - a->x_m) * ux + (py - a->y_m) * uy;
        if (along < 0 || along > link->length_m)
            continue;
        s = p[k].s_m + (p[k + 1].s_m - p[k].s_m) * f;
        has_met = true;
    }
    return s;
}

/* The middle of a lane along a crossing of its arm, from the first node (on the left as one looks outwards,
 * where those who come in have their kerb). */
static float lane_x(const jw_traffic *t, const jw_crossing *x, const jw_walk_link *link, uint32_t lane)
{
    uint32_t e = t->net.lane_edge[lane];
    float from_kerb = JW_WALK_KERB_M + 0.5f * (float)t->city->lanes[lane].width_m;
    for (uint32_t l = first_lane(t->city, e); l < lane; l++)
        from_kerb += (float)t->city->lanes[l].width_m;
    return e == x->in_edge ? from_kerb : link->length_m - from_kerb;
}

static void add_zone(jw_traffic *t, uint32_t number, uint32_t c, bool is_end, float ahead_m)
{
    jw_walk_net *net = &t->walks.net;
    jw_crossing *x = &net->crossings[number];
    const jw_walk_link *link = &net->links[x->link];
    uint32_t lane = is_end ? t->net.ways[c].to_lane : t->net.ways[c].from_lane;
    float length = t->tracks[t->net.lane_count + c].length_m;
    float s = is_end ? jw_maxf(length - ahead_m, 0.5f * length) : jw_minf(ahead_m, 0.5f * length);
    s = meets(t, c, link, is_end, s);
    /* The same for all that use the lane: between two lanes one can stand. */
    float at = lane_x(t, x, link, lane);
    float half = jw_minf(HALF_BODY_M, 0.5f * (float)t->city->lanes[lane].width_m - 0.05f);
    float band = HALF_BAND * ahead_m;
    net->way_zone[2 * c + is_end] = net->zone_count;
    net->zones[net->zone_count++] = (jw_walk_zone){.connection = c,
                                                   .crossing = number,
                                                   .begin_m = jw_maxf(s - band, 0.05f),
                                                   .end_m = jw_minf(s + band, length),
                                                   .x_begin_m = at - half,
                                                   .x_end_m = at + half};
    x->zone_count++;
}

/* ---- signals ---------------------------------------------------------------------------------------------
 */

/* Nobody has green over the crossing but right turns, and left turns that give way. */
static bool is_walk_phase(const jw_traffic *t, const jw_crossing *x, uint32_t programme, uint32_t phase)
{
    for (uint32_t k = 0; k < x->zone_count; k++) {
        const jw_connection *c = &t->city->connections[t->walks.net.zones[x->first_zone + k].connection];
        bool is_end = t->net.lane_edge[c->to_lane] == x->out_edge;
        if (c->turn == JW_TURN_RIGHT)
            continue;
        if (c->signal_link == JW_NONE)
            return false;
        char letter = jw_signal_letter(t, programme, phase, c->signal_link);
        if (letter != 'r' && letter != 'u' && !(letter == 'g' && c->turn == JW_TURN_LEFT && is_end))
            return false;
    }
    return true;
}

/* Phases for walkers, when some of them in a row are long enough to walk over the road, or to its middle. */
static void find_phases(const jw_traffic *t, jw_crossing *x)
{
    uint32_t programme = t->city->junctions[x->junction].programme;
    x->programme = JW_NONE;
    x->phases = x->greens = 0;
    if (t->city->junctions[x->junction].kind != JW_JUNCTION_SIGNAL || programme == JW_NONE)
        return;
    const jw_programme *p = &t->city->programmes[programme];
    for (uint32_t k = 0; k < p->phase_count; k++) {
        uint64_t is_walk = is_walk_phase(t, x, programme, k);
        x->phases |= is_walk << k;
        x->greens |= (is_walk && jw_signal_is_green(t, programme, k) ? is_walk : 0) << k;
    }
    float length_m = t->walks.net.links[x->link].length_m, stage_m = length_m;
    if (x->refuge_m < JW_FAR)
        stage_m = jw_maxf(x->refuge_m, length_m - x->refuge_m);
    double run_s = 0, longest_s = 0;
    for (uint32_t k = 0; k < 2 * p->phase_count; k++) { /* twice round: a row may begin before the first */
        bool is_walk = x->phases >> (k % p->phase_count) & 1;
        run_s = is_walk ? run_s + t->city->signal_phases[p->first_phase + k % p->phase_count].duration_s : 0;
        longest_s = jw_max(longest_s, run_s);
    }
    if (longest_s >= (double)(stage_m / JW_WALK_SIGNAL_MPS))
        x->programme = programme;
}

static void add_crossing(jw_traffic *t, uint32_t number, const arm *a, uint32_t left, uint32_t right)
{
    jw_walk_net *net = &t->walks.net;
    const jw_junction *j = &t->city->junctions[number];
    uint32_t n = net->crossing_count++;
    jw_crossing *x = &net->crossings[n];
    *x = (jw_crossing){.link = add_link(net, left, right, JW_WALK_CROSSING),
                       .junction = number,
                       .in_edge = a->in,
                       .out_edge = a->out,
                       .first_zone = net->zone_count,
                       .refuge_m = JW_FAR};
    net->links[x->link].of = n;
    float length_m = net->links[x->link].length_m;
    float in_m = JW_WALK_KERB_M + width_of(t, a->in), out_m = length_m - JW_WALK_KERB_M - width_of(t, a->out);
    if (a->in != JW_NONE && a->out != JW_NONE &&
        (out_m - in_m >= REFUGE_M || length_m - 2 * JW_WALK_KERB_M > WIDE_M))
        x->refuge_m = 0.5f * (in_m + out_m);
    for (uint32_t k = 0; k < j->connection_count; k++) {
        uint32_t c = j->first_connection + k;
        if (!(t->net.ways[c].allow & ~JW_ALLOW_PEDESTRIAN))
            continue;
        if (a->in != JW_NONE && t->net.lane_edge[t->net.ways[c].from_lane] == a->in)
            add_zone(t, n, c, false, a->ahead_m);
        if (a->out != JW_NONE && t->net.lane_edge[t->net.ways[c].to_lane] == a->out)
            add_zone(t, n, c, true, a->ahead_m);
    }
    find_phases(t, x);
}

/* ---- building --------------------------------------------------------------------------------------------
 */

static void add_junction(jw_traffic *t, uint32_t number, uint32_t *begin_arm, uint32_t *end_arm)
{
    jw_walk_net *net = &t->walks.net;
    const jw_junction *j = &t->city->junctions[number];
    arm arms[ARMS_MAX];
    uint32_t count = arms_of(t, number, arms), first = net->node_count;
    for (uint32_t k = 0; k < count; k++) {
        if (arms[k].in != JW_NONE)
            end_arm[arms[k].in] = net->node_count;
        if (arms[k].out != JW_NONE)
            begin_arm[arms[k].out] = net->node_count;
        net->nodes[net->node_count++] = corner_of(t, &arms[k], false);
        net->nodes[net->node_count++] = corner_of(t, &arms[k], true);
    }
    bool is_beside_a_road = j->kind == JW_JUNCTION_SIGNAL && count <= 2; /* one crossing is enough */
    for (uint32_t k = 0; k < count; k++) {
        uint32_t next = (k + 1) % count;
        add_corner(net, first + 2 * k, arms[k].angle, first + 2 * next + 1, arms[next].angle);
        if (has_crossing(t->city, j, &arms[k]) && !(is_beside_a_road && k > 0))
            add_crossing(t, number, &arms[k], first + 2 * k, first + 2 * k + 1);
    }
}

static jw_result build(jw_traffic *t, jw_error *error)
{
    const jw_city *city = t->city;
    jw_walk_net *net = &t->walks.net;
    uint32_t edges = city->edge_count, *begin_arm = NULL, *end_arm = NULL;
    jw_result result = take(&begin_arm, edges, sizeof(uint32_t), error);
    if (!result)
        result = take(&end_arm, edges, sizeof(uint32_t), error);
    if (!result && !take(&net->nodes, 4u * edges, sizeof *net->nodes, error) &&
        !take(&net->links, 6u * edges, sizeof *net->links, error) &&
        !take(&net->crossings, 2u * edges, sizeof *net->crossings, error) &&
        !take(&net->zones, 2u * city->connection_count, sizeof *net->zones, error) &&
        !take(&net->way_zone, 2u * city->connection_count, sizeof(uint32_t), error) &&
        !take(&net->pavement, 2u * edges, sizeof(uint32_t), error)) {
        memset(net->way_zone, 0xFF, 2u * city->connection_count * sizeof(uint32_t));
        memset(net->pavement, 0xFF, 2u * edges * sizeof(uint32_t));
        memset(begin_arm, 0xFF, edges * sizeof(uint32_t));
        memset(end_arm, 0xFF, edges * sizeof(uint32_t));
        for (uint32_t j = 0; j < city->junction_count; j++)
            add_junction(t, j, begin_arm, end_arm);
        for (uint32_t e = 0; e < edges; e++) {
            uint32_t from = begin_arm[e], to = end_arm[e];
            if (!has_pavement(&city->edges[e]) || from == JW_NONE || to == JW_NONE)
                continue;
            add_pavement(t, e, false, from + 1, to);
            if (other_direction(city, e) == JW_NONE && !city->edges[e].is_roundabout)
                add_pavement(t, e, true, from, to + 1);
        }
    } else {
        result = JW_ERROR_MEMORY;
    }
    jw_free(begin_arm);
    jw_free(end_arm);
    return result;
}

jw_result jw_walk_need(jw_world *world, jw_traffic *t, jw_error *error)
{
    jw_walks *w = &t->walks;
    if (w->is_built)
        return JW_OK;
    jw_walk_net *net = &w->net;
    jw_walk_search *s = &w->search;
    jw_result result = build(t, error);
    if (result || take(&s->cost_ms, net->node_count, 4, error) || take(&s->from, net->node_count, 4, error) ||
        take(&s->stamp, net->node_count, 4, error) || take(&w->link_count, net->link_count, 4, error) ||
        take(&w->crossing_head, net->crossing_count, 4, error) ||
        take(&w->busy, net->crossing_count, 4, error) ||
        take(&w->at_junction, t->net.junction_count, sizeof *w->at_junction, error) ||
        take(&w->crossed, net->crossing_count, sizeof *w->crossed, error) ||
        take(&w->cross_wait_ms, net->crossing_count, sizeof *w->cross_wait_ms, error)) {
        jw_walk_free(t);
        return jw_fail_memory(error);
    }
    memset(w->crossing_head, 0xFF, net->crossing_count * sizeof(uint32_t));
    w->yield_key = jw_world_random(world, jw_hash_text(0, "traffic.walk.yield"));
    w->is_built = true;
    return JW_OK;
}

/* ---- places ----------------------------------------------------------------------------------------------
 */

uint32_t jw_walk_nearest(const jw_traffic *t, double x_m, double y_m, float *out_pos_m)
{
    const jw_walk_net *net = &t->walks.net;
    uint32_t best = JW_NONE;
    double best_m = 0;
    for (uint32_t k = 0; k < net->link_count; k++) {
        const jw_walk_link *link = &net->links[k];
        if (link->kind != JW_WALK_PAVEMENT)
            continue;
        const jw_shape_point *p = t->net.shape + t->net.shape_first[link->of];
        uint32_t count = t->net.shape_first[link->of + 1] - t->net.shape_first[link->of];
        for (uint32_t i = 0; i + 1 < count; i++) {
            double dx = p[i + 1].x_m - p[i].x_m, dy = p[i + 1].y_m - p[i].y_m,
                   long_m = jw_sqrt(dx * dx + dy * dy);
            if (long_m <= 0)
                continue;
            dx /= long_m;
            dy /= long_m;
            double along = jw_clamp((x_m - p[i].x_m) * dx + (y_m - p[i].y_m) * dy, 0, long_m);
            double ex = x_m - (p[i].x_m + dx * along - dy * link->side_m);
            double ey = y_m - (p[i].y_m + dy * along + dx * link->side_m);
            double distance_m = ex * ex + ey * ey;
            if (best != JW_NONE && distance_m >= best_m)
                continue;
            best = k;
            best_m = distance_m;
            *out_pos_m = link->lead_m + p[i].s_m + (float)(along / long_m) * (p[i + 1].s_m - p[i].s_m);
        }
    }
    return best;
}

static void place_between(const float a[3], const float b[3], float f, float out[3])
{
    f = jw_minf(jw_maxf(f, 0), 1);
    for (int k = 0; k < 3; k++)
        out[k] = a[k] + (b[k] - a[k]) * f;
}

static void round_corner(const jw_walk_net *net, const jw_walk_link *link, float f, float out[3],
                         float *heading)
{
    const jw_walk_node *a = &net->nodes[link->ends[0]], *b = &net->nodes[link->ends[1]];
    float ax = link->bend_x_m - a->x_m, ay = link->bend_y_m - a->y_m;
    float bx = b->x_m - link->bend_x_m, by = b->y_m - link->bend_y_m;
    f = jw_minf(jw_maxf(f, 0), 1);
    out[0] = a->x_m + f * (2 * ax + f * (bx - ax));
    out[1] = a->y_m + f * (2 * ay + f * (by - ay));
    out[2] = a->z_m + f * (b->z_m - a->z_m);
    *heading = (float)jw_atan2(ay + f * (by - ay), ax + f * (bx - ax));
}

static void beside_lane(const jw_traffic *t, const jw_walk_link *link, float pos_m, float out[3],
                        float *heading)
{
    jw_traffic_track_place(t, link->of, pos_m, &out[0], &out[1], &out[2], heading);
    out[0] -= link->side_m * (float)jw_sin(*heading);
    out[1] += link->side_m * (float)jw_cos(*heading);
}

void jw_walk_place(const jw_traffic *t, const jw_walker *w, float *x_m, float *y_m, float *z_m,
                   float *heading_rad)
{
    const jw_walk_net *net = &t->walks.net;
    const jw_walk_link *link = &net->links[w->link];
    float at = w->is_back ? link->length_m - w->pos_m : w->pos_m;
    float ends[2][3], p[3], heading = 0;
    for (int k = 0; k < 2; k++) {
        const jw_walk_node *n = &net->nodes[link->ends[k]];
        ends[k][0] = n->x_m;
        ends[k][1] = n->y_m;
        ends[k][2] = n->z_m;
    }
    float long_m = link->kind == JW_WALK_PAVEMENT ? t->tracks[link->of].length_m : 0, on = at - link->lead_m;
    if (link->kind == JW_WALK_PAVEMENT && on >= 0 && on <= long_m) {
        beside_lane(t, link, on, p, &heading);
    } else if (link->kind == JW_WALK_CORNER) {
        round_corner(net, link, at / link->length_m, p, &heading);
    } else {
        float begin_m = 0, end_m = link->length_m;
        if (link->kind == JW_WALK_PAVEMENT) {
            bool is_first = on < 0;
            beside_lane(t, link, is_first ? 0 : long_m, ends[is_first], &heading);
            begin_m = is_first ? 0 : link->lead_m + long_m;
            end_m = is_first ? link->lead_m : link->length_m;
        }
        place_between(ends[0], ends[1], (at - begin_m) / jw_maxf(end_m - begin_m, 0.01f), p);
        heading = (float)jw_atan2(ends[1][1] - ends[0][1], ends[1][0] - ends[0][0]);
    }
    if (w->is_back)
        heading = (float)jw_wrap_angle(heading + JW_PI);
    *x_m = p[0] - w->side_m * (float)jw_sin(heading);
    *y_m = p[1] + w->side_m * (float)jw_cos(heading);
    *z_m = p[2];
    *heading_rad = heading;
}

/* ---- ways ------------------------------------------------------------------------------------------------
 */

static bool heap_push(jw_walk_search *s, uint64_t item, jw_error *error)
{
    if (jw_grow(&s->heap, &s->heap_capacity, s->heap_count + 1ull, sizeof *s->heap, error))
        return false;
    uint32_t at = s->heap_count++;
    for (; at > 0 && s->heap[(at - 1) / 2] > item; at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = item;
    return true;
}

static uint64_t heap_pop(jw_walk_search *s)
{
    uint64_t first = s->heap[0], last = s->heap[--s->heap_count];
    uint32_t at = 0;
    for (uint32_t child; (child = 2 * at + 1) < s->heap_count; at = child) {
        if (child + 1 < s->heap_count && s->heap[child + 1] < s->heap[child])
            child++;
        if (s->heap[child] >= last)
            break;
        s->heap[at] = s->heap[child];
    }
    s->heap[at] = last;
    return first;
}

static uint32_t ms_of(float length_m)
{
    return (uint32_t)(length_m * (1000 / WALK_MPS));
}

static uint32_t link_ms(const jw_walk_net *net, const jw_walk_link *link)
{
    float wait_s = 0;
    if (link->kind == JW_WALK_CROSSING)
        wait_s = net->crossings[link->of].programme == JW_NONE ? GAP_WAIT_S : SIGNAL_WAIT_S;
    return ms_of(link->length_m) + (uint32_t)(wait_s * 1000);
}

/* A node comes within reach; at least so long is it still to the goal. */
static bool reach(const jw_walk_net *net, jw_walk_search *s, uint32_t node, uint32_t cost_ms, uint32_t from,
                  const jw_walk_node *goal, float slack_m, jw_error *error)
{
    if (s->stamp[node] == s->round && s->cost_ms[node] <= cost_ms)
        return true;
    s->stamp[node] = s->round;
    s->cost_ms[node] = cost_ms;
    s->from[node] = from;
    float dx = net->nodes[node].x_m - goal->x_m, dy = net->nodes[node].y_m - goal->y_m;
    float rest_m = jw_maxf(jw_sqrtf_exact(dx * dx + dy * dy) - slack_m, 0);
    return heap_push(s, (uint64_t)(cost_ms + ms_of(rest_m)) << 32 | node, error);
}

/* Writes the kinds of the links on the way to `node`, and of the goal's, into the walker's route. */
static bool keep_way(const jw_walk_net *net, const jw_walk_search *s, jw_walker *w, uint32_t node,
                     uint32_t to_link)
{
    uint8_t kinds[JW_WALK_HOPS_MAX];
    uint32_t count = 0;
    for (uint32_t link = to_link; link != JW_NONE;) {
        if (count == JW_WALK_HOPS_MAX)
            return false;
        kinds[count++] = net->links[link].kind;
        link = s->from[node];
        if (link != JW_NONE)
            node = net->links[link].ends[net->links[link].ends[0] == node];
    }
    w->hops = (uint8_t)count;
    for (uint32_t k = 0; k < count; k++)
        w->route[k / 32] |= (uint64_t)kinds[count - 1 - k] << 2 * (k % 32);
    w->is_back = node == net->links[w->link].ends[0];
    return true;
}

/* The end of the goal's link from which the way is quickest; JW_NONE: none. A* over the nodes. */
static uint32_t search(jw_walks *walks, const jw_walker *w, float from_m, uint32_t to_link, float to_m,
                       jw_error *error)
{
    const jw_walk_net *net = &walks->net;
    jw_walk_search *s = &walks->search;
    const jw_walk_link *from = &net->links[w->link], *to = &net->links[to_link];
    const jw_walk_node *goal = &net->nodes[to->ends[0]];
    uint32_t best = JW_NONE, best_ms = UINT32_MAX;
    s->round++;
    s->heap_count = 0;
    if (!reach(net, s, from->ends[0], ms_of(from_m), JW_NONE, goal, to->length_m, error) ||
        !reach(net, s, from->ends[1], ms_of(from->length_m - from_m), JW_NONE, goal, to->length_m, error))
        return JW_NONE;
    while (s->heap_count) {
        uint64_t item = heap_pop(s);
        uint32_t node = (uint32_t)item, cost_ms = s->cost_ms[node];
        if (item >> 32 >= best_ms)
            break;
        for (int k = 0; k < 2; k++) {
            uint32_t all_ms = cost_ms + ms_of(k ? to->length_m - to_m : to_m);
            if (node == to->ends[k] && all_ms < best_ms) {
                best = node;
                best_ms = all_ms;
            }
        }
        for (int k = 0; k < JW_WALK_KINDS; k++) {
            uint32_t link = net->nodes[node].links[k];
            if (link == JW_NONE)
                continue;
            uint32_t next = net->links[link].ends[net->links[link].ends[0] == node];
            if (!reach(net, s, next, cost_ms + link_ms(net, &net->links[link]), link, goal, to->length_m,
                       error))
                return JW_NONE;
        }
    }
    return best;
}

bool jw_walk_find_way(jw_traffic *t, jw_walker *w, float from_m, uint32_t to_link, float to_m,
                      jw_error *error)
{
    const jw_walk_net *net = &t->walks.net;
    float length_m = net->links[w->link].length_m, to_length_m = net->links[to_link].length_m;
    memset(w->route, 0, sizeof w->route);
    w->hops = w->hop = 0;
    bool ends_back;
    if (w->link == to_link) {
        w->is_back = ends_back = to_m < from_m;
    } else {
        uint32_t node = search(&t->walks, w, from_m, to_link, to_m, error);
        if (node == JW_NONE || !keep_way(net, &t->walks.search, w, node, to_link))
            return false;
        ends_back = node == net->links[to_link].ends[1];
    }
    w->pos_m = w->is_back ? length_m - from_m : from_m;
    w->end_m = ends_back ? to_length_m - to_m : to_m;
    return true;
}
