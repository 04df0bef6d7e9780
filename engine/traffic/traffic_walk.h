/* The inside of walking: people on pavements and crossings.
 *
 * The network follows from the city alone and is made when the first walker needs it; a world in which nobody
 * walks has none. Where roads meet, each road is an arm with two corners, one on either side: nodes. Links
 * join them: pavements from junction to junction on either side of a road, crossings over an arm between the
 * stop line and the middle of the junction, and ways round the corner to the next arm. A node has at most one
 * link of each kind, so that a route is two bits a node.
 *
 * Where a connection leads over a crossing there is a zone: a piece of the connection, and a piece of the
 * crossing. A walker does not step into the piece of a vehicle that stands there or can no longer stop; a
 * vehicle does not drive into the piece of a walker. Walkers move first in a step, vehicles see where they
 * are then; so neither can be where the other is.
 *
 *   traffic_walk_net.c    the network;   traffic_walk_way.c  ways, places
 *   traffic_walk.c        walkers: trips, demand, moving
 *   traffic_walk_cross.c  who goes first on a crossing
 *   traffic_walk_verb.c   verb, table, what others read
 *   traffic_walk_state.c  save, load, hash, invariants */
#ifndef JW_TRAFFIC_WALK_H
#define JW_TRAFFIC_WALK_H

#include "traffic/traffic.h"

#define JW_WALK_KERB_M     1.3f /* from the kerb to the middle of the pavement */
#define JW_WALK_SIGNAL_S   7.0f /* see traffic_walk_cross.c */
#define JW_WALK_SIGNAL_MPS 1.2f
#define JW_WALK_HOPS_MAX   128
#define JW_WALK_BLOCK      256

enum { JW_WALK_PAVEMENT, JW_WALK_CROSSING, JW_WALK_CORNER, JW_WALK_KINDS };

typedef struct jw_walk_node {
    float x_m, y_m, z_m;
    uint32_t links[JW_WALK_KINDS]; /* by kind; JW_NONE */
} jw_walk_node;

typedef struct jw_walk_link {
    uint32_t ends[2]; /* nodes; of a pavement in the direction of its lane */
    uint32_t of;      /* the lane beside a pavement; the number of a crossing */
    float length_m;
    float lead_m;             /* of a pavement, from its first node to where the lane begins */
    float side_m;             /* left of that lane's centre */
    float bend_x_m, bend_y_m; /* of a corner: where the pavements on both sides of it would meet */
    uint8_t kind;
} jw_walk_link;

typedef struct jw_walk_zone {
    uint32_t connection, crossing;
    float begin_m, end_m;     /* along the connection */
    float x_begin_m, x_end_m; /* along the crossing, from its first node */
} jw_walk_zone;

typedef struct jw_crossing {
    uint32_t link, junction;
    uint32_t in_edge, out_edge; /* of the arm; JW_NONE */
    uint32_t first_zone, zone_count;
    uint32_t programme; /* JW_NONE: no phase of a signal is for walkers */
    uint64_t phases;    /* of it, in which nobody drives across but those who turn and give way */
    uint64_t greens;    /* of these, those in which others have green */
    float refuge_m;     /* from the first node; JW_FAR: none */
} jw_crossing;

typedef struct jw_walk_net {
    jw_walk_node *nodes;
    jw_walk_link *links;
    jw_crossing *crossings;
    jw_walk_zone *zones;
    uint32_t *way_zone; /* by connection: zone where it begins, zone where it ends; JW_NONE */
    uint32_t *pavement; /* by edge: on its right, on its left (of roads that have no other direction) */
    uint32_t node_count, link_count, crossing_count, zone_count;
} jw_walk_net;

/* Somebody who walks: state. */
#define JW_WALKER_REALS(X)                                                                                   \
    X(pos_m) /* along the link, as they walk */                                                              \
    X(end_m) /* on the last link, likewise */                                                                \
    X(wish_mps)                                                                                              \
    X(speed_mps)                                                                                             \
    X(side_m)   /* left of the middle of the way */                                                          \
    X(wait_s)   /* standing at or on this crossing */                                                        \
    X(waited_s) /* at all so far */                                                                          \
    X(way_m)    /* walked */
#define JW_WALKER_WHOLES(X)                                                                                  \
    X(number)                                                                                                \
    X(route[0])                                                                                              \
    X(route[1]) X(route[2]) X(route[3]) X(depart_ms) X(link) X(hop) X(hops) X(is_back) X(is_waiting)
typedef struct jw_walker {
    uint64_t number;
    uint64_t route[JW_WALK_HOPS_MAX / 32]; /* kind of link to be taken at the end of this one, and so on */
    uint32_t depart_ms;
    uint32_t link;
    float pos_m, end_m, wish_mps, speed_mps, side_m, wait_s, waited_s, way_m;
    uint8_t hop, hops;   /* done, of all */
    uint8_t is_back;     /* walks from the link's second node to the first */
    uint8_t is_waiting;  /* at the kerb or on the refuge */
    uint8_t has_arrived; /* in this step: never state */
    uint32_t counted;    /* the link whose count has it: derived */
    uint32_t next;       /* on the same crossing: derived */
} jw_walker;

