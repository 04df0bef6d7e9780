/* Crossings: when walkers step onto the road, and where vehicles stop for them.
 *
 *   signals     Walkers start when nobody has green across but those who turn and give way, and the programme
 *               will stay so until they are over the road (or on its refuge) at 1.2 m/s (RiLSA 2010;
 *               MUTCD 2003, 4E.10: 4 ft/s). Where nobody knows how long a green will last, they start in its
 *               first 7 s (MUTCD's least walk interval) and while nothing else is wanted, and it is held
 *               until they are over. Who waits calls a phase for walkers, as with a push button, from
 *               actuated control.
 *   gaps        Elsewhere, and where a programme never has time for them, they look as far as the other kerb
 *               or the refuge, and go when no vehicle would come by meanwhile that does not give way.
 *   drivers     Who turns at signals, and everybody before a walker on the road, gives way to those whose way
 *               he would cut (Road Traffic Safety Law of the PRC, art. 47). For those who wait at the kerb of
 *               a crossing without signals a share of drivers stops, if that needs no hard braking.
 *   patience    A driver who has stood for half a minute is let through by those at the kerb, for ten
 * seconds; who has stood at a signal for two minutes takes a gap.
 *
 * Whoever goes first by these rules: nobody steps in front of a vehicle that cannot stop, or into one. */
#include "traffic/traffic_internal.h"

#define HARD_MPS2    3.0f /* mean braking that may be asked of a driver before a walker */
#define SOFT_MPS2    2.0f /* and of one who stops of his own accord */
#define SHORT_M      0.5f /* stops so far before a crossing */
#define MARGIN_S     0.5f
#define STEP_M       0.05f
#define HORIZON_M    150.0f
#define SHORT_LANE_M 80.0f
#define CREEP_MPS    0.3f
#define STANDS_S     1.0f
#define LET_GO_S     30.0f
#define LET_GO_FOR_S 10.0f
#define PATIENCE_S   120.0f
#define STUCK_S      3.0f

/* ---- vehicles --------------------------------------------------------------------------------------------
 */

/* Seconds to cover a distance as it goes now, or as it would get going from a stand. */
static float arrival_s(const jw_traffic *t, const jw_car *car, float distance_m)
{
    float a = t->types[car->type].accel_mps2, mps = jw_sqrtf_exact(0.5f * a * jw_maxf(distance_m, 0));
    mps = jw_minf(mps,
                  jw_minf(t->tracks[car->track].limit_mps * car->factor, t->types[car->type].max_speed_mps));
    return distance_m / jw_maxf(jw_maxf(car->speed_mps, mps), 0.1f);
}

/* As a walker judges it: with a step in which the driver does nothing. */
static bool can_stop(const jw_traffic *t, const jw_car *car, float distance_m, float decel_mps2)
{
    float v = car->speed_mps, room_m = distance_m - SHORT_M - v * t->dt_s;
    return v < CREEP_MPS || (room_m > 0 && v * v <= 2 * decel_mps2 * room_m);
}

/* Of his own accord, for who waits at the kerb: always the same driver at the same crossing. */
static bool is_kind(const jw_traffic *t, const jw_car *car, uint32_t crossing)
{
    return jw_random_uniform(t->walks.yield_key, t->vehicles[car->slot].number, crossing) <
           t->def.walk.yield_share;
}

/* He has stood for long before a crossing, and only for walkers. */
static bool is_to_be_let_go(const jw_car *car, uint8_t shown, const jw_walker *w)
{
    return car->wait_s > LET_GO_S && w->wait_s < LET_GO_FOR_S && shown != 'r' && shown != 'y';
}

/* What a walker fears of a vehicle: may it be in the zone before leave_s? */
typedef struct look {
    const jw_walker *walker;
    const jw_walk_zone *zone;
    uint32_t crossing;
    float leave_s;
    bool is_at_kerb; /* can wait for drivers who do not give way to who stands there */
} look;

