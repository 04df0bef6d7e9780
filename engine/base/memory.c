/* A block is a 64-byte header (its size, so that bytes in use can be counted) and the payload. */
#include "base/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 64
#define HUGE_PAGE ((size_t)2 << 20)
#define LARGE     ((size_t)4 << 20) /* bytes from which on a block gets huge pages */

/* From here on a block is a mapping of its own, as it is in the C library too: its pages come zeroed and when
 * they are first touched, and growing moves them instead of copying. A sanitizer wants to see all blocks. */
#ifdef __SANITIZE_ADDRESS__
#define MAPPED SIZE_MAX
#else
#define MAPPED ((size_t)32 << 20)
#endif

typedef struct block_header {
    size_t size_bytes;
    uint64_t mark; /* tells a foreign or freed pointer */
} block_header;

#define BLOCK_LIVE UINT64_C(0x6a77206c69766521)
#define BLOCK_FREE UINT64_C(0x6a77206672656564)

_Static_assert(sizeof(block_header) <= ALIGNMENT, "the header fits in front of an aligned payload");

/* Bookkeeping of the process, not state of any world. */
static _Atomic int64_t allocated_bytes;
static _Atomic int64_t allocation_count;
static _Atomic int64_t fail_after = -1;

static block_header *header_of(void *memory)
{
    block_header *header = (block_header *)((uint8_t *)memory - ALIGNMENT);
    assert(header->mark == BLOCK_LIVE && "a pointer that jw_alloc gave and jw_free has not had");
    return header;
}

static bool may_allocate(void)
{
    int64_t left = atomic_load_explicit(&fail_after, memory_order_relaxed);
    while (left >= 0) {
        if (left == 0)
            return false;
        if (atomic_compare_exchange_weak_explicit(&fail_after, &left, left - 1, memory_order_relaxed,
                                                  memory_order_relaxed))
            return true;
    }
    return true;
}

/* Of the block with its header. */
static size_t whole_size(size_t size_bytes)
{
    size_t alignment = size_bytes < LARGE ? ALIGNMENT : HUGE_PAGE;
    return (size_bytes + ALIGNMENT + alignment - 1) / alignment * alignment;
}

/* Address space that begins at a huge page. */
static uint8_t *map_block(size_t total)
{
    uint8_t *raw = mmap(NULL, total + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED)
        return NULL;
    size_t before = (HUGE_PAGE - (uintptr_t)raw % HUGE_PAGE) % HUGE_PAGE;
    if (before > 0)
        (void)munmap(raw, before);
    (void)munmap(raw + before + total, HUGE_PAGE - before);
    return raw + before;
}

