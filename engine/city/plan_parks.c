/* Green of one cell: parks of four kinds, lawns in courts, sports fields. */
#include "city/plan_internal.h"

#include <stdio.h>

void jw_plan_ellipse(jw_vec2 middle, double a_m, double b_m, jw_vec2 along, uint32_t count, jw_vec2 *out)
{
    for (uint32_t i = 0; i < count; ++i) {
        double angle = JW_TAU * i / count;
        double x = a_m * jw_cos(angle), y = b_m * jw_sin(angle);
        out[i] = (jw_vec2){middle.x + along.x * x - along.y * y, middle.y + along.y * x + along.x * y};
    }
}

void jw_plan_blob(city_plan *plan, jw_vec2 middle, double radius_m, uint64_t entity, jw_area_kind kind)
{
    enum { COUNT = 28 };
    jw_vec2 ring[COUNT];
    double a = jw_plan_uniform(plan, "plan.blob", entity * 4, 0, JW_TAU);
    double b = jw_plan_uniform(plan, "plan.blob", entity * 4 + 1, 0, JW_TAU);
    double longer = jw_plan_uniform(plan, "plan.blob", entity * 4 + 2, 0.8, 1.2);
    for (int i = 0; i < COUNT; ++i) {
        double angle = JW_TAU * i / COUNT;
        double r = radius_m * (0.84 + 0.16 * jw_sin(2 * angle + a) + 0.09 * jw_sin(3 * angle + b));
        ring[i] = (jw_vec2){middle.x + longer * r * jw_cos(angle), middle.y + r / longer * jw_sin(angle)};
    }
    jw_plan_area(plan, ring, COUNT, kind, JW_USE_NONE, NULL);
}

/* A running track (two half circles and the straights between) around a lawn. */
void jw_plan_sports_field(city_plan *plan, jw_vec2 middle, double length_m, double width_m, jw_vec2 along)
{
    enum { HALF = 10 };
    for (int lawn = 0; lawn < 2; ++lawn) {
        jw_vec2 ring[2 * HALF];
        double r = 0.5 * width_m - (lawn ? 0.13 * width_m : 0), straight = 0.5 * length_m - 0.5 * width_m;
        for (int i = 0; i < HALF; ++i) {
            double angle = -0.5 * JW_PI + JW_PI * i / (HALF - 1);
            double x = straight + r * jw_cos(angle), y = r * jw_sin(angle);
            ring[i] = (jw_vec2){middle.x + along.x * x - along.y * y, middle.y + along.y * x + along.x * y};
            ring[HALF + i] =
                (jw_vec2){middle.x - along.x * x + along.y * y, middle.y - along.y * x - along.x * y};
        }
        jw_plan_area(plan, ring, 2 * HALF, lawn ? JW_AREA_GRASS : JW_AREA_SQUARE, JW_USE_NONE, NULL);
    }
}

/* With cut corners. */
void jw_plan_lawn(city_plan *plan, const plan_plot *plot, double s0, double t0, double s1, double t1,
                  jw_area_kind kind)
{
    double width_m = (s1 - s0) * plot->width_m, depth_m = (t1 - t0) * plot->depth_m;
    if (width_m < 8 || depth_m < 5) {
        return;
    }
    double cut_m = 0.22 * jw_min(width_m, depth_m), cs = cut_m / plot->width_m, ct = cut_m / plot->depth_m;
    const double at[8][2] = {{s0 + cs, t0}, {s1 - cs, t0}, {s1, t0 + ct}, {s1, t1 - ct},
                             {s1 - cs, t1}, {s0 + cs, t1}, {s0, t1 - ct}, {s0, t0 + ct}};
    jw_vec2 ring[8];
    for (int i = 0; i < 8; ++i) {
        ring[i] = jw_plan_plot_at(plot, at[i][0], at[i][1]);
    }
    jw_plan_area(plan, ring, 8, kind, JW_USE_NONE, NULL);
}

/* Distance from a point to the parcel's outline, negative outside. */
static double room_m(const plan_cell *cell, jw_vec2 p)
{
    const uint32_t count = PLAN_PARCEL_POINTS;
    double best = 1e9;
    for (uint32_t i = 0; i < count; ++i) {
        jw_vec2 a = cell->parcel[i], along = jw_vec2_sub(cell->parcel[(i + 1) % count], a);
        double length = jw_vec2_length(along);
        if (length > 0.1) {
            best = jw_min(best, jw_vec2_cross(along, jw_vec2_sub(p, a)) / length);
        }
    }
    return best;
}

static void add_groves(city_plan *plan, const plan_cell *cell, const plan_plot *plot, uint64_t entity,
                       uint32_t count)
{
    double size = jw_sqrt(cell->area_m2);
    for (uint32_t i = 0; i < count; ++i) {
        double s = jw_plan_uniform(plan, "plan.grove", entity * 64 + 2 * i, 0.10, 0.90);
        double t = jw_plan_uniform(plan, "plan.grove", entity * 64 + 2 * i + 1, 0.10, 0.90);
        jw_vec2 at = jw_plan_plot_at(plot, s, t);
        double from_middle = jw_vec2_distance(at, cell->centre);
        double radius = jw_min(jw_min(0.17 * size, room_m(cell, at) - 4), from_middle - 0.2 * size);
        if (radius > 7) {
            jw_plan_blob(plan, at, radius, entity * 64 + i, JW_AREA_WOOD);
        }
    }
}

