/* jingwei assign: routes in user equilibrium, by iterated simulation. */
#include "app/app.h"

#include "study/assign.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct assign_options {
    app_world_def world;
    const char *out;
    double until_s, iterations, gap, bin_min;
    bool until_is_duration, has_until, is_json;
    app_progress progress;
} assign_options;

static const app_option options[] = {
    {"until", "TIME", "trips that depart before: 09:00, or a length: 1h (default: the scene's end, else 1h)"},
    {"iterations", "N", "at most so many (default 20)"},
    {"gap", "SHARE", "relative gap at which to stop (default 0.01)"},
    {"bin", "MINUTES", "travel times are measured by so many minutes (default 15)"},
    {"seed", "N", "seed of all random numbers (default: the scene's)"},
    {"threads", "N", "threads (default 1); results do not depend on it"},
    {"set", "ID=VALUE", "set a parameter of the scene; may be repeated"},
    {"out", "DIR", "folder for the results (default runs/<scene>-assign-<n>); must not exist"},
    {"json", NULL, "print the iterations as one JSON object"},
    {"quiet", NULL, "no progress"},
};

static bool take(void *context, const char *name, const char *value)
{
    assign_options *given = context;
    double number;
    if (!name) {
        if (given->world.file) {
            fprintf(stderr, app_say("jingwei assign: one FILE at a time, '%s' is the second\n"), value);
            return false;
        }
        given->world.file = value;
    } else if (strcmp(name, "help") == 0) {
        return !given->world.file || app_print_params(given->world.file, NULL) == APP_OK;
    } else if (strcmp(name, "until") == 0) {
        given->has_until = true;
        if (!app_parse_time(value, &given->until_s, &given->until_is_duration))
            return app_refuse("assign", name, value,
                              "write a time of day as 08:00, or a length as 3600s, 30min, 2h");
    } else if (strcmp(name, "iterations") == 0) {
        return app_take_number("assign", name, value, 1, 10000, true, &given->iterations);
    } else if (strcmp(name, "gap") == 0) {
        return app_take_number("assign", name, value, 1e-6, 10, false, &given->gap);
    } else if (strcmp(name, "bin") == 0) {
        return app_take_number("assign", name, value, 0.5, 1440, false, &given->bin_min);
    } else if (strcmp(name, "seed") == 0) {
        if (!app_take_number("assign", name, value, 1, APP_ANY, true, &number))
            return false;
        given->world.seed = (uint64_t)number;
    } else if (strcmp(name, "threads") == 0) {
        if (!app_take_number("assign", name, value, 1, 256, true, &number))
            return false;
        given->world.threads = (int)number;
    } else if (strcmp(name, "set") == 0) {
        if (given->world.set_count >= JW_COUNT_OF(given->world.set))
            return app_refuse("assign", name, value, "at most 64 parameters can be set");
        given->world.set[given->world.set_count++] = value;
    } else if (strcmp(name, "out") == 0) {
        given->out = value;
    } else if (strcmp(name, "json") == 0) {
        given->is_json = true;
    } else if (strcmp(name, "quiet") == 0) {
        given->world.is_quiet = true;
    }
    return true;
}

static bool show_progress(void *context, uint32_t iteration, double share)
{
    assign_options *given = context;
    char what[64];
    snprintf(what, sizeof what, "iteration %u", iteration);
    return !app_is_interrupted() &&
           (given->world.is_quiet || app_progress_show(&given->progress, share, what));
}

static bool show_iteration(void *context, const jw_assign_iteration *i)
{
    assign_options *given = context;
    app_progress_end(&given->progress);
    given->progress = app_progress_make();
    if (!given->is_json) {
        if (i->number == 1)
            printf(app_say("iteration  relative gap  mean travel s  arrived of trips   moved\n"));
        printf(app_say("%9u  %12.4f  %13.1f  %7lld of %-7lld %6u\n"), i->number, i->relative_gap,
               i->mean_travel_s, (long long)i->arrived, (long long)i->trips, i->moved);
        fflush(stdout);
    }
    return !app_is_interrupted();
}

