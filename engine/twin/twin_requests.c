/* The life of a request: up through the network, through a queue and a computation, and down again.
 *
 * One owner, one record, one end: answered or lost. A message or job that comes back for a record that is
 * gone (it timed out) is recognised by its tag's generation and ignored; so is the record's timeout after its
 * end. */
#include "twin/twin_internal.h"

#include <string.h>

enum { EVENT_TIMEOUT };

uint32_t twin_tag_slot(const jw_pool *pool, uint64_t tag)
{
    uint32_t index1 = (uint32_t)tag;
    if (index1 == 0 || index1 > pool->slot_count)
        return JW_NONE;
    uint32_t generation = pool->generations[index1 - 1];
    bool is_same = (generation & 1) && (generation & 0xFFFFFF) == (uint32_t)(tag >> 32 & 0xFFFFFF);
    return is_same ? index1 - 1 : JW_NONE;
}

static uint64_t request_tag(const twin_requests *requests, uint32_t slot)
{
    return twin_tag(OWNER_REQUEST, slot + 1, requests->pool.generations[slot]);
}

uint32_t twin_request_type_find(const twin_requests *requests, const char *name)
{
    for (uint32_t i = 0; i < requests->type_count; i++)
        if (strcmp(requests->types[i].name, name) == 0)
            return i;
    return JW_NONE;
}

/* ---- where it goes
 * ----------------------------------------------------------------------------------------- */

jw_result twin_requests_map_sites(jw_world *world, twin_requests *requests, jw_error *error)
{
    const jw_compute *compute = twin_compute_of(world);
    uint32_t count = jw_compute_site_count(compute);
    jw_result result = jw_grow(&requests->site_nodes, &requests->site_node_capacity, count,
                               sizeof *requests->site_nodes, error);
    if (result != JW_OK)
        return result;
    requests->site_node_count = count;
    for (uint32_t i = 0; i < count; i++) {
        jw_site_state site;
        requests->site_nodes[i] = (jw_net_node_id){0, 0};
        if (jw_compute_site(world, compute, i, &site))
            requests->site_nodes[i] = jw_network_find_node(twin_network_of(world), site.def->name);
    }
    return JW_OK;
}

jw_net_node_id twin_site_node(jw_world *world, jw_site_id site)
{
    const twin_requests *requests = twin_requests_of(world);
    if (site.index1 == 0 || site.index1 > requests->site_node_count)
        return (jw_net_node_id){0, 0};
    return requests->site_nodes[site.index1 - 1];
}

/* The site with the least forecast under the policy; the one that just failed only when nothing else serves.
 * Ties go to the lower slot. Zero when none serves or none can be reached. */
static jw_site_id choose_site(jw_world *world, const twin_requests *requests, const twin_request *request,
                              jw_site_id avoid)
{
    const jw_compute *compute = twin_compute_of(world);
    const jw_network *network = twin_network_of(world);
    const jw_request_type *type = &requests->types[request->type];
    uint32_t service = requests->services[request->type];
    jw_site_id best = {0, 0};
    double best_s = 0;
    if (service == JW_NONE)
        return best;
    for (uint32_t i = 0; i < requests->site_node_count; i++) {
        jw_site_state site;
        if (requests->site_nodes[i].index1 == 0 || !jw_compute_site(world, compute, i, &site) || !site.is_up)
            continue;
        bool is_cloud = site.def->tier >= JW_TIER_CITY;
        if ((requests->policy == JW_POLICY_EDGE_ONLY && is_cloud) ||
            (requests->policy == JW_POLICY_CLOUD_ONLY && !is_cloud) ||
            jw_compute_installed_version(compute, site.id, service) == 0)
            continue;
        double network_s = jw_network_estimate_s(
            network, request->from, (jw_net_end){.node = requests->site_nodes[i]}, type->up_bytes);
        if (network_s < 0)
            continue;
        double forecast_s = network_s;
        if (requests->policy != JW_POLICY_NEAREST) {
            double compute_s = jw_compute_estimate_s(world, compute, site.id, service, request->items,
                                                     request->output_tokens);
            if (compute_s < 0)
                continue;
            forecast_s += compute_s;
        }
        if (site.id.index1 == avoid.index1)
            forecast_s += 1e6; /* last resort */
        if (best.index1 == 0 || forecast_s < best_s) {
            best = site.id;
            best_s = forecast_s;
        }
    }
    return best;
}

