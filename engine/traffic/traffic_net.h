/* What is copied from the city for speed: lanes and connections as tracks, their merges, turns from edge to
 * edge, centre lines. */
#ifndef JW_TRAFFIC_NET_H
#define JW_TRAFFIC_NET_H

#include "traffic/traffic.h"

#define JW_FAR 1e9f /* metres: nothing there */

/* A point of a track's centre line, and the heading from there on. */
typedef struct jw_shape_point {
    float s_m, x_m, y_m;
    int16_t z_dm;
    uint16_t heading; /* 1/65536 of a turn */
} jw_shape_point;

/* What a step asks of a connection. */
typedef struct jw_way {
    uint64_t foes; /* connections it has conflicts with, as bits of its junction: see jw_traffic.inside */
    uint32_t from_lane, to_lane;
    uint32_t junction;
    uint32_t first_merge;
    float merge_begin_m; /* first zone of a merge along the connection; JW_FAR: none */
    uint8_t merge_count;
    uint8_t junction_bit;
    uint8_t allow;
    uint8_t crosses : 1; /* has a conflict that is not a merge */
    uint8_t yields : 1;  /* has a conflict with must_yield, but for zippers */
    uint8_t rule : 2;    /* jw_rule */
} jw_way;
_Static_assert(sizeof(jw_way) == 32, "two ways to a cache line");

/* Another connection that ends on the same lane. */
typedef struct jw_merge {
    uint32_t foe;
    float begin_m, foe_begin_m; /* of the zone, along each */
    float foe_merge_begin_m;
    uint8_t foe_bit, must_yield;
    uint8_t is_zipper; /* by turns: nobody yields */
} jw_merge;

typedef struct jw_traffic_net {
    uint32_t lane_count, connection_count, track_count, edge_count, junction_count;
    uint32_t *lane_edge;
    uint8_t *lane_index;
    uint8_t *lane_allow;
    float *strip_m;            /* width of a strip, by track */
    uint32_t *edge_first_lane; /* edge_count + 1 */
    uint32_t *junction_first;  /* first connection, junction_count + 1 */
    jw_way *ways;              /* by connection */
    jw_merge *merges;          /* those of a connection lie together */
    uint32_t *lane_in_first;   /* connections that end on a lane, lane_count + 1 */
    uint32_t *lane_in;
    /* centre lines by track: first point, then arc length (scaled to the track's), place, heading */
    uint32_t *shape_first; /* track_count + 1 */
    jw_shape_point *shape;
    /* turns: from one edge to the next, at least one connection */
    uint32_t turn_count;
    uint32_t *turn_first; /* by edge, edge_count + 1 */
    uint32_t *turn_from, *turn_to;
    float *turn_time_s;
    uint8_t *turn_allow;  /* classes with an open connection now */
    uint32_t *back_first; /* turns that end on an edge, edge_count + 1 */
    uint32_t *back_turn;
} jw_traffic_net;

jw_result jw_traffic_net_build(jw_traffic *t, jw_error *error);
void jw_traffic_net_free(jw_traffic_net *net);
/* After a closure: which turns are open to whom. */
void jw_traffic_net_refresh(jw_traffic *t);
/* Connection from `lane` to edge `to` for a class, best for going on to `after` (JW_NONE: any); of equal ones
 * the slot decides. */
uint32_t jw_traffic_choose_connection(const jw_traffic *t, uint32_t lane, uint32_t to, uint32_t after,
                                      uint32_t vehicle_class, uint32_t slot);
/* Lanes of an edge from which a class can go on to edge `to`; `to` JW_NONE: lanes it may use. */
uint32_t jw_traffic_good_lanes(const jw_traffic *t, uint32_t edge, uint32_t to, uint32_t vehicle_class);
void jw_traffic_track_place(const jw_traffic *t, uint32_t track, float pos_m, float *x_m, float *y_m,
                            float *z_m, float *heading_rad);

#endif
