/* math over base/math.h: the same bits on every processor. Random numbers are a function of the world's seed
 * and of how many were drawn. */
#include "script/script_internal.h"

#include <math.h>

typedef double (*function_of_one)(double x);

static double number_deg(double x)
{
    return x * (180.0 / JW_PI);
}

static double number_rad(double x)
{
    return x * (JW_PI / 180.0);
}

static const struct {
    const char *name;
    function_of_one function;
    bool is_periodic;
} of_one[] = {{"acos", jw_acos, false},   {"asin", jw_asin, false}, {"cos", jw_cos, true},
              {"deg", number_deg, false}, {"exp", jw_exp, false},   {"rad", number_rad, false},
              {"sin", jw_sin, true},      {"sqrt", jw_sqrt, false}, {"tan", jw_tan, true}};

static int math_of_one(lua_State *L)
{
    lua_Integer which = lua_tointeger(L, lua_upvalueindex(1));
    double x = luaL_checknumber(L, 1);
    if (of_one[which].is_periodic && !(jw_abs(x) <= 1e6))
        script_fail(L, "math.%s: %g is too large an angle; at most 1e6 radians are taken", of_one[which].name,
                    x);
    lua_pushnumber(L, of_one[which].function(x));
    return 1;
}

/* As an integer when it fits, like Lua. */
static void push_whole(lua_State *L, double x)
{
    if (x >= -9223372036854775808.0 && x < 9223372036854775808.0)
        lua_pushinteger(L, (lua_Integer)x);
    else
        lua_pushnumber(L, x);
}

static int math_down(lua_State *L)
{
    if (lua_isinteger(L, 1))
        lua_settop(L, 1);
    else
        push_whole(L, jw_floor(luaL_checknumber(L, 1)));
    return 1;
}

static int math_up(lua_State *L)
{
    if (lua_isinteger(L, 1))
        lua_settop(L, 1);
    else
        push_whole(L, jw_ceil(luaL_checknumber(L, 1)));
    return 1;
}

static int math_magnitude(lua_State *L)
{
    if (lua_isinteger(L, 1)) {
        lua_Integer n = lua_tointeger(L, 1);
        lua_pushinteger(L, n < 0 ? (lua_Integer)(0u - (lua_Unsigned)n) : n);
    } else {
        lua_pushnumber(L, jw_abs(luaL_checknumber(L, 1)));
    }
    return 1;
}

static int math_arc(lua_State *L)
{
    lua_pushnumber(L, jw_atan2(luaL_checknumber(L, 1), luaL_optnumber(L, 2, 1)));
    return 1;
}

static int math_logarithm(lua_State *L)
{
    double x = luaL_checknumber(L, 1);
    if (lua_isnoneornil(L, 2)) {
        lua_pushnumber(L, jw_log(x));
        return 1;
    }
    double base = luaL_checknumber(L, 2);
    lua_pushnumber(L, base == 2 ? jw_log2(x) : base == 10 ? jw_log10(x) : jw_log(x) / jw_log(base));
    return 1;
}

static int math_power(lua_State *L)
{
    double x = luaL_checknumber(L, 1), y = luaL_checknumber(L, 2);
    if (x < 0) {
        if (jw_floor(y) != y || jw_abs(y) > 1e9)
            script_fail(L, "math.pow: %g to the power of %g is no real number", x, y);
        bool is_odd = jw_fmod(y, 2) != 0;
        lua_pushnumber(L, is_odd ? -jw_pow(-x, y) : jw_pow(-x, y));
        return 1;
    }
    lua_pushnumber(L, jw_pow(x, y));
    return 1;
}

static int math_remainder(lua_State *L)
{
    double x = luaL_checknumber(L, 1), y = luaL_checknumber(L, 2);
    if (y == 0)
        script_fail(L, "math.fmod: the second number is zero");
    if (lua_isinteger(L, 1) && lua_isinteger(L, 2)) {
        lua_Integer a = lua_tointeger(L, 1), b = lua_tointeger(L, 2);
        lua_pushinteger(L, b == -1 ? 0 : a % b); /* the smallest integer by -1 would overflow */
    } else {
        lua_pushnumber(L, jw_fmod(x, y));
    }
    return 1;
}

