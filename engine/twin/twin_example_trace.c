/* Requests as they go: each stage of their way is noted when network and compute tell of it. */
#include "twin/twin_example.h"

#include <string.h>

static twin_traced *open_trace(const jw_world *world, uint32_t slot)
{
    const twin_examples *examples = twin_examples_of(world);
    if (!examples || slot >= examples->open1_capacity || examples->open1[slot] == 0)
        return NULL;
    return &examples->open[examples->open1[slot] - 1];
}

const twin_traced *twin_trace_of(const jw_world *world, uint32_t slot)
{
    return open_trace(world, slot);
}

/* Of a tag that network or compute hands back; NULL for others' and for what nobody waits for any more. */
static twin_traced *trace_of_tag(const jw_world *world, uint64_t tag, uint32_t *out_copy)
{
    uint8_t owner = twin_tag_owner(tag);
    if (!twin_examples_of(world) || (owner != OWNER_REQUEST && owner != OWNER_HEDGE))
        return NULL;
    uint32_t slot = twin_tag_slot(&twin_requests_of(world)->pool, tag);
    *out_copy = owner == OWNER_HEDGE;
    return slot == JW_NONE ? NULL : open_trace(world, slot);
}

void twin_trace_begin(jw_world *world, uint32_t slot)
{
    twin_examples *examples = twin_examples_of(world);
    uint32_t at, generation;
    if (!examples || examples->open_pool.alive_count >= TWIN_OPEN_MAX ||
        jw_grow(&examples->open1, &examples->open1_capacity, slot + 1ull, sizeof *examples->open1, NULL) !=
            JW_OK ||
        jw_grow(&examples->open, &examples->open_capacity, examples->open_pool.alive_count + 1ull,
                sizeof *examples->open, NULL) != JW_OK ||
        jw_pool_take(&examples->open_pool, &at, &generation, NULL) != JW_OK)
        return;
    examples->open1[slot] = at + 1;
    twin_traced *trace = &examples->open[at];
    trace->slot = slot;
    trace->stage_count = 0;
    trace->is_full = 0;
    trace->why = NULL;
}

void twin_trace_sends(jw_world *world, uint32_t slot, uint32_t copy)
{
    twin_traced *trace = open_trace(world, slot);
    uint32_t kept = 0;
    if (!trace)
        return;
    for (uint32_t i = 0; i < trace->stage_count; i++)
        if (trace->stages[i].copy != copy)
            trace->stages[kept++] = trace->stages[i];
    trace->stage_count = kept;
}

void twin_trace_why(jw_world *world, uint32_t slot, const char *why)
{
    twin_traced *trace = open_trace(world, slot);
    if (trace)
        trace->why = why;
}

static void add_stage(twin_traced *trace, const twin_stage *stage)
{
    if (trace->stage_count == TWIN_STAGES_MAX)
        trace->is_full = 1;
    else
        trace->stages[trace->stage_count++] = *stage;
}

static twin_stage *last_stage(twin_traced *trace, uint32_t copy, twin_stage_kind kind)
{
    for (uint32_t i = trace->stage_count; i-- > 0;)
        if (trace->stages[i].copy == copy)
            return trace->stages[i].kind == kind ? &trace->stages[i] : NULL;
    return NULL;
}

void twin_trace_enters(jw_world *world, uint64_t tag, const jw_message_hop *hop)
{
    uint32_t copy;
    twin_traced *trace = trace_of_tag(world, tag, &copy);
    if (!trace)
        return;
    twin_stage stage = {.begin_ns = hop->begin_ns,
                        .waited_ns = hop->waited_ns,
                        .worked_ns = hop->worked_ns,
                        .end_ns = hop->end_ns,
                        .slot = hop->slot,
                        .kind = hop->is_in_air ? TWIN_STAGE_AIR : TWIN_STAGE_LINK,
                        .copy = (uint8_t)copy,
                        .is_backward = hop->is_backward};
    add_stage(trace, &stage);
}

/* Of the time in the air what it would have taken alone is work, the fixed delay is the way, and the rest is
 * waiting for the cell's other messages. */
