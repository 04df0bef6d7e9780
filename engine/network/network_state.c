/* Save, load and hash: one listing of the fields serves all three, so that they cannot drift apart. */
#include "network/network_internal.h"

#include <math.h>
#include <string.h>

typedef struct codec { /* exactly one of the first two, or neither: hashing */
    jw_writer *writer;
    jw_reader *reader;
    uint64_t hash;
} codec;

/* ---- fields ----------------------------------------------------------------------------------------------
 */

static void code_u64(codec *c, uint64_t *value)
{
    if (c->writer) {
        jw_write_u64(c->writer, *value);
    } else if (c->reader) {
        *value = jw_read_u64(c->reader);
    } else {
        c->hash = jw_hash_u64(c->hash, *value);
    }
}

static void code_i64(codec *c, int64_t *value)
{
    uint64_t bits = (uint64_t)*value;
    code_u64(c, &bits);
    *value = (int64_t)bits;
    /* Times, bytes and counts stay far from where their differences would overflow. */
    if (c->reader && *value != INT64_MAX && (*value > INT64_MAX / 4 || *value < -(INT64_MAX / 4))) {
        jw_reader_fail(c->reader, "a time or count of the network is out of range");
    }
}

static void code_u32(codec *c, uint32_t *value)
{
    if (c->writer) {
        jw_write_u32(c->writer, *value);
    } else if (c->reader) {
        *value = jw_read_u32(c->reader);
    } else {
        c->hash = jw_hash_u64(c->hash, *value);
    }
}

static void code_u8(codec *c, uint8_t *value)
{
    if (c->writer) {
        jw_write_u8(c->writer, *value);
    } else if (c->reader) {
        *value = jw_read_u8(c->reader);
    } else {
        c->hash = jw_hash_u64(c->hash, *value);
    }
}

static void code_bool(codec *c, bool *value)
{
    uint8_t byte = *value;
    code_u8(c, &byte);
    *value = byte != 0;
}

static void code_f64(codec *c, double *value)
{
    if (c->writer) {
        jw_write_f64(c->writer, *value);
    } else if (c->reader) {
        *value = jw_read_f64(c->reader);
        if (!isfinite(*value)) {
            *value = 0;
            jw_reader_fail(c->reader, "a number of the network is not finite");
        }
    } else {
        c->hash = jw_hash_f64(c->hash, *value);
    }
}

static void code_f32(codec *c, float *value)
{
    double wide = (double)*value;
    if (c->reader || !c->writer) {
        code_f64(c, &wide);
        *value = (float)wide;
    } else {
        jw_write_f64(c->writer, wide);
    }
}

static void code_text(codec *c, char *text, size_t size)
{
    if (c->writer) {
        jw_write_text(c->writer, text);
    } else if (c->reader) {
        jw_read_text(c->reader, text, size);
    } else {
        c->hash = jw_hash_text(c->hash, text);
    }
}

/* Enumerations travel as u32. */
#define CODE_ENUM(c, field, count)                                                                           \
    do {                                                                                                     \
        uint32_t enum_value = (uint32_t)(field);                                                             \
        code_u32(c, &enum_value);                                                                            \
        if ((c)->reader && enum_value >= (uint32_t)(count)) {                                                \
            jw_reader_fail((c)->reader, "an enumeration of the network is out of range");                    \
            enum_value = 0;                                                                                  \
        }                                                                                                    \
        (field) = enum_value;                                                                                \
    } while (0)

/* The count of an array and, when loading, its memory. `bytes` is the least an element takes in the stream.
 */
static void code_items(codec *c, void *items_pointer, uint32_t *count, uint32_t *capacity, size_t size,
                       size_t bytes)
{
    if (!c->reader) {
        code_u32(c, count);
        return;
    }
    *count = jw_read_count(c->reader, NET_THINGS_MAX, bytes);
    if (*count > 0 && jw_grow(items_pointer, capacity, *count, size, NULL)) {
        jw_reader_fail(c->reader, "out of memory");
        *count = 0;
    }
}

static void code_slots(codec *c, uint32_t **items, uint32_t *count, uint32_t *capacity)
{
    code_items(c, items, count, capacity, sizeof **items, 4);
    for (uint32_t i = 0; i < *count; i++) {
        code_u32(c, &(*items)[i]);
    }
}

