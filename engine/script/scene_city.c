/* The object `city` that a scene's build function fills: each method reads one table and adds to the
 * definition of the twin. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define CITY             "jw.city"
#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

/* The definition that is filled; checks that the method was called with a colon. */
jw_twin_def *script_def_of(lua_State *L, const char *method)
{
    bool has_any = lua_gettop(L) > 0;
    lua_getfield(L, LUA_REGISTRYINDEX, CITY);
    bool is_city = has_any && lua_rawequal(L, 1, -1) != 0;
    lua_pop(L, 1);
    if (!is_city)
        script_fail(L, "write city:%s with a colon", method);
    return script_box_of(L)->owner;
}

static void check(lua_State *L, jw_result result, const jw_error *error)
{
    if (result != JW_OK)
        script_report_error(L, error);
}

/* ---- computing ---- */

static const char tier_names[] = "roadside|base_station|park|edge|city|west";

typedef struct scene_site {
    jw_site_def site; /* first: its fields' places are those in it */
    double core_ms, core_gbps;
} scene_site;

static const script_field site_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name", AT(jw_site_def, name)},
    {"tier", FIELD_CHOICE, true, 0, 0, tier_names, NULL, "what kind of site", AT(jw_site_def, tier)},
    {"at", FIELD_PLACE, true, 0, 0, NULL, NULL, "where: a place or block, or { x =, y = }",
     AT(jw_site_def, x_m)},
    {"racks", FIELD_LIST, true, 0, 0, NULL, NULL, "list of { card = id, count = n }", 0, 0},
    {"queue_max", FIELD_COUNT, false, 1, 1e6, NULL, NULL, "waiting requests per service",
     AT(jw_site_def, queue_max)},
    {"pue", FIELD_NUMBER, false, 1, 3, NULL, NULL,
     "power usage effectiveness, a constant; by temperature and load when left out", AT(jw_site_def, pue)},
    {"base_power_w", FIELD_NUMBER, false, 0, 1e9, NULL, "W", "servers without cards, at full load",
     AT(jw_site_def, base_power_w)},
    {"base_idle_w", FIELD_NUMBER, false, 0, 1e9, NULL, "W",
     "the same at rest, at most base_power_w; that when left out", AT(jw_site_def, base_idle_w)},
    {"free_below_c", FIELD_NUMBER, false, -100, 60, NULL, "°C",
     "outside air alone cools below this; by tier when left out, -100 never", AT(jw_site_def, free_below_c)},
    {"cooling_factor", FIELD_NUMBER, false, 0.1, 10, NULL, NULL,
     "of the curve of cooling by temperature; by tier when left out", AT(jw_site_def, cooling_factor)},
    {"solar_kw", FIELD_NUMBER, false, 0, 1e6, NULL, "kW", "rated power of panels at the site",
     AT(jw_site_def, solar_kw)},
    {"wind_kw", FIELD_NUMBER, false, 0, 1e6, NULL, "kW", "rated power of turbines at the site",
     AT(jw_site_def, wind_kw)},
    {"battery", FIELD_LIST, false, 0, 0, NULL, NULL, "{ capacity_kwh =, power_kw =, efficiency = }", 0, 0},
    {"region", FIELD_TEXT, false, 0, 0, NULL, NULL, "grid region of the catalogue", AT(jw_site_def, region)},
    {"power_max_kw", FIELD_NUMBER, false, 0, 1e7, NULL, "kW",
     "for its computers at full load: cards beyond it are refused; 0: none", AT(jw_site_def, power_max_kw)},
    {"core_ms", FIELD_NUMBER, false, 0, 1000, NULL, "ms",
     "one way through the operator's core network (central user plane, firewalls) between fibre and servers; "
     "then fibre and masts join at the node ID-core",
     AT(scene_site, core_ms)},
    {"core_gbps", FIELD_NUMBER, false, 0.001, 1e6, NULL, "Gbit/s", "of that way; 100 when left out",
     AT(scene_site, core_gbps)},
};

static const script_field rack_fields[] = {
    {"card", FIELD_TEXT, true, 0, 0, NULL, NULL, "id in the catalogue", AT(jw_rack_def, card)},
    {"count", FIELD_COUNT, true, 1, 1e6, NULL, NULL, "cards", AT(jw_rack_def, count)},
};

