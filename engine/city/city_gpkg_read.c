/* A GeoPackage edited elsewhere becomes a draft again. Geometry that cannot be decoded is an error; a row
 * whose values make no sense is told to the problems and left out or given a default.
 *
 * Each row of `roads` becomes a road of one direction whose end nodes carry the number of their junction. A
 * road drawn by hand names no junctions: its ends take the nearest. Turns without any row in `connections`
 * between two roads that the layer knows are forbidden. */
#include "city/city_gpkg.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRESH_ID    (1ull << 60) /* numbers above are given out here */
#define FILE_ID_MAX (INT64_C(1) << 52)
#define NAME_SIZE   200
#define SNAP_M      30.0  /* from a road drawn by hand to a junction of the file */
#define SAME_END_M  1.0   /* between the ends of two such roads */
#define STRAYED_M   150.0 /* an end so far from the junction that it names was moved elsewhere */
#define LANES_MAX   16
#define TURNS_MAX   4096 /* arriving times leaving roads of one junction */
#define GATES_MAX   10000
#define LAYER_ROADS "roads"

/* An end of a road: end 0 is where it begins. */
typedef struct road_end {
    uint32_t node;        /* of the draft */
    uint64_t junction_id; /* source id; 0: still to be found */
    bool is_drawn;        /* the junction is one that was made here */
} road_end;

/* A road as the file numbers it. */
typedef struct road_row {
    uint64_t id; /* source id of the draft's road */
    bool has_own_id;
} road_row;

typedef struct city_reader {
    const char *path;
    jw_gpkg *gpkg;
    jw_draft *draft;
    jw_problems *problems;
    jw_error *error;
    jw_projection *projection;
    double *x_m, *y_m; /* of the row's shape */
    uint32_t x_capacity, y_capacity;
    uint32_t *refs;
    uint32_t ref_capacity;
    uint32_t *ring_sizes;
    uint32_t ring_size_capacity;

    jw_map junction_numbers; /* source id -> number below */
    jw_vec2 *junction_places;
    uint8_t *junction_signals;
    uint32_t junction_count, junction_capacity, signal_capacity;

    jw_map road_numbers; /* source id -> draft road */
    road_row *rows;      /* beside draft->roads */
    uint32_t row_capacity;
    road_end *ends; /* two a road */
    uint32_t end_capacity;
    uint64_t fresh_count;

    jw_map links;      /* from road, to road -> 1 */
    jw_map linked;     /* roads that the connections layer names */
    jw_map site_names; /* hashes */
    uint32_t gate_count;
    uint64_t *area_order;
    uint32_t order_capacity;
    jw_box extent; /* degrees, when the file has no origin */
} city_reader;

/* ---- values ----------------------------------------------------------------------------------------------
 */

static void report(city_reader *r, jw_severity severity, const char *layer, const jw_gpkg_row *row,
                   const char *message)
{
    char element[64];
    snprintf(element, sizeof element, "%s fid %lld", layer, (long long)row->fid);
    jw_problems_add(r->problems, severity, r->path, 0, element, "%s", message);
}

static double real_of(const jw_gpkg_row *row, const char *column, double otherwise)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value && isfinite(value->real) ? value->real : otherwise;
}

static int64_t integer_of(const jw_gpkg_row *row, const char *column, int64_t low, int64_t high,
                          int64_t otherwise)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value && value->integer >= low && value->integer <= high ? value->integer : otherwise;
}

static bool is_set(const jw_gpkg_row *row, const char *column)
{
    return integer_of(row, column, INT64_MIN, INT64_MAX, 0) != 0;
}

static const char *text_of(const jw_gpkg_row *row, const char *column)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value && value->text ? value->text : "";
}

/* The word's number; unknown words are reported and give `otherwise`. */
static uint32_t word_of(city_reader *r, const char *layer, const jw_gpkg_row *row, const char *column,
                        const jw_words *words, uint32_t otherwise)
{
    const char *text = text_of(row, column);
    uint32_t found = jw_words_find(words, text);
    if (found != JW_NONE)
        return found;
    if (text[0]) {
        char message[200];
        snprintf(message, sizeof message, "\"%.40s\" is no %s: taken as %s", text, column,
                 words->words[otherwise]);
        report(r, JW_WARNING, layer, row, message);
    }
    return otherwise;
}

static jw_result add_name(city_reader *r, const char *text, uint32_t *out)
{
    char name[NAME_SIZE];
    jw_text_copy(name, sizeof name, text);
    return jw_draft_add_text(r->draft, jw_text_is_utf8(name, strlen(name)) ? name : "", out, r->error);
}

