/* Fluid flows: from node to node along the route found at their start, at the max-min fair rate.
 *
 * What a flow has carried is lazy: its bundle's service tells what is left. It is settled, in whole bytes, at
 * each sample and when the flow leaves the bundle. Of all ends that come due only the earliest has a kernel
 * event: a change of a thousand rates leaves no thousand stale events behind.
 *
 * A flow keeps its route while it works. When a link of it goes down the flow stalls (rate 0) until rerouting
 * finds another way, at most message_timeout_s. Flows take no time to fill the pipe: their last byte arrives
 * when it leaves (delays of ms against transfers of seconds). */
#include "network/network_internal.h"

#include <assert.h>
#include <string.h>

void jw_network_flow_wake(jw_world *world, jw_network *network)
{
    uint32_t slot;
    int64_t due_ns = jw_network_due_first(&network->due, &slot);
    if (due_ns != network->flow_timer_ns) {
        network->flow_timer_ns = due_ns;
        if (due_ns != NET_NEVER_NS) {
            jw_schedule(world, due_ns, JW_PRIORITY_NORMAL, network->module, NET_EVENT_FLOW_TIMER, 0, 0);
        }
    }
}

/* ---- accounting ------------------------------------------------------------------------------------------
 */

int64_t jw_network_flow_bytes_now(const jw_network *network, uint32_t slot, int64_t now_ns)
{
    const net_flow *flow = &network->flows[slot];
    if (flow->bundle == JW_NONE) {
        return 0;
    }
    double service = jw_network_bundle_service(&network->bundles[flow->bundle], now_ns);
    double moved = (double)flow->size_bytes + (service - flow->finish) * flow->weight / 8;
    int64_t bytes = moved < 4e18 ? (int64_t)jw_max(moved, 0) - flow->carried_bytes : INT64_MAX;
    int64_t left = (flow->size_bytes > 0 ? flow->size_bytes : NET_FLOW_BYTES_MAX) - flow->carried_bytes;
    return bytes < 0 ? 0 : bytes < left ? bytes : left; /* rounding at its ends */
}

static void account(jw_network *network, net_flow *flow, int64_t bytes)
{
    flow->carried_bytes += bytes;
    network->counts.flow_bytes_carried += bytes;
    network->delivered_bytes += bytes;
    if (flow->size_bytes == 0) {
        network->counts.flow_bytes_offered += bytes;
    }
    const uint32_t *hops = jw_network_flow_hops(network, flow);
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        net_direction *direction = &network->links[hops[i] / 2].directions[hops[i] & 1];
        direction->offered_bytes[flow->kind] += bytes;
        direction->carried_bytes[flow->kind] += bytes;
    }
    network->counts.bytes_carried[flow->kind] += bytes * flow->hop_count;
}

void jw_network_flow_settle(jw_network *network, uint32_t slot, int64_t now_ns)
{
    account(network, &network->flows[slot], jw_network_flow_bytes_now(network, slot, now_ns));
}

double jw_network_direction_bps(const jw_network *network, uint32_t direction)
{
    const net_wire *wire = &network->wires[direction];
    double sum_bps = wire->is_live ? wire->flow_bps : 0;
    for (uint32_t i = 0; i < wire->flow_count && !wire->is_live; i++) {
        const net_flow *flow = &network->flows[wire->flows[i]];
        sum_bps += network->bundles[flow->bundle].level * flow->weight;
    }
    return sum_bps;
}

/* ---- routes ----------------------------------------------------------------------------------------------
 */

/* When something is marked. */
static void ask_for_shares(jw_world *world, jw_network *network)
{
    uint32_t marks = network->dirty_bundle_count + network->dirty_direction_count + network->rising_count;
    if (!network->is_share_pending && marks > 0) {
        network->is_share_pending = true;
        jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_LAST, network->module, NET_EVENT_SHARE, 0, 0);
    }
}

jw_result jw_network_reserve_wires(jw_network *network, uint64_t links, jw_error *error)
{
    uint64_t directions = 2 * links + 1;
    jw_result result =
        jw_grow((void **)&network->wires, &network->wire_capacity, directions, sizeof *network->wires, error);
    if (!result) {
        result = jw_grow((void **)&network->dirty_directions, &network->dirty_direction_capacity, directions,
                         sizeof *network->dirty_directions, error);
    }
    if (!result) {
        result = jw_grow((void **)&network->share.changed, &network->share.changed_capacity, directions,
                         sizeof *network->share.changed, error);
    }
    return result ? result
                  : jw_grow((void **)&network->rising, &network->rising_capacity, directions,
                            sizeof *network->rising, error);
}

