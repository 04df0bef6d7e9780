/* The inside of stops and kerbs.
 *
 * A vehicle that has to stop on its way has a plan: the stop that comes next, those after it, and what it
 * does there. Plans lie in a table of their own; a vehicle's record says in two bits how it stands to its
 * stop. The way leads to the next stop at least; where it ends there, the router is asked for the next leg
 * when the vehicle goes on, so that closures and queues change the way between stops but no stop is left out.
 *
 *   traffic_stop.c       plans: approach, standing, going on; kerbs, where vehicles stand beside the lanes
 *   traffic_stop_state.c save, load, hash, invariants
 *
 * Beside each edge lies a kerb: a track that no loop of a step goes through. Vehicles on it stand. */
#ifndef JW_TRAFFIC_STOP_H
#define JW_TRAFFIC_STOP_H

#include "traffic/traffic.h"

/* How a vehicle stands to its plan: jw_car.stop. */
enum {
    JW_STOP_NONE,
    JW_STOP_LATER, /* the next stop is on an edge to come */
    JW_STOP_HERE,  /* on this edge, ahead */
    JW_STOP_STANDS /* doors open, or waiting for its way; on the kerb: for a gap */
};

enum {
    JW_PLAN_DRIVES, /* or has not departed yet */
    JW_PLAN_STANDS,
    JW_PLAN_ASKS,  /* served: needs its next leg */
    JW_PLAN_MERGES /* on the kerb: needs a gap */
};

typedef struct jw_plan {
    jw_stop now;   /* the next stop, or the one it stands at; lane and positions settled */
    jw_stop *rest; /* own; the stops after it */
    uint32_t rest_count, rest_next;
    uint32_t slot; /* JW_NONE: has not departed */
    uint32_t final_edge;
    float final_s_m;
    int64_t since_ns, until_ns; /* stands since, stands or asks again until */
    float stop_s;               /* time at stops so far */
    uint8_t phase;              /* of a free one JW_PLAN_DRIVES */
    uint8_t is_used, is_round;  /* is_round: the stop lies behind on this very edge, the way leads round */
    uint8_t is_done;            /* no stop any more */
    uint32_t next;              /* of the free list */
} jw_plan;

typedef struct jw_stops {
    jw_plan *plans;
    uint32_t plan_count, plan_capacity, plan_free;
    uint32_t aside; /* vehicles on kerbs: derived */
} jw_stops;

struct jw_car;
struct jw_dice;
struct jw_trip;
struct jw_vehicle;

/* Lane and positions settled for a vehicle of that class and length. JW_ERROR_INPUT names what is wrong. */
jw_result jw_stop_settle(const jw_traffic *t, jw_stop *stop, uint32_t vehicle_class, float length_m,
                         jw_error *error);
/* A plan for a trip that has everything else, its given route among it: the trip's end is the plan's from now
 * on. Stops are checked and settled. */
jw_result jw_plan_make(jw_traffic *t, struct jw_trip *trip, const jw_stop *stops, uint32_t count,
                       jw_error *error);
/* The trip or vehicle is no more. */
void jw_plan_release(jw_traffic *t, uint32_t plan1);
/* At the trip's end, by the kerb's shares: false when out of memory, which the world has been told. */
bool jw_plan_drop_off(jw_world *world, jw_traffic *t, struct jw_trip *trip, struct jw_dice *dice);

/* From any thread, of the own vehicle, on the track or about to pass onto it: sets car->stop, and the lanes
 * that are good for the stop. */
void jw_plan_aim(const jw_traffic *t, struct jw_car *car, uint32_t track);
void jw_plan_pass_edge(jw_traffic *t, const struct jw_vehicle *v);
/* It stands where it may serve its stop. */
bool jw_plan_is_reached(const jw_traffic *t, const struct jw_car *car);
/* Position of the next stop when it is on that edge; JW_FAR. */
float jw_plan_stop_m(const jw_traffic *t, const struct jw_vehicle *v, uint32_t edge);
/* The edge to which a vehicle's way leads at least. */
uint32_t jw_plan_goal(const jw_traffic *t, const struct jw_vehicle *v);

/* In the phase of moving, serial: one has reached its stop; then all who stand. */
void jw_plan_reach(jw_world *world, jw_traffic *t, uint32_t slot);
void jw_plan_run(jw_world *world, jw_traffic *t);

/* ---- state: traffic_stop_state.c -------------------------------------------------------------------------
 */
void jw_stops_free(jw_traffic *t);
void jw_stops_save(const jw_traffic *t, jw_writer *writer);
uint64_t jw_stops_hash(const jw_traffic *t, uint64_t hash);
void jw_stops_load(jw_traffic *t, jw_reader *r);
bool jw_stops_are_consistent(const jw_traffic *t, jw_error *error);

#endif
