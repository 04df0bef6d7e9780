/* Bundles: flows that cross the same links among those that can fill (network_live.c). They have one rate per
 * weight, so they are shared as one (network_share.c), and a change of that rate touches no flow.
 *
 * A bundle is found by the live links it crosses; one with a cap is of one flow and not found. */
#include "network/network_internal.h"

#include <string.h>

static net_direction *direction_of(jw_network *network, uint32_t direction)
{
    return &network->links[direction / 2].directions[direction & 1];
}

/* ---- bundles by the live links they cross ----------------------------------------------------------------
 */

static uint32_t hash_of(const net_hop *hops, uint32_t count)
{
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++) {
        hash = jw_hash_u64(hash, hops[i].direction);
    }
    return (uint32_t)(hash >> 32);
}

static uint32_t *chain_of(jw_network *network, const net_hop *hops, uint32_t count)
{
    return &network->bundle_chains[hash_of(hops, count) & (network->bundle_chain_count - 1)];
}

/* Bundles with a cap are of one flow and not found. */
void jw_network_bundle_enlist(jw_network *network, uint32_t slot)
{
    net_bundle *bundle = &network->bundles[slot];
    if (bundle->cap == 0) {
        uint32_t *chain = chain_of(network, bundle->hops, bundle->hop_count);
        bundle->next = *chain;
        *chain = slot;
        bundle->is_listed = 1;
    }
}

void jw_network_bundle_delist(jw_network *network, uint32_t slot)
{
    net_bundle *bundle = &network->bundles[slot];
    if (bundle->is_listed) {
        uint32_t *at = chain_of(network, bundle->hops, bundle->hop_count);
        while (*at != slot) {
            at = &network->bundles[*at].next;
        }
        *at = bundle->next;
        bundle->is_listed = 0;
    }
}

uint32_t jw_network_bundle_find(jw_network *network, const net_hop *hops, uint32_t count)
{
    if (network->bundle_chain_count == 0) {
        return JW_NONE;
    }
    for (uint32_t i = *chain_of(network, hops, count); i != JW_NONE; i = network->bundles[i].next) {
        const net_bundle *bundle = &network->bundles[i];
        bool is_same = bundle->hop_count == count;
        for (uint32_t k = 0; k < count && is_same; k++) {
            is_same = bundle->hops[k].direction == hops[k].direction;
        }
        if (is_same) {
            return i;
        }
    }
    return JW_NONE;
}

/* Chains for as many bundles as there are slots. */
static jw_result reserve_chains(jw_network *network, uint32_t bundles, jw_error *error)
{
    if (bundles <= network->bundle_chain_count) {
        return JW_OK;
    }
    uint32_t count = 64;
    while (count < bundles) {
        count *= 2;
    }
    uint32_t *chains = jw_alloc(count * sizeof *chains);
    if (!chains) {
        return jw_fail_memory(error);
    }
    memset(chains, 0xff, count * sizeof *chains);
    jw_free(network->bundle_chains);
    network->bundle_chains = chains;
    network->bundle_chain_count = count;
    for (uint32_t i = 0; i < network->bundle_pool.slot_count; i++) {
        if ((network->bundle_pool.generations[i] & 1) && network->bundles[i].is_listed) {
            jw_network_bundle_enlist(network, i);
        }
    }
    return JW_OK;
}

jw_result jw_network_bundle_index(jw_network *network, jw_error *error)
{
    uint32_t slots = network->bundle_pool.slot_count;
    jw_result result = slots == 0 ? JW_OK
                                  : jw_grow((void **)&network->due_heap, &network->due_heap_capacity, slots,
                                            sizeof *network->due_heap, error);
    network->due_heap_count = 0;
    for (uint32_t i = 0; i < slots && !result; i++) {
        net_bundle *bundle = &network->bundles[i];
        bundle->heap_place = JW_NONE;
        if (network->bundle_pool.generations[i] & 1) {
            jw_network_bundle_set_due(network, i, bundle->due_ns);
            bundle->is_listed = bundle->cap == 0;
        }
    }
    return result ? result : reserve_chains(network, slots, error);
}

