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
    else if (request.sender == JW_SENDER_STATION)
        jw_economy_prognosis(world, twin_economy_of(world),
                             (jw_line_id){(uint32_t)request.a, (uint32_t)(request.a >> 32)},
                             (uint32_t)(request.b >> 32), (uint32_t)request.b,
                             jw_ai_quality(twin_ai_of(world), service, request.version));
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
    /* Room first: every slot of the pool has its record, also when memory ends here. */
    jw_result result = jw_grow(&requests->requests, &requests->request_capacity,
                               requests->pool.slot_count + 1ull, sizeof *requests->requests, error);
    if (result == JW_OK)
        result = jw_pool_take(&requests->pool, &slot, &generation, error);
    if (result != JW_OK)
        return result;
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
        /* Exponential lengths. In the Azure conversation trace of 2023 prompts scatter by 0.96 of their mean
         * and answers by 0.77: right for the first, somewhat wide for the second. Drawn by the count of
         * requests sent, which is state. */
        jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.request.length"));
        uint64_t number = (uint64_t)(requests->stats[type].earlier + requests->stats[type].sent);
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
    if (jw_compute_submit(world, twin_compute_of(world), &job, NULL, NULL) != JW_OK)
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
    twin_diary_mark(world, state.def->x_m, state.def->y_m, is_up ? "site_back" : "site_failed",
                    state.def->name);
}

/* What a production line or one of its stations asks. */
static bool send_from_line(jw_world *world, const char *name, jw_sender sender, jw_line_id line, uint64_t b)
{
    if (!twin_is_coupled(world, JW_COUPLING_FACTORY))
        return false;
    twin_requests *requests = twin_requests_of(world);
    uint32_t type = twin_request_type_find(requests, name);
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
    return jw_request_send(world, type, sender, a, b, from, NULL) == JW_OK;
}

static bool on_inspect(jw_world *world, jw_line_id line, uint32_t part)
{
    return send_from_line(world, "inspection", JW_SENDER_LINE, line, part);
}

static bool on_maintain(jw_world *world, jw_line_id line, uint32_t station, uint32_t sample)
{
    return send_from_line(world, "maintenance", JW_SENDER_STATION, line, (uint64_t)station << 32 | sample);
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
    requests->policy = twin->policy == JW_POLICY_DEFAULT ? JW_POLICY_LATENCY : twin->policy;
    return JW_OK;
}

static jw_result requests_attach(jw_world *world, void *state, jw_error *error)
{
    twin_requests *requests = state;
    jw_network_ports network = {on_message_delivered, on_message_lost, on_flow_finished, on_flow_failed};
    jw_compute_ports compute = {
        .job_done = on_job_done, .job_rejected = on_job_rejected, .site_changed = on_site_changed};
    jw_economy_ports economy = {on_inspect, on_maintain};
    jw_network_set_ports(twin_network_of(world), &network);
    jw_compute_set_ports(twin_compute_of(world), &compute);
    jw_economy_set_ports(twin_economy_of(world), &economy);
    for (uint32_t i = 0; i < requests->type_count; i++)
        requests->services[i] = jw_compute_find_service(twin_compute_of(world), requests->types[i].service);
    jw_result result = twin_requests_check(world, requests, error);
    return result == JW_OK ? twin_requests_map_sites(world, requests, error) : result;
}

static void requests_on_event(jw_world *world, void *state, const jw_event *event)
{
    twin_requests *requests = state;
    uint32_t slot = event->a - 1;
    if (jw_pool_is_alive(&requests->pool, event->a, (uint32_t)event->b))
        end_lost(world, requests, slot);
}

static void requests_restart_counts(jw_world *world, void *state)
{
    (void)world;
    twin_requests *requests = state;
    for (uint32_t i = 0; i < requests->type_count; i++) {
        twin_request_stats *stats = &requests->stats[i];
        int64_t ended = stats->answered + stats->lost, in_flight = stats->sent - ended;
        *stats =
            (twin_request_stats){.earlier = stats->earlier + ended, .at_start = in_flight, .sent = in_flight};
    }
    requests->rows_dropped = 0;
}

const jw_module twin_requests_module = {
    .name = "twin_requests",
    .version = 2,
    .state_size = sizeof(twin_requests),
    .init = requests_init,
    .attach = requests_attach,
    .destroy = requests_destroy,
    .on_event = requests_on_event,
    .save = twin_requests_save,
    .load = twin_requests_load,
    .metrics = twin_requests_metrics,
    .metric_count = TWIN_REQUESTS_METRICS,
    .metric = twin_requests_metric,
    .tables = twin_requests_tables,
    .table_count = TWIN_REQUESTS_TABLES,
    .drain = twin_requests_drain,
    .restart_counts = requests_restart_counts,
};
