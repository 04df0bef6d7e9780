/* AI models as products: versions of a model, their quality, and their rollout to sites as images that really
 * cross the network. One kernel module, named "ai".
 *
 * The data fabric lies here, too: datasets are volumes at sites that are copied and read as flows over the
 * network (ai_fabric.c), within what their residency allows. Bytes, exact: asked = arrived + lost + moving.
 *
 * So does the supply of cards: orders with lead times, makers that grow, export rules (ai_supply.c).
 * Fine-tuning on the fabric's data is in ai_tune.h.
 *
 * A deployment walks through its sites in waves: image transfer (port) -> install (port) -> serving. A health
 * check after each wave stops and rolls back when too many sites failed. It may begin with a canary: the
 * first site alone, where the new version answers a share of the requests beside the old one. With a sample
 * the check also looks at the version's measured answers (jw_ai_note_decision of ai_approval.h): as soon as
 * more of the sample are wrong or late than allowed, everything goes back at once. So a bad version harms at
 * most the canary's answers until then. Both versions share the site's cards; how fast they are is the
 * installed one's. */
#ifndef JW_AI_H
#define JW_AI_H

#include "kernel/kernel.h"

#define JW_MODEL_ID_SIZE 32
#define JW_CITY_FEATURES 16

/* A version of a model of the catalogue. Version numbers start at 1. */
typedef struct jw_model {
    char id[JW_MODEL_ID_SIZE]; /* "signal-vision" */
    uint32_t version;
    uint32_t service; /* what it serves: index of compute's services (twin sees to it) */
    double image_gb;
    double quality; /* declared share of right decisions on fresh input, 0..1 */
    uint8_t is_unverified;
    double parameters_b;     /* billions; 0: not known, it cannot be tuned */
    double operation_factor; /* operations a request against its service's figure; 0 = 1 */
    double domain_tokens_b;  /* what its training is worth in its domain, billions of tokens; 0: not known */
} jw_model;

/* A way to make a model smaller, against 16-bit weights. */
typedef struct jw_compression {
    char id[JW_MODEL_ID_SIZE]; /* "int4-awq" */
    double memory_factor;      /* of the image, above 0 to 1 */
    double quality_factor;     /* of the quality, above 0 to 1.1: some gain */
    double operation_factor;   /* of the operations a request takes, above 0 to 1; 0 = 1 */
    double sparse_factor; /* the same on cards that are made for sparse matrices; 0: as operation_factor */
    uint8_t is_int8;      /* computes in INT8, else as the model does */
    uint8_t is_unverified;
} jw_compression;

/* A volume of data. */
typedef struct jw_dataset_def {
    char id[JW_MODEL_ID_SIZE]; /* "junction-video" */
    char sector[24];           /* "transport", "tax", "health", "logistics", "industry" */
    int64_t size_bytes;        /* > 0 */
    uint64_t home;             /* the site it came from */
    uint8_t residency;         /* what the port may_hold makes of it */
    uint8_t is_unverified;
} jw_dataset_def;

/* A kind of card that can be bought. */
typedef struct jw_supply_card {
    char id[JW_MODEL_ID_SIZE];
    double fp16_tflops, int8_tops; /* dense */
    double die_mm2;                /* area of its dies that counts for the export rule; 0: not known */
    double price_cny, peak_w;      /* of one */
    double lead_days;              /* from made to delivered */
    double maker_per_day;          /* what its maker has for this buyer at the clock's zero; 0: any number */
    double maker_growth_per_day;   /* more a day after each year of 365 days; only with maker_per_day */
    uint8_t is_domestic;           /* no export rule holds for it */
    uint8_t is_unverified;
} jw_supply_card;

struct jw_tune_law; /* ai_tune.h */
typedef struct jw_ai_def {
    const jw_model *models;
    uint32_t model_count;
    const jw_supply_card *cards;
    uint32_t card_count;
    const jw_compression *methods;
    uint32_t method_count;
    const struct jw_tune_law *law;          /* NULL: nothing can be tuned */
    const struct jw_approval_def *approval; /* ai_approval.h; NULL: none */
} jw_ai_def;

