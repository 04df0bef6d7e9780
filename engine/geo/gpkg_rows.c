/* Rows of a GeoPackage: inserting by one prepared statement a layer, reading with every value checked. */
#include "geo/gpkg_internal.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- inserting ----------------------------------------------------------------------------------------- */

static jw_result prepare_insert(jw_gpkg *gpkg, jw_gpkg_layer *layer, jw_error *error)
{
    if (layer->refusal[0])
        return jw_fail(error, JW_ERROR_UNSUPPORTED, gpkg->path, 0, "layer %s takes no rows: %s", layer->name,
                       layer->refusal);
    if (layer->geometry_column && layer->srs_id != JW_GPKG_SRS_WGS84)
        return jw_fail(error, JW_ERROR_UNSUPPORTED, gpkg->path, 0,
                       "layer %s takes no rows: it is not in longitude and latitude (SRS 4326)", layer->name);
    sqlite3_str *sql = sqlite3_str_new(gpkg->db);
    sqlite3_str_appendf(sql, "INSERT INTO \"%w\" (\"%w\"", layer->name, layer->key_column);
    if (layer->geometry_column)
        sqlite3_str_appendf(sql, ", \"%w\"", layer->geometry_column);
    for (uint32_t i = 0; i < layer->field_count; i++)
        sqlite3_str_appendf(sql, ", \"%w\"", layer->fields[i].name);
    sqlite3_str_appendf(sql, ") VALUES (NULL");
    uint32_t count = layer->field_count + (layer->geometry_column ? 1 : 0);
    for (uint32_t i = 0; i < count; i++)
        sqlite3_str_appendf(sql, ", ?");
    sqlite3_str_appendf(sql, ")");
    char *text = sqlite3_str_finish(sql);
    if (!text)
        return jw_fail_memory(error);
    jw_result result = jw_gpkg_prepare(gpkg, &layer->insert, "preparing to add rows", error, "%s", text);
    sqlite3_free(text);
    return result;
}

/* "2026-01-01T08:00:00.000Z": a time that QGIS cannot read would silently become text. */
static bool is_datetime(const char *text)
{
    const char *pattern = "dddd-dd-ddTdd:dd:dd.dddZ";
    for (size_t i = 0; pattern[i]; i++)
        if (pattern[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != pattern[i])
            return false;
    return text[strlen(pattern)] == 0;
}

static jw_result bind_value(jw_gpkg *gpkg, const jw_gpkg_layer *layer, int place, const jw_gpkg_field *field,
                            const jw_gpkg_value *value, jw_error *error)
{
    int code = SQLITE_OK;
    if (value->is_null) {
        code = sqlite3_bind_null(layer->insert, place);
    } else if (field->type == JW_GPKG_INTEGER) {
        code = sqlite3_bind_int64(layer->insert, place, value->integer);
    } else if (field->type == JW_GPKG_REAL) {
        code = sqlite3_bind_double(layer->insert, place, value->real);
    } else {
        if (field->type == JW_GPKG_DATETIME && value->text && !is_datetime(value->text))
            return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0,
                           "layer %s, column %s: \"%.40s\" is no time of the form 2026-01-01T08:00:00.000Z",
                           layer->name, field->name, value->text);
        code = sqlite3_bind_text(layer->insert, place, value->text, -1, SQLITE_STATIC);
    }
    return code == SQLITE_OK ? JW_OK : jw_gpkg_fail(gpkg, "adding a row", error);
}

