/* Topologies in XML: GraphML as the Internet Topology Zoo has it (keys name what <data> means), and SNDlib's
 * network format 1.0 (<node id>, <coordinates>, <link>, <source>, <target>, <capacity>). Expat, without
 * DOCTYPE and so without entities, at most DEPTH_MAX deep; text and ids of at most TEXT_MAX bytes are kept.
 */
#include "network/network_topology_reader.h"

#include <expat.h>
#include <string.h>

enum { DEPTH_MAX = 16, TEXT_MAX = 64, KEYS_MAX = 256 };

typedef enum meaning {
    MEANS_NOTHING,
    MEANS_LABEL,
    MEANS_LONGITUDE,
    MEANS_LATITUDE,
    MEANS_BPS, /* LinkSpeedRaw */
    MEANS_SOURCE,
    MEANS_TARGET,
    MEANS_MBPS, /* SNDlib */
    MEANING_COUNT
} meaning;

typedef struct xml_key {
    char id[TEXT_MAX];
    meaning means;
} xml_key;

typedef struct xml_reader {
    net_topology_reader *reader;
    XML_Parser parser;
    jw_result result;
    int depth;
    bool is_graphml, is_sndlib, is_geographical;
    bool is_in_node, is_in_link;
    xml_key keys[KEYS_MAX];
    uint32_t key_count;
    meaning means; /* of the text that is being read */
    char text[TEXT_MAX];
    uint32_t text_size;
    /* Of the present node or link. */
    char id[TEXT_MAX], values[MEANING_COUNT][TEXT_MAX];
    bool has_value[MEANING_COUNT];
} xml_reader;

static int line_of(const xml_reader *x)
{
    return (int)XML_GetCurrentLineNumber(x->parser);
}

static void stop(xml_reader *x, jw_result result)
{
    if (result && !x->result) {
        x->result = result;
        XML_StopParser(x->parser, XML_FALSE);
    }
}

static const char *attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return "";
}

static void take_root(xml_reader *x, const char *name)
{
    x->is_graphml = strcmp(name, "graphml") == 0;
    x->is_sndlib = strcmp(name, "network") == 0;
    if (!x->is_graphml && !x->is_sndlib)
        stop(x, jw_fail(x->reader->error, JW_ERROR_INPUT, x->reader->name, line_of(x),
                        "neither GraphML nor an SNDlib network: its root is <%.31s>", name));
}

static void take_key(xml_reader *x, const char **attributes)
{
    static const struct {
        const char *name;
        meaning means;
        bool is_of_edge;
    } known[] = {{"label", MEANS_LABEL, false},
                 {"Longitude", MEANS_LONGITUDE, false},
                 {"Latitude", MEANS_LATITUDE, false},
                 {"LinkSpeedRaw", MEANS_BPS, true}};
    bool is_of_edge = strcmp(attribute(attributes, "for"), "edge") == 0;
    bool is_of_node = strcmp(attribute(attributes, "for"), "node") == 0;
    for (size_t i = 0; i < JW_COUNT_OF(known) && x->key_count < KEYS_MAX; i++) {
        if (strcmp(attribute(attributes, "attr.name"), known[i].name) == 0 &&
            (known[i].is_of_edge ? is_of_edge : is_of_node)) {
            xml_key *key = &x->keys[x->key_count++];
            jw_text_copy(key->id, sizeof key->id, attribute(attributes, "id"));
            key->means = known[i].means;
        }
    }
}

static void begin_item(xml_reader *x, const char **attributes, bool is_node)
{
    x->is_in_node = is_node;
    x->is_in_link = !is_node;
    memset(x->has_value, 0, sizeof x->has_value);
    if (!jw_text_copy(x->id, sizeof x->id, attribute(attributes, "id")))
        stop(x, jw_fail(x->reader->error, JW_ERROR_INPUT, x->reader->name, line_of(x),
                        "an id of more than %d bytes", TEXT_MAX - 1));
}

static void keep(xml_reader *x, meaning means, const char *text)
{
    x->has_value[means] = true;
    if (!jw_text_copy(x->values[means], TEXT_MAX, text) && means != MEANS_LABEL)
        stop(x, jw_fail(x->reader->error, JW_ERROR_INPUT, x->reader->name, line_of(x),
                        "a value of more than %d bytes", TEXT_MAX - 1));
}

static meaning meaning_of(const xml_reader *x, const char *name, const char **attributes)
{
    static const struct {
        const char *name;
        meaning means;
    } sndlib[] = {{"x", MEANS_LONGITUDE},
                  {"y", MEANS_LATITUDE},
                  {"source", MEANS_SOURCE},
                  {"target", MEANS_TARGET},
                  {"capacity", MEANS_MBPS}};
    if (!x->is_in_node && !x->is_in_link)
        return MEANS_NOTHING;
    if (x->is_graphml && strcmp(name, "data") == 0) {
        for (uint32_t i = 0; i < x->key_count; i++)
            if (strcmp(x->keys[i].id, attribute(attributes, "key")) == 0)
                return x->keys[i].means;
    }
    for (size_t i = 0; i < JW_COUNT_OF(sndlib) && x->is_sndlib; i++)
        if (strcmp(name, sndlib[i].name) == 0)
            return sndlib[i].means;
    return MEANS_NOTHING;
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes)
{
    xml_reader *x = context;
    x->text_size = 0;
    x->means = MEANS_NOTHING;
    if (x->depth++ >= DEPTH_MAX)
        stop(x, jw_fail(x->reader->error, JW_ERROR_LIMIT, x->reader->name, line_of(x),
                        "elements nested deeper than %d", DEPTH_MAX));
    else if (x->depth == 1)
        take_root(x, name);
    else if (x->is_graphml && strcmp(name, "key") == 0)
        take_key(x, attributes);
    else if (x->is_sndlib && strcmp(name, "nodes") == 0)
        x->is_geographical = strcmp(attribute(attributes, "coordinatesType"), "geographical") == 0;
    else if (strcmp(name, "node") == 0)
        begin_item(x, attributes, true);
    else if (strcmp(name, x->is_graphml ? "edge" : "link") == 0) {
        begin_item(x, attributes, false);
        if (x->is_graphml) {
            keep(x, MEANS_SOURCE, attribute(attributes, "source"));
            keep(x, MEANS_TARGET, attribute(attributes, "target"));
        }
    } else {
        x->means = meaning_of(x, name, attributes);
    }
}

