/* The sea. OpenStreetMap draws no area for it, only its shore: ways natural=coastline with land on the left
 * and water on the right. Here the shore is joined, cut out at a box around the roads, and closed along the
 * box, clockwise, so that the water stays on the right. Rings of shore within the box are islands
 * (counter-clockwise) or inlets.
 *
 * Where the shore ends inside the map (an extract), the box ends there too. A sea that would drown the roads
 * is not believed and left out. */
#include "city/osm_internal.h"

#include <string.h>

#define PIECES_MAX 4096

typedef struct frame {
    double west, south, east, north; /* 1e-7 degrees */
} frame;

typedef struct shore_point {
    double x, y;   /* 1e-7 degrees */
    uint32_t node; /* JW_NONE: a point on the box */
} shore_point;

/* A run of shore within the box, from border to border. */
typedef struct piece {
    uint32_t first, count; /* into points */
    double begin_t, end_t; /* places on the border, see border_place */
    bool is_used;
} piece;

typedef struct chain {
    uint32_t first, count; /* into nodes */
    bool is_closed;
} chain;

typedef struct coast {
    jw_osm_store *store;
    frame box;
    uint32_t *nodes; /* of runs, then of chains */
    uint32_t node_count, node_capacity;
    chain *runs;
    uint32_t run_count, run_capacity;
    chain *chains;
    uint32_t chain_count, chain_capacity;
    shore_point *points;
    uint32_t point_count, point_capacity;
    piece *pieces;
    uint32_t piece_count, piece_capacity;
    jw_osm_rings *outer, *inner;
    uint32_t ring_first; /* ref where the ring that is being made begins */
} coast;

static shore_point point_of(const coast *c, uint32_t node)
{
    const jw_osm_node *n = &c->store->nodes[node];
    return (shore_point){n->lon_e7, n->lat_e7, node};
}

static bool is_in_box(const frame *box, shore_point p)
{
    return p.x >= box->west && p.x <= box->east && p.y >= box->south && p.y <= box->north;
}

static frame grow_frame(frame box, shore_point p)
{
    return (frame){jw_min(box.west, p.x), jw_min(box.south, p.y), jw_max(box.east, p.x),
                   jw_max(box.north, p.y)};
}

static const frame empty_frame = {1e99, 1e99, -1e99, -1e99};

/* The roads' extent and a tenth more, at least some 300 m. False: no roads. */
static bool road_box(coast *c)
{
    const jw_osm_store *store = c->store;
    frame box = empty_frame;
    for (uint32_t r = 0; r < store->road_count; r++) {
        const jw_osm_way *way = &store->ways[store->roads[r].way];
        for (uint32_t i = 0; i < way->ref_count; i++)
            if (store->refs[way->first_ref + i] != JW_NONE)
                box = grow_frame(box, point_of(c, (uint32_t)store->refs[way->first_ref + i]));
    }
    if (box.west > box.east)
        return false;
    double margin = jw_max(0.1 * jw_max(box.east - box.west, box.north - box.south), 30000);
    c->box = (frame){jw_max(box.west - margin, -1.8e9), jw_max(box.south - margin, -0.9e9),
                     jw_min(box.east + margin, 1.8e9), jw_min(box.north + margin, 0.9e9)};
    return true;
}

/* ---- ways to chains ---- */

static jw_result add_node(coast *c, uint32_t node, jw_error *error)
{
    jw_result result = jw_grow(&c->nodes, &c->node_capacity, (uint64_t)c->node_count + 1, sizeof node, error);
    if (result == JW_OK)
        c->nodes[c->node_count++] = node;
    return result;
}

/* Runs of nodes that are in the file, of every way of shore. */
static jw_result collect_runs(coast *c, jw_error *error)
{
    const jw_osm_store *store = c->store;
    for (uint32_t w = 0; w < store->way_count; w++) {
        const jw_osm_way *way = &store->ways[w];
        for (uint32_t i = 0; way->is_coast && i < way->ref_count;) {
            chain run = {.first = c->node_count};
            jw_result result = JW_OK;
            for (; result == JW_OK && i < way->ref_count && store->refs[way->first_ref + i] != JW_NONE; i++)
                result = add_node(c, (uint32_t)store->refs[way->first_ref + i], error);
            i++;
            run.count = c->node_count - run.first;
            if (result == JW_OK && run.count >= 2)
                result = jw_grow(&c->runs, &c->run_capacity, (uint64_t)c->run_count + 1, sizeof run, error);
            if (result != JW_OK)
                return result;
            if (run.count >= 2)
                c->runs[c->run_count++] = run;
        }
    }
    return JW_OK;
}

