/* From a queue onto the road, as soon as there is room, first come first served. A step looks at the head of
 * each queue once. */
#include "traffic/traffic_strip.h"

#define CROWDED 0.65f /* of a lane's length under vehicles: nobody departs onto it */

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
    if (t->intervals.trips)
        t->intervals.trips[slot] = (jw_trip_emitted){0};
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

/* In a jam those on the road have the room that becomes free: else who departs would take every gap, and
 * where all rings of streets are full nobody moves any more. SUMO's drivers depart wherever there is room. */
static bool is_crowded(const jw_traffic *t, uint32_t lane, const jw_traffic_type *type)
{
    const jw_track *track = &t->tracks[lane];
    float taken_m = (float)(track->end - track->begin - track->wheels) * (type->length_m + type->min_gap_m);
    return taken_m > CROWDED * track->length_m && type->model != JW_FOLLOW_KRAUSS && !type->is_narrow;
}

/* True when the head of the edge's queue drove off. */
static bool try_departure(jw_world *world, jw_traffic *t, uint32_t edge)
{
    uint32_t index = t->queue_head[edge];
    jw_trip *trip = &t->trips[index];
    if (jw_trip_needs_way(trip))
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
        if (lane - first >= 32 || !(choice.lanes >> (lane - first) & 1) || is_crowded(t, lane, type))
            continue;
        beginning at = find_beginning(t, lane, s, trip, factor);
        if (at.speed_mps < 0)
            continue;
        if (!put_on_road(world, t, index, lane, s, at, factor, headway_s))
            return false;
        jw_trip_forget(t, jw_trip_dequeue(t, edge));
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
    uint32_t start = jw_trip_first_edge(world, t), edge = start;
    for (uint32_t k = 0; k < edges && count < most; k++, edge = edge + 1 < edges ? edge + 1 : 0) {
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
