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
    jw_write_u8(writer, type->policy);
    jw_write_u8(writer, type->residency);
    jw_write_f64(writer, type->admission);
    jw_write_f64(writer, type->retry_budget);
    jw_write_f64(writer, type->hedge);
    jw_write_u8(writer, type->is_deferrable);
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
    type->policy = jw_read_u8(reader);
    type->residency = jw_read_u8(reader);
    type->admission = jw_read_f64(reader);
    type->retry_budget = jw_read_f64(reader);
    type->hedge = jw_read_f64(reader);
    type->is_deferrable = jw_read_u8(reader);
    if (!twin_is_type_fine(type, NULL))
        jw_reader_fail(reader, "request type \"%s\" is out of range", type->name);
}

static void save_id(jw_writer *writer, uint32_t index1, uint32_t generation)
{
    jw_write_u32(writer, index1);
    jw_write_u32(writer, generation);
}

static void save_request(jw_writer *writer, const twin_request *request)
{
    jw_write_u32(writer, request->type);
    jw_write_u8(writer, request->sender);
    jw_write_u8(writer, request->tries);
    jw_write_u8(writer, request->is_hedged);
    jw_write_u8(writer, request->is_refused);
    jw_write_u64(writer, request->a);
    jw_write_u64(writer, request->b);
    save_id(writer, request->from.node.index1, request->from.node.generation);
    save_id(writer, request->from.user.index1, request->from.user.generation);
    for (uint32_t c = 0; c < COPIES; c++) {
        const twin_copy *copy = &request->copies[c];
        save_id(writer, copy->site.index1, copy->site.generation);
        save_id(writer, copy->job.index1, copy->job.generation);
        jw_write_u8(writer, copy->phase);
        jw_write_u8(writer, copy->is_trial);
        jw_write_u32(writer, copy->version);
        jw_write_i64(writer, copy->sent_ns);
        jw_write_i64(writer, copy->there_ns);
        jw_write_i64(writer, copy->done_ns);
    }
    save_id(writer, request->site.index1, request->site.generation);
    save_id(writer, request->held_for.index1, request->held_for.generation);
    jw_write_u8(writer, request->has_waited);
    jw_write_u32(writer, request->district);
    jw_write_i64(writer, request->created_ns);
    jw_write_i64(writer, request->number);
    jw_write_u32(writer, request->items);
    jw_write_u32(writer, request->output_tokens);
}

static void load_id(jw_reader *reader, uint32_t *index1, uint32_t *generation)
{
    *index1 = jw_read_u32(reader);
    *generation = jw_read_u32(reader);
}

static void load_request(jw_reader *reader, twin_request *request)
{
    request->type = jw_read_u32(reader);
    request->sender = jw_read_u8(reader);
    request->tries = jw_read_u8(reader);
    request->is_hedged = jw_read_u8(reader);
    request->is_refused = jw_read_u8(reader);
    request->a = jw_read_u64(reader);
    request->b = jw_read_u64(reader);
    load_id(reader, &request->from.node.index1, &request->from.node.generation);
    load_id(reader, &request->from.user.index1, &request->from.user.generation);
    for (uint32_t c = 0; c < COPIES; c++) {
        twin_copy *copy = &request->copies[c];
        load_id(reader, &copy->site.index1, &copy->site.generation);
        load_id(reader, &copy->job.index1, &copy->job.generation);
        copy->phase = jw_read_u8(reader);
        copy->is_trial = jw_read_u8(reader);
        copy->version = jw_read_u32(reader);
        copy->sent_ns = jw_read_i64(reader);
        copy->there_ns = jw_read_i64(reader);
        copy->done_ns = jw_read_i64(reader);
    }
    load_id(reader, &request->site.index1, &request->site.generation);
    load_id(reader, &request->held_for.index1, &request->held_for.generation);
    request->has_waited = jw_read_u8(reader) != 0;
    request->district = jw_read_u32(reader);
    request->created_ns = jw_read_i64(reader);
    request->number = jw_read_i64(reader);
    request->items = jw_read_u32(reader);
    request->output_tokens = jw_read_u32(reader);
}

enum { STATS = 15 }; /* counts of a type, in the order of the snapshot */
static void list_stats(twin_request_stats *stats, int64_t *out[STATS])
{
    int64_t *const list[STATS] = {
        &stats->earlier,   &stats->at_start, &stats->sent,           &stats->answered,  &stats->lost,
        &stats->late,      &stats->retried,  &stats->hedged,         &stats->hedge_won, &stats->refused,
        &stats->no_budget, &stats->hedge_ns, &stats->latency_sum_ns, &stats->held,      &stats->right_ppm};
    for (uint32_t i = 0; i < STATS; i++)
        out[i] = list[i];
}

static void save_stats(jw_writer *writer, const twin_request_stats *given)
{
    twin_request_stats stats = *given;
    int64_t *list[STATS];
    list_stats(&stats, list);
    for (uint32_t i = 0; i < STATS; i++)
        jw_write_i64(writer, *list[i]);
    jw_write_i64(writer, stats.tokens_milli);
    for (uint32_t b = 0; b < LATENCY_BINS; b++)
        jw_write_i64(writer, stats.bins[b]);
    for (uint32_t b = 0; b < LATENCY_BINS; b++)
        jw_write_u32(writer, stats.recent[b]);
}

