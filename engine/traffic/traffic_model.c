/* Car-following models: the acceleration wished for behind one leader.
 *
 * IDM (Treiber, Hennecke, Helbing, Phys. Rev. E 62, 1805, 2000):
 *
 *   dv/dt = a [1 - (v/v0)^4 - (w/s)^2],  w = s0 + max(0, v T + v dv / (2 sqrt(a b)))
 *
 * ACC (Kesting, Treiber, Helbing, Phil. Trans. R. Soc. A 368, 4585, 2010): the IDM, but where it brakes
 * harder than what is needed when the leader keeps its acceleration (the constant-acceleration heuristic),
 * mostly that, for the share of `coolness`. Gaps that somebody cut into are mended gently.
 *
 * Krauss (Krauss, Microscopic Modeling of Traffic Flow, DLR 1998, with the stopping distance of whole steps
 * as in SUMO): the highest speed from which one can stop behind a leader that brakes now with b, after a
 * reaction time tau; less a random part (dawdling), so that speeds scatter. In the ballistic update one stops
 * continuously, in the Euler update step by step: the formulas follow from that alone. */
#include "traffic/traffic_internal.h"

/* Up to a gap one stops rather than creep on by ever less of what is left of it. */
#define CREEP_M 0.001f

#define ENOUGH_M 0.1f /* more than rounding could make of it */

/* tanh(x), in double: the exponential is the module's own. */
static float tanh_of(float x)
{
    double e = jw_exp(-2 * jw_abs(x)), y = (1 - e) / (1 + e);
    return (float)(x < 0 ? -y : y);
}

static float acc_accel(const jw_traffic_type *type, float headway_s, float wished_mps, float speed_mps,
                       float gap_m, float leader_mps, float leader_mps2)
{
    float idm = jw_idm_accel(type, headway_s, wished_mps, speed_mps, gap_m, leader_mps);
    if (gap_m >= JW_FAR / 2)
        return idm;
    float s = jw_maxf(gap_m, 0.1f), dv = speed_mps - leader_mps, b = type->decel_mps2;
    float al = jw_minf(leader_mps2, type->accel_mps2), cah;
    if (leader_mps * dv <= -2 * s * al) {
        float divisor = leader_mps * leader_mps - 2 * s * al;
        cah = divisor > 0 ? speed_mps * speed_mps * al / divisor : 0;
    } else {
        cah = al - (dv > 0 ? dv * dv / (2 * s) : 0);
    }
    if (idm >= cah)
        return idm;
    float c = type->coolness, mixed = (1 - c) * idm + c * (cah + b * tanh_of((idm - cah) / b));
    return jw_maxf(mixed, -type->emergency_mps2);
}

float jw_brake_gap(const jw_traffic_type *type, float speed_mps)
{
    float step = type->decel_mps2 * type->dt_s;
    if (!type->is_euler)
        return speed_mps * speed_mps / (2 * type->decel_mps2);
    float n = (float)(int32_t)(speed_mps * type->per_step_mps);
    return type->dt_s * (n * speed_mps - 0.5f * step * n * (n + 1));
}

/* The speed after this step from which one stops within gap_m, when the reaction takes headway_s. */
static float safe_speed(const jw_traffic_type *type, float headway_s, float speed_mps, float gap_m)
{
    float b = type->decel_mps2, dt = type->dt_s, step = b * dt, g = gap_m - 0.001f;
    if (!type->is_euler) {
        if (2 * g <= speed_mps * headway_s) /* it stops within the headway: braking evenly from now on */
            return speed_mps - dt * (g > 0 ? speed_mps * speed_mps / (2 * g) : type->emergency_mps2);
        /* Evenly to v1 over the headway, then v1^2 / 2b: the gap is half the headway at both speeds and that.
         */
        float half = b * headway_s / 2;
        float v1 = -half + jw_sqrtf_exact(half * half + b * (2 * g - headway_s * speed_mps));
        return speed_mps + (v1 - speed_mps) * dt / headway_s;
    }
    if (g <= CREEP_M)
        return 0;
    /* v = n b dt + r: headway_s at v, then a step at each of v - b dt, v - 2 b dt ... */
    float k = 2 * headway_s * type->per_dt - 1;
    float root = jw_sqrtf_exact(k * k + 8 * g * type->per_step_mps * type->per_dt);
    float n = (float)(int32_t)(0.5f * (root - k));
    float h = n * step * (headway_s + 0.5f * dt * (n - 1));
    return n * step + (g - h) / (n * dt + headway_s);
}

static float krauss_accel(const jw_traffic_type *type, float headway_s, float wished_mps, float speed_mps,
                          float gap_m, float leader_mps)
{
    float dt = type->dt_s, v1 = jw_krauss_free_mps(type, wished_mps, speed_mps);
    if (gap_m < JW_FAR / 2) {
        float room_m = gap_m - type->min_gap_m + jw_brake_gap(type, leader_mps);
        /* Where continuous braking from v1 would do, braking in steps does: it needs no more room. */
        float enough_m = v1 * (headway_s + 0.5f * v1 * dt * type->per_step_mps) + ENOUGH_M;
        if (!type->is_euler || room_m <= enough_m)
            v1 = jw_minf(v1, safe_speed(type, headway_s, speed_mps, room_m));
    }
    return jw_maxf((v1 - speed_mps) * type->per_dt, -type->emergency_mps2);
}

float jw_other_accel(const jw_traffic_type *type, float headway_s, float wished_mps, float speed_mps,
                     float gap_m, float leader_mps, float leader_mps2)
{
    return type->model == JW_FOLLOW_ACC
               ? acc_accel(type, headway_s, wished_mps, speed_mps, gap_m, leader_mps, leader_mps2)
               : krauss_accel(type, headway_s, wished_mps, speed_mps, gap_m, leader_mps);
}

float jw_stop_accel(const jw_traffic_type *type, float headway_s, float wished_mps, float speed_mps,
                    float distance_m)
{
    if (type->model == JW_FOLLOW_KRAUSS) /* it reacts at once to what stands still */
        return krauss_accel(type, type->dt_s, wished_mps, speed_mps, distance_m + type->min_gap_m, 0);
    /* IDM keeps s0 to a standing leader; the stop line is meant to be reached but for half a metre. */
    return jw_idm_accel(type, headway_s * 0.5f, wished_mps, speed_mps, distance_m + type->min_gap_m - 0.5f,
                        0);
}

float jw_dawdle(const jw_traffic_type *type, float speed_mps, float accel_mps2, float draw)
{
    float v1 = jw_maxf(speed_mps + accel_mps2 * type->dt_s, 0);
    /* Who starts, starts: from a standstill only in proportion to the speed. */
    float most = type->sigma * jw_minf(v1, type->accel_mps2) * type->dt_s;
    float least = jw_maxf(speed_mps - type->decel_mps2 * type->dt_s, 0);
    v1 = jw_minf(v1, jw_maxf(v1 - draw * most, least));
    return (v1 - speed_mps) * type->per_dt;
}
