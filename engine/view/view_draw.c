/* One picture: what is in sight; then buildings with depth, the ground under them from the uppermost layer
 * down, what stands and moves on it, and what glows. */
#include "view/view_internal.h"

#include <math.h>
#include <string.h>

void jw_view_draw_matrices(const jw_camera *camera, double origin_x_m, double origin_y_m, double aspect,
                           mat4 out, vec3 out_eye)
{
    double ch = jw_cos(camera->heading_rad), sh = jw_sin(camera->heading_rad);
    double cp = jw_cos(camera->pitch_rad), sp = jw_sin(camera->pitch_rad);
    vec3 target = {(float)(camera->x_m - origin_x_m), (float)(camera->y_m - origin_y_m), (float)camera->z_m};
    vec3 forward = {(float)(ch * cp), (float)(sh * cp), (float)-sp},
         up = {(float)(ch * sp), (float)(sh * sp), (float)cp};
    for (int i = 0; i < 3; i++)
        out_eye[i] = target[i] - forward[i] * (float)camera->distance_m;
    mat4 look, projection;
    glm_look(out_eye, forward, up, look);
    float near_m = glm_max(out_eye[2] * 0.08f, 0.7f);
    float far_m = 90000.0f + 4 * (float)camera->distance_m;
    float fov = camera->fov_rad > 0.05 && camera->fov_rad < 2.5 ? (float)camera->fov_rad : 0.6f;
    glm_perspective(fov, (float)aspect, near_m, far_m, projection);
    glm_mat4_mul(projection, look, out);
}

bool jw_view_is_visible(const jw_view *view, float x, float y, float z, float radius_m)
{
    for (int i = 0; i < 4; i++) { /* the sides; nothing is cut by near or far */
        const float *p = view->planes[i];
        if (p[0] * x + p[1] * y + p[2] * z + p[3] < -radius_m)
            return false;
    }
    return true;
}

bool jw_view_is_box_visible(const jw_view *view, const float box[4], float max_z)
{
    for (int i = 0; i < 4; i++) {
        const float *p = view->planes[i];
        float x = p[0] > 0 ? box[2] : box[0], y = p[1] > 0 ? box[3] : box[1], z = p[2] > 0 ? max_z : 0;
        if (p[0] * x + p[1] * y + p[2] * z + p[3] < 0)
            return false;
    }
    return box[0] <= box[2];
}

#define FADE_SHARE 0.15f /* of a distance: so far before it one form begins to give way to another */

static double hour_of(const jw_view_scene *scene)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    if (scene->hour > 0)
        return scene->hour;
    return frame ? jw_s_from_ns(frame->time_ns) / 3600.0 : 12.0;
}

static void find_sun(const jw_view *view, const jw_view_scene *scene, double out[3])
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    const jw_city *city = view->mesh->city;
    double day = frame && frame->day_of_year ? frame->day_of_year : JW_MID_APRIL;
    if (frame)
        day += jw_floor(jw_s_from_ns(frame->time_ns) / 86400.0);
    jw_view_sun_at(city->origin_lon_deg, city->origin_lat_deg, day, hour_of(scene), out);
}

static uint32_t selected_id(const jw_pick *selection)
{
    switch (selection->kind) {
    case JW_PICK_BUILDING:
    case JW_PICK_EDGE:
    case JW_PICK_JUNCTION:
        return (uint32_t)selection->kind << ID_KIND_SHIFT | (selection->index & ID_INDEX_MASK);
    default:
        return 0;
    }
}

/* Scales and shifts clip space to a part of the picture. */
static void zoom_to(jw_view *view, const float part[4])
{
    mat4 zoom = GLM_MAT4_IDENTITY_INIT, whole;
    zoom[0][0] = part[2], zoom[1][1] = part[3];
    zoom[3][0] = -part[0] * part[2], zoom[3][1] = -part[1] * part[3];
    glm_mat4_copy(view->view_projection, whole);
    glm_mat4_mul(zoom, whole, view->view_projection);
}

