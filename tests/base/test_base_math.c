/* Against the C library's long double functions, whose error is far below one unit of a double. */
#include "base/test_base.h"

#include <math.h>
#include <string.h>

#define SAMPLES   200000
#define ULP_LIMIT 4.0

static uint64_t draw_count;

static double uniform(double low, double high)
{
    return low + (high - low) * jw_random_uniform((jw_random_key){11, 12}, 0, draw_count++);
}

/* Over many powers of two, both signs on request. */
static double log_uniform(double low_exponent, double high_exponent)
{
    return (double)exp2l(uniform(low_exponent, high_exponent));
}

static double error_ulp(double got, long double wanted)
{
    double rounded = (double)wanted;
    if (got == rounded || (got != got && rounded != rounded))
        return 0;
    int exponent;
    frexp(rounded, &exponent);
    double unit = ldexp(1, exponent - 53);
    return (double)(fabsl((long double)got - wanted) / (unit > 0 ? unit : 0x1p-1074));
}

static void assert_close(const char *name, double x, double y, double got, long double wanted)
{
    double error = error_ulp(got, wanted);
    if (!(error < ULP_LIMIT))
        fail_msg("%s(%a, %a) = %a, wanted %a: %.2f units off", name, x, y, got, (double)wanted, error);
}

#define CHECK_1(function, reference, sample)                                                                 \
    for (int i = 0; i < SAMPLES; i++) {                                                                      \
        double x = sample;                                                                                   \
        assert_close(#function, x, 0, function(x), reference((long double)x));                               \
    }

static void exponentials_and_logarithms(void **state)
{
    (void)state;
    CHECK_1(jw_exp, expl, uniform(-745, 709.7));
    CHECK_1(jw_exp, expl, uniform(-1, 1));
    CHECK_1(jw_exp, expl, uniform(-1, 1) * 1e-9);
    CHECK_1(jw_log, logl, log_uniform(-1074, 1024));
    CHECK_1(jw_log, logl, uniform(0.5, 2));
    CHECK_1(jw_log, logl, 1 + uniform(-1, 1) * 1e-8);
    CHECK_1(jw_log2, log2l, log_uniform(-1074, 1024));
    CHECK_1(jw_log2, log2l, uniform(0.5, 2));
    CHECK_1(jw_log10, log10l, log_uniform(-1074, 1024));
    CHECK_1(jw_log10, log10l, uniform(0.5, 2));
    for (int k = -1074; k < 1024; k++)
        assert_true(jw_log2(ldexp(1, k)) == k);
}

static void angles(void **state)
{
    (void)state;
    CHECK_1(jw_sin, sinl, uniform(-1e6, 1e6));
    CHECK_1(jw_cos, cosl, uniform(-1e6, 1e6));
    CHECK_1(jw_tan, tanl, uniform(-1e6, 1e6));
    CHECK_1(jw_sin, sinl, uniform(-4, 4));
    CHECK_1(jw_cos, cosl, uniform(-4, 4));
    CHECK_1(jw_tan, tanl, uniform(-4, 4));
    CHECK_1(jw_sin, sinl, log_uniform(-300, 0));
    /* The doubles next to multiples of pi/2, where nearly all digits cancel. */
    CHECK_1(jw_sin, sinl, floor(uniform(-636000, 636000)) * 0.5 * JW_PI);
    CHECK_1(jw_cos, cosl, floor(uniform(-636000, 636000)) * 0.5 * JW_PI);
    CHECK_1(jw_tan, tanl, floor(uniform(-636000, 636000)) * 0.5 * JW_PI);
}

static void inverse_angles(void **state)
{
    (void)state;
    CHECK_1(jw_asin, asinl, uniform(-1, 1));
    CHECK_1(jw_acos, acosl, uniform(-1, 1));
    CHECK_1(jw_asin, asinl, 1 - log_uniform(-53, -1));
    CHECK_1(jw_acos, acosl, 1 - log_uniform(-53, -1));
    CHECK_1(jw_asin, asinl, log_uniform(-500, -1));
    for (int i = 0; i < 3 * SAMPLES; i++) {
        double y = uniform(-1, 1) * log_uniform(-20, 20), x = uniform(-1, 1) * log_uniform(-20, 20);
        assert_close("jw_atan2", y, x, jw_atan2(y, x), atan2l(y, x));
    }
    static const double axis[] = {-1, -0.0, 0.0, 1, 1e300, -1e300, 1e-310};
    for (size_t i = 0; i < JW_COUNT_OF(axis); i++)
        for (size_t k = 0; k < JW_COUNT_OF(axis); k++) {
            double got = jw_atan2(axis[i], axis[k]);
            assert_close("jw_atan2", axis[i], axis[k], got, atan2l(axis[i], axis[k]));
            assert_int_equal(signbit(got) != 0, signbit(axis[i]) != 0);
        }
}

static void powers(void **state)
{
    (void)state;
    int checked = 0;
    for (int i = 0; i < 6 * SAMPLES; i++) {
        double x = i % 2 ? log_uniform(-60, 60) : uniform(0.5, 2);
        double y = i % 2 ? uniform(-20, 20) : uniform(-1000, 1000);
        long double wanted = powl(x, y);
        if (wanted < 0x1p-1021L || wanted > 0x1p1023L)
            continue;
        assert_close("jw_pow", x, y, jw_pow(x, y), wanted);
        checked++;
    }
    assert_true(checked > 3 * SAMPLES);
    for (int n = -40; n <= 40; n++)
        for (int i = 0; i < 2000; i++) {
            double x = log_uniform(-20, 20);
            assert_close("jw_pow", x, n, jw_pow(x, n), powl(x, n));
        }
    for (int base = 2; base <= 10; base++) { /* whole powers are exact as long as a double holds them */
        double power = 1;
        for (int n = 0; power < 0x1p53; n++, power *= base)
            assert_true(n > 32 || jw_pow(base, n) == power);
    }
    assert_true(jw_pow(0, 2) == 0 && jw_pow(0, 0.3) == 0 && jw_pow(0, 0) == 1 && isinf(jw_pow(0, -1)));
    assert_true(isinf(jw_pow(10, 309)) && jw_pow(10, -330) == 0 && isinf(jw_pow(1.1, 1e300)));
    assert_true(jw_pow(0.9, 1e300) == 0 && jw_pow(1, 1e300) == 1 && jw_pow(INFINITY, -1) == 0);
    assert_true(jw_pow(2, 0.5) == sqrt(2) && jw_pow(5, 1) == 5 && isinf(jw_pow(INFINITY, 0.7)));
}

static void limits(void **state)
{
    (void)state;
    assert_true(jw_exp(0) == 1 && jw_exp(-800) == 0 && isinf(jw_exp(710)) && isinf(jw_exp(INFINITY)));
    assert_true(jw_exp(-INFINITY) == 0 && isnan(jw_exp(NAN)));
    assert_true(isinf(jw_log(0)) && jw_log(0) < 0 && jw_log(1) == 0 && isnan(jw_log(-1)));
    assert_true(isinf(jw_log(INFINITY)) && isnan(jw_log(NAN)) && jw_log10(1) == 0 && jw_log10(1000) == 3);
    assert_true(jw_sin(0) == 0 && signbit(jw_sin(-0.0)) && jw_cos(0) == 1);
    assert_true(jw_asin(1) == JW_PI / 2 && jw_acos(1) == 0 && jw_acos(-1) == JW_PI && isnan(jw_acos(1.1)));
    assert_true(jw_sqrt(2) == sqrt(2) && jw_sqrt(0) == 0);
}

static void rounding_is_exact(void **state)
{
    (void)state;
    for (int i = 0; i < 5 * SAMPLES; i++) {
        double x = uniform(-1, 1) * log_uniform(-3, 56);
        if (i % 3 == 0)
            x = floor(x) + 0.5;
        if (i % 7 == 0)
            x = floor(x);
        assert_true(jw_floor(x) == floor(x) && jw_ceil(x) == ceil(x) && jw_round(x) == round(x));
    }
    assert_true(jw_round(0.49999999999999994) == 0 && jw_round(-2.5) == -3 &&
                jw_round(4503599627370497.5) == 4503599627370498);
    assert_true(isinf(jw_floor(INFINITY)) && isnan(jw_round(NAN)) && jw_floor(1e300) == 1e300);
    assert_true(signbit(jw_floor(-0.0)));
}

static void remainder_is_exact(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * SAMPLES; i++) {
        double x = uniform(-1, 1) * log_uniform(-1070, 1020);
        double y = uniform(-1, 1) * (i % 2 ? log_uniform(-1070, 1020) : fabs(x) * log_uniform(-80, 3));
        if (y == 0)
            continue;
        double got = jw_fmod(x, y), wanted = fmod(x, y);
        if (memcmp(&got, &wanted, sizeof got) != 0)
            fail_msg("jw_fmod(%a, %a) = %a, wanted %a", x, y, got, wanted);
    }
    assert_true(jw_fmod(6, 3) == 0 && signbit(jw_fmod(-6, 3)) && isnan(jw_fmod(1, 0)) &&
                isnan(jw_fmod(INFINITY, 1)));
    assert_true(jw_fmod(5, INFINITY) == 5);
}

