/* The pure radio formulas against the standard's and ns-3's figures. */
#include "network/network_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* At 3.5 GHz and 200 m, UMa 25 m, UMi 10 m, terminal 1.5 m: ns-3 3.37. */
/* 44 dBm over 100 MHz at 3.5 GHz, UMi without line of sight: 129 dB between power and noise per hertz, less
 * the CQI's SINR, is a loss of 22.4 + 35.3 lg d + 21.3 lg 3.5 dB. */
static void test_reach_is_where_the_loss_is_used_up(void **state)
{
    (void)state;
    jw_cell_def cell = {.height_m = 10, .band_ghz = 3.5, .bandwidth_mhz = 100, .power_dbm = 44};
    static const uint8_t cqis[] = {1, 8, 15};
    for (int i = 0; i < 3; i++) {
        double room_db = 44 - 80 + 165 - jw_cqi_threshold_db(JW_CQI_64QAM, cqis[i]);
        double d3d_m = jw_pow(10, (room_db - 22.4 - 21.3 * log10(3.5)) / 35.3);
        double expected_m = sqrt(d3d_m * d3d_m - 8.5 * 8.5);
        assert_true(fabs(jw_cell_reach_m(&cell, cqis[i]) - expected_m) < 0.01);
    }
    double reach_m = jw_cell_reach_m(&cell, 1);
    cell.power_dbm = 50; /* more power reaches farther, a higher band less far */
    assert_true(jw_cell_reach_m(&cell, 1) > 1.4 * reach_m);
    cell.power_dbm = 44;
    cell.band_ghz = 26;
    assert_true(jw_cell_reach_m(&cell, 1) < 0.4 * reach_m);
}

static void test_path_loss_spots(void **state)
{
    (void)state;
    assert_true(fabs(jw_path_loss_db(JW_RADIO_UMA, true, 3.5, 200, 25, 1.5) - 89.570) < 0.001);
    assert_true(fabs(jw_path_loss_db(JW_RADIO_UMA, false, 3.5, 200, 25, 1.5) - 114.462) < 0.001);
    assert_true(fabs(jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 200, 10, 1.5) - 91.611) < 0.001);
    assert_true(fabs(jw_path_loss_db(JW_RADIO_UMI, false, 3.5, 200, 10, 1.5) - 115.229) < 0.001);
}

/* Continuous at the break point: 4 (hBS - 1)(hUT - 1) fc / c. */
static void test_break_point(void **state)
{
    (void)state;
    double break_m = 4 * 24 * 0.5 * 3.5e9 / 3e8;
    double before_db = jw_path_loss_db(JW_RADIO_UMA, true, 3.5, break_m - 1e-6, 25, 1.5);
    double after_db = jw_path_loss_db(JW_RADIO_UMA, true, 3.5, break_m + 1e-6, 25, 1.5);
    assert_true(fabs(before_db - after_db) < 1e-6);
    break_m = 4 * 9 * 0.5 * 3.5e9 / 3e8;
    before_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, break_m - 1e-6, 10, 1.5);
    after_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, break_m + 1e-6, 10, 1.5);
    assert_true(fabs(before_db - after_db) < 1e-6);
}

