/* Lines, rings, marks and texts over one side's city, drawn with the interface: never hidden by buildings,
 * cut where they pass behind the eye. For ghosts, measures, notes, ways of requests. World coordinates in
 * metres, colours as gui_colour_of gives them, thicknesses in units. Between gui_begin and gui_end. */
#ifndef JW_UI_MAP_H
#define JW_UI_MAP_H

#include "ui/ui_state.h"

typedef struct ui_map {
    jw_camera camera;
    jw_view_rect rect;
    float pixel_ratio;
} ui_map;

/* Opens the side's layer of drawing; ui_map_end closes it. */
ui_map ui_map_begin(const jw_ui *ui, uint32_t side);
void ui_map_end(void);
/* Where a point is seen, in window pixels; false behind the eye. */
bool ui_map_place(const ui_map *map, jw_vec3 point, float *out_x, float *out_y);
void ui_map_line(const ui_map *map, const jw_vec3 *points, uint32_t count, bool is_closed, uint32_t colour,
                 float thickness);
void ui_map_ring(const ui_map *map, jw_vec3 middle, double radius_m, uint32_t colour, float thickness);
void ui_map_mark(const ui_map *map, jw_vec3 point, uint32_t colour, float radius); /* a dot with a rim */
/* A text on a plate of its own, its left edge a little right of the point. */
void ui_map_label(const ui_map *map, jw_vec3 point, uint32_t colour, const char *text);

#endif