/* A number of the file as a source id: 0 for none. */
static uint64_t source_id_of(const jw_gpkg_row *row, const char *column)
{
    return (uint64_t)(integer_of(row, column, 0, FILE_ID_MAX, -1) + 1);
}

/* ---- shapes ----------------------------------------------------------------------------------------------
 */

static uint32_t point_count(const jw_gpkg_shape *shape)
{
    return shape->part_count ? shape->part_first[shape->part_count] : 0;
}

/* Fills x_m, y_m with the row's shape in metres. */
static jw_result project_row(city_reader *r, const char *layer, const jw_gpkg_row *row)
{
    uint32_t count = point_count(&row->shape);
    if (jw_grow(&r->x_m, &r->x_capacity, count, sizeof *r->x_m, r->error) ||
        jw_grow(&r->y_m, &r->y_capacity, count, sizeof *r->y_m, r->error))
        return JW_ERROR_MEMORY;
    jw_error cause = {0};
    jw_result result = jw_projection_forward(r->projection, row->shape.lon_deg, row->shape.lat_deg, count,
                                             r->x_m, r->y_m, &cause);
    if (result == JW_OK)
        return JW_OK;
    return jw_fail(r->error, result, r->path, 0, "layer %s, fid %lld: %s", layer, (long long)row->fid,
                   cause.message);
}

/* One draft node a point of [first, end); their numbers are put into refs at *ref_count. */
static jw_result add_nodes(city_reader *r, const jw_gpkg_shape *shape, uint32_t first, uint32_t end,
                           uint32_t *ref_count)
{
    jw_result result =
        jw_grow(&r->refs, &r->ref_capacity, (uint64_t)*ref_count + (end - first), sizeof *r->refs, r->error);
    for (uint32_t i = first; i < end && result == JW_OK; i++) {
        jw_draft_node node = {
            .lon_deg = shape->lon_deg[i], .lat_deg = shape->lat_deg[i], .x_m = r->x_m[i], .y_m = r->y_m[i]};
        result = jw_draft_add_node(r->draft, &node, &r->refs[*ref_count], r->error);
        ++*ref_count;
    }
    return result;
}

/* The polygon that begins at *part: its rings of three points or more. *part moves behind it. *out has no
 * rings when the outer one has too few points. */
static jw_result add_polygon(city_reader *r, const jw_gpkg_shape *shape, uint32_t *part, jw_draft_shape *out)
{
    uint32_t ring_count = 0, ref_count = 0, begin = *part;
    jw_result result = JW_OK;
    *out = (jw_draft_shape){0};
    bool has_outer = shape->part_first[begin + 1] - shape->part_first[begin] >= 3;
    do {
        uint32_t first = shape->part_first[*part], end = shape->part_first[*part + 1];
        ++*part;
        if (!has_outer || end - first < 3)
            continue;
        result = jw_grow(&r->ring_sizes, &r->ring_size_capacity, ring_count + 1ull, sizeof *r->ring_sizes,
                         r->error);
        if (result == JW_OK)
            result = add_nodes(r, shape, first, end, &ref_count);
        if (result == JW_OK)
            r->ring_sizes[ring_count++] = end - first;
    } while (result == JW_OK && *part < shape->part_count && !shape->part_starts_polygon[*part]);
    return result == JW_OK && ring_count > 0
               ? jw_draft_add_shape(r->draft, r->refs, r->ring_sizes, ring_count, out, r->error)
               : result;
}

typedef jw_result (*row_function)(void *context, const jw_gpkg_row *row);

/* Reads a layer that may be missing. */
static jw_result read_layer(city_reader *r, const char *name, row_function on_row)
{
    uint32_t layer = jw_gpkg_find_layer(r->gpkg, name);
    return layer == JW_NONE ? JW_OK : jw_gpkg_read(r->gpkg, layer, on_row, r, r->error);
}

/* ---- junctions and roads ---------------------------------------------------------------------------------
 */

