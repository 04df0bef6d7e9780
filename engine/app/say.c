/* What the command says in the user's language: the sources' own English is the key, the catalogue
 * assets/i18n/terminal.<language>.txt has the rest. A translation whose % signs differ from the English ones
 * is passed over: a catalogue is foreign text, and what it says is printed as a format. */
#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE_MAX_BYTES (1 << 20)

typedef struct phrase {
    const char *english, *said;
    uint32_t number;
} phrase;

/* One process, one language, set before anything else happens. */
static struct {
    char language[8];
    char *bytes;
    phrase *phrases; /* by english */
    uint32_t count, capacity;
} said;

static void unescape(char *text)
{
    char *out = text;
    for (; *text; text++) {
        bool is_end = text[0] == '\\' && text[1] == 'n';
        *out++ = is_end ? '\n' : *text;
        text += is_end;
    }
    *out = 0;
}

/* The next conversion of a format: its text from % to its letter; NULL at the end. */
static const char *next_conversion(const char *format, size_t *size)
{
    const char *at = format;
    while ((at = strchr(at, '%')) && (at[1] == '%' || at[1] == ' ')) /* "95 % of it" in what is no format */
        at += 2;
    if (!at)
        return NULL;
    *size = 1 + strspn(at + 1, "-+#0123456789.*hlLqjzt");
    *size += at[*size] != 0;
    return at;
}

static bool has_same_conversions(const char *a, const char *b)
{
    for (;;) {
        size_t size_a = 0, size_b = 0;
        a = next_conversion(a, &size_a);
        b = next_conversion(b, &size_b);
        if (!a || !b)
            return !a && !b;
        if (size_a != size_b || strncmp(a, b, size_a) != 0)
            return false;
        a += size_a;
        b += size_b;
    }
}

static int by_english(const void *a, const void *b)
{
    const phrase *x = a, *y = b;
    int order = strcmp(x->english, y->english);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void read_catalogue(void)
{
    char folder[512], path[600], *english = NULL, *rest;
    size_t size;
    if (!jw_data_folder(folder, sizeof folder))
        return;
    snprintf(path, sizeof path, "%s/assets/i18n/terminal.%s.txt", folder, said.language);
    if (jw_file_read(path, CATALOGUE_MAX_BYTES, &said.bytes, &size, NULL) != JW_OK)
        return;
    if (!jw_text_is_utf8(said.bytes, size) || strlen(said.bytes) != size)
        return;
    rest = said.bytes;
    for (char *line; (line = strtok_r(rest, "\n", &rest));) {
        if (line[0] == '#')
            continue;
        unescape(line);
        if (line[0] != '\t') {
            english = line;
            continue;
        }
        if (!english || !has_same_conversions(english, line + 1) ||
            jw_grow(&said.phrases, &said.capacity, said.count + 1ull, sizeof *said.phrases, NULL) != JW_OK)
            continue;
        said.phrases[said.count] = (phrase){english, line + 1, said.count};
        said.count++;
        english = NULL;
    }
    if (said.count)
        qsort(said.phrases, said.count, sizeof *said.phrases, by_english);
}

const char *app_language(void)
{
    return said.language;
}

void app_say_in(const char *language)
{
    app_say_end();
    jw_text_copy(said.language, sizeof said.language, language);
    if (strcmp(language, "en") != 0)
        read_catalogue();
}

void app_say_begin(void)
{
    const char *language = getenv("LC_ALL");
    if (!language || !*language)
        language = getenv("LC_MESSAGES");
    if (!language || !*language)
        language = getenv("LANG");
    app_say_in(language && strncmp(language, "zh", 2) == 0 ? "zh" : "en");
}

void app_say_end(void)
{
    jw_free(said.phrases);
    jw_free(said.bytes);
    memset(&said, 0, sizeof said);
}

const char *app_say(const char *english)
{
    uint32_t low = 0, high = said.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(said.phrases[middle].english, english);
        if (order == 0)
            return said.phrases[middle].said;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return english;
}
