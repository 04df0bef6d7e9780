/* The hierarchy and what shortcuts cost. Contracting the edges in order joins all later neighbours of each;
 * which pairs that are follows from the order alone (it is the fill-in of a sparse Cholesky factorisation),
 * what a shortcut costs is the cheapest way over the edges contracted before: its lower triangles. */
#include "traffic/traffic_internal.h"

#include <stdlib.h>
#include <string.h>

#define ARCS_PER_EDGE 1000u

/* ---- the shortcuts ---------------------------------------------------------------------------------------
 */

typedef struct builder {
    jw_hierarchy *h;
    uint32_t *first_turn, *turn_above; /* by rank: ranks above that a turn leads to or comes from, rising */
    uint32_t *child, *sibling;         /* nodes whose parent a node is */
    uint32_t *head;                    /* by arc */
    uint32_t arc_capacity;
    uint32_t *list, *merged;
} builder;

static int compare_ranks(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

static void list_turns(builder *b)
{
    jw_hierarchy *h = b->h;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t e = 0; e < h->node_count; e++)
            for (uint32_t k = h->turn_first[e]; k < h->turn_first[e + 1]; k++) {
                uint32_t x = h->rank_of_edge[e], y = h->rank_of_edge[h->turn_to[k]];
                uint32_t low = x < y ? x : y, high = x < y ? y : x;
                if (low == high)
                    continue;
                if (pass)
                    b->turn_above[b->first_turn[low] + b->list[low]++] = high;
                else
                    b->first_turn[low + 1]++;
            }
        for (uint32_t v = 0; !pass && v < h->node_count; v++)
            b->first_turn[v + 1] += b->first_turn[v];
    }
    for (uint32_t v = 0; v < h->node_count; v++)
        qsort(b->turn_above + b->first_turn[v], b->first_turn[v + 1] - b->first_turn[v], sizeof(uint32_t),
              compare_ranks);
}

/* Union of two rising lists, without what is not above v; returns its length. */
static uint32_t merge(const uint32_t *x, uint32_t x_count, const uint32_t *y, uint32_t y_count, uint32_t v,
                      uint32_t *out)
{
    uint32_t count = 0, i = 0, k = 0;
    while (i < x_count || k < y_count) {
        uint32_t next = k == y_count || (i < x_count && x[i] <= y[k]) ? x[i++] : y[k++];
        if (next > v && (!count || out[count - 1] != next))
            out[count++] = next;
    }
    return count;
}

/* Contracts node v: its neighbours above are those of its turns and its children's. */
static jw_result contract(builder *b, uint32_t v, jw_error *error)
{
    jw_hierarchy *h = b->h;
    uint32_t count =
        merge(b->turn_above + b->first_turn[v], b->first_turn[v + 1] - b->first_turn[v], NULL, 0, v, b->list);
    for (uint32_t c = b->child[v]; c != JW_NONE; c = b->sibling[c]) {
        count = merge(b->list, count, b->head + h->first_arc[c], h->first_arc[c + 1] - h->first_arc[c], v,
                      b->merged);
        uint32_t *swap = b->list;
        b->list = b->merged;
        b->merged = swap;
    }
    if ((uint64_t)h->first_arc[v] + count > ARCS_PER_EDGE * (uint64_t)h->node_count)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                       "the street network is too entangled for the router: over %u shortcuts an edge",
                       ARCS_PER_EDGE);
    if (jw_grow(&b->head, &b->arc_capacity, (uint64_t)h->first_arc[v] + count, sizeof *b->head, error))
        return JW_ERROR_MEMORY;
    if (count) /* nothing is joined yet: no array either */
        memcpy(b->head + h->first_arc[v], b->list, count * sizeof *b->head);
    h->first_arc[v + 1] = h->first_arc[v] + count;
    /* What is not joined hangs on the root: one tree, so that any two nodes share an ancestor. */
    h->parent[v] = count ? b->list[0] : v + 1 < h->node_count ? h->node_count - 1 : JW_NONE;
    if (h->parent[v] != JW_NONE) {
        b->sibling[v] = b->child[h->parent[v]];
        b->child[h->parent[v]] = v;
    }
    return JW_OK;
}

