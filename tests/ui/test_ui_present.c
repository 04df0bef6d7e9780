/* Before a room: a clicker's keys from the question to the answer. */
#include "ui/ui_fixture.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>
#include <stdio.h>

/* The ground in the middle of what the panels leave, and how far the eye is from it. */
static jw_vec2 middle_of_room(const jw_ui *ui)
{
    gui_rect room = ui_room_of(ui);
    jw_vec2 ground = {0, 0};
    assert_true(jw_camera_ground(&ui->camera, ui_side_rect(ui, 0), (double)(room.x + room.width / 2),
                                 (double)(room.y + room.height / 2), &ground));
    return ground;
}

/* A scenario of three moments, the last of which only says something; its lesson can be told later. */
static void write_story(char *path, size_t path_size)
{
    snprintf(path, path_size, "%s/story.lua", ui_fixture_folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("return scenario {\n"
          "  title = { en = \"A story\", zh = \"故事\" },\n"
          "  predict = { en = \"What comes?\", zh = \"会怎样？\" },\n"
          "  lesson = { en = \"That came.\", zh = \"就这样。\" },\n"
          "  lasts_min = 0.5,\n"
          "  timeline = {\n"
          "    [\"+5s\"] = function(twin) twin:fail_node \"edge-1\" end,\n"
          "    [\"+10s\"] = function(twin) twin:repair_node \"edge-1\" end,\n"
          "    [\"+15s\"] = function(twin) twin:log(\"The end\", \"完\") end,\n"
          "  },\n"
          "}\n",
          file);
    assert_int_equal(fclose(file), 0);
}

/* How many pixels about a place of the ground are of that colour. */
static uint32_t count_colour(const jw_ui *ui, double x_m, double y_m, gui_colour colour)
{
    enum { BOX = 160 };
    static uint8_t pixels[BOX * BOX * 4];
    double x_px, y_px;
    uint32_t wanted = gui_colour_of(colour), count = 0;
    jw_view_scene scene = ui_scene_of(ui, 0);
    assert_true(jw_camera_project(&scene.camera, scene.rect, (jw_vec3){x_m, y_m, 0}, &x_px, &y_px, NULL));
    glReadPixels((int)x_px - BOX / 2, ui->height_px - (int)y_px - BOX / 2, BOX, BOX, GL_RGBA,
                 GL_UNSIGNED_BYTE, pixels);
    for (int i = 0; i < BOX * BOX; i++) {
        int away = 0;
        for (int k = 0; k < 3; k++)
            away += abs((int)pixels[4 * i + k] - (int)(wanted >> (8 * k) & 255));
        count += away < 12;
    }
    return count;
}

/* A clicker's one key: from event to event and from word to word of the scenario, each with its place, until
 * all that the lesson tells has happened; then the answer, which whoever does not wait for the next event has
 * at once. */
static void a_clicker_goes_from_event_to_event(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    write_story(ui->wish.scenario, sizeof ui->wish.scenario);
    open_scene(ui, "district.lua");
    int64_t start_ns = ui->sides[0].status.earliest_ns;
    ui_set_speed(ui, 0.1); /* nothing comes by itself */
    press_key(ui, SDLK_F5, 0);
    press_key(ui, SDLK_PAGEDOWN, 0);
    assert_true(ui->present == UI_PRESENT_WATCH && ui->is_playing && !ui->stops_at_event);
    ui_present_step(ui, 1);
    assert_true(ui->present == UI_PRESENT_WATCH && ui->stops_at_event);
    ui_present_step(ui, 1); /* not waited for */
    assert_int_equal(ui->present, UI_PRESENT_ANSWER);
    press_key(ui, SDLK_PAGEUP, 0);
    uint32_t stops = 0, words = 0;
    for (press_key(ui, SDLK_PAGEDOWN, 0); ui->present == UI_PRESENT_WATCH;
         press_key(ui, SDLK_PAGEDOWN, 0), stops++) {
        run_until_stopped(ui);
        const jw_frame_event *failed = find_event(ui, "site_failed");
        assert_non_null(failed);
        assert_true(stops > 0 || !find_event(ui, "site_back"));
        if (stops == 0) {
            show(ui, "present-event");
            assert_true(count_colour(ui, (double)failed->x_m, (double)failed->y_m, GUI_SECOND) > 60);
        }
        int64_t since_ns = ui->sides[0].newer.time_ns - start_ns;
        words += since_ns >= 15 * JW_NS_PER_S && since_ns <= 16 * JW_NS_PER_S;
    }
    assert_true(stops >= 4 && words == 1 && find_event(ui, "site_back"));
    assert_true(ui->sides[0].newer.time_ns >= start_ns + 30 * JW_NS_PER_S);
    assert_true(ui->sides[0].newer.time_ns <= start_ns + 32 * JW_NS_PER_S);
    assert_int_equal(ui->present, UI_PRESENT_ANSWER);
    close_ui(ui);
}

/* The question first, then the city runs, then the answer; a clicker's keys go on and back. */
static void a_room_predicts_before_it_sees(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1024, 640);
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, JW_SOURCE_FOLDER "/scripts/ai_rollout.lua");
    open_scene(ui, "district.lua");
    assert_false(ui->is_playing);
    press_key(ui, SDLK_PAGEDOWN, 0); /* nobody presents yet */
    assert_false(ui->is_playing);
    jw_vec2 middle = middle_of_room(ui);
    double away_m = ui->camera.distance_m;
    press_key(ui, SDLK_F5, 0);
    assert_true(ui->is_presenting);
    assert_int_equal(ui->present, UI_PRESENT_QUESTION);
    run(ui, 0); /* the city fills what is free now as it filled what was free before */
    assert_true(jw_vec2_distance(middle, middle_of_room(ui)) < 1 && ui->camera.distance_m < away_m);
    show(ui, "present-question");
    press_key(ui, SDLK_PAGEDOWN, 0);
    assert_int_equal(ui->present, UI_PRESENT_WATCH);
    assert_true(ui->is_playing);
    assert_false(ui->is_revealed);
    show(ui, "present-watch");
    ui_present_step(ui, 1); /* to the next event, but who waits */
    ui_present_step(ui, 1);
    assert_int_equal(ui->present, UI_PRESENT_ANSWER);
    assert_true(ui->is_revealed);
    assert_false(ui->is_playing);
    show(ui, "present-answer");
    press_key(ui, SDLK_PAGEDOWN, 0); /* there is no more */
    assert_int_equal(ui->present, UI_PRESENT_ANSWER);
    press_key(ui, SDLK_PAGEUP, 0);
    press_key(ui, SDLK_PAGEUP, 0);
    assert_int_equal(ui->present, UI_PRESENT_QUESTION);
    press_key(ui, SDLK_ESCAPE, 0);
    assert_false(ui->is_presenting);
    run(ui, 0);
    assert_true(jw_vec2_distance(middle, middle_of_room(ui)) < 1 &&
                jw_abs(ui->camera.distance_m / away_m - 1) < 0.01);
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_clicker_goes_from_event_to_event, close_opened),
        cmocka_unit_test_teardown(a_room_predicts_before_it_sees, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
