/* Cells and users in a snapshot. */
#include "network/network_codec.h"

static void code_server(net_codec *c, net_server *server)
{
    jw_network_code_items(c, &server->jobs, &server->job_count, &server->job_capacity, sizeof *server->jobs,
                          32);
    for (uint32_t i = 0; i < server->job_count; i++) {
        jw_network_code_f64(c, &server->jobs[i].finish_virtual_s);
        jw_network_code_u64(c, &server->jobs[i].serial);
        jw_network_code_f64(c, &server->jobs[i].bits_per_virtual_s);
        jw_network_code_u32(c, &server->jobs[i].message);
        jw_network_code_u32(c, &server->jobs[i].weight);
    }
    jw_network_code_u64(c, &server->weight_sum);
    jw_network_code_f64(c, &server->virtual_s);
    jw_network_code_f64(c, &server->speed);
    jw_network_code_i64(c, &server->since_ns);
    jw_network_code_u32(c, &server->version);
    jw_network_code_i64(c, &server->busy_ns);
    jw_network_code_f64(c, &server->bits_per_virtual_s);
    jw_network_code_f64(c, &server->carried_bits);
}

void jw_network_code_cell(net_codec *c, net_cell *cell)
{
    jw_cell_def *def = &cell->def;
    jw_network_code_text(c, def->name, sizeof def->name);
    jw_network_code_text(c, def->node, sizeof def->node);
    double *const numbers[] = {&def->x_m,
                               &def->y_m,
                               &def->height_m,
                               &def->band_ghz,
                               &def->bandwidth_mhz,
                               &def->subcarrier_khz,
                               &def->power_dbm,
                               &def->downlink_share,
                               &def->azimuth_deg,
                               &def->tilt_deg,
                               &def->antenna_gain_dbi,
                               &def->sleep_load,
                               &def->sleep_after_s,
                               &def->wake_s,
                               &def->sleep_power_w,
                               &def->idle_power_w,
                               &def->busy_power_w,
                               &cell->load,
                               &cell->down_load,
                               &cell->up_load,
                               &cell->background,
                               &cell->up_background,
                               &cell->up_interference,
                               &cell->throughput_bps,
                               &cell->energy_j,
                               &cell->power_w};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++) {
        jw_network_code_f64(c, numbers[i]);
    }
    NET_CODE_ENUM(c, def->scenario, JW_RADIO_UMA + 1);
    NET_CODE_ENUM(c, def->antenna, JW_ANTENNA_ARRAY + 1);
    NET_CODE_ENUM(c, def->cqi_table, JW_CQI_256QAM + 1);
    jw_network_code_u8(c, &cell->sleep);
    jw_network_code_i64(c, &cell->sleep_since_ns);
    jw_network_code_u32(c, &cell->node);
    jw_network_code_u32(c, &cell->users);
    jw_network_code_bool(c, &cell->is_failed);
    jw_network_code_bool(c, &cell->is_removed);
    jw_network_code_i64(c, &cell->energy_since_ns);
    code_server(c, &cell->servers[0]);
    code_server(c, &cell->servers[1]);
    if (c->reader && (!jw_network_is_cell_sound(def) || cell->sleep >= NET_CELL_SLEEP_COUNT))
        jw_reader_fail(c->reader, "a cell of the network is out of range");
}

void jw_network_code_user(net_codec *c, net_user *user)
{
    jw_network_code_u64(c, &user->tag);
    jw_network_code_f32(c, &user->x_m);
    jw_network_code_f32(c, &user->y_m);
    jw_network_code_f32(c, &user->height_m);
    jw_network_code_f32(c, &user->heard_x_m);
    jw_network_code_f32(c, &user->heard_y_m);
    jw_network_code_u32(c, &user->cell);
    jw_network_code_u32(c, &user->link_cell);
    jw_network_code_i64(c, &user->bad_since_ns);
    jw_network_code_f32(c, &user->demand_down_bps);
    jw_network_code_f32(c, &user->demand_up_bps);
    jw_network_code_u8(c, &user->is_indoor);
    jw_network_code_f32(c, &user->sinr);
    jw_network_code_f32(c, &user->down_bps);
    jw_network_code_f32(c, &user->up_bps);
    jw_network_code_u8(c, &user->cqi);
    jw_network_code_u8(c, &user->has_los);
    jw_network_code_u32(c, &user->better_cell);
    jw_network_code_f32(c, &user->better_db);
    jw_network_code_i64(c, &user->better_since_ns);
    jw_network_code_u32(c, &user->left_cell);
    jw_network_code_i64(c, &user->handover_ns);
    jw_network_code_u32(c, &user->handovers);
}

bool jw_network_is_radio_sound(const jw_network *n)
{
    for (uint32_t i = 0; i < n->cell_count; i++) {
        const net_cell *cell = &n->cells[i];
        bool is_shared = cell->up_load >= 0 && cell->up_load <= 1 && cell->up_background >= 0 &&
                         cell->up_background <= 1 && cell->up_interference >= 0;
        if (cell->node >= n->node_count || !(cell->def.bandwidth_mhz > 0) || !is_shared) {
            return false;
        }
    }
    for (uint32_t i = 0; i < n->user_pool.slot_count; i++) {
        const net_user *user = &n->users[i];
        if (jw_network_is_alive(&n->user_pool, i) &&
            ((user->cell != JW_NONE &&
              (user->cell >= n->cell_count || !(user->down_bps > 0) || !(user->up_bps > 0))) ||
             (user->link_cell != JW_NONE && user->link_cell >= n->cell_count) || user->is_indoor > 1 ||
             !(user->demand_down_bps >= 0 && user->demand_down_bps <= 1.1e12f) ||
             !(user->demand_up_bps >= 0 && user->demand_up_bps <= 1.1e12f) ||
             !(jw_abs((double)user->x_m) <= 1e9) || !(jw_abs((double)user->y_m) <= 1e9) || user->cqi > 15)) {
            return false;
        }
    }
    return true;
}
