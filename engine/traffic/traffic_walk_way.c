/* Ways through the network of pavements, and where a walker is on the map. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define WALK_MPS      1.34f
#define SIGNAL_WAIT_S 25.0f /* what a way over a crossing costs at least beside walking: guesses, */
#define GAP_WAIT_S    5.0f  /* only to choose between ways */

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
