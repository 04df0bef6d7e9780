/* jingwei benchmark: signal controls on one scene, side by side. */
#include "app/app.h"
#include "study/study.h"

#include <stdio.h>
#include <string.h>

#define CONTROLS_MAX     64
#define DEFAULT_CONTROLS "fixed,actuated,max-pressure,green-wave,ai"

typedef struct benchmark_options {
    app_world_def world;
    char controls[1024];
    const char *out;
    uint32_t seeds;
    double minutes;
    bool is_json, has_controls;
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
    if (!name) {
        if (b->world.file) {
            fprintf(stderr, app_say("jingwei benchmark: one SCENE at a time, '%s' is the second\n"), value);
            return false;
        }
        b->world.file = value;
    } else if (strcmp(name, "help") == 0) {
        return !b->world.file || app_print_params(b->world.file, NULL) == APP_OK;
    } else if (strcmp(name, "controls") == 0) {
        if (strlen(value) >= sizeof b->controls)
            return app_refuse("benchmark", name, value, "at most 1000 bytes");
        jw_text_copy(b->controls, sizeof b->controls, value);
        b->has_controls = true;
    } else if (strcmp(name, "seeds") == 0) {
        if (!app_take_number("benchmark", name, value, 5, 1000, true, &number))
            return false;
        b->seeds = (uint32_t)number;
    } else if (strcmp(name, "seed") == 0) {
        if (!app_take_number("benchmark", name, value, 1, APP_ANY, true, &number))
            return false;
        b->world.seed = (uint64_t)number;
    } else if (strcmp(name, "threads") == 0) {
        if (!app_take_number("benchmark", name, value, 1, 256, true, &number))
            return false;
        b->world.threads = (int)number;
    } else if (strcmp(name, "minutes") == 0) {
        if (!jw_text_to_number(value, &b->minutes) || !(b->minutes > 0 && b->minutes <= 1440))
            return app_refuse("benchmark", name, value, "minutes, at most 1440");
    } else if (strcmp(name, "set") == 0) {
        if (b->world.set_count >= JW_COUNT_OF(b->world.set))
            return app_refuse("benchmark", name, value, "at most 64 parameters can be set");
        b->world.set[b->world.set_count++] = value;
    } else if (strcmp(name, "out") == 0) {
        b->out = value;
    } else if (strcmp(name, "json") == 0) {
        b->is_json = true;
    } else if (strcmp(name, "quiet") == 0) {
        b->world.is_quiet = true;
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

static jw_result report(const benchmark_options *b, const jw_benchmark *benchmark, const char *scene,
                        jw_error *error)
{
    char path[256];
    jw_result result = JW_OK;
    if (!b->out)
        result = app_free_result(scene, "benchmark", ".csv", path, sizeof path, error);
    if (!b->out && result == JW_OK)
        result = jw_make_directory("runs", error);
    if (result == JW_OK)
        result = jw_benchmark_write_csv(benchmark, b->out ? b->out : path, error);
    if (result == JW_OK && b->is_json) {
        char *text = NULL;
        result = jw_benchmark_write_json(benchmark, scene, &text, error);
        if (result == JW_OK)
            printf("%s\n", text);
        jw_free(text);
    } else if (result == JW_OK) {
        print_table(benchmark, scene);
        printf(app_say("table: %s\n"), b->out ? b->out : path);
    }
    return result;
}

static bool show_nothing(void *context, double fraction, const char *what)
{
    (void)context, (void)fraction, (void)what;
    return !app_is_interrupted();
}

int app_benchmark(int argc, char **argv)
{
    static const app_command command = {
        "benchmark", "SCENE [options]",
        "Compares signal controls on the same scene, load and seeds, with 95 % intervals.", NULL};
    benchmark_options b = {.controls = DEFAULT_CONTROLS, .seeds = 5, .minutes = 60};
    jw_benchmark_control controls[CONTROLS_MAX];
    app_world app = {0};
    jw_benchmark benchmark = {0};
    jw_error error = {0};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &b, &status))
        return status;
    if (!b.world.file) {
        fprintf(stderr, app_say("jingwei benchmark: which SCENE? 'jingwei benchmark --help' says more\n"));
        return APP_BAD_INPUT;
    }
    app_catch_signals();
    b.world.is_def_only = true;
    status = app_world_open(&b.world, &app);
    if (status != APP_OK)
        return status;
    app_progress progress = app_progress_make();
    jw_benchmark_def def = {.scene = app.scene,
                            .def = &app.def,
                            .controls = controls,
                            .seed_count = b.seeds,
                            .minutes = b.minutes,
                            .threads = b.world.threads ? b.world.threads : jw_processor_count(),
                            .progress = b.world.is_quiet ? show_nothing : app_progress_show,
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
