/* What a window meets: sizes of one pixel, being minimised, a graphics card that is reset, long work that is
 * to be left; it answers meanwhile and goes on after. */
#include "ui/ui_fixture.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_S 0.05 /* of processor time of the window's thread: the machine may be busy with others */

static double processor_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void one_pixel_and_back(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 800, 500);
    open_scene(ui, "district.lua");
    SDL_Window *window = jw_view_window_sdl(ui->window);
    static const int sizes[][2] = {{1, 1}, {1, 500}, {800, 1}, {37, 29}, {800, 500}};
    for (uint32_t i = 0; i < JW_COUNT_OF(sizes); i++) {
        SDL_SetWindowSize(window, sizes[i][0], sizes[i][1]);
        run(ui, 0);
        show(ui, "small");
        assert_int_equal(ui->dialog.code, JW_OK);
    }
    assert_int_equal(ui->width_px, 800);
    assert_true(share_drawn(ui) > 0.05);
    SDL_MinimizeWindow(window);
    run(ui, 0);
    SDL_RestoreWindow(window);
    run(ui, 0);
    show(ui, "restored");
    assert_true(share_drawn(ui) > 0.05);
    close_ui(ui);
}

static void a_reset_card_is_survived(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 800, 500);
    open_scene(ui, "district.lua");
    ui_set_speed(ui, 10);
    ui_play(ui, true);
    show(ui, "before");
    double before = share_drawn(ui);
    for (int i = 0; i < 2; i++) {
        int64_t time_ns = ui->sides[0].newer.time_ns;
        jw_view_window_lose(ui->window);
        ui->redraws = 3;
        jw_error error = {0};
        while (!ui->load) /* noticed after the next picture */
            assert_int_equal(ui_turn(ui, &error), JW_OK);
        run_until_loaded(ui);
        assert_non_null(ui->view);
        assert_int_equal(ui->dialog.code, JW_OK);
        assert_true(ui->notice[0]);
        show(ui, "renewed");
        assert_true(jw_abs(share_drawn(ui) - before) < 0.1);
        wait_until(ui, 2); /* the world has gone on */
        assert_true(ui->sides[0].newer.time_ns > time_ns);
    }
    /* On the start screen there is no city to make anew. */
    ui_leave_city(ui); /* once more, please */
    assert_non_null(ui->city);
    ui_leave_city(ui);
    assert_null(ui->city);
    jw_view_window_lose(ui->window);
    ui->redraws = 3;
    jw_error error = {0};
    assert_int_equal(ui_turn(ui, &error), JW_OK);
    assert_null(ui->load);
    show(ui, "start-renewed");
    assert_true(share_drawn(ui) > 0.05);
    close_ui(ui);
}

static void press_escape(jw_ui *ui)
{
    SDL_Event event = {.type = SDL_KEYDOWN};
    event.key.windowID = SDL_GetWindowID(jw_view_window_sdl(ui->window));
    event.key.keysym.sym = SDLK_ESCAPE;
    SDL_PushEvent(&event);
}

/* What a picture costs the window's thread, at most of ten; with one core llvmpipe draws on it, too. */
static double picture_s(jw_ui *ui)
{
    double longest_s = 0;
    for (int i = 0; i < 10; i++) {
        jw_error error = {0};
        double from_s = processor_s();
        ui->redraws = 1;
        assert_int_equal(ui_turn(ui, &error), JW_OK);
        longest_s = jw_max(longest_s, processor_s() - from_s);
    }
    return longest_s;
}

/* Goes round while long work is under way; the longest turn, in processor time. */
static double longest_turn(jw_ui *ui, bool (*goes_on)(const jw_ui *), double for_s)
{
    double longest = 0, end_s = jw_clock_seconds() + for_s;
    jw_error error = {0};
    while (goes_on(ui) && jw_clock_seconds() < end_s) {
        double begin_s = processor_s();
        assert_int_equal(ui_turn(ui, &error), JW_OK);
        longest = jw_max(longest, processor_s() - begin_s);
    }
    return longest;
}

static bool is_loading(const jw_ui *ui)
{
    return ui->load != NULL;
}

