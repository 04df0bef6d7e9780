/* From a network's tables to a city: places on Earth, edges and lanes, junctions, connections. */
#include "city/sumo_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANE_WIDTH_M 3.2 /* SUMO's default */
#define CHAIN_MAX    4   /* internal lanes one after the other */
#define SHORTEST_M   0.1
#define SAME_PLACE_M 0.001

/* ---- places ------------------------------------------------------------------------------------------ */

/* Through lon and lat into our own projection about the middle. */
static jw_result reproject(jw_sumo_net *net, jw_vec2 middle, jw_error *error)
{
    jw_projection *from = NULL, *to = NULL;
    double x = middle.x - net->offset_x_m, y = middle.y - net->offset_y_m;
    jw_result result = jw_projection_create_from_text(net->projection, &from, error);
    if (result == JW_OK)
        result = jw_projection_inverse(from, &x, &y, 1, &net->origin_lon_deg, &net->origin_lat_deg, error);
    if (result == JW_OK)
        result = jw_projection_create(net->origin_lon_deg, net->origin_lat_deg, &to, error);
    for (uint32_t i = 0; i < net->point_count + net->junction_count && result == JW_OK; i++) {
        jw_sumo_junction *j = i < net->point_count ? NULL : &net->junctions[i - net->point_count];
        double *px = j ? &j->x_m : &net->points[i].x, *py = j ? &j->y_m : &net->points[i].y;
        double lon_deg, lat_deg;
        if (j && !j->is_there)
            continue;
        x = *px - net->offset_x_m;
        y = *py - net->offset_y_m;
        result = jw_projection_inverse(from, &x, &y, 1, &lon_deg, &lat_deg, error);
        if (result == JW_OK)
            result = jw_projection_forward(to, &lon_deg, &lat_deg, 1, px, py, error);
    }
    jw_projection_destroy(from);
    jw_projection_destroy(to);
    return result;
}

static void shift(jw_sumo_net *net, jw_vec2 middle)
{
    for (uint32_t i = 0; i < net->point_count; i++) {
        net->points[i].x = jw_round_mm(net->points[i].x - middle.x);
        net->points[i].y = jw_round_mm(net->points[i].y - middle.y);
    }
    for (uint32_t i = 0; i < net->junction_count; i++) {
        net->junctions[i].x_m = jw_round_mm(net->junctions[i].x_m - middle.x);
        net->junctions[i].y_m = jw_round_mm(net->junctions[i].y_m - middle.y);
    }
}

