/* Who passed the end of an edge, when, and on whose behalf: a list for whoever asked, no state. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define PASSAGES_MAX 50000000u

void jw_counters_free(jw_counters *c)
{
    jw_free(c->is_counted);
    jw_free(c->passages);
    memset(c, 0, sizeof *c);
}

jw_result jw_traffic_count_passages(jw_traffic *t, const uint32_t *edges, uint32_t count, jw_error *error)
{
    jw_counters *c = &t->counters;
    jw_counters_free(c);
    if (!count)
        return JW_OK;
    c->is_counted = jw_alloc(t->net.edge_count);
    if (!c->is_counted)
        return jw_fail_memory(error);
    for (uint32_t k = 0; k < count; k++) {
        if (edges[k] >= t->net.edge_count) {
            jw_counters_free(c);
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "edge %u does not exist: the city has %u",
                           edges[k], t->net.edge_count);
        }
        c->is_counted[edges[k]] = 1;
    }
    return JW_OK;
}

uint32_t jw_traffic_passages(const jw_traffic *t, const jw_passage **out)
{
    *out = t->counters.passages;
    return t->counters.count;
}

static void note(jw_world *world, jw_traffic *t, uint32_t track, const jw_vehicle *v)
{
    jw_counters *c = &t->counters;
    if (!jw_is_lane(t, track) || !c->is_counted[t->net.lane_edge[track]])
        return;
    if (c->count == PASSAGES_MAX ||
        jw_grow(&c->passages, &c->capacity, c->count + 1ull, sizeof *c->passages, NULL)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the passages that are counted");
        return;
    }
    c->passages[c->count++] = (jw_passage){.time_ns = jw_world_time_ns(world),
                                           .tag = v->tag,
                                           .edge = t->net.lane_edge[track],
                                           .vehicle_class = v->vehicle_class};
}

uint32_t jw_traffic_tracks_passed(const jw_traffic *t, const jw_order *order, uint32_t out[4])
{
    const jw_vehicle *v = &t->vehicles[order->slot];
    uint32_t old_track = t->cars[t->place_of_slot[order->slot]].track, count = 1;
    bool has_arrived = order->fate == JW_FATE_ARRIVES; /* its last track counts as left, too */
    out[0] = old_track;
    if (!has_arrived && order->track == old_track)
        return 1;
    if (v->prev[0] != old_track && v->prev[1] != old_track)
        out[count++] = v->prev[1];
    if (v->prev[0] != old_track)
        out[count++] = v->prev[0];
    if (!has_arrived)
        out[count++] = order->track;
    return count;
}

void jw_counters_note(jw_world *world, jw_traffic *t, const jw_order *order)
{
    uint32_t tracks[4], count = jw_traffic_tracks_passed(t, order, tracks);
    for (uint32_t k = 0; k + 1 < count; k++) /* where it is now it did not pass the end */
        note(world, t, tracks[k], &t->vehicles[order->slot]);
}
