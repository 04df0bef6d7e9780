/* Roadside units: what they see, what they send, who hears it. One call a step: road users are sorted into
 * squares, each unit looks through those around it (in parallel, each into its own record), then each unit in
 * turn settles with what it hears of the channel what of its messages it may send. */
#include "network/network_roadside_internal.h"

#include <math.h>
#include <string.h>

#define BAND_GHZ          5.915
#define TERMINAL_M        1.5
#define VEHICLE_DBM       26.0 /* radiated; limit in China (unverified) */
#define TILE_M            10.0
#define NOISE_DBM         (NET_NOISE_DBM_PER_HZ + 72.55) /* over 100 resource blocks: 18 MHz */
#define SINR_DB           2.4 /* of QPSK at rate 1/2: where CQI 5 of table 5.2.2.1-2 begins */
#define BLOCK_BITS        108u
#define BLOCK_COUNT       100u
#define SUBCHANNEL_BLOCKS 10u
#define CONTROL_BLOCKS    2u
#define SUBCHANNELS_PER_S 10000.0
#define PERCEPTION_BYTES  121u
#define OBJECT_BYTES      35u
#define AIR_S             0.011 /* half of a selection window of 20 ms (TS 36.321 5.14.1.1: T2 >= 20) and the send */
#define UNITS_PER_BLOCK   4

/* ---- pure models -----------------------------------------------------------------------------------------
 */

double jw_sidelink_loss_db(bool has_los, double fc_ghz, double d3d_m)
{
    double lg_d = jw_log10(d3d_m), lg_fc = jw_log10(fc_ghz);
    return has_los ? 38.77 + 16.7 * lg_d + 18.2 * lg_fc : 36.85 + 30 * lg_d + 18.9 * lg_fc;
}

uint32_t jw_sidelink_subchannels(uint32_t bytes)
{
    uint32_t full_bits = (BLOCK_COUNT - CONTROL_BLOCKS) * BLOCK_BITS; /* of a millisecond */
    uint64_t bits = (uint64_t)bytes * 8;
    uint32_t whole = (uint32_t)(bits / full_bits), rest = (uint32_t)(bits % full_bits);
    uint32_t blocks = rest > 0 ? (rest + BLOCK_BITS - 1) / BLOCK_BITS + CONTROL_BLOCKS : 0;
    return whole * (BLOCK_COUNT / SUBCHANNEL_BLOCKS) + (blocks + SUBCHANNEL_BLOCKS - 1) / SUBCHANNEL_BLOCKS;
}

uint32_t jw_perception_messages(uint32_t seen, uint32_t *out_bytes_each)
{
    uint32_t most_bytes = (BLOCK_COUNT - CONTROL_BLOCKS) * BLOCK_BITS / 8;
    uint32_t most = (most_bytes - PERCEPTION_BYTES) / OBJECT_BYTES;
    uint32_t messages = seen > most ? (seen + most - 1) / most : 1;
    *out_bytes_each = PERCEPTION_BYTES + (seen + messages - 1) / messages * OBJECT_BYTES;
    return messages;
}

/* ---- what is derived -------------------------------------------------------------------------------------
 */

static bool is_within(double value, double low, double high)
{
    return value >= low && value <= high; /* false for NaN */
}

bool jw_roadside_is_sound(const jw_roadside_def *def)
{
    return is_within(def->x_m, -1e7, 1e7) && is_within(def->y_m, -1e7, 1e7) &&
           is_within(def->height_m, 1, 50) && is_within(def->power_dbm, 0, 60) &&
           is_within(def->range_m, 20, 2000) && is_within(def->camera_range_m, 0, def->range_m) &&
           is_within(def->radar_range_m, 0, def->range_m) && is_within(def->signal_hz, 0.1, 50) &&
           is_within(def->perception_hz, 0.1, 50);
}

static jw_vec3 top_of(const roadside_unit *unit)
{
    return (jw_vec3){unit->def.x_m, unit->def.y_m, unit->def.height_m};
}

static const uint32_t no_buildings[2] = {JW_NONE, JW_NONE};

