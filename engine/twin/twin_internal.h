/* Inside of the twin: the states of its modules and what they ask of each other. */
#ifndef JW_TWIN_INTERNAL_H
#define JW_TWIN_INTERNAL_H

#include "twin/twin.h"

/* Tags handed to network and compute: owner in the top byte, 24 bits of the generation, the slot's index1. */
enum { OWNER_REQUEST = 1, OWNER_TRANSFER = 2, OWNER_HEDGE = 3, OWNER_TUNING = 4 };
static inline uint64_t twin_tag(uint8_t owner, uint32_t index1, uint32_t generation)
{
    return (uint64_t)owner << 56 | (uint64_t)(generation & 0xFFFFFF) << 32 | index1;
}
static inline uint8_t twin_tag_owner(uint64_t tag)
{
    return (uint8_t)(tag >> 56);
}
/* The slot of a tag when it is still the same thing in `pool`, else JW_NONE. */
uint32_t twin_tag_slot(const jw_pool *pool, uint64_t tag);

/* ---- module states
 * ------------------------------------------------------------------------------------------ */

/* twin_radio: one record a vehicle slot of traffic. */
typedef struct twin_radio_slot {
    uint32_t generation; /* of the vehicle seen last in this slot, 0 none */
    jw_user_id user;     /* zero: not connected */
} twin_radio_slot;
typedef struct twin_radio {
    double connected_share;
    double assistant_mean_s; /* between two questions of a vehicle; 0: never */
    uint32_t assistant_type; /* request type, or JW_NONE */
    twin_radio_slot *slots;
    uint32_t slot_count, slot_capacity;
    int64_t questions;
    /* scratch of the phase, not state */
    jw_user_id *users;
    float *x_m, *y_m;
    uint32_t scratch_capacity, xs_capacity, ys_capacity;
} twin_radio;
extern const jw_module twin_radio_module;