/* ---- ends
 * -------------------------------------------------------------------------------------------------- */

/* Bins of 2 % from 0.1 ms up: bin b covers 0.1 ms * 1.02^b. */
static uint32_t latency_bin(int64_t latency_ns)
{
    double ratio = (double)latency_ns / 1e5;
    if (ratio <= 1)
        return 0;
    double bin = jw_log(ratio) / 0.0198026272961797; /* ln 1.02 */
    return bin >= LATENCY_BINS - 1 ? LATENCY_BINS - 1 : (uint32_t)bin;
}

static double bin_ms(uint32_t bin)
{
    return 0.1 * jw_exp(0.0198026272961797 * (bin + 0.5));
}

/* The log keeps every late and lost request and one in a hundred of the others, which stands for a hundred.
 */
static void log_row(jw_world *world, twin_requests *requests, uint32_t slot, int64_t latency_ns, bool is_late)
{
    const twin_request *request = &requests->requests[slot];
    bool is_plain = latency_ns >= 0 && !is_late;
    if (is_plain && requests->stats[request->type].answered % 100 != 0)
        return;
    if (requests->row_count >= REQUEST_ROWS_MAX ||
        jw_grow(&requests->rows, &requests->row_capacity, requests->row_count + 1ull, sizeof *requests->rows,
                NULL) != JW_OK) {
        requests->rows_dropped++;
        return;
    }
    twin_request_row *row = &requests->rows[requests->row_count++];
    *row = (twin_request_row){.created_ns = request->created_ns,
                              .latency_ms = latency_ns < 0 ? -1.0f : (float)((double)latency_ns / 1e6),
                              .type = request->type,
                              .site_slot = request->site.index1 ? request->site.index1 - 1 : JW_NONE,
                              .sender = request->sender,
                              .is_late = is_late,
                              .weight = is_plain ? 100 : 1};
    if (request->sender == JW_SENDER_CAMERA) {
        const twin_camera *camera = &twin_signals_of(world)->cameras[request->a];
        const jw_junction *junction = &jw_twin_city(world)->junctions[camera->junction];
        row->x_m = (float)junction->x_m;
        row->y_m = (float)junction->y_m;
    } else if (request->sender == JW_SENDER_VEHICLE) {
        jw_vehicle_columns vehicles = jw_traffic_vehicles(twin_traffic_of(world));
        uint32_t at;
        jw_vehicle_id id = {(uint32_t)request->a, (uint32_t)(request->a >> 32)};
        if (jw_traffic_find_vehicle(twin_traffic_of(world), id, &at)) {
            row->x_m = vehicles.x_m[at];
            row->y_m = vehicles.y_m[at];
        }
    } else {
        jw_production_line_state line;
        if (jw_economy_line(world, twin_economy_of(world), (uint32_t)request->a - 1, &line)) {
            row->x_m = (float)line.def->x_m;
            row->y_m = (float)line.def->y_m;
        }
    }
}

static void give_record(twin_requests *requests, uint32_t slot)
{
    memset(&requests->requests[slot], 0, sizeof requests->requests[slot]);
    jw_pool_give(&requests->pool, slot);
}

static void end_lost(jw_world *world, twin_requests *requests, uint32_t slot)
{
    requests->stats[requests->requests[slot].type].lost++;
    log_row(world, requests, slot, -1, false);
    give_record(requests, slot);
}

