/* What will be there, drawn over the city before it is: rings of what is reached, fibre that will be laid,
 * streets that will be closed; beside it what it costs. */
#include "ui/ui_map.h"

#include <stdio.h>
#include <string.h>

#define REFUSED_S 10.0 /* a refusal is shown so long where it happened */
#define LIFT_M    0.5  /* lines lie a little above the ground */
#define PLATE_MAX 380  /* a plate's widest text */

static jw_vec3 lifted(jw_vec2 at)
{
    return (jw_vec3){at.x, at.y, LIFT_M};
}

static void draw_line_of(const ui_map *map, const jw_city *city, uint32_t first, uint32_t count,
                         uint32_t colour, float thickness)
{
    jw_vec3 points[64];
    uint32_t kept = 0, stride = count > 64 ? (count + 62) / 63 : 1;
    for (uint32_t i = 0; i < count && kept < 64; i += stride)
        points[kept++] = city->points[first + i];
    if (count > 0 && kept < 64)
        points[kept++] = city->points[first + count - 1];
    for (uint32_t i = 0; i < kept; i++)
        points[i].z += LIFT_M;
    ui_map_line(map, points, kept, false, colour, thickness);
}

static void draw_street(const jw_ui *ui, const ui_map *map, uint32_t edge, uint32_t lane, uint32_t colour)
{
    const jw_edge *e = &ui->city->edges[edge];
    const ui_build *build = &ui->build;
    bool is_lane = build->what == UI_BUILD_INCIDENT || build->what == UI_BUILD_WORKS ||
                   (build->what == UI_BUILD_CLOSE && build->takes_lane);
    if (is_lane && lane < e->lane_count) {
        const jw_lane *l = &ui->city->lanes[e->first_lane + lane];
        draw_line_of(map, ui->city, l->first_point, l->point_count, colour, 4);
    } else {
        draw_line_of(map, ui->city, e->first_point, e->point_count, colour, 6);
    }
}

static void draw_link(const ui_map *map, const jw_frame *frame, const jw_pick *pick, uint32_t colour)
{
    for (uint32_t i = 0; i < frame->link_count; i++) {
        const jw_frame_link *link = &frame->links[i];
        if (strcmp(link->name, pick->name) != 0)
            continue;
        jw_vec3 ends[2] = {{(double)link->x0_m, (double)link->y0_m, LIFT_M},
                           {(double)link->x1_m, (double)link->y1_m, LIFT_M}};
        ui_map_line(map, ends, 2, false, colour, 5);
    }
}

static void draw_fibre(const ui_map *map, jw_vec2 from, jw_vec2 to, uint32_t colour)
{
    jw_vec3 ends[2] = {lifted(from), lifted(to)};
    ui_map_line(map, ends, 2, false, colour, 2.5f);
}

/* Title and costs beside the place, one plate, inside the room between the panels. */
static void draw_plate(const jw_ui *ui, const ui_map *map, jw_vec3 at, const char *title, const ui_cost *cost,
                       gui_colour colour, bool is_above)
{
    float x, y, width = gui_text_width(GUI_BODY, title), line = gui_text_height(GUI_SMALL) + gui_px(3);
    if (!ui_map_place(map, at, &x, &y))
        return;
    for (uint32_t i = 0; i < cost->count; i++)
        width = (float)jw_max(width, gui_text_width(GUI_SMALL, cost->lines[i]));
    width = (float)jw_min(width, gui_px(PLATE_MAX)); /* a long cause in several lines */
    float heights[UI_COST_LINES], head = gui_text_height(GUI_BODY) + gui_px(4), pad = gui_px(8), height = 0;
    for (uint32_t i = 0; i < cost->count; i++) {
        heights[i] = (float)jw_max(line, gui_wrapped_height(GUI_SMALL, cost->lines[i], width) + gui_px(3));
        height += heights[i];
    }
    gui_rect plate = {x + gui_px(16), y + gui_px(10), width + 2 * pad, head + height + pad};
    if (is_above)
        plate.y = y - gui_px(10) - plate.height;
    ui_layout layout = ui_layout_of(ui);
    float right = layout.charts.x + layout.charts.width, bottom = layout.time_bar.y - gui_px(6);
    if (plate.x + plate.width > right)
        plate.x = x - gui_px(16) - plate.width;
    plate.x = (float)jw_max(plate.x, layout.charts.x);
    if (plate.y + plate.height > bottom)
        plate.y = bottom - plate.height;
    gui_draw_fill(plate, gui_fade(GUI_PANEL, 0.92f), gui_px(6));
    gui_draw_frame(plate, gui_fade(colour, 0.8f), gui_px(6), gui_px(1));
    gui_draw_text(GUI_BODY, plate.x + pad, plate.y + gui_px(3), gui_colour_of(colour), title);
    float top = plate.y + head;
    for (uint32_t i = 0; i < cost->count; top += heights[i++])
        gui_draw_wrapped(GUI_SMALL, (gui_rect){plate.x + pad, top, width, heights[i] - gui_px(3)}, 0,
                         gui_colour_of(GUI_TEXT), cost->lines[i]);
}

