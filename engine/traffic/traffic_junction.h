/* Who may enter a junction: traffic_junction.c asks for each vehicle near one, traffic_gap.c knows whom it
 * would meet there. */
#ifndef JW_TRAFFIC_JUNCTION_H
#define JW_TRAFFIC_JUNCTION_H

#include "traffic/traffic_siren.h"

/* The one who asks. */
typedef struct jw_asker {
    uint32_t place, connection;
    float to_entry_m; /* from its front to the connection's beginning; < 0: on it */
    float speed_mps, accel_mps2, most_mps, length_m, wait_s;
    float cross_s; /* wanted between leaving a zone and another's arrival */
    float merge_s; /* the same before who is merged with */
    float margin;  /* share of these that is kept to: less by who has decided */
    float until_m; /* zones from there on are not asked for yet */
    uint32_t slot;
    bool is_protected; /* 'G': what approaches gives way */
    bool is_clearing;  /* inside while its signal is not green any more: the others let it out */
    bool is_standing;
    bool is_going; /* was allowed to in the step before */
    bool is_by_windows;
    bool is_siren; /* others let it go first, on red as well: see traffic_siren.h */
} jw_asker;

/* All who come to it have a stop sign, and no signal is on. */
static inline bool jw_junction_is_all_stop(const jw_traffic *t, uint32_t connection)
{
    return t->net.ways[connection].rule == JW_RULE_ALL_STOP && t->shown[connection] == 0;
}

#define JW_AT_LINE_M 3.0f /* so near before the line one stands at it */
static inline bool jw_junction_stands_at_line(const jw_car *car, float left_m)
{
    return car->speed_mps < JW_STOPPED_MPS && left_m < JW_AT_LINE_M;
}

/* Room for one of a type on a lane behind the junction, beside those who are on their way there. */
bool jw_junction_has_room(const jw_traffic *t, uint32_t lane, const jw_traffic_type *type);
/* Position along the connection of the first zone that one must not enter now; JW_FAR: all clear. */
float jw_gap_first_blocked_m(const jw_traffic *t, const jw_asker *i);

#endif
