/* The kernel: one clock, one total order of events, a table of modules, a log of commands, snapshots and
 * hashes. It knows no domain by name: cars, cells and factories are modules registered from above.
 *
 * A step k covers (t_k - dt, t_k] and runs, in this order (jw_slot):
 *   SCRIPT     moments of the scenario due at the step's start; they see the events of the step before
 *   (commands) the script's, then external ones in order of sequence
 *   (events)   every event with time_ns in (t_k - dt, t_k], in total order (time_ns, priority, sequence)
 *   TRAFFIC    time-stepped models: these see the world at t_k
 *   COUPLING   what carries state between domains once a step
 *   METRICS    samples
 * then the hash when asked, and the frame when asked (by whoever drives the world).
 *
 * A world may begin some time before its start, to be alive when it starts (warm_ns of jw_world_def). While
 * it warms up, SCRIPT is left out; the step that reaches the start ends with restart_counts of all modules,
 * drops the rows of all logs, and sets the timings and the count of events to zero. What is counted is
 * counted from the start.
 *
 * Threads: a world belongs to one thread at a time. Only jw_world_post may be called from any thread. Two
 * worlds are independent. No mutable globals.
 *
 * Determinism: same build + def + seed + commands => the same hash at every step, for any thread count. */
#ifndef JW_KERNEL_H
#define JW_KERNEL_H

#include "base/base.h"

typedef struct jw_world jw_world;

/* ---- events -------------------------------------------------------------------------------------------- */

/* 32 bytes, no pointers: `a` and `b` are handles or small values of the receiving module. To cancel, the
 * receiver compares a generation kept in `a` or `b` with its own and ignores what is stale. */
typedef struct jw_event {
    int64_t time_ns;
    uint64_t order;  /* priority in the top 8 bits, sequence in the lower 56 */
    uint16_t module; /* index in the module table */
    uint16_t kind;   /* the module's own enumeration */
    uint32_t a;
    uint64_t b;
} jw_event;

_Static_assert(sizeof(jw_event) == 32, "an event is 32 bytes");

/* Lower runs first at equal times. */
enum { JW_PRIORITY_FIRST = 0, JW_PRIORITY_NORMAL = 128, JW_PRIORITY_LAST = 255 };

/* A priority queue in total order; public for the benchmark and for modules that need one of their own. */
typedef struct jw_event_queue jw_event_queue;
jw_event_queue *jw_event_queue_create(void);
void jw_event_queue_destroy(jw_event_queue *queue);
/* `sequence` is the caller's counter (< 2^56), which makes the order total. */
jw_result jw_event_queue_push(jw_event_queue *queue, const jw_event *event);
/* False when empty or when the first event is later than until_ns. */
bool jw_event_queue_pop(jw_event_queue *queue, int64_t until_ns, jw_event *out);
uint32_t jw_event_queue_count(const jw_event_queue *queue);
/* The hold model (pop the earliest, push one an exponential time later) with `pending` events in the queue:
 * how many such pairs a second it does on this machine. */
jw_result jw_kernel_bench_hold(uint32_t pending, uint64_t operations, double *events_per_second);

/* Schedules an event of `module` at time_ns >= now; inside a step also for the very same instant (from a
 * phase after the events: handled first in the next step). Serial code only (init, event handlers, serial
 * phases, commands). Running out of memory marks the world failed: the step returns JW_ERROR_MEMORY, and the
 * world may still be destroyed or restored. */
void jw_schedule(jw_world *world, int64_t time_ns, uint8_t priority, uint16_t module, uint16_t kind,
                 uint32_t a, uint64_t b);

/* ---- commands ------------------------------------------------------------------------------------------ */

/* The only way to change a world from outside: a verb and named arguments, the same for window, script, MQTT,
 * web and replay. Values are numbers or short texts; longer content (a script to reload) is the blob. */
#define JW_COMMAND_ARGS_MAX 12
#define JW_ARG_KEY_SIZE     24
#define JW_ARG_TEXT_SIZE    96
#define JW_VERB_SIZE        32

typedef struct jw_arg {
    char key[JW_ARG_KEY_SIZE];
    bool is_text;
    double number;
    char text[JW_ARG_TEXT_SIZE];
} jw_arg;

typedef struct jw_command {
    char verb[JW_VERB_SIZE];
    uint32_t arg_count;
    jw_arg args[JW_COMMAND_ARGS_MAX];
    const void *blob; /* borrowed by the call; the queue and the log keep copies */
    uint32_t blob_size;
} jw_command;

