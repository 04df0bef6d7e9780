/* The window's loop: events, frames, one picture; and what is where in it. */
#include "ui/ui_state.h"
#include "ui/ui_still.h"
#include "ui/ui_video.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>
#include <stdio.h>
#include <string.h>

#define PRESENT_WIDTH 400 /* units of the panel for a room */
#define CHARTS_LEAST  160 /* units: narrower ones say nothing, nor do low ones */
#define LEAST_ROOM    60  /* units: the city has the whole window where panels leave less */
#define PICTURE_S     (1.0 / 60)
#define HASTY_S       (1.0 / 30) /* the same of a world as fast as can be: it has more use for the processor */
#define IDLE_MS       200        /* how often a standing world is asked for a new frame */
#define LOADING_S     (1.0 / 10) /* between pictures of its progress; events are taken at once */
#define LOAD_LIMIT_S  600.0      /* of a picture asked for on the command line */

/* ---- layout ----------------------------------------------------------------------------------------------
 */

ui_layout ui_layout_of(const jw_ui *ui)
{
    float width = (float)ui->width_px / ui->pixel_ratio, height = (float)ui->height_px / ui->pixel_ratio;
    ui_layout out = {.window = {0, 0, width, height},
                     .is_narrow = width < gui_px(216 + 348 + 60),
                     .is_bar_narrow = width < gui_px(760)};
    float margin = gui_px(out.is_narrow ? 6 : 12), bar = gui_px(out.is_bar_narrow ? 130 : 92);
    float rail = (float)jw_min(gui_px(216), width - 2 * margin);
    float drawer = (float)jw_min(gui_px(348), width - 2 * margin);
    out.time_bar = (gui_rect){margin, height - margin - bar, width - 2 * margin, bar};
    float room = out.time_bar.y - 2 * margin;
    out.rail = (gui_rect){margin, margin, rail, -room};
    out.drawer = (gui_rect){width - margin - drawer, margin, drawer, -room};
    float left = margin + rail + margin;
    float right = ui->is_drawer_closed ? width - margin : out.drawer.x - margin;
    float charts = (float)jw_min(gui_px(148), room * 0.4);
    if (ui->is_presenting) { /* its panel alone, on the left */
        out.rail.width = (float)jw_min(gui_px(PRESENT_WIDTH), width * 0.42);
        out.rail.height = -(height - 2 * margin);
        out.time_bar.y = height;
        left = margin + out.rail.width + margin;
        out.charts = (gui_rect){left, height - margin - charts, width - margin - left, charts};
        return out;
    }
    out.charts = (gui_rect){left, out.time_bar.y - margin - charts, right - left, charts};
    return out;
}

gui_rect ui_room_of(const jw_ui *ui)
{
    ui_layout layout = ui_layout_of(ui);
    gui_rect room = layout.window;
    if (ui->is_bare)
        return room;
    float right = ui->is_presenting      ? room.width - gui_px(24) /* no edge cuts the city */
                  : ui->is_drawer_closed ? room.width
                                         : layout.drawer.x;
    room.height = (float)jw_min(layout.time_bar.y, room.height);
    if (ui_part_count(ui) > 1) { /* one of them */
        jw_view_rect part = ui_side_rect(ui, 0);
        room.x = (float)part.x_px / ui->pixel_ratio;
        room.width = (float)part.width_px / ui->pixel_ratio;
    } else if (right > layout.rail.x + layout.rail.width + gui_px(LEAST_ROOM)) {
        room.x = layout.rail.x + layout.rail.width;
        room.width = right - room.x;
    }
    return room;
}

static bool is_dark_now(const jw_ui *ui)
{
    if (ui->settings.light != UI_LIGHT_CLOCK)
        return ui->settings.light == UI_LIGHT_NIGHT;
    if (!ui->side_count || !ui->sides[0].has_newer)
        return false;
    int64_t second = ui->sides[0].newer.time_ns / JW_NS_PER_S % 86400;
    return second < 6 * 3600 || second >= 19 * 3600;
}

