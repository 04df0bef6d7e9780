/* What a line asks, and what it does with the answers: parts wait in a small ring, first in first out, for
 * their verdict, each with a deadline after which the line helps itself; a station's samples are judged one
 * at a time. */
#include "economy/economy_internal.h"

#include <string.h>

static uint32_t find_part(const production_line *line, uint32_t number)
{
    for (uint32_t i = 0; i < line->waiting; i++)
        if (line->buffer[i].number == number)
            return i;
    return JW_NONE;
}

static void leave_buffer(jw_world *world, jw_economy *economy, uint32_t index, uint32_t place)
{
    production_line *line = &economy->lines[index];
    memmove(&line->buffer[place], &line->buffer[place + 1],
            (line->waiting - place - 1) * sizeof line->buffer[0]);
    line->waiting--;
    line_advance(world, economy, index, line->def.station_count - 1);
}

/* What becomes of a part that is said to be bad or good. A good part brings its value, a scrapped one costs
 * its material, a bad one at the customer costs the recall. */
static void judge(production_line *line, bool is_defect, bool is_said_bad)
{
    line_counts *counts = &line->counts[line->shift];
    if (is_said_bad) {
        *(is_defect ? &counts->scrapped_bad : &counts->scrapped_good) += 1;
        line->margin_fen -= line->def.scrap_cost_fen;
    } else if (is_defect) {
        counts->shipped_bad++;
        line->margin_fen -= line->def.escape_cost_fen;
    } else {
        counts->shipped_good++;
        line->margin_fen += line->def.value_fen;
    }
}

/* A person takes the oldest part that is waiting for one. */
static void start_manual(jw_world *world, jw_economy *economy, uint32_t index)
{
    production_line *line = &economy->lines[index];
    if (line->is_manual_busy)
        return;
    for (uint32_t i = 0; i < line->waiting; i++)
        if (line->buffer[i].is_manual) {
            line->is_manual_busy = 1;
            economy_schedule(world, economy, jw_ns_from_s(line->def.manual_s), EVENT_MANUAL, index,
                             line->buffer[i].number);
            return;
        }
}

static void give_to_person(jw_world *world, jw_economy *economy, uint32_t index, uint32_t place,
                           bool is_asked)
{
    economy->lines[index].buffer[place].is_manual = is_asked ? 2 : 1;
    start_manual(world, economy, index);
}

static void let_go_unseen(jw_world *world, jw_economy *economy, uint32_t index, uint32_t place)
{
    production_line *line = &economy->lines[index];
    line->counts[line->shift].by_fallback++;
    judge(line, line->buffer[place].is_defect, false);
    leave_buffer(world, economy, index, place);
}

static void fall_back(jw_world *world, jw_economy *economy, uint32_t index, uint32_t place)
{
    production_line *line = &economy->lines[index];
    if (line->buffer[place].is_manual)
        return;
    if (line->def.fallback == JW_FALLBACK_MANUAL)
        give_to_person(world, economy, index, place, false);
    else
        let_go_unseen(world, economy, index, place);
}

void line_inspect(jw_world *world, jw_economy *economy, uint32_t index, bool is_defect)
{
    production_line *line = &economy->lines[index];
    line->counts[line->shift].made++;
    uint32_t number = (uint32_t)(line->earlier + line_total(line).made);
    line->buffer[line->waiting++] =
        (waiting_part){.number = number, .is_defect = is_defect, .made_ns = jw_world_time_ns(world)};
    jw_ask ask = JW_ASK_FALLBACK;
    if (economy_is_remote(economy, line))
        ask = park_ask(world, economy, index, EVENT_VERDICT, number) ? JW_ASK_SENT : JW_ASK_FALLBACK;
    else if (economy->ports.inspect)
        ask = economy->ports.inspect(world, (jw_line_id){index + 1, 1}, number);
    uint32_t place = find_part(line, number);
    if (place == JW_NONE)
        return; /* answered at once */
    if (ask == JW_ASK_SENT)
        economy_schedule(world, economy, jw_ns_from_s(line->def.patience_s), EVENT_DEADLINE, index, number);
    else if (ask == JW_ASK_PERSON)
        give_to_person(world, economy, index, place, true);
    else if (ask == JW_ASK_UNSEEN)
        let_go_unseen(world, economy, index, place);
    else
        fall_back(world, economy, index, place);
}

