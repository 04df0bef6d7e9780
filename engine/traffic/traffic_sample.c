/* What is looked at now and then: how near vehicles come to one another, queues before signals, distance. One
 * pass over all vehicles, in the order of the tracks. */
#include "traffic/traffic_internal.h"

#define CONFLICT_S                                                                                           \
    1.5f /* Hayward, "Near-miss determination through use of a scale of danger", HRR 384, 1972 */
#define CO2_KG_PER_L 2.35 /* of petrol: EPA, 8,887 g a US gallon */

/* Bumper to bumper on the same track, or, of the first on a lane, to the last on the way that it takes. */
static bool find_leader(const jw_traffic *t, uint32_t place, float *out_gap_m, float *out_mps)
{
    const jw_car *car = &t->cars[place];
    const jw_track *track = &t->tracks[car->track];
    uint32_t leader = place - 1;
    float way_m = -car->pos_m;
    if (place == track->begin) {
        uint32_t next = jw_is_lane(t, car->track) ? car->next : JW_NONE;
        uint32_t ahead = next == JW_NONE ? JW_NONE : t->net.lane_count + next;
        way_m += track->length_m;
        if (ahead != JW_NONE && t->tracks[ahead].begin == t->tracks[ahead].end) {
            way_m += t->tracks[ahead].length_m;
            ahead = t->city->connections[next].to_lane;
        }
        if (ahead == JW_NONE || t->tracks[ahead].begin == t->tracks[ahead].end)
            return false;
        leader = t->tracks[ahead].end - 1;
    }
    *out_gap_m = way_m + t->cars[leader].pos_m - jw_length_at(t, leader);
    *out_mps = t->cars[leader].speed_mps;
    return true;
}

static bool is_close(const jw_traffic *t, uint32_t place)
{
    float gap_m, leader_mps;
    if (!find_leader(t, place, &gap_m, &leader_mps))
        return false;
    float closing_mps = t->cars[place].speed_mps - leader_mps;
    return closing_mps > 0 && gap_m < CONFLICT_S * closing_mps;
}

static void sample_queues(jw_traffic *t)
{
    const jw_signal_net *net = &t->signals.net;
    uint32_t lanes = net->lane_first[t->city->programme_count];
    for (uint32_t k = 0; k < lanes; k++) {
        const jw_track *track = &t->tracks[net->lanes[k]];
        uint32_t standing = 0;
        for (uint32_t p = track->begin; p < track->end; p++)
            standing += t->cars[p].speed_mps < JW_QUEUE_MPS;
        t->sample.queued += standing;
        t->sample.queued_most = standing > t->sample.queued_most ? standing : t->sample.queued_most;
    }
    t->sample.lanes += lanes;
}

void jw_traffic_sample(jw_traffic *t, int64_t now_ns)
{
    if (now_ns < t->sample.next_ns)
        return;
    double interval_s = t->def.sample_interval_s, sum_mps = 0;
    t->sample.next_ns = now_ns + jw_ns_from_s(interval_s);
    for (uint32_t track = 0; track < t->net.track_count; track++)
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
            bool was_close = t->cars[p].is_close;
            t->cars[p].is_close = is_close(t, p);
            t->sample.conflicts += !was_close && t->cars[p].is_close;
            sum_mps += (double)t->cars[p].speed_mps;
        }
    t->sample.way_m += sum_mps * jw_max(interval_s, (double)t->dt_s);
    sample_queues(t);
}

/* Halts of those on the road. */
static int64_t running_halts(const jw_traffic *t)
{
    int64_t sum = 0;
    for (uint32_t track = 0; track < t->net.track_count; track++)
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++)
            sum += t->vehicles[t->cars[p].slot].halts;
    return sum;
}

void jw_traffic_restart_sample(jw_traffic *t)
{
    t->sample = (jw_sample){.next_ns = t->sample.next_ns, .halts = -running_halts(t)};
}

jw_traffic_quality jw_traffic_judge(const jw_traffic *t)
{
    const jw_sample *s = &t->sample;
    return (jw_traffic_quality){.vehicle_km = s->way_m / 1000,
                                .stops = s->halts + running_halts(t),
                                .conflicts = s->conflicts,
                                .queue_mean_veh = s->lanes ? (double)s->queued / (double)s->lanes : 0,
                                .queue_most_veh = s->queued_most,
                                .fuel_l = t->co2_sum_g / 1000 / CO2_KG_PER_L};
}
