/* The inside of demand: what traffic_internal.h needs to know of it. */
#ifndef JW_TRAFFIC_DEMAND_H
#define JW_TRAFFIC_DEMAND_H

#include "traffic/traffic.h"

typedef struct jw_demand {
    double *sum[2]; /* running sums over the blocks, for drawing: of people, of jobs */
    uint32_t block_count;
    uint32_t *component;          /* by edge: the part of the network it lies in */
    uint32_t *gate_in, *gate_out; /* edges */
    uint32_t gate_in_count, gate_out_count;
    jw_demand_data data; /* (state, never changed) trips by time */
    uint64_t data_hash;
    uint32_t next_trip; /* of data.trips (state) */
    int64_t next_ns;    /* next interval to be drawn (state) */
    double factor;      /* now (state) */
} jw_demand;

/* Random numbers of one thing in order. */
typedef struct jw_dice {
    jw_random_key key;
    uint64_t entity, counter;
} jw_dice;

static inline double jw_roll(jw_dice *d)
{
    return jw_random_uniform(d->key, d->entity, d->counter++);
}

/* ---- data ------------------------------------------------------------------------------------------------
 */

/* Zones by name, many times. */
typedef struct jw_zone_finder {
    jw_demand_data *data;
    const jw_city *city;
    uint32_t *component;
    jw_map map;
} jw_zone_finder;
jw_result jw_zone_finder_make(jw_zone_finder *finder, jw_demand_data *data, const jw_city *city,
                              jw_error *error);
void jw_zone_finder_free(jw_zone_finder *finder);
jw_result jw_zone_find(jw_zone_finder *finder, const char *name, uint32_t *out, jw_error *error);
/* First edges into and out of the map at a gate; JW_NONE. */
void jw_demand_gate_edges(const jw_city *city, const jw_place *place, uint32_t *out_in, uint32_t *out_out);
void jw_demand_data_save(const jw_demand_data *data, jw_writer *writer);
void jw_demand_data_load(jw_demand_data *data, jw_reader *reader); /* to be checked */
uint64_t jw_demand_data_hash(const jw_demand_data *data);

/* ---- drawing ---------------------------------------------------------------------------------------------
 */

struct jw_trip;
/* A trip of the demand: false when out of memory, which the world has been told. */
bool jw_demand_wish(jw_world *world, jw_traffic *t, struct jw_trip *trip, double live_draw);
/* By the shares of the def. */
jw_vehicle_class jw_demand_roll_class(jw_dice *d, const jw_demand_def *def);
/* One of the edges (at most the first `choice` usable ones) that lies in the main part of the network and
 * that the class may use; JW_NONE. Always rolls once. */
uint32_t jw_demand_roll_edge(jw_dice *d, const jw_traffic *t, const uint32_t *edges, uint32_t count,
                             jw_vehicle_class vehicle_class, uint32_t choice);
/* The trips of files that begin in [begin_ns, end_ns), less than a day. */
void jw_demand_draw_listed(jw_world *world, jw_traffic *t, int64_t begin_ns, int64_t end_ns);
/* Copies, checks and sorts what the def has; then data_hash. */
jw_result jw_demand_take_data(jw_traffic *t, const jw_demand_data *from, jw_error *error);

#endif
