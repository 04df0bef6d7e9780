/* Parts of the window: one; two with one city, whose cameras are one or apart and whose overlays are their
 * own; two with a world and its fork. The divider between them can be dragged. */
#include "ui/ui_state.h"

#include <SDL2/SDL.h>

#define SHARE_LEAST 0.15
#define LEAST_ROOM  120 /* units, of both */
#define ROOMY       400 /* units, of one: the drawer makes room for less */
#define GRIP_UNITS  5   /* so near to the divider it is taken hold of */

uint32_t ui_part_count(const jw_ui *ui)
{
    return ui->side_count == 2 || (ui->side_count == 1 && ui->tools.split.is_on) ? 2 : 1;
}

uint32_t ui_part_side(const jw_ui *ui, uint32_t part)
{
    return ui->side_count == 2 ? part : 0;
}

/* From where to where the parts reach: two share what the panels leave free, or the window where that is
 * little. */
static void find_room(const jw_ui *ui, float *left, float *right)
{
    ui_layout layout = ui_layout_of(ui);
    *left = ui->is_bare ? 0 : layout.charts.x;
    *right = ui->is_bare ? layout.window.width : *left + layout.charts.width;
    if (*right - *left < gui_px(LEAST_ROOM)) {
        *left = 0;
        *right = layout.window.width;
    }
}

static double share_of(const jw_ui *ui)
{
    return ui->tools.split.share > 0 ? ui->tools.split.share : 0.5;
}

jw_view_rect ui_side_rect(const jw_ui *ui, uint32_t part)
{
    float left, right;
    if (ui_part_count(ui) < 2)
        return (jw_view_rect){0, 0, ui->width_px, ui->height_px};
    find_room(ui, &left, &right);
    int from = (int)(left * ui->pixel_ratio), width = (int)((right - left) * ui->pixel_ratio);
    int first = (int)(width * share_of(ui));
    int begin = part == 0 ? from : from + first + 1, size = part == 0 ? first - 1 : width - first - 1;
    return (jw_view_rect){begin, 0, size > 1 ? size : 1, ui->height_px};
}

uint32_t ui_part_at(const jw_ui *ui, double x_px)
{
    return ui_part_count(ui) == 2 && x_px >= ui_side_rect(ui, 1).x_px ? 1 : 0;
}

jw_camera ui_part_camera(const jw_ui *ui, uint32_t part)
{
    const ui_split *split = &ui->tools.split;
    bool is_idle = ui_part_count(ui) == 2 && split->is_apart && part != split->acting;
    return is_idle ? split->idle_camera : ui->camera;
}

jw_view_overlay ui_part_overlay(const jw_ui *ui, uint32_t part)
{
    const ui_split *split = &ui->tools.split;
    return ui_part_count(ui) == 2 && split->is_on && part != split->acting ? split->idle_overlay
                                                                           : ui->overlay;
}

void ui_split_touch(jw_ui *ui, uint32_t part)
{
    ui_split *split = &ui->tools.split;
    if (ui_part_count(ui) < 2 || part == split->acting)
        return;
    split->acting = part;
    if (split->is_apart) {
        jw_camera idle = split->idle_camera;
        split->idle_camera = ui->camera;
        ui->camera = idle;
        ui->flight_begin_s = 0;
        ui->follow = UI_FOLLOW_NOT;
    }
    if (split->is_on) {
        jw_view_overlay overlay = split->idle_overlay;
        split->idle_overlay = ui->overlay;
        ui_set_overlay(ui, overlay);
    }
    ui->redraws = 3;
}

void ui_split_set(jw_ui *ui, bool is_on)
{
    ui_split *split = &ui->tools.split;
    if (is_on == split->is_on || !ui->city)
        return;
    bool was_two = ui_part_count(ui) == 2;
    if (is_on) {
        split->idle_camera = ui->camera;
        split->idle_overlay = ui->overlay;
    }
    split->is_on = is_on;
    if (!is_on && ui->side_count < 2)
        split->is_apart = false;
    split->acting = 0;
    if (!was_two || !is_on)
        ui_centre_camera(ui, is_on ? 1 : -1);
    ui->redraws = 3;
}

