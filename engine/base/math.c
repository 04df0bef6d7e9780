/* Roots, rounding, exponentials, logarithms, powers. Plain double arithmetic: every operation below is one
 * IEEE 754 operation in the order written (the build forbids contraction), so that the bits are the same
 * everywhere. Polynomials are the Taylor and atanh series themselves: their next term is under 2^-60. */
#include "base/base.h"

#include <assert.h>
#include <string.h>

#define INFINITE (__builtin_inf())

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

double jw_sqrt(double x)
{
    return __builtin_sqrt(x); /* one instruction, correctly rounded */
}

/* ---- rounding ---- */

#define ALL_INTEGER_FROM 4503599627370496.0 /* 2^52: from here on every double is whole */

double jw_floor(double x)
{
    if (!(jw_abs(x) < ALL_INTEGER_FROM) || x == 0)
        return x;
    double truncated = (double)(int64_t)x;
    return truncated > x ? truncated - 1 : truncated;
}

double jw_ceil(double x)
{
    return -jw_floor(-x);
}

double jw_round(double x)
{
    double magnitude = jw_abs(x);
    if (!(magnitude < ALL_INTEGER_FROM))
        return x;
    double whole = (double)(int64_t)magnitude;
    if (magnitude - whole >= 0.5) /* exact difference; adding 0.5 to x would round 0.5 - 2^-54 up */
        whole += 1;
    return x < 0 ? -whole : whole;
}

/* Significand as an integer and the exponent of its unit: x = significand * 2^exponent, x > 0. */
static uint64_t split(double x, int *exponent)
{
    uint64_t bits = to_bits(x);
    int biased = (int)(bits >> 52 & 0x7ff);
    uint64_t fraction = bits & UINT64_C(0xfffffffffffff);
    *exponent = (biased ? biased : 1) - 1075;
    return biased ? fraction | UINT64_C(1) << 52 : fraction;
}

/* value * 2^exponent for a value below 2^53 and an exponent within the range that split gives: exact. */
static double join(uint64_t value, int exponent)
{
    double scale_1 = exponent < -1022 ? from_bits(1) : from_bits((uint64_t)(exponent + 1023) << 52);
    double scale_2 = exponent < -1022 ? from_bits((uint64_t)(exponent + 1074 + 1023) << 52) : 1;
    return (double)value * scale_2 * scale_1;
}

double jw_fmod(double x, double y)
{
    double magnitude = jw_abs(x), divisor = jw_abs(y);
    if (!(magnitude < INFINITE) || !(divisor > 0))
        return from_bits(UINT64_C(0x7ff8000000000000));
    if (magnitude < divisor)
        return x;
    int exponent, divisor_exponent;
    uint64_t rest = split(magnitude, &exponent);
    uint64_t modulus = split(divisor, &divisor_exponent);
    rest %= modulus;
    /* Long division, 11 bits at a time: the rest has at most 53. */
    while (exponent > divisor_exponent) {
        int shift = exponent - divisor_exponent < 11 ? exponent - divisor_exponent : 11;
        rest = (rest << shift) % modulus;
        exponent -= shift;
    }
    double result = join(rest, divisor_exponent);
    return x < 0 ? -result : result;
}

double jw_wrap_angle(double angle_rad)
{
    if (angle_rad > -JW_PI && angle_rad <= JW_PI)
        return angle_rad;
    double rest = jw_fmod(angle_rad, JW_TAU);
    if (rest > JW_PI)
        return rest - JW_TAU;
    return rest <= -JW_PI ? rest + JW_TAU : rest;
}

int64_t jw_ns_from_s(double seconds)
{
    double ns = jw_round(seconds * 1e9);
    if (ns >= 0x1p63)
        return INT64_MAX;
    return ns <= -0x1p63 ? INT64_MIN : (int64_t)ns;
}

double jw_s_from_ns(int64_t time_ns)
{
    return (double)time_ns / 1e9;
}

/* ---- exponential ---- */

#define INVERSE_LN2 0x1.71547652b82fep+0
#define LN2_HIGH    0x1.62e42fefa2000p-1 /* 40 bits: times an exponent is exact */
#define LN2_LOW     0x1.9ef35793c7673p-41