bool ui_has_dialog(const jw_ui *ui)
{
    return ui->dialog.code != JW_OK || ui->load || ui->has_help || ui->has_settings;
}

static void draw_panels(jw_ui *ui)
{
    ui_layout layout = ui_layout_of(ui);
    bool has_charts =
        ui->plot_count && layout.charts.width > gui_px(CHARTS_LEAST) && layout.charts.height > gui_px(100);
    if (!ui->city) {
        if (!ui->load)
            ui_start_draw(ui);
    } else if (ui->is_presenting) {
        ui_letters_draw(ui);
        ui_tools_map(ui);
        ui_present_draw(ui);
        if (has_charts)
            ui_plots_draw(ui, layout.charts);
    } else if (ui->is_bare) {
        ui->legend = UI_LEGEND_NOWHERE;
        ui_map_legend_draw(ui); /* colours that nobody can read say nothing */
    } else {
        ui_letters_draw(ui);
        ui_example_draw(ui);
        ui_tools_map(ui);
        ui_build_map(ui);
        if (ui->side_count == 2)
            ui_sides_draw(ui);
        ui_split_draw(ui);
        ui_profile_draw(ui);
        ui->legend = UI_LEGEND_NOWHERE;
        if (!layout.is_narrow || ui->is_drawer_closed)
            ui_rail_draw(ui, layout.rail);
        ui_map_legend_draw(ui);
        if (!ui->is_drawer_closed)
            ui_drawer_draw(ui, layout.drawer);
        if (has_charts)
            ui_plots_draw(ui, layout.charts);
        ui_time_draw(ui, layout.time_bar);
        if (ui->find.is_open)
            ui_find_draw(ui);
    }
    if (ui->city && !ui_has_dialog(ui))
        ui_hover_draw(ui);
    /* One at a time, the one that asks most first. */
    if (ui->dialog.code)
        ui_dialog_draw(ui);
    else if (ui->load)
        ui_loading_draw(ui);
    else if (ui->has_settings)
        ui_settings_draw(ui);
    else if (ui->has_help)
        ui_keys_draw(ui);
}

jw_result ui_draw(jw_ui *ui, jw_error *error)
{
    double now_s = jw_clock_seconds(), passed_s = jw_clamp(now_s - ui->last_draw_s, 0, 0.1);
    ui->last_draw_s = now_s;
    if (ui->is_playing && !ui->settings.reduces_motion)
        ui->play_s += passed_s;
    ui_camera_tick(ui, now_s, passed_s);
    int window_width, window_height;
    jw_view_window_size(ui->window, &ui->width_px, &ui->height_px);
    SDL_GetWindowSize(jw_view_window_sdl(ui->window), &window_width, &window_height);
    ui->pixel_ratio = window_width > 0 ? (float)ui->width_px / (float)window_width : 1;
    if (is_dark_now(ui) != gui_is_dark())
        gui_set_theme(is_dark_now(ui));

    jw_result result = ui_city_draw(ui, error);
    glViewport(0, 0, ui->width_px, ui->height_px);
    if (ui->wants_fonts)
        ui->page_share = 1;
    if (ui->wants_fonts || (ui->is_page_cut && (double)ui->scale > UI_SCALE_MIN))
        ui_make_fonts(ui);
    ui->wants_fonts = false;
    gui_rect room = ui_room_of(ui);
    if (ui->is_presenting != ui->was_presenting)
        ui_camera_reframe(ui, ui->room, room);
    ui->room = room;
    ui->was_presenting = ui->is_presenting;
    gui_begin();
    draw_panels(ui);
    gui_end();
    return result;
}

bool ui_is_moving(const jw_ui *ui)
{
    if (gui_keys_wait() || !gui_is_settled() || ui->is_playing || ui->is_measuring || ui->redraws ||
        ui->keys_down || ui->flight_begin_s > 0 || ui->tools.is_path_playing)
        return true;
    for (uint32_t i = 0; i < ui->side_count; i++)
        if (ui_blend(ui, &ui->sides[i]) < 1 || ui->sides[i].status.is_seeking)
            return true;
    for (uint32_t i = 0; i < ui->kept.part_count; i++)
        if (ui->kept.parts[i].scene.blend < 1) /* the last instant is still to be drawn */
            return true;
    return ui->view && !jw_view_is_still(ui->view);
}

