/* Shader programs from assets/shaders, and again when they are saved. */
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
    [PROGRAM_CLOSED] = {"closed.vert", "closed.frag", ""},
    [PROGRAM_SIGNAL] = {"signal.vert", "flat.frag", ""},
    [PROGRAM_BUILDING] = {"building.vert", "building.frag", ""},
    [PROGRAM_BUILDING_NIGHT] = {"building.vert", "building.frag", "#define NIGHT\n"},
    [PROGRAM_GROUND_FADE] = {"ground.vert", "ground.frag", "#define FADE\n"},
    [PROGRAM_GROUND_FADE_NIGHT] = {"ground.vert", "ground.frag", "#define FADE\n#define NIGHT\n"},
    [PROGRAM_WATER_FADE] = {"ground.vert", "ground.frag", "#define FADE\n#define WATER\n"},
    [PROGRAM_WATER_FADE_NIGHT] = {"ground.vert", "ground.frag",
                                  "#define FADE\n#define WATER\n#define NIGHT\n"},
    [PROGRAM_ROAD_FADE] = {"road.vert", "road.frag", "#define FADE\n"},
    [PROGRAM_ROAD_FADE_NIGHT] = {"road.vert", "road.frag", "#define FADE\n#define NIGHT\n"},
    [PROGRAM_MARKING_FADE] = {"marking.vert", "marking.frag", "#define FADE\n"},
    [PROGRAM_SIGNAL_FADE] = {"signal.vert", "flat.frag", "#define FADE\n"},
    [PROGRAM_BUILDING_FADE] = {"building.vert", "building.frag", "#define FADE\n"},
    [PROGRAM_BUILDING_FADE_NIGHT] = {"building.vert", "building.frag", "#define FADE\n#define NIGHT\n"},
    [PROGRAM_PROP] = {"prop.vert", "flat.frag", ""},
    [PROGRAM_PROP_FADE] = {"prop.vert", "flat.frag", "#define FADE\n"},
    [PROGRAM_TREE_FADE] = {"tree.vert", "tree.frag", "#define FADE\n"},
    [PROGRAM_TREE] = {"tree.vert", "tree.frag", ""},
    [PROGRAM_TREE_SPOT] = {"tree_spot.vert", "tree_spot.frag", ""},
    [PROGRAM_POINT] = {"point.vert", "flat.frag", ""},
    [PROGRAM_ARC] = {"arc.vert", "arc.frag", ""},
    [PROGRAM_PACKET] = {"packet.vert", "glow.frag", ""},
    [PROGRAM_RASTER] = {"raster.vert", "raster.frag", ""},
    [PROGRAM_RAIN] = {"rain.vert", "rain.frag", ""},
    [PROGRAM_SKY] = {"sky.vert", "sky.frag", ""},
    [PROGRAM_OCCLUSION] = {"screen.vert", "occlusion.frag", ""},
    [PROGRAM_OCCLUSION_MEAN] = {"screen.vert", "occlusion_mean.frag", ""},
    [PROGRAM_SEA] = {"sea.vert", "sea.frag", ""},
    [PROGRAM_LABEL] = {"label.vert", "label.frag", ""},
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
static jw_result compile(GLenum kind, const char *name, const char *const defines[2], const char *common,
                         GLuint *out, jw_error *error)
{
    char *source = NULL, path[1280];
    jw_result result = read_shader(name, &source, path, sizeof path, error);
    if (result != JW_OK)
        return result;
    const char *pieces[] = {"#version 330 core\n", defines[0], defines[1], common, "#line 1\n", source};
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
    } samplers[] = {{"ground_light", 0},
                    {"lamp_light", 1},
                    {"edge_colours", 2},
                    {"signal_states", 3},
                    {"raster", 4},
                    {"city_ground", 5},
                    {"shadow_top", 6},
                    {"shadow_maps", 7},
                    {"scene_depth", OCCLUSION_UNIT},
                    {"occlusion", OCCLUSION_UNIT + 1},
                    {"letters", LABEL_UNIT},
                    {"coast", COAST_UNIT}};
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

