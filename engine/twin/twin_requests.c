/* The life of a request: up through the network, through a queue and a computation, and down again.
 *
 * One owner, one record, one end: answered or lost. A record holds one try under way, or two when the second
 * is a hedge; what a try's end means is decided here. A message that comes back for a record that is gone (it
 * timed out, or the other copy was faster) is recognised by its tag's generation and ignored; its job is
 * cancelled; so is the record's timeout after its end. */
#include "twin/twin_example.h"

#include <stdio.h>
#include <string.h>

uint32_t twin_tag_slot(const jw_pool *pool, uint64_t tag)
{
    uint32_t index1 = (uint32_t)tag;
    if (index1 == 0 || index1 > pool->slot_count)
        return JW_NONE;
    uint32_t generation = pool->generations[index1 - 1];
    bool is_same = (generation & 1) && (generation & 0xFFFFFF) == (uint32_t)(tag >> 32 & 0xFFFFFF);
    return is_same ? index1 - 1 : JW_NONE;
}

static uint64_t copy_tag(const twin_requests *requests, uint32_t slot, uint32_t copy)
{
    return twin_tag(copy ? OWNER_HEDGE : OWNER_REQUEST, slot + 1, requests->pool.generations[slot]);
}

/* The record and the try of a tag, or NULL when it is not there any more. */
static twin_copy *find_copy(const twin_requests *requests, uint64_t tag, uint32_t *out_slot)
{
    uint8_t owner = twin_tag_owner(tag);
    if (owner != OWNER_REQUEST && owner != OWNER_HEDGE)
        return NULL;
    *out_slot = twin_tag_slot(&requests->pool, tag);
    if (*out_slot == JW_NONE)
        return NULL;
    twin_copy *copy = &requests->requests[*out_slot].copies[owner == OWNER_HEDGE];
    return copy->phase ? copy : NULL;
}

uint32_t twin_request_type_find(const twin_requests *requests, const char *name)
{
    for (uint32_t i = 0; i < requests->type_count; i++)
        if (strcmp(requests->types[i].name, name) == 0)
            return i;
    return JW_NONE;
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

void twin_sender_place(const jw_world *world, uint8_t sender, uint64_t a, double *x_m, double *y_m)
{
    const twin_requests *requests = twin_requests_of(world);
    *x_m = *y_m = 0;
    if (sender == JW_SENDER_CAMERA || sender == JW_SENDER_WATCH) {
        const twin_camera *camera = &twin_signals_of(world)->cameras[a];
        *x_m = jw_twin_city(world)->junctions[camera->junction].x_m;
        *y_m = jw_twin_city(world)->junctions[camera->junction].y_m;
    } else if (sender == JW_SENDER_VEHICLE || sender == JW_SENDER_BUS) {
        jw_vehicle_columns vehicles = jw_traffic_vehicles(twin_traffic_of(world));
        uint32_t at;
        jw_vehicle_id id = {(uint32_t)a, (uint32_t)(a >> 32)};
        if (jw_traffic_find_vehicle(twin_traffic_of(world), id, &at)) {
            *x_m = (double)vehicles.x_m[at];
            *y_m = (double)vehicles.y_m[at];
        }
    } else if (sender == JW_SENDER_CROWD) {
        *x_m = requests->crowds[a].x_m;
        *y_m = requests->crowds[a].y_m;
    } else if (sender == JW_SENDER_DESK) {
        jw_desk_state desk;
        if (jw_economy_desk(world, twin_economy_of(world), (uint32_t)a, &desk)) {
            *x_m = desk.def->x_m;
            *y_m = desk.def->y_m;
        }
    } else {
        jw_production_line_state line;
        if (jw_economy_line(world, twin_economy_of(world), (uint32_t)a - 1, &line)) {
            *x_m = line.def->x_m;
            *y_m = line.def->y_m;
        }
    }
}

void twin_sender_name(const jw_world *world, const twin_request *request, char *out, size_t size)
{
    jw_production_line_state line;
    jw_desk_state desk;
    uint32_t a = (uint32_t)request->a;
    switch ((jw_sender)request->sender) {
    case JW_SENDER_CAMERA:
    case JW_SENDER_WATCH:
        snprintf(out, size, "camera %u", a + 1);
        break;
    case JW_SENDER_LINE:
    case JW_SENDER_STATION:
        if (jw_economy_line(world, twin_economy_of(world), a - 1, &line))
            snprintf(out, size, "%s", line.def->name);
        break;
    case JW_SENDER_DESK:
        if (jw_economy_desk(world, twin_economy_of(world), a, &desk))
            snprintf(out, size, "%s", desk.def->name);
        break;
    case JW_SENDER_CROWD:
        jw_text_copy(out, size, twin_requests_of(world)->crowds[a].name);
        break;
    default:
        snprintf(out, size, "vehicle %u", a);
        break;
    }
}

/* The log keeps every late and lost request and one in a hundred of the others, which stands for a hundred.
 */
static void log_row(jw_world *world, twin_requests *requests, uint32_t slot, const twin_copy *copy,
                    int64_t latency_ns, bool is_late)
{
    const twin_request *request = &requests->requests[slot];
    bool is_plain = latency_ns >= 0 && !is_late;
    twin_shade_note(world, requests, request->site.index1 - 1, !is_plain);
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
                              .number = request->number,
                              .tries = request->tries,
                              .is_late = is_late,
                              .weight = is_plain ? 100 : 1};
    if (copy) {
        const int64_t parts_ns[] = {copy->sent_ns - request->created_ns, copy->there_ns - copy->sent_ns,
                                    copy->done_ns - copy->there_ns, jw_world_time_ns(world) - copy->done_ns};
        float *const parts_ms[] = {&row->before_ms, &row->up_ms, &row->compute_ms, &row->down_ms};
        for (uint32_t i = 0; i < JW_COUNT_OF(parts_ns); i++)
            *parts_ms[i] = (float)((double)parts_ns[i] / 1e6);
    }
    twin_sender_name(world, request, row->sender, sizeof row->sender);
    double x_m, y_m;
    twin_sender_place(world, request->sender, request->a, &x_m, &y_m);
    row->x_m = (float)x_m;
    row->y_m = (float)y_m;
}

