/* Serving language models: iterations of an instance.
 *
 * An iteration prefills what is in the `filling` list and decodes one token of each sequence of the `active`
 * list. As long as no sequence ends, none comes and no block is short, all iterations are alike but for the
 * cache, which grows by one token a sequence: so they are taken in runs, with one event at the end of a run
 * and nothing touched between. What a sequence has said is (tokens when it began to decode) + (steps since);
 * the next to end is on top of a heap by its last step; and since each sequence takes a block every
 * JW_KV_BLOCK_TOKENS steps, the counts of sequences by the remainder of that step tell when blocks end. An
 * arrival cuts the run at the end of the iteration in which it falls. */
#include "compute/compute_internal.h"

/* Free blocks that an admission leaves, as a share: against preempting at once (vLLM's watermark, 0.01). */
#define WATERMARK 0.01

typedef struct engine {
    jw_world *world;
    jw_compute *compute;
    uint32_t site_slot, place, index;
    installed *in;
    server *work;
    const jw_service *service;
} engine;

static engine engine_of(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                        uint32_t index)
{
    installed *in = &compute->sites[site_slot].services[place];
    return (engine){world, compute, site_slot,           place,
                    index, in,      &in->servers[index], &compute->services[in->service]};
}

static uint32_t sequences_max(const engine *e)
{
    return e->service->max_batch ? e->service->max_batch : 16;
}

/* ---- heap of the decoding sequences by their last step; equal ones by slot ---- */

uint64_t compute_llm_last_step(const job *j)
{
    return j->begin_step + (compute_llm_tokens(j) - j->produced);
}

static bool is_before(const jw_compute *compute, uint32_t a, uint32_t b)
{
    uint64_t at_a = compute_llm_last_step(&compute->jobs[a]), at_b = compute_llm_last_step(&compute->jobs[b]);
    return at_a != at_b ? at_a < at_b : a < b;
}

static void heap_set(jw_compute *compute, server *work, uint32_t at, uint32_t slot)
{
    work->heap[at] = slot;
    compute->jobs[slot].heap_at = at;
}

