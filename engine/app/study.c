/* The frame of the commands that study one scene. */
#include "app/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool app_study_take(app_study *study, const char *name, const char *value, bool *is_fine)
{
    app_world_def *world = &study->world;
    *is_fine = true;
    if (!name && world->file) {
        fprintf(stderr, app_say("jingwei %s: one %s at a time, '%s' is the second\n"), study->name,
                app_say(study->operand), value);
        *is_fine = false;
    } else if (!name) {
        world->file = value;
    } else if (strcmp(name, "help") == 0) {
        *is_fine = !world->file || app_print_params(world->file, world->scenario) == APP_OK;
    } else if (strcmp(name, "minutes") == 0) {
        if (!jw_text_to_number(value, &study->minutes) || !(study->minutes > 0 && study->minutes <= 1440))
            *is_fine = app_refuse(study->name, name, value, "minutes, at most 1440");
    } else if (strcmp(name, "out") == 0) {
        study->out = value;
    } else if (strcmp(name, "json") == 0) {
        study->is_json = true;
    } else {
        return app_world_take(world, study->name, name, value, is_fine);
    }
    return true;
}

int app_study_ask(const app_study *study)
{
    fprintf(stderr, app_say("jingwei %s: which %s? 'jingwei %s --help' says more\n"), study->name,
            app_say(study->operand), study->name);
    return APP_BAD_INPUT;
}

int app_study_open(const app_study *study, app_world *out)
{
    app_catch_signals();
    return app_world_open(&study->world, out);
}

int app_study_run(app_study *study, int (*make)(void *context, app_world *app), void *context)
{
    if (!study->world.file)
        return app_study_ask(study);
    if (!app_find_folder(study->world.file, study->name, study->out, study->found, sizeof study->found))
        return APP_BAD_INPUT;
    study->out = study->found;
    app_world app;
    int status = app_study_open(study, &app);
    if (status == APP_OK)
        status = make(context, &app);
    app_world_close(&app);
    return status;
}

jw_result app_study_find_table(app_study *study, const char *scene, jw_error *error)
{
    if (study->out)
        return JW_OK;
    jw_result result = app_free_result(scene, study->name, ".csv", study->found, sizeof study->found, error);
    if (result == JW_OK)
        result = jw_make_directory("runs", error);
    study->out = study->found;
    return result;
}

int app_study_threads(const app_study *study)
{
    return study->world.threads ? study->world.threads : jw_processor_count();
}

int app_study_print_json(json_t *object)
{
    char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    if (text)
        printf("%s\n", text);
    json_decref(object);
    free(text);
    return text ? APP_OK : APP_FAILED;
}
