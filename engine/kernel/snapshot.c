/* A snapshot is one image:
 *
 *   magic, format version, shared hash, module count
 *   module table: name, version, size of its chunk
 *   clock, counters, pending events in total order, command log
 *   the chunks, in order of the table
 *   checksum of all before
 *
 * In total order, so that equal worlds give equal images whatever their heaps look like inside. */
#include "kernel/kernel_internal.h"

#include <assert.h>
#include <string.h>

#define MAGIC          UINT64_C(0x31504e53574a0a8d) /* no text file begins like this */
#define FORMAT_VERSION 2
#define CHECKSUM_SIZE  sizeof(uint64_t)
#define SMALLEST_IMAGE (sizeof(uint64_t) + sizeof(uint32_t) + CHECKSUM_SIZE)

uint64_t jw_snapshot_checksum(const void *bytes, size_t size)
{
    return jw_hash_bytes(MAGIC, bytes, size);
}

/* ---- saving ---- */

static jw_result save_events(const jw_event_queue *queue, jw_writer *writer, jw_error *error)
{
    jw_write_u32(writer, queue->count);
    if (queue->count == 0)
        return JW_OK;
    jw_event_queue copy = {.events = jw_alloc(queue->count * sizeof(jw_event)), .count = queue->count};
    if (!copy.events)
        return jw_fail_memory(error);
    memcpy(copy.events, queue->events, queue->count * sizeof(jw_event));
    jw_event event;
    while (jw_event_queue_pop(&copy, INT64_MAX, &event)) {
        jw_write_i64(writer, event.time_ns);
        jw_write_u64(writer, event.order);
        jw_write_u16(writer, event.module);
        jw_write_u16(writer, event.kind);
        jw_write_u32(writer, event.a);
        jw_write_u64(writer, event.b);
    }
    jw_free(copy.events);
    return JW_OK;
}

static void save_core(const jw_core *core, jw_writer *writer)
{
    jw_write_u64(writer, core->seed);
    jw_write_i64(writer, core->dt_ns);
    jw_write_i64(writer, core->start_time_ns);
    jw_write_i64(writer, core->warm_ns);
    jw_write_u64(writer, core->step);
    jw_write_u64(writer, core->event_sequence);
    jw_write_u64(writer, core->command_sequence);
    jw_write_u64(writer, core->events_handled);
}

static void save_image(const jw_world *world, jw_writer *writer, jw_error *error)
{
    jw_write_u64(writer, MAGIC);
    jw_write_u32(writer, FORMAT_VERSION);
    jw_write_u64(writer, world->shared_hash);
    jw_write_u32(writer, world->module_count);
    size_t size_places[JW_MODULES_MAX];
    for (uint32_t m = 0; m < world->module_count; m++) {
        jw_write_text(writer, world->modules[m]->name);
        jw_write_u32(writer, world->modules[m]->version);
        size_places[m] = writer->size;
        jw_write_u64(writer, 0);
    }
    save_core(&world->core, writer);
    if (save_events(world->core.queue, writer, error) != JW_OK)
        writer->failed = true;
    jw_command_list_save(&world->core.log, writer);
    for (uint32_t m = 0; m < world->module_count && !writer->failed; m++) {
        size_t begin = writer->size;
        if (world->modules[m]->save)
            world->modules[m]->save(world, world->core.states[m], writer);
        uint64_t chunk_size = writer->size - begin;
        if (!writer->failed)
            memcpy(writer->bytes + size_places[m], &chunk_size, sizeof chunk_size);
    }
}

jw_result jw_world_save(const jw_world *world, jw_writer *writer, jw_error *error)
{
    if (world->stage != JW_STAGE_IDLE || world->core.failure != JW_OK)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "a snapshot is taken between steps of a world that has not failed");
    size_t start = writer->size;
    save_image(world, writer, error);
    if (!writer->failed)
        jw_write_u64(writer, jw_snapshot_checksum(writer->bytes + start, writer->size - start));
    if (writer->failed) {
        writer->size = start;
        return jw_fail_memory(error);
    }
    return JW_OK;
}

/* ---- restoring ---- */

static jw_result fail_damaged(const jw_reader *reader, jw_error *error)
{
    if (reader->is_out_of_memory)
        return jw_fail_memory(error);
    return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "the snapshot is damaged: %s", reader->message);
}

