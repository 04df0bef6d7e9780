/* The run folder. The simulation thread samples tables into batches; a writer thread puts them into
 * results.gpkg and the recording and commits each simulated minute, so that a stop of any kind leaves what
 * was simulated readable. */
#include "record/record_internal.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BATCHES_MAX 8 /* waiting for the disk; then the simulation waits too, rather than eat the memory */
#define LAYERS_MAX  64

typedef struct record_layer {
    const jw_table *table; /* NULL: the metrics */
    uint32_t module, table_index;
    uint32_t layer; /* of the file */
} record_layer;

struct jw_record {
    char folder[512];
    char scene_name[64];
    jw_gpkg *gpkg;
    FILE *recording, *log;
    jw_projection *projection;
    double interval_s, frame_interval_s;
    int64_t next_interval_ns, next_frame_ns, next_commit_ns;
    bool is_without_recording;
    record_layer layers[LAYERS_MAX];
    uint32_t layer_count;
    uint32_t log_written; /* entries of the command log */
    jw_frame frame;
    record_batch *open; /* being filled */
    jw_record_def def;
    uint64_t scene_hash;
    char *parameters;

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    record_batch *first, *last;
    uint32_t waiting;
    bool has_failed, was_told;
    jw_error error;
};

const char *jw_record_folder(const jw_record *record)
{
    return record->folder;
}