/* ---- bundles come and go ---------------------------------------------------------------------------------
 */

static void leave_wire(jw_network *network, uint32_t direction, uint32_t place)
{
    net_direction *wire = direction_of(network, direction);
    uint32_t last = wire->bundles[--wire->bundle_count];
    wire->bundles[place] = last;
    net_hop *hop = network->bundles[last].hops;
    while (hop->direction != direction) {
        hop++;
    }
    hop->place = place;
}

void jw_network_bundle_free(jw_network *network, uint32_t slot)
{
    net_bundle *bundle = &network->bundles[slot];
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        leave_wire(network, bundle->hops[i].direction, bundle->hops[i].place);
    }
    bundle->hop_count = 0;
    bundle->is_dirty = 0;
    jw_network_bundle_set_due(network, slot, NET_NEVER_NS);
    jw_pool_give(&network->bundle_pool, slot);
}

jw_result jw_network_grow_tightly(void *items_pointer, uint32_t *capacity, uint64_t needed, size_t size)
{
    if (needed <= *capacity) {
        return JW_OK;
    }
    if (needed > UINT32_MAX) {
        return JW_ERROR_LIMIT;
    }
    uint64_t wanted = needed + needed / 8 + 8;
    wanted = wanted < UINT32_MAX ? wanted : UINT32_MAX;
    void *items;
    memcpy(&items, items_pointer, sizeof items);
    void *grown = jw_realloc(items, *capacity * size, (size_t)wanted * size);
    if (!grown) {
        return JW_ERROR_MEMORY;
    }
    memcpy(items_pointer, &grown, sizeof grown);
    *capacity = (uint32_t)wanted;
    return JW_OK;
}

/* A bundle without flows over these live links, ascending; not to be found yet. */
jw_result jw_network_bundle_make(jw_network *network, const net_hop *hops, uint32_t count, double cap,
                                 int64_t now_ns, uint32_t *out)
{
    uint64_t needed = (uint64_t)network->bundle_pool.alive_count + 1;
    uint32_t slot, generation;
    jw_result result =
        jw_network_grow_tightly(&network->bundles, &network->bundle_capacity, needed, sizeof(net_bundle));
    if (!result) {
        result =
            jw_grow((void **)&network->due_heap, &network->due_heap_capacity, needed, sizeof(uint32_t), NULL);
    }
    if (!result) {
        result = reserve_chains(network, network->bundle_pool.alive_count + 1, NULL);
    }
    for (uint32_t i = 0; i < count && !result; i++) {
        net_direction *wire = direction_of(network, hops[i].direction);
        result = jw_grow((void **)&wire->bundles, &wire->bundle_capacity, (uint64_t)wire->bundle_count + 1,
                         sizeof *wire->bundles, NULL);
    }
    if (!result) {
        result = jw_pool_take(&network->bundle_pool, &slot, &generation, NULL);
    }
    if (result) {
        return result;
    }
    net_bundle *bundle = &network->bundles[slot];
    if (count > bundle->hop_capacity) {
        jw_free(bundle->hops);
        bundle->hop_capacity = 0;
        bundle->hops = jw_alloc((count + 3) / 4 * 4 * sizeof *bundle->hops);
        if (!bundle->hops) {
            jw_pool_give(&network->bundle_pool, slot);
            return JW_ERROR_MEMORY;
        }
        bundle->hop_capacity = (count + 3) / 4 * 4;
    }
    *bundle = (net_bundle){.cap = cap,
                           .since_ns = now_ns,
                           .due_ns = NET_NEVER_NS,
                           .hops = bundle->hops,
                           .hop_count = count,
                           .hop_capacity = bundle->hop_capacity,
                           .first = JW_NONE,
                           .bottleneck = JW_NONE,
                           .heap_place = JW_NONE,
                           .next = JW_NONE,
                           .heir = JW_NONE};
    for (uint32_t i = 0; i < count; i++) {
        net_direction *wire = direction_of(network, hops[i].direction);
        bundle->hops[i] = (net_hop){hops[i].direction, wire->bundle_count};
        wire->bundles[wire->bundle_count++] = slot;
    }
    *out = slot;
    return JW_OK;
}

