/* Traces of requests to language models, in the format of the Azure LLM inference traces (Patel et al.,
 * "Splitwise", ISCA 2024; Azure/AzurePublicDataset). */
#include "compute/compute_internal.h"

#define TRACE_SIZE_MAX ((size_t)1 << 30)
#define SPAN_MAX_NS    (400 * 86400 * JW_NS_PER_S) /* longer ones are broken, and sums of times stay small */

/* Days from 1970-01-01 of a date of the Gregorian calendar (Fliegel and Van Flandern 1968, shifted). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t a = (14 - month) / 12, y = year + 4800 - a, m = month + 12 * a - 3;
    return day + (153 * m + 2) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 32045 - 2440588;
}

/* `count` digits at *text as a number; -1 when there are others. */
static int64_t take_digits(const char **text, uint32_t count)
{
    int64_t value = 0;
    for (uint32_t i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static bool take_one(const char **text, char wanted, char or_else)
{
    if (**text != wanted && (or_else == 0 || **text != or_else))
        return false;
    (*text)++;
    return true;
}

/* "2023-11-16 18:15:46.6805900", also with T between and Z or +00:00 at the end. */
static bool parse_time(const char *text, int64_t *out_ns)
{
    int64_t year = take_digits(&text, 4);
    if (!take_one(&text, '-', 0))
        return false;
    int64_t month = take_digits(&text, 2);
    if (!take_one(&text, '-', 0))
        return false;
    int64_t day = take_digits(&text, 2);
    if (!take_one(&text, ' ', 'T'))
        return false;
    int64_t hour = take_digits(&text, 2);
    if (!take_one(&text, ':', 0))
        return false;
    int64_t minute = take_digits(&text, 2);
    if (!take_one(&text, ':', 0))
        return false;
    int64_t second = take_digits(&text, 2), fraction_ns = 0;
    if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    if (take_one(&text, '.', 0)) {
        int64_t unit = JW_NS_PER_S;
        if (*text < '0' || *text > '9')
            return false;
        for (; *text >= '0' && *text <= '9'; text++) { /* digits below a nanosecond add nothing */
            unit /= 10;
            fraction_ns += unit * (*text - '0');
        }
    }
    if (*text == 'Z') {
        text++;
    } else if (*text == '+') {
        text++;
        if (take_digits(&text, 2) != 0 || !take_one(&text, ':', 0) || take_digits(&text, 2) != 0)
            return false;
    }
    *out_ns = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 * JW_NS_PER_S +
              second * JW_NS_PER_S + fraction_ns;
    return *text == 0;
}

static jw_result take_row(jw_csv *csv, const uint32_t columns[3], int64_t *first_ns, jw_llm_trace *out,
                          jw_error *error)
{
    int64_t time_ns;
    double prompt, output;
    if (!parse_time(jw_csv_text(csv, columns[0]), &time_ns))
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line,
                       "\"%.40s\" is no time: write as 2023-11-16 18:15:46.680",
                       jw_csv_text(csv, columns[0]));
    if (out->count == 0)
        *first_ns = time_ns;
    int64_t last_ns = out->count ? out->requests[out->count - 1].time_ns : 0;
    time_ns -= *first_ns;
    if (time_ns < last_ns)
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line,
                       "the time is %.3f s before that of the row above: sort the rows by TIMESTAMP",
                       jw_s_from_ns(last_ns - time_ns));
    if (time_ns > SPAN_MAX_NS)
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line,
                       "the time is more than 400 days after the first row's");
    jw_result result = jw_csv_number(csv, columns[1], 1, JW_LLM_TOKENS_MAX, &prompt, error);
    if (result == JW_OK)
        result = jw_csv_number(csv, columns[2], 1, JW_LLM_TOKENS_MAX, &output, error);
    if (result == JW_OK && (prompt != jw_floor(prompt) || output != jw_floor(output)))
        result = jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "a count of tokens is no whole number");
    if (result == JW_OK)
        result = jw_grow(&out->requests, &out->capacity, out->count + 1ull, sizeof *out->requests, error);
    if (result == JW_OK)
        out->requests[out->count++] = (jw_llm_request){time_ns, (uint32_t)prompt, (uint32_t)output};
    return result;
}

jw_result jw_llm_trace_read(const char *path, jw_llm_trace *out, jw_error *error)
{
    static const char *const names[3] = {"TIMESTAMP", "ContextTokens", "GeneratedTokens"};
    uint32_t columns[3];
    int64_t first_ns = 0;
    jw_csv csv;
    *out = (jw_llm_trace){0};
    jw_result result = jw_csv_open(&csv, path, TRACE_SIZE_MAX, error);
    for (uint32_t i = 0; i < 3 && result == JW_OK; i++)
        result = jw_csv_need(&csv, names[i], &columns[i], error);
    bool has_row = true;
    while (result == JW_OK) {
        result = jw_csv_next(&csv, &has_row, error);
        if (result != JW_OK || !has_row)
            break;
        result = take_row(&csv, columns, &first_ns, out, error);
    }
    if (result == JW_OK && out->count == 0)
        result = jw_fail(error, JW_ERROR_INPUT, path, 0, "the trace has no requests");
    jw_csv_close(&csv);
    if (result != JW_OK)
        jw_llm_trace_free(out);
    return result;
}

void jw_llm_trace_free(jw_llm_trace *trace)
{
    jw_free(trace->requests);
    *trace = (jw_llm_trace){0};
}
