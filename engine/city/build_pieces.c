/* Roads become pieces: split where roads meet, joined again where two like stretches follow each other with
 * nothing between them. */
#include "city/build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SAME_POINT_M 0.05 /* nearer points of a line are one */
#define SIMPLIFY_M   0.1
#define LANES_MAX    16     /* of one direction */
#define FILE_STEP_M  0.0005 /* files keep millimetres */
#define EXTENT_MAX_M 2e6

/* A stretch of one road between two end nodes, before joining. */
typedef struct raw_piece {
    uint32_t road;
    uint32_t first_ref, ref_count; /* into draft->refs */
    uint8_t is_used;
} raw_piece;

typedef struct piece_work {
    jw_build *build;
    raw_piece *raws;
    uint32_t raw_count, raw_capacity;
    uint32_t *first_end, *ends; /* raw ends at each node */
    uint8_t *is_passed;         /* per node: the two pieces here are joined */
} piece_work;

/* ---- positions --------------------------------------------------------------------------------------- */

static void mark_road_nodes(const jw_draft *draft, uint8_t *is_road)
{
    for (uint32_t r = 0; r < draft->road_count; r++)
        for (uint32_t i = 0; i < draft->roads[r].ref_count; i++) {
            uint32_t node = draft->refs[draft->roads[r].first_ref + i];
            if (node < draft->node_count)
                is_road[node] = 1;
        }
}

/* The origin: the middle of the roads' extent. */
static jw_result choose_origin(jw_build *build, jw_error *error)
{
    const jw_draft *draft = build->draft;
    uint8_t *is_road = jw_build_take(build, draft->node_count, 1, error);
    if (!is_road)
        return JW_ERROR_MEMORY;
    mark_road_nodes(draft, is_road);
    jw_box box = jw_box_empty();
    for (uint32_t i = 0; i < draft->node_count; i++)
        if (is_road[i])
            box = jw_box_extend(box, draft->nodes[i].lon_deg, draft->nodes[i].lat_deg);
    build->parts.origin_lon_deg = (box.min_x + box.max_x) / 2;
    build->parts.origin_lat_deg = (box.min_y + box.max_y) / 2;
    if (!isfinite(build->parts.origin_lon_deg) || !isfinite(build->parts.origin_lat_deg))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the map's roads have no positions");
    return JW_OK;
}

static jw_result project_nodes(jw_build *build, jw_error *error)
{
    const jw_draft *draft = build->draft;
    uint32_t n = draft->node_count;
    double *degrees = jw_build_take(build, (uint64_t)n * 4, sizeof *degrees, error);
    if (!degrees)
        return JW_ERROR_MEMORY;
    jw_result result = choose_origin(build, error);
    if (result != JW_OK)
        return result;
    double *lon = degrees, *lat = degrees + n, *x = degrees + 2 * (size_t)n, *y = degrees + 3 * (size_t)n;
    for (uint32_t i = 0; i < n; i++) {
        lon[i] = draft->nodes[i].lon_deg;
        lat[i] = draft->nodes[i].lat_deg;
    }
    jw_projection *projection;
    result =
        jw_projection_create(build->parts.origin_lon_deg, build->parts.origin_lat_deg, &projection, error);
    if (result != JW_OK)
        return result;
    result = jw_projection_forward(projection, lon, lat, n, x, y, error);
    jw_projection_destroy(projection);
    for (uint32_t i = 0; i < n; i++)
        build->place[i] = (jw_vec2){x[i], y[i]};
    return result;
}

jw_result jw_build_project(jw_build *build, jw_error *error)
{
    const jw_draft *draft = build->draft;
    build->place = jw_build_take(build, draft->node_count, sizeof *build->place, error);
    if (!build->place)
        return JW_ERROR_MEMORY;
    if (draft->road_count == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "the map has no roads: take an extract that contains streets");
    if (!draft->is_projected)
        return project_nodes(build, error);
    build->parts.origin_lon_deg = draft->origin_lon_deg;
    build->parts.origin_lat_deg = draft->origin_lat_deg;
    for (uint32_t i = 0; i < draft->node_count; i++)
        build->place[i] = (jw_vec2){draft->nodes[i].x_m, draft->nodes[i].y_m};
    return JW_OK;
}

/* ---- splitting --------------------------------------------------------------------------------------- */

