/* Filming: for each picture the world is taken to its instant (a step before and a step behind it, to show
 * what lies between), drawn at the film's size and handed to the pipe; in small pieces, so that the window
 * goes on answering. */
#include "ui/ui_video.h"
#include "ui/ui_state.h"

#include <GL/glew.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TURN_S   0.03 /* longest stay in a turn, beside one picture */
#define SHOW_S   0.2  /* how often progress is shown */
#define SIDE_MAX 8192

/* WINDOW: the world is there, and the window is to be drawn. */
typedef enum video_phase { VIDEO_WORLD, VIDEO_WINDOW, VIDEO_SEND, VIDEO_END } video_phase;

struct ui_video {
    ui_pipe *pipe; /* NULL: the film has ended, `result` stays to be asked for */
    ui_video_def def;
    char path[600];
    video_phase phase;
    uint32_t pictures, picture_count; /* made; of all, 0: until stopped */
    int64_t start_ns;
    double start_play_s, shown_s;
    double blend[UI_SIDE_MAX];
    int64_t sought_ns[UI_SIDE_MAX];
    ui_pins pins;
    uint8_t *pixels;
    size_t size, sent;
    bool is_stopping;
    jw_result result;
    jw_error error;
};

bool ui_video_is_on(const jw_ui *ui)
{
    return ui->tools.video && ui->tools.video->pipe;
}

double ui_video_blend(const jw_ui *ui, uint32_t side)
{
    return ui_video_is_on(ui) ? ui->tools.video->blend[side] : -1;
}

double ui_video_progress(const jw_ui *ui, uint32_t *out_pictures)
{
    const ui_video *video = ui->tools.video;
    *out_pictures = video ? video->pictures : 0;
    return video && video->picture_count ? (double)video->pictures / video->picture_count : 0;
}

jw_result ui_video_result(const jw_ui *ui, jw_error *error)
{
    const ui_video *video = ui->tools.video;
    if (video && error)
        *error = video->error;
    return video ? video->result : JW_ERROR_STATE;
}

static void free_video(jw_ui *ui)
{
    ui_video *video = ui->tools.video;
    if (!video)
        return;
    ui_pipe_close(video->pipe);
    jw_free(video->pixels);
    jw_free(video);
    ui->tools.video = NULL;
}

void ui_video_cancel(jw_ui *ui)
{
    free_video(ui);
    ui->redraws = 3;
}

static jw_result check(jw_ui *ui, const ui_video_def *def, jw_error *error)
{
    if (!ui->view || !ui->side_count || !ui->sides[0].has_newer)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "there is no city to film");
    if (def->width_px < 16 || def->height_px < 16 || def->width_px > SIDE_MAX || def->height_px > SIDE_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a film of %d x %d pixels: between 16 and %d a side, please", def->width_px,
                       def->height_px, SIDE_MAX);
    if (def->rate < 1 || def->rate > 120 || !(def->time_lapse >= 0 && def->time_lapse <= 3600) ||
        !(def->duration_s >= 0 && def->duration_s <= 86400))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a film has 1 to 120 pictures a second, a time-lapse up to 3600 and at most a day");
    if (def->flies && ui->tools.book.path.count < 2)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "the way of the camera has no two views: add some in the window first");
    return JW_OK;
}

jw_result ui_video_start(jw_ui *ui, const ui_video_def *def, jw_error *error)
{
    jw_result result = check(ui, def, error);
    if (result != JW_OK)
        return result;
    free_video(ui);
    ui_play(ui, false);
    ui_video *video = jw_alloc(sizeof *video);
    if (!video)
        return jw_fail_memory(error);
    ui->tools.video = video;
    video->def = *def;
    jw_text_copy(video->path, sizeof video->path, def->path);
    video->def.path = video->path;
    video->def.width_px &= ~1; /* the colours of films are of two by two pixels */
    video->def.height_px &= ~1;
    if (def->flies && def->duration_s <= 0)
        video->def.duration_s = ui_path_duration_s(&ui->tools.book.path);
    if (video->def.duration_s > 0) /* however short */
        video->picture_count = (uint32_t)jw_max(video->def.duration_s * def->rate + 0.5, 1);
    video->size = (size_t)video->def.width_px * (size_t)video->def.height_px * 3;
    video->pixels = jw_alloc(video->size);
    video->start_ns = ui->sides[ui->side].newer.time_ns;
    video->start_play_s = ui->play_s;
    result = video->pixels ? JW_OK : jw_fail_memory(error);
    if (result == JW_OK)
        result = ui_pipe_open(video->path, video->def.width_px, video->def.height_px, def->rate, &video->pipe,
                              error);
    if (result != JW_OK)
        free_video(ui);
    ui->redraws = 3;
    return result;
}

