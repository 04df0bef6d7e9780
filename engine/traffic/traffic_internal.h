/* The inside of the traffic module: one state, cut into files by what they do in a step.
 *
 *   traffic_net.c       tracks, turns, geometry: what is copied from the city for speed
 *   traffic_route*.c    the router: see traffic_route.h
 *   traffic_demand.c    which trips are wished: gravity, through traffic (see traffic_demand.h)
 *   traffic_disturb*.c, traffic_weather.c   incidents, works, weather, events: see traffic_disturb.h
 *   traffic_person.c    persons on their day, parked vehicles
 *   traffic_demand_list.c    matrices, lists of trips; traffic_demand_data.c zones; traffic_demand_read.c
 *   traffic_trip.c      trips waiting, queues, vehicles that have arrived; traffic_depart.c: put on the road
 *   traffic_signal*.c   signal programmes: see traffic_signal.h
 *   traffic_stop*.c, traffic_bus*.c   stops on the way, kerbs, bus lines: see traffic_stop.h
 *   traffic_walk*.c     people on pavements and crossings: see traffic_walk.h
 *   traffic_junction.c  who may enter a junction; traffic_gap.c whom one would meet there
 *   traffic_siren.c     who makes way for emergency vehicles: see traffic_siren.h
 *   traffic_class.c     vehicle classes and types
 *   traffic_model.c     car-following models
 *   traffic_follow.c    what lies ahead along the path, and the acceleration that follows from it
 *   traffic_change.c    lane changes
 *   traffic_strip.c     two-wheelers abreast, beside and among cars: see traffic_strip.h
 *   traffic_move.c      integration, passing from track to track
 *   traffic_place.c     where the vehicles of a track lie in memory
 *   traffic_measure.c   edges, positions, emissions
 *   traffic_sample.c    conflicts, queues: now and then
 *   traffic_detector*.c induction loops, areas of lanes
 *   traffic_interval*.c sums by track over an interval: see traffic_interval.h
 *   traffic_command.c   verbs;   traffic_table.c  tables and metrics
 *   traffic_state.c     save, hash;   traffic_load.c  load;   traffic_check.c  the invariants
 *
 * A track is a lane (0 .. lane_count-1) or a connection (lane_count + connection): both are driven in the
 * same way. Behind them come the kerbs (track_count + edge), where vehicles stand that no loop looks at. The
 * vehicles of a track lie next to each other in t->cars, the first in driving direction first: places
 * tracks[k].begin .. tracks[k].end-1. One record of 64 bytes holds all that neighbours and the loops of a
 * step look at: a lane has few vehicles and most questions go to one of another track, so that a record costs
 * one cache line where columns would cost a dozen. A vehicle keeps its slot for life; its place changes.
 * Places never reach the state: whatever is ordered is ordered by track, then from front to back.
 *
 * What runs in parallel works on blocks of edges (with all their lanes) or of junctions (with all their
 * connections) and writes only to the vehicles of its own block. */
#ifndef JW_TRAFFIC_INTERNAL_H
#define JW_TRAFFIC_INTERNAL_H

#include "traffic/traffic.h"
#include "traffic/traffic_demand.h"
#include "traffic/traffic_detector.h"
#include "traffic/traffic_disturb.h"
#include "traffic/traffic_emission.h"
#include "traffic/traffic_interval.h"
#include "traffic/traffic_model.h"
#include "traffic/traffic_net.h"
#include "traffic/traffic_route.h"
#include "traffic/traffic_signal.h"
#include "traffic/traffic_stop.h"
#include "traffic/traffic_walk.h"

