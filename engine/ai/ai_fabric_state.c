/* Saving and loading of the data fabric. */
#include "ai/ai_internal.h"

void fabric_save(const fabric *data, jw_writer *writer)
{
    jw_write_u32(writer, data->set_count);
    for (uint32_t i = 0; i < data->set_count; i++) {
        const fabric_set *set = &data->sets[i];
        jw_write_text(writer, set->def.id);
        jw_write_text(writer, set->def.sector);
        jw_write_i64(writer, set->def.size_bytes);
        jw_write_u64(writer, set->def.home);
        jw_write_u8(writer, set->def.residency);
        jw_write_u8(writer, set->def.is_unverified);
        jw_write_i64(writer, set->added_ns);
        jw_write_i64(writer, set->reads);
        jw_write_i64(writer, set->refused);
        jw_write_i64(writer, set->read_bytes);
        jw_write_i64(writer, set->local_bytes);
        jw_write_i64(writer, set->copied_bytes);
    }
    jw_write_u32(writer, data->replica_count);
    for (uint32_t i = 0; i < data->replica_count; i++) {
        jw_write_u32(writer, data->replicas[i].set);
        jw_write_u64(writer, data->replicas[i].site);
    }
    jw_pool_save(&data->move_pool, writer);
    for (uint32_t i = 0; i < data->move_pool.slot_count; i++) {
        const fabric_move *move = &data->moves[i];
        jw_write_u8(writer, move->kind);
        jw_write_u8(writer, move->tries);
        jw_write_u32(writer, move->set);
        jw_write_u64(writer, move->from);
        jw_write_u64(writer, move->to);
        jw_write_i64(writer, move->bytes);
        jw_write_u64(writer, move->tag);
    }
    jw_write_i64(writer, data->asked_bytes);
    jw_write_i64(writer, data->arrived_bytes);
    jw_write_i64(writer, data->lost_bytes);
}

static int64_t load_sum(jw_reader *reader)
{
    int64_t sum = jw_read_i64(reader);
    if (sum < 0 || sum > FABRIC_BYTES_MAX)
        jw_reader_fail(reader, "a count of data is out of range");
    return sum;
}

static void load_set(jw_reader *reader, fabric_set *set)
{
    jw_read_text(reader, set->def.id, sizeof set->def.id);
    jw_read_text(reader, set->def.sector, sizeof set->def.sector);
    set->def.size_bytes = jw_read_i64(reader);
    set->def.home = jw_read_u64(reader);
    set->def.residency = jw_read_u8(reader);
    set->def.is_unverified = jw_read_u8(reader);
    set->added_ns = jw_read_i64(reader);
    set->reads = load_sum(reader);
    set->refused = load_sum(reader);
    set->read_bytes = load_sum(reader);
    set->local_bytes = load_sum(reader);
    set->copied_bytes = load_sum(reader);
    if (!fabric_is_set_fine(&set->def))
        jw_reader_fail(reader, "dataset \"%s\" is out of range", set->def.id);
}

static void load_moves(fabric *data, jw_reader *reader)
{
    jw_pool_load(&data->move_pool, reader);
    if (data->move_pool.slot_count > (reader->size - reader->position) / 38)
        jw_reader_fail(reader, "it names more transfers than it holds");
    if (!reader->failed && jw_grow(&data->moves, &data->move_capacity, data->move_pool.slot_count,
                                   sizeof *data->moves, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (uint32_t i = 0; i < data->move_pool.slot_count && !reader->failed; i++) {
        fabric_move *move = &data->moves[i];
        move->kind = jw_read_u8(reader);
        move->tries = jw_read_u8(reader);
        move->set = jw_read_u32(reader);
        move->from = jw_read_u64(reader);
        move->to = jw_read_u64(reader);
        move->bytes = jw_read_i64(reader);
        move->tag = jw_read_u64(reader);
        if ((data->move_pool.generations[i] & 1) &&
            (move->kind > FABRIC_READ_HERE || move->set >= data->set_count || move->tries > JW_DATA_TRIES ||
             move->bytes <= 0 || move->bytes > data->sets[move->set].def.size_bytes))
            jw_reader_fail(reader, "transfer %u of the fabric is out of range", i);
    }
}

void fabric_load(fabric *data, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, 1000000, 66);
    if (!reader->failed &&
        jw_grow(&data->sets, &data->set_capacity, count, sizeof *data->sets, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++, data->set_count++)
        load_set(reader, &data->sets[i]);
    count = jw_read_count(reader, 10000000, 12);
    if (!reader->failed &&
        jw_grow(&data->replicas, &data->replica_capacity, count, sizeof *data->replicas, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++, data->replica_count++) {
        data->replicas[i].set = jw_read_u32(reader);
        data->replicas[i].site = jw_read_u64(reader);
        if (data->replicas[i].set >= data->set_count)
            jw_reader_fail(reader, "replica %u is of no dataset", i);
    }
    if (!reader->failed)
        load_moves(data, reader);
    data->asked_bytes = load_sum(reader);
    data->arrived_bytes = load_sum(reader);
    data->lost_bytes = load_sum(reader);
    if (!reader->failed &&
        data->asked_bytes != data->arrived_bytes + data->lost_bytes + fabric_moving_bytes(data))
        jw_reader_fail(reader, "the bytes of the fabric do not add up");
}
