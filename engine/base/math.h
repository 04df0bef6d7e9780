/* Arithmetic that gives the same bits on every processor. Simulation code uses only + - * / sqrt and what is
 * declared here: libm's functions differ between machines with and without fused multiply-add.
 * Errors against the true value are below 4 units in the last place on the stated ranges (tested). */
#ifndef JW_BASE_MATH_H
#define JW_BASE_MATH_H

#include <stdbool.h>
#include <stdint.h>

#define JW_PI  3.14159265358979323846
#define JW_TAU 6.28318530717958647692

double jw_sqrt(double x); /* correctly rounded, IEEE 754 */
double jw_exp(double x);  /* 0 below -745, +inf above 709.78 */
double jw_log(double x);  /* x > 0; -inf at 0 */
double jw_log2(double x);
double jw_log10(double x);
double jw_pow(double x, double y); /* x >= 0; exact for small integer y by repeated multiplication */
double jw_sin(double x);           /* |x| <= 1e6 */
double jw_cos(double x);
double jw_tan(double x);
double jw_atan2(double y, double x);
double jw_asin(double x);
double jw_acos(double x);
double jw_floor(double x);
double jw_ceil(double x);
double jw_round(double x);              /* halves away from zero */
double jw_fmod(double x, double y);     /* sign of x, exact */
double jw_wrap_angle(double angle_rad); /* to (-pi, pi] */

static inline double jw_min(double a, double b)
{
    return a < b ? a : b;
}
static inline double jw_max(double a, double b)
{
    return a > b ? a : b;
}
static inline double jw_clamp(double x, double low, double high)
{
    return x < low ? low : (x > high ? high : x);
}
static inline double jw_abs(double x)
{
    return x < 0 ? -x : x;
}

typedef struct jw_vec2 {
    double x, y;
} jw_vec2;

typedef struct jw_vec2f {
    float x, y;
} jw_vec2f;

static inline jw_vec2 jw_vec2_add(jw_vec2 a, jw_vec2 b)
{
    return (jw_vec2){a.x + b.x, a.y + b.y};
}
static inline jw_vec2 jw_vec2_sub(jw_vec2 a, jw_vec2 b)
{
    return (jw_vec2){a.x - b.x, a.y - b.y};
}
static inline jw_vec2 jw_vec2_scale(jw_vec2 a, double s)
{
    return (jw_vec2){a.x * s, a.y * s};
}
static inline jw_vec2 jw_vec2_lerp(jw_vec2 a, jw_vec2 b, double t)
{
    return (jw_vec2){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
}
static inline double jw_vec2_dot(jw_vec2 a, jw_vec2 b)
{
    return a.x * b.x + a.y * b.y;
}
static inline double jw_vec2_cross(jw_vec2 a, jw_vec2 b)
{
    return a.x * b.y - a.y * b.x;
}
double jw_vec2_length(jw_vec2 a);
double jw_vec2_distance(jw_vec2 a, jw_vec2 b);
/* (0,0) for a zero vector. */
jw_vec2 jw_vec2_unit(jw_vec2 a);

#endif
