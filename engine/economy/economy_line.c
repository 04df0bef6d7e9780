/* Production lines as they are defined and looked at: defaults, figures that can be, counts, OEE. */
#include "economy/economy_internal.h"

#include <string.h>

const char *jw_station_status_name(jw_station_status status)
{
    static const char *const names[JW_STATION_STATUS_COUNT] = {"working", "starved", "blocked",    "down",
                                                               "service", "setup",   "unsupplied", "off"};
    return names[status];
}

/* ---- definition */

static bool is_money(int64_t value_fen)
{
    return value_fen >= -1000000000 && value_fen <= 1000000000; /* ten million yuan a part */
}

/* 1e9 s: 30 years between failures, whose longest draw still fits in the clock. */
static bool is_station_fine(const jw_station_def *def)
{
    return economy_is_within(def->cycle_s, 0.01, 1e6) && economy_is_within(def->mtbf_s, 0.1, 1e9) &&
           economy_is_within(def->mttr_s, 0.1, 1e9) && economy_is_within(def->cycle_cv, 0, 1) &&
           economy_is_within(def->defect_share, 0, 1) && def->buffer >= 1 &&
           def->buffer <= JW_LINE_BUFFER_MAX;
}

bool economy_is_line_fine(const jw_production_line_def *def)
{
    bool is_fine =
        economy_is_within(def->x_m, -1e7, 1e7) && economy_is_within(def->y_m, -1e7, 1e7) &&
        economy_is_within(def->cycle_s, 0.01, 1e6) && economy_is_within(def->mtbf_s, 0.1, 1e9) &&
        economy_is_within(def->mttr_s, 0.1, 1e9) && economy_is_within(def->defect_share, 0, 1) &&
        economy_is_within(def->patience_s, 1e-6, 1e6) && economy_is_within(def->manual_s, 1e-3, 1e6) &&
        economy_is_within(def->manual_quality, 0, 1) && def->buffer >= 1 &&
        def->buffer <= JW_LINE_BUFFER_MAX &&
        (def->fallback == JW_FALLBACK_MANUAL || def->fallback == JW_FALLBACK_BYPASS) &&
        is_money(def->value_fen) && is_money(def->scrap_cost_fen) && is_money(def->escape_cost_fen) &&
        economy_is_within(def->changeover_s, 0, 1e6) && def->shifts <= JW_LINE_SHIFTS_MAX &&
        economy_is_within(def->shift_start_s, 0, 86400) && economy_is_within(def->shift_s, 60, 86400) &&
        def->shifts * def->shift_s <= 86400 && economy_is_within(def->sample_s, 0, 1e9) &&
        (def->sample_s == 0 || def->sample_s >= 0.01) && economy_is_within(def->warning_s, 0, 1e9) &&
        economy_is_within(def->planned_s, 0, 1e9) && def->alarms >= 1 && def->alarms <= 1000 &&
        def->crew <= 10000 && economy_is_within(def->power_kw, 0, 1e6) && def->capital_fen >= 0 &&
        def->capital_fen <= INT64_C(1000000000000000) && def->station_count >= 1 &&
        def->station_count <= JW_LINE_STATIONS_MAX && def->product_count <= JW_LINE_PRODUCTS_MAX;
    for (uint32_t i = 0; is_fine && i < def->station_count; i++)
        is_fine = is_station_fine(&def->stations[i]);
    for (uint32_t i = 0; is_fine && i < def->product_count; i++)
        is_fine = def->products[i].batch >= 1 && economy_is_within(def->products[i].cycle_scale, 0.01, 100);
    return is_fine;
}

static void set_default(double *figure, double value)
{
    if (*figure == 0)
        *figure = value;
}

