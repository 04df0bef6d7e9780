/* What the tags of areas, buildings, lines and nodes mean. The keys and values are those of the OpenStreetMap
 * wiki, "Map features"; whatever is not listed is not drawn. */
#include "city/osm_internal.h"

#include <math.h> /* isfinite only */
#include <string.h>

const char *jw_osm_tag_value(const jw_osm_tags *tags, const char *key)
{
    for (uint32_t i = 0; i < tags->count; i++)
        if (tags->items[i].key[0] == key[0] && strcmp(tags->items[i].key, key) == 0)
            return tags->items[i].value;
    return NULL;
}

bool jw_osm_is_in(const char *value, const char *list)
{
    size_t length = strlen(value);
    if (length == 0 || memchr(value, '|', length))
        return false;
    for (const char *at = strstr(list, value); at; at = strstr(at + 1, value))
        if (at > list && at[-1] == '|' && at[length] == '|')
            return true;
    return false;
}

bool jw_osm_tag_is(const jw_osm_tags *tags, const char *key, const char *list)
{
    const char *value = jw_osm_tag_value(tags, key);
    return value && jw_osm_is_in(value, list);
}

bool jw_osm_tag_yes(const jw_osm_tags *tags, const char *key)
{
    const char *value = jw_osm_tag_value(tags, key);
    return value && strcmp(value, "no") != 0;
}

/* ---- numbers ---- */

bool jw_osm_number(const char *text, double *out)
{
    return jw_text_to_number(text, out) && isfinite(*out);
}

/* The leading number of `text`; *rest is what follows it and blanks. */
static bool leading_number(const char *text, double *out, const char **rest)
{
    char digits[32];
    size_t length = strspn(text, "+-.0123456789");
    if (length == 0 || length >= sizeof digits)
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    *rest = text + length + strspn(text + length, " ");
    return jw_osm_number(digits, out);
}

bool jw_osm_metres(const char *text, double *out_m)
{
    const double foot_m = 0.3048, inch_m = 0.0254;
    double value, inches = 0;
    const char *rest;
    if (!leading_number(text, &value, &rest))
        return false;
    if (*rest == '\0' || strcmp(rest, "m") == 0) {
        *out_m = value;
        return true;
    }
    if (strcmp(rest, "ft") == 0 || strcmp(rest, "feet") == 0) {
        *out_m = value * foot_m;
        return true;
    }
    if (*rest != '\'')
        return false;
    if (rest[1] != '\0' && !(leading_number(rest + 1, &inches, &rest) && strcmp(rest, "\"") == 0))
        return false;
    *out_m = value * foot_m + inches * inch_m;
    return true;
}

bool jw_osm_integer(const char *text, int low, int high, int *out)
{
    double value;
    if (!jw_osm_number(text, &value) || value < low || value > high || value != (int)value)
        return false;
    *out = (int)value;
    return true;
}

int8_t jw_osm_layer(const jw_osm_tags *tags)
{
    const char *text = jw_osm_tag_value(tags, "layer");
    int layer = 0;
    if (text && jw_osm_integer(text, -10, 10, &layer))
        return (int8_t)layer;
    if (jw_osm_tag_yes(tags, "bridge"))
        return 1;
    return jw_osm_tag_yes(tags, "tunnel") ? -1 : 0;
}

/* ---- nodes ---- */

uint8_t jw_osm_node_flags(const jw_osm_tags *tags)
{
    uint8_t flags = 0;
    const char *highway = jw_osm_tag_value(tags, "highway");
    if (!highway)
        return 0;
    if (strcmp(highway, "traffic_signals") == 0)
        flags |= JW_OSM_FLAG_SIGNAL;
    if (strcmp(highway, "stop") == 0)
        flags |= JW_OSM_FLAG_STOP;
    if (strcmp(highway, "give_way") == 0)
        flags |= JW_OSM_FLAG_GIVE_WAY;
    if (strcmp(highway, "crossing") == 0) {
        flags |= JW_OSM_FLAG_CROSSING;
        if (jw_osm_tag_is(tags, "crossing", "|traffic_signals|") ||
            jw_osm_tag_is(tags, "crossing:signals", "|yes|"))
            flags |= JW_OSM_FLAG_SIGNAL;
    }
    return flags;
}

