/* The reader of request traces on arbitrary bytes. */
#include "compute/compute.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[40];
    int file = memfd_create("trace", 0);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    jw_llm_trace trace;
    jw_error error = {0};
    jw_result result = jw_llm_trace_read(path, &trace, &error);
    if (result != JW_OK && (!error.message[0] || trace.requests))
        abort(); /* a failure without a word, or with requests */
    for (uint32_t i = 0; i < trace.count; i++)
        if (trace.requests[i].prompt_tokens == 0 || trace.requests[i].prompt_tokens > JW_LLM_TOKENS_MAX ||
            trace.requests[i].output_tokens == 0 || trace.requests[i].output_tokens > JW_LLM_TOKENS_MAX ||
            trace.requests[i].time_ns < (i ? trace.requests[i - 1].time_ns : 0))
            abort();
    jw_llm_trace_free(&trace);
    close(file);
    if (jw_allocated_bytes() != 0)
        abort();
    return 0;
}
