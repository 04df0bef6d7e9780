/* The inside of the kernel: what a world is made of.
 *
 * What a snapshot carries and a restore replaces is the jw_core: clock, counters, pending events, log, module
 * states. Everything else of a world (module table, threads, scratch, queues of commands to come, timings)
 * stays. A restore builds a second core, runs load and attach on it, and only then lets go of the first. */
#ifndef JW_KERNEL_INTERNAL_H
#define JW_KERNEL_INTERNAL_H

#include "kernel/kernel.h"

#include <pthread.h>

struct jw_event_queue {
    jw_event *events; /* heap order */
    uint32_t count;
    uint32_t capacity;
};

/* Commands or log entries one after the other in one stream of bytes: a command is 1.7 KB as a struct and
 * mostly under 100 bytes as text and numbers. */
typedef struct jw_command_list {
    jw_writer bytes;
    uint64_t *offsets; /* of each entry */
    uint32_t count;
    uint32_t capacity;
} jw_command_list;

typedef struct jw_core {
    uint64_t seed;
    int64_t dt_ns;
    int64_t start_time_ns;
    int64_t warm_ns; /* the clock began so long before the start */
    int64_t time_ns; /* what modules see as now */
    uint64_t step;   /* steps begun */
    uint64_t event_sequence;
    uint64_t command_sequence;
    uint64_t events_handled;
    jw_event_queue *queue;
    jw_command_list log;
    void **states; /* one per module; NULL entries: not made yet */
    jw_result failure;
    char failure_message[256];
} jw_core;

/* Where in its life a world is: what may be called depends on it. */
typedef enum jw_stage {
    JW_STAGE_INIT,
    JW_STAGE_LOAD,
    JW_STAGE_ATTACH,
    JW_STAGE_IDLE,
    JW_STAGE_SCRIPT, /* and on: inside a step */
    JW_STAGE_COMMANDS,
    JW_STAGE_EVENTS,
    JW_STAGE_PHASES
} jw_stage;

typedef struct jw_phase_place {
    uint32_t module;
    const jw_phase *phase;
} jw_phase_place;

#define JW_REFUSALS 16
typedef struct jw_refusal {
    uint64_t sequence1; /* 1 more than the command's; 0: none yet */
    char message[JW_REFUSAL_SIZE];
} jw_refusal;

struct jw_world {
    const jw_module **modules;
    uint32_t module_count;
    void *shared;
    uint64_t shared_hash;
    int threads;
    jw_stage stage;
    jw_progress progress; /* while the world is made */
    void *progress_context;
    jw_core core;
    jw_arena arena;

    jw_phase_place *phases; /* in running order */
    uint32_t phase_count;
    uint32_t slot_ends[JW_SLOT_COUNT];
    jw_phase_time *times; /* of the phases, then of the three pieces of work below */

    jw_command_list script_commands; /* of this step */
    jw_command_list replay_entries;  /* of steps to come */
    uint32_t replay_next;
    pthread_mutex_t post_mutex; /* guards posted_commands */
    jw_command_list posted_commands;
    jw_command_watch command_watch;
    void *command_watch_context;
    jw_refusal refusals[JW_REFUSALS]; /* the last ones: not state */
    uint32_t refusal_count;
};

enum { JW_TIME_COMMANDS, JW_TIME_EVENTS, JW_TIME_HASH, JW_TIME_EXTRA_COUNT };
/* No clock comes near (73 years), so that no sum of a time and a delay overflows. */
#define JW_TIME_MAX_NS      (INT64_MAX / 4)
#define JW_BLOB_MAX         (16u << 20)
#define JW_POSTED_BYTES_MAX (64u << 20)
#define JW_MODULES_MAX      256
#define JW_SCRATCH_BYTES    (1u << 20)

/* world.c */
jw_result jw_world_make(const jw_module_entry *entries, uint32_t count, jw_world **out, jw_error *error);
jw_result jw_core_make(jw_core *core, uint32_t module_count, jw_error *error);
void jw_core_free(jw_core *core, const jw_world *world);
jw_result jw_core_add_state(jw_core *core, const jw_module *module, uint32_t index, jw_error *error);
jw_result jw_world_attach(jw_world *world, jw_error *error);
jw_result jw_world_check_clock(const jw_core *core, jw_error *error);
/* End of a step by its number from 1; of step 0: when the clock began. */
static inline int64_t jw_core_step_time_ns(const jw_core *core, uint64_t step)
{
    return core->start_time_ns - core->warm_ns + (int64_t)step * core->dt_ns;
}

/* command.c: the verb for a command whose arguments are right; NULL with an error otherwise. */
const jw_verb *jw_world_match_command(const jw_world *world, const jw_command *command, uint32_t *out_module,
                                      jw_error *error);

/* command_log.c */
void jw_command_list_free(jw_command_list *list);
void jw_command_list_clear(jw_command_list *list);
jw_result jw_command_list_add(jw_command_list *list, const jw_log_entry *entry, jw_error *error);
jw_log_entry jw_command_list_get(const jw_command_list *list, uint32_t index);
void jw_command_list_save(const jw_command_list *list, jw_writer *writer);
void jw_command_list_load(jw_command_list *list, jw_reader *reader);
void jw_world_run_commands(jw_world *world);

/* snapshot.c */
uint64_t jw_snapshot_checksum(const void *bytes, size_t size);

#endif