/* A pool and room for its slots beside it. */
static void code_pool(codec *c, jw_pool *pool, void *items_pointer, uint32_t *capacity, size_t size)
{
    if (c->writer) {
        jw_pool_save(pool, c->writer);
    } else if (c->reader) {
        jw_pool_load(pool, c->reader);
        if (pool->slot_count > 0 && jw_grow(items_pointer, capacity, pool->slot_count, size, NULL)) {
            jw_reader_fail(c->reader, "out of memory");
            jw_pool_free(pool);
        }
    } else {
        c->hash = jw_hash_bytes(c->hash, pool->generations, pool->slot_count * sizeof(uint32_t));
        c->hash = jw_hash_bytes(c->hash, pool->free_slots, pool->free_count * sizeof(uint32_t));
    }
}

static bool is_alive(const jw_pool *pool, uint32_t slot)
{
    return slot < pool->slot_count && (pool->generations[slot] & 1);
}

/* ---- things ----------------------------------------------------------------------------------------------
 */

static void code_node(codec *c, net_node *node)
{
    code_text(c, node->def.name, sizeof node->def.name);
    CODE_ENUM(c, node->def.kind, JW_NET_GATEWAY + 1);
    code_f64(c, &node->def.x_m);
    code_f64(c, &node->def.y_m);
    code_bool(c, &node->is_up);
}

/* A counter and what it was at the last sample; far from where sums of them would overflow. */
static void check_counter(codec *c, int64_t counter, int64_t sampled)
{
    if (c->reader && (sampled < 0 || counter < sampled || counter > INT64_MAX / 4))
        jw_reader_fail(c->reader, "a byte counter of the network is out of range");
}

static void code_link(codec *c, net_link *link)
{
    code_text(c, link->def.name, sizeof link->def.name);
    code_text(c, link->def.from, sizeof link->def.from);
    code_text(c, link->def.to, sizeof link->def.to);
    code_f64(c, &link->def.capacity_bps);
    code_f64(c, &link->def.length_m);
    code_f64(c, &link->def.extra_delay_s);
    code_f64(c, &link->def.loss);
    code_i64(c, &link->def.queue_bytes);
    code_u32(c, &link->def.max_flows);
    if (c->reader && link->def.queue_bytes < 0) {
        jw_reader_fail(c->reader, "a queue of the network is out of range");
    }
    code_f64(c, &link->def.nj_per_bit);
    code_f64(c, &link->def.nj_per_bit_back);
    code_u32(c, &link->from);
    code_u32(c, &link->to);
    code_i64(c, &link->delay_ns);
    code_bool(c, &link->is_cut);
    code_bool(c, &link->is_known_up);
    code_u32(c, &link->cut_count);
    for (int i = 0; i < 2; i++) {
        net_direction *wire = &link->directions[i];
        code_i64(c, &wire->control_busy_ns);
        code_i64(c, &wire->busy_ns);
        if (c->reader && (wire->control_busy_ns > INT64_MAX / 4 || wire->busy_ns > INT64_MAX / 4)) {
            jw_reader_fail(c->reader, "a transmitter of the network is busy for ever");
        }
        code_f64(c, &wire->flow_bps);
        code_f64(c, &wire->held_bps);
        code_f64(c, &wire->held_weight);
        code_f64(c, &wire->level);
        code_f64(c, &wire->weight);
        code_f64(c, &wire->bound_bps);
        code_u8(c, &wire->is_live);
        code_u8(c, &wire->is_dirty);
        code_u8(c, &wire->is_rising);
        code_slots(c, &wire->bundles, &wire->bundle_count, &wire->bundle_capacity);
        code_slots(c, &wire->flows, &wire->flow_count, &wire->flow_capacity);
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
            code_i64(c, &wire->offered_bytes[kind]);
            code_i64(c, &wire->carried_bytes[kind]);
            code_i64(c, &wire->dropped_bytes[kind]);
            code_i64(c, &wire->queued_bytes[kind]);
            code_i64(c, &wire->sampled_bytes[kind]);
            code_f64(c, &wire->rate_bps[kind]);
            check_counter(c, wire->carried_bytes[kind], wire->sampled_bytes[kind]);
            check_counter(c, wire->dropped_bytes[kind], 0);
            check_counter(c, wire->queued_bytes[kind], 0);
            if (c->reader && wire->offered_bytes[kind] != wire->carried_bytes[kind] +
                                                              wire->dropped_bytes[kind] +
                                                              wire->queued_bytes[kind])
                jw_reader_fail(c->reader, "a link of the network does not account for its bytes");
        }
    }
}

