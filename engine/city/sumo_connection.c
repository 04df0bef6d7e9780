/* From a network's tables to a city: connections with their lines through the internal lanes. */
#include "city/sumo_internal.h"

#include <stdlib.h>

#define CHAIN_MAX    4 /* internal lanes one after the other */
#define SHORTEST_M   0.1
#define SAME_PLACE_M 0.001

/* ---- connections ------------------------------------------------------------------------------------- */

/* The place of each connection among its junction's requests: SUMO counts them by incoming lane, and for each
 * in the file's order, without the ways over walking areas. */
static void number_links(jw_sumo_builder *b)
{
    jw_sumo_net *net = b->net;
    for (uint32_t j = 0; j < net->junction_count; j++) {
        jw_sumo_junction *junction = &net->junctions[j];
        uint32_t position = 0;
        for (uint32_t i = 0; i < junction->in_count; i++) {
            uint32_t lane = net->in_lanes[junction->first_in + i];
            bool is_walking = net->edges[net->lanes[lane].edge].function == JW_SUMO_WALKING;
            for (uint32_t c = net->lane_first[lane]; c != JW_NONE; c = net->connections[c].next) {
                uint8_t to = net->edges[net->lanes[net->connections[c].to_lane].edge].function;
                if (to == JW_SUMO_WALKING || (is_walking && to != JW_SUMO_CROSSING))
                    continue;
                net->connections[c].position = position++;
            }
        }
        if (junction->request_count == 0 || position == junction->request_count)
            continue;
        char element[64] = "junction ";
        jw_text_copy(element + 9, sizeof element - 9, jw_sumo_name(&net->junction_names, j));
        jw_problems_add(b->build.problems, JW_PROBLEM, b->name, junction->line, element,
                        "it has %u requests for %u connections: who gives way there is not known",
                        junction->request_count, position);
        junction->request_count = 0;
    }
}

typedef struct link {
    uint32_t junction, position, number;
} link;

static int compare_links(const void *a, const void *b)
{
    const link *p = a, *q = b;
    if (p->junction != q->junction)
        return p->junction < q->junction ? -1 : 1;
    if (p->position != q->position)
        return p->position < q->position ? -1 : 1;
    return p->number < q->number ? -1 : p->number > q->number;
}

/* The city's junction of a connection that is taken over; JW_NONE otherwise. */
static jw_result judge_connection(jw_sumo_builder *b, const jw_sumo_connection *c, uint32_t *out_junction,
                                  jw_error *error)
{
    const jw_sumo_net *net = b->net;
    const jw_sumo_edge *from = &net->edges[net->lanes[c->from_lane].edge],
                       *to = &net->edges[net->lanes[c->to_lane].edge];
    *out_junction = JW_NONE;
    if (from->city_edge == JW_NONE || to->city_edge == JW_NONE)
        return JW_OK; /* the way on inside a junction, or of edges that are counted already */
    if (from->to != to->from) {
        char element[64] = "connection from ";
        jw_text_copy(element + 16, sizeof element - 16,
                     jw_sumo_name(&net->edge_names, net->lanes[c->from_lane].edge));
        jw_problems_add(b->build.problems, JW_PROBLEM, b->name, c->line, element,
                        "it leads to an edge that begins at another junction: left out");
        return JW_OK;
    }
    jw_sumo_classes classes = net->lanes[c->from_lane].classes & net->lanes[c->to_lane].classes;
    if (!jw_sumo_allow(classes))
        return jw_sumo_note_missing(b->missing, error, "connection for classes that are not modelled");
    *out_junction = net->junctions[from->to].city_junction;
    return JW_OK;
}

/* The internal lanes of a connection, one after the other. */
static uint32_t list_chain(const jw_sumo_net *net, const jw_sumo_connection *c, uint32_t out[CHAIN_MAX])
{
    uint32_t count = 0;
    for (uint32_t lane = c->via_lane; lane != JW_NONE && count < CHAIN_MAX;) {
        out[count++] = lane;
        uint32_t on = net->lane_first[lane];
        lane = on == JW_NONE ? JW_NONE : net->connections[on].via_lane;
    }
    return count;
}

static bool is_same_place(jw_vec3 a, jw_vec3 b)
{
    return jw_abs(a.x - b.x) < SAME_PLACE_M && jw_abs(a.y - b.y) < SAME_PLACE_M;
}

/* Draws a connection along its internal lanes, from the end of its lane to the beginning of the next. */
static jw_result draw(jw_sumo_builder *b, const jw_sumo_connection *from, jw_connection *to, jw_error *error)
{
    const jw_sumo_net *net = b->net;
    jw_city_parts *parts = &b->build.parts;
    const jw_lane *in = &parts->lanes[to->from_lane], *out = &parts->lanes[to->to_lane];
    jw_vec3 first = parts->points[in->first_point + in->point_count - 1],
            last = parts->points[out->first_point];
    uint32_t chain[CHAIN_MAX], count = list_chain(net, from, chain);
    uint64_t room = 2;
    for (uint32_t i = 0; i < count; i++)
        room += net->lanes[chain[i]].point_count;
    jw_result result = JW_CITY_ROOM(parts, points, point_count, room, error);
    if (result != JW_OK)
        return result;
    jw_vec3 *points = parts->points + parts->point_count;
    points[0] = first;
    uint32_t used = 1;
    to->length_m = 0;
    to->speed_mps = jw_min(in->speed_mps, out->speed_mps);
    for (uint32_t i = 0; i < count; i++) {
        const jw_sumo_lane *lane = &net->lanes[chain[i]];
        for (uint32_t k = 0; k < lane->point_count; k++)
            if (!is_same_place(points[used - 1], net->points[lane->first_point + k]))
                points[used++] = net->points[lane->first_point + k];
        to->length_m += lane->length_m;
        to->speed_mps = i == 0 ? lane->speed_mps : jw_min(to->speed_mps, lane->speed_mps);
    }
    if (used > 1 && is_same_place(points[used - 1], last))
        used--;
    points[used++] = last;
    double drawn_m = jw_polyline_length(points, used);
    to->wait_m = count > 1 ? (float)net->lanes[chain[0]].length_m : 0;
    if (count == 0)
        to->length_m = jw_max(drawn_m, SHORTEST_M);
    to->first_point = parts->point_count;
    to->point_count = used;
    parts->point_count += used;
    return JW_OK;
}

