/* Playing: clock, speed, going back, two worlds beside each other. */
#include "ui/ui_state.h"
#include "ui/ui_video.h"

#include <stdio.h>

void ui_play(jw_ui *ui, bool is_playing)
{
    ui->is_playing = is_playing && ui->side_count && !ui_video_is_on(ui); /* a film steps the world itself */
    if (!ui->is_playing) /* what was to be reached is reached, or given up */
        ui->stops_at_event = false, ui->stops.until_ns = 0;
    ui_stops_send(ui);
    for (uint32_t i = 0; i < ui->side_count; i++) {
        ui->sides[i].is_held = false;
        jw_session_play(ui->sides[i].session, ui->is_playing ? ui_session_speed(ui) : 0);
    }
    ui->redraws = 3;
}

/* When the next event will be nobody knows: as fast as can be, until one comes. The speed that is asked for
 * stays for afterwards. */
void ui_run_to_event(jw_ui *ui)
{
    ui->stops_at_event = ui->side_count > 0 && !ui_video_is_on(ui);
    ui_play(ui, true);
}

bool ui_end_run_to_event(jw_ui *ui)
{
    if (!ui->stops_at_event)
        return false;
    ui_play(ui, false);
    return true;
}

void ui_set_speed(jw_ui *ui, double speed)
{
    ui->speed = speed > UI_SPEED_MAX ? UI_UNBOUNDED : jw_clamp(speed, UI_SPEED_MIN, UI_SPEED_MAX);
    if (ui->is_playing)
        ui_play(ui, true);
}

bool ui_is_unbounded(const jw_ui *ui)
{
    return ui->speed > UI_SPEED_MAX || ui->stops_at_event;
}

double ui_session_speed(const jw_ui *ui)
{
    return ui_is_unbounded(ui) ? -1 : ui->speed;
}

/* 1, 2, 5 of every decade, and beyond the last one as fast as can be. */
void ui_change_speed(jw_ui *ui, int direction)
{
    static const double ladder[] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, UI_UNBOUNDED};
    int at = 0, count = (int)JW_COUNT_OF(ladder);
    if (direction > 0) {
        while (at + 1 < count && ladder[at] < ui->speed * 1.01)
            at++;
    } else {
        at = count - 1;
        while (at > 0 && ladder[at] > ui->speed * 0.99)
            at--;
    }
    ui_set_speed(ui, ladder[at]);
}

void ui_step(jw_ui *ui)
{
    if (ui_video_is_on(ui))
        return;
    ui->is_playing = false;
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_step(ui->sides[i].session, 1);
}

void ui_seek(jw_ui *ui, int64_t time_ns)
{
    if (ui_video_is_on(ui))
        return;
    ui_forget_done(ui);
    ui->is_playing = false;
    for (uint32_t i = 0; i < ui->side_count; i++)
        if (time_ns < ui->sides[i].status.earliest_ns)
            time_ns = ui->sides[i].status.earliest_ns;
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_seek(ui->sides[i].session, time_ns);
}

bool ui_end_seek(jw_ui *ui)
{
    bool is_seeking = false;
    for (uint32_t i = 0; i < ui->side_count; i++) {
        is_seeking |= ui->sides[i].status.is_seeking;
        if (ui->sides[i].status.is_seeking)
            jw_session_end_seek(ui->sides[i].session);
    }
    return is_seeking;
}

/* What stood in the middle of the room between the panels stands in the middle of both views; and back. */
void ui_centre_camera(jw_ui *ui, int direction)
{
    ui_layout layout = ui_layout_of(ui);
    jw_view_rect whole = {0, 0, ui->width_px, ui->height_px};
    double room_x_px = (double)((layout.charts.x + layout.charts.width / 2) * ui->pixel_ratio);
    double middle_x_px = whole.width_px / 2.0, y_px = whole.height_px / 2.0;
    if (direction > 0)
        jw_camera_pan(&ui->camera, whole, room_x_px, y_px, middle_x_px, y_px);
    else
        jw_camera_pan(&ui->camera, whole, middle_x_px, y_px, room_x_px, y_px);
}

void ui_fork(jw_ui *ui)
{
    if (ui->side_count != 1 || ui->load)
        return;
    ui_forget_done(ui);
    ui_play(ui, false);
    jw_error error = {0};
    if (ui_load_fork(ui->sides[0].session, &ui->load, &error) != JW_OK)
        ui_fail(ui, &error);
    ui->redraws = 3;
}

void ui_adopt_fork(jw_ui *ui, jw_session *fork)
{
    ui->sides[1].session = fork;
    ui->side_count = 2;
    ui_stops_send(ui);
    ui_want_answer(ui);
    ui->side = 1; /* what is tried next is tried in the new one */
    ui->watches_changed = true;
    ui->tab = UI_TAB_INSPECTOR;
    ui->is_drawer_closed = false;
    if (!ui->tools.split.is_on)
        ui_centre_camera(ui, 1);
    ui_history_copy(&ui->sides[0].history, &ui->sides[1].history);
    for (uint32_t i = 0; i < ui->plot_count; i++)
        ui->plots[i].series[1] = ui->plots[i].series[0];
}

void ui_close_fork(jw_ui *ui, uint32_t kept)
{
    if (ui->side_count != 2)
        return;
    ui_forget_done(ui);
    ui_play(ui, false);
    ui_close_side(ui, &ui->sides[1 - kept]);
    if (kept == 1) {
        ui->sides[0] = ui->sides[1];
        ui->sides[1] = (ui_side){0};
        for (uint32_t i = 0; i < ui->plot_count; i++)
            ui->plots[i].series[0] = ui->plots[i].series[1];
    }
    for (uint32_t i = 0; i < ui->plot_count; i++)
        ui->plots[i].series[1].axis.count = 0;
    ui->side_count = 1;
    ui->side = 0;
    if (!ui->tools.split.is_on)
        ui_centre_camera(ui, -1);
}
