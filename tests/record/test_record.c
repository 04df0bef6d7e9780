/* The run folder: whole, with every interval once, and its summary. */
#include "record/record_fixture.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *object = json_load_file(path, 0, &error);
    if (!object)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return object;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

/* Each row says which street of the layer `roads` it is about: ascending within one time. */
typedef struct street_rows {
    char time[32];
    int64_t last, count, road_count;
} street_rows;

static jw_result on_street(void *context, const jw_gpkg_row *row)
{
    street_rows *rows = context;
    const jw_gpkg_value *time = jw_gpkg_row_value(row, "time"), *id = jw_gpkg_row_value(row, "road_id");
    assert_true(time && id && !id->is_null);
    bool is_new = strcmp(time->text, rows->time) != 0;
    assert_true(id->integer < rows->road_count && (is_new || id->integer > rows->last));
    jw_text_copy(rows->time, sizeof rows->time, time->text);
    rows->last = id->integer;
    rows->count++;
    return JW_OK;
}

static void check_streets(const char *gpkg_path)
{
    jw_gpkg *gpkg = NULL;
    jw_error error = {0};
    street_rows rows = {.last = -1, .road_count = record_count_rows(gpkg_path, "roads", "", "", NULL)};
    assert_int_equal(jw_gpkg_open(gpkg_path, false, &gpkg, &error), JW_OK);
    assert_int_equal(jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, "run_edges"), on_street, &rows, &error),
                     JW_OK);
    assert_true(rows.count > 0);
    jw_gpkg_close(gpkg);
}

static void test_a_finished_folder_is_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"manifest.json", "results.gpkg", "recording.jwr", "log.txt",
                                        "summary.json"};
    record_town town;
    record_make_town(&town, 2);
    record_begin(&town, "results/one", 60, 10); /* the parent is made, too */
    twin_fixture_command(town.world, "fail_node", "name", "edge-1");
    record_run_s(&town, 150);
    record_end(&town, false);
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++)
        assert_true(jw_file_exists(record_path("results/one", names[i])));
    assert_int_equal(record_count_entries("results/one"), JW_COUNT_OF(names)); /* no journal, nothing half */
    json_t *manifest = load("results/one/manifest.json");
    assert_string_equal(text_of(manifest, "state"), "finished");
    assert_string_equal(text_of(manifest, "scene"), "town");
    assert_string_equal(text_of(manifest, "scene_hash"), "0000000000001234");
    assert_string_equal(text_of(manifest, "simulated_until"), "2026-01-01T08:02:30.000Z");
    assert_true(json_integer_value(json_object_get(json_object_get(manifest, "parameters"), "edge_sites")) ==
                2);
    assert_true(json_is_null(json_object_get(manifest, "scenario")));
    assert_true(json_is_null(json_object_get(manifest, "scenario_file")));
    assert_true(json_real_value(json_object_get(manifest, "warm_s")) == 0);
    json_decref(manifest);
    /* A row of each metric at 60, 120 and 150 s; a row of each site, too. */
    char last[64];
    const char *gpkg = "results/one/results.gpkg";
    assert_int_equal(record_count_rows(gpkg, "metrics", "name", "traffic.running", last), 3);
    assert_string_equal(last, "2026-01-01T08:02:30.000Z");
    assert_int_equal(record_count_rows(gpkg, "run_sites", "name", "edge-1", NULL), 3);
    assert_true(record_count_rows(gpkg, "roads", "", "", NULL) > 0);
    check_streets(gpkg);
    char *log;
    size_t size;
    assert_int_equal(jw_file_read("results/one/log.txt", 1 << 20, &log, &size, NULL), JW_OK);
    assert_non_null(strstr(log, "08:00:00.500 fail_node"));
    assert_null(strstr(log, "2026"));
    jw_free(log);
    record_free_town(&town);
}

