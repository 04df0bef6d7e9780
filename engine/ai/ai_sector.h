/* The city's data as what models learn from: sectors own sources, integrators build the adapters through
 * which consumers get them, and what has arrived is a corpus.
 *
 * Two ways of wiring, one mechanism:
 *
 *   point to point   source --adapter--> consumer                        one adapter for each wanted pair
 *   fabric           source --adapter--> substrate --adapter--> consumer  one for each source and consumer
 *
 * An adapter takes person-days: those of understanding what it joins. Each is the work of one integrator at a
 * time; adapters wait for the next free one in the order they were asked for. So cost and time come out of a
 * queue. The substrate itself is work, too, in packages.
 *
 * Records are counted one by one. A source makes them by the clock, or by what the city really did (pictures
 * answered, trips ended, parts inspected: port `measured`). Where its adapter is done they go in batches over
 * the network, as flows of their bytes. Exact for each stream (source to consumer, source to substrate,
 * substrate to consumer):
 *   seen = waiting + checked + moving + delivered + dropped (quality, residency, anonymous) + lost
 *
 * Two clocks: data are made and moved on the world's clock; people work by days, each day_s of the clock.
 * Where jw_ai_pass_days lets days pass, people work, sources make records, and what is open is delivered at
 * once, without the network. */
#ifndef JW_AI_SECTOR_H
#define JW_AI_SECTOR_H

#include "ai/ai.h"

/* Of text, code and tables; the usual figure of English sub-word vocabularies (unverified). */
#define JW_BYTES_PER_TOKEN 4.0
/* Of a dataset of which nothing but its volume is known (unverified). */
#define JW_BYTES_PER_RECORD 1000.0

/* What a dataset is worth to a model, now. */
typedef struct jw_corpus {
    double records;
    double tokens;      /* its bytes / JW_BYTES_PER_TOKEN */
    double age_days;    /* mean of its records */
    double coverage;    /* share of what it should tell that it tells, 0..1 */
    double quality;     /* share of its records that are right and complete, 0..1 */
    double sensitivity; /* weight of one record in an exposure: 0 open, 1 personal, above: special */
} jw_corpus;

/* False when there is no such dataset. Of a dataset of which nothing but its volume is known: records of
 * JW_BYTES_PER_RECORD, all there and right (coverage and quality 1), open, and as old as it is here.
 *
 * A consumer's id is a dataset, too, also before the first record is there. Of its sources s = 1, 2, ... with
 * arrived share a (delivered / seen), detail d (1 unless made anonymous):
 *
 *   one after the other  records = sum of records; coverage = mean of coverage x a x d over all wanted
 *   joined               a record of the first source finds its partner in s with p = coverage x a x match,
 *                        so records = those of the first x product of p; coverage = product of
 *                        coverage x a x d x match (the first's match left out); right only where all parts
 *                        are; sensitivities add up
 *
 * Where records were made anonymous before they could be joined the partner is one of a group of equals:
 * match is then times the chance to pick the right one. What the substrate gives out was joined before. */
bool jw_ai_corpus(const jw_world *world, const jw_ai *ai, const char *dataset, jw_corpus *out);

/* ---- who has what, and who wants it ----------------------------------------------------------------------
 */

enum { JW_PURPOSES_MAX = 8, JW_CONSUMER_SOURCES_MAX = 12, JW_SECTOR_NAME_SIZE = 24 };

/* Owns sources, and says for which purposes they may be used. */
typedef struct jw_sector_def {
    char id[JW_SECTOR_NAME_SIZE]; /* "tax", "health", "logistics", "transport", "industry" */
    char owner[48];               /* for people */
    uint32_t purpose_count;
    char purposes[JW_PURPOSES_MAX][JW_SECTOR_NAME_SIZE]; /* allowed */
} jw_sector_def;

/* What makes records. */
typedef enum jw_feed { JW_FEED_CLOCK, JW_FEED_CAMERAS, JW_FEED_TRIPS, JW_FEED_PARTS, JW_FEED_COUNT } jw_feed;

typedef struct jw_source_def {
    char id[JW_MODEL_ID_SIZE];        /* "tax-invoices" */
    char sector[JW_SECTOR_NAME_SIZE]; /* one that is there */
    char schema[JW_MODEL_ID_SIZE];    /* its form, for people */
    uint8_t feed;                     /* jw_feed */
    double records_per_day;           /* by the clock; of a measured feed only before the start */
    double records_per_event;         /* of a measured feed */
    double history_days;              /* of records_per_day, there at the start */
    double record_bytes;
    double quality;     /* share of right and complete records */
    double sensitivity; /* of a record: 0 open, 1 personal, above: special */
    double coverage;    /* share of the people, vehicles or parts in question that it knows */
    double match;       /* share of records with a key by which another source finds them */
    uint32_t persons;   /* its records are about so many; 0: about nobody, exposing nobody */
    double effort_days; /* person-days to understand it */
    uint64_t home;      /* site */
    uint8_t residency;  /* as of jw_dataset_def */
    uint8_t is_unverified;
} jw_source_def;

