/* Vehicles of two frames, blended, sorted into shapes by class and distance. */
#include "view/view_internal.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define SUNK_M (-2.5f) /* vehicles in tunnels are not seen */

static const struct class_look {
    prop_shape shape;
    float width_m, height_m;
} class_looks[JW_VEHICLE_CLASS_COUNT] = {
    [JW_VEHICLE_CAR] = {PROP_CAR, 1.85f, 1.5f},
    [JW_VEHICLE_TRUCK] = {PROP_TRUCK, 2.5f, 3.4f},
    [JW_VEHICLE_BUS] = {PROP_BUS, 2.55f, 3.1f},
    [JW_VEHICLE_SHUTTLE] = {PROP_SHUTTLE, 2.1f, 2.6f},
    [JW_VEHICLE_EMERGENCY] = {PROP_EMERGENCY, 2.1f, 2.6f},
    [JW_VEHICLE_BICYCLE] = {PROP_BIKE, 0.7f, 1.7f},
    [JW_VEHICLE_EBIKE] = {PROP_BIKE, 0.8f, 1.7f},
    [JW_VEHICLE_PEDESTRIAN] = {PROP_WALKER, 0.7f, 1.72f},
};

/* Paint as seen on streets: mostly white, grey and black. */
static uint32_t paint_of(uint32_t vehicle_class, uint32_t index1)
{
    static const uint32_t cars[12] = {0xF4F3F0, 0xEFEEEA, 0xDAD9D6, 0xB9BBBD, 0x8D9194, 0x5B6066,
                                      0x3D4247, 0x33383D, 0x9C4A3F, 0x4B6784, 0xC9B998, 0x6F7F6A};
    static const uint32_t clothes[6] = {0x3E6A8A, 0xB5533C, 0xE0B84C, 0x59735B, 0x7A6A8C, 0x404448};
    uint32_t dice = jw_mesh_scatter(index1);
    switch (vehicle_class) {
    case JW_VEHICLE_TRUCK:
        return (dice & 1) ? 0xC9C2B4 : ((dice & 2) ? 0x7F93A6 : 0xB79A6B);
    case JW_VEHICLE_BUS:
        return 0x1F8A8A;
    case JW_VEHICLE_SHUTTLE:
        return 0x8FD3C4;
    case JW_VEHICLE_EMERGENCY:
        return 0xF2F1EE;
    case JW_VEHICLE_BICYCLE:
    case JW_VEHICLE_EBIKE:
    case JW_VEHICLE_PEDESTRIAN:
        return clothes[dice % 6];
    default:
        return cars[dice % 12];
    }
}

typedef struct moving {
    float x, y, z, heading;
    const jw_frame_vehicle *vehicle;
} moving;

/* A vehicle that jumped (re-entered the map) is not drawn flying. */
static void place_between(const jw_frame_vehicle *a, const jw_frame_vehicle *b, float t, moving *out)
{
    *out = (moving){b->x_m, b->y_m, b->z_m, b->heading_rad, b};
    if (!a || a->generation != b->generation)
        return;
    float dx = b->x_m - a->x_m, dy = b->y_m - a->y_m;
    if (dx * dx + dy * dy > 80.0f * 80.0f)
        return;
    float turn = b->heading_rad - a->heading_rad;
    turn -= 6.2831853f * floorf(turn / 6.2831853f + 0.5f);
    out->x = a->x_m + dx * t;
    out->y = a->y_m + dy * t;
    out->z = a->z_m + (b->z_m - a->z_m) * t;
    out->heading = a->heading_rad + turn * t;
}

static void add_point(jw_view *view, const moving *at, const float place[3])
{
    const jw_frame_vehicle *v = at->vehicle;
    uint32_t paint = paint_of(v->vehicle_class, v->index1);
    if (view->night > 0.5f) { /* head lamps coming, tail lamps going */
        float dx = view->eye[0] - place[0], dy = view->eye[1] - place[1];
        paint = dx * cosf(at->heading) + dy * sinf(at->heading) > 0 ? 0xFFEFC8 : 0xE0382A;
    } else /* lighter than their paint, as a model's pins are: dark ones would be lost on the asphalt */
        for (uint32_t shift = 0; shift < 24; shift += 8) {
            uint32_t part = paint >> shift & 255;
            paint = (paint & ~(255u << shift)) | (part + (255 - part) * 3 / 8) << shift;
        }
    point_vertex *point = (point_vertex *)view->points.items + view->points.count++;
    uint32_t size = v->length_dm * 4u / 16u; /* a spot of the vehicle's area */
    *point = (point_vertex){
        place[0],
        place[1],
        place[2] + 1.0f,
        {(uint8_t)(paint >> 16), (uint8_t)(paint >> 8), (uint8_t)paint, (uint8_t)(size > 255 ? 255 : size)}};
}

