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
    uint32_t pieces = (uint32_t)jw_clamp(jw_round(length_m / target_m), 1, MAX_PIECES), count = 0;
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

/* The parcel follows the curved streets; the building quad has straight sides just inside the set-back. */
static void outline_cell(const city_plan *plan, plan_cell *cell)
{
    enum { P = PLAN_SIDE_POINTS };
    const plan_cluster *cluster = &plan->clusters[cell->cluster];
    jw_vec2 side[4][P], dir_first[4], dir_last[4];
    grade_sides(plan, cell);
    for (int k = 0; k < 4; ++k) {
        for (int i = 0; i < P; ++i) {
            double t = (double)i / (P - 1);
            double along = k == 0 || k == 1 ? t : 1 - t;
            double u = k == 1 ? cell->u1 : k == 3 ? cell->u0 : cell->u0 + (cell->u1 - cell->u0) * along;
            double v = k == 0 ? cell->v0 : k == 2 ? cell->v1 : cell->v0 + (cell->v1 - cell->v0) * along;
            side[k][i] = jw_plan_patch_at(cluster, u, v);
        }
        const plan_grade_info *info = &jw_plan_grades[cell->side_grade[k]];
        double inset = info->kerb_m + info->footway_m;
        jw_vec2 moved[P];
        for (int i = 0; i < P; ++i) {
            jw_vec2 d = jw_vec2_unit(jw_vec2_sub(side[k][i + 1 < P ? i + 1 : i], side[k][i > 0 ? i - 1 : 0]));
            moved[i] = jw_vec2_add(side[k][i], jw_vec2_scale(left_of(d), inset));
        }
        memcpy(side[k], moved, sizeof moved);
        dir_first[k] = jw_vec2_sub(moved[1], moved[0]);
        dir_last[k] = jw_vec2_sub(moved[P - 1], moved[P - 2]);
    }
    double sharpest = -1;
    for (int k = 0; k < 4; ++k) {
        int before = (k + 3) % 4;
        jw_vec2 d = jw_vec2_unit(dir_last[before]), e = jw_vec2_unit(dir_first[k]);
        sharpest = jw_max(sharpest, jw_abs(jw_vec2_dot(d, e)));
        cell->parcel[k * (P - 1)] = cross_lines(side[before][P - 1], d, side[k][0], e);
        for (int i = 1; i + 1 < P; ++i) {
            cell->parcel[k * (P - 1) + i] = side[k][i];
        }
    }
    cell->is_regular = sharpest < 0.74; /* corners between 42 and 138 degrees */
    jw_vec2 start[4], dir[4];
    for (int k = 0; k < 4; ++k) {
        jw_vec2 a = cell->parcel[k * (P - 1)], b = cell->parcel[(k + 1) % 4 * (P - 1)];
        const plan_grade_info *info = &jw_plan_grades[cell->side_grade[k]];
        dir[k] = jw_vec2_unit(jw_vec2_sub(b, a));
        double deepest = 0;
        for (int i = 1; i + 1 < P; ++i) {
            deepest = jw_max(deepest, jw_vec2_cross(dir[k], jw_vec2_sub(cell->parcel[k * (P - 1) + i], a)));
        }
        start[k] =
            jw_vec2_add(a, jw_vec2_scale(left_of(dir[k]), deepest + info->setback_m - info->footway_m));
    }
    double twice = 0;
    for (int k = 0; k < 4; ++k) {
        cell->corner[k] = cross_lines(start[(k + 3) % 4], dir[(k + 3) % 4], start[k], dir[k]);
    }
    for (int i = 0; i < 4 * (P - 1); ++i) {
        twice += jw_vec2_cross(cell->parcel[i], cell->parcel[(i + 1) % (4 * (P - 1))]);
    }
    cell->area_m2 = 0.5 * twice;
    cell->centre = jw_vec2_scale(jw_vec2_add(jw_vec2_add(cell->corner[0], cell->corner[1]),
                                             jw_vec2_add(cell->corner[2], cell->corner[3])),
                                 0.25);
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
        outline_cell(plan, &plan->cells[i]);
    }
}
