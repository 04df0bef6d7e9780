/* OSM XML, plain or gzipped. expat tells tags apart and guards against entity tricks; this file adds limits:
 * no DOCTYPE (OSM has none, and entities need one), tags of bounded length, bounded inflation. */
#include "city/osm_internal.h"

#include <expat.h>
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#define CHUNK (64 << 10)
/* One tag with all its attributes, or one comment. */
#define TOKEN_MAX (4 * JW_OSM_ATTRIBUTE_MAX)
#define DEPTH_MAX 32

/* ---- gzip ---- */

typedef struct unzipper {
    jw_osm_source *source;
    z_stream zlib;
    uint8_t in[CHUNK];
    uint64_t in_bytes, out_bytes;
    bool is_ended; /* of the current member */
} unzipper;

/* Fills `out` from the gzip stream; *out_got < size only at its end. Members one after the other are one
 * stream. */
static jw_result unzip(unzipper *u, void *out, size_t size, size_t *out_got, jw_error *error)
{
    const char *name = u->source->name;
    u->zlib.next_out = out;
    u->zlib.avail_out = (uInt)size;
    while (u->zlib.avail_out > 0) {
        if (u->zlib.avail_in == 0) {
            size_t got;
            jw_result result = jw_osm_source_read(u->source, u->in, sizeof u->in, &got, error);
            if (result != JW_OK)
                return result;
            if (got == 0 && u->is_ended)
                break;
            if (got == 0)
                return jw_fail(error, JW_ERROR_CORRUPT, name, 0,
                               "the gzip file is cut after %" PRIu64 " bytes; fetch it again", u->in_bytes);
            u->zlib.next_in = u->in;
            u->zlib.avail_in = (uInt)got;
            u->in_bytes += got;
        }
        if (u->is_ended) {
            inflateReset(&u->zlib);
            u->is_ended = false;
        }
        uInt before = u->zlib.avail_out;
        int status = inflate(&u->zlib, Z_NO_FLUSH);
        u->out_bytes += before - u->zlib.avail_out;
        u->is_ended = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return jw_fail(error, JW_ERROR_CORRUPT, name, 0,
                           "the gzip data is damaged near byte %" PRIu64 " (%s); fetch the file again",
                           u->in_bytes - u->zlib.avail_in, u->zlib.msg ? u->zlib.msg : "no further word");
        if (u->out_bytes > JW_OSM_XML_MAX || u->out_bytes > (u->in_bytes + CHUNK) * JW_OSM_GZIP_RATIO)
            return jw_fail(error, JW_ERROR_LIMIT, name, 0,
                           "the gzip file inflates more than %d times (%" PRIu64 " bytes from %" PRIu64
                           "): no map does; refused",
                           JW_OSM_GZIP_RATIO, u->out_bytes, u->in_bytes);
    }
    *out_got = size - u->zlib.avail_out;
    return JW_OK;
}

/* ---- elements ---- */

typedef enum kind { KIND_NONE, KIND_NODE, KIND_WAY, KIND_RELATION } kind;

typedef struct reader {
    XML_Parser parser;
    jw_osm_store *store;
    jw_error *error;
    jw_result result;
    int depth;

    kind kind; /* of the element that is open; NONE: none, or one to skip */
    uint64_t id;
    int64_t lon_e7, lat_e7;
    char *texts; /* keys and values of the element, zero-terminated */
    uint32_t text_size, text_capacity;
    uint32_t *offsets; /* of keys and values, in turn */
    uint32_t offset_count, offset_capacity;
    jw_osm_tag *tags;
    uint32_t tag_capacity;
    uint64_t *refs;
    uint32_t ref_count, ref_capacity;
    jw_osm_member *members;
    uint32_t member_count, member_capacity;
    uint64_t element_count;
} reader;

static int line_of(const reader *r)
{
    return (int)XML_GetCurrentLineNumber(r->parser);
}

static void stop(reader *r, jw_result result)
{
    if (r->result == JW_OK)
        r->result = result;
    XML_StopParser(r->parser, XML_FALSE);
}

static const char *attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