void jw_network_mark_bundle(jw_network *network, uint32_t slot)
{
    if (!network->bundles[slot].is_dirty) {
        network->bundles[slot].is_dirty = 1;
        network->dirty_bundles[network->dirty_bundle_count++] = slot;
    }
}

jw_result jw_network_reserve_dirty(jw_network *network, uint64_t more)
{
    return jw_grow((void **)&network->dirty_bundles, &network->dirty_bundle_capacity,
                   network->dirty_bundle_count + more, sizeof *network->dirty_bundles, NULL);
}

void jw_network_mark_direction(jw_network *network, uint32_t direction)
{
    net_direction *wire = direction_of(network, direction);
    if (!wire->is_dirty) {
        wire->is_dirty = 1;
        network->dirty_directions[network->dirty_direction_count++] = direction;
    }
}

/* ---- flows come and go -----------------------------------------------------------------------------------
 */

/* The live links of a flow, ascending, into scratch. */
static jw_result list_live(jw_network *network, const net_flow *flow, uint32_t *out_count)
{
    jw_result result = jw_grow((void **)&network->live_hops, &network->live_hop_capacity,
                               (uint64_t)flow->hop_count + 1, sizeof *network->live_hops, NULL);
    uint32_t count = 0;
    for (uint32_t i = 0; i < flow->hop_count && !result; i++) {
        uint32_t direction = flow->hops[i].direction;
        if (direction_of(network, direction)->is_live) {
            uint32_t k = count++;
            for (; k > 0 && network->live_hops[k - 1].direction > direction; k--) {
                network->live_hops[k] = network->live_hops[k - 1];
            }
            network->live_hops[k].direction = direction;
        }
    }
    *out_count = count;
    return result;
}

jw_result jw_network_bundle_reserve(jw_network *network, uint32_t slot, int64_t now_ns, uint32_t *out)
{
    const net_flow *flow = &network->flows[slot];
    double cap_bps = jw_network_flow_cap_bps(flow);
    double cap = (flow->hop_count == 0 && cap_bps == 0 ? NET_LOCAL_BPS : cap_bps) / flow->weight;
    jw_result result = jw_network_reserve_dirty(network, 1);
    uint32_t live = 0;
    if (!result) {
        result = list_live(network, flow, &live);
    }
    if (result) {
        return result;
    }
    *out = cap > 0 ? JW_NONE : jw_network_bundle_find(network, network->live_hops, live);
    if (*out == JW_NONE) {
        result = jw_network_bundle_make(network, network->live_hops, live, cap, now_ns, out);
        if (!result) {
            jw_network_bundle_enlist(network, *out);
            network->bundles[*out].limit = jw_network_guess_limit(network, flow, cap);
        }
    }
    return result;
}

void jw_network_bundle_join(jw_network *network, uint32_t slot, uint32_t bundle_slot, int64_t now_ns)
{
    net_flow *flow = &network->flows[slot];
    net_bundle *bundle = &network->bundles[bundle_slot];
    jw_network_bundle_settle(bundle, now_ns);
    double more_bps = bundle->level * flow->weight;
    flow->bundle = bundle_slot;
    flow->since_service = bundle->service;
    double left_bytes = (double)(flow->size_bytes - flow->carried_bytes) - flow->residue_bytes;
    flow->finish =
        flow->size_bytes > 0 ? bundle->service + jw_max(left_bytes, 0) * 8 / flow->weight : NET_FINISH_NEVER;
    flow->child = flow->sibling = flow->elder = JW_NONE;
    bundle->first = jw_network_flow_heap_meld(network->flows, bundle->first, slot);
    bundle->flow_count++;
    bundle->weight += flow->weight;
    bundle->rate_bps = bundle->level * bundle->weight;
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        direction_of(network, bundle->hops[i].direction)->flow_bps += more_bps;
    }
    if (bundle->bottleneck != JW_NONE) {
        direction_of(network, bundle->bottleneck)->held_bps += more_bps;
        direction_of(network, bundle->bottleneck)->held_weight += flow->weight;
    }
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        direction_of(network, flow->hops[i].direction)->weight += flow->weight;
        jw_network_add_bound(network, flow->hops[i].direction, flow->weight * bundle->limit);
    }
    if (bundle->cap > 0 && bundle->hop_count == 0 && bundle->cap <= bundle->limit) { /* nothing to share */
        jw_network_bundle_set_level(network, bundle_slot, bundle->cap, now_ns);
    } else {
        jw_network_mark_bundle(network, bundle_slot);
    }
}

