/* Energy: exact to the millijoule over any time, lazily read or not. */
#include "compute/compute_bench.h"

#include <math.h>

static void test_idle_and_busy_by_hand(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{1, EYE, 1, 0}};
    bench_world bench;
    bench_init(&bench);
    bench_create(&bench);
    bench_run_s(&bench, 10);
    /* (100 W base + 50 W idle) x 1.5 */
    assert_true(bench_site(&bench, 0).power_w == 225);
    assert_true(bench_site(&bench, 0).energy_mj == 2250000);
    bench_destroy(&bench);

    bench.plan.jobs = jobs;
    bench.plan.job_count = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 10);
    /* 10 ms at 300 W in place of 50, times 1.5: 3.75 J more */
    assert_true(bench_site(&bench, 0).energy_mj == 2253750);
    jw_site_state site = bench_site(&bench, 0);
    double kwh = 2253750 / 3.6e9;
    assert_true(fabs(site.carbon_kg - kwh * 0.7252 * 0.75) < 1e-12); /* a quarter is green */
    assert_true(site.cost_fen == llround(kwh * 60));
    double metric;
    assert_true(jw_world_metric(bench.world, "compute.energy", &metric) && fabs(metric - kwh * 1000) < 1e-9);
    bench_destroy(&bench);
}

static void test_power_follows_the_busy_share(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{0.9, EYE, 60, 0}, {0.9, EYE, 60, 0}, {0.9, EYE, 60, 0}};
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].racks[0].count = 4;
    bench.sites[0].pue = 1.25;
    bench.sites[0].base_power_w = 0; /* 150 W a card */
    bench.plan.jobs = jobs;
    bench.plan.job_count = JW_COUNT_OF(jobs);
    bench_create(&bench);
    bench_install(&bench, EYE, 4);
    bench_run_s(&bench, 1);
    jw_site_state site = bench_site(&bench, 0);
    assert_true(site.utilisation == 0.75);
    assert_true(site.power_w == 1.25 * (4 * 150 + 4 * 50 + 3 * 250));
    bench_run_s(&bench, 1);
    assert_true(bench_site(&bench, 0).power_w == 1.25 * (4 * 150 + 4 * 50));
    /* Three times 0.6 s of 250 W more. */
    assert_true(bench_site(&bench, 0).energy_mj == (int64_t)(1.25 * (2 * 800 + 3 * 0.6 * 250) * 1000));
    bench_destroy(&bench);
}

/* A day with thousands of starts and stops and a power that is no round number: the integer sum is the one
 * product, to the last millijoule. */
static void test_a_day_is_exact(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.sites[0].pue = 1.3737;
    bench.sites[0].base_power_w = 101.003;
    bench.plan.poisson_mean_s = 8;
    bench.plan.poisson_count = 10000;
    bench.plan.poisson_items = 7;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 24 * 3600);
    jw_site_state site = bench_site(&bench, 0);
    assert_int_equal(site.running, 0);
    assert_int_equal(site.done, 10000);
    __int128 idle_mw = llround((101.003 + 50) * 1.3737 * 1000),
             busy_mw = llround((101.003 + 300) * 1.3737 * 1000);
    __int128 busy_ns = (__int128)10000 * 70000000, all_ns = (__int128)24 * 3600 * 1000000000;
    int64_t expected_mj = (int64_t)((busy_mw * busy_ns + idle_mw * (all_ns - busy_ns)) / 1000000000);
    assert_true(site.energy_mj == expected_mj);
    bench_destroy(&bench);
}

