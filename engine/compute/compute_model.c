/* The pure models: how long a computation takes on given cards. */
#include "compute/compute_internal.h"

static double prefill_mfu(const jw_service *service)
{
    return service->prefill_mfu > 0 ? service->prefill_mfu : 0.4;
}

uint32_t compute_cards_per_instance(const jw_service *service)
{
    return service->cards_per_instance ? service->cards_per_instance : 1;
}

/* Prefill is bound by arithmetic: 2 N operations a token (Kaplan et al. 2020, section 2.1) at the reached
 * share of the peak (model FLOP utilisation, Chowdhery et al. 2022, appendix B). */
double jw_llm_prefill_s(const jw_service *service, const jw_card *card, uint32_t cards, uint32_t tokens)
{
    double flop = 2 * service->parameters_b * 1e9 * tokens;
    double tflops = service->is_int8 ? card->int8_tops : card->fp16_tflops;
    return flop / (prefill_mfu(service) * tflops * 1e12 * cards);
}

/* A decode step is bound by reading weights and KV cache once (Pope et al. 2022, section 2), plus the
 * constant of the software stack, which dominates in measurements. */
double jw_llm_step_s(const jw_service *service, const jw_card *card, uint32_t cards, double kv_tokens)
{
    double efficiency = service->decode_efficiency > 0 ? service->decode_efficiency : 0.7;
    double bytes =
        service->parameters_b * 1e9 * service->bytes_per_parameter + kv_tokens * service->kv_bytes_per_token;
    return bytes / (card->bandwidth_tbps * 1e12 * efficiency * cards) + service->step_overhead_s;
}

/* A batch of images at the reached share of the peak rate of its arithmetic, plus the constant of a launch.
 */
double jw_vision_batch_s(const jw_service *service, const jw_card *card, uint32_t items)
{
    double tops = service->is_int8 ? card->int8_tops : card->fp16_tflops;
    double efficiency = service->efficiency > 0 ? service->efficiency : 0.3;
    return service->gflop_per_item * 1e9 * items /
               (tops * 1e12 * efficiency * compute_cards_per_instance(service)) +
           service->step_overhead_s;
}

double jw_service_weights_gb(const jw_service *service)
{
    return service->kind == JW_SERVICE_LLM ? service->parameters_b * service->bytes_per_parameter
                                           : service->image_gb;
}

/* A tenth of the memory is left to activations and the runtime, as serving systems reserve (Kwon et al.,
 * "PagedAttention", SOSP 2023, default of 0.9). */
double jw_service_room_gb(const jw_service *service, const jw_card *card, uint32_t cards)
{
    uint32_t used = compute_cards_per_instance(service);
    return 0.9 * card->memory_gb * (cards < used ? cards : used);
}

uint64_t compute_kv_capacity(const jw_service *service, const jw_card *card)
{
    double memory = 1e9 * jw_service_room_gb(service, card, UINT32_MAX),
           weights = 1e9 * jw_service_weights_gb(service);
    if (weights >= memory)
        return 0;
    if (service->kind == JW_SERVICE_VISION || service->kv_bytes_per_token <= 0)
        return (uint64_t)UINT32_MAX * JW_KV_BLOCK_TOKENS;
    return (uint64_t)((memory - weights) / service->kv_bytes_per_token);
}
