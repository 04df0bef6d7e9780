/* Signals. A programme is a list of phases; one in which some link may go ('G' or 'g') and none is about to
 * change is a green phase, the others are the changes between them.
 *
 * A programme goes through its list (in_list), each green held to the clock of its plan: it ends when the
 * clock ends it, or, behind the clock, after its minimum, so that whatever put it out of step is made good by
 * the greens that follow. Or it goes from green to green in any order by stages: amber, all-red, the next
 * green. From the stages it comes back
 * to the list at the green that the clock has. */
#include "traffic/traffic_internal.h"

#include <math.h> /* INFINITY alone */
#include <string.h>

#define GAP_S 3.0 /* SUMO's max-gap */

static const char *const control_names[] = {"as_mapped",  "fixed",   "actuated", "max_pressure",
                                            "green_wave", "outside", "extended"};
_Static_assert(JW_COUNT_OF(control_names) == JW_SIGNAL_CONTROL_COUNT, "every control has a name");

const char *jw_signal_control_name(jw_signal_control control)
{
    return control_names[control];
}

jw_signal_control jw_signal_control_find(const char *name)
{
    uint32_t k = 0;
    while (k < JW_SIGNAL_CONTROL_COUNT && strcmp(control_names[k], name) != 0)
        k++;
    return (jw_signal_control)k;
}

/* ---- phases ----------------------------------------------------------------------------------------------
 */

static uint32_t flat(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    return t->city->programmes[programme].first_phase + phase;
}

char jw_signal_letter(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t link)
{
    return t->city->signal_states[t->city->signal_phases[flat(t, programme, phase)].first_state + link];
}

bool jw_signal_lets_go(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t link)
{
    char letter = jw_signal_letter(t, programme, phase, link);
    return letter == 'G' || letter == 'g';
}

bool jw_signal_is_green(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    return t->signals.net.is_green[flat(t, programme, phase)];
}

/* By hand or by the map. */
static int64_t fixed_ns(const jw_traffic *t, uint32_t phase_of_city)
{
    int64_t own_ns = t->signals.own_ns[phase_of_city];
    return own_ns ? own_ns : jw_ns_from_s(t->city->signal_phases[phase_of_city].duration_s);
}

static int64_t plan_ns(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    if (t->signals.now[programme].control == JW_SIGNAL_GREEN_WAVE)
        return t->signals.phase_ns[flat(t, programme, phase)];
    return fixed_ns(t, flat(t, programme, phase));
}

/* As the map has it, with the greens that were set by hand. */
static jw_signal_plan map_plan(const jw_traffic *t, uint32_t programme)
{
    const jw_programme *p = &t->city->programmes[programme];
    jw_signal_plan plan = {0, jw_ns_from_s(jw_fmod(p->offset_s, p->cycle_s))};
    for (uint32_t k = 0; k < p->phase_count; k++)
        plan.cycle_ns += fixed_ns(t, p->first_phase + k);
    return plan;
}

jw_signal_plan jw_signal_plan_of(const jw_traffic *t, uint32_t programme)
{
    return t->signals.now[programme].control == JW_SIGNAL_GREEN_WAVE ? t->signals.plans[programme]
                                                                     : map_plan(t, programme);
}

static int64_t modulo(int64_t value, int64_t cycle)
{
    int64_t rest = value % cycle;
    return rest < 0 ? rest + cycle : rest;
}

static uint32_t clock_phase(const jw_traffic *t, uint32_t programme, int64_t now_ns, int64_t *out_since_ns)
{
    jw_signal_plan plan = jw_signal_plan_of(t, programme);
    int64_t in_cycle = modulo(now_ns - plan.offset_ns, plan.cycle_ns);
    uint32_t count = t->city->programmes[programme].phase_count, phase = 0;
    while (phase + 1 < count && in_cycle >= plan_ns(t, programme, phase))
        in_cycle -= plan_ns(t, programme, phase++);
    *out_since_ns = now_ns - in_cycle;
    return phase;
}

