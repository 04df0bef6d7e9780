/* Radio users: which cell serves them, how well, and the load they make. One phase a step:
 * measure the cells, find the users' places in the radio map (computing new ones in parallel), serve the
 * users in parallel, then sum up per cell in order of users.
 *
 * SINR: the serving cell's power over noise and the neighbours' power weighted by the share of their downlink
 * that they used in the last interval. Efficiency by CQI, one layer, less what control channels and reference
 * signals take.
 *
 * Uplink: a terminal of at most 23 dBm (TS 38.101-1, power class 3) under open-loop power control; short of
 * power it narrows its band until CQI 1. A cell hears over its own noise (figure 5 dB, TR 38.802 A.2.1) the
 * terminals of other cells: each is heard at what it sends in the whole band times the share of its cell's
 * uplink that it used, all of a cell's users alike (the sum is of whole numbers, so that its order does not
 * matter).
 *
 * Handover by event A3 on powers filtered as TS 38.331 5.5.3.2 has it, with the default coefficient 4 for
 * measurements 200 ms apart (of the two cells' difference, which is the same). A link is out of
 * synchronisation below Qout, -8 dB, until it is above Qin, -6 dB (TR 36.839 table 5.2.1.2-1): in the mean of
 * the last 200 ms (TS 38.133 table 8.1.2.2-1), of an even fall so half of that after it passes Qout; it has
 * failed when T310 expires (N310 and N311 are 1), or when an order to hand over would have to be heard before
 * that (TR 36.839 5.2.1.3). The strongest cell is then tried. */
#include "network/network_internal.h"

#include <math.h>

#define TIME_OF_STAY_NS  JW_NS_PER_S       /* TR 36.839 5.2.1.4: to return sooner is a ping-pong */
#define BACKGROUND_MAX   0.9               /* of a direction: the scheduler leaves the rest to messages */
#define Q_OUT            0.158489319f      /* -8 dB */
#define Q_IN             0.251188643f      /* -6 dB */
#define EVALUATION_NS    (JW_NS_PER_S / 5) /* of whether a link is in synchronisation */
#define FILTER_S         0.2               /* after which a measurement half counts: 1 - 1 / 2^(4 / 4) */
#define WAY_MAX_S        10.0              /* over a tile: who creeps is taken to walk */
#define LEAK_MW_PER_HZ   1e-24             /* unit of interference; thermal noise is 4 million of them */
#define LEAK_MAX         1e15f             /* of one terminal */
#define USERS_PER_BLOCK  512
#define PLACES_PER_BLOCK 16
#define PREFETCH         8 /* users ahead: places lie all over memory */

/* ---- one user --------------------------------------------------------------------------------------------
 */

void jw_network_hear_cells(jw_network *network)
{
    double up_noise = jw_pow(10, NET_UP_NOISE_DBM_PER_HZ / 10);
    for (uint32_t i = 0; i < network->cell_count; i++) {
        const net_cell *cell = &network->cells[i];
        const jw_cell_def *def = &cell->def;
        bool serves = jw_network_cell_serves(network, i);
        network->heard[i] =
            (net_heard_cell){.power_mw_per_hz = serves ? (float)cell->power_mw_per_hz : 0,
                             .down_load = (float)cell->down_load,
                             .low_mhz = (float)(def->band_ghz * 1e3 - def->bandwidth_mhz / 2),
                             .high_mhz = (float)(def->band_ghz * 1e3 + def->bandwidth_mhz / 2),
                             .down_bps = (float)cell->down_hz,
                             .noise_mw_per_hz = (float)cell->noise_mw_per_hz,
                             .up_noise_mw_per_hz = (float)(up_noise + cell->up_interference),
                             .beam = (float)cell->beam,
                             .up_bps = (float)cell->up_hz,
                             .up_share = cell->users > 0 ? (float)(cell->up_load / cell->users) : 0,
                             .serves = serves,
                             .cqi_table = (uint8_t)def->cqi_table};
    }
}

static uint8_t cqi_of(const jw_network *network, uint8_t table, float sinr)
{
    uint8_t cqi = 0;
    while (cqi < 15 && sinr >= network->cqi_sinr[table][cqi]) {
        cqi++;
    }
    return cqi;
}