/* Reading stores nothing, and what is read between two events is what an event would have settled. */
static void test_reading_is_lazy_and_true(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.plan.poisson_mean_s = 0.02;
    bench.plan.poisson_count = 2000;
    bench.plan.poisson_items = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    int64_t last_mj = 0;
    for (uint32_t i = 0; i < 100; i++) {
        bench_run_s(&bench, 0.5);
        uint64_t hash = jw_world_hash(bench.world);
        int64_t energy_mj = bench_site(&bench, 0).energy_mj;
        assert_true(energy_mj > last_mj && energy_mj == bench_site(&bench, 0).energy_mj);
        assert_true(hash == jw_world_hash(bench.world));
        last_mj = energy_mj;
    }
    bench_command(&bench, "fail_site", "site"); /* settles, and then draws nothing */
    bench_run_s(&bench, 0.5);
    assert_true(bench_site(&bench, 0).energy_mj == last_mj);
    bench_run_s(&bench, 3600);
    assert_true(bench_site(&bench, 0).energy_mj == last_mj);
    bench_command(&bench, "repair_site", "site");
    bench_run_s(&bench, 10.5);
    assert_true(bench_site(&bench, 0).energy_mj == last_mj + 10500 * 225);
    bench_destroy(&bench);
}

/* ---- cooling
 * ------------------------------------------------------------------------------------------------- */

static void test_overhead_follows_temperature_and_load(void **state)
{
    (void)state;
    jw_site_def city = {.tier = JW_TIER_CITY};
    /* At 20 degrees and full load: the curve 0.0743 + 0.082 + 0.0286820, losses 1 + 3 %. */
    jw_overhead full = jw_site_overhead(&city, 1000, 1000, 20);
    assert_true(fabs(full.cooling_w - 184.982) < 1e-9 && fabs(full.loss_w - 40) < 1e-9 && !full.is_free);
    /* A quarter of the cooling and of the losses stays: the lower the load, the higher the PUE. */
    jw_overhead half = jw_site_overhead(&city, 500, 1000, 20);
    assert_true(fabs(half.cooling_w - 0.184982 * 625) < 1e-9 && fabs(half.loss_w - 25) < 1e-9);
    assert_true((500 + half.cooling_w + half.loss_w) / 500 > (1000 + full.cooling_w + full.loss_w) / 1000);
    /* Below 12 degrees outside air alone cools; it is the site's to say otherwise. */
    jw_overhead cold = jw_site_overhead(&city, 1000, 1000, 11.9);
    assert_true(cold.is_free && fabs(cold.cooling_w - 20) < 1e-9);
    city.free_below_c = 25;
    assert_true(jw_site_overhead(&city, 1000, 1000, 20).is_free);
    city.free_below_c = -100;
    city.cooling_factor = 2;
    assert_true(fabs(jw_site_overhead(&city, 1000, 1000, 20).cooling_w - 2 * 184.982) < 1e-9);
    city.pue = 1.4;
    assert_true(fabs(jw_site_overhead(&city, 500, 1000, 35).cooling_w - 200) < 1e-9);
}

/* The mean over a year of a centre's PUE is what the national targets ask for: at most 1.25 in the east. */
static void test_mean_pue_of_a_year(void **state)
{
    (void)state;
    jw_grid_region hebei = {.temperature_c = 13, .season_c = 15, .day_c = 5};
    jw_site_def city = {.tier = JW_TIER_CITY};
    double sum = 0;
    for (uint32_t h = 0; h < 365 * 24; h++) {
        jw_region_hour hour = jw_region_at(&hebei, h / 24 + 1, h % 24 * 3600.0, 0);
        jw_overhead overhead = jw_site_overhead(&city, 700, 1000, hour.temperature_c);
        sum += (700 + overhead.cooling_w + overhead.loss_w) / 700;
    }
    assert_true(sum / (365 * 24) > 1.1 && sum / (365 * 24) < 1.25);
}

/* ---- weather
 * ------------------------------------------------------------------------------------------------- */