bool jw_osm_place(const jw_osm_tags *tags, jw_place_kind *out)
{
    bool is_named = jw_osm_tag_value(tags, "name") != NULL;
    if (jw_osm_tag_is(tags, "railway", "|station|halt|"))
        *out = JW_PLACE_STATION;
    else if (jw_osm_tag_is(tags, "telecom", "|data_center|data_centre|") ||
             jw_osm_tag_is(tags, "building", "|data_center|data_centre|"))
        *out = JW_PLACE_COMPUTING_CENTRE;
    else if (jw_osm_tag_is(tags, "amenity", "|hospital|"))
        *out = JW_PLACE_HOSPITAL;
    else if (jw_osm_tag_is(tags, "amenity", "|school|college|university|"))
        *out = JW_PLACE_SCHOOL;
    else if (jw_osm_tag_is(tags, "man_made", "|works|") ||
             jw_osm_tag_is(tags, "building", "|industrial|factory|manufacture|") ||
             (is_named && jw_osm_tag_is(tags, "landuse", "|industrial|")))
        *out = JW_PLACE_FACTORY;
    else if (is_named && jw_osm_tag_is(tags, "leisure", "|park|"))
        *out = JW_PLACE_PARK;
    else if (is_named &&
             jw_osm_tag_is(tags, "place", "|town|suburb|borough|quarter|village|hamlet|neighbourhood|"))
        *out = JW_PLACE_QUARTER;
    else
        return false;
    return true;
}

/* ---- buildings ---- */

typedef struct use_rule {
    const char *key, *values;
    jw_use use;
} use_rule;

/* The first rule that fits; a building's own value before what happens in it. */
static const use_rule use_rules[] = {
    {"building", "|data_center|data_centre|", JW_USE_COMPUTING},
    {"telecom", "|data_center|data_centre|", JW_USE_COMPUTING},
    {"building",
     "|residential|apartments|house|detached|semidetached_house|terrace|dormitory|bungalow|farm|cabin|hut|"
     "villa|"
     "static_caravan|houseboat|allotment_house|",
     JW_USE_RESIDENTIAL},
    {"building", "|commercial|retail|supermarket|hotel|kiosk|shop|mall|restaurant|", JW_USE_COMMERCIAL},
    {"building", "|office|offices|", JW_USE_OFFICE},
    {"building", "|industrial|warehouse|factory|manufacture|hangar|works|", JW_USE_INDUSTRIAL},
    {"building",
     "|school|university|college|kindergarten|hospital|public|civic|government|church|cathedral|chapel|"
     "mosque|"
     "temple|synagogue|shrine|monastery|fire_station|museum|stadium|sports_hall|sports_centre|library|",
     JW_USE_PUBLIC},
    {"building", "|train_station|transportation|", JW_USE_STATION},
    {"railway", "|station|", JW_USE_STATION},
    {"amenity",
     "|school|university|college|kindergarten|hospital|clinic|townhall|courthouse|police|fire_station|"
     "library|"
     "place_of_worship|community_centre|theatre|",
     JW_USE_PUBLIC},
    {"tourism", "|museum|gallery|", JW_USE_PUBLIC},
    {"amenity", "|restaurant|cafe|bank|bar|pub|cinema|fast_food|marketplace|casino|", JW_USE_COMMERCIAL},
    {"tourism", "|hotel|hostel|guest_house|motel|", JW_USE_COMMERCIAL},
    {"man_made", "|works|", JW_USE_INDUSTRIAL},
};

static jw_use use_of(const jw_osm_tags *tags)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(use_rules); i++)
        if (jw_osm_tag_is(tags, use_rules[i].key, use_rules[i].values))
            return use_rules[i].use;
    if (jw_osm_tag_yes(tags, "office"))
        return JW_USE_OFFICE;
    return jw_osm_tag_yes(tags, "shop") ? JW_USE_COMMERCIAL : JW_USE_NONE;
}

/* Metres of a tag within [0, max_m], 0 when absent or senseless. */
static float height_of(const jw_osm_tags *tags, const char *key, double max_m)
{
    const char *text = jw_osm_tag_value(tags, key);
    double metres;
    return text && jw_osm_metres(text, &metres) && metres > 0 && metres <= max_m ? (float)metres : 0;
}

static const struct roof_rule {
    const char *values;
    jw_roof roof;
} roof_rules[] = {
    {"|flat|terrace|", JW_ROOF_FLAT},
    {"|gabled|gambrel|saltbox|double_saltbox|quadruple_saltbox|round|gabled_height_moved|", JW_ROOF_GABLED},
    {"|hipped|half-hipped|side_hipped|side_half-hipped|hipped-and-gabled|mansard|", JW_ROOF_HIPPED},
    {"|pyramidal|cone|dome|onion|crosspitched|", JW_ROOF_PYRAMIDAL},
    {"|skillion|lean_to|", JW_ROOF_SKILLION},
};

