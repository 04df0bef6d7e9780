/* Superblocks and their cells: what each superblock is for, how it is divided, and each cell's outline. */
#include "city/plan_internal.h"

#include <string.h>

/* ---- roles -----------------------------------------------------------------------------------------------
 */

/* Industry fills the west of the north-western cluster, the computing centre stands beside it; the last
 * cluster of the first row has the campus; every cluster has a centre at its middle crossing; the axis is
 * lined with offices. A city of one cluster has one superblock of each. */
static plan_role role_of(const city_plan *plan, uint32_t c, uint32_t column, uint32_t row)
{
    const plan_cluster *cluster = &plan->clusters[c];
    uint32_t columns = cluster->u_count - 1, rows = cluster->v_count - 1;
    if (cluster->has_axis) {
        if (column == cluster->axis_column) {
            return PLAN_AXIS;
        }
        if (column + 1 == cluster->axis_column || column == cluster->axis_column + 1) {
            return row + 1 == rows || row == 0 || rows <= 2 || row == rows / 2 ? PLAN_CENTRE : PLAN_HOMES;
        }
    }
    bool is_single = plan->cluster_count == 1;
    if (c == 0 && columns >= 2 && rows >= 2 && column == 0) {
        /* A single cluster has round corners above and below: its works are in the middle of the west side.
         */
        uint32_t computing = is_single ? (rows - 1) / 2 : 0, last = is_single ? computing + 1 : rows - 1;
        if (row == computing) {
            return PLAN_COMPUTING;
        }
        if (row > computing && row <= last) {
            return PLAN_INDUSTRY;
        }
    }
    bool is_last_of_row = cluster->row == 0 && cluster->column + 1 == plan->form.row_clusters[0];
    if (!is_single && is_last_of_row && columns >= 3 && column + 1 == columns && row >= 1 && row + 1 < rows) {
        return PLAN_CAMPUS;
    }
    if (!cluster->has_axis && column == columns / 2 && row == rows / 2) {
        return PLAN_CENTRE;
    }
    bool faces_canal = cluster->row == 1 && 2 * plan->form.row_clusters[1] >= 4 &&
                       ((column + 1 == columns && 2 * (cluster->column + 1) == plan->form.row_clusters[1]) ||
                        (column == 0 && 2 * cluster->column == plan->form.row_clusters[1]));
    return faces_canal && row + 1 == rows ? PLAN_CENTRE : PLAN_HOMES;
}

/* ---- division --------------------------------------------------------------------------------------------
 */

enum { MAX_PIECES = 24 };

/* Lines of a column (or row) of superblocks, shared by all of them so that streets go on over collectors; not
 * quite even, as plots never are. Large plots (`every` > 1) leave lines out, so that two streets never meet a
 * collector a few metres apart. */
static uint32_t divide(const city_plan *plan, uint64_t entity, double from, double to, double length_m,
                       double target_m, uint32_t every, double *out)
{
    uint32_t pieces = (uint32_t)jw_clamp(jw_floor(length_m / target_m + 0.70), 1, MAX_PIECES), count = 0;
    out[count++] = from;
    for (uint32_t i = 1; i < pieces; ++i) {
        double shift = jw_plan_uniform(plan, "plan.divide", entity * 64 + i, -0.07, 0.07);
        if (i % every == 0 && pieces - i >= (every + 1) / 2) {
            out[count++] = from + (to - from) * (i + shift) / pieces;
        }
    }
    out[count] = to;
    return count;
}

static void add_cell(city_plan *plan, const plan_superblock *sb, double u0, double u1, double v0, double v1)
{
    if (!jw_plan_is_ok(plan)) {
        return;
    }
    plan->result =
        jw_grow(&plan->cells, &plan->cell_capacity, plan->cell_count + 1, sizeof *plan->cells, plan->error);
    if (plan->result == JW_OK) {
        plan_cell *cell = &plan->cells[plan->cell_count++];
        *cell = (plan_cell){.cluster = sb->cluster,
                            .superblock = (uint32_t)(sb - plan->superblocks),
                            .u0 = u0,
                            .u1 = u1,
                            .v0 = v0,
                            .v1 = v1};
    }
}

