/* What a region gives at an instant: temperature, sun, wind, carbon and price. Pure functions of the date;
 * the wind's strength of an hour is drawn by the world's seed. */
#include "compute/compute_internal.h"

#define HOUR_S 3600.0
#define DAY_S  86400.0

typedef struct sun {
    double north, slope; /* sin(latitude) sin(declination), and of the cosines */
    double hour_angle_rad;
} sun;

/* Declination by Cooper, "The absorption of radiation in solar stills", Solar Energy 12 (1969): 23.45 degrees
 * times sin(2 pi (284 + n) / 365). The clock is that of 120 degrees east; the equation of time (at most 16
 * min) is left out. */
static sun sun_at(const jw_grid_region *region, uint32_t day_of_year, double time_of_day_s)
{
    bool is_placed = region->latitude_deg != 0 || region->longitude_deg != 0;
    double latitude = (is_placed ? region->latitude_deg : 39) * JW_PI / 180;
    double longitude_deg = is_placed ? region->longitude_deg : 116;
    double declination = 23.45 * JW_PI / 180 * jw_sin(JW_TAU * (284 + day_of_year) / 365);
    double solar_h = time_of_day_s / HOUR_S + (longitude_deg - 120) / 15;
    return (sun){jw_sin(latitude) * jw_sin(declination), jw_cos(latitude) * jw_cos(declination),
                 (solar_h - 12) * JW_PI / 12};
}

double jw_sun_sine(const jw_grid_region *region, uint32_t day_of_year, double time_of_day_s)
{
    sun at = sun_at(region, day_of_year, time_of_day_s);
    return at.north + at.slope * jw_cos(at.hour_angle_rad);
}

/* Mean over a day of the sine above the horizon, in closed form: the integral from sunrise to sunset. */
static double mean_sun_sine(const jw_grid_region *region, uint32_t day_of_year)
{
    sun at = sun_at(region, day_of_year, 0);
    double sunset = jw_acos(jw_clamp(-at.north / at.slope, -1, 1));
    return (sunset * at.north + at.slope * jw_sin(sunset)) / JW_PI;
}

/* Meinel and Meinel, "Applied Solar Energy" (1976): a clear sky lets 1.353 x 0.7^(AM^0.678) kW/m2 through
 * (cited from memory: unverified); on level ground its sine counts. A panel is rated at 1 kW/m2. */
static double solar_share(const jw_grid_region *region, double sine)
{
    if (sine <= 0.01) /* below half a degree */
        return 0;
    double clear = 1.353 * jw_pow(0.7, jw_pow(1 / sine, 0.678)) * sine;
    return clear * (region->sky > 0 ? region->sky : 0.6);
}

/* Rayleigh's distribution is the class of IEC 61400-12's annual production; its mean is sqrt(pi)/2 of its
 * scale. */
static double wind_share(double mean_mps, double draw)
{
    if (mean_mps <= 0)
        return 0;
    double speed_mps = mean_mps * 2 / jw_sqrt(JW_PI) * jw_sqrt(-jw_log(1 - draw));
    if (speed_mps < 3 || speed_mps > 25)
        return 0;
    double rated = 12.0 * 12 * 12 - 27;
    return jw_min(1, (speed_mps * speed_mps * speed_mps - 27) / rated);
}

jw_region_hour jw_region_at(const jw_grid_region *region, uint32_t day_of_year, double time_of_day_s,
                            double wind)
{
    double sine = jw_sun_sine(region, day_of_year, time_of_day_s);
    /* Of the mix's energy the sun's share comes when the sun is up, the rest is steady, and all carbon is
     * its. */
    double followed = sine > 0 ? sine / mean_sun_sine(region, day_of_year) : 0;
    double steady = jw_max(0, 1 - region->solar_share * followed) / (1 - region->solar_share);
    double factor = region->price_factor[(uint32_t)(time_of_day_s / HOUR_S) % 24];
    if (factor <= 0)
        factor = 1;
    return (jw_region_hour){
        .temperature_c = region->temperature_c -
                         region->season_c * jw_cos(JW_TAU * ((double)day_of_year - 15) / 365) +
                         region->day_c * jw_cos(JW_TAU * (time_of_day_s - 15 * HOUR_S) / DAY_S),
        .solar = solar_share(region, sine),
        .wind = wind_share(region->wind_mps, wind),
        .kgco2_per_kwh = region->kgco2_per_kwh * steady * (1 - region->green_share),
        .price_cny_per_kwh = region->price_cny_per_kwh * factor,
        .is_peak = factor > 1,
        .is_valley = factor < 1,
    };
}

static jw_region_hour region_at_minute(const jw_world *world, const jw_compute *compute, uint32_t region,
                                       int64_t minute)
{
    uint32_t day_of_year = (uint32_t)((compute->day_of_year - 1 + minute / 1440) % 365) + 1;
    double draw = jw_random_uniform(jw_world_random(world, jw_hash_text(0, "compute.wind")), region,
                                    (uint64_t)(minute / 60));
    return jw_region_at(&compute->regions[region], day_of_year, (double)(minute % 1440) * 60, draw);
}

void compute_look_at_regions(const jw_world *world, jw_compute *compute)
{
    for (uint32_t r = 0; r < compute->region_count; r++)
        compute->hours[r] = region_at_minute(world, compute, r, jw_world_time_ns(world) / MINUTE_NS);
}

double jw_compute_carbon_at(const jw_world *world, const jw_compute *compute, jw_site_id id, int64_t time_ns)
{
    uint32_t slot = compute_slot(compute, id);
    if (slot == JW_NONE)
        return 0;
    const compute_site *s = &compute->sites[slot];
    int64_t minute = time_ns / MINUTE_NS, hour_now = jw_world_time_ns(world) / (60 * MINUTE_NS);
    jw_region_hour at = region_at_minute(world, compute, s->region, minute);
    double it_w = s->power.it_w;
    jw_overhead overhead =
        jw_site_overhead(&s->def, it_w, compute_rated_power_w(compute, s), at.temperature_c);
    double use_w = it_w + overhead.cooling_w + overhead.loss_w, wind = minute / 60 == hour_now ? at.wind : 0;
    if (1000 * (s->def.solar_kw * at.solar + s->def.wind_kw * wind) > use_w)
        return 0;
    return at.kgco2_per_kwh * (it_w > 0 ? use_w / it_w : 1);
}

jw_region_hour jw_compute_region_now(const jw_world *world, const jw_compute *compute, uint32_t region)
{
    (void)world;
    return region < compute->region_count ? compute->hours[region] : (jw_region_hour){0};
}

uint32_t jw_compute_day_of_year(const jw_compute *compute)
{
    return compute->day_of_year;
}
