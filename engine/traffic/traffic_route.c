/* Routes. For each destination edge that trips have, one backward search over the turns gives the best way
 * from every edge at once (Dijkstra 1959, edge-based so that turn restrictions and turn times count): one
 * byte an edge. Trees are a cache: they follow from the times and the closures alone, so making one again
 * gives the same bytes, and none is saved. Groups are classes that may use exactly the same lanes at the same
 * speed cap. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define SLOW_MPS       9.0f
#define TREE_BYTES_MAX (64u << 20) /* of all trees together */

/* ---- set-up ----------------------------------------------------------------------------------------------
 */

/* Motor vehicles share their trees: how fast they could go changes their choice of way little. */
static bool use_same_roads(const jw_traffic *t, uint32_t a, uint32_t b)
{
    if ((t->types[a].max_speed_mps < SLOW_MPS) != (t->types[b].max_speed_mps < SLOW_MPS))
        return false;
    for (uint32_t l = 0; l < t->net.lane_count; l++)
        if (!(t->net.lane_allow[l] >> a & 1) != !(t->net.lane_allow[l] >> b & 1))
            return false;
    for (uint32_t c = 0; c < t->net.connection_count; c++)
        if (!(t->net.connection_allow[c] >> a & 1) != !(t->net.connection_allow[c] >> b & 1))
            return false;
    return true;
}

jw_result jw_traffic_router_init(jw_traffic *t, jw_error *error)
{
    jw_router *r = &t->router;
    uint32_t edges = t->net.edge_count;
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++) {
        uint32_t g = 0;
        while (g < r->group_count && !use_same_roads(t, r->group_class[g], c))
            g++;
        if (g == r->group_count)
            r->group_class[r->group_count++] = (uint8_t)c;
        r->group_of_class[c] = (uint8_t)g;
    }
    r->live_s = jw_alloc((edges + 1) * sizeof(float));
    if (!r->live_s)
        return jw_fail_memory(error);
    for (uint32_t k = 0; k < JW_SEARCHES; k++) {
        jw_search *search = &r->searches[k];
        search->cost_s = jw_alloc((edges + 1) * sizeof(float));
        search->heap = jw_alloc((edges + 1) * sizeof(uint32_t));
        search->heap_place = jw_alloc((edges + 1) * sizeof(uint32_t));
        if (!search->cost_s || !search->heap || !search->heap_place)
            return jw_fail_memory(error);
    }
    for (uint32_t k = 0; k < r->group_count * 2; k++) {
        r->tree_of[k] = jw_alloc((edges + 1) * sizeof(uint32_t));
        if (!r->tree_of[k])
            return jw_fail_memory(error);
        memset(r->tree_of[k], 0xFF, (edges + 1) * sizeof(uint32_t));
    }
    uint32_t fit = TREE_BYTES_MAX / (edges + 1);
    r->tree_max = fit < 2 * JW_SEARCHES ? 2 * JW_SEARCHES : fit;
    r->version[0] = r->version[1] = 1;
    return JW_OK;
}

void jw_traffic_router_free(jw_router *r)
{
    for (uint32_t k = 0; k < r->tree_count; k++)
        jw_free(r->trees[k].turn);
    for (uint32_t k = 0; k < JW_COUNT_OF(r->tree_of); k++)
        jw_free(r->tree_of[k]);
    jw_free(r->trees);
    jw_free(r->live_s);
    for (uint32_t k = 0; k < JW_SEARCHES; k++) {
        jw_free(r->searches[k].cost_s);
        jw_free(r->searches[k].heap);
        jw_free(r->searches[k].heap_place);
    }
    memset(r, 0, sizeof *r);
}

void jw_traffic_router_invalidate(jw_traffic *t)
{
    t->router.version[0]++;
    t->router.version[1]++;
}

/* ---- one search ------------------------------------------------------------------------------------------
 */

