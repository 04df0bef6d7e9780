/* Stops on the way: see traffic_stop.h. */
#include "traffic/traffic_internal.h"

#include <math.h> /* isfinite alone */
#include <string.h>

#define NEAR_M     2.5f  /* before its end a stop is reached by who stands */
#define PATIENCE_S 10.0f /* who stands so long beside the lane of his stop stops where he is */
#define GAP_M      1.0f  /* between those who stand on a kerb */
#define KERB_M     30.0f /* of it are looked at for a space */
#define AGAIN_NS   (10 * JW_NS_PER_S)

/* ---- making plans ----------------------------------------------------------------------------------------
 */

/* The rightmost lane that a class may use; JW_NONE. */
static uint32_t kerb_lane(const jw_traffic *t, uint32_t edge, uint32_t vehicle_class)
{
    uint32_t first = t->net.edge_first_lane[edge];
    for (uint32_t lane = first; lane < t->net.edge_first_lane[edge + 1]; lane++)
        if (t->net.lane_allow[lane] >> vehicle_class & 1)
            return lane - first;
    return JW_NONE;
}

jw_result jw_stop_settle(const jw_traffic *t, jw_stop *stop, uint32_t vehicle_class, float length_m,
                         jw_error *error)
{
    if (stop->edge >= t->net.edge_count)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "stop: edge %u does not exist: the city has %u",
                       stop->edge, t->net.edge_count);
    uint32_t first = t->net.edge_first_lane[stop->edge],
             lanes = t->net.edge_first_lane[stop->edge + 1] - first;
    if (stop->lane == JW_NONE)
        stop->lane = kerb_lane(t, stop->edge, vehicle_class);
    if (stop->lane >= lanes || stop->lane >= 32 ||
        !(t->net.lane_allow[first + stop->lane] >> vehicle_class & 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "stop: edge %u has no such lane that a %s may use; choose another", stop->edge,
                       jw_vehicle_class_name((jw_vehicle_class)vehicle_class));
    if (!isfinite(stop->begin_m) || !isfinite(stop->end_m) || stop->begin_m > stop->end_m ||
        !(stop->duration_s >= 0 && stop->duration_s <= 1e6f) || stop->until_ns < 0 ||
        stop->kind > JW_STOP_ASIDE)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "stop on edge %u: begin must not lie behind end, the duration be 0 to 1e6 s",
                       stop->edge);
    float edge_m = jw_edge_length(t, stop->edge);
    stop->end_m = jw_minf(jw_maxf(stop->end_m, length_m + 1), jw_maxf(edge_m - 0.5f, 0.5f * edge_m));
    stop->begin_m = jw_minf(jw_maxf(stop->begin_m, 0), jw_maxf(stop->end_m - length_m, 0));
    return JW_OK;
}

jw_result jw_plan_take(jw_traffic *t, uint32_t *out, jw_error *error)
{
    jw_stops *s = &t->stops;
    uint32_t at = s->plan_free;
    if (at == JW_NONE) {
        if (jw_grow(&s->plans, &s->plan_capacity, s->plan_count + 1ull, sizeof *s->plans, error))
            return JW_ERROR_MEMORY;
        at = s->plan_count++;
    } else {
        s->plan_free = s->plans[at].next;
    }
    s->plans[at] = (jw_plan){.is_used = 1, .slot = JW_NONE, .next = JW_NONE};
    *out = at;
    return JW_OK;
}

void jw_plan_release(jw_traffic *t, uint32_t plan1)
{
    jw_stops *s = &t->stops;
    if (!plan1)
        return;
    jw_plan *plan = &s->plans[plan1 - 1];
    if (plan->bus1)
        jw_bus_gone(t, plan->bus1);
    jw_free(plan->rest);
    *plan = (jw_plan){.slot = JW_NONE, .next = s->plan_free};
    s->plan_free = plan1 - 1;
}

/* The stops lie on the given route one after the other. */
static bool is_passed(const jw_traffic *t, const jw_trip *trip, const jw_stop *stops, uint32_t count)
{
    uint32_t edge = trip->from_edge, k = 0;
    float pos_m = 0;
    for (uint32_t n = 0;; n++) {
        for (; k < count && stops[k].edge == edge && stops[k].end_m >= pos_m; k++)
            pos_m = stops[k].end_m;
        if (n == trip->route_count)
            return k == count;
        edge = t->net.turn_to[t->net.turn_first[edge] + t->route_turns[trip->route_first + n]];
        pos_m = 0;
    }
}