static void heap_up(jw_compute *compute, server *work, uint32_t at)
{
    uint32_t slot = work->heap[at];
    while (at > 0 && is_before(compute, slot, work->heap[(at - 1) / 2])) {
        heap_set(compute, work, at, work->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_set(compute, work, at, slot);
}

static void heap_down(jw_compute *compute, server *work, uint32_t at)
{
    uint32_t slot = work->heap[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= work->heap_count)
            break;
        if (child + 1 < work->heap_count && is_before(compute, work->heap[child + 1], work->heap[child]))
            child++;
        if (!is_before(compute, work->heap[child], slot))
            break;
        heap_set(compute, work, at, work->heap[child]);
        at = child;
    }
    heap_set(compute, work, at, slot);
}

static void heap_remove(jw_compute *compute, server *work, uint32_t at)
{
    uint32_t moved = work->heap[--work->heap_count];
    if (at == work->heap_count)
        return;
    heap_set(compute, work, at, moved);
    heap_up(compute, work, at);
    heap_down(compute, work, compute->jobs[moved].heap_at);
}

/* ---- cache ---- */

/* Tokens of a sequence in the cache: all but the one said last. */
uint64_t compute_llm_cached(const job *j, uint64_t step)
{
    return (uint64_t)j->items + j->produced + (step - j->begin_step) - 1;
}

static uint64_t blocks_of(uint64_t tokens)
{
    return (tokens + JW_KV_BLOCK_TOKENS - 1) / JW_KV_BLOCK_TOKENS;
}

uint64_t compute_llm_blocks(const job *j, uint64_t step)
{
    return blocks_of(j->stage == STAGE_FILLING ? (uint64_t)j->items + j->produced
                                               : compute_llm_cached(j, step));
}

/* The step, modulo a block, that begins a new one. */
static uint32_t boundary_of(const job *j)
{
    return (uint32_t)((j->begin_step - compute_llm_cached(j, j->begin_step)) % JW_KV_BLOCK_TOKENS);
}

static uint64_t free_blocks(const engine *e)
{
    uint64_t needed = e->work->blocks + e->work->boundary[e->work->step % JW_KV_BLOCK_TOKENS];
    return e->in->block_count > needed ? e->in->block_count - needed : 0;
}

/* Blocks that `steps` steps from now on take. */
static uint64_t blocks_taken(const server *work, uint64_t steps)
{
    uint64_t taken = steps / JW_KV_BLOCK_TOKENS * work->active.count;
    for (uint64_t i = 0; i < steps % JW_KV_BLOCK_TOKENS; i++)
        taken += work->boundary[(work->step + i) % JW_KV_BLOCK_TOKENS];
    return taken;
}

/* How many steps the free blocks last. */
static uint64_t steps_that_fit(const engine *e)
{
    const server *work = e->work;
    uint64_t left = e->in->block_count > work->blocks ? e->in->block_count - work->blocks : 0;
    uint64_t steps = left / work->active.count * JW_KV_BLOCK_TOKENS;
    left %= work->active.count;
    for (uint32_t i = 0; i < JW_KV_BLOCK_TOKENS; i++, steps++) {
        uint64_t need = work->boundary[(work->step + i) % JW_KV_BLOCK_TOKENS];
        if (need > left)
            break;
        left -= need;
    }
    return steps;
}

/* A run that was loaded: it ends with the first of its sequences at the latest, and its blocks are there. */
bool compute_llm_run_fits(const jw_compute *compute, const installed *in, const server *work)
{
    uint64_t last = 1;
    if (work->active.count > 0)
        last = compute_llm_last_step(&compute->jobs[work->heap[0]]) - work->step;
    if (work->run_steps > last)
        return false;
    return work->blocks + blocks_taken(work, work->run_steps) <= in->block_count;
}

/* ---- beginning and leaving ---- */

/* From now on it decodes; false when there is no memory for the heap. */
bool compute_llm_join(jw_compute *compute, server *work, uint32_t slot)
{
    if (jw_grow(&work->heap, &work->heap_capacity, work->heap_count + 1ull, sizeof *work->heap, NULL) !=
        JW_OK)
        return false;
    job *j = &compute->jobs[slot];
    j->stage = STAGE_ACTIVE;
    compute_append(compute, &work->active, slot);
    heap_set(compute, work, work->heap_count, slot);
    heap_up(compute, work, work->heap_count++);
    work->boundary[boundary_of(j)]++;
    work->kv_tokens += compute_llm_cached(j, work->step);
    return true;
}

static void begin(engine *e, uint32_t slot)
{
    e->compute->jobs[slot].begin_step = e->work->step;
    if (!compute_llm_join(e->compute, e->work, slot))
        jw_world_fail(e->world, JW_ERROR_MEMORY, "out of memory for the sequences of a language model");
}

/* It decodes no more here: what it has said so far is settled, its blocks are free. */
static void leave(engine *e, uint32_t slot)
{
    job *j = &e->compute->jobs[slot];
    e->work->boundary[boundary_of(j)]--;
    e->work->kv_tokens -= compute_llm_cached(j, e->work->step);
    e->work->blocks -= compute_llm_blocks(j, e->work->step);
    heap_remove(e->compute, e->work, j->heap_at);
    compute_take_out(e->compute, &e->work->active, slot);
    j->produced += (uint32_t)(e->work->step - j->begin_step);
    j->begin_step = e->work->step;
}

static double swap_s(const engine *e, uint64_t tokens)
{
    double rate = e->service->scheduler.host_gbyte_per_s > 0 ? e->service->scheduler.host_gbyte_per_s : 25;
    return (double)blocks_of(tokens) * JW_KV_BLOCK_TOKENS * e->service->kv_bytes_per_token / (rate * 1e9);
}

/* Back to the head of the queue, to be prefilled again. */
static void requeue(engine *e, uint32_t slot)
{
    job *j = &e->compute->jobs[slot];
    j->stage = STAGE_NONE;
    j->filled = 0;
    compute_requeue(e->compute, &e->compute->sites[e->site_slot], e->in, slot);
}

/* The newest sequence makes room; gives the time that it takes. */
static double preempt(engine *e)
{
    server *work = e->work;
    e->compute->llm[e->in->service].preemptions++;
    if (work->filling.last) {
        uint32_t slot = work->filling.last - 1;
        work->blocks -= compute_llm_blocks(&e->compute->jobs[slot], work->step);
        compute_take_out(e->compute, &work->filling, slot);
        requeue(e, slot);
        return 0;
    }
    uint32_t slot = work->active.last - 1;
    leave(e, slot);
    if (e->service->scheduler.preemption == JW_LLM_RECOMPUTE) {
        requeue(e, slot);
        return 0;
    }
    job *j = &e->compute->jobs[slot];
    j->stage = STAGE_SWAPPED;
    compute_append(e->compute, &work->swapped, slot);
    return swap_s(e, compute_llm_cached(j, work->step));
}

/* ---- admitting ---- */

/* Sequences whose cache is ready, from host memory or from a prefilling instance: as many as fit. */
static double admit_ready(engine *e, job_list *ready, bool is_swapped)
{
    server *work = e->work;
    double extra_s = 0;
    while (ready->first && (is_swapped || work->off == 0) &&
           work->active.count + work->filling.count < sequences_max(e)) {
        uint32_t slot = ready->first - 1;
        job *j = &e->compute->jobs[slot];
        uint64_t cached = (uint64_t)j->items + j->produced - 1;
        if (blocks_of(cached + 1) > free_blocks(e))
            break;
        compute_take_out(e->compute, ready, slot);
        j->server = e->index;
        work->blocks += blocks_of(cached);
        extra_s += is_swapped ? swap_s(e, cached) : 0;
        begin(e, slot);
    }
    return extra_s;
}

uint32_t compute_llm_prefillers(const jw_service *service, uint32_t servers)
{
    if (service->scheduler.prefill_share <= 0 || servers < 2)
        return 0;
    double wanted = jw_round(service->scheduler.prefill_share * servers);
    return (uint32_t)jw_clamp(wanted, 1, servers - 1.0);
}

/* Does this instance only prefill? The lowest of those that are ready do, so that others step in for failed
 * ones. */
static bool sends(const engine *e)
{
    uint32_t prefillers = compute_llm_prefillers(e->service, e->in->ready_count), before = 0;
    if (prefillers == 0 || e->work->off)
        return false;
    for (uint32_t i = 0; i < e->index; i++)
        before += e->in->servers[i].off == 0;
    return before < prefillers;
}

static bool takes_prompts(const engine *e)
{
    return compute_llm_prefillers(e->service, e->in->ready_count) == 0 || sends(e);
}

static bool has_room(const engine *e, uint64_t tokens)
{
    const server *work = e->work;
    uint64_t reserve = (uint64_t)(WATERMARK * (double)e->in->block_count);
    bool is_empty = work->active.count + work->filling.count == 0;
    return work->active.count + work->filling.count < sequences_max(e) &&
           blocks_of(tokens) + (is_empty ? 0 : reserve) <= free_blocks(e);
}

/* Takes prompts from the queue while they fit, and says how many tokens are prefilled in this iteration. */
static uint64_t admit_prompts(engine *e)
{
    server *work = e->work;
    uint32_t chunk = e->service->scheduler.chunk_tokens;
    uint64_t budget = chunk == 0 ? UINT64_MAX : chunk > work->active.count ? chunk - work->active.count : 0;
    uint64_t tokens = 0;
    work->last_tokens = 0;
    if (work->filling.last) { /* one at most is left from the iteration before */
        const job *j = &e->compute->jobs[work->filling.last - 1];
        uint64_t rest = (uint64_t)j->items + j->produced - j->filled;
        tokens = rest < budget ? rest : budget;
        work->last_tokens = (uint32_t)tokens;
    }
    while (work->off == 0 && tokens < budget && e->in->queue_first && work->swapped.first == 0 &&
           (takes_prompts(e) || e->compute->jobs[e->in->queue_first - 1].produced > 0)) {
        const job *next = &e->compute->jobs[e->in->queue_first - 1];
        uint64_t need = (uint64_t)next->items + next->produced;
        if (!has_room(e, need))
            break; /* first come, first served: a long one is not overtaken */
        uint32_t slot = compute_pop(e->compute, &e->compute->sites[e->site_slot], e->in);
        job *j = &e->compute->jobs[slot];
        j->stage = STAGE_FILLING;
        j->server = e->index;
        compute_append(e->compute, &work->filling, slot);
        compute_tell_began(e->world, e->compute, slot, work->active.count + work->filling.count);
        work->blocks += blocks_of(need);
        uint64_t part = need < budget - tokens ? need : budget - tokens;
        tokens += part;
        work->last_tokens = (uint32_t)part;
        if (j->produced > 0)
            e->compute->llm[e->in->service].recomputed_tokens += (int64_t)need;
    }
    return tokens;
}

/* ---- runs ---- */

/* Time of the first `steps` steps of a run of decoding alone. */
static int64_t run_ns(const engine *e, uint64_t steps)
{
    const jw_llm_timing *t = &e->in->timing;
    double sequences = e->work->active.count, count = (double)steps;
    double first_s = t->step_s + t->sequence_s * sequences + t->cache_s * (double)e->work->kv_tokens;
    double total_s = count * first_s + t->cache_s * sequences * (count * (count - 1) / 2);
    return (int64_t)jw_clamp(total_s * 1e9 + 0.5, 1, (double)RUN_MAX_NS);
}

/* Begins the next iteration or run of them, or leaves the instance idle. `was_busy`: as it is counted. */
void compute_llm_start(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                       uint32_t index, bool was_busy)
{
    engine e = engine_of(world, compute, site_slot, place, index);
    server *work = e.work;
    bool was_filling = work->is_filling;
    double extra_s = 0;
    while (work->active.count &&
           work->blocks + work->boundary[work->step % JW_KV_BLOCK_TOKENS] > e.in->block_count)
        extra_s += preempt(&e);
    extra_s += admit_ready(&e, &work->swapped, true);
    if (!sends(&e) && work->swapped.first == 0)
        admit_ready(&e, &e.in->arrived, false);
    uint64_t tokens = admit_prompts(&e);
    work->count = work->active.count + work->filling.count;
    work->is_filling = work->filling.count > 0;
    work->begun_ns = jw_world_time_ns(world);
    work->run_steps = 1;
    e.in->busy_count += (uint32_t)(work->count > 0) - (uint32_t)was_busy;
    if (was_busy != (work->count > 0) || was_filling != work->is_filling)
        compute_settle(world, compute, &compute->sites[site_slot]);
    if (work->count == 0)
        return;
    int64_t duration_ns;
    if (tokens > 0 || extra_s > 0 || work->active.count == 0) {
        double duration_s = extra_s + compute_llm_iteration_s(&e.in->timing, (double)tokens,
                                                              work->active.count, (double)work->kv_tokens);
        duration_ns = (int64_t)jw_clamp(duration_s * 1e9 + 0.5, 1, (double)RUN_MAX_NS);
    } else {
        uint64_t to_end = compute_llm_last_step(&compute->jobs[work->heap[0]]) - work->step,
                 to_full = steps_that_fit(&e);
        work->run_steps = to_end < to_full ? to_end : to_full;
        duration_ns = run_ns(&e, work->run_steps);
    }
    compute_schedule_server(world, compute, site_slot, place, index, work->begun_ns + duration_ns);
}

/* Cuts the run at the end of the iteration that is under way. */
static void cut_run(engine *e)
{
    server *work = e->work;
    if (work->run_steps <= 1)
        return;
    int64_t passed_ns = jw_world_time_ns(e->world) - work->begun_ns;
    uint64_t low = 1, high = work->run_steps;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (run_ns(e, middle) >= passed_ns)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == work->run_steps)
        return;
    work->run_steps = low;
    compute_schedule_server(e->world, e->compute, e->site_slot, e->place, e->index,
                            work->begun_ns + run_ns(e, low));
}

