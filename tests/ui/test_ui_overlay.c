/* Overlays: what the resting pointer says under each group, and which switches of the rail they leave. */
#include "ui/ui_fixture.h"

#include <string.h>

/* Clicks down the switches of the rail: whether one of them changed it. */
static bool can_switch(jw_ui *ui, const bool *hides)
{
    float x = ui_layout_of(ui).rail.x + gui_px(182);
    bool has_changed = false;
    for (float y = gui_px(220); y < gui_px(480); y += gui_px(9)) {
        bool before = *hides;
        drag(ui, x, x, y);
        has_changed = has_changed || *hides != before;
    }
    return has_changed;
}

/* Trees cannot be shown under an overlay: there their switch is none, and keeps what was chosen. */
static void trees_have_no_switch_under_an_overlay(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    stop(ui);
    assert_true(can_switch(ui, &ui->hides_trees));
    ui->hides_trees = false;
    ui_set_overlay(ui, JW_OVERLAY_SPEED);
    show(ui, "no-trees");
    assert_false(can_switch(ui, &ui->hides_trees));
    assert_true(can_switch(ui, &ui->hides_cells));
    assert_false(ui->hides_trees);
    close_ui(ui);
}

/* The resting pointer reads the map's value where the ground is coloured by place, else the thing's. */
static void the_pointer_reads_values(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    ui_play(ui, true);
    ui_set_overlay(ui, JW_OVERLAY_LATENCY);
    wait_until(ui, 2);
    stop(ui);
    RUN_UNTIL(ui, ui->sides[0].newer.raster_count > 0);
    ui_hover_move(ui, 450, 280);
    assert_false(ui_hover_tick(ui)); /* not yet */
    ui->hover.since_s -= 1;
    assert_true(ui_hover_tick(ui));
    assert_memory_equal(ui->hover.value, "Round trip: ", 12);
    assert_non_null(strstr(ui->hover.value, " ms"));
    show(ui, "hover");
    ui_set_overlay(ui, JW_OVERLAY_SPEED);
    bool has_street = false;
    for (int y = 200; y < 400 && !has_street; y += 7) {
        ui_hover_move(ui, 450, y);
        ui->hover.since_s -= 1;
        has_street = ui_hover_tick(ui) && strstr(ui->hover.value, "km/h");
    }
    assert_true(has_street);
    show(ui, "hover-street");
    ui_hover_move(ui, 30, 30); /* a panel */
    assert_true(ui->hover.since_s == 0);
    close_ui(ui);
}

/* Lets the pointer rest at a place of the window and says what it is told. */
static const char *rest_at(jw_ui *ui, double x, double y)
{
    ui_hover_move(ui, (int)x, (int)y);
    if (ui->hover.since_s == 0)
        return "";
    ui->hover.since_s -= 1;
    return ui_hover_tick(ui) ? ui->hover.value : "";
}

/* Where the gauge of an asset with a value is seen, or its foot: from there down until something is said. */
static bool reads_asset(jw_ui *ui, const char *wanted)
{
    jw_view_scene scene = ui_scene_of(ui, 0);
    const jw_frame *frame = scene.frame_b;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        double value, x_px, y_px;
        jw_vec3 foot = {(double)frame->assets[i].x_m, (double)frame->assets[i].y_m, 0};
        if (!jw_view_overlay_value(ui->overlay, ui->city, frame, i, &value) ||
            !jw_camera_project(&scene.camera, scene.rect, foot, &x_px, &y_px, NULL))
            continue;
        for (int up = 0; up < 60; up += 3)
            if (strstr(rest_at(ui, x_px, y_px - up), wanted))
                return true;
    }
    return false;
}

static bool reads_street(jw_ui *ui, const char *wanted)
{
    for (int y = 150; y < 420; y += 5)
        for (int x = 420; x < 560; x += 35)
            if (strstr(rest_at(ui, x, y), wanted))
                return true;
    return false;
}

/* The pointer says the overlay's own value, in the language of the window: of streets, assets and steps; and
 * where a city has nothing of the kind, the rail says so. */
