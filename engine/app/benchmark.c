/* jingwei benchmark: signal controls on one scene, side by side. */
#include "app/study.h"
#include "study/study.h"

#include <stdio.h>
#include <string.h>

#define CONTROLS_MAX     64
#define DEFAULT_CONTROLS "fixed,actuated,max-pressure,green-wave,ai"

typedef struct benchmark_options {
    app_study study;
    char controls[1024];
    uint32_t seeds;
    bool has_controls;
} benchmark_options;

static const app_option options[] = {
    {"controls", "LIST",
     "fixed, actuated, max-pressure, green-wave, as-mapped, ai, or FILE.lua with signals { control = }, with "
     "commas between; differences are taken to the first (default " DEFAULT_CONTROLS ")"},
    {"seeds", "N", "worlds for each control, 5 or more (default 5)"},
    {"seed", "N", "the first seed (default: the scene's)"},
    {"minutes", "M", "simulated time of each, after the scene's warm-up (default 60)"},
    {"set", "ID=VALUE", "set a parameter of the scene; may be repeated"},
    {"threads", "N", "worlds at a time (default: one a processor); results do not depend on it"},
    {"out", "FILE", "the table as CSV (default runs/<scene>-benchmark-<n>.csv)"},
    {"json", NULL, "print the table as one JSON object"},
    {"quiet", NULL, "no progress"},
};

static bool take(void *context, const char *name, const char *value)
{
    benchmark_options *b = context;
    double number = 0;
    bool is_fine;
    if (app_study_take(&b->study, name, value, &is_fine))
        return is_fine;
    if (strcmp(name, "controls") == 0) {
        if (strlen(value) >= sizeof b->controls)
            return app_refuse("benchmark", name, value, "at most 1000 bytes");
        jw_text_copy(b->controls, sizeof b->controls, value);
        b->has_controls = true;
    } else if (strcmp(name, "seeds") == 0) {
        if (!app_take_number("benchmark", name, value, 5, 1000, true, &number))
            return false;
        b->seeds = (uint32_t)number;
    }
    return true;
}

/* Cuts the list in place. Without one given, what the scene cannot do is left out and told. */
static jw_result read_controls(benchmark_options *b, const jw_twin_def *def, jw_benchmark_control *out,
                               uint32_t *out_count, jw_error *error)
{
    uint32_t count = 0;
    for (char *name = b->controls, *next; name; name = next) {
        next = strchr(name, ',');
        if (next)
            *next++ = 0;
        if (count == CONTROLS_MAX)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "--controls: at most 64");
        jw_result result = jw_benchmark_find_control(name, &out[count], error);
        if (result != JW_OK)
            return result;
        if (!b->has_controls && out[count].is_ai && def->camera_count == 0)
            fprintf(stderr, app_say("jingwei benchmark: %s has no cameras: without the control \"ai\"\n"),
                    def->name);
        else
            count++;
    }
    *out_count = count;
    return JW_OK;
}

static void print_table(const jw_benchmark *b, const char *scene)
{
    printf(app_say("%s: %u seeds of %g min for each control; mean and 95 %% interval, difference to %s\n"),
           scene, b->seed_count, b->minutes, b->controls[0].name);
    for (uint32_t m = 0; m < JW_BENCHMARK_MEASURE_COUNT; m++) {
        printf("\n%s, %s\n", app_say(jw_benchmark_measure_name((jw_benchmark_measure)m)),
               app_say(jw_benchmark_measure_unit((jw_benchmark_measure)m)));
        for (uint32_t c = 0; c < b->control_count; c++) {
            jw_benchmark_cell cell = jw_benchmark_at(b, c, (jw_benchmark_measure)m);
            printf("  %-24s %10.4g +- %-9.3g", b->controls[c].name, cell.mean, cell.half_width);
            if (c > 0)
                printf(" %+10.4g +- %-9.3g%s", cell.difference, cell.difference_half_width,
                       jw_abs(cell.difference) > cell.difference_half_width ? " *" : "");
            printf("\n");
        }
    }
    printf(app_say("\n* the interval of the paired difference does not hold 0\n"));
}

static jw_result report(benchmark_options *b, const jw_benchmark *benchmark, const char *scene,
                        jw_error *error)
{
    jw_result result = app_study_find_table(&b->study, scene, error);
    if (result == JW_OK)
        result = jw_benchmark_write_csv(benchmark, b->study.out, error);
    if (result == JW_OK && b->study.is_json) {
        char *text = NULL;
        result = jw_benchmark_write_json(benchmark, scene, &text, error);
        if (result == JW_OK)
            printf("%s\n", text);
        jw_free(text);
    } else if (result == JW_OK) {
        print_table(benchmark, scene);
        printf(app_say("table: %s\n"), b->study.out);
    }
    return result;
}

int app_benchmark(int argc, char **argv)
{
    static const app_command command = {
        "benchmark", "SCENE [options]",
        "Compares signal controls on the same scene, load and seeds, with 95 % intervals.", NULL};
    benchmark_options b = {
        .study = {.name = "benchmark", .operand = "SCENE", .world.is_def_only = true, .minutes = 60},
        .controls = DEFAULT_CONTROLS,
        .seeds = 5};
    jw_benchmark_control controls[CONTROLS_MAX];
    app_world app;
    jw_benchmark benchmark = {0};
    jw_error error = {0};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &b, &status))
        return status;
    if (!b.study.world.file)
        return app_study_ask(&b.study);
    status = app_study_open(&b.study, &app);
    if (status != APP_OK)
        return status;
    app_progress progress = app_progress_make();
    jw_benchmark_def def = {.scene = app.scene,
                            .def = &app.def,
                            .controls = controls,
                            .seed_count = b.seeds,
                            .minutes = b.study.minutes,
                            .threads = app_study_threads(&b.study),
                            .progress = app_progress_of(b.study.world.is_quiet),
                            .progress_context = &progress};
    jw_result result = read_controls(&b, &app.def, controls, &def.control_count, &error);
    if (result == JW_OK)
        result = jw_benchmark_run(&def, &benchmark, &error);
    app_progress_end(&progress);
    if (result == JW_OK)
        result = report(&b, &benchmark, jw_scene_name(app.scene), &error);
    jw_benchmark_free(&benchmark);
    app_world_close(&app);
    return result == JW_OK ? APP_OK : app_fail(&error);
}