static void test_sun_stands_where_it_should(void **state)
{
    (void)state;
    jw_grid_region here = {.latitude_deg = 40, .longitude_deg = 120, .sky = 1};
    /* Noon of the solstices: 90 - 40 + 23.45 and 90 - 40 - 23.45 degrees; of an equinox 50. */
    assert_true(fabs(jw_sun_sine(&here, 172, 12 * 3600) - sin(73.45 * M_PI / 180)) < 1e-4);
    assert_true(fabs(jw_sun_sine(&here, 355, 12 * 3600) - sin(26.55 * M_PI / 180)) < 1e-4);
    assert_true(fabs(jw_sun_sine(&here, 81, 12 * 3600) - sin(50 * M_PI / 180)) < 1e-4);
    /* Sunrise by cos H = -tan(latitude) tan(declination); 15 degrees further west an hour later. */
    double sunrise_h = 12 - acos(-tan(40 * M_PI / 180) * tan(23.45 * M_PI / 180)) * 12 / M_PI;
    assert_true(jw_sun_sine(&here, 172, (sunrise_h - 0.01) * 3600) < 0);
    assert_true(jw_sun_sine(&here, 172, (sunrise_h + 0.01) * 3600) > 0);
    jw_grid_region west = here;
    west.longitude_deg = 105;
    assert_true(fabs(jw_sun_sine(&west, 172, 10 * 3600) - jw_sun_sine(&here, 172, 9 * 3600)) < 1e-12);
    /* Straight above, 1.353 x 0.7 of the rating; nothing at night. */
    jw_grid_region tropic = {.latitude_deg = 23.45, .longitude_deg = 120, .sky = 1};
    assert_true(fabs(jw_region_at(&tropic, 172, 12 * 3600, 0).solar - 1.353 * 0.7) < 1e-4);
    assert_true(jw_region_at(&tropic, 172, 0, 0).solar == 0);
}

static void test_temperature_and_mix_keep_their_means(void **state)
{
    (void)state;
    jw_grid_region r = {.kgco2_per_kwh = 0.5,
                        .green_share = 0.2,
                        .temperature_c = 10,
                        .season_c = 12,
                        .day_c = 6,
                        .latitude_deg = 37,
                        .longitude_deg = 105,
                        .solar_share = 0.15};
    assert_true(fabs(jw_region_at(&r, 15, 15 * 3600, 0).temperature_c - (10 - 12 + 6)) < 1e-12);
    assert_true(fabs(jw_region_at(&r, 15, 3 * 3600, 0).temperature_c - (10 - 12 - 6)) < 1e-12);
    double kg = 0, celsius = 0, noon = jw_region_at(&r, 200, 13 * 3600, 0).kgco2_per_kwh;
    for (uint32_t m = 0; m < 1440; m++)
        kg += jw_region_at(&r, 200, m * 60.0, 0).kgco2_per_kwh / 1440;
    for (uint32_t d = 1; d <= 365; d++)
        celsius += jw_region_at(&r, d, 9 * 3600, 0).temperature_c / 365; /* 9:00 is the day's mean */
    assert_true(fabs(kg - 0.5 * 0.8) < 1e-4 && fabs(celsius - 10) < 1e-9);
    assert_true(noon < 0.7 * kg && jw_region_at(&r, 200, 0, 0).kgco2_per_kwh > kg);
}

/* The mean of a turbine over Rayleigh's winds: the draws against the integral of curve times density. */
static void test_wind_gives_what_its_distribution_says(void **state)
{
    (void)state;
    jw_grid_region r = {.wind_mps = 7.5};
    double drawn = 0, integral = 0, scale = 7.5 * 2 / sqrt(M_PI);
    for (uint32_t i = 0; i < 200000; i++)
        drawn += jw_region_at(&r, 1, 0, (i + 0.5) / 200000).wind / 200000;
    for (double v = 0.0005; v < 60; v += 0.001) {
        double curve = v < 3 || v > 25 ? 0 : fmin(1, (v * v * v - 27) / 1701);
        integral += curve * 2 * v / (scale * scale) * exp(-v * v / (scale * scale)) * 0.001;
    }
    assert_true(fabs(drawn - integral) < 1e-4 && integral > 0.25 && integral < 0.4);
}

/* ---- supply
 * ------------------------------------------------------------------------------------------------- */