void ui_split_toggle(jw_ui *ui)
{
    ui_split *split = &ui->tools.split;
    ui_layout layout = ui_layout_of(ui);
    if (split->is_on) {
        ui_split_set(ui, false);
        ui->is_drawer_closed = ui->is_drawer_closed && !split->has_closed_drawer;
        return;
    }
    split->has_closed_drawer = !ui->is_drawer_closed && layout.charts.width < 2 * gui_px(ROOMY);
    ui->is_drawer_closed = ui->is_drawer_closed || split->has_closed_drawer;
    ui_split_set(ui, true);
}

void ui_split_set_apart(jw_ui *ui, bool is_apart)
{
    ui->tools.split.is_apart = is_apart;
    ui->tools.split.idle_camera = ui->camera;
    ui->redraws = 3;
}

static bool is_on_divider(const jw_ui *ui, float x)
{
    float middle = (float)ui_side_rect(ui, 1).x_px / ui->pixel_ratio;
    return ui_part_count(ui) == 2 && jw_abs((double)(x - middle)) <= (double)gui_px(GRIP_UNITS);
}

bool ui_split_event(jw_ui *ui, const SDL_Event *event)
{
    ui_split *split = &ui->tools.split;
    if (event->type == SDL_MOUSEBUTTONDOWN && event->button.button == SDL_BUTTON_LEFT &&
        is_on_divider(ui, (float)event->button.x) &&
        !gui_wants_mouse((float)event->button.x, (float)event->button.y)) {
        split->is_dragged = true;
        return true;
    }
    if (event->type == SDL_MOUSEMOTION && split->is_dragged) {
        float left, right;
        find_room(ui, &left, &right);
        split->share = jw_clamp((double)((float)event->motion.x - left) / jw_max(right - left, 1),
                                SHARE_LEAST, 1 - SHARE_LEAST);
        return true;
    }
    bool was_dragged = split->is_dragged && event->type == SDL_MOUSEBUTTONUP;
    split->is_dragged = split->is_dragged && !was_dragged;
    return was_dragged;
}

void ui_split_move(jw_ui *ui, double by)
{
    ui->tools.split.share = jw_clamp(share_of(ui) + by, SHARE_LEAST, 1 - SHARE_LEAST);
    ui->redraws = 3;
}

/* The divider with its grip; over two parts of one city what each shows, the acting one framed. */
void ui_split_draw(jw_ui *ui)
{
    if (ui_part_count(ui) < 2)
        return;
    ui_layout layout = ui_layout_of(ui);
    float middle = (float)ui_side_rect(ui, 1).x_px / ui->pixel_ratio - 1;
    gui_bare_begin("##split", layout.window);
    gui_rect grip = {middle - gui_px(3), layout.window.height / 2 - gui_px(24), gui_px(6), gui_px(48)};
    gui_draw_fill(grip, gui_colour_of(GUI_PANEL), gui_px(3));
    gui_draw_frame(grip, gui_colour_of(GUI_MUTED), gui_px(3), 1);
    for (uint32_t part = 0; part < 2 && ui->side_count == 1; part++) {
        char text[96], key[64];
        jw_view_legend legend =
            jw_view_get_legend(ui_part_overlay(ui, part), (jw_view_palette)ui->settings.palette);
        const char *name = legend.stop_count ? ui_say_name(ui, "legend.", legend.title, key, sizeof key)
                                             : ui_say(ui, "overlay.none");
        jw_text_copy(text, sizeof text, name);
        float width = gui_text_width(GUI_BODY, text) + gui_px(24);
        gui_rect tag = {part ? middle + gui_px(12) : middle - gui_px(12) - width, layout.rail.y, width,
                        gui_px(32)};
        gui_draw_fill(tag, gui_colour_of(GUI_PANEL), gui_px(8));
        if (part == ui->tools.split.acting)
            gui_draw_frame(tag, gui_colour_of(GUI_ACCENT), gui_px(8), gui_px(2));
        gui_draw_text(GUI_BODY, tag.x + gui_px(12), tag.y + (tag.height - gui_text_height(GUI_BODY)) / 2,
                      gui_colour_of(GUI_TEXT), text);
    }
    gui_bare_end();
}