static double film_s(const ui_video *video)
{
    return (double)video->pictures / video->def.rate;
}

/* True when the side stands at the instant: its two frames are around it. */
static bool go_to_instant(jw_ui *ui, uint32_t index, int64_t instant_ns)
{
    ui_video *video = ui->tools.video;
    ui_side *side = &ui->sides[index];
    int64_t dt_ns = side->status.dt_ns, ahead_ns = instant_ns - side->newer.time_ns;
    if (ahead_ns > 0) {
        int64_t steps = (ahead_ns + dt_ns - 1) / dt_ns, goal_ns = side->newer.time_ns + steps * dt_ns;
        int64_t next_ns = steps > 1 ? goal_ns - dt_ns : goal_ns; /* the step before it is wanted, too */
        /* Again, too, when somebody ended the seeking. */
        if (video->sought_ns[index] != next_ns || (!side->status.is_seeking && !side->status.is_running)) {
            video->sought_ns[index] = next_ns;
            jw_session_seek(side->session, next_ns);
        }
        return false;
    }
    int64_t gap_ns = side->has_older ? side->newer.time_ns - side->older.time_ns : 0;
    video->blend[index] = gap_ns > 0 && instant_ns >= side->older.time_ns
                              ? (double)(instant_ns - side->older.time_ns) / (double)gap_ns
                              : 1;
    return true;
}

/* The parts of the window side by side, as wide as they are there. */
static jw_result draw(jw_ui *ui, jw_error *error)
{
    ui_video *video = ui->tools.video;
    int width = video->def.width_px, height = video->def.height_px, from = 0;
    int from_px[2] = {0};
    uint32_t parts = ui_part_count(ui);
    jw_result result = JW_OK;
    ui_notes_take_pins(ui, &video->pins);
    for (uint32_t part = 0; part < parts && result == JW_OK; part++) {
        jw_view_scene scene = ui_export_scene(ui, part, &video->pins);
        int to = width;
        from_px[part] = from;
        if (part + 1 < parts) {
            double first = scene.rect.width_px, second = ui_side_rect(ui, 1).width_px;
            to = (int)(width * first / jw_max(first + second, 1));
        }
        uint8_t *piece = parts == 1 ? video->pixels : jw_alloc((size_t)(to - from) * (size_t)height * 3);
        result = piece ? jw_view_read_pixels(ui->view, &scene, to - from, height, piece, error)
                       : jw_fail_memory(error);
        for (int y = 0; y < height && parts > 1 && result == JW_OK; y++)
            memcpy(video->pixels + ((size_t)y * (size_t)width + (size_t)from) * 3,
                   piece + (size_t)y * (size_t)(to - from) * 3, (size_t)(to - from) * 3);
        if (parts > 1)
            jw_free(piece);
        from = to;
    }
    ui_captions captions = ui_captions_of(ui, from_px);
    if (result == JW_OK)
        ui_captions_write(&captions, &(ui_caption_rows){video->pixels, width, height, 0, height});
    return result;
}