static void code_server(codec *c, net_server *server)
{
    code_items(c, &server->jobs, &server->job_count, &server->job_capacity, sizeof *server->jobs, 32);
    for (uint32_t i = 0; i < server->job_count; i++) {
        code_f64(c, &server->jobs[i].finish_virtual_s);
        code_u64(c, &server->jobs[i].serial);
        code_f64(c, &server->jobs[i].bits_per_virtual_s);
        code_u32(c, &server->jobs[i].message);
        code_u32(c, &server->jobs[i].weight);
    }
    code_u64(c, &server->weight_sum);
    code_f64(c, &server->virtual_s);
    code_f64(c, &server->speed);
    code_i64(c, &server->since_ns);
    code_u32(c, &server->version);
    code_i64(c, &server->busy_ns);
    code_f64(c, &server->bits_per_virtual_s);
    code_f64(c, &server->carried_bits);
}

static void code_cell(codec *c, net_cell *cell)
{
    jw_cell_def *def = &cell->def;
    code_text(c, def->name, sizeof def->name);
    code_text(c, def->node, sizeof def->node);
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
        code_f64(c, numbers[i]);
    }
    CODE_ENUM(c, def->scenario, JW_RADIO_UMA + 1);
    CODE_ENUM(c, def->antenna, JW_ANTENNA_ARRAY + 1);
    CODE_ENUM(c, def->cqi_table, JW_CQI_256QAM + 1);
    code_u8(c, &cell->sleep);
    code_i64(c, &cell->sleep_since_ns);
    code_u32(c, &cell->node);
    code_u32(c, &cell->users);
    code_bool(c, &cell->is_failed);
    code_i64(c, &cell->energy_since_ns);
    code_server(c, &cell->servers[0]);
    code_server(c, &cell->servers[1]);
    if (c->reader && (!jw_network_is_cell_sound(def) || cell->sleep >= NET_CELL_SLEEP_COUNT))
        jw_reader_fail(c->reader, "a cell of the network is out of range");
}

static void code_user(codec *c, net_user *user)
{
    code_u64(c, &user->tag);
    code_f32(c, &user->x_m);
    code_f32(c, &user->y_m);
    code_f32(c, &user->height_m);
    code_f32(c, &user->heard_x_m);
    code_f32(c, &user->heard_y_m);
    code_u32(c, &user->cell);
    code_u32(c, &user->link_cell);
    code_i64(c, &user->bad_since_ns);
    code_f32(c, &user->demand_down_bps);
    code_f32(c, &user->demand_up_bps);
    code_u8(c, &user->is_indoor);
    code_f32(c, &user->sinr);
    code_f32(c, &user->down_bps);
    code_f32(c, &user->up_bps);
    code_u8(c, &user->cqi);
    code_u8(c, &user->has_los);
    code_u32(c, &user->better_cell);
    code_f32(c, &user->better_db);
    code_i64(c, &user->better_since_ns);
    code_u32(c, &user->left_cell);
    code_i64(c, &user->handover_ns);
    code_u32(c, &user->handovers);
}

static void code_message(codec *c, net_message *message)
{
    code_u64(c, &message->tag);
    code_u64(c, &message->serial);
    code_i64(c, &message->size_bytes);
    code_i64(c, &message->waiting_since_ns);
    code_i64(c, &message->air_ns);
    code_u32(c, &message->from_user.index1);
    code_u32(c, &message->from_user.generation);
    code_u32(c, &message->to_user.index1);
    code_u32(c, &message->to_user.generation);
    code_u32(c, &message->to_node);
    code_u32(c, &message->node);
    code_u32(c, &message->link);
    code_u32(c, &message->link_cuts);
    code_u32(c, &message->hops);
    code_u32(c, &message->version);
    code_u8(c, &message->kind);
    code_u8(c, &message->phase);
}

