/* Vehicles of two frames, blended. Once a pair of frames they are sorted into a lattice over the city and
 * sent to the graphics card, which moves them between the two as points; a draw only looks at the cells in
 * sight, and makes shapes of the vehicles near the eye. */
#include "view/view_internal.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define LEAP_M 80.0f /* a vehicle that jumped (re-entered the map) is not drawn flying */

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

/* Paint as seen on streets: mostly white, grey and black. Of each class there are VEHICLE_PAINTS, or fewer
 * that recur. */
static uint32_t paint_of_dice(uint32_t vehicle_class, uint32_t dice)
{
    static const uint32_t cars[VEHICLE_PAINTS] = {0xF4F3F0, 0xEFEEEA, 0xDAD9D6, 0xB9BBBD, 0x8D9194, 0x5B6066,
                                                  0x3D4247, 0x33383D, 0x9C4A3F, 0x4B6784, 0xC9B998, 0x6F7F6A};
    static const uint32_t clothes[6] = {0x3E6A8A, 0xB5533C, 0xE0B84C, 0x59735B, 0x7A6A8C, 0x404448};
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
        return cars[dice];
    }
}

static uint32_t dice_of(uint32_t index1)
{
    return jw_mesh_scatter(index1) % VEHICLE_PAINTS;
}

/* Lighter than their paint, as a model's pins are: dark ones would be lost on the asphalt. */
static void mix_point_paints(jw_view *view)
{
    for (uint32_t k = 0; k < JW_VEHICLE_CLASS_COUNT; k++)
        for (uint32_t dice = 0; dice < VEHICLE_PAINTS; dice++)
            for (int i = 0; i < 3; i++) {
                uint32_t part = paint_of_dice(k, dice) >> (16 - 8 * i) & 255;
                view->point_paints[k][dice][i] = (uint8_t)(part + (255 - part) * 3 / 8);
            }
}

/* ---- the table of a pair of frames ------------------------------------------------------------------- */

enum { CELLS = CELLS_A_SIDE * CELLS_A_SIDE };

/* Cells a metre, the corner they are counted from, and the mesh's origin. */
typedef struct lattice {
    float x_m, y_m, columns_per_m, rows_per_m;
    float origin_x_m, origin_y_m;
} lattice;

static lattice lattice_of(const jw_view *view)
{
    const jw_box *box = &view->mesh->city->bounds;
    return (lattice){(float)box->min_x,
                     (float)box->min_y,
                     (float)(CELLS_A_SIDE / jw_max(box->max_x - box->min_x, 1)),
                     (float)(CELLS_A_SIDE / jw_max(box->max_y - box->min_y, 1)),
                     (float)view->mesh->origin_x_m,
                     (float)view->mesh->origin_y_m};
}

static uint32_t cell_of(const lattice *l, const jw_frame_vehicle *v)
{
    float column = (v->x_m - l->x_m) * l->columns_per_m, row = (v->y_m - l->y_m) * l->rows_per_m;
    const float last = CELLS_A_SIDE - 1;
    column = column > 0 ? column : 0;
    column = column < last ? column : last;
    row = row > 0 ? row : 0;
    row = row < last ? row : last;
    return (uint32_t)(int)row * CELLS_A_SIDE + (uint32_t)(int)column;
}

static bool has_leapt(const jw_frame_vehicle *a, const jw_frame_vehicle *b)
{
    float dx = b->x_m - a->x_m, dy = b->y_m - a->y_m;
    return a->generation != b->generation || dx * dx + dy * dy > LEAP_M * LEAP_M;
}

static traffic_point point_of(const jw_view *view, const lattice *l, const jw_frame_vehicle *from,
                              const jw_frame_vehicle *to)
{
    uint32_t kind = to->vehicle_class, size = to->length_dm * 4u / 16u;
    const uint8_t *paint =
        view->point_paints[kind < JW_VEHICLE_CLASS_COUNT ? kind : JW_VEHICLE_CAR][dice_of(to->index1)];
    if (kind == JW_VEHICLE_PEDESTRIAN || to->z_m < (float)SUNK_M)
        size = 0;
    return (traffic_point){{from->x_m - l->origin_x_m, from->y_m - l->origin_y_m, from->z_m},
                           {paint[0], paint[1], paint[2], (uint8_t)(size > 255 ? 255 : size)},
                           {to->x_m - from->x_m, to->y_m - from->y_m, to->z_m - from->z_m},
                           to->heading_rad};
}

