#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "geo/geo.h"

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call)                                                                                      \
    do {                                                                                                     \
        jw_error error_ = {0};                                                                               \
        jw_error *error = &error_;                                                                           \
        if ((call) != JW_OK)                                                                                 \
            fail_msg("%s: %s", #call, error_.message);                                                       \
    } while (0)

static char folder[] = "/tmp/jw_gpkg_XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/t.gpkg", folder);
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    char journal[80];
    snprintf(journal, sizeof journal, "%s-journal", path);
    unlink(path);
    unlink(journal);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* ---- a file with every kind of layer ------------------------------------------------------------------- */

static const jw_gpkg_column columns[] = {{"count", JW_GPKG_INTEGER, "how many"},
                                         {"speed_kmh", JW_GPKG_REAL, NULL},
                                         {"name", JW_GPKG_TEXT, "what people call it, \"as it's\" written"},
                                         {"seen", JW_GPKG_DATETIME, "when"}};

static const double lon[] = {115.9, 115.91, 115.91, 115.9, 115.902, 115.902, 115.904, 115.95, 115.96, 115.96};
static const double lat[] = {39.0, 39.0, 39.01, 39.01, 39.002, 39.004, 39.002, 39.0, 39.0, 39.01};
static const uint32_t point_parts[] = {0, 1}, line_parts[] = {0, 3}, polygon_parts[] = {0, 4, 7},
                      multi_parts[] = {0, 4, 7, 10};
static const uint8_t multi_starts[] = {1, 0, 1};

static void write_all(void)
{
    jw_gpkg *gpkg = NULL;
    assert_ok(jw_gpkg_create(path, &gpkg, error));
    const jw_gpkg_shape shapes[] = {{lon, lat, point_parts, NULL, 1, NULL},
                                    {lon, lat, line_parts, NULL, 1, NULL},
                                    {lon, lat, polygon_parts, NULL, 2, NULL},
                                    {lon, lat, multi_parts, multi_starts, 3, NULL}};
    const char *const names[] = {"points", "lines", "polygons", "multis"};
    const jw_gpkg_value values[] = {{.integer = INT64_MAX},
                                    {.real = 0.1},
                                    {.text = "雄安 'a' \"b\""},
                                    {.text = "2026-01-01T08:00:00.250Z"}};
    const jw_gpkg_value nulls[] = {
        {.is_null = true}, {.is_null = true}, {.is_null = true}, {.is_null = true}};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t layer;
        assert_ok(jw_gpkg_add_layer(gpkg, names[i], (jw_gpkg_geometry)(JW_GPKG_POINT + i), "a layer", columns,
                                    4, &layer, error));
        assert_int_equal(layer, i);
        assert_ok(jw_gpkg_insert(gpkg, layer, &shapes[i], values, 4, error));
        assert_ok(jw_gpkg_insert(gpkg, layer, NULL, nulls, 4, error));
        assert_ok(jw_gpkg_insert(gpkg, layer, &shapes[i], values, 4, error));
    }
    uint32_t table;
    assert_ok(jw_gpkg_add_layer(gpkg, "trips", JW_GPKG_NONE, NULL, columns, 4, &table, error));
    assert_ok(jw_gpkg_insert(gpkg, table, NULL, values, 4, error));
    assert_ok(jw_gpkg_commit(gpkg, error));
    jw_gpkg_close(gpkg);
}

static jw_result check_row(void *context, const jw_gpkg_row *row)
{
    uint32_t *rows = context;
    ++*rows;
    assert_int_equal(row->fid, *rows);
    if (row->fid == 2) {
        assert_int_equal(row->shape.part_count, 0);
        assert_null(jw_gpkg_row_value(row, "count"));
        return JW_OK;
    }
    assert_true(jw_gpkg_row_value(row, "COUNT")->integer == INT64_MAX);
    assert_true(jw_gpkg_row_value(row, "speed_kmh")->real == 0.1);
    assert_string_equal(jw_gpkg_row_value(row, "name")->text, "雄安 'a' \"b\"");
    assert_string_equal(jw_gpkg_row_value(row, "seen")->text, "2026-01-01T08:00:00.250Z");
    assert_null(jw_gpkg_row_value(row, "absent"));
    const jw_gpkg_shape *s = &row->shape;
    for (uint32_t i = 0; s->part_count && i < s->part_first[s->part_count]; i++)
        assert_true(s->lon_deg[i] == lon[i] && s->lat_deg[i] == lat[i]);
    return JW_OK;
}

