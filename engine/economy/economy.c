/* Production lines as discrete events: parts, failures, verdicts.
 *
 * A line has two clocks of its own: the cycle, which makes a part when the line is up and its buffer has
 * room, and the failure, which alternates exponential times up and down. Parts wait in a small ring, first in
 * first out, for their verdict; each has a deadline after which the line helps itself. */
#include "economy/economy_internal.h"

#include <string.h>

enum { EVENT_CYCLE, EVENT_BREAK, EVENT_REPAIR, EVENT_DEADLINE, EVENT_MANUAL };

static jw_random_key key_of(const jw_world *world, const char *purpose)
{
    return jw_world_random(world, jw_hash_text(0, purpose));
}

static void schedule(jw_world *world, const jw_economy *economy, double after_s, uint16_t kind, uint32_t line,
                     uint32_t value)
{
    int64_t at_ns = jw_world_time_ns(world) + jw_ns_from_s(after_s);
    jw_schedule(world, at_ns, JW_PRIORITY_NORMAL, economy->module, kind, line + 1, value);
}

/* ---- parts
 * ------------------------------------------------------------------------------------------------- */

static void start_cycle(jw_world *world, jw_economy *economy, uint32_t index)
{
    production_line *line = &economy->lines[index];
    line->cycle_generation++;
    line->is_blocked = 0;
    if (!line->is_up || line->is_stopped)
        return;
    line->is_blocked = line->waiting >= line->def.buffer;
    if (!line->is_blocked)
        schedule(world, economy, line->def.cycle_s, EVENT_CYCLE, index, line->cycle_generation);
}

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
    if (line->is_blocked)
        start_cycle(world, economy, index);
}

/* What becomes of a part that is said to be bad or good. A good part brings its value, a scrapped one costs
 * its material, a bad one at the customer costs the recall. */
static void judge(production_line *line, bool is_defect, bool is_said_bad)
{
    if (is_said_bad) {
        *(is_defect ? &line->scrapped_bad : &line->scrapped_good) += 1;
        line->margin_fen -= line->def.scrap_cost_fen;
    } else if (is_defect) {
        line->shipped_bad++;
        line->margin_fen -= line->def.escape_cost_fen;
    } else {
        line->shipped_good++;
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
            schedule(world, economy, line->def.manual_s, EVENT_MANUAL, index, line->buffer[i].number);
            return;
        }
}

static void fall_back(jw_world *world, jw_economy *economy, uint32_t index, uint32_t place)
{
    production_line *line = &economy->lines[index];
    if (line->buffer[place].is_manual)
        return;
    if (line->def.fallback == JW_FALLBACK_MANUAL) {
        line->buffer[place].is_manual = 1;
        start_manual(world, economy, index);
        return;
    }
    line->by_fallback++;
    judge(line, line->buffer[place].is_defect, false);
    leave_buffer(world, economy, index, place);
}

static void make_part(jw_world *world, jw_economy *economy, uint32_t index)
{
    production_line *line = &economy->lines[index];
    line->made++;
    waiting_part *part = &line->buffer[line->waiting++];
    uint32_t number = (uint32_t)(line->earlier + line->made);
    *part = (waiting_part){.number = number};
    part->is_defect =
        jw_random_uniform(key_of(world, "economy.defect"), index, number) < line->def.defect_share;
    bool is_asked =
        economy->ports.inspect && economy->ports.inspect(world, (jw_line_id){index + 1, 1}, number);
    uint32_t place = find_part(line, number);
    if (place == JW_NONE)
        return; /* answered at once */
    if (is_asked)
        schedule(world, economy, line->def.patience_s, EVENT_DEADLINE, index, number);
    else
        fall_back(world, economy, index, place);
}

/* The model is right with `quality`; a wrong verdict is the opposite of the truth. */
static void decide(jw_world *world, jw_economy *economy, uint32_t index, uint32_t place, double quality)
{
    production_line *line = &economy->lines[index];
    waiting_part part = line->buffer[place];
    bool is_right = jw_random_uniform(key_of(world, "economy.verdict"), index, part.number) < quality;
    judge(line, part.is_defect, is_right ? part.is_defect : !part.is_defect);
    leave_buffer(world, economy, index, place);
}

void jw_economy_verdict(jw_world *world, jw_economy *economy, jw_line_id id, uint32_t part, double quality)
{
    if (id.index1 == 0 || id.index1 > economy->line_count || id.generation != 1)
        return;
    production_line *line = &economy->lines[id.index1 - 1];
    uint32_t place = find_part(line, part);
    if (place == JW_NONE || line->buffer[place].is_manual)
        return; /* too late: the line has helped itself */
    line->by_model++;
    decide(world, economy, id.index1 - 1, place, quality);
}