static void draw_mast(const ui_map *map, jw_vec2 at, double height_m, uint32_t colour)
{
    jw_vec3 pole[2] = {lifted(at), {at.x, at.y, jw_max(height_m, 4)}};
    ui_map_line(map, pole, 2, false, colour, 2);
    ui_map_mark(map, pole[1], colour, 5);
}

static void draw_cell(const jw_ui *ui, const ui_map *map, const ui_aim *aim, uint32_t colour)
{
    jw_cell_def def = ui_build_cell(ui, aim);
    jw_vec2 anchor;
    ui_map_ring(map, lifted(aim->at), jw_cell_reach_m(&def, 15), colour, 2.5f);
    ui_map_ring(map, lifted(aim->at), jw_cell_reach_m(&def, 1), gui_fade(GUI_ACCENT, 0.5f), 1.5f);
    if (ui_build_anchor(ui, aim->at, &anchor))
        draw_fibre(map, aim->at, anchor, gui_colour_of(GUI_SECOND));
    draw_mast(map, aim->at, def.height_m, colour);
}

static bool place_of(const jw_ui *ui, const jw_pick *pick, jw_vec2 *out)
{
    return ui_place_of(ui, &ui->sides[ui->side].newer, pick, &out->x, &out->y);
}

/* Reach of what is moved, where it will be. */
static void draw_moved(const jw_ui *ui, const ui_map *map, const ui_aim *aim, uint32_t colour)
{
    const jw_frame *frame = &ui->sides[ui->side].newer;
    jw_vec2 from;
    if (ui->build.pick_count == 0) {
        ui_map_ring(map, lifted(aim->at), 15, colour, 3);
        return;
    }
    if (!place_of(ui, &ui->build.picks[0], &from))
        return;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        const jw_frame_asset *asset = &frame->assets[i];
        if (strcmp(asset->name, ui->build.picks[0].name) != 0)
            continue;
        if (asset->reach_m > 0)
            ui_map_ring(map, lifted(aim->at), (double)asset->reach_m, gui_fade(GUI_ACCENT, 0.5f), 1.5f);
        if (asset->full_rate_m > 0)
            ui_map_ring(map, lifted(aim->at), (double)asset->full_rate_m, colour, 2.5f);
    }
    draw_fibre(map, from, aim->at, colour);
    ui_map_mark(map, lifted(from), gui_colour_of(GUI_MUTED), 5);
    draw_mast(map, aim->at, 10, colour);
}

static void draw_tier(const jw_ui *ui, const ui_map *map, uint32_t colour)
{
    const jw_frame *frame = &ui->sides[ui->side].newer;
    jw_tier tier;
    if (!jw_tier_from_name(ui_build_tier(ui), &tier))
        return;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        const jw_frame_asset *asset = &frame->assets[i];
        if (asset->kind == JW_ASSET_SITE && asset->tier == tier)
            ui_map_ring(map, (jw_vec3){(double)asset->x_m, (double)asset->y_m, LIFT_M}, 25, colour, 3);
    }
}

static void draw_ghost(const jw_ui *ui, const ui_map *map, const ui_aim *aim)
{
    const ui_build *build = &ui->build;
    const jw_frame *frame = &ui->sides[ui->side].newer;
    uint32_t accent = gui_colour_of(GUI_ACCENT), warning = gui_colour_of(GUI_WARNING);
    jw_vec2 from;
    switch (build->what) {
    case UI_BUILD_CELL:
        draw_cell(ui, map, aim, accent);
        break;
    case UI_BUILD_ROADSIDE:
        ui_map_ring(map, lifted(aim->at), build->range_m, accent, 2);
        draw_mast(map, aim->at, 6, accent);
        break;
    case UI_BUILD_SITE:
        if (!aim->fits)
            break;
        if (ui_build_anchor(ui, aim->at, &from))
            draw_fibre(map, aim->at, from, gui_colour_of(GUI_SECOND));
        ui_map_ring(map, lifted(aim->at), 20, accent, 3);
        draw_mast(map, aim->at, aim->height_m, accent);
        break;
    case UI_BUILD_FIBRE:
        if (build->pick_count == 1 && place_of(ui, &build->picks[0], &from)) {
            draw_fibre(map, from, aim->at, accent);
            ui_map_mark(map, lifted(from), accent, 6);
        }
        if (aim->fits)
            ui_map_ring(map, lifted(aim->at), 15, accent, 3);
        break;
    case UI_BUILD_CROWD:
        ui_map_ring(map, lifted(aim->at), 20, accent, 3);
        ui_map_mark(map, lifted(aim->at), accent, 6);
        break;
    case UI_BUILD_BUS_LINE:
        for (uint32_t i = 0; i < build->pick_count; i++)
            draw_street(ui, map, build->picks[i].index, 0, accent);
        if (aim->fits)
            draw_street(ui, map, aim->thing.index, 0, gui_fade(GUI_ACCENT, 0.5f));
        break;
    case UI_BUILD_CLOSE:
    case UI_BUILD_INCIDENT:
    case UI_BUILD_WORKS:
        if (aim->fits)
            draw_street(ui, map, aim->thing.index, aim->lane, warning);
        break;
    case UI_BUILD_SIGNALS:
        if (build->pick_count == 1 && place_of(ui, &build->picks[0], &from)) {
            if (!ui_build_is_greens(build))
                draw_fibre(map, from, aim->at, accent);
            ui_map_mark(map, lifted(from), accent, 6);
        }
        if (aim->fits)
            ui_map_ring(map, lifted(aim->at), 18, accent, 3);
        break;
    case UI_BUILD_MOVE:
        if (aim->fits)
            draw_moved(ui, map, aim, accent);
        break;
    case UI_BUILD_CARDS:
        if (aim->fits)
            ui_map_ring(map, lifted(aim->at), 20, accent, 3);
        break;
    case UI_BUILD_REMOVE:
    case UI_BUILD_CUT:
    case UI_BUILD_FAIL:
        if (aim->thing.kind == JW_PICK_LINK)
            draw_link(map, frame, &aim->thing, warning);
        else if (aim->fits)
            ui_map_ring(map, lifted(aim->at), 18, warning, 3);
        break;
    case UI_BUILD_MODEL:
        draw_tier(ui, map, accent);
        break;
    case UI_BUILD_COUNT:
        break;
    }
}

