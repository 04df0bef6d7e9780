/* On foot: the eye 1.7 m above the ground, WASD goes, the mouse looks round, walls stop. */
#include "ui/ui_state.h"

#define EYE_M       1.7
#define PACE_MPS    1.4 /* a pedestrian's */
#define RUN         5.0 /* times that with Shift */
#define ARM_M       1.0 /* so near a wall one stands */
#define LOOK_M      12.0
#define STREET_M    300.0 /* so far one is moved to the nearest */
#define KERB_M      0.8
#define SEARCH_M    4.0 /* step of looking for free ground */
#define SEARCH_MOST 60

static bool is_inside(const jw_city *city, const jw_building *building, double x_m, double y_m)
{
    bool inside = false;
    for (uint32_t r = building->first_ring; r < building->first_ring + building->ring_count; r++)
        inside ^=
            jw_ring_contains(city->points + city->rings[r].first_point, city->rings[r].point_count, x_m, y_m);
    return inside;
}

/* Whether a wall is in the way there: of a building that one could not walk under. */
static bool is_blocked(const jw_city *city, double x_m, double y_m)
{
    const double reach_m = 400; /* from a building's middle to its corners */
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *building = &city->buildings[i];
        if (jw_abs(building->x_m - x_m) < reach_m && jw_abs(building->y_m - y_m) < reach_m &&
            (double)building->base_m < EYE_M && is_inside(city, building, x_m, y_m))
            return true;
    }
    return false;
}

/* The eye's own camera looks at a point before it. */
static void see(jw_ui *ui)
{
    const ui_walk *walk = &ui->tools.walk;
    double level_m = LOOK_M * jw_cos(walk->pitch_rad);
    ui->camera = (jw_camera){.x_m = walk->x_m + level_m * jw_cos(walk->heading_rad),
                             .y_m = walk->y_m + level_m * jw_sin(walk->heading_rad),
                             .z_m = EYE_M - LOOK_M * jw_sin(walk->pitch_rad),
                             .heading_rad = walk->heading_rad,
                             .pitch_rad = walk->pitch_rad,
                             .distance_m = LOOK_M,
                             .fov_rad = 1.1};
}

/* At the kerb of the nearest street, looking along it: there is something to be seen, and no wall. */
static void stand_at_street(const jw_city *city, ui_walk *walk)
{
    double least_m = STREET_M, s_m, best_s_m = 0;
    const jw_edge *best = NULL;
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *edge = &city->edges[i];
        const jw_vec3 *points = city->points + edge->first_point;
        if (edge->point_count < 2 || edge->is_tunnel || edge->is_bridge ||
            jw_abs(points->x - walk->x_m) + jw_abs(points->y - walk->y_m) > 2 * (edge->length_m + least_m))
            continue;
        double away_m = jw_polyline_project(points, edge->point_count, walk->x_m, walk->y_m, &s_m);
        if (away_m < least_m) {
            least_m = away_m;
            best = edge;
            best_s_m = s_m;
        }
    }
    if (!best)
        return;
    double half_m = 0;
    for (uint32_t i = 0; i < best->lane_count; i++)
        half_m += city->lanes[best->first_lane + i].width_m / 2;
    jw_vec3 at =
        jw_polyline_at(city->points + best->first_point, best->point_count, best_s_m, &walk->heading_rad);
    walk->x_m = at.x + (half_m + KERB_M) * jw_sin(walk->heading_rad);
    walk->y_m = at.y - (half_m + KERB_M) * jw_cos(walk->heading_rad);
}

void ui_walk_set(jw_ui *ui, bool is_on)
{
    ui_walk *walk = &ui->tools.walk;
    if (is_on == walk->is_on || !ui->city)
        return;
    if (!is_on) {
        walk->is_on = false;
        jw_camera to = walk->before;
        to.x_m = walk->x_m;
        to.y_m = walk->y_m;
        ui->camera = to;
        return;
    }
    jw_camera before = ui->camera;
    ui->flight_begin_s = 0;
    ui->follow = UI_FOLLOW_NOT;
    ui->tools.is_path_playing = false;
    *walk = (ui_walk){true, before.x_m, before.y_m, before.heading_rad, 0.02, before};
    stand_at_street(ui->city, walk);
    before.x_m = walk->x_m, before.y_m = walk->y_m;
    for (int i = 1; i < SEARCH_MOST && is_blocked(ui->city, walk->x_m, walk->y_m); i++) { /* a spiral */
        walk->x_m = before.x_m + SEARCH_M * jw_sqrt(i) * jw_cos(2.4 * i);
        walk->y_m = before.y_m + SEARCH_M * jw_sqrt(i) * jw_sin(2.4 * i);
    }
    see(ui);
    ui_notice(ui, ui_say(ui, "tools.walk_how"));
}

void ui_walk_look(jw_ui *ui, double turn_rad, double down_rad)
{
    ui_walk *walk = &ui->tools.walk;
    walk->heading_rad = jw_wrap_angle(walk->heading_rad + turn_rad);
    walk->pitch_rad = jw_clamp(walk->pitch_rad + down_rad, -1.2, 1.2);
    see(ui);
}

void ui_walk_go(jw_ui *ui, double ahead, double right, bool is_running, double passed_s)
{
    ui_walk *walk = &ui->tools.walk;
    double step_m = PACE_MPS * (is_running ? RUN : 1) * passed_s;
    double c = jw_cos(walk->heading_rad), s = jw_sin(walk->heading_rad);
    double length = jw_sqrt(ahead * ahead + right * right);
    if (length > 0) {
        double dx = (ahead * c + right * s) / length, dy = (ahead * s - right * c) / length;
        /* Along the wall when it is in the way. */
        double arm_x = ARM_M * ((dx > 0) - (dx < 0)), arm_y = ARM_M * ((dy > 0) - (dy < 0));
        if (!is_blocked(ui->city, walk->x_m + dx * step_m + arm_x, walk->y_m))
            walk->x_m += dx * step_m;
        if (!is_blocked(ui->city, walk->x_m, walk->y_m + dy * step_m + arm_y))
            walk->y_m += dy * step_m;
    }
    see(ui);
}