/* Of the frame; not under an overlay: it would hide what that shows. */
static void add_weather(jw_view *view, const jw_view_scene *scene, scene_block *block)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    double share = 1 - (double)view->flat;
    view->is_overcast = false;
    view->rain_mm_per_h = 0;
    if (!frame || share <= 0 || (frame->rain_mm_per_h <= 0 && frame->visibility_m <= 0))
        return;
    double cover = jw_view_sky_weather(share * (double)frame->rain_mm_per_h,
                                       (double)frame->visibility_m / share, (double)view->eye[2], block);
    view->is_overcast = cover > 0.5;
    view->rain_mm_per_h = (float)share * frame->rain_mm_per_h;
}

/* Matrices, planes and the uniform block. crop: the part of the picture to see, for picking. */
static void prepare_scene(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                          const float crop[4])
{
    const jw_view_mesh *mesh = view->mesh;
    mat4 full;
    jw_view_draw_matrices(&scene->camera, mesh->origin_x_m, mesh->origin_y_m, (double)width_px / height_px,
                          full, view->eye);
    glm_mat4_copy(full, view->view_projection);
    if (crop)
        zoom_to(view, crop);
    glm_frustum_planes(view->view_projection, view->planes);
    double fov = scene->camera.fov_rad > 0.05 && scene->camera.fov_rad < 2.5 ? scene->camera.fov_rad : 0.6;
    view->aspect = (float)width_px / (float)height_px;
    view->has_street_data = jw_view_overlay_info(scene->overlay)->kind == JW_OVERLAY_OF_EDGES;
    view->fade_share = scene->reduces_motion ? 0 : FADE_SHARE;
    view->pixels_per_m = (float)(height_px / (2 * jw_tan(fov / 2)));
    scene_block block = {0};
    double sun[3], lamp[3];
    find_sun(view, scene, sun);
    jw_view_lamp_of(sun, lamp);
    jw_view_sky_light(hour_of(scene), sun, &block);
    add_weather(view, scene, &block);
    for (int i = 0; i < 3; i++)
        block.sun[i] = (float)lamp[i];
    view->night = block.sky_colour[3];
    memcpy(block.view_projection, view->view_projection, sizeof block.view_projection);
    memcpy(block.eye, view->eye, sizeof(vec3));
    block.eye[3] = scene->reduces_motion ? 0 : (float)jw_fmod(scene->animation_s, 3600);
    block.sun[3] = view->pixels_per_m;
    block.haze[3] = (float)(1.0 / jw_max(9000, 3.2 * scene->camera.distance_m));
    block.zenith[3] = 0.82f * view->flat;
    block.scenery[0] = view->flat;
    GLint samples; /* of what is drawn into: saved pictures have none */
    glGetIntegerv(GL_SAMPLES, &samples);
    block.scenery[3] = (float)samples;
    const mesh_light *light = &mesh->light;
    block.light_map[0] = (float)(light->min_x_m - mesh->origin_x_m);
    block.light_map[1] = (float)(light->min_y_m - mesh->origin_y_m);
    block.light_map[2] = (float)(1 / (light->cell_m * light->columns));
    block.light_map[3] = (float)(1 / (light->cell_m * light->rows));
    block.selected[0] = selected_id(&scene->selection);
    block.selected[1] = view->has_street_data;
    jw_view_overlay_block(scene, &block);
    block.windows[2] = view->sampling;
    block.windows[3] = (float)(1.6 * light->cell_m);
    memcpy(block.raster_map, view->raster_map, sizeof block.raster_map);
    memcpy(view->haze, block.haze, sizeof view->haze);
    if (!crop)
        jw_view_shadow_fit(view, scene, fov, &block);
    glBindBuffer(GL_UNIFORM_BUFFER, view->scene_buffer);
    glBufferSubData(GL_UNIFORM_BUFFER, 0, sizeof block, &block);
    glBindBufferBase(GL_UNIFORM_BUFFER, 0, view->scene_buffer);
}

static void bind_textures(const jw_view *view)
{
    const struct {
        GLenum target;
        GLuint texture;
    } units[] = {{GL_TEXTURE_2D, view->ground_texture},   {GL_TEXTURE_2D, view->lamp_texture},
                 {GL_TEXTURE_BUFFER, view->edge_texture}, {GL_TEXTURE_BUFFER, view->signal_texture},
                 {GL_TEXTURE_2D, view->raster_texture},   {GL_TEXTURE_2D, view->extent_texture},
                 {GL_TEXTURE_2D, view->shadow_texture},   {GL_TEXTURE_2D_ARRAY, view->shadow.texture}};
    for (GLenum i = 0; i < JW_COUNT_OF(units); i++) {
        glActiveTexture(GL_TEXTURE0 + i);
        glBindTexture(units[i].target, units[i].texture);
    }
}