/* roof:levels are of 2.5 m, as there is less room under a slope. */
static void take_roof(const jw_osm_tags *tags, jw_draft_building *out)
{
    const double level_m = 2.5, highest_m = 100;
    for (uint32_t i = 0; i < JW_COUNT_OF(roof_rules); i++)
        if (jw_osm_tag_is(tags, "roof:shape", roof_rules[i].values))
            out->roof = (uint8_t)roof_rules[i].roof;
    out->roof_is_across = jw_osm_tag_is(tags, "roof:orientation", "|across|");
    double levels;
    const char *text = jw_osm_tag_value(tags, "roof:levels");
    out->roof_m = height_of(tags, "roof:height", highest_m);
    if (out->roof_m == 0 && text && jw_osm_number(text, &levels) && levels > 0 && levels <= 10)
        out->roof_m = (float)(levels * level_m);
}

bool jw_osm_building(const jw_osm_tags *tags, jw_draft_building *out)
{
    const double tallest_m = 1000, level_m = 3;
    /* building:part alone refines an outline that is drawn already: left out. */
    if (!jw_osm_tag_yes(tags, "building") || jw_osm_tag_is(tags, "location", "|underground|"))
        return false;
    *out = (jw_draft_building){.use = (uint8_t)use_of(tags)};
    out->height_m = height_of(tags, "height", tallest_m);
    if (out->height_m == 0)
        out->height_m = height_of(tags, "building:height", tallest_m);
    out->base_m = height_of(tags, "min_height", tallest_m);
    double levels;
    const char *text = jw_osm_tag_value(tags, "building:levels");
    if (text && jw_osm_number(text, &levels) && levels > 0 && levels <= 250)
        out->levels = (uint8_t)jw_max(1, jw_round(levels));
    text = jw_osm_tag_value(tags, "building:min_level");
    if (out->base_m == 0 && text && jw_osm_number(text, &levels) && levels > 0 && levels <= 250)
        out->base_m = (float)(levels * level_m);
    if (out->height_m > 0 && out->base_m >= out->height_m)
        out->base_m = 0;
    take_roof(tags, out);
    return true;
}

/* ---- areas ---- */

typedef struct area_rule {
    const char *key, *values;
    jw_area_kind kind;
    jw_use use;
} area_rule;

/* In order of what a place is first of all: water and green before the land use they lie in. */
static const area_rule area_rules[] = {
    {"natural", "|water|", JW_AREA_WATER, JW_USE_NONE},
    {"waterway", "|riverbank|dock|", JW_AREA_WATER, JW_USE_NONE},
    {"landuse", "|reservoir|basin|salt_pond|", JW_AREA_WATER, JW_USE_NONE},
    {"leisure", "|swimming_pool|", JW_AREA_WATER, JW_USE_NONE},
    {"natural", "|wetland|mud|marsh|", JW_AREA_WETLAND, JW_USE_NONE},
    {"natural", "|wood|", JW_AREA_WOOD, JW_USE_NONE},
    {"landuse", "|forest|", JW_AREA_WOOD, JW_USE_NONE},
    {"leisure", "|park|garden|playground|common|golf_course|dog_park|", JW_AREA_PARK, JW_USE_NONE},
    {"leisure", "|pitch|track|sports_centre|stadium|", JW_AREA_GRASS, JW_USE_NONE},
    {"natural", "|grassland|scrub|heath|fell|", JW_AREA_GRASS, JW_USE_NONE},
    {"landuse",
     "|grass|meadow|village_green|farmland|farm|orchard|vineyard|allotments|greenfield|recreation_ground|"
     "cemetery|"
     "flowerbed|plant_nursery|greenhouse_horticulture|",
     JW_AREA_GRASS, JW_USE_NONE},
    {"amenity", "|grave_yard|", JW_AREA_GRASS, JW_USE_NONE},
    {"amenity", "|parking|marketplace|bus_station|", JW_AREA_SQUARE, JW_USE_NONE},
    {"place", "|square|", JW_AREA_SQUARE, JW_USE_NONE},
    {"landuse", "|railway|", JW_AREA_RAIL, JW_USE_NONE},
    {"telecom", "|data_center|data_centre|", JW_AREA_BUILT, JW_USE_COMPUTING},
    {"amenity", "|school|kindergarten|college|university|hospital|townhall|", JW_AREA_BUILT, JW_USE_PUBLIC},
    {"man_made", "|works|", JW_AREA_BUILT, JW_USE_INDUSTRIAL},
    {"landuse", "|residential|", JW_AREA_BUILT, JW_USE_RESIDENTIAL},
    {"landuse", "|commercial|retail|", JW_AREA_BUILT, JW_USE_COMMERCIAL},
    {"landuse", "|industrial|port|", JW_AREA_BUILT, JW_USE_INDUSTRIAL},
    {"landuse", "|education|institutional|religious|", JW_AREA_BUILT, JW_USE_PUBLIC},
};

