/* The surface of each junction: from the cut ends of its arms in the order of their angle, with rounded kerbs
 * between neighbours. */
#include "city/build.h"

#include <stdlib.h>

#define ARC_POINTS 4 /* within a rounded kerb */

typedef struct mouth {
    jw_vec2 right, left; /* corners, looking away from the junction */
    jw_vec2 middle, outward;
    double angle_rad, z_m;
    uint32_t end;
} mouth;

static int compare_mouths(const void *a, const void *b)
{
    const mouth *ma = a, *mb = b;
    if (ma->angle_rad != mb->angle_rad)
        return ma->angle_rad < mb->angle_rad ? -1 : 1;
    return ma->end < mb->end ? -1 : ma->end > mb->end;
}

static mouth mouth_of(const jw_build *build, uint32_t end)
{
    const jw_build_piece *piece = &build->pieces[end / 2];
    const jw_vec3 *line = build->line + piece->first_point;
    double s_m = end % 2 == 0 ? piece->cut_m[0] : piece->length_m - piece->cut_m[1];
    double heading_rad;
    jw_vec3 p = jw_polyline_at(line, piece->point_count, s_m, &heading_rad);
    jw_vec2 along = {jw_cos(heading_rad), jw_sin(heading_rad)};
    if (end % 2 == 1)
        along = jw_vec2_scale(along, -1.0);
    double half_m = jw_build_piece_width_m(piece) / 2;
    jw_vec2 left = {-along.y * half_m, along.x * half_m};
    mouth m = {.middle = {p.x, p.y}, .outward = along, .z_m = p.z, .end = end};
    m.left = jw_vec2_add(m.middle, left);
    m.right = jw_vec2_sub(m.middle, left);
    return m;
}

/* Where the kerb lines of two neighbours meet inside the junction; false: nowhere near. */
static bool find_corner(const mouth *a, const mouth *b, jw_vec2 *out)
{
    jw_vec2 da = jw_vec2_scale(a->outward, -1.0), db = jw_vec2_scale(b->outward, -1.0);
    double cross = jw_vec2_cross(da, db);
    if (jw_abs(cross) < 0.1)
        return false;
    jw_vec2 between = jw_vec2_sub(b->right, a->left);
    double t = jw_vec2_cross(between, db) / cross, u = jw_vec2_cross(between, da) / cross;
    if (t <= 0.0 || u <= 0.0 || t > 60.0 || u > 60.0)
        return false;
    *out = jw_vec2_add(a->left, jw_vec2_scale(da, t));
    return true;
}

static void add_point(jw_vec3 *out, uint32_t *count, jw_vec2 p, double z_m)
{
    out[(*count)++] = (jw_vec3){p.x, p.y, z_m};
}

/* A dead end's turning place: half a circle behind its mouth. */
static uint32_t outline_dead_end(const mouth *m, jw_vec3 *out)
{
    uint32_t count = 0;
    add_point(out, &count, m->right, m->z_m);
    jw_vec2 half = jw_vec2_sub(m->left, m->middle);
    double radius_m = jw_vec2_length(half);
    for (uint32_t i = 0; i <= 6; i++) {
        double angle_rad = JW_PI * i / 6.0;
        jw_vec2 across = jw_vec2_scale(half, jw_cos(angle_rad));
        jw_vec2 behind = jw_vec2_scale(m->outward, radius_m * jw_sin(angle_rad));
        add_point(out, &count, jw_vec2_add(m->middle, jw_vec2_sub(across, behind)), m->z_m);
    }
    return count - 1; /* the last is the first */
}

static uint32_t outline_mouths(const mouth *mouths, uint32_t count, jw_vec3 *out)
{
    uint32_t points = 0;
    for (uint32_t i = 0; i < count; i++) {
        const mouth *a = &mouths[i], *b = &mouths[(i + 1) % count];
        add_point(out, &points, a->right, a->z_m);
        add_point(out, &points, a->left, a->z_m);
        jw_vec2 corner;
        if (!find_corner(a, b, &corner))
            continue;
        for (uint32_t k = 1; k <= ARC_POINTS; k++) {
            double t = (double)k / (ARC_POINTS + 1);
            jw_vec2 first = jw_vec2_lerp(a->left, corner, t), second = jw_vec2_lerp(corner, b->right, t);
            add_point(out, &points, jw_vec2_lerp(first, second, t), a->z_m + (b->z_m - a->z_m) * t);
        }
    }
    return points;
}

static bool crosses_itself(const jw_vec3 *ring, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 2; k < count; k++) {
            if (i == 0 && k + 1 == count)
                continue; /* neighbours around the end */
            jw_vec3 a = ring[i], b = ring[i + 1], c = ring[k], d = ring[(k + 1) % count];
            if (jw_segments_cross((jw_vec2){a.x, a.y}, (jw_vec2){b.x, b.y}, (jw_vec2){c.x, c.y},
                                  (jw_vec2){d.x, d.y}, NULL, NULL))
                return true;
        }
    return false;
}

