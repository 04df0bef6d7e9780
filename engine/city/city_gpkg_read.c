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

#define FILE_ID_MAX (INT64_C(1) << 52)
#define NAME_SIZE   200

/* ---- values -------------------------------------------------------------------------------------------- */

void jw_city_row_report(jw_city_reader *r, jw_severity severity, const char *layer, const jw_gpkg_row *row,
                        const char *message)
{
    char element[64];
    snprintf(element, sizeof element, "%s fid %lld", layer, (long long)row->fid);
    jw_problems_add(r->problems, severity, r->path, 0, element, "%s", message);
}

double jw_city_row_real(const jw_gpkg_row *row, const char *column, double otherwise)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value && isfinite(value->real) ? value->real : otherwise;
}

int64_t jw_city_row_integer(const jw_gpkg_row *row, const char *column, int64_t low, int64_t high,
                            int64_t otherwise)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value && value->integer >= low && value->integer <= high ? value->integer : otherwise;
}

bool jw_city_row_is_set(const jw_gpkg_row *row, const char *column)
{
    return jw_city_row_integer(row, column, INT64_MIN, INT64_MAX, 0) != 0;
}

const char *jw_city_row_text(const jw_gpkg_row *row, const char *column)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value && value->text ? value->text : "";
}

/* The word's number; unknown words are reported and give `otherwise`. */
uint32_t jw_city_row_word(jw_city_reader *r, const char *layer, const jw_gpkg_row *row, const char *column,
                          const jw_words *words, uint32_t otherwise)
{
    const char *text = jw_city_row_text(row, column);
    uint32_t found = jw_words_find(words, text);
    if (found != JW_NONE)
        return found;
    if (text[0]) {
        char message[200];
        snprintf(message, sizeof message, "\"%.40s\" is no %s: taken as %s", text, column,
                 words->words[otherwise]);
        jw_city_row_report(r, JW_WARNING, layer, row, message);
    }
    return otherwise;
}

static void take_text(char out[NAME_SIZE], const char *text)
{
    jw_text_copy(out, NAME_SIZE, text);
    if (!jw_text_is_utf8(out, strlen(out)))
        out[0] = 0;
}

jw_result jw_city_reader_add_text(jw_city_reader *r, const char *text, uint32_t *out)
{
    char name[NAME_SIZE];
    take_text(name, text);
    return jw_draft_add_text(r->draft, name, out, r->error);
}

jw_result jw_city_reader_translate(jw_city_reader *r, const jw_gpkg_row *row, uint32_t name)
{
    char en[NAME_SIZE], zh[NAME_SIZE];
    take_text(en, jw_city_row_text(row, "name_en"));
    take_text(zh, jw_city_row_text(row, "name_zh"));
    return jw_draft_translate(r->draft, name, en, zh, r->error);
}

jw_result jw_city_reader_add_name(jw_city_reader *r, const jw_gpkg_row *row, uint32_t *out)
{
    jw_result result = jw_city_reader_add_text(r, jw_city_row_text(row, "name"), out);
    return result == JW_OK ? jw_city_reader_translate(r, row, *out) : result;
}

/* A number of the file as a source id: 0 for none. */
uint64_t jw_city_row_id(const jw_gpkg_row *row, const char *column)
{
    return (uint64_t)(jw_city_row_integer(row, column, 0, FILE_ID_MAX, -1) + 1);
}

/* ---- shapes -------------------------------------------------------------------------------------------- */

static uint32_t point_count(const jw_gpkg_shape *shape)
{
    return shape->part_count ? shape->part_first[shape->part_count] : 0;
}