static jw_result check_parts(void *context, const jw_gpkg_row *row)
{
    const jw_gpkg_shape *wanted = context, *s = &row->shape;
    if (row->fid == 2)
        return JW_OK;
    assert_int_equal(s->part_count, wanted->part_count);
    for (uint32_t i = 0; i <= s->part_count; i++)
        assert_int_equal(s->part_first[i], wanted->part_first[i]);
    for (uint32_t i = 0; i < s->part_count && wanted->part_starts_polygon; i++)
        assert_int_equal(s->part_starts_polygon[i], wanted->part_starts_polygon[i]);
    return JW_OK;
}

static void test_round_trip(void **state)
{
    (void)state;
    write_all();
    jw_gpkg *gpkg = NULL;
    assert_ok(jw_gpkg_open(path, false, &gpkg, error));
    assert_int_equal(jw_gpkg_layer_count(gpkg), 5);
    jw_gpkg_shape wanted[] = {{NULL, NULL, point_parts, NULL, 1, NULL},
                              {NULL, NULL, line_parts, NULL, 1, NULL},
                              {NULL, NULL, polygon_parts, NULL, 2, NULL},
                              {NULL, NULL, multi_parts, multi_starts, 3, NULL}};
    const char *const names[] = {"points", "lines", "polygons", "multis"};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t layer = jw_gpkg_find_layer(gpkg, names[i]), rows = 0;
        assert_string_equal(jw_gpkg_layer_name(gpkg, layer), names[i]);
        assert_int_equal(jw_gpkg_layer_geometry(gpkg, layer), JW_GPKG_POINT + i);
        assert_ok(jw_gpkg_read(gpkg, layer, check_row, &rows, error));
        assert_int_equal(rows, 3);
        assert_ok(jw_gpkg_read(gpkg, layer, check_parts, &wanted[i], error));
    }
    uint32_t rows = 0;
    assert_int_equal(jw_gpkg_find_layer(gpkg, "nothing"), JW_NONE);
    assert_ok(jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, "trips"), check_row, &rows, error));
    assert_int_equal(rows, 1);
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_ERROR_STATE);
    jw_gpkg_close(gpkg);
    /* Appending goes on where it was. */
    assert_ok(jw_gpkg_open(path, true, &gpkg, error));
    const jw_gpkg_value value[] = {{.integer = INT64_MAX},
                                   {.real = 0.1},
                                   {.text = "雄安 'a' \"b\""},
                                   {.text = "2026-01-01T08:00:00.250Z"}};
    uint32_t points = jw_gpkg_find_layer(gpkg, "points");
    assert_ok(jw_gpkg_insert(gpkg, points, &(jw_gpkg_shape){lon, lat, point_parts, NULL, 1, NULL}, value, 4,
                             error));
    assert_ok(jw_gpkg_commit(gpkg, error));
    jw_gpkg_close(gpkg);
    assert_ok(jw_gpkg_open(path, false, &gpkg, error));
    rows = 0;
    assert_ok(jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, "points"), check_row, &rows, error));
    assert_int_equal(rows, 4);
    jw_gpkg_close(gpkg);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- what other programs see --------------------------------------------------------------------------- */

