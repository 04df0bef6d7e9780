/* Rates of the running flows, exactly max-min fair, recomputed only where something changed.
 *
 * An allocation is max-min fair if and only if every flow is at its cap or has a bottleneck: a full link on
 * which no flow has a higher rate per weight. So: solve for the flows that changed with all others fixed,
 * then look at the links that were touched. A flow there that could now have more, or that has more than one
 * which is held back there, joins, and the problem is solved again. When nobody joins, every flow has its
 * bottleneck, and the allocation is the fair one of the whole network, found without looking at the rest of
 * it.
 *
 * All changes of one instant are solved at once, in an event at its end. */
#include "network/network_internal.h"

#include <string.h>

#define TOLERANCE  1e-9 /* of rates and capacities, relative: rounding, not fairness */
#define ROUNDS_MAX 12   /* then whoever shares a link joins: bounds the work of long chains */

void jw_network_share_free(net_share *share)
{
    jw_network_fill_free(&share->fill);
    jw_free(share->flows);
    jw_free(share->directions);
    jw_free(share->local);
    jw_free(share->direction_stamp);
    jw_free(share->flow_stamp);
    jw_free(share->flow_local);
    *share = (net_share){0};
}

static net_direction *direction_of(jw_network *network, uint32_t direction)
{
    return &network->links[direction / 2].directions[direction & 1];
}

static jw_result reserve(jw_network *network)
{
    net_share *share = &network->share;
    uint64_t directions = 2 * (uint64_t)network->link_count + 1,
             flows = (uint64_t)network->flow_pool.slot_count + 1;
    jw_result result = JW_OK;
#define GROW(array, capacity, needed)                                                                        \
    if (!result) {                                                                                           \
        result = jw_grow((void **)&share->array, &share->capacity, needed, sizeof *share->array, NULL);      \
    }
    GROW(directions, direction_capacity, directions)
    GROW(local, local_capacity, directions)
    GROW(direction_stamp, direction_stamp_capacity, directions)
    GROW(flows, flow_capacity, flows)
    GROW(flow_stamp, flow_stamp_capacity, flows)
    GROW(flow_local, flow_local_capacity, flows)
#undef GROW
    return result;
}

static void touch(net_share *share, uint32_t direction)
{
    if (share->direction_stamp[direction] != share->stamp) {
        share->direction_stamp[direction] = share->stamp;
        share->local[direction] = share->direction_count;
        share->directions[share->direction_count++] = direction;
    }
}

static bool is_member(const net_share *share, uint32_t flow)
{
    return share->flow_stamp[flow] == share->stamp;
}

static void join(jw_network *network, uint32_t slot)
{
    net_share *share = &network->share;
    const net_flow *flow = &network->flows[slot];
    if (is_member(share, slot)) {
        return;
    }
    share->flow_stamp[slot] = share->stamp;
    share->flow_local[slot] = share->flow_count;
    share->flows[share->flow_count++] = slot;
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        touch(share, flow->hops[i].direction);
    }
}

/* The flows that changed, and those that a changed direction held back. */
static void collect_seeds(jw_network *network)
{
    net_share *share = &network->share;
    share->stamp++;
    share->flow_count = share->direction_count = 0;
    for (uint32_t i = 0; i < network->dirty_flow_count; i++) {
        uint32_t slot = network->dirty_flows[i];
        net_flow *flow = &network->flows[slot];
        if ((network->flow_pool.generations[slot] & 1) && flow->is_dirty) {
            flow->is_dirty = 0;
            if (!flow->is_stalled) {
                join(network, slot);
            }
        }
    }
    network->dirty_flow_count = 0;
    for (uint32_t i = 0; i < network->dirty_direction_count; i++) {
        uint32_t direction = network->dirty_directions[i];
        net_direction *wire = direction_of(network, direction);
        wire->is_dirty = 0;
        touch(share, direction);
        for (uint32_t k = 0; k < wire->flow_count; k++) {
            if (network->flows[wire->flows[k].flow].bottleneck == direction) {
                join(network, wire->flows[k].flow);
            }
        }
    }
    network->dirty_direction_count = 0;
}