/* Fills x_m, y_m with the row's shape in metres. */
jw_result jw_city_reader_project(jw_city_reader *r, const char *layer, const jw_gpkg_row *row)
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
jw_result jw_city_reader_add_nodes(jw_city_reader *r, const jw_gpkg_shape *shape, uint32_t first,
                                   uint32_t end, uint32_t *ref_count)
{
    jw_result result =
        jw_grow(&r->refs, &r->ref_capacity, (uint64_t)*ref_count + (end - first), sizeof *r->refs, r->error);
    for (uint32_t i = first; i < end && result == JW_OK; i++) {
        jw_draft_node node = {.lon_deg = shape->lon_deg[i],
                              .lat_deg = shape->lat_deg[i],
                              .x_m = r->x_m[i],
                              .y_m = r->y_m[i],
                              .z_m = shape->z_m ? shape->z_m[i] : 0};
        result = jw_draft_add_node(r->draft, &node, &r->refs[*ref_count], r->error);
        ++*ref_count;
    }
    return result;
}

/* The polygon that begins at *part: its rings of three points or more. *part moves behind it. *out has no
 * rings when the outer one has too few points. */
static jw_result add_polygon(jw_city_reader *r, const jw_gpkg_shape *shape, uint32_t *part,
                             jw_draft_shape *out)
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
            result = jw_city_reader_add_nodes(r, shape, first, end, &ref_count);
        if (result == JW_OK)
            r->ring_sizes[ring_count++] = end - first;
    } while (result == JW_OK && *part < shape->part_count && !shape->part_starts_polygon[*part]);
    return result == JW_OK && ring_count > 0
               ? jw_draft_add_shape(r->draft, r->refs, r->ring_sizes, ring_count, out, r->error)
               : result;
}

/* Reads a layer that may be missing. */
jw_result jw_city_reader_read_layer(jw_city_reader *r, const char *name, jw_city_row_function on_row)
{
    uint32_t layer = jw_gpkg_find_layer(r->gpkg, name);
    return layer == JW_NONE ? JW_OK : jw_gpkg_read(r->gpkg, layer, on_row, r, r->error);
}

/* ---- what stands around it ----------------------------------------------------------------------------- */

static jw_result on_building(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    jw_result result = jw_city_reader_project(r, "buildings", row);
    bool has_people = jw_gpkg_row_value(row, "population") || jw_gpkg_row_value(row, "jobs");
    uint32_t population = (uint32_t)jw_city_row_integer(row, "population", 0, 10000000, 0);
    uint32_t jobs = (uint32_t)jw_city_row_integer(row, "jobs", 0, 10000000, 0);
    for (uint32_t part = 0; part < row->shape.part_count && result == JW_OK;) {
        bool is_first = part == 0; /* the people of a building of several parts are counted once */
        jw_draft_building building = {
            .height_m = (float)jw_clamp(jw_city_row_real(row, "height_m", 0.0), 0.0, 1000.0),
            .base_m = (float)jw_clamp(jw_city_row_real(row, "base_m", 0.0), 0.0, 1000.0),
            .roof_m = (float)jw_clamp(jw_city_row_real(row, "roof_m", 0.0), 0.0, 100.0),
            .roof = (uint8_t)jw_city_row_word(r, "buildings", row, "roof", &jw_gpkg_roofs, JW_ROOF_UNKNOWN),
            .roof_is_across = jw_city_row_integer(row, "roof_across", 0, 1, 0) == 1,
            .levels = (uint8_t)jw_city_row_integer(row, "levels", 0, 255, 0),
            .use = (uint8_t)jw_city_row_word(r, "buildings", row, "use", &jw_gpkg_uses, JW_USE_NONE),
            .population = is_first ? population : 0,
            .jobs = is_first ? jobs : 0,
            .has_people = has_people,
            .source_id = (uint64_t)jw_city_row_integer(row, "source_id", INT64_MIN, INT64_MAX, 0)};
        result = add_polygon(r, &row->shape, &part, &building.shape);
        if (result == JW_OK && building.shape.ring_count > 0)
            result = jw_draft_add_building(r->draft, &building, r->error);
    }
    return result;
}

