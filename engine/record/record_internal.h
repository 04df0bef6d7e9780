/* Inside of record: batches of rows handed from the simulation thread to the writer thread. */
#ifndef JW_RECORD_INTERNAL_H
#define JW_RECORD_INTERNAL_H

#include "record/record.h"

/* What the writer is to do. Cells of a row lie one after the other; texts are offsets into `texts`. */
typedef struct record_cell {
    double real;
    int64_t integer;
    uint32_t text; /* offset */
} record_cell;

typedef struct record_rows { /* of one layer */
    uint32_t layer;
    uint32_t column_count;
    uint32_t row_count;
    uint32_t first_cell;  /* in batch->cells */
    uint32_t first_point; /* in batch->points, one a row; JW_NONE: no geometry */
} record_rows;

typedef struct record_batch {
    struct record_batch *next;
    int64_t time_ns;
    record_rows *rows;
    uint32_t rows_count, rows_capacity;
    record_cell *cells;
    uint32_t cell_count, cell_capacity;
    jw_vec2 *points;
    uint32_t point_count, point_capacity;
    char *texts;
    uint32_t text_size, text_capacity;
    jw_writer recording; /* bytes to append to recording.jwr */
    bool is_last;
} record_batch;

void record_batch_free(record_batch *batch);

/* The recording's file: magic, version, then chunks {u32 kind, u64 size, i64 time_ns, u64 checksum, bytes}. A
 * cut tail is the end. */
#define RECORDING_MAGIC   "JWREC\n"
#define RECORDING_VERSION 1
enum { CHUNK_SNAPSHOT = 1, CHUNK_FRAME, CHUNK_COMMANDS, CHUNK_HASHES };
void record_write_header(jw_writer *writer);
void record_write_chunk(jw_writer *writer, uint32_t kind, int64_t time_ns, const void *bytes, size_t size);

/* "2026-01-01T08:00:00.000Z": simulated time has no date of its own; the first day is written as 2026-01-01.
 */
void record_format_time(int64_t time_ns, char *out, size_t out_size);

#endif