static bool reaches(double power_dbm, bool has_los, double d3d_m)
{
    return power_dbm - jw_sidelink_loss_db(has_los, BAND_GHZ, jw_max(d3d_m, 1)) >= NOISE_DBM + SINR_DB;
}

static uint8_t look_at_tile(const jw_roadside *roadside, const roadside_unit *unit, int32_t column,
                            int32_t row)
{
    jw_vec2 middle = {(column + 0.5) * TILE_M, (row + 0.5) * TILE_M};
    double away_m = jw_vec2_distance(middle, (jw_vec2){unit->def.x_m, unit->def.y_m});
    double rise_m = unit->def.height_m - TERMINAL_M, d3d_m = jw_sqrt(away_m * away_m + rise_m * rise_m);
    bool has_los = jw_network_sees(roadside->sight, top_of(unit), no_buildings, middle, TERMINAL_M);
    return (uint8_t)(ROADSIDE_TILE_KNOWN | (has_los ? ROADSIDE_TILE_IN_SIGHT : 0) |
                     (reaches(unit->def.power_dbm, has_los, d3d_m) ? ROADSIDE_TILE_HEARS : 0) |
                     (reaches(VEHICLE_DBM, has_los, d3d_m) ? ROADSIDE_TILE_IS_HEARD : 0));
}

/* Of the tile at a place; 0 out of range. */
static uint8_t tile_at(const jw_roadside *roadside, roadside_unit *unit, double x_m, double y_m)
{
    double dx_m = x_m - unit->def.x_m, dy_m = y_m - unit->def.y_m;
    if (!(dx_m * dx_m + dy_m * dy_m <= unit->def.range_m * unit->def.range_m)) {
        return 0;
    }
    int32_t column = (int32_t)jw_floor(x_m / TILE_M), row = (int32_t)jw_floor(y_m / TILE_M);
    uint8_t *tile = &unit->tiles[(row - unit->first_row) * unit->side + column - unit->first_column];
    if (*tile == 0) {
        *tile = look_at_tile(roadside, unit, column, row);
    }
    return *tile;
}

static jw_result make_tiles(roadside_unit *unit, jw_error *error)
{
    unit->first_column = (int32_t)jw_floor((unit->def.x_m - unit->def.range_m) / TILE_M);
    unit->first_row = (int32_t)jw_floor((unit->def.y_m - unit->def.range_m) / TILE_M);
    unit->side = (int32_t)jw_ceil(2 * unit->def.range_m / TILE_M) + 2;
    size_t count = (size_t)unit->side * (size_t)unit->side;
    unit->tiles = jw_alloc(count);
    if (!unit->tiles) {
        return jw_fail_memory(error);
    }
    return JW_OK;
}

/* Units that hear each other. */
static jw_result find_near(jw_roadside *roadside, jw_error *error)
{
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        roadside_unit *unit = &roadside->units[i];
        unit->first_near = roadside->near_count;
        for (uint32_t k = 0; k < roadside->unit_count; k++) {
            const roadside_unit *other = &roadside->units[k];
            jw_vec2 place = {other->def.x_m, other->def.y_m};
            double away_m = jw_vec2_distance((jw_vec2){unit->def.x_m, unit->def.y_m}, place);
            if (i == k || unit->is_removed || other->is_removed || away_m > other->def.range_m) {
                continue;
            }
            double rise_m = unit->def.height_m - other->def.height_m;
            bool has_los =
                jw_network_sees(roadside->sight, top_of(unit), no_buildings, place, other->def.height_m);
            if (!reaches(other->def.power_dbm, has_los, jw_sqrt(away_m * away_m + rise_m * rise_m))) {
                continue;
            }
            if (jw_grow((void **)&roadside->near, &roadside->near_capacity,
                        (uint64_t)roadside->near_count + 1, sizeof *roadside->near, error)) {
                return JW_ERROR_MEMORY;
            }
            roadside->near[roadside->near_count++] = k;
        }
        unit->near_count = roadside->near_count - unit->first_near;
    }
    return JW_OK;
}

