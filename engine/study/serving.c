/* Measured times of language models: reading, halving, fitting, judging. */
#include "study/study.h"

#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX ((size_t)64 << 20)

/* Names of the measurements and of the catalogue. */
static const struct {
    const char *hardware, *card;
} cards[] = {{"a100-80gb", "a100-sxm"}, {"h100-80gb", "h100-sxm"}};

typedef struct sample {
    uint32_t card, cards; /* card: in the list above */
    jw_llm_measurement m;
    uint32_t line;
} sample;

typedef struct samples {
    sample *items;
    uint32_t count, capacity;
} samples;

/* By card, cards, prompt, batch, output; repeats by their line. */
static int compare(const void *a, const void *b)
{
    const sample *x = a, *y = b;
    const uint32_t keys[2][6] = {
        {x->card, x->cards, x->m.prompt_tokens, x->m.batch, x->m.output_tokens, x->line},
        {y->card, y->cards, y->m.prompt_tokens, y->m.batch, y->m.output_tokens, y->line}};
    for (uint32_t i = 0; i < 6; i++)
        if (keys[0][i] != keys[1][i])
            return keys[0][i] < keys[1][i] ? -1 : 1;
    return 0;
}

static bool is_alike(const sample *x, const sample *y)
{
    return x->card == y->card && x->cards == y->cards && x->m.prompt_tokens == y->m.prompt_tokens &&
           x->m.batch == y->m.batch && x->m.output_tokens == y->m.output_tokens;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts; the value below which the share lies, between neighbours in proportion. */
static double quantile(double *values, uint32_t count, double share)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, compare_doubles);
    double at = share * (count - 1);
    uint32_t below = (uint32_t)at;
    double above = below + 1 < count ? values[below + 1] : values[below];
    return values[below] + (at - below) * (above - values[below]);
}

static jw_result read_samples(const char *path, samples *out, uint32_t *foreign, jw_error *error)
{
    static const char *const names[] = {"hardware",   "tensor_parallel", "prompt_size", "batch_size",
                                        "token_size", "prompt_time",     "token_time"};
    uint32_t columns[JW_COUNT_OF(names)];
    jw_csv csv;
    jw_result result = jw_csv_open(&csv, path, FILE_SIZE_MAX, error);
    for (uint32_t i = 0; i < JW_COUNT_OF(names) && result == JW_OK; i++)
        result = jw_csv_need(&csv, names[i], &columns[i], error);
    bool has_row = true;
    while (result == JW_OK) {
        result = jw_csv_next(&csv, &has_row, error);
        if (result != JW_OK || !has_row)
            break;
        double v[JW_COUNT_OF(names)];
        for (uint32_t i = 1; i < JW_COUNT_OF(names) && result == JW_OK; i++)
            result = jw_csv_number(&csv, columns[i], i < 5 ? 1 : 1e-3, 1e7, &v[i], error);
        sample one = {.card = JW_NONE, .line = (uint32_t)csv.line};
        for (uint32_t c = 0; c < JW_COUNT_OF(cards); c++)
            if (strcmp(jw_csv_text(&csv, columns[0]), cards[c].hardware) == 0)
                one.card = c;
        if (result != JW_OK || one.card == JW_NONE) {
            *foreign += result == JW_OK;
            continue;
        }
        one.cards = (uint32_t)v[1];
        one.m = (jw_llm_measurement){(uint32_t)v[2], (uint32_t)v[3], (uint32_t)v[4], v[5] / 1e3, v[6] / 1e3};
        result = jw_grow(&out->items, &out->capacity, out->count + 1ull, sizeof *out->items, error);
        if (result == JW_OK)
            out->items[out->count++] = one;
    }
    jw_csv_close(&csv);
    if (result == JW_OK && out->count == 0)
        result =
            jw_fail(error, JW_ERROR_INPUT, path, 0, "there is no measurement of a card of the catalogue");
    return result;
}

/* Repeats become one of the median times, in place. */
static jw_result merge_repeats(samples *s, jw_error *error)
{
    double *times = jw_alloc((s->count + 1ull) * sizeof *times);
    if (!times)
        return jw_fail_memory(error);
    qsort(s->items, s->count, sizeof *s->items, compare);
    uint32_t kept = 0;
    for (uint32_t i = 0, end; i < s->count; i = end) {
        for (end = i + 1; end < s->count && is_alike(&s->items[i], &s->items[end]); end++)
            ;
        sample one = s->items[i];
        for (uint32_t k = i; k < end; k++)
            times[k - i] = s->items[k].m.prefill_s;
        one.m.prefill_s = quantile(times, end - i, 0.5);
        for (uint32_t k = i; k < end; k++)
            times[k - i] = s->items[k].m.step_s;
        one.m.step_s = quantile(times, end - i, 0.5);
        s->items[kept++] = one;
    }
    s->count = kept;
    jw_free(times);
    return JW_OK;
}

/* More prompts cannot be prefilled in less time on the same cards: where the table says so, not all of them
 * were held at once. */