/* What is seen at a pixel, in the stencil buffer: bits for what was painted and for the ground. */
enum {
    ON_NOTHING,
    GROUND = 4,
    PAINTED = 8,
    ON_BUILDING = PAINTED,
    ON_WATER = PAINTED | GROUND,
    ON_LAND,
    ON_STREET,
    ALL_BITS = 0xFF
};

/* Draws only where nothing was drawn before; and marks it. */
static void paint_as(GLint what)
{
    glStencilFunc(GL_NOTEQUAL, what, PAINTED);
    glStencilOp(GL_KEEP, GL_KEEP, GL_REPLACE);
}

static void paint_only_on(GLint what, GLuint bits)
{
    glStencilFunc(GL_EQUAL, what, bits);
    glStencilOp(GL_KEEP, GL_KEEP, GL_KEEP);
}

static void draw_sky(jw_view *view, const jw_view_scene *scene)
{
    paint_only_on(ON_NOTHING, ALL_BITS);
    double fov = scene->camera.fov_rad > 0.05 && scene->camera.fov_rad < 2.5 ? scene->camera.fov_rad : 0.6;
    double half = jw_tan(fov / 2), pitch = scene->camera.pitch_rad;
    double horizon = jw_tan(pitch) / half, zenith = jw_tan(jw_min(pitch + 0.55, 1.5)) / half;
    if (horizon > 1)
        return;
    horizon = (horizon - (double)view->part[1]) * (double)view->part[3];
    zenith = (zenith - (double)view->part[1]) * (double)view->part[3];
    glUseProgram(view->programs[PROGRAM_SKY]);
    glUniform4f(view->horizon_uniform, (float)horizon, (float)zenith, 0, 0);
    double sun[3];
    find_sun(view, scene, sun);
    vec4 place, ray = {(float)sun[0], (float)sun[1], (float)sun[2], 0};
    glm_mat4_mulv(view->view_projection, ray, place);
    bool is_seen = place[3] > 0 && sun[2] > -0.02 && !view->is_overcast;
    /* Twice its true size of half a degree, as painters have it. */
    glUniform4f(view->sun_uniform, is_seen ? place[0] / place[3] : 0, is_seen ? place[1] / place[3] : 0,
                view->aspect * view->part[3] / view->part[2],
                is_seen ? (float)(0.0093 / half) * view->part[3] : 0);
    glBindVertexArray(view->empty_array);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    view->counters.draw_calls++;
}

/* Flat things from the uppermost down, each pixel once: the stencil buffer keeps what came first. No depth,
 * so nothing can flicker, and a processor shades no pixel that is painted over later. */
static void draw_ground(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    int night = view->night > 0.02f;
    glBindVertexArray(view->lane_array);
    paint_as(ON_STREET);
    static const mesh_layer streets[] = {LAYER_ROAD_MAJOR, LAYER_ROAD_MAJOR_FAR, LAYER_ROAD_COUNTRY,
                                         LAYER_ROAD_MINOR, LAYER_ROAD_MINOR_FAR, LAYER_ROAD_SIDE};
    for (uint32_t i = 0; i < JW_COUNT_OF(streets); i++)
        jw_view_draw_layer(view, streets[i], PROGRAM_ROAD + night, PROGRAM_ROAD_FADE + night);
    paint_as(ON_LAND);
    jw_view_draw_layer(view, LAYER_RAIL, PROGRAM_ROAD + night, PROGRAM_ROAD_FADE + night);
    jw_view_draw_layer(view, LAYER_PAVEMENT, PROGRAM_GROUND + night, PROGRAM_GROUND_FADE + night);
    jw_view_draw_layer(view, LAYER_PATH, PROGRAM_GROUND + night, PROGRAM_GROUND_FADE + night);
    for (int rank = AREA_RANKS - 1; rank >= 0; rank--) {
        bool is_water = rank == WATER_RANK;
        paint_as(is_water ? ON_WATER : ON_LAND);
        for (int form = LAYER_AREA; form < LAYER_PATH; form += AREA_RANKS)
            jw_view_draw_layer(view, form + rank, (is_water ? PROGRAM_WATER : PROGRAM_GROUND) + night,
                               (is_water ? PROGRAM_WATER_FADE : PROGRAM_GROUND_FADE) + night);
    }
    paint_as(ON_LAND);
    glUseProgram(view->programs[PROGRAM_BASE + night]);
    const mesh_extent *extent = &view->mesh->extent;
    glUniform4f(view->base_uniforms[night], (float)(extent->min_x_m - view->mesh->origin_x_m),
                (float)(extent->min_y_m - view->mesh->origin_y_m),
                (float)(1 / (extent->cell_m * extent->columns)),
                (float)(1 / (extent->cell_m * extent->rows)));
    glBindVertexArray(view->base_array);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    view->counters.draw_calls++;
}

