/* Opening OpenStreetMap files: the kind is told by the first bytes, never by the name. */
#include "city/osm_internal.h"

#include <assert.h>
#include <string.h>

/* Reading takes most of the time; the rest is assembling. */
#define READING_SHARE 0.8

typedef enum format { FORMAT_XML, FORMAT_GZIP, FORMAT_PBF, FORMAT_OTHER } format;

/* `head` holds the first bytes and a zero. */
static format tell_format(const uint8_t *head, size_t size, const char **out_hint)
{
    static const struct {
        const char *magic;
        size_t size;
        const char *hint;
    } others[] = {
        {"BZh", 3, "bzip2; unpack it first (bunzip2)"},
        {"\xFD"
         "7zXZ",
         5, "xz; unpack it first (unxz)"},
        {"\x28\xB5\x2F\xFD", 4, "zstd; unpack it first (zstd -d)"},
        {"PK\x03\x04", 4, "a zip archive; unpack it first"},
        {"SQLite format 3", 15, "a database: a GeoPackage is opened by its name ending in .gpkg"},
        {"{", 1, "JSON; fetch the map as XML (in Overpass: [out:xml])"},
        {"[", 1, "JSON; fetch the map as XML (in Overpass: [out:xml])"},
    };
    size_t at = size >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < size && memchr(" \t\r\n", head[at], 4))
        at++;
    *out_hint = "neither OSM XML (.osm, .osm.gz) nor OSM PBF (.osm.pbf)";
    if (head[0] == 0x1F && head[1] == 0x8B)
        return FORMAT_GZIP;
    if (head[at] == '<' || memcmp(head, "\xFF\xFE<", 3) == 0 || memcmp(head, "\xFE\xFF\0<", 4) == 0)
        return FORMAT_XML;
    /* Length of the first header (at most 64 kB), then its field 1: "OSMHeader". */
    if (head[0] == 0 && head[1] == 0 && memmem(head + 4, size > 4 ? size - 4 : 0, "OSMHeader", 9))
        return FORMAT_PBF;
    for (uint32_t i = 0; i < JW_COUNT_OF(others); i++)
        if (size >= others[i].size && memcmp(head, others[i].magic, others[i].size) == 0)
            *out_hint = others[i].hint;
    return FORMAT_OTHER;
}

static jw_result read_elements(jw_source *source, jw_osm_store *store, jw_error *error)
{
    uint8_t head[33] = {0};
    size_t got;
    jw_result result = jw_source_peek(source, head, sizeof head - 1, &got, error);
    if (result != JW_OK)
        return result;
    if (got == 0)
        return jw_fail(error, JW_ERROR_INPUT, source->name, 0, "the file is empty; fetch the map again");
    const char *hint;
    switch (tell_format(head, got, &hint)) {
    case FORMAT_XML:
        return jw_osm_read_xml(source, false, store, error);
    case FORMAT_GZIP:
        return jw_osm_read_xml(source, true, store, error);
    case FORMAT_PBF:
        return jw_osm_read_pbf(source, store, error);
    case FORMAT_OTHER:
        break;
    }
    return jw_fail(error, JW_ERROR_INPUT, source->name, 0, "not a map: this is %s", hint);
}

static jw_result read_source(jw_source *source, jw_draft *draft, jw_problems *problems, jw_error *error)
{
    assert(draft->node_count == 0 && draft->text_size == 0);
    jw_osm_store store = {.name = source->name, .source = source, .problems = problems, .draft = draft};
    jw_result result = read_elements(source, &store, error);
    if (result == JW_OK)
        result = jw_osm_store_finish(&store, error);
    if (result == JW_OK)
        result = jw_source_report(source, JW_OSM_ASSEMBLING, "assembling the map", error);
    if (result == JW_OK)
        result = jw_osm_assemble(&store, error);
    jw_osm_store_free(&store);
    if (result == JW_OK)
        result = jw_source_report(source, 1, "assembling the map", error);
    if (result == JW_OK)
        jw_path_stem(source->name, draft->name, sizeof draft->name);
    else
        jw_draft_free(draft);
    return result;
}

jw_result jw_read_osm(const char *path, jw_draft *draft, jw_problems *problems, jw_progress progress,
                      void *progress_context, jw_error *error)
{
    jw_source source = {.what = "reading the map",
                        .share = READING_SHARE,
                        .progress = progress,
                        .progress_context = progress_context};
    jw_result result = jw_source_open(&source, path, error);
    if (result == JW_OK)
        result = read_source(&source, draft, problems, error);
    jw_source_close(&source);
    return result;
}

jw_result jw_read_osm_bytes(const void *bytes, size_t size, const char *name, jw_draft *draft,
                            jw_problems *problems, jw_error *error)
{
    jw_source source = {.name = name, .bytes = bytes, .size = size, .what = "reading the map"};
    return read_source(&source, draft, problems, error);
}
