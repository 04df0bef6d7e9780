/* What vehicles emit and use: against the formulas by hand, energy that is conserved, and published figures
 * of use in town. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void assert_near(double value, double wanted, double tolerance)
{
    if (!(jw_abs(value - wanted) <= tolerance))
        fail_msg("%g is not %g +- %g", value, wanted, tolerance);
}

static jw_emission make(jw_vehicle_class vehicle_class)
{
    jw_vehicle_type type = jw_default_vehicle_type(vehicle_class);
    jw_emission emission;
    jw_emission_prepare(&type, &emission);
    return emission;
}

/* Int Panis et al. by hand: a petrol car standing, at 10 m/s, and braking; nothing is ever negative. */
static void test_engines(void **state)
{
    (void)state;
    jw_emission car = make(JW_VEHICLE_CAR), truck = make(JW_VEHICLE_TRUCK);
    jw_f4 idle = jw_emission_rate(&car, 0, 0);
    assert_near((double)idle[0], 0.553, 1e-5);
    assert_near((double)idle[1], 6.19e-4, 1e-8);
    assert_near((double)idle[2], 0, 1e-9);
    assert_near((double)idle[3], 0.553 / 2.35, 1e-5);
    jw_f4 pulls = jw_emission_rate(&car, 10, 1);
    assert_near((double)pulls[0], 0.553 + 1.61 - 0.289 + 0.266 + 0.511 + 1.83, 1e-4);
    assert_near((double)pulls[2], 1.57e-4 - 9.21e-5 + 3.75e-5 + 1.89e-4, 1e-8);
    assert_near((double)jw_emission_rate(&car, 10, -1)[1], 2.17e-4, 1e-9);
    assert_near((double)jw_emission_rate(&truck, 10, 0)[0], 1.52 + 18.8 - 6.95, 1e-4);
    for (int v = 0; v <= 30; v++)
        for (int a = -9; a <= 3; a++)
            for (int k = 0; k < 4; k++)
                assert_true(jw_emission_rate(&car, (float)v, (float)a)[k] >= 0 &&
                            jw_emission_rate(&truck, (float)v, (float)a)[k] >= 0);
}

/* VT-CPEM by hand at a steady 50 km/h, and standing; of a stop from 50 km/h less comes back than was in it.
 */
static void test_electric(void **state)
{
    (void)state;
    jw_emission car = make(JW_VEHICLE_CAR);
    double mass_kg = 1.1 * 1400, v = 50 / 3.6;
    double roll_n = mass_kg * 9.81 * 0.00175 * (0.0328 * 50 + 4.575), drag_n = 0.5 * 1.2 * 0.65 * v * v;
    double wanted_w = 700 + v * (roll_n + drag_n) / (0.92 * 0.91 * 0.90);
    assert_near((double)jw_emission_electric_w(&car, (float)v, 0), wanted_w, 0.5);
    assert_near((double)jw_emission_electric_w(&car, 0, 0), 700, 1e-3);
    assert_near((double)jw_emission_electric_w(&car, 0, -9), 700, 1e-3);
    double back_j = 0, kinetic_j = mass_kg * v * v / 2;
    for (double speed = v; speed > 0; speed -= 0.02)
        back_j -= ((double)jw_emission_electric_w(&car, (float)speed, -2) - 700) * 0.01;
    assert_true(back_j > 0.55 * kinetic_j && back_j < 0.7 * kinetic_j);
}

typedef struct use {
    double km, co2_kg, fuel_l, energy_kwh;
    jw_traffic_counts counts;
} use;

static use drive_in_town(double electric_share, int threads)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 3;
    def.demand.truck_share = def.demand.ebike_share = def.demand.bicycle_share = def.demand.shuttle_share = 0;
    def.types[JW_VEHICLE_CAR] = jw_default_vehicle_type(JW_VEHICLE_CAR);
    def.types[JW_VEHICLE_CAR].electric_share = electric_share;
    test_scene scene =
        test_scene_make(jw_fixture_grid(5, 250, 1, 13.9, true), &def, 0.5, 8 * 3600.0, threads);
    test_scene_run(&scene, 900);
    jw_traffic_counts counts = jw_traffic_count(scene.traffic);
    use out = {jw_traffic_judge(scene.traffic).vehicle_km, counts.co2_kg, counts.fuel_l, counts.energy_kwh,
               counts};
    test_scene_free(&scene);
    return out;
}

