/* From a file to a world, with all that may go wrong said on the way. */
#include "app/app.h"

#include <stdio.h>
#include <string.h>

bool app_world_take(app_world_def *def, const char *subcommand, const char *name, const char *value,
                    bool *is_fine)
{
    double number = 0;
    *is_fine = true;
    if (!name) {
        return false;
    } else if (strcmp(name, "seed") == 0) {
        *is_fine = app_take_number(subcommand, name, value, 1, APP_ANY, true, &number);
        def->seed = *is_fine ? (uint64_t)number : 0;
    } else if (strcmp(name, "threads") == 0) {
        *is_fine = app_take_number(subcommand, name, value, 1, 256, true, &number);
        def->threads = *is_fine ? (int)number : 0;
    } else if (strcmp(name, "set") == 0) {
        if (def->set_count < JW_COUNT_OF(def->set))
            def->set[def->set_count++] = value;
        else
            *is_fine = app_refuse(subcommand, name, value, "at most 64 parameters can be set");
    } else if (strcmp(name, "quiet") == 0) {
        def->is_quiet = true;
    } else {
        return false;
    }
    return true;
}

int app_world_open(const app_world_def *def, app_world *out)
{
    memset(out, 0, sizeof *out);
    jw_error error = {0};
    jw_problems problems = {0};
    app_progress progress = app_progress_make();
    jw_progress show = app_progress_of(def->is_quiet);
    double begin_s = jw_clock_seconds();
    jw_result result = jw_scene_open(def->file, &out->scene, &problems, &error);
    if (result == JW_OK && def->scenario)
        result = jw_scene_use_scenario(out->scene, def->scenario, &error);
    for (uint32_t i = 0; i < def->set_count && result == JW_OK; i++) {
        char id[64];
        const char *equals = strchr(def->set[i], '=');
        if (!equals || equals == def->set[i] || (size_t)(equals - def->set[i]) >= sizeof id) {
            result =
                jw_fail(&error, JW_ERROR_INPUT, NULL, 0, "--set %.80s: write --set id=value", def->set[i]);
            break;
        }
        memcpy(id, def->set[i], (size_t)(equals - def->set[i]));
        id[equals - def->set[i]] = 0;
        result = jw_scene_set(out->scene, id, equals + 1, &error);
    }
    int threads = def->threads ? def->threads : 1;
    if (result == JW_OK)
        result = jw_scene_build(out->scene, threads, &problems, show, &progress, &out->def, &error);
    if (result == JW_OK) {
        if (def->seed)
            out->def.seed = def->seed;
        out->def.threads = threads;
    }
    if (result == JW_OK && !def->is_def_only) {
        result =
            jw_scene_make_world(out->scene, &out->def, def->scenario, show, &progress, &out->world, &error);
    }
    app_progress_end(&progress);
    app_print_problems(&problems, false, &error);
    jw_problems_free(&problems);
    out->load_s = jw_clock_seconds() - begin_s;
    if (result == JW_OK)
        return APP_OK;
    app_world_close(out);
    return app_fail(&error);
}

void app_world_close(app_world *world)
{
    jw_world_destroy(world->world);
    jw_twin_def_free(&world->def);
    jw_scene_close(world->scene);
    memset(world, 0, sizeof *world);
}

static void print_param(const jw_param *param)
{
    char allowed[320] = "";
    if (param->type == JW_PARAM_BOOLEAN) {
        jw_text_copy(allowed, sizeof allowed,
                     app_say(param->value != 0 ? "true (or false)" : "false (or true)"));
    } else if (param->type == JW_PARAM_CHOICE) {
        snprintf(allowed, sizeof allowed, app_say("%s  of"), param->choices[(uint32_t)param->value]);
        for (uint32_t i = 0; i < param->choice_count; i++) {
            size_t used = strlen(allowed);
            snprintf(allowed + used, sizeof allowed - used, "%s%s", i ? ", " : " ", param->choices[i]);
        }
    } else {
        snprintf(allowed, sizeof allowed, "%g  [%g .. %g] %s", param->value, param->min, param->max,
                 app_say(param->unit));
    }
    printf("  %-18s ", param->id);
    app_print_cell(allowed, -28);
    printf(" %s%s\n", app_say_label(&param->label), param->is_live ? "" : app_say(" (at the start)"));
}

int app_print_params(const char *file, const char *scenario)
{
    jw_error error = {0};
    jw_scene *scene = NULL;
    jw_result result = jw_scene_open(file, &scene, NULL, &error);
    if (result == JW_OK && scenario)
        result = jw_scene_use_scenario(scene, scenario, &error);
    if (result != JW_OK) {
        jw_scene_close(scene);
        return app_fail(&error);
    }
    printf(app_say("\n%s (%s)\nParameters, for --set id=value:\n"), jw_scene_title(scene)->en,
           jw_scene_title(scene)->zh);
    for (uint32_t i = 0; i < jw_scene_param_count(scene); i++)
        print_param(jw_scene_param(scene, i));
    jw_scene_close(scene);
    return APP_OK;
}