/* Takes the flow off its links; the others there will share what it leaves. */
static void leave_route(jw_network *network, uint32_t slot, int64_t now_ns)
{
    net_flow *flow = &network->flows[slot];
    const uint32_t *hops = jw_network_flow_hops(network, flow), *places = hops + flow->hop_count;
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        net_wire *wire = &network->wires[hops[i]];
        uint32_t last = wire->flows[--wire->flow_count];
        wire->flows[places[i]] = last;
        uint32_t *other = jw_network_flow_hops(network, &network->flows[last]), k = 0;
        while (other[k] != hops[i]) {
            k++;
        }
        other[network->flows[last].hop_count + k] = places[i];
    }
    if (flow->bundle != JW_NONE) {
        jw_network_bundle_leave(network, slot, now_ns);
    }
    jw_network_block_give(&network->blocks, flow->hops, 2 * flow->hop_count);
    flow->hops = flow->hop_count = 0;
}

/* The flow's next hop from a node. JW_ERROR_NOT_FOUND: no way, or its link is down. */
static jw_result next_hop(const jw_network *network, const net_flow *flow, uint32_t node,
                          uint32_t *out_direction)
{
    jw_result result = jw_network_next_hop(network, node, flow->to, flow->serial, out_direction);
    bool is_there = !result && *out_direction != JW_NONE && network->wires[*out_direction].is_up;
    return result || is_there ? result : JW_ERROR_NOT_FOUND;
}

/* Finds the present route and room for the flow on it. JW_ERROR_NOT_FOUND: there is none. On failure the flow
 * has no hops. */
static jw_result find_route(jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    assert(flow->hop_count == 0);
    uint32_t count = 0, direction;
    jw_result result = jw_grow((void **)&network->touched, &network->touched_capacity, network->node_count,
                               sizeof *network->touched, NULL); /* ways have no loops */
    for (uint32_t node = flow->from; node != flow->to && !result;) {
        result = next_hop(network, flow, node, &direction);
        if (result) {
            break;
        }
        net_wire *wire = &network->wires[direction];
        if (wire->flow_count == wire->flow_capacity) {
            result = jw_network_grow_tightly(&wire->flows, &wire->flow_capacity,
                                             (uint64_t)wire->flow_count + 1, sizeof *wire->flows);
        }
        network->touched[count++] = direction;
        node = wire->to;
    }
    if (!result) {
        result = jw_network_block_take(&network->blocks, 2 * count, &flow->hops);
    }
    if (!result && count > 0) {
        memcpy(jw_network_flow_hops(network, flow), network->touched, count * sizeof *network->touched);
        flow->hop_count = count;
    }
    return result;
}

/* A way found that is not taken. */
static void forget_route(jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    jw_network_block_give(&network->blocks, flow->hops, 2 * flow->hop_count);
    flow->hops = flow->hop_count = 0;
}

/* Lays the flow along the present route. JW_ERROR_NOT_FOUND: there is none; JW_ERROR_LIMIT: it is full. */
static jw_result take_route(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    int64_t now_ns = jw_world_time_ns(world);
    uint32_t bundle;
    jw_result result = find_route(network, slot);
    const uint32_t *hops = jw_network_flow_hops(network, flow);
    for (uint32_t i = 0; i < flow->hop_count && !result; i++) {
        uint32_t most = network->links[hops[i] / 2].def.max_flows;
        result = most > 0 && network->wires[hops[i]].flow_count >= most ? JW_ERROR_LIMIT : JW_OK;
    }
    if (!result) {
        jw_network_window_open(world, network, slot);
        result = jw_network_bundle_reserve(network, slot, now_ns, &bundle);
    }
    if (result) {
        forget_route(network, slot);
        return result;
    }
    uint32_t *way = jw_network_flow_hops(network, flow), *places = way + flow->hop_count;
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        net_wire *wire = &network->wires[way[i]];
        places[i] = wire->flow_count;
        wire->flows[wire->flow_count++] = slot;
    }
    jw_network_bundle_join(network, slot, bundle, now_ns);
    return JW_OK;
}

void jw_network_flow_wait(jw_world *world, jw_network *network, uint32_t slot, int64_t due_ns)
{
    network->flows[slot].due_ns = due_ns;
    jw_schedule(world, due_ns, JW_PRIORITY_NORMAL, network->module, NET_EVENT_FLOW_DUE, slot,
                network->flow_pool.generations[slot]);
}

/* Without a way: until rerouting, at most message_timeout_s. */
static void stall(jw_world *world, jw_network *network, uint32_t slot)
{
    network->flows[slot].phase = NET_FLOW_STALLED;
    jw_network_flow_wait(world, network, slot, jw_world_time_ns(world) + network->message_timeout_ns);
}

