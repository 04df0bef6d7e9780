/* The window without a screen: every panel draws without GL errors, journeys end where they should, nothing
 * is left. With JINGWEI_PICTURES=folder each state is saved there as PNG, to be looked at. */
#include "ui/ui_fixture.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void start_screen_in_both_languages(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    for (int i = 0; i < 2; i++) {
        jw_ui *ui = open_ui(languages[i], 1024, 640);
        if (ui->has_chinese_font)
            assert_string_equal(ui->text.language, languages[i]);
        assert_true(ui->scene_count >= 2);
        show(ui, "start");
        assert_true(share_drawn(ui) > 0.05);
        close_ui(ui);
    }
}

static void without_fonts_it_speaks_english_and_says_so(void **state)
{
    (void)state;
    setenv("JINGWEI_FONT", JW_SOURCE_FOLDER "/CMakeLists.txt", 1); /* no font */
    jw_ui *ui = open_ui("zh", 1024, 640);
    unsetenv("JINGWEI_FONT");
    assert_false(ui->has_chinese_font);
    assert_string_equal(ui->text.language, "en");
    assert_non_null(strstr(ui->dialog.message, "fonts-wqy-microhei"));
    show(ui, "no-font");
    close_ui(ui);
}

static void drop(jw_ui *ui, const char *file)
{
    SDL_Event event = {.type = SDL_DROPFILE};
    event.drop.file = SDL_strdup(file);
    SDL_PushEvent(&event);
    run(ui, 0);
    run_until_loaded(ui);
}

static void wrong_files_are_shown_and_survived(void **state)
{
    (void)state;
    static const char *const contents[] = {"\x7f"
                                           "ELF garbage",
                                           "return scene {", "", "<osm></osm>"};
    static const char *const names[] = {"binary.osm", "broken.lua", "empty.gpkg", "roadless.osm"};
    static const char *const chinese[] = {"不是地图，而是", "附近有意外的符号", "文件是空的", "地图是空的"};
    jw_ui *ui = open_ui("en", 1024, 640);
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", ui_fixture_folder, names[i]);
        assert_int_equal(jw_file_write(path, contents[i], strlen(contents[i]), NULL), JW_OK);
        drop(ui, path);
        if (!ui->dialog.code)
            fail_msg("%s was opened", names[i]);
        assert_true(ui->dialog.message[0]);
        assert_false(ui->is_quitting);
        show(ui, names[i]);
        if (ui->has_chinese_font) {
            char said[1200];
            assert_true(ui_set_language(ui, "zh"));
            jw_phrases_say_error(&ui->phrases, &ui->dialog, said, sizeof said);
            if (!strstr(said, chinese[i]))
                fail_msg("%s", said);
            run(ui, 0);
            show(ui, "wrong-zh");
            assert_true(ui_set_language(ui, "en"));
        }
        ui->dialog = (jw_error){0};
        unlink(path);
    }
    drop(ui, "/nowhere/at/all.lua");
    assert_int_not_equal(ui->dialog.code, JW_OK);
    ui->dialog = (jw_error){0};
    /* and a good one opens after all that */
    open_scene(ui, "district.lua");
    /* a wrong one now leaves the city as it is */
    drop(ui, "/nowhere/at/all.lua");
    assert_int_not_equal(ui->dialog.code, JW_OK);
    assert_non_null(ui->city);
    close_ui(ui);
}

