/* What vehicles emit and use on the road.
 *
 * Combustion engines: grams a second of CO2, NOx and particles by speed and acceleration,
 *
 *   E = max(0, f1 + f2 v + f3 v^2 + f4 a + f5 a^2 + f6 v a)
 *
 * with the coefficients that Int Panis, Broekx and Liu fitted to instrumented vehicles in Belgian city
 * traffic (Modelling instantaneous traffic emission and the influence of traffic speed limits, Science of the
 * Total Environment 371, 270-285, 2006, table 2, as it is quoted elsewhere: not compared with the paper's
 * print; NOx of cars has a set of its own below -0.5 m/s2). They are those of a fleet of that time (Euro 2 to
 * 3) at up to 20 m/s: today's cars emit about a third less CO2 and far less NOx. Cars and shuttles are petrol
 * cars, emergency vehicles diesel cars, trucks its heavy duty vehicles. Litres follow from CO2: 2.35 kg a
 * litre of petrol, 2.69 of diesel (EPA, 8,887 and 10,180 g a US gallon).
 *
 * Electric vehicles: VT-CPEM (Fiori, Ahn, Rakha, Power-based electric vehicle energy consumption model,
 * Applied Energy 168, 257-268, 2016). Power at the wheels
 *
 *   P = v (m a + m g 0.00175 (0.0328 v_kmh + 4.575) + rho/2 CdA v^2),  rho = 1.2 kg/m3, CdA = 0.65 m2 of a
 * car
 *
 * through driveline, motor and battery (0.92, 0.91, 0.90) either way; of the power of braking the share
 * exp(-0.0411 / |a|) comes back; 700 W for all else. The mass is the type's and a tenth, the battery. Beyond
 * the paper (round figures): CdA 5.5 m2 and 4 kW above 3.5 t; two-wheelers 0.5 m2, nothing comes back, no
 * other use.
 *
 * Bicycles and people emit nothing. Who stands at the kerb has switched off. */
#include "traffic/traffic_internal.h"

enum { CO2, NOX, PM, FUEL }; /* of a jw_f4 */

typedef struct coefficients {
    float co2[6], nox[6], nox_braking[6], pm[6];
    float co2_g_per_ml;
} coefficients;

static const coefficients petrol_car = {
    .co2 = {0.553f, 0.161f, -0.00289f, 0.266f, 0.511f, 0.183f},
    .nox = {6.19e-4f, 8.00e-5f, -4.03e-6f, -4.13e-4f, 3.80e-4f, 1.77e-4f},
    .nox_braking = {2.17e-4f, 0, 0, 0, 0, 0},
    .pm = {0, 1.57e-5f, -9.21e-7f, 0, 3.75e-5f, 1.89e-5f},
    .co2_g_per_ml = 2.35f,
};
static const coefficients diesel_car = {
    .co2 = {0.324f, 0.0859f, 0.00496f, -0.0586f, 0.448f, 0.230f},
    .nox = {2.41e-3f, -4.11e-4f, 6.73e-5f, -3.07e-3f, 2.14e-3f, 1.50e-3f},
    .nox_braking = {1.68e-3f, -6.62e-5f, 9.00e-6f, 2.50e-4f, 2.91e-4f, 1.20e-4f},
    .pm = {0, 3.13e-4f, -1.84e-5f, 0, 7.50e-4f, 3.78e-4f},
    .co2_g_per_ml = 2.69f,
};
static const coefficients heavy_duty = {
    .co2 = {1.52f, 1.88f, -0.0695f, 4.71f, 5.88f, 2.09f},
    .nox = {3.56e-2f, 9.71e-3f, -2.40e-4f, 3.26e-2f, 1.33e-2f, 1.15e-2f},
    .nox_braking = {3.56e-2f, 9.71e-3f, -2.40e-4f, 3.26e-2f, 1.33e-2f, 1.15e-2f},
    .pm = {2.14e-4f, 3.35e-4f, -2.22e-5f, 2.07e-3f, 1.80e-3f, 2.27e-4f},
    .co2_g_per_ml = 2.69f,
};
static const coefficients bus = {
    .co2 = {0.904f, 1.13f, -0.0427f, 2.81f, 3.45f, 1.22f},
    .nox = {2.36e-2f, 6.51e-3f, -1.70e-4f, 2.17e-2f, 8.94e-3f, 7.57e-3f},
    .nox_braking = {2.36e-2f, 6.51e-3f, -1.70e-4f, 2.17e-2f, 8.94e-3f, 7.57e-3f},
    .pm = {2.23e-4f, 3.47e-4f, -2.38e-5f, 2.08e-3f, 1.76e-3f, 2.23e-4f},
    .co2_g_per_ml = 2.69f,
};

static const coefficients *coefficients_of(jw_vehicle_class vehicle_class)
{
    switch (vehicle_class) {
    case JW_VEHICLE_CAR:
    case JW_VEHICLE_SHUTTLE:
        return &petrol_car;
    case JW_VEHICLE_EMERGENCY:
        return &diesel_car;
    case JW_VEHICLE_TRUCK:
        return &heavy_duty;
    case JW_VEHICLE_BUS:
        return &bus;
    default:
        return NULL;
    }
}

void jw_emission_prepare(const jw_vehicle_type *type, jw_emission *out)
{
    const coefficients *c = coefficients_of(type->vehicle_class);
    *out = (jw_emission){0};
    for (uint32_t k = 0; c && k < 6; k++) {
        jw_f4 f = {c->co2[k], c->nox[k], c->pm[k], c->co2[k] / c->co2_g_per_ml};
        out->f[0][k] = out->f[1][k] = f;
        out->f[1][k][NOX] = c->nox_braking[k];
    }
    out->ml_per_g = c ? 1 / c->co2_g_per_ml : 0;
    bool is_narrow = type->vehicle_class == JW_VEHICLE_EBIKE || type->vehicle_class == JW_VEHICLE_BICYCLE;
    bool is_heavy = type->mass_kg > 3500;
    const double efficiency = 0.92 * 0.91 * 0.90;
    double mass_kg = type->mass_kg * (is_narrow ? 1 : 1.1), weight_n = mass_kg * 9.81;
    out->mass_kg = (float)mass_kg;
    out->roll_n = (float)(weight_n * 0.00175 * 4.575);
    out->roll_n_per_mps = (float)(weight_n * 0.00175 * 0.0328 * 3.6);
    out->drag_n_per_mps2 = is_narrow ? 0.6f * 0.5f : is_heavy ? 0.6f * 5.5f : 0.6f * 0.65f;
    out->per_efficiency = (float)(1 / efficiency);
    out->recuperation = is_narrow ? 0 : (float)efficiency;
    out->other_w = is_narrow ? 0 : is_heavy ? 4000 : 700;
}

float jw_emission_electric_w(const jw_emission *e, float speed_mps, float accel_mps2)
{
    float force_n = e->mass_kg * accel_mps2 + e->roll_n +
                    speed_mps * (e->roll_n_per_mps + e->drag_n_per_mps2 * speed_mps);
    float power_w = speed_mps * force_n;
    if (power_w >= 0)
        return e->other_w + power_w * e->per_efficiency;
    float back = (float)jw_exp(0.0411 / (double)accel_mps2); /* braking: accel_mps2 is below 0 */
    return e->other_w + power_w * e->recuperation * back;
}