static void end_answered(jw_world *world, twin_requests *requests, uint32_t slot)
{
    twin_request request = requests->requests[slot];
    twin_request_stats *stats = &requests->stats[request.type];
    int64_t latency_ns = jw_world_time_ns(world) - request.created_ns;
    bool is_late = latency_ns > jw_ns_from_s(requests->types[request.type].deadline_s);
    stats->answered++;
    stats->late += is_late;
    stats->latency_sum_ns += latency_ns;
    stats->bins[latency_bin(latency_ns)]++;
    log_row(world, requests, slot, latency_ns, is_late);
    uint32_t service = requests->services[request.type];
    give_record(requests, slot);
    if (request.sender == JW_SENDER_CAMERA)
        twin_signals_answered(world, request.a, request.b, request.version);
    else if (request.sender == JW_SENDER_LINE)
        jw_economy_verdict(world, twin_economy_of(world),
                           (jw_line_id){(uint32_t)request.a, (uint32_t)(request.a >> 32)},
                           (uint32_t)request.b, jw_ai_quality(twin_ai_of(world), service, request.version));
}

/* ---- steps of a life
 * --------------------------------------------------------------------------------------- */

/* Sends the request to a site; false when nothing serves it or it cannot be sent. */
static bool set_out(jw_world *world, twin_requests *requests, uint32_t slot, jw_site_id avoid)
{
    twin_request *request = &requests->requests[slot];
    const jw_request_type *type = &requests->types[request->type];
    request->phase = JW_REQUEST_UP;
    request->site = choose_site(world, requests, request, avoid);
    if (request->site.index1 == 0)
        return false;
    jw_message_def message = {.from = request->from,
                              .to = {.node = twin_site_node(world, request->site)},
                              .size_bytes = type->up_bytes,
                              .kind = type->kind,
                              .tag = request_tag(requests, slot)};
    return jw_network_send(world, twin_network_of(world), &message, NULL) == JW_OK;
}

static void try_again(jw_world *world, twin_requests *requests, uint32_t slot)
{
    twin_request *request = &requests->requests[slot];
    if (request->tries <= requests->types[request->type].retries) {
        if (request->tries == 1)
            requests->stats[request->type].retried++;
        request->tries++;
        if (set_out(world, requests, slot, request->site))
            return;
    }
    end_lost(world, requests, slot);
}

jw_result jw_request_send(jw_world *world, uint32_t type, jw_sender sender, uint64_t a, uint64_t b,
                          jw_net_end from, jw_error *error)
{
    twin_requests *requests = twin_requests_of(world);
    if (type >= requests->type_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no request type %u", type);
    uint32_t slot, generation;
    jw_result result = jw_pool_take(&requests->pool, &slot, &generation, error);
    if (result != JW_OK)
        return result;
    result = jw_grow(&requests->requests, &requests->request_capacity, requests->pool.slot_count,
                     sizeof *requests->requests, error);
    if (result != JW_OK) {
        jw_pool_give(&requests->pool, slot);
        return result;
    }
    const jw_request_type *def = &requests->types[type];
    twin_request *request = &requests->requests[slot];
    *request = (twin_request){.type = type,
                              .sender = (uint8_t)sender,
                              .tries = 1,
                              .a = a,
                              .b = b,
                              .from = from,
                              .created_ns = jw_world_time_ns(world),
                              .items = def->items,
                              .output_tokens = def->output_tokens};
    if (def->output_tokens > 0) {
        /* Lengths of prompts and answers scatter about as much as their means (exponential): see the
         * conversation trace's quantiles in docs. Drawn by the count of requests sent, which is state. */
        jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.request.length"));
        uint64_t number = (uint64_t)requests->stats[type].sent;
        request->items =
            1 + (uint32_t)jw_min(jw_random_exponential(key, number, type * 2ull, def->items), 1e5);
        request->output_tokens =
            1 +
            (uint32_t)jw_min(jw_random_exponential(key, number, type * 2ull + 1, def->output_tokens), 1e4);
    }
    requests->stats[type].sent++;
    jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(def->timeout_s), JW_PRIORITY_LAST,
                JW_TWIN_REQUESTS, EVENT_TIMEOUT, slot + 1, generation);
    if (!set_out(world, requests, slot, (jw_site_id){0, 0}))
        end_lost(world, requests, slot);
    return JW_OK;
}