typedef enum layout { GRID, BRICK_ROWS, BRICK_COLUMNS } layout;

/* The shorter of two opposite sides of a rectangle in (u, v): those along u, or those along v. */
static double shorter_side_m(const plan_cluster *cluster, double u0, double u1, double v0, double v1,
                             bool along_u)
{
    jw_vec2 sw = jw_plan_patch_at(cluster, u0, v0), ne = jw_plan_patch_at(cluster, u1, v1);
    jw_vec2 se = jw_plan_patch_at(cluster, u1, v0), nw = jw_plan_patch_at(cluster, u0, v1);
    return along_u ? jw_min(jw_vec2_distance(sw, se), jw_vec2_distance(nw, ne))
                   : jw_min(jw_vec2_distance(sw, nw), jw_vec2_distance(se, ne));
}

/* Halves of a block must leave room between crossings. */
static const double MIN_HALVED_M = 116.0;

/* Bands of cells, along u (rows) or along v (columns). In a brick layout every other band has its inner lines
 * moved by half a block; now and then two cells are one plot, or one is halved by a lane. */
static void divide_band(city_plan *plan, const plan_superblock *sb, uint64_t entity, bool is_row,
                        bool is_shifted, bool is_mixed, const double *lines, uint32_t pieces, double low,
                        double high)
{
    double edges[MAX_PIECES + 1];
    uint32_t count = 0;
    edges[count++] = lines[0];
    const plan_cluster *cluster = &plan->clusters[sb->cluster];
    bool moves = is_shifted && pieces >= 3;
    for (uint32_t i = 0; i < pieces && moves; ++i) {
        moves = (is_row ? shorter_side_m(cluster, lines[i], lines[i + 1], low, high, true)
                        : shorter_side_m(cluster, low, high, lines[i], lines[i + 1], false)) > MIN_HALVED_M;
    }
    for (uint32_t i = 1; i < pieces; ++i) {
        if (moves && i + 1 < pieces) {
            edges[count++] = 0.5 * (lines[i] + lines[i + 1]);
        } else if (!moves) {
            edges[count++] = lines[i];
        }
    }
    edges[count++] = lines[pieces];
    jw_random_key key = jw_plan_key(plan, "plan.band");
    for (uint32_t i = 0; i + 1 < count; ++i) {
        double from = edges[i], to = edges[i + 1];
        double draw = jw_random_uniform(key, entity, i);
        if (is_mixed && !moves && draw < 0.10 && i + 2 < count) {
            to = edges[++i + 1];
        }
        double across_m = is_row ? shorter_side_m(cluster, from, to, low, high, false)
                                 : shorter_side_m(cluster, low, high, from, to, true);
        double cut = is_mixed && draw > 0.80 && across_m > MIN_HALVED_M ? 0.5 * (low + high) : high;
        for (int half = 0; half < (cut < high ? 2 : 1); ++half) {
            double a = half == 0 ? low : cut, b = half == 0 ? cut : high;
            if (is_row) {
                add_cell(plan, sb, from, to, a, b);
            } else {
                add_cell(plan, sb, a, b, from, to);
            }
        }
    }
}

static void divide_superblock(city_plan *plan, uint32_t index)
{
    plan_superblock *sb = &plan->superblocks[index];
    const plan_cluster *cluster = &plan->clusters[sb->cluster];
    double u0 = cluster->u_majors[sb->column].at, u1 = cluster->u_majors[sb->column + 1].at;
    double v0 = cluster->v_majors[sb->row].at, v1 = cluster->v_majors[sb->row + 1].at;
    double scale = plan->def.block_m;
    bool is_coarse = sb->role == PLAN_INDUSTRY || sb->role == PLAN_COMPUTING || sb->role == PLAN_CAMPUS;
    double fx = jw_plan_uniform(plan, "plan.aspect", sb->cluster, 0.88, 1.12);
    double us[MAX_PIECES + 1], vs[MAX_PIECES + 1];
    uint64_t base = sb->cluster * 1024;
    uint32_t columns = divide(plan, base + sb->column, u0, u1, (u1 - u0) * cluster->width_m, scale * fx,
                              is_coarse ? 2 : 1, us);
    uint32_t rows = divide(plan, base + 512 + sb->row, v0, v1, (v1 - v0) * cluster->height_m, scale / fx,
                           is_coarse || sb->role == PLAN_AXIS ? 2 : 1, vs);
    bool is_homes = sb->role == PLAN_HOMES;
    layout shape = !is_homes ? GRID : (layout)jw_random_index(jw_plan_key(plan, "plan.layout"), index, 0, 3);
    sb->first_cell = plan->cell_count;
    bool by_rows = shape != BRICK_COLUMNS;
    for (uint32_t band = 0; band < (by_rows ? rows : columns); ++band) {
        const double *across = by_rows ? vs : us;
        divide_band(plan, sb, (uint64_t)index * 64 + band, by_rows, shape != GRID && band % 2 == 1, is_homes,
                    by_rows ? us : vs, by_rows ? columns : rows, across[band], across[band + 1]);
    }
    sb->cell_count = plan->cell_count - sb->first_cell;
}

