/* What lies ahead of a vehicle, and the acceleration that follows from it: that of its model
 * (traffic_model.c) for whatever asks for most braking of what lies nearest along the path: the leader on the
 * lane, a tail that still hangs over from a vehicle that turned off, an incident, the position held by the
 * junction, the last vehicle on the connection or the lane behind it, and, where two connections merge, the
 * one that goes first, and its own stop. Lower limits ahead are met by braking at the comfortable rate in
 * time.
 *
 * Beside the acceleration each vehicle near the end of its track gets a bound on how far it may travel in
 * this step: up to where the others were at its beginning. Nobody moves backwards, so this excludes overlap
 * without any order between the blocks, whatever the model wishes. */
#include "traffic/traffic_siren.h"

/* Conflicts: Hayward, "Near-miss determination through use of a scale of danger", HRR 384, 1972. */
#define CONFLICT_S 1.5f

/* One vehicle's view along its path. */
typedef struct view {
    const jw_car *car;
    const jw_traffic_type *type;
    float speed_mps, headway_s, wished_mps;
    float accel_mps2, bound_m;
    bool is_close; /* see CONFLICT_S */
} view;

static float accel_behind(const view *v, float gap_m, float leader_mps, float leader_mps2)
{
    return jw_follow_accel(v->type, v->headway_s, v->wished_mps, v->speed_mps, gap_m, leader_mps,
                           leader_mps2);
}

/* Whoever is there. */
static void heed(view *v, float gap_m, float leader_mps, float leader_mps2)
{
    v->accel_mps2 = jw_minf(v->accel_mps2, accel_behind(v, gap_m, leader_mps, leader_mps2));
    v->bound_m = jw_minf(v->bound_m, jw_maxf(gap_m, 0));
}

static void look_at_leader(view *v, float gap_m, float leader_mps)
{
    v->is_close |= v->speed_mps > leader_mps && gap_m < CONFLICT_S * (v->speed_mps - leader_mps);
}

/* A vehicle. */
static void heed_leader(view *v, float gap_m, float leader_mps, float leader_mps2)
{
    look_at_leader(v, gap_m, leader_mps);
    heed(v, gap_m, leader_mps, leader_mps2);
}

static void heed_stop(view *v, float distance_m)
{
    float accel = jw_stop_accel(v->type, v->headway_s, v->wished_mps, v->speed_mps, distance_m);
    v->accel_mps2 = jw_minf(v->accel_mps2, accel);
    v->bound_m = jw_minf(v->bound_m, jw_maxf(distance_m, 0));
}

static void heed_limit(view *v, float distance_m, float limit_mps)
{
    if (v->speed_mps <= limit_mps)
        return;
    float accel = (limit_mps * limit_mps - v->speed_mps * v->speed_mps) / (2 * jw_maxf(distance_m, 1));
    if (accel < -0.6f * v->type->decel_mps2)
        v->accel_mps2 = jw_minf(v->accel_mps2, jw_maxf(accel, -v->type->decel_mps2 * 1.5f));
}

/* A vehicle on its way to a merge. */
typedef struct merger {
    float to_zone_m, to_end_m, wait_s;
    uint32_t slot;
    bool is_bound; /* in the zone, or cannot stop before it comfortably */
} merger;

static inline merger make_merger(const jw_car *car, float to_zone_m, float to_end_m)
{
    float v = car->speed_mps;
    return (merger){.to_zone_m = to_zone_m,
                    .to_end_m = to_end_m,
                    .wait_s = car->wait_s,
                    .slot = car->slot,
                    .is_bound = to_zone_m <= 0 || v * v > 2 * 2.0f * to_zone_m};
}

/* The order of merging: first those who are bound to, the nearest before; then who has waited longest, the
 * nearest before. One order for all, so that it cannot run in a circle. */
static inline bool goes_first(const merger *a, const merger *b)
{
    if (a->is_bound != b->is_bound)
        return a->is_bound;
    if (!a->is_bound && a->wait_s != b->wait_s)
        return a->wait_s > b->wait_s;
    return a->to_end_m < b->to_end_m || (a->to_end_m == b->to_end_m && a->slot < b->slot);
}

/* At a zipper: those who are in, then the nearest, whoever has waited: of two queues each lets one go in its
 * turn. */
