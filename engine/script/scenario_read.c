/* Scenarios: what a file declares, and the program that a scene's and a scenario's texts make together. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define HANDLERS         "jw.handlers"
#define LASTS            "lasts_min"
#define LASTS_MAX_MIN    (366.0 * 1440)
#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

const script_field script_scenario_fields[] = {
    {"title", FIELD_LABEL, true, 0, 0, NULL, NULL, "name of the scenario", AT(jw_scenario_text, title)},
    {"predict", FIELD_LABEL, false, 0, 0, NULL, NULL, "the question before it runs",
     AT(jw_scenario_text, predict)},
    {"lesson", FIELD_LABEL, false, 0, 0, NULL, NULL, "the answer afterwards", AT(jw_scenario_text, lesson)},
    {"limits", FIELD_LABEL, false, 0, 0, NULL, NULL, "what it does not show, and what is assumed",
     AT(jw_scenario_text, limits)},
    {"measures", FIELD_LIST, false, 0, 0, NULL, NULL,
     "ids of up to 4 metrics whose values at the end say what it did", 0, 0},
    {"lasts_min", FIELD_ANY, false, 0, 0, "min", NULL,
     "minutes from the start until all that the lesson tells has happened: a number or function(p); the "
     "timeline's last when left out",
     0, 0},
    {"params", FIELD_LIST, false, 0, 0, NULL, NULL, "list of param { ... }", 0, 0},
    {"on_start", FIELD_FUNCTION, false, 0, 0, NULL, NULL, "function(twin, storage, p) at the beginning", 0,
     0},
    {"on_reload", FIELD_FUNCTION, false, 0, 0, NULL, NULL,
     "function(twin, storage, p) after the text was changed", 0, 0},
    {"timeline", FIELD_LIST, false, 0, 0, NULL, NULL,
     "functions(twin, storage, p) by time: [\"08:10\"], [\"08:10:30\"], or from the start [\"+2min\"], "
     "[\"+90s\"]",
     0, 0},
    {"every", FIELD_LIST, false, 0, 0, NULL, NULL,
     "functions(twin, storage, p) by period: [\"60s\"], [\"5min\"]", 0, 0},
    {"on", FIELD_LIST, false, 0, 0, NULL, NULL,
     "functions(twin, storage, p, event): late_request and lost_request (event.type), site_failed "
     "(event.name, "
     "event.tier), command_failed (event.verb, event.reason)",
     0, 0},
    {"quarter", FIELD_FUNCTION, false, 0, 0, NULL, NULL,
     "function(twin, storage, p) at the beginning of each quarter of a roadmap: what it orders is in place "
     "for "
     "the quarter's rush, what it logs before an order is the order's reason",
     0, 0},
    {"signals", FIELD_LIST, false, 0, 0, NULL, NULL,
     "control of your own: { control = function(junction, storage, p), interval_s =, junctions = }", 0, 0},
    {"routing", FIELD_LIST, false, 0, 0, NULL, NULL,
     "choice of sites of your own: { choose = function(request, storage, p), interval_s =, types = }", 0, 0},
};
_Static_assert(JW_COUNT_OF(script_scenario_fields) == SCRIPT_SCENARIO_FIELDS, "counted in script_internal.h");

/* ---- times ---- */

static bool parse_moment(const char *group, const char *key, script_moment *out)
{
    *out = (script_moment){0};
    if (strlen(key) > 20)
        return false;
    snprintf(out->name, sizeof out->name, "%s %s", group, key);
    if (strcmp(group, "every") == 0)
        return script_parse_span(key, &out->period_ns) && out->period_ns >= 100 * JW_NS_PER_MS;
    out->is_relative = key[0] == '+';
    return out->is_relative ? script_parse_span(key + 1, &out->time_ns)
                            : script_parse_clock(key, &out->time_ns);
}

/* ---- the table ---- */

static bool is_event(const char *key)
{
    static const char *const events[] = {"late_request", "lost_request", "site_failed", "command_failed"};
    for (uint32_t i = 0; i < JW_COUNT_OF(events); i++)
        if (strcmp(events[i], key) == 0)
            return true;
    return false;
}

