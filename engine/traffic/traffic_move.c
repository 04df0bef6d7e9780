/* Moving: positions and speeds by the ballistic update (v' = v + a dt, x' = x + (v + v') dt / 2; a vehicle
 * that would come to a stop within the step stops where it stops); then the passages from track to track,
 * arrivals and departures. Each block finds out for its own vehicles where they go, in parallel; they are
 * moved there one after the other, in the order of the blocks. */
#include "traffic/traffic_strip.h"

#define LATERAL_MPS 1.2f
#define STUCK_LANE_S                                                                                         \
    12.0f /* at the end of a lane that does not lead on, before another way is looked for                    \
           */

#define STUCK_JUNCTION_S 90.0f
#define STUCK_AGAIN_S    30.0f

/* ---- integration, in parallel ----------------------------------------------------------------------------
 */

static bool has_arrived(const jw_traffic *t, const jw_car *car, float pos_m, float length_m)
{
    return car->is_last && pos_m >= jw_minf(t->vehicles[car->slot].arrive_s_m, length_m);
}

/* At the end of a lane that does not lead on; or first at a junction for so long that another way is looked
 * for, then once in half a minute. */
static bool is_stuck(const jw_traffic *t, const jw_car *car, bool is_first)
{
    if (!jw_is_lane(t, car->track) || car->is_last || car->stop >= JW_STOP_HERE)
        return false;
    if (car->next == JW_NONE)
        return true;
    uint32_t steps = (uint32_t)(car->wait_s / t->dt_s), every = (uint32_t)(STUCK_AGAIN_S / t->dt_s);
    return car->wait_s > STUCK_JUNCTION_S && is_first && car->permit >= JW_PERMIT_HELD && steps % every == 0;
}

/* Begins or ends a halt: only who changes over is looked up. */
static void note_halt(jw_traffic *t, uint32_t slot, bool stands)
{
    jw_vehicle *v = &t->vehicles[slot];
    if (stands) {
        v->standing_ms -= jw_ms_of(t->now_ns);
        v->halts = (uint16_t)(v->halts + (v->halts < UINT16_MAX));
    } else if (v->is_halted) {
        v->standing_ms += jw_ms_of(t->now_ns);
    }
    v->is_halted = stands;
}

static int16_t towards(int side_mm, int goal_mm, int most_mm)
{
    int left_mm = goal_mm - side_mm;
    return (int16_t)(left_mm > most_mm    ? side_mm + most_mm
                     : left_mm < -most_mm ? side_mm - most_mm
                                          : goal_mm);
}

/* Where the front comes to lie sideways. */
static void move_aside(const jw_traffic *t, jw_car *car, uint32_t track, bool has_wheels)
{
    int goal_mm = has_wheels || car->yields ? jw_strip_side_mm(t, car, track) : 0;
    car->lateral_mm = towards(car->lateral_mm, goal_mm, (int)(LATERAL_MPS * 1000 * t->dt_s));
}