static int city_site(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "site");
    scene_site read = {.core_gbps = 100};
    jw_error error = {0};
    bool is_fine = script_read_fields(L, 2, "city:site", site_fields, JW_COUNT_OF(site_fields), &read);
    jw_site_def site = read.site;
    if (!lua_istable(L, 2))
        return 0;
    is_fine = script_read_battery(L, 2, &site) && is_fine;
    if (lua_getfield(L, 2, "racks") != LUA_TTABLE)
        return 0;
    lua_Integer count = luaL_len(L, -1);
    if (count < 1 || count > JW_SITE_RACKS_MAX) {
        script_report(L, "city:site \"%s\": 1 to %d racks are taken, not %lld", site.name, JW_SITE_RACKS_MAX,
                      (long long)count);
        return 0;
    }
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, -1, i);
        is_fine &= script_read_fields(L, -1, "rack of city:site", rack_fields, JW_COUNT_OF(rack_fields),
                                      &site.racks[site.rack_count++]);
        lua_pop(L, 1);
    }
    if (!is_fine)
        return 0;
    jw_result result = jw_twin_def_add_site(def, &site, &error);
    if (result == JW_OK && read.core_ms > 0)
        result = jw_twin_def_add_core(def, site.name, read.core_ms / 1000, read.core_gbps, &error);
    check(L, result, &error);
    return 0;
}

static int city_sites(lua_State *L)
{
    static const script_field fields[] = {
        {"tier", FIELD_CHOICE, false, 0, 0, tier_names, NULL, "only this tier", 0, 4}};
    const jw_twin_def *def = script_def_of(L, "sites");
    uint32_t tier = JW_NONE;
    lua_Integer count = 0;
    if (!lua_isnoneornil(L, 2))
        script_read_fields(L, 2, "city:sites", fields, 1, &tier);
    lua_newtable(L);
    for (uint32_t i = 0; i < def->site_count; i++) {
        if (tier != JW_NONE && (uint32_t)def->sites[i].tier != tier)
            continue;
        lua_pushstring(L, def->sites[i].name);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

static jw_site_def *find_site(jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->site_count; i++)
        if (strcmp(def->sites[i].name, name) == 0)
            return &def->sites[i];
    return NULL;
}

/* A site drawn under the id of one that is there already moves it and takes over its cards. */
static int city_drawn_sites(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "drawn_sites");
    const jw_city *city = def->city;
    for (uint32_t i = 0; i < city->site_count; i++) {
        const jw_city_site *drawn = &city->sites[i];
        jw_error error = {0};
        jw_site_def site = {.x_m = drawn->x_m, .y_m = drawn->y_m, .rack_count = 1};
        const char *name = jw_city_text(city, drawn->name), *card = jw_city_text(city, drawn->card);
        if (!jw_tier_from_name(jw_city_text(city, drawn->tier), &site.tier)) {
            script_report(L, "the map's site \"%s\" has the tier \"%s\"; there are: %s", name,
                          jw_city_text(city, drawn->tier), tier_names);
            continue;
        }
        const char *usual = site.tier >= JW_TIER_CITY ? "ascend-910b" : "ascend-310p";
        jw_text_copy(site.name, sizeof site.name, name);
        jw_text_copy(site.racks[0].card, sizeof site.racks[0].card, card[0] ? card : usual);
        site.racks[0].count = drawn->card_count ? drawn->card_count : 8;
        jw_site_def *known = find_site(def, name);
        if (!known) {
            check(L, jw_twin_def_add_site(def, &site, &error), &error);
            continue;
        }
        *known = site;
        for (uint32_t n = 0; n < def->node_count; n++)
            if (strcmp(def->nodes[n].name, name) == 0) {
                def->nodes[n].x_m = site.x_m;
                def->nodes[n].y_m = site.y_m;
            }
    }
    return 0;
}

static const script_field rollout_fields[] = {
    {"model", FIELD_TEXT, true, 0, 0, NULL, NULL, "id in the catalogue", AT(jw_rollout_def, model)},
    {"version", FIELD_COUNT, true, 1, 1e6, NULL, NULL, "served from the start", AT(jw_rollout_def, version)},
    {"tiers", FIELD_LIST, true, 0, 0, NULL, NULL, "list of tiers whose sites serve it", 0, 0},
};

