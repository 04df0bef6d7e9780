#include "base/test_base.h"

#include <string.h>

static bool is_zero(const void *memory, size_t size)
{
    const uint8_t *bytes = memory;
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void blocks_are_zeroed_aligned_and_counted(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 63, 64, 65, 1000, 1 << 20};
    for (size_t i = 0; i < JW_COUNT_OF(sizes); i++) {
        int64_t count = jw_memory_allocation_count();
        uint8_t *memory = jw_alloc(sizes[i]);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        assert_true(is_zero(memory, sizes[i]));
        memset(memory, 0xff, sizes[i]);
        assert_int_equal(jw_allocated_bytes(), sizes[i]);
        assert_int_equal(jw_memory_allocation_count(), count + 1);
        jw_free(memory);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
    assert_null(jw_alloc(0));
    assert_null(jw_alloc(SIZE_MAX - 100));
    jw_free(NULL);
}

static void resizing_keeps_and_zeroes(void **state)
{
    (void)state;
    uint8_t *memory = jw_realloc(NULL, 0, 10);
    assert_non_null(memory);
    memset(memory, 7, 10);
    memory = jw_realloc(memory, 10, 5000);
    assert_non_null(memory);
    assert_int_equal(memory[9], 7);
    assert_true(is_zero(memory + 10, 4990));
    memory = jw_realloc(memory, 5000, 3);
    assert_non_null(memory);
    assert_int_equal(memory[2], 7);
    assert_int_equal(jw_allocated_bytes(), 3);
    jw_memory_fail_after(0);
    assert_null(jw_realloc(memory, 3, 100));
    jw_memory_fail_after(-1);
    assert_int_equal(memory[2], 7);
    jw_free(memory);
}

/* Large blocks are mappings, which move when they grow. */
static void large_blocks_resize_alike(void **state)
{
    (void)state;
    const size_t sizes[] = {
        1000, (size_t)40 << 20, ((size_t)90 << 20) + 5, (size_t)200 << 20, (size_t)50 << 20, 3000};
    int64_t before = jw_allocated_bytes();
    uint8_t *memory = NULL;
    size_t size = 0;
    for (size_t i = 0; i < JW_COUNT_OF(sizes); i++) {
        memory = jw_realloc(memory, size, sizes[i]);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        size_t kept = size < sizes[i] ? size : sizes[i];
        for (size_t k = 0; k < kept; k += 997)
            assert_int_equal(memory[k], (uint8_t)(k % 251 + 1));
        assert_true(is_zero(memory + kept, sizes[i] - kept));
        size = sizes[i];
        for (size_t k = 0; k < size; k++)
            memory[k] = (uint8_t)(k % 251 + 1);
        assert_int_equal(jw_allocated_bytes() - before, (int64_t)size);
    }
    jw_free(memory);
    memory = jw_alloc((size_t)64 << 20);
    assert_non_null(memory);
    assert_true(is_zero(memory, (size_t)64 << 20));
    jw_free(memory);
    assert_int_equal(jw_allocated_bytes(), before);
}

static void failing_hook_lets_the_given_number_through(void **state)
{
    (void)state;
    jw_memory_fail_after(2);
    void *a = jw_alloc(1), *b = jw_alloc(1), *c = jw_alloc(1), *d = jw_alloc(1);
    jw_memory_fail_after(-1);
    void *e = jw_alloc(1);
    assert_non_null(a);
    assert_non_null(b);
    assert_null(c);
    assert_null(d);
    assert_non_null(e);
    jw_free(a);
    jw_free(b);
    jw_free(e);
}

static void arrays_grow_by_doubling(void **state)
{
    (void)state;
    uint16_t *items = NULL;
    uint32_t capacity = 0;
    int64_t before = jw_memory_allocation_count();
    for (uint32_t count = 0; count < 10000; count++) {
        assert_int_equal(jw_grow(&items, &capacity, count + 1, sizeof *items, NULL), JW_OK);
        assert_int_equal(items[count], 0);
        items[count] = (uint16_t)count;
    }
    assert_true(jw_memory_allocation_count() - before < 16);
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(items[i], (uint16_t)i);
    jw_error error = {0};
    uint32_t old_capacity = capacity;
    uint16_t *old_items = items;
    jw_memory_fail_after(0);
    assert_int_equal(jw_grow(&items, &capacity, capacity + 1, sizeof *items, &error), JW_ERROR_MEMORY);
    jw_memory_fail_after(-1);
    assert_int_equal(error.code, JW_ERROR_MEMORY);
    assert_int_equal(jw_grow(&items, &capacity, UINT64_C(1) << 32, sizeof *items, NULL), JW_ERROR_LIMIT);
    assert_ptr_equal(items, old_items);
    assert_int_equal(capacity, old_capacity);
    jw_free(items);
}

static void arena_is_taken_and_given_back_in_order(void **state)
{
    (void)state;
    jw_arena arena;
    assert_int_equal(jw_arena_init(&arena, 1000, NULL), JW_OK); /* rounded up to 1024 */
    uint8_t *a = jw_arena_take(&arena, 10);
    size_t mark = jw_arena_mark(&arena);
    uint8_t *b = jw_arena_take(&arena, 500);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal((uintptr_t)b % 64, 0);
    assert_true(b >= a + 10);
    assert_null(jw_arena_take(&arena, 500));
    assert_null(jw_arena_take(&arena, SIZE_MAX));
    jw_arena_release(&arena, mark);
    assert_ptr_equal(jw_arena_take(&arena, 700), b);
    jw_arena_release(&arena, 0);
    assert_int_equal(arena.peak, 64 + 704);
    assert_int_equal(jw_arena_reserve(&arena, 5000, NULL), JW_OK);
    assert_non_null(jw_arena_take(&arena, 5000));
    jw_arena_release(&arena, 0);
    jw_memory_fail_after(0);
    assert_int_equal(jw_arena_reserve(&arena, 50000, NULL), JW_ERROR_MEMORY);
    jw_memory_fail_after(-1);
    assert_non_null(jw_arena_take(&arena, 5000));
    jw_arena_free(&arena);
    assert_null(jw_arena_take(&arena, 0));
}

static void pool_tells_generations_apart(void **state)
{
    (void)state;
    jw_pool pool = {0};
    uint32_t slots[3], generations[3];
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(jw_pool_take(&pool, &slots[i], &generations[i], NULL), JW_OK);
        assert_int_equal(slots[i], i);
        assert_true(jw_pool_is_alive(&pool, slots[i] + 1, generations[i]));
    }
    jw_pool_give(&pool, 0);
    jw_pool_give(&pool, 1);
    assert_false(jw_pool_is_alive(&pool, 1, generations[0]));
    assert_int_equal(pool.alive_count, 1);
    uint32_t slot, generation;
    assert_int_equal(jw_pool_take(&pool, &slot, &generation, NULL), JW_OK);
    assert_int_equal(slot, 1); /* last in, first out */
    assert_int_not_equal(generation, generations[1]);
    assert_false(jw_pool_is_alive(&pool, 2, generations[1]));
    assert_true(jw_pool_is_alive(&pool, 2, generation));
    assert_false(jw_pool_is_alive(&pool, 0, 0));
    assert_false(jw_pool_is_alive(&pool, 4, 1));
    assert_false(jw_pool_is_alive(&pool, 1, generations[0] + 1)); /* even: dead */
    jw_pool_free(&pool);
}

static void pool_survives_every_failing_allocation(void **state)
{
    (void)state;
    for (int64_t allowed = 0; allowed < 6; allowed++) {
        jw_pool pool = {0};
        uint32_t slot, generation, taken = 0;
        jw_memory_fail_after(allowed);
        while (taken < 1000 && jw_pool_take(&pool, &slot, &generation, NULL) == JW_OK)
            taken++;
        jw_memory_fail_after(-1);
        assert_int_equal(pool.alive_count, taken);
        assert_int_equal(pool.slot_count, taken);
        for (uint32_t i = 0; i < taken; i++)
            jw_pool_give(&pool, i);
        assert_int_equal(pool.free_count, taken);
        jw_pool_free(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(blocks_are_zeroed_aligned_and_counted),
        JW_UNIT(resizing_keeps_and_zeroes),
        JW_UNIT(large_blocks_resize_alike),
        JW_UNIT(failing_hook_lets_the_given_number_through),
        JW_UNIT(arrays_grow_by_doubling),
        JW_UNIT(arena_is_taken_and_given_back_in_order),
        JW_UNIT(pool_tells_generations_apart),
        JW_UNIT(pool_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