static void run_sql(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

static double ask_sql(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    double value = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

static void test_tables_of_the_standard(void **state)
{
    (void)state;
    write_all();
    assert_true(ask_sql("PRAGMA application_id") == 0x47504B47);
    assert_true(ask_sql("PRAGMA user_version") == 10300);
    assert_true(ask_sql("SELECT count(*) FROM gpkg_spatial_ref_sys WHERE srs_id IN (4326, -1, 0)") == 3);
    assert_true(ask_sql("SELECT count(*) FROM gpkg_contents WHERE last_change LIKE "
                        "'____-__-__T__:__:__.___Z'") == 5);
    assert_true(ask_sql("SELECT max_x FROM gpkg_contents WHERE table_name = 'multis'") == 115.96);
    assert_true(ask_sql("SELECT min_y FROM gpkg_contents WHERE table_name = 'lines'") == 39.0);
    assert_true(
        ask_sql("SELECT count(*) FROM gpkg_contents WHERE data_type = 'attributes' AND min_x IS NULL") == 1);
    assert_true(ask_sql("SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'") ==
                4);
    assert_true(ask_sql("SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'") == 2);
    assert_true(ask_sql("SELECT count(*) FROM gpkg_data_columns WHERE description = 'how many'") == 5);
    assert_true(ask_sql("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == 4 * 6);
    /* The rows with a geometry are in the R-tree, which rounds outwards to floats. */
    assert_true(ask_sql("SELECT count(*) FROM rtree_multis_geom WHERE maxx >= 115.96 AND maxx < 115.961 AND "
                        "minx <= 115.9 AND id IN (1, 3)") == 2);
    assert_true(ask_sql("SELECT count(*) FROM rtree_points_geom") == 2);
    run_sql("UPDATE points SET name = 'edited by a plain sqlite3' WHERE fid = 3; DELETE FROM points WHERE "
            "fid = 1");
    assert_true(ask_sql("SELECT count(*) FROM rtree_points_geom") == 1);
}

/* Output of a command, or NULL when its program is not installed. */
static char *output_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *output_of(const char *format, ...)
{
    static char text[1 << 16];
    char command[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    FILE *pipe = popen(command, "r");
    if (!pipe)
        return NULL;
    size_t size = fread(text, 1, sizeof text - 1, pipe);
    text[size] = 0;
    int status = pclose(pipe);
    return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? NULL : text;
}

static void test_gdal_reads_and_edits(void **state)
{
    (void)state;
    if (!output_of("ogrinfo --version 2>&1")) {
        print_message("skipped: ogrinfo (package gdal-bin) is not installed\n");
        skip();
    }
    write_all();
    char *text = output_of("ogrinfo -al -so %s 2>&1", path);
    assert_null(strstr(text, "ERROR"));
    assert_null(strstr(text, "Warning"));
    assert_non_null(strstr(text, "using driver `GPKG' successful"));
    assert_non_null(strstr(text, "Layer name: multis"));
    assert_non_null(strstr(text, "Geometry: Multi Polygon"));
    assert_non_null(strstr(text, "Extent: (115.900000, 39.000000) - (115.960000, 39.010000)"));
    assert_non_null(strstr(text, "GEOGCRS[\"WGS 84\""));
    assert_non_null(strstr(text, "count: Integer64"));
    assert_non_null(strstr(text, "seen: DateTime"));
    text = output_of("ogrinfo %s multis -fid 1 2>&1", path);
    assert_non_null(strstr(text, "seen (DateTime) = 2026/01/01 08:00:00.25"));
    assert_non_null(strstr(text,
                           "MULTIPOLYGON (((115.9 39.0,115.91 39.0,115.91 39.01,115.9 39.01,115.9 39.0),"
                           "(115.902 39.002,115.902 39.004,115.904 39.002,115.902 39.002)),"
                           "((115.95 39.0,115.96 39.0,115.96 39.01,115.95 39.0)))"));
    /* A geometry edited there goes through the triggers; the R-tree follows. */
    output_of("ogrinfo %s -sql \"UPDATE lines SET geom = NULL WHERE fid = 1\" 2>&1", path);
    assert_true(ask_sql("SELECT count(*) FROM rtree_lines_geom") == 1);
    output_of("ogrinfo %s -sql \"UPDATE lines SET geom = (SELECT geom FROM lines WHERE fid = 3) WHERE fid = "
              "2\" 2>&1",
              path);
    assert_true(ask_sql("SELECT count(*) FROM rtree_lines_geom WHERE id IN (2, 3)") == 2);
    output_of("ogrinfo %s -sql \"UPDATE lines SET fid = 77 WHERE fid = 2\" 2>&1", path);
    assert_true(ask_sql("SELECT count(*) FROM rtree_lines_geom WHERE id IN (77, 3)") == 2);
    text = output_of("ogrinfo %s lines -spat 115.905 38.9 115.92 39.2 -so 2>&1", path);
    assert_non_null(strstr(text, "Feature Count: 2"));
}

static jw_result take_first_point(void *context, const jw_gpkg_row *row)
{
    double *place = context;
    if (row->shape.part_count == 0)
        return JW_OK;
    place[0] = row->shape.lon_deg[0];
    place[1] = row->shape.lat_deg[0];
    place[2] = row->shape.part_count;
    return JW_OK;
}

/* What GDAL writes, in another SRS with heights, is read in longitude and latitude. */
static void test_reads_what_gdal_writes(void **state)
{
    (void)state;
    if (!output_of("ogr2ogr --version 2>&1")) {
        print_message("skipped: ogr2ogr (package gdal-bin) is not installed\n");
        skip();
    }
    write_all();
    char other[80];
    snprintf(other, sizeof other, "%s/utm.gpkg", folder);
    char *text = output_of(
        "ogr2ogr -f GPKG -t_srs EPSG:32650 -dim XYZ -nlt PROMOTE_TO_MULTI %s %s lines polygons 2>&1", other,
        path);
    assert_string_equal(text, "");
    jw_gpkg *gpkg = NULL;
    assert_ok(jw_gpkg_open(other, false, &gpkg, error));
    uint32_t layer = jw_gpkg_find_layer(gpkg, "lines");
    assert_int_equal(jw_gpkg_layer_geometry(gpkg, layer), JW_GPKG_LINESTRING);
    double place[3] = {0};
    assert_ok(jw_gpkg_read(gpkg, layer, take_first_point, place, error));
    assert_near(place[0], lon[0], 1e-9);
    assert_near(place[1], lat[0], 1e-9);
    assert_true(place[2] == 1.0);
    assert_ok(jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, "polygons"), take_first_point, place, error));
    assert_near(place[0], lon[0], 1e-9);
    assert_true(place[2] == 2.0);
    jw_gpkg_close(gpkg);
    unlink(other);
}

/* ---- foreign coordinates ------------------------------------------------------------------------------- */

static void test_other_srs(void **state)
{
    (void)state;
    jw_gpkg *gpkg = NULL;
    uint32_t layer;
    const double x[] = {500000.0}, y[] = {0.0};
    assert_ok(jw_gpkg_create(path, &gpkg, error));
    assert_ok(jw_gpkg_add_layer(gpkg, "sites", JW_GPKG_POINT, NULL, NULL, 0, &layer, error));
    assert_ok(
        jw_gpkg_insert(gpkg, layer, &(jw_gpkg_shape){x, y, point_parts, NULL, 1, NULL}, NULL, 0, error));
    assert_ok(jw_gpkg_commit(gpkg, error));
    jw_gpkg_close(gpkg);
    run_sql("INSERT INTO gpkg_spatial_ref_sys VALUES ('x', 100, 'EPSG', 32650, '', ''), ('y', 101, 'ESRI', "
            "7, '', ''),"
            " ('z', 102, 'epsg', 999999, '', '');"
            "UPDATE gpkg_geometry_columns SET srs_id = 100");
    double place[3];
    assert_ok(jw_gpkg_open(path, true, &gpkg, error));
    assert_ok(jw_gpkg_read(gpkg, 0, take_first_point, place, error));
    assert_near(place[0], 117.0, 1e-9); /* the middle of zone 50, on the equator */
    assert_near(place[1], 0.0, 1e-9);
    assert_int_equal(jw_gpkg_insert(gpkg, 0, NULL, NULL, 0, NULL), JW_ERROR_UNSUPPORTED);
    jw_gpkg_close(gpkg);
    static const struct {
        const char *srs, *expected;
        jw_result result;
    } cases[] = {{"101", "SRS 101", JW_ERROR_UNSUPPORTED},
                 {"102", "EPSG:999999", JW_ERROR_INPUT},
                 {"55", "SRS 55", JW_ERROR_UNSUPPORTED},
                 {"4326", "lon 500000", JW_ERROR_INPUT}};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "UPDATE gpkg_geometry_columns SET srs_id = %s", cases[i].srs);
        run_sql(sql);
        jw_error error = {0};
        assert_int_equal(jw_gpkg_open(path, false, &gpkg, &error), JW_OK);
        assert_int_equal(jw_gpkg_read(gpkg, 0, take_first_point, place, &error), cases[i].result);
        assert_non_null(strstr(error.message, "sites"));
        assert_non_null(strstr(error.message, cases[i].expected));
        jw_gpkg_close(gpkg);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

static jw_result count_rows(void *context, const jw_gpkg_row *row)
{
    (void)row;
    ++*(uint32_t *)context;
    return JW_OK;
}

static void test_odd_geometry(void **state)
{
    (void)state;
    write_all();
    static const struct {
        const char *layer, *blob, *expected; /* NULL: is read */
    } cases[] = {
        /* big-endian point with a height, header without envelope */
        {"points", "x'47500000000010E600000003E9405D000000000000404380000000000040F0000000000000'", NULL},
        {"points", "x'4750001100000000'", NULL}, /* empty */
        {"points", "x'4750000100000000' || x'0101000000000000000000F87F000000000000F87F'", NULL},
        {"points", "x'47500001000000000101000000'", "cut off"},
        {"points", "x'475000010000000001010000000000000000005D40000000000000F07F'", "not a number"},
        {"points", "x'4750000100000000' || x'010200000000000000'", "another kind"},
        {"points", "x'47500001000000000107000000FFFFFFFF'", "no point, line or polygon"},
        {"points", "x'475000010000000002'", "cut off"},
        {"points", "x'47500001000000000201000000'", "byte order"},
        {"points", "x'4750002100000000'", "extended"},
        {"points", "x'4750000B00000000'", "header"},
        {"points", "x'47500003000000000000'", "header"},
        {"points", "x'00'", "no GeoPackage geometry"},
        {"points", "x''", "no GeoPackage geometry"},
        {"points", "'text'", "no blob"},
        {"points", "12", "no blob"},
        {"lines", "x'47500001000000000102000000FFFFFFFF'", "shorter than it says"},
        {"lines", "x'4750000100000000010200000000000000'", NULL},
        {"lines", "x'4750000100000000' || x'0102000000' || x'41420F00' || zeroblob(16000016)",
         "more than 1000000"},
        {"polygons", "x'47500001000000000103000000FFFFFF7F'", "shorter than it says"},
        {"polygons", "x'475000010000000001030000000100000000000000'", NULL},
        {"polygons",
         "x'4750000100000000' || x'0103000000' || x'02000000' || x'00000000' || x'01000000' || zeroblob(16)",
         "no outside"},
        {"multis", "x'4750000100000000' || x'0106000000' || x'01000000' || x'0101000000' || zeroblob(16)",
         "several kinds"},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        char sql[600];
        const char *t = cases[i].layer;
        bool is_blob = cases[i].blob[0] == 'x';
        snprintf(sql, sizeof sql,
                 "DROP TRIGGER IF EXISTS rtree_%s_geom_update1; DROP TRIGGER IF EXISTS rtree_%s_geom_update2;"
                 "DROP TRIGGER IF EXISTS rtree_%s_geom_update3; DROP TRIGGER IF EXISTS rtree_%s_geom_update4;"
                 "UPDATE %s SET geom = %s%s%s WHERE fid = 3",
                 t, t, t, t, t, is_blob ? "CAST(" : "", cases[i].blob, is_blob ? " AS BLOB)" : "");
        run_sql(sql);
        jw_gpkg *gpkg = NULL;
        assert_ok(jw_gpkg_open(path, false, &gpkg, error));
        uint32_t rows = 0;
        jw_error error = {0};
        jw_result result =
            jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, cases[i].layer), count_rows, &rows, &error);
        if (!cases[i].expected) {
            if (result != JW_OK || rows != 3)
                fail_msg("case %u: %s", i, error.message);
        } else if (result == JW_OK || !strstr(error.message, cases[i].expected) ||
                   !strstr(error.message, "fid 3") || !strstr(error.message, cases[i].layer)) {
            fail_msg("case %u: %s", i, error.message);
        }
        jw_gpkg_close(gpkg);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
}

static jw_result check_types(void *context, const jw_gpkg_row *row)
{
    (void)context;
    assert_true(jw_gpkg_row_value(row, "count")->integer == 12);
    assert_true(jw_gpkg_row_value(row, "speed_kmh")->real == 7.0);
    assert_string_equal(jw_gpkg_row_value(row, "name")->text,
                        "3.5"); /* of a TEXT column: SQLite made it text */
    assert_true(jw_gpkg_row_value(row, "name")->real == 3.5);
    assert_null(jw_gpkg_row_value(row, "seen"));
    return JW_OK;
}

static void test_values_of_any_type(void **state)
{
    (void)state;
    write_all();
    run_sql(
        "DELETE FROM trips; INSERT INTO trips(count, speed_kmh, name, seen) VALUES ('12', '7', 3.5, x'00')");
    jw_gpkg *gpkg = NULL;
    assert_ok(jw_gpkg_open(path, false, &gpkg, error));
    assert_ok(jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, "trips"), check_types, NULL, error));
    jw_gpkg_close(gpkg);
}