/* When the clock ends a phase: of all cycles' ends the one nearest to `near_ns`. */
static int64_t clock_end(const jw_traffic *t, uint32_t programme, uint32_t phase, int64_t near_ns)
{
    jw_signal_plan plan = jw_signal_plan_of(t, programme);
    int64_t end = plan.offset_ns;
    for (uint32_t k = 0; k <= phase; k++)
        end += plan_ns(t, programme, k);
    int64_t ahead = modulo(end - near_ns, plan.cycle_ns);
    return near_ns + (ahead > plan.cycle_ns / 2 ? ahead - plan.cycle_ns : ahead);
}

/* ---- set-up ----------------------------------------------------------------------------------------------
 */

static const jw_signal_control as_mapped[] = {[JW_PROGRAMME_FIXED] = JW_SIGNAL_FIXED,
                                              [JW_PROGRAMME_ACTUATED] = JW_SIGNAL_ACTUATED,
                                              [JW_PROGRAMME_EXTENDED] = JW_SIGNAL_EXTENDED};

jw_result jw_traffic_set_signal_control(jw_traffic *t, uint32_t programme, jw_signal_control control)
{
    uint32_t count = t->city->programme_count;
    if (programme != JW_NONE && programme >= count)
        return JW_ERROR_NOT_FOUND;
    if (programme == JW_NONE && control == JW_SIGNAL_GREEN_WAVE && t->signals.wave_count == 0) {
        jw_result result = jw_signal_make_all_waves(t, NULL);
        if (result != JW_OK)
            return result;
    }
    for (uint32_t p = 0; p < count; p++) {
        if (programme != JW_NONE && programme != p)
            continue;
        jw_signal *s = &t->signals.now[p];
        s->control = (uint8_t)control;
        if (control == JW_SIGNAL_AS_MAPPED)
            s->control = (uint8_t)as_mapped[t->city->programmes[p].kind];
        if (s->control == JW_SIGNAL_GREEN_WAVE && s->wave == JW_NONE)
            s->control = JW_SIGNAL_FIXED;
        s->wish = JW_NONE;
    }
    return JW_OK;
}

jw_signal_control jw_traffic_signal_control(const jw_traffic *t, uint32_t programme)
{
    return (jw_signal_control)t->signals.now[programme].control;
}

jw_result jw_traffic_set_priority(jw_traffic *t, uint32_t programme, bool has_priority)
{
    uint32_t count = t->city->programme_count;
    if (programme != JW_NONE && programme >= count)
        return JW_ERROR_NOT_FOUND;
    for (uint32_t p = 0; p < count; p++)
        if (programme == JW_NONE || programme == p)
            t->signals.now[p].has_priority = has_priority;
    return JW_OK;
}

jw_result jw_signals_init(jw_world *world, jw_traffic *t, jw_error *error)
{
    int64_t now_ns = jw_world_time_ns(world);
    jw_result result = jw_signal_net_build(t, error);
    if (result != JW_OK)
        return result;
    for (uint32_t p = 0; p < t->city->programme_count; p++) {
        const jw_programme *programme = &t->city->programmes[p];
        jw_signal *s = &t->signals.now[p];
        *s = (jw_signal){.request = JW_NONE,
                         .wish = JW_NONE,
                         .wave = JW_NONE,
                         .call_ns = -1,
                         .busy_ns = now_ns,
                         .decision_ns = now_ns,
                         .window_ns = now_ns,
                         .in_list = 1,
                         .control = JW_SIGNAL_FIXED,
                         .has_priority = t->def.signals.has_priority};
        t->signals.plans[p] = map_plan(t, p);
        if (t->signals.plans[p].cycle_ns <= 0)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "signal programme %u has no phase that lasts", p);
        for (uint32_t k = 0; k < programme->phase_count; k++)
            t->signals.phase_ns[programme->first_phase + k] = plan_ns(t, p, k);
        for (uint32_t k = t->signals.net.lane_first[p]; k < t->signals.net.lane_first[p + 1]; k++)
            t->signals.lanes[k].last_slot = JW_NONE;
    }
    result = jw_traffic_set_signal_control(t, JW_NONE, t->def.signals.control);
    if (result != JW_OK)
        return jw_fail_memory(error);
    for (uint32_t p = 0; p < t->city->programme_count; p++) {
        jw_signal *s = &t->signals.now[p];
        s->phase = s->next_phase = clock_phase(t, p, now_ns, &s->since_ns);
        s->due_ns = s->since_ns + plan_ns(t, p, s->phase);
    }
    jw_signals_show(t);
    return JW_OK;
}