static float up_rate_bps(const jw_network *network, const net_heard_cell *cell, float power_mw_per_hz)
{
    float sinr = power_mw_per_hz * cell->beam / cell->up_noise_mw_per_hz;
    uint8_t cqi = cqi_of(network, cell->cqi_table, sinr);
    if (cqi == 0) {
        return network->cqi_efficiency[cell->cqi_table][1] * cell->up_bps *
               (sinr / network->cqi_sinr[cell->cqi_table][0]);
    }
    return network->cqi_efficiency[cell->cqi_table][cqi] * cell->up_bps;
}

static bool is_same_band(const net_heard_cell *a, const net_heard_cell *b)
{
    return a->low_mhz < b->high_mhz && b->low_mhz < a->high_mhz;
}

/* Downlink quality from candidate `serving`, and the rates with a server for itself. */
static void measure_user(const jw_network *network, const net_place *place, uint32_t serving,
                         const float *power, net_user *user)
{
    const net_heard_cell *own = &network->heard[place->cells[serving]];
    float disturbance = own->noise_mw_per_hz;
    for (uint32_t k = 0; k < place->count; k++) {
        const net_heard_cell *other = &network->heard[place->cells[k]];
        if (k != serving && is_same_band(own, other)) {
            disturbance += other->down_load * power[k];
        }
    }
    user->sinr = power[serving] * own->beam / disturbance;
    user->cqi = cqi_of(network, own->cqi_table, user->sinr);
    user->has_los = place->los_bits >> serving & 1;
    user->down_bps = network->cqi_efficiency[own->cqi_table][user->cqi] * own->down_bps;
    user->up_bps = up_rate_bps(network, own, place->up_power[serving]);
}

/* What became of users, to be counted. */
typedef struct radio_tally {
    uint32_t handovers, ping_pongs, failures, late;
} radio_tally;

static void note_handover(net_user *user, uint32_t old_cell, int64_t now_ns, radio_tally *tally)
{
    tally->handovers++;
    tally->ping_pongs += user->link_cell == user->left_cell && now_ns - user->handover_ns < TIME_OF_STAY_NS;
    user->handovers++;
    user->left_cell = old_cell;
    user->handover_ns = now_ns;
}

/* When a user is looked at, in what time it came to hear what it hears, and how much a new measurement counts
 * against the filtered one. */
typedef struct radio_look {
    int64_t now_ns;
    double interval_s;
    float filter;
} radio_look;

/* A tile's value is that of its middle: what changes at its edge has changed all the way from the middle of
 * the last tile, not since the last look. */
static radio_look look_after_way(const radio_look *look, net_user *user)
{
    radio_look own = *look;
    double east_m = (double)(user->x_m - user->heard_x_m), north_m = (double)(user->y_m - user->heard_y_m);
    double moved_m = jw_sqrt(east_m * east_m + north_m * north_m);
    if (moved_m > 0) {
        double way_s = jw_min(look->interval_s * NET_TILE_M / moved_m, WAY_MAX_S);
        own.interval_s = jw_max(look->interval_s, way_s);
    }
    user->heard_x_m = user->x_m;
    user->heard_y_m = user->y_m;
    return own;
}

/* When something was `beyond_db` short of what it is now, while the signal fell by fall_db since the last
 * look. */
static int64_t crossed_ns(const radio_look *look, double beyond_db, double fall_db)
{
    double share = fall_db > 0 ? jw_clamp(beyond_db / fall_db, 0, 1) : 0;
    return look->now_ns - (int64_t)(share * look->interval_s * 1e9);
}

/* Whether A3 has been fulfilled by the strongest cell for the time to trigger. */
static bool has_triggered(const jw_network *network, net_user *user, uint32_t best_cell, float ratio,
                          const radio_look *look, double fall_db)
{
    if (user->link_cell == best_cell) {
        user->better_cell = JW_NONE;
        return false;
    }
    float above_db = 10 * (float)jw_log10((double)ratio);
    if (user->better_cell != best_cell) {
        user->better_cell = best_cell;
        user->better_db = above_db;
        user->better_since_ns = NET_NEVER_NS;
    } else {
        user->better_db += look->filter * (above_db - user->better_db);
    }
    double beyond_db = (double)user->better_db - network->a3_offset_db - network->a3_hysteresis_db;
    if (beyond_db <= 0) {
        user->better_since_ns = NET_NEVER_NS;
        return false;
    }
    if (user->better_since_ns == NET_NEVER_NS) {
        user->better_since_ns = crossed_ns(look, beyond_db, fall_db);
    }
    return look->now_ns - user->better_since_ns >= network->a3_trigger_ns;
}

