/* Traces as senders: a crowd whose requests come when and as long as those of a recorded trace. */
#include "twin/twin_internal.h"

#include <string.h>

#define REQUESTS_MAX 20000000

static uint64_t content_hash(const twin_trace *trace)
{
    uint64_t hash = jw_hash_bytes(0, trace->time_ns, trace->count * sizeof *trace->time_ns);
    hash = jw_hash_bytes(hash, trace->prompt_tokens, trace->count * sizeof *trace->prompt_tokens);
    return jw_hash_bytes(hash, trace->output_tokens, trace->count * sizeof *trace->output_tokens);
}

static int64_t due_ns(const twin_trace *trace)
{
    /* A slow replay may last longer than there are nanoseconds: what comes after a century never comes. */
    return trace->start_ns +
           (int64_t)jw_min(jw_round((double)trace->time_ns[trace->next] / trace->rate), 4e18);
}

static void schedule_next(jw_world *world, const twin_traces *traces, uint32_t index)
{
    const twin_trace *trace = &traces->items[index];
    if (trace->next >= trace->count)
        return;
    int64_t at_ns = due_ns(trace), now_ns = jw_world_time_ns(world);
    jw_schedule(world, at_ns > now_ns ? at_ns : now_ns, JW_PRIORITY_NORMAL, JW_TWIN_TRACES, 0, index, 0);
}

static void traces_on_event(jw_world *world, void *state, const jw_event *event)
{
    twin_traces *traces = state;
    if (event->a >= traces->count || traces->items[event->a].next >= traces->items[event->a].count)
        return;
    twin_trace *trace = &traces->items[event->a];
    twin_requests *requests = twin_requests_of(world);
    jw_net_node_id node = twin_crowd_node(world, requests, trace->crowd);
    uint32_t at = trace->next++;
    if (node.index1)
        twin_request_send(world, requests->crowds[trace->crowd].type, JW_SENDER_CROWD, trace->crowd, 0,
                          (jw_net_end){.node = node}, trace->prompt_tokens[at], trace->output_tokens[at],
                          NULL);
    schedule_next(world, traces, event->a);
}

static void traces_destroy(void *state)
{
    twin_traces *traces = state;
    for (uint32_t i = 0; i < traces->count; i++) {
        jw_free(traces->items[i].time_ns);
        jw_free(traces->items[i].prompt_tokens);
        jw_free(traces->items[i].output_tokens);
    }
    jw_free(traces->items);
}

static jw_result copy_trace(const jw_trace_def *def, twin_trace *out, jw_error *error)
{
    const jw_llm_trace *from = &def->trace;
    out->time_ns = jw_alloc((from->count + 1ull) * sizeof *out->time_ns);
    out->prompt_tokens = jw_alloc((from->count + 1ull) * sizeof *out->prompt_tokens);
    out->output_tokens = jw_alloc((from->count + 1ull) * sizeof *out->output_tokens);
    if (!out->time_ns || !out->prompt_tokens || !out->output_tokens)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < from->count; i++) {
        out->time_ns[i] = from->requests[i].time_ns;
        out->prompt_tokens[i] = from->requests[i].prompt_tokens;
        out->output_tokens[i] = from->requests[i].output_tokens;
    }
    out->count = from->count;
    out->rate = def->rate > 0 ? def->rate : 1;
    out->content_hash = content_hash(out);
    return JW_OK;
}

static jw_result traces_init(jw_world *world, void *state, const void *definition, jw_error *error)
{
    const jw_twin_def *def = definition;
    twin_traces *traces = state;
    jw_result result = JW_OK;
    if (def->trace_count == 0)
        return JW_OK;
    traces->items = jw_alloc(def->trace_count * sizeof *traces->items);
    if (!traces->items)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < def->trace_count && result == JW_OK; i++) {
        twin_trace *trace = &traces->items[traces->count++];
        trace->crowd = def->traces[i].crowd;
        trace->start_ns =
            def->traces[i].start_ns < 0 ? jw_world_start_time_ns(world) : def->traces[i].start_ns;
        result = copy_trace(&def->traces[i], trace, error);
        /* Those before the world begins were before it. */
        while (result == JW_OK && trace->next < trace->count && due_ns(trace) < jw_world_time_ns(world))
            trace->next++;
        if (result == JW_OK)
            schedule_next(world, traces, i);
    }
    if (result != JW_OK)
        traces_destroy(state);
    return result;
}

