/* What is under the resting pointer, with the value that matters of it: the overlay's own where the ground is
 * coloured by place, else the thing's. A second way to read what colours say. */
#include "ui/ui_state.h"

#include <SDL2/SDL.h>
#include <stdio.h>
#include <string.h>

#define REST_S  0.25 /* the pointer rests when it stands so long */
#define AGAIN_S 1.0  /* while the world plays, values are read anew */

void ui_hover_move(jw_ui *ui, int x, int y)
{
    ui->hover = (ui_hover){.x_px = x, .y_px = y, .since_s = jw_clock_seconds()};
    bool is_building = ui->tool.kind == UI_TOOL_PLACE; /* the ghost says what is there */
    if (!ui->view || ui->drag_button || is_building || gui_wants_mouse((float)x, (float)y))
        ui->hover.since_s = 0;
}

void ui_say_overlay_value(const jw_ui *ui, jw_view_overlay overlay, double value, char *out, size_t out_size)
{
    const jw_overlay_info *info = jw_view_overlay_info(overlay);
    char title[64], step[64], number[64];
    const char *shown = number;
    uint32_t nearest = (uint32_t)jw_clamp(jw_round(value), 0, info->stop_count - 1.0);
    if (info->names[0])
        shown = ui_say_name(ui, "step.", info->names[nearest], step, sizeof step);
    else
        ui_format_number(value, ui_say_unit(ui, info->unit), number, sizeof number);
    snprintf(out, out_size, "%s: %s", ui_say_name(ui, "legend.", info->title, title, sizeof title), shown);
}

uint32_t ui_overlay_row(jw_overlay_kind kind, const jw_frame *frame, const jw_pick *pick)
{
    if (kind == JW_OVERLAY_OF_EDGES && pick->kind == JW_PICK_EDGE)
        return pick->index;
    if (kind == JW_OVERLAY_OF_ASSETS && pick->kind == JW_PICK_ASSET)
        for (uint32_t i = 0; i < frame->asset_count; i++)
            if (strcmp(frame->assets[i].name, pick->name) == 0)
                return i;
    if (kind == JW_OVERLAY_OF_LINKS && pick->kind == JW_PICK_LINK)
        for (uint32_t i = 0; i < frame->link_count; i++)
            if (strcmp(frame->links[i].name, pick->name) == 0)
                return i;
    return JW_NONE;
}

/* The value of the map by place; false where it has none. */
static bool say_place(const jw_ui *ui, const jw_view_scene *scene, double x_px, double y_px, char *out,
                      size_t out_size)
{
    jw_vec2 at;
    double value;
    if (!jw_camera_ground(&scene->camera, scene->rect, x_px, y_px, &at) ||
        !jw_view_overlay_value_at(scene->overlay, scene->frame_b, at.x, at.y, &value))
        return false;
    ui_say_overlay_value(ui, scene->overlay, value, out, out_size);
    return true;
}

/* What is worth knowing of a thing when no overlay is about it; false when nothing is. */
static bool usual_value(const jw_ui *ui, const jw_frame *frame, const jw_pick *pick, const char **label,
                        const char **unit, double *out)
{
    uint32_t row;
    *unit = "%";
    if (pick->kind == JW_PICK_EDGE && pick->index < frame->edge_count) {
        *label = "detail.speed", *unit = "km/h";
        *out = (double)frame->edges[pick->index].speed_mps * 3.6;
        return true;
    }
    for (uint32_t i = 0; i < frame->vehicle_count && pick->kind == JW_PICK_VEHICLE; i++)
        if (frame->vehicles[i].index1 == pick->index) {
            *label = "detail.speed", *unit = "km/h";
            *out = (double)frame->vehicles[i].speed_mps * 3.6;
            return true;
        }
    if ((row = ui_overlay_row(JW_OVERLAY_OF_LINKS, frame, pick)) != JW_NONE) {
        *label = "legend.link load";
        return jw_view_overlay_value(JW_OVERLAY_LINK_LOAD, ui->city, frame, row, out);
    }
    row = ui_overlay_row(JW_OVERLAY_OF_ASSETS, frame, pick);
    if (row == JW_NONE || frame->assets[row].kind == JW_ASSET_STOP ||
        frame->assets[row].kind == JW_ASSET_CAMERA)
        return false;
    *label = frame->assets[row].kind == JW_ASSET_FACTORY ? "detail.oee" : "detail.utilisation";
    *out = 100 * (double)frame->assets[row].load;
    return true;
}

