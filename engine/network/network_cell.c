/* What a cell is by its band: operating bands, resource blocks, and the values that a definition leaves out.
 *
 * Tables of 3GPP TS 38.101-1 (below 7.125 GHz) and TS 38.101-2 (24.25 to 52.6 GHz): 5.2-1 operating bands,
 * 5.3.2-1 resource blocks by channel bandwidth and subcarrier spacing. The usual channel in a band is the
 * widest that is common in it in China: 30 MHz at 0.7 GHz, 100 MHz in the middle, 400 MHz at 26 GHz. */
#include "network/network_internal.h"

#define CELL_IDLE_W   300.0 /* unverified: order of a 5G radio unit with its share of baseband */
#define CELL_BUSY_W   900.0
#define CELL_SLEEP_W  30.0  /* unverified: what answers the order to wake */
#define SLEEP_AFTER_S 30.0  /* unverified */
#define WAKE_S        1.0   /* unverified */
#define FR2_GHZ       24.25 /* frequency range 2 begins */
#define SUBCARRIERS   12    /* of a resource block, TS 38.211 4.4.4.1 */

/* ---- bands -----------------------------------------------------------------------------------------------
 */

static const jw_radio_band bands[] = {
    {"n28", 0.758, 0.803, 30, 15, true},    {"n41", 2.496, 2.69, 100, 30, false},
    {"n78", 3.3, 3.8, 100, 30, false},      {"n79", 4.4, 5, 100, 30, false},
    {"n258", 24.25, 27.5, 400, 120, false},
};

jw_radio_band jw_radio_band_of(double fc_ghz)
{
    if (fc_ghz >= 0.69 && fc_ghz <= 0.803) { /* "0.7 GHz": n28 with its uplink, 0.703 to 0.748 GHz */
        return bands[0];
    }
    for (uint32_t i = 1; i < JW_COUNT_OF(bands); i++) {
        if (fc_ghz >= bands[i].low_ghz && fc_ghz <= bands[i].high_ghz) {
            return bands[i];
        }
    }
    bool is_low = fc_ghz < 1, is_high = fc_ghz >= FR2_GHZ;
    return (jw_radio_band){
        "", fc_ghz, fc_ghz, is_low ? 20 : is_high ? 400 : 100, is_low ? 15 : is_high ? 120 : 30, false};
}

typedef struct prb_row {
    bool is_fr2;
    uint16_t bandwidth_mhz;
    uint16_t blocks[4]; /* at 15, 30, 60 and 120 kHz; 0: not there */
} prb_row;

static const prb_row prb_rows[] = {
    {false, 5, {25, 11, 0, 0}},     {false, 10, {52, 24, 11, 0}},   {false, 15, {79, 38, 18, 0}},
    {false, 20, {106, 51, 24, 0}},  {false, 25, {133, 65, 31, 0}},  {false, 30, {160, 78, 38, 0}},
    {false, 40, {216, 106, 51, 0}}, {false, 50, {270, 133, 65, 0}}, {false, 60, {0, 162, 79, 0}},
    {false, 70, {0, 189, 93, 0}},   {false, 80, {0, 217, 107, 0}},  {false, 90, {0, 245, 121, 0}},
    {false, 100, {0, 273, 135, 0}}, {true, 50, {0, 0, 66, 32}},     {true, 100, {0, 0, 132, 66}},
    {true, 200, {0, 0, 264, 132}},  {true, 400, {0, 0, 0, 264}},
};

uint32_t jw_prb_count(double fc_ghz, double bandwidth_mhz, double subcarrier_khz)
{
    static const double spacings_khz[4] = {15, 30, 60, 120};
    for (uint32_t i = 0; i < JW_COUNT_OF(prb_rows); i++) {
        const prb_row *row = &prb_rows[i];
        for (uint32_t k = 0; k < 4; k++) {
            if (row->is_fr2 == (fc_ghz >= FR2_GHZ) && row->bandwidth_mhz == bandwidth_mhz &&
                spacings_khz[k] == subcarrier_khz) {
                return row->blocks[k];
            }
        }
    }
    return 0;
}

