/* The inside of the router: a customisable contraction hierarchy over the turns of a city (Dibbelt, Strasser,
 * Wagner, Customizable Contraction Hierarchies, ACM JEA 21, 2016; with turns as in Buchhold, Wagner, Zeitz,
 * Zuendorf, Customizable Contraction Hierarchies with Turn Costs, ATMOS 2020).
 *
 *   traffic_route_order.c      in which order edges are contracted: nested dissection, once a city
 *   traffic_route_hierarchy.c  which pairs of edges a shortcut joins; what it costs under one metric; the
 *                              way from edge to edge
 *   traffic_route_live.c       live travel times: measured, adopted, customised in the background
 *   traffic_route_study.c      what studies ask
 *   traffic_route.c            metrics by vehicle class, the pool of routes, routes of trips and vehicles
 *
 * A node of the hierarchy is an edge of the city, an arc a turn between two edges; its cost is the time from
 * entering the one to entering the other, in whole milliseconds, so that sums are exact and equal ways tie.
 * Nodes are numbered by rank; each has a parent of higher rank, and all that it has shortcuts to are among
 * its ancestors. A node's neighbours above are therefore told apart by their depth in the tree alone, and a
 * query needs only arrays as long as the tree is deep. */
#ifndef JW_TRAFFIC_ROUTE_H
#define JW_TRAFFIC_ROUTE_H

#include "traffic/traffic.h"

#define JW_CLOSED_MS JW_NO_WAY_MS /* sums of two do not overflow */

/* Which pairs of edges have a shortcut: follows from the city alone. */
typedef struct jw_hierarchy {
    uint32_t node_count, arc_count, depth_count;
    uint32_t *rank_of_edge, *edge_of_rank;
    uint32_t *parent;        /* by rank; JW_NONE: the root */
    uint16_t *depth;         /* by rank; 0: the root */
    uint32_t *first_arc;     /* by rank, of the arcs to nodes above, node_count + 1 */
    uint16_t *head_depth;    /* by arc, rising within a node's arcs: from the root down */
    uint32_t *first_down;    /* by rank, of the arcs that come from nodes below, node_count + 1 */
    uint32_t *down_arc;      /* ascending by tail */
    uint32_t *tail;          /* by arc, rank */
    uint32_t *arc_of_turn;   /* arc * 2 + 1 when the turn leads down; JW_NONE: from an edge to itself */
    uint64_t triangle_count; /* what customising takes */
    const uint32_t *turn_first, *turn_to; /* of the network, not owned */
    uint32_t turn_count;
} jw_hierarchy;

/* What everything costs one kind of vehicle. Whoever fills turn_ms (0 < turn_ms <= JW_CLOSED_MS) begins the
 * customisation, advances it until it is done, and may query then. */
typedef struct jw_route_metric {
    uint32_t *turn_ms;         /* by turn */
    uint32_t *up_ms, *down_ms; /* by arc, arc_count + 1 elements: the last for what is not there */
    uint32_t *arc_at;          /* by depth: scratch of customising */
    uint32_t next_rank;        /* of the customisation: node_count when done */
    uint64_t triangles_done;
} jw_route_metric;

typedef struct jw_route_leg {
    uint32_t from, to, arc; /* ranks */
} jw_route_leg;

/* The ancestors of one end of a query, by depth. */
typedef struct jw_route_side {
    uint32_t *at_ms;
    uint32_t *by_depth; /* of the node from which the best way comes */
    uint32_t *node;
} jw_route_side;

/* Workspace of one query at a time. */
typedef struct jw_route_search {
    uint32_t from, to, meeting; /* ranks, of the last query */
    jw_route_side side[2];      /* from the origin, from the destination */
    jw_route_leg *stack;
    uint8_t *turns; /* of ways found: at each edge which of its turns */
    uint32_t stack_count, stack_capacity, turn_count, turn_capacity;
} jw_route_search;

/* Ranks of the city's edges (out: edge_count): the edges that part the city into two come last, and so on in
 * each part. Deterministic; about O(edges^1.5). */
jw_result jw_route_order(const jw_city *city, uint32_t *out_rank_of_edge, jw_error *error);

