/* Buildings of special cells: schools with their sports fields, hospitals, factory halls, the computing
 * centre, the college, culture on the axis; and the places that scenes ask for by name. */
#include "city/plan_internal.h"

#include <stdio.h>

static void build_school(city_plan *plan, const plan_cell *cell, plan_plot *plot)
{
    bool is_wide = plot->width_m >= plot->depth_m;
    bool is_mirrored = jw_plan_plot_draw(plan, plot, 0, 1) < 0.5;
    double field = is_wide ? (is_mirrored ? 0.24 : 0.76) : 0.5;
    double room = is_wide ? plot->width_m : plot->depth_m, across = is_wide ? plot->depth_m : plot->width_m;
    jw_vec2 middle =
        is_wide ? jw_plan_plot_at(plot, field, 0.5) : jw_plan_plot_at(plot, 0.5, is_mirrored ? 0.24 : 0.76);
    double width = jw_min(0.40 * room, 72);
    jw_plan_sports_field(plan, middle, jw_max(jw_min(0.86 * across, 150), width + 6), width,
                         is_wide ? plot->dir[1] : plot->dir[0]);
    double from = is_mirrored ? 0.5 : 0.0, thick_m = 14;
    for (int wing = 0; wing < 3; ++wing) { /* teaching wings, then the hall that joins them */
        double a = 0.04 + wing * 0.36, b = a + thick_m / across;
        double low = from, high = from + 0.40;
        if (is_wide) {
            jw_plan_part(plan, plot, low, a, high, b, 4, JW_USE_PUBLIC);
        } else {
            jw_plan_part(plan, plot, a, low, b, high, 4, JW_USE_PUBLIC);
        }
    }
    double edge = is_mirrored ? from + 0.40 : from + 0.40, t = thick_m / room;
    if (is_wide) {
        jw_plan_part(plan, plot, edge, 0.10, edge + t, 0.62, 2, JW_USE_PUBLIC);
    } else {
        jw_plan_part(plan, plot, 0.10, edge, 0.62, edge + t, 2, JW_USE_PUBLIC);
    }
    char name[48];
    snprintf(name, sizeof name, "School %u", ++plan->school_count);
    jw_plan_place(plan, JW_PLACE_SCHOOL, cell->centre, name);
}

/* A spine with wards to either side, outpatients in front. */
static void build_hospital(city_plan *plan, const plan_cell *cell, plan_plot *plot)
{
    jw_plan_lawn(plan, plot, 0.0, 0.22, 1.0, 1.0, JW_AREA_GRASS);
    jw_plan_part(plan, plot, 0.06, 0.0, 0.94, 0.20, 4, JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.45, 0.20, 0.55, 0.96, 5, JW_USE_PUBLIC);
    for (int i = 0; i < 3; ++i) {
        double t = 0.30 + i * 0.24;
        jw_plan_part(plan, plot, 0.08, t, 0.45, t + 0.115, 9 - i, JW_USE_PUBLIC);
        jw_plan_part(plan, plot, 0.55, t, 0.92, t + 0.115, 9 - i, JW_USE_PUBLIC);
    }
    char name[48];
    snprintf(name, sizeof name, "Hospital %u", ++plan->hospital_count);
    jw_plan_place(plan, JW_PLACE_HOSPITAL, cell->centre, name);
}

/* Halls side by side with a yard between, an office at the gate. */
static void build_halls(city_plan *plan, const plan_cell *cell, plan_plot *plot)
{
    uint32_t columns = (uint32_t)jw_max(1, jw_round(plot->width_m / jw_plan_plot_draw(plan, plot, 85, 150)));
    double office_t = 15 / plot->depth_m, yard_t = jw_min(24 / plot->depth_m, 0.2);
    uint32_t rows = plot->depth_m > 190 ? 2 : 1;
    double low = office_t + yard_t, lot_t = (1 - low - (rows - 1) * yard_t) / rows;
    double gap = 18 / plot->width_m, lot_s = (1 - (columns - 1) * gap) / columns;
    jw_plan_part(plan, plot, 0, 0, jw_min(70 / plot->width_m, 0.45), office_t, 4, JW_USE_OFFICE);
    jw_plan_part(plan, plot, 0.62, 0, jw_min(0.62 + 36 / plot->width_m, 1), office_t, 2, JW_USE_INDUSTRIAL);
    for (uint32_t r = 0; r < rows; ++r) {
        for (uint32_t c = 0; c < columns; ++c) {
            double s = c * (lot_s + gap), t = low + r * (lot_t + yard_t);
            double deep = lot_t * jw_plan_plot_draw(plan, plot, 0.84, 1.0);
            jw_plan_part(plan, plot, s, t, s + lot_s, t + deep, 1, JW_USE_INDUSTRIAL);
        }
    }
    char name[48];
    snprintf(name, sizeof name, "Factory %u", ++plan->factory_count);
    jw_plan_place(plan, JW_PLACE_FACTORY, cell->centre, name);
}

/* Long server halls in pairs along a service lane, plant at one end, the control building in front. */
static void build_servers(city_plan *plan, const plan_cell *cell, plan_plot *plot)
{
    double office_t = 18 / plot->depth_m;
    jw_plan_part(plan, plot, 0.30, 0, 0.70, office_t, 6, JW_USE_OFFICE);
    uint32_t halls = (uint32_t)jw_clamp(jw_floor((plot->depth_m - 38) / 46.0), 1, 8);
    double low = office_t + 16 / plot->depth_m, pitch = (1 - low) / halls, deep = pitch - 14 / plot->depth_m;
    for (uint32_t i = 0; i < halls; ++i) {
        double t = low + i * pitch;
        jw_plan_part(plan, plot, 0.02, t, 0.47, t + deep, 3, JW_USE_COMPUTING);
        jw_plan_part(plan, plot, 0.53, t, 0.98, t + deep, 3, JW_USE_COMPUTING);
    }
    if (!plan->has_computing_centre) {
        plan->has_computing_centre = true;
        jw_plan_place(plan, JW_PLACE_COMPUTING_CENTRE, cell->centre,
                      plan->is_district ? "Computing room" : "Urban computing centre");
    }
}

