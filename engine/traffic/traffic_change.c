/* Lane changes.
 *
 *   mandatory      towards a lane from which the route goes on, away from a closed lane, an incident, a bus
 *                  at its stop or who else stands there for a while. The
 *                  braking that it may ask of others grows from comfortable to twice that as the lane's end
 * comes nearer. Without a gap the vehicle follows the leader it wants to have, and the follower it wants to
 * have makes room: whoever is ahead goes first, so that two who want to swap places do not wait for each
 * other.
 *   discretionary  MOBIL (Kesting, Treiber, Helbing, Transp. Res. Rec. 1999, 86, 2007): own gain plus p times
 *                  that of the followers above a threshold, if nobody has to brake hard; with a bias towards
 *                  the right when that is wished. Asked every fourth step, of those who are not free.
 *
 * A change is instantaneous on the lanes; lateral_mm shows the way across. Decisions are made on the state as
 * it was, at most one into each gap, by all edges in parallel at the end of the phase of following; then they
 * are carried out one after the other, in the order of the edges. */
#include "traffic/traffic_strip.h"

#define COOL_S        4.0f
#define SAFE_MPS2     2.0f
#define NEAR_END_M    30.0f  /* no discretionary change from here on */
#define FREE_CHOICE_M 300.0f /* so far from the end any lane will do */
#define PATIENCE_S    30.0f
#define URGENT_M      200.0f
#define INCIDENT_M    120.0f
#define COME_BACK_M   30.0f /* from the rear of a bus at its stop, to have passed it and come back */

enum { MARK_GAP_BEHIND = 1, MARK_GAP_AHEAD = 2 }; /* taken */

typedef struct gap {
    uint32_t leader, follower; /* places, JW_NONE: nobody */
    float lead_m, back_m;
} gap;

/* A two-wheeler comes to the strip that is nearest. */
static uint32_t strip_on(const jw_traffic *t, const jw_car *car, uint32_t lane)
{
    return !car->strip ? 0 : lane > car->track ? 1 : t->tracks[lane].strips;
}

/* Where a vehicle would come to lie on another lane of its edge. */
static gap find_gap(const jw_traffic *t, uint32_t place, uint32_t lane)
{
    uint32_t low = t->tracks[lane].begin, high = t->tracks[lane].end, begin = low, end = high;
    float pos = t->cars[place].pos_m;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (t->cars[middle].pos_m >= pos)
            low = middle + 1;
        else
            high = middle;
    }
    gap g = {low > begin ? low - 1 : JW_NONE, low < end ? low : JW_NONE, JW_FAR, JW_FAR};
    if (t->tracks[lane].wheels || t->cars[place].strip) {
        jw_car there = t->cars[place];
        there.strip = strip_on(t, &there, lane) & 7;
        uint32_t cover = jw_strip_cover(t, &there, lane);
        g.leader = jw_strip_ahead(t, lane, low, cover, JW_FAR);
        g.follower = jw_strip_behind(t, lane, low, cover);
    }
    if (g.leader != JW_NONE)
        g.lead_m = t->cars[g.leader].pos_m - jw_length_at(t, g.leader) - pos;
    else if (t->tracks[lane].overhang_m < JW_FAR)
        g.lead_m = t->tracks[lane].overhang_m - pos;
    if (g.follower != JW_NONE)
        g.back_m = pos - jw_length_at(t, place) - t->cars[g.follower].pos_m;
    return g;
}

static bool is_behind_in_time(float back_m, float foe_mps, float own_mps)
{
    return back_m < 2 + 0.5f * foe_mps + jw_maxf(foe_mps * foe_mps - own_mps * own_mps, 0) / (2 * SAFE_MPS2);
}

/* The first vehicle before a connection that will take it: does it come behind? */
static bool comes_behind(const jw_traffic *t, uint32_t c, float rear_m, float own_mps)
{
    uint32_t from = t->net.ways[c].from_lane, end = t->tracks[from].end;
    for (uint32_t p = t->tracks[from].begin, k = 0; p < end && k < 3; p++, k++) {
        float back_m =
            t->tracks[t->net.lane_count + c].length_m + t->tracks[from].length_m - t->cars[p].pos_m;
        if (t->cars[p].next == c)
            return !is_behind_in_time(rear_m + back_m, t->cars[p].speed_mps, own_mps);
    }
    return true;
}

