/* Numbers from text in "C" notation: strtod follows the user's locale, where "0.5" may read as 0. */
#include "base/file.h"

#include <locale.h>
#include <stdlib.h>

/* Powers of ten that a double holds exactly. */
static const double exact_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A decimal's parts: significand * 10^exponent; is_exact when the significand below 2^53 is the whole of it.
 */
typedef struct decimal {
    uint64_t significand;
    int exponent;
    bool is_negative;
    bool is_exact;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits with at most one point among them; the cursor stops after. False when there is no digit. */
static bool scan_digits(const char **cursor, decimal *out)
{
    bool has_digit = false, has_point = false;
    for (;; (*cursor)++) {
        char c = **cursor;
        if (c == '.' && !has_point) {
            has_point = true;
        } else if (is_digit(c)) {
            has_digit = true;
            if (out->significand < UINT64_C(900000000000000))
                out->significand = out->significand * 10 + (uint64_t)(c - '0');
            else
                out->is_exact = false;
            out->exponent -= has_point;
        } else {
            return has_digit;
        }
    }
}

static bool scan(const char *text, decimal *out)
{
    *out = (decimal){.is_negative = *text == '-', .is_exact = true};
    const char *cursor = text + (*text == '-' || *text == '+');
    if (!scan_digits(&cursor, out))
        return false;
    if (*cursor == 'e' || *cursor == 'E') {
        cursor++;
        bool is_negative = *cursor == '-';
        cursor += *cursor == '-' || *cursor == '+';
        int exponent = 0;
        if (!is_digit(*cursor))
            return false;
        for (; is_digit(*cursor); cursor++)
            exponent = exponent < 100000 ? exponent * 10 + (*cursor - '0') : exponent;
        out->exponent += is_negative ? -exponent : exponent;
    }
    return *cursor == 0;
}

bool jw_text_to_number(const char *text, double *out)
{
    decimal parts;
    if (!text || !scan(text, &parts))
        return false;
    double value;
    if (parts.is_exact && parts.exponent >= -22 && parts.exponent <= 22) {
        /* Two exact operands: one correctly rounded operation. */
        value = (double)parts.significand;
        value = parts.exponent < 0 ? value / exact_tens[-parts.exponent] : value * exact_tens[parts.exponent];
        value = parts.is_negative ? -value : value;
    } else {
        locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        if (c_locale == (locale_t)0)
            return false;
        value = strtod_l(text, NULL, c_locale);
        freelocale(c_locale);
    }
    if (!(value - value == 0))
        return false;
    *out = value;
    return true;
}
