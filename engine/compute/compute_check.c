/* What figures may be: the same limits for a catalogue, a command and a snapshot, so that no number of a
 * foreign file can lead to a time or power that no integer holds. NaN is within no limits. */
#include "compute/compute_internal.h"

#include <stdio.h>

typedef struct limit {
    const char *name;
    double value, low, high;
} limit;

static bool is_within(const limit *limits, uint32_t count, char out[FAULT_SIZE])
{
    for (uint32_t i = 0; i < count; i++)
        if (!(limits[i].value >= limits[i].low && limits[i].value <= limits[i].high)) {
            snprintf(out, FAULT_SIZE, "%s is %g, it must be %g to %g", limits[i].name, limits[i].value,
                     limits[i].low, limits[i].high);
            return false;
        }
    return true;
}

bool compute_is_card_fine(const jw_card *card, char out[FAULT_SIZE])
{
    const limit limits[] = {
        {"fp16_tflops", card->fp16_tflops, 0.01, 1e6},
        {"int8_tops", card->int8_tops, 0.01, 1e6},
        {"memory_gb", card->memory_gb, 0.1, 1e5},
        /* No accelerator announced by 2026 reads its memory at 20 TB/s. */
        {"bandwidth_tbps", card->bandwidth_tbps, 0.001, 20},
        {"peak_w", card->peak_w, 0, 1e5},
        {"idle_w", card->idle_w, 0, card->peak_w},
        {"token_w (0: peak_w)", card->token_w, card->token_w != 0 ? card->idle_w : 0, card->peak_w},
        {"price_cny", card->price_cny, 0, 1e9},
    };
    return is_within(limits, JW_COUNT_OF(limits), out);
}

bool compute_is_service_fine(const jw_service *service, char out[FAULT_SIZE])
{
    bool is_llm = service->kind == JW_SERVICE_LLM;
    const limit limits[] = {
        {"gflop_per_item", service->gflop_per_item, is_llm ? 0 : 1e-6, 1e9},
        {"parameters_b", service->parameters_b, is_llm ? 1e-3 : 0, 1e5},
        {"bytes_per_parameter", service->bytes_per_parameter, is_llm ? 0.1 : 0, 8},
        {"kv_bytes_per_token", service->kv_bytes_per_token, is_llm ? 1 : 0, 1e9},
        {"efficiency (0: 0.3)", service->efficiency, service->efficiency != 0 ? 0.001 : 0, 1},
        {"prefill_mfu (0: 0.4)", service->prefill_mfu, service->prefill_mfu != 0 ? 0.001 : 0, 1},
        {"decode_efficiency (0: 0.7)", service->decode_efficiency,
         service->decode_efficiency != 0 ? 0.001 : 0, 1},
        {"step_overhead_s", service->step_overhead_s, 0, 10},
        {"image_gb", service->image_gb, 0, 1e5},
        {"max_batch", service->max_batch, 0, 10000},
        {"cards_per_instance", service->cards_per_instance, 0, 1024},
        {"chunk_tokens (0: uncut)", service->scheduler.chunk_tokens,
         service->scheduler.chunk_tokens != 0 ? JW_KV_BLOCK_TOKENS : 0, 1e6},
        {"preemption", service->scheduler.preemption, 0, JW_LLM_SWAP},
        {"host_gbyte_per_s (0: 25)", service->scheduler.host_gbyte_per_s,
         service->scheduler.host_gbyte_per_s != 0 ? 0.1 : 0, 1e4},
        {"prefill_share", service->scheduler.prefill_share, 0, 0.99},
        {"transfer_gbps (0: 200)", service->scheduler.transfer_gbps,
         service->scheduler.transfer_gbps != 0 ? 0.1 : 0, 1e5},
        {"max_wait_s", service->max_wait_s, 0, 1e4},
        {"cold_start_s", service->cold_start_s, 0, 1e4},
        {"keep_alive_s", service->keep_alive_s, 0, 1e6},
        {"checkpoint_interval_s", service->checkpoint_interval_s, 0, 1e6},
        {"checkpoint_s", service->checkpoint_s, 0, 1e5},
        {"frame_rate_hz", service->frame_rate_hz, service->kind == JW_SERVICE_STREAM ? 0.001 : 0, 1e4},
        {"ttft_limit_s", service->scheduler.ttft_limit_s, 0, 1e5},
        {"tpot_limit_s", service->scheduler.tpot_limit_s, 0, 1e5},
    };
    return is_within(limits, JW_COUNT_OF(limits), out);
}

