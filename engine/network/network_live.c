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
#define IDLE_SHARE 0.9   /* of its capacity: where a link's bound must fall that it becomes idle */

static net_direction *direction_of(jw_network *network, uint32_t direction)
{
    return &network->links[direction / 2].directions[direction & 1];
}

static double capacity_of(const jw_network *network, uint32_t direction)
{
    return network->links[direction / 2].def.capacity_bps;
}

/* ---- which links are live --------------------------------------------------------------------------------
 */

static bool is_bound_above(const jw_network *network, uint32_t direction, const net_direction *wire)
{
    return wire->bound_bps > capacity_of(network, direction) * (1 + ROUNDING);
}

/* The bound rises or falls; what follows is done at the end of this instant. */
void jw_network_add_bound(jw_network *network, uint32_t direction, double more_bps)
{
    net_direction *wire = direction_of(network, direction);
    wire->bound_bps = wire->flow_count > 0 ? jw_max(wire->bound_bps + more_bps, 0) : 0;
    if (wire->is_live) {
        if (more_bps < 0 && wire->bound_bps <= IDLE_SHARE * capacity_of(network, direction)) {
            jw_network_mark_direction(network, direction);
        }
    } else if (more_bps > 0 && !wire->is_rising && is_bound_above(network, direction, wire)) {
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
        for (uint32_t i = 0; i < flow->hop_count; i++) {
            jw_network_add_bound(network, flow->hops[i].direction, flow->weight * more);
        }
    }
}

void jw_network_bundle_check_limit(jw_network *network, uint32_t slot)
{
    const net_bundle *bundle = &network->bundles[slot];
    if (bundle->level <= bundle->limit && bundle->level * HEADROOM * HEADROOM >= bundle->limit) {
        return;
    }
    double limit = HEADROOM * bundle->level;
    limit = bundle->cap > 0 ? jw_min(limit, bundle->cap) : limit;
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        limit = jw_min(limit, capacity_of(network, bundle->hops[i].direction) / bundle->weight);
    }
    limit = jw_max(limit, bundle->level);
    if (limit != bundle->limit) {
        set_limit(network, slot, limit);
    }
}

/* The bundle crosses one live link more, or less: `place` is in the link's list, JW_NONE to take it away.
 * Its hops have room. */
static void change_hop(net_bundle *bundle, uint32_t direction, uint32_t place)
{
    uint32_t i = 0;
    while (i < bundle->hop_count && bundle->hops[i].direction < direction) {
        i++;
    }
    if (place == JW_NONE) {
        bundle->hop_count--;
        memmove(bundle->hops + i, bundle->hops + i + 1, (bundle->hop_count - i) * sizeof *bundle->hops);
    } else {
        memmove(bundle->hops + i + 1, bundle->hops + i, (bundle->hop_count - i) * sizeof *bundle->hops);
        bundle->hops[i] = (net_hop){direction, place};
        bundle->hop_count++;
    }
}

/* Half of a bundle, without flows yet, that is in every way as its parent. */
static jw_result make_heir(jw_network *network, uint32_t parent, int64_t now_ns)
{
    jw_network_bundle_settle(&network->bundles[parent], now_ns);
    uint32_t heir;
    jw_result result = jw_network_bundle_make(network, network->bundles[parent].hops,
                                              network->bundles[parent].hop_count, 0, now_ns, &heir);
    if (!result) {
        net_bundle *bundle = &network->bundles[parent], *other = &network->bundles[heir];
        other->level = bundle->level;
        other->limit = bundle->limit;
        other->service = bundle->service;
        other->bottleneck = bundle->bottleneck;
        if (bundle->is_dirty) {
            jw_network_mark_bundle(network, heir);
        }
        if (other->bottleneck != JW_NONE) {
            direction_of(network, other->bottleneck)->held_count++;
        }
        bundle->heir = heir;
    }
    return result;
}

static void move_to_heir(jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    net_bundle *from = &network->bundles[flow->bundle], *to = &network->bundles[from->heir];
    jw_network_flow_heap_remove(network->flows, &from->first, slot);
    from->flow_count--;
    from->weight -= flow->weight;
    to->first = jw_network_flow_heap_meld(network->flows, to->first, slot);
    to->flow_count++;
    to->weight += flow->weight;
    flow->bundle = from->heir;
}

/* Puts the link into the bundle that crosses it. */
static jw_result cross(jw_network *network, uint32_t slot, uint32_t direction)
{
    net_bundle *bundle = &network->bundles[slot];
    net_direction *wire = direction_of(network, direction);
    jw_result result = jw_grow((void **)&wire->bundles, &wire->bundle_capacity,
                               (uint64_t)wire->bundle_count + 1, sizeof *wire->bundles, NULL);
    if (!result && bundle->hop_count == bundle->hop_capacity) {
        net_hop *hops = jw_realloc(bundle->hops, bundle->hop_capacity * sizeof *hops,
                                   (bundle->hop_capacity + 4) * sizeof *hops);
        result = hops ? JW_OK : JW_ERROR_MEMORY;
        if (hops) {
            bundle->hops = hops;
            bundle->hop_capacity += 4;
        }
    }
    if (!result) {
        change_hop(bundle, direction, wire->bundle_count);
        wire->bundles[wire->bundle_count++] = slot;
        wire->flow_bps += bundle->rate_bps;
    }
    return result;
}

