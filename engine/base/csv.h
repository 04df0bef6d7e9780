/* Comma-separated tables (RFC 4180: quoted fields, doubled quotes within them, LF or CR LF): a header line
 * with the columns' names, then rows of as many fields. Blank lines and lines that begin with # are passed
 * over; a byte order mark is too. */
#ifndef JW_BASE_CSV_H
#define JW_BASE_CSV_H

#include "base/error.h"

#define JW_CSV_COLUMNS_MAX 64

typedef struct jw_csv {
    const char *path; /* borrowed: for messages */
    char *text;       /* owned; names and fields point into it */
    size_t size, at;
    char *names[JW_CSV_COLUMNS_MAX], *fields[JW_CSV_COLUMNS_MAX];
    uint32_t column_count;
    int line;      /* of the row, from 1 */
    int next_line; /* of the text not yet read */
} jw_csv;

/* Reads the file (at most max_size bytes of UTF-8) and its header. Open ends in close, also after failing. */
jw_result jw_csv_open(jw_csv *csv, const char *path, size_t max_size, jw_error *error);
void jw_csv_close(jw_csv *csv);
/* The column of that name; JW_NONE when there is none. */
uint32_t jw_csv_find(const jw_csv *csv, const char *name);
/* The same; an absent one is an error that lists those that are there. */
jw_result jw_csv_need(const jw_csv *csv, const char *name, uint32_t *out_column, jw_error *error);
/* The next row; *has_row is false behind the last. Errors name the line: too few or too many fields, a quote
 * that does not end. */
jw_result jw_csv_next(jw_csv *csv, bool *has_row, jw_error *error);
/* Field of the row, without blanks around it; "" for column JW_NONE. */
const char *jw_csv_text(const jw_csv *csv, uint32_t column);
/* A finite number within [min, max], or an error with line and column. */
jw_result jw_csv_number(const jw_csv *csv, uint32_t column, double min, double max, double *out,
                        jw_error *error);
/* "07:30", "07:30:15" or seconds, at least 0. */
jw_result jw_csv_time(const jw_csv *csv, uint32_t column, double max_s, double *out_s, jw_error *error);

#endif
