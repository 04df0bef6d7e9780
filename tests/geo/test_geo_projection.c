#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "geo/geo.h"

/* Meridian arc of WGS 84 from the equator, degree by degree: 110574.2757 m for 0..1 degree and 110900 m near
 * 39 N come from the series of the ellipsoid (a = 6378137, f = 1/298.257223563); here by numeric integration.
 */
static double meridian_arc_m(double lat0_deg, double lat1_deg)
{
    const double a = 6378137.0, f = 1.0 / 298.257223563, e2 = f * (2.0 - f);
    const int steps = 10000;
    double sum = 0.0;
    for (int i = 0; i < steps; i++) {
        double lat = (lat0_deg + (lat1_deg - lat0_deg) * (i + 0.5) / steps) * JW_PI / 180.0;
        double s = sin(lat);
        sum += a * (1.0 - e2) / pow(1.0 - e2 * s * s, 1.5);
    }
    return sum * (lat1_deg - lat0_deg) / steps * JW_PI / 180.0;
}

static void test_meridian_and_axes(void **state)
{
    (void)state;
    jw_error error = {0};
    jw_projection *p = NULL;
    assert_int_equal(jw_projection_create(115.9, 39.0, &p, &error), JW_OK);
    double lon[4] = {115.9, 115.9, 115.91, 115.89}, lat[4] = {39.0, 39.1, 39.0, 39.0}, x[4], y[4];
    assert_int_equal(jw_projection_forward(p, lon, lat, 4, x, y, &error), JW_OK);
    assert_true(x[0] == 0.0 && y[0] == 0.0);
    assert_true(x[1] == 0.0);
    assert_true(fabs(y[1] - meridian_arc_m(39.0, 39.1)) < 0.0011);
    /* East is +x: radius of the parallel times the angle, to the projection's 1e-7 over 900 m. */
    const double e2 = 0.00669437999014, s = sin(39.0 * JW_PI / 180.0);
    double radius_m = 6378137.0 / sqrt(1.0 - e2 * s * s) * cos(39.0 * JW_PI / 180.0);
    assert_true(fabs(x[2] - radius_m * 0.01 * JW_PI / 180.0) < 0.002);
    assert_true(x[3] == -x[2]);
    jw_projection_destroy(p);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_round_trip_in_mm(void **state)
{
    (void)state;
    jw_error error = {0};
    jw_projection *p = NULL;
    assert_int_equal(jw_projection_create(115.9, 39.0, &p, &error), JW_OK);
    jw_random_key key = {1, 2};
    for (uint32_t i = 0; i < 2000; i++) {
        double x = jw_round_mm(jw_random_uniform(key, i, 0) * 80000.0 - 40000.0);
        double y = jw_round_mm(jw_random_uniform(key, i, 1) * 80000.0 - 40000.0);
        double lon, lat, x2, y2;
        assert_int_equal(jw_projection_inverse(p, &x, &y, 1, &lon, &lat, &error), JW_OK);
        assert_int_equal(jw_projection_forward(p, &lon, &lat, 1, &x2, &y2, &error), JW_OK);
        assert_true(x == x2 && y == y2);
    }
    jw_projection_destroy(p);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_from_text(void **state)
{
    (void)state;
    jw_error error = {0};
    jw_projection *p = NULL;
    assert_int_equal(jw_projection_create_from_text(
                         "+proj=utm +zone=50 +ellps=WGS84 +datum=WGS84 +units=m +no_defs", &p, &error),
                     JW_OK);
    /* On the central meridian of zone 50 (117 E) the easting is 500 km and the northing 0.9996 of the arc. */
    double x = 500000.0, y = 0.9996 * meridian_arc_m(0.0, 39.0), lon, lat;
    assert_int_equal(jw_projection_inverse(p, &x, &y, 1, &lon, &lat, &error), JW_OK);
    assert_true(fabs(lon - 117.0) < 1e-9 && fabs(lat - 39.0) < 1e-8);
    jw_projection_destroy(p);
    /* The same by its number; an authority's lat/lon order does not matter. */
    assert_int_equal(jw_projection_create_from_text("EPSG:32650", &p, &error), JW_OK);
    double x2, y2;
    assert_int_equal(jw_projection_forward(p, &lon, &lat, 1, &x2, &y2, &error), JW_OK);
    assert_true(fabs(x2 - x) < 0.0011 && fabs(y2 - y) < 0.0011);
    jw_projection_destroy(p);
    assert_int_equal(jw_projection_create_from_text("EPSG:4490", &p, &error), JW_OK);
    double lon3, lat3;
    assert_int_equal(jw_projection_inverse(p, &lon, &lat, 1, &lon3, &lat3, &error), JW_OK);
    assert_true(fabs(lon3 - lon) < 1e-6 && fabs(lat3 - lat) < 1e-6);
    jw_projection_destroy(p);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_bad_input(void **state)
{
    (void)state;
    jw_projection *p = NULL;
    jw_error error = {0};
    assert_int_equal(jw_projection_create(200.0, 39.0, &p, &error), JW_ERROR_INPUT);
    assert_int_equal(jw_projection_create(NAN, 39.0, &p, NULL), JW_ERROR_INPUT);
    error = (jw_error){0};
    assert_int_equal(jw_projection_create_from_text("!", &p, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "\"!\""));
    assert_int_equal(jw_projection_create_from_text("", &p, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_projection_create(115.9, 39.0, &p, NULL), JW_OK);
    double bad = NAN, huge = 1e300, zero = 0.0, x, y;
    assert_int_equal(jw_projection_forward(p, &bad, &zero, 1, &x, &y, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_projection_forward(p, &zero, &huge, 1, &x, &y, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_projection_inverse(p, &huge, &zero, 1, &x, &y, NULL), JW_ERROR_INPUT);
    jw_projection_destroy(p);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_memory_failures(void **state)
{
    (void)state;
    jw_projection *p = NULL;
    jw_memory_fail_after(0);
    assert_int_equal(jw_projection_create(115.9, 39.0, &p, NULL), JW_ERROR_MEMORY);
    assert_int_equal(jw_projection_create_from_text("EPSG:32650", &p, NULL), JW_ERROR_MEMORY);
    jw_memory_fail_after(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meridian_and_axes), cmocka_unit_test(test_round_trip_in_mm),
        cmocka_unit_test(test_from_text),         cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
