/* Gaps: whom one would meet in a junction, by the city's conflict matrix. The times at which both would be in
 * the zone are estimated from distance, speed and acceleration.
 *
 *   windows     drivers of the Krauss model, SUMO's, judge gaps as SUMO's do (Krajzewicz, Erdmann, Road
 *               Intersection Model in SUMO, 2013): who must yield passes when it will have left its whole way
 *               through the junction a second before the other comes to the junction, or comes when the other
 *               has left it. The longer one stands, the more one counts on the others' braking. Where the
 *               city names a waiting place on the way through (wait_m), one drives up to it and asks there.
 *
 * Nobody waits for ever out of politeness: of vehicles that stand and give way to one another the one that
 * waited longest goes, the lower slot at equal times. */
#include "traffic/traffic_junction.h"

#define MERGE_S          0.1f /* of its own way that the priority vehicle keeps behind who merges before it */
#define MERGE_BRAKE_MPS2 3.0f
#define BEHIND_S         0.35f /* after the priority vehicle has left */
#define POLITE_S         2.0f  /* standing so long before the order of waiting counts */
#define COURTESY_MPS     2.5f
#define COURTESY_S       20.0f
#define STUCK_S          30.0f
#define JAMMED_S         4.0f   /* not held, but standing: in a jam */
#define WINDOW_S         1.0f   /* SUMO's jmTimegapMinor */
#define IMPATIENCE_S     180.0f /* SUMO's time-to-impatience */
#define BRAKING_S        30.0f  /* later at most comes who can stop and brakes for an impatient one */

/* Seconds to cover a distance from speed v, accelerating to at most `most`. */
static float time_over(float distance_m, float v, float accel, float most)
{
    if (distance_m <= 0)
        return 0;
    if (v >= most)
        return distance_m / v;
    float end = jw_sqrtf_exact(v * v + 2 * accel * distance_m);
    if (end <= most)
        return 2 * distance_m / (v + end);
    float run_up = (most * most - v * v) / (2 * accel);
    return (most - v) / accel + (distance_m - run_up) / most;
}

static float speed_after(float distance_m, float v, float accel, float most)
{
    float end = jw_sqrtf_exact(v * v + 2 * accel * jw_maxf(distance_m, 0));
    return v >= most ? v : jw_minf(end, most);
}

/* Seconds until i has gone so far, beyond its entry, at the latest: who comes too fast for its way slows down
 * up to it. */
static float own_time(const jw_asker *i, float distance_m)
{
    if (i->speed_mps <= i->most_mps || i->to_entry_m <= 0)
        return time_over(distance_m, i->speed_mps, i->accel_mps2, i->most_mps);
    return 2 * i->to_entry_m / (i->speed_mps + i->most_mps) + (distance_m - i->to_entry_m) / i->most_mps;
}

static bool waited_longer(const jw_traffic *t, const jw_asker *i, uint32_t other)
{
    float wait = t->cars[other].wait_s;
    return i->wait_s > wait || (i->wait_s == wait && i->slot < t->cars[other].slot);
}

static float accel_of(const jw_traffic *t, uint32_t place)
{
    return jw_type_at(t, place)->accel_mps2;
}

/* Would i, taking its way now, meet the foe whose front is d_m before the zone? */
static bool meet(const jw_traffic *t, const jw_asker *i, const jw_conflict *zone, uint32_t foe, float d_m,
                 float foe_most_mps)
{
    float v = t->cars[foe].speed_mps, a = accel_of(t, foe), length = jw_length_at(t, foe);
    float zone_m = zone->foe_end_m - zone->foe_begin_m;
    float begin = i->to_entry_m + zone->begin_m, end = i->to_entry_m + zone->end_m;
    float foe_in = time_over(d_m, v, a, foe_most_mps);
    float own_in = time_over(begin, i->speed_mps, i->accel_mps2, i->most_mps);
    /* It will not go faster than it does for my sake: gone at the latest then. */
    float foe_gone = (d_m + zone_m + length) / jw_maxf(v, 2) + i->margin * BEHIND_S;
    if (zone->is_merge) {
        /* In front of the foe: it must have room to fall in behind, both adapting their speeds (2 m/s2 of
         * braking, and the own acceleration). */
        float own_end = own_time(i, end);
        float own_v = jw_minf(speed_after(end, i->speed_mps, i->accel_mps2, i->most_mps), i->most_mps);
        float foe_v = speed_after(d_m + zone_m, v, a, foe_most_mps), faster = jw_maxf(foe_v - own_v, 0);
        float need_m =
            i->length_m + 2 + MERGE_S * foe_v + faster * faster / (2 * (i->accel_mps2 + MERGE_BRAKE_MPS2));
        float foe_end = time_over(d_m + zone_m, v, a, foe_most_mps);
        bool is_before = own_end + i->margin * (i->merge_s + need_m / jw_maxf(foe_v, 1)) < foe_end;
        return !is_before && foe_gone > own_in;
    }
    float own_out = own_time(i, end + i->length_m);
    return own_out + i->margin * i->cross_s > foe_in && foe_gone > own_in;
}