static jw_result take(void *out_pointer, size_t count, size_t size, jw_error *error)
{
    void *memory = jw_alloc((count ? count : 1) * size);
    if (!memory)
        return jw_fail_memory(error);
    memcpy(out_pointer, &memory, sizeof memory);
    return JW_OK;
}

static jw_result contract_all(builder *b, jw_error *error)
{
    uint32_t n = b->h->node_count;
    if (take(&b->first_turn, n + 2, 4, error) || take(&b->turn_above, b->h->turn_count, 4, error) ||
        take(&b->child, n, 4, error) || take(&b->sibling, n, 4, error) || take(&b->list, n, 4, error) ||
        take(&b->merged, n, 4, error))
        return JW_ERROR_MEMORY;
    list_turns(b);
    memset(b->child, 0xFF, n * sizeof *b->child);
    jw_result result = JW_OK;
    for (uint32_t v = 0; v < n && !result; v++)
        result = contract(b, v, error);
    for (uint32_t v = 0; v < n && !result; v++) /* from the root down: as depths rise */
        for (uint32_t k = b->h->first_arc[v], last = b->h->first_arc[v + 1]; k + 1 < last; k++) {
            uint32_t swap = b->head[k];
            b->head[k] = b->head[--last];
            b->head[last] = swap;
        }
    return result;
}

/* ---- arrays ----------------------------------------------------------------------------------------------
 */

static jw_result find_depths(jw_hierarchy *h, jw_error *error)
{
    for (uint32_t v = h->node_count; v-- > 0;) {
        uint32_t depth = h->parent[v] == JW_NONE ? 0 : h->depth[h->parent[v]] + 1u;
        if (depth > UINT16_MAX - 1)
            return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                           "the street network is too entangled for the router: over %u edges part it",
                           UINT16_MAX);
        h->depth[v] = (uint16_t)depth;
        if (depth >= h->depth_count)
            h->depth_count = depth + 1;
    }
    return JW_OK;
}

static jw_result list_arcs(jw_hierarchy *h, const uint32_t *head, jw_error *error)
{
    if (take(&h->head_depth, h->arc_count, 2, error) || take(&h->tail, h->arc_count, 4, error) ||
        take(&h->first_down, h->node_count + 2, 4, error) || take(&h->down_arc, h->arc_count, 4, error))
        return JW_ERROR_MEMORY;
    uint32_t *next = h->first_down + 1; /* shifted by one: becomes the beginnings when filled */
    for (uint32_t k = 0; k < h->arc_count; k++)
        next[head[k] + 1]++;
    for (uint32_t v = 0; v < h->node_count; v++)
        next[v + 1] += next[v];
    for (uint32_t v = 0; v < h->node_count; v++)
        for (uint32_t k = h->first_arc[v]; k < h->first_arc[v + 1]; k++) {
            h->tail[k] = v;
            h->head_depth[k] = h->depth[head[k]];
            h->down_arc[next[head[k]]++] = k;
        }
    return JW_OK;
}