void record_format_time(int64_t time_ns, char *out, size_t out_size)
{
    int64_t ms = time_ns / JW_NS_PER_MS, day = ms / 86400000;
    ms %= 86400000;
    /* Runs are shorter than a month: the day of January is enough. */
    snprintf(out, out_size, "2026-01-%02dT%02d:%02d:%02d.%03dZ", (int)(day % 31) + 1, (int)(ms / 3600000),
             (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
}

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

static void say(jw_record *record, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(jw_record *record, const char *format, ...)
{
    if (!record->log)
        return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(record->log, format, arguments);
    va_end(arguments);
    fputc('\n', record->log);
    fflush(record->log);
}

/* ---- writer thread
 * ----------------------------------------------------------------------------------------- */

static jw_result write_rows(jw_record *record, const record_batch *batch, const record_rows *rows,
                            jw_error *error)
{
    const record_layer *layer = &record->layers[rows->layer];
    jw_gpkg_value values[33];
    char time_texts[2][32];
    for (uint32_t r = 0; r < rows->row_count; r++) {
        const record_cell *cells = &batch->cells[rows->first_cell + r * rows->column_count];
        record_format_time(batch->time_ns, time_texts[0], sizeof time_texts[0]);
        memset(values, 0, sizeof values);
        values[0].text = time_texts[0];
        for (uint32_t c = 0; c < rows->column_count; c++) {
            jw_gpkg_value *value = &values[c + 1];
            value->real = cells[c].real;
            value->integer = cells[c].integer;
            value->text = batch->texts + cells[c].text;
            if (layer->table && layer->table->columns[c].type == JW_COLUMN_TIME_NS) {
                record_format_time(cells[c].integer, time_texts[1], sizeof time_texts[1]);
                value->text = time_texts[1];
            }
        }
        double lon, lat;
        const uint32_t parts[2] = {0, 1};
        jw_gpkg_shape shape = {&lon, &lat, parts, NULL, 1};
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

static void *run_writer(void *context)
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

static void hand_over(jw_record *record, record_batch *batch)
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

/* ---- sampling
 * ---------------------------------------------------------------------------------------------- */

static jw_result add_text(record_batch *batch, const char *text, uint32_t *out)
{
    size_t size = strlen(text) + 1;
    jw_result result =
        jw_grow(&batch->texts, &batch->text_capacity, batch->text_size + (uint64_t)size, 1, NULL);
    if (result != JW_OK)
        return result;
    memcpy(batch->texts + batch->text_size, text, size);
    *out = batch->text_size;
    batch->text_size += (uint32_t)size;
    return JW_OK;
}

static jw_result add_cell(record_batch *batch, const jw_world *world, const record_layer *layer, uint32_t row,
                          uint32_t c)
{
    const jw_table *table = layer->table;
    const void *state = jw_world_state(world, layer->module);
    jw_result result =
        jw_grow(&batch->cells, &batch->cell_capacity, batch->cell_count + 1ull, sizeof *batch->cells, NULL);
    if (result != JW_OK)
        return result;
    record_cell *cell = &batch->cells[batch->cell_count++];
    *cell = (record_cell){0};
    if (table->columns[c].type == JW_COLUMN_F64)
        cell->real = table->number(world, state, row, c);
    else if (table->columns[c].type == JW_COLUMN_TEXT)
        result = add_text(batch, table->text(world, state, row, c), &cell->text);
    else
        cell->integer = table->integer(world, state, row, c);
    return result;
}

static uint32_t find_column(const jw_table *table, const char *name)
{
    for (uint32_t c = 0; c < table->column_count; c++)
        if (strcmp(table->columns[c].name, name) == 0)
            return c;
    return JW_NONE;
}

/* Interval rows of a street where nobody is say nothing: a table of edges gives its rows with vehicles alone.
 */
static bool is_empty_row(const jw_world *world, const record_layer *layer, uint32_t row,
                         uint32_t vehicles_column)
{
    if (vehicles_column == JW_NONE)
        return false;
    const void *state = jw_world_state(world, layer->module);
    return layer->table->columns[vehicles_column].type == JW_COLUMN_I64
               ? layer->table->integer(world, state, row, vehicles_column) == 0
               : layer->table->number(world, state, row, vehicles_column) == 0;
}

static jw_result sample_table(record_batch *batch, const jw_world *world, const record_layer *layer,
                              uint32_t index)
{
    const jw_table *table = layer->table;
    const void *state = jw_world_state(world, layer->module);
    uint32_t count = table->row_count(world, state);
    jw_result result =
        jw_grow(&batch->rows, &batch->rows_capacity, batch->rows_count + 1ull, sizeof *batch->rows, NULL);
    if (result != JW_OK || count == 0)
        return result;
    bool has_points = table->geometry == JW_GEOMETRY_POINT;
    uint32_t x = find_column(table, "x_m"), y = find_column(table, "y_m");
    uint32_t vehicles = table->geometry == JW_GEOMETRY_EDGE ? find_column(table, "vehicles") : JW_NONE;
    record_rows *rows = &batch->rows[batch->rows_count++];
    *rows = (record_rows){.layer = index,
                          .column_count = table->column_count,
                          .first_cell = batch->cell_count,
                          .first_point = has_points ? batch->point_count : JW_NONE};
    for (uint32_t r = 0; r < count && result == JW_OK; r++) {
        if (is_empty_row(world, layer, r, vehicles))
            continue;
        for (uint32_t c = 0; c < table->column_count && result == JW_OK; c++)
            result = add_cell(batch, world, layer, r, c);
        rows->row_count++;
        if (!has_points || result != JW_OK)
            continue;
        result = jw_grow(&batch->points, &batch->point_capacity, batch->point_count + 1ull,
                         sizeof *batch->points, NULL);
        if (result == JW_OK)
            batch->points[batch->point_count++] =
                (jw_vec2){table->number(world, state, r, x), table->number(world, state, r, y)};
    }
    return result;
}

static jw_result sample_metrics(record_batch *batch, const jw_world *world, uint32_t index)
{
    jw_result result =
        jw_grow(&batch->rows, &batch->rows_capacity, batch->rows_count + 1ull, sizeof *batch->rows, NULL);
    if (result != JW_OK)
        return result;
    record_rows *rows = &batch->rows[batch->rows_count++];
    *rows = (record_rows){
        .layer = index, .column_count = 3, .first_cell = batch->cell_count, .first_point = JW_NONE};
    for (uint32_t m = 0; m < jw_world_module_count(world); m++) {
        const jw_module *module = jw_world_module(world, m);
        for (uint32_t i = 0; i < module->metric_count; i++) {
            result = jw_grow(&batch->cells, &batch->cell_capacity, batch->cell_count + 3ull,
                             sizeof *batch->cells, NULL);
            if (result != JW_OK)
                return result;
            record_cell *cells = &batch->cells[batch->cell_count];
            memset(cells, 0, 3 * sizeof *cells);
            batch->cell_count += 3;
            cells[1].real = module->metric(world, jw_world_state(world, m), i);
            uint32_t name = 0, unit = 0;
            result = add_text(batch, module->metrics[i].name, &name);
            if (result == JW_OK)
                result = add_text(batch, module->metrics[i].unit, &unit);
            if (result != JW_OK)
                return result;
            cells[0].text = name;
            cells[2].text = unit;
            rows->row_count++;
        }
    }
    return JW_OK;
}

static jw_result sample_all(jw_record *record, jw_world *world)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < record->layer_count && result == JW_OK; i++)
        result = record->layers[i].table ? sample_table(record->open, world, &record->layers[i], i)
                                         : sample_metrics(record->open, world, i);
    for (uint32_t i = 0; i < record->layer_count && result == JW_OK; i++) {
        const record_layer *layer = &record->layers[i];
        if (!layer->table || layer->table->kind != JW_TABLE_LOG)
            continue;
        void *state = jw_world_state(world, layer->module);
        jw_world_module(world, layer->module)
            ->drain(world, state, layer->table_index, layer->table->row_count(world, state));
    }
    return result;
}

/* New entries of the command log, and this instant's hash by module. */
static void write_log_and_hashes(jw_record *record, const jw_world *world)
{
    jw_writer chunk = {0};
    uint32_t count = jw_world_log_count(world);
    for (uint32_t i = record->log_written; i < count; i++) {
        jw_log_entry entry = jw_world_log_entry(world, i);
        jw_write_i64(&chunk, entry.time_ns);
        jw_write_u64(&chunk, entry.step);
        jw_write_u64(&chunk, entry.sequence);
        jw_write_u8(&chunk, (uint8_t)entry.source);
        jw_write_u8(&chunk, (uint8_t)entry.result);
        jw_write_text(&chunk, entry.command.verb);
        jw_write_u32(&chunk, entry.command.arg_count);
        for (uint32_t a = 0; a < entry.command.arg_count; a++) {
            const jw_arg *arg = &entry.command.args[a];
            jw_write_text(&chunk, arg->key);
            jw_write_u8(&chunk, arg->is_text);
            jw_write_f64(&chunk, arg->number);
            jw_write_text(&chunk, arg->text);
        }
        jw_write_u32(&chunk, entry.command.blob_size);
        if (entry.command.blob_size)
            jw_write_bytes(&chunk, entry.command.blob, entry.command.blob_size);
        char when[32];
        record_format_time(entry.time_ns, when, sizeof when);
        say(record, "%s %s%s", when, entry.command.verb, entry.result == JW_OK ? "" : " (refused)");
    }
    if (chunk.size)
        record_write_chunk(&record->open->recording, CHUNK_COMMANDS, jw_world_time_ns(world), chunk.bytes,
                           chunk.size);
    jw_writer_free(&chunk);
    record->log_written = count;
    for (uint32_t m = 0; m < jw_world_module_count(world); m++)
        jw_write_u64(&chunk, jw_world_module_hash(world, m));
    record_write_chunk(&record->open->recording, CHUNK_HASHES, jw_world_time_ns(world), chunk.bytes,
                       chunk.size);
    jw_writer_free(&chunk);
}

static jw_result record_frame(jw_record *record, const jw_world *world, jw_error *error)
{
    jw_result result = jw_twin_fill_frame(world, NULL, 0, &record->frame, error);
    if (result != JW_OK)
        return result;
    jw_writer chunk = {0};
    result = jw_frame_compress(&record->frame, &chunk, error);
    if (result == JW_OK)
        record_write_chunk(&record->open->recording, CHUNK_FRAME, jw_world_time_ns(world), chunk.bytes,
                           chunk.size);
    jw_writer_free(&chunk);
    return result;
}

static jw_result open_batch(jw_record *record, jw_error *error)
{
    record->open = jw_alloc(sizeof *record->open);
    return record->open ? JW_OK : jw_fail_memory(error);
}

static jw_result flush(jw_record *record, const jw_world *world, bool is_last, jw_error *error)
{
    if (!record->is_without_recording)
        write_log_and_hashes(record, world);
    record->open->time_ns = jw_world_time_ns(world);
    record->open->is_last = is_last;
    hand_over(record, record->open);
    record->open = NULL;
    return is_last ? JW_OK : open_batch(record, error);
}

static jw_result failure_once(jw_record *record, jw_error *error)
{
    pthread_mutex_lock(&record->mutex);
    bool is_new = record->has_failed && !record->was_told;
    record->was_told |= record->has_failed;
    jw_error what = record->error;
    pthread_mutex_unlock(&record->mutex);
    if (!is_new)
        return JW_OK;
    if (error)
        *error = what;
    return what.code;
}

jw_result jw_record_step(jw_record *record, jw_world *world, jw_error *error)
{
    int64_t now_ns = jw_world_time_ns(world);
    jw_result result = JW_OK;
    if (!record->is_without_recording && now_ns >= record->next_frame_ns) {
        record->next_frame_ns += jw_ns_from_s(record->frame_interval_s);
        result = record_frame(record, world, error);
    }
    if (result == JW_OK && now_ns >= record->next_interval_ns) {
        record->next_interval_ns += jw_ns_from_s(record->interval_s);
        result = sample_all(record, world);
        if (result != JW_OK)
            return jw_fail_memory(error);
        result = flush(record, world, false, error);
    }
    return result == JW_OK ? failure_once(record, error) : result;
}

/* ---- creation
 * ---------------------------------------------------------------------------------------------- */

static jw_gpkg_type gpkg_type(jw_column_type type)
{
    static const jw_gpkg_type types[] = {[JW_COLUMN_F64] = JW_GPKG_REAL,
                                         [JW_COLUMN_I64] = JW_GPKG_INTEGER,
                                         [JW_COLUMN_TEXT] = JW_GPKG_TEXT,
                                         [JW_COLUMN_TIME_NS] = JW_GPKG_DATETIME};
    return types[type];
}

static jw_result add_layers(jw_record *record, const jw_world *world, jw_error *error)
{
    static const jw_gpkg_column metric_columns[] = {{"time", JW_GPKG_DATETIME, "end of the interval"},
                                                    {"name", JW_GPKG_TEXT, "metric"},
                                                    {"value", JW_GPKG_REAL, "value at that time"},
                                                    {"unit", JW_GPKG_TEXT, "its unit"}};
    jw_result result =
        jw_gpkg_add_layer(record->gpkg, "metrics", JW_GPKG_NONE, "all metrics over time", metric_columns,
                          JW_COUNT_OF(metric_columns), &record->layers[0].layer, error);
    record->layer_count = 1;
    for (uint32_t m = 0; m < jw_world_module_count(world) && result == JW_OK; m++) {
        const jw_module *module = jw_world_module(world, m);
        for (uint32_t t = 0; t < module->table_count && result == JW_OK; t++) {
            const jw_table *table = &module->tables[t];
            jw_gpkg_column columns[33] = {{"time", JW_GPKG_DATETIME, "end of the interval"}};
            if (record->layer_count >= LAYERS_MAX || table->column_count > 32)
                return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "table \"%s\": too many tables or columns",
                               table->name);
            for (uint32_t c = 0; c < table->column_count; c++)
                columns[c + 1] = (jw_gpkg_column){table->columns[c].name, gpkg_type(table->columns[c].type),
                                                  table->columns[c].doc};
            char name[64]; /* beside the city's own layers of the same things */
            snprintf(name, sizeof name, "run_%s", table->name);
            record_layer *layer = &record->layers[record->layer_count++];
            *layer = (record_layer){table, m, t, 0};
            result = jw_gpkg_add_layer(record->gpkg, name,
                                       table->geometry == JW_GEOMETRY_POINT ? JW_GPKG_POINT : JW_GPKG_NONE,
                                       table->doc, columns, table->column_count + 1, &layer->layer, error);
        }
    }
    return result;
}

/* The first free runs/<scene>-<n>; mkdir itself decides, so that two runs at once get two folders. */
static jw_result make_folder(jw_record *record, const char *wanted, jw_error *error)
{
    char parent[512];
    if (wanted) {
        jw_path_directory(wanted, parent, sizeof parent);
        if (jw_file_exists(wanted) || jw_is_directory(wanted))
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                           "%s exists already: choose another --out, results are never overwritten", wanted);
        jw_text_copy(record->folder, sizeof record->folder, wanted);
        jw_result result = jw_make_directory(parent, error);
        return result == JW_OK ? jw_make_directory(wanted, error) : result;
    }
    jw_result result = jw_make_directory("runs", error);
    for (uint32_t n = 1; result == JW_OK && n < 100000; n++) {
        snprintf(record->folder, sizeof record->folder, "runs/%s-%u", record->scene_name, n);
        if (!jw_is_directory(record->folder))
            return jw_make_directory(record->folder, error);
    }
    return result;
}

static jw_result write_manifest(jw_record *record, const jw_world *world, const char *state, jw_error *error)
{
    char host[128] = "", when[32], hash[20], path[600];
    gethostname(host, sizeof host - 1);
    record_format_time(jw_world_time_ns(world), when, sizeof when);
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)record->scene_hash);
    json_t *parameters = json_loads(record->parameters, 0, NULL);
    json_t *manifest =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:o, s:s, s:f, s:i}", "jingwei", JW_VERSION, "state", state,
                  "scene", record->scene_name, "scene_hash", hash, "seed", (json_int_t)jw_world_seed(world),
                  "simulated_until", when, "parameters", parameters ? parameters : json_object(), "host",
                  host, "dt_s", jw_s_from_ns(jw_world_dt_ns(world)), "threads", jw_world_threads(world));
    char *text = manifest ? json_dumps(manifest, JSON_INDENT(2)) : NULL;
    json_decref(manifest);
    if (!text)
        return jw_fail_memory(error);
    snprintf(path, sizeof path, "%s/manifest.json", record->folder);
    jw_result result = jw_file_write(path, text, strlen(text), error);
    free(text);
    return result;
}

