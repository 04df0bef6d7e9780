/* Junctions. A vehicle near the end of its lane asks to enter the connection it will take; what it gets is a
 * position that it must not pass yet (`hold`), which the following model treats as a standing obstacle.
 *
 *   signal      red: stop. Amber: stop when that needs no more than comfortable braking.
 *   sight       out of a minor way one sees who comes only a few metres before the line: until then one
 *               drives so that one could stop.
 *   stop signs  ask for a halt at the line first.
 *   foes        by the city's conflict matrix: whoever must yield needs a gap. The times at which both
 *               would be in the zone are estimated from distance, speed and acceleration; 'G' is protected
 *               from what approaches, nobody is protected from what already stands in the zone.
 *   keep clear  connections that cross others or give way are entered only when there is room behind the
 *               junction.
 *   inside      every zone ahead is asked for again: left turners wait in the middle for their gap.
 *
 *   windows     drivers of the Krauss model, SUMO's, judge gaps as SUMO's do (Krajzewicz, Erdmann, Road
 *               Intersection Model in SUMO, 2013): who must yield passes when it will have left its whole way
 *               through the junction a second before the other comes to the junction, or comes when the other
 *               has left it. The longer one stands, the more one counts on the others' braking. Where the
 *               city names a waiting place on the way through (wait_m), one drives up to it and asks there.
 *
 *   walkers       on a crossing ahead: see traffic_walk_cross.c
 *
 * Nobody waits for ever out of politeness: of vehicles that stand and give way to one another the one that
 * waited longest goes, the lower slot at equal times. The margins below make queues at yield and stop signs
 * discharge as HCM's critical and follow-up headways say; the tests measure it. */
#include "traffic/traffic_siren.h"

#define MAJOR_S          1.0f /* between leaving a zone and the priority vehicle's arrival */
#define SIGNAL_S         0.5f /* the same, at a signal that shows both green */
#define MINOR_S          2.8f /* the same, out of a minor road */
#define MINOR_LEFT_S     1.8f /* before who is merged with, when turning left out of it */
#define MINOR_RIGHT_S    0.6f /* the same, turning right or into a roundabout */
#define MERGE_S          0.1f /* of its own way that the priority vehicle keeps behind who merges before it */
#define MERGE_BRAKE_MPS2 3.0f
#define DECIDED          0.4f /* of these margins is left for who has decided: not to be doubted at every step */
#define BEHIND_S         0.35f /* after the priority vehicle has left */
#define POLITE_S         2.0f  /* standing so long before the order of waiting counts */
#define COURTESY_MPS     2.5f
#define COURTESY_S       20.0f
#define STUCK_S          30.0f
#define JAMMED_S         4.0f /* not held, but standing: in a jam */
#define SIGHT_M          4.5f /* before the line of a minor way one sees who comes, and decides: SUMO's */
#define HALT_M           3.0f /* before the line one stands at it */
#define QUEUE_PLACE_M    9.0f /* the second in the queue stands so far before it */
#define STOP_SHORT_M     0.5f
#define WAIT_INSIDE_M    4.0f   /* room before a zone that makes waiting inside worth it */
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

/* The one who asks. */
typedef struct asker {
    uint32_t place, connection;
    float to_entry_m; /* from its front to the connection's beginning; < 0: on it */
    float speed_mps, accel_mps2, most_mps, length_m, wait_s;
    float margin, cross_s, merge_s; /* of MERGE_S, MAJOR_S or MINOR_S */
    float until_m;                  /* zones from there on are not asked for yet */
    uint32_t slot;
    bool is_protected; /* 'G': what approaches gives way */
    bool is_clearing;  /* inside while its signal is not green any more: the others let it out */
    bool is_standing;
    bool is_going; /* was allowed to in the step before */
    bool is_by_windows;
    bool is_siren; /* others let it go first, on red as well: see traffic_siren.h */
} asker;

/* Seconds until i has gone so far, beyond its entry, at the latest: who comes too fast for its way slows down
 * up to it. */
