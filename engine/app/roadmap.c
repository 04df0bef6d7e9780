/* jingwei roadmap: years of decisions, a quarter at a time, each judged by a rush of the whole twin. */
#include "app/study.h"
#include "study/roadmap_study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct roadmap_options {
    app_study study; /* minutes 0: not given */
    const char *resume;
    double years; /* 0: not given */
    uint32_t seeds, measure;
    bool has_tornado;
} roadmap_options;

static const app_option options[] = {
    {"years", "N", "quarters of years are allowed: 0.5 is two quarters (default 10)"},
    {"policy", "FILE",
     "a scenario with quarter = function(twin, storage, p): what it orders each quarter, as those of "
     "scripts/policies do (default: nothing is ordered, what is there stays)"},
    {"minutes", "M", "simulated time of each quarter's rush (default 15)"},
    {"set", "ID=VALUE", "set a parameter of the scene or the policy; may be repeated"},
    {"seed", "N", "default: the scene's"},
    {"threads", "N", "default: one a processor; results do not depend on it"},
    {"out", "FOLDER", "a new folder for the results (default runs/<scene>-roadmap-<n>)"},
    {"resume", "FOLDER", "go on with an interrupted roadmap; with --years to a later end"},
    {"tornado", NULL,
     "afterwards the roadmap again with each parameter of scene and policy changed, a number by 20 % down "
     "and up: which "
     "ten move the end most"},
    {"measure", "NAME",
     "what the tornado shows beside productivity: a column of quarters.csv (default delay_s)"},
    {"seeds", "N",
     "afterwards the roadmap, and the tornado's, with N seeds: means with 95 % intervals (default 1)"},
    {"json", NULL, "print the results as one JSON object"},
    {"quiet", NULL, "no progress"},
};

static bool take_measure(const char *value, uint32_t *out)
{
    char known[600] = "one of";
    for (*out = 0; *out < jw_roadmap_measure_count(); ++*out) {
        size_t used = strlen(known);
        if (strcmp(jw_roadmap_measure_name(*out), value) == 0)
            return true;
        snprintf(known + used, sizeof known - used, " %s", jw_roadmap_measure_name(*out));
    }
    return app_refuse("roadmap", "measure", value, known);
}

static bool take(void *context, const char *name, const char *value)
{
    roadmap_options *given = context;
    double number = 0;
    bool is_fine;
    if (app_study_take(&given->study, name, value, &is_fine))
        return is_fine;
    if (strcmp(name, "years") == 0) {
        if (!jw_text_to_number(value, &number) || number * 4 != jw_floor(number * 4) || number < 0.25 ||
            number > JW_ROADMAP_QUARTERS_MAX / 4)
            return app_refuse("roadmap", name, value, "years in whole quarters, 0.25 to 50");
        given->years = number;
    } else if (strcmp(name, "policy") == 0) {
        given->study.world.scenario = value;
    } else if (strcmp(name, "resume") == 0) {
        given->resume = value;
    } else if (strcmp(name, "tornado") == 0) {
        given->has_tornado = true;
    } else if (strcmp(name, "measure") == 0) {
        return take_measure(value, &given->measure);
    } else if (strcmp(name, "seeds") == 0) {
        if (!app_take_number("roadmap", name, value, 1, JW_ROADMAP_SEEDS_MAX, true, &number))
            return false;
        given->seeds = (uint32_t)number;
    }
    return true;
}

static bool copy(char *out, size_t size, const char *text, const char *what)
{
    jw_text_copy(out, size, text);
    if (strcmp(out, text) == 0)
        return true;
    fprintf(stderr, app_say("jingwei roadmap: %s '%.60s...' is too long\n"), app_say(what), text);
    return false;
}

/* Full paths: a roadmap may go on from another folder. */
static bool copy_path(char *out, size_t size, const char *path, const char *what)
{
    char *full = realpath(path, NULL);
    bool is_fine = copy(out, size, full ? full : path, what);
    free(full);
    return is_fine;
}

static bool make_plan(const roadmap_options *given, jw_roadmap_plan *plan)
{
    *plan = (jw_roadmap_plan){.set_count = given->study.world.set_count,
                              .seed = given->study.world.seed,
                              .minutes = given->study.minutes > 0 ? given->study.minutes : 15,
                              .quarters = (uint32_t)(4 * (given->years > 0 ? given->years : 10))};
    bool is_fine = copy_path(plan->scene, sizeof plan->scene, given->study.world.file, "the scene");
    if (is_fine && given->study.world.scenario)
        is_fine = copy_path(plan->policy, sizeof plan->policy, given->study.world.scenario, "the policy");
    for (uint32_t i = 0; i < plan->set_count && is_fine; i++)
        is_fine = copy(plan->set[i], sizeof plan->set[i], given->study.world.set[i], "--set");
    return is_fine;
}

/* A plan for new, or the one that is kept in the folder; *out_image is the world's snapshot, if there is one.
 */
