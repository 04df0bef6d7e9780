/* Signals from outside: requests for a phase, the port, advised speeds. */
#include "traffic/traffic_internal.h"

#include <string.h>

jw_result jw_traffic_request_phase(jw_world *world, jw_traffic *t, uint32_t programme, uint32_t phase,
                                   int64_t until_ns)
{
    if (programme >= t->city->programme_count || phase >= t->city->programmes[programme].phase_count)
        return JW_ERROR_NOT_FOUND;
    if (!jw_signal_is_green(t, programme, phase) || until_ns <= jw_world_time_ns(world))
        return JW_ERROR_INPUT;
    jw_signal *s = &t->signals.now[programme];
    s->request = phase;
    s->until_ns = until_ns;
    return JW_OK;
}

static void set_advice(jw_traffic *t, uint32_t lane, double speed_mps, int64_t until_ns)
{
    jw_signal_lane *own = &t->signals.lanes[lane];
    t->signals.advice_count -= own->advised_mps > 0;
    own->advised_mps = speed_mps > 0 ? (float)jw_max(speed_mps, JW_ADVICE_MIN_MPS) : 0;
    own->advice_until_ns = until_ns;
    t->signals.advice_count += own->advised_mps > 0;
}

jw_result jw_traffic_advise_speed(jw_world *world, jw_traffic *t, uint32_t edge, double speed_mps,
                                  int64_t until_ns)
{
    if (edge >= t->net.edge_count)
        return JW_ERROR_NOT_FOUND;
    if (!(speed_mps >= 0 && speed_mps <= 100) || until_ns <= jw_world_time_ns(world))
        return JW_ERROR_INPUT;
    bool has_signal = false;
    for (uint32_t l = t->net.edge_first_lane[edge]; l < t->net.edge_first_lane[edge + 1]; l++) {
        uint32_t lane = t->signals.net.signal_lane[l];
        has_signal |= lane != JW_NONE;
        if (lane != JW_NONE)
            set_advice(t, lane, speed_mps, until_ns);
    }
    return has_signal ? JW_OK : JW_ERROR_NOT_FOUND;
}

/* ---- what is asked of a camera ---------------------------------------------------------------------------
 */

#define CAMERA_M 100.0f

static jw_phase_demand demand_of(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    const jw_signal_net *net = &t->signals.net;
    jw_phase_demand out = {0, 0, 0};
    for (uint32_t k = net->lane_first[programme]; k < net->lane_first[programme + 1]; k++)
        jw_signal_count_lane(t, programme, phase, net->lanes[k], CAMERA_M, &out);
    return out;
}

uint32_t jw_traffic_phase_demand(const jw_traffic *t, uint32_t programme, jw_phase_demand *out,
                                 uint32_t capacity)
{
    if (programme >= t->city->programme_count)
        return 0;
    uint32_t count = t->city->programmes[programme].phase_count;
    count = count < capacity ? count : capacity;
    for (uint32_t k = 0; k < count; k++)
        out[k] = demand_of(t, programme, k);
    return count;
}

void jw_traffic_programme_state(const jw_traffic *t, uint32_t programme, uint32_t *out_phase,
                                double *out_elapsed_s, bool *out_is_outside)
{
    const jw_signal *s = &t->signals.now[programme];
    *out_phase = s->stage == JW_STAGE_GREEN ? s->phase : s->next_phase;
    *out_elapsed_s = jw_s_from_ns(t->now_ns - s->since_ns);
    *out_is_outside = s->is_outside != 0;
}

/* ---- the port --------------------------------------------------------------------------------------------
 */

void jw_traffic_set_signal_port(jw_traffic *t, jw_signal_port port)
{
    t->signals.port = port;
}

jw_result jw_traffic_set_decision_interval(jw_traffic *t, double decision_s)
{
    if (!(decision_s >= 1 && decision_s <= 120))
        return JW_ERROR_INPUT;
    t->def.signals.decision_s = decision_s;
    return JW_OK;
}

bool jw_traffic_is_decision_due(const jw_world *world, const jw_traffic *t, uint32_t programme)
{
    const jw_signal *s = &t->signals.now[programme];
    return s->control == JW_SIGNAL_OUTSIDE && jw_world_time_ns(world) >= s->decision_ns;
}

void jw_signal_set_decision(jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    jw_signal *s = &t->signals.now[programme];
    int64_t interval_ns = jw_ns_from_s(t->def.signals.decision_s);
    if (s->decision_ns <= now_ns)
        s->decision_ns += ((now_ns - s->decision_ns) / interval_ns + 1) * interval_ns;
}

static void view_green(jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t row)
{
    const jw_signal_net *net = &t->signals.net;
    jw_signal_sight *sight = &t->signals.sight;
    uint32_t flat = t->city->programmes[programme].first_phase + phase;
    sight->green[row] = phase;
    sight->green_min_s[row] = jw_s_from_ns(net->min_ns[flat]);
    sight->green_max_s[row] = jw_s_from_ns(net->max_ns[flat]);
    sight->green_pressure[row] = jw_signal_pressure(t, programme, phase); /* sets the saturation flows, too */
    sight->green_queued[row] = sight->green_moving[row] = sight->green_downstream[row] = 0;
    sight->green_wait_s[row] = 0;
    for (uint32_t k = net->link_first[programme]; k < net->link_first[programme + 1]; k++) {
        uint32_t own = k - net->link_first[programme];
        if (!jw_signal_lets_go(t, programme, phase, net->links[k].link))
            continue;
        sight->green_queued[row] += sight->queued[own];
        sight->green_moving[row] += sight->moving[own];
        sight->green_wait_s[row] = jw_maxf(sight->green_wait_s[row], sight->wait_s[own]);
    }
    uint32_t movements = net->movement_first[programme + 1] - net->movement_first[programme];
    for (uint32_t m = 0; m < movements; m++)
        if (sight->movements[m].saturation > 0)
            sight->green_downstream[row] += sight->movements[m].downstream;
}

