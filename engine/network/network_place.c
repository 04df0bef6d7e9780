/* The radio map: what each place hears. A place is a tile of 10 m at a height in steps of 0.5 m; it knows the
 * strongest cells that are up and the path gain to each: path loss, shadow fading and the antenna's pattern.
 * Users in one tile hear the same (10 m is the correlation distance of line of sight in TR 38.901 table 7.5-6
 * for UMi), so a user costs a few multiplications a step instead of eight path losses and eight walks through
 * the buildings.
 *
 * A place is a pure function of tile, cells and city: computed when first visited, forgotten when a cell it
 * could hear comes or goes, neither saved nor hashed.
 *
 * Indoors a place is in the middle of its tile; the building there is not in its way but costs what TR 38.901
 * clause 7.4.3 has: a wall (of high loss, coated glass, where people work or shop, else of low loss:
 * unverified) and 0.5 dB a metre of rooms, of which there are 25/3 m in the mean.
 *
 * Line of sight: the straight ray from the antenna to the tile's middle (or the nearest of eight points
 * around it that is not inside a building), blocked by every footprint inside which the building rises above
 * the ray. A cell's own building never blocks it: its antenna stands at the edge of the roof. Outdoors
 * walls cost nothing but the sight. */
#include "network/network_internal.h"

#include <math.h>

#define KEY_OFFSET (1 << 23)
#define PAGE_TILES (64 * 64)
#define NEAR_CELLS 24 /* among which the strongest are looked for: eight masts of three sectors */
#define RANK_DB_PER_DECADE2                                                                                  \
    17.5 /* of squared distance: streets without sight, TR 38.901's 35 dB a decade of distance */
#define TERMINAL_DBM 23.0           /* TS 38.101-1, power class 3 */
#define ROOMS_DB     (0.5 * 25 / 3) /* TR 38.901 7.4.3.1: the mean of the lesser of two distances to 25 m */
#define KEY_INDOOR   0x8000u

struct net_sight {
    const jw_city *city;
    jw_grid *grid; /* boxes of the buildings, numbered as in the city */
};

static const jw_ring_range *building_rings(const jw_city *city, const jw_building *building)
{
    return city->rings + building->first_ring;
}

jw_result jw_network_sight_create(const jw_city *city, net_sight **out, jw_error *error)
{
    *out = NULL;
    if (!city || city->building_count == 0) {
        return JW_OK;
    }
    net_sight *sight = jw_alloc(sizeof *sight);
    jw_box *boxes = jw_alloc(city->building_count * sizeof *boxes);
    jw_result result = sight && boxes ? JW_OK : jw_fail_memory(error);
    for (uint32_t i = 0; i < city->building_count && !result; i++) {
        const jw_building *building = &city->buildings[i];
        boxes[i] = jw_box_empty();
        if (building->ring_count > 0) {
            const jw_ring_range *outer = building_rings(city, building);
            for (uint32_t k = 0; k < outer->point_count; k++) {
                const jw_vec3 *point = &city->points[outer->first_point + k];
                boxes[i] = jw_box_extend(boxes[i], point->x, point->y);
            }
        } else {
            boxes[i] = jw_box_extend(boxes[i], building->x_m, building->y_m);
        }
    }
    if (!result) {
        sight->city = city;
        result = jw_grid_create(boxes, city->building_count, 0, &sight->grid, error);
    }
    jw_free(boxes);
    if (result) {
        jw_free(sight);
        return result;
    }
    *out = sight;
    return JW_OK;
}

void jw_network_sight_destroy(net_sight *sight)
{
    if (sight) {
        jw_grid_destroy(sight->grid);
        jw_free(sight);
    }
}

/* ---- which building stands here --------------------------------------------------------------------------
 */

typedef struct at_query {
    const jw_city *city;
    double x_m, y_m, above_m;
    uint32_t found;
} at_query;

static bool visit_at(void *context, uint32_t item)
{
    at_query *query = context;
    const jw_building *building = &query->city->buildings[item];
    if (building->height_m <= query->above_m || item >= query->found) {
        return true;
    }
    bool is_inside = false;
    for (uint32_t i = 0; i < building->ring_count; i++) { /* a hole turns it outside again */
        const jw_ring_range *ring = &building_rings(query->city, building)[i];
        is_inside ^= jw_ring_contains(query->city->points + ring->first_point, ring->point_count, query->x_m,
                                      query->y_m);
    }
    if (is_inside) {
        query->found = item;
    }
    return true;
}

/* The first building higher than above_m that covers the point, JW_NONE. */
static uint32_t building_at(const net_sight *sight, double x_m, double y_m, double above_m)
{
    if (!sight) {
        return JW_NONE;
    }
    at_query query = {sight->city, x_m, y_m, above_m, JW_NONE};
    jw_grid_query(sight->grid, (jw_box){x_m, y_m, x_m, y_m}, visit_at, &query);
    return query.found;
}

