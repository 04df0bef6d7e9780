/* Buildings of common cells. All stand inside the cell's building quad, along its sides or in rows, and a
 * candidate that would touch another building of its cell or leave the quad is not built. */
#include "city/plan_internal.h"

/* ---- the plot --------------------------------------------------------------------------------------------
 */

static jw_vec2 inward(jw_vec2 d)
{
    return (jw_vec2){-d.y, d.x};
}

plan_plot jw_plan_plot_of(const plan_cell *cell, int front, uint64_t entity)
{
    plan_plot plot = {.entity = entity};
    for (int k = 0; k < 4; ++k) {
        jw_vec2 along = jw_vec2_sub(cell->corner[(k + front + 1) % 4], cell->corner[(k + front) % 4]);
        plot.corner[k] = cell->corner[(k + front) % 4];
        plot.dir[k] = jw_vec2_unit(along);
        plot.length_m[k] = jw_vec2_length(along);
    }
    plot.width_m = jw_min(plot.length_m[0], plot.length_m[2]);
    plot.depth_m = jw_min(plot.length_m[1], plot.length_m[3]);
    return plot;
}

jw_vec2 jw_plan_plot_at(const plan_plot *plot, double s, double t)
{
    return jw_vec2_lerp(jw_vec2_lerp(plot->corner[0], plot->corner[1], s),
                        jw_vec2_lerp(plot->corner[3], plot->corner[2], s), t);
}

double jw_plan_plot_draw(const city_plan *plan, plan_plot *plot, double low, double high)
{
    return low +
           (high - low) * jw_random_uniform(jw_plan_key(plan, "plan.plot"), plot->entity, plot->draws++);
}

static bool edges_cross(const jw_vec2 *a, uint32_t a_count, const jw_vec2 *b, uint32_t b_count)
{
    for (uint32_t i = 0; i < a_count; ++i) {
        for (uint32_t k = 0; k < b_count; ++k) {
            double t, u;
            if (jw_segments_cross(a[i], a[(i + 1) % a_count], b[k], b[(k + 1) % b_count], &t, &u)) {
                return true;
            }
        }
    }
    return false;
}

/* Building storey heights in metres by use (GB 50352 practice). */
static double storey_m(jw_use use)
{
    switch (use) {
    case JW_USE_RESIDENTIAL:
        return 3.0;
    case JW_USE_INDUSTRIAL:
        return 9.0;
    case JW_USE_COMPUTING:
        return 6.0;
    case JW_USE_COMMERCIAL:
        return 4.8;
    case JW_USE_STATION:
        return 12.0;
    default:
        return 4.0;
    }
}

bool jw_plan_build(city_plan *plan, plan_plot *plot, const jw_vec2 *points, uint32_t count, double levels,
                   jw_use use)
{
    enum { MAX_POINTS = 48 };
    if (plot->used >= PLAN_PLOT_BUILDINGS || count > MAX_POINTS) {
        return false;
    }
    double twice = 0;
    for (uint32_t i = 0; i < count; ++i) {
        twice += jw_vec2_cross(points[i], points[(i + 1) % count]);
        for (int k = 0; k < 4; ++k) {
            if (jw_vec2_cross(plot->dir[k], jw_vec2_sub(points[i], plot->corner[k])) < -0.01) {
                return false;
            }
        }
    }
    if (twice < 2 * 60.0) { /* clockwise, or smaller than a kiosk */
        return false;
    }
    for (uint32_t b = 0; b < plot->used; ++b) {
        const plan_footprint *other = &plot->footprints[b];
        jw_vec2 ring[PLAN_FOOTPRINT_POINTS];
        for (uint32_t i = 0; i < other->count; ++i) { /* drawn in a little: shared walls are no overlap */
            ring[i] = jw_vec2_lerp(other->points[i], other->middle, 0.0012);
        }
        if (edges_cross(points, count, ring, other->count) || jw_plan_contains(points, count, ring[0]) ||
            jw_plan_contains(ring, other->count, points[0])) {
            return false;
        }
    }
    plan_footprint *mine = &plot->footprints[plot->used++];
    mine->count = count < PLAN_FOOTPRINT_POINTS ? count : PLAN_FOOTPRINT_POINTS;
    mine->middle = (jw_vec2){0, 0};
    for (uint32_t i = 0; i < mine->count; ++i) {
        mine->points[i] = points[i * count / mine->count];
        mine->middle = jw_vec2_add(mine->middle, jw_vec2_scale(mine->points[i], 1.0 / mine->count));
    }
    double whole = jw_max(1, jw_round(levels));
    jw_plan_building(plan, points, count, (uint32_t)whole, whole * storey_m(use), use);
    return jw_plan_is_ok(plan);
}