/* The link may fill from now on: bundles part into flows that cross it and flows that do not. On failure the
 * world is to be given up. */
static jw_result raise(jw_network *network, uint32_t direction, int64_t now_ns)
{
    net_direction *wire = direction_of(network, direction);
    wire->is_live = 1;
    wire->flow_bps = wire->held_bps = wire->held_weight = wire->level = 0;
    wire->held_count = 0;
    jw_result result = jw_grow((void **)&network->touched, &network->touched_capacity,
                               (uint64_t)wire->flow_count + 1, sizeof *network->touched, NULL);
    if (!result) { /* an heir is dirty as its parent, and all are when the link is too full */
        result = jw_network_reserve_dirty(network, 2 * (uint64_t)wire->flow_count);
    }
    if (result) {
        return result;
    }
    uint32_t touched = 0;
    for (uint32_t k = 0; k < wire->flow_count; k++) {
        uint32_t bundle = network->flows[wire->flows[k]].bundle;
        if (network->bundles[bundle].crossing++ == 0) {
            network->touched[touched++] = bundle;
        }
    }
    for (uint32_t i = 0; i < touched && !result; i++) {
        net_bundle *bundle = &network->bundles[network->touched[i]];
        if (bundle->crossing < bundle->flow_count) {
            result = make_heir(network, network->touched[i], now_ns);
        }
    }
    for (uint32_t k = 0; k < wire->flow_count && !result; k++) {
        uint32_t slot = wire->flows[k];
        if (network->bundles[network->flows[slot].bundle].heir != JW_NONE) {
            move_to_heir(network, slot);
        }
    }
    for (uint32_t i = 0; i < touched && !result; i++) {
        uint32_t slot = network->touched[i];
        net_bundle *bundle = &network->bundles[slot];
        bundle->crossing = 0;
        if (bundle->heir != JW_NONE) {
            uint32_t heir = bundle->heir;
            bundle->heir = JW_NONE;
            bundle->rate_bps = bundle->level * bundle->weight;
            jw_network_bundle_find_due(network, slot);
            slot = heir;
            network->bundles[heir].rate_bps = network->bundles[heir].level * network->bundles[heir].weight;
            jw_network_bundle_find_due(network, heir);
        } else {
            jw_network_bundle_delist(network, slot);
        }
        result = cross(network, slot, direction);
        jw_network_bundle_enlist(network, slot);
    }
    if (!result && wire->flow_bps > capacity_of(network, direction)) {
        for (uint32_t k = 0; k < wire->bundle_count; k++) {
            jw_network_mark_bundle(network, wire->bundles[k]);
        }
    }
    return result;
}

/* Bundles that wait for their first rate are counted on with no more than an even part of the link. */
static void lower_guesses(jw_network *network, uint32_t direction)
{
    const net_direction *wire = direction_of(network, direction);
    double part = HEADROOM * capacity_of(network, direction) / wire->weight;
    for (uint32_t k = 0; k < wire->bundle_count; k++) {
        const net_bundle *bundle = &network->bundles[wire->bundles[k]];
        if (bundle->level == 0 && bundle->limit > part) {
            set_limit(network, wire->bundles[k], part);
        }
    }
}

/* Each bundle must have a live link to hold it, or its cap: the most crowded of its way. */
static jw_result cover(jw_network *network, uint32_t slot, int64_t now_ns)
{
    jw_result result = JW_OK;
    while (!result && network->bundles[slot].hop_count == 0) {
        const net_flow *flow = &network->flows[network->bundles[slot].first];
        uint32_t most = flow->hops[0].direction;
        for (uint32_t i = 1; i < flow->hop_count; i++) {
            uint32_t direction = flow->hops[i].direction;
            if (direction_of(network, direction)->weight * capacity_of(network, most) >
                direction_of(network, most)->weight * capacity_of(network, direction)) {
                most = direction;
            }
        }
        result = raise(network, most, now_ns);
        if (!result) {
            lower_guesses(network, most);
        }
    }
    return result;
}

static int compare_crowding(const void *a, const void *b)
{
    const net_share_entry *x = a, *y = b;
    return x->level != y->level ? (x->level > y->level ? -1 : 1) : (x->id > y->id) - (x->id < y->id);
}

