/* Inside of compute: sites hold installed services, an installed service holds servers and a queue of jobs.
 *
 * A vision server works on one batch at a time. An LLM server is one instance of the model and works in
 * iterations (compute_llm.c). Jobs are linked in lists by slot + 1 (0 ends). */
#ifndef JW_COMPUTE_INTERNAL_H
#define JW_COMPUTE_INTERNAL_H

#include "compute/compute.h"

enum {
    EVENT_SERVER,
    EVENT_REJECT,
    EVENT_MINUTE,
    EVENT_DARK,
    EVENT_CACHE,
    EVENT_FAULT,
    EVENT_REPAIR,
    EVENT_SCALE,
    EVENT_READY,
    EVENT_JOB
};

#define SERVICES_PER_SITE 8
#define SITE_POWER_MAX_W                                                                                     \
    5e9 /* PUE included: the largest campuses announced; ten days of it fit into int64_t mJ */
#define SERVERS_MAX 4096
/* A year at most: a request that takes longer is late for anyone, and no sum of times overflows. */
#define RUN_MAX_NS  INT64_C(32000000000000000)
#define LINK_MAX_NS RUN_MAX_NS /* and caches wait no longer for their link */

typedef enum job_phase { JOB_QUEUED, JOB_RUNNING, JOB_REJECTING } job_phase;

/* Where the sequence of an LLM is. */
typedef enum job_stage {
    STAGE_NONE,    /* in the queue; all others count as running */
    STAGE_FILLING, /* is prefilled */
    STAGE_ACTIVE,  /* decodes */
    STAGE_SWAPPED, /* its cache is in the host's memory */
    STAGE_SENDING, /* its cache is on the way to the decoding instances */
    STAGE_ARRIVED  /* and there: it waits for room */
} job_stage;

typedef struct job {
    uint32_t next, previous; /* in a list; the queue has no previous */
    uint32_t site_slot, service;
    uint32_t items, output_tokens;
    uint32_t version;
    uint8_t phase, reject;
    uint8_t is_cancelled;
    uint8_t stage;
    uint32_t server;     /* that holds it, or did */
    uint32_t heap_at;    /* in its heap, while it decodes */
    uint32_t produced;   /* tokens said when it last began to decode, or was preempted */
    uint64_t begin_step; /* of its instance, then */
    uint64_t filled;     /* tokens prefilled of items + produced */
    int64_t progress_ns; /* training: work that the last checkpoint holds, at the server's speed */
    int64_t cache_ns;    /* while its cache is sent: when that has arrived */
    uint64_t tag;
    int64_t submitted_ns, first_ns; /* first_ns: of its first token */
} job;

typedef struct job_list {
    uint32_t first, last, count;
} job_list;

/* Why a server takes no work; 0: it is ready. */
enum {
    OFF_SCALED = 1,   /* it holds no cards: its place is free for an instance */
    OFF_DRAINING = 2, /* it finishes what it has */
    OFF_STARTING = 4, /* its image is on the way or is loaded */
    OFF_CARD = 8,     /* `failed` of its cards have failed */
    OFF_RACK = 16
};
typedef struct server {
    uint32_t count;     /* jobs in work */
    uint32_t cancelled; /* LLM: of them, those that leave at the end of the iteration; derived */
    uint8_t off;
    uint32_t failed;     /* of its cards */
    uint32_t generation; /* of its next event: others are stale */
    job_list active;     /* a batch; LLM: the sequences that decode, in order of beginning */
    /* LLM (compute_llm.c) */
    job_list filling, swapped, sending; /* in order of admission */
    uint8_t is_filling;                 /* the iteration prefills */
    uint64_t last_tokens;               /* that it prefills of the last in `filling`; all others get whole */
    uint64_t step, run_steps;           /* iterations done; those of the run under way */
    int64_t begun_ns;                   /* the run; of others the work under way */
    int64_t warm_until_ns;              /* function; 0: never used */
    int64_t link_free_ns;               /* when the last cache is sent */
    uint64_t blocks, kv_tokens;         /* held; tokens in the cache of the active ones, both at `step` */
    uint32_t boundary[JW_KV_BLOCK_TOKENS]; /* how many active ones take a block at a step of this remainder */
    uint32_t *heap;                        /* of the active ones by their last step */
    uint32_t heap_count, heap_capacity;
} server;