/* ---- outlines --------------------------------------------------------------------------------------------
 */

/* Crossing of two lines given by point and direction; the first point when they are parallel. */
static jw_vec2 cross_lines(jw_vec2 p, jw_vec2 d, jw_vec2 q, jw_vec2 e)
{
    double denominator = jw_vec2_cross(d, e);
    if (jw_abs(denominator) < 1e-9) {
        return p;
    }
    double t = jw_vec2_cross(jw_vec2_sub(q, p), e) / denominator;
    return jw_vec2_add(p, jw_vec2_scale(d, t));
}

static jw_vec2 left_of(jw_vec2 d)
{
    return (jw_vec2){-d.y, d.x};
}

static void grade_sides(const city_plan *plan, plan_cell *cell)
{
    const plan_superblock *sb = &plan->superblocks[cell->superblock];
    const plan_cluster *cluster = &plan->clusters[cell->cluster];
    const plan_major *u = &cluster->u_majors[sb->column], *v = &cluster->v_majors[sb->row];
    cell->side_grade[0] = cell->v0 - v[0].at < 1e-9 ? v[0].grade : PLAN_LOCAL;
    cell->side_grade[1] = u[1].at - cell->u1 < 1e-9 ? u[1].grade : PLAN_LOCAL;
    cell->side_grade[2] = v[1].at - cell->v1 < 1e-9 ? v[1].grade : PLAN_LOCAL;
    cell->side_grade[3] = cell->u0 - u[0].at < 1e-9 ? u[0].grade : PLAN_LOCAL;
}

/* Side k of a cell, counter-clockwise, moved in by the street's half and its footway. */
static void move_side(const city_plan *plan, const plan_cell *cell, int k, jw_vec2 *out)
{
    enum { P = PLAN_SIDE_POINTS };
    const plan_cluster *cluster = &plan->clusters[cell->cluster];
    const plan_grade_info *info = &jw_plan_grades[cell->side_grade[k]];
    jw_vec2 line[P];
    for (int i = 0; i < P; ++i) {
        double t = (double)i / (P - 1);
        double along = k == 0 || k == 1 ? t : 1 - t;
        double u = k == 1 ? cell->u1 : k == 3 ? cell->u0 : cell->u0 + (cell->u1 - cell->u0) * along;
        double v = k == 0 ? cell->v0 : k == 2 ? cell->v1 : cell->v0 + (cell->v1 - cell->v0) * along;
        line[i] = jw_plan_patch_at(cluster, u, v);
    }
    for (int i = 0; i < P; ++i) {
        jw_vec2 d = jw_vec2_unit(jw_vec2_sub(line[i + 1 < P ? i + 1 : i], line[i > 0 ? i - 1 : 0]));
        out[i] = jw_vec2_add(line[i], jw_vec2_scale(left_of(d), info->kerb_m + info->footway_m));
    }
}

