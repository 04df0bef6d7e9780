/* TCP's slow start, as a cap on a flow's rate: a window of ten segments (RFC 6928) a round trip, that doubles
 * each round trip (RFC 5681 3.1, every segment acknowledged) until a link holds the flow or its own cap does:
 * from then on it has its fair share. In fluid what k rounds carry is w (2^k - 1), as in Cardwell, Savage and
 * Anderson (INFOCOM 2000) with their gamma of 2. The round trip is that of the way without queues; losses do
 * not shrink the window, and the connection is open already: their terms for both are not here. */
#include "network/network_internal.h"

#define INITIAL_WINDOW_BYTES (10 * 1460) /* RFC 6928 section 2, segments of Ethernet */

int64_t jw_network_flow_delay_ns(const jw_network *network, const net_flow *flow)
{
    int64_t delay_ns = 0;
    const uint32_t *hops = jw_network_flow_hops(network, flow);
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        delay_ns += network->links[hops[i] / 2].delay_ns;
    }
    return delay_ns;
}

double jw_network_flow_cap_bps(const net_flow *flow)
{
    if (flow->window_bps == 0 || flow->cap_bps == 0) {
        return flow->window_bps + flow->cap_bps;
    }
    return jw_min(flow->window_bps, flow->cap_bps);
}

static void wait_a_round(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    jw_network_flow_wait(world, network, slot,
                         jw_world_time_ns(world) + 2 * jw_network_flow_delay_ns(network, flow));
}

void jw_network_window_open(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    double round_trip_s = 2 * jw_s_from_ns(jw_network_flow_delay_ns(network, flow));
    flow->window_bps = 0;
    if (flow->has_slow_start && flow->hop_count > 0) {
        flow->window_bps = INITIAL_WINDOW_BYTES * 8 / round_trip_s;
        wait_a_round(world, network, slot);
    }
}

jw_result jw_network_window_grow(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    int64_t now_ns = jw_world_time_ns(world);
    const net_bundle *own = &network->bundles[flow->bundle];
    bool is_held =
        own->bottleneck != JW_NONE || own->level < jw_network_bundle_cap(network, own) * (1 - 1e-9);
    flow->window_bps *= 2;
    if (is_held || (flow->cap_bps > 0 && flow->window_bps >= flow->cap_bps)) {
        flow->window_bps = 0;
    } else {
        wait_a_round(world, network, slot);
    }
    uint32_t bundle;
    jw_network_flow_settle(network, slot, now_ns);
    jw_result result = jw_network_bundle_reserve(network, slot, now_ns, &bundle);
    if (!result) {
        jw_network_bundle_leave(network, slot, now_ns);
        jw_network_bundle_join(network, slot, bundle, now_ns);
    }
    return result;
}