static jw_result on_junction(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    uint64_t id = source_id_of(row, "id");
    if (id == 0 || row->shape.part_count == 0 || jw_map_get(&r->junction_numbers, id) != JW_NONE) {
        report(r, JW_WARNING, "junctions", row,
               "a junction without a place or a number of its own is left out");
        return JW_OK;
    }
    jw_result result = project_row(r, "junctions", row);
    if (result != JW_OK)
        return result;
    uint64_t needed = r->junction_count + 1ull;
    if (jw_grow(&r->junction_places, &r->junction_capacity, needed, sizeof *r->junction_places, r->error) ||
        jw_grow(&r->junction_signals, &r->signal_capacity, needed, 1, r->error))
        return JW_ERROR_MEMORY;
    if (!jw_map_set(&r->junction_numbers, id, r->junction_count))
        return jw_fail_memory(r->error);
    r->junction_places[r->junction_count] = (jw_vec2){r->x_m[0], r->y_m[0]};
    r->junction_signals[r->junction_count++] = is_set(row, "signal");
    return JW_OK;
}

static void fill_allow(city_reader *r, const jw_gpkg_row *row, jw_draft_road *road)
{
    const char *text = text_of(row, "allow");
    while (*text) {
        size_t size = strcspn(text, " ,;");
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)(size < sizeof word ? size : sizeof word - 1), text);
        uint32_t bit = jw_words_find(&jw_gpkg_vehicles, word);
        if (bit != JW_NONE)
            road->allow |= (uint8_t)(1u << bit);
        else if (size > 0)
            report(r, JW_WARNING, LAYER_ROADS, row, "an unknown kind of vehicle in `allow` is ignored");
        text += size + (text[size] ? 1 : 0);
    }
}

/* What the row says of the road; false when it is none. */
static bool fill_road(city_reader *r, const jw_gpkg_row *row, jw_draft_road *road)
{
    road->road_class =
        (jw_road_class)word_of(r, LAYER_ROADS, row, "class", &jw_gpkg_road_classes, JW_ROAD_RESIDENTIAL);
    bool is_one_way = is_set(row, "oneway");
    uint8_t lanes;
    double width_m, speed_mps;
    jw_road_defaults(road->road_class, is_one_way, &lanes, &width_m, &speed_mps);
    if (jw_gpkg_row_value(row, "lanes")) {
        int64_t given = integer_of(row, "lanes", INT64_MIN, INT64_MAX, 0);
        if (given < 1) {
            report(r, JW_WARNING, LAYER_ROADS, row, "a road without motor lanes is left out");
            return false;
        }
        if (given > LANES_MAX)
            report(r, JW_PROBLEM, LAYER_ROADS, row, "more than 16 lanes: taken as 16");
        lanes = (uint8_t)(given > LANES_MAX ? LANES_MAX : given);
    }
    double speed_kmh = real_of(row, "speed_kmh", speed_mps * 3.6);
    if (!(speed_kmh >= 4.0 && speed_kmh <= 200.0)) {
        report(r, JW_PROBLEM, LAYER_ROADS, row, "a limit outside 4 to 200 km/h: taken by class");
        speed_kmh = speed_mps * 3.6;
    }
    road->speed_mps = speed_kmh / 3.6;
    road->lane_width_m = jw_clamp(real_of(row, "lane_width_m", width_m), 2.0, 6.0);
    road->lanes_forward = lanes;
    road->bike_lane_forward = is_set(row, "bike_lane");
    road->bus_lane_forward = is_set(row, "bus_lane") && lanes >= 2;
    if (!is_one_way) {
        road->lanes_backward = lanes;
        road->bike_lane_backward = road->bike_lane_forward;
        road->bus_lane_backward = road->bus_lane_forward;
    }
    road->layer = (int8_t)integer_of(row, "layer", -10, 10, 0);
    road->is_bridge = is_set(row, "bridge");
    road->is_tunnel = is_set(row, "tunnel");
    road->is_roundabout = is_set(row, "roundabout");
    fill_allow(r, row, road);
    jw_text_copy(road->turn_forward, sizeof road->turn_forward, text_of(row, "turn_lanes"));
    return true;
}

/* The junction that an end names, unless the end lies far from it. */
static uint64_t named_junction(city_reader *r, const jw_gpkg_row *row, const char *column, uint32_t point)
{
    uint64_t id = source_id_of(row, column);
    uint32_t number = id ? jw_map_get(&r->junction_numbers, id) : JW_NONE;
    if (number == JW_NONE)
        return id;
    jw_vec2 place = {r->x_m[point], r->y_m[point]};
    if (jw_vec2_distance(place, r->junction_places[number]) <= STRAYED_M)
        return id;
    report(r, JW_WARNING, LAYER_ROADS, row,
           "an end lies far from its junction: joined to the nearest instead");
    return 0;
}

