/* Trips: wished (a heap by time), then waiting in their edge's queue, then a vehicle on the road as soon as
 * there is room, first come first served. A step looks at the head of each queue once. */
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

static uint32_t dequeue(jw_traffic *t, uint32_t edge)
{
    uint32_t trip = t->queue_head[edge];
    t->queue_head[edge] = t->trips[trip].next;
    if (t->queue_head[edge] == JW_NONE)
        t->queue_tail[edge] = JW_NONE;
    t->queued--;
    return trip;
}

static void forget_trip(jw_traffic *t, uint32_t trip)
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

/* First edge to be asked in this step: it moves on, so that no edge always comes last. */
static uint32_t first_edge(const jw_world *world, const jw_traffic *t)
{
    return (uint32_t)(jw_world_step_number(world) * 7919 % t->net.edge_count);
}

/* Whether the router has still to find its way. */
static bool is_waiting_for_way(const jw_trip *trip)
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
    dequeue(t, trip->from_edge);
    if (trip->is_wish && !t->closed_count) { /* nobody could have wished this */
        uint32_t person1 = trip->person1;
        jw_plan_release(t, trip->plan1);
        forget_trip(t, q->asker);
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
    uint32_t edges = t->net.edge_count, start = first_edge(world, t);
    r->query_count = 0;
    for (uint32_t k = 0; k < edges && r->query_count < ROUTES_MAX; k++) {
        uint32_t head = t->queue_head[start + k < edges ? start + k : start + k - edges];
        if (head == JW_NONE || !is_waiting_for_way(&t->trips[head]))
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

/* ---- room on the road ------------------------------------------------------------------------------------
 */

typedef struct neighbours {
    float lead_gap_m, lead_mps, back_gap_m, back_mps;
} neighbours;

static void see(neighbours *n, float s_m, float length_m, float pos_m, float other_length_m, float speed_mps)
{
    if (pos_m >= s_m) {
        if (pos_m - other_length_m - s_m < n->lead_gap_m) {
            n->lead_gap_m = pos_m - other_length_m - s_m;
            n->lead_mps = speed_mps;
        }
    } else if (s_m - length_m - pos_m < n->back_gap_m) {
        n->back_gap_m = s_m - length_m - pos_m;
        n->back_mps = speed_mps;
    }
}

/* Who is next to s_m on some strips of a lane. */
static neighbours look_around(const jw_traffic *t, uint32_t lane, uint32_t cover, float s_m, float length_m)
{
    neighbours n = {JW_FAR, 0, JW_FAR, 0};
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++)
        if (cover & jw_strip_cover(t, &t->cars[p], lane))
            see(&n, s_m, length_m, t->cars[p].pos_m, jw_length_at(t, p), t->cars[p].speed_mps);
    if (t->tracks[lane].overhang_m < JW_FAR && (t->tracks[lane].over & cover) &&
        t->tracks[lane].overhang_m - s_m < n.lead_gap_m) {
        n.lead_gap_m = t->tracks[lane].overhang_m - s_m;
        n.lead_mps = t->tracks[lane].overhang_mps;
    }
    if (t->obstacle_m[lane] + JW_OBSTACLE_M >= s_m && t->obstacle_m[lane] - s_m < n.lead_gap_m) {
        n.lead_gap_m = t->obstacle_m[lane] - s_m;
        n.lead_mps = 0;
    }
    for (uint32_t k = t->net.lane_in_first[lane]; k < t->net.lane_in_first[lane + 1]; k++) {
        uint32_t track = t->net.lane_count + t->net.lane_in[k];
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++)
            if (cover & jw_strip_cover(t, &t->cars[p], track))
                see(&n, s_m, length_m, t->cars[p].pos_m - t->tracks[track].length_m, jw_length_at(t, p),
                    t->cars[p].speed_mps);
    }
    return n;
}

