/* What economy shows: metrics and the table of production lines. */
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
    {"availability", JW_COLUMN_F64, "", "time up over time"},
    {"performance", JW_COLUMN_F64, "", "parts times ideal cycle over time up"},
    {"quality", JW_COLUMN_F64, "", "good parts shipped over parts judged"},
    {"oee", JW_COLUMN_F64, "", "availability x performance x quality"},
    {"margin_cny", JW_COLUMN_F64, "CNY", "value of good parts less scrap and recalls"},
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
        line.availability, line.performance, line.quality, line.oee, (double)line.margin_fen / 100,
        line.def->x_m,     line.def->y_m};
    return values[column - 9];
}

static int64_t line_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_production_line_state line;
    if (!jw_economy_line(world, state, row, &line))
        return 0;
    const int64_t values[] = {
        line.made,         line.shipped_good,       line.shipped_bad,          line.scrapped_good,
        line.scrapped_bad, line.inspected_by_model, line.inspected_by_fallback};
    return values[column - 2];
}

static const char *line_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_production_line_state line;
    if (!jw_economy_line(world, state, row, &line))
        return "";
    return column == 0 ? line.def->name : line.def->park;
}

const jw_table economy_tables[ECONOMY_TABLES] = {
    {"production_lines", "production lines since the start", JW_TABLE_STATE, JW_GEOMETRY_POINT, line_columns,
     JW_COUNT_OF(line_columns), line_rows, NULL, line_number, line_integer, line_text},
};