static void draw_cloth(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    paint_only_on(GROUND, GROUND);
    jw_view_raster_draw(view);
}

static void draw_country(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    paint_only_on(GROUND, GROUND);
    jw_view_earth_draw(view);
}

static void draw_markings(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    glBindVertexArray(view->lane_array);
    paint_only_on(GROUND, GROUND);
    jw_view_draw_layer(view, LAYER_TUNNEL, PROGRAM_MARKING, PROGRAM_MARKING_FADE);
    paint_only_on(ON_STREET, ALL_BITS);
    jw_view_draw_layer(view, LAYER_MARKING, PROGRAM_MARKING, PROGRAM_MARKING_FADE);
}

static void draw_buildings(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    int night = view->night > 0.02f;
    glStencilFunc(GL_ALWAYS, ON_BUILDING, ALL_BITS);
    glStencilOp(GL_KEEP, GL_KEEP, GL_REPLACE);
    glBindVertexArray(view->lit_array);
    jw_view_draw_layer(view, LAYER_HOUSE, PROGRAM_BUILDING + night, PROGRAM_BUILDING_FADE + night);
    uint32_t boxes =
        jw_view_draw_layer(view, LAYER_BOX, PROGRAM_BUILDING + night, PROGRAM_BUILDING_FADE + night);
    view->counters.buildings_drawn = boxes / 30 + jw_view_count_houses(view);
    glBindVertexArray(view->lane_array);
    glStencilFunc(GL_ALWAYS, ON_WATER, ALL_BITS); /* the overlay's cloth lies on bridges too */
    jw_view_draw_layer(view, LAYER_BRIDGE, PROGRAM_ROAD + night, PROGRAM_ROAD_FADE + night);
}

static void draw_shadows(jw_view *view, const jw_view_scene *scene)
{
    uint32_t before = view->counters.triangles;
    jw_view_shadow_draw(view, scene);
    view->shadow_triangles = view->counters.triangles - before;
}

static void draw_occlusion(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    jw_view_occlusion_draw(view);
}

static void draw_closed(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    jw_view_closed_draw(view);
}

static void draw_trees(jw_view *view, const jw_view_scene *scene)
{
    uint32_t before = view->counters.triangles;
    if (jw_view_shows_trees(view, scene))
        jw_view_trees_draw(view);
    view->tree_triangles = view->counters.triangles - before;
}

static void draw_signals(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    glBindVertexArray(view->lit_array);
    jw_view_draw_layer(view, LAYER_SIGNAL, PROGRAM_SIGNAL, PROGRAM_SIGNAL_FADE);
}

static void draw_traffic(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    uint32_t before = view->counters.triangles;
    jw_view_traffic_draw(view, false);
    view->vehicle_triangles = view->counters.triangles - before;
}

static void draw_assets(jw_view *view, const jw_view_scene *scene)
{
    jw_view_assets_draw(view, scene, false);
}

static void draw_flows(jw_view *view, const jw_view_scene *scene)
{
    jw_view_assets_draw_flows(view, scene, false);
}

/* Streaks around the eye, more where it rains harder; standing still where nothing is to move. */
static void draw_rain(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    if (!(view->rain_mm_per_h > 0))
        return;
    glUseProgram(view->programs[PROGRAM_RAIN]);
    glBindVertexArray(view->empty_array);
    glDrawArrays(GL_LINES, 0, 2 * (GLsizei)fminf(500 + 150 * view->rain_mm_per_h, 2500));
    view->counters.draw_calls++;
}