/* twin_requests */
#define LATENCY_BINS 1024
/* One try of a request on its way: to a site, in work there, and back. */
typedef struct twin_copy {
    jw_site_id site;
    jw_job_id job;                      /* while it computes */
    uint8_t phase;                      /* jw_request_phase + 1; 0: there is no such try */
    uint8_t is_trial;                   /* of a half-open breaker */
    uint32_t version;                   /* that served it */
    int64_t sent_ns, there_ns, done_ns; /* it left, came to the site, was computed */
} twin_copy;
enum { COPIES = 2 }; /* the second is the hedge */
typedef struct twin_request {
    uint32_t type;
    uint8_t sender, tries;
    uint8_t is_hedged;
    uint8_t is_refused; /* the last try ended by admission */
    int64_t number;     /* of its type, from 1 */
    uint64_t a, b;
    jw_net_end from;
    twin_copy copies[COPIES];
    jw_site_id site; /* of the last try */
    jw_site_id
        held_for;       /* deferrable work waits for its hour there, with no copy under way; zero: not held */
    uint8_t has_waited; /* it waits no more */
    uint32_t district;  /* slot of the edge site that the sender belonged to, or JW_NONE */
    int64_t created_ns;
    uint32_t items, output_tokens;
} twin_request;
typedef struct twin_request_stats {
    int64_t earlier;  /* sent before the counts began: their numbers are taken */
    int64_t at_start; /* of `sent`, those under way when the counts began */
    int64_t sent, answered, lost, late, retried, hedged, hedge_won, refused, no_budget;
    int64_t right_ppm;                           /* quality of what answered in time, in millionths, summed */
    int64_t held;                                /* that waited for an hour with less CO2 */
    int64_t tokens_milli;                        /* of the retry budget */
    int64_t hedge_ns;                            /* a second copy goes so late; 0: not known yet */
    uint32_t recent_count, recent[LATENCY_BINS]; /* answers it is learnt from, fading */
    int64_t latency_sum_ns;
    int64_t bins[LATENCY_BINS];
} twin_request_stats;
typedef struct twin_breaker {
    uint64_t outcomes; /* newest in bit 0; 1 failed */
    int64_t until_ns;  /* open until then */
    uint8_t seen;      /* bits of `outcomes` that count */
    uint8_t phase;     /* jw_breaker_phase; open and past until_ns is half open */
    uint8_t trials;    /* answered in a row */
    uint8_t has_trial; /* one is on its way */
} twin_breaker;
typedef struct twin_route {    /* sorted by type, home, site; weights above 0 */
    uint32_t type, home, site; /* slots of compute */
    double weight;
} twin_route;
typedef struct twin_crowd {
    char name[JW_NET_NAME_SIZE];
    uint32_t type;
    double x_m, y_m, per_s;
    uint32_t generation; /* of its next event: others are stale */
    uint64_t draws;
    jw_net_node_id node; /* where it enters, settled once; zero: nowhere */
} twin_crowd;
typedef struct twin_request_row { /* of the log table: output, not state */
    int64_t created_ns;
    float x_m, y_m;
    float latency_ms; /* < 0: lost */
    uint32_t type, site_slot;
    char sender[32];
    int64_t number;
    float before_ms, up_ms, compute_ms, down_ms; /* sum to latency_ms */
    uint8_t tries, is_late;
    uint16_t weight;
} twin_request_row;
#define REQUEST_ROWS_MAX 50000
/* How a site answered lately, minute by minute: output, not state. */
enum { TALLY_MINUTES = 5 };
typedef struct twin_site_tally {
    int64_t minute; /* since the first midnight, of the newest; its place is minute % TALLY_MINUTES */
    uint32_t ended[TALLY_MINUTES], late[TALLY_MINUTES]; /* late or lost */
} twin_site_tally;
typedef struct twin_requests {
    jw_request_type *types;
    uint32_t *services; /* of compute, per type; JW_NONE unknown */
    twin_request_stats *stats;
    uint32_t type_count;
    jw_policy policy; /* of types that have none */
    jw_breaker_def breaker;
    twin_breaker *breakers; /* by site slot, then type */
    uint32_t breaker_count, breaker_capacity;
    uint32_t *held; /* derived: requests that are held, by site slot, then type */
    uint32_t held_capacity;
    twin_route *routes;
    uint32_t route_count, route_capacity;
    twin_crowd *crowds;
    uint32_t crowd_count, crowd_capacity;
    jw_pool pool;
    twin_request *requests;
    uint32_t request_capacity;
    /* derived, by slot of compute */
    jw_net_node_id *site_nodes;
    uint32_t *site_districts; /* slot of its edge site, or JW_NONE */
    uint32_t site_node_count, site_node_capacity, site_district_capacity;
    /* output */
    twin_request_row *rows;
    uint32_t row_count, row_capacity;
    uint64_t rows_dropped;
    twin_site_tally *tallies; /* by slot of compute */
    uint32_t tally_capacity;
} twin_requests;
enum { REQUEST_EVENT_TIMEOUT, REQUEST_EVENT_HEDGE, REQUEST_EVENT_CROWD, REQUEST_EVENT_RELEASE };
extern const jw_module twin_requests_module;

/* twin_requests_state.c */
void twin_requests_save(const jw_world *world, const void *state, jw_writer *writer);
void twin_requests_load(jw_world *world, void *state, jw_reader *reader);
/* What a loaded request says of other modules, once they are all loaded. */
jw_result twin_requests_check(const jw_world *world, const twin_requests *requests, jw_error *error);
/* twin_requests_table.c */
enum { TWIN_REQUESTS_METRICS = 13, TWIN_REQUESTS_TABLES = 2 };
extern const jw_metric twin_requests_metrics[TWIN_REQUESTS_METRICS];
double twin_requests_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table twin_requests_tables[TWIN_REQUESTS_TABLES];
void twin_requests_drain(jw_world *world, void *state, uint32_t table, uint32_t count);
double twin_bin_ms(uint32_t bin); /* middle of a bin */

/* twin_policy.c: where a request goes. Zero when no site serves it and may have it; one that cannot be
 * reached now only when none can (routing may find a way while the message waits). `avoid`: the site where it
 * just failed, taken only when there is no other; `exclude`: never. */
