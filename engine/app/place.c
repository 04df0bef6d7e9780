/* jingwei place: where edge sites go, and what the twin says of it. */
#include "app/app.h"

#include "study/place.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct place_options {
    app_world_def world;
    const char *out;
    double sites, candidates, seeds, minutes, demand;
    bool is_json;
} place_options;

static const app_option options[] = {
    {"sites", "N", "edge sites to place; required"},
    {"candidates", "K", "blocks with the most people and jobs, among which to choose (default 40)"},
    {"seeds", "S", "worlds for each answer, 2 or more (default 5)"},
    {"seed", "N", "the first seed (default: the scene's)"},
    {"minutes", "M", "simulated time of each, after the scene's warm-up (default 10)"},
    {"demand", "X",
     "so many times the questions of vehicles, crowds and cameras, which look twice a second at most "
     "(default 1)"},
    {"set", "ID=VALUE", "set a parameter of the scene; may be repeated"},
    {"threads", "N", "worlds at a time (default: one a processor); results do not depend on it"},
    {"out", "DIR", "folder for the results (default runs/<scene>-place-<n>); must not exist"},
    {"json", NULL, "print the table as one JSON object"},
    {"quiet", NULL, "no progress"},
};

static bool take(void *context, const char *name, const char *value)
{
    place_options *given = context;
    double number;
    if (!name) {
        if (given->world.file) {
            fprintf(stderr, app_say("jingwei place: one SCENE at a time, '%s' is the second\n"), value);
            return false;
        }
        given->world.file = value;
    } else if (strcmp(name, "help") == 0) {
        return !given->world.file || app_print_params(given->world.file, NULL) == APP_OK;
    } else if (strcmp(name, "sites") == 0) {
        return app_take_number("place", name, value, 1, 1000, true, &given->sites);
    } else if (strcmp(name, "candidates") == 0) {
        return app_take_number("place", name, value, 1, 1000, true, &given->candidates);
    } else if (strcmp(name, "seeds") == 0) {
        return app_take_number("place", name, value, 2, 1000, true, &given->seeds);
    } else if (strcmp(name, "seed") == 0) {
        if (!app_take_number("place", name, value, 1, APP_ANY, true, &number))
            return false;
        given->world.seed = (uint64_t)number;
    } else if (strcmp(name, "threads") == 0) {
        if (!app_take_number("place", name, value, 1, 256, true, &number))
            return false;
        given->world.threads = (int)number;
    } else if (strcmp(name, "minutes") == 0) {
        if (!jw_text_to_number(value, &given->minutes) || !(given->minutes > 0 && given->minutes <= 1440))
            return app_refuse("place", name, value, "minutes, at most 1440");
    } else if (strcmp(name, "demand") == 0) {
        if (!jw_text_to_number(value, &given->demand) || !(given->demand >= 0.01 && given->demand <= 1000))
            return app_refuse("place", name, value, "a factor from 0.01 to 1000");
    } else if (strcmp(name, "set") == 0) {
        if (given->world.set_count >= JW_COUNT_OF(given->world.set))
            return app_refuse("place", name, value, "at most 64 parameters can be set");
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

/* Against random, seed by seed: -1 better, 1 worse, 0 no more than chance. Of all measures less is better. */
static int beside_random(const jw_placement *place, uint32_t method, uint32_t measure)
{
    jw_benchmark_cell cell = jw_place_at(place, (jw_place_method)method, (jw_place_measure)measure);
    if (method == JW_PLACE_BY_RANDOM || jw_abs(cell.difference) <= cell.difference_half_width)
        return 0;
    return cell.difference < 0 ? -1 : 1;
}

static uint32_t count_beside_random(const jw_placement *place, int which)
{
    uint32_t count = 0;
    for (uint32_t m = 0; m < JW_PLACE_METHOD_COUNT; m++)
        for (uint32_t k = 0; k < JW_PLACE_MEASURE_COUNT; k++)
            count += beside_random(place, m, k) == which;
    return count;
}

static void print_table(const jw_placement *place, const char *scene)
{
    printf(
        app_say("%s: %u of %u candidates for %u demands; %u seeds of %g min for each answer, mean and 95 %% "
                "interval\n\n"),
        scene, place->site_count, place->candidate_count, place->demand_count, place->seed_count,
        place->minutes);
    app_print_cell("", 10);
    app_print_cell("way, us", 12);
    for (uint32_t k = 0; k < JW_PLACE_MEASURE_COUNT; k++) {
        char head[64];
        snprintf(head, sizeof head, "%s, %s", app_say(jw_place_measure_name((jw_place_measure)k)),
                 jw_place_measure_unit((jw_place_measure)k));
        app_print_cell(head, 19);
    }
    printf("\n");
    for (uint32_t m = 0; m < JW_PLACE_METHOD_COUNT; m++) {
        app_print_cell(jw_place_method_name((jw_place_method)m), -10);
        printf(" %11.3f", place->cost_s[m] * 1e6);
        for (uint32_t k = 0; k < JW_PLACE_MEASURE_COUNT; k++) {
            jw_benchmark_cell cell = jw_place_at(place, (jw_place_method)m, (jw_place_measure)k);
            printf(" %8.4g +- %-5.2g%c", cell.mean, cell.half_width, "* !"[1 + beside_random(place, m, k)]);
        }
        printf("\n");
    }
    printf(
        app_say("\nway: mean delay of a request's way to the nearest site, what greedy and exact make least; "
                "exact is %s\n"
                "* better than random, ! worse than random: the interval of the difference, seed by seed, "
                "does not "
                "hold 0\n"),
        app_say(place->is_proven ? "proven" : "the best found within its limit, not proven"));
    if (count_beside_random(place, -1) == 0)
        printf(app_say("No answer is better than random by more than chance here%s: sites nearer to their "
                       "users change "
                       "little in these figures, or more --seeds and --minutes are needed to see it.\n"),
               count_beside_random(place, 1) > 0 ? app_say(", and some are worse") : "");
}

static int print_json(const jw_placement *place, const char *scene, const char *folder)
{
    json_t *rows = json_array();
    for (uint32_t m = 0; m < JW_PLACE_METHOD_COUNT; m++) {
        json_t *row = json_pack("{s:s,s:f}", "method", jw_place_method_name((jw_place_method)m), "way_us",
                                place->cost_s[m] * 1e6);
        json_t *sites = json_array();
        for (uint32_t i = 0; i < place->site_count; i++) {
            jw_vec2 at = place->candidates[place->chosen[m * place->site_count + i]];
            json_array_append_new(sites, json_pack("{s:i,s:f,s:f}", "candidate",
                                                   (int)place->chosen[m * place->site_count + i] + 1, "x_m",
                                                   at.x, "y_m", at.y));
        }
        json_object_set_new(row, "sites", sites);
        for (uint32_t k = 0; k < JW_PLACE_MEASURE_COUNT; k++) {
            jw_benchmark_cell cell = jw_place_at(place, (jw_place_method)m, (jw_place_measure)k);
            json_object_set_new(row, jw_place_measure_name((jw_place_measure)k),
                                json_pack("{s:s,s:f,s:f,s:f,s:f}", "unit",
                                          jw_place_measure_unit((jw_place_measure)k), "mean", cell.mean,
                                          "ci95", cell.half_width, "difference", cell.difference,
                                          "difference_ci95", cell.difference_half_width));
        }
        json_array_append_new(rows, row);
    }
    json_t *object = json_pack("{s:s,s:s,s:i,s:i,s:b,s:i,s:f,s:i,s:i,s:o}", "scene", scene, "folder", folder,
                               "candidates", (int)place->candidate_count, "demands", (int)place->demand_count,
                               "proven", place->is_proven, "seeds", (int)place->seed_count, "minutes",
                               place->minutes, "better_than_random", (int)count_beside_random(place, -1),
                               "worse_than_random", (int)count_beside_random(place, 1), "methods", rows);
    char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    if (text)
        printf("%s\n", text);
    json_decref(object);
    free(text);
    return text ? APP_OK : APP_FAILED;
}

static bool show_nothing(void *context, double fraction, const char *what)
{
    (void)context, (void)fraction, (void)what;
    return !app_is_interrupted();
}

static void scale_demand(jw_twin_def *def, double factor)
{
    def->assistant_per_hour *= factor;
    def->camera_interval_s = jw_clamp(def->camera_interval_s / factor, 0.5, 60);
    for (uint32_t i = 0; i < def->crowd_count; i++)
        def->crowds[i].per_s = jw_min(def->crowds[i].per_s * factor, 1e5);
}

static int place_sites(const place_options *given, app_world *app, const char *folder)
{
    scale_demand(&app->def, given->demand);
    app_progress progress = app_progress_make();
    jw_place_def def = {.scene = app->scene,
                        .def = &app->def,
                        .sites = (uint32_t)given->sites,
                        .candidates = (uint32_t)given->candidates,
                        .seed_count = (uint32_t)given->seeds,
                        .minutes = given->minutes,
                        .threads = given->world.threads ? given->world.threads : jw_processor_count(),
                        .progress = given->world.is_quiet ? show_nothing : app_progress_show,
                        .progress_context = &progress};
    jw_placement place;
    jw_error error = {0};
    jw_result result = jw_place_run(&def, &place, &error);
    app_progress_end(&progress);
    if (result != JW_OK)
        return app_fail(&error);
    int status = APP_OK;
    result = jw_make_directory(folder, &error);
    if (result == JW_OK)
        result = jw_place_write(&place, &app->def, folder, &error);
    if (result != JW_OK) {
        status = app_fail(&error);
    } else if (given->is_json) {
        status = print_json(&place, jw_scene_name(app->scene), folder);
    } else {
        print_table(&place, jw_scene_name(app->scene));
        printf(app_say("results in %s\n"), folder);
    }
    jw_place_free(&place);
    return status;
}

int app_place(int argc, char **argv)
{
    static const app_command command = {"place", "SCENE --sites N [options]",
                                        "Where N edge sites go: greedy and exact answers to the p-median "
                                        "problem beside k-means and random ones,\neach judged "
                                        "by simulating the scene with its edge sites there. Writes tables "
                                        "(CSV), a map (SVG) and layers (GeoPackage).",
                                        app_place};
    place_options given = {.candidates = 40, .seeds = 5, .minutes = 10, .demand = 1};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    if (!given.world.file || given.sites == 0) {
        fprintf(stderr, app_say("jingwei place: %s 'jingwei place --help' says more\n"),
                app_say(given.world.file ? "how many --sites?" : "which SCENE?"));
        return APP_BAD_INPUT;
    }
    char folder[1024];
    if (!app_find_folder(given.world.file, "place", given.out, folder, sizeof folder))
        return APP_BAD_INPUT;
    app_catch_signals();
    app_world app = {0};
    given.world.is_def_only = true;
    status = app_world_open(&given.world, &app);
    if (status != APP_OK)
        return status;
    status = place_sites(&given, &app, folder);
    app_world_close(&app);
    return status;
}
