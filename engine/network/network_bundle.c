/* Bundles: flows that cross the same links among those that can fill. They have one rate per weight, so they
 * are shared as one (network_share.c), and a change of that rate touches no flow.
 *
 * A direction of a link is live when its flows might fill it: bound_bps, the sum of weight * limit over them,
 * is above its capacity. `limit` is a level that the flow's bundle does not exceed; when it does all the same
 * a new limit is set a little above it and the bounds follow, so that the others, the idle links, cannot fill
 * and are left out: most links of a tree, where a few at the top hold everybody. A link becomes live when its
 * bound passes its capacity and idle somewhat below that, once it holds nobody.
 *
 * What a flow got is lazy: `service` of its bundle counts the bits per weight of a flow that was there
 * always; a flow keeps what it was at its last settling and what it will be at its end (the virtual time of
 * processor sharing). The first of a bundle's flows to end is the root of a pairing heap (Fredman et al.,
 * Algorithmica 1, 1986), which melds when bundles do; the bundles lie in a binary heap by that time. */
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

/* ---- the flows of a bundle, first to end first -----------------------------------------------------------
 */

static uint32_t meld(net_flow *flows, uint32_t a, uint32_t b)
{
    if (a == JW_NONE || b == JW_NONE) {
        return a == JW_NONE ? b : a;
    }
    bool is_b_first = flows[a].finish != flows[b].finish ? flows[b].finish < flows[a].finish : b < a;
    uint32_t top = is_b_first ? b : a, low = is_b_first ? a : b, child = flows[top].child;
    flows[low].sibling = child;
    flows[low].elder = top;
    flows[top].child = low;
    if (child != JW_NONE) {
        flows[child].elder = low;
    }
    return top;
}

/* Two passes: neighbours in pairs, then all from the last. */
static uint32_t meld_siblings(net_flow *flows, uint32_t first)
{
    uint32_t pairs = JW_NONE, root = JW_NONE;
    while (first != JW_NONE) {
        uint32_t second = flows[first].sibling, rest = JW_NONE;
        flows[first].sibling = flows[first].elder = JW_NONE;
        if (second != JW_NONE) {
            rest = flows[second].sibling;
            flows[second].sibling = flows[second].elder = JW_NONE;
        }
        uint32_t pair = meld(flows, first, second);
        flows[pair].sibling = pairs;
        pairs = pair;
        first = rest;
    }
    while (pairs != JW_NONE) {
        uint32_t next = flows[pairs].sibling;
        flows[pairs].sibling = JW_NONE;
        root = meld(flows, root, pairs);
        pairs = next;
    }
    return root;
}

static void heap_remove(net_flow *flows, uint32_t *root, uint32_t slot)
{
    net_flow *flow = &flows[slot];
    uint32_t below = meld_siblings(flows, flow->child);
    if (slot == *root) {
        *root = below;
    } else {
        if (flows[flow->elder].child == slot) {
            flows[flow->elder].child = flow->sibling;
        } else {
            flows[flow->elder].sibling = flow->sibling;
        }
        if (flow->sibling != JW_NONE) {
            flows[flow->sibling].elder = flow->elder;
        }
        *root = meld(flows, *root, below);
    }
    flow->child = flow->sibling = flow->elder = JW_NONE;
}

/* All flows of a bundle, from its first on; JW_NONE after the last. */
static uint32_t next_flow(const net_flow *flows, uint32_t slot)
{
    if (flows[slot].child != JW_NONE) {
        return flows[slot].child;
    }
    while (slot != JW_NONE && flows[slot].sibling == JW_NONE) {
        uint32_t elder = flows[slot].elder;
        while (elder != JW_NONE &&
               flows[elder].child != slot) { /* back to the eldest, whose elder is above */
            slot = elder;
            elder = flows[slot].elder;
        }
        slot = elder;
    }
    return slot == JW_NONE ? JW_NONE : flows[slot].sibling;
}

/* ---- the bundles, first due first ------------------------------------------------------------------------
 */

static bool is_due_before(const jw_network *network, uint32_t a, uint32_t b)
{
    int64_t a_ns = network->bundles[a].due_ns, b_ns = network->bundles[b].due_ns;
    return a_ns != b_ns ? a_ns < b_ns : a < b;
}

static void heap_put(jw_network *network, uint32_t place, uint32_t slot)
{
    network->due_heap[place] = slot;
    network->bundles[slot].heap_place = place;
}

