/* Rings of areas: from one closed way, or joined from the ways of a multipolygon, which come in any order and
 * direction. Pieces are followed from end to end through a table of piece ends sorted by node. */
#include "city/osm_internal.h"

#include <stdlib.h>

void jw_osm_rings_free(jw_osm_rings *rings)
{
    jw_free(rings->refs);
    jw_free(rings->sizes);
    *rings = (jw_osm_rings){0};
}

void jw_osm_rings_clear(jw_osm_rings *rings)
{
    rings->ref_count = rings->size_count = 0;
}

static jw_result add_ref(jw_osm_rings *rings, uint32_t node, jw_error *error)
{
    jw_result result =
        jw_grow(&rings->refs, &rings->ref_capacity, (uint64_t)rings->ref_count + 1, sizeof node, error);
    if (result == JW_OK)
        rings->refs[rings->ref_count++] = node;
    return result;
}

/* Closes the ring begun at `first`: repeated nodes go; fewer than three left is no ring. */
static jw_result close_ring(jw_osm_rings *rings, uint32_t first, bool *out_ok, jw_error *error)
{
    uint32_t kept = first;
    for (uint32_t i = first; i < rings->ref_count; i++)
        if (kept == first || rings->refs[kept - 1] != rings->refs[i])
            rings->refs[kept++] = rings->refs[i];
    while (kept > first + 1 && rings->refs[kept - 1] == rings->refs[first])
        kept--;
    *out_ok = kept - first >= 3;
    rings->ref_count = *out_ok ? kept : first;
    if (!*out_ok)
        return JW_OK;
    jw_result result =
        jw_grow(&rings->sizes, &rings->size_capacity, (uint64_t)rings->size_count + 1, sizeof kept, error);
    if (result == JW_OK)
        rings->sizes[rings->size_count++] = kept - first;
    return result;
}

static uint32_t way_node(const jw_osm_store *store, const jw_osm_way *way, uint32_t i)
{
    return (uint32_t)store->refs[way->first_ref + i];
}

jw_result jw_osm_way_ring(const jw_osm_store *store, const jw_osm_way *way, jw_osm_rings *rings, bool *out_ok,
                          jw_error *error)
{
    *out_ok = false;
    if (way->is_missing_nodes || way_node(store, way, 0) != way_node(store, way, way->ref_count - 1))
        return JW_OK;
    uint32_t first = rings->ref_count;
    for (uint32_t i = 0; i < way->ref_count; i++) {
        jw_result result = add_ref(rings, way_node(store, way, i), error);
        if (result != JW_OK)
            return result;
    }
    return close_ring(rings, first, out_ok, error);
}

/* ---- joining ---- */

/* One end of one piece. In the table of ends the first entry of a node's group remembers how many of the
 * group are used up, so that many pieces at one node cost no more than few. */
typedef struct piece_end {
    uint32_t node, piece, skip;
} piece_end;

typedef struct joiner {
    const jw_osm_store *store;
    const jw_osm_way **pieces;
    uint8_t *is_used;
    uint32_t count;
    piece_end *ends; /* 2 * count, by (node, piece) */
} joiner;

static int compare_ends(const void *a, const void *b)
{
    const piece_end *x = a, *y = b;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    return x->piece < y->piece ? -1 : x->piece > y->piece;
}

