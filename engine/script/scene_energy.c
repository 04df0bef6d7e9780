/* What a scene says of energy: batteries of sites, grid regions as they are there, the day of the year. */
#include "script/script_internal.h"

#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

static const script_field battery_fields[] = {
    {"capacity_kwh", FIELD_NUMBER, true, 0.001, 1e7, NULL, "kWh", "half full at the start",
     AT(jw_site_def, battery_kwh)},
    {"power_kw", FIELD_NUMBER, false, 0.001, 1e6, NULL, "kW",
     "charging and discharging; left out: full in two hours", AT(jw_site_def, battery_kw)},
    {"efficiency", FIELD_NUMBER, false, 0.1, 1, NULL, "", "there and back; 0.9 when left out",
     AT(jw_site_def, battery_efficiency)},
};

bool script_read_battery(lua_State *L, int index, jw_site_def *site)
{
    bool is_fine = true;
    if (lua_getfield(L, index, "battery") != LUA_TNIL)
        is_fine = script_read_fields(L, -1, "battery of city:site", battery_fields,
                                     JW_COUNT_OF(battery_fields), site);
    lua_pop(L, 1);
    return is_fine;
}

bool script_read_prices(lua_State *L, int index, const char *what, jw_grid_region *region)
{
    bool is_fine = true;
    if (lua_getfield(L, index, "price_factor") != LUA_TNIL) {
        is_fine = lua_istable(L, -1) && luaL_len(L, -1) == 24;
        for (lua_Integer i = 1; i <= 24 && is_fine; i++) {
            lua_geti(L, -1, i);
            region->price_factor[i - 1] = lua_tonumber(L, -1);
            is_fine = lua_type(L, -1) == LUA_TNUMBER && region->price_factor[i - 1] > 0 &&
                      region->price_factor[i - 1] <= 10;
            lua_pop(L, 1);
        }
        if (!is_fine)
            script_report(L, "%s: \"price_factor\" must be 24 numbers above 0 and at most 10, one an hour",
                          what);
    }
    lua_pop(L, 1);
    return is_fine;
}

int script_city_region(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "region");
    jw_error error = {0};
    const char *id = NULL;
    if (lua_istable(L, 2) && lua_getfield(L, 2, "id") == LUA_TSTRING)
        id = lua_tostring(L, -1);
    lua_settop(L, 2);
    for (uint32_t i = 0; i < def->region_count && id; i++)
        if (strcmp(def->regions[i].id, id) == 0) {
            if (script_read_fields(L, 2, "city:region", script_region_fields, script_region_field_count,
                                   &def->regions[i]))
                script_read_prices(L, 2, "city:region", &def->regions[i]);
            return 0;
        }
    jw_grid_region fresh = {.kgco2_per_kwh = -1, .price_cny_per_kwh = -1};
    if (!script_read_fields(L, 2, "city:region", script_region_fields, script_region_field_count, &fresh) ||
        !script_read_prices(L, 2, "city:region", &fresh))
        return 0;
    if (fresh.kgco2_per_kwh < 0 || fresh.price_cny_per_kwh < 0)
        script_report(
            L,
            "city:region \"%s\" is not in the catalogue: a new one needs kgco2_per_kwh and price_cny_per_kwh",
            fresh.id);
    else if (jw_twin_def_add_region(def, &fresh, &error) != JW_OK)
        script_report_error(L, &error);
    return 0;
}

const script_field script_calendar_fields[1] = {
    {"day_of_year", FIELD_COUNT, true, 1, 365, NULL, NULL,
     "of the first midnight: 15 January is 15, 15 July is 196", AT(jw_twin_def, day_of_year)},
};

int script_city_calendar(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "calendar");
    script_read_fields(L, 2, "city:calendar", script_calendar_fields, 1, def);
    return 0;
}
