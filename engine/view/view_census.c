/* What the graphics card holds: every object of the context, by asking the driver for each name. */
#include "view/view_internal.h"

/* Drivers number objects from 1 and use numbers again; after so many that are nothing there are no more. */
enum { EMPTY_RUN = 1024, MOST_NAMES = 1 << 20 };

static uint64_t buffer_bytes(GLuint name)
{
    GLint64 size = 0;
    GLint bound;
    glGetIntegerv(GL_COPY_READ_BUFFER, &bound);
    glBindBuffer(GL_COPY_READ_BUFFER, name);
    glGetBufferParameteri64v(GL_COPY_READ_BUFFER, GL_BUFFER_SIZE, &size);
    glBindBuffer(GL_COPY_READ_BUFFER, (GLuint)bound);
    return (uint64_t)size;
}

static uint64_t renderbuffer_bytes(GLuint name)
{
    static const GLenum parts[] = {GL_RENDERBUFFER_RED_SIZE,   GL_RENDERBUFFER_GREEN_SIZE,
                                   GL_RENDERBUFFER_BLUE_SIZE,  GL_RENDERBUFFER_ALPHA_SIZE,
                                   GL_RENDERBUFFER_DEPTH_SIZE, GL_RENDERBUFFER_STENCIL_SIZE};
    GLint bound, width = 0, height = 0, samples = 0, bits = 0;
    glGetIntegerv(GL_RENDERBUFFER_BINDING, &bound);
    glBindRenderbuffer(GL_RENDERBUFFER, name);
    glGetRenderbufferParameteriv(GL_RENDERBUFFER, GL_RENDERBUFFER_WIDTH, &width);
    glGetRenderbufferParameteriv(GL_RENDERBUFFER, GL_RENDERBUFFER_HEIGHT, &height);
    glGetRenderbufferParameteriv(GL_RENDERBUFFER, GL_RENDERBUFFER_SAMPLES, &samples);
    for (uint32_t i = 0; i < JW_COUNT_OF(parts); i++) {
        GLint part = 0;
        glGetRenderbufferParameteriv(GL_RENDERBUFFER, parts[i], &part);
        bits += part;
    }
    glBindRenderbuffer(GL_RENDERBUFFER, (GLuint)bound);
    return (uint64_t)width * (uint64_t)height * (uint64_t)(samples > 1 ? samples : 1) * (uint64_t)bits / 8;
}

/* All its levels. A texture over a buffer has no bytes of its own. */
static uint64_t texture_bytes(GLuint name)
{
    static const GLenum parts[] = {GL_TEXTURE_RED_SIZE,   GL_TEXTURE_GREEN_SIZE, GL_TEXTURE_BLUE_SIZE,
                                   GL_TEXTURE_ALPHA_SIZE, GL_TEXTURE_DEPTH_SIZE, GL_TEXTURE_STENCIL_SIZE};
    uint64_t bytes = 0;
    GLint buffer = 0, largest = 1;
    glGetTextureLevelParameteriv(name, 0, GL_TEXTURE_BUFFER_DATA_STORE_BINDING, &buffer);
    if (buffer)
        return 0;
    glGetIntegerv(GL_MAX_TEXTURE_SIZE, &largest);
    for (GLint level = 0; largest >> level > 0; level++) {
        GLint width = 0, height = 0, depth = 0, bits = 0;
        glGetTextureLevelParameteriv(name, level, GL_TEXTURE_WIDTH, &width);
        glGetTextureLevelParameteriv(name, level, GL_TEXTURE_HEIGHT, &height);
        glGetTextureLevelParameteriv(name, level, GL_TEXTURE_DEPTH, &depth);
        if (width == 0)
            break;
        for (uint32_t i = 0; i < JW_COUNT_OF(parts); i++) {
            GLint part = 0;
            glGetTextureLevelParameteriv(name, level, parts[i], &part);
            bits += part;
        }
        bytes += (uint64_t)width * (uint64_t)height * (uint64_t)(depth > 1 ? depth : 1) * (uint64_t)bits / 8;
    }
    return bytes;
}

jw_view_census jw_view_take_census(void)
{
    jw_view_census census = {.has_texture_bytes = GLEW_VERSION_4_5 || GLEW_ARB_direct_state_access};
    uint32_t empty = 0;
    for (GLuint name = 1; name < MOST_NAMES && empty < EMPTY_RUN; name++) {
        bool is_buffer = glIsBuffer(name), is_texture = glIsTexture(name),
             is_renderbuffer = glIsRenderbuffer(name);
        uint32_t others = (glIsVertexArray(name) != 0) + (glIsFramebuffer(name) != 0) +
                          (glIsProgram(name) != 0) + (glIsShader(name) != 0) + (glIsSampler(name) != 0);
        empty = is_buffer || is_texture || is_renderbuffer || others ? 0 : empty + 1;
        census.objects += others + is_buffer + is_texture + is_renderbuffer;
        census.buffers += is_buffer;
        census.textures += is_texture;
        if (is_buffer)
            census.buffer_bytes += buffer_bytes(name);
        if (is_renderbuffer)
            census.texture_bytes += renderbuffer_bytes(name);
        if (is_texture && census.has_texture_bytes)
            census.texture_bytes += texture_bytes(name);
    }
    return census;
}