/* ---- the list --------------------------------------------------------------------------------------------
 */

static void begin_phase(jw_signal *s, uint32_t phase, int64_t now_ns)
{
    s->phase = s->next_phase = phase;
    s->stage = JW_STAGE_GREEN;
    s->since_ns = s->busy_ns = now_ns;
    s->call_ns = -1;
}

/* Whether vehicles may hold a phase. */
static bool is_held_by_demand(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    const jw_signal_phase *p = &t->city->signal_phases[flat(t, programme, phase)];
    return t->signals.now[programme].control == JW_SIGNAL_EXTENDED && p->min_s < p->max_s;
}

/* As plan_ns, but the least of it. */
static int64_t sure_ns(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    return is_held_by_demand(t, programme, phase)
               ? jw_ns_from_s(t->city->signal_phases[flat(t, programme, phase)].min_s)
               : plan_ns(t, programme, phase);
}

/* The end of a phase that vehicles hold: when its loops have been free so long. */
static int64_t end_of_demand(const jw_traffic *t, uint32_t programme)
{
    const jw_signal *s = &t->signals.now[programme];
    const jw_signal_phase *p = &t->city->signal_phases[flat(t, programme, s->phase)];
    int64_t end = s->busy_ns + jw_ns_from_s(GAP_S), least = s->since_ns + jw_ns_from_s(p->min_s),
            most = s->since_ns + jw_ns_from_s(p->max_s);
    return end < least ? least : end > most ? most : end;
}

/* When the present phase of the list ends as things stand; in the future while it goes on. */
static int64_t list_end(const jw_traffic *t, uint32_t programme, int64_t now_ns, bool heeds_buses)
{
    const jw_signal *s = &t->signals.now[programme];
    if (!jw_signal_is_green(t, programme, s->phase))
        return s->since_ns + plan_ns(t, programme, s->phase);
    int64_t least = s->since_ns + t->signals.net.min_ns[flat(t, programme, s->phase)];
    int64_t end = s->due_ns > least ? s->due_ns : least;
    if (s->control == JW_SIGNAL_EXTENDED) {
        least = s->since_ns + sure_ns(t, programme, s->phase);
        end = is_held_by_demand(t, programme, s->phase) ? end_of_demand(t, programme) : least;
    }
    uint32_t bus = heeds_buses ? t->signals.sight.bus_link : JW_NONE;
    if (bus == JW_NONE)
        return end;
    int64_t priority_ns = jw_ns_from_s(t->def.signals.priority_s);
    if (!jw_signal_lets_go(t, programme, s->phase, bus))
        return end - priority_ns > least ? end - priority_ns : least;
    int64_t longest = end + priority_ns;
    return now_ns >= end && now_ns < longest ? longest : end;
}

/* Goes on through the list up to now. */
static void step_list(jw_traffic *t, uint32_t programme, int64_t now_ns, bool heeds_buses)
{
    jw_signal *s = &t->signals.now[programme];
    uint32_t count = t->city->programmes[programme].phase_count;
    for (uint32_t k = 0; k <= count; k++) {
        int64_t end = list_end(t, programme, now_ns, heeds_buses);
        if (now_ns < end)
            return;
        /* It ends now when what held it has gone, but at its time when that lies within the step. */
        begin_phase(s, (s->phase + 1) % count, end > now_ns - jw_ns_from_s(t->dt_s) ? end : now_ns);
        s->due_ns = clock_end(t, programme, s->phase, s->since_ns + plan_ns(t, programme, s->phase));
    }
}