/* Its id is that of the dataset that grows at its site. */
typedef struct jw_consumer_def {
    char id[JW_MODEL_ID_SIZE];
    char purpose[JW_SECTOR_NAME_SIZE];
    uint64_t site;
    uint32_t source_count;
    char sources[JW_CONSUMER_SOURCES_MAX][JW_MODEL_ID_SIZE]; /* that it wants */
    uint8_t is_joined;                                       /* by keys; else one after the other */
    double effort_days;                                      /* person-days to understand what it needs */
} jw_consumer_def;

typedef enum jw_wiring { JW_WIRING_POINT_TO_POINT, JW_WIRING_FABRIC } jw_wiring;
const char *jw_wiring_name(jw_wiring wiring); /* "point_to_point", "fabric" */

/* Person-days: an adapter of point to point takes those of its source and its consumer; to the substrate
 * those of its source (or consumer) and of the unified schema. All figures are unverified. */
#define JW_NO_SITE UINT64_MAX
typedef struct jw_integration_def {
    uint8_t wiring;              /* of connections asked for from now on */
    uint64_t substrate;          /* its site, or JW_NO_SITE */
    double substrate_days;       /* of the substrate, in as many equal packages; begun with the first use */
    uint32_t substrate_packages; /* >= 1 */
    double schema_days;          /* of the unified schema, for each adapter */
    uint32_t integrators;
    double day_s;        /* of the clock, 0.01 to 86400 */
    double cny_per_day;  /* of a person */
    double batch_s;      /* between batches of a stream */
    double check_share;  /* of wrong or incomplete records, those that an adapter finds and drops */
    double rework_share; /* of a source's effort, when its schema changes */
} jw_integration_def;
jw_integration_def jw_default_integration_def(void); /* substrate at no site: only point to point */

/* JW_ERROR_STATE after the first connection was asked for. */
jw_result jw_ai_set_integration(jw_ai *ai, const jw_integration_def *def, jw_error *error);
jw_result jw_ai_add_sector(jw_ai *ai, const jw_sector_def *def, jw_error *error);
jw_result jw_ai_add_source(jw_world *world, jw_ai *ai, const jw_source_def *def, jw_error *error);
jw_result jw_ai_add_consumer(jw_ai *ai, const jw_consumer_def *def, jw_error *error);

/* ---- what is asked
 * --------------------------------------------------------------------------------------------- */

/* A consumer asks for a source ("": for all it wants and has not asked for). Refused: JW_ERROR_NOT_FOUND,
 * JW_ERROR_EXISTS, JW_ERROR_STATE when the wiring is by a substrate that is at no site. A use for a purpose
 * that the owner forbids is no error: it is counted, and waits until the owner allows it. */
jw_result jw_ai_connect_source(jw_world *world, jw_ai *ai, const char *consumer, const char *source,
                               jw_error *error);
/* Of connections asked for from now on. */
jw_result jw_ai_set_wiring(jw_ai *ai, jw_wiring wiring, jw_error *error);
/* Who works on an adapter finishes it. */
jw_result jw_ai_set_integrators(jw_world *world, jw_ai *ai, uint32_t people, jw_error *error);
/* What is forbidden stops; what has been delivered stays. */
jw_result jw_ai_allow_purpose(jw_world *world, jw_ai *ai, const char *sector, const char *purpose,
                              bool is_allowed, jw_error *error);
/* From now on records leave their source (by fabric: the substrate) only in groups of k or more equals
 * (k-anonymity, Samarati and Sweeney 1998): see jw_anonymity. 1: as they are. */
jw_result jw_ai_anonymise(jw_world *world, jw_ai *ai, const char *source, uint32_t k, jw_error *error);
/* Adapters of a source are of no use any more until they are reworked. */
jw_result jw_ai_change_schema(jw_world *world, jw_ai *ai, const char *source, jw_error *error);
/* Full-domain generalisation over persons drawn by `key`, at most JW_ANONYMITY_PERSONS_MAX of them: three
 * attributes of 64 values each (64 u squared with u even in 0..1), coarsened in turn by a bit at a time, 18
 * steps to nothing. Taken is the first step at which no more than 5 % of them are in groups of fewer than k;
 * those are dropped. Since a step costs more detail than all that may be dropped, what is left of use,
 * (1 - dropped) x detail, falls with k. */