/* An end that falls on an interval writes it once; times are those of the rows, not of the commit. */
static void test_every_moment_is_written_once(void **state)
{
    (void)state;
    record_town town;
    char last[64];
    record_make_town(&town, 2);
    record_begin(&town, "even", 60, 10);
    record_run_s(&town, 120);
    record_end(&town, false);
    assert_int_equal(record_count_rows("even/results.gpkg", "metrics", "name", "twin.p95", last), 2);
    jw_recording *recording;
    assert_int_equal(jw_recording_open("even/recording.jwr", &recording, NULL), JW_OK);
    assert_int_equal(jw_recording_frame_count(recording), 12);
    jw_recording_close(recording);
    record_begin(&town, "odd", 90, 7); /* committed each minute, sampled each 90 s */
    record_run_s(&town, 125);
    record_end(&town, true);
    assert_int_equal(record_count_rows("odd/results.gpkg", "metrics", "name", "twin.p95", last), 2);
    assert_string_equal(last, "2026-01-01T08:04:05.000Z");
    json_t *manifest = load("odd/manifest.json");
    assert_string_equal(text_of(manifest, "state"), "interrupted");
    json_decref(manifest);
    record_free_town(&town);
}

/* The folder of a warm world begins with the start; the manifest says how warm, and whose scenario it was. */
static void test_a_warm_world_is_recorded_from_its_start(void **state)
{
    (void)state;
    record_town town = {0};
    char last[64], *text;
    size_t size;
    twin_fixture_def(&town.def, 3);
    town.def.warm_ns = 120 * JW_NS_PER_S;
    town.world = twin_fixture_create(&town.def, 1);
    twin_fixture_run(town.world, 240);
    jw_record_def def = {.scene_name = "town",
                         .folder = "warm",
                         .parameters_json = "{\"third\": 0.1, \"tenth\": 0.7}",
                         .scenario_file = "scripts/cut.lua",
                         .scenario_title = "A cut"};
    assert_int_equal(jw_record_create(&def, town.world, &town.record, NULL), JW_OK);
    record_run_s(&town, 180);
    jw_run_facts facts = {"town", 0, 0};
    assert_int_equal(jw_record_close(town.record, town.world, &facts, false, NULL), JW_OK);
    json_t *manifest = load("warm/manifest.json");
    assert_string_equal(text_of(manifest, "scenario"), "A cut");
    assert_string_equal(text_of(manifest, "scenario_file"), "scripts/cut.lua");
    assert_true(json_real_value(json_object_get(manifest, "warm_s")) == 120);
    json_decref(manifest);
    assert_int_equal(jw_file_read("warm/manifest.json", 1 << 20, &text, &size, NULL), JW_OK);
    assert_non_null(strstr(text, "\"third\": 0.1,")); /* not 0.10000000000000001 */
    jw_free(text);
    json_t *summary = load("warm/summary.json");
    const json_t *trips = json_object_get(summary, "trips");
    assert_true(json_real_value(json_object_get(summary, "sim_s")) == 180);
    assert_true(json_integer_value(json_object_get(trips, "running_at_start")) > 0);
    uint32_t arrived = (uint32_t)json_integer_value(json_object_get(trips, "arrived"));
    json_decref(summary);
    assert_int_equal(record_count_rows("warm/results.gpkg", "run_trips", "", "", NULL), arrived);
    assert_int_equal(record_count_rows("warm/results.gpkg", "metrics", "name", "twin.p95", last), 3);
    record_free_town(&town);
}

static void test_names_are_found_and_taken_once(void **state)
{
    (void)state;
    record_town town;
    record_make_town(&town, 2);
    static const char *const scenes[] = {"town", "town", "../a/b", "", NULL};
    static const char *const expected[] = {"runs/town-1", "runs/town-2", "runs/..-a-b-1", "runs/run-1",
                                           "runs/run-2"};
    for (uint32_t i = 0; i < JW_COUNT_OF(scenes); i++) {
        jw_record_def def = {.scene_name = scenes[i]};
        jw_error error = {0};
        jw_record *record;
        jw_run_facts facts = {"town", 0, 0};
        if (jw_record_create(&def, town.world, &record, &error) != JW_OK)
            fail_msg("%s", error.message);
        assert_string_equal(jw_record_folder(record), expected[i]);
        assert_int_equal(jw_record_close(record, town.world, &facts, false, &error), JW_OK);
    }
    record_free_town(&town);
}

