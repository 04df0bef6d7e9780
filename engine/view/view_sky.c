/* The light of each hour: sun, sky, haze, lamps, windows. Colours by eye, between six moments of the sun's
 * height; the sun stands highest at 12:00 and on the horizon at 6:00 and 18:00 (no seasons). */
#include "view/view_internal.h"

typedef struct light_mood {
    double height; /* of the sun: sine of its elevation over 1 */
    float sun[3], sky[3], haze[3], zenith[3];
    float night, windows, lamps;
} light_mood;

static const light_mood moods[] = {
    {-0.32,
     {0.06f, 0.08f, 0.15f},
     {0.125f, 0.165f, 0.27f},
     {0.075f, 0.105f, 0.19f},
     {0.012f, 0.022f, 0.065f},
     1.0f,
     0.45f,
     0.80f},
    {-0.12,
     {0.09f, 0.08f, 0.12f},
     {0.22f, 0.23f, 0.32f},
     {0.27f, 0.27f, 0.39f},
     {0.06f, 0.10f, 0.24f},
     1.0f,
     0.55f,
     0.72f},
    {0.02,
     {0.52f, 0.34f, 0.22f},
     {0.37f, 0.39f, 0.50f},
     {0.86f, 0.68f, 0.57f},
     {0.24f, 0.35f, 0.60f},
     0.5f,
     0.38f,
     0.35f},
    {0.14,
     {0.70f, 0.52f, 0.36f},
     {0.46f, 0.47f, 0.54f},
     {0.92f, 0.82f, 0.72f},
     {0.42f, 0.56f, 0.76f},
     0.0f,
     0.0f,
     0.0f},
    {0.30,
     {0.84f, 0.74f, 0.58f},
     {0.43f, 0.48f, 0.57f},
     {0.84f, 0.88f, 0.91f},
     {0.44f, 0.62f, 0.84f},
     0.0f,
     0.0f,
     0.0f},
    {1.00,
     {0.86f, 0.80f, 0.68f},
     {0.425f, 0.475f, 0.56f},
     {0.84f, 0.89f, 0.925f},
     {0.42f, 0.61f, 0.84f},
     0.0f,
     0.0f,
     0.0f},
};

static float mix(float a, float b, double t)
{
    return (float)((double)a + ((double)b - (double)a) * t);
}

/* People go to bed: few windows are lit between one and five. */
static double awake_share(double hour)
{
    double since_evening = jw_fmod(hour + 6, 24); /* 0 at 18:00 */
    if (since_evening < 4.5)
        return 1;
    if (since_evening < 8)
        return 1 - 0.8 * (since_evening - 4.5) / 3.5;
    return since_evening < 10.5 ? 0.2 : jw_min(1, 0.2 + 0.5 * (since_evening - 10.5));
}

void jw_view_sky_light(double hour, scene_block *block)
{
    hour = hour - 24 * jw_floor(hour / 24);
    double height = jw_sin((hour - 6) / 12 * JW_PI);
    uint32_t upper = 1;
    while (upper + 1 < JW_COUNT_OF(moods) && moods[upper].height < height)
        upper++;
    const light_mood *a = &moods[upper - 1], *b = &moods[upper];
    double t = jw_clamp((height - a->height) / (b->height - a->height), 0, 1);
    for (int i = 0; i < 3; i++) {
        block->sun_colour[i] = mix(a->sun[i], b->sun[i], t);
        block->sky_colour[i] = mix(a->sky[i], b->sky[i], t);
        block->haze[i] = mix(a->haze[i], b->haze[i], t);
        block->zenith[i] = mix(a->zenith[i], b->zenith[i], t);
    }
    float night = mix(a->night, b->night, t);
    block->sky_colour[3] = night;
    block->sun_colour[3] = night;
    block->windows[0] = (float)((double)mix(a->windows, b->windows, t) * awake_share(hour));
    block->windows[1] = mix(a->lamps, b->lamps, t);
    block->sun[0] = (float)SUN_X;
    block->sun[1] = (float)SUN_Y;
    block->sun[2] = (float)SUN_Z;
}