/* Distance of a moved side from the chord a-b, at the chord's fraction t; positive inwards. */
static double depth_at(const jw_vec2 *side, jw_vec2 a, jw_vec2 b, double t)
{
    jw_vec2 chord = jw_vec2_sub(b, a), along = jw_vec2_unit(chord);
    double at = t * jw_vec2_length(chord);
    int i = 1;
    while (i + 1 < PLAN_SIDE_POINTS && jw_vec2_dot(along, jw_vec2_sub(side[i], a)) < at) {
        ++i;
    }
    double t0 = jw_vec2_dot(along, jw_vec2_sub(side[i - 1], a)),
           t1 = jw_vec2_dot(along, jw_vec2_sub(side[i], a));
    double share = t1 > t0 ? jw_clamp((at - t0) / (t1 - t0), 0, 1) : 0;
    return jw_vec2_cross(along, jw_vec2_sub(jw_vec2_lerp(side[i - 1], side[i], share), a));
}

/* Slivers between streets that meet at a narrow angle can turn inside out. */
static bool is_simple(const plan_cell *cell)
{
    enum { N = PLAN_PARCEL_POINTS };
    for (int a = 0; a < N; ++a) {
        for (int b = a + 2; b < N - (a == 0); ++b) {
            double t, u;
            if (jw_segments_cross(cell->parcel[a], cell->parcel[a + 1], cell->parcel[b],
                                  cell->parcel[(b + 1) % N], &t, &u)) {
                return false;
            }
        }
    }
    return true;
}

/* The parcel follows the curved streets. */
static void outline_parcel(plan_cell *cell, jw_vec2 side[4][PLAN_SIDE_POINTS])
{
    enum { P = PLAN_SIDE_POINTS };
    double sharpest = 0;
    for (int k = 0; k < 4; ++k) {
        const jw_vec2 *before = side[(k + 3) % 4];
        jw_vec2 d = jw_vec2_unit(jw_vec2_sub(before[P - 1], before[P - 2]));
        jw_vec2 e = jw_vec2_unit(jw_vec2_sub(side[k][1], side[k][0]));
        sharpest = jw_max(sharpest, jw_abs(jw_vec2_dot(d, e)));
        bool is_straight =
            jw_vec2_dot(d, e) > 0.93; /* on the ring's round corner the lines meet nowhere near */
        cell->parcel[k * (P - 1)] = is_straight ? jw_vec2_lerp(before[P - 1], side[k][0], 0.5)
                                                : cross_lines(before[P - 1], d, side[k][0], e);
    }
    double twice = 0;
    for (int k = 0; k < 4; ++k) {
        jw_vec2 a = cell->parcel[k * (P - 1)], b = cell->parcel[(k + 1) % 4 * (P - 1)];
        jw_vec2 in = left_of(jw_vec2_unit(jw_vec2_sub(b, a)));
        for (int i = 1; i + 1 < P; ++i) {
            double t = (double)i / (P - 1);
            cell->parcel[k * (P - 1) + i] =
                jw_vec2_add(jw_vec2_lerp(a, b, t), jw_vec2_scale(in, depth_at(side[k], a, b, t)));
        }
    }
    for (int i = 0; i < PLAN_PARCEL_POINTS; ++i) {
        twice += jw_vec2_cross(cell->parcel[i], cell->parcel[(i + 1) % PLAN_PARCEL_POINTS]);
    }
    cell->area_m2 = is_simple(cell) ? 0.5 * twice : 0;
    cell->is_regular = sharpest < 0.74 && cell->area_m2 > 0; /* corners between 42 and 138 degrees */
}

/* The building quad has straight sides just inside the set-back. */
static void outline_cell(const city_plan *plan, plan_cell *cell)
{
    enum { P = PLAN_SIDE_POINTS };
    jw_vec2 side[4][P], start[4], dir[4];
    for (int k = 0; k < 4; ++k) {
        move_side(plan, cell, k, side[k]);
    }
    outline_parcel(cell, side);
    for (int k = 0; k < 4; ++k) {
        jw_vec2 a = cell->parcel[k * (P - 1)], b = cell->parcel[(k + 1) % 4 * (P - 1)];
        const plan_grade_info *info = &jw_plan_grades[cell->side_grade[k]];
        dir[k] = jw_vec2_unit(jw_vec2_sub(b, a));
        double deepest = 0;
        for (int i = 0; i < P; ++i) {
            double along = jw_vec2_dot(dir[k], jw_vec2_sub(side[k][i], a));
            if (along > 0 && along < jw_vec2_distance(a, b)) {
                deepest = jw_max(deepest, jw_vec2_cross(dir[k], jw_vec2_sub(side[k][i], a)));
            }
        }
        start[k] =
            jw_vec2_add(a, jw_vec2_scale(left_of(dir[k]), deepest + info->setback_m - info->footway_m));
    }
    cell->centre = (jw_vec2){0, 0};
    for (int k = 0; k < 4; ++k) {
        cell->corner[k] = cell->is_regular
                              ? cross_lines(start[(k + 3) % 4], dir[(k + 3) % 4], start[k], dir[k])
                              : cell->parcel[k * (P - 1)];
        cell->centre = jw_vec2_add(cell->centre, jw_vec2_scale(cell->corner[k], 0.25));
    }
}