/* Crowds are there when all modules are: those of the scene have the numbers they had in it. */
static jw_result traces_attach(jw_world *world, void *state, jw_error *error)
{
    const twin_traces *traces = state;
    for (uint32_t i = 0; i < traces->count; i++)
        if (traces->items[i].crowd >= twin_requests_of(world)->crowd_count)
            return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "a trace of requests has no crowd");
    return JW_OK;
}

static void traces_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_traces *traces = state;
    jw_write_u32(writer, traces->count);
    for (uint32_t i = 0; i < traces->count; i++) {
        const twin_trace *trace = &traces->items[i];
        jw_write_u32(writer, trace->crowd);
        jw_write_u32(writer, trace->next);
        jw_write_i64(writer, trace->start_ns);
        jw_write_f64(writer, trace->rate);
        jw_write_array(writer, trace->time_ns, trace->count, sizeof *trace->time_ns);
        jw_write_array(writer, trace->prompt_tokens, trace->count, sizeof *trace->prompt_tokens);
        jw_write_array(writer, trace->output_tokens, trace->count, sizeof *trace->output_tokens);
    }
}

static bool is_trace_sound(const twin_trace *trace, uint32_t prompts, uint32_t outputs)
{
    if (prompts != trace->count || outputs != trace->count || trace->count == 0 ||
        trace->next > trace->count || trace->start_ns < 0 || trace->start_ns > 86400 * JW_NS_PER_S ||
        !(trace->rate >= 1e-3 && trace->rate <= 1e4))
        return false;
    for (uint32_t i = 0; i < trace->count; i++)
        if (trace->time_ns[i] < (i ? trace->time_ns[i - 1] : 0) ||
            trace->time_ns[i] > 400 * 86400 * JW_NS_PER_S || trace->prompt_tokens[i] == 0 ||
            trace->prompt_tokens[i] > JW_LLM_TOKENS_MAX || trace->output_tokens[i] == 0 ||
            trace->output_tokens[i] > JW_LLM_TOKENS_MAX)
            return false;
    return true;
}

static void traces_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    twin_traces *traces = state;
    uint32_t count = jw_read_count(reader, 1000, 36), prompts, outputs;
    if (count == 0 || reader->failed)
        return;
    traces->items = jw_alloc(count * sizeof *traces->items);
    if (!traces->items) {
        jw_reader_fail_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        twin_trace *trace = &traces->items[traces->count++];
        trace->crowd = jw_read_u32(reader);
        trace->next = jw_read_u32(reader);
        trace->start_ns = jw_read_i64(reader);
        trace->rate = jw_read_f64(reader);
        jw_read_array(reader, &trace->time_ns, &trace->count, sizeof *trace->time_ns, REQUESTS_MAX);
        jw_read_array(reader, &trace->prompt_tokens, &prompts, sizeof *trace->prompt_tokens, REQUESTS_MAX);
        jw_read_array(reader, &trace->output_tokens, &outputs, sizeof *trace->output_tokens, REQUESTS_MAX);
        if (!reader->failed && !is_trace_sound(trace, prompts, outputs))
            jw_reader_fail(reader, "a trace of requests is damaged");
        if (!reader->failed)
            trace->content_hash = content_hash(trace);
    }
}

static uint64_t traces_hash(const jw_world *world, const void *state)
{
    (void)world;
    const twin_traces *traces = state;
    uint64_t hash = traces->count;
    for (uint32_t i = 0; i < traces->count; i++) {
        const twin_trace *trace = &traces->items[i];
        hash = jw_hash_u64(hash, (uint64_t)trace->crowd << 32 | trace->next);
        hash = jw_hash_u64(hash, (uint64_t)trace->start_ns);
        hash = jw_hash_f64(hash, trace->rate);
        hash = jw_hash_u64(hash, trace->content_hash);
    }
    return hash;
}

const jw_module twin_traces_module = {
    .name = "twin_traces",
    .version = 1,
    .state_size = sizeof(twin_traces),
    .init = traces_init,
    .attach = traces_attach,
    .destroy = traces_destroy,
    .on_event = traces_on_event,
    .save = traces_save,
    .load = traces_load,
    .hash = traces_hash,
};
