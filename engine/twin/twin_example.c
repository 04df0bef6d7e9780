/* One concrete example of what goes wrong at a thing: the vehicle that waits longest there, or the worst
 * request that went through it lately, told hop by hop. The hops of an example join without a gap, so that
 * their times add up to the whole. */
#include "traffic/traffic_bus.h"
#include "twin/twin_example.h"

#include <stdio.h>
#include <string.h>

#define RECENT_NS    (60 * JW_NS_PER_S)  /* a request this old is not of now any more */
#define PASSED_NS    (600 * JW_NS_PER_S) /* nor a vehicle that passed */
#define SECTIONS_MAX 256                 /* of a vehicle's way that are told, the last ones */
#define UNDER_WAY    8                   /* of its requests that are listed */

static jw_frame_hop *add_hop(jw_frame *frame, const jw_watch *watch, const char *label, int64_t begin_ns,
                             int64_t end_ns)
{
    if (jw_grow(&frame->hops, &frame->hop_capacity, frame->hop_count + 1ull, sizeof *frame->hops, NULL) !=
        JW_OK)
        return NULL;
    float nowhere = __builtin_nanf("");
    jw_frame_hop *hop = &frame->hops[frame->hop_count++];
    *hop = (jw_frame_hop){.watch_id = watch->id,
                          .x0_m = nowhere,
                          .y0_m = nowhere,
                          .x1_m = nowhere,
                          .y1_m = nowhere,
                          .begin_ns = begin_ns,
                          .end_ns = end_ns};
    jw_text_copy(hop->label, sizeof hop->label, label);
    return hop;
}

static void add_time(jw_frame *frame, const jw_watch *watch, const char *label, int64_t time_ns)
{
    char text[32];
    int64_t of_day_ms = time_ns / JW_NS_PER_MS % 86400000;
    snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", (int)(of_day_ms / 3600000),
             (int)(of_day_ms / 60000 % 60), (int)(of_day_ms / 1000 % 60), (int)(of_day_ms % 1000));
    twin_detail_text(frame, watch, label, text);
}

/* ---- requests ---------------------------------------------------------------------------------------------
 */

typedef struct about { /* which requests an example may be of */
    jw_watch_kind kind;
    uint32_t slot;   /* of the link, cell, site, line or junction */
    uint64_t sender; /* vehicle */
    uint8_t stage;   /* twin_stage_kind; other: by the sender */
} about;
enum { BY_LINE = 10, BY_JUNCTION, BY_VEHICLE, BY_ANYBODY };

static bool is_about(const jw_world *world, const twin_traced *trace, const void *context)
{
    const about *what = context;
    jw_sender sender = (jw_sender)trace->request.sender;
    switch (what->stage) {
    case BY_ANYBODY:
        return true;
    case BY_LINE:
        return (sender == JW_SENDER_LINE || sender == JW_SENDER_STATION) &&
               (uint32_t)trace->request.a == what->slot + 1;
    case BY_JUNCTION:
        return (sender == JW_SENDER_CAMERA || sender == JW_SENDER_WATCH) &&
               twin_signals_of(world)->cameras[trace->request.a].junction == what->slot;
    case BY_VEHICLE:
        return (sender == JW_SENDER_VEHICLE || sender == JW_SENDER_BUS) && trace->request.a == what->sender;
    default:
        for (uint32_t i = 0; i < trace->stage_count; i++)
            if (trace->stages[i].kind == what->stage && trace->stages[i].slot == what->slot)
                return true;
        return what->stage == TWIN_STAGE_SITE && trace->request.site.index1 == what->slot + 1;
    }
}

static bool find_asset(const jw_world *world, const char *name, about *out)
{
    const jw_network *network = twin_network_of(world);
    jw_site_id site = jw_compute_find_site(twin_compute_of(world), name);
    if (site.index1) {
        *out = (about){.stage = TWIN_STAGE_SITE, .slot = site.index1 - 1};
        return true;
    }
    for (uint32_t i = 0; i < jw_network_cell_count(network); i++) {
        jw_cell_state cell;
        if (jw_network_cell(world, network, i, &cell) && strcmp(cell.def->name, name) == 0) {
            *out = (about){.stage = TWIN_STAGE_AIR, .slot = i};
            return true;
        }
    }
    uint32_t camera;
    if (twin_camera_find(world, name, &camera)) {
        *out = (about){.stage = BY_JUNCTION, .slot = twin_signals_of(world)->cameras[camera].junction};
        return true;
    }
    for (uint32_t i = 0; i < jw_economy_line_count(twin_economy_of(world)); i++) {
        jw_production_line_state line;
        if (jw_economy_line(world, twin_economy_of(world), i, &line) && strcmp(line.def->name, name) == 0) {
            *out = (about){.stage = BY_LINE, .slot = i};
            return true;
        }
    }
    return false;
}