/* It is so far away, and sees who walks there when it is room_m away. */
static bool is_danger(const jw_traffic *t, const look *l, const jw_car *car, float distance_m, float room_m)
{
    uint8_t shown = t->shown[l->zone->connection];
    bool is_behind_line = car->track < t->net.lane_count;
    if (!can_stop(t, car, room_m, HARD_MPS2))
        return arrival_s(t, car, distance_m) < l->leave_s;
    if (!l->is_at_kerb || (is_behind_line && (shown == 'r' || shown == 'y')))
        return false;
    if (is_to_be_let_go(car, shown, l->walker))
        return true;
    if (car->speed_mps < CREEP_MPS && car->wait_s > STANDS_S)
        return false;
    if (!shown && can_stop(t, car, room_m, SOFT_MPS2) && is_kind(t, car, l->crossing))
        return false;
    return arrival_s(t, car, distance_m) < l->leave_s;
}

/* Those who will come to a short lane: until they are on it they do not heed what is behind its end. */
static bool has_danger_behind(const jw_traffic *t, const look *l, uint32_t lane, float ahead_m)
{
    uint32_t target = t->net.lane_edge[t->net.ways[l->zone->connection].to_lane];
    for (uint32_t k = t->net.lane_in_first[lane]; k < t->net.lane_in_first[lane + 1]; k++) {
        const jw_track *way = &t->tracks[t->net.lane_count + t->net.lane_in[k]];
        for (uint32_t p = way->begin; p < way->end; p++)
            if (jw_traffic_route_edge(t, t->cars[p].slot, 2) == target &&
                is_danger(t, l, &t->cars[p], way->length_m - t->cars[p].pos_m + ahead_m, ahead_m))
                return true;
    }
    return false;
}

static bool has_danger(const jw_traffic *t, const look *l)
{
    const jw_walk_zone *z = l->zone;
    uint32_t lane = t->net.ways[z->connection].from_lane;
    const jw_track *way = &t->tracks[t->net.lane_count + z->connection], *back = &t->tracks[lane];
    for (uint32_t p = way->begin; p < way->end; p++) {
        float distance_m = z->begin_m - t->cars[p].pos_m;
        if (distance_m >= 0 && is_danger(t, l, &t->cars[p], distance_m, distance_m))
            return true;
    }
    for (uint32_t p = back->begin; p < back->end; p++) {
        const jw_car *car = &t->cars[p];
        float distance_m = back->length_m - car->pos_m + z->begin_m;
        if (distance_m > HORIZON_M)
            return false;
        if (car->next == z->connection && is_danger(t, l, car, distance_m, distance_m))
            return true;
        if (car->speed_mps < CREEP_MPS && back->strips == 1)
            return false; /* nobody passes it */
    }
    return back->length_m < SHORT_LANE_M && has_danger_behind(t, l, lane, back->length_m + z->begin_m);
}

/* A vehicle lies in the zone. */
static bool is_occupied(const jw_traffic *t, const jw_walk_zone *z)
{
    const jw_track *way = &t->tracks[t->net.lane_count + z->connection];
    if (way->overhang_m < z->end_m)
        return true;
    for (uint32_t p = way->begin; p < way->end; p++) {
        const jw_car *car = &t->cars[p];
        if (car->pos_m > z->begin_m && car->pos_m - t->types[car->type].length_m < z->end_m)
            return true;
    }
    return false;
}

/* ---- walkers ---------------------------------------------------------------------------------------------
 */

static const jw_crossing *crossing_of(const jw_traffic *t, const jw_walker *w)
{
    return &t->walks.net.crossings[t->walks.net.links[w->link].of];
}

/* The piece of a zone as this walker comes to it. */
static void piece_of(const jw_traffic *t, const jw_walker *w, const jw_walk_zone *z, float *begin, float *end)
{
    float length_m = t->walks.net.links[w->link].length_m;
    *begin = w->is_back ? length_m - z->x_end_m : z->x_begin_m;
    *end = w->is_back ? length_m - z->x_begin_m : z->x_end_m;
}

/* The next place to stand behind from_m: the refuge, the other side. */
static float stage_end(const jw_traffic *t, const jw_walker *w, float from_m)
{
    const jw_crossing *x = crossing_of(t, w);
    float length_m = t->walks.net.links[w->link].length_m;
    float refuge_m = w->is_back ? length_m - x->refuge_m : x->refuge_m;
    return x->refuge_m < JW_FAR && from_m < refuge_m - STEP_M ? refuge_m : length_m;
}

