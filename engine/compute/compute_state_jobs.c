/* Saving and loading of jobs: the lists' order and what each job is; counts, heaps and blocks follow from
 * them and are made again. */
#include "compute/compute_internal.h"

#define STEPS_MAX (UINT64_C(1) << 62)
#define NOT_MET   JW_NONE /* `previous` of a job that no list has named yet: none is in two places */

void compute_save_jobs(const jw_compute *compute, jw_writer *writer)
{
    jw_pool_save(&compute->job_pool, writer);
    for (uint32_t i = 0; i < compute->job_pool.slot_count; i++) {
        const job *j = &compute->jobs[i];
        jw_write_u32(writer, j->next);
        jw_write_u32(writer, j->site_slot);
        jw_write_u32(writer, j->service);
        jw_write_u32(writer, j->items);
        jw_write_u32(writer, j->output_tokens);
        jw_write_u32(writer, j->version);
        jw_write_u8(writer, j->phase);
        jw_write_u8(writer, j->reject);
        jw_write_u8(writer, j->is_cancelled);
        jw_write_u8(writer, j->stage);
        jw_write_u32(writer, j->server);
        jw_write_u32(writer, j->produced);
        jw_write_u64(writer, j->begin_step);
        jw_write_u64(writer, j->filled);
        jw_write_i64(writer, j->progress_ns);
        jw_write_i64(writer, j->cache_ns);
        jw_write_u64(writer, j->tag);
        jw_write_i64(writer, j->submitted_ns);
        jw_write_i64(writer, j->first_ns);
    }
}

static void load_job(const jw_world *world, const jw_compute *compute, jw_reader *reader, uint32_t slot)
{
    job *j = &compute->jobs[slot];
    j->previous = NOT_MET;
    j->next = jw_read_u32(reader);
    j->site_slot = jw_read_u32(reader);
    j->service = jw_read_u32(reader);
    j->items = jw_read_u32(reader);
    j->output_tokens = jw_read_u32(reader);
    j->version = jw_read_u32(reader);
    j->phase = jw_read_u8(reader);
    j->reject = jw_read_u8(reader);
    j->is_cancelled = jw_read_u8(reader);
    j->stage = jw_read_u8(reader);
    j->server = jw_read_u32(reader);
    j->produced = jw_read_u32(reader);
    j->begin_step = jw_read_u64(reader);
    j->filled = jw_read_u64(reader);
    j->progress_ns = jw_read_i64(reader);
    j->cache_ns = jw_read_i64(reader);
    j->tag = jw_read_u64(reader);
    j->submitted_ns = jw_read_i64(reader);
    j->first_ns = jw_read_i64(reader);
    if (!(compute->job_pool.generations[slot] & 1))
        return;
    if (j->next > compute->job_pool.slot_count || j->site_slot >= compute->site_pool.slot_count ||
        j->service >= compute->service_count || j->items == 0 || j->phase > JOB_REJECTING ||
        j->reject > JW_REJECT_CANCELLED || j->is_cancelled > 1 || j->stage > STAGE_ARRIVED ||
        (j->phase != JOB_RUNNING && j->stage != STAGE_NONE) || j->progress_ns < 0 || j->cache_ns < 0 ||
        j->progress_ns > jw_world_time_ns(world) || j->submitted_ns < 0 ||
        j->submitted_ns > jw_world_time_ns(world) || j->begin_step > STEPS_MAX ||
        (j->produced > 0 && (j->produced >= compute_llm_tokens(j) || j->first_ns < j->submitted_ns ||
                             j->first_ns > jw_world_time_ns(world))))
        jw_reader_fail(reader, "job %u is out of range", slot);
}

typedef struct lister {
    jw_compute *compute;
    uint32_t site_slot, service;
    uint32_t left; /* jobs not yet met; JW_NONE: no memory */
} lister;

