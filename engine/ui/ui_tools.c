/* The tab of tools: measuring, notes, the camera, pictures and films; and what the pointer's tools do. */
#include "ui/ui_map.h"

#include <SDL2/SDL.h>
#include <math.h>
#include <stdio.h>

/* ---- measures --------------------------------------------------------------------------------------------
 */

static void make_section(jw_ui *ui)
{
    jw_error error = {0};
    const ui_side *side = &ui->sides[ui_part_side(ui, ui->tool.side)];
    if (ui_section_make(ui->city, side->has_newer ? &side->newer : NULL, ui->tool.points[0],
                        ui->tool.points[1], &ui->tools.section, &error) != JW_OK)
        ui_fail(ui, &error);
    ui->tools.section_hover_m = NAN;
    ui->tool.is_finished = true;
}

bool ui_tools_click(jw_ui *ui, jw_vec2 ground)
{
    ui_tool *tool = &ui->tool;
    ui->redraws = 3;
    switch (tool->kind) {
    case UI_TOOL_DISTANCE:
    case UI_TOOL_AREA: /* after an end the next click begins anew */
        tool->count = tool->is_finished ? 0 : tool->count;
        tool->is_finished = false;
        return false;
    case UI_TOOL_SECTION:
        if (tool->count >= 2) {
            tool->count = 0;
            ui_section_free(&ui->tools.section);
        }
        tool->points[tool->count++] = ground;
        tool->is_finished = false;
        if (tool->count == 2)
            make_section(ui);
        return true;
    case UI_TOOL_NOTE:
        ui_tool_set(ui, UI_TOOL_NONE);
        ui_notes_pin(ui, ground);
        return true;
    case UI_TOOL_PATH: {
        jw_camera view = ui->camera;
        view.x_m = ground.x;
        view.y_m = ground.y;
        view.z_m = 0;
        ui_path_add(ui, &view);
        return true;
    }
    default:
        return false;
    }
}

void ui_tools_leave(jw_ui *ui)
{
    ui_section_free(&ui->tools.section);
    ui->tools.section_hover_m = NAN;
}

void ui_tools_put_point(jw_ui *ui)
{
    jw_view_rect rect = ui_side_rect(ui, ui->tools.split.acting);
    jw_vec2 ground;
    if (jw_camera_ground(&ui->camera, rect, rect.x_px + rect.width_px / 2.0, rect.y_px + rect.height_px / 2.0,
                         &ground))
        ui_tool_click(ui, ui->tools.split.acting, ground);
}

static bool is_measuring(const jw_ui *ui)
{
    return ui->tool.kind == UI_TOOL_DISTANCE || ui->tool.kind == UI_TOOL_AREA;
}

/* The points, and behind them the ground under the pointer while the measure is open. */
static uint32_t measured_points(const jw_ui *ui, jw_vec2 *out)
{
    uint32_t count = ui->tool.count;
    for (uint32_t i = 0; i < count; i++)
        out[i] = ui->tool.points[i];
    if (!ui->tool.is_finished && ui->tool.has_hover && count > 0 && count < UI_TOOL_POINTS)
        out[count++] = ui->tool.hover;
    return count;
}

