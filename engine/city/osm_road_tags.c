/* What the tags of a road mean: class, who may use it, directions, lanes, speed. By the OpenStreetMap wiki
 * ("Key: highway", "Key:lanes", "Key:access", "Key:maxspeed", "Bicycle", "Bus lanes") for traffic on the
 * right. */
#include "city/osm_internal.h"

#include <string.h>

enum { LANES_MAX = 8 };

/* The two directions of a road; "forward" is along the refs. */
typedef struct side {
    int lanes; /* 0: not said */
    bool is_said;
    bool has_bus_lane, has_bike_lane;
    const char *turns;
} side;

static bool class_of(const char *highway, jw_road_class *out, bool *out_link)
{
    static const struct {
        const char *values;
        jw_road_class road_class;
    } table[] = {
        {"|motorway|motorway_link|", JW_ROAD_MOTORWAY},
        {"|trunk|trunk_link|", JW_ROAD_TRUNK},
        {"|primary|primary_link|", JW_ROAD_PRIMARY},
        {"|secondary|secondary_link|", JW_ROAD_SECONDARY},
        {"|tertiary|tertiary_link|", JW_ROAD_TERTIARY},
        {"|residential|unclassified|living_street|road|", JW_ROAD_RESIDENTIAL},
        {"|service|busway|", JW_ROAD_SERVICE},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(table); i++) {
        if (jw_osm_is_in(highway, table[i].values)) {
            *out = table[i].road_class;
            *out_link = jw_text_ends_with(highway, "_link");
            return true;
        }
    }
    return false;
}

/* JW_ALLOW_ bits; 0: no road for traffic. The most specific access key wins. */
static uint8_t allow_of(const jw_osm_tags *tags, const char *highway)
{
    static const char *const keys[] = {"motorcar", "motor_vehicle", "vehicle", "access"};
    static const char closed[] =
        "|no|private|agricultural|forestry|agricultural;forestry|emergency|military|";
    const uint8_t bikes = JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE;
    bool is_closed = strcmp(highway, "busway") == 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(keys); i++) {
        const char *value = jw_osm_tag_value(tags, keys[i]);
        if (value) {
            is_closed = is_closed || jw_osm_is_in(value, closed);
            break;
        }
    }
    if (is_closed) {
        bool is_for_buses = strcmp(highway, "busway") == 0 ||
                            jw_osm_tag_is(tags, "bus", "|yes|designated|official|") ||
                            jw_osm_tag_is(tags, "psv", "|yes|designated|official|");
        return is_for_buses ? JW_ALLOW_BUS | JW_ALLOW_EMERGENCY : 0;
    }
    uint8_t allow = JW_ALLOW_MOTOR | bikes;
    if (jw_osm_tag_is(tags, "hgv", "|no|destination|delivery|"))
        allow &= (uint8_t)~JW_ALLOW_TRUCK;
    if (strncmp(highway, "motorway", 8) == 0 || jw_osm_tag_is(tags, "motorroad", "|yes|") ||
        jw_osm_tag_is(tags, "bicycle", "|no|use_sidepath|"))
        allow &= (uint8_t)~bikes;
    return allow;
}

/* ---- speed ---- */

/* One maxspeed value in km/h, or 0 when it says nothing we know. The zones "XX:urban" mean what the wiki's
 * table "Default speed limits" gives for most of the continent (AT, LI, CN: 50 in town); AT:rural 100,
 * LI:rural 80, CN:rural 70 (implementing regulation of the PRC road traffic safety law, article 45). */
