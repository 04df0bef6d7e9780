/* Lua's patterns (Reference Manual 5.4, 6.4.1) with a bound on the work: each step of the search spends
 * budget, so that a pattern that would try for hours ends with an error instead. */
#include "script/script_internal.h"

#include <ctype.h>
#include <string.h>

#define CAPTURES_MAX   32
#define DEPTH_MAX      200
#define CAPTURE_OPEN   (-1)
#define CAPTURE_PLACE  (-2)
#define STEPS_A_CHARGE 256

typedef struct capture {
    const char *begin;
    ptrdiff_t size; /* or CAPTURE_OPEN, CAPTURE_PLACE */
} capture;

typedef struct matcher {
    lua_State *L;
    const char *text, *text_end;
    const char *pattern_end;
    uint32_t steps;
    int depth;
    int count;
    capture captures[CAPTURES_MAX];
} matcher;

static void step(matcher *m)
{
    if (++m->steps < STEPS_A_CHARGE)
        return;
    script_charge(m->L, m->steps);
    m->steps = 0;
}

/* ---- single characters ---- */

/* The end of the single-character item that begins at `p`. */
static const char *item_end(matcher *m, const char *p)
{
    if (*p == '%') {
        if (p + 1 >= m->pattern_end)
            script_fail(m->L, "a pattern ends with %%");
        return p + 2;
    }
    if (*p++ != '[')
        return p;
    if (p < m->pattern_end && *p == '^')
        p++;
    do {
        if (p >= m->pattern_end)
            script_fail(m->L, "a pattern lacks its ]");
        if (*p++ == '%')
            p++;
    } while (p >= m->pattern_end || *p != ']');
    return p + 1;
}

/* Is character `c` of class `letter` (%a, %d, ...; capitals are the complement)? */
static bool is_in_class(int c, int letter)
{
    bool is_in;
    switch (tolower(letter)) {
    case 'a':
        is_in = isalpha(c) != 0;
        break;
    case 'c':
        is_in = iscntrl(c) != 0;
        break;
    case 'd':
        is_in = isdigit(c) != 0;
        break;
    case 'g':
        is_in = isgraph(c) != 0;
        break;
    case 'l':
        is_in = islower(c) != 0;
        break;
    case 'p':
        is_in = ispunct(c) != 0;
        break;
    case 's':
        is_in = isspace(c) != 0;
        break;
    case 'u':
        is_in = isupper(c) != 0;
        break;
    case 'w':
        is_in = isalnum(c) != 0;
        break;
    case 'x':
        is_in = isxdigit(c) != 0;
        break;
    default:
        return letter == c;
    }
    return isupper(letter) ? !is_in : is_in;
}

/* `p` at '[', `last` at its ']'. */
static bool is_in_set(int c, const char *p, const char *last)
{
    bool is_wanted = true;
    if (*++p == '^') {
        is_wanted = false;
        p++;
    }
    for (; p < last; p++) {
        if (*p == '%') {
            if (is_in_class(c, (unsigned char)*++p))
                return is_wanted;
        } else if (p + 2 < last && p[1] == '-') {
            if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2])
                return is_wanted;
            p += 2;
        } else if ((unsigned char)*p == c) {
            return is_wanted;
        }
    }
    return !is_wanted;
}

static bool is_single(matcher *m, const char *s, const char *p, const char *end)
{
    if (s >= m->text_end)
        return false;
    step(m);
    int c = (unsigned char)*s;
    switch (*p) {
    case '.':
        return true;
    case '%':
        return is_in_class(c, (unsigned char)p[1]);
    case '[':
        return is_in_set(c, p, end - 1);
    default:
        return (unsigned char)*p == c;
    }
}

/* ---- the search ---- */

static const char *match_here(matcher *m, const char *s, const char *p);

static const char *match_balanced(matcher *m, const char *s, const char *p)
{
    if (p + 1 >= m->pattern_end)
        script_fail(m->L, "a pattern needs two characters after %%b");
    if (s >= m->text_end || *s != p[0])
        return NULL;
    int depth = 1;
    while (++s < m->text_end) {
        step(m);
        if (*s == p[1]) {
            if (--depth == 0)
                return s + 1;
        } else if (*s == p[0]) {
            depth++;
        }
    }
    return NULL;
}

