/* Polygon operations through GEOS's reentrant interface: one context a call, so nothing is shared.
 *
 * Results are brought to one form that does not depend on the GEOS version: normalised order, millimetres,
 * outer rings counter-clockwise and holes clockwise, no repeated points. GEOS works in the plane: the height
 * of every result is that of the first point given. */
#include "geo/geo.h"

#include <geos_c.h>
#include <math.h>
#include <stdio.h>

#define QUADRANT_SEGMENTS 8 /* of a buffer's round corners: 2 % off a circle at most */

typedef struct session {
    GEOSContextHandle_t geos;
    char reason[200];
} session;

static void note_reason(const char *message, void *context)
{
    session *s = context;
    snprintf(s->reason, sizeof s->reason, "%s", message);
}

static jw_result begin(session *s, jw_error *error)
{
    *s = (session){.geos = GEOS_init_r()};
    if (!s->geos)
        return jw_fail_memory(error);
    GEOSContext_setErrorMessageHandler_r(s->geos, note_reason, s);
    return JW_OK;
}

static jw_result fail_geos(const session *s, const char *what, jw_error *error)
{
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s of a polygon failed: %s", what,
                   s->reason[0] ? s->reason : "GEOS gives no reason");
}

/* ---- in ------------------------------------------------------------------------------------------------ */

/* NULL with *out_is_flat set when the ring has fewer than three points (and so no area). */
static GEOSGeometry *make_ring(session *s, const jw_ring *ring, bool *out_is_flat)
{
    *out_is_flat = ring->count < 3;
    if (*out_is_flat)
        return NULL;
    const jw_vec3 *first = &ring->points[0], *last = &ring->points[ring->count - 1];
    bool is_closed = first->x == last->x && first->y == last->y;
    uint32_t size = ring->count + (is_closed ? 0 : 1);
    if (size < 4) {
        *out_is_flat = true;
        return NULL;
    }
    GEOSCoordSequence *sequence = GEOSCoordSeq_create_r(s->geos, size, 2);
    if (!sequence)
        return NULL;
    for (uint32_t i = 0; i < size; i++) {
        const jw_vec3 *p = &ring->points[i < ring->count ? i : 0];
        GEOSCoordSeq_setXY_r(s->geos, sequence, i, p->x, p->y);
    }
    return GEOSGeom_createLinearRing_r(s->geos, sequence);
}

/* A valid (multi)polygon; empty when the outer ring has no area. */
static jw_result make_polygon(session *s, const jw_ring *rings, uint32_t ring_count, GEOSGeometry **out,
                              jw_error *error)
{
    for (uint32_t r = 0; r < ring_count; r++)
        for (uint32_t i = 0; i < rings[r].count; i++)
            if (!isfinite(rings[r].points[i].x) || !isfinite(rings[r].points[i].y))
                return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "point %u of ring %u is not a number", i, r);
    bool is_flat = true;
    GEOSGeometry *shell = ring_count > 0 ? make_ring(s, &rings[0], &is_flat) : NULL;
    if (!shell) {
        *out = is_flat ? GEOSGeom_createEmptyPolygon_r(s->geos) : NULL;
        return *out ? JW_OK : fail_geos(s, "the outline", error);
    }
    GEOSGeometry **holes = jw_alloc(ring_count * sizeof *holes);
    uint32_t hole_count = 0;
    jw_result result = holes ? JW_OK : jw_fail_memory(error);
    for (uint32_t r = 1; r < ring_count && result == JW_OK; r++) {
        holes[hole_count] = make_ring(s, &rings[r], &is_flat);
        if (holes[hole_count])
            hole_count++;
        else if (!is_flat)
            result = fail_geos(s, "a hole", error);
    }
    if (result != JW_OK) {
        for (uint32_t h = 0; h < hole_count; h++)
            GEOSGeom_destroy_r(s->geos, holes[h]);
        GEOSGeom_destroy_r(s->geos, shell);
        jw_free(holes);
        return result;
    }
    GEOSGeometry *polygon = GEOSGeom_createPolygon_r(s->geos, shell, holes, hole_count);
    jw_free(holes);
    if (polygon && GEOSisValid_r(s->geos, polygon) != 1) {
        GEOSGeometry *repaired = GEOSMakeValid_r(s->geos, polygon);
        GEOSGeom_destroy_r(s->geos, polygon);
        polygon = repaired;
    }
    *out = polygon;
    return polygon ? JW_OK : fail_geos(s, "the outline", error);
}

