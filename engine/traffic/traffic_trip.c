/* Trips: wished (a heap by time), then waiting in their edge's queue, then a vehicle on the road
 * (traffic_depart.c) until it arrives. */
#include "traffic/traffic_strip.h"

#include <math.h> /* isfinite alone */
#include <string.h>

#define ROUTES_MAX 256 /* found in one step */

/* ---- storage ---------------------------------------------------------------------------------------------
 */

static jw_result grow_one(void *items_pointer, uint32_t old_count, uint32_t new_count, size_t size,
                          jw_error *error)
{
    void *items, *grown;
    memcpy(&items, items_pointer, sizeof items);
    grown = jw_realloc(items, (size_t)old_count * size, (size_t)new_count * size);
    if (!grown)
        return jw_fail_memory(error);
    memcpy(items_pointer, &grown, sizeof grown);
    return JW_OK;
}

jw_result jw_traffic_grow_slots(jw_traffic *t, uint32_t slots, jw_error *error)
{
    if (slots <= t->slot_capacity)
        return JW_OK;
    uint32_t to = slots + slots / 32 + 64, from = t->slot_capacity;
    jw_traffic_views *w = t->views;
    struct {
        void *items;
        size_t size;
    } all[] = {{&t->vehicles, sizeof *t->vehicles},
               {&t->place_of_slot, 4},
               {&w->id, sizeof *w->id},
               {&w->x_m, 4},
               {&w->y_m, 4},
               {&w->z_m, 4},
               {&w->heading_rad, 4},
               {&w->speed_mps, 4},
               {&w->vehicle_class, 1},
               {&w->flags, 1},
               {&w->edge, 4}};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        if (grow_one(all[k].items, from, to, all[k].size, error))
            return JW_ERROR_MEMORY;
    if (t->intervals.sums && grow_one(&t->intervals.trips, from, to, sizeof *t->intervals.trips, error))
        return JW_ERROR_MEMORY;
    t->slot_capacity = to;
    return JW_OK;
}

/* ---- pending and queues ----------------------------------------------------------------------------------
 */

bool jw_trip_is_before(const jw_traffic *t, uint32_t a, uint32_t b)
{
    const jw_trip *p = &t->trips[a], *q = &t->trips[b];
    return p->depart_ns < q->depart_ns || (p->depart_ns == q->depart_ns && p->number < q->number);
}

jw_result jw_traffic_queue_trip(jw_traffic *t, const jw_trip *trip, jw_error *error)
{
    uint32_t at = t->trip_free;
    if (at == JW_NONE) {
        if (jw_grow(&t->trips, &t->trip_capacity, (uint64_t)t->trip_count + 1, sizeof *t->trips, error))
            return JW_ERROR_MEMORY;
        at = t->trip_count;
    }
    if (jw_grow(&t->pending, &t->pending_capacity, (uint64_t)t->pending_count + 1, sizeof *t->pending, error))
        return JW_ERROR_MEMORY;
    if (at == t->trip_count)
        t->trip_count++;
    else
        t->trip_free = t->trips[at].next;
    t->trips[at] = *trip;
    t->trips[at].is_used = 1;
    t->trips[at].next = JW_NONE;
    t->trips[at].number = ++t->trip_number;
    uint32_t k = t->pending_count++;
    while (k > 0 && jw_trip_is_before(t, at, t->pending[(k - 1) / 2])) {
        t->pending[k] = t->pending[(k - 1) / 2];
        k = (k - 1) / 2;
    }
    t->pending[k] = at;
    t->counts.created++;
    t->counts.waiting++;
    return JW_OK;
}

static uint32_t pop_pending(jw_traffic *t)
{
    uint32_t first = t->pending[0], last = t->pending[--t->pending_count], k = 0;
    for (;;) {
        uint32_t child = 2 * k + 1;
        if (child >= t->pending_count)
            break;
        if (child + 1 < t->pending_count && jw_trip_is_before(t, t->pending[child + 1], t->pending[child]))
            child++;
        if (!jw_trip_is_before(t, t->pending[child], last))
            break;
        t->pending[k] = t->pending[child];
        k = child;
    }
    t->pending[k] = last;
    return first;
}

