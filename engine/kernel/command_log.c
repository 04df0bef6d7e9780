/* Commands on their way: queues, the log, replay, and the part of the step that applies them. */
#include "kernel/kernel_internal.h"

#include <assert.h>
#include <string.h>

/* ---- lists of encoded entries ---- */

void jw_command_list_free(jw_command_list *list)
{
    jw_writer_free(&list->bytes);
    jw_free(list->offsets);
    *list = (jw_command_list){0};
}

void jw_command_list_clear(jw_command_list *list)
{
    list->bytes.size = 0;
    list->count = 0;
}

static void write_entry(jw_writer *writer, const jw_log_entry *entry)
{
    jw_write_i64(writer, entry->time_ns);
    jw_write_u64(writer, entry->step);
    jw_write_u64(writer, entry->sequence);
    jw_write_u8(writer, (uint8_t)entry->source);
    jw_write_u8(writer, (uint8_t)entry->result);
    const jw_command *command = &entry->command;
    jw_write_text(writer, command->verb);
    jw_write_u8(writer, (uint8_t)command->arg_count);
    for (uint32_t i = 0; i < command->arg_count; i++) {
        const jw_arg *arg = &command->args[i];
        jw_write_text(writer, arg->key);
        jw_write_u8(writer, arg->is_text);
        if (arg->is_text)
            jw_write_text(writer, arg->text);
        else
            jw_write_f64(writer, arg->number);
    }
    jw_write_u32(writer, command->blob_size);
    jw_write_bytes(writer, command->blob, command->blob_size);
}

static void read_entry(jw_reader *reader, jw_log_entry *entry)
{
    *entry = (jw_log_entry){0};
    entry->time_ns = jw_read_i64(reader);
    entry->step = jw_read_u64(reader);
    entry->sequence = jw_read_u64(reader);
    uint8_t source = jw_read_u8(reader), result = jw_read_u8(reader);
    entry->source = source == JW_FROM_SCRIPT ? JW_FROM_SCRIPT : JW_FROM_OUTSIDE;
    entry->result = (jw_result)result;
    jw_command *command = &entry->command;
    jw_read_text(reader, command->verb, sizeof command->verb);
    uint8_t arg_count = jw_read_u8(reader);
    if (source > JW_FROM_OUTSIDE || result >= JW_RESULT_COUNT || arg_count > JW_COMMAND_ARGS_MAX) {
        jw_reader_fail(reader, "an entry of the command log is damaged");
        return;
    }
    command->arg_count = arg_count;
    for (uint32_t i = 0; i < arg_count; i++) {
        jw_arg *arg = &command->args[i];
        jw_read_text(reader, arg->key, sizeof arg->key);
        uint8_t is_text = jw_read_u8(reader);
        arg->is_text = is_text != 0;
        if (is_text > 1)
            jw_reader_fail(reader, "an argument in the command log is damaged");
        else if (arg->is_text)
            jw_read_text(reader, arg->text, sizeof arg->text);
        else
            arg->number = jw_read_f64(reader);
    }
    command->blob_size = jw_read_count(reader, JW_BLOB_MAX, 1);
    command->blob = command->blob_size ? reader->bytes + reader->position : NULL;
    reader->position += command->blob_size;
}

jw_result jw_command_list_add(jw_command_list *list, const jw_log_entry *entry, jw_error *error)
{
    size_t start = list->bytes.size;
    if (jw_grow(&list->offsets, &list->capacity, (uint64_t)list->count + 1, sizeof *list->offsets, error) !=
        JW_OK)
        return JW_ERROR_MEMORY;
    write_entry(&list->bytes, entry);
    if (list->bytes.failed) {
        list->bytes.size = start;
        list->bytes.failed = false;
        return jw_fail_memory(error);
    }
    list->offsets[list->count++] = start;
    return JW_OK;
}

jw_log_entry jw_command_list_get(const jw_command_list *list, uint32_t index)
{
    assert(index < list->count);
    jw_reader reader = jw_reader_make(list->bytes.bytes, list->bytes.size);
    reader.position = list->offsets[index];
    jw_log_entry entry;
    read_entry(&reader, &entry);
    assert(!reader.failed);
    return entry;
}

void jw_command_list_save(const jw_command_list *list, jw_writer *writer)
{
    jw_write_u32(writer, list->count);
    jw_write_u64(writer, list->bytes.size);
    jw_write_bytes(writer, list->bytes.bytes, list->bytes.size);
}

void jw_command_list_load(jw_command_list *list, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, UINT32_MAX, 1);
    uint64_t size = jw_read_u64(reader);
    size_t start = reader->position;
    if (reader->failed)
        return;
    if (size > reader->size - start) {
        jw_reader_fail(reader, "the command log is cut");
        return;
    }
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        jw_log_entry entry;
        read_entry(reader, &entry);
        if (!reader->failed && jw_command_list_add(list, &entry, NULL) != JW_OK)
            jw_reader_fail_memory(reader);
    }
    if (!reader->failed && reader->position - start != size)
        jw_reader_fail(reader, "the command log is damaged");
}

/* ---- posting ---- */

static jw_result check_size(const jw_command *command, jw_error *error)
{
    assert(command->arg_count <= JW_COMMAND_ARGS_MAX);
    if (command->blob_size > JW_BLOB_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "%s: its content has %u bytes, at most %u are taken",
                       command->verb, command->blob_size, JW_BLOB_MAX);
    return JW_OK;
}

