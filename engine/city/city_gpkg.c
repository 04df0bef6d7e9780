/* A city as layers of a GeoPackage, to be looked at and edited in QGIS. One row of `roads` is one direction
 * of a road (an edge). What the city was built from and no longer holds as such is derived: turn lanes from
 * the connections, signs from who yields; jw_read_city_gpkg takes forbidden turns from the connections that
 * are not there. The table `city` keeps the origin of the projection, so that metres come back to the
 * millimetre. Roads on a bridge, in a tunnel and on the ramps to them have heights (z) and keep them; those
 * without, drawn since, get theirs by rule from `layer`. */
#include "city/city_gpkg.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 22
#define TEXT_SIZE   64

#define WORDS(...)                                                                                           \
    {                                                                                                        \
        (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)      \
    }
const jw_words jw_gpkg_road_classes =
    WORDS("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "service");
const jw_words jw_gpkg_uses =
    WORDS("none", "residential", "commercial", "office", "industrial", "public", "station", "computing");
const jw_words jw_gpkg_roofs = WORDS("unknown", "flat", "gabled", "hipped", "pyramidal", "skillion");
const jw_words jw_gpkg_area_kinds =
    WORDS("built", "water", "park", "wood", "grass", "wetland", "square", "rail");
const jw_words jw_gpkg_line_kinds = WORDS("rail", "waterway", "footpath", "cycleway");
const jw_words jw_gpkg_place_kinds = {jw_place_kind_names, JW_PLACE_KIND_COUNT};
const jw_words jw_gpkg_vehicles =
    WORDS("car", "truck", "bus", "shuttle", "emergency", "bicycle", "ebike", "pedestrian");
const jw_words jw_gpkg_signs = WORDS("none", "give_way", "stop");
const jw_words jw_gpkg_programme_kinds = WORDS("fixed", "actuated", "extended");
static const jw_words junction_kinds =
    WORDS("dead_end", "joint", "priority", "stop", "right_first", "roundabout", "signal");
static const jw_words turns = WORDS("straight", "left", "right", "u");

uint32_t jw_words_find(const jw_words *words, const char *text)
{
    for (uint32_t i = 0; text && i < words->count; i++)
        if (strcasecmp(words->words[i], text) == 0)
            return i;
    return JW_NONE;
}

#define HEIGHT_MIN_M 0.0005 /* files keep millimetres */

/* ---- shapes and values --------------------------------------------------------------------------------- */

typedef struct city_writer {
    const jw_city *city;
    jw_gpkg *gpkg;
    jw_projection *projection;
    uint8_t *signs; /* per edge: JW_SIGN_ */
    uint32_t layer;
    double *lon_deg, *lat_deg, *z_m; /* of the shape at hand; metres until it is written */
    uint32_t lon_capacity, lat_capacity, z_capacity, point_count;
    bool has_height; /* it leaves the ground */
    uint32_t *part_first;
    uint32_t part_capacity, part_count;
    jw_gpkg_value values[COLUMNS_MAX];
    uint32_t value_count;
} city_writer;

static jw_result add_part(city_writer *w, const jw_vec3 *points, uint32_t count, jw_error *error)
{
    uint64_t total = (uint64_t)w->point_count + count;
    if (jw_grow(&w->lon_deg, &w->lon_capacity, total, sizeof *w->lon_deg, error) ||
        jw_grow(&w->lat_deg, &w->lat_capacity, total, sizeof *w->lat_deg, error) ||
        jw_grow(&w->z_m, &w->z_capacity, total, sizeof *w->z_m, error) ||
        jw_grow(&w->part_first, &w->part_capacity, w->part_count + 2ull, sizeof *w->part_first, error))
        return JW_ERROR_MEMORY;
    w->part_first[w->part_count++] = w->point_count;
    for (uint32_t i = 0; i < count; i++) {
        w->has_height |= jw_abs(points[i].z) > HEIGHT_MIN_M;
        w->z_m[w->point_count] = points[i].z;
        w->lon_deg[w->point_count] = points[i].x;
        w->lat_deg[w->point_count++] = points[i].y;
    }
    w->part_first[w->part_count] = w->point_count;
    return JW_OK;
}

static jw_result add_rings(city_writer *w, uint32_t first_ring, uint32_t ring_count, jw_error *error)
{
    jw_result result = JW_OK;
    for (uint32_t r = 0; r < ring_count && result == JW_OK; r++) {
        const jw_ring_range *ring = &w->city->rings[first_ring + r];
        result = add_part(w, w->city->points + ring->first_point, ring->point_count, error);
    }
    return result;
}

static jw_result add_place(city_writer *w, double x_m, double y_m, double z_m, jw_error *error)
{
    return add_part(w, &(jw_vec3){x_m, y_m, z_m}, 1, error);
}

/* Writes the parts and values gathered so far as one row. */
static jw_result insert_row(city_writer *w, jw_error *error)
{
    jw_gpkg_shape shape = {w->lon_deg, w->lat_deg,    w->part_first,
                           NULL,       w->part_count, w->has_height ? w->z_m : NULL};
    jw_result result = jw_projection_inverse(w->projection, w->lon_deg, w->lat_deg, w->point_count,
                                             w->lon_deg, w->lat_deg, error);
    if (result == JW_OK)
        result = jw_gpkg_insert(w->gpkg, w->layer, &shape, w->values, w->value_count, error);
    w->point_count = 0;
    w->part_count = 0;
    w->value_count = 0;
    w->has_height = false;
    return result;
}

static void put_integer(city_writer *w, int64_t value)
{
    w->values[w->value_count++] = (jw_gpkg_value){.integer = value};
}

static void put_number_or_null(city_writer *w, uint32_t value)
{
    w->values[w->value_count++] = (jw_gpkg_value){.integer = value, .is_null = value == JW_NONE};
}

/* Rounded to a millionth, so that 50 km/h is 50 and not a neighbour of it. */
static void put_real(city_writer *w, double value)
{
    w->values[w->value_count++] = (jw_gpkg_value){.real = jw_round(value * 1e6) / 1e6};
}

static void put_text(city_writer *w, const char *text)
{
    w->values[w->value_count++] = (jw_gpkg_value){.text = text, .is_null = text[0] == 0};
}

/* A name, and what it is in English and Chinese where the map says so. */
#define NAME_COLUMNS                                                                                         \
    {"name", JW_GPKG_TEXT, NULL}, {"name_en", JW_GPKG_TEXT, "in English, where that is another"},            \
    {                                                                                                        \
        "name_zh", JW_GPKG_TEXT, "in Chinese, where that is another"                                         \
    }

static void put_name(city_writer *w, uint32_t name)
{
    const char *own = jw_city_text(w->city, name);
    put_text(w, own);
    for (jw_language language = JW_LANGUAGE_EN; language <= JW_LANGUAGE_ZH; language++) {
        const char *text = jw_city_text_in(w->city, name, language);
        put_text(w, text != own ? text : "");
    }
}

static void put_word(city_writer *w, const jw_words *words, uint32_t value)
{
    put_text(w, value < words->count ? words->words[value] : "");
}

/* "car bus ..." */
static void write_allow(uint8_t allow, char *out, size_t out_size)
{
    size_t used = 0;
    out[0] = 0;
    for (uint32_t i = 0; i < jw_gpkg_vehicles.count; i++)
        if (allow >> i & 1 && used < out_size)
            used += (size_t)snprintf(out + used, out_size - used, "%s%s", used ? " " : "",
                                     jw_gpkg_vehicles.words[i]);
}

/* ---- the network --------------------------------------------------------------------------------------- */

static jw_result write_city_row(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"name", JW_GPKG_TEXT, "the city's name"},
        {"origin_lon_deg", JW_GPKG_REAL, "origin of the local transverse Mercator, degrees: leave as it is"},
        {"origin_lat_deg", JW_GPKG_REAL, "origin of the local transverse Mercator, degrees: leave as it is"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "city", JW_GPKG_NONE, "What the layers belong to", columns,
                                         JW_COUNT_OF(columns), &w->layer, error);
    jw_gpkg_value values[] = {{.text = jw_city_text(w->city, w->city->name)},
                              {.real = w->city->origin_lon_deg},
                              {.real = w->city->origin_lat_deg}};
    return result == JW_OK ? jw_gpkg_insert(w->gpkg, w->layer, NULL, values, JW_COUNT_OF(values), error)
                           : result;
}

