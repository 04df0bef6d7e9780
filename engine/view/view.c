/* Creating and destroying views, quality tiers, drawing into the caller's framebuffer. */
#include "view/view_internal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const tier_limits limits_of[] = {
    [JW_VIEW_SOFTWARE] = {.house_m = 1000,
                          .near_m = 800,
                          .country_pixel_m = 12,
                          .tree_m = 500,
                          .max_trees = 450,
                          .max_tree_spots = 9000,
                          .vehicle_m = 160,
                          .vehicle_box_m = 600,
                          .max_shapes = 300,
                          .box_pixels = 2.0f,
                          .area_pixels = 2.0f,
                          .triangle_budget = 60000,
                          .arc_segments = 14,
                          .samples = 0},
    [JW_VIEW_LAPTOP] = {.house_m = 3500,
                        .near_m = 2500,
                        .country_pixel_m = 16,
                        .tree_m = 2500,
                        .max_trees = 15000,
                        .max_tree_spots = 60000,
                        .vehicle_m = 500,
                        .vehicle_box_m = 1200,
                        .max_shapes = 8000,
                        .box_pixels = 0.7f,
                        .area_pixels = 1.0f,
                        .triangle_budget = 1200000,
                        .arc_segments = 32,
                        .samples = 4,
                        .shadow_maps = 2,
                        .shadow_side_px = 2048},
    [JW_VIEW_GPU] = {.house_m = 10000,
                     .near_m = 5000,
                     .country_pixel_m = 16,
                     .tree_m = 8000,
                     .max_trees = 150000,
                     .max_tree_spots = 150000,
                     .vehicle_m = 600,
                     .vehicle_box_m = 2000,
                     .max_shapes = 20000,
                     .box_pixels = 0.3f,
                     .area_pixels = 0.5f,
                     .triangle_budget = 8000000,
                     .arc_segments = 48,
                     .samples = 4,
                     .shadow_maps = 3,
                     .shadow_side_px = 4096,
                     .occlusion_m = 6},
};

static void point_vertices(GLuint *array, GLuint vertices, GLuint indices, bool has_lanes)
{
    const GLsizei stride = sizeof(mesh_vertex);
    glGenVertexArrays(1, array);
    glBindVertexArray(*array);
    glBindBuffer(GL_ARRAY_BUFFER, vertices);
    glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(mesh_vertex, x));
    if (has_lanes)
        glVertexAttribIPointer(1, 4, GL_UNSIGNED_BYTE, stride, (void *)offsetof(mesh_vertex, normal));
    else
        glVertexAttribPointer(1, 4, GL_BYTE, GL_TRUE, stride, (void *)offsetof(mesh_vertex, normal));
    glVertexAttribPointer(2, 4, GL_UNSIGNED_BYTE, GL_TRUE, stride, (void *)offsetof(mesh_vertex, colour));
    glVertexAttribPointer(3, 2, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(mesh_vertex, u));
    glVertexAttribIPointer(4, 1, GL_UNSIGNED_INT, stride, (void *)offsetof(mesh_vertex, id));
    for (GLuint i = 0; i < 5; i++)
        glEnableVertexAttribArray(i);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, indices);
    glBindVertexArray(0);
}

static void create_meshes(jw_view *view)
{
    const jw_view_mesh *mesh = view->mesh;
    glBindVertexArray(0);
    size_t vertices_bytes = mesh->vertex_count * sizeof(mesh_vertex);
    size_t indices_bytes = mesh->index_count * sizeof(uint32_t);
    view->borrows_mesh = vertices_bytes > 0 && indices_bytes > 0 && jw_view_gl_can_borrow();
    view->vertex_buffer = view->borrows_mesh ? jw_view_gl_borrow(mesh->vertices, vertices_bytes)
                                             : jw_view_upload_buffer(view, mesh->vertices, vertices_bytes);
    view->index_buffer = view->borrows_mesh ? jw_view_gl_borrow(mesh->indices, indices_bytes)
                                            : jw_view_upload_buffer(view, mesh->indices, indices_bytes);
    point_vertices(&view->lit_array, view->vertex_buffer, view->index_buffer, false);
    point_vertices(&view->lane_array, view->vertex_buffer, view->index_buffer, true);
    /* The plain around the city, to beyond the haze. */
    const float far_m = 1.2e7f;
    mesh_vertex base[4];
    for (int i = 0; i < 4; i++)
        base[i] = (mesh_vertex){
            (i & 1) ? far_m : -far_m, (i & 2) ? far_m : -far_m, 0, {0}, {190, 184, 173, 255}, 0, 0, 0};
    view->base_buffer = jw_view_gl_buffer(GL_ARRAY_BUFFER, base, sizeof base, GL_STATIC_DRAW);
    point_vertices(&view->base_array, view->base_buffer, view->index_buffer, true);
    glGenVertexArrays(1, &view->empty_array);
}

