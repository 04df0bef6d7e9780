/* What each cell is for: by the superblock's role first, then schools, hospitals and shops where they are
 * needed, then parks until every dwelling has one within reach. */
#include "city/plan_internal.h"

/* Park within 300 m of every dwelling: from the middle of a cell to the middle of a park that is one cell
 * large, or to the green around the cluster. */
static const double PARK_REACH_M = 270.0;

static bool is_dwelling(plan_kind kind)
{
    return kind == PLAN_COURTYARD || kind == PLAN_ROWS || kind == PLAN_TOWERS;
}

static plan_kind home_kind(const city_plan *plan, const plan_cell *cell, uint32_t index)
{
    uint32_t arterials = 0;
    for (int k = 0; k < 4; ++k) {
        arterials += cell->side_grade[k] <= PLAN_AVENUE;
    }
    double style = jw_plan_uniform(plan, "plan.style", cell->superblock, 0, 1);
    double draw = jw_plan_uniform(plan, "plan.home", index, 0, 1);
    if (arterials >= 2 && draw < 0.45) {
        return PLAN_SHOPS;
    }
    if (arterials >= 1 && draw < 0.08) {
        return PLAN_OFFICE;
    }
    if (style < 0.22) {
        return draw < 0.85 ? PLAN_ROWS : PLAN_COURTYARD;
    }
    return draw < 0.88 ? PLAN_COURTYARD : PLAN_ROWS;
}

/* From the upper end: station square, then culture and green in turn down to the gardens. */
static plan_kind axis_kind(const city_plan *plan, const plan_superblock *sb, uint32_t within)
{
    const plan_cluster *cluster = &plan->clusters[sb->cluster];
    bool is_top = sb->row + 2 == cluster->v_count && within + 1 == sb->cell_count;
    if (is_top) {
        return PLAN_SQUARE;
    }
    return within == (sb->row == 0 || sb->cell_count < 2 ? 0u : 1u) ? PLAN_CULTURE : PLAN_PARK;
}

static plan_kind centre_kind(const city_plan *plan, const plan_superblock *sb, uint32_t index,
                             uint32_t within)
{
    if (within == sb->cell_count / 2) {
        return PLAN_SQUARE;
    }
    double draw = jw_plan_uniform(plan, "plan.centre", index, 0, 1);
    const plan_cluster *cluster = &plan->clusters[sb->cluster];
    bool is_high = cluster->has_axis && sb->row + 2 == cluster->v_count;
    if (is_high && draw < 0.35) {
        return PLAN_TOWERS;
    }
    return draw < 0.62 ? PLAN_OFFICE : draw < 0.86 ? PLAN_SHOPS : PLAN_COURTYARD;
}

static plan_kind first_kind(const city_plan *plan, uint32_t index)
{
    const plan_cell *cell = &plan->cells[index];
    const plan_superblock *sb = &plan->superblocks[cell->superblock];
    uint32_t within = index - sb->first_cell;
    if (!cell->is_regular) {
        return PLAN_PARK;
    }
    switch (sb->role) {
    case PLAN_CENTRE:
        return centre_kind(plan, sb, index, within);
    case PLAN_INDUSTRY:
        return PLAN_HALLS;
    case PLAN_COMPUTING:
        return within == 0 || (!plan->is_district && within < 2) ? PLAN_SERVERS : PLAN_OFFICE;
    case PLAN_CAMPUS:
        return within == sb->cell_count / 2 && sb->cell_count > 2 ? PLAN_PARK : PLAN_COLLEGE;
    case PLAN_AXIS:
        return axis_kind(plan, sb, within);
    default:
        return home_kind(plan, cell, index);
    }
}

/* The home cell of a superblock that suits a school or hospital best: large, off the arterials. */
static uint32_t best_plot(const city_plan *plan, const plan_superblock *sb, double wanted_m2)
{
    uint32_t best = JW_NONE;
    double best_cost = 0;
    for (uint32_t i = sb->first_cell; i < sb->first_cell + sb->cell_count; ++i) {
        const plan_cell *cell = &plan->cells[i];
        if (!is_dwelling(cell->kind) || cell->area_m2 < 0.62 * wanted_m2) {
            continue;
        }
        double cost = jw_abs(cell->area_m2 - wanted_m2) / wanted_m2;
        for (int k = 0; k < 4; ++k) {
            cost += cell->side_grade[k] <= PLAN_AVENUE ? 0.8 : 0;
        }
        if (best == JW_NONE || cost < best_cost) {
            best = i;
            best_cost = cost;
        }
    }
    return best;
}