/* The record goes, and with it what is still in work for it. */
static void give_record(jw_world *world, twin_requests *requests, uint32_t slot)
{
    twin_unhold(requests, &requests->requests[slot]);
    twin_request ended = requests->requests[slot];
    memset(&requests->requests[slot], 0, sizeof requests->requests[slot]);
    jw_pool_give(&requests->pool, slot);
    for (uint32_t c = 0; c < COPIES; c++) {
        if (ended.copies[c].phase)
            twin_breaker_forgets(requests, ended.type, &ended.copies[c]);
        if (ended.copies[c].phase == JW_REQUEST_COMPUTE + 1)
            jw_compute_cancel(world, twin_compute_of(world), ended.copies[c].job);
    }
}

static void end_lost(jw_world *world, twin_requests *requests, uint32_t slot)
{
    twin_request ended = requests->requests[slot];
    jw_decision_kind kind;
    requests->stats[requests->requests[slot].type].lost++;
    log_row(world, requests, slot, NULL, -1, false);
    uint32_t trace = twin_trace_take(world, slot);
    give_record(world, requests, slot);
    bool is_decision = twin_decision_of_sender(world, (jw_sender)ended.sender, ended.a, &kind);
    if (is_decision)
        twin_decision_count_own(world, kind, JW_JUDGED_NOT, 0);
    twin_trace_keep(world, trace, &ended, COPIES, TWIN_LOST, is_decision, JW_JUDGED_NOT);
}