/* Speed to start with at s_m on a lane, or < 0 when there is no room. */
static float room_speed(const jw_traffic *t, uint32_t lane, uint32_t cover, float s_m,
                        const jw_traffic_type *type, float factor)
{
    neighbours n = look_around(t, lane, cover, s_m, type->length_m);
    if (n.lead_gap_m < type->min_gap_m)
        return -1;
    float wished = jw_minf(t->tracks[lane].limit_mps * factor, type->max_speed_mps);
    /* Half the comfortable deceleration would do to stop before the line or behind the leader's stop. */
    float ahead = jw_minf(n.lead_gap_m - type->min_gap_m, t->tracks[lane].length_m - s_m);
    float speed = jw_minf(wished, jw_sqrtf_exact(n.lead_mps * n.lead_mps * (n.lead_gap_m < JW_FAR / 2) +
                                                 type->decel_mps2 * jw_maxf(ahead, 0)));
    /* Nor so fast that the leader would have to be braked for. */
    while (speed > 0.5f && jw_follow_accel(type, type->headway_s, wished, speed, n.lead_gap_m, n.lead_mps,
                                           0) < -0.5f * type->decel_mps2)
        speed *= 0.8f;
    float closing = jw_maxf(n.back_mps * n.back_mps - speed * speed, 0) / 4.0f; /* braking at 2 m/s2 */
    if (n.back_gap_m < 2.0f + n.back_mps + closing)
        return -1;
    return speed;
}

bool jw_traffic_has_room(const jw_traffic *t, uint32_t lane, float s_m, const jw_traffic_type *type)
{
    neighbours n = look_around(t, lane, UINT32_MAX, s_m, type->length_m);
    return n.lead_gap_m >= type->min_gap_m &&
           n.back_gap_m >= 2.0f + n.back_mps + n.back_mps * n.back_mps / 4.0f; /* as above */
}

/* ---- departing -------------------------------------------------------------------------------------------
 */

/* How one begins: a two-wheeler on the strip where it can be fastest. */
typedef struct beginning {
    float speed_mps; /* < 0: not yet */
    uint32_t strip;
} beginning;

/* A person's vehicle is the same every time. */
static bool draws_electric(const jw_world *world, const jw_traffic *t, const jw_trip *trip)
{
    double share = t->type_defs[jw_trip_type(trip)].electric_share;
    if (share <= 0 || share >= 1)
        return share > 0;
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.electric"));
    return jw_random_uniform(key, trip->person1 ? trip->person1 : trip->number, trip->person1 != 0) < share;
}

