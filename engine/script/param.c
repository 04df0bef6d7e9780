/* Parameters: declared once in a scene or scenario, set by --set, sliders and commands, read as the table p.
 */
#include "script/script_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void script_params_free(script_params *params)
{
    jw_free(params->items);
    jw_free(params->lines);
    *params = (script_params){0};
}

uint32_t script_params_find(const script_params *params, const char *id)
{
    for (uint32_t i = 0; i < params->count; i++)
        if (strcmp(params->items[i].id, id) == 0)
            return i;
    return JW_NONE;
}

static jw_result add_param(script_params *params, const jw_param *param, int line, jw_error *error)
{
    jw_result result =
        jw_grow(&params->items, &params->capacity, params->count + 1ull, sizeof *params->items, error);
    if (result == JW_OK)
        result = jw_grow(&params->lines, &params->line_capacity, params->count + 1ull, sizeof *params->lines,
                         error);
    if (result != JW_OK)
        return result;
    params->items[params->count] = *param;
    params->lines[params->count++] = line;
    return JW_OK;
}

jw_result script_params_copy(script_params *out, const script_params *from, jw_error *error)
{
    *out = (script_params){0};
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < from->count && result == JW_OK; i++)
        result = add_param(out, &from->items[i], from->lines[i], error);
    if (result != JW_OK)
        script_params_free(out);
    return result;
}

/* ---- declaring ---- */

typedef struct declaration {
    jw_param param;
    uint8_t when;
} declaration;

#define AT(member) offsetof(declaration, member), sizeof(((declaration *)0)->member)

const script_field script_param_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "name in p and in --set id=value", AT(param.id)},
    {"type", FIELD_CHOICE, true, 0, 0, "number|integer|boolean|choice", NULL, "what values it takes",
     AT(param.type)},
    {"default", FIELD_ANY, true, 0, 0, NULL, NULL, "value at first; its type goes with `type`", 0, 0},
    {"min", FIELD_NUMBER, false, 0, 0, NULL, NULL, "smallest value", AT(param.min)},
    {"max", FIELD_NUMBER, false, 0, 0, NULL, NULL, "largest value", AT(param.max)},
    {"step", FIELD_NUMBER, false, 0, 1e12, NULL, NULL, "step of its slider", AT(param.step)},
    {"choices", FIELD_LIST, false, 0, 0, NULL, NULL, "texts to choose from, for type choice", 0, 0},
    {"unit", FIELD_TEXT, false, 0, 0, NULL, NULL, "as shown: \"m\", \"Gbit/s\"", AT(param.unit)},
    {"group", FIELD_TEXT, false, 0, 0, NULL, NULL, "heading it stands under", AT(param.group)},
    {"label", FIELD_LABEL, true, 0, 0, NULL, NULL, "what people read: { en =, zh = }", AT(param.label)},
    {"when", FIELD_SMALL, false, 0, 0, "start|live", NULL,
     "start: takes effect at the next start; live: at once", AT(when)},
};
_Static_assert(JW_COUNT_OF(script_param_fields) == SCRIPT_PARAM_FIELDS, "counted in script_internal.h");

#define REPORT_PARAM(L, ...) (script_report((L), __VA_ARGS__), false)

static bool read_choices(lua_State *L, int index, jw_param *param)
{
    if (lua_getfield(L, index, "choices") != LUA_TTABLE)
        return REPORT_PARAM(L, "param \"%s\": a choice needs choices = { \"...\", \"...\" }", param->id);
    lua_Integer count = luaL_len(L, -1);
    if (count < 2 || count > JW_PARAM_CHOICES_MAX)
        return REPORT_PARAM(L, "param \"%s\": 2 to %d choices are taken, not %lld", param->id,
                            JW_PARAM_CHOICES_MAX, (long long)count);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_geti(L, -1, i) != LUA_TSTRING)
            return REPORT_PARAM(L, "param \"%s\": choice %lld must be a text, not a %s", param->id,
                                (long long)i, luaL_typename(L, -1));
        if (!jw_text_copy(param->choices[i - 1], sizeof param->choices[0], lua_tostring(L, -1)))
            return REPORT_PARAM(L, "param \"%s\": choice %lld is longer than %zu bytes", param->id,
                                (long long)i, sizeof param->choices[0] - 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    param->choice_count = (uint32_t)count;
    param->min = 0;
    param->max = (double)(count - 1);
    return true;
}

