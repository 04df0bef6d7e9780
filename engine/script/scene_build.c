/* From a scene to a twin's definition: the map, the city built from it, and the scene's build function. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- the map ---- */

typedef struct map_question {
    const jw_scene *scene;
    script_map map;
    bool is_answered;
} map_question;

static int ask_map(lua_State *L)
{
    map_question *question = lua_touserdata(L, 1);
    script_map *map = &question->map;
    script_push_scene(L);
    int scene = lua_gettop(L);
    if (lua_getfield(L, scene, "map") == LUA_TFUNCTION) {
        script_push_params(L, &question->scene->params);
        lua_call(L, 1, 1);
    }
    if (script_has_mark(L, -1, "plan")) {
        question->is_answered =
            script_read_fields(L, -1, "plan", script_plan_fields, SCRIPT_PLAN_FIELDS, &map->plan);
        return 0;
    }
    bool is_osm = script_has_mark(L, -1, "osm"), is_sumo = script_has_mark(L, -1, "sumo");
    if (script_is_unknown(L, -1))
        return 0;
    if (!is_osm && !is_sumo && !script_has_mark(L, -1, "gpkg")) {
        script_report_key(
            L, scene, NULL, "map",
            "scene: map must be plan { ... }, osm \"file\", gpkg \"file\" or sumo \"file\", not a %s",
            luaL_typename(L, -1));
        return 0;
    }
    map->kind = is_osm ? MAP_OSM : is_sumo ? MAP_SUMO : MAP_GPKG;
    lua_getfield(L, -1, "path");
    const char *path = lua_tostring(L, -1);
    bool is_beside = path[0] != '/' && strcmp(question->scene->folder, ".") != 0;
    int length = is_beside ? snprintf(map->path, sizeof map->path, "%s/%s", question->scene->folder, path)
                           : snprintf(map->path, sizeof map->path, "%s", path);
    question->is_answered = length < (int)sizeof map->path;
    if (!question->is_answered)
        script_report_key(L, scene, NULL, "map", "scene: the path of the map is longer than %zu bytes",
                          sizeof map->path - 1);
    return 0;
}

static bool is_same_map(const script_map *a, const script_map *b)
{
    const jw_plan_def *p = &a->plan, *q = &b->plan;
    return a->kind == b->kind && strcmp(a->path, b->path) == 0 && strcmp(p->style, q->style) == 0 &&
           p->area_km2 == q->area_km2 && p->seed == q->seed && p->block_m == q->block_m &&
           p->clusters == q->clusters && p->density_per_km2 == q->density_per_km2 &&
           p->lake_share == q->lake_share;
}

/* Reading is a quarter of the way from a map's file to its city. */
typedef struct progress_part {
    jw_progress progress;
    void *context;
    double from, to;
} progress_part;

static bool show_part(void *context, double fraction, const char *what)
{
    const progress_part *part = context;
    return !part->progress ||
           part->progress(part->context, part->from + (part->to - part->from) * fraction, what);
}

static jw_result make_city(const script_map *map, int threads, jw_problems *problems, jw_progress progress,
                           void *context, jw_city **out, jw_error *error)
{
    jw_draft draft = {0};
    jw_result result;
    progress_part part = {progress, context, 0, 0.25};
    switch (map->kind) {
    case MAP_OSM:
        result = jw_read_osm(map->path, &draft, problems, show_part, &part, error);
        break;
    case MAP_GPKG:
        result = jw_read_city_gpkg(map->path, &draft, problems, error);
        break;
    default:
        result = jw_plan_city(&map->plan, &draft, error);
        break;
    }
    jw_build_def def = {.threads = threads};
    part.from = part.to;
    part.to = 1;
    if (result == JW_OK)
        result = jw_city_build(&draft, &def, problems, show_part, &part, out, error);
    jw_draft_free(&draft);
    return result;
}

