/* The network of an edited GeoPackage: junctions, roads, the ends of roads drawn by hand, forbidden turns.
 *
 * Each row of `roads` becomes a road of one direction whose end nodes carry the number of their junction. A
 * road drawn by hand names no junctions: its ends take the nearest. Turns without any row in `connections`
 * between two roads that the layer knows are forbidden. */
#include "city/city_gpkg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRESH_ID   (1ull << 60) /* numbers above are given out here */
#define SNAP_M     30.0         /* from a road drawn by hand to a junction of the file */
#define SAME_END_M 1.0          /* between the ends of two such roads */
#define STRAYED_M  150.0        /* an end so far from the junction that it names was moved elsewhere */
#define LANES_MAX  16
#define LINKS_MAX  65535
#define TURNS_MAX  4096 /* arriving times leaving roads of one junction */
#define GATES_MAX  10000

/* ---- junctions and roads ------------------------------------------------------------------------------- */

static jw_result on_junction(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    uint64_t id = jw_city_row_id(row, "id");
    if (id == 0 || row->shape.part_count == 0 || jw_map_get(&r->junction_numbers, id) != JW_NONE) {
        jw_city_row_report(r, JW_WARNING, "junctions", row,
                           "a junction without a place or a number of its own is left out");
        return JW_OK;
    }
    jw_result result = jw_city_reader_project(r, "junctions", row);
    if (result != JW_OK)
        return result;
    uint64_t needed = r->junction_count + 1ull;
    if (jw_grow(&r->junction_places, &r->junction_capacity, needed, sizeof *r->junction_places, r->error) ||
        jw_grow(&r->junction_signals, &r->signal_capacity, needed, 1, r->error))
        return JW_ERROR_MEMORY;
    if (!jw_map_set(&r->junction_numbers, id, r->junction_count))
        return jw_fail_memory(r->error);
    jw_draft_node node = {.lon_deg = row->shape.lon_deg[0],
                          .lat_deg = row->shape.lat_deg[0],
                          .x_m = r->x_m[0],
                          .y_m = r->y_m[0],
                          .z_m = row->shape.z_m ? row->shape.z_m[0] : 0,
                          .source_id = id};
    result = jw_draft_add_node(r->draft, &node, NULL, r->error); /* on no road: the junction's place */
    if (result != JW_OK)
        return result;
    r->junction_places[r->junction_count] = (jw_vec2){r->x_m[0], r->y_m[0]};
    r->junction_signals[r->junction_count++] = jw_city_row_is_set(row, "signal");
    return JW_OK;
}

/* The column `allow`, as JW_ALLOW_ bits. */
static uint8_t read_allow(jw_city_reader *r, const char *layer, const jw_gpkg_row *row)
{
    uint8_t allow = 0;
    const char *text = jw_city_row_text(row, "allow");
    while (*text) {
        size_t size = strcspn(text, " ,;");
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)(size < sizeof word ? size : sizeof word - 1), text);
        uint32_t bit = jw_words_find(&jw_gpkg_vehicles, word);
        if (bit != JW_NONE)
            allow |= (uint8_t)(1u << bit);
        else if (size > 0)
            jw_city_row_report(r, JW_WARNING, layer, row, "an unknown kind of vehicle in `allow` is ignored");
        text += size + (text[size] ? 1 : 0);
    }
    return allow;
}

