/* Shadows that follow the sun: baked anew on a thread of their own when it has moved, then sent to the
 * graphics card. The picture goes on with the old ones meanwhile; a leap in time, and a picture of its own,
 * wait for the new. */
#include "view/view_internal.h"

#include <string.h>

#define STEP_COSINE 0.99966 /* 1.5 degrees */
#define LEAP_COSINE 0.978   /* 12 degrees */
#define LEAP_REST_S 3.0     /* at a speed of thousands leaps follow each other: they do not wait */

static void upload(jw_view *view)
{
    const mesh_light *light = &view->mesh->light;
    glActiveTexture(GL_TEXTURE0);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glBindTexture(GL_TEXTURE_2D, view->ground_texture);
    const uint8_t *pixels = light->ground;
    GLsizei columns = (GLsizei)light->columns, rows = (GLsizei)light->rows;
    for (uint32_t level = 0; level < light->level_count; level++) {
        if (view->shade.is_sent)
            glTexSubImage2D(GL_TEXTURE_2D, (GLint)level, 0, 0, columns, rows, GL_RG, GL_UNSIGNED_BYTE,
                            pixels);
        else
            glTexImage2D(GL_TEXTURE_2D, (GLint)level, GL_RG8, columns, rows, 0, GL_RG, GL_UNSIGNED_BYTE,
                         pixels);
        pixels += 2 * (size_t)columns * (size_t)rows;
        columns = columns > 1 ? columns / 2 : 1;
        rows = rows > 1 ? rows / 2 : 1;
    }
    glBindTexture(GL_TEXTURE_2D, view->shadow_texture);
    columns = (GLsizei)light->columns, rows = (GLsizei)light->rows;
    if (view->shade.is_sent)
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, columns, rows, GL_RED, GL_UNSIGNED_SHORT, light->shadow_dm);
    else
        glTexImage2D(GL_TEXTURE_2D, 0, GL_R16, columns, rows, 0, GL_RED, GL_UNSIGNED_SHORT, light->shadow_dm);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    memcpy(view->shade.shown, light->sun, sizeof view->shade.shown);
    view->shade.is_sent = true;
}

static void *bake(void *argument)
{
    jw_view *view = argument;
    view->shade.result = jw_light_bake_sun(view->mesh, view->shade.wanted, NULL);
    atomic_store(&view->shade.is_done, true);
    return NULL;
}

static void finish(jw_view *view)
{
    pthread_join(view->shade.thread, NULL);
    view->shade.is_running = false;
    if (view->shade.result == JW_OK) /* otherwise the old ones stay, and the next draw tries again */
        upload(view);
}

void jw_view_shade_create(jw_view *view)
{
    upload(view);
}

void jw_view_shade_destroy(jw_view *view)
{
    if (view->shade.is_running)
        pthread_join(view->shade.thread, NULL);
    view->shade.is_running = false;
}

static double cosine(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

jw_result jw_view_shade_follow(jw_view *view, const double sun[3], bool is_now, jw_error *error)
{
    if (view->shade.is_running && (is_now || atomic_load(&view->shade.is_done)))
        finish(view);
    double near = cosine(sun, view->shade.shown), now_s = jw_clock_seconds();
    if (view->shade.is_running || near > STEP_COSINE)
        return JW_OK;
    memcpy(view->shade.wanted, sun, sizeof view->shade.wanted);
    bool is_leap = near < LEAP_COSINE && now_s > view->shade.leapt_s + LEAP_REST_S;
    if (!is_now && !is_leap) {
        atomic_store(&view->shade.is_done, false);
        view->shade.is_running = pthread_create(&view->shade.thread, NULL, bake, view) == 0;
        if (view->shade.is_running)
            return JW_OK;
    }
    jw_result result = jw_light_bake_sun(view->mesh, sun, error);
    if (!is_now)
        view->shade.leapt_s = now_s;
    if (result == JW_OK)
        upload(view);
    return result;
}
