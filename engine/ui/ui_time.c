/* The time bar: play, step, clock, speed, the line of time with its events. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

#define NEWS_S       12.0
#define SCRUB_STEP_S 10 /* of an arrow key */
#define TOOLS        7  /* buttons on the right */

static void draw_buttons(jw_ui *ui)
{
    if (gui_icon_button("play", ui->is_playing ? GUI_ICON_PAUSE : GUI_ICON_PLAY, true))
        ui_play(ui, !ui->is_playing);
    gui_tooltip(ui_say(ui, ui->is_playing ? "time.pause" : "time.play"));
    gui_same_line(4);
    if (gui_icon_button("step", GUI_ICON_STEP, false))
        ui_step(ui);
    gui_tooltip(ui_say(ui, "time.step"));
    bool is_tight = ui_layout_of(ui).is_narrow;
    gui_same_line(is_tight ? 6 : 12);
    char clock[32];
    ui_format_time(ui->is_scrubbing ? ui->scrub_ns : ui_shown_time_ns(ui, &ui->sides[ui->side]), clock,
                   sizeof clock);
    if (is_tight)
        gui_align();
    gui_text(is_tight ? GUI_BODY : GUI_TITLE, GUI_TEXT, clock);
}

static void say_seek(const jw_ui *ui, const jw_session_status *status, char *out, size_t size)
{
    double all = (double)(status->seek_to_ns - status->seek_from_ns),
           done = (double)(status->time_ns - status->seek_from_ns);
    snprintf(out, size, "%s %.0f %%", ui_say(ui, "time.seeking"),
             all > 0 ? 100 * jw_clamp(done / all, 0, 1) : 0);
}

void ui_say_speed(const jw_ui *ui, char *out, size_t out_size)
{
    if (ui_is_unbounded(ui))
        jw_text_copy(out, out_size, ui_say(ui, "time.unbounded"));
    else
        snprintf(out, out_size, ui->speed < 10 ? "%.1f×" : "%.0f×", ui->speed);
}

/* Returns how wide the text is that stands behind the speed. */
static float draw_speed(jw_ui *ui)
{
    const jw_session_status *status = &ui->sides[ui->side].status;
    char asked[32], reached[96] = "";
    ui_say_speed(ui, asked, sizeof asked);
    gui_width(gui_px(224));
    double speed = ui->speed;
    if (gui_slider("##speed", &speed, UI_SPEED_MIN, UI_UNBOUNDED, asked, true)) {
        if (jw_abs(jw_log10(speed) - jw_round(jw_log10(speed))) < 0.04) /* full decades catch */
            speed = jw_pow(10, jw_round(jw_log10(speed)) + 1) / 10;
        /* Beyond the last decade there is but the end. */
        ui_set_speed(ui, speed > UI_SPEED_MAX && speed * speed < UI_SPEED_MAX * UI_UNBOUNDED ? UI_SPEED_MAX
                                                                                             : speed);
    }
    gui_tooltip(ui_say(ui, "time.speed"));
    bool is_slower = status->reached_speed < ui->speed * 0.9 || ui_is_unbounded(ui);
    if (ui->stops_at_event)
        jw_text_copy(reached, sizeof reached, ui_say(ui, "time.to_event"));
    else if (ui->is_playing && status->reached_speed > 0 && is_slower)
        snprintf(reached, sizeof reached, "%s %.3g×", ui_say(ui, "time.reached"), status->reached_speed);
    else if (status->is_seeking)
        say_seek(ui, status, reached, sizeof reached);
    else if (ui->waiting_commands)
        snprintf(reached, sizeof reached, "%u %s", ui->waiting_commands, ui_say(ui, "time.waiting"));
    if (!reached[0])
        return 0;
    gui_same_line(12);
    gui_align();
    gui_text(GUI_SMALL, GUI_MUTED, reached);
    return gui_text_width(GUI_SMALL, reached) + gui_px(16);
}

/* "" where there is none. */
static void say_weather(const jw_ui *ui, const jw_frame *frame, char *out, size_t size)
{
    char number[32], rain[64] = "", fog[64] = "";
    if (frame->rain_mm_per_h > 0) {
        ui_format_number((double)frame->rain_mm_per_h, ui_say_unit(ui, "mm/h"), number, sizeof number);
        ui_say_with(ui, "time.rain", number, rain, sizeof rain);
    }
    if (frame->visibility_m > 0) {
        ui_format_number((double)frame->visibility_m, ui_say_unit(ui, "m"), number, sizeof number);
        ui_say_with(ui, "time.fog", number, fog, sizeof fog);
    }
    snprintf(out, size, "%s%s%s", rain, rain[0] && fog[0] ? " · " : "", fog);
}