/* Junctions that one programme works as one are announced by the unit of any of them. */
static jw_result announce_junctions(jw_roadside *roadside, const jw_city *city, jw_error *error)
{
    for (uint32_t i = 0; i < roadside->unit_count; i++) { /* its own first */
        uint32_t junction = roadside->units[i].is_removed ? JW_NONE : roadside->units[i].def.junction;
        if (junction != JW_NONE && !jw_map_set(&roadside->by_junction, junction, i)) {
            return jw_fail_memory(error);
        }
    }
    jw_map units = {0}; /* by programme */
    bool is_fine = true;
    for (uint32_t i = roadside->unit_count; i-- > 0 && city;) { /* the first of them wins */
        uint32_t junction = roadside->units[i].is_removed ? JW_NONE : roadside->units[i].def.junction;
        if (junction != JW_NONE && city->junctions[junction].programme != JW_NONE) {
            is_fine = is_fine && jw_map_set(&units, city->junctions[junction].programme, i);
        }
    }
    for (uint32_t j = 0; city && j < city->junction_count && is_fine; j++) {
        uint32_t programme = city->junctions[j].programme;
        uint32_t unit = programme == JW_NONE ? JW_NONE : jw_map_get(&units, programme);
        if (unit != JW_NONE && jw_map_get(&roadside->by_junction, j) == JW_NONE) {
            is_fine = jw_map_set(&roadside->by_junction, j, unit);
        }
    }
    jw_map_free(&units);
    return is_fine ? JW_OK : jw_fail_memory(error);
}

static jw_result derive_unit(jw_roadside *roadside, roadside_unit *unit, jw_error *error)
{
    roadside->longest_m = jw_max(roadside->longest_m, unit->def.range_m);
    bool sees = unit->def.camera_range_m > 0 || unit->def.radar_range_m > 0;
    unit->period_ns[JW_ROADSIDE_SIGNAL] =
        unit->def.junction != JW_NONE ? jw_ns_from_s(1 / unit->def.signal_hz) : 0;
    unit->period_ns[JW_ROADSIDE_PERCEPTION] = sees ? jw_ns_from_s(1 / unit->def.perception_hz) : 0;
    return make_tiles(unit, error);
}

static jw_result derive_between(jw_world *world, jw_roadside *roadside, jw_error *error)
{
    const net_shared *shared = jw_world_shared(world);
    jw_map_free(&roadside->by_junction);
    roadside->near_count = 0;
    jw_result result = announce_junctions(roadside, shared ? shared->city : NULL, error);
    return result ? result : find_near(roadside, error);
}

static jw_result derive_sight(jw_world *world, jw_roadside *roadside, jw_error *error)
{
    const net_shared *shared = jw_world_shared(world);
    return roadside->sight ? JW_OK
                           : jw_network_sight_create(shared ? shared->city : NULL, &roadside->sight, error);
}

jw_result jw_roadside_derive(jw_world *world, jw_roadside *roadside, jw_error *error)
{
    if (roadside->unit_count == 0 || roadside->units[0].tiles) {
        return JW_OK; /* nothing to do, or done */
    }
    jw_result result = derive_sight(world, roadside, error);
    for (uint32_t i = 0; i < roadside->unit_count && !result; i++) {
        result = derive_unit(roadside, &roadside->units[i], error);
    }
    return result ? result : derive_between(world, roadside, error);
}

jw_result jw_roadside_derive_again(jw_world *world, jw_roadside *roadside, uint32_t moved, jw_error *error)
{
    jw_result result = derive_sight(world, roadside, error);
    if (!result && moved != JW_NONE) {
        roadside_unit *unit = &roadside->units[moved];
        jw_free(unit->tiles);
        unit->tiles = NULL;
        result = derive_unit(roadside, unit, error);
    }
    return result ? result : derive_between(world, roadside, error);
}

/* ---- the step --------------------------------------------------------------------------------------------
 */

typedef struct roadside_pass {
    jw_roadside *roadside;
    const jw_road_users *users;
    double west_m, south_m, square_m;
    int32_t columns, rows;
} roadside_pass;

static uint32_t square_of(const roadside_pass *pass, uint32_t user)
{
    int32_t column = (int32_t)(((double)pass->users->x_m[user] - pass->west_m) / pass->square_m),
            row = (int32_t)(((double)pass->users->y_m[user] - pass->south_m) / pass->square_m);
    return (uint32_t)(row * pass->columns + column);
}