static inline bool goes_first(const jw_search *r, uint32_t a, uint32_t b)
{
    return r->cost_s[a] < r->cost_s[b] || (r->cost_s[a] == r->cost_s[b] && a < b);
}

static void heap_up(jw_search *r, uint32_t at)
{
    uint32_t edge = r->heap[at];
    while (at > 0) {
        uint32_t above = (at - 1) / 4;
        if (!goes_first(r, edge, r->heap[above]))
            break;
        r->heap[at] = r->heap[above];
        r->heap_place[r->heap[at]] = at;
        at = above;
    }
    r->heap[at] = edge;
    r->heap_place[edge] = at;
}

static void heap_down(jw_search *r, uint32_t count)
{
    uint32_t at = 0, edge = r->heap[0];
    for (;;) {
        uint32_t first = at * 4 + 1, best = first;
        if (first >= count)
            break;
        for (uint32_t k = first + 1; k < first + 4 && k < count; k++)
            if (goes_first(r, r->heap[k], r->heap[best]))
                best = k;
        if (!goes_first(r, r->heap[best], edge))
            break;
        r->heap[at] = r->heap[best];
        r->heap_place[r->heap[at]] = at;
        at = best;
    }
    r->heap[at] = edge;
    r->heap_place[edge] = at;
}

static float edge_time_s(const jw_traffic *t, uint32_t edge, float cap_mps, bool is_live)
{
    uint32_t lane = t->net.edge_first_lane[edge];
    float free_s = t->tracks[lane].length_m / jw_maxf(jw_minf(t->tracks[lane].limit_mps, cap_mps), 0.5f);
    return is_live ? jw_maxf(free_s, t->router.live_s[edge]) : free_s;
}

static void search(const jw_traffic *t, jw_search *r, uint32_t destination, uint32_t vehicle_class,
                   bool is_live, uint8_t *out_turn)
{
    const jw_traffic_net *net = &t->net;
    float cap = t->types[vehicle_class].max_speed_mps;
    uint32_t bit = 1u << vehicle_class, count = 0;
    memset(out_turn, JW_NO_TURN, net->edge_count);
    for (uint32_t e = 0; e < net->edge_count; e++) {
        r->cost_s[e] = JW_FAR;
        r->heap_place[e] = JW_NONE;
    }
    r->cost_s[destination] = 0;
    r->heap[count++] = destination;
    r->heap_place[destination] = 0;
    while (count > 0) {
        uint32_t edge = r->heap[0];
        float cost = r->cost_s[edge] + edge_time_s(t, edge, cap, is_live);
        r->heap[0] = r->heap[--count];
        if (count > 0)
            heap_down(r, count);
        for (uint32_t k = net->back_first[edge]; k < net->back_first[edge + 1]; k++) {
            uint32_t turn = net->back_turn[k], from = net->turn_from[turn];
            float total = cost + net->turn_time_s[turn];
            if (!(net->turn_allow[turn] & bit) || total >= r->cost_s[from])
                continue;
            r->cost_s[from] = total;
            out_turn[from] = (uint8_t)(turn - net->turn_first[from]);
            if (r->heap_place[from] == JW_NONE) {
                r->heap[count] = from;
                r->heap_place[from] = count++;
            }
            heap_up(r, r->heap_place[from]);
        }
    }
}

/* ---- the cache -------------------------------------------------------------------------------------------
 */

static uint32_t tree_kind(const jw_traffic *t, uint32_t vehicle_class, bool is_live)
{
    return (uint32_t)t->router.group_of_class[vehicle_class] * 2 + is_live;
}

