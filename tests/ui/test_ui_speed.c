/* What the window costs: no picture while it stands, and no more GL objects after a long time than after a
 * short one; the memory is told. */
#include "ui/ui_fixture.h"

#include <SDL2/SDL.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static double soak_s = 15; /* given on the command line for a long one */

static double processor_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double resident_mb(void)
{
    char *text;
    size_t size;
    long pages = 0, resident = 0;
    assert_int_equal(jw_file_read("/proc/self/statm", 4096, &text, &size, NULL), JW_OK);
    assert_int_equal(sscanf(text, "%ld %ld", &pages, &resident), 2);
    jw_free(text);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

/* Ten seconds of its loop. The world may still be busy with its last step when the pause begins. */
static void a_paused_window_rests(void **state)
{
    (void)state;
    enum { SECONDS = 10 };
    jw_ui *ui = open_ui("en", 960, 540);
    open_scene(ui, "district.lua");
    wait_until(ui, 2);
    ui_play(ui, false);
    double limit_s = jw_clock_seconds() + 120;
    while ((ui_is_moving(ui) || ui->sides[0].status.is_running) && jw_clock_seconds() < limit_s)
        run(ui, 0);
    run(ui, 1);
    uint32_t pictures = ui->picture_count;
    double begin_s = processor_s();
    run(ui, SECONDS);
    double share = (processor_s() - begin_s) / SECONDS;
    printf("paused for %d s: %u pictures, %.2f %% of a processor\n", SECONDS, ui->picture_count - pictures,
           share * 100);
    assert_int_equal(ui->picture_count, pictures);
    assert_true(share <= 0.05); /* on a busy machine; without a screen SDL wakes up to look for events */
    /* It is awake at once. */
    SDL_PushEvent(&(SDL_Event){.motion = {.type = SDL_MOUSEMOTION, .x = 400, .y = 300}});
    run(ui, 0);
    assert_true(ui->picture_count > pictures);
    close_ui(ui);
}

/* What hands do, each round the same. */
static void act(jw_ui *ui, uint32_t round)
{
    static const SDL_Keycode keys[] = {SDLK_t, SDLK_t, SDLK_TAB, SDLK_TAB, SDLK_f, SDLK_ESCAPE};
    jw_pick vehicle = {.kind = JW_PICK_VEHICLE};
    const jw_frame *frame = &ui->sides[0].newer;
    jw_camera_orbit(&ui->camera, 0.3, 0.02 * ((round % 5) - 2.0));
    ui->camera.distance_m = 150.0 * (1 + (round * 7) % 40);
    ui_set_overlay(ui, (jw_view_overlay)(round % JW_OVERLAY_COUNT));
    if (frame->vehicle_count > 0) {
        vehicle.index = frame->vehicles[round % frame->vehicle_count].index1;
        vehicle.generation = frame->vehicles[round % frame->vehicle_count].generation;
        ui_select(ui, 0, &vehicle);
    }
    SDL_Keycode key = keys[round % JW_COUNT_OF(keys)];
    SDL_PushEvent(&(SDL_Event){.key = {.type = SDL_KEYDOWN, .state = SDL_PRESSED, .keysym.sym = key}});
    SDL_PushEvent(&(SDL_Event){.key = {.type = SDL_KEYUP, .keysym.sym = key}});
}

static void rest(jw_ui *ui)
{
    ui_set_overlay(ui, JW_OVERLAY_NONE);
    ui_camera_home(ui, true);
    if (ui->is_presenting)
        ui_present_set(ui, false);
    run(ui, 0.5);
}

static void a_long_run_leaves_nothing(void **state)
{
    (void)state;
    enum { ROUNDS = 60 }; /* all there is was used once */
    jw_ui *ui = open_ui("en", 960, 540);
    open_scene(ui, "district.lua");
    ui_set_speed(ui, 10);
    ui_play(ui, true);
    jw_view_census early = {0}, late;
    double early_mb = 0, ours_mb = 0, begin_s = jw_clock_seconds();
    uint32_t round = 0;
    for (; round < 2 * ROUNDS || jw_clock_seconds() - begin_s < soak_s; round++) {
        act(ui, round);
        run(ui, 0.05);
        if (round == ROUNDS) {
            rest(ui);
            early = jw_view_take_census();
            early_mb = resident_mb();
            ours_mb = (double)jw_allocated_bytes() / 1e6;
        }
    }
    rest(ui);
    late = jw_view_take_census();
    printf("%u rounds in %.0f s, up to %.1f h of the world: %u GL objects, then %u; %.1f MB of video memory, "
           "then %.1f; %.0f MB resident, then %.0f; "
           "%.0f MB of them ours, then %.0f\n",
           round, jw_clock_seconds() - begin_s, jw_s_from_ns(ui->sides[0].newer.time_ns) / 3600,
           early.objects, late.objects, (double)(early.buffer_bytes + early.texture_bytes) / 1e6,
           (double)(late.buffer_bytes + late.texture_bytes) / 1e6, early_mb, resident_mb(), ours_mb,
           (double)jw_allocated_bytes() / 1e6);
    assert_int_equal(late.objects, early.objects);
    close_ui(ui);
    check_gl();
}

int main(int argc, char **argv)
{
    if (argc > 1)
        soak_s = atof(argv[1]);
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest all[] = {cmocka_unit_test_teardown(a_paused_window_rests, close_opened),
                                     cmocka_unit_test_teardown(a_long_run_leaves_nothing, close_opened)};
    const struct CMUnitTest soak[] = {cmocka_unit_test_teardown(a_long_run_leaves_nothing, close_opened)};
    int failed =
        argc > 1 ? cmocka_run_group_tests(soak, NULL, NULL) : cmocka_run_group_tests(all, NULL, NULL);
    ui_fixture_end();
    return failed;
}
