/* Scenes: what a file declares, its parameters, and the making of a twin's definition from it. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define SCENE "jw.scene"

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

/* ---- what a scene file says ---- */

const script_field script_plan_fields[] = {
    {"style", FIELD_TEXT, false, 0, 0, NULL, NULL, "\"xiongan\" or \"district\"", AT(jw_plan_def, style)},
    {"area_km2", FIELD_NUMBER, false, 1, 200, NULL, "km2", "whole area", AT(jw_plan_def, area_km2)},
    {"seed", FIELD_BYTES, false, 0, 0, NULL, NULL, "another one lays out another city",
     AT(jw_plan_def, seed)},
    {"block_m", FIELD_NUMBER, false, 60, 600, NULL, "m", "side of a small block", AT(jw_plan_def, block_m)},
    {"clusters", FIELD_COUNT, false, 1, 12, NULL, NULL, "built clusters", AT(jw_plan_def, clusters)},
    {"density_per_km2", FIELD_NUMBER, false, 100, 50000, NULL, "1/km2", "people over the whole area",
     AT(jw_plan_def, density_per_km2)},
    {"lake_share", FIELD_NUMBER, false, -1, 0.5, NULL, NULL, "of the area; below 0: no lake",
     AT(jw_plan_def, lake_share)},
};
_Static_assert(JW_COUNT_OF(script_plan_fields) == SCRIPT_PLAN_FIELDS, "counted in script_internal.h");

const script_field script_scene_fields[] = {
    {"title", FIELD_LABEL, true, 0, 0, NULL, NULL, "name of the scene", AT(script_scene_facts, title)},
    {"map", FIELD_ANY, true, 0, 0, NULL, NULL,
     "plan { ... }, osm \"file\", gpkg \"file\", sumo \"file\", or a function of p that returns one", 0, 0},
    {"start", FIELD_TIME, false, 0, 0, NULL, NULL, "time of day when it begins; 07:00 when left out",
     AT(script_scene_facts, start_ns)},
    {"warm", FIELD_SPAN, false, 0, 7200, NULL, NULL,
     "how long the city has been alive when the scene starts: \"15min\", at most 2 h; simulated before "
     "`start` "
     "without the scenario, and kept for the next time; streets are empty when left out",
     AT(script_scene_facts, warm_ns)},
    {"seed", FIELD_BYTES, false, 0, 0, NULL, NULL, "of all chance in it; 1 when left out",
     AT(script_scene_facts, seed)},
    {"dt", FIELD_NUMBER, false, 0.1, 1, NULL, "s", "time step; 0.5 when left out",
     AT(script_scene_facts, dt_s)},
    {"params", FIELD_LIST, false, 0, 0, NULL, NULL,
     "list of param { ... }; with defaults = list, later params of the same id replace those", 0, 0},
    {"build", FIELD_FUNCTION, true, 0, 0, NULL, NULL, "function(city, p) that places everything", 0, 0},
    {"live", FIELD_LIST, false, 0, 0, NULL, NULL,
     "what to do when a live parameter changes: { id = function(twin, value) end }", 0, 0},
};
_Static_assert(JW_COUNT_OF(script_scene_fields) == SCRIPT_SCENE_FIELDS, "counted in script_internal.h");

int script_scene(lua_State *L)
{
    script_scene_facts facts = {0};
    lua_settop(L, 1);
    if (script_read_fields(L, 1, "scene", script_scene_fields, SCRIPT_SCENE_FIELDS, &facts) ||
        lua_istable(L, 1))
        script_mark(L, 1, "scene");
    return 1;
}

int script_plan(lua_State *L)
{
    jw_plan_def plan = {0};
    lua_settop(L, 1);
    if (script_read_fields(L, 1, "plan", script_plan_fields, SCRIPT_PLAN_FIELDS, &plan))
        script_mark(L, 1, "plan");
    else
        script_push_unknown(L);
    return 1;
}