static int print_json(const jw_assign_result *result, const char *folder)
{
    json_t *rows = json_array(), *object = NULL;
    for (uint32_t k = 0; k < result->iteration_count; k++) {
        const jw_assign_iteration *i = &result->iterations[k];
        json_array_append_new(
            rows, json_pack("{s:i,s:I,s:I,s:I,s:f,s:f,s:f,s:i}", "iteration", (int)i->number, "trips",
                            (json_int_t)i->trips, "arrived", (json_int_t)i->arrived, "left_their_way",
                            (json_int_t)i->rerouted, "mean_travel_s", i->mean_travel_s, "total_travel_h",
                            i->total_travel_h, "relative_gap", i->relative_gap, "moved", (int)i->moved));
    }
    object = json_pack("{s:b,s:I,s:s,s:o}", "converged", result->has_converged, "impossible",
                       (json_int_t)result->impossible, "folder", folder, "iterations", rows);
    char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    if (text)
        printf("%s\n", text);
    json_decref(object);
    free(text);
    return text ? APP_OK : APP_FAILED;
}

static int assign(assign_options *given, const app_world *app, const char *folder)
{
    int64_t start_ns = app->def.start_time_ns, scene_end_ns = jw_scene_end_ns(app->scene);
    int64_t end_ns = scene_end_ns > start_ns ? scene_end_ns : start_ns + 3600 * JW_NS_PER_S;
    if (given->has_until)
        end_ns = jw_ns_from_s(given->until_s) + (given->until_is_duration ? start_ns : 0);
    if (end_ns <= start_ns) {
        fprintf(stderr, app_say("jingwei assign: --until must lie after the scene's start\n"));
        return APP_BAD_INPUT;
    }
    jw_assign_def def = {.scene = &app->def,
                         .end_ns = end_ns,
                         .bin_s = given->bin_min * 60,
                         .gap = given->gap,
                         .iterations = (uint32_t)given->iterations,
                         .threads = given->world.threads ? given->world.threads : 1,
                         .on_iteration = show_iteration,
                         .on_progress = show_progress,
                         .context = given};
    jw_assign_result result;
    jw_error error = {0};
    jw_result status = jw_assign_run(&def, &result, &error);
    app_progress_end(&given->progress);
    if (status != JW_OK)
        return app_fail(&error);
    status = jw_make_directory(folder, &error);
    if (status == JW_OK)
        status = jw_assign_write(&result, &app->def, jw_scene_sumo_demand(app->scene), folder, &error);
    int code = APP_OK;
    if (status != JW_OK) {
        code = app_fail(&error);
    } else if (given->is_json) {
        code = print_json(&result, folder);
    } else {
        printf(app_say("%s after %u iterations"),
               app_say(result.has_converged ? "converged" : "not converged"), result.iteration_count);
        if (result.impossible)
            printf(app_say("; no road serves %lld trips"), (long long)result.impossible);
        printf(app_say("; results in %s\n"), folder);
    }
    jw_assign_result_free(&result);
    return code;
}

int app_assign(int argc, char **argv)
{
    static const app_command command = {
        "assign", "FILE [options]",
        "User equilibrium: simulates the traffic of a scene again and again and gives faster ways to those "
        "who "
        "lose most,\nuntil nobody could gain much by another way. Writes the gaps (CSV, SVG), measured times "
        "and routes (CSV, .rou.xml).",
        app_assign};
    assign_options given = {.progress = app_progress_make()};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    if (!given.world.file) {
        fprintf(stderr, app_say("jingwei assign: which FILE? 'jingwei assign --help' says more\n"));
        return APP_BAD_INPUT;
    }
    char folder[1024];
    if (!app_find_folder(given.world.file, "assign", given.out, folder, sizeof folder))
        return APP_BAD_INPUT;
    app_catch_signals();
    app_world app;
    status = app_world_open(&given.world, &app);
    if (status != APP_OK)
        return status;
    status = assign(&given, &app, folder);
    app_world_close(&app);
    return status;
}