static void draw_measure_on_map(const jw_ui *ui, const ui_map *map)
{
    jw_vec2 flat[UI_TOOL_POINTS];
    jw_vec3 points[UI_TOOL_POINTS];
    uint32_t count = measured_points(ui, flat), colour = gui_colour_of(GUI_WARNING);
    bool is_area = ui->tool.kind == UI_TOOL_AREA;
    char text[64];
    for (uint32_t i = 0; i < count; i++)
        points[i] = (jw_vec3){flat[i].x, flat[i].y, 0};
    ui_map_line(map, points, count, is_area, colour, 3);
    for (uint32_t i = 0; i < count; i++)
        ui_map_mark(map, points[i], colour, 4);
    for (uint32_t i = 1; i < count && !is_area && count > 2; i++) { /* each piece, in its middle */
        jw_vec3 middle = {(points[i].x + points[i - 1].x) / 2, (points[i].y + points[i - 1].y) / 2, 0};
        ui_measure_say_length(jw_vec2_distance(flat[i - 1], flat[i]), text, sizeof text);
        ui_map_label(map, middle, gui_colour_of(GUI_MUTED), text);
    }
    double area_m2;
    if (is_area && count > 2 && ui_measure_area(flat, count, &area_m2, NULL) == JW_OK) {
        jw_vec2 middle = jw_ring_centroid(points, count);
        ui_measure_say_area(area_m2, text, sizeof text);
        ui_map_label(map, (jw_vec3){middle.x, middle.y, 0}, gui_colour_of(GUI_TEXT), text);
    } else if (count > 1) {
        ui_measure_say_length(ui_measure_length_m(flat, count, false), text, sizeof text);
        ui_map_label(map, points[count - 1], gui_colour_of(GUI_TEXT), text);
    }
}

/* Where a point would be put by the keyboard. */
static void draw_cross(const jw_ui *ui, const ui_map *map)
{
    float x = ((float)map->rect.x_px + (float)map->rect.width_px / 2) / ui->pixel_ratio;
    float y = ((float)map->rect.y_px + (float)map->rect.height_px / 2) / ui->pixel_ratio, arm = gui_px(9);
    gui_draw_line(x - arm, y, x + arm, y, gui_colour_of(GUI_WARNING), gui_px(1.5f));
    gui_draw_line(x, y - arm, x, y + arm, gui_colour_of(GUI_WARNING), gui_px(1.5f));
}

void ui_tools_map(jw_ui *ui)
{
    for (uint32_t part = 0; part < ui_part_count(ui); part++) {
        ui_map map = ui_map_begin(ui, part);
        if (is_measuring(ui))
            draw_measure_on_map(ui, &map);
        if (ui->tool.kind == UI_TOOL_SECTION && ui->tool.count == 1) {
            jw_vec3 ends[2] = {{ui->tool.points[0].x, ui->tool.points[0].y, 0},
                               {ui->tool.hover.x, ui->tool.hover.y, 0}};
            ui_map_line(&map, ends, ui->tool.has_hover ? 2 : 0, false, gui_colour_of(GUI_WARNING), 3);
            ui_map_mark(&map, ends[0], gui_colour_of(GUI_WARNING), 5);
        }
        ui_profile_map(ui, &map);
        ui_path_map(ui, &map);
        ui_notes_map(ui, &map);
        if (ui->tool.kind != UI_TOOL_NONE && !ui->tool.has_hover && part == ui->tools.split.acting)
            draw_cross(ui, &map);
        ui_map_end();
    }
}

void ui_export_measure(jw_ui *ui)
{
    char path[560];
    jw_error error = {0};
    if (!ui_export_begin(ui, "measure", "csv", path, sizeof path))
        return;
    jw_result result = ui->tool.kind == UI_TOOL_SECTION
                           ? ui_section_write_csv(ui, &ui->tools.section, path, &error)
                           : ui_measure_write_csv(ui->tool.points, ui->tool.count,
                                                  ui->tool.kind == UI_TOOL_AREA, path, &error);
    ui_export_end(ui, result, path, &error);
}

/* ---- pages -----------------------------------------------------------------------------------------------
 */

