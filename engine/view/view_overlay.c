/* Legends and what they colour. */
#include "view/view_internal.h"

#include <string.h>

/* ColorBrewer's RdYlBu (Brewer, 2003), listed there as safe for the colour-blind; blue is well in every
 * overlay. */
#define GOOD_4 0x2C7BB6
#define GOOD_3 0x7FB8D6
#define MIDDLE 0xF7E49B
#define BAD_3  0xF49A5A
#define BAD_4  0xD7262B

static const jw_view_legend legends[JW_OVERLAY_COUNT] = {
    [JW_OVERLAY_NONE] = {"", "", {{0, 0}}, 0},
    [JW_OVERLAY_SPEED] = {"speed / limit",
                          "%",
                          {{0, BAD_4}, {25, BAD_3}, {50, MIDDLE}, {75, GOOD_3}, {100, GOOD_4}},
                          5},
    [JW_OVERLAY_LINK_LOAD] = {"link load",
                              "%",
                              {{0, GOOD_4}, {30, GOOD_3}, {60, MIDDLE}, {85, BAD_3}, {100, BAD_4}},
                              5},
    [JW_OVERLAY_LATENCY] = {"round trip",
                            "ms",
                            {{0, GOOD_4}, {10, GOOD_3}, {25, MIDDLE}, {50, BAD_3}, {100, BAD_4}},
                            5},
    [JW_OVERLAY_SITE_LOAD] = {"busy share",
                              "%",
                              {{0, GOOD_4}, {30, GOOD_3}, {60, MIDDLE}, {85, BAD_3}, {100, BAD_4}},
                              5},
    [JW_OVERLAY_SINR] = {"signal quality",
                         "dB",
                         {{-6, BAD_4}, {3, BAD_3}, {10, MIDDLE}, {17, GOOD_3}, {25, GOOD_4}},
                         5},
    [JW_OVERLAY_RATE] = {"radio rate",
                         "Mbit/s",
                         {{0, BAD_4}, {25, BAD_3}, {100, MIDDLE}, {200, GOOD_3}, {400, GOOD_4}},
                         5},
};

const jw_view_legend *jw_view_get_legend(jw_view_overlay overlay)
{
    return &legends[overlay < JW_OVERLAY_COUNT ? overlay : JW_OVERLAY_NONE];
}

uint32_t jw_view_legend_colour(const jw_view_legend *legend, double value)
{
    if (legend->stop_count == 0)
        return 0x808080;
    const jw_view_legend_stop *stops = legend->stops;
    uint32_t upper = 1;
    while (upper + 1 < legend->stop_count && stops[upper].value < value)
        upper++;
    double t =
        jw_clamp((value - stops[upper - 1].value) / (stops[upper].value - stops[upper - 1].value), 0, 1);
    uint32_t colour = 0;
    for (uint32_t shift = 0; shift < 24; shift += 8) {
        double a = stops[upper - 1].colour >> shift & 255, b = stops[upper].colour >> shift & 255;
        colour |= (uint32_t)(a + (b - a) * t + 0.5) << shift;
    }
    return colour;
}

uint32_t jw_view_flow_colour(uint32_t traffic_kind)
{
    static const uint32_t colours[JW_TRAFFIC_KIND_COUNT] = {
        [JW_TRAFFIC_CONTROL] = 0xFFB000, [JW_TRAFFIC_VIDEO] = 0x2E9BFF, [JW_TRAFFIC_AI] = 0xE8308C};
    return colours[traffic_kind < JW_TRAFFIC_KIND_COUNT ? traffic_kind : 0];
}

static void put_rgba(uint8_t out[4], uint32_t rgb, uint8_t alpha)
{
    out[0] = (uint8_t)(rgb >> 16), out[1] = (uint8_t)(rgb >> 8), out[2] = (uint8_t)rgb, out[3] = alpha;
}