extern const jw_module jw_ai_module;
typedef struct jw_ai jw_ai;

typedef struct jw_deployment_id {
    uint32_t index1, generation;
} jw_deployment_id;

/* What a training takes. */
typedef struct jw_training_need {
    double operations; /* floating-point, in all */
    double memory_gb;  /* of the cards that train together: weights, gradients, optimiser */
    uint32_t cards;    /* at least; 0: as few as hold it */
} jw_training_need;

/* Sites are opaque here: `site` is what twin handed in. */
typedef struct jw_ai_ports {
    /* Starts a transfer of `bytes` between sites; ends in jw_ai_transfer_ended with the same tag, later than
     * the call. `from` may be JW_AI_REGISTRY: where model images come from. */
    jw_result (*start_transfer)(jw_world *world, uint64_t from, uint64_t to, int64_t bytes, uint64_t tag);
    void (*stop_transfer)(jw_world *world, uint64_t tag);
    /* Makes the site serve this version (0: takes the model away). */
    jw_result (*install)(jw_world *world, uint64_t site, uint32_t service, uint32_t version, jw_error *error);
    bool (*is_site_up)(jw_world *world, uint64_t site);
    /* Of datasets: how far a replica is in seconds (< 0: no way); whether data of this home and residency may
     * be at the site; the site's name for people (borrowed until the next step). */
    double (*distance_s)(jw_world *world, uint64_t from, uint64_t to);
    bool (*may_hold)(jw_world *world, uint64_t home, uint8_t residency, uint64_t site);
    const char *(*site_name)(const jw_world *world, uint64_t site);
    /* Delivered cards go into the site's racks; false: no room or power there, they stay in stock. NULL: they
     * all stay. */
    bool (*rack_cards)(jw_world *world, uint64_t site, const char *card, uint32_t count);
    /* An order worth so much was cancelled. May be NULL. */
    void (*take_back)(jw_world *world, double cny);
    /* A service has been ported to a card. May be NULL. */
    void (*ported)(jw_world *world, const char *service, const char *card);
    /* A read that jw_ai_read began has ended, other than a tuning's. May be NULL. */
    void (*read_ended)(jw_world *world, uint64_t tag, bool is_ok);
    /* Begins a training at the site, or says whether it could (tag 0). Ends in jw_ai_training_ended, later
     * than the call; *job names it to stop_training. JW_ERROR_LIMIT: the site never can, and why;
     * JW_ERROR_STATE: not now (no card is free, it is down). May be NULL: nothing can be tuned. */
    jw_result (*start_training)(jw_world *world, uint64_t site, const jw_training_need *need, uint64_t tag,
                                uint64_t *job, jw_error *error);
    void (*stop_training)(jw_world *world, uint64_t site, uint64_t job);
    /* What the city is like now, for drift: features scaled such that a difference of 1 of one of them is
     * another city; unused ones 0. May be NULL. */
    void (*city_features)(const jw_world *world, double out[JW_CITY_FEATURES]);
    /* How many events of a jw_feed (ai_sector.h) the city has counted so far. NULL: none. */
    uint64_t (*measured)(const jw_world *world, uint8_t feed);
} jw_ai_ports;
#define JW_AI_REGISTRY UINT64_MAX
void jw_ai_set_ports(jw_ai *ai, const jw_ai_ports *ports);
void jw_ai_transfer_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok);

typedef struct jw_deployment_def {
    char model[JW_MODEL_ID_SIZE];
    uint32_t version; /* 0: the newest */
    const uint64_t *sites;
    uint32_t site_count;
    uint32_t wave_size;      /* sites a wave; 0: all at once */
    double wave_pause_s;     /* health check after a wave; 0 = 60 */
    double max_failed_share; /* of a wave's sites; beyond it everything is rolled back; 0 = 0.5 */
    uint8_t is_instant;      /* at the start of a scene: images are there already */
    double canary_share;     /* of the first site's requests; 1: all of them; 0: no canary */
    /* Answers that the check looks at, of the canary (it waits for them) and of each wave (it does not); 0 =
     * 200 with a canary, else none are looked at. */
    uint32_t health_decisions;
    double max_error_share; /* of these; 0 = the declared error and 0.05 */
    double max_late_share;  /* of these; 0 = any */
} jw_deployment_def;
/* Refused (JW_ERROR_STATE) when a rollout of the same model to one of these sites is still running (one to
 * other sites may), and where the scene has approval (ai_approval.h) and the version does not have it. */