void twin_trace_leaves_air(jw_world *world, uint64_t tag, int64_t end_ns)
{
    uint32_t copy;
    twin_traced *trace = trace_of_tag(world, tag, &copy);
    twin_stage *stage = trace ? last_stage(trace, copy, TWIN_STAGE_AIR) : NULL;
    if (!stage || stage->end_ns)
        return;
    int64_t way_ns = jw_ns_from_s(jw_network_air_delay_s()), whole_ns = end_ns - stage->begin_ns;
    stage->end_ns = end_ns;
    if (stage->worked_ns > whole_ns)
        stage->worked_ns = whole_ns;
    if (whole_ns - stage->worked_ns > way_ns)
        stage->waited_ns = whole_ns - stage->worked_ns - way_ns;
}

void twin_trace_submits(jw_world *world, uint32_t slot, uint32_t copy, uint32_t site_slot)
{
    twin_traced *trace = open_trace(world, slot);
    twin_stage stage = {.begin_ns = jw_world_time_ns(world),
                        .slot = site_slot,
                        .kind = TWIN_STAGE_SITE,
                        .copy = (uint8_t)copy};
    if (trace)
        add_stage(trace, &stage);
}

void twin_trace_began(jw_world *world, uint64_t tag, uint32_t jobs)
{
    uint32_t copy;
    twin_traced *trace = trace_of_tag(world, tag, &copy);
    twin_stage *stage = trace ? last_stage(trace, copy, TWIN_STAGE_SITE) : NULL;
    if (!stage)
        return;
    stage->waited_ns = jw_world_time_ns(world) - stage->begin_ns;
    stage->jobs = jobs;
}

void twin_trace_computed(jw_world *world, uint32_t slot, uint32_t copy)
{
    twin_traced *trace = open_trace(world, slot);
    twin_stage *stage = trace ? last_stage(trace, copy, TWIN_STAGE_SITE) : NULL;
    if (!stage)
        return;
    stage->end_ns = jw_world_time_ns(world);
    stage->worked_ns = stage->end_ns - stage->begin_ns - stage->waited_ns;
}

uint32_t twin_trace_take(jw_world *world, uint32_t slot)
{
    twin_examples *examples = twin_examples_of(world);
    if (!open_trace(world, slot))
        return 0;
    uint32_t trace = examples->open1[slot];
    examples->open1[slot] = 0;
    return trace;
}

static void keep(twin_ring *ring, uint32_t most, const twin_traced *trace)
{
    if (ring->count < most) {
        if (jw_grow(&ring->items, &ring->capacity, ring->count + 1ull, sizeof *ring->items, NULL) != JW_OK)
            return;
        ring->items[ring->count++] = *trace;
        return;
    }
    ring->items[ring->next] = *trace;
    ring->next = (ring->next + 1) % most;
}

void twin_trace_keep(jw_world *world, uint32_t index1, const twin_request *ended, uint32_t copy,
                     twin_outcome outcome, bool is_decision, jw_judgement judgement)
{
    twin_examples *examples = twin_examples_of(world);
    if (!examples || index1 == 0)
        return;
    twin_traced *trace = &examples->open[index1 - 1];
    trace->request = *ended;
    trace->copy = copy;
    trace->outcome = (uint8_t)outcome;
    trace->is_decision = is_decision;
    trace->judgement = (uint8_t)judgement;
    trace->ended_ns = jw_world_time_ns(world);
    double x_m, y_m;
    twin_sender_place(world, ended->sender, ended->a, &x_m, &y_m);
    trace->x_m = (float)x_m;
    trace->y_m = (float)y_m;
    twin_sender_name(world, ended, trace->sender, sizeof trace->sender);
    if (!trace->is_full)
        keep(outcome == TWIN_IN_TIME ? &examples->in_time : &examples->bad,
             outcome == TWIN_IN_TIME ? TWIN_KEPT_IN_TIME : TWIN_KEPT_BAD, trace);
    jw_pool_give(&examples->open_pool, index1 - 1);
}

int64_t twin_trace_late_ns(const jw_world *world, const twin_traced *trace)
{
    double deadline_s = twin_requests_of(world)->types[trace->request.type].deadline_s;
    return trace->ended_ns - trace->request.created_ns - jw_ns_from_s(deadline_s);
}

