#include "gpkg_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char folder[] = "/tmp/jw_gpkg_XXXXXX";
char path[64];

int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/t.gpkg", folder);
    return 0;
}

int remove_file(void **state)
{
    (void)state;
    char journal[80];
    snprintf(journal, sizeof journal, "%s-journal", path);
    unlink(path);
    unlink(journal);
    return 0;
}

int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

const jw_gpkg_column columns[COLUMNS] = {{"count", JW_GPKG_INTEGER, "how many"},
                                         {"speed_kmh", JW_GPKG_REAL, NULL},
                                         {"name", JW_GPKG_TEXT, "what people call it, \"as it's\" written"},
                                         {"seen", JW_GPKG_DATETIME, "when"}};

const double lon[CORNERS] = {115.9, 115.91, 115.91, 115.9, 115.902, 115.902, 115.904, 115.95, 115.96, 115.96};
const double lat[CORNERS] = {39.0, 39.0, 39.01, 39.01, 39.002, 39.004, 39.002, 39.0, 39.0, 39.01};
const uint32_t point_parts[2] = {0, 1}, line_parts[2] = {0, 3}, polygon_parts[3] = {0, 4, 7},
               multi_parts[4] = {0, 4, 7, 10};
const uint8_t multi_starts[3] = {1, 0, 1};

void write_all(void)
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

void run_sql(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

double ask_sql(const char *sql)
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

jw_result count_rows(void *context, const jw_gpkg_row *row)
{
    (void)row;
    ++*(uint32_t *)context;
    return JW_OK;
}
