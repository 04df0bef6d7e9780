/* Jobs that their senders no longer want: what waits leaves its queue, what is in work stops. */
#include "compute/compute_internal.h"

/* Takes a waiting job out of its queue. */
static void unlink_waiting(jw_compute *compute, installed *in, uint32_t slot)
{
    uint32_t before = 0, *link = &in->queue_first;
    while (*link != slot + 1) {
        before = *link;
        link = &compute->jobs[before - 1].next;
    }
    *link = compute->jobs[slot].next;
    if (in->queue_last == slot + 1)
        in->queue_last = before;
    in->queue_count--;
}

/* It is in no list any more. */
void compute_end_cancelled(jw_compute *compute, uint32_t slot)
{
    compute_site *s = &compute->sites[compute->jobs[slot].site_slot];
    s->rejected++;
    compute->rejected++;
    compute->jobs[slot] = (job){0};
    jw_pool_give(&compute->job_pool, slot);
}

/* In work, not of a language model: its server goes on with the rest of a batch, which takes as long as
 * before, and is free when there is none. */
static void stop(jw_world *world, jw_compute *compute, uint32_t slot)
{
    const job *j = &compute->jobs[slot];
    uint32_t site_slot = j->site_slot, index = j->server;
    compute_site *s = &compute->sites[site_slot];
    uint32_t place = compute_place(s, j->service);
    installed *in = &s->services[place];
    const jw_service *service = &compute->services[in->service];
    server *work = &in->servers[index];
    compute_take_out(compute, &work->active, slot);
    s->running--;
    compute_end_cancelled(compute, slot);
    work->count = work->active.count;
    if (work->count == 0) {
        compute_note_busy(world, in);
        in->busy_count--;
        work->generation = ++compute->next_generation;
        if (service->kind == JW_SERVICE_FUNCTION)
            work->warm_until_ns = jw_world_time_ns(world) + jw_ns_from_s(service->keep_alive_s);
        if (in->queue_first)
            compute_wake(world, compute, site_slot, place);
        compute_retire(world, compute, site_slot, place, index);
    }
    compute_settle(world, compute, s);
}

void jw_compute_cancel(jw_world *world, jw_compute *compute, jw_job_id id)
{
    if (!jw_pool_is_alive(&compute->job_pool, id.index1, id.generation))
        return;
    uint32_t slot = id.index1 - 1;
    job *j = &compute->jobs[slot];
    if (j->is_cancelled)
        return;
    j->is_cancelled = 1;
    if (j->phase == JOB_REJECTING) /* its end is told to nobody */
        return;
    uint32_t site_slot = j->site_slot, service = j->service;
    bool is_llm = compute->services[service].kind == JW_SERVICE_LLM;
    compute->service_counts[service].cancelled++;
    if (j->phase == JOB_RUNNING) {
        if (is_llm)
            compute_llm_cancel(world, compute, slot);
        else
            stop(world, compute, slot);
        return;
    }
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[compute_place(s, service)];
    bool was_first = in->queue_first == slot + 1;
    unlink_waiting(compute, in, slot);
    s->queued--;
    compute_end_cancelled(compute, slot);
    if (was_first && is_llm) /* the next may need less room */
        compute_llm_wake(world, compute, site_slot, (uint32_t)(in - s->services));
}
