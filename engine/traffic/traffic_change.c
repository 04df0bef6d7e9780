/* Lane changes.
 *
 *   mandatory      towards a lane from which the route goes on, away from a closed lane or an incident. The
 *                  braking that it may ask of others grows from comfortable to twice that as the lane's end
 * comes nearer. Without a gap the vehicle follows the leader it wants to have, and the follower it wants to
 * have makes room: whoever is ahead goes first, so that two who want to swap places do not wait for each
 * other. discretionary  MOBIL (Kesting, Treiber, Helbing, Transp. Res. Rec. 1999, 86, 2007): own gain plus p
 * times that of the followers above a threshold, if nobody has to brake hard. Asked every fourth step.
 *
 * A change is instantaneous on the lanes; lateral_m shows the way across. Decisions are made on the state as
 * it was, at most one into each gap; then the edge's places are put in order again. */
#include "traffic/traffic_internal.h"

#define ASK_EVERY     4
#define COOL_S        4.0f
#define SAFE_MPS2     2.0f
#define NEAR_END_M    30.0f  /* no discretionary change from here on */
#define FREE_CHOICE_M 300.0f /* so far from the end any lane will do */
#define URGENT_M      200.0f
#define INCIDENT_M    120.0f

enum { FATE_CHANGES = 1, FATE_GAP_BEHIND = 2, FATE_GAP_AHEAD = 4, FATE_AGAIN = 8 };

typedef struct gap {
    uint32_t leader, follower; /* places, JW_NONE: nobody */
    float lead_m, back_m;
} gap;

/* Where a vehicle would come to lie on another lane of its edge. */
static gap find_gap(const jw_traffic *t, uint32_t place, uint32_t lane)
{
    uint32_t low = t->track_begin[lane], high = t->track_begin[lane + 1], begin = low, end = high;
    float pos = t->now.pos_m[place];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (t->now.pos_m[middle] >= pos)
            low = middle + 1;
        else
            high = middle;
    }
    gap g = {low > begin ? low - 1 : JW_NONE, low < end ? low : JW_NONE, JW_FAR, JW_FAR};
    if (g.leader != JW_NONE)
        g.lead_m = t->now.pos_m[g.leader] - jw_length_at(t, g.leader) - pos;
    else if (t->overhang_m[lane] < JW_FAR)
        g.lead_m = t->overhang_m[lane] - pos;
    if (g.follower != JW_NONE)
        g.back_m = pos - jw_length_at(t, place) - t->now.pos_m[g.follower];
    return g;
}

static bool is_behind_in_time(float back_m, float foe_mps, float own_mps)
{
    return back_m < 2 + 0.5f * foe_mps + jw_maxf(foe_mps * foe_mps - own_mps * own_mps, 0) / (2 * SAFE_MPS2);
}

/* Nobody about to come out of the junction into the back of the vehicle. Lanes before the junction are being
 * put in order by others: who comes from there was noted by the junctions. */
static bool is_clear_upstream(const jw_traffic *t, uint32_t place, uint32_t lane)
{
    float rear = t->now.pos_m[place] - jw_length_at(t, place), v = t->now.speed_mps[place];
    if (rear > 40)
        return true;
    if (is_behind_in_time(rear + t->coming_m[lane], t->coming_mps[lane], v))
        return false;
    for (uint32_t k = t->net.lane_in_first[lane]; k < t->net.lane_in_first[lane + 1]; k++) {
        uint32_t track = t->net.lane_count + t->net.lane_in[k], head = t->track_begin[track];
        if (head != t->track_begin[track + 1] &&
            is_behind_in_time(rear + t->net.track_length_m[track] - t->now.pos_m[head],
                              t->now.speed_mps[head], v))
            return false;
    }
    return true;
}

static float accel_behind(const jw_traffic *t, uint32_t place, uint32_t track, float gap_m, uint32_t leader)
{
    return jw_idm_accel(jw_type_at(t, place), t->now.headway_s[place], jw_wished_speed(t, place, track),
                        t->now.speed_mps[place], gap_m, leader == JW_NONE ? 0 : t->now.speed_mps[leader]);
}