/* The job at `at` of a list, if it may be there. */
static bool is_member(lister *l, uint32_t at, job_phase phase, job_stage stage)
{
    if (at > l->compute->job_pool.slot_count || !(l->compute->job_pool.generations[at - 1] & 1))
        return false;
    job *j = &l->compute->jobs[at - 1];
    if (j->previous != NOT_MET)
        return false;
    j->previous = 0;
    l->left--;
    return j->site_slot == l->site_slot && j->service == l->service && j->phase == phase && j->stage == stage;
}

/* Makes the list again from its first and the jobs' order. */
static bool relink(lister *l, job_list *list, job_stage stage, uint32_t server_index)
{
    uint32_t at = list->first;
    *list = (job_list){0, 0, 0};
    while (at) {
        if (!is_member(l, at, JOB_RUNNING, stage))
            return false;
        job *j = &l->compute->jobs[at - 1];
        if (stage != STAGE_NONE && ((server_index != JW_NONE && j->server != server_index) ||
                                    (stage != STAGE_FILLING && j->produced == 0)))
            return false;
        uint32_t next = j->next;
        compute_append(l->compute, list, at - 1);
        at = next;
    }
    return true;
}

/* The active sequences of an instance, with heap and cache. */
static bool join_again(lister *l, server *work, uint32_t index)
{
    uint32_t at = work->active.first;
    work->active = (job_list){0, 0, 0};
    while (at) {
        if (!is_member(l, at, JOB_RUNNING, STAGE_ACTIVE))
            return false;
        job *j = &l->compute->jobs[at - 1];
        uint32_t next = j->next;
        if (j->server != index || j->produced == 0 || j->begin_step > work->step ||
            compute_llm_last_step(j) <= work->step)
            return false;
        if (!compute_llm_join(l->compute, work, at - 1)) {
            l->left = JW_NONE; /* no memory */
            return false;
        }
        work->blocks += compute_llm_blocks(j, work->step);
        at = next;
    }
    return true;
}

static bool is_llm_server_sound(const jw_world *world, lister *l, const installed *in, server *work,
                                uint32_t index)
{
    if (work->step > STEPS_MAX || work->begun_ns < 0 || work->begun_ns > jw_world_time_ns(world) ||
        work->link_free_ns < 0 || work->link_free_ns > jw_world_time_ns(world) + LINK_MAX_NS ||
        !join_again(l, work, index) || !relink(l, &work->filling, STAGE_FILLING, index) ||
        !relink(l, &work->swapped, STAGE_SWAPPED, JW_NONE) ||
        !relink(l, &work->sending, STAGE_SENDING, index))
        return false;
    for (uint32_t at = work->filling.first; at; at = l->compute->jobs[at - 1].next) {
        const job *j = &l->compute->jobs[at - 1];
        uint64_t target = (uint64_t)j->items + j->produced;
        if (j->filled >= target || (at == work->filling.last && work->last_tokens > target - j->filled))
            return false;
        work->blocks += compute_llm_blocks(j, work->step);
    }
    for (uint32_t at = work->sending.first; at; at = l->compute->jobs[at - 1].next) {
        const job *j = &l->compute->jobs[at - 1];
        work->blocks += compute_llm_blocks(j, j->begin_step);
    }
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t at = i ? work->filling.first : work->active.first; at;
             at = l->compute->jobs[at - 1].next)
            work->cancelled += l->compute->jobs[at - 1].is_cancelled;
    work->count = work->active.count + work->filling.count;
    work->is_filling = work->filling.count > 0;
    if (work->count == 0)
        return work->blocks <= in->block_count;
    return work->run_steps > 0 && compute_llm_run_fits(l->compute, in, work);
}