static const char *match_longest(matcher *m, const char *s, const char *p, const char *end)
{
    ptrdiff_t count = 0;
    while (is_single(m, s + count, p, end))
        count++;
    for (; count >= 0; count--) {
        const char *found = match_here(m, s + count, end + 1);
        if (found)
            return found;
    }
    return NULL;
}

static const char *match_shortest(matcher *m, const char *s, const char *p, const char *end)
{
    for (;; s++) {
        const char *found = match_here(m, s, end + 1);
        if (found)
            return found;
        if (!is_single(m, s, p, end))
            return NULL;
    }
}

static const char *match_open(matcher *m, const char *s, const char *p, ptrdiff_t kind)
{
    if (m->count >= CAPTURES_MAX)
        script_fail(m->L, "a pattern has more than %d captures", CAPTURES_MAX);
    m->captures[m->count++] = (capture){s, kind};
    const char *found = match_here(m, s, p);
    if (!found)
        m->count--;
    return found;
}

static const char *match_close(matcher *m, const char *s, const char *p)
{
    int i = m->count - 1;
    while (i >= 0 && m->captures[i].size != CAPTURE_OPEN)
        i--;
    if (i < 0)
        script_fail(m->L, "a pattern closes a capture that is not open");
    m->captures[i].size = s - m->captures[i].begin;
    const char *found = match_here(m, s, p);
    if (!found)
        m->captures[i].size = CAPTURE_OPEN;
    return found;
}

static const char *match_again(matcher *m, const char *s, int digit)
{
    int i = digit - '1';
    if (i < 0 || i >= m->count || m->captures[i].size == CAPTURE_OPEN)
        script_fail(m->L, "a pattern refers to capture %%%c, which is not there", digit);
    ptrdiff_t size = m->captures[i].size;
    if (size == CAPTURE_PLACE)
        return NULL; /* a place is no text that could come again */
    script_charge(m->L, (uint64_t)size / 8);
    if (m->text_end - s < size || memcmp(m->captures[i].begin, s, (size_t)size) != 0)
        return NULL;
    return s + size;
}

static bool is_frontier(matcher *m, const char *s, const char *p, const char *end)
{
    int before = s == m->text ? 0 : (unsigned char)s[-1];
    int here = s < m->text_end ? (unsigned char)*s : 0;
    return !is_in_set(before, p, end - 1) && is_in_set(here, p, end - 1);
}

/* One item of the pattern that needs no choice; moves *s and *p on. False: no match. *is_done: `*s` is the
 * end of the whole match. */
static bool match_item(matcher *m, const char **s, const char **p, bool *is_done)
{
    const char *q = *p;
    if (*q == '%' && q + 1 < m->pattern_end && q[1] == 'b') {
        *s = match_balanced(m, *s, q + 2);
        *p = q + 4;
        return *s != NULL;
    }
    if (*q == '%' && q + 1 < m->pattern_end && q[1] == 'f') {
        q += 2;
        if (q >= m->pattern_end || *q != '[')
            script_fail(m->L, "a pattern lacks [ after %%f");
        const char *end = item_end(m, q);
        *p = end;
        return is_frontier(m, *s, q, end);
    }
    if (*q == '%' && q + 1 < m->pattern_end && isdigit((unsigned char)q[1])) {
        *s = match_again(m, *s, (unsigned char)q[1]);
        *p = q + 2;
        return *s != NULL;
    }
    const char *end = item_end(m, q);
    char suffix = end < m->pattern_end ? *end : 0;
    const char *found = NULL;
    switch (suffix) {
    case '?':
        if (is_single(m, *s, q, end) && (found = match_here(m, *s + 1, end + 1)) != NULL) {
            *s = found;
            *is_done = true;
            return true;
        }
        *p = end + 1;
        return true;
    case '*':
    case '+':
        if (suffix == '+' && !is_single(m, *s, q, end))
            return false;
        found = match_longest(m, *s + (suffix == '+'), q, end);
        break;
    case '-':
        found = match_shortest(m, *s, q, end);
        break;
    default:
        *p = end;
        return is_single(m, (*s)++, q, end);
    }
    *s = found;
    *is_done = true;
    return found != NULL;
}

