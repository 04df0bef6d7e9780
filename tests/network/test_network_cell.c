/* What a cell is: bands and resource blocks, antennas, CQI tables, shadow fading. */
#include "network/network_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* TS 38.101-1 and -2, tables 5.2-1 and 5.3.2-1. */
static void test_bands(void **state)
{
    (void)state;
    static const struct {
        double ghz;
        const char *name;
        double mhz, khz;
        uint32_t blocks;
    } rows[] = {{0.7, "n28", 30, 15, 160},
                {2.6, "n41", 100, 30, 273},
                {3.5, "n78", 100, 30, 273},
                {4.9, "n79", 100, 30, 273},
                {26, "n258", 400, 120, 264}};
    for (uint32_t i = 0; i < JW_COUNT_OF(rows); i++) {
        jw_radio_band band = jw_radio_band_of(rows[i].ghz);
        assert_string_equal(band.name, rows[i].name);
        assert_true(band.bandwidth_mhz == rows[i].mhz && band.subcarrier_khz == rows[i].khz);
        assert_int_equal(jw_prb_count(rows[i].ghz, band.bandwidth_mhz, band.subcarrier_khz), rows[i].blocks);
        assert_int_equal(band.is_fdd, i == 0);
        /* The blocks fit into the channel and leave less than a tenth of it as guard (a fifth at 26 GHz). */
        double used_mhz = rows[i].blocks * 12 * rows[i].khz / 1e3;
        assert_true(used_mhz < rows[i].mhz && used_mhz > 0.9 * rows[i].mhz);
    }
    assert_int_equal(jw_prb_count(3.5, 20, 15), 106);
    assert_int_equal(jw_prb_count(3.5, 40, 60), 51);
    assert_int_equal(jw_prb_count(3.5, 100, 15), 0); /* no such channel */
    assert_int_equal(jw_prb_count(3.5, 37, 30), 0);
    assert_int_equal(jw_prb_count(26, 100, 30), 0);
    assert_int_equal(jw_prb_count(26, 100, 60), 132);
    assert_string_equal(jw_radio_band_of(6).name, "");
}

