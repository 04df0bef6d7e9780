/* Where a site's power comes from: sun and wind first, then by the price and what the grid allows from the battery
 * and the grid. Flows are settled at the site's own events and at each minute; reading stores nothing. */
#include "compute/compute_internal.h"

#include <string.h>

/* Milliwatt times nanoseconds are 1e-9 mJ; picogram and nanofen a second are 1e-15 of a microgram and a millifen. */
static int64_t unit_of(flow f)
{
    return f == FLOW_CARBON || f == FLOW_COST ? 1000000000000000 : 1000000000;
}

/* Adds rate x time; the rest stays within 0 and the unit, also when the rate is negative. */
static flow_sum added(flow_sum to, int64_t rate, int64_t time_ns, int64_t unit)
{
    __int128 product = (__int128)rate * time_ns + to.rest;
    int64_t whole = (int64_t)(product / unit), rest = (int64_t)(product % unit);
    if (rest < 0) {
        rest += unit;
        whole--;
    }
    return (flow_sum){to.sum + whole, rest};
}

flow_sum compute_flow(const jw_world *world, const compute_site *s, flow f)
{
    return added(s->power.total[f], s->power.rate[f], jw_world_time_ns(world) - s->power.since_ns, unit_of(f));
}

static flow_sum stored_now(const jw_world *world, const site_power *p)
{
    return added(p->stored, p->rate[FLOW_KEPT] - p->rate[FLOW_DISCHARGE], jw_world_time_ns(world) - p->since_ns,
                 unit_of(FLOW_KEPT));
}

double compute_carbon_kg(const jw_world *world, const compute_site *s)
{
    flow_sum carbon = compute_flow(world, s, FLOW_CARBON);
    return ((double)carbon.sum + (double)carbon.rest / 1e15) / 1e9;
}

int64_t compute_cost_fen(const jw_world *world, const compute_site *s)
{
    flow_sum cost = compute_flow(world, s, FLOW_COST);
    return (int64_t)jw_round(((double)cost.sum + (double)cost.rest / 1e15) / 1e3);
}

void compute_start_power(const jw_world *world, compute_site *s)
{
    s->power = (site_power){.since_ns = jw_world_time_ns(world), .has_grid = 1};
    s->power.stored.sum = s->power.stored_at_start.sum = (int64_t)(s->def.battery_kwh * 3.6e9 / 2); /* half full */
    for (uint32_t i = 0; i < SERVICES_PER_SITE; i++)
        s->power.share_service[i] = JW_NONE;
}

/* A rate of one service at the site: its share of a flow. */
static int64_t share_of(const site_power *p, flow f, int64_t share_mw)
{
    return p->rate[FLOW_USE] ? (int64_t)((__int128)p->rate[f] * share_mw / p->rate[FLOW_USE]) : 0;
}

static const flow shared[SHARE_COUNT] = {FLOW_USE, FLOW_CARBON, FLOW_COST};

static void bring_up(const jw_world *world, jw_compute *compute, compute_site *s)
{
    site_power *p = &s->power;
    int64_t time_ns = jw_world_time_ns(world) - p->since_ns;
    if (time_ns == 0)
        return;
    p->stored = stored_now(world, p);
    for (flow f = 0; f < FLOW_COUNT; f++)
        if (p->rate[f])
            p->total[f] = compute_flow(world, s, f);
    for (uint32_t i = 0; i < SERVICES_PER_SITE; i++)
        for (uint32_t k = 0; p->share_service[i] != JW_NONE && k < SHARE_COUNT; k++) {
            flow_sum *total = &compute->service_totals[p->share_service[i]][k];
            *total = added(*total, share_of(p, shared[k], p->share_mw[i]), time_ns, unit_of(shared[k]));
        }
    p->free_ns += p->is_free ? time_ns : 0;
    p->since_ns += time_ns;
}

static int64_t mw_of(double power_w)
{
    return (int64_t)jw_round(power_w * 1000);
}

/* The battery gives and takes no more than lasts to the end of the minute: then the flows are set anew. */
typedef struct battery {
    int64_t gives_mw, takes_mw, keeps_mw;
    double efficiency;
} battery;

static battery battery_of(const jw_world *world, const compute_site *s)
{
    const jw_site_def *def = &s->def;
    if (def->battery_kwh <= 0)
        return (battery){.efficiency = 1};
    int64_t left_ns = MINUTE_NS - jw_world_time_ns(world) % MINUTE_NS;
    double power_w = (def->battery_kw > 0 ? def->battery_kw : def->battery_kwh / 2) * 1000;
    battery b = {.gives_mw = mw_of(power_w), .takes_mw = mw_of(power_w)};
    b.efficiency = def->battery_efficiency > 0 ? def->battery_efficiency : 0.9;
    int64_t room_mj = (int64_t)(def->battery_kwh * 3.6e9) - s->power.stored.sum - 1;
    b.keeps_mw = room_mj > 0 ? (int64_t)((__int128)room_mj * 1000000000 / left_ns) : 0;
    int64_t lasts_mw = (int64_t)((__int128)s->power.stored.sum * 1000000000 / left_ns);
    if (b.gives_mw > lasts_mw)
        b.gives_mw = lasts_mw;
    int64_t fits_mw = (int64_t)jw_min((double)b.keeps_mw / b.efficiency, 4e18);
    if (b.takes_mw > fits_mw)
        b.takes_mw = fits_mw;
    return b;
}

