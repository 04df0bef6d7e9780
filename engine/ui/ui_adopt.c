/* What was loaded comes into the window. What a city needs on the graphics card is made in portions, one a
 * turn of the loop, while the window goes on to answer over the city before it; then all changes at once.
 * What goes is freed on threads of their own. */
#include "ui/ui_state.h"

#include <SDL2/SDL.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define PORTION_MS 8

/* ---- what goes ----------------------------------------------------------------------------------------
 */

struct ui_parting {
    jw_session *session;
    jw_view_mesh *mesh;
    pthread_t thread;
    atomic_bool is_done;
    struct ui_parting *next;
};

static void *free_all(void *context)
{
    struct ui_parting *parting = context;
    jw_thread_give_way();
    jw_session_destroy(parting->session); /* stops after its step */
    jw_view_mesh_destroy(parting->mesh);
    atomic_store(&parting->is_done, true);
    return NULL;
}

static void collect(jw_ui *ui, bool waits)
{
    for (struct ui_parting **at = &ui->partings; *at;) {
        struct ui_parting *parting = *at;
        if (!waits && !atomic_load(&parting->is_done)) {
            at = &parting->next;
            continue;
        }
        pthread_join(parting->thread, NULL);
        *at = parting->next;
        jw_free(parting);
    }
}

void ui_part_with(jw_ui *ui, jw_session *session, jw_view_mesh *mesh)
{
    collect(ui, false);
    if (!session && !mesh)
        return;
    struct ui_parting *parting = jw_alloc(sizeof *parting);
    if (parting) {
        parting->session = session;
        parting->mesh = mesh;
    }
    if (!parting || pthread_create(&parting->thread, NULL, free_all, parting) != 0) {
        jw_free(parting);
        jw_session_destroy(session);
        jw_view_mesh_destroy(mesh);
        return;
    }
    parting->next = ui->partings;
    ui->partings = parting;
}

void ui_part_view(jw_ui *ui)
{
    ui_part_with(ui, NULL, jw_view_destroy_but_mesh(ui->old_view));
    ui->old_view = NULL;
}

void ui_part_wait(jw_ui *ui)
{
    collect(ui, true);
}

static void drop_coming(jw_ui *ui)
{
    ui_part_with(ui, NULL, jw_view_destroy_but_mesh(ui->coming.view));
    ui->coming.view = NULL;
    ui->coming.is_made = false;
}

void ui_drop_load(jw_ui *ui)
{
    ui_loaded loaded;
    if (!ui->load)
        return;
    ui_load_cancel(ui->load);
    ui_load_finish(ui->load, &loaded);
    ui->load = NULL;
    drop_coming(ui);
    ui_loaded_free(&loaded);
}

/* ---- what comes ---------------------------------------------------------------------------------------
 */

/* As it will be entered. */
static jw_view_scene first_scene(const jw_ui *ui, const ui_loaded *loaded)
{
    bool is_new;
    jw_view_scene scene = ui_scene_of(ui, 0);
    if (loaded->is_part)
        return scene;
    scene.frame_a = NULL;
    scene.frame_b = jw_session_frame(loaded->session, &is_new);
    scene.camera = ui->coming.camera;
    scene.overlay = JW_OVERLAY_NONE;
    scene.selection = (jw_pick){0};
    scene.notes = NULL;
    scene.note_count = 0;
    return scene;
}

/* One portion; true when nothing is left to be made, or making it failed. */
static bool make_view(jw_ui *ui, ui_loaded *loaded)
{
    bool is_done = false;
    if (loaded->result == JW_OK && loaded->mesh) {
        ui->coming.camera = loaded->is_part ? ui->camera : ui_camera_first(ui, loaded->city);
        loaded->result =
            jw_view_begin(ui->kit, loaded->mesh, ui_quality_tier(ui), &ui->coming.view, &loaded->error);
        loaded->mesh = NULL;
        return loaded->result != JW_OK;
    }
    if (loaded->result != JW_OK || !ui->coming.view)
        return true;
    if (ui->coming.is_made) {
        jw_view_scene scene = first_scene(ui, loaded);
        loaded->result = jw_view_rehearse(ui->coming.view, &scene, PORTION_MS, &is_done, &loaded->error);
    } else {
        loaded->result = jw_view_continue(ui->coming.view, PORTION_MS, &ui->coming.is_made, &loaded->error);
        if (ui->coming.is_made)
            ui_labels_begin(ui->coming.view);
    }
    return is_done || loaded->result != JW_OK;
}