jw_command jw_command_make(const char *verb);
/* Replace or add; asserts on more than JW_COMMAND_ARGS_MAX. Text too long is truncated at a UTF-8 boundary.
 */
void jw_command_number(jw_command *command, const char *key, double value);
void jw_command_text(jw_command *command, const char *key, const char *value);
/* NULL when absent. */
const jw_arg *jw_command_arg(const jw_command *command, const char *key);
/* With defaults for an absent or wrongly typed argument. */
double jw_command_get_number(const jw_command *command, const char *key, double fallback);
const char *jw_command_get_text(const jw_command *command, const char *key, const char *fallback);

/* What a module can be told. One table of these makes the Lua methods of `twin`, the check of arguments, the
 * reference page and the editor's completion. */
typedef struct jw_verb_arg {
    const char *key;
    char type;        /* 'n' number, 't' text */
    bool is_optional; /* then `default_number` / "" */
    double min, max;  /* of a number; both 0: any finite */
    double default_number;
    const char *unit; /* "" for none */
    const char *doc;
} jw_verb_arg;

typedef struct jw_verb {
    const char *name;
    const char *doc;
    const jw_verb_arg *args;
    uint32_t arg_count;
    /* Arguments were checked against `args`. An error leaves the module unchanged and is logged and shown. */
    jw_result (*apply)(jw_world *world, void *state, const jw_command *command, jw_error *error);
} jw_verb;

typedef enum jw_command_source { JW_FROM_SCRIPT, JW_FROM_OUTSIDE } jw_command_source;

/* From any thread: queues a copy; the step that dequeues it stamps and logs it. */
jw_result jw_world_post(jw_world *world, const jw_command *command, jw_error *error);
/* From the script's phase only: applied in this step before external ones; not in the replay log. */
jw_result jw_world_post_from_script(jw_world *world, const jw_command *command, jw_error *error);
/* Checks verb and arguments without applying: the same messages that posting would log. */
jw_result jw_world_check_command(const jw_world *world, const jw_command *command, jw_error *error);

/* The log of applied commands, in order. Entry pointers live until the next step. */
typedef struct jw_log_entry {
    int64_t time_ns;   /* end of the step that applied it */
    uint64_t step;     /* its number */
    uint64_t sequence; /* over all commands of this world */
    jw_command_source source;
    jw_result result; /* of apply */
    jw_command command;
} jw_log_entry;
uint32_t jw_world_log_count(const jw_world *world);
jw_log_entry jw_world_log_entry(const jw_world *world, uint32_t index);
/* Told of every command as it was carried out or refused (then `error` says why), within the step; refusals
 * are then not logged as warnings. Output: in no snapshot and no fork. NULL: nobody is. */
typedef void (*jw_command_watch)(void *context, const jw_log_entry *entry, const jw_error *error);
void jw_world_watch_commands(jw_world *world, jw_command_watch watch, void *context);
/* Why the command of that number was refused, while it is among the last that were; else "". Output likewise.
 */
#define JW_REFUSAL_SIZE 400
const char *jw_world_refusal(const jw_world *world, uint64_t sequence);
/* Queues entries of source JW_FROM_OUTSIDE for exactly the step they were applied in: replay. Entries of
 * steps already done are passed over, so that a whole log can be given after a restore; a log out of order is
 * refused. */
jw_result jw_world_replay(jw_world *world, const jw_log_entry *entries, uint32_t count, jw_error *error);

/* ---- modules ------------------------------------------------------------------------------------------- */

typedef enum jw_slot {
    JW_SLOT_SCRIPT,
    JW_SLOT_TRAFFIC,
    JW_SLOT_COUPLING,
    JW_SLOT_METRICS,
    JW_SLOT_COUNT
} jw_slot;

/* One named, timed piece of the step. Phases run in order of slot, then module, then place in the array. */
typedef struct jw_phase {
    const char *name; /* "traffic.follow" */
    jw_slot slot;
    void (*run)(jw_world *world, void *state);
} jw_phase;

/* A number that the world shows: published by modules, sampled by record, read by the window and Lua. */
typedef enum jw_metric_kind {
    JW_METRIC_GAUGE,   /* of the instant */
    JW_METRIC_COUNTER, /* counted since the start */
    JW_METRIC_MEAN,    /* mean, or percentile, of all that was counted since the start */
    JW_METRIC_KIND_COUNT
} jw_metric_kind;
typedef struct jw_metric {
    const char *name; /* "traffic.running" */
    const char *unit; /* "veh" */
    jw_metric_kind kind;
    const char *doc;
} jw_metric;

