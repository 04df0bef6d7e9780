/* Queues and servers: what happens between submit and done. */
#include "compute/compute_internal.h"

static void finish(jw_world *world, jw_compute *compute, uint32_t job_slot)
{
    job ended = compute->jobs[job_slot];
    compute_site *s = &compute->sites[ended.site_slot];
    int64_t now_ns = jw_world_time_ns(world);
    double time_s = jw_s_from_ns(now_ns - ended.submitted_ns);
    /* Mean of recent jobs, forgetting over 60 s. */
    double keep = s->mean_time_s > 0 ? jw_exp(-jw_s_from_ns(now_ns - s->mean_since_ns) / 60) : 0;
    s->mean_time_s =
        keep > 0.9 ? 0.9 * s->mean_time_s + 0.1 * time_s : keep * s->mean_time_s + (1 - keep) * time_s;
    s->mean_since_ns = now_ns;
    s->running--;
    if (ended.is_cancelled) {
        s->rejected++;
        compute->rejected++;
    } else {
        s->done++;
        compute->done++;
        compute->service_done[ended.service]++;
    }
    compute->jobs[job_slot] = (job){0};
    jw_pool_give(&compute->job_pool, job_slot);
    if (compute->ports.job_done && !ended.is_cancelled)
        compute->ports.job_done(world, ended.tag, ended.version);
}

void compute_reject_later(jw_world *world, jw_compute *compute, uint32_t job_slot, jw_reject why)
{
    job *j = &compute->jobs[job_slot];
    j->phase = JOB_REJECTING;
    j->reject = (uint8_t)why;
    j->next = 0;
    jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, (uint16_t)compute->module, EVENT_REJECT,
                job_slot + 1, compute->job_pool.generations[job_slot]);
}

static uint32_t pop(jw_compute *compute, compute_site *s, installed *in)
{
    uint32_t slot = in->queue_first - 1;
    in->queue_first = compute->jobs[slot].next;
    if (in->queue_first == 0)
        in->queue_last = 0;
    in->queue_count--;
    s->queued--;
    s->running++;
    compute->jobs[slot].next = 0;
    compute->jobs[slot].phase = JOB_RUNNING;
    compute->jobs[slot].version = in->version;
    return slot;
}

static uint32_t max_batch(const jw_service *service)
{
    return service->max_batch ? service->max_batch : 16;
}

static void schedule(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                     uint32_t server_index, double after_s)
{
    server *work = &compute->sites[site_slot].services[place].servers[server_index];
    work->generation = ++compute->next_generation;
    /* A year at most: a request that takes longer is late for anyone, and no sum of times overflows. */
    int64_t at_ns = jw_world_time_ns(world) + (int64_t)jw_clamp(jw_round(after_s * 1e9), 1, 3.2e16);
    uint64_t b = (uint64_t)work->generation << 32 | place << 16 | server_index;
    jw_schedule(world, at_ns, JW_PRIORITY_NORMAL, (uint16_t)compute->module, EVENT_SERVER, site_slot + 1, b);
}

/* Takes what waits into a free vision server. */
static void start_batch(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                        uint32_t server_index)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    server *work = &in->servers[server_index];
    const jw_service *service = &compute->services[in->service];
    uint32_t items = 0, last = 0;
    while (in->queue_first &&
           (work->count == 0 || items + compute->jobs[in->queue_first - 1].items <= max_batch(service))) {
        uint32_t slot = pop(compute, s, in);
        items += compute->jobs[slot].items;
        if (last)
            compute->jobs[last - 1].next = slot + 1;
        else
            work->first = slot + 1;
        last = slot + 1;
        work->count++;
    }
    if (work->count == 0)
        return;
    in->busy_count++;
    const jw_card *card = &compute->cards[s->rack_card[in->rack]];
    schedule(world, compute, site_slot, place, server_index, jw_vision_batch_s(service, card, items));
}