static jw_result take_city(jw_scene *scene, int threads, jw_problems *problems, jw_progress progress,
                           void *context, jw_error *error)
{
    map_question question = {.scene = scene};
    jw_result result = script_box_call(scene->box, ask_map, &question, SCRIPT_LOAD_BUDGET, error);
    if (result != JW_OK || !question.is_answered || (scene->city && is_same_map(&scene->map, &question.map)))
        return result;
    jw_city *city = NULL;
    jw_error own = {0};
    if (question.map.kind == MAP_SUMO)
        result = script_read_sumo(scene, question.map.path, problems, progress, context, &city, &own);
    else
        result = make_city(&question.map, threads, problems, progress, context, &city, &own);
    if (result != JW_OK) {
        jw_problems_add(problems, JW_PROBLEM, own.file, own.line, NULL, "%s", own.message);
        return jw_fail(error, result, own.file, own.line, "%s", own.message);
    }
    jw_city_release(scene->city);
    scene->city = city;
    scene->map = question.map;
    return JW_OK;
}

/* ---- building ---- */

static int run_build(lua_State *L)
{
    const jw_scene *scene = lua_touserdata(L, 1);
    script_push_scene(L);
    lua_getfield(L, -1, "build");
    script_push_city(L);
    script_push_params(L, &scene->params);
    lua_call(L, 2, 0);
    return 0;
}

static int check_upvalues(lua_State *L)
{
    script_check_upvalues(L);
    return 0;
}

static jw_result fill_def(jw_scene *scene, int threads, jw_problems *problems, jw_twin_def *def,
                          jw_error *error)
{
    jw_result result = script_copy_catalogues(def, &scene->catalogue, error);
    if (result != JW_OK)
        return result;
    jw_text_copy(def->name, sizeof def->name, scene->name);
    def->city = jw_city_retain(scene->city);
    def->seed = scene->seed;
    def->dt_ns = scene->dt_ns;
    def->start_time_ns = scene->start_ns;
    def->warm_ns = scene->warm_ns;
    def->threads = threads;
    def->traffic.demand.is_gravity = false; /* unless the scene asks for it */
    script_box *box = scene->box;
    box->owner = def;
    box->random = (jw_random_key){scene->seed, jw_hash_text(0, "script.build")};
    box->draws = 0;
    result = script_box_call(box, run_build, scene, SCRIPT_LOAD_BUDGET, error);
    box->owner = NULL;
    jw_result kept = script_box_call(box, check_upvalues, NULL, SCRIPT_LOAD_BUDGET, error);
    if (result == JW_OK)
        result = kept;
    if (result == JW_OK && scene->map.kind == MAP_SUMO)
        result = script_add_sumo_demand(scene, def, problems, error);
    return result == JW_OK ? jw_twin_def_check(def, problems, error) : result;
}

jw_result jw_scene_build(jw_scene *scene, int threads, jw_problems *problems, jw_progress progress,
                         void *progress_context, jw_twin_def *out, jw_error *error)
{
    memset(out, 0, sizeof *out);
    scene->box->problems = problems;
    jw_result result = take_city(scene, threads, problems, progress, progress_context, error);
    if (result == JW_OK && !scene->city) /* what its map lacks was listed before */
        result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the scene has no map");
    if (result == JW_OK)
        result = jw_twin_def_init(out, error);
    if (result == JW_OK) {
        result = fill_def(scene, threads, problems, out, error);
        if (result != JW_OK)
            jw_twin_def_free(out);
    }
    scene->box->problems = NULL;
    return result;
}

jw_result jw_scene_check(const char *path, int threads, jw_problems *problems, jw_progress progress,
                         void *progress_context, jw_city **out_city, jw_error *error)
{
    jw_scene *scene = NULL;
    jw_error own = {0};
    jw_twin_def def = {0};
    *out_city = NULL;
    jw_result result = script_open_scene(path, &scene, problems, &own);
    if (scene && scene->is_loaded) {
        jw_result built = jw_scene_build(scene, threads, problems, progress, progress_context, &def, &own);
        result = result == JW_OK ? built : result;
        if (scene->city)
            *out_city = jw_city_retain(scene->city);
    }
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    return result == JW_OK ? JW_OK : jw_fail(error, result, own.file, own.line, "%s", own.message);
}