static void end_answered(jw_world *world, twin_requests *requests, uint32_t slot, uint32_t copy)
{
    twin_request *request = &requests->requests[slot];
    twin_request_stats *stats = &requests->stats[request->type];
    const jw_request_type *type = &requests->types[request->type];
    int64_t latency_ns = jw_world_time_ns(world) - request->created_ns;
    bool is_late = latency_ns > jw_ns_from_s(type->deadline_s);
    uint32_t version = request->copies[copy].version;
    request->site = request->copies[copy].site;
    stats->answered++;
    stats->late += is_late;
    uint32_t service = requests->services[request->type];
    double quality = jw_ai_quality(twin_ai_of(world), service, version);
    stats->right_ppm += is_late ? 0 : (int64_t)jw_round(1e6 * quality);
    stats->hedge_won += copy > 0;
    stats->latency_sum_ns += latency_ns;
    stats->bins[latency_bin(latency_ns)]++;
    twin_hedge_learn(type, stats, latency_bin(latency_ns));
    log_row(world, requests, slot, &request->copies[copy], latency_ns, is_late);
    twin_breaker_ends(world, requests, request->type, &request->copies[copy], true);
    request->copies[copy].phase = 0;
    twin_request ended = *request;
    uint32_t trace = twin_trace_take(world, slot);
    give_record(world, requests, slot);
    jw_decision_kind kind;
    jw_judgement judgement = JW_JUDGED_NOT;
    bool is_decision = twin_decision_of_sender(world, (jw_sender)ended.sender, ended.a, &kind);
    if (is_decision)
        judgement = twin_decision_answer(world, kind, ended.a, ended.b, ended.created_ns, quality);
    twin_trace_keep(world, trace, &ended, copy, is_late ? TWIN_LATE : TWIN_IN_TIME, is_decision, judgement);
    if (!is_decision || judgement != JW_JUDGED_NOT)
        twin_approval_answered(world, &ended, version, is_late, judgement);
}

/* ---- steps of a life
 * --------------------------------------------------------------------------------------- */

/* Sends a copy to the site; false when it cannot be sent. */
static bool send_up(jw_world *world, twin_requests *requests, uint32_t slot, uint32_t c, jw_site_id site)
{
    twin_request *request = &requests->requests[slot];
    twin_copy *copy = &request->copies[c];
    const jw_request_type *type = &requests->types[request->type];
    *copy = (twin_copy){.site = site, .sent_ns = jw_world_time_ns(world)};
    request->site = site;
    twin_trace_sends(world, slot, c);
    jw_message_def message = {.from = request->from,
                              .to = {.node = twin_site_node(world, site)},
                              .size_bytes = type->up_bytes,
                              .kind = type->kind,
                              .tag = copy_tag(requests, slot, c)};
    if (jw_network_send(world, twin_network_of(world), &message, NULL) != JW_OK)
        return false;
    copy->phase = JW_REQUEST_UP + 1;
    twin_breaker_leaves(world, requests, request->type, copy);
    return true;
}

/* Chooses a site and sends the request there, or holds it; false when nothing serves it, may take it, or it
 * cannot be sent. */
static bool set_out(jw_world *world, twin_requests *requests, uint32_t slot, jw_site_id avoid)
{
    twin_request *request = &requests->requests[slot];
    const jw_request_type *type = &requests->types[request->type];
    jw_policy policy = type->policy == JW_POLICY_DEFAULT ? requests->policy : (jw_policy)type->policy;
    jw_site_id site = {0, 0};
    if (type->is_deferrable && policy == JW_POLICY_CARBON && avoid.index1 == 0) {
        twin_plan plan = twin_plan_greenest(world, requests, request, !request->has_waited);
        if (plan.start_ns > jw_world_time_ns(world)) {
            twin_hold(world, requests, slot, &plan);
            return true;
        }
        site = plan.site;
    }
    if (site.index1 == 0)
        site = twin_choose_site(world, requests, request, avoid, (jw_site_id){0, 0});
    if (site.index1 == 0) {
        twin_trace_why(world, slot, "no site serves it");
        return false;
    }
    request->is_refused = !twin_admits(world, requests, request, site, false);
    if (request->is_refused) {
        request->site = site;
        twin_trace_why(world, slot, "refused by admission");
    }
    return !request->is_refused && send_up(world, requests, slot, 0, site);
}

/* The record's last try has ended without an answer: another, or none. */
static void try_again(jw_world *world, twin_requests *requests, uint32_t slot)
{
    twin_request *request = &requests->requests[slot];
    twin_request_stats *stats = &requests->stats[request->type];
    if (request->tries <= requests->types[request->type].retries) {
        if (twin_budget_take(requests, request->type)) {
            stats->retried += request->tries == 1;
            request->tries++;
            if (set_out(world, requests, slot, request->site))
                return;
        } else {
            stats->no_budget++;
            request->is_refused = 0; /* each lost one has one reason */
        }
    }
    stats->refused += request->is_refused;
    end_lost(world, requests, slot);
}