/* Arc between two nodes; arc_count when there is none. */
static uint32_t find_arc(const jw_hierarchy *h, uint32_t low, uint32_t high)
{
    uint32_t begin = h->first_arc[low], end = h->first_arc[low + 1];
    uint16_t depth = h->depth[high];
    while (begin < end) {
        uint32_t middle = (begin + end) / 2;
        if (h->head_depth[middle] < depth)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin < h->first_arc[low + 1] && h->head_depth[begin] == depth ? begin : h->arc_count;
}

static jw_result place_turns(builder *b, jw_error *error)
{
    jw_hierarchy *h = b->h;
    if (!h->arc_of_turn && take(&h->arc_of_turn, h->turn_count, 4, error))
        return JW_ERROR_MEMORY;
    for (uint32_t e = 0; e < h->node_count; e++)
        for (uint32_t k = h->turn_first[e]; k < h->turn_first[e + 1]; k++) {
            uint32_t x = h->rank_of_edge[e], y = h->rank_of_edge[h->turn_to[k]];
            h->arc_of_turn[k] = x == y ? JW_NONE : find_arc(h, x < y ? x : y, x < y ? y : x) * 2 + (x > y);
        }
    return JW_OK;
}

static jw_result arrange(builder *b, jw_error *error)
{
    jw_hierarchy *h = b->h;
    h->arc_count = h->first_arc[h->node_count];
    jw_result result = find_depths(h, error);
    if (!result)
        result = list_arcs(h, b->head, error);
    return result ? result : place_turns(b, error);
}

/* Streets have directions: over half of the shortcuts can be driven neither way, whatever turns cost. They
 * are found by customising with turns that cost nothing, and left out. */
static jw_result leave_out_undriven(builder *b, jw_error *error)
{
    jw_hierarchy *h = b->h;
    jw_route_metric metric = {0};
    jw_result result = jw_route_metric_init(&metric, h, error);
    if (!result) {
        jw_route_metric_begin(&metric, h);
        jw_route_metric_advance(&metric, h, UINT64_MAX);
        uint32_t kept = 0;
        for (uint32_t v = 0; v < h->node_count; v++) {
            uint32_t k = h->first_arc[v];
            h->first_arc[v] = kept;
            for (; k < h->arc_count && h->tail[k] == v; k++)
                if (metric.up_ms[k] < JW_CLOSED_MS || metric.down_ms[k] < JW_CLOSED_MS)
                    b->head[kept++] = b->head[k];
        }
        h->first_arc[h->node_count] = kept;
        jw_free(h->head_depth);
        jw_free(h->tail);
        jw_free(h->first_down);
        jw_free(h->down_arc);
        h->head_depth = NULL;
        h->tail = h->first_down = h->down_arc = NULL;
        h->arc_count = 0;
        result = arrange(b, error);
    }
    jw_route_metric_free(&metric);
    return result;
}

jw_result jw_hierarchy_build(jw_hierarchy *h, uint32_t edge_count, const uint32_t *rank_of_edge,
                             const uint32_t *turn_first, const uint32_t *turn_to, jw_error *error)
{
    builder b = {.h = h};
    *h = (jw_hierarchy){.node_count = edge_count,
                        .turn_first = turn_first,
                        .turn_to = turn_to,
                        .turn_count = turn_first[edge_count]};
    jw_result result = JW_OK;
    if (take(&h->rank_of_edge, edge_count, 4, error) || take(&h->edge_of_rank, edge_count, 4, error) ||
        take(&h->parent, edge_count, 4, error) || take(&h->depth, edge_count, 2, error) ||
        take(&h->first_arc, edge_count + 1, 4, error))
        result = JW_ERROR_MEMORY;
    for (uint32_t e = 0; !result && e < edge_count; e++) {
        h->rank_of_edge[e] = rank_of_edge[e];
        h->edge_of_rank[rank_of_edge[e]] = e;
    }
    if (!result)
        result = contract_all(&b, error);
    if (!result)
        result = arrange(&b, error);
    if (!result)
        result = leave_out_undriven(&b, error);
    for (uint32_t k = 0; !result && k < h->arc_count; k++)
        h->triangle_count += k - h->first_arc[h->tail[k]];
    void *all[] = {b.first_turn, b.turn_above, b.child, b.sibling, b.head, b.list, b.merged};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    if (result)
        jw_hierarchy_free(h);
    return result;
}

void jw_hierarchy_free(jw_hierarchy *h)
{
    void *all[] = {h->rank_of_edge, h->edge_of_rank, h->parent,   h->depth, h->first_arc,
                   h->head_depth,   h->first_down,   h->down_arc, h->tail,  h->arc_of_turn};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    memset(h, 0, sizeof *h);
}

/* ---- customising -----------------------------------------------------------------------------------------
 */

jw_result jw_route_metric_init(jw_route_metric *metric, const jw_hierarchy *h, jw_error *error)
{
    if (take(&metric->turn_ms, h->turn_count, 4, error) || take(&metric->up_ms, h->arc_count + 1, 4, error) ||
        take(&metric->down_ms, h->arc_count + 1, 4, error) || take(&metric->arc_at, h->depth_count, 4, error))
        return JW_ERROR_MEMORY;
    for (uint32_t d = 0; d < h->depth_count; d++)
        metric->arc_at[d] = h->arc_count;
    return JW_OK;
}

void jw_route_metric_free(jw_route_metric *metric)
{
    jw_free(metric->turn_ms);
    jw_free(metric->up_ms);
    jw_free(metric->down_ms);
    jw_free(metric->arc_at);
    *metric = (jw_route_metric){0};
}

void jw_route_metric_begin(jw_route_metric *metric, const jw_hierarchy *h)
{
    for (uint32_t k = 0; k <= h->arc_count; k++)
        metric->up_ms[k] = metric->down_ms[k] = JW_CLOSED_MS;
    for (uint32_t k = 0; k < h->turn_count; k++)
        if (h->arc_of_turn[k] != JW_NONE)
            (h->arc_of_turn[k] & 1 ? metric->down_ms : metric->up_ms)[h->arc_of_turn[k] / 2] =
                metric->turn_ms[k];
    metric->next_rank = 0;
    metric->triangles_done = 0;
}

/* The costs of arcs one after the other, from a node on, become those of a way over it where that is cheaper.
 * Ancestors that part the city lie next to each other, so that most arcs of a node can be taken by fours. */
typedef int32_t four __attribute__((vector_size(16)));

static inline four load_four(const uint32_t *from)
{
    four values;
    memcpy(&values, from, sizeof values);
    return values;
}

static inline void store_four(uint32_t *to, four values)
{
    memcpy(to, &values, sizeof values);
}

static inline four pick_four(four is_first, four first, four second)
{
    return (first & is_first) | (second & ~is_first);
}

/* Ways from node x over the one below it at the tail of arc `below`, in one direction. */
static void pull_triangles(const jw_hierarchy *h, const uint32_t *arc_at, uint32_t below, uint32_t x_ms,
                           uint32_t *arc_ms)
{
    for (uint32_t k = h->first_arc[h->tail[below]]; k < below;) {
        uint32_t arc = arc_at[h->head_depth[k]];
        if (k + 3 < below && h->head_depth[k + 3] == h->head_depth[k] + 3 &&
            arc_at[h->head_depth[k + 3]] == arc + 3) {
            four way = load_four(arc_ms + k) + (int32_t)x_ms, at = load_four(arc_ms + arc);
            store_four(arc_ms + arc, pick_four(way < at, way, at));
            k += 4;
        } else {
            uint32_t way_ms = x_ms + arc_ms[k++];
            arc_ms[arc] = way_ms < arc_ms[arc] ? way_ms : arc_ms[arc];
        }
    }
}

bool jw_route_metric_advance(jw_route_metric *metric, const jw_hierarchy *h, uint64_t until_triangles)
{
    for (; metric->next_rank < h->node_count && metric->triangles_done < until_triangles;
         metric->next_rank++) {
        uint32_t x = metric->next_rank;
        for (uint32_t k = h->first_arc[x]; k < h->first_arc[x + 1]; k++)
            metric->arc_at[h->head_depth[k]] = k;
        for (uint32_t k = h->first_down[x]; k < h->first_down[x + 1]; k++) {
            uint32_t below = h->down_arc[k];
            uint32_t from_x_ms = metric->down_ms[below], to_x_ms = metric->up_ms[below];
            if (from_x_ms < JW_CLOSED_MS)
                pull_triangles(h, metric->arc_at, below, from_x_ms, metric->up_ms);
            if (to_x_ms < JW_CLOSED_MS)
                pull_triangles(h, metric->arc_at, below, to_x_ms, metric->down_ms);
            metric->triangles_done += below - h->first_arc[h->tail[below]];
        }
        for (uint32_t k = h->first_arc[x]; k < h->first_arc[x + 1]; k++)
            metric->arc_at[h->head_depth[k]] = h->arc_count;
    }
    return metric->next_rank == h->node_count;
}

/* ---- the way from edge to edge ---------------------------------------------------------------------------
 */

jw_result jw_route_search_init(jw_route_search *s, const jw_hierarchy *h, jw_error *error)
{
    for (uint32_t k = 0; k < 2; k++)
        if (take(&s->side[k].at_ms, h->depth_count, 4, error) ||
            take(&s->side[k].by_depth, h->depth_count, 4, error) ||
            take(&s->side[k].node, h->depth_count, 4, error))
            return JW_ERROR_MEMORY;
    return JW_OK;
}

void jw_route_search_free(jw_route_search *s)
{
    for (uint32_t k = 0; k < 2; k++) {
        jw_free(s->side[k].at_ms);
        jw_free(s->side[k].by_depth);
        jw_free(s->side[k].node);
    }
    jw_free(s->stack);
    jw_free(s->turns);
    *s = (jw_route_search){0};
}

/* Most ways over a node are no better than what is known: eight are looked at together. */
static inline void relax_eight(const uint32_t *arc_ms, uint32_t here_ms, uint32_t depth, uint32_t *at_ms,
                               uint32_t *by_depth)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
    four way[2], at[2], is_less[2], by = (four){0} + (int32_t)depth;
    for (uint32_t n = 0; n < 2; n++) {
        way[n] = load_four(arc_ms + 4 * n) + (int32_t)here_ms;
        at[n] = load_four(at_ms + 4 * n);
        is_less[n] = way[n] < at[n];
    }
    pair any = (pair)(is_less[0] | is_less[1]);
    if (!(any[0] | any[1]))
        return;
    for (uint32_t n = 0; n < 2; n++) {
        store_four(at_ms + 4 * n, pick_four(is_less[n], way[n], at[n]));
        store_four(by_depth + 4 * n, pick_four(is_less[n], by, load_four(by_depth + 4 * n)));
    }
}