static void test_refused(void **state)
{
    (void)state;
    static const jw_net_node_def node = {"mast", JW_NET_CELL_SITE, 0, 0};
    const jw_cell_def bad[] = {{.bandwidth_mhz = 37},      {.band_ghz = 26, .subcarrier_khz = 30},
                               {.antenna = (jw_antenna)7}, {.cqi_table = (jw_cqi_table)2},
                               {.tilt_deg = NAN},          {.sleep_load = 1.5},
                               {.sleep_power_w = 301}};
    shared *made = shared_create();
    jw_network_def def = jw_default_network_def();
    def.nodes = &node, def.node_count = 1;
    jw_world *world = world_create(&def, made, 0, 1);
    for (uint32_t i = 0; i < JW_COUNT_OF(bad); i++) {
        jw_cell_def cell = bad[i];
        jw_text_copy(cell.name, sizeof cell.name, "c");
        jw_text_copy(cell.node, sizeof cell.node, "mast");
        jw_error error = {0};
        assert_int_equal(jw_network_add_cell(world, network_of(world), &cell, NULL, &error), JW_ERROR_INPUT);
        assert_non_null(strstr(error.message, "cell \"c\""));
    }
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* TR 38.901 table 7.3-1: 3 dB down at half the width, floors of 30 dB; TR 36.814 table A.2.1.1-2. */
static void test_antennas(void **state)
{
    (void)state;
    assert_true(jw_antenna_gain_dbi(JW_ANTENNA_OMNI) == 0 && jw_antenna_gain_dbi(JW_ANTENNA_ELEMENT) == 8 &&
                jw_antenna_gain_dbi(JW_ANTENNA_SECTOR) == 14);
    assert_true(jw_antenna_pattern_db(JW_ANTENNA_OMNI, 120, 40) == 0);
    assert_true(jw_antenna_pattern_db(JW_ANTENNA_ELEMENT, 0, 0) == 0);
    assert_true(fabs(jw_antenna_pattern_db(JW_ANTENNA_ELEMENT, 32.5, 0) + 3) < 1e-12);
    assert_true(fabs(jw_antenna_pattern_db(JW_ANTENNA_ELEMENT, 0, -32.5) + 3) < 1e-12);
    assert_true(fabs(jw_antenna_pattern_db(JW_ANTENNA_ELEMENT, -32.5, 32.5) + 6) < 1e-12);
    assert_true(jw_antenna_pattern_db(JW_ANTENNA_ELEMENT, 180, 90) == -30);
    assert_true(fabs(jw_antenna_pattern_db(JW_ANTENNA_SECTOR, 35, 0) + 3) < 1e-12);
    assert_true(fabs(jw_antenna_pattern_db(JW_ANTENNA_SECTOR, 0, 5) + 3) < 1e-12);
    assert_true(jw_antenna_pattern_db(JW_ANTENNA_SECTOR, 0, 60) == -20);
    assert_true(jw_antenna_pattern_db(JW_ANTENNA_SECTOR, 180, 0) == -25);
    /* At 25 m, looking east and 6 degrees down: the axis meets the street (1.5 m) 223.6 m away. */
    jw_cell_def cell = {.x_m = 100,
                        .y_m = 50,
                        .height_m = 25,
                        .antenna = JW_ANTENNA_SECTOR,
                        .antenna_gain_dbi = 14,
                        .azimuth_deg = 90,
                        .tilt_deg = 6};
    double axis_m = 23.5 / jw_tan(6 * JW_PI / 180);
    assert_true(fabs(jw_cell_gain_dbi(&cell, 100 + axis_m, 50, 1.5) - 14) < 1e-9);
    double side_rad = 35 * JW_PI / 180; /* and at the same distance where it is 3 dB weaker: both sides */
    for (int sign = -1; sign <= 1; sign += 2) {
        double x_m = 100 + axis_m * jw_cos(side_rad), y_m = 50 + sign * axis_m * jw_sin(side_rad);
        assert_true(fabs(jw_cell_gain_dbi(&cell, x_m, y_m, 1.5) - 11) < 1e-9);
    }
    assert_true(fabs(jw_cell_gain_dbi(&cell, 100 - axis_m, 50, 1.5) + 11) < 1e-9); /* behind: 25 dB less */
    double near_m = 23.5 / jw_tan(11 * JW_PI / 180); /* 5 degrees below the axis */
    assert_true(fabs(jw_cell_gain_dbi(&cell, 100 + near_m, 50, 1.5) - 11) < 1e-9);
}

/* Both tables rise, stay under Shannon's bound at their thresholds, and CQI 0 carries nothing. */
static void test_cqi_tables(void **state)
{
    (void)state;
    for (jw_cqi_table table = JW_CQI_64QAM; table <= JW_CQI_256QAM; table++) {
        assert_true(jw_cqi_efficiency(table, 0) == 0);
        for (uint8_t cqi = 1; cqi <= 15; cqi++) {
            double bound = jw_log2(1 + jw_pow(10, jw_cqi_threshold_db(table, cqi) / 10));
            assert_true(jw_cqi_efficiency(table, cqi) > jw_cqi_efficiency(table, (uint8_t)(cqi - 1)));
            assert_true(jw_cqi_efficiency(table, cqi) < bound);
            assert_int_equal(jw_cqi_from_sinr(table, jw_cqi_threshold_db(table, cqi)), cqi);
        }
    }
    /* TS 38.214 table 5.2.2.1-3, spot values: code rate / 1024 times bits a symbol. */
    assert_true(fabs(jw_cqi_efficiency(JW_CQI_256QAM, 2) - 193 * 2 / 1024.0) < 1e-4);
    assert_true(fabs(jw_cqi_efficiency(JW_CQI_256QAM, 4) - 378 * 4 / 1024.0) < 1e-4);
    assert_true(fabs(jw_cqi_efficiency(JW_CQI_256QAM, 11) - 873 * 6 / 1024.0) < 1e-3);
    assert_true(fabs(jw_cqi_efficiency(JW_CQI_256QAM, 12) - 711 * 8 / 1024.0) < 1e-3);
    assert_true(fabs(jw_cqi_efficiency(JW_CQI_256QAM, 15) - 948 * 8 / 1024.0) < 1e-3);
}

/* ---- shadow fading ---------------------------------------------------------------------------------------
 */

static jw_world *lone_world(shared *made, uint64_t mast, double band_ghz, bool has_shadowing)
{
    jw_net_node_def node = {"mast", JW_NET_CELL_SITE, 0, 0};
    jw_cell_def cell = {.name = "c",
                        .node = "mast",
                        .x_m = 1000.0 * (double)mast,
                        .scenario = JW_RADIO_UMA,
                        .band_ghz = band_ghz};
    jw_network_def def = jw_default_network_def();
    def.nodes = &node, def.node_count = 1, def.cells = &cell, def.cell_count = 1;
    def.has_shadowing = has_shadowing;
    return world_create(&def, made, 0, 1);
}

/* What shadowing adds in dB at places about a mast: the SINR without it less the SINR with it. */
enum { MASTS = 60, ROW = 60 };

/* TR 38.901 tables 7.4.1-1 and 7.5-6, UMa in sight: 4 dB, correlated by 1/e over 37 m. Tiles are 10 m apart;
 * rows of tiles east of each of 60 masts, moments over all, errors over masts. */
static void test_shadow_moments(void **state)
{
    (void)state;
    double sum = 0, square = 0, fourth = 0, by_lag[8] = {0};
    int64_t count = 0, lag_count[8] = {0};
    for (uint64_t mast = 0; mast < MASTS; mast++) {
        shared *made = shared_create();
        jw_world *plain = lone_world(made, mast, 3.5, false), *world = lone_world(made, mast, 3.5, true);
        double db[ROW];
        for (int i = 0; i < ROW; i++) {
            double x_m = 1000.0 * (double)mast + 205 + 10 * i;
            jw_user_radio with = jw_network_probe(network_of(world), x_m, 5, 1.5),
                          without = jw_network_probe(network_of(plain), x_m, 5, 1.5);
            assert_int_equal(with.has_los, 1);
            db[i] = (double)without.sinr_db - (double)with.sinr_db;
            sum += db[i];
            square += db[i] * db[i];
            fourth += db[i] * db[i] * db[i] * db[i];
            count++;
        }
        for (int lag = 0; lag < 8; lag++) {
            for (int i = 0; i + lag < ROW; i++) {
                by_lag[lag] += db[i] * db[i + lag];
                lag_count[lag]++;
            }
        }
        jw_world_destroy(plain);
        jw_world_destroy(world);
        shared_destroy(made);
    }
    double variance = square / (double)count;
    assert_true(fabs(sum / (double)count) < 0.5);
    assert_true(fabs(variance / 16 - 1) < 0.1);
    assert_true(fabs(fourth / (double)count / (variance * variance) - 3) < 0.5); /* normal: 3 */
    for (int lag = 1; lag < 8; lag++) {
        double correlation = by_lag[lag] / (double)lag_count[lag] / variance;
        assert_true(fabs(correlation - jw_exp(-10.0 * lag / 37)) < 0.07);
    }
}

/* A place has its value at once, whatever was asked before; sectors of a mast and bands share it, masts and
 * seeds do not. */
static void test_shadow_is_a_field(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *one = lone_world(made, 0, 3.5, true), *two = lone_world(made, 0, 3.5, true);
    jw_world *plain = lone_world(made, 0, 3.5, false), *low = lone_world(made, 0, 2.6, true),
             *low_plain = lone_world(made, 0, 2.6, false), *other = lone_world(made, 1, 3.5, true);
    double alike = 0;
    for (int i = 0; i < 50; i++) {
        jw_network_probe(network_of(one), 10.0 * i, 700, 1.5);
    }
    for (int i = 0; i < 50; i++) {
        double x_m = 105 + 20 * i;
        jw_user_radio a = jw_network_probe(network_of(one), x_m, 5, 1.5),
                      b = jw_network_probe(network_of(two), x_m, 5, 1.5);
        assert_true(a.sinr_db == b.sinr_db && a.cqi == b.cqi);
        double shadow_db =
            (double)jw_network_probe(network_of(plain), x_m, 5, 1.5).sinr_db - (double)a.sinr_db;
        double low_db = (double)jw_network_probe(network_of(low_plain), x_m, 5, 1.5).sinr_db -
                        (double)jw_network_probe(network_of(low), x_m, 5, 1.5).sinr_db;
        assert_true(fabs(shadow_db - low_db) < 1e-3);
        double far_db = (double)jw_network_probe(network_of(other), 1000 + x_m, 5, 1.5).sinr_db;
        alike += fabs(far_db - (double)a.sinr_db) < 0.1;
    }
    assert_true(alike < 10);
    jw_world *worlds[] = {one, two, plain, low, low_plain, other};
    for (uint32_t i = 0; i < JW_COUNT_OF(worlds); i++) {
        jw_world_destroy(worlds[i]);
    }
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Two masts heard at the same places: their shadows have a correlation of a half. */
static void test_shadows_of_masts(void **state)
{
    (void)state;
    double both = 0, one = 0, two = 0;
    for (uint64_t pair = 0; pair < MASTS; pair++) {
        double db[2][ROW / 2];
        for (uint64_t mast = 0; mast < 2; mast++) {
            shared *made = shared_create();
            uint64_t place = 4 * pair + mast;
            jw_world *plain = lone_world(made, place, 3.5, false),
                     *world = lone_world(made, place, 3.5, true);
            for (int i = 0; i < ROW / 2; i++) {
                double x_m = 4000.0 * (double)pair + 355 + 10 * i, y_m = 1500 + 70.0 * i;
                db[mast][i] = (double)jw_network_probe(network_of(plain), x_m, y_m, 1.5).sinr_db -
                              (double)jw_network_probe(network_of(world), x_m, y_m, 1.5).sinr_db;
            }
            jw_world_destroy(plain);
            jw_world_destroy(world);
            shared_destroy(made);
        }
        for (int i = 0; i < ROW / 2; i++) {
            both += db[0][i] * db[1][i];
            one += db[0][i] * db[0][i];
            two += db[1][i] * db[1][i];
        }
    }
    assert_true(fabs(both / sqrt(one * two) - 0.5) < 0.06);
}

/* Three sectors of a mast: a user hears them all, is served by the one that looks at it, at its gain. */
static void test_sectors(void **state)
{
    (void)state;
    jw_net_node_def node = {"mast", JW_NET_CELL_SITE, 0, 0};
    jw_cell_def cells[3];
    for (int i = 0; i < 3; i++) {
        cells[i] = (jw_cell_def){.node = "mast",
                                 .x_m = 5,
                                 .y_m = 5,
                                 .height_m = 25,
                                 .antenna = JW_ANTENNA_SECTOR,
                                 .azimuth_deg = 30 + 120 * i,
                                 .tilt_deg = 6,
                                 .scenario = JW_RADIO_UMA};
        snprintf(cells[i].name, sizeof cells[i].name, "s%d", i);
    }
    shared *made = shared_create();
    jw_network_def def = jw_default_network_def();
    def.nodes = &node, def.node_count = 1, def.cells = cells, def.cell_count = 3, def.has_shadowing = false;
    jw_world *world = world_create(&def, made, 0, 1);
    static const double places[3][2] = {{100, 180}, {105, -195}, {-195, 5}};
    for (int i = 0; i < 3; i++) {
        double x_m = places[i][0] + 5, y_m = places[i][1];
        jw_user_radio radio = jw_network_probe(network_of(world), x_m, y_m, 1.5);
        assert_int_equal(radio.cell.index1, i + 1);
        jw_cell_state cell;
        assert_true(jw_network_cell(world, network_of(world), (uint32_t)i, &cell));
        assert_int_equal(cell.prb_count, 273);
        double middle_x = floor(x_m / 10) * 10 + 5, middle_y = floor(y_m / 10) * 10 + 5;
        double distance_m = jw_vec2_distance((jw_vec2){middle_x, middle_y}, (jw_vec2){5, 5});
        double sinr_db = 44 + jw_cell_gain_dbi(cell.def, middle_x, middle_y, 1.5) -
                         jw_path_loss_db(JW_RADIO_UMA, true, 3.5, distance_m, 25, 1.5) - (-174 + 9 + 80);
        assert_true(fabs((double)radio.sinr_db - sinr_db) < 1e-3);
        assert_true(jw_cell_gain_dbi(cell.def, middle_x, middle_y, 1.5) > 12);
    }
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bands),
                                       cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_antennas),
                                       cmocka_unit_test(test_cqi_tables),
                                       cmocka_unit_test(test_shadow_moments),
                                       cmocka_unit_test(test_shadow_is_a_field),
                                       cmocka_unit_test(test_shadows_of_masts),
                                       cmocka_unit_test(test_sectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
