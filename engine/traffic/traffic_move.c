/* Moving: positions and speeds by the ballistic update (v' = v + a dt, x' = x + (v + v') dt / 2; a vehicle
 * that would come to a stop within the step stops where it stops), then the passages from track to track,
 * arrivals and departures, and the columns written anew in order. */
#include "traffic/traffic_internal.h"

#include <stdlib.h>
#include <string.h>

#define LATERAL_MPS 1.2f
#define STUCK_LANE_S                                                                                         \
    12.0f /* at the end of a lane that does not lead on, before another way is looked for                    \
           */

#define STUCK_JUNCTION_S 90.0f
#define STUCK_AGAIN_S    30.0f

/* ---- integration, in parallel ----------------------------------------------------------------------------
 */

static bool has_arrived(const jw_traffic *t, uint32_t place, float pos_m, float length_m)
{
    uint32_t slot = t->now.slot[place];
    return jw_traffic_route_edge(t, slot, 1) == JW_NONE &&
           pos_m >= jw_minf(t->vehicles[slot].arrive_s_m, length_m);
}

static void move_track(jw_traffic *t, uint32_t track, uint32_t *emergency, double *co2_g)
{
    float length = t->net.track_length_m[track], dt = t->dt_s, front_m = JW_FAR;
    uint32_t stay = 0;
    bool is_lane = jw_is_lane(t, track);
    for (uint32_t p = t->track_begin[track]; p < t->track_begin[track + 1]; p++) {
        const jw_traffic_type *type = jw_type_at(t, p);
        float x = t->now.pos_m[p], v = t->now.speed_mps[p], a = t->now.accel_mps2[p];
        float v1 = v + a * dt, way = v1 >= 0 ? 0.5f * (v + v1) * dt : v * v / (-2 * a);
        v1 = jw_maxf(v1, 0);
        float room = jw_maxf(jw_minf(t->bound_m[p], front_m - x), 0);
        if (way > room) {
            way = room;
            v1 = jw_minf(v1, way / dt);
        }
        a = (v1 - v) / dt; /* what became of it: who stands brakes no more */
        *emergency += a <= -0.95f * type->emergency_mps2;
        t->now.accel_mps2[p] = a;
        t->new_pos_m[p] = x + way;
        t->new_speed_mps[p] = v1;
        front_m = x + way - type->length_m;
        t->now.wait_s[p] = v1 < JW_STOPPED_MPS ? t->now.wait_s[p] + dt : v1 > 1 ? 0 : t->now.wait_s[p];
        float side = t->now.lateral_m[p], back = LATERAL_MPS * dt;
        t->now.lateral_m[p] = side > back ? side - back : side < -back ? side + back : 0;
        if (t->now.cool[p] > 0)
            t->now.cool[p]--;
        t->now.permit[p] = t->new_permit[p];
        float co2 = jw_traffic_co2_rate(type, 0.5f * (v + v1), a) * dt;
        t->now.co2_g[p] += co2;
        *co2_g += co2;
        t->fate[p] = JW_FATE_STAYS;
        if (is_lane && t->now.next[p] == JW_NONE) {
            if (has_arrived(t, p, x + way, length))
                t->fate[p] = JW_FATE_ARRIVES;
        } else if (x + way >= length) {
            t->fate[p] = JW_FATE_LEAVES;
        }
        stay += t->fate[p] == JW_FATE_STAYS;
    }
    t->leaving[track] = stay;
}

static void move_lanes(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    t->block_emergency[block] = 0;
    t->block_co2_g[block] = 0;
    for (uint32_t lane = t->net.edge_first_lane[begin]; lane < t->net.edge_first_lane[end]; lane++)
        move_track(t, lane, &t->block_emergency[block], &t->block_co2_g[block]);
}

static void move_connections(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    uint32_t at = jw_block_count(t->net.edge_count, JW_EDGE_BLOCK) + block;
    t->block_emergency[at] = 0;
    t->block_co2_g[at] = 0;
    for (uint32_t c = t->net.junction_first[begin]; c < t->net.junction_first[end]; c++)
        move_track(t, t->net.lane_count + c, &t->block_emergency[at], &t->block_co2_g[at]);
}

/* ---- passages, in order of place -------------------------------------------------------------------------
 */