/* Nobody about to come out of the junction into the back of the vehicle, nor next onto it. */
static bool is_clear_upstream(const jw_traffic *t, uint32_t place, uint32_t lane)
{
    float rear = t->cars[place].pos_m - jw_length_at(t, place), v = t->cars[place].speed_mps;
    if (rear > 40)
        return true;
    for (uint32_t k = t->net.lane_in_first[lane]; k < t->net.lane_in_first[lane + 1]; k++) {
        uint32_t c = t->net.lane_in[k], track = t->net.lane_count + c, head = t->tracks[track].begin;
        if (!comes_behind(t, c, rear, v))
            return false;
        if (head != t->tracks[track].end &&
            is_behind_in_time(rear + t->tracks[track].length_m - t->cars[head].pos_m, t->cars[head].speed_mps,
                              v))
            return false;
    }
    return true;
}

static float accel_behind(const jw_traffic *t, uint32_t place, uint32_t track, float gap_m, uint32_t leader)
{
    bool has_leader = leader != JW_NONE;
    return jw_follow_accel(jw_type_at(t, place), t->cars[place].headway_s, jw_wished_speed(t, place, track),
                           t->cars[place].speed_mps, gap_m, has_leader ? t->cars[leader].speed_mps : 0,
                           has_leader ? t->cars[leader].accel_mps2 : 0);
}

static bool is_fit(const jw_traffic *t, const gap *g, uint32_t place, uint32_t lane, float least_m,
                   float most_braking)
{
    if (g->lead_m < least_m || g->back_m < least_m)
        return false;
    if ((g->leader != JW_NONE && (t->cars[g->leader].mark & MARK_GAP_BEHIND)) ||
        (g->follower != JW_NONE && (t->cars[g->follower].mark & MARK_GAP_AHEAD)))
        return false;
    bool is_alone = g->leader == JW_NONE && g->follower == JW_NONE;
    /* Among two-wheelers two gaps may overlap that are not between the same vehicles. */
    if (t->is_taken[lane] && (is_alone || t->tracks[lane].wheels || t->cars[place].strip))
        return false;
    float v = t->cars[place].speed_mps;
    bool lead_is_fit = g->lead_m >= JW_FAR / 2 || (v < JW_QUEUE_MPS && g->lead_m > 0.5f * v + 0.5f) ||
                       accel_behind(t, place, lane, g->lead_m, g->leader) > -most_braking;
    if (!lead_is_fit)
        return false;
    if (g->follower == JW_NONE)
        return true;
    float back_v = t->cars[g->follower].speed_mps;
    return (back_v < JW_QUEUE_MPS && g->back_m > 0.5f * back_v + 0.5f) ||
           accel_behind(t, g->follower, lane, g->back_m, place) > -most_braking;
}

static void take_gap(jw_traffic *t, jw_outbox *out, const gap *g, uint32_t place, uint32_t lane)
{
    if (g->leader != JW_NONE)
        t->cars[g->leader].mark |= MARK_GAP_BEHIND;
    if (g->follower != JW_NONE)
        t->cars[g->follower].mark |= MARK_GAP_AHEAD;
    t->is_taken[lane] = 1;
    jw_order *order = jw_outbox_put(out, t->cars[place].slot, JW_FATE_CHANGES);
    if (order)
        order->track = lane;
}

/* Room is made: see the top. */
static void cooperate(jw_traffic *t, uint32_t place, uint32_t lane, const gap *g)
{
    const jw_traffic_type *type = jw_type_at(t, place);
    if (g->leader != JW_NONE) {
        float accel = accel_behind(t, place, lane, g->lead_m, g->leader);
        t->cars[place].wish_mps2 = jw_minf(t->cars[place].wish_mps2, jw_maxf(accel, -type->decel_mps2));
    }
    /* Nobody stands for ever out of politeness: beside it, or short of room behind, that makes none. */
    if (g->follower != JW_NONE && t->cars[g->follower].wait_s < PATIENCE_S) {
        float accel = accel_behind(t, g->follower, lane, g->back_m, place);
        float most = jw_type_at(t, g->follower)->decel_mps2;
        t->cars[g->follower].wish_mps2 = jw_minf(t->cars[g->follower].wish_mps2, jw_maxf(accel, -most));
    }
}