static bool read_default(lua_State *L, int index, jw_param *param)
{
    static const struct {
        int type;
        const char *what;
    } wanted[] = {[JW_PARAM_NUMBER] = {LUA_TNUMBER, "a number"},
                  [JW_PARAM_INTEGER] = {LUA_TNUMBER, "a number"},
                  [JW_PARAM_BOOLEAN] = {LUA_TBOOLEAN, "true or false"},
                  [JW_PARAM_CHOICE] = {LUA_TSTRING, "one of its choices"}};
    jw_error error = {0};
    jw_result result;
    if (lua_getfield(L, index, "default") != wanted[param->type].type)
        return REPORT_PARAM(L, "param \"%s\": default must be %s, not a %s", param->id,
                            wanted[param->type].what, luaL_typename(L, -1));
    if (param->type == JW_PARAM_CHOICE) {
        result = script_param_parse(param, lua_tostring(L, -1), &param->default_value, &error);
    } else {
        param->default_value = lua_isboolean(L, -1) ? lua_toboolean(L, -1) : lua_tonumber(L, -1);
        result = script_param_check(param, param->default_value, &error);
    }
    if (result != JW_OK)
        return REPORT_PARAM(L, "default of %s", error.message);
    lua_pop(L, 1);
    param->value = param->default_value;
    return true;
}

static bool check_id(lua_State *L, const char *id)
{
    bool is_fine = !(id[0] >= '0' && id[0] <= '9') && id[0];
    for (const char *c = id; *c && is_fine; c++)
        is_fine =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_';
    if (!is_fine)
        script_report(L, "param \"%s\": an id begins with a letter and holds letters, digits and _ only", id);
    return is_fine;
}

/* False: it was reported what is wrong with it. */
static bool read_declaration(lua_State *L, int index, jw_param *out)
{
    declaration d = {.param = {.min = -INFINITY, .max = INFINITY}};
    jw_param *param = &d.param;
    if (!script_read_fields(L, index, "param", script_param_fields, SCRIPT_PARAM_FIELDS, &d))
        return false;
    bool is_fine = check_id(L, param->id);
    bool is_number = param->type == JW_PARAM_NUMBER || param->type == JW_PARAM_INTEGER;
    if (is_number && !(isfinite(param->min) && isfinite(param->max) && param->min < param->max))
        is_fine = REPORT_PARAM(
            L, "param \"%s\" needs min and max, min below max: sliders and checks use them", param->id);
    if (param->type == JW_PARAM_CHOICE)
        is_fine &= read_choices(L, index, param);
    if (param->type == JW_PARAM_BOOLEAN) {
        param->min = 0;
        param->max = 1;
    }
    is_fine = is_fine && read_default(L, index, param);
    param->is_live = d.when == 1;
    *out = d.param;
    return is_fine;
}

int script_param(lua_State *L)
{
    jw_param param;
    lua_settop(L, 1);
    if (!read_declaration(L, 1, &param)) {
        lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_BROKEN);
        if (lua_istable(L, 1) && lua_getfield(L, 1, "id") == LUA_TSTRING) {
            lua_pushboolean(L, 1);
            lua_rawset(L, -3);
        }
        script_push_unknown(L); /* lists pass it over */
        return 1;
    }
    script_mark(L, 1, "param");
    return 1;
}

bool script_is_broken_param(lua_State *L, const char *id)
{
    lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_BROKEN);
    bool is_broken = lua_getfield(L, -1, id) != LUA_TNIL;
    lua_pop(L, 2);
    return is_broken;
}

/* ---- lists ---- */

typedef struct list_reader {
    script_params *params;
    uint32_t first_own; /* those before it are of the scene: a scenario may not take their ids */
    int owner;          /* stack place of the scene or scenario: errors are there */
    int depth;
} list_reader;

/* The declaration on top of the stack. */
static void take_param(lua_State *L, list_reader *reader)
{
    script_params *params = reader->params;
    jw_param param;
    if (!read_declaration(L, lua_gettop(L), &param))
        return;
    int line = script_mark_line(L, -1);
    uint32_t known = script_params_find(params, param.id);
    if (known == JW_NONE) {
        jw_error error = {0};
        if (add_param(params, &param, line, &error) != JW_OK)
            script_raise(L, &error);
    } else if (known < reader->first_own) {
        script_report_at(L, -1, "param \"%s\" is one of the scene's already: choose another id", param.id);
    } else {
        params->items[known] = param;
        params->lines[known] = line;
    }
}