/* A map twice as large as the one at hand: told of in many steps, in order, never backwards. */
static void loading_a_map_goes_forward(void **state)
{
    (void)state;
    static const char *const parts[] = {"reading the map", "connecting lanes", "forming blocks"};
    const char *tool = getenv("JW_OSM_TILE"), *data = getenv("JINGWEI_DATA");
    char map[300], command[1200];
    if (!tool || !data) {
        print_message("skipped: $JW_OSM_TILE or $JINGWEI_DATA is not set\n");
        skip();
    }
    snprintf(map, sizeof map, "%s/two.osm.pbf", ui_fixture_folder);
    snprintf(command, sizeof command, "'%s' '%s/liechtenstein-latest.osm.pbf' '%s' 2", tool, data, map);
    assert_int_equal(system(command), 0);
    ui_wish wish = {.threads = 2};
    jw_text_copy(wish.file, sizeof wish.file, map);
    ui_load *load;
    jw_error error = {0};
    assert_int_equal(ui_load_start(&wish, NULL, NULL, &load, &error), JW_OK);
    double last = 0, fraction, longest_s = 0, changed_s = jw_clock_seconds();
    char what[96] = "", last_what[96] = "";
    uint32_t steps = 0, part = 0;
    bool is_finished = false;
    while (!is_finished) {
        is_finished = ui_load_progress(load, &fraction, what, sizeof what);
        assert_true(fraction >= last && fraction <= 1);
        part += part < JW_COUNT_OF(parts) && strcmp(what, parts[part]) == 0;
        if (fraction > last || strcmp(what, last_what) != 0) {
            longest_s = jw_max(longest_s, jw_clock_seconds() - changed_s);
            changed_s = jw_clock_seconds();
            steps++;
        }
        last = fraction;
        jw_text_copy(last_what, sizeof last_what, what);
        SDL_Delay(1);
    }
    ui_loaded loaded;
    ui_load_finish(load, &loaded);
    assert_int_equal(loaded.result, JW_OK);
    assert_non_null(loaded.mesh);
    assert_non_null(loaded.session);
    ui_loaded_free(&loaded);
    remove(map);
    print_message("%u steps, at most %.2f s apart\n", steps, longest_s);
    assert_int_equal(part, JW_COUNT_OF(parts));
    assert_true(steps > 15 && last > 0.9);
}

static bool is_seeking(const jw_ui *ui)
{
    return ui->sides[0].status.is_seeking;
}

/* Loading, forking, going far ahead: the window answers in time all along, and Esc ends the work. */
static void long_work_is_answered_and_left(void **state)
{
    (void)state;
    enum { TRIES = 3, LEAVING_S = 240 };
    jw_ui *ui = open_ui("en", 800, 500);
    double start_s = picture_s(ui);
    ui_open_file(ui, JW_SOURCE_FOLDER "/scenes/xiongan.lua");
    double loading_s = longest_turn(ui, is_loading, 0.5);
    assert_non_null(ui->load);
    press_escape(ui);
    double begin_s = jw_clock_seconds();
    double leaving_s = longest_turn(ui, is_loading, LEAVING_S);
    assert_null(ui->load);
    assert_null(ui->city); /* it was left, not finished */
    assert_int_equal(ui->dialog.code, JW_OK);
    print_message("loading: %.1f ms a turn, left within %.2f s\n", 1e3 * jw_max(loading_s, leaving_s),
                  jw_clock_seconds() - begin_s);
    open_scene(ui, "district.lua");
    stop(ui);
    show(ui, "city");
    double drawing_s = picture_s(ui);
    /* The least of some tries: a neighbour's load makes a turn dear now and then, long work each time. */
    double forking_s = 1e9, both_s = 1e9, seeking_s = 1e9;
    for (int i = 0; i < TRIES; i++) {
        ui_fork(ui);
        forking_s = jw_min(forking_s, longest_turn(ui, is_loading, LEAVING_S));
        assert_int_equal(ui->side_count, 2);
        both_s = jw_min(both_s, picture_s(ui)); /* of two worlds: the last turn drew one */
        ui_close_fork(ui, 0);
        run_until_standing(ui);
        int64_t from_ns = ui->sides[0].status.time_ns;
        ui_seek(ui, from_ns + 4 * 3600 * JW_NS_PER_S);
        ui->sides[0].status.is_seeking = true;
        double ahead_s = longest_turn(ui, is_seeking, 1.0);
        assert_true(is_seeking(ui));
        press_escape(ui);
        seeking_s = jw_min(seeking_s, jw_max(ahead_s, longest_turn(ui, is_seeking, LEAVING_S)));
        assert_false(is_seeking(ui));
        int64_t left_ns = ui->sides[0].status.time_ns;
        assert_true(left_ns >= from_ns && left_ns < from_ns + 4 * 3600 * JW_NS_PER_S);
    }
    print_message(
        "a picture %.1f ms, of the city %.1f ms, of two %.1f ms; forking %.1f ms, seeking %.1f ms a "
        "turn\n",
        1e3 * start_s, 1e3 * drawing_s, 1e3 * both_s, 1e3 * forking_s, 1e3 * seeking_s);
    assert_true(jw_max(loading_s, leaving_s) < ANSWER_S + start_s);
    assert_true(forking_s < ANSWER_S + jw_max(drawing_s, both_s) && seeking_s < ANSWER_S + drawing_s);
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(one_pixel_and_back, close_opened),
        cmocka_unit_test_teardown(a_reset_card_is_survived, close_opened),
        cmocka_unit_test_teardown(long_work_is_answered_and_left, close_opened),
        cmocka_unit_test_teardown(loading_a_map_goes_forward, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