/* ---- damaged and hostile files ------------------------------------------------------------------------- */

static void expect_open(jw_result expected, const char *text)
{
    jw_gpkg *gpkg = NULL;
    jw_error error = {0};
    jw_result result = jw_gpkg_open(path, false, &gpkg, &error);
    if (result != expected || !strstr(error.message, text))
        fail_msg("%d: %s", result, error.message);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_wrong_files(void **state)
{
    (void)state;
    jw_gpkg *gpkg = NULL;
    jw_error error = {0};
    assert_int_equal(jw_gpkg_open("/nowhere/x.gpkg", false, &gpkg, &error), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_gpkg_open(folder, false, &gpkg, NULL), JW_ERROR_IO);
    error = (jw_error){0};
    assert_int_equal(jw_gpkg_create("/nowhere/x.gpkg", &gpkg, &error), JW_ERROR_IO);
    assert_non_null(strstr(error.message, "No such file"));
    FILE *file = fopen(path, "wb");
    fputs("this is no database, but long enough to look at for a moment or two, and then some more of it",
          file);
    fclose(file);
    expect_open(JW_ERROR_CORRUPT, "not a database");
    unlink(path);
    run_sql("CREATE TABLE t(a)");
    expect_open(JW_ERROR_INPUT, "no GeoPackage");
    unlink(path);
    write_all();
    error = (jw_error){0};
    assert_int_equal(jw_gpkg_create(path, &gpkg, &error), JW_ERROR_EXISTS);
    assert_int_equal(truncate(path, 20000), 0);
    expect_open(JW_ERROR_CORRUPT, "damaged");
    unlink(path);
    write_all();
    run_sql("PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'gpkg_geometry_columns'");
    expect_open(JW_ERROR_CORRUPT, "damaged"); /* its pages belong to nobody now */
    unlink(path);
    write_all();
    run_sql("DROP TABLE gpkg_geometry_columns");
    expect_open(JW_ERROR_INPUT, "gpkg_geometry_columns");
}

static void test_hostile_contents(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *layer, *expected;
    } cases[] = {
        {"INSERT INTO gpkg_contents(table_name, data_type) VALUES ('ghost', 'attributes')", "ghost",
         "no such table"},
        {"CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n;"
         "INSERT INTO gpkg_contents(table_name, data_type) VALUES ('v', 'attributes')",
         "v", "views are not read"},
        {"CREATE TABLE k(a TEXT PRIMARY KEY); INSERT INTO gpkg_contents(table_name, data_type) VALUES ('k',"
         "'attributes')",
         "k", "INTEGER PRIMARY KEY"},
        {"UPDATE gpkg_geometry_columns SET column_name = 'elsewhere' WHERE table_name = 'points'", "points",
         "geometry column is missing"},
        {"UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVEPOLYGON'", "points", "CURVEPOLYGON"},
        {"DELETE FROM gpkg_geometry_columns", "points", "geometry type"},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        unlink(path);
        write_all();
        run_sql(cases[i].sql);
        jw_gpkg *gpkg = NULL;
        assert_ok(jw_gpkg_open(path, false, &gpkg, error));
        jw_error error = {0};
        uint32_t rows = 0;
        assert_int_equal(
            jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, cases[i].layer), count_rows, &rows, &error),
            JW_ERROR_UNSUPPORTED);
        if (!strstr(error.message, cases[i].expected))
            fail_msg("case %u: %s", i, error.message);
        jw_gpkg_close(gpkg);
    }
    unlink(path);
    write_all();
    run_sql("DROP TABLE gpkg_contents; CREATE TABLE gpkg_contents(table_name, data_type, min_x, min_y, "
            "max_x, max_y);"
            "INSERT INTO gpkg_contents WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT "
            "20000) "
            "SELECT i, 'features', 0, 0, 0, 0 FROM n;"
            "DROP TABLE gpkg_geometry_columns; CREATE TABLE gpkg_geometry_columns(table_name, column_name, "
            "geometry_type_name, srs_id); INSERT INTO gpkg_geometry_columns SELECT -table_name, 1, 1, 1 FROM "
            "gpkg_contents;");
    expect_open(JW_ERROR_LIMIT, "");
}