static bool find_link(const jw_world *world, const char *name, about *out)
{
    const jw_network *network = twin_network_of(world);
    jw_frame_link link;
    for (uint32_t i = 0; i < jw_network_link_count(network); i++)
        if (jw_network_link(world, network, i, &link) && strcmp(link.name, name) == 0) {
            *out = (about){.stage = TWIN_STAGE_LINK, .slot = i};
            return true;
        }
    return false;
}

/* False: no requests go through such a thing. */
static bool find_about(const jw_world *world, const jw_watch *watch, about *out)
{
    const jw_city *city = jw_twin_city(world);
    switch ((jw_watch_kind)watch->of) {
    case JW_WATCH_NONE:
        *out = (about){.stage = BY_ANYBODY};
        return true;
    case JW_WATCH_ASSET:
        return find_asset(world, watch->name, out);
    case JW_WATCH_LINK:
        return find_link(world, watch->name, out);
    case JW_WATCH_JUNCTION:
        *out = (about){.stage = BY_JUNCTION, .slot = watch->a};
        return true;
    case JW_WATCH_VEHICLE:
        *out = (about){.stage = BY_VEHICLE, .sender = (uint64_t)watch->b << 32 | watch->a};
        return true;
    case JW_WATCH_BUILDING:
        if (watch->a < city->building_count) {
            const jw_building *building = &city->buildings[watch->a];
            jw_user_radio air = jw_network_probe(twin_network_of(world), building->x_m, building->y_m, 1.5);
            *out = (about){.stage = TWIN_STAGE_AIR, .slot = air.cell.index1 - 1};
            return air.cell.index1 != 0;
        }
        return false;
    default:
        return false;
    }
}

/* What became of the matter that was asked about. */
static const char *what_then(const twin_traced *trace, jw_decision_kind kind)
{
    static const char *const without[JW_DECISION_COUNT] = {
        [JW_DECISION_SIGNAL] = "local programme goes on",
        [JW_DECISION_INSPECTION] = "inspected without the model",
        [JW_DECISION_MAINTENANCE] = "runs on without prognosis",
        [JW_DECISION_TRIAGE] = "first come, first served",
        [JW_DECISION_CLEARING] = "checked by hand",
        [JW_DECISION_INCIDENT] = "found by the next picture or by phone",
        [JW_DECISION_BUS] = "no priority"};
    if (!trace->is_decision)
        return trace->outcome == TWIN_LOST ? "asker gets no answer" : "asker has the answer";
    if (trace->judgement == JW_JUDGED_NOT)
        return without[kind];
    return trace->judgement == JW_JUDGED_WRONG ? "decided by it, wrongly" : "decided by it, rightly";
}

static void tell_head(const jw_world *world, const jw_watch *watch, const twin_traced *trace, jw_frame *frame)
{
    static const char *const outcomes[] = {"answered in time", "answered late", "lost"};
    const twin_request *request = &trace->request;
    const jw_request_type *type = &twin_requests_of(world)->types[request->type];
    char text[64];
    jw_decision_kind kind = JW_DECISION_SIGNAL;
    twin_decision_of_sender(world, (jw_sender)request->sender, request->a, &kind);
    snprintf(text, sizeof text, "%s #%lld", type->name, (long long)request->number);
    twin_detail_text(frame, watch, "request", text);
    jw_watch sender = twin_thing_sender(world, request->sender, request->a);
    twin_detail_thing(frame, watch, JW_RELATION_VALUE, "sender", &sender,
                      sender.kind == JW_WATCH_NONE ? trace->sender : "");
    add_time(frame, watch, "created", request->created_ns);
    twin_detail_text(frame, watch, "outcome", outcomes[trace->outcome]);
    if (trace->outcome == TWIN_LOST && trace->why)
        twin_detail_text(frame, watch, "why", trace->why);
    twin_detail_number(frame, watch, "latency", jw_s_from_ns(trace->ended_ns - request->created_ns) * 1000,
                       "ms");
    twin_detail_number(frame, watch, "deadline", type->deadline_s * 1000, "ms");
    if (trace->outcome == TWIN_LATE)
        twin_detail_number(frame, watch, "late_by", jw_s_from_ns(twin_trace_late_ns(world, trace)) * 1000,
                           "ms");
    if (request->tries > 1)
        twin_detail_number(frame, watch, "tries", request->tries, "");
    if (trace->copy < COPIES && request->copies[trace->copy].version)
        twin_detail_number(frame, watch, type->service, request->copies[trace->copy].version, "version");
    twin_detail_text(frame, watch, "then", what_then(trace, kind));
}