void jw_view_traffic_colour_edges(jw_view *view, const jw_view_scene *scene)
{
    const jw_city *city = view->mesh->city;
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    if (scene->overlay != JW_OVERLAY_SPEED || city->edge_count == 0)
        return;
    const jw_view_legend *legend = jw_view_get_legend(JW_OVERLAY_SPEED);
    for (uint32_t i = 0; i < city->edge_count; i++) {
        uint8_t *colour = view->edge_colours + 4 * (size_t)i;
        if (!frame || i >= frame->edge_count || !(city->edges[i].speed_mps > 0)) {
            memset(colour, 0, 4);
            continue;
        }
        double share = (double)frame->edges[i].speed_mps / city->edges[i].speed_mps;
        /* Empty streets are at their limit, but say little: paler. */
        put_rgba(colour, jw_view_legend_colour(legend, share * 100), frame->edges[i].vehicles ? 240 : 70);
    }
    glBindBuffer(GL_TEXTURE_BUFFER, view->edge_buffer);
    glBufferSubData(GL_TEXTURE_BUFFER, 0, (GLsizeiptr)(4 * (size_t)city->edge_count), view->edge_colours);
}

void jw_view_traffic_signals(jw_view *view, const jw_view_scene *scene)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    uint32_t count = view->mesh->city->connection_count;
    if (count == 0)
        return;
    uint32_t known = frame ? frame->signal_count : 0;
    known = known < count ? known : count;
    if (known)
        memcpy(view->signal_states, frame->signals, known);
    memset(view->signal_states + known, 0, count - known);
    glBindBuffer(GL_TEXTURE_BUFFER, view->signal_buffer);
    glBufferSubData(GL_TEXTURE_BUFFER, 0, (GLsizeiptr)count, view->signal_states);
}

enum { MAX_RASTER_SIDE = 2048 };

jw_result jw_view_raster_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    memset(view->raster_map, 0, sizeof view->raster_map);
    bool is_by_place = scene->overlay == JW_OVERLAY_LATENCY || scene->overlay == JW_OVERLAY_SINR ||
                       scene->overlay == JW_OVERLAY_RATE;
    if (!is_by_place || !frame || frame->raster_count == 0)
        return JW_OK;
    const jw_frame_raster *raster = &frame->rasters[0];
    uint64_t cells = (uint64_t)raster->columns * raster->rows;
    if (cells == 0 || raster->columns > MAX_RASTER_SIDE || raster->rows > MAX_RASTER_SIDE ||
        raster->first_value + cells > frame->raster_value_count || !(raster->cell_m > 0))
        return JW_OK;
    jw_result result = jw_grow(&view->raster_pixels, &view->raster_capacity, cells * 4, 1, error);
    if (result != JW_OK)
        return result;
    const jw_view_legend *legend = jw_view_get_legend(scene->overlay);
    uint32_t colour = 0;
    for (uint32_t i = 0; i < cells; i++) {
        float value = frame->raster_values[raster->first_value + i];
        bool has_value = value == value; /* not NAN */
        if (has_value)
            colour = jw_view_legend_colour(legend, (double)value);
        /* Where there is none the neighbour's colour fades out: no dark fringe. */
        put_rgba(view->raster_pixels + 4 * (size_t)i, colour, has_value ? 190 : 0);
    }
    glActiveTexture(GL_TEXTURE4);
    glBindTexture(GL_TEXTURE_2D, view->raster_texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, (GLsizei)raster->columns, (GLsizei)raster->rows, 0, GL_RGBA,
                 GL_UNSIGNED_BYTE, view->raster_pixels);
    view->raster_map[0] = (float)((double)raster->x_m - view->mesh->origin_x_m);
    view->raster_map[1] = (float)((double)raster->y_m - view->mesh->origin_y_m);
    view->raster_map[2] = 1 / (raster->cell_m * (float)raster->columns);
    view->raster_map[3] = 1 / (raster->cell_m * (float)raster->rows);
    return JW_OK;
}

void jw_view_raster_draw(jw_view *view)
{
    if (!(view->raster_map[2] > 0))
        return;
    glUseProgram(view->programs[PROGRAM_RASTER]);
    const mesh_extent *extent = &view->mesh->extent;
    double x_m = extent->min_x_m - view->mesh->origin_x_m, y_m = extent->min_y_m - view->mesh->origin_y_m;
    glUniform4f(view->extent_uniform, (float)x_m, (float)y_m, (float)(x_m + extent->cell_m * extent->columns),
                (float)(y_m + extent->cell_m * extent->rows));
    glBindVertexArray(view->empty_array);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    view->counters.draw_calls++;
}
