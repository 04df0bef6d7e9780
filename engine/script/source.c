/* Texts of scripts: read, kept for snapshots, and looked into before Lua sees them. */
#include "script/script_internal.h"

#include <string.h>

void script_sources_free(script_sources *sources)
{
    for (uint32_t i = 0; i < sources->count; i++)
        jw_free(sources->items[i].text);
    jw_free(sources->items);
    *sources = (script_sources){0};
}

uint32_t script_sources_find(const script_sources *sources, const char *name)
{
    for (uint32_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].name, name) == 0)
            return i;
    return JW_NONE;
}

/* ---- tokens ---- */

/* As much of Lua's lexis as it takes to tell code from strings and comments. */
typedef struct scanner {
    const char *at, *end;
    int line;
} scanner;

typedef struct token {
    char kind; /* 'n' name, 's' string, '0' number, 0 end, else the character itself */
    const char *text;
    size_t size;
    int line;
} token;

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Level of a long bracket that begins here ([[ is 0, [=[ is 1), or -1. */
static int bracket_level(const scanner *s)
{
    const char *c = s->at + 1;
    while (c < s->end && *c == '=')
        c++;
    return *s->at == '[' && c < s->end && *c == '[' ? (int)(c - s->at - 1) : -1;
}

static void skip_bracket(scanner *s, int level)
{
    s->at += level + 2;
    for (; s->at < s->end; s->at++) {
        if (*s->at == '\n')
            s->line++;
        if (*s->at != ']')
            continue;
        const char *c = s->at + 1;
        int equals = 0;
        while (c < s->end && *c == '=' && equals < level) {
            c++;
            equals++;
        }
        if (equals == level && c < s->end && *c == ']') {
            s->at = c + 1;
            return;
        }
    }
}

static void skip_quoted(scanner *s)
{
    char quote = *s->at++;
    while (s->at < s->end && *s->at != quote && *s->at != '\n') {
        if (*s->at == '\\' && s->at + 1 < s->end) {
            s->at++;
            if (*s->at == '\n')
                s->line++;
        }
        s->at++;
    }
    if (s->at < s->end && *s->at == quote)
        s->at++;
}

static void skip_space(scanner *s)
{
    while (s->at < s->end) {
        if (*s->at == '\n')
            s->line++;
        if (*s->at == ' ' || (*s->at >= '\t' && *s->at <= '\r')) {
            s->at++;
        } else if (*s->at == '-' && s->at + 1 < s->end && s->at[1] == '-') {
            s->at += 2;
            int level = s->at < s->end ? bracket_level(s) : -1;
            if (level >= 0)
                skip_bracket(s, level);
            else
                while (s->at < s->end && *s->at != '\n')
                    s->at++;
        } else {
            return;
        }
    }
}

static token next_token(scanner *s)
{
    skip_space(s);
    token t = {.text = s->at, .line = s->line};
    if (s->at >= s->end)
        return t;
    char c = *s->at;
    if (c == '"' || c == '\'') {
        t.kind = 's';
        skip_quoted(s);
    } else if (c == '[' && bracket_level(s) >= 0) {
        t.kind = 's';
        skip_bracket(s, bracket_level(s));
    } else if (is_name_char(c)) {
        t.kind = c >= '0' && c <= '9' ? '0' : 'n';
        while (s->at < s->end && is_name_char(*s->at))
            s->at++;
    } else {
        t.kind = c;
        s->at++;
    }
    t.size = (size_t)(s->at - t.text);
    return t;
}

static bool token_is(const token *t, const char *word)
{
    return t->kind == 'n' && t->size == strlen(word) && memcmp(t->text, word, t->size) == 0;
}

/* Whether `key =` or `["key"] =` ends at the second of two tokens before the =. */
static bool is_key(const token *first, const token *second, const char *key)
{
    if (second->kind != ']')
        return token_is(second, key);
    size_t size = strlen(key);
    return first->kind == 's' && first->size == size + 2 && memcmp(first->text + 1, key, size) == 0;
}

int script_source_key_line(const script_source *source, int line, const char *group, const char *key)
{
    scanner s = {source->text, source->text + source->size, 1};
    token first = {0}, second = {0};
    bool is_in_group = !group;
    int depth = 0, wanted_depth = group ? 2 : 1;
    for (token t = next_token(&s); t.kind && key; first = second, second = t, t = next_token(&s)) {
        if (t.line < line)
            continue;
        depth += t.kind == '{';
        if (group && depth == 1 && t.kind == '=')
            is_in_group = is_key(&first, &second, group);
        if (is_in_group && depth == wanted_depth && t.kind == '=' && is_key(&first, &second, key))
            return second.line;
        if (t.kind == '}' && --depth <= 0)
            break;
    }
    return line;
}

int script_source_find_include(const script_source *source, uint32_t number, char *out, size_t out_size)
{
    scanner s = {source->text, source->text + source->size, 1};
    token before = {0};
    for (token t = next_token(&s); t.kind; before = t.kind == '(' ? before : t, t = next_token(&s)) {
        if (t.kind != 's' || *t.text == '[' || !token_is(&before, "include") || t.size < 2 ||
            t.size - 2 >= out_size || number-- > 0)
            continue;
        memcpy(out, t.text + 1, t.size - 2);
        out[t.size - 2] = 0;
        return t.line;
    }
    return 0;
}

int script_source_entry_line(const script_source *source, uint32_t entry, const char *key)
{
    scanner s = {source->text, source->text + source->size, 1};
    uint32_t seen = 0;
    int depth = 0;
    bool is_in_list = false;
    token before = {0};
    for (token t = next_token(&s); t.kind; before = t, t = next_token(&s)) {
        if (depth == 0 && t.kind == 'n')
            is_in_list = token_is(&t, "return");
        if (t.kind == '{' && ++depth == 2 && is_in_list && ++seen == entry && !key)
            return t.line;
        if (t.kind == '}')
            depth--;
        if (key && is_in_list && depth == 2 && seen == entry && t.kind == '=' && token_is(&before, key))
            return before.line;
    }
    return 0;
}

/* ---- reading ---- */

/* Lua computes a ^ b with the C library's pow, whose last bits differ between processors. */
static jw_result check_text(const char *name, const char *text, size_t size, jw_error *error)
{
    if (size > 0 && (text[0] == '\x1b' || memchr(text, 0, size)))
        return jw_fail(error, JW_ERROR_INPUT, name, 0,
                       "this is no Lua text; compiled chunks are not run: give the source");
    scanner s = {text, text + size, 1};
    for (token t = next_token(&s); t.kind; t = next_token(&s))
        if (t.kind == '^')
            return jw_fail(error, JW_ERROR_INPUT, name, t.line,
                           "the operator ^ gives other last digits on other processors: write x * x or "
                           "math.pow(x, y)");
    return JW_OK;
}

jw_result script_sources_add(script_sources *sources, const char *name, const char *text, size_t size,
                             uint32_t *out, jw_error *error)
{
    if (size > SCRIPT_TEXT_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, name, 0, "a script has at most %d bytes, this one has %zu",
                       SCRIPT_TEXT_MAX, size);
    if (strlen(name) >= SCRIPT_NAME_SIZE)
        return jw_fail(error, JW_ERROR_INPUT, name, 0, "the name of a script has at most %d bytes",
                       SCRIPT_NAME_SIZE - 1);
    jw_result result = check_text(name, text, size, error);
    if (result != JW_OK)
        return result;
    char *copy = jw_alloc(size + 1);
    if (!copy)
        return jw_fail_memory(error);
    memcpy(copy, text, size);
    uint32_t index = script_sources_find(sources, name);
    if (index == JW_NONE) {
        result = jw_grow(&sources->items, &sources->capacity, sources->count + 1ull, sizeof *sources->items,
                         error);
        if (result != JW_OK) {
            jw_free(copy);
            return result;
        }
        index = sources->count++;
    } else {
        jw_free(sources->items[index].text);
    }
    script_source *source = &sources->items[index];
    jw_text_copy(source->name, sizeof source->name, name);
    source->text = copy;
    source->size = (uint32_t)size;
    *out = index;
    return JW_OK;
}

jw_result script_sources_read(script_sources *sources, const char *name, const char *path, uint32_t *out,
                              jw_error *error)
{
    char *text;
    size_t size;
    jw_result result = jw_file_read(path, SCRIPT_TEXT_MAX, &text, &size, error);
    if (result != JW_OK)
        return result;
    bool has_mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0; /* byte order mark of some editors */
    result =
        script_sources_add(sources, name, text + (has_mark ? 3 : 0), size - (has_mark ? 3 : 0), out, error);
    jw_free(text);
    return result;
}