#define JW_EDGE_BLOCK     64
#define JW_JUNCTION_BLOCK 32
#define JW_PLACE_BLOCK    2048
#define JW_STOPPED_MPS    0.3f
#define JW_QUEUE_MPS      2.0f
#define JW_HALT_MPS       0.1f /* SUMO's: what counts as waiting in its tripinfo */
#define JW_LOG_MAX        200000
#define JW_OBSTACLE_M     5.0f /* length of road an incident takes */
#define JW_NO_TURN        255
#define JW_INSERT_MAX     512 /* vehicles put on the road in one step */
#define JW_ROOM_KINDS     32  /* rooms of 1, 2, 3, 4, 6, 8 ... places */

/* How a vehicle stands towards the junction ahead. */
enum {
    JW_PERMIT_NONE, /* too far away to have asked */
    JW_PERMIT_GO,
    JW_PERMIT_HELD,   /* gives way */
    JW_PERMIT_BLOCKED /* red, or no room behind the junction: others need not wait for it */
};

/* What is to be done about a vehicle after the blocks have moved or looked at theirs. */
enum {
    JW_FATE_LEAVES, /* passes to another track */
    JW_FATE_ARRIVES,
    JW_FATE_STUCK,   /* needs another way */
    JW_FATE_TAIL,    /* its tail lies on the track before */
    JW_FATE_CHANGES, /* to another lane */
    JW_FATE_STOPS    /* has reached its stop */
};

/* A vehicle on the road, of whatever class: one cache line. The state's fields, by kind of number: */
#define JW_CAR_REALS(X)                                                                                      \
    X(pos_m) /* front bumper along the track */                                                              \
    X(speed_mps)                                                                                             \
    X(accel_mps2)                                                                                            \
    X(factor)    /* of the limit: this driver's wish */                                                      \
    X(headway_s) /* IDM T of this driver */                                                                  \
    X(wait_s)    /* held or standing without a break */                                                      \
    X(used)      /* since departure: g of CO2, or of an electric one Wh */
#define JW_CAR_WHOLES(X)                                                                                     \
    X(uint32_t, slot)                                                                                        \
    X(uint32_t, track)                                                                                       \
    X(uint32_t, next)      /* on a lane: connection to be taken; on a connection: itself; JW_NONE */         \
    X(uint32_t, good)      /* lanes of this edge from which the route goes on, a bit each */                 \
    X(int16_t, lateral_mm) /* left of the lane's centre, while a change is being shown */                    \
    X(uint8_t, type)                                                                                         \
    X(uint8_t, permit) /* as of the last step */                                                             \
    X(int8_t, want)    /* lanes to the left (+) or right (-) that must be changed */                         \
    X(uint8_t, cool)   /* steps until the next discretionary change */

typedef struct jw_car {
#define JW_X(name) float name;
    JW_CAR_REALS(JW_X)
#undef JW_X
    /* Of the step under way, never state: the acceleration wished, the position not to be passed (along the
     * track and beyond), how far it may travel at most, and once it is moved: how far it did. accel_mps2 is
     * what came of the step before. */
    float wish_mps2, hold_m, bound_m;
#define JW_X(type, name) type name;
    JW_CAR_WHOLES(JW_X)
#undef JW_X
    uint8_t new_permit : 2;  /* of the step under way, too */
    uint8_t strip : 3;       /* of the lane, 1 at the right; 0: not a two-wheeler (state) */
    uint8_t mark : 2;        /* as new_permit: of lane changes */
    uint8_t is_last : 1;     /* on the last edge of its route: derived from it */
    uint8_t is_close : 1;    /* to its leader, when that was last looked at (state) */
    uint8_t stop : 2;        /* JW_STOP_: derived from its plan */
    uint8_t has_halted : 1;  /* before a stop sign (state) */
    uint8_t is_electric : 1; /* (state) */
    uint8_t is_siren : 1;    /* an emergency vehicle: derived from its type */
    uint8_t is_aside : 1;    /* stands aside: see traffic_siren.h (state) */
    uint8_t yields : 1;      /* makes way: of the step under way */
} jw_car;
_Static_assert(sizeof(jw_car) == 64, "a vehicle's record is one cache line");

