#include "base/file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bool jw_text_ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

bool jw_text_copy(char *out, size_t out_size, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    bool fits = length < out_size;
    if (!fits) {
        length = out_size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--; /* back to the start of the character that is cut */
    }
    if (length > 0)
        memcpy(out, text, length);
    out[length] = 0;
    return fits;
}

/* Bytes of the well-formed character at `text`, or 0 (RFC 3629: no overlong forms, surrogates, or codes
 * beyond U+10FFFF). */
static size_t character_size(const unsigned char *text, size_t left, uint32_t *out_code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = text[0];
    size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (size == 0 || size > left)
        return 0;
    uint32_t code = size == 1 ? lead : lead & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3fu);
    }
    *out_code = code;
    return code < smallest[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : size;
}

bool jw_text_is_utf8(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < size;) {
        uint32_t code;
        size_t step = character_size(bytes + i, size - i, &code);
        if (step == 0 || (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code < 0xa0))
            return false;
        i += step;
    }
    return true;
}

#define NEAREST_MOST 2 /* letters */

/* Letters by which `b` differs from `a`, bytes in fact; anything above NEAREST_MOST where they differ more.
 */
static uint32_t distance_of(const char *a, size_t a_size, const char *b, size_t b_size)
{
    enum { SIZE = sizeof((jw_nearest *)0)->name };
    size_t more = a_size > b_size ? a_size - b_size : b_size - a_size;
    if (more > NEAREST_MOST || a_size >= SIZE || b_size >= SIZE)
        return NEAREST_MOST + 1;
    uint32_t rows[3][SIZE]; /* of the letter before the last, the last, this one */
    uint32_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (uint32_t j = 0; j <= b_size; j++)
        last[j] = j;
    for (uint32_t i = 1; i <= a_size; i++) {
        now[0] = i;
        for (uint32_t j = 1; j <= b_size; j++) {
            uint32_t least = last[j - 1] + (a[i - 1] != b[j - 1]);
            least = last[j] + 1 < least ? last[j] + 1 : least;
            least = now[j - 1] + 1 < least ? now[j - 1] + 1 : least;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < least)
                least = before[j - 2] + 1;
            now[j] = least;
        }
        uint32_t *oldest = before;
        before = last, last = now, now = oldest;
    }
    return last[b_size];
}

jw_nearest jw_nearest_to(const char *wanted)
{
    return (jw_nearest){.wanted = wanted, .distance = NEAREST_MOST + 1};
}

void jw_nearest_try(jw_nearest *nearest, const char *known)
{
    size_t size = strlen(nearest->wanted);
    uint32_t distance = distance_of(nearest->wanted, size, known, strlen(known));
    if (2 * distance >= size || distance > nearest->distance || distance > NEAREST_MOST ||
        (distance == nearest->distance && strcmp(known, nearest->name) >= 0))
        return;
    nearest->distance = distance;
    jw_text_copy(nearest->name, sizeof nearest->name, known);
    jw_text_format(nearest->hint, sizeof nearest->hint, " (did you mean \"%s\"?)", nearest->name);
}

size_t jw_text_format_list(char *out, size_t out_size, const char *format, va_list arguments)
{
    assert(out_size > 0);
    int length = vsnprintf(out, out_size, format, arguments);
    size_t size = length < 0 ? 0 : (size_t)length < out_size ? (size_t)length : out_size - 1, kept = 0;
    for (size_t i = 0; i < size;) {
        uint32_t code;
        size_t step = character_size((const unsigned char *)out + i, size - i, &code);
        memmove(out + kept, out + i, step);
        kept += step;
        i += step ? step : 1;
    }
    out[kept] = 0;
    return kept;
}

size_t jw_text_format(char *out, size_t out_size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t size = jw_text_format_list(out, out_size, format, arguments);
    va_end(arguments);
    return size;
}
