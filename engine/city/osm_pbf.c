/* OSM PBF: length-prefixed blobs, zlib inside, protobuf messages in those
 * (https://wiki.openstreetmap.org/wiki/PBF_Format). */
#include "city/osm_internal.h"
#include "city/osm_wire.h"

#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#define HEADER_MAX (64 << 10) /* of a blob's header: the format's limit */

/* ---- blobs ---- */

typedef struct reader {
    jw_source *source;
    jw_osm_store *store;
    jw_error *error;
    uint64_t blob_at;    /* byte in the file where the current blob begins */
    uint64_t read_bytes; /* of blobs so far, packed and unpacked */
    uint64_t unpacked_bytes;
    uint8_t *packed, *unpacked;
    uint32_t packed_capacity, unpacked_capacity;
    char *texts; /* strings of the block, zero-terminated */
    uint32_t text_size, text_capacity;
    uint32_t *offsets; /* of string i in texts */
    uint32_t string_count, offset_capacity;
    int64_t granularity, lat_offset, lon_offset; /* nanodegrees */
    jw_osm_tag *tags;
    uint32_t tag_capacity;
    uint64_t *refs;
    uint32_t ref_capacity;
    jw_osm_member *members;
    uint32_t member_capacity;
    uint64_t element_count;
} reader;

static jw_result damaged(reader *r, const char *what)
{
    return jw_fail(r->error, JW_ERROR_CORRUPT, r->store->name, 0,
                   "%s in the block at byte %" PRIu64 ": the file is cut or damaged; fetch it again", what,
                   r->blob_at);
}

static jw_result read_exactly(reader *r, void *out, size_t size, const char *what)
{
    size_t got;
    jw_result result = jw_source_read(r->source, out, size, &got, r->error);
    if (result == JW_OK && got < size)
        return damaged(r, what);
    return result;
}

static jw_result inflate_blob(reader *r, jw_wire_cursor zipped, uint64_t raw_size, jw_wire_cursor *out)
{
    if (raw_size == 0 || raw_size > JW_OSM_BLOB_MAX)
        return jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, 0,
                       "the block at byte %" PRIu64 " says it unpacks to %" PRIu64
                       " bytes; 1 to %u are taken",
                       r->blob_at, raw_size, JW_OSM_BLOB_MAX);
    r->unpacked_bytes += raw_size;
    if (r->unpacked_bytes > r->read_bytes * JW_SOURCE_GZIP_RATIO + JW_OSM_BLOB_MAX)
        return jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, 0,
                       "the file inflates more than %d times (near byte %" PRIu64 "): no map does; refused",
                       JW_SOURCE_GZIP_RATIO, r->blob_at);
    jw_result result = jw_grow(&r->unpacked, &r->unpacked_capacity, raw_size, 1, r->error);
    if (result != JW_OK)
        return result;
    z_stream zlib = {.next_in = (Bytef *)zipped.at,
                     .avail_in = (uInt)(zipped.end - zipped.at),
                     .next_out = r->unpacked,
                     .avail_out = (uInt)raw_size};
    if (inflateInit(&zlib) != Z_OK)
        return jw_fail_memory(r->error);
    int status = inflate(&zlib, Z_FINISH);
    inflateEnd(&zlib);
    if (status != Z_STREAM_END || zlib.avail_out != 0)
        return damaged(r, "packed bytes that do not give the stated size");
    *out = (jw_wire_cursor){r->unpacked, r->unpacked + raw_size, false};
    return JW_OK;
}