static void fill_defaults(jw_production_line_def *def)
{
    /* Unverified: a part every 4 s, a stop of 10 minutes every 4 hours, 2 % defects, money per part. They are
     * starting points for a planner, set by the scene. */
    double *const figures[] = {&def->cycle_s,        &def->mtbf_s,     &def->mttr_s,
                               &def->defect_share,   &def->patience_s, &def->manual_s,
                               &def->manual_quality, &def->shift_s,    &def->warning_s};
    static const double defaults[] = {4, 4 * 3600, 600, 0.02, 1, 6, 0.9, 8 * 3600, 3600};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        set_default(figures[i], defaults[i]);
    def->buffer = def->buffer ? def->buffer : 4;
    def->alarms = def->alarms ? def->alarms : 3;
    def->value_fen = def->value_fen ? def->value_fen : 20000;
    def->scrap_cost_fen = def->scrap_cost_fen ? def->scrap_cost_fen : 8000;
    def->escape_cost_fen = def->escape_cost_fen ? def->escape_cost_fen : 60000;
    if (def->station_count == 0) {
        def->station_count = 1;
        def->stations[0] = (jw_station_def){.name = "line", .defect_share = def->defect_share};
    }
    for (uint32_t i = 0; i < def->station_count && i < JW_LINE_STATIONS_MAX; i++) {
        jw_station_def *station = &def->stations[i];
        set_default(&station->cycle_s, def->cycle_s);
        set_default(&station->mtbf_s, def->mtbf_s);
        set_default(&station->mttr_s, def->mttr_s);
        station->buffer = station->buffer ? station->buffer : def->buffer;
    }
    for (uint32_t i = 0; i < def->product_count && i < JW_LINE_PRODUCTS_MAX; i++)
        set_default(&def->products[i].cycle_scale, 1);
}

uint32_t economy_find_line(const jw_economy *economy, const char *name)
{
    for (uint32_t i = 0; i < economy->line_count; i++)
        if (strcmp(economy->lines[i].def.name, name) == 0)
            return i;
    return JW_NONE;
}

jw_result jw_economy_check_line(const jw_production_line_def *def, jw_error *error)
{
    jw_production_line_def copy = *def;
    fill_defaults(&copy);
    if (economy_is_line_fine(&copy))
        return JW_OK;
    return jw_fail(
        error, JW_ERROR_INPUT, NULL, 0,
        "production line \"%s\": a figure is out of range: times must be above 0, shares from 0 to "
        "1, buffers 1 to %d, stations up to %d, shifts at most a day together",
        def->name, JW_LINE_BUFFER_MAX, JW_LINE_STATIONS_MAX);
}

jw_result jw_economy_add_line(jw_world *world, jw_economy *economy, const jw_production_line_def *def,
                              jw_line_id *out, jw_error *error)
{
    if (def->name[0] == 0 || economy_find_line(economy, def->name) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "production line \"%s\": the name is empty or taken",
                       def->name);
    production_line line = {.def = *def, .park = economy_find_park(economy, def->park)};
    jw_result result = jw_economy_check_line(def, error);
    if (result != JW_OK)
        return result;
    fill_defaults(&line.def);
    result = jw_grow(&economy->lines, &economy->line_capacity, economy->line_count + 1ull,
                     sizeof *economy->lines, error);
    if (result != JW_OK)
        return result;
    economy->lines[economy->line_count++] = line;
    *out = (jw_line_id){economy->line_count, 1};
    park_take_line(economy, economy->line_count - 1);
    line_start(world, economy, economy->line_count - 1);
    return JW_OK;
}

uint32_t jw_economy_line_count(const jw_economy *economy)
{
    return economy->line_count;
}

/* ---- counts */

line_counts line_total(const production_line *line)
{
    line_counts sum = line->counts[0];
    for (uint32_t i = 1; i < JW_LINE_SHIFTS_MAX; i++) {
        const line_counts *c = &line->counts[i];
        sum.made += c->made;
        sum.shipped_good += c->shipped_good;
        sum.shipped_bad += c->shipped_bad;
        sum.scrapped_good += c->scrapped_good;
        sum.scrapped_bad += c->scrapped_bad;
        sum.by_model += c->by_model;
        sum.by_fallback += c->by_fallback;
    }
    return sum;
}

int64_t line_in_process(const production_line *line)
{
    int64_t parts = 0;
    for (uint32_t s = 0; s < line->def.station_count; s++)
        parts += line->stations[s].has_part + (int64_t)line->stations[s].buffered;
    return parts;
}