static jw_turn turn_of(char direction)
{
    switch (direction) {
    case 'l':
    case 'L':
        return JW_TURN_LEFT;
    case 'r':
    case 'R':
        return JW_TURN_RIGHT;
    case 't':
        return JW_TURN_U;
    default:
        return JW_TURN_STRAIGHT;
    }
}

static uint32_t city_lane(const jw_sumo_builder *b, uint32_t lane)
{
    const jw_sumo_edge *edge = &b->net->edges[b->net->lanes[lane].edge];
    return b->build.parts.edges[edge->city_edge].first_lane + (lane - edge->first_lane);
}

static jw_result add_connection(jw_sumo_builder *b, const link *at, jw_error *error)
{
    jw_city_parts *parts = &b->build.parts;
    jw_sumo_connection *from = &b->net->connections[at->number];
    jw_connection connection = {.from_lane = city_lane(b, from->from_lane),
                                .to_lane = city_lane(b, from->to_lane),
                                .junction = at->junction,
                                .turn = turn_of(from->direction),
                                .signal_link = JW_NONE,
                                .second = JW_NONE,
                                .rule = from->state == 's'   ? JW_RULE_STOP
                                        : from->state == 'w' ? JW_RULE_ALL_STOP
                                        : from->state == 'Z' ? JW_RULE_ZIPPER
                                                             : JW_RULE_NONE};
    jw_junction *junction = &parts->junctions[at->junction];
    if (junction->connection_count == JW_SUMO_LINKS_MAX) {
        jw_problems_add(b->build.problems, JW_PROBLEM, b->name, from->line, "connection",
                        "more than %d connections at one junction: the others are left out",
                        JW_SUMO_LINKS_MAX);
        return JW_OK;
    }
    for (uint32_t i = junction->first_connection; i < parts->connection_count && junction->connection_count;
         i++)
        if (parts->connections[i].from_lane == connection.from_lane &&
            parts->connections[i].to_lane == connection.to_lane) {
            jw_problems_add(b->build.problems, JW_PROBLEM, b->name, from->line, "connection",
                            "a second connection between the same lanes: the first counts");
            return JW_OK;
        }
    connection.allow = parts->lanes[connection.from_lane].allow & parts->lanes[connection.to_lane].allow;
    jw_result result = JW_CITY_ROOM(parts, connections, connection_count, 1, error);
    if (result == JW_OK)
        result = draw(b, from, &connection, error);
    if (result != JW_OK)
        return result;
    if (junction->connection_count++ == 0)
        junction->first_connection = parts->connection_count;
    parts->lanes[connection.from_lane].connection_count++;
    from->city_connection = parts->connection_count;
    parts->connections[parts->connection_count++] = connection;
    return JW_OK;
}

static jw_result list_lane_connections(jw_city_parts *parts, jw_error *error)
{
    jw_result result =
        JW_CITY_ROOM(parts, lane_connections, lane_connection_count, parts->connection_count, error);
    if (result != JW_OK)
        return result;
    for (uint32_t l = 0, sum = 0; l < parts->lane_count; l++) {
        parts->lanes[l].first_connection = sum;
        sum += parts->lanes[l].connection_count;
        parts->lanes[l].connection_count = 0;
    }
    for (uint32_t c = 0; c < parts->connection_count; c++) {
        jw_lane *lane = &parts->lanes[parts->connections[c].from_lane];
        parts->lane_connections[lane->first_connection + lane->connection_count++] = c;
    }
    parts->lane_connection_count = parts->connection_count;
    return JW_OK;
}

jw_result jw_sumo_build_connections(jw_sumo_builder *b, jw_error *error)
{
    jw_sumo_net *net = b->net;
    link *links = jw_build_take(&b->build, net->connection_count, sizeof *links, error);
    if (!links)
        return JW_ERROR_MEMORY;
    number_links(b);
    uint32_t count = 0;
    jw_result result = JW_OK;
    for (uint32_t c = 0; c < net->connection_count && result == JW_OK; c++) {
        uint32_t junction;
        result = judge_connection(b, &net->connections[c], &junction, error);
        if (result == JW_OK && junction != JW_NONE)
            links[count++] = (link){junction, net->connections[c].position, c};
    }
    if (count > 1)
        qsort(links, count, sizeof *links, compare_links);
    for (uint32_t i = 0; i < count && result == JW_OK; i++)
        result = add_connection(b, &links[i], error);
    return result == JW_OK ? list_lane_connections(&b->build.parts, error) : result;
}