static void heap_mend(jw_network *network, uint32_t place)
{
    uint32_t slot = network->due_heap[place];
    while (place > 0 && is_due_before(network, slot, network->due_heap[(place - 1) / 2])) {
        heap_put(network, place, network->due_heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= network->due_heap_count) {
            break;
        }
        if (child + 1 < network->due_heap_count &&
            is_due_before(network, network->due_heap[child + 1], network->due_heap[child])) {
            child++;
        }
        if (!is_due_before(network, network->due_heap[child], slot)) {
            break;
        }
        heap_put(network, place, network->due_heap[child]);
        place = child;
    }
    heap_put(network, place, slot);
}

/* Room is made with the bundle, so that this cannot fail. */
static void set_due(jw_network *network, uint32_t slot, int64_t due_ns)
{
    net_bundle *bundle = &network->bundles[slot];
    if (bundle->due_ns == due_ns && (bundle->heap_place == JW_NONE) == (due_ns == NET_NEVER_NS)) {
        return;
    }
    bundle->due_ns = due_ns;
    if (due_ns != NET_NEVER_NS) {
        if (bundle->heap_place == JW_NONE) {
            heap_put(network, network->due_heap_count++, slot);
        }
        heap_mend(network, bundle->heap_place);
    } else {
        uint32_t place = bundle->heap_place, last = network->due_heap[--network->due_heap_count];
        bundle->heap_place = JW_NONE;
        if (last != slot) {
            heap_put(network, place, last);
            heap_mend(network, place);
        }
    }
}

double jw_network_bundle_service(const net_bundle *bundle, int64_t now_ns)
{
    return bundle->service + bundle->level * jw_s_from_ns(now_ns - bundle->since_ns);
}

/* When its first flow ends at the present level. The bundle is settled up to now. */
static void find_due(jw_network *network, uint32_t slot)
{
    const net_bundle *bundle = &network->bundles[slot];
    int64_t due_ns = NET_NEVER_NS;
    if (bundle->first != JW_NONE) {
        double left = jw_max(network->flows[bundle->first].finish - bundle->service, 0);
        double left_ns = jw_ceil(left * 1e9 / bundle->level); /* level 0: infinite or NaN */
        due_ns = left_ns < 4e18 ? bundle->since_ns + (int64_t)left_ns : NET_NEVER_NS;
    }
    set_due(network, slot, due_ns);
}

static void settle(net_bundle *bundle, int64_t now_ns)
{
    bundle->service = jw_network_bundle_service(bundle, now_ns);
    bundle->since_ns = now_ns;
}

