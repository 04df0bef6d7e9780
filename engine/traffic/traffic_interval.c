/* Sums of an interval by track: see traffic_interval.h. */
#include "traffic/traffic_internal.h"

#include <string.h>

void jw_intervals_free(jw_intervals *i)
{
    void *all[] = {i->sums, i->bases, i->departed_base, i->junctions, i->trips, i->pasts};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    memset(i, 0, sizeof *i);
}

/* Those where nobody gives way to anybody are no junctions to a planner. */
static void list_junctions(jw_traffic *t)
{
    jw_intervals *i = &t->intervals;
    for (uint32_t j = 0; j < t->net.junction_count; j++) {
        jw_junction_kind kind = t->city->junctions[j].kind;
        if (kind != JW_JUNCTION_JOINT && kind != JW_JUNCTION_DEAD_END)
            i->junctions[i->junction_count++] = j;
    }
}

jw_result jw_traffic_measure_intervals(jw_traffic *t, bool is_wanted, jw_error *error)
{
    jw_intervals *i = &t->intervals;
    if (is_wanted && i->sums)
        return JW_OK;
    jw_intervals_free(i);
    if (!is_wanted)
        return JW_OK;
    uint32_t edges = t->net.edge_count, junctions = t->net.junction_count;
    i->sums = jw_alloc(t->net.track_count * sizeof *i->sums);
    i->bases = jw_alloc(t->net.track_count * sizeof *i->bases);
    i->departed_base = jw_alloc(edges * sizeof *i->departed_base);
    i->junctions = jw_alloc((junctions ? junctions : 1) * sizeof *i->junctions);
    i->trips = t->slot_capacity ? jw_alloc(t->slot_capacity * sizeof *i->trips) : NULL;
    i->pasts = jw_alloc((JW_RECENT_SLOTS * (size_t)edges + 1) * sizeof *i->pasts);
    if (!i->pasts || !i->sums || !i->bases || !i->departed_base || !i->junctions ||
        (t->slot_capacity && !i->trips)) {
        jw_intervals_free(i);
        return jw_fail_memory(error);
    }
    if (i->trips)
        memset(i->trips, 0, t->slot_capacity * sizeof *i->trips);
    list_junctions(t);
    jw_intervals_restart(t);
    return JW_OK;
}

const jw_track_sum *jw_traffic_track_sums(const jw_traffic *t, int64_t *out_begin_ns)
{
    *out_begin_ns = t->intervals.begin_ns;
    return t->intervals.sums;
}

void jw_intervals_restart(jw_traffic *t)
{
    jw_intervals *i = &t->intervals;
    if (!i->sums)
        return;
    memset(i->sums, 0, t->net.track_count * sizeof *i->sums);
    i->begin_ns = t->now_ns;
    i->past_first = i->past_count = 0;
    jw_intervals_tick(t);
    jw_intervals_drain(t);
}

/* The sums by edge, since measuring began. */
static void sum_edges(const jw_traffic *t, jw_edge_recent *out)
{
    const jw_track_sum *sums = t->intervals.sums;
    memset(out, 0, t->net.edge_count * sizeof *out);
    for (uint32_t lane = 0; lane < t->net.lane_count; lane++) {
        jw_edge_recent *edge = &out[t->net.lane_edge[lane]];
        edge->way_m += sums[lane].way_m;
        edge->time_s += sums[lane].time_s;
        edge->lost_s += sums[lane].lost_s;
        edge->co2_g += sums[lane].co2_g;
        edge->approach_lost_s += sums[lane].lost_s;
    }
    for (uint32_t c = 0; c < t->net.connection_count; c++) {
        jw_edge_recent *edge = &out[t->net.lane_edge[t->net.ways[c].from_lane]];
        edge->approach_lost_s += sums[t->net.lane_count + c].lost_s;
        edge->passed += sums[t->net.lane_count + c].left;
    }
}

void jw_intervals_tick(jw_traffic *t)
{
    const int64_t slot_ns = 60 * JW_NS_PER_S;
    jw_intervals *i = &t->intervals;
    if (!i->sums ||
        (i->past_count &&
         t->now_ns / slot_ns == i->past_ns[(i->past_first + i->past_count - 1) % JW_RECENT_SLOTS] / slot_ns))
        return;
    if (i->past_count == JW_RECENT_SLOTS) {
        i->past_first = (i->past_first + 1) % JW_RECENT_SLOTS;
        i->past_count--;
    }
    uint32_t slot = (i->past_first + i->past_count++) % JW_RECENT_SLOTS;
    i->past_ns[slot] = t->now_ns;
    sum_edges(t, i->pasts + (size_t)slot * t->net.edge_count);
}