static int map_file(lua_State *L, const char *kind)
{
    size_t size;
    const char *path = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &size) : NULL;
    if (!path || size == 0 || size >= sizeof(((script_map *)0)->path) || strlen(path) != size) {
        script_report(L, "%s needs the name of a file: %s \"district.%s\"", kind, kind,
                      kind[0] == 'o'   ? "osm.pbf"
                      : kind[0] == 's' ? "net.xml"
                                       : "gpkg");
        script_push_unknown(L);
        return 1;
    }
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "path");
    script_mark(L, -1, kind);
    return 1;
}

int script_osm(lua_State *L)
{
    return map_file(L, "osm");
}

int script_gpkg(lua_State *L)
{
    return map_file(L, "gpkg");
}

int script_sumo(lua_State *L)
{
    return map_file(L, "sumo");
}

/* ---- loading ---- */

void script_push_scene(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, SCENE);
}

static void check_live(lua_State *L, int scene, const script_params *params)
{
    if (lua_getfield(L, scene, "live") != LUA_TTABLE) {
        lua_pop(L, 1);
        return;
    }
    script_push_content(L, -1);
    int live = lua_gettop(L);
    uint32_t keys = script_push_sorted_keys(L, live);
    for (uint32_t i = 1; i <= keys; i++) {
        lua_rawgeti(L, live + 1, i);
        const char *id = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        uint32_t param = script_params_find(params, id);
        if ((param == JW_NONE || !params->items[param].is_live) && !script_is_broken_param(L, id))
            script_report_key(L, scene, "live", id, "scene: live.%s is no parameter with when = \"live\"",
                              id);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, live) != LUA_TFUNCTION)
            script_report_key(L, scene, "live", id,
                              "scene: live.%s must be a function(twin, value), not a %s", id,
                              luaL_typename(L, -1));
        lua_pop(L, 2);
    }
    lua_settop(L, live - 2);
}

void script_load_scene(lua_State *L, script_scene_facts *facts)
{
    script_run_source(L, facts->source);
    const char *name = script_box_of(L)->sources.items[facts->source].name;
    if (script_has_mark(L, -1, "scenario"))
        script_fail_file(L, name,
                         "this is a scenario, not a scene: open a scene, and choose the scenario in its tab "
                         "Story or with --script");
    if (!script_has_mark(L, -1, "scene"))
        script_fail_file(L, name, "the file returns no scene: end it with return scene { ... }");
    int scene = lua_gettop(L);
    facts->seed = 1;
    facts->dt_s = 0.5;
    facts->start_ns = 7 * 3600 * JW_NS_PER_S;
    script_read_fields(L, scene, "scene", script_scene_fields, SCRIPT_SCENE_FIELDS, facts);
    facts->dt_ns = jw_ns_from_s(facts->dt_s);
    if (facts->warm_ns % facts->dt_ns != 0)
        script_report_key(L, scene, NULL, "warm", "scene: warm is not a whole number of time steps (dt)");
    if (facts->warm_ns > facts->start_ns)
        script_report_key(L, scene, NULL, "warm",
                          "scene: warm reaches back beyond midnight: start later or warm for less");
    script_read_params(L, scene, false, facts->params);
    check_live(L, scene, facts->params);
    lua_setfield(L, LUA_REGISTRYINDEX, SCENE);
}

static int load_and_freeze(lua_State *L)
{
    script_scene_facts *facts = lua_touserdata(L, 1);
    script_load_scene(L, facts);
    script_push_scene(L);
    script_freeze(L, -1);
    facts->is_loaded = true;
    return 0;
}

static void print_line(void *context, const char *line)
{
    jw_log_line(JW_LOG_INFO, "%s: %s", ((const jw_scene *)context)->name, line);
}

size_t script_write_literal(char *out, const char *text)
{
    size_t used = 0;
    out[used++] = '"';
    for (const char *c = text; *c; c++)
        used += (size_t)snprintf(out + used, 5, "\\%03d", (unsigned char)*c);
    out[used++] = '"';
    out[used] = 0;
    return used;
}