/* A table that a module publishes: the one source of results layers, charts, Lua columns and JSON. */
typedef enum jw_column_type {
    JW_COLUMN_F64,
    JW_COLUMN_I64,
    JW_COLUMN_TEXT,
    JW_COLUMN_TIME_NS
} jw_column_type;
typedef struct jw_column {
    const char *name; /* with the unit: "speed_mps" */
    jw_column_type type;
    const char *unit;
    const char *doc;
} jw_column;
/* What a row's geometry is; `geometry key` = the index of that thing in the city, or none. */
typedef enum jw_geometry_key {
    JW_GEOMETRY_NONE,
    JW_GEOMETRY_EDGE,
    JW_GEOMETRY_LANE,
    JW_GEOMETRY_JUNCTION,
    JW_GEOMETRY_BUILDING,
    JW_GEOMETRY_BLOCK,
    JW_GEOMETRY_POINT /* the row has x_m and y_m columns */
} jw_geometry_key;
typedef enum jw_table_kind {
    JW_TABLE_STATE, /* rows describe things as they are now: row i stays thing i within one call */
    JW_TABLE_LOG    /* finished rows, appended; the reader takes and forgets them (see drain) */
} jw_table_kind;
typedef struct jw_table {
    const char *name; /* "edges", "trips" */
    const char *doc;
    jw_table_kind kind;
    jw_geometry_key geometry;
    const jw_column *columns;
    uint32_t column_count;
    uint32_t (*row_count)(const jw_world *world, const void *state);
    /* Key of a row: an id shown to people ("edge 12"), and the index for `geometry` (JW_NONE for none). */
    uint32_t (*row_geometry)(const jw_world *world, const void *state, uint32_t row);
    double (*number)(const jw_world *world, const void *state, uint32_t row, uint32_t column);
    int64_t (*integer)(const jw_world *world, const void *state, uint32_t row, uint32_t column);
    /* The pointer lives until the next step. */
    const char *(*text)(const jw_world *world, const void *state, uint32_t row, uint32_t column);
} jw_table;
/* A log table's rows that record has written are dropped at a step boundary. They are outputs, not state: not
 * hashed, not in snapshots; a module keeps at most its stated bound and counts what it dropped. */

/* Everything a module is. Functions may be NULL where a module has nothing to do. State is `state_size`
 * zeroed bytes owned by the kernel. A module never stores a jw_world pointer: it is always handed in. */
typedef struct jw_module {
    const char *name;
    uint32_t version; /* of its snapshot chunk */
    size_t state_size;
    /* `def` is the module's own definition struct (borrowed during the call). Failed init must leave nothing
     * to free. */
    jw_result (*init)(jw_world *world, void *state, const void *def, jw_error *error);
    /* After all modules were initialised or loaded, once for each state: wires ports, rebuilds what is
     * derived and not saved. Must not schedule events (they are in the snapshot). */
    jw_result (*attach)(jw_world *world, void *state, jw_error *error);
    void (*destroy)(void *state);
    const jw_phase *phases;
    uint32_t phase_count;
    void (*on_event)(jw_world *world, void *state, const jw_event *event);
    const jw_verb *verbs;
    uint32_t verb_count;
    /* Field by field. `load` gets zeroed state; on failure it marks the reader failed and leaves state such
     * that `destroy` releases it. */
    void (*save)(const jw_world *world, const void *state, jw_writer *writer);
    void (*load)(jw_world *world, void *state, jw_reader *reader);
    /* Over all that influences the future. NULL: of the bytes that `save` writes; a module with much state
     * hashes it in place instead. */
    uint64_t (*hash)(const jw_world *world, const void *state);
    const jw_metric *metrics;
    uint32_t metric_count;
    double (*metric)(const jw_world *world, const void *state, uint32_t metric);
    const jw_table *tables;
    uint32_t table_count;
    /* Drops the first `count` rows of log table `table`. */
    void (*drain)(jw_world *world, void *state, uint32_t table, uint32_t count);
    /* The start after a warm-up: sums, counts and means begin at zero, what is under way is counted as begun,
     * so that every identity goes on to hold. What will happen does not depend on it. */
    void (*restart_counts)(jw_world *world, void *state);
} jw_module;

/* ---- the world ----------------------------------------------------------------------------------------- */

typedef struct jw_module_entry {
    const jw_module *module;
    const void *def;
} jw_module_entry;