static float own_time(const asker *i, float distance_m)
{
    if (i->speed_mps <= i->most_mps || i->to_entry_m <= 0)
        return time_over(distance_m, i->speed_mps, i->accel_mps2, i->most_mps);
    return 2 * i->to_entry_m / (i->speed_mps + i->most_mps) + (distance_m - i->to_entry_m) / i->most_mps;
}

static bool is_all_stop(const jw_traffic *t, uint32_t connection)
{
    return t->net.ways[connection].rule == JW_RULE_ALL_STOP && t->shown[connection] == 0;
}

static bool waited_longer(const jw_traffic *t, const asker *i, uint32_t other)
{
    float wait = t->cars[other].wait_s;
    return i->wait_s > wait || (i->wait_s == wait && i->slot < t->cars[other].slot);
}

static float accel_of(const jw_traffic *t, uint32_t place)
{
    return jw_type_at(t, place)->accel_mps2;
}

/* Would i, taking its way now, meet the foe whose front is d_m before the zone? */
static bool meet(const jw_traffic *t, const asker *i, const jw_conflict *zone, uint32_t foe, float d_m,
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

static bool has_room(const jw_traffic *t, uint32_t lane, const jw_traffic_type *type)
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
static bool meet_by_windows(const jw_traffic *t, const asker *i, const jw_conflict *zone, uint32_t foe,
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
static bool meet_coming(const jw_traffic *t, const asker *i, const jw_conflict *zone, uint32_t foe,
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
           !has_room(t, t->net.ways[connection].to_lane, type);
}

/* May i pass over the foe, who gives way or cannot move? */
static bool may_ignore(const jw_traffic *t, const asker *i, uint32_t foe, uint32_t foe_connection)
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
static bool blocked_inside(const jw_traffic *t, const asker *i, const jw_conflict *zone)
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
        gives_way &= !is_all_stop(t, i->connection);
        if (!cannot_stop &&
            ((gives_way && (!is_clearing || i->is_clearing)) || may_ignore(t, i, p, zone->foe)))
            continue;
        if (meet(t, i, zone, p, d, t->tracks[track].limit_mps))
            return true;
    }
    return false;
}