/* The value that matters of a thing; "" when it has none. */
static void say_value(const jw_ui *ui, const jw_view_scene *scene, const jw_pick *pick, char *out,
                      size_t out_size)
{
    const jw_frame *frame = scene->frame_b;
    const char *label, *unit;
    double value;
    char number[64];
    uint32_t row = ui_overlay_row(jw_view_overlay_info(scene->overlay)->kind, frame, pick);
    out[0] = 0;
    bool has_own = row != JW_NONE && jw_view_overlay_value(scene->overlay, ui->city, frame, row, &value);
    if (has_own)
        ui_say_overlay_value(ui, scene->overlay, value, out, out_size);
    if ((!has_own || scene->overlay == JW_OVERLAY_SPEED) &&
        usual_value(ui, frame, pick, &label, &unit, &value)) {
        size_t used = strlen(out); /* of a speed the share of the limit and, behind it, the speed */
        ui_format_number(value, unit, number, sizeof number);
        if (used)
            snprintf(out + used, out_size - used, " · %s", number);
        else
            snprintf(out, out_size, "%s: %s", ui_say(ui, label), number);
    }
}

bool ui_hover_tick(jw_ui *ui)
{
    ui_hover *hover = &ui->hover;
    double now_s = jw_clock_seconds();
    bool is_old = hover->told_s == 0 || (ui->is_playing && now_s - hover->told_s > AGAIN_S);
    if (hover->since_s == 0 || now_s - hover->since_s < REST_S || !is_old || !ui->side_count || !ui->view)
        return false;
    double x_px = hover->x_px * (double)ui->pixel_ratio, y_px = hover->y_px * (double)ui->pixel_ratio;
    jw_view_scene scene = ui_scene_of(ui, ui_part_at(ui, x_px));
    hover->told_s = now_s;
    hover->title[0] = hover->value[0] = 0;
    if (!scene.frame_b)
        return false;
    if (say_place(ui, &scene, x_px, y_px, hover->value, sizeof hover->value))
        return true;
    jw_pick pick = jw_view_pick(ui->view, &scene, (int)x_px, (int)y_px);
    char place[128];
    ui_name_thing(ui, scene.frame_b, &pick, hover->title, sizeof hover->title, place, sizeof place);
    say_value(ui, &scene, &pick, hover->value, sizeof hover->value);
    return true;
}

void ui_hover_draw(const jw_ui *ui)
{
    const ui_hover *hover = &ui->hover;
    const char *lines[2] = {hover->title[0] ? hover->title : hover->value,
                            hover->title[0] ? hover->value : ""};
    if (hover->told_s == 0 || !lines[0][0] || gui_wants_mouse((float)hover->x_px, (float)hover->y_px))
        return;
    ui_layout layout = ui_layout_of(ui);
    gui_rect window = layout.window; /* what it says must not lie below the panel at its right */
    if (!ui->is_drawer_closed && !ui->is_presenting && !ui->is_bare)
        window.width = layout.drawer.x;
    float line = gui_text_height(GUI_SMALL) + gui_px(4), pad = gui_px(8);
    float width =
        (float)jw_max(gui_text_width(GUI_SMALL, lines[0]), gui_text_width(GUI_SMALL, lines[1])) + 2 * pad;
    float height = line * (lines[1][0] ? 2 : 1) + pad;
    gui_rect box = {(float)jw_min((float)hover->x_px + gui_px(14), window.width - width),
                    (float)jw_min((float)hover->y_px + gui_px(14), window.height - height), width, height};
    gui_bare_begin("##hover", window);
    gui_draw_fill(box, gui_colour_of(GUI_PANEL), gui_px(6));
    gui_draw_text(GUI_SMALL, box.x + pad, box.y + pad / 2, gui_colour_of(GUI_TEXT), lines[0]);
    gui_draw_text(GUI_SMALL, box.x + pad, box.y + pad / 2 + line, gui_colour_of(GUI_ACCENT), lines[1]);
    gui_bare_end();
}
