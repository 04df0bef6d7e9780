/* The names of a picture. Which have room is settled anew only when the eye or what is named has moved;
 * letters of one size on the screen, all in one draw call. */
#include "view/view_labels.h"

#include <stddef.h>
#include <string.h>

enum { NEW_LETTERS = 8 }; /* made for a picture on the screen, some milliseconds */
#define FADE_S 0.2

/* ---- life --------------------------------------------------------------------------------------------- */

static void create_stream(stream_buffer *stream)
{
    const GLsizei stride = sizeof(label_instance);
    glGenBuffers(1, &stream->buffer);
    glGenVertexArrays(1, &stream->vertex_array);
    glBindVertexArray(stream->vertex_array);
    glBindBuffer(GL_ARRAY_BUFFER, stream->buffer);
    glVertexAttribPointer(5, 4, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(label_instance, where));
    glVertexAttribPointer(6, 4, GL_UNSIGNED_SHORT, GL_FALSE, stride, (void *)offsetof(label_instance, cell));
    glVertexAttribPointer(7, 4, GL_UNSIGNED_BYTE, GL_TRUE, stride, (void *)offsetof(label_instance, colour));
    glVertexAttribPointer(8, 1, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(label_instance, edge));
    for (GLuint i = 5; i <= 8; i++) {
        glEnableVertexAttribArray(i);
        glVertexAttribDivisor(i, 1);
    }
    glBindVertexArray(0);
}

void jw_view_labels_destroy_letters(jw_view_kit *kit)
{
    glDeleteTextures(1, &kit->letters);
    jw_glyphs_close(kit->glyphs);
}

void jw_view_labels_destroy(jw_view *view)
{
    view_labels *labels = view->labels;
    if (!labels)
        return;
    view->labels = NULL;
    for (int i = 0; i <= PICTURE_SLOT; i++)
        jw_view_gl_stream_free(&labels->slots[i].letters);
    if (labels->has_own) {
        glDeleteTextures(1, &labels->texture);
        jw_glyphs_close(labels->glyphs);
    }
    jw_board_free(&labels->board);
    jw_free(labels->candidates);
    jw_free(labels);
}

static jw_result make_letters(view_labels *labels, const char *path, int face, jw_error *error)
{
    jw_result result = jw_glyphs_open(path, face, &labels->glyphs, error);
    if (result != JW_OK)
        return result;
    glActiveTexture(GL_TEXTURE0);
    glGenTextures(1, &labels->texture);
    glBindTexture(GL_TEXTURE_2D, labels->texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_R8, GLYPH_ATLAS, GLYPH_ATLAS, 0, GL_RED, GL_UNSIGNED_BYTE, NULL);
    return JW_OK;
}

/* The kit's letters where they are of this font; where it has none it gets these. */
static jw_result take_letters(view_labels *labels, jw_view_kit *kit, const char *path, int face,
                              jw_error *error)
{
    bool is_like = kit->glyphs && strcmp(kit->font_path, path) == 0 && kit->font_face == face;
    jw_result result = is_like ? JW_OK : make_letters(labels, path, face, error);
    if (result != JW_OK)
        return result;
    if (is_like) {
        labels->glyphs = kit->glyphs;
        labels->texture = kit->letters;
    }
    labels->has_own = kit->glyphs && !is_like;
    if (!kit->glyphs) {
        kit->glyphs = labels->glyphs;
        kit->letters = labels->texture;
        jw_text_copy(kit->font_path, sizeof kit->font_path, path);
        kit->font_face = face;
    }
    return JW_OK;
}

jw_result jw_view_set_font(jw_view *view, const char *path, int face, jw_error *error)
{
    jw_view_labels_destroy(view);
    if (!path)
        return JW_OK;
    view_labels *labels = jw_alloc(sizeof *labels);
    if (!labels)
        return jw_fail_memory(error);
    jw_result result = take_letters(labels, view->kit, path, face, error);
    if (result != JW_OK) {
        jw_free(labels);
        return result;
    }
    for (int i = 0; i <= PICTURE_SLOT; i++)
        create_stream(&labels->slots[i].letters);
    view->labels = labels;
    return JW_OK;
}

/* ---- a picture ---------------------------------------------------------------------------------------- */

/* Names and places; of a frame that its keeper counts once. */
static uint64_t hash_things(view_labels *labels, const jw_frame *frame)
{
    if (frame->version != 0 && labels->hashed.frame == frame && labels->hashed.step == frame->step &&
        labels->hashed.version == frame->version)
        return labels->hashed.things;
    uint64_t hash = jw_hash_u64(frame->asset_count, frame->link_count);
    for (uint32_t i = 0; i < frame->asset_count; i++)
        hash = jw_hash_bytes(hash, &frame->assets[i], offsetof(jw_frame_asset, load));
    for (uint32_t i = 0; i < frame->link_count; i++)
        hash = jw_hash_bytes(hash, &frame->links[i], offsetof(jw_frame_link, capacity_bps));
    labels->hashed.frame = frame;
    labels->hashed.step = frame->step;
    labels->hashed.version = frame->version;
    labels->hashed.things = hash;
    return hash;
}