/* The list on top of the stack, popped. */
static void read_list(lua_State *L, list_reader *reader)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 12, NULL);
    if (script_is_unknown(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (++reader->depth > 8)
        script_fail(L, "params: defaults within defaults, more than 8 deep");
    if (lua_getfield(L, -1, "defaults") == LUA_TTABLE)
        read_list(L, reader);
    else if (!lua_isnil(L, -1))
        script_report_at(L, reader->owner, "params: defaults must be a list of params, not a %s",
                         luaL_typename(L, -1));
    lua_settop(L, top);
    script_push_content(L, -1);
    lua_remove(L, -2);
    int list = lua_gettop(L);
    uint32_t keys = script_push_sorted_keys(L, list);
    for (uint32_t i = 1; i <= keys; i++) {
        lua_rawgeti(L, list + 1, i);
        const char *key = script_to_text(L, -1);
        bool is_defaults = strcmp(key, "defaults") == 0;
        lua_pop(L, 1);
        lua_rawget(L, list);
        if (script_has_mark(L, -1, "param"))
            take_param(L, reader);
        else if (!is_defaults && !script_is_unknown(L, -1))
            script_report_at(L, reader->owner, "params: entry %u must be param { ... }, not a %s", i,
                             luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    lua_settop(L, list - 1);
    reader->depth--;
}

void script_read_params(lua_State *L, int owner, bool is_scenario, script_params *params)
{
    list_reader reader = {
        .params = params, .first_own = is_scenario ? params->count : 0, .owner = lua_absindex(L, owner)};
    if (lua_getfield(L, owner, "params") == LUA_TTABLE)
        read_list(L, &reader);
    else
        lua_pop(L, 1);
}

void script_push_param(lua_State *L, const jw_param *param)
{
    switch (param->type) {
    case JW_PARAM_BOOLEAN:
        lua_pushboolean(L, param->value != 0);
        break;
    case JW_PARAM_CHOICE:
        lua_pushstring(L, param->choices[(uint32_t)param->value]);
        break;
    case JW_PARAM_INTEGER:
        lua_pushinteger(L, (lua_Integer)param->value);
        break;
    case JW_PARAM_NUMBER:
        lua_pushnumber(L, param->value);
        break;
    }
}

void script_push_params(lua_State *L, const script_params *params)
{
    lua_createtable(L, 0, (int)params->count);
    for (uint32_t i = 0; i < params->count; i++) {
        script_push_param(L, &params->items[i]);
        lua_setfield(L, -2, params->items[i].id);
    }
    lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_BROKEN);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        script_push_unknown(L);
        lua_rawset(L, -5);
    }
    lua_pop(L, 1);
    script_freeze_table(L, -1, "there is no parameter \"%s\"%s: declare it in params");
}

/* ---- values ---- */

jw_result script_param_check(const jw_param *param, double value, jw_error *error)
{
    if (!(value >= param->min && value <= param->max))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "param \"%s\": %.10g is out of range, it must be from %.10g to %.10g%s%s", param->id,
                       value, param->min, param->max, param->unit[0] ? " " : "", param->unit);
    if (param->type != JW_PARAM_NUMBER && jw_floor(value) != value)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "param \"%s\": %.10g must be a whole number",
                       param->id, value);
    return JW_OK;
}

static jw_result parse_choice(const jw_param *param, const char *text, double *out, jw_error *error)
{
    char known[300] = "";
    for (uint32_t i = 0; i < param->choice_count; i++) {
        if (strcmp(param->choices[i], text) == 0) {
            *out = i;
            return JW_OK;
        }
        size_t length = strlen(known);
        snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", param->choices[i]);
    }
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "param \"%s\": \"%s\" must be one of %s", param->id, text,
                   known);
}

jw_result script_param_parse(const jw_param *param, const char *text, double *out, jw_error *error)
{
    static const char *const yes[] = {"true", "on", "yes", "1"}, *const no[] = {"false", "off", "no", "0"};
    if (param->type == JW_PARAM_CHOICE)
        return parse_choice(param, text, out, error);
    if (param->type == JW_PARAM_BOOLEAN) {
        for (uint32_t i = 0; i < JW_COUNT_OF(yes); i++) {
            if (strcmp(text, yes[i]) != 0 && strcmp(text, no[i]) != 0)
                continue;
            *out = strcmp(text, yes[i]) == 0;
            return JW_OK;
        }
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "param \"%s\": \"%s\" must be true or false",
                       param->id, text);
    }
    double value;
    if (!jw_text_to_number(text, &value))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "param \"%s\": \"%s\" is no number", param->id, text);
    jw_result result = script_param_check(param, value, error);
    if (result == JW_OK)
        *out = value;
    return result;
}