/* Where its time went, so that one sees at once whether the network or the computing was slow. */
static void tell_shares(const jw_watch *watch, const twin_traced *trace, jw_frame *frame)
{
    static const char *const labels[TWIN_SHARE_COUNT] = {[TWIN_SHARE_RADIO] = "in_radio",
                                                         [TWIN_SHARE_FIBRE] = "in_fibres",
                                                         [TWIN_SHARE_QUEUE] = "in_queue",
                                                         [TWIN_SHARE_COMPUTE] = "in_computing",
                                                         [TWIN_SHARE_OTHER] = "in_other"};
    int64_t shares_ns[TWIN_SHARE_COUNT];
    double whole_ns = (double)(trace->ended_ns - trace->request.created_ns);
    twin_trace_shares(trace, shares_ns);
    for (uint32_t i = 0; i < TWIN_SHARE_COUNT; i++) {
        char text[40];
        if (shares_ns[i] == 0)
            continue;
        snprintf(text, sizeof text, "%.3g ms (%.0f %%)", jw_s_from_ns(shares_ns[i]) * 1000,
                 100 * (double)shares_ns[i] / whole_ns);
        twin_detail_text(frame, watch, labels[i], text);
    }
}

static void place_link(const jw_world *world, const twin_stage *stage, jw_frame_hop *hop)
{
    jw_frame_link link;
    if (!jw_network_link(world, twin_network_of(world), stage->slot, &link))
        return;
    hop->thing = twin_thing_link(link.name);
    hop->x0_m = stage->is_backward ? link.x1_m : link.x0_m;
    hop->y0_m = stage->is_backward ? link.y1_m : link.y0_m;
    hop->x1_m = stage->is_backward ? link.x0_m : link.x1_m;
    hop->y1_m = stage->is_backward ? link.y0_m : link.y1_m;
    hop->number = (double)link.capacity_bps / 1e9;
    jw_text_copy(hop->unit, sizeof hop->unit, "Gbit/s");
}

static void place_air(const jw_world *world, const twin_traced *trace, const twin_stage *stage,
                      jw_frame_hop *hop)
{
    jw_cell_state cell;
    if (!jw_network_cell(world, twin_network_of(world), stage->slot, &cell))
        return;
    float x_m = (float)cell.def->x_m, y_m = (float)cell.def->y_m;
    bool is_here = trace->x_m != 0 || trace->y_m != 0;
    float sender_x_m = is_here ? trace->x_m : x_m, sender_y_m = is_here ? trace->y_m : y_m;
    hop->thing = twin_thing_asset(cell.def->name);
    hop->x0_m = stage->is_backward ? x_m : sender_x_m;
    hop->y0_m = stage->is_backward ? y_m : sender_y_m;
    hop->x1_m = stage->is_backward ? sender_x_m : x_m;
    hop->y1_m = stage->is_backward ? sender_y_m : y_m;
}

static void place_site(const jw_world *world, uint32_t slot, jw_frame_hop *hop)
{
    jw_site_state site;
    if (!jw_compute_site(world, twin_compute_of(world), slot, &site))
        return;
    hop->thing = twin_thing_asset(site.def->name);
    hop->x0_m = hop->x1_m = (float)site.def->x_m;
    hop->y0_m = hop->y1_m = (float)site.def->y_m;
}

