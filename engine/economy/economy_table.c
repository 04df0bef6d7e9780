/* The tables that economy shows: lines, stations, shifts, parks, regions, accounts, suppliers, quarters. */
#include "economy/economy_internal.h"

/* ---- lines */

static const jw_column line_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "id of the line"},
    {"park", JW_COLUMN_TEXT, "", "industrial park"},
    {"made", JW_COLUMN_I64, "", "parts made"},
    {"shipped_good", JW_COLUMN_I64, "", "good parts shipped"},
    {"shipped_bad", JW_COLUMN_I64, "", "defects that escaped"},
    {"scrapped_good", JW_COLUMN_I64, "", "good parts thrown away"},
    {"scrapped_bad", JW_COLUMN_I64, "", "defects caught"},
    {"by_model", JW_COLUMN_I64, "", "parts judged by the model in time"},
    {"by_fallback", JW_COLUMN_I64, "", "parts judged by the line's fallback"},
    {"in_process", JW_COLUMN_I64, "", "parts in stations and buffers"},
    {"waiting", JW_COLUMN_I64, "", "parts that wait for a verdict"},
    {"availability", JW_COLUMN_F64, "", "of the constraint: time up over planned time"},
    {"performance", JW_COLUMN_F64, "", "of the constraint: ideal time of its parts over time up"},
    {"quality", JW_COLUMN_F64, "", "good parts shipped over parts judged"},
    {"oee", JW_COLUMN_F64, "", "availability x performance x quality"},
    {"margin_cny", JW_COLUMN_F64, "CNY", "value of good parts less scrap and recalls"},
    {"lead_time_s", JW_COLUMN_F64, "s", "mean from the first station to the end of the last"},
    {"energy_kwh", JW_COLUMN_F64, "kWh", "of the line while it works"},
    {"x_m", JW_COLUMN_F64, "m", "east of the city's origin"},
    {"y_m", JW_COLUMN_F64, "m", "north of the city's origin"},
};

/* The first three tables are of the lines in the city: those elsewhere are in the table of parks. */
static uint32_t next_local(const jw_economy *economy, uint32_t line)
{
    while (line < economy->line_count && economy_is_remote(economy, &economy->lines[line]))
        line++;
    return line;
}

static uint32_t local_line(const jw_economy *economy, uint32_t row)
{
    uint32_t line = next_local(economy, 0);
    for (; row > 0 && line < economy->line_count; row--)
        line = next_local(economy, line + 1);
    return line;
}

static uint32_t line_rows(const jw_world *world, const void *state)
{
    (void)world;
    const jw_economy *economy = state;
    uint32_t rows = 0;
    for (uint32_t i = next_local(economy, 0); i < economy->line_count; i = next_local(economy, i + 1))
        rows++;
    return rows;
}

static double line_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_production_line_state line;
    if (!jw_economy_line(world, state, local_line(state, row), &line))
        return 0;
    const double values[] = {
        line.availability, line.performance, line.quality,  line.oee,     (double)line.margin_fen / 100,
        line.lead_time_s,  line.energy_kwh,  line.def->x_m, line.def->y_m};
    return values[column - 11];
}

static int64_t line_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_production_line_state line;
    if (!jw_economy_line(world, state, local_line(state, row), &line))
        return 0;
    const int64_t values[] = {
        line.made,         line.shipped_good,       line.shipped_bad,           line.scrapped_good,
        line.scrapped_bad, line.inspected_by_model, line.inspected_by_fallback, line.in_process,
        line.waiting};
    return values[column - 2];
}

static const char *line_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_production_line_state line;
    if (!jw_economy_line(world, state, local_line(state, row), &line))
        return "";
    return column == 0 ? line.def->name : line.def->park;
}

/* ---- stations and shifts: the rows of all lines, one after the other */

