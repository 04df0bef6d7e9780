/* The table of two worlds, without a window: what is compared over which time. */
#include "ui/ui_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

/* Two worlds are compared over the same time, which the table names: after the fork where that can
 * be told. */
static void a_fork_is_compared_since_the_fork(void **state)
{
    (void)state;
    enum { RUNNING, ARRIVED, DELAY, CO2, P95, COUNT };
    jw_frame_metric before[] = {{.name = "traffic.running", .value = 50},
                                {.name = "traffic.arrived", .value = 100, .is_since_start = true},
                                {"traffic.mean_delay", "s", 10, true, true},
                                {.name = "traffic.co2", .value = 7.5, .is_since_start = true},
                                {"twin.p95", "ms", 80, true, true}},
                    after[COUNT];
    memcpy(after, before, sizeof after);
    jw_frame first = {.metrics = before, .metric_count = COUNT},
             now = {.metrics = after, .metric_count = COUNT};
    double value;
    /* Nobody has arrived since: there is no mean of them. */
    assert_int_equal(ui_fork_value(&first, &now, &after[DELAY], &value), UI_WINDOW_FORK);
    assert_true(isnan(value));
    after[RUNNING].value = 60;
    after[ARRIVED].value = 120;
    after[DELAY].value = 15; /* 1000 s of the first hundred, 800 s of twenty more */
    after[CO2].value = 10;
    after[P95].value = 90;
    assert_int_equal(ui_fork_value(&first, &now, &after[RUNNING], &value), UI_WINDOW_NOW);
    assert_true(value == 60);
    assert_int_equal(ui_fork_value(&first, &now, &after[ARRIVED], &value), UI_WINDOW_FORK);
    assert_true(value == 20);
    assert_int_equal(ui_fork_value(&first, &now, &after[DELAY], &value), UI_WINDOW_FORK);
    assert_true(jw_abs(value - 40) < 1e-9);
    assert_int_equal(ui_fork_value(&first, &now, &after[CO2], &value), UI_WINDOW_FORK);
    assert_true(value == 2.5);
    assert_int_equal(ui_fork_value(&first, &now, &after[P95], &value), UI_WINDOW_START);
    assert_true(value == 90);
}

/* A mean of nothing is no number. */
static void what_is_not_measured_is_no_zero(void **state)
{
    (void)state;
    jw_frame_metric metrics[] = {
        {.name = "traffic.mean_delay"}, {.name = "traffic.arrived"}, {.name = "economy.tfp"}};
    jw_frame frame = {.metrics = metrics, .metric_count = 3};
    assert_false(ui_is_measured(&frame, "economy.theil_access"));
    metrics[2].value = 1;
    assert_true(ui_is_measured(&frame, "economy.tfp") && ui_is_measured(&frame, "economy.theil_access"));
    assert_false(ui_is_measured(&frame, "traffic.mean_delay"));
    assert_true(ui_is_measured(&frame, "traffic.arrived"));
    /* And a difference that nobody could see is none; of whole numbers each can be seen. */
    assert_true(ui_fork_differs(0, 1) && ui_fork_differs(100, 99) && ui_fork_differs(-1, 1));
    assert_true(ui_fork_differs(3314, 3317) && ui_fork_differs(12.3, 12.4));
    assert_false(ui_fork_differs(0, 0) || ui_fork_differs(0.0097, 0.0097041));
    metrics[1].value = 1;
    assert_true(ui_is_measured(&frame, "traffic.mean_delay"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fork_is_compared_since_the_fork),
        cmocka_unit_test(what_is_not_measured_is_no_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
