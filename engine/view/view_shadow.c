/* Shadows drawn from the sun's side, sharper than the baked ones and of all that moves: the depth of what
 * stands nearest to the sun, in a few maps one behind the other along the sight. A map holds the sphere
 * around its part of the sight, so that turning the camera changes neither its size nor, in steps of whole
 * cells, where its cells lie: nothing swims. A map whose cells would be coarser than the baked light's is
 * left out, and beyond the last one the baked light goes on. */
#include "view/view_internal.h"

#include <string.h>

#define TALL_M      150.0 /* what stands nearer to the eye than the ground in sight */
#define LEAST_FAR_M 450.0
#define FAR_SHARE   2.5 /* of the camera's distance */
#define EVEN_SHARE  0.35
#define COARSEST    1.25 /* in cells of the baked light */

void jw_view_shadow_create(jw_view *view)
{
    uint32_t side_px = view->limits.shadow_side_px, maps = view->limits.shadow_maps;
    if (maps == 0 || (view->shadow.side_px == side_px && view->shadow.maps == maps))
        return;
    jw_view_shadow_destroy(view);
    glGenTextures(1, &view->shadow.texture);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, view->shadow.texture);
    /* 16 bits over twice a sphere's radius: 1 cm where it is 300 m. */
    glTexImage3D(GL_TEXTURE_2D_ARRAY, 0, GL_DEPTH_COMPONENT16, (GLsizei)side_px, (GLsizei)side_px,
                 (GLsizei)maps, 0, GL_DEPTH_COMPONENT, GL_UNSIGNED_SHORT, NULL);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_COMPARE_MODE, GL_COMPARE_REF_TO_TEXTURE);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_COMPARE_FUNC, GL_LEQUAL);
    GLint bound;
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &bound);
    glGenFramebuffers(1, &view->shadow.framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, view->shadow.framebuffer);
    glFramebufferTextureLayer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, view->shadow.texture, 0, 0);
    glDrawBuffer(GL_NONE);
    glReadBuffer(GL_NONE);
    glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
    view->shadow.side_px = side_px;
    view->shadow.maps = maps;
}

void jw_view_shadow_destroy(jw_view *view)
{
    glDeleteTextures(1, &view->shadow.texture);
    glDeleteFramebuffers(1, &view->shadow.framebuffer);
    memset(&view->shadow, 0, sizeof view->shadow);
}

/* The part of the sight where there is something to see: its depths along the middle ray. */
static void find_depths(const jw_camera *camera, double fov_rad, double eye_z_m, double *out_near_m,
                        double *out_far_m)
{
    double half = fov_rad / 2, low = camera->pitch_rad + half, high = camera->pitch_rad - half;
    double near_m = 0, far_m = jw_max(LEAST_FAR_M, FAR_SHARE * camera->distance_m);
    if (low > 0.02) /* else not even the lowest ray comes down to what is tall */
        near_m = (eye_z_m - TALL_M) * jw_cos(half) / jw_sin(jw_min(low, JW_PI / 2));
    if (high > 0.02)
        far_m = jw_min(far_m, eye_z_m * jw_cos(half) / jw_sin(high));
    *out_near_m = jw_max(near_m, 0.01 * far_m);
    *out_far_m = jw_max(far_m, 1.5 * *out_near_m);
}

/* One map: from the middle of a sphere and its radius to the matrix, -1 to 1 on all sides. Towards the sun
 * nothing ends: what stands beyond is drawn at the near side (depth clamp). */
static void place_map(const float sun[3], const vec3 middle, float radius_m, uint32_t side_px, mat4 out)
{
    vec3 towards = {sun[0], sun[1], sun[2]}, right = {-sun[1], sun[0], 0}, up;
    if (glm_vec3_norm(right) < 1e-4f)
        right[0] = 1;
    glm_vec3_normalize(right);
    glm_vec3_cross(towards, right, up);
    float cell_m = 2 * radius_m / (float)side_px;
    float x = (float)jw_round((double)(glm_vec3_dot(right, (float *)middle) / cell_m)) * cell_m;
    float y = (float)jw_round((double)(glm_vec3_dot(up, (float *)middle) / cell_m)) * cell_m;
    float z = glm_vec3_dot(towards, (float *)middle);
    for (int i = 0; i < 3; i++) {
        out[i][0] = right[i] / radius_m;
        out[i][1] = up[i] / radius_m;
        out[i][2] = -towards[i] / radius_m;
        out[i][3] = 0;
    }
    out[3][0] = -x / radius_m, out[3][1] = -y / radius_m, out[3][2] = z / radius_m, out[3][3] = 1;
}