static bool parse_id(const char *text, uint64_t *out)
{
    bool is_negative = text && *text == '-';
    uint64_t value = 0;
    if (!text || !*(text += is_negative))
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || value > (INT64_MAX - 9) / 10)
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
    }
    *out = is_negative ? (uint64_t)0 - value : value;
    return true;
}

/* Degrees as an integer of 1e-7, rounded; the common form by hand, "1e-5" and the like by the general way. */
static bool parse_degrees(const char *text, int64_t *out_e7)
{
    if (!text)
        return false;
    const char *at = text;
    bool is_negative = *at == '-';
    at += is_negative;
    int64_t value = 0;
    int digits = 0, decimals = -1;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && decimals < 0); at++) {
        if (*at == '.') {
            decimals = 0;
        } else if (decimals < 7) {
            value = value * 10 + (*at - '0');
            decimals += decimals >= 0;
            if (++digits > 17)
                return false;
        } else {
            value += decimals == 7 && *at >= '5'; /* rounds by the eighth */
            decimals = 8;
        }
    }
    if (*at == '\0' && digits > 0) {
        for (decimals = decimals < 0 ? 0 : decimals; decimals < 7; decimals++) {
            if (value > INT64_MAX / 10)
                return false;
            value *= 10;
        }
        *out_e7 = is_negative ? -value : value;
        return true;
    }
    double degrees;
    if (!jw_osm_number(text, &degrees) || degrees < -1000 || degrees > 1000)
        return false;
    *out_e7 = (int64_t)jw_round(degrees * 1e7);
    return true;
}

static void open_element(reader *r, kind k, const char *name, const char **attributes)
{
    const char *visible = attribute(attributes, "visible"), *action = attribute(attributes, "action");
    r->text_size = r->offset_count = r->ref_count = r->member_count = 0;
    r->element_count++;
    r->store->line = line_of(r);
    if ((visible && strcmp(visible, "false") == 0) || (action && strcmp(action, "delete") == 0))
        return;
    if (!parse_id(attribute(attributes, "id"), &r->id)) {
        jw_problems_add(r->store->problems, JW_PROBLEM, r->store->name, r->store->line, name,
                        "element without a whole number as id; skipped");
        return;
    }
    if (k == KIND_NODE && (!parse_degrees(attribute(attributes, "lon"), &r->lon_e7) ||
                           !parse_degrees(attribute(attributes, "lat"), &r->lat_e7))) {
        jw_osm_note(r->store, JW_PROBLEM, "node", r->id, "no number as lat or lon; skipped");
        return;
    }
    r->kind = k;
}

static void read_bounds(reader *r, const char **attributes)
{
    int64_t west, south, east, north;
    if (!parse_degrees(attribute(attributes, "minlon"), &west) ||
        !parse_degrees(attribute(attributes, "minlat"), &south) ||
        !parse_degrees(attribute(attributes, "maxlon"), &east) ||
        !parse_degrees(attribute(attributes, "maxlat"), &north))
        return;
    jw_osm_take_bounds(r->store, west, south, east, north);
}

static jw_result add_text(reader *r, const char *text)
{
    size_t size = strlen(text) + 1;
    if (size > JW_OSM_ATTRIBUTE_MAX)
        return jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, line_of(r),
                       "an attribute of %zu bytes; at most %u are taken", size - 1, JW_OSM_ATTRIBUTE_MAX);
    jw_result result = jw_grow(&r->texts, &r->text_capacity, (uint64_t)r->text_size + size, 1, r->error);
    if (result == JW_OK)
        result = jw_grow(&r->offsets, &r->offset_capacity, (uint64_t)r->offset_count + 1, sizeof *r->offsets,
                         r->error);
    if (result != JW_OK)
        return result;
    memcpy(r->texts + r->text_size, text, size);
    r->offsets[r->offset_count++] = r->text_size;
    r->text_size += (uint32_t)size;
    return JW_OK;
}

static jw_result add_tag(reader *r, const char **attributes)
{
    const char *key = attribute(attributes, "k"), *value = attribute(attributes, "v");
    if (!key || !value)
        return JW_OK;
    if (r->offset_count / 2 >= JW_OSM_TAGS_MAX)
        return jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, line_of(r),
                       "an element with more than %d tags", JW_OSM_TAGS_MAX);
    jw_result result = add_text(r, key);
    return result == JW_OK ? add_text(r, value) : result;
}