/* Of an installed service that is scaled (compute_scale.c). */
typedef struct scaling {
    double load_sum; /* of a language model: instances' worth of work, of the looks since the last decision */
    uint32_t looks;
    int64_t busy_ns, busy_since_ns; /* of others: time of busy instances since then, up to here */
    uint32_t below_most;            /* the most that was wanted while fewer were wanted than there are */
    int64_t below_since_ns;         /* 0: as many are wanted */
    int64_t begun_ns, next_ns;      /* the last decision and the next */
    uint8_t is_image_away, is_pulling;
} scaling;

typedef struct installed {
    uint32_t service; /* JW_NONE: free place */
    uint32_t version;
    jw_service served; /* derived: the service's figures as its version has them on these cards */
    uint32_t rack;     /* of the site */
    uint32_t cards;    /* of the servers that hold any, cards_per_instance each */
    server *servers;   /* a zeroed one is ready for work; freed by compute_free_servers */
    uint32_t server_count, busy_count;
    uint32_t on_count, ready_count; /* derived: servers that hold cards, that take work */
    scaling scale;
    uint32_t queue_first, queue_last, queue_count;
    /* LLM */
    job_list arrived;
    jw_llm_timing timing;  /* derived: of these cards, measured or the roofline */
    uint64_t block_count;  /* derived: of the cache of an instance */
    uint32_t stream_share; /* derived: of a server that a stream holds, in millionths; 0: no streams */
} installed;

/* What sequences of a service met. Bin b of a time covers 0.1 ms * 1.02^b. */
#define LLM_BINS 1100
typedef struct llm_stats {
    int64_t done, good, prompt_tokens, output_tokens, iterations, preemptions, recomputed_tokens;
    int64_t ttft_sum_ns, tpot_count;
    double tpot_sum_s;
    uint32_t ttft[LLM_BINS], tpot[LLM_BINS];
} llm_stats;

/* Power flows of a site are constant between its events and the minutes of the clock. What has flowed is
 * exact: a sum and a rest below its unit. Flows are in mW and sums in mJ, carbon in pg/s and ug, cost in
 * nfen/s and mfen. */
typedef enum flow {
    FLOW_USE,
    FLOW_CARBON,
    FLOW_COST,
    FLOW_COOLING,
    FLOW_LOSS,
    FLOW_GRID,
    FLOW_SOLAR,
    FLOW_WIND,
    FLOW_DISCHARGE,
    FLOW_CHARGE,
    FLOW_KEPT,
    FLOW_SPILL,
    FLOW_COUNT
} flow;
typedef struct flow_sum {
    int64_t sum, rest;
} flow_sum;
enum { SHARE_ENERGY, SHARE_CARBON, SHARE_COST, SHARE_COUNT };
typedef struct site_power {
    int64_t since_ns;
    double it_w; /* what the flows were set for */
    int64_t rate[FLOW_COUNT];
    flow_sum total[FLOW_COUNT];
    flow_sum stored, stored_at_start; /* mJ */
    uint8_t has_grid, is_free, is_dark;
    int64_t free_ns;
    uint32_t share_service[SERVICES_PER_SITE]; /* who had the places since `since_ns` */
    int64_t share_mw[SERVICES_PER_SITE];
} site_power;

/* A card that has failed, until it is mended: each is, whatever became of its instance meanwhile. */
typedef struct broken_card {
    uint32_t id; /* of its site, growing */
    uint32_t rack;
    uint32_t place, server; /* that it belongs to; place JW_NONE: to none */
} broken_card;

