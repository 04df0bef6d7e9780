/* Scenes of SUMO's files: a configuration as a scene of its own, networks and demand for any scene. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define STEP_MIN_S 0.1 /* of the clock: kernel.h */
#define STEP_MAX_S 1.0

void script_free_sumo(jw_scene *scene)
{
    jw_sumo_config_free(&scene->sumo_config);
    jw_sumo_demand_free(&scene->sumo_demand);
    jw_sumo_missing_free(&scene->sumo_missing);
    jw_sumo_missing_free(&scene->sumo_noted);
}

/* ---- the scene of a configuration ---- */

/* Roads and traffic alone, from begin to end in the configuration's steps. */
jw_result script_add_sumo_scene(jw_scene *scene, jw_error *error)
{
    static const char form[] =
        "return scene { dt = %.9g, seed = %llu,\n"
        "  build = function(city, p) city:connect { share = 0, assistant_per_hour = 0 } end,\n"
        "  start = \"%02lld:%02lld:%02lld\",\n  title = ";
    jw_sumo_config config;
    jw_result result = jw_sumo_read_config(scene->path, &config, NULL, error);
    if (result != JW_OK)
        return result;
    double dt_s = jw_clamp(config.step_length_s, STEP_MIN_S, STEP_MAX_S);
    long long begin_s = (long long)jw_floor(config.begin_s);
    char text[sizeof form + 4 * (sizeof scene->path + sizeof scene->name) + 256];
    size_t used =
        (size_t)snprintf(text, sizeof text, form, dt_s, (unsigned long long)(config.seed ? config.seed : 1),
                         begin_s / 3600, begin_s / 60 % 60, begin_s % 60);
    const char *slash = strrchr(scene->path, '/');
    bool is_text = jw_text_is_utf8(scene->name, strlen(scene->name));
    used += script_write_literal(text + used, is_text ? scene->name : "SUMO");
    used += (size_t)snprintf(text + used, 32, ",\n  map = sumo ");
    used += script_write_literal(text + used, slash ? slash + 1 : scene->path);
    used += (size_t)snprintf(text + used, 8, " }\n");
    jw_sumo_config_free(&config);
    return script_sources_add(&scene->box->sources, "map.lua", text, used, &scene->main_source, error);
}

/* ---- reading ---- */

static jw_result read_files(jw_scene *scene, jw_problems *problems, jw_progress progress, void *context,
                            jw_error *error)
{
    const jw_sumo_config *config = &scene->sumo_config;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < config->additional_count && result == JW_OK; i++)
        result = jw_sumo_read_demand(config->additional[i], &scene->sumo_demand, problems, progress, context,
                                     error);
    for (uint32_t i = 0; i < config->route_count && result == JW_OK; i++)
        result =
            jw_sumo_read_demand(config->routes[i], &scene->sumo_demand, problems, progress, context, error);
    return result;
}

static jw_result note_steps(jw_scene *scene, jw_error *error)
{
    const jw_sumo_config *config = &scene->sumo_config;
    jw_result result = JW_OK;
    if (config->step_length_s < STEP_MIN_S || config->step_length_s > STEP_MAX_S)
        result = jw_sumo_note_missing(&scene->sumo_missing, error, "step-length %g: steps of 0.1 to 1 s",
                                      config->step_length_s);
    if (result == JW_OK && config->begin_s != jw_floor(config->begin_s))
        result =
            jw_sumo_note_missing(&scene->sumo_missing, error, "begin %g: at a whole second", config->begin_s);
    return result;
}

jw_result script_read_sumo(jw_scene *scene, const char *path, jw_problems *problems, jw_progress progress,
                           void *context, jw_city **out, jw_error *error)
{
    script_free_sumo(scene);
    const char *net = path;
    jw_result result = JW_OK;
    if (jw_text_ends_with(path, ".sumocfg")) {
        result = jw_sumo_read_config(path, &scene->sumo_config, problems, error);
        if (result == JW_OK)
            result = note_steps(scene, error);
        if (result == JW_OK)
            result = read_files(scene, problems, progress, context, error);
        if (result == JW_OK)
            result = jw_sumo_missing_add(&scene->sumo_missing, &scene->sumo_config.missing, error);
        if (result == JW_OK)
            result = jw_sumo_missing_add(&scene->sumo_missing, &scene->sumo_demand.missing, error);
        net = scene->sumo_config.net;
    }
    return result == JW_OK ? jw_sumo_read_net(net, &scene->sumo_demand, &scene->sumo_missing, problems,
                                              progress, context, out, &scene->sumo_plane, error)
                           : result;
}

jw_result script_add_sumo_demand(jw_scene *scene, jw_twin_def *def, jw_problems *problems, jw_error *error)
{
    const jw_sumo_config *config = &scene->sumo_config;
    /* Those of the network and the files stay with the scene; the vehicles are counted anew for each def. */
    jw_sumo_missing missing = {0};
    jw_result result = jw_sumo_missing_add(&missing, &scene->sumo_missing, error);
    if (result == JW_OK && config->net[0]) {
        jw_twin_sumo_def sumo = {config->begin_s, config->end_s, config->scale, config->is_ballistic};
        result = jw_twin_def_add_sumo(def, &scene->sumo_demand, &sumo, &missing, problems, error);
    }
    for (uint32_t i = 0; i < missing.count; i++)
        jw_problems_add(problems, JW_WARNING, scene->map.path, 0, NULL, "not modelled: %s (%u times)",
                        missing.items[i].what, missing.items[i].count);
    jw_sumo_missing_free(&scene->sumo_noted);
    scene->sumo_noted = missing;
    return result;
}

/* ---- looking in ---- */

int64_t jw_scene_end_ns(const jw_scene *scene)
{
    const jw_sumo_config *config = &scene->sumo_config;
    return config->net[0] && config->end_s >= 0 ? jw_ns_from_s(config->end_s) : -1;
}

const jw_sumo_missing *jw_scene_missing(const jw_scene *scene)
{
    return &scene->sumo_noted;
}

const jw_sumo_config *jw_scene_sumo_config(const jw_scene *scene)
{
    return scene->sumo_config.net[0] ? &scene->sumo_config : NULL;
}

const jw_sumo_plane *jw_scene_sumo_plane(const jw_scene *scene)
{
    return scene->map.kind == MAP_SUMO ? &scene->sumo_plane : NULL;
}

const jw_sumo_demand *jw_scene_sumo_demand(const jw_scene *scene)
{
    return scene->sumo_config.net[0] ? &scene->sumo_demand : NULL;
}
