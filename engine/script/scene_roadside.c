/* What a scene says of its digital road, of the radio as a whole, and of its users that stand still. */
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
    {"signal_bytes", FIELD_NUMBER, false, 20, 10000, NULL, "B",
     "of a message with the signals; 400 when left out", AT(roadside_entry, system.signal_bytes)},
    {"vehicle_bytes", FIELD_NUMBER, false, 20, 10000, NULL, "B", "of a vehicle's message; 300 when left out",
     AT(roadside_entry, system.vehicle_bytes)},
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

typedef struct radio_entry {
    jw_network_def network;
    uint32_t sight;
} radio_entry;

const script_field script_radio_fields[] = {
    {"a3_offset_db", FIELD_NUMBER, false, -15, 15, NULL, "dB",
     "a cell must be stronger than the serving one by this and the hysteresis; 3 when left out",
     AT(radio_entry, network.a3_offset_db)},
    {"a3_hysteresis_db", FIELD_NUMBER, false, 0.5, 15, NULL, "dB", "1 when left out",
     AT(radio_entry, network.a3_hysteresis_db)},
    {"a3_trigger_s", FIELD_NUMBER, false, 0.001, 10, NULL, "s",
     "for so long, then the user is handed over; 0.16 when left out", AT(radio_entry, network.a3_trigger_s)},
    {"t310_s", FIELD_NUMBER, false, 0.001, 6, NULL, "s",
     "out of synchronisation for so long a link has failed; 1 when left out",
     AT(radio_entry, network.t310_s)},
    {"up_p0_dbm", FIELD_NUMBER, false, -202, -1, NULL, "dBm",
     "uplink power wished for at the cell, each resource block; -80 when left out",
     AT(radio_entry, network.up_p0_dbm)},
    {"up_alpha", FIELD_NUMBER, false, 0.1, 1, NULL, NULL,
     "share of the loss that terminals make up for; 0.8 when left out", AT(radio_entry, network.up_alpha)},
    {"user_background_bps", FIELD_NUMBER, false, 0, 1e12, NULL, "bit/s",
     "downlink traffic of each user beside its messages; 0 when left out",
     AT(radio_entry, network.user_background_bps)},
    {"interval_s", FIELD_NUMBER, false, 0, 3600, NULL, "s",
     "between looks at a user; each step when left out", AT(radio_entry, network.radio_interval_s)},
    {"sight", FIELD_CHOICE, false, 0, 0, "buildings|drawn", NULL,
     "line of sight by the map's buildings, or drawn by the standard's probability; buildings when left out",
     AT(radio_entry, sight)},
    {"shadowing", FIELD_FLAG, false, 0, 0, NULL, NULL, "shadow fading; true when left out",
     AT(radio_entry, network.has_shadowing)},
    {"failover_s", FIELD_NUMBER, false, 0.001, 3600, NULL, "s",
     "from a link's failure to new routes; 0.05 when left out", AT(radio_entry, network.failover_s)},
    {"message_timeout_s", FIELD_NUMBER, false, 0.001, 3600, NULL, "s",
     "a message without a route or a cell waits so long; 2 when left out",
     AT(radio_entry, network.message_timeout_s)},
};
_Static_assert(JW_COUNT_OF(script_radio_fields) == SCRIPT_RADIO_FIELDS, "counted in script_internal.h");

int script_city_radio(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "radio");
    radio_entry entry = {.network = def->network, .sight = !def->network.is_los_from_buildings};
    if (!script_read_fields(L, 2, "city:radio", script_radio_fields, SCRIPT_RADIO_FIELDS, &entry))
        return 0;
    entry.network.is_los_from_buildings = entry.sight == 0;
    def->network = entry.network;
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
