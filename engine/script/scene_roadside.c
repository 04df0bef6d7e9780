/* What a scene says of its digital road, and of radio users that stand still. */
#include "script/script_internal.h"

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

typedef struct roadside_entry {
    jw_roadside_def unit;
    jw_roadside_system system;
    uint32_t count_max;
} roadside_entry;

const script_field script_roadside_fields[] = {
    {"camera_range_m", FIELD_NUMBER, false, 0, 2000, NULL, "m", "100 when left out; 0: no camera",
     AT(roadside_entry, unit.camera_range_m)},
    {"radar_range_m", FIELD_NUMBER, false, 0, 2000, NULL, "m", "200 when left out; 0: no radar",
     AT(roadside_entry, unit.radar_range_m)},
    {"range_m", FIELD_NUMBER, false, 20, 2000, NULL, "m",
     "messages are not taken farther away; 500 when left out", AT(roadside_entry, unit.range_m)},
    {"power_dbm", FIELD_NUMBER, false, 0, 60, NULL, "dBm", "radiated; 29 when left out",
     AT(roadside_entry, unit.power_dbm)},
    {"height_m", FIELD_NUMBER, false, 1, 50, NULL, "m", "of the pole; 6 when left out",
     AT(roadside_entry, unit.height_m)},
    {"signal_hz", FIELD_NUMBER, false, 0.1, 50, NULL, "Hz",
     "messages with the signals' phases and times; 10 when left out", AT(roadside_entry, unit.signal_hz)},
    {"perception_hz", FIELD_NUMBER, false, 0.1, 50, NULL, "Hz",
     "messages with the road users seen; 10 when left out", AT(roadside_entry, unit.perception_hz)},
    {"busy_limit", FIELD_NUMBER, false, 0.05, 1, NULL, NULL,
     "of the channel: what is beyond is not sent; 0.65 when left out", AT(roadside_entry, system.busy_limit)},
    {"vehicle_hz", FIELD_NUMBER, false, 0, 50, NULL, "Hz",
     "messages of each connected vehicle; 10 when left out", AT(roadside_entry, system.vehicle_hz)},
    {"count_max", FIELD_COUNT, false, 1, 10000, NULL, NULL,
     "the first so many of the map's junctions with signals; all when left out",
     AT(roadside_entry, count_max)},
};
_Static_assert(JW_COUNT_OF(script_roadside_fields) == SCRIPT_ROADSIDE_FIELDS, "counted in script_internal.h");

int script_city_roadside_units(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "roadside_units");
    roadside_entry entry = {.unit = {.camera_range_m = 100, .radar_range_m = 200},
                            .system = {.vehicle_hz = 10}};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:roadside_units", script_roadside_fields, SCRIPT_ROADSIDE_FIELDS,
                            &entry))
        return 0;
    def->roadside = entry.system;
    if (entry.system.vehicle_hz == 0)
        def->roadside.vehicle_hz = -1; /* none, where 0 stands for the usual rate */
    if (jw_twin_def_add_roadside_units(def, &entry.unit, entry.count_max, &error) != JW_OK)
        script_report_error(L, &error);
    return 0;
}

typedef struct fixed_entry {
    double kbps_per_resident;
    uint8_t cameras, factories;
} fixed_entry;

const script_field script_fixed_fields[] = {
    {"kbps_per_resident", FIELD_NUMBER, false, 0, 1e6, NULL, "kbit/s",
     "what residents use at home by radio, mean over the day, each block one user; 9 when left out; 0: none",
     AT(fixed_entry, kbps_per_resident)},
    {"cameras", FIELD_FLAG, false, 0, 0, NULL, NULL,
     "send their pictures over their cell, not by fibre; false when left out", AT(fixed_entry, cameras)},
    {"factories", FIELD_FLAG, false, 0, 0, NULL, NULL, "likewise; false when left out",
     AT(fixed_entry, factories)},
};
_Static_assert(JW_COUNT_OF(script_fixed_fields) == SCRIPT_FIXED_FIELDS, "counted in script_internal.h");

/* 9 kbit/s: half of 18 GB a month and subscriber, the mean of China's mobile networks in 2024, over three
 * networks of which a scene's cells are one (all unverified). */
int script_city_radio_users(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "radio_users");
    fixed_entry entry = {.kbps_per_resident = 9};
    if (!script_read_fields(L, 2, "city:radio_users", script_fixed_fields, SCRIPT_FIXED_FIELDS, &entry))
        return 0;
    def->home_bps_per_resident = entry.kbps_per_resident * 1e3;
    def->has_cameras_on_air = entry.cameras;
    def->has_factories_on_air = entry.factories;
    return 0;
}