/* A place for one more tree: a new one while there is room, else the one not used for longest. */
static uint32_t take_tree(jw_traffic *t)
{
    jw_router *r = &t->router;
    if (r->tree_count < r->tree_max &&
        jw_grow(&r->trees, &r->tree_capacity, r->tree_count + 1, sizeof *r->trees, NULL) == JW_OK) {
        uint8_t *turn = jw_alloc(t->net.edge_count + 1);
        if (turn) {
            r->trees[r->tree_count] = (jw_tree){.destination = JW_NONE, .turn = turn};
            return r->tree_count++;
        }
    }
    uint32_t oldest = JW_NONE;
    for (uint32_t k = 0; k < r->tree_count; k++)
        if (oldest == JW_NONE || r->trees[k].used < r->trees[oldest].used)
            oldest = k;
    if (oldest != JW_NONE)
        r->tree_of[r->trees[oldest].kind][r->trees[oldest].destination] = JW_NONE;
    return oldest;
}

/* The tree's place in the cache, which may have to be made (anew) first; JW_NONE: out of memory. */
static uint32_t place_tree(jw_traffic *t, uint32_t destination, uint32_t vehicle_class, bool is_live)
{
    jw_router *r = &t->router;
    uint32_t kind = tree_kind(t, vehicle_class, is_live), at = r->tree_of[kind][destination];
    if (at == JW_NONE) {
        at = take_tree(t);
        if (at == JW_NONE)
            return JW_NONE;
        r->trees[at].destination = destination;
        r->trees[at].kind = kind;
        r->trees[at].version = 0;
        r->tree_of[kind][destination] = at;
    }
    r->trees[at].used = ++r->clock;
    return at;
}

static void make_tree(jw_traffic *t, jw_search *workspace, jw_tree *tree)
{
    search(t, workspace, tree->destination, t->router.group_class[tree->kind / 2], tree->kind & 1,
           tree->turn);
    tree->version = t->router.version[tree->kind & 1];
}

const uint8_t *jw_traffic_tree(jw_traffic *t, uint32_t destination, uint32_t vehicle_class, bool is_live)
{
    uint32_t at = place_tree(t, destination, vehicle_class, is_live);
    if (at == JW_NONE)
        return NULL;
    jw_tree *tree = &t->router.trees[at];
    if (tree->version != t->router.version[is_live])
        make_tree(t, &t->router.searches[0], tree);
    return tree->turn;
}

static void make_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    (void)block;
    for (uint32_t k = begin; k < end; k++)
        make_tree(t, &t->router.searches[k], &t->router.trees[t->router.wanted[k]]);
}

bool jw_traffic_make_trees(jw_world *world, jw_traffic *t, const uint32_t *trips, uint32_t count)
{
    jw_router *r = &t->router;
    uint32_t wanted = 0;
    for (uint32_t k = 0; k < count; k++) {
        const jw_trip *trip = &t->trips[trips[k]];
        uint32_t at = place_tree(t, trip->to_edge, trip->vehicle_class, trip->is_live), same = 0;
        if (at == JW_NONE)
            return false;
        while (same < wanted && r->wanted[same] != at)
            same++;
        if (same == wanted && r->trees[at].version != r->version[trip->is_live])
            r->wanted[wanted++] = at;
    }
    jw_parallel_blocks(wanted, 1, jw_world_threads(world), make_block, t);
    return true;
}

/* ---- live times ------------------------------------------------------------------------------------------
 */

/* Every router interval: mean travel time of the interval (length over the mean speed of all vehicles and
 * steps), averaged with what was known. Adopted at a step's start, so that all threads and replays agree. */
void jw_traffic_router_adopt(jw_world *world, jw_traffic *t)
{
    int64_t now_ns = jw_world_time_ns(world), interval_ns = jw_ns_from_s(t->def.router_interval_s);
    if (now_ns < t->router.adopted_ns + interval_ns)
        return;
    t->router.adopted_ns = now_ns;
    for (uint32_t e = 0; e < t->net.edge_count; e++) {
        uint32_t lane = t->net.edge_first_lane[e];
        float free_s = t->tracks[lane].length_m / jw_maxf(t->tracks[lane].limit_mps, 0.5f), seen_s = free_s;
        if (t->edge_count_sum[e] > 0) {
            float mean_mps = (float)(t->edge_speed_sum[e] / t->edge_count_sum[e]);
            seen_s = jw_maxf(free_s, t->tracks[lane].length_m / jw_maxf(mean_mps, 0.3f));
        }
        float before_s = t->router.live_s[e] > 0 ? t->router.live_s[e] : free_s;
        t->router.live_s[e] = 0.5f * (before_s + seen_s);
        t->edge_speed_sum[e] = t->edge_count_sum[e] = 0;
    }
    t->router.version[1]++;
}

