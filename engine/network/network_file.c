/* Backbones from files, in five formats told apart by their first bytes; and what all of them must fulfil.
 * Here: node-link JSON with places in degrees, as topohub publishes the Internet Topology Zoo and SNDlib in
 * it. Foreign bytes: everything is looked at before it is taken. */
#include "network/network_topology_reader.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX   (64u << 20)
#define NODES_MAX        100000u
#define LINKS_MAX        1000000u
#define EARTH_M          6371008.8 /* mean radius, IUGG */
#define DETOUR           1.3       /* of a fibre against the great circle (unverified) */
#define LEAST_LIKELY_BPS 1e6       /* a backbone's link below that is a file that says Mbit and means bit */
#define MOST_LIKELY_BPS  1e14

static double radians(double degrees)
{
    return degrees * JW_PI / 180;
}

/* Haversine formula. */
double jw_topology_distance_m(double lon0, double lat0, double lon1, double lat1)
{
    double a = jw_sin(radians(lat1 - lat0) / 2), b = jw_sin(radians(lon1 - lon0) / 2);
    double h = a * a + jw_cos(radians(lat0)) * jw_cos(radians(lat1)) * b * b;
    return 2 * EARTH_M * jw_asin(jw_sqrt(jw_min(h, 1)));
}

static void warn(net_topology_reader *r, const char *what, const char *name, int line)
{
    if (r->out->warning_count++ == 0)
        jw_fail(&r->out->warning, JW_ERROR_INPUT, r->name, line, "\"%.31s\": %s", name, what);
}

static jw_result reserve_node(net_topology_reader *r)
{
    uint64_t needed = (uint64_t)r->out->node_count + 1;
    jw_result result =
        jw_grow((void **)&r->out->nodes, &r->node_capacity, needed, sizeof *r->out->nodes, r->error);
    if (!result)
        result =
            jw_grow((void **)&r->longitude, &r->place_capacity[0], needed, sizeof *r->longitude, r->error);
    if (!result)
        result = jw_grow((void **)&r->latitude, &r->place_capacity[1], needed, sizeof *r->latitude, r->error);
    if (!result)
        result =
            jw_grow((void **)&r->has_place, &r->place_capacity[2], needed, sizeof *r->has_place, r->error);
    return result;
}

/* Names are what links refer to: the second "Taipei" becomes "Taipei#2". Where the next begins to look is
 * kept, so that a file of nodes of one name is not looked through for each. False: no memory. */
static bool make_name_unique(net_topology_reader *r, char name[JW_NET_NAME_SIZE])
{
    if (jw_map_get(&r->names, jw_hash_text(0, name)) == JW_NONE)
        return true;
    char head[22];
    jw_text_copy(head, sizeof head, name);
    uint64_t key = jw_hash_text(0, head);
    uint32_t last = jw_map_get(&r->numbers, key), n = last == JW_NONE ? 1 : last;
    do
        snprintf(name, JW_NET_NAME_SIZE, "%s#%u", head, ++n);
    while (jw_map_get(&r->names, jw_hash_text(0, name)) != JW_NONE);
    return jw_map_set(&r->numbers, key, n);
}

jw_result jw_topology_add_node(net_topology_reader *r, const net_read_node *given, int line)
{
    uint32_t i = r->out->node_count;
    uint64_t key = jw_hash_text(0, given->id);
    if (i >= NODES_MAX)
        return jw_fail(r->error, JW_ERROR_LIMIT, r->name, line, "more than %u nodes", NODES_MAX);
    if (!given->id[0] || strlen(given->id) >= JW_NET_NAME_SIZE)
        return jw_fail(r->error, JW_ERROR_INPUT, r->name, line, "node %u: its id must be 1 to %d bytes", i,
                       JW_NET_NAME_SIZE - 1);
    if (jw_map_get(&r->ids, key) != JW_NONE)
        return jw_fail(r->error, JW_ERROR_INPUT, r->name, line, "node %u: the id \"%s\" is there twice", i,
                       given->id);
    if (given->has_place && !(jw_abs(given->longitude) <= 180 && jw_abs(given->latitude) <= 90))
        return jw_fail(r->error, JW_ERROR_INPUT, r->name, line,
                       "node \"%s\": [%g, %g] is not a longitude and a latitude in degrees", given->id,
                       given->longitude, given->latitude);
    jw_result result = reserve_node(r);
    if (result)
        return result;
    jw_net_node_def *node = &r->out->nodes[i];
    *node = (jw_net_node_def){.kind = JW_NET_SWITCH};
    jw_text_copy(node->name, sizeof node->name, given->name && given->name[0] ? given->name : given->id);
    if (!jw_text_is_utf8(node->name, strlen(node->name)))
        return jw_fail(r->error, JW_ERROR_INPUT, r->name, line, "node %u: its name is not UTF-8", i);
    if (!make_name_unique(r, node->name) || !jw_map_set(&r->ids, key, i) ||
        !jw_map_set(&r->names, jw_hash_text(0, node->name), i))
        return jw_fail_memory(r->error);
    r->has_place[i] = given->has_place;
    r->longitude[i] = given->longitude;
    r->latitude[i] = given->latitude;
    r->out->node_count++;
    return JW_OK;
}

