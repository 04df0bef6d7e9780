/* Making a world, and its step. */
#include "kernel/kernel_internal.h"

#include <assert.h>
#include <string.h>

#define DEFAULT_DT_NS (500 * JW_NS_PER_MS)
#define MIN_DT_NS     (100 * JW_NS_PER_MS)
#define MAX_DT_NS     (1000 * JW_NS_PER_MS)

/* ---- making ---- */

static jw_result check_module(const jw_module_entry *entries, uint32_t index, jw_error *error)
{
    const jw_module *module = entries[index].module;
    assert(module && module->name && module->name[0]);
    for (uint32_t other = 0; other < index; other++) {
        const jw_module *before = entries[other].module;
        if (strcmp(module->name, before->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "two modules are named \"%s\"", module->name);
        for (uint32_t a = 0; a < module->verb_count; a++)
            for (uint32_t b = 0; b < before->verb_count; b++)
                if (strcmp(module->verbs[a].name, before->verbs[b].name) == 0)
                    return jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                                   "modules %s and %s both have a command \"%s\"", before->name, module->name,
                                   module->verbs[a].name);
    }
    return JW_OK;
}

static jw_result list_phases(jw_world *world, jw_error *error)
{
    uint32_t count = 0;
    for (uint32_t m = 0; m < world->module_count; m++)
        count += world->modules[m]->phase_count;
    world->times = jw_alloc((count + JW_TIME_EXTRA_COUNT) * sizeof *world->times);
    if (count > 0)
        world->phases = jw_alloc(count * sizeof *world->phases);
    if (!world->times || (count > 0 && !world->phases))
        return jw_fail_memory(error);
    uint32_t place = 0;
    for (int slot = 0; slot < JW_SLOT_COUNT; slot++) {
        for (uint32_t m = 0; m < world->module_count; m++) {
            for (uint32_t p = 0; p < world->modules[m]->phase_count; p++) {
                const jw_phase *phase = &world->modules[m]->phases[p];
                if ((int)phase->slot != slot)
                    continue;
                world->phases[place] = (jw_phase_place){m, phase};
                world->times[place++].name = phase->name;
            }
        }
        world->slot_ends[slot] = place;
    }
    assert(place == count && "every phase has a slot");
    world->phase_count = count;
    world->times[count + JW_TIME_COMMANDS].name = "commands";
    world->times[count + JW_TIME_EVENTS].name = "events";
    world->times[count + JW_TIME_HASH].name = "hash";
    return JW_OK;
}

/* A world without a core: the module table and what stays through restores. */
jw_result jw_world_make(const jw_module_entry *entries, uint32_t count, jw_world **out, jw_error *error)
{
    *out = NULL;
    if (count > JW_MODULES_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "a world has at most %d modules, not %u",
                       JW_MODULES_MAX, count);
    for (uint32_t m = 0; m < count; m++) {
        jw_result result = check_module(entries, m, error);
        if (result != JW_OK)
            return result;
    }
    jw_world *world = jw_alloc(sizeof *world);
    if (!world)
        return jw_fail_memory(error);
    pthread_mutex_init(&world->post_mutex, NULL);
    world->threads = 1;
    world->modules = jw_alloc((count + 1) * sizeof *world->modules);
    if (!world->modules || jw_arena_init(&world->arena, JW_SCRATCH_BYTES, error) != JW_OK) {
        jw_world_destroy(world);
        return jw_fail_memory(error);
    }
    for (uint32_t m = 0; m < count; m++)
        world->modules[m] = entries[m].module;
    world->module_count = count;
    if (list_phases(world, error) != JW_OK) {
        jw_world_destroy(world);
        return JW_ERROR_MEMORY;
    }
    *out = world;
    return JW_OK;
}

jw_result jw_core_make(jw_core *core, uint32_t module_count, jw_error *error)
{
    *core = (jw_core){0};
    core->queue = jw_event_queue_create();
    core->states = jw_alloc((module_count + 1) * sizeof *core->states);
    if (core->queue && core->states)
        return JW_OK;
    jw_event_queue_destroy(core->queue);
    jw_free(core->states);
    *core = (jw_core){0};
    return jw_fail_memory(error);
}

jw_result jw_core_add_state(jw_core *core, const jw_module *module, uint32_t index, jw_error *error)
{
    core->states[index] = jw_alloc(module->state_size > 0 ? module->state_size : 1);
    return core->states[index] ? JW_OK : jw_fail_memory(error);
}

void jw_core_free(jw_core *core, const jw_world *world)
{
    for (uint32_t m = world->module_count; m-- > 0 && core->states;) {
        if (core->states[m] && world->modules[m]->destroy)
            world->modules[m]->destroy(core->states[m]);
        jw_free(core->states[m]);
    }
    jw_free(core->states);
    jw_event_queue_destroy(core->queue);
    jw_command_list_free(&core->log);
    *core = (jw_core){0};
}