static void on_message_delivered(jw_world *world, uint64_t tag)
{
    twin_requests *requests = twin_requests_of(world);
    if (twin_tag_owner(tag) != OWNER_REQUEST)
        return;
    uint32_t slot = twin_tag_slot(&requests->pool, tag);
    if (slot == JW_NONE)
        return;
    twin_request *request = &requests->requests[slot];
    if (request->phase == JW_REQUEST_DOWN) {
        end_answered(world, requests, slot);
        return;
    }
    request->phase = JW_REQUEST_COMPUTE;
    jw_job_def job = {.site = request->site,
                      .service = requests->services[request->type],
                      .items = request->items,
                      .output_tokens = request->output_tokens,
                      .tag = tag};
    if (jw_compute_submit(world, twin_compute_of(world), &job, NULL) != JW_OK)
        try_again(world, requests, slot);
}

static void on_message_lost(jw_world *world, uint64_t tag, jw_net_loss why)
{
    (void)why;
    twin_requests *requests = twin_requests_of(world);
    uint32_t slot = twin_tag_owner(tag) == OWNER_REQUEST ? twin_tag_slot(&requests->pool, tag) : JW_NONE;
    if (slot != JW_NONE)
        try_again(world, requests, slot);
}

static void on_job_done(jw_world *world, uint64_t tag, uint32_t version)
{
    twin_requests *requests = twin_requests_of(world);
    uint32_t slot = twin_tag_slot(&requests->pool, tag);
    if (slot == JW_NONE)
        return;
    twin_request *request = &requests->requests[slot];
    request->phase = JW_REQUEST_DOWN;
    request->version = version;
    jw_message_def message = {.from = {.node = twin_site_node(world, request->site)},
                              .to = request->from,
                              .size_bytes = requests->types[request->type].down_bytes,
                              .kind = requests->types[request->type].kind,
                              .tag = tag};
    if (jw_network_send(world, twin_network_of(world), &message, NULL) != JW_OK)
        try_again(world, requests, slot);
}

static void on_job_rejected(jw_world *world, uint64_t tag, jw_reject why)
{
    (void)why;
    twin_requests *requests = twin_requests_of(world);
    uint32_t slot = twin_tag_slot(&requests->pool, tag);
    if (slot != JW_NONE)
        try_again(world, requests, slot);
}

static void on_flow_finished(jw_world *world, uint64_t tag)
{
    twin_transfer_ended(world, tag, true);
}

static void on_flow_failed(jw_world *world, uint64_t tag)
{
    twin_transfer_ended(world, tag, false);
}

static void on_site_changed(jw_world *world, jw_site_id site, bool is_up)
{
    jw_site_state state;
    if (!jw_compute_site(world, twin_compute_of(world), site.index1 - 1, &state))
        return;
    twin_note_add(world, state.def->x_m, state.def->y_m, is_up ? "%s is back" : "%s failed", state.def->name);
}

/* A production line asks for a verdict. */
static bool on_inspect(jw_world *world, jw_line_id line, uint32_t part)
{
    if (!twin_is_coupled(world, JW_COUPLING_FACTORY))
        return false;
    twin_requests *requests = twin_requests_of(world);
    uint32_t type = twin_request_type_find(requests, "inspection");
    jw_production_line_state state;
    if (type == JW_NONE || !jw_economy_line(world, twin_economy_of(world), line.index1 - 1, &state))
        return false;
    /* A factory is wired: its pictures enter the network at the nearest mast or host. */
    jw_network *network = twin_network_of(world);
    jw_net_end from = {
        .node = jw_network_nearest_node(network, JW_NET_CELL_SITE, state.def->x_m, state.def->y_m)};
    if (from.node.index1 == 0)
        from.node = jw_network_nearest_node(network, JW_NET_HOST, state.def->x_m, state.def->y_m);
    if (from.node.index1 == 0)
        return false;
    uint64_t a = (uint64_t)line.generation << 32 | line.index1;
    return jw_request_send(world, type, JW_SENDER_LINE, a, part, from, NULL) == JW_OK;
}