static int begin(const roadmap_options *given, jw_roadmap *map, char *folder, size_t folder_size,
                 char **out_image, size_t *out_image_size)
{
    jw_error error = {0};
    if (given->resume) {
        if (given->study.world.file || given->study.world.scenario || given->study.out ||
            given->study.world.set_count || given->study.world.seed || given->study.minutes > 0) {
            fprintf(
                stderr,
                app_say(
                    "jingwei roadmap: --resume goes on as it was begun; only --years, --threads, --tornado, "
                    "--measure, --seeds, --json and --quiet go with it\n"));
            return APP_BAD_INPUT;
        }
        jw_text_copy(folder, folder_size, given->resume);
        if (jw_roadmap_read(folder, map, out_image, out_image_size, &error) != JW_OK)
            return app_fail(&error);
        if (given->years > 0 && 4 * given->years < map->count) {
            fprintf(stderr, app_say("jingwei roadmap: %s is %u quarters long already\n"), folder, map->count);
            return APP_BAD_INPUT;
        }
        if (given->years > 0)
            map->plan.quarters = (uint32_t)(4 * given->years);
        return APP_OK;
    }
    if (!given->study.world.file)
        return app_study_ask(&given->study);
    if (!make_plan(given, &map->plan))
        return APP_BAD_INPUT;
    char stem[256];
    jw_path_stem(given->study.world.file, stem, sizeof stem);
    if (given->study.out)
        jw_text_copy(folder, folder_size, given->study.out);
    else if (app_free_result(stem, "roadmap", "", folder, folder_size, &error) != JW_OK)
        return app_fail(&error);
    if (!jw_file_exists(folder) && !jw_is_directory(folder))
        return APP_OK;
    jw_fail(&error, JW_ERROR_EXISTS, NULL, 0,
            "%s exists already: choose another --out, or go on with it by --resume", folder);
    return app_fail(&error);
}

static void print_refused(const jw_roadmap *map, uint32_t from)
{
    for (uint32_t i = from; i < map->order_count; i++) {
        const jw_order *o = &map->orders[i].order;
        char why[640];
        if (o->result != JW_OK)
            fprintf(stderr, app_say("jingwei: %s: quarter %u: refused: %s (%s)\n"), o->at,
                    map->orders[i].quarter, app_say_message(o->refusal, why, sizeof why), o->what);
    }
}

static void print_table(const jw_roadmap *map)
{
    static const uint32_t shown[] = {0, 1, 2, 3, 4, 5, 6, 7};
    app_print_cell("quarter", -8);
    for (uint32_t k = 0; k < JW_COUNT_OF(shown); k++)
        app_print_cell(jw_roadmap_measure_name(shown[k]), 17);
    printf("\n");
    for (uint32_t i = 0; i < map->count; i++) {
        printf("%-8u", i + 1);
        for (uint32_t k = 0; k < JW_COUNT_OF(shown); k++)
            printf(" %16.6g", jw_roadmap_measure(&map->rows[i], shown[k]));
        printf("\n");
    }
}

static int print_json(const char *folder)
{
    char path[1100], *text;
    size_t size;
    jw_error error = {0};
    snprintf(path, sizeof path, "%s/roadmap.json", folder);
    if (jw_file_read(path, 1u << 30, &text, &size, &error) != JW_OK)
        return app_fail(&error);
    fwrite(text, 1, size, stdout);
    jw_free(text);
    return APP_OK;
}

static int pass_years(const roadmap_options *given, jw_roadmap *map, jw_world *world, const char *folder)
{
    app_progress progress = app_progress_make();
    jw_error error = {0}, other = {0};
    uint32_t orders = map->order_count;
    jw_result result = jw_make_directory(folder, &error);
    if (result == JW_OK)
        result = jw_roadmap_run(world, map, folder, app_progress_of(given->study.world.is_quiet), &progress,
                                &error);
    app_progress_end(&progress);
    print_refused(map, orders);
    int status = result == JW_OK ? APP_OK : app_fail(&error);
    if (jw_is_directory(folder) && jw_roadmap_write(map, folder, &other) != JW_OK)
        return app_fail(&other);
    if (status != APP_OK) {
        if (map->count > 0)
            fprintf(stderr, app_say("jingwei: %u quarters are kept: jingwei roadmap --resume %s\n"),
                    map->count, folder);
        return status;
    }
    if (given->study.is_json)
        return print_json(folder);
    print_table(map);
    printf(app_say("results in %s\n"), folder);
    return APP_OK;
}

static void print_tornado(const jw_roadmap_study *study)
{
    uint32_t shown = jw_roadmap_study_shown(study);
    app_print_cell("parameter", -20);
    app_print_cell("from", 15);
    app_print_cell("to", 15);
    app_print_cell("tfp", 15);
    app_print_cell("+-", 11);
    app_print_cell(jw_roadmap_measure_name(study->measure), 15);
    printf(" %10s\n", "+-");
    for (uint32_t i = 0; i < shown; i++) {
        const jw_roadmap_factor *factor = &study->factors[i];
        for (uint32_t c = factor->first; c < factor->first + factor->count; c++) {
            jw_estimate tfp = jw_roadmap_study_effect(study, c, 0),
                        other = jw_roadmap_study_effect(study, c, 1);
            if (!study->changes[c].refusal[0])
                printf("%-20s %14s %14s %+14.5g %10.3g %+14.5g %10.3g\n", factor->id, factor->value,
                       study->changes[c].value, tfp.mean, tfp.half_width, other.mean, other.half_width);
        }
    }
    printf(app_say("%u of %u parameters; all of them in tornado.csv\n"), shown, study->factor_count);
}

