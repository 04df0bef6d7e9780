/* Opening OpenStreetMap files: the kind is told by the first bytes, never by the name. */
#include "city/osm_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Reading takes most of the time; the rest is assembling. */
#define READING_SHARE 0.8

static jw_result report(jw_osm_source *source, double fraction, const char *what, jw_error *error)
{
    if (!source->progress || source->progress(source->progress_context, fraction, what))
        return JW_OK;
    return jw_fail(error, JW_ERROR_CANCELLED, source->name, 0, "reading the map was cancelled");
}

jw_result jw_osm_source_read(jw_osm_source *source, void *out, size_t want, size_t *out_got, jw_error *error)
{
    size_t got;
    if (source->file) {
        got = fread(out, 1, want, source->file);
        if (got < want && ferror(source->file))
            return jw_fail(error, JW_ERROR_IO, source->name, 0, "reading failed: %s", strerror(errno));
    } else {
        uint64_t left = source->size - source->position;
        got = left < want ? (size_t)left : want;
        if (got > 0)
            memcpy(out, source->bytes + source->position, got);
    }
    source->position += got;
    *out_got = got;
    double fraction = source->size ? (double)source->position / (double)source->size : 1;
    if (fraction < source->reported + 0.01)
        return JW_OK;
    source->reported = fraction;
    return report(source, jw_min(1, fraction) * READING_SHARE, "reading the map", error);
}

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

static jw_result read_elements(jw_osm_source *source, jw_osm_store *store, jw_error *error)
{
    uint8_t head[33] = {0};
    size_t got;
    jw_result result = jw_osm_source_read(source, head, sizeof head - 1, &got, error);
    if (result != JW_OK)
        return result;
    if (got == 0)
        return jw_fail(error, JW_ERROR_INPUT, source->name, 0, "the file is empty; fetch the map again");
    if (source->file && fseek(source->file, 0, SEEK_SET) != 0)
        return jw_fail(error, JW_ERROR_IO, source->name, 0, "cannot go back in the file: %s",
                       strerror(errno));
    source->position = 0;
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

static jw_result read_source(jw_osm_source *source, jw_draft *draft, jw_problems *problems, jw_error *error)
{
    assert(draft->node_count == 0 && draft->text_size == 0);
    jw_osm_store store = {.name = source->name, .problems = problems, .draft = draft};
    jw_result result = read_elements(source, &store, error);
    if (result == JW_OK)
        result = jw_osm_store_finish(&store, error);
    if (result == JW_OK)
        result = report(source, READING_SHARE + 0.1, "assembling the map", error);
    if (result == JW_OK)
        result = jw_osm_assemble(&store, error);
    jw_osm_store_free(&store);
    if (result == JW_OK)
        result = report(source, 1, "assembling the map", error);
    if (result == JW_OK)
        jw_path_stem(source->name, draft->name, sizeof draft->name);
    else
        jw_draft_free(draft);
    return result;
}

jw_result jw_read_osm(const char *path, jw_draft *draft, jw_problems *problems, jw_progress progress,
                      void *progress_context, jw_error *error)
{
    jw_osm_source source = {.name = path, .progress = progress, .progress_context = progress_context};
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT
                   ? jw_fail(error, JW_ERROR_NOT_FOUND, path, 0, "no such file")
                   : jw_fail(error, JW_ERROR_IO, path, 0, "cannot be examined: %s", strerror(errno));
    if (S_ISDIR(status.st_mode))
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "this is a directory; name a map file in it");
    if (!S_ISREG(status.st_mode))
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "not a regular file; save the map to a file first");
    if ((uint64_t)status.st_size > JW_OSM_FILE_MAX)
        return jw_fail(
            error, JW_ERROR_LIMIT, path, 0,
            "the file has more than 4 GB; cut the city out of it first (osmium extract --bbox ...)");
    source.size = (uint64_t)status.st_size;
    source.file = fopen(path, "rb");
    if (!source.file)
        return jw_fail(error, JW_ERROR_IO, path, 0, "cannot be opened: %s", strerror(errno));
    jw_result result = read_source(&source, draft, problems, error);
    fclose(source.file);
    return result;
}

jw_result jw_read_osm_bytes(const void *bytes, size_t size, const char *name, jw_draft *draft,
                            jw_problems *problems, jw_error *error)
{
    jw_osm_source source = {.name = name, .bytes = bytes, .size = size};
    return read_source(&source, draft, problems, error);
}
