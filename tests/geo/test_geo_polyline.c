#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "geo/geo.h"

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static const jw_vec3 corner[] = {{0, 0, 0}, {10, 0, 1}, {10, 20, 3}};

static void test_length_and_position(void **state)
{
    (void)state;
    double heading;
    assert_near(jw_polyline_length(corner, 3), 30.0, 0.0);
    jw_vec3 p = jw_polyline_at(corner, 3, 5.0, &heading);
    assert_near(p.x, 5.0, 1e-12);
    assert_near(p.z, 0.5, 1e-12);
    assert_near(heading, 0.0, 1e-12);
    p = jw_polyline_at(corner, 3, 20.0, &heading);
    assert_near(p.y, 10.0, 1e-12);
    assert_near(p.z, 2.0, 1e-12);
    assert_near(heading, JW_PI / 2, 1e-12);
    p = jw_polyline_at(corner, 3, 1e9, &heading);
    assert_true(p.x == 10.0 && p.y == 20.0 && p.z == 3.0);
    assert_near(heading, JW_PI / 2, 1e-12);
    p = jw_polyline_at(corner, 3, -5.0, &heading);
    assert_true(p.x == 0.0 && p.y == 0.0);
    /* Repeated points have no direction of their own. */
    const jw_vec3 repeated[] = {{0, 0, 0}, {0, 0, 0}, {0, 5, 0}, {0, 5, 0}};
    jw_polyline_at(repeated, 4, 0.0, &heading);
    assert_near(heading, JW_PI / 2, 1e-12);
    p = jw_polyline_at(repeated, 4, 5.0, &heading);
    assert_true(p.y == 5.0);
    assert_near(heading, JW_PI / 2, 1e-12);
}

static void test_project(void **state)
{
    (void)state;
    double s;
    assert_near(jw_polyline_project(corner, 3, 4.0, -3.0, &s), 3.0, 1e-12);
    assert_near(s, 4.0, 1e-12);
    assert_near(jw_polyline_project(corner, 3, 13.0, 24.0, &s), 5.0, 1e-12);
    assert_near(s, 30.0, 1e-12);
    assert_near(jw_polyline_project(corner, 3, 8.0, 6.0, &s), 2.0, 1e-12);
    assert_near(s, 16.0, 1e-12);
}

static void test_offset(void **state)
{
    (void)state;
    jw_vec3 out[64];
    jw_polyline_offset(corner, 3, 2.0, out); /* left: inside of the bend */
    assert_near(out[0].y, 2.0, 1e-12);
    assert_near(out[1].x, 8.0, 1e-12);
    assert_near(out[1].y, 2.0, 1e-12);
    assert_near(out[2].x, 8.0, 1e-12);
    assert_true(out[1].z == 1.0 && out[2].z == 3.0);
    jw_polyline_offset(corner, 3, -2.0, out);
    assert_near(out[1].x, 12.0, 1e-12);
    assert_near(out[1].y, -2.0, 1e-12);

    /* A half circle of radius 10 offset by 3 inwards is one of radius 7, outwards 13. */
    jw_vec3 arc[33];
    for (int i = 0; i < 33; i++)
        arc[i] = (jw_vec3){10.0 * cos(JW_PI * i / 32), 10.0 * sin(JW_PI * i / 32), i};
    jw_polyline_offset(arc, 33, 3.0, out);
    for (int i = 1; i < 32; i++)
        assert_near(hypot(out[i].x, out[i].y), 7.0, 0.06);
    jw_polyline_offset(arc, 33, -3.0, out);
    for (int i = 1; i < 32; i++)
        assert_near(hypot(out[i].x, out[i].y), 13.0, 0.06);

    /* Offset by more than the radius: nothing runs backwards, the heights stay. */
    jw_polyline_offset(arc, 33, 12.0, out);
    for (int i = 0; i + 1 < 33; i++) {
        double ahead = (out[i + 1].x - out[i].x) * (arc[i + 1].x - arc[i].x) +
                       (out[i + 1].y - out[i].y) * (arc[i + 1].y - arc[i].y);
        assert_true(ahead >= -1e-9);
        assert_true(out[i].z == i);
    }
}