static jw_result add_road(city_reader *r, const jw_gpkg_row *row, jw_draft_road *road)
{
    uint32_t first = row->shape.part_first[0], end = row->shape.part_first[1], ref_count = 0;
    road_row own = {.id = source_id_of(row, "id")};
    own.has_own_id = own.id != 0 && jw_map_get(&r->road_numbers, own.id) == JW_NONE;
    if (!own.has_own_id)
        own.id = FRESH_ID + r->fresh_count++;
    road->source_id = own.id;
    uint32_t number = 0;
    jw_result result = add_name(r, text_of(row, "name"), &road->name);
    if (result == JW_OK)
        result = add_nodes(r, &row->shape, first, end, &ref_count);
    if (result == JW_OK)
        result = jw_draft_add_road(r->draft, road, r->refs, ref_count, &number, r->error);
    if (result == JW_OK)
        result = jw_grow(&r->rows, &r->row_capacity, number + 1ull, sizeof *r->rows, r->error);
    if (result == JW_OK)
        result = jw_grow(&r->ends, &r->end_capacity, 2ull * number + 2, sizeof *r->ends, r->error);
    if (result != JW_OK)
        return result;
    if (!jw_map_set(&r->road_numbers, own.id, number))
        return jw_fail_memory(r->error);
    r->rows[number] = own;
    r->ends[2 * number] = (road_end){r->refs[0], named_junction(r, row, "from_id", first), false};
    r->ends[2 * number + 1] =
        (road_end){r->refs[ref_count - 1], named_junction(r, row, "to_id", end - 1), false};
    jw_draft_node *last = &r->draft->nodes[r->refs[ref_count - 1]];
    uint32_t sign = word_of(r, LAYER_ROADS, row, "sign", &jw_gpkg_signs, JW_SIGN_NONE);
    last->has_give_way = sign == JW_SIGN_GIVE_WAY;
    last->has_stop = sign == JW_SIGN_STOP;
    return JW_OK;
}

static jw_result on_road(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    jw_draft_road road = {0};
    if (row->shape.part_count == 0 || row->shape.part_first[1] - row->shape.part_first[0] < 2) {
        report(r, JW_WARNING, LAYER_ROADS, row, "a road without a line is left out");
        return JW_OK;
    }
    if (row->shape.part_count > 1)
        report(r, JW_PROBLEM, LAYER_ROADS, row, "a line of several parts: only the first is taken");
    if (!fill_road(r, row, &road))
        return JW_OK;
    jw_result result = project_row(r, LAYER_ROADS, row);
    return result == JW_OK ? add_road(r, row, &road) : result;
}

/* ---- ends drawn by hand ----------------------------------------------------------------------------------
 */

typedef struct end_search {
    const city_reader *reader;
    uint32_t self;
    uint32_t best;
    double best_m;
} end_search;

static jw_vec2 end_place(const city_reader *r, uint32_t end)
{
    const jw_draft_node *node = &r->draft->nodes[r->ends[end].node];
    return (jw_vec2){node->x_m, node->y_m};
}

static bool try_end(void *context, uint32_t item)
{
    end_search *search = context;
    const road_end *end = &search->reader->ends[item];
    if (item / 2 == search->self / 2 || end->junction_id == 0)
        return true;
    double distance_m =
        jw_vec2_distance(end_place(search->reader, item), end_place(search->reader, search->self));
    if (distance_m < search->best_m && distance_m <= (end->is_drawn ? SAME_END_M : SNAP_M)) {
        search->best_m = distance_m;
        search->best = item;
    }
    return true;
}

/* Gives every end a junction: what it names, the nearest of the file, that of another end at the same place,
 * or one of its own. */