static jw_result check_envelope(const void *bytes, size_t size, jw_error *error)
{
    jw_reader reader = jw_reader_make(bytes, size);
    uint64_t magic = jw_read_u64(&reader);
    uint32_t version = jw_read_u32(&reader);
    if (size < SMALLEST_IMAGE)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "a snapshot of %zu bytes is cut: take it again",
                       size);
    if (magic != MAGIC)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "this is no snapshot of Jingwei");
    if (version != FORMAT_VERSION)
        return jw_fail(
            error, JW_ERROR_VERSION, NULL, 0,
            "the snapshot has format %u, this program reads %d: open it with the version that wrote it",
            version, FORMAT_VERSION);
    uint64_t stored;
    memcpy(&stored, (const uint8_t *)bytes + size - CHECKSUM_SIZE, CHECKSUM_SIZE);
    if (stored != jw_snapshot_checksum(bytes, size - CHECKSUM_SIZE))
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0,
                       "the snapshot is cut or damaged (its checksum is wrong): take it again");
    return JW_OK;
}

static jw_result read_table(const jw_world *world, jw_reader *reader, uint64_t *chunk_sizes, jw_error *error)
{
    uint64_t shared_hash = jw_read_u64(reader);
    uint32_t count = jw_read_u32(reader);
    if (!reader->failed && count != world->module_count)
        return jw_fail(error, JW_ERROR_VERSION, NULL, 0,
                       "the snapshot is of a world with %u modules, this one has %u", count,
                       world->module_count);
    for (uint32_t m = 0; m < world->module_count && !reader->failed; m++) {
        const jw_module *module = world->modules[m];
        char name[64];
        jw_read_text(reader, name, sizeof name);
        uint32_t version = jw_read_u32(reader);
        chunk_sizes[m] = jw_read_u64(reader);
        if (reader->failed)
            break;
        if (strcmp(name, module->name) != 0)
            return jw_fail(error, JW_ERROR_VERSION, NULL, 0,
                           "the snapshot has module \"%s\" where this world has \"%s\"", name, module->name);
        if (version != module->version)
            return jw_fail(error, JW_ERROR_VERSION, NULL, 0,
                           "the snapshot has version %u of module %s, this program has version %u", version,
                           name, module->version);
    }
    if (reader->failed)
        return fail_damaged(reader, error);
    if (shared_hash != world->shared_hash)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "the snapshot was taken on another map (%016llx, here %016llx): load that map first",
                       (unsigned long long)shared_hash, (unsigned long long)world->shared_hash);
    return JW_OK;
}

/* In total order, none due before now, for modules that take events, with sequences that were given out. */
static void load_events(const jw_world *world, jw_core *core, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, UINT32_MAX, sizeof(jw_event));
    jw_event before = {0};
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        jw_event event;
        event.time_ns = jw_read_i64(reader);
        event.order = jw_read_u64(reader);
        event.module = jw_read_u16(reader);
        event.kind = jw_read_u16(reader);
        event.a = jw_read_u32(reader);
        event.b = jw_read_u64(reader);
        bool is_after = i == 0 || event.time_ns > before.time_ns ||
                        (event.time_ns == before.time_ns && event.order > before.order);
        bool is_sound = is_after && event.time_ns >= core->time_ns &&
                        (event.order & (UINT64_MAX >> 8)) < core->event_sequence &&
                        event.module < world->module_count && world->modules[event.module]->on_event;
        if (!is_sound)
            jw_reader_fail(reader, "pending event %u is not sound", i);
        else if (jw_event_queue_push(core->queue, &event) != JW_OK)
            jw_reader_fail_memory(reader);
        before = event;
    }
}

static jw_result load_core(const jw_world *world, jw_core *core, jw_reader *reader, jw_error *error)
{
    core->seed = jw_read_u64(reader);
    core->dt_ns = jw_read_i64(reader);
    core->start_time_ns = jw_read_i64(reader);
    core->warm_ns = jw_read_i64(reader);
    core->step = jw_read_u64(reader);
    core->event_sequence = jw_read_u64(reader);
    core->command_sequence = jw_read_u64(reader);
    core->events_handled = jw_read_u64(reader);
    if (reader->failed)
        return fail_damaged(reader, error);
    jw_result result = jw_world_check_clock(core, error);
    if (result != JW_OK)
        return result;
    /* Sequences: half of the 56 bits are left for what is to come. */
    if (core->start_time_ns > JW_TIME_MAX_NS || core->event_sequence >> 55 ||
        core->step > (uint64_t)((JW_TIME_MAX_NS - core->start_time_ns) / core->dt_ns))
        jw_reader_fail(reader, "its counters are out of range");
    else
        core->time_ns = jw_core_step_time_ns(core, core->step);
    load_events(world, core, reader);
    jw_command_list_load(&core->log, reader);
    return reader->failed ? fail_damaged(reader, error) : JW_OK;
}

