/* Everything that is not built: woodland ring, gardens, corridors, shore, parks and squares, water on top,
 * rail and station, paths. Areas are added from the ground up: a later one lies on an earlier one. */
#include "city/plan_internal.h"

#include <stdio.h>

enum { MAX_RING = 640 };

static double wetland_m(const plan_form *form, double x)
{
    double t = x / form->lake_half_m;
    return form->shore_m * (1.5 + 1.1 * jw_sin(5.2 * t + form->phase[1]) * jw_cos(2.1 * t + form->phase[0]));
}

/* The ring's curve set out by `out_m`, at a parameter angle. */
static jw_vec2 ring_at(const plan_form *form, double angle_rad, double out_m)
{
    plan_form outer = *form;
    outer.margin_side_m = outer.margin_north_m = outer.margin_south_m = out_m;
    return jw_plan_border_at(&outer, angle_rad);
}

static void add_woodland(city_plan *plan)
{
    enum { BORDER = 200, AROUND = 150, BANK = 90 };
    const plan_form *form = &plan->form;
    jw_vec2 points[MAX_RING];
    uint32_t count = 0;
    for (uint32_t i = 0; i < BORDER; ++i) { /* the wood's outer edge wanders about the border */
        double angle = JW_TAU * i / BORDER;
        double beyond_m = (jw_sin(5 * angle + form->phase[1]) + jw_sin(11 * angle + form->phase[2]) +
                           0.6 * jw_sin(23 * angle + form->phase[3])) *
                          0.08 * form->margin_side_m;
        jw_vec2 at = jw_plan_border_at(form, angle);
        points[count++] = jw_vec2_add(at, jw_vec2_scale(jw_vec2_unit(at), beyond_m));
    }
    uint32_t sizes[2] = {BORDER, 0};
    double open = form->has_lake ? 0.25 * JW_TAU : 0; /* from corner to corner the lake is the limit */
    for (uint32_t i = 0; i < AROUND; ++i) {           /* clockwise from the south-west corner */
        double angle =
            0.75 * JW_TAU - 0.5 * open - (JW_TAU - open) * i / (form->has_lake ? AROUND - 1 : AROUND);
        points[count++] = ring_at(form, angle, 30);
    }
    for (uint32_t i = 0; i < BANK && form->has_lake; ++i) {
        double x = form->lake_half_m * jw_cos(JW_PI * (i + 0.5) / BANK);
        points[count++] = (jw_vec2){x, jw_plan_lake_bank(form, x, -1) - wetland_m(form, x)};
    }
    sizes[1] = count - BORDER;
    jw_plan_area_rings(plan, points, sizes, 2, JW_AREA_WOOD, JW_USE_NONE, "Woodland ring");
}

static void add_lakeside(city_plan *plan)
{
    enum { COUNT = 80 };
    const plan_form *form = &plan->form;
    jw_vec2 points[2 * COUNT];
    double kerb = jw_plan_grades[PLAN_AVENUE].kerb_m + jw_plan_grades[PLAN_AVENUE].footway_m;
    for (int i = 0; i < COUNT; ++i) {
        double x = -form->lake_half_m * jw_cos(JW_PI * (i + 0.5) / COUNT);
        points[i] = (jw_vec2){x, jw_plan_lake_bank(form, x, 1)};
        points[2 * COUNT - 1 - i] = (jw_vec2){x, jw_plan_ring_south(form, x) - kerb};
    }
    jw_plan_area(plan, points, 2 * COUNT, JW_AREA_PARK, JW_USE_NONE, "Lake shore park");
    for (int i = 0; i < COUNT; ++i) {
        double x = -form->lake_half_m * jw_cos(JW_PI * (i + 0.5) / COUNT);
        points[i] = (jw_vec2){x, jw_plan_lake_bank(form, x, -1) - wetland_m(form, x)};
        points[2 * COUNT - 1 - i] = (jw_vec2){x, jw_plan_lake_bank(form, x, -1)};
    }
    jw_plan_area(plan, points, 2 * COUNT, JW_AREA_WETLAND, JW_USE_NONE, "Reed bank");
}

