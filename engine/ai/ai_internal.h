/* Inside of ai: the registry, what lies where, and rollouts. */
#ifndef JW_AI_INTERNAL_H
#define JW_AI_INTERNAL_H

#include "ai/ai_approval.h"
#include "ai/ai_tune.h"
#include "ai/ai_sector_internal.h"

typedef enum site_phase { SITE_WAITING, SITE_TRANSFERRING, SITE_SERVING, SITE_FAILED } site_phase;

/* What a version came from. */
typedef struct model_origin {
    uint32_t parent;  /* version; 0: none */
    uint32_t method1; /* compression + 1; 0: not compressed */
    uint32_t tuning1; /* tuning + 1; 0: not tuned */
    int64_t made_ns;
} model_origin;

/* An image that lies at a site; serving is told by `is_serving`. */
typedef struct holding {
    uint64_t site;
    uint32_t model; /* in the registry */
    uint8_t is_serving;
} holding;

typedef struct rollout_site {
    uint64_t site;
    uint32_t previous_version; /* served before: 0 none */
    uint8_t phase;
    uint8_t has_served; /* this rollout made it serve: then it is this rollout that takes it back */
} rollout_site;

/* A sample of decisions: it fails when more of them are wrong, or late, than allowed. */
typedef struct quality_test {
    uint32_t sample, max_wrong, max_late;
    uint32_t judged, wrong, late;
} quality_test;
typedef enum test_verdict { TEST_OPEN, TEST_PASSED, TEST_FAILED } test_verdict;

typedef struct deployment {
    uint32_t model; /* in the registry */
    uint8_t phase;
    uint32_t first_site, site_count;
    uint32_t wave_size, waves_done;
    double wave_pause_s, max_failed_share;
    double canary_share; /* 0: the first wave is like the others */
    quality_test test;   /* of the wave; sample 0: none */
} deployment;

typedef struct fabric_set {
    jw_dataset_def def;
    int64_t added_ns;
    int64_t reads, refused, read_bytes, local_bytes, copied_bytes;
} fabric_set;

typedef struct fabric_replica { /* oldest first */
    uint32_t set;
    uint64_t site;
} fabric_replica;

typedef enum fabric_kind { FABRIC_COPY, FABRIC_READ, FABRIC_READ_HERE } fabric_kind;
typedef struct fabric_move {
    uint8_t kind, tries;
    uint32_t set;
    uint64_t from, to;
    int64_t bytes;
    uint64_t tag; /* the reader's */
} fabric_move;

typedef struct fabric {
    fabric_set *sets;
    uint32_t set_count, set_capacity;
    fabric_replica *replicas;
    uint32_t replica_count, replica_capacity;
    jw_pool move_pool;
    fabric_move *moves;
    uint32_t move_capacity;
    int64_t asked_bytes, arrived_bytes, lost_bytes;
} fabric;

typedef struct supply_card {
    jw_supply_card def;
    double maker_free_days; /* on the clock: when its maker has made what was ordered */
    int64_t refused;
} supply_card;

typedef struct supply_order {
    uint32_t card, count;
    uint64_t site;
    int64_t due_ns; /* by the calendar */
    uint8_t phase, is_racked;
} supply_order;

typedef struct supply_book {
    supply_card *cards;
    uint32_t card_count, card_capacity;
    supply_order *orders; /* never removed: they are the ledger */
    uint32_t order_count, order_capacity;
    int64_t passed_ns; /* the calendar is ahead of the clock by */
    uint8_t rule;
} supply_book;

#define TUNE_WHY_SIZE 160
typedef struct tuning {
    uint32_t base;  /* in the registry */
    uint32_t made1; /* in the registry + 1; 0: not made */
    uint64_t site, job;
    uint64_t serial; /* its tags: those of a tuning that was refused are stale */
    char purpose[JW_MODEL_ID_SIZE];
    char why[TUNE_WHY_SIZE];
    uint8_t method, phase;
    uint32_t cards;
    double epochs, operations;
    int64_t begun_ns, trained_ns, ended_ns;
    jw_tune_data datasets[JW_TUNE_DATASETS_MAX];
    uint8_t is_read[JW_TUNE_DATASETS_MAX];
    uint32_t dataset_count;
} tuning;

typedef struct approval_model { /* one for each of the registry */
    double loss;                /* declared less true quality */
    uint8_t is_approved, has_features;
    uint32_t submission1;              /* the newest of it */
    double features[JW_CITY_FEATURES]; /* of the city that it was made of */
} approval_model;

typedef struct approval_submission {
    uint32_t model, score;
    uint8_t track, phase;
    char dataset[JW_MODEL_ID_SIZE];
    uint64_t site;
    double share;
    int64_t submitted_ns, begun_ns, ended_ns; /* on the desks' clock; -1: not yet */
    quality_test test;
} approval_submission;

