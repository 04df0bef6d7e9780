/* Maps of the radio: what terminals standing at places would get now, by the state of the cells as they are.
 * A pure function of it: nothing of the radio map is kept, so that asking changes nothing. */
#include "network/network_internal.h"

#include <math.h>

#define PLACES_PER_BLOCK 64

typedef struct map_pass {
    const jw_network *network;
    const double *x_m, *y_m;
    double height_m;
    jw_radio_at *out;
} map_pass;

static void map_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    (void)block;
    const map_pass *pass = context;
    for (uint32_t i = begin; i < end; i++) {
        bool is_place = jw_abs(pass->x_m[i]) <= 1e7 && jw_abs(pass->y_m[i]) <= 1e7; /* false for NaN */
        pass->out[i] = is_place ? jw_network_at(pass->network, pass->x_m[i], pass->y_m[i], pass->height_m)
                                : (jw_radio_at){.power_dbm = NAN, .sinr_db = NAN};
    }
}

bool jw_network_is_in_sight(const jw_network *network, jw_vec3 from, jw_vec3 to)
{
    static const uint32_t no_buildings[2] = {JW_NONE, JW_NONE};
    return jw_network_sees(network->sight, from, no_buildings, (jw_vec2){to.x, to.y}, to.z);
}

void jw_network_map(const jw_network *network, uint32_t count, const double *x_m, const double *y_m,
                    double height_m, int threads, jw_radio_at *out)
{
    map_pass pass = {network, x_m, y_m, jw_clamp(height_m, 0, 1000), out};
    jw_parallel_blocks(count, PLACES_PER_BLOCK, threads, map_block, &pass);
}