typedef struct jw_walk_search {
    uint32_t *cost_ms, *from, *stamp; /* by node; `from`: the link that leads there */
    uint64_t *heap;
    uint32_t heap_count, heap_capacity, round;
} jw_walk_search;

typedef struct jw_walks {
    bool is_built;
    jw_walk_net net;
    jw_walk_search search;
    jw_pool pool; /* (state) */
    jw_walker *items;
    uint32_t capacity;
    uint32_t *link_count;    /* walkers on each link */
    uint32_t *crossing_head; /* the first walker on each crossing; JW_NONE */
    uint32_t *busy;          /* crossings with walkers */
    uint32_t busy_count;
    uint16_t *at_junction; /* walkers on its crossings */
    jw_random_key yield_key;
    int64_t now_ns;                                        /* of the signals that they look at */
    int64_t *crossed, *cross_wait_ms;                      /* by crossing (state) */
    jw_walk_counts counts;                                 /* (state) but for `walking` and means */
    double delay_sum_s, wait_sum_s, walk_sum_s, way_sum_m; /* of those who arrived (state) */
    uint64_t number;                                       /* of the next walker (state) */
    float *x_m, *y_m, *z_m, *heading_rad, *speed_mps;      /* rows, made when asked for */
    jw_vehicle_id *id;
    uint32_t row_capacity;
    bool has_rows;
} jw_walks;

struct jw_way;

/* ---- traffic_walk_net.c ---- */
/* Makes the network unless it is there. */
jw_result jw_walk_need(jw_world *world, jw_traffic *t, jw_error *error);
void jw_walk_net_free(jw_walk_net *net);

/* ---- traffic_walk_way.c ---- */
/* The pavement nearest to a point, and the place along it; JW_NONE when there is none. */
uint32_t jw_walk_nearest(const jw_traffic *t, double x_m, double y_m, float *out_pos_m);
/* The quickest way: fills route, hops, is_back, pos_m, end_m of a walker whose places on `link` and `to_link`
 * are given from those links' first nodes. False: there is none; or out of memory, which *error says. */
bool jw_walk_find_way(jw_traffic *t, jw_walker *w, float from_m, uint32_t to_link, float to_m,
                      jw_error *error);
void jw_walk_place(const jw_traffic *t, const jw_walker *w, float *x_m, float *y_m, float *z_m,
                   float *heading_rad);

/* ---- traffic_walk.c ---- */
jw_result jw_walk_init(jw_world *world, jw_traffic *t, jw_error *error);
void jw_walk_free(jw_traffic *t);
/* Room for walkers beside the pool's slots. */
jw_result jw_walk_grow(jw_traffic *t, uint32_t slots, jw_error *error);
/* In the phase of demand: those who set out now. */
void jw_walk_demand(jw_world *world, jw_traffic *t);
void jw_traffic_phase_walk(jw_world *world, void *state);
/* Counts of links, who is on which crossing. */
void jw_walk_derive(jw_traffic *t);
void jw_walk_restart_counts(jw_traffic *t);
static inline bool jw_walk_is_alive(const jw_walks *walks, uint32_t slot)
{
    return walks->pool.generations[slot] & 1;
}

/* ---- traffic_walk_cross.c ---- */
/* How far somebody on a crossing may walk in this step, of way_m; sets is_waiting. */
float jw_walk_cross(const jw_traffic *t, jw_walker *w, float way_m);
/* Where along its connection a vehicle must stop for walkers; pos_m is its front, below 0 before it; JW_FAR:
 * nowhere. */
float jw_walk_blocked(const jw_traffic *t, uint32_t place, uint32_t connection, float pos_m);
/* Walkers who started in this green are on the way and would not have it in the next. */
bool jw_walk_holds_green(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t next);
/* Walkers wait for a phase of the programme in which they may start, and cannot now. */
bool jw_walk_calls(const jw_traffic *t, uint32_t programme, uint32_t phase);
/* Walkers may start now over so much road. */
bool jw_walk_is_shown(const jw_traffic *t, const jw_crossing *crossing, float length_m);

/* ---- traffic_walk_verb.c ---- */
extern const jw_verb_arg jw_walk_args[4];
jw_result jw_walk_verb(jw_world *world, void *state, const jw_command *command, jw_error *error);
enum { JW_CROSSING_COLUMNS = 7 };
extern const jw_column jw_crossing_columns[JW_CROSSING_COLUMNS];
uint32_t jw_crossing_rows(const jw_world *world, const void *state);
uint32_t jw_crossing_geometry(const jw_world *world, const void *state, uint32_t row);
double jw_crossing_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t jw_crossing_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);

/* ---- traffic_walk_state.c ---- */
void jw_walk_save(const jw_traffic *t, jw_writer *writer);
uint64_t jw_walk_hash(const jw_traffic *t, uint64_t hash);
void jw_walk_load(jw_world *world, jw_traffic *t, jw_reader *r);
bool jw_walk_is_consistent(const jw_traffic *t, jw_error *error);

#endif