typedef struct jw_anonymity {
    double dropped; /* share of records */
    double detail;  /* bits left over bits, 1 at full detail */
    double risk; /* mean of 1 / group size of those kept: the chance to pick the right person; 1 for k = 1 */
} jw_anonymity;
#define JW_ANONYMITY_PERSONS_MAX 200000u
#define JW_ANONYMITY_K_MAX       10000u
jw_result jw_anonymity_of(jw_random_key key, uint32_t persons, uint32_t k, jw_anonymity *out,
                          jw_error *error);

/* ---- views; pointers live until the next step
 * ------------------------------------------------------------------ */

typedef struct jw_sector_state {
    const jw_sector_def *def;
    uint32_t sources;
    int64_t refused; /* uses asked for that the owner forbade */
    double exposure;
} jw_sector_state;
bool jw_ai_sector(const jw_ai *ai, uint32_t slot, jw_sector_state *out);

typedef struct jw_source_state {
    const jw_source_def *def;
    int64_t made; /* records, its history among them */
    uint32_t k;
    jw_anonymity anonymity;
    /* Person-records x sensitivity x risk, over the sites that hold them beside its home. */
    double exposure;
} jw_source_state;
bool jw_ai_source(const jw_world *world, const jw_ai *ai, uint32_t slot, jw_source_state *out);

typedef struct jw_consumer_state {
    const jw_consumer_def *def;
    uint32_t asked, refused, served; /* sources: asked for, forbidden, with records delivered */
    bool is_complete;                /* has asked, and all that is not forbidden is served */
    double adapter_days; /* from asking to the last adapter, in days of work; of those that are done */
    double load_s;       /* from then to the first record of each, on the clock; once complete */
    double data_days;    /* time to data: the two together; 0 before it is complete */
    jw_corpus corpus;
} jw_consumer_state;
bool jw_ai_consumer(const jw_world *world, const jw_ai *ai, uint32_t slot, jw_consumer_state *out);

typedef enum jw_stream_phase { JW_STREAM_FORBIDDEN, JW_STREAM_WAITING, JW_STREAM_OPEN } jw_stream_phase;
typedef struct jw_stream_state {
    const char *source, *consumer; /* consumer "": the substrate */
    bool is_by_substrate;          /* to it or from it */
    jw_stream_phase phase;
    int64_t seen, waiting, checked, moving, delivered; /* records; checked: to be moved */
    int64_t dropped_quality, dropped_residency, dropped_anonymous, lost;
} jw_stream_state;
bool jw_ai_stream(const jw_ai *ai, uint32_t slot, jw_stream_state *out);

typedef enum jw_adapter_phase { JW_ADAPTER_QUEUED, JW_ADAPTER_WORKING, JW_ADAPTER_DONE } jw_adapter_phase;
typedef struct jw_adapter_state {
    const char *source, *consumer; /* both "": a package of the substrate */
    jw_adapter_phase phase;
    double effort_days, worked_days; /* of what is being done; person-days so far, rework among them */
    double waited_days;              /* in the queue, the last time */
} jw_adapter_state;
bool jw_ai_adapter(const jw_world *world, const jw_ai *ai, uint32_t slot, jw_adapter_state *out);

typedef struct jw_integration_state {
    jw_integration_def def;
    uint32_t adapters, adapters_done, adapters_waiting; /* waiting: in the queue, nobody works on them */
    uint32_t asked, forbidden;                          /* uses */
    uint32_t consumers_complete;
    double person_days, cost_cny;
    double data_days; /* mean time to data of the complete consumers */
    double records;   /* in all corpora */
    double exposure;
} jw_integration_state;
jw_integration_state jw_ai_integration(const jw_world *world, const jw_ai *ai);

/* False and a message when records do not add up. */
bool jw_ai_is_data_consistent(const jw_ai *ai, jw_error *error);

/* Verbs: connect_source(consumer, source), wire_data(mode), set_integrators(people), allow_purpose(sector,
 * purpose, on), anonymise(source, k), change_schema(source). Tables (state): sectors, data_sources,
 * data_consumers, data_streams, data_adapters. Metrics: ai.corpus_records, .integration_days,
 * .integration_cost, .adapters_done, .adapters_waiting, .consumers_complete, .time_to_data, .exposure,
 * .uses_forbidden. */

#endif
