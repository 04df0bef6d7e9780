/* Geometry blobs: the GeoPackage header with its envelope, then well-known binary (ISO, and the high bit that
 * older writers set for heights). Written little-endian; read in either byte order, measures skipped. Lines
 * and points may have heights. */
#include "geo/gpkg_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WKB_POINT = 1, WKB_LINESTRING, WKB_POLYGON, WKB_MULTIPOINT, WKB_MULTILINESTRING, WKB_MULTIPOLYGON };

#define HEADER_BYTES    8
#define ENVELOPE_XY     1
#define FLAG_LITTLE     0x01
#define FLAG_EMPTY      0x10
#define FLAG_EXTENDED   0x20
#define HEIGHT_MAX_M    10000.0 /* beyond, and what is no number: none */
#define EWKB_HAS_HEIGHT 0x80000000u
#define WKB_HEIGHT      1000u /* added to the type */

/* ---- out ----------------------------------------------------------------------------------------------- */

static jw_result check_shape(const jw_gpkg_layer *layer, const char *path, const jw_gpkg_shape *shape,
                             jw_box *out_bounds, jw_error *error)
{
    bool is_single = layer->geometry == JW_GPKG_POINT || layer->geometry == JW_GPKG_LINESTRING;
    if (is_single && shape->part_count != 1)
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "layer %s: %u parts where one is due", layer->name,
                       shape->part_count);
    *out_bounds = jw_box_empty();
    for (uint32_t part = 0; part < shape->part_count; part++) {
        uint32_t first = shape->part_first[part], end = shape->part_first[part + 1];
        uint32_t count = end - first;
        bool is_enough = layer->geometry == JW_GPKG_POINT        ? count == 1
                         : layer->geometry == JW_GPKG_LINESTRING ? count >= 2
                                                                 : count >= 3;
        if (end < first || !is_enough)
            return jw_fail(error, JW_ERROR_INPUT, path, 0, "layer %s: part %u of a shape has %u points",
                           layer->name, part, count);
        for (uint32_t i = first; i < end; i++) {
            if (!isfinite(shape->lon_deg[i]) || !isfinite(shape->lat_deg[i]))
                return jw_fail(error, JW_ERROR_INPUT, path, 0,
                               "layer %s: point %u of a shape is not a number", layer->name, i);
            *out_bounds = jw_box_extend(*out_bounds, shape->lon_deg[i], shape->lat_deg[i]);
        }
    }
    return JW_OK;
}

static void write_points(jw_writer *out, const jw_gpkg_shape *shape, uint32_t part, bool is_ring)
{
    uint32_t first = shape->part_first[part], end = shape->part_first[part + 1];
    jw_write_u32(out, end - first + (is_ring ? 1 : 0));
    for (uint32_t i = first; i < end + (is_ring ? 1 : 0); i++) {
        uint32_t k = i < end ? i : first;
        jw_write_f64(out, shape->lon_deg[k]);
        jw_write_f64(out, shape->lat_deg[k]);
        if (shape->z_m && !is_ring)
            jw_write_f64(out, shape->z_m[k]);
    }
}

static void write_wkb_header(jw_writer *out, uint32_t type)
{
    jw_write_u8(out, 1); /* little-endian */
    jw_write_u32(out, type);
}

static bool starts_polygon(const jw_gpkg_shape *shape, uint32_t part)
{
    return part == 0 || (shape->part_starts_polygon && shape->part_starts_polygon[part]);
}

/* Returns the part after the polygon's last ring. */
static uint32_t write_polygon(jw_writer *out, const jw_gpkg_shape *shape, uint32_t part, bool is_only)
{
    uint32_t end = part + 1;
    while (end < shape->part_count && (is_only || !starts_polygon(shape, end)))
        end++;
    write_wkb_header(out, WKB_POLYGON);
    jw_write_u32(out, end - part);
    for (; part < end; part++)
        write_points(out, shape, part, true);
    return end;
}