static int compare_points(const void *a, const void *b)
{
    const jw_vec3 *pa = a, *pb = b;
    if (pa->x != pb->x)
        return pa->x < pb->x ? -1 : 1;
    return pa->y < pb->y ? -1 : pa->y > pb->y;
}

/* Convex hull by monotone chains (Andrew 1979); out needs 2 * count places. */
static uint32_t convex_hull(jw_vec3 *points, uint32_t count, jw_vec3 *out)
{
    qsort(points, count, sizeof *points, compare_points);
    uint32_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        uint32_t floor = n + 1;
        for (uint32_t i = 0; i < count; i++) {
            jw_vec3 p = points[pass == 0 ? i : count - 1 - i];
            while (n > floor && (out[n - 1].x - out[n - 2].x) * (p.y - out[n - 2].y) -
                                        (out[n - 1].y - out[n - 2].y) * (p.x - out[n - 2].x) <=
                                    0.0)
                n--;
            out[n++] = p;
        }
        n--; /* the last is the first of the next pass */
    }
    return n;
}

/* All corners in the order of their own angle: where arms lie so close that their mouths overlap. */
static uint32_t outline_corners(mouth *mouths, uint32_t count, jw_vec2 centre, mouth *corners, jw_vec3 *out)
{
    uint32_t points = 0;
    for (uint32_t i = 0; i < 2 * count; i++) {
        const mouth *m = &mouths[i / 2];
        jw_vec2 corner = i % 2 == 0 ? m->right : m->left;
        jw_vec2 from = jw_vec2_sub(corner, centre);
        corners[i] =
            (mouth){.middle = corner, .z_m = m->z_m, .angle_rad = jw_atan2(from.y, from.x), .end = i};
    }
    qsort(corners, 2 * count, sizeof *corners, compare_mouths);
    for (uint32_t i = 0; i < 2 * count; i++)
        add_point(out, &points, corners[i].middle, corners[i].z_m);
    return points;
}

static bool is_sound(const jw_vec3 *ring, uint32_t count)
{
    return !crosses_itself(ring, count) && jw_ring_area_m2(ring, count) > 0.0;
}

static jw_result outline_junction(jw_build *build, uint32_t j, mouth *mouths, jw_vec3 *ring, jw_error *error)
{
    jw_junction *junction = &build->parts.junctions[j];
    uint32_t count = 0;
    jw_vec2 centre = {0, 0};
    for (uint32_t i = build->junction_first_end[j]; i < build->junction_first_end[j + 1]; i++) {
        uint32_t end = build->junction_ends[i];
        if (build->pieces[end / 2].is_internal)
            continue;
        mouths[count] = mouth_of(build, end);
        centre = jw_vec2_add(centre, mouths[count++].middle);
    }
    uint32_t points;
    if (count == 1) {
        if (build->pieces[mouths[0].end / 2].side[0].lanes == 0 ||
            build->pieces[mouths[0].end / 2].side[1].lanes == 0)
            return JW_OK;
        points = outline_dead_end(&mouths[0], ring);
    } else {
        centre = jw_vec2_scale(centre, 1.0 / count);
        for (uint32_t i = 0; i < count; i++) {
            jw_vec2 from = jw_vec2_sub(mouths[i].middle, centre);
            mouths[i].angle_rad = jw_atan2(from.y, from.x);
        }
        qsort(mouths, count, sizeof *mouths, compare_mouths);
        points = outline_mouths(mouths, count, ring);
        if (!is_sound(ring, points))
            points = outline_corners(mouths, count, centre, mouths + count, ring);
        if (!is_sound(ring, points)) {
            jw_vec3 *hull = ring + points;
            points = convex_hull(ring, points, hull);
            ring = hull;
        }
    }
    if (points < 3 || jw_ring_area_m2(ring, points) < 0.01)
        return JW_OK;
    junction->point_count = points;
    return jw_city_add_points(&build->parts, ring, points, &junction->first_point, error);
}

jw_result jw_build_outlines(jw_build *build, jw_error *error)
{
    uint32_t most = 1;
    for (uint32_t j = 0; j < build->parts.junction_count; j++) {
        uint32_t count = build->junction_first_end[j + 1] - build->junction_first_end[j];
        most = count > most ? count : most;
    }
    mouth *mouths = jw_build_take(build, 3 * (uint64_t)most, sizeof *mouths, error); /* and their corners */
    uint64_t ring_max = (uint64_t)most * (2 + ARC_POINTS) + 8;
    jw_vec3 *ring = jw_build_take(build, 3 * ring_max, sizeof *ring, error); /* the hull's room included */
    if (!mouths || !ring)
        return JW_ERROR_MEMORY;
    for (uint32_t j = 0; j < build->parts.junction_count; j++) {
        jw_result result = outline_junction(build, j, mouths, ring, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}