/* Follows whether the link is in synchronisation; true when it has failed. */
static bool has_failed(const jw_network *network, net_user *user, bool is_ordered, const radio_look *look,
                       double fall_db)
{
    if (user->sinr >= Q_IN) {
        user->bad_since_ns = NET_NEVER_NS;
    } else if (user->sinr < Q_OUT && user->bad_since_ns == NET_NEVER_NS) {
        double beyond_db = 10 * jw_log10((double)(Q_OUT / (user->sinr > 1e-30f ? user->sinr : 1e-30f)));
        user->bad_since_ns = crossed_ns(look, beyond_db, fall_db) + EVALUATION_NS / 2;
    }
    if (user->bad_since_ns == NET_NEVER_NS) {
        return false;
    }
    if (is_ordered) {
        return user->bad_since_ns < user->better_since_ns + network->a3_trigger_ns;
    }
    return look->now_ns - user->bad_since_ns >= network->t310_ns;
}

/* Serving cell and quality at the user's place now; returns its place among the candidates, JW_NONE: outage.
 */
static uint32_t serve_user(const jw_network *network, const net_place *place, net_user *user,
                           const radio_look *turn, radio_tally *tally)
{
    radio_look way = look_after_way(turn, user), *look = &way;
    uint32_t serving = JW_NONE, best = 0, old_cell = user->link_cell;
    float power[NET_CANDIDATES]; /* received, mW/Hz */
    for (uint32_t k = 0; k < place->count; k++) {
        power[k] = network->heard[place->cells[k]].power_mw_per_hz * place->gain[k];
        best = power[k] > power[best] ? k : best;
        serving = place->cells[k] == old_cell && power[k] > 0 ? k : serving;
    }
    if (place->count == 0 || !(power[best] > 0)) {
        user->cell = user->link_cell = user->better_cell = JW_NONE;
        user->cqi = user->has_los = 0;
        user->down_bps = user->up_bps = user->sinr = 0;
        return JW_NONE;
    }
    bool is_failed = false, is_new = serving == JW_NONE; /* no cell, or one out of hearing: select anew */
    if (!is_new) {
        float before = user->sinr;
        measure_user(network, place, serving, power, user);
        bool is_poor = serving != best || user->sinr < Q_OUT;
        double fall_db = is_poor && before > user->sinr && user->sinr > 0
                             ? 10 * jw_log10((double)(before / user->sinr))
                             : 0;
        bool is_ordered =
            has_triggered(network, user, place->cells[best], power[best] / power[serving], look, fall_db);
        is_failed = has_failed(network, user, is_ordered, look, fall_db);
        tally->failures += is_failed;
        tally->late += is_failed && user->better_cell != JW_NONE && user->better_since_ns != NET_NEVER_NS;
        is_new = is_failed || is_ordered;
    }
    if (is_new) {
        serving = best;
        measure_user(network, place, serving, power, user);
        user->better_cell = JW_NONE;
        user->bad_since_ns = NET_NEVER_NS;
    }
    user->cell = user->cqi > 0 ? place->cells[serving] : JW_NONE;
    user->link_cell = is_new ? user->cell : old_cell;
    if (old_cell != JW_NONE && user->link_cell != JW_NONE && user->link_cell != old_cell && !is_failed) {
        note_handover(user, old_cell, look->now_ns, tally);
    }
    return user->cell != JW_NONE ? serving : JW_NONE;
}

static void count(jw_network *network, const radio_tally *tally)
{
    network->counts.handovers += tally->handovers;
    network->counts.ping_pongs += tally->ping_pongs;
    network->counts.radio_failures += tally->failures;
    network->counts.late_handovers += tally->late;
}

/* ---- the phase -------------------------------------------------------------------------------------------
 */

