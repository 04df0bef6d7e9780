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
    jw_free(share->frozen);
    jw_free(share->chosen);
    jw_free(share->changed);
    *share = (net_share){0};
}

/* ---- the heap of links that may fill and of caps that are reached, by level ------------------------------
 */

static bool is_before(net_share_entry a, net_share_entry b)
{
    return a.level != b.level ? a.level < b.level : a.id < b.id;
}

static void heap_put(jw_network *network, uint32_t i, net_share_entry entry)
{
    network->share.heap[i] = entry;
    if (entry.id < 2 * network->link_count) {
        network->wires[entry.id].heap_place1 = i + 1;
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

/* The hole goes down to a leaf, the last entry up from there: it belongs low, so that there is less to guess.
 */
static net_share_entry heap_pop(jw_network *network)
{
    net_share *share = &network->share;
    net_share_entry *heap = share->heap, top = heap[0], last = heap[--share->heap_count];
    uint32_t i = 0, count = share->heap_count;
    for (uint32_t child; (child = 2 * i + 1) + 1 < count; i = child) {
        child += (heap[child + 1].level < heap[child].level) |
                 ((heap[child + 1].level == heap[child].level) & (heap[child + 1].id < heap[child].id));
        heap_put(network, i, heap[child]);
    }
    if (2 * i + 1 < count) {
        heap_put(network, i, heap[2 * i + 1]);
        i = 2 * i + 1;
    }
    if (count > 0) {
        heap_rise(network, i, last);
    }
    if (top.id < 2 * network->link_count) {
        network->wires[top.id].heap_place1 = 0;
    }
    return top;
}

/* ---- bundles open and freeze -----------------------------------------------------------------------------
 */

/* At which the direction is full when its open bundles and those it holds grow together. */
static double fill_level(const net_wire *wire)
{
    double left_bps = wire->capacity_bps - (wire->flow_bps - wire->held_bps);
    return jw_max(left_bps, 0) / (wire->open_weight + wire->held_weight);
}

/* Something changed there: it is looked at when the filling gets to its level. */
static void note(jw_network *network, uint32_t direction)
{
    net_wire *wire = &network->wires[direction];
    if (wire->filled_stamp == network->share.stamp || wire->open_count + wire->held_count == 0) {
        return;
    }
    double level = fill_level(wire);
    double held_level = wire->held_count > 0 ? wire->level : level;
    level = jw_min(level, held_level);
    if (wire->heap_place1 == 0) {
        heap_push(network, level, direction);
    } else if (level < network->share.heap[wire->heap_place1 - 1].level) {
        heap_rise(network, wire->heap_place1 - 1, (net_share_entry){level, direction});
    }
}

/* Of all bundles that open together each link is looked at once. */
static void mark_changed(net_share *share, net_wire *wire, uint32_t direction)
{
    share->changed[share->changed_count] = direction; /* there is room for one more than all */
    share->changed_count += !wire->is_changed;
    wire->is_changed = 1;
}

static void note_changed(jw_network *network)
{
    net_share *share = &network->share;
    for (uint32_t i = 0; i < share->changed_count; i++) {
        network->wires[share->changed[i]].is_changed = 0;
        note(network, share->changed[i]);
    }
    share->changed_count = 0;
}

static void hold(net_wire *wire, double rate_bps, double weight)
{
    wire->held_count++;
    wire->held_bps += rate_bps;
    wire->held_weight += weight;
}

void jw_network_share_release(net_wire *wire, double rate_bps, double weight)
{
    wire->held_count--;
    wire->held_bps = wire->held_count > 0 ? jw_max(wire->held_bps - rate_bps, 0) : 0;
    wire->held_weight = wire->held_count > 0 ? wire->held_weight - weight : 0;
}

/* The bundle is to get a new rate, once. Where a link of it has filled already at its level, that one holds
 * it from now on instead. */
static bool open_bundle(jw_network *network, uint32_t slot)
{
    net_share *share = &network->share;
    net_wire *wires = network->wires;
    net_bundle *bundle = &network->bundles[slot];
    if (bundle->mark == share->stamp) {
        return false;
    }
    bundle->mark = share->stamp;
    const uint32_t *hops = jw_network_bundle_hops(network, bundle);
    uint32_t count = bundle->hop_count;
    double rate_bps = jw_network_bundle_bps(bundle), weight = bundle->weight;
    if (bundle->bottleneck != JW_NONE) {
        jw_network_share_release(&wires[bundle->bottleneck], rate_bps, weight);
    }
    uint32_t filled = JW_NONE;
    for (uint32_t i = count; i-- > 0;) {
        filled = wires[hops[i]].filled_stamp == share->stamp ? hops[i] : filled;
    }
    if (filled != JW_NONE) {
        hold(&wires[filled], rate_bps, weight);
        bundle->bottleneck = filled;
        return false;
    }
    bundle->bottleneck = NET_OPEN;
    for (uint32_t i = 0; i < count; i++) {
        net_wire *wire = &wires[hops[i]];
        wire->flow_bps = jw_max(wire->flow_bps - rate_bps, 0);
        wire->open_weight += weight;
        wire->open_count++;
        mark_changed(share, wire, hops[i]);
    }
    if (bundle->is_capped) {
        heap_push(network, jw_network_bundle_cap(network, bundle), 2 * network->link_count + slot);
    }
    return true;
}

static void freeze(jw_network *network, uint32_t slot, double level, uint32_t bottleneck, int64_t now_ns)
{
    net_wire *wires = network->wires;
    net_bundle *bundle = &network->bundles[slot];
    bundle->bottleneck = bottleneck;
    jw_network_bundle_set_level(network, slot, level, now_ns);
    const uint32_t *hops = jw_network_bundle_hops(network, bundle);
    uint32_t count = bundle->hop_count;
    double rate_bps = jw_network_bundle_bps(bundle), weight = bundle->weight;
    for (uint32_t i = 0; i < count; i++) {
        net_wire *wire = &wires[hops[i]];
        wire->open_count--;
        wire->open_weight = wire->open_count > 0 ? wire->open_weight - weight : 0;
        wire->flow_bps += rate_bps;
    }
    if (bottleneck != JW_NONE) {
        hold(&wires[bottleneck], rate_bps, weight);
    }
    network->share.frozen[network->share.frozen_count++] = slot;
}

/* ---- links fill ------------------------------------------------------------------------------------------
 */

/* Which bundles of a link are to be gone through. They are chosen before, without a branch: none could be
 * foreseen, and one guessed wrong costs as much as a bundle. */
typedef enum choice { CHOOSE_HELD_HERE, CHOOSE_HELD_ELSEWHERE, CHOOSE_OPEN } choice;

/* Into `chosen`: those above the level. */
static inline uint32_t choose(jw_network *network, uint32_t direction, choice which, double level)
{
    const net_wire *wire = &network->wires[direction];
    const net_bundle *bundles = network->bundles;
    const uint32_t *slots = wire->bundles;
    uint32_t *chosen = network->share.chosen, count = 0;
    uint32_t wanted = which == CHOOSE_OPEN ? NET_OPEN : direction;
    for (uint32_t k = 0, end = wire->bundle_count; k < end; k++) {
        const net_bundle *bundle = &bundles[slots[k]];
        uint32_t is_wanted = which == CHOOSE_HELD_ELSEWHERE
                                 ? (bundle->bottleneck != direction) & (bundle->bottleneck != NET_OPEN) &
                                       (bundle->level > level)
                                 : bundle->bottleneck == wanted;
        chosen[count] = slots[k];
        count += is_wanted;
    }
    return count;
}

/* Opens those that were chosen. */
static bool open_chosen(jw_network *network, uint32_t count)
{
    bool has_opened = false;
    for (uint32_t i = 0; i < count; i++) {
        has_opened |= open_bundle(network, network->share.chosen[i]);
    }
    note_changed(network);
    return has_opened;
}

static void fill(jw_network *network, uint32_t direction, double level, int64_t now_ns)
{
    net_wire *wire = &network->wires[direction];
    wire->filled_stamp = network->share.stamp;
    wire->level = level;
    uint32_t count = wire->open_count > 0 ? choose(network, direction, CHOOSE_OPEN, 0) : 0;
    for (uint32_t i = 0; i < count; i++) {
        freeze(network, network->share.chosen[i], level, direction, now_ns);
    }
}

/* The link fills below its old level: those it holds come down with it and stay, as if they had opened and
 * frozen again; what they leave elsewhere is looked at. */
static void lower_held(jw_network *network, uint32_t direction, double level, int64_t now_ns)
{
    net_share *share = &network->share;
    net_wire *wires = network->wires, *wire = &wires[direction];
    uint32_t count = wire->held_count > 0 ? choose(network, direction, CHOOSE_HELD_HERE, 0) : 0;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t slot = share->chosen[k];
        net_bundle *bundle = &network->bundles[slot];
        if (bundle->mark == share->stamp) {
            continue;
        }
        double old_bps = jw_network_bundle_bps(bundle);
        bundle->mark = share->stamp;
        jw_network_bundle_set_level(network, slot, level, now_ns);
        double more_bps = jw_network_bundle_bps(bundle) - old_bps;
        const uint32_t *hops = jw_network_bundle_hops(network, bundle);
        for (uint32_t i = 0, hop_count = bundle->hop_count; i < hop_count; i++) {
            net_wire *other = &wires[hops[i]];
            other->flow_bps = jw_max(other->flow_bps + more_bps, 0);
            mark_changed(share, other, hops[i]);
        }
        wire->held_bps = jw_max(wire->held_bps + more_bps, 0);
        share->frozen[share->frozen_count++] = slot;
    }
}

/* The filling has come to the level at which the direction is to be looked at. */
static void visit(jw_network *network, uint32_t direction, double key, int64_t now_ns)
{
    net_wire *wire = &network->wires[direction];
    if (wire->filled_stamp == network->share.stamp || wire->open_count + wire->held_count == 0) {
        return;
    }
    double level = fill_level(wire);
    if (wire->held_count > 0 && level >= wire->level * (1 - TOLERANCE) &&
        key < wire->level * (1 - TOLERANCE)) { /* risen since: too early */
        note(network, direction);
    } else if (wire->held_count > 0 && level > wire->level * (1 + TOLERANCE)) { /* its own level rises */
        open_chosen(network, choose(network, direction, CHOOSE_HELD_HERE, 0));
        note(network, direction);
    } else if (wire->held_count > 0 && level >= wire->level * (1 - TOLERANCE)) { /* stays */
        if (wire->open_count > 0) {
            fill(network, direction, wire->level, now_ns);
        }
    } else if (level > key || open_chosen(network, choose(network, direction, CHOOSE_HELD_ELSEWHERE,
                                                          level * (1 + TOLERANCE)))) {
        note(network, direction);
    } else {
        lower_held(network, direction, level, now_ns);
        fill(network, direction, level, now_ns);
        note_changed(network);
    }
}

/* Those that changed since; directions of the list from `first` on. */
static void open_changed(jw_network *network, uint32_t first)
{
    for (uint32_t i = 0; i < network->dirty_bundle_count; i++) {
        uint32_t slot = network->dirty_bundles[i];
        if ((network->bundle_pool.generations[slot] & 1) && network->bundles[slot].is_dirty) {
            network->bundles[slot].is_dirty = 0;
            open_bundle(network, slot);
        }
    }
    network->dirty_bundle_count = 0;
    note_changed(network);
    for (uint32_t i = first; i < network->dirty_direction_count; i++) {
        if (network->wires[network->dirty_directions[i]].is_live) {
            note(network, network->dirty_directions[i]);
        }
    }
}

/* Room for a bundle's cap beside the links: each is there at most once. */
static jw_result reserve(jw_network *network)
{
    net_share *share = &network->share;
    uint64_t bundles = (uint64_t)network->bundle_pool.alive_count + 1;
    jw_result result = jw_network_grow_tightly(&share->heap, &share->heap_capacity,
                                               2 * (uint64_t)network->link_count + network->capped_count + 1,
                                               sizeof *share->heap);
    if (!result) {
        result =
            jw_network_grow_tightly(&share->frozen, &share->frozen_capacity, bundles, sizeof *share->frozen);
    }
    return result ? result
                  : jw_network_grow_tightly(&share->chosen, &share->chosen_capacity, bundles,
                                            sizeof *share->chosen);
}

/* Fills what changed; then limits follow the new rates, by which links may become live that can fill. */
static jw_result share_once(jw_network *network, uint32_t first_direction, int64_t now_ns)
{
    net_share *share = &network->share;
    jw_result result = jw_network_raise_links(network, now_ns);
    result = result ? result : reserve(network);
    if (result) {
        return result;
    }
    share->stamp++;
    share->frozen_count = 0;
    open_changed(network, first_direction);
    while (share->heap_count > 0) {
        net_share_entry top = heap_pop(network);
        if (top.id < 2 * network->link_count) {
            visit(network, top.id, top.level, now_ns);
        } else if (network->bundles[top.id - 2 * network->link_count].bottleneck == NET_OPEN) {
            freeze(network, top.id - 2 * network->link_count, top.level, JW_NONE, now_ns);
        }
    }
    for (uint32_t i = 0; i < share->frozen_count; i++) {
        jw_network_bundle_check_limit(network, share->frozen[i]);
    }
    return JW_OK;
}

static bool has_marks(const jw_network *network, uint32_t first_direction)
{
    return network->dirty_bundle_count + network->rising_count > 0 ||
           network->dirty_direction_count > first_direction;
}

void jw_network_share_event(jw_world *world, jw_network *network)
{
    int64_t now_ns = jw_world_time_ns(world);
    uint32_t noted = 0;
    jw_result result = JW_OK;
    network->is_share_pending = false;
    while (!result && has_marks(network, noted)) {
        uint32_t known = network->dirty_direction_count;
        result = share_once(network, noted, now_ns);
        noted = known;
        if (!result && network->rising_count == 0) { /* what parted and joins again may have to share anew */
            result = jw_network_lower_links(network, now_ns);
            noted = 0;
        }
    }
    if (result) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory to share links among flows");
        return;
    }
    jw_network_flow_wake(world, network);
}
