/* GeoPackage, the inside. OGC 12-128r15 and later; the tables and triggers are those of the standard.
 *
 *   gpkg.c         files: create, open, commit, close; SQLite's errors in plain words
 *   gpkg_layer.c   layers: tables, R-trees and triggers when adding, checks when opening
 *   gpkg_shape.c   geometry blobs, both ways
 *   gpkg_raster.c  rasters, write only
 *   gpkg_rows.c    rows: inserting and reading
 *
 * A file is foreign: SQLite reads it with an untrusted schema and in defensive mode, views are no layers, and
 * every text, count and coordinate is bounded. */
#ifndef JW_GEO_GPKG_INTERNAL_H
#define JW_GEO_GPKG_INTERNAL_H

#include "geo/geo.h"

#include <sqlite3.h>

#define JW_GPKG_POINT_LIMIT 1000000u
#define JW_GPKG_LAYER_LIMIT 1000u
#define JW_GPKG_SRS_WGS84   4326

typedef struct jw_gpkg_field {
    char *name; /* owned */
    jw_gpkg_type type;
} jw_gpkg_field;

typedef struct jw_gpkg_layer {
    char *name;            /* owned */
    char *key_column;      /* owned; the INTEGER PRIMARY KEY */
    char *geometry_column; /* owned; NULL for attributes */
    jw_gpkg_geometry geometry;
    int srs_id;
    char refusal[160]; /* why its rows cannot be read, "" when they can */
    jw_gpkg_field *fields;
    uint32_t field_count, field_capacity;
    sqlite3_stmt *insert; /* prepared at the first row */
    jw_box bounds;        /* of its rows, degrees */
    bool is_dirty;        /* has rows since the last commit */
} jw_gpkg_layer;

struct jw_gpkg {
    sqlite3 *db;
    char *path;
    bool is_writable;
    bool is_lost; /* SQLite gave up the transaction: rows since the last commit are gone */
    jw_gpkg_layer *layers;
    uint32_t layer_count, layer_capacity;
    jw_writer blob; /* of the row being written */
};

/* A decoded geometry; the arrays are kept from row to row. */
typedef struct jw_gpkg_decoded {
    double *lon_deg, *lat_deg, *z_m;
    uint32_t lon_capacity, lat_capacity, z_capacity, point_count;
    bool has_z;
    uint32_t *part_first;
    uint8_t *part_starts_polygon;
    uint32_t first_capacity, starts_capacity, part_count;
} jw_gpkg_decoded;

char *jw_gpkg_copy_text(const char *text); /* NULL: out of memory */
/* Fails with SQLite's last error; `what` completes "while ...". */
jw_result jw_gpkg_fail(jw_gpkg *gpkg, const char *what, jw_error *error);
/* Runs one or more statements; the format is sqlite3_mprintf's. */
jw_result jw_gpkg_execute(jw_gpkg *gpkg, const char *what, jw_error *error, const char *format, ...);
jw_result jw_gpkg_prepare(jw_gpkg *gpkg, sqlite3_stmt **out, const char *what, jw_error *error,
                          const char *format, ...);
/* Begins a transaction unless one is open; refuses read-only and lost files. */
jw_result jw_gpkg_begin(jw_gpkg *gpkg, jw_error *error);

bool jw_gpkg_is_plain_name(const char *name);
void jw_gpkg_layer_free(jw_gpkg_layer *layer);
/* Fills gpkg->layers of an opened file. */
jw_result jw_gpkg_load_layers(jw_gpkg *gpkg, jw_error *error);

/* Writes the blob of a shape into `out` (its size reset), and its box. */
jw_result jw_gpkg_encode(const jw_gpkg_layer *layer, const char *path, const jw_gpkg_shape *shape,
                         jw_writer *out, jw_box *out_bounds, jw_error *error);
/* Decodes a blob of any byte order and dimension. On failure `out_reason` says why. Rings lose their repeated
 * last point; parts without points are left out. */
jw_result jw_gpkg_decode(const uint8_t *bytes, size_t size, jw_gpkg_geometry geometry, jw_gpkg_decoded *out,
                         char *out_reason, size_t reason_size);
void jw_gpkg_decoded_free(jw_gpkg_decoded *decoded);
/* ST_IsEmpty, ST_MinX, ... that the standard's triggers call; for blobs written here. */
int jw_gpkg_add_functions(sqlite3 *db);

#endif