static void every_panel_draws(void **state)
{
    (void)state;
    static const char *const tabs[UI_TAB_COUNT] = {"inspector", "build",    "tools",
                                                   "params",    "scenario", "basis"};
    static const char *const lights[UI_LIGHT_COUNT] = {"day", "night", "clock"};
    static const struct {
        const char *language;
        int width_px, height_px;
    } windows[] = {{"en", 1280, 800}, {"zh", 1024, 640}};
    for (uint32_t w = 0; w < JW_COUNT_OF(windows); w++) {
        jw_ui *ui = open_ui(windows[w].language, windows[w].width_px, windows[w].height_px);
        open_scene(ui, "district.lua");
        /* It begins at 07:30, and the streets are alive. */
        assert_true(ui->sides[0].status.earliest_ns == 27000 * JW_NS_PER_S);
        assert_true(ui->sides[0].newer.vehicle_count > 10);
        ui_set_speed(ui, 300);
        ui_play(ui, true);
        wait_until(ui, 240);
        assert_true(ui->sides[0].newer.vehicle_count > 10);
        for (int i = 0; i < JW_OVERLAY_COUNT; i++) {
            ui_set_overlay(ui, (jw_view_overlay)i);
            run_until_answered(ui);
            show(ui, jw_view_overlay_info((jw_view_overlay)i)->id);
        }
        ui_set_overlay(ui, JW_OVERLAY_NONE);
        for (int i = 0; i < UI_LIGHT_COUNT; i++) {
            ui->settings.light = i;
            show(ui, lights[i]);
            assert_int_equal(gui_is_dark(), i == UI_LIGHT_NIGHT);
        }
        ui->settings.light = UI_LIGHT_DAY;
        for (int i = 0; i < UI_TAB_COUNT; i++) {
            ui->tab = (ui_tab)i;
            show(ui, tabs[i]);
        }
        ui_present_set(ui, true);
        show(ui, "presenter");
        ui_present_set(ui, false);
        ui->settings.scale_percent = 150;
        ui->wants_fonts = true;
        show(ui, "large");
        close_ui(ui);
    }
}

static void a_click_shows_values_and_plots(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    play_for(ui, 60);
    assert_true(pick_something(ui, JW_PICK_ASSET) || pick_something(ui, JW_PICK_EDGE));
    ui->tab = UI_TAB_INSPECTOR;
    RUN_UNTIL(ui, ui->sides[0].newer.detail_count > 0); /* the frame in hand may be older than the question */
    uint32_t answers = 0;
    jw_watch watch = ui_watch_of(&ui->selection), city = {0};
    for (uint32_t i = 0; i < ui->sides[0].newer.detail_count; i++) {
        const jw_frame_detail *detail = &ui->sides[0].newer.details[i];
        answers += detail->watch_id == 1;
        if (detail->can_plot && ui->plot_count == 0)
            ui_plot_toggle(ui, &watch, detail->label, detail->label, detail->unit);
    }
    if (answers <= 2)
        fail_msg("%s has %u values", ui->selection.name, answers);
    ui_plot_toggle(ui, &city, "traffic.running", "Vehicles on the road", "veh");
    assert_int_equal(ui->plot_count, 2);
    RUN_UNTIL(ui, ui->plots[0].series[0].axis.count > 3 && ui->plots[1].series[0].axis.count > 3);
    show(ui, "values");
    ui_plot_toggle(ui, &city, "traffic.running", "", "");
    assert_int_equal(ui->plot_count, 1);
    close_ui(ui);
}

static void press(jw_ui *ui, Uint32 type, int x, int y)
{
    SDL_Event event = {.type = type};
    event.button.windowID = SDL_GetWindowID(jw_view_window_sdl(ui->window));
    event.button.button = SDL_BUTTON_LEFT;
    event.button.x = x;
    event.button.y = y;
    SDL_PushEvent(&event);
}

/* Press and release between two pictures, as on a slow machine. */
static void a_quick_click_on_a_panel_is_not_one_on_the_city(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    assert_true(pick_something(ui, JW_PICK_BUILDING));
    show(ui, "selected");
    press(ui, SDL_MOUSEBUTTONDOWN, 1100, 134);
    press(ui, SDL_MOUSEBUTTONUP, 1100, 134);
    run_until_shown(ui);
    assert_int_equal(ui->selection.kind, JW_PICK_BUILDING);
    press(ui, SDL_MOUSEBUTTONDOWN, 600, 30); /* the sky */
    press(ui, SDL_MOUSEBUTTONUP, 600, 30);
    run_until_shown(ui);
    assert_int_equal(ui->selection.kind, JW_PICK_NONE);
    close_ui(ui);
}

