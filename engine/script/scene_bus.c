/* city:bus_line: where buses run, and how often. */
#include "script/script_internal.h"

#include "traffic/traffic_bus.h"

#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

typedef struct bus_entry {
    jw_bus_line_def line;
    uint32_t vehicle_class, hold, bays; /* places among the choices */
    int64_t first_ns, last_ns;
    uint8_t is_optional;
} bus_entry;

const script_field script_bus_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name or number of the line", AT(bus_entry, line.name)},
    {"through", FIELD_LIST, true, 0, 0, NULL, NULL,
     "list of places, blocks or { x =, y = }, each served in the best street within 600 m, or numbers of "
     "edges; buses drive there and back",
     0, 0},
    {"headway_min", FIELD_ANY, false, 0, 0, NULL, "min",
     "between departures, 1/3 to 1440; or by time of day: { [\"06:00\"] = 10, [\"07:00\"] = 5 }; 10 when "
     "left out",
     0, 0},
    {"first", FIELD_TIME, false, 0, 0, NULL, NULL, "first departure, of both ends; 06:00 when left out",
     AT(bus_entry, first_ns)},
    {"last", FIELD_TIME, false, 0, 0, NULL, NULL, "last departure; 22:00 when left out",
     AT(bus_entry, last_ns)},
    {"stop_spacing_m", FIELD_NUMBER, false, 100, 1e5, NULL, "m",
     "of the stops between the places; 450 when left out", AT(bus_entry, line.stop_spacing_m)},
    {"one_way", FIELD_FLAG, false, 0, 0, NULL, NULL, "buses drive back empty",
     AT(bus_entry, line.is_one_way)},
    {"loop", FIELD_FLAG, false, 0, 0, NULL, NULL, "from the last place on to the first",
     AT(bus_entry, line.is_loop)},
    {"fleet", FIELD_COUNT, false, 1, 1000, NULL, "veh", "buses; as many as the timetable needs when left out",
     AT(bus_entry, line.fleet)},
    {"capacity", FIELD_COUNT, false, 1, 1000, NULL, NULL, "passengers of a bus; 80 when left out",
     AT(bus_entry, line.capacity)},
    {"passengers_per_day", FIELD_NUMBER, false, 0, 1e7, NULL, "1/day",
     "0.1 for each resident and job within 400 m of the stops when left out",
     AT(bus_entry, line.passengers_per_day)},
    {"hold", FIELD_CHOICE, false, 0, 0, "timetable|headway|none", NULL,
     "why a bus waits at a stop though all have boarded; timetable when left out", AT(bus_entry, hold)},
    {"bays", FIELD_CHOICE, false, 0, 0, "fast|none|all", NULL,
     "stops beside the lane: where 60 km/h are allowed (fast, when left out), nowhere, everywhere",
     AT(bus_entry, bays)},
    {"class", FIELD_CHOICE, false, 0, 0, "bus|shuttle", NULL, "bus when left out",
     AT(bus_entry, vehicle_class)},
    {"optional", FIELD_FLAG, false, 0, 0, NULL, NULL,
     "where the map has no street for it, the line is left out with a note", AT(bus_entry, is_optional)},
};
_Static_assert(JW_COUNT_OF(script_bus_fields) == SCRIPT_BUS_FIELDS, "counted in script_internal.h");

/* The field's table of time of day = minutes at the top of the stack: departures from each time on by its
 * headway until the next. */
static bool read_departures(lua_State *L, const bus_entry *entry, jw_bus_line_def *line)
{
    script_push_content(L, -1);
    int table = lua_gettop(L);
    uint32_t count = script_push_sorted_keys(L, table);
    int keys = lua_gettop(L);
    double due_s = 0, last_s = jw_s_from_ns(entry->last_ns), headway_s = 0;
    for (uint32_t k = 1; k <= count + 1; k++) {
        int64_t from_ns = 0;
        double until_s = last_s + 1;
        if (k <= count) {
            lua_rawgeti(L, keys, k);
            const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
            if (strlen(text) < 5 || !script_parse_clock(text, &from_ns)) { /* so the keys' order is time's */
                script_report(L,
                              "city:bus_line \"%s\": \"headway_min\" has the key \"%s\"; write times of day "
                              "like \"07:30\"",
                              line->name, script_to_text(L, -1));
                return false;
            }
            until_s = jw_min(until_s, jw_s_from_ns(from_ns));
        }
        for (; headway_s > 0 && due_s < until_s; due_s += headway_s) {
            if (line->departure_count == JW_BUS_DEPARTURES_MAX) {
                script_report(L, "city:bus_line \"%s\": more than %d departures a day", line->name,
                              JW_BUS_DEPARTURES_MAX);
                return false;
            }
            line->departures_s[line->departure_count++] = due_s;
        }
        if (k > count)
            break;
        lua_pushvalue(L, -1);
        lua_rawget(L, table);
        headway_s = lua_type(L, -1) == LUA_TNUMBER ? 60 * lua_tonumber(L, -1) : 0;
        if (!(headway_s >= 20 && headway_s <= 86400)) {
            script_report(L,
                          "city:bus_line \"%s\": \"headway_min\" holds %s; it must be from 1/3 to 1440 min",
                          line->name, script_to_text(L, -1));
            return false;
        }
        due_s = jw_max(jw_s_from_ns(entry->first_ns), jw_s_from_ns(from_ns));
        lua_settop(L, keys);
    }
    if (line->departure_count == 0)
        script_report(L, "city:bus_line \"%s\": no departure between \"first\" and \"last\"", line->name);
    return line->departure_count > 0;
}