static void angles_are_wrapped(void **state)
{
    (void)state;
    assert_true(jw_wrap_angle(JW_PI) == JW_PI && jw_wrap_angle(-JW_PI) == JW_PI);
    assert_true(jw_wrap_angle(0.25) == 0.25 && jw_wrap_angle(3 * JW_PI) == JW_PI);
    for (int i = 0; i < SAMPLES; i++) {
        double x = uniform(-1000, 1000);
        double wrapped = jw_wrap_angle(x);
        assert_true(wrapped > -JW_PI && wrapped <= JW_PI);
        assert_true(fabs(sin(wrapped) - sin(x)) < 1e-12 && fabs(cos(wrapped) - cos(x)) < 1e-12);
    }
}

static void times_are_rounded_to_nanoseconds(void **state)
{
    (void)state;
    assert_int_equal(jw_ns_from_s(0.1), 100000000);
    assert_int_equal(jw_ns_from_s(-1.5e-9), -2);
    assert_int_equal(jw_ns_from_s(86400), INT64_C(86400000000000));
    assert_int_equal(jw_ns_from_s(1e30), INT64_MAX);
    assert_int_equal(jw_ns_from_s(-1e30), INT64_MIN);
    assert_true(jw_s_from_ns(1500000000) == 1.5);
    for (int i = 0; i < SAMPLES; i++) {
        int64_t time_ns = (int64_t)uniform(-4e15, 4e15); /* 46 days: a double of seconds still holds it */
        assert_int_equal(jw_ns_from_s(jw_s_from_ns(time_ns)), time_ns);
    }
}