bool compute_is_timing_fine(const jw_llm_timing *timing, char out[FAULT_SIZE])
{
    const limit limits[] = {
        {"cards", timing->cards, 1, 1024},
        {"fixed_s", timing->fixed_s, 0, 10},
        {"token_s", timing->token_s, 0, 1},
        {"long_s", timing->long_s, 0, 1},
        {"step_s", timing->step_s, 1e-6, 10},
        {"sequence_s", timing->sequence_s, 0, 1},
        {"cache_s", timing->cache_s, 0, 1e-3},
        {"prefill_error", timing->prefill_error, 0, 10},
        {"decode_error", timing->decode_error, 0, 10},
    };
    return is_within(limits, JW_COUNT_OF(limits), out);
}

bool compute_is_region_fine(const jw_grid_region *region, char out[FAULT_SIZE])
{
    const limit limits[] = {
        {"kgco2_per_kwh", region->kgco2_per_kwh, 0, 5},
        {"price_cny_per_kwh", region->price_cny_per_kwh, 0, 100},
        {"green_share", region->green_share, 0, 1},
        {"temperature_c", region->temperature_c, -30, 35},
        {"season_c", region->season_c, 0, 40},
        {"day_c", region->day_c, 0, 20},
        {"the hottest hour", region->temperature_c + region->season_c + region->day_c, -30,
         REGION_TEMPERATURE_MAX_C},
        {"latitude_deg", region->latitude_deg, -60, 60}, /* the sun rises every day */
        {"longitude_deg", region->longitude_deg, -180, 180},
        {"sky (0: 0.6)", region->sky, 0, 1},
        {"wind_mps", region->wind_mps, 0, 30},
        {"solar_share", region->solar_share, 0, 0.3},
    };
    for (uint32_t i = 0; i < 24; i++) {
        const limit factor = {"price_factor", region->price_factor[i], 0, 10};
        if (!is_within(&factor, 1, out))
            return false;
    }
    return is_within(limits, JW_COUNT_OF(limits), out);
}

bool compute_is_site_fine(const jw_site_def *def, char out[FAULT_SIZE])
{
    const limit limits[] = {
        {"tier", def->tier, 0, JW_TIER_COUNT - 1},
        {"racks", def->rack_count, 0, JW_SITE_RACKS_MAX},
        {"x_m", def->x_m, -1e7, 1e7},
        {"y_m", def->y_m, -1e7, 1e7},
        {"power_max_kw", def->power_max_kw, 0, 1e7},
        {"pue (0: by the weather)", def->pue, def->pue != 0 ? 1 : 0, 10},
        {"base_power_w", def->base_power_w, 0, 1e9},
        {"base_idle_w", def->base_idle_w, 0, def->base_power_w},
        {"free_below_c", def->free_below_c, -100, 60},
        {"cooling_factor", def->cooling_factor, 0, 10},
        {"solar_kw", def->solar_kw, 0, 1e6},
        {"wind_kw", def->wind_kw, 0, 1e6},
        {"battery_kwh", def->battery_kwh, 0, 1e7},
        {"battery_kw", def->battery_kw, 0, 1e6},
        {"battery_efficiency (0: 0.9)", def->battery_efficiency, def->battery_efficiency != 0 ? 0.1 : 0, 1},
    };
    if (!is_within(limits, JW_COUNT_OF(limits), out))
        return false;
    for (uint32_t r = 0; r < def->rack_count; r++) {
        const limit count = {"cards of a rack", def->racks[r].count, 1, 1e6};
        if (!is_within(&count, 1, out))
            return false;
    }
    return true;
}
