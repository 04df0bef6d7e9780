/* What the others see: vehicles by slot with place and heading, edges with speed, density and queue. Made
 * when somebody asks, at most once a step. */
#include "traffic/traffic_strip.h"

#include <assert.h>
#include <string.h>

#define KERB_M 1.2f /* from the lane's edge to the middle of who stands beside it */

/* ---- edges -----------------------------------------------------------------------------------------------
 */

/* Standing vehicles with their gaps, on the lane where that is longest. */
static float queue_of(const jw_traffic *t, uint32_t lane)
{
    float queue = 0;
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++)
        if (t->cars[p].speed_mps < JW_QUEUE_MPS)
            queue += jw_strip_queue_m(t, p);
    return queue;
}

static jw_frame_edge measure_edge(const jw_traffic *t, uint32_t e)
{
    uint32_t first = t->net.edge_first_lane[e], last = t->net.edge_first_lane[e + 1];
    jw_frame_edge edge = {.speed_mps = t->tracks[first].limit_mps};
    float sum = 0;
    for (uint32_t lane = first; lane < last; lane++) {
        edge.vehicles += t->tracks[lane].end - t->tracks[lane].begin;
        if (t->lane_closed[lane] && lane - first < 32)
            edge.closed_lanes |= UINT32_C(1) << (lane - first);
        edge.queue_m = jw_maxf(edge.queue_m, queue_of(t, lane));
        for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++)
            sum += t->cars[p].speed_mps;
    }
    if (edge.vehicles) {
        edge.speed_mps = sum / (float)edge.vehicles;
        edge.density_per_km =
            (float)edge.vehicles * 1000 / (t->tracks[first].length_m * (float)(last - first));
    }
    return edge;
}

static void measure_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    const jw_traffic *t = context;
    (void)block;
    for (uint32_t e = begin; e < end; e++)
        t->views->edges[e] = measure_edge(t, e);
}

/* ---- rows in slot order ----------------------------------------------------------------------------------
 */

static uint8_t flags_of(const jw_traffic *t, uint32_t p)
{
    uint8_t flags = t->cars[p].accel_mps2 < -0.4f || t->cars[p].speed_mps < 0.1f ? JW_VEHICLE_BRAKES : 0;
    if (t->cars[p].stop == JW_STOP_STANDS)
        return jw_is_kerb(t, t->cars[p].track) ? JW_VEHICLE_AT_STOP : flags | JW_VEHICLE_AT_STOP;
    if (t->cars[p].want != 0)
        return flags | (t->cars[p].want > 0 ? JW_VEHICLE_TURNS_LEFT : JW_VEHICLE_TURNS_RIGHT);
    uint32_t next = t->cars[p].next, track = t->cars[p].track;
    if (next == JW_NONE || (jw_is_lane(t, track) && t->tracks[track].length_m - t->cars[p].pos_m > 50))
        return flags;
    jw_turn turn = t->city->connections[next].turn;
    if (turn == JW_TURN_LEFT || turn == JW_TURN_U)
        flags |= JW_VEHICLE_TURNS_LEFT;
    else if (turn == JW_TURN_RIGHT)
        flags |= JW_VEHICLE_TURNS_RIGHT;
    return flags;
}

static void write_rows(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    const jw_traffic *t = context;
    const jw_traffic_views *w = t->views;
    (void)block;
    for (uint32_t row = begin; row < end; row++) {
        uint32_t slot = w->id[row].index1 - 1, p = t->place_of_slot[slot];
        const jw_car *car = &t->cars[p];
        float x, y, z, heading;
        uint32_t track = car->track;
        float side = 0.001f * car->lateral_mm;
        if (jw_is_kerb(t, track)) {
            track = t->net.edge_first_lane[track - t->net.track_count];
            side = -0.5f * (float)t->city->lanes[track].width_m - KERB_M;
        }
        jw_traffic_track_place(t, track, car->pos_m, &x, &y, &z, &heading);
        if (side != 0) {
            x -= side * (float)jw_sin(heading);
            y += side * (float)jw_cos(heading);
        }
        w->x_m[row] = x;
        w->y_m[row] = y;
        w->z_m[row] = z;
        w->heading_rad[row] = heading;
        w->speed_mps[row] = car->speed_mps;
        w->vehicle_class[row] = t->types[car->type].vehicle_class;
        w->flags[row] = flags_of(t, p);
        w->edge[row] = jw_is_lane(t, track) ? t->net.lane_edge[track] : JW_NONE;
    }
}