static void vectors(void **state)
{
    (void)state;
    assert_true(jw_vec2_length((jw_vec2){3, 4}) == 5);
    assert_true(jw_vec2_distance((jw_vec2){1, 1}, (jw_vec2){4, 5}) == 5);
    jw_vec2 unit = jw_vec2_unit((jw_vec2){0, -2});
    assert_true(unit.x == 0 && unit.y == -1);
    unit = jw_vec2_unit((jw_vec2){0, 0});
    assert_true(unit.x == 0 && unit.y == 0);
    assert_true(jw_vec2_cross((jw_vec2){1, 0}, (jw_vec2){0, 1}) == 1); /* counter-clockwise is positive */
}

/* The very bits: any change here changes every simulation. */
static void bits_are_pinned(void **state)
{
    (void)state;
    uint64_t hash = 0;
    for (int i = 1; i <= 10000; i++) {
        double x = i * 0.0137;
        hash = jw_hash_f64(hash, jw_exp(x - 60));
        hash = jw_hash_f64(hash, jw_log(x));
        hash = jw_hash_f64(hash, jw_pow(x, 1.7));
        hash = jw_hash_f64(hash, jw_sin(x) + jw_cos(x));
        hash = jw_hash_f64(hash, jw_atan2(x - 60, 3));
    }
    assert_int_equal(hash, UINT64_C(0x42f397308d097d1a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(exponentials_and_logarithms),
        JW_UNIT(angles),
        JW_UNIT(inverse_angles),
        JW_UNIT(powers),
        JW_UNIT(limits),
        JW_UNIT(rounding_is_exact),
        JW_UNIT(remainder_is_exact),
        JW_UNIT(angles_are_wrapped),
        JW_UNIT(times_are_rounded_to_nanoseconds),
        JW_UNIT(vectors),
        JW_UNIT(bits_are_pinned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
