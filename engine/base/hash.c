#include "base/hash.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

/* Odd multipliers with about half of their bits set: the leading bits of the fractional parts of the golden
 * ratio, of sqrt(3) - 1 and of cbrt(3) - 1. */
#define MULTIPLIER_1 UINT64_C(0x9e3779b97f4a7c15)
#define MULTIPLIER_2 UINT64_C(0xbb67ae8584caa73b)
#define MULTIPLIER_3 UINT64_C(0x7137449123ef65cd)

static uint64_t rotate_left(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

static uint64_t load_u64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

/* One word into the running value. A bijection of `hash` for each word and of `word` for each hash: a single
 * changed word never goes unnoticed. */
static uint64_t fold(uint64_t hash, uint64_t word)
{
    return rotate_left(hash ^ word * MULTIPLIER_1, 29) * MULTIPLIER_2 + MULTIPLIER_3;
}

/* Spreads every bit over the whole word. */
static uint64_t finish(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= MULTIPLIER_1;
    hash ^= hash >> 29;
    hash *= MULTIPLIER_2;
    return hash ^ hash >> 32;
}

uint64_t jw_hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *cursor = bytes;
    hash = fold(hash, size);
    size_t left = size;
    for (; left >= 8; left -= 8, cursor += 8)
        hash = fold(hash, load_u64(cursor));
    if (left > 0) {
        uint8_t tail[8] = {0};
        memcpy(tail, cursor, left);
        hash = fold(hash, load_u64(tail));
    }
    return finish(hash);
}

uint64_t jw_hash_u64(uint64_t hash, uint64_t value)
{
    return finish(fold(hash, value));
}

uint64_t jw_hash_f64(uint64_t hash, double value)
{
    assert(value == value && "no NaN in state");
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return jw_hash_u64(hash, bits);
}

uint64_t jw_hash_text(uint64_t hash, const char *text)
{
    return jw_hash_bytes(hash, text, strlen(text));
}

/* ---- map ---- */

static uint32_t find_slot(const uint64_t *keys, const uint32_t *values, uint32_t capacity, uint64_t key)
{
    uint32_t slot = (uint32_t)finish(key + MULTIPLIER_3) & (capacity - 1);
    while (values[slot] != JW_NONE && keys[slot] != key)
        slot = (slot + 1) & (capacity - 1);
    return slot;
}

static bool grow_map(jw_map *map)
{
    uint32_t capacity = map->capacity ? 2 * map->capacity : 32;
    if (capacity == 0) /* 2^32 slots */
        return false;
    uint64_t *keys = jw_alloc(capacity * sizeof *keys);
    uint32_t *values = jw_alloc(capacity * sizeof *values);
    if (!keys || !values) {
        jw_free(keys);
        jw_free(values);
        return false;
    }
    memset(values, 0xff, capacity * sizeof *values);
    for (uint32_t i = 0; i < map->capacity; i++) {
        if (map->values[i] == JW_NONE)
            continue;
        uint32_t slot = find_slot(keys, values, capacity, map->keys[i]);
        keys[slot] = map->keys[i];
        values[slot] = map->values[i];
    }
    jw_free(map->keys);
    jw_free(map->values);
    *map = (jw_map){keys, values, capacity, map->count};
    return true;
}

bool jw_map_set(jw_map *map, uint64_t key, uint32_t value)
{
    assert(value != JW_NONE);
    if ((uint64_t)map->count * 3 >= (uint64_t)map->capacity * 2 && !grow_map(map))
        return false;
    uint32_t slot = find_slot(map->keys, map->values, map->capacity, key);
    if (map->values[slot] == JW_NONE) {
        map->keys[slot] = key;
        map->count++;
    }
    map->values[slot] = value;
    return true;
}

uint32_t jw_map_get(const jw_map *map, uint64_t key)
{
    if (map->capacity == 0)
        return JW_NONE;
    return map->values[find_slot(map->keys, map->values, map->capacity, key)];
}

void jw_map_free(jw_map *map)
{
    jw_free(map->keys);
    jw_free(map->values);
    *map = (jw_map){0};
}