static jw_result settle_all(const jw_traffic *t, const jw_trip *trip, jw_stop *stops, uint32_t count,
                            jw_error *error)
{
    const jw_traffic_type *type = &t->types[jw_trip_type(trip)];
    for (uint32_t k = 0; k < count; k++) {
        jw_result result = jw_stop_settle(t, &stops[k], trip->vehicle_class, type->length_m, error);
        if (result)
            return result;
    }
    if (trip->has_route && !is_passed(t, trip, stops, count))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "stops: the given route does not pass them in this order");
    return JW_OK;
}

jw_result jw_plan_make(jw_traffic *t, jw_trip *trip, const jw_stop *stops, uint32_t count, jw_error *error)
{
    jw_stop *own = jw_alloc(count * sizeof *own);
    uint32_t at = 0;
    if (!own)
        return jw_fail_memory(error);
    memcpy(own, stops, count * sizeof *own);
    jw_result result = settle_all(t, trip, own, count, error);
    if (!result)
        result = jw_plan_take(t, &at, error);
    if (result) {
        jw_free(own);
        return result;
    }
    jw_plan *plan = &t->stops.plans[at];
    const jw_stop *last = &own[count - 1];
    plan->now = own[0];
    plan->final_edge = trip->to_edge;
    plan->final_s_m = trip->arrive_s_m;
    if (last->edge == trip->to_edge && last->end_m > plan->final_s_m)
        plan->final_s_m = last->end_m;
    if (count > 1) {
        plan->rest = own;
        plan->rest_count = count;
        plan->rest_next = 1;
    } else {
        jw_free(own);
    }
    if (trip->has_route) {
        trip->arrive_s_m = plan->final_s_m;
    } else {
        trip->to_edge = plan->now.edge;
        trip->arrive_s_m = JW_FAR;
    }
    if (plan->now.edge == trip->from_edge)
        trip->from_s_m = jw_minf(trip->from_s_m, plan->now.end_m);
    trip->plan1 = at + 1;
    return JW_OK;
}

/* ---- kerbs -----------------------------------------------------------------------------------------------
 */

static uint32_t kerb_spaces(const jw_traffic *t, uint32_t edge)
{
    return t->def.kerb.spaces_per_100m < 0
               ? 0
               : (uint32_t)(t->def.kerb.spaces_per_100m * (double)jw_edge_length(t, edge) / 100);
}

bool jw_plan_drop_off(jw_world *world, jw_traffic *t, jw_trip *trip, jw_dice *dice)
{
    const jw_kerb_def *kerb = &t->def.kerb;
    bool is_truck = trip->vehicle_class == JW_VEHICLE_TRUCK,
         is_shuttle = trip->vehicle_class == JW_VEHICLE_SHUTTLE;
    double share = is_truck ? kerb->delivery_share : kerb->dropoff_share;
    if (share <= 0 || !(is_truck || is_shuttle || trip->vehicle_class == JW_VEHICLE_CAR) ||
        t->city->edges[trip->to_edge].road_class <= JW_ROAD_TRUNK)
        return true;
    double draw = jw_roll(dice), mean_s = is_truck ? kerb->delivery_s : kerb->dropoff_s;
    double stay_s = jw_random_exponential(dice->key, dice->entity, dice->counter++, mean_s);
    if (!is_shuttle && draw >= share)
        return true;
    jw_stop stop = {.edge = trip->to_edge,
                    .lane = JW_NONE,
                    .begin_m = jw_maxf(trip->arrive_s_m - KERB_M, 0),
                    .end_m = trip->arrive_s_m,
                    .duration_s = (float)jw_clamp(stay_s, mean_s / 4, mean_s * 4),
                    .kind = JW_STOP_KERB};
    jw_error error = {0};
    if (jw_plan_make(t, trip, &stop, 1, &error) != JW_ERROR_MEMORY)
        return true;
    jw_world_fail(world, JW_ERROR_MEMORY, "no memory for a stop");
    return false;
}

/* Where on the kerb there is room for a vehicle; < 0: nowhere. */
static float find_berth(const jw_traffic *t, const jw_stop *stop, float length_m)
{
    const jw_track *kerb = &t->tracks[t->net.track_count + stop->edge];
    if (stop->kind == JW_STOP_IN_LANE ||
        (stop->kind == JW_STOP_KERB && kerb->end - kerb->begin >= kerb_spaces(t, stop->edge)))
        return -1;
    float at_m = stop->end_m;
    for (uint32_t p = kerb->begin; p < kerb->end && stop->kind != JW_STOP_ASIDE; p++) {
        float rear_m = t->cars[p].pos_m - jw_length_at(t, p);
        if (rear_m >= at_m + GAP_M)
            continue;
        if (t->cars[p].pos_m + GAP_M <= at_m - length_m)
            break;
        at_m = rear_m - GAP_M;
    }
    return stop->kind == JW_STOP_ASIDE || at_m - length_m >= stop->begin_m - 0.5f ? at_m : -1;
}