static inline bool goes_before(const jw_merge *merge, const merger *a, const merger *b)
{
    if (!merge->is_zipper)
        return goes_first(a, b);
    bool a_is_in = a->to_zone_m <= 0, b_is_in = b->to_zone_m <= 0;
    if (a_is_in != b_is_in)
        return a_is_in;
    return a->to_end_m < b->to_end_m || (a->to_end_m == b->to_end_m && a->slot < b->slot);
}

/* The order counts from where the first of the foe's own merges begins, not this pair's. */
static inline merger make_foe(const jw_merge *merge, const jw_car *car, float to_entry_m, float length_m)
{
    return make_merger(car, to_entry_m + merge->foe_merge_begin_m, to_entry_m + length_m);
}

/* Behind the foe there must be room for this vehicle by the time it comes to a zipper. */
static void fall_in(view *v, float gap_m, float to_zone_m, float foe_mps)
{
    float left_s = jw_maxf(to_zone_m / jw_maxf(v->speed_mps, 1), v->type->dt_s);
    float lack_m =
        v->type->min_gap_m + 0.5f * v->headway_s * v->speed_mps - gap_m - (foe_mps - v->speed_mps) * left_s;
    if (lack_m > 0)
        v->accel_mps2 =
            jw_minf(v->accel_mps2, jw_maxf(-2 * lack_m / (left_s * left_s), -v->type->decel_mps2));
}

/* Those on a connection that merges with the own way, and go first. */
static void heed_merging(const jw_traffic *t, view *v, const jw_merge *merge, const merger *own,
                         float to_zone)
{
    uint32_t number = t->net.lane_count + merge->foe, waiting = 0; /* strips: nobody passes who waits there */
    const jw_track *track = &t->tracks[number];
    for (uint32_t p = track->begin; p < track->end; p++) {
        const jw_car *car = &t->cars[p];
        uint32_t cover = jw_strip_cover(t, car, number);
        if (cover & waiting)
            continue;
        float foe_end = track->length_m - car->pos_m;
        float gap = own->to_end_m - foe_end - t->types[car->type].length_m;
        merger foe = make_foe(merge, car, -car->pos_m, track->length_m);
        if (!goes_before(merge, &foe, own) ||
            car->hold_m <= merge->foe_begin_m) { /* gives way before the merge */
            waiting |= foe.is_bound ? 0 : cover;
            continue;
        }
        float room = jw_maxf(gap, to_zone), foe_mps = car->speed_mps;
        v->bound_m = jw_minf(v->bound_m, jw_maxf(room, 0));
        if (!merge->must_yield && !merge->is_zipper && car->pos_m < merge->foe_begin_m &&
            own->to_end_m * jw_maxf(foe_mps, 0.1f) < foe_end * v->speed_mps)
            continue; /* gives way, and will be there later */
        if (merge->is_zipper)
            fall_in(v, gap, to_zone, foe_mps);
        /* Behind it, but up to the zone there is room beside it. */
        v->accel_mps2 = jw_minf(v->accel_mps2, room > 0 ? accel_behind(v, room, foe_mps, car->accel_mps2)
                                                        : -v->type->decel_mps2);
    }
}

/* Those who may reach the merge within this step from their lane, and go first. */
static void heed_entering(const jw_traffic *t, view *v, const jw_merge *merge, const merger *own,
                          float to_zone, float reach_m)
{
    const jw_track *lane = &t->tracks[t->net.ways[merge->foe].from_lane];
    float length_m = t->tracks[t->net.lane_count + merge->foe].length_m;
    for (uint32_t p = lane->begin; p < lane->end; p++) {
        const jw_car *car = &t->cars[p];
        float to_entry = lane->length_m - car->pos_m, foe_end = to_entry + length_m;
        if (foe_end > own->to_end_m + reach_m)
            break;
        if (car->next != merge->foe || car->new_permit != JW_PERMIT_GO)
            continue;
        merger foe = make_foe(merge, car, to_entry, length_m);
        if (!goes_before(merge, &foe, own))
            continue;
        float gap = own->to_end_m - foe_end - t->types[car->type].length_m;
        v->bound_m = jw_minf(v->bound_m, jw_maxf(jw_maxf(gap, to_zone), 0));
    }
}

/* Those who come to a zipper from the other lane and go first: one falls in behind them while there is still
 * room beside them. */
