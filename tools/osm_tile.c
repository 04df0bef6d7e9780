/* jw_osm_tile IN.osm.pbf OUT.osm.pbf COPIES: a large map from a small one, for measurements of loading. The
 * copies lie side by side in a square; each has ids of its own.
 *
 * Nothing is decoded that stays as it is: a copy moves by the offsets of its blocks, and as ids are coded by
 * their differences, only the first of each run is rewritten. */
#include "base/base.h"
#include "city/osm_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Between the ids of two copies: above all ids in use (13e9 in 2026). */
#define ID_STEP UINT64_C(100000000000)

enum { FILE_MAX = 1 << 30, BLOB_MAX = 32 << 20 };

typedef struct tiler {
    const char *name;
    jw_error error;
    FILE *out;
    uint8_t *raw; /* BLOB_MAX bytes: a block unpacked */
    uint64_t id_offset;
    int64_t lon_offset, lat_offset; /* nanodegrees, of this copy */
    int64_t west, east, north, south;
} tiler;

static uint64_t zigzag(uint64_t value)
{
    return value << 1 ^ (0 - (value >> 63));
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

/* ---- writing messages ---- */

static void put_varint(jw_writer *w, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        jw_write_u8(w, (uint8_t)(value | 0x80));
    jw_write_u8(w, (uint8_t)value);
}

static void put_number(jw_writer *w, uint32_t field, uint64_t value)
{
    put_varint(w, (uint64_t)field << 3);
    put_varint(w, value);
}

static void put_bytes(jw_writer *w, uint32_t field, const void *bytes, size_t size)
{
    put_varint(w, (uint64_t)field << 3 | 2);
    put_varint(w, size);
    jw_write_bytes(w, bytes, size);
}

static void put_message(jw_writer *w, uint32_t field, jw_writer *message)
{
    put_bytes(w, field, message->bytes, message->size);
    w->failed = w->failed || message->failed;
    jw_writer_free(message);
}

/* ---- a copy of each message ---- */

/* A run of differences whose first is moved. */
static void copy_run(const tiler *t, jw_writer *w, const jw_wire_field *f)
{
    jw_wire_cursor run = f->bytes;
    jw_writer moved = {0};
    if (run.at < run.end) {
        put_varint(&moved, zigzag(jw_wire_zigzag(&run) + t->id_offset));
        jw_write_bytes(&moved, run.at, (size_t)(run.end - run.at));
    }
    put_message(w, f->number, &moved);
}

/* Copies a node, nodes, way or relation. `id`, `run`: numbers of the fields that hold a single id and a run
 * of them (0: none); a single id is in sint coding where `is_signed`. */
static bool copy_element(const tiler *t, jw_writer *out, uint32_t number, jw_wire_cursor c, uint32_t id,
                         bool is_signed, uint32_t run)
{
    jw_writer w = {0};
    const uint8_t *begin = c.at;
    for (jw_wire_field f; jw_wire_next(&c, &f); begin = c.at) {
        if (f.number == id)
            put_number(&w, id,
                       is_signed ? zigzag((uint64_t)unzigzag(f.value) + t->id_offset)
                                 : f.value + t->id_offset);
        else if (f.number == run)
            copy_run(t, &w, &f);
        else
            jw_write_bytes(&w, begin, (size_t)(c.at - begin));
    }
    put_message(out, number, &w);
    return !c.failed;
}

static bool copy_group(const tiler *t, jw_writer *out, jw_wire_cursor c)
{
    jw_writer w = {0};
    bool is_ok = true;
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        if (f.number == 1)
            is_ok = copy_element(t, &w, 1, f.bytes, 1, true, 0) && is_ok;
        else if (f.number == 2)
            is_ok = copy_element(t, &w, 2, f.bytes, 0, false, 1) && is_ok;
        else if (f.number == 3)
            is_ok = copy_element(t, &w, 3, f.bytes, 1, false, 8) && is_ok;
        else if (f.number == 4)
            is_ok = copy_element(t, &w, 4, f.bytes, 1, false, 9) && is_ok;
    }
    put_message(out, 2, &w);
    return is_ok && !c.failed;
}