static jw_result load_modules(jw_world *world, const uint64_t *chunk_sizes, jw_reader *reader,
                              jw_error *error)
{
    world->stage = JW_STAGE_LOAD;
    for (uint32_t m = 0; m < world->module_count; m++) {
        const jw_module *module = world->modules[m];
        if (chunk_sizes[m] > reader->size - reader->position)
            return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0,
                           "the snapshot is damaged: the part of module %s is cut", module->name);
        if (jw_core_add_state(&world->core, module, m, error) != JW_OK)
            return JW_ERROR_MEMORY;
        jw_reader chunk = jw_reader_make(reader->bytes + reader->position, (size_t)chunk_sizes[m]);
        if (module->load)
            module->load(world, world->core.states[m], &chunk);
        if (!chunk.failed && chunk.position != chunk.size)
            jw_reader_fail(&chunk, "%zu bytes are left over", chunk.size - chunk.position);
        if (chunk.is_out_of_memory)
            return jw_fail_memory(error);
        if (chunk.failed)
            return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "the snapshot is damaged in module %s: %s",
                           module->name, chunk.message);
        reader->position += (size_t)chunk_sizes[m];
    }
    if (reader->position != reader->size)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "the snapshot is damaged: %zu bytes are left over",
                       reader->size - reader->position);
    return JW_OK;
}

/* Fills world->core, which is empty, from a checked image. */
static jw_result load_image(jw_world *world, const void *bytes, size_t size, jw_error *error)
{
    jw_result result = check_envelope(bytes, size, error);
    if (result != JW_OK)
        return result;
    jw_reader reader = jw_reader_make(bytes, size - CHECKSUM_SIZE);
    reader.position = sizeof(uint64_t) + sizeof(uint32_t);
    uint64_t chunk_sizes[JW_MODULES_MAX];
    result = read_table(world, &reader, chunk_sizes, error);
    if (result == JW_OK)
        result = jw_core_make(&world->core, world->module_count, error);
    if (result == JW_OK)
        result = load_core(world, &world->core, &reader, error);
    if (result == JW_OK)
        result = load_modules(world, chunk_sizes, &reader, error);
    if (result == JW_OK)
        result = jw_world_attach(world, error);
    return result;
}

static void drop_queued_commands(jw_world *world)
{
    jw_command_list_clear(&world->script_commands);
    jw_command_list_clear(&world->replay_entries);
    world->replay_next = 0;
    pthread_mutex_lock(&world->post_mutex);
    jw_command_list_clear(&world->posted_commands);
    pthread_mutex_unlock(&world->post_mutex);
}

jw_result jw_world_restore(jw_world *world, const void *bytes, size_t size, jw_error *error)
{
    assert(world->stage == JW_STAGE_IDLE && "a restore is done between steps");
    jw_core old = world->core;
    world->core = (jw_core){0};
    jw_result result = load_image(world, bytes, size, error);
    world->stage = JW_STAGE_IDLE;
    if (result != JW_OK) {
        jw_core_free(&world->core, world);
        world->core = old;
        return result;
    }
    jw_core_free(&old, world);
    drop_queued_commands(world);
    return JW_OK;
}

jw_result jw_world_create_from_snapshot(const jw_module_entry *modules, uint32_t module_count, void *shared,
                                        uint64_t shared_hash, int threads, const void *bytes, size_t size,
                                        jw_world **out, jw_error *error)
{
    jw_world *world;
    *out = NULL;
    jw_result result = jw_world_make(modules, module_count, &world, error);
    if (result != JW_OK)
        return result;
    world->shared = shared;
    world->shared_hash = shared_hash;
    jw_world_set_threads(world, threads);
    result = load_image(world, bytes, size, error);
    if (result != JW_OK) {
        jw_world_destroy(world);
        return result;
    }
    *out = world;
    return JW_OK;
}

jw_result jw_world_fork(const jw_world *world, jw_world **out, jw_error *error)
{
    *out = NULL;
    jw_module_entry entries[JW_MODULES_MAX];
    for (uint32_t m = 0; m < world->module_count; m++)
        entries[m] = (jw_module_entry){world->modules[m], NULL};
    jw_writer image = {0};
    jw_result result = jw_world_save(world, &image, error);
    if (result == JW_OK)
        result =
            jw_world_create_from_snapshot(entries, world->module_count, world->shared, world->shared_hash,
                                          world->threads, image.bytes, image.size, out, error);
    jw_writer_free(&image);
    return result;
}