jw_result jw_topology_add_link(net_topology_reader *r, const net_read_link *given, int line)
{
    const char *const ids[2] = {given->from, given->to}, *const keys[2] = {"source", "target"};
    uint32_t ends[2], i = r->out->link_count;
    for (int k = 0; k < 2; k++) {
        ends[k] = ids[k] ? jw_map_get(&r->ids, jw_hash_text(0, ids[k])) : JW_NONE;
        if (ends[k] == JW_NONE)
            return jw_fail(r->error, JW_ERROR_INPUT, r->name, line,
                           "link %u: its \"%s\" \"%.31s\" is no node of the file", i, keys[k],
                           ids[k] ? ids[k] : "");
    }
    if (i >= LINKS_MAX)
        return jw_fail(r->error, JW_ERROR_LIMIT, r->name, line, "more than %u links", LINKS_MAX);
    const char *from = r->out->nodes[ends[0]].name, *to = r->out->nodes[ends[1]].name;
    if (ends[0] == ends[1]) {
        warn(r, "a link from it to itself is left out", from, line);
        return JW_OK;
    }
    if (!(given->length_m >= 0 && given->length_m <= 1e8))
        return jw_fail(r->error, JW_ERROR_INPUT, r->name, line,
                       "link %u (%s to %s): its length must be 0 to 100000 km", i, from, to);
    double capacity_bps = given->has_capacity ? given->capacity_bps : r->default_capacity_bps;
    if (!(capacity_bps > 0 && capacity_bps <= 1e15))
        return jw_fail(r->error, JW_ERROR_INPUT, r->name, line,
                       "link %u (%s to %s): its capacity must be above 0 and at most 1e6 Gbit/s", i, from,
                       to);
    if (capacity_bps < LEAST_LIKELY_BPS || capacity_bps > MOST_LIKELY_BPS)
        warn(r, "a link with a capacity that no backbone has: is its unit right?", from, line);
    jw_result result =
        jw_grow((void **)&r->out->links, &r->link_capacity, i + UINT64_C(1), sizeof *r->out->links, r->error);
    if (result)
        return result;
    jw_net_link_def *link = &r->out->links[r->out->link_count++];
    *link = (jw_net_link_def){.capacity_bps = capacity_bps, .length_m = given->length_m};
    jw_text_copy(link->from, sizeof link->from, from);
    jw_text_copy(link->to, sizeof link->to, to);
    if (link->length_m == 0 && r->has_place[ends[0]] && r->has_place[ends[1]])
        link->length_m = jw_max(DETOUR * jw_topology_distance_m(r->longitude[ends[0]], r->latitude[ends[0]],
                                                                r->longitude[ends[1]], r->latitude[ends[1]]),
                                1);
    return JW_OK;
}

/* ---- JSON ------------------------------------------------------------------------------------------------
 */

/* An id is a text or a whole number. */
static bool take_id(const json_t *value, char out[JW_NET_NAME_SIZE])
{
    if (json_is_integer(value))
        return snprintf(out, JW_NET_NAME_SIZE, "%lld", (long long)json_integer_value(value)) > 0;
    return json_is_string(value) && json_string_length(value) > 0 &&
           jw_text_copy(out, JW_NET_NAME_SIZE, json_string_value(value));
}

static jw_result read_node(net_topology_reader *r, const json_t *object, uint32_t i)
{
    char id[JW_NET_NAME_SIZE];
    if (!take_id(json_object_get(object, "id"), id))
        return jw_fail(r->error, JW_ERROR_INPUT, r->name, 0, "node %u: its id must be 1 to %d bytes", i,
                       JW_NET_NAME_SIZE - 1);
    const json_t *pos = json_object_get(object, "pos");
    net_read_node node = {.id = id,
                          .name = json_string_value(json_object_get(object, "name")),
                          .has_place = json_is_number(json_array_get(pos, 0)) &&
                                       json_is_number(json_array_get(pos, 1)),
                          .longitude = json_number_value(json_array_get(pos, 0)),
                          .latitude = json_number_value(json_array_get(pos, 1))};
    return jw_topology_add_node(r, &node, 0);
}

static jw_result read_edge(net_topology_reader *r, const json_t *object, uint32_t i)
{
    char from[JW_NET_NAME_SIZE], to[JW_NET_NAME_SIZE];
    bool has_from = take_id(json_object_get(object, "source"), from);
    bool has_to = take_id(json_object_get(object, "target"), to);
    const json_t *length = json_object_get(object, "dist"), *speed = json_object_get(object, "capacity_gbps");
    if (length && !json_is_number(length))
        return jw_fail(r->error, JW_ERROR_INPUT, r->name, 0, "link %u: \"dist\" must be 0 to 100000 km", i);
    net_read_link link = {.from = has_from ? from : NULL,
                          .to = has_to ? to : NULL,
                          .length_m = json_number_value(length) * 1e3,
                          .has_capacity = speed != NULL,
                          .capacity_bps = json_number_value(speed) * 1e9};
    return jw_topology_add_link(r, &link, 0);
}