jw_result jw_network_raise_links(jw_network *network, int64_t now_ns)
{
    net_share *share = &network->share;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < network->dirty_bundle_count && !result; i++) {
        uint32_t slot = network->dirty_bundles[i];
        const net_bundle *bundle = &network->bundles[slot];
        if ((network->bundle_pool.generations[slot] & 1) && bundle->is_dirty && bundle->hop_count == 0 &&
            (bundle->cap == 0 || bundle->cap > bundle->limit)) {
            result = cover(network, slot, now_ns);
        }
    }
    uint32_t count = network->rising_count;
    result = result ? result
                    : jw_grow((void **)&share->heap, &share->heap_capacity, (uint64_t)count + 1,
                              sizeof *share->heap, NULL);
    for (uint32_t i = 0; i < count && !result; i++) {
        net_direction *wire = direction_of(network, network->rising[i]);
        wire->is_rising = 0;
        share->heap[i].level = wire->weight / capacity_of(network, network->rising[i]);
        share->heap[i].id = network->rising[i];
    }
    if (!result) { /* the most crowded first: what they hold makes others idle */
        qsort(share->heap, count, sizeof *share->heap, compare_crowding);
    }
    network->rising_count = 0;
    for (uint32_t i = 0; i < count && !result; i++) {
        uint32_t direction = share->heap[i].id;
        const net_direction *wire = direction_of(network, direction);
        if (!wire->is_live && is_bound_above(network, direction, wire)) {
            result = raise(network, direction, now_ns);
            if (!result) {
                lower_guesses(network, direction);
            }
        }
    }
    return result;
}

/* The flows of one join those of the other, which stays; both have the same level but for rounding. */
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
    double shift = to->service - from->service, rate_bps = to->level * from->weight;
    for (uint32_t f = from->first; f != JW_NONE; f = jw_network_next_flow(network->flows, f)) {
        net_flow *flow = &network->flows[f];
        flow->since_service += shift;
        flow->finish += flow->finish < NET_FINISH_NEVER ? shift : 0;
        flow->bundle = to_slot;
    }
    for (uint32_t i = 0; i < to->hop_count; i++) {
        direction_of(network, to->hops[i].direction)->flow_bps += rate_bps - from->rate_bps;
    }
    if (from->bottleneck != JW_NONE) {
        jw_network_share_release(direction_of(network, from->bottleneck), from->rate_bps, from->weight);
    }
    if (to->bottleneck != JW_NONE) {
        direction_of(network, to->bottleneck)->held_bps += rate_bps;
        direction_of(network, to->bottleneck)->held_weight += from->weight;
    }
    to->first = jw_network_flow_heap_meld(network->flows, to->first, from->first);
    to->flow_count += from->flow_count;
    to->weight += from->weight;
    to->rate_bps = to->level * to->weight;
    from->first = JW_NONE;
    jw_network_bundle_free(network, from_slot);
    jw_network_bundle_find_due(network, to_slot);
    return to_slot;
}

static void lower(jw_network *network, uint32_t direction, int64_t now_ns)
{
    net_direction *wire = direction_of(network, direction);
    while (wire->bundle_count > 0) {
        uint32_t slot = wire->bundles[--wire->bundle_count];
        jw_network_bundle_delist(network, slot);
        net_bundle *bundle = &network->bundles[slot];
        change_hop(bundle, direction, JW_NONE);
        uint32_t same =
            bundle->cap > 0 ? JW_NONE : jw_network_bundle_find(network, bundle->hops, bundle->hop_count);
        if (same != JW_NONE) {
            jw_network_bundle_delist(network, same);
            slot = merge(network, slot, same, now_ns);
        }
        jw_network_bundle_enlist(network, slot);
    }
    wire->is_live = 0;
    wire->flow_bps = wire->held_bps = wire->held_weight = wire->level = 0;
}

void jw_network_lower_links(jw_network *network, int64_t now_ns)
{
    for (uint32_t i = 0; i < network->dirty_direction_count; i++) { /* the list may grow on the way */
        uint32_t direction = network->dirty_directions[i];
        const net_direction *wire = direction_of(network, direction);
        if (wire->is_live && wire->held_count == 0 &&
            wire->bound_bps <= IDLE_SHARE * capacity_of(network, direction)) {
            lower(network, direction, now_ns);
        }
    }
    for (uint32_t i = 0; i < network->dirty_direction_count; i++) {
        direction_of(network, network->dirty_directions[i])->is_dirty = 0;
    }
    network->dirty_direction_count = 0;
}

/* A level that a new bundle will hardly exceed: about that of the links that hold others. */
double jw_network_guess_limit(jw_network *network, const net_flow *flow, double cap)
{
    double limit = cap > 0 ? cap : NET_LOCAL_BPS / flow->weight;
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        const net_direction *wire = direction_of(network, flow->hops[i].direction);
        limit = jw_min(limit, capacity_of(network, flow->hops[i].direction) / flow->weight);
        if (wire->is_live && wire->held_count > 0) {
            limit = jw_min(limit, HEADROOM * wire->level);
        }
    }
    return limit;
}