static bool is_other_server_sound(const jw_world *world, const lister *l, const server *work, uint32_t index)
{
    const jw_service *service = &l->compute->services[l->service];
    bool is_single = service->kind == JW_SERVICE_FUNCTION || service->kind == JW_SERVICE_TRAINING;
    for (uint32_t at = work->active.first; at; at = l->compute->jobs[at - 1].next)
        if (l->compute->jobs[at - 1].server != index)
            return false;
    return work->begun_ns >= 0 && work->begun_ns <= jw_world_time_ns(world) && work->warm_until_ns >= 0 &&
           work->warm_until_ns <= jw_world_time_ns(world) + jw_ns_from_s(service->keep_alive_s) &&
           (!is_single || work->active.count <= 1);
}

static bool is_installed_sound(const jw_world *world, lister *l, installed *in)
{
    bool is_llm = l->compute->services[in->service].kind == JW_SERVICE_LLM;
    in->busy_count = 0;
    for (uint32_t i = 0; i < in->server_count; i++) {
        server *work = &in->servers[i];
        if (is_llm) {
            if (!is_llm_server_sound(world, l, in, work, i))
                return false;
        } else {
            if (!relink(l, &work->active, STAGE_NONE, JW_NONE) || work->filling.first ||
                work->swapped.first || work->sending.first || !is_other_server_sound(world, l, work, i))
                return false;
            work->count = work->active.count;
        }
        in->busy_count += work->count > 0;
        if (work->off & (OFF_SCALED | OFF_STARTING | OFF_CARD | OFF_RACK) && !compute_is_server_empty(work))
            return false;
    }
    if (!relink(l, &in->arrived, STAGE_ARRIVED, JW_NONE))
        return false;
    in->queue_count = in->queue_last = 0;
    for (uint32_t at = in->queue_first; at; at = l->compute->jobs[at - 1].next) {
        if (!is_member(l, at, JOB_QUEUED, STAGE_NONE))
            return false;
        in->queue_last = at;
        in->queue_count++;
    }
    return true;
}

/* Every job is in its place, and all counts are those of the jobs. */
static void check_jobs(const jw_world *world, jw_compute *compute, jw_reader *reader)
{
    lister l = {.compute = compute, .left = compute->job_pool.alive_count};
    uint64_t queued = 0, running = 0;
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++) {
        compute_site *s = &compute->sites[i];
        uint32_t before = l.left, waiting = 0;
        for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
            if (s->services[p].service == JW_NONE)
                continue;
            l.site_slot = i;
            l.service = s->services[p].service;
            if (!is_installed_sound(world, &l, &s->services[p])) {
                if (l.left == JW_NONE)
                    jw_reader_fail_memory(reader);
                else
                    jw_reader_fail(reader, "a queue of site \"%s\" is damaged", s->def.name);
                return;
            }
            waiting += s->services[p].queue_count;
        }
        /* Those to be rejected count as queued and are in no list. */
        if (s->running != before - l.left - waiting || s->queued < waiting) {
            jw_reader_fail(reader, "site \"%s\" counts other jobs than it holds", s->def.name);
            return;
        }
        queued += s->queued;
        running += s->running;
    }
    uint32_t rejecting = 0;
    for (uint32_t i = 0; i < compute->job_pool.slot_count; i++)
        rejecting += (compute->job_pool.generations[i] & 1) && compute->jobs[i].phase == JOB_REJECTING;
    if (l.left != rejecting || queued + running != compute->job_pool.alive_count || compute->done < 0 ||
        compute->rejected < 0 || compute->done > INT64_MAX / 4 || compute->rejected > INT64_MAX / 4 ||
        compute->submitted != compute->done + compute->rejected + (int64_t)(queued + running))
        jw_reader_fail(reader, "the counts of jobs do not add up");
}

void compute_load_jobs(const jw_world *world, jw_compute *compute, jw_reader *reader)
{
    jw_pool_load(&compute->job_pool, reader);
    if (reader->failed)
        return;
    if (jw_grow(&compute->jobs, &compute->job_capacity, compute->job_pool.slot_count, sizeof *compute->jobs,
                NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < compute->job_pool.slot_count; i++)
        load_job(world, compute, reader, i);
    if (!reader->failed)
        check_jobs(world, compute, reader);
}