static bool copy_block(const tiler *t, jw_writer *out, jw_wire_cursor c)
{
    int64_t lat = t->lat_offset, lon = t->lon_offset;
    bool is_ok = true;
    const uint8_t *begin = c.at;
    for (jw_wire_field f; jw_wire_next(&c, &f); begin = c.at) {
        if (f.number == 2)
            is_ok = copy_group(t, out, f.bytes) && is_ok;
        else if (f.number == 19)
            lat += (int64_t)f.value;
        else if (f.number == 20)
            lon += (int64_t)f.value;
        else
            jw_write_bytes(out, begin, (size_t)(c.at - begin));
    }
    put_number(out, 19, (uint64_t)lat);
    put_number(out, 20, (uint64_t)lon);
    return is_ok && !c.failed;
}

/* ---- blobs ---- */

static bool fail(tiler *t, const char *what)
{
    jw_fail(&t->error, JW_ERROR_CORRUPT, t->name, 0, "%s", what);
    return false;
}

static bool write_blob(tiler *t, const char *type, const jw_writer *message)
{
    uLongf size = compressBound(message->size);
    uint8_t *packed = malloc(size);
    jw_writer blob = {0}, header = {0};
    bool is_ok = !message->failed && message->size <= BLOB_MAX && packed &&
                 compress2(packed, &size, message->bytes, message->size, Z_DEFAULT_COMPRESSION) == Z_OK;
    if (is_ok) {
        put_number(&blob, 2, message->size);
        put_bytes(&blob, 3, packed, size);
        put_bytes(&header, 1, type, strlen(type));
        put_number(&header, 3, blob.size);
        uint8_t length[4] = {0, 0, (uint8_t)(header.size >> 8), (uint8_t)header.size};
        is_ok = !blob.failed && !header.failed && fwrite(length, 1, sizeof length, t->out) == sizeof length &&
                fwrite(header.bytes, 1, header.size, t->out) == header.size &&
                fwrite(blob.bytes, 1, blob.size, t->out) == blob.size;
    }
    free(packed);
    jw_writer_free(&blob);
    jw_writer_free(&header);
    return is_ok || fail(t, "writing failed: no memory or no room");
}

/* The message of the blob at *file, which moves on. *out_is_data: else the header. */
static bool open_blob(tiler *t, jw_wire_cursor *file, jw_wire_cursor *out, bool *out_is_data)
{
    if (file->end - file->at < 4)
        return fail(t, "the file is cut");
    uint32_t size =
        (uint32_t)file->at[0] << 24 | (uint32_t)file->at[1] << 16 | (uint32_t)file->at[2] << 8 | file->at[3];
    file->at += 4;
    if (size > file->end - file->at)
        return fail(t, "no PBF file, or cut");
    jw_wire_cursor header = {file->at, file->at + size, false};
    file->at += size;
    uint64_t blob_size = 0, raw_size = 0;
    for (jw_wire_field f; jw_wire_next(&header, &f);) {
        if (f.number == 1)
            *out_is_data = f.bytes.end - f.bytes.at == 7 && memcmp(f.bytes.at, "OSMData", 7) == 0;
        else if (f.number == 3)
            blob_size = f.value;
    }
    if (header.failed || blob_size > (uint64_t)(file->end - file->at))
        return fail(t, "no PBF file, or cut");
    jw_wire_cursor blob = {file->at, file->at + blob_size, false}, zipped = {0};
    file->at += blob_size;
    *out = (jw_wire_cursor){0};
    for (jw_wire_field f; jw_wire_next(&blob, &f);) {
        if (f.number == 1)
            *out = f.bytes;
        else if (f.number == 2)
            raw_size = f.value;
        else if (f.number == 3)
            zipped = f.bytes;
    }
    if (out->at)
        return true;
    uLongf got = BLOB_MAX;
    if (blob.failed || !zipped.at || raw_size > BLOB_MAX ||
        uncompress(t->raw, &got, zipped.at, (uLong)(zipped.end - zipped.at)) != Z_OK)
        return fail(t, "a damaged block, or one not packed by zlib");
    *out = (jw_wire_cursor){t->raw, t->raw + got, false};
    return true;
}