static void draw_names(jw_view *view, const jw_view_scene *scene)
{
    (void)scene;
    jw_view_labels_draw(view);
}

/* A picture is these, one after the other. Shadows have maps of their own, where the tier has them; all
 * others draw into the same target. Buildings come first with depth, then the ground under them where nothing
 * is yet, where the tier has it contact shading of both, then what stands and moves on it, and what glows. */
static const struct frame_pass {
    const char *name;
    void (*draw)(jw_view *view, const jw_view_scene *scene);
    bool has_depth, has_stencil, has_blend, is_two_sided;
} passes[] = {
    {"shadows", draw_shadows, true, false, false, true},
    {"buildings", draw_buildings, true, true, false, false},
    {"ground", draw_ground, false, true, false, false},
    {"sky", draw_sky, false, true, false, false},
    {"occlusion", draw_occlusion, false, false, true, true},
    {"overlay", draw_cloth, false, true, true, false},
    {"country", draw_country, false, true, true, true},
    {"markings", draw_markings, false, true, true, false},
    {"closures", draw_closed, true, false, true, true},
    {"trees", draw_trees, true, false, false, false},
    {"signals", draw_signals, true, false, true, true},
    {"traffic", draw_traffic, true, false, true, false},
    {"equipment", draw_assets, true, false, true, false},
    {"fibre", draw_flows, true, false, false, false},
    {"rain", draw_rain, true, false, true, true},
    {"names", draw_names, false, false, true, true},
};
_Static_assert(JW_COUNT_OF(passes) == JW_VIEW_PASSES, "as the counters have room for");

static void set_state(GLenum what, bool is_on)
{
    (is_on ? glEnable : glDisable)(what);
}

/* One of a rehearsal was drawn, or some of its layers were; true when its time is over. */
static bool ends_portion(jw_view *view, uint32_t pass)
{
    if (view->rehearsal.is_cut)
        return true;
    view->rehearsal.pass = pass + 1;
    memset(view->rehearsal.layers, 0, sizeof view->rehearsal.layers);
    view->rehearsal.drawn++;
    return jw_clock_seconds() > view->rehearsal.end_s;
}

static void draw_passes(jw_view *view, const jw_view_scene *scene)
{
    double begin_s = jw_view_processor_s();
    view->rehearsal.is_cut = false;
    for (uint32_t i = view->rehearsal.is_on ? view->rehearsal.pass : 0; i < JW_VIEW_PASSES; i++) {
        set_state(GL_DEPTH_TEST, passes[i].has_depth);
        set_state(GL_STENCIL_TEST, passes[i].has_stencil);
        set_state(GL_BLEND, passes[i].has_blend);
        set_state(GL_CULL_FACE, !passes[i].is_two_sided);
        passes[i].draw(view, scene);
        double now_s = jw_view_processor_s();
        view->counters.pass_ms[i] = (now_s - begin_s) * 1e3;
        begin_s = now_s;
        if (view->rehearsal.is_on && ends_portion(view, i))
            break;
    }
    glDisable(GL_STENCIL_TEST);
}

const char *jw_view_pass_name(uint32_t pass)
{
    return pass < JW_VIEW_PASSES ? passes[pass].name : "";
}

static jw_result prepare_frame(jw_view *view, const jw_view_scene *scene, jw_error *error)
{
    for (int shape = 0; shape < PROP_SHAPE_COUNT; shape++)
        view->props[shape].count = 0;
    jw_result result = jw_view_traffic_prepare(view, scene, error);
    if (result == JW_OK && !view->is_picking)
        result = jw_view_trees_prepare(view, scene, error);
    if (result == JW_OK && !view->is_picking)
        result = jw_view_closed_prepare(view, scene, error);
    if (result == JW_OK)
        result = jw_view_assets_prepare(view, scene, error);
    if (result != JW_OK)
        return result;
    for (int shape = 0; shape < PROP_SHAPE_COUNT; shape++)
        jw_view_gl_stream_upload(&view->props[shape], sizeof(prop_instance));
    jw_view_gl_stream_upload(&view->arcs, sizeof(arc_instance));
    jw_view_gl_stream_upload(&view->packets, sizeof(arc_instance));
    jw_view_traffic_colour_edges(view, scene);
    jw_view_traffic_signals(view, scene);
    return JW_OK;
}

