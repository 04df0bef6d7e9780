/* Detectors of an area of a lane: what the fronts in it did, and the queue that stands there. */
#include "traffic/traffic_internal.h"

/* As SUMO's laneAreaDetector has them by default (speedThreshold, jamThreshold). */
#define JAM_MPS   (5 / 3.6f)
#define JAM_GAP_M 10.0f

void jw_area_see_one(const jw_traffic *t, const jw_car *car, float pos_m, const jw_detector *area,
                     jw_detector_sum *sum)
{
    float way = car->bound_m, from = pos_m - way, length_m = area->end_m - area->pos_m;
    float covered_m =
        jw_minf(pos_m, area->end_m) - jw_maxf(pos_m - t->types[car->type].length_m, area->pos_m);
    sum->occupied_s += (double)(jw_maxf(covered_m, 0) / length_m * t->dt_s);
    if (pos_m < area->pos_m || from >= area->end_m)
        return;
    float inside_m = jw_minf(pos_m, area->end_m) - jw_maxf(from, area->pos_m);
    sum->entered += from < area->pos_m;
    sum->left += pos_m >= area->end_m;
    sum->way_m += (double)inside_m;
    sum->time_s += (double)(way > 0 ? inside_m / way * t->dt_s : t->dt_s);
}

void jw_area_see_jam(const jw_traffic *t, const jw_detector *area, jw_detector_sum *sum)
{
    const jw_track *track = &t->tracks[area->lane];
    float longest_m = 0, head_m = 0, rear_m = -JW_FAR;
    uint32_t most = 0, count = 0;
    for (uint32_t p = track->begin; p < track->end && t->cars[p].pos_m >= area->pos_m; p++) {
        const jw_car *car = &t->cars[p];
        if (car->pos_m > area->end_m)
            continue;
        if (car->speed_mps >= JAM_MPS) {
            rear_m = -JW_FAR;
            continue;
        }
        if (rear_m - car->pos_m > JAM_GAP_M || rear_m < 0) {
            head_m = car->pos_m;
            count = 0;
        }
        rear_m = jw_maxf(car->pos_m - t->types[car->type].length_m, area->pos_m);
        count++;
        if (head_m - rear_m > longest_m) {
            longest_m = head_m - rear_m;
            most = count;
        }
    }
    sum->jam_m = (double)longest_m;
    sum->jam_vehicles = most;
    sum->jam_m_s += (double)(longest_m * t->dt_s);
}
