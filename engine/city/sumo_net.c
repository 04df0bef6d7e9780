/* A network file as it stands: edges, lanes, junctions with their requests, connections, programmes. What
 * makes no sense is named and left out; the rest of the network stays. */
#include "city/sumo_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct net_reader {
    jw_sumo_reader r;
    jw_sumo_net *net;
    uint32_t edge;     /* open; JW_NONE */
    uint32_t junction; /* open; JW_NONE */
    bool is_in_programme;
    uint32_t *last_of_lane; /* last connection of each lane */
    uint32_t last_capacity;
} net_reader;

void jw_sumo_net_free(jw_sumo_net *net)
{
    jw_sumo_names_free(&net->edge_names);
    jw_sumo_names_free(&net->junction_names);
    jw_sumo_names_free(&net->programme_names);
    jw_sumo_names_free(&net->texts);
#define X(type, items, count) jw_free(net->items);
    JW_SUMO_NET_ARRAYS(X)
#undef X
    jw_sumo_demand_free(&net->logics);
    *net = (jw_sumo_net){0};
}

uint32_t jw_sumo_find_lane(const jw_sumo_net *net, const char *id)
{
    const char *underscore = strrchr(id, '_');
    double index;
    if (!underscore || !jw_text_to_number(underscore + 1, &index))
        return JW_NONE;
    uint32_t edge = jw_sumo_names_find(&net->edge_names, id, (size_t)(underscore - id));
    if (edge == JW_NONE || edge >= net->edge_count || !(index >= 0 && index < net->edges[edge].lane_count))
        return JW_NONE;
    return net->edges[edge].first_lane + (uint32_t)index;
}

/* ---- shapes ---- */

/* Up to the next comma or blank. */
static bool take_number(const char **at, double *out)
{
    char text[32];
    size_t size = strcspn(*at, ", \t\r\n");
    if (size >= sizeof text)
        return false;
    memcpy(text, *at, size);
    text[size] = '\0';
    *at += size;
    return jw_text_to_number(text, out) && *out > -1e9 && *out < 1e9;
}

/* "x,y x,y,z ..." to the end of the net's points. */
static jw_result read_shape(net_reader *n, const char *text, uint32_t *out_first, uint32_t *out_count)
{
    jw_sumo_net *net = n->net;
    *out_first = net->point_count;
    *out_count = 0;
    if (!text)
        return JW_OK;
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (!*text)
            break;
        jw_vec3 p = {0, 0, 0};
        bool is_fine = take_number(&text, &p.x) && *text == ',' && (text++, take_number(&text, &p.y));
        if (is_fine && *text == ',')
            is_fine = (text++, take_number(&text, &p.z));
        if (!is_fine) {
            jw_sumo_problem(&n->r, "a shape that is no list of x,y: it is drawn without");
            net->point_count = *out_first;
            return JW_OK;
        }
        jw_result result = JW_SUMO_ROOM(net, points, point_count, 1, n->r.error);
        if (result != JW_OK)
            return result;
        net->points[net->point_count++] = p;
    }
    *out_count = net->point_count - *out_first;
    return JW_OK;
}

/* ---- edges ---- */

static jw_result name_junction(net_reader *n, const char *id, uint32_t *out)
{
    jw_sumo_net *net = n->net;
    jw_result result = jw_sumo_names_add(&net->junction_names, id, out, n->r.error);
    if (result == JW_OK && *out == net->junction_count) {
        result = JW_SUMO_ROOM(net, junctions, junction_count, 1, n->r.error);
        if (result == JW_OK)
            net->junctions[net->junction_count++] = (jw_sumo_junction){.city_junction = JW_NONE};
    }
    return result;
}

static uint8_t function_of(const jw_sumo_reader *r)
{
    const char *function = jw_sumo_attribute(r, "function");
    return !function                              ? JW_SUMO_NORMAL
           : strcmp(function, "internal") == 0    ? JW_SUMO_INTERNAL
           : strcmp(function, "crossing") == 0    ? JW_SUMO_CROSSING
           : strcmp(function, "walkingarea") == 0 ? JW_SUMO_WALKING
                                                  : JW_SUMO_NORMAL;
}