/* What happened last, for a while; else what the weather is. */
static void draw_news(const jw_ui *ui, gui_rect bar, float speed_width)
{
    const ui_side *side = &ui->sides[ui->side];
    double now_s = jw_clock_seconds();
    bool has_notice = ui->notice[0] && now_s - ui->notice_s<NEWS_S, has_news = side->told_count> 0 &&
                      now_s - side->told_s < NEWS_S;
    char text[UI_EVENT_SIZE], line[sizeof ui->notice], time[32];
    gui_colour colour = GUI_ACCENT;
    if (has_notice) {
        jw_text_copy(line, sizeof line, ui->notice);
    } else if (has_news) {
        const jw_frame_event *event = &side->events[side->told_count - 1];
        ui_say_event(ui, event, text, sizeof text);
        ui_format_time(event->time_ns, time, sizeof time);
        snprintf(line, sizeof line, "%s  %s", time, text);
        colour = event->kind == JW_EVENT_FAILURE ? GUI_WARNING : GUI_SECOND;
    } else {
        say_weather(ui, &side->newer, line, sizeof line);
        colour = GUI_MUTED;
    }
    if (!line[0])
        return;
    /* Between the speed and the tools, or right of the speed in its own row; long ones in several lines. */
    bool is_narrow = ui_layout_of(ui).is_bar_narrow;
    float speed_end = bar.x + gui_px(is_narrow ? 258 : 412) + speed_width;
    float left = (float)jw_max(bar.x + gui_px(is_narrow ? 340 : 500), speed_end);
    float right = bar.x + bar.width - gui_px(is_narrow ? 16 : 16 + TOOLS * 33 + 16);
    gui_rect room = {left, bar.y + gui_px(is_narrow ? 44 : 4), right - left, gui_px(48)};
    if (room.width < gui_px(100))
        return;
    gui_font font = gui_text_width(GUI_BODY, line) > room.width ? GUI_SMALL : GUI_BODY;
    gui_shorten(font, room.width * 2.6f, line, sizeof line); /* three lines, not all of them full */
    gui_draw_wrapped(font, room, 0, gui_colour_of(colour), line);
}

static void draw_tools(jw_ui *ui, gui_rect bar)
{
    float gap_units = ui_layout_of(ui).is_narrow ? 0 : 4, size = gui_line_height(), gap = gui_px(gap_units);
    gui_to(bar.x + bar.width - gui_px(16) - TOOLS * size - (TOOLS - 1) * gap, bar.y + gui_px(12));
    if (gui_icon_button("find", GUI_ICON_FIND, ui->find.is_open))
        ui_find_open(ui, !ui->find.is_open);
    gui_tooltip(ui_say(ui, "time.find"));
    gui_same_line(gap_units);
    if (gui_icon_button("present", GUI_ICON_PRESENT, false))
        ui_present_set(ui, true);
    gui_tooltip(ui_say(ui, "time.present"));
    gui_same_line(gap_units);
    gui_disable(ui->side_count == 2);
    if (gui_icon_button("fork", GUI_ICON_FORK, ui->side_count == 2))
        ui_fork(ui);
    gui_enable();
    gui_tooltip(ui_say(ui, "time.fork"));
    gui_same_line(gap_units);
    if (gui_icon_button("fit", GUI_ICON_FIT, false))
        ui_camera_home(ui, false);
    gui_tooltip(ui_say(ui, "time.fit"));
    gui_same_line(gap_units);
    if (gui_icon_button("home", GUI_ICON_HOME, false))
        ui_leave_city(ui);
    gui_tooltip(ui_say(ui, "time.start"));
    gui_same_line(gap_units);
    if (gui_icon_button("settings", GUI_ICON_SETTINGS, ui->has_settings))
        ui->has_settings = true;
    gui_tooltip(ui_say(ui, "time.settings"));
    gui_same_line(gap_units);
    if (gui_icon_button("drawer", GUI_ICON_DRAWER, !ui->is_drawer_closed))
        ui->is_drawer_closed = !ui->is_drawer_closed;
    gui_tooltip(ui_say(ui, ui_layout_of(ui).is_narrow ? "time.drawer_or_rail" : "time.drawer"));
}