static jw_emitted move_track(jw_traffic *t, uint32_t track, jw_outbox *out)
{
    const jw_track *here = &t->tracks[track];
    float length = here->length_m, dt = t->dt_s, front_m = JW_FAR;
    float way_m = 0;
    jw_emitted emitted = {0};
    uint32_t emergency = 0;
    bool is_lane = jw_is_lane(t, track);
    bool has_wheels = here->wheels != 0;
    jw_strip_rears rears;
    if (has_wheels)
        rears = jw_strip_make_rears();
    const jw_traffic_type *types = t->types;
    jw_trip_emitted *trips = t->intervals.trips;
    jw_car *first = &t->cars[here->begin], *end = &t->cars[here->end];
    for (jw_car *car = first; car < end; car++) {
        const jw_traffic_type *type = &types[car->type];
        float x = car->pos_m, v = car->speed_mps, a = car->wish_mps2, v1 = 0, way = 0;
        float wait_s = car->wait_s + dt;
        if (has_wheels)
            front_m = jw_strip_rear(&rears, jw_strip_cover(t, car, track));
        if (v > 0 || a > 0) {
            v1 = v + a * dt;
            way = type->is_euler ? jw_maxf(v1, 0) * dt : v1 >= 0 ? 0.5f * (v + v1) * dt : v * v / (-2 * a);
            v1 = jw_maxf(v1, 0);
            float room = jw_maxf(jw_minf(car->bound_m, front_m - x), 0);
            if (way > room) {
                way = room;
                v1 = jw_minf(v1, way * type->per_dt);
            }
            a = (v1 - v) * type->per_dt; /* what became of it: who stands brakes no more */
            x += way;
            way_m += way;
            emergency += a <= -0.95f * type->emergency_mps2;
            car->pos_m = x;
            car->speed_mps = v1;
            if ((v < JW_HALT_MPS) != (v1 < JW_HALT_MPS))
                note_halt(t, car->slot, v1 < JW_HALT_MPS);
            wait_s = v1 < JW_STOPPED_MPS ? wait_s : v1 > 1 ? 0 : car->wait_s;
        } else { /* it stands */
            a = 0;
        }
        front_m = x - type->length_m;
        car->bound_m = way;
        car->accel_mps2 = a;
        car->wait_s = wait_s;
        if (has_wheels)
            jw_strip_set_rear(&rears, jw_strip_cover(t, car, track), front_m);
        if (car->lateral_mm || has_wheels || car->yields)
            move_aside(t, car, track, has_wheels);
        car->cool = (uint8_t)(car->cool - (car->cool != 0));
        car->permit = car->new_permit;
        car->new_permit = JW_PERMIT_NONE;
        car->hold_m = JW_FAR;
        car->mark = 0;
        if (car->is_electric) {
            float wh = jw_emission_electric_w(&type->emission, 0.5f * (v + v1), a) * dt / 3600;
            car->used += wh;
            emitted.energy_wh += wh;
        } else {
            jw_f4 burnt = jw_emission_rate(&type->emission, 0.5f * (v + v1), a) * dt;
            car->used += burnt[0];
            emitted.burnt += burnt;
            if (trips) {
                trips[car->slot].nox_g += burnt[1];
                trips[car->slot].pm_g += burnt[2];
            }
        }
        bool ends_here = is_lane && car->next == JW_NONE;
        if (ends_here ? has_arrived(t, car, x, length) : x >= length) {
            jw_outbox_put(out, car->slot, ends_here ? JW_FATE_ARRIVES : JW_FATE_LEAVES);
            __builtin_prefetch(&t->vehicles[car->slot]); /* for pass_all */
        } else if (front_m < 0) {
            jw_outbox_put(out, car->slot, JW_FATE_TAIL);
        }
        if (car->stop == JW_STOP_HERE && v1 < JW_STOPPED_MPS && jw_plan_is_reached(t, car))
            jw_outbox_put(out, car->slot, JW_FATE_STOPS);
        if (wait_s > STUCK_LANE_S && is_stuck(t, car, car == first))
            jw_outbox_put(out, car->slot, JW_FATE_STUCK);
    }
    if (has_wheels)
        jw_strip_settle(t, track);
    out->emergency += emergency;
    out->way_m += (double)way_m;
    out->emitted.burnt += emitted.burnt;
    out->emitted.energy_wh += emitted.energy_wh;
    return emitted;
}

static void empty_outbox(jw_outbox *out)
{
    out->count = out->emergency = 0;
    out->way_m = 0;
    out->emitted = (jw_emitted){0};
}

static void pass_all(jw_traffic *t, jw_outbox *out);

static void move_and_measure(jw_traffic *t, uint32_t track, jw_outbox *out)
{
    jw_emitted emitted = move_track(t, track, out);
    if (t->intervals.sums)
        jw_interval_add(t, track, &emitted);
    if (t->detectors.first && jw_is_lane(t, track))
        jw_detectors_see(t, track);
}

static void move_lanes(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    jw_outbox *out = &t->outboxes[block];
    empty_outbox(out);
    uint32_t last = t->net.edge_first_lane[end];
    for (uint32_t lane = jw_traffic_next_used(t, t->net.edge_first_lane[begin], last); lane < last;
         lane = jw_traffic_next_used(t, lane + 1, last)) {
        jw_traffic_prefetch_cars(t, lane);
        move_and_measure(t, lane, out);
    }
    pass_all(t, out);
}