/* ---- one vehicle -----------------------------------------------------------------------------------------
 */

static bool may_use(const jw_traffic *t, uint32_t lane, uint32_t vehicle_class)
{
    return (t->net.lane_allow[lane] >> vehicle_class & 1) && !t->lane_closed[lane];
}

/* Where the way on a lane ends for a while: at an incident, or at the rear of who serves a stop there. */
static float obstacle_ahead(const jw_traffic *t, uint32_t lane, float pos_m, bool has_standing)
{
    float at_m = t->obstacle_m[lane] > pos_m - 1 ? t->obstacle_m[lane] : JW_FAR;
    for (uint32_t p = t->tracks[lane].end; has_standing && p-- > t->tracks[lane].begin;) {
        float rear_m = t->cars[p].pos_m - jw_length_at(t, p);
        if (rear_m > pos_m + INCIDENT_M)
            break;
        if (t->cars[p].stop == JW_STOP_STANDS && rear_m > pos_m - 1)
            return jw_minf(at_m, rear_m);
    }
    return at_m;
}

/* A lane beside an obstacle at at_m leads past it: it is free, and the route goes on from there or there is
 * road enough behind the obstacle to come back. */
static bool leads_past(const jw_traffic *t, uint32_t place, uint32_t lane, float at_m, bool has_standing)
{
    uint32_t good = t->cars[place].good, index = lane - t->net.edge_first_lane[t->net.lane_edge[lane]];
    return may_use(t, lane, jw_class_at(t, place)) &&
           obstacle_ahead(t, lane, t->cars[place].pos_m, has_standing) > at_m + 1 &&
           (!has_standing || !good || (good >> (index & 31) & 1) ||
            at_m + COME_BACK_M < t->tracks[lane].length_m);
}

/* How many lanes to the left (+) or right (-) a vehicle must go; *left_m: before where. */
static int lanes_to_change(const jw_traffic *t, uint32_t place, uint32_t lane, bool has_standing,
                           float *left_m)
{
    uint32_t edge = t->net.lane_edge[lane], first = t->net.edge_first_lane[edge], good = t->cars[place].good;
    int index = (int)(lane - first), count = (int)(t->net.edge_first_lane[edge + 1] - first), want = 0;
    float pos = t->cars[place].pos_m, length_m = t->tracks[lane].length_m;
    *left_m = length_m - pos;
    if (t->cars[place].stop == JW_STOP_HERE) { /* waits behind who stands at the same stop */
        *left_m = jw_plan_stop_m(t, &t->vehicles[t->cars[place].slot], edge) - pos;
        has_standing = false;
    }
    float at_m = obstacle_ahead(t, lane, pos, has_standing);
    if (at_m < pos + INCIDENT_M) {
        *left_m = jw_maxf(at_m - pos, 0);
        bool left = index + 1 < count && leads_past(t, place, lane + 1, at_m, has_standing);
        bool right = index > 0 && leads_past(t, place, lane - 1, at_m, has_standing);
        if (left && right) /* to where the route goes, else to the left */
            return (good & ((1u << index) - 1)) && !(good >> (index + 1)) ? -1 : 1;
        return left ? 1 : right ? -1 : 0;
    }
    if (index >= 32 || !good || (good >> index & 1))
        return 0;
    for (int d = 1; d < count && !want; d++) {
        if (index - d >= 0 && (good >> (index - d) & 1))
            want = -d;
        else if (index + d < 32 && (good >> (index + d) & 1))
            want = d;
    }
    if (!want || !has_standing)
        return want;
    /* Not before who stands there is passed. */
    at_m = obstacle_ahead(t, want > 0 ? lane + 1 : lane - 1, pos - jw_length_at(t, place), true);
    return at_m < pos + INCIDENT_M && at_m + COME_BACK_M < length_m ? 0 : want;
}

