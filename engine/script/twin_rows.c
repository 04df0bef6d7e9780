/* Tables for handlers: rows of one of the world's tables, asked by whole columns. A rows object lives as long
 * as its handler: it cannot be stored. Rows that stand for edges or junctions have the map's columns as well.
 */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define ROWS "jw.rows"

typedef struct rows {
    const jw_table *table;
    uint32_t module;
    uint32_t count;
    uint32_t index[]; /* rows of the table */
} rows;

/* ---- columns ---- */

typedef enum map_column {
    MAP_LENGTH,
    MAP_LANES,
    MAP_CLASS,
    MAP_NAME,
    MAP_FROM,
    MAP_TO,
    MAP_X,
    MAP_Y,
    MAP_SIGNAL
} map_column;

static const struct {
    const char *name;
    jw_geometry_key geometry;
    map_column column;
} map_columns[] = {
    {"length_m", JW_GEOMETRY_EDGE, MAP_LENGTH},
    {"lanes", JW_GEOMETRY_EDGE, MAP_LANES},
    {"class", JW_GEOMETRY_EDGE, MAP_CLASS},
    {"name", JW_GEOMETRY_EDGE, MAP_NAME},
    {"from", JW_GEOMETRY_EDGE, MAP_FROM},
    {"to", JW_GEOMETRY_EDGE, MAP_TO},
    {"x_m", JW_GEOMETRY_JUNCTION, MAP_X},
    {"y_m", JW_GEOMETRY_JUNCTION, MAP_Y},
    {"has_signal", JW_GEOMETRY_JUNCTION, MAP_SIGNAL},
};

/* A column of the table (`own` < JW_NONE) or of the map. */
typedef struct column {
    uint32_t own, map;
} column;