void jw_network_set_cell_constants(jw_network *network, uint32_t slot)
{
    net_cell *cell = &network->cells[slot];
    const jw_cell_def *def = &cell->def;
    double power_dbm_per_hz = def->power_dbm - 10 * jw_log10(def->bandwidth_mhz * 1e6);
    cell->power_mw_per_hz = jw_pow(10, power_dbm_per_hz / 10);
    cell->noise_mw_per_hz = jw_pow(10, NET_NOISE_DBM_PER_HZ / 10);
    cell->beam = jw_pow(10, jw_antenna_beam_db(def->antenna, def->band_ghz) / 10);
    cell->full_rate_m = jw_cell_reach_m(def, 15);
    cell->reach_m = jw_cell_reach_m(def, 1);
    cell->down_hz = jw_network_down_hz(def);
    cell->least_up_bps = jw_cqi_efficiency(def->cqi_table, 1) * jw_network_up_hz(def);
    cell->building = building_at(network->sight, def->x_m, def->y_m, 0);
    cell->handicap = jw_pow(10, (20 * jw_log10(def->band_ghz) - power_dbm_per_hz - def->antenna_gain_dbi) /
                                    RANK_DB_PER_DECADE2);
    jw_network_shadow_make(network->shadow_key, def->x_m, def->y_m, &network->shadows[slot]);
}

/* ---- line of sight ---------------------------------------------------------------------------------------
 */

typedef struct sight_query {
    const jw_city *city;
    jw_vec2 from, along;           /* the ray in the plane: from + t * along, 0 <= t <= 1 */
    double from_m, rise_m;         /* its height */
    const uint32_t *own_buildings; /* two */
    bool is_blocked;
} sight_query;

static bool visit_sight(void *context, uint32_t item)
{
    sight_query *query = context;
    const jw_building *building = &query->city->buildings[item];
    double end_m = query->from_m + query->rise_m;
    if (item == query->own_buildings[0] || item == query->own_buildings[1] ||
        building->height_m <= jw_min(query->from_m, end_m)) {
        return true;
    }
    /* Between an entry and an exit the ray's height is between theirs: the lowest and highest crossings tell.
     */
    double lowest_m = INFINITY, highest_m = -INFINITY;
    for (uint32_t i = 0; i < building->ring_count; i++) {
        const jw_ring_range *ring = &building_rings(query->city, building)[i];
        const jw_vec3 *points = query->city->points + ring->first_point;
        for (uint32_t k = 0, last = ring->point_count - 1; k < ring->point_count; last = k++) {
            jw_vec2 a = {points[last].x - query->from.x, points[last].y - query->from.y};
            jw_vec2 side = {points[k].x - points[last].x, points[k].y - points[last].y};
            double determinant = jw_vec2_cross(query->along, side);
            if (determinant == 0) {
                continue;
            }
            double t = jw_vec2_cross(a, side) / determinant, u = jw_vec2_cross(a, query->along) / determinant;
            if (t >= 0 && t <= 1 && u >= 0 && u <= 1) {
                double height_m = query->from_m + t * query->rise_m;
                lowest_m = jw_min(lowest_m, height_m);
                highest_m = jw_max(highest_m, height_m);
            }
        }
    }
    query->is_blocked = lowest_m < building->height_m && highest_m >= building->base_m;
    return !query->is_blocked;
}

bool jw_network_sees(const net_sight *sight, jw_vec3 mast, const uint32_t own_buildings[2], jw_vec2 place,
                     double height_m)
{
    if (!sight) {
        return true;
    }
    sight_query query = {.city = sight->city,
                         .from = {mast.x, mast.y},
                         .along = {place.x - mast.x, place.y - mast.y},
                         .from_m = mast.z,
                         .rise_m = height_m - mast.z,
                         .own_buildings = own_buildings};
    /* From the place, where the ray is lowest: what blocks it is mostly near. */
    jw_grid_walk(sight->grid, place, query.from, visit_sight, &query);
    return !query.is_blocked;
}

/* `building`: that the place is in, JW_NONE. */
static bool has_sight(const jw_network *network, const net_cell *cell, jw_vec2 place, double height_m,
                      uint32_t building)
{
    const uint32_t own_buildings[2] = {cell->building, building};
    return jw_network_sees(network->sight, (jw_vec3){cell->def.x_m, cell->def.y_m, cell->def.height_m},
                           own_buildings, place, height_m);
}

/* ---- places ----------------------------------------------------------------------------------------------
 */

/* Column and row of the tile (24 bits each), indoors or not (1 bit), height in half metres (15 bits).
 * Positions are within 1e7 m. */