static int math_parts(lua_State *L)
{
    double x = luaL_checknumber(L, 1);
    double whole = x < 0 ? jw_ceil(x) : jw_floor(x);
    lua_pushnumber(L, whole);
    lua_pushnumber(L, isfinite(x) ? x - whole : 0);
    return 2;
}

static int pick(lua_State *L, int operation, bool wants_first)
{
    int best = 1;
    luaL_checknumber(L, 1);
    for (int i = 2; i <= lua_gettop(L); i++) {
        luaL_checknumber(L, i);
        bool is_less = lua_compare(L, wants_first ? i : best, wants_first ? best : i, operation) != 0;
        best = is_less ? i : best;
    }
    lua_pushvalue(L, best);
    return 1;
}

static int math_smallest(lua_State *L)
{
    return pick(L, LUA_OPLT, true);
}

static int math_largest(lua_State *L)
{
    return pick(L, LUA_OPLT, false);
}

static int math_tointeger(lua_State *L)
{
    int is_whole;
    lua_Integer n = lua_tointegerx(L, 1, &is_whole);
    if (is_whole)
        lua_pushinteger(L, n);
    else
        lua_pushnil(L);
    return 1;
}

static int math_kind(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_type(L, 1) != LUA_TNUMBER)
        lua_pushnil(L);
    else
        lua_pushstring(L, lua_isinteger(L, 1) ? "integer" : "float");
    return 1;
}

static int math_less(lua_State *L)
{
    lua_pushboolean(L, (lua_Unsigned)luaL_checkinteger(L, 1) < (lua_Unsigned)luaL_checkinteger(L, 2));
    return 1;
}

/* random(): [0, 1); random(n): 1..n; random(a, b): a..b. */
static int math_draw(lua_State *L)
{
    script_box *box = script_box_of(L);
    lua_Integer low = 1, high;
    if (lua_gettop(L) == 0) {
        lua_pushnumber(L, jw_random_uniform(box->random, 0, box->draws++));
        return 1;
    }
    high = luaL_checkinteger(L, 1);
    if (lua_gettop(L) > 1) {
        low = high;
        high = luaL_checkinteger(L, 2);
    }
    uint64_t span = (uint64_t)high - (uint64_t)low;
    if (low > high || span >= UINT32_MAX)
        script_fail(L, "math.random: from %lld to %lld is no range of 1 to 4294967295 numbers",
                    (long long)low, (long long)high);
    uint64_t drawn = jw_random_index(box->random, 0, box->draws++, (uint32_t)span + 1);
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + drawn));
    return 1;
}

void script_open_math(lua_State *L)
{
    static const luaL_Reg own[] = {
        {"abs", math_magnitude}, {"atan", math_arc},       {"ceil", math_up},
        {"floor", math_down},    {"fmod", math_remainder}, {"log", math_logarithm},
        {"max", math_largest},   {"min", math_smallest},   {"modf", math_parts},
        {"pow", math_power},     {"random", math_draw},    {"tointeger", math_tointeger},
        {"type", math_kind},     {"ult", math_less},       {NULL, NULL}};
    luaL_newlib(L, own);
    for (uint32_t i = 0; i < JW_COUNT_OF(of_one); i++) {
        lua_pushinteger(L, i);
        lua_pushcclosure(L, math_of_one, 1);
        lua_setfield(L, -2, of_one[i].name);
    }
    lua_pushnumber(L, JW_PI);
    lua_setfield(L, -2, "pi");
    lua_pushnumber(L, INFINITY);
    lua_setfield(L, -2, "huge");
    lua_pushinteger(L, LUA_MAXINTEGER);
    lua_setfield(L, -2, "maxinteger");
    lua_pushinteger(L, LUA_MININTEGER);
    lua_setfield(L, -2, "mininteger");
    lua_setfield(L, -2, "math");
}
