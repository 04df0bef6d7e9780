/* Signals: what decides about them, green waves, advised speeds, and how somebody else decides. A part of
 * traffic.h, which includes it. */
#ifndef JW_TRAFFIC_CONTROL_H
#define JW_TRAFFIC_CONTROL_H

#include "kernel/kernel.h"

typedef struct jw_traffic jw_traffic;
typedef struct jw_vehicle_id jw_vehicle_id;

/* What decides how long a programme's greens last. Whatever does: amber and all-red between two greens are
 * kept (as long as after that green in the map's programme), and no green ends before its minimum (the
 * phase's min_s where it is below the duration, else 5 s: the least of RiLSA 2010). A link green in both
 * phases stays green.
 *   AS_MAPPED     FIXED, ACTUATED or EXTENDED, as the map's programme says
 *   FIXED         the list of phases by the clock: a cycle begins at offset_s of the day
 *   ACTUATED      as NEMA TS 2 and the Signal Timing Manual (FHWA, 2008, ch. 4 and 5) have it: presence
 *                 detectors before the stop lines; after the minimum, green ends when its detectors were
 *                 empty for the passage time (gap-out) or when it lasted its maximum since the first call of
 *                 another phase (max-out). Two rings and barriers where the programme has phases for left
 *                 turns alone (traffic_signal_ring.c), else one ring: next comes the next phase in the list
 *                 that is called. Without any call, green rests
 *   MAX_PRESSURE  at each decision the green phase with the greatest sum over its movements of saturation
 *                 flow times (vehicles before its stop line less those, weighted by their turning shares,
 *                 before the next): Varaiya, Transportation Research C 36, 177-195, 2013
 *   GREEN_WAVE    FIXED by a plan of chains of junctions: one cycle, offsets by progression speed
 *   OUTSIDE       what jw_traffic_request_phase or the signal port asked for; FIXED when nobody asks
 *   EXTENDED      the list of phases in its order, the next whether it is called or not. A phase with min_s
 *                 below max_s is held, after its minimum, until the loops 2 s before the lines of its links
 *                 were free for 3 s, at most to its maximum; the others last their duration. As SUMO's
 *                 "actuated" with its defaults (sumo.dlr.de/docs, Simulation/Traffic_Lights) */
typedef enum jw_signal_control {
    JW_SIGNAL_AS_MAPPED,
    JW_SIGNAL_FIXED,
    JW_SIGNAL_ACTUATED,
    JW_SIGNAL_MAX_PRESSURE,
    JW_SIGNAL_GREEN_WAVE,
    JW_SIGNAL_OUTSIDE,
    JW_SIGNAL_EXTENDED,
    JW_SIGNAL_CONTROL_COUNT
} jw_signal_control;
/* "as_mapped", "fixed", "actuated", "max_pressure", "green_wave", "outside", "extended";
 * JW_SIGNAL_CONTROL_COUNT when the text is none of them. */
const char *jw_signal_control_name(jw_signal_control control);
jw_signal_control jw_signal_control_find(const char *name);

typedef struct jw_signal_def {
    jw_signal_control control; /* of every programme at the start */
    double passage_s;          /* ACTUATED: 0 = 2; 0.1 to 20 */
    double detector_m;         /* length of road before the stop line that they see: 0 = 20; 2 to 100 */
    double decision_s;         /* MAX_PRESSURE and port: between decisions, 0 = 5; 1 to 120 */
    double wave_kmh;           /* GREEN_WAVE: progression speed, 0 = the streets' limits; up to 150 */
    double wave_cycle_s;       /* 0 = the longest cycle of the chain; 20 to 300 */
    bool has_priority;         /* buses and emergency vehicles: see jw_traffic_set_priority */
    double priority_s;         /* that a bus may hold or cut a green: 0 = 10; up to 60 */
    double connected_share;    /* of motor vehicles that follow advised speeds, shuttles always; 0..1 */
} jw_signal_def;

/* ---- signals from outside: in serial phases, events and commands ------------------------------------------
 */

/* programme JW_NONE: all. JW_ERROR_NOT_FOUND: no such programme. What is under way (amber, minimum green) is
 * finished first. GREEN_WAVE for all makes waves of the whole city when there are none yet: chains of signals
 * straight on, the most important streets first, bands in both directions; a programme of no wave is FIXED.
 */
jw_result jw_traffic_set_signal_control(jw_traffic *traffic, uint32_t programme, jw_signal_control control);

/* Never AS_MAPPED. */
jw_signal_control jw_traffic_signal_control(const jw_traffic *traffic, uint32_t programme);

