/* The table of language models: what their sequences met. */
#include "compute/compute_internal.h"

const jw_column compute_llm_columns[LLM_COLUMNS] = {
    {"service", JW_COLUMN_TEXT, "", "id of the language model's service"},
    {"times", JW_COLUMN_TEXT, "",
     "where it is served: measured, roofline (unverified) or both; empty: nowhere"},
    {"done", JW_COLUMN_I64, "", "sequences answered since the start"},
    {"good", JW_COLUMN_I64, "", "of them within the limits of the service"},
    {"prompt_tokens", JW_COLUMN_I64, "", "of those answered"},
    {"output_tokens", JW_COLUMN_I64, "", "said so far"},
    {"preemptions", JW_COLUMN_I64, "", "sequences that made room for others"},
    {"ttft_mean_ms", JW_COLUMN_F64, "ms", "time to the first token, mean"},
    {"ttft_p50_ms", JW_COLUMN_F64, "ms", "its median"},
    {"ttft_p95_ms", JW_COLUMN_F64, "ms", "its 95th percentile"},
    {"tpot_mean_ms", JW_COLUMN_F64, "ms", "time per output token after the first, mean"},
    {"tpot_p50_ms", JW_COLUMN_F64, "ms", "its median"},
    {"tpot_p95_ms", JW_COLUMN_F64, "ms", "its 95th percentile"},
};

/* The service of a row. */
static uint32_t service_of(const jw_compute *compute, uint32_t row)
{
    for (uint32_t i = 0; i < compute->service_count; i++)
        if (compute->services[i].kind == JW_SERVICE_LLM && row-- == 0)
            return i;
    return JW_NONE;
}

uint32_t compute_llm_row_count(const jw_world *world, const void *state)
{
    (void)world;
    const jw_compute *compute = state;
    uint32_t count = 0;
    for (uint32_t i = 0; i < compute->service_count; i++)
        count += compute->services[i].kind == JW_SERVICE_LLM;
    return count;
}

double compute_llm_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    uint32_t service = service_of(state, row);
    jw_llm_stats stats = jw_compute_llm_stats(state, service);
    const double values_s[] = {
        stats.ttft_mean_s, jw_compute_ttft_s(state, service, 0.5), jw_compute_ttft_s(state, service, 0.95),
        stats.tpot_mean_s, jw_compute_tpot_s(state, service, 0.5), jw_compute_tpot_s(state, service, 0.95)};
    return 1000 * values_s[column - 7];
}

int64_t compute_llm_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_llm_stats stats = jw_compute_llm_stats(state, service_of(state, row));
    const int64_t values[] = {stats.done, stats.good, stats.prompt_tokens, stats.output_tokens,
                              stats.preemptions};
    return values[column - 2];
}

/* What its times come from, over the sites that serve it. */
static const char *times_of(const jw_compute *compute, uint32_t service)
{
    bool is_measured = false, is_roofline = false;
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++) {
        uint32_t place = compute_place(&compute->sites[i], service);
        if (!(compute->site_pool.generations[i] & 1) || place == JW_NONE)
            continue;
        bool has_source = compute->sites[i].services[place].timing.service[0] != 0;
        is_measured |= has_source;
        is_roofline |= !has_source;
    }
    return is_measured && is_roofline ? "both" : is_measured ? "measured" : is_roofline ? "roofline" : "";
}

const char *compute_llm_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_compute *compute = state;
    uint32_t service = service_of(compute, row);
    if (service == JW_NONE)
        return "";
    return column == 0 ? compute->services[service].id : times_of(compute, service);
}