static void add_bent_path(city_plan *plan, jw_vec2 from, jw_vec2 bend, jw_vec2 to)
{
    enum { COUNT = 9 };
    jw_vec2 path[COUNT];
    for (int i = 0; i < COUNT; ++i) {
        double t = (double)i / (COUNT - 1);
        path[i] = jw_vec2_lerp(jw_vec2_lerp(from, bend, t), jw_vec2_lerp(bend, to, t), t);
    }
    jw_plan_path(plan, path, COUNT, JW_LINE_FOOTPATH, 2.5);
}

static void add_round_path(city_plan *plan, jw_vec2 middle, double a_m, double b_m, jw_vec2 along)
{
    jw_vec2 path[25];
    jw_plan_ellipse(middle, a_m, b_m, along, 24, path);
    path[24] = path[0];
    jw_plan_path(plan, path, 25, JW_LINE_FOOTPATH, 3.0);
}

/* A long basin between lawns, as on the axis. */
static void make_formal_park(city_plan *plan, const plan_plot *plot)
{
    double margin_t = 26 / plot->depth_m;
    jw_vec2 ring[4] = {jw_plan_plot_at(plot, 0.36, margin_t), jw_plan_plot_at(plot, 0.64, margin_t),
                       jw_plan_plot_at(plot, 0.64, 1 - margin_t), jw_plan_plot_at(plot, 0.36, 1 - margin_t)};
    jw_plan_area(plan, ring, 4, JW_AREA_WATER, JW_USE_NONE, NULL);
    jw_plan_lawn(plan, plot, 0.03, margin_t, 0.20, 1 - margin_t, JW_AREA_WOOD);
    jw_plan_lawn(plan, plot, 0.80, margin_t, 0.97, 1 - margin_t, JW_AREA_WOOD);
    for (int i = 0; i < 2; ++i) {
        double s = i == 0 ? 0.28 : 0.72;
        jw_vec2 path[2] = {jw_plan_plot_at(plot, s, 0), jw_plan_plot_at(plot, s, 1)};
        jw_plan_path(plan, path, 2, JW_LINE_FOOTPATH, 4.0);
    }
}

void jw_plan_make_park(city_plan *plan, const plan_cell *cell, uint32_t index)
{
    const plan_superblock *sb = &plan->superblocks[cell->superblock];
    plan_plot plot = jw_plan_plot_of(cell, 0, index);
    uint32_t kind = jw_random_index(jw_plan_key(plan, "plan.park"), index, 0, 4);
    if (cell->area_m2 > 9000) {
        char name[48];
        snprintf(name, sizeof name, "Park %u", ++plan->park_count);
        jw_plan_place(plan, JW_PLACE_PARK, cell->centre, name);
    }
    if (sb->role == PLAN_AXIS && plot.depth_m > 80) {
        make_formal_park(plan, &plot);
        return;
    }
    if (!cell->is_regular || cell->area_m2 < 5000) {
        add_groves(plan, cell, &plot, index, cell->is_regular ? 4 : 9);
        add_bent_path(plan, cell->parcel[0], cell->centre, cell->parcel[PLAN_PARCEL_POINTS / 2]);
        return;
    }
    jw_vec2 bend = jw_plan_plot_at(&plot, jw_plan_uniform(plan, "plan.bend", index, 0.2, 0.8), 0.72);
    double inner_m = 0.5 * jw_min(plot.width_m, plot.depth_m);
    switch (kind) {
    case 0: /* pond with a walk around it */
        jw_plan_blob(plan, cell->centre, 0.52 * inner_m, index + 500000, JW_AREA_WATER);
        add_round_path(plan, cell->centre, 0.74 * inner_m, 0.70 * inner_m, plot.dir[0]);
        add_groves(plan, cell, &plot, index, 7);
        break;
    case 1: { /* round lawn, paths from the middles of the sides */
        jw_vec2 ring[28];
        jw_plan_ellipse(cell->centre, 0.60 * inner_m, 0.60 * inner_m, plot.dir[0], 28, ring);
        jw_plan_area(plan, ring, 28, JW_AREA_GRASS, JW_USE_NONE, NULL);
        add_round_path(plan, cell->centre, 0.64 * inner_m, 0.64 * inner_m, plot.dir[0]);
        for (int k = 0; k < 4; ++k) {
            jw_vec2 from = cell->parcel[k * (PLAN_SIDE_POINTS - 1) + PLAN_SIDE_POINTS / 2];
            double far_m = jw_vec2_distance(from, cell->centre);
            jw_vec2 path[2] = {from, jw_vec2_lerp(from, cell->centre, 1 - jw_min(0.64 * inner_m / far_m, 1))};
            jw_plan_path(plan, path, 2, JW_LINE_FOOTPATH, 3.0);
        }
        add_groves(plan, cell, &plot, index, 8);
        break;
    }
    case 2: /* sports */
        if (plot.width_m > 90 && plot.depth_m > 90) {
            jw_plan_sports_field(plan, jw_plan_plot_at(&plot, 0.34, 0.5), jw_min(0.8 * plot.depth_m, 130),
                                 jw_min(0.42 * plot.width_m, 66), plot.dir[1]);
            jw_plan_lawn(plan, &plot, 0.66, 0.12, 0.94, 0.46, JW_AREA_SQUARE);
            jw_plan_lawn(plan, &plot, 0.66, 0.54, 0.94, 0.90, JW_AREA_SQUARE);
            break;
        }
        /* fall through */
    default: /* groves and winding ways */
        add_bent_path(plan, cell->parcel[0], bend, cell->parcel[PLAN_PARCEL_POINTS / 2]);
        add_bent_path(plan, cell->parcel[PLAN_PARCEL_POINTS / 4], jw_vec2_lerp(bend, cell->centre, 1.6),
                      cell->parcel[PLAN_PARCEL_POINTS * 3 / 4]);
        add_groves(plan, cell, &plot, index, 12);
        break;
    }
}
