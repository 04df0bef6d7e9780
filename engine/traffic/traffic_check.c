/* The invariants, checked from outside the step: for tests and checking builds. */
#include "traffic/traffic_internal.h"

#define SLACK_M 0.02f /* float positions on lanes of some kilometres */

static bool check_track(const jw_traffic *t, uint32_t track, jw_error *error)
{
    float length = t->tracks[track].length_m;
    for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
        uint32_t slot = t->cars[p].slot;
        float pos = t->cars[p].pos_m;
        if (!(t->pool.generations[slot] & 1) || t->place_of_slot[slot] != p || t->cars[p].track != track)
            return !jw_fail(error, JW_ERROR_STATE, NULL, 0, "place %u: its vehicle %u is elsewhere", p, slot);
        if (!(pos >= 0) || pos > length + SLACK_M || !(t->cars[p].speed_mps >= 0) ||
            t->cars[p].speed_mps > 100)
            return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                            "vehicle %u on track %u: position %g of %g m, speed %g", slot, track, (double)pos,
                            (double)length, (double)t->cars[p].speed_mps);
        if (jw_is_lane(t, track) && jw_traffic_route_edge(t, slot, 0) != t->net.lane_edge[track])
            return !jw_fail(error, JW_ERROR_STATE, NULL, 0, "vehicle %u: its route is not where it is", slot);
        if (p == t->tracks[track].begin)
            continue;
        float gap = t->cars[p - 1].pos_m - jw_length_at(t, p - 1) - pos;
        if (gap < -SLACK_M)
            return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                            "track %u: vehicle %u overlaps vehicle %u ahead by %g m", track, slot,
                            t->cars[p - 1].slot, (double)-gap);
    }
    return true;
}

/* First vehicle of a track against the tail of the next one on its path, when that came the same way: from
 * another connection it may still lie beside this one, before the two merge. */
static bool check_path(const jw_traffic *t, uint32_t track, jw_error *error)
{
    if (t->tracks[track].begin == t->tracks[track].end)
        return true;
    uint32_t p = t->tracks[track].begin, next;
    if (jw_is_lane(t, track)) {
        if (t->cars[p].next == JW_NONE)
            return true;
        next = t->net.lane_count + t->cars[p].next;
    } else {
        next = t->net.ways[track - t->net.lane_count].to_lane;
    }
    if (t->tracks[next].begin == t->tracks[next].end)
        return true;
    uint32_t tail = t->tracks[next].end - 1;
    if (t->vehicles[t->cars[tail].slot].prev[0] != track)
        return true;
    float gap = t->tracks[track].length_m - t->cars[p].pos_m + t->cars[tail].pos_m - jw_length_at(t, tail);
    if (gap < -SLACK_M)
        return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                        "track %u: vehicle %u overlaps vehicle %u on track %u by %g m", track,
                        t->cars[p].slot, t->cars[tail].slot, next, (double)-gap);
    return true;
}

bool jw_traffic_is_consistent(const jw_traffic *t, jw_error *error)
{
    const jw_traffic_counts *c = &t->counts;
    uint32_t on_tracks = 0;
    for (uint32_t track = 0; track < t->net.track_count + t->net.edge_count; track++)
        on_tracks += t->tracks[track].end - t->tracks[track].begin;
    if (on_tracks != t->running || t->pool.alive_count != t->running)
        return !jw_fail(error, JW_ERROR_STATE, NULL, 0, "%u vehicles on the road, %u alive, %u on tracks",
                        t->running, t->pool.alive_count, on_tracks);
    if (c->departed != c->arrived + t->running + c->removed || c->created != c->departed + c->waiting)
        return !jw_fail(
            error, JW_ERROR_STATE, NULL, 0,
            "not conserved: created %lld waiting %lld departed %lld running %u arrived %lld removed %lld",
            (long long)c->created, (long long)c->waiting, (long long)c->departed, t->running,
            (long long)c->arrived, (long long)c->removed);
    if (c->waiting != (int64_t)t->queued + t->pending_count)
        return !jw_fail(error, JW_ERROR_STATE, NULL, 0, "%lld trips wait, %u queued, %u pending",
                        (long long)c->waiting, t->queued, t->pending_count);
    if (!jw_person_is_consistent(t, error) || !jw_stops_are_consistent(t, error) ||
        !jw_buses_are_consistent(t, error))
        return false;
    for (uint32_t track = 0; track < t->net.track_count; track++)
        if (!check_track(t, track, error) || !check_path(t, track, error))
            return false;
    return true;
}