static FILE *open_in(const jw_record *record, const char *name, jw_error *error)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", record->folder, name);
    FILE *file = fopen(path, "wbx");
    if (!file)
        jw_fail(error, JW_ERROR_IO, NULL, 0, "%s: %s", path, strerror(errno));
    return file;
}

static void close_files(jw_record *record)
{
    jw_gpkg_close(record->gpkg);
    jw_projection_destroy(record->projection);
    if (record->recording)
        fclose(record->recording);
    if (record->log)
        fclose(record->log);
    jw_frame_free(&record->frame);
    record_batch_free(record->open);
    jw_free(record->parameters);
    pthread_cond_destroy(&record->changed);
    pthread_mutex_destroy(&record->mutex);
}

static void remove_folder(const jw_record *record)
{
    static const char *const names[] = {"manifest.json",    "results.gpkg",     "results.gpkg-journal",
                                        "results.gpkg-wal", "results.gpkg-shm", "recording.jwr",
                                        "log.txt"};
    char path[600];
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", record->folder, names[i]);
        unlink(path);
    }
    rmdir(record->folder);
}

static jw_result fill_folder(jw_record *record, jw_world *world, jw_error *error)
{
    char path[600];
    const jw_city *city = jw_twin_city(world);
    snprintf(path, sizeof path, "%s/results.gpkg", record->folder);
    jw_result result = jw_gpkg_create(path, &record->gpkg, error);
    if (result == JW_OK)
        result = jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &record->projection, error);
    if (result == JW_OK)
        result = jw_write_city_layers(city, record->gpkg, error);
    if (result == JW_OK)
        result = add_layers(record, world, error);
    if (result == JW_OK)
        result = jw_gpkg_commit(record->gpkg, error);
    if (result == JW_OK)
        result = write_manifest(record, world, "running", error);
    if (result == JW_OK && !(record->log = open_in(record, "log.txt", error)))
        return JW_ERROR_IO;
    if (result == JW_OK && !record->is_without_recording &&
        !(record->recording = open_in(record, "recording.jwr", error)))
        return JW_ERROR_IO;
    if (result == JW_OK)
        result = open_batch(record, error);
    if (result != JW_OK || record->is_without_recording)
        return result;
    record_write_header(&record->open->recording);
    jw_writer snapshot = {0};
    result = jw_world_save(world, &snapshot, error);
    if (result == JW_OK)
        record_write_chunk(&record->open->recording, CHUNK_SNAPSHOT, jw_world_time_ns(world), snapshot.bytes,
                           snapshot.size);
    jw_writer_free(&snapshot);
    return result;
}