static jw_result add_areas(jw_city_reader *r, const char *layer, jw_area_kind otherwise,
                           const jw_gpkg_row *row)
{
    jw_result result = jw_city_reader_project(r, layer, row);
    uint64_t order = (uint64_t)jw_city_row_integer(row, "id", 0, FILE_ID_MAX, FILE_ID_MAX);
    for (uint32_t part = 0; part < row->shape.part_count && result == JW_OK;) {
        jw_draft_area area = {
            .kind = (jw_area_kind)jw_city_row_word(r, layer, row, "kind", &jw_gpkg_area_kinds, otherwise),
            .use = (jw_use)jw_city_row_word(r, layer, row, "use", &jw_gpkg_uses, JW_USE_NONE)};
        result = add_polygon(r, &row->shape, &part, &area.shape);
        if (result != JW_OK || area.shape.ring_count == 0)
            continue;
        result = jw_city_reader_add_name(r, row, &area.name);
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
static jw_result sort_areas(jw_city_reader *r)
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
    jw_city_reader *r = context;
    jw_draft_line line = {.kind = (jw_line_kind)jw_city_row_word(r, "lines", row, "kind", &jw_gpkg_line_kinds,
                                                                 JW_LINE_FOOTPATH),
                          .width_m = (float)jw_clamp(jw_city_row_real(row, "width_m", 0.0), 0.0, 200.0),
                          .layer = (int8_t)jw_city_row_integer(row, "layer", -10, 10, 0)};
    jw_result result = jw_city_reader_project(r, "lines", row);
    for (uint32_t part = 0; part < row->shape.part_count && result == JW_OK; part++) {
        uint32_t first = row->shape.part_first[part], end = row->shape.part_first[part + 1], ref_count = 0;
        if (end - first < 2)
            continue;
        result = jw_city_reader_add_nodes(r, &row->shape, first, end, &ref_count);
        if (result == JW_OK)
            result = jw_draft_add_line(r->draft, &line, r->refs, ref_count, NULL, r->error);
    }
    return result;
}

static jw_result on_block(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    jw_result result = jw_city_reader_project(r, "blocks", row);
    for (uint32_t part = 0; part < row->shape.part_count && result == JW_OK;) {
        bool is_first = part == 0;
        jw_draft_block block = {
            .use = (jw_use)jw_city_row_word(r, "blocks", row, "use", &jw_gpkg_uses, JW_USE_NONE)};
        if (is_first) {
            block.population = (uint32_t)jw_city_row_integer(row, "population", 0, 100000000, 0);
            block.jobs = (uint32_t)jw_city_row_integer(row, "jobs", 0, 100000000, 0);
            block.east_m = jw_clamp(jw_city_row_real(row, "east_m", 0.0), -1e5, 1e5);
            block.north_m = jw_clamp(jw_city_row_real(row, "north_m", 0.0), -1e5, 1e5);
        }
        result = add_polygon(r, &row->shape, &part, &block.shape);
        if (result == JW_OK && block.shape.ring_count > 0)
            result = jw_city_reader_add_name(r, row, &block.name);
        if (result == JW_OK && block.shape.ring_count > 0)
            result = jw_draft_add_block(r->draft, &block, r->error);
    }
    return result;
}

static jw_result on_place(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    uint32_t kind = jw_city_row_word(r, "places", row, "kind", &jw_gpkg_place_kinds, JW_PLACE_OTHER);
    jw_result result = jw_city_reader_project(r, "places", row);
    if (result != JW_OK || row->shape.part_count == 0)
        return result;
    char name[NAME_SIZE];
    jw_text_copy(name, sizeof name, jw_city_row_text(row, "name"));
    if (kind == JW_PLACE_GATE) {
        jw_city_mark_gate(r, row);
        if (name[0] == 0 || strcmp(name, "gate") == 0)
            return JW_OK; /* the builder makes that place again */
    }
    result = jw_draft_add_place(r->draft, (jw_place_kind)kind, r->x_m[0], r->y_m[0], name, r->error);
    return result == JW_OK
               ? jw_city_reader_translate(r, row, r->draft->places[r->draft->place_count - 1].name)
               : result;
}

static jw_result on_site(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    jw_result result = jw_city_reader_project(r, "sites", row);
    if (result != JW_OK)
        return result;
    char name[NAME_SIZE], tier[NAME_SIZE], card[NAME_SIZE];
    jw_text_copy(name, sizeof name, jw_city_row_text(row, "name"));
    jw_text_copy(tier, sizeof tier, jw_city_row_text(row, "tier"));
    jw_text_copy(card, sizeof card, jw_city_row_text(row, "card"));
    if (row->shape.part_count == 0 || name[0] == 0) {
        jw_city_row_report(r, JW_WARNING, "sites", row, "a site without a place or a name is left out");
        return JW_OK;
    }
    uint64_t key = jw_hash_text(0, name);
    if (jw_map_get(&r->site_names, key) != JW_NONE) {
        jw_city_row_report(r, JW_PROBLEM, "sites", row, "a second site of the same name is left out");
        return JW_OK;
    }
    if (!jw_map_set(&r->site_names, key, 1))
        return jw_fail_memory(r->error);
    return jw_draft_add_site(r->draft, name, tier[0] ? tier : "edge", card,
                             (uint32_t)jw_city_row_integer(row, "card_count", 0, 10000000, 0), r->x_m[0],
                             r->y_m[0], r->error);
}

/* ---- the file ------------------------------------------------------------------------------------------ */

static jw_result on_city(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    jw_text_copy(r->draft->name, sizeof r->draft->name, jw_city_row_text(row, "name"));
    r->draft->origin_lon_deg = jw_city_row_real(row, "origin_lon_deg", (double)NAN);
    r->draft->origin_lat_deg = jw_city_row_real(row, "origin_lat_deg", (double)NAN);
    return JW_OK;
}

static jw_result on_extent(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    for (uint32_t i = 0; i < point_count(&row->shape); i++)
        r->extent = jw_box_extend(r->extent, row->shape.lon_deg[i], row->shape.lat_deg[i]);
    return JW_OK;
}

/* The origin that the file keeps, else the middle of its roads. */
static jw_result choose_origin(jw_city_reader *r)
{
    jw_draft *draft = r->draft;
    draft->origin_lon_deg = draft->origin_lat_deg = (double)NAN;
    jw_result result = jw_city_reader_read_layer(r, "city", on_city);
    if (result != JW_OK)
        return result;
    if (!isfinite(draft->origin_lon_deg) || !isfinite(draft->origin_lat_deg)) {
        r->extent = jw_box_empty();
        result = jw_city_reader_read_layer(r, JW_LAYER_ROADS, on_extent);
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

static jw_result read_layers(jw_city_reader *r)
{
    static const struct {
        const char *name;
        jw_city_row_function on_row;
    } layers[] = {
        {"landuse", on_land}, {"water", on_water},  {"buildings", on_building}, {"lines", on_line},
        {"blocks", on_block}, {"places", on_place}, {"sites", on_site},
    };
    jw_result result = choose_origin(r);
    if (result == JW_OK)
        result = jw_city_read_network(r);
    for (uint32_t i = 0; i < JW_COUNT_OF(layers) && result == JW_OK; i++)
        result = jw_city_reader_read_layer(r, layers[i].name, layers[i].on_row);
    return result == JW_OK ? sort_areas(r) : result;
}

static void free_reader(jw_city_reader *r)
{
    jw_gpkg_close(r->gpkg);
    jw_projection_destroy(r->projection);
    jw_map_free(&r->junction_numbers);
    jw_map_free(&r->road_numbers);
    jw_map_free(&r->programme_numbers);
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
    jw_city_reader r = {
        .path = path, .draft = draft, .problems = problems, .error = error ? error : &own_error};
    jw_result result = jw_gpkg_open(path, false, &r.gpkg, error);
    if (result != JW_OK)
        return result;
    uint32_t roads = jw_gpkg_find_layer(r.gpkg, JW_LAYER_ROADS);
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