static void code_hops(codec *c, net_hop **hops, uint32_t *count, uint32_t *capacity)
{
    code_items(c, hops, count, capacity, sizeof **hops, 8);
    for (uint32_t i = 0; i < *count; i++) {
        code_u32(c, &(*hops)[i].direction);
        code_u32(c, &(*hops)[i].place);
    }
}

static void code_flow(codec *c, net_flow *flow)
{
    code_u64(c, &flow->tag);
    code_u64(c, &flow->serial);
    code_u32(c, &flow->from);
    code_u32(c, &flow->to);
    code_i64(c, &flow->size_bytes);
    code_i64(c, &flow->carried_bytes);
    code_f64(c, &flow->residue_bytes);
    code_f64(c, &flow->cap_bps);
    code_f64(c, &flow->weight);
    code_f64(c, &flow->since_service);
    code_f64(c, &flow->finish);
    code_i64(c, &flow->due_ns);
    code_u32(c, &flow->bundle);
    code_u32(c, &flow->child);
    code_u32(c, &flow->sibling);
    code_u32(c, &flow->elder);
    code_u8(c, &flow->kind);
    code_u8(c, &flow->phase);
    code_u8(c, &flow->has_slow_start);
    code_f64(c, &flow->window_bps);
    code_hops(c, &flow->hops, &flow->hop_count, &flow->hop_capacity);
}

static void code_bundle(codec *c, net_bundle *bundle)
{
    code_f64(c, &bundle->weight);
    code_f64(c, &bundle->level);
    code_f64(c, &bundle->rate_bps);
    code_f64(c, &bundle->limit);
    code_f64(c, &bundle->cap);
    code_f64(c, &bundle->service);
    code_i64(c, &bundle->since_ns);
    code_i64(c, &bundle->due_ns);
    code_hops(c, &bundle->hops, &bundle->hop_count, &bundle->hop_capacity);
    code_u32(c, &bundle->first);
    code_u32(c, &bundle->flow_count);
    code_u32(c, &bundle->bottleneck);
    code_u8(c, &bundle->is_dirty);
    if (c->reader) {
        bundle->heap_place = bundle->next = bundle->heir = JW_NONE;
        bundle->is_open = 0;
    }
}

static void code_counts(codec *c, jw_network_counts *counts)
{
    int64_t *const numbers[] = {
        &counts->messages_sent,      &counts->messages_delivered, &counts->messages_lost,
        &counts->flows_started,      &counts->flows_finished,     &counts->flows_failed,
        &counts->flows_refused,      &counts->flows_stopped,      &counts->flow_bytes_offered,
        &counts->flow_bytes_carried, &counts->flow_bytes_dropped, &counts->handovers,
        &counts->radio_outages,      &counts->ping_pongs,         &counts->radio_failures,
        &counts->late_handovers,     &counts->cell_sleeps};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++) {
        code_i64(c, numbers[i]);
    }
    for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
        code_i64(c, &counts->bytes_carried[kind]);
        code_i64(c, &counts->bytes_dropped[kind]);
    }
}

