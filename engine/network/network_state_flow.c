/* Flows, their bundles and what wires know of them in a snapshot. */
#include "network/network_codec.h"

void jw_network_code_wire(net_codec *c, net_wire *wire)
{
    jw_network_code_f64(c, &wire->flow_bps);
    jw_network_code_f64(c, &wire->held_bps);
    jw_network_code_f64(c, &wire->held_weight);
    jw_network_code_f64(c, &wire->level);
    jw_network_code_f64(c, &wire->weight);
    jw_network_code_f64(c, &wire->bound_bps);
    jw_network_code_u8(c, &wire->is_live);
    jw_network_code_u8(c, &wire->is_dirty);
    jw_network_code_u8(c, &wire->is_rising);
    jw_network_code_slots(c, &wire->bundles, &wire->bundle_count, &wire->bundle_capacity);
    jw_network_code_slots(c, &wire->flows, &wire->flow_count, &wire->flow_capacity);
}

/* A block's items. Where blocks lie is no state. */
static void code_block(net_codec *c, jw_network *n, uint32_t *block, uint32_t *count, uint32_t per_hop)
{
    uint32_t hop_count = *count;
    if (c->reader) {
        *block = *count = 0;
        hop_count = jw_read_count(c->reader, NET_LINKS_MAX, 4 * per_hop);
        if (jw_network_block_take(&n->blocks, per_hop * hop_count, block)) {
            jw_reader_fail(c->reader, "out of memory");
            return;
        }
        *count = hop_count;
    } else {
        jw_network_code_u32(c, &hop_count);
    }
    for (uint32_t i = 0; i < per_hop * hop_count; i++) {
        jw_network_code_u32(c, &n->blocks.items[*block + i]);
    }
}

static void code_flow(net_codec *c, jw_network *n, net_flow *flow)
{
    jw_network_code_f64(c, &flow->finish);
    jw_network_code_f64(c, &flow->weight);
    jw_network_code_u32(c, &flow->bundle);
    jw_network_code_u32(c, &flow->child);
    jw_network_code_u32(c, &flow->sibling);
    jw_network_code_u32(c, &flow->elder);
    jw_network_code_u64(c, &flow->tag);
    jw_network_code_u64(c, &flow->serial);
    jw_network_code_i64(c, &flow->size_bytes);
    jw_network_code_i64(c, &flow->carried_bytes);
    jw_network_code_f64(c, &flow->cap_bps);
    jw_network_code_f64(c, &flow->window_bps);
    jw_network_code_i64(c, &flow->due_ns);
    jw_network_code_u32(c, &flow->from);
    jw_network_code_u32(c, &flow->to);
    jw_network_code_u8(c, &flow->kind);
    jw_network_code_u8(c, &flow->phase);
    jw_network_code_u8(c, &flow->is_tcp);
    code_block(c, n, &flow->hops, &flow->hop_count, 2);
}

static void code_bundle(net_codec *c, jw_network *n, uint32_t slot)
{
    net_bundle *bundle = &n->bundles[slot];
    int64_t due_ns = c->reader ? 0 : n->due.times_ns[slot];
    jw_network_code_f64(c, &bundle->weight);
    jw_network_code_f64(c, &bundle->level);
    jw_network_code_f64(c, &bundle->limit);
    jw_network_code_f64(c, &bundle->service);
    jw_network_code_i64(c, &bundle->since_ns);
    jw_network_code_i64(c, &due_ns);
    jw_network_code_u32(c, &bundle->first);
    jw_network_code_u32(c, &bundle->flow_count);
    jw_network_code_u32(c, &bundle->bottleneck);
    jw_network_code_u8(c, &bundle->is_dirty);
    jw_network_code_u8(c, &bundle->is_capped);
    code_block(c, n, &bundle->hops, &bundle->hop_count, 1);
    if (c->reader) {
        bundle->next = JW_NONE;
        jw_network_due_set(&n->due, slot, due_ns);
    }
}