/* All four parts at once, though nobody asks for the heading's: a compiler makes one instruction of it. */
static void grow_box(traffic_box *box, const jw_frame_vehicle *v)
{
    const float at[4] = {v->x_m, v->y_m, v->z_m, v->heading_rad};
    for (int i = 0; i < 4; i++)
        box->least[i] = at[i] < box->least[i] ? at[i] : box->least[i];
    for (int i = 0; i < 4; i++)
        box->most[i] = at[i] > box->most[i] ? at[i] : box->most[i];
}

/* One pass over both frames, which are sorted by number: where each vehicle was and goes, its cell and the
 * boxes of these. What lies scattered, the order by cell, is one number a vehicle. */
static void fill_points(const jw_view *view, traffic_table *table, const jw_frame *a, const jw_frame *b,
                        traffic_point *points)
{
    const lattice cells = lattice_of(view);
    const jw_frame_vehicle *before = a ? a->vehicles : NULL, *now = b->vehicles;
    const uint32_t count_before = a ? a->vehicle_count : 0, count = b->vehicle_count;
    traffic_join *joins = table->joins;
    uint32_t k = 0;
    for (uint32_t i = 0; i < count; i++) {
        const jw_frame_vehicle *v = &now[i], *from = v;
        traffic_join join = {UINT32_MAX, cell_of(&cells, v)};
        while (k < count_before && before[k].index1 < v->index1)
            k++;
        if (k < count_before && before[k].index1 == v->index1 && !has_leapt(&before[k], v)) {
            from = &before[k];
            join.before = k;
        }
        joins[i] = join;
        table->first[join.cell + 1]++;
        grow_box(&table->boxes[join.cell], from);
        grow_box(&table->boxes[join.cell], v);
        points[i] = point_of(view, &cells, from, v);
    }
}

/* From the city's coordinates to the mesh's. */
static void move_boxes(const jw_view *view, traffic_table *table)
{
    const float x_m = (float)view->mesh->origin_x_m, y_m = (float)view->mesh->origin_y_m;
    for (int c = 0; c < CELLS; c++) {
        traffic_box *box = &table->boxes[c];
        box->least[0] -= x_m, box->most[0] -= x_m;
        box->least[1] -= y_m, box->most[1] -= y_m;
    }
}

static jw_result reserve(traffic_table *table, uint32_t count, jw_error *error)
{
    jw_result result = jw_view_gl_stream_reserve(&table->order, count, sizeof(uint32_t), error);
    if (result == JW_OK)
        result = jw_grow(&table->joins, &table->join_capacity, count, sizeof *table->joins, error);
    return result;
}

static jw_result build_table(jw_view *view, traffic_table *table, const jw_frame *a, const jw_frame *b,
                             jw_error *error)
{
    uint32_t count = b->vehicle_count;
    jw_result result = reserve(table, count, error);
    if (result != JW_OK)
        return result;
    memset(table->first, 0, sizeof table->first);
    for (int c = 0; c < CELLS; c++)
        table->boxes[c] = (traffic_box){{1e30f, 1e30f, 1e30f, 1e30f}, {-1e30f, -1e30f, -1e30f, -1e30f}};
    traffic_point *points = jw_view_gl_stream_map(&table->points, count, sizeof(traffic_point), error);
    if (!points)
        return JW_ERROR_MEMORY;
    fill_points(view, table, a, b, points);
    move_boxes(view, table);
    for (int c = 0; c < CELLS; c++)
        table->first[c + 1] += table->first[c];
    uint32_t next[CELLS], *order = table->order.items;
    memcpy(next, table->first, sizeof next);
    for (uint32_t i = 0; i < count; i++)
        order[next[table->joins[i].cell]++] = i;
    table->order.count = count;
    jw_view_gl_stream_update(&table->order, sizeof(uint32_t));
    return jw_view_gl_stream_unmap(&table->points, error);
}