/* As far as the control knows nothing else is wanted than the green that is. */
static bool is_resting(const jw_traffic *t, uint32_t programme)
{
    const jw_signal *s = &t->signals.now[programme];
    const jw_signal_ring *rings = &t->signals.rings[2 * (size_t)programme];
    if (s->request != JW_NONE)
        return s->request == s->phase;
    if (s->control == JW_SIGNAL_ACTUATED)
        return s->in_rings ? rings[0].call_ns < 0 && rings[1].call_ns < 0 : s->call_ns < 0;
    return s->control == JW_SIGNAL_MAX_PRESSURE && (s->wish == JW_NONE || s->wish == s->phase);
}

bool jw_walk_is_shown(const jw_traffic *t, const jw_crossing *x, float length_m)
{
    const jw_signal *s = &t->signals.now[x->programme];
    if (s->stage != JW_STAGE_GREEN || !(x->phases >> s->phase & 1))
        return false;
    int64_t now_ns = t->walks.now_ns;
    int64_t need_ns = jw_ns_from_s((double)(length_m / JW_WALK_SIGNAL_MPS));
    if (jw_signal_stays_ns(t, x->programme, x->phases, now_ns) >= need_ns)
        return true;
    return !s->in_list &&
           (now_ns - s->since_ns <= jw_ns_from_s((double)JW_WALK_SIGNAL_S) || is_resting(t, x->programme));
}

static bool has_gap(const jw_traffic *t, const jw_walker *w, float from_m, float to_m)
{
    const jw_crossing *x = crossing_of(t, w);
    uint32_t number = t->walks.net.links[w->link].of;
    for (uint32_t k = 0; k < x->zone_count; k++) {
        const jw_walk_zone *z = &t->walks.net.zones[x->first_zone + k];
        float begin, end;
        piece_of(t, w, z, &begin, &end);
        if (end <= from_m || begin >= to_m)
            continue;
        look l = {w, z, number, (end - from_m) / w->wish_mps + MARGIN_S, true};
        if (has_danger(t, &l))
            return false;
    }
    return true;
}

/* Stages out of the list have none of the phases in it that are for walkers alone. */
static bool has_signal(const jw_traffic *t, const jw_crossing *x)
{
    return x->programme != JW_NONE && (t->signals.now[x->programme].in_list ? x->phases : x->greens) != 0;
}

static bool may_start(const jw_traffic *t, const jw_walker *w, float from_m)
{
    const jw_crossing *x = crossing_of(t, w);
    float to_m = stage_end(t, w, from_m);
    if (has_signal(t, x) && w->wait_s < PATIENCE_S)
        return jw_walk_is_shown(t, x, to_m - from_m);
    return has_gap(t, w, from_m, to_m);
}

/* Up to the first zone that is no place to be: never beyond target_m. */
static float clear_until(const jw_traffic *t, const jw_walker *w, float target_m)
{
    const jw_crossing *x = crossing_of(t, w);
    for (uint32_t k = 0; k < x->zone_count; k++) {
        const jw_walk_zone *z = &t->walks.net.zones[x->first_zone + k];
        float begin, end;
        piece_of(t, w, z, &begin, &end);
        if (begin <= w->pos_m || begin - STEP_M >= target_m)
            continue; /* behind, in it, or far */
        look l = {w, z, t->walks.net.links[w->link].of, (end - w->pos_m) / w->wish_mps + MARGIN_S, false};
        if (is_occupied(t, z) || has_danger(t, &l))
            target_m = jw_maxf(begin - STEP_M, w->pos_m);
    }
    return target_m;
}

float jw_walk_cross(const jw_traffic *t, jw_walker *w, float way_m)
{
    if (w->is_waiting && !may_start(t, w, w->pos_m))
        return 0;
    w->is_waiting = 0;
    float target_m = w->pos_m + way_m, stage_m = stage_end(t, w, w->pos_m);
    if (target_m >= stage_m && stage_m < t->walks.net.links[w->link].length_m && !may_start(t, w, stage_m)) {
        target_m = stage_m;
        w->is_waiting = 1;
    }
    float clear_m = clear_until(t, w, target_m);
    if (clear_m < target_m)
        w->is_waiting = 0;
    return clear_m - w->pos_m;
}

/* ---- drivers ---------------------------------------------------------------------------------------------
 */