typedef struct approval_desk {
    uint32_t submission1; /* 0: free */
    int64_t due_ns;       /* on the desks' clock */
} approval_desk;

typedef struct approval_book {
    jw_approval_def def;
    uint8_t is_fast;
    approval_model *models;
    uint32_t model_count, model_capacity;
    approval_submission *submissions; /* never removed: they are the ledger */
    uint32_t submission_count, submission_capacity;
    uint32_t next_waiting; /* no submission before it waits */
    uint32_t trials;       /* under way */
    approval_desk *desks;  /* def.reviewers */
    int64_t skipped_ns;    /* the desks' clock less the world's */
    uint64_t draws;        /* of decisions: trials, canaries, complaints */
    int64_t submitted, approved, rejected, withdrawn, wrong_approvals, wrong_rejections;
    int64_t judged, wrong, complaints;
    int64_t spent_ns, waited_ns;       /* of those approved or rejected, on the desks' clock */
    double features[JW_CITY_FEATURES]; /* of the city now, averaged */
    uint32_t feature_samples;
    jw_random_key key; /* derived */
} approval_book;

enum {
    EVENT_HEALTH,
    EVENT_READ_HERE,
    EVENT_DELIVERY,
    EVENT_PORTED,
    EVENT_TUNE,
    EVENT_REVIEWED,
    EVENT_OBSERVE,
    EVENT_SECTOR_WORK,
    EVENT_SECTOR_TICK
};
#define FABRIC_BYTES_MAX                                                                                     \
    1000000000000000000 /* 1 exabyte, of all sums: a quarter of them overflow nothing                        \
                         */

typedef struct porting {
    char service[JW_MODEL_ID_SIZE], card[JW_MODEL_ID_SIZE];
    double person_days;
    int64_t due_ns; /* by the calendar */
    uint8_t is_done;
} porting;
typedef struct port_book {
    porting *items; /* never removed: they are the ledger */
    uint32_t count, capacity;
} port_book;

struct jw_ai {
    jw_model *models;
    uint32_t model_count, model_capacity;
    model_origin *origins; /* one a model */
    uint32_t origin_capacity;
    jw_compression *methods;
    uint32_t method_count, method_capacity;
    holding *holdings;
    uint32_t holding_count, holding_capacity;
    deployment *deployments; /* never removed: generation is 1 */
    uint32_t deployment_count, deployment_capacity;
    rollout_site *sites; /* of all deployments, one after the other */
    uint32_t site_count, site_capacity;
    int64_t bytes_transferred, sites_failed;
    fabric data;
    supply_book supply;
    port_book ports_made;
    jw_tune_law law;
    uint8_t has_law;
    tuning *tunings; /* never removed: they are the lineage */
    uint32_t tuning_count, tuning_capacity;
    uint64_t tune_serial;
    approval_book approval;
    sector_book sectors;
    jw_ai_ports ports;
    uint16_t module;
};

/* ai_model.c */
uint32_t ai_find_model(const jw_ai *ai, const char *id, uint32_t version);
const char *ai_method_name(const jw_ai *ai, uint32_t model); /* it was made by; "" none */
jw_result ai_add_model(jw_ai *ai, const jw_model *model, const model_origin *origin, jw_error *error);
bool ai_is_method_fine(const jw_compression *method);
jw_result ai_add_method(jw_ai *ai, const jw_compression *method, jw_error *error);
jw_result ai_verb_release(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result ai_verb_compress(jw_world *world, void *state, const jw_command *command, jw_error *error);
enum { AI_RELEASE_ARGS = 4, AI_COMPRESS_ARGS = 3 };
extern const jw_verb_arg ai_release_args[AI_RELEASE_ARGS], ai_compress_args[AI_COMPRESS_ARGS];

/* ai.c */
uint32_t rollout_wave_end(const deployment *d); /* sites before it have begun */
/* The first site of its canary answers with both versions now. */
bool rollout_is_sharing(const jw_ai *ai, const deployment *d);

/* ai_state.c */
bool ai_is_model_fine(const jw_model *model);
bool ai_is_rollout_fine(const deployment *d);
void ai_save(const jw_world *world, const void *state, jw_writer *writer);
void ai_load(jw_world *world, void *state, jw_reader *reader);

/* ai_fabric.c */
bool fabric_is_tag(uint64_t tag);
uint32_t fabric_find_set(const fabric *data, const char *id); /* JW_NONE */
void fabric_grow_set(jw_world *world, jw_ai *ai, const jw_consumer_def *consumer, const jw_source_def *source,
                     int64_t bytes);
void fabric_transfer_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok);
void fabric_read_here(jw_world *world, jw_ai *ai, const jw_event *event);
bool fabric_is_set_fine(const jw_dataset_def *def);
int64_t fabric_moving_bytes(const fabric *data);
void fabric_restart_counts(fabric *data);
void fabric_free(fabric *data);
/* ai_fabric_state.c */
void fabric_save(const fabric *data, jw_writer *writer);
void fabric_load(fabric *data, jw_reader *reader);