static void load_stats(jw_reader *reader, twin_request_stats *stats)
{
    int64_t *list[STATS];
    uint64_t recent = 0;
    list_stats(stats, list);
    for (uint32_t i = 0; i < STATS; i++) {
        *list[i] = jw_read_i64(reader);
        if (*list[i] < 0 || *list[i] > INT64_MAX / 4)
            jw_reader_fail(reader, "the counts of a request type are out of range");
    }
    stats->tokens_milli = jw_read_i64(reader);
    int64_t binned = 0;
    for (uint32_t b = 0; b < LATENCY_BINS; b++) {
        stats->bins[b] = jw_read_i64(reader);
        if (stats->bins[b] < 0 || stats->bins[b] > stats->answered - binned) {
            jw_reader_fail(reader, "the latencies of a request type do not add up");
            return;
        }
        binned += stats->bins[b];
    }
    for (uint32_t b = 0; b < LATENCY_BINS; b++)
        recent += stats->recent[b] = jw_read_u32(reader);
    stats->recent_count = (uint32_t)recent;
    if (stats->tokens_milli < 0 || stats->tokens_milli > JW_RETRY_TOKENS_MAX * INT64_C(1000) || recent > 1000)
        jw_reader_fail(reader, "the retry budget or the recent answers of a request type are out of range");
}

static void save_guards(const twin_requests *requests, jw_writer *writer)
{
    const jw_breaker_def *def = &requests->breaker;
    jw_write_u8(writer, def->is_on);
    jw_write_u32(writer, def->window);
    jw_write_f64(writer, def->failure_share);
    jw_write_f64(writer, def->open_s);
    jw_write_u32(writer, def->trials);
    jw_write_u32(writer, requests->breaker_count);
    for (uint32_t i = 0; i < requests->breaker_count; i++) {
        const twin_breaker *breaker = &requests->breakers[i];
        jw_write_u64(writer, breaker->outcomes);
        jw_write_i64(writer, breaker->until_ns);
        jw_write_u8(writer, breaker->seen);
        jw_write_u8(writer, breaker->phase);
        jw_write_u8(writer, breaker->trials);
        jw_write_u8(writer, breaker->has_trial);
    }
    jw_write_u32(writer, requests->route_count);
    for (uint32_t i = 0; i < requests->route_count; i++) {
        jw_write_u32(writer, requests->routes[i].type);
        jw_write_u32(writer, requests->routes[i].home);
        jw_write_u32(writer, requests->routes[i].site);
        jw_write_f64(writer, requests->routes[i].weight);
    }
    jw_write_u32(writer, requests->crowd_count);
    for (uint32_t i = 0; i < requests->crowd_count; i++) {
        const twin_crowd *crowd = &requests->crowds[i];
        jw_write_text(writer, crowd->name);
        jw_write_u32(writer, crowd->type);
        jw_write_f64(writer, crowd->x_m);
        jw_write_f64(writer, crowd->y_m);
        jw_write_f64(writer, crowd->per_s);
        jw_write_u32(writer, crowd->generation);
        jw_write_u64(writer, crowd->draws);
        save_id(writer, crowd->node.index1, crowd->node.generation);
    }
}

