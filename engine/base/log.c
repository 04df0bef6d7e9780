#include "base/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

/* Where the process talks to its user: not state of any world. */
static jw_log_sink current_sink;
static void *current_context;

void jw_log_to(jw_log_sink sink, void *context)
{
    current_sink = sink;
    current_context = context;
}

void jw_log_line(jw_log_level level, const char *format, ...)
{
    static const char *const prefixes[] = {"", "warning: ", "error: "};
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    jw_text_format_list(line, sizeof line, format, arguments);
    va_end(arguments);
    if (current_sink)
        current_sink(current_context, level, line);
    else
        fprintf(stderr, "jingwei: %s%s\n", prefixes[level], line);
}

double jw_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

uint64_t jw_peak_rss_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}