static void test_random_damage(void **state)
{
    (void)state;
    write_all();
    char *bytes;
    size_t size;
    assert_ok(jw_file_read(path, 1 << 24, &bytes, &size, error));
    jw_random_key key = {13, 14};
    for (uint32_t n = 0; n < 400; n++) {
        char *copy = jw_alloc(size);
        memcpy(copy, bytes, size);
        for (uint32_t k = 0; k < 1 + n % 40; k++)
            copy[jw_random_index(key, n, 2 * k, (uint32_t)size)] = (char)jw_random_u64(key, n, 2 * k + 1);
        size_t length = n % 7 == 0 ? jw_random_index(key, n, 1000, (uint32_t)size) : size;
        FILE *file = fopen(path, "wb");
        fwrite(copy, 1, length, file);
        fclose(file);
        jw_free(copy);
        jw_gpkg *gpkg = NULL;
        jw_error error = {0};
        if (jw_gpkg_open(path, n % 2, &gpkg, &error) == JW_OK) {
            for (uint32_t i = 0; i < jw_gpkg_layer_count(gpkg); i++) {
                uint32_t rows = 0;
                jw_gpkg_read(gpkg, i, count_rows, &rows, &error);
            }
            jw_gpkg_close(gpkg);
        } else {
            assert_true(error.message[0] != 0);
        }
    }
    jw_free(bytes);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- interrupted and failing writes -------------------------------------------------------------------- */

static void add_points(jw_gpkg *gpkg, uint32_t layer, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        double x = 115.0 + i * 1e-5, y = 39.0;
        assert_ok(jw_gpkg_insert(gpkg, layer, &(jw_gpkg_shape){&x, &y, point_parts, NULL, 1, NULL}, NULL, 0,
                                 error));
    }
}