/* ---- parts -----------------------------------------------------------------------------------------------
 */

static jw_vec2 on_side(const plan_plot *plot, int k, double along_m, double in_m)
{
    jw_vec2 p = jw_vec2_add(plot->corner[k], jw_vec2_scale(plot->dir[k], along_m));
    return jw_vec2_add(p, jw_vec2_scale(inward(plot->dir[k]), in_m));
}

/* A slab along side k. */
static bool bar(city_plan *plan, plan_plot *plot, int k, double from_m, double to_m, double out_m,
                double in_m, double levels, jw_use use)
{
    jw_vec2 ring[4] = {on_side(plot, k, from_m, out_m), on_side(plot, k, to_m, out_m),
                       on_side(plot, k, to_m, in_m), on_side(plot, k, from_m, in_m)};
    return jw_plan_build(plan, plot, ring, 4, levels, use);
}

/* A corner house: arm_m along side k and along the side before it. */
static bool corner_house(city_plan *plan, plan_plot *plot, int k, double arm_m, double arm_before_m,
                         double depth_m, double levels, jw_use use)
{
    int before = (k + 3) % 4;
    jw_vec2 d = plot->dir[k], e = plot->dir[before];
    jw_vec2 p = on_side(plot, k, 0, depth_m), q = on_side(plot, before, 0, depth_m);
    double denominator = jw_vec2_cross(d, e);
    if (jw_abs(denominator) < 0.3) {
        return false;
    }
    jw_vec2 inner = jw_vec2_add(p, jw_vec2_scale(d, jw_vec2_cross(jw_vec2_sub(q, p), e) / denominator));
    double end = plot->length_m[before] - arm_before_m;
    jw_vec2 ring[6] = {plot->corner[k], on_side(plot, k, arm_m, 0),          on_side(plot, k, arm_m, depth_m),
                       inner,           on_side(plot, before, end, depth_m), on_side(plot, before, end, 0)};
    return jw_plan_build(plan, plot, ring, 6, levels, use);
}

/* A quad of the plot's (s, t) square. */
bool jw_plan_part(city_plan *plan, plan_plot *plot, double s0, double t0, double s1, double t1, double levels,
                  jw_use use)
{
    jw_vec2 ring[4] = {jw_plan_plot_at(plot, s0, t0), jw_plan_plot_at(plot, s1, t0),
                       jw_plan_plot_at(plot, s1, t1), jw_plan_plot_at(plot, s0, t1)};
    return jw_plan_build(plan, plot, ring, 4, levels, use);
}

/* ---- cells -----------------------------------------------------------------------------------------------
 */

/* A perimeter block in the manner of Rongdong: corner houses and slabs around a court, passages between;
 * lower in the south and higher in the north, so that the sun reaches in. */
