/* Table arguments: what keys there are, of what type and range, stands in lists; here they are checked and
 * read. Every message names the key, the place, and what is allowed. */
#include "script/script_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* At the caller's line, or at the line of the catalogue's entry that is being read. */
static _Noreturn void fail_field(lua_State *L, const char *key, const char *message)
{
    const script_box *box = script_box_of(L);
    if (!box->entry_source)
        script_fail(L, "%s", message);
    int line = script_source_entry_line(box->entry_source, box->entry, key);
    if (line == 0)
        line = script_source_entry_line(box->entry_source, box->entry, NULL);
    lua_pushfstring(L, "%s:%d: %s", box->entry_source->name, line, message);
    lua_error(L);
    script_fail(L, "%s", message); /* not reached: lua_error does not return */
}

#define FAIL(...)                                                                                            \
    do {                                                                                                     \
        snprintf(message, sizeof message, __VA_ARGS__);                                                      \
        fail_field(L, field->key, message);                                                                  \
    } while (0)

bool script_parse_clock(const char *text, int64_t *out_ns)
{
    int parts[3] = {0, 0, 0}, count = 0;
    for (const char *c = text; count < 3; c++) {
        int digits = 0;
        for (; *c >= '0' && *c <= '9' && digits < 2; c++, digits++)
            parts[count] = parts[count] * 10 + (*c - '0');
        count++;
        if (digits == 0)
            return false;
        if (*c == 0)
            break;
        if (*c != ':' || count == 3)
            return false;
    }
    if (count < 2 || parts[0] > 24 || parts[1] > 59 || parts[2] > 59)
        return false;
    *out_ns = (int64_t)(parts[0] * 3600 + parts[1] * 60 + parts[2]) * JW_NS_PER_S;
    return *out_ns <= 24 * 3600 * JW_NS_PER_S;
}

