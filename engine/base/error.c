#include "base/error.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

jw_result jw_fail(jw_error *error, jw_result code, const char *file, int line, const char *format, ...)
{
    if (error && error->code == JW_OK) {
        char message[sizeof error->message * 2];
        va_list arguments;
        va_start(arguments, format);
        jw_text_format_list(message, sizeof message, format, arguments);
        va_end(arguments);
        error->code = code;
        error->line = line;
        jw_text_copy(error->file, sizeof error->file, file);
        jw_text_copy(error->message, sizeof error->message, message);
    }
    return code;
}

jw_result jw_fail_memory(jw_error *error)
{
    return jw_fail(error, JW_ERROR_MEMORY, NULL, 0,
                   "out of memory: close other programs, or take a smaller scene");
}

const char *jw_result_text(jw_result code)
{
    static const char *const texts[] = {
#define JW_X(code, text) text,
        JW_RESULT_TABLE(JW_X)
#undef JW_X
    };
    return (unsigned)code < JW_RESULT_COUNT ? texts[code] : "unknown result";
}

void jw_error_format(const jw_error *error, char *out, size_t out_size)
{
    const char *message = error->message[0] ? error->message : jw_result_text(error->code);
    if (!error->file[0])
        snprintf(out, out_size, "%s", message);
    else if (error->line > 0)
        snprintf(out, out_size, "%s:%d: %s", error->file, error->line, message);
    else
        snprintf(out, out_size, "%s: %s", error->file, message);
}

static jw_problem *find_problem(jw_problems *problems, const jw_problem *wanted)
{
    for (uint32_t i = 0; i < problems->count; i++) {
        jw_problem *item = &problems->items[i];
        if (item->severity == wanted->severity && strcmp(item->message, wanted->message) == 0 &&
            strcmp(item->file, wanted->file) == 0 && (wanted->element[0] || item->line == wanted->line))
            return item;
    }
    return NULL;
}

void jw_problems_add(jw_problems *problems, jw_severity severity, const char *file, int line,
                     const char *element, const char *format, ...)
{
    if (!problems)
        return;
    jw_problem problem = {.severity = severity, .line = line, .count = 1};
    char message[sizeof problem.message * 2];
    va_list arguments;
    va_start(arguments, format);
    jw_text_format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    jw_text_copy(problem.file, sizeof problem.file, file);
    jw_text_format(problem.element, sizeof problem.element, "%s", element ? element : "");
    jw_text_copy(problem.message, sizeof problem.message, message);

    if (severity == JW_PROBLEM)
        problems->problem_count++;
    jw_problem *known = find_problem(problems, &problem);
    if (known) {
        known->count++;
        return;
    }
    if (problems->count >= JW_PROBLEMS_MAX ||
        jw_grow(&problems->items, &problems->capacity, problems->count + 1, sizeof *problems->items, NULL) !=
            JW_OK) {
        problems->dropped++;
        return;
    }
    problems->items[problems->count++] = problem;
}

void jw_problems_free(jw_problems *problems)
{
    jw_free(problems->items);
    *problems = (jw_problems){0};
}