static void measure_cells(jw_network *network, int64_t now_ns)
{
    int64_t interval_ns = now_ns - network->radio_ns;
    for (uint32_t c = 0; c < network->cell_count && interval_ns > 0; c++) {
        net_cell *cell = &network->cells[c];
        double busy[2], bits = 0;
        for (uint32_t i = 0; i < 2; i++) {
            jw_network_air_advance(&cell->servers[i], now_ns);
            busy[i] = jw_min((double)cell->servers[i].busy_ns / (double)interval_ns, 1);
            bits += cell->servers[i].carried_bits;
            cell->servers[i].busy_ns = 0;
            cell->servers[i].carried_bits = 0;
        }
        cell->energy_j += cell->power_w * jw_s_from_ns(now_ns - cell->energy_since_ns);
        cell->energy_since_ns = now_ns;
        cell->throughput_bps = bits / jw_s_from_ns(interval_ns);
        cell->down_load = cell->background + (1 - cell->background) * busy[NET_DOWN];
        cell->up_load = cell->up_background + (1 - cell->up_background) * busy[NET_UP];
        double down_share = jw_radio_band_of(cell->def.band_ghz).is_fdd ? 0.5 : cell->def.downlink_share;
        cell->load = down_share * cell->down_load + (1 - down_share) * cell->up_load;
        if (!jw_network_cell_is_up(network, c)) {
            cell->load = cell->down_load = cell->up_load = 0;
            cell->power_w = 0;
        } else if (cell->sleep != NET_CELL_AWAKE) {
            cell->load = cell->down_load = cell->up_load = 0;
            cell->power_w = cell->sleep == NET_CELL_ASLEEP ? cell->def.sleep_power_w : cell->def.idle_power_w;
        } else {
            cell->power_w =
                cell->def.idle_power_w + cell->load * (cell->def.busy_power_w - cell->def.idle_power_w);
        }
    }
    network->radio_ns = now_ns;
}

typedef struct radio_pass {
    jw_network *network;
    radio_look look;
    uint64_t step, period; /* a user is updated each `period` steps, in turn by slot */
    radio_tally *tallies;  /* by block */
} radio_pass;

/* Those in outage and those whose cell failed or sleeps are updated every step. */
static bool is_due(const radio_pass *pass, uint32_t slot)
{
    const jw_network *network = pass->network;
    uint32_t cell = network->users[slot].cell;
    return (network->user_pool.generations[slot] & 1) &&
           ((pass->step + slot) % pass->period == 0 || cell == JW_NONE ||
            !jw_network_cell_serves(network, cell));
}

/* The user's place as an index into the map. */
static jw_result locate_user(jw_network *network, net_user *user)
{
    uint64_t key = jw_network_place_key(user->x_m, user->y_m, user->height_m, user->is_indoor);
    if (user->place != JW_NONE && user->place_key == key) {
        return JW_OK;
    }
    user->place_key = key;
    return jw_network_place_take(network, key, &user->place, NULL);
}

/* Most users stand where somebody stood before: their places are looked up in parallel, as nothing changes.
 * Who is on new ground is left without a place. */
static void find_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    (void)block;
    const radio_pass *pass = context;
    const jw_network *network = pass->network;
    for (uint32_t i = begin; i < end; i++) {
        net_user *user = &network->users[i];
        if (!is_due(pass, i)) {
            continue;
        }
        uint64_t key = jw_network_place_key(user->x_m, user->y_m, user->height_m, user->is_indoor);
        if (user->place == JW_NONE || user->place_key != key) {
            user->place_key = key;
            user->place = jw_network_place_find(network, key);
        }
    }
}

/* Lists a stale place, once. */
static jw_result list_place(jw_network *network, uint32_t index)
{
    if (network->place_states[index] != NET_PLACE_STALE) {
        return JW_OK;
    }
    jw_result result = jw_grow((void **)&network->place_jobs, &network->place_job_capacity,
                               (uint64_t)network->place_job_count + 1, sizeof(uint32_t), NULL);
    if (!result) {
        network->place_states[index] = NET_PLACE_LISTED;
        network->place_jobs[network->place_job_count++] = index;
    }
    return result;
}

static void compute_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    (void)block;
    jw_network *network = context;
    for (uint32_t i = begin; i < end; i++) {
        jw_network_place_compute(network, &network->places[network->place_jobs[i]]);
        network->place_states[network->place_jobs[i]] = NET_PLACE_KNOWN;
    }
}

/* What other cells hear of a user who is served by a candidate: users are looked at in turn, so each stands
 * for as many as there are turns. */
