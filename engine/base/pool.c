#include "base/memory.h"
#include "base/stream.h"

#include <assert.h>

jw_result jw_pool_take(jw_pool *pool, uint32_t *out_slot, uint32_t *out_generation, jw_error *error)
{
    uint32_t slot;
    if (pool->free_count > 0) {
        slot = pool->free_slots[--pool->free_count];
    } else {
        /* Room on the free list comes with the slot, so that giving back can never fail. */
        if (jw_grow(&pool->generations, &pool->capacity, (uint64_t)pool->slot_count + 1, sizeof(uint32_t),
                    error) != JW_OK)
            return JW_ERROR_MEMORY;
        if (jw_grow(&pool->free_slots, &pool->free_capacity, (uint64_t)pool->slot_count + 1, sizeof(uint32_t),
                    error) != JW_OK)
            return JW_ERROR_MEMORY;
        slot = pool->slot_count++;
    }
    pool->generations[slot]++;
    pool->alive_count++;
    assert(pool->generations[slot] & 1);
    *out_slot = slot;
    *out_generation = pool->generations[slot];
    return JW_OK;
}

void jw_pool_give(jw_pool *pool, uint32_t slot)
{
    assert(slot < pool->slot_count && (pool->generations[slot] & 1) && "only what is alive is given back");
    pool->generations[slot]++;
    pool->free_slots[pool->free_count++] = slot;
    pool->alive_count--;
}

bool jw_pool_is_alive(const jw_pool *pool, uint32_t index1, uint32_t generation)
{
    return index1 != 0 && index1 <= pool->slot_count && (generation & 1) &&
           pool->generations[index1 - 1] == generation;
}

void jw_pool_free(jw_pool *pool)
{
    jw_free(pool->generations);
    jw_free(pool->free_slots);
    *pool = (jw_pool){0};
}

void jw_pool_save(const jw_pool *pool, struct jw_writer *writer)
{
    jw_write_array(writer, pool->generations, pool->slot_count, sizeof(uint32_t));
    jw_write_array(writer, pool->free_slots, pool->free_count, sizeof(uint32_t));
}

/* Every dead slot is on the free list exactly once, nothing else is. */
static void check_free_list(const jw_pool *pool, jw_reader *reader)
{
    bool *is_listed = jw_alloc(pool->slot_count);
    if (!is_listed) {
        jw_reader_fail_memory(reader);
        return;
    }
    bool is_sound = true;
    for (uint32_t i = 0; i < pool->free_count && is_sound; i++) {
        uint32_t slot = pool->free_slots[i];
        is_sound = slot < pool->slot_count && !is_listed[slot] && !(pool->generations[slot] & 1);
        if (is_sound)
            is_listed[slot] = true;
    }
    jw_free(is_listed);
    if (!is_sound || pool->free_count + pool->alive_count != pool->slot_count)
        jw_reader_fail(reader, "the free list of an id pool is damaged");
}

void jw_pool_load(jw_pool *pool, struct jw_reader *reader)
{
    *pool = (jw_pool){0};
    jw_read_array(reader, &pool->generations, &pool->slot_count, sizeof(uint32_t), UINT32_MAX - 1);
    pool->capacity = pool->slot_count;
    jw_read_array(reader, &pool->free_slots, &pool->free_count, sizeof(uint32_t), pool->slot_count);
    pool->free_capacity = pool->free_count;
    for (uint32_t i = 0; i < pool->slot_count; i++)
        pool->alive_count += pool->generations[i] & 1;
    if (!reader->failed && pool->slot_count > 0)
        check_free_list(pool, reader);
    if (!reader->failed &&
        jw_grow(&pool->free_slots, &pool->free_capacity, pool->slot_count, sizeof(uint32_t), NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    if (reader->failed)
        jw_pool_free(pool);
}
