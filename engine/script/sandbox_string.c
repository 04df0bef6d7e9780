/* string: Lua's functions with their work charged; pattern functions are our own (sandbox_pattern.c), since
 * the count of instructions does not see how long a match takes. */
#include "script/script_internal.h"

#include <lualib.h>
#include <string.h>

static int string_rep(lua_State *L)
{
    size_t size, separator_size;
    luaL_checklstring(L, 1, &size);
    lua_Integer count = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator_size);
    if (count > 0 && (size + separator_size) > 0 &&
        (uint64_t)count > SCRIPT_STRING_MAX / (size + separator_size))
        script_fail(L, "string.rep: the result would be longer than 64 kB");
    script_charge(L, count > 0 ? (uint64_t)count : 0);
    int arguments = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, arguments, 1);
    return 1;
}

/* Tables and functions are written without their address; %p is refused. */
static int string_format(lua_State *L)
{
    size_t size;
    const char *format = luaL_checklstring(L, 1, &size);
    int argument = 1;
    for (const char *c = format; c < format + size; c++) {
        if (*c != '%')
            continue;
        c++;
        if (c < format + size && *c == '%')
            continue;
        argument++;
        while (c < format + size && strchr("-+ #0123456789.", *c) && *c)
            c++;
        if (c < format + size && *c == 'p')
            script_fail(L, "string.format: %%p shows addresses, which differ from run to run");
        if (c < format + size && *c == 's' && argument <= lua_gettop(L)) {
            script_to_text(L, argument);
            lua_replace(L, argument);
        }
    }
    script_charge(L, size);
    int arguments = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, arguments, 1);
    return 1;
}

void script_open_string(lua_State *L)
{
    static const char *const kept[] = {"char", "len", "sub"};
    static const char *const charged[] = {"byte", "lower", "reverse", "upper"};
    static const luaL_Reg own[] = {{"find", script_string_find},
                                   {"match", script_string_match},
                                   {"gmatch", script_string_gmatch},
                                   {"gsub", script_string_gsub},
                                   {NULL, NULL}};
    int globals = lua_gettop(L);
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);
    int original = lua_gettop(L);
    luaL_newlib(L, own);
    for (uint32_t i = 0; i < JW_COUNT_OF(kept); i++) {
        lua_getfield(L, original, kept[i]);
        lua_setfield(L, -2, kept[i]);
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(charged); i++) {
        lua_getfield(L, original, charged[i]);
        lua_pushcclosure(L, script_call_charged, 1);
        lua_setfield(L, -2, charged[i]);
    }
    lua_getfield(L, original, "rep");
    lua_pushcclosure(L, string_rep, 1);
    lua_setfield(L, -2, "rep");
    lua_getfield(L, original, "format");
    lua_pushcclosure(L, string_format, 1);
    lua_setfield(L, -2, "format");
    /* ("x"):upper() finds these; arithmetic on texts, which Lua adds here, is left out. */
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    lua_setfield(L, globals, LUA_STRLIBNAME);
    lua_settop(L, globals);
}