static bool is_sound_node(const jw_build *build, uint32_t node)
{
    return node < build->draft->node_count && isfinite(build->place[node].x) &&
           isfinite(build->place[node].y) && jw_abs(build->place[node].x) < EXTENT_MAX_M &&
           jw_abs(build->place[node].y) < EXTENT_MAX_M;
}

/* A road whose numbers can be trusted; what is wrong goes to the problems. */
static bool has_length(const jw_build *build, const jw_draft_road *road)
{
    const uint32_t *refs = build->draft->refs + road->first_ref;
    for (uint32_t i = 1; i < road->ref_count; i++)
        if (jw_vec2_distance(build->place[refs[i]], build->place[refs[0]]) >= SAME_POINT_M)
            return true;
    return false;
}

static bool is_sound_road(jw_build *build, uint32_t r)
{
    const jw_draft_road *road = &build->draft->roads[r];
    char element[64];
    snprintf(element, sizeof element, "way %llu", (unsigned long long)road->source_id);
    if (road->ref_count < 2 || (uint64_t)road->first_ref + road->ref_count > build->draft->ref_count ||
        (unsigned)road->road_class >= JW_ROAD_CLASS_COUNT ||
        road->name >= jw_max(build->draft->text_size, 1)) {
        jw_problems_add(build->problems, JW_PROBLEM, NULL, 0, element, "broken road left out");
        return false;
    }
    for (uint32_t i = 0; i < road->ref_count; i++)
        if (!is_sound_node(build, build->draft->refs[road->first_ref + i])) {
            jw_problems_add(build->problems, JW_PROBLEM, NULL, 0, element,
                            "road with a missing or far-away node left out");
            return false;
        }
    if (road->lanes_forward == 0 && road->lanes_backward == 0) {
        jw_problems_add(build->problems, JW_WARNING, NULL, 0, element, "road without lanes left out");
        return false;
    }
    if (!has_length(build, road)) {
        jw_problems_add(build->problems, JW_WARNING, NULL, 0, element,
                        "road of no length left out: all its points are one");
        return false;
    }
    if (road->lanes_forward > LANES_MAX || road->lanes_backward > LANES_MAX)
        jw_problems_add(build->problems, JW_PROBLEM, NULL, 0, element,
                        "more than %d lanes in one direction: taken as %d", LANES_MAX, LANES_MAX);
    return true;
}

/* How often roads touch each node: ends count twice, so that 2 or more means an end or a meeting. */
static void count_touches(const jw_build *build, const uint8_t *is_sound, uint32_t *touches)
{
    const jw_draft *draft = build->draft;
    for (uint32_t r = 0; r < draft->road_count; r++) {
        if (!is_sound[r])
            continue;
        const jw_draft_road *road = &draft->roads[r];
        const uint32_t *refs = draft->refs + road->first_ref;
        for (uint32_t i = 0; i < road->ref_count; i++)
            if (i == 0 || refs[i] != refs[i - 1])
                touches[refs[i]]++;
        touches[refs[0]]++;
        touches[refs[road->ref_count - 1]]++;
    }
}

static jw_result split_roads(piece_work *work, jw_error *error)
{
    jw_build *build = work->build;
    const jw_draft *draft = build->draft;
    uint8_t *is_sound = jw_build_take(build, draft->road_count, 1, error);
    uint32_t *touches = jw_build_take(build, draft->node_count, sizeof *touches, error);
    if (!is_sound || !touches)
        return JW_ERROR_MEMORY;
    for (uint32_t r = 0; r < draft->road_count; r++)
        is_sound[r] = is_sound_road(build, r);
    count_touches(build, is_sound, touches);
    for (uint32_t r = 0; r < draft->road_count; r++) {
        if (!is_sound[r])
            continue;
        const jw_draft_road *road = &draft->roads[r];
        uint32_t begin = 0;
        for (uint32_t i = 1; i < road->ref_count; i++) {
            if (touches[draft->refs[road->first_ref + i]] < 2 && i + 1 < road->ref_count)
                continue;
            jw_result result =
                jw_grow(&work->raws, &work->raw_capacity, work->raw_count + 1, sizeof *work->raws, error);
            if (result != JW_OK)
                return result;
            work->raws[work->raw_count++] =
                (raw_piece){.road = r, .first_ref = road->first_ref + begin, .ref_count = i - begin + 1};
            begin = i;
        }
    }
    return JW_OK;
}

