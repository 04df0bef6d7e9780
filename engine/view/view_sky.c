/* The light of each hour: where the sun stands, and the colours of sun, sky, haze, lamps and windows: by eye,
 * between six moments of the sun's height. */
#include "view/view_internal.h"

typedef struct light_mood {
    double height; /* of the sun: sine of its elevation */
    float sun[3], sky[3], haze[3], zenith[3];
    float night, windows, lamps;
} light_mood;

static const light_mood moods[] = {
    {-0.32,
     {0.09f, 0.11f, 0.19f},
     {0.105f, 0.14f, 0.24f},
     {0.075f, 0.105f, 0.19f},
     {0.012f, 0.022f, 0.065f},
     1.0f,
     0.45f,
     0.85f},
    {-0.12,
     {0.1f, 0.09f, 0.14f},
     {0.24f, 0.275f, 0.43f},
     {0.3f, 0.28f, 0.4f},
     {0.06f, 0.1f, 0.24f},
     1.0f,
     0.55f,
     0.76f},
    {0.02,
     {0.95f, 0.54f, 0.3f},
     {0.47f, 0.495f, 0.67f},
     {0.93f, 0.71f, 0.57f},
     {0.27f, 0.36f, 0.62f},
     0.5f,
     0.38f,
     0.38f},
    {0.14,
     {1.05f, 0.74f, 0.48f},
     {0.53f, 0.53f, 0.61f},
     {0.94f, 0.84f, 0.73f},
     {0.42f, 0.56f, 0.78f},
     0.0f,
     0.0f,
     0.0f},
    {0.3,
     {1.08f, 0.94f, 0.74f},
     {0.465f, 0.5f, 0.58f},
     {0.87f, 0.88f, 0.87f},
     {0.42f, 0.61f, 0.84f},
     0.0f,
     0.0f,
     0.0f},
    {0.7,
     {0.95f, 0.88f, 0.77f},
     {0.375f, 0.41f, 0.47f},
     {0.85f, 0.89f, 0.9f},
     {0.38f, 0.58f, 0.83f},
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

/* Declination by Cooper, "The absorption of radiation in solar stills", Solar Energy 12 (1969): 23.45 degrees
 * times sin(2 pi (284 + n) / 365). The clock is that of the nearest meridian of 15 degrees; the equation of
 * time (at most 16 min) is left out. */
void jw_view_sun_at(double lon_deg, double lat_deg, double day_of_year, double hour, double out[3])
{
    if (lon_deg == 0 && lat_deg == 0) { /* a city that stands nowhere: as compute takes it */
        lon_deg = 116;
        lat_deg = 39;
    }
    double latitude = lat_deg * JW_PI / 180;
    double declination = 23.45 * JW_PI / 180 * jw_sin(JW_TAU * (284 + day_of_year) / 365);
    double solar_h = hour + (lon_deg - 15 * jw_round(lon_deg / 15)) / 15;
    double angle = (solar_h - 12) * JW_PI / 12;
    double north = jw_sin(latitude), flat = jw_cos(latitude);
    out[0] = -jw_cos(declination) * jw_sin(angle);
    out[1] = flat * jw_sin(declination) - north * jw_cos(declination) * jw_cos(angle);
    out[2] = north * jw_sin(declination) + flat * jw_cos(declination) * jw_cos(angle);
}

#define LOWEST_SINE 0.10 /* shadows longer than ten times the height would be all there is */

void jw_view_lamp_of(const double sun[3], double out[3])
{
    if (sun[2] < -0.10) { /* at night the model's own lamp stands for the moon */
        out[0] = SUN_X, out[1] = SUN_Y, out[2] = SUN_Z;
        return;
    }
    double flat = jw_sqrt(sun[0] * sun[0] + sun[1] * sun[1]), up = jw_max(sun[2], LOWEST_SINE);
    double scale = flat > 0 ? jw_sqrt(1 - up * up) / flat : 0;
    out[0] = sun[0] * scale, out[1] = sun[1] * scale, out[2] = up;
}

void jw_view_sky_light(double hour, const double sun[3], scene_block *block)
{
    hour = hour - 24 * jw_floor(hour / 24);
    double height = sun[2];
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
    /* The eye opens for a low sun and closes for a high one: level ground stays light, and white keeps its
     * shades. */
    double open = jw_pow(0.62 / jw_max(height, 0.2), height < 0.62 ? 0.35 : 0.9);
    for (int i = 0; i < 3 && height > 0.1; i++)
        block->sun_colour[i] =
            (float)((double)block->sun_colour[i] * (1 + (open - 1) * jw_min(1, (height - 0.1) * 12)));
    float night = mix(a->night, b->night, t);
    block->sky_colour[3] = night;
    block->sun_colour[3] = night;
    block->windows[0] = (float)((double)mix(a->windows, b->windows, t) * awake_share(hour));
    block->windows[1] = mix(a->lamps, b->lamps, t);
}

#define LOST_CONTRAST 0.02
#define LAYER_M       40.0  /* so deep fog is taken to lie: from above one looks down through it */
#define CLOUDS_M      300.0 /* so far what hides the sun reaches */
#define RAIN_DB_KM    1.2924
#define RAIN_POWER    0.6436

/* Fog: Koschmieder, "Theorie der horizontalen Sichtweite", Beitr. Phys. freien Atm. 12 (1924): what is seen
 * against the horizon is lost where its contrast has fallen to 0.02, so that extinction is 3.912 / V. Rain:
 * 1.2924 R^0.6436 dB/km, drops distributed exponentially by size (ITU-R P.1814-1, 2025, as an open
 * implementation of it has the coefficients: https://github.com/akotilis/ITU-Rpy, itur/models/itu1814.py; the
 * text itself was not at hand). Colours are by eye. */
double jw_view_sky_weather(double rain_mm_per_h, double visibility_m, double eye_m, scene_block *block)
{
    double extinction =
        rain_mm_per_h > 0 ? RAIN_DB_KM * jw_pow(rain_mm_per_h, RAIN_POWER) * jw_log(10) / 1e4 : 0;
    if (visibility_m > 0)
        extinction += -jw_log(LOST_CONTRAST) / visibility_m;
    double open = jw_exp(-extinction * CLOUDS_M) / (1 + rain_mm_per_h), cover = 1 - open;
    block->scenery[1] = (float)(extinction * jw_min(1, LAYER_M / jw_max(eye_m, 1)));
    block->scenery[2] = (float)jw_min(1, rain_mm_per_h / 2);
    float *const skies[] = {block->sky_colour, block->haze, block->zenith};
    for (uint32_t k = 0; k < JW_COUNT_OF(skies); k++) {
        float grey = 0.3f * skies[k][0] + 0.59f * skies[k][1] + 0.11f * skies[k][2];
        for (int i = 0; i < 3; i++)
            skies[k][i] = mix(skies[k][i], grey * (k == 0 ? 1.25f : 0.85f), cover);
    }
    for (int i = 0; i < 3; i++) {
        block->zenith[i] = mix(block->zenith[i], block->haze[i], 0.8 * cover);
        block->sun_colour[i] *= (float)(1 - 0.75 * cover);
    }
    return cover;
}