/* Squares as long as the longest range, over the units and what they reach; users elsewhere are left out. */
static bool is_near_units(const roadside_pass *pass, uint32_t user)
{
    double x_m = (double)pass->users->x_m[user] - pass->west_m,
           y_m = (double)pass->users->y_m[user] - pass->south_m;
    return x_m >= 0 && y_m >= 0 && x_m < pass->columns * pass->square_m && y_m < pass->rows * pass->square_m;
}

static jw_result sort_users(roadside_pass *pass)
{
    jw_roadside *roadside = pass->roadside;
    double east_m = -INFINITY, north_m = -INFINITY;
    pass->west_m = pass->south_m = INFINITY;
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        const jw_roadside_def *def = &roadside->units[i].def;
        pass->west_m = jw_min(pass->west_m, def->x_m - roadside->longest_m);
        pass->south_m = jw_min(pass->south_m, def->y_m - roadside->longest_m);
        east_m = jw_max(east_m, def->x_m + roadside->longest_m);
        north_m = jw_max(north_m, def->y_m + roadside->longest_m);
    }
    /* At most 1000 squares a side, however far the units lie apart. */
    pass->square_m =
        jw_max(roadside->longest_m, jw_max(east_m - pass->west_m, north_m - pass->south_m) / 1000);
    pass->columns = (int32_t)((east_m - pass->west_m) / pass->square_m) + 1;
    pass->rows = (int32_t)((north_m - pass->south_m) / pass->square_m) + 1;
    uint32_t squares = (uint32_t)(pass->columns * pass->rows);
    if (jw_grow((void **)&roadside->square_first, &roadside->square_capacity, squares + 1, sizeof(uint32_t),
                NULL) ||
        jw_grow((void **)&roadside->by_square, &roadside->user_capacity, pass->users->count, sizeof(uint32_t),
                NULL)) {
        return JW_ERROR_MEMORY;
    }
    uint32_t *first = roadside->square_first;
    memset(first, 0, (squares + 1) * sizeof *first);
    for (uint32_t i = 0; i < pass->users->count; i++) {
        if (is_near_units(pass, i)) {
            first[square_of(pass, i)]++;
        }
    }
    for (uint32_t i = 1; i <= squares; i++) {
        first[i] += first[i - 1];
    }
    for (uint32_t i = pass->users->count; i-- > 0;) { /* each square from its end: then first is its begin */
        if (is_near_units(pass, i)) {
            roadside->by_square[--first[square_of(pass, i)]] = i;
        }
    }
    return JW_OK;
}

static void look_at_square(const roadside_pass *pass, roadside_unit *unit, int32_t column, int32_t row)
{
    if (column < 0 || row < 0 || column >= pass->columns || row >= pass->rows) {
        return;
    }
    const jw_roadside *roadside = pass->roadside;
    uint32_t square = (uint32_t)(row * pass->columns + column);
    for (uint32_t k = roadside->square_first[square]; k < roadside->square_first[square + 1]; k++) {
        uint32_t user = roadside->by_square[k];
        double x_m = (double)pass->users->x_m[user], y_m = (double)pass->users->y_m[user];
        uint8_t tile = tile_at(roadside, unit, x_m, y_m), flags = pass->users->flags[user];
        if (flags & JW_ROAD_USER_IS_CONNECTED) {
            unit->hearers += (tile & ROADSIDE_TILE_HEARS) != 0;
            unit->vehicles += (tile & ROADSIDE_TILE_IS_HEARD) != 0;
        }
        if (tile & ROADSIDE_TILE_IN_SIGHT) {
            double away_m = jw_vec2_distance((jw_vec2){x_m, y_m}, (jw_vec2){unit->def.x_m, unit->def.y_m});
            bool is_on_foot = flags & JW_ROAD_USER_IS_ON_FOOT;
            unit->seen +=
                away_m <= unit->def.camera_range_m || (!is_on_foot && away_m <= unit->def.radar_range_m);
        }
    }
}