/* The model is right with `quality`; a wrong verdict is the opposite of the truth. */
static bool decide(jw_world *world, jw_economy *economy, uint32_t index, uint32_t place, double quality)
{
    production_line *line = &economy->lines[index];
    waiting_part part = line->buffer[place];
    bool is_right = jw_random_uniform(economy_random(world, "economy.verdict"), index, part.number) < quality;
    judge(line, part.is_defect, is_right ? part.is_defect : !part.is_defect);
    leave_buffer(world, economy, index, place);
    return is_right;
}

static production_line *line_of(jw_economy *economy, jw_line_id id)
{
    bool is_known = id.index1 != 0 && id.index1 <= economy->line_count && id.generation == 1;
    return is_known ? &economy->lines[id.index1 - 1] : NULL;
}

jw_judgement jw_economy_verdict(jw_world *world, jw_economy *economy, jw_line_id id, uint32_t part,
                                double quality)
{
    production_line *line = line_of(economy, id);
    uint32_t place = line ? find_part(line, part) : JW_NONE;
    if (place == JW_NONE || line->buffer[place].is_manual)
        return JW_JUDGED_NOT; /* too late: the line has helped itself */
    line->counts[line->shift].by_model++;
    return decide(world, economy, id.index1 - 1, place, quality) ? JW_JUDGED_RIGHT : JW_JUDGED_WRONG;
}

void line_on_deadline(jw_world *world, jw_economy *economy, uint32_t index, uint32_t part)
{
    uint32_t place = find_part(&economy->lines[index], part);
    if (place != JW_NONE)
        fall_back(world, economy, index, place);
}

void line_on_manual(jw_world *world, jw_economy *economy, uint32_t index, uint32_t part)
{
    production_line *line = &economy->lines[index];
    uint32_t place = find_part(line, part);
    line->is_manual_busy = 0;
    if (place != JW_NONE) {
        waiting_part looked_at = line->buffer[place];
        line->counts[line->shift].by_fallback++;
        bool is_right = decide(world, economy, index, place, line->def.manual_quality);
        if (looked_at.is_manual == 2 && economy->ports.person_judged)
            economy->ports.person_judged(world, (jw_line_id){index + 1, 1}, looked_at.made_ns, is_right);
    }
    start_manual(world, economy, index);
}

/* ---- samples */

void line_sample(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s)
{
    production_line *line = &economy->lines[index];
    uint32_t number = ++line->stations[s].sample;
    line->stations[s].counts[line->shift].samples++;
    if (economy_is_remote(economy, line))
        (void)park_ask(world, economy, index, EVENT_PROGNOSIS, s | (uint64_t)number << 8);
    else if (economy->ports.maintain)
        (void)economy->ports.maintain(world, (jw_line_id){index + 1, 1}, s, number);
}

jw_judgement jw_economy_prognosis(jw_world *world, jw_economy *economy, jw_line_id id, uint32_t s,
                                  uint32_t sample, double quality)
{
    production_line *line = line_of(economy, id);
    if (!line || s >= line->def.station_count)
        return JW_JUDGED_NOT;
    line_station *station = &line->stations[s];
    if (sample <= station->judged || sample > station->sample ||
        (station->phase != PHASE_WORK && station->phase != PHASE_IDLE))
        return JW_JUDGED_NOT; /* it has failed or been serviced since, or a newer sample was faster */
    station->judged = sample;
    uint32_t index = id.index1 - 1;
    bool is_failing = line_life_left_ns(world, station) < jw_ns_from_s(line->def.warning_s);
    uint64_t entity = (uint64_t)index * JW_LINE_STATIONS_MAX + s;
    bool is_right = jw_random_uniform(economy_random(world, "economy.prognosis"), entity, sample) < quality;
    if (is_right != is_failing) { /* right and sound, or wrong and failing: no alarm */
        station->alarm_row = 0;
        return is_right ? JW_JUDGED_RIGHT : JW_JUDGED_WRONG;
    }
    station->counts[line->shift].alarms++;
    if (++station->alarm_row >= line->def.alarms)
        line_service(world, economy, index, s);
    return is_right ? JW_JUDGED_RIGHT : JW_JUDGED_WRONG;
}