static GLuint create_texture(GLenum wrap, bool has_levels)
{
    GLuint texture;
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, (GLint)wrap);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, (GLint)wrap);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, has_levels ? GL_LINEAR_MIPMAP_NEAREST : GL_LINEAR);
    return texture;
}

/* Beyond these rasters all is open ground in the sun, without lamps. */
static const GLfloat in_the_open[4] = {1, 1, 0, 0}, in_the_dark[4] = {0};

static void create_ground_light(jw_view *view)
{
    glActiveTexture(GL_TEXTURE0);
    view->ground_texture = create_texture(GL_CLAMP_TO_BORDER, true);
    glTexParameterfv(GL_TEXTURE_2D, GL_TEXTURE_BORDER_COLOR, in_the_open);
    jw_view_shade_store_ground(view);
}

static void create_shadows(jw_view *view)
{
    glActiveTexture(GL_TEXTURE0);
    view->shadow_texture = create_texture(GL_CLAMP_TO_BORDER, false);
    glTexParameterfv(GL_TEXTURE_2D, GL_TEXTURE_BORDER_COLOR, in_the_dark);
    jw_view_shade_store_shadows(view);
}

static void create_lamps(jw_view *view)
{
    const mesh_light *light = &view->mesh->light;
    glActiveTexture(GL_TEXTURE0);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    static const texel_kind glow_kind = {GL_R8, GL_RED, GL_UNSIGNED_BYTE, 1};
    view->lamp_texture = create_texture(GL_CLAMP_TO_BORDER, true);
    glTexParameterfv(GL_TEXTURE_2D, GL_TEXTURE_BORDER_COLOR, in_the_dark);
    jw_view_store_levels(&glow_kind, light->glow_columns, light->glow_rows, light->glow_level_count);
    jw_view_upload_levels(view, view->lamp_texture, &glow_kind, light->glow_columns, light->glow_rows,
                          light->glow_level_count, light->glow);
    const mesh_extent *extent = &view->mesh->extent;
    view->extent_texture = create_texture(GL_CLAMP_TO_EDGE, false);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_R8, (GLsizei)extent->columns, (GLsizei)extent->rows, 0, GL_RED,
                 GL_UNSIGNED_BYTE, extent->share);
    view->raster_texture = create_texture(GL_CLAMP_TO_BORDER, false);
    glTexParameterfv(GL_TEXTURE_2D, GL_TEXTURE_BORDER_COLOR, in_the_dark);
    static const uint8_t nothing[4] = {0};
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 1, 1, 0, GL_RGBA, GL_UNSIGNED_BYTE, nothing);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
}

static GLuint create_buffer_texture(GLuint *buffer, GLenum format, size_t size)
{
    GLuint texture;
    *buffer = jw_view_gl_buffer(GL_TEXTURE_BUFFER, NULL, size ? size : 4, GL_STREAM_DRAW);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_BUFFER, texture);
    glTexBuffer(GL_TEXTURE_BUFFER, format, *buffer);
    return texture;
}

/* Arcs of links, and the packets on them. */
void jw_view_arcs_create(stream_buffer *stream, bool is_ribbon)
{
    const GLsizei stride = sizeof(arc_instance);
    glGenBuffers(1, &stream->buffer);
    glGenVertexArrays(1, &stream->vertex_array);
    glBindVertexArray(stream->vertex_array);
    glBindBuffer(GL_ARRAY_BUFFER, stream->buffer);
    glVertexAttribPointer(5, 4, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(arc_instance, ends));
    glVertexAttribPointer(6, 4, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(arc_instance, shape));
    glVertexAttribPointer(7, 4, GL_UNSIGNED_BYTE, GL_TRUE, stride, (void *)offsetof(arc_instance, colour));
    for (GLuint i = 5; i <= 7; i++) {
        glEnableVertexAttribArray(i);
        glVertexAttribDivisor(i, is_ribbon);
    }
    glBindVertexArray(0);
}