static void leave_defaults(void)
{
    glDisable(GL_BLEND);
    glDisable(GL_CULL_FACE);
    glDisable(GL_DEPTH_TEST);
    glDisable(GL_SCISSOR_TEST);
    glBlendFunc(GL_ONE, GL_ZERO);
    glBindVertexArray(0);
    glUseProgram(0);
    glActiveTexture(GL_TEXTURE0);
    glBindBuffer(GL_ARRAY_BUFFER, 0);
}

jw_result jw_view_draw_scene(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                             const float part[4], jw_error *error)
{
    static const float whole[4] = {0, 0, 1, 1};
    double sun[3], lamp[3];
    jw_view_shaders_refresh(view);
    find_sun(view, scene, sun);
    jw_view_lamp_of(sun, lamp);
    jw_result result = JW_OK;
    if (!view->is_trial)
        result = jw_view_shade_follow(view, lamp, view->is_single || !view->was_drawn, error);
    view->was_drawn = view->was_drawn || !view->is_trial;
    if (result == JW_OK)
        result = jw_view_raster_prepare(view, scene, error);
    double begin_s = jw_view_processor_s();
    jw_view_flat_follow(view, scene);
    prepare_scene(view, scene, width_px, height_px, NULL);
    jw_view_find_seen(view);
    jw_view_fit_budget(view);
    if (result == JW_OK)
        result = prepare_frame(view, scene, error);
    if (result == JW_OK)
        result = jw_view_labels_prepare(view, scene, width_px, height_px, error);
    view->counters.prepare_ms = (jw_view_processor_s() - begin_s) * 1e3;
    if (result != JW_OK)
        return result;
    /* Only now: a part is drawn with what the whole picture is made of, so that parts fit together. */
    memcpy(view->part, part ? part : whole, sizeof view->part);
    if (part) {
        zoom_to(view, part);
        glBindBuffer(GL_UNIFORM_BUFFER, view->scene_buffer);
        glBufferSubData(GL_UNIFORM_BUFFER, 0, sizeof(mat4), view->view_projection);
    }
    bind_textures(view);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    glClearColor(view->haze[0], view->haze[1], view->haze[2], 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
    draw_passes(view, scene);
    if (!view->is_single && !view->rehearsal.is_on)
        view->detail.other_triangles = view->counters.triangles - view->detail.static_triangles -
                                       view->shadow_triangles - view->tree_triangles -
                                       view->vehicle_triangles;
    leave_defaults();
    return JW_OK;
}

/* The same things as ids into the 5 x 5 picking buffer, which must be bound. Streets first without depth,
 * like the picture; what the last picture left out for its distance is left out here too. */
void jw_view_draw_ids(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                      const float crop[4])
{
    jw_view_counters kept = view->counters;
    jw_view_shaders_refresh(view);
    prepare_scene(view, scene, width_px, height_px, crop);
    jw_view_find_seen(view);
    jw_error ignored = {0};
    view->is_picking = true;
    jw_result result = prepare_frame(view, scene, &ignored);
    view->is_picking = false;
    if (result != JW_OK)
        return;
    glEnable(GL_CULL_FACE);
    glClearColor(0, 0, 0, 0);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glBindVertexArray(view->lit_array);
    static const mesh_layer flat[] = {LAYER_ROAD_SIDE,  LAYER_ROAD_COUNTRY,   LAYER_ROAD_MINOR_FAR,
                                      LAYER_ROAD_MINOR, LAYER_ROAD_MAJOR_FAR, LAYER_ROAD_MAJOR},
                            standing[] = {LAYER_BRIDGE, LAYER_BOX, LAYER_HOUSE};
    for (uint32_t i = 0; i < JW_COUNT_OF(flat); i++)
        jw_view_draw_layer(view, flat[i], PROGRAM_PICK, PROGRAM_PICK);
    glEnable(GL_DEPTH_TEST);
    for (uint32_t i = 0; i < JW_COUNT_OF(standing); i++)
        jw_view_draw_layer(view, standing[i], PROGRAM_PICK, PROGRAM_PICK);
    jw_view_traffic_draw(view, true);
    jw_view_assets_draw(view, scene, true);
    jw_view_assets_draw_flows(view, scene, true);
    leave_defaults();
    view->counters = kept;
}
