/* Frames of the worlds as they come: what is asked of them, what plots and the map by place keep of them, and
 * which instant between two of them is shown. */
#include "ui/ui_state.h"
#include "ui/ui_video.h"

#include <stdlib.h>
#include <string.h>

/* Numbers of watches; UI_FIND_WATCH is another. */
enum { WATCH_SELECTION = 1, WATCH_OVERLAY = 2 /* and 3 */, WATCH_PLOT = 10 };

/* Frames further apart in simulated time are not joined by motion: cars would fly over blocks. */
#define MOTION_MAX_S 5.0

/* What an overlay asks for is asked anew after so long on the wall clock: a map by place takes the world some
 * 100 ms, values of streets or assets about one. */
#define PLACES_REST_S 3.0
#define SHADE_REST_S  0.5

static void feed_plots(jw_ui *ui, uint32_t side)
{
    const jw_frame *frame = &ui->sides[side].newer;
    for (uint32_t p = 0; p < ui->plot_count; p++) {
        ui_plot *plot = &ui->plots[p];
        ui_series *series = &plot->series[side];
        ui_plot_read_history(ui, plot, side);
        for (uint32_t i = 0; i < frame->detail_count; i++)
            if (frame->details[i].watch_id == WATCH_PLOT + p && !frame->details[i].text[0] &&
                strcmp(frame->details[i].label, plot->label) == 0)
                ui_series_add(series, frame->time_ns, frame->details[i].number);
    }
}

/* Answers to an overlay's question, and nothing else of a frame; borrowed. */
static jw_frame answers_of(const jw_frame *frame)
{
    return (jw_frame){.time_ns = frame->time_ns,
                      .rasters = frame->rasters,
                      .raster_count = frame->raster_count,
                      .shades = frame->shades,
                      .shade_count = frame->shade_count,
                      .raster_values = frame->raster_values,
                      .raster_value_count = frame->raster_value_count,
                      .assets_revision = frame->assets_revision};
}

/* Gives a frame without answers those of an earlier one. */
static void lend_answers(const jw_frame *from, jw_frame *to)
{
    if (jw_grow(&to->rasters, &to->raster_capacity, from->raster_count, sizeof *to->rasters, NULL) != JW_OK ||
        jw_grow(&to->shades, &to->shade_capacity, from->shade_count, sizeof *to->shades, NULL) != JW_OK ||
        jw_grow(&to->raster_values, &to->raster_value_capacity, from->raster_value_count, sizeof(float),
                NULL) != JW_OK)
        return;
    if (from->raster_count)
        memcpy(to->rasters, from->rasters, from->raster_count * sizeof *to->rasters);
    if (from->shade_count)
        memcpy(to->shades, from->shades, from->shade_count * sizeof *to->shades);
    if (from->raster_value_count)
        memcpy(to->raster_values, from->raster_values, from->raster_value_count * sizeof(float));
    to->raster_count = from->raster_count;
    to->shade_count = from->shade_count;
    to->raster_value_count = from->raster_value_count;
}

/* What the overlays of both parts of the window ask for; returns how many questions that are. */
static uint32_t overlay_watches(const jw_ui *ui, jw_watch out[2])
{
    uint32_t count = 0;
    for (uint32_t part = 0; part < ui_part_count(ui); part++) {
        jw_view_overlay overlay = ui_part_overlay(ui, part);
        const jw_overlay_info *info = jw_view_overlay_info(overlay);
        if (info->watch == JW_WATCH_NONE || (part > 0 && overlay == ui_part_overlay(ui, 0)))
            continue;
        out[count] = (jw_watch){.id = WATCH_OVERLAY + count, .kind = info->watch};
        jw_text_copy(out[count].name, sizeof out[count].name, info->id);
        count++;
    }
    return count;
}

static bool asks(const jw_ui *ui)
{
    jw_watch watches[2];
    return overlay_watches(ui, watches) > 0;
}

static bool has_answer(const jw_frame *frame, const jw_watch *watch)
{
    for (uint32_t i = 0; i < frame->raster_count; i++)
        if (frame->rasters[i].kind == watch->kind)
            return true;
    for (uint32_t i = 0; i < frame->shade_count; i++)
        if (watch->kind == JW_WATCH_SHADE && strcmp(frame->shades[i].name, watch->name) == 0)
            return true;
    return false;
}

static bool has_all_answers(const jw_ui *ui, const jw_frame *frame)
{
    jw_watch watches[2];
    for (uint32_t count = overlay_watches(ui, watches), i = 0; i < count; i++)
        if (!has_answer(frame, &watches[i]))
            return false;
    return true;
}

/* Keeps the answers of a frame that has them, and lends them to those that have none; values of assets only
 * as long as these are the same, and none of what is still to come where the world went back. */
static void keep_answers(const jw_ui *ui, ui_side *side)
{
    jw_frame *frame = &side->newer;
    if (has_all_answers(ui, frame)) {
        jw_frame answers = answers_of(frame);
        side->has_kept = jw_frame_copy(&answers, &side->kept, NULL) == JW_OK;
        side->is_fresh = side->is_fresh || side->has_kept;
    } else if (side->has_kept && side->kept.assets_revision == frame->assets_revision &&
               side->kept.time_ns <= frame->time_ns) {
        lend_answers(&side->kept, frame);
    }
}