/* ---- the pool of routes ----------------------------------------------------------------------------------
 */

static void move_route(jw_traffic *t, uint32_t *to_edges, uint32_t *used, uint32_t *first, uint32_t count)
{
    if (count)
        memcpy(to_edges + *used, t->route_edges + *first, count * sizeof *to_edges);
    *first = *used;
    *used += count;
}

/* Moves the routes still needed, less what is driven already, to the front of a pool with room for more. */
static jw_result compact_routes(jw_traffic *t, uint32_t more, jw_error *error)
{
    uint64_t need = more;
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++)
        if (t->pool.generations[slot] & 1)
            need += t->vehicles[slot].route_count - t->vehicles[slot].route_pos;
    for (uint32_t k = 0; k < t->trip_count; k++)
        if (t->trips[k].is_used)
            need += t->trips[k].route_count;
    uint64_t capacity = need + need / 2 + 1024;
    if (capacity > UINT32_MAX / 2)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "the routes of all vehicles are too long together");
    uint32_t *edges = jw_alloc(capacity * sizeof *edges), used = 0;
    if (!edges)
        return jw_fail_memory(error);
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        jw_vehicle *v = &t->vehicles[slot];
        if (!(t->pool.generations[slot] & 1))
            continue;
        v->route_first += v->route_pos;
        v->route_count -= v->route_pos;
        v->route_pos = 0;
        move_route(t, edges, &used, &v->route_first, v->route_count);
    }
    for (uint32_t k = 0; k < t->trip_count; k++)
        if (t->trips[k].is_used)
            move_route(t, edges, &used, &t->trips[k].route_first, t->trips[k].route_count);
    jw_free(t->route_edges);
    t->route_edges = edges;
    t->route_capacity = (uint32_t)capacity;
    t->route_used = used;
    return JW_OK;
}

jw_result jw_traffic_take_route_space(jw_traffic *t, uint32_t count, uint32_t *out_first, jw_error *error)
{
    if ((uint64_t)t->route_used + count > t->route_capacity) {
        jw_result result = compact_routes(t, count, error);
        if (result)
            return result;
    }
    *out_first = t->route_used;
    t->route_used += count;
    return JW_OK;
}

/* ---- routes ----------------------------------------------------------------------------------------------
 */

static uint32_t route_length(const jw_traffic *t, const uint8_t *tree, uint32_t from, uint32_t to)
{
    uint32_t count = 1;
    for (uint32_t e = from; e != to; count++) {
        if (tree[e] == JW_NO_TURN || count > t->net.edge_count)
            return 0;
        e = t->net.turn_to[t->net.turn_first[e] + tree[e]];
    }
    return count;
}