static bool is_fit(const jw_traffic *t, const gap *g, uint32_t place, uint32_t lane, float least_m,
                   float most_braking)
{
    if (g->lead_m < least_m || g->back_m < least_m)
        return false;
    if ((g->leader != JW_NONE && (t->fate[g->leader] & FATE_GAP_BEHIND)) ||
        (g->follower != JW_NONE && (t->fate[g->follower] & FATE_GAP_AHEAD)))
        return false;
    if (g->leader == JW_NONE && g->follower == JW_NONE && t->leaving[lane])
        return false;
    float v = t->now.speed_mps[place];
    bool lead_is_fit = g->lead_m >= JW_FAR / 2 || (v < JW_QUEUE_MPS && g->lead_m > 0.5f * v + 0.5f) ||
                       accel_behind(t, place, lane, g->lead_m, g->leader) > -most_braking;
    if (!lead_is_fit)
        return false;
    if (g->follower == JW_NONE)
        return true;
    float back_v = t->now.speed_mps[g->follower];
    return (back_v < JW_QUEUE_MPS && g->back_m > 0.5f * back_v + 0.5f) ||
           accel_behind(t, g->follower, lane, g->back_m, place) > -most_braking;
}

static void take_gap(jw_traffic *t, const gap *g, uint32_t place, uint32_t lane, int direction)
{
    t->fate[place] |= FATE_CHANGES;
    if (g->leader != JW_NONE)
        t->fate[g->leader] |= FATE_GAP_BEHIND;
    if (g->follower != JW_NONE)
        t->fate[g->follower] |= FATE_GAP_AHEAD;
    t->leaving[lane] = 1;
    t->source[place] = lane;
    t->now.lateral_m[place] = (float)(-direction * t->city->lanes[lane].width_m);
}

/* Room is made: see the top. */
static void cooperate(jw_traffic *t, uint32_t place, uint32_t lane, const gap *g)
{
    const jw_traffic_type *type = jw_type_at(t, place);
    if (g->leader != JW_NONE) {
        float accel = accel_behind(t, place, lane, g->lead_m, g->leader);
        t->now.accel_mps2[place] = jw_minf(t->now.accel_mps2[place], jw_maxf(accel, -type->decel_mps2));
    }
    if (g->follower != JW_NONE) {
        float accel = accel_behind(t, g->follower, lane, g->back_m, place);
        float most = jw_type_at(t, g->follower)->decel_mps2;
        t->now.accel_mps2[g->follower] = jw_minf(t->now.accel_mps2[g->follower], jw_maxf(accel, -most));
    }
}

/* ---- one vehicle -----------------------------------------------------------------------------------------
 */

static bool may_use(const jw_traffic *t, uint32_t lane, uint32_t vehicle_class)
{
    return (t->net.lane_allow[lane] >> vehicle_class & 1) && !t->lane_closed[lane];
}

/* How many lanes to the left (+) or right (-) a vehicle must go; *left_m: before where. */
static int lanes_to_change(const jw_traffic *t, uint32_t place, uint32_t lane, float *left_m)
{
    uint32_t edge = t->net.lane_edge[lane], first = t->net.edge_first_lane[edge], good = t->now.good[place];
    int index = (int)(lane - first), count = (int)(t->net.edge_first_lane[edge + 1] - first);
    float pos = t->now.pos_m[place], to_obstacle = t->obstacle_m[lane] - pos;
    *left_m = t->net.track_length_m[lane] - pos;
    uint32_t vehicle_class = t->now.vehicle_class[place];
    if (to_obstacle > -1 && to_obstacle < INCIDENT_M) {
        *left_m = jw_maxf(to_obstacle, 0);
        bool left = index + 1 < count && may_use(t, lane + 1, vehicle_class);
        bool right = index > 0 && may_use(t, lane - 1, vehicle_class);
        if (left && right) /* to where the route goes, else to the left */
            return (good & ((1u << index) - 1)) && !(good >> (index + 1)) ? -1 : 1;
        return left ? 1 : right ? -1 : 0;
    }
    if (index >= 32 || !good || (good >> index & 1))
        return 0;
    for (int d = 1; d < count; d++) {
        if (index - d >= 0 && (good >> (index - d) & 1))
            return -d;
        if (index + d < 32 && (good >> (index + d) & 1))
            return d;
    }
    return 0;
}

