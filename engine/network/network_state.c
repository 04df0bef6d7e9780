/* Save, load and hash: the topology, messages and counts; the door. */
#include "network/network_codec.h"

static void code_node(net_codec *c, net_node *node)
{
    jw_network_code_text(c, node->def.name, sizeof node->def.name);
    NET_CODE_ENUM(c, node->def.kind, JW_NET_GATEWAY + 1);
    jw_network_code_f64(c, &node->def.x_m);
    jw_network_code_f64(c, &node->def.y_m);
    jw_network_code_bool(c, &node->is_up);
    jw_network_code_bool(c, &node->is_removed);
    if (c->reader && node->is_removed && node->is_up)
        jw_reader_fail(c->reader, "a removed node of the network is up");
}

/* A counter and what it was at the last sample; far from where sums of them would overflow. */
static void check_counter(net_codec *c, int64_t counter, int64_t sampled)
{
    if (c->reader && (sampled < 0 || counter < sampled || counter > INT64_MAX / 4))
        jw_reader_fail(c->reader, "a byte counter of the network is out of range");
}

static void code_link(net_codec *c, net_link *link)
{
    jw_network_code_text(c, link->def.name, sizeof link->def.name);
    jw_network_code_text(c, link->def.from, sizeof link->def.from);
    jw_network_code_text(c, link->def.to, sizeof link->def.to);
    jw_network_code_f64(c, &link->def.capacity_bps);
    jw_network_code_f64(c, &link->def.length_m);
    jw_network_code_f64(c, &link->def.extra_delay_s);
    jw_network_code_f64(c, &link->def.loss);
    jw_network_code_i64(c, &link->def.queue_bytes);
    jw_network_code_u32(c, &link->def.max_flows);
    if (c->reader && link->def.queue_bytes < 0) {
        jw_reader_fail(c->reader, "a queue of the network is out of range");
    }
    jw_network_code_f64(c, &link->def.nj_per_bit);
    jw_network_code_f64(c, &link->def.nj_per_bit_back);
    jw_network_code_u32(c, &link->from);
    jw_network_code_u32(c, &link->to);
    jw_network_code_i64(c, &link->delay_ns);
    jw_network_code_bool(c, &link->is_cut);
    jw_network_code_bool(c, &link->is_removed);
    jw_network_code_bool(c, &link->is_known_up);
    jw_network_code_u32(c, &link->cut_count);
    for (int i = 0; i < 2; i++) {
        net_direction *wire = &link->directions[i];
        jw_network_code_i64(c, &wire->control_busy_ns);
        jw_network_code_i64(c, &wire->busy_ns);
        if (c->reader && (wire->control_busy_ns > INT64_MAX / 4 || wire->busy_ns > INT64_MAX / 4)) {
            jw_reader_fail(c->reader, "a transmitter of the network is busy for ever");
        }
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
            jw_network_code_i64(c, &wire->offered_bytes[kind]);
            jw_network_code_i64(c, &wire->carried_bytes[kind]);
            jw_network_code_i64(c, &wire->dropped_bytes[kind]);
            jw_network_code_i64(c, &wire->queued_bytes[kind]);
            jw_network_code_i64(c, &wire->sampled_bytes[kind]);
            jw_network_code_f64(c, &wire->rate_bps[kind]);
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

static void code_message(net_codec *c, net_message *message)
{
    jw_network_code_u64(c, &message->tag);
    jw_network_code_u64(c, &message->serial);
    jw_network_code_i64(c, &message->size_bytes);
    jw_network_code_i64(c, &message->waiting_since_ns);
    jw_network_code_i64(c, &message->air_ns);
    jw_network_code_u32(c, &message->from_user.index1);
    jw_network_code_u32(c, &message->from_user.generation);
    jw_network_code_u32(c, &message->to_user.index1);
    jw_network_code_u32(c, &message->to_user.generation);
    jw_network_code_u32(c, &message->to_node);
    jw_network_code_u32(c, &message->node);
    jw_network_code_u32(c, &message->link);
    jw_network_code_u32(c, &message->link_cuts);
    jw_network_code_u32(c, &message->hops);
    jw_network_code_u32(c, &message->version);
    jw_network_code_u8(c, &message->kind);
    jw_network_code_u8(c, &message->phase);
}

static void code_counts(net_codec *c, jw_network_counts *counts)
{
    int64_t *const numbers[] = {
        &counts->messages_sent,      &counts->messages_delivered, &counts->messages_lost,
        &counts->flows_started,      &counts->flows_finished,     &counts->flows_failed,
        &counts->flows_refused,      &counts->flows_stopped,      &counts->flow_bytes_offered,
        &counts->flow_bytes_carried, &counts->flow_bytes_dropped, &counts->handovers,
        &counts->radio_outages,      &counts->ping_pongs,         &counts->radio_failures,
        &counts->late_handovers,     &counts->cell_sleeps};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++) {
        jw_network_code_i64(c, numbers[i]);
    }
    for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
        jw_network_code_i64(c, &counts->bytes_carried[kind]);
        jw_network_code_i64(c, &counts->bytes_dropped[kind]);
    }
}