static void a_fork_runs_beside_and_differs(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    play_for(ui, 60);
    ui_fork(ui);
    run_until_loaded(ui);
    assert_int_equal(ui->side_count, 2);
    assert_int_equal(ui->side, 1);
    assert_true(ui->start_ns < ui->sides[1].first.time_ns);
    assert_true(ui->wish.seed == 0 && ui->seed != 0); /* none was asked for: the scene's is told */
    assert_true(ui->sides[0].newer.link_count > 0);
    /* Where they part is kept, to be compared from there. */
    assert_true(ui->sides[1].first.time_ns == ui->sides[1].status.earliest_ns);
    assert_int_equal(ui->sides[1].first.metric_count, ui->sides[1].newer.metric_count);
    jw_command command = jw_command_make("cut_link");
    jw_command_text(&command, "name", ui->sides[0].newer.links[0].name);
    ui_post(ui, &command);
    assert_int_equal(ui->waiting_commands, 1);
    ui_play(ui, true);
    wait_until(ui, 60);
    RUN_UNTIL(ui, !ui->sides[1].newer.links[0].is_up); /* it may be behind */
    show(ui, "fork");
    assert_true(ui->sides[0].newer.links[0].is_up);
    stop(ui); /* at one moment */
    char said[128];
    ui_say_driving(ui, said, sizeof said);
    assert_memory_equal(said, "A ", 2);
    assert_non_null(strstr(said, " · B "));
    ui_close_fork(ui, 1);
    ui_say_driving(ui, said, sizeof said);
    assert_null(strstr(said, "B "));
    assert_true(ui->start_ns < ui->sides[0].status.earliest_ns); /* B counts on from where A began */
    assert_int_equal(ui->side_count, 1);
    run_until_standing(ui);
    assert_false(ui->sides[0].newer.links[0].is_up);
    close_ui(ui);
}

static void it_goes_back_in_time(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    int64_t start_ns = ui->sides[0].status.earliest_ns;
    play_for(ui, 150);
    ui_seek(ui, start_ns + 90 * JW_NS_PER_S);
    RUN_UNTIL(ui, ui->sides[0].newer.time_ns == start_ns + 90 * JW_NS_PER_S);
    assert_false(ui->is_playing);
    assert_true(ui->sides[0].latest_ns >= start_ns + 150 * JW_NS_PER_S);
    show(ui, "back");
    close_ui(ui);
}

static void a_scenario_starts_the_scene_anew(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1280, 800);
    open_scene(ui, "district.lua");
    assert_true(ui->script_count > 0);
    jw_view *view = ui->view;
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, ui->script_files[0]);
    ui_restart(ui);
    run_until_loaded(ui);
    if (ui->dialog.code)
        fail_msg("%s:%d: %s", ui->dialog.file, ui->dialog.line, ui->dialog.message);
    assert_true(ui->has_scenario_texts);
    assert_true(ui->scenario_texts.title.en[0]);
    assert_false(ui->is_playing);
    assert_ptr_equal(ui->view, view); /* the same city: its model was not made again */
    play_for(ui, 60);
    show(ui, "lesson");
    ui->is_revealed = true;
    show(ui, "revealed");
    close_ui(ui);
}

static void load_with(jw_ui *ui, const char *scenario, const char *text)
{
    assert_int_equal(jw_file_write(scenario, text, strlen(text), NULL), JW_OK);
    ui_reload(ui);
    run_until_loaded(ui);
}

/* In the middle of a lesson: it goes on, what failed is said in the chosen language, and the file is mended
 * and read again. */
