/* Picking by ids, pictures as bytes and PNG. */
#include "view/view_internal.h"

#include <string.h>

/* The library's code is not written for our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

enum { PICK_SIDE = 5, SUPERSAMPLING = 2, MAX_PICTURE_SIDE = 16384 };

/* Small things win: a car on a street, a site on a roof; among equals the pixel nearest the pointer. */
static int weight_of(uint32_t id)
{
    static const int weights[] = {
        [JW_PICK_NONE] = 0,    [JW_PICK_BUILDING] = 2, [JW_PICK_EDGE] = 2, [JW_PICK_JUNCTION] = 2,
        [JW_PICK_VEHICLE] = 4, [JW_PICK_ASSET] = 5,    [JW_PICK_LINK] = 3};
    uint32_t kind = id >> ID_KIND_SHIFT;
    return kind < JW_COUNT_OF(weights) ? weights[kind] * 100 : 0;
}

static jw_pick describe(const jw_frame *frame, uint32_t id)
{
    jw_pick pick = {.kind = (jw_pick_kind)(id >> ID_KIND_SHIFT), .index = id & ID_INDEX_MASK};
    if (pick.kind == JW_PICK_VEHICLE) {
        if (!frame || pick.index >= frame->vehicle_count)
            return (jw_pick){0};
        pick.generation = frame->vehicles[pick.index].generation;
        pick.index = frame->vehicles[pick.index].index1;
    } else if (pick.kind == JW_PICK_ASSET) {
        if (!frame || pick.index >= frame->asset_count)
            return (jw_pick){0};
        jw_text_copy(pick.name, sizeof pick.name, frame->assets[pick.index].name);
    } else if (pick.kind == JW_PICK_LINK) {
        if (!frame || pick.index >= frame->link_count)
            return (jw_pick){0};
        jw_text_copy(pick.name, sizeof pick.name, frame->links[pick.index].name);
    }
    return pick;
}

jw_pick jw_view_pick(jw_view *view, const jw_view_scene *scene, int x_px, int y_px)
{
    jw_view_rect rect = scene->rect;
    x_px -= rect.x_px;
    y_px -= rect.y_px;
    if (rect.width_px <= 0 || rect.height_px <= 0 || x_px < 0 || y_px < 0 || x_px >= rect.width_px ||
        y_px >= rect.height_px)
        return (jw_pick){0};
    GLint bound;
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &bound);
    glBindFramebuffer(GL_FRAMEBUFFER, view->pick_framebuffer);
    glViewport(0, 0, PICK_SIDE, PICK_SIDE);
    const float crop[4] = {2 * ((float)x_px + 0.5f) / (float)rect.width_px - 1,
                           1 - 2 * ((float)y_px + 0.5f) / (float)rect.height_px,
                           (float)rect.width_px / PICK_SIDE, (float)rect.height_px / PICK_SIDE};
    jw_view_draw_ids(view, scene, rect.width_px, rect.height_px, crop);
    uint8_t pixels[PICK_SIDE * PICK_SIDE][4];
    glReadPixels(0, 0, PICK_SIDE, PICK_SIDE, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
    uint32_t best_id = 0;
    int best = 0;
    for (int i = 0; i < PICK_SIDE * PICK_SIDE; i++) {
        uint32_t id = pixels[i][0] | (uint32_t)pixels[i][1] << 8 | (uint32_t)pixels[i][2] << 16 |
                      (uint32_t)pixels[i][3] << 24;
        int dx = i % PICK_SIDE - PICK_SIDE / 2, dy = i / PICK_SIDE - PICK_SIDE / 2;
        int weight = weight_of(id) - (dx * dx + dy * dy);
        if (id != 0 && weight > best) {
            best = weight;
            best_id = id;
        }
    }
    return describe(scene->frame_b ? scene->frame_b : scene->frame_a, best_id);
}

/* Averages SUPERSAMPLING^2 pixels and turns the picture upright. */
static void shrink(const uint8_t *from, int width_px, int height_px, int factor, uint8_t *out)
{
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++)
            for (int c = 0; c < 3; c++) {
                uint32_t sum = 0;
                for (int k = 0; k < factor * factor; k++) {
                    size_t row = (size_t)((height_px - 1 - y) * factor + k / factor);
                    size_t column = (size_t)(x * factor + k % factor);
                    sum += from[(row * (size_t)(width_px * factor) + column) * 4 + (size_t)c];
                }
                out[((size_t)y * (size_t)width_px + (size_t)x) * 3 + (size_t)c] =
                    (uint8_t)(sum / (uint32_t)(factor * factor));
            }
}

