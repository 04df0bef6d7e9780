/* SUMO's vehicle classes and road types in Jingwei's terms. */
#include "city/sumo_internal.h"

#include <string.h>

/* In this order a bit each ("Definition of Vehicles, Vehicle Types, and Routes": abstract vehicle class).
 * `allow` says to whom of ours a lane for this class is open. */
static const struct {
    const char *name;
    uint8_t allow;
    bool is_rail;
} classes[] = {
    {"passenger", JW_ALLOW_CAR | JW_ALLOW_SHUTTLE, false},
    {"truck", JW_ALLOW_TRUCK, false},
    {"bus", JW_ALLOW_BUS, false},
    {"emergency", JW_ALLOW_EMERGENCY, false},
    {"bicycle", JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE, false},
    {"pedestrian", JW_ALLOW_PEDESTRIAN, false},
    {"private", 0, false},
    {"taxi", 0, false},
    {"hov", 0, false},
    {"evehicle", 0, false},
    {"army", 0, false},
    {"vip", 0, false},
    {"authority", 0, false},
    {"custom1", 0, false},
    {"custom2", 0, false},
    {"motorcycle", 0, false},
    {"moped", 0, false},
    {"coach", 0, false},
    {"delivery", 0, false},
    {"trailer", 0, false},
    {"ship", 0, false},
    {"tram", 0, true},
    {"rail_urban", 0, true},
    {"rail", 0, true},
    {"rail_electric", 0, true},
    {"rail_fast", 0, true},
};
#define ALL ((UINT32_C(1) << JW_COUNT_OF(classes)) - 1)

static jw_result parse_list(const jw_sumo_reader *r, const char *text, jw_sumo_classes *out)
{
    *out = 0;
    while (*text) {
        size_t size = strcspn(text, " \t\r\n|,"); /* old files separate by | */
        uint32_t i = 0;
        while (i < JW_COUNT_OF(classes) &&
               (strncmp(classes[i].name, text, size) != 0 || classes[i].name[size] != '\0'))
            i++;
        if (i < JW_COUNT_OF(classes)) {
            *out |= UINT32_C(1) << i;
        } else if (size == 3 && strncmp(text, "all", 3) == 0) {
            *out = ALL;
        } else if (size > 0) {
            jw_result result = jw_sumo_note_missing(r->missing, r->error, "vehicle class %.*s",
                                                    size < 30 ? (int)size : 30, text);
            if (result != JW_OK)
                return result;
        }
        text += size;
        text += *text != '\0';
    }
    return JW_OK;
}

jw_result jw_sumo_read_classes(const jw_sumo_reader *r, jw_sumo_classes *out)
{
    const char *allow = jw_sumo_attribute(r, "allow"), *disallow = jw_sumo_attribute(r, "disallow");
    jw_sumo_classes not_allowed = 0;
    *out = ALL;
    jw_result result = allow && *allow ? parse_list(r, allow, out) : JW_OK;
    if (result == JW_OK && disallow && !allow)
        result = parse_list(r, disallow, &not_allowed);
    *out &= ~not_allowed;
    return result;
}

uint8_t jw_sumo_allow(jw_sumo_classes set)
{
    uint8_t allow = 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(classes); i++)
        if (set >> i & 1)
            allow |= classes[i].allow;
    return allow;
}

bool jw_sumo_is_rail(jw_sumo_classes set)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(classes); i++)
        if (set >> i & 1 && classes[i].is_rail)
            return true;
    return false;
}

bool jw_sumo_road_class(const char *type, jw_road_class *out, bool *out_is_link)
{
    static const struct {
        const char *name;
        jw_road_class road_class;
    } types[] = {{"motorway", JW_ROAD_MOTORWAY},
                 {"trunk", JW_ROAD_TRUNK},
                 {"primary", JW_ROAD_PRIMARY},
                 {"secondary", JW_ROAD_SECONDARY},
                 {"tertiary", JW_ROAD_TERTIARY},
                 {"residential", JW_ROAD_RESIDENTIAL},
                 {"living_street", JW_ROAD_RESIDENTIAL},
                 {"unclassified", JW_ROAD_RESIDENTIAL},
                 {"service", JW_ROAD_SERVICE}};
    const char *at = strstr(type, "highway.");
    if (!at)
        return false;
    at += strlen("highway.");
    for (uint32_t i = 0; i < JW_COUNT_OF(types); i++) {
        size_t size = strlen(types[i].name);
        if (strncmp(at, types[i].name, size) != 0)
            continue;
        *out = types[i].road_class;
        *out_is_link = strncmp(at + size, "_link", 5) == 0;
        return true;
    }
    return false;
}