static void add_leaks(const radio_pass *pass, const net_place *place, uint32_t serving)
{
    const jw_network *network = pass->network;
    const net_heard_cell *own = &network->heard[place->cells[serving]];
    if (own->up_share <= 0) {
        return;
    }
    float sent = place->up_power[serving] / place->gain[serving] * own->up_share * (float)pass->period *
                 (float)(1 / LEAK_MW_PER_HZ);
    for (uint32_t k = 0; k < place->count; k++) {
        if (k != serving && is_same_band(own, &network->heard[place->cells[k]])) {
            float leak = sent * place->gain[k];
            leak = leak < LEAK_MAX ? leak : LEAK_MAX;
            __atomic_fetch_add(&network->leaks[place->cells[k]], (int64_t)leak, __ATOMIC_RELAXED);
        }
    }
}

static void serve_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    radio_pass *pass = context;
    jw_network *network = pass->network;
    radio_tally tally = {0};
    for (uint32_t i = begin; i < end; i++) {
        if (i + PREFETCH < end && network->users[i + PREFETCH].place != JW_NONE) {
            __builtin_prefetch(&network->places[network->users[i + PREFETCH].place]);
            __builtin_prefetch((const char *)&network->places[network->users[i + PREFETCH].place] + 64);
        }
        if (is_due(pass, i)) {
            net_user *user = &network->users[i];
            const net_place *place = &network->places[user->place];
            uint32_t serving = serve_user(network, place, user, &pass->look, &tally);
            if (serving != JW_NONE) {
                add_leaks(pass, place, serving);
            }
        }
    }
    pass->tallies[block] = tally;
}

static void sum_up_cells(jw_world *world, jw_network *network)
{
    for (uint32_t c = 0; c < network->cell_count; c++) {
        net_cell *cell = &network->cells[c];
        cell->users = 0;
        cell->background = cell->up_background = 0;
        cell->up_interference = (double)network->leaks[c] * LEAK_MW_PER_HZ;
    }
    network->counts.radio_outages = 0;
    for (uint32_t i = 0; i < network->user_pool.slot_count; i++) {
        const net_user *user = &network->users[i];
        if (!(network->user_pool.generations[i] & 1)) {
            continue;
        }
        if (user->cell == JW_NONE) {
            network->counts.radio_outages++;
        } else {
            net_cell *cell = &network->cells[user->cell];
            cell->users++;
            cell->background +=
                (network->background_bps + (double)user->demand_down_bps) / (double)user->down_bps;
            /* In a narrow band it takes no more blocks than at CQI 1. */
            cell->up_background +=
                (double)user->demand_up_bps / jw_max((double)user->up_bps, cell->least_up_bps);
        }
    }
    for (uint32_t c = 0; c < network->cell_count; c++) {
        net_cell *cell = &network->cells[c];
        cell->background = jw_min(cell->background, BACKGROUND_MAX);
        cell->up_background = jw_min(cell->up_background, BACKGROUND_MAX);
        jw_network_air_set_speed(world, network, 2 * c + NET_DOWN, 1 - cell->background);
        jw_network_air_set_speed(world, network, 2 * c + NET_UP, 1 - cell->up_background);
    }
}

/* How much a measurement counts that comes so long after the last. */
static radio_look look_at(int64_t now_ns, double interval_s)
{
    return (radio_look){now_ns, interval_s, (float)(1 - jw_pow(0.5, interval_s / FILTER_S))};
}

static jw_result clear_leaks(jw_network *network)
{
    jw_result result = jw_grow((void **)&network->leaks, &network->leak_capacity,
                               (uint64_t)network->cell_count + 1, sizeof *network->leaks, NULL);
    for (uint32_t c = 0; c < network->cell_count && !result; c++) {
        network->leaks[c] = 0;
    }
    return result;
}

