/* What was made while loading is the same in every handler and after every restore: tables become read-only
 * in place, and closures' variables are put back when a handler assigned them.
 *
 * A frozen table is emptied into a table of its content that its metatable gives by __index: reading stays
 * fast and a write is caught at its line. Scripts have no metatables, so any on a table is ours. Closures
 * that live on are those reachable when loading ends (nothing later can keep one), so their upvalues are
 * listed once. */
#include "script/script_internal.h"

#include <stdio.h>

#define SAFE     "jw.safe"     /* C functions of the libraries: they remember nothing */
#define UPVALUES "jw.upvalues" /* triples: function, number, value */

void script_push_content(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    int type = luaL_getmetafield(L, index, "__index");
    if (type == LUA_TTABLE)
        return;
    if (type != LUA_TNIL)
        lua_pop(L, 1);
    lua_pushvalue(L, index);
}

/* ---- a frozen table ---- */

static int frozen_write(lua_State *L)
{
    const char *key = script_to_text(L, 2);
    const char *kind = lua_tostring(L, lua_upvalueindex(1));
    if (kind[0] == 'g')
        script_fail(L, "a handler assigns the global \"%s\": use a local, or storage for what must stay",
                    key);
    script_fail(L,
                "\"%s\" is assigned in a table that was made while loading: it is read-only now; keep what "
                "changes in storage",
                key);
}

static int frozen_length(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, lua_upvalueindex(1)));
    return 1;
}

void script_try_keys(lua_State *L, int index, jw_nearest *nearest)
{
    index = lua_absindex(L, index);
    uint32_t count = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1), count++)
        if (lua_type(L, -2) == LUA_TSTRING)
            jw_nearest_try(nearest, lua_tostring(L, -2));
    script_charge(L, 10 * count);
}

static int strict_read(lua_State *L)
{
    const char *key = script_to_text(L, 2);
    jw_nearest nearest = jw_nearest_to(key);
    script_try_keys(L, 1, &nearest);
    script_report(L, "%s", lua_pushfstring(L, lua_tostring(L, lua_upvalueindex(1)), key, nearest.hint));
    script_push_unknown(L);
    return 1;
}

/* Empties the table at `index` into a new one, which is left on the stack. */
static void move_content(lua_State *L, int index)
{
    lua_newtable(L);
    int content = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, content);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, index); /* clearing a field does not disturb lua_next */
    }
}

/* Freezes one table; leaves its content table on the stack. */
static void freeze_one(lua_State *L, int index, const char *kind)
{
    move_content(L, index);
    int content = lua_gettop(L);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, content);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, kind);
    lua_pushcclosure(L, frozen_write, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushvalue(L, content);
    lua_pushcclosure(L, frozen_length, 1);
    lua_setfield(L, -2, "__len");
    lua_setmetatable(L, index);
}

/* ---- the walk ---- */

/* Stack places of the walk's own tables. */
typedef struct walk {
    int todo; /* values still to look at */
    lua_Integer todo_count;
    int seen;     /* tables, functions, upvalue ids */
    int upvalues; /* list to fill; 0: functions are not looked into */
    lua_Integer upvalue_count;
} walk;

/* Pops a value; remembers it when it is a table or function that is new. */
static void add_to_walk(lua_State *L, walk *w)
{
    if (!lua_istable(L, -1) && !lua_isfunction(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_pushvalue(L, -1);
    if (lua_rawget(L, w->seen) != LUA_TNIL) {
        lua_pop(L, 2);
        return;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, w->seen);
    lua_rawseti(L, w->todo, ++w->todo_count);
}

static void walk_table(lua_State *L, walk *w, int index, const char *kind)
{
    if (lua_getmetatable(L, index)) { /* frozen already */
        lua_pop(L, 1);
        return;
    }
    freeze_one(L, index, kind);
    int content = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, content))
        add_to_walk(L, w);
    lua_pop(L, 1);
}

/* Lists the upvalues of a Lua function and goes on to their values. */
static void walk_function(lua_State *L, walk *w, int index)
{
    if (lua_iscfunction(L, index)) {
        lua_getfield(L, LUA_REGISTRYINDEX, SAFE);
        lua_pushvalue(L, index);
        if (lua_rawget(L, -2) == LUA_TNIL)
            script_fail(
                L,
                "an iterator made while loading (by pairs, gmatch, ...) is kept: make it where it is used");
        lua_pop(L, 2);
        return;
    }
    for (int i = 1; lua_getupvalue(L, index, i); i++) {
        void *id = lua_upvalueid(L, index, i);
        if (lua_rawgetp(L, w->seen, id) == LUA_TNIL) {
            lua_pushboolean(L, 1);
            lua_rawsetp(L, w->seen, id);
            lua_pushvalue(L, index);
            lua_rawseti(L, w->upvalues, ++w->upvalue_count);
            lua_pushinteger(L, i);
            lua_rawseti(L, w->upvalues, ++w->upvalue_count);
            lua_pushvalue(L, -2);
            lua_rawseti(L, w->upvalues, ++w->upvalue_count);
        }
        lua_pop(L, 1);
        add_to_walk(L, w);
    }
}