/* What a step asks of a track, in half a cache line: the places of its vehicles, the room it may fill with
 * them, and the rear of a tail that still lies on it. */
typedef struct jw_track {
    uint32_t begin, end;
    uint32_t room_begin;
    uint32_t room1 : 6;   /* kind of its room + 1; 0: none */
    uint32_t strips : 3;  /* see traffic_strip.h; 1 where no two-wheelers may be */
    uint32_t over : 5;    /* strips on which the tail lies */
    uint32_t wheels : 18; /* two-wheelers and emergency vehicles on it */
    float length_m;
    float limit_mps;                /* now */
    float overhang_m, overhang_mps; /* JW_FAR: none */
} jw_track;
_Static_assert(sizeof(jw_track) == 32, "two tracks to a cache line");

/* What is needed rarely, by slot. */
typedef struct jw_vehicle {
    uint64_t tag;
    uint64_t number; /* of the trip: key of its random numbers */
    uint32_t wish_ms, depart_ms;
    uint32_t route_first, route_count; /* turns in the pool that are still before it */
    uint32_t edge;                     /* it is on, or left last */
    uint32_t entered_ms;               /* that edge; who departed on it: when it would have come */
    uint32_t from_edge, to_edge;
    uint32_t prev[2];     /* tracks left last, for the tail that still lies on them */
    float arrive_s_m;     /* on the last edge */
    float free_s;         /* time the way so far takes undisturbed */
    float own_free_s;     /* the same at this driver's wished speed */
    uint32_t standing_ms; /* below JW_HALT_MPS; while is_halted less the time it is */
    float depart_s_m, depart_mps;
    uint16_t halts;
    uint8_t depart_lane;
    uint8_t vehicle_class : 5, is_live : 1, is_halted : 1;
    uint8_t is_cut_off : 1; /* its way is closed and there is no other */
    float way_m;
    uint32_t person1; /* index + 1 of who drives, 0: nobody known */
    uint32_t plan1;   /* index + 1 of its plan of stops, 0: none */
} jw_vehicle;

typedef struct jw_trip {
    int64_t depart_ns;
    uint64_t tag, number;
    uint32_t from_edge, to_edge;
    uint32_t route_first, route_count; /* turns in the pool; 0: the router chooses, if any are needed */
    float from_s_m, arrive_s_m, depart_mps;
    uint8_t depart_lane, depart_speed;              /* JW_DEPART_ */
    uint32_t next;                                  /* in its edge's queue or in the free list */
    uint32_t person1, plan1;                        /* as of jw_vehicle */
    uint8_t vehicle_class, type1, is_live, is_used; /* type1: as type_index1 of jw_trip_def */
    uint8_t has_route;                              /* given with the trip: not to be replaced */
    uint8_t is_wish; /* drawn by the demand: forgotten when there is no way at all */
} jw_trip;

/* Emergency vehicles on the road, those who make way for them (by slot), and the connection that one claims
 * (JW_NONE): see traffic_siren.h. All derived; entries are dropped when their vehicle has arrived. */
typedef struct jw_siren {
    uint32_t slot, connection;
} jw_siren;
typedef struct jw_sirens {
    jw_siren *items;
    uint32_t count, capacity;
    uint32_t *yielders;
    uint32_t yielder_count, yielder_capacity;
} jw_sirens;

typedef struct jw_trip_record {
    int64_t depart_ns, arrive_ns, wish_ns;
    uint64_t tag;
    uint32_t from_edge, to_edge;
    float way_m, free_s, co2_g, fuel_ml, energy_wh;
    float own_free_s, standing_s, stop_s, factor;
    jw_trip_emitted other;
    float depart_s_m, depart_mps, arrive_s_m, arrive_mps;
    uint16_t halts;
    uint8_t depart_lane, arrive_lane;
    uint8_t vehicle_class;
} jw_trip_record;

