/* The inside of signal control, a part of traffic's inside.
 *
 *   traffic_signal.c           stages of a programme, its plan by the clock, what is shown
 *   traffic_signal_net.c       what is derived from the city: links, movements, times of phases
 *   traffic_signal_detect.c    detectors; who waits before which line: the only part that looks at vehicles
 *   traffic_signal_control.c   actuated, max-pressure, priority: which green comes next
 *   traffic_signal_ring.c      actuated control by two rings and barriers
 *   traffic_signal_wave.c      green waves
 *   traffic_signal_port.c      requests, ports, advised speeds
 *   traffic_signal_state.c     save, load, hash;  traffic_signal_command.c  verbs and tables */
#ifndef JW_TRAFFIC_SIGNAL_H
#define JW_TRAFFIC_SIGNAL_H

#include "traffic/traffic.h"

#define JW_SIGNAL_SIGHT_M    200.0f /* of queues, before a stop line */
#define JW_SIGNAL_REACH_M    150.0f /* of vehicles with priority */
#define JW_SIGNAL_STANDS     2.0f   /* m/s: below is queued */
#define JW_ADVICE_MIN_MPS    3.0    /* slower, nobody would follow it */
#define JW_SIGNAL_WAVES_MAX  100000
#define JW_SIGNAL_GRANTS_MAX 100000

typedef enum jw_signal_stage { JW_STAGE_GREEN, JW_STAGE_AMBER, JW_STAGE_RED } jw_signal_stage;

/* A programme now: state. */
typedef struct jw_signal {
    int64_t since_ns;    /* start of the phase or of the stage */
    int64_t due_ns;      /* in the list: when the clock ends the phase */
    int64_t until_ns;    /* of the outside request */
    int64_t busy_ns;     /* actuated: detectors of the green last occupied */
    int64_t call_ns;     /* actuated: first call of another phase in this green; < 0: none */
    int64_t decision_ns; /* the next one */
    int64_t window_ns;   /* since when the detectors count */
    uint32_t phase;      /* now, or before the change under way */
    uint32_t next_phase;
    uint32_t request;   /* JW_NONE: none */
    uint32_t wish;      /* max-pressure: decided last; JW_NONE: none */
    uint32_t wave;      /* JW_NONE: none */
    uint8_t control;    /* jw_signal_control */
    uint8_t stage;      /* within a change that the list does not have */
    uint8_t in_list;    /* goes through the list of phases; else from green to green by stages */
    uint8_t is_outside; /* what is shown was asked from outside */
    uint8_t has_priority;
    uint8_t in_rings; /* what is shown is that of its rings: see traffic_signal_ring.c */
    uint8_t side,
        next_side;  /* then: between which barriers, and beyond the next when that is being crossed */
    uint64_t shown; /* what is shown, as a key: derived */
} jw_signal;

/* The phases of a ring-barrier diagram: side * 4 + ring * 2 + place in the ring, by phase of the map whose
 * links of the ring's approaches it has; JW_RING_IDLE: no such phase. */
#define JW_RING_IDLE 255
#define JW_RING_IDS  16u
typedef struct jw_signal_diagram {
    uint8_t sides; /* 0: the programme has no diagram */
    uint8_t phase[JW_RING_IDS];
} jw_signal_diagram;

/* A ring now: state. */
typedef struct jw_signal_ring {
    int64_t since_ns, busy_ns, call_ns; /* as of jw_signal */
    uint8_t at, next;                   /* phases of the diagram; JW_RING_IDLE: none, all red */
    uint8_t stage;
} jw_signal_ring;

/* The detector of an approaching lane, and the speed advised on it: state. */
typedef struct jw_signal_lane {
    int64_t occupied_ns; /* in the window */
    int64_t advice_until_ns;
    uint32_t count;     /* in the window */
    uint32_t last_slot; /* of the vehicle that was counted last; JW_NONE: none */
    float advised_mps;  /* 0: none */
} jw_signal_lane;

/* A vehicle that follows an advised speed: state. */
typedef struct jw_advised {
    uint32_t index1, generation;
    float factor;      /* its own */
    float advised_mps; /* to it alone; 0: none */
    int64_t until_ns;  /* that holds */
} jw_advised;

/* A connection of a programme and the movement (from edge to edge) that it is part of. */
typedef struct jw_signal_link {
    uint32_t connection, link;
    uint32_t movement; /* within the programme */
    uint32_t lane;     /* place in the programme's lanes */
} jw_signal_link;

typedef struct jw_signal_movement {
    uint32_t from_edge, to_edge;
} jw_signal_movement;