static void test_cut(void **state)
{
    (void)state;
    jw_vec3 out[5];
    assert_int_equal(jw_polyline_cut(corner, 3, 4.0, 15.0, out), 3);
    assert_near(out[0].x, 4.0, 1e-12);
    assert_near(out[1].x, 10.0, 1e-12);
    assert_near(out[2].y, 5.0, 1e-12);
    assert_near(jw_polyline_length(out, 3), 11.0, 1e-12);
    assert_int_equal(jw_polyline_cut(corner, 3, 12.0, 15.0, out), 2);
    assert_int_equal(jw_polyline_cut(corner, 3, -1.0, 99.0, out), 3);
    assert_int_equal(jw_polyline_cut(corner, 3, 20.0, 5.0, out), 2); /* nothing: a point twice */
    assert_true(out[0].y == out[1].y);
}

static void test_simplify(void **state)
{
    (void)state;
    jw_vec3 p[1000];
    for (int i = 0; i < 1000; i++)
        p[i] = (jw_vec3){i, (i % 2) * 0.1, i};
    assert_int_equal(jw_polyline_simplify(p, 1000, 0.2), 2);
    assert_true(p[1].x == 999.0 && p[1].z == 999.0);
    /* What is left stays within the tolerance of what was there. */
    jw_vec3 wave[1000], kept[1000];
    for (int i = 0; i < 1000; i++)
        kept[i] = wave[i] = (jw_vec3){i, 40.0 * sin(i * 0.02), 0};
    uint32_t count = jw_polyline_simplify(kept, 1000, 0.5);
    assert_in_range(count, 20, 100);
    for (int i = 0; i < 1000; i++)
        assert_true(jw_polyline_project(kept, count, wave[i].x, wave[i].y, NULL) <= 0.5);
}

static void test_segments(void **state)
{
    (void)state;
    double t, u;
    assert_true(
        jw_segments_cross((jw_vec2){0, 0}, (jw_vec2){10, 0}, (jw_vec2){4, -1}, (jw_vec2){4, 3}, &t, &u));
    assert_near(t, 0.4, 1e-12);
    assert_near(u, 0.25, 1e-12);
    assert_false(
        jw_segments_cross((jw_vec2){0, 0}, (jw_vec2){10, 0}, (jw_vec2){4, 1}, (jw_vec2){4, 3}, &t, &u));
    assert_false(
        jw_segments_cross((jw_vec2){0, 0}, (jw_vec2){10, 0}, (jw_vec2){0, 1}, (jw_vec2){9, 1}, &t, &u));
}

static void test_curve(void **state)
{
    (void)state;
    jw_vec3 out[33];
    /* A quarter turn to the left with radius 10 is a circular arc. */
    jw_curve_between((jw_vec3){0, 0, 0}, 0.0, (jw_vec3){10, 10, 4}, JW_PI / 2, 33, out);
    for (int i = 0; i < 33; i++)
        assert_near(hypot(out[i].x, out[i].y - 10.0), 10.0, 0.004);
    assert_near(jw_polyline_length(out, 33), 5.0 * JW_PI, 0.01);
    assert_true(out[32].x == 10.0 && out[32].y == 10.0 && out[32].z == 4.0);
    /* Straight on, and a lane to the left. */
    jw_curve_between((jw_vec3){0, 0, 0}, 0.0, (jw_vec3){30, 0, 0}, 0.0, 9, out);
    for (int i = 0; i < 9; i++)
        assert_near(out[i].y, 0.0, 1e-12);
    jw_curve_between((jw_vec3){0, 0, 0}, 0.0, (jw_vec3){30, 3.5, 0}, 0.0, 9, out);
    assert_near(out[4].y, 1.75, 1e-9);
    assert_near(out[4].x, 15.0, 1e-9);
    /* Turning back: a U over 8 m stays bounded and leaves forwards. */
    jw_curve_between((jw_vec3){0, 0, 0}, 0.0, (jw_vec3){0, 8, 0}, JW_PI, 33, out);
    assert_near(out[16].x, 4.0, 0.1);
    assert_near(out[16].y, 4.0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length_and_position),
        cmocka_unit_test(test_project),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_simplify),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
