/* Counter-based random numbers: a pure function of (seed, stream, entity, counter), so that no generator
 * state exists, draws do not depend on the order of calls or threads, and a fork draws what the original
 * would. Model: a strong 64-bit mixing function applied to the four words (Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", SC11, for the idea; see random.c for the mixer and its tests). */
#ifndef JW_BASE_RANDOM_H
#define JW_BASE_RANDOM_H

#include <stdint.h>

typedef struct jw_random_key {
    uint64_t seed;   /* of the world */
    uint64_t stream; /* module and purpose: use JW_STREAM("traffic.driver") style constants, jw_hash_text */
} jw_random_key;

uint64_t jw_random_u64(jw_random_key key, uint64_t entity, uint64_t counter);
/* Half of the work, for loops: the draws of one entity, by counter. jw_random_u64(key, entity, counter) is
 * jw_random_of_series(jw_random_series(key, entity), counter). */
uint64_t jw_random_series(jw_random_key key, uint64_t entity);
uint64_t jw_random_of_series(uint64_t series, uint64_t counter);
/* [0, 1), 53 bits. */
double jw_random_uniform(jw_random_key key, uint64_t entity, uint64_t counter);
/* [0, count), unbiased by multiplication to 2^-64; count >= 1. */
uint32_t jw_random_index(jw_random_key key, uint64_t entity, uint64_t counter, uint32_t count);
/* Exponential with the given mean, > 0. */
double jw_random_exponential(jw_random_key key, uint64_t entity, uint64_t counter, double mean);
/* Standard normal (Box-Muller over jw_log, jw_cos). */
double jw_random_normal(jw_random_key key, uint64_t entity, uint64_t counter);

#endif