/* About one school for 8,000 people: in two of three superblocks of homes; a hospital in every second
 * cluster. */
static void place_services(city_plan *plan)
{
    uint32_t homes = 0;
    for (uint32_t i = 0; i < plan->superblock_count; ++i) {
        const plan_superblock *sb = &plan->superblocks[i];
        if (sb->role == PLAN_HOMES && homes++ % 3 != 1) {
            uint32_t cell = best_plot(plan, sb, 26000);
            if (cell != JW_NONE) {
                plan->cells[cell].kind = PLAN_SCHOOL;
            }
        }
    }
    for (uint32_t c = 0; c < plan->cluster_count; ++c) {
        uint32_t best = JW_NONE;
        double best_m = 0;
        for (uint32_t i = 0; i < plan->superblock_count && (c % 2 == 1 || plan->cluster_count == 1); ++i) {
            if (plan->superblocks[i].cluster != c) {
                continue;
            }
            uint32_t cell = best_plot(plan, &plan->superblocks[i], 30000);
            jw_vec2 wanted = jw_plan_patch_at(&plan->clusters[c], 0.34, 0.64);
            if (cell != JW_NONE) {
                double far_m = jw_vec2_distance(plan->cells[cell].centre, wanted);
                if (best == JW_NONE || far_m < best_m) {
                    best = cell;
                    best_m = far_m;
                }
            }
        }
        if (best != JW_NONE) {
            plan->cells[best].kind = PLAN_HOSPITAL;
        }
    }
}

/* Every side of a cluster has green beyond its street. */
static double edge_distance(const plan_cluster *cluster, jw_vec2 at)
{
    const plan_curve *sides[4] = {&cluster->south, &cluster->north, &cluster->west, &cluster->east};
    double best = 1e9;
    for (int k = 0; k < 4; ++k) {
        for (int i = 0; i < PLAN_CURVE_POINTS; ++i) {
            best = jw_min(best, jw_vec2_distance(sides[k]->points[i], at));
        }
    }
    return best;
}

/* Greedy cover: the cell from which most dwellings without a park are reached becomes one, until none is
 * left. */
static void place_parks(city_plan *plan)
{
    uint8_t *needs = jw_alloc(plan->cell_count + 1);
    if (needs == NULL) {
        plan->result = jw_fail_memory(plan->error);
        return;
    }
    for (uint32_t i = 0; i < plan->cell_count; ++i) {
        const plan_cell *cell = &plan->cells[i];
        needs[i] =
            is_dwelling(cell->kind) && edge_distance(&plan->clusters[cell->cluster], cell->centre) > 210;
        for (uint32_t k = 0; k < plan->cell_count && needs[i]; ++k) {
            needs[i] = plan->cells[k].kind != PLAN_PARK ||
                       jw_vec2_distance(plan->cells[k].centre, cell->centre) > PARK_REACH_M;
        }
    }
    for (;;) {
        uint32_t best = JW_NONE;
        double best_gain = 0;
        for (uint32_t i = 0; i < plan->cell_count; ++i) {
            const plan_cell *cell = &plan->cells[i];
            if (!is_dwelling(cell->kind)) {
                continue;
            }
            double gain = 0;
            for (uint32_t k = 0; k < plan->cell_count; ++k) {
                gain += needs[k] && jw_vec2_distance(plan->cells[k].centre, cell->centre) <= PARK_REACH_M;
            }
            gain /= 0.5 + cell->area_m2 / 30000; /* a small plot does as well */
            if (gain > best_gain) {
                best = i;
                best_gain = gain;
            }
        }
        if (best == JW_NONE) {
            break;
        }
        plan->cells[best].kind = PLAN_PARK;
        for (uint32_t k = 0; k < plan->cell_count; ++k) {
            needs[k] = needs[k] && k != best &&
                       jw_vec2_distance(plan->cells[k].centre, plan->cells[best].centre) > PARK_REACH_M;
        }
    }
    jw_free(needs);
}

void jw_plan_assign_land(city_plan *plan)
{
    for (uint32_t i = 0; i < plan->cell_count; ++i) {
        plan->cells[i].kind = first_kind(plan, i);
    }
    place_services(plan);
    place_parks(plan);
}