/* Derived; by programme with one more for the end, or by phase of the city. */
typedef struct jw_signal_net {
    uint32_t *link_first, *lane_first, *movement_first;
    jw_signal_link *links;
    uint32_t *lanes; /* of the city */
    jw_signal_movement *movements;
    jw_signal_diagram *diagrams;
    uint8_t *ring_of;           /* beside links: phase of the diagram; JW_RING_IDLE: never green */
    uint32_t *place_of;         /* by connection: place in its programme's links; JW_NONE: no signal */
    uint32_t *signal_lane;      /* by lane: place in `lanes`; JW_NONE */
    uint8_t *is_green;          /* by phase: some link may go, none is about to change */
    int64_t *min_ns, *max_ns;   /* by phase */
    int64_t *amber_ns, *red_ns; /* by phase: of a change away from it */
    uint32_t most_links, most_lanes, most_phases, most_movements;
} jw_signal_net;

/* What waits on both sides of a movement. */
typedef struct jw_signal_load {
    float before, behind;
    uint32_t downstream; /* vehicles, not weighted */
    float saturation;    /* of the phase at hand, in lanes */
    uint32_t last_lane;
} jw_signal_load;

/* What is seen of one programme: scratch, filled by jw_signal_look. */
typedef struct jw_signal_sight {
    uint32_t programme;
    /* by place in the programme's links: vehicles bound for it */
    uint32_t *queued, *moving; /* within JW_SIGNAL_SIGHT_M */
    uint32_t *detected;        /* on the detector */
    float *wait_s;
    uint32_t *lane_queued; /* by lane of the programme */
    jw_signal_load *movements;
    uint32_t bus_link, emergency_link; /* JW_NONE: none within reach */
    /* of the port's view */
    uint32_t *green, *green_queued, *green_moving, *green_downstream;
    double *green_min_s, *green_max_s;
    float *green_wait_s, *green_pressure;
    uint32_t *lane_edge, *lane_count;
    float *lane_occupancy, *advised_mps;
} jw_signal_sight;

/* A plan by the clock, by programme; and durations by phase of the city: state. */
typedef struct jw_signal_plan {
    int64_t cycle_ns, offset_ns;
} jw_signal_plan;

typedef struct jw_signals {
    jw_signal *now;        /* by programme */
    jw_signal_ring *rings; /* two of each programme */
    jw_signal_plan *plans; /* of the wave, or of the map */
    int64_t *phase_ns;     /* by phase of the city, of that plan */
    int64_t *own_ns;       /* likewise: a green that was set by hand instead of the map's; 0: none */
    jw_signal_lane *lanes; /* beside net.lanes */
    jw_advised *advised;
    uint32_t advised_count, advised_capacity;
    uint32_t *advised_place1; /* by slot: place in that list and 1, 0 not there; derived */
    uint32_t slot_capacity;
    jw_priority_grant *grants;
    uint32_t grant_count, grant_capacity;
    uint8_t is_heeding; /* grants */
    jw_wave *waves;
    uint32_t wave_count, wave_capacity;
    uint32_t advice_count; /* lanes with an advised speed */

    jw_signal_net net;
    jw_signal_sight sight;
    jw_signal_port port;
} jw_signals;

/* ---- traffic_signal_net.c ---- */
jw_result jw_signal_net_build(jw_traffic *t, jw_error *error);
void jw_signals_free(jw_signals *signals);

/* ---- traffic_signal_grant.c ---- */
/* A bus that is on the way to this connection counts. */
bool jw_signal_heeds_bus(const jw_traffic *t, uint32_t connection, uint32_t slot);
/* The link of a bus that is announced at the programme without being one of those seen; JW_NONE: none. */
uint32_t jw_signal_announced_link(const jw_traffic *t, uint32_t programme);
/* Forgets those whose time is over. */
void jw_signals_forget_grants(jw_traffic *t, int64_t now_ns);

/* ---- traffic_signal.c ---- */
jw_result jw_signals_init(jw_world *world, jw_traffic *t, jw_error *error);
void jw_signals_show(jw_traffic *t);
void jw_traffic_phase_signals(jw_world *world, void *state);
/* The letter of a link in a phase. */
char jw_signal_letter(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t link);
bool jw_signal_lets_go(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t link);
bool jw_signal_is_green(const jw_traffic *t, uint32_t programme, uint32_t phase);
jw_signal_plan jw_signal_plan_of(const jw_traffic *t, uint32_t programme);
/* How long it will at least show phases of a set (a bit each) from now on, as things stand. */
int64_t jw_signal_stays_ns(const jw_traffic *t, uint32_t programme, uint64_t phases, int64_t now_ns);
/* Towards a green phase, through amber and all-red, the minimum kept: true once it is shown. */
bool jw_signal_change_to(jw_traffic *t, uint32_t programme, uint32_t wish, int64_t now_ns);
/* Leaves the list at a green phase; true when the stage machine has it. */
bool jw_signal_leave_list(jw_traffic *t, uint32_t programme, int64_t now_ns);

