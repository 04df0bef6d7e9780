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