/* The message inside of a blob. */
static jw_result unpack_blob(reader *r, uint32_t size, jw_wire_cursor *out)
{
    static const char *const codings[] = {[4] = "lzma", [5] = "bzip2", [6] = "lz4", [7] = "zstd"};
    jw_wire_cursor c = {r->packed, r->packed + size, false}, zipped = {0};
    uint64_t raw_size = 0;
    bool is_found = false;
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        if (f.number == 1) {
            *out = f.bytes;
            is_found = true;
        } else if (f.number == 2) {
            raw_size = f.value;
        } else if (f.number == 3) {
            zipped = f.bytes;
        } else if (f.number >= 4 && f.number <= 7) {
            return jw_fail(r->error, JW_ERROR_UNSUPPORTED, r->store->name, 0,
                           "blocks are packed by %s (at byte %" PRIu64
                           "); only zlib is read. Repack: osmium cat -f pbf,pbf_compression=zlib IN -o OUT",
                           codings[f.number], r->blob_at);
        }
    }
    if (c.failed)
        return damaged(r, "a broken blob");
    if (is_found)
        return JW_OK;
    return zipped.at ? inflate_blob(r, zipped, raw_size, out) : damaged(r, "a blob without data");
}

static bool is_text(jw_wire_cursor bytes, const char *text)
{
    size_t size = strlen(text);
    return (size_t)(bytes.end - bytes.at) == size && memcmp(bytes.at, text, size) == 0;
}

/* ---- header ---- */

static void read_bounds(reader *r, jw_wire_cursor c)
{
    int64_t west = 0, east = 0, north = 0, south = 0;
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        int64_t value = (int64_t)(f.value >> 1 ^ (0 - (f.value & 1))) / 100;
        west = f.number == 1 ? value : west;
        east = f.number == 2 ? value : east;
        north = f.number == 3 ? value : north;
        south = f.number == 4 ? value : south;
    }
    if (!c.failed)
        jw_osm_take_bounds(r->store, west, south, east, north);
}

static jw_result read_header(reader *r, jw_wire_cursor c)
{
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        if (f.number == 1)
            read_bounds(r, f.bytes);
        if (f.number != 4 || is_text(f.bytes, "OsmSchema-V0.6") || is_text(f.bytes, "DenseNodes"))
            continue;
        if (is_text(f.bytes, "HistoricalInformation"))
            return jw_fail(
                r->error, JW_ERROR_UNSUPPORTED, r->store->name, 0,
                "a history file, with every version of every element; take one moment out of it (osmium "
                "time-filter)");
        return jw_fail(r->error, JW_ERROR_UNSUPPORTED, r->store->name, 0,
                       "the file needs the feature \"%.*s\", which is not known here",
                       (int)(f.bytes.end - f.bytes.at < 60 ? f.bytes.end - f.bytes.at : 60),
                       (const char *)f.bytes.at);
    }
    return c.failed ? damaged(r, "a broken header") : JW_OK;
}

/* ---- elements ---- */

static const char *string_at(const reader *r, uint64_t index)
{
    return index < r->string_count ? r->texts + r->offsets[index] : NULL;
}

static jw_result read_strings(reader *r, jw_wire_cursor c)
{
    r->string_count = r->text_size = 0;
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        if (f.number != 1)
            continue;
        size_t size = (size_t)(f.bytes.end - f.bytes.at);
        if (size >= JW_OSM_ATTRIBUTE_MAX)
            return jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, 0,
                           "a text of %zu bytes in the block at byte %" PRIu64 "; at most %u are taken", size,
                           r->blob_at, JW_OSM_ATTRIBUTE_MAX - 1);
        jw_result result =
            jw_grow(&r->texts, &r->text_capacity, (uint64_t)r->text_size + size + 1, 1, r->error);
        if (result == JW_OK)
            result = jw_grow(&r->offsets, &r->offset_capacity, (uint64_t)r->string_count + 1,
                             sizeof *r->offsets, r->error);
        if (result != JW_OK)
            return result;
        r->offsets[r->string_count++] = r->text_size;
        if (size > 0)
            memcpy(r->texts + r->text_size, f.bytes.at, size);
        r->texts[r->text_size + size] = '\0';
        r->text_size += (uint32_t)size + 1;
    }
    return c.failed ? damaged(r, "a broken table of texts") : JW_OK;
}

