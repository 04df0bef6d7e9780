/* What happened on each track over an interval: exact sums over its steps, by lanes and connections. An
 * output that somebody asks for (jw_traffic_measure_intervals): neither saved nor hashed, and a step that
 * nobody measures does not do it.
 *
 * Every vehicle adds what it did in a step to the track where it began the step (in parallel, by the block
 * that moved it); what it did beyond the track's end is moved to where it was done (in the order of the
 * passages). So the sums over all tracks are those over all vehicles. */
#ifndef JW_TRAFFIC_INTERVAL_H
#define JW_TRAFFIC_INTERVAL_H

#include "traffic/traffic.h"

/* Of a trip so far, or since measuring began; its CO2 is state. */
typedef struct jw_trip_emitted {
    float nox_g, pm_g;
} jw_trip_emitted;

enum { JW_RECENT_SLOTS = 5 }; /* a minute each, the last one under way */

typedef struct jw_intervals {
    jw_track_sum *sums;      /* by track, since measuring began; NULL: nobody measures */
    jw_track_sum *bases;     /* when the interval under way began */
    uint32_t *departed_base; /* by edge: t->edge_departed then */
    int64_t begin_ns, base_ns;
    jw_edge_recent *pasts; /* by slot, then edge: what the sums were then; oldest at past_first */
    int64_t past_ns[JW_RECENT_SLOTS];
    uint32_t past_first, past_count;
    uint32_t *junctions; /* those with a right of way to be settled: rows of their table */
    uint32_t junction_count;
    jw_trip_emitted *trips; /* by slot, as many as slot_capacity */
} jw_intervals;

struct jw_car;
struct jw_order;
struct jw_outbox;

void jw_intervals_free(jw_intervals *intervals);
struct jw_emitted;
/* The vehicles of a track have been moved (their bound_m is how far), and have emitted so much. */
void jw_interval_add(jw_traffic *t, uint32_t track, const struct jw_emitted *emitted);
/* One leaves its track: still in its place there. */
void jw_interval_pass(jw_traffic *t, const struct jw_order *order);
void jw_interval_arrive(jw_traffic *t, uint32_t edge);
/* At the end of each step: once a minute the sums by edge are kept. */
void jw_intervals_tick(jw_traffic *t);
/* Counts begin anew. */
void jw_intervals_restart(jw_traffic *t);
/* Forgets the rows: the next interval begins. */
void jw_intervals_drain(jw_traffic *t);

/* Rows of the module's tables (traffic_interval_table.c). */
enum { JW_EDGE_INTERVAL_COLUMNS = 18, JW_LANE_INTERVAL_COLUMNS = 10, JW_JUNCTION_INTERVAL_COLUMNS = 9 };
extern const jw_column jw_edge_interval_columns[JW_EDGE_INTERVAL_COLUMNS],
    jw_lane_interval_columns[JW_LANE_INTERVAL_COLUMNS],
    jw_junction_interval_columns[JW_JUNCTION_INTERVAL_COLUMNS];
#define JW_X(name)                                                                                           \
    uint32_t jw_##name##_interval_rows(const jw_world *world, const void *state);                            \
    double jw_##name##_interval_number(const jw_world *world, const void *state, uint32_t row,               \
                                       uint32_t column);                                                     \
    int64_t jw_##name##_interval_integer(const jw_world *world, const void *state, uint32_t row,             \
                                         uint32_t column);
JW_X(edge)
JW_X(lane)
JW_X(junction)
#undef JW_X
uint32_t jw_junction_interval_geometry(const jw_world *world, const void *state, uint32_t row);
const char *jw_junction_interval_text(const jw_world *world, const void *state, uint32_t row,
                                      uint32_t column);

#endif