jw_result jw_traffic_make_route(jw_traffic *t, uint32_t from, uint32_t to, uint32_t vehicle_class,
                                bool is_live, uint32_t *out_first, uint32_t *out_count, jw_error *error)
{
    const uint8_t *tree = jw_traffic_tree(t, to, vehicle_class, is_live);
    if (!tree)
        return jw_fail_memory(error);
    uint32_t count = route_length(t, tree, from, to), first = 0;
    if (!count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no way from edge %u to edge %u", from, to);
    jw_result result = jw_traffic_take_route_space(t, count, &first, error);
    if (result)
        return result;
    for (uint32_t k = 0, e = from; k < count; k++) {
        t->route_edges[first + k] = e;
        if (k + 1 < count)
            e = t->net.turn_to[t->net.turn_first[e] + tree[e]];
    }
    *out_first = first;
    *out_count = count;
    return JW_OK;
}

bool jw_traffic_can_reach(jw_traffic *t, uint32_t from, uint32_t to, uint32_t vehicle_class, jw_error *error)
{
    const uint8_t *tree = jw_traffic_tree(t, to, vehicle_class, false);
    if (!tree) {
        jw_fail_memory(error);
        return false;
    }
    return route_length(t, tree, from, to) > 0;
}

/* Another exit of a lane than the one that is blocked: in turn, beginning with one drawn from the vehicle's
 * number, so that not all who are stuck take the same. */
static uint32_t pick_exit(const jw_traffic *t, uint32_t lane, const jw_vehicle *v, const uint8_t *tree,
                          uint32_t blocked)
{
    const jw_lane *from = &t->city->lanes[lane];
    for (uint32_t k = 0; k < from->connection_count; k++) {
        uint32_t at = (uint32_t)((k + v->number) % from->connection_count);
        uint32_t c = t->city->lane_connections[from->first_connection + at];
        uint32_t edge = t->net.lane_edge[t->net.to_lane[c]];
        if ((t->net.connection_allow[c] >> v->vehicle_class & 1) && !t->lane_closed[t->net.to_lane[c]] &&
            edge != blocked && (edge == v->to_edge || tree[edge] != JW_NO_TURN))
            return edge;
    }
    return JW_NONE;
}

bool jw_traffic_reroute(jw_traffic *t, uint32_t slot, bool any_exit, jw_error *error)
{
    jw_vehicle *v = &t->vehicles[slot];
    uint32_t place = t->place_of_slot[slot], track = t->cars[place].track,
             here = jw_traffic_route_edge(t, slot, 0);
    const uint8_t *tree = jw_traffic_tree(t, v->to_edge, v->vehicle_class, v->is_live);
    if (!tree) {
        jw_fail_memory(error);
        return false;
    }
    /* From a connection the next edge is settled already. */
    bool is_lane = jw_is_lane(t, track);
    uint32_t keep = is_lane ? 1 : 2, from = is_lane ? here : jw_traffic_route_edge(t, slot, 1),
             exit = JW_NONE;
    if (is_lane && any_exit) {
        exit = pick_exit(t, track, v, tree,
                         t->cars[place].next == JW_NONE ? JW_NONE : jw_traffic_route_edge(t, slot, 1));
        if (exit == JW_NONE)
            return false;
    }
    uint32_t start = exit != JW_NONE ? exit : from;
    uint32_t count = route_length(t, tree, start, v->to_edge), first;
    if (!count)
        return false;
    uint32_t total = count + keep - (exit == JW_NONE);
    if (jw_traffic_take_route_space(t, total, &first, error))
        return false;
    uint32_t at = first;
    t->route_edges[at++] = here;
    if (!is_lane)
        t->route_edges[at++] = from;
    for (uint32_t e = start, k = 0; k < count; k++) {
        if (k > 0 || exit != JW_NONE)
            t->route_edges[at++] = e;
        if (k + 1 < count)
            e = t->net.turn_to[t->net.turn_first[e] + tree[e]];
    }
    v->route_first = first;
    v->route_count = total;
    v->route_pos = 0;
    if (is_lane)
        jw_traffic_aim(t, place, track);
    return true;
}

void jw_traffic_aim(jw_traffic *t, uint32_t place, uint32_t lane)
{
    uint32_t slot = t->cars[place].slot, c = t->cars[place].vehicle_class;
    uint32_t to = jw_traffic_route_edge(t, slot, 1), edge = t->net.lane_edge[lane];
    t->cars[place].is_last = to == JW_NONE;
    t->cars[place].good = jw_traffic_good_lanes(t, edge, to, c);
    t->cars[place].next =
        to == JW_NONE ? JW_NONE
                      : jw_traffic_choose_connection(t, lane, to, jw_traffic_route_edge(t, slot, 2), c, slot);
}
