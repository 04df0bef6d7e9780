/* The module: its table of functions, its events, its verbs. */
#include "economy/economy_internal.h"

#include <string.h>

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
    if (event->kind >= EVENT_CASE_COMES) {
        desk_on_event(world, economy, event);
        return;
    }
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
    case EVENT_VERDICT:
        if (economy_is_remote(economy, &economy->lines[index]))
            (void)jw_economy_verdict(world, economy, (jw_line_id){index + 1, 1}, (uint32_t)event->b,
                                     economy->parks[economy->lines[index].park].def.quality);
        break;
    case EVENT_PROGNOSIS:
        if (economy_is_remote(economy, &economy->lines[index]))
            (void)jw_economy_prognosis(world, economy, (jw_line_id){index + 1, 1}, station, generation,
                                       economy->parks[economy->lines[index].park].def.quality);
        break;
    default:
        break;
    }
}

bool economy_is_within(double value, double low, double high)
{
    return value >= low && value <= high;
}

void jw_economy_set_ports(jw_economy *economy, const jw_economy_ports *ports)
{
    economy->ports = *ports;
}

/* All balances sum to zero. A hundred thousand of them from foreign bytes might overflow one sum, so that it
 * is of whole and of the rest of 1e9 fen. */
static bool is_money_consistent(const jw_economy *economy)
{
    const int64_t unit_fen = 1000000000;
    int64_t units = 0, rest_fen = 0, promised_fen = 0;
    for (uint32_t i = 0; i < economy->account_count; i++) {
        const economy_account *account = &economy->accounts[i];
        units += account->balance_fen / unit_fen;
        rest_fen += account->balance_fen % unit_fen;
        if ((i > ACCOUNT_LENDERS && account->balance_fen < account->reserved_fen) ||
            (i != ACCOUNT_FUND && account->reserved_fen != 0))
            return false;
    }
    for (uint32_t i = 0; i < economy->supplier_count && promised_fen <= MONEY_MAX_FEN * 4; i++) {
        const economy_supplier *supplier = &economy->suppliers[i];
        promised_fen += supplier->def.price_fen * supplier->def.capacity * supplier->guaranteed_quarters;
    }
    return rest_fen % unit_fen == 0 && units + rest_fen / unit_fen == 0 &&
           promised_fen == economy->accounts[ACCOUNT_FUND].reserved_fen;
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
    for (uint32_t i = 0; i < economy->region_count; i++)
        if (!region_is_consistent(economy, i)) {
            jw_fail(error, JW_ERROR_STATE, NULL, 0, "region \"%s\" lost count of its people",
                    economy->regions[i].def.name);
            return false;
        }
    int64_t arrived = 0;
    for (uint32_t i = 0; i < economy->region_count; i++)
        arrived += economy->regions[i].arrived;
    if (arrived != 0) {
        jw_fail(error, JW_ERROR_STATE, NULL, 0, "%lld people came to regions from nowhere",
                (long long)arrived);
        return false;
    }
    for (uint32_t i = 0; i < economy->desk_count; i++)
        if (!desk_is_consistent(&economy->desks[i])) {
            jw_fail(error, JW_ERROR_STATE, NULL, 0, "desk \"%s\" lost count of its cases",
                    economy->desks[i].def.name);
            return false;
        }
    if (!is_money_consistent(economy)) {
        jw_fail(error, JW_ERROR_STATE, NULL, 0, "money was made or lost between the accounts");
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

static uint32_t park_of(const jw_economy *economy, const jw_command *command, jw_error *error)
{
    const char *name = jw_command_get_text(command, "name", "");
    uint32_t index = economy_find_park(economy, name);
    if (index == JW_NONE)
        jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no park \"%s\"", name);
    return index;
}

static jw_result verb_equip(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    uint32_t index = park_of(state, command, error), need = 0;
    const char *what = jw_command_get_text(command, "what", "");
    if (index == JW_NONE)
        return JW_ERROR_NOT_FOUND;
    while (need < JW_PARK_NEED_COUNT && strcmp(jw_park_need_name((jw_park_need)need), what) != 0)
        need++;
    if (need == JW_PARK_NEED_COUNT)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "a park is equipped with fibre, power, people or inference, not with \"%s\"", what);
    return park_equip(world, state, index, (jw_park_need)need, error);
}

