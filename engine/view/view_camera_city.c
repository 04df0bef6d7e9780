/* Where the camera goes on a city: all roads, its core, the side that shows most of it. */
#include "view/view_camera.h"

jw_camera jw_camera_fit_roads(const jw_city *city, double aspect)
{
    /* The outermost road in each of many directions: what lies between them is in sight with them. */
    enum { DIRECTIONS = 64 };
    jw_vec2 outline[DIRECTIONS];
    if (city->edge_count == 0)
        return jw_camera_fit(city->bounds, aspect);
    for (int k = 0; k < DIRECTIONS; k++) {
        double c = jw_cos(2 * JW_PI * k / DIRECTIONS), s = jw_sin(2 * JW_PI * k / DIRECTIONS), most = -1e300;
        for (uint32_t i = 0; i < city->edge_count; i++) {
            const jw_edge *edge = &city->edges[i];
            for (uint32_t p = edge->first_point; p < edge->first_point + edge->point_count; p++) {
                double out = city->points[p].x * c + city->points[p].y * s;
                if (out > most) {
                    most = out;
                    outline[k] = (jw_vec2){city->points[p].x, city->points[p].y};
                }
            }
        }
        if (most == -1e300) /* no road has points */
            return jw_camera_fit(city->bounds, aspect);
    }
    return jw_camera_fit_points(outline, DIRECTIONS, 0, aspect);
}

enum { CORE_BINS = 512, ENOUGH_BUILDINGS = 30 };

/* Adds a weight to the histograms of both directions. */
static void count_place(double bins[2][CORE_BINS], jw_box box, double x, double y, double weight)
{
    double share[2] = {(x - box.min_x) / (box.max_x - box.min_x), (y - box.min_y) / (box.max_y - box.min_y)};
    for (int k = 0; k < 2; k++)
        if (share[k] >= 0 && share[k] <= 1)
            bins[k][(int)jw_min(share[k] * CORE_BINS, CORE_BINS - 1)] += weight;
}

jw_box jw_view_core_bounds(const jw_city *city)
{
    jw_box box = city->bounds;
    double bins[2][CORE_BINS] = {{0}};
    if (!(box.max_x > box.min_x && box.max_y > box.min_y))
        return box;
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *building = &city->buildings[i];
        count_place(bins, box, building->x_m, building->y_m, building->levels);
    }
    for (uint32_t i = 0; i < city->edge_count && city->building_count < ENOUGH_BUILDINGS; i++) {
        const jw_edge *edge = &city->edges[i];
        const jw_vec3 *middle = &city->points[edge->first_point + edge->point_count / 2];
        count_place(bins, box, middle->x, middle->y, edge->length_m);
    }
    double *limits[2][2] = {{&box.min_x, &box.max_x}, {&box.min_y, &box.max_y}};
    for (int k = 0; k < 2; k++) {
        double total = 0, low = 0, high = 0, start = *limits[k][0], size = *limits[k][1] - *limits[k][0];
        for (int i = 0; i < CORE_BINS; i++)
            total += bins[k][i];
        int first = 0, last = CORE_BINS - 1;
        while (first < last && low + bins[k][first] < 0.02 * total)
            low += bins[k][first++];
        while (last > first && high + bins[k][last] < 0.02 * total)
            high += bins[k][last--];
        *limits[k][0] = start + size * first / CORE_BINS;
        *limits[k][1] = start + size * (last + 1) / CORE_BINS;
    }
    return box;
}

enum { DENSE_CELLS = 64 };

jw_box jw_view_dense_bounds(const jw_city *city, double side_m)
{
    jw_box core = jw_view_core_bounds(city);
    double width_m = core.max_x - core.min_x, height_m = core.max_y - core.min_y;
    if (city->building_count < ENOUGH_BUILDINGS || jw_max(width_m, height_m) <= 2 * side_m)
        return core;
    /* Storeys of buildings in a coarse lattice, summed over windows of the wished side. */
    double floors[DENSE_CELLS][DENSE_CELLS] = {{0}}, cell_m = jw_max(width_m, height_m) / DENSE_CELLS;
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *building = &city->buildings[i];
        double column = (building->x_m - core.min_x) / cell_m, row = (building->y_m - core.min_y) / cell_m;
        if (column >= 0 && row >= 0 && column < DENSE_CELLS && row < DENSE_CELLS)
            floors[(int)row][(int)column] += building->levels;
    }
    int side = (int)jw_clamp(side_m / cell_m, 1, DENSE_CELLS), best_row = 0, best_column = 0;
    double most = -1;
    for (int row = 0; row + side <= DENSE_CELLS; row++)
        for (int column = 0; column + side <= DENSE_CELLS; column++) {
            double sum = 0;
            for (int k = 0; k < side * side; k++)
                sum += floors[row + k / side][column + k % side];
            if (sum > most) {
                most = sum;
                best_row = row;
                best_column = column;
            }
        }
    double x_m = core.min_x + best_column * cell_m, y_m = core.min_y + best_row * cell_m;
    return (jw_box){x_m, y_m, x_m + side * cell_m, y_m + side * cell_m};
}

