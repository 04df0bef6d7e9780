/* city:demand: how many go where, by model or by file. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

enum { MODEL_NONE, MODEL_GRAVITY, MODEL_OD, MODEL_TRIPS, MODEL_CHAINS, MODEL_THROUGH };

typedef struct demand_entry {
    uint32_t model;
    jw_demand_def demand;
    jw_walk_def walk;
    char peak[16], file[256];
    double electric[3]; /* shares of cars, buses, trucks; < 0: not given */
} demand_entry;

#define SHARE(key, member, doc)                                                                              \
    {                                                                                                        \
        key, FIELD_NUMBER, false, 0, 1, NULL, NULL, doc, AT(demand_entry, demand.member)                     \
    }

const script_field script_demand_fields[] = {
    {"model", FIELD_CHOICE, true, 0, 0, "none|gravity|od|trips|chains|through", NULL,
     "none: nothing so far; gravity over people and jobs; od: a matrix; trips: a list; chains: persons on "
     "their day; through: from gate to gate",
     AT(demand_entry, model)},
    {"file", FIELD_TEXT, false, 0, 0, NULL, NULL,
     "of od: CSV with from, to, begin, end, count, class (optional); of trips: CSV with depart, from, to, "
     "class, route, tag (all but depart optional); beside the scene",
     AT(demand_entry, file)},
    {"zones", FIELD_LIST, false, 0, 0, NULL, NULL,
     "zones that files name, as polygons: { north = { { x =, y = }, ... } }; known without: edge:N, block:N, "
     "gate:N, names of places and blocks, kinds of place",
     0, 0},
    {"factor", FIELD_NUMBER, false, 0, 100, NULL, "x", "times the usual gravity, through and od",
     AT(demand_entry, demand.factor)},
    {"trips_per_person_day", FIELD_NUMBER, false, 0.001, 20, NULL, "1/day", "gravity: by vehicle",
     AT(demand_entry, demand.trips_per_person_day)},
    {"decay_per_km", FIELD_NUMBER, false, 0.001, 10, NULL, "1/km", "of attraction with distance",
     AT(demand_entry, demand.decay_per_km)},
    {"per_day", FIELD_NUMBER, false, 0, 1e8, NULL, "veh/day", "through: vehicles between the map's gates",
     AT(demand_entry, demand.through_per_day)},
    {"per_resident", FIELD_NUMBER, false, 0, 5, NULL, NULL,
     "chains: persons with a vehicle for each resident; 0.35 when left out",
     AT(demand_entry, demand.chains_per_resident)},
    SHARE("work_share", work_share, "chains: of persons who go to work"),
    SHARE("stop_share", stop_share, "chains: of those who work, stop elsewhere on the way home"),
    SHARE("through_share", through_share, "gravity: of trips between the map's gates"),
    SHARE("truck_share", truck_share, "of trips; the rest are cars"),
    SHARE("shuttle_share", shuttle_share, "autonomous shuttles"),
    SHARE("ebike_share", ebike_share, "electric bicycles"),
    SHARE("bicycle_share", bicycle_share, "bicycles"),
    {"electric_cars", FIELD_NUMBER, false, 0, 1, NULL, NULL, "share of the cars that are electric",
     AT(demand_entry, electric[0])},
    {"electric_buses", FIELD_NUMBER, false, 0, 1, NULL, NULL, "of the buses", AT(demand_entry, electric[1])},
    {"electric_trucks", FIELD_NUMBER, false, 0, 1, NULL, NULL, "of the trucks",
     AT(demand_entry, electric[2])},
    {"peak", FIELD_TEXT, false, 0, 0, NULL, NULL, "hours of an additional peak, \"07:30-09:00\"",
     AT(demand_entry, peak)},
    {"peak_factor", FIELD_NUMBER, false, 0, 100, NULL, "x", "times the demand within it",
     AT(demand_entry, demand.peak_factor)},
    {"walks_per_person_day", FIELD_NUMBER, false, 0, 20, NULL, "1/day",
     "trips on foot of residents, to blocks within 1.5 km, times factor; beside any model but none",
     AT(demand_entry, walk.trips_per_person_day)},
    {"yield_share", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "of drivers who stop for people who wait at a crossing without signals; 0.5 when left out",
     AT(demand_entry, walk.yield_share)},
    {"max_running", FIELD_COUNT, false, 0, 1e7, NULL, "veh", "departures wait beyond it; 0: no bound",
     AT(demand_entry, demand.max_running)},
};
_Static_assert(JW_COUNT_OF(script_demand_fields) == SCRIPT_DEMAND_FIELDS, "counted in script_internal.h");

static bool read_peak(lua_State *L, const char *peak, jw_demand_def *demand)
{
    char begin[16];
    const char *dash = strchr(peak, '-');
    int64_t begin_ns = 0, end_ns = 0;
    jw_text_copy(begin, sizeof begin, peak);
    if (dash)
        begin[dash - peak] = 0;
    if (!dash || !script_parse_clock(begin, &begin_ns) || !script_parse_clock(dash + 1, &end_ns) ||
        end_ns <= begin_ns) {
        script_report(L, "city:demand: \"peak\" is \"%s\"; write two times of day, \"07:30-09:00\"", peak);
        return false;
    }
    demand->peak_begin_s = jw_s_from_ns(begin_ns);
    demand->peak_end_s = jw_s_from_ns(end_ns);
    return true;
}