jw_result jw_gpkg_insert(jw_gpkg *gpkg, uint32_t layer_number, const jw_gpkg_shape *shape,
                         const jw_gpkg_value *values, uint32_t value_count, jw_error *error)
{
    assert(layer_number < gpkg->layer_count);
    jw_gpkg_layer *layer = &gpkg->layers[layer_number];
    assert(layer->refusal[0] || value_count == layer->field_count);
    jw_result result = jw_gpkg_begin(gpkg, error);
    if (result == JW_OK && !layer->insert)
        result = prepare_insert(gpkg, layer, error);
    if (result != JW_OK)
        return result;
    int place = 1;
    jw_box bounds = jw_box_empty();
    if (layer->geometry_column) {
        bool has_shape = shape && shape->part_count > 0;
        if (has_shape)
            result = jw_gpkg_encode(layer, gpkg->path, shape, &gpkg->blob, &bounds, error);
        if (result == JW_OK && has_shape && gpkg->blob.size > INT32_MAX)
            result =
                jw_fail(error, JW_ERROR_LIMIT, gpkg->path, 0, "layer %s: a shape is too large", layer->name);
        if (result != JW_OK)
            return result;
        int code = has_shape ? sqlite3_bind_blob(layer->insert, place, gpkg->blob.bytes, (int)gpkg->blob.size,
                                                 SQLITE_STATIC)
                             : sqlite3_bind_null(layer->insert, place);
        if (code != SQLITE_OK)
            return jw_gpkg_fail(gpkg, "adding a row", error);
        place++;
    }
    for (uint32_t i = 0; i < value_count && result == JW_OK; i++)
        result = bind_value(gpkg, layer, place++, &layer->fields[i], &values[i], error);
    if (result == JW_OK && sqlite3_step(layer->insert) != SQLITE_DONE) {
        result = jw_gpkg_fail(gpkg, "adding a row", error);
        gpkg->is_lost = sqlite3_get_autocommit(gpkg->db) != 0;
    }
    sqlite3_reset(layer->insert);
    sqlite3_clear_bindings(layer->insert);
    if (result == JW_OK) {
        layer->bounds = jw_box_union(layer->bounds, bounds);
        layer->is_dirty = true;
    }
    return result;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

typedef struct row_reader {
    jw_gpkg *gpkg;
    const jw_gpkg_layer *layer;
    sqlite3_stmt *statement;
    jw_projection *projection; /* to lon/lat; NULL when the layer is in lon/lat */
    jw_gpkg_decoded decoded;
    jw_gpkg_value *values;
    const char **names;
} row_reader;

/* The projection of a layer in another SRS, found by its EPSG number. */
static jw_result make_projection(row_reader *r, jw_error *error)
{
    int srs_id = r->layer->srs_id;
    if (!r->layer->geometry_column || srs_id == JW_GPKG_SRS_WGS84)
        return JW_OK;
    jw_gpkg *gpkg = r->gpkg;
    sqlite3_stmt *statement = NULL;
    const char *what = "looking up a coordinate system";
    jw_result result = jw_gpkg_prepare(
        gpkg, &statement, what, error,
        "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = %d", srs_id);
    if (result != JW_OK)
        return result;
    char text[32] = "";
    bool is_epsg = false;
    int number = 0;
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const char *organization = (const char *)sqlite3_column_text(statement, 0);
        number = sqlite3_column_int(statement, 1);
        is_epsg = organization && sqlite3_stricmp(organization, "EPSG") == 0 && number > 0;
    } else if (code != SQLITE_DONE) {
        result = jw_gpkg_fail(gpkg, what, error);
    }
    sqlite3_finalize(statement);
    if (result != JW_OK)
        return result;
    if (!is_epsg)
        return jw_fail(error, JW_ERROR_UNSUPPORTED, gpkg->path, 0,
                       "layer %s: its SRS %d has no EPSG number: save the layer in EPSG:4326", r->layer->name,
                       srs_id);
    if (number == JW_GPKG_SRS_WGS84)
        return JW_OK;
    snprintf(text, sizeof text, "EPSG:%d", number);
    jw_error cause = {0};
    result = jw_projection_create_from_text(text, &r->projection, &cause);
    if (result != JW_OK)
        jw_fail(error, result, gpkg->path, 0, "layer %s: %.300s; save the layer in EPSG:4326", r->layer->name,
                cause.message);
    return result;
}

static jw_result prepare_read(row_reader *r, jw_error *error)
{
    const jw_gpkg_layer *layer = r->layer;
    r->values = jw_alloc((layer->field_count + 1) * sizeof *r->values);
    r->names = jw_alloc((layer->field_count + 1) * sizeof *r->names);
    if (!r->values || !r->names)
        return jw_fail_memory(error);
    sqlite3_str *sql = sqlite3_str_new(r->gpkg->db);
    sqlite3_str_appendf(sql, "SELECT \"%w\"", layer->key_column);
    for (uint32_t i = 0; i < layer->field_count; i++) {
        sqlite3_str_appendf(sql, ", \"%w\"", layer->fields[i].name);
        r->names[i] = layer->fields[i].name;
    }
    if (layer->geometry_column)
        sqlite3_str_appendf(sql, ", \"%w\"", layer->geometry_column);
    sqlite3_str_appendf(sql, " FROM \"%w\" ORDER BY \"%w\"", layer->name, layer->key_column);
    char *text = sqlite3_str_finish(sql);
    if (!text)
        return jw_fail_memory(error);
    jw_result result = jw_gpkg_prepare(r->gpkg, &r->statement, "reading a layer", error, "%s", text);
    sqlite3_free(text);
    return result;
}

/* SQLite's columns hold any type whatever they were declared: each value is offered in every form it has. */
static jw_gpkg_value read_value(sqlite3_stmt *statement, int column)
{
    jw_gpkg_value value = {0};
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        value.integer = sqlite3_column_int64(statement, column);
        value.real = (double)value.integer;
        break;
    case SQLITE_FLOAT:
        value.real = sqlite3_column_double(statement, column);
        break;
    case SQLITE_TEXT:
        value.text = (const char *)sqlite3_column_text(statement, column);
        value.is_null = !value.text;
        if (value.text && !jw_text_to_number(value.text, &value.real))
            value.real = 0.0;
        break;
    default: /* NULL, and blobs, which no layer of a city has */
        value.is_null = true;
        break;
    }
    if (value.integer == 0 && jw_abs(value.real) < 9e15) /* and not a NaN */
        value.integer = (int64_t)value.real;
    return value;
}

