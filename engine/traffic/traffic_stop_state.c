/* Stops in snapshots and hashes, and their invariants. */
#include "traffic/traffic_internal.h"

#include <math.h> /* isfinite alone */
#include <string.h>

#define PLANS_MAX 20000000u

#define PLAN_WHOLES(X)                                                                                       \
    X(slot)                                                                                                  \
    X(bus1)                                                                                                  \
    X(final_edge) X(since_ns) X(until_ns) X(phase) X(is_used) X(is_round) X(is_done) X(next)
#define PLAN_REALS(X) X(final_s_m) X(stop_s)

void jw_stops_free(jw_traffic *t)
{
    for (uint32_t k = 0; k < t->stops.plan_count; k++)
        jw_free(t->stops.plans[k].rest);
    jw_free(t->stops.plans);
    memset(&t->stops, 0, sizeof t->stops);
}

static void save_plan(const jw_plan *plan, jw_writer *writer)
{
#define X(name) jw_write_u64(writer, (uint64_t)plan->name);
    PLAN_WHOLES(X)
#undef X
#define X(name) jw_write_f32(writer, plan->name);
    PLAN_REALS(X)
#undef X
    jw_write_array(writer, &plan->now, 1, sizeof plan->now);
    jw_write_array(writer, plan->rest ? plan->rest + plan->rest_next : NULL,
                   plan->rest_count - plan->rest_next, sizeof *plan->rest);
}

void jw_stops_save(const jw_traffic *t, jw_writer *writer)
{
    jw_write_u32(writer, t->stops.plan_count);
    jw_write_u32(writer, t->stops.plan_free);
    for (uint32_t k = 0; k < t->stops.plan_count; k++)
        save_plan(&t->stops.plans[k], writer);
}

static uint64_t hash_plan(const jw_plan *plan, uint64_t hash)
{
#define X(name) hash = jw_hash_u64(hash, (uint64_t)plan->name);
    PLAN_WHOLES(X)
#undef X
#define X(name) hash = jw_hash_f64(hash, (double)plan->name);
    PLAN_REALS(X)
#undef X
    hash = jw_hash_bytes(hash, &plan->now, sizeof plan->now);
    for (uint32_t k = plan->rest_next; k < plan->rest_count; k++)
        hash = jw_hash_bytes(hash, &plan->rest[k], sizeof *plan->rest);
    return hash;
}

uint64_t jw_stops_hash(const jw_traffic *t, uint64_t hash)
{
    hash = jw_hash_u64(jw_hash_u64(hash, t->stops.plan_count), t->stops.plan_free);
    for (uint32_t k = 0; k < t->stops.plan_count; k++)
        hash = hash_plan(&t->stops.plans[k], hash);
    return hash;
}

/* ---- loading ---------------------------------------------------------------------------------------------
 */

bool jw_stop_is_settled(const jw_traffic *t, const jw_stop *stop)
{
    return stop->edge < t->net.edge_count && stop->kind <= JW_STOP_ASIDE && stop->lane < 32 &&
           stop->lane < t->net.edge_first_lane[stop->edge + 1] - t->net.edge_first_lane[stop->edge] &&
           stop->begin_m >= 0 && stop->end_m >= stop->begin_m &&
           stop->end_m < jw_edge_length(t, stop->edge) && stop->duration_s >= 0 && stop->duration_s <= 1e6f &&
           stop->until_ns >= 0;
}

static bool is_good_plan(const jw_traffic *t, const jw_plan *plan)
{
    if (plan->phase > JW_PLAN_MERGES || plan->final_edge >= t->net.edge_count || !isfinite(plan->final_s_m) ||
        !isfinite(plan->stop_s) || !jw_stop_is_settled(t, &plan->now) ||
        (plan->slot != JW_NONE && plan->slot >= t->pool.slot_count))
        return false;
    for (uint32_t k = 0; k < plan->rest_count; k++)
        if (!jw_stop_is_settled(t, &plan->rest[k]))
            return false;
    return true;
}