/* Takes the handler on top of the stack into the table at `handlers`, and its moment into the program. */
static void take_handler(lua_State *L, script_program *program, int handlers, const char *group,
                         const char *key, const script_moment *moment)
{
    jw_error error = {0};
    lua_pushfstring(L, "%s %s", group, key);
    lua_pushvalue(L, -2);
    lua_rawset(L, handlers);
    if (!moment)
        return;
    if (jw_grow(&program->moments, &program->moment_capacity, program->moment_count + 1ull,
                sizeof *program->moments, &error) != JW_OK)
        script_raise(L, &error);
    program->moments[program->moment_count++] = *moment;
}

/* Checks one of timeline, every, on; with a program, takes its handlers into the table at `handlers`. */
static void read_group(lua_State *L, int scenario, const char *group, script_program *program, int handlers)
{
    if (lua_getfield(L, scenario, group) != LUA_TTABLE) {
        lua_pop(L, 1);
        return;
    }
    script_push_content(L, -1);
    lua_remove(L, -2);
    int table = lua_gettop(L);
    bool is_on = strcmp(group, "on") == 0;
    uint32_t count = script_push_sorted_keys(L, table);
    for (uint32_t i = 1; i <= count; i++) {
        lua_rawgeti(L, table + 1, i);
        const char *key = script_to_text(L, -1);
        script_moment moment;
        lua_pushvalue(L, -2);
        if (is_on && !is_event(key))
            script_report_key(L, scenario, group, key,
                              "scenario: on.%.40s is no event; there are: late_request, lost_request, "
                              "site_failed, command_failed",
                              key);
        else if (!is_on && !parse_moment(group, key, &moment))
            script_report_key(
                L, scenario, group, key, "scenario: %s[\"%.40s\"] is no time; write %s", group, key,
                group[0] == 'e' ? "\"60s\", \"5min\" or \"1h\", at least 0.1s"
                                : "\"08:10\", \"08:10:30\", or from the start \"+90s\", \"+2min\"");
        else if (lua_rawget(L, table) != LUA_TFUNCTION)
            script_report_key(L, scenario, group, key, "scenario: %s[\"%.40s\"] must be a function, not a %s",
                              group, key, luaL_typename(L, -1));
        else if (program)
            take_handler(L, program, handlers, group, key, is_on ? NULL : &moment);
        lua_settop(L, table + 1);
    }
    lua_settop(L, table - 1);
}

