/* The run folder. The simulation thread samples tables into batches; a writer thread puts them into
 * results.gpkg and the recording and commits each simulated minute, so that a stop of any kind leaves what
 * was simulated readable. */
#include "record/record_internal.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMIT_INTERVAL_S 60

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

/* The city's own clock, as the window has it: "08:00:00.500", a day later "08:00:00.500 +1". The log is read
 * by people, so it has no date that nobody chose; the tables have one, for QGIS knows no clock without it. */
static void format_clock(int64_t time_ns, char *out, size_t out_size)
{
    int64_t ms = time_ns / JW_NS_PER_MS, day = ms / 86400000;
    ms %= 86400000;
    int written = snprintf(out, out_size, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60),
                           (int)(ms / 1000 % 60), (int)(ms % 1000));
    if (day > 0)
        snprintf(out + written, out_size - (size_t)written, " +%d", (int)day);
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

static void write_entry(jw_writer *chunk, const jw_log_entry *entry)
{
    jw_write_i64(chunk, entry->time_ns);
    jw_write_u64(chunk, entry->step);
    jw_write_u64(chunk, entry->sequence);
    jw_write_u8(chunk, (uint8_t)entry->source);
    jw_write_u8(chunk, (uint8_t)entry->result);
    jw_write_text(chunk, entry->command.verb);
    jw_write_u32(chunk, entry->command.arg_count);
    for (uint32_t a = 0; a < entry->command.arg_count; a++) {
        const jw_arg *arg = &entry->command.args[a];
        jw_write_text(chunk, arg->key);
        jw_write_u8(chunk, arg->is_text);
        jw_write_f64(chunk, arg->number);
        jw_write_text(chunk, arg->text);
    }
    jw_write_u32(chunk, entry->command.blob_size);
    if (entry->command.blob_size)
        jw_write_bytes(chunk, entry->command.blob, entry->command.blob_size);
}

/* "verb key=value ..." for a reader; what is too long for the line is cut. */
static void format_command(const jw_command *command, char *out, size_t out_size)
{
    size_t length = (size_t)snprintf(out, out_size, "%s", command->verb);
    for (uint32_t a = 0; a < command->arg_count && length < out_size; a++) {
        const jw_arg *arg = &command->args[a];
        length +=
            (size_t)(arg->is_text
                         ? snprintf(out + length, out_size - length, " %s=%s", arg->key, arg->text)
                         : snprintf(out + length, out_size - length, " %s=%.10g", arg->key, arg->number));
    }
}

/* What the diary tells from where it was told to until_ns, without that: what the scenario said and what
 * failed; commands stand in their own log. */
static void say_events(jw_record *record, const jw_world *world, int64_t until_ns)
{
    if (until_ns <= record->told_ns)
        return;
    uint32_t count;
    const jw_frame_event *events = jw_twin_events(world, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (events[i].kind == JW_EVENT_MARK || events[i].time_ns < record->told_ns ||
            events[i].time_ns >= until_ns)
            continue;
        char when[32];
        format_clock(events[i].time_ns, when, sizeof when);
        say(record, "%s %s%s", when, events[i].kind == JW_EVENT_FAILURE ? "failed: " : "", events[i].text);
    }
    record->told_ns = until_ns;
}

/* New entries of the command log, and what was told meanwhile. */
static void write_log(jw_record *record, const jw_world *world, bool is_last)
{
    jw_writer chunk = {0};
    uint32_t count = jw_world_log_count(world);
    for (; record->log_written < count; record->log_written++) {
        jw_log_entry entry = jw_world_log_entry(world, record->log_written);
        write_entry(&chunk, &entry);
        char when[32], what[256];
        say_events(record, world, entry.time_ns);
        format_clock(entry.time_ns, when, sizeof when);
        format_command(&entry.command, what, sizeof what);
        say(record, "%s %s%s", when, what, entry.result == JW_OK ? "" : " (refused)");
    }
    /* The next step's moments have this time, too. */
    say_events(record, world, jw_world_time_ns(world) + is_last);
    if (chunk.size && record->recording)
        record_write_chunk(&record->open->recording, CHUNK_COMMANDS, jw_world_time_ns(world), chunk.bytes,
                           chunk.size);
    jw_writer_free(&chunk);
}

/* This instant's hash by module. */
static void write_hashes(jw_record *record, const jw_world *world)
{
    jw_writer chunk = {0};
    for (uint32_t m = 0; m < jw_world_module_count(world); m++)
        jw_write_u64(&chunk, jw_world_module_hash(world, m));
    record_write_chunk(&record->open->recording, CHUNK_HASHES, jw_world_time_ns(world), chunk.bytes,
                       chunk.size);
    jw_writer_free(&chunk);
}

