/* From a file to a world, with all that may go wrong said on the way. */
#include "app/app.h"

#include <stdio.h>
#include <string.h>

int app_world_open(const app_world_def *def, app_world *out)
{
    memset(out, 0, sizeof *out);
    jw_error error = {0};
    jw_problems problems = {0};
    app_progress progress = app_progress_make();
    double begin_s = jw_clock_seconds();
    jw_result result = jw_scene_open(def->file, &out->scene, &problems, &error);
    for (uint32_t i = 0; i < def->set_count && result == JW_OK; i++) {
        char id[64];
        const char *equals = strchr(def->set[i], '=');
        if (!equals || equals == def->set[i] || (size_t)(equals - def->set[i]) >= sizeof id) {
            result = jw_fail(&error, JW_ERROR_INPUT, NULL, 0, "--set %s: write --set id=value", def->set[i]);
            break;
        }
        memcpy(id, def->set[i], (size_t)(equals - def->set[i]));
        id[equals - def->set[i]] = 0;
        result = jw_scene_set(out->scene, id, equals + 1, &error);
    }
    int threads = def->threads ? def->threads : 1;
    if (result == JW_OK)
        result =
            jw_scene_build(out->scene, threads, &problems, app_progress_show, &progress, &out->def, &error);
    app_progress_end(&progress);
    app_print_problems(&problems, false);
    jw_problems_free(&problems);
    if (result == JW_OK) {
        if (def->seed)
            out->def.seed = def->seed;
        out->def.threads = threads;
        out->script = (jw_script_def){out->scene, def->scenario};
        jw_module_entry script = {&jw_script_module, &out->script};
        result = jw_twin_create(&out->def, &script, 1, &out->world, &error);
    }
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

int app_print_params(const char *file)
{
    jw_error error = {0};
    jw_scene *scene;
    if (jw_scene_open(file, &scene, NULL, &error) != JW_OK)
        return app_fail(&error);
    printf("\n%s (%s)\nParameters, for --set id=value:\n", jw_scene_title(scene)->en,
           jw_scene_title(scene)->zh);
    for (uint32_t i = 0; i < jw_scene_param_count(scene); i++) {
        const jw_param *param = jw_scene_param(scene, i);
        printf("  %-18s", param->id);
        if (param->type == JW_PARAM_BOOLEAN) {
            printf(" %-22s", param->value != 0 ? "true (or false)" : "false (or true)");
        } else if (param->type == JW_PARAM_CHOICE) {
            printf(" %-22s", param->choices[(uint32_t)param->value]);
        } else {
            char range[64];
            snprintf(range, sizeof range, "%g  [%g .. %g] %s", param->value, param->min, param->max,
                     param->unit);
            printf(" %-22s", range);
        }
        printf("  %s%s\n", param->label.en, param->is_live ? "" : " (at the start)");
    }
    jw_scene_close(scene);
    return APP_OK;
}
