/* Rates of the running flows, exactly max-min fair, found anew only where something changed.
 *
 * Progressive filling freezes flows in the order of their level (rate per weight): a link that fills holds
 * its remaining flows at one level, its own, the highest on it. What changed is filled anew in the same
 * order, everybody else keeps the old rate, and joins at the moment the two fillings part:
 *
 * - a link whose own level would rise: at the old level its held flows open again, to be held elsewhere or
 *   here, higher;
 * - a link that fills at a level below that of flows held elsewhere (or of its own): those have too much
 * there and open again.
 *
 * Levels only rise on the way, so each flow opens at most once, a link holds once, and nobody who keeps the
 * old rate is looked at, but on links that fill. The work is that of the rates that change; the result is
 * that of filling the whole network (Bertsekas and Gallager, "Data Networks", 6.5.2).
 *
 * All changes of one instant are solved at once, in an event at its end. */
#include "network/network_internal.h"

#include <assert.h>

#define TOLERANCE 1e-11 /* of levels, relative: rounding, not fairness */

void jw_network_share_free(net_share *share)
{
    jw_free(share->heap);
    *share = (net_share){0};
}

static net_direction *direction_of(jw_network *network, uint32_t direction)
{
    return &network->links[direction / 2].directions[direction & 1];
}

/* ---- the heap of links that may fill and of caps that are reached, by level
 * --------------------------------
 */

static bool is_before(net_share_entry a, net_share_entry b)
{
    return a.level != b.level ? a.level < b.level : a.id < b.id;
}

static void heap_put(jw_network *network, uint32_t i, net_share_entry entry)
{
    network->share.heap[i] = entry;
    if (entry.id < 2 * network->link_count) {
        direction_of(network, entry.id)->heap_place1 = i + 1;
    }
}

static void heap_rise(jw_network *network, uint32_t i, net_share_entry entry)
{
    const net_share_entry *heap = network->share.heap;
    while (i > 0 && is_before(entry, heap[(i - 1) / 2])) {
        heap_put(network, i, heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    heap_put(network, i, entry);
}

static void heap_push(jw_network *network, double level, uint32_t id)
{
    assert(network->share.heap_count < network->share.heap_capacity);
    heap_rise(network, network->share.heap_count++, (net_share_entry){level, id});
}

static net_share_entry heap_pop(jw_network *network)
{
    net_share *share = &network->share;
    net_share_entry top = share->heap[0], last = share->heap[--share->heap_count];
    uint32_t i = 0;
    while (2 * i + 1 < share->heap_count) {
        uint32_t child = 2 * i + 1;
        if (child + 1 < share->heap_count && is_before(share->heap[child + 1], share->heap[child])) {
            child++;
        }
        if (!is_before(share->heap[child], last)) {
            break;
        }
        heap_put(network, i, share->heap[child]);
        i = child;
    }
    if (share->heap_count > 0) {
        heap_put(network, i, last);
    }
    if (top.id < 2 * network->link_count) {
        direction_of(network, top.id)->heap_place1 = 0;
    }
    return top;
}

/* ---- flows open and freeze
 * ---------------------------------------------------------------------------------
 */

/* At which the direction is full when its open flows and those it holds grow together. */
static double fill_level(const jw_network *network, uint32_t direction)
{
    const net_direction *wire = &network->links[direction / 2].directions[direction & 1];
    double left_bps = network->links[direction / 2].def.capacity_bps - (wire->flow_bps - wire->held_bps);
    return jw_max(left_bps, 0) / (wire->open_weight + wire->held_weight);
}

/* Something changed there: it is looked at when the filling gets to its level. */
static void note(jw_network *network, uint32_t direction)
{
    net_direction *wire = direction_of(network, direction);
    if (wire->filled_stamp == network->share.stamp || wire->open_count + wire->held_count == 0) {
        return;
    }
    double level = fill_level(network, direction);
    if (wire->held_count > 0) {
        level = jw_min(level, wire->level);
    }
    if (wire->heap_place1 == 0) {
        heap_push(network, level, direction);
    } else if (level < network->share.heap[wire->heap_place1 - 1].level) {
        heap_rise(network, wire->heap_place1 - 1, (net_share_entry){level, direction});
    }
}

static void hold(net_direction *wire, double rate_bps, double weight)
{
    wire->held_count++;
    wire->held_bps += rate_bps;
    wire->held_weight += weight;
}

void jw_network_share_release(net_direction *wire, double rate_bps, double weight)
{
    wire->held_count--;
    wire->held_bps = wire->held_count > 0 ? jw_max(wire->held_bps - rate_bps, 0) : 0;
    wire->held_weight = wire->held_count > 0 ? wire->held_weight - weight : 0;
}

/* The flow is to get a new rate, once. Where a link of it has filled already at its level, that one holds it
 * from now on instead. */
static bool open_flow(jw_network *network, uint32_t slot)
{
    net_share *share = &network->share;
    net_flow *flow = &network->flows[slot];
    if (flow->share_stamp == share->stamp) {
        return false;
    }
    flow->share_stamp = share->stamp;
    net_direction *holder = flow->bottleneck == JW_NONE ? NULL : direction_of(network, flow->bottleneck);
    if (holder) {
        jw_network_share_release(holder, flow->rate_bps, flow->weight);
        flow->bottleneck = JW_NONE;
    }
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        net_direction *wire = direction_of(network, flow->hops[i].direction);
        if (wire->filled_stamp == share->stamp) {
            hold(wire, flow->rate_bps, flow->weight);
            flow->bottleneck = flow->hops[i].direction;
            return false;
        }
    }
    flow->is_open = 1;
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        net_direction *wire = direction_of(network, flow->hops[i].direction);
        wire->flow_bps = jw_max(wire->flow_bps - flow->rate_bps, 0);
        wire->open_weight += flow->weight;
        wire->open_count++;
    }
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        note(network, flow->hops[i].direction);
    }
    if (flow->cap_bps > 0) {
        heap_push(network, flow->cap_bps / flow->weight, 2 * network->link_count + slot);
    }
    return true;
}

