/* Rasters in a GeoPackage: the extension "2D gridded coverage" (OGC 17-066r1), 16-bit grey PNG tiles of one
 * zoom level. What lies beyond the raster in the last tiles is "no value". */
#include "geo/gpkg_internal.h"

#include <string.h>
#include <zlib.h>

#define TILE_SIDE  256u
#define TILE_BYTES (TILE_SIDE * (1 + 2 * TILE_SIDE)) /* a filter byte before each row */
#define NO_VALUE   65535u
#define SIDE_LIMIT 32768u
#define DEFINITION "http://docs.opengeospatial.org/is/17-066r1/17-066r1.html"

/* ---- PNG: ISO/IEC 15948 ----------------------------------------------------------------------------------
 */

static void put_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put_chunk(jw_writer *png, const char *kind, const uint8_t *bytes, size_t size)
{
    uint8_t word[4];
    put_u32(word, (uint32_t)size);
    jw_write_bytes(png, word, 4);
    jw_write_bytes(png, kind, 4);
    jw_write_bytes(png, bytes, size);
    uLong check = crc32(crc32(0, (const Bytef *)kind, 4), bytes, (uInt)size);
    put_u32(word, (uint32_t)check);
    jw_write_bytes(png, word, 4);
}

/* rows: TILE_SIDE of a filter byte and TILE_SIDE big-endian values. */
static jw_result encode_tile(const uint8_t *rows, uint8_t *packed, size_t packed_room, jw_writer *png,
                             jw_error *error)
{
    uLongf size = packed_room;
    if (compress2(packed, &size, rows, TILE_BYTES, 6) != Z_OK)
        return jw_fail_memory(error);
    uint8_t header[13] = {0};
    put_u32(header, TILE_SIDE);
    put_u32(header + 4, TILE_SIDE);
    header[8] = 16; /* bits of grey; compression, filter and interlace 0 */
    png->size = 0;
    jw_write_bytes(png, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(png, "IHDR", header, sizeof header);
    put_chunk(png, "IDAT", packed, size);
    put_chunk(png, "IEND", header, 0);
    return png->failed ? jw_fail_memory(error) : JW_OK;
}

/* ---- tiles -----------------------------------------------------------------------------------------------
 */

/* Bilinear and other filters are left to the reader: a value is that of its whole pixel. */
static uint32_t stored_value(const jw_gpkg_raster *raster, uint32_t column, uint32_t row)
{
    if (column >= raster->columns || row >= raster->rows)
        return NO_VALUE;
    double value = (double)raster->values[(size_t)row * raster->columns + column];
    if (!(value == value))
        return NO_VALUE;
    return (uint32_t)jw_clamp(jw_round((value - raster->offset) / raster->scale), 0, NO_VALUE - 1);
}

typedef struct tile_sum {
    double least, most, sum, sum2;
    uint32_t count;
} tile_sum;

static tile_sum fill_rows(const jw_gpkg_raster *raster, uint32_t tile_column, uint32_t tile_row,
                          uint8_t *rows)
{
    tile_sum sum = {0};
    for (uint32_t y = 0; y < TILE_SIDE; y++) {
        uint8_t *row = rows + (size_t)y * (1 + 2 * TILE_SIDE);
        row[0] = 0;
        for (uint32_t x = 0; x < TILE_SIDE; x++) {
            uint32_t stored = stored_value(raster, tile_column * TILE_SIDE + x, tile_row * TILE_SIDE + y);
            row[1 + 2 * x] = (uint8_t)(stored >> 8);
            row[2 + 2 * x] = (uint8_t)stored;
            if (stored == NO_VALUE)
                continue;
            double value = raster->offset + raster->scale * stored;
            sum.least = sum.count ? jw_min(sum.least, value) : value;
            sum.most = sum.count ? jw_max(sum.most, value) : value;
            sum.sum += value;
            sum.sum2 += value * value;
            sum.count++;
        }
    }
    return sum;
}

static jw_result insert_tile(jw_gpkg *gpkg, sqlite3_stmt *insert, const char *name, uint32_t column,
                             uint32_t row, const jw_writer *png, const tile_sum *sum, jw_error *error)
{
    sqlite3_bind_int64(insert, 1, column);
    sqlite3_bind_int64(insert, 2, row);
    sqlite3_bind_blob(insert, 3, png->bytes, (int)png->size, SQLITE_STATIC);
    int code = sqlite3_step(insert);
    sqlite3_reset(insert);
    if (code != SQLITE_DONE)
        return jw_gpkg_fail(gpkg, "writing a raster", error);
    if (sum->count == 0)
        return jw_gpkg_execute(gpkg, "writing a raster", error,
                               "INSERT INTO gpkg_2d_gridded_tile_ancillary (tpudt_name, tpudt_id) "
                               "VALUES (%Q, last_insert_rowid())",
                               name);
    double mean = sum->sum / sum->count, variance = jw_max(sum->sum2 / sum->count - mean * mean, 0);
    return jw_gpkg_execute(
        gpkg, "writing a raster", error,
        "INSERT INTO gpkg_2d_gridded_tile_ancillary (tpudt_name, tpudt_id, min, max, mean, "
        "std_dev) VALUES (%Q, last_insert_rowid(), %!.10g, %!.10g, %!.10g, %!.10g)",
        name, sum->least, sum->most, mean, jw_sqrt(variance));
}

static jw_result insert_tiles(jw_gpkg *gpkg, const char *name, const jw_gpkg_raster *raster,
                              sqlite3_stmt *insert, jw_error *error)
{
    size_t room = compressBound(TILE_BYTES);
    uint8_t *rows = jw_alloc(TILE_BYTES), *packed = jw_alloc(room);
    jw_writer png = {0};
    jw_result result = rows && packed ? JW_OK : jw_fail_memory(error);
    for (uint32_t row = 0; row * TILE_SIDE < raster->rows && result == JW_OK; row++)
        for (uint32_t column = 0; column * TILE_SIDE < raster->columns && result == JW_OK; column++) {
            tile_sum sum = fill_rows(raster, column, row, rows);
            result = encode_tile(rows, packed, room, &png, error);
            if (result == JW_OK)
                result = insert_tile(gpkg, insert, name, column, row, &png, &sum, error);
        }
    jw_writer_free(&png);
    jw_free(rows);
    jw_free(packed);
    return result;
}

/* ---- tables ----------------------------------------------------------------------------------------------
 */

static jw_result create_shared_tables(jw_gpkg *gpkg, jw_error *error)
{
    return jw_gpkg_execute(
        gpkg, "adding a raster", error,
        "CREATE TABLE IF NOT EXISTS gpkg_tile_matrix_set (table_name TEXT NOT NULL PRIMARY KEY, srs_id "
        "INTEGER NOT NULL, min_x DOUBLE NOT NULL, min_y DOUBLE NOT NULL, max_x DOUBLE NOT NULL, max_y DOUBLE "
        "NOT NULL, CONSTRAINT fk_gtms_table_name FOREIGN KEY (table_name) REFERENCES gpkg_contents"
        "(table_name), CONSTRAINT fk_gtms_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));"
        "CREATE TABLE IF NOT EXISTS gpkg_tile_matrix (table_name TEXT NOT NULL, zoom_level INTEGER NOT NULL, "
        "matrix_width INTEGER NOT NULL, matrix_height INTEGER NOT NULL, tile_width INTEGER NOT NULL, "
        "tile_height INTEGER NOT NULL, pixel_x_size DOUBLE NOT NULL, pixel_y_size DOUBLE NOT NULL, "
        "CONSTRAINT pk_ttm PRIMARY KEY (table_name, zoom_level), CONSTRAINT fk_tmm_table_name FOREIGN KEY "
        "(table_name) REFERENCES gpkg_contents(table_name));"
        "CREATE TABLE IF NOT EXISTS gpkg_2d_gridded_coverage_ancillary (id INTEGER PRIMARY KEY "
        "AUTOINCREMENT NOT NULL, tile_matrix_set_name TEXT NOT NULL UNIQUE, datatype TEXT NOT NULL DEFAULT "
        "'integer', scale REAL NOT NULL DEFAULT 1.0, offset REAL NOT NULL DEFAULT 0.0, precision REAL "
        "DEFAULT 1.0, data_null REAL, grid_cell_encoding TEXT DEFAULT 'grid-value-is-center', uom TEXT, "
        "field_name TEXT DEFAULT 'Height', quantity_definition TEXT DEFAULT 'Height', CONSTRAINT fk_g2dgtct_"
        "name FOREIGN KEY (tile_matrix_set_name) REFERENCES gpkg_tile_matrix_set (table_name), CHECK "
        "(datatype in ('integer','float')));"
        "CREATE TABLE IF NOT EXISTS gpkg_2d_gridded_tile_ancillary (id INTEGER PRIMARY KEY AUTOINCREMENT NOT "
        "NULL, tpudt_name TEXT NOT NULL, tpudt_id INTEGER NOT NULL, scale REAL NOT NULL DEFAULT 1.0, offset "
        "REAL NOT NULL DEFAULT 0.0, min REAL DEFAULT NULL, max REAL DEFAULT NULL, mean REAL DEFAULT NULL, "
        "std_dev REAL DEFAULT NULL, CONSTRAINT fk_g2dgtat_name FOREIGN KEY (tpudt_name) REFERENCES "
        "gpkg_contents(table_name), UNIQUE (tpudt_name, tpudt_id));"
        "INSERT INTO gpkg_extensions SELECT t, NULL, 'gpkg_2d_gridded_coverage', '" DEFINITION
        "', 'read-write' FROM (SELECT 'gpkg_2d_gridded_coverage_ancillary' AS t UNION SELECT "
        "'gpkg_2d_gridded_tile_ancillary') WHERE t NOT IN (SELECT table_name FROM gpkg_extensions);");
}

static jw_result create_table(jw_gpkg *gpkg, const char *name, const char *description,
                              const jw_gpkg_raster *raster, jw_error *error)
{
    uint32_t across = (raster->columns + TILE_SIDE - 1) / TILE_SIDE,
             down = (raster->rows + TILE_SIDE - 1) / TILE_SIDE;
    double west = raster->west_deg, north = raster->north_deg, dx = raster->pixel_lon_deg,
           dy = raster->pixel_lat_deg;
    jw_result result = jw_gpkg_execute(
        gpkg, "adding a raster", error,
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, "
        "max_y, srs_id) VALUES (%Q, '2d-gridded-coverage', %Q, %Q, %!.15g, %!.15g, %!.15g, %!.15g, 4326);"
        "INSERT INTO gpkg_tile_matrix_set VALUES (%Q, 4326, %!.15g, %!.15g, %!.15g, %!.15g);"
        "INSERT INTO gpkg_tile_matrix VALUES (%Q, 0, %u, %u, %u, %u, %!.15g, %!.15g);",
        name, name, description, west, north - raster->rows * dy, west + raster->columns * dx, north, name,
        west, north - down * TILE_SIDE * dy, west + across * TILE_SIDE * dx, north, name, across, down,
        TILE_SIDE, TILE_SIDE, dx, dy);
    if (result != JW_OK)
        return result;
    return jw_gpkg_execute(
        gpkg, "adding a raster", error,
        "CREATE TABLE \"%w\" (id INTEGER PRIMARY KEY AUTOINCREMENT, zoom_level INTEGER NOT NULL, "
        "tile_column INTEGER NOT NULL, tile_row INTEGER NOT NULL, tile_data BLOB NOT NULL, UNIQUE "
        "(zoom_level, tile_column, tile_row));"
        "INSERT INTO gpkg_extensions VALUES (%Q, 'tile_data', 'gpkg_2d_gridded_coverage', '" DEFINITION
        "', 'read-write');"
        "INSERT INTO gpkg_2d_gridded_coverage_ancillary (tile_matrix_set_name, datatype, scale, offset, "
        "precision, data_null, grid_cell_encoding, uom, field_name, quantity_definition) VALUES (%Q, "
        "'integer', %!.15g, %!.15g, %!.15g, %u, 'grid-value-is-area', %Q, %Q, %Q);",
        name, name, name, raster->scale, raster->offset, raster->scale, NO_VALUE, raster->unit, name,
        description);
}

jw_result jw_gpkg_add_coverage(jw_gpkg *gpkg, const char *name, const char *description,
                               const jw_gpkg_raster *raster, jw_error *error)
{
    bool is_sound = raster->columns > 0 && raster->rows > 0 && raster->columns <= SIDE_LIMIT &&
                    raster->rows <= SIDE_LIMIT && raster->pixel_lon_deg > 0 && raster->pixel_lat_deg > 0 &&
                    raster->scale > 0;
    if (!is_sound)
        return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0,
                       "raster %.60s: 1 to %u columns and rows of a size and a step above 0 are taken", name,
                       SIDE_LIMIT);
    if (!jw_gpkg_is_plain_name(name))
        return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0,
                       "\"%.80s\" is no name for a raster: letters, digits and _ are", name);
    sqlite3_stmt *insert = NULL;
    jw_result result = jw_gpkg_begin(gpkg, error);
    if (result != JW_OK)
        return result;
    result = jw_gpkg_execute(gpkg, "adding a raster", error, "SAVEPOINT add_raster");
    if (result != JW_OK)
        return result;
    result = create_shared_tables(gpkg, error);
    if (result == JW_OK)
        result = create_table(gpkg, name, description, raster, error);
    if (result == JW_OK)
        result = jw_gpkg_prepare(gpkg, &insert, "adding a raster", error,
                                 "INSERT INTO \"%w\" (zoom_level, tile_column, tile_row, tile_data) VALUES "
                                 "(0, ?1, ?2, ?3)",
                                 name);
    if (result == JW_OK)
        result = insert_tiles(gpkg, name, raster, insert, error);
    sqlite3_finalize(insert);
    if (result == JW_OK)
        return jw_gpkg_execute(gpkg, "adding a raster", error, "RELEASE add_raster");
    if (sqlite3_get_autocommit(gpkg->db))
        gpkg->is_lost = true;
    else
        jw_gpkg_execute(gpkg, "taking a raster back", NULL, "ROLLBACK TO add_raster; RELEASE add_raster");
    return result;
}
