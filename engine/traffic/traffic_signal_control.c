/* Which green comes next: actuated and max-pressure control. Sources in traffic.h. */
#include "traffic/traffic_internal.h"

/* ---- actuated --------------------------------------------------------------------------------------------
 */

/* Does somebody on a detector need phase `to`: a link that goes there and not now. A bus needs it from
 * further away; people on foot from the kerb. */
static bool is_called(const jw_traffic *t, uint32_t programme, uint32_t to)
{
    const jw_signal *s = &t->signals.now[programme];
    const jw_signal_net *net = &t->signals.net;
    const jw_signal_sight *sight = &t->signals.sight;
    for (uint32_t k = net->link_first[programme]; k < net->link_first[programme + 1]; k++) {
        uint32_t link = net->links[k].link;
        bool has_bus = s->has_priority && sight->bus_link == link;
        if (!has_bus && sight->detected[k - net->link_first[programme]] == 0)
            continue;
        if (jw_signal_lets_go(t, programme, to, link) && !jw_signal_lets_go(t, programme, s->phase, link))
            return true;
    }
    return jw_walk_calls(t, programme, to);
}

/* The next green phase of the list that is called; JW_NONE. */
static uint32_t next_called(const jw_traffic *t, uint32_t programme)
{
    uint32_t count = t->city->programmes[programme].phase_count, now = t->signals.now[programme].phase;
    for (uint32_t k = 1; k < count; k++) {
        uint32_t phase = (now + k) % count;
        if (jw_signal_is_green(t, programme, phase) && is_called(t, programme, phase))
            return phase;
    }
    return JW_NONE;
}

/* Is a detector occupied whose link would lose its green. */
static bool is_used(const jw_traffic *t, uint32_t programme, uint32_t next)
{
    const jw_signal_net *net = &t->signals.net;
    uint32_t phase = t->signals.now[programme].phase;
    for (uint32_t k = net->link_first[programme]; k < net->link_first[programme + 1]; k++)
        if (t->signals.sight.detected[k - net->link_first[programme]] > 0 &&
            jw_signal_lets_go(t, programme, phase, net->links[k].link) &&
            !jw_signal_lets_go(t, programme, next, net->links[k].link))
            return true;
    return false;
}

void jw_signal_step_actuated(jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    jw_signal *s = &t->signals.now[programme];
    if (!jw_signal_leave_list(t, programme, now_ns) ||
        !jw_signal_change_to(t, programme, s->next_phase, now_ns))
        return;
    if (t->signals.net.diagrams[programme].sides) {
        jw_ring_enter(t, programme);
        jw_ring_step(t, programme, now_ns);
        return;
    }
    uint32_t next = next_called(t, programme);
    if (next == JW_NONE || is_used(t, programme, next))
        s->busy_ns = now_ns;
    if (next == JW_NONE) {
        s->call_ns = -1; /* green rests */
        return;
    }
    if (s->call_ns < 0)
        s->call_ns = now_ns;
    int64_t longest_ns = t->signals.net.max_ns[t->city->programmes[programme].first_phase + s->phase];
    bool is_over = now_ns - s->busy_ns >= jw_ns_from_s(t->def.signals.passage_s);
    uint32_t bus = s->has_priority ? t->signals.sight.bus_link : JW_NONE;
    if (bus != JW_NONE && jw_signal_lets_go(t, programme, s->phase, bus)) {
        longest_ns += jw_ns_from_s(t->def.signals.priority_s);
        is_over = false;
    } else if (bus != JW_NONE) {
        longest_ns -= jw_ns_from_s(t->def.signals.priority_s);
    }
    if (is_over || now_ns - s->call_ns >= longest_ns)
        jw_signal_change_to(t, programme, next, now_ns); /* after its minimum */
}

/* ---- max-pressure ----------------------------------------------------------------------------------------
 */

static uint32_t decide_by_pressure(jw_traffic *t, uint32_t programme)
{
    const jw_signal *s = &t->signals.now[programme];
    uint32_t count = t->city->programmes[programme].phase_count;
    jw_signal_look(t, programme);
    if (s->has_priority && t->signals.sight.bus_link != JW_NONE)
        return jw_signal_green_for(t, programme, t->signals.sight.bus_link);
    jw_signal_weigh(t, programme);
    uint32_t best = s->next_phase;
    float most = jw_signal_pressure(t, programme, best);
    for (uint32_t k = 0; k < count; k++) {
        if (!jw_signal_is_green(t, programme, k))
            continue;
        float pressure = jw_signal_pressure(t, programme, k);
        if (pressure > most) { /* of equals the one that is green, then the first */
            most = pressure;
            best = k;
        }
    }
    return best;
}

void jw_signal_step_pressure(jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    jw_signal *s = &t->signals.now[programme];
    if (!jw_signal_leave_list(t, programme, now_ns))
        return;
    if (now_ns >= s->decision_ns) {
        s->wish = decide_by_pressure(t, programme);
        jw_signal_set_decision(t, programme, now_ns);
    }
    jw_signal_change_to(t, programme, s->wish == JW_NONE ? s->next_phase : s->wish, now_ns);
}

/* ---- priority --------------------------------------------------------------------------------------------
 */

uint32_t jw_signal_green_for(const jw_traffic *t, uint32_t programme, uint32_t link)
{
    uint32_t count = t->city->programmes[programme].phase_count, now = t->signals.now[programme].next_phase;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t phase = (now + k) % count;
        if (jw_signal_is_green(t, programme, phase) && jw_signal_lets_go(t, programme, phase, link))
            return phase;
    }
    return JW_NONE;
}
