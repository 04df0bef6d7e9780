/* The network of pavements, crossings and corners. Ways through it: traffic_walk_way.c. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define ARMS_MAX    64
#define AHEAD_M     2.6f  /* middle of a crossing, beyond the stop line */
#define HALF_BAND   0.62f /* of that: half the width of the crossing */
#define HALF_BODY_M 1.5f  /* half a wide vehicle and a step beside it */
#define REFUGE_M    1.5f  /* of a road divided so far people stand in its middle */
#define WIDE_M      16.0f /* likewise, over so much road: GB 50688-2011 (from memory, unverified) */
#define SHORTEST_M  0.5f

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