static jw_site_energy energy_of(const bench_world *bench)
{
    jw_site_energy e;
    assert_true(jw_compute_site_energy(bench->world, bench_compute(bench), 0, &e));
    assert_true(e.use_mj == e.it_mj + e.cooling_mj + e.loss_mj);
    assert_true(e.grid_mj + e.solar_mj + e.wind_mj + e.discharge_mj == e.use_mj + e.charge_mj + e.spill_mj);
    assert_true(e.grid_mj >= 0 && e.it_mj >= 0 && e.stored_mj >= 0);
    return e;
}

/* Valley until 8:00, peak from 18:00 to 22:00; the site draws 225 W, its battery 500 W and 2 kWh, half full.
 */
static void tariff(bench_world *bench)
{
    for (uint32_t h = 0; h < 24; h++)
        bench->regions[0].price_factor[h] = h < 8 ? 0.5 : (h >= 18 && h < 22 ? 1.5 : 1);
    bench->sites[0].battery_kwh = 2;
    bench->sites[0].battery_kw = 0.5;
    bench->sites[0].battery_efficiency = 0.8;
}

static void test_battery_buys_cheap_and_gives_at_the_peak(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    tariff(&bench);
    bench_create(&bench);
    assert_int_equal(energy_of(&bench).stored_mj, 3600000000);
    bench_run_s(&bench, 3600);
    /* 500 W in, 400 W kept. */
    assert_int_equal(energy_of(&bench).stored_mj, 3600000000 + 400 * 3600000ll);
    assert_int_equal(energy_of(&bench).charge_mj, 500 * 3600000ll);
    bench_run_s(&bench, 7 * 3600);
    jw_site_energy e = energy_of(&bench);
    assert_true(e.stored_mj <= 7200000000 && e.stored_mj > 7200000000 - 1000);
    assert_true(e.grid_mj == e.use_mj + e.charge_mj && e.discharge_mj == 0);
    bench_run_s(&bench, 10 * 3600);
    assert_int_equal(energy_of(&bench).stored_mj, e.stored_mj); /* neither cheap nor dear */
    int64_t grid_mj = energy_of(&bench).grid_mj;
    bench_run_s(&bench, 3600);
    assert_int_equal(energy_of(&bench).grid_mj, grid_mj);
    assert_int_equal(energy_of(&bench).discharge_mj, 225 * 3600000ll);
    bench_run_s(&bench, 3 * 3600);
    e = energy_of(&bench);
    assert_int_equal(e.discharge_mj, 4 * 225 * 3600000ll);
    assert_int_equal(e.stored_mj, 3600000000 + e.kept_mj - e.discharge_mj);
    /* What it cost: the grid's part by the hour's price. 225 W: 8 h at 0.3, 10 h at 0.6, none at the peak. */
    double bought_kwh = (double)e.charge_mj / 3.6e9;
    assert_true(fabs((double)bench_site(&bench, 0).cost_fen -
                     100 * (0.225 * (8 * 0.3 + 10 * 0.6) + 0.3 * bought_kwh)) < 1);
    bench_destroy(&bench);
}

/* A large battery, and work that begins 10 ns before the minute: what would fill the battery by then is no
 * flow of this world, and the battery takes its 500 W. */
static void test_a_moment_before_the_minute(void **state)
{
    (void)state;
    static const bench_job jobs[] = {{60 - 1e-8, EYE, 60, 0}};
    bench_world bench;
    bench_init(&bench);
    tariff(&bench);
    bench.sites[0].battery_kwh = 10000;
    bench.plan.jobs = jobs;
    bench.plan.job_count = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 90);
    assert_int_equal(energy_of(&bench).charge_mj, 500 * 90000ll);
    assert_int_equal(energy_of(&bench).kept_mj, 400 * 90000ll);
    bench_destroy(&bench);
}