static void try_mandatory(jw_traffic *t, uint32_t place, uint32_t lane, int want, float left_m)
{
    int direction = want > 0 ? 1 : -1;
    uint32_t target = lane + (uint32_t)direction;
    if (!(t->net.lane_allow[target] >> t->now.vehicle_class[place] & 1))
        return;
    float need_m = URGENT_M * (float)(want * direction);
    gap g = find_gap(t, place, target);
    float urgency = jw_minf(jw_maxf(1 - left_m / need_m, 0), 1);
    float most = jw_type_at(t, place)->decel_mps2 * (0.7f + 1.3f * urgency);
    float end_m = t->net.track_length_m[lane] - t->now.pos_m[place];
    /* Moving, the tail must be out of the junction and the line not be crossed before the junction is asked.
     */
    float v = t->now.speed_mps[place];
    bool may_change = v < 1 || (end_m > v + 1 && t->now.pos_m[place] > jw_length_at(t, place));
    if (!may_change)
        return;
    if (is_fit(t, &g, place, target, 1.0f, most) && is_clear_upstream(t, place, target))
        take_gap(t, &g, place, target, direction);
    else if (left_m < need_m)
        cooperate(t, place, target, &g);
}

static float gain_of(const jw_traffic *t, uint32_t place, uint32_t lane, const gap *g)
{
    const jw_traffic_type *type = jw_type_at(t, place);
    float own = accel_behind(t, place, lane, g->lead_m, g->leader);
    if (t->hold_m[place] < JW_FAR) {
        float stop = t->hold_m[place] - t->now.pos_m[place] + type->min_gap_m;
        own = jw_minf(own, jw_idm_accel(type, t->now.headway_s[place] * 0.5f, jw_wished_speed(t, place, lane),
                                        t->now.speed_mps[place], stop, 0));
    }
    float others = 0;
    if (g->follower != JW_NONE)
        others += accel_behind(t, g->follower, lane, g->back_m, place) - t->now.accel_mps2[g->follower];
    return own - t->now.accel_mps2[place] + type->politeness * others;
}

static void try_discretionary(jw_traffic *t, uint32_t place, uint32_t lane)
{
    uint32_t edge = t->net.lane_edge[lane], first = t->net.edge_first_lane[edge], index = lane - first;
    uint32_t count = t->net.edge_first_lane[edge + 1] - first;
    float left = t->net.track_length_m[lane] - t->now.pos_m[place], v = t->now.speed_mps[place];
    if (left < NEAR_END_M || v < 1 || t->now.pos_m[place] < jw_length_at(t, place) + 1)
        return;
    gap best = {0};
    float best_gain = jw_type_at(t, place)->threshold_mps2;
    int best_direction = 0;
    for (int direction = 1; direction >= -1; direction -= 2) {
        uint32_t target = lane + (uint32_t)direction, at = index + (uint32_t)direction;
        if (at >= count || at >= 32 || !may_use(t, target, t->now.vehicle_class[place]))
            continue;
        if (!(t->now.good[place] >> at & 1) && left < FREE_CHOICE_M)
            continue;
        if (t->obstacle_m[target] < JW_FAR && t->obstacle_m[target] > t->now.pos_m[place])
            continue;
        gap g = find_gap(t, place, target);
        if (!is_fit(t, &g, place, target, 1.5f, SAFE_MPS2))
            continue;
        float gain = gain_of(t, place, target, &g);
        if (gain > best_gain && is_clear_upstream(t, place, target)) {
            best_gain = gain;
            best = g;
            best_direction = direction;
        }
    }
    if (best_direction)
        take_gap(t, &best, place, lane + (uint32_t)best_direction, best_direction);
}

/* ---- one edge --------------------------------------------------------------------------------------------
 */

static bool comes_first(const jw_traffic *t, uint32_t a, uint32_t b, const uint32_t *lane_of)
{
    if (lane_of[a] != lane_of[b])
        return lane_of[a] < lane_of[b];
    if (t->now.pos_m[a] != t->now.pos_m[b])
        return t->now.pos_m[a] > t->now.pos_m[b];
    return t->now.slot[a] < t->now.slot[b];
}