/* A copy ended without an answer; when the other is still under way, that one decides. */
static void copy_failed(jw_world *world, twin_requests *requests, uint32_t slot, uint32_t c, bool is_refused)
{
    twin_request *request = &requests->requests[slot];
    twin_copy *copy = &request->copies[c];
    if (is_refused) /* it says that the site is busy, not that it is ill */
        twin_breaker_forgets(requests, request->type, copy);
    else
        twin_breaker_ends(world, requests, request->type, copy, false);
    request->site = copy->site;
    *copy = (twin_copy){0};
    request->is_refused = is_refused;
    if (!request->copies[0].phase && !request->copies[1].phase)
        try_again(world, requests, slot);
}

static void hedge(jw_world *world, twin_requests *requests, uint32_t slot)
{
    twin_request *request = &requests->requests[slot];
    if (request->is_hedged || !request->copies[0].phase)
        return;
    jw_site_id none = {0, 0},
               site = twin_choose_site(world, requests, request, none, request->copies[0].site);
    if (site.index1 == 0 || !twin_admits(world, requests, request, site, false) ||
        !twin_budget_take(requests, request->type))
        return;
    jw_site_id first = request->site;
    request->is_hedged = send_up(world, requests, slot, 1, site);
    requests->stats[request->type].hedged += request->is_hedged;
    request->site = first;
}

static void first_try(jw_world *world, twin_requests *requests, uint32_t slot)
{
    if (set_out(world, requests, slot, (jw_site_id){0, 0}))
        return;
    requests->stats[requests->requests[slot].type].refused += requests->requests[slot].is_refused;
    end_lost(world, requests, slot);
}

/* Exponential lengths. In the Azure conversation trace of 2023 prompts scatter by 0.96 of their mean and
 * answers by 0.77: right for the first, somewhat wide for the second. Drawn by the count of requests sent,
 * which is state. */
static void draw_length(const jw_world *world, const twin_requests *requests, twin_request *request)
{
    const jw_request_type *def = &requests->types[request->type];
    const twin_request_stats *stats = &requests->stats[request->type];
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.request.length"));
    uint64_t number = (uint64_t)(stats->earlier + stats->sent), entity = request->type * 2ull;
    request->items = 1 + (uint32_t)jw_min(jw_random_exponential(key, number, entity, def->items), 1e5);
    request->output_tokens =
        1 + (uint32_t)jw_min(jw_random_exponential(key, number, entity + 1, def->output_tokens), 1e4);
}

jw_result jw_request_send(jw_world *world, uint32_t type, jw_sender sender, uint64_t a, uint64_t b,
                          jw_net_end from, jw_error *error)
{
    return twin_request_send(world, type, sender, a, b, from, 0, 0, error);
}

jw_result twin_request_send(jw_world *world, uint32_t type, jw_sender sender, uint64_t a, uint64_t b,
                            jw_net_end from, uint32_t items, uint32_t output_tokens, jw_error *error)
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
    twin_request_stats *stats = &requests->stats[type];
    int64_t now_ns = jw_world_time_ns(world);
    twin_request *request = &requests->requests[slot];
    *request = (twin_request){.type = type,
                              .sender = (uint8_t)sender,
                              .tries = 1,
                              .a = a,
                              .b = b,
                              .from = from,
                              .district = JW_NONE,
                              .created_ns = now_ns,
                              .number = stats->earlier + stats->sent + 1,
                              .items = def->items,
                              .output_tokens = def->output_tokens};
    if (items > 0) {
        request->items = items;
        request->output_tokens = output_tokens;
    } else if (def->output_tokens > 0) {
        draw_length(world, requests, request);
    }
    if (def->residency == JW_RESIDENCY_DISTRICT) {
        double x_m, y_m;
        twin_sender_place(world, request->sender, a, &x_m, &y_m);
        request->district = twin_district_at(world, x_m, y_m);
    }
    stats->sent++;
    twin_trace_begin(world, slot);
    twin_budget_add(requests, type);
    jw_schedule(world, now_ns + jw_ns_from_s(def->timeout_s), JW_PRIORITY_LAST, JW_TWIN_REQUESTS,
                REQUEST_EVENT_TIMEOUT, slot + 1, generation);
    if (def->hedge > 0 && stats->hedge_ns > 0)
        jw_schedule(world, now_ns + stats->hedge_ns, JW_PRIORITY_LAST, JW_TWIN_REQUESTS, REQUEST_EVENT_HEDGE,
                    slot + 1, generation);
    first_try(world, requests, slot);
    return JW_OK;
}

