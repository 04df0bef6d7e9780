/* Times of a language model: measured where the catalogue has them, a roofline elsewhere; and the fit of
 * measurements. */
#include "compute/compute_internal.h"

#include <string.h>

double jw_llm_timing_prefill_s(const jw_llm_timing *timing, double tokens)
{
    return timing->fixed_s + timing->token_s * tokens +
           timing->long_s * jw_max(0, tokens - JW_LLM_KNEE_TOKENS);
}

double jw_llm_timing_step_s(const jw_llm_timing *timing, double sequences, double kv_tokens)
{
    return timing->step_s + timing->sequence_s * sequences + timing->cache_s * kv_tokens;
}

/* The constants are those of one pass through the layers: an iteration that prefills and decodes makes one
 * pass for both. */
double compute_llm_iteration_s(const jw_llm_timing *timing, double prefill_tokens, double sequences,
                               double kv_tokens)
{
    if (prefill_tokens <= 0)
        return jw_llm_timing_step_s(timing, sequences, kv_tokens);
    double prefill_s = jw_llm_timing_prefill_s(timing, prefill_tokens);
    if (sequences <= 0)
        return prefill_s;
    return prefill_s + jw_llm_timing_step_s(timing, sequences, kv_tokens) -
           jw_min(timing->fixed_s, timing->step_s);
}

/* Measured times of the service as it is; of a variant the prefill takes as much longer as by the roofline,
 * and a step saves what the roofline saves in reading weights: the rest of a measured step is the software's.
 */
static jw_llm_timing measured(const jw_llm_timing *timing, const jw_service *service,
                              const jw_service *served, const jw_card *card, uint32_t cards)
{
    jw_llm_timing out = *timing;
    double longer = jw_llm_prefill_s(served, card, cards, 1) / jw_llm_prefill_s(service, card, cards, 1);
    double saved_s = jw_llm_step_s(service, card, cards, 0) - jw_llm_step_s(served, card, cards, 0);
    out.token_s *= longer;
    out.long_s *= longer;
    out.step_s = jw_max(out.step_s - saved_s, 0.1 * out.step_s);
    return out;
}

void compute_llm_settle_times(const jw_compute *compute, const compute_site *s, installed *in)
{
    const jw_service *plain = &compute->services[in->service];
    const jw_card *card = &compute->cards[s->rack_card[in->rack]];
    const jw_variant *variant = compute_variant_of(compute, in->service, in->version);
    in->served = variant ? jw_service_as(plain, card, variant) : *plain;
    compute_apply_software(compute, s->rack_card[in->rack], in);
    const jw_service *service = &in->served;
    uint32_t cards = compute_cards_per_instance(service);
    in->block_count = compute_kv_capacity(service, card) / JW_KV_BLOCK_TOKENS;
    compute_settle_share(compute, s, in);
    if (service->kind != JW_SERVICE_LLM)
        return;
    for (uint32_t i = 0; i < compute->timing_count; i++)
        if (compute->timings[i].cards == cards && strcmp(compute->timings[i].service, service->id) == 0 &&
            strcmp(compute->timings[i].card, card->id) == 0) {
            in->timing =
                variant ? measured(&compute->timings[i], plain, service, card, cards) : compute->timings[i];
            return;
        }
    double empty_s = jw_llm_step_s(service, card, cards, 0);
    in->timing = (jw_llm_timing){.cards = cards,
                                 .token_s = jw_llm_prefill_s(service, card, cards, 1),
                                 .step_s = empty_s,
                                 .cache_s = jw_llm_step_s(service, card, cards, 1) - empty_s};
}

/* ---- the fit ---- */

enum { TERMS = 3 };

/* Solves the normal equations of the terms that are in use, by elimination with the largest pivot; false when
 * the measurements do not tell them apart. */
