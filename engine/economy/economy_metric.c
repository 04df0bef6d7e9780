/* The numbers that economy shows. */
#include "economy/economy_internal.h"

enum {
    METRIC_PARTS,
    METRIC_OEE,
    METRIC_ESCAPED,
    METRIC_MARGIN,
    METRIC_PARKS,
    METRIC_COMPLETE,
    METRIC_TFP,
    METRIC_THEIL_ACCESS,
    METRIC_THEIL_PRODUCTIVITY,
    METRIC_FUND,
    METRIC_CASES,
    METRIC_REWORK,
    METRIC_CITY,
    METRIC_SPENT,
    METRIC_UNITS,
    METRIC_RATE,
    METRIC_WAIT,
    METRIC_FAILED
};

const jw_metric economy_metrics[ECONOMY_METRICS] = {
    {"economy.parts", "", JW_METRIC_COUNTER, "parts made by all lines"},
    {"economy.oee", "%", JW_METRIC_MEAN, "mean OEE of the lines since the start (ISO 22400-2)"},
    {"economy.escaped_defects", "", JW_METRIC_COUNTER, "bad parts that were shipped"},
    {"economy.margin", "CNY", JW_METRIC_COUNTER, "value of good parts less scrap and recalls"},
    {"economy.parks", "", JW_METRIC_GAUGE, "industrial parks, here and elsewhere"},
    {"economy.parks_complete", "", JW_METRIC_GAUGE, "parks that lack nothing"},
    {"economy.tfp", "", JW_METRIC_GAUGE, "Solow residual of the last quarter over that of the first"},
    {"economy.theil_access", "", JW_METRIC_GAUGE, "Theil index of parts judged by models, last quarter"},
    {"economy.theil_productivity", "", JW_METRIC_GAUGE, "Theil index of output a person, last quarter"},
    {"economy.fund", "CNY", JW_METRIC_GAUGE, "what the fund has and has not promised"},
    {"economy.cases", "", JW_METRIC_COUNTER, "cases that desks have done"},
    {"economy.rework", "", JW_METRIC_COUNTER, "cases that came back to desks"},
    {"economy.city_budget", "CNY", JW_METRIC_GAUGE, "what the city has for computers and models"},
    {"economy.city_spent", "CNY", JW_METRIC_COUNTER, "what it paid for them since the start"},
    {"economy.startup_units", "", JW_METRIC_COUNTER, "units that start-ups sold since the start"},
    {"economy.startup_rate", "%", JW_METRIC_GAUGE,
     "mean yearly rate of start-ups' loans, as lent or as it would be now"},
    {"economy.startup_wait", "", JW_METRIC_GAUGE,
     "mean quarters to the first delivery; who has not delivered has waited until now"},
    {"economy.startup_defaults", "", JW_METRIC_GAUGE, "start-ups that could not pay"},
};

static double parks_complete(const jw_world *world, const jw_economy *economy)
{
    double complete = 0;
    for (uint32_t i = 0; i < economy->park_count; i++) {
        jw_park_state park;
        complete += jw_economy_park(world, economy, i, &park) && park.lacks == 0;
    }
    return complete;
}

static double desk_sum(const jw_economy *economy, bool is_rework)
{
    double sum = 0;
    for (uint32_t i = 0; i < economy->desk_count; i++) {
        sum += is_rework ? (double)economy->desks[i].rework : 0;
        for (uint32_t k = 0; k < JW_DESK_CLASSES_MAX && !is_rework; k++)
            sum += (double)economy->desks[i].counts[k].done;
    }
    return sum;
}

/* Who defaulted before a loan has no rate, and counts among those that never delivered. */
static double startup_figure(const jw_world *world, const jw_economy *economy, uint32_t metric)
{
    double sum = 0, lent = 0;
    for (uint32_t i = 0; i < economy->supplier_count; i++) {
        jw_supplier_state s;
        jw_economy_supplier(world, economy, i, &s);
        bool has_rate = economy->suppliers[i].stage != SUPPLIER_WAITS || !s.has_defaulted;
        lent += has_rate;
        sum += metric == METRIC_UNITS    ? (double)s.sold
               : metric == METRIC_FAILED ? s.has_defaulted
               : metric == METRIC_RATE   ? (has_rate ? 100 * s.rate : 0)
                                         : jw_min(s.delivered_in, economy->quarter_count);
    }
    double count = metric == METRIC_RATE ? lent : metric == METRIC_WAIT ? economy->supplier_count : 1;
    return count > 0 ? sum / count : 0;
}

double economy_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const jw_economy *economy = state;
    jw_quarter last = {0};
    if (economy->quarter_count > 0)
        last = economy->quarters[economy->quarter_count - 1];
    switch (metric) {
    case METRIC_PARKS:
        return economy->park_count;
    case METRIC_COMPLETE:
        return parks_complete(world, economy);
    case METRIC_CASES:
    case METRIC_REWORK:
        return desk_sum(economy, metric == METRIC_REWORK);
    case METRIC_TFP:
        return last.tfp;
    case METRIC_THEIL_ACCESS:
        return last.access.total;
    case METRIC_THEIL_PRODUCTIVITY:
        return last.productivity.total;
    case METRIC_FUND:
        return (double)economy_free_fen(economy, ACCOUNT_FUND) / 100;
    case METRIC_CITY:
        return (double)economy_free_fen(economy, ACCOUNT_CITY) / 100;
    case METRIC_SPENT:
        return (double)economy->city_spent_fen / 100;
    case METRIC_UNITS:
    case METRIC_RATE:
    case METRIC_WAIT:
    case METRIC_FAILED:
        return startup_figure(world, economy, metric);
    default:
        break;
    }
    double value = 0;
    for (uint32_t i = 0; i < economy->line_count; i++) {
        jw_production_line_state line;
        jw_economy_line(world, economy, i, &line);
        value += metric == METRIC_PARTS     ? (double)line.made
                 : metric == METRIC_OEE     ? 100 * line.oee / economy->line_count
                 : metric == METRIC_ESCAPED ? (double)line.shipped_bad
                                            : (double)line.margin_fen / 100;
    }
    return value;
}