static jw_result add_ref(reader *r, const char **attributes)
{
    uint64_t ref;
    if (!parse_id(attribute(attributes, "ref"), &ref)) {
        jw_osm_note(r->store, JW_PROBLEM, "way", r->id, "a ref that is no whole number; left out");
        return JW_OK;
    }
    /* One above the limit is kept, so that the store sees that there are too many. */
    if (r->ref_count > JW_OSM_REFS_MAX)
        return JW_OK;
    jw_result result = jw_grow(&r->refs, &r->ref_capacity, (uint64_t)r->ref_count + 1, sizeof ref, r->error);
    if (result == JW_OK)
        r->refs[r->ref_count++] = ref;
    return result;
}

static jw_result add_member(reader *r, const char **attributes)
{
    jw_osm_member member = {0};
    const char *type = attribute(attributes, "type"), *role = attribute(attributes, "role");
    if (!type || !parse_id(attribute(attributes, "ref"), &member.id)) {
        jw_osm_note(r->store, JW_PROBLEM, "relation", r->id, "a member without type or ref; left out");
        return JW_OK;
    }
    member.type = strcmp(type, "way") == 0    ? JW_OSM_WAY
                  : strcmp(type, "node") == 0 ? JW_OSM_NODE
                                              : JW_OSM_RELATION;
    member.role = (uint8_t)jw_osm_role_of(role ? role : "");
    if (r->member_count > JW_OSM_MEMBERS_MAX)
        return JW_OK;
    jw_result result =
        jw_grow(&r->members, &r->member_capacity, (uint64_t)r->member_count + 1, sizeof member, r->error);
    if (result == JW_OK)
        r->members[r->member_count++] = member;
    return result;
}

static jw_result close_element(reader *r)
{
    uint32_t count = r->offset_count / 2;
    jw_result result = jw_grow(&r->tags, &r->tag_capacity, count, sizeof *r->tags, r->error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < count; i++)
        r->tags[i] = (jw_osm_tag){r->texts + r->offsets[2 * i], r->texts + r->offsets[2 * i + 1]};
    jw_osm_tags tags = {r->tags, count};
    switch (r->kind) {
    case KIND_NODE:
        return jw_osm_take_node(r->store, r->id, r->lon_e7, r->lat_e7, &tags, r->error);
    case KIND_WAY:
        return jw_osm_take_way(r->store, r->id, r->refs, r->ref_count, &tags, r->error);
    case KIND_RELATION:
        return jw_osm_take_relation(r->store, r->id, r->members, r->member_count, &tags, r->error);
    case KIND_NONE:
        break;
    }
    return JW_OK;
}

/* ---- expat's calls ---- */

static jw_result check_root(reader *r, const char *name)
{
    if (strcmp(name, "osm") == 0)
        return JW_OK;
    const char *what = strcmp(name, "osmChange") == 0 ? "; a list of changes is no map: apply it first"
                                                      : "; this is XML of another kind";
    return jw_fail(r->error, JW_ERROR_INPUT, r->store->name, line_of(r), "the root is <%.40s>, not <osm>%s",
                   name, what);
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes)
{
    reader *r = context;
    jw_result result = JW_OK;
    r->depth++;
    if (r->depth > DEPTH_MAX) {
        result = jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, line_of(r),
                         "elements nested deeper than %d", DEPTH_MAX);
    } else if (r->depth == 1) {
        result = check_root(r, name);
    } else if (r->depth == 2) {
        r->kind = KIND_NONE;
        if (strcmp(name, "node") == 0)
            open_element(r, KIND_NODE, name, attributes);
        else if (strcmp(name, "way") == 0)
            open_element(r, KIND_WAY, name, attributes);
        else if (strcmp(name, "relation") == 0)
            open_element(r, KIND_RELATION, name, attributes);
        else if (strcmp(name, "bounds") == 0)
            read_bounds(r, attributes);
    } else if (r->depth == 3 && r->kind != KIND_NONE) {
        if (strcmp(name, "tag") == 0)
            result = add_tag(r, attributes);
        else if (r->kind == KIND_WAY && strcmp(name, "nd") == 0)
            result = add_ref(r, attributes);
        else if (r->kind == KIND_RELATION && strcmp(name, "member") == 0)
            result = add_member(r, attributes);
    }
    if (result != JW_OK)
        stop(r, result);
}

