/* Two-stage left turns from lanes for bicycles at signals: straight across to the far corner beside those who
 * go straight on, there before the line of the street that is crossed until that street has green, then with
 * it into the wished road. (The PRC road traffic safety law's implementing regulation, article 68, has
 * bicycles turn left round the middle of the junction; waiting for the second green at the corner is how
 * junctions with separated lanes are laid out, e.g. NACTO, Urban Bikeway Design Guide, "two-stage turn queue
 * boxes".) Only where there is a way straight on, and one from that street into the same lane: on a T there
 * is no corner to wait at. */
#include "city/build.h"

#define CORNER_M     6.0 /* before the corner the way leaves that of those who go straight on */
#define ASIDE_M      2.0 /* from their way to the place of waiting: a lane's width */
#define CURVE_POINTS 9
#define CUT_POINTS   40
#define SPEED_MPS    5.0
#define BACK_RAD     2.36 /* 135 degrees: into the street from which it came */

/* The way straight on for bicycles from or into a lane, other than from `not_edge`; JW_NONE. */
static uint32_t find_straight(const jw_city_parts *parts, const jw_junction *junction, uint32_t from_lane,
                              uint32_t to_lane, uint32_t not_edge)
{
    for (uint32_t k = junction->first_connection; k < junction->first_connection + junction->connection_count;
         k++) {
        const jw_connection *c = &parts->connections[k];
        if (c->turn == JW_TURN_STRAIGHT && jw_build_is_for_bikes(c) && c->point_count + 2 <= CUT_POINTS &&
            (from_lane == JW_NONE || c->from_lane == from_lane) &&
            (to_lane == JW_NONE || c->to_lane == to_lane) && parts->lanes[c->from_lane].edge != not_edge)
            return k;
    }
    return JW_NONE;
}

/* Where the two ways cross: metres along each. */
static bool find_corner(const jw_city_parts *parts, const jw_connection *own, const jw_connection *cross,
                        double *out_own_m, double *out_cross_m)
{
    const jw_vec3 *p = parts->points + own->first_point, *q = parts->points + cross->first_point;
    for (uint32_t i = 0; i + 1 < own->point_count; i++)
        for (uint32_t k = 0; k + 1 < cross->point_count; k++) {
            double t, u;
            jw_vec2 p0 = {p[i].x, p[i].y}, p1 = {p[i + 1].x, p[i + 1].y};
            jw_vec2 q0 = {q[k].x, q[k].y}, q1 = {q[k + 1].x, q[k + 1].y};
            if (!jw_segments_cross(p0, p1, q0, q1, &t, &u))
                continue;
            *out_own_m = jw_polyline_length(p, i + 1) + t * jw_vec2_distance(p0, p1);
            *out_cross_m = jw_polyline_length(q, k + 1) + u * jw_vec2_distance(q0, q1);
            return *out_own_m > CORNER_M + ASIDE_M && *out_cross_m > 1 &&
                   *out_cross_m < cross->length_m - ASIDE_M;
        }
    return false;
}

/* Along the way straight on, round to the place of waiting, and along the other street's way. */
static jw_result lead_round(jw_city_parts *parts, jw_connection *c, uint32_t ahead, uint32_t second,
                            jw_error *error)
{
    const jw_connection *own = &parts->connections[ahead], *cross = &parts->connections[second];
    double own_m, cross_m;
    if (!find_corner(parts, own, cross, &own_m, &cross_m))
        return JW_OK;
    jw_vec3 line[2 * CUT_POINTS + CURVE_POINTS], rest[CUT_POINTS];
    double wait_m = jw_max(cross_m - ASIDE_M, cross_m / 3);
    uint32_t count =
        jw_polyline_cut(parts->points + own->first_point, own->point_count, 0, own_m - CORNER_M, line);
    uint32_t rest_count = jw_polyline_cut(parts->points + cross->first_point, cross->point_count, wait_m,
                                          cross->length_m, rest);
    double own_rad = jw_build_heading(line, count, true);
    jw_curve_between(line[count - 1], own_rad, rest[0], jw_build_heading(rest, rest_count, false),
                     CURVE_POINTS, line + count - 1);
    count += CURVE_POINTS - 1;
    c->wait_m = (float)jw_polyline_length(line, count);
    for (uint32_t k = 1; k < rest_count; k++)
        line[count++] = rest[k];
    c->length_m = jw_polyline_length(line, count);
    c->speed_mps =
        jw_min(SPEED_MPS, jw_min(parts->lanes[c->from_lane].speed_mps, parts->lanes[c->to_lane].speed_mps));
    c->second = second;
    c->point_count = count;
    return jw_city_add_points(parts, line, count, &c->first_point, error);
}

jw_result jw_build_two_stage(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < parts->connection_count && result == JW_OK; i++) {
        jw_connection *c = &parts->connections[i];
        const jw_junction *junction = &parts->junctions[c->junction];
        if (c->turn != JW_TURN_LEFT || !jw_build_is_for_bikes(c) || junction->kind != JW_JUNCTION_SIGNAL)
            continue;
        uint32_t own_edge = parts->lanes[c->from_lane].edge;
        uint32_t ahead = find_straight(parts, junction, c->from_lane, JW_NONE, JW_NONE);
        uint32_t second = find_straight(parts, junction, JW_NONE, c->to_lane, own_edge);
        if (ahead != JW_NONE && second != JW_NONE)
            result = lead_round(parts, c, ahead, second, error);
    }
    return result;
}

bool jw_build_is_second_stage(const jw_city_parts *parts, const jw_connection *c, const jw_connection *foe,
                              double end_m)
{
    if (c->second == JW_NONE || end_m < (double)c->wait_m)
        return false;
    const jw_lane *cross = &parts->lanes[parts->connections[c->second].from_lane],
                  *to = &parts->lanes[foe->to_lane];
    double cross_rad = jw_build_heading(parts->points + cross->first_point, cross->point_count, true);
    double to_rad = jw_build_heading(parts->points + to->first_point, to->point_count, false);
    bool is_into_it = jw_abs(jw_wrap_angle(to_rad - cross_rad)) > BACK_RAD;
    return !is_into_it && cross->edge != parts->lanes[foe->from_lane].edge;
}
