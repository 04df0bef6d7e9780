/* How long a job would take that came now: what waits and works, by the models of the service. */
#include "compute/compute_internal.h"

double jw_compute_estimate_s(const jw_world *world, const jw_compute *compute, jw_site_id id,
                             uint32_t service_index, uint32_t items, uint32_t output_tokens, uint32_t ahead)
{
    (void)world;
    uint32_t slot = compute_slot(compute, id);
    uint32_t place = slot == JW_NONE || service_index == JW_NONE
                         ? JW_NONE
                         : compute_place(&compute->sites[slot], service_index);
    if (place == JW_NONE || !compute->sites[slot].is_up)
        return -1;
    const compute_site *s = &compute->sites[slot];
    const installed *in = &s->services[place];
    const jw_service *service = &in->served;
    const jw_card *card = &compute->cards[s->rack_card[in->rack]];
    uint32_t batch = service->max_batch ? service->max_batch : 16, ready = in->ready_count;
    uint32_t waiting = in->queue_count + ahead;
    double start_s = ready ? 0 : compute_start_s(compute, s, in);
    if (start_s < 0)
        return -1;
    if (ready == 0)
        ready = 1;
    if (service->kind == JW_SERVICE_VISION) {
        /* All busy: half a batch still in work, then the whole batches ahead, then its own, which is full. */
        double full_s = jw_vision_batch_s(service, card, batch);
        if (in->busy_count + ahead < ready && start_s <= 0)
            return (items < batch ? service->max_wait_s : 0) + jw_vision_batch_s(service, card, items);
        return start_s + (1.5 + jw_floor((double)waiting / ((double)ready * batch))) * full_s;
    }
    if (service->kind == JW_SERVICE_STREAM)
        return start_s <= 0 && compute_stream_server(in) == JW_NONE
                   ? -1
                   : start_s + items / service->frame_rate_hz;
    if (service->kind != JW_SERVICE_LLM) {
        /* Jobs alike before it; a server that is idle is taken for a cold one. */
        double one_s = jw_vision_batch_s(service, card, items);
        bool is_idle = in->busy_count + ahead < ready;
        return start_s + (is_idle ? service->cold_start_s : 0) +
               one_s * (1 + (is_idle ? 0 : 0.5 + (double)waiting / ready));
    }
    uint32_t running = 0;
    for (uint32_t i = 0; i < in->server_count; i++)
        running += in->servers[i].count;
    double load = (double)(running + waiting) / ready;
    /* Alike sequences beside it and ahead of it: the prompts that wait are prefilled, then all share their
     * steps, whose cache is that of the mean one; whole batches ahead take as long as its own. */
    double sequences = jw_min(load + 1, batch), steps = output_tokens > 1 ? output_tokens - 1.0 : 0;
    double step_s = jw_llm_timing_step_s(&in->timing, sequences, sequences * (items + 0.5 * (steps - 1)));
    double prefill_s = jw_llm_timing_prefill_s(&in->timing, items);
    double waves = load >= batch ? jw_floor(load / batch) : 0;
    return start_s + prefill_s * (1 + (double)waiting / ready) + (1 + waves) * step_s * steps;
}