enum { PICK_SIDE = 5 };

static void create_pick_target(jw_view *view)
{
    glGenFramebuffers(1, &view->pick_framebuffer);
    glGenRenderbuffers(2, view->pick_buffer);
    glBindRenderbuffer(GL_RENDERBUFFER, view->pick_buffer[0]);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, PICK_SIDE, PICK_SIDE);
    glBindRenderbuffer(GL_RENDERBUFFER, view->pick_buffer[1]);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH24_STENCIL8, PICK_SIDE, PICK_SIDE);
    GLint bound;
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &bound);
    glBindFramebuffer(GL_FRAMEBUFFER, view->pick_framebuffer);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, view->pick_buffer[0]);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_STENCIL_ATTACHMENT, GL_RENDERBUFFER,
                              view->pick_buffer[1]);
    glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
}

static jw_result create_arrays(jw_view *view, jw_error *error)
{
    const jw_city *city = view->mesh->city;
    size_t chunks = (size_t)view->mesh->chunk_columns * view->mesh->chunk_rows;
    view->seen = jw_alloc(chunks * sizeof *view->seen);
    view->seen_m = jw_alloc(chunks * sizeof *view->seen_m);
    view->found = jw_alloc(chunks * sizeof *view->found);
    view->found_m = jw_alloc(chunks * sizeof *view->found_m);
    view->areas = jw_alloc(chunks * sizeof *view->areas);
    view->areas_m = jw_alloc(chunks * sizeof *view->areas_m);
    view->chunk_count = (uint32_t)chunks;
    view->commands = jw_alloc(chunks * sizeof *view->commands);
    view->draw_counts = jw_alloc(chunks * sizeof *view->draw_counts);
    view->draw_offsets = jw_alloc(chunks * sizeof *view->draw_offsets);
    view->draw_firsts = jw_alloc(chunks * sizeof *view->draw_firsts);
    view->edge_colours = jw_alloc(4 * (size_t)city->edge_count + 4);
    view->signal_states = jw_alloc((size_t)city->connection_count + 4);
    if (!view->found || !view->found_m || !view->areas || !view->areas_m || !view->seen || !view->seen_m ||
        !view->commands || !view->draw_counts || !view->draw_offsets || !view->draw_firsts ||
        !view->edge_colours || !view->signal_states)
        return jw_fail_memory(error);
    return JW_OK;
}

static jw_result check_sizes(const jw_view *view, jw_error *error)
{
    GLint side = 0;
    glGetIntegerv(GL_MAX_TEXTURE_SIZE, &side);
    const mesh_light *light = &view->mesh->light;
    if (light->columns <= (uint32_t)side && light->rows <= (uint32_t)side)
        return JW_OK;
    return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                   "the light map is larger than this graphics driver's %d pixels: build the mesh with a "
                   "smaller light_size_px",
                   side);
}

static jw_result create_others(jw_view *view, jw_error *error)
{
    const jw_city *city = view->mesh->city;
    view->scene_buffer = jw_view_gl_buffer(GL_UNIFORM_BUFFER, NULL, sizeof(scene_block), GL_DYNAMIC_DRAW);
    view->edge_texture = create_buffer_texture(&view->edge_buffer, GL_RGBA8, 4 * (size_t)city->edge_count);
    view->signal_texture = create_buffer_texture(&view->signal_buffer, GL_R8UI, city->connection_count);
    jw_view_traffic_create(view);
    jw_view_closed_create(view);
    jw_view_arcs_create(&view->arcs, true);
    jw_view_arcs_create(&view->packets, false);
    create_pick_target(view);
    jw_result result = jw_view_earth_create(view, error);
    if (result == JW_OK)
        result = jw_view_props_create(view, error);
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    return result == JW_OK ? jw_view_gl_check("creating the view", error) : result;
}