station_counts line_station_counts(const jw_world *world, const production_line *line, uint32_t s,
                                   uint32_t shift)
{
    const line_station *station = &line->stations[s];
    station_counts sum = {0};
    for (uint32_t i = 0; i < JW_LINE_SHIFTS_MAX; i++) {
        const station_counts *c = &station->counts[i];
        if (shift != JW_NONE && shift != i)
            continue;
        for (uint32_t k = 0; k < JW_STATION_STATUS_COUNT; k++)
            sum.time_ns[k] += c->time_ns[k];
        sum.ideal_ns += c->ideal_ns;
        sum.made += c->made;
        sum.made_bad += c->made_bad;
        sum.failures += c->failures;
        sum.services += c->services;
        sum.samples += c->samples;
        sum.alarms += c->alarms;
    }
    if (shift == JW_NONE || shift == line->shift)
        sum.time_ns[line_status(line, station)] += jw_world_time_ns(world) - station->since_ns;
    return sum;
}

static jw_oee oee_of(const station_counts *counts, int64_t good, int64_t judged)
{
    static const uint8_t lost[] = {JW_STATION_DOWN, JW_STATION_SERVICE, JW_STATION_SETUP,
                                   JW_STATION_UNSUPPLIED};
    jw_oee oee = {0};
    int64_t planned_ns = 0, up_ns;
    for (uint32_t i = 0; i < JW_STATION_OFF; i++)
        planned_ns += counts->time_ns[i];
    up_ns = planned_ns;
    for (uint32_t i = 0; i < JW_COUNT_OF(lost); i++)
        up_ns -= counts->time_ns[lost[i]];
    if (counts->made == 0 || up_ns <= 0)
        return oee;
    oee.availability = (double)up_ns / (double)planned_ns;
    oee.performance = jw_min((double)counts->ideal_ns / (double)up_ns, 1);
    oee.quality = judged > 0 ? (double)good / (double)judged : 0;
    oee.oee = oee.availability * oee.performance * oee.quality;
    return oee;
}

uint32_t line_constraint(const production_line *line)
{
    uint32_t worst = 0;
    for (uint32_t s = 1; s < line->def.station_count; s++)
        if (line->def.stations[s].cycle_s > line->def.stations[worst].cycle_s)
            worst = s;
    return worst;
}

bool jw_economy_line_oee(const jw_world *world, const jw_economy *economy, uint32_t slot, uint32_t shift,
                         jw_oee *out)
{
    if (slot >= economy->line_count)
        return false;
    const production_line *line = &economy->lines[slot];
    if (shift != JW_NONE && shift >= (line->def.shifts ? line->def.shifts : 1))
        return false;
    line_counts c = shift == JW_NONE ? line_total(line) : line->counts[shift];
    station_counts of_constraint = line_station_counts(world, line, line_constraint(line), shift);
    *out = oee_of(&of_constraint, c.shipped_good,
                  c.shipped_good + c.shipped_bad + c.scrapped_good + c.scrapped_bad);
    return true;
}

bool jw_economy_station(const jw_world *world, const jw_economy *economy, uint32_t slot, uint32_t s,
                        uint32_t shift, jw_station_state *out)
{
    if (slot >= economy->line_count || s >= economy->lines[slot].def.station_count)
        return false;
    const production_line *line = &economy->lines[slot];
    const line_station *station = &line->stations[s];
    if (shift != JW_NONE && shift >= (line->def.shifts ? line->def.shifts : 1))
        return false;
    station_counts counts = line_station_counts(world, line, s, shift);
    *out = (jw_station_state){.def = &line->def.stations[s],
                              .status = line_status(line, station),
                              .buffered = s + 1 < line->def.station_count ? station->buffered : line->waiting,
                              .made = counts.made,
                              .made_bad = counts.made_bad,
                              .failures = counts.failures,
                              .services = counts.services,
                              .samples = counts.samples,
                              .alarms = counts.alarms,
                              .oee = oee_of(&counts, counts.made - counts.made_bad, counts.made)};
    for (uint32_t k = 0; k < JW_STATION_STATUS_COUNT; k++)
        out->time_s[k] = jw_s_from_ns(counts.time_ns[k]);
    return true;
}