static void load_plan(jw_traffic *t, jw_reader *r)
{
    jw_plan plan = {0};
    jw_error error = {0};
    jw_stop *now = NULL;
    uint32_t one = 0;
#define X(name) plan.name = (__typeof__(plan.name))jw_read_u64(r);
    PLAN_WHOLES(X)
#undef X
#define X(name) plan.name = jw_read_f32(r);
    PLAN_REALS(X)
#undef X
    jw_read_array(r, &now, &one, sizeof *now, 1);
    if (one == 1)
        plan.now = *now;
    jw_free(now);
    jw_read_array(r, &plan.rest, &plan.rest_count, sizeof *plan.rest, JW_TRIP_STOPS_MAX);
    if (jw_grow(&t->stops.plans, &t->stops.plan_capacity, t->stops.plan_count + 1ull, sizeof plan, &error)) {
        jw_free(plan.rest);
        jw_reader_fail_memory(r);
        return;
    }
    t->stops.plans[t->stops.plan_count++] = plan;
    bool is_free = !plan.is_used && plan.slot == JW_NONE && plan.phase == JW_PLAN_DRIVES;
    if (!r->failed && (one != 1 || !(is_free || is_good_plan(t, &plan))))
        jw_reader_fail(r, "traffic: plan %u of stops out of range", t->stops.plan_count - 1);
}

/* What is on kerbs is known; the vehicles' places are settled. */
void jw_stops_load(jw_traffic *t, jw_reader *r)
{
    uint32_t count = jw_read_count(r, PLANS_MAX, 40);
    t->stops.plan_free = jw_read_u32(r);
    for (uint32_t k = 0; k < count && !r->failed; k++)
        load_plan(t, r);
    for (uint32_t e = 0; e < t->net.edge_count; e++)
        t->stops.aside += t->tracks[t->net.track_count + e].end - t->tracks[t->net.track_count + e].begin;
    jw_error error = {0};
    if (!r->failed && !jw_stops_are_consistent(t, &error))
        jw_reader_fail(r, "traffic: %.120s", error.message);
}

/* ---- invariants ------------------------------------------------------------------------------------------
 */

static bool is_free_list_whole(const jw_stops *s, uint32_t used)
{
    uint32_t free = s->plan_count - used, listed = 0;
    for (uint32_t k = s->plan_free; k != JW_NONE && listed <= free; k = s->plans[k].next, listed++)
        if (k >= s->plan_count || s->plans[k].is_used)
            return false;
    return listed == free;
}

/* Each used plan belongs to one vehicle or trip, and the other way round. */
bool jw_stops_are_consistent(const jw_traffic *t, jw_error *error)
{
    const jw_stops *s = &t->stops;
    uint32_t used = 0, owned = 0, aside = 0, standing = 0;
    bool is_good = true;
    for (uint32_t k = 0; k < s->plan_count; k++) {
        used += s->plans[k].is_used != 0;
        uint32_t slot = s->plans[k].slot;
        is_good = is_good &&
                  (slot == JW_NONE || ((t->pool.generations[slot] & 1) && t->vehicles[slot].plan1 == k + 1));
        is_good = is_good && (slot != JW_NONE || s->plans[k].phase == JW_PLAN_DRIVES);
    }
    for (uint32_t k = 0; k < t->trip_count; k++) {
        uint32_t plan1 = t->trips[k].is_used ? t->trips[k].plan1 : 0;
        owned += plan1 != 0;
        is_good = is_good && (!plan1 || (plan1 <= s->plan_count && s->plans[plan1 - 1].is_used &&
                                         s->plans[plan1 - 1].slot == JW_NONE));
    }
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        if (!(t->pool.generations[slot] & 1))
            continue;
        uint32_t plan1 = t->vehicles[slot].plan1;
        owned += plan1 != 0;
        is_good = is_good && (!plan1 || (plan1 <= s->plan_count && s->plans[plan1 - 1].slot == slot));
        const jw_car *car = &t->cars[t->place_of_slot[slot]];
        if (!jw_is_kerb(t, car->track))
            continue;
        aside++;
        standing += is_good && plan1 && s->plans[plan1 - 1].phase != JW_PLAN_DRIVES &&
                    car->track == t->net.track_count + t->vehicles[slot].edge;
    }
    if (is_good && owned == used && aside == s->aside && standing == aside && is_free_list_whole(s, used))
        return true;
    jw_fail(
        error, JW_ERROR_STATE, NULL, 0,
        "stops: %u plans of %u are used, but %u trips and vehicles have one; %u vehicles stand on kerbs, %u "
        "by their plans, %u counted",
        used, s->plan_count, owned, aside, standing, s->aside);
    return false;
}
