/* The form of the whole: a ring road as a superellipse with a bay in the south, gardens across the middle,
 * corridors between clusters, the lake and its far bank, the border. Sized so that the area inside the border
 * is exactly the definition's and the lake has its share. */
#include "city/plan_internal.h"

#include <string.h>

/* ---- master lines ----------------------------------------------------------------------------------------
 */

static double superellipse(double ratio, double power)
{
    double rest = 1.0 - jw_pow(jw_min(jw_abs(ratio), 1.0), power);
    return rest <= 0 ? 0 : jw_pow(rest, 1.0 / power);
}

/* The city is not its own mirror image: north and south sides lean a little. */
static double lean(double tilt, double x_per_a)
{
    return 1.0 + tilt * jw_clamp(x_per_a, -1, 1);
}

static double ring_base(const plan_form *form, double x)
{
    return -form->south_m * superellipse(x / form->a_m, form->power) * lean(form->tilt_south, x / form->a_m);
}

double jw_plan_ring_north(const plan_form *form, double x)
{
    return form->north_m * superellipse(x / form->a_m, form->power) * lean(form->tilt_north, x / form->a_m);
}

double jw_plan_ring_south(const plan_form *form, double x)
{
    double y = ring_base(form, x);
    if (jw_abs(x) < form->bay_half_m) {
        y += form->bay_depth_m * 0.5 * (1.0 + jw_cos(JW_PI * x / form->bay_half_m));
    }
    return y;
}

double jw_plan_ring_side(const plan_form *form, double y, double sign)
{
    double b = y > 0 ? form->north_m : form->south_m, tilt = y > 0 ? form->tilt_north : form->tilt_south;
    double ratio = 1.0;
    for (int i = 0; i < 24; ++i) { /* the lean depends on the place: a few rounds settle it */
        ratio = 0.5 * (ratio + superellipse(y / (b * lean(tilt, sign * ratio)), form->power));
    }
    return sign * form->a_m * ratio;
}

double jw_plan_garden_edge(const plan_form *form, double x, double side)
{
    double t = x / form->a_m;
    double middle = form->garden_swing_m * jw_sin(2.3 * t + form->phase[0]);
    double half = form->garden_half_m * (1.0 + 0.30 * jw_sin(3.4 * t + form->phase[1]));
    return middle + side * half;
}

/* The bank on the city's side follows the promenade with a gentle swing, the far bank is organic; both leave
 * the ring towards the tips, where they meet. */
double jw_plan_lake_bank(const plan_form *form, double x, double side)
{
    double t = jw_clamp(x / form->lake_half_m, -1.0, 1.0), t2 = t * t;
    double ends = t2 * t2 * t2;
    double near_m = form->shore_m * (1.0 + 0.35 * jw_sin(9.0 * t + form->phase[2]));
    double near_bank = jw_plan_ring_south(form, x) - near_m * (1.0 - ends) - 3.2 * form->shore_m * ends;
    if (side > 0) {
        return near_bank;
    }
    double wave = 0.74 + 0.13 * jw_sin(1.7 * t + form->phase[0] * 6) +
                  0.09 * jw_sin(4.3 * t + form->phase[3]) +
                  0.04 * jw_sin(9.7 * t + form->phase[1]); /* at most 1 */
    double far_bank =
        ring_base(form, x) - 3.2 * form->shore_m - form->lake_depth_m * jw_pow(1.0 - t2, 0.62) * wave;
    return jw_min(far_bank, near_bank);
}

bool jw_plan_is_inside(const plan_form *form, jw_vec2 at)
{
    double a = form->a_m + form->margin_side_m;
    double b = at.y > 0 ? form->north_m + form->margin_north_m : form->south_m + form->margin_south_m;
    double x = at.x / a, y = at.y / (b * lean(at.y > 0 ? form->tilt_north : form->tilt_south, x));
    return jw_abs(x) < 1 && jw_abs(y) < superellipse(x, form->power);
}

jw_vec2 jw_plan_border_at(const plan_form *form, double angle_rad)
{
    double c = jw_cos(angle_rad), s = jw_sin(angle_rad);
    double x = (form->a_m + form->margin_side_m) * jw_pow(jw_abs(c), 2.0 / form->power);
    double b = s > 0 ? form->north_m + form->margin_north_m : form->south_m + form->margin_south_m;
    x = c < 0 ? -x : x;
    double tilt = s > 0 ? form->tilt_north : form->tilt_south;
    double y = b * jw_pow(jw_abs(s), 2.0 / form->power) * lean(tilt, x / (form->a_m + form->margin_side_m));
    return (jw_vec2){x, s < 0 ? -y : y};
}

