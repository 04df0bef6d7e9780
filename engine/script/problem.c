/* Problems of declarations: listed one after the other where a list is given, and else the end of the call.
 */
#include "script/script_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN "jw.unknown"

bool script_is_listed(const jw_problems *problems, const char *file, int line, const char *message)
{
    for (uint32_t i = 0; i < problems->count; i++) {
        const jw_problem *item = &problems->items[i];
        if (strncmp(item->message, message, strlen(item->message)) == 0 && /* long ones are listed cut */
            (!file || (strcmp(item->file, file) == 0 && item->line == line)))
            return true;
    }
    return false;
}

void script_report_line(lua_State *L, const char *file, int line, const char *message)
{
    script_box *box = script_box_of(L);
    if (!box->problems) {
        if (file)
            lua_pushfstring(L, "%s:%d: %s", file, line, message);
        else
            lua_pushstring(L, message);
        lua_error(L);
    }
    if (script_is_listed(box->problems, file, line, message))
        return;
    jw_problems_add(box->problems, JW_PROBLEM, file, line, NULL, "%s", message);
    jw_fail(&box->first_problem, JW_ERROR_INPUT, file, line, "%s", message);
}

/* At the line of the function that called. */
static void report_here(lua_State *L, const char *message)
{
    lua_Debug ar = {.currentline = 0};
    if (lua_getstack(L, 1, &ar))
        lua_getinfo(L, "Sl", &ar);
    script_report_line(L, ar.currentline > 0 ? ar.short_src : NULL, ar.currentline, message);
}

void script_report(lua_State *L, const char *format, ...)
{
    char message[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    report_here(L, message);
}

void script_warn(lua_State *L, const char *format, ...)
{
    jw_problems *problems = script_box_of(L)->problems;
    char message[600];
    lua_Debug ar = {.currentline = 0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (lua_getstack(L, 1, &ar))
        lua_getinfo(L, "Sl", &ar);
    const char *file = ar.currentline > 0 ? ar.short_src : NULL;
    if (problems && !script_is_listed(problems, file, ar.currentline, message))
        jw_problems_add(problems, JW_WARNING, file, ar.currentline, NULL, "%s", message);
}

void script_report_error(lua_State *L, const jw_error *error)
{
    if (error->code == JW_ERROR_MEMORY)
        script_raise(L, error);
    if (error->file[0])
        script_report_line(L, error->file, error->line, error->message);
    else
        report_here(L, error->message);
}

/* ---- at the place of a marked table ---- */

static void report_mark(lua_State *L, int index, const char *group, const char *key, const char *message)
{
    const script_sources *sources = &script_box_of(L)->sources;
    const char *mark = script_push_mark(L, index);
    const char *place = mark ? strchr(mark, ':') + 1 : NULL;
    const char *file = place ? strchr(place, ':') + 1 : NULL;
    int line = place ? atoi(place) : 0;
    uint32_t source = file && key ? script_sources_find(sources, file) : JW_NONE;
    if (source != JW_NONE)
        line = script_source_key_line(&sources->items[source], line, group, key);
    script_report_line(L, file, line, message);
    lua_pop(L, 1);
}

void script_report_at(lua_State *L, int index, const char *format, ...)
{
    char message[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    report_mark(L, index, NULL, NULL, message);
}

void script_report_key(lua_State *L, int index, const char *group, const char *key, const char *format, ...)
{
    char message[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    report_mark(L, index, group, key, message);
}

/* ---- what does not exist ---- */

static int unknown_itself(lua_State *L)
{
    script_push_unknown(L);
    return 1;
}

/* Numbers give nothing, so that ipairs ends. */
static int unknown_field(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING)
        script_push_unknown(L);
    else
        lua_pushnil(L);
    return 1;
}

static int unknown_length(lua_State *L)
{
    lua_pushinteger(L, 0);
    return 1;
}

static int unknown_compare(lua_State *L)
{
    lua_pushboolean(L, 0);
    return 1;
}

void script_make_unknown(lua_State *L)
{
    static const char *const operators[] = {"__call", "__add", "__sub",  "__mul",   "__div",
                                            "__mod",  "__unm", "__idiv", "__concat"};
    lua_newtable(L);
    lua_createtable(L, 0, 16);
    for (uint32_t i = 0; i < JW_COUNT_OF(operators); i++) {
        lua_pushcfunction(L, unknown_itself);
        lua_setfield(L, -2, operators[i]);
    }
    lua_pushcfunction(L, unknown_field);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, unknown_length);
    lua_setfield(L, -2, "__len");
    lua_pushcfunction(L, unknown_compare);
    lua_setfield(L, -2, "__lt");
    lua_pushcfunction(L, unknown_compare);
    lua_setfield(L, -2, "__le");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, UNKNOWN);
}

void script_push_unknown(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, UNKNOWN);
}

bool script_is_unknown(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    script_push_unknown(L);
    bool is_unknown = lua_rawequal(L, index, -1) != 0;
    lua_pop(L, 1);
    return is_unknown;
}