/* ai_supply.c */
bool supply_is_card_fine(const jw_supply_card *card);
jw_result supply_add_card(supply_book *supply, const jw_supply_card *card, jw_error *error);
void supply_deliver(jw_world *world, jw_ai *ai, const jw_event *event);
void supply_pass_days(jw_world *world, jw_ai *ai, double days);
void supply_fill_racks(jw_world *world, jw_ai *ai);
int64_t supply_calendar_ns(const jw_world *world, const supply_book *supply);
jw_result supply_verb_control(jw_world *world, void *state, const jw_command *command, jw_error *error);
void supply_save(const supply_book *supply, jw_writer *writer);
void supply_load(supply_book *supply, jw_reader *reader);
void supply_restart_counts(supply_book *supply);
void supply_free(supply_book *supply);

/* ai_port.c */
#define WORKING_SHARE (250.0 / 365) /* of the days of a calendar */
void port_event(jw_world *world, jw_ai *ai);
void port_schedule(jw_world *world, const jw_ai *ai);
double port_days(const port_book *book); /* person-days done */
void port_save(const port_book *book, jw_writer *writer);
void port_load(port_book *book, jw_reader *reader);

/* ai_tune.c */
bool tune_is_tag(uint64_t tag);
void tune_read_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok);
void tune_ask_again(jw_world *world, jw_ai *ai, const jw_event *event);
jw_result tune_verb_resize(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result tune_verb_cancel(jw_world *world, void *state, const jw_command *command, jw_error *error);
/* ai_tune_law.c */
bool tune_is_law_fine(const jw_tune_law *law);
/* ai_tune_state.c */
void tune_save(const jw_ai *ai, jw_writer *writer);
void tune_load(jw_world *world, jw_ai *ai, jw_reader *reader);

/* ai_tune_table.c */
#define TUNE_COLUMNS 15
extern const jw_column tune_columns[TUNE_COLUMNS];
uint32_t tune_rows(const jw_world *world, const void *state);
double tune_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t tune_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *tune_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
double tune_count_phases(const jw_ai *ai, jw_tune_phase first, jw_tune_phase last);

/* ai_approval.c: the risk, the desks, what is submitted. */
jw_result approval_init(jw_world *world, jw_ai *ai, const jw_approval_def *def, jw_error *error);
void approval_attach(jw_world *world, approval_book *book);
void approval_free(approval_book *book);
/* The version that was just added to the registry, of this origin. */
jw_result approval_add_model(jw_ai *ai, const model_origin *origin, jw_error *error);
void approval_trust(jw_ai *ai, uint32_t model); /* it serves when the scene begins */
jw_result approval_check(const jw_ai *ai, uint32_t model, jw_error *error); /* that it may be deployed */
/* The desks go on by working days: what would be reviewed by then is, in order; trials wait. */
jw_result approval_pass_days(jw_world *world, jw_ai *ai, double days, jw_error *error);
void approval_reviewed(jw_world *world, jw_ai *ai);
void approval_decide(jw_world *world, jw_ai *ai, uint32_t submission, bool is_approved);
void approval_restart_counts(approval_book *book);
int64_t approval_desk_ns(const jw_world *world, const approval_book *book);
jw_result approval_verb_withdraw(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result approval_verb_fast_track(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result approval_verb_require(jw_world *world, void *state, const jw_command *command, jw_error *error);
enum { APPROVAL_REQUIRE_ARGS = 11, APPROVAL_WITHDRAW_ARGS = 2, APPROVAL_FAST_ARGS = 1 };
extern const jw_verb_arg approval_require_args[APPROVAL_REQUIRE_ARGS],
    approval_withdraw_args[APPROVAL_WITHDRAW_ARGS], approval_fast_args[APPROVAL_FAST_ARGS];
/* ai_approval_state.c */
void approval_save(const approval_book *book, jw_writer *writer);
void approval_load(jw_ai *ai, jw_reader *reader);
void test_save(const quality_test *test, jw_writer *writer);
void test_load(quality_test *test, jw_reader *reader);
/* ai_trial.c */
test_verdict test_verdict_of(const quality_test *test);
/* ai_drift.c */
void drift_start(jw_world *world, jw_ai *ai);
void drift_observe(jw_world *world, jw_ai *ai);
void drift_add_model(jw_ai *ai, const model_origin *origin);
double drift_distance(const approval_book *book, uint32_t model);
double drift_quality(const jw_ai *ai, uint32_t model); /* of the registry */

/* ai_table.c */
enum { AI_OWN_METRICS = 22, AI_METRICS = AI_OWN_METRICS + AI_SECTOR_METRICS, AI_TABLES = 13 };
extern const jw_metric ai_metrics[AI_METRICS];
double ai_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table ai_tables[AI_TABLES];

#endif
