/* The writer thread: takes batches in order, puts their rows into results.gpkg and their chunks into the
 * recording, and commits after each. After a failure it only empties the queue. */
#include "record/record_internal.h"

#include <errno.h>
#include <string.h>

void record_batch_free(record_batch *batch)
{
    if (!batch)
        return;
    jw_free(batch->rows);
    jw_free(batch->cells);
    jw_free(batch->points);
    jw_free(batch->texts);
    jw_writer_free(&batch->recording);
    jw_free(batch);
}

static jw_result write_rows(jw_record *record, const record_batch *batch, const record_rows *rows,
                            jw_error *error)
{
    const record_layer *layer = &record->layers[rows->layer];
    jw_gpkg_value values[COLUMNS_MAX + 2];
    char time_texts[2][32];
    for (uint32_t r = 0; r < rows->row_count; r++) {
        const record_cell *cells = &batch->cells[rows->first_cell + r * rows->column_count];
        record_format_time(rows->time_ns, time_texts[0], sizeof time_texts[0]);
        memset(values, 0, sizeof values);
        values[0].text = time_texts[0];
        for (uint32_t c = 0; c < rows->column_count; c++) {
            jw_gpkg_value *value = &values[c + 1];
            value->real = cells[c].real;
            value->integer = cells[c].integer;
            value->text = batch->texts ? batch->texts + cells[c].text : NULL;
            if (layer->table && c == layer->table->column_count)
                value->is_null = value->integer < 0; /* the key: about no street or junction */
            else if (layer->table && layer->table->columns[c].type == JW_COLUMN_TIME_NS) {
                record_format_time(cells[c].integer, time_texts[1], sizeof time_texts[1]);
                value->text = time_texts[1];
            }
        }
        double lon, lat;
        const uint32_t parts[2] = {0, 1};
        jw_gpkg_shape shape = {&lon, &lat, parts, NULL, 1, NULL};
        bool has_point = rows->first_point != JW_NONE;
        jw_result result = JW_OK;
        if (has_point) {
            jw_vec2 at = batch->points[rows->first_point + r];
            result = jw_projection_inverse(record->projection, &at.x, &at.y, 1, &lon, &lat, error);
        }
        if (result == JW_OK)
            result = jw_gpkg_insert(record->gpkg, layer->layer, has_point ? &shape : NULL, values,
                                    rows->column_count + 1, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

static jw_result write_batch(jw_record *record, const record_batch *batch, jw_error *error)
{
    for (uint32_t i = 0; i < batch->rows_count; i++) {
        jw_result result = write_rows(record, batch, &batch->rows[i], error);
        if (result != JW_OK)
            return result;
    }
    jw_result result = jw_gpkg_commit(record->gpkg, error);
    if (result != JW_OK || !record->recording)
        return result;
    if (batch->recording.size && (fwrite(batch->recording.bytes, 1, batch->recording.size,
                                         record->recording) != batch->recording.size ||
                                  fflush(record->recording) != 0))
        return jw_fail(error, JW_ERROR_IO, NULL, 0,
                       "%s/recording.jwr: %s: free some space; what was written so far is readable",
                       record->folder, strerror(errno));
    return JW_OK;
}

void *record_run_writer(void *context)
{
    jw_record *record = context;
    for (bool is_over = false; !is_over;) {
        pthread_mutex_lock(&record->mutex);
        while (!record->first)
            pthread_cond_wait(&record->changed, &record->mutex);
        record_batch *batch = record->first;
        record->first = batch->next;
        if (!record->first)
            record->last = NULL;
        bool has_failed = record->has_failed;
        pthread_mutex_unlock(&record->mutex);
        jw_error error = {0};
        jw_result result = has_failed ? JW_OK : write_batch(record, batch, &error);
        is_over = batch->is_last;
        record_batch_free(batch);
        pthread_mutex_lock(&record->mutex);
        if (result != JW_OK) {
            record->has_failed = true;
            record->error = error;
        }
        record->waiting--;
        pthread_cond_broadcast(&record->changed);
        pthread_mutex_unlock(&record->mutex);
    }
    return NULL;
}

void record_hand_over(jw_record *record, record_batch *batch)
{
    pthread_mutex_lock(&record->mutex);
    while (record->waiting >= BATCHES_MAX)
        pthread_cond_wait(&record->changed, &record->mutex);
    if (record->last)
        record->last->next = batch;
    else
        record->first = batch;
    record->last = batch;
    record->waiting++;
    pthread_cond_broadcast(&record->changed);
    pthread_mutex_unlock(&record->mutex);
}