/* Writes and commits 1,000 points, then more text than the cache holds, so that the file itself is half new.
 */
static void write_until_killed(void)
{
    static char text[100000];
    memset(text, 'x', sizeof text - 1);
    const jw_gpkg_column column[] = {{"text", JW_GPKG_TEXT, NULL}};
    const jw_gpkg_value value[] = {{.text = text}};
    jw_gpkg *gpkg = NULL;
    uint32_t points, notes;
    jw_gpkg_create(path, &gpkg, NULL);
    jw_gpkg_add_layer(gpkg, "p", JW_GPKG_POINT, NULL, NULL, 0, &points, NULL);
    jw_gpkg_add_layer(gpkg, "notes", JW_GPKG_NONE, NULL, column, 1, &notes, NULL);
    add_points(gpkg, points, 1000);
    jw_gpkg_commit(gpkg, NULL);
    add_points(gpkg, points, 1000);
    for (int i = 0; i < 1000; i++)
        jw_gpkg_insert(gpkg, notes, NULL, value, 1, NULL);
    kill(getpid(), SIGKILL);
}

static void test_killed_writer(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        write_until_killed();
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    char *bytes;
    size_t size;
    assert_ok(jw_file_read(path, 1 << 28, &bytes, &size, error));
    jw_free(bytes);
    assert_true(size > 10000000); /* of the transaction that never ended */
    jw_gpkg *gpkg = NULL;
    uint32_t rows = 0;
    assert_ok(jw_gpkg_open(path, false, &gpkg, error));
    assert_ok(jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, "p"), count_rows, &rows, error));
    assert_ok(jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, "notes"), count_rows, &rows, error));
    assert_int_equal(rows, 1000);
    jw_gpkg_close(gpkg);
    assert_true(ask_sql("SELECT count(*) FROM rtree_p_geom") == 1000);
}

