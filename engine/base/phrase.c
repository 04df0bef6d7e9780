#include "base/phrase.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE_MAX_BYTES (1 << 20)
#define MESSAGE_SIZE        1200
#define ARGUMENTS_MAX       12
#define DEPTH_MAX           4 /* of messages within messages */
#define STEPS_MAX           20000
#define PIECES_MAX          256 /* of lists, tried in one message */

struct jw_phrase {
    const char *english, *said;
    uint32_t number;
    uint32_t weight; /* letters between the % signs */
    uint64_t has;    /* what its fixed words have, see bit_of: most rows are passed over by that alone */
};

/* ---- formats ---- */

/* The next conversion of a format: its text from % to its letter; NULL at the end. */
static const char *next_conversion(const char *format, size_t *size)
{
    const char *at = format;
    while ((at = strchr(at, '%')) && (at[1] == '%' || at[1] == ' ')) /* "95 % of it" in what is no format */
        at += 2;
    if (!at)
        return NULL;
    *size = 1 + strspn(at + 1, "-+#0123456789.*$hlLqjzt");
    *size += at[*size] != 0;
    return at;
}

/* "%2$s" -> 2 and where "s" begins; 0 without a place. */
static int place_of(const char *conversion, const char **rest)
{
    char *end;
    long place = strtol(conversion + 1, &end, 10);
    bool has_place = *end == '$' && place >= 1 && place <= ARGUMENTS_MAX && conversion[1] != '0';
    *rest = has_place ? end + 1 : conversion + 1;
    return has_place ? (int)place : 0;
}

static bool has_same_conversions(const char *english, const char *said)
{
    const char *wanted[ARGUMENTS_MAX];
    size_t sizes[ARGUMENTS_MAX], size = 0;
    uint32_t count = 0, seen = 0, in_order = 0;
    for (const char *at = english; (at = next_conversion(at, &size)); at += size) {
        if (count == ARGUMENTS_MAX)
            return false;
        wanted[count] = at + 1;
        sizes[count++] = size - 1;
    }
    for (const char *at = said; (at = next_conversion(at, &size)); at += size) {
        const char *rest;
        int place = place_of(at, &rest);
        uint32_t index = place ? (uint32_t)place - 1 : in_order++;
        size_t rest_size = (size_t)(at + size - rest);
        if (index >= count || seen & 1u << index || rest_size != sizes[index] ||
            strncmp(wanted[index], rest, rest_size) != 0 || (place && memchr(rest, '*', rest_size)))
            return false;
        seen |= 1u << index;
    }
    return seen == (1u << count) - 1 && (in_order == 0 || in_order == count);
}

/* One of 64 for a character; several share one. */
static uint64_t bit_of(char c)
{
    return UINT64_C(1) << ((unsigned char)c & 63);
}

static void weigh(jw_phrase *row)
{
    size_t size = 0;
    const char *at = row->english, *conversion = next_conversion(at, &size);
    while (*at) {
        if (at == conversion) {
            at += size;
            conversion = next_conversion(at, &size);
            continue;
        }
        row->weight += (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        row->has |= bit_of(*at++);
    }
}

/* ---- catalogues ---- */

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

static int by_english(const void *a, const void *b)
{
    const jw_phrase *x = a, *y = b;
    int order = strcmp(x->english, y->english);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static jw_result read_file(jw_phrases *phrases, const char *path, char **bytes, jw_error *error)
{
    size_t size;
    jw_result result = jw_file_read(path, CATALOGUE_MAX_BYTES, bytes, &size, error);
    if (result != JW_OK)
        return result;
    if (!jw_text_is_utf8(*bytes, size) || strlen(*bytes) != size)
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "not a text in UTF-8");
    char *english = NULL, *rest = *bytes;
    for (char *line; result == JW_OK && (line = strtok_r(rest, "\n", &rest));) {
        if (line[0] == '#')
            continue;
        unescape(line);
        if (line[0] != '\t') {
            english = line;
            continue;
        }
        if (!english || !has_same_conversions(english, line + 1))
            continue;
        result = jw_grow(&phrases->items, &phrases->capacity, phrases->count + 1ull, sizeof *phrases->items,
                         error);
        if (result == JW_OK) {
            jw_phrase *row = &phrases->items[phrases->count];
            *row = (jw_phrase){.english = english, .said = line + 1, .number = phrases->count++};
            weigh(row);
        }
        english = NULL;
    }
    return result;
}

jw_result jw_phrases_read(jw_phrases *phrases, const char *language, jw_error *error)
{
    static const char *const catalogues[] = {"terminal", "errors"};
    char folder[512], path[600];
    jw_phrases_free(phrases);
    if (strcmp(language, "en") == 0)
        return JW_OK;
    if (!jw_data_folder(folder, sizeof folder))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "the folder of assets is not found: set JINGWEI_HOME to it");
    jw_result result = JW_OK;
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/assets/i18n/%s.%s.txt", folder, catalogues[i], language);
        jw_result one = read_file(phrases, path, &phrases->bytes[i], error);
        phrases->own_count = i == 0 ? phrases->count : phrases->own_count;
        result = result == JW_OK ? one : result;
    }
    if (phrases->count)
        qsort(phrases->items, phrases->count, sizeof *phrases->items, by_english);
    return result;
}