jw_result jw_world_post(jw_world *world, const jw_command *command, jw_error *error)
{
    jw_result result = check_size(command, error);
    if (result != JW_OK)
        return result;
    jw_log_entry entry = {.source = JW_FROM_OUTSIDE, .command = *command};
    pthread_mutex_lock(&world->post_mutex);
    if (world->posted_commands.bytes.size > JW_POSTED_BYTES_MAX)
        result = jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                         "%s: more than %u MB of commands wait for the next step; let the simulation run",
                         command->verb, JW_POSTED_BYTES_MAX >> 20);
    else
        result = jw_command_list_add(&world->posted_commands, &entry, error);
    pthread_mutex_unlock(&world->post_mutex);
    return result;
}

jw_result jw_world_post_from_script(jw_world *world, const jw_command *command, jw_error *error)
{
    if (world->stage != JW_STAGE_SCRIPT)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "%s: a script gives commands in its moments only",
                       command->verb);
    jw_result result = check_size(command, error);
    if (result != JW_OK)
        return result;
    jw_log_entry entry = {.source = JW_FROM_SCRIPT, .command = *command};
    return jw_command_list_add(&world->script_commands, &entry, error);
}

jw_result jw_world_replay(jw_world *world, const jw_log_entry *entries, uint32_t count, jw_error *error)
{
    jw_command_list *list = &world->replay_entries;
    uint32_t old_count = list->count;
    size_t old_size = list->bytes.size;
    uint64_t last_step = list->count > 0 ? jw_command_list_get(list, list->count - 1).step : 0;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < count && result == JW_OK; i++) {
        const jw_log_entry *entry = &entries[i];
        if (entry->source != JW_FROM_OUTSIDE || entry->step <= world->core.step)
            continue;
        if (entry->step < last_step)
            result =
                jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                        "replay entry %u is of step %llu, the one before of step %llu: a log is in order", i,
                        (unsigned long long)entry->step, (unsigned long long)last_step);
        else
            result = check_size(&entry->command, error);
        last_step = entry->step;
        if (result == JW_OK)
            result = jw_command_list_add(list, entry, error);
    }
    if (result != JW_OK) {
        list->count = old_count;
        list->bytes.size = old_size;
    }
    return result;
}

/* ---- applying ---- */

static void apply(jw_world *world, const jw_log_entry *queued)
{
    jw_core *core = &world->core;
    jw_error error = {0};
    uint32_t module = 0;
    jw_log_entry entry = *queued;
    entry.time_ns = jw_core_step_time_ns(core, core->step);
    entry.step = core->step;
    entry.sequence = core->command_sequence++;
    const jw_verb *verb = jw_world_match_command(world, &entry.command, &module, &error);
    entry.result = verb ? verb->apply(world, core->states[module], &entry.command, &error) : error.code;
    error.code = entry.result;
    if (entry.result != JW_OK) {
        uint32_t last = world->refusal_count++ % JW_REFUSALS;
        world->refusals[last].sequence1 = entry.sequence + 1;
        jw_text_copy(world->refusals[last].message, sizeof world->refusals[last].message, error.message);
    }
    if (world->command_watch) {
        world->command_watch(world->command_watch_context, &entry, &error);
    } else if (entry.result != JW_OK) {
        char text[sizeof error.message + sizeof error.file + 16];
        jw_error_format(&error, text, sizeof text);
        jw_log_line(JW_LOG_WARNING, "command not carried out at step %llu: %s",
                    (unsigned long long)core->step, text);
    }
    /* Whether memory sufficed is no property of the simulation: a run that met its end must not go on. */
    if (entry.result == JW_ERROR_MEMORY || jw_command_list_add(&core->log, &entry, NULL) != JW_OK)
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory while applying a command");
}

static void apply_list(jw_world *world, const jw_command_list *list)
{
    for (uint32_t i = 0; i < list->count && world->core.failure == JW_OK; i++) {
        jw_log_entry entry = jw_command_list_get(list, i);
        apply(world, &entry);
    }
}

static void apply_replay(jw_world *world)
{
    jw_command_list *list = &world->replay_entries;
    while (world->replay_next < list->count && world->core.failure == JW_OK) {
        jw_log_entry entry = jw_command_list_get(list, world->replay_next);
        if (entry.step > world->core.step)
            return;
        apply(world, &entry);
        world->replay_next++;
    }
    jw_command_list_clear(list);
    world->replay_next = 0;
}

void jw_world_watch_commands(jw_world *world, jw_command_watch watch, void *context)
{
    world->command_watch = watch;
    world->command_watch_context = context;
}

const char *jw_world_refusal(const jw_world *world, uint64_t sequence)
{
    for (uint32_t i = 0; i < JW_REFUSALS; i++)
        if (world->refusals[i].sequence1 == sequence + 1)
            return world->refusals[i].message;
    return "";
}

void jw_world_run_commands(jw_world *world)
{
    apply_list(world, &world->script_commands);
    jw_command_list_clear(&world->script_commands);
    apply_replay(world);
    /* Taken in one piece: the posting thread never waits for a command to be carried out. */
    pthread_mutex_lock(&world->post_mutex);
    jw_command_list posted = world->posted_commands;
    world->posted_commands = (jw_command_list){0};
    pthread_mutex_unlock(&world->post_mutex);
    apply_list(world, &posted);
    jw_command_list_free(&posted);
}

uint32_t jw_world_log_count(const jw_world *world)
{
    return world->core.log.count;
}

jw_log_entry jw_world_log_entry(const jw_world *world, uint32_t index)
{
    return jw_command_list_get(&world->core.log, index);
}