void ui_want_answer(jw_ui *ui)
{
    ui->asks_overlay = ui->watches_changed = true;
    for (uint32_t i = 0; i < ui->side_count; i++)
        ui->sides[i].is_fresh = false;
}

/* The answers shown are of the instant shown. */
static bool is_current(const jw_ui *ui, const ui_side *side)
{
    return side->has_kept && side->has_newer && side->kept.time_ns == side->newer.time_ns &&
           has_all_answers(ui, &side->kept);
}

bool ui_is_answered(const jw_ui *ui)
{
    bool is_answered = true;
    for (uint32_t i = 0; i < ui->side_count; i++)
        is_answered = is_answered && (is_current(ui, &ui->sides[i]) || ui->sides[i].status.has_failed);
    return is_answered || !asks(ui);
}

static void ask_overlay(jw_ui *ui)
{
    jw_watch watches[2];
    bool has_all = ui->side_count > 0, is_running = ui->is_playing, has_map = false;
    for (uint32_t i = 0; i < ui->side_count; i++) {
        has_all = has_all && ui->sides[i].is_fresh;
        is_running = is_running || ui->sides[i].status.is_seeking;
    }
    for (uint32_t count = overlay_watches(ui, watches), i = 0; i < count; i++)
        has_map = has_map || watches[i].kind != JW_WATCH_SHADE;
    double now_s = jw_clock_seconds(), rest_s = !is_running ? 0 : has_map ? PLACES_REST_S : SHADE_REST_S;
    if (ui->asks_overlay && has_all) {
        ui->asks_overlay = false;
        ui->watches_changed = true;
        ui->answered_s = now_s;
    } else if (!ui->asks_overlay && ui->side_count && now_s - ui->answered_s > rest_s &&
               !ui_is_answered(ui)) {
        ui_want_answer(ui);
        ui->answered_s = now_s;
    }
}

/* Which of the frame's events were not told yet. A full list is cut at its old end: there they are those
 * behind the last that was told. */
static uint32_t first_untold(const ui_side *side)
{
    const jw_frame *frame = &side->newer;
    if (frame->event_count < JW_EVENTS_MAX || side->told_count == 0 || side->told_count > side->event_count)
        return side->told_count;
    const jw_frame_event *last = &side->events[side->told_count - 1];
    uint32_t first = frame->event_count;
    for (; first > 0 && frame->time_ns >= last->time_ns; first--) {
        const jw_frame_event *event = &frame->events[first - 1];
        if (event->time_ns == last->time_ns && event->kind == last->kind &&
            strcmp(event->key, last->key) == 0 && strcmp(event->text, last->text) == 0)
            break;
    }
    return first;
}

static void keep_events(ui_side *side, bool has_new)
{
    const jw_frame *frame = &side->newer;
    uint32_t later = side->event_count;
    while (later > 0 && side->events[later - 1].time_ns > frame->time_ns)
        later--;
    uint32_t future = side->event_count - later, now = frame->event_count;
    if (has_new)
        side->told_s = jw_clock_seconds();
    side->told_count = now;
    if (now + future == 0 ||
        jw_grow(&side->events, &side->event_capacity, now + future, sizeof *side->events, NULL) != JW_OK)
        return;
    memmove(side->events + now, side->events + later, future * sizeof *side->events);
    if (now)
        memcpy(side->events, frame->events, now * sizeof *side->events);
    side->event_count = now + future;
}

void ui_forget_future(jw_ui *ui)
{
    ui_side *side = &ui->sides[ui->side];
    side->latest_ns = side->newer.time_ns;
    while (side->event_count && side->events[side->event_count - 1].time_ns > side->latest_ns)
        side->event_count--;
}

static bool take_frame(jw_ui *ui, uint32_t index)
{
    ui_side *side = &ui->sides[index];
    bool is_new;
    const jw_frame *frame = jw_session_frame(side->session, &is_new);
    if (!frame || !(is_new || side->is_untaken))
        return false;
    side->is_untaken = false;
    double now_s = jw_clock_seconds();
    if (side->has_newer && frame->time_ns != side->newer.time_ns) {
        double passed_s = jw_s_from_ns(frame->time_ns - side->newer.time_ns);
        double expected_s = ui_is_unbounded(ui) ? 0 : passed_s / ui->speed,
               came_s = now_s - side->newer_since_s;
        side->has_older = passed_s > 0 && passed_s <= MOTION_MAX_S;
        /* The measured rhythm, smoothed; what is asked for where there was a pause. */
        side->interval_s =
            came_s > 3 * expected_s + 0.2 ? expected_s : 0.5 * jw_max(side->interval_s, 0.01) + 0.5 * came_s;
        if (!ui->is_playing)
            side->interval_s = jw_min(side->interval_s, 0.2);
        side->newer_since_s = now_s;
        jw_frame older = side->older;
        side->older = side->newer;
        side->newer = older;
        ui->waiting_commands = 0;
    }
    if (!side->has_newer) {
        jw_frame first = {
            .time_ns = frame->time_ns, .metrics = frame->metrics, .metric_count = frame->metric_count};
        jw_frame_copy(&first, &side->first, NULL);
    }
    side->has_newer = jw_frame_copy(frame, &side->newer, NULL) == JW_OK;
    if (asks(ui))
        keep_answers(ui, side);
    side->newer.version = ++ui->frame_version;
    if (frame->time_ns > side->latest_ns)
        side->latest_ns = frame->time_ns;
    uint32_t untold = first_untold(side);
    for (uint32_t i = untold; i < side->newer.event_count; i++)
        if (strncmp(side->newer.events[i].key, "refused", 7) == 0)
            ui_build_refused(ui, index, &side->newer.events[i]);
    ui_build_answered(ui);
    keep_events(side, untold < side->newer.event_count);
    ui_history_add(&side->history, &side->newer);
    feed_plots(ui, index);
    ui_example_take(ui, index);
    return true;
}