static void read_number(lua_State *L, const char *what, const script_field *field, void *out)
{
    char message[400];
    const char *unit = field->unit ? field->unit : "";
    if (lua_type(L, -1) != LUA_TNUMBER)
        FAIL("%s: \"%s\" must be a number, not a %s", what, field->key, luaL_typename(L, -1));
    double value = lua_tonumber(L, -1);
    if (!isfinite(value))
        FAIL("%s: \"%s\" must be a finite number", what, field->key);
    bool is_bounded = field->min != 0 || field->max != 0;
    if (is_bounded && !(value >= field->min && value <= field->max))
        FAIL("%s: \"%s\" is %.10g, but must be from %.10g to %.10g%s%s", what, field->key, value, field->min,
             field->max, *unit ? " " : "", unit);
    if (field->type == FIELD_NUMBER) {
        memcpy((char *)out + field->offset, &value, sizeof value);
        return;
    }
    double most = field->type == FIELD_COUNT ? 4294967294.0 : 9e15;
    if (jw_floor(value) != value || value < 0 || value > most)
        FAIL("%s: \"%s\" is %.10g, but must be a whole number", what, field->key, value);
    if (field->type == FIELD_COUNT)
        memcpy((char *)out + field->offset, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
    else
        memcpy((char *)out + field->offset, &(int64_t){(int64_t)value}, sizeof(int64_t));
}

static uint32_t find_choice(const char *choices, const char *text)
{
    uint32_t index = 0;
    size_t length = strlen(text);
    for (const char *c = choices; *c; index++) {
        size_t size = strcspn(c, "|");
        if (size == length && memcmp(c, text, size) == 0)
            return index;
        c += size + (c[size] == '|');
    }
    return JW_NONE;
}

static void read_text(lua_State *L, const char *what, const script_field *field, void *out)
{
    char message[400];
    size_t size;
    if (lua_type(L, -1) != LUA_TSTRING)
        FAIL("%s: \"%s\" must be a text, not a %s", what, field->key, luaL_typename(L, -1));
    const char *text = lua_tolstring(L, -1, &size);
    if (field->type == FIELD_TEXT) {
        if (size >= field->size)
            FAIL("%s: \"%s\" is longer than %zu bytes", what, field->key, field->size - 1);
        if (!jw_text_is_utf8(text, size))
            FAIL("%s: \"%s\" is no clean UTF-8 text", what, field->key);
        jw_text_copy((char *)out + field->offset, field->size, text);
        return;
    }
    if (field->type == FIELD_TIME) {
        int64_t time_ns;
        if (strlen(text) != size || !script_parse_clock(text, &time_ns))
            FAIL("%s: \"%s\" is \"%.40s\"; write a time of day like \"07:30\" or \"07:30:15\"", what,
                 field->key, text);
        memcpy((char *)out + field->offset, &time_ns, sizeof time_ns);
        return;
    }
    uint32_t choice = find_choice(field->choices, text);
    if (choice == JW_NONE)
        FAIL("%s: \"%s\" is \"%.40s\", but must be one of %s", what, field->key, text, field->choices);
    if (field->type == FIELD_SMALL)
        *((uint8_t *)out + field->offset) = (uint8_t)choice;
    else
        memcpy((char *)out + field->offset, &choice, sizeof choice);
}

static void read_place(lua_State *L, const char *what, const script_field *field, void *out)
{
    char message[400];
    double at[2];
    if (!lua_istable(L, -1))
        FAIL("%s: \"%s\" must be a place (a table with x and y in metres; city:place and city:blocks give "
             "some), "
             "not a %s",
             what, field->key, luaL_typename(L, -1));
    for (int i = 0; i < 2; i++) {
        lua_getfield(L, -1, i ? "y" : "x");
        if (lua_type(L, -1) != LUA_TNUMBER || !(jw_abs(lua_tonumber(L, -1)) < 1e7))
            FAIL("%s: \"%s\" is no place: %s is missing or no number of metres", what, field->key,
                 i ? "y" : "x");
        at[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    memcpy((char *)out + field->offset, at, sizeof at);
}

static void read_label(lua_State *L, const char *what, const script_field *field, void *out)
{
    static const script_field parts[] = {
        {"en", FIELD_TEXT, true, 0, 0, NULL, NULL, "English", offsetof(jw_label, en), 160},
        {"zh", FIELD_TEXT, false, 0, 0, NULL, NULL, "Chinese; the English text when left out",
         offsetof(jw_label, zh), 160}};
    char message[400];
    jw_label label = {0};
    if (lua_type(L, -1) == LUA_TSTRING) {
        script_field text = parts[0];
        text.key = field->key;
        read_text(L, what, &text, &label);
    } else if (lua_istable(L, -1)) {
        script_read_fields(L, -1, what, parts, JW_COUNT_OF(parts), &label);
    } else {
        FAIL("%s: \"%s\" must be { en = \"...\", zh = \"...\" }, not a %s", what, field->key,
             luaL_typename(L, -1));
    }
    if (!label.zh[0])
        jw_text_copy(label.zh, sizeof label.zh, label.en);
    memcpy((char *)out + field->offset, &label, sizeof label);
}

void script_read_field(lua_State *L, int index, const char *what, const script_field *field, void *out)
{
    char message[400];
    index = lua_absindex(L, index);
    lua_getfield(L, index, field->key);
    int type = lua_type(L, -1);
    if (type == LUA_TNIL) {
        if (field->is_required)
            FAIL("%s needs \"%s\": %s", what, field->key, field->doc);
        lua_pop(L, 1);
        return;
    }
    switch (field->type) {
    case FIELD_NUMBER:
    case FIELD_COUNT:
    case FIELD_BYTES:
        read_number(L, what, field, out);
        break;
    case FIELD_TEXT:
    case FIELD_CHOICE:
    case FIELD_SMALL:
    case FIELD_TIME:
        read_text(L, what, field, out);
        break;
    case FIELD_FLAG:
        if (type != LUA_TBOOLEAN)
            FAIL("%s: \"%s\" must be true or false, not a %s", what, field->key, luaL_typename(L, -1));
        *((uint8_t *)out + field->offset) = (uint8_t)lua_toboolean(L, -1);
        break;
    case FIELD_PLACE:
        read_place(L, what, field, out);
        break;
    case FIELD_LABEL:
        read_label(L, what, field, out);
        break;
    case FIELD_LIST:
    case FIELD_FUNCTION: {
        bool wants_list = field->type == FIELD_LIST;
        if (type != (wants_list ? LUA_TTABLE : LUA_TFUNCTION))
            FAIL("%s: \"%s\" must be a %s, not a %s", what, field->key, wants_list ? "table" : "function",
                 luaL_typename(L, -1));
        break;
    }
    case FIELD_ANY:
        break;
    }
    lua_pop(L, 1);
}

static void check_keys(lua_State *L, int content, const char *what, const script_field *fields,
                       uint32_t count)
{
    char message[600], known[400] = "";
    for (uint32_t i = 0; i < count; i++) {
        size_t length = strlen(known);
        snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", fields[i].key);
    }
    uint32_t keys = script_push_sorted_keys(L, content);
    for (uint32_t i = 1; i <= keys; i++) {
        lua_rawgeti(L, -1, i);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        bool is_known = false;
        for (uint32_t f = 0; f < count && key && !is_known; f++)
            is_known = strcmp(fields[f].key, key) == 0;
        if (!is_known) {
            snprintf(message, sizeof message, "%s takes no \"%.60s\"; it takes: %s", what,
                     script_to_text(L, -1), known);
            fail_field(L, key, message);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

void script_read_fields(lua_State *L, int index, const char *what, const script_field *fields, uint32_t count,
                        void *out)
{
    luaL_checkstack(L, 12, NULL);
    index = lua_absindex(L, index);
    if (!lua_istable(L, index))
        script_fail(L, "%s needs a table: write it with braces { }, not a %s", what, luaL_typename(L, index));
    script_push_content(L, index);
    int content = lua_gettop(L);
    check_keys(L, content, what, fields, count);
    for (uint32_t i = 0; i < count; i++)
        script_read_field(L, content, what, &fields[i], out);
    lua_settop(L, content - 1);
}
