/* Backbones from files: node-link JSON with places in degrees, as topohub publishes the Internet Topology Zoo
 * and SNDlib in it. Foreign bytes: everything is looked at before it is taken. */
#include "network/network.h"

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

typedef struct reader {
    const char *path;
    jw_net_topology *out;
    jw_map ids; /* of the file's ids: index + 1 */
    double *longitude, *latitude;
    bool *has_place;
    double default_capacity_bps;
    jw_error *error;
} reader;

static double radians(double degrees)
{
    return degrees * JW_PI / 180;
}

/* Haversine formula. */
static double great_circle_m(double lon0, double lat0, double lon1, double lat1)
{
    double a = jw_sin(radians(lat1 - lat0) / 2), b = jw_sin(radians(lon1 - lon0) / 2);
    double h = a * a + jw_cos(radians(lat0)) * jw_cos(radians(lat1)) * b * b;
    return 2 * EARTH_M * jw_asin(jw_sqrt(jw_min(h, 1)));
}

static void warn(reader *r, const char *what, const char *name)
{
    if (r->out->warning_count++ == 0)
        jw_fail(&r->out->warning, JW_ERROR_INPUT, r->path, 0, "\"%.31s\": %s", name, what);
}

/* An id is a text or a whole number. */
static bool take_id(const json_t *value, char out[JW_NET_NAME_SIZE])
{
    if (json_is_integer(value))
        return snprintf(out, JW_NET_NAME_SIZE, "%lld", (long long)json_integer_value(value)) > 0;
    return json_is_string(value) && json_string_length(value) > 0 &&
           jw_text_copy(out, JW_NET_NAME_SIZE, json_string_value(value));
}

static jw_result read_node(reader *r, const json_t *object, uint32_t i)
{
    char id[JW_NET_NAME_SIZE];
    if (!take_id(json_object_get(object, "id"), id))
        return jw_fail(r->error, JW_ERROR_INPUT, r->path, 0, "node %u: \"id\" must be 1 to %d bytes", i,
                       JW_NET_NAME_SIZE - 1);
    uint64_t key = jw_hash_text(0, id);
    if (jw_map_get(&r->ids, key) != JW_NONE)
        return jw_fail(r->error, JW_ERROR_INPUT, r->path, 0, "node %u: the id \"%s\" is there twice", i, id);
    if (!jw_map_set(&r->ids, key, i))
        return jw_fail_memory(r->error);
    jw_net_node_def *node = &r->out->nodes[i];
    node->kind = JW_NET_SWITCH;
    const char *name = json_string_value(json_object_get(object, "name"));
    if (!name || !name[0] || !jw_text_copy(node->name, sizeof node->name, name))
        jw_text_copy(node->name, sizeof node->name, id);
    const json_t *pos = json_object_get(object, "pos");
    double lon = json_number_value(json_array_get(pos, 0)), lat = json_number_value(json_array_get(pos, 1));
    bool is_there = json_is_number(json_array_get(pos, 0)) && json_is_number(json_array_get(pos, 1));
    if (is_there && !(jw_abs(lon) <= 180 && jw_abs(lat) <= 90))
        return jw_fail(r->error, JW_ERROR_INPUT, r->path, 0,
                       "node \"%s\": pos [%g, %g] is not a longitude and a latitude in degrees", node->name,
                       lon, lat);
    r->has_place[i] = is_there;
    r->longitude[i] = lon;
    r->latitude[i] = lat;
    return JW_OK;
}

static jw_result find_end(reader *r, const json_t *object, const char *key, uint32_t i, uint32_t *out)
{
    char id[JW_NET_NAME_SIZE];
    bool is_id = take_id(json_object_get(object, key), id);
    *out = is_id ? jw_map_get(&r->ids, jw_hash_text(0, id)) : JW_NONE;
    if (*out == JW_NONE)
        return jw_fail(r->error, JW_ERROR_INPUT, r->path, 0, "edge %u: its \"%s\" is no node of the file", i,
                       key);
    return JW_OK;
}

static jw_result read_edge(reader *r, const json_t *object, uint32_t i)
{
    uint32_t from, to;
    jw_result result = find_end(r, object, "source", i, &from);
    if (!result)
        result = find_end(r, object, "target", i, &to);
    if (result)
        return result;
    jw_net_link_def *link = &r->out->links[r->out->link_count];
    jw_text_copy(link->from, sizeof link->from, r->out->nodes[from].name);
    jw_text_copy(link->to, sizeof link->to, r->out->nodes[to].name);
    if (from == to) {
        warn(r, "a link from it to itself is left out", link->from);
        return JW_OK;
    }
    const json_t *length = json_object_get(object, "dist"), *speed = json_object_get(object, "capacity_gbps");
    link->length_m = json_number_value(length) * 1e3;
    if ((length && !json_is_number(length)) || !(link->length_m >= 0 && link->length_m <= 1e8))
        return jw_fail(r->error, JW_ERROR_INPUT, r->path, 0, "edge %u: \"dist\" must be 0 to 100000 km", i);
    if (link->length_m == 0 && r->has_place[from] && r->has_place[to])
        link->length_m = jw_max(
            DETOUR * great_circle_m(r->longitude[from], r->latitude[from], r->longitude[to], r->latitude[to]),
            1);
    link->capacity_bps = speed ? json_number_value(speed) * 1e9 : r->default_capacity_bps;
    if (!(link->capacity_bps > 0 && link->capacity_bps <= 1e15))
        return jw_fail(r->error, JW_ERROR_INPUT, r->path, 0,
                       "edge %u (%s to %s): the capacity must be above 0 and at most 1e6 Gbit/s", i,
                       link->from, link->to);
    if (link->capacity_bps < LEAST_LIKELY_BPS || link->capacity_bps > MOST_LIKELY_BPS)
        warn(r, "a link with a capacity that no backbone has: is its unit Gbit/s?", link->from);
    r->out->link_count++;
    return JW_OK;
}

