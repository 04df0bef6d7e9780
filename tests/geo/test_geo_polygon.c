#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "geo/geo.h"

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static const jw_vec3 square[] = {{0, 0, 0}, {10, 0, 0}, {10, 10, 0}, {0, 10, 0}};

static void test_ring_measures(void **state)
{
    (void)state;
    const jw_vec3 clockwise[] = {{0, 10, 0}, {10, 10, 0}, {10, 0, 0}, {0, 0, 0}};
    assert_near(jw_ring_area_m2(square, 4), 100.0, 1e-12);
    assert_near(jw_ring_area_m2(clockwise, 4), -100.0, 1e-12);
    /* An L of 10 x 10 without its upper right quarter: centroid (25*2.5 + 50*5) / 75. */
    const jw_vec3 ell[] = {{1e6, 0, 0},     {1e6 + 10, 0, 0}, {1e6 + 10, 5, 0},
                           {1e6 + 5, 5, 0}, {1e6 + 5, 10, 0}, {1e6, 10, 0}};
    assert_near(jw_ring_area_m2(ell, 6), 75.0, 1e-9);
    jw_vec2 c = jw_ring_centroid(ell, 6);
    assert_near(c.x - 1e6, (50.0 * 5.0 + 25.0 * 2.5) / 75.0, 1e-9);
    assert_near(c.y, (50.0 * 2.5 + 25.0 * 7.5) / 75.0, 1e-9);
    assert_true(jw_ring_contains(ell, 6, 1e6 + 2, 8));
    assert_false(jw_ring_contains(ell, 6, 1e6 + 8, 8));
    const jw_vec3 line[] = {{1, 1, 0}, {3, 1, 0}, {1, 1, 0}};
    c = jw_ring_centroid(line, 2);
    assert_near(c.x, 2.0, 1e-12);
    assert_near(jw_ring_area_m2(line, 3), 0.0, 0.0);
}

/* ---- triangulation ------------------------------------------------------------------------------------- */

static const jw_vec3 *point_of(const jw_ring *rings, uint32_t ring_count, uint32_t index)
{
    for (uint32_t r = 0; r < ring_count; r++) {
        if (index < rings[r].count)
            return &rings[r].points[index];
        index -= rings[r].count;
    }
    fail_msg("an index past the last point");
    return NULL;
}

