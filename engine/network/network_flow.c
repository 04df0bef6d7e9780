/* Fluid flows: from node to node along the route found at their start, at the max-min fair rate.
 *
 * What a flow has carried is lazy: (carried_bytes, rate_bps, since_ns), settled when its rate changes and at
 * each sample. Bytes are whole; the fraction below one stays with the flow, so that sums are exact.
 *
 * One heap holds what comes due: the end of a running flow, the failure of a stalled one. Only its earliest
 * entry has a kernel event: a change of a thousand rates leaves no thousand stale events behind.
 *
 * A flow keeps its route while it works. When a link of it goes down the flow stalls (rate 0) until rerouting
 * finds another way, at most message_timeout_s. Flows take no time to fill the pipe: their last byte arrives
 * when it leaves (delays of ms against transfers of seconds). */
#include "network/network_internal.h"

#include <assert.h>

#define FLOW_BYTES_MAX (INT64_C(1) << 60)
#define LOCAL_BPS      1e15 /* between two places in one node: as good as at once */

/* ---- the heap of due flows -------------------------------------------------------------------------------
 */

static bool is_due_before(const jw_network *network, uint32_t a, uint32_t b)
{
    int64_t a_ns = network->flows[a].due_ns, b_ns = network->flows[b].due_ns;
    return a_ns != b_ns ? a_ns < b_ns : a < b;
}

static void heap_put(jw_network *network, uint32_t place, uint32_t slot)
{
    network->flow_heap[place] = slot;
    network->flows[slot].heap_place = place;
}

static void heap_mend(jw_network *network, uint32_t place)
{
    uint32_t slot = network->flow_heap[place];
    while (place > 0 && is_due_before(network, slot, network->flow_heap[(place - 1) / 2])) {
        heap_put(network, place, network->flow_heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= network->flow_heap_count) {
            break;
        }
        if (child + 1 < network->flow_heap_count &&
            is_due_before(network, network->flow_heap[child + 1], network->flow_heap[child])) {
            child++;
        }
        if (!is_due_before(network, network->flow_heap[child], slot)) {
            break;
        }
        heap_put(network, place, network->flow_heap[child]);
        place = child;
    }
    heap_put(network, place, slot);
}

/* Room is made with the flow, so that this cannot fail. */
static void set_due(jw_network *network, uint32_t slot, int64_t due_ns)
{
    net_flow *flow = &network->flows[slot];
    flow->due_ns = due_ns;
    if (due_ns != NET_NEVER_NS) {
        if (flow->heap_place == JW_NONE) {
            heap_put(network, network->flow_heap_count++, slot);
        }
        heap_mend(network, flow->heap_place);
    } else if (flow->heap_place != JW_NONE) {
        uint32_t place = flow->heap_place, last = network->flow_heap[--network->flow_heap_count];
        flow->heap_place = JW_NONE;
        if (last != slot) {
            heap_put(network, place, last);
            heap_mend(network, place);
        }
    }
}

jw_result jw_network_flow_index(jw_network *network, jw_error *error)
{
    uint32_t slots = network->flow_pool.slot_count;
    if (slots > 0) {
        jw_result result = jw_grow((void **)&network->flow_heap, &network->flow_heap_capacity, slots,
                                   sizeof *network->flow_heap, error);
        if (result) {
            return result;
        }
    }
    network->flow_heap_count = 0;
    for (uint32_t i = 0; i < slots; i++) {
        network->flows[i].heap_place = JW_NONE;
        if (network->flow_pool.generations[i] & 1) {
            set_due(network, i, network->flows[i].due_ns);
        }
    }
    return JW_OK;
}

void jw_network_flow_wake(jw_world *world, jw_network *network)
{
    int64_t due_ns =
        network->flow_heap_count > 0 ? network->flows[network->flow_heap[0]].due_ns : NET_NEVER_NS;
    if (due_ns != network->flow_timer_ns) {
        network->flow_timer_ns = due_ns;
        if (due_ns != NET_NEVER_NS) {
            jw_schedule(world, due_ns, JW_PRIORITY_NORMAL, network->module, NET_EVENT_FLOW_TIMER, 0, 0);
        }
    }
}

/* ---- accounting ------------------------------------------------------------------------------------------
 */