/* ---- events ----------------------------------------------------------------------------------------------
 */

static void take_event(jw_ui *ui, const SDL_Event *event)
{
    ui->redraws = 3; /* Dear ImGui settles hover and sizes over the following pictures */
    ui->has_input = true;
    gui_event(event);
    switch (event->type) {
    case SDL_QUIT:
        ui->is_quitting = true;
        return;
    case SDL_MOUSEMOTION:
        ui_hover_move(ui, event->motion.x, event->motion.y);
        break;
    case SDL_DROPFILE:
        ui_open_file(ui, event->drop.file);
        SDL_free(event->drop.file);
        return;
    case SDL_WINDOWEVENT:
        if (event->window.event == SDL_WINDOWEVENT_SIZE_CHANGED) {
            ui->settings.width_px = event->window.data1;
            ui->settings.height_px = event->window.data2;
            ui->wants_fonts =
                ui->wants_fonts || ui->is_presenting; /* its type is as large as the room lets it */
        }
        if (event->window.event == SDL_WINDOWEVENT_FOCUS_LOST)
            ui->keys_down = 0;
        return;
    default:
        break;
    }
    const SDL_Keysym *key = &event->key.keysym;
    if (event->type == SDL_KEYDOWN && ui_keys_take(ui, key->sym, key->mod, event->key.repeat != 0))
        return;
    if (ui->city && !ui_has_dialog(ui))
        ui_camera_event(ui, event);
}

/* SDL has no way to sleep without a screen: it looks each millisecond, which is 3 % of a processor. */
static bool wait_event(const jw_ui *ui, SDL_Event *event, int wait_ms)
{
    enum { LOOK_MS = 25 };
    if (!ui->is_hidden)
        return SDL_WaitEventTimeout(event, wait_ms);
    double end_s = jw_clock_seconds() + wait_ms / 1e3;
    while (!SDL_PollEvent(event)) {
        double left_ms = (end_s - jw_clock_seconds()) * 1e3;
        if (left_ms <= 0)
            return false;
        SDL_Delay((Uint32)jw_clamp(left_ms, 1, LOOK_MS));
    }
    return true;
}

/* Waits for an event, at most until the next picture is due; takes all there are. */
static void wait_events(jw_ui *ui)
{
    SDL_Event event;
    int wait_ms = IDLE_MS;
    if (ui->load)
        wait_ms = (int)(LOADING_S * 1000);
    bool is_hasty = ui->is_playing && ui_is_unbounded(ui) && !ui->keys_down &&
                    ui->flight_begin_s <= 0; /* its motion leaps anyway */
    if (ui_video_is_on(ui) || ui->tools.still)
        wait_ms = 1;
    else if (ui_is_moving(ui))
        wait_ms = (int)((ui->last_draw_s + (is_hasty ? HASTY_S : PICTURE_S) - jw_clock_seconds()) * 1000);
    if (ui->coming.view)
        wait_ms = 0;
    if (wait_ms > 0 && wait_event(ui, &event, wait_ms))
        take_event(ui, &event);
    while (SDL_PollEvent(&event))
        take_event(ui, &event);
}

