/* The pure radio formulas: path loss and probability of line of sight of 3GPP TR 38.901 (V17, tables 7.4.1-1
 * and 7.4.2-1), channel quality and its efficiency of TS 38.214 tables 5.2.2.1-2 and -3. */
#include "network/network_internal.h"

#include <assert.h>

#define LIGHT_MPS     3e8 /* as the standard's break point has it */
#define ENVIRONMENT_M 1.0 /* effective environment height h_E */

double jw_path_loss_db(jw_radio_scenario scenario, bool has_los, double fc_ghz, double d2d_m,
                       double bs_height_m, double ut_height_m)
{
    bool is_uma = scenario == JW_RADIO_UMA;
    double rise_m = bs_height_m - ut_height_m;
    double rise_m2 = rise_m * rise_m;
    double d3d_m = jw_sqrt(d2d_m * d2d_m + rise_m2);
    double break_m =
        4 * (bs_height_m - ENVIRONMENT_M) * (ut_height_m - ENVIRONMENT_M) * fc_ghz * 1e9 / LIGHT_MPS;
    double lg_d3d = jw_log10(d3d_m), lg_fc = jw_log10(fc_ghz);
    double los_db;
    if (d2d_m <= break_m) {
        los_db = is_uma ? 28 + 22 * lg_d3d + 20 * lg_fc : 32.4 + 21 * lg_d3d + 20 * lg_fc;
    } else {
        double lg_break = jw_log10(break_m * break_m + rise_m2);
        los_db = is_uma ? 28 + 40 * lg_d3d + 20 * lg_fc - 9 * lg_break
                        : 32.4 + 40 * lg_d3d + 20 * lg_fc - 9.5 * lg_break;
    }
    if (has_los) {
        return los_db;
    }
    double nlos_db = is_uma ? 13.54 + 39.08 * lg_d3d + 20 * lg_fc - 0.6 * (ut_height_m - 1.5)
                            : 22.4 + 35.3 * lg_d3d + 21.3 * lg_fc - 0.3 * (ut_height_m - 1.5);
    return jw_max(los_db, nlos_db);
}

double jw_los_probability(jw_radio_scenario scenario, double d2d_m)
{
    if (d2d_m <= 18) {
        return 1;
    }
    double decay_m = scenario == JW_RADIO_UMA ? 63 : 36;
    return 18 / d2d_m + jw_exp(-d2d_m / decay_m) * (1 - 18 / d2d_m);
}

double jw_los_soft(double probability, double field, double wavelength_m)
{
    /* The normal quantile of the probability, to 4.5e-4: M. Abramowitz, I. Stegun, Handbook of Mathematical
     * Functions, 26.2.23 (from memory, checked against the normal law by test_network_model). */
    double tail = jw_max(jw_min(probability, 1 - probability), 1e-12);
    double t = jw_sqrt(-2 * jw_log(tail));
    double quantile =
        t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    double f = probability > 0.5 ? quantile : -quantile;
    return 0.5 + jw_atan2(jw_sqrt(20 / wavelength_m) * (field + f), 1) / JW_PI;
}

double jw_diffraction_loss_db(double fresnel)
{
    if (fresnel <= -0.78) {
        return 0;
    }
    double past = fresnel - 0.1;
    return jw_max(6.9 + 20 * jw_log10(jw_sqrt(past * past + 1) + past), 0);
}

/* UMi without sight 7.82 dB (street canyon), UMa 6 dB; 4 dB in sight. */
double jw_shadow_sigma_db(jw_radio_scenario scenario, bool has_los)
{
    return has_los ? 4 : scenario == JW_RADIO_UMA ? 6 : 7.82;
}

double jw_shadow_distance_m(jw_radio_scenario scenario, bool has_los)
{
    return scenario == JW_RADIO_UMA ? (has_los ? 37 : 50) : (has_los ? 10 : 13);
}

/* Table 7.4.3-2 over the materials of table 7.4.3-1: glass 2 + 0.2 f, coated glass 23 + 0.3 f, concrete 5 + 4
 * f dB at f GHz; 30 % glass in walls of low loss, 70 % coated glass in those of high loss. */
double jw_wall_loss_db(bool is_high, double fc_ghz)
{
    double glass = jw_pow(10, -(is_high ? 23 + 0.3 * fc_ghz : 2 + 0.2 * fc_ghz) / 10),
           concrete = jw_pow(10, -(5 + 4 * fc_ghz) / 10), share = is_high ? 0.7 : 0.3;
    return 5 - 10 * jw_log10(share * glass + (1 - share) * concrete);
}

#define CQI_COUNT 16

/* SINR at which a CQI reaches a block error rate of 10 % (AWGN link curves; unverified). Where the second
 * table has the efficiency of the first, it has its threshold; the three rows of 256QAM beyond keep the last
 * one's distance of 6.1 dB from Shannon's bound. */
static const double cqi_sinr_db[2][CQI_COUNT - 1] = {
    {-6.7, -4.7, -2.3, 0.2, 2.4, 4.3, 5.9, 8.1, 10.3, 11.7, 14.1, 16.3, 18.7, 21, 22.7},
    {-6.7, -2.3, 2.4, 5.9, 8.1, 10.3, 11.7, 14.1, 16.3, 18.7, 21, 22.7, 24.8, 26.9, 28.3}};
/* TS 38.214 tables 5.2.2.1-2 and 5.2.2.1-3. */
static const double cqi_efficiency[2][CQI_COUNT] = {
    {0, 0.1523, 0.2344, 0.3770, 0.6016, 0.8770, 1.1758, 1.4766, 1.9141, 2.4063, 2.7305, 3.3223, 3.9023,
     4.5234, 5.1152, 5.5547},
    {0, 0.1523, 0.3770, 0.8770, 1.4766, 1.9141, 2.4063, 2.7305, 3.3223, 3.9023, 4.5234, 5.1152, 5.5547,
     6.2266, 6.9141, 7.4063}};

uint8_t jw_cqi_from_sinr(jw_cqi_table table, double sinr_db)
{
    uint8_t cqi = 0;
    while (cqi < CQI_COUNT - 1 && sinr_db >= cqi_sinr_db[table][cqi]) {
        cqi++;
    }
    return cqi;
}

double jw_cqi_threshold_db(jw_cqi_table table, uint8_t cqi)
{
    assert(cqi >= 1 && cqi < CQI_COUNT);
    return cqi_sinr_db[table][cqi - 1];
}

double jw_cqi_efficiency(jw_cqi_table table, uint8_t cqi)
{
    assert(cqi < CQI_COUNT);
    return cqi_efficiency[table][cqi];
}

double jw_cell_reach_m(const jw_cell_def *cell, uint8_t cqi)
{
    double most_db = cell->power_dbm + cell->antenna_gain_dbi +
                     jw_antenna_beam_db(cell->antenna, cell->band_ghz) -
                     10 * jw_log10(cell->bandwidth_mhz * 1e6) - NET_NOISE_DBM_PER_HZ -
                     jw_cqi_threshold_db(cell->cqi_table, cqi);
    double near_m = 10, far_m = 20000; /* the loss only grows with the distance */
    for (int i = 0; i < 40; i++) {
        double middle_m = (near_m + far_m) / 2;
        bool is_heard =
            jw_path_loss_db(cell->scenario, false, cell->band_ghz, middle_m, cell->height_m, 1.5) <= most_db;
        *(is_heard ? &near_m : &far_m) = middle_m;
    }
    return near_m;
}
