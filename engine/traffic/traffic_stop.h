/* The inside of stops, kerbs and bus lines.
 *
 * A vehicle that has to stop on its way has a plan: the stop that comes next, those after it, and what it
 * does there. Plans lie in a table of their own; a vehicle's record says in two bits how it stands to its
 * stop. The way leads to the next stop at least; where it ends there, the router is asked for the next leg
 * when the vehicle goes on, so that closures and queues change the way between stops but no stop is left out.
 *
 *   traffic_stop.c       plans: approach, standing, going on; kerbs, where vehicles stand beside the lanes
 *   traffic_bus_def.c    definitions of lines: defaults, checks, streets for stops near places
 *   traffic_bus_line.c   lines made of their definitions: calls, timetable, demand
 *   traffic_bus.c        lines in service: departures, passengers, doors, holding
 *   traffic_bus_verb.c   verbs, tables, and what others read
 *   traffic_stop_state.c, traffic_bus_state.c   save, load, hash, invariants
 *
 * Beside each edge lies a kerb: a track that no loop of a step goes through. Vehicles on it stand. */
#ifndef JW_TRAFFIC_STOP_H
#define JW_TRAFFIC_STOP_H

#include "traffic/traffic_bus.h"

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
    uint32_t bus1; /* of a line: index + 1, and the line says what comes next */
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
/* As jw_stop_settle leaves it. */
bool jw_stop_is_settled(const jw_traffic *t, const jw_stop *stop);
/* A plan for a trip that has everything else, its given route among it: the trip's end is the plan's from now
 * on. Stops are checked and settled. */
jw_result jw_plan_make(jw_traffic *t, struct jw_trip *trip, const jw_stop *stops, uint32_t count,
                       jw_error *error);
/* An empty one that drives. */
jw_result jw_plan_take(jw_traffic *t, uint32_t *out, jw_error *error);
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

/* ---- bus lines -------------------------------------------------------------------------------------------
 */

typedef struct jw_bus_stop {
    char name[JW_BUS_NAME_SIZE];
    jw_stop stop;
    uint32_t users; /* calls of lines; 0: free */
    int64_t boarded, alighted, left_behind, wait_ms;
} jw_bus_stop;

typedef struct jw_passenger {
    uint32_t since_ms; /* waits, then rides; since the first midnight */
    uint32_t to;       /* call of the line */
} jw_passenger;

typedef struct jw_passengers {
    jw_passenger *items;
    uint32_t count, capacity;
} jw_passengers;

/* A line's call at a stop. */
typedef struct jw_bus_call {
    uint32_t stop;       /* of t->buses.stops */
    float offset_s;      /* planned departure after that of the direction's first call */
    float people, jobs;  /* shares of those around the direction's calls that are nearest to this one */
    float most_per_s;    /* passengers, in the busiest hour */
    jw_passengers queue; /* first come, first */
    int64_t next_ns;     /* then the next may come; INT64_MAX: none will */
    uint64_t drawn;      /* random numbers */
    int64_t last_ns;     /* departure of a bus; INT64_MIN: none yet */
} jw_bus_call;

typedef struct jw_bus_line {
    jw_bus_line_def def;
    uint32_t number;                    /* its own */
    jw_bus_call *calls;                 /* direction after direction, in the order of travel */
    uint32_t call_count, first_call[3]; /* of direction 0, of 1, behind the last */
    uint32_t direction_count;
    uint32_t through_call[2][JW_BUS_THROUGH_MAX]; /* the call at each of def.through */
    float demand_norm;                            /* see jw_bus_call_rate */
    float run_s[2];         /* planned from a direction's departure to being ready for the next one's */
    uint32_t buses;         /* in service */
    int64_t next_due_ns[2]; /* first departure of each direction that no bus has taken; INT64_MAX: none */
    uint8_t is_used, is_ending;
    int64_t trips, cancelled, late_ms, departures;
    int64_t headways;
    double headway_sum_s, headway_square_s2;
    int64_t created, boarded, arrived, gave_up, wait_ms, ride_ms;
} jw_bus_line;

typedef struct jw_bus {
    uint32_t line, call; /* it is at, or drives to */
    uint32_t plan1;
    jw_passengers riding;
    int64_t due_ns;   /* of the departure it has taken; INT64_MIN: none */
    int64_t ready_ns; /* not earlier from the terminal */
    uint8_t is_used, is_retiring;
    uint32_t next; /* of the free list */
} jw_bus;

typedef struct jw_buses {
    jw_bus_stop *stops;
    uint32_t stop_count, stop_capacity;
    jw_bus_line *lines;
    uint32_t line_count, line_capacity;
    jw_bus *items;
    uint32_t count, capacity, free;
    uint64_t revision;
} jw_buses;

