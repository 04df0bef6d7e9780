/* Live travel times. What vehicles need from entering an edge to entering the next is noted turn by turn:
 * waiting at the stop line belongs to the turn that is waited for. Once an interval the means are mixed with
 * what was known, and the metrics of those who choose by live times are customised anew, some nodes a step,
 * beside the old ones, which hold until all is done: begun at step k with the times of that moment, adopted
 * at step k + rebuild_steps. The number of steps follows from the city alone, so that no thread count and no
 * restore changes when a metric is adopted. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define SLICE_TRIANGLES 50000 /* of a step: about 0.1 ms */
#define PRIOR_WEIGHT    2     /* passages that what was known counts for */

uint32_t jw_route_rebuild_steps(const jw_hierarchy *h, uint32_t metrics, uint32_t interval_steps)
{
    uint64_t steps = 1 + h->triangle_count * metrics / SLICE_TRIANGLES;
    uint32_t most = interval_steps > 2 ? interval_steps - 1 : 1;
    return steps < most ? (uint32_t)steps : most;
}

/* ---- measuring -------------------------------------------------------------------------------------------
 */

static uint32_t now_ms(const jw_traffic *t)
{
    return jw_ms_of(t->now_ns);
}

/* From several threads at once: whole numbers sum up to the same in any order. */
static void note(jw_traffic *t, uint32_t turn, uint32_t time_ms)
{
    __atomic_fetch_add(&t->router.pass_count[turn], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&t->router.pass_sum_ms[turn], time_ms, __ATOMIC_RELAXED);
}

static bool is_measured(const jw_traffic *t, const jw_vehicle *v)
{
    return t->router.is_motor[t->router.group_of_class[v->vehicle_class]];
}

uint32_t jw_traffic_would_have_entered_ms(const jw_traffic *t, uint32_t lane, float s_m)
{
    uint32_t before_ms = (uint32_t)(1000 * s_m / jw_maxf(t->tracks[lane].limit_mps, 0.5f));
    return now_ms(t) > before_ms ? now_ms(t) - before_ms : 0;
}

void jw_traffic_pass_edge(jw_traffic *t, jw_vehicle *v)
{
    uint32_t turn = t->net.turn_first[v->edge] + t->route_turns[v->route_first];
    if (is_measured(t, v)) {
        note(t, turn, now_ms(t) - v->entered_ms);
        if (t->router.times)
            jw_turn_times_note(t->router.times, turn, v->entered_ms, now_ms(t) - v->entered_ms);
    }
    v->edge = t->net.turn_to[turn];
    __atomic_fetch_add(&t->edge_entered[v->edge], 1, __ATOMIC_RELAXED);
    v->route_first++;
    v->route_count--;
    if (v->plan1)
        jw_plan_pass_edge(t, v);
    v->entered_ms = now_ms(t);
}

static uint32_t known_ms(const jw_traffic *t, uint32_t turn)
{
    uint32_t live_ms = t->router.live_ms[turn];
    return live_ms ? live_ms : jw_traffic_free_turn_ms(t, turn, JW_FAR);
}

/* Who stands on an edge has no time to show yet, the more so the longer: those who have needed twice the
 * known time are noted as they stand, some in each step, each once an interval. */
static void note_waiting(jw_traffic *t, uint64_t step, uint32_t period)
{
    for (uint32_t slot = (uint32_t)(step % period); slot < t->pool.slot_count; slot += period) {
        const jw_vehicle *v = &t->vehicles[slot];
        if (!(t->pool.generations[slot] & 1) || !v->route_count || !is_measured(t, v))
            continue;
        uint32_t turn = t->net.turn_first[v->edge] + t->route_turns[v->route_first];
        uint32_t waited_ms = now_ms(t) - v->entered_ms;
        if (waited_ms / 2 > known_ms(t, turn))
            note(t, turn, waited_ms);
    }
}

/* ---- rebuilding ------------------------------------------------------------------------------------------
 */

static void mix_times(jw_traffic *t)
{
    jw_router *r = &t->router;
    for (uint32_t k = 0; k < t->net.turn_count; k++) {
        uint64_t known = known_ms(t, k), count = r->pass_count[k];
        uint64_t mixed = count ? (r->pass_sum_ms[k] + PRIOR_WEIGHT * known) / (count + PRIOR_WEIGHT)
                               : (known + jw_traffic_free_turn_ms(t, k, JW_FAR)) / 2;
        r->next_ms[k] = mixed < 1 ? 1 : mixed < JW_CLOSED_MS / 64 ? (uint32_t)mixed : JW_CLOSED_MS / 64;
        r->pass_count[k] = 0;
        r->pass_sum_ms[k] = 0;
    }
}

/* Metrics that nobody has asked for are not customised: they are when one does. */
static void begin_metrics(jw_traffic *t)
{
    jw_router *r = &t->router;
    for (uint32_t g = 0; g < r->group_count; g++) {
        r->has_next[g] = false;
        if (!r->metrics[g * 2 + 1].turn_ms)
            continue;
        if (!r->next[g].turn_ms && jw_route_metric_init(&r->next[g], &r->hierarchy, NULL)) {
            jw_route_metric_free(&r->next[g]);
            continue;
        }
        jw_traffic_fill_turn_ms(t, g * 2 + 1, r->next_ms, r->next[g].turn_ms);
        jw_route_metric_begin(&r->next[g], &r->hierarchy);
        r->has_next[g] = true;
    }
}

static void adopt(jw_traffic *t)
{
    jw_router *r = &t->router;
    for (uint32_t g = 0; g < r->group_count; g++) {
        if (r->has_next[g]) {
            jw_route_metric swap = r->metrics[g * 2 + 1];
            r->metrics[g * 2 + 1] = r->next[g];
            r->next[g] = swap;
        }
        r->is_ready[g * 2 + 1] = r->has_next[g];
    }
    uint32_t *swap = r->live_ms;
    r->live_ms = r->next_ms;
    r->next_ms = swap;
    r->is_rebuilding = false;
}

void jw_traffic_router_step(jw_world *world, jw_traffic *t)
{
    jw_router *r = &t->router;
    int64_t now_ns = jw_world_time_ns(world), dt_ns = jw_world_dt_ns(world),
            interval_ns = jw_ns_from_s(t->def.router_interval_s);
    note_waiting(t, jw_world_step_number(world), (uint32_t)jw_max((double)(interval_ns / dt_ns), 1));
    if (!r->is_rebuilding && now_ns >= r->begun_ns + interval_ns) {
        mix_times(t);
        begin_metrics(t);
        r->begun_ns = now_ns;
        r->is_rebuilding = true;
    }
    if (!r->is_rebuilding)
        return;
    uint64_t done = (uint64_t)((now_ns - r->begun_ns) / dt_ns) + 1;
    for (uint32_t g = 0; g < r->group_count; g++)
        if (r->has_next[g])
            jw_route_metric_advance(&r->next[g], &r->hierarchy,
                                    done >= r->rebuild_steps
                                        ? UINT64_MAX
                                        : r->hierarchy.triangle_count * done / r->rebuild_steps);
    if (done >= r->rebuild_steps)
        adopt(t);
}

/* A rebuild under way begins again with what is open now, and catches up in the next step. */
void jw_traffic_router_invalidate(jw_traffic *t)
{
    memset(t->router.is_ready, 0, sizeof t->router.is_ready);
    if (t->router.is_rebuilding)
        begin_metrics(t);
}
