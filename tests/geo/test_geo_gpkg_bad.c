/* GeoPackages that are damaged or hostile, writers that are killed or run out of room. */
#include "gpkg_fixture.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
    assert_int_equal(truncate(path, 0), 0);
    expect_open(JW_ERROR_INPUT, "the file is empty; write it again");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        file_test(test_wrong_files),         file_test(test_hostile_contents), file_test(test_random_damage),
        file_test(test_killed_writer),       file_test(test_full_disk),        file_test(test_bad_rows),
        file_test(test_stopping_and_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