static jw_result join_ends(city_reader *r)
{
    uint32_t count = 2 * r->draft->road_count;
    jw_box *boxes = jw_alloc((count + 1) * sizeof *boxes);
    if (!boxes)
        return jw_fail_memory(r->error);
    for (uint32_t i = 0; i < count; i++) {
        jw_vec2 p = end_place(r, i);
        boxes[i] = (jw_box){p.x, p.y, p.x, p.y};
    }
    jw_grid *grid = NULL;
    jw_result result = jw_grid_create(boxes, count, SNAP_M, &grid, r->error);
    jw_free(boxes);
    for (uint32_t i = 0; i < count && result == JW_OK; i++) {
        road_end *end = &r->ends[i];
        jw_vec2 p = end_place(r, i);
        if (end->junction_id == 0) {
            end_search search = {r, i, JW_NONE, (double)INFINITY};
            jw_grid_query(grid, (jw_box){p.x - SNAP_M, p.y - SNAP_M, p.x + SNAP_M, p.y + SNAP_M}, try_end,
                          &search);
            bool is_found = search.best != JW_NONE;
            end->junction_id = is_found ? r->ends[search.best].junction_id : FRESH_ID + r->fresh_count++;
            end->is_drawn = is_found ? r->ends[search.best].is_drawn : true;
        }
        jw_draft_node *node = &r->draft->nodes[end->node];
        node->source_id = end->junction_id;
        uint32_t junction = jw_map_get(&r->junction_numbers, end->junction_id);
        node->has_signal = junction != JW_NONE && r->junction_signals[junction];
    }
    jw_grid_destroy(grid);
    return result;
}

/* ---- forbidden turns -------------------------------------------------------------------------------------
 */

static jw_result on_connection(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    uint64_t from_id = source_id_of(row, "from_road_id"), to_id = source_id_of(row, "to_road_id");
    uint32_t from = from_id ? jw_map_get(&r->road_numbers, from_id) : JW_NONE;
    uint32_t to = to_id ? jw_map_get(&r->road_numbers, to_id) : JW_NONE;
    if (from == JW_NONE || to == JW_NONE)
        return JW_OK; /* of a road that was removed */
    if (!jw_map_set(&r->links, (uint64_t)from << 32 | to, 1) || !jw_map_set(&r->linked, from, 1) ||
        !jw_map_set(&r->linked, to, 1))
        return jw_fail_memory(r->error);
    return JW_OK;
}

static int compare_ends(const void *a, const void *b, void *context)
{
    const road_end *ends = context;
    uint32_t ea = *(const uint32_t *)a, eb = *(const uint32_t *)b;
    if (ends[ea].junction_id != ends[eb].junction_id)
        return ends[ea].junction_id < ends[eb].junction_id ? -1 : 1;
    return ea < eb ? -1 : ea > eb;
}

/* Forbids what has no connection among the ends [first, end) of one junction. */
static jw_result forbid_turns_at(city_reader *r, const uint32_t *sorted, uint32_t first, uint32_t end)
{
    if ((uint64_t)(end - first) * (end - first) > 4 * TURNS_MAX) {
        jw_problems_add(r->problems, JW_PROBLEM, r->path, 0, "junctions",
                        "a junction of %u roads: its forbidden turns are not looked at", end - first);
        return JW_OK;
    }
    jw_result result = JW_OK;
    for (uint32_t i = first; i < end; i++)
        for (uint32_t k = first; k < end && result == JW_OK; k++) {
            uint32_t from = sorted[i] / 2, to = sorted[k] / 2;
            bool is_turn = from != to && sorted[i] % 2 == 1 && sorted[k] % 2 == 0;
            bool is_known = r->rows[from].has_own_id && r->rows[to].has_own_id &&
                            jw_map_get(&r->linked, from) != JW_NONE && jw_map_get(&r->linked, to) != JW_NONE;
            if (!is_turn || !is_known || jw_map_get(&r->links, (uint64_t)from << 32 | to) != JW_NONE)
                continue;
            jw_draft_restriction ban = {r->rows[from].id, r->rows[to].id, r->ends[sorted[i]].junction_id,
                                        JW_RESTRICTION_NO, JW_TURN_STRAIGHT};
            result = jw_draft_add_restriction(r->draft, &ban, r->error);
        }
    return result;
}

static jw_result forbid_turns(city_reader *r)
{
    uint32_t count = 2 * r->draft->road_count;
    uint32_t *sorted = jw_alloc((count + 1) * sizeof *sorted);
    if (!sorted)
        return jw_fail_memory(r->error);
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = i;
    qsort_r(sorted, count, sizeof *sorted, compare_ends, r->ends);
    jw_result result = JW_OK;
    for (uint32_t first = 0, end; first < count && result == JW_OK; first = end) {
        for (end = first + 1; end < count; end++)
            if (r->ends[sorted[end]].junction_id != r->ends[sorted[first]].junction_id)
                break;
        result = forbid_turns_at(r, sorted, first, end);
    }
    jw_free(sorted);
    return result;
}

/* ---- what stands around it -------------------------------------------------------------------------------
 */

