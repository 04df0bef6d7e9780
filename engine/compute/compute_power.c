/* Where a site's power comes from: sun and wind first, then by the price and what the grid allows from the
 * battery and the grid. Flows are settled at the site's own events and at each minute; reading stores
 * nothing. */
#include "compute/compute_internal.h"

#include <string.h>

/* Milliwatt times nanoseconds are 1e-9 mJ; picogram and nanofen a second are 1e-15 of a microgram and a
 * millifen. */
int64_t compute_unit_of(flow f)
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
    return added(s->power.total[f], s->power.rate[f], jw_world_time_ns(world) - s->power.since_ns,
                 compute_unit_of(f));
}

static flow_sum stored_now(const jw_world *world, const site_power *p)
{
    return added(p->stored, p->rate[FLOW_KEPT] - p->rate[FLOW_DISCHARGE],
                 jw_world_time_ns(world) - p->since_ns, compute_unit_of(FLOW_KEPT));
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
    s->power.stored.sum = s->power.stored_at_start.sum =
        (int64_t)(s->def.battery_kwh * 3.6e9 / 2); /* half full */
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
            *total =
                added(*total, share_of(p, shared[k], p->share_mw[i]), time_ns, compute_unit_of(shared[k]));
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

/* The flow that uses up so much by then; cut where a moment is left and the flow would have no end. */
static int64_t until_mw(int64_t energy_mj, int64_t left_ns)
{
    __int128 flow_mw = (__int128)energy_mj * 1000000000 / left_ns;
    return flow_mw < SITE_FLOW_MAX_MW ? (int64_t)flow_mw : SITE_FLOW_MAX_MW;
}

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
    b.keeps_mw = room_mj > 0 ? until_mw(room_mj, left_ns) : 0;
    int64_t lasts_mw = until_mw(s->power.stored.sum, left_ns);
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

/* What the flows depend on has changed: bookkeeping of work goes on at the same power most of the time. */
static bool is_changed(const jw_compute *compute, const compute_site *s)
{
    for (uint32_t i = 0; i < SERVICES_PER_SITE; i++)
        if (s->power.share_service[i] != s->services[i].service)
            return true;
    return s->power.it_w != (s->is_up ? compute_it_power_w(compute, s) : 0);
}

void compute_settle(jw_world *world, jw_compute *compute, compute_site *s)
{
    if (!is_changed(compute, s))
        return;
    bring_up(world, compute, s);
    set_flows(world, compute, (uint32_t)(s - compute->sites));
}

static void refresh(jw_world *world, jw_compute *compute, uint32_t slot)
{
    bring_up(world, compute, &compute->sites[slot]);
    set_flows(world, compute, slot);
}

void compute_schedule_minute(jw_world *world, const jw_compute *compute)
{
    int64_t next_ns = (jw_world_time_ns(world) / MINUTE_NS + 1) * MINUTE_NS;
    jw_schedule(world, next_ns, JW_PRIORITY_FIRST, (uint16_t)compute->module, EVENT_MINUTE, 0, 0);
}

void compute_minute(jw_world *world, jw_compute *compute)
{
    compute_look_at_regions(world, compute);
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++)
        if (compute->site_pool.generations[i] & 1)
            refresh(world, compute, i);
    compute_schedule_minute(world, compute);
}

void compute_dark(jw_world *world, jw_compute *compute, uint32_t slot)
{
    compute_site *s = &compute->sites[slot];
    if (s->power.has_grid || !s->is_up)
        return;
    s->power.is_dark = 1;
    compute_set_up(world, compute, slot, false);
}

void compute_restart_power(jw_world *world, jw_compute *compute)
{
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++) {
        site_power *p = &compute->sites[i].power;
        bring_up(world, compute, &compute->sites[i]);
        memset(p->total, 0, sizeof p->total);
        p->free_ns = 0;
        p->stored_at_start = p->stored;
    }
    memset(compute->service_totals, 0, compute->service_count * sizeof *compute->service_totals);
    memset(compute->service_done, 0, compute->service_count * sizeof *compute->service_done);
}

/* ---- views
 * ------------------------------------------------------------------------------------------------- */

static __int128 exact(flow_sum sum)
{
    return (__int128)sum.sum * 1000000000 + sum.rest;
}

/* Down to the last 1e-12 J, on what has been settled. */
bool compute_is_power_exact(const compute_site *s)
{
    const site_power *p = &s->power;
    __int128 in = 0, out = 0;
    const flow comes[] = {FLOW_GRID, FLOW_SOLAR, FLOW_WIND, FLOW_DISCHARGE};
    const flow goes[] = {FLOW_USE, FLOW_CHARGE, FLOW_SPILL};
    int64_t rate = 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(comes); i++) {
        in += exact(p->total[comes[i]]);
        rate += p->rate[comes[i]];
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(goes); i++) {
        out += exact(p->total[goes[i]]);
        rate -= p->rate[goes[i]];
    }
    return in == out && rate == 0 && p->rate[FLOW_COOLING] + p->rate[FLOW_LOSS] <= p->rate[FLOW_USE] &&
           exact(p->stored) ==
               exact(p->stored_at_start) + exact(p->total[FLOW_KEPT]) - exact(p->total[FLOW_DISCHARGE]);
}