/* ---- sizes -----------------------------------------------------------------------------------------------
 */

static double border_area_m2(const plan_form *form)
{
    enum { STEPS = 256 };
    double twice = 0;
    for (int i = 0; i < STEPS; ++i) {
        twice += jw_vec2_cross(jw_plan_border_at(form, JW_TAU * i / STEPS),
                               jw_plan_border_at(form, JW_TAU * (i + 1) / STEPS));
    }
    return 0.5 * twice;
}

static double lake_area_m2(const plan_form *form)
{
    enum { STEPS = 200 };
    double sum = 0, step = 2.0 * form->lake_half_m / STEPS;
    for (int i = 0; i < STEPS; ++i) {
        double x = -form->lake_half_m + (i + 0.5) * step;
        sum += (jw_plan_lake_bank(form, x, 1) - jw_plan_lake_bank(form, x, -1)) * step;
    }
    return sum;
}

/* Proportions of the ring for one kilometre of scale. */
static void scale_ring(plan_form *form, double scale_m)
{
    bool is_wide = form->row_count == 2;
    form->a_m = 2.95 * scale_m;
    form->north_m = (is_wide ? 2.50 : 2.60) * scale_m;
    form->south_m = (is_wide ? 2.42 : 2.45) * scale_m;
    form->bay_half_m = form->has_lake ? 0.50 * form->a_m : 0;
    form->lake_half_m = 0.83 * form->a_m;
}

/* The far margin depends on the lake's depth, the lake's depth on the ring's size: a few rounds settle it. */
static void solve_sizes(plan_form *form, double area_m2, double lake_m2, double wood_m)
{
    form->margin_south_m = wood_m;
    for (int round = 0; round < 24; ++round) {
        double low = 0.01, high = 4000;
        for (int i = 0; i < 48; ++i) {
            double middle = 0.5 * (low + high);
            scale_ring(form, middle);
            if (border_area_m2(form) < area_m2) {
                low = middle;
            } else {
                high = middle;
            }
        }
        if (!form->has_lake) {
            return;
        }
        form->bay_depth_m = jw_min(0.36 * lake_m2 / form->bay_half_m, 0.36 * form->south_m);
        double missing_m2 = lake_m2 - lake_area_m2(form);
        form->lake_depth_m = jw_max(form->lake_depth_m + 0.6 * missing_m2 / (2.0 * form->lake_half_m), 10.0);
        form->margin_south_m = 3.2 * form->shore_m + form->lake_depth_m + wood_m;
    }
}

/* ---- clusters --------------------------------------------------------------------------------------------
 */

jw_vec2 jw_plan_curve_at(const plan_curve *curve, double t)
{
    double s = jw_clamp(t, 0, 1) * (PLAN_CURVE_POINTS - 1);
    uint32_t i = (uint32_t)jw_min(jw_floor(s), PLAN_CURVE_POINTS - 2);
    return jw_vec2_lerp(curve->points[i], curve->points[i + 1], s - i);
}

/* Inside a cluster the net itself swings a little (nothing moves on its sides, nor on the axis). */
static void swing(const plan_cluster *cluster, double *u, double *v)
{
    double across = cluster->has_axis ? jw_sin(JW_TAU * *u) * 0.5 : jw_sin(JW_PI * *u);
    double du = cluster->swing_u * across * jw_sin(JW_TAU * *v + cluster->swing_phase);
    double dv = cluster->swing_v * jw_sin(JW_PI * *v) * jw_sin(JW_PI * *u) *
                jw_cos(JW_TAU * *u + cluster->swing_phase);
    *u += du;
    *v += dv;
}

jw_vec2 jw_plan_patch_at(const plan_cluster *cluster, double u, double v)
{
    swing(cluster, &u, &v);
    jw_vec2 s = jw_plan_curve_at(&cluster->south, u), n = jw_plan_curve_at(&cluster->north, u);
    jw_vec2 w = jw_plan_curve_at(&cluster->west, v), e = jw_plan_curve_at(&cluster->east, v);
    jw_vec2 sw = cluster->south.points[0], se = cluster->south.points[PLAN_CURVE_POINTS - 1];
    jw_vec2 nw = cluster->north.points[0], ne = cluster->north.points[PLAN_CURVE_POINTS - 1];
    jw_vec2 across = jw_vec2_add(jw_vec2_lerp(s, n, v), jw_vec2_lerp(w, e, u));
    jw_vec2 corners = jw_vec2_lerp(jw_vec2_lerp(sw, se, u), jw_vec2_lerp(nw, ne, u), v);
    return jw_vec2_sub(across, corners);
}

enum { RAW_POINTS = 257 };