static void free_copies(const jw_view *view)
{
    jw_view_mesh *mesh = view->mesh;
    if (!view->borrows_mesh) { /* the processor's copies are on the graphics card now */
        jw_free(mesh->vertices);
        jw_free(mesh->indices);
        mesh->vertices = NULL;
        mesh->indices = NULL;
    }
    jw_free(mesh->extent.share);
    mesh->extent.share = NULL;
}

/* One more program. */
static jw_result link_next(jw_view *view, bool *out_are_all, jw_error *error)
{
    bool wants_shadows = limits_of[view->wanted_tier].shadow_maps > 0;
    jw_result result = jw_view_shaders_link_next(view->kit, false, out_are_all, error);
    if (result == JW_OK && *out_are_all && wants_shadows &&
        jw_view_shaders_link_next(view->kit, true, out_are_all, NULL) != JW_OK)
        *out_are_all = true; /* the tier goes without */
    return result;
}

/* One step, some milliseconds long. */
static jw_result make_some(jw_view *view, jw_error *error)
{
    jw_result result = JW_OK;
    bool is_over = true;
    switch (view->making) {
    case MAKE_PROGRAMS:
        result = link_next(view, &is_over, error);
        break;
    case MAKE_MESHES:
        result = create_arrays(view, error);
        if (result == JW_OK)
            create_meshes(view);
        break;
    case MAKE_GROUND_LIGHT: /* some 50 MB of memory of a large city: a step each */
        result = check_sizes(view, error);
        if (result == JW_OK)
            create_ground_light(view);
        break;
    case MAKE_SHADOWS:
        create_shadows(view);
        break;
    case MAKE_LAMPS:
        create_lamps(view);
        break;
    case MAKE_OTHERS:
        result = create_others(view, error);
        break;
    case MAKE_UPLOADS:
        is_over = jw_view_upload_slice(view);
        if (is_over)
            free_copies(view);
        break;
    case MAKE_TIER:
        result = jw_view_shaders_use(view, false, error);
        if (result == JW_OK)
            jw_view_set_tier(view, view->wanted_tier);
        break;
    case IS_MADE:
        return JW_OK;
    }
    view->making += is_over;
    return result;
}

jw_result jw_view_continue(jw_view *view, double portion_ms, bool *out_is_done, jw_error *error)
{
    double end_s = jw_clock_seconds() + portion_ms * 1e-3;
    jw_result result = JW_OK;
    do
        result = make_some(view, error);
    while (result == JW_OK && view->making != IS_MADE && jw_clock_seconds() < end_s);
    *out_is_done = view->making == IS_MADE;
    return result;
}

jw_result jw_view_begin(jw_view_kit *kit, jw_view_mesh *mesh, jw_view_tier tier, jw_view **out,
                        jw_error *error)
{
    *out = NULL;
    jw_view *view = jw_alloc(sizeof *view);
    if (!view) {
        jw_view_mesh_destroy(mesh);
        return jw_fail_memory(error);
    }
    view->kit = kit;
    view->mesh = mesh;
    view->wanted_tier = tier;
    view->sampling = 1;
    view->has_indirect = GLEW_ARB_multi_draw_indirect && getenv("JINGWEI_INDIRECT") != NULL;
    view->watches_shaders = getenv("JINGWEI_WATCH_SHADERS") != NULL;
    *out = view;
    return JW_OK;
}

jw_result jw_view_create(jw_view_mesh *mesh, jw_view_tier tier, jw_view **out, jw_error *error)
{
    jw_view_kit *kit;
    *out = NULL;
    jw_result result = jw_view_kit_create(&kit, error);
    if (result != JW_OK) {
        jw_view_mesh_destroy(mesh);
        return result;
    }
    result = jw_view_begin(kit, mesh, tier, out, error);
    if (result != JW_OK) {
        jw_view_kit_destroy(kit);
        return result;
    }
    (*out)->has_own_kit = true;
    for (bool is_done = false; !is_done && result == JW_OK;)
        result = jw_view_continue(*out, 1000, &is_done, error);
    if (result != JW_OK) {
        jw_view_destroy(*out);
        *out = NULL;
    }
    return result;
}