bool jw_signal_leave_list(jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    jw_signal *s = &t->signals.now[programme];
    if (!s->in_list)
        return true;
    if (!jw_signal_is_green(t, programme, s->phase))
        step_list(t, programme, now_ns, false);
    s->in_list = !jw_signal_is_green(t, programme, s->phase);
    return !s->in_list;
}

/* ---- stages ----------------------------------------------------------------------------------------------
 */

bool jw_signal_change_to(jw_traffic *t, uint32_t programme, uint32_t wish, int64_t now_ns)
{
    jw_signal *s = &t->signals.now[programme];
    const jw_signal_net *net = &t->signals.net;
    uint32_t from = flat(t, programme, s->phase);
    if (s->stage == JW_STAGE_AMBER && now_ns - s->since_ns >= net->amber_ns[from]) {
        s->stage = JW_STAGE_RED;
        s->since_ns += net->amber_ns[from];
    }
    if (s->stage == JW_STAGE_RED && now_ns - s->since_ns >= net->red_ns[from])
        begin_phase(s, s->next_phase, now_ns);
    if (s->stage != JW_STAGE_GREEN)
        return false;
    if (s->phase == wish)
        return true;
    if (now_ns - s->since_ns >= net->min_ns[from] && !jw_walk_holds_green(t, programme, s->phase, wish)) {
        s->stage = JW_STAGE_AMBER;
        s->next_phase = wish;
        s->since_ns = now_ns;
    }
    return false;
}

bool jw_traffic_plan_green(const jw_traffic *t, uint32_t programme, uint32_t phase, double *out_green_s)
{
    *out_green_s = jw_s_from_ns(plan_ns(t, programme, phase));
    return jw_signal_is_green(t, programme, phase);
}

double jw_traffic_plan_cycle_s(const jw_traffic *t, uint32_t programme)
{
    return jw_s_from_ns(jw_signal_plan_of(t, programme).cycle_ns);
}

int64_t jw_signal_stays_ns(const jw_traffic *t, uint32_t programme, uint64_t phases, int64_t now_ns)
{
    const jw_signal *s = &t->signals.now[programme];
    uint32_t count = t->city->programmes[programme].phase_count;
    if (s->stage != JW_STAGE_GREEN || !(phases >> s->phase & 1))
        return 0;
    if (!s->in_list)
        return s->since_ns + t->signals.net.min_ns[flat(t, programme, s->phase)] - now_ns;
    int64_t left_ns = list_end(t, programme, now_ns, false) - now_ns;
    uint32_t k = (s->phase + 1) % count;
    for (; k != s->phase && (phases >> k & 1); k = (k + 1) % count)
        left_ns += sure_ns(t, programme, k);
    return k == s->phase ? INT64_MAX / 2 : left_ns;
}

bool jw_traffic_next_green(const jw_traffic *t, uint32_t connection, double after_s, double *out_begin_s,
                           double *out_end_s)
{
    const jw_connection *way = &t->city->connections[connection];
    uint32_t p = t->city->junctions[way->junction].programme;
    if (p == JW_NONE || way->signal_link == JW_NONE)
        return false;
    const jw_signal *s = &t->signals.now[p];
    bool is_by_clock = s->control == JW_SIGNAL_FIXED || s->control == JW_SIGNAL_GREEN_WAVE;
    if (!is_by_clock || !s->in_list || s->request != JW_NONE || s->has_priority)
        return false;
    uint32_t count = t->city->programmes[p].phase_count, phase = s->phase;
    int64_t begin_ns = t->now_ns, end_ns = list_end(t, p, t->now_ns, false), green_ns = -1;
    int64_t after_ns = t->now_ns + jw_ns_from_s(after_s);
    for (uint32_t k = 0; k <= 2 * count; k++) { /* the phases to come as begin_phase will have them */
        bool lets_go = jw_signal_lets_go(t, p, phase, way->signal_link);
        if (lets_go && green_ns < 0)
            green_ns = begin_ns;
        if (!lets_go && green_ns >= 0) {
            if (begin_ns > after_ns) {
                *out_begin_s = jw_s_from_ns(green_ns - t->now_ns);
                *out_end_s = jw_s_from_ns(begin_ns - t->now_ns);
                return true;
            }
            green_ns = -1;
        }
        begin_ns = end_ns > begin_ns ? end_ns : begin_ns;
        phase = (phase + 1) % count;
        end_ns = begin_ns + plan_ns(t, p, phase);
        if (jw_signal_is_green(t, p, phase)) {
            int64_t due_ns = clock_end(t, p, phase, end_ns),
                    least_ns = begin_ns + t->signals.net.min_ns[flat(t, p, phase)];
            end_ns = due_ns > least_ns ? due_ns : least_ns;
        }
    }
    return false;
}

