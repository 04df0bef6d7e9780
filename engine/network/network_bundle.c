/* Bundles: flows that cross the same links among those that can fill (network_live.c). They have one rate per
 * weight, so they are shared as one (network_share.c), and a change of that rate touches no flow.
 *
 * A bundle is found by the live links it crosses; one with a cap is of one flow and not found. */
#include "network/network_internal.h"

#include <string.h>

/* ---- blocks ----------------------------------------------------------------------------------------------
 */

jw_result jw_network_block_take(net_blocks *blocks, uint32_t size, uint32_t *out)
{
    *out = 0;
    jw_result result = JW_OK;
    if (size >= blocks->free_capacity) { /* so that giving cannot fail */
        result = jw_grow((void **)&blocks->free, &blocks->free_capacity, (uint64_t)size + 1,
                         sizeof *blocks->free, NULL);
    }
    if (result || size == 0) {
        return result;
    }
    if (blocks->free[size] > 0) {
        *out = blocks->free[size];
        blocks->free[size] = blocks->items[*out];
        return JW_OK;
    }
    uint32_t first = blocks->count > 0 ? blocks->count : 1; /* 0 is none */
    result = jw_network_grow_tightly(&blocks->items, &blocks->capacity, (uint64_t)first + size,
                                     sizeof *blocks->items);
    if (!result) {
        *out = first;
        blocks->count = first + size;
    }
    return result;
}

void jw_network_block_give(net_blocks *blocks, uint32_t block, uint32_t size)
{
    if (block > 0) {
        blocks->items[block] = blocks->free[size];
        blocks->free[size] = block;
    }
}

/* ---- bundles by the live links they cross ----------------------------------------------------------------
 */

static uint32_t hash_of(const uint32_t *hops, uint32_t count)
{
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++) {
        hash = (hash ^ hops[i]) * UINT64_C(0x9e3779b97f4a7c15); /* of no state: only where to look */
        hash ^= hash >> 29;
    }
    return (uint32_t)(hash >> 32);
}

static uint32_t *chain_of(jw_network *network, const uint32_t *hops, uint32_t count)
{
    return &network->bundle_chains[hash_of(hops, count) & (network->bundle_chain_count - 1)];
}

/* Those of one flow, with a cap or without a live link, are not found. */
static bool is_shared(const net_bundle *bundle)
{
    return !bundle->is_capped && bundle->hop_count > 0;
}

void jw_network_bundle_enlist(jw_network *network, uint32_t slot)
{
    net_bundle *bundle = &network->bundles[slot];
    if (is_shared(bundle)) {
        uint32_t *chain = chain_of(network, jw_network_bundle_hops(network, bundle), bundle->hop_count);
        bundle->next = *chain;
        *chain = slot;
        bundle->is_listed = 1;
    }
}

void jw_network_bundle_delist(jw_network *network, uint32_t slot)
{
    net_bundle *bundle = &network->bundles[slot];
    if (bundle->is_listed) {
        uint32_t *at = chain_of(network, jw_network_bundle_hops(network, bundle), bundle->hop_count);
        while (*at != slot) {
            at = &network->bundles[*at].next;
        }
        *at = bundle->next;
        bundle->is_listed = 0;
    }
}

uint32_t jw_network_bundle_find(jw_network *network, const uint32_t *hops, uint32_t count)
{
    if (network->bundle_chain_count == 0) {
        return JW_NONE;
    }
    for (uint32_t i = *chain_of(network, hops, count); i != JW_NONE; i = network->bundles[i].next) {
        const net_bundle *bundle = &network->bundles[i];
        if (bundle->hop_count == count &&
            memcmp(jw_network_bundle_hops(network, bundle), hops, count * sizeof *hops) == 0) {
            return i;
        }
    }
    return JW_NONE;
}