/* exp(x + tail) for a tail below an ulp or so of x. */
static double exp_with_tail(double x, double tail)
{
    if (!(x < 709.79)) {
        if (x != x)
            return x;
        if (x >= 709.79)
            return INFINITE;
    }
    if (x < -746)
        return 0;
    int k = (int)(x * INVERSE_LN2 + (x < 0 ? -0.5 : 0.5));
    double r = (x - k * LN2_HIGH) - (k * LN2_LOW - tail);
    double z = r * r;
    /* exp(r) - 1 - r - r^2/2, as r^2 times odd and even parts */
    double odd =
        0x1.5555555555555p-3 +
        z * (0x1.1111111111111p-7 +
             z * (0x1.a01a01a01a01ap-13 +
                  z * (0x1.71de3a556c734p-19 + z * (0x1.ae64567f544e4p-26 + z * 0x1.6124613a86d09p-33))));
    double even = 0x1.5555555555555p-5 +
                  z * (0x1.6c16c16c16c17p-10 +
                       z * (0x1.a01a01a01a01ap-16 + z * (0x1.27e4fb7789f5cp-22 + z * 0x1.1eed8eff8d898p-29)));
    double value = 1 + (r + z * (0.5 + (r * odd + z * even)));
    /* In two factors: 2^k alone may be beyond the range of normal numbers. */
    int half = k / 2;
    return value * from_bits((uint64_t)(half + 1023) << 52) * from_bits((uint64_t)(k - half + 1023) << 52);
}

double jw_exp(double x)
{
    return exp_with_tail(x, 0);
}

/* ---- logarithms ---- */

/* x = m * 2^exponent with m in [sqrt(1/2), sqrt(2)), for finite x > 0. */
static double split_near_one(double x, int *exponent)
{
    int shift = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        shift = 54;
    }
    uint64_t bits = to_bits(x);
    /* Subtracting the bits of sqrt(1/2) moves the exponent's step to there. */
    uint64_t offset = bits - UINT64_C(0x3fe6a09e667f3bcd);
    int e = (int)((int64_t)offset >> 52);
    *exponent = e - shift;
    return from_bits(bits - ((uint64_t)(int64_t)e << 52));
}

/* log(1 + f) = f - s (f - R), s = f / (2 + f), from 2 atanh(s) = 2 s + 2/3 s^3 + ... */
static double log_near_one(double m)
{
    double f = m - 1;
    double s = f / (2 + f);
    double z = s * s;
    double w = z * z;
    double even = z * (2.0 / 3 + w * (2.0 / 7 + w * (2.0 / 11 + w * (2.0 / 15 + w * (2.0 / 19)))));
    double odd = w * (2.0 / 5 + w * (2.0 / 9 + w * (2.0 / 13 + w * (2.0 / 17 + w * (2.0 / 21)))));
    return f - s * (f - (even + odd));
}

/* Zero, negative, infinite and not-a-number arguments. */
static double log_of_odd(double x)
{
    if (x == 0)
        return -INFINITE;
    return x > 0 ? x : from_bits(UINT64_C(0x7ff8000000000000));
}

double jw_log(double x)
{
    if (!(x > 0 && x < INFINITE))
        return log_of_odd(x);
    int k;
    double m = split_near_one(x, &k);
    return k * LN2_HIGH + (log_near_one(m) + k * LN2_LOW);
}

double jw_log2(double x)
{
    if (!(x > 0 && x < INFINITE))
        return log_of_odd(x);
    int k;
    double m = split_near_one(x, &k);
    return k + log_near_one(m) * INVERSE_LN2;
}

#define INVERSE_LN10 0x1.bcb7b1526e50ep-2
#define LOG10_2_HIGH 0x1.34413509f6000p-2
#define LOG10_2_LOW  0x1.9fef311f12b36p-42

double jw_log10(double x)
{
    if (!(x > 0 && x < INFINITE))
        return log_of_odd(x);
    int k;
    double m = split_near_one(x, &k);
    return k * LOG10_2_HIGH + (log_near_one(m) * INVERSE_LN10 + k * LOG10_2_LOW);
}

/* ---- powers ---- */

/* An unevaluated sum of two doubles, about 106 bits. */
typedef struct pair {
    double high, low;
} pair;

