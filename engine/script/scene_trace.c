/* city:llm_trace: recorded requests to a language model, sent from a place. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

typedef struct trace_entry {
    jw_crowd_def crowd;
    double at[2];
    char file[256];
    double rate;
    int64_t start_ns;
} trace_entry;

const script_field script_trace_fields[SCRIPT_TRACE_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "of who sends, as a crowd's", AT(trace_entry, crowd.name)},
    {"file", FIELD_TEXT, true, 0, 0, NULL, NULL,
     "CSV of the Azure LLM inference traces: TIMESTAMP, ContextTokens, GeneratedTokens; beside the scene",
     AT(trace_entry, file)},
    {"at", FIELD_PLACE, true, 0, 0, NULL, NULL, "where they come from: a place or block, or { x =, y = }",
     AT(trace_entry, at)},
    {"request", FIELD_TEXT, false, 0, 0, NULL, NULL, "their type; \"assistant\" when left out",
     AT(trace_entry, crowd.type)},
    {"rate", FIELD_NUMBER, false, 1e-3, 1e4, NULL, "x", "so many times as many a second",
     AT(trace_entry, rate)},
    {"start", FIELD_TIME, false, 0, 0, NULL, NULL, "of the first one; when the run starts, when left out",
     AT(trace_entry, start_ns)},
};

int script_city_llm_trace(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "llm_trace");
    trace_entry entry = {.rate = 1, .start_ns = -1};
    jw_text_copy(entry.crowd.type, sizeof entry.crowd.type, "assistant");
    if (!script_read_fields(L, 2, "city:llm_trace", script_trace_fields, SCRIPT_TRACE_FIELDS, &entry))
        return 0;
    entry.crowd.x_m = entry.at[0];
    entry.crowd.y_m = entry.at[1];
    char path[600];
    const char *folder = script_box_of(L)->folder;
    bool is_beside = entry.file[0] != '/' && folder[0] && strcmp(folder, ".") != 0;
    snprintf(path, sizeof path, "%s%s%s", is_beside ? folder : "", is_beside ? "/" : "", entry.file);
    jw_trace_def trace = {.rate = entry.rate, .start_ns = entry.start_ns};
    jw_error error = {0};
    jw_result result = jw_llm_trace_read(path, &trace.trace, &error);
    if (result == JW_OK)
        result = jw_twin_def_add_trace(def, &entry.crowd, &trace, &error);
    jw_llm_trace_free(&trace.trace);
    if (result != JW_OK)
        script_report_error(L, &error);
    return 0;
}