/* Must the vehicle stop before the zone, which it has not reached, for this walker? */
static bool stops_for(const jw_traffic *t, const jw_car *car, const jw_walk_zone *z, const jw_walker *w,
                      float distance_m)
{
    float begin, end;
    piece_of(t, w, z, &begin, &end);
    if (w->pos_m >= end)
        return false;
    if (w->pos_m > begin)
        return true;
    const jw_crossing *x = crossing_of(t, w);
    if (w->is_waiting) {
        if (t->shown[z->connection] || x->programme != JW_NONE || begin >= stage_end(t, w, w->pos_m))
            return false;
        return !is_to_be_let_go(car, 0, w) && can_stop(t, car, distance_m, SOFT_MPS2) &&
               is_kind(t, car, t->walks.net.links[w->link].of);
    }
    if (w->wait_s > STUCK_S && w->speed_mps <= 0 && begin - w->pos_m > 2 * STEP_M)
        return false; /* another zone before this one keeps him */
    float in_s = (begin - w->pos_m) / w->wish_mps, out_s = (end - w->pos_m) / w->wish_mps;
    float there_s = arrival_s(t, car, distance_m);
    float gone_s = arrival_s(t, car, distance_m + z->end_m - z->begin_m + t->types[car->type].length_m);
    /* Who has begun to brake goes on to: only who would not stop at all does not. */
    float v = car->speed_mps, room_m = jw_maxf(distance_m - SHORT_M, 0);
    return in_s < gone_s + MARGIN_S && out_s + MARGIN_S > there_s && v * v <= 2 * HARD_MPS2 * room_m;
}

static bool is_zone_blocked(const jw_traffic *t, const jw_car *car, const jw_walk_zone *z, uint32_t crossing,
                            float distance_m)
{
    for (uint32_t slot = t->walks.crossing_head[crossing]; slot != JW_NONE; slot = t->walks.items[slot].next)
        if (stops_for(t, car, z, &t->walks.items[slot], distance_m))
            return true;
    return false;
}

/* Who cannot leave over a crossing does not wait for it where he is in the way of others, if he can still
 * stop before: at the first conflict on his way. */
static float out_of_the_way(const jw_traffic *t, const jw_car *car, uint32_t connection, float pos_m,
                            float zone_m)
{
    const jw_connection *c = &t->city->connections[connection];
    for (uint32_t k = 0; k < c->conflict_count; k++) {
        const jw_conflict *conflict = &t->city->conflicts[c->first_conflict + k];
        if (!conflict->is_merge && conflict->begin_m > pos_m && conflict->begin_m < zone_m &&
            can_stop(t, car, conflict->begin_m - pos_m, HARD_MPS2))
            return conflict->begin_m;
    }
    return zone_m;
}

float jw_walk_blocked(const jw_traffic *t, uint32_t place, uint32_t connection, float pos_m)
{
    const jw_walk_net *net = &t->walks.net;
    const jw_car *car = &t->cars[place];
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t zone = net->way_zone[2 * connection + k];
        if (zone == JW_NONE || pos_m > net->zones[zone].begin_m)
            continue;
        const jw_walk_zone *z = &net->zones[zone];
        if (is_zone_blocked(t, car, z, z->crossing, z->begin_m - pos_m))
            return k ? out_of_the_way(t, car, connection, pos_m, z->begin_m) : z->begin_m;
    }
    return JW_FAR;
}

bool jw_walk_calls(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    for (uint32_t k = 0; k < t->walks.busy_count; k++) {
        const jw_crossing *x = &t->walks.net.crossings[t->walks.busy[k]];
        if (x->programme != programme || !(x->greens >> phase & 1) ||
            (x->phases >> t->signals.now[programme].phase & 1))
            continue;
        for (uint32_t slot = t->walks.crossing_head[t->walks.busy[k]]; slot != JW_NONE;
             slot = t->walks.items[slot].next)
            if (t->walks.items[slot].is_waiting)
                return true;
    }
    return false;
}

bool jw_walk_holds_green(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t next)
{
    for (uint32_t k = 0; k < t->walks.busy_count; k++) {
        const jw_crossing *x = &t->walks.net.crossings[t->walks.busy[k]];
        if (x->programme != programme || !(x->phases >> phase & 1) || (x->phases >> next & 1))
            continue;
        for (uint32_t slot = t->walks.crossing_head[t->walks.busy[k]]; slot != JW_NONE;
             slot = t->walks.items[slot].next)
            if (!t->walks.items[slot].is_waiting && t->walks.items[slot].speed_mps > 0)
                return true;
    }
    return false;
}