jw_site_id twin_choose_site(jw_world *world, const twin_requests *requests, const twin_request *request,
                            jw_site_id avoid, jw_site_id exclude);
/* Forecast of what remains until its answer, from `from_s` of network delay on; < 0: not served there. */
double twin_forecast_s(const jw_world *world, const twin_requests *requests, const twin_request *request,
                       jw_site_id site, bool is_there);
typedef struct twin_site {
    jw_site_id id;
    jw_tier tier;
} twin_site;
/* Up, serving, and allowed to hold the data of a sender of that district. */
bool twin_is_candidate(const jw_world *world, const twin_requests *requests, uint32_t type, uint32_t district,
                       uint32_t slot, twin_site *out);
/* Over the network to a site and back; < 0: no way now. */
double twin_way_s(const jw_world *world, const twin_requests *requests, const twin_request *request,
                  uint32_t slot);
/* District of a place: slot of the nearest edge site, or JW_NONE. */
uint32_t twin_district_at(const jw_world *world, double x_m, double y_m);

/* twin_hold.c: deferrable work. Where and when it runs with least CO2 and keeps its deadline, at once unless
 * it may wait; no site: none keeps it. */
typedef struct twin_plan {
    jw_site_id site;
    int64_t start_ns;
    double kgco2_per_kwh; /* mean over its run */
} twin_plan;
twin_plan twin_plan_greenest(const jw_world *world, const twin_requests *requests,
                             const twin_request *request, bool may_wait);
/* Of one site: *now at once, *ever with waiting. False when it cannot keep the deadline. */
bool twin_plan_at(const jw_world *world, const twin_requests *requests, const twin_request *request,
                  jw_site_id site, bool may_wait, twin_plan *now, twin_plan *ever);
bool twin_is_held(const twin_request *request);
void twin_hold(jw_world *world, twin_requests *requests, uint32_t slot, const twin_plan *plan);
void twin_unhold(const twin_requests *requests, twin_request *request);
void twin_count_held(twin_requests *requests);

/* twin_guard.c: budgets, admission and breakers. */
/* The breaker of a type at a site. */
twin_breaker *twin_breaker_of(const twin_requests *requests, uint32_t type, uint32_t site_slot);
bool twin_breaker_lets_through(const jw_world *world, const twin_requests *requests, uint32_t type,
                               uint32_t site_slot);
/* A try leaves for its site; its outcome, once; or it ended without one. */
void twin_breaker_leaves(jw_world *world, twin_requests *requests, uint32_t type, twin_copy *copy);
void twin_breaker_ends(jw_world *world, twin_requests *requests, uint32_t type, const twin_copy *copy,
                       bool is_ok);
void twin_breaker_forgets(twin_requests *requests, uint32_t type, const twin_copy *copy);
/* After an answer in latency bin `bin`: when a hedge goes. */
void twin_hedge_learn(const jw_request_type *type, twin_request_stats *stats, uint32_t bin);
bool twin_budget_take(twin_requests *requests, uint32_t type);
void twin_budget_add(twin_requests *requests, uint32_t type);
/* Whether a request sent to `site`, or there already, may be taken. */
bool twin_admits(const jw_world *world, const twin_requests *requests, const twin_request *request,
                 jw_site_id site, bool is_there);
/* The figures that a scene, a command and a snapshot may give; false with the one that is wrong. */
bool twin_is_type_fine(const jw_request_type *type, jw_error *error);
bool twin_is_breaker_fine(const jw_breaker_def *breaker, jw_error *error);

/* jw_request_send with given lengths; items 0: the type's, drawn. */
jw_result twin_request_send(jw_world *world, uint32_t type, jw_sender sender, uint64_t a, uint64_t b,
                            jw_net_end from, uint32_t items, uint32_t output_tokens, jw_error *error);

