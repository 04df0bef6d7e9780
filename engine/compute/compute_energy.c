/* Power and energy of sites. Energy is lazy: (energy until since_ns, power since then), rewritten only by the
 * site's own events; reading stores nothing. Integer millijoules, exact. */
#include "compute/compute_internal.h"

/* Power usage effectiveness by tier. City and west: the national targets of at most 1.25 in the east and 1.2
 * in the west (unverified). The smaller tiers have no published figure here (unverified): cabinets cooled by
 * outside air 1.1 to 1.2, small rooms with air conditioners 1.4 to 1.5. */
double compute_tier_pue(jw_tier tier)
{
    static const double pue[JW_TIER_COUNT] = {
        [JW_TIER_ROADSIDE] = 1.1, [JW_TIER_BASE_STATION] = 1.2, [JW_TIER_PARK] = 1.5,
        [JW_TIER_EDGE] = 1.4,     [JW_TIER_CITY] = 1.25,        [JW_TIER_WEST] = 1.2,
    };
    return pue[tier];
}

/* Milliwatt times nanoseconds are 1e-12 J: a millijoule is 1e9 of them. */
static int64_t added_mj(const compute_site *s, int64_t now_ns, int64_t *out_rest)
{
    __int128 product = (__int128)s->power_mw * (now_ns - s->since_ns) + s->energy_rest;
    *out_rest = (int64_t)(product % 1000000000);
    return (int64_t)(product / 1000000000);
}

void compute_settle(const jw_world *world, jw_compute *compute, compute_site *s)
{
    int64_t now_ns = jw_world_time_ns(world), rest;
    s->energy_mj += added_mj(s, now_ns, &rest);
    s->energy_rest = rest;
    s->since_ns = now_ns;
    if (!s->is_up) {
        s->power_mw = 0;
        return;
    }
    /* Linear between idle and peak by the busy share of a rack's cards (Barroso and Hölzle 2007). */
    double power_w = s->def.base_power_w;
    for (uint32_t r = 0; r < s->def.rack_count; r++) {
        const jw_card *card = &compute->cards[s->rack_card[r]];
        uint32_t busy = 0;
        for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
            const installed *in = &s->services[p];
            if (in->service != JW_NONE && in->rack == r && in->server_count)
                busy += in->busy_count * (in->cards / in->server_count);
        }
        power_w += card->idle_w * s->def.racks[r].count + (card->peak_w - card->idle_w) * busy;
    }
    s->power_mw = (int64_t)jw_round(power_w * s->def.pue * 1000);
}

double compute_peak_power_w(const jw_compute *compute, const compute_site *s)
{
    double power_w = s->def.base_power_w;
    for (uint32_t r = 0; r < s->def.rack_count; r++)
        power_w += compute->cards[s->rack_card[r]].peak_w * s->def.racks[r].count;
    return power_w * s->def.pue;
}

int64_t compute_energy_mj(const jw_world *world, const compute_site *s)
{
    int64_t rest;
    return s->energy_mj + added_mj(s, jw_world_time_ns(world), &rest);
}

double compute_carbon_kg(const jw_compute *compute, const compute_site *s, int64_t energy_mj)
{
    const jw_grid_region *region = &compute->regions[s->region];
    return (double)energy_mj / 3.6e9 * region->kgco2_per_kwh * (1 - region->green_share);
}

int64_t compute_cost_fen(const jw_compute *compute, const compute_site *s, int64_t energy_mj)
{
    return (int64_t)jw_round((double)energy_mj / 3.6e9 * compute->regions[s->region].price_cny_per_kwh * 100);
}
