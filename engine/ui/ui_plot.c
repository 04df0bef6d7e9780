/* Plots over time, docked above the time bar: data apart from drawing. */
#include "ui/ui_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_same_watch(const jw_watch *a, const jw_watch *b)
{
    return a->kind == b->kind && a->a == b->a && a->b == b->b && strcmp(a->name, b->name) == 0;
}

static uint32_t find(const jw_ui *ui, const jw_watch *watch, const char *label)
{
    for (uint32_t i = 0; i < ui->plot_count; i++)
        if (is_same_watch(&ui->plots[i].watch, watch) && strcmp(ui->plots[i].label, label) == 0)
            return i;
    return JW_NONE;
}

bool ui_plot_is_on(const jw_ui *ui, const jw_watch *watch, const char *label)
{
    return find(ui, watch, label) != JW_NONE;
}

static void remove_plot(jw_ui *ui, uint32_t index)
{
    memmove(&ui->plots[index], &ui->plots[index + 1], (ui->plot_count - index - 1) * sizeof *ui->plots);
    ui->plot_count--;
    ui->watches_changed = true;
}

void ui_plot_toggle(jw_ui *ui, const jw_watch *watch, const char *label, const char *title, const char *unit)
{
    uint32_t index = find(ui, watch, label);
    if (index != JW_NONE) {
        remove_plot(ui, index);
        return;
    }
    if (ui->plot_count == UI_PLOT_MAX)
        remove_plot(ui, 0);
    ui_plot *plot = &ui->plots[ui->plot_count++];
    *plot = (ui_plot){.watch = *watch};
    jw_text_copy(plot->label, sizeof plot->label, label);
    jw_text_copy(plot->title, sizeof plot->title, title);
    jw_text_copy(plot->unit, sizeof plot->unit, unit);
    for (uint32_t i = 0; i < ui->side_count; i++)
        ui_plot_read_history(ui, plot, i);
    ui->watches_changed = true;
}

void ui_plot_read_history(const jw_ui *ui, ui_plot *plot, uint32_t side)
{
    const ui_side *from = &ui->sides[side];
    const jw_frame_metric *metric =
        plot->watch.kind == JW_WATCH_NONE ? jw_frame_find_metric(&from->newer, plot->label) : NULL;
    if (metric)
        ui_history_read(&from->history, (uint32_t)(metric - from->newer.metrics), &plot->series[side]);
}

/* ---- drawing ---------------------------------------------------------------------------------------------
 */

typedef struct extent {
    int64_t from_ns, to_ns;
    double low, high;
    bool is_there;
} extent;

static extent extent_of(const ui_plot *plot, uint32_t sides)
{
    extent e = {.from_ns = INT64_MAX, .to_ns = INT64_MIN, .low = 0};
    for (uint32_t s = 0; s < sides; s++)
        for (uint32_t i = 0; i < plot->series[s].axis.count; i++) {
            double value = (double)plot->series[s].value[i];
            e.low = e.is_there ? jw_min(e.low, value) : value;
            e.high = e.is_there ? jw_max(e.high, value) : value;
            e.from_ns =
                plot->series[s].axis.time_ns[i] < e.from_ns ? plot->series[s].axis.time_ns[i] : e.from_ns;
            e.to_ns = plot->series[s].axis.time_ns[i] > e.to_ns ? plot->series[s].axis.time_ns[i] : e.to_ns;
            e.is_there = true;
        }
    /* Zero belongs to the axis where it is near: a wiggle must not look like a collapse. */
    if (e.low > 0 && e.low < 0.6 * e.high)
        e.low = 0;
    if (e.high < 0 && e.high > 0.6 * e.low)
        e.high = 0;
    double room = jw_max((e.high - e.low) * 0.1, jw_abs(e.high) * 0.02);
    e.high = e.high == 0 && e.low == 0 ? 1 : e.high + room;
    e.low -= e.low == 0 ? 0 : room;
    if (!e.is_there)
        e.from_ns = e.to_ns = 0;
    if (e.to_ns <= e.from_ns)
        e.to_ns = e.from_ns + JW_NS_PER_S;
    return e;
}