static double speed_of_text(const char *text, jw_road_class road_class)
{
    const double walk_kmh = 7, mile_km = 1.609344;
    double value;
    if (jw_osm_number(text, &value))
        return value;
    size_t length = strcspn(text, " m");
    char digits[16];
    if (length > 0 && length < sizeof digits &&
        strcmp(text + length + strspn(text + length, " "), "mph") == 0) {
        memcpy(digits, text, length);
        digits[length] = '\0';
        return jw_osm_number(digits, &value) ? value * mile_km : 0;
    }
    if (strcmp(text, "walk") == 0)
        return walk_kmh;
    if (strcmp(text, "none") == 0)
        return road_class <= JW_ROAD_TRUNK ? 130 : 100;
    const char *zone = strchr(text, ':');
    if (!zone)
        return 0;
    zone++;
    if (strncmp(zone, "zone", 4) == 0) /* DE:zone30, DE:zone:30 */
        zone += zone[4] == ':' ? 5 : 4;
    if (jw_osm_number(zone, &value))
        return value;
    if (strcmp(zone, "urban") == 0)
        return 50;
    if (strcmp(zone, "living_street") == 0)
        return 20;
    if (strcmp(zone, "bicycle_road") == 0)
        return 30;
    bool is_china = strncmp(text, "CN:", 3) == 0;
    if (strcmp(zone, "rural") == 0)
        return is_china ? 70 : strncmp(text, "LI:", 3) == 0 || strncmp(text, "CH:", 3) == 0 ? 80 : 100;
    if (strcmp(zone, "trunk") == 0)
        return 100;
    if (strcmp(zone, "motorway") == 0)
        return is_china || strncmp(text, "LI:", 3) == 0 || strncmp(text, "CH:", 3) == 0 ? 120 : 130;
    return 0;
}

static double speed_of(const jw_osm_tags *tags, const char *highway, const jw_draft_road *road,
                       const char **out_problem)
{
    static const char *const keys[] = {"maxspeed",      "maxspeed:forward", "maxspeed:backward",
                                       "maxspeed:type", "source:maxspeed",  "zone:maxspeed",
                                       "zone:traffic"};
    for (uint32_t i = 0; i < JW_COUNT_OF(keys); i++) {
        const char *text = jw_osm_tag_value(tags, keys[i]);
        double kmh = text ? speed_of_text(text, road->road_class) : 0;
        if (text && i < 3 && (kmh < 3 || kmh > 200) && !jw_osm_is_in(text, "|signals|variable|"))
            *out_problem =
                "a speed limit that is no number from 3 to 200 km/h; the default of its class is taken";
        if (kmh >= 3 && kmh <= 200)
            return kmh / 3.6;
    }
    if (strcmp(highway, "living_street") == 0)
        return 20 / 3.6;
    double default_mps;
    jw_road_defaults(road->road_class, false, NULL, NULL, &default_mps);
    /* Ramps: 0.4 to 0.7 of the main road's design speed (CJJ 37-2012, design speed of interchange ramps). */
    return road->is_link ? 0.6 * default_mps : default_mps;
}

/* ---- lanes ---- */

/* Lanes named by a value like "through|through;right": 0 for none or too many. */
static int count_bars(const char *text)
{
    int count = 1;
    for (; *text; text++)
        count += *text == '|';
    return count <= LANES_MAX ? count : 0;
}

static int lane_tag(const jw_osm_tags *tags, const char *key, const char **out_problem)
{
    const char *text = jw_osm_tag_value(tags, key);
    int lanes = 0;
    if (!text)
        return 0;
    double value;
    if (jw_osm_number(text, &value) && value >= 1 && value <= 2 * LANES_MAX)
        lanes = (int)value; /* "1.5": one wide lane */
    else if (!(jw_osm_number(text, &value) && value == 0))
        *out_problem = "a number of lanes that is not from 1 to 16; the default of its class is taken";
    return lanes;
}

/* The kerb lane of one direction is for buses: "bus:lanes=no|designated" and the like. */
static bool is_kerb_bus_lane(const char *text)
{
    const char *last = text ? strrchr(text, '|') : NULL;
    return last && jw_osm_is_in(last + 1, "|designated|official|");
}

static bool has_count(const jw_osm_tags *tags, const char *key)
{
    const char *text = jw_osm_tag_value(tags, key);
    double value;
    return text && jw_osm_number(text, &value) && value >= 1;
}

