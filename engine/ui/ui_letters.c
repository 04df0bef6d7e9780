/* The steps of an overlay of streets as letters over the city, the worst first, none over another: what
 * colours say, for who does not see them. */
#include "ui/ui_map.h"

#include <math.h>

enum { LETTERS_MAX = 32 }; /* of a step */
#define LEAP 2654435761u   /* a prime: no city has so many streets */

typedef struct letter {
    float x, y; /* its middle, in window pixels */
} letter;

typedef struct letters {
    letter of[JW_LEGEND_STOPS][LETTERS_MAX];
    uint32_t count[JW_LEGEND_STOPS];
} letters;

/* Near its end, where the junction is that it is about. */
static bool place_letter(const jw_ui *ui, const ui_map *map, const gui_rect *room, uint32_t edge, letter *out)
{
    const jw_edge *street = &ui->city->edges[edge];
    double heading_rad;
    jw_vec3 at = jw_polyline_at(ui->city->points + street->first_point, street->point_count,
                                street->length_m * 0.75, &heading_rad);
    return ui_map_place(map, at, &out->x, &out->y) && out->x > room->x && out->y > room->y &&
           out->x < room->x + room->width && out->y < room->y + room->height;
}

static void find_letters(const jw_ui *ui, const ui_map *map, const jw_view_scene *scene, letters *out)
{
    const jw_overlay_info *info = jw_view_overlay_info(scene->overlay);
    const jw_frame *frame = scene->frame_b;
    ui_layout layout = ui_layout_of(ui);
    float left = (float)map->rect.x_px / map->pixel_ratio,
          width = (float)map->rect.width_px / map->pixel_ratio;
    gui_rect room = {fmaxf(left, layout.charts.x), 0, 0, layout.time_bar.y};
    room.width = fminf(left + width, layout.charts.x + layout.charts.width) - room.x;
    /* All of them, in an order that leaps: those that there is room for lie all over the city. */
    for (uint64_t k = 0; k < frame->edge_count; k++) {
        uint32_t i = (uint32_t)(k * LEAP % frame->edge_count);
        double value;
        if (!jw_view_overlay_value(scene->overlay, ui->city, frame, i, &value))
            continue;
        uint32_t step = (uint32_t)jw_clamp(jw_round(value), 0, info->stop_count - 1.0);
        uint32_t *count = &out->count[step];
        if (*count < LETTERS_MAX && place_letter(ui, map, &room, i, &out->of[step][*count]))
            ++*count;
    }
}

static bool is_free(const letter *drawn, uint32_t count, const letter *one)
{
    for (uint32_t i = 0; i < count; i++)
        if (jw_abs((double)(drawn[i].x - one->x)) < (double)gui_px(22) &&
            jw_abs((double)(drawn[i].y - one->y)) < (double)gui_px(20))
            return false;
    return true;
}

static void draw_part(const jw_ui *ui, uint32_t part, const jw_view_scene *scene)
{
    const jw_overlay_info *info = jw_view_overlay_info(scene->overlay);
    jw_view_legend legend = jw_view_get_legend(scene->overlay, scene->palette);
    letters found = {0};
    letter drawn[JW_LEGEND_STOPS * LETTERS_MAX];
    uint32_t count = 0;
    ui_map map = ui_map_begin(ui, part);
    find_letters(ui, &map, scene, &found);
    for (uint32_t step = info->stop_count; step-- > 0;)
        for (uint32_t i = 0; i < found.count[step]; i++) {
            const letter *one = &found.of[step][i];
            if (!is_free(drawn, count, one))
                continue;
            drawn[count++] = *one;
            float height = gui_text_height(GUI_SMALL), width = gui_text_width(GUI_SMALL, info->names[step]);
            gui_rect plate = {one->x - gui_px(8), one->y - height / 2 - gui_px(1), gui_px(16),
                              height + gui_px(2)};
            gui_draw_fill(plate, gui_fade(GUI_PANEL, 0.9f), gui_px(4));
            gui_draw_frame(plate, gui_rgb(legend.stops[step].colour, 1), gui_px(4), gui_px(1.5f));
            gui_draw_text(GUI_SMALL, one->x - width / 2, plate.y + gui_px(1), gui_colour_of(GUI_TEXT),
                          info->names[step]);
        }
    ui_map_end();
}

void ui_letters_draw(const jw_ui *ui)
{
    for (uint32_t part = 0; part < ui_part_count(ui); part++) {
        jw_view_scene scene = ui_scene_of(ui, part);
        const jw_overlay_info *info = jw_view_overlay_info(scene.overlay);
        if (info->kind == JW_OVERLAY_OF_EDGES && info->names[0] && scene.frame_b)
            draw_part(ui, part, &scene);
    }
}