static void on_message_delivered(jw_world *world, uint64_t tag)
{
    twin_requests *requests = twin_requests_of(world);
    uint32_t slot, c = twin_tag_owner(tag) == OWNER_HEDGE;
    twin_copy *copy = find_copy(requests, tag, &slot);
    if (!copy)
        return;
    const twin_request *request = &requests->requests[slot];
    if (copy->phase == JW_REQUEST_DOWN + 1) {
        end_answered(world, requests, slot, c);
        return;
    }
    if (!twin_admits(world, requests, request, copy->site, true)) {
        twin_trace_why(world, slot, "refused by admission");
        copy_failed(world, requests, slot, c, true);
        return;
    }
    copy->phase = JW_REQUEST_COMPUTE + 1;
    copy->there_ns = jw_world_time_ns(world);
    jw_job_def job = {.site = copy->site,
                      .service = requests->services[request->type],
                      .items = request->items,
                      .output_tokens = request->output_tokens,
                      .tag = tag};
    twin_trace_submits(world, slot, c, copy->site.index1 - 1);
    if (jw_compute_submit(world, twin_compute_of(world), &job, &copy->job, NULL) != JW_OK) {
        copy->phase = JW_REQUEST_UP + 1; /* it has no job */
        copy_failed(world, requests, slot, c, false);
    }
}

static void on_message_lost(jw_world *world, uint64_t tag, jw_net_loss why)
{
    static const char *const reasons[] = {[JW_LOSS_NO_ROUTE] = "no way through the network",
                                          [JW_LOSS_OUTAGE] = "no coverage",
                                          [JW_LOSS_ERROR] = "lost on a link",
                                          [JW_LOSS_QUEUE] = "queue of a link is full",
                                          [JW_LOSS_USER_GONE] = "sender is gone"};
    twin_requests *requests = twin_requests_of(world);
    uint32_t slot;
    if (!find_copy(requests, tag, &slot))
        return;
    twin_trace_why(world, slot, reasons[why]);
    copy_failed(world, requests, slot, twin_tag_owner(tag) == OWNER_HEDGE, false);
}

static void on_job_done(jw_world *world, uint64_t tag, uint32_t version)
{
    if (twin_tag_owner(tag) == OWNER_TUNING) {
        twin_tune_job_ended(world, tag, true);
        return;
    }
    twin_requests *requests = twin_requests_of(world);
    uint32_t slot;
    twin_copy *copy = find_copy(requests, tag, &slot);
    if (!copy)
        return;
    const twin_request *request = &requests->requests[slot];
    copy->phase = JW_REQUEST_DOWN + 1;
    copy->done_ns = jw_world_time_ns(world);
    twin_trace_computed(world, slot, twin_tag_owner(tag) == OWNER_HEDGE);
    copy->version = jw_ai_pick_version(world, twin_ai_of(world), twin_pack_site(copy->site),
                                       requests->services[request->type], version);
    jw_message_def message = {.from = {.node = twin_site_node(world, copy->site)},
                              .to = request->from,
                              .size_bytes = requests->types[request->type].down_bytes,
                              .kind = requests->types[request->type].kind,
                              .tag = tag};
    if (jw_network_send(world, twin_network_of(world), &message, NULL) != JW_OK)
        copy_failed(world, requests, slot, twin_tag_owner(tag) == OWNER_HEDGE, false);
}

static void on_job_rejected(jw_world *world, uint64_t tag, jw_reject why)
{
    static const char *const reasons[] = {[JW_REJECT_DOWN] = "site is down",
                                          [JW_REJECT_FULL] = "site is full",
                                          [JW_REJECT_NOT_INSTALLED] = "site does not serve it",
                                          [JW_REJECT_TOO_LARGE] = "site is full",
                                          [JW_REJECT_FAILED] = "site is down",
                                          [JW_REJECT_CANCELLED] = "cancelled"};
    if (twin_tag_owner(tag) == OWNER_TUNING) {
        twin_tune_job_ended(world, tag, false);
        return;
    }
    twin_requests *requests = twin_requests_of(world);
    uint32_t slot;
    if (!find_copy(requests, tag, &slot))
        return;
    twin_trace_why(world, slot, reasons[why]);
    copy_failed(world, requests, slot, twin_tag_owner(tag) == OWNER_HEDGE, false);
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
    if (!is_up)
        jw_ai_site_down(world, twin_ai_of(world), twin_pack_site(site));
    else
        jw_ai_site_up(world, twin_ai_of(world));
    jw_site_state state;
    if (!jw_compute_site(world, twin_compute_of(world), site.index1 - 1, &state))
        return;
    if (!state.is_removed) /* its command tells of that */
        twin_diary_mark(world, state.def->x_m, state.def->y_m, is_up ? "site_back" : "site_failed",
                        state.def->name);
}