static int city_rollout(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "rollout");
    jw_rollout_def rollout = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:rollout", rollout_fields, JW_COUNT_OF(rollout_fields), &rollout))
        return 0;
    lua_getfield(L, 2, "tiers");
    lua_Integer count = luaL_len(L, -1);
    for (lua_Integer i = 1; i <= count && i <= JW_TIER_COUNT; i++) {
        jw_tier tier;
        lua_geti(L, -1, i);
        if (lua_type(L, -1) != LUA_TSTRING || !jw_tier_from_name(lua_tostring(L, -1), &tier))
            script_report(L, "city:rollout: \"tiers\" holds \"%s\"; there are: %s", script_to_text(L, -1),
                          tier_names);
        else
            rollout.tiers |= 1u << tier;
        lua_settop(L, 3);
    }
    check(L, jw_twin_def_add_rollout(def, &rollout, &error), &error);
    return 0;
}

/* ---- network ---- */

typedef struct cells_entry {
    jw_cell_def cell;
    double spacing_m, fibre_gbps;
    uint32_t count_max, sectors;
} cells_entry;

static const script_field cells_fields[] = {
    {"spacing_m", FIELD_NUMBER, true, 50, 5000, NULL, "m", "between neighbours of the lattice",
     AT(cells_entry, spacing_m)},
    {"band_ghz", FIELD_NUMBER, false, 0.4, 100, NULL, "GHz", "3.5 when left out",
     AT(cells_entry, cell.band_ghz)},
    {"bandwidth_mhz", FIELD_NUMBER, false, 5, 400, NULL, "MHz",
     "a channel of 3GPP TS 38.101; the band's usual one (100 at 2.6 to 4.9 GHz) when left out",
     AT(cells_entry, cell.bandwidth_mhz)},
    {"subcarrier_khz", FIELD_NUMBER, false, 15, 120, NULL, "kHz",
     "15, 30, 60 or 120; the band's usual one when left out", AT(cells_entry, cell.subcarrier_khz)},
    {"sectors", FIELD_COUNT, false, 1, 6, NULL, NULL,
     "cells at each place, evenly around it, the first looking to azimuth_deg; 1 when left out",
     AT(cells_entry, sectors)},
    {"antenna", FIELD_CHOICE, false, 0, 0, "omni|element|sector|array", NULL,
     "alike to all sides, of TR 38.901, of TR 36.814, or an array with a beam for each user; omni, with "
     "several "
     "sectors sector, when left out",
     AT(cells_entry, cell.antenna)},
    {"azimuth_deg", FIELD_NUMBER, false, 0, 360, NULL, "deg", "clockwise from north; 0 when left out",
     AT(cells_entry, cell.azimuth_deg)},
    {"tilt_deg", FIELD_NUMBER, false, -30, 90, NULL, "deg", "below the horizon; 0 when left out",
     AT(cells_entry, cell.tilt_deg)},
    {"cqi_table", FIELD_CHOICE, false, 0, 0, "64qam|256qam", NULL,
     "the highest modulation; 64qam when left out", AT(cells_entry, cell.cqi_table)},
    {"sleep_load", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "below it a cell may sleep when its users hear another; never when left out",
     AT(cells_entry, cell.sleep_load)},
    {"sleep_after_s", FIELD_NUMBER, false, 0.001, 1e6, NULL, "s", "below it for so long; 30 when left out",
     AT(cells_entry, cell.sleep_after_s)},
    {"wake_s", FIELD_NUMBER, false, 0.001, 1e6, NULL, "s", "until it serves again; 1 when left out",
     AT(cells_entry, cell.wake_s)},
    {"antenna_gain_dbi", FIELD_NUMBER, false, -20, 50, NULL, "dBi",
     "straight ahead; the antenna's own when left out", AT(cells_entry, cell.antenna_gain_dbi)},
    {"idle_power_w", FIELD_NUMBER, false, 0.001, 1e6, NULL, "W", "300 when left out",
     AT(cells_entry, cell.idle_power_w)},
    {"busy_power_w", FIELD_NUMBER, false, 0.001, 1e6, NULL, "W", "900 when left out; not below idle",
     AT(cells_entry, cell.busy_power_w)},
    {"sleep_power_w", FIELD_NUMBER, false, 0.001, 1e6, NULL, "W", "30 when left out; not above idle",
     AT(cells_entry, cell.sleep_power_w)},
    {"power_dbm", FIELD_NUMBER, false, 0, 80, NULL, "dBm", "44 when left out",
     AT(cells_entry, cell.power_dbm)},
    {"height_m", FIELD_NUMBER, false, 1, 200, NULL, "m", "antenna; 10 (umi) or 25 (uma) when left out",
     AT(cells_entry, cell.height_m)},
    {"downlink_share", FIELD_NUMBER, false, 0.05, 0.95, NULL, NULL, "of time; 0.75 when left out",
     AT(cells_entry, cell.downlink_share)},
    {"scenario", FIELD_CHOICE, false, 0, 0, "umi|uma", NULL, "of 3GPP TR 38.901; umi when left out",
     AT(cells_entry, cell.scenario)},
    {"fibre_gbps", FIELD_NUMBER, false, 0.001, 1e5, NULL, "Gbit/s", "to the nearest site; 25 when left out",
     AT(cells_entry, fibre_gbps)},
    {"count_max", FIELD_COUNT, false, 1, JW_TWIN_CELLS_MAX, NULL, NULL,
     "further apart where it would take more; an error without it", AT(cells_entry, count_max)},
};

