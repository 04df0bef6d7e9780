#include "base/random.h"

#include "base/math.h"

/* The mixer: two rounds of xor-shift and odd multiplication, with the shifts and constants that D. Stafford
 * found to come nearest to full avalanche ("Better bit mixing", variant 13, 2011). Over a Weyl sequence it is
 * the generator SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), which passes BigCrush. Each of the four words
 * is absorbed by one application, so that neighbours in any of them are unrelated. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

#define WEYL_STEP UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio, odd */

#define UNIT_53 0x1p-53

uint64_t jw_random_series(jw_random_key key, uint64_t entity)
{
    uint64_t x = mix(key.seed + WEYL_STEP);
    x = mix(x + key.stream * WEYL_STEP);
    return mix(x + entity * WEYL_STEP);
}

uint64_t jw_random_of_series(uint64_t series, uint64_t counter)
{
    return mix(series + (counter + 1) * WEYL_STEP);
}

uint64_t jw_random_u64(jw_random_key key, uint64_t entity, uint64_t counter)
{
    return jw_random_of_series(jw_random_series(key, entity), counter);
}

double jw_random_uniform(jw_random_key key, uint64_t entity, uint64_t counter)
{
    return (double)(jw_random_u64(key, entity, counter) >> 11) * UNIT_53;
}

uint32_t jw_random_index(jw_random_key key, uint64_t entity, uint64_t counter, uint32_t count)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint32_t)((wide)jw_random_u64(key, entity, counter) * count >> 64);
}

double jw_random_exponential(jw_random_key key, uint64_t entity, uint64_t counter, double mean)
{
    return -mean * jw_log(1.0 - jw_random_uniform(key, entity, counter));
}

double jw_random_normal(jw_random_key key, uint64_t entity, uint64_t counter)
{
    uint64_t first = jw_random_u64(key, entity, counter);
    uint64_t second = mix(first + WEYL_STEP);
    double radius_uniform = (double)((first >> 11) + 1) * UNIT_53; /* (0, 1] */
    double angle_uniform = (double)(second >> 11) * UNIT_53;
    return jw_sqrt(-2.0 * jw_log(radius_uniform)) * jw_cos(JW_TAU * angle_uniform);
}
