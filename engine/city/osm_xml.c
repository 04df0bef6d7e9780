/* OSM XML, plain or gzipped: elements, tags, references and members into the store. */
#include "city/osm_internal.h"

#include <string.h>

#define DEPTH_MAX 32

/* ---- elements ---- */

typedef enum kind { KIND_NONE, KIND_NODE, KIND_WAY, KIND_RELATION } kind;

typedef struct reader {
    const jw_xml *xml;
    jw_osm_store *store;
    jw_error *error;

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
    return jw_xml_line(r->xml);
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
    const char *visible = jw_xml_attribute(attributes, "visible"),
               *action = jw_xml_attribute(attributes, "action");
    r->text_size = r->offset_count = r->ref_count = r->member_count = 0;
    r->element_count++;
    r->store->line = line_of(r);
    if ((visible && strcmp(visible, "false") == 0) || (action && strcmp(action, "delete") == 0))
        return;
    if (!parse_id(jw_xml_attribute(attributes, "id"), &r->id)) {
        jw_problems_add(r->store->problems, JW_PROBLEM, r->store->name, r->store->line, name,
                        "element without a whole number as id; skipped");
        return;
    }
    if (k == KIND_NODE && (!parse_degrees(jw_xml_attribute(attributes, "lon"), &r->lon_e7) ||
                           !parse_degrees(jw_xml_attribute(attributes, "lat"), &r->lat_e7))) {
        jw_osm_note(r->store, JW_PROBLEM, "node", r->id, "no number as lat or lon; skipped");
        return;
    }
    r->kind = k;
}

static void read_bounds(reader *r, const char **attributes)
{
    int64_t west, south, east, north;
    if (!parse_degrees(jw_xml_attribute(attributes, "minlon"), &west) ||
        !parse_degrees(jw_xml_attribute(attributes, "minlat"), &south) ||
        !parse_degrees(jw_xml_attribute(attributes, "maxlon"), &east) ||
        !parse_degrees(jw_xml_attribute(attributes, "maxlat"), &north))
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
    const char *key = jw_xml_attribute(attributes, "k"), *value = jw_xml_attribute(attributes, "v");
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
    if (!parse_id(jw_xml_attribute(attributes, "ref"), &ref)) {
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
    const char *type = jw_xml_attribute(attributes, "type"), *role = jw_xml_attribute(attributes, "role");
    if (!type || !parse_id(jw_xml_attribute(attributes, "ref"), &member.id)) {
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

/* ---- the file ---- */

static jw_result check_root(reader *r, const char *name)
{
    if (strcmp(name, "osm") == 0)
        return JW_OK;
    const char *what = strcmp(name, "osmChange") == 0 ? "; a list of changes is no map: apply it first"
                                                      : "; this is XML of another kind";
    return jw_fail(r->error, JW_ERROR_INPUT, r->store->name, line_of(r), "the root is <%.40s>, not <osm>%s",
                   name, what);
}

static jw_result on_start(void *context, const jw_xml *xml, int depth, const char *name,
                          const char **attributes, jw_error *error)
{
    reader *r = context;
    r->xml = xml;
    r->error = error;
    if (depth == 1)
        return check_root(r, name);
    if (depth == 2) {
        r->kind = KIND_NONE;
        if (strcmp(name, "node") == 0)
            open_element(r, KIND_NODE, name, attributes);
        else if (strcmp(name, "way") == 0)
            open_element(r, KIND_WAY, name, attributes);
        else if (strcmp(name, "relation") == 0)
            open_element(r, KIND_RELATION, name, attributes);
        else if (strcmp(name, "bounds") == 0)
            read_bounds(r, attributes);
    } else if (depth == 3 && r->kind != KIND_NONE) {
        if (strcmp(name, "tag") == 0)
            return add_tag(r, attributes);
        if (r->kind == KIND_WAY && strcmp(name, "nd") == 0)
            return add_ref(r, attributes);
        if (r->kind == KIND_RELATION && strcmp(name, "member") == 0)
            return add_member(r, attributes);
    }
    return JW_OK;
}

static jw_result on_end(void *context, const jw_xml *xml, int depth, jw_error *error)
{
    reader *r = context;
    if (depth != 2 || r->kind == KIND_NONE)
        return JW_OK;
    r->xml = xml;
    r->error = error;
    jw_result result = close_element(r);
    r->kind = KIND_NONE;
    return result;
}

jw_result jw_osm_read_xml(jw_source *source, bool is_gzip, jw_osm_store *store, jw_error *error)
{
    reader r = {.store = store};
    jw_xml_def def = {JW_OSM_ATTRIBUTE_MAX, DEPTH_MAX, on_start, on_end, &r};
    jw_result result = jw_xml_read(source, is_gzip, &def, error);
    if (result == JW_OK && r.element_count == 0)
        result = jw_fail(error, JW_ERROR_INPUT, store->name, 0,
                         "the map is empty: no node, way or relation in it");
    jw_free(r.texts);
    jw_free(r.offsets);
    jw_free(r.tags);
    jw_free(r.refs);
    jw_free(r.members);
    return result;
}
