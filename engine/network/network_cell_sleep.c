/* Cells that sleep for energy, one decision a radio phase.
 *
 * A cell is quiet while its load stays below sleep_load and nothing is in service. After sleep_after_s it
 * falls asleep, if each of its users hears another awake cell above CQI 1 (before interference); one cell a
 * phase, so that two neighbours do not rely on each other. Its users are handed over in the same phase.
 *
 * It is wanted again by a user in outage that would hear it, and by one of a cell loaded above WAKE_LOAD;
 * wake_s later it serves. */
#include "network/network_internal.h"

#define WAKE_LOAD 0.7 /* unverified: short of where queues grow long */

bool jw_network_cell_serves(const jw_network *network, uint32_t cell)
{
    return network->cells[cell].sleep == NET_CELL_AWAKE && jw_network_cell_is_up(network, cell);
}

static void set_sleep(net_cell *cell, uint8_t sleep, int64_t since_ns)
{
    cell->sleep = sleep;
    cell->sleep_since_ns = since_ns;
}

/* Begins and ends quiet times and ends waking; true when some cell is asleep or quiet for long enough. */
static bool look_at_cells(jw_network *network, int64_t now_ns)
{
    bool is_any = false;
    for (uint32_t c = 0; c < network->cell_count; c++) {
        net_cell *cell = &network->cells[c];
        cell->is_wanted = cell->is_needed = false;
        if (cell->sleep == NET_CELL_WAKING &&
            now_ns - cell->sleep_since_ns >= jw_ns_from_s(cell->def.wake_s)) {
            set_sleep(cell, NET_CELL_AWAKE, NET_NEVER_NS);
        } else if (cell->sleep == NET_CELL_AWAKE) {
            bool is_quiet = cell->load < cell->def.sleep_load && jw_network_cell_is_up(network, c) &&
                            cell->servers[NET_DOWN].job_count + cell->servers[NET_UP].job_count == 0;
            if (!is_quiet) {
                cell->sleep_since_ns = NET_NEVER_NS;
            } else if (cell->sleep_since_ns == NET_NEVER_NS) {
                cell->sleep_since_ns = now_ns;
            }
        }
        is_any |= cell->sleep == NET_CELL_ASLEEP || cell->sleep_since_ns != NET_NEVER_NS;
    }
    return is_any;
}

static bool is_sleepy(const net_cell *cell, int64_t now_ns)
{
    return cell->sleep == NET_CELL_AWAKE && cell->sleep_since_ns != NET_NEVER_NS &&
           now_ns - cell->sleep_since_ns >= jw_ns_from_s(cell->def.sleep_after_s);
}

static bool hears_another(const jw_network *network, const net_place *place, uint32_t than)
{
    for (uint32_t k = 0; k < place->count; k++) {
        const net_heard_cell *heard = &network->heard[place->cells[k]];
        if (place->cells[k] != than && heard->power_mw_per_hz * place->gain[k] * heard->beam >=
                                           network->cqi_sinr[heard->cqi_table][0] * heard->noise_mw_per_hz) {
            return true;
        }
    }
    return false;
}

/* Which sleeping cells users want, and which sleepy ones they need. */
static jw_result ask_users(jw_network *network, int64_t now_ns)
{
    for (uint32_t i = 0; i < network->user_pool.slot_count; i++) {
        net_user *user = &network->users[i];
        if (!(network->user_pool.generations[i] & 1)) {
            continue;
        }
        bool is_short = user->cell == JW_NONE || network->cells[user->cell].load > WAKE_LOAD;
        bool is_asked = user->cell != JW_NONE && is_sleepy(&network->cells[user->cell], now_ns);
        if (!is_short && !is_asked) {
            continue;
        }
        const net_place *place;
        jw_result result = jw_network_user_place(network, user, &place);
        if (result) {
            return result;
        }
        for (uint32_t k = 0; k < place->count && is_short; k++) {
            network->cells[place->cells[k]].is_wanted = true;
        }
        if (is_asked && !hears_another(network, place, user->cell)) {
            network->cells[user->cell].is_needed = true;
        }
    }
    return JW_OK;
}

static jw_result fall_asleep(jw_network *network, uint32_t slot, int64_t now_ns)
{
    set_sleep(&network->cells[slot], NET_CELL_ASLEEP, now_ns);
    network->counts.cell_sleeps++;
    jw_network_hear_cells(network);
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < network->user_pool.slot_count && !result; i++) {
        if ((network->user_pool.generations[i] & 1) && network->users[i].cell == slot) {
            result = jw_network_serve_now(network, &network->users[i], now_ns);
        }
    }
    return result;
}

jw_result jw_network_sleep_update(jw_network *network, int64_t now_ns)
{
    if (!look_at_cells(network, now_ns)) {
        return JW_OK;
    }
    jw_result result = ask_users(network, now_ns);
    bool has_slept = false;
    for (uint32_t c = 0; c < network->cell_count && !result; c++) {
        net_cell *cell = &network->cells[c];
        if (cell->sleep == NET_CELL_ASLEEP && cell->is_wanted) {
            set_sleep(cell, NET_CELL_WAKING, now_ns);
        } else if (!has_slept && is_sleepy(cell, now_ns) && !cell->is_needed && !cell->is_wanted) {
            has_slept = true;
            result = fall_asleep(network, c, now_ns);
        }
    }
    return result;
}