static int city_cells(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "cells");
    cells_entry entry = {.fibre_gbps = 25};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:cells", cells_fields, JW_COUNT_OF(cells_fields), &entry))
        return 0;
    double spacing_m = entry.spacing_m;
    if (entry.sectors > 1 && entry.cell.antenna == JW_ANTENNA_OMNI)
        entry.cell.antenna = JW_ANTENNA_SECTOR;
    jw_result result =
        entry.count_max > 0
            ? jw_twin_def_fit_cells(def, &spacing_m,
                                    entry.sectors > 1 ? entry.count_max / entry.sectors : entry.count_max,
                                    &error)
            : JW_OK;
    if (spacing_m > entry.spacing_m)
        jw_problems_add(script_box_of(L)->problems, JW_NOTE, NULL, 0, "cells",
                        "%g m apart instead of %g m: the map is so large that there would be more than %u",
                        spacing_m, entry.spacing_m, entry.count_max);
    if (result == JW_OK)
        result = jw_twin_def_add_cells(def, spacing_m, &entry.cell, entry.sectors, entry.fibre_gbps, &error);
    check(L, result, &error);
    return 0;
}

typedef struct fibre_entry {
    char shape[8];
    double capacity_gbps, nj_per_bit;
    int64_t queue_bytes;
    uint32_t max_flows;
} fibre_entry;

static const script_field fibre_fields[] = {
    {"shape", FIELD_TEXT, true, 0, 0, NULL, NULL, "\"ring\", \"star\" or \"tree\"", AT(fibre_entry, shape)},
    {"capacity_gbps", FIELD_NUMBER, true, 0.001, 1e6, NULL, "Gbit/s", "of each link",
     AT(fibre_entry, capacity_gbps)},
    {"nj_per_bit", FIELD_NUMBER, false, 0, 1e9, NULL, "nJ/bit", "energy of a bit over each link",
     AT(fibre_entry, nj_per_bit)},
    {"queue_bytes", FIELD_BYTES, false, 1, 1e12, NULL, "B",
     "of messages before each transmitter; what it sends in 1 s when left out", AT(fibre_entry, queue_bytes)},
    {"max_flows", FIELD_COUNT, false, 1, 1e6, NULL, NULL,
     "each way, one more is refused; any number when left out", AT(fibre_entry, max_flows)},
    {"through", FIELD_LIST, false, 0, 0, NULL, NULL, "list of site ids; all sites when left out", 0, 0},
};