static void code_network(codec *c, jw_network *n)
{
    code_f64(c, &n->radio_interval_s);
    code_i64(c, &n->failover_ns);
    code_i64(c, &n->message_timeout_ns);
    code_f64(c, &n->background_bps);
    code_bool(c, &n->is_los_from_buildings);
    code_bool(c, &n->has_shadowing);
    code_f64(c, &n->a3_offset_db);
    code_f64(c, &n->a3_hysteresis_db);
    code_i64(c, &n->a3_trigger_ns);
    code_i64(c, &n->t310_ns);
    code_f64(c, &n->up_p0_dbm);
    code_f64(c, &n->up_alpha);
    if (c->reader && !(jw_abs(n->a3_offset_db) <= 15 && jw_abs(n->a3_hysteresis_db) <= 15 &&
                       jw_abs(n->up_p0_dbm) <= 202 && n->up_alpha >= 0.1 && n->up_alpha <= 1)) {
        jw_reader_fail(c->reader, "a handover or power threshold of the network is out of range");
    }
    code_items(c, &n->nodes, &n->node_count, &n->node_capacity, sizeof *n->nodes, 20);
    for (uint32_t i = 0; i < n->node_count; i++) {
        code_node(c, &n->nodes[i]);
    }
    code_items(c, &n->links, &n->link_count, &n->link_capacity, sizeof *n->links, 100);
    for (uint32_t i = 0; i < n->link_count; i++) {
        code_link(c, &n->links[i]);
    }
    code_items(c, &n->cells, &n->cell_count, &n->cell_capacity, sizeof *n->cells, 100);
    for (uint32_t i = 0; i < n->cell_count; i++) {
        code_cell(c, &n->cells[i]);
    }
    code_pool(c, &n->user_pool, &n->users, &n->user_capacity, sizeof *n->users);
    for (uint32_t i = 0; i < n->user_pool.slot_count; i++) {
        if (is_alive(&n->user_pool, i)) {
            code_user(c, &n->users[i]);
        }
    }
    code_pool(c, &n->message_pool, &n->messages, &n->message_capacity, sizeof *n->messages);
    for (uint32_t i = 0; i < n->message_pool.slot_count; i++) {
        if (is_alive(&n->message_pool, i)) {
            code_message(c, &n->messages[i]);
        }
    }
    code_pool(c, &n->flow_pool, &n->flows, &n->flow_capacity, sizeof *n->flows);
    for (uint32_t i = 0; i < n->flow_pool.slot_count; i++) {
        if (is_alive(&n->flow_pool, i)) {
            code_flow(c, &n->flows[i]);
        }
    }
    code_pool(c, &n->bundle_pool, &n->bundles, &n->bundle_capacity, sizeof *n->bundles);
    for (uint32_t i = 0; i < n->bundle_pool.slot_count; i++) {
        if (is_alive(&n->bundle_pool, i)) {
            code_bundle(c, &n->bundles[i]);
        }
    }
    code_slots(c, &n->waiting, &n->waiting_count, &n->waiting_capacity);
    code_slots(c, &n->dirty_bundles, &n->dirty_bundle_count, &n->dirty_bundle_capacity);
    code_slots(c, &n->dirty_directions, &n->dirty_direction_count, &n->dirty_direction_capacity);
    code_slots(c, &n->rising, &n->rising_count, &n->rising_capacity);
    code_u64(c, &n->next_serial);
    code_bool(c, &n->is_share_pending);
    code_i64(c, &n->flow_timer_ns);
    code_i64(c, &n->sample_ns);
    code_i64(c, &n->radio_ns);
    code_f64(c, &n->throughput_bps);
    code_i64(c, &n->delivered_bytes);
    code_i64(c, &n->sampled_delivered_bytes);
    check_counter(c, n->delivered_bytes, n->sampled_delivered_bytes);
    code_f64(c, &n->switch_energy_j);
    code_f64(c, &n->switch_power_w);
    code_i64(c, &n->switch_since_ns);
    code_counts(c, &n->counts);
}

/* ---- what loaded state must fulfil before anything walks it ----------------------------------------------
 */

static bool is_near(double value, double wanted, double scale)
{
    return jw_abs(value - wanted) <= 1e-6 * scale;
}

/* A live direction's sums are those of its bundles, its bound that of its flows; counts those it holds. */
static bool is_share_sound(const jw_network *n, uint32_t direction, net_direction *wire)
{
    double flow_bps = 0, held_bps = 0, held_weight = 0, weight = 0, bound_bps = 0;
    double capacity_bps = n->links[direction / 2].def.capacity_bps;
    bool is_sound = wire->is_live <= 1 && (wire->is_live || wire->bundle_count == 0);
    wire->held_count = 0;
    for (uint32_t k = 0; k < wire->bundle_count && is_sound; k++) {
        const net_bundle *bundle = &n->bundles[wire->bundles[k]];
        flow_bps += bundle->rate_bps;
        if (bundle->bottleneck == direction) {
            wire->held_count++;
            held_bps += bundle->rate_bps;
            held_weight += bundle->weight;
            is_sound = is_near(bundle->level, wire->level, wire->level);
        }
    }
    for (uint32_t k = 0; k < wire->flow_count && is_sound; k++) {
        const net_flow *flow = &n->flows[wire->flows[k]];
        weight += flow->weight;
        bound_bps += flow->weight * n->bundles[flow->bundle].limit;
    }
    return is_sound && is_near(wire->flow_bps, flow_bps, capacity_bps) &&
           is_near(wire->held_bps, held_bps, capacity_bps) &&
           is_near(wire->held_weight, held_weight, held_weight) && is_near(wire->weight, weight, weight) &&
           is_near(wire->bound_bps, bound_bps, capacity_bps + bound_bps) &&
           (wire->is_live || wire->is_rising ||
            is_near(jw_max(bound_bps, capacity_bps), capacity_bps, capacity_bps));
}