/* An unused piece that ends at `node`, the earliest of the relation; JW_NONE when there is none. */
static uint32_t next_piece(joiner *join, uint32_t node)
{
    uint32_t low = 0, high = 2 * join->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (join->ends[middle].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    if (low >= 2 * join->count)
        return JW_NONE;
    piece_end *group = &join->ends[low];
    while (low + group->skip < 2 * join->count && group[group->skip].node == node) {
        uint32_t piece = group[group->skip].piece;
        if (!join->is_used[piece])
            return piece;
        group->skip++;
    }
    return JW_NONE;
}

/* Follows pieces from `piece` until the chain comes back to where it began. */
static jw_result follow(joiner *join, uint32_t piece, jw_osm_rings *rings, bool *out_closed, jw_error *error)
{
    uint32_t first = rings->ref_count;
    uint32_t start = way_node(join->store, join->pieces[piece], 0), at = start;
    *out_closed = false;
    while (piece != JW_NONE) {
        const jw_osm_way *way = join->pieces[piece];
        bool is_backward = way_node(join->store, way, 0) != at;
        join->is_used[piece] = 1;
        for (uint32_t i = 0; i < way->ref_count; i++) {
            at = way_node(join->store, way, is_backward ? way->ref_count - 1 - i : i);
            jw_result result = add_ref(rings, at, error);
            if (result != JW_OK)
                return result;
        }
        if (at == start)
            return close_ring(rings, first, out_closed, error);
        piece = next_piece(join, at);
    }
    rings->ref_count = first;
    return JW_OK;
}

static void collect_pieces(joiner *join, jw_osm_store *store, uint32_t number, jw_osm_role role,
                           uint32_t *out_open)
{
    const jw_osm_relation *relation = &store->relations[number];
    for (uint32_t i = 0; i < relation->member_count; i++) {
        const jw_osm_member *member = &store->members[relation->first_member + i];
        if (member->type != JW_OSM_WAY || member->role != role)
            continue;
        uint32_t index = jw_map_get(&store->way_of_id, member->id);
        if (index == JW_NONE || store->ways[index].is_missing_nodes) {
            ++*out_open;
            continue;
        }
        jw_osm_way *way = &store->ways[index];
        if (way->seen_by1 == number + 1)
            continue;
        way->seen_by1 = number + 1;
        uint32_t piece = join->count++;
        join->pieces[piece] = way;
        join->ends[2 * piece] = (piece_end){way_node(store, way, 0), piece, 0};
        join->ends[2 * piece + 1] = (piece_end){way_node(store, way, way->ref_count - 1), piece, 0};
    }
    qsort(join->ends, 2 * (size_t)join->count, sizeof *join->ends, compare_ends);
}

jw_result jw_osm_join_rings(jw_osm_store *store, uint32_t relation, jw_osm_role role, jw_osm_rings *rings,
                            uint32_t *out_open, jw_error *error)
{
    size_t most = store->relations[relation].member_count;
    *out_open = 0;
    if (most == 0)
        return JW_OK;
    joiner join = {.store = store,
                   .pieces = jw_alloc(most * sizeof *join.pieces),
                   .is_used = jw_alloc(most),
                   .ends = jw_alloc(2 * most * sizeof *join.ends)};
    jw_result result = JW_OK;
    if (!join.pieces || !join.is_used || !join.ends)
        result = jw_fail_memory(error);
    else
        collect_pieces(&join, store, relation, role, out_open);
    for (uint32_t piece = 0; result == JW_OK && piece < join.count; piece++) {
        if (join.is_used[piece])
            continue;
        bool is_closed;
        result = follow(&join, piece, rings, &is_closed, error);
        *out_open += !is_closed;
    }
    jw_free(join.pieces);
    jw_free(join.is_used);
    jw_free(join.ends);
    return result;
}

/* ---- holes ---- */

typedef struct extent {
    int32_t min_x, min_y, max_x, max_y;
} extent;

static extent extent_of(const jw_osm_store *store, const uint32_t *refs, uint32_t count)
{
    extent box = {INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
    for (uint32_t i = 0; i < count; i++) {
        const jw_osm_node *node = &store->nodes[refs[i]];
        box.min_x = node->lon_e7 < box.min_x ? node->lon_e7 : box.min_x;
        box.max_x = node->lon_e7 > box.max_x ? node->lon_e7 : box.max_x;
        box.min_y = node->lat_e7 < box.min_y ? node->lat_e7 : box.min_y;
        box.max_y = node->lat_e7 > box.max_y ? node->lat_e7 : box.max_y;
    }
    return box;
}

static bool is_inside(extent a, extent b)
{
    return a.min_x >= b.min_x && a.max_x <= b.max_x && a.min_y >= b.min_y && a.max_y <= b.max_y;
}

/* Even-odd rule. */
bool jw_osm_ring_contains(const jw_osm_store *store, const uint32_t *refs, uint32_t count,
                          const jw_osm_node *point)
{
    bool inside = false;
    const double x = point->lon_e7, y = point->lat_e7;
    for (uint32_t i = 0, j = count - 1; i < count; j = i++) {
        const jw_osm_node *a = &store->nodes[refs[i]], *b = &store->nodes[refs[j]];
        if ((a->lat_e7 > y) == (b->lat_e7 > y))
            continue;
        double ax = a->lon_e7, ay = a->lat_e7, bx = b->lon_e7, by = b->lat_e7;
        if (x < ax + (y - ay) / (by - ay) * (bx - ax))
            inside = !inside;
    }
    return inside;
}

jw_result jw_osm_match_holes(const jw_osm_store *store, const jw_osm_rings *outer, const jw_osm_rings *inner,
                             uint32_t *out_outer_of_inner, jw_error *error)
{
    extent *boxes = jw_alloc((outer->size_count + (size_t)1) * sizeof *boxes);
    if (!boxes)
        return jw_fail_memory(error);
    const uint32_t *refs = outer->refs;
    for (uint32_t o = 0; o < outer->size_count; refs += outer->sizes[o++])
        boxes[o] = extent_of(store, refs, outer->sizes[o]);
    const uint32_t *hole = inner->refs;
    for (uint32_t i = 0; i < inner->size_count; hole += inner->sizes[i++]) {
        extent box = extent_of(store, hole, inner->sizes[i]);
        uint32_t best = JW_NONE;
        refs = outer->refs;
        for (uint32_t o = 0; o < outer->size_count; refs += outer->sizes[o++]) {
            if (!is_inside(box, boxes[o]) || (best != JW_NONE && !is_inside(boxes[o], boxes[best])))
                continue;
            if (outer->size_count == 1 ||
                jw_osm_ring_contains(store, refs, outer->sizes[o], &store->nodes[hole[0]]))
                best = o;
        }
        out_outer_of_inner[i] = best;
    }
    jw_free(boxes);
    return JW_OK;
}
