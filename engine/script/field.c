/* Table arguments: what keys there are, of what type and range, stands in lists; here they are checked and
 * read. Every message names the key, the place, and what is allowed. */
#include "script/script_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LIKELY_GBPS_MIN 0.01    /* a tenth of fast Ethernet */
#define LIKELY_GBPS_MAX 20000.0 /* some tens of Tbit/s is what one fibre carries in its C band */

/* At the key's line of the caller's table, or of the catalogue's entry that is being read. Returns false. */
static bool report_field(lua_State *L, const char *key, const char *message)
{
    const script_box *box = script_box_of(L);
    lua_Debug ar = {.currentline = 0};
    if (box->entry_source) {
        int line = script_source_entry_line(box->entry_source, box->entry, key);
        if (line == 0)
            line = script_source_entry_line(box->entry_source, box->entry, NULL);
        script_report_line(L, box->entry_source->name, line, message);
        return false;
    }
    if (lua_getstack(L, 1, &ar))
        lua_getinfo(L, "Sl", &ar);
    uint32_t source = ar.currentline > 0 ? script_sources_find(&box->sources, ar.short_src) : JW_NONE;
    if (source == JW_NONE)
        script_report(L, "%s", message);
    else
        script_report_line(L, ar.short_src,
                           script_source_key_line(&box->sources.items[source], ar.currentline, NULL, key),
                           message);
    return false;
}

#define REPORT(...)                                                                                          \
    do {                                                                                                     \
        snprintf(message, sizeof message, __VA_ARGS__);                                                      \
        return report_field(L, field->key, message);                                                         \
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

bool script_parse_span(const char *text, int64_t *out_ns)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"min", 60}, {"h", 3600}, {"s", 1}};
    char number[24];
    for (uint32_t i = 0; i < JW_COUNT_OF(units); i++) {
        size_t length = strlen(text), unit = strlen(units[i].unit);
        double value;
        if (!jw_text_ends_with(text, units[i].unit) || length - unit >= sizeof number || length == unit ||
            text[0] < '0' || text[0] > '9')
            continue;
        memcpy(number, text, length - unit);
        number[length - unit] = 0;
        if (!jw_text_to_number(number, &value) || value < 0 || value * units[i].seconds > 366.0 * 86400)
            return false;
        *out_ns = jw_ns_from_s(value * units[i].seconds);
        return true;
    }
    return false;
}