static bool is_hop_at(const net_hop *hops, uint32_t count, uint32_t direction, uint32_t place)
{
    for (uint32_t i = 0; i < count; i++) {
        if (hops[i].direction == direction) {
            return hops[i].place == place;
        }
    }
    return false;
}

static bool are_links_sound(jw_network *n)
{
    for (uint32_t i = 0; i < 2 * n->link_count; i++) {
        const net_link *link = &n->links[i / 2];
        net_direction *wire = &n->links[i / 2].directions[i & 1];
        if (link->from >= n->node_count || link->to >= n->node_count || link->from == link->to ||
            !(link->def.capacity_bps > 0) || link->delay_ns < 1) {
            return false;
        }
        for (uint32_t k = 0; k < wire->flow_count; k++) {
            uint32_t slot = wire->flows[k];
            if (!is_alive(&n->flow_pool, slot) ||
                !is_hop_at(n->flows[slot].hops, n->flows[slot].hop_count, i, k)) {
                return false;
            }
        }
        for (uint32_t k = 0; k < wire->bundle_count; k++) {
            uint32_t slot = wire->bundles[k];
            if (!is_alive(&n->bundle_pool, slot) ||
                !is_hop_at(n->bundles[slot].hops, n->bundles[slot].hop_count, i, k)) {
                return false;
            }
        }
    }
    return true;
}

/* Of links and flows it is known that they fit together. */
static bool are_shares_sound(jw_network *n)
{
    for (uint32_t i = 0; i < 2 * n->link_count; i++) {
        if (!is_share_sound(n, i, &n->links[i / 2].directions[i & 1])) {
            return false;
        }
    }
    return true;
}

static bool is_flow_sound(const jw_network *n, uint32_t slot)
{
    const net_flow *flow = &n->flows[slot];
    if (flow->from >= n->node_count || flow->to >= n->node_count || flow->kind >= JW_TRAFFIC_KIND_COUNT ||
        !(flow->weight > 0) || flow->cap_bps < 0 || flow->window_bps < 0 ||
        flow->phase >= NET_FLOW_PHASE_COUNT || flow->size_bytes < 0 || flow->carried_bytes < 0 ||
        (flow->size_bytes == 0 && flow->cap_bps == 0)) {
        return false;
    }
    if (flow->size_bytes > NET_FLOW_BYTES_MAX || flow->residue_bytes < 0 || flow->residue_bytes > 1 ||
        (flow->size_bytes > 0 && flow->carried_bytes > flow->size_bytes)) {
        return false;
    }
    if (flow->phase != NET_FLOW_RUNNING
            ? flow->bundle != JW_NONE || flow->hop_count > 0
            : !is_alive(&n->bundle_pool, flow->bundle) ||
                  (flow->hop_count == 0 &&
                   (n->bundles[flow->bundle].cap == 0 || n->bundles[flow->bundle].hop_count > 0 ||
                    n->bundles[flow->bundle].is_dirty))) {
        return false;
    }
    uint32_t live = 0;
    for (uint32_t h = 0; h < flow->hop_count; h++) {
        net_hop hop = flow->hops[h];
        if (hop.direction >= 2 * n->link_count) {
            return false;
        }
        const net_direction *wire = &n->links[hop.direction / 2].directions[hop.direction & 1];
        if (hop.place >= wire->flow_count || wire->flows[hop.place] != slot) {
            return false;
        }
        live += wire->is_live;
        const net_bundle *bundle = &n->bundles[flow->bundle];
        bool is_crossed = false;
        for (uint32_t i = 0; i < bundle->hop_count && wire->is_live; i++) {
            is_crossed |= bundle->hops[i].direction == hop.direction;
        }
        if (is_crossed != (wire->is_live != 0)) {
            return false;
        }
    }
    return flow->phase != NET_FLOW_RUNNING || live == n->bundles[flow->bundle].hop_count;
}