/* Frames, loads, and a picture when there is something new to be seen. */
static jw_result turn(jw_ui *ui, jw_error *error)
{
    ui_part_view(ui);
    if (ui_take_frames(ui))
        ui->redraws = 3; /* panels settle to new values also where the world stands */
    bool is_due = ui_is_moving(ui) || (ui->load && jw_clock_seconds() >= ui->last_draw_s + LOADING_S);
    jw_result made;
    jw_error problem = {0};
    is_due = (ui->tools.still && (ui_still_tick(ui, &made, &problem), true)) || is_due;
    is_due = ui_video_tick(ui) || is_due;
    is_due = ui_hover_tick(ui) || is_due;
    if (ui->load) {
        double fraction;
        char what[96];
        if (ui_load_progress(ui->load, &fraction, what, sizeof what))
            ui_adopt(ui);
    }
    if (!is_due || SDL_GetWindowFlags(jw_view_window_sdl(ui->window)) & SDL_WINDOW_MINIMIZED)
        return JW_OK;
    if (ui->redraws)
        ui->redraws--;
    double begin_s = jw_clock_seconds();
    jw_result result = ui_draw(ui, error);
    ui_quality_tick(ui, begin_s);
    if (result == JW_OK && ui->wants_picture)
        ui_export_window(ui);
    ui->wants_picture = false;
    if (result == JW_OK)
        ui_video_take_window(ui);
    jw_view_window_swap(ui->window);
    ui->picture_count++;
    if (jw_view_window_is_lost(ui->window))
        return ui_renew(ui, error);
    return result;
}

/* ---- runs ------------------------------------------------------------------------------------------------
 */

static int64_t asked_ns(const jw_ui *ui, const jw_ui_def *def)
{
    return jw_ns_from_s(def->time_s) + (def->time_is_duration ? ui->sides[0].status.earliest_ns : 0);
}

/* What the command line asks to be shown, once there is a city. */
static jw_result look_as_asked(jw_ui *ui, const jw_ui_def *def, jw_error *error)
{
    if (def->has_camera) {
        const double *c = def->camera;
        ui->flight_begin_s = 0;
        ui->camera = (jw_camera){.x_m = c[0],
                                 .y_m = c[1],
                                 .distance_m = c[2],
                                 .heading_rad = c[3] * JW_PI / 180,
                                 .pitch_rad = c[4] * JW_PI / 180};
        jw_camera_orbit(&ui->camera, 0, 0);
    }
    if (def->has_time) {
        ui_take_frames(ui);
        int64_t start_ns = ui->sides[0].status.earliest_ns, start_s = start_ns / JW_NS_PER_S;
        int64_t time_ns = asked_ns(ui, def);
        if (def->file && time_ns < start_ns)
            return jw_fail(error, JW_ERROR_INPUT, def->file, 0,
                           "the scene starts at %02d:%02d:%02d: ask for a time from then on",
                           (int)(start_s / 3600), (int)(start_s / 60 % 60), (int)(start_s % 60));
        ui_seek(ui, time_ns);
    }
    return JW_OK;
}

static void show_progress(const jw_ui_def *def, double fraction, const char *what)
{
    if (def->progress)
        def->progress(def->progress_context, fraction, what);
}

static void show_load(const jw_ui *ui, const jw_ui_def *def)
{
    double fraction;
    char what[96];
    if (!ui->load)
        return;
    ui_load_progress(ui->load, &fraction, what, sizeof what);
    show_progress(def, fraction, what);
}

/* Until the asked time is reached, and what the overlay asks about it is known. */
static void wait_for_time(jw_ui *ui, const jw_ui_def *def)
{
    while (ui->side_count && (ui_take_frames(ui), ui->sides[0].status.is_seeking) && !ui->is_quitting) {
        const jw_session_status *status = &ui->sides[0].status;
        double all_s = jw_s_from_ns(asked_ns(ui, def) - status->earliest_ns);
        show_progress(def, jw_s_from_ns(status->time_ns - status->earliest_ns) / jw_max(all_s, 1),
                      "simulating");
        wait_events(ui);
    }
    while (ui->side_count && (ui_take_frames(ui), !ui_is_answered(ui)) && !ui->is_quitting)
        wait_events(ui);
}

