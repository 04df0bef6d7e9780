/* The script's phase of a step: live parameters, beginnings, what happened in the step before, moments that
 * are due. Everything is decided from saved state and the world, so a restored run does the same. */
#include "script/script_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORAGE "jw.storage" /* the table of this step, made from state->storage */
#define PARAMS  "jw.p"

/* ---- one handler ---- */

typedef struct handler_call {
    script_run run;
    const char *name;
    void (*push_event)(lua_State *L, void *event); /* NULL: none */
    void *event;
    const jw_param *param; /* live: the handler gets (twin, value) instead of (twin, storage, p) */
} handler_call;

void script_push_storage(lua_State *L, const script_state *state)
{
    if (lua_getfield(L, LUA_REGISTRYINDEX, STORAGE) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    script_storage_push(L, state->storage.bytes, state->storage.size);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, STORAGE);
}

void script_push_p(lua_State *L, const script_state *state)
{
    if (lua_getfield(L, LUA_REGISTRYINDEX, PARAMS) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    script_push_params(L, &state->program.params);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, PARAMS);
}

static int call_handler(lua_State *L)
{
    handler_call *call = lua_touserdata(L, 1);
    const script_state *state = call->run.state;
    script_push_handler(L, call->name);
    script_push_twin(L);
    if (call->param) {
        script_push_param(L, call->param);
        lua_call(L, 2, 0);
        return 0;
    }
    script_push_storage(L, state);
    script_push_p(L, state);
    if (call->push_event)
        call->push_event(L, call->event);
    lua_call(L, call->push_event ? 4 : 3, 0);
    return 0;
}

static int check_upvalues(lua_State *L)
{
    script_check_upvalues(L);
    return 0;
}

/* Storage becomes bytes again. */
static int keep_storage(lua_State *L)
{
    script_state *state = lua_touserdata(L, 1);
    if (lua_getfield(L, LUA_REGISTRYINDEX, STORAGE) != LUA_TTABLE)
        return 0;
    state->storage_new.size = 0;
    state->storage_new.failed = false;
    script_storage_write(L, -1, &state->storage_new);
    jw_writer old = state->storage;
    state->storage = state->storage_new;
    state->storage_new = old;
    return 0;
}

/* After a failure, or at the end of the step: the next handler gets storage as it was last kept. */
static int drop_storage(lua_State *L)
{
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, STORAGE);
    return 0;
}

static int drop_params(lua_State *L)
{
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, PARAMS);
    return 0;
}

static int ask_handler(lua_State *L)
{
    handler_call *call = lua_touserdata(L, 1);
    if (!script_push_handler(L, call->name))
        call->name = NULL;
    return 0;
}

static bool is_broken(const script_state *state, const char *name)
{
    for (uint32_t i = 0; i < state->broken_count; i++)
        if (strcmp(state->broken[i], name) == 0)
            return true;
    return false;
}

static bool has_handler(script_state *state, const char *name)
{
    handler_call call = {.name = name};
    return !is_broken(state, name) &&
           script_box_call(state->program.box, ask_handler, &call, SCRIPT_HANDLER_BUDGET, NULL) == JW_OK &&
           call.name;
}

static void fail_handler(jw_world *world, script_state *state, const char *name, const jw_error *error)
{
    char text[sizeof error->message + sizeof error->file + 16], line[sizeof((jw_frame_event *)0)->text];
    if (error->code == JW_ERROR_MEMORY) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory in a script");
        return;
    }
    jw_error_format(error, text, sizeof text);
    jw_text_copy(state->last_error, sizeof state->last_error, text);
    jw_text_format(line, sizeof line, "script: %s stopped: %s", name, text);
    jw_twin_tell(world, JW_EVENT_FAILURE, line, "");
    jw_log_line(JW_LOG_WARNING, "script: %s stopped: %s", name, text);
    state->errors++;
    if (jw_grow(&state->broken, &state->broken_capacity, state->broken_count + 1ull, sizeof *state->broken,
                NULL) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory in a script");
        return;
    }
    jw_text_copy(state->broken[state->broken_count++], SCRIPT_HANDLER_NAME_SIZE, name);
}