static jw_result on_building(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    jw_result result = project_row(r, "buildings", row);
    bool has_people = jw_gpkg_row_value(row, "population") || jw_gpkg_row_value(row, "jobs");
    uint32_t population = (uint32_t)integer_of(row, "population", 0, 10000000, 0);
    uint32_t jobs = (uint32_t)integer_of(row, "jobs", 0, 10000000, 0);
    for (uint32_t part = 0; part < row->shape.part_count && result == JW_OK;) {
        bool is_first = part == 0; /* the people of a building of several parts are counted once */
        jw_draft_building building = {
            .height_m = (float)jw_clamp(real_of(row, "height_m", 0.0), 0.0, 1000.0),
            .base_m = (float)jw_clamp(real_of(row, "base_m", 0.0), 0.0, 1000.0),
            .levels = (uint8_t)integer_of(row, "levels", 0, 255, 0),
            .use = (uint8_t)word_of(r, "buildings", row, "use", &jw_gpkg_uses, JW_USE_NONE),
            .population = is_first ? population : 0,
            .jobs = is_first ? jobs : 0,
            .has_people = has_people,
            .source_id = (uint64_t)integer_of(row, "source_id", INT64_MIN, INT64_MAX, 0)};
        result = add_polygon(r, &row->shape, &part, &building.shape);
        if (result == JW_OK && building.shape.ring_count > 0)
            result = jw_draft_add_building(r->draft, &building, r->error);
    }
    return result;
}

static jw_result add_areas(city_reader *r, const char *layer, jw_area_kind otherwise, const jw_gpkg_row *row)
{
    jw_result result = project_row(r, layer, row);
    uint64_t order = (uint64_t)integer_of(row, "id", 0, FILE_ID_MAX, FILE_ID_MAX);
    for (uint32_t part = 0; part < row->shape.part_count && result == JW_OK;) {
        jw_draft_area area = {
            .kind = (jw_area_kind)word_of(r, layer, row, "kind", &jw_gpkg_area_kinds, otherwise),
            .use = (jw_use)word_of(r, layer, row, "use", &jw_gpkg_uses, JW_USE_NONE)};
        result = add_polygon(r, &row->shape, &part, &area.shape);
        if (result != JW_OK || area.shape.ring_count == 0)
            continue;
        result = add_name(r, text_of(row, "name"), &area.name);
        if (result == JW_OK)
            result = jw_grow(&r->area_order, &r->order_capacity, r->draft->area_count + 1ull,
                             sizeof *r->area_order, r->error);
        if (result == JW_OK)
            r->area_order[r->draft->area_count] = order;
        if (result == JW_OK)
            result = jw_draft_add_area(r->draft, &area, r->error);
    }
    return result;
}

static jw_result on_land(void *context, const jw_gpkg_row *row)
{
    return add_areas(context, "landuse", JW_AREA_BUILT, row);
}

static jw_result on_water(void *context, const jw_gpkg_row *row)
{
    return add_areas(context, "water", JW_AREA_WATER, row);
}

static int compare_areas(const void *a, const void *b, void *context)
{
    const uint64_t *order = context;
    uint32_t ia = *(const uint32_t *)a, ib = *(const uint32_t *)b;
    if (order[ia] != order[ib])
        return order[ia] < order[ib] ? -1 : 1;
    return ia < ib ? -1 : ia > ib;
}

/* Land and water in the order in which they were drawn; new ones on top. */
static jw_result sort_areas(city_reader *r)
{
    uint32_t count = r->draft->area_count;
    uint32_t *sorted = jw_alloc((count + 1) * sizeof *sorted);
    jw_draft_area *areas = jw_alloc((count + 1) * sizeof *areas);
    if (sorted && areas && count > 0) {
        for (uint32_t i = 0; i < count; i++)
            sorted[i] = i;
        qsort_r(sorted, count, sizeof *sorted, compare_areas, r->area_order);
        for (uint32_t i = 0; i < count; i++)
            areas[i] = r->draft->areas[sorted[i]];
        memcpy(r->draft->areas, areas, count * sizeof *areas);
    }
    jw_result result = sorted && areas ? JW_OK : jw_fail_memory(r->error);
    jw_free(sorted);
    jw_free(areas);
    return result;
}

