#include "base/stream.h"

#include "base/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "streams are written raw on little-endian machines");

/* ---- writer ---- */

void jw_writer_free(jw_writer *writer)
{
    jw_free(writer->bytes);
    *writer = (jw_writer){0};
}

static bool make_room(jw_writer *writer, size_t size)
{
    if (writer->failed)
        return false;
    if (size <= writer->capacity - writer->size)
        return true;
    size_t capacity = writer->capacity < 256 ? 512 : 2 * writer->capacity;
    if (capacity < writer->size + size)
        capacity = writer->size + size;
    uint8_t *bytes = jw_realloc(writer->bytes, writer->capacity, capacity);
    if (!bytes) {
        writer->failed = true;
        return false;
    }
    writer->bytes = bytes;
    writer->capacity = capacity;
    return true;
}

void jw_write_bytes(jw_writer *writer, const void *bytes, size_t size)
{
    if (size == 0 || !make_room(writer, size))
        return;
    memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

void jw_write_format(jw_writer *writer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length <= 0 || !make_room(writer, (size_t)length + 1)) /* and the 0, which is not kept */
        return;
    va_start(arguments, format);
    vsnprintf((char *)writer->bytes + writer->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    writer->size += (size_t)length;
}

void jw_write_u8(jw_writer *writer, uint8_t value)
{
    jw_write_bytes(writer, &value, sizeof value);
}

void jw_write_u16(jw_writer *writer, uint16_t value)
{
    jw_write_bytes(writer, &value, sizeof value);
}

void jw_write_u32(jw_writer *writer, uint32_t value)
{
    jw_write_bytes(writer, &value, sizeof value);
}

void jw_write_u64(jw_writer *writer, uint64_t value)
{
    jw_write_bytes(writer, &value, sizeof value);
}

void jw_write_i64(jw_writer *writer, int64_t value)
{
    jw_write_bytes(writer, &value, sizeof value);
}

void jw_write_f32(jw_writer *writer, float value)
{
    jw_write_bytes(writer, &value, sizeof value);
}

void jw_write_f64(jw_writer *writer, double value)
{
    jw_write_bytes(writer, &value, sizeof value);
}

void jw_write_text(jw_writer *writer, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    assert(length <= UINT32_MAX);
    jw_write_u32(writer, (uint32_t)length);
    jw_write_bytes(writer, text, length);
}

void jw_write_array(jw_writer *writer, const void *items, uint32_t count, size_t element_size)
{
    jw_write_u32(writer, count);
    jw_write_bytes(writer, items, count * element_size);
}

/* ---- reader ---- */

jw_reader jw_reader_make(const void *bytes, size_t size)
{
    return (jw_reader){.bytes = bytes, .size = size};
}

void jw_reader_fail(jw_reader *reader, const char *format, ...)
{
    if (reader->failed)
        return;
    reader->failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->message, sizeof reader->message, format, arguments);
    va_end(arguments);
}

void jw_reader_fail_memory(jw_reader *reader)
{
    if (!reader->failed)
        reader->is_out_of_memory = true;
    jw_reader_fail(reader, "out of memory");
}

static bool has_bytes(jw_reader *reader, size_t size)
{
    if (!reader->failed && size > reader->size - reader->position)
        jw_reader_fail(reader, "the data ends at byte %zu, where %zu more were expected", reader->size,
                       size - (reader->size - reader->position));
    return !reader->failed;
}

void jw_read_bytes(jw_reader *reader, void *out, size_t size)
{
    if (size == 0)
        return;
    if (!has_bytes(reader, size)) {
        memset(out, 0, size);
        return;
    }
    memcpy(out, reader->bytes + reader->position, size);
    reader->position += size;
}

uint8_t jw_read_u8(jw_reader *reader)
{
    uint8_t value;
    jw_read_bytes(reader, &value, sizeof value);
    return value;
}

uint16_t jw_read_u16(jw_reader *reader)
{
    uint16_t value;
    jw_read_bytes(reader, &value, sizeof value);
    return value;
}

uint32_t jw_read_u32(jw_reader *reader)
{
    uint32_t value;
    jw_read_bytes(reader, &value, sizeof value);
    return value;
}

uint64_t jw_read_u64(jw_reader *reader)
{
    uint64_t value;
    jw_read_bytes(reader, &value, sizeof value);
    return value;
}

int64_t jw_read_i64(jw_reader *reader)
{
    int64_t value;
    jw_read_bytes(reader, &value, sizeof value);
    return value;
}

float jw_read_f32(jw_reader *reader)
{
    float value;
    jw_read_bytes(reader, &value, sizeof value);
    return value;
}

double jw_read_f64(jw_reader *reader)
{
    double value;
    jw_read_bytes(reader, &value, sizeof value);
    return value;
}

/* Reads the length and checks that the text is there, within bounds and without zeros inside. */
static uint32_t read_text_length(jw_reader *reader, size_t max_size)
{
    uint32_t length = jw_read_count(reader, max_size, 1);
    if (length > 0 && memchr(reader->bytes + reader->position, 0, length)) {
        jw_reader_fail(reader, "a text at byte %zu has a zero inside", reader->position);
        return 0;
    }
    return length;
}

void jw_read_text(jw_reader *reader, char *out, size_t out_size)
{
    assert(out_size > 0);
    uint32_t length = read_text_length(reader, out_size - 1);
    jw_read_bytes(reader, out, length);
    out[length] = 0;
}

char *jw_read_text_alloc(jw_reader *reader, size_t max_size)
{
    uint32_t length = read_text_length(reader, max_size);
    if (reader->failed)
        return NULL;
    char *text = jw_alloc((size_t)length + 1);
    if (!text) {
        jw_reader_fail_memory(reader);
        return NULL;
    }
    jw_read_bytes(reader, text, length);
    return text;
}

uint32_t jw_read_count(jw_reader *reader, uint64_t max, size_t element_size)
{
    size_t start = reader->position;
    uint32_t count = jw_read_u32(reader);
    if (reader->failed)
        return 0;
    if (count > max) {
        jw_reader_fail(reader, "a count of %u at byte %zu exceeds the limit of %llu", count, start,
                       (unsigned long long)max);
        return 0;
    }
    if (element_size > 0 && count > (reader->size - reader->position) / element_size) {
        jw_reader_fail(reader, "a count of %u at byte %zu does not fit in the %zu bytes that follow", count,
                       start, reader->size - reader->position);
        return 0;
    }
    return count;
}

void jw_read_array(jw_reader *reader, void *out_items, uint32_t *out_count, size_t element_size,
                   uint64_t max_count)
{
    void *items = NULL;
    uint32_t count = jw_read_count(reader, max_count, element_size);
    if (count > 0) {
        items = jw_alloc(count * element_size);
        if (items) {
            jw_read_bytes(reader, items, count * element_size);
        } else {
            jw_reader_fail_memory(reader);
            count = 0;
        }
    }
    memcpy(out_items, &items, sizeof items);
    *out_count = count;
}
