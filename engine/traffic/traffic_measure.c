/* What the others see: vehicles by slot with place and heading, edges with speed, density and queue. */
#include "traffic/traffic_internal.h"

#include <string.h>

/* ---- edges -----------------------------------------------------------------------------------------------
 */

typedef struct edge_context {
    jw_traffic *t;
    bool is_step;
} edge_context;

/* Standing vehicles with their gaps, on the lane where that is longest. */
static float queue_of(const jw_traffic *t, uint32_t lane)
{
    float queue = 0;
    for (uint32_t p = t->track_begin[lane]; p < t->track_begin[lane + 1]; p++)
        if (t->now.speed_mps[p] < JW_QUEUE_MPS)
            queue += jw_length_at(t, p) + jw_type_at(t, p)->min_gap_m;
    return queue;
}

static void measure_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    edge_context *c = context;
    jw_traffic *t = c->t;
    (void)block;
    for (uint32_t e = begin; e < end; e++) {
        uint32_t first = t->net.edge_first_lane[e], last = t->net.edge_first_lane[e + 1];
        uint32_t from = t->track_begin[first], to = t->track_begin[last];
        jw_frame_edge *edge = &t->edges[e];
        edge->vehicles = to - from;
        if (from == to) {
            edge->speed_mps = t->track_speed_mps[first];
            edge->density_per_km = edge->queue_m = 0;
            continue;
        }
        float sum = 0, queue = 0;
        for (uint32_t p = from; p < to; p++)
            sum += t->now.speed_mps[p];
        for (uint32_t lane = first; lane < last; lane++)
            queue = jw_maxf(queue, queue_of(t, lane));
        edge->speed_mps = sum / (float)(to - from);
        edge->density_per_km =
            (float)(to - from) * 1000 / (t->net.track_length_m[first] * (float)(last - first));
        edge->queue_m = queue;
        if (c->is_step) {
            t->edge_speed_sum[e] += sum;
            t->edge_count_sum[e] += to - from;
        }
    }
}

void jw_traffic_measure_edges(jw_traffic *t, int threads, bool is_step)
{
    edge_context context = {t, is_step};
    jw_parallel_blocks(t->net.edge_count, JW_EDGE_BLOCK, threads, measure_block, &context);
}

/* ---- rows in slot order ----------------------------------------------------------------------------------
 */

static uint8_t flags_of(const jw_traffic *t, uint32_t p)
{
    uint8_t flags = t->now.accel_mps2[p] < -0.4f || t->now.speed_mps[p] < 0.1f ? JW_VEHICLE_BRAKES : 0;
    if (t->now.want[p] != 0)
        return flags | (t->now.want[p] > 0 ? JW_VEHICLE_TURNS_LEFT : JW_VEHICLE_TURNS_RIGHT);
    uint32_t next = t->now.next[p], track = t->track_of[p];
    if (next == JW_NONE || (jw_is_lane(t, track) && t->net.track_length_m[track] - t->now.pos_m[p] > 50))
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
    jw_traffic *t = context;
    (void)block;
    for (uint32_t row = begin; row < end; row++) {
        uint32_t slot = t->row_slot[row], p = t->place_of_slot[slot], track = t->track_of[p];
        float x, y, z, heading;
        jw_traffic_track_place(t, track, t->now.pos_m[p], &x, &y, &z, &heading);
        float side = t->now.lateral_m[p];
        if (side != 0) {
            x -= side * (float)jw_sin(heading);
            y += side * (float)jw_cos(heading);
        }
        t->row_id[row] = (jw_vehicle_id){slot + 1, t->pool.generations[slot]};
        t->row_x_m[row] = x;
        t->row_y_m[row] = y;
        t->row_z_m[row] = z;
        t->row_heading_rad[row] = heading;
        t->row_speed_mps[row] = t->now.speed_mps[p];
        t->row_accel_mps2[row] = t->now.accel_mps2[p];
        t->row_class[row] = t->now.vehicle_class[p];
        t->row_flags[row] = flags_of(t, p);
        t->row_edge[row] = jw_is_lane(t, track) ? t->net.lane_edge[track] : JW_NONE;
    }
}

static void refresh_rows(jw_traffic *t, int threads)
{
    uint32_t rows = 0;
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        if (!(t->pool.generations[slot] & 1))
            continue;
        t->row_of_slot[slot] = rows;
        t->row_slot[rows++] = slot;
    }
    jw_parallel_blocks(rows, JW_PLACE_BLOCK, threads, write_rows, t);
}

void jw_traffic_refresh_rows(jw_traffic *t)
{
    refresh_rows(t, 1);
}

void jw_traffic_phase_measure(jw_world *world, void *state)
{
    jw_traffic *t = state;
    int threads = jw_traffic_threads(world, t);
    jw_traffic_measure_edges(t, threads, true);
    refresh_rows(t, threads);
}

/* ---- reading ---------------------------------------------------------------------------------------------
 */

jw_vehicle_columns jw_traffic_vehicles(const jw_traffic *t)
{
    return (jw_vehicle_columns){.count = t->running,
                                .id = t->row_id,
                                .x_m = t->row_x_m,
                                .y_m = t->row_y_m,
                                .z_m = t->row_z_m,
                                .heading_rad = t->row_heading_rad,
                                .speed_mps = t->row_speed_mps,
                                .accel_mps2 = t->row_accel_mps2,
                                .vehicle_class = t->row_class,
                                .flags = t->row_flags,
                                .edge = t->row_edge};
}

bool jw_traffic_find_vehicle(const jw_traffic *t, jw_vehicle_id id, uint32_t *out_row)
{
    if (!jw_pool_is_alive(&t->pool, id.index1, id.generation))
        return false;
    *out_row = t->row_of_slot[id.index1 - 1];
    return true;
}

uint32_t jw_traffic_vehicle_route(const jw_traffic *t, jw_vehicle_id id, const uint32_t **out_edges,
                                  uint32_t *out_position)
{
    *out_edges = NULL;
    *out_position = 0;
    if (!jw_pool_is_alive(&t->pool, id.index1, id.generation))
        return 0;
    const jw_vehicle *v = &t->vehicles[id.index1 - 1];
    *out_edges = t->route_edges + v->route_first;
    *out_position = v->route_pos;
    return v->route_count;
}

jw_traffic_counts jw_traffic_count(const jw_traffic *t)
{
    jw_traffic_counts counts = t->counts;
    double sum = 0;
    for (uint32_t p = 0; p < t->running; p++)
        sum += t->now.speed_mps[p];
    counts.running = t->running;
    counts.mean_speed_mps = t->running ? sum / t->running : 0;
    counts.mean_travel_time_s = counts.arrived ? t->travel_sum_s / (double)counts.arrived : 0;
    counts.mean_delay_s = counts.arrived ? t->delay_sum_s / (double)counts.arrived : 0;
    counts.co2_kg = t->co2_sum_g / 1000;
    return counts;
}

const jw_frame_edge *jw_traffic_edges(const jw_traffic *t)
{
    return t->edges;
}

const uint8_t *jw_traffic_signals(const jw_traffic *t)
{
    return t->shown;
}