static void test_sun_is_used_stored_and_spilled(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    tariff(&bench);
    bench.regions[0].latitude_deg = 38;
    bench.regions[0].longitude_deg = 120;
    bench.sites[0].solar_kw = 2;
    bench.sites[0].wind_kw = 1;
    bench.regions[0].wind_mps = 7;
    bench_create(&bench);
    int64_t spilled_mj = 0;
    for (uint32_t h = 0; h < 48; h++) {
        bench_run_s(&bench, 3600);
        jw_site_energy e = energy_of(&bench);
        assert_true(e.stored_mj <= 7200000000);
        assert_int_equal(e.stored_mj - 3600000000, e.kept_mj - e.discharge_mj);
        spilled_mj = e.spill_mj;
    }
    jw_site_energy e = energy_of(&bench);
    assert_true(spilled_mj > 0 && e.solar_mj > 0 && e.wind_mj > 0 && e.grid_mj > 0);
    /* The day's sun against the integral of the curve. */
    double kwh = 0;
    for (uint32_t m = 0; m < 1440; m++)
        kwh += 2 *
               (jw_region_at(&bench.regions[0], 105, m * 60.0, 0).solar +
                jw_region_at(&bench.regions[0], 106, m * 60.0, 0).solar) /
               60;
    assert_true(fabs((double)e.solar_mj / 3.6e9 - kwh) < 1e-6 * kwh);
    bench_destroy(&bench);
}

/* Without grid the battery carries 225 W for 1 kWh's time, to the minute; then the site is dark, and comes
 * back with the grid. */
static void test_battery_carries_an_outage(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    tariff(&bench);
    for (uint32_t h = 0; h < 24; h++)
        bench.regions[0].price_factor[h] = 1;
    bench_create(&bench);
    bench_run_s(&bench, 60);
    bench_command(&bench, "cut_power", "site");
    int64_t lasts_min = 1000 * 60 / 225; /* 266 whole minutes from here */
    bench_run_s(&bench, (double)lasts_min * 60 - 0.5);
    assert_true(bench_site(&bench, 0).is_up);
    bench_run_s(&bench, 0.5);
    assert_true(!bench_site(&bench, 0).is_up);
    jw_site_energy e = energy_of(&bench);
    assert_true(e.stored_mj >= 0 && e.stored_mj < 225 * 60000);
    assert_int_equal(e.grid_mj, 225 * 60000);
    bench_run_s(&bench, 3600);
    assert_int_equal(energy_of(&bench).use_mj, e.use_mj);
    bench_command(&bench, "restore_power", "site");
    bench_run_s(&bench, 10);
    assert_true(bench_site(&bench, 0).is_up);
    assert_true(energy_of(&bench).grid_w == 225);
    bench_command(&bench, "cut_power", "site");
    bench_run_s(&bench, 5 * 3600);
    assert_false(bench_site(&bench, 0).is_up);
    bench_command(&bench, "fail_site", "site"); /* in the dark: the grid alone does not mend it */
    bench_run_s(&bench, 10);
    bench_command(&bench, "restore_power", "site");
    bench_run_s(&bench, 10);
    assert_false(bench_site(&bench, 0).is_up);
    bench_command(&bench, "repair_site", "site");
    bench_run_s(&bench, 10);
    assert_true(bench_site(&bench, 0).is_up);
    bench_destroy(&bench);
}

/* 10 ms at 300 W x 1.5 for a picture, and the rest of the time the card at 50 W with the server's 100: all of
 * it is the service's, since it has the only card. */
static void test_energy_of_a_request(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    bench.plan.poisson_mean_s = 0.5;
    bench.plan.poisson_count = 1000;
    bench.plan.poisson_items = 1;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    bench_run_s(&bench, 3600);
    jw_service_energy eye = jw_compute_service_energy(bench.world, bench_compute(&bench), EYE);
    jw_site_state site = bench_site(&bench, 0);
    assert_int_equal(eye.done, 1000);
    assert_true(site.energy_mj - eye.energy_mj >= 0 &&
                site.energy_mj - eye.energy_mj <= 4000); /* rates are whole mW */
    assert_int_equal(site.energy_mj, 225 * 3600000ll + 1000 * 3750);
    assert_true(fabs(eye.carbon_kg / site.carbon_kg - 1) < 1e-5);
    assert_int_equal(jw_compute_service_energy(bench.world, bench_compute(&bench), TALK).energy_mj, 0);
    bench_destroy(&bench);
}

