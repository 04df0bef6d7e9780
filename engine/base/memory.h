/* Memory: every allocation of the engine goes through here, so that it can be counted, bounded and made to
 * fail in tests. Third-party libraries keep their own allocators. */
#ifndef JW_BASE_MEMORY_H
#define JW_BASE_MEMORY_H

#include "base/error.h"

/* jw_alloc returns zeroed memory, 64-byte aligned. NULL on failure (size 0 too). Thread: any. */
void *jw_alloc(size_t size_bytes) __attribute__((malloc, warn_unused_result));
/* The same, not zeroed: for what is written over at once. */
void *jw_alloc_raw(size_t size_bytes) __attribute__((malloc, warn_unused_result));
/* Grows or shrinks; bytes beyond old_size_bytes are zeroed. On failure NULL, and the old block stays valid.
 */
void *jw_realloc(void *memory, size_t old_size_bytes, size_t new_size_bytes)
    __attribute__((warn_unused_result));
void jw_free(void *memory); /* NULL is allowed */

/* Bytes now held through jw_alloc, over all threads: 0 at the end of every test. */
int64_t jw_allocated_bytes(void);

/* Test hook: after `count` more successful allocations of this process every one fails, until called with
 * -1. The hook is compiled in always (one relaxed atomic read per allocation). */
void jw_memory_fail_after(int64_t count);
/* Allocations made so far; with it a test loops jw_memory_fail_after over every point. */
int64_t jw_memory_allocation_count(void);

/* Makes room for `needed` elements in *items: doubles the capacity, zeroes the new part. On failure
 * everything stays as it was. Use: jw_grow((void **)&a, &capacity, count + 1, sizeof *a, error). */
jw_result jw_grow(void *items_pointer, uint32_t *capacity, uint64_t needed, size_t element_size,
                  jw_error *error);

/* A growing stack of bytes for one step's scratch: taken and given back in order, empty at its end. */
typedef struct jw_arena {
    uint8_t *bytes;
    size_t capacity;
    size_t used;
    size_t peak;
} jw_arena;

jw_result jw_arena_init(jw_arena *arena, size_t capacity_bytes, jw_error *error);
void jw_arena_free(jw_arena *arena);
/* NULL when full: size the arena between phases with jw_arena_reserve. Not zeroed, 64-byte aligned. */
void *jw_arena_take(jw_arena *arena, size_t size_bytes);
size_t jw_arena_mark(const jw_arena *arena);
void jw_arena_release(jw_arena *arena, size_t mark);
/* Only while the arena is empty. */
jw_result jw_arena_reserve(jw_arena *arena, size_t capacity_bytes, jw_error *error);

/* Identities of things that come and go: index1 - 1 is a dense slot, generation tells a reused slot apart.
 * The free list is last-in first-out, so that ids depend only on the history of calls. */
typedef struct jw_pool {
    uint32_t *generations; /* odd = alive */
    uint32_t *free_slots;
    uint32_t capacity;
    uint32_t free_capacity;
    uint32_t free_count;
    uint32_t slot_count; /* slots ever used: arrays beside the pool need this many elements */
    uint32_t alive_count;
} jw_pool;

struct jw_writer;
struct jw_reader;
jw_result jw_pool_take(jw_pool *pool, uint32_t *out_slot, uint32_t *out_generation, jw_error *error);
void jw_pool_give(jw_pool *pool, uint32_t slot);
bool jw_pool_is_alive(const jw_pool *pool, uint32_t index1, uint32_t generation);
void jw_pool_free(jw_pool *pool);
void jw_pool_save(const jw_pool *pool, struct jw_writer *writer);
void jw_pool_load(jw_pool *pool, struct jw_reader *reader);

#endif