/* ---- joining ----------------------------------------------------------------------------------------- */

static uint32_t raw_node(const piece_work *work, uint32_t raw, uint32_t end)
{
    const raw_piece *p = &work->raws[raw];
    return work->build->draft->refs[end == 0 ? p->first_ref : p->first_ref + p->ref_count - 1];
}

static jw_result list_raw_ends(piece_work *work, jw_error *error)
{
    jw_build *build = work->build;
    uint32_t n = build->draft->node_count;
    work->first_end = jw_build_take(build, (uint64_t)n + 1, sizeof *work->first_end, error);
    work->ends = jw_build_take(build, (uint64_t)work->raw_count * 2, sizeof *work->ends, error);
    work->is_passed = jw_build_take(build, n, 1, error);
    if (!work->first_end || !work->ends || !work->is_passed)
        return JW_ERROR_MEMORY;
    for (uint32_t i = 0; i < 2 * work->raw_count; i++)
        work->first_end[raw_node(work, i / 2, i % 2)]++;
    uint32_t sum = 0;
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t count = i < n ? work->first_end[i] : 0;
        work->first_end[i] = sum + count; /* filled from the back */
        sum += count;
    }
    for (uint32_t i = 2 * work->raw_count; i-- > 0;)
        work->ends[--work->first_end[raw_node(work, i / 2, i % 2)]] = i;
    return JW_OK;
}

/* Whether b continues a so that nothing changes; is_flipped: b is drawn the other way round. */
static bool is_like(const jw_draft_road *a, const jw_draft_road *b, bool is_flipped)
{
    uint8_t lanes_f = is_flipped ? b->lanes_backward : b->lanes_forward;
    uint8_t lanes_b = is_flipped ? b->lanes_forward : b->lanes_backward;
    uint8_t bike_f = is_flipped ? b->bike_lane_backward : b->bike_lane_forward;
    uint8_t bike_b = is_flipped ? b->bike_lane_forward : b->bike_lane_backward;
    uint8_t bus_f = is_flipped ? b->bus_lane_backward : b->bus_lane_forward;
    uint8_t bus_b = is_flipped ? b->bus_lane_forward : b->bus_lane_backward;
    return a->road_class == b->road_class && a->lanes_forward == lanes_f && a->lanes_backward == lanes_b &&
           a->bike_lane_forward == bike_f && a->bike_lane_backward == bike_b &&
           a->bus_lane_forward == bus_f && a->bus_lane_backward == bus_b && a->allow == b->allow &&
           a->speed_mps == b->speed_mps && a->lane_width_m == b->lane_width_m && a->median_m == b->median_m &&
           a->layer == b->layer && a->has_heights == b->has_heights && a->is_bridge == b->is_bridge &&
           a->is_tunnel == b->is_tunnel && a->is_roundabout == b->is_roundabout && a->is_link == b->is_link;
}

static bool is_same_name(const jw_draft *draft, const jw_draft_road *a, const jw_draft_road *b)
{
    return a->name == b->name || strcmp(draft->texts + a->name, draft->texts + b->name) == 0;
}

static void find_passed_nodes(piece_work *work)
{
    const jw_draft *draft = work->build->draft;
    if (draft->is_network)
        return;
    for (uint32_t n = 0; n < draft->node_count; n++) {
        uint32_t first = work->first_end[n];
        if (work->first_end[n + 1] - first != 2 || draft->nodes[n].is_gate)
            continue;
        uint32_t a = work->ends[first], b = work->ends[first + 1];
        const jw_draft_road *road_a = &draft->roads[work->raws[a / 2].road];
        const jw_draft_road *road_b = &draft->roads[work->raws[b / 2].road];
        bool is_flipped = a % 2 == b % 2; /* two beginnings or two ends meet */
        work->is_passed[n] =
            a / 2 != b / 2 && is_like(road_a, road_b, is_flipped) && is_same_name(draft, road_a, road_b);
    }
}

/* The piece end on the other side of a passed node. */
static uint32_t other_end(const piece_work *work, uint32_t node, uint32_t end)
{
    uint32_t first = work->first_end[node];
    return work->ends[first] == end ? work->ends[first + 1] : work->ends[first];
}