static jw_result record_frame(jw_record *record, const jw_world *world, jw_error *error)
{
    if (record->framed_ns == jw_world_time_ns(world))
        return JW_OK;
    record->framed_ns = jw_world_time_ns(world);
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

/* Hands the open batch to the writer and opens the next one, or neither. */
static jw_result flush(jw_record *record, const jw_world *world, bool is_last, jw_error *error)
{
    record_batch *next = is_last ? NULL : jw_alloc(sizeof *next);
    if (!is_last && !next)
        return jw_fail_memory(error);
    write_log(record, world, is_last);
    if (record->recording)
        write_hashes(record, world);
    record->open->is_last = is_last;
    record_hand_over(record, record->open);
    record->open = next;
    return JW_OK;
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

/* The first moment on the grid of `interval` after now. */
static int64_t next_after(int64_t due_ns, int64_t now_ns, double interval_s)
{
    int64_t interval_ns = jw_ns_from_s(interval_s);
    return due_ns + ((now_ns - due_ns) / interval_ns + 1) * interval_ns;
}

jw_result jw_record_step(jw_record *record, jw_world *world, jw_error *error)
{
    int64_t now_ns = jw_world_time_ns(world);
    jw_result result = JW_OK;
    if (record->recording && now_ns >= record->next_frame_ns) {
        record->next_frame_ns = next_after(record->next_frame_ns, now_ns, record->frame_interval_s);
        result = record_frame(record, world, error);
    }
    if (result == JW_OK && now_ns >= record->next_interval_ns) {
        record->next_interval_ns = next_after(record->next_interval_ns, now_ns, record->interval_s);
        if (record_sample(record, world) != JW_OK)
            result = jw_fail_memory(error);
    }
    if (result == JW_OK && now_ns >= record->next_commit_ns) {
        record->next_commit_ns = next_after(record->next_commit_ns, now_ns, record->commit_interval_s);
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

/* A table's rows, and where they are about streets, lanes or junctions, the same with their geometry. */
static jw_result add_layer(jw_record *record, const jw_table *table, uint32_t module, uint32_t number,
                           jw_error *error)
{
    static const struct {
        const char *key, *shapes;
    } things[JW_GEOMETRY_POINT + 1] = {[JW_GEOMETRY_EDGE] = {"road_id", "roads"},
                                       [JW_GEOMETRY_LANE] = {"lane_id", "lanes"},
                                       [JW_GEOMETRY_JUNCTION] = {"junction_id", "junctions"}};
    jw_gpkg_column columns[COLUMNS_MAX + 2] = {{"time", JW_GPKG_DATETIME, "end of the interval"}};
    uint32_t count = 1;
    if (record->layer_count >= LAYERS_MAX || table->column_count > COLUMNS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "table \"%s\": too many tables or columns",
                       table->name);
    for (uint32_t c = 0; c < table->column_count; c++)
        columns[count++] = (jw_gpkg_column){table->columns[c].name, gpkg_type(table->columns[c].type),
                                            table->columns[c].doc};
    const char *key = things[table->geometry].key;
    if (key)
        columns[count++] = (jw_gpkg_column){key, JW_GPKG_INTEGER, "id in the city's layer of these things"};
    char name[64]; /* beside the city's own layers of the same things */
    snprintf(name, sizeof name, "run_%s", table->name);
    record_layer *layer = &record->layers[record->layer_count++];
    *layer = (record_layer){.table = table, .module = module, .table_index = number, .key = key};
    jw_result result = jw_gpkg_add_layer(record->gpkg, name,
                                         table->geometry == JW_GEOMETRY_POINT ? JW_GPKG_POINT : JW_GPKG_NONE,
                                         table->doc, columns, count, &layer->layer, error);
    if (result != JW_OK || !key)
        return result;
    snprintf(name, sizeof name, "map_%s", table->name);
    return jw_gpkg_add_view(record->gpkg, name, table->doc, layer->layer, key,
                            jw_gpkg_find_layer(record->gpkg, things[table->geometry].shapes), error);
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
    for (uint32_t m = 0; m < jw_world_module_count(world) && result == JW_OK; m++)
        for (uint32_t t = 0; t < jw_world_module(world, m)->table_count && result == JW_OK; t++)
            result = add_layer(record, &jw_world_module(world, m)->tables[t], m, t, error);
    return result;
}

/* mkdir itself decides, so that two runs at once get two folders. */
static jw_result claim_folder(const char *path, jw_error *error)
{
    if (mkdir(path, 0777) == 0)
        return JW_OK;
    if (errno == EEXIST)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                       "%s exists already: choose another --out, results are never overwritten", path);
    return jw_fail(error, JW_ERROR_IO, NULL, 0, "%s: %s: choose another --out", path, strerror(errno));
}

static jw_result make_folder(jw_record *record, const char *wanted, jw_error *error)
{
    char parent[sizeof record->folder], name[sizeof record->scene_name];
    if (wanted) {
        if (!jw_text_copy(record->folder, sizeof record->folder, wanted))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the path is too long: %.80s...", wanted);
        for (size_t end = strlen(record->folder); end > 1 && record->folder[end - 1] == '/'; end--)
            record->folder[end - 1] = 0;
        jw_path_directory(record->folder, parent, sizeof parent);
        jw_result result = jw_make_directory(parent, error);
        return result == JW_OK ? claim_folder(record->folder, error) : result;
    }
    /* The first free runs/<scene>-<n>; a scene's name is a file's name, not a path. */
    jw_text_copy(name, sizeof name, record->scene_name[0] ? record->scene_name : "run");
    for (char *c = name; *c; c++)
        if (*c == '/' || (unsigned char)*c < ' ')
            *c = '-';
    jw_result result = jw_make_directory("runs", error);
    for (uint32_t n = 1; result == JW_OK && n < 100000; n++) {
        jw_error taken = {0};
        snprintf(record->folder, sizeof record->folder, "runs/%s-%u", name, n);
        jw_result claimed = claim_folder(record->folder, &taken);
        if (claimed == JW_ERROR_EXISTS)
            continue;
        if (claimed != JW_OK && error)
            *error = taken;
        return claimed;
    }
    return result != JW_OK
               ? result
               : jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "all names runs/%s-<n> are taken", name);
}

static jw_result copy_json(char **out, const char *text, jw_error *error)
{
    text = text ? text : "{}";
    *out = jw_alloc(strlen(text) + 1);
    if (!*out)
        return jw_fail_memory(error);
    memcpy(*out, text, strlen(text) + 1);
    return JW_OK;
}

static jw_result write_manifest(jw_record *record, const jw_world *world, const char *state, jw_error *error)
{
    char host[128] = "", when[32], hash[20], path[600];
    gethostname(host, sizeof host - 1);
    record_format_time(jw_world_time_ns(world), when, sizeof when);
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)record->scene_hash);
    json_t *parameters = json_loads(record->parameters, 0, NULL);
    bool has_scenario = record->scenario_file[0];
    json_t *manifest =
        json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:I, s:s, s:o, s:s, s:f, s:f, s:i}", "jingwei",
                  JW_VERSION, "state", state, "scene", record->scene_name, "scene_hash", hash, "scenario",
                  has_scenario ? record->scenario_title : NULL, "scenario_file",
                  has_scenario ? record->scenario_file : NULL, "seed", (json_int_t)jw_world_seed(world),
                  "simulated_until", when, "parameters", parameters ? parameters : json_object(), "host",
                  host, "dt_s", jw_s_from_ns(jw_world_dt_ns(world)), "warm_s",
                  jw_s_from_ns(jw_world_warm_ns(world)), "threads", jw_world_threads(world));
    json_t *missing = manifest ? json_array() : NULL;
    for (uint32_t k = 0; missing && k < record->missing.count; k++)
        json_array_append_new(missing, json_pack("{s:s, s:i}", "what", record->missing.items[k].what, "count",
                                                 (int)record->missing.items[k].count));
    if (missing)
        json_object_set_new(manifest, "not_modelled", missing);
    if (manifest)
        json_object_set_new(manifest, "parameter_labels", json_loads(record->parameter_labels, 0, NULL));
    if (manifest)
        json_object_set_new(manifest, "title",
                            json_pack("{s:s, s:s}", "en", record->title_en, "zh", record->title_zh));
    if (manifest && has_scenario)
        json_object_set_new(
            manifest, "scenario_title",
            json_pack("{s:s, s:s}", "en", record->scenario_title, "zh", record->scenario_title_zh));
    char *text = manifest ? json_dumps(manifest, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
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
    jw_free(record->parameter_labels);
    jw_sumo_missing_free(&record->missing);
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

static jw_result fill_folder(jw_record *record, jw_world *world, bool is_without_recording, jw_error *error)
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
    if (result == JW_OK && !is_without_recording &&
        !(record->recording = open_in(record, "recording.jwr", error)))
        return JW_ERROR_IO;
    if (result == JW_OK && !(record->open = jw_alloc(sizeof *record->open)))
        result = jw_fail_memory(error);
    if (result != JW_OK || !record->recording)
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

/* JSON and GeoPackage take clean text only; a file's name may be any bytes: `instead` then. */
static void copy_utf8(char *out, size_t out_size, const char *text, const char *instead)
{
    jw_text_copy(out, out_size, !text || jw_text_is_utf8(text, strlen(text)) ? text : instead);
}

jw_result jw_record_create(const jw_record_def *def, jw_world *world, jw_record **out, jw_error *error)
{
    *out = NULL;
    jw_record *record = jw_alloc(sizeof *record);
    if (!record)
        return jw_fail_memory(error);
    pthread_mutex_init(&record->mutex, NULL);
    pthread_cond_init(&record->changed, NULL);
    copy_utf8(record->scene_name, sizeof record->scene_name, def->scene_name, "run");
    record->scene_hash = def->scene_hash;
    copy_utf8(record->scenario_file, sizeof record->scenario_file, def->scenario_file, "?");
    copy_utf8(record->scenario_title, sizeof record->scenario_title, def->scenario_title, "?");
    copy_utf8(record->scenario_title_zh, sizeof record->scenario_title_zh, def->scenario_title_zh, "?");
    copy_utf8(record->title_en, sizeof record->title_en, def->title_en, "?");
    copy_utf8(record->title_zh, sizeof record->title_zh, def->title_zh, "?");
    record->radio_map_m = def->radio_map_m;
    record->interval_s = def->interval_s > 0 ? def->interval_s : 60;
    record->frame_interval_s = def->frame_interval_s > 0 ? def->frame_interval_s : 10;
    record->commit_interval_s = jw_min(record->interval_s, COMMIT_INTERVAL_S);
    int64_t now_ns = jw_world_time_ns(world);
    record->next_interval_ns = next_after(now_ns, now_ns, record->interval_s);
    record->next_frame_ns = next_after(now_ns, now_ns, record->frame_interval_s);
    record->next_commit_ns = next_after(now_ns, now_ns, record->commit_interval_s);
    record->sampled_ns = record->framed_ns = -1;
    jw_result result = copy_json(&record->parameters, def->parameters_json, error);
    if (result == JW_OK)
        result = copy_json(&record->parameter_labels, def->parameter_labels_json, error);
    if (result == JW_OK && def->missing)
        result = jw_sumo_missing_add(&record->missing, def->missing, error);
    if (result == JW_OK) {
        result = make_folder(record, def->folder, error);
    }
    bool has_folder = result == JW_OK;
    if (result == JW_OK)
        result = jw_traffic_measure_intervals(jw_world_state(world, JW_TWIN_TRAFFIC), true, error);
    if (result == JW_OK)
        result = fill_folder(record, world, def->is_without_recording, error);
    if (result == JW_OK && pthread_create(&record->thread, NULL, record_run_writer, record) != 0)
        result = jw_fail(error, JW_ERROR_STATE, NULL, 0, "no thread could be started for writing results");
    if (result != JW_OK) {
        jw_traffic_measure_intervals(jw_world_state(world, JW_TWIN_TRAFFIC), false, NULL);
        close_files(record);
        if (has_folder)
            remove_folder(record);
        jw_free(record);
        return result;
    }
    *out = record;
    return JW_OK;
}

static jw_result write_summary(const jw_record *record, const jw_world *world, const jw_run_facts *facts,
                               jw_error *error)
{
    char *summary = NULL, path[600];
    jw_result result = jw_summary_json(world, facts, &summary, error);
    if (result == JW_OK) {
        snprintf(path, sizeof path, "%s/summary.json", record->folder);
        result = jw_file_write(path, summary, strlen(summary), error);
    }
    jw_free(summary);
    return result;
}

jw_result jw_record_close(jw_record *record, jw_world *world, const jw_run_facts *facts, bool is_interrupted,
                          jw_error *error)
{
    jw_result result = record_sample(record, world) == JW_OK ? JW_OK : jw_fail_memory(error);
    if (record->recording && result == JW_OK)
        result = record_frame(record, world, error);
    flush(record, world, true, NULL);
    pthread_join(record->thread, NULL);
    jw_traffic_measure_intervals(jw_world_state(world, JW_TWIN_TRAFFIC), false, NULL);
    jw_result written = failure_once(record, error);
    result = result == JW_OK ? written : result;
    if (result == JW_OK && record->radio_map_m > 0)
        result = record_radio_maps(record, world, record->radio_map_m, error);
    const char *state = record->has_failed || result != JW_OK ? "incomplete"
                        : is_interrupted                      ? "interrupted"
                                                              : "finished";
    /* Also after a failure: there may be room for two small files, and figures of the run are true. */
    jw_error second = {0};
    jw_result ended = write_manifest(record, world, state, &second);
    if (ended == JW_OK)
        ended = write_summary(record, world, facts, &second);
    if (result == JW_OK && ended != JW_OK && !record->has_failed) {
        result = ended;
        if (error)
            *error = second;
    }
    close_files(record);
    jw_free(record);
    return result;
}