bool jw_traffic_recent(const jw_traffic *t, jw_edge_recent *out, double *out_s)
{
    const jw_intervals *i = &t->intervals;
    if (!i->sums || i->past_ns[i->past_first] >= t->now_ns)
        return false;
    const jw_edge_recent *past = i->pasts + (size_t)i->past_first * t->net.edge_count;
    *out_s = jw_s_from_ns(t->now_ns - i->past_ns[i->past_first]);
    sum_edges(t, out);
    for (uint32_t e = 0; e < t->net.edge_count; e++, out++, past++) {
        out->way_m -= past->way_m;
        out->time_s -= past->time_s;
        out->lost_s -= past->lost_s;
        out->co2_g -= past->co2_g;
        out->approach_lost_s -= past->approach_lost_s;
        out->passed -= past->passed;
    }
    return true;
}

void jw_intervals_drain(jw_traffic *t)
{
    jw_intervals *i = &t->intervals;
    if (!i->sums)
        return;
    for (uint32_t k = 0; k < t->net.track_count; k++)
        i->sums[k].queue_most = 0;
    memcpy(i->bases, i->sums, t->net.track_count * sizeof *i->bases);
    memcpy(i->departed_base, t->edge_departed, t->net.edge_count * sizeof *i->departed_base);
    i->base_ns = t->now_ns;
}

/* This driver's wish there. */
static float wish_on(const jw_traffic *t, const jw_car *car, uint32_t track)
{
    return jw_maxf(jw_minf(t->tracks[track].limit_mps * car->factor, t->types[car->type].max_speed_mps),
                   0.5f);
}

void jw_interval_add(jw_traffic *t, uint32_t track, const jw_emitted *emitted)
{
    jw_track_sum *sum = &t->intervals.sums[track];
    double dt = (double)t->dt_s;
    uint32_t queue = 0;
    for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
        const jw_car *car = &t->cars[p];
        double way_m = (double)car->bound_m;
        sum->way_m += way_m;
        sum->time_s += dt;
        if (car->stop == JW_STOP_STANDS)
            continue; /* at a stop of its own: no time lost */
        sum->lost_s += dt - way_m / (double)wish_on(t, car, track);
        queue += car->speed_mps < JW_QUEUE_MPS;
        sum->halt_s += car->speed_mps < JW_HALT_MPS ? dt : 0;
    }
    sum->queue_s += queue * dt;
    sum->queue_most = queue > sum->queue_most ? queue : sum->queue_most;
    jw_emitted_add(sum, emitted);
}

/* A part of a step's way, and the time for it, from one track to another. */
static void move_part(jw_traffic *t, const jw_car *car, uint32_t from, uint32_t to, double part_m,
                      double part_s)
{
    jw_track_sum *sums = t->intervals.sums;
    sums[from].way_m -= part_m;
    sums[from].time_s -= part_s;
    sums[from].lost_s -= part_s - part_m / (double)wish_on(t, car, from);
    sums[to].way_m += part_m;
    sums[to].time_s += part_s;
    sums[to].lost_s += part_s - part_m / (double)wish_on(t, car, to);
}

void jw_interval_pass(jw_traffic *t, const jw_order *order)
{
    const jw_car *car = &t->cars[t->place_of_slot[order->slot]];
    uint32_t tracks[4], count = jw_traffic_tracks_passed(t, order, tracks);
    float beyond_m = car->pos_m - t->tracks[car->track].length_m;
    double s_per_m = car->bound_m > 0 ? (double)t->dt_s / (double)car->bound_m : 0;
    for (uint32_t k = 1; k < count; k++) {
        bool is_end = k + 1 == count;
        double part_m = (double)(is_end ? beyond_m : jw_minf(t->tracks[tracks[k]].length_m, beyond_m));
        beyond_m -= (float)part_m;
        t->intervals.sums[tracks[k - 1]].left++;
        t->intervals.sums[tracks[k]].entered++;
        move_part(t, car, tracks[0], tracks[k], part_m, part_m * s_per_m);
    }
}

void jw_interval_arrive(jw_traffic *t, uint32_t edge)
{
    if (t->intervals.sums)
        t->intervals.sums[t->net.edge_first_lane[edge]].arrived++;
}