static bool are_flows_sound(const jw_network *n, int64_t now_ns)
{
    uint64_t moving = 0, bundled = 0;
    for (uint32_t i = 0; i < n->flow_pool.slot_count; i++) {
        if (is_alive(&n->flow_pool, i)) {
            if (!is_flow_sound(n, i)) {
                return false;
            }
            moving += n->flows[i].phase == NET_FLOW_RUNNING;
        }
    }
    for (uint32_t i = 0; i < n->bundle_pool.slot_count; i++) {
        const net_bundle *bundle = &n->bundles[i];
        if (!is_alive(&n->bundle_pool, i)) {
            continue;
        }
        bool is_held = bundle->bottleneck == JW_NONE;
        for (uint32_t h = 0; h < bundle->hop_count; h++) {
            net_hop hop = bundle->hops[h];
            if (hop.direction >= 2 * n->link_count ||
                (h > 0 && bundle->hops[h - 1].direction >= hop.direction)) {
                return false;
            }
            const net_direction *wire = &n->links[hop.direction / 2].directions[hop.direction & 1];
            if (hop.place >= wire->bundle_count || wire->bundles[hop.place] != i) {
                return false;
            }
            is_held = is_held || hop.direction == bundle->bottleneck;
        }
        /* Its first flow ends in the future, and only a flow of some size ends. */
        bool is_due = bundle->due_ns != NET_NEVER_NS;
        if (is_due && (bundle->due_ns < now_ns || bundle->first >= n->flow_pool.slot_count ||
                       n->flows[bundle->first].size_bytes == 0)) {
            return false;
        }
        if (!is_held || !(bundle->cap >= 0) ||
            (bundle->cap == 0 && bundle->hop_count == 0 && !bundle->is_dirty) ||
            (bundle->cap > 0 && bundle->flow_count != 1) || !(bundle->level >= 0) || !(bundle->limit >= 0) ||
            !is_near(bundle->rate_bps, bundle->level * bundle->weight, bundle->rate_bps) ||
            !jw_network_is_bundle_sound(n, i)) {
            return false;
        }
        bundled += bundle->flow_count;
    }
    return moving == bundled;
}

static bool are_slots_below(const uint32_t *slots, uint32_t count, uint32_t end)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slots[i] >= end) {
            return false;
        }
    }
    return true;
}

/* What waits for the sharing event; a direction is on a list at most once, when it says so. */
static bool are_marks_sound(const jw_network *n)
{
    uint32_t dirty = 0, rising = 0;
    for (uint32_t i = 0; i < 2 * n->link_count; i++) {
        dirty += n->links[i / 2].directions[i & 1].is_dirty;
        rising += n->links[i / 2].directions[i & 1].is_rising;
    }
    bool is_sound = dirty == n->dirty_direction_count && rising == n->rising_count &&
                    are_slots_below(n->dirty_directions, dirty, 2 * n->link_count) &&
                    are_slots_below(n->rising, rising, 2 * n->link_count) &&
                    are_slots_below(n->dirty_bundles, n->dirty_bundle_count, n->bundle_pool.slot_count);
    for (uint32_t i = 0; i < dirty && is_sound; i++) {
        is_sound = n->links[n->dirty_directions[i] / 2].directions[n->dirty_directions[i] & 1].is_dirty;
    }
    for (uint32_t i = 0; i < rising && is_sound; i++) {
        is_sound = n->links[n->rising[i] / 2].directions[n->rising[i] & 1].is_rising;
    }
    return is_sound;
}

static bool is_user_id(const jw_network *n, jw_user_id id)
{
    return id.index1 == 0 || (id.index1 <= n->user_pool.slot_count && (id.generation & 1));
}