/* ---- out ----------------------------------------------------------------------------------------------- */

static void reverse(jw_vec3 *points, uint32_t count)
{
    for (uint32_t i = 0; i < count / 2; i++) {
        jw_vec3 swapped = points[i];
        points[i] = points[count - 1 - i];
        points[count - 1 - i] = swapped;
    }
}

typedef struct output {
    jw_polygons *polygons;
    uint32_t point_capacity, ring_capacity, outer_capacity;
    double z_m;
} output;

/* Appends a ring; one that has no area left after rounding is dropped (*out_is_kept false). */
static jw_result take_ring(session *s, const GEOSGeometry *ring, bool is_outer, output *to, bool *out_is_kept,
                           jw_error *error)
{
    *out_is_kept = false;
    const GEOSCoordSequence *sequence = GEOSGeom_getCoordSeq_r(s->geos, ring);
    unsigned int size = 0;
    if (!sequence || !GEOSCoordSeq_getSize_r(s->geos, sequence, &size))
        return fail_geos(s, "reading the result", error);
    jw_polygons *p = to->polygons;
    if (jw_grow(&p->points, &to->point_capacity, (uint64_t)p->point_count + size, sizeof *p->points, error) ||
        jw_grow(&p->ring_first, &to->ring_capacity, p->ring_count + 2ull, sizeof *p->ring_first, error) ||
        jw_grow(&p->ring_is_outer, &to->outer_capacity, p->ring_count + 1ull, 1, error))
        return JW_ERROR_MEMORY;
    jw_vec3 *points = p->points + p->point_count;
    uint32_t count = 0;
    for (unsigned int i = 0; i + 1 < size; i++) { /* without the repeated last one */
        double x = 0.0, y = 0.0;
        GEOSCoordSeq_getXY_r(s->geos, sequence, i, &x, &y);
        jw_vec3 point = {jw_round_mm(x), jw_round_mm(y), to->z_m};
        if (count == 0 || point.x != points[count - 1].x || point.y != points[count - 1].y)
            points[count++] = point;
    }
    while (count > 1 && points[0].x == points[count - 1].x && points[0].y == points[count - 1].y)
        count--;
    double area_m2 = jw_ring_area_m2(points, count);
    if (area_m2 == 0.0)
        return JW_OK;
    if ((area_m2 > 0.0) != is_outer)
        reverse(points, count);
    p->point_count += count;
    p->ring_is_outer[p->ring_count++] = is_outer;
    p->ring_first[p->ring_count] = p->point_count;
    *out_is_kept = true;
    return JW_OK;
}

/* Polygons of a collection of anything; lines and points (where outlines only touched) are left out. */
static jw_result take_geometry(session *s, const GEOSGeometry *geometry, output *to, jw_error *error)
{
    if (GEOSisEmpty_r(s->geos, geometry))
        return JW_OK;
    int type = GEOSGeomTypeId_r(s->geos, geometry);
    if (type == GEOS_MULTIPOLYGON || type == GEOS_GEOMETRYCOLLECTION) {
        int count = GEOSGetNumGeometries_r(s->geos, geometry);
        for (int i = 0; i < count; i++) {
            jw_result result = take_geometry(s, GEOSGetGeometryN_r(s->geos, geometry, i), to, error);
            if (result != JW_OK)
                return result;
        }
        return JW_OK;
    }
    if (type != GEOS_POLYGON)
        return JW_OK;
    bool is_kept;
    jw_result result = take_ring(s, GEOSGetExteriorRing_r(s->geos, geometry), true, to, &is_kept, error);
    int holes = is_kept ? GEOSGetNumInteriorRings_r(s->geos, geometry) : 0;
    for (int h = 0; h < holes && result == JW_OK; h++)
        result = take_ring(s, GEOSGetInteriorRingN_r(s->geos, geometry, h), false, to, &is_kept, error);
    return result;
}