static void read_bus_lanes(const jw_osm_tags *tags, bool is_one_way, side *forward, side *backward)
{
    bool is_both = jw_osm_tag_is(tags, "busway", "|lane|") || jw_osm_tag_is(tags, "busway:both", "|lane|") ||
                   has_count(tags, "lanes:psv") || has_count(tags, "lanes:bus");
    forward->has_bus_lane = is_both || jw_osm_tag_is(tags, "busway:right", "|lane|") ||
                            has_count(tags, "lanes:psv:forward") || has_count(tags, "lanes:bus:forward") ||
                            is_kerb_bus_lane(jw_osm_tag_value(tags, "bus:lanes:forward")) ||
                            is_kerb_bus_lane(jw_osm_tag_value(tags, "psv:lanes:forward"));
    if (is_one_way)
        forward->has_bus_lane = forward->has_bus_lane ||
                                is_kerb_bus_lane(jw_osm_tag_value(tags, "bus:lanes")) ||
                                is_kerb_bus_lane(jw_osm_tag_value(tags, "psv:lanes"));
    bool is_contraflow = jw_osm_tag_is(tags, "busway", "|opposite_lane|") ||
                         jw_osm_tag_is(tags, "busway:left", "|opposite_lane|");
    backward->has_bus_lane = (is_both && !is_one_way) || is_contraflow ||
                             (!is_one_way && jw_osm_tag_is(tags, "busway:left", "|lane|")) ||
                             has_count(tags, "lanes:psv:backward") || has_count(tags, "lanes:bus:backward") ||
                             is_kerb_bus_lane(jw_osm_tag_value(tags, "bus:lanes:backward")) ||
                             is_kerb_bus_lane(jw_osm_tag_value(tags, "psv:lanes:backward"));
}

static void read_bike_lanes(const jw_osm_tags *tags, bool is_one_way, side *forward, side *backward)
{
    static const char kinds[] = "|lane|track|";
    bool is_both = jw_osm_tag_is(tags, "cycleway", kinds) || jw_osm_tag_is(tags, "cycleway:both", kinds);
    bool is_left = jw_osm_tag_is(tags, "cycleway:left", kinds);
    forward->has_bike_lane =
        is_both || jw_osm_tag_is(tags, "cycleway:right", kinds) || (is_one_way && is_left);
    backward->has_bike_lane = !is_one_way && (is_both || is_left);
}

/* Splits the lanes between the directions. On a two-way road `lanes` counts both; lanes:both_ways (a turning
 * lane in the middle) belongs to neither. */
static void read_lanes(const jw_osm_tags *tags, bool is_one_way, side *forward, side *backward,
                       const char **out_problem)
{
    int total = lane_tag(tags, "lanes", out_problem);
    forward->lanes = lane_tag(tags, "lanes:forward", out_problem);
    backward->lanes = lane_tag(tags, "lanes:backward", out_problem);
    forward->turns = jw_osm_tag_value(tags, "turn:lanes:forward");
    backward->turns = jw_osm_tag_value(tags, "turn:lanes:backward");
    if (is_one_way && !forward->turns)
        forward->turns = jw_osm_tag_value(tags, "turn:lanes");
    if (is_one_way) {
        if (forward->lanes == 0)
            forward->lanes = total > 0 || !forward->turns ? total : count_bars(forward->turns);
        forward->is_said = forward->lanes > 0;
        backward->is_said = backward->lanes > 0;
        return;
    }
    if (forward->lanes == 0 && forward->turns)
        forward->lanes = count_bars(forward->turns);
    if (backward->lanes == 0 && backward->turns)
        backward->lanes = count_bars(backward->turns);
    total -= lane_tag(tags, "lanes:both_ways", out_problem);
    if (forward->lanes == 0 && backward->lanes == 0 && total > 0) {
        forward->lanes = (total + 1) / 2;
        backward->lanes = total > 1 ? total / 2 : 1; /* one lane for both ways: they share it in turn */
    } else if (forward->lanes == 0 && backward->lanes > 0) {
        forward->lanes = total > backward->lanes ? total - backward->lanes : 0;
    } else if (backward->lanes == 0 && forward->lanes > 0) {
        backward->lanes = total > forward->lanes ? total - forward->lanes : 0;
    }
    forward->is_said = forward->lanes > 0;
    backward->is_said = backward->lanes > 0;
}

/* Turns that do not match the lanes, or do not fit, are left unknown. */
static void copy_turns(char *out, size_t size, const side *from)
{
    out[0] = '\0';
    if (from->turns && count_bars(from->turns) == from->lanes && strlen(from->turns) < size)
        memcpy(out, from->turns, strlen(from->turns) + 1);
}