static pair exact_sum(double a, double b)
{
    double sum = a + b;
    double part = sum - a;
    return (pair){sum, (a - (sum - part)) + (b - part)};
}

/* Dekker's product: both factors in halves of 26 bits. Exact below 2^996. */
static pair exact_product(double a, double b)
{
    double ta = a * 0x1.000002p27, tb = b * 0x1.000002p27;
    double a1 = ta - (ta - a), b1 = tb - (tb - b);
    double a2 = a - a1, b2 = b - b1;
    double product = a * b;
    return (pair){product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2};
}

static pair multiply_pairs(pair a, pair b)
{
    pair product = exact_product(a.high, b.high);
    product.low += a.high * b.low + a.low * b.high;
    return exact_sum(product.high, product.low);
}

/* log(x) to about 2^-64 of its value: y log(x) reaches 709, and exp turns absolute into relative error. */
static pair log_pair(double x)
{
    int k;
    double m = split_near_one(x, &k);
    double f = m - 1;
    pair divisor = exact_sum(2, f);
    pair s = {f / divisor.high, 0};
    pair check = exact_product(s.high, divisor.high);
    s.low = (((f - check.high) - check.low) - s.high * divisor.low) / divisor.high;
    pair z = multiply_pairs(s, s);
    pair cube = multiply_pairs(multiply_pairs(z, s), (pair){0x1.5555555555555p-2, 0x1.5555555555555p-56});
    double w = z.high;
    double rest =
        s.high * (w * w) *
        (1.0 / 5 +
         w * (1.0 / 7 +
              w * (1.0 / 9 + w * (1.0 / 11 +
                                  w * (1.0 / 13 +
                                       w * (1.0 / 15 + w * (1.0 / 17 + w * (1.0 / 19 + w * (1.0 / 21)))))))));
    pair sum = exact_sum(s.high, cube.high);
    sum.low += s.low + cube.low + rest;
    pair scaled = exact_sum(k * LN2_HIGH, 2 * sum.high);
    return exact_sum(scaled.high, scaled.low + (2 * sum.low + k * LN2_LOW));
}

/* Where x^n by products of pairs can neither overflow nor lose its low half. */
#define REPEATED_UP_TO 32
#define REPEATED_RANGE 0x1p30

static double power_by_products(double x, int n)
{
    pair result = {1, 0}, square = {x, 0};
    for (;;) {
        if (n & 1)
            result = multiply_pairs(result, square);
        n >>= 1;
        if (n == 0)
            return result.high;
        square = multiply_pairs(square, square);
    }
}

double jw_pow(double x, double y)
{
    assert(!(x < 0) && "jw_pow is for x >= 0");
    if (y == 0 || x == 1)
        return 1;
    if (x != x || y != y)
        return x + y;
    if (jw_abs(y) <= REPEATED_UP_TO && y == (double)(int)y && x < REPEATED_RANGE && x > 1 / REPEATED_RANGE) {
        double power = power_by_products(x, (int)jw_abs(y));
        return y > 0 ? power : 1 / power;
    }
    if (y == 0.5)
        return jw_sqrt(x);
    if (x == 0 || x == INFINITE)
        return (x == 0) == (y > 0) ? 0 : INFINITE;
    if (jw_abs(y) > 0x1p65) /* far beyond the range for any x but 1, and the pair product would overflow */
        return (x > 1) == (y > 0) ? INFINITE : 0;
    pair logarithm = log_pair(x);
    pair exponent = exact_product(logarithm.high, y);
    exponent.low += logarithm.low * y;
    pair sum = exact_sum(exponent.high, exponent.low);
    return exp_with_tail(sum.high, sum.low);
}

/* ---- vectors ---- */

double jw_vec2_length(jw_vec2 a)
{
    return jw_sqrt(a.x * a.x + a.y * a.y);
}

double jw_vec2_distance(jw_vec2 a, jw_vec2 b)
{
    return jw_vec2_length(jw_vec2_sub(a, b));
}

jw_vec2 jw_vec2_unit(jw_vec2 a)
{
    double length = jw_vec2_length(a);
    return length > 0 ? (jw_vec2){a.x / length, a.y / length} : (jw_vec2){0, 0};
}
