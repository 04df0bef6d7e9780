/* Pieces become edges and lanes. Each arm of a junction is cut back until its cross-section is clear of the
 * other arms' surfaces, and further by the room that turning and waiting need; what is left are the lanes,
 * what was cut away the junction's surface.
 *
 * A road's drawn line is the middle of its surface. The surface, from right to left in the direction of
 * travel: bike lane, motor lanes from the kerb, median, and the other direction's the same way from its own
 * kerb. */
#include "city/build.h"

#include <string.h>

#define ARM_POINTS    24
#define ARM_REACH_M   70.0 /* of an arm that is looked at */
#define CUT_MAX_M     45.0
#define CUT_ACUTE_M   25.0 /* arms that leave side by side need not be clear of each other for ever */
#define STEP_M        0.5
#define ACUTE_RAD     0.45 /* 26 degrees */
#define OPPOSITE_RAD  2.6  /* 150 degrees: such arms are not in each other's way */
#define ALIGN_RAD     0.35 /* 20 degrees */
#define ALIGN_REACH_M 15.0
#define ALIGN_MAX     32
#define JOINT_CUT_M   0.5
#define DEAD_END_M    3.0

typedef struct arm {
    uint32_t end; /* piece * 2 + end */
    bool is_internal;
    double half_width_m;
    double heading_rad; /* away from the junction */
    uint32_t count;
    jw_vec3 points[ARM_POINTS]; /* from its node outwards */
} arm;

static jw_vec2 flat(jw_vec3 p)
{
    return (jw_vec2){p.x, p.y};
}

/* ---- cutting back ------------------------------------------------------------------------------------ */

static void fill_arm(const jw_build *build, uint32_t end, arm *out)
{
    const jw_build_piece *piece = &build->pieces[end / 2];
    const jw_vec3 *line = build->line + piece->first_point;
    out->end = end;
    out->is_internal = piece->is_internal;
    out->half_width_m = jw_build_piece_width_m(piece) / 2;
    out->count = 0;
    double s_m = 0.0;
    for (uint32_t i = 0; i < piece->point_count && out->count < ARM_POINTS && s_m < ARM_REACH_M; i++) {
        out->points[out->count] = line[end % 2 == 0 ? i : piece->point_count - 1 - i];
        if (out->count > 0)
            s_m += jw_vec2_distance(flat(out->points[out->count]), flat(out->points[out->count - 1]));
        out->count++;
    }
    out->heading_rad = jw_build_heading(out->points, out->count, false);
}

/* Whether the cross-section of `a` at s_m keeps off the surface of `b`. */
static bool is_clear(const arm *a, double s_m, const arm *b)
{
    double heading_rad;
    jw_vec3 p = jw_polyline_at(a->points, a->count, s_m, &heading_rad);
    jw_vec2 left = {-jw_sin(heading_rad) * a->half_width_m, jw_cos(heading_rad) * a->half_width_m};
    double needed_m = b->half_width_m + 0.1;
    for (int side = -1; side <= 1; side++)
        if (jw_polyline_project(b->points, b->count, p.x + side * left.x, p.y + side * left.y, NULL) <
            needed_m)
            return false;
    return true;
}

/* First place along `a` from which it is clear of `b`. */
static double clear_from_m(const arm *a, const arm *b)
{
    double between_rad = jw_abs(jw_wrap_angle(a->heading_rad - b->heading_rad));
    if (between_rad > OPPOSITE_RAD)
        return 0.0;
    bool is_acute = between_rad < ACUTE_RAD;
    double limit_m = is_acute ? CUT_ACUTE_M : CUT_MAX_M;
    for (double s_m = 0.0; s_m <= limit_m; s_m += STEP_M)
        if (is_clear(a, s_m, b))
            return s_m;
    /* Side by side without end: carriageways drawn too near. From one node they part somewhere; else leave.
     */
    bool is_same_node = jw_vec2_distance(flat(a->points[0]), flat(b->points[0])) < 0.01;
    return is_acute && is_same_node ? 8.0 : 0.0;
}

/* Room for turning curves and the stop line beyond the surfaces of the other arms. */
static double corner_room_m(const jw_build_piece *piece, jw_junction_kind kind)
{
    if (kind == JW_JUNCTION_ROUNDABOUT)
        return piece->is_roundabout ? 0.5 : 2.0;
    double room_m = piece->road_class == JW_ROAD_SERVICE       ? 1.5
                    : piece->road_class == JW_ROAD_RESIDENTIAL ? 3.0
                                                               : 5.0;
    return kind == JW_JUNCTION_SIGNAL ? room_m + 2.0 : room_m;
}