static void build_courtyard(city_plan *plan, plan_plot *plot)
{
    double depth = jw_plan_plot_draw(plan, plot, 13.0, 15.5);
    double base = jw_plan_plot_draw(plan, plot, 6.0, 8.4);
    double passage = jw_plan_plot_draw(plan, plot, 9, 14);
    const double tilt[4] = {-1.6, 0, 2.2, 0};
    double arm[4][2]; /* along side k, along the side before */
    double shortest = jw_min(plot->width_m, plot->depth_m);
    if (shortest < 58) { /* too narrow for a court: two rows of slabs */
        int long_side = plot->width_m > plot->depth_m ? 0 : 1;
        for (int k = long_side; k < 4; k += 2) {
            double length = plot->length_m[k];
            uint32_t pieces = (uint32_t)jw_max(1, jw_round(length / 55.0));
            double piece = (length - (pieces - 1) * passage) / pieces;
            for (uint32_t i = 0; i < pieces; ++i) {
                double from = i * (piece + passage);
                bar(plan, plot, k, from, from + piece, 0, jw_min(depth, 0.38 * shortest),
                    base + tilt[k] + jw_plan_plot_draw(plan, plot, -0.9, 0.9), JW_USE_RESIDENTIAL);
            }
        }
        return;
    }
    double lawn_s = (depth + 7) / plot->width_m, lawn_t = (depth + 7) / plot->depth_m;
    jw_plan_lawn(plan, plot, lawn_s, lawn_t, 1 - lawn_s, 1 - lawn_t, JW_AREA_GRASS);
    int open = jw_plan_plot_draw(plan, plot, 0, 1) < 0.4 ? (int)jw_plan_plot_draw(plan, plot, 0, 3.999) : -1;
    for (int k = 0; k < 4; ++k) {
        arm[k][0] = jw_clamp(plot->length_m[k] * jw_plan_plot_draw(plan, plot, 0.22, 0.33), depth + 8, 48);
        arm[k][1] =
            jw_clamp(plot->length_m[(k + 3) % 4] * jw_plan_plot_draw(plan, plot, 0.22, 0.33), depth + 8, 48);
        if (k == open) { /* this corner is left open */
            arm[k][0] = arm[k][1] = 0;
            continue;
        }
        corner_house(plan, plot, k, arm[k][0], arm[k][1], depth,
                     base + 0.5 * (tilt[k] + tilt[(k + 3) % 4]) + jw_plan_plot_draw(plan, plot, -0.6, 1.6),
                     JW_USE_RESIDENTIAL);
    }
    for (int k = 0; k < 4; ++k) {
        double from = arm[k][0] + (arm[k][0] > 0 ? passage : 0);
        double to =
            plot->length_m[k] - arm[(k + 1) % 4][1] - (arm[(k + 1) % 4][1] > 0 ? passage : depth + passage);
        if (arm[k][0] == 0) {
            from = depth + passage;
        }
        double length = to - from;
        if (length < 18) {
            continue;
        }
        uint32_t pieces = (uint32_t)jw_max(1, jw_round(length / 62.0));
        double piece = (length - (pieces - 1) * passage) / pieces;
        for (uint32_t i = 0; i < pieces; ++i) {
            double begin = from + i * (piece + passage);
            bar(plan, plot, k, begin, begin + piece, 0, depth,
                base + tilt[k] + jw_plan_plot_draw(plan, plot, -0.9, 0.9), JW_USE_RESIDENTIAL);
        }
    }
    if (shortest > 105 && jw_plan_plot_draw(plan, plot, 0, 1) < 0.4) { /* kindergarten or club in the court */
        double s = jw_plan_plot_draw(plan, plot, 0.40, 0.52), t = jw_plan_plot_draw(plan, plot, 0.42, 0.5);
        jw_plan_part(plan, plot, s, t, s + 26 / plot->width_m, t + 17 / plot->depth_m, 2, JW_USE_PUBLIC);
    }
}

/* South-facing slabs in rows, a sun's distance apart; shops along a busy side would break the light. */
static void build_rows(city_plan *plan, plan_plot *plot)
{
    double depth = 12.5, levels = jw_plan_plot_draw(plan, plot, 5.6, 8.4);
    double pitch = depth + jw_max(3.0 * levels * 1.15, 20);
    uint32_t rows = (uint32_t)jw_max(1, jw_floor((plot->depth_m - depth) / pitch) + 1);
    double step = rows > 1 ? (plot->depth_m - depth) / (rows - 1) : 0;
    uint32_t pieces = (uint32_t)jw_max(1, jw_round(plot->width_m / 60.0));
    double gap = 12, stagger = jw_plan_plot_draw(plan, plot, 0, 10);
    for (uint32_t r = 0; r < rows; ++r) {
        double in = r * step;
        double shift = r % 2 ? stagger : 0;
        double room = plot->width_m - stagger;
        double piece = (room - (pieces - 1) * gap) / pieces;
        if (r + 1 < rows) {
            jw_plan_lawn(plan, plot, 0, (in + depth + 6) / plot->depth_m, 1, (in + step - 6) / plot->depth_m,
                         JW_AREA_GRASS);
        }
        for (uint32_t i = 0; i < pieces; ++i) {
            double s0 = (shift + i * (piece + gap)) / plot->width_m;
            double t0 = in / plot->depth_m;
            jw_plan_part(plan, plot, s0, t0, s0 + piece / plot->width_m, t0 + depth / plot->depth_m,
                         levels + r * 0.5 + jw_plan_plot_draw(plan, plot, -0.5, 0.5), JW_USE_RESIDENTIAL);
        }
    }
}