static jw_result verb_fund(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    uint32_t index = park_of(state, command, error);
    if (index == JW_NONE)
        return JW_ERROR_NOT_FOUND;
    return fund_park(state, index, (int64_t)jw_round(jw_command_get_number(command, "cny", 0) * 100), error);
}

static uint32_t region_of(const jw_economy *economy, const jw_command *command, const char *key,
                          jw_error *error)
{
    const char *name = jw_command_get_text(command, key, "");
    uint32_t index = economy_find_region(economy, name);
    if (index == JW_NONE)
        jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no region \"%s\"", name);
    return index;
}

static jw_result verb_retrain(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    uint32_t index = region_of(state, command, "region", error);
    if (index == JW_NONE)
        return JW_ERROR_NOT_FOUND;
    return region_retrain(state, index, (int64_t)jw_command_get_number(command, "people", 0), error);
}

static jw_result verb_move(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    uint32_t from = region_of(state, command, "from", error);
    uint32_t to = from == JW_NONE ? JW_NONE : region_of(state, command, "to", error);
    if (to == JW_NONE)
        return JW_ERROR_NOT_FOUND;
    return region_move(state, from, to, (int64_t)jw_command_get_number(command, "people", 0), error);
}

static jw_result verb_guarantee(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    return supplier_guarantee(state, jw_command_get_text(command, "supplier", ""),
                              (uint32_t)jw_command_get_number(command, "quarters", 1), error);
}

static jw_result verb_appraise(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)error;
    economy_begin_appraisal(world, state,
                            (int64_t)jw_round(jw_command_get_number(command, "capex_cny", 0) * 100),
                            (uint32_t)jw_command_get_number(command, "years", 10));
    return JW_OK;
}

static jw_result verb_close(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_quarter_results results = {.delay_s = jw_command_get_number(command, "delay_s", 0),
                                  .on_time_share = jw_command_get_number(command, "on_time_share", 1),
                                  .latency_ms = jw_command_get_number(command, "latency_ms", 0),
                                  .energy_kwh = jw_command_get_number(command, "energy_kwh", 0)};
    return jw_economy_close_quarter(world, state, world, state, &results, error);
}

static jw_result verb_set_desk(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return desk_set(world, state, jw_command_get_text(command, "name", ""),
                    jw_command_get_number(command, "servers", 0), jw_command_get_number(command, "per_h", -1),
                    error);
}

