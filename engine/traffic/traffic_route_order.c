/* The order of contraction: nested dissection of the street network by inertial flow (Schild, Sommer, On
 * Balanced Separators in Road Networks, SEA 2015). A part of the city is cut in two where the fewest edges
 * cross: the first and the last quarter of its junctions in some direction are source and sink of a flow of
 * one unit an edge, and the best of the cuts in eight directions is taken. The edges cut are contracted
 * after both halves (Buchhold et al. 2020), the halves are cut in turn. Only the map's coordinates decide, so
 * the order is the same everywhere. */
#include "traffic/traffic_internal.h"

#include <stdlib.h>
#include <string.h>

#define DIRECTIONS 8

/* East, then every 22.5 degrees: cosines and sines. */
static const double direction[DIRECTIONS][2] = {
    {1, 0},
    {0.92387953251128674, 0.38268343236508977},
    {0.70710678118654752, 0.70710678118654752},
    {0.38268343236508977, 0.92387953251128674},
    {0, 1},
    {-0.38268343236508977, 0.92387953251128674},
    {-0.70710678118654752, 0.70710678118654752},
    {-0.92387953251128674, 0.38268343236508977},
};

typedef struct junction_key {
    double along_m;
    uint32_t junction;
} junction_key;

/* Two junctions and all edges between them. */
typedef struct street {
    uint32_t a, b;  /* a < b */
    int32_t room;   /* number of edges */
    int32_t flow;   /* from a to b */
    uint32_t first; /* of its edges in `edges` */
} street;

typedef struct cutter {
    const jw_city *city;
    uint32_t junction_count, street_count;
    street *streets;
    uint32_t *edges;             /* by street */
    uint32_t *first_exit, *exit; /* streets at a junction */
    uint32_t *part;              /* junctions, those of a part next to each other */
    uint32_t *part_of;           /* by junction: number of its part */
    uint32_t part_count;
    junction_key *keys;
    uint32_t *level, *next_exit, *queue; /* of the flow, by junction */
    uint8_t *end;                        /* by junction: 1 source, 2 sink */
    uint8_t *side, *best_side;           /* by junction */
    uint32_t *path;
    uint32_t *out_rank;
    uint32_t rank; /* next to be given, from above */
} cutter;

/* ---- the network of junctions ----------------------------------------------------------------------------
 */

typedef struct edge_key {
    uint32_t a, b, edge;
} edge_key;

static int compare_edges(const void *x, const void *y)
{
    const edge_key *p = x, *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return p->edge < q->edge ? -1 : p->edge > q->edge;
}

static jw_result build_streets(cutter *c, jw_error *error)
{
    const jw_city *city = c->city;
    edge_key *keys = jw_alloc(city->edge_count * sizeof *keys);
    if (!keys)
        return jw_fail_memory(error);
    for (uint32_t e = 0; e < city->edge_count; e++) {
        uint32_t a = city->edges[e].from, b = city->edges[e].to;
        keys[e] = a < b ? (edge_key){a, b, e} : (edge_key){b, a, e};
    }
    qsort(keys, city->edge_count, sizeof *keys, compare_edges);
    for (uint32_t k = 0; k < city->edge_count; k++) {
        if (!k || keys[k].a != keys[k - 1].a || keys[k].b != keys[k - 1].b)
            c->streets[c->street_count++] = (street){keys[k].a, keys[k].b, 0, 0, k};
        c->streets[c->street_count - 1].room++;
        c->edges[k] = keys[k].edge;
    }
    jw_free(keys);
    for (uint32_t s = 0; s < c->street_count; s++) {
        c->first_exit[c->streets[s].a + 1]++;
        c->first_exit[c->streets[s].b + 1]++;
    }
    for (uint32_t j = 0; j < c->junction_count; j++)
        c->first_exit[j + 1] += c->first_exit[j];
    memcpy(c->queue, c->first_exit, c->junction_count * sizeof *c->queue);
    for (uint32_t s = 0; s < c->street_count; s++) {
        c->exit[c->queue[c->streets[s].a]++] = s;
        c->exit[c->queue[c->streets[s].b]++] = s;
    }
    return JW_OK;
}

/* ---- the flow (Dinic 1970) -------------------------------------------------------------------------------
 */

static inline uint32_t other_end(const street *s, uint32_t junction)
{
    return s->a == junction ? s->b : s->a;
}

static inline int32_t room_from(const street *s, uint32_t junction)
{
    return s->a == junction ? s->room - s->flow : s->room + s->flow;
}