/* On the road, or stalled until rerouting or failure. JW_ERROR_MEMORY. */
static jw_result start_or_stall(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    flow->due_ns = flow->phase == NET_FLOW_STALLED ? flow->due_ns : NET_NEVER_NS;
    jw_result result = take_route(world, network, slot);
    if (result == JW_OK) {
        flow->phase = NET_FLOW_RUNNING;
        ask_for_shares(world, network);
    } else if (result != JW_ERROR_MEMORY && flow->phase != NET_FLOW_STALLED) {
        stall(world, network, slot);
    }
    return result == JW_ERROR_MEMORY ? result : JW_OK;
}

void jw_network_flows_stall(jw_world *world, jw_network *network, uint32_t link)
{
    int64_t now_ns = jw_world_time_ns(world);
    for (uint32_t i = 0; i < 2; i++) {
        net_wire *wire = &network->wires[2 * link + i];
        while (wire->flow_count > 0) {
            uint32_t slot = wire->flows[wire->flow_count - 1];
            jw_network_flow_settle(network, slot, now_ns);
            leave_route(network, slot, now_ns);
            stall(world, network, slot);
        }
    }
    ask_for_shares(world, network);
    jw_network_flow_wake(world, network);
}

void jw_network_flows_reroute(jw_world *world, jw_network *network)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < network->flow_pool.slot_count && !result; i++) {
        if ((network->flow_pool.generations[i] & 1) && network->flows[i].phase == NET_FLOW_STALLED) {
            result = start_or_stall(world, network, i);
        }
    }
    if (result) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory to reroute flows");
    }
    jw_network_flow_wake(world, network);
}

/* ---- birth and death -------------------------------------------------------------------------------------
 */

static void end_flow(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    if (flow->size_bytes > 0) {
        network->counts.flow_bytes_dropped += flow->size_bytes - flow->carried_bytes;
    }
    if (flow->bundle != JW_NONE) {
        leave_route(network, slot, jw_world_time_ns(world));
        ask_for_shares(world, network);
    }
    jw_pool_give(&network->flow_pool, slot);
}

void jw_network_flow_timer_event(jw_world *world, jw_network *network, int64_t time_ns)
{
    if (network->flow_timer_ns != time_ns) {
        return; /* another one is due earlier, or was */
    }
    network->flow_timer_ns = NET_NEVER_NS;
    for (uint32_t bundle; jw_network_due_first(&network->due, &bundle) <= time_ns;) {
        uint32_t slot = network->bundles[bundle].first;
        net_flow *flow = &network->flows[slot];
        uint64_t tag = flow->tag;
        account(network, flow, flow->size_bytes - flow->carried_bytes);
        network->counts.flows_finished++;
        end_flow(world, network, slot);
        if (network->ports.flow_finished) {
            network->ports.flow_finished(world, tag);
        }
    }
    jw_network_flow_wake(world, network);
}

static void fail_flow(jw_world *world, jw_network *network, uint32_t slot)
{
    uint64_t tag = network->flows[slot].tag;
    network->counts.flows_failed++;
    end_flow(world, network, slot);
    if (network->ports.flow_failed) {
        network->ports.flow_failed(world, tag);
    }
}

void jw_network_flow_due_event(jw_world *world, jw_network *network, uint32_t slot, uint64_t generation)
{
    net_flow *flow = &network->flows[slot];
    if (!jw_pool_is_alive(&network->flow_pool, slot + 1, (uint32_t)generation) ||
        flow->due_ns != jw_world_time_ns(world)) {
        return;
    }
    jw_result result = JW_OK;
    if (flow->phase == NET_FLOW_STALLED) {
        fail_flow(world, network, slot);
    } else if (flow->phase == NET_FLOW_DELAYED) {
        result = start_or_stall(world, network, slot);
    } else if (flow->window_bps > 0) {
        result = jw_network_window_grow(world, network, slot);
        ask_for_shares(world, network);
    }
    if (result) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for a flow");
    }
    jw_network_flow_wake(world, network);
}

/* At once, or when its connection is open and its first byte has come all the way. JW_ERROR_LIMIT,
 * JW_ERROR_MEMORY. */