uint64_t jw_network_place_key(float x_m, float y_m, float height_m, bool is_indoor)
{
    uint64_t column = (uint64_t)((double)x_m / NET_TILE_M + KEY_OFFSET) & 0xffffff;
    uint64_t row = (uint64_t)((double)y_m / NET_TILE_M + KEY_OFFSET) & 0xffffff;
    uint64_t level = (uint64_t)((double)height_m * 2 + 0.5) & 0x7fff;
    level |= is_indoor ? KEY_INDOOR : 0;
    return column << 40 | row << 16 | level;
}

static jw_vec2 tile_middle(uint64_t key)
{
    double column = (double)((int64_t)(key >> 40) - KEY_OFFSET);
    double row = (double)((int64_t)(key >> 16 & 0xffffff) - KEY_OFFSET);
    return (jw_vec2){(column + 0.5) * NET_TILE_M, (row + 0.5) * NET_TILE_M};
}

/* Where in the tile to listen: outdoors when any of nine points is. */
static jw_vec2 listening_point(const jw_network *network, uint64_t key, double height_m)
{
    static const double steps[9][2] = {{0, 0}, {3, 0},  {0, 3},   {-3, 0}, {0, -3},
                                       {3, 3}, {-3, 3}, {-3, -3}, {3, -3}};
    jw_vec2 middle = tile_middle(key);
    for (int i = 0; i < 9; i++) {
        jw_vec2 point = {middle.x + steps[i][0], middle.y + steps[i][1]};
        if (building_at(network->sight, point.x, point.y, height_m) == JW_NONE) {
            return point;
        }
    }
    return middle;
}

/* What arrives of a terminal that sends in the whole band, dBm/Hz: its power makes up for a share of the loss
 * (TS 38.213 7.1.1, without closed-loop corrections). */
static double up_power_dbm(const jw_network *network, const jw_cell_def *def, double loss_db)
{
    double band_hz = def->bandwidth_mhz * 1e6; /* 2^mu M resource blocks of 180 kHz, with the guard bands */
    double wish_dbm = network->up_p0_dbm + 10 * jw_log10(band_hz / 180e3) + network->up_alpha * loss_db;
    return jw_min(wish_dbm, TERMINAL_DBM) - 10 * jw_log10(band_hz) - loss_db;
}

static double indoor_loss_db(const jw_network *network, const jw_cell_def *def, uint32_t building)
{
    uint8_t use = building == JW_NONE ? JW_USE_NONE : network->city->buildings[building].use;
    bool is_high = use == JW_USE_OFFICE || use == JW_USE_COMMERCIAL || use == JW_USE_COMPUTING;
    return jw_wall_loss_db(is_high, def->band_ghz) + ROOMS_DB;
}

/* A list of cells by rising key, of equal keys the lower slot first. */
typedef struct cell_list {
    double keys[NEAR_CELLS];
    uint32_t cells[NEAR_CELLS];
    uint32_t count, size;
} cell_list;

static void list_insert(cell_list *list, uint32_t cell, double key)
{
    if (list->count == list->size && key >= list->keys[list->size - 1]) {
        return;
    }
    uint32_t k = list->count < list->size ? list->count++ : list->size - 1;
    for (; k > 0 && key < list->keys[k - 1]; k--) {
        list->keys[k] = list->keys[k - 1];
        list->cells[k] = list->cells[k - 1];
    }
    list->keys[k] = key;
    list->cells[k] = cell;
}

static double distance2(const jw_cell_def *cell, jw_vec2 point)
{
    double dx_m = cell->x_m - point.x, dy_m = cell->y_m - point.y;
    return dx_m * dx_m + dy_m * dy_m;
}

/* The nearest cells, and of these the strongest by distance, power, band and antenna. */
static void list_cells(const jw_network *network, jw_vec2 point, double height_m, net_place *place)
{
    cell_list near = {.size = NEAR_CELLS}, strong = {.size = NET_CANDIDATES};
    for (uint32_t c = 0; c < network->cell_count; c++) {
        if (jw_network_cell_is_up(network, c)) {
            list_insert(&near, c, distance2(&network->cells[c].def, point));
        }
    }
    for (uint32_t i = 0; i < near.count; i++) {
        const net_cell *cell = &network->cells[near.cells[i]];
        double weakness = near.keys[i] * cell->handicap;
        if (cell->def.antenna != JW_ANTENNA_OMNI) {
            double aside_db =
                jw_cell_gain_dbi(&cell->def, point.x, point.y, height_m) - cell->def.antenna_gain_dbi;
            weakness *= jw_pow(10, -aside_db / RANK_DB_PER_DECADE2);
        }
        list_insert(&strong, near.cells[i], weakness);
    }
    place->reach_m = near.count == NEAR_CELLS ? (float)jw_sqrt(near.keys[NEAR_CELLS - 1]) : INFINITY;
    place->count = (uint8_t)strong.count;
    for (uint32_t i = 0; i < strong.count; i++) {
        place->cells[i] = strong.cells[i];
    }
}

