/* `storage`: the one thing of a scenario that changes. Between steps it exists only as these bytes, so a run
 * that goes on and one that was restored see the very same table. */
#include "script/script_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STORED_FALSE = 1, STORED_TRUE, STORED_INTEGER, STORED_NUMBER, STORED_TEXT, STORED_TABLE };

#define DEPTH_MAX 16

typedef struct storing {
    jw_writer *writer;
    int depth;
    char path[160]; /* "storage.queues[3]" */
} storing;

static void write_value(lua_State *L, storing *s);

static void check_size(lua_State *L, const storing *s)
{
    if (s->writer->failed)
        script_raise(L, &(jw_error){.code = JW_ERROR_MEMORY, .message = "out of memory"});
    if (s->writer->size > SCRIPT_STORAGE_MAX)
        script_fail(L, "storage holds more than 256 kB: keep sums instead of series");
}

static void extend_path(lua_State *L, storing *s)
{
    size_t length = strlen(s->path);
    if (lua_type(L, -1) == LUA_TSTRING)
        snprintf(s->path + length, sizeof s->path - length, ".%s", lua_tostring(L, -1));
    else
        snprintf(s->path + length, sizeof s->path - length, "[%.14g]", lua_tonumber(L, -1));
}

static void write_table(lua_State *L, storing *s)
{
    luaL_checkstack(L, 12, NULL);
    if (++s->depth > DEPTH_MAX)
        script_fail(L, "%s: storage is nested more than %d deep, or a table holds itself", s->path,
                    DEPTH_MAX);
    script_push_content(L, -1);
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (lua_type(L, -2) != LUA_TSTRING && lua_type(L, -2) != LUA_TNUMBER)
            script_fail(L, "%s: a key is a %s; storage takes numbers and texts as keys", s->path,
                        luaL_typename(L, -2));
        lua_pop(L, 1);
    }
    uint32_t count = script_push_sorted_keys(L, table);
    jw_write_u8(s->writer, STORED_TABLE);
    jw_write_u32(s->writer, count);
    size_t length = strlen(s->path);
    for (uint32_t i = 1; i <= count; i++) {
        lua_rawgeti(L, table + 1, i);
        write_value(L, s);
        extend_path(L, s);
        lua_rawget(L, table);
        write_value(L, s);
        lua_pop(L, 1);
        s->path[length] = 0;
    }
    lua_settop(L, table - 1);
    s->depth--;
}

/* The value on top of the stack, which stays there. */
static void write_value(lua_State *L, storing *s)
{
    size_t size;
    const char *text;
    check_size(L, s);
    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        jw_write_u8(s->writer, lua_toboolean(L, -1) ? STORED_TRUE : STORED_FALSE);
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, -1)) {
            jw_write_u8(s->writer, STORED_INTEGER);
            jw_write_i64(s->writer, lua_tointeger(L, -1));
        } else {
            if (isnan(lua_tonumber(L, -1)))
                script_fail(L, "%s is not a number (0/0): find out where it comes from", s->path);
            jw_write_u8(s->writer, STORED_NUMBER);
            jw_write_f64(s->writer, lua_tonumber(L, -1));
        }
        break;
    case LUA_TSTRING:
        text = lua_tolstring(L, -1, &size);
        jw_write_u8(s->writer, STORED_TEXT);
        jw_write_u32(s->writer, (uint32_t)size);
        jw_write_bytes(s->writer, text, size);
        break;
    case LUA_TTABLE:
        write_table(L, s);
        break;
    default:
        script_fail(L, "%s is a %s: storage keeps numbers, texts, booleans and tables of these", s->path,
                    luaL_typename(L, -1));
    }
}

void script_storage_write(lua_State *L, int index, jw_writer *writer)
{
    storing s = {.writer = writer, .path = "storage"};
    lua_pushvalue(L, index);
    write_value(L, &s);
    lua_pop(L, 1);
    check_size(L, &s);
}

/* ---- reading ---- */

static void push_value(lua_State *L, jw_reader *reader, int depth)
{
    luaL_checkstack(L, 6, NULL);
    uint8_t kind = jw_read_u8(reader);
    uint32_t count;
    switch (kind) {
    case STORED_FALSE:
    case STORED_TRUE:
        lua_pushboolean(L, kind == STORED_TRUE);
        return;
    case STORED_INTEGER:
        lua_pushinteger(L, jw_read_i64(reader));
        return;
    case STORED_NUMBER:
        lua_pushnumber(L, jw_read_f64(reader));
        return;
    case STORED_TEXT:
        count = jw_read_count(reader, SCRIPT_STORAGE_MAX, 1);
        lua_pushlstring(L, reader->failed ? "" : (const char *)reader->bytes + reader->position,
                        reader->failed ? 0 : count);
        reader->position += reader->failed ? 0 : count;
        return;
    case STORED_TABLE:
        break;
    default:
        jw_reader_fail(reader, "a value of storage is damaged");
        lua_pushnil(L);
        return;
    }
    count = jw_read_count(reader, SCRIPT_STORAGE_MAX, 2);
    lua_newtable(L);
    if (depth > DEPTH_MAX)
        jw_reader_fail(reader, "storage is nested too deep");
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        push_value(L, reader, depth + 1);
        int key = lua_type(L, -1);
        if (key != LUA_TSTRING && (key != LUA_TNUMBER || isnan(lua_tonumber(L, -1))))
            jw_reader_fail(reader, "a key of storage is damaged");
        push_value(L, reader, depth + 1);
        if (reader->failed)
            lua_pop(L, 2);
        else
            lua_rawset(L, -3);
    }
}

void script_storage_push(lua_State *L, const void *bytes, size_t size)
{
    if (size == 0) {
        lua_newtable(L);
        return;
    }
    jw_reader reader = jw_reader_make(bytes, size);
    push_value(L, &reader, 1);
    if (!reader.failed && (reader.position != size || !lua_istable(L, -1)))
        jw_reader_fail(&reader, "storage is no whole table");
    if (reader.failed)
        luaL_error(L, "%s", reader.message);
}