/* What a block asks to be done about a vehicle, to be merged in the order of the blocks. */
typedef struct jw_order {
    uint32_t slot;
    uint32_t track; /* to which it goes */
    float pos_m;    /* there */
    uint32_t fate;
} jw_order;

typedef struct jw_outbox {
    _Alignas(64) jw_order *orders; /* two threads never write to one cache line */
    uint32_t count, capacity;
    uint32_t emergency; /* brakings */
    uint32_t conflicts;
    double way_m;
    jw_emitted emitted;
    bool has_failed; /* out of memory */
} jw_outbox;

/* What readers see, made when they ask: never state. Rows are in slot order. */
typedef struct jw_traffic_views {
    bool has_rows, has_edges; /* as of the end of the last step */
    jw_vehicle_id *id;        /* as many as slots, all of them */
    float *x_m, *y_m, *z_m, *heading_rad, *speed_mps;
    uint8_t *vehicle_class, *flags;
    uint32_t *edge;
    jw_frame_edge *edges;
} jw_traffic_views;

/* Sums over samples: state. */
typedef struct jw_sample {
    int64_t next_ns;
    int64_t conflicts, halts, queued, lanes; /* halts of those who have left; lanes: how often one was seen */
    double way_m;
    uint32_t queued_most;
} jw_sample;

/* What is counted at the ends of edges: output. */
typedef struct jw_counters {
    uint8_t *is_counted; /* by edge; NULL: nothing is */
    jw_passage *passages;
    uint32_t count, capacity;
} jw_counters;
void jw_counters_free(jw_counters *counters);
/* A vehicle leaves the track where it still lies. */
void jw_counters_note(jw_world *world, jw_traffic *t, const jw_order *order);
/* The track where it still lies, those it passed in this step (of many the last two), and the one it is on
 * now: returns their number. */
uint32_t jw_traffic_tracks_passed(const jw_traffic *t, const jw_order *order, uint32_t out[4]);

struct jw_traffic {
    const jw_city *city;
    jw_traffic_def def;
    jw_traffic_ports ports;
    jw_traffic_type *types;
    jw_vehicle_type *type_defs; /* what they are made of (state) */
    uint32_t type_count;
    jw_random_key dawdle_key;
    uint64_t dawdle_series; /* of the step under way */
    jw_traffic_net net;
    jw_router router;
    jw_demand demand;
    jw_persons persons; /* (state) */
    float dt_s;
    int64_t now_ns; /* end of the last step */

    /* state of the roads */
    uint8_t *lane_closed;  /* see JW_CLOSED_COUNT */
    uint32_t closed_count; /* lanes closed now */
    float *obstacle_m;     /* by lane: where an incident begins, JW_FAR: none */
    jw_disturbances disturbances;
    jw_signals signals;
    jw_stops stops;
    jw_buses buses;
    jw_walks walks;
    uint8_t *shown; /* by connection: state of the signal */

    /* vehicles */
    uint32_t running;
    uint32_t riders; /* two-wheelers of them: derived */
    jw_sirens sirens;
    jw_car *cars;
    uint32_t capacity, used;           /* places; those beyond `used` were never given to a track */
    uint32_t free_room[JW_ROOM_KINDS]; /* rooms given back, by size: first place; chained by slot */
    jw_track *tracks;
    uint64_t *used_tracks; /* a bit for each track and kerb that has vehicles */
    uint64_t *inside; /* by junction: its connections with vehicles on them; bit 63 is all from the 64th on */
    jw_pool pool;
    uint32_t slot_capacity;
    jw_vehicle *vehicles;
    uint32_t *place_of_slot;
    uint8_t *route_turns; /* the pool of routes: at each edge which of its turns is taken */
    uint32_t route_capacity, route_used;

    /* trips */
    jw_trip *trips;
    uint32_t trip_capacity, trip_count, trip_free;
    uint32_t *pending; /* heap by (depart_ns, number) */
    uint32_t pending_count, pending_capacity;
    uint32_t *queue_head, *queue_tail;      /* by edge */
    uint32_t *edge_entered, *edge_departed; /* since the start: from another edge, from the kerb */
    uint32_t queued;
    uint64_t trip_number;

