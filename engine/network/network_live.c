/* Which links can fill, and how bundles part and merge when that changes.
 *
 * A direction of a link is live when its flows might fill it: bound_bps, the sum of weight * limit over them,
 * is above its capacity. `limit` is a level that the flow's bundle does not exceed; when it does all the same
 * a new limit is set a little above it and the bounds follow, so that the others, the idle links, cannot fill
 * and are left out: most links of a tree, where a few at the top hold everybody. A link becomes live when its
 * bound passes its capacity and idle somewhat below that, once it holds nobody. */
#include "network/network_internal.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDING   1e-12 /* of bounds, relative */
#define HEADROOM   1.1   /* of a new limit over the level: less means fewer live links, more changes */
#define SLACK      2.0   /* of a limit over the level, before it is lowered */
#define IDLE_SHARE 0.9   /* of its capacity: where a link's bound must fall that it becomes idle */

/* ---- which links are live --------------------------------------------------------------------------------
 */

static bool is_bound_above(const net_wire *wire)
{
    return wire->bound_bps > wire->capacity_bps * (1 + ROUNDING);
}

/* The bound rises or falls; what follows is done at the end of this instant. */
void jw_network_add_bound(jw_network *network, uint32_t direction, double more_bps)
{
    net_wire *wire = &network->wires[direction];
    wire->bound_bps = wire->flow_count > 0 ? jw_max(wire->bound_bps + more_bps, 0) : 0;
    if (wire->is_live) {
        if (more_bps < 0 && wire->bound_bps <= IDLE_SHARE * wire->capacity_bps) {
            jw_network_mark_direction(network, direction);
        }
    } else if (more_bps > 0 && !wire->is_rising && is_bound_above(wire)) {
        wire->is_rising = 1;
        network->rising[network->rising_count++] = direction;
    }
}

static void set_limit(jw_network *network, uint32_t slot, double limit)
{
    net_bundle *bundle = &network->bundles[slot];
    double more = limit - bundle->limit;
    bundle->limit = limit;
    for (uint32_t f = bundle->first; f != JW_NONE; f = jw_network_next_flow(network->flows, f)) {
        const net_flow *flow = &network->flows[f];
        const uint32_t *hops = jw_network_flow_hops(network, flow);
        for (uint32_t i = 0; i < flow->hop_count; i++) {
            jw_network_add_bound(network, hops[i], flow->weight * more);
        }
    }
}

void jw_network_bundle_check_limit(jw_network *network, uint32_t slot)
{
    const net_bundle *bundle = &network->bundles[slot];
    if (bundle->level <= bundle->limit && bundle->level * SLACK >= bundle->limit) {
        return;
    }
    double limit = HEADROOM * bundle->level;
    limit = bundle->is_capped ? jw_min(limit, jw_network_bundle_cap(network, bundle)) : limit;
    const uint32_t *hops = jw_network_bundle_hops(network, bundle);
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        limit = jw_min(limit, network->wires[hops[i]].capacity_bps / bundle->weight);
    }
    limit = jw_max(limit, bundle->level);
    if (limit != bundle->limit) {
        set_limit(network, slot, limit);
    }
}

/* Half of a bundle, without flows yet, that is in every way as its parent. */
static jw_result make_heir(jw_network *network, uint32_t parent, int64_t now_ns, uint32_t *out)
{
    net_bundle *bundle = &network->bundles[parent];
    jw_network_bundle_settle(bundle, now_ns);
    jw_result result = jw_grow((void **)&network->touched, &network->touched_capacity,
                               (uint64_t)bundle->hop_count + 1, sizeof *network->touched, NULL);
    if (!result) { /* a copy, for blocks move as they grow */
        memcpy(network->touched, jw_network_bundle_hops(network, bundle),
               bundle->hop_count * sizeof *network->touched);
        result = jw_network_bundle_make(network, network->touched, bundle->hop_count, now_ns, out);
    }
    if (!result) {
        bundle = &network->bundles[parent];
        net_bundle *heir = &network->bundles[*out];
        heir->level = bundle->level;
        heir->limit = bundle->limit;
        heir->service = bundle->service;
        heir->bottleneck = bundle->bottleneck;
        if (bundle->is_dirty) {
            jw_network_mark_bundle(network, *out);
        }
        if (heir->bottleneck != JW_NONE) {
            network->wires[heir->bottleneck].held_count++;
        }
    }
    return result;
}