static int city_fibre(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "fibre");
    fibre_entry entry = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:fibre", fibre_fields, JW_COUNT_OF(fibre_fields), &entry))
        return 0;
    bool has_list = lua_getfield(L, 2, "through") == LUA_TTABLE;
    lua_Integer count = has_list ? luaL_len(L, -1) : 0;
    if (count > 10000) {
        script_report(L, "city:fibre: \"through\" lists more than 10000 sites");
        return 0;
    }
    const char **names = lua_newuserdatauv(L, (size_t)(count + 1) * sizeof *names, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        luaL_checkstack(L, 2, NULL);
        if (lua_geti(L, -1 - (int)i, i) != LUA_TSTRING) {
            script_report(L, "city:fibre: \"through\" holds a %s; it takes ids of sites",
                          luaL_typename(L, -1));
            return 0;
        }
        names[i - 1] = lua_tostring(L, -1); /* stays on the stack while the names are used */
    }
    uint32_t first = def->link_count;
    if (!has_list || count > 0)
        check(L, jw_twin_def_add_fibre(def, entry.shape, names, (uint32_t)count, entry.capacity_gbps, &error),
              &error);
    for (uint32_t i = first; i < def->link_count; i++) {
        def->links[i].nj_per_bit = entry.nj_per_bit;
        def->links[i].queue_bytes = entry.queue_bytes;
        def->links[i].max_flows = entry.max_flows;
    }
    return 0;
}

typedef struct connect_entry {
    double share, assistant_per_hour;
    uint8_t cautious_shuttles;
} connect_entry;

static const script_field connect_fields[] = {
    {"share", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "of motor vehicles that are radio users; above 0, all shuttles are", AT(connect_entry, share)},
    {"assistant_per_hour", FIELD_NUMBER, false, 0, 3600, NULL, "1/h", "questions of a connected vehicle",
     AT(connect_entry, assistant_per_hour)},
    {"cautious_shuttles", FIELD_FLAG, false, 0, 0, NULL, NULL,
     "shuttles slow down before junctions that they do not see into, unless a roadside unit tells them who "
     "comes; true when left out",
     AT(connect_entry, cautious_shuttles)},
};

static int city_connect(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "connect");
    connect_entry entry = {def->connected_share, def->assistant_per_hour, def->has_cautious_shuttles};
    if (!script_read_fields(L, 2, "city:connect", connect_fields, JW_COUNT_OF(connect_fields), &entry))
        return 0;
    def->connected_share = entry.share;
    def->assistant_per_hour = entry.assistant_per_hour;
    def->has_cautious_shuttles = entry.cautious_shuttles;
    return 0;
}

/* ---- cameras, lines, requests, couplings ---- */

typedef struct cameras_entry {
    uint32_t at;
    double interval_s;
} cameras_entry;

static const script_field camera_fields[] = {
    {"at", FIELD_CHOICE, true, 0, 0, "signals", NULL, "every junction with signals", AT(cameras_entry, at)},
    {"interval_s", FIELD_NUMBER, false, 0.1, 3600, NULL, "s", "between pictures; 2 when left out",
     AT(cameras_entry, interval_s)},
};

static int city_cameras(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "cameras");
    cameras_entry entry = {.interval_s = def->camera_interval_s};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:cameras", camera_fields, JW_COUNT_OF(camera_fields), &entry))
        return 0;
    def->camera_interval_s = entry.interval_s;
    for (uint32_t i = 0; i < def->city->junction_count; i++)
        if (def->city->junctions[i].programme != JW_NONE)
            check(L, jw_twin_def_add_camera(def, i, &error), &error);
    return 0;
}

static const script_field detector_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "its name", AT(jw_detector_def, name)},
    {"edge", FIELD_COUNT, true, 0, 4e9, NULL, NULL, "number of the street's direction",
     AT(jw_detector_def, edge)},
    {"lane", FIELD_COUNT, false, 0, 255, NULL, NULL, "0 at the kerb, as when left out",
     AT(jw_detector_def, lane)},
    {"position_m", FIELD_NUMBER, false, -1e5, 1e5, NULL, "m",
     "along the lane, below 0 from its end; -10 when left out", AT(jw_detector_def, position_m)},
    {"length_m", FIELD_NUMBER, false, 0, 1e5, NULL, "m", "of an area that begins there; a loop when left out",
     AT(jw_detector_def, length_m)},
};

static int city_detector(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "detector");
    jw_detector_def entry = {.position_m = -10};
    jw_error error = {0};
    if (script_read_fields(L, 2, "city:detector", detector_fields, JW_COUNT_OF(detector_fields), &entry))
        check(L, jw_twin_def_add_detector(def, &entry, &error), &error);
    return 0;
}

typedef struct signals_entry {
    uint32_t control; /* jw_signal_control */
    jw_signal_def signals;
    uint8_t has_priority;
} signals_entry;