static const jw_column station_columns[] = {
    {"line", JW_COLUMN_TEXT, "", "id of the line"},
    {"station", JW_COLUMN_TEXT, "", "name of the station"},
    {"status", JW_COLUMN_TEXT, "", "what it does now"},
    {"made", JW_COLUMN_I64, "", "parts it worked on"},
    {"made_bad", JW_COLUMN_I64, "", "parts it made bad"},
    {"buffered", JW_COLUMN_I64, "", "parts behind it"},
    {"failures", JW_COLUMN_I64, "", "unplanned repairs"},
    {"services", JW_COLUMN_I64, "", "planned repairs after alarms"},
    {"samples", JW_COLUMN_I64, "", "sensor samples sent"},
    {"alarms", JW_COLUMN_I64, "", "prognoses of a failure"},
    {"working_s", JW_COLUMN_F64, "s", "time at work"},
    {"starved_s", JW_COLUMN_F64, "s", "time without a part"},
    {"blocked_s", JW_COLUMN_F64, "s", "time without room behind it"},
    {"down_s", JW_COLUMN_F64, "s", "time under repair"},
    {"service_s", JW_COLUMN_F64, "s", "time under planned repair"},
    {"setup_s", JW_COLUMN_F64, "s", "time of changeovers"},
    {"unsupplied_s", JW_COLUMN_F64, "s", "time without power or people"},
    {"off_s", JW_COLUMN_F64, "s", "time not planned"},
    {"availability", JW_COLUMN_F64, "", "time up over planned time"},
    {"performance", JW_COLUMN_F64, "", "ideal time of its parts over time up"},
    {"quality", JW_COLUMN_F64, "", "parts it made good over its parts"},
    {"oee", JW_COLUMN_F64, "", "availability x performance x quality"},
};

static uint32_t station_rows(const jw_world *world, const void *state)
{
    (void)world;
    const jw_economy *economy = state;
    uint32_t rows = 0;
    for (uint32_t i = next_local(economy, 0); i < economy->line_count; i = next_local(economy, i + 1))
        rows += economy->lines[i].def.station_count;
    return rows;
}

static const production_line *station_of(const jw_world *world, const jw_economy *economy, uint32_t row,
                                         jw_station_state *out)
{
    for (uint32_t i = next_local(economy, 0); i < economy->line_count; i = next_local(economy, i + 1)) {
        if (jw_economy_station(world, economy, i, row, JW_NONE, out))
            return &economy->lines[i];
        row -= economy->lines[i].def.station_count;
    }
    return NULL;
}

static double station_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_station_state station;
    if (!station_of(world, state, row, &station))
        return 0;
    if (column < 10 + JW_STATION_STATUS_COUNT)
        return station.time_s[column - 10];
    const double values[] = {station.oee.availability, station.oee.performance, station.oee.quality,
                             station.oee.oee};
    return values[column - 10 - JW_STATION_STATUS_COUNT];
}

static int64_t station_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_station_state station;
    if (!station_of(world, state, row, &station))
        return 0;
    const int64_t values[] = {station.made,     station.made_bad, station.buffered, station.failures,
                              station.services, station.samples,  station.alarms};
    return values[column - 3];
}

static const char *station_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_station_state station;
    const production_line *line = station_of(world, state, row, &station);
    if (!line)
        return "";
    return column == 0   ? line->def.name
           : column == 1 ? station.def->name
                         : jw_station_status_name(station.status);
}

static const jw_column shift_columns[] = {
    {"line", JW_COLUMN_TEXT, "", "id of the line"},
    {"shift", JW_COLUMN_I64, "", "of the day, from 1"},
    {"made", JW_COLUMN_I64, "", "parts made"},
    {"shipped_good", JW_COLUMN_I64, "", "good parts shipped"},
    {"availability", JW_COLUMN_F64, "", "of the constraint: time up over planned time"},
    {"performance", JW_COLUMN_F64, "", "of the constraint: ideal time of its parts over time up"},
    {"quality", JW_COLUMN_F64, "", "good parts shipped over parts judged"},
    {"oee", JW_COLUMN_F64, "", "availability x performance x quality"},
};

static uint32_t shifts_of(const production_line *line)
{
    return line->def.shifts ? line->def.shifts : 1;
}

static uint32_t shift_rows(const jw_world *world, const void *state)
{
    (void)world;
    const jw_economy *economy = state;
    uint32_t rows = 0;
    for (uint32_t i = next_local(economy, 0); i < economy->line_count; i = next_local(economy, i + 1))
        rows += shifts_of(&economy->lines[i]);
    return rows;
}