/* From lane to kerb or back; JW_NONE: out of memory. */
static uint32_t shift(jw_traffic *t, uint32_t place, uint32_t track, float pos_m)
{
    jw_car car;
    jw_traffic_take_car(t, place, &car);
    jw_vehicle *v = &t->vehicles[car.slot];
    v->prev[0] = v->prev[1] = JW_NONE; /* no tail in the junction behind */
    car.track = track;
    car.pos_m = pos_m;
    car.next = JW_NONE;
    car.speed_mps = car.accel_mps2 = car.wait_s = 0;
    car.want = 0;
    car.lateral_mm = 0;
    car.permit = car.new_permit = JW_PERMIT_NONE;
    car.hold_m = JW_FAR;
    return jw_traffic_put_car(t, &car);
}

/* ---- on the way, from any thread -------------------------------------------------------------------------
 */

static const jw_plan *plan_of(const jw_traffic *t, const jw_vehicle *v)
{
    return &t->stops.plans[v->plan1 - 1];
}

/* Lanes for buses and not for cars, a bit each. */
static uint32_t bus_lanes(const jw_traffic *t, uint32_t edge)
{
    uint32_t lanes = 0, first = t->net.edge_first_lane[edge];
    for (uint32_t lane = first; lane < t->net.edge_first_lane[edge + 1] && lane - first < 32; lane++)
        if ((t->net.lane_allow[lane] & (JW_ALLOW_BUS | JW_ALLOW_CAR)) == JW_ALLOW_BUS)
            lanes |= 1u << (lane - first);
    return lanes;
}

void jw_plan_aim(const jw_traffic *t, jw_car *car, uint32_t track)
{
    const jw_vehicle *v = &t->vehicles[car->slot];
    const jw_plan *plan = plan_of(t, v);
    if (plan->phase != JW_PLAN_DRIVES) {
        car->stop = JW_STOP_STANDS;
        return;
    }
    car->stop = plan->is_done ? JW_STOP_NONE : JW_STOP_LATER;
    uint32_t own = plan->bus1 && jw_is_lane(t, track) ? car->good & bus_lanes(t, t->net.lane_edge[track]) : 0;
    if (own)
        car->good = own;
    if (plan->is_done || plan->is_round || plan->now.edge != v->edge || !jw_is_lane(t, track))
        return;
    car->stop = JW_STOP_HERE;
    uint32_t lane = t->net.edge_first_lane[v->edge] + plan->now.lane;
    if (!t->lane_closed[lane])
        car->good = 1u << plan->now.lane;
}

void jw_plan_pass_edge(jw_traffic *t, const jw_vehicle *v)
{
    t->stops.plans[v->plan1 - 1].is_round = 0;
}

bool jw_plan_is_reached(const jw_traffic *t, const jw_car *car)
{
    const jw_stop *stop = &plan_of(t, &t->vehicles[car->slot])->now;
    uint32_t lane = t->net.edge_first_lane[stop->edge] + stop->lane;
    bool is_near = stop->end_m - car->pos_m <= NEAR_M;
    bool is_inside = car->pos_m - t->types[car->type].length_m >= stop->begin_m - 1;
    return (is_near || is_inside) && (car->track == lane || t->lane_closed[lane] || car->wait_s > PATIENCE_S);
}

float jw_plan_stop_m(const jw_traffic *t, const jw_vehicle *v, uint32_t edge)
{
    const jw_plan *plan = plan_of(t, v);
    return plan->now.edge == edge && !plan->is_done ? plan->now.end_m : JW_FAR;
}

uint32_t jw_plan_goal(const jw_traffic *t, const jw_vehicle *v)
{
    const jw_plan *plan = plan_of(t, v);
    return plan->is_done || plan->is_round || plan->phase != JW_PLAN_DRIVES ? v->to_edge : plan->now.edge;
}

/* ---- standing --------------------------------------------------------------------------------------------
 */

static void begin_standing(jw_world *world, jw_traffic *t, jw_plan *plan)
{
    int64_t now_ns = jw_world_time_ns(world);
    plan->phase = JW_PLAN_STANDS;
    plan->since_ns = now_ns;
    plan->until_ns = now_ns + jw_ns_from_s((double)plan->now.duration_s);
    if (plan->now.until_ns > plan->until_ns)
        plan->until_ns = plan->now.until_ns;
    t->counts.stops++;
    if (plan->bus1)
        jw_bus_arrive(world, t, plan);
}

