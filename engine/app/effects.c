/* jingwei effects: what the mechanism of a scenario changes, over seeds. */
#include "app/app.h"
#include "study/effects.h"

#include <stdio.h>
#include <string.h>

typedef struct effects_options {
    const char *files[1 + JW_EFFECTS_SCRIPTS_MAX]; /* the scene, then scenarios */
    uint32_t file_count;
    const char *out;
    app_world_def world;
    uint32_t seeds;
    double minutes;
} effects_options;

static const app_option options[] = {
    {"seeds", "N", "worlds with the mechanism and as many without, 2 or more (default 20)"},
    {"seed", "N", "the first seed (default: the scene's)"},
    {"minutes", "M", "simulated time of each, after the scene's warm-up (default 15)"},
    {"threads", "N", "worlds at a time (default: one a processor); results do not depend on it"},
    {"out", "FILE", "the table as CSV (default runs/<scene>-effects-<n>.csv); must not exist"},
    {"quiet", NULL, "no progress"},
};

static bool take(void *context, const char *name, const char *value)
{
    effects_options *e = context;
    double number = 0;
    if (!name) {
        if (e->file_count == JW_COUNT_OF(e->files)) {
            fprintf(stderr, app_say("jingwei effects: at most %d scenarios at a time\n"),
                    JW_EFFECTS_SCRIPTS_MAX);
            return false;
        }
        e->files[e->file_count++] = value;
    } else if (strcmp(name, "seeds") == 0) {
        if (!app_take_number("effects", name, value, 2, 1000, true, &number))
            return false;
        e->seeds = (uint32_t)number;
    } else if (strcmp(name, "seed") == 0) {
        if (!app_take_number("effects", name, value, 1, APP_ANY, true, &number))
            return false;
        e->world.seed = (uint64_t)number;
    } else if (strcmp(name, "threads") == 0) {
        if (!app_take_number("effects", name, value, 1, 256, true, &number))
            return false;
        e->world.threads = (int)number;
    } else if (strcmp(name, "minutes") == 0) {
        if (!jw_text_to_number(value, &e->minutes) || !(e->minutes > 0 && e->minutes <= 1440))
            return app_refuse("effects", name, value, "minutes, at most 1440");
    } else if (strcmp(name, "out") == 0) {
        e->out = value;
    } else if (strcmp(name, "quiet") == 0) {
        e->world.is_quiet = true;
    }
    return true;
}

static void print_table(const jw_effects *effects, const char *scene)
{
    printf(
        app_say("%s: %u seeds of %g min each way; mean and 95 %% interval, and what the mechanism changes\n"),
        scene, effects->seed_count, effects->minutes);
    for (uint32_t i = 0; i < effects->count; i++) {
        const jw_effect *effect = &effects->effects[i];
        printf("\n%s: %s\n", effect->script, app_say_label(&effect->texts.title));
        if (effects->minutes * 60 < effect->texts.last_s)
            printf(app_say("  its timeline goes on to %g min: this is a part of it\n"),
                   effect->texts.last_s / 60);
        for (uint32_t m = 0; m < effect->texts.measure_count; m++) {
            jw_effect_cell c = jw_effect_at(effects, i, m);
            char name[96];
            snprintf(name, sizeof name, "  %s%s%s", effect->texts.measures[m],
                     effect->units[m][0] ? ", " : "", effect->units[m]);
            app_print_cell(name, -34);
            printf(app_say(" on %10.5g +- %-9.3g off %10.5g +- %-9.3g %+10.4g +- %.3g%s\n"), c.on.mean,
                   c.on.half_width, c.off.mean, c.off.half_width, c.difference.mean, c.difference.half_width,
                   jw_abs(c.difference.mean) > c.difference.half_width ? " *" : "");
        }
        if (effect->texts.limits.en[0])
            printf(app_say("  Limits: %s\n"), app_say_label(&effect->texts.limits));
    }
    printf(app_say("\n* the interval of the paired difference does not hold 0\n"));
}

static bool show_nothing(void *context, double fraction, const char *what)
{
    (void)context, (void)fraction, (void)what;
    return !app_is_interrupted();
}

static jw_result keep(const effects_options *e, const jw_effects *effects, const char *scene, jw_error *error)
{
    char path[256];
    jw_result result = JW_OK;
    if (!e->out)
        result = app_free_result(scene, "effects", ".csv", path, sizeof path, error);
    if (!e->out && result == JW_OK)
        result = jw_make_directory("runs", error);
    if (result == JW_OK)
        result = jw_effects_write_csv(effects, e->out ? e->out : path, error);
    if (result == JW_OK) {
        print_table(effects, scene);
        printf(app_say("table: %s\n"), e->out ? e->out : path);
    }
    return result;
}

int app_effects(int argc, char **argv)
{
    static const app_command command = {"effects", "SCENE SCENARIO.lua... [options]",
                                        "Runs a scene under each scenario with its mechanism on and off, "
                                        "with the same seeds, and prints what\n"
                                        "that changes: means, paired differences and their 95 % intervals.",
                                        NULL};
    effects_options e = {.seeds = 20, .minutes = 15};
    app_world app = {0};
    jw_effects effects = {0};
    jw_error error = {0};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &e, &status))
        return status;
    if (e.file_count < 2) {
        fprintf(
            stderr,
            app_say(
                "jingwei effects: which SCENE, and which scenarios? 'jingwei effects --help' says more\n"));
        return APP_BAD_INPUT;
    }
    if (app_refuse_existing(e.out))
        return APP_BAD_INPUT;
    app_catch_signals();
    e.world.file = e.files[0];
    e.world.is_def_only = true;
    status = app_world_open(&e.world, &app);
    if (status != APP_OK)
        return status;
    app_progress progress = app_progress_make();
    jw_effects_def def = {.scene = app.scene,
                          .scripts = e.files + 1,
                          .script_count = e.file_count - 1,
                          .seed = e.world.seed,
                          .seed_count = e.seeds,
                          .minutes = e.minutes,
                          .threads = e.world.threads ? e.world.threads : jw_processor_count(),
                          .progress = e.world.is_quiet ? show_nothing : app_progress_show,
                          .progress_context = &progress};
    jw_result result = jw_effects_run(&def, &effects, &error);
    app_progress_end(&progress);
    if (result == JW_OK)
        result = keep(&e, &effects, jw_scene_name(app.scene), &error);
    jw_effects_free(&effects);
    app_world_close(&app);
    return result == JW_OK ? APP_OK : app_fail(&error);
}
