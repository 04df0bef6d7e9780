/* Inside of ai: sectors, sources, consumers, the adapters between them, and the streams of records. */
#ifndef JW_AI_SECTOR_INTERNAL_H
#define JW_AI_SECTOR_INTERNAL_H

#include "ai/ai_sector.h"

typedef struct sector_owner {
    jw_sector_def def;
    int64_t refused;
} sector_owner;

typedef struct data_source {
    jw_source_def def;
    uint32_t sector, k;
    jw_anonymity anonymity;
    int64_t since_ns; /* on the data's clock: when it was added */
    int64_t events;   /* of a measured feed, taken so far */
    uint64_t base;    /* of the port's count, up to which they are taken */
} data_source;

/* Records, and sums over them. */
typedef struct data_batch {
    int64_t records;
    double made_days; /* when they were made, on the data's clock */
    double risk, detail;
} data_batch;

typedef struct data_stream {
    uint32_t source, consumer;  /* JW_NONE: the substrate */
    uint32_t upstream;          /* stream to the substrate that feeds it; JW_NONE: the source itself */
    uint32_t adapter;           /* its own */
    uint8_t phase, is_fed;      /* fed: it has what was there before it, and gets what comes */
    uint32_t chain, tries;      /* of ticks; of transfers */
    int64_t asked_ns, ready_ns; /* on the clock of work; ready: open for the first time, -1 before */
    int64_t opened_ns;          /* on the world's clock, the first time */
    int64_t first_ns;           /* first delivery; -1 before */
    int64_t seen_ns;            /* data's clock: up to which it has seen what the source made */
    int64_t seen;
    data_batch waiting, checked, moving, delivered;
    int64_t moving_bytes;
    double quality_carry, anonymous_carry; /* parts of records still to be dropped */
    int64_t dropped_quality, dropped_residency, dropped_anonymous, lost;
} data_stream;

typedef struct data_adapter {
    uint32_t source, consumer; /* JW_NONE: the substrate's side; both: a package of it */
    uint8_t phase;
    uint64_t turn; /* in the queue */
    double effort_days, worked_days;
    int64_t queued_ns, started_ns, due_ns; /* on the clock of work */
} data_adapter;

typedef struct sector_book {
    jw_integration_def def;
    sector_owner *owners;
    uint32_t owner_count, owner_capacity;
    data_source *sources;
    uint32_t source_count, source_capacity;
    jw_consumer_def *consumers;
    uint32_t consumer_count, consumer_capacity;
    data_stream *streams;
    uint32_t stream_count, stream_capacity;
    data_adapter *adapters;
    uint32_t adapter_count, adapter_capacity;
    uint64_t turns;
    int64_t worked_ns, passed_ns; /* what jw_ai_pass_days added to the clocks of work and of data */
    int64_t asked_bytes, arrived_bytes, lost_bytes; /* over the network */
    int64_t local_bytes;                            /* without it */
} sector_book;

struct jw_ai;
#define SECTOR_TAG           (1ull << 62)
#define SECTOR_RECORDS_MAX   1000000000000000ll        /* of any sum: a double tells them apart */
#define SECTOR_PASSED_NS_MAX (36525ll * SECTOR_DAY_NS) /* when more is asked for, time stands still */
#define SECTOR_DAY_NS        (86400 * JW_NS_PER_S)

/* ai_sector.c */
uint32_t sector_find_owner(const sector_book *book, const char *id);
uint32_t sector_find_source(const sector_book *book, const char *id);
uint32_t sector_find_consumer(const sector_book *book, const char *id);
bool sector_is_integration_fine(const jw_integration_def *def);
bool sector_is_source_fine(const jw_source_def *def);
bool sector_is_consumer_fine(const jw_consumer_def *def);
void sector_free(sector_book *book);
void sector_pass_days(jw_world *world, struct jw_ai *ai, double days, double working_days);

/* ai_sector_work.c: the integrators. */
int64_t sector_work_ns(const jw_world *world, const sector_book *book);
void sector_work(jw_world *world, struct jw_ai *ai);
jw_result sector_queue_adapter(jw_world *world, sector_book *book, uint32_t source, uint32_t consumer,
                               double effort_days, uint32_t *out, jw_error *error);