static bool read_number(lua_State *L, const char *what, const script_field *field, void *out)
{
    char message[400];
    const char *unit = field->unit ? field->unit : "";
    if (lua_type(L, -1) != LUA_TNUMBER)
        REPORT("%s: \"%s\" must be a number, not a %s", what, field->key, luaL_typename(L, -1));
    double value = lua_tonumber(L, -1);
    if (!isfinite(value))
        REPORT("%s: \"%s\" must be a finite number", what, field->key);
    bool is_bounded = field->min != 0 || field->max != 0;
    if (is_bounded && !(value >= field->min && value <= field->max))
        REPORT("%s: \"%s\" is %.10g, but must be from %.10g to %.10g%s%s", what, field->key, value,
               field->min, field->max, *unit ? " " : "", unit);
    /* No fibre of a city is slower or faster: a unit was mistaken. */
    if (strcmp(unit, "Gbit/s") == 0 && value > 0 && (value < LIKELY_GBPS_MIN || value > LIKELY_GBPS_MAX))
        script_warn(L, "%s: \"%s\" is %.10g Gbit/s: is its unit right?", what, field->key, value);
    if (field->type == FIELD_NUMBER) {
        memcpy((char *)out + field->offset, &value, sizeof value);
        return true;
    }
    double most = field->type == FIELD_COUNT ? 4294967294.0 : 9e15;
    if (jw_floor(value) != value || value < 0 || value > most)
        REPORT("%s: \"%s\" is %.10g, but must be a whole number", what, field->key, value);
    if (field->type == FIELD_COUNT)
        memcpy((char *)out + field->offset, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
    else
        memcpy((char *)out + field->offset, &(int64_t){(int64_t)value}, sizeof(int64_t));
    return true;
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

static bool read_text(lua_State *L, const char *what, const script_field *field, void *out)
{
    char message[400];
    size_t size;
    if (lua_type(L, -1) != LUA_TSTRING)
        REPORT("%s: \"%s\" must be a text, not a %s", what, field->key, luaL_typename(L, -1));
    const char *text = lua_tolstring(L, -1, &size);
    if (field->type == FIELD_TEXT) {
        if (size >= field->size)
            REPORT("%s: \"%s\" is longer than %zu bytes", what, field->key, field->size - 1);
        if (!jw_text_is_utf8(text, size))
            REPORT("%s: \"%s\" is no clean UTF-8 text", what, field->key);
        jw_text_copy((char *)out + field->offset, field->size, text);
        return true;
    }
    if (field->type == FIELD_TIME) {
        int64_t time_ns;
        if (strlen(text) != size || !script_parse_clock(text, &time_ns))
            REPORT("%s: \"%s\" is \"%.40s\"; write a time of day like \"07:30\" or \"07:30:15\"", what,
                   field->key, text);
        memcpy((char *)out + field->offset, &time_ns, sizeof time_ns);
        return true;
    }
    if (field->type == FIELD_SPAN) {
        int64_t span_ns;
        if (strlen(text) != size || !script_parse_span(text, &span_ns) || span_ns > jw_ns_from_s(field->max))
            REPORT(
                "%s: \"%s\" is \"%.40s\"; write a length of time like \"90s\", \"15min\" or \"1h\", at most "
                "%.10g min",
                what, field->key, text, field->max / 60);
        memcpy((char *)out + field->offset, &span_ns, sizeof span_ns);
        return true;
    }
    uint32_t choice = find_choice(field->choices, text);
    if (choice == JW_NONE)
        REPORT("%s: \"%s\" is \"%.40s\", but must be one of %s", what, field->key, text, field->choices);
    if (field->type == FIELD_SMALL)
        *((uint8_t *)out + field->offset) = (uint8_t)choice;
    else
        memcpy((char *)out + field->offset, &choice, sizeof choice);
    return true;
}

static bool read_place(lua_State *L, const char *what, const script_field *field, void *out)
{
    char message[400];
    double at[2];
    if (!lua_istable(L, -1))
        REPORT("%s: \"%s\" must be a place (a table with x and y in metres; city:place and city:blocks give "
               "some), "
               "not a %s",
               what, field->key, luaL_typename(L, -1));
    for (int i = 0; i < 2; i++) {
        lua_getfield(L, -1, i ? "y" : "x");
        if (lua_type(L, -1) != LUA_TNUMBER || !(jw_abs(lua_tonumber(L, -1)) < 1e7))
            REPORT("%s: \"%s\" is no place: %s is missing or no number of metres", what, field->key,
                   i ? "y" : "x");
        at[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    memcpy((char *)out + field->offset, at, sizeof at);
    return true;
}

static bool read_label(lua_State *L, const char *what, const script_field *field, void *out)
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
        if (!read_text(L, what, &text, &label))
            return false;
    } else if (lua_istable(L, -1)) {
        if (!script_read_fields(L, -1, what, parts, JW_COUNT_OF(parts), &label))
            return false;
    } else {
        REPORT("%s: \"%s\" must be { en = \"...\", zh = \"...\" }, not a %s", what, field->key,
               luaL_typename(L, -1));
    }
    if (!label.zh[0])
        jw_text_copy(label.zh, sizeof label.zh, label.en);
    memcpy((char *)out + field->offset, &label, sizeof label);
    return true;
}

/* The value on top of the stack. */
static bool read_value(lua_State *L, const char *what, const script_field *field, void *out)
{
    char message[400];
    int type = lua_type(L, -1);
    if (script_is_unknown(L, -1))
        return false;
    if (type == LUA_TNIL) {
        if (field->is_required)
            REPORT("%s needs \"%s\": %s", what, field->key, field->doc);
        return true;
    }
    switch (field->type) {
    case FIELD_NUMBER:
    case FIELD_COUNT:
    case FIELD_BYTES:
        return read_number(L, what, field, out);
    case FIELD_TEXT:
    case FIELD_CHOICE:
    case FIELD_SMALL:
    case FIELD_TIME:
    case FIELD_SPAN:
        return read_text(L, what, field, out);
    case FIELD_FLAG:
        if (type != LUA_TBOOLEAN)
            REPORT("%s: \"%s\" must be true or false, not a %s", what, field->key, luaL_typename(L, -1));
        *((uint8_t *)out + field->offset) = (uint8_t)lua_toboolean(L, -1);
        return true;
    case FIELD_PLACE:
        return read_place(L, what, field, out);
    case FIELD_LABEL:
        return read_label(L, what, field, out);
    case FIELD_LIST:
        if (type != LUA_TTABLE)
            REPORT("%s: \"%s\" must be a table, not a %s", what, field->key, luaL_typename(L, -1));
        return true;
    case FIELD_FUNCTION:
        if (type != LUA_TFUNCTION)
            REPORT("%s: \"%s\" must be a function, not a %s", what, field->key, luaL_typename(L, -1));
        return true;
    case FIELD_ANY:
        return true;
    }
    return true;
}

bool script_read_field(lua_State *L, int index, const char *what, const script_field *field, void *out)
{
    int top = lua_gettop(L);
    lua_getfield(L, index, field->key);
    bool is_fine = read_value(L, what, field, out);
    lua_settop(L, top);
    return is_fine;
}

static bool check_keys(lua_State *L, int content, const char *what, const script_field *fields,
                       uint32_t count)
{
    char message[600], known[400] = "";
    bool is_fine = true;
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
            jw_nearest nearest = jw_nearest_to(key ? key : "");
            for (uint32_t f = 0; f < count; f++)
                jw_nearest_try(&nearest, fields[f].key);
            if (nearest.hint[0]) /* what was meant says more than all that there is */
                jw_text_format(message, sizeof message, "%s takes no \"%.60s\"%s", what,
                               script_to_text(L, -1), nearest.hint);
            else
                jw_text_format(message, sizeof message, "%s takes no \"%.60s\"; it takes: %s", what,
                               script_to_text(L, -1), known);
            is_fine = report_field(L, key, message);
            lua_pop(L, 1); /* the text */
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return is_fine;
}

/* "city:site" -> "city:site \"edge-1\"", where the table has an id. */
static const char *name_thing(lua_State *L, int content, const char *what, char *out, size_t out_size)
{
    lua_pushliteral(L, "id");
    const char *id = lua_rawget(L, content) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    bool is_plain = id && jw_text_is_utf8(id, strlen(id));
    if (is_plain)
        snprintf(out, out_size, "%s \"%.60s\"", what, id);
    lua_pop(L, 1); /* the table keeps the text */
    return is_plain ? out : what;
}

bool script_read_fields(lua_State *L, int index, const char *what, const script_field *fields, uint32_t count,
                        void *out)
{
    char name[128];
    luaL_checkstack(L, 12, NULL);
    index = lua_absindex(L, index);
    if (script_is_unknown(L, index))
        return false;
    if (!lua_istable(L, index)) {
        script_report(L, "%s needs a table: write it with braces { }, not a %s", what,
                      luaL_typename(L, index));
        return false;
    }
    script_push_content(L, index);
    int content = lua_gettop(L);
    what = name_thing(L, content, what, name, sizeof name);
    bool is_fine = check_keys(L, content, what, fields, count);
    for (uint32_t i = 0; i < count; i++)
        is_fine &= script_read_field(L, content, what, &fields[i], out);
    lua_settop(L, content - 1);
    return is_fine;
}
