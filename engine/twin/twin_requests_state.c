/* Requests in snapshots: field by field, every index checked, here or where the other modules are there. */
#include "twin/twin_internal.h"

static void save_type(jw_writer *writer, const jw_request_type *type)
{
    jw_write_text(writer, type->name);
    jw_write_text(writer, type->service);
    jw_write_i64(writer, type->up_bytes);
    jw_write_i64(writer, type->down_bytes);
    jw_write_u32(writer, type->items);
    jw_write_u32(writer, type->output_tokens);
    jw_write_f64(writer, type->deadline_s);
    jw_write_f64(writer, type->timeout_s);
    jw_write_u8(writer, type->retries);
    jw_write_u8(writer, type->kind);
}

static void load_type(jw_reader *reader, jw_request_type *type)
{
    jw_read_text(reader, type->name, sizeof type->name);
    jw_read_text(reader, type->service, sizeof type->service);
    type->up_bytes = jw_read_i64(reader);
    type->down_bytes = jw_read_i64(reader);
    type->items = jw_read_u32(reader);
    type->output_tokens = jw_read_u32(reader);
    type->deadline_s = jw_read_f64(reader);
    type->timeout_s = jw_read_f64(reader);
    type->retries = jw_read_u8(reader);
    type->kind = jw_read_u8(reader);
    bool is_in_time = type->deadline_s > 0 && type->deadline_s <= 1e6 && type->timeout_s > 0 &&
                      type->timeout_s <= 1e6; /* NaN is not */
    if (type->kind >= JW_TRAFFIC_KIND_COUNT || type->up_bytes <= 0 || type->down_bytes <= 0 || !is_in_time)
        jw_reader_fail(reader, "request type \"%s\" is out of range", type->name);
}

static void save_request(jw_writer *writer, const twin_request *request)
{
    jw_write_u32(writer, request->type);
    jw_write_u8(writer, request->sender);
    jw_write_u8(writer, request->phase);
    jw_write_u8(writer, request->tries);
    jw_write_u64(writer, request->a);
    jw_write_u64(writer, request->b);
    jw_write_u32(writer, request->from.node.index1);
    jw_write_u32(writer, request->from.node.generation);
    jw_write_u32(writer, request->from.user.index1);
    jw_write_u32(writer, request->from.user.generation);
    jw_write_u32(writer, request->site.index1);
    jw_write_u32(writer, request->site.generation);
    jw_write_i64(writer, request->created_ns);
    jw_write_u32(writer, request->items);
    jw_write_u32(writer, request->output_tokens);
    jw_write_u32(writer, request->version);
}

static void load_request(jw_reader *reader, twin_request *request)
{
    request->type = jw_read_u32(reader);
    request->sender = jw_read_u8(reader);
    request->phase = jw_read_u8(reader);
    request->tries = jw_read_u8(reader);
    request->a = jw_read_u64(reader);
    request->b = jw_read_u64(reader);
    request->from.node.index1 = jw_read_u32(reader);
    request->from.node.generation = jw_read_u32(reader);
    request->from.user.index1 = jw_read_u32(reader);
    request->from.user.generation = jw_read_u32(reader);
    request->site.index1 = jw_read_u32(reader);
    request->site.generation = jw_read_u32(reader);
    request->created_ns = jw_read_i64(reader);
    request->items = jw_read_u32(reader);
    request->output_tokens = jw_read_u32(reader);
    request->version = jw_read_u32(reader);
}

static void save_stats(jw_writer *writer, const twin_request_stats *stats)
{
    jw_write_i64(writer, stats->earlier);
    jw_write_i64(writer, stats->at_start);
    jw_write_i64(writer, stats->sent);
    jw_write_i64(writer, stats->answered);
    jw_write_i64(writer, stats->lost);
    jw_write_i64(writer, stats->late);
    jw_write_i64(writer, stats->retried);
    jw_write_i64(writer, stats->latency_sum_ns);
    for (uint32_t b = 0; b < LATENCY_BINS; b++)
        jw_write_i64(writer, stats->bins[b]);
}