static bool read_headway(lua_State *L, const bus_entry *entry, jw_bus_line_def *line)
{
    int top = lua_gettop(L);
    bool is_good = true;
    int type = lua_getfield(L, 2, "headway_min");
    if (type == LUA_TTABLE && !script_is_unknown(L, -1)) {
        is_good = read_departures(L, entry, line);
    } else if (type != LUA_TNIL) {
        line->headway_s = type == LUA_TNUMBER ? 60 * lua_tonumber(L, -1) : 0;
        is_good = line->headway_s >= 20 && line->headway_s <= 86400;
        if (!is_good && !script_is_unknown(L, -1))
            script_report(
                L,
                "city:bus_line \"%s\": \"headway_min\" is %s; it must be from 1/3 to 1440 min, or a "
                "table of times of day",
                line->name, script_to_text(L, -1));
    }
    lua_settop(L, top);
    return is_good;
}

/* The edge of the element on top of the stack. JW_ERROR_NOT_FOUND: the map has no street for it. */
static jw_result read_stop(lua_State *L, const jw_twin_def *def, jw_vehicle_class vehicle_class,
                           uint32_t *out, jw_error *error)
{
    static const script_field place = {"stop", FIELD_PLACE, true, 0, 0, NULL, NULL, "of the line", 0, 16};
    int is_whole;
    lua_Integer edge = lua_tointegerx(L, -1, &is_whole);
    if (lua_type(L, -1) == LUA_TNUMBER) {
        *out = (uint32_t)edge;
        return is_whole && edge >= 0 && edge < def->city->edge_count
                   ? JW_OK
                   : jw_fail(error, JW_ERROR_INPUT, NULL, 0, "there is no edge %s: the city has %u",
                             script_to_text(L, -1), def->city->edge_count);
    }
    jw_vec2 at;
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "stop");
    bool is_place = script_read_field(L, -1, "\"through\" of city:bus_line", &place, &at);
    lua_pop(L, 1);
    if (!is_place)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "\"through\" takes places and numbers of edges");
    script_charge(L, def->city->edge_count);
    return jw_bus_find_edges(def->city, &at, 1, vehicle_class, out, error);
}

/* Fills line->through; places in the same street are one. JW_ERROR_NOT_FOUND as above, others are reported.
 */
static jw_result read_through(lua_State *L, const jw_twin_def *def, jw_bus_line_def *line, jw_error *error)
{
    lua_getfield(L, 2, "through");
    lua_Integer count = luaL_len(L, -1);
    if (count < 2 || count > JW_BUS_THROUGH_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "\"through\" lists %lld places; a line has 2 to %d",
                       (long long)count, JW_BUS_THROUGH_MAX);
    for (lua_Integer i = 1; i <= count; i++) {
        uint32_t edge, last = line->through_count ? line->through[line->through_count - 1] : JW_NONE;
        lua_geti(L, -1, i);
        jw_result result = read_stop(L, def, line->vehicle_class, &edge, error);
        lua_pop(L, 1);
        if (result)
            return result;
        if (edge != last && !(line->is_loop && i == count && edge == line->through[0]))
            line->through[line->through_count++] = edge;
    }
    return line->through_count >= 2
               ? JW_OK
               : jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "all places lie in the same street");
}

int script_city_bus_line(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "bus_line");
    jw_error error = {0};
    bus_entry entry = {.line = jw_default_bus_line_def()};
    entry.line.stop_spacing_m = 450;
    entry.line.passengers_per_day = -2; /* left out; here 0 is none, there the default */
    entry.first_ns = jw_ns_from_s(entry.line.first_s);
    entry.last_ns = jw_ns_from_s(entry.line.last_s);
    lua_settop(L, 2);
    if (!script_read_fields(L, 2, "city:bus_line", script_bus_fields, SCRIPT_BUS_FIELDS, &entry))
        return 0;
    jw_bus_line_def *line = &entry.line;
    if (entry.first_ns > entry.last_ns) {
        script_report(L, "city:bus_line \"%s\": \"first\" is after \"last\"", line->name);
        return 0;
    }
    line->first_s = jw_s_from_ns(entry.first_ns);
    line->last_s = jw_s_from_ns(entry.last_ns);
    line->vehicle_class = entry.vehicle_class ? JW_VEHICLE_SHUTTLE : JW_VEHICLE_BUS;
    if (line->passengers_per_day <= 0)
        line->passengers_per_day = line->passengers_per_day == 0 ? -1 : 0;
    line->hold = (jw_bus_hold)entry.hold;
    line->bays = (jw_bus_bays)entry.bays;
    line->is_optional = entry.is_optional;
    if (!read_headway(L, &entry, line))
        return 0;
    jw_result result = read_through(L, def, line, &error);
    if (!result)
        result = jw_twin_def_add_bus_line(def, line, &error);
    if (result == JW_ERROR_NOT_FOUND && line->is_optional)
        jw_problems_add(script_box_of(L)->problems, JW_NOTE, NULL, 0, line->name, "no bus line: %s",
                        error.message);
    else if (result == JW_ERROR_MEMORY)
        script_report_error(L, &error);
    else if (result)
        script_report(L, "city:bus_line \"%s\": %s", line->name, error.message);
    return 0;
}