static void walk_all(lua_State *L, walk *w)
{
    while (w->todo_count > 0) {
        lua_rawgeti(L, w->todo, w->todo_count--);
        int value = lua_gettop(L);
        if (lua_istable(L, value))
            walk_table(L, w, value, "table");
        else if (w->upvalues)
            walk_function(L, w, value);
        lua_settop(L, value - 1);
    }
}

static walk begin_walk(lua_State *L)
{
    luaL_checkstack(L, 20, NULL);
    walk w = {0};
    lua_newtable(L);
    w.todo = lua_gettop(L);
    lua_newtable(L);
    w.seen = lua_gettop(L);
    return w;
}

void script_freeze(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    int top = lua_gettop(L);
    walk w = begin_walk(L);
    lua_newtable(L);
    w.upvalues = lua_gettop(L);
    lua_pushvalue(L, w.upvalues);
    lua_setfield(L, LUA_REGISTRYINDEX, UPVALUES);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, w.seen);
    walk_table(L, &w, lua_gettop(L), "global");
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    add_to_walk(L, &w);
    walk_all(L, &w);
    lua_settop(L, top);
    script_box_of(L)->is_loading = false;
}

void script_freeze_table(lua_State *L, int index, const char *unknown)
{
    index = lua_absindex(L, index);
    int top = lua_gettop(L);
    walk w = begin_walk(L);
    lua_pushvalue(L, index);
    add_to_walk(L, &w);
    walk_all(L, &w);
    if (unknown) {
        script_push_content(L, index);
        lua_createtable(L, 0, 1);
        lua_pushstring(L, unknown);
        lua_pushcclosure(L, strict_read, 1);
        lua_setfield(L, -2, "__index");
        lua_setmetatable(L, -2);
    }
    lua_settop(L, top);
}

/* ---- upvalues ---- */

static void add_safe(lua_State *L, int safe, int table, bool with_tables)
{
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (lua_iscfunction(L, -1)) {
            lua_pushvalue(L, -1);
            lua_pushboolean(L, 1);
            lua_rawset(L, safe);
        } else if (with_tables && lua_istable(L, -1)) {
            add_safe(L, safe, lua_gettop(L), false);
        }
        lua_pop(L, 1);
    }
}

void script_remember_safe(lua_State *L, int globals)
{
    globals = lua_absindex(L, globals);
    lua_newtable(L);
    add_safe(L, lua_gettop(L), globals, true);
    lua_setfield(L, LUA_REGISTRYINDEX, SAFE);
}

/* Equal, or both not a number. */
static bool is_same(lua_State *L, int a, int b)
{
    if (lua_rawequal(L, a, b))
        return true;
    if (lua_type(L, a) != LUA_TNUMBER || lua_type(L, b) != LUA_TNUMBER)
        return false;
    return !lua_rawequal(L, a, a) && !lua_rawequal(L, b, b);
}

void script_check_upvalues(lua_State *L)
{
    int top = lua_gettop(L);
    if (lua_getfield(L, LUA_REGISTRYINDEX, UPVALUES) != LUA_TTABLE) {
        lua_settop(L, top);
        return;
    }
    int list = lua_gettop(L);
    char what[300] = "";
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i < count; i += 3) {
        lua_rawgeti(L, list, i);
        lua_rawgeti(L, list, i + 1);
        int number = (int)lua_tointeger(L, -1);
        lua_rawgeti(L, list, i + 2);
        const char *name = lua_getupvalue(L, list + 1, number);
        if (!is_same(L, list + 3, list + 4)) {
            lua_Debug ar;
            lua_pushvalue(L, list + 1);
            lua_getinfo(L, ">S", &ar);
            if (!what[0])
                snprintf(what, sizeof what,
                         "%s:%d: a handler assigns \"%s\", a local from outside of it: it would be lost by a "
                         "restore; keep what changes in storage",
                         ar.short_src, ar.linedefined, name);
            lua_pushvalue(L, list + 3);
            lua_setupvalue(L, list + 1, number);
        }
        lua_settop(L, list);
    }
    lua_settop(L, top);
    if (what[0]) {
        lua_pushstring(L, what);
        lua_error(L);
    }
}