static void look_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    (void)block;
    const roadside_pass *pass = context;
    for (uint32_t i = begin; i < end; i++) {
        roadside_unit *unit = &pass->roadside->units[i];
        unit->hearers = unit->vehicles = unit->seen = 0;
        if (!unit->is_up) {
            continue;
        }
        int32_t column = (int32_t)((unit->def.x_m - pass->west_m) / pass->square_m),
                row = (int32_t)((unit->def.y_m - pass->south_m) / pass->square_m);
        for (int32_t r = row - 1; r <= row + 1; r++) {
            for (int32_t c = column - 1; c <= column + 1; c++) {
                look_at_square(pass, unit, c, r);
            }
        }
    }
}

/* Messages that a unit generates at once, and the subchannels of each. */
static uint32_t messages_of(const jw_roadside *roadside, const roadside_unit *unit, int kind,
                            uint32_t *out_subchannels)
{
    uint32_t bytes = (uint32_t)roadside->signal_bytes, messages = 1;
    if (kind == JW_ROADSIDE_PERCEPTION) {
        messages = jw_perception_messages(unit->seen, &bytes);
    }
    *out_subchannels = jw_sidelink_subchannels(bytes);
    return messages;
}

static void offer(const jw_roadside *roadside, roadside_unit *unit)
{
    for (int kind = 0; kind < JW_ROADSIDE_KIND_COUNT; kind++) {
        uint32_t subchannels, messages = messages_of(roadside, unit, kind, &subchannels);
        bool is_sent = unit->is_up && unit->period_ns[kind] > 0;
        unit->offered[kind] =
            is_sent ? (double)messages * subchannels / SUBCHANNELS_PER_S / jw_s_from_ns(unit->period_ns[kind])
                    : 0;
    }
}

/* What of `wish` goes into *room, as a share of it. */
static double admit(double wish, double *room)
{
    double share = wish > *room ? *room / wish : 1;
    *room = jw_max(*room - share * wish, 0); /* rounding: less than nothing would be shared by the next */
    return share;
}

static void send(const jw_roadside *roadside, roadside_unit *unit, const double *share, int64_t before_ns,
                 int64_t now_ns)
{
    unit->dropped_now = 0;
    for (int kind = 0; kind < JW_ROADSIDE_KIND_COUNT; kind++) {
        unit->sent_now[kind] = 0;
        int64_t period_ns = unit->period_ns[kind];
        if (period_ns == 0 || !unit->is_up) {
            continue;
        }
        uint32_t subchannels, messages = messages_of(roadside, unit, kind, &subchannels);
        int64_t due = (now_ns / period_ns - before_ns / period_ns) * messages;
        unit->credit[kind] += share[kind] * (double)due;
        int64_t sent = (int64_t)unit->credit[kind];
        sent = sent < due ? sent : due;
        unit->credit[kind] = jw_min(unit->credit[kind] - (double)sent, 1);
        unit->sent_now[kind] = (uint32_t)sent;
        unit->counts.sent[kind] += sent;
        unit->counts.dropped[kind] += due - sent;
        unit->dropped_now += (uint32_t)(due - sent);
        unit->counts.received[kind] += sent * unit->hearers;
    }
}

static void settle(jw_roadside *roadside, roadside_unit *unit, int64_t before_ns, int64_t now_ns)
{
    double wish[JW_ROADSIDE_KIND_COUNT], share[JW_ROADSIDE_KIND_COUNT], room = roadside->busy_limit;
    for (int kind = 0; kind < JW_ROADSIDE_KIND_COUNT; kind++) {
        wish[kind] = unit->offered[kind];
        for (uint32_t k = 0; k < unit->near_count; k++) {
            wish[kind] += roadside->units[roadside->near[unit->first_near + k]].offered[kind];
        }
    }
    double vehicles = jw_max(roadside->vehicle_hz, 0) * unit->vehicles *
                      jw_sidelink_subchannels((uint32_t)roadside->vehicle_bytes) / SUBCHANNELS_PER_S;
    share[JW_ROADSIDE_SIGNAL] = admit(wish[JW_ROADSIDE_SIGNAL], &room);
    admit(vehicles, &room);
    share[JW_ROADSIDE_PERCEPTION] = admit(wish[JW_ROADSIDE_PERCEPTION], &room);
    unit->busy = unit->is_up ? roadside->busy_limit - room : 0;
    send(roadside, unit, share, before_ns, now_ns);
}