/* Carriageways of one road stop at one line: each arm is cut back as far as its neighbours that leave the
 * same way, where that asks for little more. */
static void align_arms(jw_build *build, uint32_t j, const arm *arms)
{
    uint32_t count = build->junction_first_end[j + 1] - build->junction_first_end[j];
    double further_m[ALIGN_MAX] = {0};
    for (uint32_t i = 0; i < count && count <= ALIGN_MAX; i++) {
        const arm *a = &arms[i];
        double own_m = build->pieces[a->end / 2].cut_m[a->end % 2];
        jw_vec3 p = jw_polyline_at(a->points, a->count, own_m, NULL);
        for (uint32_t k = 0; k < count && !a->is_internal; k++) {
            const arm *b = &arms[k];
            if (k == i || b->is_internal ||
                jw_abs(jw_wrap_angle(a->heading_rad - b->heading_rad)) > ALIGN_RAD)
                continue;
            jw_vec3 q =
                jw_polyline_at(b->points, b->count, build->pieces[b->end / 2].cut_m[b->end % 2], NULL);
            double x = jw_cos(a->heading_rad), y = jw_sin(a->heading_rad);
            double ahead_m = (q.x - p.x) * x + (q.y - p.y) * y;
            if (ahead_m > further_m[i] && ahead_m < ALIGN_REACH_M)
                further_m[i] = ahead_m;
        }
    }
    for (uint32_t i = 0; i < count && count <= ALIGN_MAX; i++)
        build->pieces[arms[i].end / 2].cut_m[arms[i].end % 2] += further_m[i];
}

/* What a file keeps was cut when it was built. */
static bool is_cut_already(const jw_build *build, uint32_t end)
{
    const jw_build_piece *piece = &build->pieces[end / 2];
    const jw_draft_road *road = &build->draft->roads[piece->road[end % 2]];
    return build->draft->is_network && road->is_cut[piece->road_is_reversed[end % 2] ? 1 - end % 2 : end % 2];
}

static void cut_junction(jw_build *build, uint32_t j, arm *arms)
{
    uint32_t first = build->junction_first_end[j];
    uint32_t count = build->junction_first_end[j + 1] - first;
    jw_junction_kind kind = build->parts.junctions[j].kind;
    for (uint32_t i = 0; i < count; i++)
        fill_arm(build, build->junction_ends[first + i], &arms[i]);
    for (uint32_t i = 0; i < count; i++) {
        jw_build_piece *piece = &build->pieces[arms[i].end / 2];
        if (piece->is_internal || is_cut_already(build, arms[i].end))
            continue;
        double cut_m = 0.0, widest_change_m = 0.0;
        for (uint32_t k = 0; k < count; k++) {
            if (k == i)
                continue;
            cut_m = jw_max(cut_m, clear_from_m(&arms[i], &arms[k]));
            if (!arms[k].is_internal)
                widest_change_m =
                    jw_max(widest_change_m, 2 * jw_abs(arms[i].half_width_m - arms[k].half_width_m));
        }
        bool is_both = piece->side[0].lanes > 0 && piece->side[1].lanes > 0;
        if (kind == JW_JUNCTION_DEAD_END)
            cut_m = is_both ? DEAD_END_M : 0.0;
        else if (kind == JW_JUNCTION_JOINT)
            cut_m += JOINT_CUT_M + (build->draft->is_network ? 0.0 : jw_min(1.5 * widest_change_m, 10.0));
        else if (!build->draft->is_network)
            cut_m += corner_room_m(piece, kind);
        piece->cut_m[arms[i].end % 2] = cut_m;
    }
    if (count >= 3 && !build->draft->is_network)
        align_arms(build, j, arms);
}

/* A short piece keeps some of its length between its two cuts. */
static void squeeze_cuts(jw_build_piece *piece)
{
    double kept_m = jw_max(jw_min(1.0, 0.5 * piece->length_m), jw_min(0.25 * piece->length_m, 6.0));
    double room_m = piece->length_m - kept_m;
    double wanted_m = piece->cut_m[0] + piece->cut_m[1];
    if (wanted_m > room_m) {
        piece->cut_m[0] *= room_m / wanted_m;
        piece->cut_m[1] *= room_m / wanted_m;
    }
}