static void draw_line(const ui_series *series, extent e, gui_rect area, uint32_t colour)
{
    float points[2 * UI_PLOT_POINTS];
    for (uint32_t i = 0; i < series->axis.count; i++) {
        double x = (double)(series->axis.time_ns[i] - e.from_ns) / (double)(e.to_ns - e.from_ns);
        double y = ((double)series->value[i] - e.low) / (e.high - e.low);
        points[2 * i] = area.x + area.width * (float)x;
        points[2 * i + 1] = area.y + area.height * (float)(1 - y);
    }
    /* A stretch without points (the window was busy, the world jumped) is a gap, not a slope. */
    uint32_t begin = 0;
    int64_t gap_ns = 4 * (e.to_ns - e.from_ns) / (series->axis.count + 1) + 5 * JW_NS_PER_S;
    for (uint32_t i = 1; i <= series->axis.count; i++)
        if (i == series->axis.count || series->axis.time_ns[i] - series->axis.time_ns[i - 1] > gap_ns) {
            if (i - begin > 1)
                gui_draw_path(points + 2 * begin, (int)(i - begin), colour, gui_px(2));
            begin = i;
        }
}

/* The instant under the pointer in this chart; INT64_MIN: the pointer is elsewhere. */
static int64_t pointed_ns(extent e, gui_canvas canvas, gui_rect area)
{
    if (!canvas.is_hovered || canvas.mouse_x < area.x || !e.is_there)
        return INT64_MIN;
    double share = jw_clamp((double)(canvas.mouse_x - area.x) / jw_max(area.width, 1), 0, 1);
    return e.from_ns + (int64_t)(share * (double)(e.to_ns - e.from_ns));
}

/* The values at the instant that the pointer marks in any chart: the last points that are not later. Beside
 * the pointer in its own chart, in the corner of the others. */