void jw_network_place_compute(const jw_network *network, net_place *place)
{
    double height_m = (double)(place->key & (KEY_INDOOR - 1)) / 2;
    bool is_indoor = place->key & KEY_INDOOR;
    jw_vec2 point = is_indoor ? tile_middle(place->key) : listening_point(network, place->key, height_m);
    uint32_t building = is_indoor ? building_at(network->sight, point.x, point.y, height_m) : JW_NONE;
    list_cells(network, point, height_m, place);
    place->los_bits = 0;
    for (uint32_t k = 0; k < place->count; k++) {
        const net_cell *cell = &network->cells[place->cells[k]];
        const jw_cell_def *def = &cell->def;
        double distance_m = jw_max(jw_sqrt(distance2(def, point)), 10); /* the models begin at 10 m */
        bool has_los = network->is_los_from_buildings
                           ? has_sight(network, cell, point, height_m, building)
                           : jw_random_uniform(network->sight_key, place->key, place->cells[k]) <
                                 jw_los_probability(def->scenario, distance_m);
        double loss_db = jw_path_loss_db(def->scenario, has_los, def->band_ghz, distance_m, def->height_m,
                                         jw_max(height_m, 1.5)) -
                         jw_cell_gain_dbi(def, point.x, point.y, height_m);
        if (network->has_shadowing) {
            double shadow =
                jw_network_shadow_at(&network->shadows[place->cells[k]], point.x - def->x_m,
                                     point.y - def->y_m, jw_shadow_distance_m(def->scenario, has_los));
            loss_db += jw_shadow_sigma_db(def->scenario, has_los) * shadow;
        }
        if (is_indoor) {
            loss_db += indoor_loss_db(network, def, building);
        }
        place->gain[k] = (float)jw_pow(10, -loss_db / 10);
        place->up_power[k] = (float)jw_pow(10, up_power_dbm(network, def, loss_db) / 10);
        place->los_bits = (uint8_t)(place->los_bits | has_los << k);
    }
}

static uint32_t tile_in_page(uint64_t key)
{
    return (uint32_t)(key >> 40 & 63) * 64 + (uint32_t)(key >> 16 & 63);
}

#define PAGE_KEY_MASK (~(UINT64_C(63) << 40 | UINT64_C(63) << 16))

uint32_t jw_network_place_find(const jw_network *network, uint64_t key)
{
    uint32_t page = jw_map_get(&network->place_page_numbers, key & PAGE_KEY_MASK);
    return page == JW_NONE ? JW_NONE : network->place_pages[(uint64_t)page * PAGE_TILES + tile_in_page(key)];
}

jw_result jw_network_place_take(jw_network *network, uint64_t key, uint32_t *out, jw_error *error)
{
    uint32_t page = jw_map_get(&network->place_page_numbers, key & PAGE_KEY_MASK);
    if (page == JW_NONE) {
        page = network->place_page_count;
        uint64_t end = ((uint64_t)page + 1) * PAGE_TILES;
        jw_result result = jw_grow((void **)&network->place_pages, &network->place_page_capacity, end,
                                   sizeof *network->place_pages, error);
        if (result) {
            return result;
        }
        for (uint64_t i = end - PAGE_TILES; i < end; i++) {
            network->place_pages[i] = JW_NONE;
        }
        if (!jw_map_set(&network->place_page_numbers, key & PAGE_KEY_MASK, page)) {
            return jw_fail_memory(error);
        }
        network->place_page_count++;
    }
    uint32_t *index = &network->place_pages[(uint64_t)page * PAGE_TILES + tile_in_page(key)];
    if (*index == JW_NONE) {
        jw_result result = jw_grow((void **)&network->places, &network->place_capacity,
                                   (uint64_t)network->place_count + 1, sizeof *network->places, error);
        if (!result) {
            result = jw_grow((void **)&network->place_states, &network->place_state_capacity,
                             (uint64_t)network->place_count + 1, sizeof *network->place_states, error);
        }
        if (result) {
            return result;
        }
        network->places[network->place_count] = (net_place){.key = key};
        network->place_states[network->place_count] = NET_PLACE_STALE;
        *index = network->place_count++;
    }
    *out = *index;
    return JW_OK;
}

void jw_network_places_cell_changed(jw_network *network, uint32_t cell)
{
    jw_vec2 mast = {network->cells[cell].def.x_m, network->cells[cell].def.y_m};
    for (uint32_t i = 0; i < network->place_count; i++) {
        const net_place *place = &network->places[i];
        if (jw_vec2_distance(tile_middle(place->key), mast) < (double)place->reach_m + NET_TILE_M) {
            network->place_states[i] = NET_PLACE_STALE;
        }
    }
}