/* A stage from *at_ns on, cut at the end of the whole; moves *at_ns. */
static void tell_stage(const jw_world *world, const jw_watch *watch, const twin_traced *trace,
                       const twin_stage *stage, int64_t *at_ns, jw_frame *frame)
{
    int64_t end_ns = stage->end_ns && stage->end_ns < trace->ended_ns ? stage->end_ns : trace->ended_ns;
    int64_t first_ns = stage->begin_ns - *at_ns; /* 1 ns from sending to setting out */
    int64_t waited_ns = stage->waited_ns + first_ns;
    if (waited_ns > end_ns - *at_ns)
        waited_ns = end_ns - *at_ns;
    jw_frame_hop *hop;
    if (stage->kind == TWIN_STAGE_SITE) {
        bool has_begun = stage->jobs > 0;
        int64_t began_ns = has_begun ? *at_ns + waited_ns : end_ns;
        if (began_ns > *at_ns && (hop = add_hop(frame, watch, "queue", *at_ns, began_ns)) != NULL) {
            hop->waited_ns = began_ns - *at_ns;
            place_site(world, stage->slot, hop);
        }
        if (has_begun && (hop = add_hop(frame, watch, "compute", began_ns, end_ns)) != NULL) {
            hop->worked_ns = end_ns - began_ns;
            place_site(world, stage->slot, hop);
            hop->number = stage->jobs;
            jw_text_copy(hop->unit, sizeof hop->unit, "batch");
        }
        *at_ns = end_ns;
        return;
    }
    bool is_air = stage->kind == TWIN_STAGE_AIR;
    hop = add_hop(frame, watch,
                  !is_air              ? "link"
                  : stage->is_backward ? "air_down"
                                       : "air_up",
                  *at_ns, end_ns);
    if (!hop)
        return;
    hop->waited_ns = waited_ns;
    hop->worked_ns = stage->worked_ns;
    if (hop->worked_ns > end_ns - *at_ns - waited_ns)
        hop->worked_ns = end_ns - *at_ns - waited_ns;
    if (is_air)
        place_air(world, trace, stage, hop);
    else
        place_link(world, stage, hop);
    *at_ns = end_ns;
}

/* Its shares and its stages, without a gap. */
static void tell_stages(const jw_world *world, const jw_watch *watch, const twin_traced *trace,
                        jw_frame *frame)
{
    uint32_t copy = twin_trace_copy(trace);
    int64_t at_ns = trace->request.created_ns;
    tell_shares(watch, trace, frame);
    for (uint32_t i = 0; i < trace->stage_count; i++) {
        const twin_stage *stage = &trace->stages[i];
        if (stage->copy != copy)
            continue;
        /* Before a first stage lie earlier tries and an hour it was held for; later it waits for a way or for
         * a cell. */
        jw_frame_hop *hop = NULL;
        if (stage->begin_ns > at_ns + 1) {
            hop = add_hop(frame, watch, at_ns == trace->request.created_ns ? "before" : "no_way", at_ns,
                          stage->begin_ns);
            at_ns = stage->begin_ns;
        }
        if (hop)
            hop->waited_ns = hop->end_ns - hop->begin_ns;
        tell_stage(world, watch, trace, stage, &at_ns, frame);
    }
    if (at_ns < trace->ended_ns) {
        jw_frame_hop *hop =
            add_hop(frame, watch, trace->outcome == TWIN_LOST ? "given_up" : "back", at_ns, trace->ended_ns);
        if (hop)
            hop->waited_ns = trace->ended_ns - at_ns;
    }
}

static void add_stage(twin_traced *trace, twin_stage_kind kind, uint32_t slot, bool is_backward,
                      int64_t worked_ns, int64_t end_ns)
{
    trace->stages[trace->stage_count++] = (twin_stage){.kind = (uint8_t)kind,
                                                       .slot = slot,
                                                       .is_backward = is_backward,
                                                       .begin_ns = trace->ended_ns,
                                                       .worked_ns = worked_ns,
                                                       .end_ns = end_ns};
    trace->ended_ns = end_ns;
}

/* Up the air of a cell to the nearest site and back, as the latency of a place is reckoned. False: no way. */
static bool trace_packet(const jw_world *world, const jw_user_radio *air, twin_traced *out)
{
    enum { WIRES_MAX = (TWIN_STAGES_MAX - 2) / 2 };
    const jw_network *network = twin_network_of(world);
    jw_message_hop wires[WIRES_MAX];
    jw_net_node_id nodes[2] = {{0}};
    uint32_t cell = air->cell.index1 - 1;
    if (air->cell.index1 == 0 || !(air->rate_up_bps > 0) || !(air->rate_down_bps > 0) ||
        twin_wired_delay_s(world, cell, &nodes[0], &nodes[1]) < 0)
        return false;
    int64_t up_ns = jw_ns_from_s(twin_packet_air_s((double)air->rate_up_bps)),
            down_ns = jw_ns_from_s(twin_packet_air_s((double)air->rate_down_bps));
    add_stage(out, TWIN_STAGE_AIR, cell, false, up_ns, out->ended_ns + up_ns);
    for (int is_back = 0; is_back < 2; is_back++) {
        uint32_t count = jw_network_way(network, nodes[is_back], nodes[!is_back], TWIN_PACKET_BYTES,
                                        out->ended_ns, wires, WIRES_MAX);
        if (count > WIRES_MAX)
            return false;
        for (uint32_t i = 0; i < count; i++)
            add_stage(out, TWIN_STAGE_LINK, wires[i].slot, wires[i].is_backward, wires[i].worked_ns,
                      wires[i].end_ns);
    }
    add_stage(out, TWIN_STAGE_AIR, cell, true, down_ns, out->ended_ns + down_ns);
    return true;
}