static jw_result on_line(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    jw_draft_line line = {
        .kind = (jw_line_kind)word_of(r, "lines", row, "kind", &jw_gpkg_line_kinds, JW_LINE_FOOTPATH),
        .width_m = (float)jw_clamp(real_of(row, "width_m", 0.0), 0.0, 200.0),
        .layer = (int8_t)integer_of(row, "layer", -10, 10, 0)};
    jw_result result = project_row(r, "lines", row);
    for (uint32_t part = 0; part < row->shape.part_count && result == JW_OK; part++) {
        uint32_t first = row->shape.part_first[part], end = row->shape.part_first[part + 1], ref_count = 0;
        if (end - first < 2)
            continue;
        result = add_nodes(r, &row->shape, first, end, &ref_count);
        if (result == JW_OK)
            result = jw_draft_add_line(r->draft, &line, r->refs, ref_count, NULL, r->error);
    }
    return result;
}

static jw_result on_block(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    jw_result result = project_row(r, "blocks", row);
    for (uint32_t part = 0; part < row->shape.part_count && result == JW_OK;) {
        bool is_first = part == 0;
        jw_draft_block block = {.use = (jw_use)word_of(r, "blocks", row, "use", &jw_gpkg_uses, JW_USE_NONE)};
        if (is_first) {
            block.population = (uint32_t)integer_of(row, "population", 0, 100000000, 0);
            block.jobs = (uint32_t)integer_of(row, "jobs", 0, 100000000, 0);
        }
        result = add_polygon(r, &row->shape, &part, &block.shape);
        if (result == JW_OK && block.shape.ring_count > 0)
            result = add_name(r, text_of(row, "name"), &block.name);
        if (result == JW_OK && block.shape.ring_count > 0)
            result = jw_draft_add_block(r->draft, &block, r->error);
    }
    return result;
}

/* A gate marks the end of a road as the map's edge. */
static void mark_gate(city_reader *r, const jw_gpkg_row *row)
{
    uint32_t best = JW_NONE;
    double best_m = 2 * SNAP_M;
    for (uint32_t i = 0; i < 2 * r->draft->road_count && r->gate_count < GATES_MAX; i++) {
        double distance_m = jw_vec2_distance(end_place(r, i), (jw_vec2){r->x_m[0], r->y_m[0]});
        if (distance_m < best_m) {
            best_m = distance_m;
            best = i;
        }
    }
    r->gate_count++;
    if (best != JW_NONE)
        r->draft->nodes[r->ends[best].node].is_gate = 1;
    else
        report(r, JW_WARNING, "places", row, "a gate that is near no end of a road is left out");
}

static jw_result on_place(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    uint32_t kind = word_of(r, "places", row, "kind", &jw_gpkg_place_kinds, JW_PLACE_OTHER);
    jw_result result = project_row(r, "places", row);
    if (result != JW_OK || row->shape.part_count == 0)
        return result;
    char name[NAME_SIZE];
    jw_text_copy(name, sizeof name, text_of(row, "name"));
    if (kind == JW_PLACE_GATE) {
        mark_gate(r, row);
        if (name[0] == 0 || strcmp(name, "gate") == 0)
            return JW_OK; /* the builder makes that place again */
    }
    return jw_draft_add_place(r->draft, (jw_place_kind)kind, r->x_m[0], r->y_m[0], name, r->error);
}

static jw_result on_site(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    jw_result result = project_row(r, "sites", row);
    if (result != JW_OK)
        return result;
    char name[NAME_SIZE], tier[NAME_SIZE], card[NAME_SIZE];
    jw_text_copy(name, sizeof name, text_of(row, "name"));
    jw_text_copy(tier, sizeof tier, text_of(row, "tier"));
    jw_text_copy(card, sizeof card, text_of(row, "card"));
    if (row->shape.part_count == 0 || name[0] == 0) {
        report(r, JW_WARNING, "sites", row, "a site without a place or a name is left out");
        return JW_OK;
    }
    uint64_t key = jw_hash_text(0, name);
    if (jw_map_get(&r->site_names, key) != JW_NONE) {
        report(r, JW_PROBLEM, "sites", row, "a second site of the same name is left out");
        return JW_OK;
    }
    if (!jw_map_set(&r->site_names, key, 1))
        return jw_fail_memory(r->error);
    return jw_draft_add_site(r->draft, name, tier[0] ? tier : "edge", card,
                             (uint32_t)integer_of(row, "card_count", 0, 10000000, 0), r->x_m[0], r->y_m[0],
                             r->error);
}

/* ---- the file --------------------------------------------------------------------------------------------
 */

static jw_result on_city(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    jw_text_copy(r->draft->name, sizeof r->draft->name, text_of(row, "name"));
    r->draft->origin_lon_deg = real_of(row, "origin_lon_deg", (double)NAN);
    r->draft->origin_lat_deg = real_of(row, "origin_lat_deg", (double)NAN);
    return JW_OK;
}