/* What the row says of the road; false when it is none. */
static bool fill_road(jw_city_reader *r, const jw_gpkg_row *row, jw_draft_road *road)
{
    road->road_class = (jw_road_class)jw_city_row_word(r, JW_LAYER_ROADS, row, "class", &jw_gpkg_road_classes,
                                                       JW_ROAD_RESIDENTIAL);
    bool is_one_way = jw_city_row_is_set(row, "oneway");
    uint8_t lanes;
    double width_m, speed_mps;
    jw_road_defaults(road->road_class, is_one_way, &lanes, &width_m, &speed_mps);
    if (jw_gpkg_row_value(row, "lanes")) {
        int64_t given = jw_city_row_integer(row, "lanes", INT64_MIN, INT64_MAX, 0);
        if (given < 0)
            jw_city_row_report(r, JW_PROBLEM, JW_LAYER_ROADS, row,
                               "a negative count of lanes: the road is left out");
        else if (given == 0) /* as a path for bicycles alone is written */
            jw_city_row_report(r, JW_WARNING, JW_LAYER_ROADS, row, "a road without motor lanes is left out");
        if (given < 1)
            return false;
        if (given > LANES_MAX)
            jw_city_row_report(r, JW_PROBLEM, JW_LAYER_ROADS, row, "more than 16 lanes: taken as 16");
        lanes = (uint8_t)(given > LANES_MAX ? LANES_MAX : given);
    }
    double speed_kmh = jw_city_row_real(row, "speed_kmh", speed_mps * 3.6);
    if (!(speed_kmh >= 4.0 && speed_kmh <= 200.0)) {
        jw_city_row_report(r, JW_PROBLEM, JW_LAYER_ROADS, row,
                           "a limit outside 4 to 200 km/h: taken by class");
        speed_kmh = speed_mps * 3.6;
    }
    road->speed_mps = speed_kmh / 3.6;
    road->lane_width_m = jw_clamp(jw_city_row_real(row, "lane_width_m", width_m), 2.0, 6.0);
    road->lanes_forward = lanes;
    road->bike_lane_forward = jw_city_row_is_set(row, "bike_lane");
    road->bus_lane_forward = jw_city_row_is_set(row, "bus_lane") && lanes >= 2;
    if (!is_one_way) {
        road->lanes_backward = lanes;
        road->bike_lane_backward = road->bike_lane_forward;
        road->bus_lane_backward = road->bus_lane_forward;
    }
    road->layer = (int8_t)jw_city_row_integer(row, "layer", -10, 10, 0);
    road->is_bridge = jw_city_row_is_set(row, "bridge");
    road->is_tunnel = jw_city_row_is_set(row, "tunnel");
    road->is_roundabout = jw_city_row_is_set(row, "roundabout");
    road->is_link = jw_city_row_is_set(row, "link");
    road->allow = read_allow(r, JW_LAYER_ROADS, row);
    jw_text_copy(road->turn_forward, sizeof road->turn_forward, jw_city_row_text(row, "turn_lanes"));
    return true;
}

/* The junction that an end names, unless the end lies far from it. */
static uint64_t named_junction(jw_city_reader *r, const jw_gpkg_row *row, const char *column, uint32_t point)
{
    uint64_t id = jw_city_row_id(row, column);
    uint32_t number = id ? jw_map_get(&r->junction_numbers, id) : JW_NONE;
    if (number == JW_NONE)
        return id;
    jw_vec2 place = {r->x_m[point], r->y_m[point]};
    if (jw_vec2_distance(place, r->junction_places[number]) <= STRAYED_M)
        return id;
    jw_city_row_report(r, JW_WARNING, JW_LAYER_ROADS, row,
                       "an end lies far from its junction: joined to the nearest instead");
    return 0;
}

/* A row that was written from a city has its ends where the junctions' surfaces end, and knows its opposite.
 */
static void note_kept_ends(jw_city_reader *r, const jw_gpkg_row *row, uint32_t number)
{
    jw_draft_road *road = &r->draft->roads[number];
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t junction_id = r->ends[2 * number + i].junction_id;
        road->is_cut[i] = r->rows[number].has_own_id && junction_id != 0 &&
                          jw_map_get(&r->junction_numbers, junction_id) != JW_NONE;
    }
    if (r->rows[number].has_own_id)
        road->opposite_id = jw_city_row_id(row, "opposite_id");
    if (road->opposite_id == 0 && road->is_cut[0] && road->is_cut[1])
        road->opposite_id = JW_ROAD_ALONE;
}

static jw_result add_road(jw_city_reader *r, const jw_gpkg_row *row, jw_draft_road *road)
{
    uint32_t first = row->shape.part_first[0], end = row->shape.part_first[1], ref_count = 0;
    jw_city_road_row own = {.id = jw_city_row_id(row, "id")};
    own.has_own_id = own.id != 0 && jw_map_get(&r->road_numbers, own.id) == JW_NONE;
    if (!own.has_own_id)
        own.id = FRESH_ID + r->fresh_count++;
    road->source_id = own.id;
    road->has_heights = row->shape.z_m != NULL;
    uint32_t number = 0;
    jw_result result = jw_city_reader_add_name(r, row, &road->name);
    if (result == JW_OK)
        result = jw_city_reader_add_nodes(r, &row->shape, first, end, &ref_count);
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
    r->ends[2 * number] = (jw_city_road_end){r->refs[0], named_junction(r, row, "from_id", first), false};
    r->ends[2 * number + 1] =
        (jw_city_road_end){r->refs[ref_count - 1], named_junction(r, row, "to_id", end - 1), false};
    note_kept_ends(r, row, number);
    jw_draft_node *last = &r->draft->nodes[r->refs[ref_count - 1]];
    uint32_t sign = jw_city_row_word(r, JW_LAYER_ROADS, row, "sign", &jw_gpkg_signs, JW_SIGN_NONE);
    last->has_give_way = sign == JW_SIGN_GIVE_WAY;
    last->has_stop = sign == JW_SIGN_STOP;
    return JW_OK;
}

