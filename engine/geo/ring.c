/* Rings: area, centroid, containment. All relative to the first point, so that large coordinates cost no
 * digits. */
#include "geo/geo.h"

double jw_ring_area_m2(const jw_vec3 *points, uint32_t count)
{
    double twice_m2 = 0.0;
    for (uint32_t i = 1; i + 1 < count; i++) {
        jw_vec2 a = {points[i].x - points[0].x, points[i].y - points[0].y};
        jw_vec2 b = {points[i + 1].x - points[0].x, points[i + 1].y - points[0].y};
        twice_m2 += jw_vec2_cross(a, b);
    }
    return twice_m2 / 2.0;
}

jw_vec2 jw_ring_centroid(const jw_vec3 *points, uint32_t count)
{
    if (count == 0)
        return (jw_vec2){0.0, 0.0};
    jw_vec2 origin = {points[0].x, points[0].y};
    jw_vec2 moment = {0.0, 0.0}, sum = {0.0, 0.0};
    double twice_m2 = 0.0, extent = 0.0;
    for (uint32_t i = 1; i < count; i++) {
        jw_vec2 b = jw_vec2_sub((jw_vec2){points[i].x, points[i].y}, origin);
        jw_vec2 a = jw_vec2_sub((jw_vec2){points[i - 1].x, points[i - 1].y}, origin);
        double cross = jw_vec2_cross(a, b);
        twice_m2 += cross;
        moment = jw_vec2_add(moment, jw_vec2_scale(jw_vec2_add(a, b), cross));
        sum = jw_vec2_add(sum, b);
        extent = jw_max(extent, jw_max(jw_abs(b.x), jw_abs(b.y)));
    }
    /* A ring without area (a line, a point) has its corners' mean. */
    if (jw_abs(twice_m2) <= 1e-12 * extent * extent)
        return jw_vec2_add(origin, jw_vec2_scale(sum, 1.0 / count));
    return jw_vec2_add(origin, jw_vec2_scale(moment, 1.0 / (3.0 * twice_m2)));
}

bool jw_ring_contains(const jw_vec3 *points, uint32_t count, double x, double y)
{
    bool is_inside = false;
    for (uint32_t i = 0; i < count; i++) {
        const jw_vec3 *a = &points[i], *b = &points[i + 1 == count ? 0 : i + 1];
        if ((a->y > y) == (b->y > y))
            continue;
        double cross_x = a->x + (y - a->y) / (b->y - a->y) * (b->x - a->x);
        if (x < cross_x)
            is_inside = !is_inside;
    }
    return is_inside;
}
