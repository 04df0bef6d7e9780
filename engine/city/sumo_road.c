/* From a network's tables to a city: which edges are roads, their lanes, the junctions between them. */
#include "city/sumo_internal.h"

#include <string.h>

#define LANE_WIDTH_M 3.2 /* SUMO's default */

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
jw_result jw_sumo_build_roads(jw_sumo_builder *b, jw_error *error)
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