/* Where nobody asks there are slow places, too: what a packet would take there now. */
static bool answer_packet(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const jw_city *city = jw_twin_city(world);
    if (watch->of != JW_WATCH_BUILDING || watch->a >= city->building_count)
        return false;
    const jw_building *building = &city->buildings[watch->a];
    jw_user_radio air = jw_network_probe(twin_network_of(world), building->x_m, building->y_m, 1.5);
    int64_t now_ns = jw_world_time_ns(world);
    twin_traced packet = {.request = {.created_ns = now_ns},
                          .ended_ns = now_ns,
                          .x_m = (float)building->x_m,
                          .y_m = (float)building->y_m};
    if (!trace_packet(world, &air, &packet))
        return false;
    twin_detail_text(frame, watch, "request", "a small packet");
    twin_detail_text(frame, watch, "chosen", "nobody asked here");
    add_time(frame, watch, "created", now_ns);
    twin_detail_number(frame, watch, "latency", jw_s_from_ns(packet.ended_ns - now_ns) * 1000, "ms");
    tell_stages(world, watch, &packet, frame);
    return true;
}

static bool answer_request(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    about what;
    if (!find_about(world, watch, &what))
        return false;
    int64_t now_ns = jw_world_time_ns(world);
    bool is_by_network = watch->example == JW_EXAMPLE_NETWORK;
    const twin_traced *trace = twin_trace_worst(world, now_ns - RECENT_NS, is_by_network, is_about, &what);
    bool is_recent = trace != NULL;
    if (!trace)
        trace = twin_trace_worst(world, INT64_MIN, is_by_network, is_about, &what);
    if (!trace && is_by_network)
        return answer_packet(world, watch, frame);
    if (trace) {
        tell_head(world, watch, trace, frame);
        tell_stages(world, watch, trace, frame);
    }
    if (trace && is_by_network)
        twin_detail_text(frame, watch, "chosen", "longest in the network");
    if (trace && !is_recent)
        twin_detail_text(frame, watch, "recent", "none, this one is older");
    return trace != NULL;
}

/* ---- vehicles ---------------------------------------------------------------------------------------------
 */

static bool is_at(const jw_city *city, const jw_watch *watch, uint32_t edge)
{
    if (edge >= city->edge_count)
        return false;
    return watch->of == JW_WATCH_NONE || (watch->of == JW_WATCH_EDGE && edge == watch->a) ||
           (watch->of == JW_WATCH_JUNCTION && city->edges[edge].to == watch->a);
}

/* What it has lost on the section that it is on; without a trail: how long it stands. */
static double delay_here_s(const jw_world *world, const twin_passage *passage, const jw_vehicle_spot *spot)
{
    if (!passage)
        return (double)spot->wait_s;
    double spent_s = jw_s_from_ns(jw_world_time_ns(world) - passage->entered_ns);
    return jw_max(spent_s - (double)(spot->free_s + spot->stop_s - passage->free_s), (double)spot->wait_s);
}

/* Who has lost most time on it and is still there; zero: nobody is. */
static jw_vehicle_id find_slowest(const jw_world *world, const jw_watch *watch)
{
    const twin_examples *examples = twin_examples_of(world);
    const jw_traffic *traffic = twin_traffic_of(world);
    jw_vehicle_columns vehicles = jw_traffic_vehicles(traffic);
    jw_vehicle_id slowest = {0, 0};
    double most_s = -1;
    for (uint32_t row = 0; row < vehicles.count; row++) {
        jw_vehicle_id id = vehicles.id[row];
        const twin_passage *passage =
            examples ? twin_passage_at(examples, twin_trail_last(examples, id)) : NULL;
        uint32_t edge = vehicles.edge[row] == JW_NONE && passage ? passage->edge : vehicles.edge[row];
        jw_vehicle_spot spot;
        /* Who stands at a stop is not held up. */
        if (!is_at(jw_twin_city(world), watch, edge) || vehicles.flags[row] & JW_VEHICLE_AT_STOP ||
            !jw_traffic_vehicle_spot(traffic, id, &spot))
            continue;
        double delay_s = delay_here_s(world, passage, &spot);
        if (delay_s > most_s) {
            most_s = delay_s;
            slowest = id;
        }
    }
    return slowest;
}

