/* The pattern functions of the sandbox against those of Lua itself, on patterns and texts made by chance. */
#include "script_test.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* Tries many random patterns; gives a hash over all results and how many were no errors. */
static const char program[] =
    "local seed = %d\n"
    "local function draw(n) seed = (seed * 1103515245 + 12345) %% 2147483648 return seed // 65536 %% n + 1 "
    "end\n"
    "local pieces = { 'a', 'b', '.', '%%a', '%%w', '[ab]', '[^a]', '%%d', '(', ')', '()', '*', '+', '-', "
    "'?', '^', '$',\n"
    "  '%%1', '%%2', '%%b()', '%%f[%%w]', 'x', '%%s', ' ', '[a-f]', '[%%w_]', '[]x]', '[^]]', '[a-]', '%%', "
    "'[', '%%A', '%%.',\n"
    "  '(a*)', '(.-)', '(%%w+)', '(%%d?)', '(()b)' }\n"
    "local letters = { 'a', 'b', 'ab', '1', ' ', '(', ')', 'x', 'aa', '.', ']', '-' }\n"
    "local function text(from, most) local s = '' for i = 1, draw(most) do s = s .. from[draw(#from)] end "
    "return s end\n"
    "local hash, fine = 0, 0\n"
    "local function take(ok, ...)\n"
    "  local s = tostring(ok)\n"
    "  if ok then fine = fine + 1 for i = 1, select('#', ...) do s = s .. ',' .. tostring((select(i, ...))) "
    "end end\n"
    "  for i = 1, #s do hash = (hash * 31 + s:byte(i)) %% 1000000007 end\n"
    "end\n"
    "local function all(s, p) local r = '' for a, b in s:gmatch(p) do r = r .. a .. '/' .. tostring(b) .. "
    "';' end return r end\n"
    "for i = 1, 400 do\n"
    "  local s, p = text(letters, 12), text(pieces, 6)\n"
    "  take(pcall(string.find, s, p))\n"
    "  take(pcall(string.find, s, p, draw(8) - 4))\n"
    "  take(pcall(string.match, s, p))\n"
    "  take(pcall(string.gsub, s, p, '<%%0>'))\n"
    "  take(pcall(string.gsub, s, p, '%%1', 2))\n"
    "  take(pcall(string.gsub, s, p, function(a) return a == 'a' and 'A' or nil end))\n"
    "  take(pcall(all, s, p))\n"
    "end\n"
    "print(hash, fine)\n";

static int take_line(lua_State *L)
{
    lua_pushfstring(L, "%s %s", luaL_tolstring(L, 1, NULL), luaL_tolstring(L, 2, NULL));
    lua_setfield(L, LUA_REGISTRYINDEX, "line");
    return 0;
}

static void run_in_lua(const char *text, char *out, size_t size)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    lua_pushcfunction(L, take_line);
    lua_setglobal(L, "print");
    if (luaL_dostring(L, text))
        fail_msg("%s", lua_tostring(L, -1));
    lua_getfield(L, LUA_REGISTRYINDEX, "line");
    jw_text_copy(out, size, lua_tostring(L, -1));
    lua_close(L);
}

static void run_in_sandbox(const char *text, char *out, size_t size)
{
    char whole[6000];
    jw_error error = {0};
    jw_world *world;
    snprintf(whole, sizeof whole, "return scenario { title = 'x', on_start = function()\n%s\nend }\n", text);
    write_text_file("pattern.lua", whole);
    make_script_world("pattern.lua", NULL, &world, &error);
    if (!world)
        fail_msg("%d: %s", error.line, error.message);
    step_world(world, 1);
    const char *failure = jw_script_last_error(world);
    jw_text_copy(out, size, failure[0] ? failure : last_line(world));
    jw_world_destroy(world);
}

static void test_against_lua(void **state)
{
    (void)state;
    for (int seed = 1; seed <= 60; seed++) {
        char text[4000], wanted[200], got[200];
        snprintf(text, sizeof text, program, seed * 7919);
        run_in_lua(text, wanted, sizeof wanted);
        run_in_sandbox(text, got, sizeof got);
        assert_string_equal(got, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_lua)};
    jw_log_to(no_log, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