static bool find_column(const jw_world *world, const jw_table *table, const char *name, column *out)
{
    *out = (column){JW_NONE, JW_NONE};
    for (uint32_t i = 0; i < table->column_count && out->own == JW_NONE; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            out->own = i;
    bool has_map = jw_world_shared(world) && table->row_geometry;
    for (uint32_t i = 0; i < JW_COUNT_OF(map_columns) && has_map; i++)
        if (map_columns[i].geometry == table->geometry && strcmp(map_columns[i].name, name) == 0)
            out->map = i;
    return out->own != JW_NONE || out->map != JW_NONE;
}

static column check_column(lua_State *L, const jw_world *world, const rows *r, const char *name)
{
    column c;
    if (find_column(world, r->table, name, &c))
        return c;
    char known[400] = "";
    jw_nearest nearest = jw_nearest_to(name);
    for (uint32_t i = 0; i < r->table->column_count; i++) {
        size_t length = strlen(known);
        snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", r->table->columns[i].name);
        jw_nearest_try(&nearest, r->table->columns[i].name);
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(map_columns); i++) {
        size_t length = strlen(known);
        if (map_columns[i].geometry != r->table->geometry)
            continue;
        snprintf(known + length, sizeof known - length, ", %s", map_columns[i].name);
        jw_nearest_try(&nearest, map_columns[i].name);
    }
    script_fail(L, "table \"%s\" has no column \"%.40s\"%s; it has: %s", r->table->name, name, nearest.hint,
                known);
}

static void push_map_value(lua_State *L, const jw_city *city, map_column which, uint32_t key)
{
    static const char *const classes[] = {"motorway", "trunk",       "primary", "secondary",
                                          "tertiary", "residential", "service"};
    switch (which) {
    case MAP_LENGTH:
        lua_pushnumber(L, city->edges[key].length_m);
        break;
    case MAP_LANES:
        lua_pushinteger(L, city->edges[key].lane_count);
        break;
    case MAP_CLASS:
        lua_pushstring(L, classes[city->edges[key].road_class]);
        break;
    case MAP_NAME:
        lua_pushstring(L, jw_city_text(city, city->edges[key].name));
        break;
    case MAP_FROM:
        lua_pushinteger(L, city->edges[key].from);
        break;
    case MAP_TO:
        lua_pushinteger(L, city->edges[key].to);
        break;
    case MAP_X:
        lua_pushnumber(L, city->junctions[key].x_m);
        break;
    case MAP_Y:
        lua_pushnumber(L, city->junctions[key].y_m);
        break;
    case MAP_SIGNAL:
        lua_pushboolean(L, city->junctions[key].programme != JW_NONE);
        break;
    }
}

static void push_value(lua_State *L, const jw_world *world, const rows *r, column c, uint32_t row)
{
    const void *state = jw_world_state(world, r->module);
    const jw_table *table = r->table;
    if (c.own == JW_NONE) {
        uint32_t key = table->row_geometry(world, state, row);
        push_map_value(L, jw_world_shared(world), map_columns[c.map].column, key);
        return;
    }
    switch (table->columns[c.own].type) {
    case JW_COLUMN_F64:
        lua_pushnumber(L, table->number(world, state, row, c.own));
        break;
    case JW_COLUMN_I64:
        lua_pushinteger(L, table->integer(world, state, row, c.own));
        break;
    case JW_COLUMN_TIME_NS:
        lua_pushnumber(L, jw_s_from_ns(table->integer(world, state, row, c.own)));
        break;
    case JW_COLUMN_TEXT:
        lua_pushstring(L, table->text(world, state, row, c.own));
        break;
    }
}

/* What a command would call the row: its name, the number of its edge or junction, or the row's own number.
 */
static void push_id(lua_State *L, const jw_world *world, const rows *r, uint32_t row)
{
    column c;
    bool has_geometry = r->table->geometry != JW_GEOMETRY_NONE && r->table->geometry != JW_GEOMETRY_POINT;
    if (has_geometry && r->table->row_geometry)
        lua_pushinteger(L, r->table->row_geometry(world, jw_world_state(world, r->module), row));
    else if (find_column(world, r->table, "name", &c))
        push_value(L, world, r, c, row);
    else
        lua_pushinteger(L, row);
}

/* ---- making ---- */

/* Whether the value on top of the stack, popped, is what the filter's value at `wanted` asks for. */
static bool is_wanted(lua_State *L, int wanted)
{
    bool is_in = true;
    if (!lua_istable(L, wanted)) {
        is_in = lua_compare(L, -1, wanted, LUA_OPEQ) != 0;
    } else if (lua_type(L, -1) != LUA_TNUMBER) {
        is_in = false;
    } else {
        if (lua_getfield(L, wanted, "min") == LUA_TNUMBER)
            is_in = lua_tonumber(L, -2) >= lua_tonumber(L, -1);
        lua_pop(L, 1);
        if (lua_getfield(L, wanted, "max") == LUA_TNUMBER)
            is_in = is_in && lua_tonumber(L, -2) <= lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return is_in;
}

static void check_bounds(lua_State *L, int wanted, const char *table, const char *name)
{
    static const script_field bounds[] = {{"min", FIELD_NUMBER, false, 0, 0, NULL, NULL, "at least", 0, 8},
                                          {"max", FIELD_NUMBER, false, 0, 0, NULL, NULL, "at most", 0, 8}};
    char what[80];
    double unused;
    snprintf(what, sizeof what, "filter %.24s.%.40s", table, name);
    if (lua_istable(L, wanted))
        script_read_fields(L, wanted, what, bounds, JW_COUNT_OF(bounds), &unused);
}

/* Keeps the rows for which column `name` is what the value on top of the stack asks for. */
static void filter_rows(lua_State *L, const jw_world *world, rows *r, const char *name)
{
    int wanted = lua_gettop(L);
    column c = check_column(L, world, r, name);
    check_bounds(L, wanted, r->table->name, name);
    script_charge(L, 4ull * r->count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        push_value(L, world, r, c, r->index[i]);
        if (is_wanted(L, wanted))
            r->index[kept++] = r->index[i];
    }
    r->count = kept;
}

jw_nearest script_nearest(const jw_world *world, const char *name, bool is_metric)
{
    jw_nearest nearest = jw_nearest_to(name);
    for (uint32_t m = 0; m < jw_world_module_count(world); m++) {
        const jw_module *module = jw_world_module(world, m);
        for (uint32_t i = 0; i < (is_metric ? module->metric_count : module->table_count); i++)
            jw_nearest_try(&nearest, is_metric ? module->metrics[i].name : module->tables[i].name);
    }
    return nearest;
}

void script_push_rows(lua_State *L, const jw_world *world, const char *name, int filter)
{
    uint32_t module;
    const jw_table *table = jw_world_find_table(world, name, &module);
    if (!table) {
        jw_nearest nearest = script_nearest(world, name, false);
        script_fail(L, "twin:table: there is no table \"%.40s\"%s; docs/lua.md lists them", name,
                    nearest.hint);
    }
    if (table->kind == JW_TABLE_LOG)
        script_fail(L, "twin:%s: what is in this table depends on the recorder; take its counts from metrics",
                    name);
    uint32_t count = table->row_count(world, jw_world_state(world, module));
    script_charge(L, count);
    rows *r = lua_newuserdatauv(L, sizeof *r + count * sizeof r->index[0], 0);
    *r = (rows){.table = table, .module = module, .count = count};
    for (uint32_t i = 0; i < count; i++)
        r->index[i] = i;
    int object = lua_gettop(L);
    lua_getfield(L, LUA_REGISTRYINDEX, ROWS);
    lua_setmetatable(L, object);
    if (!filter)
        return;
    script_push_content(L, filter);
    uint32_t keys = script_push_sorted_keys(L, object + 1);
    for (uint32_t i = 1; i <= keys; i++) {
        lua_rawgeti(L, object + 2, i);
        const char *key = script_to_text(L, -1);
        lua_pushvalue(L, -2);
        lua_rawget(L, object + 1);
        filter_rows(L, world, r, key);
        lua_settop(L, object + 2);
    }
    lua_settop(L, object);
}

/* ---- asking ---- */

static rows *check_rows(lua_State *L, const char *method)
{
    rows *r = lua_touserdata(L, 1);
    bool is_rows = r && lua_type(L, 1) == LUA_TUSERDATA && lua_getmetatable(L, 1);
    if (is_rows) {
        lua_getfield(L, LUA_REGISTRYINDEX, ROWS);
        is_rows = lua_rawequal(L, -1, -2) != 0;
        lua_pop(L, 2);
    }
    if (!is_rows)
        script_fail(L, "write rows:%s with a colon", method);
    return r;
}

static const jw_world *world_here(lua_State *L)
{
    return ((script_run *)script_box_of(L)->owner)->world;
}

static int rows_column(lua_State *L)
{
    const rows *r = check_rows(L, "column");
    const jw_world *world = world_here(L);
    column c = check_column(L, world, r, luaL_checkstring(L, 2));
    script_charge(L, 2ull * r->count);
    lua_createtable(L, r->count < INT32_MAX ? (int)r->count : 0, 0);
    for (uint32_t i = 0; i < r->count; i++) {
        push_value(L, world, r, c, r->index[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

typedef struct sums {
    uint32_t count, least, most; /* places of extremes; the first of equals */
    double min, max, sum;
} sums;

static sums sum_column(lua_State *L, const char *method)
{
    const rows *r = check_rows(L, method);
    const jw_world *world = world_here(L);
    const char *name = luaL_checkstring(L, 2);
    column c = check_column(L, world, r, name);
    sums s = {.count = r->count};
    script_charge(L, 2ull * r->count);
    for (uint32_t i = 0; i < r->count; i++) {
        push_value(L, world, r, c, r->index[i]);
        if (lua_type(L, -1) != LUA_TNUMBER)
            script_fail(L, "rows:%s: column \"%s\" of table %s holds no numbers", method, name,
                        r->table->name);
        double value = lua_tonumber(L, -1);
        lua_pop(L, 1);
        if (i == 0 || value < s.min) {
            s.min = value;
            s.least = r->index[i];
        }
        if (i == 0 || value > s.max) {
            s.max = value;
            s.most = r->index[i];
        }
        s.sum += value;
    }
    return s;
}

/* Pushes a number of the column, or nil when there are no rows. */
static int push_sum(lua_State *L, const sums *s, double value)
{
    if (s->count)
        lua_pushnumber(L, value);
    else
        lua_pushnil(L);
    return 1;
}

static int rows_min(lua_State *L)
{
    sums s = sum_column(L, "min");
    return push_sum(L, &s, s.min);
}

static int rows_max(lua_State *L)
{
    sums s = sum_column(L, "max");
    return push_sum(L, &s, s.max);
}

static int rows_mean(lua_State *L)
{
    sums s = sum_column(L, "mean");
    return push_sum(L, &s, s.count ? s.sum / s.count : 0);
}

static int rows_sum(lua_State *L)
{
    sums s = sum_column(L, "sum");
    lua_pushnumber(L, s.sum);
    return 1;
}

static int push_extreme(lua_State *L, const char *method, bool wants_most)
{
    sums s = sum_column(L, method);
    if (s.count)
        push_id(L, world_here(L), check_rows(L, method), wants_most ? s.most : s.least);
    else
        lua_pushnil(L);
    return 1;
}

static int rows_arg_min(lua_State *L)
{
    return push_extreme(L, "arg_min", false);
}

static int rows_arg_max(lua_State *L)
{
    return push_extreme(L, "arg_max", true);
}

static int rows_first(lua_State *L)
{
    const rows *r = check_rows(L, "first");
    if (r->count)
        push_id(L, world_here(L), r, r->index[0]);
    else
        lua_pushnil(L);
    return 1;
}

static int rows_last(lua_State *L)
{
    const rows *r = check_rows(L, "last");
    if (r->count)
        push_id(L, world_here(L), r, r->index[r->count - 1]);
    else
        lua_pushnil(L);
    return 1;
}

static int rows_ids(lua_State *L)
{
    const rows *r = check_rows(L, "ids");
    script_charge(L, 2ull * r->count);
    lua_createtable(L, r->count < INT32_MAX ? (int)r->count : 0, 0);
    for (uint32_t i = 0; i < r->count; i++) {
        push_id(L, world_here(L), r, r->index[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static int rows_count(lua_State *L)
{
    lua_pushinteger(L, check_rows(L, "count")->count);
    return 1;
}

const script_binding script_rows_bindings[] = {
    {"count", "", "integer", "How many rows there are.", rows_count, NULL, 0},
    {"column", "name", "any[]", "A column as an array: numbers, texts, or seconds for times.", rows_column,
     NULL, 0},
    {"ids", "", "any[]", "What commands call the rows: names, or numbers of edges and junctions.", rows_ids,
     NULL, 0},
    {"first", "", "any?", "The id of the first row; nil without rows.", rows_first, NULL, 0},
    {"last", "", "any?", "The id of the last row.", rows_last, NULL, 0},
    {"min", "column", "number?", "The smallest value; nil without rows.", rows_min, NULL, 0},
    {"max", "column", "number?", "The largest value.", rows_max, NULL, 0},
    {"mean", "column", "number?", "The mean of the values.", rows_mean, NULL, 0},
    {"sum", "column", "number", "The sum of the values.", rows_sum, NULL, 0},
    {"arg_min", "column", "any?", "The id of the row with the smallest value, the first of equals.",
     rows_arg_min, NULL, 0},
    {"arg_max", "column", "any?", "The id of the row with the largest value, the first of equals.",
     rows_arg_max, NULL, 0},
};
const uint32_t script_rows_binding_count = JW_COUNT_OF(script_rows_bindings);

/* __index: methods by name. Upvalue 1: the table of methods. */
static int rows_index(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) {
        const char *name = script_to_text(L, 2);
        jw_nearest nearest = jw_nearest_to(name);
        script_try_keys(L, lua_upvalueindex(1), &nearest);
        script_fail(L, "rows have no method \"%s\"%s; docs/lua.md lists them", name, nearest.hint);
    }
    return 1;
}

void script_make_rows(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_createtable(L, 0, (int)script_rows_binding_count);
    for (uint32_t i = 0; i < script_rows_binding_count; i++) {
        lua_pushcfunction(L, script_rows_bindings[i].function);
        lua_setfield(L, -2, script_rows_bindings[i].name);
    }
    lua_pushcclosure(L, rows_index, 1);
    lua_setfield(L, -2, "__index");
    lua_setfield(L, LUA_REGISTRYINDEX, ROWS);
}