static void move_flow(jw_network *network, uint32_t slot, uint32_t heir)
{
    net_flow *flow = &network->flows[slot];
    net_bundle *from = &network->bundles[flow->bundle], *to = &network->bundles[heir];
    jw_network_flow_heap_remove(network->flows, &from->first, slot);
    from->flow_count--;
    from->weight -= flow->weight;
    to->first = jw_network_flow_heap_meld(network->flows, to->first, slot);
    to->flow_count++;
    to->weight += flow->weight;
    flow->bundle = heir;
}
/* The flows of one join those of the other, which stays and has its level. Neither is to be found. */
static uint32_t merge(jw_network *network, uint32_t a, uint32_t b, int64_t now_ns)
{
    uint32_t from_slot = network->bundles[a].flow_count < network->bundles[b].flow_count ? a : b;
    uint32_t to_slot = from_slot == a ? b : a;
    net_bundle *from = &network->bundles[from_slot], *to = &network->bundles[to_slot];
    double limit = jw_max(jw_min(from->limit, to->limit), to->level);
    if (from->limit != limit) {
        set_limit(network, from_slot, limit);
    }
    if (to->limit != limit) {
        set_limit(network, to_slot, limit);
    }
    jw_network_bundle_settle(from, now_ns);
    jw_network_bundle_settle(to, now_ns);
    double shift = to->service - from->service;
    double from_bps = jw_network_bundle_bps(from), to_bps = to->level * from->weight;
    for (uint32_t f = from->first; f != JW_NONE; f = jw_network_next_flow(network->flows, f)) {
        network->flows[f].finish += shift;
        network->flows[f].bundle = to_slot;
    }
    const uint32_t *hops = jw_network_bundle_hops(network, to);
    for (uint32_t i = 0; i < to->hop_count; i++) {
        network->wires[hops[i]].flow_bps += to_bps - from_bps;
    }
    if (from->bottleneck != JW_NONE) {
        jw_network_share_release(&network->wires[from->bottleneck], from_bps, from->weight);
    }
    if (to->bottleneck != JW_NONE) {
        network->wires[to->bottleneck].held_bps += to_bps;
        network->wires[to->bottleneck].held_weight += from->weight;
    }
    to->first = jw_network_flow_heap_meld(network->flows, to->first, from->first);
    to->flow_count += from->flow_count;
    to->weight += from->weight;
    from->first = JW_NONE;
    jw_network_bundle_free(network, from_slot);
    jw_network_bundle_find_due(network, to_slot);
    return to_slot;
}

/* The bundle crosses one live link more or less. */
static jw_result change_hops(jw_network *network, net_bundle *bundle, uint32_t direction, bool is_more)
{
    uint32_t old_count = bundle->hop_count, count = is_more ? old_count + 1 : old_count - 1, block, k = 0;
    jw_result result = jw_network_block_take(&network->blocks, count, &block);
    if (result) {
        return result;
    }
    const uint32_t *old = jw_network_bundle_hops(network, bundle);
    uint32_t *hops = network->blocks.items + block;
    for (uint32_t i = 0; i < old_count; i++) {
        if (is_more && k == i && old[i] > direction) {
            hops[k++] = direction;
        }
        if (is_more || old[i] != direction) {
            hops[k++] = old[i];
        }
    }
    if (k < count) {
        hops[k] = direction;
    }
    jw_network_block_give(&network->blocks, bundle->hops, old_count);
    bundle->hops = block;
    bundle->hop_count = count;
    return JW_OK;
}

/* Makes it be found, or part of the one that is already over the same links. Two that the same link holds
 * have the same level but for rounding; others are shared anew, for which there is room. */