static jw_result read_json(net_topology_reader *r, const char *text, size_t size)
{
    json_error_t where;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    const json_t *nodes = json_object_get(root, "nodes"), *edges = json_object_get(root, "edges");
    edges = edges ? edges : json_object_get(root, "links");
    jw_result result = JW_OK;
    if (!json_is_object(root))
        result =
            jw_fail(r->error, JW_ERROR_CORRUPT, r->name, where.line > 0 ? where.line : 0,
                    "not a JSON object (%.80s): the file is cut or of another kind", root ? "" : where.text);
    else if (json_array_size(nodes) == 0 || !json_is_array(edges))
        result = jw_fail(r->error, JW_ERROR_INPUT, r->name, 0,
                         "not a network: it needs \"nodes\" (one or more) and \"edges\"");
    for (size_t i = 0; i < json_array_size(nodes) && !result; i++)
        result = read_node(r, json_array_get(nodes, i), (uint32_t)i);
    for (size_t i = 0; i < json_array_size(edges) && !result; i++)
        result = read_edge(r, json_array_get(edges, i), (uint32_t)i);
    json_decref(root);
    return result;
}

/* ---- all of them -----------------------------------------------------------------------------------------
 */

/* Metres east and north of the middle, on a plane: to be drawn; lengths are those of the links. */
static void place_nodes(net_topology_reader *r)
{
    double lon = 0, lat = 0;
    uint32_t placed = 0;
    for (uint32_t i = 0; i < r->out->node_count; i++) {
        if (r->has_place[i]) {
            lon += r->longitude[i];
            lat += r->latitude[i];
            placed++;
        }
    }
    for (uint32_t i = 0; i < r->out->node_count; i++) {
        if (!r->has_place[i]) {
            warn(r, "has no place", r->out->nodes[i].name, 0);
            continue;
        }
        r->out->nodes[i].x_m =
            EARTH_M * radians(r->longitude[i] - lon / placed) * jw_cos(radians(lat / placed));
        r->out->nodes[i].y_m = EARTH_M * radians(r->latitude[i] - lat / placed);
    }
}

/* What all formats end with. */
static jw_result finish(net_topology_reader *r, jw_result result)
{
    if (!result && r->out->node_count == 0)
        result = jw_fail(r->error, JW_ERROR_INPUT, r->name, 0, "not a network: it has no node");
    if (!result)
        place_nodes(r);
    jw_map_free(&r->ids);
    jw_map_free(&r->names);
    jw_map_free(&r->numbers);
    jw_free(r->longitude);
    jw_free(r->latitude);
    jw_free(r->has_place);
    if (result)
        jw_network_topology_free(r->out);
    return result;
}

jw_result jw_network_read_topology_text(char *text, size_t size, const char *name,
                                        double default_capacity_bps, jw_net_topology *out, jw_error *error)
{
    *out = (jw_net_topology){0};
    net_topology_reader r = {
        .name = name, .out = out, .default_capacity_bps = default_capacity_bps, .error = error};
    const char *first = text + strspn(text, "\xEF\xBB\xBF \t\r\n");
    jw_result result = size > FILE_BYTES_MAX
                           ? jw_fail(error, JW_ERROR_LIMIT, name, 0, "more than %u bytes", FILE_BYTES_MAX)
                       : *first == '<'                     ? jw_topology_read_xml(&r, text, size)
                       : strncmp(first, "?SNDlib", 7) == 0 ? jw_topology_read_native(&r, text)
                                                           : read_json(&r, text, size);
    return finish(&r, result);
}

jw_result jw_network_read_topology(const char *path, double default_capacity_bps, jw_net_topology *out,
                                   jw_error *error)
{
    char *text;
    size_t size;
    *out = (jw_net_topology){0};
    jw_result result = jw_file_read(path, FILE_BYTES_MAX, &text, &size, error);
    if (result)
        return result;
    if (strncmp(text, "SQLite format 3", 15) == 0) { /* a GeoPackage: read through its library, by its path */
        net_topology_reader r = {
            .name = path, .out = out, .default_capacity_bps = default_capacity_bps, .error = error};
        result = finish(&r, jw_topology_read_gpkg(&r, path));
    } else {
        result = jw_network_read_topology_text(text, size, path, default_capacity_bps, out, error);
    }
    jw_free(text);
    return result;
}

void jw_network_topology_free(jw_net_topology *topology)
{
    jw_free(topology->nodes);
    jw_free(topology->links);
    *topology = (jw_net_topology){0};
}