static void test_path_loss_table(void **state)
{
    (void)state;
    const char *folder = getenv("JINGWEI_DATA");
    if (!folder) {
        print_message("skipped: JINGWEI_DATA is not set\n");
        skip();
    }
    char path[4096], line[256];
    snprintf(path, sizeof path, "%s/ns3_pathloss_3500.csv", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    int rows = 0;
    while (fgets(line, sizeof line, file)) {
        char model[32];
        double fc_ghz, d2d_m, ns3_db;
        assert_int_equal(sscanf(line, "%31[^,],%lf,%lf,%lf", model, &fc_ghz, &d2d_m, &ns3_db), 4);
        bool is_uma = !strncmp(model, "UMa", 3);
        double loss_db = jw_path_loss_db(is_uma ? JW_RADIO_UMA : JW_RADIO_UMI, strstr(model, "-LOS") != NULL,
                                         fc_ghz, d2d_m, is_uma ? 25 : 10, 1.5);
        assert_true(fabs(loss_db - ns3_db) < 0.01);
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 28);
}

static void test_los_probability(void **state)
{
    (void)state;
    assert_true(jw_los_probability(JW_RADIO_UMI, 18) == 1);
    assert_true(fabs(jw_los_probability(JW_RADIO_UMI, 100) - (0.18 + jw_exp(-100.0 / 36) * 0.82)) < 1e-12);
    assert_true(fabs(jw_los_probability(JW_RADIO_UMA, 100) - (0.18 + jw_exp(-100.0 / 63) * 0.82)) < 1e-12);
}

static void test_cqi(void **state)
{
    (void)state;
    static const double efficiency[16] = {0,      .1523,  .2344,  .3770,  .6016,  .8770,  1.1758, 1.4766,
                                          1.9141, 2.4063, 2.7305, 3.3223, 3.9023, 4.5234, 5.1152, 5.5547};
    for (uint8_t i = 0; i < 16; i++) {
        assert_true(jw_cqi_efficiency(JW_CQI_64QAM, i) == efficiency[i]);
    }
    assert_int_equal(jw_cqi_from_sinr(JW_CQI_64QAM, -6.71), 0);
    assert_int_equal(jw_cqi_from_sinr(JW_CQI_64QAM, -6.7), 1);
    assert_int_equal(jw_cqi_from_sinr(JW_CQI_64QAM, 0.19), 3);
    assert_int_equal(jw_cqi_from_sinr(JW_CQI_64QAM, 0.2), 4);
    assert_int_equal(jw_cqi_from_sinr(JW_CQI_64QAM, 22.69), 14);
    assert_int_equal(jw_cqi_from_sinr(JW_CQI_64QAM, 99), 15);
    /* No efficiency beyond Shannon's bound at its threshold. */
    for (double sinr_db = -10; sinr_db < 30; sinr_db += 0.1) {
        assert_true(jw_cqi_efficiency(JW_CQI_64QAM, jw_cqi_from_sinr(JW_CQI_64QAM, sinr_db)) <=
                    jw_log2(1 + jw_pow(10, sinr_db / 10)));
    }
}

/* TR 38.901 table 7.4.3-2 by hand at 3.5 and 26 GHz. */
static void test_wall_loss(void **state)
{
    (void)state;
    double low = 5 - 10 * log10(0.3 * pow(10, -0.27) + 0.7 * pow(10, -1.9));
    double high = 5 - 10 * log10(0.7 * pow(10, -2.405) + 0.3 * pow(10, -1.9));
    assert_true(fabs(jw_wall_loss_db(false, 3.5) - low) < 1e-9 && fabs(low - 12.7) < 0.1);
    assert_true(fabs(jw_wall_loss_db(true, 3.5) - high) < 1e-9 && fabs(high - 26.9) < 0.3);
    assert_true(fabs(jw_wall_loss_db(true, 26) -
                     (5 - 10 * log10(0.7 * pow(10, -3.08) + 0.3 * pow(10, -10.9)))) < 1e-9);
}

/* 64 elements at 3.5 GHz less 2 dB; none for antennas that do not steer. */
static void test_beam(void **state)
{
    (void)state;
    assert_true(fabs(jw_antenna_beam_db(JW_ANTENNA_ARRAY, 3.5) - (10 * log10(64) - 2)) < 1e-9);
    assert_true(fabs(jw_antenna_beam_db(JW_ANTENNA_ARRAY, 26) - (10 * log10(256) - 2)) < 1e-9);
    assert_true(fabs(jw_antenna_beam_db(JW_ANTENNA_ARRAY, 0.7) - (10 * log10(4) - 2)) < 1e-9);
    assert_true(jw_antenna_beam_db(JW_ANTENNA_SECTOR, 3.5) == 0);
    assert_true(jw_antenna_pattern_db(JW_ANTENNA_ARRAY, 32.5, 0) ==
                jw_antenna_pattern_db(JW_ANTENNA_ELEMENT, 32.5, 0));
}

/* The soft state is a half where the field is at the probability's quantile, by the normal law integrated in
 * steps; it goes from sight to none within a few tenths of the field at 3.5 GHz. ITU-R P.526's edge: 6 dB at
 * grazing, 13.0 + 20 lg where it is deep, nothing where it is clear. */
static void test_soft_sight(void **state)
{
    (void)state;
    double law = 0.5, step = 1e-4;
    for (int i = 0; i < 30000; i++) {
        double x = i * step;
        if (i % 5000 == 0) {
            assert_true(fabs(jw_los_soft(law, -x, 0.0857) - 0.5) < 0.005);
            assert_true(fabs(jw_los_soft(1 - law, x, 0.0857) - 0.5) < 0.005);
        }
        law += step * exp(-(x + step / 2) * (x + step / 2) / 2) / sqrt(2 * JW_PI);
    }
    assert_true(jw_los_soft(0.5, 0.5, 0.0857) > 0.95 && jw_los_soft(0.5, -0.5, 0.0857) < 0.05);
    assert_true(jw_los_soft(1, 0, 0.0857) > 0.99);
    assert_true(fabs(jw_diffraction_loss_db(0) - 6.03) < 0.01);
    assert_true(fabs(jw_diffraction_loss_db(10) - 12.95 - 20) < 0.2);
    assert_true(jw_diffraction_loss_db(-0.78) == 0 && jw_diffraction_loss_db(-0.779) < 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_soft_sight),
                                       cmocka_unit_test(test_reach_is_where_the_loss_is_used_up),
                                       cmocka_unit_test(test_path_loss_spots),
                                       cmocka_unit_test(test_break_point),
                                       cmocka_unit_test(test_path_loss_table),
                                       cmocka_unit_test(test_los_probability),
                                       cmocka_unit_test(test_cqi),
                                       cmocka_unit_test(test_wall_loss),
                                       cmocka_unit_test(test_beam)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
