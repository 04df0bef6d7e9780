/* 64-bit hashing of state and of keys. Not cryptographic. The same bytes give the same value on every
 * machine. */
#ifndef JW_BASE_HASH_H
#define JW_BASE_HASH_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

/* Folds bytes into a running hash; start with any seed (0 is fine). */
uint64_t jw_hash_bytes(uint64_t hash, const void *bytes, size_t size);
uint64_t jw_hash_u64(uint64_t hash, uint64_t value);
uint64_t jw_hash_f64(uint64_t hash, double value); /* bit pattern; -0.0 and 0.0 differ, NaN must not occur */
uint64_t jw_hash_text(uint64_t hash, const char *text);

/* A map from u64 keys to u32 values, open addressing, for look-ups while loading (never iterated: its order
 * must not reach state). */
typedef struct jw_map {
    uint64_t *keys;
    uint32_t *values;
    uint32_t capacity;
    uint32_t count;
} jw_map;

#define JW_NONE UINT32_MAX
/* Sets key -> value (value != JW_NONE). false: out of memory, the map unchanged. */
bool jw_map_set(jw_map *map, uint64_t key, uint32_t value);
/* JW_NONE when absent. */
uint32_t jw_map_get(const jw_map *map, uint64_t key);
void jw_map_free(jw_map *map);

#endif