/* A part of the picture into a target of its own, and its pixels. */
static jw_result draw_and_read(jw_view *view, const jw_view_scene *scene, int whole_width_px,
                               int whole_height_px, jw_view_rect part, uint8_t *pixels, jw_error *error)
{
    GLint bound;
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &bound);
    view_target target = {0};
    int wide = part.width_px, high = part.height_px;
    jw_result result = JW_OK;
    if (!jw_view_gl_target_bind(&target, wide, high, 0))
        result = jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "the graphics driver cannot draw %d x %d pixels",
                         wide, high);
    if (result == JW_OK) {
        double middle_x = part.x_px + wide / 2.0, middle_y = part.y_px + high / 2.0;
        const float crop[4] = {(float)(2 * middle_x / whole_width_px - 1),
                               (float)(1 - 2 * middle_y / whole_height_px),
                               (float)whole_width_px / (float)wide, (float)whole_height_px / (float)high};
        bool is_whole = wide == whole_width_px && high == whole_height_px;
        glViewport(0, 0, wide, high);
        view->counters = (jw_view_counters){0};
        result =
            jw_view_draw_scene(view, scene, whole_width_px, whole_height_px, is_whole ? NULL : crop, error);
    }
    if (result == JW_OK) {
        glReadPixels(0, 0, wide, high, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
        result = jw_view_gl_check("reading pixels", error);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
    jw_view_gl_target_free(&target);
    return result;
}

static jw_result check_size(int width_px, int height_px, jw_error *error)
{
    if (width_px >= 1 && height_px >= 1 && width_px <= MAX_PICTURE_SIDE && height_px <= MAX_PICTURE_SIDE)
        return JW_OK;
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                   "a picture of %d x %d pixels: between 1 and %d a side, please", width_px, height_px,
                   MAX_PICTURE_SIDE);
}

jw_result jw_view_read_part(jw_view *view, const jw_view_scene *scene, int whole_width_px,
                            int whole_height_px, jw_view_rect part, uint8_t *out, jw_error *error)
{
    GLint most = 0;
    jw_result result = check_size(part.width_px, part.height_px, error);
    if (result != JW_OK)
        return result;
    glGetIntegerv(GL_MAX_RENDERBUFFER_SIZE, &most);
    int factor = (int)jw_max(part.width_px, part.height_px) * SUPERSAMPLING <= most ? SUPERSAMPLING : 1;
    jw_view_rect drawn = {part.x_px * factor, part.y_px * factor, part.width_px * factor,
                          part.height_px * factor};
    uint8_t *pixels = jw_alloc((size_t)drawn.width_px * (size_t)drawn.height_px * 4);
    if (!pixels)
        return jw_fail_memory(error);
    const view_detail kept = view->detail;
    view->sampling = (float)factor;
    view->is_single = true;
    result =
        draw_and_read(view, scene, whole_width_px * factor, whole_height_px * factor, drawn, pixels, error);
    view->sampling = 1;
    view->is_single = false;
    view->detail = kept;
    if (result == JW_OK)
        shrink(pixels, part.width_px, part.height_px, factor, out);
    jw_free(pixels);
    return result;
}

jw_result jw_view_read_pixels(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                              uint8_t *out, jw_error *error)
{
    return jw_view_read_part(view, scene, width_px, height_px, (jw_view_rect){0, 0, width_px, height_px}, out,
                             error);
}

static void append_bytes(void *context, void *bytes, int size)
{
    jw_write_bytes(context, bytes, (size_t)size);
}

jw_result jw_view_save_png(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                           const char *path, jw_error *error)
{
    jw_result result = check_size(width_px, height_px, error);
    if (result != JW_OK)
        return result;
    uint8_t *pixels = jw_alloc((size_t)width_px * (size_t)height_px * 3);
    if (!pixels)
        return jw_fail_memory(error);
    jw_writer file = {0};
    result = jw_view_read_pixels(view, scene, width_px, height_px, pixels, error);
    if (result == JW_OK &&
        (!stbi_write_png_to_func(append_bytes, &file, width_px, height_px, 3, pixels, width_px * 3) ||
         file.failed))
        result = jw_fail_memory(error);
    if (result == JW_OK)
        result = jw_file_write(path, file.bytes, file.size, error);
    jw_writer_free(&file);
    jw_free(pixels);
    return result;
}
