/* Sine, cosine, tangent and their inverses. See math.c for the ground rules. */
#include "base/math.h"

#include <string.h>

/* pi/2 in three parts of 33 bits, whose products with a quadrant number below 2^20 are exact, and a rest. */
#define HALF_PI_1 0x1.921fb54400000p+0
#define HALF_PI_2 0x1.0b4611a600000p-34
#define HALF_PI_3 0x1.3198a2e000000p-69
#define HALF_PI_4 0x1.b839a252049c1p-104

/* An angle in [-pi/4, pi/4] (a little more by rounding) as an unevaluated sum, and its quadrant. */
typedef struct reduced {
    double high, low;
    int quadrant;
} reduced;

/* Takes `part` off the sum, keeping what rounding drops. */
static void subtract_exactly(reduced *angle, double part)
{
    double difference = angle->high - part;
    double taken = angle->high - difference;
    angle->low += (angle->high - (difference + taken)) + (taken - part);
    angle->high = difference;
}

/* Up to |x| = 1e6 a double comes within 1e-16 of a multiple of pi/2, so that 1e-32 must be kept. */
static reduced reduce(double x)
{
    double quadrant = jw_round(x * (2 / JW_PI));
    reduced angle = {x, 0, (int)((int64_t)quadrant & 3)};
    subtract_exactly(&angle, quadrant * HALF_PI_1);
    subtract_exactly(&angle, quadrant * HALF_PI_2);
    subtract_exactly(&angle, quadrant * HALF_PI_3);
    angle.low -= quadrant * HALF_PI_4;
    double high = angle.high + angle.low;
    angle.low = (angle.high - high) + angle.low;
    angle.high = high;
    return angle;
}

static double sin_of_reduced(reduced angle)
{
    double r = angle.high;
    double z = r * r;
    double series = -0x1.5555555555555p-3 +
                    z * (0x1.1111111111111p-7 +
                         z * (-0x1.a01a01a01a01ap-13 +
                              z * (0x1.71de3a556c734p-19 +
                                   z * (-0x1.ae64567f544e4p-26 +
                                        z * (0x1.6124613a86d09p-33 +
                                             z * (-0x1.ae7f3e733b81fp-41 + z * 0x1.952c77030ad4ap-49))))));
    return r + (r * z * series + angle.low * (1 - 0.5 * z));
}

static double cos_of_reduced(reduced angle)
{
    double r = angle.high;
    double z = r * r;
    double series = 0x1.5555555555555p-5 +
                    z * (-0x1.6c16c16c16c17p-10 +
                         z * (0x1.a01a01a01a01ap-16 +
                              z * (-0x1.27e4fb7789f5cp-22 +
                                   z * (0x1.1eed8eff8d898p-29 +
                                        z * (-0x1.93974a8c07c9dp-37 + z * 0x1.ae7f3e733b81fp-45)))));
    double half = 0.5 * z;
    double rounded = 1 - half;
    return rounded + (((1 - rounded) - half) + (z * z * series - r * angle.low));
}

double jw_sin(double x)
{
    if (jw_abs(x) < 0x1p-27) /* sin x = x to the last bit, and -0.0 stays */
        return x;
    reduced angle = reduce(x);
    double value = angle.quadrant & 1 ? cos_of_reduced(angle) : sin_of_reduced(angle);
    return angle.quadrant & 2 ? -value : value;
}

double jw_cos(double x)
{
    reduced angle = reduce(x);
    double value = angle.quadrant & 1 ? sin_of_reduced(angle) : cos_of_reduced(angle);
    return angle.quadrant == 1 || angle.quadrant == 2 ? -value : value;
}

double jw_tan(double x)
{
    if (jw_abs(x) < 0x1p-27)
        return x;
    reduced angle = reduce(x);
    double sine = sin_of_reduced(angle), cosine = cos_of_reduced(angle);
    return angle.quadrant & 1 ? -cosine / sine : sine / cosine;
}

/* atan(i / 8), the nearest double and the rest. */
static const double atan_high[9] = {
    0,
    0x1.fd5ba9aac2f6ep-4,
    0x1.f5b75f92c80ddp-3,
    0x1.6f61941e4def1p-2,
    0x1.dac670561bb4fp-2,
    0x1.1e00babdefeb4p-1,
    0x1.4978fa3269ee1p-1,
    0x1.700a7c5784634p-1,
    0x1.921fb54442d18p-1,
};
static const double atan_low[9] = {
    0,
    -0x1.cd37686760c17p-59,
    0x1.8ab6e3cf7afbdp-57,
    -0x1.c63aae6f6e918p-56,
    0x1.a2b7f222f65e2p-56,
    -0x1.928df287a668fp-58,
    0x1.2419a87f2a458p-56,
    -0x1.8c34d25aadef6p-56,
    0x1.1a62633145c07p-55,
};

/* atan t = atan c + atan((t - c) / (1 + t c)) with c the nearest eighth: the rest is at most 1/16, and the
 * series ends early. For t in [0, 1]. */
static double atan_of_unit(double t)
{
    int i = (int)(8 * t + 0.5);
    double c = i / 8.0;
    double u = i ? (t - c) / (1 + t * c) : t;
    double z = u * u;
    double series =
        z *
        (-1.0 / 3 +
         z * (1.0 / 5 + z * (-1.0 / 7 + z * (1.0 / 9 + z * (-1.0 / 11 + z * (1.0 / 13 - z * (1.0 / 15)))))));
    return atan_high[i] + (u + (u * series + atan_low[i]));
}

static bool has_sign(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63;
}

double jw_atan2(double y, double x)
{
    if (x != x || y != y)
        return x + y;
    double width = jw_abs(x), height = jw_abs(y);
    double angle; /* in the first quadrant */
    if (height == 0 && width == 0)
        angle = 0;
    else if (height <= width)
        angle = atan_of_unit(width == height ? 1 : height / width);
    else
        angle = 0x1.921fb54442d18p+0 - (atan_of_unit(width / height) - 0x1.1a62633145c07p-54);
    if (has_sign(x))
        angle = 0x1.921fb54442d18p+1 - (angle - 0x1.1a62633145c07p-53);
    return has_sign(y) ? -angle : angle;
}

double jw_asin(double x)
{
    return jw_atan2(x, jw_sqrt((1 - x) * (1 + x)));
}

double jw_acos(double x)
{
    return jw_atan2(jw_sqrt((1 - x) * (1 + x)), x);
}
