#include "ui/ui_text.h"

#include <string.h>

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t size = strlen(text);
    while (size && (text[size - 1] == ' ' || text[size - 1] == '\t' || text[size - 1] == '\r'))
        text[--size] = 0;
    return text;
}

static void unescape(char *text)
{
    char *out = text;
    for (; *text; text++) {
        if (text[0] == '\\' && text[1] == 'n') {
            *out++ = '\n';
            text++;
        } else {
            *out++ = *text;
        }
    }
    *out = 0;
}

/* Keeps the keys in order; a catalogue has some 200, read once. */
static jw_result insert(ui_text *text, const char *key, const char *value, const char *path, int line,
                        jw_error *error)
{
    uint32_t at = text->count;
    while (at > 0 && strcmp(text->keys[at - 1], key) > 0)
        at--;
    if (at > 0 && strcmp(text->keys[at - 1], key) == 0)
        return jw_fail(error, JW_ERROR_INPUT, path, line, "the key %s is there twice: drop one", key);
    uint32_t capacity = text->capacity;
    jw_result result = jw_grow(&text->keys, &capacity, text->count + 1ull, sizeof *text->keys, error);
    if (result == JW_OK)
        result = jw_grow(&text->values, &text->capacity, text->count + 1ull, sizeof *text->values, error);
    if (result != JW_OK)
        return result;
    memmove(text->keys + at + 1, text->keys + at, (text->count - at) * sizeof *text->keys);
    memmove(text->values + at + 1, text->values + at, (text->count - at) * sizeof *text->values);
    text->keys[at] = key;
    text->values[at] = value;
    text->count++;
    return JW_OK;
}

jw_result ui_text_load(ui_text *text, const char *path, const char *language, jw_error *error)
{
    ui_text fresh = {0};
    size_t size;
    jw_result result = jw_file_read(path, 1 << 20, &fresh.bytes, &size, error);
    if (result == JW_OK && (strlen(fresh.bytes) != size || !jw_text_is_utf8(fresh.bytes, size)))
        result = jw_fail(error, JW_ERROR_INPUT, path, 0, "not a text in UTF-8");
    jw_text_copy(fresh.language, sizeof fresh.language, language);
    int number = 1;
    for (char *line = fresh.bytes, *next; result == JW_OK && line && *line; line = next, number++) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        char *key = trim(line);
        if (*key == 0 || *key == '#')
            continue;
        char *equals = strchr(key, '=');
        if (!equals || equals == key) {
            result = jw_fail(error, JW_ERROR_INPUT, path, number, "write `key = text`");
            break;
        }
        *equals = 0;
        char *value = trim(equals + 1);
        unescape(value);
        result = insert(&fresh, trim(key), value, path, number, error);
    }
    if (result != JW_OK) {
        ui_text_free(&fresh);
        return result;
    }
    ui_text_free(text);
    *text = fresh;
    return JW_OK;
}

void ui_text_free(ui_text *text)
{
    jw_free(text->bytes);
    jw_free(text->keys);
    jw_free(text->values);
    *text = (ui_text){0};
}

const char *ui_text_find(const ui_text *text, const char *key)
{
    uint32_t low = 0, high = text->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(text->keys[middle], key);
        if (order == 0)
            return text->values[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