static void relax(const jw_hierarchy *h, uint32_t v, const uint32_t *arc_ms, uint32_t below_ms,
                  jw_route_side *side)
{
    uint32_t depth = h->depth[v], here_ms = side->at_ms[depth], end = h->first_arc[v + 1];
    side->node[depth] = v;
    if (here_ms >= below_ms)
        return;
    for (uint32_t k = h->first_arc[v]; k < end;) {
        uint32_t at = h->head_depth[k];
        if (k + 7 < end && h->head_depth[k + 7] == at + 7) {
            relax_eight(arc_ms + k, here_ms, depth, side->at_ms + at, side->by_depth + at);
            k += 8;
        } else if (here_ms + arc_ms[k] < side->at_ms[at]) {
            side->at_ms[at] = here_ms + arc_ms[k++];
            side->by_depth[at] = depth;
        } else {
            k++;
        }
    }
}

static void begin_side(const jw_hierarchy *h, uint32_t v, jw_route_side *side)
{
    for (uint32_t d = 0; d < h->depth[v]; d++)
        side->at_ms[d] = JW_CLOSED_MS;
    side->at_ms[h->depth[v]] = 0;
}

uint32_t jw_route_search_cost(jw_route_search *s, const jw_hierarchy *h, const jw_route_metric *metric,
                              uint32_t from_edge, uint32_t to_edge, uint32_t below_ms)
{
    uint32_t x = h->rank_of_edge[from_edge], y = h->rank_of_edge[to_edge], best_ms = below_ms;
    jw_route_side *up = &s->side[0], *down = &s->side[1];
    s->from = x;
    s->to = y;
    s->meeting = JW_NONE;
    begin_side(h, x, up);
    begin_side(h, y, down);
    while (x != y) {
        if (x < y) {
            relax(h, x, metric->up_ms, best_ms, up);
            x = h->parent[x];
        } else {
            relax(h, y, metric->down_ms, best_ms, down);
            y = h->parent[y];
        }
    }
    for (; x != JW_NONE; x = h->parent[x]) {
        uint32_t depth = h->depth[x], from_ms = up->at_ms[depth], to_ms = down->at_ms[depth];
        if (from_ms + to_ms < best_ms) {
            best_ms = from_ms + to_ms;
            s->meeting = x;
        }
        relax(h, x, metric->up_ms, best_ms, up);
        relax(h, x, metric->down_ms, best_ms, down);
    }
    return s->meeting == JW_NONE ? JW_CLOSED_MS : best_ms;
}