/* Asks for phase `phase` of the programme from the next step on, whatever its control. JW_ERROR_NOT_FOUND: no
 * such programme or phase; JW_ERROR_INPUT: not a green phase, or until_ns is past. After until_ns the
 * programme's own control takes over unless asked again. */
jw_result jw_traffic_request_phase(jw_world *world, jw_traffic *traffic, uint32_t programme, uint32_t phase,
                                   int64_t until_ns);

/* Priority for buses and emergency vehicles within reach (150 m) of the stop line. For a bus its green is
 * held up to priority_s longer, or the greens before it are cut by as much, not below their minima; the
 * programme catches up with the clock by the greens that follow (Signal Timing Manual, 9.1). An emergency
 * vehicle: its green comes next, out of turn, and stays until it has passed; then the programme goes back
 * into step. Programmes under request are left alone but for emergency vehicles. JW_NONE: all. */
jw_result jw_traffic_set_priority(jw_traffic *traffic, uint32_t programme, bool has_priority);

/* Buses by announcement. Once grants are heeded, a programme with priority heeds those buses only that a
 * grant names, from from_ns to until_ns (they count, as ever, while they are within reach), and a grant
 * without a vehicle as if a bus for that connection were within reach in that time. Not heeded (the default):
 * all buses within reach. JW_ERROR_NOT_FOUND: no such connection, or one without a signal; JW_ERROR_INPUT:
 * the time is past or longer than an hour. */
typedef struct jw_priority_grant {
    uint32_t connection;
    uint32_t vehicle_index1, vehicle_generation; /* 0, 0: none in particular */
    int64_t from_ns, until_ns;
} jw_priority_grant;
void jw_traffic_heed_grants(jw_traffic *traffic, bool is_heeding);
jw_result jw_traffic_grant_priority(jw_world *world, jw_traffic *traffic, const jw_priority_grant *grant);

/* Connected vehicles on the edge that have signals ahead drive at most this fast (not below 3 m/s) until
 * until_ns; speed 0 takes it back. JW_ERROR_NOT_FOUND: no such edge. */
jw_result jw_traffic_advise_speed(jw_world *world, jw_traffic *traffic, uint32_t edge, double speed_mps,
                                  int64_t until_ns);

/* One vehicle drives at most this fast (not below 3 m/s) until until_ns, whoever it is: who gives the advice
 * knows who follows it. The lower one counts of this and its lane's. JW_ERROR_NOT_FOUND: it has left. */
jw_result jw_traffic_advise_vehicle(jw_world *world, jw_traffic *traffic, jw_vehicle_id id, double speed_mps,
                                    int64_t until_ns);
/* Of the greens of a connection the first that ends later than after_s from now, as its programme stands; a
 * begin in the past is 0. False: nobody knows (no signal, or one that vehicles, buses or others rule), or
 * none comes within two cycles. */
bool jw_traffic_next_green(const jw_traffic *traffic, uint32_t connection, double after_s,
                           double *out_begin_s, double *out_end_s);

/* What a signal will show, as far as it is certain: minEndTime and maxEndTime of a movement in a signal phase
 * message (SPAT of SAE J2735 and ISO 19091; unverified), in seconds from now. */
typedef struct jw_signal_times {
    bool is_green;
    double min_end_s; /* what is shown, green or none, does not end earlier */
    double max_end_s; /* nor later; INFINITY: nobody knows */
} jw_signal_times;
/* Of a connection. Certain is what no vehicle, bus or person on foot can change: minimum greens, changes
 * under way, the order and the times of a list of phases. `may_be_asked`: nor a request from outside, as when
 * a camera's answers rule; without it, that nobody asks who does not now. False: no signal, or one whose
 * rings rule. Ends lie at steps: max_end_s has the step that follows. */
bool jw_traffic_signal_times(const jw_traffic *traffic, uint32_t connection, bool may_be_asked,
                             jw_signal_times *out);

/* A green wave along the street that leads straight on from one junction to another, in that direction or
 * with bands in both. All signals on it get one cycle (0: the longest of theirs), greens stretched beyond
 * their minima, offsets that make the bands widest at that speed (0: the limits), and GREEN_WAVE control.
 * JW_ERROR_NOT_FOUND: no such junction, no such street, or fewer than two signals on it; JW_ERROR_INPUT:
 * minima longer than the cycle. At most 64 programmes. */
typedef struct jw_wave_def {
    uint32_t from_junction, to_junction;
    double speed_mps, cycle_s;
    bool is_both_ways;
} jw_wave_def;
typedef struct jw_wave {
    uint32_t first_programme, last_programme, programme_count;
    double speed_mps; /* mean over the way */
    double cycle_s;
    double forward_s, backward_s; /* width of the bands: 0, no vehicle meets greens only */
} jw_wave;
jw_result jw_traffic_make_wave(jw_world *world, jw_traffic *traffic, const jw_wave_def *def, jw_wave *out,
                               jw_error *error);