int64_t jw_network_flow_bytes_now(const jw_network *network, uint32_t slot, int64_t now_ns,
                                  double *out_residue)
{
    const net_flow *flow = &network->flows[slot];
    double moved = flow->residue_bytes + flow->rate_bps / 8 * jw_s_from_ns(now_ns - flow->since_ns);
    double whole = jw_floor(moved);
    *out_residue = moved - whole;
    int64_t bytes = whole < 9e18 ? (int64_t)whole : INT64_MAX;
    int64_t left = flow->size_bytes > 0 ? flow->size_bytes - flow->carried_bytes : FLOW_BYTES_MAX;
    if (bytes >= left) { /* rounding at the very end */
        *out_residue = 0;
        return left;
    }
    return bytes;
}

static void account(jw_network *network, net_flow *flow, int64_t bytes)
{
    flow->carried_bytes += bytes;
    network->counts.flow_bytes_carried += bytes;
    network->delivered_bytes += bytes;
    if (flow->size_bytes == 0) {
        network->counts.flow_bytes_offered += bytes;
    }
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        uint32_t direction = flow->hops[i].direction;
        net_direction *wire = &network->links[direction / 2].directions[direction & 1];
        wire->offered_bytes[flow->kind] += bytes;
        wire->carried_bytes[flow->kind] += bytes;
        network->counts.bytes_carried[flow->kind] += bytes;
    }
}

void jw_network_flow_settle(jw_network *network, uint32_t slot, int64_t now_ns)
{
    net_flow *flow = &network->flows[slot];
    if (now_ns > flow->since_ns) {
        double residue_bytes;
        int64_t bytes = jw_network_flow_bytes_now(network, slot, now_ns, &residue_bytes);
        flow->residue_bytes = residue_bytes;
        flow->since_ns = now_ns;
        account(network, flow, bytes);
    }
}

void jw_network_flow_set_rate(jw_network *network, uint32_t slot, double rate_bps, int64_t now_ns)
{
    net_flow *flow = &network->flows[slot];
    if (flow->rate_bps == rate_bps && flow->due_ns != NET_NEVER_NS) {
        return;
    }
    jw_network_flow_settle(network, slot, now_ns);
    flow->rate_bps = rate_bps;
    int64_t due_ns = NET_NEVER_NS;
    if (flow->size_bytes > 0) {
        double left_bytes = (double)(flow->size_bytes - flow->carried_bytes) - flow->residue_bytes;
        double left_ns = jw_ceil(jw_max(left_bytes, 0) * 8e9 / rate_bps);
        due_ns = left_ns < 4e18 ? now_ns + (int64_t)left_ns : NET_NEVER_NS; /* rate 0: infinite */
    }
    set_due(network, slot, due_ns);
}

/* ---- routes ----------------------------------------------------------------------------------------------
 */

static void ask_for_shares(jw_world *world, jw_network *network)
{
    if (!network->is_share_pending) {
        network->is_share_pending = true;
        jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_LAST, network->module, NET_EVENT_SHARE, 0, 0);
    }
}

/* Room for all directions and flows that could be marked, so that marking cannot fail. */
static jw_result reserve_marks(jw_network *network, jw_error *error)
{
    uint64_t flows = (uint64_t)network->dirty_flow_count + network->flow_pool.alive_count + 1;
    jw_result result = jw_grow((void **)&network->dirty_flows, &network->dirty_flow_capacity, flows,
                               sizeof *network->dirty_flows, error);
    if (!result) {
        result = jw_grow((void **)&network->dirty_directions, &network->dirty_direction_capacity,
                         2 * (uint64_t)network->link_count + 1, sizeof *network->dirty_directions, error);
    }
    return result;
}

/* Takes the flow off its links; the others there will share what it leaves. */
static void leave_route(jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        uint32_t direction = flow->hops[i].direction;
        net_direction *wire = &network->links[direction / 2].directions[direction & 1];
        net_flow_ref last = wire->flows[--wire->flow_count];
        wire->flows[flow->hops[i].place] = last;
        network->flows[last.flow].hops[last.hop].place = flow->hops[i].place;
        wire->flow_bps = wire->flow_count > 0 ? jw_max(wire->flow_bps - flow->rate_bps, 0) : 0;
        if (flow->bottleneck == direction) {
            jw_network_share_release(wire, flow->rate_bps, flow->weight);
        }
        if (!wire->is_dirty) {
            wire->is_dirty = 1;
            network->dirty_directions[network->dirty_direction_count++] = direction;
        }
    }
    flow->hop_count = 0;
    flow->bottleneck = JW_NONE;
}

/* The flow's next hop from a node. JW_ERROR_NOT_FOUND: no way, or its link is down. */
static jw_result next_hop(const jw_network *network, const net_flow *flow, uint32_t node,
                          uint32_t *out_direction)
{
    jw_result result = jw_network_next_hop(network, node, flow->to, flow->serial, out_direction);
    bool is_there = !result && *out_direction != JW_NONE && network->links[*out_direction / 2].is_up;
    return result || is_there ? result : JW_ERROR_NOT_FOUND;
}