static bool put_on_road(jw_world *world, jw_traffic *t, uint32_t trip_index, uint32_t lane, float s_m,
                        beginning at, float factor, float headway_s)
{
    const jw_trip *trip = &t->trips[trip_index];
    uint32_t slot, generation;
    jw_error error = {0};
    if (jw_pool_take(&t->pool, &slot, &generation, &error)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for another vehicle");
        return false;
    }
    const jw_traffic_type *type = &t->types[jw_trip_type(trip)];
    jw_car car = {.pos_m = s_m,
                  .hold_m = JW_FAR,
                  .speed_mps = at.speed_mps,
                  .factor = factor,
                  .headway_s = headway_s,
                  .slot = slot,
                  .track = lane,
                  .next = JW_NONE,
                  .type = (uint8_t)jw_trip_type(trip),
                  .strip = at.strip & 7,
                  .is_electric = draws_electric(world, t, trip),
                  .is_siren = type->vehicle_class == JW_VEHICLE_EMERGENCY};
    if (at.strip)
        car.lateral_mm = (int16_t)jw_strip_side_mm(t, &car, lane);
    if (jw_traffic_grow_slots(t, slot + 1, &error) || jw_traffic_put_car(t, &car) == JW_NONE) {
        jw_pool_give(&t->pool, slot);
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for another vehicle");
        return false;
    }
    t->vehicles[slot] =
        (jw_vehicle){.wish_ms = jw_ms_of(trip->depart_ns),
                     .depart_ms = jw_ms_of(jw_world_time_ns(world)),
                     .tag = trip->tag,
                     .number = trip->number,
                     .route_first = trip->route_first,
                     .route_count = trip->route_count,
                     .edge = trip->from_edge,
                     .entered_ms = jw_traffic_would_have_entered_ms(t, lane, s_m),
                     .from_edge = trip->from_edge,
                     .to_edge = trip->to_edge,
                     .prev = {JW_NONE, JW_NONE},
                     /* Leaving the first track adds its whole length. */
                     .way_m = -s_m,
                     .free_s = -s_m / jw_minf(t->tracks[lane].limit_mps, type->max_speed_mps),
                     .own_free_s = -s_m / jw_minf(t->tracks[lane].limit_mps * factor, type->max_speed_mps),
                     .depart_s_m = s_m,
                     .depart_mps = at.speed_mps,
                     .depart_lane = t->net.lane_index[lane],
                     .arrive_s_m = trip->arrive_s_m,
                     .person1 = trip->person1,
                     .plan1 = trip->plan1,
                     .vehicle_class = trip->vehicle_class & 31u,
                     .is_live = trip->is_live & 1u};
    if (trip->plan1)
        t->stops.plans[trip->plan1 - 1].slot = slot;
    jw_traffic_aim(t, t->place_of_slot[slot], lane);
    t->running++;
    t->counts.waiting--;
    t->counts.departed++;
    t->edge_departed[trip->from_edge]++;
    t->depart_wait_sum_s += jw_s_from_ns(jw_world_time_ns(world) - trip->depart_ns);
    if (t->ports.vehicle_departed)
        t->ports.vehicle_departed(world, (jw_vehicle_id){slot + 1, generation}, trip->vehicle_class);
    return true;
}

/* Lanes of an edge on which a trip may begin, a bit each, in order of liking: the k-th one to be tried. */
typedef struct lane_choice {
    uint32_t lanes;
    uint32_t first; /* tried first, then on to the left, and round */
} lane_choice;

static uint32_t emptiest(const jw_traffic *t, uint32_t edge, uint32_t lanes)
{
    uint32_t best = 0, fewest = JW_NONE, first = t->net.edge_first_lane[edge];
    for (uint32_t k = 0; lanes >> k; k++) {
        if (!(lanes >> k & 1))
            continue;
        uint32_t count = t->tracks[first + k].end - t->tracks[first + k].begin;
        if (count < fewest) {
            fewest = count;
            best = k;
        }
    }
    return best;
}

static lane_choice choose_lanes(jw_world *world, const jw_traffic *t, const jw_trip *trip, uint32_t edge)
{
    uint32_t to = JW_NONE, count = t->net.edge_first_lane[edge + 1] - t->net.edge_first_lane[edge];
    if (trip->route_count)
        to = t->net.turn_to[t->net.turn_first[edge] + t->route_turns[trip->route_first]];
    uint32_t good = jw_traffic_good_lanes(t, edge, to, trip->vehicle_class);
    uint32_t allowed = jw_traffic_good_lanes(t, edge, JW_NONE, trip->vehicle_class), first = 0;
    switch (trip->depart_lane) {
    case JW_DEPART_ANY:
        return (lane_choice){good, (uint32_t)(trip->number % count)};
    case JW_DEPART_FIRST:
        return (lane_choice){allowed & -allowed, 0};
    case JW_DEPART_RANDOM:
        first = (uint32_t)(jw_random_uniform(jw_world_random(world, jw_hash_text(0, "traffic.depart_lane")),
                                             trip->number, 0) *
                           count);
        while (allowed && !(allowed >> first & 1))
            first = (first + 1) % count;
        return (lane_choice){allowed & 1u << first, first};
    case JW_DEPART_FREE:
        first = emptiest(t, edge, allowed);
        return (lane_choice){allowed & 1u << first, first};
    case JW_DEPART_BEST:
        first = emptiest(t, edge, good);
        return (lane_choice){good & 1u << first, first};
    default:
        first = trip->depart_lane - JW_DEPART_LANE;
        return (lane_choice){first < 32 ? allowed & 1u << first : 0, first};
    }
}