static void view_lanes(jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    const jw_signal_net *net = &t->signals.net;
    jw_signal_sight *sight = &t->signals.sight;
    double window_s = jw_s_from_ns(now_ns - t->signals.now[programme].window_ns);
    for (uint32_t k = net->lane_first[programme]; k < net->lane_first[programme + 1]; k++) {
        const jw_signal_lane *detector = &t->signals.lanes[k];
        uint32_t own = k - net->lane_first[programme];
        sight->lane_edge[own] = t->net.lane_edge[net->lanes[k]];
        sight->lane_count[own] = detector->count;
        sight->lane_occupancy[own] =
            window_s > 0 ? (float)jw_min(jw_s_from_ns(detector->occupied_ns) / window_s, 1) : 0;
        sight->advised_mps[own] = 0;
    }
}

jw_signal_view jw_traffic_view_signal(const jw_world *world, jw_traffic *t, uint32_t programme,
                                      jw_signal_answer *out_answer)
{
    const jw_signal *s = &t->signals.now[programme];
    const jw_signal_net *net = &t->signals.net;
    jw_signal_sight *sight = &t->signals.sight;
    uint32_t count = t->city->programmes[programme].phase_count, greens = 0;
    int64_t now_ns = jw_world_time_ns(world);
    jw_signal_look(t, programme);
    jw_signal_weigh(t, programme);
    for (uint32_t k = 0; k < count; k++)
        if (jw_signal_is_green(t, programme, k))
            view_green(t, programme, k, greens++);
    view_lanes(t, programme, now_ns);
    bool is_changing = s->stage != JW_STAGE_GREEN || !jw_signal_is_green(t, programme, s->phase);
    uint32_t phase = s->next_phase;
    for (uint32_t k = 0; k < count && s->in_list && !jw_signal_is_green(t, programme, phase); k++)
        phase = (phase + 1) % count;
    *out_answer = (jw_signal_answer){JW_NONE, sight->advised_mps};
    return (jw_signal_view){.programme = programme,
                            .junction = t->city->programmes[programme].junction,
                            .time_ns = now_ns,
                            .phase = phase,
                            .elapsed_s = jw_s_from_ns(now_ns - s->since_ns),
                            .is_changing = is_changing,
                            .decision_s = t->def.signals.decision_s,
                            .green_count = greens,
                            .green = sight->green,
                            .min_s = sight->green_min_s,
                            .max_s = sight->green_max_s,
                            .queued = sight->green_queued,
                            .approaching = sight->green_moving,
                            .downstream = sight->green_downstream,
                            .wait_s = sight->green_wait_s,
                            .pressure = sight->green_pressure,
                            .lane_count = net->lane_first[programme + 1] - net->lane_first[programme],
                            .lane = net->lanes + net->lane_first[programme],
                            .lane_edge = sight->lane_edge,
                            .lane_queued = sight->lane_queued,
                            .count = sight->lane_count,
                            .occupancy = sight->lane_occupancy};
}

/* The least speed advised to a lane of the edge. */
static float least_advice(const jw_signal_view *view, const float *advised_mps, uint32_t edge)
{
    float least = 0;
    for (uint32_t k = 0; k < view->lane_count; k++)
        if (view->lane_edge[k] == edge && advised_mps[k] > 0 && (least == 0 || advised_mps[k] < least))
            least = advised_mps[k];
    return least;
}

jw_result jw_traffic_answer_signal(jw_world *world, jw_traffic *t, const jw_signal_view *view,
                                   const jw_signal_answer *answer)
{
    jw_signal *s = &t->signals.now[view->programme];
    const jw_signal_net *net = &t->signals.net;
    int64_t now_ns = jw_world_time_ns(world), interval_ns = jw_ns_from_s(t->def.signals.decision_s);
    jw_result result = JW_OK;
    if (answer->phase != JW_NONE)
        result = jw_traffic_request_phase(world, t, view->programme, answer->phase, now_ns + 2 * interval_ns);
    for (uint32_t k = net->lane_first[view->programme]; k < net->lane_first[view->programme + 1]; k++) {
        uint32_t edge = view->lane_edge[k - net->lane_first[view->programme]];
        float advice = answer->advised_mps ? least_advice(view, answer->advised_mps, edge) : 0;
        if (advice > 0 && result == JW_OK)
            set_advice(t, k, advice, now_ns + interval_ns);
        t->signals.lanes[k].count = 0;
        t->signals.lanes[k].occupied_ns = 0;
    }
    s->window_ns = now_ns;
    jw_signal_set_decision(t, view->programme, now_ns);
    return result == JW_ERROR_NOT_FOUND ? JW_ERROR_INPUT : result;
}

void jw_signal_run_port(jw_world *world, jw_traffic *t)
{
    if (!t->signals.port.decide)
        return;
    for (uint32_t p = 0; p < t->city->programme_count; p++) {
        if (!jw_traffic_is_decision_due(world, t, p))
            continue;
        jw_signal_answer answer;
        jw_signal_view view = jw_traffic_view_signal(world, t, p, &answer);
        t->signals.port.decide(t->signals.port.context, world, &view, &answer);
        jw_traffic_answer_signal(world, t, &view, &answer);
    }
}
