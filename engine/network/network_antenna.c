/* Antennas: gain straight ahead and the patterns of 3GPP TR 38.901 V17 table 7.3-1 (one element) and of
 * TR 36.814 table A.2.1.1-2 (a macro sector's column of elements). Both patterns have one form: a parabola in
 * decibels to the side and one up and down, each with a floor, and their sum with a floor. */
#include "network/network_internal.h"

#include <assert.h>

#define DEG_PER_RAD (180 / JW_PI)

typedef struct antenna_shape {
    double gain_dbi;
    double width_deg, height_deg; /* where the gain is half */
    double side_floor_db, height_floor_db;
} antenna_shape;

static const antenna_shape shapes[] = {[JW_ANTENNA_ELEMENT] = {8, 65, 65, 30, 30},
                                       [JW_ANTENNA_SECTOR] = {14, 70, 10, 25, 20},
                                       [JW_ANTENNA_ARRAY] = {8, 65, 65, 30, 30}};

double jw_antenna_gain_dbi(jw_antenna antenna)
{
    return shapes[antenna].gain_dbi; /* omnidirectional: 0 */
}

double jw_antenna_beam_db(jw_antenna antenna, double fc_ghz)
{
    double elements = fc_ghz < 1 ? 4 : fc_ghz < 7.125 ? 64 : 256;
    return antenna == JW_ANTENNA_ARRAY ? 10 * jw_log10(elements) - 2 : 0;
}

double jw_antenna_pattern_db(jw_antenna antenna, double azimuth_deg, double elevation_deg)
{
    if (antenna == JW_ANTENNA_OMNI) {
        return 0;
    }
    const antenna_shape *shape = &shapes[antenna];
    double aside = azimuth_deg / shape->width_deg, above = elevation_deg / shape->height_deg;
    double side_db = jw_min(12 * aside * aside, shape->side_floor_db);
    double height_db = jw_min(12 * above * above, shape->height_floor_db);
    return -jw_min(side_db + height_db, shape->side_floor_db);
}

double jw_cell_gain_dbi(const jw_cell_def *cell, double x_m, double y_m, double height_m)
{
    if (cell->antenna == JW_ANTENNA_OMNI) {
        return cell->antenna_gain_dbi;
    }
    double east_m = x_m - cell->x_m, north_m = y_m - cell->y_m;
    double azimuth_rad = jw_atan2(east_m, north_m) - cell->azimuth_deg / DEG_PER_RAD;
    double below_rad = jw_atan2(cell->height_m - height_m, jw_sqrt(east_m * east_m + north_m * north_m));
    return cell->antenna_gain_dbi + jw_antenna_pattern_db(cell->antenna,
                                                          jw_wrap_angle(azimuth_rad) * DEG_PER_RAD,
                                                          below_rad * DEG_PER_RAD - cell->tilt_deg);
}
