/* table: Lua's functions with their work charged, and a sort that is stable. Lua's own sort picks pivots by
 * the clock when its input is lopsided, so that equal elements end up in another order from run to run. */
#include "script/script_internal.h"

#include <lualib.h>

static int table_insert(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_gettop(L) > 2) {
        lua_Integer moved = luaL_len(L, 1) - luaL_checkinteger(L, 2);
        script_charge(L, moved > 0 ? (uint64_t)moved : 0);
    }
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, 0);
    return 0;
}

static int table_remove(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer size = luaL_len(L, 1);
    lua_Integer moved = size - luaL_optinteger(L, 2, size);
    script_charge(L, moved > 0 ? (uint64_t)moved : 0);
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, 1);
    return 1;
}

static int table_move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);
    if (to >= from)
        script_charge(L, (uint64_t)to - (uint64_t)from);
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, 1);
    return 1;
}

/* Charged by the range asked for: concat and unpack take one. */
static int table_range(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    bool is_unpack = lua_toboolean(L, lua_upvalueindex(2)) != 0;
    lua_Integer first = luaL_optinteger(L, is_unpack ? 2 : 3, 1);
    lua_Integer last = luaL_optinteger(L, is_unpack ? 3 : 4, luaL_len(L, 1));
    if (last >= first)
        script_charge(L, (uint64_t)last - (uint64_t)first);
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

/* Stack: 1 table, 2 comparison or nil, 3 scratch table. True when value `b` must come before `a`. */
static bool is_before(lua_State *L, int b, int a)
{
    if (lua_isnil(L, 2))
        return lua_compare(L, b, a, LUA_OPLT) != 0;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, b);
    lua_pushvalue(L, a);
    lua_call(L, 2, 1);
    bool is_less = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return is_less;
}

/* Merges [begin, middle) and [middle, end) of table `from` into table `to`; equal elements keep their order.
 */
static void merge(lua_State *L, int from, int to, lua_Integer begin, lua_Integer middle, lua_Integer end)
{
    lua_Integer left = begin, right = middle;
    for (lua_Integer i = begin; i < end; i++) {
        bool takes_right = left >= middle;
        if (left < middle && right < end) {
            lua_geti(L, from, left);
            lua_geti(L, from, right);
            takes_right = is_before(L, lua_gettop(L), lua_gettop(L) - 1);
            lua_pop(L, 2);
        }
        lua_geti(L, from, takes_right ? right++ : left++);
        lua_seti(L, to, i);
    }
}

static int table_sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_Integer count = luaL_len(L, 1);
    lua_createtable(L, 0, 0);
    int from = 1, to = 3;
    for (lua_Integer width = 1; width < count; width *= 2) {
        script_charge(L, 4 * (uint64_t)count);
        for (lua_Integer begin = 1; begin <= count; begin += 2 * width) {
            lua_Integer middle = begin + width, end = begin + 2 * width;
            merge(L, from, to, begin, middle <= count ? middle : count + 1, end <= count ? end : count + 1);
        }
        int swapped = from;
        from = to;
        to = swapped;
    }
    for (lua_Integer i = 1; from == 3 && i <= count; i++) {
        lua_geti(L, 3, i);
        lua_seti(L, 1, i);
    }
    return 0;
}

void script_open_table(lua_State *L)
{
    static const struct {
        const char *name;
        lua_CFunction wrapper;
        bool is_unpack;
    } wrapped[] = {{"insert", table_insert, false},
                   {"remove", table_remove, false},
                   {"move", table_move, false},
                   {"concat", table_range, false},
                   {"unpack", table_range, true}};
    int globals = lua_gettop(L);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 0);
    int original = lua_gettop(L);
    lua_newtable(L);
    for (uint32_t i = 0; i < JW_COUNT_OF(wrapped); i++) {
        lua_getfield(L, original, wrapped[i].name);
        lua_pushboolean(L, wrapped[i].is_unpack);
        lua_pushcclosure(L, wrapped[i].wrapper, 2);
        lua_setfield(L, -2, wrapped[i].name);
    }
    lua_getfield(L, original, "pack");
    lua_setfield(L, -2, "pack");
    lua_pushcfunction(L, table_sort);
    lua_setfield(L, -2, "sort");
    lua_setfield(L, globals, LUA_TABLIBNAME);
    lua_settop(L, globals);
}
