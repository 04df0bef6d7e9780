/* Lane to lane through the junctions. For each edge that arrives: which edges it may continue on (movements),
 * which of its lanes serve which movement (turn lanes where the map gives them, else by rule), and which lane
 * of the target each of them enters. Every arriving lane leads somewhere; every leaving lane is reached where
 * anything may enter its edge. */
#include "city/build.h"
#include "city/build_movements.h"

#include <stdlib.h>
#include <string.h>

#define SPEED_MIN_MPS 1.5
/* Into and out of the ring of a roundabout: built flared, drawn as a corner (NCHRP 672 aims at 25 to 40 km/h
 * on the fastest path through one of one lane; 20 km/h for who comes from the line; from memory, unverified).
 */
#define SPEED_ROUNDABOUT_MPS (20 / 3.6)
#define LANES_MAX            64

typedef struct lane_pair {
    uint32_t from, to;
    jw_turn turn;
    uint32_t given; /* draft connection, or JW_NONE */
} lane_pair;

typedef struct connection_work {
    jw_build *build;
    lane_pair *pairs; /* of the junction at hand */
    uint32_t pair_count, pair_capacity;
    uint32_t *given;     /* the draft's own connections, sorted by the road that they come from */
    uint32_t *road_edge; /* of each draft road of one direction, or JW_NONE */
} connection_work;

/* Lanes of an edge that serve one purpose, kerb first. */
typedef struct lane_list {
    uint32_t lanes[LANES_MAX];
    uint32_t count;
} lane_list;

typedef enum lane_purpose { PURPOSE_MAIN, PURPOSE_BUS, PURPOSE_BIKE } lane_purpose;

static lane_purpose purpose_of(const jw_city_parts *parts, const jw_edge *edge, const jw_lane *lane)
{
    if (!(lane->allow & JW_ALLOW_MOTOR))
        return PURPOSE_BIKE;
    if (lane->allow & JW_ALLOW_CAR)
        return PURPOSE_MAIN;
    for (uint32_t i = 0; i < edge->lane_count; i++)
        if (parts->lanes[edge->first_lane + i].allow & JW_ALLOW_CAR)
            return PURPOSE_BUS;
    return PURPOSE_MAIN; /* a street for buses alone */
}

static lane_list list_lanes(const jw_city_parts *parts, uint32_t edge_index, lane_purpose purpose)
{
    const jw_edge *edge = &parts->edges[edge_index];
    lane_list list = {.count = 0};
    for (uint32_t i = 0; i < edge->lane_count && list.count < LANES_MAX; i++)
        if (purpose_of(parts, edge, &parts->lanes[edge->first_lane + i]) == purpose)
            list.lanes[list.count++] = edge->first_lane + i;
    return list;
}

static jw_result add_pair(connection_work *work, uint32_t from, uint32_t to, jw_turn turn, jw_error *error)
{
    const jw_lane *lanes = work->build->parts.lanes;
    if ((lanes[from].allow & lanes[to].allow) == 0)
        return JW_OK;
    for (uint32_t i = 0; i < work->pair_count; i++)
        if (work->pairs[i].from == from && work->pairs[i].to == to)
            return JW_OK;
    jw_result result = jw_grow(&work->pairs, &work->pair_capacity, (uint64_t)work->pair_count + 1,
                               sizeof *work->pairs, error);
    if (result == JW_OK)
        work->pairs[work->pair_count++] = (lane_pair){from, to, turn, JW_NONE};
    return result;
}

/* ---- which target lane ------------------------------------------------------------------------------- */

static double end_heading(const jw_city_parts *parts, uint32_t lane_index, bool at_end)
{
    const jw_lane *lane = &parts->lanes[lane_index];
    const jw_vec3 *points = parts->points + lane->first_point;
    double heading_rad;
    jw_polyline_at(points, lane->point_count, at_end ? 1e9 : 0.0, &heading_rad);
    return heading_rad;
}

