/* The close of a quarter: what lines did in a measured time stands for a quarter of it. */
#include "economy/economy_internal.h"

#include <string.h>

#define QUARTER_S (91.25 * 86400)
#define SHIFT_H   8.0

/* ---- what lines did */

/* The share of its planned time that the line made good parts at its ideal speed. */
static double oee_of(const line_mark *done)
{
    if (done->planned_ns <= 0 || done->judged <= 0)
        return 0;
    return jw_min((double)done->ideal_ns / (double)done->planned_ns, 1) * (double)done->good /
           (double)done->judged;
}

/* ---- the books */

/* By park: columns, as the index of inequality takes them. */
typedef struct park_quarters {
    double *output_fen, *by_model, *judged, *people;
    uint32_t *regions;
} park_quarters;

static bool alloc_parks(const jw_economy *economy, park_quarters *out)
{
    uint32_t count = economy->park_count + 1;
    double *columns = jw_alloc(4 * (size_t)count * sizeof *columns);
    *out = (park_quarters){columns, columns + count, columns + 2 * (size_t)count, columns + 3 * (size_t)count,
                           jw_alloc(count * sizeof(uint32_t))};
    return columns && out->regions;
}

static void free_parks(park_quarters *parks)
{
    jw_free(parks->output_fen);
    jw_free(parks->regions);
}

/* One line's quarter: its margin and energy go between outside and its park. */
static double book_line(jw_economy *economy, uint32_t index, const line_mark *done, park_quarters *parks)
{
    const production_line *line = &economy->lines[index];
    if (done->planned_ns <= 0)
        return 0;
    double scale = QUARTER_S * line_planned_share(line) / jw_s_from_ns(done->planned_ns);
    double energy_fen = line->def.power_kw * jw_s_from_ns(done->busy_ns) / 3600 *
                        (double)economy->productivity.energy_fen_per_kwh;
    double margin_fen = jw_clamp(((double)done->margin_fen - energy_fen) * scale, -1e15, 1e15);
    if (line->park == JW_NONE)
        return margin_fen;
    parks->output_fen[line->park] += (double)done->good * (double)line->def.value_fen * scale;
    parks->by_model[line->park] += (double)done->by_model * scale;
    parks->judged[line->park] += (double)done->judged * scale;
    int64_t amount_fen = (int64_t)jw_round(margin_fen);
    uint32_t account = account_of_park(economy, line->park);
    if (amount_fen >= 0) {
        (void)economy_pay(economy, ACCOUNT_OUTSIDE, account, amount_fen, "its margin", NULL);
    } else { /* a loss is paid as far as money goes; who has none left defaults on wages */
        int64_t free_fen = economy_free_fen(economy, account);
        (void)economy_pay(economy, account, ACCOUNT_OUTSIDE, -amount_fen < free_fen ? -amount_fen : free_fen,
                          "its loss", NULL);
    }
    return margin_fen;
}

/* Wages of all its people, whether there is work or not, then its loan. */
static void book_park(jw_economy *economy, uint32_t index)
{
    economy_park *park = &economy->parks[index];
    uint32_t account = account_of_park(economy, index);
    double hours = QUARTER_S / 86400 * SHIFT_H * park->has[JW_PARK_PEOPLE];
    int64_t wages_fen = (int64_t)jw_round(hours * (double)economy->productivity.wage_fen_per_hour);
    if (park->has_defaulted)
        return;
    if (economy_pay(economy, account, ACCOUNT_OUTSIDE, wages_fen, "wages", NULL) != JW_OK) {
        economy_default(economy, account, &park->loan_fen, &park->loan_quarters);
        park->has_defaulted = 1;
    } else {
        park->has_defaulted = !economy_serve_loan(economy, account, &park->loan_fen, &park->loan_quarters,
                                                  economy->fund.base_rate);
    }
}

/* ---- productivity */

/* Inequality is of parks over the people they employ (one at least), its parts between and within regions. */
static void close_regions(jw_economy *economy, park_quarters *parks, jw_quarter *quarter)
{
    for (uint32_t i = 0; i < economy->park_count; i++) {
        parks->people[i] = jw_max(economy->parks[i].has[JW_PARK_PEOPLE], 1);
        parks->regions[i] = economy->parks[i].region;
    }
    quarter->access = jw_economy_theil(parks->by_model, parks->people, parks->regions, economy->park_count);
    quarter->productivity =
        jw_economy_theil(parks->output_fen, parks->people, parks->regions, economy->park_count);
    for (uint32_t r = 0; r < economy->region_count; r++) {
        double output_fen = 0, by_model = 0, judged = 0, people = 0;
        for (uint32_t i = 0; i < economy->park_count; i++) {
            if (parks->regions[i] != r)
                continue;
            output_fen += parks->output_fen[i];
            by_model += parks->by_model[i];
            judged += parks->judged[i];
            people += economy->parks[i].has[JW_PARK_PEOPLE];
        }
        economy->regions[r].output_fen_per_person = people > 0 ? output_fen / people : 0;
        economy->regions[r].ai_share = judged > 0 ? by_model / judged : 0;
    }
}

