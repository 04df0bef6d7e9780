/* The object `twin` of handlers: the clock, metrics, tables, and every verb of the world's modules as a
 * method. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define TWIN "jw.twin"

void script_push_twin(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, TWIN);
}

jw_world *script_world_of(lua_State *L, const char *method)
{
    bool has_any = lua_gettop(L) > 0;
    script_push_twin(L);
    bool is_twin = has_any && lua_rawequal(L, 1, -1) != 0;
    lua_pop(L, 1);
    if (!is_twin)
        script_fail(L, "write twin:%s with a colon", method);
    return ((script_run *)script_box_of(L)->owner)->world;
}

/* ---- looking ---- */

static int twin_time_s(lua_State *L)
{
    lua_pushnumber(L, jw_s_from_ns(jw_world_time_ns(script_world_of(L, "time_s"))));
    return 1;
}

static int twin_time(lua_State *L)
{
    int64_t seconds = jw_world_time_ns(script_world_of(L, "time")) / JW_NS_PER_S;
    char text[32];
    snprintf(text, sizeof text, "%02d:%02d:%02d", (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60),
             (int)(seconds % 60));
    lua_pushstring(L, text);
    return 1;
}

static int twin_metric(lua_State *L)
{
    const jw_world *world = script_world_of(L, "metric");
    const char *name = luaL_checkstring(L, 2);
    double value;
    script_charge(L, 20);
    if (!jw_world_metric(world, name, &value)) {
        jw_nearest nearest = script_nearest(world, name, true);
        script_fail(L, "twin:metric: there is no metric \"%s\"%s; docs/lua.md lists them", name,
                    nearest.hint);
    }
    lua_pushnumber(L, value);
    return 1;
}

static int twin_log(lua_State *L)
{
    jw_world *world = script_world_of(L, "log");
    script_charge(L, 50);
    jw_twin_tell(world, JW_EVENT_LINE, script_to_text(L, 2),
                 lua_isnoneornil(L, 3) ? "" : luaL_checkstring(L, 3));
    script_note_reason(((script_run *)script_box_of(L)->owner)->state, script_to_text(L, 2));
    return 0;
}

static int twin_table(lua_State *L)
{
    const jw_world *world = script_world_of(L, "table");
    script_push_rows(L, world, luaL_checkstring(L, 2), lua_istable(L, 3) ? 3 : 0);
    return 1;
}

/* twin:edges{...}: upvalue 1 is the table's name. */
static int named_table(lua_State *L)
{
    const char *name = lua_tostring(L, lua_upvalueindex(1));
    const jw_world *world = script_world_of(L, name);
    if (!lua_isnoneornil(L, 2) && !lua_istable(L, 2))
        script_fail(L, "twin:%s takes a table of columns and values, or nothing", name);
    script_push_rows(L, world, name, lua_istable(L, 2) ? 2 : 0);
    return 1;
}

/* ---- acting ---- */

static void take_argument(lua_State *L, const jw_verb *verb, jw_command *command, const char *key)
{
    switch (lua_type(L, -1)) {
    case LUA_TNUMBER:
        jw_command_number(command, key, lua_tonumber(L, -1));
        break;
    case LUA_TBOOLEAN:
        jw_command_number(command, key, lua_toboolean(L, -1));
        break;
    case LUA_TSTRING: {
        size_t size;
        const char *text = lua_tolstring(L, -1, &size);
        if (size >= JW_ARG_TEXT_SIZE || strlen(text) != size)
            script_fail(L, "twin:%s: \"%s\" is longer than %d bytes or holds a zero byte", verb->name, key,
                        JW_ARG_TEXT_SIZE - 1);
        jw_command_text(command, key, text);
        break;
    }
    default:
        script_fail(L, "twin:%s: \"%s\" must be a number or a text, not a %s", verb->name, key,
                    luaL_typename(L, -1));
    }
}