static jw_result read_shape(row_reader *r, int column, int64_t fid, jw_gpkg_shape *out, jw_error *error)
{
    jw_gpkg_decoded *d = &r->decoded;
    *out = (jw_gpkg_shape){0};
    int type = sqlite3_column_type(r->statement, column);
    if (type == SQLITE_NULL)
        return JW_OK;
    char reason[200] = "the geometry is no blob";
    jw_result result = JW_ERROR_CORRUPT;
    if (type == SQLITE_BLOB) {
        const uint8_t *bytes = sqlite3_column_blob(r->statement, column);
        size_t size = (size_t)sqlite3_column_bytes(r->statement, column);
        result = jw_gpkg_decode(bytes, bytes ? size : 0, r->layer->geometry, d, reason, sizeof reason);
    }
    if (result == JW_ERROR_MEMORY)
        return jw_fail_memory(error);
    if (result == JW_OK && r->projection) {
        jw_error cause = {0};
        result = jw_projection_inverse(r->projection, d->lon_deg, d->lat_deg, d->point_count, d->lon_deg,
                                       d->lat_deg, &cause);
        snprintf(reason, sizeof reason, "%.199s", cause.message);
    }
    for (uint32_t i = 0; i < d->point_count && result == JW_OK; i++)
        if (!(jw_abs(d->lon_deg[i]) <= 360.0) || !(jw_abs(d->lat_deg[i]) <= 90.0)) {
            result = JW_ERROR_INPUT;
            snprintf(reason, sizeof reason, "lon %g, lat %g is not a place on Earth", d->lon_deg[i],
                     d->lat_deg[i]);
        }
    if (result != JW_OK)
        return jw_fail(error, result, r->gpkg->path, 0, "layer %s, fid %lld: %s", r->layer->name,
                       (long long)fid, reason);
    *out = (jw_gpkg_shape){d->lon_deg,    d->lat_deg,
                           d->part_first, d->part_starts_polygon,
                           d->part_count, d->has_z ? d->z_m : NULL};
    return JW_OK;
}

static jw_result read_rows(row_reader *r, jw_result (*on_row)(void *context, const jw_gpkg_row *row),
                           void *context, jw_error *error)
{
    int code;
    int64_t last_fid = 0;
    while ((code = sqlite3_step(r->statement)) == SQLITE_ROW) {
        jw_gpkg_row row = {.fid = sqlite3_column_int64(r->statement, 0),
                           .column_names = r->names,
                           .values = r->values,
                           .value_count = r->layer->field_count};
        int column = 1;
        for (uint32_t i = 0; i < row.value_count; i++)
            r->values[i] = read_value(r->statement, column++);
        jw_result result = JW_OK;
        if (r->layer->geometry_column)
            result = read_shape(r, column, row.fid, &row.shape, error);
        if (result == JW_OK)
            result = on_row(context, &row);
        if (result != JW_OK)
            return result;
        last_fid = row.fid;
    }
    if (code == SQLITE_DONE)
        return JW_OK;
    char what[300];
    snprintf(what, sizeof what, "reading layer %.200s after fid %lld", r->layer->name, (long long)last_fid);
    return jw_gpkg_fail(r->gpkg, what, error);
}

jw_result jw_gpkg_read(jw_gpkg *gpkg, uint32_t layer,
                       jw_result (*on_row)(void *context, const jw_gpkg_row *row), void *context,
                       jw_error *error)
{
    assert(layer < gpkg->layer_count);
    row_reader r = {.gpkg = gpkg, .layer = &gpkg->layers[layer]};
    if (r.layer->refusal[0])
        return jw_fail(error, JW_ERROR_UNSUPPORTED, gpkg->path, 0, "layer %s cannot be read: %s",
                       r.layer->name, r.layer->refusal);
    jw_result result = make_projection(&r, error);
    if (result == JW_OK)
        result = prepare_read(&r, error);
    if (result == JW_OK)
        result = read_rows(&r, on_row, context, error);
    sqlite3_finalize(r.statement);
    jw_projection_destroy(r.projection);
    jw_gpkg_decoded_free(&r.decoded);
    jw_free(r.values);
    jw_free(r.names);
    return result;
}

const jw_gpkg_value *jw_gpkg_row_value(const jw_gpkg_row *row, const char *column)
{
    for (uint32_t i = 0; i < row->value_count; i++)
        if (sqlite3_stricmp(row->column_names[i], column) == 0)
            return row->values[i].is_null ? NULL : &row->values[i];
    return NULL;
}
