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

/* NAN: not measured yet. */
static double value_of(const jw_ui *ui, uint32_t side, const jw_frame_metric *metric)
{
    return ui_is_measured(&ui->sides[side].newer, metric->name) ? metric->value : NAN;
}

/* By a thousandth at least: less is no news, and reads as noise. */
bool ui_fork_differs(double a, double b)
{
    return jw_abs(b - a) > 0.001 * jw_max(jw_abs(a), jw_abs(b));
}

static void draw_metric(jw_ui *ui, const jw_frame_metric *a, const jw_frame_metric *b)
{
    static const jw_watch city = {0};
    static const float columns[] = {0.46f, 0.64f, 0.82f, 1.0f};
    char name[160], key[64], values[3][32];
    const char *title = ui_say_name(ui, "metric.", a->name, key, sizeof key);
    snprintf(name, sizeof name, "%s%s%s", title, a->unit[0] ? ", " : "", ui_say_unit(ui, a->unit));
    double value_a = value_of(ui, 0, a), value_b = value_of(ui, 1, b);
    short_number(value_a, false, values[0], sizeof values[0]);
    short_number(value_b, false, values[1], sizeof values[1]);
    short_number(value_b - value_a, true, values[2], sizeof values[2]);
    bool is_different = ui_fork_differs(a->value, b->value);
    const char *cells[] = {name, values[0], values[1],
                           is_different           ? values[2]
                           : a->value == b->value ? "0"
                                                  : ui_say(ui, "fork.nearly")};
    gui_colour colours[] = {GUI_MUTED, GUI_TEXT, GUI_TEXT, is_different ? GUI_SECOND : GUI_MUTED};
    if (gui_row(a->name, cells, columns, 4, GUI_SMALL, colours)) {
        char plotted[128];
        jw_text_copy(plotted, sizeof plotted, title);
        ui_plot_toggle(ui, &city, a->name, plotted, a->unit);
    }
}

void ui_fork_draw(jw_ui *ui)
{
    static const float columns[] = {0.46f, 0.64f, 0.82f, 1.0f};
    const jw_frame *a = &ui->sides[0].newer, *b = &ui->sides[1].newer;
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
    gui_tight(true);
    /* What differs comes first: the rest is the same city. */
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < a->metric_count; i++) {
            const jw_frame_metric *other = jw_frame_find_metric(b, a->metrics[i].name);
            if (other && ui_fork_differs(a->metrics[i].value, other->value) == (pass == 0))
                draw_metric(ui, &a->metrics[i], other);
        }
    gui_tight(false);
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
