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

/* ---- persons ---------------------------------------------------------------------------------------------
 */

enum { JW_PERSON_WORKS, JW_PERSON_STOPS, JW_PERSON_OUT, JW_PERSON_VISITS, JW_PERSON_LEAVES, JW_PERSON_KINDS };

typedef struct jw_person {
    uint32_t edge[3];    /* home, work (or what is visited), elsewhere (JW_NONE: none); of those who pass: the
                          * disturbance that brought them */
    uint32_t due_s;      /* leaves then, while parked, since the first midnight; of a free one: the next */
    uint32_t back_s;     /* visitors: leave then for home, or as soon as they can */
    uint32_t key;        /* of random numbers */
    uint16_t day;        /* of the round, from 1; 0: the day before the first midnight */
    uint8_t kind, stage; /* legs done */
    uint8_t vehicle_class, is_travelling, is_free, unused;
} jw_person;

typedef struct jw_persons {
    jw_person *items;
    uint32_t count, capacity;
    uint32_t free; /* visitors who are gone: their records, as a list */
    uint32_t visitors, travelling;
    /* derived */
    uint32_t *due; /* heap of those who are parked, by time */
    uint32_t due_count, due_capacity;
    uint32_t *parked; /* vehicles by edge */
} jw_persons;

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

/* Of the day's trips those in an hour; of these, to work and from work home. */
void jw_demand_of_hour(uint32_t hour, double *out_share, double *out_to_work, double *out_to_home);
/* Seconds of day at which trips that are neither to work nor home begin; u in [0, 1). */
double jw_demand_other_time_s(double u);
double jw_demand_decay_per_km(const jw_demand_def *def, jw_vehicle_class vehicle_class);
/* Of the day's trips those of the minute at a time, as demand is now. */
double jw_demand_minute_share(const jw_traffic *t, int64_t time_ns);
uint32_t jw_demand_roll_poisson(jw_dice *d, double mean);
double jw_demand_residents(const jw_traffic *t);
/* A block by people or by jobs; by people. */
uint32_t jw_demand_roll_origin(jw_dice *d, const jw_traffic *t, double people_share);
uint32_t jw_demand_roll_home(jw_dice *d, const jw_traffic *t);
/* Where a trip from a block ends: by people or by jobs, and nearness; JW_NONE. */
uint32_t jw_demand_roll_block(jw_dice *d, const jw_traffic *t, uint32_t origin, double beta_per_km,
                              double people_share);
uint32_t jw_demand_roll_access(jw_dice *d, const jw_traffic *t, uint32_t block,
                               jw_vehicle_class vehicle_class, uint32_t choice);

/* ---- persons ---------------------------------------------------------------------------------------------
 */

jw_result jw_person_init(jw_world *world, jw_traffic *t, jw_error *error);
void jw_person_free(jw_persons *persons);
/* Trips of those whose time has come. */
void jw_person_depart_due(jw_world *world, jw_traffic *t);
void jw_person_arrived(jw_world *world, jw_traffic *t, uint32_t person1);
/* No road leads there. */
void jw_person_stranded(jw_traffic *t, uint32_t person1);
/* Kind JW_PERSON_VISITS or _LEAVES; edges, due_s, back_s, key and class are given. */
jw_result jw_person_add_visitor(jw_traffic *t, const jw_person *visitor, jw_error *error);
/* Of a disturbance: who has not come will not, who is there leaves. */
void jw_person_call_off(const jw_world *world, jw_traffic *t, uint32_t disturbance);
void jw_person_derive(jw_traffic *t);
void jw_person_save(const jw_persons *persons, jw_writer *writer);
void jw_person_load(jw_traffic *t, jw_reader *r);
uint64_t jw_person_hash(const jw_persons *persons);
bool jw_person_is_consistent(const jw_traffic *t, jw_error *error);

#endif
