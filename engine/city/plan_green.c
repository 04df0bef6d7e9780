/* Everything that is not built: woodland ring, gardens, corridors, shore, parks and squares, water on top,
 * rail and station, paths. Areas are added from the ground up: a later one lies on an earlier one. */
#include "city/plan_internal.h"

#include <stdio.h>

enum { MAX_RING = 640 };

static double wetland_m(const plan_form *form, double x)
{
    double t = x / form->lake_half_m;
    return form->shore_m * (1.0 + 0.75 * jw_sin(5.2 * t + form->phase[1]) * jw_sin(2.1 * t + form->phase[0]));
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
    for (uint32_t i = 0; i < BORDER; ++i) {
        points[count++] = jw_plan_border_at(form, JW_TAU * i / BORDER);
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

/* A pond of soft outline. */
static void add_pond(city_plan *plan, jw_vec2 middle, double radius_m, uint64_t entity, jw_area_kind kind)
{
    enum { COUNT = 36 };
    jw_vec2 ring[COUNT];
    double a = jw_plan_uniform(plan, "plan.pond", entity * 4, 0, JW_TAU);
    double b = jw_plan_uniform(plan, "plan.pond", entity * 4 + 1, 0, JW_TAU);
    for (int i = 0; i < COUNT; ++i) {
        double angle = JW_TAU * i / COUNT;
        double r = radius_m * (1 + 0.22 * jw_sin(2 * angle + a) + 0.12 * jw_sin(3 * angle + b));
        ring[i] = (jw_vec2){middle.x + 1.15 * r * jw_cos(angle), middle.y + 0.85 * r * jw_sin(angle)};
    }
    jw_plan_area(plan, ring, COUNT, kind, JW_USE_NONE, NULL);
}

static void add_cell_parks(city_plan *plan)
{
    const uint32_t count = 4 * (PLAN_SIDE_POINTS - 1);
    for (uint32_t i = 0; i < plan->cell_count; ++i) {
        const plan_cell *cell = &plan->cells[i];
        if (cell->kind == PLAN_SQUARE) {
            jw_plan_area(plan, cell->parcel, count, JW_AREA_SQUARE, JW_USE_NONE, NULL);
        }
        if (cell->kind != PLAN_PARK) {
            continue;
        }
        jw_plan_area(plan, cell->parcel, count, JW_AREA_PARK, JW_USE_NONE, NULL);
        for (int d = 0; d < 2; ++d) { /* two paths from corner to corner, bent at the middle */
            jw_vec2 path[3] = {cell->parcel[d * 4], cell->centre, cell->parcel[8 + d * 4]};
            jw_plan_path(plan, path, 3, JW_LINE_FOOTPATH, 2.5);
        }
        if (cell->area_m2 > 14000 && cell->is_regular &&
            jw_plan_uniform(plan, "plan.haspond", i, 0, 1) < 0.5) {
            add_pond(plan, jw_vec2_lerp(cell->centre, cell->corner[1], 0.25), 0.16 * jw_sqrt(cell->area_m2),
                     i, JW_AREA_WATER);
        }
        if (cell->area_m2 > 9000) {
            char name[48];
            snprintf(name, sizeof name, "Park %u", ++plan->park_count);
            jw_plan_place(plan, JW_PLACE_PARK, cell->centre, name);
        }
    }
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
    if (plan->form.has_lake) {
        double x = 0.16 * plan->form.a_m;
        double y = 0.45 * jw_plan_lake_bank(&plan->form, x, 1) + 0.55 * jw_plan_lake_bank(&plan->form, x, -1);
        double size = 0.10 * (jw_plan_lake_bank(&plan->form, x, 1) - jw_plan_lake_bank(&plan->form, x, -1));
        add_pond(plan, (jw_vec2){x, y}, size, 1000001, JW_AREA_PARK);
        add_pond(plan, (jw_vec2){x + 3.4 * size, y - 0.9 * size}, 0.6 * size, 1000002, JW_AREA_WETLAND);
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
    jw_vec2 ring[4];
    rectangle(-260, y - 28, 260, y + 28, ring);
    jw_plan_area(plan, ring, 4, JW_AREA_RAIL, JW_USE_STATION, "Station tracks");
    rectangle(-190, front - 14, 190, y - 28, ring);
    jw_plan_area(plan, ring, 4, JW_AREA_SQUARE, JW_USE_STATION, "Station square");
    uint32_t before = plan->draft->building_count;
    rectangle(-150, front, 150, y - 36, ring);
    jw_plan_building(plan, ring, 4, 2, 24, JW_USE_STATION);
    rectangle(-190, front - 14, 190, y - 28, ring);
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
    add_cell_parks(plan);
    add_water_areas(plan);
    if (plan->form.has_station) {
        add_station(plan);
    }
}