static uint32_t find_shift_line(const jw_economy *economy, uint32_t *row)
{
    for (uint32_t i = next_local(economy, 0); i < economy->line_count; i = next_local(economy, i + 1)) {
        if (*row < shifts_of(&economy->lines[i]))
            return i;
        *row -= shifts_of(&economy->lines[i]);
    }
    return JW_NONE;
}

static double shift_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    uint32_t index = find_shift_line(state, &row);
    jw_oee oee;
    if (index == JW_NONE || !jw_economy_line_oee(world, state, index, row, &oee))
        return 0;
    const double values[] = {oee.availability, oee.performance, oee.quality, oee.oee};
    return values[column - 4];
}

static int64_t shift_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_economy *economy = state;
    uint32_t index = find_shift_line(economy, &row);
    if (index == JW_NONE)
        return 0;
    const line_counts *counts = &economy->lines[index].counts[row];
    const int64_t values[] = {row + 1, counts->made, counts->shipped_good};
    return values[column - 1];
}

static const char *shift_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    const jw_economy *economy = state;
    uint32_t index = find_shift_line(economy, &row);
    return index == JW_NONE ? "" : economy->lines[index].def.name;
}

#define YUAN(fen) ((double)(fen) / 100)

/* ---- parks */

static const jw_column park_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "id of the park"},
    {"region", JW_COLUMN_TEXT, "", "it lies in"},
    {"lacks", JW_COLUMN_TEXT, "", "what its lines need and it has not"},
    {"coming", JW_COLUMN_TEXT, "", "what is ordered"},
    {"lines", JW_COLUMN_I64, "", "production lines"},
    {"made", JW_COLUMN_I64, "", "parts made"},
    {"by_model", JW_COLUMN_I64, "", "parts judged by a model in time"},
    {"by_fallback", JW_COLUMN_I64, "", "parts judged by the lines' fallback"},
    {"people", JW_COLUMN_I64, "", "employed"},
    {"people_needed", JW_COLUMN_I64, "", "by the crews of its lines"},
    {"has_defaulted", JW_COLUMN_I64, "", "1: it could not pay"},
    {"oee", JW_COLUMN_F64, "", "mean of its lines"},
    {"margin_cny", JW_COLUMN_F64, "CNY", "of its lines"},
    {"cash_cny", JW_COLUMN_F64, "CNY", "balance of its account"},
    {"loan_cny", JW_COLUMN_F64, "CNY", "that it owes"},
    {"fibre_gbps", JW_COLUMN_F64, "Gbit/s", "to its computers"},
    {"fibre_needed_gbps", JW_COLUMN_F64, "Gbit/s", "by the pictures of its lines"},
    {"power_kw", JW_COLUMN_F64, "kW", "of its connection"},
    {"power_needed_kw", JW_COLUMN_F64, "kW", "by its lines"},
    {"inference_per_s", JW_COLUMN_F64, "1/s", "pictures that its computers judge"},
    {"inference_needed_per_s", JW_COLUMN_F64, "1/s", "pictures that its lines take"},
    {"quality", JW_COLUMN_F64, "", "of the model there"},
};

static uint32_t park_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_economy *)state)->park_count;
}

static double park_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_park_state park;
    if (!jw_economy_park(world, state, row, &park))
        return 0;
    const double values[] = {park.oee,
                             YUAN(park.margin_fen),
                             YUAN(park.cash_fen),
                             YUAN(park.loan_fen),
                             park.has[JW_PARK_FIBRE],
                             park.needs[JW_PARK_FIBRE],
                             park.has[JW_PARK_POWER],
                             park.needs[JW_PARK_POWER],
                             park.has[JW_PARK_INFERENCE],
                             park.needs[JW_PARK_INFERENCE],
                             park.def->quality};
    return values[column - 11];
}

static int64_t park_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_park_state park;
    if (!jw_economy_park(world, state, row, &park))
        return 0;
    const int64_t values[] = {park.lines,
                              park.made,
                              park.by_model,
                              park.by_fallback,
                              (int64_t)park.has[JW_PARK_PEOPLE],
                              (int64_t)park.needs[JW_PARK_PEOPLE],
                              park.has_defaulted};
    return values[column - 4];
}