static jw_result append_points(jw_build *build, const raw_piece *raw, bool is_flipped, uint32_t first_point,
                               jw_error *error)
{
    jw_result result = jw_grow(&build->line, &build->line_capacity,
                               (uint64_t)build->line_count + raw->ref_count, sizeof *build->line, error);
    if (result == JW_OK)
        result = jw_grow(&build->marks, &build->mark_capacity, (uint64_t)build->mark_count + raw->ref_count,
                         sizeof *build->marks, error);
    if (result != JW_OK)
        return result;
    const jw_draft_road *road = &build->draft->roads[raw->road];
    double same_m = build->draft->is_network ? FILE_STEP_M : SAME_POINT_M;
    for (uint32_t i = 0; i < raw->ref_count; i++) {
        uint32_t at = is_flipped ? raw->ref_count - 1 - i : i;
        uint32_t number = build->draft->refs[raw->first_ref + at];
        const jw_draft_node *node = &build->draft->nodes[number];
        if (node->has_signal || node->has_stop || node->has_give_way)
            build->marks[build->mark_count++] = (jw_build_mark){number, build->piece_count};
        jw_vec2 p = build->place[number];
        if (build->line_count > first_point) {
            jw_vec3 last = build->line[build->line_count - 1];
            if (jw_vec2_distance(p, (jw_vec2){last.x, last.y}) < same_m)
                continue;
        }
        build->line[build->line_count++] = (jw_vec3){p.x, p.y, road->has_heights ? node->z_m : 0};
    }
    return JW_OK;
}

static uint8_t bound_lanes(uint8_t lanes)
{
    return lanes < LANES_MAX ? lanes : LANES_MAX;
}

static void fill_profile(const jw_build *build, jw_build_piece *piece, uint32_t r, bool is_reversed)
{
    const jw_draft_road *road = &build->draft->roads[r];
    double default_width_m;
    jw_road_defaults(road->road_class, road->lanes_forward == 0 || road->lanes_backward == 0, NULL,
                     &default_width_m, NULL);
    double default_speed_mps;
    jw_road_defaults(road->road_class, false, NULL, NULL, &default_speed_mps);
    piece->side[is_reversed ? 1 : 0] =
        (jw_build_side){bound_lanes(road->lanes_forward), road->bike_lane_forward,
                        road->bus_lane_forward && road->lanes_forward >= 2, 0};
    piece->side[is_reversed ? 0 : 1] =
        (jw_build_side){bound_lanes(road->lanes_backward), road->bike_lane_backward,
                        road->bus_lane_backward && road->lanes_backward >= 2, 0};
    piece->road_class = road->road_class;
    piece->allow = road->allow ? road->allow
                               : (road->road_class <= JW_ROAD_TRUNK
                                      ? JW_ALLOW_MOTOR
                                      : JW_ALLOW_MOTOR | JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE);
    piece->is_link = road->is_link;
    piece->is_bridge = road->is_bridge;
    piece->is_tunnel = road->is_tunnel;
    piece->is_roundabout = road->is_roundabout;
    piece->layer = road->layer;
    piece->has_heights = road->has_heights;
    piece->speed_mps = isfinite(road->speed_mps) && road->speed_mps >= 1.0 ? jw_min(road->speed_mps, 60.0)
                                                                           : default_speed_mps;
    piece->lane_width_m = isfinite(road->lane_width_m) && road->lane_width_m > 0.0
                              ? jw_clamp(road->lane_width_m, 2.0, 6.0)
                              : default_width_m;
    piece->median_m = isfinite(road->median_m) ? jw_clamp(road->median_m, 0.0, 100.0) : 0.0;
    piece->name = road->name;
}