/* Puts the edge's places in order after changes: source[] holds each one's new lane. */
static void reorder(jw_traffic *t, uint32_t edge)
{
    uint32_t first = t->net.edge_first_lane[edge], last = t->net.edge_first_lane[edge + 1];
    uint32_t begin = t->track_begin[first], end = t->track_begin[last];
    uint32_t *order = t->row_slot; /* free until the rows are written */
    for (uint32_t k = begin; k < end; k++) {
        uint32_t at = k;
        for (; at > begin && comes_first(t, k, order[at - 1], t->source); at--)
            order[at] = order[at - 1];
        order[at] = k;
    }
#define JW_X(type, name)                                                                                     \
    for (uint32_t k = begin; k < end; k++)                                                                   \
        t->spare.name[k] = t->now.name[order[k]];                                                            \
    for (uint32_t k = begin; k < end; k++)                                                                   \
        t->now.name[k] = t->spare.name[k];
    JW_TRAFFIC_COLUMNS(JW_X)
#undef JW_X
    float *scratch[] = {t->hold_m, t->bound_m};
    for (uint32_t s = 0; s < 2; s++) {
        for (uint32_t k = begin; k < end; k++)
            t->new_pos_m[k] = scratch[s][order[k]];
        for (uint32_t k = begin; k < end; k++)
            scratch[s][k] = t->new_pos_m[k];
    }
    /* The rows are free too until the end of the step. */
    uint8_t *changed = t->row_flags, *permit = t->row_class;
    for (uint32_t k = begin; k < end; k++) {
        t->track_of[k] = t->source[order[k]];
        changed[k] = t->fate[order[k]] & FATE_CHANGES;
        permit[k] = t->new_permit[order[k]];
    }
    for (uint32_t lane = first + 1, k = begin; lane < last; lane++) {
        while (k < end && t->track_of[k] < lane)
            k++;
        t->track_begin[lane] = k;
    }
    for (uint32_t k = begin; k < end; k++) {
        uint32_t lane = t->track_of[k];
        t->new_permit[k] = permit[k];
        t->place_of_slot[t->now.slot[k]] = k;
        t->fate[k] = changed[k];
        if (changed[k]) {
            t->now.cool[k] = (uint8_t)(COOL_S / t->dt_s);
            t->now.permit[k] = t->new_permit[k] = JW_PERMIT_NONE;
            t->hold_m[k] = JW_FAR;
            jw_traffic_aim(t, k, lane);
        }
        if (changed[k] || k == t->track_begin[lane] || changed[k - 1])
            t->fate[k] |= FATE_AGAIN;
    }
}

static void change_edge(jw_traffic *t, uint32_t edge, uint64_t step)
{
    uint32_t first = t->net.edge_first_lane[edge], last = t->net.edge_first_lane[edge + 1];
    bool any = false;
    for (uint32_t lane = first; lane < last; lane++)
        t->leaving[lane] = 0;
    for (uint32_t p = t->track_begin[first]; p < t->track_begin[last]; p++) {
        t->fate[p] = 0;
        t->source[p] = t->track_of[p];
    }
    for (uint32_t lane = first; lane < last; lane++) {
        for (uint32_t p = t->track_begin[lane]; p < t->track_begin[lane + 1]; p++) {
            float left;
            int want = lanes_to_change(t, p, lane, &left);
            t->now.want[p] = (int8_t)want;
            if (want)
                try_mandatory(t, p, lane, want, left);
            else if ((t->now.slot[p] + step) % ASK_EVERY == 0 && t->now.cool[p] == 0)
                try_discretionary(t, p, lane);
            any |= (t->fate[p] & FATE_CHANGES) != 0;
        }
    }
    if (any)
        reorder(t, edge);
}

typedef struct change_context {
    jw_traffic *t;
    uint64_t step;
} change_context;

static void change_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    change_context *c = context;
    (void)block;
    for (uint32_t edge = begin; edge < end; edge++) {
        uint32_t first = c->t->net.edge_first_lane[edge], last = c->t->net.edge_first_lane[edge + 1];
        if (last - first > 1 && c->t->track_begin[first] != c->t->track_begin[last])
            change_edge(c->t, edge, c->step);
    }
}

void jw_traffic_phase_change(jw_world *world, void *state)
{
    jw_traffic *t = state;
    for (uint32_t p = 0; p < t->running; p++)
        t->fate[p] = 0;
    change_context context = {t, jw_world_step_number(world)};
    jw_parallel_blocks(t->net.edge_count, JW_EDGE_BLOCK, jw_traffic_threads(world, t), change_block,
                       &context);
    /* What lies ahead has changed for those who changed, those behind them and those who are first now. This
     * looks into other edges, so it waits until all are in order. */
    for (uint32_t p = 0; p < t->running; p++) {
        if (!(t->fate[p] & FATE_AGAIN))
            continue;
        uint32_t lane = t->track_of[p];
        jw_traffic_follow_one(t, lane, p);
        if (t->fate[p] & FATE_CHANGES) /* the junction is asked in the next step */
            t->bound_m[p] = jw_minf(t->bound_m[p], t->net.track_length_m[lane] - 0.5f - t->now.pos_m[p]);
    }
}
