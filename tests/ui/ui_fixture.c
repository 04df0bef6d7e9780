#include "ui/ui_fixture.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char ui_fixture_folder[] = "/tmp/jingwei-ui-XXXXXX";

static jw_ui *opened; /* closed by the teardown when a test fails: there is one window a process */

jw_ui *open_ui(const char *language, int width_px, int height_px)
{
    jw_ui_def def = {.language = language, .width_px = width_px, .height_px = height_px, .threads = 1};
    jw_ui *ui;
    jw_error error = {0};
    if (ui_open(&def, true, &ui, &error) != JW_OK)
        fail_msg("%s", error.message);
    opened = ui;
    return ui;
}

int close_opened(void **state)
{
    (void)state;
    if (opened)
        ui_close(opened);
    opened = NULL;
    return 0;
}

void close_ui(jw_ui *ui)
{
    opened = NULL;
    ui_close(ui);
    assert_int_equal(jw_allocated_bytes(), 0);
}

void check_gl(void)
{
    assert_int_equal(glGetError(), GL_NO_ERROR);
}

/* Goes round for so long. */
void run(jw_ui *ui, double seconds)
{
    jw_error error = {0};
    double end_s = jw_clock_seconds() + seconds;
    do {
        if (ui_turn(ui, &error) != JW_OK)
            fail_msg("%s", error.message);
        check_gl();
    } while (jw_clock_seconds() < end_s);
}

void draw(jw_ui *ui)
{
    jw_error error = {0};
    ui_take_frames(ui);
    assert_int_equal(ui_draw(ui, &error), JW_OK);
    check_gl();
}

void load(jw_ui *ui, const char *file)
{
    ui_open_file(ui, file);
    run_until_loaded(ui);
}

static bool has_frames(const jw_ui *ui)
{
    for (uint32_t i = 0; i < ui->side_count; i++)
        if (!ui->sides[i].has_newer || !ui->sides[i].status.earliest_ns)
            return false;
    return true;
}

void run_until_loaded(jw_ui *ui)
{
    RUN_UNTIL(ui, !ui->load && has_frames(ui));
}

void open_scene(jw_ui *ui, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, JW_SOURCE_FOLDER "/scenes/%s", name);
    load(ui, path);
    if (ui->dialog.code)
        fail_msg("%s:%d: %s", ui->dialog.file, ui->dialog.line, ui->dialog.message);
    assert_non_null(ui->city);
}

void wait_until(jw_ui *ui, double seconds_of_world)
{
    RUN_UNTIL(ui, ui->sides[0].has_newer); /* a new world: its time is not known */
    int64_t goal_ns = ui->sides[0].newer.time_ns + jw_ns_from_s(seconds_of_world);
    RUN_UNTIL(ui, ui->sides[0].newer.time_ns >= goal_ns);
}

void play_for(jw_ui *ui, double seconds_of_world)
{
    ui_set_speed(ui, 100);
    ui_play(ui, true);
    wait_until(ui, seconds_of_world);
}

static bool is_standing(const jw_ui *ui)
{
    for (uint32_t i = 0; i < ui->side_count; i++) {
        const ui_side *side = &ui->sides[i];
        if (side->status.is_running || side->newer.time_ns != side->status.time_ns ||
            side->newer.time_ns != ui->sides[0].newer.time_ns)
            return false;
    }
    return true;
}

void run_until_standing(jw_ui *ui)
{
    run(ui, 0); /* what is known of the worlds is of the turn before */
    RUN_UNTIL(ui, is_standing(ui));
}

void stop(jw_ui *ui)
{
    ui_play(ui, false);
    run_until_standing(ui);
}

void run_until_stopped(jw_ui *ui)
{
    RUN_UNTIL(ui, !ui->is_playing);
    run_until_standing(ui);
}

void run_until_shown(jw_ui *ui)
{
    enum { PICTURES = 4 }; /* Dear ImGui takes what came at once one by one */
    uint32_t before = ui->picture_count;
    run(ui, 0);
    RUN_UNTIL(ui, ui->redraws == 0 || ui->picture_count - before >= PICTURES);
}

void run_until_answered(jw_ui *ui)
{
    RUN_UNTIL(ui, ui->sides[0].has_kept || jw_view_overlay_info(ui->overlay)->watch == JW_WATCH_NONE);
}

