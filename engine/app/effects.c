/* jingwei effects: what the mechanism of a scenario changes, over seeds. */
#include "app/study.h"
#include "study/effects.h"

#include <stdio.h>
#include <string.h>

typedef struct effects_options {
    const char *files[1 + JW_EFFECTS_SCRIPTS_MAX]; /* the scene, then scenarios */
    uint32_t file_count;
    app_study study;
    uint32_t seeds;
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
    bool is_fine;
    if (!name && e->file_count < JW_COUNT_OF(e->files)) {
        e->files[e->file_count++] = value;
        return true;
    }
    if (!name) {
        fprintf(stderr, app_say("jingwei effects: at most %d scenarios at a time\n"), JW_EFFECTS_SCRIPTS_MAX);
        return false;
    }
    if (app_study_take(&e->study, name, value, &is_fine))
        return is_fine;
    if (strcmp(name, "seeds") == 0) {
        is_fine = app_take_number("effects", name, value, 2, 1000, true, &number);
        e->seeds = (uint32_t)number;
    }
    return is_fine;
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
            printf(app_say("  it goes on to %g min: this is a part of it\n"), effect->texts.last_s / 60);
        for (uint32_t m = 0; m < effect->texts.measure_count; m++) {
            jw_effect_cell c = jw_effect_at(effects, i, m);
            char name[96];
            const char *unit = effect->units[m];
            snprintf(name, sizeof name, "  %s%s%s", app_say(effect->texts.measures[m]), unit[0] ? ", " : "",
                     app_say(unit));
            app_print_columns(name, -34);
            printf(app_say(" on %10.5g +- %-9.3g off %10.5g +- %-9.3g %+10.4g +- %.3g%s\n"), c.on.mean,
                   c.on.half_width, c.off.mean, c.off.half_width, c.difference.mean, c.difference.half_width,
                   jw_abs(c.difference.mean) > c.difference.half_width ? " *" : "");
        }
        if (effect->texts.limits.en[0])
            printf(app_say("  Limits: %s\n"), app_say_label(&effect->texts.limits));
    }
    printf(app_say("\n* the interval of the paired difference does not hold 0\n"));
}

static jw_result keep(effects_options *e, const jw_effects *effects, const char *scene, jw_error *error)
{
    jw_result result = app_study_find_table(&e->study, scene, error);
    if (result == JW_OK)
        result = jw_effects_write_csv(effects, e->study.out, error);
    if (result == JW_OK) {
        print_table(effects, scene);
        printf(app_say("table: %s\n"), e->study.out);
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
    effects_options e = {.study = {.name = "effects", .world.is_def_only = true, .minutes = 15}, .seeds = 20};
    app_world app;
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
    if (app_refuse_existing(e.study.out))
        return APP_BAD_INPUT;
    e.study.world.file = e.files[0];
    status = app_study_open(&e.study, &app);
    if (status != APP_OK)
        return status;
    app_progress progress = app_progress_make();
    jw_effects_def def = {.scene = app.scene,
                          .scripts = e.files + 1,
                          .script_count = e.file_count - 1,
                          .seed = e.study.world.seed,
                          .seed_count = e.seeds,
                          .minutes = e.study.minutes,
                          .threads = app_study_threads(&e.study),
                          .progress = app_progress_of(e.study.world.is_quiet),
                          .progress_context = &progress};
    jw_result result = jw_effects_run(&def, &effects, &error);
    app_progress_end(&progress);
    if (result == JW_OK)
        result = keep(&e, &effects, jw_scene_name(app.scene), &error);
    jw_effects_free(&effects);
    app_world_close(&app);
    return result == JW_OK ? APP_OK : app_fail(&error);
}