static jw_result begin_edge(net_reader *n)
{
    jw_sumo_net *net = n->net;
    const jw_sumo_reader *r = &n->r;
    const char *id = jw_sumo_attribute(r, "id"), *from = jw_sumo_attribute(r, "from"),
               *to = jw_sumo_attribute(r, "to");
    jw_sumo_edge edge = {.from = JW_NONE,
                         .to = JW_NONE,
                         .first_lane = net->lane_count,
                         .city_edge = JW_NONE,
                         .function = function_of(r),
                         .line = jw_xml_line(r->xml)};
    if (!id || !*id) {
        jw_sumo_problem(r, "an edge without id: left out");
        return JW_OK;
    }
    if (jw_sumo_names_find(&net->edge_names, id, strlen(id)) != JW_NONE) {
        jw_sumo_problem(r, "a second edge of this id: the first counts");
        return JW_OK;
    }
    if (edge.function == JW_SUMO_NORMAL && (!from || !to)) {
        jw_sumo_problem(r, "an edge without from or to: left out");
        return JW_OK;
    }
    double priority;
    jw_sumo_number(r, "priority", -1e6, 1e6, -1, &priority);
    edge.priority = (int32_t)priority;
    jw_result result = JW_SUMO_ROOM(net, edges, edge_count, 1, r->error);
    if (result == JW_OK)
        result = jw_sumo_names_add(&net->edge_names, id, &n->edge, r->error);
    if (result == JW_OK && edge.function == JW_SUMO_NORMAL) {
        result = name_junction(n, from, &edge.from);
        if (result == JW_OK)
            result = name_junction(n, to, &edge.to);
    }
    const char *type = jw_sumo_attribute(r, "type"), *street = jw_sumo_attribute(r, "name");
    if (result == JW_OK)
        result = jw_sumo_names_add(&net->texts, type ? type : "", &edge.type, r->error);
    if (result == JW_OK)
        result = jw_sumo_names_add(&net->texts, street ? street : "", &edge.street, r->error);
    if (result == JW_OK)
        net->edges[net->edge_count++] = edge;
    return result;
}

static jw_result add_lane(net_reader *n)
{
    jw_sumo_net *net = n->net;
    const jw_sumo_reader *r = &n->r;
    jw_sumo_edge *edge = &net->edges[n->edge];
    jw_sumo_lane lane = {.edge = n->edge};
    double index;
    bool is_fine = jw_sumo_number(r, "index", 0, JW_SUMO_LANES_MAX - 1, -1, &index) &&
                   jw_sumo_number(r, "length", 0.001, 1e6, -1, &lane.length_m) &&
                   jw_sumo_number(r, "speed", 0.001, 1000, -1, &lane.speed_mps) &&
                   jw_sumo_number(r, "width", 0.01, 100, 0, &lane.width_m);
    if (is_fine && index != edge->lane_count) {
        jw_sumo_problem(r, "its index is not %u: lanes are numbered from 0 in order", edge->lane_count);
        is_fine = false;
    }
    if (is_fine && (lane.length_m < 0 || lane.speed_mps < 0)) {
        jw_sumo_problem(r, "it has no length or no speed");
        is_fine = false;
    }
    if (!is_fine) {
        edge->is_broken = 1;
        return JW_OK;
    }
    jw_result result = jw_sumo_read_classes(r, &lane.classes);
    if (result == JW_OK)
        result = read_shape(n, jw_sumo_attribute(r, "shape"), &lane.first_point, &lane.point_count);
    if (result == JW_OK)
        result = JW_SUMO_ROOM(net, lanes, lane_count, 1, r->error);
    if (result == JW_OK)
        result = JW_SUMO_ROOM(net, lane_first, lane_first_count, 1, r->error);
    if (result == JW_OK)
        result = jw_grow(&n->last_of_lane, &n->last_capacity, (uint64_t)net->lane_count + 1,
                         sizeof *n->last_of_lane, r->error);
    if (result != JW_OK)
        return result;
    net->lane_first[net->lane_first_count++] = JW_NONE;
    net->lanes[net->lane_count++] = lane;
    edge->lane_count++;
    return JW_OK;
}

/* ---- junctions ---- */