/* Calls a handler, through `function`; after a failure what it did to storage is forgotten, its commands
 * stand, and it is not called again. */
static bool call_in_box(jw_world *world, script_state *state, const char *name, lua_CFunction function,
                        script_run *run)
{
    script_box *box = state->program.box;
    jw_error error = {0}, other = {0};
    *run = (script_run){world, state};
    box->owner = run;
    jw_result result = script_box_call(box, function, run, SCRIPT_HANDLER_BUDGET, &error);
    box->owner = NULL;
    if (script_box_call(box, check_upvalues, NULL, SCRIPT_HANDLER_BUDGET,
                        result == JW_OK ? &error : &other) != JW_OK)
        result = JW_ERROR_INPUT;
    if (result == JW_OK)
        return true;
    script_box_call(box, drop_storage, NULL, SCRIPT_HANDLER_BUDGET, &other);
    fail_handler(world, state, name, other.code == JW_ERROR_MEMORY ? &other : &error);
    return false;
}

static void keep(jw_world *world, script_state *state, const char *name)
{
    jw_error error = {0}, other = {0};
    if (script_box_call(state->program.box, keep_storage, state, SCRIPT_HANDLER_BUDGET, &error) == JW_OK)
        return;
    script_box_call(state->program.box, drop_storage, NULL, SCRIPT_HANDLER_BUDGET, &other);
    fail_handler(world, state, name, other.code == JW_ERROR_MEMORY ? &other : &error);
}

/* Calls one handler and keeps what it left. */
static void run_handler(jw_world *world, script_state *state, handler_call *call)
{
    if (call_in_box(world, state, call->name, call_handler, &call->run))
        keep(world, state, call->name);
}

static void run_named(jw_world *world, script_state *state, const char *name)
{
    handler_call call = {.name = name};
    if (has_handler(state, name))
        run_handler(world, state, &call);
}

/* ---- live parameters and beginnings ---- */

static void run_live(jw_world *world, script_state *state)
{
    for (uint32_t i = 0; i < state->program.params.count; i++) {
        if (!state->is_changed[i])
            continue;
        char name[SCRIPT_HANDLER_NAME_SIZE];
        handler_call call = {.name = name, .param = &state->program.params.items[i]};
        state->is_changed[i] = 0;
        script_box_call(state->program.box, drop_params, NULL, SCRIPT_HANDLER_BUDGET, NULL);
        snprintf(name, sizeof name, "live %s", call.param->id);
        if (has_handler(state, name))
            run_handler(world, state, &call);
    }
}

/* ---- what happened ---- */

