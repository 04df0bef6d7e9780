/* Two runs side by side, from their summaries. */
#include "study/study.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Units and order of the summary's figures; what is nested is named with a dot. */
static const struct {
    const char *name, *unit, *label;
} figures[] = {
    {"sim_s", "s", "simulated time"},
    {"trips.departed", "", "trips departed"},
    {"trips.arrived", "", "trips arrived"},
    {"trips.running", "", "vehicles on the road"},
    {"trips.waiting", "", "trips waiting to enter"},
    {"trips.mean_travel_time_s", "s", "mean travel time"},
    {"trips.mean_delay_s", "s", "mean delay"},
    {"requests.sent", "", "requests sent"},
    {"requests.answered", "", "requests answered"},
    {"requests.late", "", "answers late"},
    {"requests.lost", "", "requests lost"},
    {"requests.p50_ms", "ms", "answers, median"},
    {"requests.p95_ms", "ms", "answers, 95th percentile"},
    {"requests.p99_ms", "ms", "answers, 99th percentile"},
    {"energy_wh", "Wh", "energy of data"},
    {"carbon_kg", "kg", "CO2 of data"},
    {"cost_cny", "CNY", "cost of data"},
    {"traffic_co2_kg", "kg", "CO2 of traffic"},
};

static json_t *load(const char *folder, const char *name, jw_error *error)
{
    char path[1024];
    char *text = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (jw_file_read(path, 16 << 20, &text, &size, error) != JW_OK)
        return NULL;
    json_error_t where;
    json_t *summary = json_loadb(text, size, 0, &where);
    jw_free(text);
    if (!summary)
        jw_fail(error, JW_ERROR_CORRUPT, path, where.line, "%s", where.text);
    if (summary && !json_is_object(summary)) {
        jw_fail(error, JW_ERROR_CORRUPT, path, 0, "an object is expected in the %s of a run", name);
        json_decref(summary);
        return NULL;
    }
    return summary;
}

static json_t *load_summary(const char *folder, jw_error *error)
{
    char summary[1024], manifest[1024];
    snprintf(summary, sizeof summary, "%s/summary.json", folder);
    snprintf(manifest, sizeof manifest, "%s/manifest.json", folder);
    if (!jw_file_exists(summary) && !jw_file_exists(manifest)) {
        jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s is no run folder: it has no summary.json", folder);
        return NULL;
    }
    if (!jw_file_exists(summary)) {
        jw_fail(
            error, JW_ERROR_NOT_FOUND, NULL, 0,
            "%s did not finish: there is no %s. Simulate it again to compare it; what it kept can be seen "
            "with: jingwei report %s",
            folder, summary, folder);
        return NULL;
    }
    return load(folder, "summary.json", error);
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

static void write_value(const json_t *value, char *out, size_t size)
{
    if (json_is_string(value))
        jw_text_copy(out, size, json_string_value(value));
    else if (json_is_number(value))
        snprintf(out, size, "%.12g", json_number_value(value));
    else if (json_is_boolean(value))
        jw_text_copy(out, size, json_is_true(value) ? "true" : "false");
    else
        jw_text_copy(out, size, "none");
}

static jw_result add_change(jw_comparison *out, const char *name, const json_t *a, const json_t *b,
                            const json_t *label, jw_error *error)
{
    jw_change change = {0};
    jw_text_copy(change.label.en, sizeof change.label.en, json_string_value(json_object_get(label, "en")));
    jw_text_copy(change.label.zh, sizeof change.label.zh, json_string_value(json_object_get(label, "zh")));
    jw_text_copy(change.name, sizeof change.name, name);
    write_value(a, change.a, sizeof change.a);
    write_value(b, change.b, sizeof change.b);
    if (strcmp(change.a, change.b) == 0)
        return JW_OK;
    jw_change *changes =
        jw_realloc(out->changes, out->change_count * sizeof change, (out->change_count + 1) * sizeof change);
    if (!changes)
        return jw_fail_memory(error);
    out->changes = changes;
    changes[out->change_count++] = change;
    return JW_OK;
}

/* A folder without a readable manifest has nothing to say here. */
static jw_result find_changes(const char *folder_a, const char *folder_b, jw_comparison *out, jw_error *error)
{
    static const struct {
        const char *key, *name;
    } facts[] = {{"jingwei", "version"},      {"scene", "scene"}, {"seed", "seed"},    {"threads", "threads"},
                 {"scenario_file", "script"}, {"dt_s", "dt_s"},   {"warm_s", "warm_s"}};
    json_t *a = load(folder_a, "manifest.json", NULL), *b = load(folder_b, "manifest.json", NULL);
    jw_result result = JW_OK;
    for (uint32_t i = 0; a && b && i < JW_COUNT_OF(facts) && result == JW_OK; i++)
        result = add_change(out, facts[i].name, json_object_get(a, facts[i].key),
                            json_object_get(b, facts[i].key), NULL, error);
    json_t *in_a = json_object_get(a, "parameters"), *in_b = json_object_get(b, "parameters");
    json_t *labels_a = json_object_get(a, "parameter_labels"),
           *labels_b = json_object_get(b, "parameter_labels");
    const char *name;
    json_t *value;
    json_object_foreach(in_a, name, value)
    {
        if (b && result == JW_OK)
            result = add_change(out, name, value, json_object_get(in_b, name),
                                json_object_get(labels_a, name), error);
    }
    json_object_foreach(in_b, name, value)
    {
        if (a && result == JW_OK && !json_object_get(in_a, name))
            result = add_change(out, name, NULL, value, json_object_get(labels_b, name), error);
    }
    /* The hash is of the parameters, too: by itself it says that the scene's files were changed. */
    if (a && b && result == JW_OK && out->change_count == 0)
        result = add_change(out, "scene's files, by their hash", json_object_get(a, "scene_hash"),
                            json_object_get(b, "scene_hash"), NULL, error);
    json_decref(a);
    json_decref(b);
    return result;
}

jw_result jw_compare_runs(const char *folder_a, const char *folder_b, jw_comparison *out,
                          jw_problems *problems, jw_error *error)
{
    memset(out, 0, sizeof *out);
    json_t *a = load_summary(folder_a, error);
    json_t *b = a ? load_summary(folder_b, error) : NULL;
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
            row->label = figures[i].label;
            if (strcmp(row->name, "requests.sent") == 0 || strcmp(row->name, "energy_wh") == 0)
                out->has_data |= row->a > 0 || row->b > 0;
            out->count += in_a || in_b;
        }
        if (strcmp(out->scene_a, out->scene_b) != 0)
            jw_problems_add(problems, JW_WARNING, NULL, 0, NULL,
                            "the runs are of different scenes: %s and %s", out->scene_a, out->scene_b);
        if (out->count && out->rows[0].a != out->rows[0].b)
            jw_problems_add(
                problems, JW_WARNING, NULL, 0, NULL,
                "the runs are of different length, %.0f and %.0f s: their counts cannot be compared; give "
                "both the same --until",
                out->rows[0].a, out->rows[0].b);
        result = find_changes(folder_a, folder_b, out, error);
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
    jw_free(comparison->changes);
    memset(comparison, 0, sizeof *comparison);
}