static void test_full_disk(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) { /* a limit on the size of files stands for a full disk */
        jw_gpkg *gpkg = NULL;
        uint32_t layer;
        jw_gpkg_create(path, &gpkg, NULL);
        jw_gpkg_add_layer(gpkg, "p", JW_GPKG_POINT, NULL, NULL, 0, &layer, NULL);
        add_points(gpkg, layer, 100);
        jw_gpkg_commit(gpkg, NULL);
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){200000, 200000});
        add_points(gpkg, layer, 10000);
        jw_error error = {0};
        jw_result result = jw_gpkg_commit(gpkg, &error);
        bool is_clear = result == JW_ERROR_IO && strstr(error.message, "is the disk full") &&
                        strstr(error.message, "What was committed is kept");
        if (!is_clear)
            print_message("%d: %s\n", result, error.message);
        jw_gpkg_close(gpkg);
        _exit(is_clear ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    jw_gpkg *gpkg = NULL;
    uint32_t rows = 0;
    assert_ok(jw_gpkg_open(path, false, &gpkg, error));
    assert_ok(jw_gpkg_read(gpkg, 0, count_rows, &rows, error));
    assert_int_equal(rows, 100);
    jw_gpkg_close(gpkg);
}

static void test_bad_rows(void **state)
{
    (void)state;
    jw_gpkg *gpkg = NULL;
    uint32_t layer, lines;
    assert_ok(jw_gpkg_create(path, &gpkg, error));
    const jw_gpkg_column time[] = {{"at", JW_GPKG_DATETIME, NULL}};
    assert_int_equal(jw_gpkg_add_layer(gpkg, "a\"b", JW_GPKG_POINT, NULL, NULL, 0, &layer, NULL),
                     JW_ERROR_INPUT);
    assert_int_equal(jw_gpkg_add_layer(gpkg, "gpkg_x", JW_GPKG_POINT, NULL, NULL, 0, &layer, NULL),
                     JW_ERROR_INPUT);
    assert_ok(jw_gpkg_add_layer(gpkg, "p", JW_GPKG_POINT, NULL, time, 1, &layer, error));
    assert_int_equal(jw_gpkg_add_layer(gpkg, "P", JW_GPKG_POINT, NULL, time, 1, &lines, NULL),
                     JW_ERROR_EXISTS);
    assert_ok(jw_gpkg_add_layer(gpkg, "l", JW_GPKG_LINESTRING, NULL, NULL, 0, &lines, error));
    const double nan_lon[] = {NAN};
    jw_gpkg_value at = {.text = "2026-01-01T08:00:00.000Z"}, bad_at = {.text = "2026-01-01 08:00"};
    jw_error error = {0};
    assert_int_equal(jw_gpkg_insert(gpkg, layer, &(jw_gpkg_shape){nan_lon, lat, point_parts, NULL, 1, NULL},
                                    &at, 1, &error),
                     JW_ERROR_INPUT);
    assert_int_equal(
        jw_gpkg_insert(gpkg, layer, &(jw_gpkg_shape){lon, lat, polygon_parts, NULL, 2, NULL}, &at, 1, NULL),
        JW_ERROR_INPUT);
    assert_int_equal(
        jw_gpkg_insert(gpkg, lines, &(jw_gpkg_shape){lon, lat, point_parts, NULL, 1, NULL}, NULL, 0, NULL),
        JW_ERROR_INPUT);
    assert_int_equal(
        jw_gpkg_insert(gpkg, layer, &(jw_gpkg_shape){lon, lat, point_parts, NULL, 1, NULL}, &bad_at, 1, NULL),
        JW_ERROR_INPUT);
    assert_int_equal(
        jw_gpkg_insert(gpkg, layer, &(jw_gpkg_shape){lon, lat, point_parts, NULL, 1, NULL}, &at, 1, NULL),
        JW_OK);
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_OK);
    assert_int_equal(jw_gpkg_insert(gpkg, layer, NULL, &at, 1, NULL), JW_OK);
    jw_gpkg_close(gpkg); /* without commit */
    uint32_t rows = 0;
    assert_int_equal(jw_gpkg_open(path, false, &gpkg, NULL), JW_OK);
    assert_int_equal(jw_gpkg_read(gpkg, jw_gpkg_find_layer(gpkg, "p"), count_rows, &rows, NULL), JW_OK);
    assert_int_equal(rows, 1);
    jw_gpkg_close(gpkg);
}