/* The chain from one run on; runs that were taken have count 0. */
static jw_result join_chain(coast *c, uint32_t run, const uint32_t *next, jw_error *error)
{
    chain joined = {.first = c->node_count};
    while (run != JW_NONE && c->runs[run].count > 0) {
        chain part = c->runs[run];
        c->runs[run].count = 0;
        for (uint32_t i = c->node_count > joined.first; i < part.count; i++) {
            jw_result result = add_node(c, c->nodes[part.first + i], error);
            if (result != JW_OK)
                return result;
        }
        run = next[run];
    }
    joined.count = c->node_count - joined.first;
    joined.is_closed = c->nodes[joined.first] == c->nodes[c->node_count - 1];
    jw_result result =
        jw_grow(&c->chains, &c->chain_capacity, (uint64_t)c->chain_count + 1, sizeof joined, error);
    if (result == JW_OK)
        c->chains[c->chain_count++] = joined;
    return result;
}

/* Runs are joined head to tail, never turned round: their direction tells land from water. */
static jw_result join_runs(coast *c, jw_error *error)
{
    jw_map run_from = {0};
    uint32_t *next = jw_alloc(c->run_count * sizeof *next);
    uint8_t *has_previous = jw_alloc(c->run_count);
    jw_result result = next && has_previous ? JW_OK : jw_fail_memory(error);
    for (uint32_t r = 0; result == JW_OK && r < c->run_count; r++)
        if (!jw_map_set(&run_from, c->nodes[c->runs[r].first], r))
            result = jw_fail_memory(error);
    for (uint32_t r = 0; result == JW_OK && r < c->run_count; r++) {
        next[r] = jw_map_get(&run_from, c->nodes[c->runs[r].first + c->runs[r].count - 1]);
        if (next[r] != JW_NONE && has_previous[next[r]])
            next[r] = JW_NONE;
        else if (next[r] != JW_NONE)
            has_previous[next[r]] = 1;
    }
    for (uint32_t r = 0; result == JW_OK && r < c->run_count; r++)
        if (!has_previous[r])
            result = join_chain(c, r, next, error);
    for (uint32_t r = 0; result == JW_OK && r < c->run_count; r++)
        if (c->runs[r].count > 0) /* loops */
            result = join_chain(c, r, next, error);
    jw_map_free(&run_from);
    jw_free(next);
    jw_free(has_previous);
    return result;
}

/* The box ends where the shore does: the side nearest to each loose end moves there. */
static void fit_box(coast *c)
{
    frame shore = empty_frame;
    for (uint32_t k = 0; k < c->chain_count; k++) {
        for (uint32_t i = 0; i < c->chains[k].count; i++) {
            shore_point p = point_of(c, c->nodes[c->chains[k].first + i]);
            if (is_in_box(&c->box, p))
                shore = grow_frame(shore, p);
        }
    }
    frame fitted = c->box;
    for (uint32_t k = 0; k < c->chain_count; k++) {
        const chain *ch = &c->chains[k];
        for (uint32_t e = 0; e < 2 && !ch->is_closed; e++) {
            shore_point p = point_of(c, c->nodes[ch->first + (e ? ch->count - 1 : 0)]);
            if (!is_in_box(&c->box, p))
                continue;
            double west = p.x - shore.west, east = shore.east - p.x, south = p.y - shore.south,
                   north = shore.north - p.y;
            double nearest = jw_min(jw_min(west, east), jw_min(south, north));
            if (nearest == west)
                fitted.west = shore.west;
            else if (nearest == east)
                fitted.east = shore.east;
            else if (nearest == south)
                fitted.south = shore.south;
            else
                fitted.north = shore.north;
        }
    }
    c->box = fitted;
}

/* ---- chains to pieces ---- */