/* The line of time from the earliest instant that can be gone back to, to the latest seen. */
static void draw_scrubber(jw_ui *ui)
{
    const ui_side *side = &ui->sides[ui->side];
    int64_t from_ns = side->status.earliest_ns, to_ns = side->latest_ns;
    if (to_ns < from_ns + JW_NS_PER_S)
        to_ns = from_ns + JW_NS_PER_S;
    char from[32], to[32];
    ui_format_time(from_ns, from, sizeof from);
    ui_format_time(to_ns, to, sizeof to);
    float text = gui_text_width(GUI_SMALL, "00:00:00") + gui_px(8), small = gui_text_height(GUI_SMALL);
    gui_canvas canvas = gui_control_make("scrubber", gui_room_x(), gui_px(20));
    gui_rect r = canvas.rect;
    float y = r.y + r.height / 2, left = r.x + text, width = r.width - 2 * text;
    double span = (double)(to_ns - from_ns);
    int64_t now_ns = ui->is_scrubbing ? ui->scrub_ns : ui_shown_time_ns(ui, side);
    float x = left + width * (float)jw_clamp((double)(now_ns - from_ns) / span, 0, 1);
    gui_draw_text(GUI_SMALL, r.x, y - small / 2, gui_colour_of(GUI_MUTED), from);
    gui_draw_text(GUI_SMALL, r.x + r.width - text + gui_px(8), y - small / 2, gui_colour_of(GUI_MUTED), to);
    gui_draw_line(left, y, left + width, y, gui_colour_of(GUI_LINE), gui_px(3));
    gui_draw_line(left, y, x, y, gui_colour_of(GUI_ACCENT), gui_px(3));

    const jw_frame_event *hint = NULL;
    for (uint32_t i = 0; i < side->event_count; i++) {
        const jw_frame_event *event = &side->events[i];
        if (event->time_ns < from_ns || event->time_ns > to_ns || event->kind == JW_EVENT_LINE)
            continue;
        float at = left + width * (float)((double)(event->time_ns - from_ns) / span);
        gui_colour colour = event->kind == JW_EVENT_FAILURE ? GUI_WARNING : GUI_SECOND;
        gui_draw_line(at, y - gui_px(7), at, y + gui_px(7),
                      gui_fade(colour, event->time_ns > now_ns ? 0.4f : 1), gui_px(2));
        if (canvas.is_hovered && canvas.mouse_x > at - gui_px(5) && canvas.mouse_x < at + gui_px(5))
            hint = event;
    }
    gui_draw_fill((gui_rect){x - gui_px(3), y - gui_px(8), gui_px(6), gui_px(16)}, gui_colour_of(GUI_ACCENT),
                  gui_px(3));

    double share = jw_clamp(((double)canvas.mouse_x - (double)left) / jw_max(width, 1), 0, 1);
    int64_t under_ns = from_ns + (int64_t)(share * span);
    if (canvas.step) {
        ui_seek(ui, now_ns + canvas.step * SCRUB_STEP_S * JW_NS_PER_S);
    } else if (canvas.is_active) {
        ui->is_scrubbing = true;
        ui->scrub_ns = under_ns;
    } else if (canvas.was_released && ui->is_scrubbing) {
        ui->is_scrubbing = false;
        ui_seek(ui, ui->scrub_ns);
    }
    if (canvas.is_hovered) {
        char text_at[UI_EVENT_SIZE + 40], time[32], what[UI_EVENT_SIZE] = "";
        if (hint)
            ui_say_event(ui, hint, what, sizeof what);
        ui_format_time(hint ? hint->time_ns : under_ns, time, sizeof time);
        snprintf(text_at, sizeof text_at, "%s%s%s", time, hint ? "\n" : "", what);
        gui_tooltip(text_at);
    }
}

void ui_time_draw(jw_ui *ui, gui_rect rect)
{
    gui_panel_begin("##time", rect);
    draw_buttons(ui);
    if (ui_layout_of(ui).is_bar_narrow)
        gui_to(rect.x + gui_px(16), rect.y + gui_px(52));
    else
        gui_same_line(20);
    draw_news(ui, rect, draw_speed(ui));
    draw_tools(ui, rect);
    gui_to(rect.x + gui_px(16), rect.y + rect.height - gui_px(34));
    draw_scrubber(ui);
    gui_panel_end();
}