static jw_result link_program(const struct program_source *source, bool has_shadows, const char *common,
                              GLuint *out, jw_error *error)
{
    GLuint vertex = 0, fragment = 0;
    const char *defines[2] = {source->defines, has_shadows ? "#define SHADOWS\n" : ""};
    jw_result result = compile(GL_VERTEX_SHADER, source->vertex, defines, common, &vertex, error);
    if (has_shadows && GLEW_ARB_sample_shading) /* the tiers that have shadow maps have samples, too */
        defines[1] = "#extension GL_ARB_sample_shading : require\n#define SHADOWS\n#define SAMPLES\n";
    if (result == JW_OK)
        result = compile(GL_FRAGMENT_SHADER, source->fragment, defines, common, &fragment, error);
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

/* Of all sources, one after the other: what tells that one was saved anew. */
static uint64_t hash_sources(void)
{
    uint64_t hash = 0;
    for (int i = 0; i <= 2 * PROGRAM_COUNT; i++) {
        const struct program_source *source = &program_sources[i / 2 % PROGRAM_COUNT];
        const char *name = i == 2 * PROGRAM_COUNT ? "common.glsl" : i % 2 ? source->fragment : source->vertex;
        char *text = NULL, path[1280];
        if (read_shader(name, &text, path, sizeof path, NULL) == JW_OK)
            hash = jw_hash_bytes(hash, text, strlen(text));
        jw_free(text);
    }
    return hash;
}

static void delete_all(GLuint programs[PROGRAM_COUNT])
{
    for (int i = 0; i < PROGRAM_COUNT; i++)
        glDeleteProgram(programs[i]); /* zero is ignored */
    memset(programs, 0, PROGRAM_COUNT * sizeof *programs);
}

jw_result jw_view_shaders_link_next(jw_view_kit *kit, bool has_shadows, bool *out_are_all, jw_error *error)
{
    uint32_t *linked = &kit->linked[has_shadows];
    char *common = NULL, path[1280];
    jw_result result = JW_OK;
    if (*linked < PROGRAM_COUNT) {
        result = read_shader("common.glsl", &common, path, sizeof path, error);
        if (result == JW_OK)
            result = link_program(&program_sources[*linked], has_shadows, common,
                                  &kit->sets[has_shadows][*linked], error);
        ++*linked;
    }
    jw_free(common);
    if (result != JW_OK) {
        delete_all(kit->sets[has_shadows]);
        *linked = 0;
    }
    *out_are_all = *linked == PROGRAM_COUNT;
    return result;
}

static void find_uniforms(jw_view *view)
{
    view->frame_uniform = glGetUniformLocation(view->programs[PROGRAM_ARC], "frame");
    view->extent_uniform = glGetUniformLocation(view->programs[PROGRAM_RASTER], "extent");
    for (int night = 0; night < 2; night++)
        view->base_uniforms[night] = glGetUniformLocation(view->programs[PROGRAM_BASE + night], "extent");
    view->from_clip_uniform = glGetUniformLocation(view->programs[PROGRAM_OCCLUSION], "from_clip");
    view->reach_uniform = glGetUniformLocation(view->programs[PROGRAM_OCCLUSION], "reach_m");
    for (int i = 0; i < PROGRAM_COUNT; i++)
        view->fade_uniforms[i] = glGetUniformLocation(view->programs[i], "fade");
    view->moving_uniform = glGetUniformLocation(view->programs[PROGRAM_POINT], "moving");
    view->spot_uniform = glGetUniformLocation(view->programs[PROGRAM_TREE_SPOT], "spot");
    view->sun_uniform = glGetUniformLocation(view->programs[PROGRAM_SKY], "sun_place");
    view->sea_uniforms[0] = glGetUniformLocation(view->programs[PROGRAM_SEA], "extent");
    view->sea_uniforms[1] = glGetUniformLocation(view->programs[PROGRAM_SEA], "shown");
    view->label_uniform = glGetUniformLocation(view->programs[PROGRAM_LABEL], "page");
    view->label_part_uniform = glGetUniformLocation(view->programs[PROGRAM_LABEL], "part");
    view->horizon_uniform = glGetUniformLocation(view->programs[PROGRAM_SKY], "horizon");
}

jw_result jw_view_shaders_use(jw_view *view, bool has_shadows, jw_error *error)
{
    jw_result result = JW_OK;
    for (bool are_all = false; !are_all && result == JW_OK;)
        result = jw_view_shaders_link_next(view->kit, has_shadows, &are_all, error);
    if (result != JW_OK || view->programs == view->kit->sets[has_shadows])
        return result;
    view->programs = view->kit->sets[has_shadows];
    view->programs_version = view->kit->version;
    find_uniforms(view);
    return JW_OK;
}

void jw_view_shaders_refresh(jw_view *view)
{
    if (view->programs_version == view->kit->version)
        return;
    view->programs_version = view->kit->version;
    find_uniforms(view);
}

jw_result jw_view_kit_create(jw_view_kit **out, jw_error *error)
{
    *out = jw_alloc(sizeof **out);
    return *out ? JW_OK : jw_fail_memory(error);
}

void jw_view_kit_destroy(jw_view_kit *kit)
{
    if (!kit)
        return;
    delete_all(kit->sets[0]);
    delete_all(kit->sets[1]);
    jw_view_labels_destroy_letters(kit);
    jw_free(kit);
}

jw_result jw_view_reload_shaders(jw_view *view, bool *out_is_new, jw_error *error)
{
    jw_view_kit *kit = view->kit;
    uint64_t hash = hash_sources();
    *out_is_new = false;
    bool is_first = kit->sources_hash == 0;
    if (hash == kit->sources_hash)
        return JW_OK;
    kit->sources_hash = hash;
    if (is_first)
        return JW_OK;
    jw_view_kit fresh = {0};
    jw_result result = JW_OK;
    for (int k = 0; k < 2; k++)
        for (bool are_all = kit->linked[k] == 0; !are_all && result == JW_OK;)
            result = jw_view_shaders_link_next(&fresh, k == 1, &are_all, error);
    if (result != JW_OK) {
        delete_all(fresh.sets[0]);
        return result;
    }
    delete_all(kit->sets[0]);
    delete_all(kit->sets[1]);
    memcpy(kit->sets, fresh.sets, sizeof kit->sets);
    memcpy(kit->linked, fresh.linked, sizeof kit->linked);
    kit->version++;
    jw_view_shaders_refresh(view);
    *out_is_new = true;
    return JW_OK;
}

void jw_view_shaders_watch(jw_view *view)
{
    double now_s = jw_clock_seconds();
    if (!view->watches_shaders || now_s < view->shaders_looked_s + 1)
        return;
    view->shaders_looked_s = now_s;
    bool is_new;
    jw_error error = {0};
    char text[1400];
    if (jw_view_reload_shaders(view, &is_new, &error) != JW_OK) {
        jw_error_format(&error, text, sizeof text);
        jw_log_line(JW_LOG_ERROR, "%s", text);
    } else if (is_new)
        jw_log_line(JW_LOG_INFO, "the shaders were read again");
}