jw_result jw_ai_deploy(jw_world *world, jw_ai *ai, const jw_deployment_def *def, jw_deployment_id *out,
                       jw_error *error);
/* Sites that got the version go back to what they served before (the image is still there: no transfer), also
 * those that failed since; a site that a later rollout brought to another version keeps that one. */
jw_result jw_ai_rollback(jw_world *world, jw_ai *ai, jw_deployment_id deployment, jw_error *error);

/* Carries a running rollout through at once, as when its transfers and health checks had gone well: for a
 * world that stands for a later time than its clock. Sites that are down fail. JW_ERROR_STATE: it is not
 * running. */
jw_result jw_ai_finish(jw_world *world, jw_ai *ai, jw_deployment_id deployment, jw_error *error);

/* Days pass at once for what waits for days, as a roadmap needs it between its rushes: the calendar is ahead
 * of the clock from then on. Orders that fall due arrive, what lies in stock tries the racks again, and
 * reviewers and data integrators have 250 days of a year to work; sources make records, and streams that are
 * open have them at once. Trials need decisions and wait. JW_ERROR_INPUT: not 0 to 10,000. */
jw_result jw_ai_pass_days(jw_world *world, jw_ai *ai, double days, jw_error *error);

/* 0: not serving. */
uint32_t jw_ai_serving_version(const jw_ai *ai, uint64_t site, const char *model);
/* True quality of a version at a service now, drift included (ai_approval.h); 0 when unknown. */
double jw_ai_quality(const jw_ai *ai, uint32_t service, uint32_t version);
uint32_t jw_ai_newest_version(const jw_ai *ai, const char *model);

/* A new version, the next after the newest, made smaller of `version` (0: the newest): its image and quality
 * times the factors of the method (quality at most 1). How fast a site runs it is compute's, which learns of
 * the factors when it is installed there. Refused: JW_ERROR_NOT_FOUND without such a version or method,
 * JW_ERROR_STATE when it is compressed already. */
jw_result jw_ai_compress(jw_world *world, jw_ai *ai, const char *model, uint32_t version, const char *method,
                         uint32_t *made, jw_error *error);

/* The version at a service, NULL: no such one; and the compression that made it, NULL: none. Until the next
 * step. */
const jw_model *jw_ai_version(const jw_ai *ai, uint32_t service, uint32_t version);
const jw_compression *jw_ai_compression(const jw_ai *ai, uint32_t service, uint32_t version);
/* A site serves no version of the model any more; its images stay. JW_ERROR_NOT_FOUND: it serves none. */
jw_result jw_ai_take_away(jw_world *world, jw_ai *ai, uint64_t site, const char *model, jw_error *error);

typedef struct jw_model_state {
    const jw_model *model;   /* until the next step, like the method */
    uint32_t parent_version; /* it was made of; 0: none */
    const char *method;      /* compression or tuning; "" when none */
    int64_t made_ns;         /* 0: at the start */
    uint32_t sites_serving;
    bool is_approved; /* it may be deployed: ai_approval.h */
    double distance;  /* of drift */
} jw_model_state;
uint32_t jw_ai_model_count(const jw_ai *ai);
bool jw_ai_model(const jw_ai *ai, uint32_t slot, jw_model_state *out);

