/* jingwei calibrate: the matrix of a scene scaled until simulated flows match counts. */
#include "app/study.h"

#include "study/study.h"

#include <stdio.h>
#include <string.h>

typedef struct calibrate_options {
    app_study study;
    const char *counts;
    double iterations;
} calibrate_options;

static const app_option options[] = {
    {"counts", "FILE", "CSV with edge, begin, end, count: vehicles that passed the end of an edge"},
    {"iterations", "N", "simulations after the first (default 8)"},
    {"out", "FILE", "write the scaled matrix as CSV (default: print figures only)"},
    {"seed", "N", "seed of all random numbers (default: the scene's)"},
    {"threads", "N", "threads (default 1); results do not depend on it"},
    {"set", "ID=VALUE", "set a parameter of the scene; may be repeated"},
    {"json", NULL, "print the figures as one JSON object"},
    {"quiet", NULL, "no progress"},
};

static bool take(void *context, const char *name, const char *value)
{
    calibrate_options *o = context;
    bool is_fine;
    if (app_study_take(&o->study, name, value, &is_fine))
        return is_fine;
    if (strcmp(name, "counts") == 0) {
        o->counts = value;
    } else if (strcmp(name, "iterations") == 0) {
        return app_take_number("calibrate", name, value, 1, 1000, true, &o->iterations);
    }
    return true;
}

static void print_figures(const jw_calibration *c, const jw_count *counts, uint32_t count)
{
    static const struct {
        const char *name;
        int columns;
    } heads[] = {{"edge", 8},    {"begin", 10}, {"end", 10}, {"counted", 10},
                 {"before", 10}, {"after", 10}, {"GEH", 9},  {"GEH then", 9}};
    for (uint32_t i = 0; i < JW_COUNT_OF(heads); i++)
        app_print_cell(heads[i].name, heads[i].columns);
    puts("");
    for (uint32_t k = 0; k < count; k++) {
        const jw_count *one = &counts[k];
        char begin[16], end[16];
        snprintf(begin, sizeof begin, "%02d:%02d:%02d", (int)(one->begin_s / 3600),
                 (int)(one->begin_s / 60) % 60, (int)one->begin_s % 60);
        snprintf(end, sizeof end, "%02d:%02d:%02d", (int)(one->end_s / 3600), (int)(one->end_s / 60) % 60,
                 (int)one->end_s % 60);
        printf("%8u %9s %9s %9.0f %9.0f %9.0f %8.2f %8.2f\n", one->edge, begin, end, one->observed,
               one->before, one->after, one->geh_before, one->geh_after);
    }
    printf(
        app_say(
            "mean GEH %.2f before, %.2f after %u iterations; below 5: %.0f %% of the counts before, %.0f %% "
            "after\n"),
        c->geh_mean_before, c->geh_mean_after, c->iterations, 100 * c->below_5_before,
        100 * c->below_5_after);
    printf(app_say("%.0f trips of %u cells that a count sees became %.0f\n"), c->trips_before, c->cells_seen,
           c->trips_after);
}

static bool print_json(const jw_calibration *c, const jw_count *counts, uint32_t count)
{
    json_t *rows = json_array();
    for (uint32_t k = 0; rows && k < count; k++)
        json_array_append_new(
            rows, json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "edge", (json_int_t)counts[k].edge,
                            "begin_s", counts[k].begin_s, "end_s", counts[k].end_s, "counted",
                            counts[k].observed, "before", counts[k].before, "after", counts[k].after,
                            "geh_before", counts[k].geh_before, "geh_after", counts[k].geh_after));
    json_t *root = json_pack(
        "{s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:o}", "geh_mean_before", c->geh_mean_before,
        "geh_mean_after", c->geh_mean_after, "below_5_before", c->below_5_before, "below_5_after",
        c->below_5_after, "trips_before", c->trips_before, "trips_after", c->trips_after, "cells_seen",
        (json_int_t)c->cells_seen, "iterations", (json_int_t)c->iterations, "counts", rows);
    bool is_good = root && json_dumpf(root, stdout, JSON_REAL_PRECISION(10)) == 0;
    puts("");
    json_decref(root);
    return is_good;
}

static int calibrate(const calibrate_options *o, app_world *app)
{
    jw_error error = {0};
    jw_count *counts = NULL;
    uint32_t count = 0;
    jw_calibration found = {0};
    app_progress progress = app_progress_make();
    jw_traffic_def traffic = app->def.traffic;
    traffic.demand_data = &app->def.demand_data;
    jw_calibrate_def def = {.city = app->def.city,
                            .traffic = &traffic,
                            .seed = app->def.seed,
                            .dt_ns = app->def.dt_ns,
                            .start_ns = app->def.start_time_ns,
                            .threads = app->def.threads,
                            .iterations = (uint32_t)o->iterations,
                            .progress = app_progress_of(o->study.world.is_quiet),
                            .progress_context = &progress};
    jw_result result = jw_read_counts(o->counts, app->def.city, &counts, &count, &error);
    if (result == JW_OK)
        result = jw_calibrate(&def, counts, count, &found, &error);
    app_progress_end(&progress);
    if (result == JW_OK && o->study.out)
        result = jw_demand_write_od(&found.data, o->study.out, &error);
    int status = APP_OK;
    if (result != JW_OK)
        status = app_fail(&error);
    else if (!o->study.is_json)
        print_figures(&found, counts, count);
    else if (!print_json(&found, counts, count))
        status = APP_FAILED;
    jw_demand_data_free(&found.data);
    jw_free(counts);
    return status;
}

int app_calibrate(int argc, char **argv)
{
    static const app_command command = {"calibrate", "SCENE --counts FILE [options]",
                                        "Scales the cells of the scene's matrix until the simulated flows "
                                        "match what was counted (Spiess 1990).\n"
                                        "Traffic alone is simulated, with signals as the map has them.",
                                        app_calibrate};
    calibrate_options o = {.study = {.name = "calibrate", .operand = "SCENE", .world.is_def_only = true}};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &o, &status))
        return status;
    if (!o.study.world.file || !o.counts) {
        fprintf(stderr, app_say("jingwei calibrate: which %s?\n"),
                o.study.world.file ? app_say("--counts FILE (CSV: edge, begin, end, count)") : "SCENE");
        return APP_BAD_INPUT;
    }
    app_world app;
    status = app_study_open(&o.study, &app);
    if (status == APP_OK)
        status = calibrate(&o, &app);
    app_world_close(&app);
    return status;
}