static void enlist(jw_network *network, uint32_t slot, int64_t now_ns)
{
    uint32_t same = jw_network_bundle_twin(network, slot);
    if (same != JW_NONE) {
        uint32_t holder = network->bundles[slot].bottleneck;
        bool is_even = holder != JW_NONE && holder == network->bundles[same].bottleneck;
        jw_network_bundle_delist(network, same);
        slot = merge(network, slot, same, now_ns);
        if (!is_even) {
            jw_network_mark_bundle(network, slot);
        }
    }
    jw_network_bundle_enlist(network, slot);
}

/* The bundle crosses one live link more: it is not to be found, and is so afterwards. One that was of one
 * flow may join others. */
static jw_result cross(jw_network *network, uint32_t slot, uint32_t direction, int64_t now_ns)
{
    net_bundle *bundle = &network->bundles[slot];
    net_wire *wire = &network->wires[direction];
    jw_result result = jw_network_wire_reserve(wire);
    if (!result) {
        result = change_hops(network, bundle, direction, true);
    }
    if (result) {
        return result;
    }
    wire->bundles[wire->bundle_count++] = slot;
    wire->flow_bps += jw_network_bundle_bps(bundle);
    enlist(network, slot, now_ns);
    return JW_OK;
}

/* The bundles on a link that becomes live, with how many of their flows cross it. */
static uint32_t list_partings(jw_network *network, const net_wire *wire)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < wire->flow_count; k++) {
        uint32_t slot = network->flows[wire->flows[k]].bundle;
        uint32_t place = network->bundles[slot].mark - 1; /* or anything: 0 and stamps */
        if (place >= count || network->partings[place].bundle != slot) {
            network->partings[count] = (net_parting){slot, 0, JW_NONE};
            place = count++;
            network->bundles[slot].mark = count;
        }
        network->partings[place].crossing++;
    }
    return count;
}

/* The link may fill from now on: bundles part into flows that cross it and flows that do not. On failure the
 * world is to be given up. */
static jw_result raise(jw_network *network, uint32_t direction, int64_t now_ns)
{
    net_wire *wire = &network->wires[direction];
    wire->is_live = 1;
    wire->flow_bps = wire->held_bps = wire->held_weight = wire->level = 0;
    wire->held_count = 0;
    jw_result result = jw_grow((void **)&network->partings, &network->parting_capacity,
                               (uint64_t)wire->flow_count + 1, sizeof *network->partings, NULL);
    if (!result) { /* an heir is dirty as its parent, and all are when the link is too full */
        result = jw_network_reserve_dirty(network, 2 * (uint64_t)wire->flow_count);
    }
    if (result) {
        return result;
    }
    uint32_t count = list_partings(network, wire);
    for (uint32_t i = 0; i < count && !result; i++) {
        net_parting *parting = &network->partings[i];
        if (parting->crossing < network->bundles[parting->bundle].flow_count) {
            result = make_heir(network, parting->bundle, now_ns, &parting->heir);
        }
    }
    for (uint32_t k = 0; k < wire->flow_count && !result; k++) {
        uint32_t slot = wire->flows[k];
        uint32_t heir = network->partings[network->bundles[network->flows[slot].bundle].mark - 1].heir;
        if (heir != JW_NONE) {
            move_flow(network, slot, heir);
        }
    }
    for (uint32_t i = 0; i < count && !result; i++) {
        uint32_t slot = network->partings[i].bundle, heir = network->partings[i].heir;
        network->bundles[slot].mark = 0;
        if (heir != JW_NONE) {
            jw_network_bundle_find_due(network, slot);
            jw_network_bundle_find_due(network, heir);
        } else {
            jw_network_bundle_delist(network, slot);
        }
        result = cross(network, heir != JW_NONE ? heir : slot, direction, now_ns);
    }
    if (!result && wire->flow_bps > wire->capacity_bps) {
        for (uint32_t k = 0; k < wire->bundle_count; k++) {
            jw_network_mark_bundle(network, wire->bundles[k]);
        }
    }
    return result;
}