/* In place of the city that is shown, or of its view that was lost. */
static void take_view(jw_ui *ui)
{
    ui_part_view(ui);
    ui->old_view = ui->view;
    ui->view = ui->coming.view;
    ui->coming.view = NULL;
    ui->coming.is_made = false;
    jw_view_tier tier = ui_quality_begin(ui);
    if (tier != JW_VIEW_AUTO && tier != jw_view_get_tier(ui->view)) /* chosen meanwhile */
        jw_view_set_tier(ui->view, tier);
    ui_quality_keep(ui, ui->view);
}

/* A fork, or the model of the city that is open; true when it was one of them. */
static bool take_part(jw_ui *ui, ui_loaded *loaded)
{
    if (!loaded->is_part)
        return false;
    jw_error error = loaded->error;
    jw_result result = loaded->result;
    if (result == JW_OK && loaded->session) {
        ui_adopt_fork(ui, loaded->session);
        loaded->session = NULL;
    } else if (result == JW_OK && ui->coming.view) {
        take_view(ui);
    }
    ui_loaded_free(loaded);
    if (result != JW_OK && result != JW_ERROR_CANCELLED)
        ui_fail(ui, &error);
    if (!ui->view && ui->city) /* without its model the city cannot be shown */
        ui_close_city(ui);
    return true;
}

/* A restart that failed: the parameters can be mended. */
static void keep_open(jw_ui *ui, ui_loaded *loaded)
{
    jw_error error = loaded->error;
    jw_result result = loaded->result;
    if (!ui->scene && ui->city) {
        ui->scene = loaded->scene;
        loaded->scene = NULL;
    }
    ui_loaded_free(loaded);
    if (result != JW_ERROR_CANCELLED)
        ui_fail(ui, &error);
}

static void take_world(jw_ui *ui, const ui_loaded *loaded)
{
    if (ui->scene != loaded->scene)
        jw_scene_close(ui->scene);
    jw_city_release(ui->city);
    jw_grid_destroy(ui->streets);
    ui->scene = loaded->scene;
    ui->city = loaded->city;
    ui->streets = loaded->streets;
    ui->problems = loaded->problems;
    ui->scenario_texts = loaded->texts;
    ui->has_scenario_texts = loaded->has_texts;
    ui->catalogue = loaded->catalogue;
    ui->seed = loaded->seed;
    ui->start_ns = loaded->start_ns;
    ui->sides[0].session = loaded->session;
    ui->sides[0].is_untaken = true;
    ui->side_count = 1;
    ui->watches_changed = true;
    ui_stops_send(ui);
    ui->is_drawer_closed = ui->is_drawer_closed && !loaded->has_texts;
    ui->tab = loaded->has_texts ? UI_TAB_SCENARIO : UI_TAB_INSPECTOR;
}

void ui_adopt(jw_ui *ui)
{
    ui_loaded loaded;
    if (!make_view(ui, ui_load_made(ui->load)))
        return;
    ui_load_finish(ui->load, &loaded);
    ui->load = NULL;
    ui->redraws = 3;
    if (loaded.result != JW_OK)
        drop_coming(ui);
    if (take_part(ui, &loaded))
        return;
    ui->wish.set_count = 0; /* they are in the scene now; other scenes have other parameters */
    if (loaded.result != JW_OK) {
        keep_open(ui, &loaded);
        return;
    }
    ui_close_worlds(ui);
    bool is_new_city = ui->coming.view != NULL;
    if (is_new_city)
        take_view(ui);
    take_world(ui, &loaded);
    if (is_new_city) {
        ui_leave_tools(ui);
        ui_camera_home(ui, true);
    }
    if (is_new_city || !ui->tools.book_path[0])
        ui_notes_open(ui);
    char title[256];
    snprintf(title, sizeof title, "Jingwei · %s", ui_say_label(ui, jw_scene_title(ui->scene)));
    SDL_SetWindowTitle(jw_view_window_sdl(ui->window), title);
    ui_play(ui, !loaded.has_texts); /* a scenario waits for the room's predictions */
    char full[PATH_MAX];
    if (realpath(ui->wish.file, full)) {
        ui_settings_add_recent(&ui->settings, full);
        ui_save_settings(ui);
    }
}
