/* The left rail: the scene's name, the overlay with its legend, what is shown, the light. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

#define ROOM_OF_LIST 720 /* units that a group's overlays one below the other ask for */
#define LEAST_LEGEND 80  /* units: in less, its words take more room than the city has */

void ui_say_driving(const jw_ui *ui, char *out, size_t out_size)
{
    char numbers[2][32];
    for (uint32_t i = 0; i < 2; i++)
        ui_format_number(jw_frame_driving_count(&ui->sides[i].newer), "", numbers[i], sizeof numbers[i]);
    if (ui->side_count == 2)
        snprintf(out, out_size, "A %s · B %s %s", numbers[0], numbers[1], ui_say(ui, "rail.vehicles"));
    else
        snprintf(out, out_size, "%s %s", numbers[0], ui_say(ui, "rail.vehicles"));
}

static void draw_head(jw_ui *ui)
{
    char line[128];
    gui_text(GUI_BODY, GUI_TEXT, ui->scene ? ui_say_label(ui, jw_scene_title(ui->scene)) : "");
    ui_say_driving(ui, line, sizeof line);
    gui_text(GUI_SMALL, GUI_MUTED, line);
}

/* The stops stand evenly, whatever lies between their values, so that each can be read; where they do not
 * fit, the ends alone are told. */
static void draw_scale(const jw_view_legend *legend)
{
    gui_rect bar = gui_canvas_make("legend", gui_room_x(), gui_px(30)).rect;
    float part = bar.width / (float)(legend->stop_count - 1);
    for (uint32_t i = 0; i + 1 < legend->stop_count; i++) {
        gui_rect from = {bar.x + part * (float)i, bar.y, part, gui_px(10)};
        gui_draw_gradient(from, gui_rgb(legend->stops[i].colour, 1), gui_rgb(legend->stops[i + 1].colour, 1));
    }
    char number[32];
    float ends = gui_px(2); /* of the last two, where it is tightest: the last keeps to the bar */
    for (uint32_t i = legend->stop_count - 2; i < legend->stop_count; i++) {
        snprintf(number, sizeof number, "%g", legend->stops[i].value);
        ends += gui_text_width(GUI_SMALL, number) * (i + 1 < legend->stop_count ? 0.5f : 1);
    }
    for (uint32_t i = 0; i < legend->stop_count; i += ends < part ? 1 : legend->stop_count - 1) {
        snprintf(number, sizeof number, "%g", legend->stops[i].value);
        float width = gui_text_width(GUI_SMALL, number), x = bar.x + part * (float)i;
        x = (float)jw_clamp((double)(x - width / 2), (double)bar.x, (double)(bar.x + bar.width - width));
        gui_draw_text(GUI_SMALL, x, bar.y + gui_px(14), gui_colour_of(GUI_MUTED), number);
    }
}

/* Values that are steps: one beside the other, in the next line where they do not fit. */
static void draw_steps(const jw_ui *ui, const jw_overlay_info *info, const jw_view_legend *legend)
{
    float left = 0, line = gui_text_height(GUI_SMALL) + gui_px(4), room = gui_room_x();
    gui_rect row = {0};
    for (uint32_t i = 0; i < legend->stop_count; i++) {
        char key[64];
        const char *word = ui_say_name(ui, "step.", info->names[i], key, sizeof key);
        float width = gui_px(22) + gui_text_width(GUI_SMALL, word);
        if (i == 0 || left + width > room) {
            gui_push((int)i);
            row = gui_canvas_make("steps", room, line).rect;
            gui_pop();
            left = 0;
        }
        gui_rect box = {row.x + left, row.y + gui_px(1), gui_px(12), gui_px(12)};
        gui_draw_fill(box, gui_rgb(legend->stops[i].colour, 1), gui_px(2));
        gui_draw_text(GUI_SMALL, box.x + gui_px(16), row.y, gui_colour_of(GUI_MUTED), word);
        left += width;
    }
}

