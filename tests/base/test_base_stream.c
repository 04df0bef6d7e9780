#include "base/test_base.h"

#include <string.h>

static void write_all_kinds(jw_writer *writer)
{
    jw_write_u8(writer, 0xab);
    jw_write_u16(writer, 0x1234);
    jw_write_u32(writer, 0xdeadbeef);
    jw_write_u64(writer, UINT64_C(0x0123456789abcdef));
    jw_write_i64(writer, -5);
    jw_write_f32(writer, 1.5f);
    jw_write_f64(writer, -0.0);
    jw_write_text(writer, "经纬");
    jw_write_text(writer, NULL);
    jw_write_text(writer, "owned");
    uint32_t items[3] = {1, 2, 3};
    jw_write_array(writer, items, 3, sizeof *items);
    jw_write_array(writer, NULL, 0, sizeof *items);
}

/* Reads what write_all_kinds wrote; true when all of it is right. */
static bool read_all_kinds(jw_reader *reader)
{
    bool is_right = jw_read_u8(reader) == 0xab && jw_read_u16(reader) == 0x1234;
    is_right &= jw_read_u32(reader) == 0xdeadbeef;
    is_right &= jw_read_u64(reader) == UINT64_C(0x0123456789abcdef);
    is_right &= jw_read_i64(reader) == -5;
    is_right &= jw_read_f32(reader) == 1.5f;
    double zero = jw_read_f64(reader);
    is_right &= zero == 0 && 1 / zero < 0;
    char text[8];
    jw_read_text(reader, text, 7);
    is_right &= strcmp(text, "经纬") == 0;
    jw_read_text(reader, text, sizeof text);
    is_right &= text[0] == 0;
    char *owned = jw_read_text_alloc(reader, 100);
    is_right &= owned && strcmp(owned, "owned") == 0;
    jw_free(owned);
    uint32_t *items, count;
    jw_read_array(reader, &items, &count, sizeof *items, 3);
    is_right &= count == 3 && items && items[0] == 1 && items[2] == 3;
    jw_free(items);
    jw_read_array(reader, &items, &count, sizeof *items, 3);
    is_right &= count == 0 && !items;
    return is_right && !reader->failed && reader->position == reader->size;
}

static void everything_comes_back(void **state)
{
    (void)state;
    jw_writer writer = {0};
    write_all_kinds(&writer);
    assert_false(writer.failed);
    static const uint8_t head[] = {0xab, 0x34, 0x12, 0xef, 0xbe, 0xad, 0xde}; /* little-endian, no padding */
    assert_memory_equal(writer.bytes, head, sizeof head);
    jw_reader reader = jw_reader_make(writer.bytes, writer.size);
    assert_true(read_all_kinds(&reader));
    jw_writer_free(&writer);
}

static void a_cut_stream_fails_and_gives_zeros(void **state)
{
    (void)state;
    jw_writer writer = {0};
    write_all_kinds(&writer);
    for (size_t size = 0; size < writer.size; size++) {
        uint8_t *copy = size ? jw_alloc(size) : NULL; /* of this very size: a sanitizer sees a read past it */
        if (size)
            memcpy(copy, writer.bytes, size);
        jw_reader reader = jw_reader_make(copy, size);
        assert_false(read_all_kinds(&reader));
        assert_true(reader.failed);
        assert_true(strlen(reader.message) > 10);
        assert_int_equal(jw_read_u64(&reader), 0);
        assert_int_equal(jw_read_count(&reader, 10, 1), 0);
        jw_free(copy);
    }
    jw_writer_free(&writer);
}

static void writer_without_memory_sticks(void **state)
{
    (void)state;
    jw_writer writer = {0};
    jw_memory_fail_after(0);
    jw_write_u32(&writer, 1);
    jw_memory_fail_after(-1);
    assert_true(writer.failed);
    jw_write_u32(&writer, 1);
    assert_int_equal(writer.size, 0);
    jw_writer_free(&writer);
}

static void reader_without_memory_says_so(void **state)
{
    (void)state;
    jw_writer writer = {0};
    write_all_kinds(&writer);
    for (int64_t allowed = 0; allowed < 2; allowed++) {
        jw_reader reader = jw_reader_make(writer.bytes, writer.size);
        jw_memory_fail_after(allowed);
        assert_false(read_all_kinds(&reader));
        jw_memory_fail_after(-1);
        assert_true(reader.failed && reader.is_out_of_memory);
    }
    jw_writer_free(&writer);
}

static void bounds_are_kept(void **state)
{
    (void)state;
    jw_writer writer = {0};
    jw_write_u32(&writer, 1000); /* a count, and then 8 bytes */
    jw_write_u64(&writer, 0);
    jw_reader reader = jw_reader_make(writer.bytes, writer.size);
    assert_int_equal(jw_read_count(&reader, 999, 0), 0);
    assert_non_null(strstr(reader.message, "limit of 999"));
    reader = jw_reader_make(writer.bytes, writer.size);
    assert_int_equal(jw_read_count(&reader, 1000, 1), 0);
    assert_non_null(strstr(reader.message, "does not fit"));
    reader = jw_reader_make(writer.bytes, writer.size);
    assert_int_equal(jw_read_count(&reader, 1000, 0), 1000);

    uint32_t *items, count;
    int64_t allocations = jw_memory_allocation_count();
    reader = jw_reader_make(writer.bytes, writer.size);
    jw_read_array(&reader, &items, &count, sizeof *items, UINT32_MAX);
    assert_null(items);
    assert_int_equal(count, 0);
    assert_int_equal(jw_memory_allocation_count(), allocations); /* refused before anything is allocated */
    jw_writer_free(&writer);

    char small[4];
    jw_write_text(&writer, "four");
    reader = jw_reader_make(writer.bytes, writer.size);
    jw_read_text(&reader, small, sizeof small);
    assert_true(reader.failed);
    assert_string_equal(small, "");
    reader = jw_reader_make(writer.bytes, writer.size);
    assert_null(jw_read_text_alloc(&reader, 3));
    writer.bytes[5] = 0;
    reader = jw_reader_make(writer.bytes, writer.size);
    assert_null(jw_read_text_alloc(&reader, 30));
    assert_non_null(strstr(reader.message, "zero inside"));
    jw_writer_free(&writer);
}

