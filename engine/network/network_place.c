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
 * Between sight and none there is no step. Among buildings the ray from the antenna to the tile's middle (or
 * the nearest of eight points around it that is not inside a building) pays for the edge that it passes or
 * bends around (jw_diffraction_loss_db) until that costs as much as having no sight does. Where sight is
 * drawn it is TR 38.901 7.6.3.3's soft state. Shadowing goes over from one kind to the other by the same
 * share.
 *
 * The shadows of two masts have a correlation of 0.5, those of one mast's sectors are the same (3GPP TR
 * 36.814 table A.2.1.1-2): half of a place's variance is its own, whichever mast it hears. TR 38.901 7.5 step
 * 4 has masts independent; with that, two masts heard alike changed places by 11 dB in the mean every few
 * metres. */
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
#define LIGHT_MPS    3e8
#define SIGHT_DISTANCE_M                                                                                     \
    50.0                /* over which drawn sight is correlated: TR 38.901 table 7.6.3.1-2, UMi and UMa */
#define EDGE_PAST   0.1 /* an edge costs at least EDGE_DB + 20 lg (its parameter - EDGE_PAST) */
#define EDGE_DB     12.9
#define COMMON_PART 0.7071067811865476 /* of two masts' shadows, whose correlation is its square */
#define OWN_PART    0.7071067811865476

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
    cell->up_hz = jw_network_up_hz(def);
    cell->least_up_bps = jw_cqi_efficiency(def->cqi_table, 1) * cell->up_hz;
    cell->building = jw_network_building_at(network->sight, def->x_m, def->y_m, 0);
    cell->handicap = jw_pow(10, (20 * jw_log10(def->band_ghz) - power_dbm_per_hz - def->antenna_gain_dbi) /
                                    RANK_DB_PER_DECADE2);
    jw_network_shadow_make(network->shadow_key, def->x_m, def->y_m, &network->shadows[slot]);
    jw_network_shadow_make(network->sight_key, def->x_m, def->y_m, &network->sight_fields[slot]);
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
        if (jw_network_building_at(network->sight, point.x, point.y, height_m) == JW_NONE) {
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

/* A place while it is computed. */
typedef struct place_at {
    const jw_network *network;
    jw_vec2 point;
    double height_m;
    uint32_t building; /* that it is in, JW_NONE */
    double common[4];  /* of the shadow, by scenario and sight; NAN: not asked for yet */
} place_at;

/* How much of the step from sight to none a place has taken, 0 to 1, where the losses are so far apart. */
static double share_without_sight(const place_at *at, uint32_t slot, double distance_m, double gap_db,
                                  bool *out_has_los)
{
    const jw_network *network = at->network;
    const net_cell *cell = &network->cells[slot];
    const jw_cell_def *def = &cell->def;
    double wavelength_m = LIGHT_MPS / (def->band_ghz * 1e9);
    if (!network->is_los_from_buildings) {
        double field = jw_network_shadow_at(&network->sight_fields[slot], at->point.x - def->x_m,
                                            at->point.y - def->y_m, SIGHT_DISTANCE_M);
        double share = jw_los_soft(jw_los_probability(def->scenario, distance_m), field, wavelength_m);
        *out_has_los = share >= 0.5;
        return 1 - share;
    }
    const uint32_t own_buildings[2] = {cell->building, at->building};
    double enough = EDGE_PAST + jw_pow(10, (gap_db - EDGE_DB) / 20);
    double edge = jw_network_edge(network->sight, (jw_vec3){def->x_m, def->y_m, def->height_m}, own_buildings,
                                  at->point, at->height_m, wavelength_m, enough);
    *out_has_los = edge <= 0;
    double edge_db = edge > enough ? INFINITY : jw_diffraction_loss_db(edge);
    return edge_db < gap_db ? edge_db / gap_db : edge_db > 0;
}

/* With a deviation in dB: of the kind of place that has sight or has none. */
static double shadow_db(place_at *at, uint32_t slot, bool has_los)
{
    const jw_cell_def *def = &at->network->cells[slot].def;
    double scale_m = jw_shadow_distance_m(def->scenario, has_los);
    double *common = &at->common[2 * (def->scenario == JW_RADIO_UMA) + has_los];
    if (isnan(*common)) {
        *common = jw_network_shadow_at(&at->network->common_shadow, at->point.x, at->point.y, scale_m);
    }
    double own = jw_network_shadow_at(&at->network->shadows[slot], at->point.x - def->x_m,
                                      at->point.y - def->y_m, scale_m);
    return jw_shadow_sigma_db(def->scenario, has_los) * (COMMON_PART * *common + OWN_PART * own);
}

/* Without the antenna's gain. */
static double loss_to(place_at *at, uint32_t slot, bool *out_has_los)
{
    const jw_cell_def *def = &at->network->cells[slot].def;
    double distance_m = jw_max(jw_sqrt(distance2(def, at->point)), 10); /* the models begin at 10 m */
    double ut_height_m = jw_max(at->height_m, 1.5), losses_db[2];
    for (int has_los = 0; has_los < 2; has_los++) {
        losses_db[has_los] =
            jw_path_loss_db(def->scenario, has_los, def->band_ghz, distance_m, def->height_m, ut_height_m);
    }
    double gap_db = losses_db[0] - losses_db[1];
    double share = share_without_sight(at, slot, distance_m, gap_db, out_has_los);
    double loss_db = losses_db[1] + share * gap_db;
    if (at->network->has_shadowing) {
        loss_db += share < 1 ? (1 - share) * shadow_db(at, slot, true) : 0;
        loss_db += share > 0 ? share * shadow_db(at, slot, false) : 0;
    }
    return loss_db;
}

/* All that a place hears alike of both: sectors of a mast in one band. */
static bool is_alike(const jw_cell_def *a, const jw_cell_def *b)
{
    return a->x_m == b->x_m && a->y_m == b->y_m && a->height_m == b->height_m && a->band_ghz == b->band_ghz &&
           a->scenario == b->scenario;
}

void jw_network_place_compute(const jw_network *network, net_place *place)
{
    double height_m = (double)(place->key & (KEY_INDOOR - 1)) / 2;
    bool is_indoor = place->key & KEY_INDOOR;
    jw_vec2 point = is_indoor ? tile_middle(place->key) : listening_point(network, place->key, height_m);
    uint32_t building =
        is_indoor ? jw_network_building_at(network->sight, point.x, point.y, height_m) : JW_NONE;
    place_at at = {network, point, height_m, building, {NAN, NAN, NAN, NAN}};
    list_cells(network, point, height_m, place);
    place->los_bits = 0;
    double losses_db[NET_CANDIDATES];
    for (uint32_t k = 0; k < place->count; k++) {
        const jw_cell_def *def = &network->cells[place->cells[k]].def;
        uint32_t like = 0;
        while (like < k && !is_alike(&network->cells[place->cells[like]].def, def)) {
            like++;
        }
        bool has_los = place->los_bits >> like & 1;
        losses_db[k] = like < k ? losses_db[like] : loss_to(&at, place->cells[k], &has_los);
        double loss_db = losses_db[k] - jw_cell_gain_dbi(def, point.x, point.y, height_m);
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