/* ---- failures
 * ---------------------------------------------------------------------------------------------- */

static void schedule_failure(jw_world *world, jw_economy *economy, uint32_t index)
{
    production_line *line = &economy->lines[index];
    double mean_s = line->is_up ? line->def.mtbf_s : line->def.mttr_s;
    double wait_s =
        jw_random_exponential(key_of(world, "economy.failure"), index, line->break_generation, mean_s);
    line->break_generation++;
    schedule(world, economy, wait_s, line->is_up ? EVENT_BREAK : EVENT_REPAIR, index, line->break_generation);
}

static void economy_on_event(jw_world *world, void *state, const jw_event *event)
{
    jw_economy *economy = state;
    uint32_t index = event->a - 1, value = (uint32_t)event->b, place;
    if (index >= economy->line_count)
        return;
    production_line *line = &economy->lines[index];
    switch (event->kind) {
    case EVENT_CYCLE:
        if (value != line->cycle_generation || !line->is_up || line->is_stopped ||
            line->waiting >= line->def.buffer)
            return;
        make_part(world, economy, index);
        start_cycle(world, economy, index);
        break;
    case EVENT_BREAK:
        if (value != line->break_generation || !line->is_up)
            return;
        line->is_up = 0;
        line->up_ns += jw_world_time_ns(world) - line->up_since_ns;
        line->is_blocked = 0;
        schedule_failure(world, economy, index);
        break;
    case EVENT_REPAIR:
        if (value != line->break_generation || line->is_up)
            return;
        line->is_up = 1;
        line->up_since_ns = jw_world_time_ns(world);
        schedule_failure(world, economy, index);
        start_cycle(world, economy,
                    index); /* anew: the part in work when it broke is lost time, not a part */
        break;
    case EVENT_DEADLINE:
        place = find_part(line, value);
        if (place != JW_NONE)
            fall_back(world, economy, index, place);
        break;
    case EVENT_MANUAL:
        line->is_manual_busy = 0;
        place = find_part(line, value);
        if (place != JW_NONE) {
            line->by_fallback++;
            decide(world, economy, index, place, line->def.manual_quality);
        }
        start_manual(world, economy, index);
        break;
    default:
        break;
    }
}

/* ---- lines
 * ------------------------------------------------------------------------------------------------- */

static void fill_defaults(jw_production_line_def *def)
{
    /* Unverified: a part every 4 s, a stop of 10 minutes every 4 hours, 2 % defects, money per part. They are
     * starting points for a planner, set by the scene. */
    double *const figures[] = {&def->cycle_s,    &def->mtbf_s,   &def->mttr_s,        &def->defect_share,
                               &def->patience_s, &def->manual_s, &def->manual_quality};
    static const double defaults[] = {4, 4 * 3600, 600, 0.02, 1, 6, 0.9};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        if (*figures[i] == 0)
            *figures[i] = defaults[i];
    def->buffer = def->buffer ? def->buffer : 4;
    def->value_fen = def->value_fen ? def->value_fen : 20000;
    def->scrap_cost_fen = def->scrap_cost_fen ? def->scrap_cost_fen : 8000;
    def->escape_cost_fen = def->escape_cost_fen ? def->escape_cost_fen : 60000;
}

static uint32_t find_line(const jw_economy *economy, const char *name)
{
    for (uint32_t i = 0; i < economy->line_count; i++)
        if (strcmp(economy->lines[i].def.name, name) == 0)
            return i;
    return JW_NONE;
}

jw_result jw_economy_add_line(jw_world *world, jw_economy *economy, const jw_production_line_def *def,
                              jw_line_id *out, jw_error *error)
{
    if (def->name[0] == 0 || find_line(economy, def->name) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "production line \"%s\": the name is empty or taken",
                       def->name);
    production_line fresh = {.def = *def, .is_up = 1};
    fill_defaults(&fresh.def);
    if (!economy_is_line_fine(&fresh.def))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "production line \"%s\": a figure is out of range (buffer at most %d, cycle at least "
                       "0.01 s, shares 0 to 1, times at most 1e9 s)",
                       def->name, BUFFER_MAX);
    jw_result result =
        jw_grow(&economy->lines, &economy->line_capacity, economy->line_count + 1ull, sizeof fresh, error);
    if (result != JW_OK)
        return result;
    fresh.started_ns = fresh.up_since_ns = jw_world_time_ns(world);
    uint32_t index = economy->line_count++;
    economy->lines[index] = fresh;
    *out = (jw_line_id){index + 1, 1};
    start_cycle(world, economy, index);
    schedule_failure(world, economy, index);
    return JW_OK;
}

uint32_t jw_economy_line_count(const jw_economy *economy)
{
    return economy->line_count;
}