static jw_result cut_pieces(jw_build *build, jw_error *error)
{
    uint32_t most = 1;
    for (uint32_t j = 0; j < build->parts.junction_count; j++) {
        uint32_t count = build->junction_first_end[j + 1] - build->junction_first_end[j];
        most = count > most ? count : most;
    }
    arm *arms = jw_build_take(build, most, sizeof *arms, error);
    if (!arms)
        return JW_ERROR_MEMORY;
    for (uint32_t j = 0; j < build->parts.junction_count; j++)
        cut_junction(build, j, arms);
    for (uint32_t p = 0; p < build->piece_count; p++)
        if (!build->pieces[p].is_internal)
            squeeze_cuts(&build->pieces[p]);
    return JW_OK;
}

/* ---- lanes ------------------------------------------------------------------------------------------- */

/* The piece's line between its cuts, in the direction of travel. Returns the number of points. */
static uint32_t cut_line(const jw_build *build, const jw_build_piece *piece, uint32_t side, jw_vec3 *out)
{
    uint32_t count = jw_polyline_cut(build->line + piece->first_point, piece->point_count, piece->cut_m[0],
                                     piece->length_m - piece->cut_m[1], out);
    for (uint32_t i = 0; side == 1 && i < count / 2; i++) {
        jw_vec3 swap = out[i];
        out[i] = out[count - 1 - i];
        out[count - 1 - i] = swap;
    }
    return count;
}

/* Adds the line shifted to the right to the city's points. */
static jw_result add_shifted(jw_build *build, const jw_vec3 *line, uint32_t count, double right_m,
                             uint32_t *out_first, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_result result = JW_CITY_ROOM(parts, points, point_count, count, error);
    if (result != JW_OK)
        return result;
    *out_first = parts->point_count;
    jw_polyline_offset(line, count, -right_m, parts->points + parts->point_count);
    parts->point_count += count;
    return JW_OK;
}

static uint8_t lane_allow(const jw_build_piece *piece, const jw_build_side *side, uint32_t index)
{
    if (side->has_bike_lane && index == 0)
        return JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE;
    uint8_t allow = piece->allow & (uint8_t)~JW_ALLOW_PEDESTRIAN;
    if (side->has_bike_lane)
        allow &= (uint8_t) ~(JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE);
    if (side->has_bus_lane && index == side->has_bike_lane)
        allow &= JW_ALLOW_BUS | JW_ALLOW_SHUTTLE | JW_ALLOW_EMERGENCY;
    return allow;
}

static jw_result add_lanes(jw_build *build, const jw_build_piece *piece, uint32_t side_index,
                           uint32_t edge_index, const jw_vec3 *line, uint32_t count, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    const jw_build_side *side = &piece->side[side_index];
    jw_edge *edge = &parts->edges[edge_index];
    edge->first_lane = parts->lane_count;
    edge->lane_count = (uint32_t)side->lanes + side->has_bike_lane;
    jw_result result = JW_CITY_ROOM(parts, lanes, lane_count, edge->lane_count, error);
    double kerb_m = jw_build_side_width_m(piece, side_index) / 2; /* right of the edge's line */
    for (uint32_t i = 0; i < edge->lane_count && result == JW_OK; i++) {
        bool is_bike = side->has_bike_lane && i == 0;
        double width_m = is_bike ? JW_BIKE_LANE_M : piece->lane_width_m;
        jw_lane lane = {.edge = edge_index,
                        .index = i,
                        .point_count = count,
                        .length_m = edge->length_m,
                        .speed_mps = edge->speed_mps,
                        .width_m = width_m,
                        .strips = jw_strips_in(width_m),
                        .allow = lane_allow(piece, side, i)};
        result = add_shifted(build, line, count, kerb_m - width_m / 2, &lane.first_point, error);
        kerb_m -= width_m;
        parts->lanes[parts->lane_count++] = lane;
    }
    return result;
}

/* To the millimetre that files keep, so that a city from a file is the city it was written from; what falls
 * together is one point. Returns the number of points. */
static uint32_t round_line(jw_vec3 *line, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        jw_vec3 p = {jw_round_mm(line[i].x), jw_round_mm(line[i].y), jw_round_mm(line[i].z)};
        bool is_repeated = kept > 0 && p.x == line[kept - 1].x && p.y == line[kept - 1].y;
        if (!is_repeated || (i + 1 == count && kept < 2))
            line[kept++] = p;
    }
    return kept;
}

