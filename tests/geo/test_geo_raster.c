/* Rasters of a GeoPackage: what the tiles hold, read by nothing of ours. */
#include "base/test_base.h"
#include "geo/geo.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { COLUMNS = 300, ROWS = 270, SIDE = 256 };

static char folder[] = "/tmp/jw_raster_XXXXXX";
static char path[64];

static float value_at(uint32_t column, uint32_t row)
{
    return column % 17 == 3 ? NAN : (float)(-100 + 0.37 * column + 0.11 * row);
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* 16-bit grey, one IDAT, no filters: the values of a tile. */
static void read_png(const uint8_t *bytes, int size, uint16_t *out)
{
    static uint8_t rows[SIDE * (1 + 2 * SIDE)];
    assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
    bool has_end = false;
    for (int at = 8; at < size;) {
        uint32_t length = word_at(bytes + at);
        const uint8_t *kind = bytes + at + 4, *data = bytes + at + 8;
        assert_int_equal(word_at(data + length), crc32(0, kind, length + 4));
        if (!memcmp(kind, "IHDR", 4)) {
            assert_true(word_at(data) == SIDE && word_at(data + 4) == SIDE && data[8] == 16 && data[9] == 0);
        } else if (!memcmp(kind, "IDAT", 4)) {
            uLongf room = sizeof rows;
            assert_int_equal(uncompress(rows, &room, data, length), Z_OK);
            assert_int_equal(room, sizeof rows);
        }
        has_end = !memcmp(kind, "IEND", 4);
        at += 12 + (int)length;
        assert_true(at == size || !has_end);
    }
    assert_true(has_end);
    for (uint32_t y = 0; y < SIDE; y++) {
        const uint8_t *row = rows + y * (1 + 2 * SIDE);
        assert_int_equal(row[0], 0);
        for (uint32_t x = 0; x < SIDE; x++)
            out[y * SIDE + x] = (uint16_t)(row[1 + 2 * x] << 8 | row[2 + 2 * x]);
    }
}

static double one_number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *query;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &query, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    double value = sqlite3_column_double(query, 0);
    sqlite3_finalize(query);
    return value;
}

static jw_gpkg_raster make_raster(float *values)
{
    for (uint32_t i = 0; i < COLUMNS * ROWS; i++)
        values[i] = value_at(i % COLUMNS, i / COLUMNS);
    return (jw_gpkg_raster){.west_deg = 115,
                            .north_deg = 39,
                            .pixel_lon_deg = 0.0003,
                            .pixel_lat_deg = 0.0002,
                            .columns = COLUMNS,
                            .rows = ROWS,
                            .offset = -200,
                            .scale = 0.01,
                            .unit = "dB",
                            .values = values};
}

static void test_tiles(void **state)
{
    (void)state;
    float *values = jw_alloc(COLUMNS * ROWS * sizeof *values);
    jw_gpkg_raster raster = make_raster(values);
    jw_gpkg *gpkg = NULL;
    jw_error error = {0};
    snprintf(path, sizeof path, "%s/t.gpkg", folder);
    assert_int_equal(jw_gpkg_create(path, &gpkg, &error), JW_OK);
    if (jw_gpkg_add_coverage(gpkg, "sinr", "what it is", &raster, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_int_equal(jw_gpkg_add_coverage(gpkg, "again", "", &raster, &error), JW_OK);
    assert_true(jw_gpkg_add_coverage(gpkg, "again", "", &raster, &error) != JW_OK);
    assert_int_equal(jw_gpkg_add_coverage(gpkg, "no name", "", &raster, &error), JW_ERROR_INPUT);
    raster.scale = 0;
    assert_int_equal(jw_gpkg_add_coverage(gpkg, "flat", "", &raster, &error), JW_ERROR_INPUT);
    assert_int_equal(jw_gpkg_commit(gpkg, &error), JW_OK);
    jw_gpkg_close(gpkg);
    assert_int_equal(jw_gpkg_open(path, false, &gpkg, &error),
                     JW_OK); /* a reader of layers is not disturbed */
    jw_gpkg_close(gpkg);

    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_stmt *query;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT tile_column, tile_row, tile_data FROM sinr WHERE zoom_level "
                                        "= 0 ORDER BY id",
                                        -1, &query, NULL),
                     SQLITE_OK);
    static uint16_t tile[SIDE * SIDE];
    uint32_t tiles = 0;
    for (; sqlite3_step(query) == SQLITE_ROW; tiles++) {
        uint32_t column0 = (uint32_t)sqlite3_column_int(query, 0) * SIDE,
                 row0 = (uint32_t)sqlite3_column_int(query, 1) * SIDE;
        read_png(sqlite3_column_blob(query, 2), sqlite3_column_bytes(query, 2), tile);
        for (uint32_t i = 0; i < SIDE * SIDE; i++) {
            uint32_t column = column0 + i % SIDE, row = row0 + i / SIDE;
            bool is_inside = column < COLUMNS && row < ROWS;
            float value = is_inside ? value_at(column, row) : NAN;
            assert_true(isnan(value) == (tile[i] == 65535));
            if (!isnan(value))
                assert_true(fabs(-200 + 0.01 * tile[i] - (double)value) <= 0.0051);
        }
    }
    sqlite3_finalize(query);
    assert_int_equal(tiles, 4);
    assert_true(one_number(db, "SELECT count(*) FROM gpkg_2d_gridded_tile_ancillary") == 8);
    assert_true(one_number(db, "SELECT data_null FROM gpkg_2d_gridded_coverage_ancillary "
                               "WHERE tile_matrix_set_name = 'sinr' AND scale = 0.01 AND offset = -200 AND "
                               "uom = 'dB' AND datatype = 'integer'") == 65535);
    /* The matrix is of whole tiles, the contents of the raster alone. */
    assert_true(fabs(one_number(db, "SELECT max_x FROM gpkg_tile_matrix_set WHERE table_name = 'sinr'") -
                     (115 + 512 * 0.0003)) < 1e-12);
    assert_true(fabs(one_number(db, "SELECT min_y FROM gpkg_tile_matrix_set WHERE table_name = 'sinr'") -
                     (39 - 512 * 0.0002)) < 1e-12);
    assert_true(fabs(one_number(db, "SELECT max_x FROM gpkg_contents WHERE table_name = 'sinr'") -
                     (115 + COLUMNS * 0.0003)) < 1e-12);
    assert_true(one_number(db, "SELECT count(*) FROM gpkg_extensions WHERE extension_name = "
                               "'gpkg_2d_gridded_coverage'") == 4);
    assert_true(one_number(db, "SELECT count(*) FROM pragma_foreign_key_check") == 0);
    sqlite3_close(db);
    unlink(path);
    jw_free(values);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_tiles)};
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