void jw_view_destroy(jw_view *view)
{
    jw_view_mesh_destroy(jw_view_destroy_but_mesh(view));
}

jw_view_mesh *jw_view_destroy_but_mesh(jw_view *view)
{
    if (!view)
        return NULL;
    jw_view_mesh *mesh = view->mesh;
    jw_view_shadow_destroy(view);
    jw_view_occlusion_destroy(view);
    const GLuint buffers[] = {view->scene_buffer, view->vertex_buffer, view->index_buffer,  view->base_buffer,
                              view->edge_buffer,  view->signal_buffer, view->command_buffer};
    glDeleteBuffers(JW_COUNT_OF(buffers), buffers);
    const GLuint arrays[] = {view->lit_array, view->lane_array, view->base_array, view->empty_array};
    glDeleteVertexArrays(JW_COUNT_OF(arrays), arrays);
    const GLuint textures[] = {view->ground_texture, view->lamp_texture,   view->edge_texture,
                               view->signal_texture, view->raster_texture, view->extent_texture,
                               view->shadow_texture};
    glDeleteTextures(JW_COUNT_OF(textures), textures);
    glDeleteFramebuffers(1, &view->pick_framebuffer);
    jw_view_gl_target_free(&view->multi);
    jw_view_gl_target_free(&view->rehearsed);
    glDeleteRenderbuffers(2, view->pick_buffer);
    jw_view_traffic_destroy(view);
    jw_view_closed_destroy(view);
    jw_view_gl_stream_free(&view->arcs);
    jw_view_gl_stream_free(&view->packets);
    jw_view_props_destroy(view);
    jw_view_trees_destroy(view);
    jw_view_labels_destroy(view);
    jw_view_earth_destroy(view);
    jw_free(view->seen);
    jw_free(view->seen_m);
    jw_free(view->found);
    jw_free(view->found_m);
    jw_free(view->areas);
    jw_free(view->areas_m);
    jw_free(view->commands);
    jw_free(view->draw_counts);
    jw_free(view->draw_offsets);
    jw_free(view->draw_firsts);
    jw_free(view->edge_colours);
    jw_free(view->signal_states);
    jw_free(view->raster_pixels);
    if (view->borrows_mesh)
        glFinish();
    if (view->has_own_kit)
        jw_view_kit_destroy(view->kit);
    jw_free(view);
    return mesh;
}

/* ---- tiers ------------------------------------------------------------------------------------------- */

static void use_tier(jw_view *view, jw_view_tier tier)
{
    view->tier = tier;
    view->detail.stretch = 1;
    view->limits = limits_of[tier];
    jw_error error = {0};
    bool has_shadows = view->limits.shadow_maps > 0;
    if (jw_view_shaders_use(view, has_shadows, &error) != JW_OK) { /* the baked ones are there anyway */
        jw_log_line(JW_LOG_WARNING, "without shadow maps: %s", error.message);
        view->limits.shadow_maps = 0;
    }
    jw_view_shadow_create(view);
}

/* The meter over pictures of a typical place that nobody sees. */
static jw_view_tier measure_tier(jw_view *view)
{
    enum { WIDTH = 960, HEIGHT = 540 };
    jw_view_scene scene = {.rect = {0, 0, WIDTH, HEIGHT}, .hour = 12};
    scene.camera = jw_camera_fit(view->mesh->city->bounds, (double)WIDTH / HEIGHT);
    scene.camera.distance_m *= 0.4;
    uint8_t *pixels = jw_alloc(3 * WIDTH * HEIGHT);
    jw_view_meter meter;
    jw_view_meter_begin(&meter, jw_clock_seconds());
    use_tier(view, meter.tier);
    view->is_trial = true;
    while (pixels && !meter.is_done) {
        double begin_s = jw_clock_seconds();
        /* Drawn doubled in each direction: as many pixels as the window's. */
        if (jw_view_read_pixels(view, &scene, WIDTH / 2, HEIGHT / 2, pixels, NULL) != JW_OK)
            break;
        double now_s = jw_clock_seconds();
        if (jw_view_meter_take(&meter, now_s, (now_s - begin_s) * 1e3))
            use_tier(view, meter.tier);
    }
    view->is_trial = false;
    jw_free(pixels);
    return meter.tier;
}