static jw_result add_point(coast *c, shore_point p, jw_error *error)
{
    jw_result result = jw_grow(&c->points, &c->point_capacity, (uint64_t)c->point_count + 1, sizeof p, error);
    if (result == JW_OK)
        c->points[c->point_count++] = p;
    return result;
}

/* Clockwise from the north-west corner: 0 to 1 along the north, then east, south, west. */
static double border_place(const frame *box, shore_point p)
{
    double width = box->east - box->west, height = box->north - box->south;
    double west = p.x - box->west, east = box->east - p.x, south = p.y - box->south, north = box->north - p.y;
    double nearest = jw_min(jw_min(west, east), jw_min(south, north));
    return nearest == north   ? west / width
           : nearest == east  ? 1 + north / height
           : nearest == south ? 2 + east / width
                              : 3 + south / height;
}

static shore_point border_point(const frame *box, double t)
{
    double width = box->east - box->west, height = box->north - box->south;
    double x = t < 1   ? box->west + t * width
               : t < 2 ? box->east
               : t < 3 ? box->east - (t - 2) * width
                       : box->west;
    double y = t < 1   ? box->north
               : t < 2 ? box->north - (t - 1) * height
               : t < 3 ? box->south
                       : box->south + (t - 3) * height;
    return (shore_point){x, y, JW_NONE};
}

/* Ends of a piece that lie inside of the box are led straight to the nearest side. */
static jw_result finish_piece(coast *c, uint32_t first, jw_error *error)
{
    if (c->point_count - first < 2) {
        c->point_count = first;
        return JW_OK;
    }
    piece p = {.first = first};
    p.begin_t = border_place(&c->box, c->points[first]);
    p.end_t = border_place(&c->box, c->points[c->point_count - 1]);
    jw_result result = add_point(c, border_point(&c->box, p.end_t), error);
    p.count = c->point_count - first;
    if (result == JW_OK)
        result = jw_grow(&c->pieces, &c->piece_capacity, (uint64_t)c->piece_count + 1, sizeof p, error);
    if (result == JW_OK)
        c->pieces[c->piece_count++] = p;
    return result;
}

/* The part of a segment within the box (Liang and Barsky). */
static bool clip(const frame *box, shore_point a, shore_point b, double *out_from, double *out_to)
{
    const double p[4] = {a.x - b.x, b.x - a.x, a.y - b.y, b.y - a.y};
    const double q[4] = {a.x - box->west, box->east - a.x, a.y - box->south, box->north - a.y};
    *out_from = 0;
    *out_to = 1;
    for (int i = 0; i < 4; i++) {
        if (p[i] == 0 && q[i] < 0)
            return false;
        if (p[i] < 0)
            *out_from = jw_max(*out_from, q[i] / p[i]);
        else if (p[i] > 0)
            *out_to = jw_min(*out_to, q[i] / p[i]);
    }
    return *out_from < *out_to;
}

static shore_point between(shore_point a, shore_point b, double t)
{
    return (shore_point){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, JW_NONE};
}

/* `start`: the node to begin with, of a closed chain one outside of the box. */
static jw_result cut_chain(coast *c, const chain *ch, uint32_t start, jw_error *error)
{
    uint32_t first = c->point_count, count = ch->count - ch->is_closed;
    jw_result result = JW_OK;
    for (uint32_t i = 0; result == JW_OK && i + 1 < ch->count; i++) {
        shore_point a = point_of(c, c->nodes[ch->first + (start + i) % count]);
        shore_point b = point_of(c, c->nodes[ch->first + (ch->is_closed ? (start + i + 1) % count : i + 1)]);
        double from, to;
        if (!clip(&c->box, a, b, &from, &to))
            continue;
        if (c->point_count == first)
            result = add_point(c, from > 0 ? between(a, b, from) : a, error);
        if (result == JW_OK)
            result = add_point(c, to < 1 ? between(a, b, to) : b, error);
        if (result == JW_OK && to < 1) {
            result = finish_piece(c, first, error);
            first = c->point_count;
        }
    }
    return result == JW_OK ? finish_piece(c, first, error) : result;
}