uint32_t twin_trace_copy(const twin_traced *trace)
{
    if (trace->copy < COPIES)
        return trace->copy;
    return trace->stage_count ? trace->stages[trace->stage_count - 1].copy : COPIES;
}

void twin_trace_shares(const twin_traced *trace, int64_t out_ns[TWIN_SHARE_COUNT])
{
    static const twin_share shares[] = {
        [TWIN_STAGE_LINK] = TWIN_SHARE_FIBRE, [TWIN_STAGE_AIR] = TWIN_SHARE_RADIO};
    int64_t at_ns = trace->request.created_ns;
    memset(out_ns, 0, TWIN_SHARE_COUNT * sizeof *out_ns);
    for (uint32_t i = 0; i < trace->stage_count; i++) {
        const twin_stage *stage = &trace->stages[i];
        if (stage->copy != twin_trace_copy(trace))
            continue;
        int64_t end_ns = stage->end_ns && stage->end_ns < trace->ended_ns ? stage->end_ns : trace->ended_ns;
        if (stage->begin_ns > at_ns + 1) { /* 1 ns from sending to setting out is of the stage */
            out_ns[TWIN_SHARE_OTHER] += stage->begin_ns - at_ns;
            at_ns = stage->begin_ns;
        }
        if (stage->kind == TWIN_STAGE_SITE) {
            int64_t began_ns = stage->jobs ? stage->begin_ns + stage->waited_ns : end_ns;
            began_ns = began_ns < end_ns ? began_ns : end_ns;
            out_ns[TWIN_SHARE_QUEUE] += began_ns - at_ns;
            out_ns[TWIN_SHARE_COMPUTE] += end_ns - began_ns;
        } else {
            out_ns[shares[stage->kind]] += end_ns - at_ns;
        }
        at_ns = end_ns;
    }
    out_ns[TWIN_SHARE_OTHER] += trace->ended_ns - at_ns;
}

static int64_t network_ns(const twin_traced *trace)
{
    int64_t shares_ns[TWIN_SHARE_COUNT];
    twin_trace_shares(trace, shares_ns);
    return shares_ns[TWIN_SHARE_RADIO] + shares_ns[TWIN_SHARE_FIBRE];
}

static bool is_worse(const jw_world *world, bool is_by_network, const twin_traced *a, const twin_traced *b)
{
    if (is_by_network && network_ns(a) != network_ns(b))
        return network_ns(a) > network_ns(b);
    bool is_lost = a->outcome == TWIN_LOST, was_lost = b->outcome == TWIN_LOST;
    if (is_lost != was_lost)
        return is_lost;
    int64_t late_ns = twin_trace_late_ns(world, a), other_ns = twin_trace_late_ns(world, b);
    return late_ns != other_ns ? late_ns > other_ns : a->ended_ns > b->ended_ns;
}

const twin_traced *twin_trace_worst(const jw_world *world, int64_t since_ns, bool is_by_network,
                                    twin_trace_filter filter, const void *context)
{
    const twin_examples *examples = twin_examples_of(world);
    const twin_traced *worst = NULL;
    if (!examples)
        return NULL;
    const twin_ring *const rings[] = {&examples->bad, &examples->in_time};
    for (uint32_t r = 0; r < JW_COUNT_OF(rings); r++)
        for (uint32_t i = 0; i < rings[r]->count; i++) {
            const twin_traced *trace = &rings[r]->items[i];
            if (trace->ended_ns >= since_ns && filter(world, trace, context) &&
                (!worst || is_worse(world, is_by_network, trace, worst)))
                worst = trace;
        }
    return worst;
}

void twin_examples_free(twin_examples *examples)
{
    if (!examples)
        return;
    jw_free(examples->open1);
    jw_pool_free(&examples->open_pool);
    jw_free(examples->open);
    jw_free(examples->in_time.items);
    jw_free(examples->bad.items);
    jw_free(examples->passages);
    jw_free(examples->trails);
    jw_free(examples);
}

jw_result jw_twin_keep_examples(jw_world *world, jw_error *error)
{
    twin_city *city = twin_city_of(world);
    twin_examples *examples = jw_alloc(sizeof *examples);
    if (!examples)
        return jw_fail_memory(error);
    twin_examples_free(city->examples);
    city->examples = examples;
    return JW_OK;
}