/* Few places only: slim towers over a low street front. */
static void build_towers(city_plan *plan, plan_plot *plot)
{
    jw_plan_lawn(plan, plot, 0, 22 / plot->depth_m, 1, 1 - 22 / plot->depth_m, JW_AREA_GRASS);
    jw_plan_part(plan, plot, 0, 0, 1, 16 / plot->depth_m, 3, JW_USE_COMMERCIAL);
    jw_plan_part(plan, plot, 0, 1 - 16 / plot->depth_m, 1, 1, 3, JW_USE_COMMERCIAL);
    double w = 27 / plot->width_m, d = 27 / plot->depth_m;
    const double at[3][2] = {{0.08, 0.60}, {0.44, 0.40}, {0.74, 0.62}};
    for (int i = 0; i < 3; ++i) {
        jw_plan_part(plan, plot, at[i][0], at[i][1] - d, at[i][0] + w, at[i][1],
                     jw_plan_plot_draw(plan, plot, 17, 27), JW_USE_RESIDENTIAL);
    }
}

/* Offices as stepped blocks: three parts of rising height, each lot turned another way. */
static void build_offices(city_plan *plan, plan_plot *plot, bool is_high)
{
    uint32_t columns = (uint32_t)jw_max(1, jw_round(plot->width_m / 96.0));
    uint32_t rows = (uint32_t)jw_max(1, jw_round(plot->depth_m / 96.0));
    double gap_s = 16 / plot->width_m, gap_t = 16 / plot->depth_m;
    double lot_s = (1 - (columns - 1) * gap_s) / columns, lot_t = (1 - (rows - 1) * gap_t) / rows;
    for (uint32_t r = 0; r < rows; ++r) {
        for (uint32_t c = 0; c < columns; ++c) {
            double s = c * (lot_s + gap_s), t = r * (lot_t + gap_t);
            double low = jw_plan_plot_draw(plan, plot, 3.6, 5.4),
                   step = jw_plan_plot_draw(plan, plot, 1.6, 3.2);
            double top = is_high && (r + c) % 3 == 0 ? jw_plan_plot_draw(plan, plot, 16, 30) : low + 2 * step;
            double a = jw_plan_plot_draw(plan, plot, 0.36, 0.46),
                   b = jw_plan_plot_draw(plan, plot, 0.42, 0.56);
            jw_use use = jw_plan_plot_draw(plan, plot, 0, 1) < 0.85 ? JW_USE_OFFICE : JW_USE_COMMERCIAL;
            bool is_east = jw_plan_plot_draw(plan, plot, 0, 1) < 0.5;
            double split = is_east ? s + lot_s * (1 - a) : s + lot_s * a;
            double s0 = is_east ? s : split, s1 = is_east ? split : s + lot_s;
            jw_plan_part(plan, plot, s0, t, s1, t + lot_t * b, low, use);
            jw_plan_part(plan, plot, s0, t + lot_t * b, s1, t + lot_t * 0.94, low + step, use);
            jw_plan_part(plan, plot, is_east ? split : s, t + lot_t * 0.22, is_east ? s + lot_s : split,
                         t + lot_t * 0.94, top, use);
        }
    }
}