/* twin_trace.c */
typedef struct twin_trace {
    uint32_t crowd, count, next;
    int64_t start_ns;
    double rate;
    int64_t *time_ns;
    uint32_t *prompt_tokens, *output_tokens;
    uint64_t content_hash; /* derived */
} twin_trace;
typedef struct twin_traces {
    twin_trace *items;
    uint32_t count;
} twin_traces;
extern const jw_module twin_traces_module;

/* twin_crowd.c */
jw_result twin_crowd_add(jw_world *world, twin_requests *requests, const jw_crowd_def *def, jw_error *error);
jw_result twin_crowd_set(jw_world *world, twin_requests *requests, const char *name, double per_s,
                         jw_error *error);
/* Where its requests enter the network; zero: nowhere. */
jw_net_node_id twin_crowd_node(jw_world *world, twin_requests *requests, uint32_t index);
void twin_crowd_event(jw_world *world, twin_requests *requests, const jw_event *event);
bool twin_is_crowd_fine(const jw_crowd_def *crowd, jw_error *error);

/* twin_requests_verb.c */
enum { TWIN_REQUESTS_VERBS = 5 };
extern const jw_verb twin_requests_verbs[TWIN_REQUESTS_VERBS];

/* Where a sender is; a vehicle that has arrived meanwhile is nowhere: 0, 0. */
void twin_sender_place(const jw_world *world, uint8_t sender, uint64_t a, double *x_m, double *y_m);
void twin_sender_name(const jw_world *world, const twin_request *request, char *out, size_t size);
/* Network node of a compute site; zero when it has none. */
jw_net_node_id twin_site_node(jw_world *world, jw_site_id site);
/* After sites were added. */
jw_result twin_requests_map_sites(jw_world *world, twin_requests *requests, jw_error *error);
uint32_t twin_request_type_find(const twin_requests *requests, const char *name);

/* twin_signals */
typedef struct twin_camera {
    uint32_t junction, programme;
    uint32_t captures; /* number of the newest picture */
    uint32_t decided;  /* number of the newest picture that was decided on */
    uint32_t phase_count;
    jw_phase_demand seen[JW_PROGRAMME_PHASES_MAX]; /* by the newest picture */
    uint8_t is_wired;
    jw_net_node_id node; /* where it is wired to, settled once; zero: nowhere */
} twin_camera;
typedef struct twin_signals {
    twin_camera *cameras;
    uint32_t camera_count;
    double interval_s;
    int64_t misread; /* greens decided on a wrong count */
} twin_signals;
extern const jw_module twin_signals_module;
/* Where a camera is wired, while that is there: else to what is nearest by then. */
jw_net_node_id twin_camera_node(const jw_world *world, uint32_t index);
/* "camera-3" of the third. Where its pole stands: beside the line where the first arm waits. */
void twin_camera_name(uint32_t camera, char *out, size_t size);
bool twin_camera_find(const jw_world *world, const char *name, uint32_t *out);
void twin_camera_place(const jw_world *world, uint32_t camera, double *x_m, double *y_m);
/* Each phase is counted right with the share `right`. */
jw_judgement twin_signals_answered(jw_world *world, uint64_t camera, uint64_t capture, double right);

