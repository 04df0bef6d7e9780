#include "base/test_base.h"

#include <stdlib.h>
#include <string.h>

/* Values are part of the format of snapshots (their checksum) and of pinned tests: they never change. */
static void values_are_pinned(void **state)
{
    (void)state;
    assert_int_equal(jw_hash_bytes(0, "", 0), UINT64_C(0x747513db619ce445));
    assert_int_equal(jw_hash_text(0, "jingwei"), UINT64_C(0x6ad5c497e17ac4f0));
    assert_int_equal(jw_hash_bytes(7, "0123456789abcdef", 16), UINT64_C(0xd87747733692130f));
    assert_int_equal(jw_hash_u64(0, 1), UINT64_C(0x65fbffc4ccc04606));
    assert_int_equal(jw_hash_f64(0, 1.0), UINT64_C(0x31ac5d6f671c706c));
}

static int bits_set(uint64_t value)
{
    return __builtin_popcountll(value);
}

/* One flipped bit of the input flips half of the output bits, wherever it is. */
static void every_bit_counts(void **state)
{
    (void)state;
    uint8_t bytes[43];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37);
    for (size_t size = 1; size <= sizeof bytes; size++) {
        uint64_t plain = jw_hash_bytes(1, bytes, size);
        double sum = 0;
        for (size_t bit = 0; bit < 8 * size; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            int flipped = bits_set(plain ^ jw_hash_bytes(1, bytes, size));
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_in_range(flipped, 8, 56); /* 6 sigma of the binomial distribution */
            sum += flipped;
        }
        double mean = sum / (8.0 * (double)size);
        assert_true(mean > 27 && mean < 37);
    }
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void keys_of_small_numbers_do_not_collide(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    uint64_t *hashes = malloc(COUNT * sizeof *hashes);
    assert_non_null(hashes);
    for (uint64_t i = 0; i < COUNT / 2; i++) {
        hashes[2 * i] = jw_hash_u64(0, i);
        hashes[2 * i + 1] = jw_hash_u64(i + 1, 0);
    }
    qsort(hashes, COUNT, sizeof *hashes, compare_u64);
    for (int i = 1; i < COUNT; i++)
        assert_true(hashes[i] != hashes[i - 1]);
    free(hashes);
}

static void length_order_and_sign_are_seen(void **state)
{
    (void)state;
    assert_true(jw_hash_bytes(0, "\0", 1) != jw_hash_bytes(0, "\0\0", 2));
    assert_true(jw_hash_bytes(0, "", 0) != jw_hash_bytes(0, "\0", 1));
    assert_true(jw_hash_u64(jw_hash_u64(0, 1), 2) != jw_hash_u64(jw_hash_u64(0, 2), 1));
    assert_true(jw_hash_f64(0, 0.0) != jw_hash_f64(0, -0.0));
    assert_true(jw_hash_text(0, "ab") == jw_hash_bytes(0, "ab", 2));
}

static void map_holds_what_was_set(void **state)
{
    (void)state;
    jw_map map = {0};
    assert_int_equal(jw_map_get(&map, 3), JW_NONE);
    for (uint32_t i = 0; i < 100000; i++)
        assert_true(jw_map_set(&map, (uint64_t)i << 32, i));
    assert_true(jw_map_set(&map, 0, 77));
    assert_true(jw_map_set(&map, UINT64_MAX, 78));
    assert_int_equal(map.count, 100001);
    for (uint32_t i = 1; i < 100000; i++)
        assert_int_equal(jw_map_get(&map, (uint64_t)i << 32), i);
    assert_int_equal(jw_map_get(&map, 0), 77);
    assert_int_equal(jw_map_get(&map, UINT64_MAX), 78);
    assert_int_equal(jw_map_get(&map, 1), JW_NONE);
    jw_map_free(&map);
    assert_int_equal(map.capacity, 0);
}

static void map_without_memory_stays_as_it_was(void **state)
{
    (void)state;
    for (int64_t allowed = 0; allowed < 2; allowed++) {
        jw_map map = {0};
        jw_memory_fail_after(allowed);
        assert_false(jw_map_set(&map, 1, 2));
        jw_memory_fail_after(-1);
        assert_int_equal(map.count, 0);
        uint32_t held = 0;
        while (map.capacity <= 32) /* until it grows once */
            assert_true(jw_map_set(&map, held++, 5));
        uint32_t capacity = map.capacity;
        jw_memory_fail_after(allowed);
        uint32_t last = held;
        while (jw_map_set(&map, last, 5))
            last++;
        jw_memory_fail_after(-1);
        assert_int_equal(map.capacity, capacity);
        assert_int_equal(map.count, last);
        assert_int_equal(jw_map_get(&map, last - 1), 5);
        assert_int_equal(jw_map_get(&map, last), JW_NONE);
        jw_map_free(&map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(values_are_pinned),
        JW_UNIT(every_bit_counts),
        JW_UNIT(keys_of_small_numbers_do_not_collide),
        JW_UNIT(length_order_and_sign_are_seen),
        JW_UNIT(map_holds_what_was_set),
        JW_UNIT(map_without_memory_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