    /* scratch of a step: never state */
    int threads;   /* of this step's loops */
    uint64_t step; /* its number */
    bool is_stepping;
    uint32_t *overhang_tracks; /* that have an overhang */
    uint32_t overhang_count;
    uint32_t *tails; /* slots of those whose tail may lie on the track before */
    uint32_t tail_count, tail_capacity;
    uint8_t *is_taken;   /* by lane: somebody changes onto it, and it was empty */
    jw_outbox *outboxes; /* blocks of edges, then of junctions */
    uint32_t block_count;

    /* measures */
    jw_traffic_counts counts;
    jw_sample sample;
    double depart_wait_sum_s, travel_sum_s, delay_sum_s;
    jw_track_sum emitted; /* by all: its emissions alone (state) */
    jw_traffic_views *views;

    /* logs: outputs */
    jw_counters counters;
    jw_detectors detectors; /* where they are: state */
    jw_intervals intervals;
    jw_trip_record *trip_log;
    uint32_t trip_log_count, trip_log_capacity;
    uint64_t trip_log_dropped;
};

/* ---- small helpers ---------------------------------------------------------------------------------------
 */

static inline const jw_traffic_type *jw_type_at(const jw_traffic *t, uint32_t place)
{
    return &t->types[t->cars[place].type];
}
static inline float jw_length_at(const jw_traffic *t, uint32_t place)
{
    return t->types[t->cars[place].type].length_m;
}
/* Goes round after 49 days: differences stay right. */
static inline uint32_t jw_ms_of(int64_t time_ns)
{
    return (uint32_t)(time_ns / JW_NS_PER_MS);
}
static inline float jw_wished_speed(const jw_traffic *t, uint32_t place, uint32_t track)
{
    return jw_minf(t->tracks[track].limit_mps * t->cars[place].factor, jw_type_at(t, place)->max_speed_mps);
}
static inline float jw_edge_length(const jw_traffic *t, uint32_t edge)
{
    return t->tracks[t->net.edge_first_lane[edge]].length_m;
}
static inline bool jw_is_lane(const jw_traffic *t, uint32_t track)
{
    return track < t->net.lane_count;
}
/* Beside the lanes of edge track - track_count: see traffic_stop.h. */
static inline bool jw_is_kerb(const jw_traffic *t, uint32_t track)
{
    return track >= t->net.track_count;
}

static inline uint32_t jw_trip_type(const jw_trip *trip)
{
    return trip->type1 ? JW_VEHICLE_CLASS_COUNT + trip->type1 - 1u : trip->vehicle_class;
}

static inline uint32_t jw_class_at(const jw_traffic *t, uint32_t place)
{
    return t->types[t->cars[place].type].vehicle_class;
}

/* Where along its connection a vehicle must stop for walkers; pos_m is its front, below 0 before it. */
static inline float jw_walk_stop_m(const jw_traffic *t, uint32_t place, uint32_t connection, float pos_m)
{
    return t->walks.pool.alive_count && t->walks.at_junction[t->net.ways[connection].junction]
               ? jw_walk_blocked(t, place, connection, pos_m)
               : JW_FAR;
}

/* Blocks are cut so that every vehicle belongs to one: to that of its lane's edge or of its junction. */
static inline uint32_t jw_edge_blocks(const jw_traffic *t)
{
    return jw_block_count(t->net.edge_count, JW_EDGE_BLOCK);
}

/* A phase of the step: lanes by blocks of edges, connections by blocks of junctions. All in one loop, so that
 * the threads wait for each other once; no block writes what another reads. */
void jw_traffic_run_blocks(jw_traffic *t, jw_block_function lanes, jw_block_function connections);

/* What a few lanes further on will ask for lies in no order that the processor could guess: the vehicles, and
 * the connection that the first of them will take. */