typedef struct site {
    jw_site_def def;
    uint32_t rack_card[JW_SITE_RACKS_MAX];   /* index in the catalogue */
    uint32_t rack_used[JW_SITE_RACKS_MAX];   /* cards that services hold */
    uint32_t rack_failed[JW_SITE_RACKS_MAX]; /* of the others, those that have failed */
    uint8_t rack_is_down[JW_SITE_RACKS_MAX];
    double card_mtbf_s, card_mttr_s; /* 0: cards do not fail by themselves */
    uint32_t fault_generation;       /* of its next failure: others are stale */
    uint64_t fault_draws;
    broken_card *broken; /* in order of failing */
    uint32_t broken_count, broken_capacity, last_broken;
    uint32_t cards;
    uint32_t region;
    uint8_t is_up;
    uint8_t is_removed; /* then down for good, and without its name */
    installed services[SERVICES_PER_SITE];
    uint32_t queued, running;
    int64_t done, rejected;
    site_power power;
    double mean_time_s;
    int64_t mean_since_ns;
} compute_site;

typedef struct described { /* a version */
    uint32_t service, version;
    jw_variant variant;
} described;

typedef struct software_share {
    uint32_t card, service; /* in the catalogue; service JW_NONE: any */
    double share;
} software_share;

struct jw_compute {
    described *variants;
    uint32_t variant_count, variant_capacity;
    jw_card *cards;
    jw_service *services;
    jw_grid_region *regions;
    jw_llm_timing *timings;
    uint32_t card_count, service_count, region_count, timing_count;
    llm_stats *llm; /* of each service */
    jw_service_counts *service_counts;
    software_share *software;
    uint32_t software_count, software_capacity;
    jw_scale_def *scales; /* a later one of the same service and site replaces */
    jw_fault_def *faults;
    uint32_t scale_count, scale_capacity, fault_count, fault_capacity;
    jw_pool site_pool;
    compute_site *sites;
    uint32_t site_capacity;
    jw_pool job_pool;
    job *jobs;
    uint32_t job_capacity;
    int64_t submitted, done, rejected;
    uint32_t day_of_year;                    /* of the first midnight */
    flow_sum (*service_totals)[SHARE_COUNT]; /* per service, settled */
    int64_t *service_done;
    jw_region_hour *hours;    /* of regions, as of the minute: derived */
    uint32_t next_generation; /* of servers' events: one sequence, so that a server that is installed anew
                               * never takes an event of its predecessor for its own */
    jw_compute_ports ports;   /* wired at attach */
    uint32_t module;          /* own place in the table, from attach */
};

/* compute_serve.c */
void compute_enqueue(jw_world *world, jw_compute *compute, uint32_t job_slot, uint32_t site_slot,
                     uint32_t place);
void compute_server_event(jw_world *world, jw_compute *compute, const jw_event *event);
/* Rejects everything an installed service holds. */
void compute_clear(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place, jw_reject why);
/* What one server holds. */
void compute_empty_server(server *work); /* what it held is elsewhere; it stays off, with its failed cards */
void compute_clear_server(jw_world *world, jw_compute *compute, compute_site *s, server *work, jw_reject why);
void compute_reject_later(jw_world *world, jw_compute *compute, uint32_t job_slot, jw_reject why);
/* Takes the first of the queue, which is not empty, into work. */
uint32_t compute_pop(jw_compute *compute, compute_site *s, installed *in);
/* Tells who looks on that it is in work now. */
void compute_tell_began(jw_world *world, const jw_compute *compute, uint32_t job_slot, uint32_t jobs);
void compute_append(jw_compute *compute, job_list *list, uint32_t slot);
void compute_take_out(jw_compute *compute, job_list *list, uint32_t slot);
/* Its port may submit again: pointers to jobs and sites are stale after it. */
void compute_finish(jw_world *world, jw_compute *compute, uint32_t job_slot);
/* The server's next event; earlier ones are stale. */
void compute_schedule_server(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                             uint32_t server_index, int64_t at_ns);
void compute_free_servers(installed *in);
/* Ready servers without work take from the queue: after some became ready. */
void compute_note_busy(const jw_world *world, installed *in); /* before busy_count changes */
void compute_wake(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place);
static inline bool compute_is_server_empty(const server *work)
{
    return work->count == 0 && work->swapped.count == 0 && work->sending.count == 0;
}

