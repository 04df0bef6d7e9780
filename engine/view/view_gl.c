/* Buffers, streams, errors, and the time they take. */
#include "view/view_internal.h"

#include <string.h>
#include <time.h>

double jw_view_processor_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

GLuint jw_view_gl_buffer(GLenum target, const void *bytes, size_t size, GLenum usage)
{
    GLuint buffer;
    glGenBuffers(1, &buffer);
    glBindBuffer(target, buffer);
    glBufferData(target, (GLsizeiptr)size, bytes, usage);
    return buffer;
}

bool jw_view_gl_can_borrow(void)
{
    const char *renderer = (const char *)glGetString(GL_RENDERER);
    return GLEW_AMD_pinned_memory && renderer && strstr(renderer, "llvmpipe");
}

GLuint jw_view_gl_borrow(void *bytes, size_t size)
{
    GLuint buffer = jw_view_gl_buffer(GL_EXTERNAL_VIRTUAL_MEMORY_BUFFER_AMD, bytes, size, GL_STATIC_DRAW);
    glBindBuffer(GL_EXTERNAL_VIRTUAL_MEMORY_BUFFER_AMD, 0);
    return buffer;
}

jw_result jw_view_gl_stream_reserve(stream_buffer *stream, uint32_t count, size_t item_size, jw_error *error)
{
    return jw_grow(&stream->items, &stream->capacity, count, item_size, error);
}

void jw_view_gl_stream_upload(stream_buffer *stream, size_t item_size)
{
    if (stream->count == 0)
        return;
    glBindBuffer(GL_ARRAY_BUFFER, stream->buffer);
    if (stream->gpu_capacity < stream->count)
        stream->gpu_capacity = stream->capacity;
    /* A fresh store each time: the driver need not wait for draws that still read the old one. */
    glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)(stream->gpu_capacity * item_size), NULL, GL_STREAM_DRAW);
    glBufferSubData(GL_ARRAY_BUFFER, 0, (GLsizeiptr)(stream->count * item_size), stream->items);
}

void jw_view_gl_stream_update(stream_buffer *stream, size_t item_size)
{
    if (stream->count == 0)
        return;
    glBindBuffer(GL_ARRAY_BUFFER, stream->buffer);
    if (stream->gpu_capacity < stream->count) {
        stream->gpu_capacity = stream->capacity;
        glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)(stream->gpu_capacity * item_size), NULL, GL_DYNAMIC_DRAW);
    }
    glBufferSubData(GL_ARRAY_BUFFER, 0, (GLsizeiptr)(stream->count * item_size), stream->items);
}

void *jw_view_gl_stream_map(stream_buffer *stream, uint32_t count, size_t item_size, jw_error *error)
{
    glBindBuffer(GL_ARRAY_BUFFER, stream->buffer);
    if (stream->gpu_capacity < count || count == 0) {
        stream->gpu_capacity = count + count / 4 + 64;
        glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)(stream->gpu_capacity * item_size), NULL, GL_DYNAMIC_DRAW);
    }
    stream->count = count;
    /* Without GL_MAP_INVALIDATE: a driver may take fresh pages then, and clearing these costs twice as much
     * as what is written. What was drawn from it some pictures ago is long done. */
    void *items = glMapBufferRange(GL_ARRAY_BUFFER, 0, (GLsizeiptr)(stream->gpu_capacity * item_size),
                                   GL_MAP_WRITE_BIT);
    if (!items)
        jw_fail_memory(error);
    return items;
}

jw_result jw_view_gl_stream_unmap(stream_buffer *stream, jw_error *error)
{
    glBindBuffer(GL_ARRAY_BUFFER, stream->buffer);
    if (glUnmapBuffer(GL_ARRAY_BUFFER))
        return JW_OK;
    return jw_fail(error, JW_ERROR_STATE, NULL, 0, "the graphics driver lost a buffer that was written");
}

void jw_view_gl_stream_free(stream_buffer *stream)
{
    glDeleteBuffers(1, &stream->buffer);
    glDeleteVertexArrays(1, &stream->vertex_array);
    jw_free(stream->items);
    *stream = (stream_buffer){0};
}

bool jw_view_gl_target_bind(view_target *target, int width_px, int height_px, int samples)
{
    static const struct {
        GLenum format, attachment;
    } planes[] = {{GL_RGBA8, GL_COLOR_ATTACHMENT0}, {GL_DEPTH24_STENCIL8, GL_DEPTH_STENCIL_ATTACHMENT}};
    bool is_new = !target->framebuffer;
    if (is_new) {
        glGenFramebuffers(1, &target->framebuffer);
        glGenRenderbuffers(2, target->buffers);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, target->framebuffer);
    if (is_new || target->width_px != width_px || target->height_px != height_px ||
        target->samples != samples) {
        for (uint32_t i = 0; i < JW_COUNT_OF(planes); i++) {
            glBindRenderbuffer(GL_RENDERBUFFER, target->buffers[i]);
            glRenderbufferStorageMultisample(GL_RENDERBUFFER, samples, planes[i].format, width_px, height_px);
            glFramebufferRenderbuffer(GL_FRAMEBUFFER, planes[i].attachment, GL_RENDERBUFFER,
                                      target->buffers[i]);
        }
        target->width_px = width_px;
        target->height_px = height_px;
        target->samples = samples;
        target->is_whole = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    }
    return target->is_whole;
}

void jw_view_gl_target_free(view_target *target)
{
    glDeleteFramebuffers(1, &target->framebuffer);
    glDeleteRenderbuffers(2, target->buffers);
    *target = (view_target){0};
}

jw_result jw_view_gl_check(const char *where, jw_error *error)
{
    GLenum code = glGetError();
    if (code == GL_NO_ERROR)
        return JW_OK;
    while (glGetError() != GL_NO_ERROR)
        ;
    if (code == GL_OUT_OF_MEMORY)
        return jw_fail(error, JW_ERROR_MEMORY, NULL, 0, "the graphics card is out of memory (%s)", where);
    return jw_fail(error, JW_ERROR_STATE, NULL, 0, "OpenGL error 0x%04x (%s)", code, where);
}