static bool is_impossible(const samples *s, uint32_t at)
{
    const sample *one = &s->items[at];
    for (uint32_t i = 0; i < s->count; i++) {
        const sample *other = &s->items[i];
        if (other->card == one->card && other->cards == one->cards &&
            other->m.prompt_tokens == one->m.prompt_tokens &&
            other->m.output_tokens == one->m.output_tokens && 2 * other->m.batch <= one->m.batch &&
            other->m.prefill_s > one->m.prefill_s)
            return true;
    }
    return false;
}

/* One card and number of cards: items[begin..end). */
static jw_result fit_row(const samples *s, uint32_t begin, uint32_t end, uint32_t judged_place,
                         jw_llm_times *out, jw_error *error)
{
    const sample *first = &s->items[begin];
    jw_llm_measurement *half = jw_alloc((end - begin) * sizeof *half);
    double *errors = jw_alloc((end - begin) * sizeof *errors);
    jw_llm_times_row row = {.timing.cards = first->cards};
    jw_text_copy(row.timing.service, sizeof row.timing.service, "llama2-70b");
    jw_text_copy(row.timing.card, sizeof row.timing.card, cards[first->card].card);
    uint32_t place = 0, judged_first = out->judged_count;
    jw_result result = half && errors ? JW_OK : jw_fail_memory(error);
    for (uint32_t i = begin; i < end && result == JW_OK; i++) {
        if (is_impossible(s, i)) {
            out->left_out++;
        } else if (place++ % 2 != judged_place) {
            half[row.fitted++] = s->items[i].m;
        } else {
            result = jw_grow(&out->judged, &out->judged_capacity, out->judged_count + 1ull,
                             sizeof *out->judged, error);
            if (result == JW_OK)
                out->judged[out->judged_count++] =
                    (jw_llm_times_judgement){.row = out->row_count, .measured = s->items[i].m};
        }
    }
    row.judged = out->judged_count - judged_first;
    if (result == JW_OK)
        result = jw_llm_fit(half, row.fitted, &row.timing, error);
    for (uint32_t pass = 0; pass < 2 && result == JW_OK; pass++) {
        for (uint32_t i = 0; i < row.judged; i++) {
            jw_llm_times_judgement *j = &out->judged[judged_first + i];
            const jw_llm_measurement *m = &j->measured;
            double held = m->prompt_tokens + 0.5 * (m->output_tokens - 1.0);
            j->prefill_error =
                jw_llm_timing_prefill_s(&row.timing, (double)m->prompt_tokens * m->batch) / m->prefill_s - 1;
            j->decode_error = jw_llm_timing_step_s(&row.timing, m->batch, m->batch * held) / m->step_s - 1;
            errors[i] = jw_abs(pass ? j->decode_error : j->prefill_error);
        }
        *(pass ? &row.timing.decode_error : &row.timing.prefill_error) = quantile(errors, row.judged, 0.5);
    }
    if (result == JW_OK)
        result = jw_grow(&out->rows, &out->row_capacity, out->row_count + 1ull, sizeof *out->rows, error);
    if (result == JW_OK)
        out->rows[out->row_count++] = row;
    jw_free(half);
    jw_free(errors);
    return result;
}

static jw_result sum_up(jw_llm_times *out, jw_error *error)
{
    double *errors = jw_alloc((out->judged_count + 1ull) * sizeof *errors);
    if (!errors)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < out->judged_count; i++)
        errors[i] = jw_abs(out->judged[i].prefill_error);
    out->prefill_p50 = quantile(errors, out->judged_count, 0.5);
    out->prefill_p90 = quantile(errors, out->judged_count, 0.9);
    out->prefill_worst = quantile(errors, out->judged_count, 1);
    for (uint32_t i = 0; i < out->judged_count; i++)
        errors[i] = jw_abs(out->judged[i].decode_error);
    out->decode_p50 = quantile(errors, out->judged_count, 0.5);
    out->decode_p90 = quantile(errors, out->judged_count, 0.9);
    out->decode_worst = quantile(errors, out->judged_count, 1);
    jw_free(errors);
    return JW_OK;
}

jw_result jw_llm_times_fit(const char *path, bool is_other_half, jw_llm_times *out, jw_error *error)
{
    samples s = {0};
    *out = (jw_llm_times){0};
    jw_result result = read_samples(path, &s, &out->foreign, error);
    if (result == JW_OK)
        result = merge_repeats(&s, error);
    for (uint32_t i = 0, end; i < s.count && result == JW_OK; i = end) {
        for (end = i + 1;
             end < s.count && s.items[end].card == s.items[i].card && s.items[end].cards == s.items[i].cards;
             end++)
            ;
        result = fit_row(&s, i, end, is_other_half ? 0 : 1, out, error);
    }
    if (result == JW_OK)
        result = sum_up(out, error);
    jw_free(s.items);
    if (result != JW_OK)
        jw_llm_times_free(out);
    return result;
}

void jw_llm_times_free(jw_llm_times *times)
{
    jw_free(times->rows);
    jw_free(times->judged);
    *times = (jw_llm_times){0};
}
