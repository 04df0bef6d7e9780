/* PBF files written byte by byte: what the format allows (plain nodes, granularity, offsets, unknown fields)
 * and what must be refused. */
#include "city/test_osm.h"

#include <stdlib.h>
#include <zlib.h>

/* ---- a writer of messages ---- */

static void put_varint(jw_writer *w, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        jw_write_u8(w, (uint8_t)(value | 0x80));
    jw_write_u8(w, (uint8_t)value);
}

static void put_number(jw_writer *w, uint32_t field, uint64_t value)
{
    put_varint(w, field << 3);
    put_varint(w, value);
}

static void put_signed(jw_writer *w, uint32_t field, int64_t value)
{
    put_number(w, field, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static void put_bytes(jw_writer *w, uint32_t field, const void *bytes, size_t size)
{
    put_varint(w, field << 3 | 2);
    put_varint(w, size);
    jw_write_bytes(w, bytes, size);
}

static void put_text(jw_writer *w, uint32_t field, const char *text)
{
    put_bytes(w, field, text, strlen(text));
}

static void put_message(jw_writer *w, uint32_t field, jw_writer *message)
{
    put_bytes(w, field, message->bytes, message->size);
    jw_writer_free(message);
}

/* A blob whose data field is `coding`: 1 raw, 3 zlib, 4 lzma, 7 zstd; the claimed sizes may lie. */
static void put_blob(jw_writer *file, const char *type, jw_writer *message, uint32_t coding, uint64_t claimed)
{
    jw_writer blob = {0}, header = {0};
    if (claimed)
        put_number(&blob, 2, claimed);
    put_bytes(&blob, coding, message->bytes, message->size);
    put_text(&header, 1, type);
    put_number(&header, 3, blob.size);
    const uint8_t length[4] = {0, 0, (uint8_t)(header.size >> 8), (uint8_t)header.size};
    jw_write_bytes(file, length, 4);
    jw_write_bytes(file, header.bytes, header.size);
    jw_write_bytes(file, blob.bytes, blob.size);
    jw_writer_free(&header);
    jw_writer_free(&blob);
    jw_writer_free(message);
}

static void put_header(jw_writer *file, const char *feature)
{
    jw_writer header = {0};
    put_text(&header, 4, "OsmSchema-V0.6");
    if (feature)
        put_text(&header, 4, feature);
    put_text(&header, 5, "some optional feature");
    put_text(&header, 16, "a writer");
    put_blob(file, "OSMHeader", &header, 1, 0);
}

typedef struct street {
    int64_t granularity, lat_offset, lon_offset; /* 0: not said */
    int64_t lat[2], lon[2];
    uint32_t value_index; /* of the way's tag: 2 is right */
} street;

/* Two plain nodes and a road between them, fields in an odd order. */
static void put_street(jw_writer *block, const street *s)
{
    static const char *const texts[] = {"", "highway", "primary"};
    jw_writer group = {0}, strings = {0}, way = {0};
    for (int i = 0; i < 2; i++) {
        jw_writer node = {0};
        put_signed(&node, 9, s->lon[i]);
        put_signed(&node, 8, s->lat[i]);
        put_number(&node, 77, 5); /* unknown: to be passed over */
        put_signed(&node, 1, 10 + i);
        put_message(&group, 1, &node);
    }
    put_number(&way, 1, 7);
    put_bytes(&way, 2, "\x01", 1);
    const uint8_t value = (uint8_t)s->value_index;
    put_bytes(&way, 3, &value, 1);
    put_bytes(&way, 8, "\x14\x02", 2); /* 10, then 1 more */
    put_message(&group, 3, &way);
    put_message(block, 2, &group);
    for (int i = 0; i < 3; i++)
        put_text(&strings, 1, texts[i]);
    put_message(block, 1, &strings);
    if (s->granularity)
        put_number(block, 17, (uint64_t)s->granularity);
    if (s->lat_offset)
        put_number(block, 19, (uint64_t)s->lat_offset);
    if (s->lon_offset)
        put_number(block, 20, (uint64_t)s->lon_offset);
}

static const street plain_street = {0, 0, 0, {10000000, 10010000}, {20000000, 20000000}, 2};

static void put_plain_data(jw_writer *file)
{
    jw_writer block = {0};
    put_street(&block, &plain_street);
    put_blob(file, "OSMData", &block, 1, 0);
}

static void must_fail_file(jw_writer *file, jw_result code, const char *words)
{
    /* must_fail looks for leaks: the bytes move out of our memory first. */
    size_t size = file->size;
    void *bytes = malloc(size);
    memcpy(bytes, file->bytes, size);
    jw_writer_free(file);
    must_fail(bytes, size, code, words);
    free(bytes);
}

static void read_street(const street *s, jw_draft *draft, jw_problems *problems, jw_error *error)
{
    jw_writer file = {0}, block = {0}, extra = {0};
    put_header(&file, "DenseNodes");
    put_text(&extra, 1, "passed over");
    put_blob(&file, "MyOwnKind", &extra, 1, 0);
    put_street(&block, s);
    put_blob(&file, "OSMData", &block, 1, 0);
    jw_read_osm_bytes(file.bytes, file.size, "street.osm.pbf", draft, problems, error);
    jw_writer_free(&file);
}

/* ---- tests ---- */

static void test_plain_nodes(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_error error = {0};
    read_street(&plain_street, &draft, NULL, &error);
    must_read(error.code, &error);
    assert_int_equal(draft.road_count, 1);
    assert_near(draft.nodes[0].lat_deg, 1, 0);
    assert_near(draft.nodes[1].lat_deg, 1.001, 0);
    assert_near(draft.nodes[0].lon_deg, 2, 0);
    jw_draft_free(&draft);
}

static void test_granularity(void **state)
{
    (void)state;
    /* 1e-9 degrees x (offset + granularity x value), negative values too; rounded to 1e-7. */
    const street coarse = {1000000, -500000000, 250, {-1000, -999}, {3000, 3000}, 2};
    jw_draft draft = {0};
    jw_error error = {0};
    read_street(&coarse, &draft, NULL, &error);
    must_read(error.code, &error);
    assert_near(draft.nodes[0].lat_deg, -1.5, 0);
    assert_near(draft.nodes[1].lat_deg, -1.499, 0);
    assert_near(draft.nodes[0].lon_deg, 3.0000003, 0);
    jw_draft_free(&draft);
}

static void test_overflowing_places(void **state)
{
    (void)state;
    const street far[] = {{1000000000, 0, 0, {INT64_MAX, 0}, {0, 0}, 2},
                          {100, INT64_MAX, 0, {1, 0}, {0, 0}, 2},
                          {100, 0, INT64_MIN, {0, 0}, {-1, 0}, 2}};
    for (uint32_t i = 0; i < JW_COUNT_OF(far); i++) {
        jw_draft draft = {0};
        jw_problems problems = {0};
        jw_error error = {0};
        read_street(&far[i], &draft, &problems, &error);
        assert_int_equal(error.code, JW_ERROR_INPUT); /* no node is left, so no road is */
        assert_non_null(find_problem(&problems, "outside of the earth"));
        jw_problems_free(&problems);
    }
}

static void test_refused(void **state)
{
    (void)state;
    jw_writer file = {0};
    put_header(&file, "HistoricalInformation");
    put_plain_data(&file);
    must_fail_file(&file, JW_ERROR_UNSUPPORTED, "history file");
    put_header(&file, "Quantum-V9");
    must_fail_file(&file, JW_ERROR_UNSUPPORTED, "\"Quantum-V9\"");
    static const struct {
        uint32_t field;
        const char *name;
    } codings[] = {{4, "lzma"}, {5, "bzip2"}, {6, "lz4"}, {7, "zstd"}};
    for (uint32_t i = 0; i < JW_COUNT_OF(codings); i++) {
        jw_writer data = {0};
        put_text(&data, 1, "packed somehow");
        put_header(&file, NULL);
        put_blob(&file, "OSMData", &data, codings[i].field, 100);
        must_fail_file(&file, JW_ERROR_UNSUPPORTED, codings[i].name);
    }
    put_header(&file, NULL);
    must_fail_file(&file, JW_ERROR_INPUT, "the map is empty");
    street odd = plain_street;
    odd.value_index = 3;
    jw_writer block = {0};
    put_street(&block, &odd);
    put_header(&file, NULL);
    size_t at = file.size;
    char words[60];
    snprintf(words, sizeof words, "a tag outside of the table of texts in the block at byte %zu", at);
    put_blob(&file, "OSMData", &block, 1, 0);
    must_fail_file(&file, JW_ERROR_CORRUPT, words);
    odd = plain_street;
    odd.granularity = -5;
    put_street(&block, &odd);
    put_header(&file, NULL);
    put_blob(&file, "OSMData", &block, 1, 0);
    must_fail_file(&file, JW_ERROR_CORRUPT, "granularity");
}

static void test_sizes_that_lie(void **state)
{
    (void)state;
    jw_writer file = {0}, message = {0};
    put_header(&file, NULL);
    put_text(&message, 1, "x");
    put_blob(&file, "OSMData", &message, 3, UINT64_C(1) << 40); /* says it unpacks to a terabyte */
    must_fail_file(&file, JW_ERROR_LIMIT, "says it unpacks to");
    put_header(&file, NULL);
    put_text(&message, 1, "x");
    put_blob(&file, "OSMData", &message, 3, 1000); /* no zlib at all */
    must_fail_file(&file, JW_ERROR_CORRUPT, "packed bytes");

    /* A blob header that says 4 GB follow, and one that says 33 MB. */
    static const uint64_t sizes[] = {UINT64_C(4) << 30, (33 << 20)};
    for (uint32_t i = 0; i < 2; i++) {
        jw_writer header = {0};
        put_header(&file, NULL);
        put_text(&header, 1, "OSMData");
        put_number(&header, 3, sizes[i]);
        const uint8_t length[4] = {0, 0, 0, (uint8_t)header.size};
        jw_write_bytes(&file, length, 4);
        jw_write_bytes(&file, header.bytes, header.size);
        jw_writer_free(&header);
        must_fail_file(&file, JW_ERROR_LIMIT, "at most 33554432");
    }

    /* A text of 70,000 bytes in the table. */
    jw_writer strings = {0};
    char *text = malloc(70000);
    memset(text, 'a', 70000);
    put_bytes(&strings, 1, text, 70000);
    free(text);
    put_message(&message, 1, &strings);
    put_header(&file, NULL);
    put_blob(&file, "OSMData", &message, 1, 0);
    must_fail_file(&file, JW_ERROR_LIMIT, "a text of 70000 bytes");
}

/* Blobs of 16 MB of zeros in 16 kB each. */
static void test_bomb(void **state)
{
    (void)state;
    const size_t size = 16 << 20;
    uint8_t *zeros = calloc(1, size);
    uLongf packed_size = compressBound(size);
    uint8_t *packed = malloc(packed_size);
    jw_writer body = {0}, file = {0};
    put_bytes(&body, 19, zeros, size - 6);
    assert_true(body.size <= size);
    assert_int_equal(compress(packed, &packed_size, body.bytes, body.size), Z_OK);
    put_header(&file, NULL);
    for (int i = 0; i < 8; i++) {
        jw_writer message = {0};
        jw_write_bytes(&message, packed, packed_size);
        put_blob(&file, "OSMData", &message, 3, body.size);
    }
    jw_writer_free(&body);
    free(packed);
    free(zeros);
    must_fail_file(&file, JW_ERROR_LIMIT, "inflates more than 200 times");
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_plain_nodes),        JW_UNIT(test_granularity),
                                       JW_UNIT(test_overflowing_places), JW_UNIT(test_refused),
                                       JW_UNIT(test_sizes_that_lie),     JW_UNIT(test_bomb)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
