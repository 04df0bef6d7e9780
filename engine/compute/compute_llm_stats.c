/* What sequences met: times to the first token and between tokens, in bins of 2 %. */
#include "compute/compute_internal.h"

#define LN_BIN 0.0198026272961797 /* ln 1.02 */
#define BIN0_S 1e-4

static uint32_t bin_of(double time_s)
{
    if (!(time_s > BIN0_S))
        return 0;
    double bin = jw_log(time_s / BIN0_S) / LN_BIN;
    return bin >= LLM_BINS - 1 ? LLM_BINS - 1 : (uint32_t)bin;
}

void compute_llm_note(const jw_world *world, jw_compute *compute, uint32_t job_slot)
{
    const job *j = &compute->jobs[job_slot];
    const jw_llm_scheduler *limits = &compute->services[j->service].scheduler;
    llm_stats *stats = &compute->llm[j->service];
    int64_t ttft_ns = j->first_ns - j->submitted_ns;
    double ttft_s = jw_s_from_ns(ttft_ns), tpot_s = 0;
    stats->done++;
    stats->prompt_tokens += j->items;
    stats->ttft_sum_ns += ttft_ns;
    stats->ttft[bin_of(ttft_s)]++;
    if (compute_llm_tokens(j) > 1) {
        tpot_s = jw_s_from_ns(jw_world_time_ns(world) - j->first_ns) / (compute_llm_tokens(j) - 1);
        stats->tpot_count++;
        stats->tpot_sum_s += tpot_s;
        stats->tpot[bin_of(tpot_s)]++;
    }
    stats->good += (limits->ttft_limit_s <= 0 || ttft_s <= limits->ttft_limit_s) &&
                   (limits->tpot_limit_s <= 0 || tpot_s <= limits->tpot_limit_s);
}

/* The middle of the bin in which the share is reached. */
static double quantile_s(const uint32_t bins[LLM_BINS], int64_t count, double share)
{
    if (count == 0)
        return 0;
    int64_t wanted = (int64_t)jw_ceil(share * (double)count), sum = 0;
    for (uint32_t b = 0; b < LLM_BINS; b++) {
        sum += bins[b];
        if (bins[b] > 0 && sum >= wanted)
            return BIN0_S * jw_exp((b + 0.5) * LN_BIN);
    }
    return 0;
}

double jw_compute_ttft_s(const jw_compute *compute, uint32_t service, double share)
{
    if (service >= compute->service_count)
        return 0;
    return quantile_s(compute->llm[service].ttft, compute->llm[service].done, share);
}

double jw_compute_tpot_s(const jw_compute *compute, uint32_t service, double share)
{
    if (service >= compute->service_count)
        return 0;
    return quantile_s(compute->llm[service].tpot, compute->llm[service].tpot_count, share);
}

jw_llm_stats jw_compute_llm_stats(const jw_compute *compute, uint32_t service)
{
    if (service >= compute->service_count)
        return (jw_llm_stats){0};
    const llm_stats *stats = &compute->llm[service];
    return (jw_llm_stats){
        .done = stats->done,
        .good = stats->good,
        .prompt_tokens = stats->prompt_tokens,
        .output_tokens = stats->output_tokens,
        .iterations = stats->iterations,
        .preemptions = stats->preemptions,
        .recomputed_tokens = stats->recomputed_tokens,
        .ttft_mean_s = stats->done ? jw_s_from_ns(stats->ttft_sum_ns) / (double)stats->done : 0,
        .tpot_mean_s = stats->tpot_count ? stats->tpot_sum_s / (double)stats->tpot_count : 0};
}

/* Bins that are not empty, each with its number. */
static void save_bins(const uint32_t bins[LLM_BINS], jw_writer *writer)
{
    uint32_t count = 0;
    for (uint32_t b = 0; b < LLM_BINS; b++)
        count += bins[b] > 0;
    jw_write_u32(writer, count);
    for (uint32_t b = 0; b < LLM_BINS; b++)
        if (bins[b] > 0) {
            jw_write_u32(writer, b);
            jw_write_u32(writer, bins[b]);
        }
}

static void load_bins(uint32_t bins[LLM_BINS], int64_t expected, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, LLM_BINS, 8);
    int64_t sum = 0;
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        uint32_t b = jw_read_u32(reader), value = jw_read_u32(reader);
        if (b >= LLM_BINS || bins[b] > 0 || value == 0) {
            jw_reader_fail(reader, "a bin of times is damaged");
            return;
        }
        bins[b] = value;
        sum += value;
    }
    if (sum != expected)
        jw_reader_fail(reader, "the bins of times do not add up");
}

void compute_llm_save_stats(const llm_stats *stats, jw_writer *writer)
{
    jw_write_i64(writer, stats->done);
    jw_write_i64(writer, stats->good);
    jw_write_i64(writer, stats->prompt_tokens);
    jw_write_i64(writer, stats->output_tokens);
    jw_write_i64(writer, stats->iterations);
    jw_write_i64(writer, stats->preemptions);
    jw_write_i64(writer, stats->recomputed_tokens);
    jw_write_i64(writer, stats->ttft_sum_ns);
    jw_write_i64(writer, stats->tpot_count);
    jw_write_f64(writer, stats->tpot_sum_s);
    save_bins(stats->ttft, writer);
    save_bins(stats->tpot, writer);
}

void compute_llm_load_stats(llm_stats *stats, jw_reader *reader)
{
    stats->done = jw_read_i64(reader);
    stats->good = jw_read_i64(reader);
    stats->prompt_tokens = jw_read_i64(reader);
    stats->output_tokens = jw_read_i64(reader);
    stats->iterations = jw_read_i64(reader);
    stats->preemptions = jw_read_i64(reader);
    stats->recomputed_tokens = jw_read_i64(reader);
    stats->ttft_sum_ns = jw_read_i64(reader);
    stats->tpot_count = jw_read_i64(reader);
    stats->tpot_sum_s = jw_read_f64(reader);
    const int64_t counts[] = {stats->done,          stats->good,        stats->prompt_tokens,
                              stats->iterations,    stats->preemptions, stats->recomputed_tokens,
                              stats->output_tokens, stats->ttft_sum_ns, stats->tpot_count};
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        if (counts[i] < 0 || counts[i] > INT64_MAX / 4)
            jw_reader_fail(reader, "the sums of served sequences are out of range");
    if (!(stats->tpot_sum_s >= 0 && stats->tpot_sum_s < 1e15) || stats->good > stats->done ||
        stats->tpot_count > stats->done)
        jw_reader_fail(reader, "the sums of served sequences do not add up");
    load_bins(stats->ttft, stats->done, reader);
    load_bins(stats->tpot, stats->tpot_count, reader);
}