jw_result jw_world_check_clock(const jw_core *core, jw_error *error)
{
    if (core->dt_ns < MIN_DT_NS || core->dt_ns > MAX_DT_NS)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the time step is %g s, but must be from 0.1 to 1 s",
                       jw_s_from_ns(core->dt_ns));
    if (core->start_time_ns < 0 || core->start_time_ns % core->dt_ns != 0 ||
        core->start_time_ns > JW_TIME_MAX_NS)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "the start time of %g s is not a whole number of time steps of %g s after midnight",
                       jw_s_from_ns(core->start_time_ns), jw_s_from_ns(core->dt_ns));
    if (core->warm_ns < 0 || core->warm_ns % core->dt_ns != 0 || core->warm_ns > core->start_time_ns)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "the warm-up of %g s is not a whole number of time steps of %g s, or begins before "
                       "midnight of the first day",
                       jw_s_from_ns(core->warm_ns), jw_s_from_ns(core->dt_ns));
    return JW_OK;
}

bool jw_world_is_wanted(const jw_world *world)
{
    return !world->progress || world->progress(world->progress_context, 0, "making the world");
}

static jw_result init_modules(jw_world *world, const jw_module_entry *entries, jw_error *error)
{
    jw_core *core = &world->core;
    world->stage = JW_STAGE_INIT;
    for (uint32_t m = 0; m < world->module_count; m++) {
        const jw_module *module = world->modules[m];
        if (!jw_world_is_wanted(world))
            return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
        jw_result result = jw_core_add_state(core, module, m, error);
        if (result != JW_OK)
            return result;
        if (module->init)
            result = module->init(world, core->states[m], entries[m].def, error);
        if (result != JW_OK) {
            jw_free(core->states[m]); /* a failed init leaves nothing else */
            core->states[m] = NULL;
            if (result == JW_ERROR_CANCELLED)
                return jw_fail(error, result, NULL, 0, "cancelled");
            return jw_fail(error, result, NULL, 0, "module %s cannot start: %s", module->name,
                           jw_result_text(result));
        }
    }
    return JW_OK;
}

jw_result jw_world_attach(jw_world *world, jw_error *error)
{
    world->stage = JW_STAGE_ATTACH;
    for (uint32_t m = 0; m < world->module_count; m++) {
        const jw_module *module = world->modules[m];
        jw_result result = module->attach ? module->attach(world, world->core.states[m], error) : JW_OK;
        if (result != JW_OK)
            return jw_fail(error, result, NULL, 0, "module %s cannot be attached: %s", module->name,
                           jw_result_text(result));
    }
    world->stage = JW_STAGE_IDLE;
    if (world->core.failure != JW_OK)
        return jw_fail(error, world->core.failure, NULL, 0, "%s", world->core.failure_message);
    return JW_OK;
}

jw_result jw_world_create(const jw_world_def *def, jw_world **out, jw_error *error)
{
    jw_world *world;
    jw_result result = jw_world_make(def->modules, def->module_count, &world, error);
    *out = NULL;
    if (result != JW_OK)
        return result;
    world->shared = def->shared;
    world->shared_hash = def->shared_hash;
    world->progress = def->progress;
    world->progress_context = def->progress_context;
    jw_world_set_threads(world, def->threads);
    jw_core *core = &world->core;
    result = jw_core_make(core, world->module_count, error);
    core->seed = def->seed;
    core->dt_ns = def->dt_ns ? def->dt_ns : DEFAULT_DT_NS;
    core->start_time_ns = def->start_time_ns;
    core->warm_ns = def->warm_ns;
    if (result == JW_OK)
        result = jw_world_check_clock(core, error);
    core->time_ns = result == JW_OK ? jw_core_step_time_ns(core, 0) : 0;
    if (result == JW_OK)
        result = init_modules(world, def->modules, error);
    world->progress = NULL;
    if (result == JW_OK)
        result = jw_world_attach(world, error);
    if (result != JW_OK) {
        jw_world_destroy(world);
        return result;
    }
    *out = world;
    return JW_OK;
}

void jw_world_destroy(jw_world *world)
{
    if (!world)
        return;
    jw_core_free(&world->core, world);
    jw_command_list_free(&world->script_commands);
    jw_command_list_free(&world->replay_entries);
    jw_command_list_free(&world->posted_commands);
    jw_arena_free(&world->arena);
    jw_free(world->phases);
    jw_free(world->times);
    jw_free(world->modules);
    pthread_mutex_destroy(&world->post_mutex);
    jw_free(world);
}

/* ---- the step ---- */

static void add_time(jw_world *world, uint32_t index, double start_s)
{
    world->times[index].seconds += jw_clock_seconds() - start_s;
    world->times[index].calls++;
}