/* A prompt waits, or a cache that has arrived: an idle instance takes it at once; else the one with the
 * fewest sequences and room for it looks after its iteration. Lowest number first. */
static void wake(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place, bool is_prompt)
{
    installed *in = &compute->sites[site_slot].services[place];
    uint32_t best = JW_NONE;
    uint32_t first = is_prompt ? in->queue_first : in->arrived.first;
    if (first == 0)
        return;
    const job *j = &compute->jobs[first - 1];
    for (uint32_t i = 0; i < in->server_count; i++) {
        engine e = engine_of(world, compute, site_slot, place, i);
        if (e.work->off || (is_prompt ? !takes_prompts(&e) && j->produced == 0 : sends(&e)) ||
            !has_room(&e, (uint64_t)j->items + j->produced))
            continue;
        if (e.work->count == 0) {
            compute_llm_start(world, compute, site_slot, place, i, false);
            return;
        }
        if (best == JW_NONE || e.work->count < in->servers[best].count)
            best = i;
    }
    if (best == JW_NONE)
        return;
    engine e = engine_of(world, compute, site_slot, place, best);
    cut_run(&e);
}

void compute_llm_wake(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place)
{
    wake(world, compute, site_slot, place, true);
}

/* ---- ends ---- */

/* The cache goes to the decoding instances, one sequence after the other. */
static void send_cache(engine *e, uint32_t slot)
{
    job *j = &e->compute->jobs[slot];
    double rate_gbps = e->service->scheduler.transfer_gbps > 0 ? e->service->scheduler.transfer_gbps : 200;
    double bytes = (double)blocks_of(compute_llm_cached(j, j->begin_step)) * JW_KV_BLOCK_TOKENS *
                   e->service->kv_bytes_per_token;
    int64_t now_ns = jw_world_time_ns(e->world);
    int64_t from_ns = e->work->link_free_ns > now_ns ? e->work->link_free_ns : now_ns;
    e->work->link_free_ns =
        from_ns + (int64_t)jw_clamp(jw_round(bytes * 8 / (rate_gbps * 1e9) * 1e9), 1, (double)RUN_MAX_NS);
    if (e->work->link_free_ns > now_ns + LINK_MAX_NS)
        e->work->link_free_ns = now_ns + LINK_MAX_NS;
    j->stage = STAGE_SENDING;
    j->cache_ns = e->work->link_free_ns;
    compute_append(e->compute, &e->work->sending, slot);
    jw_schedule(e->world, e->work->link_free_ns, JW_PRIORITY_NORMAL, (uint16_t)e->compute->module,
                EVENT_CACHE, slot + 1, e->compute->job_pool.generations[slot]);
}

