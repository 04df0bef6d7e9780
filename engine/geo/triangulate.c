/* Triangles of polygons with holes by ear clipping.
 *
 * The rings become doubly linked lists; every hole is joined to the outside by a bridge (D. Eberly,
 * "Triangulation by ear clipping", 2002); then ears are cut until three corners are left. The corners lie in
 * a grid, so that looking for corners inside an ear costs little. Damaged outlines (crossing themselves) have
 * moments without an ear: the test is then weakened step by step, which ends always and leaves overlapping
 * triangles there. */
#include "geo/geo.h"

#include <math.h>
#include <stdlib.h>

#define MISS_LIMIT 64 /* after so many weakened cuts the outline is hopeless: every convex corner is cut */

typedef struct corner {
    double x, y;
    uint32_t index; /* into the concatenated points */
    uint32_t previous, next;
    uint32_t next_in_cell;
    bool is_gone;
} corner;

typedef struct clipper {
    corner *corners;
    uint32_t count;
    uint32_t *cells; /* first corner of each cell, or JW_NONE */
    uint32_t side;   /* cells along each axis */
    jw_box bounds;
    uint32_t *triangles;
    uint32_t triangle_count; /* indices written */
} clipper;

/* Twice the area of the triangle: > 0 when it turns left. */
static double turn(const corner *a, const corner *b, const corner *c)
{
    return (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
}

static bool is_same_place(const corner *a, const corner *b)
{
    return a->x == b->x && a->y == b->y;
}

static void unlink_corner(clipper *clip, uint32_t i)
{
    corner *c = &clip->corners[i];
    clip->corners[c->previous].next = c->next;
    clip->corners[c->next].previous = c->previous;
    c->is_gone = true;
}

/* Appends a ring as a list turning left (outer) or right (hole); repeated points are left out. Returns its
 * first corner, or JW_NONE when fewer than three remain. */
static uint32_t append_ring(clipper *clip, const jw_ring *ring, uint32_t first_index, bool is_outer)
{
    double area_m2 = jw_ring_area_m2(ring->points, ring->count);
    if (area_m2 == 0.0 || !isfinite(area_m2))
        return JW_NONE;
    bool is_reversed = (area_m2 > 0.0) != is_outer;
    uint32_t first = clip->count;
    for (uint32_t k = 0; k < ring->count; k++) {
        uint32_t i = is_reversed ? ring->count - 1 - k : k;
        corner c = {.x = ring->points[i].x, .y = ring->points[i].y, .index = first_index + i};
        if (clip->count > first && is_same_place(&c, &clip->corners[clip->count - 1]))
            continue;
        clip->corners[clip->count++] = c;
    }
    while (clip->count > first + 1 && is_same_place(&clip->corners[first], &clip->corners[clip->count - 1]))
        clip->count--;
    uint32_t size = clip->count - first;
    if (size < 3) {
        clip->count = first;
        return JW_NONE;
    }
    for (uint32_t k = 0; k < size; k++) {
        clip->corners[first + k].previous = first + (k == 0 ? size - 1 : k - 1);
        clip->corners[first + k].next = first + (k + 1 == size ? 0 : k + 1);
    }
    return first;
}

/* True when the way from corner a to the place of b starts inside the polygon. */
static bool starts_inside(const clipper *clip, const corner *a, const corner *b)
{
    const corner *previous = &clip->corners[a->previous], *next = &clip->corners[a->next];
    if (turn(previous, a, next) > 0.0)
        return turn(a, b, next) <= 0.0 && turn(a, previous, b) <= 0.0;
    return turn(a, b, next) < 0.0 || turn(a, previous, b) < 0.0;
}

static bool is_in_triangle(const corner *a, const corner *b, const corner *c, const corner *p, bool is_strict)
{
    double u = turn(a, b, p), v = turn(b, c, p), w = turn(c, a, p);
    return is_strict ? u > 0.0 && v > 0.0 && w > 0.0 : u >= 0.0 && v >= 0.0 && w >= 0.0;
}

/* Corner of the outer list that the hole's rightmost corner sees, or JW_NONE. */
static uint32_t find_bridge(const clipper *clip, uint32_t outer, uint32_t hole_corner)
{
    const corner *m = &clip->corners[hole_corner];
    double best_x = (double)INFINITY;
    uint32_t best = JW_NONE;
    uint32_t i = outer;
    do { /* the nearest edge to the right, going up: the polygon lies on its left */
        const corner *a = &clip->corners[i], *b = &clip->corners[a->next];
        if (a->y <= m->y && m->y <= b->y && a->y != b->y) {
            double x = a->x + (m->y - a->y) / (b->y - a->y) * (b->x - a->x);
            if (x >= m->x && x < best_x) {
                best_x = x;
                best = m->y == a->y ? i : m->y == b->y || b->x > a->x ? a->next : i;
            }
        }
        i = a->next;
    } while (i != outer);
    if (best == JW_NONE)
        return JW_NONE;
    /* A corner inside the triangle (m, hit, best) may hide `best`: take the one nearest to the ray. */
    corner hit = {.x = best_x, .y = m->y};
    corner target = clip->corners[best];
    bool is_above = target.y > m->y;
    double best_slope = (double)INFINITY, best_distance = (double)INFINITY;
    uint32_t chosen = best;
    i = outer;
    do {
        const corner *p = &clip->corners[i];
        bool is_inside = is_above ? is_in_triangle(m, &hit, &target, p, false)
                                  : is_in_triangle(m, &target, &hit, p, false);
        if (is_inside && p->x > m->x && starts_inside(clip, p, m)) {
            double slope = jw_abs(p->y - m->y) / (p->x - m->x);
            if (slope < best_slope || (slope == best_slope && p->x - m->x < best_distance)) {
                best_slope = slope;
                best_distance = p->x - m->x;
                chosen = i;
            }
        }
        i = p->next;
    } while (i != outer);
    return chosen;
}

/* outer: ... a -> a.next ...; hole: ... m.previous -> m ...  becomes  a -> m ... m.previous -> m' -> a' ->
 * ... */
static void join_hole(clipper *clip, uint32_t a, uint32_t m)
{
    uint32_t m2 = clip->count++, a2 = clip->count++;
    corner *corners = clip->corners;
    corners[m2] = corners[m];
    corners[a2] = corners[a];
    corners[corners[m].previous].next = m2;
    corners[m2].next = a2;
    corners[a2].previous = m2;
    corners[corners[a2].next].previous = a2;
    corners[a].next = m;
    corners[m].previous = a;
}

typedef struct hole_start {
    double x;
    uint32_t corner;
} hole_start;

static int compare_holes(const void *a, const void *b)
{
    const hole_start *p = a, *q = b;
    if (p->x != q->x)
        return p->x > q->x ? -1 : 1;
    return p->corner < q->corner ? -1 : 1;
}

static uint32_t rightmost(const clipper *clip, uint32_t first)
{
    uint32_t best = first;
    for (uint32_t i = clip->corners[first].next; i != first; i = clip->corners[i].next) {
        const corner *c = &clip->corners[i], *b = &clip->corners[best];
        if (c->x > b->x || (c->x == b->x && c->y < b->y))
            best = i;
    }
    return best;
}

static uint32_t cell_of(const clipper *clip, double x, double y)
{
    double width = clip->bounds.max_x - clip->bounds.min_x, height = clip->bounds.max_y - clip->bounds.min_y;
    double side = (double)clip->side;
    double column = width > 0.0 ? (x - clip->bounds.min_x) / width * side : 0.0;
    double row = height > 0.0 ? (y - clip->bounds.min_y) / height * side : 0.0;
    uint32_t c = (uint32_t)jw_clamp(column, 0.0, side - 1.0), r = (uint32_t)jw_clamp(row, 0.0, side - 1.0);
    return r * clip->side + c;
}

static void fill_cells(clipper *clip)
{
    for (uint32_t i = 0; i < clip->side * clip->side; i++)
        clip->cells[i] = JW_NONE;
    for (uint32_t i = clip->count; i-- > 0;) {
        corner *c = &clip->corners[i];
        uint32_t cell = cell_of(clip, c->x, c->y);
        c->next_in_cell = clip->cells[cell];
        clip->cells[cell] = i;
    }
}

/* level 0: no corner may touch the triangle but at its own corners' places; 1: none may lie inside; 2: any
 * convex corner will do. */
static bool is_ear(const clipper *clip, uint32_t i, int level)
{
    const corner *b = &clip->corners[i], *a = &clip->corners[b->previous], *c = &clip->corners[b->next];
    if (turn(a, b, c) <= 0.0)
        return false;
    if (level >= 2)
        return true;
    uint32_t low = cell_of(clip, jw_min(a->x, jw_min(b->x, c->x)), jw_min(a->y, jw_min(b->y, c->y)));
    uint32_t high = cell_of(clip, jw_max(a->x, jw_max(b->x, c->x)), jw_max(a->y, jw_max(b->y, c->y)));
    for (uint32_t row = low / clip->side; row <= high / clip->side; row++)
        for (uint32_t column = low % clip->side; column <= high % clip->side; column++)
            for (uint32_t k = clip->cells[row * clip->side + column]; k != JW_NONE;
                 k = clip->corners[k].next_in_cell) {
                const corner *p = &clip->corners[k];
                if (p->is_gone || is_same_place(p, a) || is_same_place(p, b) || is_same_place(p, c))
                    continue;
                /* Only a corner that does not turn left can be the first to get in. */
                if (is_in_triangle(a, b, c, p, level == 1) &&
                    turn(&clip->corners[p->previous], p, &clip->corners[p->next]) <= 0.0)
                    return false;
            }
    return true;
}

static void clip_ears(clipper *clip, uint32_t start, uint32_t left)
{
    uint32_t i = start;
    uint32_t tried = 0, misses = 0;
    int level = 0;
    while (left >= 3) {
        corner *b = &clip->corners[i];
        const corner *a = &clip->corners[b->previous], *c = &clip->corners[b->next];
        uint32_t next = b->next;
        bool is_flat = turn(a, b, c) == 0.0; /* and repeated points: dropped without a triangle */
        if (is_flat || is_ear(clip, i, level)) {
            if (!is_flat) {
                clip->triangles[clip->triangle_count++] = a->index;
                clip->triangles[clip->triangle_count++] = b->index;
                clip->triangles[clip->triangle_count++] = c->index;
                next = c->next; /* skipping one gives rounder triangles than a fan */
            }
            unlink_corner(clip, i);
            left--;
            tried = 0;
            level = misses < MISS_LIMIT ? 0 : 2;
        } else if (++tried >= left) {
            if (level == 2)
                return; /* nothing turns left any more: what is left has no area inside */
            level++;
            misses++;
            tried = 0;
        }
        i = next;
    }
}

static jw_result join_rings(clipper *clip, const jw_ring *rings, uint32_t ring_count, uint32_t *out_outer,
                            jw_error *error)
{
    *out_outer = append_ring(clip, &rings[0], 0, true);
    if (*out_outer == JW_NONE || ring_count == 1)
        return JW_OK;
    hole_start *holes = jw_alloc(ring_count * sizeof *holes);
    if (!holes)
        return jw_fail_memory(error);
    uint32_t hole_count = 0;
    uint32_t first_index = rings[0].count;
    for (uint32_t r = 1; r < ring_count; r++) {
        uint32_t first = append_ring(clip, &rings[r], first_index, false);
        first_index += rings[r].count;
        if (first == JW_NONE)
            continue;
        uint32_t corner_number = rightmost(clip, first);
        holes[hole_count++] = (hole_start){clip->corners[corner_number].x, corner_number};
    }
    qsort(holes, hole_count, sizeof *holes, compare_holes);
    for (uint32_t h = 0; h < hole_count; h++) {
        uint32_t bridge = find_bridge(clip, *out_outer, holes[h].corner);
        if (bridge != JW_NONE) /* else the hole lies outside: there is nothing to cut it from */
            join_hole(clip, bridge, holes[h].corner);
    }
    jw_free(holes);
    return JW_OK;
}

jw_result jw_polygon_triangulate(const jw_ring *rings, uint32_t ring_count, uint32_t **out_indices,
                                 uint32_t *out_count, jw_error *error)
{
    *out_indices = NULL;
    *out_count = 0;
    uint64_t point_count = 0;
    for (uint32_t r = 0; r < ring_count; r++)
        point_count += rings[r].count;
    if (ring_count == 0 || rings[0].count < 3)
        return JW_OK;
    uint64_t corner_limit = point_count + 2ull * ring_count;
    if (corner_limit > 100000000)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "a polygon of %llu points is too large to draw",
                       (unsigned long long)point_count);
    clipper clip = {.bounds = jw_box_empty(), .side = 1};
    while ((uint64_t)clip.side * clip.side * 4 < corner_limit)
        clip.side++;
    clip.corners = jw_alloc(corner_limit * sizeof *clip.corners);
    clip.cells = jw_alloc((size_t)clip.side * clip.side * sizeof *clip.cells);
    clip.triangles = jw_alloc(3 * corner_limit * sizeof *clip.triangles);
    jw_result result = JW_OK;
    if (!clip.corners || !clip.cells || !clip.triangles) {
        result = jw_fail_memory(error);
        goto done;
    }
    for (uint32_t r = 0; r < ring_count; r++)
        for (uint32_t i = 0; i < rings[r].count; i++) {
            if (!isfinite(rings[r].points[i].x) || !isfinite(rings[r].points[i].y)) {
                result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "point %u of ring %u is not a number", i, r);
                goto done;
            }
            clip.bounds = jw_box_extend(clip.bounds, rings[r].points[i].x, rings[r].points[i].y);
        }
    uint32_t outer;
    result = join_rings(&clip, rings, ring_count, &outer, error);
    if (result != JW_OK || outer == JW_NONE)
        goto done;
    fill_cells(&clip);
    uint32_t left = 1;
    for (uint32_t i = clip.corners[outer].next; i != outer; i = clip.corners[i].next)
        left++;
    clip_ears(&clip, outer, left);
    if (clip.triangle_count > 0) {
        *out_indices = clip.triangles;
        *out_count = clip.triangle_count;
        clip.triangles = NULL;
    }
done:
    jw_free(clip.corners);
    jw_free(clip.cells);
    jw_free(clip.triangles);
    return result;
}
