/* Elements of the map as they come, in compact arrays; after the last one nodes are sorted and references
 * become node numbers. */
#include "city/osm_internal.h"

#include <inttypes.h>
#include <string.h>

void jw_osm_store_free(jw_osm_store *store)
{
    jw_free(store->nodes);
    jw_free(store->refs);
    jw_free(store->ways);
    jw_map_free(&store->way_of_id);
    jw_free(store->members);
    jw_free(store->relations);
    jw_free(store->flagged);
    jw_free(store->roads);
    jw_free(store->lines);
    jw_free(store->buildings);
    jw_free(store->areas);
    jw_free(store->places);
    *store = (jw_osm_store){0};
}

void jw_osm_note(jw_osm_store *store, jw_severity severity, const char *kind, uint64_t id,
                 const char *message)
{
    char element[64];
    snprintf(element, sizeof element, "%s %" PRId64, kind, (int64_t)id);
    jw_problems_add(store->problems, severity, store->name, store->line, element, "%s", message);
}

jw_osm_role jw_osm_role_of(const char *text)
{
    static const struct {
        const char *text;
        jw_osm_role role;
    } table[] = {{"outer", JW_OSM_ROLE_OUTER}, {"", JW_OSM_ROLE_OUTER},  {"inner", JW_OSM_ROLE_INNER},
                 {"from", JW_OSM_ROLE_FROM},   {"via", JW_OSM_ROLE_VIA}, {"to", JW_OSM_ROLE_TO}};
    for (uint32_t i = 0; i < JW_COUNT_OF(table); i++)
        if (strcmp(text, table[i].text) == 0)
            return table[i].role;
    return JW_OSM_ROLE_OTHER;
}

/* ---- taking elements ---- */

/* The name, and what it is in English and Chinese. */
static jw_result add_name(jw_osm_store *store, const jw_osm_tags *tags, uint32_t *out, jw_error *error)
{
    jw_result result = jw_draft_add_text(store->draft, jw_osm_tag_value(tags, "name"), out, error);
    if (result == JW_OK)
        result = jw_draft_translate(store->draft, *out, jw_osm_tag_value(tags, "name:en"),
                                    jw_osm_tag_value(tags, "name:zh"), error);
    return result;
}

static jw_result take_place(jw_osm_store *store, jw_osm_place_item item, const jw_osm_tags *tags,
                            jw_error *error)
{
    /* A town's name stands at its node: its border says it once more. */
    if (!jw_osm_place(tags, &item.kind) || (item.kind == JW_PLACE_QUARTER && item.owner != JW_OSM_OWNER_NODE))
        return JW_OK;
    jw_result result = add_name(store, tags, &item.name, error);
    if (result == JW_OK)
        result = jw_grow(&store->places, &store->place_capacity, (uint64_t)store->place_count + 1,
                         sizeof item, error);
    if (result == JW_OK)
        store->places[store->place_count++] = item;
    return result;
}

jw_result jw_osm_take_node(jw_osm_store *store, uint64_t id, int64_t lon_e7, int64_t lat_e7,
                           const jw_osm_tags *tags, jw_error *error)
{
    if (lon_e7 < -1800000000 || lon_e7 > 1800000000 || lat_e7 < -900000000 || lat_e7 > 900000000) {
        jw_osm_note(
            store, JW_PROBLEM, "node", id,
            "lies outside of the earth (longitude beyond 180 or latitude beyond 90 degrees); skipped");
        return JW_OK;
    }
    if (store->node_count >= JW_OSM_NODES_MAX)
        return jw_fail(
            error, JW_ERROR_LIMIT, store->name, store->line,
            "the map has more than %d nodes; cut the city out of it first (osmium extract --bbox ...)",
            JW_OSM_NODES_MAX);
    jw_result result = jw_grow(&store->nodes, &store->node_capacity, (uint64_t)store->node_count + 1,
                               sizeof *store->nodes, error);
    if (result != JW_OK)
        return result;
    if (store->node_count > 0 && store->nodes[store->node_count - 1].id >= id)
        store->is_unsorted = true;
    store->nodes[store->node_count++] = (jw_osm_node){id, (int32_t)lon_e7, (int32_t)lat_e7};
    if (tags->count == 0)
        return JW_OK;
    uint8_t flags = jw_osm_node_flags(tags);
    if (flags) {
        result = jw_grow(&store->flagged, &store->flagged_capacity, (uint64_t)store->flagged_count + 1,
                         sizeof *store->flagged, error);
        if (result != JW_OK)
            return result;
        store->flagged[store->flagged_count++] = (jw_osm_flagged_node){id, flags};
    }
    jw_osm_place_item item = {JW_OSM_OWNER_NODE, 0, (int32_t)lon_e7, (int32_t)lat_e7, 0, 0};
    return take_place(store, item, tags, error);
}

