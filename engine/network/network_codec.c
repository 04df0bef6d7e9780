/* The fields of a snapshot: see network_codec.h. */
#include "network/network_codec.h"

#include <math.h>

void jw_network_code_u64(net_codec *c, uint64_t *value)
{
    if (c->writer) {
        jw_write_u64(c->writer, *value);
    } else if (c->reader) {
        *value = jw_read_u64(c->reader);
    } else {
        c->hash = jw_hash_u64(c->hash, *value);
    }
}

void jw_network_code_i64(net_codec *c, int64_t *value)
{
    uint64_t bits = (uint64_t)*value;
    jw_network_code_u64(c, &bits);
    *value = (int64_t)bits;
    /* Times, bytes and counts stay far from where their differences would overflow. */
    if (c->reader && *value != INT64_MAX && (*value > INT64_MAX / 4 || *value < -(INT64_MAX / 4))) {
        jw_reader_fail(c->reader, "a time or count of the network is out of range");
    }
}

void jw_network_code_u32(net_codec *c, uint32_t *value)
{
    if (c->writer) {
        jw_write_u32(c->writer, *value);
    } else if (c->reader) {
        *value = jw_read_u32(c->reader);
    } else {
        c->hash = jw_hash_u64(c->hash, *value);
    }
}

void jw_network_code_u8(net_codec *c, uint8_t *value)
{
    if (c->writer) {
        jw_write_u8(c->writer, *value);
    } else if (c->reader) {
        *value = jw_read_u8(c->reader);
    } else {
        c->hash = jw_hash_u64(c->hash, *value);
    }
}

void jw_network_code_bool(net_codec *c, bool *value)
{
    uint8_t byte = *value;
    jw_network_code_u8(c, &byte);
    *value = byte != 0;
}

void jw_network_code_f64(net_codec *c, double *value)
{
    if (c->writer) {
        jw_write_f64(c->writer, *value);
    } else if (c->reader) {
        *value = jw_read_f64(c->reader);
        if (!isfinite(*value)) {
            *value = 0;
            jw_reader_fail(c->reader, "a number of the network is not finite");
        }
    } else {
        c->hash = jw_hash_f64(c->hash, *value);
    }
}

void jw_network_code_f32(net_codec *c, float *value)
{
    double wide = (double)*value;
    if (c->reader || !c->writer) {
        jw_network_code_f64(c, &wide);
        *value = (float)wide;
    } else {
        jw_write_f64(c->writer, wide);
    }
}

void jw_network_code_text(net_codec *c, char *text, size_t size)
{
    if (c->writer) {
        jw_write_text(c->writer, text);
    } else if (c->reader) {
        jw_read_text(c->reader, text, size);
    } else {
        c->hash = jw_hash_text(c->hash, text);
    }
}

/* The count of an array and, when loading, its memory. `bytes` is the least an element takes in the stream.
 */
void jw_network_code_items(net_codec *c, void *items_pointer, uint32_t *count, uint32_t *capacity,
                           size_t size, size_t bytes)
{
    if (!c->reader) {
        jw_network_code_u32(c, count);
        return;
    }
    *count = jw_read_count(c->reader, NET_THINGS_MAX, bytes);
    if (*count > 0 && jw_grow(items_pointer, capacity, *count, size, NULL)) {
        jw_reader_fail(c->reader, "out of memory");
        *count = 0;
    }
}

void jw_network_code_slots(net_codec *c, uint32_t **items, uint32_t *count, uint32_t *capacity)
{
    jw_network_code_items(c, items, count, capacity, sizeof **items, 4);
    for (uint32_t i = 0; i < *count; i++) {
        jw_network_code_u32(c, &(*items)[i]);
    }
}

/* A pool and room for its slots beside it. */
void jw_network_code_pool(net_codec *c, jw_pool *pool, void *items_pointer, uint32_t *capacity, size_t size)
{
    if (c->writer) {
        jw_pool_save(pool, c->writer);
    } else if (c->reader) {
        jw_pool_load(pool, c->reader);
        if (pool->slot_count > 0 && jw_grow(items_pointer, capacity, pool->slot_count, size, NULL)) {
            jw_reader_fail(c->reader, "out of memory");
            jw_pool_free(pool);
        }
    } else {
        c->hash = jw_hash_bytes(c->hash, pool->generations, pool->slot_count * sizeof(uint32_t));
        c->hash = jw_hash_bytes(c->hash, pool->free_slots, pool->free_count * sizeof(uint32_t));
    }
}