static inline void jw_traffic_prefetch_cars(const jw_traffic *t, uint32_t lane)
{
    const jw_track *far = &t->tracks[lane + 4 < t->net.track_count ? lane + 4 : lane];
    __builtin_prefetch(&t->cars[far->begin]);
}
static inline void jw_traffic_prefetch(const jw_traffic *t, uint32_t lane)
{
    const jw_track *near = &t->tracks[lane + 2 < t->net.track_count ? lane + 2 : lane];
    uint32_t next = t->cars[near->begin].next;
    next = next < t->net.connection_count ? next : 0; /* no branch: many lanes are empty */
    __builtin_prefetch(&t->net.ways[next]);
    __builtin_prefetch(&t->tracks[t->net.lane_count + next]);
    jw_traffic_prefetch_cars(t, lane);
}

/* ---- places ----------------------------------------------------------------------------------------------
 * All of it in serial code. False and JW_NONE: out of memory. */
/* The first track from `track` on, before `end`, that has vehicles; `end` when none has. */
static inline uint32_t jw_traffic_next_used(const jw_traffic *t, uint32_t track, uint32_t end)
{
    while (track < end) {
        uint64_t left = t->used_tracks[track / 64] >> (track % 64);
        if (left) {
            track += (uint32_t)__builtin_ctzll(left);
            return track < end ? track : end;
        }
        track = (track | 63) + 1;
    }
    return end;
}

/* Puts a copy on its track (car->track) where its position belongs: behind those who are as far. */
uint32_t jw_traffic_put_car(jw_traffic *t, const jw_car *car);
/* Takes it off its track. */
void jw_traffic_take_car(jw_traffic *t, uint32_t place, jw_car *out);
/* All places in the order of the tracks, rooms no larger than needed. Does nothing when there is no memory
 * for it. */
void jw_traffic_tidy_places(jw_traffic *t);
/* It is time to. */
bool jw_traffic_is_untidy(const jw_traffic *t, uint64_t step);
/* From the block's own loop. NULL: out of memory, which the outbox remembers. */
jw_order *jw_outbox_put(jw_outbox *outbox, uint32_t slot, uint32_t fate);

/* ---- types -----------------------------------------------------------------------------------------------
 */
/* Takes the def's types over. */
jw_result jw_traffic_types_init(jw_traffic *t, jw_error *error);
/* Checks type_defs and makes the fast ones of them. */
jw_result jw_traffic_types_prepare(jw_traffic *t, jw_error *error);

/* ---- routes ----------------------------------------------------------------------------------------------
 */
jw_result jw_traffic_router_init(const jw_world *world, jw_traffic *t, jw_error *error);
void jw_traffic_router_free(jw_router *router);
int64_t jw_traffic_router_bytes(const jw_router *router);
/* Closures or limits changed: every metric is stale. */
void jw_traffic_router_invalidate(jw_traffic *t);
/* One slice of the rebuild with live times, when one is due or under way. */
void jw_traffic_router_step(jw_world *world, jw_traffic *t);
uint32_t jw_traffic_route_kind(const jw_traffic *t, uint32_t vehicle_class, bool is_live);
/* Costs of a kind now; NULL: out of memory. */
const jw_route_metric *jw_traffic_route_metric(jw_traffic *t, uint32_t kind);
/* What turns cost a kind, before anything is customised. */
void jw_traffic_fill_turn_ms(const jw_traffic *t, uint32_t kind, const uint32_t *live_ms, uint32_t *out_ms);
uint32_t jw_traffic_free_turn_ms(const jw_traffic *t, uint32_t turn, float cap_mps);
/* Adds one to t->router.queries; NULL: out of memory. */
jw_route_query *jw_traffic_ask_route(jw_traffic *t, jw_error *error);
/* Answers them in parallel: ways stay in the searches until the next call. */
jw_result jw_traffic_answer_queries(jw_traffic *t, int threads, jw_error *error);
/* The answer's way into the pool. */
jw_result jw_traffic_keep_route(jw_traffic *t, const jw_route_query *query, uint32_t *out_first,
                                uint32_t *out_count, jw_error *error);