/* The scene of a bare map. */
static jw_result add_map_scene(jw_scene *scene, const char *kind, jw_error *error)
{
    static const char begin[] = "local default_city = include \"lib/default_city\"\n"
                                "return scene { params = { defaults = default_city.params },\n"
                                "  build = default_city.build_map, live = default_city.live,\n  title = ";
    const char *slash = strrchr(scene->path, '/');
    char text[sizeof begin + 4 * (sizeof scene->path + sizeof scene->name) + 64];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", begin);
    bool is_text = jw_text_is_utf8(scene->name, strlen(scene->name));
    used += script_write_literal(text + used, is_text ? scene->name : "map");
    used += (size_t)snprintf(text + used, 32, ",\n  map = %s ", kind);
    used += script_write_literal(text + used, slash ? slash + 1 : scene->path);
    used += (size_t)snprintf(text + used, 8, " }\n");
    return script_sources_add(&scene->box->sources, "map.lua", text, used, &scene->main_source, error);
}

static jw_result add_main_source(jw_scene *scene, jw_error *error)
{
    static const struct {
        const char *end, *kind;
    } maps[] = {{".osm", "osm"},   {".osm.gz", "osm"},   {".osm.pbf", "osm"},    {".pbf", "osm"},
                {".gpkg", "gpkg"}, {".net.xml", "sumo"}, {".net.xml.gz", "sumo"}};
    for (uint32_t i = 0; i < JW_COUNT_OF(maps); i++)
        if (jw_text_ends_with(scene->path, maps[i].end))
            return add_map_scene(scene, maps[i].kind, error);
    if (jw_text_ends_with(scene->path, ".sumocfg"))
        return script_add_sumo_scene(scene, error);
    if (!jw_text_ends_with(scene->path, ".lua"))
        return jw_fail(error, JW_ERROR_INPUT, scene->path, 0,
                       "this is neither a scene (.lua) nor a map (.osm, .osm.gz, .osm.pbf, .gpkg, .net.xml, "
                       ".net.xml.gz, .sumocfg)");
    char name[SCRIPT_NAME_SIZE];
    const char *slash = strrchr(scene->path, '/');
    if (!jw_text_copy(name, sizeof name, slash ? slash + 1 : scene->path))
        return jw_fail(error, JW_ERROR_INPUT, scene->path, 0, "the file's name is longer than %d bytes",
                       SCRIPT_NAME_SIZE - 1);
    return script_sources_read(&scene->box->sources, name, scene->path, &scene->main_source, error);
}

static jw_result list_error(jw_problems *problems, jw_result result, const jw_error *error)
{
    jw_problems_add(problems, JW_PROBLEM, error->file, error->line, NULL, "%s", error->message);
    return result;
}

static jw_result open_scene(jw_scene *scene, const char *path, jw_problems *problems, jw_error *error)
{
    if (strlen(path) >= sizeof scene->path)
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "the path is longer than %zu bytes",
                       sizeof scene->path - 1);
    jw_text_copy(scene->path, sizeof scene->path, path);
    jw_path_directory(path, scene->folder, sizeof scene->folder);
    jw_path_stem(path, scene->name, sizeof scene->name);
    jw_result result = JW_OK;
    if (jw_is_directory(path))
        result =
            jw_fail(error, JW_ERROR_INPUT, path, 0,
                    "is a directory: name a scene (.lua) or a map (.osm, .osm.gz, .osm.pbf, .gpkg, .net.xml, "
                    ".net.xml.gz, .sumocfg)");
    else if (!jw_file_exists(path))
        result = jw_fail(error, JW_ERROR_NOT_FOUND, path, 0, "there is no such file");
    if (result == JW_OK)
        result = script_load_catalogues(&scene->catalogue, &scene->catalogue_hash, error);
    if (result == JW_OK)
        result = script_box_create(&scene->box, error);
    if (result != JW_OK)
        return list_error(problems, result, error);
    script_box *box = scene->box;
    jw_text_copy(box->folder, sizeof box->folder, scene->folder);
    box->random = (jw_random_key){1, jw_hash_text(0, "script.load")};
    box->print = print_line;
    box->print_context = scene;
    box->problems = problems;
    result = add_main_source(scene, error);
    if (result != JW_OK)
        return list_error(problems, result, error);
    script_scene_facts facts = {.source = scene->main_source, .params = &scene->params};
    result = script_box_call(box, load_and_freeze, &facts, SCRIPT_LOAD_BUDGET, error);
    if (result != JW_OK)
        script_box_list_syntax(box);
    scene->is_loaded = facts.is_loaded;
    scene->title = facts.title;
    scene->start_ns = facts.start_ns;
    scene->dt_ns = facts.dt_ns;
    scene->warm_ns = facts.warm_ns;
    scene->seed = facts.seed;
    scene->own_param_count = scene->params.count;
    box->problems = NULL;
    if (result == JW_OK && scene->start_ns % scene->dt_ns != 0) {
        jw_fail(error, JW_ERROR_INPUT, box->sources.items[scene->main_source].name, 0,
                "start is not a whole number of time steps (dt) after midnight");
        return list_error(problems, JW_ERROR_INPUT, error);
    }
    return result;
}