/* Turns turn_first[e] to turn_first[e + 1] - 1 lead from edge e, to turn_to[]: both must outlive the
 * hierarchy. Any order of ranks is right; a bad one costs memory and time: JW_ERROR_LIMIT beyond 1,000
 * shortcuts an edge. */
jw_result jw_hierarchy_build(jw_hierarchy *h, uint32_t edge_count, const uint32_t *rank_of_edge,
                             const uint32_t *turn_first, const uint32_t *turn_to, jw_error *error);
void jw_hierarchy_free(jw_hierarchy *h);

jw_result jw_route_metric_init(jw_route_metric *metric, const jw_hierarchy *h, jw_error *error);
void jw_route_metric_free(jw_route_metric *metric);
void jw_route_metric_begin(jw_route_metric *metric, const jw_hierarchy *h);
/* Customises node after node until so many triangles of the hierarchy's triangle_count are done; where the
 * pieces end does not change the result. True when all is done. */
bool jw_route_metric_advance(jw_route_metric *metric, const jw_hierarchy *h, uint64_t until_triangles);

/* Steps over which so many metrics are customised, at a bounded cost a step. */
uint32_t jw_route_rebuild_steps(const jw_hierarchy *h, uint32_t metrics, uint32_t interval_steps);

jw_result jw_route_search_init(jw_route_search *search, const jw_hierarchy *h, jw_error *error);
void jw_route_search_free(jw_route_search *search);
/* Time from entering one edge to entering the other; JW_CLOSED_MS: no way that takes less than below_ms
 * (JW_CLOSED_MS at most). */
uint32_t jw_route_search_cost(jw_route_search *search, const jw_hierarchy *h, const jw_route_metric *metric,
                              uint32_t from_edge, uint32_t to_edge, uint32_t below_ms);
/* Adds the way of the query just made to search->turns. JW_ERROR_NOT_FOUND: there is none. */
jw_result jw_route_search_path(jw_route_search *search, const jw_hierarchy *h, const jw_route_metric *metric,
                               jw_error *error);

void jw_turn_times_note(jw_turn_times *times, uint32_t turn, uint32_t entered_ms, uint32_t time_ms);

#define JW_SEARCHES    16
#define JW_ROUTE_KINDS (2 * JW_VEHICLE_CLASS_COUNT)

/* One question to the router, and its answer. */
typedef struct jw_route_query {
    uint32_t asker; /* trip or slot */
    uint32_t from_edge, to_edge, kind;
    uint32_t below_ms;             /* only a way that takes less is wanted */
    uint32_t cost_ms;              /* JW_CLOSED_MS: no such way */
    uint32_t search, first, count; /* the way: turns in searches[search]; of no cost below: nothing */
    bool has_failed;               /* out of memory */
} jw_route_query;

typedef struct jw_router {
    jw_hierarchy hierarchy;
    uint32_t *given_rank; /* from a snapshot, until the hierarchy is built */
    /* Classes that may use exactly the same lanes and are about as fast form a group. A kind is a group with
     * free times or with live ones: group * 2 + is_live. */
    uint8_t group_of_class[JW_VEHICLE_CLASS_COUNT];
    uint8_t group_class[JW_VEHICLE_CLASS_COUNT];
    bool is_motor[JW_VEHICLE_CLASS_COUNT]; /* by group */
    uint32_t group_count;
    jw_route_metric metrics[JW_ROUTE_KINDS]; /* empty until one asks */
    bool is_ready[JW_ROUTE_KINDS];
    jw_route_search searches[JW_SEARCHES];
    jw_route_query *queries; /* of the step */
    uint32_t query_count, query_capacity;

    /* live times, by turn (state) */
    uint32_t *live_ms;    /* adopted last; 0: as free */
    uint32_t *next_ms;    /* those being customised */
    uint32_t *pass_count; /* since the last rebuild began: passages and their times */
    uint64_t *pass_sum_ms;
    int64_t begun_ns;   /* when the last rebuild began (state) */
    bool is_rebuilding; /* (state) */
    uint32_t rebuild_steps;
    jw_route_metric next[JW_VEHICLE_CLASS_COUNT]; /* by group: of next_ms */
    bool has_next[JW_VEHICLE_CLASS_COUNT];
    jw_turn_times *times; /* a study measures them; NULL: none does */
} jw_router;

#endif