/* The table of the pair, made when neither of the two kept is of it: two, for the sides of a split view. */
static jw_result find_table(jw_view *view, const jw_frame *a, const jw_frame *b, traffic_table **out,
                            jw_error *error)
{
    const traffic_key key = {.a = a,
                             .b = b,
                             .step_a = a ? a->step : 0,
                             .step_b = b->step,
                             .version_a = a ? a->version : 0,
                             .version_b = b->version,
                             .count_a = a ? a->vehicle_count : 0,
                             .count_b = b->vehicle_count};
    for (int i = 0; i < TRAFFIC_TABLES; i++)
        if (memcmp(&view->tables[i].key, &key, sizeof key) == 0) {
            *out = &view->tables[i];
            return JW_OK;
        }
    traffic_table *table = &view->tables[view->next_table++ % TRAFFIC_TABLES];
    table->key = (traffic_key){0};
    jw_result result = build_table(view, table, a, b, error);
    if (result == JW_OK)
        table->key = key;
    *out = table;
    return result;
}

/* ---- shapes near the eye ----------------------------------------------------------------------------- */

typedef struct moving {
    float x, y, z, heading; /* from the mesh's origin */
    const jw_frame_vehicle *vehicle;
    uint32_t number; /* in the frame */
} moving;

static moving place_between(const jw_view *view, const traffic_table *table, const jw_frame *a,
                            const jw_frame *b, uint32_t place, float t)
{
    uint32_t number = ((const uint32_t *)table->order.items)[place], before = table->joins[number].before;
    const jw_frame_vehicle *v = &b->vehicles[number];
    const jw_frame_vehicle *from = before != UINT32_MAX ? &a->vehicles[before] : v;
    moving at = {from->x_m - (float)view->mesh->origin_x_m + (v->x_m - from->x_m) * t,
                 from->y_m - (float)view->mesh->origin_y_m + (v->y_m - from->y_m) * t,
                 from->z_m + (v->z_m - from->z_m) * t,
                 v->heading_rad,
                 v,
                 number};
    if (from != v) {
        float turn = v->heading_rad - from->heading_rad;
        turn -= 6.2831853f * floorf(turn / 6.2831853f + 0.5f);
        at.heading = v->heading_rad - turn * (1 - t);
    }
    return at;
}

/* Cars nearer than this are shown in full, those farther away as boxes. */
static float near_limit_m(const jw_view *view)
{
    return fminf(view->limits.vehicle_m, view->detail.shape_m);
}

static jw_result add_shape(jw_view *view, const moving *at, prop_shape shape, bool is_selected,
                           jw_error *error)
{
    const jw_frame_vehicle *v = at->vehicle;
    const struct class_look *look = &class_looks[v->vehicle_class];
    stream_buffer *stream = &view->props[shape];
    jw_result result = jw_view_gl_stream_reserve(stream, stream->count + 1, sizeof(prop_instance), error);
    if (result != JW_OK)
        return result;
    uint32_t paint = paint_of_dice(v->vehicle_class, dice_of(v->index1));
    float length_m = v->length_dm ? (float)v->length_dm * 0.1f : 4.6f;
    int lamps = ((v->flags & JW_VEHICLE_BRAKES) ? LAMP_BRAKE : 0) |
                ((v->flags & JW_VEHICLE_TURNS_LEFT) ? LAMP_LEFT : 0) |
                ((v->flags & JW_VEHICLE_TURNS_RIGHT) ? LAMP_RIGHT : 0) | (is_selected ? LAMP_SELECTED : 0);
    prop_instance *instance = (prop_instance *)stream->items + stream->count++;
    *instance = (prop_instance){{at->x, at->y, at->z, at->heading},
                                {length_m, look->width_m, look->height_m, (float)lamps},
                                {(uint8_t)(paint >> 16), (uint8_t)(paint >> 8), (uint8_t)paint, 0},
                                (uint32_t)JW_PICK_VEHICLE << ID_KIND_SHIFT | (at->number & ID_INDEX_MASK)};
    return JW_OK;
}

static float distance_m(const jw_view *view, const moving *at)
{
    float dx = at->x - view->eye[0], dy = at->y - view->eye[1], dz = at->z - view->eye[2];
    return sqrtf(dx * dx + dy * dy + dz * dz);
}

static bool is_seen(const jw_view *view, const moving *at)
{
    return at->vehicle->vehicle_class < JW_VEHICLE_CLASS_COUNT && (double)at->z >= SUNK_M &&
           jw_view_is_visible(view, at->x, at->y, at->z, 12.0f);
}