static void heed_zipper(const jw_traffic *t, view *v, const jw_merge *merge, const merger *own, float to_zone)
{
    const jw_track *lane = &t->tracks[t->net.ways[merge->foe].from_lane];
    float length_m = t->tracks[t->net.lane_count + merge->foe].length_m;
    for (uint32_t p = lane->begin; p < lane->end; p++) {
        const jw_car *car = &t->cars[p];
        float to_entry = lane->length_m - car->pos_m;
        merger foe = make_foe(merge, car, to_entry, length_m);
        if (car->next != merge->foe || car->new_permit >= JW_PERMIT_HELD || !goes_before(merge, &foe, own))
            return;
        float gap = own->to_end_m - foe.to_end_m - t->types[car->type].length_m;
        fall_in(v, gap, to_zone, car->speed_mps);
        float room = jw_maxf(jw_maxf(gap, to_zone), 0.1f);
        v->accel_mps2 = jw_minf(v->accel_mps2, accel_behind(v, room, car->speed_mps, car->accel_mps2));
    }
}

/* Vehicles on connections that end on the same lane and go first. */
static void heed_merge(const jw_traffic *t, view *v, uint32_t connection, float to_entry_m)
{
    const jw_way *way = &t->net.ways[connection];
    if (!way->merge_count)
        return;
    float end_m = to_entry_m + t->tracks[t->net.lane_count + connection].length_m;
    float reach = v->speed_mps * t->dt_s + t->dt_s * t->dt_s * 2 + 1;
    bool is_near = end_m <= reach, is_zipper = way->rule == JW_RULE_ZIPPER;
    uint64_t inside = t->inside[way->junction];
    if (!is_near && !is_zipper && !(way->foes & inside))
        return;
    merger own = make_merger(v->car, to_entry_m + way->merge_begin_m, end_m);
    for (const jw_merge *merge = &t->net.merges[way->first_merge], *end = merge + way->merge_count;
         merge < end; merge++) {
        if (inside >> merge->foe_bit & 1)
            heed_merging(t, v, merge, &own, to_entry_m + merge->begin_m);
        if (is_near)
            heed_entering(t, v, merge, &own, to_entry_m + merge->begin_m, reach);
        if (merge->is_zipper)
            heed_zipper(t, v, merge, &own, to_entry_m + merge->begin_m);
    }
}

/* Is the end of this lane open for certain when nobody asked yet? */
static bool is_open_ahead(const jw_traffic *t, uint32_t connection)
{
    uint8_t shown = t->shown[connection];
    return shown == 'G' || (shown == 0 && !t->net.ways[connection].yields);
}

/* Those ahead in the lane, on other strips, with whom it will share a strip on the way that both take. */
static void heed_narrowing(const jw_traffic *t, view *v, uint32_t lane)
{
    const jw_car *car = v->car;
    uint32_t track = t->net.lane_count + car->next, own = jw_strip_cover(t, car, lane);
    uint32_t then = jw_strip_cover(t, car, track);
    for (const jw_car *other = car, *first = &t->cars[t->tracks[lane].begin]; other-- > first;) {
        if (other->next == car->next && !(own & jw_strip_cover(t, other, lane)) &&
            (then & jw_strip_cover(t, other, track)))
            heed_leader(v, other->pos_m - t->types[other->type].length_m - car->pos_m, other->speed_mps,
                        other->accel_mps2);
    }
}

/* Does the tail that still lies on a track lie on a strip of this vehicle's? */
static bool is_in_way(const jw_traffic *t, const jw_car *car, uint32_t track)
{
    return (t->tracks[track].over & jw_strip_cover(t, car, track)) != 0;
}

static float horizon_of(const view *v)
{
    return v->speed_mps * v->speed_mps / (2 * v->type->decel_mps2) + v->speed_mps * v->headway_s + 15;
}

/* The connection that a vehicle will take from a lane on its way, so many edges further on; JW_NONE: it need
 * not be known, because the way ends there. */
static uint32_t way_from(const jw_traffic *t, const jw_car *car, uint32_t lane, uint32_t passed,
                         bool *is_last)
{
    uint32_t to = jw_traffic_route_edge(t, car->slot, passed + 1);
    *is_last = to == JW_NONE;
    if (*is_last)
        return JW_NONE;
    uint32_t c = jw_traffic_choose_connection(t, lane, to, jw_traffic_route_edge(t, car->slot, passed + 2),
                                              t->types[car->type].vehicle_class, car->slot);
    return c != JW_NONE && is_open_ahead(t, c) ? c : JW_NONE;
}