/* A planned halt is no waiting. */
static void end_halt(const jw_traffic *t, jw_vehicle *v)
{
    if (v->is_halted)
        v->standing_ms += jw_ms_of(t->now_ns);
    v->is_halted = false;
}

void jw_plan_reach(jw_world *world, jw_traffic *t, uint32_t slot)
{
    jw_vehicle *v = &t->vehicles[slot];
    jw_plan *plan = &t->stops.plans[v->plan1 - 1];
    uint32_t place = t->place_of_slot[slot];
    float berth_m = find_berth(t, &plan->now, jw_length_at(t, place));
    end_halt(t, v);
    v->entered_ms = JW_NONE; /* its time on this edge says nothing about the road */
    if (berth_m >= 0) {
        place = shift(t, place, t->net.track_count + v->edge, berth_m);
        if (place == JW_NONE) {
            jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the vehicles of a kerb");
            return;
        }
        t->stops.aside++;
    } else {
        t->counts.double_parked += plan->now.kind != JW_STOP_IN_LANE;
    }
    jw_car *car = &t->cars[place];
    car->stop = JW_STOP_STANDS;
    car->speed_mps = car->accel_mps2 = car->wait_s = 0;
    begin_standing(world, t, plan);
}

/* ---- going on --------------------------------------------------------------------------------------------
 */

static bool is_aside(const jw_traffic *t, uint32_t slot)
{
    return t->cars[t->place_of_slot[slot]].track >= t->net.track_count;
}

static void finish(jw_world *world, jw_traffic *t, jw_plan *plan)
{
    uint32_t place = t->place_of_slot[plan->slot];
    jw_vehicle *v = &t->vehicles[plan->slot];
    v->arrive_s_m = t->cars[place].pos_m;
    jw_traffic_leave_track(t, v, &t->cars[place], t->net.edge_first_lane[v->edge], v->arrive_s_m);
    t->stops.aside -= is_aside(t, plan->slot);
    jw_traffic_finish_vehicle(world, t, place);
}

static void drive_off(jw_traffic *t, jw_plan *plan)
{
    uint32_t place = t->place_of_slot[plan->slot];
    plan->phase = is_aside(t, plan->slot) ? JW_PLAN_MERGES : JW_PLAN_DRIVES;
    if (plan->phase == JW_PLAN_DRIVES)
        jw_traffic_aim(t, place, t->cars[place].track);
}

static void next_stop(jw_traffic *t, jw_plan *plan)
{
    if (plan->bus1)
        jw_bus_next(t, plan);
    else if (plan->rest_next < plan->rest_count)
        plan->now = plan->rest[plan->rest_next++];
    else
        plan->is_done = 1;
}

/* What comes after the stop just made or given up. */
static void go_on(jw_world *world, jw_traffic *t, jw_plan *plan)
{
    jw_vehicle *v = &t->vehicles[plan->slot];
    float pos_m = t->cars[t->place_of_slot[plan->slot]].pos_m;
    uint32_t edge = plan->is_done ? plan->final_edge : plan->now.edge;
    float to_m = plan->is_done ? plan->final_s_m : plan->now.end_m;
    bool is_behind = to_m<pos_m - NEAR_M, has_way = v->route_count> 0;
    plan->is_round = edge == v->edge && is_behind && !plan->is_done;
    if (plan->is_done && edge == v->edge && !has_way && to_m <= pos_m + NEAR_M) {
        finish(world, t, plan);
    } else if (!plan->is_done && edge == v->edge && !is_behind && to_m <= pos_m + NEAR_M) {
        begin_standing(world, t, plan); /* the next stop is here, too */
    } else if (has_way || (edge == v->edge && !is_behind)) {
        if (plan->is_done && !has_way)
            v->arrive_s_m = to_m;
        drive_off(t, plan);
    } else {
        plan->phase = JW_PLAN_ASKS;
        plan->until_ns = jw_world_time_ns(world);
    }
}

/* The first turn of a way that leads round the block to the very edge it begins on. */
static uint32_t turn_round(const jw_traffic *t, uint32_t edge, uint32_t vehicle_class)
{
    uint32_t best = JW_NONE;
    for (uint32_t turn = t->net.turn_first[edge]; turn < t->net.turn_first[edge + 1]; turn++)
        if ((t->net.turn_allow[turn] >> vehicle_class & 1) &&
            (best == JW_NONE || t->net.turn_to[best] == t->city->edges[edge].opposite))
            best = turn;
    return best;
}