static void load_stats(jw_reader *reader, twin_request_stats *stats)
{
    stats->earlier = jw_read_i64(reader);
    stats->at_start = jw_read_i64(reader);
    stats->sent = jw_read_i64(reader);
    stats->answered = jw_read_i64(reader);
    stats->lost = jw_read_i64(reader);
    stats->late = jw_read_i64(reader);
    stats->retried = jw_read_i64(reader);
    stats->latency_sum_ns = jw_read_i64(reader);
    for (uint32_t b = 0; b < LATENCY_BINS; b++)
        stats->bins[b] = jw_read_i64(reader);
    const int64_t counts[] = {stats->earlier, stats->at_start, stats->sent,    stats->answered,
                              stats->lost,    stats->late,     stats->retried, stats->latency_sum_ns};
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        if (counts[i] < 0 || counts[i] > INT64_MAX / 4)
            jw_reader_fail(reader, "the counts of a request type are out of range");
}

void twin_requests_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_requests *requests = state;
    jw_write_u32(writer, requests->policy);
    jw_write_u32(writer, requests->type_count);
    for (uint32_t i = 0; i < requests->type_count; i++) {
        save_type(writer, &requests->types[i]);
        save_stats(writer, &requests->stats[i]);
    }
    jw_pool_save(&requests->pool, writer);
    for (uint32_t i = 0; i < requests->pool.slot_count; i++)
        save_request(writer, &requests->requests[i]);
}

void twin_requests_load(jw_world *world, void *state, jw_reader *reader)
{
    twin_requests *requests = state;
    requests->policy = jw_read_u32(reader);
    uint32_t count = jw_read_count(reader, 1000, LATENCY_BINS * 8);
    requests->types = jw_alloc((count + 1) * sizeof *requests->types);
    requests->stats = jw_alloc((count + 1) * sizeof *requests->stats);
    requests->services = jw_alloc((count + 1) * sizeof *requests->services);
    if (!requests->types || !requests->stats || !requests->services) {
        jw_reader_fail_memory(reader);
        return;
    }
    requests->type_count = count;
    for (uint32_t i = 0; i < count; i++) {
        load_type(reader, &requests->types[i]);
        load_stats(reader, &requests->stats[i]);
    }
    jw_pool_load(&requests->pool, reader);
    if (reader->failed)
        return;
    if (jw_grow(&requests->requests, &requests->request_capacity, requests->pool.slot_count,
                sizeof *requests->requests, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    int64_t in_flight = 0;
    for (uint32_t i = 0; i < count; i++)
        in_flight += requests->stats[i].sent - requests->stats[i].answered - requests->stats[i].lost;
    if (requests->policy == JW_POLICY_DEFAULT || requests->policy >= JW_POLICY_COUNT ||
        in_flight != requests->pool.alive_count)
        jw_reader_fail(reader, "the counts of requests do not add up");
    for (uint32_t i = 0; i < requests->pool.slot_count; i++) {
        const twin_request *request = &requests->requests[i];
        load_request(reader, &requests->requests[i]);
        bool is_alive = requests->pool.generations[i] & 1;
        if (is_alive && (request->type >= count || request->phase > JW_REQUEST_DOWN || request->items == 0 ||
                         request->sender > JW_SENDER_STATION || request->created_ns < 0 ||
                         request->created_ns > jw_world_time_ns(world)))
            jw_reader_fail(reader, "request %u is out of range", i);
    }
}

jw_result twin_requests_check(const jw_world *world, const twin_requests *requests, jw_error *error)
{
    for (uint32_t i = 0; i < requests->pool.slot_count; i++) {
        const twin_request *request = &requests->requests[i];
        if (!(requests->pool.generations[i] & 1))
            continue;
        bool is_known = request->sender == JW_SENDER_CAMERA
                            ? request->a < twin_signals_of(world)->camera_count
                        : request->sender == JW_SENDER_LINE || request->sender == JW_SENDER_STATION
                            ? (uint32_t)request->a - 1 < jw_economy_line_count(twin_economy_of(world))
                            : true; /* a vehicle may have arrived since */
        if (!is_known)
            return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "request %u comes from nobody", i);
    }
    return JW_OK;
}
