/* Weather. Capacity: HCM 2010, Exhibit 10-15 (mean reductions on Iowa's freeways): rain up to 2.54, up
 * to 6.35 and above 6.35 mm/h: 2.01, 7.24, 14.13 %; visibility below 1.6 km, 0.8 km and 0.4
 * km: 9.67, 11.67, 10.49 %. Free speed: Agarwal, Maze, Souleyrette, "Impacts of weather on urban freeway
 * traffic flow characteristics and facility capacity", 2005: 4-7 % less in heavy rain, 12 % less in
 * visibility below 0.4 km; the steps before these (2 and 4 %; 6 and 7 %) are from memory, unverified. The
 * figures are those of freeways; here they hold for all roads.
 *
 * Drivers under weather: the wish is the free speed's factor times as high, and T is stretched until the
 * equilibrium flow of the IDM, max over v of v / (l + (s0 + v T) / sqrt(1 - (v/v0)^4)), has fallen by the
 * capacity's factor at a wish of 50 km/h. */
#include "traffic/traffic_internal.h"

#define REFERENCE_MPS (50 / 3.6)
#define HALVINGS      60

double jw_idm_capacity(const jw_vehicle_type *type, double wished_mps, double headway_s)
{
    double low = 0, high = wished_mps, best = 0;
    for (uint32_t k = 0; k < HALVINGS; k++) { /* the curve has one top */
        double v[2] = {low + (high - low) / 3, high - (high - low) / 3}, flow[2];
        for (uint32_t i = 0; i < 2; i++) {
            double ratio = v[i] / wished_mps;
            double free = jw_sqrt(jw_max(1 - ratio * ratio * ratio * ratio, 1e-12));
            flow[i] = v[i] / (type->length_m + (type->min_gap_m + v[i] * headway_s) / free);
        }
        best = jw_max(flow[0], flow[1]);
        if (flow[0] < flow[1])
            low = v[0];
        else
            high = v[1];
    }
    return best;
}

jw_weather jw_weather_of_rain(double rain_mm_per_h)
{
    if (rain_mm_per_h <= 0)
        return (jw_weather){1, 1};
    if (rain_mm_per_h <= 2.54)
        return (jw_weather){0.98, 1 - 0.0201};
    if (rain_mm_per_h <= 6.35)
        return (jw_weather){0.96, 1 - 0.0724};
    return (jw_weather){0.945, 1 - 0.1413};
}

jw_weather jw_weather_of_fog(double visibility_m)
{
    if (visibility_m >= 1609)
        return (jw_weather){1, 1};
    if (visibility_m >= 805)
        return (jw_weather){0.94, 1 - 0.0967};
    if (visibility_m >= 402)
        return (jw_weather){0.93, 1 - 0.1167};
    return (jw_weather){0.88, 1 - 0.1049};
}

double jw_weather_headway_factor(const jw_vehicle_type *car, const jw_weather *weather)
{
    double wanted = weather->capacity_factor * jw_idm_capacity(car, REFERENCE_MPS, car->desired_headway_s);
    double low = 0.5, high = 4;
    for (uint32_t k = 0; k < HALVINGS; k++) {
        double middle = (low + high) / 2;
        if (jw_idm_capacity(car, REFERENCE_MPS * weather->speed_factor, car->desired_headway_s * middle) >
            wanted)
            low = middle;
        else
            high = middle;
    }
    return jw_max((low + high) / 2, 1);
}
