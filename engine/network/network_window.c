/* TCP as a cap on a flow's rate.
 *
 * Opening takes a round trip before the first byte (SYN and its answer, RFC 9293 3.5); a flow that finds no
 * way at its start, or another one after a failure, has an open connection then. Slow start: a window of ten
 * segments (RFC 6928) a round trip, that doubles each round trip (RFC 5681 3.1, every segment acknowledged)
 * until a link holds the flow, its own cap or its losses do: from then on it has its fair share. In fluid
 * what k rounds carry is w (2^k - 1), as in Cardwell, Savage and Anderson (INFOCOM 2000) with their gamma
 * of 2.
 *
 * Losses: where the links of its way lose p of the segments, it gets no more in the mean than the throughput
 * equation of Padhye, Firoiu, Towsley and Kurose (SIGCOMM 1998), as in RFC 5348 3.1 with its timeout of four
 * round trips and every segment acknowledged. For small p it is the square root law of Mathis et al. (1997).
 * The round trip is that of the way without queues; retransmitted bytes are not carried twice. */
#include "network/network_internal.h"

#define SEGMENT_BYTES        1460.0               /* of Ethernet */
#define INITIAL_WINDOW_BYTES (10 * SEGMENT_BYTES) /* RFC 6928 section 2 */
#define LARGEST_BPS          1e15                 /* a rate above is none */

double jw_tcp_rate_bps(double round_trip_s, double loss)
{
    double congestion_s = round_trip_s * jw_sqrt(2 * loss / 3);
    double timeout_s =
        4 * round_trip_s * jw_min(1, 3 * jw_sqrt(3 * loss / 8)) * loss * (1 + 32 * loss * loss);
    return SEGMENT_BYTES * 8 / (congestion_s + timeout_s);
}

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

/* Of the flow's losses; infinite without any. */
static double loss_limit_bps(const jw_network *network, const net_flow *flow)
{
    double kept = 1;
    const uint32_t *hops = jw_network_flow_hops(network, flow);
    for (uint32_t i = 0; i < flow->hop_count; i++) {
        kept *= 1 - network->links[hops[i] / 2].def.loss;
    }
    return jw_tcp_rate_bps(2 * jw_s_from_ns(jw_network_flow_delay_ns(network, flow)), 1 - kept);
}

void jw_network_window_open(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    double round_trip_s = 2 * jw_s_from_ns(jw_network_flow_delay_ns(network, flow));
    flow->window_bps = 0;
    if (flow->is_tcp && flow->hop_count > 0) {
        double limit_bps = loss_limit_bps(network, flow);
        flow->window_bps = jw_min(INITIAL_WINDOW_BYTES * 8 / round_trip_s, limit_bps);
        if (flow->window_bps < limit_bps) {
            wait_a_round(world, network, slot);
        }
    }
}

jw_result jw_network_window_grow(jw_world *world, jw_network *network, uint32_t slot)
{
    net_flow *flow = &network->flows[slot];
    int64_t now_ns = jw_world_time_ns(world);
    const net_bundle *own = &network->bundles[flow->bundle];
    bool is_held =
        own->bottleneck != JW_NONE || own->level < jw_network_bundle_cap(network, own) * (1 - 1e-9);
    double limit_bps = loss_limit_bps(network, flow), window_bps = 2 * flow->window_bps;
    if (is_held || window_bps >= limit_bps || (flow->cap_bps > 0 && window_bps >= flow->cap_bps)) {
        flow->window_bps = limit_bps < LARGEST_BPS ? limit_bps : 0;
    } else {
        flow->window_bps = window_bps;
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