static jw_result take_building(jw_osm_store *store, jw_osm_building_item item, uint32_t *out1,
                               jw_error *error)
{
    jw_result result = jw_grow(&store->buildings, &store->building_capacity,
                               (uint64_t)store->building_count + 1, sizeof item, error);
    if (result != JW_OK)
        return result;
    store->buildings[store->building_count++] = item;
    *out1 = store->building_count;
    return JW_OK;
}

static jw_result take_area(jw_osm_store *store, jw_osm_area_item item, const jw_osm_tags *tags,
                           uint32_t *out1, jw_error *error)
{
    jw_result result = add_name(store, tags, &item.area.name, error);
    if (result == JW_OK)
        result = jw_grow(&store->areas, &store->area_capacity, (uint64_t)store->area_count + 1, sizeof item,
                         error);
    if (result != JW_OK)
        return result;
    store->areas[store->area_count++] = item;
    *out1 = store->area_count;
    return JW_OK;
}

static jw_result take_road(jw_osm_store *store, uint32_t way, const jw_osm_tags *tags, jw_error *error)
{
    jw_osm_road_item item = {.way = way};
    const char *problem;
    if (!jw_osm_road(tags, &item.road, &item.is_reversed, &problem))
        return JW_OK;
    if (problem)
        jw_osm_note(store, JW_PROBLEM, "way", store->ways[way].id, problem);
    store->ways[way].is_road = 1;
    item.road.source_id = store->ways[way].id;
    jw_result result = add_name(store, tags, &item.road.name, error);
    if (result == JW_OK)
        result = jw_grow(&store->roads, &store->road_capacity, (uint64_t)store->road_count + 1, sizeof item,
                         error);
    if (result == JW_OK)
        store->roads[store->road_count++] = item;
    return result;
}

/* What the way is: a way may be several things at once. */
static jw_result take_meanings(jw_osm_store *store, uint32_t index, bool is_closed, const jw_osm_tags *tags,
                               jw_error *error)
{
    jw_osm_way *way = &store->ways[index];
    way->is_coast = jw_osm_tag_is(tags, "natural", "|coastline|");
    jw_result result = take_road(store, index, tags, error);
    jw_osm_line_item line = {.way = index};
    if (result == JW_OK && jw_osm_line(tags, is_closed, &line.line)) {
        result = jw_grow(&store->lines, &store->line_capacity, (uint64_t)store->line_count + 1, sizeof line,
                         error);
        if (result == JW_OK)
            store->lines[store->line_count++] = line;
    }
    jw_osm_building_item building = {.owner = JW_OSM_OWNER_WAY, .index = index};
    if (result == JW_OK && jw_osm_building(tags, &building.building)) {
        building.building.source_id = way->id;
        result = take_building(store, building, &way->building1, error);
    }
    jw_osm_area_item area = {.owner = JW_OSM_OWNER_WAY, .index = index};
    if (result == JW_OK && jw_osm_area(tags, &area.area))
        result = take_area(store, area, tags, &way->area1, error);
    if (result == JW_OK)
        result = take_place(store, (jw_osm_place_item){JW_OSM_OWNER_WAY, index, 0, 0, 0, 0}, tags, error);
    return result;
}

