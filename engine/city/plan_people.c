/* People and jobs: the definition's density over the whole area, shared among buildings by floor area. */
#include "city/plan_internal.h"

/* Square metres of gross floor area for one job; 0: none. Offices and shops as usual in planning (20-40 m2),
 * halls and server rooms sparse. Dwellings have the shops and services of the ground floor. */
static double area_per_job_m2(jw_use use)
{
    switch (use) {
    case JW_USE_OFFICE:
        return 24;
    case JW_USE_COMMERCIAL:
        return 38;
    case JW_USE_PUBLIC:
        return 50;
    case JW_USE_INDUSTRIAL:
        return 45;
    case JW_USE_STATION:
        return 60;
    case JW_USE_COMPUTING:
        return 400;
    case JW_USE_RESIDENTIAL:
        return 900;
    default:
        return 0;
    }
}

static double floor_area_m2(const jw_draft *draft, const jw_draft_building *building)
{
    const jw_ring_range *ring = &draft->rings[building->shape.first_ring];
    const uint32_t *refs = &draft->refs[ring->first_point];
    const jw_draft_node *origin = &draft->nodes[refs[0]];
    double twice = 0;
    for (uint32_t i = 1; i + 1 < ring->point_count; ++i) {
        const jw_draft_node *a = &draft->nodes[refs[i]], *b = &draft->nodes[refs[i + 1]];
        twice +=
            (a->x_m - origin->x_m) * (b->y_m - origin->y_m) - (b->x_m - origin->x_m) * (a->y_m - origin->y_m);
    }
    return 0.5 * twice * building->levels;
}

/* Shares `total` by weight exactly: each gets the growth of the rounded running sum. */
static uint32_t share(double total, double before, double after, double sum)
{
    return sum > 0 ? (uint32_t)(jw_round(total * (after / sum)) - jw_round(total * (before / sum))) : 0;
}

void jw_plan_share_people(city_plan *plan)
{
    jw_draft *draft = plan->draft;
    double people = jw_round(plan->def.area_km2 * plan->def.density_per_km2), jobs = jw_round(0.5 * people);
    double home_sum = 0, job_sum = 0;
    for (int pass = 0; pass < 2; ++pass) {
        double home = 0, job = 0;
        for (uint32_t i = 0; i < draft->building_count; ++i) {
            jw_draft_building *building = &draft->buildings[i];
            double area = floor_area_m2(draft, building), per_job = area_per_job_m2((jw_use)building->use);
            double more_home = building->use == JW_USE_RESIDENTIAL ? area : 0;
            double more_job = per_job > 0 ? area / per_job : 0;
            if (pass == 1) {
                building->population = share(people, home, home + more_home, home_sum);
                building->jobs = share(jobs, job, job + more_job, job_sum);
            }
            home += more_home;
            job += more_job;
        }
        home_sum = home;
        job_sum = job;
    }
    for (uint32_t b = 0; b < draft->block_count; ++b) {
        uint32_t end = b + 1 < draft->block_count ? plan->block_first_building[b + 1] : draft->building_count;
        for (uint32_t i = plan->block_first_building[b]; i < end; ++i) {
            draft->blocks[b].population += draft->buildings[i].population;
            draft->blocks[b].jobs += draft->buildings[i].jobs;
        }
    }
}
