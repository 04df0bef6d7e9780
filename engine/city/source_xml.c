/* XML by expat, over zlib where it is gzipped. */
#include "city/source.h"

#include <expat.h>
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#define CHUNK      (64 << 10)
#define TOKEN_TAGS 4 /* times the longest attribute: one tag with all its attributes, or one comment */

/* ---- gzip ---- */

typedef struct unzipper {
    jw_source *source;
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
            jw_result result = jw_source_read(u->source, u->in, sizeof u->in, &got, error);
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
        if (u->out_bytes > JW_SOURCE_XML_MAX || u->out_bytes > (u->in_bytes + CHUNK) * JW_SOURCE_GZIP_RATIO)
            return jw_fail(error, JW_ERROR_LIMIT, name, 0,
                           "the gzip file inflates more than %d times (%" PRIu64 " bytes from %" PRIu64
                           "): no sound file does; refused",
                           JW_SOURCE_GZIP_RATIO, u->out_bytes, u->in_bytes);
    }
    *out_got = size - u->zlib.avail_out;
    return JW_OK;
}

/* ---- expat's calls ---- */

struct jw_xml {
    XML_Parser parser;
    const jw_source *source;
    const jw_xml_def *def;
    jw_error *error;
    jw_result result;
    int depth;
};

int jw_xml_line(const jw_xml *xml)
{
    return (int)XML_GetCurrentLineNumber(xml->parser);
}

const char *jw_xml_attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

static void stop(jw_xml *xml, jw_result result)
{
    if (xml->result == JW_OK)
        xml->result = result;
    XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes)
{
    jw_xml *xml = context;
    jw_result result;
    if (++xml->depth > xml->def->depth_max)
        result = jw_fail(xml->error, JW_ERROR_LIMIT, xml->source->name, jw_xml_line(xml),
                         "elements nested deeper than %d", xml->def->depth_max);
    else
        result = xml->def->on_start(xml->def->context, xml, xml->depth, name, attributes, xml->error);
    if (result != JW_OK)
        stop(xml, result);
}

static void XMLCALL on_end(void *context, const char *name)
{
    jw_xml *xml = context;
    (void)name;
    int depth = xml->depth--;
    jw_result result = xml->def->on_end ? xml->def->on_end(xml->def->context, xml, depth, xml->error) : JW_OK;
    if (result != JW_OK)
        stop(xml, result);
}

static void XMLCALL on_doctype(void *context, const char *name, const char *system_id, const char *public_id,
                               int has_internal_subset)
{
    jw_xml *xml = context;
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    stop(xml, jw_fail(xml->error, JW_ERROR_INPUT, xml->source->name, jw_xml_line(xml),
                      "a DOCTYPE: these files have none, and entities are not taken; remove it"));
}

/* ---- the file ---- */

static jw_result parse(jw_xml *xml, jw_source *source, unzipper *u)
{
    uint64_t fed = 0, token_max = (uint64_t)xml->def->attribute_max * TOKEN_TAGS;
    for (size_t got = CHUNK; got == CHUNK;) {
        void *buffer = XML_GetBuffer(xml->parser, CHUNK);
        if (!buffer)
            return jw_fail_memory(xml->error);
        jw_result result = u ? unzip(u, buffer, CHUNK, &got, xml->error)
                             : jw_source_read(source, buffer, CHUNK, &got, xml->error);
        if (result != JW_OK)
            return result;
        fed += got;
        bool is_ok = XML_ParseBuffer(xml->parser, (int)got, got < CHUNK) == XML_STATUS_OK;
        if (xml->result != JW_OK)
            return xml->result;
        if (!is_ok)
            return jw_fail(xml->error, JW_ERROR_CORRUPT, source->name, jw_xml_line(xml),
                           "not well-formed XML (%s): the file is cut or damaged; fetch it again",
                           XML_ErrorString(XML_GetErrorCode(xml->parser)));
        int64_t begun = XML_GetCurrentByteIndex(xml->parser);
        if (begun >= 0 && fed - (uint64_t)begun > token_max)
            return jw_fail(xml->error, JW_ERROR_LIMIT, source->name, jw_xml_line(xml),
                           "a tag or comment of more than %" PRIu64 " bytes (an attribute may have %u)",
                           token_max, xml->def->attribute_max);
    }
    return JW_OK;
}

static jw_result open_unzipper(jw_source *source, unzipper **out, jw_error *error)
{
    unzipper *u = jw_alloc(sizeof *u);
    if (!u)
        return jw_fail_memory(error);
    u->source = source;
    if (inflateInit2(&u->zlib, 15 + 16) != Z_OK) {
        jw_free(u);
        return jw_fail_memory(error);
    }
    *out = u;
    return JW_OK;
}

jw_result jw_xml_read(jw_source *source, bool is_gzip, const jw_xml_def *def, jw_error *error)
{
    unzipper *u = NULL;
    jw_result result = is_gzip ? open_unzipper(source, &u, error) : JW_OK;
    if (result != JW_OK)
        return result;
    jw_xml xml = {.parser = XML_ParserCreate(NULL), .source = source, .def = def, .error = error};
    if (xml.parser) {
        XML_SetUserData(xml.parser, &xml);
        XML_SetElementHandler(xml.parser, on_start, on_end);
        XML_SetStartDoctypeDeclHandler(xml.parser, on_doctype);
        result = parse(&xml, source, u);
        XML_ParserFree(xml.parser);
    } else {
        result = jw_fail_memory(error);
    }
    if (u) {
        inflateEnd(&u->zlib);
        jw_free(u);
    }
    return result;
}