static void add_gardens(city_plan *plan)
{
    enum { COUNT = 60 };
    const plan_form *form = &plan->form;
    double kerb = jw_plan_grades[PLAN_AVENUE].kerb_m + jw_plan_grades[PLAN_AVENUE].footway_m;
    double end = form->a_m - jw_plan_grades[PLAN_RING].kerb_m - 12;
    jw_vec2 points[2 * COUNT];
    for (int i = 0; i < COUNT; ++i) {
        double x = -end + 2 * end * i / (COUNT - 1);
        points[i] = (jw_vec2){x, jw_plan_garden_edge(form, x, -1) + kerb};
        points[2 * COUNT - 1 - i] = (jw_vec2){x, jw_plan_garden_edge(form, x, 1) - kerb};
    }
    jw_plan_area(plan, points, 2 * COUNT, JW_AREA_PARK, JW_USE_NONE, "Central gardens");
    jw_plan_place(plan, JW_PLACE_PARK, (jw_vec2){0, jw_plan_garden_water(form, 0)}, "Central gardens");
    for (int side = -1; side <= 1; side += 2) { /* a cycleway on either bank, footpaths nearer the water */
        for (int i = 0; i < COUNT; ++i) {
            double x = -end + 2 * end * i / (COUNT - 1);
            double water = jw_plan_garden_water(form, x), edge = jw_plan_garden_edge(form, x, side);
            points[i] = (jw_vec2){x, water + (edge - water) * 0.80};
        }
        jw_plan_path(plan, points, COUNT, JW_LINE_CYCLEWAY, 4.0);
    }
}

static void add_corridors(city_plan *plan)
{
    enum { COUNT = 24 };
    double kerb = jw_plan_grades[PLAN_COLLECTOR].kerb_m + jw_plan_grades[PLAN_COLLECTOR].footway_m;
    for (uint32_t c = 0; c + 1 < plan->cluster_count; ++c) {
        const plan_cluster *west = &plan->clusters[c], *east = &plan->clusters[c + 1];
        if (west->row != east->row) {
            continue;
        }
        jw_vec2 points[2 * COUNT], path[COUNT];
        bool is_canal = west->row == 1 && 2 * (west->column + 1) == plan->form.row_clusters[1];
        for (int i = 0; i < COUNT; ++i) {
            double v = 0.012 + 0.976 * i / (COUNT - 1);
            jw_vec2 a = jw_plan_curve_at(&west->east, v), b = jw_plan_curve_at(&east->west, v);
            double width = jw_vec2_distance(a, b);
            points[i] = jw_vec2_lerp(a, b, 1 - kerb / width);
            points[2 * COUNT - 1 - i] = jw_vec2_lerp(a, b, kerb / width);
            path[i] = jw_vec2_lerp(a, b, 0.80);
        }
        char name[48];
        snprintf(name, sizeof name, is_canal ? "Canal garden" : "Green corridor %u", c + 1);
        jw_plan_area(plan, points, 2 * COUNT, JW_AREA_PARK, JW_USE_NONE, name);
        jw_plan_path(plan, path, COUNT, JW_LINE_CYCLEWAY, 4.0);
        for (int i = 0; i < COUNT; ++i) {
            path[i] = jw_vec2_lerp(points[i], points[2 * COUNT - 1 - i], 0.82);
        }
        jw_plan_path(plan, path, COUNT, JW_LINE_FOOTPATH, 2.5);
    }
}

static void add_rail_strip(city_plan *plan, const jw_vec2 *points, uint32_t count)
{
    jw_vec2 ring[128];
    for (uint32_t i = 0; i < count; ++i) {
        ring[i] = (jw_vec2){points[i].x, points[i].y - 14};
        ring[2 * count - 1 - i] = (jw_vec2){points[i].x, points[i].y + 14};
    }
    jw_plan_area(plan, ring, 2 * count, JW_AREA_RAIL, JW_USE_NONE, "Railway");
}

static void add_water_areas(city_plan *plan)
{
    for (uint32_t o = 0; o < plan->obstacle_count; ++o) {
        const plan_obstacle *obstacle = &plan->obstacles[o];
        const jw_vec2 *points = &plan->obstacle_points[obstacle->first_point];
        bool is_lake = o == 0 && plan->form.has_lake;
        if (obstacle->is_closed) {
            jw_plan_area(plan, points, obstacle->point_count, JW_AREA_WATER, JW_USE_NONE,
                         is_lake ? "South lake" : NULL);
        } else {
            add_rail_strip(plan, points, obstacle->point_count);
            static const double offsets_m[] = {-16, -11, -4, 4, 11, 16};
            jw_vec2 track[64];
            for (uint32_t k = 0; k < JW_COUNT_OF(offsets_m); ++k) {
                for (uint32_t i = 0; i < obstacle->point_count; ++i) {
                    /* the outer tracks are only the station's */
                    double near = jw_exp(-points[i].x * points[i].x / 3.2e5);
                    double squeeze = k == 2 || k == 3 ? 0.6 : near;
                    track[i] = (jw_vec2){points[i].x, points[i].y + offsets_m[k] * squeeze};
                }
                jw_plan_path(plan, track, obstacle->point_count, JW_LINE_RAIL, 1.5);
            }
        }
    }
}

