/* Water and rail: shapes that roads must bridge and buildings keep clear of. */
#include "city/plan_internal.h"

#include <string.h>

static jw_vec2 *add_obstacle(city_plan *plan, uint32_t count, bool is_closed, double margin_m)
{
    if (!jw_plan_is_ok(plan)) {
        return NULL;
    }
    plan->result = jw_grow(&plan->obstacles, &plan->obstacle_capacity, plan->obstacle_count + 1,
                           sizeof *plan->obstacles, plan->error);
    if (plan->result == JW_OK) {
        plan->result =
            jw_grow(&plan->obstacle_points, &plan->obstacle_point_capacity,
                    (uint64_t)plan->obstacle_point_count + count, sizeof *plan->obstacle_points, plan->error);
    }
    if (plan->result != JW_OK) {
        return NULL;
    }
    plan->obstacles[plan->obstacle_count++] =
        (plan_obstacle){plan->obstacle_point_count, count, is_closed, margin_m, jw_box_empty()};
    plan->obstacle_point_count += count;
    return &plan->obstacle_points[plan->obstacle_point_count - count];
}

static void close_obstacle(city_plan *plan)
{
    plan_obstacle *obstacle = &plan->obstacles[plan->obstacle_count - 1];
    for (uint32_t i = 0; i < obstacle->point_count; ++i) {
        jw_vec2 p = plan->obstacle_points[obstacle->first_point + i];
        obstacle->box = jw_box_extend(obstacle->box, p.x, p.y);
    }
}

/* A band of water along a line, half_m wide to either side at each point. */
static void add_ribbon(city_plan *plan, const jw_vec2 *middle, const double *half_m, uint32_t count)
{
    jw_vec2 *ring = add_obstacle(plan, 2 * count, true, 12.0);
    if (ring == NULL) {
        return;
    }
    for (uint32_t i = 0; i < count; ++i) {
        jw_vec2 before = middle[i == 0 ? 0 : i - 1], after = middle[i + 1 < count ? i + 1 : i];
        jw_vec2 along = jw_vec2_unit(jw_vec2_sub(after, before));
        jw_vec2 left = {-along.y * half_m[i], along.x * half_m[i]};
        ring[i] = jw_vec2_sub(middle[i], left);
        ring[2 * count - 1 - i] = jw_vec2_add(middle[i], left);
    }
    close_obstacle(plan);
}

static void add_lake(city_plan *plan)
{
    enum { HALF = 90 };
    const plan_form *form = &plan->form;
    jw_vec2 *ring = add_obstacle(plan, 2 * HALF, true, 14.0);
    if (ring == NULL) {
        return;
    }
    for (int i = 0; i < HALF; ++i) {
        double west = -jw_cos(JW_PI * (i + 0.5) / HALF) * form->lake_half_m;
        ring[i] = (jw_vec2){west, jw_plan_lake_bank(form, west, -1)};
        ring[2 * HALF - 1 - i] = (jw_vec2){west, jw_plan_lake_bank(form, west, 1)};
    }
    close_obstacle(plan);
}

/* The chain of small lakes through the gardens: wide and narrow in turn, widest at the axis. */
static void add_garden_water(city_plan *plan)
{
    enum { COUNT = 120 };
    const plan_form *form = &plan->form;
    jw_vec2 middle[COUNT];
    double half[COUNT];
    for (int i = 0; i < COUNT; ++i) {
        double t = -0.93 + 1.86 * i / (COUNT - 1);
        double x = t * form->a_m;
        middle[i] = (jw_vec2){x, jw_plan_garden_water(form, x)};
        double garden = 0.5 * (jw_plan_garden_edge(form, x, 1) - jw_plan_garden_edge(form, x, -1));
        double swell =
            0.5 + 0.35 * jw_sin(8.3 * t + form->phase[2]) + 0.15 * jw_sin(19.0 * t + form->phase[1]);
        double axis = jw_exp(-t * t / 0.010);
        double taper = jw_sqrt(jw_clamp((0.93 - jw_abs(t)) / 0.06, 0.02, 1.0));
        half[i] = garden * (0.07 + 0.40 * swell * swell * (1.0 - axis) + 0.34 * axis) * taper;
    }
    add_ribbon(plan, middle, half, COUNT);
}

/* Streams down the corridors and the formal canal of the axis, from under the upper road to the water below.
 */
