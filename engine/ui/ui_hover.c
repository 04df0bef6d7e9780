/* What is under the resting pointer, with the value that matters of it: the overlay's own where the ground is
 * coloured by place, else the thing's. A second way to read what colours say. */
#include "ui/ui_state.h"

#include <SDL2/SDL.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define REST_S  0.25 /* the pointer rests when it stands so long */
#define AGAIN_S 1.0  /* while the world plays, values are read anew */

void ui_hover_move(jw_ui *ui, int x, int y)
{
    ui->hover = (ui_hover){.x_px = x, .y_px = y, .since_s = jw_clock_seconds()};
    if (!ui->view || ui->drag_button || gui_wants_mouse((float)x, (float)y))
        ui->hover.since_s = 0;
}

/* The value of the map by place; false where it has none. */
static bool say_raster(const jw_ui *ui, const jw_view_scene *scene, double x_px, double y_px, char *out,
                       size_t out_size)
{
    const jw_frame *frame = scene->frame_b;
    const jw_view_legend *legend = jw_view_get_legend(ui->overlay);
    jw_vec2 at;
    bool is_by_place =
        ui->overlay == JW_OVERLAY_LATENCY || ui->overlay == JW_OVERLAY_SINR || ui->overlay == JW_OVERLAY_RATE;
    if (!is_by_place || !frame || !frame->raster_count ||
        !jw_camera_ground(&scene->camera, scene->rect, x_px, y_px, &at))
        return false;
    const jw_frame_raster *raster = &frame->rasters[0];
    double column = jw_floor((at.x - (double)raster->x_m) / (double)raster->cell_m);
    double row = jw_floor((at.y - (double)raster->y_m) / (double)raster->cell_m);
    if (column < 0 || row < 0 || column >= raster->columns || row >= raster->rows)
        return false;
    double value =
        (double)
            frame->raster_values[raster->first_value + (uint32_t)row * raster->columns + (uint32_t)column];
    char key[64], number[64];
    if (isnan(value))
        return false;
    ui_format_number(value, legend->unit, number, sizeof number);
    snprintf(out, out_size, "%s: %s", ui_say_name(ui, "legend.", legend->title, key, sizeof key), number);
    return true;
}

static double fullest_share(const jw_frame_link *link)
{
    double share = 0;
    for (int direction = 0; direction < 2; direction++) {
        double rate_bps = 0;
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++)
            rate_bps += (double)link->rate_bps[direction][kind];
        share = jw_max(share, rate_bps / jw_max((double)link->capacity_bps, 1));
    }
    return share;
}

/* The value that matters of a thing; "" when it has none. */
static void say_value(const jw_ui *ui, const jw_frame *frame, const jw_pick *pick, char *out, size_t out_size)
{
    const char *label = NULL, *unit = "%";
    double value = NAN;
    out[0] = 0;
    if (pick->kind == JW_PICK_EDGE && pick->index < frame->edge_count) {
        label = "detail.speed", unit = "km/h";
        value = (double)frame->edges[pick->index].speed_mps * 3.6;
    } else if (pick->kind == JW_PICK_VEHICLE) {
        for (uint32_t i = 0; i < frame->vehicle_count; i++)
            if (frame->vehicles[i].index1 == pick->index) {
                label = "detail.speed", unit = "km/h";
                value = (double)frame->vehicles[i].speed_mps * 3.6;
            }
    } else if (pick->kind == JW_PICK_ASSET) {
        for (uint32_t i = 0; i < frame->asset_count; i++)
            if (strcmp(frame->assets[i].name, pick->name) == 0 && frame->assets[i].kind != JW_ASSET_STOP &&
                frame->assets[i].kind != JW_ASSET_CAMERA) {
                bool is_line = frame->assets[i].kind == JW_ASSET_FACTORY;
                label = is_line ? "detail.oee" : "detail.utilisation";
                value = 100 * (double)frame->assets[i].load;
            }
    } else if (pick->kind == JW_PICK_LINK) {
        for (uint32_t i = 0; i < frame->link_count; i++)
            if (strcmp(frame->links[i].name, pick->name) == 0) {
                label = "legend.link load";
                value = 100 * fullest_share(&frame->links[i]);
            }
    }
    char number[64];
    if (!label)
        return;
    ui_format_number(value, unit, number, sizeof number);
    snprintf(out, out_size, "%s: %s", ui_say(ui, label), number);
}

bool ui_hover_tick(jw_ui *ui)
{
    ui_hover *hover = &ui->hover;
    double now_s = jw_clock_seconds();
    bool is_old = hover->told_s == 0 || (ui->is_playing && now_s - hover->told_s > AGAIN_S);
    if (hover->since_s == 0 || now_s - hover->since_s < REST_S || !is_old || !ui->side_count)
        return false;
    double x_px = hover->x_px * (double)ui->pixel_ratio, y_px = hover->y_px * (double)ui->pixel_ratio;
    uint32_t side = ui->side_count == 2 && x_px >= ui_side_rect(ui, 1).x_px ? 1 : 0;
    jw_view_scene scene = ui_scene_of(ui, side);
    hover->told_s = now_s;
    hover->title[0] = hover->value[0] = 0;
    if (!scene.frame_b)
        return false;
    if (say_raster(ui, &scene, x_px, y_px, hover->value, sizeof hover->value))
        return true;
    jw_pick pick = jw_view_pick(ui->view, &scene, (int)x_px, (int)y_px);
    char place[128];
    ui_name_thing(ui, scene.frame_b, &pick, hover->title, sizeof hover->title, place, sizeof place);
    say_value(ui, scene.frame_b, &pick, hover->value, sizeof hover->value);
    return true;
}

void ui_hover_draw(const jw_ui *ui)
{
    const ui_hover *hover = &ui->hover;
    const char *lines[2] = {hover->title[0] ? hover->title : hover->value,
                            hover->title[0] ? hover->value : ""};
    if (hover->told_s == 0 || !lines[0][0])
        return;
    gui_rect window = ui_layout_of(ui).window;
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