static jw_result on_extent(void *context, const jw_gpkg_row *row)
{
    city_reader *r = context;
    for (uint32_t i = 0; i < point_count(&row->shape); i++)
        r->extent = jw_box_extend(r->extent, row->shape.lon_deg[i], row->shape.lat_deg[i]);
    return JW_OK;
}

/* The origin that the file keeps, else the middle of its roads. */
static jw_result choose_origin(city_reader *r)
{
    jw_draft *draft = r->draft;
    draft->origin_lon_deg = draft->origin_lat_deg = (double)NAN;
    jw_result result = read_layer(r, "city", on_city);
    if (result != JW_OK)
        return result;
    if (!isfinite(draft->origin_lon_deg) || !isfinite(draft->origin_lat_deg)) {
        r->extent = jw_box_empty();
        result = read_layer(r, LAYER_ROADS, on_extent);
        if (result == JW_OK && !(r->extent.min_x <= r->extent.max_x))
            result = jw_fail(r->error, JW_ERROR_INPUT, r->path, 0, "the layer roads has no roads");
        draft->origin_lon_deg = (r->extent.min_x + r->extent.max_x) / 2;
        draft->origin_lat_deg = (r->extent.min_y + r->extent.max_y) / 2;
    }
    if (draft->name[0] == 0 || !jw_text_is_utf8(draft->name, strlen(draft->name)))
        jw_path_stem(r->path, draft->name, sizeof draft->name);
    return result == JW_OK
               ? jw_projection_create(draft->origin_lon_deg, draft->origin_lat_deg, &r->projection, r->error)
               : result;
}

static jw_result read_layers(city_reader *r)
{
    static const struct {
        const char *name;
        row_function on_row;
    } layers[] = {
        {"landuse", on_land}, {"water", on_water},  {"buildings", on_building}, {"lines", on_line},
        {"blocks", on_block}, {"places", on_place}, {"sites", on_site},
    };
    jw_result result = choose_origin(r);
    if (result == JW_OK)
        result = read_layer(r, "junctions", on_junction);
    if (result == JW_OK)
        result = read_layer(r, LAYER_ROADS, on_road);
    if (result == JW_OK)
        result = join_ends(r);
    if (result == JW_OK)
        result = read_layer(r, "connections", on_connection);
    if (result == JW_OK)
        result = forbid_turns(r);
    for (uint32_t i = 0; i < JW_COUNT_OF(layers) && result == JW_OK; i++)
        result = read_layer(r, layers[i].name, layers[i].on_row);
    return result == JW_OK ? sort_areas(r) : result;
}

static void free_reader(city_reader *r)
{
    jw_gpkg_close(r->gpkg);
    jw_projection_destroy(r->projection);
    jw_map_free(&r->junction_numbers);
    jw_map_free(&r->road_numbers);
    jw_map_free(&r->links);
    jw_map_free(&r->linked);
    jw_map_free(&r->site_names);
    jw_free(r->x_m);
    jw_free(r->y_m);
    jw_free(r->refs);
    jw_free(r->ring_sizes);
    jw_free(r->junction_places);
    jw_free(r->junction_signals);
    jw_free(r->rows);
    jw_free(r->ends);
    jw_free(r->area_order);
}

jw_result jw_read_city_gpkg(const char *path, jw_draft *draft, jw_problems *problems, jw_error *error)
{
    jw_error own_error = {0};
    city_reader r = {.path = path, .draft = draft, .problems = problems, .error = error ? error : &own_error};
    jw_result result = jw_gpkg_open(path, false, &r.gpkg, error);
    if (result != JW_OK)
        return result;
    uint32_t roads = jw_gpkg_find_layer(r.gpkg, LAYER_ROADS);
    if (roads == JW_NONE || jw_gpkg_layer_geometry(r.gpkg, roads) != JW_GPKG_LINESTRING)
        result = jw_fail(
            error, JW_ERROR_INPUT, path, 0,
            "no layer \"roads\" of lines: a city is written by `jingwei import MAP.osm`, and may then "
            "be edited");
    assert(draft->node_count == 0 && draft->road_count == 0);
    draft->is_projected = draft->is_network = true;
    if (result == JW_OK)
        result = read_layers(&r);
    free_reader(&r);
    if (result != JW_OK)
        jw_draft_free(draft);
    return result;
}
