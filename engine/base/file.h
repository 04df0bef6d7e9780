/* Files, paths and text helpers. Everything that reads foreign bytes takes a limit. */
#ifndef JW_BASE_FILE_H
#define JW_BASE_FILE_H

#include "base/error.h"

#include <stdarg.h>

/* Reads a whole file, at most max_size bytes, adding a terminating zero that is not counted. *out is owned
 * by the caller (jw_free). Errors name the path and, for a directory or an empty or missing file, say so. */
jw_result jw_file_read(const char *path, size_t max_size, char **out, size_t *out_size, jw_error *error);
/* Writes to a temporary file beside `path`, syncs and renames: the target is old or new, never half. */
jw_result jw_file_write(const char *path, const void *bytes, size_t size, jw_error *error);
bool jw_file_exists(const char *path);
bool jw_is_directory(const char *path);
/* Creates a directory and its parents; an existing one is fine. */
jw_result jw_make_directory(const char *path, jw_error *error);

/* "a/b/c.osm.gz" -> "c"; always terminated. */
void jw_path_stem(const char *path, char *out, size_t out_size);
/* "a/b/c.lua" -> "a/b"; "." when there is none. */
void jw_path_directory(const char *path, char *out, size_t out_size);
bool jw_text_ends_with(const char *text, const char *end);
/* Copies with truncation at a UTF-8 boundary; always terminated; NULL is "". Returns false when truncated. */
bool jw_text_copy(char *out, size_t out_size, const char *text);
/* snprintf that leaves no part of a character, wherever a precision ("%.40s") or the end of `out` cut it:
 * bytes that are no well-formed UTF-8 are left out. Returns the bytes written, without the terminating zero.
 */
size_t jw_text_format(char *out, size_t out_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t jw_text_format_list(char *out, size_t out_size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* Of the names that are known the one that was probably meant by one that is not: at most two letters were
 * left out, put in, changed or swapped with the next (optimal string alignment: Boytsov, Indexing methods for
 * approximate dictionary searching, 2011), and fewer than half of those written. Of equals the first by
 * alphabet, in whatever order they are tried. */
typedef struct jw_nearest {
    const char *wanted; /* borrowed */
    uint32_t distance;
    char name[64];
    char
        hint[96]; /* " (did you mean "demand"?)", for a message behind the quoted name; "": nothing is near */
} jw_nearest;
jw_nearest jw_nearest_to(const char *wanted);
void jw_nearest_try(jw_nearest *nearest, const char *known);

/* True for well-formed UTF-8 without control characters other than tab and newline. */
bool jw_text_is_utf8(const char *text, size_t size);
/* A whole number or a decimal in "C" notation, whatever the locale; the entire text must be used up. */
bool jw_text_to_number(const char *text, double *out);

/* Folder of installed data (assets, scenes, scripts): $JINGWEI_HOME, else ../share/jingwei beside the
 * program, else the source tree the build came from when it exists, else the install prefix. Written to
 * `out`; false when none exists. */
bool jw_data_folder(char *out, size_t out_size);

/* Seconds on a monotonic clock, and the process's peak resident bytes: for timings shown to the user only,
 * never for simulated state. */
double jw_clock_seconds(void);
uint64_t jw_peak_rss_bytes(void);

/* A log line goes to standard error, or to the sink set here (one per process, set before threads start). */
typedef enum jw_log_level { JW_LOG_INFO, JW_LOG_WARNING, JW_LOG_ERROR } jw_log_level;
typedef void (*jw_log_sink)(void *context, jw_log_level level, const char *line);
void jw_log_to(jw_log_sink sink, void *context);
void jw_log_line(jw_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