static jw_result place_net(jw_sumo_builder *b, jw_error *error)
{
    jw_sumo_net *net = b->net;
    jw_box box = jw_box_empty();
    for (uint32_t i = 0; i < net->junction_count; i++)
        if (net->junctions[i].is_there)
            box = jw_box_extend(box, net->junctions[i].x_m, net->junctions[i].y_m);
    for (uint32_t i = 0; i < net->point_count; i++)
        box = jw_box_extend(box, net->points[i].x, net->points[i].y);
    if (box.max_x < box.min_x)
        return jw_fail(error, JW_ERROR_INPUT, b->name, 0, "the network is empty: it has no junction");
    if (box.max_x - box.min_x > JW_SUMO_EXTENT_MAX_M || box.max_y - box.min_y > JW_SUMO_EXTENT_MAX_M)
        return jw_fail(error, JW_ERROR_LIMIT, b->name, 0,
                       "the network is %.0f km wide: at most %.0f are taken (is a junction misplaced?)",
                       jw_max(box.max_x - box.min_x, box.max_y - box.min_y) / 1e3,
                       JW_SUMO_EXTENT_MAX_M / 1e3);
    jw_vec2 middle = {(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
    if (strlen(net->projection) > 1) { /* '!', '-' and '.' are no projections */
        jw_error why = {0};
        jw_result result = reproject(net, middle, &why);
        if (result == JW_OK || result == JW_ERROR_MEMORY)
            return result == JW_OK ? result : jw_fail_memory(error);
        return jw_fail(
            error, JW_ERROR_INPUT, b->name, 0,
            "its projection \"%.100s\" does not fit its places (%.200s): write projParameter=\"!\" "
            "to have it in its own plane",
            net->projection, why.message);
    }
    const double *o = net->original;
    if (jw_abs(o[0]) <= 180 && jw_abs(o[2]) <= 180 && jw_abs(o[1]) <= 85 && jw_abs(o[3]) <= 85 &&
        net->projection[0] == '-') {
        net->origin_lon_deg = (o[0] + o[2]) / 2;
        net->origin_lat_deg = (o[1] + o[3]) / 2;
    }
    shift(net, middle);
    net->projection[0] = '\0';
    net->offset_x_m = middle.x;
    net->offset_y_m = middle.y;
    return JW_OK;
}

/* ---- edges ------------------------------------------------------------------------------------------- */

/* Where the file names no type: by what a road of that speed and width usually is. */
static jw_road_class class_by_rule(double speed_mps, uint32_t motor_lanes)
{
    return speed_mps > 27   ? JW_ROAD_MOTORWAY
           : speed_mps > 21 ? JW_ROAD_TRUNK
           : speed_mps > 15 ? JW_ROAD_PRIMARY
           : speed_mps > 13 ? (motor_lanes > 1 ? JW_ROAD_SECONDARY : JW_ROAD_TERTIARY)
                            : JW_ROAD_RESIDENTIAL;
}

static double width_of(const jw_sumo_lane *lane)
{
    return lane->width_m > 0 ? lane->width_m : LANE_WIDTH_M;
}

/* A lane's points into the city; where the file has none, from junction to junction. */
static jw_result add_lane_points(jw_sumo_builder *b, const jw_sumo_edge *edge, const jw_sumo_lane *lane,
                                 uint32_t *out_first, uint32_t *out_count, jw_error *error)
{
    const jw_sumo_net *net = b->net;
    if (lane->point_count >= 2) {
        *out_count = lane->point_count;
        return jw_city_add_points(&b->build.parts, net->points + lane->first_point, lane->point_count,
                                  out_first, error);
    }
    const jw_sumo_junction *from = &net->junctions[edge->from], *to = &net->junctions[edge->to];
    jw_vec3 ends[2] = {{from->x_m, from->y_m, from->z_m}, {to->x_m, to->y_m, to->z_m}};
    *out_count = 2;
    return jw_city_add_points(&b->build.parts, ends, 2, out_first, error);
}

static jw_result add_centre_line(jw_sumo_builder *b, jw_edge *edge, jw_error *error)
{
    jw_city_parts *parts = &b->build.parts;
    const jw_lane *lane = &parts->lanes[edge->first_lane + (edge->lane_count - 1) / 2];
    edge->point_count = lane->point_count;
    if (edge->lane_count % 2 == 1) {
        edge->first_point = lane->first_point;
        return JW_OK;
    }
    double half_m = lane->width_m / 2;
    uint32_t first = lane->first_point;
    jw_result result = JW_CITY_ROOM(parts, points, point_count, edge->point_count, error);
    if (result != JW_OK)
        return result;
    edge->first_point = parts->point_count;
    jw_polyline_offset(parts->points + first, edge->point_count, half_m, parts->points + parts->point_count);
    for (uint32_t i = 0; i < edge->point_count; i++) {
        jw_vec3 *p = &parts->points[parts->point_count++];
        *p = (jw_vec3){jw_round_mm(p->x), jw_round_mm(p->y), p->z};
    }
    return JW_OK;
}

static jw_result add_lanes(jw_sumo_builder *b, const jw_sumo_edge *from, jw_edge *edge, jw_error *error)
{
    jw_sumo_net *net = b->net;
    jw_city_parts *parts = &b->build.parts;
    jw_result result = JW_CITY_ROOM(parts, lanes, lane_count, from->lane_count, error);
    edge->first_lane = parts->lane_count;
    edge->lane_count = from->lane_count;
    edge->length_m = net->lanes[from->first_lane].length_m;
    for (uint32_t i = 0; i < from->lane_count && result == JW_OK; i++) {
        const jw_sumo_lane *lane = &net->lanes[from->first_lane + i];
        if (jw_abs(lane->length_m - edge->length_m) > 0.05)
            jw_problems_add(b->build.problems, JW_WARNING, b->name, from->line, "edge",
                            "its lanes are of different lengths: the first counts");
        jw_lane *to = &parts->lanes[parts->lane_count];
        *to = (jw_lane){.edge = parts->edge_count,
                        .index = i,
                        .length_m = edge->length_m,
                        .speed_mps = lane->speed_mps,
                        .width_m = width_of(lane),
                        .strips = jw_strips_in(width_of(lane)),
                        .allow = jw_sumo_allow(lane->classes)};
        result = add_lane_points(b, from, lane, &to->first_point, &to->point_count, error);
        edge->speed_mps = jw_max(edge->speed_mps, lane->speed_mps);
        parts->lane_count++;
    }
    return result;
}

static jw_result add_edge(jw_sumo_builder *b, uint32_t number, jw_error *error)
{
    jw_sumo_net *net = b->net;
    jw_city_parts *parts = &b->build.parts;
    jw_sumo_edge *from = &net->edges[number];
    jw_edge edge = {.from = net->junctions[from->from].city_junction,
                    .to = net->junctions[from->to].city_junction,
                    .opposite = JW_NONE,
                    .is_roundabout = from->is_roundabout,
                    .source_id = (uint64_t)number + 1};
    jw_result result = JW_CITY_ROOM(parts, edges, edge_count, 1, error);
    if (result == JW_OK)
        result = add_lanes(b, from, &edge, error);
    if (result == JW_OK)
        result = add_centre_line(b, &edge, error);
    if (result == JW_OK)
        result = jw_city_add_text(parts, jw_sumo_name(&net->edge_names, number), &edge.id, error);
    const char *street = jw_sumo_name(&net->texts, from->street);
    if (result == JW_OK && *street)
        result = jw_city_add_text(parts, street, &edge.name, error);
    if (result != JW_OK)
        return result;
    uint32_t motor_lanes = 0;
    for (uint32_t i = 0; i < edge.lane_count; i++)
        motor_lanes += (parts->lanes[edge.first_lane + i].allow & JW_ALLOW_MOTOR) != 0;
    bool is_link = false;
    if (!jw_sumo_road_class(jw_sumo_name(&net->texts, from->type), &edge.road_class, &is_link))
        edge.road_class = motor_lanes ? class_by_rule(edge.speed_mps, motor_lanes) : JW_ROAD_SERVICE;
    edge.is_link = is_link;
    from->city_edge = parts->edge_count;
    parts->edges[parts->edge_count++] = edge;
    return JW_OK;
}

static jw_result add_rail(jw_sumo_builder *b, const jw_sumo_edge *edge, jw_error *error)
{
    jw_city_parts *parts = &b->build.parts;
    const jw_sumo_lane *lane = &b->net->lanes[edge->first_lane];
    jw_line line = {.kind = JW_LINE_RAIL, .width_m = (float)width_of(lane)};
    jw_result result = JW_CITY_ROOM(parts, lines, line_count, 1, error);
    if (result == JW_OK)
        result = add_lane_points(b, edge, lane, &line.first_point, &line.point_count, error);
    if (result == JW_OK)
        parts->lines[parts->line_count++] = line;
    return result;
}

/* Whether the edge is taken over; else counts why not. */
static jw_result judge_edge(jw_sumo_builder *b, uint32_t number, bool *out_is_road, jw_error *error)
{
    jw_sumo_net *net = b->net;
    const jw_sumo_edge *edge = &net->edges[number];
    *out_is_road = false;
    if (edge->function == JW_SUMO_CROSSING)
        return jw_sumo_note_missing(b->missing, error, "crossing of pedestrians");
    if (edge->function == JW_SUMO_WALKING)
        return jw_sumo_note_missing(b->missing, error, "walking area of pedestrians");
    if (edge->function != JW_SUMO_NORMAL)
        return JW_OK;
    const char *why = edge->is_broken                        ? "a lane of it makes no sense"
                      : edge->lane_count == 0                ? "it has no lane"
                      : !net->junctions[edge->from].is_there ? "the junction it begins at is not there"
                      : !net->junctions[edge->to].is_there   ? "the junction it ends at is not there"
                                                             : NULL;
    if (why) {
        char element[64] = "edge ";
        jw_text_copy(element + 5, sizeof element - 5, jw_sumo_name(&net->edge_names, number));
        jw_problems_add(b->build.problems, JW_PROBLEM, b->name, edge->line, element, "left out: %s", why);
        return JW_OK;
    }
    jw_sumo_classes classes = 0;
    for (uint32_t i = 0; i < edge->lane_count; i++)
        classes |= net->lanes[edge->first_lane + i].classes;
    *out_is_road = jw_sumo_allow(classes) != 0;
    if (*out_is_road)
        return JW_OK;
    if (!jw_sumo_is_rail(classes))
        return jw_sumo_note_missing(b->missing, error, "edge for classes that are not modelled");
    jw_result result = jw_sumo_note_missing(b->missing, error, "rail edge: drawn only");
    return result == JW_OK ? add_rail(b, edge, error) : result;
}

/* Ours: edges of the other direction by id ("-x"), else the first that leads back. */
static void pair_opposites(jw_sumo_builder *b)
{
    jw_city_parts *parts = &b->build.parts;
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t e = 0; e < parts->edge_count; e++) {
            jw_edge *edge = &parts->edges[e];
            if (edge->opposite != JW_NONE || edge->from == edge->to)
                continue;
            const jw_junction *end = &parts->junctions[edge->to];
            for (uint32_t k = 0; k < end->out_count && edge->opposite == JW_NONE; k++) {
                uint32_t o = parts->junction_edges[end->first_out + k];
                jw_edge *back = &parts->edges[o];
                const char *a = parts->texts + edge->id, *c = parts->texts + back->id;
                bool is_named =
                    (a[0] == '-' && strcmp(a + 1, c) == 0) || (c[0] == '-' && strcmp(c + 1, a) == 0);
                if (back->to != edge->from || back->opposite != JW_NONE || (pass == 0 && !is_named))
                    continue;
                edge->opposite = o;
                back->opposite = e;
            }
        }
}

/* ---- junctions --------------------------------------------------------------------------------------- */

static jw_junction_kind kind_of(uint8_t type)
{
    switch ((jw_sumo_node_type)type) {
    case JW_SUMO_NODE_STOP:
    case JW_SUMO_NODE_ALL_STOP:
        return JW_JUNCTION_STOP;
    case JW_SUMO_NODE_RIGHT_FIRST:
        return JW_JUNCTION_RIGHT_FIRST;
    case JW_SUMO_NODE_UNREGULATED:
        return JW_JUNCTION_JOINT;
    case JW_SUMO_NODE_DEAD_END:
        return JW_JUNCTION_DEAD_END;
    default:
        return JW_JUNCTION_PRIORITY;
    }
}

static jw_result add_junction(jw_sumo_builder *b, uint32_t number, jw_error *error)
{
    jw_sumo_net *net = b->net;
    jw_city_parts *parts = &b->build.parts;
    jw_sumo_junction *from = &net->junctions[number];
    jw_junction junction = {.x_m = from->x_m,
                            .y_m = from->y_m,
                            .z_m = from->z_m,
                            .kind = kind_of(from->type),
                            .programme = JW_NONE,
                            .source_id = (uint64_t)number + 1};
    jw_result result = JW_CITY_ROOM(parts, junctions, junction_count, 1, error);
    if (result == JW_OK)
        result = jw_city_add_text(parts, jw_sumo_name(&net->junction_names, number), &junction.id, error);
    jw_vec3 *outline = net->points + from->first_point;
    uint32_t count = from->point_count;
    while (count > 1 && outline[count - 1].x == outline[0].x && outline[count - 1].y == outline[0].y)
        count--;
    if (result == JW_OK && count >= 3) {
        if (jw_ring_area_m2(outline, count) < 0)
            for (uint32_t i = 0; i < count / 2; i++) {
                jw_vec3 kept = outline[i];
                outline[i] = outline[count - 1 - i];
                outline[count - 1 - i] = kept;
            }
        junction.point_count = count;
        result = jw_city_add_points(parts, outline, count, &junction.first_point, error);
    }
    if (result != JW_OK)
        return result;
    from->city_junction = parts->junction_count;
    parts->junctions[parts->junction_count++] = junction;
    return JW_OK;
}

/* Junctions at which a road ends come in the file's order, then the roads. */
static jw_result add_roads(jw_sumo_builder *b, jw_error *error)
{
    jw_sumo_net *net = b->net;
    uint8_t *is_road = jw_build_take(&b->build, net->edge_count, 1, error);
    uint8_t *is_used = jw_build_take(&b->build, net->junction_count, 1, error);
    if (!is_road || !is_used)
        return JW_ERROR_MEMORY;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < net->edge_count && result == JW_OK; i++) {
        bool is;
        result = judge_edge(b, i, &is, error);
        is_road[i] = result == JW_OK && is;
        if (is_road[i])
            is_used[net->edges[i].from] = is_used[net->edges[i].to] = 1;
    }
    for (uint32_t i = 0; i < net->junction_count && result == JW_OK; i++)
        if (is_used[i])
            result = add_junction(b, i, error);
    for (uint32_t i = 0; i < net->edge_count && result == JW_OK; i++)
        if (is_road[i])
            result = add_edge(b, i, error);
    if (result == JW_OK && b->build.parts.edge_count == 0)
        result = jw_fail(error, JW_ERROR_INPUT, b->name, 0, "the network has no road that can be driven on");
    if (result == JW_OK)
        result = jw_build_list_edges(&b->build, error);
    if (result == JW_OK)
        pair_opposites(b);
    return result;
}

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

