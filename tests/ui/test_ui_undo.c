/* What hands did is undone and done again: commands and parameters. */
#include "ui/ui_fixture.h"

#include <string.h>

static bool is_up(const jw_ui *ui, const char *name)
{
    const jw_frame *frame = &ui->sides[0].newer;
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (strcmp(frame->assets[i].name, name) == 0)
            return frame->assets[i].is_up;
    fail_msg("no %s", name);
    return false;
}

/* Commands take a step of the world and a frame. */
static void wait_up(jw_ui *ui, const char *name, bool wanted)
{
    RUN_UNTIL(ui, is_up(ui, name) == wanted);
}

static void do_named(jw_ui *ui, const char *verb, const char *name)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, "name", name);
    ui_do(ui, &command);
}

static void commands_are_undone_and_done_again(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1024, 640);
    open_scene(ui, "district.lua");
    ui_play(ui, true);
    do_named(ui, "repair_node", "edge-1"); /* it works: nothing to undo */
    assert_int_equal(ui->done_count, 0);
    do_named(ui, "fail_node", "edge-1");
    wait_up(ui, "edge-1", false);
    ui_undo(ui);
    assert_non_null(strstr(ui->notice, "edge-1"));
    wait_up(ui, "edge-1", true);
    ui_undo(ui); /* nothing is left */
    ui_redo(ui);
    wait_up(ui, "edge-1", false);
    show(ui, "undo");
    close_ui(ui);
}

/* A live parameter goes back to where its slider stood before it was taken; the scene follows. */
static void parameters_are_undone(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    ui_play(ui, true);
    const jw_param *live = NULL;
    for (uint32_t i = 0; i < jw_scene_param_count(ui->scene) && !live; i++) {
        const jw_param *param = jw_scene_param(ui->scene, i);
        if (param->is_live && param->type == JW_PARAM_NUMBER && param->max > param->min)
            live = param;
    }
    assert_non_null(live);
    double before = live->value, middle = (live->min + live->max) / 2;
    double wanted = middle != before ? middle : live->max;
    ui_set_param(ui, live, (before + wanted) / 2, false); /* the slider on its way */
    ui_set_param(ui, live, wanted, false);
    ui_set_param(ui, live, live->value, true);
    assert_true(live->value != before);
    double after = live->value;
    assert_int_equal(ui->done_count, 1);
    RUN_UNTIL(ui, find_event(ui, "set_param"));
    assert_non_null(strstr(find_event(ui, "set_param")->text, live->id));
    ui_undo(ui);
    assert_true(jw_abs(live->value - before) < 1e-9);
    ui_redo(ui);
    assert_true(jw_abs(live->value - after) < 1e-9);
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(commands_are_undone_and_done_again, close_opened),
        cmocka_unit_test_teardown(parameters_are_undone, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