/* Nobody looks: the world is taken from picture to picture. */
static jw_result make_film(jw_ui *ui, const jw_ui_def *def, jw_error *error)
{
    int width_px, height_px;
    jw_view_window_size(ui->window, &width_px, &height_px);
    ui_video_def film = {.path = def->video,
                         .width_px = width_px,
                         .height_px = height_px,
                         .rate = def->video_rate > 0 ? def->video_rate : 30,
                         .duration_s = def->video_s > 0 || def->video_flies ? def->video_s : 10,
                         .time_lapse = def->time_lapse > 0 ? def->time_lapse : 1,
                         .flies = def->video_flies};
    while (ui->side_count && !ui->sides[0].has_newer && !ui->is_quitting) {
        wait_events(ui);
        ui_take_frames(ui);
    }
    jw_result result = ui_video_start(ui, &film, error);
    while (result == JW_OK && ui_video_is_on(ui)) {
        uint32_t pictures;
        wait_events(ui);
        ui_take_frames(ui);
        show_progress(def, ui_video_progress(ui, &pictures), "filming");
        if (ui->is_quitting) {
            ui_video_cancel(ui);
            return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "stopped before the film was made");
        }
        ui_video_tick(ui);
    }
    return result == JW_OK ? ui_video_result(ui, error) : result;
}

/* Nobody looks: load, play for so many pictures, save the last one. */
static jw_result make_picture(jw_ui *ui, const jw_ui_def *def, jw_error *error)
{
    jw_result result = JW_OK;
    double begin_s = jw_clock_seconds();
    while (ui->load && result == JW_OK) {
        result = turn(ui, error);
        show_load(ui, def);
        if (ui->is_quitting)
            return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "stopped before all was loaded");
        if (ui->load) /* a picture at each round would take the processor from the loading */
            wait_events(ui);
        if (jw_clock_seconds() - begin_s > LOAD_LIMIT_S)
            return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "loading takes more than %g s", LOAD_LIMIT_S);
    }
    if (result == JW_OK && def->file && !ui->city) {
        *error = ui->dialog;
        return ui->dialog.code ? ui->dialog.code : JW_ERROR_STATE;
    }
    if (result == JW_OK)
        result = look_as_asked(ui, def, error);
    if (result == JW_OK && !def->has_time && !def->video)
        ui_play(ui, true);
    if (result == JW_OK)
        wait_for_time(ui, def);
    if (result == JW_OK && def->video && !ui->is_quitting)
        return make_film(ui, def, error);
    for (uint32_t i = 0; i < def->frame_count && result == JW_OK && !ui->is_quitting; i++) {
        wait_events(ui);
        ui->redraws = 1;
        show_progress(def, (double)i / def->frame_count, "drawing");
        if (i + 1 == def->frame_count && def->screenshot) {
            ui_take_frames(ui);
            do
                result = ui_draw(ui, error);
            while (result == JW_OK && !jw_view_names_are_settled(ui->view));
            if (result == JW_OK)
                result = ui_save_picture(ui, def->screenshot, error);
        } else {
            result = turn(ui, error);
        }
    }
    if (result == JW_OK && ui->is_quitting && def->screenshot)
        return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "stopped before the picture was drawn");
    return result;
}

jw_result ui_turn(jw_ui *ui, jw_error *error)
{
    wait_events(ui);
    ui->awake_s = jw_clock_seconds();
    return turn(ui, error);
}

static jw_result loop(jw_ui *ui, const jw_ui_def *def, jw_error *error)
{
    jw_result result = JW_OK;
    bool was_shown = false;
    while (!ui->is_quitting && result == JW_OK) {
        result = ui_turn(ui, error);
        if (ui->side_count && !was_shown) {
            result = look_as_asked(ui, def, error);
            was_shown = true;
        }
    }
    ui_save_settings(ui);
    return result;
}

jw_result jw_ui_run(const jw_ui_def *def, jw_error *error)
{
    jw_ui *ui;
    jw_result result = def->video ? ui_pipe_check(def->video, error) : JW_OK;
    if (result != JW_OK) /* before a city is built for it */
        return result;
    result = ui_open(def, def->frame_count > 0 || def->video, &ui, error);
    if (result != JW_OK)
        return result;
    if (def->file)
        ui_open_file(ui, def->file);
    if (def->frame_count || def->video)
        result = make_picture(ui, def, error);
    else
        result = loop(ui, def, error);
    ui_close(ui);
    return result;
}