static void move_connections(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    jw_outbox *out = &t->outboxes[jw_edge_blocks(t) + block];
    empty_outbox(out);
    uint32_t lanes = t->net.lane_count, last = lanes + t->net.junction_first[end];
    for (uint32_t track = jw_traffic_next_used(t, lanes + t->net.junction_first[begin], last); track < last;
         track = jw_traffic_next_used(t, track + 1, last))
        move_and_measure(t, track, out);
    pass_all(t, out);
}

/* ---- passages --------------------------------------------------------------------------------------------
 */

void jw_traffic_leave_track(const jw_traffic *t, jw_vehicle *v, const jw_car *car, uint32_t track,
                            float way_m)
{
    float limit = t->tracks[track].limit_mps, most = t->types[car->type].max_speed_mps;
    float speed = jw_minf(limit, most);
    v->way_m += way_m;
    v->own_free_s += way_m / jw_maxf(jw_minf(limit * car->factor, most), 0.5f);
    v->free_s += way_m / jw_maxf(speed, 0.5f);
    v->prev[1] = v->prev[0];
    v->prev[0] = track;
}

/* Finds the track on which the new position lies, and aims the vehicle from there. It stays in its place
 * until all blocks have moved theirs. */
static void pass_on(jw_traffic *t, jw_order *order)
{
    uint32_t place = t->place_of_slot[order->slot];
    jw_car *car = &t->cars[place];
    jw_vehicle *v = &t->vehicles[order->slot];
    uint32_t track = car->track;
    float pos = car->pos_m;
    while (pos >= t->tracks[track].length_m) {
        float length = t->tracks[track].length_m;
        if (jw_is_lane(t, track)) {
            if (car->next == JW_NONE) { /* a short lane that does not lead on */
                pos = length;
                break;
            }
            jw_traffic_leave_track(t, v, car, track, length);
            track = t->net.lane_count + car->next;
        } else {
            jw_traffic_leave_track(t, v, car, track, length);
            track = t->net.ways[track - t->net.lane_count].to_lane;
            jw_traffic_pass_edge(t, v);
            jw_traffic_aim(t, place, track);
        }
        pos -= length;
        if (jw_is_lane(t, track) && has_arrived(t, car, pos, t->tracks[track].length_m)) {
            jw_traffic_leave_track(t, v, car, track, pos);
            order->fate = JW_FATE_ARRIVES;
            return;
        }
    }
    order->track = track;
    order->pos_m = pos;
}

static void pass_all(jw_traffic *t, jw_outbox *out)
{
    for (uint32_t k = 0; k < out->count; k++) {
        jw_order *order = &out->orders[k];
        const jw_car *car = &t->cars[t->place_of_slot[order->slot]];
        if (order->fate == JW_FATE_LEAVES)
            pass_on(t, order);
        else if (order->fate == JW_FATE_ARRIVES)
            jw_traffic_leave_track(t, &t->vehicles[order->slot], car, car->track, car->pos_m);
    }
}

static void note_tail(jw_world *world, jw_traffic *t, uint32_t slot)
{
    if (jw_grow(&t->tails, &t->tail_capacity, (uint64_t)t->tail_count + 1, sizeof *t->tails, NULL))
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the tails of vehicles");
    else
        t->tails[t->tail_count++] = slot;
}

static void carry_out(jw_world *world, jw_traffic *t, const jw_order *order)
{
    jw_car car;
    if (t->counters.is_counted && order->fate <= JW_FATE_ARRIVES)
        jw_counters_note(world, t, order);
    if (t->detectors.first && order->fate <= JW_FATE_ARRIVES)
        jw_detectors_pass(t, order);
    if (t->intervals.sums && order->fate <= JW_FATE_ARRIVES)
        jw_interval_pass(t, order);
    switch (order->fate) {
    case JW_FATE_LEAVES:
        jw_traffic_take_car(t, t->place_of_slot[order->slot], &car);
        car.track = order->track;
        car.pos_m = order->pos_m;
        car.has_halted = false;
        if (jw_traffic_put_car(t, &car) == JW_NONE)
            jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the vehicles of a track");
        if (car.pos_m < t->types[car.type].length_m)
            note_tail(world, t, order->slot);
        break;
    case JW_FATE_ARRIVES:
        jw_traffic_finish_vehicle(world, t, t->place_of_slot[order->slot]);
        break;
    case JW_FATE_STOPS:
        jw_plan_reach(world, t, order->slot);
        break;
    case JW_FATE_TAIL:
        note_tail(world, t, order->slot);
        break;
    default:
        break;
    }
}