static void test_without_recording_the_log_is_there(void **state)
{
    (void)state;
    record_town town;
    record_make_town(&town, 2);
    jw_record_def def = {.scene_name = "town", .folder = "plain/", .is_without_recording = true};
    assert_int_equal(jw_record_create(&def, town.world, &town.record, NULL), JW_OK);
    assert_string_equal(jw_record_folder(town.record), "plain");
    twin_fixture_command(town.world, "fail_node", "name", "edge-1");
    record_run_s(&town, 61);
    record_end(&town, false);
    assert_false(jw_file_exists("plain/recording.jwr"));
    char *log;
    size_t size;
    assert_int_equal(jw_file_read("plain/log.txt", 1 << 20, &log, &size, NULL), JW_OK);
    assert_non_null(strstr(log, "fail_node"));
    jw_free(log);
    record_free_town(&town);
}

/* ---- summary ---- */

typedef struct expected_key {
    const char *outer, *name;
    char type; /* 's', 'i'nteger, 'r'eal, 'o'bject */
} expected_key;

/* The object of `jingwei run --json`, key by key. */
static const expected_key keys[] = {
    {NULL, "scene", 's'},
    {NULL, "seed", 'i'},
    {NULL, "threads", 'i'},
    {NULL, "sim_s", 'r'},
    {NULL, "load_s", 'r'},
    {NULL, "warm_s", 'r'},
    {"trips", "running_at_start", 'i'},
    {"trips", "removed", 'i'},
    {"requests", "in_flight_at_start", 'i'},
    {NULL, "wall_s", 'r'},
    {NULL, "vehicle_updates", 'i'},
    {NULL, "events", 'i'},
    {NULL, "state_hash", 's'},
    {NULL, "peak_rss_bytes", 'i'},
    {NULL, "trips", 'o'},
    {NULL, "requests", 'o'},
    {NULL, "energy_wh", 'r'},
    {NULL, "carbon_kg", 'r'},
    {NULL, "traffic_co2_kg", 'r'},
    {NULL, "phases", 'o'},
    {"trips", "departed", 'i'},
    {"trips", "arrived", 'i'},
    {"trips", "running", 'i'},
    {"trips", "waiting", 'i'},
    {"trips", "mean_travel_time_s", 'r'},
    {"trips", "mean_delay_s", 'r'},
    {"requests", "sent", 'i'},
    {"requests", "answered", 'i'},
    {"requests", "lost", 'i'},
    {"requests", "in_flight", 'i'},
    {"requests", "late", 'i'},
    {"requests", "p50_ms", 'r'},
    {"requests", "p95_ms", 'r'},
    {"requests", "p99_ms", 'r'},
};

static bool is_of_type(const json_t *value, char type)
{
    return type == 's'   ? json_is_string(value)
           : type == 'i' ? json_is_integer(value)
           : type == 'r' ? json_is_real(value)
                         : json_is_object(value);
}

static json_t *check_summary(const char *text)
{
    json_t *summary = json_loads(text, 0, NULL);
    assert_non_null(summary);
    for (uint32_t i = 0; i < JW_COUNT_OF(keys); i++) {
        const json_t *object = keys[i].outer ? json_object_get(summary, keys[i].outer) : summary;
        const json_t *value = json_object_get(object, keys[i].name);
        if (!value || !is_of_type(value, keys[i].type))
            fail_msg("%s.%s is missing or of another type", keys[i].outer ? keys[i].outer : "", keys[i].name);
    }
    return summary;
}

