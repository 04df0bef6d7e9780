/* The left rail: the scene's name, the overlay with its legend, what is shown, the light. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

#define ROOM_OF_LIST 640 /* units that all overlays one below the other ask for */

static void draw_head(jw_ui *ui)
{
    const ui_side *side = &ui->sides[0];
    gui_text(GUI_BODY, GUI_TEXT, ui->scene ? ui_say_label(ui, jw_scene_title(ui->scene)) : "");
    char line[96], number[32];
    ui_format_number(jw_frame_driving_count(&side->newer), "", number, sizeof number);
    snprintf(line, sizeof line, "%s %s", number, ui_say(ui, "rail.vehicles"));
    gui_text(GUI_SMALL, GUI_MUTED, line);
}

static void draw_gradient(const jw_view_legend *legend, gui_rect bar)
{
    double low = legend->stops[0].value, high = legend->stops[legend->stop_count - 1].value;
    for (uint32_t i = 0; i + 1 < legend->stop_count; i++) {
        double from = (legend->stops[i].value - low) / (high - low),
               to = (legend->stops[i + 1].value - low) / (high - low);
        gui_rect part = {bar.x + bar.width * (float)from, bar.y, bar.width * (float)(to - from), bar.height};
        gui_draw_gradient(part, gui_rgb(legend->stops[i].colour, 1), gui_rgb(legend->stops[i + 1].colour, 1));
    }
}

void ui_legend_draw(const jw_ui *ui)
{
    const jw_view_legend *legend = jw_view_get_legend(ui->overlay);
    if (legend->stop_count < 2)
        return;
    char text[96], key[64];
    snprintf(text, sizeof text, "%s, %s", ui_say_name(ui, "legend.", legend->title, key, sizeof key),
             legend->unit);
    gui_text(GUI_SMALL, GUI_MUTED, text);
    gui_canvas canvas = gui_canvas_make("legend", gui_room_x(), gui_px(30));
    gui_rect bar = canvas.rect;
    bar.height = gui_px(10);
    draw_gradient(legend, bar);
    double low = legend->stops[0].value, high = legend->stops[legend->stop_count - 1].value;
    float from = bar.x, to = bar.x + bar.width; /* what is free; the ends come first */
    for (uint32_t k = 0; k < legend->stop_count; k++) {
        uint32_t i = k == 1 ? legend->stop_count - 1 : k > 1 ? k - 1 : 0;
        char number[32];
        snprintf(number, sizeof number, "%g", legend->stops[i].value);
        float width = gui_text_width(GUI_SMALL, number);
        float x = bar.x + bar.width * (float)((legend->stops[i].value - low) / (high - low));
        float left = (float)jw_clamp(x - width / 2, bar.x, bar.x + bar.width - width);
        if (left < from || left + width > to) /* crowded stops: the scale can do without one */
            continue;
        gui_draw_text(GUI_SMALL, left, bar.y + gui_px(14), gui_colour_of(GUI_MUTED), number);
        if (k == 1)
            to = left - gui_px(4);
        else
            from = left + width + gui_px(4);
    }
}

static void draw_flows(const jw_ui *ui)
{
    static const char *const keys[JW_TRAFFIC_KIND_COUNT] = {"flow.control", "flow.video", "flow.ai"};
    gui_rect row = gui_canvas_make("flows", gui_room_x(), gui_px(14)).rect;
    for (uint32_t i = 0; i < JW_TRAFFIC_KIND_COUNT; i++) {
        gui_rect dot = {row.x, row.y + gui_px(2), gui_px(10), gui_px(10)};
        gui_draw_fill(dot, gui_rgb(jw_view_flow_colour(i), 1), gui_px(5));
        gui_draw_text(GUI_SMALL, row.x + gui_px(14), row.y, gui_colour_of(GUI_MUTED), ui_say(ui, keys[i]));
        row.x += gui_px(26) + gui_text_width(GUI_SMALL, ui_say(ui, keys[i]));
    }
}

static void check_shown(const char *label, bool *hides)
{
    bool is_shown = !*hides;
    if (gui_check(label, &is_shown))
        *hides = !is_shown;
}

/* A list where there is room for it, else one line that opens. */
static void draw_overlays(jw_ui *ui, bool is_short)
{
    static const char *const overlays[JW_OVERLAY_COUNT] = {
        "overlay.none",      "overlay.speed", "overlay.link_load", "overlay.latency",
        "overlay.site_load", "overlay.sinr",  "overlay.rate",
    };
    gui_width(0);
    if (is_short && !gui_combo_begin("##overlay", ui_say(ui, overlays[ui->overlay])))
        return;
    gui_tight(true);
    for (int i = 0; i < JW_OVERLAY_COUNT; i++) {
        const char *label = ui_say(ui, overlays[i]);
        bool is_chosen = ui->overlay == (jw_view_overlay)i;
        if (is_short ? gui_option(label, is_chosen) : gui_choice(label, is_chosen))
            ui_set_overlay(ui, (jw_view_overlay)i);
    }
    gui_tight(false);
    if (is_short)
        gui_combo_end();
}

void ui_rail_draw(jw_ui *ui, gui_rect rect)
{
    gui_panel_begin("##rail", rect);
    draw_head(ui);
    gui_gap(8);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "rail.overlay"));
    draw_overlays(ui, -rect.height < gui_px(ROOM_OF_LIST));
    ui_legend_draw(ui);
    gui_gap(8);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "rail.layers"));
    gui_tight(true);
    check_shown(ui_say(ui, "layer.vehicles"), &ui->hides_vehicles);
    check_shown(ui_say(ui, "layer.sites"), &ui->hides_sites);
    check_shown(ui_say(ui, "layer.cells"), &ui->hides_cells);
    check_shown(ui_say(ui, "layer.coverage"), &ui->hides_coverage);
    check_shown(ui_say(ui, "layer.fibre"), &ui->hides_fibre);
    check_shown(ui_say(ui, "layer.trees"), &ui->hides_trees);
    gui_tight(false);
    if (!ui->hides_fibre) {
        gui_gap(8);
        draw_flows(ui);
    }
    gui_gap(8);
    const char *lights[UI_LIGHT_COUNT] = {ui_say(ui, "light.day"), ui_say(ui, "light.night"),
                                          ui_say(ui, "light.clock")};
    if (gui_segments("light", lights, UI_LIGHT_COUNT, &ui->settings.light))
        ui_save_settings(ui);
    gui_panel_end();
}