uint32_t jw_network_bundle_twin(jw_network *network, uint32_t slot)
{
    const net_bundle *bundle = &network->bundles[slot];
    return is_shared(bundle)
               ? jw_network_bundle_find(network, jw_network_bundle_hops(network, bundle), bundle->hop_count)
               : JW_NONE;
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
    for (uint32_t i = 0; i < slots; i++) {
        if (network->bundle_pool.generations[i] & 1) {
            jw_network_bundle_find_first(network, i);
            network->bundles[i].is_listed = is_shared(&network->bundles[i]);
            network->capped_count += network->bundles[i].is_capped;
        }
    }
    return reserve_chains(network, slots, error);
}

/* ---- bundles come and go ---------------------------------------------------------------------------------
 */

/* Looked for: what happens on a live link goes through the bundles there anyway. */
static void leave_wire(net_wire *wire, uint32_t slot)
{
    uint32_t place = 0;
    while (wire->bundles[place] != slot) {
        place++;
    }
    wire->bundles[place] = wire->bundles[--wire->bundle_count];
}

void jw_network_bundle_free(jw_network *network, uint32_t slot)
{
    net_bundle *bundle = &network->bundles[slot];
    const uint32_t *hops = jw_network_bundle_hops(network, bundle);
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        leave_wire(&network->wires[hops[i]], slot);
    }
    jw_network_block_give(&network->blocks, bundle->hops, bundle->hop_count);
    network->capped_count -= bundle->is_capped;
    bundle->hop_count = 0;
    bundle->is_dirty = 0;
    jw_network_due_set(&network->due, slot, NET_NEVER_NS);
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

jw_result jw_network_pool_reserve(jw_pool *pool)
{
    uint64_t needed = (uint64_t)pool->slot_count + 1;
    if (pool->free_count > 0) {
        return JW_OK;
    }
    jw_result result =
        jw_network_grow_tightly(&pool->generations, &pool->capacity, needed, sizeof *pool->generations);
    return result ? result
                  : jw_network_grow_tightly(&pool->free_slots, &pool->free_capacity, needed,
                                            sizeof *pool->free_slots);
}

/* A bundle without flows over these live links, ascending; not to be found yet. */
jw_result jw_network_bundle_make(jw_network *network, const uint32_t *hops, uint32_t count, int64_t now_ns,
                                 uint32_t *out)
{
    uint64_t needed = (uint64_t)network->bundle_pool.alive_count + 1;
    uint32_t slot, generation, block;
    jw_result result =
        jw_network_grow_tightly(&network->bundles, &network->bundle_capacity, needed, sizeof(net_bundle));
    if (!result) {
        result = jw_network_pool_reserve(&network->bundle_pool);
    }
    if (!result) {
        result = jw_network_due_reserve(&network->due, needed);
    }
    if (!result) {
        result = reserve_chains(network, network->bundle_pool.alive_count + 1, NULL);
    }
    for (uint32_t i = 0; i < count && !result; i++) {
        result = jw_network_wire_reserve(&network->wires[hops[i]]);
    }
    if (!result) {
        result = jw_network_block_take(&network->blocks, count, &block);
    }
    if (!result) {
        result = jw_pool_take(&network->bundle_pool, &slot, &generation, NULL);
        if (result) {
            jw_network_block_give(&network->blocks, block, count);
        }
    }
    if (result) {
        return result;
    }
    network->bundles[slot] = (net_bundle){.since_ns = now_ns,
                                          .hops = block,
                                          .hop_count = count,
                                          .first = JW_NONE,
                                          .bottleneck = JW_NONE,
                                          .next = JW_NONE};
    for (uint32_t i = 0; i < count; i++) {
        net_wire *wire = &network->wires[hops[i]];
        network->blocks.items[block + i] = hops[i];
        wire->bundles[wire->bundle_count++] = slot;
    }
    *out = slot;
    return JW_OK;
}

jw_result jw_network_wire_reserve(net_wire *wire)
{
    return wire->bundle_count < wire->bundle_capacity
               ? JW_OK
               : jw_network_grow_tightly(&wire->bundles, &wire->bundle_capacity,
                                         (uint64_t)wire->bundle_count + 1, sizeof *wire->bundles);
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
    net_wire *wire = &network->wires[direction];
    if (!wire->is_dirty) {
        wire->is_dirty = 1;
        network->dirty_directions[network->dirty_direction_count++] = direction;
    }
}