static jw_result begin_flow(jw_world *world, jw_network *network, uint32_t slot, bool has_delay)
{
    net_flow *flow = &network->flows[slot];
    int ways = 2 * flow->is_tcp + has_delay; /* until then */
    jw_result result = ways > 0 ? find_route(network, slot) : take_route(world, network, slot);
    if (result == JW_ERROR_NOT_FOUND) {
        stall(world, network, slot);
        return JW_OK;
    }
    if (!result && ways > 0) {
        int64_t delay_ns = ways * jw_network_flow_delay_ns(network, flow);
        forget_route(network, slot);
        flow->phase = NET_FLOW_DELAYED;
        jw_network_flow_wait(world, network, slot, jw_world_time_ns(world) + delay_ns);
    } else if (!result) {
        ask_for_shares(world, network);
    }
    return result;
}

jw_result jw_network_start_flow(jw_world *world, jw_network *network, const jw_flow_def *def, jw_flow_id *out,
                                jw_error *error)
{
    uint32_t from = jw_network_node_slot(network, def->from), to = jw_network_node_slot(network, def->to);
    if (from == JW_NONE || to == JW_NONE) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a flow needs two nodes of this network as its ends");
    }
    bool is_range_ok = def->size_bytes >= 0 && def->size_bytes <= NET_FLOW_BYTES_MAX &&
                       def->rate_cap_bps >= 0 && def->rate_cap_bps <= 1e15 && def->weight >= 0 &&
                       def->weight <= 1e6 && def->kind < JW_TRAFFIC_KIND_COUNT;
    if (!is_range_ok || (def->size_bytes == 0 && def->rate_cap_bps == 0)) {
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "a flow has 0 to 2^60 bytes, a cap of 0 to 1e15 bit/s (above 0 for a stream without end), a "
            "weight of 0 to 1e6 and a known kind");
    }
    uint32_t slot, generation;
    uint64_t needed = (uint64_t)network->flow_pool.alive_count + 1;
    jw_result result =
        jw_network_grow_tightly(&network->flows, &network->flow_capacity, needed, sizeof *network->flows);
    if (!result) {
        result = jw_network_pool_reserve(&network->flow_pool);
    }
    if (!result) {
        result = jw_pool_take(&network->flow_pool, &slot, &generation, error);
    }
    if (result) {
        return result == JW_ERROR_MEMORY ? jw_fail_memory(error) : result;
    }
    net_flow *flow = &network->flows[slot];
    *flow = (net_flow){.tag = def->tag,
                       .serial = network->next_serial++,
                       .from = from,
                       .to = to,
                       .size_bytes = def->size_bytes,
                       .cap_bps = def->rate_cap_bps,
                       .weight = def->weight == 0 ? 1 : def->weight,
                       .due_ns = NET_NEVER_NS,
                       .bundle = JW_NONE,
                       .kind = def->kind,
                       .is_tcp = def->is_tcp};
    flow->finish = (double)def->size_bytes * 8 / flow->weight;
    result = begin_flow(world, network, slot, def->has_delay);
    if (result) {
        jw_pool_give(&network->flow_pool, slot);
        network->counts.flows_refused += result == JW_ERROR_LIMIT;
        return result == JW_ERROR_MEMORY
                   ? jw_fail_memory(error)
                   : jw_fail(error, result, NULL, 0, "the flow is refused: a link of its way is full");
    }
    network->counts.flows_started++;
    network->counts.flow_bytes_offered += def->size_bytes;
    jw_network_flow_wake(world, network);
    if (out) {
        *out = (jw_flow_id){slot + 1, generation};
    }
    return JW_OK;
}

void jw_network_stop_flow(jw_world *world, jw_network *network, jw_flow_id id)
{
    if (!jw_pool_is_alive(&network->flow_pool, id.index1, id.generation)) {
        return;
    }
    jw_network_flow_settle(network, id.index1 - 1, jw_world_time_ns(world));
    network->counts.flows_stopped++;
    end_flow(world, network, id.index1 - 1);
    jw_network_flow_wake(world, network);
}

double jw_network_flow_rate_bps(const jw_network *network, jw_flow_id id)
{
    bool is_alive = jw_pool_is_alive(&network->flow_pool, id.index1, id.generation);
    const net_flow *flow = is_alive ? &network->flows[id.index1 - 1] : NULL;
    return flow && flow->bundle != JW_NONE ? network->bundles[flow->bundle].level * flow->weight : 0;
}

int64_t jw_network_flow_remaining_bytes(const jw_world *world, const jw_network *network, jw_flow_id id)
{
    if (!jw_pool_is_alive(&network->flow_pool, id.index1, id.generation)) {
        return 0;
    }
    const net_flow *flow = &network->flows[id.index1 - 1];
    int64_t bytes = jw_network_flow_bytes_now(network, id.index1 - 1, jw_world_time_ns(world));
    return flow->size_bytes > 0 ? flow->size_bytes - flow->carried_bytes - bytes : 0;
}