static jw_result work(jw_ui *ui, bool *is_waiting, jw_error *error)
{
    ui_video *video = ui->tools.video;
    jw_result result = JW_OK;
    size_t taken;
    *is_waiting = false;
    if (video->phase == VIDEO_WORLD) {
        bool is_there = true;
        if (video->is_stopping || (video->picture_count && video->pictures == video->picture_count)) {
            ui_pipe_end(video->pipe);
            video->phase = VIDEO_END;
            return JW_OK;
        }
        int64_t instant_ns = video->start_ns + jw_ns_from_s(film_s(video) * video->def.time_lapse);
        for (uint32_t i = 0; i < ui->side_count; i++) {
            if (ui->sides[i].status.has_failed) {
                *error = ui->sides[i].status.error;
                return error->code ? error->code : JW_ERROR_STATE;
            }
            is_there = go_to_instant(ui, i, instant_ns) && is_there;
        }
        is_there = is_there && ui_is_answered(ui); /* the overlay is of this instant, too */
        *is_waiting = !is_there;
        if (is_there) {
            if (video->def.flies)
                ui_path_at(&ui->tools.book.path, film_s(video) / video->def.duration_s, &ui->camera);
            ui->play_s = video->start_play_s + film_s(video);
            video->sent = 0;
            video->phase = video->def.has_panels ? VIDEO_WINDOW : VIDEO_SEND;
            *is_waiting = video->def.has_panels;
            if (!video->def.has_panels)
                result = draw(ui, error);
        }
    } else if (video->phase == VIDEO_WINDOW) {
        *is_waiting = true;
    } else if (video->phase == VIDEO_SEND) {
        result =
            ui_pipe_write(video->pipe, video->pixels + video->sent, video->size - video->sent, &taken, error);
        video->sent += taken;
        *is_waiting = taken == 0;
        if (video->sent == video->size) {
            video->pictures++;
            video->phase = VIDEO_WORLD;
        }
    }
    return result;
}

static void finish(jw_ui *ui, jw_result result, const jw_error *error)
{
    ui_video *video = ui->tools.video;
    video->result = result;
    video->error = *error;
    ui_pipe_close(video->pipe);
    video->pipe = NULL;
    ui_export_end(ui, result, video->path, error);
    if (ui->play_s < video->start_play_s)
        ui->play_s = video->start_play_s;
    ui->redraws = 3;
}

bool ui_video_tick(jw_ui *ui)
{
    ui_video *video = ui->tools.video;
    if (!ui_video_is_on(ui))
        return false;
    if (!ui->side_count) { /* the city was closed */
        ui_video_cancel(ui);
        return true;
    }
    jw_error error = {0};
    jw_result result = JW_OK;
    double begin_s = jw_clock_seconds();
    bool is_waiting = false;
    while (result == JW_OK && !is_waiting && video->phase != VIDEO_END &&
           jw_clock_seconds() - begin_s < TURN_S)
        result = work(ui, &is_waiting, &error);
    if (result != JW_OK || (video->phase == VIDEO_END && ui_pipe_has_ended(video->pipe, &result, &error)))
        finish(ui, result, &error);
    bool is_due = begin_s - video->shown_s > SHOW_S || !video->pipe;
    if (is_due)
        video->shown_s = begin_s;
    return is_due || video->phase == VIDEO_WINDOW;
}

/* GL's rows go upwards. What the window has lost since the film began is black. */
void ui_video_take_window(jw_ui *ui)
{
    ui_video *video = ui->tools.video;
    if (!ui_video_is_on(ui) || video->phase != VIDEO_WINDOW)
        return;
    int width = (int)jw_min(video->def.width_px, ui->width_px),
        height = (int)jw_min(video->def.height_px, ui->height_px);
    if (width < video->def.width_px || height < video->def.height_px)
        memset(video->pixels, 0, video->size);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    for (int y = 0; y < height; y++)
        glReadPixels(0, ui->height_px - 1 - y, width, 1, GL_RGB, GL_UNSIGNED_BYTE,
                     video->pixels + (size_t)y * (size_t)video->def.width_px * 3);
    video->phase = VIDEO_SEND;
}

void ui_video_stop(jw_ui *ui)
{
    if (ui_video_is_on(ui))
        ui->tools.video->is_stopping = true;
}