/* How far to the left of the way straight on the target lies. */
static double sideways_m(const jw_city_parts *parts, uint32_t from, uint32_t to)
{
    const jw_lane *a = &parts->lanes[from], *b = &parts->lanes[to];
    jw_vec3 p = parts->points[a->first_point + a->point_count - 1], q = parts->points[b->first_point];
    double in_rad = end_heading(parts, from, true), out_rad = end_heading(parts, to, false);
    double heading_rad = in_rad + jw_wrap_angle(out_rad - in_rad) / 2;
    return -jw_sin(heading_rad) * (q.x - p.x) + jw_cos(heading_rad) * (q.y - p.y);
}

/* Shift of lane numbers that keeps straight traffic straightest. */
static int32_t best_shift(const jw_city_parts *parts, const lane_list *in, const lane_list *out)
{
    int32_t difference = (int32_t)out->count - (int32_t)in->count;
    int32_t low = difference < 0 ? difference : 0, high = difference > 0 ? difference : 0, best = low;
    double best_m = 1e30;
    for (int32_t shift = low; shift <= high; shift++) {
        double sum_m = 0.0;
        uint32_t pairs = 0;
        for (int32_t i = 0; i < (int32_t)in->count; i++) {
            if (i + shift < 0 || i + shift >= (int32_t)out->count)
                continue;
            sum_m += jw_abs(sideways_m(parts, in->lanes[i], out->lanes[i + shift]));
            pairs++;
        }
        if (pairs > 0 && sum_m / pairs < best_m) {
            best_m = sum_m / pairs;
            best = shift;
        }
    }
    return best;
}

static uint32_t clamp_index(int32_t index, uint32_t count)
{
    return index < 0 ? 0 : index >= (int32_t)count ? count - 1 : (uint32_t)index;
}

/* Connects the lanes of `in` to those of `out`, both kerb first. */
static jw_result connect_lists(connection_work *work, const lane_list *in, const lane_list *out, jw_turn turn,
                               jw_error *error)
{
    if (in->count == 0 || out->count == 0)
        return JW_OK;
    int32_t shift = (int32_t)out->count - (int32_t)in->count; /* to the left kerb of the target */
    if (turn == JW_TURN_RIGHT)
        shift = 0;
    else if (turn == JW_TURN_STRAIGHT)
        shift = best_shift(&work->build->parts, in, out);
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < in->count && result == JW_OK; i++)
        result = add_pair(work, in->lanes[i], out->lanes[clamp_index((int32_t)i + shift, out->count)], turn,
                          error);
    return result;
}

/* ---- one arriving edge ------------------------------------------------------------------------------- */

static jw_result connect_buses_and_bikes(connection_work *work, uint32_t edge, const jw_movement_list *list,
                                         const lane_list *main_in, jw_error *error)
{
    const jw_city_parts *parts = &work->build->parts;
    lane_list bus_in = list_lanes(parts, edge, PURPOSE_BUS), bike_in = list_lanes(parts, edge, PURPOSE_BIKE);
    bool has_other_way = false;
    for (uint32_t m = 0; m < list->count; m++)
        has_other_way |= list->items[m].turn != JW_TURN_LEFT && list->items[m].turn != JW_TURN_U;
    jw_result result = JW_OK;
    for (uint32_t m = 0; m < list->count && result == JW_OK; m++) {
        const jw_movement *movement = &list->items[m];
        lane_list main_out = list_lanes(parts, movement->edge, PURPOSE_MAIN);
        lane_list bus_out = list_lanes(parts, movement->edge, PURPOSE_BUS);
        lane_list bike_out = list_lanes(parts, movement->edge, PURPOSE_BIKE);
        bool is_left = movement->turn == JW_TURN_LEFT || movement->turn == JW_TURN_U;
        /* Buses turn left from the general lanes, unless their lane leads nowhere else. */
        if (bus_in.count > 0 && (!is_left || !has_other_way))
            result = bus_out.count > 0
                         ? connect_lists(work, &bus_in, &bus_out, movement->turn, error)
                         : add_pair(work, bus_in.lanes[0], main_out.lanes[0], movement->turn, error);
        else if (bus_out.count > 0 && main_in->count > 0 && !is_left)
            result = add_pair(work, main_in->lanes[0], bus_out.lanes[0], movement->turn, error);
        if (result == JW_OK && bike_in.count > 0)
            result = bike_out.count > 0 ? connect_lists(work, &bike_in, &bike_out, movement->turn, error)
                     : main_out.count > 0
                         ? add_pair(work, bike_in.lanes[0], main_out.lanes[0], movement->turn, error)
                         : JW_OK;
        else if (result == JW_OK && bike_out.count > 0 && main_in->count > 0)
            result = add_pair(work, main_in->lanes[is_left ? main_in->count - 1 : 0], bike_out.lanes[0],
                              movement->turn, error);
    }
    return result;
}

