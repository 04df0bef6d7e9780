/* The choice of a tier, on machines and a clock of our own. */
#include "view/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Milliseconds of a picture in each tier. */
typedef struct machine {
    double ms[JW_VIEW_GPU + 1];
    double first_ms; /* of the first picture in each tier: shaders are compiled */
} machine;

static jw_view_tier choose(const machine *m, double *out_seconds, uint32_t *out_changes)
{
    const double begin_s = 12345;
    jw_view_meter meter;
    jw_view_meter_begin(&meter, begin_s);
    double now_s = begin_s;
    bool is_first = true;
    *out_changes = 0;
    assert_int_equal(meter.tier, JW_VIEW_SOFTWARE);
    while (!meter.is_done) {
        double ms = is_first ? jw_max(m->first_ms, m->ms[meter.tier]) : m->ms[meter.tier];
        now_s += jw_max(ms / 1e3, 1 / 60.0); /* a screen shows no more */
        is_first = jw_view_meter_take(&meter, now_s, ms);
        *out_changes += is_first;
    }
    assert_false(jw_view_meter_take(&meter, now_s + 1, 1000)); /* what was settled stays */
    *out_seconds = now_s - begin_s;
    return meter.tier;
}

static void machines_get_what_they_can_draw(void **state)
{
    (void)state;
    static const struct {
        machine machine;
        jw_view_tier wanted;
        double most_s;
        uint32_t changes;
    } cases[] = {
        {{{0, 40, 300, 2000}, 0}, JW_VIEW_SOFTWARE, 0.7, 0}, /* two cores without a card: known at once */
        {{{0, 9, 70, 500}, 0}, JW_VIEW_SOFTWARE, 2, 0},      /* many cores: the next tier is not tried */
        {{{0, 5, 30, 300}, 0}, JW_VIEW_SOFTWARE, 2, 2},      /* tried, and taken back */
        {{{0, 2, 8, 60}, 0}, JW_VIEW_LAPTOP, 2, 1},          /* a card inside the processor */
        {{{0, 1, 3, 30}, 0}, JW_VIEW_LAPTOP, 2, 3},
        {{{0, 1, 2, 7}, 0}, JW_VIEW_GPU, 2, 2},
        {{{0, 1, 2, 7}, 80}, JW_VIEW_GPU, 2, 2}, /* a slow first picture says nothing */
        {{{0, 900, 9000, 9e4}, 0}, JW_VIEW_SOFTWARE, 3, 0},
        {{{0, 1, 900, 9e4}, 0}, JW_VIEW_SOFTWARE, 3, 2}, /* out of time before it could be judged */
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        double seconds;
        uint32_t changes;
        assert_int_equal(choose(&cases[i].machine, &seconds, &changes), cases[i].wanted);
        assert_true(seconds <= cases[i].most_s);
        assert_int_equal(changes, cases[i].changes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(machines_get_what_they_can_draw)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