static void enqueue(jw_traffic *t, uint32_t trip)
{
    uint32_t edge = t->trips[trip].from_edge;
    t->trips[trip].next = JW_NONE;
    if (t->queue_head[edge] == JW_NONE)
        t->queue_head[edge] = trip;
    else
        t->trips[t->queue_tail[edge]].next = trip;
    t->queue_tail[edge] = trip;
    t->queued++;
}

uint32_t jw_trip_dequeue(jw_traffic *t, uint32_t edge)
{
    uint32_t trip = t->queue_head[edge];
    t->queue_head[edge] = t->trips[trip].next;
    if (t->queue_head[edge] == JW_NONE)
        t->queue_tail[edge] = JW_NONE;
    t->queued--;
    return trip;
}

void jw_trip_forget(jw_traffic *t, uint32_t trip)
{
    t->trips[trip].is_used = 0;
    t->trips[trip].route_count = 0;
    t->trips[trip].next = t->trip_free;
    t->trip_free = trip;
}

void jw_traffic_release_due_trips(jw_world *world, jw_traffic *t)
{
    int64_t now_ns = jw_world_time_ns(world);
    while (t->pending_count > 0 && t->trips[t->pending[0]].depart_ns <= now_ns)
        enqueue(t, pop_pending(t));
}

uint32_t jw_trip_first_edge(const jw_world *world, const jw_traffic *t)
{
    return (uint32_t)(jw_world_step_number(world) * 7919 % t->net.edge_count);
}

bool jw_trip_needs_way(const jw_trip *trip)
{
    return !trip->route_count && trip->from_edge != trip->to_edge;
}

static void give_way(jw_world *world, jw_traffic *t, const jw_route_query *q)
{
    jw_trip *trip = &t->trips[q->asker];
    jw_error error = {0};
    if (q->cost_ms < JW_CLOSED_MS) {
        jw_result result = jw_traffic_keep_route(t, q, &trip->route_first, &trip->route_count, &error);
        if (result)
            jw_world_fail(world, result, error.message);
        return;
    }
    jw_trip_dequeue(t, trip->from_edge);
    if (trip->is_wish && !t->closed_count) { /* nobody could have wished this */
        uint32_t person1 = trip->person1;
        jw_plan_release(t, trip->plan1);
        jw_trip_forget(t, q->asker);
        t->counts.created--;
        t->counts.waiting--;
        t->counts.impossible++;
        if (person1)
            jw_person_stranded(t, person1);
    } else { /* closed at present: let the others pass and ask again */
        enqueue(t, q->asker);
    }
}

void jw_traffic_route_waiting(jw_world *world, jw_traffic *t)
{
    if (!t->queued)
        return;
    jw_router *r = &t->router;
    jw_error error = {0};
    uint32_t edges = t->net.edge_count, start = jw_trip_first_edge(world, t);
    r->query_count = 0;
    for (uint32_t k = 0; k < edges && r->query_count < ROUTES_MAX; k++) {
        uint32_t head = t->queue_head[start + k < edges ? start + k : start + k - edges];
        if (head == JW_NONE || !jw_trip_needs_way(&t->trips[head]))
            continue;
        jw_route_query *q = jw_traffic_ask_route(t, &error);
        if (!q)
            break;
        const jw_trip *trip = &t->trips[head];
        q->asker = head;
        q->from_edge = trip->from_edge;
        q->to_edge = trip->to_edge;
        q->kind = jw_traffic_route_kind(t, trip->vehicle_class, trip->is_live);
    }
    if (error.code || jw_traffic_answer_queries(t, jw_world_threads(world), &error)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for routes");
        return;
    }
    for (uint32_t k = 0; k < r->query_count; k++)
        give_way(world, t, &r->queries[k]);
}

/* ---- arriving --------------------------------------------------------------------------------------------
 */

static uint8_t arrive_lane(const jw_traffic *t, uint32_t place)
{
    uint32_t track = t->cars[place].track;
    if (jw_is_kerb(t, track))
        return 0;
    if (!jw_is_lane(t, track)) /* it passed onto its last lane within the step */
        track = t->net.ways[track - t->net.lane_count].to_lane;
    return t->net.lane_index[track];
}

/* Of a stamp that is no older than 49 days. */
static int64_t time_of(const jw_world *world, uint32_t stamp_ms)
{
    int64_t now_ns = jw_world_time_ns(world);
    return now_ns - now_ns % JW_NS_PER_MS - (int64_t)(jw_ms_of(now_ns) - stamp_ms) * JW_NS_PER_MS;
}