/* ---- what is certain -------------------------------------------------------------------------------------
 */

/* As plan_ns, but the most of it: to a step, as vehicles let go of it. */
static int64_t most_ns(const jw_traffic *t, uint32_t programme, uint32_t phase)
{
    return is_held_by_demand(t, programme, phase)
               ? jw_ns_from_s(t->city->signal_phases[flat(t, programme, phase)].max_s + t->dt_s)
               : plan_ns(t, programme, phase);
}

/* Both ends of the time at which the list, which has the phase up to `from` .. `to`, comes to one that lets
 * the link go. INT64_MAX / 2: it has none. */
static void follow_list(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t link, int64_t *from,
                        int64_t *to)
{
    uint32_t count = t->city->programmes[programme].phase_count, k = (phase + 1) % count;
    for (; k != phase && !jw_signal_lets_go(t, programme, k, link); k = (k + 1) % count) {
        *from += sure_ns(t, programme, k);
        *to = *to < INT64_MAX / 2 ? *to + most_ns(t, programme, k) : *to;
    }
    if (k == phase)
        *from = *to = INT64_MAX / 2;
}

/* When a link that has no green gets it, between *from and *to. */
static void bound_red(const jw_traffic *t, uint32_t programme, uint32_t link, bool keeps_list, int64_t *from,
                      int64_t *to)
{
    const jw_signal *s = &t->signals.now[programme];
    const jw_signal_net *net = &t->signals.net;
    uint32_t shown = flat(t, programme, s->phase), count = t->city->programmes[programme].phase_count;
    *from = *to = INT64_MAX / 2;
    if (s->in_list && (keeps_list || !jw_signal_is_green(t, programme, s->phase))) {
        *from = list_end(t, programme, t->now_ns, false);
        bool is_held = is_held_by_demand(t, programme, s->phase);
        *to = is_held ? s->since_ns + most_ns(t, programme, s->phase) : *from;
        if (keeps_list) {
            follow_list(t, programme, s->phase, link, from, to);
            return;
        }
        uint32_t k = (s->phase + 1) % count; /* the list is left at its next green */
        for (; k != s->phase && !jw_signal_is_green(t, programme, k) &&
               !jw_signal_lets_go(t, programme, k, link);
             k = (k + 1) % count)
            *from += plan_ns(t, programme, k);
        if (k == s->phase) { /* one without any, as of ambers alone, is never left */
            *from = *to = INT64_MAX / 2;
            return;
        }
        *to = jw_signal_lets_go(t, programme, k, link) ? *from : INT64_MAX / 2;
        *from += *to < INT64_MAX / 2 ? 0 : net->min_ns[flat(t, programme, k)];
        return;
    }
    if (s->stage == JW_STAGE_GREEN) { /* at least its minimum, then a change: by stages, or by the list */
        int64_t end = s->since_ns + net->min_ns[shown], by_list = end, never = INT64_MAX / 2;
        follow_list(t, programme, s->phase, link, &by_list, &never);
        *from = end + net->amber_ns[shown] + net->red_ns[shown];
        *from = s->in_list && by_list < *from ? by_list : *from;
        return;
    }
    *from = s->since_ns + net->red_ns[shown] + (s->stage == JW_STAGE_AMBER ? net->amber_ns[shown] : 0);
    if (jw_signal_lets_go(t, programme, s->next_phase, link))
        *to = *from;
    else
        *from += net->min_ns[flat(t, programme, s->next_phase)];
}