bool jw_economy_line(const jw_world *world, const jw_economy *economy, uint32_t slot,
                     jw_production_line_state *out)
{
    jw_oee oee;
    if (!jw_economy_line_oee(world, economy, slot, JW_NONE, &oee))
        return false;
    const production_line *line = &economy->lines[slot];
    line_counts c = line_total(line);
    int64_t now_ns = jw_world_time_ns(world), in_process = line_in_process(line);
    jw_station_status status = line_status(line, &line->stations[line_constraint(line)]);
    double wip_part_s = line->wip_part_s + (double)in_process * jw_s_from_ns(now_ns - line->wip_since_ns);
    int64_t busy_ns = line->busy_ns + (line->working > 0 ? now_ns - line->busy_since_ns : 0);
    *out = (jw_production_line_state){.id = {slot + 1, 1},
                                      .def = &line->def,
                                      .is_up = status <= JW_STATION_BLOCKED,
                                      .is_blocked = status == JW_STATION_BLOCKED,
                                      .is_remote = economy_is_remote(economy, line),
                                      .station_count = line->def.station_count,
                                      .fed = line->fed,
                                      .in_process = in_process,
                                      .made = c.made,
                                      .shipped_good = c.shipped_good,
                                      .shipped_bad = c.shipped_bad,
                                      .scrapped_good = c.scrapped_good,
                                      .scrapped_bad = c.scrapped_bad,
                                      .waiting = line->waiting,
                                      .inspected_by_model = c.by_model,
                                      .inspected_by_fallback = c.by_fallback,
                                      .availability = oee.availability,
                                      .performance = oee.performance,
                                      .quality = oee.quality,
                                      .oee = oee.oee,
                                      .lead_time_s = c.made > 0 ? wip_part_s / (double)c.made : 0,
                                      .margin_fen = line->margin_fen,
                                      .energy_kwh = line->def.power_kw * jw_s_from_ns(busy_ns) / 3600};
    return true;
}

double line_planned_share(const production_line *line)
{
    return line->def.shifts ? line->def.shifts * line->def.shift_s / 86400 : 1;
}

line_mark line_look(const jw_world *world, const production_line *line)
{
    line_counts counts = line_total(line);
    uint32_t constraint = line_constraint(line);
    station_counts station = line_station_counts(world, line, constraint, JW_NONE);
    int64_t now_ns = jw_world_time_ns(world), planned_ns = 0;
    for (uint32_t k = 0; k < JW_STATION_OFF; k++)
        planned_ns += station.time_ns[k];
    return (line_mark){.made = counts.made,
                       .by_model = counts.by_model,
                       .by_fallback = counts.by_fallback,
                       .good = counts.shipped_good,
                       .judged = counts.made - line->waiting,
                       .margin_fen = line->margin_fen,
                       .busy_ns = line->busy_ns + (line->working > 0 ? now_ns - line->busy_since_ns : 0),
                       .planned_ns = planned_ns,
                       .ideal_ns = station.ideal_ns};
}

line_mark line_since(line_mark now, line_mark then)
{
    return (line_mark){.made = now.made - then.made,
                       .by_model = now.by_model - then.by_model,
                       .by_fallback = now.by_fallback - then.by_fallback,
                       .good = now.good - then.good,
                       .judged = now.judged - then.judged,
                       .margin_fen = now.margin_fen - then.margin_fen,
                       .busy_ns = now.busy_ns - then.busy_ns,
                       .planned_ns = now.planned_ns - then.planned_ns,
                       .ideal_ns = now.ideal_ns - then.ideal_ns};
}

/* What is in the line counts as fed, what waits as made. */
void economy_restart_line(jw_world *world, production_line *line)
{
    int64_t now_ns = jw_world_time_ns(world);
    line->earlier += line_total(line).made - line->waiting;
    memset(line->counts, 0, sizeof line->counts);
    line->counts[line->shift].made = line->waiting;
    line->fed = line->waiting + line_in_process(line);
    for (uint32_t s = 0; s < line->def.station_count; s++) {
        line_station *station = &line->stations[s];
        int64_t passed_ns = station->phase == PHASE_WORK ? now_ns - station->since_ns : 0;
        station->work_left_ns -= passed_ns;
        station->life_left_ns -= passed_ns;
        station->sample_left_ns -= passed_ns;
        station->since_ns = now_ns;
        memset(station->counts, 0, sizeof station->counts);
    }
    line->margin_fen = line->busy_ns = 0;
    line->wip_part_s = 0;
    line->started_ns = line->busy_since_ns = line->wip_since_ns = now_ns;
    line->mark = (line_mark){0};
    line->has_before = 0;
}
