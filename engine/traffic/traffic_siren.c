/* Emergency vehicles: see traffic_siren.h. */
#include "traffic/traffic_siren.h"

#include <string.h>

#define REACH_M    80.0f /* so far ahead others make way; round figures, as those below */
#define CLOSE_M    40.0f
#define SLOW_MPS   5.0f
#define HELD_SHARE 0.6f /* of its wished speed: below it is held up */
#define PASSED_M   1.0f
#define ASIDE_MM   150 /* so near to the side one goes to */
#define CLAIM_M    40.0f
#define CLAIM_S    5.0f
#define HOPS_MAX   6u
#define PATIENCE_S 30.0f /* standing so long it cannot come through: the others go on */

/* ---- those who make way ----------------------------------------------------------------------------------
 */

static bool makes_way(const jw_car *car, const jw_car *siren, float ahead_m, bool is_held_up)
{
    if (car->is_siren || car->strip || car->stop == JW_STOP_STANDS)
        return false;
    return ahead_m < 0 || (siren->stop < JW_STOP_HERE && siren->wait_s < PATIENCE_S &&
                           (car->is_aside || car->speed_mps < SLOW_MPS || (is_held_up && ahead_m < CLOSE_M)));
}

bool jw_siren_note_yielder(jw_traffic *t, uint32_t slot)
{
    jw_sirens *s = &t->sirens;
    if (jw_grow(&s->yielders, &s->yielder_capacity, s->yielder_count + 1ull, sizeof *s->yielders, NULL))
        return false;
    s->yielders[s->yielder_count++] = slot;
    return true;
}

/* Rear of the first one ahead on a track who cannot make way: at a stop, or inside a junction. Who is before
 * that had better go on, to let it go on. */
static float blocked_m(const jw_traffic *t, const jw_car *siren, uint32_t track, float front_m)
{
    for (uint32_t p = t->tracks[track].end; p-- > t->tracks[track].begin;) {
        const jw_car *car = &t->cars[p];
        float rear_m = car->pos_m - t->types[car->type].length_m;
        if (car->slot != siren->slot && !car->strip && car->pos_m > front_m &&
            (!jw_is_lane(t, track) || car->stop == JW_STOP_STANDS))
            return rear_m;
    }
    return JW_FAR;
}

/* Those on a lane along which the emergency vehicle has its front at front_m: beside it and before it. */
static bool warn_lane(jw_traffic *t, const jw_car *siren, uint32_t lane, float front_m, float until_m)
{
    float rear_m = front_m - t->types[siren->type].length_m;
    float wished_mps =
        jw_minf(t->tracks[siren->track].limit_mps * siren->factor, t->types[siren->type].max_speed_mps);
    bool is_held_up = siren->speed_mps < HELD_SHARE * wished_mps;
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++) {
        jw_car *car = &t->cars[p];
        float ahead_m = car->pos_m - t->types[car->type].length_m - front_m;
        if (car->pos_m < rear_m - PASSED_M)
            break;
        if (ahead_m > REACH_M || car->pos_m > until_m || car->yields ||
            !makes_way(car, siren, ahead_m, is_held_up))
            continue;
        if (!jw_siren_note_yielder(t, car->slot))
            return false;
        car->yields = 1;
    }
    return true;
}

/* Along its way: the lanes on which its tail lies, its own, and those ahead. */
static bool warn(jw_traffic *t, const jw_car *siren)
{
    const jw_vehicle *v = &t->vehicles[siren->slot];
    uint32_t track = siren->track, passed = 0;
    float front_m = siren->pos_m, back_m = front_m;
    bool is_good = true;
    for (uint32_t k = 0; k < 2 && back_m < t->types[siren->type].length_m + PASSED_M && v->prev[k] != JW_NONE;
         k++) {
        back_m += t->tracks[v->prev[k]].length_m;
        is_good = is_good && (!jw_is_lane(t, v->prev[k]) || warn_lane(t, siren, v->prev[k], back_m, JW_FAR));
    }
    for (uint32_t hop = 0; hop < HOPS_MAX && front_m > -REACH_M && is_good; hop++) {
        float length_m = t->tracks[track].length_m, until_m = blocked_m(t, siren, track, front_m);
        if (!jw_is_lane(t, track)) {
            track = t->net.ways[track - t->net.lane_count].to_lane;
            passed++;
        } else {
            is_good = warn_lane(t, siren, track, front_m, until_m);
            uint32_t c = siren->next, to = jw_traffic_route_edge(t, siren->slot, passed + 1);
            if (passed && to != JW_NONE)
                c = jw_traffic_choose_connection(t, track, to,
                                                 jw_traffic_route_edge(t, siren->slot, passed + 2),
                                                 JW_VEHICLE_EMERGENCY, siren->slot);
            if (to == JW_NONE || c == JW_NONE)
                break;
            track = t->net.lane_count + c;
        }
        if (until_m < JW_FAR)
            break;
        front_m -= length_m;
    }
    return is_good;
}

