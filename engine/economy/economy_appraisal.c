/* Purchases of AI: what a line costs and brings before and after, and whether that pays. */
#include "economy/economy_internal.h"

#define YEAR_S (365 * 86400.0)

line_span line_span_now(const jw_world *world, const production_line *line)
{
    int64_t now_ns = jw_world_time_ns(world);
    double since_s = jw_s_from_ns(now_ns - line->wip_since_ns);
    return (line_span){.done = line_look(world, line),
                       .wip_part_s = line->wip_part_s + (double)line_in_process(line) * since_s,
                       .at_ns = now_ns};
}

/* So that the sum of all that an appraisal compares is an amount, too. */
static int64_t fen_of(double amount_fen)
{
    return (int64_t)jw_round(jw_clamp(amount_fen, -(double)MONEY_MAX_FEN, (double)MONEY_MAX_FEN));
}

static jw_line_year year_between(const jw_economy *economy, const production_line *line,
                                 const line_span *then, const line_span *now)
{
    const jw_productivity_def *price = &economy->productivity;
    line_mark done = line_since(now->done, then->done);
    jw_line_year year = {0};
    if (done.planned_ns <= 0 || now->at_ns <= then->at_ns)
        return year;
    double planned_s = YEAR_S * line_planned_share(line), scale = planned_s / jw_s_from_ns(done.planned_ns);
    double wage_fen_per_s = (double)price->wage_fen_per_hour / 3600;
    double manual_s =
        line->def.fallback == JW_FALLBACK_MANUAL ? (double)done.by_fallback * line->def.manual_s : 0;
    double parts =
        (now->wip_part_s - then->wip_part_s) / jw_s_from_ns(now->at_ns - then->at_ns) + line->waiting;
    double energy_kwh = line->def.power_kw * jw_s_from_ns(done.busy_ns) / 3600;
    year.labour_fen = fen_of((line->def.crew * planned_s + manual_s * scale) * wage_fen_per_s);
    year.energy_fen = fen_of(energy_kwh * scale * (double)price->energy_fen_per_kwh);
    year.inventory_fen = fen_of(parts * (double)line->def.value_fen * price->carrying_rate);
    year.margin_fen = fen_of((double)done.margin_fen * scale);
    return year;
}

bool jw_economy_line_year(const jw_world *world, const jw_economy *economy, uint32_t slot, jw_line_year *out)
{
    if (slot >= economy->line_count)
        return false;
    const production_line *line = &economy->lines[slot];
    line_span now = line_span_now(world, line), start = {.at_ns = line->started_ns};
    *out = year_between(economy, line, &start, &now);
    return true;
}

jw_appraisal jw_economy_appraise(const jw_line_year *before, const jw_line_year *after, int64_t capex_fen,
                                 uint32_t years, double rate_per_year)
{
    jw_appraisal appraisal = {.yearly_fen = before->labour_fen - after->labour_fen + before->energy_fen -
                                            after->energy_fen + before->inventory_fen - after->inventory_fen +
                                            after->margin_fen - before->margin_fen,
                              .npv_fen = -(double)capex_fen};
    double discount = 1;
    for (uint32_t year = 0; year < years; year++) {
        discount /= 1 + rate_per_year;
        appraisal.npv_fen += (double)appraisal.yearly_fen * discount;
    }
    appraisal.payback_years = capex_fen <= 0             ? 0
                              : appraisal.yearly_fen > 0 ? (double)capex_fen / (double)appraisal.yearly_fen
                                                         : __builtin_inf();
    return appraisal;
}

/* ---- in one run: before and after a purchase */

void economy_begin_appraisal(jw_world *world, jw_economy *economy, int64_t capex_fen, uint32_t years)
{
    economy->capex_fen = capex_fen;
    economy->capex_years = years;
    for (uint32_t i = 0; i < economy->line_count; i++) {
        production_line *line = &economy->lines[i];
        (void)jw_economy_line_year(world, economy, i, &line->before);
        line->then = line_span_now(world, line);
        line->has_before = 1;
    }
}

bool jw_economy_line_appraisal(const jw_world *world, const jw_economy *economy, uint32_t slot,
                               double rate_per_year, jw_line_year *before, jw_line_year *after,
                               jw_appraisal *out)
{
    if (slot >= economy->line_count || !economy->lines[slot].has_before)
        return false;
    const production_line *line = &economy->lines[slot];
    line_span now = line_span_now(world, line);
    *before = line->before;
    *after = year_between(economy, line, &line->then, &now);
    *out = jw_economy_appraise(before, after, economy->capex_fen, economy->capex_years, rate_per_year);
    return true;
}