static jw_result add_connections(jw_sumo_builder *b, jw_error *error)
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

/* ---- blocks and gates -------------------------------------------------------------------------------- */

/* What jw_build_blocks asks of a draft and its pieces: one piece a road, one node a junction. */
static jw_result make_pieces(jw_sumo_builder *b, jw_draft *draft, jw_error *error)
{
    jw_build *build = &b->build;
    jw_city_parts *parts = &build->parts;
    uint32_t nodes = parts->junction_count;
    build->edge_side = jw_build_take(build, parts->edge_count, sizeof(uint32_t), error);
    build->node_junction = jw_build_take(build, nodes, sizeof(uint32_t), error);
    build->node_first_end = jw_build_take(build, (uint64_t)nodes + 1, sizeof(uint32_t), error);
    build->node_ends = jw_build_take(build, 2 * (uint64_t)parts->edge_count, sizeof(uint32_t), error);
    draft->nodes = jw_build_take(build, nodes, sizeof *draft->nodes, error);
    if (!build->edge_side || !build->node_junction || !build->node_first_end || !build->node_ends ||
        !draft->nodes ||
        jw_grow(&build->pieces, &build->piece_capacity, parts->edge_count, sizeof *build->pieces, error) ||
        jw_grow(&build->line, &build->line_capacity, parts->point_count, sizeof *build->line, error))
        return JW_ERROR_MEMORY;
    draft->node_count = nodes;
    memcpy(build->line, parts->points, parts->point_count * sizeof *build->line);
    build->line_count = parts->point_count;
    for (uint32_t e = 0; e < parts->edge_count; e++) {
        const jw_edge *edge = &parts->edges[e];
        if (edge->opposite < e) {
            build->edge_side[e] = build->edge_side[edge->opposite] + 1;
            continue;
        }
        build->edge_side[e] = 2 * build->piece_count;
        build->pieces[build->piece_count++] = (jw_build_piece){.first_point = edge->first_point,
                                                               .point_count = edge->point_count,
                                                               .length_m = edge->length_m,
                                                               .road_class = edge->road_class,
                                                               .is_link = edge->is_link,
                                                               .junction = {edge->from, edge->to}};
        build->node_first_end[edge->from + 1]++;
        build->node_first_end[edge->to + 1]++;
    }
    for (uint32_t n = 0; n < nodes; n++) {
        build->node_junction[n] = n;
        build->node_first_end[n + 1] += build->node_first_end[n];
    }
    for (uint32_t end = 2 * build->piece_count; end-- > 0;)
        build->node_ends[--build->node_first_end[build->pieces[end / 2].junction[end % 2] + 1]] = end;
    for (uint32_t n = 0; n < nodes; n++)
        build->node_first_end[n] = build->node_first_end[n + 1];
    build->node_first_end[nodes] = 2 * build->piece_count;
    return JW_OK;
}