bool jw_osm_area(const jw_osm_tags *tags, jw_draft_area *out)
{
    if (jw_osm_tag_yes(tags, "building") || jw_osm_tag_is(tags, "location", "|underground|"))
        return false;
    if (jw_osm_tag_is(tags, "highway", "|pedestrian|footway|service|") &&
        jw_osm_tag_is(tags, "area", "|yes|")) {
        *out = (jw_draft_area){.kind = JW_AREA_SQUARE};
        return true;
    }
    if (jw_osm_tag_is(tags, "parking", "|underground|"))
        return false;
    for (uint32_t i = 0; i < JW_COUNT_OF(area_rules); i++) {
        if (jw_osm_tag_is(tags, area_rules[i].key, area_rules[i].values)) {
            *out = (jw_draft_area){.kind = area_rules[i].kind, .use = area_rules[i].use};
            return true;
        }
    }
    return false;
}

/* ---- lines ---- */

/* Widths where the map says none are rounded guesses, for drawing only: a single track with its ballast, a
 * small river, a path for two. */
bool jw_osm_line(const jw_osm_tags *tags, bool is_closed, jw_draft_line *out)
{
    static const struct {
        const char *key, *values;
        jw_line_kind kind;
        float width_m;
    } rules[] = {
        {"railway", "|rail|light_rail|narrow_gauge|tram|monorail|subway|", JW_LINE_RAIL, 4},
        {"waterway", "|river|", JW_LINE_WATERWAY, 12},
        {"waterway", "|canal|", JW_LINE_WATERWAY, 8},
        {"waterway", "|stream|ditch|drain|", JW_LINE_WATERWAY, 2},
        {"highway", "|cycleway|", JW_LINE_CYCLEWAY, 2.5f},
        {"highway", "|footway|pedestrian|path|steps|bridleway|", JW_LINE_FOOTPATH, 2},
    };
    if (is_closed && jw_osm_tag_is(tags, "area", "|yes|"))
        return false;
    if (jw_osm_tag_is(tags, "waterway", "|river|canal|stream|ditch|drain|") && jw_osm_tag_yes(tags, "tunnel"))
        return false;
    for (uint32_t i = 0; i < JW_COUNT_OF(rules); i++) {
        if (!jw_osm_tag_is(tags, rules[i].key, rules[i].values))
            continue;
        *out =
            (jw_draft_line){.kind = rules[i].kind, .width_m = rules[i].width_m, .layer = jw_osm_layer(tags)};
        float width_m = height_of(tags, "width", 500);
        if (width_m > 0)
            out->width_m = width_m;
        return true;
    }
    return false;
}

/* ---- restrictions ---- */

bool jw_osm_restriction(const jw_osm_tags *tags, jw_restriction_kind *out_kind, jw_turn *out_turn)
{
    const char *value = jw_osm_tag_value(tags, "restriction");
    if (!value)
        value = jw_osm_tag_value(tags, "restriction:motorcar");
    if (!value)
        return false;
    const char *except = jw_osm_tag_value(tags, "except");
    if (except && (strstr(except, "motorcar") || strstr(except, "motor_vehicle")))
        return false;
    if (strncmp(value, "no_", 3) == 0)
        *out_kind = JW_RESTRICTION_NO;
    else if (strncmp(value, "only_", 5) == 0)
        *out_kind = JW_RESTRICTION_ONLY;
    else
        return false;
    *out_turn = strstr(value, "left_turn")    ? JW_TURN_LEFT
                : strstr(value, "right_turn") ? JW_TURN_RIGHT
                : strstr(value, "u_turn")     ? JW_TURN_U
                                              : JW_TURN_STRAIGHT;
    return true;
}