static const jw_verb_arg name_args[] = {{"name", 't', false, 0, 0, 0, "", "id of the production line"}};
static const jw_verb_arg equip_args[] = {
    {"name", 't', false, 0, 0, 0, "", "id of the park"},
    {"what", 't', false, 0, 0, 0, "", "fibre, power, people or inference: up to what its lines need"},
};
static const jw_verb_arg fund_args[] = {
    {"name", 't', false, 0, 0, 0, "", "id of the park"},
    {"cny", 'n', false, 1, 1e13, 0, "CNY", "out of the fund; the lenders add theirs by its leverage"},
};
static const jw_verb_arg retrain_args[] = {
    {"region", 't', false, 0, 0, 0, "", "id of the region"},
    {"people", 'n', false, 1, 1e9, 0, "", "unskilled ones, skilled two quarters later"},
};
static const jw_verb_arg move_args[] = {
    {"from", 't', false, 0, 0, 0, "", "id of the region that they leave"},
    {"to", 't', false, 0, 0, 0, "", "id of the region that they come to"},
    {"people", 'n', false, 1, 1e9, 0, "", "idle skilled ones"},
};
static const jw_verb_arg guarantee_args[] = {
    {"supplier", 't', false, 0, 0, 0, "", "id of the start-up"},
    {"quarters", 'n', false, 1, 400, 0, "", "of deliveries that the fund buys if nobody else does"},
};
static const jw_verb_arg appraise_args[] = {
    {"capex_cny", 'n', false, 0, 1e12, 0, "CNY", "spent on each line"},
    {"years", 'n', true, 1, 100, 10, "", "that it is used"},
};
static const jw_verb_arg desk_args[] = {
    {"name", 't', false, 0, 0, 0, "", "id of the desk"},
    {"servers", 'n', true, 0, 10000, 0, "", "people who serve; 0: as many as there are"},
    {"per_h", 'n', true, -1, 1e5, -1, "1/h", "cases that come; -1: as many as now"},
};
static const jw_verb_arg close_args[] = {
    {"delay_s", 'n', true, 0, 86400, 0, "s", "mean time that a trip lost"},
    {"on_time_share", 'n', true, 0, 1, 1, "", "of requests, those answered before their deadline"},
    {"latency_ms", 'n', true, 0, 1e9, 0, "ms", "mean of the answers"},
    {"energy_kwh", 'n', true, 0, 1e12, 0, "kWh", "of computers and network an hour"},
};
#define ARGS(list) list, JW_COUNT_OF(list)
static const jw_verb verbs[] = {
    {"stop_line", "a production line stops making parts", ARGS(name_args), verb_stop},
    {"start_line", "a stopped line goes on", ARGS(name_args), verb_start},
    {"equip_park", "a park orders what it lacks and pays for it", ARGS(equip_args), verb_equip},
    {"fund_park", "the fund grants a park money", ARGS(fund_args), verb_fund},
    {"retrain", "the fund pays for the training of unskilled people", ARGS(retrain_args), verb_retrain},
    {"move_people", "idle skilled people move to another region", ARGS(move_args), verb_move},
    {"guarantee", "the fund stands for a start-up's sales", ARGS(guarantee_args), verb_guarantee},
    {"appraise", "a purchase for every line: what follows is compared with what was before",
     ARGS(appraise_args), verb_appraise},
    {"set_desk", "how many serve at a desk, and how many cases come", ARGS(desk_args), verb_set_desk},
    {"close_quarter", "what lines did since the last close stands for a quarter of a year", ARGS(close_args),
     verb_close},
};

/* ---- module */

static void economy_destroy(void *state)
{
    jw_economy *economy = state;
    jw_free(economy->lines);
    for (uint32_t i = 0; i < economy->desk_count; i++)
        jw_free(economy->desks[i].cases);
    jw_free(economy->desks);
    jw_free(economy->regions);
    jw_free(economy->parks);
    jw_free(economy->suppliers);
    jw_free(economy->accounts);
    jw_free(economy->quarters);
}

static jw_result add_all(jw_world *world, jw_economy *economy, const jw_economy_def *def, jw_error *error)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < def->region_count && result == JW_OK; i++)
        result = economy_add_region(economy, &def->regions[i], error);
    for (uint32_t i = 0; i < def->park_count && result == JW_OK; i++)
        result = economy_add_park(economy, &def->parks[i], error);
    for (uint32_t i = 0; i < def->supplier_count && result == JW_OK; i++)
        result = economy_add_supplier(economy, &def->suppliers[i], error);
    if (result == JW_OK)
        result = economy_open_accounts(economy, error);
    for (uint32_t i = 0; i < def->line_count && result == JW_OK; i++) {
        jw_line_id id;
        result = jw_economy_add_line(world, economy, &def->lines[i], &id, error);
    }
    for (uint32_t i = 0; i < def->desk_count && result == JW_OK; i++)
        result = jw_economy_add_desk(world, economy, &def->desks[i], error);
    for (uint32_t i = 0; i < economy->park_count && result == JW_OK; i++)
        park_supply(world, economy, i);
    return result;
}

static jw_result economy_init(jw_world *world, void *state, const void *definition, jw_error *error)
{
    jw_economy *economy = state;
    economy->module = (uint16_t)jw_world_find_module(world, "economy");
    economy_fill_fund(economy, definition);
    jw_result result =
        economy_is_fund_fine(economy)
            ? add_all(world, economy, definition, error)
            : jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                      "the fund, the prices of equipment or the figures of productivity are out "
                      "of range: money is not below 0, leverage from 1 to 100, alpha between 0 "
                      "and 1");
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
    for (uint32_t i = 0; i < economy->desk_count; i++)
        desk_restart_counts(&economy->desks[i]);
}

const jw_module jw_economy_module = {
    .name = "economy",
    .version = 7,
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
