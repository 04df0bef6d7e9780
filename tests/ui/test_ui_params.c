/* Parameters by their sliders: those of the start wait for a restart, the others act at once. */
#include "ui/ui_fixture.h"

#include <stdio.h>
#include <string.h>

/* Drags sliders of the open drawer from the top down until the parameter has changed; the place, or 0. */
static float drag_param(jw_ui *ui, const char *id)
{
    gui_rect drawer = ui_layout_of(ui).drawer;
    double before = find_param(ui, id)->value;
    for (float y = drawer.y + gui_px(60); y < drawer.y - drawer.height; y += gui_px(13)) {
        drag(ui, drawer.x + gui_px(120), drawer.x + gui_px(40), y);
        if (find_param(ui, id)->value != before)
            return y;
    }
    return 0;
}

static uint32_t count_sites(const jw_frame *frame)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < frame->asset_count; i++)
        count += frame->assets[i].kind == JW_ASSET_SITE && strncmp(frame->assets[i].name, "edge-", 5) == 0;
    return count;
}

static void start_parameters_wait_for_a_restart(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 640, 1240);
    open_scene(ui, "district.lua");
    stop(ui);
    ui->tab = UI_TAB_PARAMS;
    draw(ui);
    draw(ui);
    assert_int_equal(count_sites(&ui->sides[0].newer), 4);
    assert_false(ui->needs_restart);
    assert_true(drag_param(ui, "edge_sites") > 0);
    double wanted = find_param(ui, "edge_sites")->value;
    assert_true(wanted >= 0 && wanted <= 20 && wanted != 4 && wanted == jw_round(wanted));
    assert_true(ui->needs_restart);
    assert_int_equal(count_sites(&ui->sides[0].newer), 4); /* the running world is as it was */
    show(ui, "restart");
    /* The button appeared below the list. */
    gui_rect drawer = ui_layout_of(ui).drawer;
    for (float y = drawer.y - drawer.height; y > drawer.y && !ui->load; y -= gui_px(9))
        drag(ui, drawer.x + gui_px(100), drawer.x + gui_px(100), y);
    assert_non_null(ui->load);
    run_until_loaded(ui);
    assert_int_equal(ui->dialog.code, JW_OK);
    assert_false(ui->needs_restart);
    assert_int_equal(count_sites(&ui->sides[0].newer), (uint32_t)wanted);
    assert_true(find_param(ui, "edge_sites")->value == wanted);
    close_ui(ui);
}

static void live_parameters_act_at_once(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 640, 1240);
    open_scene(ui, "district.lua");
    ui_play(ui, true);
    ui->tab = UI_TAB_PARAMS;
    draw(ui);
    draw(ui);
    assert_true(find_param(ui, "demand")->is_live);
    assert_true(drag_param(ui, "demand") > 0);
    wait_until(ui, 2);
    const jw_frame_event *event = find_event(ui, "set_demand_factor");
    assert_non_null(event);
    char wanted[32], text[200];
    snprintf(wanted, sizeof wanted, "× %g", find_param(ui, "demand")->value);
    assert_string_equal(event->text, wanted);
    ui_say_event(ui, event, text, sizeof text);
    assert_non_null(strstr(text, "出行需求"));
    close_ui(ui);
}

/* A slider that is touched and left where it was changes nothing. */
static void untouched_values_need_no_restart(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    const jw_param *param = find_param(ui, "edge_sites");
    ui_set_param(ui, param, param->value, true);
    assert_false(ui->needs_restart);
    ui_set_param(ui, param, param->value + 1, false);
    assert_true(ui->needs_restart);
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(start_parameters_wait_for_a_restart, close_opened),
        cmocka_unit_test_teardown(live_parameters_act_at_once, close_opened),
        cmocka_unit_test_teardown(untouched_values_need_no_restart, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