static void draw_lengths(jw_ui *ui)
{
    jw_vec2 points[UI_TOOL_POINTS];
    uint32_t count = measured_points(ui, points);
    bool is_area = ui->tool.kind == UI_TOOL_AREA;
    char text[64], label[64], number[16];
    double area_m2;
    ui_measure_say_length(ui_measure_length_m(points, count, is_area), text, sizeof text);
    gui_value(ui_say(ui, is_area ? "tools.perimeter" : "tools.length"), text, false, true);
    if (is_area && ui_measure_area(points, count, &area_m2, NULL) == JW_OK) {
        ui_measure_say_area(area_m2, text, sizeof text);
        gui_value(ui_say(ui, "tools.area_is"), text, false, true);
    }
    float third = (gui_room_x() - gui_px(16)) / 3;
    if (gui_button(ui_say(ui, "tools.take_back"), third, false))
        ui_tool_take_back(ui);
    gui_same_line(8);
    if (gui_button(ui_say(ui, "tools.clear"), third, false))
        ui_tool_set(ui, ui->tool.kind);
    gui_same_line(8);
    gui_disable(ui->tool.count < 2);
    if (gui_button("CSV", third, false))
        ui_export_measure(ui);
    gui_enable();
    gui_scroll_begin("##pieces", 0);
    gui_tight(true);
    uint32_t pieces = count > 1 ? count - 1 + (is_area && count > 2) : 0;
    for (uint32_t i = 0; i < pieces; i++) {
        snprintf(number, sizeof number, "%u", i + 1);
        ui_say_with(ui, "tools.piece", number, label, sizeof label);
        ui_measure_say_length(jw_vec2_distance(points[i], points[(i + 1) % count]), text, sizeof text);
        gui_value(label, text, false, false);
    }
    gui_tight(false);
    gui_scroll_end();
}

static void draw_measuring(jw_ui *ui)
{
    static const struct {
        ui_tool_kind kind;
        const char *name, *how;
    } rows[] = {{UI_TOOL_DISTANCE, "tools.distance", "tools.distance_how"},
                {UI_TOOL_AREA, "tools.area", "tools.area_how"},
                {UI_TOOL_SECTION, "tools.section", "tools.section_how"}};
    const char *how = "tools.measure_how";
    for (uint32_t i = 0; i < JW_COUNT_OF(rows); i++) {
        bool is_on = ui->tool.kind == rows[i].kind;
        if (is_on)
            how = rows[i].how;
        if (gui_choice(ui_say(ui, rows[i].name), is_on))
            ui_tool_set(ui, is_on ? UI_TOOL_NONE : rows[i].kind);
    }
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, how));
    if (is_measuring(ui))
        draw_lengths(ui);
}

static void draw_bookmarks(jw_ui *ui)
{
    char label[8];
    float width = (gui_room_x() - gui_px(8 * 4)) / UI_BOOKMARK_MAX;
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "tools.bookmarks"));
    for (uint32_t i = 1; i <= UI_BOOKMARK_MAX; i++) {
        bool is_kept = ui->tools.book.bookmarks[i - 1].distance_m > 0;
        snprintf(label, sizeof label, "%u", i);
        if (i > 1)
            gui_same_line(4);
        if (gui_button(label, width, is_kept))
            ui_camera_bookmark(ui, i, !is_kept || (SDL_GetModState() & KMOD_CTRL) != 0);
    }
}

static void draw_camera(jw_ui *ui)
{
    float half = (gui_room_x() - gui_px(8)) / 2;
    bool is_walking = ui->tools.walk.is_on, is_split = ui->tools.split.is_on,
         is_linked = !ui->tools.split.is_apart;
    gui_scroll_begin("##camera", 0);
    if (gui_button(ui_say(ui, is_walking ? "tools.walk_end" : "tools.walk"), half, is_walking))
        ui_walk_set(ui, !is_walking);
    gui_same_line(8);
    gui_disable(ui->selection.kind != JW_PICK_VEHICLE);
    if (gui_button(ui_say(ui, "tools.follow"), half, ui->follow != UI_FOLLOW_NOT))
        ui_camera_follow(ui);
    gui_enable();
    if (gui_button(ui_say(ui, "tools.top"), half, false))
        ui_camera_top(ui);
    gui_same_line(8);
    if (gui_button(ui_say(ui, "tools.home"), half, false))
        ui_camera_home(ui, false);
    if (ui->side_count < 2 && gui_check(ui_say(ui, "tools.split"), &is_split))
        ui_split_set(ui, is_split);
    if (ui_part_count(ui) == 2 && gui_check(ui_say(ui, "tools.split_linked"), &is_linked))
        ui_split_set_apart(ui, !is_linked);
    draw_bookmarks(ui);
    gui_rule();
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "tools.path_how"));
    ui_path_draw(ui);
    gui_scroll_end();
}