/* Islands: a wooded one before the bay, reed beds along the far bank. */
static void add_islands(city_plan *plan)
{
    const plan_form *form = &plan->form;
    for (uint32_t i = 0; i < 6; ++i) { /* the tips end in reeds */
        double end = (i % 2 ? 1 : -1) * (0.98 - 0.035 * (i / 2)) * form->lake_half_m;
        jw_vec2 at = {end, jw_plan_lake_bank(form, end, -1) - 0.6 * form->shore_m};
        jw_plan_blob(plan, at, form->shore_m * (2.4 - 0.3 * (i / 2)), 890000 + i, JW_AREA_WETLAND);
    }
    for (uint32_t i = 0; i < 22; ++i) {
        bool is_wooded = i < 2;
        double t = is_wooded ? 0.12 + 0.14 * i : jw_plan_uniform(plan, "plan.reed", 4 * i, -0.86, 0.86);
        double x = t * form->lake_half_m;
        double near_y = jw_plan_lake_bank(form, x, 1), far_y = jw_plan_lake_bank(form, x, -1),
               room = near_y - far_y;
        double at = is_wooded ? 0.48 - 0.12 * i : jw_plan_uniform(plan, "plan.reed", 4 * i + 1, 0.08, 0.42);
        double radius =
            room * (is_wooded ? 0.11 - 0.05 * i : jw_plan_uniform(plan, "plan.reed", 4 * i + 2, 0.02, 0.08));
        if (radius > 12 && at * room > 1.2 * radius) {
            jw_plan_blob(plan, (jw_vec2){x, far_y + at * room}, radius, 900000 + i,
                         is_wooded ? JW_AREA_WOOD : JW_AREA_WETLAND);
        }
    }
}

/* Groves and clearings where a disc has room. */
static void scatter(city_plan *plan)
{
    const plan_form *form = &plan->form;
    for (uint32_t i = 0; i < 150 && form->row_count == 2; ++i) { /* groves in the gardens */
        double x = form->a_m * jw_plan_uniform(plan, "plan.scatter", 4 * i, -0.93, 0.93);
        double side = i % 2 ? 1 : -1, edge = jw_plan_garden_edge(form, x, side),
               water = jw_plan_garden_water(form, x);
        double y = edge + (water - edge) * jw_plan_uniform(plan, "plan.scatter", 4 * i + 1, 0.18, 0.75);
        double radius = jw_plan_uniform(plan, "plan.scatter", 4 * i + 2, 12, 46);
        if (jw_plan_is_clear(plan, (jw_vec2){x, y}, 1.25 * radius + 4)) {
            jw_plan_blob(plan, (jw_vec2){x, y}, radius, 800000 + i, JW_AREA_WOOD);
        }
    }
    for (uint32_t c = 0; c + 1 < plan->cluster_count; ++c) { /* and in the corridors */
        const plan_cluster *west = &plan->clusters[c], *east = &plan->clusters[c + 1];
        bool is_canal = west->row == 1 && 2 * (west->column + 1) == form->row_clusters[1];
        for (uint32_t i = 0; i < 40 && west->row == east->row && !is_canal; ++i) {
            double v = jw_plan_uniform(plan, "plan.scatter", 100000 + c * 1000 + 4 * i, 0.02, 0.98);
            double s = jw_plan_uniform(plan, "plan.scatter", 100000 + c * 1000 + 4 * i + 1, 0.1, 0.9);
            double radius = jw_plan_uniform(plan, "plan.scatter", 100000 + c * 1000 + 4 * i + 2, 9, 30);
            jw_vec2 at = jw_vec2_lerp(jw_plan_curve_at(&west->east, v), jw_plan_curve_at(&east->west, v), s);
            if (jw_plan_is_clear(plan, at, 1.25 * radius + 4)) {
                jw_plan_blob(plan, at, radius, 810000 + c * 100 + i, JW_AREA_WOOD);
            }
        }
    }
    for (uint32_t i = 0; i < 90; ++i) { /* clearings and ponds in the woodland */
        double angle = JW_TAU * jw_plan_uniform(plan, "plan.clearing", 4 * i, 0, 1);
        jw_vec2 out = jw_plan_border_at(form, angle), in = ring_at(form, angle, 30);
        double place = jw_plan_uniform(plan, "plan.clearing", 4 * i + 2, 0.25, 0.75);
        jw_vec2 at = jw_vec2_lerp(in, out, place);
        double room = jw_min(place, 1 - place) * jw_vec2_distance(in, out) - 12;
        double radius = jw_min(jw_plan_uniform(plan, "plan.clearing", 4 * i + 1, 24, 70), room);
        bool is_south = form->has_lake && at.y < 0 && jw_abs(at.x) < form->lake_half_m;
        if (!is_south && radius > 16 && jw_plan_is_clear(plan, at, 1.25 * radius + 6)) {
            jw_plan_blob(plan, at, radius, 820000 + i, i % 9 == 0 ? JW_AREA_WATER : JW_AREA_GRASS);
        }
    }
}