static void on_part_changed(jw_world *world, jw_site_id site, uint32_t rack, uint32_t card, bool is_up)
{
    jw_site_state state;
    (void)rack;
    if (!jw_compute_site(world, twin_compute_of(world), site.index1 - 1, &state))
        return;
    bool is_rack = card == JW_NONE;
    twin_diary_mark(world, state.def->x_m, state.def->y_m,
                    is_rack ? (is_up ? "rack_back" : "rack_failed") : (is_up ? "card_back" : "card_failed"),
                    state.def->name);
}

/* Of what a production line asks. False: nowhere, or it is not coupled. */
static bool find_line_end(jw_world *world, jw_line_id line, jw_net_end *out)
{
    jw_production_line_state state;
    if (!twin_is_coupled(world, JW_COUPLING_FACTORY) ||
        !jw_economy_line(world, twin_economy_of(world), line.index1 - 1, &state))
        return false;
    jw_net_node_id node = {0};
    twin_wired_node(world, state.def->x_m, state.def->y_m, &node);
    *out = twin_fixed_end(world, TWIN_FIXED_FACTORY, line.index1 - 1, node);
    return node.index1 != 0;
}

static uint64_t pack_line(jw_line_id line)
{
    return (uint64_t)line.generation << 32 | line.index1;
}

static jw_ask on_inspect(jw_world *world, jw_line_id line, uint32_t part)
{
    jw_net_end from;
    jw_decision_rule rule;
    if (!find_line_end(world, line, &from))
        return JW_ASK_FALLBACK;
    jw_twin_decision(world, JW_DECISION_INSPECTION, &rule, NULL);
    if (rule.by == JW_DECIDER_HUMAN) { /* counted when that person has looked */
        twin_decisions_of(world)->counts[JW_DECISION_INSPECTION].asked++;
        return JW_ASK_PERSON;
    }
    if (twin_decision_ask(world, JW_DECISION_INSPECTION, JW_SENDER_LINE, pack_line(line), part, from))
        return JW_ASK_SENT;
    return rule.by == JW_DECIDER_NONE ? JW_ASK_UNSEEN : JW_ASK_FALLBACK;
}

static void on_person_judged(jw_world *world, jw_line_id line, int64_t made_ns, bool is_right)
{
    (void)line;
    twin_decision_count_own(world, JW_DECISION_INSPECTION, is_right ? JW_JUDGED_RIGHT : JW_JUDGED_WRONG,
                            jw_world_time_ns(world) - made_ns);
}

static bool on_maintain(jw_world *world, jw_line_id line, uint32_t station, uint32_t sample)
{
    jw_net_end from;
    if (twin_decision_is_with_person(world, JW_DECISION_MAINTENANCE, pack_line(line)))
        return false; /* the fitter is there: the next sample is for him, too */
    return find_line_end(world, line, &from) &&
           twin_decision_ask(world, JW_DECISION_MAINTENANCE, JW_SENDER_STATION, pack_line(line),
                             (uint64_t)station << 32 | sample, from);
}

static jw_ask on_judge_case(jw_world *world, uint32_t desk, uint32_t asked)
{
    jw_desk_state state;
    if (!jw_economy_desk(world, twin_economy_of(world), desk, &state))
        return JW_ASK_FALLBACK;
    jw_net_end from = {0};
    twin_wired_node(world, state.def->x_m, state.def->y_m, &from.node);
    jw_decision_kind kind = twin_decision_of_desk(world, desk);
    bool is_asked = twin_decision_ask(world, kind, JW_SENDER_DESK, desk, asked, from);
    bool is_person = twin_decisions_of(world)->rules[kind].by == JW_DECIDER_HUMAN;
    return !is_asked ? JW_ASK_FALLBACK : is_person ? JW_ASK_PERSON : JW_ASK_SENT;
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
    jw_free(requests->site_districts);
    jw_free(requests->breakers);
    jw_free(requests->held);
    jw_free(requests->routes);
    jw_free(requests->crowds);
    jw_free(requests->rows);
    jw_free(requests->tallies);
}

