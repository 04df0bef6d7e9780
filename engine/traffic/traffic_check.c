/* The invariants, checked from outside the step: for tests and checking builds. */
#include "traffic/traffic_strip.h"

#define SLACK_M 0.02f /* float positions on lanes of some kilometres */

static bool check_track(const jw_traffic *t, uint32_t track, jw_error *error)
{
    float length = t->tracks[track].length_m;
    uint32_t last[5] = {JW_NONE, JW_NONE, JW_NONE, JW_NONE, JW_NONE},
             wheels = 0; /* last: the one ahead, by strip */
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
        wheels += t->cars[p].strip || t->cars[p].is_siren;
        if (t->cars[p].is_siren != (jw_class_at(t, p) == JW_VEHICLE_EMERGENCY) ||
            (t->cars[p].is_aside && (t->cars[p].speed_mps >= JW_STOPPED_MPS || !jw_is_lane(t, track))))
            return !jw_fail(error, JW_ERROR_STATE, NULL, 0, "vehicle %u: no siren, or not aside", slot);
        if (t->cars[p].strip > t->tracks[track].strips ||
            (t->cars[p].strip != 0) != (jw_type_at(t, p)->is_narrow != 0) ||
            (p > t->tracks[track].begin && !jw_strip_is_ahead(&t->cars[p - 1], &t->cars[p])))
            return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                            "track %u: vehicle %u: out of order, or no such strip: %u", track, slot,
                            t->cars[p].strip);
        uint32_t cover = jw_strip_cover(t, &t->cars[p], track);
        for (uint32_t k = 0; k < 5; k++) {
            if (!(cover >> k & 1))
                continue;
            float gap = last[k] == JW_NONE ? JW_FAR : t->cars[last[k]].pos_m - jw_length_at(t, last[k]) - pos;
            if (gap < -SLACK_M)
                return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                                "track %u: vehicle %u overlaps vehicle %u ahead by %g m", track, slot,
                                t->cars[last[k]].slot, (double)-gap);
            last[k] = p;
        }
    }
    if (wheels != t->tracks[track].wheels)
        return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                        "track %u: %u two-wheelers and emergency vehicles, not %u", track, wheels,
                        t->tracks[track].wheels);
    return true;
}

/* Whether the tail on `track` of one who has left it may lie beside these strips of it: the way on was
 * narrower.
 */
static bool was_beside(const jw_traffic *t, const jw_car *car, uint32_t track, uint32_t cover)
{
    uint32_t strips = t->tracks[car->track].strips;
    return !(cover & jw_strip_cover(t, car, track)) ||
           (car->strip == strips && strips < t->tracks[track].strips);
}

/* First vehicles of a track against the tails of the next one on their path, strip by strip, when these came
 * the same way: from another connection they may still lie beside them, before the two merge. */
static bool check_path(const jw_traffic *t, uint32_t track, jw_error *error)
{
    uint32_t seen = 0, all = ((1u << t->tracks[track].strips) - 1) | JW_STRIP_CORRIDOR;
    for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end && seen != all; p++) {
        uint32_t cover = jw_strip_cover(t, &t->cars[p], track), next = t->cars[p].next;
        bool is_first = !(cover & seen);
        seen |= cover;
        if (!is_first || (jw_is_lane(t, track) && next == JW_NONE))
            continue;
        next = jw_is_lane(t, track) ? t->net.lane_count + next : t->net.ways[next].to_lane;
        uint32_t tail = jw_strip_tail(t, next, &t->cars[p], JW_FAR);
        if (tail == JW_NONE || t->vehicles[t->cars[tail].slot].prev[0] != track ||
            was_beside(t, &t->cars[tail], track, cover))
            continue;
        float gap =
            t->tracks[track].length_m - t->cars[p].pos_m + t->cars[tail].pos_m - jw_length_at(t, tail);
        if (gap < -SLACK_M)
            return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                            "track %u: vehicle %u overlaps vehicle %u on track %u by %g m", track,
                            t->cars[p].slot, t->cars[tail].slot, next, (double)-gap);
    }
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
        !jw_buses_are_consistent(t, error) || !jw_walk_is_consistent(t, error))
        return false;
    for (uint32_t track = 0; track < t->net.track_count; track++)
        if (!check_track(t, track, error) || !check_path(t, track, error))
            return false;
    return true;
}