/* From the end of the vehicle's track onwards. */
static void look_beyond(const jw_traffic *t, view *v, uint32_t track)
{
    const jw_car *car = v->car;
    float ahead = t->tracks[track].length_m - car->pos_m; /* to the end of `track` */
    float horizon = horizon_of(v);
    uint32_t passed = 0; /* edges entered on the way */
    if (car->is_last && jw_is_lane(t, track))
        return; /* it arrives here */
    for (uint32_t hops = 0; hops < 8 && ahead < horizon; hops++) {
        bool was_lane = jw_is_lane(t, track);
        uint32_t next_track;
        if (was_lane) {
            bool is_last = false;
            uint32_t c = passed ? way_from(t, car, track, passed, &is_last) : car->next;
            if (is_last)
                return;
            if (c == JW_NONE) {
                heed_stop(v, ahead - 0.5f);
                return;
            }
            next_track = t->net.lane_count + c;
            heed_merge(t, v, c, ahead);
        } else {
            next_track = t->net.ways[track - t->net.lane_count].to_lane;
            passed++;
        }
        const jw_track *next = &t->tracks[next_track];
        heed_limit(v, ahead, jw_minf(next->limit_mps * car->factor, v->type->max_speed_mps));
        if (next->overhang_m < JW_FAR && is_in_way(t, car, next_track))
            heed_leader(v, ahead + next->overhang_m, next->overhang_mps, 0);
        if (!was_lane && t->disturbances.count && t->obstacle_m[next_track] < JW_FAR)
            heed(v, ahead + t->obstacle_m[next_track], 0, 0);
        if (!was_lane && car->stop == JW_STOP_LATER)
            heed_stop(v, ahead + jw_plan_stop_m(t, &t->vehicles[car->slot], t->net.lane_edge[next_track]));
        if (was_lane && car->is_siren && t->shown[next_track - t->net.lane_count] == 'r')
            heed_limit(v, ahead, JW_SIREN_RED_MPS);
        uint32_t tail = next->begin == next->end ? JW_NONE : next->end - 1;
        if (tail != JW_NONE && (next->wheels || car->strip || car->is_siren))
            tail = jw_strip_tail(t, next_track, car, horizon - ahead);
        if (tail != JW_NONE) {
            const jw_car *last = &t->cars[tail];
            heed_leader(v, ahead + last->pos_m - t->types[last->type].length_m, last->speed_mps,
                        last->accel_mps2);
            return;
        }
        ahead += next->length_m;
        track = next_track;
    }
}

/* What lies ahead of a vehicle on its track and beyond. */
static inline void look_ahead(const jw_traffic *t, view *v, uint32_t track, uint32_t place)
{
    const jw_track *here = &t->tracks[track];
    const jw_car *car = v->car, *leader = place == here->begin ? NULL : car - 1;
    bool is_lane = jw_is_lane(t, track);
    float pos = car->pos_m, left_m = here->length_m - pos;
    if (here->wheels) {
        uint32_t ahead = jw_strip_leader(t, track, place, horizon_of(v));
        leader = ahead == JW_NONE ? NULL : &t->cars[ahead];
        v->wished_mps = jw_minf(v->wished_mps, jw_strip_passing_mps(t, track, place));
    }
    if (leader) {
        float gap_m = leader->pos_m - t->types[leader->type].length_m - pos;
        look_at_leader(v, gap_m, leader->speed_mps);
        v->accel_mps2 = accel_behind(v, gap_m, leader->speed_mps, leader->accel_mps2);
    } else {
        v->accel_mps2 = jw_free_accel(v->type, v->wished_mps, v->speed_mps);
    }
    if (car->hold_m < JW_FAR)
        heed_stop(v, car->hold_m - pos);
    if (v->speed_mps <= 0 && v->accel_mps2 <= 0)
        return; /* it stands, and nothing else that is ahead could make it start */
    if (is_lane && t->disturbances.count && t->obstacle_m[track] < JW_FAR && t->obstacle_m[track] >= pos)
        heed(v, t->obstacle_m[track] - pos, 0, 0);
    if (!leader && here->overhang_m < JW_FAR && here->overhang_m >= pos && is_in_way(t, car, track))
        heed_leader(v, here->overhang_m - pos, here->overhang_mps, 0);
    if (car->stop == JW_STOP_HERE)
        heed_stop(v, jw_plan_stop_m(t, &t->vehicles[car->slot], t->net.lane_edge[track]) - pos);
    else if (car->stop == JW_STOP_STANDS)
        v->bound_m = 0;
    if (car->yields) {
        v->accel_mps2 = jw_minf(v->accel_mps2, -v->type->decel_mps2);
        v->bound_m = car->is_aside ? 0 : v->bound_m;
    }
    float dt = v->type->dt_s, reach = (v->speed_mps + v->type->accel_mps2 * dt) * dt;
    if (!is_lane) /* another may be between this one and its leader on the way to the merge */
        heed_merge(t, v, track - t->net.lane_count, -pos);
    if (!leader || leader->next != car->next || left_m < reach + 1)
        look_beyond(t, v, track);
    if (here->wheels && is_lane && car->next != JW_NONE && left_m < horizon_of(v))
        heed_narrowing(t, v, track);
    if (car->strip > 1)
        v->accel_mps2 = jw_minf(v->accel_mps2, jw_strip_yielding_mps2(t, track, place));
    if (v->type->model == JW_FOLLOW_KRAUSS)
        v->accel_mps2 = jw_dawdle(v->type, v->speed_mps, v->accel_mps2,
                                  (float)(jw_random_of_series(t->dawdle_series, car->slot) >> 40) * 0x1p-24f);
}