static jw_result requests_init(jw_world *world, void *state, const void *def, jw_error *error)
{
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
    for (uint32_t i = 0; i < count; i++) {
        requests->types[i] = twin->requests[i];
        requests->stats[i].tokens_milli = JW_RETRY_TOKENS_MAX * INT64_C(1000);
    }
    requests->type_count = count;
    requests->breaker = twin->breaker;
    requests->policy = twin->policy == JW_POLICY_DEFAULT ? JW_POLICY_LATENCY : twin->policy;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < count && result == JW_OK; i++)
        result = twin_is_type_fine(&requests->types[i], error) ? JW_OK : JW_ERROR_INPUT;
    if (result == JW_OK && !twin_is_breaker_fine(&requests->breaker, error))
        result = JW_ERROR_INPUT;
    for (uint32_t i = 0; i < twin->crowd_count && result == JW_OK; i++)
        result = twin_crowd_add(world, requests, &twin->crowds[i], error);
    if (result != JW_OK)
        requests_destroy(state);
    return result;
}

static jw_result requests_attach(jw_world *world, void *state, jw_error *error)
{
    twin_requests *requests = state;
    jw_network_ports network = {.message_delivered = on_message_delivered,
                                .message_lost = on_message_lost,
                                .flow_finished = on_flow_finished,
                                .flow_failed = on_flow_failed,
                                .message_enters = twin_trace_enters,
                                .message_leaves_air = twin_trace_leaves_air};
    jw_compute_ports compute = {.job_done = on_job_done,
                                .job_began = twin_trace_began,
                                .job_rejected = on_job_rejected,
                                .site_changed = on_site_changed,
                                .part_changed = on_part_changed,
                                .pull_image = twin_pull_image};
    jw_economy_ports economy = {on_inspect, on_maintain, on_person_judged, on_judge_case};
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
    if (event->kind == REQUEST_EVENT_CROWD) {
        twin_crowd_event(world, requests, event);
        return;
    }
    uint32_t slot = event->a - 1;
    if (!jw_pool_is_alive(&requests->pool, event->a, (uint32_t)event->b))
        return;
    if (event->kind == REQUEST_EVENT_HEDGE) {
        hedge(world, requests, slot);
        return;
    }
    twin_request *request = &requests->requests[slot];
    if (event->kind == REQUEST_EVENT_RELEASE) {
        twin_unhold(requests, request);
        request->has_waited = 1;
        first_try(world, requests, slot);
        return;
    }
    for (uint32_t c = 0; c < COPIES; c++)
        if (request->copies[c].phase) {
            twin_breaker_ends(world, requests, request->type, &request->copies[c], false);
            request->copies[c].is_trial = 0;
        }
    twin_trace_why(world, slot, "timed out");
    end_lost(world, requests, slot);
}

static void requests_restart_counts(jw_world *world, void *state)
{
    (void)world;
    twin_requests *requests = state;
    for (uint32_t i = 0; i < requests->type_count; i++) {
        twin_request_stats *stats = &requests->stats[i];
        twin_request_stats old = *stats;
        int64_t ended = old.answered + old.lost, in_flight = old.sent - ended;
        *stats = (twin_request_stats){.earlier = stats->earlier + ended,
                                      .at_start = in_flight,
                                      .sent = in_flight,
                                      .tokens_milli = stats->tokens_milli,
                                      .hedge_ns = stats->hedge_ns,
                                      .recent_count = stats->recent_count};
        memcpy(stats->recent, old.recent, sizeof stats->recent);
    }
    requests->rows_dropped = 0;
}

const jw_module twin_requests_module = {
    .name = "twin_requests",
    .version = 5,
    .state_size = sizeof(twin_requests),
    .init = requests_init,
    .attach = requests_attach,
    .destroy = requests_destroy,
    .on_event = requests_on_event,
    .verbs = twin_requests_verbs,
    .verb_count = TWIN_REQUESTS_VERBS,
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