jw_result jw_osm_take_way(jw_osm_store *store, uint64_t id, const uint64_t *refs, uint32_t ref_count,
                          const jw_osm_tags *tags, jw_error *error)
{
    if (ref_count > JW_OSM_REFS_MAX) {
        jw_osm_note(store, JW_PROBLEM, "way", id, "has more than 65535 nodes; skipped");
        return JW_OK;
    }
    if (ref_count < 2) {
        jw_osm_note(store, JW_NOTE, "way", id, "has fewer than two nodes; skipped");
        return JW_OK;
    }
    if (jw_map_get(&store->way_of_id, id) != JW_NONE) {
        jw_osm_note(store, JW_PROBLEM, "way", id, "comes twice; the first one counts");
        return JW_OK;
    }
    if (store->way_count >= JW_OSM_WAYS_MAX)
        return jw_fail(
            error, JW_ERROR_LIMIT, store->name, store->line,
            "the map has more than %d ways; cut the city out of it first (osmium extract --bbox ...)",
            JW_OSM_WAYS_MAX);
    jw_result result = jw_grow(&store->refs, &store->ref_capacity, (uint64_t)store->ref_count + ref_count,
                               sizeof *refs, error);
    if (result == JW_OK)
        result = jw_grow(&store->ways, &store->way_capacity, (uint64_t)store->way_count + 1,
                         sizeof *store->ways, error);
    if (result != JW_OK)
        return result;
    uint32_t index = store->way_count;
    if (!jw_map_set(&store->way_of_id, id, index))
        return jw_fail_memory(error);
    memcpy(store->refs + store->ref_count, refs, ref_count * sizeof *refs);
    store->ways[store->way_count++] =
        (jw_osm_way){.id = id, .first_ref = store->ref_count, .ref_count = ref_count};
    store->ref_count += ref_count;
    if (tags->count == 0)
        return JW_OK;
    return take_meanings(store, index, refs[0] == refs[ref_count - 1], tags, error);
}

jw_result jw_osm_take_relation(jw_osm_store *store, uint64_t id, const jw_osm_member *members,
                               uint32_t member_count, const jw_osm_tags *tags, jw_error *error)
{
    jw_osm_relation relation = {.id = id, .member_count = member_count};
    if (jw_osm_tag_is(tags, "type", "|restriction|")) {
        relation.is_restriction = true;
        if (!jw_osm_restriction(tags, &relation.kind, &relation.turn))
            return JW_OK;
    } else if (!jw_osm_tag_is(tags, "type", "|multipolygon|")) {
        return JW_OK;
    }
    if (member_count > JW_OSM_MEMBERS_MAX) {
        jw_osm_note(store, JW_PROBLEM, "relation", id, "has more than 65535 members; skipped");
        return JW_OK;
    }
    uint32_t index = store->relation_count;
    jw_result result = JW_OK;
    if (!relation.is_restriction) {
        jw_osm_building_item building = {.owner = JW_OSM_OWNER_RELATION, .index = index};
        jw_osm_area_item area = {.owner = JW_OSM_OWNER_RELATION, .index = index};
        if (jw_osm_building(tags, &building.building)) {
            building.building.source_id = id;
            result = take_building(store, building, &relation.building1, error);
        } else if (jw_osm_area(tags, &area.area)) {
            result = take_area(store, area, tags, &relation.area1, error);
        } else if (tags->count > 1) {
            return JW_OK; /* a boundary or something else that is not drawn */
        }
        if (result == JW_OK)
            result =
                take_place(store, (jw_osm_place_item){JW_OSM_OWNER_RELATION, index, 0, 0, 0, 0}, tags, error);
    }
    if (result == JW_OK)
        result = jw_grow(&store->members, &store->member_capacity,
                         (uint64_t)store->member_count + member_count, sizeof *members, error);
    if (result == JW_OK)
        result = jw_grow(&store->relations, &store->relation_capacity, (uint64_t)store->relation_count + 1,
                         sizeof relation, error);
    if (result != JW_OK)
        return result;
    relation.first_member = store->member_count;
    if (member_count > 0)
        memcpy(store->members + store->member_count, members, member_count * sizeof *members);
    store->member_count += member_count;
    store->relations[store->relation_count++] = relation;
    return JW_OK;
}