static void code_network(net_codec *c, jw_network *n)
{
    jw_network_code_f64(c, &n->radio_interval_s);
    jw_network_code_i64(c, &n->failover_ns);
    jw_network_code_i64(c, &n->message_timeout_ns);
    jw_network_code_f64(c, &n->background_bps);
    jw_network_code_bool(c, &n->is_los_from_buildings);
    jw_network_code_bool(c, &n->has_shadowing);
    jw_network_code_f64(c, &n->a3_offset_db);
    jw_network_code_f64(c, &n->a3_hysteresis_db);
    jw_network_code_i64(c, &n->a3_trigger_ns);
    jw_network_code_i64(c, &n->t310_ns);
    jw_network_code_f64(c, &n->up_p0_dbm);
    jw_network_code_f64(c, &n->up_alpha);
    if (c->reader && !(jw_abs(n->a3_offset_db) <= 15 && jw_abs(n->a3_hysteresis_db) <= 15 &&
                       jw_abs(n->up_p0_dbm) <= 202 && n->up_alpha >= 0.1 && n->up_alpha <= 1)) {
        jw_reader_fail(c->reader, "a handover or power threshold of the network is out of range");
    }
    jw_network_code_items(c, &n->nodes, &n->node_count, &n->node_capacity, sizeof *n->nodes, 20);
    for (uint32_t i = 0; i < n->node_count; i++) {
        code_node(c, &n->nodes[i]);
    }
    jw_network_code_items(c, &n->links, &n->link_count, &n->link_capacity, sizeof *n->links, 100);
    for (uint32_t i = 0; i < n->link_count; i++) {
        code_link(c, &n->links[i]);
    }
    if (c->reader && jw_network_reserve_wires(n, n->link_count, NULL)) {
        jw_reader_fail(c->reader, "out of memory");
        n->link_count = 0;
    }
    for (uint32_t i = 0; i < 2 * n->link_count; i++) {
        jw_network_code_wire(c, &n->wires[i]);
        n->wires[i].capacity_bps = n->links[i / 2].def.capacity_bps;
    }
    jw_network_code_items(c, &n->cells, &n->cell_count, &n->cell_capacity, sizeof *n->cells, 100);
    for (uint32_t i = 0; i < n->cell_count; i++) {
        jw_network_code_cell(c, &n->cells[i]);
    }
    jw_network_code_pool(c, &n->user_pool, &n->users, &n->user_capacity, sizeof *n->users);
    for (uint32_t i = 0; i < n->user_pool.slot_count; i++) {
        if (jw_network_is_alive(&n->user_pool, i)) {
            jw_network_code_user(c, &n->users[i]);
        }
    }
    jw_network_code_pool(c, &n->message_pool, &n->messages, &n->message_capacity, sizeof *n->messages);
    for (uint32_t i = 0; i < n->message_pool.slot_count; i++) {
        if (jw_network_is_alive(&n->message_pool, i)) {
            code_message(c, &n->messages[i]);
        }
    }
    jw_network_code_flows(c, n);
    jw_network_code_slots(c, &n->waiting, &n->waiting_count, &n->waiting_capacity);
    jw_network_code_slots(c, &n->dirty_bundles, &n->dirty_bundle_count, &n->dirty_bundle_capacity);
    jw_network_code_slots(c, &n->dirty_directions, &n->dirty_direction_count, &n->dirty_direction_capacity);
    jw_network_code_slots(c, &n->rising, &n->rising_count, &n->rising_capacity);
    jw_network_code_u64(c, &n->next_serial);
    jw_network_code_bool(c, &n->is_share_pending);
    jw_network_code_i64(c, &n->flow_timer_ns);
    jw_network_code_i64(c, &n->sample_ns);
    jw_network_code_i64(c, &n->radio_ns);
    jw_network_code_f64(c, &n->throughput_bps);
    jw_network_code_i64(c, &n->delivered_bytes);
    jw_network_code_i64(c, &n->sampled_delivered_bytes);
    check_counter(c, n->delivered_bytes, n->sampled_delivered_bytes);
    jw_network_code_f64(c, &n->switch_energy_j);
    jw_network_code_f64(c, &n->switch_power_w);
    jw_network_code_i64(c, &n->switch_since_ns);
    code_counts(c, &n->counts);
}

/* ---- what loaded state must fulfil before anything walks it ----------------------------------------------
 */

static bool are_links_sound(const jw_network *n)
{
    for (uint32_t i = 0; i < n->link_count; i++) {
        const net_link *link = &n->links[i];
        if (link->from >= n->node_count || link->to >= n->node_count || link->from == link->to ||
            !(link->def.capacity_bps > 0) || link->delay_ns < 1) {
            return false;
        }
    }
    return true;
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
        if (!jw_network_is_alive(&n->message_pool, i)) {
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
            if (!jw_network_is_alive(&n->message_pool, slot) ||
                n->messages[slot].phase != NET_MESSAGE_IN_AIR || n->messages[slot].link != i ||
                n->messages[slot].serial != server->jobs[k].serial || server->jobs[k].weight == 0) {
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
        if (jw_network_is_alive(&n->message_pool, i) && m->phase == NET_MESSAGE_ON_LINK) {
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

/* ---- the door --------------------------------------------------------------------------------------------
 */

void jw_network_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    net_codec c = {.writer = writer};
    code_network(&c, (jw_network *)state); /* a writing codec changes nothing */
}

void jw_network_load(jw_world *world, void *state, jw_reader *reader)
{
    jw_network *network = state;
    net_codec c = {.reader = reader};
    code_network(&c, network);
    if (!reader->failed &&
        !(are_links_sound(network) && jw_network_are_flows_sound(network, jw_world_time_ns(world)) &&
          are_messages_sound(network) && are_queues_sound(network) && jw_network_is_radio_sound(network))) {
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
    net_codec c = {0};
    code_network(&c, (jw_network *)state);
    return c.hash;
}