static void take_table(lua_State *L, const jw_verb *verb, jw_command *command)
{
    script_push_content(L, 2);
    int table = lua_gettop(L);
    uint32_t count = script_push_sorted_keys(L, table);
    if (count > JW_COMMAND_ARGS_MAX)
        script_fail(L, "twin:%s: %u arguments are too many", verb->name, count);
    for (uint32_t i = 1; i <= count; i++) {
        lua_rawgeti(L, table + 1, i);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (!key || strlen(key) >= JW_ARG_KEY_SIZE)
            script_fail(L, "twin:%s takes no \"%.40s\"", verb->name, script_to_text(L, -1));
        lua_pushvalue(L, -1);
        lua_rawget(L, table);
        take_argument(L, verb, command, key);
        lua_pop(L, 2);
    }
}

/* Upvalues: module, verb. Arguments by place, or one table of them by name. */
static int twin_verb(lua_State *L)
{
    jw_world *world = script_world_of(L, "...");
    const jw_module *module = jw_world_module(world, (uint32_t)lua_tointeger(L, lua_upvalueindex(1)));
    const jw_verb *verb = &module->verbs[lua_tointeger(L, lua_upvalueindex(2))];
    jw_command command = jw_command_make(verb->name);
    jw_error error = {0};
    int count = lua_gettop(L) - 1;
    script_charge(L, 100);
    if (count == 1 && lua_istable(L, 2)) {
        take_table(L, verb, &command);
    } else {
        if (count > (int)verb->arg_count)
            script_fail(L, "twin:%s takes %u arguments, not %d", verb->name, verb->arg_count, count);
        for (int i = 0; i < count; i++) {
            if (lua_isnil(L, i + 2))
                continue;
            lua_pushvalue(L, i + 2);
            take_argument(L, verb, &command, verb->args[i].key);
            lua_pop(L, 1);
        }
    }
    if (jw_world_check_command(world, &command, &error) != JW_OK ||
        jw_world_post_from_script(world, &command, &error) != JW_OK)
        script_raise(L, &error);
    script_note_order(L, ((script_run *)script_box_of(L)->owner)->state, &command);
    return 0;
}

/* ---- the object ---- */

const script_binding script_twin_bindings[] = {
    {"time_s", "", "number", "Time of day in seconds.", twin_time_s, NULL, 0},
    {"time", "", "string", "Time of day, \"08:10:30\".", twin_time, NULL, 0},
    {"metric", "name", "number", "A metric's value now.", twin_metric, NULL, 0},
    {"table", "name, filter?", "rows",
     "The rows of a table; twin:edges{...} is the same as twin:table(\"edges\", {...}).", twin_table, NULL,
     0},
    {"log", "text, zh?", "", "A line in the list of events; zh: the same in Chinese.", twin_log, NULL, 0},
};
const uint32_t script_twin_binding_count = JW_COUNT_OF(script_twin_bindings);

static void add_module(lua_State *L, const jw_module *module, uint32_t index)
{
    for (uint32_t i = 0; i < module->table_count; i++) {
        lua_pushstring(L, module->tables[i].name);
        lua_pushcclosure(L, named_table, 1);
        lua_setfield(L, -2, module->tables[i].name);
    }
    for (uint32_t i = 0; i < module->verb_count; i++) {
        if (strcmp(module->verbs[i].name, "load_scenario") == 0 ||
            strcmp(module->verbs[i].name, "reload") == 0)
            continue; /* they carry a text: for the window */
        lua_pushinteger(L, index);
        lua_pushinteger(L, i);
        lua_pushcclosure(L, twin_verb, 2);
        lua_setfield(L, -2, module->verbs[i].name);
    }
}

void script_make_twin(lua_State *L, const jw_world *world)
{
    lua_newtable(L);
    for (uint32_t i = 0; i < jw_world_module_count(world); i++)
        add_module(L, jw_world_module(world, i), i);
    for (uint32_t i = 0; i < script_twin_binding_count; i++) {
        lua_pushcfunction(L, script_twin_bindings[i].function);
        lua_setfield(L, -2, script_twin_bindings[i].name);
    }
    script_freeze_table(L, -1, "twin has no method \"%s\"%s; docs/lua.md lists commands and tables");
    lua_setfield(L, LUA_REGISTRYINDEX, TWIN);
    script_make_rows(L);
}