static jw_result solve(jw_network *network)
{
    net_share *share = &network->share;
    net_fill *fill = &share->fill;
    uint64_t uses = 0;
    for (uint32_t i = 0; i < share->flow_count; i++) {
        uses += network->flows[share->flows[i]].hop_count;
    }
    if (uses >= UINT32_MAX) {
        return JW_ERROR_MEMORY;
    }
    jw_result result =
        jw_network_fill_reserve(fill, share->direction_count, share->flow_count, (uint32_t)uses, NULL);
    if (result) {
        return result;
    }
    for (uint32_t i = 0; i < share->direction_count; i++) {
        const net_direction *wire = direction_of(network, share->directions[i]);
        double others_bps = 0;
        for (uint32_t k = 0; k < wire->flow_count; k++) {
            if (!is_member(share, wire->flows[k].flow)) {
                others_bps += network->flows[wire->flows[k].flow].rate_bps;
            }
        }
        fill->capacity[i] = network->links[share->directions[i] / 2].def.capacity_bps - others_bps;
    }
    uint32_t use = 0;
    for (uint32_t i = 0; i < share->flow_count; i++) {
        const net_flow *flow = &network->flows[share->flows[i]];
        fill->flow_first[i] = use;
        fill->cap[i] = flow->cap_bps;
        fill->weight[i] = flow->weight;
        for (uint32_t h = 0; h < flow->hop_count; h++) {
            fill->flow_links[use++] = share->local[flow->hops[h].direction];
        }
    }
    fill->flow_first[share->flow_count] = use;
    jw_network_fill_solve(fill);
    return JW_OK;
}

/* Lets flows of one touched direction join that the solution wrongs; true when one did. */
static bool admit(jw_network *network, uint32_t local)
{
    net_share *share = &network->share;
    const net_fill *fill = &share->fill;
    uint32_t direction = share->directions[local];
    const net_direction *wire = direction_of(network, direction);
    double used_bps = 0, highest = 0, held_level = -1;
    for (uint32_t k = 0; k < wire->flow_count; k++) {
        uint32_t slot = wire->flows[k].flow;
        const net_flow *flow = &network->flows[slot];
        double rate_bps = flow->rate_bps;
        uint32_t i = share->flow_local[slot];
        if (is_member(share, slot) && i < fill->flow_count) { /* who joined just now still has the old rate */
            rate_bps = fill->rate[i];
            if (fill->bottleneck[i] == local) {
                held_level = jw_max(held_level, rate_bps / flow->weight);
            }
        }
        used_bps += rate_bps;
        highest = jw_max(highest, rate_bps / flow->weight);
    }
    bool is_full = used_bps >= network->links[direction / 2].def.capacity_bps * (1 - TOLERANCE);
    bool has_joined = false;
    for (uint32_t k = 0; k < wire->flow_count; k++) {
        uint32_t slot = wire->flows[k].flow;
        const net_flow *flow = &network->flows[slot];
        if (is_member(share, slot)) {
            continue;
        }
        double level = flow->rate_bps / flow->weight;
        bool takes_too_much = held_level >= 0 && level > held_level * (1 + TOLERANCE);
        bool could_have_more =
            flow->bottleneck == direction && (!is_full || level < highest * (1 - TOLERANCE));
        if (takes_too_much || could_have_more) {
            join(network, slot);
            has_joined = true;
        }
    }
    return has_joined;
}

static bool admit_neighbours(jw_network *network)
{
    net_share *share = &network->share;
    uint32_t before = share->flow_count;
    for (uint32_t i = 0; i < share->direction_count; i++) { /* grows as flows join */
        const net_direction *wire = direction_of(network, share->directions[i]);
        for (uint32_t k = 0; k < wire->flow_count; k++) {
            join(network, wire->flows[k].flow);
        }
    }
    return share->flow_count > before;
}

static void adopt(jw_network *network, int64_t now_ns)
{
    net_share *share = &network->share;
    for (uint32_t i = 0; i < share->flow_count; i++) {
        uint32_t local = share->fill.bottleneck[i];
        network->flows[share->flows[i]].bottleneck = local == JW_NONE ? JW_NONE : share->directions[local];
        jw_network_flow_set_rate(network, share->flows[i], share->fill.rate[i], now_ns);
    }
    for (uint32_t i = 0; i < share->direction_count; i++) {
        net_direction *wire = direction_of(network, share->directions[i]);
        wire->flow_bps = 0;
        for (uint32_t k = 0; k < wire->flow_count; k++) {
            wire->flow_bps += network->flows[wire->flows[k].flow].rate_bps;
        }
    }
}

void jw_network_share_event(jw_world *world, jw_network *network)
{
    network->is_share_pending = false;
    if (reserve(network)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory to share links among flows");
        return;
    }
    collect_seeds(network);
    bool has_joined = true;
    for (uint32_t round = 0; has_joined; round++) {
        if (solve(network)) {
            jw_world_fail(world, JW_ERROR_MEMORY, "no memory to share links among flows");
            return;
        }
        has_joined = false;
        if (round < ROUNDS_MAX) {
            uint32_t solved = network->share.fill.link_count;
            for (uint32_t i = 0; i < solved; i++) {
                has_joined |= admit(network, i);
            }
        } else {
            has_joined = admit_neighbours(network);
        }
    }
    adopt(network, jw_world_time_ns(world));
    jw_network_flow_wake(world, network);
}