/* Foes that come from further back, over a short lane: their way is known from their route. */
static bool blocked_upstream(const jw_traffic *t, const asker *i, const jw_conflict *zone, uint32_t lane,
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
static bool blocked_by_approach(const jw_traffic *t, const asker *i, const jw_conflict *zone)
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
static bool is_before_in_turn(const jw_traffic *t, const asker *i, const jw_conflict *zone)
{
    const jw_track *lane = &t->tracks[t->net.ways[zone->foe].from_lane];
    if (lane->begin == lane->end)
        return false;
    const jw_car *first = &t->cars[lane->begin];
    if (first->next != zone->foe || !first->has_halted || first->permit == JW_PERMIT_BLOCKED)
        return false;
    bool is_going = first->permit == JW_PERMIT_GO;
    return is_going != i->is_going ? is_going : !waited_longer(t, i, lane->begin);
}

/* Position along the connection of the first zone that i must not enter now; JW_FAR: all clear. */
static float first_blocked_zone(const jw_traffic *t, const asker *i)
{
    const jw_way *way = &t->net.ways[i->connection];
    uint64_t inside = t->inside[way->junction];
    bool is_in_turn = is_all_stop(t, i->connection) && i->to_entry_m >= 0 && !i->is_siren;
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
        if (is_in_turn && is_all_stop(t, zone->foe)) {
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

/* ---- asking ----------------------------------------------------------------------------------------------
 */

static asker make_asker(const jw_traffic *t, uint32_t place, uint32_t connection, float to_entry_m)
{
    const jw_traffic_type *type = jw_type_at(t, place);
    const jw_connection *c = &t->city->connections[connection];
    bool is_minor = t->shown[connection] == 0 && c->rank > 1;
    return (asker){.place = place,
                   .connection = connection,
                   .to_entry_m = to_entry_m,
                   .speed_mps = t->cars[place].speed_mps,
                   .accel_mps2 = type->accel_mps2 * 0.9f,
                   .most_mps = jw_wished_speed(t, place, t->net.lane_count + connection),
                   .length_m = type->length_m,
                   .wait_s = t->cars[place].wait_s,
                   .margin = to_entry_m < 0 ? DECIDED : 1,
                   .cross_s = is_minor                      ? MINOR_S
                              : t->shown[connection] == 'g' ? SIGNAL_S
                                                            : MAJOR_S,
                   .merge_s = !is_minor                 ? 0
                              : c->turn == JW_TURN_LEFT ? MINOR_LEFT_S
                                                        : MINOR_RIGHT_S,
                   .until_m = JW_FAR,
                   .slot = t->cars[place].slot,
                   .is_standing = t->cars[place].speed_mps < JW_STOPPED_MPS,
                   .is_siren = t->cars[place].is_siren,
                   .is_going = t->cars[place].permit == JW_PERMIT_GO,
                   .is_by_windows = type->model == JW_FOLLOW_KRAUSS};
}

/* How far along its way somebody whose way is blocked from `zone_m` on may drive in and wait; 0: not at all.
 */
static float waiting_place(const jw_traffic *t, uint32_t connection, float zone_m)
{
    const jw_connection *c = &t->city->connections[connection];
    if (t->city->junctions[c->junction].id != 0)
        return zone_m >= c->wait_m ? c->wait_m : 0;
    return t->shown[connection] == 'g' && zone_m >= WAIT_INSIDE_M ? zone_m : 0;
}

/* Whether it can still stop within so many metres, braking with decel_mps2. A Krauss driver brakes step by
 * step with its own, and keeps to that. */
static bool can_stop(const jw_traffic_type *type, float speed_mps, float room_m, float decel_mps2)
{
    if (type->model == JW_FOLLOW_KRAUSS)
        return jw_brake_gap(type, speed_mps) <= room_m;
    return speed_mps * speed_mps <= 2 * decel_mps2 * jw_maxf(room_m, 0.05f);
}

/* From where on one sees who comes, and need not be able to stop any more. At a signal all see each other. */
static float sight_m(const jw_traffic_type *type, char shown)
{
    return type->model != JW_FOLLOW_KRAUSS && shown == 'g' ? JW_FAR : SIGHT_M;
}

/* Whether a stop sign still asks for a halt. Who crept up behind another that halted has halted: so queues
 * discharge at stop signs in fact. */
static bool must_halt(jw_traffic *t, uint32_t place, uint32_t connection, float left_m)
{
    jw_car *car = &t->cars[place];
    uint8_t rule = t->net.ways[connection].rule;
    if (t->shown[connection] || (rule != JW_RULE_STOP && rule != JW_RULE_ALL_STOP))
        return false;
    bool has_crept = rule == JW_RULE_STOP && car->speed_mps < JW_QUEUE_MPS && left_m > HALT_M + 2 &&
                     left_m < QUEUE_PLACE_M;
    if (has_crept || (car->speed_mps < JW_STOPPED_MPS && left_m < HALT_M))
        car->has_halted = true;
    return !car->has_halted;
}

/* Sets hold and permit of a vehicle at the end of its lane; true when it goes. */
static bool ask_to_enter(jw_traffic *t, uint32_t place, float length_m)
{
    uint32_t c = t->cars[place].next;
    float left = length_m - t->cars[place].pos_m, v = t->cars[place].speed_mps;
    const jw_traffic_type *type = jw_type_at(t, place);
    bool is_too_late = !can_stop(type, v, left - STOP_SHORT_M, 1.2f * type->decel_mps2);
    char shown = (char)t->shown[c];
    t->cars[place].new_permit = JW_PERMIT_BLOCKED;
    t->cars[place].hold_m = length_m - STOP_SHORT_M;
    bool was_going = t->cars[place].permit == JW_PERMIT_GO;
    bool has_wheels = t->tracks[t->cars[place].track].wheels != 0;
    bool is_siren = t->cars[place].is_siren;
    if (shown == 'r' && !(was_going && is_too_late) && !is_siren)
        return false;
    if (!is_siren && jw_siren_is_any(t) &&
        (t->cars[place].is_aside || (!is_too_late && (t->cars[place].yields || jw_siren_claims(t, c)))))
        return false;
    if (shown == 'y' && !is_siren && can_stop(type, v, left - STOP_SHORT_M, jw_maxf(type->decel_mps2, 3.0f)))
        return false;
    float walkers_m = jw_walk_stop_m(t, place, c, -left);
    if (walkers_m < type->length_m + STOP_SHORT_M && !is_too_late)
        return false; /* he would wait before them with his tail on the lane */
    float further_m = t->city->connections[c].wait_m; /* it may still stop there */
    if (was_going && v > 3 && !can_stop(type, v, left + further_m - STOP_SHORT_M, 1.2f * type->decel_mps2)) {
        t->cars[place].new_permit = JW_PERMIT_GO;
        t->cars[place].hold_m = walkers_m < JW_FAR ? length_m + walkers_m - STOP_SHORT_M : JW_FAR;
        return true;
    }
    bool is_two_stage = t->city->connections[c].second != JW_NONE;
    if (is_two_stage && !jw_strip_has_corner(t, c))
        return false;
    if (!is_two_stage && (t->net.ways[c].crosses || t->net.ways[c].yields) && !is_siren &&
        !has_room(t, t->net.ways[c].to_lane, type))
        return false;
    bool is_blind = (shown == 0 || shown == 'g') && t->net.ways[c].yields && (further_m > 0 || !was_going) &&
                    left + further_m > sight_m(type, shown);
    if (!is_siren && (must_halt(t, place, c, left) || (is_blind && further_m == 0) ||
                      (has_wheels && jw_strip_gives_way(t, place)))) {
        t->cars[place].new_permit = JW_PERMIT_HELD;
        return false;
    }
    asker i = make_asker(t, place, c, left);
    i.is_protected = shown == 'G';
    i.until_m = is_two_stage ? further_m : JW_FAR;
    if (was_going)
        i.margin = DECIDED;
    float zone = first_blocked_zone(t, &i);
    if (is_blind && !is_siren)
        zone = jw_minf(zone, further_m);
    float wait_m = zone < JW_FAR ? waiting_place(t, c, zone) : 0;
    if (zone < JW_FAR && wait_m == 0) {
        t->cars[place].new_permit = JW_PERMIT_HELD;
        return false;
    }
    t->cars[place].new_permit = JW_PERMIT_GO;
    t->cars[place].hold_m = is_two_stage    ? length_m + further_m
                            : zone < JW_FAR ? length_m + wait_m - STOP_SHORT_M
                                            : JW_FAR;
    t->cars[place].hold_m = jw_minf(t->cars[place].hold_m, length_m + walkers_m - STOP_SHORT_M);
    return true;
}

static void ask_from_lane(jw_traffic *t, uint32_t lane)
{
    float length = t->tracks[lane].length_m;
    uint32_t open =
        ((1u << t->tracks[lane].strips) - 1) | JW_STRIP_CORRIDOR; /* strips on which nobody ahead waits */
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end && open; p++) {
        jw_car *car = &t->cars[p];
        uint32_t cover = t->tracks[lane].wheels ? jw_strip_cover(t, car, lane) : open;
        float v = car->speed_mps, left = length - car->pos_m;
        bool is_open = false;
        if (cover & ~open) {
            is_open = false;                    /* asks when those ahead have gone */
        } else if (car->stop >= JW_STOP_HERE) { /* nobody passes it before it has served its stop */
            car->new_permit = JW_PERMIT_BLOCKED;
        } else if (left > v * v / (2 * jw_type_at(t, p)->decel_mps2) + 1.5f * v + 8) {
            is_open = false;
        } else if (car->next != JW_NONE) {
            is_open = ask_to_enter(t, p, length);
        } else if (!car->is_last) {
            car->hold_m = length - STOP_SHORT_M; /* this lane does not lead there */
            car->new_permit = JW_PERMIT_BLOCKED;
        } else {
            is_open = true;
        }
        if (!is_open)
            open &= ~cover;
    }
    if (t->riders && t->tracks[lane].strips > 1)
        jw_strip_keep_clear(t, lane, length - STOP_SHORT_M);
}

/* On a left turn in two stages: true when it must wait for the second; else it asks for all the rest. */
static bool wait_at_corner(jw_traffic *t, uint32_t p, uint32_t c, float wait_m, asker *i)
{
    uint8_t shown = t->shown[t->city->connections[c].second];
    bool is_closed = shown == 'r' || shown == 'y';
    if (t->cars[p].pos_m > wait_m || !is_closed) { /* with those who go straight on */
        i->is_protected = shown == 'G';
        i->is_clearing = is_closed;
        return false;
    }
    i->until_m = wait_m;
    float zone = first_blocked_zone(t, i);
    wait_m = jw_minf(wait_m, jw_minf(zone - STOP_SHORT_M, t->cars[p].hold_m));
    t->cars[p].hold_m = jw_maxf(wait_m, t->cars[p].pos_m);
    /* Others need not wait for who waits at the corner. */
    t->cars[p].new_permit = i->is_standing ? JW_PERMIT_BLOCKED : JW_PERMIT_GO;
    return true;
}

static void ask_from_connection(jw_traffic *t, uint32_t c)
{
    uint32_t track = t->net.lane_count + c;
    for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
        float walkers_m = jw_walk_stop_m(t, p, c, t->cars[p].pos_m);
        t->cars[p].hold_m = walkers_m < JW_FAR ? jw_maxf(walkers_m - STOP_SHORT_M, t->cars[p].pos_m) : JW_FAR;
        t->cars[p].new_permit = walkers_m < JW_FAR ? JW_PERMIT_HELD : JW_PERMIT_GO;
        asker i = make_asker(t, p, c, -t->cars[p].pos_m);
        i.is_protected = t->shown[c] == 'G';
        i.is_clearing = t->shown[c] == 'r' || t->shown[c] == 'y';
        float wait_m = t->city->connections[c].wait_m;
        if (t->city->connections[c].second != JW_NONE && wait_at_corner(t, p, c, wait_m, &i))
            continue;
        float zone = first_blocked_zone(t, &i);
        if (i.is_by_windows && t->net.ways[c].yields && !i.is_protected && !i.is_clearing &&
            wait_m - t->cars[p].pos_m > SIGHT_M)
            zone = jw_minf(zone, wait_m);
        if (zone >= JW_FAR)
            continue;
        if (zone > wait_m && t->cars[p].pos_m <= wait_m)
            zone = wait_m;
        float left = zone - STOP_SHORT_M - t->cars[p].pos_m, v = i.speed_mps;
        if (v > 1 && !can_stop(jw_type_at(t, p), v, left, 6.0f))
            continue; /* cannot stop before it any more */
        t->cars[p].hold_m = jw_minf(t->cars[p].hold_m, jw_maxf(zone - STOP_SHORT_M, t->cars[p].pos_m));
        t->cars[p].new_permit = JW_PERMIT_HELD;
    }
}

static void ask_lanes(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    (void)block;
    uint32_t last = t->net.edge_first_lane[end];
    for (uint32_t lane = jw_traffic_next_used(t, t->net.edge_first_lane[begin], last); lane < last;
         lane = jw_traffic_next_used(t, lane + 1, last)) {
        jw_traffic_prefetch(t, lane);
        ask_from_lane(t, lane);
    }
}

static void ask_connections(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    (void)block;
    uint32_t lanes = t->net.lane_count, last = lanes + t->net.junction_first[end];
    for (uint32_t track = jw_traffic_next_used(t, lanes + t->net.junction_first[begin], last); track < last;
         track = jw_traffic_next_used(t, track + 1, last))
        ask_from_connection(t, track - lanes);
}

void jw_traffic_phase_junctions(jw_world *world, void *state)
{
    jw_traffic *t = state;
    if (jw_siren_is_any(t))
        jw_siren_run(world, t);
    jw_parallel_blocks(t->net.edge_count, JW_EDGE_BLOCK, t->threads, ask_lanes, t);
    jw_parallel_blocks(t->net.junction_count, JW_JUNCTION_BLOCK, t->threads, ask_connections, t);
}
