/* GeoPackages: what is written is read again, by us and by others, in any spatial reference system. */
#include "gpkg_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
