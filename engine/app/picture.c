/* A picture of a world at rest, with or without a display. */
#include "app/app.h"

#ifdef JW_HAS_VIEW
#include "view/view.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A hidden window with GL. Without a display SDL's offscreen driver draws; a user's own choice of driver
 * stands.
 */
static jw_result open_hidden(jw_view_window **out, jw_error *error)
{
    if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))
        setenv("SDL_VIDEODRIVER", "offscreen", 0);
    return jw_view_window_create(64, 64, "jingwei", true, out, error);
}

jw_result app_check_picture(const char *path, jw_error *error)
{
    char folder[1024];
    jw_path_directory(path, folder, sizeof folder);
    if (jw_is_directory(path))
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "is a directory: name a file for the picture");
    if (access(folder, W_OK) != 0)
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "no picture can be written into the folder %s",
                       folder);
    jw_view_window *window = NULL;
    jw_result result = open_hidden(&window, error);
    jw_view_window_destroy(window);
    return result;
}

jw_result app_save_picture(const app_world *world, const char *path, int width_px, int height_px,
                           jw_error *error)
{
    jw_view_window *window = NULL;
    jw_view_mesh *mesh = NULL;
    jw_view *view = NULL;
    jw_frame frame = {0};
    jw_result result = jw_twin_fill_frame(world->world, NULL, 0, &frame, error);
    if (result == JW_OK)
        result = open_hidden(&window, error);
    jw_view_mesh_def mesh_def = {.threads = world->def.threads};
    if (result == JW_OK)
        result = jw_view_mesh_build(world->def.city, &mesh_def, NULL, NULL, &mesh, error);
    if (result == JW_OK)
        result = jw_view_create(mesh, JW_VIEW_GPU, &view, error);
    int face;
    const char *font = jw_view_find_font(&face);
    if (result == JW_OK && font)
        result = jw_view_set_font(view, font, face, error);
    jw_view_scene scene = {.frame_b = &frame,
                           .blend = 1,
                           .rect = {0, 0, width_px, height_px},
                           .language = strcmp(app_language(), "zh") == 0 ? JW_LANGUAGE_ZH : JW_LANGUAGE_EN};
    scene.camera = jw_camera_fit_roads(world->def.city, (double)width_px / height_px);
    if (result == JW_OK)
        result = jw_view_save_png(view, &scene, width_px, height_px, path, error);
    jw_view_destroy(view);
    jw_view_window_destroy(window);
    jw_frame_free(&frame);
    return result;
}

#else

jw_result app_check_picture(const char *path, jw_error *error)
{
    return jw_fail(error, JW_ERROR_UNSUPPORTED, path, 0,
                   "this build draws no pictures (JW_VIEW=OFF): leave --screenshot out");
}

jw_result app_save_picture(const app_world *world, const char *path, int width_px, int height_px,
                           jw_error *error)
{
    (void)world;
    (void)width_px;
    (void)height_px;
    return app_check_picture(path, error);
}

#endif