bool jw_compute_is_energy_exact(const jw_compute *compute, jw_error *error)
{
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++)
        if ((compute->site_pool.generations[i] & 1) && !compute_is_power_exact(&compute->sites[i])) {
            jw_fail(error, JW_ERROR_STATE, NULL, 0, "the energy of site \"%s\" does not add up",
                    compute->sites[i].def.name);
            return false;
        }
    return true;
}

bool jw_compute_site_energy(const jw_world *world, const jw_compute *compute, uint32_t slot,
                            jw_site_energy *out)
{
    if (slot >= compute->site_pool.slot_count || !(compute->site_pool.generations[slot] & 1))
        return false;
    const compute_site *s = &compute->sites[slot];
    const site_power *p = &s->power;
    flow_sum now[FLOW_COUNT];
    for (flow f = 0; f < FLOW_COUNT; f++)
        now[f] = compute_flow(world, s, f);
    /* Whole millijoule: what comes is cut, what goes to the battery and to waste is rounded up, and the grid
     * has the rest, which is then never below zero. */
    int64_t charge_mj = now[FLOW_CHARGE].sum + (now[FLOW_CHARGE].rest > 0);
    int64_t spill_mj = now[FLOW_SPILL].sum + (now[FLOW_SPILL].rest > 0);
    *out = (jw_site_energy){
        .use_mj = now[FLOW_USE].sum,
        .it_mj = now[FLOW_USE].sum - now[FLOW_COOLING].sum - now[FLOW_LOSS].sum,
        .cooling_mj = now[FLOW_COOLING].sum,
        .loss_mj = now[FLOW_LOSS].sum,
        .grid_mj = now[FLOW_USE].sum + charge_mj + spill_mj - now[FLOW_SOLAR].sum - now[FLOW_WIND].sum -
                   now[FLOW_DISCHARGE].sum,
        .solar_mj = now[FLOW_SOLAR].sum,
        .wind_mj = now[FLOW_WIND].sum,
        .discharge_mj = now[FLOW_DISCHARGE].sum,
        .charge_mj = charge_mj,
        .spill_mj = spill_mj,
        .kept_mj = now[FLOW_KEPT].sum,
        .stored_mj = stored_now(world, p).sum,
        .free_cooling_ns = p->free_ns + (p->is_free ? jw_world_time_ns(world) - p->since_ns : 0),
        .grid_w = (double)p->rate[FLOW_GRID] / 1000,
        .solar_w = (double)p->rate[FLOW_SOLAR] / 1000,
        .wind_w = (double)p->rate[FLOW_WIND] / 1000,
        .battery_w = (double)(p->rate[FLOW_DISCHARGE] - p->rate[FLOW_CHARGE]) / 1000,
        .pue = 1,
        .has_grid = p->has_grid,
        .region = compute->hours[s->region],
    };
    int64_t it_mw = p->rate[FLOW_USE] - p->rate[FLOW_COOLING] - p->rate[FLOW_LOSS];
    if (it_mw > 0)
        out->pue = (double)p->rate[FLOW_USE] / (double)it_mw;
    return true;
}

jw_service_energy jw_compute_service_energy(const jw_world *world, const jw_compute *compute,
                                            uint32_t service)
{
    if (service >= compute->service_count)
        return (jw_service_energy){0};
    flow_sum sums[SHARE_COUNT];
    memcpy(sums, compute->service_totals[service], sizeof sums);
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++) {
        const site_power *p = &compute->sites[i].power;
        for (uint32_t k = 0; k < SERVICES_PER_SITE; k++)
            for (uint32_t c = 0; p->share_service[k] == service && c < SHARE_COUNT; c++)
                sums[c] = added(sums[c], share_of(p, shared[c], p->share_mw[k]),
                                jw_world_time_ns(world) - p->since_ns, compute_unit_of(shared[c]));
    }
    return (jw_service_energy){
        .done = compute->service_done[service],
        .energy_mj = sums[SHARE_ENERGY].sum,
        .carbon_kg = ((double)sums[SHARE_CARBON].sum + (double)sums[SHARE_CARBON].rest / 1e15) / 1e9,
        .cost_fen =
            (int64_t)jw_round(((double)sums[SHARE_COST].sum + (double)sums[SHARE_COST].rest / 1e15) / 1e3),
    };
}

/* ---- verbs
 * ------------------------------------------------------------------------------------------------- */

const jw_verb_arg compute_power_args[1] = {{"name", 't', false, 0, 0, 0, "", "id of the site"}};

static jw_result set_grid(jw_world *world, jw_compute *compute, const jw_command *command, bool has_grid,
                          jw_error *error)
{
    const char *name = jw_command_get_text(command, "name", "");
    uint32_t slot = compute_slot(compute, jw_compute_find_site(compute, name));
    if (slot == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no site \"%s\"", command->verb,
                       name);
    site_power *p = &compute->sites[slot].power;
    p->has_grid = has_grid;
    refresh(world, compute, slot);
    if (has_grid && p->is_dark) {
        p->is_dark = 0;
        compute_set_up(world, compute, slot, true);
    }
    return JW_OK;
}

jw_result compute_verb_cut_power(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return set_grid(world, state, command, false, error);
}

jw_result compute_verb_restore_power(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return set_grid(world, state, command, true, error);
}