/* Every set of needs as text, by its bits. */
static const char *needs_text(uint32_t bits)
{
    static const char *const texts[1 << JW_PARK_NEED_COUNT] = {"",
                                                               "fibre",
                                                               "power",
                                                               "fibre power",
                                                               "people",
                                                               "fibre people",
                                                               "power people",
                                                               "fibre power people",
                                                               "inference",
                                                               "fibre inference",
                                                               "power inference",
                                                               "fibre power inference",
                                                               "people inference",
                                                               "fibre people inference",
                                                               "power people inference",
                                                               "fibre power people inference"};
    return texts[bits & 15];
}

static const char *park_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_park_state park;
    if (!jw_economy_park(world, state, row, &park))
        return "";
    return column == 0   ? park.def->name
           : column == 1 ? park.def->region
                         : needs_text(column == 2 ? park.lacks : park.coming);
}

/* ---- regions */

static const jw_column region_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "id of the region"},
    {"side", JW_COLUMN_TEXT, "", "east or west"},
    {"parks", JW_COLUMN_I64, "", "in it"},
    {"lines", JW_COLUMN_I64, "", "of its parks"},
    {"employed", JW_COLUMN_I64, "", "people in its parks"},
    {"idle", JW_COLUMN_I64, "", "skilled people without work"},
    {"unskilled", JW_COLUMN_I64, "", "people who may be trained"},
    {"training", JW_COLUMN_I64, "", "people who learn"},
    {"researchers", JW_COLUMN_I64, "", "people"},
    {"retired", JW_COLUMN_I64, "", "people since the start, net of who came"},
    {"arrived", JW_COLUMN_I64, "", "skilled people from other regions, less those who left"},
    {"output_cny_per_person", JW_COLUMN_F64, "CNY", "value of good parts a person employed, last quarter"},
    {"ai_share", JW_COLUMN_F64, "", "of parts judged in the last quarter, by a model"},
};

static uint32_t region_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_economy *)state)->region_count;
}

static double region_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_region_state region;
    if (!jw_economy_region(world, state, row, &region))
        return 0;
    return column == 11 ? region.output_fen_per_person / 100 : region.ai_share;
}

static int64_t region_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_region_state region;
    if (!jw_economy_region(world, state, row, &region))
        return 0;
    const int64_t values[] = {region.parks,       region.lines,     region.employed,
                              region.idle,        region.unskilled, region.training,
                              region.researchers, region.retired,   region.arrived};
    return values[column - 2];
}

static const char *region_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_economy *economy = state;
    if (row >= economy->region_count)
        return "";
    const jw_region_def *def = &economy->regions[row].def;
    return column == 0 ? def->name : def->side == JW_REGION_EAST ? "east" : "west";
}

/* ---- accounts */

static const jw_column account_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "whose it is"},
    {"balance_cny", JW_COLUMN_F64, "CNY", "the balances of all accounts sum to zero"},
    {"reserved_cny", JW_COLUMN_F64, "CNY", "promised by guarantees"},
};

static uint32_t account_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_economy *)state)->account_count;
}

static double account_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_account_state account;
    if (!jw_economy_account(state, row, &account))
        return 0;
    return YUAN(column == 1 ? account.balance_fen : account.reserved_fen);
}

static const char *account_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    jw_account_state account;
    return jw_economy_account(state, row, &account) ? account.name : "";
}

/* ---- suppliers */

static const jw_column supplier_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "id of the start-up"},
    {"region", JW_COLUMN_TEXT, "", "it is at home in"},
    {"sold", JW_COLUMN_I64, "", "units"},
    {"licensed", JW_COLUMN_I64, "", "of them, those that parks bought"},
    {"delivered_in", JW_COLUMN_I64, "", "quarter of the first delivery, from 1; 0 before"},
    {"guaranteed_quarters", JW_COLUMN_I64, "", "that the fund still stands for"},
    {"has_defaulted", JW_COLUMN_I64, "", "1: it could not pay"},
    {"rate", JW_COLUMN_F64, "", "of its loan, a year"},
    {"cash_cny", JW_COLUMN_F64, "CNY", "balance of its account"},
    {"loan_cny", JW_COLUMN_F64, "CNY", "that it owes"},
    {"bought_cny", JW_COLUMN_F64, "CNY", "that the fund bought of it as it stood for it"},
};