/* Fills in what was not said; a bus lane that was not counted comes on top of the general lanes. */
static void complete_side(side *s, int default_lanes, bool is_bus_road)
{
    if (s->lanes == 0)
        s->lanes = default_lanes + (s->has_bus_lane && !is_bus_road ? 1 : 0);
    if (s->lanes > LANES_MAX)
        s->lanes = LANES_MAX;
    if (is_bus_road || s->lanes < 2)
        s->has_bus_lane = false; /* cars would have none left; a road for buses alone says so in `allow` */
}

/* ---- the whole road ---- */

static bool is_one_way_road(const jw_osm_tags *tags, const jw_draft_road *road, const char *highway,
                            bool *out_reversed)
{
    const char *value = jw_osm_tag_value(tags, "oneway");
    *out_reversed = value && jw_osm_is_in(value, "|-1|reverse|");
    if (value && jw_osm_is_in(value, "|yes|true|1|-1|reverse|"))
        return true;
    if (value && jw_osm_is_in(value, "|no|false|0|"))
        return false;
    return road->is_roundabout || strncmp(highway, "motorway", 8) == 0;
}

bool jw_osm_road(const jw_osm_tags *tags, jw_draft_road *out, bool *out_reversed, const char **out_problem)
{
    const char *highway = jw_osm_tag_value(tags, "highway");
    jw_road_class road_class;
    bool is_link;
    *out_problem = NULL;
    if (!highway || !class_of(highway, &road_class, &is_link) || jw_osm_tag_is(tags, "area", "|yes|") ||
        jw_osm_tag_is(tags, "service", "|driveway|parking_aisle|drive-through|emergency_access|"))
        return false;
    *out = (jw_draft_road){.road_class = road_class, .is_link = is_link, .allow = allow_of(tags, highway)};
    if (out->allow == 0)
        return false;
    out->is_roundabout = jw_osm_tag_is(tags, "junction", "|roundabout|circular|");
    out->is_bridge = jw_osm_tag_yes(tags, "bridge");
    out->is_tunnel = jw_osm_tag_yes(tags, "tunnel");
    out->layer = jw_osm_layer(tags);
    bool is_one_way = is_one_way_road(tags, out, highway, out_reversed);
    out->speed_mps = speed_of(tags, highway, out, out_problem);

    side forward = {0}, backward = {0};
    uint8_t default_lanes;
    bool is_bus_road = !(out->allow & JW_ALLOW_CAR);
    jw_road_defaults(road_class, is_one_way, &default_lanes, NULL, NULL);
    if (is_link || out->is_roundabout)
        default_lanes = 1;
    read_lanes(tags, is_one_way, &forward, &backward, out_problem);
    read_bus_lanes(tags, is_one_way, &forward, &backward);
    read_bike_lanes(tags, is_one_way, &forward, &backward);
    if (is_one_way && *out_reversed && !forward.is_said && backward.is_said)
        forward.lanes =
            backward.lanes; /* "forward" of the tags is along the refs, traffic runs the other way */
    complete_side(&forward, default_lanes, is_bus_road);
    if (!is_one_way) {
        complete_side(&backward, default_lanes, is_bus_road);
    } else {
        /* Against a one-way street only buses may go, on one lane of their own. */
        backward.lanes = backward.has_bus_lane && !*out_reversed && !is_bus_road ? 1 : 0;
        backward.has_bus_lane = backward.lanes > 0;
    }
    out->lanes_forward = (uint8_t)forward.lanes;
    out->lanes_backward = (uint8_t)backward.lanes;
    out->lanes_are_assumed = !forward.is_said;
    out->bus_lane_forward = forward.has_bus_lane;
    out->bus_lane_backward = backward.has_bus_lane;
    out->bike_lane_forward = forward.has_bike_lane;
    out->bike_lane_backward = backward.has_bike_lane;
    copy_turns(out->turn_forward, sizeof out->turn_forward, &forward);
    copy_turns(out->turn_backward, sizeof out->turn_backward, &backward);

    const char *width = jw_osm_tag_value(tags, "width");
    double width_m;
    if (width && jw_osm_metres(width, &width_m)) {
        /* Kerb to kerb, parked cars included: believed only where it gives a sensible lane. */
        double lane_m = width_m / (forward.lanes + backward.lanes);
        out->lane_width_m = lane_m >= 2.5 && lane_m <= 4.5 ? lane_m : 0;
    }
    return true;
}