/* The answer becomes the asking vehicle's way to the query's end, behind the turn that it begins with
 * (JW_NONE: at once). */
jw_result jw_traffic_change_route(jw_traffic *t, const jw_route_query *query, uint32_t first_turn,
                                  jw_error *error);
/* A given route into the pool; edges must follow one another. */
jw_result jw_traffic_give_route(jw_traffic *t, const uint32_t *edges, uint32_t count, uint32_t *out_first,
                                jw_error *error);
jw_result jw_traffic_take_route_space(jw_traffic *t, uint32_t count, uint32_t *out_first, jw_error *error);
/* A new way for those whose way is closed: all vehicles, after the roads changed. */
jw_result jw_traffic_avoid_closures(jw_traffic *t, int threads, jw_error *error);
/* Drivers who look for a better way now: some in each step, each once an interval. */
void jw_traffic_reroute_some(jw_world *world, jw_traffic *t);
/* Another way for a vehicle that is stuck: over any exit of its lane but the one it waits for. */
bool jw_traffic_leave_queue(jw_traffic *t, uint32_t slot, jw_error *error);
/* Turn from one edge to another; JW_NONE: none. */
uint32_t jw_traffic_find_turn(const jw_traffic_net *net, uint32_t from, uint32_t to);
/* When a vehicle that is put on a lane would have come onto its edge. */
uint32_t jw_traffic_would_have_entered_ms(const jw_traffic *t, uint32_t lane, float s_m);
/* The vehicle leaves its edge over the next turn of its route. */
void jw_traffic_pass_edge(jw_traffic *t, jw_vehicle *v);
/* The route's edge `ahead` places after the present one; JW_NONE beyond its end. */
static inline uint32_t jw_traffic_route_edge(const jw_traffic *t, uint32_t slot, uint32_t ahead)
{
    const jw_vehicle *v = &t->vehicles[slot];
    if (ahead > v->route_count)
        return JW_NONE;
    const uint8_t *turns = t->route_turns + v->route_first;
    uint32_t edge = v->edge;
    for (uint32_t k = 0; k < ahead; k++)
        edge = t->net.turn_to[t->net.turn_first[edge] + turns[k]];
    return edge;
}
/* Sets next and good of a vehicle on a lane from its route. */
void jw_traffic_aim(jw_traffic *t, uint32_t place, uint32_t lane);

/* ---- trips and demand ------------------------------------------------------------------------------------
 */
jw_result jw_traffic_demand_init(jw_world *world, jw_traffic *t, jw_error *error);
void jw_traffic_demand_free(jw_demand *demand);
/* All that begin before until_ns. */
void jw_traffic_draw_trips(jw_world *world, jw_traffic *t, int64_t until_ns);
jw_result jw_traffic_queue_trip(jw_traffic *t, const jw_trip *trip, jw_error *error);
bool jw_traffic_can_reach(jw_traffic *t, uint32_t from, uint32_t to, uint32_t vehicle_class, jw_error *error);
void jw_traffic_release_due_trips(jw_world *world, jw_traffic *t);
/* Finds the way of those who come first in their queues: a bounded number in a step. */
void jw_traffic_route_waiting(jw_world *world, jw_traffic *t);
/* Puts waiting vehicles on the road where there is room. */
void jw_traffic_insert_waiting(jw_world *world, jw_traffic *t);
/* One may start from a standstill at s_m. */
bool jw_traffic_has_room(const jw_traffic *t, uint32_t lane, float s_m, const jw_traffic_type *type);
/* It has driven way_m of a track. */
void jw_traffic_leave_track(const jw_traffic *t, jw_vehicle *v, const jw_car *car, uint32_t track,
                            float way_m);