/* Who lost most time on it of those who passed lately: the passage; 0: nobody did. */
static uint64_t find_passed(const jw_world *world, const jw_watch *watch)
{
    const twin_examples *examples = twin_examples_of(world);
    uint64_t worst = 0;
    double most_s = -1;
    if (!examples)
        return 0;
    for (uint64_t number = examples->passage_count; number > 0; number--) {
        const twin_passage *passage = twin_passage_at(examples, number);
        if (!passage || passage->entered_ns < jw_world_time_ns(world) - PASSED_NS)
            break;
        if (passage->next && is_at(jw_twin_city(world), watch, passage->edge) &&
            twin_passage_delay_s(examples, passage) > most_s) {
            most_s = twin_passage_delay_s(examples, passage);
            worst = number;
        }
    }
    return worst;
}

static void place_edge(const jw_city *city, uint32_t index, jw_frame_hop *hop)
{
    const jw_edge *edge = &city->edges[index];
    const jw_vec3 *points = city->points + edge->first_point;
    hop->thing = twin_thing_edge(index);
    if (edge->point_count == 0)
        return;
    hop->x0_m = (float)points[0].x;
    hop->y0_m = (float)points[0].y;
    hop->x1_m = (float)points[edge->point_count - 1].x;
    hop->y1_m = (float)points[edge->point_count - 1].y;
}

static void tell_section(const jw_world *world, const jw_watch *watch, uint32_t edge, int64_t begin_ns,
                         int64_t end_ns, double delay_s, jw_frame *frame)
{
    const jw_city *city = jw_twin_city(world);
    jw_frame_hop *hop = add_hop(frame, watch, "section", begin_ns, end_ns);
    if (!hop)
        return;
    int64_t lost_ns = jw_ns_from_s(delay_s);
    hop->waited_ns = lost_ns < end_ns - begin_ns ? lost_ns : end_ns - begin_ns;
    place_edge(city, edge, hop);
}

/* The requests it has under way, and the cell that carries them, are lines of the answer, as for any vehicle.
 */
static void tell_under_way(const jw_world *world, const jw_watch *watch, jw_vehicle_id id, jw_frame *frame)
{
    const twin_requests *requests = twin_requests_of(world);
    uint64_t sender = (uint64_t)id.generation << 32 | id.index1;
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < requests->pool.slot_count; slot++) {
        const twin_request *request = &requests->requests[slot];
        bool is_its = (requests->pool.generations[slot] & 1) && request->a == sender &&
                      (request->sender == JW_SENDER_VEHICLE || request->sender == JW_SENDER_BUS);
        jw_site_state site;
        if (!is_its || ++count > UNDER_WAY || request->site.index1 == 0 ||
            !jw_compute_site(world, twin_compute_of(world), request->site.index1 - 1, &site))
            continue;
        jw_watch thing = twin_thing_asset(site.def->name);
        twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "asks", &thing, "");
    }
    twin_detail_number(frame, watch, "under_way", count, "");
}

static void tell_driver(const jw_world *world, const jw_watch *watch, jw_vehicle_id id,
                        const jw_vehicle_spot *spot, jw_frame *frame)
{
    jw_watch from = twin_thing_edge(spot->from_edge), to = twin_thing_edge(spot->to_edge);
    add_time(frame, watch, "departed", spot->departed_ns);
    twin_detail_thing(frame, watch, JW_RELATION_VALUE, "from", &from, "");
    twin_detail_thing(frame, watch, JW_RELATION_VALUE, "to", &to, "");
    double spent_s = jw_s_from_ns(jw_world_time_ns(world) - spot->wished_ns);
    twin_detail_number(frame, watch, "delay", jw_max(spent_s - (double)(spot->free_s + spot->stop_s), 0),
                       "s");
    twin_detail_number(frame, watch, "stands", (double)spot->wait_s, "s");
    jw_user_radio air;
    jw_cell_state cell;
    const twin_radio *radio = twin_radio_of(world);
    uint32_t slot = id.index1 - 1;
    if (slot < radio->slot_count && radio->slots[slot].generation == id.generation &&
        radio->slots[slot].user.index1 &&
        jw_network_user_radio(twin_network_of(world), radio->slots[slot].user, &air) && air.cell.index1 &&
        jw_network_cell(world, twin_network_of(world), air.cell.index1 - 1, &cell)) {
        jw_watch thing = twin_thing_asset(cell.def->name);
        twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "cell", &thing, "");
    }
    tell_under_way(world, watch, id, frame);
}

