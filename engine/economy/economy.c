/* The module: its table of functions, its events, its verbs. */
#include "economy/economy_internal.h"

jw_random_key economy_random(const jw_world *world, const char *purpose)
{
    return jw_world_random(world, jw_hash_text(0, purpose));
}

void economy_schedule(jw_world *world, const jw_economy *economy, int64_t after_ns, uint16_t kind,
                      uint32_t line, uint64_t value)
{
    jw_schedule(world, jw_world_time_ns(world) + after_ns, JW_PRIORITY_NORMAL, economy->module, kind,
                line + 1, value);
}

static void economy_on_event(jw_world *world, void *state, const jw_event *event)
{
    jw_economy *economy = state;
    uint32_t index = event->a - 1;
    uint32_t station = (uint32_t)(event->b & 0xFF), generation = (uint32_t)(event->b >> 8);
    if (index >= economy->line_count)
        return;
    switch (event->kind) {
    case EVENT_WORK:
        line_on_work(world, economy, index, station, generation);
        break;
    case EVENT_READY:
        line_on_ready(world, economy, index, station, generation);
        break;
    case EVENT_SHIFT:
        line_on_shift(world, economy, index, (uint32_t)event->b);
        break;
    case EVENT_DEADLINE:
        line_on_deadline(world, economy, index, (uint32_t)event->b);
        break;
    case EVENT_MANUAL:
        line_on_manual(world, economy, index, (uint32_t)event->b);
        break;
    default:
        break;
    }
}

void jw_economy_set_ports(jw_economy *economy, const jw_economy_ports *ports)
{
    economy->ports = *ports;
}

bool jw_economy_is_consistent(const jw_world *world, const jw_economy *economy, jw_error *error)
{
    for (uint32_t i = 0; i < economy->line_count; i++)
        if (!line_is_consistent(world, &economy->lines[i])) {
            jw_fail(error, JW_ERROR_STATE, NULL, 0,
                    "production line \"%s\" lost count of its parts or of its time",
                    economy->lines[i].def.name);
            return false;
        }
    return true;
}

/* ---- verbs */

static jw_result set_stopped(jw_world *world, jw_economy *economy, const char *name, bool is_stopped,
                             jw_error *error)
{
    uint32_t index = economy_find_line(economy, name);
    if (index == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no production line \"%s\"", name);
    line_set(world, economy, index, LINE_STOPPED, is_stopped);
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

/* ---- module */

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
    for (uint32_t i = 0; i < economy->line_count; i++)
        economy_restart_line(world, &economy->lines[i]);
}

const jw_module jw_economy_module = {
    .name = "economy",
    .version = 3,
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
