/* What services other than language models do while a job is in work: batches that wait for more pictures,
 * functions with cold starts, trainings with checkpoints, streams that hold a share of a card. */
#include "compute/compute_internal.h"

/* ---- vision: a window in which a batch fills ---- */

bool compute_may_begin(const jw_world *world, const jw_compute *compute, const installed *in)
{
    const jw_service *service = &compute->services[in->service];
    if (in->queue_first == 0)
        return false;
    if (service->kind != JW_SERVICE_VISION || service->max_wait_s <= 0)
        return true;
    const job *first = &compute->jobs[in->queue_first - 1];
    if (jw_world_time_ns(world) - first->submitted_ns >= jw_ns_from_s(service->max_wait_s))
        return true;
    uint64_t items = 0;
    for (uint32_t at = in->queue_first; at && items < compute_max_batch(service);
         at = compute->jobs[at - 1].next)
        items += compute->jobs[at - 1].items;
    return items >= compute_max_batch(service);
}

/* Its batch begins then at the latest, if a server is free. */
void compute_open_window(jw_world *world, const jw_compute *compute, uint32_t job_slot)
{
    const job *j = &compute->jobs[job_slot];
    const jw_service *service = &compute->services[j->service];
    if (service->kind == JW_SERVICE_VISION && service->max_wait_s > 0)
        jw_schedule(world, j->submitted_ns + jw_ns_from_s(service->max_wait_s), JW_PRIORITY_NORMAL,
                    (uint16_t)compute->module, EVENT_JOB, job_slot + 1,
                    compute->job_pool.generations[job_slot]);
}

/* ---- functions: the server that was used last is the one that is warm longest ---- */

uint32_t compute_pick_server(const jw_world *world, const jw_compute *compute, const installed *in)
{
    bool is_function = compute->services[in->service].kind == JW_SERVICE_FUNCTION;
    uint32_t best = JW_NONE;
    for (uint32_t i = 0; i < in->server_count; i++) {
        const server *work = &in->servers[i];
        if (work->count > 0 || work->off)
            continue;
        if (!is_function)
            return i;
        bool is_warm = work->warm_until_ns >= jw_world_time_ns(world);
        if (best == JW_NONE || (is_warm && work->warm_until_ns > in->servers[best].warm_until_ns))
            best = i;
    }
    return best;
}

static int64_t start_ns(const jw_world *world, jw_compute *compute, const installed *in, const server *work)
{
    const jw_service *service = &compute->services[in->service];
    if (service->kind != JW_SERVICE_FUNCTION || service->cold_start_s <= 0 ||
        (work->warm_until_ns > 0 && work->warm_until_ns >= jw_world_time_ns(world)))
        return 0;
    compute->service_counts[in->service].cold_starts++;
    return jw_ns_from_s(service->cold_start_s);
}

/* ---- training: progress is what the last checkpoint holds ---- */

static int64_t bounded_ns(double seconds)
{
    return (int64_t)jw_clamp(jw_round(seconds * 1e9), 1, (double)RUN_MAX_NS);
}

static int64_t training_ns(const jw_service *service, int64_t work_ns)
{
    int64_t interval_ns = jw_ns_from_s(service->checkpoint_interval_s),
            cost_ns = jw_ns_from_s(service->checkpoint_s);
    if (interval_ns <= 0 || work_ns <= 0)
        return work_ns > 0 ? work_ns : 1;
    int64_t checkpoints = (work_ns - 1) / interval_ns; /* none at the very end */
    return cost_ns > 0 && checkpoints > (RUN_MAX_NS - work_ns) / cost_ns ? RUN_MAX_NS
                                                                         : work_ns + checkpoints * cost_ns;
}

int64_t compute_work_ns(const jw_world *world, jw_compute *compute, const compute_site *s,
                        const installed *in, const server *work, uint32_t items)
{
    const jw_service *service = &compute->services[in->service];
    int64_t work_ns =
        bounded_ns(jw_vision_batch_s(&in->served, &compute->cards[s->rack_card[in->rack]], items));
    if (service->kind == JW_SERVICE_TRAINING) {
        const job *j = &compute->jobs[work->active.first - 1];
        return training_ns(service, work_ns > j->progress_ns ? work_ns - j->progress_ns : 1);
    }
    return start_ns(world, compute, in, work) + work_ns;
}

/* A training loses its server: it waits, as the first, with what its last checkpoint holds. */
void compute_interrupt_training(jw_world *world, jw_compute *compute, compute_site *s, server *work)
{
    uint32_t slot = work->active.first - 1;
    job *j = &compute->jobs[slot];
    const jw_service *service = &compute->services[j->service];
    installed *in = &s->services[compute_place(s, j->service)];
    int64_t passed_ns = jw_world_time_ns(world) - work->begun_ns;
    int64_t interval_ns = jw_ns_from_s(service->checkpoint_interval_s),
            cycle_ns = interval_ns + jw_ns_from_s(service->checkpoint_s);
    int64_t checkpoints = interval_ns > 0 ? passed_ns / cycle_ns : 0;
    int64_t lost_ns = passed_ns - checkpoints * cycle_ns;
    if (interval_ns > 0 && lost_ns > interval_ns)
        lost_ns = interval_ns; /* the rest of the time went into a checkpoint that was not finished */
    j->progress_ns += checkpoints * interval_ns;
    compute->service_counts[j->service].interrupted++;
    compute->service_counts[j->service].lost_ns += lost_ns;
    compute_take_out(compute, &work->active, slot);
    work->count = 0;
    work->generation = ++compute->next_generation;
    compute_requeue(compute, s, in, slot);
}