static const script_field signals_fields[] = {
    {"control", FIELD_CHOICE, false, 0, 0,
     "as_mapped|fixed|actuated|max_pressure|green_wave|outside|extended", NULL,
     "of every signal at the start; as the map says when left out", AT(signals_entry, control)},
    {"passage_s", FIELD_NUMBER, false, 0.1, 20, NULL, "s",
     "actuated: a green whose detectors are empty so long ends; 2 when left out",
     AT(signals_entry, signals.passage_s)},
    {"detector_m", FIELD_NUMBER, false, 2, 100, NULL, "m",
     "length of the detectors before the stop lines; 20 when left out",
     AT(signals_entry, signals.detector_m)},
    {"decision_s", FIELD_NUMBER, false, 1, 120, NULL, "s",
     "max_pressure and outside: between decisions; 5 when left out", AT(signals_entry, signals.decision_s)},
    {"wave_kmh", FIELD_NUMBER, false, 0, 150, NULL, "km/h",
     "green_wave: progression speed; the limits when 0", AT(signals_entry, signals.wave_kmh)},
    {"wave_cycle_s", FIELD_NUMBER, false, 20, 300, NULL, "s",
     "green_wave: cycle; the longest of a chain when left out", AT(signals_entry, signals.wave_cycle_s)},
    {"priority", FIELD_FLAG, false, 0, 0, NULL, NULL, "for buses and emergency vehicles",
     AT(signals_entry, has_priority)},
    {"priority_s", FIELD_NUMBER, false, 1, 60, NULL, "s",
     "that a bus may hold or cut a green; 10 when left out", AT(signals_entry, signals.priority_s)},
    {"connected_share", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "of motor vehicles that follow advised speeds; none when left out",
     AT(signals_entry, signals.connected_share)},
};

/* What is left out stays. */
static int city_signals(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "signals");
    signals_entry entry = {def->traffic.signals.control, def->traffic.signals,
                           def->traffic.signals.has_priority};
    script_read_fields(L, 2, "city:signals", signals_fields, JW_COUNT_OF(signals_fields), &entry);
    def->traffic.signals = entry.signals;
    def->traffic.signals.control = (jw_signal_control)entry.control;
    def->traffic.signals.has_priority = entry.has_priority != 0;
    return 0;
}

static const script_field couple_fields[] = {
    {"radio", FIELD_FLAG, false, 0, 0, NULL, NULL, "vehicles are radio users", JW_COUPLING_RADIO, 1},
    {"signals", FIELD_FLAG, false, 0, 0, NULL, NULL, "cameras ask, answers set signals", JW_COUPLING_SIGNALS,
     1},
    {"factory", FIELD_FLAG, false, 0, 0, NULL, NULL, "lines ask for inspection", JW_COUPLING_FACTORY, 1},
    {"assistant", FIELD_FLAG, false, 0, 0, NULL, NULL, "vehicles ask a language model", JW_COUPLING_ASSISTANT,
     1},
    {"energy", FIELD_FLAG, false, 0, 0, NULL, NULL, "requests cost energy, carbon, money", JW_COUPLING_ENERGY,
     1},
    {"rollout", FIELD_FLAG, false, 0, 0, NULL, NULL, "model images cross the links", JW_COUPLING_ROLLOUT, 1},
    {"advice", FIELD_FLAG, false, 0, 0, NULL, NULL, "vehicles that hear a signal's times meet its green",
     JW_COUPLING_ADVICE, 1},
};

static int city_couple(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "couple");
    uint8_t is_on[JW_COUPLING_COUNT];
    for (uint32_t i = 0; i < JW_COUPLING_COUNT; i++)
        is_on[i] = !def->is_coupling_off[i];
    if (!script_read_fields(L, 2, "city:couple", couple_fields, JW_COUNT_OF(couple_fields), is_on))
        return 0;
    for (uint32_t i = 0; i < JW_COUPLING_COUNT; i++)
        def->is_coupling_off[i] = !is_on[i];
    return 0;
}

/* ---- the object ---- */

#define FIELDS(list) list, JW_COUNT_OF(list)