static void leave_track(jw_traffic *t, jw_vehicle *v, uint32_t track, float way_m)
{
    float speed = jw_minf(t->track_speed_mps[track], t->types[v->vehicle_class].max_speed_mps);
    v->way_m += way_m;
    v->free_s += way_m / jw_maxf(speed, 0.5f);
    v->prev[1] = v->prev[0];
    v->prev[0] = track;
}

/* From its track to wherever its new position lies; false when it arrives on the way. */
static bool pass_on(jw_traffic *t, uint32_t place, uint32_t *out_track)
{
    uint32_t track = t->track_of[place];
    float pos = t->new_pos_m[place];
    jw_vehicle *v = &t->vehicles[t->now.slot[place]];
    while (pos >= t->net.track_length_m[track]) {
        float length = t->net.track_length_m[track];
        uint32_t next = t->now.next[place];
        if (jw_is_lane(t, track)) {
            if (next == JW_NONE) { /* a short lane that does not lead on */
                pos = length;
                break;
            }
            leave_track(t, v, track, length);
            track = t->net.lane_count + next;
        } else {
            leave_track(t, v, track, length);
            track = t->net.to_lane[track - t->net.lane_count];
            v->route_pos++;
            jw_traffic_aim(t, place, track);
        }
        pos -= length;
        if (jw_is_lane(t, track) && has_arrived(t, place, pos, t->net.track_length_m[track])) {
            leave_track(t, v, track, pos);
            return false;
        }
    }
    t->new_pos_m[place] = pos;
    *out_track = track;
    return true;
}

static int compare_passages(const void *a, const void *b)
{
    const jw_passage *p = a, *q = b;
    if (p->track != q->track)
        return p->track < q->track ? -1 : 1;
    if (p->pos_m != q->pos_m)
        return p->pos_m > q->pos_m ? -1 : 1;
    return p->slot < q->slot ? -1 : p->slot > q->slot;
}

void jw_traffic_sort_passages(jw_traffic *t)
{
    qsort(t->passages, t->passage_count, sizeof *t->passages, compare_passages);
}

/* At the end of a lane that does not lead on; or first at a junction for so long that another way is looked
 * for, then once in half a minute. */
static bool is_stuck(const jw_traffic *t, uint32_t place)
{
    if (!jw_is_lane(t, t->track_of[place]) || jw_traffic_route_edge(t, t->now.slot[place], 1) == JW_NONE)
        return false;
    if (t->now.next[place] == JW_NONE)
        return true;
    float wait = t->now.wait_s[place];
    uint32_t steps = (uint32_t)(wait / t->dt_s), every = (uint32_t)(STUCK_AGAIN_S / t->dt_s);
    return wait > STUCK_JUNCTION_S && place == t->track_begin[t->track_of[place]] &&
           t->now.permit[place] >= JW_PERMIT_HELD && steps % every == 0;
}

static void collect_passages(jw_world *world, jw_traffic *t)
{
    t->passage_count = t->stuck_count = 0;
    for (uint32_t p = 0; p < t->running; p++) {
        uint8_t fate = t->fate[p];
        if (fate == JW_FATE_STAYS) {
            if (t->now.wait_s[p] > STUCK_LANE_S && is_stuck(t, p))
                t->stuck[t->stuck_count++] = t->now.slot[p];
            continue;
        }
        uint32_t track;
        if (fate == JW_FATE_LEAVES && pass_on(t, p, &track)) {
            t->passages[t->passage_count++] = (jw_passage){track, p, t->now.slot[p], t->new_pos_m[p]};
        } else {
            if (fate == JW_FATE_ARRIVES)
                leave_track(t, &t->vehicles[t->now.slot[p]], t->track_of[p], t->new_pos_m[p]);
            jw_traffic_finish_vehicle(world, t, p);
        }
    }
    jw_traffic_sort_passages(t);
}

/* ---- the columns anew ------------------------------------------------------------------------------------
 */

static void mark_overhang(jw_traffic *t, uint32_t place, float pos_m, float speed_mps)
{
    const jw_vehicle *v = &t->vehicles[t->now.slot[place]];
    float rear = pos_m - jw_length_at(t, place);
    for (uint32_t k = 0; k < 2 && rear < 0 && v->prev[k] != JW_NONE; k++) {
        uint32_t track = v->prev[k];
        rear += t->net.track_length_m[track];
        if (t->overhang_m[track] >= JW_FAR)
            t->overhang_tracks[t->overhang_count++] = track;
        if (rear < t->overhang_m[track]) {
            t->overhang_m[track] = jw_maxf(rear, 0);
            t->overhang_mps[track] = speed_mps;
        }
    }
}