void jw_network_bundle_leave(jw_network *network, uint32_t slot, int64_t now_ns)
{
    net_flow *flow = &network->flows[slot];
    uint32_t bundle_slot = flow->bundle;
    net_bundle *bundle = &network->bundles[bundle_slot];
    jw_network_bundle_settle(bundle, now_ns);
    bool is_last = bundle->flow_count == 1;
    double less_bps = is_last ? bundle->rate_bps : bundle->level * flow->weight;
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        net_direction *wire = direction_of(network, bundle->hops[i].direction);
        wire->flow_bps = is_last && wire->bundle_count == 1 ? 0 : jw_max(wire->flow_bps - less_bps, 0);
        jw_network_mark_direction(network, bundle->hops[i].direction);
    }
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        net_direction *wire = direction_of(network, flow->hops[i].direction);
        wire->weight = wire->flow_count > 0 ? wire->weight - flow->weight : 0;
        jw_network_add_bound(network, flow->hops[i].direction, -flow->weight * bundle->limit);
    }
    net_direction *holder = bundle->bottleneck == JW_NONE ? NULL : direction_of(network, bundle->bottleneck);
    jw_network_flow_heap_remove(network->flows, &bundle->first, slot);
    flow->bundle = JW_NONE;
    if (is_last) {
        if (holder) {
            jw_network_share_release(holder, bundle->rate_bps, bundle->weight);
        }
        jw_network_bundle_delist(network, bundle_slot);
        jw_network_bundle_free(network, bundle_slot);
        return;
    }
    if (holder) {
        holder->held_bps = jw_max(holder->held_bps - less_bps, 0);
        holder->held_weight -= flow->weight;
    }
    bundle->flow_count--;
    bundle->weight -= flow->weight;
    bundle->rate_bps = bundle->level * bundle->weight;
    jw_network_bundle_find_due(network, bundle_slot);
}

/* ---- after a load ----------------------------------------------------------------------------------------
 */

/* Its flows are a heap of all those that say they are in it; nothing else is assumed. */
bool jw_network_is_bundle_sound(const jw_network *network, uint32_t slot)
{
    const net_bundle *bundle = &network->bundles[slot];
    uint32_t count = 0, slots = network->flow_pool.slot_count;
    double weight = 0;
    if (bundle->first >= slots || network->flows[bundle->first].elder != JW_NONE ||
        network->flows[bundle->first].sibling != JW_NONE) {
        return false;
    }
    /* Each flow but the root names the one before it, so none is met twice on the way down. */
    for (uint32_t f = bundle->first; f != JW_NONE; f = jw_network_next_flow(network->flows, f)) {
        const net_flow *flow = &network->flows[f];
        bool is_child_sound =
            flow->child == JW_NONE || (flow->child < slots && network->flows[flow->child].elder == f);
        bool is_sibling_sound =
            flow->sibling == JW_NONE || (flow->sibling < slots && network->flows[flow->sibling].elder == f);
        if (!(network->flow_pool.generations[f] & 1) || flow->bundle != slot || !is_child_sound ||
            !is_sibling_sound || (flow->child != JW_NONE && flow->child == flow->sibling) ||
            ++count > bundle->flow_count) {
            return false;
        }
        weight += flow->weight;
    }
    return count == bundle->flow_count && jw_abs(weight - bundle->weight) <= 1e-6 * weight;
}