/* ---- traffic_signal_detect.c ---- */
/* Counts at the detectors in this step. */
void jw_signal_detect(jw_traffic *t, uint32_t programme);
void jw_signal_look(jw_traffic *t, uint32_t programme);
/* EXTENDED: whether a vehicle was on the loop of a link in this step that has green. */
bool jw_signal_is_reached(const jw_traffic *t, uint32_t programme);
/* Of one lane, what a phase serves within sight_m: added to *out. */
void jw_signal_count_lane(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t lane,
                          float sight_m, jw_phase_demand *out);
/* Load before and behind the movements, after jw_signal_look; then the pressure of a phase, in vehicles. */
void jw_signal_weigh(jw_traffic *t, uint32_t programme);
float jw_signal_pressure(jw_traffic *t, uint32_t programme, uint32_t phase);
/* Gives the speeds advised to vehicles that follow them, and takes them back. */
void jw_signal_apply_advice(jw_world *world, jw_traffic *t);

/* ---- traffic_signal_control.c ---- */
void jw_signal_step_actuated(jw_traffic *t, uint32_t programme, int64_t now_ns);
void jw_signal_step_pressure(jw_traffic *t, uint32_t programme, int64_t now_ns);
/* The green that a vehicle with priority within reach needs; JW_NONE: none. After jw_signal_look. */
uint32_t jw_signal_green_for(const jw_traffic *t, uint32_t programme, uint32_t link);

/* ---- traffic_signal_ring.c ---- */
/* The diagram of a programme, and the phases of its links by place; after the rest of jw_signal_net. */
void jw_ring_find(const jw_traffic *t, uint32_t programme, jw_signal_diagram *diagram, uint8_t *ring_of_link);
/* From a green phase of the map into the rings; a step there, after jw_signal_look. */
void jw_ring_enter(jw_traffic *t, uint32_t programme);
void jw_ring_step(jw_traffic *t, uint32_t programme, int64_t now_ns);
/* Towards a green phase of the map (JW_NONE: one near by): true when it is shown and the rings are left. */
bool jw_ring_leave(jw_traffic *t, uint32_t programme, uint32_t wish, int64_t now_ns);
/* Of a link by its place. */
char jw_ring_letter(const jw_traffic *t, uint32_t programme, uint32_t place);
uint64_t jw_ring_key(const jw_traffic *t, uint32_t programme);
bool jw_ring_is_good(const jw_traffic *t, uint32_t programme);

/* ---- traffic_signal_port.c ---- */
void jw_signal_run_port(jw_world *world, jw_traffic *t);
/* The next decision: the first after now of those a decision_s apart. */
void jw_signal_set_decision(jw_traffic *t, uint32_t programme, int64_t now_ns);

/* ---- traffic_signal_wave.c ---- */
/* Chains over the whole city, for a start under GREEN_WAVE. */
jw_result jw_signal_make_all_waves(jw_traffic *t, jw_error *error);

/* ---- traffic_signal_command.c ---- */
jw_result jw_signal_verb_control(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result jw_signal_verb_green(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result jw_signal_verb_request(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result jw_signal_verb_priority(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result jw_signal_verb_advise(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result jw_signal_verb_wave(jw_world *world, void *state, const jw_command *command, jw_error *error);
enum { JW_SIGNAL_COLUMNS = 10, JW_WAVE_COLUMNS = 7 };
extern const jw_column jw_signal_columns[JW_SIGNAL_COLUMNS], jw_wave_columns[JW_WAVE_COLUMNS];
uint32_t jw_signal_rows(const jw_world *world, const void *state);
uint32_t jw_signal_row_junction(const jw_world *world, const void *state, uint32_t row);
double jw_signal_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t jw_signal_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *jw_signal_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
uint32_t jw_wave_rows(const jw_world *world, const void *state);
uint32_t jw_wave_row_junction(const jw_world *world, const void *state, uint32_t row);
double jw_wave_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t jw_wave_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);

/* ---- traffic_signal_state.c ---- */
void jw_signals_save(const jw_traffic *t, jw_writer *writer);
uint64_t jw_signals_hash(const jw_traffic *t, uint64_t hash);
void jw_signals_load(jw_traffic *t, jw_reader *reader);

#endif