void jw_traffic_finish_vehicle(jw_world *world, jw_traffic *t, uint32_t place)
{
    uint32_t slot = t->cars[place].slot;
    const jw_vehicle *v = &t->vehicles[slot];
    jw_vehicle_id id = {slot + 1, t->pool.generations[slot]};
    uint32_t standing_ms = v->standing_ms + (v->is_halted ? jw_ms_of(t->now_ns) : 0);
    float stop_s = v->plan1 ? t->stops.plans[v->plan1 - 1].stop_s : 0;
    bool is_electric = t->cars[place].is_electric;
    float used = t->cars[place].used;
    double travel_s = (double)(jw_ms_of(jw_world_time_ns(world)) - v->wish_ms) / 1000;
    t->counts.arrived++;
    jw_interval_arrive(t, v->to_edge);
    t->counts.cut_off -= v->is_cut_off;
    t->travel_sum_s += travel_s;
    t->delay_sum_s += jw_max(travel_s - (double)(v->free_s + stop_s), 0);
    t->sample.halts += v->halts;
    if (t->trip_log_count == JW_LOG_MAX ||
        jw_grow(&t->trip_log, &t->trip_log_capacity, t->trip_log_count + 1, sizeof *t->trip_log, NULL))
        t->trip_log_dropped++;
    else
        t->trip_log[t->trip_log_count++] =
            (jw_trip_record){.depart_ns = time_of(world, v->depart_ms),
                             .arrive_ns = jw_world_time_ns(world),
                             .wish_ns = time_of(world, v->wish_ms),
                             .tag = v->tag,
                             .from_edge = v->from_edge,
                             .to_edge = v->to_edge,
                             .way_m = v->way_m,
                             .free_s = v->free_s,
                             .co2_g = is_electric ? 0 : used,
                             .fuel_ml = is_electric ? 0 : used * jw_type_at(t, place)->emission.ml_per_g,
                             .energy_wh = is_electric ? used : 0,
                             .other = t->intervals.trips ? t->intervals.trips[slot] : (jw_trip_emitted){0},
                             .own_free_s = v->own_free_s,
                             .standing_s = (float)standing_ms * 0.001f,
                             .stop_s = stop_s,
                             .factor = t->cars[place].factor,
                             .depart_s_m = v->depart_s_m,
                             .depart_mps = v->depart_mps,
                             .arrive_s_m = v->arrive_s_m,
                             .arrive_mps = t->cars[place].speed_mps,
                             .halts = v->halts,
                             .depart_lane = v->depart_lane,
                             .arrive_lane = arrive_lane(t, place),
                             .vehicle_class = v->vehicle_class};
    jw_car car;
    uint32_t person1 = v->person1;
    jw_plan_release(t, v->plan1);
    jw_traffic_take_car(t, place, &car);
    t->running--;
    jw_pool_give(&t->pool, slot);
    if (person1)
        jw_person_arrived(world, t, person1);
    if (t->ports.vehicle_arrived)
        t->ports.vehicle_arrived(world, id);
}

/* ---- trips from outside ----------------------------------------------------------------------------------
 */

/* JW_VEHICLE_CLASS_COUNT: there is no such class or type. */
static uint32_t class_of(const jw_traffic *t, const jw_trip_def *def)
{
    uint32_t extra = t->type_count - JW_VEHICLE_CLASS_COUNT, c = (uint32_t)def->vehicle_class;
    if (def->type_index1)
        return def->type_index1 <= extra
                   ? t->types[JW_VEHICLE_CLASS_COUNT + def->type_index1 - 1].vehicle_class
                   : JW_VEHICLE_CLASS_COUNT;
    return c < JW_VEHICLE_CLASS_COUNT ? c : JW_VEHICLE_CLASS_COUNT;
}

/* From stop to stop. */
static jw_result check_legs(jw_traffic *t, const jw_trip_def *def, uint32_t vehicle_class, jw_error *error)
{
    uint32_t from = def->from_edge;
    for (uint32_t k = 0; k <= def->stop_count; k++) {
        uint32_t to = k < def->stop_count ? def->stops[k].edge : def->to_edge;
        if (to >= t->net.edge_count || !jw_traffic_can_reach(t, from, to, vehicle_class, error))
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "trip: edge %u cannot be reached from edge %u by this class of vehicle", to, from);
        from = to;
    }
    return JW_OK;
}