static jw_result add_edge(jw_build *build, uint32_t p, uint32_t side, jw_vec3 *line, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_build_piece *piece = &build->pieces[p];
    uint32_t count = cut_line(build, piece, side, line);
    jw_result result = JW_CITY_ROOM(parts, edges, edge_count, 1, error);
    if (result != JW_OK)
        return result;
    uint32_t index = parts->edge_count++;
    piece->edge[side] = index;
    build->edge_side[index] = p * 2 + side;
    jw_edge *edge = &parts->edges[index];
    *edge = (jw_edge){.from = piece->junction[side],
                      .to = piece->junction[1 - side],
                      .point_count = count,
                      .speed_mps = piece->speed_mps,
                      .road_class = piece->road_class,
                      .opposite = JW_NONE,
                      .name = piece->name,
                      .layer = piece->layer,
                      .is_bridge = piece->is_bridge,
                      .is_tunnel = piece->is_tunnel,
                      .is_roundabout = piece->is_roundabout,
                      .is_link = piece->is_link,
                      .source_id = build->draft->roads[piece->road[0]].source_id};
    double right_m = (jw_build_piece_width_m(piece) - jw_build_side_width_m(piece, side)) / 2;
    result = add_shifted(build, line, count, right_m, &edge->first_point, error);
    if (result != JW_OK)
        return result;
    edge->point_count = round_line(parts->points + edge->first_point, count);
    parts->point_count -= count - edge->point_count;
    count = edge->point_count;
    memcpy(line, parts->points + edge->first_point, count * sizeof *line);
    edge->length_m = jw_max(jw_polyline_length(line, count), 0.1);
    return add_lanes(build, piece, side, index, line, count, error);
}

static jw_result add_edges(jw_build *build, jw_error *error)
{
    build->edge_side = jw_build_take(build, (uint64_t)build->piece_count * 2, sizeof(uint32_t), error);
    uint32_t most = 2;
    for (uint32_t p = 0; p < build->piece_count; p++)
        most = build->pieces[p].point_count > most ? build->pieces[p].point_count : most;
    jw_vec3 *line = jw_build_take(build, (uint64_t)most + 2, sizeof *line, error);
    if (!build->edge_side || !line)
        return JW_ERROR_MEMORY;
    for (uint32_t p = 0; p < build->piece_count; p++) {
        jw_build_piece *piece = &build->pieces[p];
        jw_result result = jw_build_goes_on(build, p, error);
        for (uint32_t side = 0; side < 2 && !piece->is_internal && result == JW_OK; side++)
            if (piece->side[side].lanes > 0)
                result = add_edge(build, p, side, line, error);
        if (result != JW_OK)
            return result;
        uint32_t there = piece->edge[0], back = piece->edge[1];
        if (piece->opposite != JW_NONE && piece->opposite < p)
            back = build->pieces[piece->opposite].edge[0];
        if (there != JW_NONE && back != JW_NONE) {
            build->parts.edges[there].opposite = back;
            build->parts.edges[back].opposite = there;
        }
    }
    return JW_OK;
}

jw_result jw_build_list_edges(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_result result =
        JW_CITY_ROOM(parts, junction_edges, junction_edge_count, 2 * (uint64_t)parts->edge_count, error);
    if (result != JW_OK)
        return result;
    for (uint32_t e = 0; e < parts->edge_count; e++) {
        parts->junctions[parts->edges[e].to].in_count++;
        parts->junctions[parts->edges[e].from].out_count++;
    }
    uint32_t sum = 0;
    for (uint32_t j = 0; j < parts->junction_count; j++) {
        jw_junction *junction = &parts->junctions[j];
        junction->first_in = sum;
        junction->first_out = sum + junction->in_count;
        sum += junction->in_count + junction->out_count;
        junction->in_count = junction->out_count = 0;
    }
    for (uint32_t e = 0; e < parts->edge_count; e++) {
        jw_junction *to = &parts->junctions[parts->edges[e].to],
                    *from = &parts->junctions[parts->edges[e].from];
        parts->junction_edges[to->first_in + to->in_count++] = e;
        parts->junction_edges[from->first_out + from->out_count++] = e;
    }
    parts->junction_edge_count = sum;
    return JW_OK;
}

jw_result jw_build_edges(jw_build *build, jw_error *error)
{
    jw_result result = cut_pieces(build, error);
    if (result == JW_OK)
        result = add_edges(build, error);
    if (result == JW_OK)
        result = jw_build_list_edges(build, error);
    if (result == JW_OK)
        result = jw_build_outlines(build, error);
    return result;
}