static jw_result add_ring(const coast *c, const chain *ch, jw_osm_rings *rings, jw_error *error)
{
    uint32_t count = ch->count - 1;
    jw_result result = jw_grow(&rings->refs, &rings->ref_capacity, (uint64_t)rings->ref_count + count,
                               sizeof *rings->refs, error);
    if (result == JW_OK)
        result = jw_grow(&rings->sizes, &rings->size_capacity, (uint64_t)rings->size_count + 1, sizeof count,
                         error);
    if (result != JW_OK)
        return result;
    memcpy(rings->refs + rings->ref_count, c->nodes + ch->first, count * sizeof count);
    rings->ref_count += count;
    rings->sizes[rings->size_count++] = count;
    return JW_OK;
}

static jw_result take_chain(coast *c, const chain *ch, jw_error *error)
{
    uint32_t outside = JW_NONE;
    double area = 0;
    for (uint32_t i = 0; i + 1 < ch->count; i++) {
        shore_point a = point_of(c, c->nodes[ch->first + i]), b = point_of(c, c->nodes[ch->first + i + 1]);
        area += (a.x - c->box.west) * (b.y - c->box.south) - (b.x - c->box.west) * (a.y - c->box.south);
        if (outside == JW_NONE && !is_in_box(&c->box, a))
            outside = i;
    }
    if (!ch->is_closed)
        return cut_chain(c, ch, 0, error);
    if (outside != JW_NONE)
        return cut_chain(c, ch, outside, error);
    return ch->count < 4 ? JW_OK : add_ring(c, ch, area > 0 ? c->inner : c->outer, error);
}

/* ---- pieces to rings ---- */

static jw_result add_ref(coast *c, shore_point p, jw_error *error)
{
    jw_osm_store *store = c->store;
    jw_osm_rings *rings = c->outer;
    if (p.node == JW_NONE) {
        int32_t lon_e7 = (int32_t)jw_round(p.x), lat_e7 = (int32_t)jw_round(p.y);
        const jw_osm_node *last =
            rings->ref_count > c->ring_first ? &store->nodes[rings->refs[rings->ref_count - 1]] : NULL;
        if (last && last->lon_e7 == lon_e7 && last->lat_e7 == lat_e7)
            return JW_OK;
        jw_result result = jw_grow(&store->nodes, &store->node_capacity, (uint64_t)store->node_count + 1,
                                   sizeof *store->nodes, error);
        if (result != JW_OK)
            return result;
        p.node = store->node_count;
        /* The highest id keeps the nodes sorted. */
        store->nodes[store->node_count++] = (jw_osm_node){UINT64_MAX, lon_e7, lat_e7};
    }
    jw_result result =
        jw_grow(&rings->refs, &rings->ref_capacity, (uint64_t)rings->ref_count + 1, sizeof p.node, error);
    if (result == JW_OK)
        rings->refs[rings->ref_count++] = p.node;
    return result;
}

static double clockwise(double from_t, double to_t)
{
    return to_t >= from_t ? to_t - from_t : to_t - from_t + 4;
}

/* The corners passed on the way along the border. */
static jw_result add_corners(coast *c, double from_t, double way_t, jw_error *error)
{
    jw_result result = JW_OK;
    for (int corner = 1; corner <= 8 && result == JW_OK; corner++)
        if (corner > from_t && corner <= from_t + way_t)
            result = add_ref(c, border_point(&c->box, corner % 4), error);
    return result;
}

static jw_result close_ring(coast *c, uint32_t begin, jw_error *error)
{
    jw_osm_rings *rings = c->outer;
    c->ring_first = rings->ref_count;
    for (uint32_t at = begin;;) {
        piece *p = &c->pieces[at];
        p->is_used = true;
        jw_result result = add_ref(c, border_point(&c->box, p->begin_t), error);
        for (uint32_t i = 0; result == JW_OK && i < p->count; i++)
            result = add_ref(c, c->points[p->first + i], error);
        uint32_t next = begin;
        double way_t = clockwise(p->end_t, c->pieces[begin].begin_t);
        for (uint32_t k = 0; k < c->piece_count; k++) {
            double t = clockwise(p->end_t, c->pieces[k].begin_t);
            if (!c->pieces[k].is_used && t < way_t) {
                way_t = t;
                next = k;
            }
        }
        if (result == JW_OK)
            result = add_corners(c, p->end_t, way_t, error);
        if (result != JW_OK)
            return result;
        if (next == begin)
            break;
        at = next;
    }
    uint32_t size = rings->ref_count - c->ring_first;
    jw_result result =
        jw_grow(&rings->sizes, &rings->size_capacity, (uint64_t)rings->size_count + 1, sizeof size, error);
    if (result == JW_OK)
        rings->sizes[rings->size_count++] = size;
    return result;
}

