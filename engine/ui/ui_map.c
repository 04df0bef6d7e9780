/* Drawing over the city: points through the camera, lines cut where they leave what lies before it. */
#include "ui/ui_map.h"

#define RING_PIECES 64
#define CUT_HALVES  12 /* of a piece that passes behind the eye: to a four-thousandth of it */

ui_map ui_map_begin(const jw_ui *ui, uint32_t side)
{
    jw_view_scene scene = ui_scene_of(ui, side);
    ui_map map = {.camera = scene.camera, .rect = scene.rect, .pixel_ratio = ui->pixel_ratio};
    gui_under_begin();
    gui_clip((gui_rect){(float)map.rect.x_px / map.pixel_ratio, (float)map.rect.y_px / map.pixel_ratio,
                        (float)map.rect.width_px / map.pixel_ratio,
                        (float)map.rect.height_px / map.pixel_ratio});
    return map;
}

void ui_map_end(void)
{
    gui_unclip();
    gui_under_end();
}

bool ui_map_place(const ui_map *map, jw_vec3 point, float *out_x, float *out_y)
{
    double x_px, y_px;
    if (!jw_camera_project(&map->camera, map->rect, point, &x_px, &y_px, NULL))
        return false;
    *out_x = (float)x_px / map->pixel_ratio;
    *out_y = (float)y_px / map->pixel_ratio;
    return true;
}

static jw_vec3 between(jw_vec3 a, jw_vec3 b, double t)
{
    return (jw_vec3){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t};
}

/* The last point of a seen one's way to an unseen one that is seen itself. */
static jw_vec3 cut(const ui_map *map, jw_vec3 seen, jw_vec3 unseen)
{
    float x, y;
    for (int i = 0; i < CUT_HALVES; i++) {
        jw_vec3 middle = between(seen, unseen, 0.5);
        *(ui_map_place(map, middle, &x, &y) ? &seen : &unseen) = middle;
    }
    return seen;
}

static void draw_piece(const ui_map *map, jw_vec3 a, jw_vec3 b, uint32_t colour, float thickness)
{
    float ax, ay, bx, by;
    bool sees_a = ui_map_place(map, a, &ax, &ay), sees_b = ui_map_place(map, b, &bx, &by);
    if (!sees_a && !sees_b)
        return;
    if (!sees_a)
        sees_a = ui_map_place(map, cut(map, b, a), &ax, &ay);
    if (!sees_b)
        sees_b = ui_map_place(map, cut(map, a, b), &bx, &by);
    if (sees_a && sees_b)
        gui_draw_line(ax, ay, bx, by, colour, gui_px(thickness));
}

void ui_map_line(const ui_map *map, const jw_vec3 *points, uint32_t count, bool is_closed, uint32_t colour,
                 float thickness)
{
    for (uint32_t i = 1; i < count; i++)
        draw_piece(map, points[i - 1], points[i], colour, thickness);
    if (is_closed && count > 2)
        draw_piece(map, points[count - 1], points[0], colour, thickness);
}

void ui_map_ring(const ui_map *map, jw_vec3 middle, double radius_m, uint32_t colour, float thickness)
{
    jw_vec3 points[RING_PIECES];
    for (int i = 0; i < RING_PIECES; i++) {
        double turn = 2 * JW_PI * i / RING_PIECES;
        points[i] =
            (jw_vec3){middle.x + radius_m * jw_cos(turn), middle.y + radius_m * jw_sin(turn), middle.z};
    }
    ui_map_line(map, points, RING_PIECES, true, colour, thickness);
}

void ui_map_mark(const ui_map *map, jw_vec3 point, uint32_t colour, float radius)
{
    float x, y;
    if (!ui_map_place(map, point, &x, &y))
        return;
    gui_draw_circle(x, y, gui_px(radius + 1.5f), gui_colour_of(GUI_PANEL));
    gui_draw_circle(x, y, gui_px(radius), colour);
}

void ui_map_label(const ui_map *map, jw_vec3 point, uint32_t colour, const char *text)
{
    float x, y;
    if (!ui_map_place(map, point, &x, &y))
        return;
    float height = gui_text_height(GUI_SMALL);
    gui_rect plate = {x + gui_px(8), y - height / 2 - gui_px(2), gui_text_width(GUI_SMALL, text) + gui_px(10),
                      height + gui_px(4)};
    gui_draw_fill(plate, gui_fade(GUI_PANEL, 0.85f), gui_px(4));
    gui_draw_text(GUI_SMALL, plate.x + gui_px(5), plate.y + gui_px(2), colour, text);
}