static void try_mandatory(jw_traffic *t, jw_outbox *out, uint32_t place, uint32_t lane, int want,
                          float left_m)
{
    int direction = want > 0 ? 1 : -1;
    uint32_t target = lane + (uint32_t)direction;
    if (!(t->net.lane_allow[target] >> jw_class_at(t, place) & 1))
        return;
    float need_m = URGENT_M * (float)(want * direction);
    gap g = find_gap(t, place, target);
    float urgency = jw_minf(jw_maxf(1 - left_m / need_m, 0), 1);
    float most = jw_type_at(t, place)->decel_mps2 * (0.7f + 1.3f * urgency);
    float end_m = t->tracks[lane].length_m - t->cars[place].pos_m;
    /* Moving, the tail must be out of the junction and the line not be crossed before the junction is asked.
     */
    float v = t->cars[place].speed_mps;
    bool may_change = v < 1 || (end_m > v + 1 && t->cars[place].pos_m > jw_length_at(t, place));
    if (!may_change)
        return;
    if (is_fit(t, &g, place, target, 1.0f, most) && is_clear_upstream(t, place, target))
        take_gap(t, out, &g, place, target);
    else if (left_m < need_m)
        cooperate(t, place, target, &g);
}

static float gain_of(const jw_traffic *t, uint32_t place, uint32_t lane, const gap *g)
{
    const jw_traffic_type *type = jw_type_at(t, place);
    float own = accel_behind(t, place, lane, g->lead_m, g->leader);
    if (t->cars[place].hold_m < JW_FAR) {
        own = jw_minf(own,
                      jw_stop_accel(type, t->cars[place].headway_s, jw_wished_speed(t, place, lane),
                                    t->cars[place].speed_mps, t->cars[place].hold_m - t->cars[place].pos_m));
    }
    float others = 0;
    if (g->follower != JW_NONE)
        others += accel_behind(t, g->follower, lane, g->back_m, place) - t->cars[g->follower].wish_mps2;
    return own - t->cars[place].wish_mps2 + type->politeness * others;
}

static void try_discretionary(jw_traffic *t, jw_outbox *out, uint32_t place, uint32_t lane, bool has_standing)
{
    uint32_t edge = t->net.lane_edge[lane], first = t->net.edge_first_lane[edge], index = lane - first;
    uint32_t count = t->net.edge_first_lane[edge + 1] - first;
    float left = t->tracks[lane].length_m - t->cars[place].pos_m, v = t->cars[place].speed_mps;
    if (left < NEAR_END_M || t->cars[place].pos_m < jw_length_at(t, place) + 1)
        return;
    const jw_car *car = &t->cars[place];
    const jw_traffic_type *type = jw_type_at(t, place);
    float threshold = type->threshold_mps2, bias = (float)t->def.keep_right_mps2;
    /* No lane can be better than an empty one: nothing to gain for who is free. */
    float free = jw_free_accel(type, jw_wished_speed(t, place, lane), v);
    if (free - car->wish_mps2 <= threshold - (bias < 0 ? -bias : bias))
        return;
    gap best = {0};
    float best_gain = 0;
    int best_direction = 0;
    for (int direction = 1; direction >= -1; direction -= 2) {
        uint32_t target = lane + (uint32_t)direction, at = index + (uint32_t)direction;
        if (at >= count || at >= 32 || !may_use(t, target, jw_class_at(t, place)))
            continue;
        if (!(t->cars[place].good >> at & 1) && left < FREE_CHOICE_M)
            continue;
        if (t->obstacle_m[target] < JW_FAR && t->obstacle_m[target] > t->cars[place].pos_m)
            continue;
        if (has_standing && obstacle_ahead(t, target, t->cars[place].pos_m, true) < JW_FAR)
            continue;
        gap g = find_gap(t, place, target);
        if (!is_fit(t, &g, place, target, 1.5f, SAFE_MPS2))
            continue;
        float gain = gain_of(t, place, target, &g) - threshold - (direction > 0 ? bias : -bias);
        if (gain > best_gain && is_clear_upstream(t, place, target)) {
            best_gain = gain;
            best = g;
            best_direction = direction;
        }
    }
    if (best_direction)
        take_gap(t, out, &best, place, lane + (uint32_t)best_direction);
}

/* ---- deciding, in parallel -------------------------------------------------------------------------------
 */

/* Somebody stands in a lane at a stop of his own. */
static bool does_somebody_stand(const jw_traffic *t, uint32_t first, uint32_t last)
{
    for (uint32_t lane = first; lane < last; lane++)
        for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++)
            if (t->cars[p].stop == JW_STOP_STANDS)
                return true;
    return false;
}

