/* Closed lanes: ribbons with a barrier's stripes, drawn over the streets from any distance. The streets' own
 * layers are too coarse for that: from afar they lack the small ones and one direction of the large. */
#include "view/view_internal.h"

#include <stddef.h>

typedef struct closed_vertex {
    float place[3];
    float side[2];  /* towards the kerb */
    float shape[4]; /* as in closed.vert */
    uint32_t id;
} closed_vertex;

void jw_view_closed_create(jw_view *view)
{
    stream_buffer *ribbons = &view->closed.ribbons;
    const GLsizei stride = sizeof(closed_vertex);
    glGenBuffers(1, &ribbons->buffer);
    glGenVertexArrays(1, &ribbons->vertex_array);
    glBindVertexArray(ribbons->vertex_array);
    glBindBuffer(GL_ARRAY_BUFFER, ribbons->buffer);
    glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(closed_vertex, place));
    glVertexAttribPointer(1, 2, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(closed_vertex, side));
    glVertexAttribPointer(2, 4, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(closed_vertex, shape));
    glVertexAttribIPointer(4, 1, GL_UNSIGNED_INT, stride, (void *)offsetof(closed_vertex, id));
    for (GLuint i = 0; i < 5; i++)
        if (i != 3)
            glEnableVertexAttribArray(i);
    glBindVertexArray(0);
}

void jw_view_closed_destroy(jw_view *view)
{
    jw_view_gl_stream_free(&view->closed.ribbons);
    jw_free(view->closed.line);
}

static closed_vertex *put(closed_vertex *out, const closed_vertex *vertex, float aside)
{
    *out = *vertex;
    out->shape[2] = aside;
    return out + 1;
}

/* Lanes side by side, from right_m to left_m off the middle of their street. All ribbons are one strip of
 * triangles: the first and the last corner of each are said twice. */
static jw_result add_ribbon(jw_view *view, uint32_t row, double right_m, double left_m, bool is_shut,
                            jw_error *error)
{
    const jw_edge *edge = &view->mesh->city->edges[row];
    const jw_vec3 *points = view->mesh->city->points + edge->first_point;
    stream_buffer *ribbons = &view->closed.ribbons;
    uint32_t count = edge->point_count, added = 2 * count + 2;
    if (count < 2)
        return JW_OK;
    jw_result result =
        jw_grow(&view->closed.line, &view->closed.line_capacity, count, sizeof *view->closed.line, error);
    if (result == JW_OK)
        result = jw_view_gl_stream_reserve(ribbons, ribbons->count + added, sizeof(closed_vertex), error);
    if (result != JW_OK)
        return result;
    jw_vec3 *left = view->closed.line;
    jw_polyline_offset(points, count, left_m, left);
    closed_vertex *out = (closed_vertex *)ribbons->items + ribbons->count,
                  vertex = {.shape = {(float)(left_m - right_m), 0, 0, is_shut},
                            .id = (uint32_t)JW_PICK_EDGE << ID_KIND_SHIFT | (row & ID_INDEX_MASK)};
    double along_m = 0;
    for (uint32_t i = 0; i < count; i++) {
        const jw_vec3 *before = &points[i > 0 ? i - 1 : 0], *after = &points[i + 1 < count ? i + 1 : i];
        jw_vec2 way = jw_vec2_unit((jw_vec2){after->x - before->x, after->y - before->y});
        along_m += jw_vec2_length(
            (jw_vec2){points[i].x - points[i > 0 ? i - 1 : 0].x, points[i].y - points[i > 0 ? i - 1 : 0].y});
        vertex.place[0] = (float)(left[i].x - view->mesh->origin_x_m);
        vertex.place[1] = (float)(left[i].y - view->mesh->origin_y_m);
        vertex.place[2] = (float)jw_max(points[i].z, 0); /* of a tunnel: over it */
        vertex.side[0] = (float)way.y, vertex.side[1] = (float)-way.x;
        vertex.shape[1] = (float)along_m;
        if (i == 0)
            out = put(out, &vertex, 0);
        out = put(out, &vertex, 0);
        out = put(out, &vertex, 1);
    }
    put(out, &vertex, 1);
    ribbons->count += added;
    return JW_OK;
}

static jw_result add_edge(jw_view *view, uint32_t row, uint32_t closed, jw_error *error)
{
    const jw_city *city = view->mesh->city;
    const jw_edge *edge = &city->edges[row];
    uint32_t count = edge->lane_count < 32 ? edge->lane_count : 32;
    uint32_t all = (uint32_t)((UINT64_C(1) << count) - 1);
    double from_m = 0, right_m = 0;
    for (uint32_t k = 0; k < edge->lane_count; k++)
        from_m -= city->lanes[edge->first_lane + k].width_m / 2;
    jw_result result = JW_OK;
    for (uint32_t k = 0; k < count && result == JW_OK; k++) {
        bool is_first = k == 0 || !(closed >> (k - 1) & 1),
             is_last = k + 1 == count || !(closed >> (k + 1) & 1);
        double to_m = from_m + city->lanes[edge->first_lane + k].width_m;
        right_m = is_first ? from_m : right_m;
        if ((closed >> k & 1) && is_last)
            result = add_ribbon(view, row, right_m, to_m, (closed & all) == all, error);
        from_m = to_m;
    }
    return result;
}

jw_result jw_view_closed_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    stream_buffer *ribbons = &view->closed.ribbons;
    if (!frame) {
        ribbons->count = 0;
        view->closed.frame = NULL;
        return JW_OK;
    }
    if (view->closed.frame == frame && view->closed.step == frame->step &&
        view->closed.version == frame->version)
        return JW_OK;
    view->closed.frame = NULL; /* until it is whole */
    ribbons->count = 0;
    for (uint32_t i = 0; i < frame->edge_count && i < view->mesh->city->edge_count; i++) {
        uint32_t closed = frame->edges[i].closed_lanes;
        jw_result result = closed ? add_edge(view, i, closed, error) : JW_OK;
        if (result != JW_OK) {
            ribbons->count = 0;
            return result;
        }
    }
    jw_view_gl_stream_upload(ribbons, sizeof(closed_vertex));
    view->closed.frame = frame;
    view->closed.step = frame->step;
    view->closed.version = frame->version;
    return JW_OK;
}

void jw_view_closed_draw(jw_view *view)
{
    const stream_buffer *ribbons = &view->closed.ribbons;
    if (ribbons->count == 0)
        return;
    glUseProgram(view->programs[PROGRAM_CLOSED]);
    glBindVertexArray(ribbons->vertex_array);
    glDepthMask(GL_FALSE); /* what drives there stands in it */
    glDrawArrays(GL_TRIANGLE_STRIP, 0, (GLsizei)ribbons->count);
    glDepthMask(GL_TRUE);
    view->counters.draw_calls++;
    view->counters.triangles += ribbons->count;
}
