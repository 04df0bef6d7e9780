/* jingwei pareto: the same service by smaller and larger models, at the edge and in the cloud, within a
 * budget. */
#include "app/study.h"

#include "study/pareto.h"

#include <stdio.h>
#include <string.h>

typedef struct pareto_options {
    app_study study;
    jw_pareto_def def;
    double seeds;
} pareto_options;

static const app_option options[] = {
    {"service", "TYPE", "the request type whose service is looked at (default signal)"},
    {"sizes", "LIST", "sizes of the model, times its own (default 0.15,1,2)"},
    {"methods", "LIST", "compressions of the catalogue, and none (default none,int8)"},
    {"cards", "LIST", "cards a site; 0: its share (default 0,1)"},
    {"data-gb", "GB", "data of the city that tuned candidates have seen (default 4; 0: none is tuned)"},
    {"budget-cards", "N", "candidates with more cards are left out of the front"},
    {"budget-kw", "P", "the same with more power"},
    {"budget-gb", "M", "the same with more memory for weights"},
    {"seeds", "S", "worlds for each candidate, 2 or more (default 3)"},
    {"seed", "N", "the first seed (default: the scene's)"},
    {"minutes", "M", "simulated time of each, after the scene's warm-up (default 5)"},
    {"set", "ID=VALUE", "set a parameter of the scene; may be repeated"},
    {"threads", "N", "seeds at a time (default: one a processor); results do not depend on it"},
    {"out", "DIR", "folder for the results (default runs/<scene>-pareto-<n>); must not exist"},
    {"json", NULL, "print the table as one JSON object"},
    {"quiet", NULL, "no progress"},
};

/* "a,b": calls back with each. */
static bool take_list(const char *name, const char *value,
                      bool (*take_one)(jw_pareto_def *def, const char *text), jw_pareto_def *def,
                      const char *wanted)
{
    char text[JW_MODEL_ID_SIZE];
    for (const char *at = value;; at++) {
        size_t length = strcspn(at, ",");
        if (length == 0 || length >= sizeof text)
            return app_refuse("pareto", name, value, wanted);
        memcpy(text, at, length);
        text[length] = 0;
        if (!take_one(def, text))
            return app_refuse("pareto", name, value, wanted);
        at += length;
        if (*at == 0)
            return true;
    }
}

static bool take_size(jw_pareto_def *def, const char *text)
{
    double size;
    if (def->size_count == JW_PARETO_CHOICES_MAX || !jw_text_to_number(text, &size) ||
        !(size >= 0.01 && size <= 10))
        return false;
    def->sizes[def->size_count++] = size;
    return true;
}

static bool take_method(jw_pareto_def *def, const char *text)
{
    if (def->method_count == JW_PARETO_CHOICES_MAX)
        return false;
    jw_text_copy(def->methods[def->method_count++], JW_MODEL_ID_SIZE, text);
    return true;
}

static bool take_cards(jw_pareto_def *def, const char *text)
{
    double cards;
    if (def->card_count == JW_PARETO_CHOICES_MAX || !jw_text_to_number(text, &cards) ||
        !(cards >= 0 && cards <= 1e5 && cards == jw_floor(cards)))
        return false;
    def->cards[def->card_count++] = (uint32_t)cards;
    return true;
}

static bool take(void *context, const char *name, const char *value)
{
    pareto_options *given = context;
    jw_pareto_def *def = &given->def;
    bool is_fine;
    if (name && strcmp(name, "minutes") == 0)
        return app_take_number("pareto", name, value, 0.1, 1440, false, &def->minutes);
    if (app_study_take(&given->study, name, value, &is_fine))
        return is_fine;
    if (strcmp(name, "service") == 0) {
        jw_text_copy(def->request, sizeof def->request, value);
    } else if (strcmp(name, "sizes") == 0) {
        def->size_count = 0;
        return take_list(name, value, take_size, def,
                         "up to 8 numbers from 0.01 to 10, with commas between them");
    } else if (strcmp(name, "methods") == 0) {
        def->method_count = 0;
        return take_list(name, value, take_method, def, "up to 8 ids, with commas between them");
    } else if (strcmp(name, "cards") == 0) {
        def->card_count = 0;
        return take_list(name, value, take_cards, def, "up to 8 whole numbers, with commas between them");
    } else if (strcmp(name, "data-gb") == 0) {
        return app_take_number("pareto", name, value, 0, 1e6, false, &def->data_gb);
    } else if (strcmp(name, "budget-cards") == 0) {
        return app_take_number("pareto", name, value, 1, 1e6, true, &def->budget_cards);
    } else if (strcmp(name, "budget-kw") == 0) {
        return app_take_number("pareto", name, value, 1e-3, 1e6, false, &def->budget_kw);
    } else if (strcmp(name, "budget-gb") == 0) {
        return app_take_number("pareto", name, value, 1e-3, 1e9, false, &def->budget_gb);
    } else if (strcmp(name, "seeds") == 0) {
        return app_take_number("pareto", name, value, 2, 100, true, &given->seeds);
    }
    return true;
}