static void draw_reading(const jw_ui *ui, const ui_plot *plot, extent e, gui_rect area, bool is_pointed)
{
    uint32_t sides = ui->side_count;
    int64_t time_ns = ui->chart_hover_ns;
    if (time_ns < e.from_ns || time_ns > e.to_ns || !e.is_there)
        return;
    float x = area.x + area.width * (float)((double)(time_ns - e.from_ns) / (double)(e.to_ns - e.from_ns));
    gui_draw_line(x, area.y, x, area.y + area.height, gui_colour_of(GUI_MUTED), 1);
    char text[160], time[32];
    ui_format_time(time_ns, time, sizeof time);
    int used = snprintf(text, sizeof text, "%s", time);
    for (uint32_t s = 0; s < sides; s++) {
        uint32_t i = plot->series[s].axis.count;
        while (i > 0 && plot->series[s].axis.time_ns[i - 1] > time_ns)
            i--;
        char value[64];
        if (i == 0)
            continue;
        ui_format_number((double)plot->series[s].value[i - 1], plot->unit, value, sizeof value);
        used += snprintf(text + used, sizeof text - (size_t)used, "\n%s%s",
                         sides > 1 ? (s ? "B  " : "A  ") : "", value);
    }
    if (is_pointed) {
        gui_tooltip(text);
        return;
    }
    const char *values = strchr(text, '\n');
    for (char *c = text; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    if (values)
        gui_draw_text(GUI_SMALL, area.x + area.width - gui_text_width(GUI_SMALL, values), area.y,
                      gui_colour_of(GUI_TEXT), values);
}

/* Of a metric in the language that is spoken now. */
static const char *title_of(const jw_ui *ui, const ui_plot *plot, char *key, size_t key_size)
{
    return plot->watch.kind == JW_WATCH_NONE ? ui_say_name(ui, "metric.", plot->label, key, key_size)
                                             : plot->title;
}

/* Below the chart: from when to when. Of a watched thing nobody knows what was before: that is said, if need
 * be in place of the end. */
static void draw_times(const jw_ui *ui, const ui_plot *plot, extent e, gui_rect area)
{
    char time[32], from[96], to[32];
    ui_format_time(e.from_ns, time, sizeof time);
    ui_format_time(e.to_ns, to, sizeof to);
    bool is_watched = plot->watch.kind != JW_WATCH_NONE;
    if (is_watched)
        ui_say_with(ui, "chart.known_from", time, from, sizeof from);
    float y = area.y + area.height + gui_px(4), width = gui_text_width(GUI_SMALL, to);
    bool fits = area.width > gui_text_width(GUI_SMALL, is_watched ? from : time) + width + gui_px(8);
    if (fits || is_watched)
        gui_draw_text(GUI_SMALL, area.x, y, gui_colour_of(GUI_MUTED), is_watched ? from : time);
    if (fits || !is_watched)
        gui_draw_text(GUI_SMALL, area.x + area.width - width, y, gui_colour_of(GUI_MUTED), to);
}

static bool draw_plot(jw_ui *ui, ui_plot *plot, gui_rect rect, int number, int64_t *pointed)
{
    gui_push(number);
    gui_panel_begin(number == 0 ? "##plot0" : number == 1 ? "##plot1" : "##plot2", rect);
    char title[160], key[64];
    snprintf(title, sizeof title, "%s%s%s", title_of(ui, plot, key, sizeof key), plot->unit[0] ? ", " : "",
             ui_say_unit(ui, plot->unit));
    gui_shorten(GUI_SMALL, rect.width - gui_px(16 + 74), title, sizeof title);
    gui_draw_text(GUI_SMALL, rect.x + gui_px(16), rect.y + gui_px(10), gui_colour_of(GUI_TEXT), title);
    gui_to(rect.x + rect.width - gui_px(66), rect.y + gui_px(4));
    if (gui_icon_button("save", GUI_ICON_SAVE, false))
        ui_export_plot(ui, plot);
    gui_tooltip(ui_say(ui, "export.csv"));
    gui_to(rect.x + rect.width - gui_px(34), rect.y + gui_px(4));
    bool is_closed = gui_icon_button("close", GUI_ICON_CLOSE, false);
    gui_to(rect.x + gui_px(16), rect.y + gui_px(32));
    gui_canvas canvas = gui_canvas_make("area", rect.width - gui_px(32), rect.height - gui_px(42));
    extent e = extent_of(plot, ui->side_count);
    char low[48], high[48];
    ui_format_number(e.low, "", low, sizeof low);
    ui_format_number(e.high, "", high, sizeof high);
    float margin = (float)jw_max(gui_text_width(GUI_SMALL, low), gui_text_width(GUI_SMALL, high)) + gui_px(8);
    gui_rect area = canvas.rect;
    area.x += margin;
    area.width -= margin;
    area.height -= gui_px(18);
    uint32_t muted = gui_colour_of(GUI_MUTED), line = gui_colour_of(GUI_LINE);
    for (int i = 0; i <= 2; i++) {
        float y = area.y + area.height * (float)i / 2;
        gui_draw_line(area.x, y, area.x + area.width, y, line, 1);
    }
    gui_draw_text(GUI_SMALL, canvas.rect.x, area.y - gui_px(4), muted, high);
    gui_draw_text(GUI_SMALL, canvas.rect.x, area.y + area.height - gui_px(10), muted, low);
    if (e.is_there)
        draw_times(ui, plot, e, area);
    for (uint32_t s = 0; s < ui->side_count; s++)
        draw_line(&plot->series[s], e, area, gui_colour_of(s ? GUI_SECOND : GUI_ACCENT));
    int64_t under_ns = pointed_ns(e, canvas, area);
    if (under_ns != INT64_MIN)
        *pointed = under_ns;
    draw_reading(ui, plot, e, area, under_ns != INT64_MIN);
    gui_panel_end();
    gui_pop();
    return is_closed;
}

void ui_plots_draw(jw_ui *ui, gui_rect rect)
{
    float gap = gui_px(12), width = (rect.width + gap) / (float)ui->plot_count - gap;
    uint32_t closed = JW_NONE;
    int64_t pointed = INT64_MIN;
    for (uint32_t i = 0; i < ui->plot_count; i++) {
        gui_rect part = {rect.x + (width + gap) * (float)i, rect.y, width, rect.height};
        if (draw_plot(ui, &ui->plots[i], part, (int)i, &pointed))
            closed = i;
    }
    ui->chart_hover_ns = pointed;
    if (closed != JW_NONE)
        remove_plot(ui, closed);
}
