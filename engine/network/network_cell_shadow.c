/* Shadow fading as a fixed field about each mast: a sum of plane waves with random directions and phases
 * whose spatial spectrum is that of the autocorrelation exp(-distance / decorrelation distance) of TR 38.901
 * equation 7.4-5 (X. Cai, G. Giannakis, "A two-dimensional channel simulation model for shadowing processes",
 * IEEE Trans. Veh. Tech. 52(6), 2003). So a place's value needs no history and no neighbour, unlike filtered
 * noise on a grid, and is as good at 1 m as at 10 km.
 *
 * In two dimensions that spectrum gives wave numbers k with P(k <= K) = 1 - 1/sqrt(1 + (K d)^2). They are
 * drawn by strata, directions by steps of the golden angle from a random one: each is uniform in itself, so
 * the correlation is exact in the mean over masts, and a single mast's comes close to it.
 *
 * Sectors of one mast have the same field, masts independent ones; one more about the map's origin is common
 * to all (network_place.c). Places with and without sight of the mast read it at their own scale. */
#include "network/network_internal.h"

#define GOLDEN 0.6180339887498949
#define WAVES_K_U_MAX                                                                                        \
    0.999 /* the last thousandth of the spectrum, waves of a few cm, is laid on its edge                     \
           */

/* Counters of a mast's draws. */
enum { DRAW_DIRECTION, DRAW_WAVES };

void jw_network_shadow_make(jw_random_key key, double x_m, double y_m, net_shadow *out)
{
    /* The mast's number is its place, to a metre: the same whatever the order in which cells were set up. */
    uint64_t mast = (uint64_t)(int64_t)jw_round(x_m) << 32 ^ (uint32_t)(int64_t)jw_round(y_m);
    double turn = jw_random_uniform(key, mast, DRAW_DIRECTION);
    for (uint32_t i = 0; i < NET_SHADOW_WAVES; i++) {
        double u = (i + jw_random_uniform(key, mast, DRAW_WAVES + 2 * i)) / NET_SHADOW_WAVES;
        double rest = 1 - jw_min(u, WAVES_K_U_MAX);
        double wave_number = jw_sqrt(1 / (rest * rest) - 1); /* times the decorrelation distance */
        double angle_rad = 2 * JW_PI * (turn + i * GOLDEN);
        out->waves[i] =
            (net_shadow_wave){.x = (float)(wave_number * jw_cos(angle_rad) / (2 * JW_PI)),
                              .y = (float)(wave_number * jw_sin(angle_rad) / (2 * JW_PI)),
                              .phase = (float)jw_random_uniform(key, mast, DRAW_WAVES + 2 * i + 1)};
    }
}

/* sin(2 pi turns) to 0.1 %: the nearest whole turn is taken off, then a parabola and its correction. A field
 * of noise needs no more, and this is a good part of a place's cost. */
static double wave_at(double turns)
{
    double part = turns - (double)(int64_t)(turns + (turns < 0 ? -0.5 : 0.5));
    double parabola = 8 * part - 16 * part * jw_abs(part);
    return parabola * (0.775 + 0.225 * jw_abs(parabola));
}

double jw_network_shadow_at(const net_shadow *shadow, double east_m, double north_m, double distance_m)
{
    double sum = 0, east = east_m / distance_m, north = north_m / distance_m;
    for (uint32_t i = 0; i < NET_SHADOW_WAVES; i++) {
        const net_shadow_wave *wave = &shadow->waves[i];
        sum += wave_at((double)wave->x * east + (double)wave->y * north + (double)wave->phase);
    }
    return sum * jw_sqrt(2.0 / NET_SHADOW_WAVES);
}