/* ---- module
 * ------------------------------------------------------------------------------------------------ */

static void requests_destroy(void *state)
{
    twin_requests *requests = state;
    jw_free(requests->types);
    jw_free(requests->services);
    jw_free(requests->stats);
    jw_pool_free(&requests->pool);
    jw_free(requests->requests);
    jw_free(requests->site_nodes);
    jw_free(requests->rows);
}

static jw_result requests_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    (void)world;
    twin_requests *requests = state;
    const jw_twin_def *twin = def;
    uint32_t count = twin->request_count;
    requests->types = jw_alloc((count + 1) * sizeof *requests->types);
    requests->stats = jw_alloc((count + 1) * sizeof *requests->stats);
    requests->services = jw_alloc((count + 1) * sizeof *requests->services);
    if (!requests->types || !requests->stats || !requests->services) {
        requests_destroy(state);
        return jw_fail_memory(error);
    }
    for (uint32_t i = 0; i < count; i++)
        requests->types[i] = twin->requests[i];
    requests->type_count = count;
    requests->policy = twin->policy;
    return JW_OK;
}

static jw_result requests_attach(jw_world *world, void *state, jw_error *error)
{
    twin_requests *requests = state;
    jw_network_ports network = {on_message_delivered, on_message_lost, on_flow_finished, on_flow_failed};
    jw_compute_ports compute = {on_job_done, on_job_rejected, on_site_changed};
    jw_economy_ports economy = {on_inspect};
    jw_network_set_ports(twin_network_of(world), &network);
    jw_compute_set_ports(twin_compute_of(world), &compute);
    jw_economy_set_ports(twin_economy_of(world), &economy);
    for (uint32_t i = 0; i < requests->type_count; i++)
        requests->services[i] = jw_compute_find_service(twin_compute_of(world), requests->types[i].service);
    return twin_requests_map_sites(world, requests, error);
}

static void requests_on_event(jw_world *world, void *state, const jw_event *event)
{
    twin_requests *requests = state;
    uint32_t slot = event->a - 1;
    if (jw_pool_is_alive(&requests->pool, event->a, (uint32_t)event->b))
        end_lost(world, requests, slot);
}

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
    if (type->kind >= JW_TRAFFIC_KIND_COUNT || type->up_bytes <= 0 || type->down_bytes <= 0)
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
    stats->sent = jw_read_i64(reader);
    stats->answered = jw_read_i64(reader);
    stats->lost = jw_read_i64(reader);
    stats->late = jw_read_i64(reader);
    stats->retried = jw_read_i64(reader);
    stats->latency_sum_ns = jw_read_i64(reader);
    for (uint32_t b = 0; b < LATENCY_BINS; b++)
        stats->bins[b] = jw_read_i64(reader);
}

static void requests_save(const jw_world *world, const void *state, jw_writer *writer)
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

static void requests_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    twin_requests *requests = state;
    requests->policy = jw_read_u32(reader);
    uint32_t count = jw_read_count(reader, 1000, LATENCY_BINS * 8);
    requests->types = jw_alloc((count + 1) * sizeof *requests->types);
    requests->stats = jw_alloc((count + 1) * sizeof *requests->stats);
    requests->services = jw_alloc((count + 1) * sizeof *requests->services);
    if (!requests->types || !requests->stats || !requests->services) {
        jw_reader_fail(reader, "out of memory");
        return;
    }
    requests->type_count = count;
    for (uint32_t i = 0; i < count; i++) {
        load_type(reader, &requests->types[i]);
        load_stats(reader, &requests->stats[i]);
    }
    jw_pool_load(&requests->pool, reader);
    if (reader->failed || jw_grow(&requests->requests, &requests->request_capacity, requests->pool.slot_count,
                                  sizeof *requests->requests, NULL) != JW_OK) {
        jw_reader_fail(reader, "out of memory");
        return;
    }
    for (uint32_t i = 0; i < requests->pool.slot_count; i++) {
        load_request(reader, &requests->requests[i]);
        bool is_alive = requests->pool.generations[i] & 1;
        if (is_alive && requests->requests[i].type >= count)
            jw_reader_fail(reader, "request %u is of an unknown type", i);
    }
}