/* ---- room behind the junction ----------------------------------------------------------------------------
 */

/* Road promised to those on their way to the lane through the junction. */
static float reserved_m(const jw_traffic *t, uint32_t lane)
{
    float sum_m = 0;
    for (uint32_t k = t->net.lane_in_first[lane]; k < t->net.lane_in_first[lane + 1]; k++) {
        uint32_t track = t->net.lane_count + t->net.lane_in[k];
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++)
            sum_m += jw_strip_queue_m(t, p);
    }
    return sum_m;
}

bool jw_junction_has_room(const jw_traffic *t, uint32_t lane, const jw_traffic_type *type)
{
    float room = t->tracks[lane].length_m, behind = 0;
    float need = jw_minf(type->length_m + type->min_gap_m, room);
    bool is_jammed = false;
    /* From the tail forward: those who still move will close up to the first who stands. */
    for (uint32_t p = t->tracks[lane].end; p-- > t->tracks[lane].begin;) {
        if (t->cars[p].speed_mps < JW_QUEUE_MPS && t->cars[p].accel_mps2 < 0.5f) {
            room = t->cars[p].pos_m - jw_length_at(t, p);
            is_jammed = true;
            break;
        }
        behind += jw_strip_queue_m(t, p);
        if (behind > 200)
            return true;
    }
    return !is_jammed || room - behind - reserved_m(t, lane) >= need;
}

/* ---- gaps
 * --------------------------------------------------------------------------------------------------
 */

/* When and how fast somebody comes to its way through a junction and leaves it. */
typedef struct window {
    float in_s, out_s, in_mps, out_mps;
} window;

static window window_of(float to_entry_m, float way_m, float length_m, float v, float accel, float lane_mps,
                        float way_mps)
{
    window w = {.in_s = time_over(to_entry_m, v, accel, lane_mps),
                .in_mps = speed_after(to_entry_m, v, accel, lane_mps)};
    w.in_mps = jw_minf(w.in_mps, way_mps);
    w.out_mps = speed_after(way_m, w.in_mps, accel, way_mps);
    w.out_s = w.in_s + (way_m + length_m) / jw_maxf(0.5f * (w.in_mps + w.out_mps), 0.1f);
    return w;
}

static bool is_unsafe_merge(float ahead_mps, float ahead_mps2, float behind_mps, float behind_mps2)
{
    return ahead_mps * ahead_mps / ahead_mps2 <= behind_mps * behind_mps / behind_mps2;
}

