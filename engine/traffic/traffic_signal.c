/* Signals. A programme is a list of phases; one with a 'G' or 'g' and no 'y' is a green phase, the others are
 * the changes between them.
 *   fixed     the list by the clock: its cycle begins at `offset`
 *   actuated  the list in order, a green phase ending when nobody comes within the gap (3 s) and its minimum
 * is over, or at its maximum; a green nobody competes with stays outside   any green phase in any order; the
 * change (3 s amber, 1 s all red; RiLSA's 3 s for 50 km/h) is made here. When the request runs out, the fixed
 * programme is taken up where the clock has it. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define AMBER_NS (3 * JW_NS_PER_S)
#define RED_NS   (1 * JW_NS_PER_S)
#define GAP_S    3.0f
#define DETECT_M 30.0f
#define SIGHT_M  100.0f

static const jw_signal_phase *phase_at(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    return &t->city->signal_phases[t->city->programmes[programme].first_phase + phase];
}

static char state_at(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t link)
{
    return t->city->signal_states[phase_at(t, programme, phase)->first_state + link];
}

static bool is_green_phase(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    bool has_green = false;
    for (uint32_t k = 0; k < t->city->programmes[programme].link_count; k++) {
        char state = state_at(t, programme, phase, k);
        if (state == 'y')
            return false;
        has_green |= state == 'G' || state == 'g';
    }
    return has_green;
}

static int64_t phase_ns(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    return jw_ns_from_s(phase_at(t, programme, phase)->duration_s);
}

/* Phase of the fixed programme at an instant, and when it began. */
static uint32_t fixed_phase(const jw_traffic *t, uint32_t programme, int64_t now_ns, int64_t *out_since_ns)
{
    const jw_signal *s = &t->signals[programme];
    int64_t in_cycle = (now_ns - s->offset_ns) % s->cycle_ns;
    if (in_cycle < 0)
        in_cycle += s->cycle_ns;
    uint32_t count = t->city->programmes[programme].phase_count;
    for (uint32_t p = 0; p < count; p++) {
        int64_t duration = phase_ns(t, programme, p);
        if (in_cycle < duration || p + 1 == count) {
            *out_since_ns = now_ns - in_cycle;
            return p;
        }
        in_cycle -= duration;
    }
    return 0;
}

jw_result jw_traffic_signals_init(jw_world *world, jw_traffic *t, jw_error *error)
{
    for (uint32_t p = 0; p < t->city->programme_count; p++) {
        jw_signal *s = &t->signals[p];
        s->cycle_ns = 0;
        for (uint32_t k = 0; k < t->city->programmes[p].phase_count; k++)
            s->cycle_ns += phase_ns(t, p, k);
        if (s->cycle_ns <= 0)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "signal programme %u has no phase that lasts", p);
        s->offset_ns = jw_ns_from_s(t->city->programmes[p].offset_s);
        s->request = JW_NONE;
        s->control = (uint8_t)t->def.signal_control;
        s->in_step = 1;
        s->phase = fixed_phase(t, p, jw_world_time_ns(world), &s->since_ns);
        s->next_phase = s->phase;
    }
    jw_traffic_signals_show(t);
    return JW_OK;
}

/* ---- what comes towards a phase --------------------------------------------------------------------------
 */

static void count_lane(const jw_traffic *t, uint32_t lane, uint32_t programme, uint32_t phase, float sight_m,
                       jw_phase_demand *out)
{
    float length = t->tracks[lane].length_m;
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++) {
        float left = length - t->cars[p].pos_m;
        uint32_t next = t->cars[p].next;
        if (left > jw_maxf(sight_m, GAP_S * t->cars[p].speed_mps * (sight_m < SIGHT_M)))
            break;
        if (next == JW_NONE)
            continue;
        uint32_t link = t->city->connections[next].signal_link;
        if (link == JW_NONE)
            continue;
        char state = state_at(t, programme, phase, link);
        if (state != 'G' && state != 'g')
            continue;
        if (t->cars[p].speed_mps < JW_QUEUE_MPS) {
            out->queued++;
            out->longest_wait_s = jw_maxf(out->longest_wait_s, t->cars[p].wait_s);
        } else {
            out->approaching++;
        }
    }
}