static uint64_t requests_hash(const jw_world *world, const void *state)
{
    /* The saved form is the state, nothing more: hashing it cannot forget a field. */
    jw_writer writer = {0};
    requests_save(world, state, &writer);
    uint64_t hash = jw_hash_bytes(0, writer.bytes, writer.size);
    jw_writer_free(&writer);
    return hash;
}

/* ---- counts, metrics, tables
 * ------------------------------------------------------------------------------- */

static double percentile_ms(const int64_t *bins, int64_t total, double share)
{
    int64_t rank = (int64_t)(share * (double)total), seen = 0;
    for (uint32_t b = 0; b < LATENCY_BINS; b++) {
        seen += bins[b];
        if (seen > rank)
            return bin_ms(b);
    }
    return 0;
}

jw_request_counts jw_twin_requests(const jw_world *world, uint32_t type)
{
    const twin_requests *requests = twin_requests_of(world);
    jw_request_counts counts = {0};
    int64_t bins[LATENCY_BINS] = {0}, sum_ns = 0;
    for (uint32_t i = 0; i < requests->type_count; i++) {
        const twin_request_stats *stats = &requests->stats[i];
        if (type != JW_NONE && type != i)
            continue;
        counts.sent += stats->sent;
        counts.answered += stats->answered;
        counts.lost += stats->lost;
        counts.late += stats->late;
        counts.retried += stats->retried;
        sum_ns += stats->latency_sum_ns;
        for (uint32_t b = 0; b < LATENCY_BINS; b++)
            bins[b] += stats->bins[b];
    }
    counts.in_flight = counts.sent - counts.answered - counts.lost;
    if (counts.answered > 0) {
        counts.p50_ms = percentile_ms(bins, counts.answered, 0.50);
        counts.p95_ms = percentile_ms(bins, counts.answered, 0.95);
        counts.p99_ms = percentile_ms(bins, counts.answered, 0.99);
        counts.mean_ms = (double)sum_ns / 1e6 / (double)counts.answered;
    }
    return counts;
}

uint32_t jw_twin_request_type_count(const jw_world *world)
{
    return twin_requests_of(world)->type_count;
}

const jw_request_type *jw_twin_request_type(const jw_world *world, uint32_t type)
{
    const twin_requests *requests = twin_requests_of(world);
    return type < requests->type_count ? &requests->types[type] : NULL;
}

static const jw_metric metrics[] = {
    {"twin.requests_sent", "", JW_METRIC_COUNTER, "questions sent by cameras, lines and vehicles"},
    {"twin.requests_answered", "", JW_METRIC_COUNTER, "answers that came back"},
    {"twin.requests_late", "", JW_METRIC_COUNTER, "answers after their deadline"},
    {"twin.requests_lost", "", JW_METRIC_COUNTER, "questions without an answer"},
    {"twin.requests_in_flight", "", JW_METRIC_GAUGE, "questions under way"},
    {"twin.p95", "ms", JW_METRIC_GAUGE, "95th percentile of the answers' latency since the start"},
};

static double requests_metric(const jw_world *world, const void *state, uint32_t metric)
{
    (void)state;
    jw_request_counts counts = jw_twin_requests(world, JW_NONE);
    const double values[] = {(double)counts.sent, (double)counts.answered,  (double)counts.late,
                             (double)counts.lost, (double)counts.in_flight, counts.p95_ms};
    return values[metric];
}

