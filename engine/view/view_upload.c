/* What is large goes to the graphics card in slices, so that pictures between them come in time. What it is
 * read from must stay until the last one. */
#include "view/view_internal.h"

#include <assert.h>

enum { SLICE_BYTES = 1 << 20 };

static view_upload *add(jw_view *view, const void *bytes)
{
    assert(view->upload_count < UPLOADS_MAX);
    view_upload *one = &view->uploads[view->upload_count++];
    *one = (view_upload){.bytes = bytes};
    return one;
}

GLuint jw_view_upload_buffer(jw_view *view, const void *bytes, size_t size)
{
    view_upload *one = add(view, bytes);
    one->row_bytes = 1;
    one->rows = size;
    one->buffer = jw_view_gl_buffer(GL_COPY_WRITE_BUFFER, NULL, size, GL_STATIC_DRAW);
    return one->buffer;
}

static void add_level(jw_view *view, GLuint texture, const texel_kind *kind, GLint level, uint32_t columns,
                      uint32_t rows, const void *bytes)
{
    view_upload *one = add(view, bytes);
    one->texture = texture;
    one->kind = kind;
    one->level = level;
    one->columns = (GLsizei)columns;
    one->row_bytes = (size_t)columns * kind->bytes;
    one->rows = rows;
}

void jw_view_upload_levels(jw_view *view, GLuint texture, const texel_kind *kind, uint32_t columns,
                           uint32_t rows, uint32_t levels, const void *bytes)
{
    const uint8_t *from = bytes;
    for (uint32_t level = 0; level < levels; level++) {
        add_level(view, texture, kind, (GLint)level, columns, rows, from);
        from += kind->bytes * columns * rows;
        columns = columns > 1 ? columns / 2 : 1;
        rows = rows > 1 ? rows / 2 : 1;
    }
}

void jw_view_store_levels(const texel_kind *kind, uint32_t columns, uint32_t rows, uint32_t levels)
{
    for (uint32_t level = 0; level < levels; level++) {
        glTexImage2D(GL_TEXTURE_2D, (GLint)level, (GLint)kind->inner, (GLsizei)columns, (GLsizei)rows, 0,
                     kind->format, kind->type, NULL);
        columns = columns > 1 ? columns / 2 : 1;
        rows = rows > 1 ? rows / 2 : 1;
    }
}

static void send(const view_upload *one, size_t count)
{
    const uint8_t *from = one->bytes + one->sent * one->row_bytes;
    if (one->buffer) {
        glBindBuffer(GL_COPY_WRITE_BUFFER, one->buffer);
        glBufferSubData(GL_COPY_WRITE_BUFFER, (GLintptr)one->sent, (GLsizeiptr)count, from);
        glBindBuffer(GL_COPY_WRITE_BUFFER, 0);
        return;
    }
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, one->texture);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexSubImage2D(GL_TEXTURE_2D, one->level, 0, (GLint)one->sent, one->columns, (GLsizei)count,
                    one->kind->format, one->kind->type, from);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
}

bool jw_view_upload_slice(jw_view *view)
{
    if (view->upload_next < view->upload_count) {
        view_upload *one = &view->uploads[view->upload_next];
        size_t count = SLICE_BYTES / (one->row_bytes ? one->row_bytes : 1), left = one->rows - one->sent;
        count = count < 1 ? 1 : count;
        count = count < left ? count : left;
        if (count > 0)
            send(one, count);
        one->sent += count;
        view->upload_next += one->sent == one->rows;
    }
    if (view->upload_next < view->upload_count)
        return false;
    view->upload_next = view->upload_count = 0;
    return true;
}

bool jw_view_is_uploading(const jw_view *view)
{
    return view->upload_next < view->upload_count;
}