void jw_traffic_restore_derived(jw_traffic *t)
{
    uint32_t p = 0;
    for (uint32_t track = 0; track < t->net.track_count; track++) {
        t->track_begin[track] = p;
        while (p < t->running && t->track_of[p] == track) {
            t->place_of_slot[t->now.slot[p]] = p;
            if (t->now.pos_m[p] < jw_length_at(t, p))
                mark_overhang(t, p, t->now.pos_m[p], t->now.speed_mps[p]);
            p++;
        }
    }
    t->track_begin[t->net.track_count] = p;
}

/* Lists where each new place comes from, track by track: those who stay and those who came, by position. */
static void list_sources(jw_traffic *t)
{
    for (uint32_t k = 0; k < t->overhang_count; k++)
        t->overhang_m[t->overhang_tracks[k]] = JW_FAR;
    t->overhang_count = 0;
    uint32_t at = 0, passage = 0;
    for (uint32_t track = 0; track < t->net.track_count; track++) {
        t->track_begin_spare[track] = at;
        uint32_t p = t->track_begin[track], end = t->track_begin[track + 1];
        for (;;) {
            while (p < end && t->fate[p] != JW_FATE_STAYS)
                p++;
            bool has_passage = passage < t->passage_count && t->passages[passage].track == track;
            uint32_t from;
            if (p < end && (!has_passage || t->new_pos_m[p] >= t->passages[passage].pos_m))
                from = p++;
            else if (has_passage)
                from = t->passages[passage++].place;
            else
                break;
            if (t->new_pos_m[from] < jw_length_at(t, from))
                mark_overhang(t, from, t->new_pos_m[from], t->new_speed_mps[from]);
            t->source[at++] = from;
        }
    }
    t->track_begin_spare[t->net.track_count] = at;
    t->running = at;
}

static void gather(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    (void)block;
#define JW_X(type, name)                                                                                     \
    for (uint32_t k = begin; k < end; k++)                                                                   \
        t->spare.name[k] = t->now.name[t->source[k]];
    JW_TRAFFIC_COLUMNS(JW_X)
#undef JW_X
    for (uint32_t k = begin; k < end; k++) {
        t->spare.pos_m[k] = t->new_pos_m[t->source[k]];
        t->spare.speed_mps[k] = t->new_speed_mps[t->source[k]];
        t->place_of_slot[t->spare.slot[k]] = k;
    }
}

static void find_tracks(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    (void)block;
    for (uint32_t track = begin; track < end; track++)
        for (uint32_t p = t->track_begin[track]; p < t->track_begin[track + 1]; p++)
            t->track_of[p] = track;
}

void jw_traffic_phase_move(jw_world *world, void *state)
{
    jw_traffic *t = state;
    int threads = jw_traffic_threads(world, t);
    jw_parallel_blocks(t->net.edge_count, JW_EDGE_BLOCK, threads, move_lanes, t);
    jw_parallel_blocks(t->net.junction_count, JW_JUNCTION_BLOCK, threads, move_connections, t);
    for (uint32_t k = 0; k < t->block_count; k++) {
        t->counts.emergency_brakings += t->block_emergency[k];
        t->co2_sum_g += t->block_co2_g[k];
    }
    t->counts.vehicle_updates += t->running;
    collect_passages(world, t);
    if (jw_traffic_insert_waiting(world, t))
        jw_traffic_sort_passages(t);
    list_sources(t);
    jw_parallel_blocks(t->running, JW_PLACE_BLOCK, threads, gather, t);
    jw_traffic_columns columns = t->now;
    t->now = t->spare;
    t->spare = columns;
    uint32_t *begin = t->track_begin;
    t->track_begin = t->track_begin_spare;
    t->track_begin_spare = begin;
    jw_parallel_blocks(t->net.track_count, JW_PLACE_BLOCK * 4, threads, find_tracks, t);
    t->counts.running = t->running;
    t->now_ns = jw_world_time_ns(world);
    for (uint32_t k = 0; k < t->stuck_count; k++) {
        jw_error error = {0};
        if (!jw_traffic_reroute(t, t->stuck[k], true, &error) && error.code == JW_ERROR_MEMORY)
            jw_world_fail(world, error.code, error.message);
        uint32_t place = t->place_of_slot[t->stuck[k]];
        if (t->now.next[place] == JW_NONE)
            t->now.wait_s[place] = 0;
    }
}