/* twin_decision.c */
typedef enum twin_question_stage {
    TWIN_QUESTION_WAITS, /* for a person */
    TWIN_QUESTION_WITH_PERSON,
    TWIN_QUESTION_PERFECT /* answered in this instant */
} twin_question_stage;
typedef struct twin_question {
    uint64_t number; /* rising */
    uint64_t a, b;   /* of who asks, as those of a request */
    int64_t asked_ns;
    uint8_t kind, stage;
} twin_question;
#define TWIN_QUESTIONS_MAX 10000u /* that wait, of a kind: more are late at once */
typedef struct twin_decision_count {
    int64_t asked, decided, wrong, late, age_sum_ns;
} twin_decision_count;
/* twin_decision_incident.c */
enum {
    TWIN_EVENT_ANSWER, /* of a person, or of the perfect decider: b = number of the question */
    TWIN_EVENT_LOOK,   /* of camera a */
    TWIN_EVENT_PHONE,  /* about incident a */
    TWIN_EVENT_CREW_THERE,
    TWIN_EVENT_CREW_DONE /* crew a */
};
enum { TWIN_CREWS_MAX = 16, TWIN_INCIDENTS_MAX = 100000 };
typedef struct twin_incident {
    uint32_t number, edge, lane, disturbance;
    uint32_t camera;                           /* that sees it, or JW_NONE */
    int64_t begin_ns, detected_ns, cleared_ns; /* < 0: not yet */
    float x_m, y_m;
    uint8_t is_by_camera;
} twin_incident;
typedef struct twin_alarm { /* waits for a crew; incident 0: a false one */
    float x_m, y_m;
    uint32_t incident, camera;
} twin_alarm;
typedef struct twin_crew { /* where it is or goes */
    float x_m, y_m;
    uint32_t incident, camera;
    uint8_t is_busy;
} twin_crew;
typedef struct twin_watch {     /* of a camera */
    uint32_t captures, decided; /* number of the newest picture; of the newest decided on */
    uint32_t row;               /* alarms in a row */
    uint8_t is_alarmed;         /* a crew is on its way in vain */
} twin_watch;
typedef struct twin_incidents {
    jw_incident_def def;
    double left_m; /* to the next breakdown */
    uint64_t draws;
    uint32_t numbers;
    twin_incident *items;
    uint32_t count, capacity;
    twin_alarm *alarms;
    uint32_t alarm_count, alarm_capacity;
    twin_crew crews[TWIN_CREWS_MAX];
    twin_watch *watches;
    uint32_t watch_count, watch_capacity;
    int64_t since_ns, cleared, blocked_ns, false_alarms;
    int64_t passed_over; /* breakdowns where a lane could not be blocked */
} twin_incidents;
bool twin_is_incident_fine(const jw_incident_def *def, jw_error *error);
jw_result twin_incidents_init(jw_world *world, twin_incidents *incidents, const jw_twin_def *def,
                              jw_error *error);
/* Whether a breakdown began the disturbance of that number, not a command. */
bool twin_is_breakdown(const jw_world *world, uint32_t disturbance);
void twin_incidents_step(jw_world *world, twin_incidents *incidents);
void twin_incidents_event(jw_world *world, twin_incidents *incidents, const jw_event *event);
jw_judgement twin_incident_answered(jw_world *world, uint64_t camera, uint64_t capture, double right);
void twin_incidents_restart(jw_world *world, twin_incidents *incidents);
double twin_incidents_blocked_min(const jw_world *world, const twin_incidents *incidents);
/* twin_decision_incident_state.c */
void twin_incidents_free(twin_incidents *incidents);
void twin_incidents_save(const twin_incidents *incidents, jw_writer *writer);
void twin_incidents_load(twin_incidents *incidents, jw_reader *reader, int64_t now_ns);
jw_result twin_incidents_check(const jw_world *world, const twin_incidents *incidents, jw_error *error);
enum { TWIN_INCIDENT_COLUMNS = 9 };
extern const jw_column twin_incident_columns[TWIN_INCIDENT_COLUMNS];
uint32_t twin_incident_rows(const jw_world *world, const void *state);
double twin_incident_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t twin_incident_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *twin_incident_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
/* twin_decision_bus.c */
typedef struct twin_bus {      /* in this slot of traffic */
    uint32_t generation, edge; /* asked about on it */
} twin_bus;
typedef struct twin_buses {
    bool is_on;
    twin_bus *slots;
    uint32_t slot_count, slot_capacity;
} twin_buses;
void twin_buses_step(jw_world *world, twin_buses *buses);
jw_judgement twin_bus_answered(jw_world *world, uint64_t vehicle, uint64_t connection, double right);
void twin_buses_save(const twin_buses *buses, jw_writer *writer);
void twin_buses_load(twin_buses *buses, jw_reader *reader);

