/* Two worlds side by side: their names over the views, their metrics and differences in a table. */
#include "ui/ui_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void ui_sides_draw(jw_ui *ui)
{
    ui_layout layout = ui_layout_of(ui);
    gui_bare_begin("##sides", layout.window);
    float middle = (float)ui_side_rect(ui, 1).x_px / ui->pixel_ratio - 1;
    for (uint32_t i = 0; i < 2; i++) {
        const char *name = ui_say(ui, i ? "fork.b" : "fork.a");
        float width = gui_text_width(GUI_BODY, name) + gui_px(40), y = layout.rail.y;
        float x = i ? middle + gui_px(12) : middle - gui_px(12) - width;
        gui_rect tag = {x, y, width, gui_px(32)};
        uint32_t colour = gui_colour_of(i ? GUI_SECOND : GUI_ACCENT);
        gui_draw_fill(tag, gui_colour_of(GUI_PANEL), gui_px(8));
        if (i == ui->side)
            gui_draw_frame(tag, colour, gui_px(8), gui_px(2));
        gui_draw_fill((gui_rect){x + gui_px(10), y + gui_px(10), gui_px(12), gui_px(12)}, colour, gui_px(6));
        gui_draw_text(GUI_BODY, x + gui_px(30), y + (tag.height - gui_text_height(GUI_BODY)) / 2,
                      gui_colour_of(GUI_TEXT), name);
    }
    gui_bare_end();
}

/* Short numbers for narrow columns: 12 345, 1.23M. */
static void short_number(double value, bool has_sign, char *out, size_t out_size)
{
    double size = jw_abs(value);
    const char *sign = value < 0 ? "−" : has_sign && value > 0 ? "+" : "";
    if (!isfinite(value))
        jw_text_copy(out, out_size, "–");
    else if (size >= 1e9)
        snprintf(out, out_size, "%s%.2fG", sign, size / 1e9);
    else if (size >= 1e6)
        snprintf(out, out_size, "%s%.2fM", sign, size / 1e6);
    else if (size >= 1000 || size == jw_round(size))
        snprintf(out, out_size, "%s%.0f", sign, size);
    else
        snprintf(out, out_size, size < 0.01 ? "%s%.2g" : "%s%.3g", sign, size);
}

bool ui_fork_differs(double a, double b)
{
    char texts[2][32];
    if (a == jw_round(a) && b == jw_round(b))
        return a != b;
    short_number(a, false, texts[0], sizeof texts[0]);
    short_number(b, false, texts[1], sizeof texts[1]);
    return strcmp(texts[0], texts[1]) != 0;
}

static double number_of(const jw_frame *frame, const char *metric)
{
    const jw_frame_metric *found = jw_frame_find_metric(frame, metric);
    return found ? found->value : 0;
}

ui_window ui_fork_value(const jw_frame *first, const jw_frame *frame, const jw_frame_metric *metric,
                        double *out)
{
    const char *base = ui_count_of(metric->name);
    *out = ui_is_measured(frame, metric->name) ? metric->value : NAN;
    if (!metric->is_since_start)
        return UI_WINDOW_NOW;
    if (metric->is_mean && !base)
        return UI_WINDOW_START;
    double before = number_of(first, metric->name);
    if (!metric->is_mean) {
        *out = metric->value - before;
        return UI_WINDOW_FORK;
    }
    double count = number_of(frame, base), count_before = number_of(first, base);
    *out =
        count > count_before ? (metric->value * count - before * count_before) / (count - count_before) : NAN;
    return UI_WINDOW_FORK;
}

static bool is_of_trips(const char *metric)
{
    const char *base = ui_count_of(metric);
    return base && strcmp(base, "traffic.arrived") == 0;
}

typedef struct fork_row {
    const jw_frame_metric *metric;
    ui_window window;
    double values[2];
} fork_row;

/* False: the other world has no such metric. */
static bool read_row(const jw_ui *ui, const jw_frame_metric *metric, fork_row *out)
{
    const jw_frame *first = &ui->sides[1].first, *b = &ui->sides[1].newer;
    const jw_frame_metric *other = jw_frame_find_metric(b, metric->name);
    if (!other)
        return false;
    out->metric = metric;
    out->window = ui_fork_value(first, &ui->sides[0].newer, metric, &out->values[0]);
    ui_fork_value(first, b, other, &out->values[1]);
    return true;
}