/* Levels of the junctions that have room from the sources (or, backwards, towards the sinks); true when a
 * junction of the other end is among them. */
static bool find_levels(cutter *c, const uint32_t *part, uint32_t count, uint8_t start_end, bool is_backward)
{
    uint32_t queued = 0, id = c->part_of[part[0]];
    bool reached = false;
    for (uint32_t k = 0; k < count; k++) {
        c->level[part[k]] = JW_NONE;
        if (c->end[part[k]] == start_end) {
            c->level[part[k]] = 0;
            c->queue[queued++] = part[k];
        }
    }
    for (uint32_t k = 0; k < queued; k++) {
        uint32_t at = c->queue[k];
        for (uint32_t x = c->first_exit[at]; x < c->first_exit[at + 1]; x++) {
            const street *s = &c->streets[c->exit[x]];
            uint32_t to = other_end(s, at);
            if (c->part_of[to] != id || c->level[to] != JW_NONE || room_from(s, is_backward ? to : at) <= 0)
                continue;
            c->level[to] = c->level[at] + 1;
            reached |= c->end[to] != 0 && c->end[to] != start_end;
            c->queue[queued++] = to;
        }
    }
    return reached;
}

/* One unit from a source to a sink along rising levels; false when there is no more. */
static bool push_unit(cutter *c, uint32_t source)
{
    uint32_t length = 0, at = source, id = c->part_of[source];
    for (;;) {
        if (c->end[at] == 2) {
            for (uint32_t k = 0, from = source; k < length; k++) {
                street *s = &c->streets[c->path[k]];
                s->flow += s->a == from ? 1 : -1;
                from = other_end(s, from);
            }
            return true;
        }
        bool moved = false;
        for (; c->next_exit[at] < c->first_exit[at + 1]; c->next_exit[at]++) {
            const street *s = &c->streets[c->exit[c->next_exit[at]]];
            uint32_t to = other_end(s, at);
            if (c->part_of[to] == id && c->level[to] == c->level[at] + 1 && room_from(s, at) > 0) {
                c->path[length++] = c->exit[c->next_exit[at]];
                at = to;
                moved = true;
                break;
            }
        }
        if (moved)
            continue;
        if (!length)
            return false;
        at = other_end(&c->streets[c->path[--length]], at);
        c->next_exit[at]++;
    }
}

static uint32_t run_flow(cutter *c, const uint32_t *part, uint32_t count)
{
    uint32_t flow = 0;
    while (find_levels(c, part, count, 1, false)) {
        for (uint32_t k = 0; k < count; k++)
            c->next_exit[part[k]] = c->first_exit[part[k]];
        for (uint32_t k = 0; k < count; k++)
            while (c->end[part[k]] == 1 && push_unit(c, part[k]))
                flow++;
    }
    return flow;
}

/* ---- cutting ---------------------------------------------------------------------------------------------
 */

static int compare_keys(const void *x, const void *y)
{
    const junction_key *p = x, *q = y;
    if (p->along_m != q->along_m)
        return p->along_m < q->along_m ? -1 : 1;
    return p->junction < q->junction ? -1 : p->junction > q->junction;
}

/* The flow in one direction; c->side says who lies on the sources' side. Returns the edges cut and the size
 * of the smaller half. */
static uint32_t cut_along(cutter *c, const uint32_t *part, uint32_t count, uint32_t k, uint32_t *out_smaller)
{
    for (uint32_t n = 0; n < count; n++) {
        const jw_junction *j = &c->city->junctions[part[n]];
        c->keys[n] = (junction_key){j->x_m * direction[k][0] + j->y_m * direction[k][1], part[n]};
        c->end[part[n]] = 0;
        for (uint32_t x = c->first_exit[part[n]]; x < c->first_exit[part[n] + 1]; x++)
            c->streets[c->exit[x]].flow = 0;
    }
    qsort(c->keys, count, sizeof *c->keys, compare_keys);
    uint32_t quarter = count / 4 ? count / 4 : 1;
    for (uint32_t n = 0; n < quarter; n++) {
        c->end[c->keys[n].junction] = 1;
        c->end[c->keys[count - 1 - n].junction] = 2;
    }
    uint32_t flow = run_flow(c, part, count), near = 0, far = 0;
    /* Of all smallest cuts the one nearest to the sources and the one nearest to the sinks are at hand. */
    for (uint32_t n = 0; n < count; n++)
        near += c->side[part[n]] = c->level[part[n]] != JW_NONE;
    find_levels(c, part, count, 2, true);
    for (uint32_t n = 0; n < count; n++)
        far += c->level[part[n]] != JW_NONE;
    uint32_t near_smaller = near < count - near ? near : count - near,
             far_smaller = far < count - far ? far : count - far;
    if (far_smaller > near_smaller)
        for (uint32_t n = 0; n < count; n++)
            c->side[part[n]] = c->level[part[n]] == JW_NONE;
    *out_smaller = far_smaller > near_smaller ? far_smaller : near_smaller;
    return flow;
}

