/* The tables of energy: of sites by where it came from and went, of services by request. */
#include "compute/compute_internal.h"

const jw_column compute_site_energy_columns[SITE_ENERGY_COLUMNS] = {
    {"name", JW_COLUMN_TEXT, "", "id of the site"},
    {"region", JW_COLUMN_TEXT, "", "grid region"},
    {"has_grid", JW_COLUMN_I64, "", "1: the grid is there"},
    {"use_kwh", JW_COLUMN_F64, "kWh", "computers, cooling and losses"},
    {"it_kwh", JW_COLUMN_F64, "kWh", "computers"},
    {"cooling_kwh", JW_COLUMN_F64, "kWh", "cooling"},
    {"loss_kwh", JW_COLUMN_F64, "kWh", "power supplies"},
    {"grid_kwh", JW_COLUMN_F64, "kWh", "from the grid"},
    {"solar_kwh", JW_COLUMN_F64, "kWh", "from the sun"},
    {"wind_kwh", JW_COLUMN_F64, "kWh", "from the wind"},
    {"discharge_kwh", JW_COLUMN_F64, "kWh", "from the battery"},
    {"charge_kwh", JW_COLUMN_F64, "kWh", "into the battery, its losses included"},
    {"spill_kwh", JW_COLUMN_F64, "kWh", "sun and wind that nobody took"},
    {"stored_kwh", JW_COLUMN_F64, "kWh", "in the battery now"},
    {"carbon_kg", JW_COLUMN_F64, "kg", "CO2 of the grid's part"},
    {"cost_cny", JW_COLUMN_F64, "CNY", "price of the grid's part"},
    {"grid_w", JW_COLUMN_F64, "W", "from the grid now"},
    {"solar_w", JW_COLUMN_F64, "W", "from the sun now"},
    {"wind_w", JW_COLUMN_F64, "W", "from the wind now"},
    {"battery_w", JW_COLUMN_F64, "W", "from the battery now; below 0: charging"},
    {"pue", JW_COLUMN_F64, "", "power of all over power of computers, now"},
    {"outside_c", JW_COLUMN_F64, "°C", "temperature outside now"},
    {"price_cny_per_kwh", JW_COLUMN_F64, "CNY/kWh", "of the grid now"},
    {"kgco2_per_kwh", JW_COLUMN_F64, "kg/kWh", "of the grid now, direct green power counted as none"},
    {"free_cooling_h", JW_COLUMN_F64, "h", "hours in which outside air alone cooled"},
    {"x_m", JW_COLUMN_F64, "m", "east of the city's origin"},
    {"y_m", JW_COLUMN_F64, "m", "north of the city's origin"},
};

double compute_site_energy_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_compute *compute = state;
    jw_site_energy e;
    if (!jw_compute_site_energy(world, compute, row, &e))
        return 0;
    const compute_site *s = &compute->sites[row];
    const int64_t parts_mj[] = {e.use_mj,  e.it_mj,        e.cooling_mj, e.loss_mj,  e.grid_mj,  e.solar_mj,
                                e.wind_mj, e.discharge_mj, e.charge_mj,  e.spill_mj, e.stored_mj};
    if (column < 3 + JW_COUNT_OF(parts_mj))
        return (double)parts_mj[column - 3] / 3.6e9;
    const double values[] = {compute_carbon_kg(world, s),
                             (double)compute_cost_fen(world, s) / 100,
                             e.grid_w,
                             e.solar_w,
                             e.wind_w,
                             e.battery_w,
                             e.pue,
                             e.region.temperature_c,
                             e.region.price_cny_per_kwh,
                             e.region.kgco2_per_kwh,
                             jw_s_from_ns(e.free_cooling_ns) / 3600,
                             s->def.x_m,
                             s->def.y_m};
    return values[column - 3 - JW_COUNT_OF(parts_mj)];
}

int64_t compute_site_energy_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)column; /* has_grid */
    jw_site_energy e;
    return jw_compute_site_energy(world, state, row, &e) && e.has_grid;
}

const char *compute_site_energy_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const compute_site *s = &((const jw_compute *)state)->sites[row];
    return column == 0 ? s->def.name : ((const jw_compute *)state)->regions[s->region].id;
}

const jw_column compute_service_energy_columns[SERVICE_ENERGY_COLUMNS] = {
    {"service", JW_COLUMN_TEXT, "", "id in the catalogue"},
    {"done", JW_COLUMN_I64, "", "requests served since the start"},
    {"energy_kwh", JW_COLUMN_F64, "kWh", "of its cards and their share of servers, cooling and losses"},
    {"carbon_kg", JW_COLUMN_F64, "kg", "CO2 of that energy"},
    {"cost_cny", JW_COLUMN_F64, "CNY", "price of that energy"},
    {"wh_per_request", JW_COLUMN_F64, "Wh", "energy over requests served; 0 when there are none"},
    {"gco2_per_request", JW_COLUMN_F64, "g", "CO2 over requests served"},
    {"fen_per_request", JW_COLUMN_F64, "fen", "price over requests served"},
    {"cancelled", JW_COLUMN_I64, "",
     "requests that were stopped, waiting or in work: nobody wanted them any more"},
};

uint32_t compute_service_energy_count(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_compute *)state)->service_count;
}

double compute_service_energy_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_service_energy e = jw_compute_service_energy(world, state, row);
    double requests = (double)e.done, energy_wh = (double)e.energy_mj / 3.6e6, cost_fen = (double)e.cost_fen;
    bool has_any = e.done > 0;
    const double values[] = {energy_wh / 1000,
                             e.carbon_kg,
                             cost_fen / 100,
                             has_any ? energy_wh / requests : 0,
                             has_any ? e.carbon_kg * 1000 / requests : 0,
                             has_any ? cost_fen / requests : 0};
    return values[column - 2];
}

int64_t compute_service_energy_integer(const jw_world *world, const void *state, uint32_t row,
                                       uint32_t column)
{
    if (column == SERVICE_ENERGY_COLUMNS - 1)
        return jw_compute_service_counts(state, row).cancelled;
    return jw_compute_service_energy(world, state, row).done;
}

const char *compute_service_energy_text(const jw_world *world, const void *state, uint32_t row,
                                        uint32_t column)
{
    (void)world, (void)column;
    return ((const jw_compute *)state)->services[row].id;
}