uint32_t compute_max_batch(const jw_service *service);
/* Back to the head of the queue. */
void compute_requeue(jw_compute *compute, compute_site *s, installed *in, uint32_t job_slot);

/* compute_cancel.c */
void compute_end_cancelled(jw_compute *compute, uint32_t slot);

/* compute_kinds.c */
/* Is there work that a free server takes now? A picture may wait for more. */
bool compute_may_begin(const jw_world *world, const jw_compute *compute, const installed *in);
void compute_open_window(jw_world *world, const jw_compute *compute, uint32_t job_slot);
/* A free server for the next job, or JW_NONE. */
uint32_t compute_pick_server(const jw_world *world, const jw_compute *compute, const installed *in);
/* Time of what the server now begins, its active jobs of `items` together. */
int64_t compute_work_ns(const jw_world *world, jw_compute *compute, const compute_site *s,
                        const installed *in, const server *work, uint32_t items);
void compute_interrupt_training(jw_world *world, jw_compute *compute, compute_site *s, server *work);
bool compute_take_from_training(jw_world *world, jw_compute *compute, compute_site *s, uint32_t rack,
                                const jw_service *service, uint32_t cards);
void compute_give_to_training(jw_world *world, jw_compute *compute, uint32_t site_slot);
static inline bool compute_is_training(const jw_compute *compute, const installed *in, uint32_t rack)
{
    return in->service != JW_NONE && in->rack == rack &&
           compute->services[in->service].kind == JW_SERVICE_TRAINING;
}
uint32_t compute_stream_server(const installed *in);
void compute_settle_share(const jw_compute *compute, const compute_site *s, installed *in);
/* Cards in work; streams hold parts of them. */
double compute_busy_cards(const installed *in);
void compute_start_stream(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place);
void compute_job_event(jw_world *world, jw_compute *compute, uint32_t job_slot);