static jw_result connect_edge(connection_work *work, uint32_t edge, jw_movement_list *list, jw_error *error)
{
    const jw_city_parts *parts = &work->build->parts;
    lane_list main_in = list_lanes(parts, edge, PURPOSE_MAIN);
    uint32_t masks[LANES_MAX];
    uint32_t targets[JW_MOVEMENTS_MAX];
    for (uint32_t m = 0; m < list->count; m++)
        targets[m] = list_lanes(parts, list->items[m].edge, PURPOSE_MAIN).count;
    jw_build_serve_movements(work->build, edge, main_in.count, targets, list, masks);
    jw_result result = JW_OK;
    for (uint32_t m = 0; m < list->count && result == JW_OK; m++) {
        lane_list serving = {.count = 0};
        for (uint32_t i = 0; i < main_in.count; i++)
            if (masks[i] >> m & 1)
                serving.lanes[serving.count++] = main_in.lanes[i];
        lane_list out = list_lanes(parts, list->items[m].edge, PURPOSE_MAIN);
        /* The only way on keeps its lanes, whatever its angle. */
        jw_turn turn =
            list->count == 1 && list->items[m].turn != JW_TURN_U ? JW_TURN_STRAIGHT : list->items[m].turn;
        uint32_t first = work->pair_count;
        result = connect_lists(work, &serving, &out, turn, error);
        for (uint32_t i = first; i < work->pair_count; i++)
            work->pairs[i].turn = list->items[m].turn;
    }
    if (result == JW_OK)
        result = connect_buses_and_bikes(work, edge, list, &main_in, error);
    return result;
}

/* Lanes that nothing enters yet (on those for cars, no car) are entered from the lane that already goes
 * nearest, straight ways first. */
static jw_result reach_all_lanes(connection_work *work, uint32_t out_edge, jw_error *error)
{
    const jw_city_parts *parts = &work->build->parts;
    const jw_edge *edge = &parts->edges[out_edge];
    uint32_t known = work->pair_count;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < edge->lane_count && result == JW_OK; i++) {
        uint32_t lane = edge->first_lane + i, best = JW_NONE, best_cost = JW_NONE;
        uint32_t allow = parts->lanes[lane].allow;
        uint32_t wanted = allow & JW_ALLOW_CAR ? JW_ALLOW_CAR : allow;
        bool is_reached = false;
        for (uint32_t k = 0; k < known && !is_reached; k++) {
            const lane_pair *pair = &work->pairs[k];
            bool is_able = (parts->lanes[pair->from].allow & wanted) != 0;
            is_reached = is_able && pair->to == lane;
            if (!is_able || parts->lanes[pair->to].edge != out_edge)
                continue;
            uint32_t away = pair->to > lane ? pair->to - lane : lane - pair->to;
            uint32_t cost = (pair->turn == JW_TURN_STRAIGHT ? 0
                             : pair->turn == JW_TURN_U      ? 2000
                                                            : 1000) +
                            away;
            if (cost < best_cost) {
                best_cost = cost;
                best = k;
            }
        }
        if (!is_reached && best != JW_NONE)
            result = add_pair(work, work->pairs[best].from, lane, work->pairs[best].turn, error);
    }
    return result;
}

/* ---- curves ------------------------------------------------------------------------------------------ */

/* Smallest radius of the circles through three successive points. */
static double least_radius_m(const jw_vec3 *points, uint32_t count)
{
    double least_m = 1e9;
    for (uint32_t i = 1; i + 1 < count; i++) {
        jw_vec2 a = {points[i].x - points[i - 1].x, points[i].y - points[i - 1].y};
        jw_vec2 b = {points[i + 1].x - points[i].x, points[i + 1].y - points[i].y};
        double twice_area = jw_abs(jw_vec2_cross(a, b));
        if (twice_area < 1e-9)
            continue;
        double product = jw_vec2_length(a) * jw_vec2_length(b) * jw_vec2_length(jw_vec2_add(a, b));
        least_m = jw_min(least_m, product / (2 * twice_area));
    }
    return least_m;
}