void *jw_alloc_raw(size_t size_bytes)
{
    if (size_bytes == 0 || size_bytes > SIZE_MAX / 2 || !may_allocate())
        return NULL;
    size_t alignment = size_bytes < LARGE ? ALIGNMENT : HUGE_PAGE, total = whole_size(size_bytes);
    uint8_t *block = size_bytes < MAPPED ? aligned_alloc(alignment, total) : map_block(total);
    if (!block)
        return NULL;
    /* Who goes through it at random needs 512 times fewer entries of the processor's table of pages. */
    if (size_bytes >= LARGE)
        (void)madvise(block, total, MADV_HUGEPAGE); /* a wish: without it all works */
    *(block_header *)block = (block_header){size_bytes, BLOCK_LIVE};
    atomic_fetch_add_explicit(&allocated_bytes, (int64_t)size_bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    return block + ALIGNMENT;
}

void *jw_alloc(size_t size_bytes)
{
    void *memory = jw_alloc_raw(size_bytes);
    return memory && size_bytes < MAPPED ? memset(memory, 0, size_bytes) : memory;
}

/* Both are mappings: the pages move, none is copied. */
static void grow_mapping(uint8_t *moved, uint8_t *memory, size_t old_size_bytes, size_t new_size_bytes)
{
    uint8_t *from = memory - ALIGNMENT, *to = moved - ALIGNMENT;
    size_t old_total = whole_size(old_size_bytes);
    if (mremap(from, old_total, old_total, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED) {
        memcpy(moved, memory, old_size_bytes);
        jw_free(memory);
        return;
    }
    *(block_header *)to = (block_header){new_size_bytes, BLOCK_LIVE};
    atomic_fetch_sub_explicit(&allocated_bytes, (int64_t)old_size_bytes, memory_order_relaxed);
}

void *jw_realloc(void *memory, size_t old_size_bytes, size_t new_size_bytes)
{
    assert(!memory ? old_size_bytes == 0 : header_of(memory)->size_bytes == old_size_bytes);
    uint8_t *moved = jw_alloc_raw(new_size_bytes);
    size_t kept_bytes = old_size_bytes < new_size_bytes ? old_size_bytes : new_size_bytes;
    if (!moved)
        return NULL;
    if (old_size_bytes >= MAPPED && new_size_bytes >= old_size_bytes) {
        grow_mapping(moved, memory, old_size_bytes, new_size_bytes);
        return moved;
    }
    if (memory)
        memcpy(moved, memory, kept_bytes);
    if (new_size_bytes < MAPPED)
        memset(moved + kept_bytes, 0, new_size_bytes - kept_bytes);
    jw_free(memory);
    return moved;
}

void jw_free(void *memory)
{
    if (!memory)
        return;
    block_header *header = header_of(memory);
    atomic_fetch_sub_explicit(&allocated_bytes, (int64_t)header->size_bytes, memory_order_relaxed);
    header->mark = BLOCK_FREE;
    if (header->size_bytes < MAPPED)
        free(header);
    else
        (void)munmap(header, whole_size(header->size_bytes));
}

int64_t jw_allocated_bytes(void)
{
    return atomic_load_explicit(&allocated_bytes, memory_order_relaxed);
}

void jw_memory_fail_after(int64_t count)
{
    atomic_store_explicit(&fail_after, count, memory_order_relaxed);
}

int64_t jw_memory_allocation_count(void)
{
    return atomic_load_explicit(&allocation_count, memory_order_relaxed);
}

jw_result jw_grow(void *items_pointer, uint32_t *capacity, uint64_t needed, size_t element_size,
                  jw_error *error)
{
    if (needed <= *capacity)
        return JW_OK;
    if (needed > UINT32_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "an array cannot hold %llu elements (at most %u)",
                       (unsigned long long)needed, UINT32_MAX);
    uint64_t wanted = *capacity < 8 ? 16 : 2 * (uint64_t)*capacity;
    if (wanted < needed)
        wanted = needed;
    if (wanted > UINT32_MAX)
        wanted = UINT32_MAX;
    void *items;
    memcpy(&items, items_pointer, sizeof items); /* through memcpy: the caller's pointer has its own type */
    void *grown = jw_realloc(items, *capacity * element_size, (size_t)wanted * element_size);
    if (!grown)
        return jw_fail_memory(error);
    memcpy(items_pointer, &grown, sizeof grown);
    *capacity = (uint32_t)wanted;
    return JW_OK;
}

jw_result jw_arena_init(jw_arena *arena, size_t capacity_bytes, jw_error *error)
{
    *arena = (jw_arena){0};
    return jw_arena_reserve(arena, capacity_bytes, error);
}

void jw_arena_free(jw_arena *arena)
{
    jw_free(arena->bytes);
    *arena = (jw_arena){0};
}

void *jw_arena_take(jw_arena *arena, size_t size_bytes)
{
    if (size_bytes > arena->capacity - arena->used || !arena->bytes)
        return NULL;
    void *memory = arena->bytes + arena->used;
    size_t end = (arena->used + size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    arena->used = end < arena->capacity ? end : arena->capacity;
    if (arena->used > arena->peak)
        arena->peak = arena->used;
    return memory;
}

size_t jw_arena_mark(const jw_arena *arena)
{
    return arena->used;
}

void jw_arena_release(jw_arena *arena, size_t mark)
{
    assert(mark <= arena->used);
    arena->used = mark;
}

jw_result jw_arena_reserve(jw_arena *arena, size_t capacity_bytes, jw_error *error)
{
    assert(arena->used == 0 && "an arena grows while it is empty");
    if (capacity_bytes <= arena->capacity)
        return JW_OK;
    if (capacity_bytes > SIZE_MAX / 2)
        return jw_fail_memory(error);
    capacity_bytes = (capacity_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *bytes = jw_alloc(capacity_bytes);
    if (!bytes)
        return jw_fail_memory(error);
    jw_free(arena->bytes);
    arena->bytes = bytes;
    arena->capacity = capacity_bytes;
    return JW_OK;
}