static void run_slot(jw_world *world, jw_slot slot)
{
    uint32_t begin = slot > 0 ? world->slot_ends[slot - 1] : 0;
    for (uint32_t i = begin; i < world->slot_ends[slot] && world->core.failure == JW_OK; i++) {
        double start_s = jw_clock_seconds();
        uint32_t module = world->phases[i].module;
        world->phases[i].phase->run(world, world->core.states[module]);
        add_time(world, i, start_s);
    }
}

static void run_commands(jw_world *world)
{
    double start_s = jw_clock_seconds();
    jw_world_run_commands(world);
    add_time(world, world->phase_count + JW_TIME_COMMANDS, start_s);
}

static void run_events(jw_world *world, int64_t until_ns)
{
    double start_s = jw_clock_seconds();
    jw_core *core = &world->core;
    jw_event event;
    while (core->failure == JW_OK && jw_event_queue_pop(core->queue, until_ns, &event)) {
        core->time_ns = event.time_ns;
        core->events_handled++;
        world->modules[event.module]->on_event(world, core->states[event.module], &event);
    }
    core->time_ns = until_ns;
    add_time(world, world->phase_count + JW_TIME_EVENTS, start_s);
}

/* From here on it is counted; logs keep nothing of before. */
static void end_warm_up(jw_world *world)
{
    jw_core *core = &world->core;
    for (uint32_t m = 0; m < world->module_count; m++) {
        const jw_module *module = world->modules[m];
        for (uint32_t t = 0; t < module->table_count; t++)
            if (module->tables[t].kind == JW_TABLE_LOG && module->drain)
                module->drain(world, core->states[m], t, module->tables[t].row_count(world, core->states[m]));
        if (module->restart_counts)
            module->restart_counts(world, core->states[m]);
    }
    core->events_handled = 0;
    for (uint32_t i = 0; i < world->phase_count + JW_TIME_EXTRA_COUNT; i++)
        world->times[i] = (jw_phase_time){.name = world->times[i].name};
}

jw_result jw_world_step(jw_world *world, jw_error *error)
{
    assert(world->stage == JW_STAGE_IDLE && "one step at a time");
    jw_core *core = &world->core;
    if (core->time_ns > JW_TIME_MAX_NS - core->dt_ns)
        jw_world_fail(world, JW_ERROR_LIMIT, "the clock ends after 73 years");
    if (core->failure == JW_OK) {
        int64_t end_ns = core->time_ns + core->dt_ns;
        bool is_warming = core->time_ns < core->start_time_ns;
        core->step++;
        world->stage = JW_STAGE_SCRIPT;
        if (!is_warming)
            run_slot(world, JW_SLOT_SCRIPT);
        world->stage = JW_STAGE_COMMANDS;
        if (core->failure == JW_OK)
            run_commands(world);
        world->stage = JW_STAGE_EVENTS;
        run_events(world, end_ns);
        world->stage = JW_STAGE_PHASES;
        run_slot(world, JW_SLOT_TRAFFIC);
        run_slot(world, JW_SLOT_COUPLING);
        run_slot(world, JW_SLOT_METRICS);
        world->stage = JW_STAGE_IDLE;
        assert((world->arena.used == 0 || core->failure != JW_OK) &&
               "the scratch is empty at the end of a step");
        jw_arena_release(&world->arena, 0);
        if (is_warming && end_ns == core->start_time_ns && core->failure == JW_OK)
            end_warm_up(world);
    }
    if (core->failure != JW_OK)
        return jw_fail(error, core->failure, NULL, 0, "step %llu failed: %s", (unsigned long long)core->step,
                       core->failure_message);
    return JW_OK;
}

void jw_schedule(jw_world *world, int64_t time_ns, uint8_t priority, uint16_t module, uint16_t kind,
                 uint32_t a, uint64_t b)
{
    jw_core *core = &world->core;
    assert(world->stage != JW_STAGE_ATTACH && world->stage != JW_STAGE_LOAD &&
           "pending events are in the snapshot: attach and load must not schedule them again");
    assert(time_ns >= core->time_ns && "an event cannot be in the past");
    assert(module < world->module_count && world->modules[module]->on_event);
    jw_event event = {.time_ns = time_ns,
                      .order = (uint64_t)priority << 56 | core->event_sequence++,
                      .module = module,
                      .kind = kind,
                      .a = a,
                      .b = b};
    if (jw_event_queue_push(core->queue, &event) != JW_OK)
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for pending events");
}

void jw_world_fail(jw_world *world, jw_result code, const char *message)
{
    assert(code != JW_OK);
    jw_core *core = &world->core;
    if (core->failure != JW_OK)
        return;
    core->failure = code;
    jw_text_copy(core->failure_message, sizeof core->failure_message, message);
}