/* ---- tails -----------------------------------------------------------------------------------------------
 */

static void mark_overhang(jw_traffic *t, const jw_car *car)
{
    const jw_vehicle *v = &t->vehicles[car->slot];
    if (jw_is_kerb(t, car->track))
        return;
    float rear = car->pos_m - t->types[car->type].length_m;
    for (uint32_t k = 0; k < 2 && rear < 0 && v->prev[k] != JW_NONE; k++) {
        uint32_t track = v->prev[k];
        rear += t->tracks[track].length_m;
        float at = jw_maxf(rear, 0);
        if (t->tracks[track].overhang_m >= JW_FAR) {
            t->overhang_tracks[t->overhang_count++] = track;
            t->tracks[track].over = 0;
        }
        t->tracks[track].over |= jw_strip_cover(t, car, track) & 31;
        if (at < t->tracks[track].overhang_m) {
            t->tracks[track].overhang_m = at;
            t->tracks[track].overhang_mps = car->speed_mps;
        } else if (at == t->tracks[track].overhang_m) {
            t->tracks[track].overhang_mps = jw_minf(t->tracks[track].overhang_mps, car->speed_mps);
        }
    }
}

void jw_traffic_restore_derived(jw_traffic *t)
{
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        if (!(t->pool.generations[slot] & 1))
            continue;
        jw_car *car = &t->cars[t->place_of_slot[slot]];
        mark_overhang(t, car);
        uint32_t good = car->good;
        if (t->vehicles[slot].plan1)
            jw_plan_aim(t, car, car->track);
        car->good = good;
    }
}

static void mark_overhangs(jw_traffic *t)
{
    for (uint32_t k = 0; k < t->overhang_count; k++)
        t->tracks[t->overhang_tracks[k]].overhang_m = JW_FAR;
    t->overhang_count = 0;
    for (uint32_t k = 0; k < t->tail_count; k++)
        mark_overhang(t, &t->cars[t->place_of_slot[t->tails[k]]]);
}

/* ---- the phase -------------------------------------------------------------------------------------------
 */

/* Those who are stuck look for another way. */
static void turn_round(jw_world *world, jw_traffic *t, uint32_t slot)
{
    jw_error error = {0};
    if (!jw_traffic_leave_queue(t, slot, &error) && error.code == JW_ERROR_MEMORY)
        jw_world_fail(world, error.code, error.message);
    jw_car *car = &t->cars[t->place_of_slot[slot]];
    if (car->next == JW_NONE)
        car->wait_s = 0;
}

void jw_traffic_phase_move(jw_world *world, void *state)
{
    jw_traffic *t = state;
    t->counts.vehicle_updates += t->running - t->stops.aside;
    if (t->detectors.count)
        jw_detectors_note_tails(world, t);
    jw_traffic_run_blocks(t, move_lanes, move_connections);
    jw_detectors_see_tails(t);
    t->tail_count = 0;
    t->now_ns = jw_world_time_ns(world);
    for (uint32_t block = 0; block < t->block_count; block++) {
        const jw_outbox *out = &t->outboxes[block];
        t->counts.emergency_brakings += out->emergency;
        jw_emitted_add(&t->emitted, &out->emitted);
        t->sample.way_m += out->way_m;
        t->sample.conflicts += out->conflicts;
        if (out->has_failed)
            jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the vehicles that pass");
        for (uint32_t k = 0; k < out->count; k++)
            carry_out(world, t, &out->orders[k]);
    }
    mark_overhangs(t);
    jw_plan_run(world, t);
    jw_traffic_insert_waiting(world, t);
    for (uint32_t block = 0; block < t->block_count; block++)
        for (uint32_t k = 0; k < t->outboxes[block].count; k++)
            if (t->outboxes[block].orders[k].fate == JW_FATE_STUCK)
                turn_round(world, t, t->outboxes[block].orders[k].slot);
    if (jw_traffic_is_untidy(t, jw_world_step_number(world)))
        jw_traffic_tidy_places(t);
    t->counts.running = t->running;
}