/* compute_fault.c: failure domains */
void compute_set_off(installed *in, server *work, uint8_t off);
/* It has an instance, or will have one. */
bool compute_is_served(const jw_compute *compute, const compute_site *s, const installed *in);
uint32_t compute_free_cards(const compute_site *s, uint32_t rack);
uint32_t compute_failed_cards(const compute_site *s);
/* An instance gives up its cards: its failed ones belong to none. */
void compute_leave_failed(compute_site *s, uint32_t place, uint32_t index);
bool compute_is_broken_sound(const compute_site *s); /* all counts are those of the failed cards */
jw_result compute_set_fault(jw_world *world, jw_compute *compute, const jw_fault_def *def, jw_error *error);
void compute_start_faults(jw_world *world, jw_compute *compute, uint32_t site_slot);
void compute_fault_event(jw_world *world, jw_compute *compute, const jw_event *event);
bool compute_is_fault_fine(const jw_fault_def *fault, char out[128]);
extern const jw_verb_arg compute_rack_args[2], compute_card_args[3], compute_fault_args[3];
jw_result compute_verb_fail_rack(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result compute_verb_repair_rack(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result compute_verb_fail_card(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result compute_verb_repair_card(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result compute_verb_set_card_faults(jw_world *world, void *state, const jw_command *command,
                                       jw_error *error);

/* compute_software.c */
void compute_apply_software(const jw_compute *compute, uint32_t card, installed *in); /* to `served` */
void compute_save_software(const jw_compute *compute, jw_writer *writer);
void compute_load_software(jw_compute *compute, jw_reader *reader);

/* compute_rack.c */
#define CARD_SERVER_W 150.0 /* host share of a card: unverified */
jw_result compute_check_power(const jw_compute *compute, const compute_site *s, jw_error *error);
/* More instances of what is installed, up to so many cards. */
void compute_grow(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place, uint32_t cards);

/* compute_scale.c: autoscaling */
bool compute_add_instance(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place);
/* The rule for a service at a site, or NULL. */
const jw_scale_def *compute_scale_of(const jw_compute *compute, const compute_site *s, uint32_t service);
jw_result compute_set_scale(jw_world *world, jw_compute *compute, const jw_scale_def *def, jw_error *error);
void compute_scale_event(jw_world *world, jw_compute *compute, const jw_event *event);
void compute_ready_event(jw_world *world, jw_compute *compute, const jw_event *event);
/* A server without work that was to finish gives its cards back. */
void compute_retire(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place, uint32_t index);
/* Time until a first instance would work, when none is ready; < 0: none will be. */
double compute_start_s(const jw_compute *compute, const compute_site *s, const installed *in);
bool compute_is_scale_fine(const jw_scale_def *scale, char out[128]);
extern const jw_verb_arg compute_scale_args[6];
jw_result compute_verb_set_scaling(jw_world *world, void *state, const jw_command *command, jw_error *error);

/* compute_variant.c */
const jw_variant *compute_variant_of(const jw_compute *compute, uint32_t service, uint32_t version);
bool compute_is_variant_fine(const jw_variant *variant, char out[128]);
void compute_save_variants(const jw_compute *compute, jw_writer *writer);
void compute_load_variants(jw_compute *compute, jw_reader *reader);
/* An installed service gets another version; refused where its cards cannot hold it. */
jw_result compute_change_version(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                                 uint32_t version, jw_error *error);

/* compute_llm.c */
/* What the instances hold goes back to the queue, in its order. */
void compute_llm_put_back(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place);
void compute_llm_start(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                       uint32_t index, bool was_busy);
void compute_llm_wake(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place);
void compute_llm_event(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                       uint32_t index);
void compute_llm_cache_event(jw_world *world, jw_compute *compute, uint32_t slot);
void compute_llm_cancel(jw_world *world, jw_compute *compute, uint32_t slot);
/* How many of so many ready instances only prefill. */
uint32_t compute_llm_prefillers(const jw_service *service, uint32_t servers);
/* Of an active sequence: the step that says its last token, its tokens in the cache at a step, and its
 * blocks; the last also of one that is prefilled. */
uint64_t compute_llm_last_step(const job *j);
uint64_t compute_llm_cached(const job *j, uint64_t step);
uint64_t compute_llm_blocks(const job *j, uint64_t step);
bool compute_llm_run_fits(const jw_compute *compute, const installed *in, const server *work);
bool compute_llm_join(jw_compute *compute, server *work, uint32_t slot);
static inline uint32_t compute_llm_tokens(const job *j) /* that it says */
{
    return j->output_tokens ? j->output_tokens : 1;
}

/* compute_llm_stats.c */
void compute_llm_save_stats(const llm_stats *stats, jw_writer *writer);
void compute_llm_load_stats(llm_stats *stats, jw_reader *reader);
void compute_llm_note(const jw_world *world, jw_compute *compute, uint32_t job_slot); /* it ends now */

/* compute_llm_times.c */
/* Fills what an installed service knows of its cards. */
void compute_llm_settle_times(const jw_compute *compute, const compute_site *s, installed *in);
double compute_llm_iteration_s(const jw_llm_timing *timing, double prefill_tokens, double sequences,
                               double kv_tokens);

/* compute_energy.c: what a site draws */
double compute_it_power_w(const jw_compute *compute, const compute_site *s);
double compute_rated_power_w(const jw_compute *compute, const compute_site *s); /* IT at full load */
double compute_peak_power_w(const jw_compute *compute, const compute_site *s);  /* on the hottest day */
/* Of an installed service: its cards, and their share of the servers. */
double compute_place_power_w(const jw_compute *compute, const compute_site *s, const installed *in);

/* compute_weather.c */
#define REGION_TEMPERATURE_MAX_C 60
void compute_look_at_regions(const jw_world *world, jw_compute *compute); /* once a minute */

/* compute_power.c: where it comes from */
#define MINUTE_NS        (60 * JW_NS_PER_S)
#define SITE_FLOW_MAX_MW 100000000000000 /* with sun, wind and battery */
int64_t compute_unit_of(flow f);
void compute_start_power(const jw_world *world, compute_site *s);
/* Brings the sums up to now and sets the flows by what is busy and what the minute gives. */
void compute_settle(jw_world *world, jw_compute *compute, compute_site *s);
void compute_minute(jw_world *world, jw_compute *compute);
void compute_schedule_minute(jw_world *world, const jw_compute *compute);
void compute_dark(jw_world *world, jw_compute *compute, uint32_t site_slot);
/* One flow until now, without storing. */
flow_sum compute_flow(const jw_world *world, const compute_site *s, flow f);
double compute_carbon_kg(const jw_world *world, const compute_site *s);
int64_t compute_cost_fen(const jw_world *world, const compute_site *s);
void compute_restart_power(jw_world *world, jw_compute *compute);
bool compute_is_power_exact(const compute_site *s);
extern const jw_verb_arg compute_power_args[1];
jw_result compute_verb_cut_power(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result compute_verb_restore_power(jw_world *world, void *state, const jw_command *command,
                                     jw_error *error);

/* compute_power_state.c */
jw_result compute_make_service_totals(jw_compute *compute, jw_error *error);
void compute_save_region(jw_writer *writer, const jw_grid_region *region);
void compute_load_region(jw_reader *reader, jw_grid_region *region);
void compute_save_supply(jw_writer *writer, const compute_site *s);
void compute_load_supply(const jw_world *world, jw_reader *reader, const jw_compute *compute,
                         compute_site *s);
void compute_save_services(jw_writer *writer, const jw_compute *compute);
void compute_load_services(const jw_world *world, jw_reader *reader, jw_compute *compute);

/* compute.c */
void compute_set_up(jw_world *world, jw_compute *compute, uint32_t slot, bool is_up);

/* compute_check.c: false with the figure that is out of range. */
#define FAULT_SIZE 128
bool compute_is_card_fine(const jw_card *card, char out[FAULT_SIZE]);
bool compute_is_service_fine(const jw_service *service, char out[FAULT_SIZE]);
bool compute_is_timing_fine(const jw_llm_timing *timing, char out[FAULT_SIZE]);
bool compute_is_region_fine(const jw_grid_region *region, char out[FAULT_SIZE]);
bool compute_is_site_fine(const jw_site_def *def, char out[FAULT_SIZE]);

/* compute_model.c */
uint32_t compute_cards_per_instance(const jw_service *service); /* tensor parallel, 1 at least */
/* Tokens of KV cache that fit beside the weights; 0: the model itself does not fit. */
uint64_t compute_kv_capacity(const jw_service *service, const jw_card *card);

/* compute_state.c: save and load */
void compute_save(const jw_world *world, const void *state, jw_writer *writer);
void compute_load(jw_world *world, void *state, jw_reader *reader);

/* compute_state_jobs.c */
void compute_save_jobs(const jw_compute *compute, jw_writer *writer);
void compute_load_jobs(const jw_world *world, jw_compute *compute, jw_reader *reader);

/* compute_table.c */
enum { COMPUTE_METRICS = 14, COMPUTE_TABLES = 4 };
extern const jw_metric compute_metrics[COMPUTE_METRICS];
double compute_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table compute_tables[COMPUTE_TABLES];
/* compute_llm_table.c */
#define LLM_COLUMNS 13
extern const jw_column compute_llm_columns[LLM_COLUMNS];
uint32_t compute_llm_row_count(const jw_world *world, const void *state);
double compute_llm_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t compute_llm_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *compute_llm_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);

/* compute_power_table.c */
#define SITE_ENERGY_COLUMNS    27
#define SERVICE_ENERGY_COLUMNS 9
extern const jw_column compute_site_energy_columns[SITE_ENERGY_COLUMNS],
    compute_service_energy_columns[SERVICE_ENERGY_COLUMNS];
double compute_site_energy_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t compute_site_energy_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *compute_site_energy_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
uint32_t compute_service_energy_count(const jw_world *world, const void *state);
double compute_service_energy_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t compute_service_energy_integer(const jw_world *world, const void *state, uint32_t row,
                                       uint32_t column);
const char *compute_service_energy_text(const jw_world *world, const void *state, uint32_t row,
                                        uint32_t column);

/* Place of an installed service at a site, or JW_NONE. */
uint32_t compute_place(const compute_site *s, uint32_t service);
uint32_t compute_slot(const jw_compute *compute, jw_site_id id);

#endif
