/* One Lua state with its bounds: memory, work, texts. */
#include "script/script_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOOK_INSTRUCTIONS 1000
#define BLOCK_OVERHEAD    64 /* of base/memory: counted, so that the cap is near the truth */
#define CALLS_MAX         20000
#define LONG_STRING       1024
#define INCLUDES          "jw.includes"
#define MARKS             "jw.marks"

/* ---- memory ---- */

/* Only looks: an allocation may be under way. */
static void note_refusal(script_box *box)
{
    lua_Debug ar;
    box->refused_at[0] = 0;
    for (int level = 0; box->lua && level < 16 && lua_getstack(box->lua, level, &ar); level++) {
        lua_getinfo(box->lua, "Sl", &ar);
        if (ar.currentline <= 0)
            continue; /* a C function: its caller's line */
        snprintf(box->refused_at, sizeof box->refused_at, "%s:%d", ar.short_src, ar.currentline);
        return;
    }
}

/* Lua relies on shrinking never to fail, so it is done without jw_realloc, which may. */
static void *allocate(void *context, void *old, size_t old_size, size_t new_size)
{
    script_box *box = context;
    size_t kind = old ? 0 : old_size; /* of a new object, its type */
    size_t held = old ? old_size + BLOCK_OVERHEAD : 0;
    if (new_size == 0) {
        jw_free(old);
        box->used_bytes -= held;
        return NULL;
    }
    if (new_size > old_size || !old) {
        bool is_string = kind == LUA_TSTRING;
        if (box->used_bytes - held + new_size + BLOCK_OVERHEAD > SCRIPT_MEMORY_MAX ||
            (is_string && new_size > SCRIPT_STRING_MAX + BLOCK_OVERHEAD)) {
            note_refusal(box);
            return NULL;
        }
        /* Long texts are made anew each time, so this charge does not depend on the collector. */
        if (is_string && new_size > LONG_STRING)
            box->budget -= (int64_t)(new_size / 16);
    }
    void *memory = jw_alloc(new_size);
    if (!memory) {
        if (old && new_size <= old_size) {
            box->used_bytes -= old_size - new_size; /* as Lua counts it from now on */
            return old;
        }
        box->is_out_of_memory = true;
        return NULL;
    }
    if (old) {
        memcpy(memory, old, old_size < new_size ? old_size : new_size);
        jw_free(old);
    }
    box->used_bytes += new_size + BLOCK_OVERHEAD - held;
    return memory;
}

/* ---- work ---- */

static _Noreturn void fail_budget(lua_State *L, int level)
{
    luaL_where(L, level);
    lua_pushliteral(
        L, "stopped: too much work for one moment; does a loop never end? Bulk questions are cheaper "
           "by columns");
    lua_concat(L, 2);
    lua_error(L);
    abort(); /* lua_error does not return */
}

static void on_count(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    script_box *box = script_box_of(L);
    box->budget -= HOOK_INSTRUCTIONS;
    if (box->budget <= 0)
        fail_budget(L, 0);
    lua_Debug deep;
    if (lua_getstack(L, CALLS_MAX, &deep))
        luaL_error(L, "functions call each other more than %d deep: does one call itself without end?",
                   CALLS_MAX);
}

void script_charge(lua_State *L, uint64_t units)
{
    script_box *box = script_box_of(L);
    box->budget -= units < (1ull << 40) ? (int64_t)units : 1ll << 40;
    if (box->budget <= 0)
        fail_budget(L, 1);
}

/* ---- errors ---- */