const script_binding script_city_bindings[] = {
    {"place", "kind", "place?",
     "The first place of a kind: station, computing_centre, factory, hospital, school, park, "
     "gate, site or other; nil when the map has none.",
     script_city_place, NULL, 0},
    {"places", "kind", "place[]", "All places of a kind, in the map's order.", script_city_places, NULL, 0},
    {"blocks", "{ ... }", "block[]", "Blocks with x, y, name, use, people, jobs and index.",
     script_city_blocks, script_block_fields, SCRIPT_BLOCK_FIELDS},
    {"site", "{ ... }", "", "A computing site; its network node has the same id.", city_site,
     FIELDS(site_fields)},
    {"sites", "{ tier = }", "string[]", "Ids of the sites so far.", city_sites, NULL, 0},
    {"drawn_sites", "", "",
     "Places the sites of a GeoPackage's sites layer; one of an id that exists moves it.", city_drawn_sites,
     NULL, 0},
    {"region", "{ ... }", "",
     "Changes a grid region of the catalogue, or adds one; what is left out stays as it was.",
     script_city_region, script_region_fields, SCRIPT_REGION_FIELDS},
    {"calendar", "{ ... }", "", "The day of the year, for temperature and sun; mid-April when left out.",
     script_city_calendar, script_calendar_fields, 1},
    {"fibre", "{ ... }", "", "Joins sites by fibre.", city_fibre, FIELDS(fibre_fields)},
    {"topology", "{ ... }", "",
     "A network from a file, such as a backbone beyond the map, joined to sites of it; its nodes have the "
     "names of the file, with - for signs that ids do not have.",
     script_city_topology, script_topology_fields, SCRIPT_TOPOLOGY_FIELDS},
    {"cells", "{ ... }", "",
     "5G cells on a hexagonal lattice over the built land, each wired to the nearest site.", city_cells,
     FIELDS(cells_fields)},
    {"roadside_units", "{ ... }", "",
     "A roadside unit at each junction with signals: it sees who is there and broadcasts that and what the "
     "signals will show.",
     script_city_roadside_units, script_roadside_fields, SCRIPT_ROADSIDE_FIELDS},
    {"radio", "{ ... }", "",
     "Handover, power and fading of the radio, and times of the network: what a call leaves out stays.",
     script_city_radio, script_radio_fields, SCRIPT_RADIO_FIELDS},
    {"radio_users", "{ ... }", "",
     "Radio users that stand still: home blocks, and cameras and factories that are not wired.",
     script_city_radio_users, script_fixed_fields, SCRIPT_FIXED_FIELDS},
    {"cameras", "{ ... }", "", "Cameras whose pictures decide the signals.", city_cameras,
     FIELDS(camera_fields)},
    {"signals", "{ ... }", "", "How signals are controlled.", city_signals, FIELDS(signals_fields)},
    {"production_line", "{ ... }", "", "A production line whose parts are inspected by a model.",
     script_city_production_line, FIELDS(script_line_fields)},
    {"economic_region", "{ ... }", "", "A region of the economy with its people and its capital.",
     script_city_economic_region, FIELDS(script_economic_region_fields)},
    {"park", "{ ... }", "", "An industrial park, with what it has for its lines.", script_city_park,
     FIELDS(script_park_fields)},
    {"parks", "{ ... }", "",
     "Parks elsewhere with lines of the catalogue's kinds, their parameters drawn by the seed.",
     script_city_parks, FIELDS(script_parks_fields)},
    {"startup", "{ ... }", "", "A start-up that sells to the programme.", script_city_startup,
     FIELDS(script_startup_fields)},
    {"fund", "{ ... }", "", "The fund and how lenders lend.", script_city_fund, FIELDS(script_fund_fields)},
    {"budget", "{ ... }", "", "The city's money for computers and models: without it they cost nothing.",
     script_city_budget, FIELDS(script_budget_fields)},
    {"productivity", "{ ... }", "", "Figures that productivity is computed with.", script_city_productivity,
     FIELDS(script_productivity_fields)},
    {"equipment", "{ ... }", "", "What parks pay for what they lack, and how long it takes.",
     script_city_equipment, FIELDS(script_equipment_fields)},
    {"rollout", "{ ... }", "", "A model version that sites serve when the run starts.", city_rollout,
     FIELDS(rollout_fields)},
    {"approval", "{ ... }", "",
     "Model versions need approval before they may be deployed; what is left out stays as it was.",
     script_city_approval, script_approval_fields, SCRIPT_APPROVAL_FIELDS},
    {"dataset", "{ ... }", "", "A dataset: a volume at a site, that others copy and read over the network.",
     script_city_dataset, script_dataset_fields, SCRIPT_DATASET_FIELDS},
    {"sector", "{ ... }", "", "A sector that owns data, and the uses that it allows.", script_city_sector,
     FIELDS(script_sector_fields)},
    {"data_source", "{ ... }", "", "A source of records that a sector owns.", script_city_data_source,
     FIELDS(script_source_fields)},
    {"data_consumer", "{ ... }", "",
     "Who wants records of sources, for a purpose; they come when a scenario connects them.",
     script_city_data_consumer, FIELDS(script_consumer_fields)},
    {"data_fabric", "{ ... }", "",
     "How sources and consumers come together; what is left out stays as it was.", script_city_data_fabric,
     FIELDS(script_integration_fields)},
    {"connect", "{ ... }", "", "Vehicles that are radio users, and how often they ask the assistant.",
     city_connect, FIELDS(connect_fields)},
    {"llm_trace", "{ ... }", "", "Recorded requests to a language model, sent from a place as they were.",
     script_city_llm_trace, script_trace_fields, SCRIPT_TRACE_FIELDS},
    {"demand", "{ ... }", "",
     "Traffic demand: calls of different models add up, and files add up; what a call leaves out stays as it "
     "was.",
     script_city_demand, script_demand_fields, SCRIPT_DEMAND_FIELDS},
    {"bus_line", "{ ... }", "", "A bus line through some places, there and back, with stops between.",
     script_city_bus_line, script_bus_fields, SCRIPT_BUS_FIELDS},
    {"detector", "{ ... }", "",
     "An induction loop across a lane, or an area of one; the table detectors has what it counts, by "
     "interval.",
     city_detector, FIELDS(detector_fields)},
    {"request", "{ ... }", "", "Changes a request type, or adds one.", script_city_request,
     script_request_fields, SCRIPT_REQUEST_FIELDS},
    {"policy", "{ ... }", "", "How requests choose their site, and the breakers between them.",
     script_city_policy, script_policy_fields, SCRIPT_POLICY_FIELDS},
    {"crowd", "{ ... }", "", "People or machines at a place who send requests of a type.", script_city_crowd,
     script_crowd_fields, SCRIPT_CROWD_FIELDS},
    {"scale", "{ ... }", "", "Instances of a service at a site follow its load.", script_city_scale,
     script_scale_fields, SCRIPT_SCALE_FIELDS},
    {"card_faults", "{ ... }", "", "Cards fail and are repaired by chance, after exponential times.",
     script_city_card_faults, script_fault_fields, SCRIPT_FAULT_FIELDS},
    {"decider", "{ ... }", "", "Who decides a kind of thing, and how well people would.", script_city_decider,
     script_decider_fields, SCRIPT_DECIDER_FIELDS},
    {"desk", "{ ... }", "", "A desk where cases queue for people: a clinic, a tax office, a freight office.",
     script_city_desk, script_desk_fields, SCRIPT_DESK_FIELDS},
    {"incidents", "{ ... }", "",
     "Vehicles break down and block a lane until cameras or somebody with a phone found them and a crew "
     "cleared "
     "the road.",
     script_city_incidents, script_incident_fields, SCRIPT_INCIDENT_FIELDS},
    {"bus_priority", "", "",
     "Signals heed buses whose coming is predicted (kind bus of decisions), and emergency vehicles.",
     script_city_bus_priority, NULL, 0},
    {"couple", "{ ... }", "", "Switches couplings between the domains on or off.", city_couple,
     FIELDS(couple_fields)},
};
const uint32_t script_city_binding_count = JW_COUNT_OF(script_city_bindings);

void script_push_city(lua_State *L)
{
    lua_createtable(L, 0, (int)script_city_binding_count);
    for (uint32_t i = 0; i < script_city_binding_count; i++) {
        lua_pushcfunction(L, script_city_bindings[i].function);
        lua_setfield(L, -2, script_city_bindings[i].name);
    }
    script_freeze_table(L, -1, "city has no method \"%s\"%s; see docs/lua.md");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, CITY);
}