/* ---- a cell ----------------------------------------------------------------------------------------------
 */

/* What control channels and reference signals take: TS 38.306 4.1.2. */
static double payload_hz(const jw_cell_def *def, double share, double low_overhead, double high_overhead)
{
    double blocks_hz = jw_prb_count(def->band_ghz, def->bandwidth_mhz, def->subcarrier_khz) * SUBCARRIERS *
                       def->subcarrier_khz * 1e3;
    double overhead = def->band_ghz >= FR2_GHZ ? high_overhead : low_overhead;
    return blocks_hz * (jw_radio_band_of(def->band_ghz).is_fdd ? 1 : share) * (1 - overhead);
}

double jw_network_down_hz(const jw_cell_def *def)
{
    return payload_hz(def, def->downlink_share, 0.14, 0.18);
}

double jw_network_up_hz(const jw_cell_def *def)
{
    return payload_hz(def, 1 - def->downlink_share, 0.08, 0.10);
}

static void default_to(double *value, double fallback)
{
    if (*value == 0) {
        *value = fallback;
    }
}

void jw_network_default_cell(jw_cell_def *def)
{
    default_to(&def->height_m, def->scenario == JW_RADIO_UMA ? 25 : 10); /* TR 38.901 table 7.2-1 */
    default_to(&def->band_ghz, 3.5);
    jw_radio_band band = jw_radio_band_of(def->band_ghz);
    default_to(&def->bandwidth_mhz, band.bandwidth_mhz);
    default_to(&def->subcarrier_khz, band.subcarrier_khz);
    default_to(&def->power_dbm, 44);
    default_to(&def->downlink_share, 0.75);
    if (def->antenna >= JW_ANTENNA_OMNI && def->antenna <= JW_ANTENNA_ARRAY) {
        default_to(&def->antenna_gain_dbi, jw_antenna_gain_dbi(def->antenna));
    }
    default_to(&def->idle_power_w, CELL_IDLE_W);
    default_to(&def->busy_power_w, CELL_BUSY_W);
    default_to(&def->sleep_after_s, SLEEP_AFTER_S);
    default_to(&def->wake_s, WAKE_S);
    default_to(&def->sleep_power_w, CELL_SLEEP_W);
}

static bool is_within(double value, double low, double high)
{
    return value >= low && value <= high; /* false for NaN */
}

bool jw_network_is_cell_sound(const jw_cell_def *def)
{
    return is_within(def->x_m, -1e7, 1e7) && is_within(def->y_m, -1e7, 1e7) && def->height_m > 1 &&
           def->height_m <= 150 && is_within(def->band_ghz, 0.5, 100) &&
           jw_prb_count(def->band_ghz, def->bandwidth_mhz, def->subcarrier_khz) > 0 &&
           is_within(def->power_dbm, -20, 90) && def->downlink_share > 0 && def->downlink_share < 1 &&
           is_within(def->azimuth_deg, -360, 360) && is_within(def->tilt_deg, -90, 90) &&
           is_within(def->antenna_gain_dbi, -20, 50) && def->antenna >= JW_ANTENNA_OMNI &&
           def->antenna <= JW_ANTENNA_ARRAY && def->cqi_table >= JW_CQI_64QAM &&
           def->cqi_table <= JW_CQI_256QAM && def->idle_power_w > 0 &&
           is_within(def->busy_power_w, def->idle_power_w, 1e6) && is_within(def->sleep_load, 0, 1) &&
           is_within(def->sleep_after_s, 0, 1e6) && is_within(def->wake_s, 0, 1e6) &&
           is_within(def->sleep_power_w, 0, def->idle_power_w) && def->scenario >= JW_RADIO_UMI &&
           def->scenario <= JW_RADIO_UMA;
}
