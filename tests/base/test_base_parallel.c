#include "base/test_base.h"

#include <stdatomic.h>

enum { ELEMENTS = 100003, BLOCK = 1000, BLOCKS = 101 };

typedef struct loop {
    double values[ELEMENTS];
    double sums[BLOCKS];
    _Atomic uint32_t visits[BLOCKS];
    uint32_t last_block;
    bool is_in_order;
} loop;

static loop shared;

static void work(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    loop *l = context;
    l->visits[block]++;
    l->sums[block] = 0;
    for (uint32_t i = begin; i < end; i++) {
        l->values[i] = jw_sin(i) / (1 + i);
        l->sums[block] += l->values[i];
    }
}

static uint64_t run(int threads)
{
    shared = (loop){0};
    jw_parallel_blocks(ELEMENTS, BLOCK, threads, work, &shared);
    double sum = 0;
    for (uint32_t block = 0; block < BLOCKS; block++) {
        assert_int_equal(shared.visits[block], 1);
        sum += shared.sums[block];
    }
    uint64_t hash = jw_hash_bytes(0, shared.values, sizeof shared.values);
    return jw_hash_f64(hash, sum);
}

static void result_does_not_depend_on_threads(void **state)
{
    (void)state;
    uint64_t serial = run(1);
    static const int threads[] = {0, 2, 3, 8, 64};
    for (size_t i = 0; i < JW_COUNT_OF(threads); i++)
        assert_int_equal(run(threads[i]), serial);
}

static void note_order(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    loop *l = context;
    l->is_in_order &=
        block == l->last_block++ && begin == block * 10 && end == (block == 2 ? 25 : begin + 10);
}

static void blocks_cover_the_elements(void **state)
{
    (void)state;
    assert_int_equal(jw_block_count(0, 10), 0);
    assert_int_equal(jw_block_count(10, 10), 1);
    assert_int_equal(jw_block_count(11, 10), 2);
    assert_int_equal(jw_block_count(UINT32_MAX, 2), UINT32_C(1) << 31);
    shared = (loop){.is_in_order = true};
    jw_parallel_blocks(25, 10, 1, note_order, &shared);
    assert_true(shared.is_in_order);
    assert_int_equal(shared.last_block, 3);
    jw_parallel_blocks(0, 10, 4, note_order, &shared);
    assert_int_equal(shared.last_block, 3);
    assert_true(jw_processor_count() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(result_does_not_depend_on_threads),
        JW_UNIT(blocks_cover_the_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