static uint32_t far_end(const jw_network *network, uint32_t direction)
{
    const net_link *link = &network->links[direction / 2];
    return direction & 1 ? link->from : link->to;
}

/* Lays the flow along the present route. JW_ERROR_NOT_FOUND: there is none. On failure the flow has no hops.
 */
static jw_result take_route(jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    assert(flow->hop_count == 0);
    uint32_t count = 0, direction;
    for (uint32_t node = flow->from; node != flow->to; node = far_end(network, direction), count++) {
        jw_result result = next_hop(network, flow, node, &direction);
        if (result) {
            return result;
        }
    }
    if (count > flow->hop_capacity) { /* exactly so long: most of a flow's memory is its hops */
        jw_free(flow->hops);
        flow->hop_capacity = 0;
        flow->hops = jw_alloc(count * sizeof *flow->hops);
        if (!flow->hops) {
            return JW_ERROR_MEMORY;
        }
        flow->hop_capacity = count;
    }
    uint32_t node = flow->from;
    for (uint32_t i = 0; i < count; i++, node = far_end(network, direction)) {
        jw_result result = next_hop(network, flow, node, &direction);
        net_direction *wire = result ? NULL : &network->links[direction / 2].directions[direction & 1];
        if (!result) {
            result = jw_grow((void **)&wire->flows, &wire->flow_capacity, (uint64_t)wire->flow_count + 1,
                             sizeof *wire->flows, NULL);
        }
        if (result) {
            return result;
        }
        flow->hops[i].direction = direction;
    }
    for (uint32_t i = 0; i < count; i++) {
        direction = flow->hops[i].direction;
        net_direction *wire = &network->links[direction / 2].directions[direction & 1];
        flow->hops[i].place = wire->flow_count;
        wire->flows[wire->flow_count++] = (net_flow_ref){slot, i};
    }
    flow->hop_count = count;
    return JW_OK;
}

static void mark(jw_network *network, uint32_t slot)
{
    if (!network->flows[slot].is_dirty) {
        network->flows[slot].is_dirty = 1;
        network->dirty_flows[network->dirty_flow_count++] = slot;
    }
}

/* On the road, or stalled until rerouting or failure. */
static jw_result start_or_stall(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    jw_result result = take_route(network, slot);
    if (result == JW_OK && flow->from == flow->to) { /* inside one node nothing is shared */
        flow->is_stalled = 0;
        double rate_bps = flow->cap_bps > 0 ? flow->cap_bps : LOCAL_BPS;
        jw_network_flow_set_rate(network, slot, rate_bps, jw_world_time_ns(world));
    } else if (result == JW_OK) {
        flow->is_stalled = 0;
        set_due(network, slot, NET_NEVER_NS); /* until it has its share */
        mark(network, slot);
        ask_for_shares(world, network);
    } else if (result == JW_ERROR_NOT_FOUND && !flow->is_stalled) {
        flow->is_stalled = 1;
        set_due(network, slot, jw_world_time_ns(world) + network->message_timeout_ns);
        result = JW_OK;
    }
    return result == JW_ERROR_NOT_FOUND ? JW_OK : result;
}

void jw_network_flows_stall(jw_world *world, jw_network *network, uint32_t link)
{
    int64_t now_ns = jw_world_time_ns(world);
    if (reserve_marks(network, NULL)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for stalled flows");
        return;
    }
    for (int i = 0; i < 2; i++) {
        net_direction *wire = &network->links[link].directions[i];
        while (wire->flow_count > 0) {
            uint32_t slot = wire->flows[wire->flow_count - 1].flow;
            net_flow *flow = &network->flows[slot];
            jw_network_flow_settle(network, slot, now_ns);
            leave_route(network, slot);
            flow->rate_bps = 0;
            flow->is_stalled = 1;
            set_due(network, slot, now_ns + network->message_timeout_ns);
        }
    }
    ask_for_shares(world, network);
    jw_network_flow_wake(world, network);
}