/* Islands alone: all of the box around them is sea. */
static jw_result close_box(coast *c, jw_error *error)
{
    jw_result result = JW_OK;
    c->ring_first = c->outer->ref_count;
    for (int corner = 0; corner < 4 && result == JW_OK; corner++)
        result = add_ref(c, border_point(&c->box, corner), error);
    uint32_t size = 4;
    if (result == JW_OK)
        result = jw_grow(&c->outer->sizes, &c->outer->size_capacity, (uint64_t)c->outer->size_count + 1,
                         sizeof size, error);
    if (result == JW_OK)
        c->outer->sizes[c->outer->size_count++] = size;
    return result;
}

/* Middles of at most about a thousand roads: how many lie in the water? Bridges and causeways may. */
static bool drowns_roads(const coast *c)
{
    const jw_osm_store *store = c->store;
    uint32_t looked_at = 0, wet = 0;
    for (uint32_t r = 0; r < store->road_count; r += 1 + store->road_count / 1000) {
        const jw_osm_way *way = &store->ways[store->roads[r].way];
        uint64_t ref = store->refs[way->first_ref + way->ref_count / 2];
        if (ref == JW_NONE)
            continue;
        uint32_t depth = 0;
        for (int side = 0; side < 2; side++) {
            const jw_osm_rings *rings = side ? c->inner : c->outer;
            const uint32_t *refs = rings->refs;
            for (uint32_t i = 0; i < rings->size_count; refs += rings->sizes[i++])
                depth += jw_osm_ring_contains(store, refs, rings->sizes[i], &store->nodes[ref]);
        }
        looked_at++;
        wet += depth & 1;
    }
    return wet * 5 > looked_at;
}

static jw_result trace(coast *c, jw_error *error)
{
    if (!road_box(c))
        return JW_OK;
    jw_result result = collect_runs(c, error);
    if (result != JW_OK || c->run_count == 0)
        return result;
    result = join_runs(c, error);
    if (result != JW_OK)
        return result;
    fit_box(c);
    if (!(c->box.east > c->box.west && c->box.north > c->box.south))
        return JW_OK;
    for (uint32_t k = 0; result == JW_OK && k < c->chain_count; k++)
        result = take_chain(c, &c->chains[k], error);
    if (result == JW_OK && c->piece_count > PIECES_MAX) {
        jw_problems_add(c->store->problems, JW_WARNING, c->store->name, 0, "",
                        "the coastline is in too many pieces; the sea is left out");
        jw_osm_rings_clear(c->outer);
        jw_osm_rings_clear(c->inner);
        return JW_OK;
    }
    for (uint32_t k = 0; result == JW_OK && k < c->piece_count; k++)
        if (!c->pieces[k].is_used)
            result = close_ring(c, k, error);
    if (result == JW_OK && c->piece_count == 0 && c->inner->size_count > 0)
        result = close_box(c, error);
    if (result == JW_OK && drowns_roads(c)) {
        jw_problems_add(c->store->problems, JW_WARNING, c->store->name, 0, "",
                        "the coastline does not fit the roads (it is incomplete); the sea is left out");
        jw_osm_rings_clear(c->outer);
        jw_osm_rings_clear(c->inner);
    }
    return result;
}

jw_result jw_osm_trace_coast(jw_osm_store *store, jw_osm_rings *outer, jw_osm_rings *inner, jw_error *error)
{
    coast c = {.store = store, .outer = outer, .inner = inner};
    jw_result result = trace(&c, error);
    jw_free(c.nodes);
    jw_free(c.runs);
    jw_free(c.chains);
    jw_free(c.points);
    jw_free(c.pieces);
    return result;
}
