/* Shadows that follow the sun: baked anew on a thread of their own when it has moved, by little or by hours,
 * then sent to the graphics card over some pictures. These go on with the old ones meanwhile; only a picture
 * of its own waits for the new. */
#include "view/view_internal.h"

#include <string.h>

#define STEP_COSINE 0.99966 /* 1.5 degrees */
#define SENDING_S   4e-3    /* of a picture, for sending them */

static const texel_kind ground_kind = {GL_RG8, GL_RG, GL_UNSIGNED_BYTE, 2},
                        shadow_kind = {GL_R16, GL_RED, GL_UNSIGNED_SHORT, 2};

static void send(jw_view *view)
{
    const mesh_light *light = &view->mesh->light;
    jw_view_upload_levels(view, view->ground_texture, &ground_kind, light->columns, light->rows,
                          light->level_count, light->ground);
    jw_view_upload_levels(view, view->shadow_texture, &shadow_kind, light->columns, light->rows, 1,
                          light->shadow_dm);
    memcpy(view->shade.shown, light->sun, sizeof view->shade.shown);
}

void jw_view_shade_store_ground(jw_view *view)
{
    const mesh_light *light = &view->mesh->light;
    jw_view_store_levels(&ground_kind, light->columns, light->rows, light->level_count);
}

void jw_view_shade_store_shadows(jw_view *view)
{
    const mesh_light *light = &view->mesh->light;
    jw_view_store_levels(&shadow_kind, light->columns, light->rows, 1);
    send(view);
}

static void *bake(void *argument)
{
    jw_view_mesh *mesh = argument;
    jw_thread_give_way();
    mesh->bake.result = jw_light_bake_sun(mesh, mesh->bake.sun, NULL);
    atomic_store(&mesh->bake.is_done, true);
    return NULL;
}

static bool start(jw_view_mesh *mesh, const double sun[3])
{
    memcpy(mesh->bake.sun, sun, sizeof mesh->bake.sun);
    atomic_store(&mesh->bake.is_done, false);
    mesh->bake.is_running = pthread_create(&mesh->bake.thread, NULL, bake, mesh) == 0;
    return mesh->bake.is_running;
}

static void finish(jw_view *view)
{
    jw_view_mesh *mesh = view->mesh;
    pthread_join(mesh->bake.thread, NULL);
    mesh->bake.is_running = false;
    if (mesh->bake.result == JW_OK) /* otherwise the old ones stay, and the next draw tries again */
        send(view);
}

/* For a few milliseconds a picture; is_now: all of it. */
static void send_some(jw_view *view, bool is_now)
{
    double end_s = jw_clock_seconds() + SENDING_S;
    while (jw_view_is_uploading(view) && !jw_view_upload_slice(view))
        if (!is_now && jw_clock_seconds() > end_s)
            return;
}

static double cosine(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

jw_result jw_view_shade_follow(jw_view *view, const double sun[3], bool is_now, jw_error *error)
{
    jw_view_mesh *mesh = view->mesh;
    if (mesh->bake.is_running && (is_now || atomic_load(&mesh->bake.is_done)))
        finish(view);
    send_some(view, is_now);
    if (mesh->bake.is_running || jw_view_is_uploading(view) || cosine(sun, view->shade.shown) > STEP_COSINE ||
        (!is_now && start(mesh, sun)))
        return JW_OK;
    jw_result result = jw_light_bake_sun(mesh, sun, error);
    if (result == JW_OK) {
        send(view);
        send_some(view, true);
    }
    return result;
}