/* A car in town: 13 to 20 kWh/100 km electric (ADAC Ecotest and WLTP city figures of compact cars), 6 to 12 l
 * of petrol of the fleet the coefficients are of. */
static void test_use_in_town(void **state)
{
    (void)state;
    use petrol = drive_in_town(0, 1), electric = drive_in_town(1, 2), both = drive_in_town(0.4, 1);
    print_message("in town: %.1f l, %.0f g/km CO2; %.1f kWh per 100 km\n", petrol.fuel_l * 100 / petrol.km,
                  petrol.co2_kg * 1000 / petrol.km, electric.energy_kwh * 100 / electric.km);
    assert_true(petrol.km > 200 && petrol.energy_kwh == 0);
    assert_near(petrol.fuel_l * 2.35, petrol.co2_kg, 1e-3 * petrol.co2_kg);
    assert_true(petrol.fuel_l * 100 / petrol.km > 6 && petrol.fuel_l * 100 / petrol.km < 12);
    assert_true(petrol.counts.nox_kg > 0 && petrol.counts.nox_kg < petrol.co2_kg / 500);
    assert_true(petrol.counts.pm_kg > 0 && petrol.counts.pm_kg < petrol.counts.nox_kg);
    assert_true(electric.co2_kg == 0 && electric.fuel_l == 0 && electric.counts.nox_kg == 0);
    double kwh = electric.energy_kwh * 100 / electric.km;
    assert_true(kwh > 13 && kwh < 20);
    /* They drive alike, whatever drives them. */
    assert_near(electric.km, petrol.km, 1e-6);
    assert_near(both.km, petrol.km, 1e-6);
    assert_near(both.energy_kwh / electric.energy_kwh, 0.4, 0.1);
    assert_near(both.co2_kg / petrol.co2_kg, 0.6, 0.1);
}

/* Rows of trips add up to what is counted, once all have arrived. */
static void test_trips_add_up(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.types[JW_VEHICLE_CAR] = jw_default_vehicle_type(JW_VEHICLE_CAR);
    def.types[JW_VEHICLE_CAR].electric_share = 0.5;
    test_scene scene = test_scene_make(jw_fixture_cross(300, 1, 13.9, true), &def, 0.5, 0, 1);
    assert_int_equal(jw_traffic_measure_intervals(scene.traffic, true, NULL), JW_OK);
    for (uint32_t k = 0; k < 40; k++)
        test_scene_trip(&scene, 5.0 * k, 2 * (k % 4), (2 * (k % 4) + 3) % 8, 0);
    test_scene_run(&scene, 600);
    jw_traffic_counts counts = jw_traffic_count(scene.traffic);
    assert_int_equal(counts.arrived, 40);
    double co2_g = 0, fuel_ml = 0, energy_wh = 0, nox_g = 0, pm_g = 0;
    uint32_t electric = 0;
    for (uint32_t k = 0; k < 40; k++) {
        const jw_trip_record *trip = &scene.traffic->trip_log[k];
        assert_true((trip->co2_g > 0) != (trip->energy_wh > 0));
        electric += trip->energy_wh > 0;
        co2_g += (double)trip->co2_g;
        fuel_ml += (double)trip->fuel_ml;
        energy_wh += (double)trip->energy_wh;
        assert_true((trip->other.nox_g > 0) == (trip->co2_g > 0));
        nox_g += (double)trip->other.nox_g;
        pm_g += (double)trip->other.pm_g;
    }
    assert_in_range(electric, 10, 30);
    assert_near(co2_g, counts.co2_kg * 1000, 1e-4 * co2_g);
    assert_near(fuel_ml, counts.fuel_l * 1000, 1e-4 * fuel_ml);
    assert_near(energy_wh, counts.energy_kwh * 1000, 1e-4 * energy_wh);
    assert_near(nox_g, scene.traffic->emitted.nox_g, 1e-4 * nox_g);
    assert_near(pm_g, scene.traffic->emitted.pm_g, 1e-4 * pm_g);
    test_scene_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engines),
        cmocka_unit_test(test_electric),
        cmocka_unit_test(test_use_in_town),
        cmocka_unit_test(test_trips_add_up),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + (jw_allocated_bytes() != 0);
}