/* Names are what links refer to: the second "Taipei" becomes "Taipei#2". */
static jw_result make_names_unique(reader *r)
{
    jw_map names = {0};
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < r->out->node_count && !result; i++) {
        char plain[JW_NET_NAME_SIZE], *name = r->out->nodes[i].name;
        jw_text_copy(plain, sizeof plain, name);
        for (uint32_t n = 2; jw_map_get(&names, jw_hash_text(0, name)) != JW_NONE; n++)
            snprintf(name, JW_NET_NAME_SIZE, "%.20s#%u", plain, n);
        if (!jw_text_is_utf8(name, strlen(name)))
            result = jw_fail(r->error, JW_ERROR_INPUT, r->path, 0, "node %u: its name is not UTF-8", i);
        else if (!jw_map_set(&names, jw_hash_text(0, name), i))
            result = jw_fail_memory(r->error);
    }
    jw_map_free(&names);
    return result;
}

/* Metres east and north of the middle, on a plane: to be drawn; lengths are those of the links. */
static void place_nodes(reader *r)
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
            warn(r, "has no place", r->out->nodes[i].name);
            continue;
        }
        r->out->nodes[i].x_m =
            EARTH_M * radians(r->longitude[i] - lon / placed) * jw_cos(radians(lat / placed));
        r->out->nodes[i].y_m = EARTH_M * radians(r->latitude[i] - lat / placed);
    }
}

static jw_result read_graph(reader *r, const json_t *root)
{
    const json_t *nodes = json_object_get(root, "nodes"), *edges = json_object_get(root, "edges");
    edges = edges ? edges : json_object_get(root, "links");
    size_t node_count = json_array_size(nodes), edge_count = json_array_size(edges);
    if (node_count == 0 || node_count > NODES_MAX || !json_is_array(edges) || edge_count > LINKS_MAX)
        return jw_fail(r->error, JW_ERROR_INPUT, r->path, 0,
                       "not a network: it needs \"nodes\" (1 to %u) and \"edges\" (at most %u)", NODES_MAX,
                       LINKS_MAX);
    r->out->nodes = jw_alloc(node_count * sizeof *r->out->nodes);
    r->out->links = jw_alloc((edge_count + 1) * sizeof *r->out->links);
    r->longitude = jw_alloc(node_count * sizeof *r->longitude);
    r->latitude = jw_alloc(node_count * sizeof *r->latitude);
    r->has_place = jw_alloc(node_count * sizeof *r->has_place);
    if (!r->out->nodes || !r->out->links || !r->longitude || !r->latitude || !r->has_place)
        return jw_fail_memory(r->error);
    r->out->node_count = (uint32_t)node_count;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < node_count && !result; i++)
        result = read_node(r, json_array_get(nodes, i), i);
    if (!result)
        result = make_names_unique(r);
    for (uint32_t i = 0; i < edge_count && !result; i++)
        result = read_edge(r, json_array_get(edges, i), i);
    if (!result)
        place_nodes(r);
    return result;
}

jw_result jw_network_read_topology(const char *path, double default_capacity_bps, jw_net_topology *out,
                                   jw_error *error)
{
    *out = (jw_net_topology){0};
    char *text;
    size_t size;
    jw_result result = jw_file_read(path, FILE_BYTES_MAX, &text, &size, error);
    if (result)
        return result;
    json_error_t where;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    jw_free(text);
    if (!json_is_object(root)) {
        json_decref(root);
        return jw_fail(error, JW_ERROR_CORRUPT, path, where.line > 0 ? where.line : 0,
                       "not a JSON object (%.80s): the file is cut or of another kind",
                       root ? "" : where.text);
    }
    reader r = {.path = path, .out = out, .default_capacity_bps = default_capacity_bps, .error = error};
    result = read_graph(&r, root);
    json_decref(root);
    jw_map_free(&r.ids);
    jw_free(r.longitude);
    jw_free(r.latitude);
    jw_free(r.has_place);
    if (result)
        jw_network_topology_free(out);
    return result;
}

void jw_network_topology_free(jw_net_topology *topology)
{
    jw_free(topology->nodes);
    jw_free(topology->links);
    *topology = (jw_net_topology){0};
}