static jw_result node_type_of(const jw_sumo_reader *r, const char *type, uint8_t *out)
{
    static const struct {
        const char *name;
        jw_sumo_node_type type;
    } types[] = {{"priority", JW_SUMO_NODE_PRIORITY},
                 {"priority_stop", JW_SUMO_NODE_STOP},
                 {"traffic_light", JW_SUMO_NODE_SIGNAL},
                 {"traffic_light_unregulated", JW_SUMO_NODE_SIGNAL},
                 {"traffic_light_right_on_red", JW_SUMO_NODE_SIGNAL},
                 {"right_before_left", JW_SUMO_NODE_RIGHT_FIRST},
                 {"left_before_right", JW_SUMO_NODE_RIGHT_FIRST},
                 {"allway_stop", JW_SUMO_NODE_ALL_STOP},
                 {"zipper", JW_SUMO_NODE_ZIPPER},
                 {"unregulated", JW_SUMO_NODE_UNREGULATED},
                 {"dead_end", JW_SUMO_NODE_DEAD_END},
                 {"DEAD_END", JW_SUMO_NODE_DEAD_END},
                 {"internal", JW_SUMO_NODE_INTERNAL}};
    *out = JW_SUMO_NODE_PRIORITY;
    for (uint32_t i = 0; i < JW_COUNT_OF(types); i++)
        if (strcmp(types[i].name, type) == 0) {
            *out = (uint8_t)types[i].type;
            return JW_OK;
        }
    return jw_sumo_note_missing(r->missing, r->error, "junction type %.20s: as priority", type);
}

/* The lanes that arrive, in the order in which their links are counted. */
static jw_result read_in_lanes(net_reader *n, jw_sumo_junction *junction)
{
    jw_sumo_net *net = n->net;
    const char *text = jw_sumo_attribute(&n->r, "incLanes");
    junction->first_in = net->in_lane_count;
    while (text && *text) {
        char id[256];
        text += strspn(text, " \t\r\n");
        size_t size = strcspn(text, " \t\r\n");
        if (size == 0)
            break;
        uint32_t lane = JW_NONE;
        if (size < sizeof id) {
            memcpy(id, text, size);
            id[size] = '\0';
            lane = jw_sumo_find_lane(net, id);
        }
        text += size;
        if (lane == JW_NONE) {
            jw_sumo_problem(&n->r, "an incoming lane that is not there: who gives way is not known");
            net->in_lane_count = junction->first_in;
            break;
        }
        jw_result result = JW_SUMO_ROOM(net, in_lanes, in_lane_count, 1, n->r.error);
        if (result != JW_OK)
            return result;
        net->in_lanes[net->in_lane_count++] = lane;
    }
    junction->in_count = net->in_lane_count - junction->first_in;
    return JW_OK;
}

static jw_result begin_junction(net_reader *n)
{
    jw_sumo_net *net = n->net;
    const jw_sumo_reader *r = &n->r;
    const char *id = jw_sumo_attribute(r, "id"), *type = jw_sumo_attribute(r, "type");
    uint32_t number;
    if (!id || !*id) {
        jw_sumo_problem(r, "a junction without id: left out");
        return JW_OK;
    }
    if (type && strcmp(type, "internal") == 0)
        return JW_OK; /* where one waits inside is seen from the connections */
    jw_result result = name_junction(n, id, &number);
    if (result != JW_OK)
        return result;
    jw_sumo_junction junction = net->junctions[number];
    if (junction.is_there) {
        jw_sumo_problem(r, "a second junction of this id: the first counts");
        return JW_OK;
    }
    junction.is_there = 1;
    junction.line = jw_xml_line(r->xml);
    if (!jw_sumo_number(r, "x", -1e9, 1e9, 0, &junction.x_m) ||
        !jw_sumo_number(r, "y", -1e9, 1e9, 0, &junction.y_m) ||
        !jw_sumo_number(r, "z", -1e5, 1e5, 0, &junction.z_m))
        return JW_OK;
    junction.first_request = net->request_count;
    result = node_type_of(r, type ? type : "priority", &junction.type);
    if (result == JW_OK)
        result = read_in_lanes(n, &junction);
    if (result == JW_OK)
        result = read_shape(n, jw_sumo_attribute(r, "shape"), &junction.first_point, &junction.point_count);
    net->junctions[number] = junction;
    n->junction = number;
    return result;
}

static jw_result keep_bits(net_reader *n, const char *text, uint32_t *out)
{
    jw_sumo_net *net = n->net;
    size_t size = strlen(text) + 1;
    if ((uint64_t)net->bit_size + size >= JW_NONE)
        return jw_fail(n->r.error, JW_ERROR_LIMIT, n->r.name, jw_xml_line(n->r.xml),
                       "requests take more than 4 GB");
    jw_result result = JW_SUMO_ROOM(net, bits, bit_size, size, n->r.error);
    if (result != JW_OK)
        return result;
    *out = net->bit_size;
    memcpy(net->bits + net->bit_size, text, size);
    net->bit_size += (uint32_t)size;
    return JW_OK;
}