/* One leg of a way: between two nodes joined by an arc. */
static jw_result push_leg(jw_route_search *s, uint32_t from, uint32_t to, uint32_t arc, jw_error *error)
{
    if (jw_grow(&s->stack, &s->stack_capacity, s->stack_count + 1u, sizeof *s->stack, error))
        return JW_ERROR_MEMORY;
    s->stack[s->stack_count++] = (jw_route_leg){from, to, arc};
    return JW_OK;
}

/* The turn itself, when the leg costs no less; or the cheapest way over a node below both, of equal ones the
 * first contracted. */
static jw_result unpack_leg(jw_route_search *s, const jw_hierarchy *h, const jw_route_metric *metric,
                            jw_error *error)
{
    jw_route_leg leg = s->stack[--s->stack_count];
    bool is_up = leg.from < leg.to;
    uint32_t cost_ms = is_up ? metric->up_ms[leg.arc] : metric->down_ms[leg.arc];
    uint32_t edge = h->edge_of_rank[leg.from], low = is_up ? leg.from : leg.to,
             high = is_up ? leg.to : leg.from;
    for (uint32_t k = h->turn_first[edge]; k < h->turn_first[edge + 1]; k++)
        if (h->turn_to[k] == h->edge_of_rank[leg.to] && metric->turn_ms[k] == cost_ms) {
            if (jw_grow(&s->turns, &s->turn_capacity, s->turn_count + 1u, 1, error))
                return JW_ERROR_MEMORY;
            s->turns[s->turn_count++] = (uint8_t)(k - h->turn_first[edge]);
            return JW_OK;
        }
    const uint32_t *near_ms = is_up ? metric->down_ms : metric->up_ms,
                   *far_ms = is_up ? metric->up_ms : metric->down_ms;
    for (uint32_t k = h->first_down[low]; k < h->first_down[low + 1]; k++) {
        uint32_t near = h->down_arc[k], middle = h->tail[near];
        if (near_ms[near] > cost_ms)
            continue;
        uint32_t far = find_arc(h, middle, high);
        if (far == h->arc_count || near_ms[near] + far_ms[far] != cost_ms)
            continue;
        /* The stack gives back the last leg first. */
        jw_result result = push_leg(s, middle, leg.to, is_up ? far : near, error);
        return result ? result : push_leg(s, leg.from, middle, is_up ? near : far, error);
    }
    return jw_fail(error, JW_ERROR_STATE, NULL, 0, "router: a shortcut is made of nothing");
}

