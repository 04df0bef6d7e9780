/* The inside of the roadside module. */
#ifndef JW_NETWORK_ROADSIDE_INTERNAL_H
#define JW_NETWORK_ROADSIDE_INTERNAL_H

#include "network/network_internal.h"
#include "network/network_roadside.h"

#define ROADSIDE_UNITS_MAX 10000u

/* What is known of a tile about a unit: a pure function of both and the city, so a cache, not state. */
enum {
    ROADSIDE_TILE_KNOWN = 1,
    ROADSIDE_TILE_IN_SIGHT = 2,
    ROADSIDE_TILE_HEARS = 4,   /* a terminal there hears the unit */
    ROADSIDE_TILE_IS_HEARD = 8 /* and the unit it */
};

typedef struct roadside_unit {
    jw_roadside_def def;
    bool is_up;
    bool is_removed; /* then down, without its name; its counts stay in the totals */
    jw_roadside_counts counts;
    double credit[JW_ROADSIDE_KIND_COUNT]; /* of a message that may be sent, 0 to below 1 */
    uint32_t hearers, seen;                /* in the last step */
    uint32_t vehicles; /* connected ones that it heard itself: as busy as they make the channel */
    uint32_t sent_now[JW_ROADSIDE_KIND_COUNT]; /* in the last step */
    double busy;
    uint32_t dropped_now; /* likewise, for who looks before the next: not saved */
    /* Derived. */
    int64_t period_ns[JW_ROADSIDE_KIND_COUNT]; /* 0: sends none */
    double offered[JW_ROADSIDE_KIND_COUNT]; /* scratch of a step: share of the channel that it would take */
    uint8_t *tiles;                         /* side * side about it */
    int32_t first_column, first_row, side;
    uint32_t first_near, near_count; /* units that it hears, in `near` */
} roadside_unit;

struct jw_roadside {
    double busy_limit, vehicle_hz, signal_bytes, vehicle_bytes;
    roadside_unit *units;
    uint32_t unit_count, unit_capacity;
    /* Derived. */
    net_sight *sight;
    uint32_t *near;
    uint32_t near_count, near_capacity;
    jw_map by_junction;
    double longest_m; /* of all ranges: side of the squares by which road users are sorted */
    /* Scratch of a step. */
    uint32_t *square_first, *by_square;
    uint32_t square_capacity, user_capacity;
};

/* network_roadside.c */
jw_result jw_roadside_derive(jw_world *world, jw_roadside *roadside, jw_error *error);
/* A unit came, went or moved (JW_NONE: none moved): who announces which junction and who hears whom anew. */
jw_result jw_roadside_derive_again(jw_world *world, jw_roadside *roadside, uint32_t moved, jw_error *error);
bool jw_roadside_is_sound(const jw_roadside_def *def);

/* network_roadside_state.c: all but these is the module's own */
void jw_roadside_free(jw_roadside *roadside);

#endif