/* Takes the geometry over and ends the session; NULL means that the operation `what` failed. */
static jw_result finish(session *s, GEOSGeometry *geometry, const char *what, const jw_ring *like,
                        jw_polygons *out, jw_error *error)
{
    jw_result result = JW_OK;
    *out = (jw_polygons){0};
    if (!geometry || GEOSNormalize_r(s->geos, geometry) != 0) {
        result = fail_geos(s, what, error);
    } else {
        output to = {.polygons = out, .z_m = like && like->count ? like->points[0].z : 0.0};
        result = take_geometry(s, geometry, &to, error);
    }
    if (result != JW_OK)
        jw_polygons_free(out);
    GEOSGeom_destroy_r(s->geos, geometry);
    GEOS_finish_r(s->geos);
    return result;
}

void jw_polygons_free(jw_polygons *polygons)
{
    jw_free(polygons->points);
    jw_free(polygons->ring_first);
    jw_free(polygons->ring_is_outer);
    *polygons = (jw_polygons){0};
}

jw_result jw_polygon_make_valid(const jw_ring *rings, uint32_t ring_count, jw_polygons *out, jw_error *error)
{
    return jw_polygon_combine(JW_POLYGON_UNION, rings, ring_count, NULL, 0, out, error);
}

jw_result jw_polygon_buffer(const jw_ring *rings, uint32_t ring_count, double distance_m, jw_polygons *out,
                            jw_error *error)
{
    *out = (jw_polygons){0};
    if (!isfinite(distance_m))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a polygon cannot grow by %g m", distance_m);
    session s;
    jw_result result = begin(&s, error);
    if (result != JW_OK)
        return result;
    GEOSGeometry *polygon = NULL, *grown = NULL;
    result = make_polygon(&s, rings, ring_count, &polygon, error);
    if (result != JW_OK) {
        GEOS_finish_r(s.geos);
        return result;
    }
    grown = GEOSBuffer_r(s.geos, polygon, distance_m, QUADRANT_SEGMENTS);
    GEOSGeom_destroy_r(s.geos, polygon);
    return finish(&s, grown, "growing", rings, out, error);
}

jw_result jw_polygon_combine(jw_polygon_operation operation, const jw_ring *a, uint32_t a_count,
                             const jw_ring *b, uint32_t b_count, jw_polygons *out, jw_error *error)
{
    *out = (jw_polygons){0};
    session s;
    jw_result result = begin(&s, error);
    if (result != JW_OK)
        return result;
    GEOSGeometry *first = NULL, *second = NULL, *combined = NULL;
    result = make_polygon(&s, a, a_count, &first, error);
    if (result == JW_OK)
        result = make_polygon(&s, b, b_count, &second, error);
    if (result != JW_OK) {
        GEOSGeom_destroy_r(s.geos, first);
        GEOS_finish_r(s.geos);
        return result;
    }
    switch (operation) {
    case JW_POLYGON_UNION:
        combined = GEOSUnion_r(s.geos, first, second);
        break;
    case JW_POLYGON_DIFFERENCE:
        combined = GEOSDifference_r(s.geos, first, second);
        break;
    case JW_POLYGON_INTERSECTION:
        combined = GEOSIntersection_r(s.geos, first, second);
        break;
    }
    GEOSGeom_destroy_r(s.geos, first);
    GEOSGeom_destroy_r(s.geos, second);
    return finish(&s, combined, "combining", a_count ? a : b, out, error);
}