/* ---- the map ---- */

static bool read_bounds(tiler *t, jw_wire_cursor header)
{
    bool is_found = false;
    for (jw_wire_field f; jw_wire_next(&header, &f);) {
        if (f.number != 1)
            continue;
        is_found = true;
        for (jw_wire_field g; jw_wire_next(&f.bytes, &g);) {
            int64_t value = unzigzag(g.value);
            t->west = g.number == 1 ? value : t->west;
            t->east = g.number == 2 ? value : t->east;
            t->north = g.number == 3 ? value : t->north;
            t->south = g.number == 4 ? value : t->south;
        }
    }
    if (!is_found || t->west >= t->east || t->south >= t->north)
        return fail(t, "the header says no bounds; add them (osmium extract --set-bounds)");
    return true;
}

static bool write_header(tiler *t, uint32_t columns, uint32_t rows)
{
    jw_writer header = {0}, box = {0};
    put_number(&box, 1, zigzag((uint64_t)t->west));
    put_number(&box, 2, zigzag((uint64_t)(t->west + (t->east - t->west) * columns)));
    put_number(&box, 3, zigzag((uint64_t)(t->south + (t->north - t->south) * rows)));
    put_number(&box, 4, zigzag((uint64_t)t->south));
    put_message(&header, 1, &box);
    put_bytes(&header, 4, "OsmSchema-V0.6", 14);
    put_bytes(&header, 4, "DenseNodes", 10);
    bool is_ok = write_blob(t, "OSMHeader", &header);
    jw_writer_free(&header);
    return is_ok;
}

static bool write_copy(tiler *t, jw_wire_cursor file)
{
    while (file.at < file.end) {
        jw_wire_cursor message;
        bool is_data;
        if (!open_blob(t, &file, &message, &is_data))
            return false;
        if (!is_data)
            continue;
        jw_writer block = {0};
        bool is_ok = copy_block(t, &block, message) || fail(t, "a damaged block");
        is_ok = is_ok && write_blob(t, "OSMData", &block);
        jw_writer_free(&block);
        if (!is_ok)
            return false;
    }
    return true;
}

static bool tile(tiler *t, jw_wire_cursor file, uint32_t copies)
{
    uint32_t columns = 1;
    while (columns * columns < copies)
        columns++;
    jw_wire_cursor first = file, header;
    bool is_data;
    if (!open_blob(t, &first, &header, &is_data) || !read_bounds(t, header) ||
        !write_header(t, columns, (copies + columns - 1) / columns))
        return false;
    for (uint32_t i = 0; i < copies; i++) {
        t->id_offset = ID_STEP * i;
        t->lon_offset = (t->east - t->west) * (i % columns);
        t->lat_offset = (t->north - t->south) * (i / columns);
        if (!write_copy(t, file))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    double copies;
    if (argc != 4 || !jw_text_to_number(argv[3], &copies) || copies < 1 || copies > 1000) {
        fprintf(stderr, "usage: jw_osm_tile IN.osm.pbf OUT.osm.pbf COPIES (1 to 1000)\n");
        return 2;
    }
    tiler t = {.name = argv[1]};
    char *bytes = NULL, text[1024];
    size_t size = 0;
    bool is_ok = jw_file_read(argv[1], FILE_MAX, &bytes, &size, &t.error) == JW_OK;
    if (is_ok) {
        t.raw = malloc(BLOB_MAX);
        t.out = fopen(argv[2], "wb");
        is_ok = t.raw && t.out;
        if (!is_ok)
            jw_fail(&t.error, JW_ERROR_IO, argv[2], 0, "cannot be written");
    }
    const uint8_t *begin = (const uint8_t *)bytes;
    is_ok = is_ok && tile(&t, (jw_wire_cursor){begin, begin + size, false}, (uint32_t)copies);
    if (t.out && fclose(t.out) != 0 && is_ok)
        is_ok = fail(&t, "writing failed: no room");
    free(t.raw);
    jw_free(bytes);
    if (is_ok)
        return 0;
    jw_error_format(&t.error, text, sizeof text);
    fprintf(stderr, "jw_osm_tile: %s\n", text);
    return 1;
}