void jw_network_radio_phase(jw_world *world, void *state)
{
    jw_network *network = state;
    double dt_s = jw_s_from_ns(jw_world_dt_ns(world));
    uint32_t users = network->user_pool.slot_count, blocks = jw_block_count(users, USERS_PER_BLOCK);
    radio_pass pass = {.network = network,
                       .step = jw_world_step_number(world),
                       .period = (uint64_t)jw_max(jw_ceil(network->radio_interval_s / dt_s), 1)};
    pass.look = look_at(jw_world_time_ns(world), (double)pass.period * dt_s);
    measure_cells(network, pass.look.now_ns);
    network->place_job_count = 0;
    jw_network_hear_cells(network);
    jw_result result = clear_leaks(network);
    jw_parallel_blocks(users, USERS_PER_BLOCK, jw_world_threads(world), find_block, &pass);
    for (uint32_t i = 0; i < users && !result; i++) {
        net_user *user = &network->users[i];
        if (is_due(&pass, i)) {
            result = user->place == JW_NONE
                         ? jw_network_place_take(network, user->place_key, &user->place, NULL)
                         : JW_OK;
            if (!result) {
                result = list_place(network, user->place);
            }
        }
    }
    pass.tallies = blocks > 0 && !result ? jw_alloc(blocks * sizeof *pass.tallies) : NULL;
    if (result || (blocks > 0 && !pass.tallies)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the radio map");
        return;
    }
    jw_parallel_blocks(network->place_job_count, PLACES_PER_BLOCK, jw_world_threads(world), compute_block,
                       network);
    jw_parallel_blocks(users, USERS_PER_BLOCK, jw_world_threads(world), serve_block, &pass);
    for (uint32_t i = 0; i < blocks; i++) {
        count(network, &pass.tallies[i]);
    }
    jw_free(pass.tallies);
    if (jw_network_sleep_update(network, pass.look.now_ns)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the radio map");
        return;
    }
    sum_up_cells(world, network);
    jw_network_messages_wake(world, network, false);
}

jw_result jw_network_user_place(jw_network *network, net_user *user, const net_place **out)
{
    jw_result result = locate_user(network, user);
    if (result) {
        return result;
    }
    net_place *place = &network->places[user->place];
    if (network->place_states[user->place] != NET_PLACE_KNOWN) {
        jw_network_place_compute(network, place);
        network->place_states[user->place] = NET_PLACE_KNOWN;
    }
    *out = place;
    return JW_OK;
}

jw_result jw_network_serve_now(jw_network *network, net_user *user, int64_t now_ns)
{
    const net_place *place;
    radio_tally tally = {0};
    jw_result result = jw_network_user_place(network, user, &place);
    if (!result) {
        radio_look look = look_at(now_ns, 0);
        serve_user(network, place, user, &look, &tally);
        count(network, &tally);
    }
    return result;
}

/* ---- the door --------------------------------------------------------------------------------------------
 */

jw_result jw_network_add_user(jw_network *network, uint64_t tag, float x_m, float y_m, float height_m,
                              jw_user_id *out, jw_error *error)
{
    bool is_place = jw_abs((double)x_m) <= 1e7 && jw_abs((double)y_m) <= 1e7; /* false for NaN */
    if (!is_place || !(height_m >= 0 && height_m <= 1000)) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a radio user's place or height (0 to 1000 m) is out of range");
    }
    uint32_t slot, generation;
    jw_result result = jw_grow((void **)&network->users, &network->user_capacity,
                               (uint64_t)network->user_pool.alive_count + 1, sizeof *network->users, error);
    net_user user = {.tag = tag,
                     .x_m = x_m,
                     .y_m = y_m,
                     .height_m = height_m,
                     .heard_x_m = x_m,
                     .heard_y_m = y_m,
                     .cell = JW_NONE,
                     .link_cell = JW_NONE,
                     .bad_since_ns = NET_NEVER_NS,
                     .better_since_ns = NET_NEVER_NS,
                     .better_cell = JW_NONE,
                     .left_cell = JW_NONE,
                     .place = JW_NONE};
    if (!result) { /* at once: it may send before the next phase */
        result = jw_network_serve_now(network, &user, network->radio_ns);
    }
    if (!result) {
        result = jw_pool_take(&network->user_pool, &slot, &generation, error);
    }
    if (result) {
        return result == JW_ERROR_MEMORY ? jw_fail_memory(error) : result;
    }
    network->users[slot] = user;
    if (out) {
        *out = (jw_user_id){slot + 1, generation};
    }
    return JW_OK;
}

void jw_network_set_indoor(jw_network *network, jw_user_id user, bool is_indoor)
{
    if (jw_pool_is_alive(&network->user_pool, user.index1, user.generation)) {
        network->users[user.index1 - 1].is_indoor = is_indoor;
    }
}

