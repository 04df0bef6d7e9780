/* Queues and servers: what happens between submit and done. */
#include "compute/compute_internal.h"

void compute_append(jw_compute *compute, job_list *list, uint32_t slot)
{
    job *j = &compute->jobs[slot];
    j->next = 0;
    j->previous = list->last;
    if (list->last)
        compute->jobs[list->last - 1].next = slot + 1;
    else
        list->first = slot + 1;
    list->last = slot + 1;
    list->count++;
}

void compute_take_out(jw_compute *compute, job_list *list, uint32_t slot)
{
    job *j = &compute->jobs[slot];
    if (j->previous)
        compute->jobs[j->previous - 1].next = j->next;
    else
        list->first = j->next;
    if (j->next)
        compute->jobs[j->next - 1].previous = j->previous;
    else
        list->last = j->previous;
    list->count--;
    j->next = j->previous = 0;
}

void compute_free_servers(installed *in)
{
    for (uint32_t i = 0; i < in->server_count; i++)
        jw_free(in->servers[i].heap);
    jw_free(in->servers);
}

void compute_finish(jw_world *world, jw_compute *compute, uint32_t job_slot)
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
    s->done++;
    compute->done++;
    compute->service_done[ended.service]++;
    compute->jobs[job_slot] = (job){0};
    jw_pool_give(&compute->job_pool, job_slot);
    if (compute->ports.job_done)
        compute->ports.job_done(world, ended.tag, ended.version);
}

void compute_reject_later(jw_world *world, jw_compute *compute, uint32_t job_slot, jw_reject why)
{
    job *j = &compute->jobs[job_slot];
    j->phase = JOB_REJECTING;
    j->reject = (uint8_t)why;
    j->stage = STAGE_NONE;
    j->next = 0;
    jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, (uint16_t)compute->module, EVENT_REJECT,
                job_slot + 1, compute->job_pool.generations[job_slot]);
}

uint32_t compute_pop(jw_compute *compute, compute_site *s, installed *in)
{
    uint32_t slot = in->queue_first - 1;
    in->queue_first = compute->jobs[slot].next;
    if (in->queue_first == 0)
        in->queue_last = 0;
    in->queue_count--;
    s->queued--;
    s->running++;
    job *j = &compute->jobs[slot];
    j->next = 0;
    j->phase = JOB_RUNNING;
    if (j->produced == 0) /* one that was preempted goes on with the version it began with */
        j->version = in->version;
    return slot;
}

void compute_tell_began(jw_world *world, const jw_compute *compute, uint32_t job_slot, uint32_t jobs)
{
    if (compute->ports.job_began)
        compute->ports.job_began(world, compute->jobs[job_slot].tag, jobs);
}

uint32_t compute_max_batch(const jw_service *service)
{
    return service->max_batch ? service->max_batch : 16;
}

void compute_schedule_server(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                             uint32_t server_index, int64_t at_ns)
{
    server *work = &compute->sites[site_slot].services[place].servers[server_index];
    work->generation = ++compute->next_generation;
    uint64_t b = (uint64_t)work->generation << 32 | place << 16 | server_index;
    jw_schedule(world, at_ns, JW_PRIORITY_NORMAL, (uint16_t)compute->module, EVENT_SERVER, site_slot + 1, b);
}

void compute_requeue(jw_compute *compute, compute_site *s, installed *in, uint32_t job_slot)
{
    job *j = &compute->jobs[job_slot];
    j->phase = JOB_QUEUED;
    j->next = in->queue_first;
    in->queue_first = job_slot + 1;
    if (in->queue_last == 0)
        in->queue_last = job_slot + 1;
    in->queue_count++;
    s->queued++;
    s->running--;
}

/* Takes what waits into a free server: a batch of pictures, one job of others. */
static void start_work(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                       uint32_t server_index)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    server *work = &in->servers[server_index];
    const jw_service *service = &compute->services[in->service];
    uint32_t items = 0, most = service->kind == JW_SERVICE_VISION ? compute_max_batch(service) : 0;
    while (work->off == 0 && in->queue_first &&
           (work->active.count == 0 ? compute_may_begin(world, compute, in)
                                    : (uint64_t)items + compute->jobs[in->queue_first - 1].items <= most)) {
        uint32_t slot = compute_pop(compute, s, in);
        items += compute->jobs[slot].items;
        compute->jobs[slot].server = server_index;
        compute_append(compute, &work->active, slot);
    }
    work->count = work->active.count;
    if (work->count > 0) {
        compute_note_busy(world, in);
        in->busy_count++;
        work->begun_ns = jw_world_time_ns(world);
        compute_schedule_server(world, compute, site_slot, place, server_index,
                                work->begun_ns + compute_work_ns(world, compute, s, in, work, items));
        for (uint32_t at = work->active.first; at; at = compute->jobs[at - 1].next)
            compute_tell_began(world, compute, at - 1, work->count);
    }
    compute_settle(world, compute, s);
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
    if (compute->services[in->service].kind == JW_SERVICE_LLM) {
        /* Behind another one it waits until that is admitted. */
        if (in->queue_count == 1 || in->busy_count < in->server_count)
            compute_llm_wake(world, compute, site_slot, place);
        return;
    }
    compute_open_window(world, compute, job_slot);
    if (in->busy_count < in->server_count || compute->services[in->service].kind == JW_SERVICE_STREAM)
        compute_wake(world, compute, site_slot, place);
}