static void add_corridor_water(city_plan *plan, const plan_cluster *west, const plan_cluster *east,
                               bool is_canal)
{
    enum { COUNT = 48 };
    const plan_form *form = &plan->form;
    bool is_last_row = west->row + 1 == form->row_count;
    if (is_last_row && !form->has_lake && form->row_count == 1) {
        return;
    }
    double top = is_canal ? 1.0 : 0.9;
    jw_vec2 middle[COUNT];
    double half[COUNT];
    const int bend = 8; /* points beyond the lower road */
    for (int i = 0; i < COUNT - bend; ++i) {
        double v = top * (1.0 - (double)i / (COUNT - bend - 1));
        jw_vec2 w = jw_plan_curve_at(&west->east, v), e = jw_plan_curve_at(&east->west, v);
        double room = jw_vec2_distance(w, e);
        double swing = is_canal ? 0 : 0.12 * jw_sin(11.0 * v + form->phase[1] + west->column);
        middle[i] = jw_vec2_lerp(w, e, 0.5 + swing);
        double swell = jw_sin(7.0 * v + form->phase[3] + west->column);
        half[i] = is_canal ? 0.11 * room : room * (0.035 + 0.09 * swell * swell);
    }
    jw_vec2 end = middle[COUNT - bend - 1];
    double target_y = is_last_row ? (form->has_lake ? jw_plan_lake_bank(form, end.x, 1) - 30 : end.y + 60)
                                  : jw_plan_garden_water(form, end.x);
    jw_vec2 along = jw_vec2_unit(jw_vec2_sub(end, middle[COUNT - bend - 2]));
    double reach_m = jw_abs(target_y - end.y) / jw_max(jw_abs(along.y), 0.5);
    for (int i = 0; i < bend; ++i) {
        middle[COUNT - bend + i] = jw_vec2_add(end, jw_vec2_scale(along, reach_m * (i + 1.0) / bend));
        half[COUNT - bend + i] = half[COUNT - bend - 1];
    }
    if (is_canal) { /* begins in the gardens' water */
        middle[0].y = jw_plan_garden_water(form, middle[0].x);
    }
    add_ribbon(plan, middle, half, COUNT);
}

static void add_rail(city_plan *plan)
{
    enum { COUNT = 41 };
    const plan_form *form = &plan->form;
    jw_vec2 *line = add_obstacle(plan, COUNT, false, 34.0);
    if (line == NULL) {
        return;
    }
    for (int i = 0; i < COUNT; ++i) {
        double x = (2.0 * i / (COUNT - 1) - 1.0) * (form->a_m + form->margin_side_m + 80);
        line[i] = (jw_vec2){x, jw_plan_rail_y(form, x)};
    }
    close_obstacle(plan);
}

double jw_plan_garden_water(const plan_form *form, double x)
{
    double north = jw_plan_garden_edge(form, x, 1), south = jw_plan_garden_edge(form, x, -1);
    double axis = jw_exp(-x * x / (0.012 * form->a_m * form->a_m));
    double swing = 0.26 * jw_sin(6.1 * x / form->a_m + form->phase[3]) * (1.0 - axis);
    return 0.5 * (north + south) + swing * 0.5 * (north - south);
}

double jw_plan_rail_y(const plan_form *form, double x)
{
    double t = x / form->a_m;
    return form->north_m + form->margin_north_m * (0.60 - 0.12 * t * t);
}

void jw_plan_make_water(city_plan *plan)
{
    const plan_form *form = &plan->form;
    if (form->has_lake) {
        add_lake(plan);
    }
    if (form->row_count == 2) {
        add_garden_water(plan);
    }
    for (uint32_t i = 0; i + 1 < plan->cluster_count; ++i) {
        const plan_cluster *west = &plan->clusters[i], *east = &plan->clusters[i + 1];
        if (west->row != east->row) {
            continue;
        }
        bool is_canal = west->row == 1 && 2 * (west->column + 1) == form->row_clusters[1];
        add_corridor_water(plan, west, east, is_canal);
    }
    if (form->has_station) {
        add_rail(plan);
    }
}

/* ---- clearance -------------------------------------------------------------------------------------------
 */

static double segment_distance(jw_vec2 p, jw_vec2 a, jw_vec2 b)
{
    jw_vec2 along = jw_vec2_sub(b, a);
    double length2 = jw_vec2_dot(along, along);
    double t = length2 > 0 ? jw_clamp(jw_vec2_dot(jw_vec2_sub(p, a), along) / length2, 0, 1) : 0;
    return jw_vec2_distance(p, jw_vec2_lerp(a, b, t));
}

static double kerb_of(const jw_draft_road *road)
{
    for (uint32_t grade = 0; grade < PLAN_GRADE_COUNT; ++grade) {
        if (jw_plan_grades[grade].road_class == road->road_class) {
            return jw_plan_grades[grade].kerb_m;
        }
    }
    return jw_plan_grades[PLAN_RING].kerb_m;
}

bool jw_plan_is_clear(const city_plan *plan, jw_vec2 middle, double radius_m)
{
    for (uint32_t o = 0; o < plan->obstacle_count; ++o) {
        const plan_obstacle *obstacle = &plan->obstacles[o];
        const jw_vec2 *line = &plan->obstacle_points[obstacle->first_point];
        uint32_t segments = obstacle->point_count - (obstacle->is_closed ? 0 : 1);
        double reach_m = radius_m + (obstacle->is_closed ? 0 : obstacle->margin_m);
        if (obstacle->is_closed && jw_plan_contains(line, obstacle->point_count, middle)) {
            return false;
        }
        for (uint32_t i = 0; i < segments; ++i) {
            if (segment_distance(middle, line[i], line[(i + 1) % obstacle->point_count]) < reach_m) {
                return false;
            }
        }
    }
    const jw_draft *draft = plan->draft;
    for (uint32_t r = 0; r < draft->road_count; ++r) {
        const jw_draft_road *road = &draft->roads[r];
        double reach_m = radius_m + kerb_of(road);
        for (uint32_t i = 0; i + 1 < road->ref_count; ++i) {
            const jw_draft_node *a = &draft->nodes[draft->refs[road->first_ref + i]];
            const jw_draft_node *b = &draft->nodes[draft->refs[road->first_ref + i + 1]];
            if (segment_distance(middle, (jw_vec2){a->x_m, a->y_m}, (jw_vec2){b->x_m, b->y_m}) < reach_m) {
                return false;
            }
        }
    }
    return true;
}