/* One step of an LLM server: admits what fits, and says how long the step takes. */
static void start_step(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                       uint32_t server_index)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    server *work = &in->servers[server_index];
    const jw_service *service = &compute->services[in->service];
    const jw_card *card = &compute->cards[s->rack_card[in->rack]];
    uint32_t cards = in->cards / in->server_count;
    uint64_t capacity = compute_kv_capacity(service, card);
    bool was_busy = work->count > 0;
    double duration_s = 0;
    while (in->queue_first && work->count < max_batch(service)) {
        const job *next = &compute->jobs[in->queue_first - 1];
        uint64_t need = (uint64_t)next->items + next->output_tokens;
        if (work->kv_tokens + need > capacity)
            break; /* first come, first served: a long one is not overtaken */
        uint32_t slot = pop(compute, s, in);
        job *j = &compute->jobs[slot];
        j->tokens_left = j->output_tokens ? j->output_tokens : 1;
        j->next = work->first;
        work->first = slot + 1;
        work->count++;
        work->kv_tokens += need;
        duration_s += jw_llm_prefill_s(service, card, cards, j->items);
    }
    in->busy_count += (work->count > 0) - was_busy;
    if (work->count == 0)
        return;
    duration_s += jw_llm_step_s(service, card, cards, (double)work->kv_tokens);
    schedule(world, compute, site_slot, place, server_index, duration_s);
}

static void start(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                  uint32_t server_index)
{
    uint32_t service = compute->sites[site_slot].services[place].service;
    if (compute->services[service].kind == JW_SERVICE_VISION)
        start_batch(world, compute, site_slot, place, server_index);
    else
        start_step(world, compute, site_slot, place, server_index);
    compute_settle(world, compute, &compute->sites[site_slot]);
}

void compute_enqueue(jw_world *world, jw_compute *compute, uint32_t job_slot, uint32_t site_slot,
                     uint32_t place)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    if (in->queue_last)
        compute->jobs[in->queue_last - 1].next = job_slot + 1;
    else
        in->queue_first = job_slot + 1;
    in->queue_last = job_slot + 1;
    in->queue_count++;
    s->queued++;
    /* An idle server takes it at once; a busy LLM server admits at its next step. Lowest number first. */
    for (uint32_t i = 0; in->busy_count < in->server_count && i < in->server_count; i++)
        if (in->servers[i].count == 0) {
            start(world, compute, site_slot, place, i);
            return;
        }
}

/* Jobs that ended leave the server's list before any port is called: a port may submit again. */
static uint32_t take_ended(jw_compute *compute, server *work, bool is_vision, uint32_t *out_first)
{
    uint32_t ended = 0, count = 0, *tail = &ended, *link = &work->first;
    while (*link) {
        uint32_t slot1 = *link;
        job *j = &compute->jobs[slot1 - 1];
        bool is_over = is_vision || --j->tokens_left == 0;
        if (!is_over) {
            link = &j->next;
            continue;
        }
        *link = j->next;
        j->next = 0;
        *tail = slot1;
        tail = &j->next;
        work->count--;
        work->kv_tokens -= is_vision ? 0 : (uint64_t)j->items + j->output_tokens;
        count++;
    }
    *out_first = ended;
    return count;
}

void compute_server_event(jw_world *world, jw_compute *compute, const jw_event *event)
{
    uint32_t site_slot = event->a - 1, place = (uint32_t)(event->b >> 16 & 0xFFFF),
             index = (uint32_t)(event->b & 0xFFFF);
    if (site_slot >= compute->site_pool.slot_count || place >= SERVICES_PER_SITE)
        return;
    installed *in = &compute->sites[site_slot].services[place];
    if (in->service == JW_NONE || index >= in->server_count || in->servers[index].count == 0 ||
        in->servers[index].generation != (uint32_t)(event->b >> 32))
        return;
    server *work = &in->servers[index];
    bool is_vision = compute->services[in->service].kind == JW_SERVICE_VISION;
    uint32_t ended;
    take_ended(compute, work, is_vision, &ended);
    if (work->count == 0)
        in->busy_count--;
    start(world, compute, site_slot, place, index);
    while (ended) {
        uint32_t slot = ended - 1;
        ended = compute->jobs[slot].next;
        finish(world, compute, slot);
    }
}

void compute_clear(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place, jw_reject why)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    for (uint32_t i = 0; i < in->server_count; i++) {
        server *work = &in->servers[i];
        while (work->first) {
            uint32_t slot = work->first - 1;
            work->first = compute->jobs[slot].next;
            s->running--;
            s->queued++; /* until its rejection is said */
            compute_reject_later(world, compute, slot, why);
        }
        work->count = 0;
        work->kv_tokens = 0;
    }
    while (in->queue_first) {
        uint32_t slot = in->queue_first - 1;
        in->queue_first = compute->jobs[slot].next;
        compute_reject_later(world, compute, slot, why);
    }
    in->queue_last = in->queue_count = in->busy_count = 0;
    compute_settle(world, compute, s);
}
