/* What overlays colour: streets, and the ground by place. Assets and links: view_assets.c. */
#include "view/view_internal.h"

#include <string.h>

void jw_view_overlay_block(const jw_view_scene *scene, scene_block *block)
{
    jw_view_legend legend = jw_view_get_legend(scene->overlay, scene->palette);
    block->selected[2] = jw_view_overlay_info(scene->overlay)->sense != JW_SENSE_AMOUNT;
    block->selected[3] = legend.stop_count > 1 ? legend.stop_count - 1 : 1;
    for (uint32_t i = 0; i < legend.stop_count; i++)
        for (uint32_t c = 0; c < 3; c++)
            block->legend[i][c] = (float)(legend.stops[i].colour >> (16 - 8 * c) & 255) / 255;
}

/* Alpha as road.vert reads it. Empty streets say little: paler. */
enum { FAINT = 18, STRONG = 60, LEVEL = 64, LEVELS = 4 };

static bool is_kept(const jw_view *view, const jw_frame *frame, const jw_view_scene *scene)
{
    return frame && view->edge_key.frame == frame && view->edge_key.step == frame->step &&
           view->edge_key.version == frame->version && view->edge_key.overlay == scene->overlay &&
           view->edge_key.palette == scene->palette && view->edge_key.values == frame->raster_value_count;
}

void jw_view_traffic_colour_edges(jw_view *view, const jw_view_scene *scene)
{
    const jw_city *city = view->mesh->city;
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    if (city->edge_count == 0 || is_kept(view, frame, scene))
        return;
    view->edge_key.frame = frame;
    view->edge_key.step = frame ? frame->step : 0;
    view->edge_key.version = frame ? frame->version : 0;
    view->edge_key.overlay = scene->overlay;
    view->edge_key.palette = scene->palette;
    view->edge_key.values = frame ? frame->raster_value_count : 0;
    if (!view->has_street_data)
        return;
    jw_view_legend legend = jw_view_get_legend(scene->overlay, scene->palette);
    for (uint32_t i = 0; i < city->edge_count; i++) {
        uint8_t *texel = view->edge_colours + 4 * (size_t)i;
        double value;
        memset(texel, 0, 4);
        if (!frame || !jw_view_overlay_value(scene->overlay, city, frame, i, &value))
            continue;
        uint32_t rgb = jw_view_legend_colour(&legend, value);
        double weight = jw_view_overlay_weight(scene->overlay, &legend, value);
        bool is_empty = frame->edges[i].vehicles == 0 && scene->overlay == JW_OVERLAY_SPEED;
        texel[0] = (uint8_t)(rgb >> 16), texel[1] = (uint8_t)(rgb >> 8), texel[2] = (uint8_t)rgb;
        texel[3] = (uint8_t)(LEVEL * (int)jw_min(weight * LEVELS, LEVELS - 1) + (is_empty ? FAINT : STRONG));
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
    const jw_frame_raster *raster = frame ? jw_view_overlay_raster(scene->overlay, frame) : NULL;
    if (!raster || raster->columns > MAX_RASTER_SIDE || raster->rows > MAX_RASTER_SIDE)
        return JW_OK;
    uint64_t cells = (uint64_t)raster->columns * raster->rows;
    jw_result result = jw_grow(&view->raster_pixels, &view->raster_capacity, cells * 2, 1, error);
    if (result != JW_OK)
        return result;
    jw_view_legend legend = jw_view_get_legend(scene->overlay, scene->palette);
    uint8_t part = 0;
    for (uint32_t i = 0; i < cells; i++) {
        float value = frame->raster_values[raster->first_value + i];
        bool has_value = value == value; /* not NAN */
        if (has_value)
            part = (uint8_t)(jw_view_legend_part(&legend, (double)value) * 255 + 0.5);
        /* Where there is none the neighbour's colour fades out: no fringe of another. */
        view->raster_pixels[2 * (size_t)i] = part;
        view->raster_pixels[2 * (size_t)i + 1] = has_value ? 255 : 0;
    }
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glActiveTexture(GL_TEXTURE4);
    glBindTexture(GL_TEXTURE_2D, view->raster_texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RG8, (GLsizei)raster->columns, (GLsizei)raster->rows, 0, GL_RG,
                 GL_UNSIGNED_BYTE, view->raster_pixels);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
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
