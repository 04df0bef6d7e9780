/* How well traffic goes: queues before signals, looked at now and then, beside what following and moving
 * count in passing: conflicts, distance; and who does not get on at all. */
#include "traffic/traffic_internal.h"

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
    t->sample.next_ns = now_ns + jw_ns_from_s(t->def.sample_interval_s);
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
                                .fuel_l = t->emitted.fuel_ml / 1000};
}

float jw_traffic_standing_s(const jw_traffic *t, uint32_t track)
{
    float longest_s = 0;
    for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++)
        if (t->cars[p].stop != JW_STOP_STANDS)
            longest_s = jw_maxf(longest_s, t->cars[p].wait_s);
    return longest_s;
}

jw_traffic_jam jw_traffic_find_jam(const jw_traffic *t)
{
    jw_traffic_jam jam = {.edge = JW_NONE};
    for (uint32_t track = 0; track < t->net.track_count; track++) {
        double longest_s = (double)jw_traffic_standing_s(t, track);
        if (longest_s > jam.longest_s) {
            jam.longest_s = longest_s;
            jam.edge = t->vehicles[t->cars[t->tracks[track].begin].slot].edge;
        }
        for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end && longest_s >= JW_JAM_S; p++)
            jam.vehicles += t->cars[p].stop != JW_STOP_STANDS && (double)t->cars[p].wait_s >= JW_JAM_S;
    }
    return jam;
}
