/* Looking in: the plain questions, hashes, metrics, tables, timings. */
#include "kernel/kernel_internal.h"

#include <assert.h>
#include <string.h>

int64_t jw_world_time_ns(const jw_world *world)
{
    return world->core.time_ns;
}

int64_t jw_world_dt_ns(const jw_world *world)
{
    return world->core.dt_ns;
}

int64_t jw_world_start_time_ns(const jw_world *world)
{
    return world->core.start_time_ns;
}

int64_t jw_world_warm_ns(const jw_world *world)
{
    return world->core.warm_ns;
}

uint64_t jw_world_step_number(const jw_world *world)
{
    return world->core.step;
}

uint64_t jw_world_seed(const jw_world *world)
{
    return world->core.seed;
}

int jw_world_threads(const jw_world *world)
{
    return world->threads;
}

void jw_world_set_threads(jw_world *world, int threads)
{
    world->threads = threads > 1 ? threads : 1;
}

void *jw_world_shared(const jw_world *world)
{
    return world->shared;
}

jw_arena *jw_world_arena(jw_world *world)
{
    return &world->arena;
}

jw_random_key jw_world_random(const jw_world *world, uint64_t stream)
{
    return (jw_random_key){world->core.seed, stream};
}

uint32_t jw_world_module_count(const jw_world *world)
{
    return world->module_count;
}

const jw_module *jw_world_module(const jw_world *world, uint32_t index)
{
    assert(index < world->module_count);
    return world->modules[index];
}

uint32_t jw_world_find_module(const jw_world *world, const char *name)
{
    for (uint32_t m = 0; m < world->module_count; m++)
        if (strcmp(world->modules[m]->name, name) == 0)
            return m;
    return JW_NONE;
}

void *jw_world_state(const jw_world *world, uint32_t module)
{
    assert(module < world->module_count);
    return world->core.states[module];
}

/* ---- hashes ---- */

uint64_t jw_world_module_hash(const jw_world *world, uint32_t module)
{
    const jw_module *table = jw_world_module(world, module);
    const void *state = world->core.states[module];
    if (table->hash)
        return table->hash(world, state);
    if (!table->save)
        return 0;
    /* The saved form is the state, nothing more: hashing it cannot forget a field. */
    jw_writer writer = {0};
    table->save(world, state, &writer);
    uint64_t hash = jw_hash_bytes(0, writer.bytes, writer.size);
    jw_writer_free(&writer);
    return hash;
}

/* A sum does not see the order of the heap; `order` is in every term, so that no two events are alike. */
static uint64_t hash_pending_events(const jw_event_queue *queue)
{
    uint64_t sum = queue->count;
    for (uint32_t i = 0; i < queue->count; i++)
        sum += jw_hash_bytes(0, &queue->events[i], sizeof queue->events[i]);
    return sum;
}

uint64_t jw_world_hash(const jw_world *world)
{
    double start_s = jw_clock_seconds();
    const jw_core *core = &world->core;
    uint64_t hash = jw_hash_u64(core->seed, (uint64_t)core->time_ns);
    hash = jw_hash_u64(hash, (uint64_t)core->dt_ns);
    if (core->warm_ns > 0) /* otherwise time and step say when the start was */
        hash = jw_hash_u64(hash, (uint64_t)core->warm_ns);
    hash = jw_hash_u64(hash, core->step);
    hash = jw_hash_u64(hash, core->event_sequence);
    hash = jw_hash_u64(hash, hash_pending_events(core->queue));
    for (uint32_t m = 0; m < world->module_count; m++)
        hash = jw_hash_u64(hash, jw_world_module_hash(world, m));
    jw_phase_time *time = &world->times[world->phase_count + JW_TIME_HASH];
    time->seconds += jw_clock_seconds() - start_s;
    time->calls++;
    return hash;
}

/* ---- timings, metrics, tables ---- */

uint32_t jw_world_phase_times(const jw_world *world, jw_phase_time *out, uint32_t capacity)
{
    uint32_t count = world->phase_count + JW_TIME_EXTRA_COUNT;
    for (uint32_t i = 0; i < count && i < capacity; i++)
        out[i] = world->times[i];
    return count;
}

uint64_t jw_world_event_count(const jw_world *world)
{
    return world->core.events_handled;
}

bool jw_world_metric(const jw_world *world, const char *name, double *out)
{
    for (uint32_t m = 0; m < world->module_count; m++) {
        const jw_module *module = world->modules[m];
        for (uint32_t i = 0; i < module->metric_count; i++) {
            if (strcmp(module->metrics[i].name, name) == 0) {
                *out = module->metric(world, world->core.states[m], i);
                return true;
            }
        }
    }
    return false;
}

const jw_table *jw_world_find_table(const jw_world *world, const char *name, uint32_t *out_module)
{
    for (uint32_t m = 0; m < world->module_count; m++) {
        const jw_module *module = world->modules[m];
        for (uint32_t i = 0; i < module->table_count; i++) {
            if (strcmp(module->tables[i].name, name) == 0) {
                if (out_module)
                    *out_module = m;
                return &module->tables[i];
            }
        }
    }
    return NULL;
}