/* One that was cancelled in this iteration is in no list any more. */
static void end_cancelled(engine *e, uint32_t slot)
{
    e->work->cancelled--;
    e->compute->sites[e->site_slot].running--;
    compute_end_cancelled(e->compute, slot);
}

static void drop_cancelled(engine *e)
{
    for (uint32_t at = e->work->cancelled ? e->work->active.first : 0; at;) {
        uint32_t slot = at - 1;
        at = e->compute->jobs[slot].next;
        if (e->compute->jobs[slot].is_cancelled) {
            leave(e, slot);
            end_cancelled(e, slot);
        }
    }
}

/* Prefills that this iteration completed: each has said its first token. Those of one token are over. */
static void end_filling(engine *e, job_list *ended)
{
    server *work = e->work;
    int64_t now_ns = jw_world_time_ns(e->world);
    while (work->filling.first) {
        uint32_t slot = work->filling.first - 1;
        job *j = &e->compute->jobs[slot];
        uint64_t target = (uint64_t)j->items + j->produced;
        bool is_last = work->filling.last == slot + 1;
        if (j->is_cancelled) {
            work->blocks -= blocks_of(target);
            compute_take_out(e->compute, &work->filling, slot);
            end_cancelled(e, slot);
            continue;
        }
        if (is_last && j->filled + work->last_tokens < target) {
            j->filled += work->last_tokens;
            break;
        }
        compute_take_out(e->compute, &work->filling, slot);
        if (j->produced == 0)
            j->first_ns = now_ns;
        j->produced++;
        j->filled = 0;
        j->begin_step = work->step;
        e->compute->llm[e->in->service].output_tokens++;
        if (j->produced >= compute_llm_tokens(j)) {
            work->blocks -= blocks_of(target);
            compute_append(e->compute, ended, slot);
        } else if (sends(e)) {
            send_cache(e, slot);
        } else {
            begin(e, slot);
        }
    }
}