void jw_view_shadow_fit(jw_view *view, const jw_view_scene *scene, double fov_rad, scene_block *block)
{
    view->shadow.count = 0;
    bool is_dark = block->sun_colour[0] + block->sun_colour[1] < 0.25f;
    if (view->limits.shadow_maps == 0 || view->shadow.texture == 0 || is_dark)
        return;
    const jw_camera *camera = &scene->camera;
    double near_m, far_m, half = jw_tan(fov_rad / 2), cp = jw_cos(camera->pitch_rad);
    find_depths(camera, fov_rad, (double)view->eye[2], &near_m, &far_m);
    double wide2 = half * half * (1 + (double)view->aspect * (double)view->aspect);
    const double forward[3] = {jw_cos(camera->heading_rad) * cp, jw_sin(camera->heading_rad) * cp,
                               -jw_sin(camera->pitch_rad)};
    double begin_m = near_m, maps = view->shadow.maps;
    for (uint32_t k = 0; k < view->shadow.maps; k++) {
        double t = (k + 1) / maps;
        double end_m = EVEN_SHARE * (near_m + (far_m - near_m) * t) +
                       (1 - EVEN_SHARE) * near_m * jw_pow(far_m / near_m, t);
        double at_m = jw_min(end_m, (begin_m + end_m) / 2 * (1 + wide2));
        double radius_m = jw_sqrt((end_m - at_m) * (end_m - at_m) + end_m * end_m * wide2);
        /* Coarse steps: a slow zoom keeps the cells where they are most of the time. */
        radius_m = jw_pow(1.05, jw_ceil(jw_log(radius_m) / jw_log(1.05)));
        double cell_m = 2 * radius_m / view->shadow.side_px;
        if (cell_m > COARSEST * view->mesh->light.cell_m)
            break;
        vec3 middle;
        for (int i = 0; i < 3; i++)
            middle[i] = view->eye[i] + (float)(forward[i] * at_m);
        place_map(block->sun, middle, (float)radius_m, view->shadow.side_px, view->shadow.matrices[k]);
        mat4 to_texture = {{0.5f, 0, 0, 0}, {0, 0.5f, 0, 0}, {0, 0, 0.5f, 0}, {0.5f, 0.5f, 0.5f, 1}}, whole;
        glm_mat4_mul(to_texture, view->shadow.matrices[k], whole);
        memcpy(block->shadow_matrices[k], whole, sizeof whole);
        block->shadow_cells[k] = (float)cell_m;
        view->shadow.count = k + 1;
        begin_m = end_m;
    }
    block->shadow_cells[3] = (float)view->shadow.count;
}

/* Buildings, bridges, trees, vehicles and equipment of one map. */
static void cast(jw_view *view, bool has_trees)
{
    static const prop_shape shapes[] = {PROP_CAR,       PROP_TRUCK, PROP_BUS,    PROP_SHUTTLE,
                                        PROP_EMERGENCY, PROP_BIKE,  PROP_WALKER, PROP_BOX_CAR,
                                        PROP_CUBE,      PROP_MAST,  PROP_STOP};
    jw_view_find_seen(view);
    glBindVertexArray(view->lit_array);
    static const mesh_layer layers[] = {LAYER_HOUSE, LAYER_BOX, LAYER_BRIDGE, LAYER_SIGNAL};
    float fade_share = view->fade_share;
    view->fade_share = 0; /* one form of each: a box would shade the court of its own house */
    for (uint32_t i = 0; i < JW_COUNT_OF(layers); i++)
        jw_view_draw_layer(view, layers[i], PROGRAM_PICK, PROGRAM_PICK);
    view->fade_share = fade_share;
    if (has_trees)
        jw_view_trees_cast(view);
    for (uint32_t i = 0; i < JW_COUNT_OF(shapes); i++)
        jw_view_props_draw(view, shapes[i], true);
}

void jw_view_shadow_draw(jw_view *view, const jw_view_scene *scene)
{
    if (view->shadow.count == 0)
        return;
    GLint bound, viewport[4];
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &bound);
    glGetIntegerv(GL_VIEWPORT, viewport);
    GLboolean has_scissor = glIsEnabled(GL_SCISSOR_TEST);
    vec4 planes[6];
    memcpy(planes, view->planes, sizeof planes);
    glBindFramebuffer(GL_FRAMEBUFFER, view->shadow.framebuffer);
    glViewport(0, 0, (GLsizei)view->shadow.side_px, (GLsizei)view->shadow.side_px);
    glDisable(GL_SCISSOR_TEST);
    glEnable(GL_DEPTH_CLAMP);
    glEnable(GL_POLYGON_OFFSET_FILL);
    glPolygonOffset(1.5f, 2.0f);
    for (uint32_t k = 0; k < view->shadow.count; k++) {
        glFramebufferTextureLayer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, view->shadow.texture, 0, (GLint)k);
        glClear(GL_DEPTH_BUFFER_BIT);
        glBindBuffer(GL_UNIFORM_BUFFER, view->scene_buffer);
        glBufferSubData(GL_UNIFORM_BUFFER, 0, sizeof(mat4), view->shadow.matrices[k]);
        glm_frustum_planes(view->shadow.matrices[k], view->planes);
        cast(view, jw_view_shows_trees(view, scene));
    }
    glDisable(GL_POLYGON_OFFSET_FILL);
    glDisable(GL_DEPTH_CLAMP);
    glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
    glViewport(viewport[0], viewport[1], viewport[2], viewport[3]);
    (has_scissor ? glEnable : glDisable)(GL_SCISSOR_TEST);
    glBufferSubData(GL_UNIFORM_BUFFER, 0, sizeof(mat4), view->view_projection);
    memcpy(view->planes, planes, sizeof planes);
    jw_view_find_seen(view);
}