static void test_the_summary_has_every_key(void **state)
{
    (void)state;
    record_town town;
    char *text, hash[20];
    record_make_town(&town, 3);
    jw_run_facts facts = {"scenes/\xe9\"x\".lua", 0.5, 2};                     /* not UTF-8 */
    assert_int_equal(jw_summary_json(town.world, &facts, &text, NULL), JW_OK); /* nothing has happened yet */
    json_decref(check_summary(text));
    jw_free(text);
    twin_fixture_run(town.world, 600);
    facts.scene = "a \"town\"";
    assert_int_equal(jw_summary_json(town.world, &facts, &text, NULL), JW_OK);
    json_t *summary = check_summary(text);
    assert_string_equal(text_of(summary, "scene"), "a \"town\"");
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)jw_world_hash(town.world));
    assert_string_equal(text_of(summary, "state_hash"), hash);
    assert_true(json_real_value(json_object_get(summary, "sim_s")) == 300);
    const json_t *trips = json_object_get(summary, "trips"), *requests = json_object_get(summary, "requests");
    assert_true(json_integer_value(json_object_get(trips, "arrived")) > 0);
    jw_request_counts counts = jw_twin_requests(town.world, JW_NONE);
    assert_true(json_integer_value(json_object_get(requests, "answered")) == counts.answered);
    assert_true(counts.answered > 0 && counts.late <= counts.answered);
    json_decref(summary);
    jw_free(text);
    record_free_town(&town);
}

/* sqlite's own tool is not ours: GDAL reads the file as QGIS will. */
static void test_gdal_reads_the_results(void **state)
{
    (void)state;
    if (system("command -v ogrinfo > /dev/null 2>&1") != 0) {
        print_message("ogrinfo is not installed: skipped\n");
        skip();
    }
    record_town town;
    record_make_town(&town, 2);
    record_begin(&town, "gdal", 30, 10);
    record_run_s(&town, 60);
    record_end(&town, false);
    record_free_town(&town);
    static const char *const layers[] = {"roads", "metrics", "run_sites", "run_requests", "run_trips"};
    for (uint32_t i = 0; i < JW_COUNT_OF(layers); i++) {
        char command[200];
        snprintf(
            command, sizeof command,
            "ogrinfo -ro -so gdal/results.gpkg %s > ogr.txt 2>&1 && ! grep -qiE 'error|warning' ogr.txt && "
            "grep -q 'Feature Count' ogr.txt",
            layers[i]);
        if (system(command) != 0) {
            assert_int_equal(system("cat ogr.txt"), 0);
            fail_msg("ogrinfo does not like layer %s", layers[i]);
        }
    }
}

/* Maps of the radio are rasters of the results: four, of the city and its margin. */
static void test_radio_maps(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        record_town town;
        jw_error error = {0};
        record_make_town(&town, 2);
        jw_record_def def = {
            .folder = k ? "fine" : "maps", .radio_map_m = k ? 0.05 : 20, .is_without_recording = true};
        assert_int_equal(jw_record_create(&def, town.world, &town.record, &error), JW_OK);
        record_run_s(&town, 5);
        jw_result result = jw_record_close(town.record, town.world, &(jw_run_facts){0}, false, &error);
        assert_int_equal(result, k ? JW_ERROR_LIMIT : JW_OK);
        assert_true(!k || strstr(error.message, "widen the cell"));
        record_free_town(&town);
    }
    assert_true(jw_file_exists(record_path("maps", "summary.json")));
    if (system("command -v gdalinfo > /dev/null 2>&1") != 0) {
        print_message("gdalinfo is not installed: the rasters were not read\n");
        return;
    }
    static const char *const names[] = {"radio_power", "radio_sinr", "radio_rate_down", "radio_rate_up"};
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++) {
        char command[300];
        snprintf(
            command, sizeof command,
            "gdalinfo -stats --config GDAL_PAM_ENABLED NO GPKG:maps/results.gpkg:%s > gdal.txt 2>&1 && ! "
            "grep -qiE 'error|warning' gdal.txt && grep -q 'STATISTICS_MEAN' gdal.txt && grep -q 'EPSG' "
            "gdal.txt",
            names[i]);
        if (system(command) != 0) {
            assert_int_equal(system("cat gdal.txt"), 0);
            fail_msg("gdalinfo does not like raster %s", names[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORD_UNIT(test_a_finished_folder_is_whole),
        RECORD_UNIT(test_radio_maps),
        RECORD_UNIT(test_every_moment_is_written_once),
        RECORD_UNIT(test_a_warm_world_is_recorded_from_its_start),
        RECORD_UNIT(test_names_are_found_and_taken_once),
        RECORD_UNIT(test_without_recording_the_log_is_there),
        RECORD_UNIT(test_the_summary_has_every_key),
        RECORD_UNIT(test_gdal_reads_the_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