/* Acceleration and bound of some vehicles of a track; returns how many have come into conflict. *has_reason:
 * see jw_traffic_decide_changes. */
static uint32_t follow(jw_traffic *t, uint32_t track, uint32_t begin, uint32_t end, uint32_t lane_bit,
                       bool *has_reason)
{
    uint32_t conflicts = 0;
    bool has_found = *has_reason;
    float limit_mps = t->tracks[track].limit_mps;
    for (uint32_t place = begin; place < end; place++) {
        jw_car *car = &t->cars[place];
        const jw_traffic_type *type = &t->types[car->type];
        view v = {.car = car,
                  .type = type,
                  .speed_mps = car->speed_mps,
                  .headway_s = car->headway_s,
                  .wished_mps = jw_minf(limit_mps * car->factor, type->max_speed_mps),
                  .bound_m = JW_FAR};
        look_ahead(t, &v, track, place);
        conflicts += v.is_close && !car->is_close;
        car->wish_mps2 = v.accel_mps2;
        car->bound_m = v.bound_m;
        car->is_close = v.is_close;
        has_found = has_found || !(car->good & lane_bit) || car->want || car->stop == JW_STOP_STANDS ||
                    jw_traffic_asks_for_change(t, car);
    }
    *has_reason = has_found;
    return conflicts;
}

bool jw_traffic_follow_one(jw_traffic *t, uint32_t track, uint32_t place)
{
    bool has_reason = false;
    return follow(t, track, place, place + 1, 0, &has_reason) != 0;
}

/* Each edge decides on lane changes while its vehicles are in the cache. */
static void follow_lanes(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    jw_outbox *out = &t->outboxes[block];
    uint32_t last = t->net.edge_first_lane[end], conflicts = 0, open = JW_NONE; /* edge not yet decided on */
    bool has_reason = false;
    out->count = 0;
    for (uint32_t lane = jw_traffic_next_used(t, t->net.edge_first_lane[begin], last); lane < last;
         lane = jw_traffic_next_used(t, lane + 1, last)) {
        jw_traffic_prefetch(t, lane);
        uint32_t edge = t->net.lane_edge[lane];
        if (edge != open) {
            if (open != JW_NONE)
                jw_traffic_decide_changes(t, open, has_reason, out);
            open = edge;
            has_reason = false;
        }
        uint32_t index = t->net.lane_index[lane];
        conflicts += follow(t, lane, t->tracks[lane].begin, t->tracks[lane].end, index < 32 ? 1u << index : 0,
                            &has_reason);
    }
    if (open != JW_NONE)
        jw_traffic_decide_changes(t, open, has_reason, out);
    out->conflicts = conflicts;
}

static void follow_connections(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    jw_outbox *out = &t->outboxes[jw_edge_blocks(t) + block];
    uint32_t lanes = t->net.lane_count, last = lanes + t->net.junction_first[end];
    bool has_reason = false;
    out->conflicts = 0;
    for (uint32_t track = jw_traffic_next_used(t, lanes + t->net.junction_first[begin], last); track < last;
         track = jw_traffic_next_used(t, track + 1, last))
        out->conflicts += follow(t, track, t->tracks[track].begin, t->tracks[track].end, 0, &has_reason);
}

void jw_traffic_phase_follow(jw_world *world, void *state)
{
    jw_traffic *t = state;
    (void)world;
    t->dawdle_series = jw_random_series(t->dawdle_key, t->step);
    jw_traffic_run_blocks(t, follow_lanes, follow_connections);
}