/* Those who make way no more go on; those who stand at the side let it pass. */
static void settle(jw_traffic *t, uint32_t old_count)
{
    jw_sirens *s = &t->sirens;
    for (uint32_t k = 0; k < old_count; k++) {
        jw_car *car = &t->cars[t->place_of_slot[s->yielders[k]]];
        if ((t->pool.generations[s->yielders[k]] & 1) && !car->yields)
            car->is_aside = 0;
    }
    s->yielder_count -= old_count;
    if (old_count && s->yielder_count)
        memmove(s->yielders, s->yielders + old_count, s->yielder_count * sizeof *s->yielders);
    for (uint32_t k = 0; k < s->yielder_count; k++) {
        jw_car *car = &t->cars[t->place_of_slot[s->yielders[k]]];
        int32_t off_mm = jw_strip_side_mm(t, car, car->track) - car->lateral_mm;
        if (car->speed_mps < JW_STOPPED_MPS && off_mm < ASIDE_MM && off_mm > -ASIDE_MM)
            car->is_aside = 1;
    }
}

/* ---- at junctions ----------------------------------------------------------------------------------------
 */

static void claim(const jw_traffic *t, jw_siren *siren)
{
    const jw_car *car = &t->cars[t->place_of_slot[siren->slot]];
    siren->connection = JW_NONE;
    if (jw_is_kerb(t, car->track))
        return;
    float left_m = t->tracks[car->track].length_m - car->pos_m;
    bool is_near = car->wait_s < PATIENCE_S && (left_m < CLAIM_M || left_m < CLAIM_S * car->speed_mps);
    if (!jw_is_lane(t, car->track))
        siren->connection = car->track - t->net.lane_count;
    else if (is_near && car->stop < JW_STOP_HERE && !car->is_last)
        siren->connection = car->next;
}

bool jw_siren_claims(const jw_traffic *t, uint32_t connection)
{
    const jw_way *way = &t->net.ways[connection];
    for (uint32_t k = 0; k < t->sirens.count; k++) {
        uint32_t c = t->sirens.items[k].connection;
        if (c != JW_NONE && c != connection && t->net.ways[c].junction == way->junction &&
            t->net.ways[c].from_lane != way->from_lane && (way->foes >> t->net.ways[c].junction_bit & 1))
            return true;
    }
    return false;
}

/* ---- the step --------------------------------------------------------------------------------------------
 */

void jw_siren_run(jw_world *world, jw_traffic *t)
{
    jw_sirens *s = &t->sirens;
    uint32_t old_count = s->yielder_count, count = 0;
    bool is_good = true;
    for (uint32_t k = 0; k < old_count; k++)
        if (t->pool.generations[s->yielders[k]] & 1)
            t->cars[t->place_of_slot[s->yielders[k]]].yields = 0;
    for (uint32_t k = 0; k < s->count; k++) {
        jw_siren siren = s->items[k];
        const jw_car *car = &t->cars[t->place_of_slot[siren.slot]];
        if (!(t->pool.generations[siren.slot] & 1) || !car->is_siren)
            continue; /* has arrived */
        claim(t, &siren);
        if (!jw_is_kerb(t, car->track))
            is_good = is_good && warn(t, car);
        s->items[count++] = siren;
    }
    s->count = count;
    settle(t, old_count);
    if (!is_good)
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for those who make way");
}