static void XMLCALL on_end(void *context, const char *name)
{
    reader *r = context;
    (void)name;
    if (r->depth-- != 2 || r->kind == KIND_NONE)
        return;
    jw_result result = close_element(r);
    r->kind = KIND_NONE;
    if (result != JW_OK)
        stop(r, result);
}

static void XMLCALL on_doctype(void *context, const char *name, const char *system_id, const char *public_id,
                               int has_internal_subset)
{
    reader *r = context;
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    stop(r, jw_fail(r->error, JW_ERROR_INPUT, r->store->name, line_of(r),
                    "a DOCTYPE: OSM files have none, and entities are not taken; remove it"));
}

/* ---- the file ---- */

/* The next piece of text, inflated when gzipped. */
static jw_result next_chunk(jw_osm_source *source, unzipper *u, void *out, size_t *out_got, jw_error *error)
{
    return u ? unzip(u, out, CHUNK, out_got, error) : jw_osm_source_read(source, out, CHUNK, out_got, error);
}

static jw_result parse(reader *r, jw_osm_source *source, unzipper *u)
{
    uint64_t fed = 0;
    for (size_t got = CHUNK; got == CHUNK;) {
        void *buffer = XML_GetBuffer(r->parser, CHUNK);
        if (!buffer)
            return jw_fail_memory(r->error);
        jw_result result = next_chunk(source, u, buffer, &got, r->error);
        if (result != JW_OK)
            return result;
        fed += got;
        bool is_ok = XML_ParseBuffer(r->parser, (int)got, got < CHUNK) == XML_STATUS_OK;
        if (r->result != JW_OK)
            return r->result;
        if (!is_ok)
            return jw_fail(r->error, JW_ERROR_CORRUPT, r->store->name, line_of(r),
                           "not well-formed XML (%s): the file is cut or damaged; fetch it again",
                           XML_ErrorString(XML_GetErrorCode(r->parser)));
        int64_t begun = XML_GetCurrentByteIndex(r->parser);
        if (begun >= 0 && fed - (uint64_t)begun > TOKEN_MAX)
            return jw_fail(r->error, JW_ERROR_LIMIT, r->store->name, line_of(r),
                           "a tag or comment of more than %u bytes (an attribute may have %u)", TOKEN_MAX,
                           JW_OSM_ATTRIBUTE_MAX);
    }
    if (r->element_count == 0)
        return jw_fail(r->error, JW_ERROR_INPUT, r->store->name, 0,
                       "the map is empty: no node, way or relation in it");
    return JW_OK;
}

jw_result jw_osm_read_xml(jw_osm_source *source, bool is_gzip, jw_osm_store *store, jw_error *error)
{
    reader r = {.store = store, .error = error};
    jw_result result = JW_OK;
    unzipper *u = NULL;
    if (is_gzip) {
        u = jw_alloc(sizeof *u);
        if (!u)
            return jw_fail_memory(error);
        u->source = source;
        if (inflateInit2(&u->zlib, 15 + 16) != Z_OK) {
            jw_free(u);
            return jw_fail_memory(error);
        }
    }
    r.parser = XML_ParserCreate(NULL);
    if (r.parser) {
        XML_SetUserData(r.parser, &r);
        XML_SetElementHandler(r.parser, on_start, on_end);
        XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
        result = parse(&r, source, u);
        XML_ParserFree(r.parser);
    } else {
        result = jw_fail_memory(error);
    }
    if (u) {
        inflateEnd(&u->zlib);
        jw_free(u);
    }
    jw_free(r.texts);
    jw_free(r.offsets);
    jw_free(r.tags);
    jw_free(r.refs);
    jw_free(r.members);
    return result;
}