/* Sets all flows for a use. False: without grid the use cannot be carried. */
static bool set_supply(const jw_world *world, const jw_compute *compute, compute_site *s, int64_t use_mw)
{
    site_power *p = &s->power;
    const jw_region_hour *hour = &compute->hours[s->region];
    battery b = battery_of(world, s);
    int64_t solar_mw = mw_of(s->def.solar_kw * 1000 * hour->solar);
    int64_t wind_mw = mw_of(s->def.wind_kw * 1000 * hour->wind);
    int64_t own_mw = solar_mw + wind_mw, short_mw = use_mw > own_mw ? use_mw - own_mw : 0;
    int64_t surplus_mw = own_mw - use_mw + short_mw, discharge_mw = 0, grid_mw = 0;
    if (!p->has_grid && short_mw > b.gives_mw)
        return false;
    int64_t charge_mw = surplus_mw < b.takes_mw ? surplus_mw : b.takes_mw;
    int64_t spill_mw = surplus_mw - charge_mw;
    if (short_mw > 0 && (!p->has_grid || hour->is_peak))
        discharge_mw = short_mw < b.gives_mw ? short_mw : b.gives_mw;
    if (p->has_grid) {
        int64_t cheap_mw = hour->is_valley ? b.takes_mw - charge_mw : 0;
        charge_mw += cheap_mw;
        grid_mw = short_mw - discharge_mw + cheap_mw;
    }
    int64_t kept_mw = (int64_t)((double)charge_mw * b.efficiency);
    p->rate[FLOW_USE] = use_mw;
    p->rate[FLOW_GRID] = grid_mw;
    p->rate[FLOW_SOLAR] = solar_mw;
    p->rate[FLOW_WIND] = wind_mw;
    p->rate[FLOW_DISCHARGE] = discharge_mw;
    p->rate[FLOW_CHARGE] = charge_mw;
    p->rate[FLOW_KEPT] = kept_mw < b.keeps_mw ? kept_mw : b.keeps_mw;
    p->rate[FLOW_SPILL] = spill_mw;
    /* kg/kWh are 1e15 pg in 3.6e9 mJ; yuan/kWh are 1e11 nanofen. */
    p->rate[FLOW_CARBON] = (int64_t)jw_round((double)grid_mw * hour->kgco2_per_kwh * (1e15 / 3.6e9));
    p->rate[FLOW_COST] = (int64_t)jw_round((double)grid_mw * hour->price_cny_per_kwh * (1e11 / 3.6e9));
    return true;
}

static void set_shares(const jw_compute *compute, compute_site *s, double it_w)
{
    site_power *p = &s->power;
    for (uint32_t i = 0; i < SERVICES_PER_SITE; i++) {
        const installed *in = &s->services[i];
        bool is_drawing = in->service != JW_NONE && it_w > 0;
        p->share_service[i] = in->service;
        p->share_mw[i] = is_drawing ? (int64_t)((double)p->rate[FLOW_USE] *
                                                jw_min(1, compute_place_power_w(compute, s, in) / it_w))
                                    : 0;
    }
}

static void set_flows(jw_world *world, jw_compute *compute, uint32_t slot)
{
    compute_site *s = &compute->sites[slot];
    site_power *p = &s->power;
    double it_w = s->is_up ? compute_it_power_w(compute, s) : 0;
    jw_overhead overhead = {0};
    if (s->is_up)
        overhead = jw_site_overhead(&s->def, it_w, compute_rated_power_w(compute, s),
                                    compute->hours[s->region].temperature_c);
    p->it_w = it_w;
    p->is_free = overhead.is_free;
    p->rate[FLOW_COOLING] = mw_of(overhead.cooling_w);
    p->rate[FLOW_LOSS] = mw_of(overhead.loss_w);
    int64_t use_mw = mw_of(it_w + overhead.cooling_w + overhead.loss_w);
    if (!set_supply(world, compute, s, use_mw)) {
        p->rate[FLOW_COOLING] = p->rate[FLOW_LOSS] = 0;
        set_supply(world, compute, s, 0);
        jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, (uint16_t)compute->module, EVENT_DARK,
                    slot + 1, compute->site_pool.generations[slot]);
    }
    set_shares(compute, s, it_w);
}