static void compute_productivity(jw_economy *economy, double margin_fen, double lines_labour,
                                 jw_quarter *quarter)
{
    const jw_productivity_def *p = &economy->productivity;
    const jw_quarter_results *results = &quarter->results;
    double capital_fen = (double)economy->city_spent_fen, labour = lines_labour;
    for (uint32_t i = 0; i < economy->line_count; i++)
        capital_fen += (double)economy->lines[i].def.capital_fen;
    for (uint32_t i = 0; i < economy->park_count; i++) {
        capital_fen += (double)economy->parks[i].spent_fen;
        labour += economy->parks[i].has[JW_PARK_PEOPLE];
    }
    quarter->margin_fen_per_hour = margin_fen / (QUARTER_S / 3600);
    quarter->service_fen_per_hour = (double)p->service_fen_per_hour * results->on_time_share;
    quarter->energy_fen_per_hour = results->energy_kwh * (double)p->energy_fen_per_kwh;
    quarter->output_fen_per_hour =
        quarter->margin_fen_per_hour + quarter->service_fen_per_hour - quarter->energy_fen_per_hour;
    quarter->people = labour;
    quarter->alpha = p->alpha;
    quarter->capital_fen = capital_fen;
    quarter->labour = labour * (SHIFT_H + 2 * results->delay_s / 3600) / SHIFT_H;
    /* Without output, capital or labour there is no residual. */
    if (!(quarter->output_fen_per_hour > 0) || !(quarter->capital_fen > 0) || !(quarter->labour > 0))
        return;
    double log_a = jw_log(quarter->output_fen_per_hour) - p->alpha * jw_log(quarter->capital_fen) -
                   (1 - p->alpha) * jw_log(quarter->labour);
    if (!economy->has_reference) {
        economy->has_reference = 1;
        economy->log_reference = log_a;
    }
    quarter->tfp = jw_exp(log_a - economy->log_reference);
}

static jw_result check(const jw_economy *economy, const jw_economy *measured, const jw_quarter_results *r,
                       jw_error *error)
{
    if (!economy_is_within(r->delay_s, 0, 86400) || !economy_is_within(r->on_time_share, 0, 1) ||
        !economy_is_within(r->latency_ms, 0, 1e9) || !economy_is_within(r->energy_kwh, 0, 1e12))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a quarter's results are out of range: delay_s %g, on_time_share %g, latency_ms %g, "
                       "energy_kwh %g",
                       r->delay_s, r->on_time_share, r->latency_ms, r->energy_kwh);
    if (economy->quarter_count >= ECONOMY_QUARTERS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "there are %d quarters at most", ECONOMY_QUARTERS_MAX);
    bool is_alike = economy->line_count == measured->line_count;
    for (uint32_t i = 0; is_alike && i < economy->line_count; i++)
        is_alike = strcmp(economy->lines[i].def.name, measured->lines[i].def.name) == 0;
    if (!is_alike)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a quarter was measured in a world of other lines");
    return JW_OK;
}

jw_result jw_economy_close_quarter(jw_world *world, jw_economy *economy, const jw_world *measured_world,
                                   const jw_economy *measured, const jw_quarter_results *results,
                                   jw_error *error)
{
    jw_result result = check(economy, measured, results, error);
    if (result == JW_OK)
        result = jw_grow(&economy->quarters, &economy->quarter_capacity, economy->quarter_count + 1ull,
                         sizeof *economy->quarters, error);
    park_quarters parks = {0};
    if (result == JW_OK && !alloc_parks(economy, &parks))
        result = jw_fail_memory(error);
    if (result != JW_OK) {
        free_parks(&parks);
        return result;
    }
    jw_quarter quarter = {.number = economy->quarter_count + 1, .results = *results};
    double margin_fen = 0, labour = 0, planned_lines = 0;
    for (uint32_t i = 0; i < economy->line_count; i++) {
        line_mark now = line_look(measured_world, &measured->lines[i]);
        line_mark done = line_since(now, measured->lines[i].mark);
        margin_fen += book_line(economy, i, &done, &parks);
        quarter.oee += oee_of(&done);
        planned_lines += done.planned_ns > 0;
        if (economy->lines[i].park == JW_NONE)
            labour += economy->lines[i].def.crew *
                      (economy->lines[i].def.shifts ? economy->lines[i].def.shifts : 3);
        if (measured == economy)
            economy->lines[i].mark = now;
    }
    quarter.oee = planned_lines > 0 ? quarter.oee / planned_lines : 0;
    for (uint32_t i = 0; i < economy->park_count; i++)
        book_park(economy, i);
    fund_call_tranche(economy);
    (void)economy_pay(economy, ACCOUNT_OUTSIDE, ACCOUNT_CITY, economy->budget.quarterly_fen, "its quarter",
                      NULL);
    for (uint32_t i = 0; i < economy->supplier_count; i++)
        supplier_pass_quarter(world, economy, i);
    compute_productivity(economy, margin_fen, labour, &quarter);
    close_regions(economy, &parks, &quarter);
    for (uint32_t i = 0; i < economy->region_count; i++)
        region_age(world, economy, i);
    for (uint32_t i = 0; i < economy->park_count; i++) {
        jw_park_state park;
        park_deliver(world, economy, i);
        (void)jw_economy_park(world, economy, i, &park);
        quarter.parks_complete += park.lacks == 0;
    }
    quarter.defaults = economy->defaults;
    economy->quarters[economy->quarter_count++] = quarter;
    free_parks(&parks);
    return JW_OK;
}

uint32_t jw_economy_quarter_count(const jw_economy *economy)
{
    return economy->quarter_count;
}

bool jw_economy_quarter(const jw_economy *economy, uint32_t index, jw_quarter *out)
{
    if (index >= economy->quarter_count)
        return false;
    *out = economy->quarters[index];
    return true;
}