static jw_result add_shape(jw_view *view, const moving *at, const float place[3], bool is_near,
                           bool is_selected, uint32_t number, jw_error *error)
{
    const jw_frame_vehicle *v = at->vehicle;
    const struct class_look *look = &class_looks[v->vehicle_class];
    prop_shape shape = is_near || look->shape != PROP_CAR ? look->shape : PROP_BOX_CAR;
    stream_buffer *stream = &view->props[shape];
    jw_result result = jw_view_gl_stream_reserve(stream, stream->count + 1, sizeof(prop_instance), error);
    if (result != JW_OK)
        return result;
    uint32_t paint = paint_of(v->vehicle_class, v->index1);
    float length_m = v->length_dm ? (float)v->length_dm * 0.1f : 4.6f;
    prop_instance *instance = (prop_instance *)stream->items + stream->count++;
    *instance = (prop_instance){
        {place[0], place[1], place[2], at->heading},
        {length_m, look->width_m, look->height_m,
         (float)(((v->flags & JW_VEHICLE_BRAKES) ? LAMP_BRAKE : 0) |
                 ((v->flags & JW_VEHICLE_TURNS_LEFT) ? LAMP_LEFT : 0) |
                 ((v->flags & JW_VEHICLE_TURNS_RIGHT) ? LAMP_RIGHT : 0) | (is_selected ? LAMP_SELECTED : 0))},
        {(uint8_t)(paint >> 16), (uint8_t)(paint >> 8), (uint8_t)paint, 0},
        (uint32_t)JW_PICK_VEHICLE << ID_KIND_SHIFT | (number & ID_INDEX_MASK)};
    return JW_OK;
}

static jw_result add_vehicle(jw_view *view, const jw_view_scene *scene, const moving *at, uint32_t number,
                             uint32_t *shapes_left, jw_error *error)
{
    const jw_frame_vehicle *v = at->vehicle;
    float place[3] = {(float)((double)at->x - view->mesh->origin_x_m),
                      (float)((double)at->y - view->mesh->origin_y_m), at->z};
    if (v->vehicle_class >= JW_VEHICLE_CLASS_COUNT || at->z < SUNK_M ||
        !jw_view_is_visible(view, place[0], place[1], place[2], 12.0f))
        return JW_OK;
    float dx = place[0] - view->eye[0], dy = place[1] - view->eye[1], dz = place[2] - view->eye[2];
    float away_m = sqrtf(dx * dx + dy * dy + dz * dz);
    bool is_selected = scene->selection.kind == JW_PICK_VEHICLE && scene->selection.index == v->index1 &&
                       scene->selection.generation == v->generation;
    bool is_near = away_m < view->limits.vehicle_m;
    view->counters.vehicles_drawn++;
    if ((away_m<view->limits.vehicle_box_m && * shapes_left> 0) || is_selected) {
        *shapes_left -= *shapes_left > 0;
        return add_shape(view, at, place, is_near, is_selected, number, error);
    }
    if (scene->overlay == JW_OVERLAY_NONE &&
        v->vehicle_class != JW_VEHICLE_PEDESTRIAN) /* far vehicles would hide the data under them */
        add_point(view, at, place);
    return JW_OK;
}

jw_result jw_view_traffic_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error)
{
    const jw_frame *b = scene->frame_b ? scene->frame_b : scene->frame_a;
    const jw_frame *a = scene->frame_b ? scene->frame_a : NULL;
    view->points.count = 0;
    if (!b || scene->hides_vehicles)
        return JW_OK;
    jw_result result =
        jw_view_gl_stream_reserve(&view->points, b->vehicle_count, sizeof(point_vertex), error);
    uint32_t k = 0, shapes_left = view->limits.max_shapes;
    float t = (float)jw_clamp(scene->blend, 0, 1);
    for (uint32_t i = 0; i < b->vehicle_count && result == JW_OK; i++) {
        const jw_frame_vehicle *v = &b->vehicles[i], *before = NULL;
        while (a && k < a->vehicle_count && a->vehicles[k].index1 < v->index1)
            k++;
        if (a && k < a->vehicle_count && a->vehicles[k].index1 == v->index1)
            before = &a->vehicles[k];
        moving at;
        place_between(before, v, t, &at);
        result = add_vehicle(view, scene, &at, i, &shapes_left, error);
    }
    return result;
}

void jw_view_traffic_draw(jw_view *view, bool is_pick)
{
    for (int shape = PROP_CAR; shape <= PROP_BOX_CAR; shape++)
        jw_view_props_draw(view, (prop_shape)shape, is_pick);
    if (view->points.count == 0 || is_pick)
        return;
    glUseProgram(view->programs[PROGRAM_POINT]);
    glBindVertexArray(view->points.vertex_array);
    glEnable(GL_PROGRAM_POINT_SIZE);
    glDrawArrays(GL_POINTS, 0, (GLsizei)view->points.count);
    glDisable(GL_PROGRAM_POINT_SIZE);
    glBindVertexArray(0);
    view->counters.draw_calls++;
}