static void print_table(const jw_pareto *pareto, const char *scene)
{
    uint32_t front = 0, refused = 0;
    for (uint32_t i = 0; i < pareto->candidate_count; i++) {
        front += pareto->candidates[i].is_on_front;
        refused += pareto->candidates[i].refusal[0] != 0;
    }
    printf(
        app_say("%s: %u candidates, %u seeds of %g min each; %u on the front, %u dominated, %u left out\n\n"),
        scene, pareto->candidate_count, pareto->seed_count, pareto->minutes, front,
        pareto->candidate_count - front - refused, refused);
    app_print_cell("the front, mean and 95 % interval", -46);
    app_print_cell("cards", 6);
    app_print_cell("GB", 9);
    for (uint32_t k = 0; k < JW_PARETO_MEASURE_COUNT; k++) {
        app_print_cell(jw_pareto_measure_name((jw_pareto_measure)k), 11);
        printf(", ");
        app_print_cell(jw_pareto_measure_unit((jw_pareto_measure)k), -6);
    }
    printf("\n");
    for (uint32_t i = 0; i < pareto->candidate_count; i++) {
        const jw_pareto_candidate *c = &pareto->candidates[i];
        if (!c->is_on_front)
            continue;
        printf("%-46s %5u %8.4g", c->name, c->cards, c->memory_gb);
        for (uint32_t k = 0; k < JW_PARETO_MEASURE_COUNT; k++) {
            double half, mean = jw_pareto_mean(pareto, i, (jw_pareto_measure)k, &half);
            printf(" %9.4g +- %-5.2g", mean, half);
        }
        printf("\n");
    }
    if (front == 0)
        printf(app_say("No candidate can be put there within the budget; pareto.csv says why of each.\n"));
}

static int print_json(const jw_pareto *pareto, const char *scene, const char *folder)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; i < pareto->candidate_count; i++) {
        const jw_pareto_candidate *c = &pareto->candidates[i];
        json_t *row = json_pack("{s:s,s:b,s:s,s:i,s:f}", "candidate", c->name, "on_front", c->is_on_front,
                                "refusal", c->refusal, "cards", (int)c->cards, "memory_gb", c->memory_gb);
        if (c->dominated_by != JW_NONE)
            json_object_set_new(row, "dominated_by", json_string(pareto->candidates[c->dominated_by].name));
        for (uint32_t k = 0; k < JW_PARETO_MEASURE_COUNT && c->cards > 0; k++) {
            double half, mean = jw_pareto_mean(pareto, i, (jw_pareto_measure)k, &half);
            json_object_set_new(row, jw_pareto_measure_name((jw_pareto_measure)k),
                                json_pack("{s:s,s:f,s:f}", "unit",
                                          jw_pareto_measure_unit((jw_pareto_measure)k), "mean", mean, "ci95",
                                          half));
        }
        json_array_append_new(rows, row);
    }
    json_t *object = json_pack("{s:s,s:s,s:i,s:f,s:o}", "scene", scene, "folder", folder, "seeds",
                               (int)pareto->seed_count, "minutes", pareto->minutes, "candidates", rows);
    return app_study_print_json(object);
}

static int find_front(void *context, app_world *app)
{
    pareto_options *given = context;
    app_progress progress = app_progress_make();
    given->def.scene = app->scene;
    given->def.def = &app->def;
    given->def.seed_count = (uint32_t)given->seeds;
    given->def.threads = app_study_threads(&given->study);
    given->def.progress = app_progress_of(given->study.world.is_quiet);
    given->def.progress_context = &progress;
    jw_pareto pareto;
    jw_error error = {0};
    jw_result result = jw_pareto_run(&given->def, &pareto, &error);
    app_progress_end(&progress);
    if (result != JW_OK)
        return app_fail(&error);
    result = jw_make_directory(given->study.out, &error);
    if (result == JW_OK)
        result = jw_pareto_write(&pareto, given->study.out, &error);
    int status = result == JW_OK ? APP_OK : app_fail(&error);
    if (status == APP_OK && given->study.is_json) {
        status = print_json(&pareto, jw_scene_name(app->scene), given->study.out);
    } else if (status == APP_OK) {
        print_table(&pareto, jw_scene_name(app->scene));
        printf(app_say("results in %s\n"), given->study.out);
    }
    jw_pareto_free(&pareto);
    return status;
}

int app_pareto(int argc, char **argv)
{
    static const app_command command = {
        "pareto", "SCENE [options]",
        "The same service by models of several sizes, tuned or not, compressed or not, "
        "at the edge, in the cloud or both:\neach is put into the scene and simulated. "
        "What others beat in quality, latency, power and cost is dominated;\nthe rest is "
        "the front. Writes a table (CSV) and a plot (SVG).",
        app_pareto};
    pareto_options given = {.study = {.name = "pareto", .operand = "SCENE", .world.is_def_only = true},
                            .seeds = 3,
                            .def = {.sizes = {0.15, 1, 2},
                                    .size_count = 3,
                                    .methods = {"none", "int8"},
                                    .method_count = 2,
                                    .cards = {0, 1},
                                    .card_count = 2,
                                    .data_gb = 4,
                                    .minutes = 5}};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    return app_study_run(&given.study, find_front, &given);
}