/* ---- flows come and go -----------------------------------------------------------------------------------
 */

/* The live links of a flow, ascending, into scratch, which has room for a way. */
static uint32_t list_live(jw_network *network, const net_flow *flow)
{
    const uint32_t *hops = jw_network_flow_hops(network, flow);
    uint32_t count = 0;
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        if (network->wires[hops[i]].is_live) {
            uint32_t k = count++;
            for (; k > 0 && network->touched[k - 1] > hops[i]; k--) {
                network->touched[k] = network->touched[k - 1];
            }
            network->touched[k] = hops[i];
        }
    }
    return count;
}

jw_result jw_network_bundle_reserve(jw_network *network, uint32_t slot, int64_t now_ns, uint32_t *out)
{
    net_flow *flow = &network->flows[slot];
    bool is_capped = jw_network_flow_cap_bps(flow) > 0;
    jw_result result = jw_network_reserve_dirty(network, 1);
    if (!result) {
        result = jw_grow((void **)&network->touched, &network->touched_capacity,
                         (uint64_t)flow->hop_count + 1, sizeof *network->touched, NULL);
    }
    if (result) {
        return result;
    }
    uint32_t live = list_live(network, flow);
    *out = is_capped || live == 0 ? JW_NONE : jw_network_bundle_find(network, network->touched, live);
    if (*out == JW_NONE) {
        result = jw_network_bundle_make(network, network->touched, live, now_ns, out);
        if (!result) {
            network->bundles[*out].is_capped = is_capped;
            network->bundles[*out].limit = jw_network_guess_limit(network, flow);
            network->capped_count += is_capped;
            jw_network_bundle_enlist(network, *out);
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
    flow->finish += bundle->service;
    flow->child = flow->sibling = flow->elder = JW_NONE;
    bundle->first = jw_network_flow_heap_meld(network->flows, bundle->first, slot);
    jw_network_bundle_find_first(network, bundle_slot);
    bundle->flow_count++;
    bundle->weight += flow->weight;
    const uint32_t *live = jw_network_bundle_hops(network, bundle);
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        network->wires[live[i]].flow_bps += more_bps;
    }
    if (bundle->bottleneck != JW_NONE) {
        network->wires[bundle->bottleneck].held_bps += more_bps;
        network->wires[bundle->bottleneck].held_weight += flow->weight;
    }
    const uint32_t *hops = jw_network_flow_hops(network, flow);
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        network->wires[hops[i]].weight += flow->weight;
        jw_network_add_bound(network, hops[i], flow->weight * bundle->limit);
    }
    if (bundle->hop_count == 0) { /* nothing to share */
        jw_network_bundle_set_level(network, bundle_slot, bundle->limit, now_ns);
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
    double rate_bps = jw_network_bundle_bps(bundle),
           less_bps = is_last ? rate_bps : bundle->level * flow->weight;
    const uint32_t *live = jw_network_bundle_hops(network, bundle);
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        net_wire *wire = &network->wires[live[i]];
        wire->flow_bps = is_last && wire->bundle_count == 1 ? 0 : jw_max(wire->flow_bps - less_bps, 0);
        jw_network_mark_direction(network, live[i]);
    }
    const uint32_t *hops = jw_network_flow_hops(network, flow);
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        net_wire *wire = &network->wires[hops[i]];
        wire->weight = wire->flow_count > 0 ? wire->weight - flow->weight : 0;
        jw_network_add_bound(network, hops[i], -flow->weight * bundle->limit);
    }
    net_wire *holder = bundle->bottleneck == JW_NONE ? NULL : &network->wires[bundle->bottleneck];
    jw_network_flow_heap_remove(network->flows, &bundle->first, slot);
    flow->bundle = JW_NONE;
    flow->finish -= bundle->service;
    if (is_last) {
        if (holder) {
            jw_network_share_release(holder, rate_bps, bundle->weight);
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