jw_result script_open_scene(const char *path, jw_scene **out, jw_problems *problems, jw_error *error)
{
    *out = jw_alloc(sizeof **out);
    return *out ? open_scene(*out, path, problems, error) : jw_fail_memory(error);
}

jw_result jw_scene_open(const char *path, jw_scene **out, jw_problems *problems, jw_error *error)
{
    jw_error own = {0};
    jw_result result = script_open_scene(path, out, problems, &own);
    if (result == JW_OK)
        return JW_OK;
    jw_scene_close(*out);
    *out = NULL;
    return jw_fail(error, result, own.file, own.line, "%s", own.message);
}

void jw_scene_close(jw_scene *scene)
{
    if (!scene)
        return;
    script_box_destroy(scene->box);
    script_params_free(&scene->params);
    jw_twin_def_free(&scene->catalogue);
    jw_city_release(scene->city);
    script_free_sumo(scene);
    jw_free(scene);
}

/* ---- looking in ---- */

const char *jw_scene_name(const jw_scene *scene)
{
    return scene->name;
}

const jw_label *jw_scene_title(const jw_scene *scene)
{
    return &scene->title;
}

uint32_t jw_scene_param_count(const jw_scene *scene)
{
    return scene->params.count;
}

const jw_param *jw_scene_param(const jw_scene *scene, uint32_t index)
{
    return &scene->params.items[index];
}

jw_result jw_scene_set(jw_scene *scene, const char *id, const char *value, jw_error *error)
{
    uint32_t index = script_params_find(&scene->params, id);
    if (index != JW_NONE) {
        jw_param *param = &scene->params.items[index];
        return script_param_parse(param, value, &param->value, error);
    }
    char known[400] = "";
    jw_nearest nearest = jw_nearest_to(id);
    for (uint32_t i = 0; i < scene->params.count; i++) {
        size_t length = strlen(known);
        jw_nearest_try(&nearest, scene->params.items[i].id);
        snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", scene->params.items[i].id);
    }
    if (nearest.hint[0]) /* what was meant says more than all that there is */
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no parameter \"%s\"%s", id,
                       nearest.hint);
    return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no parameter \"%s\"; there are: %s", id,
                   known[0] ? known : "none");
}

uint64_t jw_scene_hash(const jw_scene *scene)
{
    uint64_t hash = jw_hash_u64(scene->catalogue_hash, scene->scenario_hash);
    const script_sources *sources = &scene->box->sources;
    for (uint32_t i = 0; i < sources->count; i++) {
        hash = jw_hash_text(hash, sources->items[i].name);
        hash = jw_hash_bytes(hash, sources->items[i].text, sources->items[i].size);
    }
    for (uint32_t i = 0; i < scene->params.count; i++) {
        hash = jw_hash_text(hash, scene->params.items[i].id);
        hash = jw_hash_f64(hash, scene->params.items[i].value);
    }
    return hash;
}