void jw_phrases_free(jw_phrases *phrases)
{
    jw_free(phrases->items);
    jw_free(phrases->bytes[0]);
    jw_free(phrases->bytes[1]);
    *phrases = (jw_phrases){0};
}

const char *jw_phrases_find(const jw_phrases *phrases, const char *english)
{
    uint32_t low = 0, high = phrases->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(phrases->items[middle].english, english);
        if (order == 0)
            return phrases->items[middle].said;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return english;
}

/* ---- messages ---- */

typedef struct argument {
    const char *begin;
    size_t size;
    bool may_be_said; /* a text, and no name in quotes */
} argument;

typedef struct match {
    argument arguments[ARGUMENTS_MAX];
    uint32_t count, steps;
} match;

/* Whether a character can stand where the conversion stood. */
static bool can_hold(char letter, char c)
{
    switch (letter) {
    case 'd':
    case 'i':
    case 'u':
        return strchr("-+ 0123456789", c) != NULL;
    case 'x':
    case 'X':
        return strchr(" 0123456789abcdefABCDEFx", c) != NULL;
    case 'f':
    case 'e':
    case 'g':
        return strchr("-+ .0123456789einfa", c) != NULL;
    default:
        return true;
    }
}

/* Takes the arguments of `format` out of `text`, each as short as can be. */
static bool take_arguments(const char *format, const char *text, match *found, uint32_t index)
{
    size_t size = 0;
    const char *begin = format, *conversion = next_conversion(format, &size);
    for (; format != conversion; format++, text++) {
        if (format[0] == '%' && format[1] == '%')
            format++;
        if (*format != *text)
            return false;
        if (*format == 0) {
            found->count = index;
            return true;
        }
    }
    char letter = conversion[size - 1];
    char next = conversion[size]; /* what must follow, when it is a letter of its own */
    bool is_quoted = conversion > begin && next == conversion[-1] && (next == '"' || next == '\'');
    for (size_t length = letter == 's' ? 0 : 1;; length++) {
        if (length > 0 && (!text[length - 1] || !can_hold(letter, text[length - 1])))
            return false;
        if (found->steps++ > STEPS_MAX || (letter == 'c' && length > 1)) /* made to take for ever */
            return false;
        if (next != '%' && text[length] != next)
            continue;
        if (take_arguments(conversion + size, text + length, found, index + 1)) {
            found->arguments[index] = (argument){text, length, letter == 's' && !is_quoted};
            return true;
        }
    }
}

typedef struct writing {
    char text[MESSAGE_SIZE];
    size_t size;
} writing;

/* False when it does not fit. */
static bool put(writing *out, const char *text, size_t size)
{
    if (size >= sizeof out->text - out->size)
        return false;
    memcpy(out->text + out->size, text, size);
    out->size += size;
    out->text[out->size] = 0;
    return true;
}

static uint32_t say(const jw_phrases *phrases, const char *message, uint32_t depth, uint32_t *pieces_left,
                    writing *out);

