/* Junctions. A vehicle near the end of its lane asks to enter the connection it will take; what it gets is a
 * position that it must not pass yet (`hold`), which the following model treats as a standing obstacle.
 *
 *   signal      red: stop. Amber: stop when that needs no more than comfortable braking.
 *   sight       out of a minor way one sees who comes only a few metres before the line: until then one
 *               drives so that one could stop.
 *   stop signs  ask for a halt at the line first.
 *   foes        whoever must yield needs a gap: see traffic_gap.c. 'G' is protected from what approaches,
 *               nobody is protected from what already stands in the zone.
 *   keep clear  connections that cross others or give way are entered only when there is room behind the
 *               junction.
 *   inside      every zone ahead is asked for again: left turners wait in the middle for their gap.
 *   walkers     on a crossing ahead: see traffic_walk_cross.c
 *
 * The margins below make queues at yield and stop signs discharge as HCM's critical and follow-up headways
 * say; the tests measure it. */
#include "traffic/traffic_junction.h"

#define MAJOR_S       1.0f /* between leaving a zone and the priority vehicle's arrival */
#define SIGNAL_S      0.5f /* the same, at a signal that shows both green */
#define MINOR_S       2.8f /* the same, out of a minor road */
#define MINOR_LEFT_S  1.8f /* before who is merged with, when turning left out of it */
#define MINOR_RIGHT_S 0.6f /* the same, turning right or into a roundabout */
#define DECIDED       0.4f /* of these margins is left for who has decided: not to be doubted at every step */
#define SIGHT_M       4.5f /* before the line of a minor way one sees who comes, and decides: SUMO's */
#define QUEUE_PLACE_M 9.0f /* the second in the queue stands so far before it */
#define STOP_SHORT_M  0.5f
#define WAIT_INSIDE_M 4.0f /* room before a zone that makes waiting inside worth it */

/* ---- asking ----------------------------------------------------------------------------------------------
 */

static jw_asker make_asker(const jw_traffic *t, uint32_t place, uint32_t connection, float to_entry_m)
{
    const jw_traffic_type *type = jw_type_at(t, place);
    const jw_connection *c = &t->city->connections[connection];
    bool is_minor = t->shown[connection] == 0 && c->rank > 1;
    return (jw_asker){.place = place,
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
    bool has_crept = rule == JW_RULE_STOP && car->speed_mps < JW_QUEUE_MPS && left_m > JW_AT_LINE_M + 2 &&
                     left_m < QUEUE_PLACE_M;
    if (has_crept || jw_junction_stands_at_line(car, left_m))
        car->has_halted = true;
    return !car->has_halted;
}

/* Sets hold and permit of a vehicle at the end of its lane; true when it goes. */
static bool ask_to_enter(jw_traffic *t, uint32_t place, float length_m)
{
    uint32_t c = t->cars[place].next;
    float left = length_m - t->cars[place].pos_m, v = t->cars[place].speed_mps;
    const jw_traffic_type *type = jw_type_at(t, place);
    char shown = (char)t->shown[c];
    t->cars[place].new_permit = JW_PERMIT_BLOCKED;
    t->cars[place].hold_m = length_m - STOP_SHORT_M;
    bool was_going = t->cars[place].permit == JW_PERMIT_GO;
    bool has_wheels = t->tracks[t->cars[place].track].wheels != 0;
    bool is_siren = t->cars[place].is_siren;
    if (shown == 'r' && !was_going && !is_siren)
        return false;
    bool is_too_late = !can_stop(type, v, left - STOP_SHORT_M, 1.2f * type->decel_mps2);
    if (shown == 'r' && !is_too_late && !is_siren)
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
        !jw_junction_has_room(t, t->net.ways[c].to_lane, type))
        return false;
    bool is_blind = (shown == 0 || shown == 'g') && t->net.ways[c].yields && (further_m > 0 || !was_going) &&
                    left + further_m > sight_m(type, shown);
    if (!is_siren && (must_halt(t, place, c, left) || (is_blind && further_m == 0) ||
                      (has_wheels && jw_strip_gives_way(t, place)))) {
        t->cars[place].new_permit = JW_PERMIT_HELD;
        return false;
    }
    jw_asker i = make_asker(t, place, c, left);
    i.is_protected = shown == 'G';
    i.until_m = is_two_stage ? further_m : JW_FAR;
    if (was_going)
        i.margin = DECIDED;
    float zone = jw_gap_first_blocked_m(t, &i);
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
static bool wait_at_corner(jw_traffic *t, uint32_t p, uint32_t c, float wait_m, jw_asker *i)
{
    uint8_t shown = t->shown[t->city->connections[c].second];
    bool is_closed = shown == 'r' || shown == 'y';
    if (t->cars[p].pos_m > wait_m || !is_closed) { /* with those who go straight on */
        i->is_protected = shown == 'G';
        i->is_clearing = is_closed;
        return false;
    }
    i->until_m = wait_m;
    float zone = jw_gap_first_blocked_m(t, i);
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
        jw_asker i = make_asker(t, p, c, -t->cars[p].pos_m);
        i.is_protected = t->shown[c] == 'G';
        i.is_clearing = t->shown[c] == 'r' || t->shown[c] == 'y';
        float wait_m = t->city->connections[c].wait_m;
        if (t->city->connections[c].second != JW_NONE && wait_at_corner(t, p, c, wait_m, &i))
            continue;
        float zone = jw_gap_first_blocked_m(t, &i);
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
    jw_traffic_run_blocks(t, ask_lanes, ask_connections);
}
