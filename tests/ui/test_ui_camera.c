/* The camera follows what is chosen and remembers its views. */
#include "ui/ui_fixture.h"

#include <SDL2/SDL.h>

static void the_camera_follows_and_remembers(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    press_key(ui, SDLK_f, 0); /* nothing is chosen: a word of help */
    assert_int_equal(ui->follow, UI_FOLLOW_NOT);
    assert_true(ui->notice[0]);
    ui_camera_bookmark(ui, 3, true);
    jw_camera kept = ui->camera;
    const jw_frame_vehicle *vehicle = &ui->sides[0].newer.vehicles[0];
    jw_pick pick = {.kind = JW_PICK_VEHICLE, .index = vehicle->index1, .generation = vehicle->generation};
    ui_select(ui, 0, &pick);
    press_key(ui, SDLK_f, 0);
    assert_int_equal(ui->follow, UI_FOLLOW_ABOVE);
    stop(ui);
    RUN_UNTIL(ui, !ui_is_moving(ui));
    draw(ui);
    double x_m, y_m;
    assert_true(ui_place_of(ui, &ui->sides[0].newer, &pick, &x_m, &y_m));
    assert_true(jw_abs(ui->camera.x_m - x_m) < 0.01 && jw_abs(ui->camera.y_m - y_m) < 0.01);
    press_key(ui, SDLK_f, 0);
    assert_int_equal(ui->follow, UI_FOLLOW_BEHIND);
    show(ui, "behind");
    press_key(ui, SDLK_3, 0); /* somewhere else: it follows no longer */
    assert_int_equal(ui->follow, UI_FOLLOW_NOT);
    RUN_UNTIL(ui, ui->flight_begin_s == 0);
    assert_true(jw_abs(ui->camera.x_m - kept.x_m) < 1e-6 && ui->camera.distance_m == kept.distance_m);
    press_key(ui, SDLK_t, 0);
    RUN_UNTIL(ui, ui->flight_begin_s == 0);
    assert_true(ui->camera.pitch_rad > 85 * JW_PI / 180);
    ui->camera.x_m += 500; /* on the way back: down on where it goes, not on where it is */
    ui->camera.distance_m *= 2;
    ui_camera_bookmark(ui, 3, false);
    ui_camera_top(ui);
    RUN_UNTIL(ui, ui->flight_begin_s == 0);
    assert_true(ui->camera.pitch_rad > 85 * JW_PI / 180);
    assert_true(jw_abs(ui->camera.x_m - kept.x_m) < 1e-6 && ui->camera.distance_m == kept.distance_m);
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_camera_follows_and_remembers, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