static void send_watches(jw_ui *ui)
{
    jw_watch watches[16];
    uint32_t count = 0;
    jw_watch selected = ui_watch_of(&ui->selection);
    if (selected.kind != JW_WATCH_NONE) {
        selected.id = WATCH_SELECTION;
        watches[count++] = selected;
    }
    if (ui->asks_overlay)
        count += overlay_watches(ui, watches + count);
    if (ui->find.is_open)
        watches[count++] = (jw_watch){.id = UI_FIND_WATCH, .kind = JW_WATCH_PARK};
    if (ui->example.is_asked)
        watches[count++] = ui->example.watch;
    if (ui->build.watch.kind != JW_WATCH_NONE)
        watches[count++] = ui->build.watch;
    for (uint32_t i = 0; i < ui->plot_count; i++)
        if (ui->plots[i].watch.kind != JW_WATCH_NONE) {
            watches[count] = ui->plots[i].watch;
            watches[count++].id = WATCH_PLOT + i;
        }
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_watch(ui->sides[i].session, watches, count);
    ui->watches_changed = false;
}

/* Two worlds on one clock: who is ahead waits; when both stand, who is behind comes up. */
static void keep_pace(jw_ui *ui)
{
    if (ui->side_count < 2)
        return;
    ui_side *a = &ui->sides[0], *b = &ui->sides[1];
    int64_t ahead_ns = a->status.time_ns - b->status.time_ns;
    ui_side *first = ahead_ns > 0 ? a : b, *last = ahead_ns > 0 ? b : a;
    if (ui->is_playing) {
        bool is_far = llabs(ahead_ns) > jw_ns_from_s(jw_clamp(ui->speed * 0.2, 1, 200));
        if (is_far && !first->is_held) {
            first->is_held = true;
            jw_session_play(first->session, 0);
        } else if (!is_far && (a->is_held || b->is_held)) {
            for (uint32_t i = 0; i < 2; i++) {
                if (ui->sides[i].is_held)
                    jw_session_play(ui->sides[i].session, ui_session_speed(ui));
                ui->sides[i].is_held = false;
            }
        }
    } else if (ahead_ns != 0 && !a->status.is_running && !b->status.is_running && !a->status.is_seeking &&
               !b->status.is_seeking && !last->status.has_failed) {
        jw_session_seek(last->session, first->status.time_ns);
    }
}

bool ui_take_frames(jw_ui *ui)
{
    bool is_new = false;
    if (ui->watches_changed && ui->side_count)
        send_watches(ui);
    for (uint32_t i = 0; i < ui->side_count; i++) {
        ui_side *side = &ui->sides[i];
        bool had_failed = side->status.has_failed;
        is_new = take_frame(ui, i) || is_new;
        side->status = jw_session_state(side->session);
        if (side->status.stop_count != side->stop_count) {
            side->stop_count = side->status.stop_count;
            ui_stops_met(ui, side->status.stop_id);
        }
        if (side->status.has_failed && !had_failed) {
            ui_fail(ui, &side->status.error);
            ui_play(ui, false);
        }
    }
    keep_pace(ui);
    if (asks(ui))
        ask_overlay(ui);
    return is_new;
}

double ui_blend(const jw_ui *ui, const ui_side *side)
{
    double filmed = ui_video_blend(ui, (uint32_t)(side - ui->sides));
    if (filmed >= 0)
        return side->has_older ? filmed : 1;
    if (!side->has_older || side->interval_s <= 0)
        return 1;
    return jw_clamp((jw_clock_seconds() - side->newer_since_s) / side->interval_s, 0, 1);
}

int64_t ui_shown_time_ns(const jw_ui *ui, const ui_side *side)
{
    if (!side->has_newer)
        return 0;
    if (!side->has_older)
        return side->newer.time_ns;
    double blend = ui_blend(ui, side);
    return side->older.time_ns + (int64_t)((double)(side->newer.time_ns - side->older.time_ns) * blend);
}