typedef struct jw_world_def {
    uint64_t seed;
    int64_t dt_ns;         /* 0.1 s to 1 s; 0: default 0.5 s */
    int64_t start_time_ns; /* of day, 0 = midnight; a multiple of dt */
    int64_t warm_ns;       /* the clock begins so long before; a multiple of dt, at most start_time_ns */
    int threads;           /* 0: 1 */
    const jw_module_entry *modules;
    uint32_t module_count;
    /* Things shared by worlds and outliving them (the city): handed to modules, never saved. Their content
     * hash is in the snapshot, and a restore under another one is refused. */
    void *shared;
    uint64_t shared_hash;
    jw_progress progress; /* asked before every init, and by long ones; only then; may be NULL */
    void *progress_context;
} jw_world_def;

/* Every module's init in order, then every attach. On failure *out is NULL and nothing is left. */
jw_result jw_world_create(const jw_world_def *def, jw_world **out, jw_error *error);
void jw_world_destroy(jw_world *world); /* NULL is allowed */
/* For an init that takes long, between its parts: false when whoever makes the world wants it no more; it
 * then returns JW_ERROR_CANCELLED. */
bool jw_world_is_wanted(const jw_world *world);

/* One step of dt. JW_ERROR_MEMORY leaves the world fit only for destroy and restore. */
jw_result jw_world_step(jw_world *world, jw_error *error);

/* End of the last step, also in the script's phase and in commands; in an event handler the event's time; in
 * the phases after the events the end of this step. */
int64_t jw_world_time_ns(const jw_world *world);
int64_t jw_world_dt_ns(const jw_world *world);
int64_t jw_world_start_time_ns(const jw_world *world); /* before it the world warms up */
int64_t jw_world_warm_ns(const jw_world *world);
/* Steps done, those of the warm-up among them; inside a step, the one being done. */
uint64_t jw_world_step_number(const jw_world *world);
uint64_t jw_world_seed(const jw_world *world);
int jw_world_threads(const jw_world *world);
void jw_world_set_threads(jw_world *world, int threads);
void *jw_world_shared(const jw_world *world);
/* The scratch of the step, empty between steps. */
jw_arena *jw_world_arena(jw_world *world);
jw_random_key jw_world_random(const jw_world *world, uint64_t stream);
/* A phase or handler that ran out of memory or met broken state reports it here; the step returns it. */
void jw_world_fail(jw_world *world, jw_result code, const char *message);

uint32_t jw_world_module_count(const jw_world *world);
const jw_module *jw_world_module(const jw_world *world, uint32_t index);
/* JW_NONE when absent. */
uint32_t jw_world_find_module(const jw_world *world, const char *name);
void *jw_world_state(const jw_world *world, uint32_t module);

/* ---- snapshots and hashes ------------------------------------------------------------------------------ */

/* Combined over time, step, pending events and every module. */
uint64_t jw_world_hash(const jw_world *world);
uint64_t jw_world_module_hash(const jw_world *world, uint32_t module);

/* At a step boundary. The writer gets one self-contained, checksummed image; module chunks carry name,
 * version and size. */
jw_result jw_world_save(const jw_world *world, jw_writer *writer, jw_error *error);
/* Refuses damaged, cut, foreign or other-version bytes, or another module table or shared hash, with a
 * message that says which, and then leaves the world exactly as it was. Pending external commands are
 * dropped; the command log becomes the snapshot's. */
jw_result jw_world_restore(jw_world *world, const void *bytes, size_t size, jw_error *error);
/* A second world from the same image: modules and shared as given (defs are not used). */
jw_result jw_world_create_from_snapshot(const jw_module_entry *modules, uint32_t module_count, void *shared,
                                        uint64_t shared_hash, int threads, const void *bytes, size_t size,
                                        jw_world **out, jw_error *error);
/* Save + create in one call. */
jw_result jw_world_fork(const jw_world *world, jw_world **out, jw_error *error);

/* ---- looking in ---------------------------------------------------------------------------------------- */

/* Wall time by phase since creation or the end of the warm-up, with "events", "commands" and "hash" among
 * them. */
typedef struct jw_phase_time {
    const char *name;
    double seconds;
    uint64_t calls;
} jw_phase_time;
uint32_t jw_world_phase_times(const jw_world *world, jw_phase_time *out, uint32_t capacity);
uint64_t jw_world_event_count(const jw_world *world); /* handled since the start */

/* Finds a metric "module.name" over all modules; false when unknown. */
bool jw_world_metric(const jw_world *world, const char *name, double *out);
/* Finds a table by name over all modules. */
const jw_table *jw_world_find_table(const jw_world *world, const char *name, uint32_t *out_module);

#endif
