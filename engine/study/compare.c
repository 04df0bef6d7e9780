/* Two runs side by side, from their summaries. */
#include "study/study.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Units and order of the summary's figures; what is nested is named with a dot. */
static const struct {
    const char *name, *unit;
} figures[] = {
    {"sim_s", "s"},
    {"trips.departed", ""},
    {"trips.arrived", ""},
    {"trips.running", ""},
    {"trips.waiting", ""},
    {"trips.mean_travel_time_s", "s"},
    {"trips.mean_delay_s", "s"},
    {"requests.sent", ""},
    {"requests.answered", ""},
    {"requests.late", ""},
    {"requests.lost", ""},
    {"requests.p50_ms", "ms"},
    {"requests.p95_ms", "ms"},
    {"requests.p99_ms", "ms"},
    {"energy_wh", "Wh"},
    {"carbon_kg", "kg"},
    {"cost_cny", "CNY"},
};

static json_t *load(const char *folder, jw_error *error)
{
    char path[1024];
    char *text = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/summary.json", folder);
    if (!jw_is_directory(folder)) {
        jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s is no run folder", folder);
        return NULL;
    }
    if (jw_file_read(path, 16 << 20, &text, &size, error) != JW_OK)
        return NULL;
    json_error_t where;
    json_t *summary = json_loadb(text, size, 0, &where);
    jw_free(text);
    if (!summary)
        jw_fail(error, JW_ERROR_CORRUPT, path, where.line, "%s", where.text);
    if (summary && !json_is_object(summary)) {
        jw_fail(error, JW_ERROR_CORRUPT, path, 0, "this is no summary of a run: an object is expected");
        json_decref(summary);
        return NULL;
    }
    return summary;
}

static bool find(const json_t *summary, const char *name, double *out)
{
    char outer[32];
    const char *dot = strchr(name, '.');
    if (dot) {
        memcpy(outer, name, (size_t)(dot - name));
        outer[dot - name] = 0;
        summary = json_object_get(summary, outer);
        name = dot + 1;
    }
    const json_t *value = json_object_get(summary, name);
    *out = json_is_number(value) ? json_number_value(value) : __builtin_nan("");
    return json_is_number(value);
}

static void head(const json_t *summary, char *scene, size_t size, uint64_t *seed)
{
    const char *text = json_string_value(json_object_get(summary, "scene"));
    jw_text_copy(scene, size, text);
    *seed = (uint64_t)json_integer_value(json_object_get(summary, "seed"));
}

jw_result jw_compare_runs(const char *folder_a, const char *folder_b, jw_comparison *out,
                          jw_problems *problems, jw_error *error)
{
    memset(out, 0, sizeof *out);
    json_t *a = load(folder_a, error);
    json_t *b = a ? load(folder_b, error) : NULL;
    jw_result result = a && b ? JW_OK : (error && error->code ? error->code : JW_ERROR_INPUT);
    if (result == JW_OK) {
        out->rows = jw_alloc(sizeof figures / sizeof *figures * sizeof *out->rows);
        if (!out->rows)
            result = jw_fail_memory(error);
    }
    if (result == JW_OK) {
        head(a, out->scene_a, sizeof out->scene_a, &out->seed_a);
        head(b, out->scene_b, sizeof out->scene_b, &out->seed_b);
        for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++) {
            jw_difference *row = &out->rows[out->count];
            bool in_a = find(a, figures[i].name, &row->a), in_b = find(b, figures[i].name, &row->b);
            jw_text_copy(row->name, sizeof row->name, figures[i].name);
            jw_text_copy(row->unit, sizeof row->unit, figures[i].unit);
            out->count += in_a || in_b;
        }
        if (strcmp(out->scene_a, out->scene_b) != 0)
            jw_problems_add(problems, JW_WARNING, NULL, 0, NULL,
                            "the runs are of different scenes: %s and %s", out->scene_a, out->scene_b);
        if (out->count && out->rows[0].a != out->rows[0].b)
            jw_problems_add(problems, JW_WARNING, NULL, 0, NULL,
                            "the runs are of different length: %.0f and %.0f s", out->rows[0].a,
                            out->rows[0].b);
    }
    json_decref(a);
    json_decref(b);
    if (result != JW_OK)
        jw_comparison_free(out);
    return result;
}

void jw_comparison_free(jw_comparison *comparison)
{
    jw_free(comparison->rows);
    memset(comparison, 0, sizeof *comparison);
}