const char *ui_why_empty(const jw_ui *ui)
{
    const jw_overlay_info *info = jw_view_overlay_info(ui->overlay);
    const jw_frame *frame = &ui->sides[ui->side].newer;
    bool is_there = info->kind == JW_OVERLAY_OF_EDGES || info->kind == JW_OVERLAY_OF_PLACES, is_known = false;
    double value;
    for (uint32_t i = 0; i < frame->asset_count && info->kind == JW_OVERLAY_OF_ASSETS; i++) {
        is_there = is_there || info->assets >> frame->assets[i].kind & 1;
        is_known = is_known || jw_view_overlay_value(ui->overlay, ui->city, frame, i, &value);
    }
    if (info->kind == JW_OVERLAY_OF_LINKS)
        is_there = is_known = frame->link_count > 0;
    if (info->kind == JW_OVERLAY_OF_PLACES)
        is_known = jw_view_overlay_raster(ui->overlay, frame) != NULL;
    for (uint32_t i = 0; i < frame->edge_count && info->kind == JW_OVERLAY_OF_EDGES && !is_known; i++)
        is_known = jw_view_overlay_value(ui->overlay, ui->city, frame, i, &value);
    if (!is_there)
        return info->kind == JW_OVERLAY_OF_LINKS       ? "rail.no_links"
               : info->assets & 1u << JW_ASSET_FACTORY ? "rail.no_factories"
               : info->assets & 1u << JW_ASSET_CELL    ? "rail.no_cells"
                                                       : "rail.no_sites";
    return is_known ? NULL : ui->overlay == JW_OVERLAY_APPROVAL ? "rail.no_approval" : "rail.not_known";
}

/* Over how long the overlay's values are a mean; 0: of the instant. */
static double span_of(const jw_frame *frame, const jw_overlay_info *info)
{
    for (uint32_t i = 0; i < frame->shade_count; i++)
        if (strcmp(frame->shades[i].name, info->id) == 0)
            return (double)frame->shades[i].span_s;
    return 0;
}

static const char *group_name(const jw_ui *ui, int group)
{
    static const char *const keys[JW_GROUP_COUNT] = {"overlay.group_traffic", "overlay.group_radio",
                                                     "overlay.group_network", "overlay.group_compute",
                                                     "overlay.group_ai",      "overlay.group_economy"};
    return ui_say(ui, keys[group]);
}

static const char *overlay_name(const jw_ui *ui, int overlay, char *out, size_t out_size)
{
    return ui_say_name(ui, "overlay.", jw_view_overlay_info((jw_view_overlay)overlay)->id, out, out_size);
}

