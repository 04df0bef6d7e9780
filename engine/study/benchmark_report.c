/* What a benchmark's runs come to: means, confidence intervals, paired differences; as CSV and as JSON. */
#include "study/study.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Table of Student's t, 97.5 %; beyond it the first term of its expansion round the normal quantile. */
double jw_student_95(uint32_t degrees)
{
    static const double quantiles[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                       2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                       2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    if (degrees <= JW_COUNT_OF(quantiles))
        return quantiles[degrees - 1];
    const double z = 1.959964;
    return z + (z * z * z + z) / (4.0 * degrees);
}

jw_estimate jw_estimate_mean(const double *values, const double *less, uint32_t count, uint32_t stride)
{
    double sum = 0, squares = 0, n = count;
    for (uint32_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < (size_t)count * stride; i += stride) {
            double value = less ? values[i] - less[i] : values[i];
            if (pass == 0)
                sum += value;
            else
                squares += (value - sum / n) * (value - sum / n);
        }
    return (jw_estimate){sum / n, jw_student_95(count - 1) * jw_sqrt(squares / (n - 1) / n)};
}

static const double *values_of(const jw_benchmark *b, uint32_t control, jw_benchmark_measure measure)
{
    return b->values + (size_t)control * b->seed_count * JW_BENCHMARK_MEASURE_COUNT + measure;
}

jw_benchmark_cell jw_benchmark_at(const jw_benchmark *b, uint32_t control, jw_benchmark_measure measure)
{
    const double *values = values_of(b, control, measure), *first = values_of(b, 0, measure);
    jw_estimate own = jw_estimate_mean(values, NULL, b->seed_count, JW_BENCHMARK_MEASURE_COUNT),
                gap = jw_estimate_mean(values, first, b->seed_count, JW_BENCHMARK_MEASURE_COUNT);
    return (jw_benchmark_cell){own.mean, own.half_width, gap.mean, gap.half_width};
}

/* ---- CSV ----------------------------------------------------------------------------------------------- */

static void put_text(jw_writer *w, const char *text)
{
    jw_write_bytes(w, text, strlen(text));
}

static void put_number(jw_writer *w, double value)
{
    char text[40];
    snprintf(text, sizeof text, ",%.10g", value);
    put_text(w, text);
}

/* A control's name is a file's at times: quoted. */
static void put_quoted(jw_writer *w, const char *text)
{
    put_text(w, "\"");
    for (const char *c = text; *c; c++)
        jw_write_bytes(w, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    put_text(w, "\"");
}

jw_result jw_benchmark_write_csv(const jw_benchmark *b, const char *path, jw_error *error)
{
    jw_writer w = {0};
    char text[64];
    put_text(&w, "control,measure,unit,mean,ci95,difference,difference_ci95");
    for (uint32_t seed = 0; seed < b->seed_count; seed++) {
        snprintf(text, sizeof text, ",seed_%llu", (unsigned long long)(b->first_seed + seed));
        put_text(&w, text);
    }
    put_text(&w, "\n");
    for (uint32_t c = 0; c < b->control_count; c++)
        for (uint32_t m = 0; m < JW_BENCHMARK_MEASURE_COUNT; m++) {
            jw_benchmark_cell cell = jw_benchmark_at(b, c, (jw_benchmark_measure)m);
            put_quoted(&w, b->controls[c].name);
            snprintf(text, sizeof text, ",%s,%s", jw_benchmark_measure_name((jw_benchmark_measure)m),
                     jw_benchmark_measure_unit((jw_benchmark_measure)m));
            put_text(&w, text);
            put_number(&w, cell.mean);
            put_number(&w, cell.half_width);
            put_number(&w, cell.difference);
            put_number(&w, cell.difference_half_width);
            for (uint32_t seed = 0; seed < b->seed_count; seed++)
                put_number(
                    &w, values_of(b, c, (jw_benchmark_measure)m)[(size_t)seed * JW_BENCHMARK_MEASURE_COUNT]);
            put_text(&w, "\n");
        }
    jw_result result =
        w.failed ? jw_fail_memory(error) : jw_file_write(path, (const char *)w.bytes, w.size, error);
    jw_writer_free(&w);
    return result;
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static json_t *make_cell(const jw_benchmark *b, uint32_t control, jw_benchmark_measure measure)
{
    jw_benchmark_cell cell = jw_benchmark_at(b, control, measure);
    json_t *values = json_array();
    for (uint32_t seed = 0; seed < b->seed_count; seed++)
        json_array_append_new(
            values, json_real(values_of(b, control, measure)[(size_t)seed * JW_BENCHMARK_MEASURE_COUNT]));
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:o}", "unit", jw_benchmark_measure_unit(measure), "mean",
                     cell.mean, "ci95", cell.half_width, "difference", cell.difference, "difference_ci95",
                     cell.difference_half_width, "values", values);
}

static json_t *make_control(const jw_benchmark *b, uint32_t control)
{
    json_t *row = json_pack("{s:s}", "control", b->controls[control].name), *hashes = json_array();
    for (uint32_t seed = 0; seed < b->seed_count; seed++) {
        char text[20];
        snprintf(text, sizeof text, "%016llx", (unsigned long long)b->hashes[control * b->seed_count + seed]);
        json_array_append_new(hashes, json_string(text));
    }
    for (uint32_t m = 0; m < JW_BENCHMARK_MEASURE_COUNT; m++)
        json_object_set_new(row, jw_benchmark_measure_name((jw_benchmark_measure)m),
                            make_cell(b, control, (jw_benchmark_measure)m));
    json_object_set_new(row, "states", hashes);
    return row;
}

jw_result jw_benchmark_write_json(const jw_benchmark *b, const char *scene, char **out, jw_error *error)
{
    json_t *rows = json_array();
    for (uint32_t c = 0; c < b->control_count; c++)
        json_array_append_new(rows, make_control(b, c));
    json_t *all = json_pack("{s:s, s:f, s:i, s:I, s:s, s:o}", "scene", scene, "minutes", b->minutes, "seeds",
                            (int)b->seed_count, "first_seed", (json_int_t)b->first_seed, "compared_with",
                            b->controls[0].name, "controls", rows);
    size_t size = all ? json_dumpb(all, NULL, 0, JSON_INDENT(2)) : 0;
    *out = size ? jw_alloc(size + 1) : NULL;
    if (*out)
        json_dumpb(all, *out, size, JSON_INDENT(2));
    json_decref(all);
    return *out ? JW_OK : jw_fail_memory(error);
}