jw_result jw_roadside_step(jw_world *world, jw_roadside *roadside, const jw_road_users *users)
{
    if (roadside->unit_count == 0) {
        return JW_OK;
    }
    roadside_pass pass = {.roadside = roadside, .users = users};
    if (sort_users(&pass)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for roadside units");
        return JW_ERROR_MEMORY;
    }
    jw_parallel_blocks(roadside->unit_count, UNITS_PER_BLOCK, jw_world_threads(world), look_block, &pass);
    int64_t now_ns = jw_world_time_ns(world), before_ns = now_ns - jw_world_dt_ns(world);
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        offer(roadside, &roadside->units[i]);
    }
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        settle(roadside, &roadside->units[i], before_ns, now_ns);
    }
    return JW_OK;
}

/* ---- the door --------------------------------------------------------------------------------------------
 */

uint32_t jw_roadside_count(const jw_roadside *roadside)
{
    return roadside->unit_count;
}

/* Between two messages a half of the time to the next has passed, in the mean; 0: nothing was sent. */
static double age_s(const roadside_unit *unit, int kind)
{
    double sent = (double)unit->counts.sent[kind], due = sent + (double)unit->counts.dropped[kind];
    return sent > 0 ? jw_s_from_ns(unit->period_ns[kind]) * due / sent / 2 + AIR_S : 0;
}

bool jw_roadside_unit(const jw_roadside *roadside, uint32_t slot, jw_roadside_state *out)
{
    if (slot >= roadside->unit_count) {
        return false;
    }
    const roadside_unit *unit = &roadside->units[slot];
    *out = (jw_roadside_state){.def = &unit->def,
                               .is_up = unit->is_up,
                               .is_removed = unit->is_removed,
                               .counts = unit->counts,
                               .busy = unit->busy,
                               .hearers = unit->hearers,
                               .seen = unit->seen,
                               .dropped = unit->dropped_now};
    out->age_s = age_s(unit, JW_ROADSIDE_SIGNAL);
    out->perception_age_s = age_s(unit, JW_ROADSIDE_PERCEPTION);
    return true;
}

jw_roadside_counts jw_roadside_total(const jw_roadside *roadside)
{
    jw_roadside_counts total = {0};
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        for (int kind = 0; kind < JW_ROADSIDE_KIND_COUNT; kind++) {
            total.sent[kind] += roadside->units[i].counts.sent[kind];
            total.dropped[kind] += roadside->units[i].counts.dropped[kind];
            total.received[kind] += roadside->units[i].counts.received[kind];
        }
    }
    return total;
}

uint32_t jw_roadside_of_junction(const jw_roadside *roadside, uint32_t junction)
{
    uint32_t unit = jw_map_get(&roadside->by_junction, junction);
    return unit != JW_NONE && roadside->units[unit].sent_now[JW_ROADSIDE_SIGNAL] > 0 ? unit : JW_NONE;
}

bool jw_roadside_perceives(jw_roadside *roadside, uint32_t slot, double x_m, double y_m)
{
    roadside_unit *unit = slot < roadside->unit_count ? &roadside->units[slot] : NULL;
    if (!unit || !unit->is_up || unit->sent_now[JW_ROADSIDE_PERCEPTION] == 0) {
        return false;
    }
    double away_m = jw_vec2_distance((jw_vec2){x_m, y_m}, (jw_vec2){unit->def.x_m, unit->def.y_m});
    return away_m <= jw_max(unit->def.camera_range_m, unit->def.radar_range_m) &&
           (tile_at(roadside, unit, x_m, y_m) & ROADSIDE_TILE_IN_SIGHT);
}

bool jw_roadside_is_heard(jw_roadside *roadside, uint32_t unit, double x_m, double y_m)
{
    return unit < roadside->unit_count && roadside->units[unit].is_up &&
           (tile_at(roadside, &roadside->units[unit], x_m, y_m) & ROADSIDE_TILE_HEARS);
}