static void say_title(const jw_ui *ui, const ui_aim *aim, char *out, size_t out_size)
{
    char key[48], name[128] = "", place[128];
    const jw_pick *thing =
        ui->build.what == UI_BUILD_MOVE && ui->build.pick_count ? &ui->build.picks[0] : &aim->thing;
    if (thing->kind != JW_PICK_NONE && thing->kind != JW_PICK_BUILDING)
        ui_name_thing(ui, &ui->sides[ui->side].newer, thing, name, sizeof name, place, sizeof place);
    snprintf(key, sizeof key, "build.%s", ui_build_key(ui->build.what));
    snprintf(out, out_size, "%s%s%s", ui_say(ui, key), name[0] ? " · " : "", name);
}

/* What the pointer's ghost would do that cannot be undone is said before. */
static void add_warning(jw_ui *ui, const ui_aim *aim, ui_cost *cost)
{
    jw_command command, inverse;
    bool is_known = ui->build.what == UI_BUILD_SIGNALS; /* its answer may be on its way */
    if (cost->count < UI_COST_LINES && ui_build_command(ui, aim, &command) && !is_known &&
        !ui_inverse_of(ui, &command, &inverse))
        jw_text_copy(cost->lines[cost->count++], sizeof cost->lines[0], ui_say(ui, "build.no_undo"));
}

/* What was tried and why not, one below the other. */
static void split_refusal(const char *text, ui_cost *out)
{
    const char *cause = strstr(text, REFUSAL_DASH);
    size_t length = cause ? (size_t)(cause - text) : strlen(text);
    jw_text_copy(out->lines[0], length < sizeof out->lines[0] ? length + 1 : sizeof out->lines[0], text);
    out->count = 1;
    if (cause)
        jw_text_copy(out->lines[out->count++], sizeof out->lines[0], cause + strlen(REFUSAL_DASH));
}

void ui_build_map(jw_ui *ui)
{
    double now_s = jw_clock_seconds();
    bool is_refused = ui->build.refusal_s > 0 && now_s - ui->build.refusal_s < REFUSED_S;
    if (ui->tool.kind != UI_TOOL_PLACE && !is_refused)
        return;
    uint32_t part = ui->tool.has_hover ? ui->tool.side : ui->tools.split.acting;
    if (part >= ui_part_count(ui))
        return;
    ui_map map = ui_map_begin(ui, part);
    if (ui->tool.kind == UI_TOOL_PLACE) {
        ui_aim aim = ui_build_aim(ui);
        ui_build_ask(ui, &aim);
        ui_cost cost;
        char title[192];
        if (aim.is_there || aim.fits)
            draw_ghost(ui, &map, &aim);
        if (aim.is_there && ui->build.what != UI_BUILD_MODEL &&
            (aim.fits || ui->build.pick_count > 0 || ui->tool.has_hover)) {
            ui_build_cost(ui, &aim, &cost);
            add_warning(ui, &aim, &cost);
            say_title(ui, &aim, title, sizeof title);
            if (!aim.fits) {
                cost.count = ui->build.pick_count == 0 ? 0 : (uint32_t)jw_min(cost.count, UI_COST_LINES - 1);
                ui_build_say_unfit(ui, &aim, cost.lines[cost.count++], sizeof cost.lines[0]);
            }
            draw_plate(ui, &map, lifted(aim.at), title, &cost, aim.fits ? GUI_ACCENT : GUI_MUTED, false);
        }
    }
    if (is_refused) {
        ui_cost why = {0};
        split_refusal(ui->build.refusal, &why);
        ui_map_ring(&map, lifted(ui->build.refusal_at), 18, gui_colour_of(GUI_WARNING), 3);
        draw_plate(ui, &map, lifted(ui->build.refusal_at), ui_say(ui, "build.refused"), &why, GUI_WARNING,
                   true);
    }
    ui_map_end();
}