void jw_network_set_demand(jw_network *network, jw_user_id id, double down_bps, double up_bps)
{
    if (jw_pool_is_alive(&network->user_pool, id.index1, id.generation)) {
        net_user *user = &network->users[id.index1 - 1];
        user->demand_down_bps = (float)jw_clamp(down_bps, 0, 1e12);
        user->demand_up_bps = (float)jw_clamp(up_bps, 0, 1e12);
    }
}

void jw_network_remove_user(jw_world *world, jw_network *network, jw_user_id user)
{
    (void)world;
    if (jw_pool_is_alive(&network->user_pool, user.index1, user.generation)) {
        jw_pool_give(&network->user_pool, user.index1 - 1);
    }
}

void jw_network_move_users(jw_network *network, uint32_t count, const jw_user_id *users, const float *x_m,
                           const float *y_m)
{
    for (uint32_t i = 0; i < count; i++) {
        if (jw_pool_is_alive(&network->user_pool, users[i].index1, users[i].generation)) {
            network->users[users[i].index1 - 1].x_m = x_m[i];
            network->users[users[i].index1 - 1].y_m = y_m[i];
        }
    }
}

static jw_user_radio radio_of(const jw_network *network, const net_user *user)
{
    jw_user_radio radio = {.sinr_db = user->sinr > 0 ? (float)(10 * jw_log10((double)user->sinr)) : -100,
                           .handovers = user->handovers};
    if (user->cell != JW_NONE) {
        const net_server *servers = network->cells[user->cell].servers;
        radio.cell = (jw_cell_id){user->cell + 1, 1};
        radio.cqi = user->cqi;
        radio.has_los = user->has_los;
        radio.rate_down_bps = (float)((double)user->down_bps * servers[NET_DOWN].speed /
                                      (double)(servers[NET_DOWN].weight_sum + 1));
        radio.rate_up_bps =
            (float)((double)user->up_bps * servers[NET_UP].speed / (double)(servers[NET_UP].weight_sum + 1));
    }
    return radio;
}

bool jw_network_user_radio(const jw_network *network, jw_user_id id, jw_user_radio *out)
{
    if (!jw_pool_is_alive(&network->user_pool, id.index1, id.generation)) {
        *out = (jw_user_radio){0};
        return false;
    }
    *out = radio_of(network, &network->users[id.index1 - 1]);
    return true;
}

/* A user who was nowhere before, at a place; the place is computed aside where nobody was yet. */
static net_user user_at(const jw_network *network, double x_m, double y_m, double height_m, net_place *place)
{
    net_user user = {.cell = JW_NONE, .link_cell = JW_NONE, .better_cell = JW_NONE};
    radio_tally tally = {0};
    radio_look look = {0};
    *place = (net_place){.key = jw_network_place_key((float)x_m, (float)y_m, (float)height_m, false)};
    uint32_t known = jw_network_place_find(network, place->key);
    if (known != JW_NONE && network->place_states[known] == NET_PLACE_KNOWN) {
        *place = network->places[known];
    } else {
        jw_network_place_compute(network, place);
    }
    serve_user(network, place, &user, &look, &tally);
    return user;
}

jw_user_radio jw_network_probe(const jw_network *network, double x_m, double y_m, double height_m)
{
    net_place place;
    net_user user = user_at(network, x_m, y_m, height_m, &place);
    return radio_of(network, &user);
}

jw_radio_at jw_network_at(const jw_network *network, double x_m, double y_m, double height_m)
{
    net_place place;
    net_user user = user_at(network, x_m, y_m, height_m, &place);
    jw_user_radio radio = radio_of(network, &user);
    jw_radio_at at = {radio.cell, NAN, NAN, radio.rate_down_bps, radio.rate_up_bps};
    double strongest_mw = 0;
    for (uint32_t k = 0; k < place.count; k++) {
        double mw = (double)network->heard[place.cells[k]].power_mw_per_hz * (double)place.gain[k] *
                    network->cells[place.cells[k]].def.subcarrier_khz * 1e3;
        strongest_mw = jw_max(strongest_mw, mw);
    }
    if (strongest_mw > 0) {
        at.power_dbm = (float)(10 * jw_log10(strongest_mw));
        at.sinr_db = radio.sinr_db;
    }
    return at;
}