/* The end of a match of the pattern from `p` at `s`, or NULL. */
static const char *match_here(matcher *m, const char *s, const char *p)
{
    if (++m->depth > DEPTH_MAX)
        script_fail(m->L, "a pattern is too deeply nested");
    bool is_done = false, is_match = true;
    while (is_match && !is_done && p < m->pattern_end) {
        step(m);
        if (*p == '(' || *p == ')') {
            bool is_place = *p == '(' && p + 1 < m->pattern_end && p[1] == ')';
            s = *p == ')'  ? match_close(m, s, p + 1)
                : is_place ? match_open(m, s, p + 2, CAPTURE_PLACE)
                           : match_open(m, s, p + 1, CAPTURE_OPEN);
            is_done = true;
        } else if (*p == '$' && p + 1 == m->pattern_end) {
            is_match = s == m->text_end;
            is_done = true;
        } else {
            is_match = match_item(m, &s, &p, &is_done);
        }
    }
    m->depth--;
    return is_match ? s : NULL;
}

static const char *match_from(matcher *m, const char *s, const char *pattern)
{
    m->count = 0;
    m->depth = 0;
    return match_here(m, s, pattern);
}

/* ---- results ---- */

static void push_capture(matcher *m, int i, const char *begin, const char *end)
{
    if (i >= m->count) {
        if (i != 0)
            script_fail(m->L, "there is no capture %%%d", i + 1);
        lua_pushlstring(m->L, begin, (size_t)(end - begin));
        return;
    }
    const capture *c = &m->captures[i];
    if (c->size == CAPTURE_OPEN)
        script_fail(m->L, "a pattern does not close a capture");
    if (c->size == CAPTURE_PLACE)
        lua_pushinteger(m->L, c->begin - m->text + 1);
    else
        lua_pushlstring(m->L, c->begin, (size_t)c->size);
}

/* All captures, or the whole match when there is none and `begin` is given. */
static int push_captures(matcher *m, const char *begin, const char *end)
{
    int count = m->count == 0 && begin ? 1 : m->count;
    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++)
        push_capture(m, i, begin, end);
    return count;
}

static matcher make_matcher(lua_State *L, const char *text, size_t size, const char *pattern,
                            size_t pattern_size)
{
    return (matcher){.L = L, .text = text, .text_end = text + size, .pattern_end = pattern + pattern_size};
}

/* ---- find, match ---- */

static bool is_plain(const char *pattern, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (pattern[i] != 0 && strchr("^$*+?.([%-", pattern[i]))
            return false;
    return true;
}

static const char *find_plain(lua_State *L, const char *text, size_t size, const char *wanted,
                              size_t wanted_size)
{
    script_charge(L, (size + wanted_size) / 16 + 1);
    return memmem(text, size, wanted, wanted_size);
}

static int search(lua_State *L, bool is_find)
{
    size_t size, pattern_size;
    const char *text = luaL_checklstring(L, 1, &size);
    const char *pattern = luaL_checklstring(L, 2, &pattern_size);
    lua_Integer start = luaL_optinteger(L, 3, 1);
    if (start < 0)
        start = start < -(lua_Integer)size ? 1 : (lua_Integer)size + start + 1;
    else if (start == 0)
        start = 1;
    if (start > (lua_Integer)size + 1) {
        lua_pushnil(L);
        return 1;
    }
    const char *s = text + start - 1;
    if (is_find && (lua_toboolean(L, 4) || is_plain(pattern, pattern_size))) {
        const char *found = find_plain(L, s, size - (size_t)(s - text), pattern, pattern_size);
        if (!found) {
            lua_pushnil(L);
            return 1;
        }
        lua_pushinteger(L, found - text + 1);
        lua_pushinteger(L, found - text + (lua_Integer)pattern_size);
        return 2;
    }
    bool is_anchored = pattern_size > 0 && *pattern == '^';
    matcher m = make_matcher(L, text, size, pattern, pattern_size);
    do {
        const char *end = match_from(&m, s, pattern + is_anchored);
        if (!end)
            continue;
        script_charge(L, m.steps);
        if (!is_find)
            return push_captures(&m, s, end);
        lua_pushinteger(L, s - text + 1);
        lua_pushinteger(L, end - text);
        return 2 + push_captures(&m, NULL, NULL);
    } while (s++ < m.text_end && !is_anchored);
    script_charge(L, m.steps);
    lua_pushnil(L);
    return 1;
}