static jw_result add_request(net_reader *n)
{
    jw_sumo_net *net = n->net;
    const jw_sumo_reader *r = &n->r;
    jw_sumo_junction *junction = &net->junctions[n->junction];
    const char *response = jw_sumo_attribute(r, "response"), *foes = jw_sumo_attribute(r, "foes");
    double index;
    bool is_fine = jw_sumo_number(r, "index", 0, JW_SUMO_LINKS_MAX - 1, -1, &index);
    if (is_fine && (index != junction->request_count || !response || !foes ||
                    strspn(response, "01") != strlen(response) || strspn(foes, "01") != strlen(foes))) {
        jw_sumo_problem(r,
                        "request %u of junction %.60s: not the next index, or response and foes are not rows "
                        "of 0 and 1; who gives way there is not known",
                        junction->request_count, jw_sumo_name(&net->junction_names, n->junction));
        is_fine = false;
    }
    if (!is_fine) {
        junction->request_count = 0;
        n->junction = JW_NONE;
        return JW_OK;
    }
    jw_sumo_request request = {.index = (uint32_t)index};
    jw_result result = keep_bits(n, response, &request.response);
    if (result == JW_OK)
        result = keep_bits(n, foes, &request.foes);
    if (result == JW_OK)
        result = JW_SUMO_ROOM(net, requests, request_count, 1, r->error);
    if (result != JW_OK)
        return result;
    net->requests[net->request_count++] = request;
    junction->request_count++;
    return JW_OK;
}

/* ---- connections ---- */

static uint32_t lane_of(const net_reader *n, const char *edge_key, const char *lane_key)
{
    const jw_sumo_net *net = n->net;
    const char *id = jw_sumo_attribute(&n->r, edge_key);
    double index;
    uint32_t edge = id ? jw_sumo_names_find(&net->edge_names, id, strlen(id)) : JW_NONE;
    if (edge == JW_NONE || !jw_sumo_number(&n->r, lane_key, 0, JW_SUMO_LANES_MAX, 0, &index) ||
        index >= net->edges[edge].lane_count || index != jw_floor(index))
        return JW_NONE;
    return net->edges[edge].first_lane + (uint32_t)index;
}

static jw_result add_connection(net_reader *n)
{
    jw_sumo_net *net = n->net;
    const jw_sumo_reader *r = &n->r;
    const char *via = jw_sumo_attribute(r, "via"), *programme = jw_sumo_attribute(r, "tl"),
               *direction = jw_sumo_attribute(r, "dir"), *state = jw_sumo_attribute(r, "state");
    jw_sumo_connection connection = {.from_lane = lane_of(n, "from", "fromLane"),
                                     .to_lane = lane_of(n, "to", "toLane"),
                                     .via_lane = via ? jw_sumo_find_lane(net, via) : JW_NONE,
                                     .programme = JW_NONE,
                                     .position = JW_NONE,
                                     .next = JW_NONE,
                                     .city_connection = JW_NONE,
                                     .direction = direction ? direction[0] : 's',
                                     .state = state ? state[0] : 'M',
                                     .line = jw_xml_line(r->xml)};
    if (connection.from_lane == JW_NONE || connection.to_lane == JW_NONE) {
        const char *from = jw_sumo_attribute(r, "from"), *to = jw_sumo_attribute(r, "to");
        jw_sumo_problem(r, "from \"%.60s\" to \"%.60s\": an edge or lane that is not there: left out",
                        from ? from : "", to ? to : "");
        return JW_OK;
    }
    if (via && connection.via_lane == JW_NONE)
        jw_sumo_problem(r, "via \"%.60s\", which is not there: drawn without", via);
    double link;
    jw_result result = JW_SUMO_ROOM(net, connections, connection_count, 1, r->error);
    if (result == JW_OK && programme && jw_sumo_number(r, "linkIndex", 0, JW_SUMO_LINKS_MAX - 1, 0, &link)) {
        connection.link = (uint32_t)link;
        result = jw_sumo_names_add(&net->programme_names, programme, &connection.programme, r->error);
    }
    if (result != JW_OK)
        return result;
    uint32_t number = net->connection_count++, lane = connection.from_lane;
    net->connections[number] = connection;
    if (net->lane_first[lane] == JW_NONE)
        net->lane_first[lane] = number;
    else
        net->connections[n->last_of_lane[lane]].next = number;
    n->last_of_lane[lane] = number;
    return JW_OK;
}

/* ---- the rest ---- */

