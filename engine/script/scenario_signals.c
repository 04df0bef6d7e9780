/* signals { control = ... } of a scenario: anyone's signal control, a junction at a time. The function sees
 * what jw_signal_view shows, as columns, and answers a phase and speeds; it runs in the script's phase, its
 * answers act in the same step. */
#include "script/script_internal.h"

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

const script_field script_signal_fields[] = {
    {"control", FIELD_FUNCTION, true, 0, 0, NULL, NULL,
     "function(junction, storage, p): the number of the green phase wished, nil: by the programme's own "
     "clock; "
     "and, if wanted, advised speeds in km/h by edge",
     0, 0},
    {"interval_s", FIELD_NUMBER, false, 1, 120, NULL, "s", "between decisions; 5 when left out",
     AT(script_signal_plan, interval_s)},
    {"junctions", FIELD_LIST, false, 0, 0, NULL, NULL, "numbers of junctions; all with signals when left out",
     0, 0},
};
_Static_assert(JW_COUNT_OF(script_signal_fields) == SCRIPT_SIGNAL_FIELDS, "counted in script_internal.h");

/* ---- declaring ---- */

static void read_junctions(lua_State *L, int table, script_program *program)
{
    script_push_content(L, table);
    int content = lua_gettop(L);
    uint32_t count = script_push_sorted_keys(L, content);
    for (uint32_t i = 1; i <= count; i++) {
        lua_rawgeti(L, content + 1, i);
        lua_rawget(L, content);
        jw_error error = {0};
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0 || lua_tointeger(L, -1) >= JW_NONE)
            script_fail(L, "scenario: signals.junctions is a list of numbers of junctions");
        if (program && jw_grow(&program->signals.junctions, &program->signals.junction_capacity,
                               program->signals.junction_count + 1ull, sizeof(uint32_t), &error) != JW_OK)
            script_raise(L, &error);
        if (program)
            program->signals.junctions[program->signals.junction_count++] = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    lua_settop(L, content - 1);
}

void script_read_signals(lua_State *L, int scenario, script_program *program, int handlers)
{
    script_signal_plan plan = {.interval_s = 5};
    if (lua_getfield(L, scenario, "signals") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    int table = lua_gettop(L);
    script_read_fields(L, table, "signals", script_signal_fields, SCRIPT_SIGNAL_FIELDS, &plan);
    if (program) {
        program->signals.is_declared = true;
        program->signals.interval_s = plan.interval_s;
        lua_getfield(L, table, "control");
        lua_setfield(L, handlers, SCRIPT_SIGNALS);
    }
    if (lua_getfield(L, table, "junctions") == LUA_TTABLE)
        read_junctions(L, lua_gettop(L), program);
    lua_settop(L, table - 1);
}

bool script_controls_programme(const script_program *program, const jw_city *city, uint32_t programme)
{
    const script_signal_plan *plan = &program->signals;
    for (uint32_t i = 0; i < plan->junction_count; i++)
        if (plan->junctions[i] < city->junction_count &&
            city->junctions[plan->junctions[i]].programme == programme)
            return true;
    return plan->junction_count == 0;
}

/* ---- one decision ---- */

static void set_number(lua_State *L, const char *key, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, uint32_t value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

static void set_integers(lua_State *L, const char *key, const uint32_t *values, uint32_t count)
{
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        lua_pushinteger(L, values[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, key);
}

static void set_floats(lua_State *L, const char *key, const float *values, uint32_t count)
{
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        lua_pushnumber(L, (double)values[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, key);
}

static void set_doubles(lua_State *L, const char *key, const double *values, uint32_t count)
{
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        lua_pushnumber(L, values[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, key);
}

/* Documented in reference.c. */
static void push_junction(lua_State *L, const jw_signal_view *view)
{
    uint32_t greens = view->green_count, lanes = view->lane_count;
    script_charge(L, 40 + 10ull * greens + 6ull * lanes);
    lua_createtable(L, 0, 16);
    set_integer(L, "junction", view->junction);
    set_integer(L, "programme", view->programme);
    set_number(L, "time_s", jw_s_from_ns(view->time_ns));
    set_integer(L, "now", view->phase);
    set_number(L, "elapsed_s", view->elapsed_s);
    set_number(L, "interval_s", view->decision_s);
    lua_pushboolean(L, view->is_changing);
    lua_setfield(L, -2, "is_changing");
    set_integers(L, "phase", view->green, greens);
    set_doubles(L, "min_s", view->min_s, greens);
    set_doubles(L, "max_s", view->max_s, greens);
    set_integers(L, "queued", view->queued, greens);
    set_integers(L, "approaching", view->approaching, greens);
    set_integers(L, "downstream", view->downstream, greens);
    set_floats(L, "wait_s", view->wait_s, greens);
    set_floats(L, "pressure", view->pressure, greens);
    lua_createtable(L, 0, 4);
    set_integers(L, "edge", view->lane_edge, lanes);
    set_integers(L, "queued", view->lane_queued, lanes);
    set_integers(L, "count", view->count, lanes);
    set_floats(L, "occupancy", view->occupancy, lanes);
    lua_setfield(L, -2, "lanes");
}

static void take_phase(lua_State *L, const jw_signal_view *view, jw_signal_answer *answer)
{
    if (lua_isnil(L, -2))
        return;
    lua_Integer phase = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : -1;
    for (uint32_t i = 0; i < view->green_count; i++)
        if (phase == view->green[i]) {
            answer->phase = view->green[i];
            return;
        }
    script_fail(L, "signals.control: %s is no green phase of junction %u; junction.phase lists them",
                script_to_text(L, -2), view->junction);
}

static void take_advice(lua_State *L, const jw_signal_view *view, jw_signal_answer *answer)
{
    if (lua_isnil(L, -1))
        return;
    if (!lua_istable(L, -1))
        script_fail(L, "signals.control: the second answer is a table of speeds in km/h by edge, not a %s",
                    luaL_typename(L, -1));
    int table = lua_gettop(L);
    for (uint32_t i = 0; i < view->lane_count; i++) {
        lua_rawgeti(L, table, view->lane_edge[i]);
        if (!lua_isnil(L, -1)) {
            if (!lua_isnumber(L, -1) || !(lua_tonumber(L, -1) >= 0 && lua_tonumber(L, -1) <= 300))
                script_fail(L, "signals.control: the speed for edge %u must be 0 to 300 km/h",
                            view->lane_edge[i]);
            answer->advised_mps[i] = (float)(lua_tonumber(L, -1) / 3.6);
        }
        lua_pop(L, 1);
    }
}

int script_call_control(lua_State *L)
{
    script_control_call *call = lua_touserdata(L, 1);
    script_push_handler(L, SCRIPT_SIGNALS);
    push_junction(L, &call->view);
    script_push_storage(L, call->run.state);
    script_push_p(L, call->run.state);
    lua_call(L, 3, 2);
    take_phase(L, &call->view, &call->answer);
    take_advice(L, &call->view, &call->answer);
    return 0;
}