/* Sum of the areas of the triangles, each of which must turn left. */
static double triangulated_area(const jw_ring *rings, uint32_t ring_count, uint32_t *out_triangles)
{
    uint32_t *indices = NULL, count = 0;
    assert_int_equal(jw_polygon_triangulate(rings, ring_count, &indices, &count, NULL), JW_OK);
    assert_int_equal(count % 3, 0);
    double area = 0.0;
    for (uint32_t i = 0; i < count; i += 3) {
        const jw_vec3 *a = point_of(rings, ring_count, indices[i]),
                      *b = point_of(rings, ring_count, indices[i + 1]),
                      *c = point_of(rings, ring_count, indices[i + 2]);
        double twice = (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
        assert_true(twice > 0.0);
        area += twice / 2.0;
    }
    jw_free(indices);
    if (out_triangles)
        *out_triangles = count / 3;
    return area;
}

static double rings_area(const jw_ring *rings, uint32_t ring_count)
{
    double area = fabs(jw_ring_area_m2(rings[0].points, rings[0].count));
    for (uint32_t r = 1; r < ring_count; r++)
        area -= fabs(jw_ring_area_m2(rings[r].points, rings[r].count));
    return area;
}

static void test_triangles_of_simple_shapes(void **state)
{
    (void)state;
    jw_ring ring = {square, 4};
    uint32_t triangles;
    assert_near(triangulated_area(&ring, 1, &triangles), 100.0, 1e-9);
    assert_int_equal(triangles, 2);
    const jw_vec3 hole[] = {{2, 2, 0}, {4, 2, 0}, {4, 4, 0}, {2, 4, 0}};
    const jw_vec3 hole2[] = {{4, 4, 0}, {6, 6, 0}, {4, 6, 0}}; /* touches the first hole */
    const jw_vec3 hole3[] = {{8, 0, 0}, {9, 3, 0}, {8, 3, 0}}; /* touches the outside */
    const jw_ring rings[] = {{square, 4}, {hole, 4}, {hole2, 3}, {hole3, 3}};
    assert_near(triangulated_area(rings, 2, &triangles), 96.0, 1e-9);
    assert_int_equal(triangles, 8);
    assert_near(triangulated_area(rings, 3, NULL), 94.0, 1e-9);
    assert_near(triangulated_area(rings, 4, NULL), 92.5, 1e-9);
}

static void test_triangles_of_random_stars(void **state)
{
    (void)state;
    static jw_vec3 points[5000], holes[64][12];
    jw_ring rings[65];
    jw_random_key key = {9, 10};
    for (uint32_t n = 0; n < 200; n++) {
        uint32_t count = 3 + (uint32_t)(jw_random_uniform(key, n, 1) * (n % 20 == 0 ? 4990 : 200));
        for (uint32_t i = 0; i < count; i++) {
            double angle = JW_TAU * i / count, r = 100.0 + 100.0 * jw_random_uniform(key, n, 10 + i);
            points[i] = (jw_vec3){jw_round_mm(r * cos(angle)), jw_round_mm(r * sin(angle)), 0};
        }
        rings[0] = (jw_ring){points, count};
        uint32_t hole_count = 0;
        /* Holes on a lattice inside the inner circle, some at equal x. */
        double inner = 100.0 * cos(JW_PI / count);
        for (int gx = -4; gx <= 4 && count > 8; gx++)
            for (int gy = -3; gy <= 3; gy++) {
                if (hypot(gx * 20.0, gy * 20.0) + 10.0 > inner || hole_count == 60)
                    continue;
                uint32_t size = 3 + (uint32_t)(jw_random_uniform(key, n, 20000 + hole_count) * 9);
                for (uint32_t i = 0; i < size; i++) {
                    double angle = JW_TAU * i / size * (n % 2 ? 1 : -1);
                    double r = 3.0 + 6.0 * jw_random_uniform(key, n, 30000 + hole_count * 16 + i);
                    holes[hole_count][i] =
                        (jw_vec3){gx * 20.0 + r * cos(angle), gy * 20.0 + r * sin(angle), 0};
                }
                rings[1 + hole_count] = (jw_ring){holes[hole_count], size};
                hole_count++;
            }
        double area = rings_area(rings, 1 + hole_count);
        uint32_t triangles;
        assert_near(triangulated_area(rings, 1 + hole_count, &triangles), area, 1e-6 * area);
        uint32_t corners = 0;
        for (uint32_t r = 0; r < 1 + hole_count; r++)
            corners += rings[r].count;
        assert_true(triangles <= corners + 2 * hole_count - 2);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_triangles_of_bad_rings(void **state)
{
    (void)state;
    /* Repeated and collinear points, a spike, a closed ring that repeats its first point. */
    const jw_vec3 odd[] = {{0, 0, 0},   {0, 0, 0},   {5, 0, 0},  {10, 0, 0}, {10, 0, 0}, {10, 10, 0},
                           {10, 15, 0}, {10, 10, 0}, {0, 10, 0}, {0, 5, 0},  {0, 0, 0}};
    jw_ring ring = {odd, 11};
    assert_near(triangulated_area(&ring, 1, NULL), 100.0, 1e-9);
    const jw_vec3 flat_ring[] = {{0, 0, 0}, {5, 0, 0}, {10, 0, 0}, {3, 0, 0}};
    ring = (jw_ring){flat_ring, 4};
    assert_near(triangulated_area(&ring, 1, NULL), 0.0, 0.0);
    ring = (jw_ring){flat_ring, 2};
    assert_near(triangulated_area(&ring, 1, NULL), 0.0, 0.0);
    ring = (jw_ring){NULL, 0};
    assert_near(triangulated_area(&ring, 1, NULL), 0.0, 0.0);
    /* Random scribbles cross themselves everywhere: it ends, and soon. */
    static jw_vec3 scribble[3000];
    jw_random_key key = {11, 12};
    for (uint32_t n = 0; n < 20; n++) {
        for (uint32_t i = 0; i < 3000; i++)
            scribble[i] = (jw_vec3){jw_round(jw_random_uniform(key, n, 2 * i) * 40.0),
                                    jw_round(jw_random_uniform(key, n, 2 * i + 1) * 40.0), 0};
        const jw_ring rings[] = {{scribble, 2000}, {scribble + 2000, 1000}};
        triangulated_area(rings, 2, NULL);
    }
    const jw_vec3 not_a_number[] = {{0, 0, 0}, {NAN, 0, 0}, {1, 1, 0}};
    ring = (jw_ring){not_a_number, 3};
    uint32_t *indices, count;
    assert_int_equal(jw_polygon_triangulate(&ring, 1, &indices, &count, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_triangulation_memory_failures(void **state)
{
    (void)state;
    const jw_vec3 hole[] = {{2, 2, 0}, {4, 2, 0}, {4, 4, 0}, {2, 4, 0}};
    const jw_ring rings[] = {{square, 4}, {hole, 4}};
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t n = 0; result != JW_OK; n++) {
        uint32_t *indices = NULL, count;
        jw_memory_fail_after(n);
        result = jw_polygon_triangulate(rings, 2, &indices, &count, NULL);
        jw_memory_fail_after(-1);
        jw_free(indices);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
}

/* ---- GEOS ---------------------------------------------------------------------------------------------- */

/* Area, after checking form: outer rings turn left, holes right, all in whole millimetres. */
static double polygons_area(const jw_polygons *p, uint32_t *out_outer)
{
    double area = 0.0;
    uint32_t outer = 0;
    for (uint32_t r = 0; r < p->ring_count; r++) {
        const jw_vec3 *points = p->points + p->ring_first[r];
        uint32_t count = p->ring_first[r + 1] - p->ring_first[r];
        assert_true(count >= 3);
        double ring_area = jw_ring_area_m2(points, count);
        assert_true(p->ring_is_outer[r] ? ring_area > 0.0 : ring_area < 0.0);
        for (uint32_t i = 0; i < count; i++)
            assert_true(points[i].x == jw_round_mm(points[i].x) && points[i].y == jw_round_mm(points[i].y));
        area += ring_area;
        outer += p->ring_is_outer[r];
    }
    if (out_outer)
        *out_outer = outer;
    return area;
}

static void test_combine(void **state)
{
    (void)state;
    const jw_vec3 right[] = {{5, -5, 7}, {15, -5, 7}, {15, 5, 7}, {5, 5, 7}};
    const jw_vec3 inside[] = {{2, 2, 0}, {2, 4, 0}, {4, 4, 0}, {4, 2, 0}}; /* clockwise */
    const jw_vec3 bar[] = {{-1, 4, 0}, {11, 4, 0}, {11, 6, 0}, {-1, 6, 0}};
    jw_ring a = {square, 4}, b = {right, 4};
    jw_polygons p;
    uint32_t outer;
    assert_int_equal(jw_polygon_combine(JW_POLYGON_UNION, &a, 1, &b, 1, &p, NULL), JW_OK);
    assert_near(polygons_area(&p, &outer), 175.0, 1e-9);
    assert_int_equal(outer, 1);
    jw_polygons_free(&p);
    assert_int_equal(jw_polygon_combine(JW_POLYGON_INTERSECTION, &a, 1, &b, 1, &p, NULL), JW_OK);
    assert_near(polygons_area(&p, NULL), 25.0, 1e-9);
    jw_polygons_free(&p);
    b = (jw_ring){inside, 4};
    assert_int_equal(jw_polygon_combine(JW_POLYGON_DIFFERENCE, &a, 1, &b, 1, &p, NULL), JW_OK);
    assert_near(polygons_area(&p, &outer), 96.0, 1e-9);
    assert_int_equal(p.ring_count, 2);
    assert_int_equal(outer, 1);
    jw_polygons_free(&p);
    b = (jw_ring){bar, 4};
    assert_int_equal(jw_polygon_combine(JW_POLYGON_DIFFERENCE, &a, 1, &b, 1, &p, NULL), JW_OK);
    assert_near(polygons_area(&p, &outer), 80.0, 1e-9);
    assert_int_equal(outer, 2);
    jw_polygons_free(&p);
    assert_int_equal(jw_polygon_combine(JW_POLYGON_DIFFERENCE, &a, 1, &a, 1, &p, NULL), JW_OK);
    assert_int_equal(p.ring_count, 0);
    jw_polygons_free(&p);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_make_valid_and_buffer(void **state)
{
    (void)state;
    const jw_vec3 bow[] = {{0, 0, 2}, {10, 10, 2}, {10, 0, 2}, {0, 10, 2}}; /* crosses itself at (5,5) */
    jw_ring ring = {bow, 4};
    jw_polygons p;
    uint32_t outer;
    assert_int_equal(jw_polygon_make_valid(&ring, 1, &p, NULL), JW_OK);
    assert_near(polygons_area(&p, &outer), 50.0, 1e-9);
    assert_int_equal(outer, 2);
    assert_true(p.points[0].z == 2.0);
    jw_polygons_free(&p);
    /* A square grown by 1 m: its area, four strips and a circle of 32 corners. */
    ring = (jw_ring){square, 4};
    assert_int_equal(jw_polygon_buffer(&ring, 1, 1.0, &p, NULL), JW_OK);
    assert_near(polygons_area(&p, NULL), 140.0 + 16.0 * sin(JW_TAU / 32.0), 0.01);
    jw_polygons_free(&p);
    assert_int_equal(jw_polygon_buffer(&ring, 1, -2.0, &p, NULL), JW_OK);
    assert_near(polygons_area(&p, NULL), 36.0, 1e-9);
    jw_polygons_free(&p);
    assert_int_equal(jw_polygon_buffer(&ring, 1, -6.0, &p, NULL), JW_OK);
    assert_int_equal(p.ring_count, 0);
    jw_polygons_free(&p);
    /* Nothing, a point, a line: no area and no error. */
    const jw_vec3 flat_ring[] = {{0, 0, 0}, {5, 0, 0}, {0, 0, 0}};
    for (uint32_t count = 0; count <= 3; count++) {
        ring = (jw_ring){flat_ring, count};
        assert_int_equal(jw_polygon_make_valid(&ring, 1, &p, NULL), JW_OK);
        assert_int_equal(p.ring_count, 0);
    }
    const jw_vec3 bad[] = {{0, 0, 0}, {NAN, 0, 0}, {1, 1, 0}};
    ring = (jw_ring){bad, 3};
    assert_int_equal(jw_polygon_make_valid(&ring, 1, &p, NULL), JW_ERROR_INPUT);
    ring = (jw_ring){square, 4};
    assert_int_equal(jw_polygon_buffer(&ring, 1, NAN, &p, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_combine_memory_failures(void **state)
{
    (void)state;
    const jw_vec3 inside[] = {{2, 2, 0}, {2, 4, 0}, {4, 4, 0}, {4, 2, 0}};
    jw_ring a = {square, 4}, b = {inside, 4};
    jw_polygons p;
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t n = 0; result != JW_OK; n++) {
        jw_memory_fail_after(n);
        result = jw_polygon_combine(JW_POLYGON_DIFFERENCE, &a, 1, &b, 1, &p, NULL);
        jw_memory_fail_after(-1);
        jw_polygons_free(&p);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring_measures),
        cmocka_unit_test(test_triangles_of_simple_shapes),
        cmocka_unit_test(test_triangles_of_random_stars),
        cmocka_unit_test(test_triangles_of_bad_rings),
        cmocka_unit_test(test_triangulation_memory_failures),
        cmocka_unit_test(test_combine),
        cmocka_unit_test(test_make_valid_and_buffer),
        cmocka_unit_test(test_combine_memory_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