void jw_view_set_tier(jw_view *view, jw_view_tier tier)
{
    use_tier(view, tier == JW_VIEW_AUTO ? measure_tier(view) : tier);
}

jw_view_tier jw_view_get_tier(const jw_view *view)
{
    return view->tier;
}

/* ---- drawing ----------------------------------------------------------------------------------------- */

/* A multisampled target of the rectangle's size, kept between frames. */
static bool use_multisampling(jw_view *view, int width_px, int height_px)
{
    GLint most = 0;
    glGetIntegerv(GL_MAX_SAMPLES, &most);
    int samples = view->limits.samples < most ? view->limits.samples : most;
    if (samples < 2)
        return false;
    return jw_view_gl_target_bind(&view->multi, width_px, height_px, samples);
}

jw_result jw_view_draw(jw_view *view, const jw_view_scene *scene, jw_error *error)
{
    jw_view_rect rect = scene->rect;
    double begin_s = jw_view_processor_s();
    view->counters = (jw_view_counters){0};
    jw_view_shaders_watch(view);
    if (rect.width_px <= 0 || rect.height_px <= 0)
        return JW_OK;
    int height_px =
        scene->framebuffer_height_px > 0 ? scene->framebuffer_height_px : rect.y_px + rect.height_px;
    int bottom_px = height_px - rect.y_px - rect.height_px;
    GLint bound;
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &bound);
    bool is_multi = use_multisampling(view, rect.width_px, rect.height_px);
    if (is_multi) {
        glViewport(0, 0, rect.width_px, rect.height_px);
    } else {
        glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
        glViewport(rect.x_px, bottom_px, rect.width_px, rect.height_px);
        glEnable(GL_SCISSOR_TEST); /* the clear stays inside too */
        glScissor(rect.x_px, bottom_px, rect.width_px, rect.height_px);
    }
    jw_result result = jw_view_draw_scene(view, scene, rect.width_px, rect.height_px, NULL, error);
    if (is_multi) {
        glBindFramebuffer(GL_READ_FRAMEBUFFER, view->multi.framebuffer);
        glBindFramebuffer(GL_DRAW_FRAMEBUFFER, (GLuint)bound);
        glBlitFramebuffer(0, 0, rect.width_px, rect.height_px, rect.x_px, bottom_px,
                          rect.x_px + rect.width_px, bottom_px + rect.height_px, GL_COLOR_BUFFER_BIT,
                          GL_NEAREST);
        glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
        glViewport(rect.x_px, bottom_px, rect.width_px, rect.height_px);
    }
    if (result == JW_OK)
        result = jw_view_gl_check("drawing", error);
    view->counters.cpu_ms = (jw_view_processor_s() - begin_s) * 1e3;
    return result;
}

jw_result jw_view_rehearse(jw_view *view, const jw_view_scene *scene, double portion_ms, bool *out_is_done,
                           jw_error *error)
{
    view->rehearsal.is_on = true;
    view->rehearsal.end_s = jw_clock_seconds() + portion_ms * 1e-3;
    view->rehearsal.drawn = 0;
    GLint bound;
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &bound);
    jw_view_rect rect = scene->rect;
    if (rect.width_px > 0 && rect.height_px > 0)
        jw_view_gl_target_bind(&view->rehearsed, rect.x_px + rect.width_px, rect.y_px + rect.height_px, 0);
    jw_result result = jw_view_draw(view, scene, error);
    glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
    view->rehearsal.is_on = false;
    *out_is_done = view->rehearsal.pass == JW_VIEW_PASSES || rect.width_px <= 0 || rect.height_px <= 0;
    if (*out_is_done)
        jw_view_gl_target_free(&view->rehearsed);
    return result;
}

jw_view_counters jw_view_get_counters(const jw_view *view)
{
    return view->counters;
}

bool jw_view_is_still(const jw_view *view)
{
    bool has_new_shadows = view->mesh->bake.is_running && atomic_load(&view->mesh->bake.is_done);
    return !view->detail.is_settling && !has_new_shadows && !jw_view_is_uploading(view) &&
           jw_view_names_are_settled(view) && jw_view_flat_is_still(view);
}
