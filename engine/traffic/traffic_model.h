/* Types of vehicles as the inner loops take them, and car following: see traffic_model.c. */
#ifndef JW_TRAFFIC_MODEL_H
#define JW_TRAFFIC_MODEL_H

#include "traffic/traffic_emission.h"
#include "traffic/traffic_net.h"

static inline float jw_sqrtf_exact(float x)
{
    return __builtin_sqrtf(x); /* one instruction, correctly rounded */
}
static inline float jw_minf(float a, float b)
{
    return a < b ? a : b;
}
static inline float jw_maxf(float a, float b)
{
    return a > b ? a : b;
}

/* One type in float, ready for the inner loops. Those of the classes come first, in their order. */
typedef struct jw_traffic_type {
    float length_m, max_speed_mps, headway_s, min_gap_m, accel_mps2, decel_mps2, emergency_mps2;
    float politeness, threshold_mps2;
    float width_m;
    float coolness, sigma, dt_s;                 /* dt_s: of the world */
    float per_dt, per_step_mps, per_two_sqrt_ab; /* 1 / dt, 1 / (b dt), 1 / (2 sqrt(a b)) */
    uint8_t vehicle_class, model, is_euler;
    uint8_t is_narrow; /* a two-wheeler: rides in a strip */
    jw_emission emission;
} jw_traffic_type;

/* gap_m >= JW_FAR / 2: nobody ahead. Never below the emergency deceleration. */
static inline float jw_idm_accel(const jw_traffic_type *type, float headway_s, float wished_mps,
                                 float speed_mps, float gap_m, float leader_mps)
{
    float a = type->accel_mps2, ratio = speed_mps / wished_mps;
    ratio *= ratio;
    /* Above the wished speed plain IDM brakes without bounds: comfortable braking is enough. */
    float free = jw_maxf(a * (1 - ratio * ratio), -type->decel_mps2);
    if (gap_m < JW_FAR / 2) {
        float wish = speed_mps * headway_s + speed_mps * (speed_mps - leader_mps) * type->per_two_sqrt_ab;
        float ratio_gap = (type->min_gap_m + jw_maxf(wish, 0)) / jw_maxf(gap_m, 0.1f);
        free -= a * ratio_gap * ratio_gap;
    }
    return jw_maxf(free, -type->emergency_mps2);
}
/* Speed after this step of a Krauss driver with nobody ahead. */
static inline float jw_krauss_free_mps(const jw_traffic_type *type, float wished_mps, float speed_mps)
{
    float v1 = jw_minf(speed_mps + type->accel_mps2 * type->dt_s, wished_mps);
    return jw_maxf(v1, speed_mps - type->decel_mps2 * type->dt_s);
}
/* With nobody ahead, whatever the model. */
static inline float jw_free_accel(const jw_traffic_type *type, float wished_mps, float speed_mps)
{
    if (type->model != JW_FOLLOW_KRAUSS)
        return jw_idm_accel(type, 0, wished_mps, speed_mps, JW_FAR, 0);
    return jw_maxf((jw_krauss_free_mps(type, wished_mps, speed_mps) - speed_mps) * type->per_dt,
                   -type->emergency_mps2);
}
float jw_other_accel(const jw_traffic_type *type, float headway_s, float wished_mps, float speed_mps,
                     float gap_m, float leader_mps, float leader_mps2);
/* By the type's model; leader_mps2 is the leader's acceleration in the step before. */
static inline float jw_follow_accel(const jw_traffic_type *type, float headway_s, float wished_mps,
                                    float speed_mps, float gap_m, float leader_mps, float leader_mps2)
{
    if (type->model == JW_FOLLOW_IDM)
        return jw_idm_accel(type, headway_s, wished_mps, speed_mps, gap_m, leader_mps);
    return jw_other_accel(type, headway_s, wished_mps, speed_mps, gap_m, leader_mps, leader_mps2);
}
/* Before a position not to be passed: like a standing leader, but stopping up to it. */
float jw_stop_accel(const jw_traffic_type *type, float headway_s, float wished_mps, float speed_mps,
                    float distance_m);
/* How far one goes while braking with b to a standstill, in the steps of a type's update. */
float jw_brake_gap(const jw_traffic_type *type, float speed_mps);
/* What a Krauss driver makes of a wish; draw is uniform in [0, 1). */
float jw_dawdle(const jw_traffic_type *type, float speed_mps, float accel_mps2, float draw);

#endif