static jw_phase_demand demand_of(const jw_traffic *t, uint32_t programme, uint32_t phase, float sight_m)
{
    jw_phase_demand out = {0, 0, 0};
    const jw_junction *junction = &t->city->junctions[t->city->programmes[programme].junction];
    for (uint32_t k = 0; k < junction->in_count; k++) {
        uint32_t edge = t->city->junction_edges[junction->first_in + k];
        for (uint32_t l = t->net.edge_first_lane[edge]; l < t->net.edge_first_lane[edge + 1]; l++)
            count_lane(t, l, programme, phase, sight_m, &out);
    }
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
        out[k] = demand_of(t, programme, k, SIGHT_M);
    return count;
}

/* ---- control ---------------------------------------------------------------------------------------------
 */

static void follow_clock(const jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    jw_signal *s = &t->signals[programme];
    s->phase = s->next_phase = fixed_phase(t, programme, now_ns, &s->since_ns);
    s->stage = JW_STAGE_GREEN;
    s->in_step = 1;
    s->is_outside = 0;
}

static void begin_phase(jw_signal *s, uint32_t phase, int64_t now_ns)
{
    s->phase = s->next_phase = phase;
    s->stage = JW_STAGE_GREEN;
    s->since_ns = now_ns;
}

/* Towards phase `wish`: true once it is shown. */
static bool change_to(const jw_traffic *t, uint32_t programme, uint32_t wish, int64_t now_ns)
{
    jw_signal *s = &t->signals[programme];
    if (s->stage == JW_STAGE_AMBER && now_ns - s->since_ns >= AMBER_NS) {
        s->stage = JW_STAGE_RED;
        s->since_ns += AMBER_NS;
    }
    if (s->stage == JW_STAGE_RED && now_ns - s->since_ns >= RED_NS)
        begin_phase(s, s->next_phase, now_ns);
    if (s->stage != JW_STAGE_GREEN)
        return false;
    if (s->phase == wish)
        return true;
    if (now_ns - s->since_ns >= jw_ns_from_s(phase_at(t, programme, s->phase)->min_s)) {
        s->stage = JW_STAGE_AMBER;
        s->next_phase = wish;
        s->since_ns = now_ns;
    }
    return false;
}

static void step_actuated(const jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    jw_signal *s = &t->signals[programme];
    const jw_signal_phase *phase = phase_at(t, programme, s->phase);
    uint32_t count = t->city->programmes[programme].phase_count;
    s->in_step = 0;
    s->is_outside = 0;
    if (s->stage != JW_STAGE_GREEN) { /* a change asked for from outside is finished first */
        change_to(t, programme, s->next_phase, now_ns);
        return;
    }
    if (!is_green_phase(t, programme, s->phase)) {
        if (now_ns - s->since_ns >= phase_ns(t, programme, s->phase))
            begin_phase(s, (s->phase + 1) % count, now_ns);
        return;
    }
    if (now_ns - s->since_ns < jw_ns_from_s(phase->min_s))
        return;
    bool is_called = false;
    for (uint32_t k = 0; k < count && !is_called; k++) {
        if (k == s->phase || !is_green_phase(t, programme, k))
            continue;
        jw_phase_demand demand = demand_of(t, programme, k, DETECT_M);
        is_called = demand.queued + demand.approaching > 0;
    }
    jw_phase_demand own = demand_of(t, programme, s->phase, DETECT_M);
    bool is_over = own.queued + own.approaching == 0 || now_ns - s->since_ns >= jw_ns_from_s(phase->max_s);
    if (is_called && is_over)
        begin_phase(s, (s->phase + 1) % count, now_ns);
}

