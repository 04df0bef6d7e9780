/* Shaders, buffers, streams. */
#include "view/view_internal.h"

#include <stdio.h>
#include <string.h>

static const struct program_source {
    const char *vertex, *fragment, *defines;
} program_sources[PROGRAM_COUNT] = {
    [PROGRAM_GROUND] = {"ground.vert", "ground.frag", ""},
    [PROGRAM_GROUND_NIGHT] = {"ground.vert", "ground.frag", "#define NIGHT\n"},
    [PROGRAM_BASE] = {"ground.vert", "ground.frag", "#define BASE\n"},
    [PROGRAM_BASE_NIGHT] = {"ground.vert", "ground.frag", "#define BASE\n#define NIGHT\n"},
    [PROGRAM_WATER] = {"ground.vert", "ground.frag", "#define WATER\n"},
    [PROGRAM_WATER_NIGHT] = {"ground.vert", "ground.frag", "#define WATER\n#define NIGHT\n"},
    [PROGRAM_ROAD] = {"road.vert", "road.frag", ""},
    [PROGRAM_ROAD_NIGHT] = {"road.vert", "road.frag", "#define NIGHT\n"},
    [PROGRAM_MARKING] = {"marking.vert", "marking.frag", ""},
    [PROGRAM_SIGNAL] = {"signal.vert", "flat.frag", ""},
    [PROGRAM_BUILDING] = {"building.vert", "building.frag", ""},
    [PROGRAM_BUILDING_NIGHT] = {"building.vert", "building.frag", "#define NIGHT\n"},
    [PROGRAM_PROP] = {"prop.vert", "flat.frag", ""},
    [PROGRAM_TREE] = {"tree.vert", "flat.frag", ""},
    [PROGRAM_TREE_SPOT] = {"tree_spot.vert", "tree_spot.frag", ""},
    [PROGRAM_POINT] = {"point.vert", "flat.frag", ""},
    [PROGRAM_ARC] = {"arc.vert", "flat.frag", ""},
    [PROGRAM_PACKET] = {"packet.vert", "glow.frag", ""},
    [PROGRAM_RASTER] = {"raster.vert", "raster.frag", ""},
    [PROGRAM_SKY] = {"sky.vert", "sky.frag", ""},
    [PROGRAM_PICK] = {"pick.vert", "flat.frag", ""},
    [PROGRAM_PICK_PROP] = {"pick_prop.vert", "flat.frag", ""},
};

enum { MAX_SHADER_BYTES = 1 << 20 };

static jw_result read_shader(const char *name, char **out, char *path, size_t path_size, jw_error *error)
{
    char folder[1024];
    size_t size;
    if (!jw_data_folder(folder, sizeof folder))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "the folder with assets/shaders was not found: set JINGWEI_HOME to it");
    snprintf(path, path_size, "%s/assets/shaders/%s", folder, name);
    return jw_file_read(path, MAX_SHADER_BYTES, out, &size, error);
}

/* The line numbers of the compiler's words are the file's own: "#line 1" precedes it. */
static jw_result compile(GLenum kind, const char *name, const char *defines, const char *common, GLuint *out,
                         jw_error *error)
{
    char *source = NULL, path[1280];
    jw_result result = read_shader(name, &source, path, sizeof path, error);
    if (result != JW_OK)
        return result;
    const char *pieces[] = {"#version 330 core\n", defines, common, "#line 1\n", source};
    GLuint shader = glCreateShader(kind);
    glShaderSource(shader, JW_COUNT_OF(pieces), pieces, NULL);
    glCompileShader(shader);
    jw_free(source);
    GLint is_good = 0;
    glGetShaderiv(shader, GL_COMPILE_STATUS, &is_good);
    if (!is_good) {
        char log[480] = "";
        glGetShaderInfoLog(shader, sizeof log, NULL, log);
        glDeleteShader(shader);
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "the shader does not compile: %s", log);
    }
    *out = shader;
    return JW_OK;
}

static void bind_names(GLuint program)
{
    static const struct {
        const char *name;
        GLint unit;
    } samplers[] = {{"ground_light", 0},  {"lamp_light", 1}, {"edge_colours", 2},
                    {"signal_states", 3}, {"raster", 4},     {"city_ground", 5}};
    glUseProgram(program);
    GLuint block = glGetUniformBlockIndex(program, "Scene");
    if (block != GL_INVALID_INDEX)
        glUniformBlockBinding(program, block, 0);
    for (uint32_t i = 0; i < JW_COUNT_OF(samplers); i++) {
        GLint where = glGetUniformLocation(program, samplers[i].name);
        if (where >= 0)
            glUniform1i(where, samplers[i].unit);
    }
    glUseProgram(0);
}

static jw_result link_program(const struct program_source *source, const char *common, GLuint *out,
                              jw_error *error)
{
    GLuint vertex = 0, fragment = 0;
    jw_result result = compile(GL_VERTEX_SHADER, source->vertex, source->defines, common, &vertex, error);
    if (result == JW_OK)
        result = compile(GL_FRAGMENT_SHADER, source->fragment, source->defines, common, &fragment, error);
    if (result == JW_OK) {
        GLuint program = glCreateProgram();
        glAttachShader(program, vertex);
        glAttachShader(program, fragment);
        glLinkProgram(program);
        GLint is_good = 0;
        glGetProgramiv(program, GL_LINK_STATUS, &is_good);
        if (is_good) {
            bind_names(program);
            *out = program;
        } else {
            char log[480] = "";
            glGetProgramInfoLog(program, sizeof log, NULL, log);
            glDeleteProgram(program);
            result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "shaders %s and %s do not fit together: %s",
                             source->vertex, source->fragment, log);
        }
    }
    glDeleteShader(vertex); /* zero is ignored */
    glDeleteShader(fragment);
    return result;
}

jw_result jw_view_gl_load_programs(jw_view *view, jw_error *error)
{
    char *common = NULL, path[1280];
    jw_result result = read_shader("common.glsl", &common, path, sizeof path, error);
    for (int i = 0; i < PROGRAM_COUNT && result == JW_OK; i++)
        result = link_program(&program_sources[i], common, &view->programs[i], error);
    jw_free(common);
    if (result != JW_OK)
        return result;
    view->frame_uniform = glGetUniformLocation(view->programs[PROGRAM_ARC], "frame");
    view->extent_uniform = glGetUniformLocation(view->programs[PROGRAM_RASTER], "extent");
    view->spot_uniform = glGetUniformLocation(view->programs[PROGRAM_TREE_SPOT], "spot");
    view->horizon_uniform = glGetUniformLocation(view->programs[PROGRAM_SKY], "horizon");
    return JW_OK;
}

GLuint jw_view_gl_buffer(GLenum target, const void *bytes, size_t size, GLenum usage)
{
    GLuint buffer;
    glGenBuffers(1, &buffer);
    glBindBuffer(target, buffer);
    glBufferData(target, (GLsizeiptr)size, bytes, usage);
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

void jw_view_gl_stream_free(stream_buffer *stream)
{
    glDeleteBuffers(1, &stream->buffer);
    glDeleteVertexArrays(1, &stream->vertex_array);
    jw_free(stream->items);
    *stream = (stream_buffer){0};
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