/* Bundles that wait for a new rate are counted on with no more than an even part of the link. */
static void lower_guesses(jw_network *network, uint32_t direction)
{
    const net_wire *wire = &network->wires[direction];
    double part = HEADROOM * wire->capacity_bps / wire->weight;
    for (uint32_t k = 0; k < wire->bundle_count; k++) {
        const net_bundle *bundle = &network->bundles[wire->bundles[k]];
        if (bundle->is_dirty && bundle->limit > part) {
            set_limit(network, wire->bundles[k], part);
        }
    }
}

static int compare_crowding(const void *a, const void *b)
{
    const net_share_entry *x = a, *y = b;
    return x->level != y->level ? (x->level > y->level ? -1 : 1) : (x->id > y->id) - (x->id < y->id);
}

jw_result jw_network_raise_links(jw_network *network, int64_t now_ns)
{
    net_share *share = &network->share;
    uint32_t count = network->rising_count;
    jw_result result = jw_network_grow_tightly(&share->heap, &share->heap_capacity, (uint64_t)count + 1,
                                               sizeof *share->heap);
    for (uint32_t i = 0; i < count && !result; i++) {
        net_wire *wire = &network->wires[network->rising[i]];
        wire->is_rising = 0;
        share->heap[i].level = wire->weight / wire->capacity_bps;
        share->heap[i].id = network->rising[i];
    }
    if (!result) { /* the most crowded first: what they hold makes others idle */
        qsort(share->heap, count, sizeof *share->heap, compare_crowding);
    }
    network->rising_count = 0;
    for (uint32_t i = 0; i < count && !result; i++) {
        uint32_t direction = share->heap[i].id;
        const net_wire *wire = &network->wires[direction];
        if (!wire->is_live && is_bound_above(wire)) {
            result = raise(network, direction, now_ns);
            if (!result) {
                lower_guesses(network, direction);
            }
        }
    }
    return result;
}

static jw_result lower(jw_network *network, uint32_t direction, int64_t now_ns)
{
    net_wire *wire = &network->wires[direction];
    jw_result result = jw_network_reserve_dirty(network, wire->bundle_count);
    while (wire->bundle_count > 0 && !result) {
        uint32_t slot = wire->bundles[wire->bundle_count - 1];
        jw_network_bundle_delist(network, slot);
        result = change_hops(network, &network->bundles[slot], direction, false);
        wire->bundle_count--;
        enlist(network, slot, now_ns);
    }
    wire->is_live = 0;
    wire->flow_bps = wire->held_bps = wire->held_weight = wire->level = 0;
    return result;
}

jw_result jw_network_lower_links(jw_network *network, int64_t now_ns)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < network->dirty_direction_count && !result; i++) { /* the list may grow */
        uint32_t direction = network->dirty_directions[i];
        const net_wire *wire = &network->wires[direction];
        if (wire->is_live && wire->held_count == 0 && wire->bound_bps <= IDLE_SHARE * wire->capacity_bps) {
            result = lower(network, direction, now_ns);
        }
    }
    for (uint32_t i = 0; i < network->dirty_direction_count; i++) {
        network->wires[network->dirty_directions[i]].is_dirty = 0;
    }
    network->dirty_direction_count = 0;
    return result;
}

/* A level that a new bundle will hardly exceed: about that of the links that hold others. Without live links
 * it is the level that it gets. */
double jw_network_guess_limit(jw_network *network, const net_flow *flow)
{
    double cap_bps = jw_network_flow_cap_bps(flow);
    double limit = (cap_bps > 0 ? jw_min(cap_bps, NET_LOCAL_BPS) : NET_LOCAL_BPS) / flow->weight;
    const uint32_t *hops = jw_network_flow_hops(network, flow);
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        const net_wire *wire = &network->wires[hops[i]];
        limit = jw_min(limit, wire->capacity_bps / flow->weight);
        if (wire->is_live && wire->held_count > 0) {
            limit = jw_min(limit, HEADROOM * wire->level);
        }
    }
    return limit;
}