/* Houses of learning around a lawn. */
static void build_college(city_plan *plan, plan_plot *plot)
{
    double a = 18 / plot->width_m, b = 18 / plot->depth_m;
    jw_plan_lawn(plan, plot, 0.08 + a, 0.08 + b, 0.92 - a, 0.92 - b, JW_AREA_GRASS);
    jw_plan_part(plan, plot, 0.06, 0.60, 0.06 + a, 0.96, 5, JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.94 - a, 0.60, 0.94, 0.96, 5, JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.14 + a, 0.96 - b, 0.86 - a, 0.96, 6, JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.06, 0.04, 0.06 + a, 0.46, 5, JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.94 - a, 0.04, 0.94, 0.46, 5, JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.14 + a, 0.04, 0.40, 0.04 + b, 4, JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.60, 0.04, 0.86 - a, 0.04 + b, 4, JW_USE_PUBLIC);
    jw_vec2 hall[20];
    jw_plan_ellipse(jw_plan_plot_at(plot, 0.5, 0.5), 0.10 * plot->width_m, 0.10 * plot->width_m, plot->dir[0],
                    20, hall);
    jw_plan_build(plan, plot, hall, 20, 3, JW_USE_PUBLIC);
}

/* A paved place with lawns, a basin and a hall at its north end. Before the station there is no hall. */
static void build_square(city_plan *plan, const plan_cell *cell, plan_plot *plot)
{
    const plan_superblock *sb = &plan->superblocks[cell->superblock];
    bool is_open = sb->role == PLAN_AXIS;
    double top = is_open ? 0.92 : 0.56;
    for (int i = 0; i < 2; ++i) {
        double s = i == 0 ? 0.08 : 0.66;
        jw_plan_lawn(plan, plot, s, 0.08, s + 0.26, top * 0.46, JW_AREA_GRASS);
        jw_plan_lawn(plan, plot, s, top * 0.54, s + 0.26, top, JW_AREA_GRASS);
    }
    jw_vec2 ring[24];
    double size = jw_min(plot->width_m, plot->depth_m);
    jw_plan_ellipse(jw_plan_plot_at(plot, 0.5, top * 0.5), 0.09 * size, 0.09 * size, plot->dir[0], 24, ring);
    jw_plan_area(plan, ring, 24, JW_AREA_WATER, JW_USE_NONE, NULL);
    if (is_open) {
        return;
    }
    bool is_market = jw_plan_plot_draw(plan, plot, 0, 1) < 0.5;
    jw_plan_part(plan, plot, 0.06, 0.68, 0.30, 1.0, is_market ? 4 : 5,
                 is_market ? JW_USE_COMMERCIAL : JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.30, 0.80, 0.70, 1.0, is_market ? 3 : 4,
                 is_market ? JW_USE_COMMERCIAL : JW_USE_PUBLIC);
    jw_plan_part(plan, plot, 0.70, 0.68, 0.94, 1.0, is_market ? 4 : 6,
                 is_market ? JW_USE_COMMERCIAL : JW_USE_OFFICE);
}

/* A landmark of the axis: library, opera, museum in turn. */
static void build_culture(city_plan *plan, const plan_cell *cell, plan_plot *plot)
{
    static const char *const names[] = {"Library",       "Opera",   "Museum",
                                        "Assembly hall", "Gallery", "Science hall"};
    uint32_t number = plan->culture_count++;
    jw_vec2 ring[32];
    double half_m = 0.40 * plot->width_m;
    switch (number % 3) {
    case 0: /* two slabs that hold a court */
        jw_plan_part(plan, plot, 0.12, 0.22, 0.40, 0.78, 5, JW_USE_PUBLIC);
        jw_plan_part(plan, plot, 0.60, 0.22, 0.88, 0.78, 5, JW_USE_PUBLIC);
        jw_plan_part(plan, plot, 0.40, 0.42, 0.60, 0.58, 3, JW_USE_PUBLIC);
        break;
    case 1:
        jw_plan_ellipse(cell->centre, jw_min(1.5 * half_m, 0.4 * plot->depth_m), half_m, plot->dir[1], 32,
                        ring);
        jw_plan_build(plan, plot, ring, 32, 7, JW_USE_PUBLIC);
        break;
    default: /* a square turned on its corner over a plinth's width */
        jw_plan_ellipse(cell->centre, half_m, half_m, plot->dir[0], 8, ring);
        jw_plan_build(plan, plot, ring, 8, 6, JW_USE_PUBLIC);
        break;
    }
    jw_plan_place(plan, JW_PLACE_OTHER, cell->centre, names[number % JW_COUNT_OF(names)]);
}

void jw_plan_build_campus(city_plan *plan, plan_cell *cell, plan_plot *plot)
{
    switch (cell->kind) {
    case PLAN_SCHOOL:
        build_school(plan, cell, plot);
        break;
    case PLAN_HOSPITAL:
        build_hospital(plan, cell, plot);
        break;
    case PLAN_HALLS:
        build_halls(plan, cell, plot);
        break;
    case PLAN_SERVERS:
        build_servers(plan, cell, plot);
        break;
    case PLAN_COLLEGE:
        build_college(plan, plot);
        break;
    case PLAN_SQUARE:
        build_square(plan, cell, plot);
        break;
    case PLAN_CULTURE:
        build_culture(plan, cell, plot);
        break;
    default:
        break;
    }
}