/* The row with what stood in place of its % signs; how many letters of the message are said, 0 for none. */
static uint32_t fill(const jw_phrases *phrases, const jw_phrase *row, const match *found, uint32_t depth,
                     uint32_t *pieces_left, writing *out)
{
    uint32_t weight = row->weight, in_order = 0;
    bool fits = true;
    const char *at = row->said;
    out->size = 0;
    while (*at && fits) {
        size_t size = 0;
        const char *rest, *conversion = next_conversion(at, &size);
        if (at != conversion) {
            at += at[0] == '%' && at[1] == '%';
            fits = put(out, at++, 1);
            continue;
        }
        int place = place_of(at, &rest);
        const argument *what = &found->arguments[place ? (uint32_t)place - 1 : in_order++];
        writing part = {.size = 0}, said = {.size = 0};
        fits = put(&part, what->begin, what->size);
        if (fits && what->may_be_said && depth < DEPTH_MAX)
            weight += say(phrases, part.text, depth + 1, pieces_left, &said);
        fits = fits && put(out, said.size ? said.text : part.text, said.size ? said.size : part.size);
        at += size;
    }
    return fits ? weight : 0;
}

/* A list of messages, each said by itself ("way 12, way 15"); 0 where the first of them is none. Single words
 * make a list where all of it are and all are known ("fibre, power"); else they are names of a message's own:
 * "there are: phase, queue_m". */
static uint32_t say_list(const jw_phrases *phrases, const char *message, const char *separator,
                         uint32_t depth, uint32_t *pieces_left, writing *out)
{
    uint32_t weight = 0;
    bool is_of_words = true;
    out->size = 0;
    for (const char *at = message, *end = strstr(at, separator); end || at > message;) {
        writing part = {.size = 0}, said = {.size = 0};
        if (*pieces_left == 0 || !put(&part, at, end ? (size_t)(end - at) : strlen(at)))
            return 0;
        --*pieces_left;
        bool is_word = !strchr(part.text, ' ');
        is_of_words = is_of_words && is_word;
        uint32_t more = say(phrases, part.text, depth + 1, pieces_left, &said);
        weight += more;
        if (weight == 0 || (is_word && (more == 0 || !is_of_words)) ||
            !put(out, said.size ? said.text : part.text, said.size ? said.size : part.size))
            return 0;
        if (!end || !put(out, separator, strlen(separator)))
            return end ? 0 : weight;
        at = end + strlen(separator);
        end = strstr(at, separator);
    }
    return 0;
}

/* Leaves *out empty, and gives 0, where no row fits. */
static uint32_t say(const jw_phrases *phrases, const char *message, uint32_t depth, uint32_t *pieces_left,
                    writing *out)
{
    uint32_t best = 0;
    uint64_t has = 0;
    for (const char *c = message; *c; c++)
        has |= bit_of(*c);
    out->size = 0;
    for (uint32_t i = 0; i < phrases->count; i++) {
        const jw_phrase *row = &phrases->items[i];
        match found;
        writing said;
        found.steps = 0;
        if ((row->has & ~has) || (depth > 0 && row->number < phrases->own_count) ||
            (row->english[0] != '%' && row->english[0] != message[0]) ||
            !take_arguments(row->english, message, &found, 0))
            continue;
        uint32_t weight = fill(phrases, row, &found, depth, pieces_left, &said);
        if (weight > best || (weight == best && weight > 0 && row->english[0] != '%')) {
            best = weight;
            *out = said;
        }
    }
    static const char *const separators[] = {"; ", ", "};
    for (int i = 0; i < 2 && depth < DEPTH_MAX; i++) {
        writing said;
        uint32_t weight = say_list(phrases, message, separators[i], depth, pieces_left, &said);
        if (weight > best) {
            best = weight;
            *out = said;
        }
    }
    return best;
}

void jw_phrases_say(const jw_phrases *phrases, const char *message, char *out, size_t out_size)
{
    writing said;
    uint32_t pieces_left = PIECES_MAX;
    say(phrases, message, 0, &pieces_left, &said);
    jw_text_copy(out, out_size, said.size ? said.text : message);
}

void jw_phrases_say_error(const jw_phrases *phrases, const jw_error *error, char *out, size_t out_size)
{
    jw_error said = *error;
    jw_phrases_say(phrases, error->message[0] ? error->message : jw_result_text(error->code), said.message,
                   sizeof said.message);
    jw_error_format(&said, out, out_size);
}