/* Speed at which drivers take a curve in town: the faster, the less side friction they ask for. AASHTO, Green
 * Book 2011, ch. 3, low-speed streets: 0.38, 0.32, 0.27, 0.23 and 0.20 at 10, 15, 20, 25 and 30 mph (from
 * memory, unverified); a line through the first four, and 0.20 from there on:
 * v^2 = g r max(0.46 - 0.0205 v, 0.20). */
static double curve_speed_mps(double radius_m)
{
    double gr = 9.81 * radius_m, half = 0.5 * 0.0205 * gr;
    return jw_max(jw_sqrt(half * half + 0.46 * gr) - half, jw_sqrt(0.20 * gr));
}

static jw_result add_connection(connection_work *work, uint32_t j, const lane_pair *pair, jw_error *error)
{
    jw_city_parts *parts = &work->build->parts;
    const jw_lane *from = &parts->lanes[pair->from], *to = &parts->lanes[pair->to];
    jw_vec3 p = parts->points[from->first_point + from->point_count - 1], q = parts->points[to->first_point];
    double in_rad = end_heading(parts, pair->from, true), out_rad = end_heading(parts, pair->to, false);
    double chord_m = jw_vec2_distance((jw_vec2){p.x, p.y}, (jw_vec2){q.x, q.y});
    jw_vec3 curve[17];
    uint32_t count = 2;
    if (jw_abs(jw_wrap_angle(out_rad - in_rad)) > 0.02 ||
        jw_abs(sideways_m(parts, pair->from, pair->to)) > 0.05)
        count = (uint32_t)jw_clamp(4.0 + chord_m / 2.0, 7.0, 17.0);
    jw_curve_between(p, in_rad, q, out_rad, count, curve);
    bool is_flared = parts->edges[from->edge].is_roundabout != parts->edges[to->edge].is_roundabout;
    double speed_mps = jw_max(curve_speed_mps(least_radius_m(curve, count)),
                              is_flared ? SPEED_ROUNDABOUT_MPS : SPEED_MIN_MPS);
    jw_connection connection = {.from_lane = pair->from,
                                .to_lane = pair->to,
                                .junction = j,
                                .point_count = count,
                                .length_m = jw_max(jw_polyline_length(curve, count), 0.1),
                                .speed_mps = jw_min(speed_mps, jw_min(from->speed_mps, to->speed_mps)),
                                .turn = pair->turn,
                                .signal_link = JW_NONE,
                                .second = JW_NONE,
                                .allow = from->allow & to->allow};
    jw_result result = jw_city_add_points(parts, curve, count, &connection.first_point, error);
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, connections, connection_count, 1, error);
    if (result == JW_OK && pair->given != JW_NONE)
        work->build->given_connection[pair->given] = parts->connection_count;
    if (result == JW_OK)
        parts->connections[parts->connection_count++] = connection;
    return result;
}

static int compare_pairs(const void *a, const void *b)
{
    const lane_pair *pa = a, *pb = b;
    if (pa->from != pb->from)
        return pa->from < pb->from ? -1 : 1;
    return pa->to < pb->to ? -1 : pa->to > pb->to;
}

/* ---- what a file keeps ------------------------------------------------------------------------------- */

static int compare_given(const void *a, const void *b, void *context)
{
    const jw_draft_connection *items = context;
    uint32_t ia = *(const uint32_t *)a, ib = *(const uint32_t *)b;
    if (items[ia].from_road != items[ib].from_road)
        return items[ia].from_road < items[ib].from_road ? -1 : 1;
    return ia < ib ? -1 : ia > ib;
}

