/* The beginning of a quarter of a roadmap: the policy's orders with their place, their reason, and what
 * became of them. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define ORDERS_MAX 10000 /* of a quarter */

void jw_orders_free(jw_orders *orders)
{
    jw_free(orders->items);
    *orders = (jw_orders){0};
}

/* "equip_park name=park-3 what=power" */
static void describe(const jw_command *command, char *out, size_t size)
{
    char text[JW_COMMAND_ARGS_MAX * (JW_ARG_KEY_SIZE + JW_ARG_TEXT_SIZE + 2) + 64];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", command->verb);
    for (uint32_t i = 0; i < command->arg_count; i++) {
        const jw_arg *arg = &command->args[i];
        char *end = text + used;
        used +=
            (size_t)(arg->is_text ? snprintf(end, sizeof text - used, " %s=%s", arg->key, arg->text)
                                  : snprintf(end, sizeof text - used, " %s=%.12g", arg->key, arg->number));
    }
    jw_text_copy(out, size, text);
}

void script_note_order(lua_State *L, script_state *state, const jw_command *command)
{
    jw_orders *orders = state->orders;
    jw_error error = {0};
    if (!orders)
        return;
    if (orders->count >= ORDERS_MAX)
        script_fail(L, "a quarter has %d orders at most", ORDERS_MAX);
    if (jw_grow(&orders->items, &orders->capacity, orders->count + 1ull, sizeof *orders->items, &error) !=
        JW_OK)
        script_raise(L, &error);
    jw_order *order = &orders->items[orders->count++];
    *order = (jw_order){0};
    luaL_where(L, 1);
    const char *where = lua_tostring(L, -1);
    size_t length = strlen(where);
    jw_text_copy(order->at, sizeof order->at, where);
    if (length >= 2 && length < sizeof order->at) /* without ": " */
        order->at[length - 2] = 0;
    lua_pop(L, 1);
    describe(command, order->what, sizeof order->what);
    jw_text_copy(order->reason, sizeof order->reason, orders->reason);
}

void script_note_reason(script_state *state, const char *text)
{
    if (state->orders)
        jw_text_copy(state->orders->reason, sizeof state->orders->reason, text);
}

typedef struct order_watch {
    jw_orders *orders;
    uint32_t seen;
} order_watch;

/* A script's commands come in the order in which they were posted. */
static void see(void *context, const jw_log_entry *entry, const jw_error *error)
{
    order_watch *watch = context;
    if (entry->source != JW_FROM_SCRIPT || watch->seen >= watch->orders->count)
        return;
    jw_order *order = &watch->orders->items[watch->seen++];
    order->result = entry->result;
    if (entry->result != JW_OK)
        jw_text_copy(order->refusal, sizeof order->refusal, error->message);
}

jw_result jw_script_begin_quarter(jw_world *world, jw_orders *out, jw_error *error)
{
    uint32_t module = jw_world_find_module(world, "script");
    script_state *state = module == JW_NONE ? NULL : jw_world_state(world, module);
    out->count = 0;
    out->reason[0] = 0;
    if (!state)
        return jw_world_step(world, error);
    order_watch watch = {.orders = out};
    int64_t errors = state->errors;
    state->orders = out;
    jw_world_watch_commands(world, see, &watch);
    jw_result result = jw_world_step(world, error);
    jw_world_watch_commands(world, NULL, NULL);
    state->orders = NULL;
    if (result == JW_OK && state->errors != errors)
        result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s", state->last_error);
    return result;
}