/* The node from which the best way comes up to v on one side. */
static uint32_t node_below(const jw_hierarchy *h, const jw_route_side *side, uint32_t v)
{
    return side->node[side->by_depth[h->depth[v]]];
}

jw_result jw_route_search_path(jw_route_search *s, const jw_hierarchy *h, const jw_route_metric *metric,
                               jw_error *error)
{
    s->stack_count = 0;
    if (s->meeting == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no way from edge %u to edge %u",
                       h->edge_of_rank[s->from], h->edge_of_rank[s->to]);
    jw_result result = JW_OK;
    /* The way down first, its last leg at the bottom; then the way up, its first leg on top. */
    for (uint32_t v = s->meeting, w; v != s->to && !result; v = w) {
        w = node_below(h, &s->side[1], v);
        result = push_leg(s, v, w, find_arc(h, w, v), error);
    }
    for (uint32_t a = 0, b = s->stack_count; a + 1 < b; a++) {
        jw_route_leg swap = s->stack[a];
        s->stack[a] = s->stack[--b];
        s->stack[b] = swap;
    }
    for (uint32_t v = s->meeting, w; v != s->from && !result; v = w) {
        w = node_below(h, &s->side[0], v);
        result = push_leg(s, w, v, find_arc(h, w, v), error);
    }
    while (s->stack_count && !result)
        result = unpack_leg(s, h, metric, error);
    return result;
}
