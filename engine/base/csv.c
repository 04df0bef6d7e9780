#include "base/csv.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static char *trim(char *begin, char *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    *end = 0;
    return begin;
}

/* Takes one field from csv->at; *is_last: its line ends behind it. A quoted field is unquoted in place. */
static jw_result take_field(jw_csv *csv, char **out, bool *is_last, jw_error *error)
{
    char *text = csv->text, *end = text + csv->size, *p = text + csv->at;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    char *begin = p, *stop;
    if (p < end && *p == '"') {
        char *to = ++begin;
        for (p++;; p++) {
            if (p >= end)
                return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "a quote does not end");
            if (*p == '"' && !(p + 1 < end && p[1] == '"'))
                break;
            p += *p == '"';
            csv->next_line += *p == '\n';
            *to++ = *p;
        }
        stop = to;
        p++;
        while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
            p++;
        if (p < end && *p != ',' && *p != '\n')
            return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line,
                           "there is text behind a closing quote");
    } else {
        while (p < end && *p != ',' && *p != '\n')
            p++;
        stop = p;
    }
    *is_last = p >= end || *p == '\n';
    csv->next_line += p < end && *p == '\n';
    csv->at = (size_t)(p - text) + (p < end);
    *out = trim(begin, stop); /* writes a zero at most where the separator stood */
    return JW_OK;
}

static bool is_blank_line(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return *p == '\n' || *p == 0 || *p == '#';
}

static jw_result take_row(jw_csv *csv, char **fields, uint32_t *out_count, jw_error *error)
{
    *out_count = 0;
    while (csv->at < csv->size && is_blank_line(csv->text + csv->at)) {
        const char *end = memchr(csv->text + csv->at, '\n', csv->size - csv->at);
        csv->at = end ? (size_t)(end - csv->text) + 1 : csv->size;
        csv->next_line++;
    }
    csv->line = csv->next_line;
    bool is_last = csv->at >= csv->size;
    while (!is_last) {
        if (*out_count == JW_CSV_COLUMNS_MAX)
            return jw_fail(error, JW_ERROR_LIMIT, csv->path, csv->line, "more than %d columns",
                           JW_CSV_COLUMNS_MAX);
        jw_result result = take_field(csv, &fields[*out_count], &is_last, error);
        if (result)
            return result;
        ++*out_count;
    }
    return JW_OK;
}

jw_result jw_csv_open(jw_csv *csv, const char *path, size_t max_size, jw_error *error)
{
    *csv = (jw_csv){.path = path, .next_line = 1};
    jw_result result = jw_file_read(path, max_size, &csv->text, &csv->size, error);
    if (result)
        return result;
    if (memchr(csv->text, 0, csv->size))
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "holds a zero byte: this is no text");
    if (csv->size >= 3 && memcmp(csv->text, "\xEF\xBB\xBF", 3) == 0)
        csv->at = 3;
    result = take_row(csv, csv->names, &csv->column_count, error);
    if (!result && !csv->column_count)
        result = jw_fail(error, JW_ERROR_INPUT, path, 0, "has no header line with the names of its columns");
    return result;
}

void jw_csv_close(jw_csv *csv)
{
    jw_free(csv->text);
    *csv = (jw_csv){0};
}

uint32_t jw_csv_find(const jw_csv *csv, const char *name)
{
    for (uint32_t k = 0; k < csv->column_count; k++)
        if (strcmp(csv->names[k], name) == 0)
            return k;
    return JW_NONE;
}

jw_result jw_csv_need(const jw_csv *csv, const char *name, uint32_t *out_column, jw_error *error)
{
    *out_column = jw_csv_find(csv, name);
    if (*out_column != JW_NONE)
        return JW_OK;
    char known[300] = "";
    size_t used = 0;
    jw_nearest nearest = jw_nearest_to(name);
    for (uint32_t k = 0; k < csv->column_count; k++)
        jw_nearest_try(&nearest, csv->names[k]);
    for (uint32_t k = 0; k < csv->column_count && used < sizeof known; k++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%.40s", k ? ", " : "", csv->names[k]);
    return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "there is no column \"%s\"%s; there are: %s",
                   name, nearest.hint, known);
}

jw_result jw_csv_next(jw_csv *csv, bool *has_row, jw_error *error)
{
    uint32_t count;
    jw_result result = take_row(csv, csv->fields, &count, error);
    *has_row = !result && count > 0;
    if (*has_row && count != csv->column_count)
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "%u fields where the header has %u",
                       count, csv->column_count);
    return result;
}

const char *jw_csv_text(const jw_csv *csv, uint32_t column)
{
    return column == JW_NONE ? "" : csv->fields[column];
}

jw_result jw_csv_number(const jw_csv *csv, uint32_t column, double min, double max, double *out,
                        jw_error *error)
{
    const char *text = jw_csv_text(csv, column);
    /* jw_text_to_number takes "inf" and "nan" for no numbers; the comparison is for those that are. */
    if (!jw_text_to_number(text, out))
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "%s: \"%.40s\" is no number",
                       csv->names[column], text);
    if (!(*out >= min && *out <= max))
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "%s: %.40s is not between %g and %g",
                       csv->names[column], text, min, max);
    return JW_OK;
}

jw_result jw_csv_time(const jw_csv *csv, uint32_t column, double max_s, double *out_s, jw_error *error)
{
    const char *text = jw_csv_text(csv, column);
    unsigned hour, minute, second = 0;
    int used = 0, more = 0;
    if (!strchr(text, ':'))
        return jw_csv_number(csv, column, 0, max_s, out_s, error);
    bool is_good = sscanf(text, "%4u:%2u%n", &hour, &minute, &used) == 2;
    if (is_good && text[used] == ':') {
        is_good = sscanf(text + used, ":%2u%n", &second, &more) == 1;
        used += more;
    }
    if (!is_good || text[used] || minute > 59 || second > 59)
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line,
                       "%s: \"%.40s\" is no time; write 07:30, 07:30:15 or seconds", csv->names[column],
                       text);
    *out_s = hour * 3600.0 + minute * 60.0 + second;
    if (*out_s > max_s)
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "%s: %.40s lies beyond %g h",
                       csv->names[column], text, max_s / 3600);
    return JW_OK;
}