static void resample(const jw_vec2 *raw, plan_curve *out)
{
    double total = 0;
    for (int i = 1; i < RAW_POINTS; ++i) {
        total += jw_vec2_distance(raw[i - 1], raw[i]);
    }
    out->length_m = total;
    out->points[0] = raw[0];
    double walked = 0;
    int next = 1;
    for (int i = 1; i < RAW_POINTS; ++i) {
        double step = jw_vec2_distance(raw[i - 1], raw[i]);
        while (next < PLAN_CURVE_POINTS - 1 && walked + step >= total * next / (PLAN_CURVE_POINTS - 1)) {
            double t = (total * next / (PLAN_CURVE_POINTS - 1) - walked) / step;
            out->points[next++] = jw_vec2_lerp(raw[i - 1], raw[i], t);
        }
        walked += step;
    }
    out->points[PLAN_CURVE_POINTS - 1] = raw[RAW_POINTS - 1];
}

/* The upper or lower side of a row at x. */
double jw_plan_row_line(const plan_form *form, uint32_t row, bool is_top, double x)
{
    if (row == 0 && is_top) {
        return jw_plan_ring_north(form, x);
    }
    if (row + 1 == form->row_count && !is_top) {
        return jw_plan_ring_south(form, x);
    }
    return jw_plan_garden_edge(form, x, is_top ? -1 : 1);
}

/* Half the width of a row along that side: to the ring's corner, or to where the gardens meet the ring. */
static double row_end(const plan_form *form, uint32_t row, bool is_top, double sign)
{
    if ((row == 0 && is_top) || (row + 1 == form->row_count && !is_top)) {
        return sign * form->a_m * jw_pow(0.5, 1.0 / form->power);
    }
    double x = sign * form->a_m;
    for (int i = 0; i < 20; ++i) {
        x = jw_plan_ring_side(form, jw_plan_row_line(form, row, is_top, x), sign);
    }
    return x;
}

/* The curve between cluster `index` - 1 and `index` of a row, on its west (-1) or east (+1) side. */
static void make_edge(const city_plan *plan, uint32_t row, uint32_t index, double side, plan_curve *out)
{
    const plan_form *form = &plan->form;
    jw_vec2 raw[RAW_POINTS];
    uint32_t count = form->row_clusters[row];
    if (index == 0 || index == count) {
        double sign = index == 0 ? -1 : 1;
        double x0 = row_end(form, row, false, sign), x1 = row_end(form, row, true, sign);
        double y0 = jw_plan_row_line(form, row, false, x0), y1 = jw_plan_row_line(form, row, true, x1);
        for (int i = 0; i < RAW_POINTS; ++i) {
            double y = y0 + (y1 - y0) * i / (RAW_POINTS - 1);
            raw[i] = (jw_vec2){jw_plan_ring_side(form, y, sign), y};
        }
        raw[0] = (jw_vec2){x0, y0};
        raw[RAW_POINTS - 1] = (jw_vec2){x1, y1};
        resample(raw, out);
        return;
    }
    bool is_axis = 2 * index == count;
    /* Mirror images shift alike, so that the axis stays in the middle. */
    uint32_t pair = index < count - index ? index : count - index;
    double mirror = 2 * index < count ? 1 : -1;
    double shift =
        is_axis ? 0 : jw_plan_uniform(plan, "plan.corridor", row * 16 + pair, -0.02, 0.03) * mirror;
    double fraction = (double)index / count + shift;
    double half = 0.5 * (is_axis ? form->axis_m : form->corridor_m);
    double x_low = row_end(form, row, false, -1) +
                   fraction * (row_end(form, row, false, 1) - row_end(form, row, false, -1));
    double x_high = row_end(form, row, true, -1) +
                    fraction * (row_end(form, row, true, 1) - row_end(form, row, true, -1));
    double bow =
        is_axis ? 0
                : mirror * form->corridor_m * jw_plan_uniform(plan, "plan.bow", row * 16 + index, 0.2, 0.7);
    for (int i = 0; i < RAW_POINTS; ++i) {
        double t = (double)i / (RAW_POINTS - 1);
        /* A corridor opens like a funnel towards the gardens or the lake. */
        double funnel = is_axis ? 1.0 : 0.85 + 0.75 * (1 - t) * (1 - t);
        double x = x_low + (x_high - x_low) * t - bow * jw_sin(JW_PI * t) + side * half * funnel;
        raw[i] = (jw_vec2){x, 0};
    }
    double y0 = jw_plan_row_line(form, row, false, raw[0].x),
           y1 = jw_plan_row_line(form, row, true, raw[RAW_POINTS - 1].x);
    for (int i = 0; i < RAW_POINTS; ++i) {
        raw[i].y = y0 + (y1 - y0) * i / (RAW_POINTS - 1);
    }
    resample(raw, out);
}