static void fill_key(const jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                     label_key *key)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    memset(key, 0, sizeof *key);
    key->camera = scene->camera;
    key->width_px = width_px;
    key->height_px = height_px;
    key->rect = scene->rect;
    key->room = scene->label_room;
    key->scale = scene->label_scale;
    key->flat = view->flat;
    key->language = scene->language;
    key->overlay = scene->overlay;
    if (frame)
        key->things = hash_things(view->labels, frame);
    for (uint32_t i = 0; i < scene->note_count; i++) {
        const double place[2] = {scene->notes[i].x_m, scene->notes[i].y_m};
        key->notes = jw_hash_text(jw_hash_bytes(key->notes + 1, place, sizeof place), scene->notes[i].text);
    }
    key->hides_sites = scene->hides_sites;
    key->hides_cells = scene->hides_cells;
    key->hides_fibre = scene->hides_fibre;
    key->is_night = view->night > 0.5f;
    if (scene->selection.kind == JW_PICK_ASSET)
        jw_text_copy(key->chosen, sizeof key->chosen, scene->selection.name);
}

static label_slot *choose_slot(view_labels *labels, const label_key *key, bool is_picture)
{
    if (is_picture) {
        labels->slots[PICTURE_SLOT].shown_count = 0;
        memset(&labels->slots[PICTURE_SLOT].key, 0, sizeof(label_key));
        return &labels->slots[PICTURE_SLOT];
    }
    label_slot *best = &labels->slots[0];
    for (int i = 0; i < SLOTS; i++) {
        label_slot *slot = &labels->slots[i];
        if (memcmp(&slot->key.rect, &key->rect, sizeof key->rect) == 0)
            return slot;
        if (slot->picture < best->picture)
            best = slot;
    }
    best->shown_count = 0;
    return best;
}

static void upload(view_labels *labels)
{
    uint32_t cell;
    glActiveTexture(GL_TEXTURE0 + LABEL_UNIT);
    glBindTexture(GL_TEXTURE_2D, labels->texture);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, GLYPH_ATLAS);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    while (jw_glyphs_take_new(labels->glyphs, &cell)) {
        GLint x = (GLint)(cell % GLYPH_COLUMNS * GLYPH_CELL), y = (GLint)(cell / GLYPH_COLUMNS * GLYPH_CELL);
        glTexSubImage2D(GL_TEXTURE_2D, 0, x, y, GLYPH_CELL, GLYPH_CELL, GL_RED, GL_UNSIGNED_BYTE,
                        jw_glyphs_pixels(labels->glyphs) + (size_t)y * GLYPH_ATLAS + x);
    }
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glActiveTexture(GL_TEXTURE0);
}

jw_result jw_view_labels_prepare(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                                 jw_error *error)
{
    view_labels *labels = view->labels;
    if (!labels)
        return JW_OK;
    labels->slot = NULL;
    if (scene->hides_labels)
        return JW_OK;
    bool is_picture = view->is_single;
    label_key key;
    fill_key(view, scene, width_px, height_px, &key);
    labels->slot = choose_slot(labels, &key, is_picture);
    labels->slot->picture = ++labels->picture;
    if (!is_picture && labels->slot->is_settled && memcmp(&labels->slot->key, &key, sizeof key) == 0)
        return JW_OK;
    double now_s = jw_clock_seconds();
    /* A fade that begins does so with the step of one picture. */
    double passed_s = labels->slot->is_settled ? 1.0 / 60 : jw_clamp(now_s - labels->drawn_s, 0, 0.1);
    labels->fade = is_picture || scene->reduces_motion ? 1 : (float)(passed_s / FADE_S);
    labels->drawn_s = now_s;
    labels->slot->key = key;
    labels->error = error;
    jw_glyphs_next_picture(labels->glyphs, is_picture ? GLYPH_CELLS : NEW_LETTERS);
    jw_result result = jw_view_names_settle(view, scene, width_px, height_px);
    upload(labels);
    jw_view_gl_stream_upload(&labels->slot->letters, sizeof(label_instance));
    return result;
}

uint32_t jw_view_labels_shown(const jw_view *view, uint64_t *out, uint32_t most)
{
    const label_slot *slot = view->labels ? view->labels->slot : NULL;
    uint32_t count = slot ? slot->shown_count : 0;
    for (uint32_t i = 0; i < count && i < most; i++)
        out[i] = slot->shown[i].id;
    return count < most ? count : most;
}

bool jw_view_names_are_settled(const jw_view *view)
{
    const view_labels *labels = view ? view->labels : NULL;
    if (!labels || !labels->slot)
        return true;
    for (int i = 0; i < SLOTS; i++) /* of the rectangles that are drawn in turn */
        if (labels->slots[i].picture + SLOTS > labels->picture && labels->slots[i].picture > 0 &&
            !labels->slots[i].is_settled)
            return false;
    return true;
}

void jw_view_labels_draw(jw_view *view)
{
    view_labels *labels = view->labels;
    if (!labels || !labels->slot || labels->slot->letters.count == 0)
        return;
    GLint viewport[4];
    glGetIntegerv(GL_VIEWPORT, viewport);
    glActiveTexture(GL_TEXTURE0 + LABEL_UNIT);
    glBindTexture(GL_TEXTURE_2D, labels->texture);
    glUseProgram(view->programs[PROGRAM_LABEL]);
    glUniform4f(view->label_uniform, (float)viewport[2] * view->part[2], (float)viewport[3] * view->part[3],
                2.0f * GLYPH_SPREAD, GLYPH_ATLAS);
    glUniform4fv(view->label_part_uniform, 1, view->part);
    glBindVertexArray(labels->slot->letters.vertex_array);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, (GLsizei)labels->slot->letters.count);
    glBindVertexArray(0);
    glActiveTexture(GL_TEXTURE0);
    view->counters.draw_calls++;
    view->counters.triangles += 2 * labels->slot->letters.count;
    view->counters.names_drawn = labels->slot->shown_count;
}
