/* The finished store becomes a draft: roads first, so that the nodes of the network come first, then shapes;
 * only nodes in use are taken over. Then everything is projected about the middle of the roads. */
#include "city/osm_internal.h"

#include <string.h>

/* Shapes farther than this from the roads are not of this city (degrees x 1e7); it also keeps the projection
 * in its range. */
#define FAR_E7 50000000

/* A relation may name what others name too, but not over and over: joined references may be this many times
 * those of the file. */
#define JOINED_PER_REF 8

/* Pairs of outer ring and hole looked at in one relation. */
#define RING_PAIRS_MAX 4000000

typedef struct assembly {
    jw_osm_store *store;
    jw_draft *draft;
    uint32_t *number_of; /* node of the store -> node of the draft, JW_NONE: not in use */
    uint32_t *refs;      /* scratch: nodes of one road, line or shape */
    uint32_t ref_capacity;
    jw_osm_rings outer, inner; /* scratch */
    uint32_t *outer_of_inner;
    uint32_t outer_of_inner_capacity;
    uint32_t *sizes;
    uint32_t size_capacity;
    uint64_t joined_refs;
    int32_t min_lon_e7, min_lat_e7, max_lon_e7, max_lat_e7; /* of the roads */
} assembly;

/* Turns `count` store nodes in a->refs into draft nodes. */
static jw_result use_nodes(assembly *a, uint32_t count, jw_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = a->refs[i];
        if (a->number_of[node] == JW_NONE) {
            const jw_osm_node *from = &a->store->nodes[node];
            jw_draft_node to = {
                .lon_deg = from->lon_e7 / 1e7, .lat_deg = from->lat_e7 / 1e7, .source_id = from->id};
            jw_result result = jw_draft_add_node(a->draft, &to, &a->number_of[node], error);
            if (result != JW_OK)
                return result;
        }
        a->refs[i] = a->number_of[node];
    }
    return JW_OK;
}

static void reverse(uint32_t *items, uint32_t count)
{
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t swap = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = swap;
    }
}

/* ---- roads and lines ---- */

/* A piece of a way whose nodes are all in the file. */
typedef struct run {
    uint32_t next;                 /* where to look for the one after it */
    uint32_t count;                /* nodes, in a->refs; repeated ones are out */
    bool is_begin_cut, is_end_cut; /* the way goes on to nodes that are not in the file */
} run;

static jw_result take_run(assembly *a, const jw_osm_way *way, run *r, jw_error *error)
{
    const uint64_t *refs = a->store->refs + way->first_ref;
    uint32_t i = r->next, count = 0;
    jw_result result = jw_grow(&a->refs, &a->ref_capacity, way->ref_count, sizeof *a->refs, error);
    if (result != JW_OK)
        return result;
    while (i < way->ref_count && refs[i] == JW_NONE)
        i++;
    r->is_begin_cut = i > 0;
    for (; i < way->ref_count && refs[i] != JW_NONE; i++)
        if (count == 0 || a->refs[count - 1] != (uint32_t)refs[i])
            a->refs[count++] = (uint32_t)refs[i];
    r->is_end_cut = i < way->ref_count;
    r->next = i;
    r->count = count;
    return JW_OK;
}