/* Trainings on cards that `service` can use, of one rack (JW_NONE: any), give up as many as it lacks; false
 * when that would not do. The highest instances go first. */
bool compute_take_from_training(jw_world *world, jw_compute *compute, compute_site *s, uint32_t rack,
                                const jw_service *service, uint32_t cards)
{
    for (uint32_t r = 0; r < s->def.rack_count && service->kind != JW_SERVICE_TRAINING; r++) {
        uint32_t there = compute_free_cards(s, r);
        if ((rack != JW_NONE && r != rack) || s->rack_is_down[r] ||
            compute_kv_capacity(service, &compute->cards[s->rack_card[r]]) == 0)
            continue;
        for (uint32_t p = 0; p < SERVICES_PER_SITE; p++)
            if (compute_is_training(compute, &s->services[p], r))
                for (uint32_t i = 0; i < s->services[p].server_count; i++)
                    there +=
                        s->services[p].servers[i].off ? 0 : s->services[p].cards / s->services[p].on_count;
        if (there < cards)
            continue;
        for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
            installed *in = &s->services[p];
            for (uint32_t i = compute_is_training(compute, in, r) ? in->server_count : 0;
                 i-- > 0 && compute_free_cards(s, r) < cards;) {
                server *work = &in->servers[i];
                uint32_t least = compute_cards_per_instance(&compute->services[in->service]);
                if (work->off)
                    continue;
                if (work->count > 0) {
                    compute_note_busy(world, in);
                    in->busy_count--;
                    compute_interrupt_training(world, compute, s, work);
                }
                in->cards -= least;
                in->on_count--;
                s->rack_used[r] -= least;
                compute_set_off(in, work, OFF_SCALED);
            }
        }
        return true;
    }
    return false;
}

/* Cards are free again: trainings take back what they gave up. */
void compute_give_to_training(jw_world *world, jw_compute *compute, uint32_t site_slot)
{
    compute_site *s = &compute->sites[site_slot];
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
        installed *in = &s->services[p];
        if (in->service == JW_NONE || !compute_is_training(compute, in, in->rack))
            continue;
        uint32_t least = compute_cards_per_instance(&compute->services[in->service]);
        for (uint32_t i = 0; i < in->server_count && compute_free_cards(s, in->rack) >= least; i++) {
            if (in->servers[i].off != OFF_SCALED)
                continue;
            in->cards += least;
            in->on_count++;
            s->rack_used[in->rack] += least;
            compute_set_off(in, &in->servers[i], 0);
        }
        if (s->is_up)
            compute_wake(world, compute, site_slot, p);
    }
}

/* ---- streams: a share of a card each, in millionths, rounded up ---- */

void compute_settle_share(const jw_compute *compute, const compute_site *s, installed *in)
{
    const jw_service *service = &in->served;
    double share =
        jw_vision_batch_s(service, &compute->cards[s->rack_card[in->rack]], 1) * service->frame_rate_hz;
    in->stream_share =
        service->kind == JW_SERVICE_STREAM ? (uint32_t)jw_clamp(jw_ceil(share * 1e6), 1, 2e6) : 0;
}

double compute_busy_cards(const installed *in)
{
    if (in->service == JW_NONE || in->on_count == 0)
        return 0;
    uint32_t least = in->cards / in->on_count;
    if (in->stream_share == 0)
        return (double)in->busy_count * least;
    double busy = 0; /* a version that takes more came when they were there: no card does more than it can */
    for (uint32_t i = 0; i < in->server_count; i++)
        busy += jw_min((double)in->servers[i].count * in->stream_share, 1e6);
    return busy * 1e-6 * least;
}

/* The first server with room for one more. */
uint32_t compute_stream_server(const installed *in)
{
    uint32_t share = in->stream_share;
    for (uint32_t i = 0; i < in->server_count; i++)
        if (in->servers[i].off == 0 && in->servers[i].count * (uint64_t)share + share <= 1000000)
            return i;
    return JW_NONE;
}

void compute_start_stream(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    uint32_t index = compute_stream_server(in);
    if (index == JW_NONE)
        return;
    uint32_t slot = compute_pop(compute, s, in);
    job *j = &compute->jobs[slot];
    server *work = &in->servers[index];
    j->server = index;
    compute_append(compute, &work->active, slot);
    compute_note_busy(world, in);
    in->busy_count += work->count++ == 0;
    double length_s = j->items / compute->services[in->service].frame_rate_hz;
    jw_schedule(world, jw_world_time_ns(world) + bounded_ns(length_s), JW_PRIORITY_NORMAL,
                (uint16_t)compute->module, EVENT_JOB, slot + 1, compute->job_pool.generations[slot]);
    compute_settle(world, compute, s);
    compute_tell_began(world, compute, slot, work->count);
}

/* The window of a job that waits ends, or a stream. */
void compute_job_event(jw_world *world, jw_compute *compute, uint32_t job_slot)
{
    const job *j = &compute->jobs[job_slot];
    compute_site *s = &compute->sites[j->site_slot];
    uint32_t place = compute_place(s, j->service);
    jw_service_kind kind = compute->services[j->service].kind;
    if (kind == JW_SERVICE_VISION && j->phase == JOB_QUEUED) {
        compute_wake(world, compute, j->site_slot, place);
        return;
    }
    if (kind != JW_SERVICE_STREAM || j->phase != JOB_RUNNING)
        return;
    installed *in = &s->services[place];
    server *work = &in->servers[j->server];
    compute_take_out(compute, &work->active, job_slot);
    compute_note_busy(world, in);
    in->busy_count -= --work->count == 0;
    compute_settle(world, compute, s);
    compute_finish(world, compute, job_slot);
}