/* Energy above idle of one question of 1,000 tokens that gets 50, and how long it took. */
static double talk_j(double token_w, double *out_time_s)
{
    static const bench_job job[] = {{1, TALK, 1000, 50}};
    bench_world bench;
    bench_init(&bench);
    bench.cards[0].token_w = token_w;
    bench.plan.jobs = job;
    bench.plan.job_count = 1;
    bench_create(&bench);
    bench_install(&bench, TALK, 1);
    bench_run_s(&bench, 20);
    assert_int_equal(bench_client_of(&bench)->results[0].outcome, BENCH_DONE);
    *out_time_s = bench_time_s(&bench_client_of(&bench)->results[0]);
    double above_j = (double)(bench_site(&bench, 0).energy_mj - 20 * 225000) / 1000;
    bench_destroy(&bench);
    return above_j;
}

static void test_decoding_draws_less_than_prefilling(void **state)
{
    (void)state;
    bench_world bench;
    double time_s;
    bench_init(&bench);
    double at_peak_j = talk_j(0, &time_s), prefill_only_j = talk_j(50, &time_s);
    assert_true(fabs(at_peak_j - 250 * 1.5 * time_s) < 0.01);
    double prefill_s = prefill_only_j / (250 * 1.5);
    double model_s = jw_llm_prefill_s(&bench.services[TALK], &bench.cards[0], 1, 1000);
    assert_true(fabs(prefill_s - model_s) < 1e-5);
    assert_true(fabs(talk_j(150, &time_s) - 1.5 * (250 * prefill_s + 100 * (time_s - prefill_s))) < 0.01);
}

/* Two days with all of it: a world restored at night, at noon and in an outage goes on alike. */
static void test_a_restored_supply_goes_on_alike(void **state)
{
    (void)state;
    bench_world bench;
    bench_init(&bench);
    tariff(&bench);
    bench.sites[0].solar_kw = 1;
    bench.sites[0].wind_kw = 0.2;
    bench.sites[0].pue = 0;
    bench.regions[0].wind_mps = 6;
    bench.regions[0].temperature_c = 12;
    bench.regions[0].day_c = 8;
    bench.plan.poisson_mean_s = 40;
    bench.plan.poisson_count = 3000;
    bench.plan.poisson_items = 5;
    bench_create(&bench);
    bench_install(&bench, EYE, 1);
    static const double spans_s[] = {3000.5, 8 * 3600, 6 * 3600, 90};
    for (uint32_t i = 0; i < JW_COUNT_OF(spans_s); i++) {
        jw_world *other, *original = bench.world;
        bench_run_s(&bench, spans_s[i]);
        assert_int_equal(jw_world_fork(bench.world, &other, NULL), JW_OK);
        bench_run_s(&bench, 7205);
        uint64_t hash = jw_world_hash(bench.world);
        bench.world = other;
        bench_run_s(&bench, 7205);
        assert_true(jw_world_hash(other) == hash);
        jw_world_destroy(other);
        bench.world = original;
        if (i == 2)
            bench_command(&bench, "cut_power", "site");
    }
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_idle_and_busy_by_hand),
        JW_UNIT(test_power_follows_the_busy_share),
        JW_UNIT(test_a_day_is_exact),
        JW_UNIT(test_reading_is_lazy_and_true),
        JW_UNIT(test_overhead_follows_temperature_and_load),
        JW_UNIT(test_mean_pue_of_a_year),
        JW_UNIT(test_sun_stands_where_it_should),
        JW_UNIT(test_temperature_and_mix_keep_their_means),
        JW_UNIT(test_wind_gives_what_its_distribution_says),
        JW_UNIT(test_battery_buys_cheap_and_gives_at_the_peak),
        JW_UNIT(test_a_moment_before_the_minute),
        JW_UNIT(test_sun_is_used_stored_and_spilled),
        JW_UNIT(test_battery_carries_an_outage),
        JW_UNIT(test_energy_of_a_request),
        JW_UNIT(test_decoding_draws_less_than_prefilling),
        JW_UNIT(test_a_restored_supply_goes_on_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