jw_result jw_record_create(const jw_record_def *def, jw_world *world, jw_record **out, jw_error *error)
{
    *out = NULL;
    jw_record *record = jw_alloc(sizeof *record);
    if (!record)
        return jw_fail_memory(error);
    pthread_mutex_init(&record->mutex, NULL);
    pthread_cond_init(&record->changed, NULL);
    jw_text_copy(record->scene_name, sizeof record->scene_name, def->scene_name);
    record->scene_hash = def->scene_hash;
    record->interval_s = def->interval_s > 0 ? def->interval_s : 60;
    record->frame_interval_s = def->frame_interval_s > 0 ? def->frame_interval_s : 10;
    record->is_without_recording = def->is_without_recording;
    record->next_interval_ns = jw_world_time_ns(world) + jw_ns_from_s(record->interval_s);
    record->next_frame_ns = jw_world_time_ns(world) + jw_ns_from_s(record->frame_interval_s);
    const char *parameters = def->parameters_json ? def->parameters_json : "{}";
    record->parameters = jw_alloc(strlen(parameters) + 1);
    jw_result result = record->parameters ? JW_OK : jw_fail_memory(error);
    if (result == JW_OK) {
        memcpy(record->parameters, parameters, strlen(parameters) + 1);
        result = make_folder(record, def->folder, error);
    }
    bool has_folder = result == JW_OK;
    if (result == JW_OK)
        result = fill_folder(record, world, error);
    if (result == JW_OK && pthread_create(&record->thread, NULL, run_writer, record) != 0)
        result = jw_fail(error, JW_ERROR_STATE, NULL, 0, "no thread could be started for writing results");
    if (result != JW_OK) {
        close_files(record);
        if (has_folder)
            remove_folder(record);
        jw_free(record);
        return result;
    }
    record->has_thread = true;
    *out = record;
    return JW_OK;
}

jw_result jw_record_close(jw_record *record, jw_world *world, const jw_run_facts *facts, bool is_interrupted,
                          jw_error *error)
{
    jw_result result = sample_all(record, world) == JW_OK ? JW_OK : jw_fail_memory(error);
    if (!record->is_without_recording && result == JW_OK)
        result = record_frame(record, world, error);
    flush(record, world, true, NULL);
    pthread_join(record->thread, NULL);
    jw_result written = failure_once(record, error);
    result = result == JW_OK ? written : result;
    if (result == JW_OK)
        result = write_manifest(record, world, is_interrupted ? "interrupted" : "finished", error);
    char *summary = NULL;
    if (result == JW_OK)
        result = jw_summary_json(world, facts, &summary, error);
    if (result == JW_OK) {
        char path[600];
        snprintf(path, sizeof path, "%s/summary.json", record->folder);
        result = jw_file_write(path, summary, strlen(summary), error);
    }
    jw_free(summary);
    close_files(record);
    jw_free(record);
    return result;
}