static void a_script_that_fails_is_mended_and_read_again(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1024, 640);
    open_scene(ui, "district.lua");
    char file[600], said[640] = "";
    snprintf(file, sizeof file, "%s/class.lua", ui_fixture_folder);
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, file);
    load_with(ui, file, "return scenario { title = 'class', every = { ['2s'] = function(twin)\ntwin:");
    assert_string_equal(ui->dialog.file, file);
    assert_true(ui->city && ui->dialog.line > 0);
    show(ui, "broken-script");
    ui->dialog = (jw_error){0};
    load_with(
        ui, file,
        "return scenario { title = 'class', every = { ['2s'] = function(twin)\nlocal x = nil + 1\nend } }");
    assert_int_equal(ui->dialog.code, JW_OK);
    play_for(ui, 10);
    ui_play(ui, false);
    const ui_side *side = &ui->sides[0];
    for (uint32_t i = 0; i < side->event_count && !strstr(said, "class.lua:2"); i++)
        ui_say_event(ui, &side->events[i], said, sizeof said);
    assert_non_null(strstr(said, "class.lua:2"));
    if (ui->has_chinese_font && (!strstr(said, "已停止") || strstr(said, "attempt")))
        fail_msg("%s", said);
    show(ui, "script-stopped");
    load_with(ui, file, "return scenario { title = 'class', every = { ['2s'] = function(twin) end } }");
    ui_play(ui, true);
    wait_until(ui, 10);
    for (uint32_t i = 0; i < ui->sides[0].event_count; i++) {
        ui_say_event(ui, &ui->sides[0].events[i], said, sizeof said);
        assert_null(strstr(said, "class.lua"));
    }
    close_ui(ui);
    unlink(file);
}

static void pictures_without_a_screen(void **state)
{
    (void)state;
    char path[600];
    snprintf(path, sizeof path, "%s/window.png", ui_fixture_folder);
    jw_ui_def def = {.file = JW_SOURCE_FOLDER "/scenes/district.lua",
                     .threads = 1,
                     .width_px = 640,
                     .height_px = 400,
                     .speed = 100,
                     .frame_count = 10,
                     .screenshot = path};
    jw_error error = {0};
    if (jw_ui_run(&def, &error) != JW_OK)
        fail_msg("%s", error.message);
    char *bytes;
    size_t size;
    assert_int_equal(jw_file_read(path, 1 << 24, &bytes, &size, NULL), JW_OK);
    assert_true(size > 20000);
    assert_memory_equal(bytes, "\x89PNG", 4);
    jw_free(bytes);
    unlink(path);
    def.file = "/nowhere/at/all.lua";
    assert_int_not_equal(jw_ui_run(&def, &error), JW_OK);
    assert_true(error.message[0]);
    assert_false(jw_file_exists(path));
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void without_a_screen_there_is_no_window(void **state)
{
    (void)state;
    char driver[64];
    jw_text_copy(driver, sizeof driver, getenv("SDL_VIDEODRIVER"));
    unsetenv("SDL_VIDEODRIVER");
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    jw_ui_def def = {.width_px = 320, .height_px = 240};
    jw_error error = {0};
    assert_int_equal(jw_ui_run(&def, &error), JW_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "DISPLAY"));
    setenv("SDL_VIDEODRIVER", "dummy", 1); /* a driver without OpenGL */
    error = (jw_error){0};
    assert_int_equal(jw_ui_run(&def, &error), JW_ERROR_UNSUPPORTED);
    assert_true(error.message[0]);
    assert_int_equal(jw_allocated_bytes(), 0);
    setenv("SDL_VIDEODRIVER", driver[0] ? driver : "offscreen", 1);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(start_screen_in_both_languages, close_opened),
        cmocka_unit_test_teardown(without_fonts_it_speaks_english_and_says_so, close_opened),
        cmocka_unit_test_teardown(wrong_files_are_shown_and_survived, close_opened),
        cmocka_unit_test_teardown(every_panel_draws, close_opened),
        cmocka_unit_test_teardown(a_click_shows_values_and_plots, close_opened),
        cmocka_unit_test_teardown(a_quick_click_on_a_panel_is_not_one_on_the_city, close_opened),
        cmocka_unit_test_teardown(a_fork_runs_beside_and_differs, close_opened),
        cmocka_unit_test_teardown(it_goes_back_in_time, close_opened),
        cmocka_unit_test_teardown(a_scenario_starts_the_scene_anew, close_opened),
        cmocka_unit_test_teardown(a_script_that_fails_is_mended_and_read_again, close_opened),
        cmocka_unit_test_teardown(pictures_without_a_screen, close_opened),
        cmocka_unit_test_teardown(without_a_screen_there_is_no_window, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