static float cell_distance_m(const jw_view *view, const traffic_box *box)
{
    float dx = fmaxf(0, fmaxf(box->least[0] - view->eye[0], view->eye[0] - box->most[0]));
    float dy = fmaxf(0, fmaxf(box->least[1] - view->eye[1], view->eye[1] - box->most[1]));
    float dz = fmaxf(0, view->eye[2] - fmaxf(box->most[2], 0));
    return sqrtf(dx * dx + dy * dy + dz * dz);
}

static bool is_cell_seen(const jw_view *view, const traffic_box *box)
{
    const float padded[4] = {box->least[0] - 20, box->least[1] - 20, box->most[0] + 20, box->most[1] + 20};
    return box->least[0] <= box->most[0] && jw_view_is_box_visible(view, padded, fmaxf(box->most[2], 0) + 5);
}

/* So near that no more than the tier's vehicles get a shape: counted by distance in steps of a 64th. */
static float shape_radius_m(const jw_view *view, const jw_frame *a, const jw_frame *b,
                            const traffic_table *table, float t)
{
    enum { STEPS = 64 };
    uint32_t counts[STEPS] = {0}, sum = 0;
    uint32_t most = (uint32_t)(0.35 * jw_view_triangles_left(view)) / (view->prop_count[PROP_BOX_CAR] / 3);
    if (most > view->limits.max_shapes)
        most = view->limits.max_shapes;
    float reach_m = view->limits.vehicle_box_m;
    for (int c = 0; c < CELLS; c++)
        if (is_cell_seen(view, &table->boxes[c]) && cell_distance_m(view, &table->boxes[c]) < reach_m)
            sum += table->first[c + 1] - table->first[c];
    if (sum <= most)
        return reach_m;
    sum = 0;
    for (int c = 0; c < CELLS; c++) {
        if (!is_cell_seen(view, &table->boxes[c]) || cell_distance_m(view, &table->boxes[c]) >= reach_m)
            continue;
        for (uint32_t i = table->first[c]; i < table->first[c + 1]; i++) {
            moving at = place_between(view, table, a, b, i, t);
            float away_m = distance_m(view, &at);
            if (away_m < reach_m && is_seen(view, &at))
                counts[(int)(away_m / reach_m * STEPS)]++;
        }
    }
    for (int k = 0; k < STEPS; k++) {
        sum += counts[k];
        if (sum > most)
            return reach_m * fmaxf((float)k, 0.5f) / STEPS;
    }
    return reach_m;
}

static jw_result add_shapes(jw_view *view, const jw_view_scene *scene, const jw_frame *a, const jw_frame *b,
                            const traffic_table *table, float t, jw_error *error)
{
    jw_result result = JW_OK;
    bool has_chosen = scene->selection.kind == JW_PICK_VEHICLE;
    /* What is drawn as a point can be picked by its shape. */
    float shape_m = view->is_picking ? view->limits.vehicle_box_m : view->detail.shape_m;
    float near_m = near_limit_m(view), far_from_m = near_m * (1 - view->fade_share);
    for (int c = 0; c < CELLS && result == JW_OK; c++) {
        if (!is_cell_seen(view, &table->boxes[c]) ||
            (!has_chosen && cell_distance_m(view, &table->boxes[c]) >= shape_m))
            continue;
        for (uint32_t i = table->first[c]; i < table->first[c + 1] && result == JW_OK; i++) {
            moving at = place_between(view, table, a, b, i, t);
            bool is_chosen = has_chosen && scene->selection.index == at.vehicle->index1 &&
                             scene->selection.generation == at.vehicle->generation;
            float away_m = distance_m(view, &at);
            if ((away_m >= shape_m && !is_chosen) || !is_seen(view, &at))
                continue;
            bool is_near = away_m < near_m || is_chosen, is_far = away_m >= far_from_m && !is_chosen;
            const struct class_look *look = &class_looks[at.vehicle->vehicle_class];
            if (is_near || look->shape != PROP_CAR)
                result = add_shape(view, &at, look->shape, is_chosen, error);
            if (result == JW_OK && is_far && look->shape == PROP_CAR)
                result = add_shape(view, &at, PROP_BOX_CAR, is_chosen, error);
            view->counters.vehicles_drawn++;
        }
    }
    return result;
}

