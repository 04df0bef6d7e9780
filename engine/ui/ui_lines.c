#include "ui/ui_lines.h"

#include <stdbool.h>

static const uint32_t closing[] = {
    0xff0c, 0x3002, 0x3001, 0xff1b, 0xff1a, 0xff01, 0xff1f, 0xff09, 0x3011, 0x300b, 0x3009, 0x300d,
    0x300f, 0x3015, 0x3017, 0x201d, 0x2019, 0x2026, 0x2014, 0x00b7, 0xff05, 0x2030, 0xff5e, 0xff0f,
    ',',    '.',    ';',    ':',    '!',    '?',    ')',    ']',    '}',    '%',    '/',
};
static const uint32_t opening[] = {
    0xff08, 0x3010, 0x300a, 0x3008, 0x300c, 0x300e, 0x3014, 0x3016, 0x201c, 0x2018, '(', '[', '{',
};

static bool is_one_of(const uint32_t *codes, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (codes[i] == code)
            return true;
    return false;
}

static bool is_closing(uint32_t code)
{
    return is_one_of(closing, sizeof closing / sizeof *closing, code);
}

static bool is_opening(uint32_t code)
{
    return is_one_of(opening, sizeof opening / sizeof *opening, code);
}

/* Ideographs and their punctuation, full-width forms, and the long marks between them. */
static bool is_chinese(uint32_t code)
{
    return (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff) ||
           (code >= 0xfe30 && code <= 0xfe4f) || (code >= 0xff00 && code <= 0xffef) ||
           (code >= 0x20000 && code <= 0x3ffff) || code == 0x2014 || code == 0x2026;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Three digits behind a digit and a blank: a number's next thousand. */
static bool is_thousand(const char *text, const char *blank, const char *at)
{
    return blank > text && at == blank + 1 && is_digit(blank[-1]) && is_digit(at[0]) && is_digit(at[1]) &&
           is_digit(at[2]) && !is_digit(at[3]);
}

static bool can_part(uint32_t before, uint32_t code)
{
    if (before == '"' || code == '"') /* it opens or closes */
        return false;
    return (is_chinese(before) || is_chinese(code)) && !is_opening(before) && !is_closing(code);
}

uint32_t gui_next_code(const char **at)
{
    uint32_t code = (unsigned char)*(*at)++, more = code >= 0xf0   ? 3
                                                    : code >= 0xe0 ? 2
                                                    : code >= 0xc0 ? 1
                                                                   : 0;
    code &= more ? 0x3fu >> more : 0x7fu;
    for (; more > 0 && **at; more--)
        code = code << 6 | ((unsigned char)*(*at)++ & 0x3fu);
    return code;
}

size_t gui_first_line(const char *text, float width, gui_advance *advance, const void *font,
                      const char **out_next)
{
    const char *at = text, *end = text, *next = text, *blank = text; /* `blank`: the first of the last ones */
    uint32_t before = 0;
    float x = 0;
    while (*at && *at != '\n') {
        const char *here = at;
        uint32_t code = gui_next_code(&at);
        if (code == ' ') {
            blank = before == ' ' ? blank : here;
        } else if (before == ' ' ? blank > text && !is_closing(code) && !is_thousand(text, blank, here)
                                 : before && can_part(before, code)) {
            end = before == ' ' ? blank : here;
            next = here;
        }
        x += advance(font, code);
        if (x > width && code != ' ' && here > text) { /* blanks at the end may stand out */
            bool can_break = next > text;
            *out_next = can_break ? next : here;
            return (size_t)((can_break ? end : here) - text);
        }
        before = code;
    }
    *out_next = *at ? at + 1 : NULL;
    return (size_t)(at - text);
}