/* Draws until the panels have settled; a picture of it when asked for. */
void show(jw_ui *ui, const char *name)
{
    jw_error error = {0};
    for (int i = 0; i < 4 || !jw_view_names_are_settled(ui->view); i++) {
        ui_take_frames(ui);
        if (ui_draw(ui, &error) != JW_OK)
            fail_msg("%s", error.message);
        check_gl();
    }
    const char *pictures = getenv("JINGWEI_PICTURES");
    char path[600];
    snprintf(path, sizeof path, "%s/%s-%s.png", pictures, name, ui->text.language);
    if (pictures && ui_save_picture(ui, path, &error) != JW_OK)
        fail_msg("%s", error.message);
}

bool pick_something(jw_ui *ui, jw_pick_kind kind)
{
    jw_view_scene scene = ui_scene_of(ui, 0);
    for (int y = 60; y < ui->height_px - 160; y += 11)
        for (int x = 240; x < ui->width_px - 360; x += 11) {
            jw_pick pick = jw_view_pick(ui->view, &scene, x, y);
            if (pick.kind == kind) {
                ui_select(ui, 0, &pick);
                return true;
            }
        }
    return false;
}

void press_key(jw_ui *ui, int32_t key, uint16_t modifiers)
{
    SDL_Event event = {.type = SDL_KEYDOWN};
    event.key.windowID = SDL_GetWindowID(jw_view_window_sdl(ui->window));
    event.key.keysym.sym = key;
    event.key.keysym.mod = modifiers;
    SDL_PushEvent(&event);
    event.type = SDL_KEYUP;
    SDL_PushEvent(&event);
    run(ui, 0);
}

void drag(jw_ui *ui, float from_x, float to_x, float y)
{
    gui_pretend_mouse(from_x, y, false);
    draw(ui);
    gui_pretend_mouse(from_x, y, true);
    draw(ui);
    gui_pretend_mouse(to_x, y, true);
    draw(ui);
    gui_pretend_mouse(to_x, y, false);
    draw(ui);
    draw(ui);
}

const jw_param *find_param(const jw_ui *ui, const char *id)
{
    for (uint32_t i = 0; i < jw_scene_param_count(ui->scene); i++)
        if (strcmp(jw_scene_param(ui->scene, i)->id, id) == 0)
            return jw_scene_param(ui->scene, i);
    fail_msg("no parameter %s", id);
    return NULL;
}

const jw_frame_event *find_event(const jw_ui *ui, const char *key)
{
    for (uint32_t i = 0; i < ui->sides[0].event_count; i++)
        if (strcmp(ui->sides[0].events[i].key, key) == 0)
            return &ui->sides[0].events[i];
    return NULL;
}

bool ui_fixture_begin(void)
{
    if (!mkdtemp(ui_fixture_folder))
        return false;
    static const char *const own[] = {"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"};
    for (uint32_t i = 0; i < JW_COUNT_OF(own); i++) /* not the user's settings, warm worlds and notes */
        setenv(own[i], ui_fixture_folder, 1);
    jw_ui_def def = {.width_px = 64, .height_px = 64};
    jw_ui *ui;
    jw_error error = {0};
    jw_result result = ui_open(&def, true, &ui, &error);
    if (result == JW_OK)
        ui_close(ui);
    if (result == JW_ERROR_UNSUPPORTED)
        printf("skipped: %s\n", error.message);
    return result != JW_ERROR_UNSUPPORTED;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info, (void)kind, (void)at;
    return remove(path);
}

void ui_fixture_end(void)
{
    nftw(ui_fixture_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

double share_drawn(const jw_ui *ui)
{
    size_t count = (size_t)ui->width_px * (size_t)ui->height_px, different = 0;
    uint32_t *pixels = jw_alloc(count * 4);
    assert_non_null(pixels);
    glReadPixels(0, 0, ui->width_px, ui->height_px, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    for (size_t i = 0; i < count; i++)
        different += pixels[i] != pixels[0];
    jw_free(pixels);
    return (double)different / (double)count;
}

jw_ui *open_district(const char *language, int width_px, int height_px)
{
    jw_ui *ui = open_ui(language, width_px, height_px);
    open_scene(ui, "district.lua");
    stop(ui);
    show(ui, "tools-opened");
    return ui;
}