void jw_traffic_decide_changes(jw_traffic *t, uint32_t edge, bool has_reason, jw_outbox *out)
{
    uint32_t first = t->net.edge_first_lane[edge], last = t->net.edge_first_lane[edge + 1];
    if (last - first < 2 || (!has_reason && !t->disturbances.count))
        return;
    bool is_stopped = t->stops.plan_count && does_somebody_stand(t, first, last);
    for (uint32_t lane = first; lane < last; lane++) {
        uint32_t index = lane - first;
        bool has_obstacle = is_stopped || (t->disturbances.count && t->obstacle_m[lane] < JW_FAR);
        uint32_t fine = has_obstacle || index >= 32 ? 0 : 1u << index; /* of jw_car.good */
        for (uint32_t p = t->tracks[lane].begin, end = t->tracks[lane].end; p < end; p++) {
            jw_car *car = &t->cars[p];
            float left = 0;
            if (car->stop == JW_STOP_STANDS || car->yields)
                continue;
            int want = car->good & fine ? 0 : lanes_to_change(t, p, lane, is_stopped, &left);
            car->want = (int8_t)want;
            if (want)
                try_mandatory(t, out, p, lane, want, left);
            else if (jw_traffic_asks_for_change(t, car) && car->stop != JW_STOP_HERE)
                try_discretionary(t, out, p, lane, is_stopped);
        }
    }
}

/* ---- carrying out ----------------------------------------------------------------------------------------
 */

/* Puts a vehicle onto the lane decided on. */
static void change(jw_world *world, jw_traffic *t, const jw_order *order)
{
    uint32_t lane = order->track;
    jw_car car;
    t->is_taken[lane] = 0;
    jw_traffic_take_car(t, t->place_of_slot[order->slot], &car);
    double width_mm = jw_min(t->city->lanes[lane].width_m * 1000, 30000);
    car.lateral_mm = (int16_t)((car.strip ? car.lateral_mm : 0) + (lane > car.track ? -width_mm : width_mm));
    car.strip = strip_on(t, &car, lane) & 7;
    car.track = lane;
    car.cool = (uint8_t)(COOL_S / t->dt_s);
    car.permit = car.new_permit = JW_PERMIT_NONE;
    car.hold_m = JW_FAR;
    uint32_t place = jw_traffic_put_car(t, &car);
    if (place == JW_NONE)
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the vehicles of a lane");
    else
        jw_traffic_aim(t, place, lane);
}

/* What lies ahead has changed for those who changed and for those who are behind them now. (Those who were
 * behind them follow somebody who is not there any more for this one step.) */
static void follow_again(jw_traffic *t, const jw_order *order)
{
    uint32_t place = t->place_of_slot[order->slot], lane = order->track;
    jw_traffic_follow_one(t, lane, place);
    /* The junction is asked in the next step. */
    jw_car *car = &t->cars[place];
    car->bound_m = jw_minf(car->bound_m, t->tracks[lane].length_m - 0.5f - car->pos_m);
    for (uint32_t p = place + 1, left = jw_strip_cover(t, car, lane); p < t->tracks[lane].end && left; p++) {
        uint32_t cover = jw_strip_cover(t, &t->cars[p], lane);
        if (cover & left)
            jw_traffic_follow_one(t, lane, p);
        left &= ~cover;
    }
}

void jw_traffic_phase_change(jw_world *world, void *state)
{
    jw_traffic *t = state;
    uint32_t blocks = jw_edge_blocks(t);
    for (uint32_t block = 0; block < blocks; block++) {
        const jw_outbox *out = &t->outboxes[block];
        if (out->has_failed)
            jw_world_fail(world, JW_ERROR_MEMORY, "no memory for lane changes");
        for (uint32_t k = 0; k < out->count; k++)
            change(world, t, &out->orders[k]);
    }
    /* This looks into other edges, so it waits until all are in order. */
    for (uint32_t block = 0; block < blocks; block++)
        for (uint32_t k = 0; k < t->outboxes[block].count; k++)
            follow_again(t, &t->outboxes[block].orders[k]);
}