static void take_answer(jw_world *world, jw_traffic *t, const jw_route_query *q)
{
    jw_vehicle *v = &t->vehicles[q->asker];
    jw_plan *plan = &t->stops.plans[v->plan1 - 1];
    if (q->cost_ms < JW_CLOSED_MS) {
        jw_error error = {0};
        uint32_t turn =
            q->from_edge == v->edge ? JW_NONE : jw_traffic_find_turn(&t->net, v->edge, q->from_edge);
        if (jw_traffic_change_route(t, q, turn, &error))
            jw_world_fail(world, error.code, error.message);
        v->arrive_s_m = plan->is_done ? plan->final_s_m : JW_FAR;
        drive_off(t, plan);
    } else if (t->closed_count) { /* perhaps not for ever */
        plan->until_ns = jw_world_time_ns(world) + AGAIN_NS;
    } else if (plan->is_done) {
        finish(world, t, plan);
    } else {
        t->counts.missed_stops++;
        next_stop(t, plan);
        go_on(world, t, plan);
    }
}

static void ask_for_legs(jw_world *world, jw_traffic *t)
{
    jw_router *r = &t->router;
    jw_error error = {0};
    int64_t now_ns = jw_world_time_ns(world);
    r->query_count = 0;
    for (uint32_t k = 0; k < t->stops.plan_count; k++) {
        const jw_plan *plan = &t->stops.plans[k];
        if (plan->phase != JW_PLAN_ASKS || plan->until_ns > now_ns)
            continue;
        const jw_vehicle *v = &t->vehicles[plan->slot];
        jw_route_query *q = jw_traffic_ask_route(t, &error);
        if (!q) {
            jw_world_fail(world, JW_ERROR_MEMORY, error.message);
            return;
        }
        q->asker = plan->slot;
        q->from_edge = v->edge;
        q->to_edge = plan->is_done ? plan->final_edge : plan->now.edge;
        q->kind = jw_traffic_route_kind(t, v->vehicle_class, v->is_live);
        uint32_t turn = q->from_edge == q->to_edge ? turn_round(t, v->edge, v->vehicle_class) : JW_NONE;
        if (turn != JW_NONE)
            q->from_edge = t->net.turn_to[turn];
    }
    if (!r->query_count)
        return;
    if (jw_traffic_answer_queries(t, t->threads, &error)) {
        jw_world_fail(world, JW_ERROR_MEMORY, error.message);
        return;
    }
    for (uint32_t k = 0; k < r->query_count; k++)
        take_answer(world, t, &r->queries[k]);
}

/* Back into the lane, when there is a gap: the stop's lane, or the first open one. */
static void try_merge(jw_world *world, jw_traffic *t, jw_plan *plan)
{
    uint32_t place = t->place_of_slot[plan->slot], edge = t->vehicles[plan->slot].edge;
    const jw_traffic_type *type = jw_type_at(t, place);
    uint32_t open = jw_traffic_good_lanes(t, edge, JW_NONE, type->vehicle_class);
    uint32_t index = open ? (uint32_t)__builtin_ctz(open) : kerb_lane(t, edge, type->vehicle_class);
    uint32_t lane = t->net.edge_first_lane[edge] + index;
    float pos_m = t->cars[place].pos_m;
    if (!jw_traffic_has_room(t, lane, pos_m, type))
        return;
    place = shift(t, place, lane, pos_m);
    if (place == JW_NONE) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the vehicles of a lane");
        return;
    }
    t->stops.aside--;
    plan->phase = JW_PLAN_DRIVES;
    jw_traffic_aim(t, place, lane);
}

void jw_plan_run(jw_world *world, jw_traffic *t)
{
    int64_t now_ns = jw_world_time_ns(world);
    bool has_served = false;
    for (uint32_t k = 0; k < t->stops.plan_count; k++) {
        jw_plan *plan = &t->stops.plans[k];
        has_served |= plan->phase > JW_PLAN_STANDS;
        if (plan->phase != JW_PLAN_STANDS || plan->until_ns > now_ns)
            continue;
        if (plan->bus1 && !jw_bus_may_leave(world, t, plan))
            continue;
        has_served = true;
        plan->stop_s += (float)jw_s_from_ns(now_ns - plan->since_ns);
        next_stop(t, plan);
        go_on(world, t, plan);
    }
    if (!has_served)
        return;
    ask_for_legs(world, t);
    for (uint32_t k = 0; k < t->stops.plan_count; k++)
        if (t->stops.plans[k].phase == JW_PLAN_MERGES)
            try_merge(world, t, &t->stops.plans[k]);
}