void jw_traffic_phase_measure(jw_world *world, void *state)
{
    jw_traffic *t = state;
    jw_traffic_sample(t, jw_world_time_ns(world));
    jw_intervals_tick(t);
    t->is_stepping = t->views->has_rows = t->views->has_edges = false;
}

/* ---- reading ---------------------------------------------------------------------------------------------
 */

jw_vehicle_columns jw_traffic_vehicles(const jw_traffic *t)
{
    jw_traffic_views *w = t->views;
    assert(!t->is_stepping);
    if (!w->has_rows) {
        uint32_t rows = 0;
        for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
            if (t->pool.generations[slot] & 1)
                w->id[rows++] = (jw_vehicle_id){slot + 1, t->pool.generations[slot]};
        }
        jw_parallel_blocks(rows, JW_PLACE_BLOCK, t->threads, write_rows, (void *)t);
        w->has_rows = true;
    }
    return (jw_vehicle_columns){.count = t->running,
                                .id = w->id,
                                .x_m = w->x_m,
                                .y_m = w->y_m,
                                .z_m = w->z_m,
                                .heading_rad = w->heading_rad,
                                .speed_mps = w->speed_mps,
                                .vehicle_class = w->vehicle_class,
                                .flags = w->flags,
                                .edge = w->edge};
}

static int64_t stamp_ns(const jw_traffic *t, uint32_t stamp_ms)
{
    return t->now_ns - t->now_ns % JW_NS_PER_MS - (int64_t)(jw_ms_of(t->now_ns) - stamp_ms) * JW_NS_PER_MS;
}

bool jw_traffic_vehicle_spot(const jw_traffic *t, jw_vehicle_id id, jw_vehicle_spot *out)
{
    if (!jw_pool_is_alive(&t->pool, id.index1, id.generation))
        return false;
    const jw_car *car = &t->cars[t->place_of_slot[id.index1 - 1]];
    const jw_vehicle *v = &t->vehicles[id.index1 - 1];
    bool is_lane = jw_is_lane(t, car->track);
    float free_mps = jw_minf(t->tracks[car->track].limit_mps, t->types[car->type].max_speed_mps);
    *out = (jw_vehicle_spot){.lane = is_lane ? car->track : JW_NONE,
                             .connection = is_lane ? JW_NONE : car->track - t->net.lane_count,
                             .pos_m = car->pos_m,
                             .limit_mps = t->tracks[car->track].limit_mps,
                             .accel_mps2 = car->accel_mps2,
                             .wait_s = car->wait_s,
                             .free_s = v->free_s + car->pos_m / jw_maxf(free_mps, 0.5f),
                             .stop_s = v->plan1 ? t->stops.plans[v->plan1 - 1].stop_s : 0,
                             .wished_ns = stamp_ns(t, v->wish_ms),
                             .departed_ns = stamp_ns(t, v->depart_ms),
                             .from_edge = v->from_edge,
                             .to_edge = v->to_edge,
                             .tag = v->tag};
    return true;
}