static jw_result stop_at_once(void *context, const jw_gpkg_row *row)
{
    (void)row;
    ++*(uint32_t *)context;
    return JW_ERROR_CANCELLED;
}

static void test_stopping_and_memory(void **state)
{
    (void)state;
    write_all();
    jw_gpkg *gpkg = NULL;
    uint32_t rows = 0;
    assert_ok(jw_gpkg_open(path, false, &gpkg, error));
    assert_int_equal(jw_gpkg_read(gpkg, 0, stop_at_once, &rows, NULL), JW_ERROR_CANCELLED);
    assert_int_equal(rows, 1);
    jw_gpkg_close(gpkg);
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t n = 0; result != JW_OK; n++) {
        jw_memory_fail_after(n);
        gpkg = NULL;
        result = jw_gpkg_open(path, true, &gpkg, NULL);
        for (uint32_t i = 0; result == JW_OK && i < 4; i++)
            result = jw_gpkg_read(gpkg, i, count_rows, &rows, NULL);
        uint32_t layer = 0;
        if (result == JW_OK)
            result = jw_gpkg_add_layer(gpkg, "late", JW_GPKG_POINT, NULL, columns, 0, &layer, NULL);
        if (result == JW_OK)
            result = jw_gpkg_insert(gpkg, layer, &(jw_gpkg_shape){lon, lat, point_parts, NULL, 1, NULL}, NULL,
                                    0, NULL);
        jw_memory_fail_after(-1);
        if (gpkg)
            jw_gpkg_close(gpkg);
        assert_true(result == JW_OK || result == JW_ERROR_MEMORY);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
}

#define file_test(name) cmocka_unit_test_teardown(name, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        file_test(test_round_trip),
        file_test(test_tables_of_the_standard),
        file_test(test_gdal_reads_and_edits),
        file_test(test_reads_what_gdal_writes),
        file_test(test_other_srs),
        file_test(test_odd_geometry),
        file_test(test_values_of_any_type),
        file_test(test_wrong_files),
        file_test(test_hostile_contents),
        file_test(test_random_damage),
        file_test(test_killed_writer),
        file_test(test_full_disk),
        file_test(test_bad_rows),
        file_test(test_stopping_and_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