/* The sections it came to, oldest first, from `passage` back. Returns how many. */
static uint32_t list_way(const twin_examples *examples, uint64_t passage, uint64_t *out)
{
    uint32_t count = 0;
    for (uint64_t number = passage; number && count < SECTIONS_MAX; count++) {
        const twin_passage *at = twin_passage_at(examples, number);
        if (!at)
            break;
        out[count] = number;
        number = at->previous;
    }
    for (uint32_t i = 0; i < count / 2; i++) {
        uint64_t swapped = out[i];
        out[i] = out[count - 1 - i];
        out[count - 1 - i] = swapped;
    }
    return count;
}

static void tell_way(const jw_world *world, const jw_watch *watch, uint64_t last, const jw_vehicle_spot *spot,
                     jw_frame *frame)
{
    const twin_examples *examples = twin_examples_of(world);
    uint64_t way[SECTIONS_MAX];
    uint32_t count = list_way(examples, last, way);
    const twin_passage *first = count ? twin_passage_at(examples, way[0]) : NULL;
    int64_t now_ns = jw_world_time_ns(world), at_ns = spot ? spot->wished_ns : first ? first->entered_ns : 0;
    jw_frame_hop *hop;
    if (spot && spot->departed_ns > at_ns) {
        hop = add_hop(frame, watch, "depart", at_ns, spot->departed_ns);
        if (hop) {
            hop->waited_ns = spot->departed_ns - at_ns;
            place_edge(jw_twin_city(world), spot->from_edge, hop);
        }
        at_ns = spot->departed_ns;
    }
    /* It was on the road before its sections were noted. */
    bool is_first = first && spot && first->edge == spot->from_edge &&
                    first->entered_ns <= spot->departed_ns + 2 * jw_world_dt_ns(world);
    int64_t known_ns = first ? first->entered_ns : now_ns;
    if (known_ns > at_ns && !is_first) {
        add_hop(frame, watch, "earlier", at_ns, known_ns);
        at_ns = known_ns;
    }
    for (uint32_t i = 0; i < count; i++) {
        const twin_passage *passage = twin_passage_at(examples, way[i]);
        const twin_passage *next = i + 1 < count ? twin_passage_at(examples, way[i + 1]) : NULL;
        if (passage->edge == JW_NONE)
            break;
        int64_t end_ns = next ? next->entered_ns : now_ns;
        double delay_s = next   ? twin_passage_delay_s(examples, passage)
                         : spot ? delay_here_s(world, passage, spot)
                                : 0;
        tell_section(world, watch, passage->edge, at_ns, end_ns, delay_s, frame);
        at_ns = end_ns;
    }
}

/* The bus that comes to a stop next and has lost most; zero: none does. */
static jw_vehicle_id find_bus(const jw_world *world, const char *stop)
{
    const jw_traffic *traffic = twin_traffic_of(world);
    jw_vehicle_columns vehicles = jw_traffic_vehicles(traffic);
    jw_vehicle_id latest = {0, 0};
    double most_s = -1;
    for (uint32_t row = 0; row < vehicles.count; row++) {
        jw_bus_state bus;
        jw_bus_stop_state next;
        jw_vehicle_spot spot;
        if (!jw_traffic_find_bus(traffic, vehicles.id[row], &bus) ||
            !jw_traffic_bus_stop(traffic, bus.stop, &next) || strcmp(next.name, stop) != 0 ||
            !jw_traffic_vehicle_spot(traffic, vehicles.id[row], &spot))
            continue;
        double lost_s =
            jw_s_from_ns(jw_world_time_ns(world) - spot.wished_ns) - (double)(spot.free_s + spot.stop_s);
        if (lost_s > most_s) {
            most_s = lost_s;
            latest = vehicles.id[row];
        }
    }
    return latest;
}