/* `link` means something else in each phase; a message is in at most one list, where it says it is. */
static bool are_messages_sound(const jw_network *n)
{
    uint64_t waiting = 0, in_air = 0, jobs = 0;
    for (uint32_t i = 0; i < n->message_pool.slot_count; i++) {
        const net_message *m = &n->messages[i];
        if (!is_alive(&n->message_pool, i)) {
            continue;
        }
        bool has_place = m->node == JW_NONE ? m->from_user.index1 != 0 : m->node < n->node_count;
        bool has_target = m->to_node == JW_NONE ? m->to_user.index1 != 0 : m->to_node < n->node_count;
        bool is_on_air = m->phase == NET_MESSAGE_IN_AIR || m->phase == NET_MESSAGE_LANDING;
        if (!has_place || !has_target || !is_user_id(n, m->from_user) || !is_user_id(n, m->to_user) ||
            m->kind >= JW_TRAFFIC_KIND_COUNT || m->phase >= NET_MESSAGE_PHASE_COUNT || m->size_bytes <= 0 ||
            (m->phase == NET_MESSAGE_ON_LINK && m->link >= 2 * n->link_count) ||
            (is_on_air && (m->link >= 2 * n->cell_count ||
                           ((m->link & 1) == NET_UP ? m->from_user.index1 : m->to_user.index1) == 0)) ||
            (m->phase == NET_MESSAGE_WAITING && (m->link >= n->waiting_count || n->waiting[m->link] != i))) {
            return false;
        }
        waiting += m->phase == NET_MESSAGE_WAITING;
        in_air += m->phase == NET_MESSAGE_IN_AIR;
    }
    for (uint32_t i = 0; i < 2 * n->cell_count; i++) {
        const net_server *server = &n->cells[i / 2].servers[i & 1];
        uint64_t weight_sum = 0;
        for (uint32_t k = 0; k < server->job_count; k++) {
            uint32_t slot = server->jobs[k].message;
            if (!is_alive(&n->message_pool, slot) || n->messages[slot].phase != NET_MESSAGE_IN_AIR ||
                n->messages[slot].link != i || n->messages[slot].serial != server->jobs[k].serial ||
                server->jobs[k].weight == 0) {
                return false;
            }
            weight_sum += server->jobs[k].weight;
        }
        if (server->weight_sum != weight_sum || !(server->speed > 0)) {
            return false;
        }
        jobs += server->job_count;
    }
    return waiting == n->waiting_count && in_air == jobs;
}

/* Adds (or takes) the bytes of the messages on links to what their links count as queued; false below 0. */
static bool count_queued(jw_network *n, int64_t sign)
{
    for (uint32_t i = 0; i < n->message_pool.slot_count; i++) {
        const net_message *m = &n->messages[i];
        if (is_alive(&n->message_pool, i) && m->phase == NET_MESSAGE_ON_LINK) {
            int64_t *queued_bytes = &n->links[m->link / 2].directions[m->link & 1].queued_bytes[m->kind];
            *queued_bytes += sign * m->size_bytes;
            if (*queued_bytes < 0) {
                return false;
            }
        }
    }
    return true;
}

/* Each link counts as queued exactly what is on it. */
static bool are_queues_sound(jw_network *n)
{
    bool is_sound = count_queued(n, -1);
    for (uint32_t i = 0; i < 2 * n->link_count && is_sound; i++) {
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
            is_sound = is_sound && n->links[i / 2].directions[i & 1].queued_bytes[kind] == 0;
        }
    }
    return is_sound && count_queued(n, 1);
}

static bool is_radio_sound(const jw_network *n)
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
        if (is_alive(&n->user_pool, i) &&
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

/* ---- the door --------------------------------------------------------------------------------------------
 */

void jw_network_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    codec c = {.writer = writer};
    code_network(&c, (jw_network *)state); /* a writing codec changes nothing */
}

void jw_network_load(jw_world *world, void *state, jw_reader *reader)
{
    jw_network *network = state;
    codec c = {.reader = reader};
    code_network(&c, network);
    if (!reader->failed &&
        !(are_links_sound(network) && are_flows_sound(network, jw_world_time_ns(world)) &&
          are_shares_sound(network) && are_marks_sound(network) && are_messages_sound(network) &&
          are_queues_sound(network) && is_radio_sound(network))) {
        jw_reader_fail(reader, "the network's parts do not fit together");
    }
    for (uint32_t i = 0; i < network->link_count && !reader->failed; i++) {
        jw_network_link_derive(network, i);
    }
    for (uint32_t i = 0; i < network->user_pool.slot_count; i++) {
        network->users[i].place = JW_NONE;
    }
}

uint64_t jw_network_hash(const jw_world *world, const void *state)
{
    (void)world;
    codec c = {0};
    code_network(&c, (jw_network *)state);
    return c.hash;
}