static void step_outside(const jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    jw_signal *s = &t->signals[programme];
    if (s->request != JW_NONE && now_ns > s->until_ns)
        s->request = JW_NONE;
    if (s->in_step) {
        follow_clock(t, programme, now_ns);
        /* Taken over in a green phase; a change under way is finished first. */
        if (s->request == JW_NONE || !is_green_phase(t, programme, s->phase))
            return;
        s->in_step = 0;
    }
    if (s->request != JW_NONE) {
        s->is_outside = 1;
        change_to(t, programme, s->request, now_ns);
        return;
    }
    int64_t since_ns;
    uint32_t clock_phase = fixed_phase(t, programme, now_ns, &since_ns);
    uint32_t wish = is_green_phase(t, programme, clock_phase) ? clock_phase : s->phase;
    if (change_to(t, programme, wish, now_ns)) {
        s->is_outside = 0;
        if (wish == clock_phase)
            follow_clock(t, programme, now_ns);
    }
}

static char shown_state(const jw_traffic *t, uint32_t programme, uint32_t link)
{
    const jw_signal *s = &t->signals[programme];
    char now = state_at(t, programme, s->phase, link);
    if (s->stage == JW_STAGE_GREEN)
        return now;
    char next = state_at(t, programme, s->next_phase, link);
    bool was_green = now == 'G' || now == 'g', will_be_green = next == 'G' || next == 'g';
    if (was_green && will_be_green)
        return now == 'g' || next == 'g' ? 'g' : 'G';
    return was_green && s->stage == JW_STAGE_AMBER ? 'y' : 'r';
}

void jw_traffic_signals_show(jw_traffic *t)
{
    for (uint32_t p = 0; p < t->city->programme_count; p++) {
        const jw_junction *junction = &t->city->junctions[t->city->programmes[p].junction];
        for (uint32_t k = 0; k < junction->connection_count; k++) {
            uint32_t c = junction->first_connection + k, link = t->city->connections[c].signal_link;
            if (link != JW_NONE)
                t->shown[c] = (uint8_t)shown_state(t, p, link);
        }
    }
}

void jw_traffic_phase_signals(jw_world *world, void *state)
{
    jw_traffic *t = state;
    int64_t now_ns = jw_world_time_ns(world);
    for (uint32_t p = 0; p < t->city->programme_count; p++) {
        jw_signal *s = &t->signals[p];
        bool is_asked = s->request != JW_NONE || (!s->in_step && s->control != JW_SIGNAL_ACTUATED);
        if (s->control == JW_SIGNAL_OUTSIDE || is_asked)
            step_outside(t, p, now_ns);
        else if (s->control == JW_SIGNAL_ACTUATED)
            step_actuated(t, p, now_ns);
        else
            follow_clock(t, p, now_ns);
    }
    jw_traffic_signals_show(t);
}

/* ---- from outside ----------------------------------------------------------------------------------------
 */

jw_result jw_traffic_request_phase(jw_world *world, jw_traffic *t, uint32_t programme, uint32_t phase,
                                   int64_t until_ns)
{
    if (programme >= t->city->programme_count || phase >= t->city->programmes[programme].phase_count)
        return JW_ERROR_NOT_FOUND;
    if (!is_green_phase(t, programme, phase))
        return JW_ERROR_INPUT;
    if (until_ns <= jw_world_time_ns(world))
        return JW_ERROR_INPUT;
    jw_signal *s = &t->signals[programme];
    s->request = phase;
    s->until_ns = until_ns;
    return JW_OK;
}

void jw_traffic_programme_state(const jw_traffic *t, uint32_t programme, uint32_t *out_phase,
                                double *out_elapsed_s, bool *out_is_outside)
{
    const jw_signal *s = &t->signals[programme];
    *out_phase = s->stage == JW_STAGE_GREEN ? s->phase : s->next_phase;
    *out_elapsed_s = jw_s_from_ns(t->now_ns - s->since_ns);
    *out_is_outside = s->is_outside != 0;
}