void ui_legend_draw(const jw_ui *ui, bool is_short)
{
    const jw_overlay_info *info = jw_view_overlay_info(ui->overlay);
    jw_view_legend legend = jw_view_get_legend(ui->overlay, (jw_view_palette)ui->settings.palette);
    if (legend.stop_count < 2)
        return;
    char text[160], key[64];
    snprintf(text, sizeof text, "%s · %s", group_name(ui, (int)info->group),
             overlay_name(ui, (int)ui->overlay, key, sizeof key));
    if (!is_short)
        gui_text(GUI_SMALL, GUI_TEXT, text); /* the list above may be another group's */
    snprintf(text, sizeof text, "%s%s%s", ui_say_name(ui, "legend.", legend.title, key, sizeof key),
             *legend.unit ? ", " : "", ui_say_unit(ui, legend.unit));
    gui_text(GUI_SMALL, GUI_MUTED, text);
    if (info->names[0])
        draw_steps(ui, info, &legend);
    else
        draw_scale(&legend);
    const jw_frame *frame = &ui->sides[ui->side].newer;
    const char *empty = ui->side_count ? ui_why_empty(ui) : NULL;
    if (empty) {
        gui_text(GUI_SMALL, GUI_WARNING, ui_say(ui, empty));
    } else if (!is_short && span_of(frame, info) > 0) {
        char span[32];
        double span_s = span_of(frame, info);
        bool is_long = span_s >= 90;
        ui_format_number(jw_round(is_long ? span_s / 60 : span_s), is_long ? ui_say_unit(ui, "min") : "s",
                         span, sizeof span);
        ui_say_with(ui, "rail.span", span, text, sizeof text);
        gui_text(GUI_SMALL, GUI_MUTED, text);
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

static bool check_shown(const char *label, bool *hides)
{
    bool is_shown = !*hides;
    bool is_changed = gui_check(label, &is_shown);
    *hides = !is_shown;
    return is_changed;
}

void ui_step_overlay(jw_ui *ui, jw_overlay_group group)
{
    int first = JW_OVERLAY_NONE, next = JW_OVERLAY_NONE;
    for (int i = JW_OVERLAY_COUNT - 1; i > JW_OVERLAY_NONE; i--)
        if (jw_view_overlay_info((jw_view_overlay)i)->group == group) {
            first = i;
            next = i > (int)ui->overlay ? i : next;
        }
    bool is_shown = ui->overlay != JW_OVERLAY_NONE && jw_view_overlay_info(ui->overlay)->group == group;
    ui_set_overlay(ui, (jw_view_overlay)(is_shown && next ? next : first));
}

/* Two steps: six groups in two rows, then the quantities of one; a list where there is room for it, else one
 * line that opens. What is shown is chosen again to hide it. */
static void draw_overlays(jw_ui *ui, bool is_short)
{
    const char *groups[JW_GROUP_COUNT];
    char key[64];
    for (int i = 0; i < JW_GROUP_COUNT; i++)
        groups[i] = group_name(ui, i);
    for (int row = 0; row < 2; row++) {
        int chosen = (int)ui->overlay_group - row * JW_GROUP_COUNT / 2;
        gui_push(row);
        if (gui_segments("groups", groups + row * JW_GROUP_COUNT / 2, JW_GROUP_COUNT / 2, &chosen))
            ui->overlay_group = (jw_overlay_group)(chosen + row * JW_GROUP_COUNT / 2);
        gui_pop();
    }
    gui_width(0);
    if (is_short && !gui_combo_begin("##overlay", overlay_name(ui, (int)ui->overlay, key, sizeof key)))
        return;
    gui_tight(true);
    for (int i = JW_OVERLAY_NONE; i < JW_OVERLAY_COUNT; i++) {
        const char *label = overlay_name(ui, i, key, sizeof key);
        bool is_chosen = ui->overlay == (jw_view_overlay)i;
        if (i != JW_OVERLAY_NONE && jw_view_overlay_info((jw_view_overlay)i)->group != ui->overlay_group)
            continue;
        if (is_short ? gui_option(label, is_chosen) : gui_choice(label, is_chosen))
            ui_set_overlay(ui, is_chosen ? JW_OVERLAY_NONE : (jw_view_overlay)i);
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
    float legend_y = gui_y();
    ui_legend_draw(ui, false);
    if (legend_y >= rect.y && gui_y() <= rect.y - rect.height)
        ui->legend = UI_LEGEND_RAIL;
    gui_gap(8);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "rail.layers"));
    gui_tight(true);
    check_shown(ui_say(ui, "layer.vehicles"), &ui->hides_vehicles);
    check_shown(ui_say(ui, "layer.sites"), &ui->hides_sites);
    check_shown(ui_say(ui, "layer.cells"), &ui->hides_cells);
    check_shown(ui_say(ui, "layer.coverage"), &ui->hides_coverage);
    check_shown(ui_say(ui, "layer.fibre"), &ui->hides_fibre);
    bool has_overlay = ui->overlay != JW_OVERLAY_NONE, hides_trees = ui->hides_trees || has_overlay;
    gui_disable(has_overlay);
    check_shown(ui_say(ui, "layer.trees"), &hides_trees);
    gui_enable();
    if (has_overlay)
        gui_tooltip(ui_say(ui, "layer.trees_hidden"));
    else
        ui->hides_trees = hides_trees;
    if (check_shown(ui_say(ui, "layer.names"), &ui->settings.hides_names))
        ui_save_settings(ui);
    gui_tight(false);
    bool has_flows = ui->overlay == JW_OVERLAY_NONE || ui->overlay == JW_OVERLAY_LINK_LOAD;
    if (!ui->hides_fibre && has_flows) {
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

void ui_map_legend_draw(jw_ui *ui)
{
    ui_layout layout = ui_layout_of(ui);
    bool has_rail = !ui->is_bare && (!layout.is_narrow || ui->is_drawer_closed);
    bool has_drawer = !ui->is_bare && !ui->is_drawer_closed;
    float margin = layout.rail.x, left = has_rail ? layout.rail.x + layout.rail.width + margin : margin;
    float right = (has_drawer ? layout.drawer.x : layout.window.width) - margin;
    float bottom = ui->is_bare ? layout.window.height : layout.time_bar.y;
    gui_rect rect = {left, margin, (float)jw_min(right - left, gui_px(216)), 2 * margin - bottom};
    if (ui->overlay == JW_OVERLAY_NONE || ui->legend != UI_LEGEND_NOWHERE ||
        rect.width < gui_px(LEAST_LEGEND))
        return;
    gui_panel_begin("##legend", rect);
    ui_legend_draw(ui, false);
    gui_panel_end();
    ui->legend = UI_LEGEND_MAP;
}