bool jw_economy_line(const jw_world *world, const jw_economy *economy, uint32_t slot,
                     jw_production_line_state *out)
{
    if (slot >= economy->line_count)
        return false;
    const production_line *line = &economy->lines[slot];
    int64_t now_ns = jw_world_time_ns(world);
    double total_s = jw_s_from_ns(now_ns - line->started_ns);
    double up_s = jw_s_from_ns(line->up_ns + (line->is_up ? now_ns - line->up_since_ns : 0));
    int64_t judged = line->made - line->waiting;
    *out = (jw_production_line_state){.id = {slot + 1, 1},
                                      .def = &line->def,
                                      .is_up = line->is_up && !line->is_stopped,
                                      .is_blocked = line->is_blocked,
                                      .made = line->made,
                                      .shipped_good = line->shipped_good,
                                      .shipped_bad = line->shipped_bad,
                                      .scrapped_good = line->scrapped_good,
                                      .scrapped_bad = line->scrapped_bad,
                                      .waiting = line->waiting,
                                      .inspected_by_model = line->by_model,
                                      .inspected_by_fallback = line->by_fallback,
                                      .margin_fen = line->margin_fen};
    if (line->made > 0 && total_s > 0 && up_s > 0) {
        out->availability = up_s / total_s;
        out->performance = jw_min((double)line->made * line->def.cycle_s / up_s, 1);
        out->quality = judged > 0 ? (double)line->shipped_good / (double)judged : 0;
        out->oee = out->availability * out->performance * out->quality;
    }
    return true;
}

void jw_economy_set_ports(jw_economy *economy, const jw_economy_ports *ports)
{
    economy->ports = *ports;
}

/* ---- verbs
 * ------------------------------------------------------------------------------------------------- */

static jw_result set_stopped(jw_world *world, jw_economy *economy, const char *name, bool is_stopped,
                             jw_error *error)
{
    uint32_t index = find_line(economy, name);
    if (index == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no production line \"%s\"", name);
    if (economy->lines[index].is_stopped == is_stopped)
        return JW_OK; /* a running cycle is not begun again */
    economy->lines[index].is_stopped = is_stopped;
    start_cycle(world, economy, index);
    return JW_OK;
}

static jw_result verb_stop(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return set_stopped(world, state, jw_command_get_text(command, "name", ""), true, error);
}

static jw_result verb_start(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return set_stopped(world, state, jw_command_get_text(command, "name", ""), false, error);
}

static const jw_verb_arg name_args[] = {{"name", 't', false, 0, 0, 0, "", "id of the production line"}};
static const jw_verb verbs[] = {
    {"stop_line", "a production line stops making parts", name_args, JW_COUNT_OF(name_args), verb_stop},
    {"start_line", "a stopped line goes on", name_args, JW_COUNT_OF(name_args), verb_start},
};

/* ---- module
 * ------------------------------------------------------------------------------------------------ */

static void economy_destroy(void *state)
{
    jw_free(((jw_economy *)state)->lines);
}

static jw_result economy_init(jw_world *world, void *state, const void *definition, jw_error *error)
{
    jw_economy *economy = state;
    const jw_economy_def *def = definition;
    economy->module = (uint16_t)jw_world_find_module(world, "economy");
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < def->line_count && result == JW_OK; i++) {
        jw_line_id id;
        result = jw_economy_add_line(world, economy, &def->lines[i], &id, error);
    }
    if (result != JW_OK)
        economy_destroy(state);
    return result;
}

static jw_result economy_attach(jw_world *world, void *state, jw_error *error)
{
    (void)error;
    ((jw_economy *)state)->module = (uint16_t)jw_world_find_module(world, "economy");
    return JW_OK;
}

static void economy_restart_counts(jw_world *world, void *state)
{
    jw_economy *economy = state;
    for (uint32_t i = 0; i < economy->line_count; i++) {
        production_line *line = &economy->lines[i];
        line->earlier += line->made - line->waiting;
        line->made = line->waiting;
        line->shipped_good = line->shipped_bad = line->scrapped_good = line->scrapped_bad = 0;
        line->by_model = line->by_fallback = line->margin_fen = line->up_ns = 0;
        line->started_ns = line->up_since_ns = jw_world_time_ns(world);
    }
}

const jw_module jw_economy_module = {
    .name = "economy",
    .version = 2,
    .state_size = sizeof(jw_economy),
    .init = economy_init,
    .attach = economy_attach,
    .destroy = economy_destroy,
    .on_event = economy_on_event,
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = economy_save,
    .load = economy_load,
    .metrics = economy_metrics,
    .metric_count = ECONOMY_METRICS,
    .metric = economy_metric,
    .tables = economy_tables,
    .table_count = ECONOMY_TABLES,
    .restart_counts = economy_restart_counts,
};