_Noreturn void script_fail(lua_State *L, const char *format, ...)
{
    char message[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    luaL_where(L, 1);
    lua_pushstring(L, message);
    lua_concat(L, 2);
    lua_error(L);
    abort();
}

_Noreturn void script_raise(lua_State *L, const jw_error *error)
{
    if (error->code == JW_ERROR_MEMORY)
        script_box_of(L)->is_out_of_memory = true;
    if (error->file[0] == 0)
        script_fail(L, "%s", error->message);
    char text[sizeof error->message + sizeof error->file + 16];
    jw_error_format(error, text, sizeof text);
    lua_pushstring(L, text);
    lua_error(L);
    abort();
}

/* "lib/x.lua:12: text" to its parts; the place is that of a known source. */
static jw_result convert_error(const script_box *box, const char *message, jw_error *error)
{
    const char *file = NULL, *text = message;
    int line = 0;
    for (uint32_t i = 0; i < box->sources.count && !file; i++) {
        const char *name = box->sources.items[i].name;
        size_t length = strlen(name);
        if (strncmp(message, name, length) != 0 || message[length] != ':')
            continue;
        const char *c = message + length + 1;
        int number = 0;
        while (*c >= '0' && *c <= '9' && number < 100000000)
            number = number * 10 + (*c++ - '0');
        file = name;
        line = number;
        text = *c == ':' ? c + 1 : c;
        while (*text == ' ')
            text++;
    }
    const char *remedy = "";
    if (strstr(text, "stack overflow"))
        remedy = ": a function calls itself without end";
    else if (strstr(text, "not enough memory"))
        remedy = ": a script may use 64 MB, and one text 64 kB; keep less in tables and texts";
    return jw_fail(error, JW_ERROR_INPUT, file, line, "%s%s", text, remedy);
}

/* ---- calls ---- */

typedef struct call {
    lua_CFunction function;
    void *argument;
} call;

/* What ended a call joins the problems that were listed before it; the first of all is the call's error. */
static jw_result list_error(script_box *box, jw_result result, const jw_error *own, jw_error *error)
{
    if (result != JW_OK && box->problems)
        jw_problems_add(box->problems, JW_PROBLEM, own->file, own->line, NULL, "%s", own->message);
    const jw_error *first = box->first_problem.code != JW_OK ? &box->first_problem : own;
    if (first->code == JW_OK)
        return JW_OK;
    return jw_fail(error, first->code, first->file, first->line, "%s", first->message);
}

jw_result script_box_call(script_box *box, lua_CFunction function, void *argument, int64_t budget,
                          jw_error *error)
{
    lua_State *L = box->lua;
    int top = lua_gettop(L);
    box->budget = budget;
    box->is_out_of_memory = false;
    box->first_problem = (jw_error){0};
    lua_sethook(L, on_count, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, argument);
    int status = lua_pcall(L, 1, 0, 0);
    jw_result result = JW_OK;
    jw_error own = {0};
    if (box->is_out_of_memory) {
        result = jw_fail_memory(error);
    } else if (status == LUA_ERRMEM) {
        char message[sizeof box->refused_at + 32];
        snprintf(message, sizeof message, "%s: not enough memory", box->refused_at);
        result = convert_error(box, message, &own);
    } else if (status != LUA_OK) {
        /* A number would be turned into a text, which allocates: what is no text has no message. */
        const char *message =
            lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error that is no text";
        result = convert_error(box, message, &own);
    }
    lua_settop(L, top);
    return result == JW_ERROR_MEMORY ? result : list_error(box, result, &own, error);
}

/* ---- making ---- */

static int open_libraries(lua_State *L)
{
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, INCLUDES);
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, MARKS);
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, SCRIPT_BROKEN);
    script_make_unknown(L);
    lua_newtable(L);
    script_open_base(L);
    script_open_math(L);
    script_open_string(L);
    script_open_table(L);
    script_open_utf8(L);
    for (uint32_t i = 0; i < script_global_binding_count; i++) {
        lua_pushcfunction(L, script_global_bindings[i].function);
        lua_setfield(L, -2, script_global_bindings[i].name);
    }
    script_remember_safe(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    return 0;
}

jw_result script_box_create(script_box **out, jw_error *error)
{
    *out = NULL;
    script_box *box = jw_alloc(sizeof *box);
    if (!box)
        return jw_fail_memory(error);
    box->is_loading = true;
    box->lua = lua_newstate(allocate, box);
    if (!box->lua) {
        jw_free(box);
        return jw_fail_memory(error);
    }
    *(script_box **)lua_getextraspace(box->lua) = box;
    jw_result result = script_box_call(box, open_libraries, NULL, SCRIPT_LOAD_BUDGET, error);
    if (result != JW_OK) {
        script_box_destroy(box);
        return result;
    }
    *out = box;
    return JW_OK;
}

void script_box_destroy(script_box *box)
{
    if (!box)
        return;
    lua_close(box->lua);
    assert(box->used_bytes == 0);
    script_sources_free(&box->sources);
    jw_free(box);
}

/* ---- texts ---- */

void script_run_source(lua_State *L, uint32_t source)
{
    const script_source *text = &script_box_of(L)->sources.items[source];
    char chunk[SCRIPT_NAME_SIZE + 1];
    snprintf(chunk, sizeof chunk, "@%s", text->name);
    if (luaL_loadbufferx(L, text->text, text->size, chunk, "t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 1);
}

/* "lib/x" or "x": letters, digits, '_' and '-' between single slashes. */
static bool is_include_name(const char *name)
{
    if (name[0] == 0 || strlen(name) > SCRIPT_NAME_SIZE - 8)
        return false;
    char before = '/';
    for (const char *c = name; *c; before = *c++) {
        bool is_word = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                       *c == '_' || *c == '-';
        if (!is_word && !(*c == '/' && before != '/'))
            return false;
    }
    return before != '/';
}

static jw_result find_source(script_box *box, const char *name, uint32_t *out, jw_error *error)
{
    char file[SCRIPT_NAME_SIZE];
    if (!is_include_name(name))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "include: \"%.100s\" is no name; write \"lib/x\" for an installed script or \"x\" for "
                       "one beside this file, without .lua",
                       name);
    snprintf(file, sizeof file, "%s.lua", name);
    *out = script_sources_find(&box->sources, file);
    if (*out != JW_NONE)
        return JW_OK;
    char home[512], path[1100];
    bool has_home = box->folder[0] && jw_data_folder(home, sizeof home);
    if (has_home && strncmp(name, "lib/", 4) == 0) {
        snprintf(path, sizeof path, "%s/scripts/%s", home, file);
        if (jw_file_exists(path))
            return script_sources_read(&box->sources, file, path, out, error);
    }
    if (!box->folder[0])
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "include: there is no \"%s\" here: files cannot be read at this point", name);
    snprintf(path, sizeof path, "%s/%s", box->folder, file);
    if (!jw_file_exists(path))
        return jw_fail(
            error, JW_ERROR_NOT_FOUND, NULL, 0,
            "include: there is no file \"%s\", neither among the installed scripts nor beside this one",
            file);
    return script_sources_read(&box->sources, file, path, out, error);
}

