/* Emissions and energy of vehicles: formulas and sources in traffic_emission.c. */
#ifndef JW_TRAFFIC_EMISSION_H
#define JW_TRAFFIC_EMISSION_H

#include "traffic/traffic.h"

/* g of CO2, of NOx, of particles, ml of fuel: by the second or in a step. One vector, for they follow from
 * polynomials of the same form. */
typedef float jw_f4 __attribute__((vector_size(16)));
typedef int32_t jw_i4 __attribute__((vector_size(16)));

typedef struct jw_emission {
    jw_f4 f[2][6]; /* coefficients: in general, and braking by more than 0.5 m/s2 */
    float ml_per_g;
    float mass_kg, roll_n, roll_n_per_mps, drag_n_per_mps2; /* of the electric kind */
    float per_efficiency, recuperation, other_w;
} jw_emission;

void jw_emission_prepare(const jw_vehicle_type *type, jw_emission *out);
static inline jw_f4 jw_emission_rate(const jw_emission *emission, float speed_mps, float accel_mps2)
{
    const jw_f4 *f = emission->f[accel_mps2 < -0.5f];
    jw_f4 v = {speed_mps, speed_mps, speed_mps, speed_mps};
    jw_f4 a = {accel_mps2, accel_mps2, accel_mps2, accel_mps2};
    jw_f4 rate = f[0] + v * (f[1] + v * f[2] + a * f[5]) + a * (f[3] + a * f[4]);
    return (jw_f4)((jw_i4)rate & (rate > 0));
}
/* Of the battery; below 0: charging. */
float jw_emission_electric_w(const jw_emission *emission, float speed_mps, float accel_mps2);

/* Of the vehicles of a track in a step. */
typedef struct jw_emitted {
    jw_f4 burnt;
    float energy_wh; /* out of batteries */
} jw_emitted;

#endif