void compute_llm_event(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                       uint32_t index)
{
    engine e = engine_of(world, compute, site_slot, place, index);
    server *work = e.work;
    llm_stats *stats = &compute->llm[e.in->service];
    work->blocks += blocks_taken(work, work->run_steps);
    work->kv_tokens += work->run_steps * work->active.count;
    stats->output_tokens += (int64_t)(work->run_steps * work->active.count);
    stats->iterations += (int64_t)work->run_steps;
    work->step += work->run_steps;
    drop_cancelled(&e);
    /* Jobs that ended leave the lists before any port is called: a port may submit again. */
    job_list ended = {0, 0, 0};
    while (work->heap_count && compute_llm_last_step(&compute->jobs[work->heap[0]]) <= work->step) {
        uint32_t slot = work->heap[0];
        leave(&e, slot);
        compute_append(compute, &ended, slot);
    }
    end_filling(&e, &ended);
    compute_llm_start(world, compute, site_slot, place, index, true);
    compute_retire(world, compute, site_slot, place, index);
    while (ended.first) {
        uint32_t slot = ended.first - 1;
        ended.first = compute->jobs[slot].next;
        compute_llm_note(world, compute, slot);
        compute_finish(world, compute, slot);
    }
}

/* Blocks are free between iterations: an instance that stands begins, one that runs looks after its step. */
static void use_room(engine *e)
{
    if (e->work->count == 0 && (e->in->queue_first || e->work->swapped.first))
        compute_llm_start(e->world, e->compute, e->site_slot, e->place, e->index, false);
    else if (e->in->queue_first)
        cut_run(e);
}