void compute_note_busy(const jw_world *world, installed *in)
{
    int64_t now_ns = jw_world_time_ns(world);
    in->scale.busy_ns += in->busy_count * (now_ns - in->scale.busy_since_ns);
    in->scale.busy_since_ns = now_ns;
}

void compute_wake(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place)
{
    installed *in = &compute->sites[site_slot].services[place];
    if (compute->services[in->service].kind == JW_SERVICE_LLM) {
        compute_llm_wake(world, compute, site_slot, place);
        return;
    }
    if (compute->services[in->service].kind == JW_SERVICE_STREAM) {
        if (in->queue_first)
            compute_start_stream(world, compute, site_slot, place);
        return;
    }
    while (compute_may_begin(world, compute, in)) {
        uint32_t index = compute_pick_server(world, compute, in);
        if (index == JW_NONE)
            return;
        start_work(world, compute, site_slot, place, index);
    }
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
    if (compute->services[in->service].kind == JW_SERVICE_LLM) {
        compute_llm_event(world, compute, site_slot, place, index);
        return;
    }
    /* Jobs that ended leave the server before any port is called: a port may submit again. */
    server *work = &in->servers[index];
    uint32_t ended = work->active.first;
    work->active = (job_list){0, 0, 0};
    work->count = 0;
    if (compute->services[in->service].kind == JW_SERVICE_FUNCTION)
        work->warm_until_ns =
            jw_world_time_ns(world) + jw_ns_from_s(compute->services[in->service].keep_alive_s);
    compute_note_busy(world, in);
    in->busy_count--;
    start_work(world, compute, site_slot, place, index);
    compute_retire(world, compute, site_slot, place, index);
    while (ended) {
        uint32_t slot = ended - 1;
        ended = compute->jobs[slot].next;
        compute_finish(world, compute, slot);
    }
}

static void reject_list(jw_world *world, jw_compute *compute, compute_site *s, job_list *list, jw_reject why)
{
    while (list->first) {
        uint32_t slot = list->first - 1;
        compute_take_out(compute, list, slot);
        s->running--;
        s->queued++; /* until its rejection is said */
        compute_reject_later(world, compute, slot, why);
    }
}

void compute_empty_server(server *work)
{
    server kept = *work;
    *work = (server){.heap = kept.heap,
                     .heap_capacity = kept.heap_capacity,
                     .off = kept.off,
                     .failed = kept.failed,
                     /* the event of one that loads its model still comes */
                     .generation = kept.off & OFF_STARTING ? kept.generation : 0};
}

void compute_clear_server(jw_world *world, jw_compute *compute, compute_site *s, server *work, jw_reject why)
{
    if (work->active.first && why == JW_REJECT_FAILED &&
        compute->services[compute->jobs[work->active.first - 1].service].kind == JW_SERVICE_TRAINING)
        compute_interrupt_training(world, compute, s, work);
    reject_list(world, compute, s, &work->active, why);
    reject_list(world, compute, s, &work->filling, why);
    reject_list(world, compute, s, &work->swapped, why);
    reject_list(world, compute, s, &work->sending, why);
    compute_empty_server(work);
}

void compute_clear(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place, jw_reject why)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    for (uint32_t i = 0; i < in->server_count; i++)
        compute_clear_server(world, compute, s, &in->servers[i], why);
    reject_list(world, compute, s, &in->arrived, why);
    /* Trainings wait until what failed is repaired. */
    bool is_kept = why == JW_REJECT_FAILED && compute->services[in->service].kind == JW_SERVICE_TRAINING;
    while (in->queue_first && !is_kept) {
        uint32_t slot = in->queue_first - 1;
        in->queue_first = compute->jobs[slot].next;
        in->queue_count--;
        compute_reject_later(world, compute, slot, why);
    }
    if (in->queue_first == 0)
        in->queue_last = 0;
    compute_note_busy(world, in);
    in->busy_count = 0;
    compute_settle(world, compute, s);
}