typedef enum jw_deployment_phase {
    JW_DEPLOY_RUNNING,
    JW_DEPLOY_DONE,
    JW_DEPLOY_ROLLED_BACK
} jw_deployment_phase;
typedef struct jw_deployment_state {
    jw_deployment_id id;
    char model[JW_MODEL_ID_SIZE];
    uint32_t version;
    jw_deployment_phase phase;
    uint32_t waves_done, sites_waiting, sites_transferring, sites_serving, sites_failed;
    double canary_share;                            /* 0: no canary, or it is over */
    uint32_t judged, wrong, late;                   /* answers of the canary or of this wave */
    uint32_t health_decisions, max_wrong, max_late; /* the sample, and what it may have */
} jw_deployment_state;
uint32_t jw_ai_deployment_count(const jw_ai *ai);
bool jw_ai_deployment(const jw_ai *ai, uint32_t slot, jw_deployment_state *out);

/* ---- the data fabric
 * --------------------------------------------------------------------------------------- */

/* The volume is at its home from now on. */
jw_result jw_ai_add_dataset(jw_world *world, jw_ai *ai, const jw_dataset_def *def, jw_error *error);
/* Copies the volume to a site from the nearest replica that is up. Refused: JW_ERROR_NOT_FOUND without such a
 * dataset or way, JW_ERROR_STATE where its residency forbids it, JW_ERROR_EXISTS when it is there or coming.
 * At the start of a scene (is_instant) it is there already. */
jw_result jw_ai_replicate(jw_world *world, jw_ai *ai, const char *dataset, uint64_t to, bool is_instant,
                          jw_error *error);
/* Reads `bytes` (0: all) at a site from the nearest replica that is up: over the network, or at once where
 * one lies. Ends in port read_ended with `tag` (below 2^62): later, or within the call when no transfer can
 * begin. Refused as above. */
jw_result jw_ai_read(jw_world *world, jw_ai *ai, const char *dataset, uint64_t at, int64_t bytes,
                     uint64_t tag, jw_error *error);
/* A site went down: what comes from it is begun anew from another replica (at most JW_DATA_TRIES times in
 * all), what goes to it is lost. Its replicas are there again when it is up. */
#define JW_DATA_TRIES 3
void jw_ai_site_down(jw_world *world, jw_ai *ai, uint64_t site);
/* A site is up again: cards that came for it meanwhile go into its racks. */
void jw_ai_site_up(jw_world *world, jw_ai *ai);
/* The site's store is gone for good: its replicas with it. A dataset's home is then its oldest replica left.
 */
void jw_ai_forget_store(jw_world *world, jw_ai *ai, uint64_t site);

typedef struct jw_dataset_state {
    const jw_dataset_def *def; /* until the next step */
    uint32_t replicas;         /* home included; 0: lost */
    uint32_t moving;           /* copies and reads under way */
    int64_t reads, refused;    /* ended well; by residency or for want of a replica */
    int64_t read_bytes, local_bytes, copied_bytes;
} jw_dataset_state;
uint32_t jw_ai_dataset_count(const jw_ai *ai);
bool jw_ai_dataset(const jw_ai *ai, uint32_t slot, jw_dataset_state *out);
bool jw_ai_has_replica(const jw_ai *ai, const char *dataset, uint64_t site);

typedef struct jw_data_counts {
    int64_t asked_bytes, arrived_bytes, lost_bytes,
        moving_bytes;    /* over the network; a second try asks anew */
    int64_t local_bytes; /* read where they lie */
    int64_t refused;
} jw_data_counts;
jw_data_counts jw_ai_count_data(const jw_ai *ai);

/* ---- the supply of cards
 * --------------------------------------------------------------------------------------- */

/* The rule of the US Bureau of Industry and Security of October 2023 (ECCN 3A090): its first tier (a total
 * processing performance of 4800, or of 1600 with a density of 5.92), or both (also 2400 with a density
 * of 1.6, or 1600 with 3.2). */
typedef enum jw_export_rule { JW_EXPORT_NONE, JW_EXPORT_OCT2023_FIRST, JW_EXPORT_OCT2023 } jw_export_rule;
const char *jw_export_rule_name(jw_export_rule rule); /* "none", "oct2023-first", "oct2023" */
/* Total processing performance: dense operations per picosecond times bits, of FP16 or INT8, whichever is
 * more. */