void jw_network_code_flows(net_codec *c, jw_network *n)
{
    jw_network_code_pool(c, &n->flow_pool, &n->flows, &n->flow_capacity, sizeof *n->flows);
    for (uint32_t i = 0; i < n->flow_pool.slot_count; i++) {
        if (jw_network_is_alive(&n->flow_pool, i)) {
            code_flow(c, n, &n->flows[i]);
        }
    }
    jw_network_code_pool(c, &n->bundle_pool, &n->bundles, &n->bundle_capacity, sizeof *n->bundles);
    if (c->reader && jw_network_due_reserve(&n->due, n->bundle_pool.slot_count)) {
        jw_reader_fail(c->reader, "out of memory");
        return;
    }
    for (uint32_t i = 0; i < n->bundle_pool.slot_count; i++) {
        if (jw_network_is_alive(&n->bundle_pool, i)) {
            code_bundle(c, n, i);
        }
    }
}

/* ---- what loaded state must fulfil before anything walks it ----------------------------------------------
 */

static bool is_near(double value, double wanted, double scale)
{
    return jw_abs(value - wanted) <= 1e-6 * scale;
}

/* Each direction is once on a way, and where the way says. */
static bool is_on_list(const uint32_t *slots, uint32_t count, uint32_t place, uint32_t slot)
{
    return place < count && slots[place] == slot;
}

static uint32_t place_of(const uint32_t *slots, uint32_t count, uint32_t slot)
{
    uint32_t place = 0;
    while (place < count && slots[place] != slot) {
        place++;
    }
    return place;
}

#define AHEAD_BYTES_MAX 0x1p50 /* since the last sample */

static bool is_flow_sound(const jw_network *n, uint32_t slot, int64_t now_ns)
{
    const net_flow *flow = &n->flows[slot];
    bool is_running = flow->phase == NET_FLOW_RUNNING;
    if (flow->from >= n->node_count || flow->to >= n->node_count || flow->kind >= JW_TRAFFIC_KIND_COUNT ||
        !(flow->weight > 0) || flow->cap_bps < 0 || flow->window_bps < 0 ||
        flow->phase >= NET_FLOW_PHASE_COUNT || flow->size_bytes < 0 || flow->carried_bytes < 0 ||
        (flow->size_bytes == 0 && flow->cap_bps == 0) || flow->size_bytes > NET_FLOW_BYTES_MAX ||
        (flow->size_bytes > 0 && flow->carried_bytes > flow->size_bytes)) {
        return false;
    }
    if (!is_running) {
        return flow->bundle == JW_NONE && flow->hop_count == 0;
    }
    if (!jw_network_is_alive(&n->bundle_pool, flow->bundle)) {
        return false;
    }
    const net_bundle *bundle = &n->bundles[flow->bundle];
    const uint32_t *hops = jw_network_flow_hops(n, flow), *live = jw_network_bundle_hops(n, bundle);
    uint32_t live_count = 0;
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        if (hops[i] >= 2 * n->link_count) {
            return false;
        }
        const net_wire *wire = &n->wires[hops[i]];
        bool is_crossed = place_of(live, bundle->hop_count, hops[i]) < bundle->hop_count;
        if (!is_on_list(wire->flows, wire->flow_count, hops[flow->hop_count + i], slot) ||
            place_of(hops, i, hops[i]) < i || is_crossed != (wire->is_live != 0)) {
            return false;
        }
        live_count += wire->is_live;
    }
    bool is_capped = flow->cap_bps > 0 || flow->window_bps > 0;
    /* What its bundle did for it fits with what was counted, but for what was carried since. */
    double ahead_bytes = (double)(flow->size_bytes - flow->carried_bytes) +
                         (jw_network_bundle_service(bundle, now_ns) - flow->finish) * flow->weight / 8;
    if (!(ahead_bytes >= -1 - 1e-9 * (double)flow->carried_bytes) || !(ahead_bytes <= AHEAD_BYTES_MAX)) {
        return false;
    }
    return live_count == bundle->hop_count && is_capped == (bundle->is_capped != 0);
}

static bool is_bundle_sound(const jw_network *n, uint32_t slot, int64_t now_ns)
{
    const net_bundle *bundle = &n->bundles[slot];
    const uint32_t *hops = jw_network_bundle_hops(n, bundle);
    bool is_held = bundle->bottleneck == JW_NONE;
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        if (hops[i] >= 2 * n->link_count || (i > 0 && hops[i - 1] >= hops[i])) {
            return false;
        }
        const net_wire *wire = &n->wires[hops[i]];
        if (place_of(wire->bundles, wire->bundle_count, slot) == wire->bundle_count) {
            return false;
        }
        is_held = is_held || hops[i] == bundle->bottleneck;
    }
    /* Its first flow ends in the future, and only a flow of some size ends. */
    int64_t due_ns = n->due.times_ns[slot];
    bool is_due = due_ns != NET_NEVER_NS, is_alone = bundle->is_capped || bundle->hop_count == 0;
    return is_held && bundle->is_capped <= 1 && (!is_alone || bundle->flow_count == 1) &&
           bundle->level >= 0 && bundle->limit >= 0 && jw_network_is_bundle_sound(n, slot) &&
           !(is_due && (due_ns < now_ns || n->flows[bundle->first].size_bytes == 0));
}