bool jw_traffic_signal_times(const jw_traffic *t, uint32_t connection, bool may_be_asked,
                             jw_signal_times *out)
{
    const jw_connection *way = &t->city->connections[connection];
    uint32_t p = t->city->junctions[way->junction].programme;
    if (p == JW_NONE || way->signal_link == JW_NONE || t->signals.now[p].in_rings)
        return false;
    const jw_signal *s = &t->signals.now[p];
    uint32_t link = way->signal_link, count = t->city->programmes[p].phase_count;
    bool has_list = s->control == JW_SIGNAL_FIXED || s->control == JW_SIGNAL_GREEN_WAVE ||
                    s->control == JW_SIGNAL_EXTENDED;
    bool keeps_list = has_list && s->in_list && s->request == JW_NONE && !s->has_priority && !may_be_asked;
    char letter = (char)jw_traffic_signals(t)[connection];
    out->is_green = letter == 'G' || letter == 'g';
    int64_t from = t->now_ns, to = INT64_MAX / 2;
    if (!out->is_green) {
        bound_red(t, p, link, keeps_list, &from, &to);
    } else if (keeps_list) {
        bool is_held = is_held_by_demand(t, p, s->phase);
        from = list_end(t, p, t->now_ns, false);
        to = is_held ? s->since_ns + most_ns(t, p, s->phase) : from;
        uint32_t k = (s->phase + 1) % count;
        for (; k != s->phase && jw_signal_lets_go(t, p, k, link); k = (k + 1) % count) {
            from += sure_ns(t, p, k);
            to += most_ns(t, p, k);
        }
        from = k == s->phase ? INT64_MAX / 2 : from;
        to = k == s->phase ? INT64_MAX / 2 : to;
    } else if (s->stage == JW_STAGE_GREEN && jw_signal_is_green(t, p, s->phase)) {
        from = s->since_ns + t->signals.net.min_ns[flat(t, p, s->phase)];
    }
    from = from > t->now_ns ? from : t->now_ns;
    out->min_end_s = from < INT64_MAX / 2 ? jw_s_from_ns(from - t->now_ns) : INFINITY;
    out->max_end_s =
        to < INT64_MAX / 2 ? jw_s_from_ns((to > from ? to : from) - t->now_ns) + t->dt_s : INFINITY;
    return true;
}

static void step_clock(jw_traffic *t, uint32_t programme, int64_t now_ns, bool heeds_buses)
{
    jw_signal *s = &t->signals.now[programme];
    if (s->control == JW_SIGNAL_EXTENDED) { /* goes by no clock: from the green that it is in */
        if (!s->in_list)
            s->in_list = jw_signal_change_to(t, programme, s->next_phase, now_ns);
        if (is_held_by_demand(t, programme, s->phase) && jw_signal_is_reached(t, programme))
            s->busy_ns = now_ns;
    } else if (!s->in_list) {
        int64_t since_ns;
        uint32_t clock = clock_phase(t, programme, now_ns, &since_ns);
        uint32_t wish = jw_signal_is_green(t, programme, clock) ? clock : s->next_phase;
        s->in_list = jw_signal_change_to(t, programme, wish, now_ns) && wish == clock;
        s->due_ns = since_ns + plan_ns(t, programme, clock);
    }
    if (s->in_list)
        step_list(t, programme, now_ns, heeds_buses);
}

/* ---- the step --------------------------------------------------------------------------------------------
 */

static bool step_wish(jw_traffic *t, uint32_t programme, uint32_t wish, int64_t now_ns)
{
    return jw_signal_leave_list(t, programme, now_ns) && jw_signal_change_to(t, programme, wish, now_ns);
}