static jw_result prepare_given(connection_work *work, jw_error *error)
{
    jw_build *build = work->build;
    const jw_draft *draft = build->draft;
    work->given = jw_build_take(build, draft->connection_count, sizeof *work->given, error);
    work->road_edge = jw_build_take(build, draft->road_count, sizeof *work->road_edge, error);
    build->given_connection =
        jw_build_take(build, draft->connection_count, sizeof *build->given_connection, error);
    if (!work->given || !work->road_edge || !build->given_connection)
        return JW_ERROR_MEMORY;
    for (uint32_t i = 0; i < draft->connection_count; i++) {
        work->given[i] = i;
        build->given_connection[i] = JW_NONE;
    }
    if (draft->connection_count > 1)
        qsort_r(work->given, draft->connection_count, sizeof *work->given, compare_given, draft->connections);
    for (uint32_t r = 0; r < draft->road_count; r++)
        work->road_edge[r] = JW_NONE;
    for (uint32_t e = 0; e < build->parts.edge_count; e++) {
        const jw_build_piece *piece = &build->pieces[build->edge_side[e] / 2];
        if (piece->side[1].lanes == 0)
            work->road_edge[piece->road[0]] = e;
    }
    return JW_OK;
}

/* Whether the draft says that it knows all connections at the beginning (0) or end (1) of an edge. */
static bool is_connected(const jw_build *build, uint32_t edge, uint32_t end)
{
    const jw_build_piece *piece = &build->pieces[build->edge_side[edge] / 2];
    return piece->side[1].lanes == 0 && build->draft->roads[piece->road[0]].is_connected[end];
}

static uint32_t find_given(const connection_work *work, uint32_t road)
{
    const jw_draft *draft = work->build->draft;
    uint32_t low = 0, high = draft->connection_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (draft->connections[work->given[middle]].from_road < road)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* From an edge that leads on, every lane for cars does. */
static bool serves_all_lanes(const connection_work *work, uint32_t edge, uint32_t first_pair)
{
    const jw_city_parts *parts = &work->build->parts;
    uint32_t served = 0, drivable = 0;
    for (uint32_t i = 0; i < parts->edges[edge].lane_count; i++) {
        uint32_t lane = parts->edges[edge].first_lane + i;
        bool is_served = false;
        for (uint32_t k = first_pair; k < work->pair_count; k++)
            is_served |= work->pairs[k].from == lane;
        bool is_drivable = (parts->lanes[lane].allow & JW_ALLOW_CAR) != 0;
        drivable += is_drivable;
        served += is_drivable && is_served;
    }
    return served == 0 || served == drivable;
}

/* Adds the given pairs from an edge; *out_is_sound is false where they make no sense. */
static jw_result add_given(connection_work *work, uint32_t j, uint32_t edge, bool *out_is_sound,
                           jw_error *error)
{
    const jw_draft *draft = work->build->draft;
    const jw_city_parts *parts = &work->build->parts;
    const jw_edge *in = &parts->edges[edge];
    uint32_t road = work->build->pieces[work->build->edge_side[edge] / 2].road[0], first = work->pair_count;
    *out_is_sound = true;
    for (uint32_t i = find_given(work, road); i < draft->connection_count && *out_is_sound; i++) {
        const jw_draft_connection *c = &draft->connections[work->given[i]];
        if (c->from_road != road)
            break;
        uint32_t to = c->to_road < draft->road_count ? work->road_edge[c->to_road] : JW_NONE;
        *out_is_sound = to != JW_NONE && parts->edges[to].from == j && c->from_lane < in->lane_count &&
                        c->to_lane < parts->edges[to].lane_count;
        if (!*out_is_sound)
            break;
        double angle_rad;
        uint32_t before = work->pair_count;
        jw_turn turn = jw_build_turn(work->build, edge, to, &angle_rad);
        jw_result result = add_pair(work, in->first_lane + c->from_lane,
                                    parts->edges[to].first_lane + c->to_lane, turn, error);
        if (result != JW_OK)
            return result;
        *out_is_sound = work->pair_count > before;
        if (*out_is_sound)
            work->pairs[before].given = work->given[i];
    }
    *out_is_sound = *out_is_sound && serves_all_lanes(work, edge, first);
    return JW_OK;
}

/* Connects a junction as the draft says; false, and nothing is connected, where it does not say all. */
static jw_result connect_as_given(connection_work *work, jw_junction *junction, uint32_t j,
                                  bool *out_is_given, jw_error *error)
{
    const uint32_t *in = work->build->parts.junction_edges + junction->first_in;
    const uint32_t *out = work->build->parts.junction_edges + junction->first_out;
    bool is_given = work->build->draft->is_network && work->build->draft->connection_count > 0;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < junction->in_count && is_given; i++)
        is_given = is_connected(work->build, in[i], 1);
    for (uint32_t i = 0; i < junction->out_count && is_given; i++)
        is_given = is_connected(work->build, out[i], 0);
    for (uint32_t i = 0; i < junction->in_count && is_given && result == JW_OK; i++)
        result = add_given(work, j, in[i], &is_given, error);
    is_given &= work->pair_count > 0;
    for (uint32_t i = 0; i < work->pair_count && is_given; i++)
        if (work->build->draft->connections[work->pairs[i].given].programme1 != 0)
            junction->kind = JW_JUNCTION_SIGNAL;
    if (!is_given)
        work->pair_count = 0;
    *out_is_given = is_given;
    return result;
}