static jw_result on_road(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    jw_draft_road road = {0};
    if (row->shape.part_count == 0 || row->shape.part_first[1] - row->shape.part_first[0] < 2) {
        jw_city_row_report(r, JW_WARNING, JW_LAYER_ROADS, row, "a road without a line is left out");
        return JW_OK;
    }
    if (row->shape.part_count > 1)
        jw_city_row_report(r, JW_PROBLEM, JW_LAYER_ROADS, row,
                           "a line of several parts: only the first is taken");
    if (!fill_road(r, row, &road))
        return JW_OK;
    jw_result result = jw_city_reader_project(r, JW_LAYER_ROADS, row);
    return result == JW_OK ? add_road(r, row, &road) : result;
}

/* ---- ends drawn by hand -------------------------------------------------------------------------------- */

typedef struct end_search {
    const jw_city_reader *reader;
    uint32_t self;
    uint32_t best;
    double best_m;
} end_search;

static jw_vec2 end_place(const jw_city_reader *r, uint32_t end)
{
    const jw_draft_node *node = &r->draft->nodes[r->ends[end].node];
    return (jw_vec2){node->x_m, node->y_m};
}

static bool try_end(void *context, uint32_t item)
{
    end_search *search = context;
    const jw_city_road_end *end = &search->reader->ends[item];
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
static jw_result join_ends(jw_city_reader *r)
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
        jw_city_road_end *end = &r->ends[i];
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

/* ---- connections and forbidden turns ------------------------------------------------------------------- */

static uint32_t road_number(jw_city_reader *r, const jw_gpkg_row *row, const char *column)
{
    uint64_t id = jw_city_row_id(row, column);
    return id ? jw_map_get(&r->road_numbers, id) : JW_NONE;
}

/* A lane as it was written: whether its road still says the same of it. */
static jw_result on_lane(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    uint32_t number = road_number(r, row, "road_id");
    if (number == JW_NONE)
        return JW_OK;
    const jw_draft_road *road = &r->draft->roads[number];
    jw_city_road_row *own = &r->rows[number];
    uint32_t bikes = road->bike_lane_forward, count = road->lanes_forward + bikes;
    uint32_t index = (uint32_t)jw_city_row_integer(row, "lane_index", 0, count, count);
    uint8_t allow = read_allow(r, "lanes", row);
    char turns[sizeof road->turn_forward];
    jw_turn_lanes_part(road->turn_forward, count - 1 - index, turns, sizeof turns);
    bool is_same = index < count && strcmp(turns, jw_city_row_text(row, "turns")) == 0;
    if (index < bikes)
        is_same &= !(allow & JW_ALLOW_MOTOR);
    else if (index == bikes && road->bus_lane_forward)
        is_same &= !(allow & JW_ALLOW_CAR) && (allow & JW_ALLOW_BUS);
    else
        is_same &= allow == road->allow;
    own->lane_count++;
    own->same_count += is_same;
    return JW_OK;
}

static jw_result on_connection(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    uint32_t from = road_number(r, row, "from_road_id"), to = road_number(r, row, "to_road_id");
    if (from == JW_NONE || to == JW_NONE) { /* of a road that was removed */
        if (from != JW_NONE)
            r->rows[from].is_broken[1] = true;
        if (to != JW_NONE)
            r->rows[to].is_broken[0] = true;
        return JW_OK;
    }
    if (!jw_map_set(&r->links, (uint64_t)from << 32 | to, 1) || !jw_map_set(&r->linked, from, 1) ||
        !jw_map_set(&r->linked, to, 1))
        return jw_fail_memory(r->error);
    uint64_t programme_id = jw_city_row_id(row, "programme_id"),
             junction_id = jw_city_row_id(row, "junction_id");
    uint32_t programme = programme_id ? jw_map_get(&r->programme_numbers, programme_id) : JW_NONE;
    uint32_t junction = junction_id ? jw_map_get(&r->junction_numbers, junction_id) : JW_NONE;
    bool has_signal = junction != JW_NONE && r->junction_signals[junction];
    jw_draft_connection connection = {
        .programme1 = has_signal ? programme + 1 : 0,
        .signal_link = (uint32_t)jw_city_row_integer(row, "signal_link", 0, LINKS_MAX, JW_NONE),
        .from_road = from,
        .to_road = to,
        .from_lane = (uint32_t)jw_city_row_integer(row, "from_lane", 0, LANES_MAX, JW_NONE),
        .to_lane = (uint32_t)jw_city_row_integer(row, "to_lane", 0, LANES_MAX, JW_NONE)};
    return jw_draft_add_connection(r->draft, &connection, r->error);
}

/* Where nothing was edited that decides on connections, those of the file are all there are. */
static void note_connected_ends(jw_city_reader *r)
{
    for (uint32_t i = 0; i < r->draft->road_count; i++) {
        jw_draft_road *road = &r->draft->roads[i];
        const jw_city_road_row *row = &r->rows[i];
        uint32_t count = (uint32_t)road->lanes_forward + road->bike_lane_forward;
        bool is_same = row->lane_count == count && row->same_count == count && road->lanes_backward == 0;
        for (uint32_t k = 0; k < 2; k++)
            road->is_connected[k] = is_same && road->is_cut[k] && !row->is_broken[k];
    }
}

static int compare_ends(const void *a, const void *b, void *context)
{
    const jw_city_road_end *ends = context;
    uint32_t ea = *(const uint32_t *)a, eb = *(const uint32_t *)b;
    if (ends[ea].junction_id != ends[eb].junction_id)
        return ends[ea].junction_id < ends[eb].junction_id ? -1 : 1;
    return ea < eb ? -1 : ea > eb;
}

/* Forbids what has no connection among the ends [first, end) of one junction. */
static jw_result forbid_turns_at(jw_city_reader *r, const uint32_t *sorted, uint32_t first, uint32_t end)
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
            bool is_turn = sorted[i] % 2 == 1 && sorted[k] % 2 == 0;
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

static jw_result forbid_turns(jw_city_reader *r)
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

/* ---- all of it ----------------------------------------------------------------------------------------- */

/* Where the end's junction lies, or it itself. */
static jw_vec2 junction_place(const jw_city_reader *r, uint32_t end)
{
    uint32_t number = jw_map_get(&r->junction_numbers, r->ends[end].junction_id);
    return number != JW_NONE ? r->junction_places[number] : end_place(r, end);
}

/* A gate marks the end of a road as the map's edge. */
void jw_city_mark_gate(jw_city_reader *r, const jw_gpkg_row *row)
{
    uint32_t best = JW_NONE;
    double best_m = 2 * SNAP_M;
    for (uint32_t i = 0; i < 2 * r->draft->road_count && r->gate_count < GATES_MAX; i++) {
        double distance_m = jw_vec2_distance(junction_place(r, i), (jw_vec2){r->x_m[0], r->y_m[0]});
        if (distance_m < best_m) {
            best_m = distance_m;
            best = i;
        }
    }
    r->gate_count++;
    if (best != JW_NONE)
        r->draft->nodes[r->ends[best].node].is_gate = 1;
    else
        jw_city_row_report(r, JW_WARNING, "places", row, "a gate that is near no end of a road is left out");
}

jw_result jw_city_read_network(jw_city_reader *r)
{
    jw_result result = jw_city_reader_read_layer(r, "junctions", on_junction);
    if (result == JW_OK)
        result = jw_city_reader_read_layer(r, JW_LAYER_ROADS, on_road);
    if (result == JW_OK)
        result = join_ends(r);
    if (result == JW_OK)
        result = jw_city_reader_read_layer(r, "lanes", on_lane);
    if (result == JW_OK)
        result = jw_city_read_programmes(r);
    if (result == JW_OK)
        result = jw_city_reader_read_layer(r, "connections", on_connection);
    if (result == JW_OK)
        note_connected_ends(r);
    return result == JW_OK ? forbid_turns(r) : result;
}