static void first_failure_is_kept(void **state)
{
    (void)state;
    jw_reader reader = jw_reader_make("", 0);
    jw_reader_fail(&reader, "lane %d has no edge", 5);
    jw_reader_fail(&reader, "later");
    jw_reader_fail_memory(&reader);
    assert_string_equal(reader.message, "lane 5 has no edge");
    assert_false(reader.is_out_of_memory);
}

static jw_pool make_pool(void)
{
    jw_pool pool = {0};
    uint32_t slot, generation;
    for (int i = 0; i < 20; i++)
        assert_int_equal(jw_pool_take(&pool, &slot, &generation, NULL), JW_OK);
    jw_pool_give(&pool, 3);
    jw_pool_give(&pool, 17);
    jw_pool_give(&pool, 5);
    return pool;
}

static void pool_comes_back_with_its_free_list(void **state)
{
    (void)state;
    jw_pool pool = make_pool(), loaded;
    jw_writer writer = {0};
    jw_pool_save(&pool, &writer);
    jw_reader reader = jw_reader_make(writer.bytes, writer.size);
    jw_pool_load(&loaded, &reader);
    assert_false(reader.failed);
    assert_int_equal(loaded.alive_count, 17);
    for (int i = 0; i < 5; i++) {
        uint32_t slot[2], generation[2];
        assert_int_equal(jw_pool_take(&pool, &slot[0], &generation[0], NULL), JW_OK);
        assert_int_equal(jw_pool_take(&loaded, &slot[1], &generation[1], NULL), JW_OK);
        assert_int_equal(slot[0], slot[1]);
        assert_int_equal(generation[0], generation[1]);
    }
    for (uint32_t i = 0; i < loaded.slot_count; i++) /* there is room for every slot to be given back */
        if (loaded.generations[i] & 1)
            jw_pool_give(&loaded, i);
    jw_pool_free(&pool);
    jw_pool_free(&loaded);

    jw_writer_free(&writer);
    jw_pool_save(&pool, &writer); /* an empty one */
    reader = jw_reader_make(writer.bytes, writer.size);
    jw_pool_load(&loaded, &reader);
    assert_false(reader.failed);
    assert_int_equal(loaded.slot_count, 0);
    jw_writer_free(&writer);
}

static void damaged_pools_are_refused(void **state)
{
    (void)state;
    jw_pool pool = make_pool();
    jw_writer writer = {0};
    jw_pool_save(&pool, &writer);
    int refused = 0, accepted = 0;
    for (size_t bit = 0; bit < 8 * writer.size; bit++) {
        writer.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        jw_reader flipped = jw_reader_make(writer.bytes, writer.size);
        jw_pool from_flipped;
        jw_pool_load(&from_flipped, &flipped);
        refused += flipped.failed;
        accepted += !flipped.failed;
        if (!flipped.failed) /* what is accepted is whole: another even or odd generation, nothing more */
            assert_int_equal(from_flipped.alive_count + from_flipped.free_count, from_flipped.slot_count);
        jw_pool_free(&from_flipped);
        writer.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(refused > 100 && accepted > 100);
    pool.free_slots[0] = 5; /* listed twice, while slot 3 is lost */
    jw_writer twice = {0};
    jw_pool_save(&pool, &twice);
    jw_reader reader = jw_reader_make(twice.bytes, twice.size);
    jw_pool loaded;
    jw_pool_load(&loaded, &reader);
    assert_true(reader.failed && !reader.is_out_of_memory);
    assert_null(loaded.generations);
    jw_writer_free(&twice);
    for (int64_t allowed = 0; allowed < 3; allowed++) {
        reader = jw_reader_make(writer.bytes, writer.size);
        jw_memory_fail_after(allowed);
        jw_pool_load(&loaded, &reader);
        jw_memory_fail_after(-1);
        assert_true(reader.failed && reader.is_out_of_memory);
    }
    jw_pool_free(&pool);
    jw_writer_free(&writer);
}

static void formatted_text_has_no_end_of_its_own(void **state)
{
    (void)state;
    jw_writer w = {0};
    char expected[3000];
    memset(expected, 'x', sizeof expected);
    jw_write_format(&w, "%s", "");
    for (int i = 0; i < 3; i++)
        jw_write_format(&w, "%.999s%d", expected, i);
    expected[999] = '0', expected[1999] = '1', expected[2999] = '2';
    assert_int_equal(w.size, 3000);
    assert_memory_equal(w.bytes, expected, 3000);
    jw_writer_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(everything_comes_back),
        JW_UNIT(a_cut_stream_fails_and_gives_zeros),
        JW_UNIT(writer_without_memory_sticks),
        JW_UNIT(reader_without_memory_says_so),
        JW_UNIT(bounds_are_kept),
        JW_UNIT(formatted_text_has_no_end_of_its_own),
        JW_UNIT(first_failure_is_kept),
        JW_UNIT(pool_comes_back_with_its_free_list),
        JW_UNIT(damaged_pools_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