void jw_network_flows_reroute(jw_world *world, jw_network *network)
{
    jw_result result = reserve_marks(network, NULL);
    for (uint32_t i = 0; i < network->flow_pool.slot_count && !result; i++) {
        if ((network->flow_pool.generations[i] & 1) && network->flows[i].is_stalled) {
            network->flows[i].since_ns = jw_world_time_ns(world);
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
    if (flow->hop_count > 0) {
        leave_route(network, slot);
        ask_for_shares(world, network);
    }
    flow->is_dirty = 0;
    set_due(network, slot, NET_NEVER_NS);
    jw_pool_give(&network->flow_pool, slot);
}

void jw_network_flow_timer_event(jw_world *world, jw_network *network, int64_t time_ns)
{
    if (network->flow_timer_ns != time_ns) {
        return; /* another one is due earlier, or was */
    }
    network->flow_timer_ns = NET_NEVER_NS;
    while (network->flow_heap_count > 0 && network->flows[network->flow_heap[0]].due_ns <= time_ns) {
        uint32_t slot = network->flow_heap[0];
        net_flow *flow = &network->flows[slot];
        bool is_finished = !flow->is_stalled;
        uint64_t tag = flow->tag;
        if (reserve_marks(network, NULL)) {
            jw_world_fail(world, JW_ERROR_MEMORY, "no memory to end a flow");
            return;
        }
        if (is_finished) {
            account(network, flow, flow->size_bytes - flow->carried_bytes);
            network->counts.flows_finished++;
        } else {
            network->counts.flows_failed++;
        }
        end_flow(world, network, slot);
        void (*port)(jw_world *, uint64_t) =
            is_finished ? network->ports.flow_finished : network->ports.flow_failed;
        if (port) {
            port(world, tag);
        }
    }
    jw_network_flow_wake(world, network);
}

jw_result jw_network_start_flow(jw_world *world, jw_network *network, const jw_flow_def *def, jw_flow_id *out,
                                jw_error *error)
{
    uint32_t from = jw_network_node_slot(network, def->from), to = jw_network_node_slot(network, def->to);
    if (from == JW_NONE || to == JW_NONE) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a flow needs two nodes of this network as its ends");
    }
    bool is_range_ok = def->size_bytes >= 0 && def->size_bytes <= FLOW_BYTES_MAX && def->rate_cap_bps >= 0 &&
                       def->rate_cap_bps <= 1e15 && def->weight >= 0 && def->weight <= 1e6 &&
                       def->kind < JW_TRAFFIC_KIND_COUNT;
    if (!is_range_ok || (def->size_bytes == 0 && def->rate_cap_bps == 0)) {
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "a flow has 0 to 2^60 bytes, a cap of 0 to 1e15 bit/s (above 0 for a stream without end), a "
            "weight of 0 to 1e6 and a known kind");
    }
    uint32_t slot, generation;
    uint64_t needed = (uint64_t)network->flow_pool.alive_count + 1;
    jw_result result =
        jw_grow((void **)&network->flows, &network->flow_capacity, needed, sizeof *network->flows, error);
    if (!result) {
        result = jw_grow((void **)&network->flow_heap, &network->flow_heap_capacity, needed, sizeof(uint32_t),
                         error);
    }
    if (!result) {
        result = reserve_marks(network, error);
    }
    if (!result) {
        result = jw_pool_take(&network->flow_pool, &slot, &generation, error);
    }
    if (result) {
        return result;
    }
    net_flow *flow = &network->flows[slot];
    int64_t now_ns = jw_world_time_ns(world);
    *flow = (net_flow){.tag = def->tag,
                       .serial = network->next_serial++,
                       .from = from,
                       .to = to,
                       .size_bytes = def->size_bytes,
                       .cap_bps = def->rate_cap_bps,
                       .weight = def->weight == 0 ? 1 : def->weight,
                       .since_ns = now_ns,
                       .due_ns = NET_NEVER_NS,
                       .bottleneck = JW_NONE,
                       .kind = def->kind,
                       .hops = flow->hops,
                       .hop_capacity = flow->hop_capacity,
                       .heap_place = JW_NONE};
    result = start_or_stall(world, network, slot);
    if (result) {
        jw_pool_give(&network->flow_pool, slot);
        return jw_fail_memory(error);
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
    if (reserve_marks(network, NULL)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory to stop a flow");
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
    return is_alive ? network->flows[id.index1 - 1].rate_bps : 0;
}

int64_t jw_network_flow_remaining_bytes(const jw_world *world, const jw_network *network, jw_flow_id id)
{
    if (!jw_pool_is_alive(&network->flow_pool, id.index1, id.generation)) {
        return 0;
    }
    const net_flow *flow = &network->flows[id.index1 - 1];
    double residue_bytes;
    int64_t bytes =
        jw_network_flow_bytes_now(network, id.index1 - 1, jw_world_time_ns(world), &residue_bytes);
    return flow->size_bytes > 0 ? flow->size_bytes - flow->carried_bytes - bytes : 0;
}