typedef struct twin_decisions {
    jw_decision_rule rules[JW_DECISION_COUNT];
    twin_decision_count counts[JW_DECISION_COUNT];
    uint64_t numbers;
    twin_question *questions; /* by number */
    uint32_t question_count, question_capacity;
    uint32_t busy[JW_DECISION_COUNT]; /* people: derived */
    twin_incidents incidents;
    twin_buses buses;
} twin_decisions;
extern const jw_module twin_decisions_module;
/* Asks the decider of the kind. False: nobody answers, what is done without is done at once. Ends, perhaps
 * within the call when it is lost, counted as decided or late. */
bool twin_decision_ask(jw_world *world, jw_decision_kind kind, jw_sender sender, uint64_t a, uint64_t b,
                       jw_net_end from);
/* A person is at a question of this asker. */
bool twin_decision_is_with_person(const jw_world *world, jw_decision_kind kind, uint64_t a);
/* The answer of a model to what was asked then; its quality on fresh input. */
jw_judgement twin_decision_answer(jw_world *world, jw_decision_kind kind, uint64_t a, uint64_t b,
                                  int64_t asked_ns, double quality);
/* Counts one that was asked: decided here and now, or late (JW_JUDGED_NOT). */
void twin_decision_count_own(jw_world *world, jw_decision_kind kind, jw_judgement judgement, int64_t age_ns);
/* False: its requests are no decisions. */
bool twin_decision_of_sender(const jw_world *world, jw_sender sender, uint64_t a, jw_decision_kind *out);
jw_decision_kind twin_decision_of_desk(const jw_world *world, uint64_t desk);
/* twin_decision_table.c */
enum { TWIN_DECISION_METRICS = 3 * JW_DECISION_COUNT, TWIN_DECISION_TABLES = 2 };
extern const jw_metric twin_decision_metrics[TWIN_DECISION_METRICS];
double twin_decision_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table twin_decision_tables[TWIN_DECISION_TABLES];