/* The speed to begin with of what there is room for; < 0: not yet. */
static float depart_speed(const jw_trip *trip, float room_mps)
{
    if (room_mps < 0 || trip->depart_speed == JW_DEPART_FAST)
        return room_mps;
    if (trip->depart_speed == JW_DEPART_SPEED && trip->depart_mps > room_mps + 0.01f)
        return -1;
    return jw_minf(trip->depart_mps, room_mps);
}

static beginning find_beginning(const jw_traffic *t, uint32_t lane, float s_m, const jw_trip *trip,
                                float factor)
{
    jw_car car = {.type = (uint8_t)jw_trip_type(trip)};
    const jw_traffic_type *type = &t->types[car.type];
    beginning best = {-1, 0};
    for (uint32_t strip = type->is_narrow; strip <= (type->is_narrow ? t->tracks[lane].strips : 0u);
         strip++) {
        car.strip = strip & 7;
        uint32_t cover = jw_strip_cover(t, &car, lane);
        float speed_mps = depart_speed(trip, room_speed(t, lane, cover, s_m, type, factor));
        if (speed_mps > best.speed_mps)
            best = (beginning){speed_mps, car.strip};
    }
    return best;
}

/* True when the head of the edge's queue drove off. */
static bool try_departure(jw_world *world, jw_traffic *t, uint32_t edge)
{
    uint32_t index = t->queue_head[edge];
    jw_trip *trip = &t->trips[index];
    if (is_waiting_for_way(trip))
        return false;
    const jw_traffic_type *type = &t->types[jw_trip_type(trip)];
    float length = jw_edge_length(t, edge);
    float s = jw_minf(jw_maxf(trip->from_s_m, type->length_m + 0.1f), jw_maxf(length - 1.0f, 0.5f * length));
    float factor, headway_s;
    jw_disturb_driver(world, t, jw_trip_type(trip), trip->number, &factor, &headway_s);
    uint32_t first = t->net.edge_first_lane[edge], lanes = t->net.edge_first_lane[edge + 1] - first;
    lane_choice choice = choose_lanes(world, t, trip, edge);
    for (uint32_t k = 0; k < lanes; k++) {
        uint32_t lane = first + (k + choice.first) % lanes;
        if (lane - first >= 32 || !(choice.lanes >> (lane - first) & 1))
            continue;
        beginning at = find_beginning(t, lane, s, trip, factor);
        if (at.speed_mps < 0)
            continue;
        if (!put_on_road(world, t, index, lane, s, at, factor, headway_s))
            return false;
        forget_trip(t, dequeue(t, edge));
        return true;
    }
    return false;
}

void jw_traffic_insert_waiting(jw_world *world, jw_traffic *t)
{
    if (!t->queued)
        return;
    uint32_t edges = t->net.edge_count, count = 0;
    uint32_t most = JW_INSERT_MAX, bound = t->def.demand.max_running;
    if (bound)
        most = t->running >= bound ? 0 : (bound - t->running < most ? bound - t->running : most);
    uint32_t start = first_edge(world, t);
    for (uint32_t k = 0; k < edges && count < most; k++) {
        uint32_t edge = start + k < edges ? start + k : start + k - edges;
        if (t->queue_head[edge] == JW_NONE)
            continue;
        uint32_t places = 0; /* side by side */
        for (uint32_t lane = t->net.edge_first_lane[edge]; lane < t->net.edge_first_lane[edge + 1]; lane++)
            places += t->net.lane_allow[lane] & JW_ALLOW_CAR ? 1 : t->tracks[lane].strips;
        while (places-- > 0 && count < most && t->queue_head[edge] != JW_NONE &&
               try_departure(world, t, edge))
            count++;
    }
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