int script_string_find(lua_State *L)
{
    return search(L, true);
}

int script_string_match(lua_State *L)
{
    return search(L, false);
}

/* ---- gmatch ---- */

/* Upvalues: text, pattern, place to go on, end of the last match. */
static int gmatch_step(lua_State *L)
{
    size_t size, pattern_size;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &size);
    const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_size);
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    matcher m = make_matcher(L, text, size, pattern, pattern_size);
    for (const char *s = text + lua_tointeger(L, lua_upvalueindex(3)); s <= m.text_end; s++) {
        const char *end = match_from(&m, s, pattern);
        if (!end || end - text == last)
            continue;
        lua_pushinteger(L, end - text);
        lua_copy(L, -1, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        script_charge(L, m.steps);
        return push_captures(&m, s, end);
    }
    script_charge(L, m.steps);
    return 0;
}

int script_string_gmatch(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_pushinteger(L, 0);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_step, 4);
    return 1;
}

/* ---- gsub ---- */

static void add_text(matcher *m, luaL_Buffer *out, const char *s, const char *end)
{
    size_t size;
    const char *text = lua_tolstring(m->L, 3, &size);
    script_charge(m->L, size / 8);
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '%') {
            luaL_addchar(out, text[i]);
            continue;
        }
        i++;
        char c = i < size ? text[i] : 0;
        if (c == '%') {
            luaL_addchar(out, '%');
        } else if (c == '0') {
            luaL_addlstring(out, s, (size_t)(end - s));
        } else if (c >= '1' && c <= '9') {
            push_capture(m, c - '1', s, end);
            luaL_tolstring(m->L, -1, NULL);
            lua_remove(m->L, -2);
            luaL_addvalue(out);
        } else {
            script_fail(m->L, "string.gsub: in the replacement %% stands before a digit or %%");
        }
    }
}

/* Adds what replaces one match. */
static void add_replacement(matcher *m, luaL_Buffer *out, const char *s, const char *end, int type)
{
    lua_State *L = m->L;
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        add_text(m, out, s, end);
        return;
    }
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        int count = push_captures(m, s, end);
        lua_call(L, count, 1);
    } else {
        push_capture(m, 0, s, end);
        lua_gettable(L, 3);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, s, (size_t)(end - s)); /* the match stays as it is */
        return;
    }
    if (!lua_isstring(L, -1))
        script_fail(L, "string.gsub: a replacement is a text, not a %s", luaL_typename(L, -1));
    luaL_addvalue(out);
}

int script_string_gsub(lua_State *L)
{
    size_t size, pattern_size;
    const char *s = luaL_checklstring(L, 1, &size);
    const char *pattern = luaL_checklstring(L, 2, &pattern_size);
    int type = lua_type(L, 3);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)size + 1), count = 0;
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TFUNCTION && type != LUA_TTABLE)
        script_fail(L, "string.gsub: the replacement is a text, a function or a table");
    if (type == LUA_TNUMBER)
        luaL_checkstring(L, 3); /* turned into a text in place */
    lua_settop(L, 4);
    bool is_anchored = pattern_size > 0 && *pattern == '^';
    matcher m = make_matcher(L, s, size, pattern, pattern_size);
    const char *last = NULL;
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    while (count < most) {
        script_charge(L, 1);
        const char *end = match_from(&m, s, pattern + is_anchored);
        if (end && end != last) {
            count++;
            add_replacement(&m, &out, s, end, type);
            s = last = end;
        } else if (s < m.text_end) {
            luaL_addchar(&out, *s++);
        } else {
            break;
        }
        if (is_anchored)
            break;
    }
    luaL_addlstring(&out, s, (size_t)(m.text_end - s));
    luaL_pushresult(&out);
    lua_pushinteger(L, count);
    return 2;
}