/* The same as meet, by windows: the foe's front is to_line_m before the junction. */
static bool meet_by_windows(const jw_traffic *t, const jw_asker *i, const jw_conflict *zone, uint32_t foe,
                            float to_line_m)
{
    const jw_connection *own = &t->city->connections[i->connection];
    const jw_traffic_type *type = jw_type_at(t, i->place), *foe_type = jw_type_at(t, foe);
    uint32_t foe_track = t->net.lane_count + zone->foe;
    float inside_m = own->wait_m, v = t->cars[foe].speed_mps;
    window mine = window_of(i->to_entry_m + inside_m, (float)own->length_m - inside_m, i->length_m,
                            i->speed_mps, type->accel_mps2,
                            jw_wished_speed(t, i->place, t->net.ways[i->connection].from_lane), i->most_mps);
    window its = window_of(to_line_m, t->tracks[foe_track].length_m, foe_type->length_m, v,
                           foe_type->accel_mps2, jw_wished_speed(t, foe, t->net.ways[zone->foe].from_lane),
                           jw_wished_speed(t, foe, foe_track));
    bool can_brake = to_line_m >= jw_brake_gap(foe_type, v);
    float b = type->decel_mps2, foe_b = foe_type->decel_mps2, its_in_s = its.in_s;
    if (mine.in_s < its.in_s && can_brake) { /* it is expected to brake a little from my coming on */
        float impatience = jw_minf(i->wait_s / IMPATIENCE_S, 1), ahead_s = its.in_s - mine.in_s;
        float slower = impatience * foe_b * ahead_s, lost_m = 0.5f * slower * ahead_s;
        its_in_s += impatience * jw_minf(lost_m / jw_maxf(its.in_mps - slower, 0.1f), BRAKING_S);
    }
    if (its.out_s < mine.in_s) /* behind it */
        return zone->is_merge &&
               (mine.in_s - its.out_s < WINDOW_S || is_unsafe_merge(its.out_mps, foe_b, mine.in_mps, b));
    if (its_in_s > mine.out_s + WINDOW_S) /* before it */
        return zone->is_merge && is_unsafe_merge(mine.out_mps, b, can_brake ? 0 : its.in_mps, foe_b);
    return true;
}

/* Would i, taking its way now, meet the foe that comes towards the junction, to_line_m before it? */
static bool meet_coming(const jw_traffic *t, const jw_asker *i, const jw_conflict *zone, uint32_t foe,
                        float to_line_m, float foe_most_mps)
{
    return i->is_by_windows ? meet_by_windows(t, i, zone, foe, to_line_m)
                            : meet(t, i, zone, foe, to_line_m + zone->foe_begin_m, foe_most_mps);
}

/* Whether somebody who stands cannot move, whatever the junction says: close behind another who stands, or
 * without room behind the junction. */
static bool is_held_up(const jw_traffic *t, uint32_t place, uint32_t connection)
{
    const jw_car *car = &t->cars[place];
    const jw_track *track = &t->tracks[car->track];
    const jw_traffic_type *type = jw_type_at(t, place);
    float gap_m = JW_FAR, ahead_mps = 0, close_m = type->min_gap_m + 0.5f;
    uint32_t ahead = jw_strip_ahead(t, car->track, place, jw_strip_cover(t, car, car->track), JW_FAR);
    if (ahead != JW_NONE) {
        gap_m = t->cars[ahead].pos_m - jw_length_at(t, ahead) - car->pos_m;
        ahead_mps = t->cars[ahead].speed_mps;
    } else {
        const jw_track *way = &t->tracks[t->net.lane_count + connection];
        gap_m = track->overhang_m - car->pos_m;
        ahead_mps = track->overhang_mps;
        if (way->begin != way->end) {
            const jw_car *tail = &t->cars[way->end - 1];
            float to_tail_m = track->length_m - car->pos_m + tail->pos_m - t->types[tail->type].length_m;
            if (to_tail_m < gap_m) {
                gap_m = to_tail_m;
                ahead_mps = tail->speed_mps;
            }
        }
    }
    return (gap_m < close_m && ahead_mps < JW_STOPPED_MPS) ||
           !jw_junction_has_room(t, t->net.ways[connection].to_lane, type);
}

/* May i pass over the foe, who gives way or cannot move? */
static bool may_ignore(const jw_traffic *t, const jw_asker *i, uint32_t foe, uint32_t foe_connection)
{
    bool has_priority = t->shown[foe_connection] == 'G' || !t->net.ways[foe_connection].yields;
    /* In slow traffic one lets in who has waited, and out who is inside already; the longer, the more
     * readily. */
    if (!i->is_by_windows && t->cars[foe].speed_mps < COURTESY_MPS &&
        (i->to_entry_m < 0 || (i->is_standing && i->wait_s > COURTESY_S)))
        return true;
    if (t->cars[foe].speed_mps > JW_STOPPED_MPS)
        return false;
    uint8_t permit = t->cars[foe].permit;
    if (i->is_by_windows && is_held_up(t, foe, foe_connection))
        return true;
    if (i->is_by_windows && has_priority)
        return false;
    if (permit == JW_PERMIT_BLOCKED || (permit != JW_PERMIT_HELD && t->cars[foe].wait_s > JAMMED_S))
        return true;
    return permit == JW_PERMIT_HELD &&
           (i->is_going || (i->is_standing && i->wait_s > POLITE_S && waited_longer(t, i, foe)));
}