static void step_programme(jw_traffic *t, uint32_t p, int64_t now_ns)
{
    jw_signal *s = &t->signals.now[p];
    if (s->request != JW_NONE && now_ns > s->until_ns)
        s->request = JW_NONE;
    if (s->control == JW_SIGNAL_OUTSIDE)
        jw_signal_detect(t, p);
    if (s->has_priority || s->control == JW_SIGNAL_ACTUATED)
        jw_signal_look(t, p);
    bool has_emergency = s->has_priority && t->signals.sight.emergency_link != JW_NONE;
    uint32_t wish = has_emergency ? jw_signal_green_for(t, p, t->signals.sight.emergency_link) : JW_NONE;
    if (wish == JW_NONE)
        wish = s->request;
    if (s->in_rings && wish == JW_NONE && s->control == JW_SIGNAL_ACTUATED) {
        s->is_outside = 0;
        jw_ring_step(t, p, now_ns);
        return;
    }
    if (s->in_rings && !jw_ring_leave(t, p, wish, now_ns)) {
        s->is_outside = wish != JW_NONE && wish == s->request;
        return;
    }
    if (wish != JW_NONE) {
        s->is_outside = wish == s->request;
        step_wish(t, p, wish, now_ns);
    } else if (s->control == JW_SIGNAL_ACTUATED) {
        jw_signal_step_actuated(t, p, now_ns);
        s->is_outside = 0;
    } else if (s->control == JW_SIGNAL_MAX_PRESSURE) {
        jw_signal_step_pressure(t, p, now_ns);
        s->is_outside = 0;
    } else {
        step_clock(t, p, now_ns, s->has_priority);
        s->is_outside = 0;
    }
}

void jw_traffic_phase_signals(jw_world *world, void *state)
{
    jw_traffic *t = state;
    jw_signal_run_port(world, t);
    int64_t now_ns = jw_world_time_ns(world);
    jw_signals_forget_grants(t, now_ns);
    for (uint32_t p = 0; p < t->city->programme_count; p++)
        step_programme(t, p, now_ns);
    jw_signals_show(t);
    jw_signal_apply_advice(world, t);
}

/* ---- what is shown ---------------------------------------------------------------------------------------
 */

static char shown_letter(const jw_traffic *t, uint32_t programme, uint32_t link)
{
    const jw_signal *s = &t->signals.now[programme];
    char now = jw_signal_letter(t, programme, s->phase, link);
    if (s->stage == JW_STAGE_GREEN)
        return now;
    char next = jw_signal_letter(t, programme, s->next_phase, link);
    bool was_green = now == 'G' || now == 'g', will_be_green = next == 'G' || next == 'g';
    if (was_green && will_be_green)
        return now == 'g' || next == 'g' ? 'g' : 'G';
    if (now == 's' && next == 's')
        return 's';
    return was_green && s->stage == JW_STAGE_AMBER ? 'y' : 'r';
}

/* The rest of traffic knows 'G', 'g', 'y', 'r', and 0 where the rule of the junction holds. */
static uint8_t plain(char letter)
{
    switch (letter) {
    case 'u':
        return 'r';
    case 's':
        return 'g';
    case 'o':
    case 'O':
        return 0;
    default:
        return (uint8_t)letter;
    }
}

/* Few of the links change in a step: a programme is looked up again when its phase or stage is another. */
static void show(jw_traffic *t, uint32_t programme)
{
    const jw_signal_net *net = &t->signals.net;
    jw_signal *s = &t->signals.now[programme];
    uint64_t key = s->in_rings ? jw_ring_key(t, programme)
                               : ((uint64_t)s->phase << 32 | (uint64_t)s->next_phase << 8 | s->stage) + 1;
    if (s->shown == key)
        return;
    s->shown = key;
    for (uint32_t k = net->link_first[programme]; k < net->link_first[programme + 1]; k++)
        t->shown[net->links[k].connection] =
            plain(s->in_rings ? jw_ring_letter(t, programme, k - net->link_first[programme])
                              : shown_letter(t, programme, net->links[k].link));
}

void jw_signals_show(jw_traffic *t)
{
    for (uint32_t p = 0; p < t->city->programme_count; p++)
        show(t, p);
}