jw_result jw_gpkg_encode(const jw_gpkg_layer *layer, const char *path, const jw_gpkg_shape *shape,
                         jw_writer *out, jw_box *out_bounds, jw_error *error)
{
    jw_result result = check_shape(layer, path, shape, out_bounds, error);
    if (result != JW_OK)
        return result;
    out->size = 0;
    jw_write_bytes(out, "GP", 2);
    jw_write_u8(out, 0); /* version */
    jw_write_u8(out, FLAG_LITTLE | ENVELOPE_XY << 1);
    jw_write_u32(out, (uint32_t)layer->srs_id);
    jw_write_f64(out, out_bounds->min_x);
    jw_write_f64(out, out_bounds->max_x);
    jw_write_f64(out, out_bounds->min_y);
    jw_write_f64(out, out_bounds->max_y);
    uint32_t first = shape->part_first[0];
    uint32_t polygons = 0, height = shape->z_m ? WKB_HEIGHT : 0;
    switch (layer->geometry) {
    case JW_GPKG_POINT:
        write_wkb_header(out, WKB_POINT + height);
        jw_write_f64(out, shape->lon_deg[first]);
        jw_write_f64(out, shape->lat_deg[first]);
        if (shape->z_m)
            jw_write_f64(out, shape->z_m[first]);
        break;
    case JW_GPKG_LINESTRING:
        write_wkb_header(out, WKB_LINESTRING + height);
        write_points(out, shape, 0, false);
        break;
    case JW_GPKG_POLYGON:
        write_polygon(out, shape, 0, true);
        break;
    case JW_GPKG_MULTIPOLYGON:
        for (uint32_t part = 0; part < shape->part_count; part++)
            polygons += starts_polygon(shape, part);
        write_wkb_header(out, WKB_MULTIPOLYGON);
        jw_write_u32(out, polygons);
        for (uint32_t part = 0; part < shape->part_count;)
            part = write_polygon(out, shape, part, false);
        break;
    case JW_GPKG_NONE:
        break;
    }
    return out->failed ? jw_fail_memory(error) : JW_OK;
}

/* ---- in ------------------------------------------------------------------------------------------------ */

typedef struct cursor {
    const uint8_t *at;
    size_t left;
    bool is_little;
    uint32_t stride; /* doubles a point: 2 to 4 */
    bool has_z;      /* the third is a height */
    jw_gpkg_decoded *out;
    char *reason;
    size_t reason_size;
} cursor;

static jw_result damaged(const cursor *c, const char *why)
{
    snprintf(c->reason, c->reason_size, "%s", why);
    return JW_ERROR_CORRUPT;
}

static uint64_t take(cursor *c, uint32_t size)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < size; i++)
        value |= (uint64_t)c->at[i] << 8 * (c->is_little ? i : size - 1 - i);
    c->at += size;
    c->left -= size;
    return value;
}