void jw_osm_take_bounds(jw_osm_store *store, int64_t west_e7, int64_t south_e7, int64_t east_e7,
                        int64_t north_e7)
{
    if (west_e7 < -1800000000 || east_e7 > 1800000000 || south_e7 < -900000000 || north_e7 > 900000000 ||
        west_e7 >= east_e7 || south_e7 >= north_e7)
        return;
    bool is_first = !store->has_bounds;
    store->has_bounds = true;
    store->min_lon_e7 = (int32_t)(is_first || west_e7 < store->min_lon_e7 ? west_e7 : store->min_lon_e7);
    store->min_lat_e7 = (int32_t)(is_first || south_e7 < store->min_lat_e7 ? south_e7 : store->min_lat_e7);
    store->max_lon_e7 = (int32_t)(is_first || east_e7 > store->max_lon_e7 ? east_e7 : store->max_lon_e7);
    store->max_lat_e7 = (int32_t)(is_first || north_e7 > store->max_lat_e7 ? north_e7 : store->max_lat_e7);
}

/* ---- finishing ---- */

/* Stable merge sort by id, so that of repeated ids the first in the file stays first. */
static jw_result sort_nodes(jw_osm_store *store, jw_error *error)
{
    uint32_t count = store->node_count;
    jw_osm_node *from = store->nodes;
    jw_osm_node *to = jw_alloc((size_t)store->node_capacity * sizeof *to);
    if (!to)
        return jw_fail_memory(error);
    for (uint64_t width = 1; width < count; width *= 2) {
        for (uint64_t begin = 0; begin < count; begin += 2 * width) {
            uint64_t middle = begin + width < count ? begin + width : count;
            uint64_t end = begin + 2 * width < count ? begin + 2 * width : count;
            uint64_t a = begin, b = middle;
            for (uint64_t out = begin; out < end; out++)
                to[out] = b >= end || (a < middle && from[a].id <= from[b].id) ? from[a++] : from[b++];
        }
        jw_osm_node *swap = from;
        from = to;
        to = swap;
    }
    jw_free(to);
    store->nodes = from;
    return JW_OK;
}

uint32_t jw_osm_find_node(const jw_osm_store *store, uint64_t id, uint32_t hint)
{
    /* Nodes of a way mostly lie near each other: widen the search around the last one found. */
    uint32_t low = 0, high = store->node_count;
    if (hint < high) {
        if (store->nodes[hint].id == id)
            return hint;
        if (store->nodes[hint].id < id) {
            low = hint + 1;
            for (uint64_t step = 1; low + step < high; step *= 4) {
                if (store->nodes[low + step].id >= id) {
                    high = (uint32_t)(low + step + 1);
                    break;
                }
                low += (uint32_t)step;
            }
        } else {
            high = hint;
            for (uint64_t step = 1; step < high; step *= 4) {
                if (store->nodes[high - step].id <= id) {
                    low = (uint32_t)(high - step);
                    break;
                }
                high -= (uint32_t)step;
            }
        }
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (store->nodes[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < store->node_count && store->nodes[low].id == id ? low : JW_NONE;
}

static void drop_repeated_nodes(jw_osm_store *store)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < store->node_count; i++) {
        if (kept > 0 && store->nodes[kept - 1].id == store->nodes[i].id)
            jw_osm_note(store, JW_PROBLEM, "node", store->nodes[i].id, "comes twice; the first one counts");
        else
            store->nodes[kept++] = store->nodes[i];
    }
    store->node_count = kept;
}

jw_result jw_osm_store_finish(jw_osm_store *store, jw_error *error)
{
    store->line = 0;
    if (store->is_unsorted) {
        jw_result result = sort_nodes(store, error);
        if (result != JW_OK)
            return result;
        drop_repeated_nodes(store);
    }
    uint32_t hint = 0;
    for (uint32_t w = 0; w < store->way_count; w++) {
        jw_osm_way *way = &store->ways[w];
        for (uint32_t i = 0; i < way->ref_count; i++) {
            uint64_t *ref = &store->refs[way->first_ref + i];
            uint32_t node = jw_osm_find_node(store, *ref, hint);
            if (node == JW_NONE)
                way->is_missing_nodes = 1;
            else
                hint = node;
            *ref = node; /* JW_NONE stands for a missing one */
        }
    }
    return JW_OK;
}
