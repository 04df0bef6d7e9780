/* A picture of a world at rest, with or without a display. */
#include "app/app.h"

#ifdef JW_HAS_VIEW
#include "view/view.h"

#include <stdlib.h>

jw_result app_save_picture(const app_world *world, const char *path, int width_px, int height_px,
                           jw_error *error)
{
    /* Without a display SDL's offscreen driver draws; a user's own choice of driver stands. */
    if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))
        setenv("SDL_VIDEODRIVER", "offscreen", 0);
    jw_view_window *window = NULL;
    jw_view_mesh *mesh = NULL;
    jw_view *view = NULL;
    jw_frame frame = {0};
    jw_result result = jw_twin_fill_frame(world->world, NULL, 0, &frame, error);
    if (result == JW_OK)
        result = jw_view_window_create(64, 64, "jingwei", true, &window, error);
    jw_view_mesh_def mesh_def = {.threads = world->def.threads};
    if (result == JW_OK)
        result = jw_view_mesh_build(world->def.city, &mesh_def, NULL, NULL, &mesh, error);
    if (result == JW_OK)
        result = jw_view_create(mesh, JW_VIEW_GPU, &view, error);
    jw_view_scene scene = {.frame_b = &frame, .blend = 1, .rect = {0, 0, width_px, height_px}};
    scene.camera = jw_camera_fit(world->def.city->bounds, (double)width_px / height_px);
    if (result == JW_OK)
        result = jw_view_save_png(view, &scene, width_px, height_px, path, error);
    jw_view_destroy(view);
    jw_view_window_destroy(window);
    jw_frame_free(&frame);
    return result;
}

#else

jw_result app_save_picture(const app_world *world, const char *path, int width_px, int height_px,
                           jw_error *error)
{
    (void)world;
    (void)width_px;
    (void)height_px;
    return jw_fail(error, JW_ERROR_UNSUPPORTED, path, 0, "this build draws no pictures (JW_VIEW=OFF)");
}

#endif
