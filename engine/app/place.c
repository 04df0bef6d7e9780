/* jingwei place: where edge sites go, and what the twin says of it. */
#include "app/study.h"

#include "study/place.h"

#include <stdio.h>
#include <string.h>

typedef struct place_options {
    app_study study;
    double sites, candidates, seeds, demand;
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
    bool is_fine;
    if (app_study_take(&given->study, name, value, &is_fine))
        return is_fine;
    if (strcmp(name, "sites") == 0) {
        return app_take_number("place", name, value, 1, 1000, true, &given->sites);
    } else if (strcmp(name, "candidates") == 0) {
        return app_take_number("place", name, value, 1, 1000, true, &given->candidates);
    } else if (strcmp(name, "seeds") == 0) {
        return app_take_number("place", name, value, 2, 1000, true, &given->seeds);
    } else if (strcmp(name, "demand") == 0) {
        if (!jw_text_to_number(value, &given->demand) || !(given->demand >= 0.01 && given->demand <= 1000))
            return app_refuse("place", name, value, "a factor from 0.01 to 1000");
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
                 app_say(jw_place_measure_unit((jw_place_measure)k)));
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
    return app_study_print_json(object);
}

static void scale_demand(jw_twin_def *def, double factor)
{
    def->assistant_per_hour *= factor;
    def->camera_interval_s = jw_clamp(def->camera_interval_s / factor, 0.5, 60);
    for (uint32_t i = 0; i < def->crowd_count; i++)
        def->crowds[i].per_s = jw_min(def->crowds[i].per_s * factor, 1e5);
}

static int place_sites(void *context, app_world *app)
{
    const place_options *given = context;
    scale_demand(&app->def, given->demand);
    app_progress progress = app_progress_make();
    jw_place_def def = {.scene = app->scene,
                        .def = &app->def,
                        .sites = (uint32_t)given->sites,
                        .candidates = (uint32_t)given->candidates,
                        .seed_count = (uint32_t)given->seeds,
                        .minutes = given->study.minutes,
                        .threads = app_study_threads(&given->study),
                        .progress = app_progress_of(given->study.world.is_quiet),
                        .progress_context = &progress};
    jw_placement place;
    jw_error error = {0};
    jw_result result = jw_place_run(&def, &place, &error);
    app_progress_end(&progress);
    if (result != JW_OK)
        return app_fail(&error);
    result = jw_make_directory(given->study.out, &error);
    if (result == JW_OK)
        result = jw_place_write(&place, &app->def, given->study.out, &error);
    int status = result == JW_OK ? APP_OK : app_fail(&error);
    if (status == APP_OK && given->study.is_json) {
        status = print_json(&place, jw_scene_name(app->scene), given->study.out);
    } else if (status == APP_OK) {
        print_table(&place, jw_scene_name(app->scene));
        printf(app_say("results in %s\n"), given->study.out);
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
    place_options given = {
        .study = {.name = "place", .operand = "SCENE", .world.is_def_only = true, .minutes = 10},
        .candidates = 40,
        .seeds = 5,
        .demand = 1};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    if (given.study.world.file && given.sites == 0) {
        fprintf(stderr, app_say("jingwei place: how many --sites? 'jingwei place --help' says more\n"));
        return APP_BAD_INPUT;
    }
    return app_study_run(&given.study, place_sites, &given);
}
