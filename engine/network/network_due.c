/* When flows end.
 *
 * What a flow got is lazy: `service` of its bundle counts the bits per weight of a flow that was there
 * always; a flow keeps what it will be at its end (the virtual time of processor sharing). The first of a
 * bundle's flows to end is the root of a pairing heap (Fredman et al., Algorithmica 1, 1986), which melds
 * when bundles do. Of the bundles' times the earliest of each eight is kept, and of each eight of those: most
 * changes are of one that is not the first of its eight, and end there. */
#include "network/network_internal.h"

#include <math.h>

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

/* The earliest of a slot's eight on a level. */
static int64_t earliest_of(const int64_t *times_ns, uint32_t i)
{
    const int64_t *eight = times_ns + i / 8 * 8;
    int64_t first_ns = eight[0];
    for (int k = 1; k < 8; k++) {
        first_ns = eight[k] < first_ns ? eight[k] : first_ns;
    }
    return first_ns;
}

void jw_network_due_set(net_due *due, uint32_t slot, int64_t due_ns)
{
    for (uint32_t level = 0, i = slot; level < due->level_count; level++, i /= 8) {
        int64_t *times_ns = due->times_ns + due->level_first[level];
        int64_t old_ns = times_ns[i];
        times_ns[i] = due_ns;
        if (level + 1 == due->level_count) {
            return;
        }
        int64_t first_ns = due->times_ns[due->level_first[level + 1] + i / 8];
        if (due_ns == first_ns || (due_ns > first_ns && old_ns > first_ns)) {
            return; /* somebody else is the first there and was */
        }
        due_ns = due_ns < first_ns ? due_ns : earliest_of(times_ns, i);
    }
}

jw_result jw_network_due_reserve(net_due *due, uint64_t slots)
{
    if (slots <= due->capacity) {
        return JW_OK;
    }
    if (slots > NET_THINGS_MAX) {
        return JW_ERROR_LIMIT;
    }
    net_due grown = {.capacity = (uint32_t)(slots + slots / 8 + 8) / 8 * 8};
    uint32_t total = 0;
    for (uint32_t size = grown.capacity;; size = (size / 8 + 7) / 8 * 8) {
        grown.level_first[grown.level_count++] = total;
        total += size;
        if (size == 8) {
            break;
        }
    }
    grown.level_first[grown.level_count++] = total++;
    grown.times_ns = jw_alloc_raw(total * sizeof *grown.times_ns);
    if (!grown.times_ns) {
        return JW_ERROR_MEMORY;
    }
    for (uint32_t i = 0; i < total; i++) {
        grown.times_ns[i] = NET_NEVER_NS;
    }
    for (uint32_t i = 0; i < due->capacity; i++) {
        jw_network_due_set(&grown, i, due->times_ns[i]);
    }
    jw_free(due->times_ns);
    *due = grown;
    return JW_OK;
}

int64_t jw_network_due_first(const net_due *due, uint32_t *out_slot)
{
    int64_t first_ns =
        due->level_count > 0 ? due->times_ns[due->level_first[due->level_count - 1]] : NET_NEVER_NS;
    *out_slot = 0;
    for (uint32_t level = due->level_count; level-- > 1 && first_ns != NET_NEVER_NS;) {
        const int64_t *times_ns = due->times_ns + due->level_first[level - 1];
        *out_slot *= 8;
        while (times_ns[*out_slot] != first_ns) {
            (*out_slot)++;
        }
    }
    return first_ns;
}

/* When its first flow ends at the present level. The bundle is settled up to now. */
static void set_due(jw_network *network, uint32_t slot)
{
    const net_bundle *bundle = &network->bundles[slot];
    double left_ns = jw_max(bundle->finish - bundle->service, 0) * 1e9 / bundle->level; /* infinite, NaN */
    int64_t due_ns = NET_NEVER_NS;
    if (left_ns < 4e18) {
        int64_t whole_ns = (int64_t)left_ns;
        due_ns = bundle->since_ns + whole_ns + ((double)whole_ns < left_ns);
    }
    jw_network_due_set(&network->due, slot, due_ns);
}

void jw_network_bundle_find_first(jw_network *network, uint32_t slot)
{
    const net_flow *first = &network->flows[network->bundles[slot].first];
    network->bundles[slot].finish = first->size_bytes > 0 ? first->finish : INFINITY;
}

void jw_network_bundle_find_due(jw_network *network, uint32_t slot)
{
    jw_network_bundle_find_first(network, slot);
    set_due(network, slot);
}

void jw_network_bundle_set_level(jw_network *network, uint32_t slot, double level, int64_t now_ns)
{
    net_bundle *bundle = &network->bundles[slot];
    jw_network_bundle_settle(bundle, now_ns);
    bundle->level = level;
    set_due(network, slot);
}
