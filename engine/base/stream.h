/* Byte streams: the writer and reader behind snapshots, recordings and any other binary form of ours.
 * Little-endian, no padding, no pointers. Errors stick: after the first failure every call does nothing (the
 * reader gives zeros), and the caller looks once at the end. */
#ifndef JW_BASE_STREAM_H
#define JW_BASE_STREAM_H

#include "base/error.h"

typedef struct jw_writer {
    uint8_t *bytes; /* owned; release with jw_writer_free */
    size_t size;
    size_t capacity;
    bool failed; /* out of memory */
} jw_writer;

typedef struct jw_reader {
    const uint8_t *bytes; /* borrowed */
    size_t size;
    size_t position;
    bool failed;           /* read past the end, or a bound was broken */
    bool is_out_of_memory; /* failed for want of memory: the data may be sound */
    char message[160];     /* what failed first, for the error text */
} jw_reader;

void jw_writer_free(jw_writer *writer);
void jw_write_bytes(jw_writer *writer, const void *bytes, size_t size);
void jw_write_u8(jw_writer *writer, uint8_t value);
void jw_write_u16(jw_writer *writer, uint16_t value);
void jw_write_u32(jw_writer *writer, uint32_t value);
void jw_write_u64(jw_writer *writer, uint64_t value);
void jw_write_i64(jw_writer *writer, int64_t value);
void jw_write_f32(jw_writer *writer, float value);
void jw_write_f64(jw_writer *writer, double value);
void jw_write_text(jw_writer *writer, const char *text); /* length + bytes; NULL is written as "" */
/* The characters alone, for texts that people read: reports, CSV, SVG. */
void jw_write_format(jw_writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));

jw_reader jw_reader_make(const void *bytes, size_t size);
/* Marks the stream as damaged; the first message is kept. */
void jw_reader_fail(jw_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for memory that the loading function could not get. */
void jw_reader_fail_memory(jw_reader *reader);
void jw_read_bytes(jw_reader *reader, void *out, size_t size);
uint8_t jw_read_u8(jw_reader *reader);
uint16_t jw_read_u16(jw_reader *reader);
uint32_t jw_read_u32(jw_reader *reader);
uint64_t jw_read_u64(jw_reader *reader);
int64_t jw_read_i64(jw_reader *reader);
float jw_read_f32(jw_reader *reader);
double jw_read_f64(jw_reader *reader);
void jw_read_text(jw_reader *reader, char *out, size_t out_size); /* fails when it does not fit */
char *jw_read_text_alloc(jw_reader *reader, size_t max_size);     /* owned by the caller; NULL on failure */
/* A count of elements of `element_size` bytes at least that must still fit in the rest of the stream and be
 * at most `max`: the guard against counts that would allocate the moon. */
uint32_t jw_read_count(jw_reader *reader, uint64_t max, size_t element_size);

/* Arrays of fixed-width scalars, written raw on little-endian machines: count, then elements. The reader
 * allocates exactly `count` elements with jw_alloc into *out (freed by the caller), or fails and gives NULL.
 */
void jw_write_array(jw_writer *writer, const void *items, uint32_t count, size_t element_size);
void jw_read_array(jw_reader *reader, void *out_items, uint32_t *out_count, size_t element_size,
                   uint64_t max_count);

#endif