static void XMLCALL on_text(void *context, const char *text, int size)
{
    xml_reader *x = context;
    if (x->means == MEANS_NOTHING)
        return;
    for (int i = 0; i < size && x->text_size + 1 < TEXT_MAX; i++) {
        bool is_blank = text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r';
        if (!(is_blank && x->text_size == 0))
            x->text[x->text_size++] = text[i];
    }
}

static jw_result number(const xml_reader *x, meaning means, double *out)
{
    *out = 0;
    if (x->has_value[means] && !jw_text_to_number(x->values[means], out))
        return jw_fail(x->reader->error, JW_ERROR_INPUT, x->reader->name, line_of(x),
                       "\"%.31s\" should be a number", x->values[means]);
    return JW_OK;
}

static jw_result end_node(xml_reader *x)
{
    net_read_node node = {.id = x->id,
                          .name = x->has_value[MEANS_LABEL] ? x->values[MEANS_LABEL] : x->id,
                          .has_place = x->has_value[MEANS_LONGITUDE] && x->has_value[MEANS_LATITUDE] &&
                                       (x->is_graphml || x->is_geographical)};
    jw_result result = number(x, MEANS_LONGITUDE, &node.longitude);
    result = result ? result : number(x, MEANS_LATITUDE, &node.latitude);
    return result ? result : jw_topology_add_node(x->reader, &node, line_of(x));
}

/* SNDlib: what is installed, else the first module on offer; "in Mbit/s" is what its instances mean. */
static jw_result end_link(xml_reader *x)
{
    net_read_link link = {.from = x->has_value[MEANS_SOURCE] ? x->values[MEANS_SOURCE] : NULL,
                          .to = x->has_value[MEANS_TARGET] ? x->values[MEANS_TARGET] : NULL,
                          .has_capacity = x->has_value[MEANS_BPS] || x->has_value[MEANS_MBPS]};
    double bps, mbps;
    jw_result result = number(x, MEANS_BPS, &bps);
    result = result ? result : number(x, MEANS_MBPS, &mbps);
    if (result)
        return result;
    link.capacity_bps = x->is_graphml ? bps : mbps * 1e6;
    return jw_topology_add_link(x->reader, &link, line_of(x));
}

static void XMLCALL on_end(void *context, const char *name)
{
    xml_reader *x = context;
    while (x->text_size > 0 && strchr(" \n\t\r", x->text[x->text_size - 1]))
        x->text_size--;
    x->text[x->text_size] = 0;
    bool is_later_module = x->means == MEANS_MBPS && x->has_value[MEANS_MBPS];
    double installed;
    bool is_none = x->means == MEANS_MBPS && jw_text_to_number(x->text, &installed) && installed == 0;
    if (x->means != MEANS_NOTHING && x->text_size > 0 && !is_later_module && !is_none)
        keep(x, x->means, x->text);
    x->means = MEANS_NOTHING;
    x->depth--;
    if (x->is_in_node && strcmp(name, "node") == 0) {
        x->is_in_node = false;
        stop(x, end_node(x));
    } else if (x->is_in_link && strcmp(name, x->is_graphml ? "edge" : "link") == 0) {
        x->is_in_link = false;
        stop(x, end_link(x));
    }
}

static void XMLCALL on_doctype(void *context, const char *name, const char *system_id, const char *public_id,
                               int has_internal_subset)
{
    xml_reader *x = context;
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    stop(x, jw_fail(x->reader->error, JW_ERROR_INPUT, x->reader->name, line_of(x),
                    "a DOCTYPE: these files have none, and entities are not taken; remove it"));
}

jw_result jw_topology_read_xml(net_topology_reader *reader, const char *text, size_t size)
{
    xml_reader *x = jw_alloc(sizeof *x);
    XML_Parser parser = x ? XML_ParserCreate(NULL) : NULL;
    if (!parser) {
        jw_free(x);
        return jw_fail_memory(reader->error);
    }
    x->reader = reader;
    x->parser = parser;
    XML_SetUserData(parser, x);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    enum XML_Status status = XML_Parse(parser, text, (int)size, 1);
    jw_result result = x->result;
    if (status != XML_STATUS_OK && !result) {
        enum XML_Error code = XML_GetErrorCode(parser);
        result = code == XML_ERROR_NO_MEMORY
                     ? jw_fail_memory(reader->error)
                     : jw_fail(reader->error, JW_ERROR_CORRUPT, reader->name, line_of(x),
                               "broken XML (%s): the file is cut or of another kind", XML_ErrorString(code));
    }
    XML_ParserFree(parser);
    jw_free(x);
    return result;
}
