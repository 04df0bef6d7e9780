/* The inside of jw_city_build: what its steps hand on. A draft becomes a city in these steps, one file each:
 *
 *   build_pieces       roads -> pieces between the nodes where roads meet; like pieces in a row are joined
 *   build_junctions    nodes -> junctions: clusters that are one real junction; signals and stop lines
 *   build_opposites    in a network: the two directions of one road
 *   build_levels       heights of bridges, tunnels and the ramps to them
 *   build_edges        pieces -> edges and lanes, cut back to the junctions
 *   build_outlines     the junctions' surfaces
 *   build_connections  lane to lane through the junctions, by turn lanes, restrictions and rules
 *   build_two_stage    left turns of bicycles over the far corner
 *   build_conflicts    which connections cross or merge, and who yields
 *   build_programmes   signal programmes that the draft gives
 *   build_signals      phases, greens, offsets of the others
 *   build_shapes       buildings, areas, lines, places
 *   build_blocks       blocks with people, jobs and access edges; gates
 *
 * Everything is numbered in the draft's order. */
#ifndef JW_CITY_BUILD_H
#define JW_CITY_BUILD_H

#include "city/city_internal.h"

/* One direction of a piece. */
typedef struct jw_build_side {
    uint8_t lanes; /* motor lanes; 0: closed in this direction */
    uint8_t has_bike_lane;
    uint8_t has_bus_lane;
    uint8_t yield; /* sign on the approach to its end: 0 none, 1 give way, 2 stop */
} jw_build_side;

/* A stretch of road between two end nodes. Side 0 runs with its points, side 1 against them. End 0 is where
 * its points begin. */
typedef struct jw_build_piece {
    uint32_t first_point, point_count; /* into build->line: the road's middle */
    double length_m;
    uint32_t node[2];            /* draft nodes of its ends */
    uint32_t road[2];            /* draft roads at its ends (their restrictions and turn lanes) */
    uint8_t road_is_reversed[2]; /* that road is drawn against the piece */
    jw_build_side side[2];
    jw_road_class road_class;
    uint8_t allow, is_link, is_bridge, is_tunnel, is_roundabout;
    int8_t layer;
    uint8_t has_heights; /* its points have them */
    double speed_mps, lane_width_m, median_m;
    uint32_t name;
    uint32_t junction[2];
    uint8_t is_internal; /* within one junction: gives no edge */
    double cut_m[2];
    uint32_t edge[2];  /* of each side, or JW_NONE */
    uint32_t opposite; /* piece of the other direction where each is drawn on its own, or JW_NONE */
} jw_build_piece;

/* A signal or sign drawn on a piece, its end nodes included. */
typedef struct jw_build_mark {
    uint32_t node, piece;
} jw_build_mark;

typedef struct jw_build {
    const jw_draft *draft;
    jw_build_def def;
    jw_problems *problems;
    jw_progress progress; /* may be NULL */
    void *progress_context;
    double fraction; /* what was told last */
    const char *what;
    jw_city_parts parts;

    void **scratch; /* freed at the end, all together */
    uint32_t scratch_count, scratch_capacity;

    jw_vec2 *place; /* per draft node, metres */
    jw_build_piece *pieces;
    uint32_t piece_count, piece_capacity;
    jw_vec3 *line;
    uint32_t line_count, line_capacity;

    jw_build_mark *marks;
    uint32_t mark_count, mark_capacity;

    /* Piece ends (piece * 2 + end) at each draft node, ascending. */
    uint32_t *node_first_end; /* node_count + 1 */
    uint32_t *node_ends;
    uint32_t *node_junction; /* JW_NONE: not an end */
    uint8_t *node_signal;    /* end nodes whose junction has signals */

    /* Piece ends of each junction, internal ones included, ascending. */
    uint32_t *junction_first_end;
    uint32_t *junction_ends;

    uint32_t *given_connection; /* per draft connection: the city's, or JW_NONE */

    uint32_t *edge_side;    /* per edge: piece * 2 + side */
    uint8_t *edge_priority; /* per edge, at its end: lower goes first */
    uint32_t *component;    /* per edge: jw_city_components of the finished roads */
} jw_build;

#define JW_BIKE_LANE_M 2.0 /* two cyclists side by side: CJJ 37-2012, 5.3.3 (1 m a cyclist) */

/* In a network: finds each piece's opposite. */
jw_result jw_build_opposites(jw_build *build, jw_error *error);

/* Zeroed memory that lives until the end of the build; NULL with the error set. */
void *jw_build_take(jw_build *build, uint64_t count, size_t element_size, jw_error *error);
void jw_build_free(jw_build *build);
/* JW_ERROR_CANCELLED when the city is not wanted any more. */
jw_result jw_build_tell(jw_build *build, double fraction, const char *what, jw_error *error);
/* The same inside a loop, for its ith step: asked now and then. */
jw_result jw_build_goes_on(jw_build *build, uint32_t i, jw_error *error);

jw_result jw_build_project(jw_build *build, jw_error *error);
jw_result jw_build_pieces(jw_build *build, jw_error *error);
jw_result jw_build_junctions(jw_build *build, jw_error *error);
jw_result jw_build_levels(jw_build *build, jw_error *error);
jw_result jw_build_edges(jw_build *build, jw_error *error);
jw_result jw_build_outlines(jw_build *build, jw_error *error);
jw_result jw_build_connections(jw_build *build, jw_error *error);
/* When it is known where there are signals, before conflicts are found. */
jw_result jw_build_two_stage(jw_build *build, jw_error *error);
jw_result jw_build_conflicts(jw_build *build, jw_error *error);
jw_result jw_build_programmes(jw_build *build, jw_error *error);
jw_result jw_build_signals(jw_build *build, jw_error *error);
jw_result jw_build_shapes(jw_build *build, jw_error *error);
jw_result jw_build_blocks(jw_build *build, jw_error *error);

/* Fills the lists of edges of each junction, in ascending order. */
jw_result jw_build_list_edges(jw_build *build, jw_error *error);
/* Where two connections come nearer than near_m, along each of them as drawn: begin and end on a, on b. A
 * merge always meets at both ends. False: nowhere. */
bool jw_build_find_meeting(const jw_city_parts *parts, const jw_connection *a, const jw_connection *b,
                           double near_m, bool is_merge, double out_m[4]);
static inline bool jw_build_is_for_bikes(const jw_connection *c)
{
    return !(c->allow & JW_ALLOW_MOTOR);
}
/* Whether a connection meets a foe, up to end_m, in the second stage of a left turn, which has another green
 * and goes beside those of `second`. The first crosses those who come out of their street or go into it. */
bool jw_build_is_second_stage(const jw_city_parts *parts, const jw_connection *c, const jw_connection *foe,
                              double end_m);
/* How near those on two connections may come to one another. */
double jw_build_near_m(const jw_city_parts *parts, const jw_connection *a, const jw_connection *b);

/* Population and jobs from floor area and use. */
void jw_build_people(jw_building *building, double footprint_m2);

/* Metres of road surface of a side, of a whole piece. */
double jw_build_side_width_m(const jw_build_piece *piece, uint32_t side);
double jw_build_piece_width_m(const jw_build_piece *piece);
/* The turn:lanes text of the side towards its end; "" when unknown. */
const char *jw_build_turn_lanes(const jw_build *build, const jw_build_piece *piece, uint32_t side);
/* Heading (radians) in which a line leaves its beginning or arrives at its end, over the last 8 m. */
double jw_build_heading(const jw_vec3 *points, uint32_t count, bool at_end);

#endif