/* ---- the best side ----------------------------------------------------------------------------------- */

enum { SITE_CELLS = 48, SIDES = 8, SITE_DIRECTIONS = 32, LOOK_COLUMNS = 48, LOOK_ROWS = 27 };

/* Where something stands inside a box, in a lattice; and the outermost of it in each direction. */
typedef struct settled {
    jw_box box;
    uint8_t cells[SITE_CELLS][SITE_CELLS];
    jw_vec2 directions[SITE_DIRECTIONS], outline[SITE_DIRECTIONS];
    double reach[SITE_DIRECTIONS];
    uint32_t count;
} settled;

static int cell_of(double value, double low, double high)
{
    return (int)jw_floor((value - low) / (high - low) * SITE_CELLS);
}

static void settle(settled *land, double x_m, double y_m)
{
    int column = cell_of(x_m, land->box.min_x, land->box.max_x),
        row = cell_of(y_m, land->box.min_y, land->box.max_y);
    if (column < 0 || row < 0 || column >= SITE_CELLS || row >= SITE_CELLS)
        return;
    for (int i = row - 1; i <= row + 1; i++) /* and what lies around it */
        for (int k = column - 1; k <= column + 1; k++)
            if (i >= 0 && k >= 0 && i < SITE_CELLS && k < SITE_CELLS)
                land->cells[i][k] = 1;
    for (int k = 0; k < SITE_DIRECTIONS; k++) {
        double out = x_m * land->directions[k].x + y_m * land->directions[k].y;
        if (land->count == 0 || out > land->reach[k]) {
            land->reach[k] = out;
            land->outline[k] = (jw_vec2){x_m, y_m};
        }
    }
    land->count++;
}

#define WATER_MOST 0.3 /* of a picture before another side is looked for */

static bool is_on_water(const jw_city *city, jw_vec2 at)
{
    for (uint32_t i = 0; i < city->area_count; i++) {
        const jw_area *area = &city->areas[i];
        if (area->kind != JW_AREA_WATER || area->ring_count == 0)
            continue;
        const jw_ring_range *ring = &city->rings[area->first_ring];
        if (jw_ring_contains(city->points + ring->first_point, ring->point_count, at.x, at.y))
            return true;
    }
    return false;
}

/* Shares of the picture with something built and with water on it. What lies near the eye counts three times
 * what is far: empty ground and water belong into the distance. */
static void look(const settled *land, const jw_city *city, const jw_camera *camera, double aspect,
                 double *out_built, double *out_water)
{
    const jw_view_rect screen = {0, 0, (int)(1000 * aspect), 1000};
    double built = 0, water = 0, total = 0;
    for (int i = 0; i < LOOK_COLUMNS * LOOK_ROWS; i++) {
        jw_vec2 at;
        double down = (i / LOOK_COLUMNS + 0.5) / LOOK_ROWS, weight = 0.5 + down;
        total += weight;
        if (!jw_camera_ground(camera, screen, (i % LOOK_COLUMNS + 0.5) * screen.width_px / LOOK_COLUMNS,
                              down * screen.height_px, &at))
            continue;
        int column = cell_of(at.x, land->box.min_x, land->box.max_x),
            row = cell_of(at.y, land->box.min_y, land->box.max_y);
        if (column >= 0 && row >= 0 && column < SITE_CELLS && row < SITE_CELLS && land->cells[row][column])
            built += weight;
        else if (is_on_water(city, at))
            water += weight;
    }
    *out_built = built / total;
    *out_water = water / total;
}

jw_camera jw_camera_fit_city(const jw_city *city, jw_box bounds, double aspect)
{
    settled land = {.box = bounds};
    if (!(bounds.max_x > bounds.min_x && bounds.max_y > bounds.min_y))
        return jw_camera_fit(bounds, aspect);
    for (int k = 0; k < SITE_DIRECTIONS; k++) {
        double angle = 2 * JW_PI * k / SITE_DIRECTIONS;
        land.directions[k] = (jw_vec2){jw_cos(angle), jw_sin(angle)};
    }
    for (uint32_t i = 0; i < city->building_count; i++)
        settle(&land, city->buildings[i].x_m, city->buildings[i].y_m);
    for (uint32_t i = 0; i < city->edge_count && city->building_count < ENOUGH_BUILDINGS; i++) {
        const jw_vec3 *middle = &city->points[city->edges[i].first_point + city->edges[i].point_count / 2];
        settle(&land, middle->x, middle->y);
    }
    if (land.count < 3)
        return jw_camera_fit(bounds, aspect);
    jw_camera best = {0};
    double most = -1;
    for (int side = 0; side < SIDES; side++) {
        double built, water;
        jw_camera camera =
            jw_camera_fit_points(land.outline, SITE_DIRECTIONS, 2 * JW_PI * side / SIDES, aspect);
        look(&land, city, &camera, aspect, &built, &water);
        if (side == 0 && water < WATER_MOST)
            return camera;
        if (built - water > most) {
            most = built - water;
            best = camera;
        }
    }
    return best;
}