/* Round halls on the gardens' banks, two to either side of the axis. */
static void add_garden_halls(city_plan *plan)
{
    static const char *const names[] = {"Concert hall", "City museum", "Conference hall", "Art gallery"};
    enum { COUNT = 32 };
    const plan_form *form = &plan->form;
    for (uint32_t i = 0; i < 4; ++i) {
        double x = (i % 2 ? 1 : -1) * 0.075 * form->a_m, side = i < 2 ? 1 : -1;
        double edge = jw_plan_garden_edge(form, x, side), water = jw_plan_garden_water(form, x);
        jw_vec2 at = {x, edge + (water - edge) * 0.34}, ring[COUNT];
        if (!jw_plan_is_clear(plan, at, 42)) {
            continue;
        }
        jw_plan_ellipse(at, 40, 40, (jw_vec2){1, 0}, COUNT, ring);
        jw_plan_area(plan, ring, COUNT, JW_AREA_SQUARE, JW_USE_PUBLIC, NULL);
        uint32_t before = plan->draft->building_count;
        double a = i % 3 == 0 ? 30 : 24;
        jw_plan_ellipse(at, a, 720 / a, (jw_vec2){1, 0}, COUNT, ring);
        jw_plan_building(plan, ring, COUNT, 5, 24, JW_USE_PUBLIC);
        jw_plan_ellipse(at, 40, 40, (jw_vec2){1, 0}, COUNT, ring);
        jw_plan_block(plan, ring, COUNT, JW_USE_PUBLIC, before);
        jw_plan_place(plan, JW_PLACE_OTHER, at, names[i]);
    }
}

static void rectangle(double x0, double y0, double x1, double y1, jw_vec2 *out)
{
    out[0] = (jw_vec2){x0, y0};
    out[1] = (jw_vec2){x1, y0};
    out[2] = (jw_vec2){x1, y1};
    out[3] = (jw_vec2){x0, y1};
}

/* The hall stands between forecourt and tracks; the platforms are the rail area. */
static void add_station(city_plan *plan)
{
    double y = jw_plan_rail_y(&plan->form, 0);
    double front = y - JW_PLAN_STATION_DEPTH_M;
    double half = jw_clamp(0.05 * plan->form.a_m, 60, 170), square = half + 0.12 * half;
    jw_vec2 ring[4];
    rectangle(-1.7 * half, y - 28, 1.7 * half, y + 28, ring);
    jw_plan_area(plan, ring, 4, JW_AREA_RAIL, JW_USE_STATION, "Station tracks");
    rectangle(-square, front - 14, square, y - 28, ring);
    jw_plan_area(plan, ring, 4, JW_AREA_SQUARE, JW_USE_STATION, "Station square");
    uint32_t before = plan->draft->building_count;
    rectangle(-half, front, half, y - 36, ring);
    jw_plan_building(plan, ring, 4, 2, 24, JW_USE_STATION);
    rectangle(-square, front - 14, square, y - 28, ring);
    jw_plan_block(plan, ring, 4, JW_USE_STATION, before);
    jw_plan_place(plan, JW_PLACE_STATION, (jw_vec2){0, front + 20}, "Central station");
}

void jw_plan_make_green(city_plan *plan)
{
    add_woodland(plan);
    if (plan->form.has_lake) {
        add_lakeside(plan);
    }
    if (plan->form.row_count == 2) {
        add_gardens(plan);
    }
    add_corridors(plan);
    add_water_areas(plan);
    if (plan->form.has_lake) {
        add_islands(plan);
    }
    scatter(plan);
    if (plan->form.row_count == 2) {
        add_garden_halls(plan);
    }
    if (plan->form.has_station) {
        add_station(plan);
    }
}
