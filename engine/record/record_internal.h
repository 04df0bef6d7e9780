/* Inside of record: batches of rows handed from the simulation thread to the writer thread. */
#ifndef JW_RECORD_INTERNAL_H
#define JW_RECORD_INTERNAL_H

#include "record/record.h"

#include <pthread.h>
#include <stdio.h>

/* What the writer is to do. Cells of a row lie one after the other; texts are offsets into `texts`. */
typedef struct record_cell {
    double real;
    int64_t integer;
    uint32_t text; /* offset */
} record_cell;

typedef struct record_rows { /* of one layer */
    int64_t time_ns;
    uint32_t layer;
    uint32_t column_count;
    uint32_t row_count;
    uint32_t first_cell;  /* in batch->cells */
    uint32_t first_point; /* in batch->points, one a row; JW_NONE: no geometry */
} record_rows;

typedef struct record_batch {
    struct record_batch *next;
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

#define BATCHES_MAX 8 /* waiting for the disk; then the simulation waits too, rather than eat the memory */
#define LAYERS_MAX  64
#define COLUMNS_MAX 32 /* of a table */

typedef struct record_layer {
    const jw_table *table; /* NULL: the metrics */
    uint32_t module, table_index;
    uint32_t layer;  /* of the file */
    const char *key; /* its last column: which street, lane or junction a row is about; NULL: it has none */
} record_layer;

struct jw_record {
    char folder[512];
    char scene_name[64];
    jw_gpkg *gpkg;
    FILE *recording, *log; /* recording NULL: none is wanted */
    jw_projection *projection;
    double interval_s, frame_interval_s, commit_interval_s;
    int64_t next_interval_ns, next_frame_ns, next_commit_ns;
    int64_t sampled_ns, framed_ns; /* the newest row and frame: none is written twice */
    record_layer layers[LAYERS_MAX];
    uint32_t layer_count;
    uint32_t log_written; /* entries of the command log */
    int64_t told_ns;      /* the diary's events before it are in log.txt */
    double radio_map_m;   /* 0: none */
    jw_frame frame;
    record_batch *open; /* being filled */
    uint64_t scene_hash;
    char *parameters, *parameter_labels;                                  /* JSON */
    char scenario_file[512], scenario_title[160], scenario_title_zh[160]; /* "": none */
    char title_en[160], title_zh[160];
    jw_sumo_missing missing; /* for the manifest */

    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    record_batch *first, *last;
    uint32_t waiting;
    bool has_failed, was_told;
    jw_error error;
};

void record_batch_free(record_batch *batch);

/* record_sample.c: what is in the tables and metrics now, into the open batch; on failure the batch is as it
 * was. */
jw_result record_sample(jw_record *record, jw_world *world);

/* record_map.c: rasters of the radio as it is now, once the writer thread has ended. */
jw_result record_radio_maps(jw_record *record, const jw_world *world, double cell_m, jw_error *error);

/* sumo_loops.c: the files that induction loops of SUMO's demand ask for; NULL is allowed when closing. */
typedef struct record_loops record_loops;
jw_result record_loops_open(const jw_sumo_demand *demand, const jw_world *world, record_loops **out,
                            jw_error *error);
jw_result record_loops_step(record_loops *loops, const jw_world *world, jw_error *error);
jw_result record_loops_close(record_loops *loops, const jw_world *world, jw_error *error);
/* sumo_export.c: as the value of an attribute. */
void record_escape(char *out, size_t out_size, const char *text);

/* record_writer.c */
void *record_run_writer(void *record);
/* Waits while too many batches wait for the disk. */
void record_hand_over(jw_record *record, record_batch *batch);

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