static jw_result add_blocks(jw_sumo_builder *b, jw_error *error)
{
    jw_draft draft = {0};
    jw_city_parts *parts = &b->build.parts;
    parts->bounds = jw_box_empty();
    for (uint32_t e = 0; e < parts->edge_count; e++)
        for (uint32_t i = 0; i < parts->edges[e].point_count; i++) {
            jw_vec3 p = parts->points[parts->edges[e].first_point + i];
            parts->bounds = jw_box_extend(parts->bounds, p.x, p.y);
        }
    jw_result result = make_pieces(b, &draft, error);
    b->build.draft = &draft;
    if (result == JW_OK)
        result = jw_build_blocks(&b->build, error);
    b->build.draft = NULL;
    return result;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

static jw_result build_city(jw_sumo_builder *b, jw_city **out, jw_error *error)
{
    static jw_result (*const steps[])(jw_sumo_builder *, jw_error *) = {
        place_net, add_roads, add_connections, jw_sumo_build_conflicts, jw_sumo_build_programmes, add_blocks};
    char stem[64];
    uint32_t empty;
    jw_city_parts *parts = &b->build.parts;
    jw_path_stem(b->name, stem, sizeof stem);
    jw_result result = jw_city_add_text(parts, "", &empty, error);
    if (result == JW_OK && stem[0])
        result = jw_city_add_text(parts, stem, &parts->name, error);
    for (uint32_t i = 0; i < JW_COUNT_OF(steps) && result == JW_OK; i++)
        result = steps[i](b, error);
    if (result != JW_OK)
        return result;
    parts->origin_lon_deg = b->net->origin_lon_deg;
    parts->origin_lat_deg = b->net->origin_lat_deg;
    return jw_city_from_parts(parts, out, error);
}

static jw_result read_net(jw_source *source, const jw_sumo_demand *demand, jw_sumo_missing *missing,
                          jw_problems *problems, jw_city **out, jw_sumo_plane *out_plane, jw_error *error)
{
    jw_sumo_net net = {0};
    jw_sumo_missing own = {0};
    jw_sumo_builder b = {.build = {.problems = problems},
                         .net = &net,
                         .demand = demand,
                         .missing = missing ? missing : &own,
                         .name = source->name};
    jw_result result = jw_sumo_net_read(source, &net, b.missing, problems, error);
    if (result == JW_OK)
        result = jw_source_report(source, source->share, "building the city", error);
    if (result == JW_OK)
        result = build_city(&b, out, error);
    if (result == JW_OK && out_plane) {
        *out_plane = (jw_sumo_plane){.offset_x_m = net.offset_x_m, .offset_y_m = net.offset_y_m};
        memcpy(out_plane->projection, net.projection, sizeof out_plane->projection);
    }
    jw_build_free(&b.build);
    jw_sumo_net_free(&net);
    jw_sumo_missing_free(&own);
    return result;
}

jw_result jw_sumo_read_net(const char *path, const jw_sumo_demand *demand, jw_sumo_missing *missing,
                           jw_problems *problems, jw_progress progress, void *progress_context, jw_city **out,
                           jw_sumo_plane *out_plane, jw_error *error)
{
    jw_source source = {.what = "reading the network",
                        .share = 0.7,
                        .progress = progress,
                        .progress_context = progress_context};
    jw_result result = jw_source_open(&source, path, error);
    if (result == JW_OK)
        result = read_net(&source, demand, missing, problems, out, out_plane, error);
    jw_source_close(&source);
    return result;
}

jw_result jw_sumo_read_net_bytes(const void *bytes, size_t size, const char *name,
                                 const jw_sumo_demand *demand, jw_sumo_missing *missing,
                                 jw_problems *problems, jw_city **out, jw_sumo_plane *out_plane,
                                 jw_error *error)
{
    jw_source source = {
        .name = name, .bytes = bytes, .size = size, .what = "reading the network", .share = 1};
    return read_net(&source, demand, missing, problems, out, out_plane, error);
}