/* Iterations that have ended by now, of a run of decoding alone: none of its sequences ends before the last.
 */
static void settle_run(engine *e)
{
    server *work = e->work;
    int64_t passed_ns = jw_world_time_ns(e->world) - work->begun_ns;
    uint64_t low = 0, high = work->is_filling || work->count == 0 ? 0 : work->run_steps - 1;
    while (low < high) {
        uint64_t middle = high - (high - low) / 2;
        if (run_ns(e, middle) <= passed_ns)
            low = middle;
        else
            high = middle - 1;
    }
    work->blocks += blocks_taken(work, low);
    work->kv_tokens += low * work->active.count;
    work->step += low;
    e->compute->llm[e->in->service].output_tokens += (int64_t)(low * work->active.count);
    e->compute->llm[e->in->service].iterations += (int64_t)low;
}

/* One that was cancelled in the iteration under way ends. */
static void requeue_wanted(engine *e, uint32_t slot)
{
    if (e->compute->jobs[slot].is_cancelled)
        end_cancelled(e, slot);
    else
        requeue(e, slot);
}

static void put_back(engine *e, job_list *list)
{
    while (list->last) {
        uint32_t slot = list->last - 1;
        compute_take_out(e->compute, list, slot);
        requeue_wanted(e, slot);
    }
}

void compute_llm_put_back(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place)
{
    installed *in = &compute->sites[site_slot].services[place];
    compute_note_busy(world, in);
    for (uint32_t i = in->server_count; i-- > 0;) {
        engine e = engine_of(world, compute, site_slot, place, i);
        server *work = e.work;
        settle_run(&e);
        put_back(&e, &work->filling);
        put_back(&e, &work->swapped);
        put_back(&e, &work->sending);
        while (work->active.last) {
            uint32_t slot = work->active.last - 1;
            leave(&e, slot);
            requeue_wanted(&e, slot);
        }
        compute_empty_server(work);
        if (i == 0)
            put_back(&e, &in->arrived);
    }
    in->busy_count = 0;
    compute_settle(world, compute, &compute->sites[site_slot]);
}

/* A cache has arrived: its blocks at the sender are free, and a decoding instance may begin. */
void compute_llm_cache_event(jw_world *world, jw_compute *compute, uint32_t slot)
{
    job *j = &compute->jobs[slot];
    uint32_t site_slot = j->site_slot, place = compute_place(&compute->sites[site_slot], j->service);
    engine e = engine_of(world, compute, site_slot, place, j->server);
    e.work->blocks -= compute_llm_blocks(j, j->begin_step);
    compute_take_out(compute, &e.work->sending, slot);
    j->stage = STAGE_ARRIVED;
    compute_append(compute, &e.in->arrived, slot);
    wake(world, compute, site_slot, place, false);
    use_room(&e);
}

/* It leaves at once when it is not in an iteration; else at the end of the one under way, as engines abort a
 * sequence: what it holds is free for the next. */
void compute_llm_cancel(jw_world *world, jw_compute *compute, uint32_t slot)
{
    job *j = &compute->jobs[slot];
    uint32_t site_slot = j->site_slot, place = compute_place(&compute->sites[site_slot], j->service);
    engine e = engine_of(world, compute, site_slot, place, j->server);
    job_stage stage = (job_stage)j->stage;
    if (stage == STAGE_FILLING || stage == STAGE_ACTIVE) {
        e.work->cancelled++;
        cut_run(&e);
        return;
    }
    if (stage == STAGE_SENDING)
        e.work->blocks -= compute_llm_blocks(j, j->begin_step);
    compute_take_out(compute,
                     stage == STAGE_SENDING   ? &e.work->sending
                     : stage == STAGE_SWAPPED ? &e.work->swapped
                                              : &e.in->arrived,
                     slot);
    compute->sites[site_slot].running--;
    compute_end_cancelled(compute, slot);
    if (stage == STAGE_ARRIVED)
        wake(world, compute, site_slot, place, false); /* the next may need less room */
    else
        use_room(&e);
    compute_retire(world, compute, site_slot, place, e.index);
}