/* What a port sees of a programme at a decision; columns by green phase and by approaching lane. Lives until
 * the call returns. */
typedef struct jw_signal_view {
    uint32_t programme, junction; /* the first of its junctions */
    int64_t time_ns;
    uint32_t phase;    /* shown, or coming when is_changing */
    double elapsed_s;  /* of the green, or of the change */
    bool is_changing;  /* amber or all-red: an answer takes effect afterwards */
    double decision_s; /* until the next call */

    uint32_t green_count;
    const uint32_t *green;       /* numbers of the green phases: what may be asked for */
    const double *min_s, *max_s; /* shortest and longest time of each */
    const uint32_t *queued;      /* standing (below 2 m/s) within 200 m before the lines that it serves */
    const uint32_t *approaching; /* moving there */
    const uint32_t *downstream;  /* vehicles before the next stop lines of its movements, within 200 m */
    const float *wait_s;         /* longest, of those queued */
    const float *pressure;       /* as MAX_PRESSURE takes it, in vehicles */

    uint32_t lane_count;
    const uint32_t *lane;        /* of the city */
    const uint32_t *lane_edge;   /* the same edge may have several */
    const uint32_t *lane_queued; /* standing within 200 m */
    const uint32_t *count;       /* vehicles that came to the detector since the last decision */
    const float *occupancy;      /* share of that time that it was occupied */
} jw_signal_view;

typedef struct jw_signal_answer {
    uint32_t phase; /* wished; JW_NONE: leave it to the programme's own control */
    float
        *advised_mps; /* by lane, all 0: none; the least of an edge's lanes counts until the next decision */
} jw_signal_answer;

/* Anyone's algorithm: called in the signals phase, once each decision_s for every programme under OUTSIDE
 * control, in ascending order. It must decide from the view and what it keeps in a module of its own that is
 * saved with the world. What it asked for holds for two decisions. */
typedef struct jw_signal_port {
    void (*decide)(void *context, jw_world *world, const jw_signal_view *view, jw_signal_answer *answer);
    void *context;
} jw_signal_port;
void jw_traffic_set_signal_port(jw_traffic *traffic, jw_signal_port port); /* decide NULL: none */
/* JW_ERROR_INPUT: not 1 to 120 s. */
jw_result jw_traffic_set_decision_interval(jw_traffic *traffic, double decision_s);

/* The same one by one, for those who run elsewhere in the step: whether a decision of an OUTSIDE programme is
 * due, the view, the answer (which makes the next decision due a decision_s later). */
bool jw_traffic_is_decision_due(const jw_world *world, const jw_traffic *traffic, uint32_t programme);
jw_signal_view jw_traffic_view_signal(const jw_world *world, jw_traffic *traffic, uint32_t programme,
                                      jw_signal_answer *out_answer);
/* JW_ERROR_INPUT: the phase is no green phase of the programme; the decision is then over without effect. */
jw_result jw_traffic_answer_signal(jw_world *world, jw_traffic *traffic, const jw_signal_view *view,
                                   const jw_signal_answer *answer);

/* What a detector or camera at a signalled junction sees, per phase of its programme: standing and
 * approaching vehicles that the phase would serve, within 100 m. out has `capacity` elements; returns the
 * number filled, at most phase_count. */
typedef struct jw_phase_demand {
    uint32_t queued;      /* slower than 2 m/s */
    uint32_t approaching; /* moving, within 100 m of the stop line */
    float longest_wait_s;
} jw_phase_demand;
uint32_t jw_traffic_phase_demand(const jw_traffic *traffic, uint32_t programme, jw_phase_demand *out,
                                 uint32_t capacity);
/* Phase now shown (green part), how long it has been, and whether the last command came from outside. */
void jw_traffic_programme_state(const jw_traffic *traffic, uint32_t programme, uint32_t *out_phase,
                                double *out_elapsed_s, bool *out_is_outside);
/* How long a phase is by the programme's clock (set_green, a green wave or the map); false: no green phase.
 */
bool jw_traffic_plan_green(const jw_traffic *traffic, uint32_t programme, uint32_t phase,
                           double *out_green_s);
double jw_traffic_plan_cycle_s(const jw_traffic *traffic, uint32_t programme); /* of all its phases */
/* Bounds of set_green; a phase's own least green may be longer. */
#define JW_GREEN_MIN_S 5.0
#define JW_GREEN_MAX_S 120.0

#endif
