/* What economy shows: metrics and the tables of lines, their stations and shifts. */
#include "economy/economy_internal.h"

const jw_metric economy_metrics[ECONOMY_METRICS] = {
    {"economy.parts", "", JW_METRIC_COUNTER, "parts made by all lines"},
    {"economy.oee", "%", JW_METRIC_GAUGE, "mean OEE of the lines since the start (ISO 22400-2)"},
    {"economy.escaped_defects", "", JW_METRIC_COUNTER, "bad parts that were shipped"},
    {"economy.margin", "CNY", JW_METRIC_COUNTER, "value of good parts less scrap and recalls"},
};

double economy_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const jw_economy *economy = state;
    double values[ECONOMY_METRICS] = {0};
    for (uint32_t i = 0; i < economy->line_count; i++) {
        jw_production_line_state line;
        jw_economy_line(world, economy, i, &line);
        values[0] += (double)line.made;
        values[1] += 100 * line.oee / economy->line_count;
        values[2] += (double)line.shipped_bad;
        values[3] += (double)line.margin_fen / 100;
    }
    return values[metric];
}

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

static uint32_t line_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_economy *)state)->line_count;
}

static double line_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_production_line_state line;
    if (!jw_economy_line(world, state, row, &line))
        return 0;
    const double values[] = {
        line.availability, line.performance, line.quality,  line.oee,     (double)line.margin_fen / 100,
        line.lead_time_s,  line.energy_kwh,  line.def->x_m, line.def->y_m};
    return values[column - 11];
}

static int64_t line_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_production_line_state line;
    if (!jw_economy_line(world, state, row, &line))
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
    if (!jw_economy_line(world, state, row, &line))
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
    for (uint32_t i = 0; i < economy->line_count; i++)
        rows += economy->lines[i].def.station_count;
    return rows;
}

static const production_line *station_of(const jw_world *world, const jw_economy *economy, uint32_t row,
                                         jw_station_state *out)
{
    for (uint32_t i = 0; i < economy->line_count; i++) {
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
    for (uint32_t i = 0; i < economy->line_count; i++)
        rows += shifts_of(&economy->lines[i]);
    return rows;
}

static uint32_t find_shift_line(const jw_economy *economy, uint32_t *row)
{
    for (uint32_t i = 0; i < economy->line_count; i++) {
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

const jw_table economy_tables[ECONOMY_TABLES] = {
    {"production_lines", "production lines since the start", JW_TABLE_STATE, JW_GEOMETRY_POINT, line_columns,
     JW_COUNT_OF(line_columns), line_rows, NULL, line_number, line_integer, line_text},
    {"stations", "stations of production lines since the start", JW_TABLE_STATE, JW_GEOMETRY_NONE,
     station_columns, JW_COUNT_OF(station_columns), station_rows, NULL, station_number, station_integer,
     station_text},
    {"shifts", "production lines by shift since the start", JW_TABLE_STATE, JW_GEOMETRY_NONE, shift_columns,
     JW_COUNT_OF(shift_columns), shift_rows, NULL, shift_number, shift_integer, shift_text},
};
