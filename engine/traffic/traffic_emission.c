/* CO2 of a vehicle with a combustion engine: what it burns standing still plus what its power at the wheels
 * takes,
 *
 *   rate = idle + k max(0, P),  P = v (m a + m g Cr + rho/2 CdA v^2)
 *
 * as in the modal models of the CMEM and PHEM kind, reduced to one term. Cr = 0.012, rho = 1.2 kg/m3; CdA =
 * 0.65 m2 up to 3.5 t and 5.5 m2 above; k = 0.22 g/kJ: 31 % efficiency and diesel at 74 g CO2 a MJ with 10 %
 * lost on the way (round figures, unverified). A car at a steady 50 km/h comes to about 110 g/km. An idle
 * rate of 0 means electric: nothing is emitted on the road. */
#include "traffic/traffic_internal.h"

float jw_traffic_co2_rate(const jw_traffic_type *type, float speed_mps, float accel_mps2)
{
    if (type->idle_g_per_s <= 0)
        return 0;
    float drag = type->mass_kg > 3500 ? 5.5f : 0.65f;
    float force = type->mass_kg * (accel_mps2 + 9.81f * 0.012f) + 0.6f * drag * speed_mps * speed_mps;
    float power_kw = speed_mps * force / 1000;
    return type->idle_g_per_s + (power_kw > 0 ? 0.22f * power_kw : 0);
}
