/* jingwei assign: routes in user equilibrium, by iterated simulation. */
#include "app/study.h"

#include "study/assign.h"

#include <stdio.h>
#include <string.h>

typedef struct assign_options {
    app_study study;
    double until_s, iterations, gap, bin_min;
    bool until_is_duration, has_until;
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
    bool is_fine;
    if (app_study_take(&given->study, name, value, &is_fine))
        return is_fine;
    if (strcmp(name, "until") == 0) {
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
    }
    return true;
}

static bool show_progress(void *context, uint32_t iteration, double share)
{
    assign_options *given = context;
    char what[64];
    snprintf(what, sizeof what, "iteration %u", iteration);
    return !app_is_interrupted() &&
           (given->study.world.is_quiet || app_progress_show(&given->progress, share, what));
}

static bool show_iteration(void *context, const jw_assign_iteration *i)
{
    assign_options *given = context;
    app_progress_end(&given->progress);
    given->progress = app_progress_make();
    if (!given->study.is_json) {
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
    return app_study_print_json(object);
}

static int assign(void *context, app_world *app)
{
    assign_options *given = context;
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
                         .threads = given->study.world.threads ? given->study.world.threads : 1,
                         .on_iteration = show_iteration,
                         .on_progress = show_progress,
                         .context = given};
    jw_assign_result result;
    jw_error error = {0};
    jw_result status = jw_assign_run(&def, &result, &error);
    app_progress_end(&given->progress);
    if (status != JW_OK)
        return app_fail(&error);
    status = jw_make_directory(given->study.out, &error);
    if (status == JW_OK)
        status =
            jw_assign_write(&result, &app->def, jw_scene_sumo_demand(app->scene), given->study.out, &error);
    int code = status == JW_OK ? APP_OK : app_fail(&error);
    if (code == APP_OK && given->study.is_json) {
        code = print_json(&result, given->study.out);
    } else if (code == APP_OK) {
        printf(app_say("%s after %u iterations"),
               app_say(result.has_converged ? "converged" : "not converged"), result.iteration_count);
        if (result.impossible)
            printf(app_say("; no road serves %lld trips"), (long long)result.impossible);
        printf(app_say("; results in %s\n"), given->study.out);
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
    assign_options given = {.study = {.name = "assign", .operand = "FILE"}, .progress = app_progress_make()};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    return app_study_run(&given.study, assign, &given);
}