bool jw_traffic_find_vehicle(const jw_traffic *t, jw_vehicle_id id, uint32_t *out_row)
{
    if (!jw_pool_is_alive(&t->pool, id.index1, id.generation))
        return false;
    jw_traffic_vehicles(t);
    const jw_vehicle_id *ids = t->views->id;
    uint32_t low = 0, high = t->running; /* rows are in the order of the slots */
    while (low + 1 < high) {
        uint32_t middle = (low + high) / 2;
        if (ids[middle].index1 <= id.index1)
            low = middle;
        else
            high = middle;
    }
    *out_row = low;
    return true;
}

uint32_t jw_traffic_vehicle_route(const jw_traffic *t, jw_vehicle_id id, uint32_t *out_edges,
                                  uint32_t capacity)
{
    if (!jw_pool_is_alive(&t->pool, id.index1, id.generation))
        return 0;
    const jw_vehicle *v = &t->vehicles[id.index1 - 1];
    uint32_t edge = v->edge, count = v->route_count + 1;
    for (uint32_t k = 0; k < count && k < capacity; k++) {
        out_edges[k] = edge;
        if (k + 1 < count)
            edge = t->net.turn_to[t->net.turn_first[edge] + t->route_turns[v->route_first + k]];
    }
    return count;
}

jw_traffic_counts jw_traffic_count(const jw_traffic *t)
{
    jw_traffic_counts counts = t->counts;
    double sum = 0;
    for (uint32_t track = 0; track < t->net.track_count; track++)
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++)
            sum += t->cars[p].speed_mps;
    counts.running = t->running;
    for (uint32_t k = 0; k < t->stops.plan_count; k++)
        counts.standing += t->stops.plans[k].phase != JW_PLAN_DRIVES;
    counts.due = t->queued;
    counts.mean_depart_wait_s =
        counts.departed > counts.running_at_start
            ? t->depart_wait_sum_s / (double)(counts.departed - counts.running_at_start)
            : 0;
    counts.mean_speed_mps = t->running ? sum / t->running : 0;
    counts.mean_travel_time_s = counts.arrived ? t->travel_sum_s / (double)counts.arrived : 0;
    counts.mean_delay_s = counts.arrived ? t->delay_sum_s / (double)counts.arrived : 0;
    counts.co2_kg = t->emitted.co2_g / 1000;
    counts.nox_kg = t->emitted.nox_g / 1000;
    counts.pm_kg = t->emitted.pm_g / 1000;
    counts.fuel_l = t->emitted.fuel_ml / 1000;
    counts.energy_kwh = t->emitted.energy_wh / 1000;
    return counts;
}

uint32_t jw_traffic_present(const jw_traffic *t)
{
    return t->running + t->queued;
}

void jw_traffic_restart_counts(jw_world *world, void *state)
{
    (void)world;
    jw_traffic *t = state;
    int64_t waiting = t->counts.waiting;
    t->counts = (jw_traffic_counts){.created = t->running + waiting,
                                    .waiting = waiting,
                                    .departed = t->running,
                                    .running_at_start = t->running,
                                    .cut_off = t->counts.cut_off};
    t->depart_wait_sum_s = t->travel_sum_s = t->delay_sum_s = 0;
    t->emitted = (jw_track_sum){0};
    t->trip_log_dropped = 0;
    jw_traffic_restart_sample(t);
    memset(t->edge_entered, 0, t->net.edge_count * sizeof *t->edge_entered);
    memset(t->edge_departed, 0, t->net.edge_count * sizeof *t->edge_departed);
    jw_intervals_restart(t);
    jw_detectors_restart(t);
    jw_buses_restart_counts(t);
    jw_walk_restart_counts(t);
}

const jw_frame_edge *jw_traffic_edges(const jw_traffic *t)
{
    assert(!t->is_stepping);
    if (!t->views->has_edges)
        jw_parallel_blocks(t->net.edge_count, JW_EDGE_BLOCK, t->threads, measure_block, (void *)t);
    t->views->has_edges = true;
    return t->views->edges;
}

const uint8_t *jw_traffic_signals(const jw_traffic *t)
{
    return t->shown;
}