/* One piece from the chain of raw pieces that contains `start`, drawn like `start`. */
static jw_result join_chain(piece_work *work, uint32_t start, jw_error *error)
{
    jw_build *build = work->build;
    uint32_t head = 2 * start; /* the chain begins at this raw end */
    for (;;) {
        uint32_t node = raw_node(work, head / 2, head % 2);
        if (!work->is_passed[node])
            break;
        uint32_t before = other_end(work, node, head) ^ 1; /* its far end */
        if (before / 2 == start)
            break; /* closed chain */
        head = before;
    }
    jw_build_piece piece = {.first_point = build->line_count,
                            .junction = {JW_NONE, JW_NONE},
                            .edge = {JW_NONE, JW_NONE},
                            .opposite = JW_NONE};
    uint32_t at = head;
    for (;;) {
        raw_piece *raw = &work->raws[at / 2];
        raw->is_used = 1;
        bool is_flipped = at % 2 == 1;
        jw_result result = append_points(build, raw, is_flipped, piece.first_point, error);
        if (result != JW_OK)
            return result;
        if (at == head) {
            piece.node[0] = raw_node(work, at / 2, at % 2);
            piece.road[0] = raw->road;
            piece.road_is_reversed[0] = is_flipped;
        }
        piece.node[1] = raw_node(work, at / 2, 1 - at % 2);
        piece.road[1] = raw->road;
        piece.road_is_reversed[1] = is_flipped;
        if (!work->is_passed[piece.node[1]])
            break;
        uint32_t next = other_end(work, piece.node[1], at ^ 1);
        if (work->raws[next / 2].is_used)
            break;
        at = next;
    }
    fill_profile(build, &piece, work->raws[start].road, false);
    piece.point_count = build->line_count - piece.first_point;
    if (piece.point_count < 2) { /* all its points are one: two points, so that it can be looked at */
        jw_result result = jw_grow(&build->line, &build->line_capacity, (uint64_t)build->line_count + 1,
                                   sizeof *build->line, error);
        if (result != JW_OK)
            return result;
        build->line[build->line_count] = build->line[build->line_count - 1];
        build->line_count++;
        piece.point_count = 2;
    }
    jw_vec3 *points = build->line + piece.first_point;
    piece.length_m = jw_polyline_length(points, piece.point_count);
    if (!build->draft->is_network) /* what a network's file says is kept */
        piece.point_count = jw_polyline_simplify(points, piece.point_count, SIMPLIFY_M);
    build->line_count = piece.first_point + piece.point_count;
    piece.length_m = jw_polyline_length(points, piece.point_count);
    jw_result result = jw_grow(&build->pieces, &build->piece_capacity, (uint64_t)build->piece_count + 1,
                               sizeof *build->pieces, error);
    if (result == JW_OK)
        build->pieces[build->piece_count++] = piece;
    return result;
}

static jw_result make_pieces(piece_work *work, jw_error *error)
{
    jw_result result = split_roads(work, error);
    if (result == JW_OK && work->raw_count == 0)
        result = jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                         "the map has no roads that vehicles may use: take an extract that contains streets");
    if (result == JW_OK)
        result = list_raw_ends(work, error);
    if (result != JW_OK)
        return result;
    find_passed_nodes(work);
    for (uint32_t i = 0; i < work->raw_count && result == JW_OK; i++)
        if (!work->raws[i].is_used)
            result = join_chain(work, i, error);
    return result;
}

jw_result jw_build_pieces(jw_build *build, jw_error *error)
{
    piece_work work = {.build = build};
    jw_result result = make_pieces(&work, error);
    jw_free(work.raws);
    return result;
}

/* ---- what the other steps ask ------------------------------------------------------------------------ */

double jw_build_side_width_m(const jw_build_piece *piece, uint32_t side)
{
    const jw_build_side *s = &piece->side[side];
    return s->lanes * piece->lane_width_m + (s->lanes > 0 && s->has_bike_lane ? JW_BIKE_LANE_M : 0.0);
}

double jw_build_piece_width_m(const jw_build_piece *piece)
{
    double median_m = piece->side[0].lanes > 0 && piece->side[1].lanes > 0 ? piece->median_m : 0.0;
    return jw_build_side_width_m(piece, 0) + median_m + jw_build_side_width_m(piece, 1);
}

const char *jw_build_turn_lanes(const jw_build *build, const jw_build_piece *piece, uint32_t side)
{
    uint32_t end = side == 0 ? 1 : 0;
    const jw_draft_road *road = &build->draft->roads[piece->road[end]];
    bool is_forward = (side == 0) != (piece->road_is_reversed[end] != 0);
    return is_forward ? road->turn_forward : road->turn_backward;
}

double jw_build_heading(const jw_vec3 *points, uint32_t count, bool at_end)
{
    double length_m = jw_polyline_length(points, count);
    double reach_m = jw_min(8.0, length_m);
    jw_vec3 a = at_end ? jw_polyline_at(points, count, length_m - reach_m, NULL) : points[0];
    jw_vec3 b = at_end ? points[count - 1] : jw_polyline_at(points, count, reach_m, NULL);
    return jw_atan2(b.y - a.y, b.x - a.x);
}