/* Foes on the conflicting connection itself. */
static bool blocked_inside(const jw_traffic *t, const jw_asker *i, const jw_conflict *zone)
{
    uint32_t track = t->net.lane_count + zone->foe;
    bool is_clearing = t->shown[zone->foe] == 'r' || t->shown[zone->foe] == 'y';
    for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
        float v = t->cars[p].speed_mps, to_clear = zone->foe_end_m + jw_length_at(t, p) - t->cars[p].pos_m;
        float d = zone->foe_begin_m - t->cars[p].pos_m;
        if (to_clear <= 0)
            continue;
        if (d <= 0) {
            if (zone->is_merge)
                continue; /* followed like a leader */
            if (t->cars[p].permit == JW_PERMIT_BLOCKED && v < JW_STOPPED_MPS)
                continue; /* waits at the corner of a left turn in two stages: one drives round it */
            float own_in = time_over(i->to_entry_m + zone->begin_m, i->speed_mps, i->accel_mps2, i->most_mps);
            if (!i->is_by_windows && v > 0.5f && to_clear / v + i->margin * BEHIND_S < own_in)
                continue;
            if (v < JW_STOPPED_MPS && i->is_standing && i->wait_s > STUCK_S && t->cars[p].wait_s > STUCK_S)
                continue; /* drives round it: else a ring of such waits would never end */
            return true;
        }
        bool cannot_stop = v * v > 2 * 5.0f * d, gives_way = i->is_protected || !zone->must_yield;
        gives_way &= !jw_junction_is_all_stop(t, i->connection);
        if (!cannot_stop &&
            ((gives_way && (!is_clearing || i->is_clearing)) || may_ignore(t, i, p, zone->foe)))
            continue;
        if (meet(t, i, zone, p, d, t->tracks[track].limit_mps))
            return true;
    }
    return false;
}

/* Foes that come from further back, over a short lane: their way is known from their route. */
static bool blocked_upstream(const jw_traffic *t, const jw_asker *i, const jw_conflict *zone, uint32_t lane,
                             float horizon_s)
{
    uint32_t target = t->net.lane_edge[t->net.ways[zone->foe].to_lane];
    float most = t->tracks[lane].limit_mps * 1.1f, lane_m = t->tracks[lane].length_m;
    for (uint32_t k = t->net.lane_in_first[lane]; k < t->net.lane_in_first[lane + 1]; k++) {
        uint32_t c = t->net.lane_in[k], track = t->net.lane_count + c, back = t->net.ways[c].from_lane;
        float track_m = t->tracks[track].length_m;
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
            if (jw_traffic_route_edge(t, t->cars[p].slot, 2) != target ||
                t->cars[p].permit == JW_PERMIT_HELD || may_ignore(t, i, p, zone->foe))
                continue;
            if (meet_coming(t, i, zone, p, track_m - t->cars[p].pos_m + lane_m, most))
                return true;
        }
        float back_m = t->tracks[back].length_m;
        for (uint32_t p = t->tracks[back].begin; p < t->tracks[back].end; p++) {
            float d = back_m - t->cars[p].pos_m + track_m + lane_m;
            if (d > horizon_s * most || t->cars[p].permit >= JW_PERMIT_HELD || may_ignore(t, i, p, zone->foe))
                break;
            if (t->cars[p].next == c && jw_traffic_route_edge(t, t->cars[p].slot, 2) == target &&
                meet_coming(t, i, zone, p, d, most))
                return true;
        }
    }
    return false;
}

