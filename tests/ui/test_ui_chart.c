/* Charts in the window: those of the city know the run's beginning, those of a thing say from when on they
 * know. */
#include "ui/ui_fixture.h"

static const jw_watch city = {0};

/* Opened late, in front of a running and of a standing clock, it begins where the run began. */
static void a_chart_begins_with_the_run(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1280, 800);
    open_scene(ui, "district.lua");
    int64_t start_ns = ui->sides[0].newer.time_ns;
    play_for(ui, 120);
    RUN_UNTIL(ui, ui->sides[0].history.axis.count > 10);
    stop(ui);
    ui_plot_toggle(ui, &city, "traffic.running", "", "veh");
    const ui_plot *plot = &ui->plots[0];
    const ui_axis *axis = &plot->series[0].axis;
    assert_true(axis->count > 10);
    assert_true(axis->time_ns[0] <= start_ns + JW_NS_PER_S);
    assert_true(axis->time_ns[axis->count - 1] == ui->sides[0].newer.time_ns);
    /* Closed and opened again it is the same. */
    uint32_t count = axis->count;
    ui_plot_toggle(ui, &city, "traffic.running", "", "veh");
    ui_plot_toggle(ui, &city, "traffic.running", "", "veh");
    assert_int_equal(axis->count, count);
    /* The second world has the past of the first, and what is opened now knows both. */
    ui_fork(ui);
    run_until_loaded(ui);
    assert_int_equal(ui->side_count, 2);
    ui_plot_toggle(ui, &city, "traffic.arrived", "", "veh");
    for (uint32_t i = 0; i < 2; i++) {
        const ui_axis *fork = &ui->plots[i].series[1].axis;
        assert_true(fork->count > 10 && fork->time_ns[0] == axis->time_ns[0]);
    }
    ui_close_fork(ui, 1);
    run_until_standing(ui);
    assert_true(axis->count > 10 && axis->time_ns[0] <= start_ns + JW_NS_PER_S);
    /* A street was not watched before: its chart says so. */
    ui_play(ui, true);
    assert_true(pick_something(ui, JW_PICK_EDGE));
    RUN_UNTIL(ui, ui->sides[0].newer.detail_count > 0);
    jw_watch street = ui_watch_of(&ui->selection);
    for (uint32_t i = 0; i < ui->sides[0].newer.detail_count && ui->plot_count < 3; i++)
        if (ui->sides[0].newer.details[i].can_plot)
            ui_plot_toggle(ui, &street, ui->sides[0].newer.details[i].label, ui->title, "");
    assert_int_equal(ui->plot_count, 3);
    const ui_axis *watched = &ui->plots[2].series[0].axis;
    RUN_UNTIL(ui, watched->count > 3);
    assert_true(watched->time_ns[0] > start_ns + 100 * JW_NS_PER_S);
    show(ui, "charts");
    /* Back before it was watched: it begins on the way there, and the city's where it did. */
    int64_t goal_ns = ui->sides[0].status.earliest_ns + 5 * JW_NS_PER_S;
    assert_true(goal_ns < watched->time_ns[0]);
    ui_seek(ui, goal_ns);
    run_until_standing(ui);
    for (uint32_t i = 0; i < watched->count; i++)
        assert_true(watched->time_ns[i] <= goal_ns);
    assert_true(axis->time_ns[0] <= start_ns + JW_NS_PER_S && axis->time_ns[axis->count - 1] == goal_ns);
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(a_chart_begins_with_the_run, close_opened)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