static uint32_t supplier_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_economy *)state)->supplier_count;
}

static double supplier_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_supplier_state supplier;
    if (!jw_economy_supplier(world, state, row, &supplier))
        return 0;
    const double values[] = {supplier.rate, YUAN(supplier.cash_fen), YUAN(supplier.loan_fen),
                             YUAN(supplier.bought_fen)};
    return values[column - 7];
}

static int64_t supplier_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_supplier_state supplier;
    if (!jw_economy_supplier(world, state, row, &supplier))
        return 0;
    const int64_t values[] = {supplier.sold, supplier.licensed,
                              supplier.delivered_in == JW_NONE ? 0 : supplier.delivered_in,
                              supplier.guaranteed_quarters, supplier.has_defaulted};
    return values[column - 2];
}

static const char *supplier_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_economy *economy = state;
    if (row >= economy->supplier_count)
        return "";
    return column == 0 ? economy->suppliers[row].def.name : economy->suppliers[row].def.region;
}

/* ---- quarters */

static const jw_column quarter_columns[] = {
    {"number", JW_COLUMN_I64, "", "of the quarter, from 1"},
    {"parks_complete", JW_COLUMN_I64, "", "parks that lack nothing"},
    {"defaults", JW_COLUMN_I64, "", "of parks and start-ups so far"},
    {"oee", JW_COLUMN_F64, "", "mean of the lines that were planned"},
    {"delay_s", JW_COLUMN_F64, "s", "mean time that a trip lost"},
    {"on_time_share", JW_COLUMN_F64, "", "of requests, those answered in time"},
    {"latency_ms", JW_COLUMN_F64, "ms", "mean of the answers"},
    {"energy_kwh", JW_COLUMN_F64, "kWh", "of computers and network an hour"},
    {"output_cny_per_hour", JW_COLUMN_F64, "CNY", "margin, services less energy"},
    {"capital_cny", JW_COLUMN_F64, "CNY", "lines and equipment"},
    {"labour", JW_COLUMN_F64, "", "people, with the time they lose on the way"},
    {"tfp", JW_COLUMN_F64, "", "Solow residual over that of the first quarter"},
    {"theil_access", JW_COLUMN_F64, "", "of parts judged by models, over people"},
    {"theil_access_between", JW_COLUMN_F64, "", "its part between regions"},
    {"theil_productivity", JW_COLUMN_F64, "", "of output over people"},
    {"theil_productivity_between", JW_COLUMN_F64, "", "its part between regions"},
    {"margin_cny_per_hour", JW_COLUMN_F64, "CNY", "of the lines, a part of the output"},
    {"service_cny_per_hour", JW_COLUMN_F64, "CNY", "of digital services in time, another"},
    {"energy_cny_per_hour", JW_COLUMN_F64, "CNY", "of computers and network, taken off it"},
    {"people", JW_COLUMN_F64, "", "employed, before their time on the way"},
    {"alpha", JW_COLUMN_F64, "", "share of capital"},
};

static uint32_t quarter_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_economy *)state)->quarter_count;
}

static double quarter_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_quarter q;
    if (!jw_economy_quarter(state, row, &q))
        return 0;
    const double values[] = {q.oee,
                             q.results.delay_s,
                             q.results.on_time_share,
                             q.results.latency_ms,
                             q.results.energy_kwh,
                             q.output_fen_per_hour / 100,
                             q.capital_fen / 100,
                             q.labour,
                             q.tfp,
                             q.access.total,
                             q.access.between,
                             q.productivity.total,
                             q.productivity.between,
                             q.margin_fen_per_hour / 100,
                             q.service_fen_per_hour / 100,
                             q.energy_fen_per_hour / 100,
                             q.people,
                             q.alpha};
    return values[column - 3];
}