/* Foes that approach on the conflicting connection's lane. */
static bool blocked_by_approach(const jw_traffic *t, const jw_asker *i, const jw_conflict *zone)
{
    uint32_t lane = t->net.ways[zone->foe].from_lane;
    char shown = (char)t->shown[zone->foe];
    float length = t->tracks[lane].length_m, most = t->tracks[lane].limit_mps * 1.1f;
    float horizon_s = own_time(i, i->to_entry_m + zone->end_m + i->length_m) + 8.0f;
    bool is_closed = shown == 'r' || shown == 'y', has_wheels = t->tracks[lane].wheels != 0;
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++) {
        float d = length - t->cars[p].pos_m;
        uint8_t permit = t->cars[p].permit;
        if (d > horizon_s * most)
            return false;
        bool is_foe = t->cars[p].next == zone->foe;
        if (i->is_siren && permit != JW_PERMIT_GO)
            continue;
        if ((is_closed && permit != JW_PERMIT_GO) ||
            (!is_foe && t->cars[p].speed_mps < JW_STOPPED_MPS && permit >= JW_PERMIT_HELD) ||
            (is_foe && may_ignore(t, i, p, zone->foe))) { /* it stops, and whoever is behind it */
            if (!has_wheels)
                return false;
            continue;
        }
        if (!is_foe)
            continue;
        if (meet_coming(t, i, zone, p, d, most))
            return true;
    }
    return !is_closed && !i->is_siren && length < horizon_s * most &&
           blocked_upstream(t, i, zone, lane, horizon_s);
}

/* All have a stop sign: is it the turn of the one who stands first on the foe's lane? */
static bool is_before_in_turn(const jw_traffic *t, const jw_asker *i, const jw_conflict *zone)
{
    const jw_track *lane = &t->tracks[t->net.ways[zone->foe].from_lane];
    if (lane->begin == lane->end)
        return false;
    const jw_car *first = &t->cars[lane->begin];
    if (first->next != zone->foe || first->permit == JW_PERMIT_BLOCKED)
        return false;
    /* Whoever halts in this step counts, whether or not it was asked before. */
    if (!first->has_halted && !jw_junction_stands_at_line(first, lane->length_m - first->pos_m))
        return false;
    bool is_going = first->permit == JW_PERMIT_GO;
    return is_going != i->is_going ? is_going : !waited_longer(t, i, lane->begin);
}

float jw_gap_first_blocked_m(const jw_traffic *t, const jw_asker *i)
{
    const jw_way *way = &t->net.ways[i->connection];
    uint64_t inside = t->inside[way->junction];
    bool is_in_turn = jw_junction_is_all_stop(t, i->connection) && i->to_entry_m >= 0 && !i->is_siren;
    bool must_yield = ((way->yields || i->is_siren) && !i->is_protected && !i->is_clearing) || is_in_turn;
    if (must_yield &&
        i->is_by_windows) /* not any more behind the junction's line, or behind the waiting place */
        must_yield = -i->to_entry_m <= t->city->connections[i->connection].wait_m;
    if (!must_yield && !(way->foes & inside))
        return JW_FAR; /* nobody there, and whoever comes gives way */
    const jw_connection *connection = &t->city->connections[i->connection];
    uint32_t first = t->net.junction_first[way->junction];
    for (uint32_t k = 0; k < connection->conflict_count; k++) {
        const jw_conflict *zone = &t->city->conflicts[connection->first_conflict + k];
        float to_zone = i->to_entry_m + zone->begin_m;
        if (zone->begin_m >= i->until_m)
            break;
        if (to_zone < 0)
            continue; /* in it or past it */
        if (zone->is_merge && way->rule == JW_RULE_ZIPPER && t->net.ways[zone->foe].rule == JW_RULE_ZIPPER)
            continue; /* in the order of the following model */
        uint32_t bit = zone->foe - first < 63 ? zone->foe - first : 63;
        if ((inside >> bit & 1) && blocked_inside(t, i, zone))
            return zone->begin_m;
        if (is_in_turn && jw_junction_is_all_stop(t, zone->foe)) {
            if (is_before_in_turn(t, i, zone))
                return zone->begin_m;
            continue;
        }
        if (!(zone->must_yield || i->is_siren) || !must_yield)
            continue;
        const jw_track *lane = &t->tracks[t->net.ways[zone->foe].from_lane];
        if (lane->begin == lane->end && lane->length_m > 150)
            continue;
        if (blocked_by_approach(t, i, zone))
            return zone->begin_m;
    }
    return JW_FAR;
}