/* One tag more in r->tags. */
static jw_result add_tag(reader *r, uint32_t *count, uint64_t key_index, uint64_t value_index)
{
    const char *key = string_at(r, key_index), *value = string_at(r, value_index);
    if (!key || !value)
        return damaged(r, "a tag outside of the table of texts");
    if (*count >= JW_OSM_TAGS_MAX)
        return jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, 0,
                       "an element with more than %d tags in the block at byte %" PRIu64, JW_OSM_TAGS_MAX,
                       r->blob_at);
    jw_result result = jw_grow(&r->tags, &r->tag_capacity, (uint64_t)*count + 1, sizeof *r->tags, r->error);
    if (result == JW_OK)
        r->tags[(*count)++] = (jw_osm_tag){key, value};
    return result;
}

static jw_result read_tags(reader *r, jw_wire_cursor keys, jw_wire_cursor values, jw_osm_tags *out)
{
    uint32_t count = 0;
    jw_result result = JW_OK;
    while (result == JW_OK && keys.at < keys.end) {
        uint64_t key = jw_wire_varint(&keys), value = jw_wire_varint(&values);
        if (keys.failed || values.failed)
            return damaged(r, "broken tags");
        result = add_tag(r, &count, key, value);
    }
    *out = (jw_osm_tags){r->tags, count};
    return result;
}

/* Nanodegrees to the database's 1e-7 degrees, rounded; what overflows lies far outside of the earth. */
static int64_t degrees_e7(const reader *r, int64_t value, int64_t offset)
{
    int64_t nano;
    if (__builtin_mul_overflow(value, r->granularity, &nano) || __builtin_add_overflow(nano, offset, &nano))
        return INT64_MAX;
    return nano >= 0 ? nano / 100 + (nano % 100 >= 50) : nano / 100 - (nano % 100 <= -50);
}

static jw_result take_node(reader *r, uint64_t id, uint64_t lon, uint64_t lat, const jw_osm_tags *tags)
{
    r->element_count++;
    return jw_osm_take_node(r->store, id, degrees_e7(r, (int64_t)lon, r->lon_offset),
                            degrees_e7(r, (int64_t)lat, r->lat_offset), tags, r->error);
}

static jw_result read_node(reader *r, jw_wire_cursor c)
{
    uint64_t id = 0, lat = 0, lon = 0;
    jw_wire_cursor keys = {0}, values = {0};
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        uint64_t value = f.value >> 1 ^ (0 - (f.value & 1));
        id = f.number == 1 ? value : id;
        lat = f.number == 8 ? value : lat;
        lon = f.number == 9 ? value : lon;
        keys = f.number == 2 ? f.bytes : keys;
        values = f.number == 3 ? f.bytes : values;
    }
    if (c.failed)
        return damaged(r, "a broken node");
    jw_osm_tags tags;
    jw_result result = read_tags(r, keys, values, &tags);
    return result == JW_OK ? take_node(r, id, lon, lat, &tags) : result;
}