double sector_worked_days(const jw_world *world, const sector_book *book, const data_adapter *adapter);
void sector_open_streams(jw_world *world, struct jw_ai *ai, int64_t at_ns);

/* ai_sector_flow.c: the streams. */
int64_t sector_data_ns(const jw_world *world, const sector_book *book);
int64_t sector_made(const jw_world *world, const struct jw_ai *ai, uint32_t source);
void sector_feed(jw_world *world, struct jw_ai *ai, uint32_t stream);
void sector_start_ticks(jw_world *world, struct jw_ai *ai, uint32_t stream);
void sector_tick(jw_world *world, struct jw_ai *ai, const jw_event *event);
void sector_transfer_ended(jw_world *world, struct jw_ai *ai, uint64_t tag, bool is_ok);
void sector_site_down(jw_world *world, struct jw_ai *ai, uint64_t site);
void sector_forget_store(jw_world *world, struct jw_ai *ai, uint64_t site);
void sector_deliver_all(jw_world *world, struct jw_ai *ai);
void sector_restart_counts(sector_book *book);
int64_t sector_moving_bytes(const sector_book *book);
bool sector_is_consistent(const sector_book *book, jw_error *error);

/* ai_sector_view.c */
void sector_corpus(const jw_world *world, const sector_book *book, uint32_t consumer, jw_corpus *out);

/* ai_sector_state.c */
void sector_save(const sector_book *book, jw_writer *writer);
void sector_load(sector_book *book, jw_reader *reader);

/* ai_sector_table.c */
enum {
    AI_SECTOR_METRICS = 9,
    SECTOR_OWNER_COLUMNS = 6,
    SECTOR_SOURCE_COLUMNS = 15,
    SECTOR_CONSUMER_COLUMNS = 14,
    SECTOR_STREAM_COLUMNS = 13,
    SECTOR_ADAPTER_COLUMNS = 6
};
double sector_metric(const jw_world *world, const struct jw_ai *ai, uint32_t metric);
extern const jw_column sector_owner_columns[SECTOR_OWNER_COLUMNS];
uint32_t sector_owner_rows(const jw_world *world, const void *state);
double sector_owner_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t sector_owner_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *sector_owner_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
extern const jw_column sector_source_columns[SECTOR_SOURCE_COLUMNS];
uint32_t sector_source_rows(const jw_world *world, const void *state);
double sector_source_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t sector_source_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *sector_source_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
extern const jw_column sector_consumer_columns[SECTOR_CONSUMER_COLUMNS];
uint32_t sector_consumer_rows(const jw_world *world, const void *state);
double sector_consumer_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t sector_consumer_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *sector_consumer_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
extern const jw_column sector_stream_columns[SECTOR_STREAM_COLUMNS];
uint32_t sector_stream_rows(const jw_world *world, const void *state);
int64_t sector_stream_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *sector_stream_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);
extern const jw_column sector_adapter_columns[SECTOR_ADAPTER_COLUMNS];
uint32_t sector_adapter_rows(const jw_world *world, const void *state);
double sector_adapter_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *sector_adapter_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);

/* ai_sector_verb.c */
enum {
    SECTOR_CONNECT_ARGS = 2,
    SECTOR_WIRE_ARGS = 1,
    SECTOR_PEOPLE_ARGS = 1,
    SECTOR_PURPOSE_ARGS = 3,
    SECTOR_ANONYMISE_ARGS = 2,
    SECTOR_SCHEMA_ARGS = 1
};
extern const jw_verb_arg sector_connect_args[SECTOR_CONNECT_ARGS], sector_wire_args[SECTOR_WIRE_ARGS],
    sector_people_args[SECTOR_PEOPLE_ARGS], sector_purpose_args[SECTOR_PURPOSE_ARGS],
    sector_anonymise_args[SECTOR_ANONYMISE_ARGS], sector_schema_args[SECTOR_SCHEMA_ARGS];
jw_result sector_verb_connect(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result sector_verb_wire(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result sector_verb_people(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result sector_verb_purpose(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result sector_verb_anonymise(jw_world *world, void *state, const jw_command *command, jw_error *error);
jw_result sector_verb_schema(jw_world *world, void *state, const jw_command *command, jw_error *error);

#endif
