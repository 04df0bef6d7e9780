/* What charts know of the past, without a window. */
#include "ui/ui_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#define POINTS (10u * UI_PLOT_POINTS)

static jw_ui *ui;

static int make_ui(void **state)
{
    (void)state;
    ui = jw_alloc(sizeof *ui);
    ui->plots = jw_alloc(UI_PLOT_MAX * sizeof *ui->plots);
    ui->side_count = 1;
    return 0;
}

static int free_ui(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < UI_SIDE_MAX; i++) {
        jw_frame_free(&ui->sides[i].newer);
        ui_history_free(&ui->sides[i].history);
    }
    jw_free(ui->plots);
    jw_free(ui);
    return jw_allocated_bytes() != 0;
}

/* An instant: vehicles on the road are its second, delay is known from the fifth on. */
static void come(uint32_t side, int64_t second)
{
    jw_frame_metric metrics[] = {
        {.name = "traffic.running", .value = (double)second},
        {.name = "traffic.mean_delay", .value = 7},
        {.name = "traffic.arrived", .value = second >= 5},
    };
    jw_frame frame = {.time_ns = second * JW_NS_PER_S, .metrics = metrics, .metric_count = 3};
    ui_side *to = &ui->sides[side];
    assert_int_equal(jw_frame_copy(&frame, &to->newer, NULL), JW_OK);
    ui_history_add(&to->history, &to->newer);
}

static const ui_series *open_chart(const char *metric, uint32_t side)
{
    static const jw_watch city = {0};
    if (!ui_plot_is_on(ui, &city, metric))
        ui_plot_toggle(ui, &city, metric, metric, "");
    for (uint32_t i = 0; i < ui->plot_count; i++)
        if (strcmp(ui->plots[i].label, metric) == 0) {
            ui_plot_read_history(ui, &ui->plots[i], side);
            return &ui->plots[i].series[side];
        }
    return NULL;
}

static void is_ascending(const ui_series *series)
{
    for (uint32_t i = 0; i < series->axis.count; i++) {
        assert_true(i == 0 || series->axis.time_ns[i] > series->axis.time_ns[i - 1]);
        assert_true(series->value[i] == (float)(series->axis.time_ns[i] / JW_NS_PER_S));
    }
}

static void a_chart_opened_late_knows_the_whole_run(void **state)
{
    (void)state;
    for (int64_t s = 0; s < 10; s++)
        come(0, s);
    const ui_series *running = open_chart("traffic.running", 0);
    assert_int_equal(running->axis.count, 10);
    is_ascending(running);
    /* A mean of nothing is no point. */
    const ui_series *delay = open_chart("traffic.mean_delay", 0);
    assert_int_equal(delay->axis.count, 5);
    assert_true(delay->axis.time_ns[0] == 5 * JW_NS_PER_S && delay->value[0] == 7);
    /* The same instant again is the same point; going back forgets what lay after it. */
    come(0, 9);
    assert_int_equal(open_chart("traffic.running", 0)->axis.count, 10);
    come(0, 3);
    running = open_chart("traffic.running", 0);
    assert_int_equal(running->axis.count, 4);
    is_ascending(running);
    assert_int_equal(open_chart("traffic.mean_delay", 0)->axis.count, 0);
}

/* However long the run: from its first instant to its last, spread evenly, in the room taken at its start. */
static void a_long_run_is_thinned_in_the_same_room(void **state)
{
    (void)state;
    come(0, 0);
    uint64_t bytes = jw_allocated_bytes();
    assert_true(bytes > 3 * UI_PLOT_POINTS * sizeof(float));
    for (int64_t s = 1; s < POINTS; s++)
        come(0, s);
    assert_int_equal(jw_allocated_bytes(), bytes);
    const ui_series *running = open_chart("traffic.running", 0);
    uint32_t count = running->axis.count;
    assert_true(count > UI_PLOT_POINTS / 3 && count <= UI_PLOT_POINTS);
    is_ascending(running);
    assert_true(running->axis.time_ns[0] == 0);
    for (uint32_t i = 1; i < count; i++)
        assert_true(running->axis.time_ns[i] - running->axis.time_ns[i - 1] <= 40 * JW_NS_PER_S);
    assert_true((int64_t)POINTS * JW_NS_PER_S - running->axis.time_ns[count - 1] <= 40 * JW_NS_PER_S);
    /* From the beginning again: every instant is known. */
    come(0, 0);
    come(0, 1);
    assert_int_equal(open_chart("traffic.running", 0)->axis.count, 2);
}

static void a_fork_begins_with_what_was(void **state)
{
    (void)state;
    for (int64_t s = 0; s < 10; s++)
        come(0, s);
    ui->side_count = 2;
    ui_history_copy(&ui->sides[0].history, &ui->sides[1].history);
    come(0, 12);
    come(1, 10);
    assert_int_equal(open_chart("traffic.running", 0)->axis.count, 11);
    const ui_series *fork = open_chart("traffic.running", 1);
    assert_int_equal(fork->axis.count, 11);
    assert_true(fork->axis.time_ns[0] == 0 && fork->axis.time_ns[10] == 10 * JW_NS_PER_S);
}

static void without_memory_it_begins_later(void **state)
{
    (void)state;
    jw_frame_metric metric = {.name = "traffic.running", .value = 1};
    jw_frame frame = {.time_ns = 1, .metrics = &metric, .metric_count = 1};
    ui_history *history = &ui->sides[0].history;
    jw_memory_fail_after(0);
    ui_history_add(history, &frame);
    jw_memory_fail_after(-1);
    assert_int_equal(history->axis.count, 0);
    ui_history_add(history, &frame);
    assert_int_equal(history->axis.count, 1);
}

/* A watched thing's chart has no past of its own. */
static void a_watched_thing_begins_now(void **state)
{
    (void)state;
    come(0, 0);
    const jw_watch street = {.kind = JW_WATCH_EDGE, .a = 3};
    ui_plot_toggle(ui, &street, "traffic.running", "", "");
    assert_int_equal(ui->plots[0].series[0].axis.count, 0);
    ui_series_add(&ui->plots[0].series[0], 5, 2);
    ui_plot_read_history(ui, &ui->plots[0], 0);
    assert_int_equal(ui->plots[0].series[0].axis.count, 1);
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, make_ui, free_ui)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(a_chart_opened_late_knows_the_whole_run),
        UNIT(a_long_run_is_thinned_in_the_same_room),
        UNIT(a_fork_begins_with_what_was),
        UNIT(without_memory_it_begins_later),
        UNIT(a_watched_thing_begins_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
