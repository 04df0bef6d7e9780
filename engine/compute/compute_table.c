/* What compute shows: metrics and the table of sites. */
#include "compute/compute_internal.h"

const jw_metric compute_metrics[COMPUTE_METRICS] = {
    {"compute.queued", "", JW_METRIC_GAUGE, "requests that wait at sites"},
    {"compute.running", "", JW_METRIC_GAUGE, "requests in work"},
    {"compute.done", "", JW_METRIC_COUNTER, "requests served"},
    {"compute.rejected", "", JW_METRIC_COUNTER, "requests refused or failed with their site"},
    {"compute.power", "kW", JW_METRIC_GAUGE, "of all sites, cooling included"},
    {"compute.energy", "Wh", JW_METRIC_COUNTER, "of all sites since the start"},
    {"compute.carbon", "kg", JW_METRIC_COUNTER, "CO2 of that energy"},
    {"compute.cost", "CNY", JW_METRIC_COUNTER, "price of that energy"},
    {"compute.utilisation", "%", JW_METRIC_GAUGE, "busy share of all cards"},
    {"compute.it_energy", "Wh", JW_METRIC_COUNTER, "of the computers alone: without cooling and losses"},
    {"compute.grid_energy", "Wh", JW_METRIC_COUNTER, "that sites took from the grid"},
    {"compute.renewable_energy", "Wh", JW_METRIC_COUNTER, "of the sites' own sun and wind"},
    {"compute.spilled_energy", "Wh", JW_METRIC_COUNTER, "of that, what nobody took"},
    {"compute.stored_energy", "Wh", JW_METRIC_GAUGE, "in the sites' batteries"},
};

double compute_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const jw_compute *compute = state;
    jw_compute_counts counts = jw_compute_count(world, compute);
    double power_w = 0, busy = 0, cards = 0;
    int64_t it_mj = 0, grid_mj = 0, own_mj = 0, spill_mj = 0, stored_mj = 0;
    for (uint32_t i = 0; i < jw_compute_site_count(compute); i++) {
        jw_site_state site;
        if (!jw_compute_site(world, compute, i, &site))
            continue;
        power_w += site.power_w;
        busy += site.utilisation * site.cards;
        cards += site.cards;
        jw_site_energy energy;
        if (metric >= 9 && jw_compute_site_energy(world, compute, i, &energy)) {
            it_mj += energy.it_mj;
            grid_mj += energy.grid_mj;
            own_mj += energy.solar_mj + energy.wind_mj;
            spill_mj += energy.spill_mj;
            stored_mj += energy.stored_mj;
        }
    }
    const double values[COMPUTE_METRICS] = {
        (double)counts.queued,
        (double)counts.running,
        (double)counts.done,
        (double)counts.rejected,
        power_w / 1000,
        (double)counts.energy_mj / 3.6e6,
        counts.carbon_kg,
        (double)counts.cost_fen / 100,
        cards > 0 ? 100 * busy / cards : 0,
        (double)it_mj / 3.6e6,
        (double)grid_mj / 3.6e6,
        (double)own_mj / 3.6e6,
        (double)spill_mj / 3.6e6,
        (double)stored_mj / 3.6e6,
    };
    return values[metric];
}

static const jw_column site_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "id of the site"},
    {"tier", JW_COLUMN_TEXT, "", "roadside, base_station, park, edge, city or west"},
    {"is_up", JW_COLUMN_I64, "", "1 serving, 0 failed, -1 removed"},
    {"cards", JW_COLUMN_I64, "", "accelerators"},
    {"queued", JW_COLUMN_I64, "", "requests waiting"},
    {"running", JW_COLUMN_I64, "", "requests in work"},
    {"done", JW_COLUMN_I64, "", "requests served since the start"},
    {"utilisation", JW_COLUMN_F64, "", "busy share of the cards, 0 to 1"},
    {"power_w", JW_COLUMN_F64, "W", "cooling included"},
    {"energy_wh", JW_COLUMN_F64, "Wh", "since the start"},
    {"carbon_kg", JW_COLUMN_F64, "kg", "CO2 of that energy"},
    {"mean_time_ms", JW_COLUMN_F64, "ms", "queue and service of recent requests"},
    {"x_m", JW_COLUMN_F64, "m", "east of the city's origin"},
    {"y_m", JW_COLUMN_F64, "m", "north of the city's origin"},
    {"cards_failed", JW_COLUMN_I64, "", "of the cards, those that do not work"},
    {"instances", JW_COLUMN_I64, "", "of services, ready for work"},
};

static uint32_t site_count(const jw_world *world, const void *state)
{
    (void)world;
    return jw_compute_site_count(state);
}

static double site_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_site_state site;
    if (!jw_compute_site(world, state, row, &site))
        return 0;
    const double values[] = {site.utilisation,
                             site.power_w,
                             (double)site.energy_mj / 3.6e6,
                             site.carbon_kg,
                             site.mean_time_s * 1000,
                             site.def->x_m,
                             site.def->y_m};
    return values[column - 7];
}

static int64_t site_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_site_state site;
    if (!jw_compute_site(world, state, row, &site))
        return 0;
    const int64_t values[] = {site.is_removed ? -1 : site.is_up, site.cards, site.queued, site.running,
                              site.done};
    return column == 14 ? site.cards_failed : column == 15 ? site.instances : values[column - 2];
}

static const char *site_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_site_state site;
    if (!jw_compute_site(world, state, row, &site))
        return "";
    return column == 0 ? site.def->name : jw_tier_name(site.def->tier);
}

const jw_table compute_tables[COMPUTE_TABLES] = {
    {"sites", "computing sites as they are now", JW_TABLE_STATE, JW_GEOMETRY_POINT, site_columns,
     JW_COUNT_OF(site_columns), site_count, NULL, site_number, site_integer, site_text},
    {"site_energy", "energy of computing sites since the start: what it went into and where it came from",
     JW_TABLE_STATE, JW_GEOMETRY_POINT, compute_site_energy_columns, SITE_ENERGY_COLUMNS, site_count, NULL,
     compute_site_energy_number, compute_site_energy_integer, compute_site_energy_text},
    {"service_energy", "energy, carbon and cost of services over all sites, and of a request", JW_TABLE_STATE,
     JW_GEOMETRY_NONE, compute_service_energy_columns, SERVICE_ENERGY_COLUMNS, compute_service_energy_count,
     NULL, compute_service_energy_number, compute_service_energy_integer, compute_service_energy_text},
    {"language_models", "what the sequences of language models met, over all sites", JW_TABLE_STATE,
     JW_GEOMETRY_NONE, compute_llm_columns, LLM_COLUMNS, compute_llm_row_count, NULL, compute_llm_number,
     compute_llm_integer, compute_llm_text},
};