void jw_traffic_finish_vehicle(jw_world *world, jw_traffic *t, uint32_t place);
jw_result jw_traffic_grow_slots(jw_traffic *t, uint32_t slots, jw_error *error);
bool jw_trip_is_before(const jw_traffic *t, uint32_t a, uint32_t b);
/* The first of an edge's queue; the slot of a trip that is over. */
uint32_t jw_trip_dequeue(jw_traffic *t, uint32_t edge);
void jw_trip_forget(jw_traffic *t, uint32_t trip);
/* First edge to be asked in this step: it moves on, so that no edge always comes last. */
uint32_t jw_trip_first_edge(const jw_world *world, const jw_traffic *t);
/* Whether the router has still to find its way. */
bool jw_trip_needs_way(const jw_trip *trip);

/* ---- phases ----------------------------------------------------------------------------------------------
 */
void jw_traffic_phase_demand_run(jw_world *world, void *state);
void jw_traffic_phase_junctions(jw_world *world, void *state);
void jw_traffic_phase_follow(jw_world *world, void *state);
void jw_traffic_phase_change(jw_world *world, void *state);
/* Whether a vehicle thinks about a better lane in this step: every fourth, and not soon after a change. */
static inline bool jw_traffic_asks_for_change(const jw_traffic *t, const jw_car *car)
{
    return (car->slot + (uint32_t)t->step) % 4 == 0 && car->cool == 0 && car->speed_mps >= 1;
}
/* Which vehicles of an edge change lanes: orders for the phase of changes. has_reason: somebody asks for it,
 * is on a lane that does not lead on, wished to change a step ago, or stands there for a while. */
void jw_traffic_decide_changes(jw_traffic *t, uint32_t edge, bool has_reason, jw_outbox *out);
/* Acceleration and bound of one vehicle on its track; true: it has come into conflict with its leader. */
bool jw_traffic_follow_one(jw_traffic *t, uint32_t track, uint32_t place);
void jw_traffic_phase_move(jw_world *world, void *state);
void jw_traffic_phase_measure(jw_world *world, void *state);
void jw_traffic_sample(jw_traffic *t, int64_t now_ns);
void jw_traffic_restart_sample(jw_traffic *t);
/* The longest that a vehicle on a track has stood, as of jw_traffic_jam. */
float jw_traffic_standing_s(const jw_traffic *t, uint32_t track);

/* After loading: overhanging tails. */
void jw_traffic_restore_derived(jw_traffic *t);
static inline void jw_emitted_add(jw_track_sum *sum, const jw_emitted *step)
{
    sum->co2_g += (double)step->burnt[0];
    sum->nox_g += (double)step->burnt[1];
    sum->pm_g += (double)step->burnt[2];
    sum->fuel_ml += (double)step->burnt[3];
    sum->energy_wh += (double)step->energy_wh;
}

/* ---- the module's tables ---------------------------------------------------------------------------------
 */
enum { JW_TRAFFIC_VERBS = 27, JW_TRAFFIC_METRICS = 24, JW_TRAFFIC_TABLES = 13 };
extern const jw_verb jw_traffic_verbs[JW_TRAFFIC_VERBS];
extern const jw_metric jw_traffic_metrics[JW_TRAFFIC_METRICS];
double jw_traffic_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table jw_traffic_tables[JW_TRAFFIC_TABLES];
void jw_traffic_drain(jw_world *world, void *state, uint32_t table, uint32_t count);
void jw_traffic_save(const jw_world *world, const void *state, jw_writer *writer);
void jw_traffic_load(jw_world *world, void *state, jw_reader *reader);
uint64_t jw_traffic_hash(const jw_world *world, const void *state);
void jw_traffic_destroy(void *state);
void jw_traffic_restart_counts(jw_world *world, void *state);
/* Everything derived from the city and the def; what init and load share. */
jw_result jw_traffic_prepare(jw_world *world, jw_traffic *t, jw_error *error);

#endif
