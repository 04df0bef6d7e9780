/* Radio maps at the end of a run: coverage, SINR and rates by place as rasters of results.gpkg. */
#include "record/record_internal.h"

#include <math.h>
#include <string.h>

#define MAP_HEIGHT_M  1.5
#define MAP_CELLS_MAX 4000000u
#define MARGIN_M      100.0

typedef struct radio_grid {
    double west_deg, north_deg, pixel_lon_deg, pixel_lat_deg;
    uint32_t columns, rows;
} radio_grid;

/* Pixels of cell_m by cell_m at the city's middle, over its bounds and a margin. */
static jw_result make_grid(const jw_record *record, const jw_city *city, double cell_m, radio_grid *out,
                           jw_error *error)
{
    double min_x = city->bounds.min_x - MARGIN_M, max_x = city->bounds.max_x + MARGIN_M,
           min_y = city->bounds.min_y - MARGIN_M, max_y = city->bounds.max_y + MARGIN_M;
    double mid_x = (min_x + max_x) / 2, mid_y = (min_y + max_y) / 2;
    const double x_m[] = {min_x, min_x, max_x, max_x, mid_x, mid_x + cell_m, mid_x},
                 y_m[] = {min_y, max_y, min_y, max_y, mid_y, mid_y, mid_y + cell_m};
    double lon[7], lat[7];
    jw_result result = jw_projection_inverse(record->projection, x_m, y_m, 7, lon, lat, error);
    if (result != JW_OK)
        return result;
    double east = lon[0], south = lat[0];
    *out = (radio_grid){.west_deg = lon[0],
                        .north_deg = lat[0],
                        .pixel_lon_deg = lon[5] - lon[4],
                        .pixel_lat_deg = lat[6] - lat[4]};
    for (int i = 1; i < 4; i++) {
        out->west_deg = jw_min(out->west_deg, lon[i]);
        out->north_deg = jw_max(out->north_deg, lat[i]);
        east = jw_max(east, lon[i]);
        south = jw_min(south, lat[i]);
    }
    double columns = jw_ceil((east - out->west_deg) / out->pixel_lon_deg),
           rows = jw_ceil((out->north_deg - south) / out->pixel_lat_deg);
    if (!(columns * rows <= MAP_CELLS_MAX) || columns > 30000 || rows > 30000)
        return jw_fail(
            error, JW_ERROR_LIMIT, NULL, 0,
            "a radio map of %g m a cell has %.0f x %.0f cells: at most %u are taken, widen the cell", cell_m,
            columns, rows, MAP_CELLS_MAX);
    out->columns = (uint32_t)columns;
    out->rows = (uint32_t)rows;
    return JW_OK;
}

static jw_result fill(const jw_record *record, const jw_world *world, const radio_grid *grid,
                      jw_radio_at *out, jw_error *error)
{
    uint32_t count = grid->columns * grid->rows;
    double *lon = jw_alloc(count * sizeof *lon), *lat = jw_alloc(count * sizeof *lat);
    double *x_m = jw_alloc(count * sizeof *x_m), *y_m = jw_alloc(count * sizeof *y_m);
    jw_result result = lon && lat && x_m && y_m ? JW_OK : jw_fail_memory(error);
    for (uint32_t i = 0; i < count && result == JW_OK; i++) {
        lon[i] = grid->west_deg + (i % grid->columns + 0.5) * grid->pixel_lon_deg;
        lat[i] = grid->north_deg - (i / grid->columns + 0.5) * grid->pixel_lat_deg;
    }
    if (result == JW_OK)
        result = jw_projection_forward(record->projection, lon, lat, count, x_m, y_m, error);
    if (result == JW_OK)
        jw_network_map(jw_world_state(world, JW_TWIN_NETWORK), count, x_m, y_m, MAP_HEIGHT_M,
                       jw_world_threads(world), out);
    jw_free(lon);
    jw_free(lat);
    jw_free(x_m);
    jw_free(y_m);
    return result;
}

enum { LAYER_POWER, LAYER_SINR, LAYER_DOWN, LAYER_UP, LAYER_COUNT };

static float value_of(const jw_radio_at *at, int layer)
{
    switch (layer) {
    case LAYER_POWER:
        return at->power_dbm;
    case LAYER_SINR:
        return at->sinr_db;
    case LAYER_DOWN:
        return at->rate_down_bps / 1e6f;
    default:
        return at->rate_up_bps / 1e6f;
    }
}

jw_result record_radio_maps(jw_record *record, const jw_world *world, double cell_m, jw_error *error)
{
    static const struct {
        const char *name, *doc, *unit;
        double offset, scale;
    } layers[LAYER_COUNT] = {
        {"radio_power", "received from the strongest cell, per subcarrier, at the end of the run", "dBm",
         -300, 0.01},
        {"radio_sinr", "signal over interference and noise of the downlink, at the end of the run", "dB",
         -200, 0.01},
        {"radio_rate_down", "downlink rate of one more user, at the end of the run", "Mbit/s", 0, 0.1},
        {"radio_rate_up", "uplink rate of one more user, at the end of the run", "Mbit/s", 0, 0.1},
    };
    radio_grid grid;
    jw_result result = make_grid(record, jw_twin_city(world), cell_m, &grid, error);
    if (result != JW_OK)
        return result;
    uint32_t count = grid.columns * grid.rows;
    jw_radio_at *at = jw_alloc(count * sizeof *at);
    float *values = jw_alloc(count * sizeof *values);
    result = at && values ? fill(record, world, &grid, at, error) : jw_fail_memory(error);
    for (int layer = 0; layer < LAYER_COUNT && result == JW_OK; layer++) {
        for (uint32_t i = 0; i < count; i++)
            values[i] = value_of(&at[i], layer);
        jw_gpkg_raster raster = {.west_deg = grid.west_deg,
                                 .north_deg = grid.north_deg,
                                 .pixel_lon_deg = grid.pixel_lon_deg,
                                 .pixel_lat_deg = grid.pixel_lat_deg,
                                 .columns = grid.columns,
                                 .rows = grid.rows,
                                 .offset = layers[layer].offset,
                                 .scale = layers[layer].scale,
                                 .unit = layers[layer].unit,
                                 .values = values};
        result = jw_gpkg_add_coverage(record->gpkg, layers[layer].name, layers[layer].doc, &raster, error);
    }
    if (result == JW_OK)
        result = jw_gpkg_commit(record->gpkg, error);
    jw_free(at);
    jw_free(values);
    return result;
}