/* ---- one junction ------------------------------------------------------------------------------------ */

static jw_result connect_by_rule(connection_work *work, jw_movement_finder *finder, uint32_t j,
                                 jw_error *error)
{
    const jw_city_parts *parts = &work->build->parts;
    const jw_junction *junction = &parts->junctions[j];
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < junction->in_count && result == JW_OK; i++) {
        uint32_t edge = parts->junction_edges[junction->first_in + i];
        jw_movement_list list;
        jw_build_find_movements(work->build, finder, j, edge, &list);
        result = connect_edge(work, edge, &list, error);
    }
    for (uint32_t i = 0; i < junction->out_count && result == JW_OK; i++)
        result = reach_all_lanes(work, parts->junction_edges[junction->first_out + i], error);
    return result;
}

static jw_result connect_junction(connection_work *work, jw_movement_finder *finder, uint32_t j,
                                  jw_error *error)
{
    jw_build *build = work->build;
    jw_city_parts *parts = &build->parts;
    jw_junction *junction = &parts->junctions[j];
    work->pair_count = 0;
    bool is_given;
    jw_result result = connect_as_given(work, junction, j, &is_given, error);
    if (result == JW_OK && !is_given)
        result = connect_by_rule(work, finder, j, error);
    if (work->pair_count > 0)
        qsort(work->pairs, work->pair_count, sizeof *work->pairs, compare_pairs);
    junction->first_connection = parts->connection_count;
    junction->connection_count = work->pair_count;
    for (uint32_t i = 0; i < work->pair_count && result == JW_OK; i++)
        result = add_connection(work, j, &work->pairs[i], error);
    return result;
}

/* Connections of each lane, ascending. */
static jw_result list_lane_connections(jw_city_parts *parts, jw_error *error)
{
    if (parts->connection_count == 0)
        return JW_OK;
    jw_result result =
        JW_CITY_ROOM(parts, lane_connections, lane_connection_count, parts->connection_count, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < parts->connection_count; i++)
        parts->lanes[parts->connections[i].from_lane].connection_count++;
    uint32_t sum = 0;
    for (uint32_t l = 0; l < parts->lane_count; l++) {
        parts->lanes[l].first_connection = sum;
        sum += parts->lanes[l].connection_count;
        parts->lanes[l].connection_count = 0;
    }
    for (uint32_t i = 0; i < parts->connection_count; i++) {
        jw_lane *lane = &parts->lanes[parts->connections[i].from_lane];
        parts->lane_connections[lane->first_connection + lane->connection_count++] = i;
    }
    parts->lane_connection_count = sum;
    return JW_OK;
}

jw_result jw_build_connections(jw_build *build, jw_error *error)
{
    connection_work work = {.build = build};
    jw_movement_finder finder;
    jw_result result = jw_build_prepare_movements(build, &finder, error);
    if (result == JW_OK)
        result = prepare_given(&work, error);
    for (uint32_t j = 0; j < build->parts.junction_count && result == JW_OK; j++) {
        result = jw_build_goes_on(build, j, error);
        if (result == JW_OK)
            result = connect_junction(&work, &finder, j, error);
    }
    jw_free(work.pairs);
    return result == JW_OK ? list_lane_connections(&build->parts, error) : result;
}