static bool solve(const double a[TERMS][TERMS], const double b[TERMS], const bool is_used[TERMS],
                  double out[TERMS])
{
    double m[TERMS][TERMS + 1];
    uint32_t used[TERMS], n = 0;
    for (uint32_t i = 0; i < TERMS; i++) {
        out[i] = 0;
        if (is_used[i])
            used[n++] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n; k++)
            m[i][k] = a[used[i]][used[k]];
        m[i][n] = b[used[i]];
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t pivot = i;
        for (uint32_t r = i + 1; r < n; r++)
            if (jw_abs(m[r][i]) > jw_abs(m[pivot][i]))
                pivot = r;
        if (jw_abs(m[pivot][i]) < 1e-12 * a[used[i]][used[i]] || m[pivot][i] == 0)
            return false;
        for (uint32_t k = 0; k <= n; k++) {
            double swap = m[i][k];
            m[i][k] = m[pivot][k];
            m[pivot][k] = swap;
        }
        for (uint32_t r = 0; r < n; r++) {
            double factor = m[r][i] / m[i][i];
            for (uint32_t k = i; r != i && k <= n; k++)
                m[r][k] -= factor * m[i][k];
        }
    }
    for (uint32_t i = 0; i < n; i++)
        out[used[i]] = m[i][n] / m[i][i];
    return true;
}

/* Least squares of relative errors; the most negative coefficient is left out until none is negative. */
static bool fit(const double (*terms)[TERMS], const double *values, uint32_t count, double out[TERMS])
{
    double a[TERMS][TERMS] = {{0}}, b[TERMS] = {0};
    for (uint32_t m = 0; m < count; m++)
        for (uint32_t i = 0; i < TERMS; i++) {
            for (uint32_t k = 0; k < TERMS; k++)
                a[i][k] += terms[m][i] * terms[m][k] / (values[m] * values[m]);
            b[i] += terms[m][i] / values[m];
        }
    bool is_used[TERMS] = {true, true, true};
    for (;;) {
        if (!solve(a, b, is_used, out))
            return false;
        uint32_t worst = JW_NONE;
        for (uint32_t i = 0; i < TERMS; i++)
            if (out[i] < 0 && (worst == JW_NONE || out[i] < out[worst]))
                worst = i;
        if (worst == JW_NONE)
            return true;
        is_used[worst] = false;
    }
}

jw_result jw_llm_fit(const jw_llm_measurement *measurements, uint32_t count, jw_llm_timing *out,
                     jw_error *error)
{
    double(*terms)[TERMS] = jw_alloc((count + 1ull) * sizeof *terms);
    double *values = jw_alloc((count + 1ull) * sizeof *values);
    jw_result result = terms && values ? JW_OK : jw_fail_memory(error);
    double prefill[TERMS], decode[TERMS];
    for (uint32_t m = 0; m < count && result == JW_OK; m++) {
        const jw_llm_measurement *one = &measurements[m];
        double tokens = (double)one->prompt_tokens * one->batch;
        if (one->batch == 0 || one->prompt_tokens == 0 || !(one->prefill_s > 0) || !(one->step_s > 0))
            result =
                jw_fail(error, JW_ERROR_INPUT, NULL, 0, "measurement %u: all figures must be above 0", m + 1);
        terms[m][0] = 1;
        terms[m][1] = tokens;
        terms[m][2] = jw_max(0, tokens - JW_LLM_KNEE_TOKENS);
        values[m] = one->prefill_s;
    }
    bool is_told = result == JW_OK && fit(terms, values, count, prefill);
    for (uint32_t m = 0; m < count && is_told; m++) {
        const jw_llm_measurement *one = &measurements[m];
        /* In the mean over its steps a sequence holds its prompt and half of its answer. */
        double held = one->prompt_tokens + 0.5 * (jw_max(one->output_tokens, 1) - 1);
        terms[m][1] = one->batch;
        terms[m][2] = one->batch * held;
        values[m] = one->step_s;
    }
    is_told = is_told && fit(terms, values, count, decode);
    jw_free(terms);
    jw_free(values);
    if (result != JW_OK)
        return result;
    if (!is_told)
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "the measurements do not tell the six figures apart: prompts below and above %d tokens "
            "and batches of several sizes are needed",
            JW_LLM_KNEE_TOKENS);
    out->fixed_s = prefill[0];
    out->token_s = prefill[1];
    out->long_s = prefill[2];
    out->step_s = decode[0];
    out->sequence_s = decode[1];
    out->cache_s = decode[2];
    return JW_OK;
}