int script_include(lua_State *L)
{
    script_box *box = script_box_of(L);
    const char *name = luaL_checkstring(L, 1);
    if (!box->is_loading)
        script_fail(L, "include: only while loading, not in a handler: put it at the top of the file");
    lua_getfield(L, LUA_REGISTRYINDEX, INCLUDES);
    int includes = lua_gettop(L);
    if (lua_getfield(L, includes, name) == LUA_TBOOLEAN)
        script_fail(L, "include: \"%s\" includes itself", name);
    if (!lua_isnil(L, -1))
        return 1;
    lua_pop(L, 1);
    uint32_t source;
    jw_error error = {0};
    if (find_source(box, name, &source, &error) != JW_OK)
        script_raise(L, &error);
    lua_pushboolean(L, 1); /* under way */
    lua_setfield(L, includes, name);
    script_run_source(L, source);
    if (!lua_istable(L, -1))
        script_fail(L, "include: \"%s\" returns no table; end it with `return lib`", name);
    lua_pushvalue(L, -1);
    lua_setfield(L, includes, name);
    return 1;
}

/* A message of Lua becomes a problem unless it is one. */
static void list_text(script_box *box, const char *text)
{
    jw_error own = {0};
    convert_error(box, text, &own);
    if (!script_is_listed(box->problems, own.file, own.line, own.message))
        jw_problems_add(box->problems, JW_PROBLEM, own.file, own.line, NULL, "%s", own.message);
}

static int list_syntax(lua_State *L)
{
    script_box *box = script_box_of(L);
    for (uint32_t i = 0; i < box->sources.count; i++) { /* more come while it goes on */
        char chunk[SCRIPT_NAME_SIZE + 1], name[SCRIPT_NAME_SIZE];
        snprintf(chunk, sizeof chunk, "@%s", box->sources.items[i].name);
        if (luaL_loadbufferx(L, box->sources.items[i].text, box->sources.items[i].size, chunk, "t") != LUA_OK)
            list_text(box, lua_tostring(L, -1));
        lua_pop(L, 1);
        int line;
        for (uint32_t k = 0;
             (line = script_source_find_include(&box->sources.items[i], k, name, sizeof name)) != 0; k++) {
            uint32_t found;
            jw_error error = {0};
            if (find_source(box, name, &found, &error) == JW_OK ||
                script_is_listed(box->problems, NULL, 0, error.message))
                continue;
            const char *file = error.file[0] ? error.file : box->sources.items[i].name;
            jw_problems_add(box->problems, JW_PROBLEM, file, error.file[0] ? error.line : line, NULL, "%s",
                            error.message);
        }
    }
    return 0;
}

void script_box_list_syntax(script_box *box)
{
    jw_error error = {0};
    if (box->problems)
        script_box_call(box, list_syntax, NULL, SCRIPT_LOAD_BUDGET, &error);
}

/* ---- marks ---- */

/* "word:line:chunk" of the Lua function that called this C function. */
void script_mark(lua_State *L, int index, const char *word)
{
    lua_Debug ar = {.currentline = 0};
    index = lua_absindex(L, index);
    if (lua_getstack(L, 1, &ar))
        lua_getinfo(L, "Sl", &ar);
    lua_getfield(L, LUA_REGISTRYINDEX, MARKS);
    lua_pushvalue(L, index);
    lua_pushfstring(L, "%s:%d:%s", word, ar.currentline > 0 ? ar.currentline : 0, ar.short_src);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

const char *script_push_mark(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_getfield(L, LUA_REGISTRYINDEX, MARKS);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    return lua_tostring(L, -1);
}

bool script_has_mark(lua_State *L, int index, const char *word)
{
    if (!lua_istable(L, index))
        return false;
    const char *mark = script_push_mark(L, index);
    size_t length = strlen(word);
    bool is_marked = mark && strncmp(mark, word, length) == 0 && mark[length] == ':';
    lua_pop(L, 1);
    return is_marked;
}

int script_fail_file(lua_State *L, const char *name, const char *message)
{
    return luaL_error(L, "%s:1: %s", name, message);
}

int script_mark_line(lua_State *L, int index)
{
    const char *mark = script_push_mark(L, index);
    int line = mark ? atoi(strchr(mark, ':') + 1) : 0;
    lua_pop(L, 1);
    return line;
}