static const jw_column row_columns[] = {
    {"created", JW_COLUMN_TIME_NS, "", "when it was sent"},
    {"type", JW_COLUMN_TEXT, "", "request type"},
    {"outcome", JW_COLUMN_TEXT, "", "answered, late or lost"},
    {"latency_ms", JW_COLUMN_F64, "ms", "from sending to answer; -1: lost"},
    {"site", JW_COLUMN_TEXT, "", "computing site of the last try"},
    {"weight", JW_COLUMN_I64, "", "requests that this row stands for"},
    {"x_m", JW_COLUMN_F64, "m", "east of the city's origin"},
    {"y_m", JW_COLUMN_F64, "m", "north of the city's origin"},
};

static const jw_column type_columns[] = {
    {"type", JW_COLUMN_TEXT, "", "request type"},          {"sent", JW_COLUMN_I64, "", "since the start"},
    {"answered", JW_COLUMN_I64, "", "late ones included"}, {"late", JW_COLUMN_I64, "", "after the deadline"},
    {"lost", JW_COLUMN_I64, "", "without an answer"},      {"p50_ms", JW_COLUMN_F64, "ms", "median latency"},
    {"p95_ms", JW_COLUMN_F64, "ms", "95th percentile"},    {"p99_ms", JW_COLUMN_F64, "ms", "99th percentile"},
};

static uint32_t rows_count(const jw_world *world, const void *state)
{
    (void)world;
    return ((const twin_requests *)state)->row_count;
}

static double rows_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const twin_request_row *r = &((const twin_requests *)state)->rows[row];
    return column == 3 ? r->latency_ms : column == 6 ? r->x_m : r->y_m;
}

static int64_t rows_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const twin_request_row *r = &((const twin_requests *)state)->rows[row];
    return column == 0 ? r->created_ns : r->weight;
}

static const char *rows_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const twin_requests *requests = state;
    const twin_request_row *r = &requests->rows[row];
    if (column == 1)
        return requests->types[r->type].name;
    if (column == 2)
        return r->latency_ms < 0 ? "lost" : r->is_late ? "late" : "answered";
    jw_site_state site;
    if (r->site_slot == JW_NONE || !jw_compute_site(world, twin_compute_of(world), r->site_slot, &site))
        return "";
    return site.def->name;
}

static uint32_t types_count(const jw_world *world, const void *state)
{
    (void)world;
    return ((const twin_requests *)state)->type_count;
}

static double types_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)state;
    jw_request_counts counts = jw_twin_requests(world, row);
    return column == 5 ? counts.p50_ms : column == 6 ? counts.p95_ms : counts.p99_ms;
}

static int64_t types_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)state;
    jw_request_counts counts = jw_twin_requests(world, row);
    const int64_t values[] = {counts.sent, counts.answered, counts.late, counts.lost};
    return values[column - 1];
}

static const char *types_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    (void)column;
    return ((const twin_requests *)state)->types[row].name;
}

static const jw_table tables[] = {
    {"requests", "late and lost requests and one in a hundred of the others", JW_TABLE_LOG, JW_GEOMETRY_POINT,
     row_columns, JW_COUNT_OF(row_columns), rows_count, NULL, rows_number, rows_integer, rows_text},
    {"request_types", "counts and latency by request type", JW_TABLE_STATE, JW_GEOMETRY_NONE, type_columns,
     JW_COUNT_OF(type_columns), types_count, NULL, types_number, types_integer, types_text},
};

static void requests_drain(jw_world *world, void *state, uint32_t table, uint32_t count)
{
    (void)world;
    (void)table;
    twin_requests *requests = state;
    memmove(requests->rows, requests->rows + count, (requests->row_count - count) * sizeof *requests->rows);
    requests->row_count -= count;
}

const jw_module twin_requests_module = {
    .name = "twin_requests",
    .version = 1,
    .state_size = sizeof(twin_requests),
    .init = requests_init,
    .attach = requests_attach,
    .destroy = requests_destroy,
    .on_event = requests_on_event,
    .save = requests_save,
    .load = requests_load,
    .hash = requests_hash,
    .metrics = metrics,
    .metric_count = JW_COUNT_OF(metrics),
    .metric = requests_metric,
    .tables = tables,
    .table_count = JW_COUNT_OF(tables),
    .drain = requests_drain,
};