static jw_result read_dense_nodes(reader *r, jw_wire_cursor c)
{
    jw_wire_cursor ids = {0}, lats = {0}, lons = {0}, texts = {0};
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        ids = f.number == 1 ? f.bytes : ids;
        lats = f.number == 8 ? f.bytes : lats;
        lons = f.number == 9 ? f.bytes : lons;
        texts = f.number == 10 ? f.bytes : texts;
    }
    if (c.failed)
        return damaged(r, "broken nodes");
    uint64_t id = 0, lat = 0, lon = 0;
    while (ids.at < ids.end) {
        id += jw_wire_zigzag(&ids);
        lat += jw_wire_zigzag(&lats);
        lon += jw_wire_zigzag(&lons);
        uint32_t count = 0;
        while (texts.at < texts.end) {
            uint64_t key = jw_wire_varint(&texts);
            if (key == 0)
                break;
            jw_result result = add_tag(r, &count, key, jw_wire_varint(&texts));
            if (result != JW_OK)
                return result;
        }
        if (ids.failed || lats.failed || lons.failed || texts.failed)
            return damaged(r, "broken nodes");
        jw_osm_tags tags = {r->tags, count};
        jw_result result = take_node(r, id, lon, lat, &tags);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

static jw_result read_way(reader *r, jw_wire_cursor c)
{
    uint64_t id = 0, ref = 0;
    jw_wire_cursor keys = {0}, values = {0}, refs = {0};
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        id = f.number == 1 ? f.value : id;
        keys = f.number == 2 ? f.bytes : keys;
        values = f.number == 3 ? f.bytes : values;
        refs = f.number == 8 ? f.bytes : refs;
    }
    if (c.failed)
        return damaged(r, "a broken way");
    uint32_t count = 0;
    /* One above the limit is kept, so that the store sees that there are too many. */
    while (refs.at < refs.end && count <= JW_OSM_REFS_MAX) {
        jw_result result = jw_grow(&r->refs, &r->ref_capacity, (uint64_t)count + 1, sizeof ref, r->error);
        if (result != JW_OK)
            return result;
        ref += jw_wire_zigzag(&refs);
        r->refs[count++] = ref;
    }
    if (refs.failed)
        return damaged(r, "a broken way");
    r->element_count++;
    jw_osm_tags tags;
    jw_result result = read_tags(r, keys, values, &tags);
    return result == JW_OK ? jw_osm_take_way(r->store, id, r->refs, count, &tags, r->error) : result;
}

static jw_result read_relation(reader *r, jw_wire_cursor c)
{
    uint64_t id = 0, member_id = 0;
    jw_wire_cursor keys = {0}, values = {0}, roles = {0}, ids = {0}, types = {0};
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        id = f.number == 1 ? f.value : id;
        keys = f.number == 2 ? f.bytes : keys;
        values = f.number == 3 ? f.bytes : values;
        roles = f.number == 8 ? f.bytes : roles;
        ids = f.number == 9 ? f.bytes : ids;
        types = f.number == 10 ? f.bytes : types;
    }
    if (c.failed)
        return damaged(r, "a broken relation");
    uint32_t count = 0;
    while (ids.at < ids.end && count <= JW_OSM_MEMBERS_MAX) {
        jw_result result =
            jw_grow(&r->members, &r->member_capacity, (uint64_t)count + 1, sizeof *r->members, r->error);
        if (result != JW_OK)
            return result;
        member_id += jw_wire_zigzag(&ids);
        const char *role = string_at(r, jw_wire_varint(&roles));
        uint64_t type = jw_wire_varint(&types);
        if (ids.failed || roles.failed || types.failed || !role || type > JW_OSM_RELATION)
            return damaged(r, "a broken relation");
        r->members[count++] = (jw_osm_member){member_id, (uint8_t)type, (uint8_t)jw_osm_role_of(role)};
    }
    r->element_count++;
    jw_osm_tags tags;
    jw_result result = read_tags(r, keys, values, &tags);
    return result == JW_OK ? jw_osm_take_relation(r->store, id, r->members, count, &tags, r->error) : result;
}

static jw_result read_group(reader *r, jw_wire_cursor c)
{
    jw_result result = JW_OK;
    for (jw_wire_field f; result == JW_OK && jw_wire_next(&c, &f);) {
        if (f.number == 1)
            result = read_node(r, f.bytes);
        else if (f.number == 2)
            result = read_dense_nodes(r, f.bytes);
        else if (f.number == 3)
            result = read_way(r, f.bytes);
        else if (f.number == 4)
            result = read_relation(r, f.bytes);
    }
    return result == JW_OK && c.failed ? damaged(r, "a broken group") : result;
}