/* A market block: a hall with a passage through it, and a hotel or office slab. */
static void build_shops(city_plan *plan, plan_plot *plot)
{
    double cut = jw_plan_plot_draw(plan, plot, 0.40, 0.60), lane = 7 / plot->width_m;
    double front = jw_plan_plot_draw(plan, plot, 0.50, 0.62);
    jw_plan_part(plan, plot, 0, 0, cut - lane, front, jw_plan_plot_draw(plan, plot, 2.6, 4.4),
                 JW_USE_COMMERCIAL);
    jw_plan_part(plan, plot, cut + lane, 0, 1, front, jw_plan_plot_draw(plan, plot, 2.6, 4.4),
                 JW_USE_COMMERCIAL);
    double back = front + 15 / plot->depth_m;
    jw_plan_part(plan, plot, 0, back, 0.46, jw_min(back + 18 / plot->depth_m, 1),
                 jw_plan_plot_draw(plan, plot, 6, 10), JW_USE_COMMERCIAL);
    jw_plan_part(plan, plot, 0.56, back, 1, jw_min(back + 18 / plot->depth_m, 1),
                 jw_plan_plot_draw(plan, plot, 7, 11), JW_USE_OFFICE);
    for (int i = 0; i < 3; ++i) {
        double s = 0.02 + i * 0.34;
        jw_plan_part(plan, plot, s, 1 - 14 / plot->depth_m, s + 0.28, 1, jw_plan_plot_draw(plan, plot, 3, 6),
                     JW_USE_RESIDENTIAL);
    }
}

static jw_use use_of(plan_kind kind)
{
    switch (kind) {
    case PLAN_COURTYARD:
    case PLAN_ROWS:
    case PLAN_TOWERS:
        return JW_USE_RESIDENTIAL;
    case PLAN_OFFICE:
        return JW_USE_OFFICE;
    case PLAN_SHOPS:
        return JW_USE_COMMERCIAL;
    case PLAN_HALLS:
        return JW_USE_INDUSTRIAL;
    case PLAN_SERVERS:
        return JW_USE_COMPUTING;
    default:
        return JW_USE_PUBLIC;
    }
}

static void build_cell(city_plan *plan, plan_cell *cell, plan_plot *plot)
{
    const plan_superblock *sb = &plan->superblocks[cell->superblock];
    const plan_cluster *cluster = &plan->clusters[cell->cluster];
    switch (cell->kind) {
    case PLAN_COURTYARD:
        build_courtyard(plan, plot);
        break;
    case PLAN_ROWS:
        build_rows(plan, plot);
        break;
    case PLAN_TOWERS:
        build_towers(plan, plot);
        break;
    case PLAN_OFFICE:
        build_offices(plan, plot,
                      cluster->has_axis && sb->role == PLAN_CENTRE && sb->row + 2 == cluster->v_count);
        break;
    case PLAN_SHOPS:
        build_shops(plan, plot);
        break;
    default:
        jw_plan_build_campus(plan, cell, plot);
        break;
    }
}

/* Homes keep their rows to the south; everything else faces its most important street. */
static int front_of(const plan_cell *cell)
{
    if (cell->kind == PLAN_COURTYARD || cell->kind == PLAN_ROWS || cell->kind == PLAN_TOWERS ||
        cell->kind == PLAN_CULTURE || cell->kind == PLAN_SQUARE) {
        return 0;
    }
    int front = 0;
    for (int k = 1; k < 4; ++k) {
        front = cell->side_grade[k] < cell->side_grade[front] ? k : front;
    }
    return front;
}

void jw_plan_make_buildings(city_plan *plan)
{
    const uint32_t count = PLAN_PARCEL_POINTS;
    for (uint32_t i = 0; i < plan->cell_count && jw_plan_is_ok(plan); ++i) {
        plan_cell *cell = &plan->cells[i];
        if (cell->area_m2 < 300) {
            continue; /* verge */
        }
        if (cell->kind == PLAN_PARK) {
            jw_plan_area(plan, cell->parcel, count, JW_AREA_PARK, JW_USE_NONE, NULL);
            jw_plan_make_park(plan, cell, i);
            continue;
        }
        bool is_square = cell->kind == PLAN_SQUARE;
        plan_plot plot = jw_plan_plot_of(cell, front_of(cell), i);
        jw_plan_area(plan, cell->parcel, count, is_square ? JW_AREA_SQUARE : JW_AREA_BUILT,
                     use_of(cell->kind), NULL);
        uint32_t before = plan->draft->building_count;
        if (plot.width_m > 24 && plot.depth_m > 24) {
            build_cell(plan, cell, &plot);
        }
        if (plan->draft->building_count > before) {
            jw_plan_block(plan, cell->parcel, count, use_of(cell->kind), before);
        }
    }
}