/* Somebody on foot: what the way has cost so far, and where they are in it. Sections passed are not kept. */
static bool answer_walker(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    jw_walker_state walker;
    jw_vehicle_id id = {watch->a, watch->b};
    if (!jw_traffic_find_walker(twin_traffic_of(world),
                                (jw_vehicle_id){watch->a - JW_FRAME_WALKERS, watch->b}, &walker))
        return false;
    jw_watch thing = twin_thing_vehicle(id);
    twin_detail_thing(frame, watch, JW_RELATION_VALUE, "vehicle", &thing, "");
    add_time(frame, watch, "departed", walker.departed_ns);
    twin_detail_number(frame, watch, "walked", (double)walker.way_m, "m");
    twin_detail_number(frame, watch, "waited", (double)walker.waited_s, "s");
    jw_frame_hop *hop = add_hop(frame, watch,
                                walker.is_waiting        ? "walk_waits"
                                : walker.edge == JW_NONE ? "walk_crosses"
                                                         : "walk",
                                walker.departed_ns, jw_world_time_ns(world));
    if (!hop)
        return true;
    hop->waited_ns = jw_ns_from_s((double)walker.waited_s);
    hop->waited_ns =
        hop->waited_ns < hop->end_ns - hop->begin_ns ? hop->waited_ns : hop->end_ns - hop->begin_ns;
    if (walker.edge != JW_NONE)
        place_edge(jw_twin_city(world), walker.edge, hop);
    else if (walker.junction != JW_NONE)
        hop->thing = twin_thing_junction(walker.junction);
    return true;
}

static bool answer_vehicle(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const twin_examples *examples = twin_examples_of(world);
    jw_vehicle_id id = {watch->a, watch->b};
    uint64_t last = 0;
    jw_vehicle_spot spot;
    if (watch->of == JW_WATCH_VEHICLE && watch->a > JW_FRAME_WALKERS)
        return answer_walker(world, watch, frame);
    if (watch->of == JW_WATCH_ASSET)
        id = find_bus(world, watch->name);
    else if (watch->of != JW_WATCH_VEHICLE)
        id = find_slowest(world, watch);
    bool is_here = id.index1 && jw_traffic_vehicle_spot(twin_traffic_of(world), id, &spot);
    if (!is_here && watch->of != JW_WATCH_VEHICLE && watch->of != JW_WATCH_ASSET) {
        uint64_t passed = find_passed(world, watch);
        if (!passed)
            return false;
        id = twin_passage_at(examples, passed)->vehicle;
        is_here = jw_traffic_vehicle_spot(twin_traffic_of(world), id, &spot);
        for (last = passed; twin_passage_at(examples, last)->next;)
            last = twin_passage_at(examples, last)->next;
    } else if (is_here && examples) {
        last = twin_trail_last(examples, id);
    } else if (!is_here) {
        return false;
    }
    jw_watch thing = twin_thing_vehicle(id);
    twin_detail_thing(frame, watch, JW_RELATION_VALUE, "vehicle", &thing, "");
    if (is_here)
        tell_driver(world, watch, id, &spot, frame);
    else
        twin_detail_text(frame, watch, "state", "arrived");
    if (examples)
        tell_way(world, watch, last, is_here ? &spot : NULL, frame);
    return true;
}

/* A roadside unit stands for its junction, a stop for the buses that come: of both examples are vehicles. */
static bool find_street(const jw_world *world, const jw_watch *watch, jw_watch *out)
{
    *out = *watch;
    jw_roadside_state unit;
    for (uint32_t i = 0; jw_roadside_unit(twin_roadside_of(world), i, &unit); i++)
        if (!unit.is_removed && strcmp(unit.def->name, watch->name) == 0 && unit.def->junction != JW_NONE) {
            out->of = JW_WATCH_JUNCTION;
            out->a = unit.def->junction;
            return true;
        }
    jw_bus_stop_state stop;
    for (uint32_t i = 0; i < jw_traffic_bus_stop_count(twin_traffic_of(world)); i++)
        if (jw_traffic_bus_stop(twin_traffic_of(world), i, &stop) && strcmp(stop.name, watch->name) == 0) {
            out->example = JW_EXAMPLE_VEHICLE;
            return true;
        }
    return false;
}

jw_result twin_answer_example(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error)
{
    (void)error;
    jw_watch unit;
    if (watch->of == JW_WATCH_ASSET && find_street(world, watch, &unit))
        watch = &unit;
    bool is_of_street = watch->of == JW_WATCH_EDGE || watch->of == JW_WATCH_JUNCTION ||
                        watch->of == JW_WATCH_VEHICLE || watch->of == JW_WATCH_NONE ||
                        (watch->of == JW_WATCH_ASSET && watch->example == JW_EXAMPLE_VEHICLE);
    bool wants_vehicle =
        watch->example == JW_EXAMPLE_VEHICLE || (watch->example != JW_EXAMPLE_REQUEST && is_of_street);
    bool is_answered = wants_vehicle ? is_of_street && answer_vehicle(world, watch, frame)
                                     : answer_request(world, watch, frame);
    if (!is_answered)
        twin_detail_text(frame, watch, "example", "none yet");
    return JW_OK;
}