static int64_t quarter_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_quarter q;
    if (!jw_economy_quarter(state, row, &q))
        return 0;
    const int64_t values[] = {q.number, q.parks_complete, q.defaults};
    return values[column];
}

/* ---- appraisals: of all lines, once one has begun */

static const jw_column appraisal_columns[] = {
    {"line", JW_COLUMN_TEXT, "", "id of the line"},
    {"park", JW_COLUMN_TEXT, "", "it belongs to"},
    {"labour_cny", JW_COLUMN_F64, "CNY", "saved a year"},
    {"energy_cny", JW_COLUMN_F64, "CNY", "saved a year"},
    {"inventory_cny", JW_COLUMN_F64, "CNY", "saved a year, of parts in process"},
    {"margin_cny", JW_COLUMN_F64, "CNY", "gained a year"},
    {"npv_private_cny", JW_COLUMN_F64, "CNY", "net present value at the private rate"},
    {"npv_state_cny", JW_COLUMN_F64, "CNY", "net present value at the state's rate"},
    {"payback_years", JW_COLUMN_F64, "", "until it is paid; -1: never"},
};

static uint32_t appraisal_rows(const jw_world *world, const void *state)
{
    (void)world;
    const jw_economy *economy = state;
    return economy->line_count > 0 && economy->lines[0].has_before ? economy->line_count : 0;
}

static double appraisal_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_economy *economy = state;
    jw_line_year before, after;
    jw_appraisal private_owner, the_state;
    if (!jw_economy_line_appraisal(world, economy, row, economy->fund.private_rate, &before, &after,
                                   &private_owner) ||
        !jw_economy_line_appraisal(world, economy, row, economy->fund.state_rate, &before, &after,
                                   &the_state))
        return 0;
    const double values[] = {YUAN(before.labour_fen - after.labour_fen),
                             YUAN(before.energy_fen - after.energy_fen),
                             YUAN(before.inventory_fen - after.inventory_fen),
                             YUAN(after.margin_fen - before.margin_fen),
                             private_owner.npv_fen / 100,
                             the_state.npv_fen / 100,
                             private_owner.payback_years < 1e9 ? private_owner.payback_years : -1};
    return values[column - 2];
}

static const char *appraisal_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_economy *economy = state;
    if (row >= economy->line_count)
        return "";
    return column == 0 ? economy->lines[row].def.name : economy->lines[row].def.park;
}

/* ---- all */

#define TABLE(name, doc, geometry, one, integer, text)                                                       \
    {                                                                                                        \
        name, doc, JW_TABLE_STATE, geometry, one##_columns, JW_COUNT_OF(one##_columns), one##_rows, NULL,    \
            one##_number, integer, text                                                                      \
    }
const jw_table economy_tables[ECONOMY_TABLES] = {
    TABLE("production_lines", "production lines in the city since the start", JW_GEOMETRY_POINT, line,
          line_integer, line_text),
    TABLE("stations", "stations of those lines since the start", JW_GEOMETRY_NONE, station, station_integer,
          station_text),
    TABLE("shifts", "those lines by shift since the start", JW_GEOMETRY_NONE, shift, shift_integer,
          shift_text),
    TABLE("parks", "industrial parks and what they lack", JW_GEOMETRY_NONE, park, park_integer, park_text),
    TABLE("regions", "regions and their people", JW_GEOMETRY_NONE, region, region_integer, region_text),
    TABLE("accounts", "who has what money", JW_GEOMETRY_NONE, account, NULL, account_text),
    TABLE("suppliers", "start-ups that sell to the programme", JW_GEOMETRY_NONE, supplier, supplier_integer,
          supplier_text),
    TABLE("quarters", "closed quarters: what was measured and the productivity that follows",
          JW_GEOMETRY_NONE, quarter, quarter_integer, NULL),
    TABLE("appraisals", "what a purchase saves and gains each line, and whether it pays", JW_GEOMETRY_NONE,
          appraisal, NULL, appraisal_text),
    {"desks", "desks and their cases by class", JW_TABLE_STATE, JW_GEOMETRY_NONE, economy_desk_columns,
     ECONOMY_DESK_COLUMNS, economy_desk_rows, NULL, economy_desk_number, economy_desk_integer,
     economy_desk_text},
};