static void every_group_has_values_under_the_pointer(void **state)
{
    (void)state;
    static const struct {
        const char *language, *flow, *level, *power, *behind;
    } texts[] = {{"en", "Flow, all lanes: ", "at its end: A", " kW", "behind the newest: "},
                 {"zh", "断面流量（全部车道）: ", "（HCM）: A", " kW", "落后最新版本数: "}};
    for (uint32_t l = 0; l < JW_COUNT_OF(texts); l++) {
        jw_ui *ui = open_ui(texts[l].language, 1024, 640);
        open_scene(ui, "district.lua");
        ui->settings.light = UI_LIGHT_DAY;
        play_for(ui, 90);
        stop(ui);
        ui_set_overlay(ui, JW_OVERLAY_FLOW);
        run_until_answered(ui);
        assert_true(reads_street(ui, texts[l].flow));
        ui_set_overlay(ui, JW_OVERLAY_SERVICE);
        run_until_answered(ui);
        assert_true(reads_street(ui, texts[l].level));
        ui_set_overlay(ui, JW_OVERLAY_POWER);
        assert_true(reads_asset(ui, texts[l].power));
        ui_set_overlay(ui, JW_OVERLAY_VERSION);
        run_until_answered(ui);
        assert_true(reads_asset(ui, texts[l].behind));
        assert_null(ui_why_empty(ui));
        uint32_t assets = ui->sides[0].newer.asset_count;
        ui->sides[0].newer.asset_count = 0;
        assert_string_equal(ui_why_empty(ui), "rail.no_sites");
        ui->overlay = JW_OVERLAY_OEE;
        assert_string_equal(ui_why_empty(ui), "rail.no_factories");
        ui->sides[0].newer.asset_count = assets;
        assert_null(ui_why_empty(ui));
        ui_set_overlay(ui, JW_OVERLAY_APPROVAL);
        run_until_answered(ui);
        assert_string_equal(ui_why_empty(ui), "rail.no_approval");
        /* Two parts of one city ask for an overlay each. */
        ui_set_overlay(ui, JW_OVERLAY_LATENCY);
        ui_split_set(ui, true);
        ui_split_touch(ui, 1);
        ui_set_overlay(ui, JW_OVERLAY_SINR);
        run_until_answered(ui);
        for (uint32_t part = 0; part < 2; part++) {
            jw_view_scene scene = ui_scene_of(ui, part);
            assert_non_null(jw_view_overlay_raster(scene.overlay, scene.frame_b));
        }
        assert_int_not_equal(ui_part_overlay(ui, 0), ui_part_overlay(ui, 1));
        show(ui, "two-overlays");
        ui_split_set(ui, false);
        /* The key steps through a group and goes round. */
        ui_step_overlay(ui, JW_GROUP_NETWORK);
        assert_int_equal(ui->overlay, JW_OVERLAY_LINK_LOAD);
        ui_step_overlay(ui, JW_GROUP_NETWORK);
        assert_int_equal(ui->overlay, JW_OVERLAY_LATENCY);
        ui_step_overlay(ui, JW_GROUP_NETWORK);
        assert_int_equal(ui->overlay, JW_OVERLAY_LINK_LOAD);
        assert_int_equal(ui->overlay_group, JW_GROUP_NETWORK);
        /* What the answer says is kept for the moments after it, and asked anew for another instant. */
        ui_set_overlay(ui, JW_OVERLAY_CARBON);
        run_until_answered(ui);
        assert_true(ui_is_answered(ui));
        int64_t time_ns = ui->sides[0].kept.time_ns;
        ui_step(ui);
        RUN_UNTIL(ui, ui->sides[0].kept.time_ns != time_ns && ui_is_answered(ui));
        assert_true(ui->sides[0].kept.time_ns > time_ns);
        close_ui(ui);
    }
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(trees_have_no_switch_under_an_overlay, close_opened),
        cmocka_unit_test_teardown(the_pointer_reads_values, close_opened),
        cmocka_unit_test_teardown(every_group_has_values_under_the_pointer, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