#define JW_BUS_CATCHMENT_M 400.0
#define JW_BUS_GOOD_EDGE_M 50.0f /* for a stop that may as well be elsewhere */

static inline uint32_t jw_bus_direction(const jw_bus_line *line, uint32_t call)
{
    return line->direction_count > 1 && call >= line->first_call[1];
}

/* Lines of the def; they need the router and the blocks. */
jw_result jw_buses_init(jw_world *world, jw_traffic *t, jw_error *error);
/* A line's arrays, and its hold on the stops. */
void jw_bus_line_free(jw_traffic *t, jw_bus_line *line);
/* Passengers a second at a call in an hour of the day; to calls up to and including `to`. */
double jw_bus_call_rate(const jw_bus_line *line, uint32_t call, uint32_t hour, uint32_t to);
/* When the next passenger may come to a call, after a time. */
void jw_bus_next_passenger(const jw_world *world, jw_bus_line *line, uint32_t call, int64_t after_ns);
/* The first departure of a direction at or after a time. INT64_MAX: none. */
int64_t jw_bus_due_after(const jw_bus_line *line, int64_t time_ns);
/* What a definition lacks, NULL: nothing; its name and edges are not looked at. */
const char *jw_bus_def_fault(const jw_bus_line_def *def);
/* What is left out becomes the default. */
void jw_bus_def_complete(jw_bus_line_def *def);
/* A complete one may be added. */
jw_result jw_bus_def_check(const jw_traffic *t, const jw_bus_line_def *def, jw_error *error);
uint32_t jw_bus_fleet(const jw_bus_line *line);

/* In the phase of demand: passengers come, departures fall due. */
void jw_buses_run(jw_world *world, jw_traffic *t);
/* The bus of a plan has come to its stop: sets until_ns. */
void jw_bus_arrive(jw_world *world, jw_traffic *t, jw_plan *plan);
/* until_ns is over: true, it may go on. */
bool jw_bus_may_leave(jw_world *world, jw_traffic *t, jw_plan *plan);
/* What comes next: the plan's stop, or is_done. */
void jw_bus_next(jw_traffic *t, jw_plan *plan);
/* Its vehicle has left the road. */
void jw_bus_gone(jw_traffic *t, uint32_t bus1);
void jw_buses_restart_counts(jw_traffic *t);

void jw_buses_free(jw_traffic *t);
void jw_buses_save(const jw_traffic *t, jw_writer *writer);
uint64_t jw_buses_hash(const jw_traffic *t, uint64_t hash);
void jw_buses_load(jw_traffic *t, jw_reader *r);
bool jw_buses_are_consistent(const jw_traffic *t, jw_error *error);

/* Rows of the module's tables of verbs and tables (traffic_bus_verb.c). */
#define JW_BUS_VERBS(X)                                                                                      \
    X(add_bus_line, 12,                                                                                      \
      "A bus line through some edges or places, there and back; buses come by its timetable.")               \
    X(remove_bus_line, 1, "Ends a bus line: buses finish their runs, those who wait leave.")                 \
    X(set_headway, 2, "Time between the departures of a bus line, from the next one on.")
#define JW_X(name, count, doc)                                                                               \
    extern const jw_verb_arg jw_bus_##name##_args[count];                                                    \
    jw_result jw_bus_##name(jw_world *world, void *state, const jw_command *command, jw_error *error);
JW_BUS_VERBS(JW_X)
#undef JW_X
enum { JW_BUS_LINE_COLUMNS = 16, JW_BUS_STOP_COLUMNS = 9 };
extern const jw_column jw_bus_line_columns[JW_BUS_LINE_COLUMNS], jw_bus_stop_columns[JW_BUS_STOP_COLUMNS];
#define JW_X(name)                                                                                           \
    uint32_t jw_bus_##name##_rows(const jw_world *world, const void *state);                                 \
    uint32_t jw_bus_##name##_geometry(const jw_world *world, const void *state, uint32_t row);               \
    double jw_bus_##name##_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);  \
    int64_t jw_bus_##name##_integer(const jw_world *world, const void *state, uint32_t row,                  \
                                    uint32_t column);                                                        \
    const char *jw_bus_##name##_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
JW_X(line)
JW_X(stop)
#undef JW_X

/* ---- state: traffic_stop_state.c -------------------------------------------------------------------------
 */
void jw_stops_free(jw_traffic *t);
void jw_stops_save(const jw_traffic *t, jw_writer *writer);
uint64_t jw_stops_hash(const jw_traffic *t, uint64_t hash);
void jw_stops_load(jw_traffic *t, jw_reader *r);
bool jw_stops_are_consistent(const jw_traffic *t, jw_error *error);

#endif