/* Whether two cells of a superblock touch along side k of the first. */
static bool is_across(const plan_cell *cell, int k, const plan_cell *other)
{
    bool along_u = k == 0 || k == 2;
    double mine = k == 0 ? cell->v0 : k == 1 ? cell->u1 : k == 2 ? cell->v1 : cell->u0;
    double theirs = k == 0 ? other->v1 : k == 1 ? other->u0 : k == 2 ? other->v0 : other->u1;
    double shared = along_u ? jw_min(cell->u1, other->u1) - jw_max(cell->u0, other->u0)
                            : jw_min(cell->v1, other->v1) - jw_max(cell->v0, other->v0);
    return jw_abs(mine - theirs) < 1e-9 && shared > 1e-9;
}

static bool has_only_green_across(const city_plan *plan, const plan_cell *cell, int k)
{
    const plan_superblock *sb = &plan->superblocks[cell->superblock];
    uint32_t green = 0;
    for (uint32_t i = 0; i < sb->cell_count; ++i) {
        const plan_cell *other = &plan->cells[sb->first_cell + i];
        if (is_across(cell, k, other)) {
            if (other->is_regular) {
                return false;
            }
            ++green;
        }
    }
    return green > 0 && !cell->is_regular;
}

/* Irregular cells in the ring's corners become one park. Every street kept borders a regular cell, whose four
 * sides are all kept: so no street loses its end. */
bool jw_plan_is_seam(const city_plan *plan, const plan_cell *cell, int k)
{
    const plan_superblock *sb = &plan->superblocks[cell->superblock];
    bool is_seam = has_only_green_across(plan, cell, k);
    for (uint32_t i = 0; i < sb->cell_count && is_seam; ++i) {
        const plan_cell *other = &plan->cells[sb->first_cell + i];
        is_seam = !is_across(cell, k, other) || has_only_green_across(plan, other, (k + 2) % 4);
    }
    return is_seam;
}

void jw_plan_make_cells(city_plan *plan)
{
    for (uint32_t c = 0; c < plan->cluster_count; ++c) {
        const plan_cluster *cluster = &plan->clusters[c];
        for (uint32_t row = 0; row + 1 < cluster->v_count; ++row) {
            for (uint32_t column = 0; column + 1 < cluster->u_count && jw_plan_is_ok(plan); ++column) {
                plan->result = jw_grow(&plan->superblocks, &plan->superblock_capacity,
                                       plan->superblock_count + 1, sizeof *plan->superblocks, plan->error);
                if (plan->result != JW_OK) {
                    return;
                }
                plan->superblocks[plan->superblock_count++] = (plan_superblock){
                    .cluster = c, .column = column, .row = row, .role = role_of(plan, c, column, row)};
                divide_superblock(plan, plan->superblock_count - 1);
            }
        }
    }
    for (uint32_t i = 0; i < plan->cell_count; ++i) {
        grade_sides(plan, &plan->cells[i]);
        outline_cell(plan, &plan->cells[i]);
    }
    for (uint32_t i = 0; i < plan->cell_count; ++i) {
        plan_cell *cell = &plan->cells[i];
        bool has_seam = false;
        for (int k = 0; k < 4 && !cell->is_regular; ++k) {
            if (jw_plan_is_seam(plan, cell, k)) {
                cell->side_grade[k] = PLAN_SEAM;
                has_seam = true;
            }
        }
        if (has_seam) {
            outline_cell(plan, cell);
            cell->is_regular = false;
        }
    }
}
