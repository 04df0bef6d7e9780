/* Under an overlay buildings are drawn flat and pale and trees are gone, so that streets and the ground are
 * seen. In the window the change glides; each rectangle has its own. */
#include "view/view_internal.h"

#include <math.h>
#include <string.h>

#define GLIDE_S 0.3

static view_flat *find_flat(jw_view *view, const jw_view_rect *rect)
{
    view_flat *best = NULL;
    for (uint32_t i = 0; i < FLATS; i++) {
        view_flat *flat = &view->flats[i];
        if (flat->picture > 0 && memcmp(&flat->rect, rect, sizeof *rect) == 0)
            return flat;
        if (!best || flat->picture < best->picture)
            best = flat;
    }
    *best = (view_flat){.rect = *rect};
    return best;
}

void jw_view_flat_follow(jw_view *view, const jw_view_scene *scene)
{
    float goal = scene->overlay == JW_OVERLAY_NONE ? 0 : 1;
    view->flat = goal;
    if (view->is_single || view->rehearsal.is_on)
        return;
    view_flat *flat = find_flat(view, &scene->rect);
    bool is_known = flat->picture > 0, was_still = flat->is_still;
    double now_s = jw_clock_seconds();
    flat->picture = ++view->flat_pictures;
    if (is_known && !scene->reduces_motion) {
        /* A glide that begins does so with the step of one picture. */
        double step = (was_still ? 1.0 / 60 : jw_clamp(now_s - flat->drawn_s, 0, 0.1)) / GLIDE_S;
        view->flat = flat->share + (float)jw_clamp((double)(goal - flat->share), -step, step);
    }
    flat->share = view->flat;
    flat->is_still = !(view->flat < goal || view->flat > goal);
    flat->drawn_s = now_s;
}

bool jw_view_flat_is_still(const jw_view *view)
{
    for (uint32_t i = 0; i < FLATS; i++) /* of the rectangles that are drawn in turn */
        if (view->flats[i].picture + FLATS > view->flat_pictures && view->flats[i].picture > 0 &&
            !view->flats[i].is_still)
            return false;
    return true;
}

float jw_view_standing_m(const jw_view *view, float z_m)
{
    float low_m = fmaxf(0.25f * z_m, fminf(z_m, 2));
    return z_m + (low_m - z_m) * view->flat;
}