static jw_result add_road(assembly *a, const jw_osm_road_item *item, jw_error *error)
{
    const jw_osm_way *way = &a->store->ways[item->way];
    if (way->is_missing_nodes)
        jw_osm_note(a->store, JW_NOTE, "way", way->id, "road with nodes that are not in the file; cut there");
    for (run r = {0}; r.next < way->ref_count;) {
        jw_result result = take_run(a, way, &r, error);
        if (result != JW_OK)
            return result;
        if (r.count < 2)
            continue;
        result = use_nodes(a, r.count, error);
        if (result != JW_OK)
            return result;
        a->draft->nodes[a->refs[0]].is_gate |= r.is_begin_cut;
        a->draft->nodes[a->refs[r.count - 1]].is_gate |= r.is_end_cut;
        if (item->is_reversed)
            reverse(a->refs, r.count);
        result = jw_draft_add_road(a->draft, &item->road, a->refs, r.count, NULL, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

static bool is_near(const assembly *a, const uint32_t *nodes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const jw_osm_node *node = &a->store->nodes[nodes[i]];
        if (node->lon_e7 < (int64_t)a->min_lon_e7 - FAR_E7 ||
            node->lon_e7 > (int64_t)a->max_lon_e7 + FAR_E7 ||
            node->lat_e7 < (int64_t)a->min_lat_e7 - FAR_E7 || node->lat_e7 > (int64_t)a->max_lat_e7 + FAR_E7)
            return false;
    }
    return true;
}

static const char far_message[] = "lies more than 5 degrees away from the roads; skipped";

static jw_result add_line(assembly *a, const jw_osm_line_item *item, jw_error *error)
{
    const jw_osm_way *way = &a->store->ways[item->way];
    for (run r = {0}; r.next < way->ref_count;) {
        jw_result result = take_run(a, way, &r, error);
        if (result != JW_OK)
            return result;
        if (r.count < 2)
            continue;
        if (!is_near(a, a->refs, r.count)) {
            jw_osm_note(a->store, JW_WARNING, "way", way->id, far_message);
            continue;
        }
        result = use_nodes(a, r.count, error);
        if (result == JW_OK)
            result = jw_draft_add_line(a->draft, &item->line, a->refs, r.count, NULL, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

/* Traffic comes in and out where the map ends: at roads cut by missing nodes (known already), at dead ends
 * outside of what the file says it covers (extracts with complete ways), and at dead ends of main roads,
 * which in the world go on. */
static jw_result mark_gates(assembly *a, jw_error *error)
{
    const jw_osm_store *store = a->store;
    const double margin_deg = 1e-4; /* about 10 m: clipped maps end on the border */
    uint8_t *uses = jw_alloc(a->draft->node_count);
    if (!uses)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < a->draft->ref_count; i++) {
        uint8_t *count = &uses[a->draft->refs[i]];
        *count = (uint8_t)(*count + (*count < 2));
    }
    double min_lon_deg = store->min_lon_e7 / 1e7 + margin_deg,
           max_lon_deg = store->max_lon_e7 / 1e7 - margin_deg;
    double min_lat_deg = store->min_lat_e7 / 1e7 + margin_deg,
           max_lat_deg = store->max_lat_e7 / 1e7 - margin_deg;
    for (uint32_t i = 0; i < a->draft->road_count; i++) {
        const jw_draft_road *road = &a->draft->roads[i];
        const uint32_t ends[2] = {a->draft->refs[road->first_ref],
                                  a->draft->refs[road->first_ref + road->ref_count - 1]};
        for (int e = 0; e < 2; e++) {
            jw_draft_node *node = &a->draft->nodes[ends[e]];
            bool is_outside =
                store->has_bounds && !(node->lon_deg > min_lon_deg && node->lon_deg < max_lon_deg &&
                                       node->lat_deg > min_lat_deg && node->lat_deg < max_lat_deg);
            bool is_main = road->road_class <= JW_ROAD_SECONDARY;
            node->is_gate |= uses[ends[e]] == 1 && (is_outside || is_main);
        }
    }
    jw_free(uses);
    return JW_OK;
}

static jw_result add_roads(assembly *a, jw_error *error)
{
    for (uint32_t i = 0; i < a->store->road_count; i++) {
        jw_result result = add_road(a, &a->store->roads[i], error);
        if (result != JW_OK)
            return result;
    }
    const jw_draft *draft = a->draft;
    if (draft->road_count == 0)
        return jw_fail(
            error, JW_ERROR_INPUT, a->store->name, 0,
            "the map holds no road for cars (highway=motorway ... service). Take an extract with streets, "
            "with their nodes (osmium extract, or \"(._;>;);\" in Overpass), or plan a city: jingwei plan");
    a->min_lon_e7 = a->min_lat_e7 = INT32_MAX;
    a->max_lon_e7 = a->max_lat_e7 = INT32_MIN;
    for (uint32_t i = 0; i < a->store->node_count; i++) {
        const jw_osm_node *node = &a->store->nodes[i];
        if (a->number_of[i] == JW_NONE)
            continue;
        a->min_lon_e7 = node->lon_e7 < a->min_lon_e7 ? node->lon_e7 : a->min_lon_e7;
        a->max_lon_e7 = node->lon_e7 > a->max_lon_e7 ? node->lon_e7 : a->max_lon_e7;
        a->min_lat_e7 = node->lat_e7 < a->min_lat_e7 ? node->lat_e7 : a->min_lat_e7;
        a->max_lat_e7 = node->lat_e7 > a->max_lat_e7 ? node->lat_e7 : a->max_lat_e7;
    }
    const double degree_m = 111e3;
    double lat_deg = (a->min_lat_e7 / 2 + a->max_lat_e7 / 2) / 1e7;
    double height_m = ((double)a->max_lat_e7 - a->min_lat_e7) / 1e7 * degree_m;
    double width_m = ((double)a->max_lon_e7 - a->min_lon_e7) / 1e7 * degree_m * jw_cos(lat_deg * JW_PI / 180);
    if (width_m > JW_OSM_EXTENT_MAX_M || height_m > JW_OSM_EXTENT_MAX_M)
        return jw_fail(
            error, JW_ERROR_LIMIT, a->store->name, 0,
            "the roads of the map span %.0f x %.0f km, at most %.0f; cut one city out of it (osmium extract "
            "--bbox ...)",
            width_m / 1e3, height_m / 1e3, JW_OSM_EXTENT_MAX_M / 1e3);
    return mark_gates(a, error);
}

/* ---- shapes ---- */

/* What a multipolygon says counts once: its outer ways' own equal meaning is dropped, and a multipolygon
 * without meaning (the way maps were drawn until 2017) takes that of its outer way. */
static void settle_owners(jw_osm_store *store)
{
    for (uint32_t r = 0; r < store->relation_count; r++) {
        const jw_osm_relation *relation = &store->relations[r];
        bool is_settled = relation->is_restriction;
        for (uint32_t i = 0; !is_settled && i < relation->member_count; i++) {
            const jw_osm_member *member = &store->members[relation->first_member + i];
            uint32_t index = member->type == JW_OSM_WAY && member->role == JW_OSM_ROLE_OUTER
                                 ? jw_map_get(&store->way_of_id, member->id)
                                 : JW_NONE;
            if (index == JW_NONE)
                continue;
            const jw_osm_way *way = &store->ways[index];
            jw_osm_building_item *building = way->building1 ? &store->buildings[way->building1 - 1] : NULL;
            jw_osm_area_item *area = way->area1 ? &store->areas[way->area1 - 1] : NULL;
            if (relation->building1 && building) {
                building->owner = JW_OSM_OWNER_NONE;
            } else if (relation->area1 && area &&
                       area->area.kind == store->areas[relation->area1 - 1].area.kind) {
                area->owner = JW_OSM_OWNER_NONE;
            } else if (!relation->building1 && !relation->area1) {
                if (building && building->owner == JW_OSM_OWNER_WAY) {
                    building->owner = JW_OSM_OWNER_RELATION;
                    building->index = r;
                    is_settled = true;
                } else if (area && area->owner == JW_OSM_OWNER_WAY) {
                    area->owner = JW_OSM_OWNER_RELATION;
                    area->index = r;
                    is_settled = true;
                }
            }
        }
    }
}

static jw_result match_holes(assembly *a, uint64_t relation_id, jw_error *error)
{
    if ((uint64_t)a->outer.size_count * a->inner.size_count > RING_PAIRS_MAX) {
        jw_osm_note(a->store, JW_WARNING, "relation", relation_id,
                    "multipolygon with too many rings; its holes are left out");
        jw_osm_rings_clear(&a->inner);
    }
    jw_result result = jw_grow(&a->outer_of_inner, &a->outer_of_inner_capacity, a->inner.size_count,
                               sizeof *a->outer_of_inner, error);
    if (result == JW_OK)
        result = jw_osm_match_holes(a->store, &a->outer, &a->inner, a->outer_of_inner, error);
    return result;
}

/* Rings of a way or relation into a->outer, a->inner; no outer ring: skipped, and why is noted. */
static jw_result take_rings(assembly *a, jw_osm_owner owner, uint32_t index, jw_error *error)
{
    jw_osm_store *store = a->store;
    jw_osm_rings_clear(&a->outer);
    jw_osm_rings_clear(&a->inner);
    if (owner == JW_OSM_OWNER_WAY) {
        const jw_osm_way *way = &store->ways[index];
        bool is_ok;
        jw_result result = jw_osm_way_ring(store, way, &a->outer, &is_ok, error);
        if (!is_ok && way->is_missing_nodes)
            jw_osm_note(store, JW_NOTE, "way", way->id, "area with nodes that are not in the file; skipped");
        else if (!is_ok)
            jw_osm_note(store, JW_WARNING, "way", way->id, "area that is not closed; skipped");
        return result;
    }
    uint32_t open_outer, open_inner;
    jw_result result = jw_osm_join_rings(store, index, JW_OSM_ROLE_OUTER, &a->outer, &open_outer, error);
    if (result == JW_OK)
        result = jw_osm_join_rings(store, index, JW_OSM_ROLE_INNER, &a->inner, &open_inner, error);
    if (result != JW_OK)
        return result;
    if (open_outer + open_inner > 0)
        jw_osm_note(store, JW_WARNING, "relation", store->relations[index].id,
                    "multipolygon with rings that do not close (ways missing from the file, mostly); those "
                    "are skipped");
    a->joined_refs += a->outer.ref_count + a->inner.ref_count;
    if (a->joined_refs > (uint64_t)store->ref_count * JOINED_PER_REF)
        return jw_fail(
            error, JW_ERROR_LIMIT, store->name, 0,
            "multipolygon relations name the same ways over and over (relation %lld); the file is damaged",
            (long long)store->relations[index].id);
    return match_holes(a, store->relations[index].id, error);
}

/* Outer ring number `o`, whose refs start at `refs`, with its holes as a shape of the draft. */
static jw_result add_shape(assembly *a, uint32_t o, const uint32_t *refs, jw_draft_shape *out,
                           jw_error *error)
{
    uint32_t ring_count = 1, total = a->outer.sizes[o];
    jw_result result =
        jw_grow(&a->refs, &a->ref_capacity, (uint64_t)total + a->inner.ref_count, sizeof *a->refs, error);
    if (result == JW_OK)
        result =
            jw_grow(&a->sizes, &a->size_capacity, 1 + (uint64_t)a->inner.size_count, sizeof *a->sizes, error);
    if (result != JW_OK)
        return result;
    memcpy(a->refs, refs, total * sizeof *refs);
    a->sizes[0] = total;
    const uint32_t *hole = a->inner.refs;
    for (uint32_t i = 0; i < a->inner.size_count; hole += a->inner.sizes[i++]) {
        if (a->outer_of_inner[i] != o)
            continue;
        memcpy(a->refs + total, hole, a->inner.sizes[i] * sizeof *hole);
        a->sizes[ring_count++] = a->inner.sizes[i];
        total += a->inner.sizes[i];
    }
    result = use_nodes(a, total, error);
    if (result == JW_OK)
        result = jw_draft_add_shape(a->draft, a->refs, a->sizes, ring_count, out, error);
    return result;
}

/* The sea traced into a->outer, a->inner. */
static jw_result add_sea(assembly *a, jw_error *error)
{
    jw_result result = match_holes(a, 0, error);
    const uint32_t *refs = a->outer.refs;
    for (uint32_t o = 0; result == JW_OK && o < a->outer.size_count; refs += a->outer.sizes[o++]) {
        jw_draft_area sea = {.kind = JW_AREA_WATER};
        result = add_shape(a, o, refs, &sea.shape, error);
        if (result == JW_OK)
            result = jw_draft_add_area(a->draft, &sea, error);
    }
    return result;
}

/* One building or area for each outer ring of the owner. */
static jw_result add_shapes(assembly *a, jw_osm_owner owner, uint32_t index,
                            const jw_draft_building *building, const jw_draft_area *area, jw_error *error)
{
    if (owner == JW_OSM_OWNER_NONE)
        return JW_OK;
    jw_result result = take_rings(a, owner, index, error);
    const uint32_t *refs = a->outer.refs;
    for (uint32_t o = 0; result == JW_OK && o < a->outer.size_count; refs += a->outer.sizes[o++]) {
        if (!is_near(a, refs, a->outer.sizes[o])) {
            bool is_way = owner == JW_OSM_OWNER_WAY;
            jw_osm_note(a->store, JW_WARNING, is_way ? "way" : "relation",
                        is_way ? a->store->ways[index].id : a->store->relations[index].id, far_message);
            continue;
        }
        jw_draft_shape shape;
        result = add_shape(a, o, refs, &shape, error);
        if (result == JW_OK && building) {
            jw_draft_building copy = *building;
            copy.shape = shape;
            result = jw_draft_add_building(a->draft, &copy, error);
        } else if (result == JW_OK) {
            jw_draft_area copy = *area;
            copy.shape = shape;
            result = jw_draft_add_area(a->draft, &copy, error);
        }
    }
    return result;
}

/* ---- restrictions and rules at nodes ---- */

static bool is_road(const jw_osm_store *store, const jw_osm_member *member)
{
    uint32_t way = member->type == JW_OSM_WAY ? jw_map_get(&store->way_of_id, member->id) : JW_NONE;
    return way != JW_NONE && store->ways[way].is_road;
}

static jw_result add_restriction(assembly *a, const jw_osm_relation *relation, jw_error *error)
{
    const jw_osm_member *members = a->store->members + relation->first_member;
    uint64_t from[16], to[16], via = 0;
    uint32_t from_count = 0, to_count = 0, via_count = 0, via_ways = 0;
    for (uint32_t i = 0; i < relation->member_count; i++) {
        const jw_osm_member *member = &members[i];
        if (member->role == JW_OSM_ROLE_FROM && from_count < JW_COUNT_OF(from) && is_road(a->store, member))
            from[from_count++] = member->id;
        if (member->role == JW_OSM_ROLE_TO && to_count < JW_COUNT_OF(to) && is_road(a->store, member))
            to[to_count++] = member->id;
        if (member->role == JW_OSM_ROLE_VIA && member->type == JW_OSM_NODE) {
            via = member->id;
            via_count++;
        }
        via_ways += member->role == JW_OSM_ROLE_VIA && member->type == JW_OSM_WAY;
    }
    if (from_count == 0 || to_count == 0)
        return JW_OK; /* roads that are not driven on here, or not in the file */
    if (via_ways > 0) {
        jw_osm_note(a->store, JW_NOTE, "relation", relation->id,
                    "turn restriction by way of another road is not kept; only those at one node are");
        return JW_OK;
    }
    if (via_count != 1) {
        jw_osm_note(a->store, JW_WARNING, "relation", relation->id,
                    "turn restriction that does not name one node (role via); skipped");
        return JW_OK;
    }
    for (uint32_t f = 0; f < from_count; f++) {
        for (uint32_t t = 0; t < to_count; t++) {
            jw_draft_restriction restriction = {.from_road_id = from[f],
                                                .to_road_id = to[t],
                                                .via_node_id = via,
                                                .kind = relation->kind,
                                                .turn = relation->turn};
            jw_result result = jw_draft_add_restriction(a->draft, &restriction, error);
            if (result != JW_OK)
                return result;
        }
    }
    return JW_OK;
}

static void apply_flags(assembly *a)
{
    uint32_t hint = 0;
    for (uint32_t i = 0; i < a->store->flagged_count; i++) {
        const jw_osm_flagged_node *flagged = &a->store->flagged[i];
        uint32_t node = jw_osm_find_node(a->store, flagged->id, hint);
        if (node == JW_NONE)
            continue;
        hint = node;
        if (a->number_of[node] == JW_NONE)
            continue;
        jw_draft_node *to = &a->draft->nodes[a->number_of[node]];
        to->has_signal |= (flagged->flags & JW_OSM_FLAG_SIGNAL) != 0;
        to->has_stop |= (flagged->flags & JW_OSM_FLAG_STOP) != 0;
        to->has_give_way |= (flagged->flags & JW_OSM_FLAG_GIVE_WAY) != 0;
        to->has_crossing |= (flagged->flags & JW_OSM_FLAG_CROSSING) != 0;
    }
}

/* ---- places and projection ---- */

/* Middle of the extent of a way, from 256 of its nodes at most. False: none of them is in the file. */
static bool middle_of_way(const jw_osm_store *store, uint32_t index, jw_osm_node *out)
{
    const jw_osm_way *way = &store->ways[index];
    jw_osm_node low = {0, INT32_MAX, INT32_MAX}, high = {0, INT32_MIN, INT32_MIN};
    for (uint32_t i = 0; i < way->ref_count; i += 1 + way->ref_count / 256) {
        uint64_t ref = store->refs[way->first_ref + i];
        if (ref == JW_NONE)
            continue;
        const jw_osm_node *node = &store->nodes[ref];
        low.lon_e7 = node->lon_e7 < low.lon_e7 ? node->lon_e7 : low.lon_e7;
        low.lat_e7 = node->lat_e7 < low.lat_e7 ? node->lat_e7 : low.lat_e7;
        high.lon_e7 = node->lon_e7 > high.lon_e7 ? node->lon_e7 : high.lon_e7;
        high.lat_e7 = node->lat_e7 > high.lat_e7 ? node->lat_e7 : high.lat_e7;
    }
    out->lon_e7 = (int32_t)(((int64_t)low.lon_e7 + high.lon_e7) / 2);
    out->lat_e7 = (int32_t)(((int64_t)low.lat_e7 + high.lat_e7) / 2);
    return low.lon_e7 <= high.lon_e7;
}

/* Where a place is; that of a relation lies in its first outer way. */
static bool locate_place(const jw_osm_store *store, const jw_osm_place_item *item, jw_osm_node *out)
{
    if (item->owner == JW_OSM_OWNER_NODE) {
        *out = (jw_osm_node){0, item->lon_e7, item->lat_e7};
        return true;
    }
    if (item->owner == JW_OSM_OWNER_WAY)
        return middle_of_way(store, item->index, out);
    const jw_osm_relation *relation = &store->relations[item->index];
    for (uint32_t i = 0; i < relation->member_count; i++) {
        const jw_osm_member *member = &store->members[relation->first_member + i];
        uint32_t way = member->type == JW_OSM_WAY && member->role == JW_OSM_ROLE_OUTER
                           ? jw_map_get(&store->way_of_id, member->id)
                           : JW_NONE;
        if (way != JW_NONE && middle_of_way(store, way, out))
            return true;
    }
    return false;
}

static jw_result add_places(assembly *a, const jw_projection *projection, jw_error *error)
{
    for (uint32_t i = 0; i < a->store->place_count; i++) {
        const jw_osm_place_item *item = &a->store->places[i];
        jw_osm_node at;
        if (!locate_place(a->store, item, &at) || at.lon_e7 < a->min_lon_e7 - FAR_E7 / 50 ||
            at.lon_e7 > a->max_lon_e7 + FAR_E7 / 50 || at.lat_e7 < a->min_lat_e7 - FAR_E7 / 50 ||
            at.lat_e7 > a->max_lat_e7 + FAR_E7 / 50)
            continue; /* more than a tenth of a degree outside of the roads: nobody could go there */
        double lon_deg = at.lon_e7 / 1e7, lat_deg = at.lat_e7 / 1e7, x_m, y_m;
        jw_result result = jw_projection_forward(projection, &lon_deg, &lat_deg, 1, &x_m, &y_m, error);
        if (result != JW_OK)
            return result;
        /* The name is in the draft already: the place takes its offset. */
        result = jw_draft_add_place(a->draft, item->kind, x_m, y_m, NULL, error);
        if (result != JW_OK)
            return result;
        a->draft->places[a->draft->place_count - 1].name = item->name;
    }
    return JW_OK;
}

static jw_result project(assembly *a, jw_error *error)
{
    jw_draft *draft = a->draft;
    draft->origin_lon_deg = (a->min_lon_e7 / 2 + a->max_lon_e7 / 2) / 1e7;
    draft->origin_lat_deg = (a->min_lat_e7 / 2 + a->max_lat_e7 / 2) / 1e7;
    jw_projection *projection;
    jw_result result = jw_projection_create(draft->origin_lon_deg, draft->origin_lat_deg, &projection, error);
    if (result != JW_OK)
        return result;
    enum { BLOCK = 4096 };
    double *block = jw_alloc(4 * BLOCK * sizeof *block);
    if (!block)
        result = jw_fail_memory(error);
    double *lon_deg = block, *lat_deg = block + BLOCK, *x_m = block + 2 * BLOCK, *y_m = block + 3 * BLOCK;
    for (uint32_t first = 0; result == JW_OK && first < draft->node_count; first += BLOCK) {
        uint32_t count = draft->node_count - first < BLOCK ? draft->node_count - first : BLOCK;
        for (uint32_t i = 0; i < count; i++) {
            lon_deg[i] = draft->nodes[first + i].lon_deg;
            lat_deg[i] = draft->nodes[first + i].lat_deg;
        }
        result = jw_projection_forward(projection, lon_deg, lat_deg, count, x_m, y_m, error);
        for (uint32_t i = 0; result == JW_OK && i < count; i++) {
            draft->nodes[first + i].x_m = x_m[i];
            draft->nodes[first + i].y_m = y_m[i];
        }
    }
    jw_free(block);
    draft->is_projected = true;
    if (result == JW_OK)
        result = add_places(a, projection, error);
    jw_projection_destroy(projection);
    return result;
}

/* ---- all together ---- */

/* For the ith step of a long loop: asks now and then whether the map is still wanted. */
static jw_result goes_on(assembly *a, uint32_t i, jw_error *error)
{
    return i % 4096 == 0 ? jw_source_report(a->store->source, JW_OSM_ASSEMBLING, "assembling the map", error)
                         : JW_OK;
}

static jw_result assemble(assembly *a, jw_error *error)
{
    jw_osm_store *store = a->store;
    jw_result result = jw_osm_trace_coast(store, &a->outer, &a->inner, error);
    if (result != JW_OK)
        return result;
    a->number_of = jw_alloc((store->node_count + (size_t)1) * sizeof *a->number_of);
    if (!a->number_of)
        return jw_fail_memory(error);
    memset(a->number_of, 0xff, store->node_count * sizeof *a->number_of);
    result = jw_osm_widen_divided(store, error);
    if (result == JW_OK)
        result = add_roads(a, error);
    if (result == JW_OK)
        result = add_sea(a, error);
    for (uint32_t i = 0; result == JW_OK && i < store->line_count; i++) {
        result = goes_on(a, i, error);
        if (result == JW_OK)
            result = add_line(a, &store->lines[i], error);
    }
    settle_owners(store);
    for (uint32_t i = 0; result == JW_OK && i < store->building_count; i++) {
        result = goes_on(a, i, error);
        if (result == JW_OK)
            result = add_shapes(a, store->buildings[i].owner, store->buildings[i].index,
                                &store->buildings[i].building, NULL, error);
    }
    for (uint32_t i = 0; result == JW_OK && i < store->area_count; i++) {
        result = goes_on(a, i, error);
        if (result == JW_OK)
            result = add_shapes(a, store->areas[i].owner, store->areas[i].index, NULL, &store->areas[i].area,
                                error);
    }
    for (uint32_t i = 0; result == JW_OK && i < store->relation_count; i++)
        if (store->relations[i].is_restriction)
            result = add_restriction(a, &store->relations[i], error);
    if (result != JW_OK)
        return result;
    apply_flags(a);
    return project(a, error);
}

jw_result jw_osm_assemble(jw_osm_store *store, jw_error *error)
{
    assembly a = {.store = store, .draft = store->draft};
    jw_result result = assemble(&a, error);
    jw_free(a.number_of);
    jw_free(a.refs);
    jw_osm_rings_free(&a.outer);
    jw_osm_rings_free(&a.inner);
    jw_free(a.outer_of_inner);
    jw_free(a.sizes);
    return result;
}
