/* Results and errors.
 *
 * Misuse by a programmer asserts. Bad input, missing files and exhausted memory return a jw_result, and the
 * story goes into a jw_error that the caller supplies. A message says what is wrong, where, and what to do.
 */
#ifndef JW_BASE_ERROR_H
#define JW_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One table for codes and their texts: code, short English text. */
#define JW_RESULT_TABLE(X)                                                                                   \
    X(JW_OK, "ok")                                                                                           \
    X(JW_ERROR_MEMORY, "out of memory")                                                                      \
    X(JW_ERROR_INPUT, "bad input")                                                                           \
    X(JW_ERROR_IO, "input or output failed")                                                                 \
    X(JW_ERROR_NOT_FOUND, "not found")                                                                       \
    X(JW_ERROR_EXISTS, "exists already")                                                                     \
    X(JW_ERROR_LIMIT, "a limit was exceeded")                                                                \
    X(JW_ERROR_VERSION, "another version")                                                                   \
    X(JW_ERROR_CORRUPT, "damaged data")                                                                      \
    X(JW_ERROR_STATE, "not possible in this state")                                                          \
    X(JW_ERROR_UNSUPPORTED, "not supported here")                                                            \
    X(JW_ERROR_CANCELLED, "cancelled")

typedef enum jw_result {
#define JW_X(code, text) code,
    JW_RESULT_TABLE(JW_X)
#undef JW_X
        JW_RESULT_COUNT
} jw_result;

/* What went wrong. `file` and `line` name the place in the user's input (not in our sources); line 0 = none.
 * Zero-initialise before use. Every function that takes a jw_error accepts NULL. */
typedef struct jw_error {
    jw_result code;
    int line;
    char file[256];
    char message[640];
} jw_error;

/* Fills *error (when not NULL) and returns `code`, so that a function can end with `return jw_fail(...)`.
 * `file` may be NULL. The first error wins: an error already set is kept. Thread: any. */
jw_result jw_fail(jw_error *error, jw_result code, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* JW_ERROR_MEMORY with a standard message. */
jw_result jw_fail_memory(jw_error *error);

/* Short English text of a code; never NULL. */
const char *jw_result_text(jw_result code);

/* Writes "file:line: message" (the parts that exist) into `out`, always terminated. */
void jw_error_format(const jw_error *error, char *out, size_t out_size);

/* A list of problems found in one input, so that `jingwei check` can show all of them at once.
 * Readers that take a jw_problems report and go on where they can; NULL means: do not collect. */
typedef enum jw_severity { JW_NOTE, JW_WARNING, JW_PROBLEM } jw_severity;

typedef struct jw_problem {
    jw_severity severity;
    int line;         /* 0: none */
    char file[128];   /* "": none */
    char element[64]; /* "way 4711", "param edge_sites"; "": none */
    char message[256];
    uint32_t count; /* how many times the same (message, first element) was seen */
} jw_problem;

typedef struct jw_problems {
    jw_problem *items; /* owned; at most JW_PROBLEMS_MAX kept, the rest counted */
    uint32_t count;
    uint32_t capacity;
    uint64_t dropped;
    uint64_t problem_count; /* of severity JW_PROBLEM, dropped ones included */
} jw_problems;

#define JW_PROBLEMS_MAX 1000

/* Adds a problem; one with the same severity, file and message (and line, where no element is named) as an
 * earlier one only raises its count. */
void jw_problems_add(jw_problems *problems, jw_severity severity, const char *file, int line,
                     const char *element, const char *format, ...) __attribute__((format(printf, 6, 7)));
void jw_problems_free(jw_problems *problems);

#endif