static void load_breakers(twin_requests *requests, jw_reader *reader)
{
    jw_breaker_def *def = &requests->breaker;
    def->is_on = jw_read_u8(reader) != 0;
    def->window = jw_read_u32(reader);
    def->failure_share = jw_read_f64(reader);
    def->open_s = jw_read_f64(reader);
    def->trials = jw_read_u32(reader);
    if (!twin_is_breaker_fine(def, NULL))
        jw_reader_fail(reader, "the breakers' figures are out of range");
    uint32_t count = jw_read_count(reader, UINT32_MAX, 20);
    if (jw_grow(&requests->breakers, &requests->breaker_capacity, count, sizeof *requests->breakers, NULL) !=
        JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    requests->breaker_count = count;
    for (uint32_t i = 0; i < count; i++) {
        twin_breaker *breaker = &requests->breakers[i];
        breaker->outcomes = jw_read_u64(reader);
        breaker->until_ns = jw_read_i64(reader);
        breaker->seen = jw_read_u8(reader);
        breaker->phase = jw_read_u8(reader);
        breaker->trials = jw_read_u8(reader);
        breaker->has_trial = jw_read_u8(reader);
        if (breaker->phase > JW_BREAKER_HALF_OPEN || breaker->seen > 64 || breaker->has_trial > 1)
            jw_reader_fail(reader, "breaker %u is out of range", i);
    }
}

static void load_routes(twin_requests *requests, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, UINT32_MAX, 20);
    if (jw_grow(&requests->routes, &requests->route_capacity, count, sizeof *requests->routes, NULL) !=
        JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    requests->route_count = count;
    for (uint32_t i = 0; i < count; i++) {
        twin_route *r = &requests->routes[i];
        r->type = jw_read_u32(reader);
        r->home = jw_read_u32(reader);
        r->site = jw_read_u32(reader);
        r->weight = jw_read_f64(reader);
        const twin_route *before = i ? r - 1 : NULL;
        bool is_sorted = !before || before->type < r->type ||
                         (before->type == r->type &&
                          (before->home < r->home || (before->home == r->home && before->site < r->site)));
        if (!is_sorted || r->type >= requests->type_count || !(r->weight > 0 && r->weight <= 1e9))
            jw_reader_fail(reader, "route %u is out of range or out of order", i);
    }
}

static void load_crowds(twin_requests *requests, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, UINT32_MAX, 40);
    if (jw_grow(&requests->crowds, &requests->crowd_capacity, count, sizeof *requests->crowds, NULL) !=
        JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    requests->crowd_count = count;
    for (uint32_t i = 0; i < count; i++) {
        twin_crowd *crowd = &requests->crowds[i];
        jw_read_text(reader, crowd->name, sizeof crowd->name);
        crowd->type = jw_read_u32(reader);
        crowd->x_m = jw_read_f64(reader);
        crowd->y_m = jw_read_f64(reader);
        crowd->per_s = jw_read_f64(reader);
        crowd->generation = jw_read_u32(reader);
        crowd->draws = jw_read_u64(reader);
        load_id(reader, &crowd->node.index1, &crowd->node.generation);
        jw_crowd_def def = {.x_m = crowd->x_m, .y_m = crowd->y_m, .per_s = crowd->per_s};
        jw_text_copy(def.name, sizeof def.name, crowd->name);
        if (crowd->type >= requests->type_count || !twin_is_crowd_fine(&def, NULL))
            jw_reader_fail(reader, "crowd \"%s\" is out of range", crowd->name);
    }
}

void twin_requests_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_requests *requests = state;
    jw_write_u32(writer, (uint32_t)requests->policy);
    jw_write_u32(writer, requests->type_count);
    for (uint32_t i = 0; i < requests->type_count; i++) {
        save_type(writer, &requests->types[i]);
        save_stats(writer, &requests->stats[i]);
    }
    save_guards(requests, writer);
    jw_pool_save(&requests->pool, writer);
    for (uint32_t i = 0; i < requests->pool.slot_count; i++)
        save_request(writer, &requests->requests[i]);
}

void twin_requests_load(jw_world *world, void *state, jw_reader *reader)
{
    twin_requests *requests = state;
    uint32_t policy = jw_read_u32(reader);
    requests->policy = policy < JW_POLICY_COUNT ? (jw_policy)policy : JW_POLICY_DEFAULT;
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
    load_breakers(requests, reader);
    if (!reader->failed)
        load_routes(requests, reader);
    if (!reader->failed)
        load_crowds(requests, reader);
    if (reader->failed)
        return;
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
    if (requests->policy == JW_POLICY_DEFAULT || in_flight != requests->pool.alive_count)
        jw_reader_fail(reader, "the counts of requests do not add up");
    for (uint32_t i = 0; i < requests->pool.slot_count; i++) {
        const twin_request *request = &requests->requests[i];
        load_request(reader, &requests->requests[i]);
        bool is_alive = requests->pool.generations[i] & 1;
        bool is_fine = request->type < count && request->items > 0 && request->sender <= JW_SENDER_BUS &&
                       request->created_ns >= 0 && request->created_ns <= jw_world_time_ns(world) &&
                       (twin_is_held(request) != (request->copies[0].phase || request->copies[1].phase));
        for (uint32_t c = 0; c < COPIES; c++)
            is_fine &= request->copies[c].phase <= JW_REQUEST_DOWN + 1;
        if (is_alive && !is_fine)
            jw_reader_fail(reader, "request %u is out of range", i);
    }
}

jw_result twin_requests_check(const jw_world *world, const twin_requests *requests, jw_error *error)
{
    for (uint32_t i = 0; i < requests->pool.slot_count; i++) {
        const twin_request *request = &requests->requests[i];
        if (!(requests->pool.generations[i] & 1))
            continue;
        bool is_known = request->sender == JW_SENDER_CAMERA || request->sender == JW_SENDER_WATCH
                            ? request->a < twin_signals_of(world)->camera_count
                        : request->sender == JW_SENDER_LINE || request->sender == JW_SENDER_STATION
                            ? (uint32_t)request->a - 1 < jw_economy_line_count(twin_economy_of(world))
                        : request->sender == JW_SENDER_DESK
                            ? request->a < jw_economy_desk_count(twin_economy_of(world))
                        : request->sender == JW_SENDER_CROWD ? request->a < requests->crowd_count
                                                             : true; /* a vehicle may have arrived since */
        for (uint32_t c = 0; c < COPIES; c++)
            is_known &= request->copies[c].phase == 0 ||
                        request->copies[c].site.index1 - 1 < jw_compute_site_count(twin_compute_of(world));
        is_known &= !twin_is_held(request) ||
                    request->held_for.index1 - 1 < jw_compute_site_count(twin_compute_of(world));
        if (!is_known)
            return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "request %u comes from nobody or goes nowhere",
                           i);
    }
    return JW_OK;
}