/* Whether there are such metrics is known when there is a world. */
static void read_measures(lua_State *L, int scenario, jw_scenario_text *text)
{
    if (lua_getfield(L, scenario, "measures") == LUA_TTABLE) {
        int table = lua_gettop(L);
        lua_Integer count = luaL_len(L, table);
        if (count > JW_MEASURES_MAX)
            script_report_key(L, scenario, NULL, "measures", "scenario: measures lists more than %d metrics",
                              JW_MEASURES_MAX);
        for (lua_Integer i = 1; i <= count && i <= JW_MEASURES_MAX; i++) {
            size_t length = 0;
            const char *id = lua_geti(L, table, i) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : "";
            if (length > 0 && length < sizeof text->measures[0])
                jw_text_copy(text->measures[text->measure_count++], sizeof text->measures[0], id);
            else
                script_report_key(
                    L, scenario, NULL, "measures",
                    "scenario: measures is a list of ids of metrics, as in { \"economy.oee\" }");
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

static void read_lasts(lua_State *L, int scenario, script_program *program, int handlers)
{
    int type = lua_getfield(L, scenario, LASTS);
    if (type != LUA_TNIL && type != LUA_TNUMBER && type != LUA_TFUNCTION)
        script_report_key(L, scenario, NULL, LASTS,
                          "scenario: lasts_min must be a number or a function(p), not a %s",
                          luaL_typename(L, -1));
    else if (program) {
        lua_pushvalue(L, -1);
        lua_setfield(L, handlers, LASTS);
    }
    lua_pop(L, 1);
}

static void read_scenario(lua_State *L, int scenario, jw_scenario_text *text, script_program *program,
                          int handlers)
{
    static const char *const groups[] = {"timeline", "every", "on"};
    static const char *const single[] = {"on_start", "on_reload", "quarter"};
    script_read_fields(L, scenario, "scenario", script_scenario_fields, SCRIPT_SCENARIO_FIELDS, text);
    read_measures(L, scenario, text);
    read_lasts(L, scenario, program, handlers);
    script_read_signals(L, scenario, program, handlers);
    script_read_routing(L, scenario, program, handlers);
    for (uint32_t i = 0; i < JW_COUNT_OF(groups); i++)
        read_group(L, scenario, groups[i], program, handlers);
    lua_getfield(L, scenario, "quarter");
    text->has_quarter = lua_isfunction(L, -1);
    lua_pop(L, 1);
    for (uint32_t i = 0; i < JW_COUNT_OF(single) && program; i++) {
        lua_getfield(L, scenario, single[i]);
        lua_setfield(L, handlers, single[i]);
    }
}

int script_scenario(lua_State *L)
{
    jw_scenario_text text = {0};
    lua_settop(L, 1);
    if (lua_istable(L, 1))
        script_mark(L, 1, "scenario");
    read_scenario(L, 1, &text, NULL, 0);
    return 1;
}

bool script_push_handler(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, HANDLERS);
    script_push_content(L, -1);
    lua_pushstring(L, name);
    bool is_there = lua_rawget(L, -2) == LUA_TFUNCTION;
    lua_replace(L, -3);
    lua_pop(L, 1);
    return is_there;
}

/* ---- the program ---- */

typedef struct loading {
    const script_program_def *def;
    script_program *program;
} loading;

static void take_live_handlers(lua_State *L, int handlers)
{
    script_push_scene(L);
    if (lua_getfield(L, -1, "live") == LUA_TTABLE) {
        script_push_content(L, -1);
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            lua_pushfstring(L, "live %s", lua_tostring(L, -2));
            lua_insert(L, -2);
            lua_rawset(L, handlers);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
}

static int load_program(lua_State *L)
{
    loading *l = lua_touserdata(L, 1);
    script_program *program = l->program;
    const script_box *box = program->box;
    lua_newtable(L);
    int handlers = lua_gettop(L);
    if (program->scene_source != JW_NONE) {
        script_scene_facts facts = {.source = program->scene_source, .params = &program->params};
        script_load_scene(L, &facts);
        take_live_handlers(L, handlers);
    }
    program->scene_param_count = program->params.count;
    if (program->scenario_source != JW_NONE) {
        script_run_source(L, program->scenario_source);
        int scenario = lua_gettop(L);
        const char *name = box->sources.items[program->scenario_source].name;
        if (script_has_mark(L, scenario, "scene"))
            return script_fail_file(L, name, "this is a scene, not a scenario: open it by itself");
        if (!script_has_mark(L, scenario, "scenario"))
            return script_fail_file(L, name,
                                    "the file returns no scenario: end it with return scenario { ... }");
        script_read_params(L, scenario, true, &program->params);
        read_scenario(L, scenario, &program->text, program, handlers);
    }
    script_freeze(L, handlers);
    lua_pushvalue(L, handlers);
    lua_setfield(L, LUA_REGISTRYINDEX, HANDLERS);
    if (l->def->world)
        script_make_twin(L, l->def->world);
    return 0;
}

/* Pushes the number of lasts_min, 0 without one. */
static void push_lasts(lua_State *L, const script_program *program)
{
    lua_getfield(L, LUA_REGISTRYINDEX, HANDLERS);
    script_push_content(L, -1);
    lua_pushstring(L, LASTS);
    if (lua_rawget(L, -2) == LUA_TFUNCTION) {
        script_push_params(L, &program->params);
        lua_call(L, 1, 1);
    } else if (lua_isnil(L, -1))
        lua_pushnumber(L, 0);
}

static int ask_lasts(lua_State *L)
{
    script_program *program = lua_touserdata(L, 1);
    const char *name = program->box->sources.items[program->scenario_source].name;
    char message[128];
    push_lasts(L, program);
    double min = lua_tonumber(L, -1);
    bool is_number = lua_type(L, -1) == LUA_TNUMBER;
    if (!is_number)
        snprintf(message, sizeof message, "scenario: lasts_min gives a %s, not a number of minutes",
                 luaL_typename(L, -1));
    else
        snprintf(message, sizeof message, "scenario: lasts_min gives %.10g, but must be from 0 to %.0f min",
                 min, LASTS_MAX_MIN);
    if (!is_number || !(min >= 0 && min <= LASTS_MAX_MIN))
        return script_fail_file(L, name, message);
    program->text.last_s = min * 60;
    return 0;
}

jw_result script_program_settle(script_program *program, jw_error *error)
{
    jw_scenario_text *text = &program->text;
    if (program->scenario_source == JW_NONE)
        return JW_OK;
    uint64_t draws = program->box->draws; /* the drawing of numbers is the run's */
    jw_result result = script_box_call(program->box, ask_lasts, program, SCRIPT_HANDLER_BUDGET, error);
    program->box->draws = draws;
    for (uint32_t i = 0; i < program->moment_count && result == JW_OK; i++) {
        const script_moment *moment = &program->moments[i];
        double *last_s = moment->is_relative ? &text->last_s : &text->last_of_day_s;
        if (moment->period_ns == 0)
            *last_s = jw_max(*last_s, jw_s_from_ns(moment->time_ns));
    }
    return result;
}

static jw_result add_sources(const script_program_def *def, script_program *program, jw_error *error)
{
    script_sources *sources = &program->box->sources;
    jw_result result = JW_OK;
    uint32_t index;
    for (uint32_t i = 0; i < def->scene_count && result == JW_OK; i++) {
        const script_source *s = &def->scene->items[i];
        result = script_sources_add(sources, s->name, s->text, s->size, &index, error);
    }
    program->scene_source_count = sources->count;
    program->scene_source = def->scene_count ? def->scene_main : JW_NONE;
    program->scenario_source = JW_NONE;
    for (uint32_t i = 0; def->scenario && i < def->scenario->count && result == JW_OK; i++) {
        const script_source *s = &def->scenario->items[i];
        bool is_main = i == def->scenario_main;
        if (script_sources_find(sources, s->name) != JW_NONE) {
            if (is_main)
                return jw_fail(error, JW_ERROR_INPUT, s->name, 0,
                               "the scenario has the name of one of the scene's files: rename it");
            continue;
        }
        result = script_sources_add(sources, s->name, s->text, s->size, &index, error);
        if (is_main)
            program->scenario_source = index;
    }
    return result;
}

jw_result script_program_make(const script_program_def *def, script_program *out, jw_error *error)
{
    *out = (script_program){0};
    jw_result result = script_box_create(&out->box, error);
    if (result != JW_OK)
        return result;
    jw_text_copy(out->box->folder, sizeof out->box->folder, def->folder);
    out->box->problems = def->problems;
    out->box->random = (jw_random_key){1, jw_hash_text(0, "script.load")};
    result = add_sources(def, out, error);
    loading l = {def, out};
    if (result == JW_OK)
        result = script_box_call(out->box, load_program, &l, SCRIPT_LOAD_BUDGET, error);
    if (result == JW_OK)
        result = script_program_settle(out, error);
    if (result != JW_OK) {
        script_box_list_syntax(out->box);
        script_program_free(out);
        return result;
    }
    out->box->problems = NULL;
    out->box->draws = 0;
    for (uint32_t i = 0; i < out->box->sources.count; i++) {
        const script_source *s = &out->box->sources.items[i];
        out->text_hash = jw_hash_text(out->text_hash, s->name);
        out->text_hash = jw_hash_bytes(out->text_hash, s->text, s->size);
    }
    return JW_OK;
}

void script_program_free(script_program *program)
{
    script_box_destroy(program->box);
    script_params_free(&program->params);
    jw_free(program->moments);
    jw_free(program->signals.junctions);
    *program = (script_program){0};
}
