/* Statistics of the counter-based generator. Bounds are 5 or 6 standard deviations: since the numbers never
 * change, a test passes always or never. */
#include "base/test_base.h"

#include <math.h>
#include <stdlib.h>

enum { COUNT = 1000000 };

static const jw_random_key key = {42, 7};

static void values_are_pinned(void **state)
{
    (void)state;
    assert_int_equal(jw_random_u64((jw_random_key){0, 0}, 0, 0), UINT64_C(0x2ce809ae01cab7d7));
    assert_int_equal(jw_random_u64((jw_random_key){1, 2}, 3, 4), UINT64_C(0x7db402462ec70830));
}

/* Pearson's correlation of uniform draws along one word, at distance one. */
static void assert_uncorrelated(uint64_t (*draw)(uint64_t i))
{
    double sum = 0, sum_squares = 0, sum_products = 0, previous = 0;
    int64_t ones[64] = {0}, changes[64] = {0};
    uint64_t previous_bits = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        uint64_t bits = draw(i);
        double u = (double)(bits >> 11) * 0x1p-53 - 0.5;
        sum += u;
        sum_squares += u * u;
        sum_products += i ? u * previous : 0;
        previous = u;
        for (int b = 0; b < 64; b++) {
            ones[b] += (int64_t)(bits >> b & 1);
            changes[b] += (int64_t)((bits ^ previous_bits) >> b & 1);
        }
        previous_bits = bits;
    }
    double n = COUNT;
    assert_true(fabs(sum / n) < 5 * sqrt(1.0 / 12 / n));
    assert_true(fabs(sum_squares / n - 1.0 / 12) < 5 * sqrt(1.0 / 180 / n));
    assert_true(fabs(sum_products / n) < 5 * (1.0 / 12) / sqrt(n));
    for (int b = 0; b < 64; b++) {
        assert_true(fabs((double)ones[b] - n / 2) < 6 * sqrt(n) / 2);
        assert_true(fabs((double)changes[b] - n / 2) < 6 * sqrt(n) / 2);
    }
}

static uint64_t along_counter(uint64_t i)
{
    return jw_random_u64(key, 5, i);
}
static uint64_t along_entity(uint64_t i)
{
    return jw_random_u64(key, i, 5);
}
static uint64_t along_seed(uint64_t i)
{
    return jw_random_u64((jw_random_key){i, 7}, 5, 5);
}
static uint64_t along_stream(uint64_t i)
{
    return jw_random_u64((jw_random_key){42, i}, 5, 5);
}
static uint64_t along_the_diagonal(uint64_t i)
{
    return jw_random_u64(key, i, i);
}
static uint64_t along_the_other_diagonal(uint64_t i)
{
    return jw_random_u64(key, i, COUNT - i);
}
static uint64_t along_high_bits(uint64_t i)
{
    return jw_random_u64(key, i << 40, 0);
}

static void neighbours_are_unrelated(void **state)
{
    (void)state;
    assert_uncorrelated(along_counter);
    assert_uncorrelated(along_entity);
    assert_uncorrelated(along_seed);
    assert_uncorrelated(along_stream);
    assert_uncorrelated(along_the_diagonal);
    assert_uncorrelated(along_the_other_diagonal);
    assert_uncorrelated(along_high_bits);
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void no_two_of_a_million_are_equal(void **state)
{
    (void)state;
    uint64_t *values = malloc(COUNT * sizeof *values);
    assert_non_null(values);
    for (uint64_t i = 0; i < COUNT; i++)
        values[i] = jw_random_u64(key, i / 1000, i % 1000);
    qsort(values, COUNT, sizeof *values, compare_u64);
    for (int i = 1; i < COUNT; i++)
        assert_true(values[i] != values[i - 1]);
    free(values);
}

static void every_input_bit_reaches_every_output_bit(void **state)
{
    (void)state;
    enum { TRIALS = 4000 };
    for (int input = 0; input < 256; input += 5) {
        int flips[64] = {0};
        for (uint64_t t = 0; t < TRIALS; t++) {
            uint64_t words[4] = {t * 3, t + 1, t, t * t};
            uint64_t plain = jw_random_u64((jw_random_key){words[0], words[1]}, words[2], words[3]);
            words[input / 64] ^= UINT64_C(1) << input % 64;
            uint64_t other = jw_random_u64((jw_random_key){words[0], words[1]}, words[2], words[3]);
            for (int b = 0; b < 64; b++)
                flips[b] += (int)((plain ^ other) >> b & 1);
        }
        for (int b = 0; b < 64; b++)
            assert_true(abs(flips[b] - TRIALS / 2) < 6 * sqrt(TRIALS) / 2);
    }
}

static void uniform_and_index_fill_their_range_evenly(void **state)
{
    (void)state;
    enum { CELLS = 100 };
    int64_t by_uniform[CELLS] = {0}, by_index[CELLS] = {0};
    for (uint64_t i = 0; i < COUNT; i++) {
        double u = jw_random_uniform(key, 1, i);
        assert_true(u >= 0 && u < 1);
        by_uniform[(int)(u * CELLS)]++;
        uint32_t k = jw_random_index(key, 2, i, CELLS);
        assert_in_range(k, 0, CELLS - 1);
        by_index[k]++;
        assert_int_equal(jw_random_index(key, 2, i, 1), 0);
    }
    double expected = (double)COUNT / CELLS, chi_uniform = 0, chi_index = 0;
    for (int c = 0; c < CELLS; c++) {
        chi_uniform += pow((double)by_uniform[c] - expected, 2) / expected;
        chi_index += pow((double)by_index[c] - expected, 2) / expected;
    }
    double spread = 5 * sqrt(2.0 * (CELLS - 1));
    assert_true(fabs(chi_uniform - (CELLS - 1)) < spread);
    assert_true(fabs(chi_index - (CELLS - 1)) < spread);
}

static void exponential_and_normal_have_their_moments(void **state)
{
    (void)state;
    double sum = 0, squares = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, n = COUNT;
    int64_t within_one = 0, within_two = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        double e = jw_random_exponential(key, 3, i, 2.5);
        assert_true(e >= 0);
        sum += e;
        squares += e * e;
        double z = jw_random_normal(key, 4, i);
        assert_true(isfinite(z));
        m1 += z;
        m2 += z * z;
        m3 += z * z * z;
        m4 += z * z * z * z;
        within_one += fabs(z) < 1;
        within_two += fabs(z) < 2;
    }
    assert_true(fabs(sum / n - 2.5) < 5 * 2.5 / sqrt(n));
    assert_true(fabs(squares / n - 12.5) < 5 * 12.5 * sqrt(5) / sqrt(n)); /* var of x^2 is 20 mean^4 */
    assert_true(fabs(m1 / n) < 5 / sqrt(n));
    assert_true(fabs(m2 / n - 1) < 5 * sqrt(2 / n));
    assert_true(fabs(m3 / n) < 5 * sqrt(15 / n));
    assert_true(fabs(m4 / n - 3) < 5 * sqrt(96 / n));
    assert_true(fabs((double)within_one / n - 0.6826894921) < 0.0025);
    assert_true(fabs((double)within_two / n - 0.9544997361) < 0.0012);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(values_are_pinned),
        JW_UNIT(neighbours_are_unrelated),
        JW_UNIT(no_two_of_a_million_are_equal),
        JW_UNIT(every_input_bit_reaches_every_output_bit),
        JW_UNIT(uniform_and_index_fill_their_range_evenly),
        JW_UNIT(exponential_and_normal_have_their_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