void jw_network_bundle_set_level(jw_network *network, uint32_t slot, double level, int64_t now_ns)
{
    net_bundle *bundle = &network->bundles[slot];
    settle(bundle, now_ns);
    bundle->level = level;
    bundle->rate_bps = level * bundle->weight;
    find_due(network, slot);
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
static void enlist(jw_network *network, uint32_t slot)
{
    net_bundle *bundle = &network->bundles[slot];
    if (bundle->cap == 0) {
        uint32_t *chain = chain_of(network, bundle->hops, bundle->hop_count);
        bundle->next = *chain;
        *chain = slot;
        bundle->is_listed = 1;
    }
}

static void delist(jw_network *network, uint32_t slot)
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

static uint32_t find(jw_network *network, const net_hop *hops, uint32_t count)
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
            enlist(network, i);
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
            set_due(network, i, bundle->due_ns);
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

static void free_bundle(jw_network *network, uint32_t slot)
{
    net_bundle *bundle = &network->bundles[slot];
    for (uint32_t i = 0; i < bundle->hop_count; i++) {
        leave_wire(network, bundle->hops[i].direction, bundle->hops[i].place);
    }
    bundle->hop_count = 0;
    bundle->is_dirty = 0;
    set_due(network, slot, NET_NEVER_NS);
    jw_pool_give(&network->bundle_pool, slot);
}

/* A bundle without flows over these live links, ascending; not to be found yet. */
static jw_result make_bundle(jw_network *network, const net_hop *hops, uint32_t count, double cap,
                             int64_t now_ns, uint32_t *out)
{
    uint64_t needed = (uint64_t)network->bundle_pool.alive_count + 1;
    uint32_t slot, generation;
    jw_result result =
        jw_grow((void **)&network->bundles, &network->bundle_capacity, needed, sizeof(net_bundle), NULL);
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

static void mark_bundle(jw_network *network, uint32_t slot)
{
    if (!network->bundles[slot].is_dirty) {
        network->bundles[slot].is_dirty = 1;
        network->dirty_bundles[network->dirty_bundle_count++] = slot;
    }
}

static jw_result reserve_dirty(jw_network *network, uint64_t more)
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

/* ---- which links are live --------------------------------------------------------------------------------
 */

static bool is_bound_above(const jw_network *network, uint32_t direction, const net_direction *wire)
{
    return wire->bound_bps > capacity_of(network, direction) * (1 + ROUNDING);
}

/* The bound rises or falls; what follows is done at the end of this instant. */
static void add_bound(jw_network *network, uint32_t direction, double more_bps)
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
    for (uint32_t f = bundle->first; f != JW_NONE; f = next_flow(network->flows, f)) {
        const net_flow *flow = &network->flows[f];
        for (uint32_t i = 0; i < flow->hop_count; i++) {
            add_bound(network, flow->hops[i].direction, flow->weight * more);
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
    settle(&network->bundles[parent], now_ns);
    uint32_t heir;
    jw_result result = make_bundle(network, network->bundles[parent].hops, network->bundles[parent].hop_count,
                                   0, now_ns, &heir);
    if (!result) {
        net_bundle *bundle = &network->bundles[parent], *other = &network->bundles[heir];
        other->level = bundle->level;
        other->limit = bundle->limit;
        other->service = bundle->service;
        other->bottleneck = bundle->bottleneck;
        if (bundle->is_dirty) {
            mark_bundle(network, heir);
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
    heap_remove(network->flows, &from->first, slot);
    from->flow_count--;
    from->weight -= flow->weight;
    to->first = meld(network->flows, to->first, slot);
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
        result = reserve_dirty(network, 2 * (uint64_t)wire->flow_count);
    }
    if (result) {
        return result;
    }
    uint32_t touched = 0;
    for (uint32_t k = 0; k < wire->flow_count; k++) {
        uint32_t bundle = network->flows[wire->flows[k].flow].bundle;
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
        uint32_t slot = wire->flows[k].flow;
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
            find_due(network, slot);
            slot = heir;
            network->bundles[heir].rate_bps = network->bundles[heir].level * network->bundles[heir].weight;
            find_due(network, heir);
        } else {
            delist(network, slot);
        }
        result = cross(network, slot, direction);
        enlist(network, slot);
    }
    if (!result && wire->flow_bps > capacity_of(network, direction)) {
        for (uint32_t k = 0; k < wire->bundle_count; k++) {
            mark_bundle(network, wire->bundles[k]);
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

static int compare_crowding(const void *a, const void *b)
{
    const net_share_entry *x = a, *y = b;
    return x->level != y->level ? (x->level > y->level ? -1 : 1) : (x->id > y->id) - (x->id < y->id);
}

jw_result jw_network_raise_links(jw_network *network, int64_t now_ns)
{
    net_share *share = &network->share;
    uint32_t count = network->rising_count;
    jw_result result =
        jw_grow((void **)&share->heap, &share->heap_capacity, (uint64_t)count + 1, sizeof *share->heap, NULL);
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
            lower_guesses(network, direction);
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
    settle(from, now_ns);
    settle(to, now_ns);
    double shift = to->service - from->service, rate_bps = to->level * from->weight;
    for (uint32_t f = from->first; f != JW_NONE; f = next_flow(network->flows, f)) {
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
    to->first = meld(network->flows, to->first, from->first);
    to->flow_count += from->flow_count;
    to->weight += from->weight;
    to->rate_bps = to->level * to->weight;
    from->first = JW_NONE;
    free_bundle(network, from_slot);
    find_due(network, to_slot);
    return to_slot;
}

static void lower(jw_network *network, uint32_t direction, int64_t now_ns)
{
    net_direction *wire = direction_of(network, direction);
    while (wire->bundle_count > 0) {
        uint32_t slot = wire->bundles[--wire->bundle_count];
        delist(network, slot);
        net_bundle *bundle = &network->bundles[slot];
        change_hop(bundle, direction, JW_NONE);
        uint32_t same = bundle->cap > 0 ? JW_NONE : find(network, bundle->hops, bundle->hop_count);
        if (same != JW_NONE) {
            delist(network, same);
            slot = merge(network, slot, same, now_ns);
        }
        enlist(network, slot);
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

/* ---- flows come and go -----------------------------------------------------------------------------------
 */

static bool has_live_hop(jw_network *network, const net_flow *flow)
{
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        if (direction_of(network, flow->hops[i].direction)->is_live) {
            return true;
        }
    }
    return false;
}

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

/* A level that a new bundle will hardly exceed: about that of the links that hold others. */
static double guess_limit(jw_network *network, const net_flow *flow, double cap)
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

jw_result jw_network_bundle_reserve(jw_network *network, uint32_t slot, int64_t now_ns, uint32_t *out)
{
    const net_flow *flow = &network->flows[slot];
    double cap = flow->hop_count == 0 && flow->cap_bps == 0 ? NET_LOCAL_BPS / flow->weight
                                                            : flow->cap_bps / flow->weight;
    jw_result result = reserve_dirty(network, 1);
    if (!result && flow->hop_count > 0 && !has_live_hop(network, flow)) {
        uint32_t least = flow->hops[0].direction;
        for (uint32_t i = 1; i < flow->hop_count; i++) {
            if (capacity_of(network, flow->hops[i].direction) < capacity_of(network, least)) {
                least = flow->hops[i].direction;
            }
        }
        if (cap == 0 || cap * flow->weight > capacity_of(network, least)) { /* it will hold the flow */
            result = raise(network, least, now_ns);
        }
    }
    uint32_t live = 0;
    if (!result) {
        result = list_live(network, flow, &live);
    }
    if (result) {
        return result;
    }
    *out = cap > 0 ? JW_NONE : find(network, network->live_hops, live);
    if (*out == JW_NONE) {
        result = make_bundle(network, network->live_hops, live, cap, now_ns, out);
        if (!result) {
            enlist(network, *out);
            network->bundles[*out].limit = guess_limit(network, flow, cap);
        }
    }
    return result;
}

void jw_network_bundle_join(jw_network *network, uint32_t slot, uint32_t bundle_slot, int64_t now_ns)
{
    net_flow *flow = &network->flows[slot];
    net_bundle *bundle = &network->bundles[bundle_slot];
    settle(bundle, now_ns);
    double more_bps = bundle->level * flow->weight;
    flow->bundle = bundle_slot;
    flow->since_service = bundle->service;
    double left_bytes = (double)(flow->size_bytes - flow->carried_bytes) - flow->residue_bytes;
    flow->finish =
        flow->size_bytes > 0 ? bundle->service + jw_max(left_bytes, 0) * 8 / flow->weight : NET_FINISH_NEVER;
    flow->child = flow->sibling = flow->elder = JW_NONE;
    bundle->first = meld(network->flows, bundle->first, slot);
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
        add_bound(network, flow->hops[i].direction, flow->weight * bundle->limit);
    }
    if (bundle->hop_count == 0) { /* nothing to share: its cap, at once */
        jw_network_bundle_set_level(network, bundle_slot, bundle->cap, now_ns);
    } else {
        mark_bundle(network, bundle_slot);
    }
}

void jw_network_bundle_leave(jw_network *network, uint32_t slot, int64_t now_ns)
{
    net_flow *flow = &network->flows[slot];
    uint32_t bundle_slot = flow->bundle;
    net_bundle *bundle = &network->bundles[bundle_slot];
    settle(bundle, now_ns);
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
        add_bound(network, flow->hops[i].direction, -flow->weight * bundle->limit);
    }
    net_direction *holder = bundle->bottleneck == JW_NONE ? NULL : direction_of(network, bundle->bottleneck);
    heap_remove(network->flows, &bundle->first, slot);
    flow->bundle = JW_NONE;
    if (is_last) {
        if (holder) {
            jw_network_share_release(holder, bundle->rate_bps, bundle->weight);
        }
        delist(network, bundle_slot);
        free_bundle(network, bundle_slot);
        return;
    }
    if (holder) {
        holder->held_bps = jw_max(holder->held_bps - less_bps, 0);
        holder->held_weight -= flow->weight;
    }
    bundle->flow_count--;
    bundle->weight -= flow->weight;
    bundle->rate_bps = bundle->level * bundle->weight;
    find_due(network, bundle_slot);
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
    for (uint32_t f = bundle->first; f != JW_NONE; f = next_flow(network->flows, f)) {
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
