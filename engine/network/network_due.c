/* When flows end.
 *
 * What a flow got is lazy: `service` of its bundle counts the bits per weight of a flow that was there
 * always; a flow keeps what it was at its last settling and what it will be at its end (the virtual time of
 * processor sharing). The first of a bundle's flows to end is the root of a pairing heap (Fredman et al.,
 * Algorithmica 1, 1986), which melds when bundles do; the bundles lie in a binary heap by that time. */
#include "network/network_internal.h"

/* ---- the flows of a bundle, first to end first -----------------------------------------------------------
 */

uint32_t jw_network_flow_heap_meld(net_flow *flows, uint32_t a, uint32_t b)
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
        uint32_t pair = jw_network_flow_heap_meld(flows, first, second);
        flows[pair].sibling = pairs;
        pairs = pair;
        first = rest;
    }
    while (pairs != JW_NONE) {
        uint32_t next = flows[pairs].sibling;
        flows[pairs].sibling = JW_NONE;
        root = jw_network_flow_heap_meld(flows, root, pairs);
        pairs = next;
    }
    return root;
}

void jw_network_flow_heap_remove(net_flow *flows, uint32_t *root, uint32_t slot)
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
        *root = jw_network_flow_heap_meld(flows, *root, below);
    }
    flow->child = flow->sibling = flow->elder = JW_NONE;
}

/* All flows of a bundle, from its first on; JW_NONE after the last. */
uint32_t jw_network_next_flow(const net_flow *flows, uint32_t slot)
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
void jw_network_bundle_set_due(jw_network *network, uint32_t slot, int64_t due_ns)
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
void jw_network_bundle_find_due(jw_network *network, uint32_t slot)
{
    const net_bundle *bundle = &network->bundles[slot];
    int64_t due_ns = NET_NEVER_NS;
    if (bundle->first != JW_NONE) {
        double left = jw_max(network->flows[bundle->first].finish - bundle->service, 0);
        double left_ns = jw_ceil(left * 1e9 / bundle->level); /* level 0: infinite or NaN */
        due_ns = left_ns < 4e18 ? bundle->since_ns + (int64_t)left_ns : NET_NEVER_NS;
    }
    jw_network_bundle_set_due(network, slot, due_ns);
}

void jw_network_bundle_settle(net_bundle *bundle, int64_t now_ns)
{
    bundle->service = jw_network_bundle_service(bundle, now_ns);
    bundle->since_ns = now_ns;
}

void jw_network_bundle_set_level(jw_network *network, uint32_t slot, double level, int64_t now_ns)
{
    net_bundle *bundle = &network->bundles[slot];
    jw_network_bundle_settle(bundle, now_ns);
    bundle->level = level;
    bundle->rate_bps = level * bundle->weight;
    jw_network_bundle_find_due(network, slot);
}