/* twin_city */
typedef struct twin_transfer {
    uint64_t ai_tag; /* 0: of an image that a scaled service pulls */
    jw_site_id image_site;
    uint32_t image_service;
    jw_flow_id flow;
} twin_transfer;
typedef struct twin_city {
    uint8_t is_off[JW_COUPLING_COUNT];
    uint8_t is_started;
    jw_rollout_def *rollouts;
    uint32_t rollout_count;
    jw_pool transfer_pool;
    twin_transfer *transfers;
    uint32_t transfer_capacity;
    uint64_t assets_revision;
    struct twin_examples *examples; /* NULL: none are kept. Not state */
} twin_city;
extern const jw_module twin_city_module;
/* twin_fabric.c: the data fabric's part of the ports of ai, a scene's datasets, and the verbs. */
void twin_fabric_wire(jw_ai_ports *ports);
/* Of the catalogue; 0 when nobody supplies it. */
double twin_card_price_cny(const jw_world *world, const char *card);
/* Out of the city's budget, where it has one. */
jw_result twin_spend(jw_world *world, double cny, const char *what, jw_error *error);
void twin_take_back(jw_world *world, double cny);
/* Of a porting, all unverified: work of one service, people at a time, what a day of one costs. */
#define PORT_PERSON_DAYS 120.0
#define PORT_ENGINEERS   4
#define PERSON_DAY_CNY   1500.0
jw_result twin_verb_set_software(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_verb_port_service(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_fabric_start(jw_world *world, const jw_twin_def *def, jw_error *error);
jw_result twin_find_site(const jw_world *world, const char *what, const char *name, uint64_t *out,
                         jw_error *error);
/* twin_sector.c */
jw_result twin_sector_start(jw_world *world, const jw_sectors_def *def, jw_error *error);
void twin_sector_free(jw_sectors_def *def);
jw_result twin_verb_replicate(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_verb_read_data(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_verb_keep_data(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_verb_order_cards(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_verb_lose_store(jw_world *world, void *state, const jw_command *command, jw_error *error);
/* twin_place.c */
enum { TWIN_PLACE_ARGS = 6, TWIN_MOVE_ARGS = 3 };
extern const jw_verb_arg twin_place_args[TWIN_PLACE_ARGS], twin_move_args[TWIN_MOVE_ARGS];
jw_result twin_verb_place_edge_site(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_verb_move_site(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_verb_remove_site(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result twin_verb_restore_site(jw_world *world, void *state, const jw_command *command, jw_error *error);
/* Where somebody at a place who is wired enters the network: the nearest mast, else host, kept in *node while
 * that is there. Zero: nowhere. */
jw_net_node_id twin_wired_node(const jw_world *world, double x_m, double y_m, jw_net_node_id *node);
/* twin_tune.c: trainings of fine-tunings */
void twin_tune_wire(jw_ai_ports *ports);
void twin_tune_job_ended(jw_world *world, uint64_t tag, bool is_ok); /* a job of OWNER_TUNING */
jw_result twin_verb_tune(jw_world *world, void *state, const jw_command *command, jw_error *error);
/* twin_license.c */
jw_result twin_verb_license_model(jw_world *world, void *state, const jw_command *command, jw_error *error);
/* twin_approval.c */
void twin_approval_wire(jw_ai_ports *ports);
/* A request was answered by this version; its decision, where it makes one, was judged so. */
void twin_approval_answered(jw_world *world, const twin_request *request, uint32_t version, bool is_late,
                            jw_judgement judgement);
jw_result twin_verb_submit_model(jw_world *world, void *state, const jw_command *command, jw_error *error);
enum { TWIN_SUBMIT_ARGS = 8 };
extern const jw_verb_arg twin_submit_args[TWIN_SUBMIT_ARGS];
/* A flow of ours ended; ignores tags of other owners. */
/* The scene's rollouts to the sites of their tiers; `only`: to one of them. */
jw_result twin_deploy_rollouts(jw_world *world, jw_site_id only, bool is_instant, jw_error *error);
jw_result twin_install(jw_world *world, uint64_t site, uint32_t service, uint32_t version, jw_error *error);
jw_result twin_pull_image(jw_world *world, jw_site_id site, uint32_t service, int64_t bytes);
void twin_transfer_ended(jw_world *world, uint64_t tag, bool is_ok);
bool twin_is_coupled(const jw_world *world, jw_coupling coupling);

/* twin_advice */
typedef struct twin_advice {
    uint8_t has_cautious_shuttles;
    uint32_t advised;            /* vehicles, in the last step */
    uint32_t cautious, informed; /* shuttles that slow down for what they do not see, or need not */
    /* scratch of the phase, not state */
    float *x_m, *y_m;
    uint8_t *flags;
    uint32_t *queued;    /* by lane of the city */
    uint8_t *has_camera; /* by programme */
    float *speed_mps;    /* advised by signals, by row; 0: none */
    float *open_m1;      /* derived, by edge: 1 more than twin_caution_open_m; 0: not known yet */
    uint32_t x_capacity, y_capacity, flag_capacity, queued_capacity, camera_capacity, speed_capacity,
        open_capacity;
} twin_advice;
extern const jw_module twin_advice_module;
/* The way from its lane to the next edge of its route; JW_NONE: its lane does not lead there, or it ends. */
uint32_t twin_next_connection(const jw_world *world, jw_vehicle_id id, uint32_t lane);
/* twin_caution.c: so far before the line of an edge's junction a shuttle sees of the arms what it must. */
double twin_caution_open_m(jw_world *world, uint32_t edge);
/* The speed that a shuttle drives at most so far before the line; 0: its own. */
double twin_caution_speed(jw_world *world, twin_advice *advice, uint32_t edge, double way_m, double x_m,
                          double y_m, bool is_connected);

/* twin_fixed */
enum { TWIN_FIXED_HOME, TWIN_FIXED_CAMERA, TWIN_FIXED_FACTORY, TWIN_FIXED_COUNT };
typedef struct twin_fixed_user {
    uint8_t kind;
    uint32_t index; /* of block, camera or line */
    jw_user_id user;
} twin_fixed_user;
typedef struct twin_fixed {
    double bps_per_resident;
    uint8_t has_homes, has_cameras, has_factories, is_placed;
    twin_fixed_user *users; /* by kind, then index */
    uint32_t count, capacity;
} twin_fixed;
extern const jw_module twin_fixed_module;
/* Where a camera's or line's requests begin: its radio user, or `node` when it is wired. */
jw_net_end twin_fixed_end(const jw_world *world, uint8_t kind, uint32_t index, jw_net_node_id node);

/* twin_diary */
extern const jw_module twin_diary_module;
/* The port of traffic. */
void twin_diary_disturbance_ended(jw_world *world, const jw_disturbance *disturbance);
/* Of one that no command began. */
void twin_diary_broke_down(jw_world *world, const jw_disturbance *disturbance);
/* Something happened to what `about` names; positions NAN for nowhere. Serial code only. */
void twin_diary_mark(jw_world *world, double x_m, double y_m, const char *key, const char *about);

/* Appends the answer to one watch to a frame under construction. */
jw_result twin_answer_watch(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error);
/* twin_shade.c: values of streets, assets or links for an overlay (JW_WATCH_SHADE). */
jw_result twin_answer_shade(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error);
/* A request whose last try went to this site has ended; JW_NONE: to none. */
void twin_shade_note(jw_world *world, twin_requests *requests, uint32_t site_slot, bool is_late);
/* The packet whose round trip is the latency of a place, bytes each way, and one way of it through the air of
 * a cell that carries so much. */
#define TWIN_PACKET_BYTES 1500
double twin_packet_air_s(double rate_bps);
/* From a cell's node to the nearest site that serves anything, one way, and between which nodes that is; < 0
 * when none is reached: these are as they were. */
double twin_wired_delay_s(const jw_world *world, uint32_t cell_slot, jw_net_node_id *out_from,
                          jw_net_node_id *out_to);

/* Handles as opaque 64-bit values for the domains that do not know them. */
static inline uint64_t twin_pack_site(jw_site_id site)
{
    return (uint64_t)site.generation << 32 | site.index1;
}
static inline jw_site_id twin_unpack_site(uint64_t site)
{
    return (jw_site_id){(uint32_t)site, (uint32_t)(site >> 32)};
}

/* Typed access. */
static inline jw_traffic *twin_traffic_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_TRAFFIC);
}
static inline jw_network *twin_network_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_NETWORK);
}
static inline jw_compute *twin_compute_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_COMPUTE);
}
static inline jw_ai *twin_ai_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_AI);
}
static inline jw_economy *twin_economy_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_ECONOMY);
}
static inline twin_radio *twin_radio_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_RADIO);
}
static inline jw_roadside *twin_roadside_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_ROADSIDE);
}
static inline twin_requests *twin_requests_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_REQUESTS);
}
static inline twin_advice *twin_advice_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_ADVICE);
}
static inline twin_fixed *twin_fixed_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_FIXED);
}
static inline twin_signals *twin_signals_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_SIGNALS);
}
static inline twin_decisions *twin_decisions_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_DECISIONS);
}
static inline twin_city *twin_city_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_CITY);
}

/* twin_def.c: an id of a thing of that kind, of letters, digits, '-', '_' and '.'. */
jw_result twin_def_check_name(const char *kind, const char *name, jw_error *error);
/* Whether a site or node of the def has this id. */
bool twin_def_has_node(const jw_twin_def *def, const char *name);
/* Appends an item to a list of a definition, or refuses it: `same` compares it with the one at i_. */
#define ADD_UNIQUE(list, count, capacity, item, same, what, name)                                            \
    do {                                                                                                     \
        for (uint32_t i_ = 0; i_ < (count); i_++)                                                            \
            if (same)                                                                                        \
                return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "%s \"%s\" is defined twice", what, name);   \
        jw_result result_ = jw_grow(&(list), &(capacity), (count) + 1ull, sizeof *(item), error);            \
        if (result_ == JW_OK)                                                                                \
            (list)[(count)++] = *(item);                                                                     \
        return result_;                                                                                      \
    } while (0)

#endif