/* Two passes over the fields: what the groups need may stand behind them. */
static jw_result read_block(reader *r, jw_wire_cursor block)
{
    jw_wire_cursor c = block, strings = {0};
    r->granularity = 100;
    r->lat_offset = r->lon_offset = 0;
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        if (f.number == 1)
            strings = f.bytes;
        else if (f.number == 17)
            r->granularity = (int64_t)f.value;
        else if (f.number == 19)
            r->lat_offset = (int64_t)f.value;
        else if (f.number == 20)
            r->lon_offset = (int64_t)f.value;
    }
    if (c.failed)
        return damaged(r, "broken data");
    if (r->granularity < 1 || r->granularity > 1000000000)
        return damaged(r, "a senseless granularity");
    jw_result result = read_strings(r, strings);
    c = block;
    for (jw_wire_field f; result == JW_OK && jw_wire_next(&c, &f);)
        if (f.number == 2)
            result = read_group(r, f.bytes);
    return result;
}

/* ---- the file ---- */

/* One blob; *out_end at the end of the file. */
static jw_result read_blob(reader *r, bool *out_end, bool *has_header)
{
    uint8_t head[4];
    size_t got;
    r->blob_at = r->source->position;
    jw_result result = jw_source_read(r->source, head, sizeof head, &got, r->error);
    *out_end = got == 0;
    if (result != JW_OK || got == 0)
        return result;
    uint32_t header_size =
        (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
    if (got < sizeof head || header_size == 0 || header_size > HEADER_MAX)
        return damaged(r, "no length of a header");
    result = jw_grow(&r->packed, &r->packed_capacity, header_size, 1, r->error);
    if (result == JW_OK)
        result = read_exactly(r, r->packed, header_size, "the end of the file within a header");
    if (result != JW_OK)
        return result;
    jw_wire_cursor c = {r->packed, r->packed + header_size, false};
    bool is_header = false, is_data = false;
    uint64_t size = 0;
    for (jw_wire_field f; jw_wire_next(&c, &f);) {
        if (f.number == 1) {
            is_header = is_text(f.bytes, "OSMHeader");
            is_data = is_text(f.bytes, "OSMData");
        } else if (f.number == 3) {
            size = f.value;
        }
    }
    if (c.failed)
        return damaged(r, "a broken header of a blob");
    if (size > JW_OSM_BLOB_MAX)
        return jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, 0,
                       "the block at byte %" PRIu64 " says it has %" PRIu64 " bytes; at most %u are taken",
                       r->blob_at, size, JW_OSM_BLOB_MAX);
    if (size > r->source->size - r->source->position)
        return damaged(r, "the end of the file");
    result = jw_grow(&r->packed, &r->packed_capacity, size, 1, r->error);
    if (result == JW_OK)
        result = read_exactly(r, r->packed, size, "the end of the file");
    if (result != JW_OK || !(is_header || is_data))
        return result; /* blobs of other kinds are to be passed over */
    if (is_data && !*has_header)
        return damaged(r, "data before the header");
    r->read_bytes += size;
    *has_header = true;
    jw_wire_cursor message;
    result = unpack_blob(r, (uint32_t)size, &message);
    if (result != JW_OK)
        return result;
    return is_header ? read_header(r, message) : read_block(r, message);
}

jw_result jw_osm_read_pbf(jw_source *source, jw_osm_store *store, jw_error *error)
{
    reader r = {.source = source, .store = store, .error = error};
    bool is_end = false, has_header = false;
    jw_result result = JW_OK;
    while (result == JW_OK && !is_end)
        result = read_blob(&r, &is_end, &has_header);
    jw_free(r.packed);
    jw_free(r.unpacked);
    jw_free(r.texts);
    jw_free(r.offsets);
    jw_free(r.tags);
    jw_free(r.refs);
    jw_free(r.members);
    if (result == JW_OK && r.element_count == 0)
        result = jw_fail(error, JW_ERROR_INPUT, store->name, 0,
                         "the map is empty: no node, way or relation in it");
    return result;
}