jw_result jw_view_traffic_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error)
{
    const jw_frame *b = scene->frame_b ? scene->frame_b : scene->frame_a;
    const jw_frame *a = scene->frame_b ? scene->frame_a : NULL;
    view->table = NULL;
    if (!b || scene->hides_vehicles)
        return JW_OK;
    traffic_table *table;
    jw_result result = find_table(view, a, b, &table, error);
    if (result != JW_OK)
        return result;
    float t = (float)jw_clamp(scene->blend, 0, 1);
    if (!view->is_picking)
        jw_view_approach(view, &view->detail.shape_m, shape_radius_m(view, a, b, table, t));
    view->moved = t;
    /* Far vehicles would hide the data under them, where it lies on streets or on the ground. */
    jw_overlay_kind kind = jw_view_overlay_info(scene->overlay)->kind;
    view->table = kind == JW_OVERLAY_OF_EDGES || kind == JW_OVERLAY_OF_PLACES ? NULL : table;
    return add_shapes(view, scene, a, b, table, t, error);
}

static void draw_points(jw_view *view, const traffic_table *table)
{
    GLsizei count = 0;
    uint32_t end = 0; /* of the last run of cells */
    for (int c = 0; c < CELLS; c++) {
        uint32_t first = table->first[c], n = table->first[c + 1] - first;
        if (n == 0 || !is_cell_seen(view, &table->boxes[c]))
            continue;
        view->counters.vehicles_drawn += n;
        if (count > 0 && end == first)
            view->point_counts[count - 1] += (GLsizei)n;
        else {
            view->point_offsets[count] = (const GLvoid *)(first * sizeof(uint32_t));
            view->point_counts[count++] = (GLsizei)n;
        }
        end = first + n;
    }
    if (count == 0)
        return;
    glUseProgram(view->programs[PROGRAM_POINT]);
    float fade[4];
    jw_view_fade_between(view, view->detail.shape_m, 1, fade);
    glUniform4f(view->moving_uniform, view->moved, fade[0], fade[1], 0);
    glBindVertexArray(table->points.vertex_array);
    glEnable(GL_PROGRAM_POINT_SIZE);
    glMultiDrawElements(GL_POINTS, view->point_counts, GL_UNSIGNED_INT, view->point_offsets, count);
    glDisable(GL_PROGRAM_POINT_SIZE);
    glBindVertexArray(0);
    view->counters.draw_calls++;
}

void jw_view_traffic_draw(jw_view *view, bool is_pick)
{
    for (int shape = PROP_CAR; shape <= PROP_BOX_CAR; shape++) {
        float fade[4], near_m = near_limit_m(view);
        jw_view_fade_between(view, shape == PROP_BOX_CAR ? near_m : 0,
                             shape == PROP_CAR ? near_m : view->detail.shape_m, fade);
        if (is_pick)
            jw_view_props_draw(view, (prop_shape)shape, true);
        else
            jw_view_props_draw_fading(view, (prop_shape)shape, fade);
    }
    if (view->table && !is_pick)
        draw_points(view, view->table);
}

void jw_view_traffic_create(jw_view *view)
{
    mix_point_paints(view);
    for (int i = 0; i < TRAFFIC_TABLES; i++) {
        stream_buffer *points = &view->tables[i].points;
        glGenBuffers(1, &points->buffer);
        glGenVertexArrays(1, &points->vertex_array);
        glBindVertexArray(points->vertex_array);
        glBindBuffer(GL_ARRAY_BUFFER, points->buffer);
        const GLsizei stride = sizeof(traffic_point);
        glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(traffic_point, from));
        glVertexAttribPointer(1, 3, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(traffic_point, step));
        glVertexAttribPointer(2, 4, GL_UNSIGNED_BYTE, GL_TRUE, stride,
                              (void *)offsetof(traffic_point, paint));
        glVertexAttribPointer(3, 1, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(traffic_point, heading_rad));
        for (GLuint k = 0; k < 4; k++)
            glEnableVertexAttribArray(k);
        glGenBuffers(1, &view->tables[i].order.buffer);
        glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, view->tables[i].order.buffer);
        glBindVertexArray(0);
    }
}

void jw_view_traffic_destroy(jw_view *view)
{
    for (int i = 0; i < TRAFFIC_TABLES; i++) {
        jw_view_gl_stream_free(&view->tables[i].points);
        jw_view_gl_stream_free(&view->tables[i].order);
        jw_free(view->tables[i].joins);
    }
}