double jw_supply_tpp(const jw_supply_card *card);
double jw_supply_density(const jw_supply_card *card); /* of it per mm2; 0 when the area is not known */
/* Whether an imported card may not be bought, and the figure that says so ("" when it may). Without a die
 * area a card of 1600 or more is restricted. */
#define JW_EXPORT_WHY_SIZE 160
bool jw_export_restricts(jw_export_rule rule, const jw_supply_card *card, char why[JW_EXPORT_WHY_SIZE]);
/* When the maker of a card that begins at from_days has made `count`, in days on the clock: its output grows
 * linearly. */
double jw_supply_made_days(const jw_supply_card *card, double from_days, double count);

#define JW_ORDER_MAX 1000000u /* cards of an order */
/* Orders cards for a site: made after what was ordered of that kind before, then under way for the lead time.
 * They arrive together and go into the site's racks, or lie in stock there until it has room. `order` is its
 * slot. Refused: JW_ERROR_NOT_FOUND without such a card, JW_ERROR_STATE where the export rule forbids it,
 * with the figure, or when it would take more than 100 years. */
jw_result jw_ai_order_cards(jw_world *world, jw_ai *ai, const char *card, uint32_t count, uint64_t site,
                            uint32_t *order, jw_error *error);
/* The rule holds from now on: what it restricts and is not delivered yet is cancelled and costs nothing; what
 * is in stock stays. */
void jw_ai_control_export(jw_world *world, jw_ai *ai, jw_export_rule rule);
jw_export_rule jw_ai_export_rule(const jw_ai *ai);

/* Engineers bring a service to a card that it was not written for: person_days of work by so many at a time,
 * after what was asked for before, by the calendar. Ends in port `ported`. What it gains is compute's.
 * JW_ERROR_EXISTS: ported, or being ported; JW_ERROR_INPUT: out of range. */
jw_result jw_ai_port(jw_world *world, jw_ai *ai, const char *service, const char *card, double person_days,
                     uint32_t engineers, jw_error *error);

typedef struct jw_supply_state {
    const jw_supply_card *def;                     /* until the next step */
    int64_t ordered, coming, delivered, cancelled; /* cards: ordered = coming + delivered + cancelled */
    int64_t refused;                               /* cards that the rule kept from being ordered */
    double spent_cny;                              /* for what is coming or delivered */
    bool is_restricted;                            /* now */
} jw_supply_state;
uint32_t jw_ai_supply_count(const jw_ai *ai);
bool jw_ai_supply(const jw_ai *ai, uint32_t slot, jw_supply_state *out);

typedef enum jw_order_phase { JW_ORDER_COMING, JW_ORDER_DELIVERED, JW_ORDER_CANCELLED } jw_order_phase;
typedef struct jw_order_state {
    const char *card; /* until the next step */
    uint32_t count;
    uint64_t site;
    int64_t due_ns; /* on the clock */
    jw_order_phase phase;
    bool is_racked; /* of what is delivered */
} jw_order_state;
uint32_t jw_ai_order_count(const jw_ai *ai);
bool jw_ai_order(const jw_ai *ai, uint32_t slot, jw_order_state *out);
/* Delivered cards of a kind that lie at a site. */
int64_t jw_ai_card_stock(const jw_ai *ai, const char *card, uint64_t site);

/* A catalogue version becomes known at run time: verb release_model(model, version, image_gb, quality); one
 * is made smaller: compress_model(model, method, version); the export rule changes: export_control(rule).
 * Verbs with sites belong to twin (deploy_model, rollback_model, replicate, read_data, lose_store,
 * order_cards, tune_model), since sites are compute's; cancel_tuning(model) is ours. Tables: models,
 * deployments, tunings, datasets, replicas, card_supply, card_orders (state). Metrics: ai.deployments,
 * .sites_serving_newest, .sites_failed, .transferred, .data_moved, .data_moving, .data_refused,
 * .cards_ordered, .cards_coming, .cards_delivered, .cards_cancelled, .cards_refused, .cards_spent, .tunings,
 * .tuned, .tunings_failed; those of approval are in ai_approval.h. */

#endif