static void make_row_line(const plan_form *form, uint32_t row, bool is_top, double x0, double x1,
                          plan_curve *out)
{
    jw_vec2 raw[RAW_POINTS];
    for (int i = 0; i < RAW_POINTS; ++i) {
        double x = x0 + (x1 - x0) * i / (RAW_POINTS - 1);
        raw[i] = (jw_vec2){x, jw_plan_row_line(form, row, is_top, x)};
    }
    resample(raw, out);
}

static void make_cluster(city_plan *plan, uint32_t row, uint32_t column)
{
    const plan_form *form = &plan->form;
    plan_cluster *cluster = &plan->clusters[plan->cluster_count++];
    cluster->row = row;
    cluster->column = column;
    cluster->axis_column = JW_NONE;
    uint64_t number = plan->cluster_count;
    cluster->swing_u = jw_plan_uniform(plan, "plan.swing_u", number, 0.012, 0.022);
    cluster->swing_v = jw_plan_uniform(plan, "plan.swing_v", number, -0.022, 0.022);
    cluster->swing_phase = jw_plan_uniform(plan, "plan.swing_phase", number, 0, JW_TAU);
    cluster->has_axis = 2 * column + 1 == form->row_clusters[row] && !plan->is_district;
    make_edge(plan, row, column, 1, &cluster->west);
    make_edge(plan, row, column + 1, -1, &cluster->east);
    const uint32_t last = PLAN_CURVE_POINTS - 1;
    make_row_line(form, row, false, cluster->west.points[0].x, cluster->east.points[0].x, &cluster->south);
    make_row_line(form, row, true, cluster->west.points[last].x, cluster->east.points[last].x,
                  &cluster->north);
    cluster->west.points[0] = cluster->south.points[0];
    cluster->west.points[last] = cluster->north.points[0];
    cluster->east.points[0] = cluster->south.points[last];
    cluster->east.points[last] = cluster->north.points[last];
    cluster->width_m = jw_vec2_distance(jw_plan_patch_at(cluster, 0, 0.5), jw_plan_patch_at(cluster, 1, 0.5));
    cluster->height_m =
        jw_vec2_distance(jw_plan_patch_at(cluster, 0.5, 0), jw_plan_patch_at(cluster, 0.5, 1));
}

void jw_plan_make_form(city_plan *plan)
{
    plan_form *form = &plan->form;
    const jw_plan_def *def = &plan->def;
    double area_m2 = def->area_km2 * 1e6;
    double size =
        jw_clamp(jw_sqrt(jw_sqrt(def->area_km2 / 38.0)), 0.4, 1.5); /* widths grow slower than lengths */
    form->row_count = def->clusters >= 4 ? 2 : 1;
    form->row_clusters[0] = form->row_count == 2 ? (def->clusters + 1) / 2 : def->clusters;
    form->row_clusters[1] = form->row_count == 2 ? def->clusters / 2 : 0;
    form->has_lake = def->lake_share > 0;
    form->has_station = !plan->is_district;
    form->power = jw_plan_uniform(plan, "plan.power", 0, 2.9, 3.3);
    form->garden_half_m = 185 * size;
    form->garden_swing_m = 110 * size;
    form->corridor_m = 190 * size;
    form->axis_m = 260 * size;
    form->margin_side_m = plan->is_district ? 80 : 170 * size;
    form->margin_north_m = form->has_station ? jw_max(330 * size, 280) : 80;
    form->shore_m = jw_max(46 * size, 30);
    for (uint32_t i = 0; i < 4; ++i) {
        form->phase[i] = jw_plan_uniform(plan, "plan.phase", i, 0, JW_TAU);
    }
    form->tilt_north = jw_plan_uniform(plan, "plan.tilt", 0, 0.02, 0.05);
    form->tilt_south = jw_plan_uniform(plan, "plan.tilt", 1, -0.09, -0.03);
    if (jw_plan_uniform(plan, "plan.tilt", 2, 0, 1) < 0.5) {
        form->tilt_north = -form->tilt_north;
        form->tilt_south = -form->tilt_south;
    }
    form->phase[0] = jw_plan_uniform(plan, "plan.swing", 0, -0.4, 0.4);
    solve_sizes(form, area_m2, jw_max(def->lake_share, 0) * area_m2, plan->is_district ? 110 : 175 * size);
    for (uint32_t row = 0; row < form->row_count; ++row) {
        for (uint32_t column = 0; column < form->row_clusters[row]; ++column) {
            make_cluster(plan, row, column);
        }
    }
}