/* Changes that scene or policy do not take; the rest stands. */
static void print_untried(const jw_roadmap_study *study)
{
    for (uint32_t i = 0; i < study->factor_count; i++)
        for (uint32_t k = 0; k < study->factors[i].count; k++) {
            const jw_roadmap_change *change = &study->changes[study->factors[i].first + k];
            char why[640];
            if (change->refusal[0])
                fprintf(stderr, app_say("jingwei: %s=%s: %s\n"), study->factors[i].id,
                        change->value[0] ? change->value : study->factors[i].value,
                        app_say_message(change->refusal, why, sizeof why));
        }
}

/* What was asked for beside the roadmap; the roadmap stands whatever becomes of it. */
static int run_study(const roadmap_options *given, const jw_roadmap *map, const char *folder)
{
    app_progress progress = app_progress_make();
    jw_error error = {0};
    jw_roadmap_study study;
    jw_roadmap_study_def def = {.base = map,
                                .has_tornado = given->has_tornado,
                                .seed_count = given->seeds,
                                .measure = given->measure,
                                .threads = given->study.world.threads,
                                .progress = app_progress_of(given->study.world.is_quiet),
                                .progress_context = &progress};
    jw_result result = jw_roadmap_study_run(&def, &study, &error);
    app_progress_end(&progress);
    if (result == JW_OK)
        result = jw_roadmap_study_write(&study, map, folder, &error);
    if (result == JW_OK)
        print_untried(&study);
    if (result == JW_OK && given->has_tornado && !given->study.is_json)
        print_tornado(&study);
    jw_roadmap_study_free(&study);
    if (result == JW_OK)
        return APP_OK;
    fprintf(stderr, app_say("jingwei: the roadmap itself is kept: jingwei roadmap --resume %s%s\n"), folder,
            given->has_tornado ? " --tornado" : " --seeds N");
    return app_fail(&error);
}

static int run_plan(roadmap_options *given, jw_roadmap *map, const char *folder, const char *image,
                    size_t image_size)
{
    app_world app = {0};
    jw_error error = {0};
    given->study.world.file = map->plan.scene;
    given->study.world.scenario = map->plan.policy[0] ? map->plan.policy : NULL;
    given->study.world.seed = map->plan.seed;
    given->study.world.set_count = map->plan.set_count;
    for (uint32_t i = 0; i < map->plan.set_count; i++)
        given->study.world.set[i] = map->plan.set[i];
    if (given->study.world.threads == 0)
        given->study.world.threads = jw_processor_count();
    jw_scenario_text texts;
    if (given->study.world.scenario) {
        jw_result result = jw_scenario_read_texts(given->study.world.scenario, &texts, &error);
        if (result == JW_OK && !texts.has_quarter)
            result =
                jw_fail(&error, JW_ERROR_INPUT, given->study.world.scenario, 1,
                        "it is no policy: a policy orders in quarter = function(twin, storage, p), as those "
                        "of scripts/policies do");
        if (result != JW_OK)
            return app_fail(&error);
    }
    int status = app_world_open(&given->study.world, &app);
    if (status != APP_OK)
        return status;
    if (image && jw_world_restore(app.world, image, image_size, &error) != JW_OK)
        status = app_fail(&error);
    else
        status = pass_years(given, map, app.world, folder);
    app_world_close(&app);
    if (status == APP_OK && (given->has_tornado || given->seeds > 1))
        status = run_study(given, map, folder);
    return status;
}

int app_roadmap(int argc, char **argv)
{
    static const app_command command = {
        "roadmap", "SCENE [options] | --resume FOLDER",
        "Years of decisions in quarters. Each quarter a policy orders, what it ordered rolls out and is "
        "judged by a "
        "rush\nof the whole twin, and the economy closes its books with what was measured. Writes time "
        "series and "
        "orders\n(CSV, JSON), a chart (SVG), and after every quarter a state from which --resume goes on.",
        app_roadmap};
    roadmap_options given = {
        .study = {.name = "roadmap", .operand = "SCENE"}, .seeds = 1, .measure = JW_ROADMAP_DELAY};
    jw_roadmap map = {0};
    char folder[1024], *image = NULL;
    size_t image_size = 0;
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    app_catch_signals();
    status = begin(&given, &map, folder, sizeof folder, &image, &image_size);
    if (status == APP_OK)
        status = run_plan(&given, &map, folder, image, image_size);
    jw_free(image);
    jw_roadmap_free(&map);
    return status;
}