static uint32_t column_of(const jw_table *table, const char *name)
{
    for (uint32_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return i;
    return JW_NONE;
}

typedef struct request_event {
    const char *type;
} request_event;

static void push_request(lua_State *L, void *event)
{
    lua_createtable(L, 0, 1);
    lua_pushstring(L, ((const request_event *)event)->type);
    lua_setfield(L, -2, "type");
}

static void run_requests(jw_world *world, script_state *state, const char *name, const char *type,
                         int64_t count)
{
    request_event event = {type};
    handler_call call = {.name = name, .push_event = push_request, .event = &event};
    if (count <= 0 || !has_handler(state, name))
        return;
    for (int64_t i = 0; i < count && !is_broken(state, name); i++)
        run_handler(world, state, &call);
}

static void see_requests(jw_world *world, script_state *state)
{
    uint32_t module;
    const jw_table *table = jw_world_find_table(world, "request_types", &module);
    uint32_t type = table ? column_of(table, "type") : JW_NONE;
    uint32_t late = table ? column_of(table, "late") : JW_NONE,
             lost = table ? column_of(table, "lost") : JW_NONE;
    if (type == JW_NONE || late == JW_NONE || lost == JW_NONE)
        return;
    const void *of = jw_world_state(world, module);
    uint32_t count = table->row_count(world, of);
    if (jw_grow(&state->requests, &state->request_capacity, count, sizeof *state->requests, NULL) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory in a script");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        script_seen_requests *seen = &state->requests[i], before = *seen;
        if (i >= state->request_count) {
            before = (script_seen_requests){0};
            state->request_count = i + 1;
        }
        jw_text_copy(seen->type, sizeof seen->type, table->text(world, of, i, type));
        seen->late = table->integer(world, of, i, late);
        seen->lost = table->integer(world, of, i, lost);
        script_seen_requests now = *seen;
        if (!state->is_fresh) {
            run_requests(world, state, "on late_request", now.type, now.late - before.late);
            run_requests(world, state, "on lost_request", now.type, now.lost - before.lost);
        }
    }
}

typedef struct site_event {
    char name[32], tier[16];
} site_event;

static void push_site(lua_State *L, void *event)
{
    const site_event *site = event;
    lua_createtable(L, 0, 2);
    lua_pushstring(L, site->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, site->tier);
    lua_setfield(L, -2, "tier");
}

static void see_sites(jw_world *world, script_state *state)
{
    uint32_t module;
    const jw_table *table = jw_world_find_table(world, "sites", &module);
    uint32_t name = table ? column_of(table, "name") : JW_NONE;
    uint32_t tier = table ? column_of(table, "tier") : JW_NONE,
             is_up = table ? column_of(table, "is_up") : JW_NONE;
    if (name == JW_NONE || tier == JW_NONE || is_up == JW_NONE)
        return;
    const void *of = jw_world_state(world, module);
    uint32_t count = table->row_count(world, of);
    if (jw_grow(&state->sites, &state->site_capacity, count, sizeof *state->sites, NULL) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory in a script");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        script_seen_site *seen = &state->sites[i];
        site_event event;
        jw_text_copy(event.name, sizeof event.name, table->text(world, of, i, name));
        jw_text_copy(event.tier, sizeof event.tier, table->text(world, of, i, tier));
        bool was_up = i >= state->site_count || strcmp(seen->name, event.name) != 0 || seen->is_up;
        memcpy(seen->name, event.name, sizeof seen->name);
        seen->is_up = table->integer(world, of, i, is_up) != 0;
        if (i >= state->site_count)
            state->site_count = i + 1;
        handler_call call = {.name = "on site_failed", .push_event = push_site, .event = &event};
        if (was_up && !seen->is_up && !state->is_fresh && has_handler(state, call.name))
            run_handler(world, state, &call);
    }
}

static void push_failed_command(lua_State *L, void *event)
{
    const jw_log_entry *entry = event;
    lua_createtable(L, 0, 4);
    for (uint32_t i = 0; i < entry->command.arg_count; i++) {
        const jw_arg *arg = &entry->command.args[i];
        if (arg->is_text)
            lua_pushstring(L, arg->text);
        else
            lua_pushnumber(L, arg->number);
        lua_setfield(L, -2, arg->key);
    }
    lua_pushstring(L, entry->command.verb);
    lua_setfield(L, -2, "verb");
    lua_pushstring(L, jw_result_text(entry->result));
    lua_setfield(L, -2, "reason");
}

static void see_commands(jw_world *world, script_state *state)
{
    uint64_t count = jw_world_log_count(world), from = state->log_seen;
    state->log_seen = count;
    if (state->is_fresh || !has_handler(state, "on command_failed"))
        return;
    for (uint64_t i = from; i < count && !is_broken(state, "on command_failed"); i++) {
        jw_log_entry entry = jw_world_log_entry(world, (uint32_t)i);
        handler_call call = {.name = "on command_failed", .push_event = push_failed_command, .event = &entry};
        if (entry.result != JW_OK)
            run_handler(world, state, &call);
    }
}

/* ---- moments ---- */

/* When the moment falls due within (state->last_run_ns, now_ns], or INT64_MIN. */
static int64_t due_ns(const jw_world *world, const script_state *state, const script_moment *moment,
                      int64_t now_ns)
{
    int64_t start_ns = jw_world_start_time_ns(world), due;
    if (moment->period_ns > 0) {
        int64_t periods = (now_ns - start_ns) / moment->period_ns;
        due = periods > 0 ? start_ns + periods * moment->period_ns : INT64_MIN;
    } else {
        due = moment->is_relative ? start_ns + moment->time_ns : moment->time_ns;
    }
    return due > state->last_run_ns && due <= now_ns ? due : INT64_MIN;
}

static const char *key_of(const script_moment *moment)
{
    return strchr(moment->name, ' ') + 1;
}

/* In order of time, then of key. */
static void run_due(jw_world *world, script_state *state, int64_t now_ns)
{
    const script_program *program = &state->program;
    int64_t last_ns = INT64_MIN;
    const char *last_key = "";
    for (;;) {
        const script_moment *next = NULL;
        int64_t next_ns = 0;
        for (uint32_t i = 0; i < program->moment_count; i++) {
            const script_moment *moment = &program->moments[i];
            int64_t due = due_ns(world, state, moment, now_ns);
            bool is_later = due > last_ns || (due == last_ns && strcmp(key_of(moment), last_key) > 0);
            bool is_sooner =
                !next || due < next_ns || (due == next_ns && strcmp(key_of(moment), key_of(next)) < 0);
            if (due != INT64_MIN && is_later && is_sooner) {
                next = moment;
                next_ns = due;
            }
        }
        if (!next)
            return;
        run_named(world, state, next->name);
        last_ns = next_ns;
        last_key = key_of(next);
    }
}

/* ---- signals ---- */

static void fail_signals(jw_world *world, script_state *state, const char *format, uint32_t junction)
{
    jw_error error = {0};
    jw_fail(&error, JW_ERROR_INPUT, NULL, 0, format, junction);
    fail_handler(world, state, SCRIPT_SIGNALS, &error);
}

/* Takes the signals over, when the scenario begins. */
static void take_signals(jw_world *world, script_state *state, jw_traffic *traffic)
{
    const script_signal_plan *plan = &state->program.signals;
    const jw_city *city = jw_twin_city(world);
    for (uint32_t i = 0; i < plan->junction_count; i++) {
        uint32_t j = plan->junctions[i];
        if (j >= city->junction_count || city->junctions[j].programme == JW_NONE) {
            fail_signals(world, state, "signals: junction %u does not exist or has no signals", j);
            return;
        }
    }
    jw_traffic_set_decision_interval(traffic, plan->interval_s);
    for (uint32_t p = 0; p < city->programme_count; p++)
        if (script_controls_programme(&state->program, city, p))
            jw_traffic_set_signal_control(traffic, p, JW_SIGNAL_OUTSIDE);
}

/* Asks the scenario's control about every junction whose decision is due; what it leaves in storage is kept
 * once for all of them. */
static void run_signals(jw_world *world, script_state *state)
{
    uint32_t module = jw_world_find_module(world, "traffic");
    if (!state->program.signals.is_declared || module == JW_NONE || is_broken(state, SCRIPT_SIGNALS))
        return;
    jw_traffic *traffic = jw_world_state(world, module);
    const jw_city *city = jw_twin_city(world);
    if (state->is_start_due || state->is_reload_due)
        take_signals(world, state, traffic);
    bool was_asked = false;
    for (uint32_t p = 0; p < city->programme_count && !is_broken(state, SCRIPT_SIGNALS); p++) {
        if (!jw_traffic_is_decision_due(world, traffic, p) ||
            !script_controls_programme(&state->program, city, p))
            continue;
        script_control_call call;
        call.view = jw_traffic_view_signal(world, traffic, p, &call.answer);
        was_asked = call_in_box(world, state, SCRIPT_SIGNALS, script_call_control, &call.run);
        if (was_asked)
            jw_traffic_answer_signal(world, traffic, &call.view, &call.answer);
    }
    if (was_asked)
        keep(world, state, SCRIPT_SIGNALS);
}

/* ---- routing ---- */

static void set_script_policy(jw_world *world, const script_state *state, bool is_on)
{
    for (uint32_t type = 0; type < jw_twin_request_type_count(world); type++)
        if (script_routes_type(&state->program, jw_twin_request_type(world, type)->name))
            jw_twin_set_policy(world, type, is_on ? JW_POLICY_SCRIPT : JW_POLICY_DEFAULT);
}

static void route_home(jw_world *world, script_state *state, script_route_call *call, uint32_t capacity)
{
    jw_error error = {0};
    uint32_t count = jw_twin_routes(world, call->type, call->home, call->routes, capacity);
    call->count = count < capacity ? count : capacity;
    for (uint32_t i = 0; i < call->count; i++)
        call->weights[i] = 0;
    bool is_home = false;
    for (uint32_t i = 0; i < call->count; i++)
        is_home |= call->routes[i].site.index1 == call->home + 1;
    if (!is_home || !call_in_box(world, state, SCRIPT_ROUTING, script_call_choose, &call->run))
        return;
    if (jw_twin_set_routes(world, call->type, call->home, call->weights, call->count, &error) != JW_OK)
        fail_handler(world, state, SCRIPT_ROUTING, &error);
}

/* Asks the scenario's choice for every type and home when it is due; what it leaves in storage is kept once
 * for all of them. */
static void run_routing(jw_world *world, script_state *state, int64_t now_ns)
{
    const script_routing_plan *plan = &state->program.routing;
    if (!plan->is_declared || jw_world_find_module(world, "twin_requests") == JW_NONE)
        return;
    bool is_first = state->is_start_due || state->is_reload_due;
    int64_t since_ns = now_ns - jw_world_start_time_ns(world);
    int64_t last_ns = state->last_run_ns - jw_world_start_time_ns(world);
    if (is_broken(state, SCRIPT_ROUTING) ||
        (!is_first && since_ns / plan->interval_ns == last_ns / plan->interval_ns))
        return;
    if (is_first)
        set_script_policy(world, state, true);
    uint32_t homes = jw_compute_site_count(jw_world_state(world, JW_TWIN_COMPUTE));
    script_route_call call = {.routes = jw_alloc((homes + 1) * sizeof *call.routes),
                              .weights = jw_alloc((homes + 1) * sizeof *call.weights)};
    if (!call.routes || !call.weights)
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory in a script");
    for (uint32_t type = 0; call.routes && call.weights && type < jw_twin_request_type_count(world); type++) {
        call.type_name = jw_twin_request_type(world, type)->name;
        call.type = type;
        if (script_routes_type(&state->program, call.type_name))
            for (call.home = 0; call.home < homes && !is_broken(state, SCRIPT_ROUTING); call.home++)
                route_home(world, state, &call, homes);
    }
    jw_free(call.routes);
    jw_free(call.weights);
    if (is_broken(state, SCRIPT_ROUTING))
        set_script_policy(world, state, false);
    else
        keep(world, state, SCRIPT_ROUTING);
}

void script_run_moments(jw_world *world, void *pointer)
{
    script_state *state = pointer;
    if (!state->program.box)
        return;
    int64_t now_ns = jw_world_time_ns(world);
    run_live(world, state);
    if (state->is_start_due)
        run_named(world, state, "on_start");
    if (state->is_reload_due)
        run_named(world, state, "on_reload");
    if (state->orders)
        run_named(world, state, SCRIPT_QUARTER);
    run_signals(world, state);
    run_routing(world, state, now_ns);
    see_requests(world, state);
    see_sites(world, state);
    see_commands(world, state);
    run_due(world, state, now_ns);
    state->is_start_due = state->is_reload_due = state->is_fresh = 0;
    state->last_run_ns = now_ns;
    if (script_box_call(state->program.box, drop_storage, NULL, SCRIPT_HANDLER_BUDGET, NULL) ==
        JW_ERROR_MEMORY)
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory in a script");
}
