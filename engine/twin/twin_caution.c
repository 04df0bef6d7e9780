/* What autonomous shuttles do where they cannot see. Right of way is given, not taken: before a junction a
 * shuttle wants to see each arm as far as somebody there could come from while it crosses, and until it does
 * it drives so that it could still stop at the line (S. Shalev-Shwartz et al., On a formal model of safe and
 * scalable self-driving cars, arXiv:1708.06374, rule 4: be careful of areas with limited visibility;
 * unverified). What blocks its view are the city's buildings, in the triangle of sight between its own way
 * and the arm's.
 *
 * Where a roadside unit that it hears sees those parts of the arms and has just told so, it knows who comes
 * and drives on at full speed. What it knows is a little old: the unit must see so much farther as somebody
 * has come meanwhile.
 *
 * Limits: a green signal calms it no more than none does; one line of sight to three points of an arm stands
 * for the triangle; parked and moving vehicles, trees and the weather block nothing; nobody is ever hit, so
 * that caution costs time and its use does not show; a shuttle relies on what it is told. Neutral when off
 * (def.has_cautious_shuttles): they drive as if they saw everything. */
#include "twin/twin_internal.h"

#define REACTION_S   0.5 /* of the machine (unverified) */
#define BRAKE_MPS2   2.5 /* as traffic's shuttles brake and start */
#define START_MPS2   1.2
#define SHUTTLE_MPS  11.1
#define CREEP_MPS    3.0  /* slower nobody can be told to drive */
#define CROSSING_M   12.0 /* from the line until its end has left the conflict */
#define SENSOR_M     2.0  /* on the roof */
#define TARGET_M     1.0
#define LOOK_STEP_M  2.0
#define NEAREST_M    3.0 /* of an arm's points to its line */
#define POINTS       3
#define SHARE_NEEDED 0.98 /* of its speed: less caution is none */

static double stopping_m(double speed_mps)
{
    return speed_mps * (REACTION_S + speed_mps / (2 * BRAKE_MPS2));
}

/* That it can stop from within the way. */
static double speed_to_stop(double way_m)
{
    return BRAKE_MPS2 * (jw_sqrt(REACTION_S * REACTION_S + 2 * way_m / BRAKE_MPS2) - REACTION_S);
}

/* Until it has crossed, starting through from there. */
static double crossing_s(double way_m, double speed_mps)
{
    double left_m = way_m + CROSSING_M;
    return (jw_sqrt(speed_mps * speed_mps + 2 * START_MPS2 * left_m) - speed_mps) / START_MPS2;
}

static jw_vec2 before_line(const jw_city *city, uint32_t lane, double way_m)
{
    const jw_lane *l = &city->lanes[lane];
    const jw_vec3 *points = city->points + l->first_point;
    double at_m = jw_max(jw_polyline_length(points, l->point_count) - way_m, 0), heading_rad;
    jw_vec3 point = jw_polyline_at(points, l->point_count, at_m, &heading_rad);
    return (jw_vec2){point.x, point.y};
}

/* Whom to ask about a point of an arm: its own eyes at `from`, or a unit. */
typedef struct viewer {
    jw_world *world;
    jw_vec2 from;
    uint32_t unit; /* JW_NONE: its own eyes */
} viewer;

static bool sees(const viewer *who, jw_vec2 point)
{
    if (who->unit != JW_NONE)
        return jw_roadside_perceives(twin_roadside_of(who->world), who->unit, point.x, point.y);
    return jw_network_is_in_sight(twin_network_of(who->world), (jw_vec3){who->from.x, who->from.y, SENSOR_M},
                                  (jw_vec3){point.x, point.y, TARGET_M});
}

/* All arms but its own, as far as somebody comes in the time. */
static bool sees_arms(const viewer *who, uint32_t edge, double time_s)
{
    const jw_city *city = jw_twin_city(who->world);
    const jw_junction *junction = &city->junctions[city->edges[edge].to];
    for (uint32_t k = 0; k < junction->in_count; k++) {
        uint32_t arm = city->junction_edges[junction->first_in + k];
        double far_m = jw_max(city->edges[arm].speed_mps * time_s, NEAREST_M);
        for (uint32_t i = 0; i < POINTS && arm != edge; i++) {
            double way_m = NEAREST_M + (far_m - NEAREST_M) * i / (POINTS - 1);
            if (!sees(who, before_line(city, city->edges[arm].first_lane, way_m)))
                return false;
        }
    }
    return true;
}

double twin_caution_open_m(jw_world *world, uint32_t edge)
{
    const jw_city *city = jw_twin_city(world);
    double full_mps = jw_min(city->edges[edge].speed_mps, SHUTTLE_MPS), full_m = stopping_m(full_mps);
    for (double way_m = full_m; way_m > 0; way_m -= LOOK_STEP_M) {
        double speed_mps = jw_max(speed_to_stop(way_m), CREEP_MPS);
        viewer eyes = {world, before_line(city, city->edges[edge].first_lane, way_m), JW_NONE};
        if (sees_arms(&eyes, edge, crossing_s(way_m, speed_mps)))
            return way_m;
    }
    return 0;
}

/* Whether a unit tells it what it cannot see. */
static bool is_informed(jw_world *world, uint32_t edge, double x_m, double y_m)
{
    jw_roadside *roadside = twin_roadside_of(world);
    uint32_t unit = jw_roadside_of_junction(roadside, jw_twin_city(world)->edges[edge].to);
    jw_roadside_state state;
    if (unit == JW_NONE || !jw_roadside_unit(roadside, unit, &state) || state.perception_age_s <= 0 ||
        !jw_roadside_is_heard(roadside, unit, x_m, y_m))
        return false;
    double full_mps = jw_min(jw_twin_city(world)->edges[edge].speed_mps, SHUTTLE_MPS);
    viewer told = {.world = world, .unit = unit};
    return sees_arms(&told, edge, crossing_s(stopping_m(full_mps), full_mps) + state.perception_age_s);
}

double twin_caution_speed(jw_world *world, twin_advice *advice, uint32_t edge, double way_m, double x_m,
                          double y_m, bool is_connected)
{
    double full_mps = jw_min(jw_twin_city(world)->edges[edge].speed_mps, SHUTTLE_MPS);
    if (advice->open_m1[edge] == 0)
        advice->open_m1[edge] = (float)(1 + twin_caution_open_m(world, edge));
    double open_m = (double)advice->open_m1[edge] - 1, open_mps = jw_max(speed_to_stop(open_m), CREEP_MPS);
    if (way_m <= open_m || open_m >= stopping_m(full_mps))
        return 0;
    double speed_mps = jw_sqrt(open_mps * open_mps + 2 * BRAKE_MPS2 * (way_m - open_m));
    if (speed_mps >= SHARE_NEEDED * full_mps)
        return 0;
    if (is_connected && twin_is_coupled(world, JW_COUPLING_ADVICE) && is_informed(world, edge, x_m, y_m)) {
        advice->informed++;
        return 0;
    }
    advice->cautious++;
    return speed_mps;
}