/* `key`: of the text in which {} stands for the metric; NULL: it alone. */
static void draw_row(jw_ui *ui, const fork_row *row, const char *key)
{
    static const jw_watch city = {0};
    static const float columns[] = {0.46f, 0.64f, 0.82f, 1.0f};
    char name[160], said[192], buffer[64], values[3][32];
    const jw_frame_metric *metric = row->metric;
    const char *title = ui_say_name(ui, "metric.", metric->name, buffer, sizeof buffer);
    snprintf(name, sizeof name, "%s%s%s", title, metric->unit[0] ? ", " : "", ui_say_unit(ui, metric->unit));
    if (key)
        ui_say_with(ui, key, name, said, sizeof said);
    double a = row->values[0], b = row->values[1];
    short_number(a, false, values[0], sizeof values[0]);
    short_number(b, false, values[1], sizeof values[1]);
    short_number(b - a, true, values[2], sizeof values[2]);
    bool is_different = ui_fork_differs(a, b);
    const char *cells[] = {key ? said : name, values[0], values[1],
                           is_different || a == b || isnan(a) ? values[2] : ui_say(ui, "fork.nearly")};
    gui_colour colours[] = {GUI_MUTED, GUI_TEXT, GUI_TEXT, is_different ? GUI_SECOND : GUI_MUTED};
    if (gui_row(metric->name, cells, columns, 4, GUI_SMALL, colours)) {
        char plotted[128];
        jw_text_copy(plotted, sizeof plotted, title);
        ui_plot_toggle(ui, &city, metric->name, plotted, metric->unit);
    }
}

/* The means of trips, and what they are silent about: a closed street keeps those from arriving that it
 * delays most, and the mean of the rest falls. */
static void draw_trips(jw_ui *ui)
{
    static const char *const silent[] = {"traffic.running", "traffic.waiting", "traffic.cut_off"};
    const jw_frame *a = &ui->sides[0].newer;
    fork_row row;
    for (uint32_t i = 0; i < a->metric_count; i++)
        if (a->metrics[i].is_mean && is_of_trips(a->metrics[i].name) && read_row(ui, &a->metrics[i], &row))
            draw_row(ui, &row, "fork.of_arrived");
    gui_push(1); /* they stand above, too */
    for (uint32_t i = 0; i < JW_COUNT_OF(silent); i++) {
        const jw_frame_metric *metric = jw_frame_find_metric(a, silent[i]);
        if (metric && read_row(ui, metric, &row))
            draw_row(ui, &row, "fork.not_in_it");
    }
    gui_pop();
}

static void draw_heading(const jw_ui *ui, ui_window window)
{
    static const char *const keys[] = {"inspector.now", "fork.since", "fork.whole"};
    char text[128], time[32];
    ui_format_time(window == UI_WINDOW_FORK ? ui->sides[1].first.time_ns : ui->start_ns, time, sizeof time);
    ui_say_with(ui, keys[window], time, text, sizeof text);
    gui_gap(4);
    gui_text(GUI_SMALL, GUI_ACCENT, text);
}

/* What differs, or what does not, over one time. */
static void draw_window(jw_ui *ui, ui_window window, bool is_different)
{
    const jw_frame *a = &ui->sides[0].newer;
    bool has_heading = window == UI_WINDOW_FORK && is_different;
    gui_tight(true);
    if (has_heading) {
        draw_heading(ui, window);
        draw_trips(ui);
    }
    for (uint32_t i = 0; i < a->metric_count; i++) {
        fork_row row;
        bool is_among_trips = a->metrics[i].is_mean && is_of_trips(a->metrics[i].name);
        if (is_among_trips || !read_row(ui, &a->metrics[i], &row) || row.window != window ||
            ui_fork_differs(row.values[0], row.values[1]) != is_different)
            continue;
        if (!has_heading)
            draw_heading(ui, window);
        has_heading = true;
        draw_row(ui, &row, NULL);
    }
    gui_tight(false);
}

void ui_fork_draw(jw_ui *ui)
{
    static const float columns[] = {0.46f, 0.64f, 0.82f, 1.0f};
    gui_text(GUI_TITLE, GUI_TEXT, ui_say(ui, "fork.title"));
    const char *sides[] = {ui_say(ui, "fork.a"), ui_say(ui, "fork.b")};
    int side = (int)ui->side;
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "fork.acting"));
    if (gui_segments("side", sides, 2, &side))
        ui->side = (uint32_t)side;
    const char *cells[] = {"", "A", "B", "B − A"};
    gui_colour colours[] = {GUI_MUTED, GUI_ACCENT, GUI_SECOND, GUI_MUTED};
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "fork.chance"));
    gui_row("head", cells, columns, 4, GUI_SMALL, colours);
    gui_scroll_begin("##metrics", -gui_px(44));
    for (int part = 0; part < 2 * UI_WINDOW_COUNT; part++) { /* the rest is the same city */
        if (part == UI_WINDOW_COUNT)
            gui_rule();
        draw_window(ui, (ui_window)(part % UI_WINDOW_COUNT), part < UI_WINDOW_COUNT);
    }
    gui_scroll_end();
    float half = (gui_room_x() - gui_px(8)) / 2;
    if (gui_button(ui_say(ui, "fork.keep_a"), half, false)) {
        ui_close_fork(ui, 0);
        return;
    }
    gui_same_line(8);
    if (gui_button(ui_say(ui, "fork.keep_b"), half, false))
        ui_close_fork(ui, 1);
}
