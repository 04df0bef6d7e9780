/* routing { choose = ... } of a scenario: anyone's choice of sites, a request type and home at a time. The
 * function sees what jw_twin_routes shows, as columns, and answers a row or weights; requests between two
 * evaluations only read what it left. */
#include "script/script_internal.h"

#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

typedef struct routing_entry {
    double interval_s;
} routing_entry;

const script_field script_routing_fields[SCRIPT_ROUTING_FIELDS] = {
    {"choose", FIELD_FUNCTION, true, 0, 0, NULL, NULL,
     "function(request, storage, p): the number of a row of request.site, or weights of the rows; nil: by "
     "latency",
     0, 0},
    {"interval_s", FIELD_NUMBER, false, 0.5, 3600, NULL, "s", "between evaluations; 10 when left out",
     AT(routing_entry, interval_s)},
    {"types", FIELD_LIST, false, 0, 0, NULL, NULL, "ids of request types; all when left out", 0, 0},
};

static void read_types(lua_State *L, int table, script_program *program)
{
    lua_Integer count = luaL_len(L, table);
    if (count > SCRIPT_ROUTED_MAX)
        script_fail(L, "scenario: routing.types lists more than %d types", SCRIPT_ROUTED_MAX);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_geti(L, table, i) != LUA_TSTRING ||
            strlen(lua_tostring(L, -1)) >= sizeof program->routing.types[0])
            script_fail(L, "scenario: routing.types is a list of ids of request types");
        if (program)
            jw_text_copy(program->routing.types[program->routing.type_count++],
                         sizeof program->routing.types[0], lua_tostring(L, -1));
        lua_pop(L, 1);
    }
}

void script_read_routing(lua_State *L, int scenario, script_program *program, int handlers)
{
    routing_entry entry = {.interval_s = 10};
    if (lua_getfield(L, scenario, "routing") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    int table = lua_gettop(L);
    script_read_fields(L, table, "routing", script_routing_fields, SCRIPT_ROUTING_FIELDS, &entry);
    if (program) {
        program->routing.is_declared = true;
        program->routing.interval_ns = jw_ns_from_s(entry.interval_s);
        lua_getfield(L, table, "choose");
        lua_setfield(L, handlers, SCRIPT_ROUTING);
    }
    if (lua_getfield(L, table, "types") == LUA_TTABLE)
        read_types(L, lua_gettop(L), program);
    lua_settop(L, table - 1);
}

bool script_routes_type(const script_program *program, const char *type)
{
    for (uint32_t i = 0; i < program->routing.type_count; i++)
        if (strcmp(program->routing.types[i], type) == 0)
            return true;
    return program->routing.type_count == 0;
}

/* ---- one evaluation ---- */

static void set_texts(lua_State *L, const script_route_call *call, const char *key,
                      const char *(*of)(const jw_route *route))
{
    lua_createtable(L, (int)call->count, 0);
    for (uint32_t i = 0; i < call->count; i++) {
        lua_pushstring(L, of(&call->routes[i]));
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, key);
}

static void set_numbers(lua_State *L, const script_route_call *call, const char *key, size_t offset)
{
    lua_createtable(L, (int)call->count, 0);
    for (uint32_t i = 0; i < call->count; i++) {
        double value;
        memcpy(&value, (const char *)&call->routes[i] + offset, sizeof value);
        lua_pushnumber(L, value);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, key);
}

static const char *name_of(const jw_route *route)
{
    return route->name;
}

static const char *tier_of(const jw_route *route)
{
    return jw_tier_name(route->tier);
}

static const char *region_of(const jw_route *route)
{
    return route->region;
}

/* Documented in reference.c. */
static void push_request(lua_State *L, const script_route_call *call)
{
    static const struct {
        const char *key;
        size_t offset;
    } numbers[] = {
        {"network_s", offsetof(jw_route, network_s)},
        {"compute_s", offsetof(jw_route, compute_s)},
        {"load", offsetof(jw_route, load)},
        {"kgco2_per_kwh", offsetof(jw_route, kgco2_per_kwh)},
        {"price_cny_per_kwh", offsetof(jw_route, price_cny_per_kwh)},
        {"greenest_kgco2_per_kwh", offsetof(jw_route, greenest_kgco2_per_kwh)},
        {"greenest_s", offsetof(jw_route, greenest_s)},
    };
    script_charge(L, 40 + 10ull * call->count);
    lua_createtable(L, 0, 14);
    lua_pushstring(L, call->type_name);
    lua_setfield(L, -2, "type");
    for (uint32_t i = 0; i < call->count; i++)
        if (call->routes[i].site.index1 == call->home + 1) {
            lua_pushstring(L, call->routes[i].name);
            lua_setfield(L, -2, "home");
        }
    lua_pushnumber(L, jw_s_from_ns(jw_world_time_ns(call->run.world)));
    lua_setfield(L, -2, "time_s");
    set_texts(L, call, "site", name_of);
    set_texts(L, call, "tier", tier_of);
    set_texts(L, call, "region", region_of);
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++)
        set_numbers(L, call, numbers[i].key, numbers[i].offset);
}

static void take_weights(lua_State *L, script_route_call *call)
{
    if (lua_isnil(L, -1))
        return;
    if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= call->count) {
        call->weights[lua_tointeger(L, -1) - 1] = 1;
        return;
    }
    if (!lua_istable(L, -1))
        script_fail(L, "routing.choose: %s is no row; it answers 1 to %u, a table of weights, or nil",
                    script_to_text(L, -1), call->count);
    for (uint32_t i = 0; i < call->count; i++) {
        bool is_weight = lua_rawgeti(L, -1, i + 1) == LUA_TNIL ||
                         (lua_isnumber(L, -1) && lua_tonumber(L, -1) >= 0 && lua_tonumber(L, -1) <= 1e9);
        if (!is_weight)
            script_fail(L, "routing.choose: the weight of row %u must be 0 to 1e9, not %s", i + 1,
                        script_to_text(L, -1));
        call->weights[i] = lua_isnil(L, -1) ? 0 : lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
}

int script_call_choose(lua_State *L)
{
    script_route_call *call = lua_touserdata(L, 1);
    script_push_handler(L, SCRIPT_ROUTING);
    push_request(L, call);
    script_push_storage(L, call->run.state);
    script_push_p(L, call->run.state);
    lua_call(L, 3, 1);
    take_weights(L, call);
    return 0;
}
