/* Global functions: Lua's own where they are harmless, ours where they would show addresses, an order that
 * differs between processes, or let a script catch the end of its budget. */
#include "script/script_internal.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys in order ---- */

typedef struct sort_key {
    const char *text; /* NULL: a number */
    size_t size;
    bool is_integer;
    lua_Integer integer;
    lua_Number number;
} sort_key;

/* A float key is never integral (Lua makes those integers), so the order is total. */
static int compare_mixed(lua_Integer a, lua_Number b)
{
    if (b >= 9223372036854775808.0)
        return -1;
    if (b < -9223372036854775808.0)
        return 1;
    return a <= (lua_Integer)jw_floor(b) ? -1 : 1;
}

static int compare_keys(const void *first, const void *second)
{
    const sort_key *a = first, *b = second;
    if (a->text && b->text) {
        int order = memcmp(a->text, b->text, a->size < b->size ? a->size : b->size);
        return order ? order : (a->size > b->size) - (a->size < b->size);
    }
    if (a->text || b->text)
        return a->text ? 1 : -1;
    if (a->is_integer && b->is_integer)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (!a->is_integer && !b->is_integer)
        return (a->number > b->number) - (a->number < b->number);
    return a->is_integer ? compare_mixed(a->integer, b->number) : -compare_mixed(b->integer, a->number);
}

uint32_t script_push_sorted_keys(lua_State *L, int index)
{
    luaL_checkstack(L, 8, NULL);
    index = lua_absindex(L, index);
    uint32_t count = 0;
    lua_pushnil(L);
    for (; lua_next(L, index); count++)
        lua_pop(L, 1);
    script_charge(L, 4ull * count);
    lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
    if (count == 0)
        return 0;
    int keys = lua_gettop(L);
    sort_key *order = lua_newuserdatauv(L, count * sizeof *order, 0);
    uint32_t n = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        sort_key key = {0};
        if (lua_type(L, -1) == LUA_TSTRING) {
            key.text = lua_tolstring(L, -1, &key.size);
        } else if (lua_type(L, -1) == LUA_TNUMBER) {
            key.is_integer = lua_isinteger(L, -1) != 0;
            key.integer = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
            key.number = lua_tonumber(L, -1);
        } else {
            script_fail(L, "a table to walk through has only numbers and texts as keys, not a %s",
                        luaL_typename(L, -1));
        }
        order[n++] = key;
    }
    qsort(order, count, sizeof *order, compare_keys); /* keys differ, so the order is the only one */
    for (uint32_t i = 0; i < count; i++) {
        if (order[i].text)
            lua_pushlstring(L, order[i].text, order[i].size);
        else if (order[i].is_integer)
            lua_pushinteger(L, order[i].integer);
        else
            lua_pushnumber(L, order[i].number);
        lua_rawseti(L, keys, i + 1);
    }
    lua_settop(L, keys);
    return count;
}

/* Upvalues: keys, place, content. */
static int pairs_step(lua_State *L)
{
    lua_Integer place = lua_tointeger(L, lua_upvalueindex(2));
    for (;;) {
        if (lua_rawgeti(L, lua_upvalueindex(1), ++place) == LUA_TNIL)
            return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(3)) != LUA_TNIL)
            break;
        lua_pop(L, 2); /* removed since the walk began */
    }
    lua_pushinteger(L, place);
    lua_replace(L, lua_upvalueindex(2));
    return 2;
}

static int base_pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    script_push_content(L, 1);
    int content = lua_gettop(L);
    script_push_sorted_keys(L, content);
    lua_pushinteger(L, 0);
    lua_pushvalue(L, content);
    lua_pushcclosure(L, pairs_step, 3);
    return 1;
}

static int base_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    script_push_content(L, 1);
    uint32_t count = script_push_sorted_keys(L, 3);
    uint32_t place = 1;
    if (!lua_isnil(L, 2)) {
        for (; place <= count; place++) {
            lua_rawgeti(L, 4, place);
            if (lua_rawequal(L, -1, 2))
                break;
            lua_pop(L, 1);
        }
        if (place++ > count)
            script_fail(L, "next: the table has no such key");
    }
    if (lua_rawgeti(L, 4, place) == LUA_TNIL)
        return 1;
    lua_pushvalue(L, -1);
    lua_rawget(L, 3);
    return 2;
}

/* ---- texts ---- */

const char *script_to_text(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING:
        return luaL_tolstring(L, index, NULL);
    default:
        return lua_pushstring(L, luaL_typename(L, index)); /* Lua would add the address */
    }
}

static int base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    script_to_text(L, 1);
    return 1;
}

static int base_print(lua_State *L)
{
    script_box *box = script_box_of(L);
    char line[240];
    size_t length = 0;
    line[0] = 0;
    for (int i = 1; i <= lua_gettop(L) && length < sizeof line - 1; i++) {
        script_charge(L, 50);
        const char *text = script_to_text(L, i);
        int written = snprintf(line + length, sizeof line - length, "%s%s", i > 1 ? " " : "", text);
        length += written > 0 ? (size_t)written : 0;
        lua_pop(L, 1);
    }
    if (box->print)
        box->print(box->print_context, line);
    return 0;
}

/* The end of the budget and of memory pass through. */
static int base_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    script_box *box = script_box_of(L);
    jw_problems *problems = box->problems;
    box->problems = NULL; /* what the script catches is no problem */
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    box->problems = problems;
    if (status != LUA_OK && (box->budget <= 0 || box->is_out_of_memory))
        lua_error(L);
    lua_pushboolean(L, status == LUA_OK);
    lua_insert(L, 1);
    return lua_gettop(L);
}

int script_call_charged(lua_State *L)
{
    size_t size = 0;
    if (lua_type(L, 1) == LUA_TSTRING)
        lua_tolstring(L, 1, &size);
    else if (lua_istable(L, 1))
        size = (size_t)luaL_len(L, 1);
    script_charge(L, size / 4);
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

/* ---- opening ---- */

void script_open_base(lua_State *L)
{
    static const char *const kept[] = {"assert", "error", "ipairs", "select", "type"};
    static const luaL_Reg own[] = {{"next", base_next},         {"pairs", base_pairs}, {"pcall", base_pcall},
                                   {"tostring", base_tostring}, {"print", base_print}, {NULL, NULL}};
    int globals = lua_gettop(L);
    luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
    for (uint32_t i = 0; i < JW_COUNT_OF(kept); i++) {
        lua_getfield(L, -1, kept[i]);
        lua_setfield(L, globals, kept[i]);
    }
    lua_getfield(L, -1, "tonumber");
    lua_pushcclosure(L, script_call_charged, 1);
    lua_setfield(L, globals, "tonumber");
    lua_settop(L, globals);
    luaL_setfuncs(L, own, 0);
}

void script_open_utf8(lua_State *L)
{
    static const char *const kept[] = {"char", "charpattern"};
    static const char *const charged[] = {"codepoint", "codes", "len", "offset"};
    int globals = lua_gettop(L);
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 0);
    lua_newtable(L);
    for (uint32_t i = 0; i < JW_COUNT_OF(kept); i++) {
        lua_getfield(L, -2, kept[i]);
        lua_setfield(L, -2, kept[i]);
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(charged); i++) {
        lua_getfield(L, -2, charged[i]);
        lua_pushcclosure(L, script_call_charged, 1);
        lua_setfield(L, -2, charged[i]);
    }
    lua_setfield(L, globals, LUA_UTF8LIBNAME);
    lua_settop(L, globals);
}