static double take_double(cursor *c)
{
    uint64_t bits = take(c, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static jw_result read_wkb_header(cursor *c, uint32_t *out_type)
{
    if (c->left < 5)
        return damaged(c, "the geometry is cut off");
    uint64_t order = take(c, 1);
    if (order > 1)
        return damaged(c, "the geometry has an unknown byte order");
    c->is_little = order == 1;
    uint32_t type = (uint32_t)take(c, 4);
    bool has_old_height = (type & EWKB_HAS_HEIGHT) != 0;
    type &= ~EWKB_HAS_HEIGHT;
    uint32_t dimensions = type / 1000; /* 0: xy, 1: z, 2: m, 3: zm */
    if (dimensions > 3 || type % 1000 < WKB_POINT || type % 1000 > WKB_MULTIPOLYGON)
        return damaged(c, "the geometry is no point, line or polygon");
    c->stride = 2 + (dimensions == 3 ? 2 : dimensions > 0 || has_old_height ? 1 : 0);
    c->has_z = dimensions == 1 || dimensions == 3 || has_old_height;
    *out_type = type % 1000;
    return JW_OK;
}

/* A count of things of at least `size` bytes each, which the rest of the blob must hold. */
static jw_result read_count(cursor *c, uint32_t size, uint32_t *out)
{
    if (c->left < 4)
        return damaged(c, "the geometry is cut off");
    *out = (uint32_t)take(c, 4);
    if ((uint64_t)*out * size > c->left)
        return damaged(c, "the geometry is shorter than it says");
    return JW_OK;
}

/* Appends a part of `count` points. A ring loses its repeated last point. */
static jw_result read_part(cursor *c, uint32_t count, bool is_ring, bool begins_polygon)
{
    jw_gpkg_decoded *out = c->out;
    uint64_t total = (uint64_t)out->point_count + count;
    if (total > JW_GPKG_POINT_LIMIT) {
        snprintf(c->reason, c->reason_size, "the geometry has more than %u points", JW_GPKG_POINT_LIMIT);
        return JW_ERROR_LIMIT;
    }
    if (jw_grow(&out->lon_deg, &out->lon_capacity, total, sizeof *out->lon_deg, NULL) ||
        jw_grow(&out->lat_deg, &out->lat_capacity, total, sizeof *out->lat_deg, NULL) ||
        jw_grow(&out->z_m, &out->z_capacity, total, sizeof *out->z_m, NULL) ||
        jw_grow(&out->part_first, &out->first_capacity, out->part_count + 2ull, sizeof *out->part_first,
                NULL) ||
        jw_grow(&out->part_starts_polygon, &out->starts_capacity, out->part_count + 1ull, 1, NULL))
        return JW_ERROR_MEMORY;
    uint32_t first = out->point_count;
    for (uint32_t i = 0; i < count; i++) {
        double x = take_double(c), y = take_double(c);
        double z = 0;
        for (uint32_t k = 2; k < c->stride; k++) {
            double value = take_double(c);
            z = k == 2 && c->has_z && jw_abs(value) <= HEIGHT_MAX_M ? value : z;
        }
        out->z_m[first + i] = z;
        out->has_z |= c->has_z;
        if (!isfinite(x) || !isfinite(y))
            return damaged(c, "a coordinate of the geometry is not a number");
        out->lon_deg[first + i] = x;
        out->lat_deg[first + i] = y;
    }
    if (is_ring && count > 1 && out->lon_deg[first] == out->lon_deg[first + count - 1] &&
        out->lat_deg[first] == out->lat_deg[first + count - 1])
        count--;
    out->point_count = first + count;
    out->part_first[out->part_count] = first;
    out->part_starts_polygon[out->part_count++] = begins_polygon;
    out->part_first[out->part_count] = out->point_count;
    return JW_OK;
}

static jw_result read_point(cursor *c)
{
    if (c->left < 8u * c->stride)
        return damaged(c, "the geometry is cut off");
    cursor ahead = *c;
    if (isnan(take_double(&ahead)) && isnan(take_double(&ahead))) { /* an empty point */
        c->at += 8u * c->stride;
        c->left -= 8u * c->stride;
        return JW_OK;
    }
    return read_part(c, 1, false, true);
}

static jw_result read_line(cursor *c)
{
    uint32_t count;
    jw_result result = read_count(c, 8 * c->stride, &count);
    return result != JW_OK || count == 0 ? result : read_part(c, count, false, true);
}

static jw_result read_polygon(cursor *c)
{
    uint32_t rings;
    jw_result result = read_count(c, 4, &rings);
    bool has_outer = false;
    for (uint32_t r = 0; r < rings && result == JW_OK; r++) {
        uint32_t count;
        result = read_count(c, 8 * c->stride, &count);
        if (result != JW_OK || count == 0)
            continue;
        if (r > 0 && !has_outer)
            return damaged(c, "a polygon has a hole, but no outside");
        result = read_part(c, count, true, r == 0);
        has_outer = true;
    }
    return result;
}

static jw_result read_single(cursor *c, uint32_t type)
{
    return type == WKB_POINT ? read_point(c) : type == WKB_LINESTRING ? read_line(c) : read_polygon(c);
}

static jw_result read_geometry(cursor *c, jw_gpkg_geometry geometry)
{
    uint32_t type;
    jw_result result = read_wkb_header(c, &type);
    if (result != JW_OK)
        return result;
    bool is_multi = type >= WKB_MULTIPOINT;
    uint32_t single = is_multi ? type - 3 : type;
    uint32_t wanted = geometry == JW_GPKG_POINT        ? WKB_POINT
                      : geometry == JW_GPKG_LINESTRING ? WKB_LINESTRING
                                                       : WKB_POLYGON;
    if (single != wanted)
        return damaged(c, "the geometry is of another kind than its layer");
    if (!is_multi)
        return read_single(c, single);
    uint32_t count;
    result = read_count(c, 9, &count);
    for (uint32_t i = 0; i < count && result == JW_OK; i++) {
        result = read_wkb_header(c, &type);
        if (result == JW_OK && type != single)
            result = damaged(c, "the parts of the geometry are of several kinds");
        if (result == JW_OK)
            result = read_single(c, single);
    }
    return result;
}

jw_result jw_gpkg_decode(const uint8_t *bytes, size_t size, jw_gpkg_geometry geometry, jw_gpkg_decoded *out,
                         char *out_reason, size_t reason_size)
{
    static const uint8_t envelope_bytes[] = {0, 32, 48, 48, 64};
    cursor c = {.at = bytes, .left = size, .out = out, .reason = out_reason, .reason_size = reason_size};
    out->point_count = 0;
    out->part_count = 0;
    out->has_z = false;
    if (size < HEADER_BYTES || bytes[0] != 'G' || bytes[1] != 'P' || bytes[2] != 0)
        return damaged(&c, "the geometry is no GeoPackage geometry");
    uint8_t flags = bytes[3];
    uint32_t envelope = flags >> 1 & 7;
    if (flags & FLAG_EXTENDED)
        return damaged(&c, "the geometry is of an extended kind");
    if (envelope >= sizeof envelope_bytes || size < HEADER_BYTES + (size_t)envelope_bytes[envelope])
        return damaged(&c, "the geometry's header is damaged");
    if (flags & FLAG_EMPTY)
        return JW_OK;
    c.at += HEADER_BYTES + envelope_bytes[envelope];
    c.left -= HEADER_BYTES + (size_t)envelope_bytes[envelope];
    return read_geometry(&c, geometry);
}

void jw_gpkg_decoded_free(jw_gpkg_decoded *decoded)
{
    jw_free(decoded->lon_deg);
    jw_free(decoded->lat_deg);
    jw_free(decoded->z_m);
    jw_free(decoded->part_first);
    jw_free(decoded->part_starts_polygon);
    *decoded = (jw_gpkg_decoded){0};
}

/* ---- functions for the triggers ------------------------------------------------------------------------ */

/* The functions are needed for rows written by this program, whose headers are little-endian and have an
 * envelope: NULL for anything else. */
static const uint8_t *own_blob(sqlite3_value *value)
{
    const uint8_t *bytes = sqlite3_value_blob(value);
    bool is_own = bytes && sqlite3_value_bytes(value) >= HEADER_BYTES + 32 && bytes[0] == 'G' &&
                  bytes[1] == 'P' && (bytes[3] & 0x0F) == (FLAG_LITTLE | ENVELOPE_XY << 1);
    return is_own ? bytes : NULL;
}

static void is_empty_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const uint8_t *bytes = own_blob(values[0]);
    if (bytes)
        sqlite3_result_int(context, (bytes[3] & FLAG_EMPTY) != 0);
}

/* The user data is the number of the bound within the envelope: min x, max x, min y, max y. */
static void bound_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const uint8_t *bytes = own_blob(values[0]);
    if (!bytes)
        return;
    const uint8_t *bound = sqlite3_user_data(context);
    jw_reader reader = jw_reader_make(bytes + HEADER_BYTES + 8 * (size_t)*bound, 8);
    sqlite3_result_double(context, jw_read_f64(&reader));
}

int jw_gpkg_add_functions(sqlite3 *db)
{
    static const char *const names[] = {"ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"};
    static const uint8_t bounds[] = {0, 1, 2, 3};
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int code =
        sqlite3_create_function_v2(db, "ST_IsEmpty", 1, flags, NULL, is_empty_function, NULL, NULL, NULL);
    for (uint32_t i = 0; i < JW_COUNT_OF(names) && code == SQLITE_OK; i++)
        code = sqlite3_create_function_v2(db, names[i], 1, flags, (void *)(uintptr_t)&bounds[i],
                                          bound_function, NULL, NULL, NULL);
    return code;
}