static void mark_roundabout(net_reader *n)
{
    const char *edges = jw_sumo_attribute(&n->r, "edges");
    while (edges && *edges) {
        edges += strspn(edges, " \t\r\n");
        size_t size = strcspn(edges, " \t\r\n");
        uint32_t edge = size ? jw_sumo_names_find(&n->net->edge_names, edges, size) : JW_NONE;
        if (edge != JW_NONE)
            n->net->edges[edge].is_roundabout = 1;
        edges += size;
    }
}

static bool read_numbers(const char *text, double *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!text || !take_number(&text, &out[i]))
            return false;
        text += *text == ',';
    }
    return true;
}

static void read_location(net_reader *n)
{
    jw_sumo_net *net = n->net;
    double offset[2] = {0, 0};
    const char *projection = jw_sumo_attribute(&n->r, "projParameter");
    if (projection && !jw_text_copy(net->projection, sizeof net->projection, projection))
        net->projection[0] = '\0';
    if (!read_numbers(jw_sumo_attribute(&n->r, "netOffset"), offset, 2))
        net->projection[0] = '\0'; /* no way back to the places on Earth */
    net->offset_x_m = offset[0];
    net->offset_y_m = offset[1];
    if (!read_numbers(jw_sumo_attribute(&n->r, "origBoundary"), net->original, 4))
        memset(net->original, 0, sizeof net->original);
}

static jw_result read_root(net_reader *n, const char *name)
{
    if (strcmp(name, "net") != 0)
        return jw_fail(n->r.error, JW_ERROR_INPUT, n->r.name, jw_xml_line(n->r.xml),
                       "the root is <%.40s>, not <net>: this is no SUMO network%s", name,
                       strcmp(name, "nodes") == 0 || strcmp(name, "edges") == 0 ? "; make one with netconvert"
                                                                                : "");
    const char *hand = jw_sumo_attribute(&n->r, "lefthand");
    return hand && strcmp(hand, "true") == 0
               ? jw_sumo_note_missing(n->r.missing, n->r.error, "driving on the left")
               : JW_OK;
}

/* What a network may hold beside that needs nothing here. */
static bool is_of_no_use(const char *name)
{
    static const char *const names[] = {"type", "param", "prohibition"};
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static jw_result read_top(net_reader *n, const char *name)
{
    n->edge = n->junction = JW_NONE;
    n->is_in_programme = false;
    if (strcmp(name, "edge") == 0)
        return begin_edge(n);
    if (strcmp(name, "junction") == 0)
        return begin_junction(n);
    if (strcmp(name, "connection") == 0)
        return add_connection(n);
    if (strcmp(name, "tlLogic") == 0)
        return jw_sumo_begin_programme(&n->r, &n->net->logics, &n->is_in_programme);
    if (strcmp(name, "roundabout") == 0)
        mark_roundabout(n);
    else if (strcmp(name, "location") == 0)
        read_location(n);
    else if (!is_of_no_use(name))
        return jw_sumo_note_missing(n->r.missing, n->r.error, "element %.40s in a network", name);
    return JW_OK;
}

static jw_result on_start(void *context, const jw_xml *xml, int depth, const char *name,
                          const char **attributes, jw_error *error)
{
    net_reader *n = context;
    n->r.xml = xml;
    n->r.element = name;
    n->r.attributes = attributes;
    n->r.error = error;
    if (depth == 1)
        return read_root(n, name);
    if (depth == 2)
        return read_top(n, name);
    if (depth != 3)
        return JW_OK;
    if (n->is_in_programme && strcmp(name, "phase") == 0)
        return jw_sumo_add_phase(&n->r, &n->net->logics);
    if (n->edge != JW_NONE && strcmp(name, "lane") == 0)
        return add_lane(n);
    if (n->junction != JW_NONE && strcmp(name, "request") == 0)
        return add_request(n);
    return JW_OK;
}

jw_result jw_sumo_net_read(jw_source *source, jw_sumo_net *net, jw_sumo_missing *missing,
                           jw_problems *problems, jw_error *error)
{
    net_reader n = {.r = {.name = source->name, .problems = problems, .missing = missing},
                    .net = net,
                    .edge = JW_NONE,
                    .junction = JW_NONE};
    jw_xml_def def = {JW_SUMO_ATTRIBUTE_MAX, JW_SUMO_DEPTH_MAX, on_start, NULL, &n};
    jw_result result = jw_sumo_parse_source(source, &def, error);
    jw_free(n.last_of_lane);
    return result;
}