/* A polygon: list of { x =, y = } at the top of the stack. */
static bool read_zone(lua_State *L, jw_twin_def *def, const char *name)
{
    static const script_field point = {"point", FIELD_PLACE, true, 0, 0, NULL, NULL, "corner", 0, 16};
    jw_error error = {0};
    lua_Integer count = lua_istable(L, -1) ? luaL_len(L, -1) : 0;
    if (count < 3 || count > 10000) {
        script_report(L, "city:demand: zone \"%s\" needs 3 to 10000 points { x =, y = }", name);
        return false;
    }
    int list = lua_gettop(L);
    bool is_good = true;
    jw_vec2 *points = lua_newuserdatauv(L, (size_t)count * sizeof *points, 0);
    for (lua_Integer i = 1; i <= count && is_good; i++) {
        lua_createtable(L, 0, 1);
        lua_geti(L, list, i);
        lua_setfield(L, -2, "point");
        is_good = script_read_field(L, -1, "zone of city:demand", &point, &points[i - 1]);
        lua_pop(L, 1);
    }
    lua_settop(L, list);
    if (is_good &&
        jw_demand_add_polygon(&def->demand_data, def->city, name, points, (uint32_t)count, &error)) {
        script_report_error(L, &error);
        return false;
    }
    return is_good;
}

static bool read_zones(lua_State *L, jw_twin_def *def)
{
    bool is_good = true;
    if (lua_getfield(L, 2, "zones") == LUA_TTABLE) {
        script_push_content(L, -1);
        int zones = lua_gettop(L);
        uint32_t count = script_push_sorted_keys(L, zones);
        int keys = lua_gettop(L);
        for (uint32_t i = 1; i <= count && is_good; i++) {
            if (lua_rawgeti(L, keys, i) != LUA_TSTRING) {
                script_report(L, "city:demand: \"zones\" is a table of name = polygon");
                is_good = false;
                break;
            }
            lua_pushvalue(L, -1);
            lua_rawget(L, zones);
            is_good = read_zone(L, def, lua_tostring(L, -2));
            lua_pop(L, 2);
        }
    }
    lua_settop(L, 2);
    return is_good;
}

static void read_file(lua_State *L, jw_twin_def *def, const demand_entry *entry)
{
    char path[512];
    jw_error error = {0};
    const char *folder = script_box_of(L)->folder;
    bool is_od = entry->model == MODEL_OD;
    if (!entry->file[0]) {
        script_report(L, "city:demand: model \"%s\" needs a file", is_od ? "od" : "trips");
        return;
    }
    bool is_beside = entry->file[0] != '/' && folder[0] && strcmp(folder, ".") != 0;
    snprintf(path, sizeof path, "%s%s%s", is_beside ? folder : "", is_beside ? "/" : "", entry->file);
    jw_result result = is_od ? jw_demand_read_od(&def->demand_data, def->city, path, &error)
                             : jw_demand_read_trips(&def->demand_data, def->city, path, &error);
    if (result) {
        jw_demand_data_free(&def->demand_data);
        script_report_error(L, &error);
    }
}

static void set_electric(jw_twin_def *def, const double shares[3])
{
    static const jw_vehicle_class classes[3] = {JW_VEHICLE_CAR, JW_VEHICLE_BUS, JW_VEHICLE_TRUCK};
    for (uint32_t k = 0; k < 3; k++) {
        jw_vehicle_type *type = &def->traffic.types[classes[k]];
        if (shares[k] < 0)
            continue;
        if (type->length_m == 0)
            *type = jw_default_vehicle_type(classes[k]);
        type->electric_share = shares[k];
    }
}

int script_city_demand(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "demand");
    demand_entry entry = {.demand = def->traffic.demand, .walk = def->traffic.walk, .electric = {-1, -1, -1}};
    double yield_share = entry.walk.yield_share; /* of the call before; 0: none yet */
    entry.walk.yield_share = yield_share == 0 ? 0.5 : jw_max(yield_share, 0);
    lua_settop(L, 2);
    if (!script_read_fields(L, 2, "city:demand", script_demand_fields, SCRIPT_DEMAND_FIELDS, &entry))
        return 0;
    jw_demand_def *d = &entry.demand;
    if (d->truck_share + d->shuttle_share + d->ebike_share + d->bicycle_share > 1) {
        script_report(L,
                      "city:demand: truck_share, shuttle_share, ebike_share and bicycle_share are more than "
                      "1 together");
        return 0;
    }
    if ((entry.peak[0] && !read_peak(L, entry.peak, d)) || !read_zones(L, def))
        return 0;
    if (d->factor == 0)
        d->factor = 1e-9; /* 0 would be the default there, and a live parameter may raise it later */
    switch (entry.model) {
    case MODEL_NONE:
        d->is_gravity = false;
        d->through_per_day = d->chains_per_resident = entry.walk.trips_per_person_day = 0;
        jw_demand_data_free(&def->demand_data);
        break;
    case MODEL_GRAVITY:
        d->is_gravity = true;
        break;
    case MODEL_CHAINS:
        if (d->chains_per_resident == 0)
            d->chains_per_resident = 0.35;
        break;
    case MODEL_THROUGH:
        if (d->through_per_day == 0)
            script_report(L, "city:demand: model \"through\" needs per_day");
        break;
    default:
        read_file(L, def, &entry);
        break;
    }
    if (entry.walk.yield_share == 0)
        entry.walk.yield_share = -1; /* 0 would be the default there */
    def->traffic.demand = *d;
    set_electric(def, entry.electric);
    def->traffic.walk = entry.walk;
    return 0;
}