/* Each on a list says so itself, and lists are as long together as those that say so. */
static bool are_lists_sound(const jw_network *n)
{
    uint64_t moving = 0, bundled = 0, flow_hops = 0, bundle_hops = 0;
    for (uint32_t i = 0; i < n->flow_pool.slot_count; i++) {
        if (jw_network_is_alive(&n->flow_pool, i)) {
            moving += n->flows[i].phase == NET_FLOW_RUNNING;
            flow_hops += n->flows[i].hop_count;
        }
    }
    for (uint32_t i = 0; i < n->bundle_pool.slot_count; i++) {
        if (jw_network_is_alive(&n->bundle_pool, i)) {
            bundled += n->bundles[i].flow_count;
            bundle_hops += n->bundles[i].hop_count;
        }
    }
    for (uint32_t i = 0; i < 2 * n->link_count; i++) {
        flow_hops -= n->wires[i].flow_count;
        bundle_hops -= n->wires[i].bundle_count;
    }
    return moving == bundled && flow_hops == 0 && bundle_hops == 0;
}

/* A live direction's sums are those of its bundles, its bound that of its flows; counts those it holds. */
static bool is_wire_sound(const jw_network *n, uint32_t direction)
{
    net_wire *wire = &n->wires[direction];
    double flow_bps = 0, held_bps = 0, held_weight = 0, weight = 0, bound_bps = 0;
    double capacity_bps = wire->capacity_bps;
    bool is_sound = wire->is_live <= 1 && (wire->is_live || wire->bundle_count == 0);
    wire->held_count = 0;
    for (uint32_t k = 0; k < wire->bundle_count && is_sound; k++) {
        const net_bundle *bundle = &n->bundles[wire->bundles[k]];
        flow_bps += jw_network_bundle_bps(bundle);
        if (bundle->bottleneck == direction) {
            wire->held_count++;
            held_bps += jw_network_bundle_bps(bundle);
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
        dirty += n->wires[i].is_dirty;
        rising += n->wires[i].is_rising;
    }
    bool is_sound = dirty == n->dirty_direction_count && rising == n->rising_count &&
                    are_slots_below(n->dirty_directions, dirty, 2 * n->link_count) &&
                    are_slots_below(n->rising, rising, 2 * n->link_count) &&
                    are_slots_below(n->dirty_bundles, n->dirty_bundle_count, n->bundle_pool.slot_count);
    for (uint32_t i = 0; i < dirty && is_sound; i++) {
        is_sound = n->wires[n->dirty_directions[i]].is_dirty;
    }
    for (uint32_t i = 0; i < rising && is_sound; i++) {
        is_sound = n->wires[n->rising[i]].is_rising;
    }
    return is_sound;
}

bool jw_network_are_flows_sound(jw_network *n, int64_t now_ns)
{
    bool is_sound = true;
    for (uint32_t i = 0; i < 2 * n->link_count && is_sound; i++) {
        is_sound = are_slots_below(n->wires[i].flows, n->wires[i].flow_count, n->flow_pool.slot_count) &&
                   are_slots_below(n->wires[i].bundles, n->wires[i].bundle_count, n->bundle_pool.slot_count);
    }
    for (uint32_t i = 0; i < n->flow_pool.slot_count && is_sound; i++) {
        is_sound = !jw_network_is_alive(&n->flow_pool, i) || is_flow_sound(n, i, now_ns);
    }
    for (uint32_t i = 0; i < n->bundle_pool.slot_count && is_sound; i++) {
        is_sound = !jw_network_is_alive(&n->bundle_pool, i) || is_bundle_sound(n, i, now_ns);
    }
    is_sound = is_sound && are_lists_sound(n);
    for (uint32_t i = 0; i < 2 * n->link_count && is_sound; i++) {
        is_sound = is_wire_sound(n, i);
    }
    return is_sound && are_marks_sound(n);
}