/* Ranks for the edges between the two sides, from above. */
static void rank_cut(cutter *c, const uint32_t *part, uint32_t count)
{
    uint32_t id = c->part_of[part[0]];
    for (uint32_t n = 0; n < count; n++)
        for (uint32_t x = c->first_exit[part[n]]; x < c->first_exit[part[n] + 1]; x++) {
            const street *s = &c->streets[c->exit[x]];
            if (s->a != part[n] || c->part_of[s->b] != id || c->best_side[s->a] == c->best_side[s->b])
                continue;
            for (int32_t k = 0; k < s->room; k++)
                c->out_rank[c->edges[s->first + (uint32_t)k]] = --c->rank;
        }
}

static void cut_part(cutter *c, uint32_t begin, uint32_t end)
{
    while (end - begin > 1) {
        uint32_t *part = c->part + begin, count = end - begin, best_cut = 0, best_smaller = 0;
        for (uint32_t k = 0; k < DIRECTIONS; k++) {
            uint32_t smaller, cut = cut_along(c, part, count, k, &smaller);
            /* The ratio of edges cut to junctions parted off. */
            if (k && (uint64_t)cut * best_smaller >= (uint64_t)best_cut * smaller)
                continue;
            best_cut = cut;
            best_smaller = smaller;
            for (uint32_t n = 0; n < count; n++)
                c->best_side[part[n]] = c->side[part[n]];
        }
        rank_cut(c, part, count);
        uint32_t near = 0, far = 0, id = ++c->part_count;
        for (uint32_t n = 0; n < count; n++) {
            if (c->best_side[part[n]]) {
                part[near++] = part[n];
            } else {
                c->part_of[part[n]] = id;
                c->queue[far++] = part[n];
            }
        }
        memcpy(part + near, c->queue, far * sizeof *part);
        /* The smaller half by recursion: the depth stays logarithmic. */
        if (near < far) {
            cut_part(c, begin, begin + near);
            begin += near;
        } else {
            cut_part(c, begin + near, end);
            end = begin + near;
        }
    }
}

static jw_result take_arrays(cutter *c, jw_error *error)
{
    uint32_t n = c->junction_count + 1, m = c->city->edge_count + 1;
    struct {
        void *items;
        size_t count, size;
    } all[] = {{&c->streets, m, sizeof *c->streets},
               {&c->edges, m, 4},
               {&c->first_exit, n, 4},
               {&c->exit, 2 * (size_t)m, 4},
               {&c->part, n, 4},
               {&c->part_of, n, 4},
               {&c->keys, n, sizeof *c->keys},
               {&c->level, n, 4},
               {&c->next_exit, n, 4},
               {&c->queue, n, 4},
               {&c->end, n, 1},
               {&c->side, n, 1},
               {&c->best_side, n, 1},
               {&c->path, n, 4}};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++) {
        void *memory = jw_alloc(all[k].count * all[k].size);
        if (!memory)
            return jw_fail_memory(error);
        memcpy(all[k].items, &memory, sizeof memory);
    }
    return JW_OK;
}

jw_result jw_route_order(const jw_city *city, uint32_t *out_rank_of_edge, jw_error *error)
{
    cutter c = {.city = city,
                .junction_count = city->junction_count,
                .out_rank = out_rank_of_edge,
                .rank = city->edge_count};
    jw_result result = take_arrays(&c, error);
    if (!result)
        result = build_streets(&c, error);
    if (!result) {
        /* An edge from a junction to itself is cut by nothing: it comes first, after all. */
        memset(out_rank_of_edge, 0xFF, city->edge_count * sizeof *out_rank_of_edge);
        for (uint32_t j = 0; j < c.junction_count; j++)
            c.part[j] = j;
        cut_part(&c, 0, c.junction_count);
        for (uint32_t e = city->edge_count; e-- > 0;)
            if (out_rank_of_edge[e] == JW_NONE)
                out_rank_of_edge[e] = --c.rank;
    }
    void *all[] = {c.streets, c.edges,     c.first_exit, c.exit, c.part, c.part_of,   c.keys,
                   c.level,   c.next_exit, c.queue,      c.end,  c.side, c.best_side, c.path};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    return result;
}
