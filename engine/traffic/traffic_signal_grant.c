/* Priority for buses that somebody else announces. */
#include "traffic/traffic_internal.h"

#define LONGEST_NS (3600 * JW_NS_PER_S)

void jw_traffic_heed_grants(jw_traffic *t, bool is_heeding)
{
    t->signals.is_heeding = is_heeding;
    if (!is_heeding)
        t->signals.grant_count = 0;
}

jw_result jw_traffic_grant_priority(jw_world *world, jw_traffic *t, const jw_priority_grant *grant)
{
    jw_signals *signals = &t->signals;
    if (grant->connection >= t->city->connection_count || signals->net.place_of[grant->connection] == JW_NONE)
        return JW_ERROR_NOT_FOUND;
    int64_t now_ns = jw_world_time_ns(world);
    if (grant->until_ns < now_ns || grant->from_ns > grant->until_ns ||
        grant->until_ns > now_ns + LONGEST_NS || signals->grant_count >= JW_SIGNAL_GRANTS_MAX)
        return JW_ERROR_INPUT;
    if (jw_grow(&signals->grants, &signals->grant_capacity, signals->grant_count + 1ull,
                sizeof *signals->grants, NULL))
        return JW_ERROR_MEMORY;
    signals->grants[signals->grant_count++] = *grant;
    return JW_OK;
}

void jw_signals_forget_grants(jw_traffic *t, int64_t now_ns)
{
    jw_signals *signals = &t->signals;
    uint32_t kept = 0;
    for (uint32_t k = 0; k < signals->grant_count; k++)
        if (signals->grants[k].until_ns >= now_ns)
            signals->grants[kept++] = signals->grants[k];
    signals->grant_count = kept;
}

/* Lanes may be changed after the grant: what counts is the street and the junction. */
static uint32_t edge_of(const jw_traffic *t, uint32_t connection)
{
    return t->city->lanes[t->city->connections[connection].from_lane].edge;
}

bool jw_signal_heeds_bus(const jw_traffic *t, uint32_t connection, uint32_t slot)
{
    const jw_signals *signals = &t->signals;
    bool is_named = !signals->is_heeding;
    for (uint32_t k = 0; k < signals->grant_count && !is_named; k++) {
        const jw_priority_grant *grant = &signals->grants[k];
        is_named = grant->vehicle_index1 == slot + 1 && grant->from_ns <= t->now_ns &&
                   grant->vehicle_generation == t->pool.generations[slot] &&
                   edge_of(t, grant->connection) == edge_of(t, connection);
    }
    return is_named;
}

uint32_t jw_signal_announced_link(const jw_traffic *t, uint32_t programme)
{
    const jw_signals *signals = &t->signals;
    for (uint32_t k = 0; k < signals->grant_count; k++) {
        const jw_priority_grant *grant = &signals->grants[k];
        const jw_connection *way = &t->city->connections[grant->connection];
        if (grant->vehicle_index1 == 0 && grant->from_ns <= t->now_ns &&
            t->city->junctions[way->junction].programme == programme)
            return way->signal_link;
    }
    return JW_NONE;
}