static void freeze(jw_network *network, uint32_t slot, double rate_bps, uint32_t bottleneck, int64_t now_ns)
{
    net_flow *flow = &network->flows[slot];
    flow->is_open = 0;
    flow->bottleneck = bottleneck;
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        net_direction *wire = direction_of(network, flow->hops[i].direction);
        wire->open_count--;
        wire->open_weight = wire->open_count > 0 ? wire->open_weight - flow->weight : 0;
        wire->flow_bps += rate_bps;
    }
    if (bottleneck != JW_NONE) {
        hold(direction_of(network, bottleneck), rate_bps, flow->weight);
    }
    jw_network_flow_set_rate(network, slot, rate_bps, now_ns);
}

/* ---- links fill
 * ----------------------------------------------------------------------------------------------
 */

/* Opens the flows there that are held here (or, else, those held elsewhere) at more than the level. */
static bool open_above(jw_network *network, uint32_t direction, double level, bool is_held_here)
{
    const net_direction *wire = direction_of(network, direction);
    bool has_opened = false;
    for (uint32_t k = 0; k < wire->flow_count; k++) {
        uint32_t slot = wire->flows[k].flow;
        const net_flow *flow = &network->flows[slot];
        if (!flow->is_open && (flow->bottleneck == direction) == is_held_here &&
            flow->rate_bps > level * flow->weight) {
            has_opened |= open_flow(network, slot);
        }
    }
    return has_opened;
}

static void fill(jw_network *network, uint32_t direction, double level, int64_t now_ns)
{
    net_direction *wire = direction_of(network, direction);
    wire->filled_stamp = network->share.stamp;
    wire->level = level;
    for (uint32_t k = 0; k < wire->flow_count && wire->open_count > 0; k++) {
        uint32_t slot = wire->flows[k].flow;
        if (network->flows[slot].is_open) {
            freeze(network, slot, level * network->flows[slot].weight, direction, now_ns);
        }
    }
}

/* The filling has come to the level at which the direction is to be looked at. */
static void visit(jw_network *network, uint32_t direction, double key, int64_t now_ns)
{
    net_direction *wire = direction_of(network, direction);
    if (wire->filled_stamp == network->share.stamp || wire->open_count + wire->held_count == 0) {
        return;
    }
    double level = fill_level(network, direction);
    if (wire->held_count > 0 && level >= wire->level * (1 - TOLERANCE) &&
        key < wire->level * (1 - TOLERANCE)) { /* risen since: too early */
        note(network, direction);
    } else if (wire->held_count > 0 && level > wire->level * (1 + TOLERANCE)) { /* its own level rises */
        open_above(network, direction, -1, true);
        note(network, direction);
    } else if (wire->held_count > 0 && level >= wire->level * (1 - TOLERANCE)) { /* stays */
        if (wire->open_count > 0) {
            fill(network, direction, wire->level, now_ns);
        }
    } else if (level > key || open_above(network, direction, level * (1 + TOLERANCE), false)) {
        note(network, direction);
    } else {
        open_above(network, direction, -1, true);
        fill(network, direction, level, now_ns);
    }
}

static void open_changed(jw_network *network)
{
    for (uint32_t i = 0; i < network->dirty_flow_count; i++) {
        uint32_t slot = network->dirty_flows[i];
        net_flow *flow = &network->flows[slot];
        if ((network->flow_pool.generations[slot] & 1) && flow->is_dirty) {
            flow->is_dirty = 0;
            if (!flow->is_stalled && flow->hop_count > 0) {
                open_flow(network, slot);
            }
        }
    }
    network->dirty_flow_count = 0;
    for (uint32_t i = 0; i < network->dirty_direction_count; i++) {
        direction_of(network, network->dirty_directions[i])->is_dirty = 0;
        note(network, network->dirty_directions[i]);
    }
    network->dirty_direction_count = 0;
}

void jw_network_share_event(jw_world *world, jw_network *network)
{
    net_share *share = &network->share;
    int64_t now_ns = jw_world_time_ns(world);
    network->is_share_pending = false;
    /* A link is there at most once, a flow's cap at most once in a sharing. */
    if (jw_grow((void **)&share->heap, &share->heap_capacity,
                2 * (uint64_t)network->link_count + network->flow_pool.alive_count + 1, sizeof *share->heap,
                NULL)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory to share links among flows");
        return;
    }
    share->stamp++;
    open_changed(network);
    while (share->heap_count > 0) {
        net_share_entry top = heap_pop(network);
        if (top.id < 2 * network->link_count) {
            visit(network, top.id, top.level, now_ns);
        } else if (network->flows[top.id - 2 * network->link_count].is_open) {
            uint32_t slot = top.id - 2 * network->link_count;
            freeze(network, slot, network->flows[slot].cap_bps, JW_NONE, now_ns);
        }
    }
    jw_network_flow_wake(world, network);
}
