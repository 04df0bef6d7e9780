/* Movements: which edges an arriving edge may continue on, and which of its lanes serve them. */
#ifndef JW_CITY_BUILD_MOVEMENTS_H
#define JW_CITY_BUILD_MOVEMENTS_H

#include "city/build.h"

#define JW_MOVEMENTS_MAX 32 /* of one arriving edge; further ones are left out */

typedef struct jw_movement {
    uint32_t edge;    /* target */
    double angle_rad; /* turn to the left */
    jw_turn turn;
} jw_movement;

/* From the rightmost to the leftmost; U-turns last. */
typedef struct jw_movement_list {
    jw_movement items[JW_MOVEMENTS_MAX];
    uint32_t count;
} jw_movement_list;

/* Scratch for the search and the restrictions in order. */
typedef struct jw_movement_finder {
    uint32_t *restrictions; /* numbers, sorted by via node, from road */
    uint32_t restriction_count;
    uint32_t *seen_side; /* per piece side: stamp of the search that saw it */
    uint32_t *seen_edge; /* per edge */
    uint32_t *queue;
    uint32_t stamp;
} jw_movement_finder;

jw_result jw_build_prepare_movements(jw_build *build, jw_movement_finder *finder, jw_error *error);
void jw_build_find_movements(jw_build *build, jw_movement_finder *finder, uint32_t junction, uint32_t edge,
                             jw_movement_list *out);
/* What going from one edge to another is, by the angle between them. */
jw_turn jw_build_turn(const jw_build *build, uint32_t from_edge, uint32_t to_edge, double *out_angle_rad);
/* masks[lane] gets a bit for each movement that the lane (of `lane_count` general lanes, kerb first) serves.
 * targets[m]: general lanes of the movement's edge. Left movements may be reclassified by turn lanes. */
void jw_build_serve_movements(const jw_build *build, uint32_t edge, uint32_t lane_count,
                              const uint32_t *targets, const jw_movement_list *list, uint32_t *masks);

#endif