static jw_result write_roads(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, "number of the road's direction; leave empty for a new road"},
        {"opposite_id", JW_GPKG_INTEGER, "the other direction of the same road"},
        {"from_id", JW_GPKG_INTEGER, "junction where it begins; empty: the nearest within 30 m"},
        {"to_id", JW_GPKG_INTEGER, "junction where it ends; empty: the nearest within 30 m"},
        {"class", JW_GPKG_TEXT, "motorway, trunk, primary, secondary, tertiary, residential, service"},
        {"lanes", JW_GPKG_INTEGER, "motor lanes of this direction, a bus lane included, a bike lane not"},
        {"speed_kmh", JW_GPKG_REAL, "limit, km/h"},
        NAME_COLUMNS,
        {"layer", JW_GPKG_INTEGER, "bridges above 0, tunnels below"},
        {"bridge", JW_GPKG_INTEGER, "1: yes"},
        {"tunnel", JW_GPKG_INTEGER, "1: yes"},
        {"roundabout", JW_GPKG_INTEGER, "1: part of a roundabout's ring"},
        {"link", JW_GPKG_INTEGER, "1: slip road, behind the other roads of its class"},
        {"bike_lane", JW_GPKG_INTEGER, "1: a lane for bicycles at the kerb"},
        {"bus_lane", JW_GPKG_INTEGER, "1: the kerb motor lane is for buses"},
        {"lane_width_m", JW_GPKG_REAL, "width of a motor lane, m"},
        {"turn_lanes", JW_GPKG_TEXT, "left to right, as OSM's turn:lanes; ignored when the count differs"},
        {"allow", JW_GPKG_TEXT, "who may use its motor lanes; empty: by class"},
        {"sign", JW_GPKG_TEXT, "at its end: none, give_way, stop"},
        {"oneway", JW_GPKG_INTEGER, "1: this row is one direction; 0 or empty: both, each with `lanes`"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "roads", JW_GPKG_LINESTRING,
                                         "Directions of roads, drawn along the middle of their lanes",
                                         columns, JW_COUNT_OF(columns), &w->layer, error);
    if (result == JW_OK)
        result = jw_gpkg_allow_heights(w->gpkg, w->layer, error);
    for (uint32_t e = 0; e < w->city->edge_count && result == JW_OK; e++) {
        const jw_edge *edge = &w->city->edges[e];
        char turn_lanes[TEXT_SIZE], allow[2 * TEXT_SIZE];
        uint32_t bike_lanes = jw_city_count_bike_lanes(w->city, edge);
        const jw_lane *lane = jw_city_leftmost_lane(w->city, edge);
        jw_city_write_turn_lanes(w->city, edge, turn_lanes, sizeof turn_lanes);
        write_allow(lane->allow, allow, sizeof allow);
        put_integer(w, e);
        put_number_or_null(w, edge->opposite);
        put_integer(w, edge->from);
        put_integer(w, edge->to);
        put_word(w, &jw_gpkg_road_classes, edge->road_class);
        put_integer(w, edge->lane_count - bike_lanes);
        put_real(w, edge->speed_mps * 3.6);
        put_name(w, edge->name);
        put_integer(w, edge->layer);
        put_integer(w, edge->is_bridge);
        put_integer(w, edge->is_tunnel);
        put_integer(w, edge->is_roundabout);
        put_integer(w, edge->is_link);
        put_integer(w, bike_lanes);
        put_integer(w, jw_city_has_bus_lane(w->city, edge));
        put_real(w, lane->width_m);
        put_text(w, turn_lanes);
        put_text(w, allow);
        put_word(w, &jw_gpkg_signs, w->signs[e]);
        put_integer(w, 1);
        w->has_height = edge->layer != 0; /* what is flat there stays so */
        result = add_part(w, w->city->points + edge->first_point, edge->point_count, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

static jw_result write_lanes(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, NULL},
        {"road_id", JW_GPKG_INTEGER, NULL},
        {"lane_index", JW_GPKG_INTEGER, "0 at the kerb"},
        {"width_m", JW_GPKG_REAL, "m"},
        {"speed_kmh", JW_GPKG_REAL, "km/h"},
        {"allow", JW_GPKG_TEXT, "who may use it"},
        {"turns", JW_GPKG_TEXT, "its part of the road's turn_lanes"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "lanes", JW_GPKG_LINESTRING,
                                         "Lanes, for looking at: edit the roads instead", columns,
                                         JW_COUNT_OF(columns), &w->layer, error);
    if (result == JW_OK)
        result = jw_gpkg_allow_heights(w->gpkg, w->layer, error);
    for (uint32_t l = 0; l < w->city->lane_count && result == JW_OK; l++) {
        const jw_lane *lane = &w->city->lanes[l];
        char allow[2 * TEXT_SIZE], turn_lanes[TEXT_SIZE], turns_here[TEXT_SIZE];
        const jw_edge *edge = &w->city->edges[lane->edge];
        write_allow(lane->allow, allow, sizeof allow);
        jw_city_write_turn_lanes(w->city, edge, turn_lanes, sizeof turn_lanes);
        jw_turn_lanes_part(turn_lanes, edge->lane_count - 1 - lane->index, turns_here, sizeof turns_here);
        put_integer(w, l);
        put_integer(w, lane->edge);
        put_integer(w, lane->index);
        put_real(w, lane->width_m);
        put_real(w, lane->speed_mps * 3.6);
        put_text(w, allow);
        put_text(w, turns_here);
        result = add_part(w, w->city->points + lane->first_point, lane->point_count, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

static jw_result write_junctions(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, NULL},
        {"kind", JW_GPKG_TEXT, "what came out of roads and signs"},
        {"signal", JW_GPKG_INTEGER, "1: has traffic lights"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "junctions", JW_GPKG_POINT, "Junctions", columns,
                                         JW_COUNT_OF(columns), &w->layer, error);
    if (result == JW_OK)
        result = jw_gpkg_allow_heights(w->gpkg, w->layer, error);
    for (uint32_t j = 0; j < w->city->junction_count && result == JW_OK; j++) {
        const jw_junction *junction = &w->city->junctions[j];
        put_integer(w, j);
        put_word(w, &junction_kinds, junction->kind);
        put_integer(w, junction->kind == JW_JUNCTION_SIGNAL);
        result = add_place(w, junction->x_m, junction->y_m, junction->z_m, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

static jw_result write_connections(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, NULL},
        {"junction_id", JW_GPKG_INTEGER, NULL},
        {"from_road_id", JW_GPKG_INTEGER, "with none left from a road to another, the turn is forbidden"},
        {"to_road_id", JW_GPKG_INTEGER, NULL},
        {"from_lane", JW_GPKG_INTEGER, "index, 0 at the kerb"},
        {"to_lane", JW_GPKG_INTEGER, "index, 0 at the kerb"},
        {"turn", JW_GPKG_TEXT, "straight, left, right, u"},
        {"speed_kmh", JW_GPKG_REAL, "by curvature, km/h"},
        {"programme_id", JW_GPKG_INTEGER, "signal programme; empty: none"},
        {"signal_link", JW_GPKG_INTEGER, "its letter in the states of that programme's phases, from 0"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "connections", JW_GPKG_LINESTRING,
                                         "Ways through the junctions from lane to lane", columns,
                                         JW_COUNT_OF(columns), &w->layer, error);
    if (result == JW_OK)
        result = jw_gpkg_allow_heights(w->gpkg, w->layer, error);
    for (uint32_t i = 0; i < w->city->connection_count && result == JW_OK; i++) {
        const jw_connection *c = &w->city->connections[i];
        const jw_lane *from = &w->city->lanes[c->from_lane], *to = &w->city->lanes[c->to_lane];
        put_integer(w, i);
        put_integer(w, c->junction);
        put_integer(w, from->edge);
        put_integer(w, to->edge);
        put_integer(w, from->index);
        put_integer(w, to->index);
        put_word(w, &turns, c->turn);
        put_real(w, c->speed_mps * 3.6);
        put_number_or_null(w,
                           c->signal_link == JW_NONE ? JW_NONE : w->city->junctions[c->junction].programme);
        put_number_or_null(w, c->signal_link);
        result = add_part(w, w->city->points + c->first_point, c->point_count, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

static jw_result write_programmes(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, NULL},
        {"kind", JW_GPKG_TEXT, "fixed, actuated, extended"},
        {"offset_s", JW_GPKG_REAL, "when a cycle begins, s of day"},
    };
    jw_result result =
        jw_gpkg_add_layer(w->gpkg, "programmes", JW_GPKG_NONE, "Signal programmes; connections name theirs",
                          columns, JW_COUNT_OF(columns), &w->layer, error);
    for (uint32_t p = 0; p < w->city->programme_count && result == JW_OK; p++) {
        put_integer(w, p);
        put_word(w, &jw_gpkg_programme_kinds, w->city->programmes[p].kind);
        put_real(w, w->city->programmes[p].offset_s);
        result = jw_gpkg_insert(w->gpkg, w->layer, NULL, w->values, w->value_count, error);
        w->value_count = 0;
    }
    return result;
}

static jw_result write_signal_phases(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"programme_id", JW_GPKG_INTEGER, NULL},
        {"sequence", JW_GPKG_INTEGER, "place in the cycle"},
        {"duration_s", JW_GPKG_REAL, "s"},
        {"min_s", JW_GPKG_REAL, "shortest when actuated, s"},
        {"max_s", JW_GPKG_REAL, "longest when actuated, s"},
        {"state", JW_GPKG_TEXT,
         "a letter a link: G go, g go but yield, s stop first, y amber, u red and amber, "
         "r red, o flashing, O off"},
    };
    jw_result result =
        jw_gpkg_add_layer(w->gpkg, "signal_phases", JW_GPKG_NONE, "Phases of the signal programmes", columns,
                          JW_COUNT_OF(columns), &w->layer, error);
    char *state = NULL;
    uint32_t capacity = 0;
    for (uint32_t p = 0; p < w->city->programme_count && result == JW_OK; p++) {
        const jw_programme *programme = &w->city->programmes[p];
        result = jw_grow(&state, &capacity, programme->link_count + 1ull, 1, error);
        for (uint32_t k = 0; k < programme->phase_count && result == JW_OK; k++) {
            const jw_signal_phase *phase = &w->city->signal_phases[programme->first_phase + k];
            memcpy(state, w->city->signal_states + phase->first_state, programme->link_count);
            state[programme->link_count] = 0;
            put_integer(w, p);
            put_integer(w, k);
            put_real(w, phase->duration_s);
            put_real(w, phase->min_s);
            put_real(w, phase->max_s);
            put_text(w, state);
            result = jw_gpkg_insert(w->gpkg, w->layer, NULL, w->values, w->value_count, error);
            w->value_count = 0;
        }
    }
    jw_free(state);
    return result;
}

/* ---- what stands around it ----------------------------------------------------------------------------- */

static jw_result write_buildings(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, NULL},
        {"use", JW_GPKG_TEXT, "residential, commercial, office, industrial, public, station, computing"},
        {"height_m", JW_GPKG_REAL, "top above ground, m; empty: from the levels"},
        {"base_m", JW_GPKG_REAL, "where it starts above ground, m"},
        {"roof", JW_GPKG_TEXT, "flat, gabled, hipped, pyramidal, skillion; unknown: by rule"},
        {"roof_m", JW_GPKG_REAL, "height of the roof, part of height_m; 0: by rule"},
        {"roof_across", JW_GPKG_INTEGER, "1: its ridge runs along the shorter side of the house"},
        {"levels", JW_GPKG_INTEGER, "storeys"},
        {"height_assumed", JW_GPKG_INTEGER, "1: the map said nothing of its height"},
        {"population", JW_GPKG_INTEGER,
         "people who live in it; empty with jobs empty: by floor area and use"},
        {"jobs", JW_GPKG_INTEGER, "people who work in it"},
        {"source_id", JW_GPKG_INTEGER, "OSM way or relation, or the planner's number"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "buildings", JW_GPKG_POLYGON, "Buildings", columns,
                                         JW_COUNT_OF(columns), &w->layer, error);
    for (uint32_t i = 0; i < w->city->building_count && result == JW_OK; i++) {
        const jw_building *b = &w->city->buildings[i];
        put_integer(w, i);
        put_word(w, &jw_gpkg_uses, b->use);
        put_real(w, (double)b->height_m);
        put_real(w, (double)b->base_m);
        put_word(w, &jw_gpkg_roofs, b->roof);
        put_real(w, (double)b->roof_m);
        put_integer(w, b->roof_is_across);
        put_integer(w, b->levels);
        put_integer(w, b->height_is_assumed);
        put_integer(w, b->population);
        put_integer(w, b->jobs);
        put_integer(w, (int64_t)b->source_id);
        result = add_rings(w, b->first_ring, b->ring_count, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

/* Water has a layer of its own; `id` keeps the order in which all areas are drawn. */
static jw_result write_areas(city_writer *w, bool is_water, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, "areas are drawn in this order"},
        {"kind", JW_GPKG_TEXT, "built, water, park, wood, grass, wetland, square, rail"},
        {"use", JW_GPKG_TEXT, "of built land: residential, commercial, office, ..."},
        NAME_COLUMNS,
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, is_water ? "water" : "landuse", JW_GPKG_POLYGON,
                                         is_water ? "Lakes and rivers" : "Land use", columns,
                                         JW_COUNT_OF(columns), &w->layer, error);
    for (uint32_t i = 0; i < w->city->area_count && result == JW_OK; i++) {
        const jw_area *area = &w->city->areas[i];
        if ((area->kind == JW_AREA_WATER) != is_water)
            continue;
        put_integer(w, i);
        put_word(w, &jw_gpkg_area_kinds, area->kind);
        put_word(w, &jw_gpkg_uses, area->use);
        put_name(w, area->name);
        result = add_rings(w, area->first_ring, area->ring_count, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

static jw_result write_lines(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, NULL},
        {"kind", JW_GPKG_TEXT, "rail, waterway, footpath, cycleway"},
        {"width_m", JW_GPKG_REAL, "m; 0: by kind"},
        {"layer", JW_GPKG_INTEGER, "bridges above 0, tunnels below"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "lines", JW_GPKG_LINESTRING, "Railways, streams, paths",
                                         columns, JW_COUNT_OF(columns), &w->layer, error);
    for (uint32_t i = 0; i < w->city->line_count && result == JW_OK; i++) {
        const jw_line *line = &w->city->lines[i];
        put_integer(w, i);
        put_word(w, &jw_gpkg_line_kinds, line->kind);
        put_real(w, (double)line->width_m);
        put_integer(w, line->layer);
        result = add_part(w, w->city->points + line->first_point, line->point_count, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

static jw_result write_blocks(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, NULL},
        {"use", JW_GPKG_TEXT, "what prevails"},
        {"population", JW_GPKG_INTEGER, "people who live in it"},
        {"jobs", JW_GPKG_INTEGER, "people who work in it"},
        NAME_COLUMNS,
        {"east_m", JW_GPKG_REAL, "where its people and jobs lie, from the middle of its outline"},
        {"north_m", JW_GPKG_REAL, "the same to the north"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "blocks", JW_GPKG_POLYGON, "Where trips start and end",
                                         columns, JW_COUNT_OF(columns), &w->layer, error);
    for (uint32_t i = 0; i < w->city->block_count && result == JW_OK; i++) {
        const jw_block *block = &w->city->blocks[i];
        put_integer(w, i);
        put_word(w, &jw_gpkg_uses, block->use);
        put_integer(w, block->population);
        put_integer(w, block->jobs);
        put_name(w, block->name);
        jw_vec2 middle = {block->x_m, block->y_m};
        if (block->ring_count > 0) {
            const jw_ring_range *ring = &w->city->rings[block->first_ring];
            middle = jw_ring_centroid(w->city->points + ring->first_point, ring->point_count);
        }
        put_real(w, block->x_m - middle.x);
        put_real(w, block->y_m - middle.y);
        result = add_rings(w, block->first_ring, block->ring_count, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

static jw_result write_places(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"id", JW_GPKG_INTEGER, NULL},
        {"kind", JW_GPKG_TEXT,
         "station, computing_centre, factory, hospital, school, park, gate, quarter, other"},
        NAME_COLUMNS,
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "places", JW_GPKG_POINT, "Named places", columns,
                                         JW_COUNT_OF(columns), &w->layer, error);
    for (uint32_t i = 0; i < w->city->place_count && result == JW_OK; i++) {
        const jw_place *place = &w->city->places[i];
        put_integer(w, i);
        put_word(w, &jw_gpkg_place_kinds, place->kind);
        put_name(w, place->name);
        result = add_place(w, place->x_m, place->y_m, 0, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

static jw_result write_sites(city_writer *w, jw_error *error)
{
    static const jw_gpkg_column columns[] = {
        {"name", JW_GPKG_TEXT, "unique"},
        {"tier", JW_GPKG_TEXT, "edge, city, ..."},
        {"card", JW_GPKG_TEXT, "accelerator from the catalogue; empty: the tier's default"},
        {"card_count", JW_GPKG_INTEGER, "accelerators"},
    };
    jw_result result = jw_gpkg_add_layer(w->gpkg, "sites", JW_GPKG_POINT, "Computing sites", columns,
                                         JW_COUNT_OF(columns), &w->layer, error);
    for (uint32_t i = 0; i < w->city->site_count && result == JW_OK; i++) {
        const jw_city_site *site = &w->city->sites[i];
        put_text(w, jw_city_text(w->city, site->name));
        put_text(w, jw_city_text(w->city, site->tier));
        put_text(w, jw_city_text(w->city, site->card));
        put_integer(w, site->card_count);
        result = add_place(w, site->x_m, site->y_m, 0, error);
        if (result == JW_OK)
            result = insert_row(w, error);
    }
    return result;
}

/* ---- the file ------------------------------------------------------------------------------------------ */

static jw_result write_water(city_writer *w, jw_error *error)
{
    return write_areas(w, true, error);
}

static jw_result write_land(city_writer *w, jw_error *error)
{
    return write_areas(w, false, error);
}

jw_result jw_write_city_layers(const jw_city *city, jw_gpkg *gpkg, jw_error *error)
{
    static jw_result (*const layers[])(city_writer * w, jw_error * error) = {
        write_city_row,   write_land,          write_water,  write_blocks,    write_buildings,
        write_lines,      write_roads,         write_lanes,  write_junctions, write_connections,
        write_programmes, write_signal_phases, write_places, write_sites,
    };
    city_writer w = {.city = city, .gpkg = gpkg};
    jw_result result = jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &w.projection, error);
    w.signs = jw_alloc(city->edge_count + 1);
    if (result == JW_OK && !w.signs)
        result = jw_fail_memory(error);
    if (result == JW_OK)
        jw_city_find_signs(city, w.signs);
    for (uint32_t i = 0; i < JW_COUNT_OF(layers) && result == JW_OK; i++)
        result = layers[i](&w, error);
    if (result == JW_OK)
        result = jw_gpkg_commit(gpkg, error);
    jw_projection_destroy(w.projection);
    jw_free(w.signs);
    jw_free(w.lon_deg);
    jw_free(w.lat_deg);
    jw_free(w.z_m);
    jw_free(w.part_first);
    return result;
}

jw_result jw_write_city_gpkg(const jw_city *city, const char *path, jw_error *error)
{
    jw_gpkg *gpkg = NULL;
    jw_result result = jw_gpkg_create(path, &gpkg, error);
    if (result != JW_OK)
        return result;
    result = jw_write_city_layers(city, gpkg, error);
    jw_gpkg_close(gpkg);
    if (result != JW_OK)
        remove(path); /* it was created here: half a city is of no use */
    return result;
}