void ui_tools_draw(jw_ui *ui)
{
    const char *labels[UI_TOOLS_PAGE_COUNT] = {ui_say(ui, "tools.measure"), ui_say(ui, "tools.notes"),
                                               ui_say(ui, "tools.camera"), ui_say(ui, "tools.film")};
    int page = (int)ui->tools.page;
    if (gui_segments("pages", labels, UI_TOOLS_PAGE_COUNT, &page))
        ui->tools.page = (ui_tools_page)page;
    gui_gap(4);
    if (ui->tools.page == UI_TOOLS_MEASURE)
        draw_measuring(ui);
    else if (ui->tools.page == UI_TOOLS_NOTES)
        ui_notes_draw(ui);
    else if (ui->tools.page == UI_TOOLS_CAMERA)
        draw_camera(ui);
    else
        ui_film_draw(ui);
}

/* ---- keys ------------------------------------------------------------------------------------------------
 */

static void show_page(jw_ui *ui, ui_tools_page page)
{
    ui->tab = UI_TAB_TOOLS;
    ui->tools.page = page;
    ui->is_drawer_closed = false;
}

static void next_measure(jw_ui *ui)
{
    ui_tool_kind kind = ui->tool.kind;
    show_page(ui, UI_TOOLS_MEASURE);
    ui_tool_set(ui, kind == UI_TOOL_DISTANCE  ? UI_TOOL_AREA
                    : kind == UI_TOOL_AREA    ? UI_TOOL_SECTION
                    : kind == UI_TOOL_SECTION ? UI_TOOL_NONE
                                              : UI_TOOL_DISTANCE);
}

bool ui_tools_key(jw_ui *ui, int code, uint16_t modifiers)
{
    bool has_shift = (modifiers & KMOD_SHIFT) != 0;
    if (!ui->city || modifiers & (KMOD_CTRL | KMOD_ALT | KMOD_GUI))
        return false;
    switch (code) {
    case SDLK_m:
        if (has_shift) {
            show_page(ui, UI_TOOLS_NOTES);
            ui_tool_set(ui, UI_TOOL_NOTE);
        } else {
            next_measure(ui);
        }
        return true;
    case SDLK_x:
        ui_tools_put_point(ui);
        return true;
    case SDLK_v:
        ui_path_add(ui, &ui->camera);
        return true;
    case SDLK_p:
        ui_path_play(ui, !ui->tools.is_path_playing);
        return true;
    case SDLK_r:
        show_page(ui, UI_TOOLS_FILM);
        ui_film_toggle(ui);
        return true;
    case SDLK_g:
        ui_walk_set(ui, !ui->tools.walk.is_on);
        return true;
    case SDLK_BACKSLASH:
        if (has_shift)
            ui_split_set_apart(ui, !ui->tools.split.is_apart);
        else if (ui->side_count == 1)
            ui_split_toggle(ui);
        return true;
    case SDLK_COMMA:
        if (ui_part_count(ui) == 2)
            ui_split_touch(ui, 1 - ui->tools.split.acting);
        return true;
    case SDLK_ESCAPE:
        if (ui->tools.edited != JW_NONE)
            ui_notes_edit(ui, JW_NONE);
        else if (ui->tools.is_path_playing)
            ui_path_play(ui, false);
        else if (ui->tools.walk.is_on)
            ui_walk_set(ui, false);
        else
            return false;
        return true;
    default:
        return false;
    }
}