static jw_result check_trip(jw_traffic *t, const jw_trip_def *def, jw_error *error)
{
    uint32_t edges = t->net.edge_count, vehicle_class = class_of(t, def);
    if (vehicle_class >= JW_VEHICLE_CLASS_COUNT)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "trip: vehicle class %d or type %u does not exist",
                       (int)def->vehicle_class, def->type_index1);
    if (def->from_edge >= edges || def->to_edge >= edges)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "trip: edge %u does not exist: the city has %u",
                       def->from_edge >= edges ? def->from_edge : def->to_edge, edges);
    const uint32_t ends[2] = {def->from_edge, def->to_edge};
    for (uint32_t k = 0; k < 2; k++)
        if (!jw_traffic_good_lanes(t, ends[k], JW_NONE, vehicle_class))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "trip: edge %u has no open lane for this class of vehicle; choose another",
                           ends[k]);
    if (def->stop_count > JW_TRIP_STOPS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "trip: %u stops are more than %u", def->stop_count,
                       JW_TRIP_STOPS_MAX);
    if (!def->route)
        return check_legs(t, def, vehicle_class, error);
    if (!def->route_count || def->route[0] != def->from_edge ||
        def->route[def->route_count - 1] != def->to_edge)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "trip: its route must lead from edge %u to edge %u",
                       def->from_edge, def->to_edge);
    for (uint32_t k = 0; k + 1 < def->route_count; k++)
        if (def->route[k] >= edges || def->route[k + 1] >= edges ||
            !jw_traffic_good_lanes(t, def->route[k], def->route[k + 1], vehicle_class))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "trip: this class of vehicle cannot go from edge %u to edge %u", def->route[k],
                           def->route[k + 1]);
    return JW_OK;
}

jw_result jw_traffic_add_trip(jw_world *world, jw_traffic *t, const jw_trip_def *def, jw_error *error)
{
    jw_error local = {0};
    jw_result result = check_trip(t, def, error ? error : &local);
    if (result)
        return result;
    if (!isfinite(def->from_s_m) || def->from_s_m < 0 || !isfinite(def->arrive_s_m) || def->arrive_s_m < 0 ||
        def->depart_ns < 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "trip: departure time and places must not be negative");
    if (!(def->depart_mps >= 0 && def->depart_mps < 200) || def->depart_speed > JW_DEPART_UP_TO ||
        (def->depart_lane >= JW_DEPART_LANE &&
         def->depart_lane - JW_DEPART_LANE >= t->city->edges[def->from_edge].lane_count))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "trip: no such way to depart: speed below 200 m/s and a lane that edge %u has",
                       def->from_edge);
    float end_m = t->tracks[t->net.edge_first_lane[def->to_edge]].length_m;
    jw_trip trip = {.depart_ns = def->depart_ns,
                    .tag = def->tag,
                    .from_edge = def->from_edge,
                    .to_edge = def->to_edge,
                    .from_s_m = (float)def->from_s_m,
                    .arrive_s_m = def->arrive_s_m > 0 ? jw_minf((float)def->arrive_s_m, end_m) : end_m,
                    .depart_mps = (float)def->depart_mps,
                    .depart_lane = (uint8_t)(def->depart_lane < 255 ? def->depart_lane : 255),
                    .depart_speed = (uint8_t)def->depart_speed,
                    .vehicle_class = (uint8_t)class_of(t, def),
                    .type1 = (uint8_t)def->type_index1};
    if (def->route) {
        result = jw_traffic_give_route(t, def->route, def->route_count, &trip.route_first, error);
        if (result)
            return result;
        trip.route_count = def->route_count - 1;
        trip.has_route = 1;
    } else {
        jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.informed"));
        trip.is_live = jw_random_uniform(key, t->trip_number + 1, 0) < t->def.reroute_share;
    }
    result = def->stop_count ? jw_plan_make(t, &trip, def->stops, def->stop_count, error) : JW_OK;
    return result ? result : jw_traffic_queue_trip(t, &trip, error);
}
