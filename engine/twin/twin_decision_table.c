/* What is known of decisions: metrics by kind, and the table of them. */
#include "traffic/traffic_bus.h"
#include "twin/twin_internal.h"

const jw_metric twin_decision_metrics[TWIN_DECISION_METRICS] = {
    {"twin.decisions_signal", "", JW_METRIC_COUNTER, "greens decided"},
    {"twin.decisions_signal_wrong", "", JW_METRIC_COUNTER, "of them, others than right counts would give"},
    {"twin.decisions_signal_harm", "s", JW_METRIC_MEAN, "mean delay of trips"},
    {"twin.decisions_inspection", "", JW_METRIC_COUNTER, "parts judged by the decider"},
    {"twin.decisions_inspection_wrong", "", JW_METRIC_COUNTER, "of them, wrongly"},
    {"twin.decisions_inspection_harm", "", JW_METRIC_COUNTER, "good parts scrapped and bad ones shipped"},
    {"twin.decisions_maintenance", "", JW_METRIC_COUNTER, "stations judged by the decider"},
    {"twin.decisions_maintenance_wrong", "", JW_METRIC_COUNTER, "of them, wrongly"},
    {"twin.decisions_maintenance_harm", "", JW_METRIC_COUNTER, "failures of stations"},
    {"twin.decisions_triage", "", JW_METRIC_COUNTER, "cases sorted by urgency"},
    {"twin.decisions_triage_wrong", "", JW_METRIC_COUNTER, "of them, into the wrong class"},
    {"twin.decisions_triage_harm", "%", JW_METRIC_MEAN, "cases that waited beyond their limit"},
    {"twin.decisions_clearing", "", JW_METRIC_COUNTER, "papers checked by the decider"},
    {"twin.decisions_clearing_wrong", "", JW_METRIC_COUNTER, "of them, wrongly"},
    {"twin.decisions_clearing_harm", "s", JW_METRIC_MEAN, "mean time until a case is cleared"},
    {"twin.decisions_incident", "", JW_METRIC_COUNTER, "pictures looked at for incidents"},
    {"twin.decisions_incident_wrong", "", JW_METRIC_COUNTER, "of them, missed one or saw one that was not"},
    {"twin.decisions_incident_harm", "min", JW_METRIC_COUNTER, "lane-minutes blocked by breakdowns"},
    {"twin.decisions_bus", "", JW_METRIC_COUNTER, "buses predicted at signals"},
    {"twin.decisions_bus_wrong", "", JW_METRIC_COUNTER, "of them, at the wrong time"},
    {"twin.decisions_bus_harm", "s", JW_METRIC_MEAN, "mean lateness of buses at their stops"},
};

static double line_harm(const jw_world *world, bool is_failures)
{
    const jw_economy *economy = twin_economy_of(world);
    double sum = 0;
    for (uint32_t i = 0; i < jw_economy_line_count(economy); i++) {
        jw_production_line_state line;
        jw_station_state station;
        if (!jw_economy_line(world, economy, i, &line) || line.is_remote)
            continue;
        if (!is_failures)
            sum += (double)(line.scrapped_good + line.shipped_bad);
        for (uint32_t s = 0; is_failures && jw_economy_station(world, economy, i, s, JW_NONE, &station); s++)
            sum += (double)station.failures;
    }
    return sum;
}

static double desk_harm(const jw_world *world, jw_desk_kind kind)
{
    double harm = 0, count = 0;
    jw_desk_state desk;
    for (uint32_t i = 0; jw_economy_desk(world, twin_economy_of(world), i, &desk); i++)
        for (uint32_t k = 0; desk.def->kind == kind && k < desk.def->class_count; k++) {
            const jw_desk_class_counts *c = &desk.classes[k];
            if (kind == JW_DESK_CLEARING) {
                harm += c->turnaround_sum_s;
                count += (double)c->done;
            } else if (desk.def->classes[k].limit_s > 0) {
                harm += 100 * (double)(c->over_limit + desk.overdue[k]);
                count += (double)(c->begun + desk.overdue[k]);
            }
        }
    return count > 0 ? harm / count : 0;
}

double jw_twin_decision_harm(const jw_world *world, jw_decision_kind kind)
{
    switch (kind) {
    case JW_DECISION_SIGNAL:
        return jw_traffic_count(twin_traffic_of(world)).mean_delay_s;
    case JW_DECISION_INSPECTION:
        return line_harm(world, false);
    case JW_DECISION_MAINTENANCE:
        return line_harm(world, true);
    case JW_DECISION_TRIAGE:
        return desk_harm(world, JW_DESK_TRIAGE);
    case JW_DECISION_CLEARING:
        return desk_harm(world, JW_DESK_CLEARING);
    case JW_DECISION_INCIDENT:
        return twin_incidents_blocked_min(world, &twin_decisions_of(world)->incidents);
    case JW_DECISION_BUS:
        return jw_traffic_count_bus(twin_traffic_of(world), JW_NONE).mean_late_s;
    default:
        return 0;
    }
}

double twin_decision_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const twin_decision_count *count = &((const twin_decisions *)state)->counts[metric / 3];
    return metric % 3 == 2   ? jw_twin_decision_harm(world, (jw_decision_kind)(metric / 3))
           : metric % 3 == 1 ? (double)count->wrong
                             : (double)count->decided;
}

static const jw_column columns[] = {
    {"kind", JW_COLUMN_TEXT, "", "of decision"},
    {"decider", JW_COLUMN_TEXT, "", "model, perfect, none or human"},
    {"asked", JW_COLUMN_I64, "", "since the start"},
    {"decided", JW_COLUMN_I64, "", "answered in time"},
    {"wrong", JW_COLUMN_I64, "", "of those decided"},
    {"late", JW_COLUMN_I64, "", "asked, and done without an answer"},
    {"age_s", JW_COLUMN_F64, "s", "of the input, mean over those decided"},
    {"harm", JW_COLUMN_F64, "", "what is meant to be little: the metric twin.decisions_<kind>_harm"},
    {"staff", JW_COLUMN_I64, "", "people, where they decide"},
};

static uint32_t row_count(const jw_world *world, const void *state)
{
    (void)world, (void)state;
    return JW_DECISION_COUNT;
}

static double row_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)state;
    jw_decision_counts counts;
    jw_twin_decision(world, (jw_decision_kind)row, NULL, &counts);
    return column == 6 ? counts.mean_age_s : jw_twin_decision_harm(world, (jw_decision_kind)row);
}

static int64_t row_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const twin_decisions *decisions = state;
    const twin_decision_count *count = &decisions->counts[row];
    return column == 2   ? count->asked
           : column == 3 ? count->decided
           : column == 4 ? count->wrong
           : column == 5 ? count->late
                         : decisions->rules[row].staff;
}

static const char *row_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    return column == 0 ? jw_decision_name((jw_decision_kind)row)
                       : jw_decider_name((jw_decider)((const twin_decisions *)state)->rules[row].by);
}

const jw_table twin_decision_tables[TWIN_DECISION_TABLES] = {
    {"decisions", "who decides what, how often, and how often wrongly", JW_TABLE_STATE, JW_GEOMETRY_NONE,
     columns, JW_COUNT_OF(columns), row_count, NULL, row_number, row_integer, row_text},
    {"incidents", "breakdowns since the start and those open then", JW_TABLE_STATE, JW_GEOMETRY_POINT,
     twin_incident_columns, TWIN_INCIDENT_COLUMNS, twin_incident_rows, NULL, twin_incident_number,
     twin_incident_integer, twin_incident_text},
};
