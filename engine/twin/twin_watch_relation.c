/* What a thing depends on, and what depends on it: things that can be gone to. Wires and places are as they
 * are now; who asks whom is taken from the requests that are under way and those that are remembered. */
#include "twin/twin_example.h"

#include <stdio.h>
#include <string.h>

enum { LISTED = 8 }; /* of each label */

static jw_watch thing_of(jw_watch_kind kind, uint32_t a, uint32_t b, const char *name)
{
    jw_watch thing = {.kind = kind, .a = a, .b = b};
    jw_text_copy(thing.name, sizeof thing.name, name);
    return thing;
}

jw_watch twin_thing_asset(const char *name)
{
    return thing_of(JW_WATCH_ASSET, 0, 0, name);
}

jw_watch twin_thing_link(const char *name)
{
    return thing_of(JW_WATCH_LINK, 0, 0, name);
}

jw_watch twin_thing_park(const char *name)
{
    return thing_of(JW_WATCH_PARK, 0, 0, name);
}

jw_watch twin_thing_edge(uint32_t edge)
{
    return thing_of(JW_WATCH_EDGE, edge, 0, "");
}

jw_watch twin_thing_junction(uint32_t junction)
{
    return thing_of(JW_WATCH_JUNCTION, junction, 0, "");
}

jw_watch twin_thing_vehicle(jw_vehicle_id id)
{
    return thing_of(JW_WATCH_VEHICLE, id.index1, id.generation, "");
}

jw_watch twin_thing_sender(const jw_world *world, uint8_t sender, uint64_t a)
{
    jw_production_line_state line;
    switch ((jw_sender)sender) {
    case JW_SENDER_CAMERA:
    case JW_SENDER_WATCH:
        return twin_thing_junction(twin_signals_of(world)->cameras[a].junction);
    case JW_SENDER_LINE:
    case JW_SENDER_STATION:
        if (jw_economy_line(world, twin_economy_of(world), (uint32_t)a - 1, &line) && !line.is_remote)
            return twin_thing_asset(line.def->name);
        break;
    case JW_SENDER_VEHICLE:
    case JW_SENDER_BUS:
        return twin_thing_vehicle((jw_vehicle_id){(uint32_t)a, (uint32_t)(a >> 32)});
    default:
        break;
    }
    return (jw_watch){0};
}

/* ---- who asks whom ----------------------------------------------------------------------------------------
 */

typedef struct asked { /* things counted, in the order in which they were met */
    jw_watch things[64];
    char texts[64][JW_ASSET_NAME_SIZE];
    uint32_t counts[64];
    uint32_t count;
} asked;

static void count_thing(asked *list, const jw_watch *thing, const char *text)
{
    uint32_t i = 0;
    while (i < list->count &&
           (list->things[i].kind != thing->kind || list->things[i].a != thing->a ||
            list->things[i].b != thing->b || strcmp(list->things[i].name, thing->name) != 0 ||
            strcmp(list->texts[i], text) != 0))
        i++;
    if (i == JW_COUNT_OF(list->things))
        return;
    if (i == list->count) {
        list->count++;
        list->counts[i] = 0;
        list->things[i] = *thing;
        jw_text_copy(list->texts[i], sizeof list->texts[i], text);
    }
    list->counts[i]++;
}

/* The most frequent first; of equal ones the one that was met first. */
static void tell_asked(jw_frame *frame, const jw_watch *watch, jw_relation relation, const char *label,
                       asked *list)
{
    for (uint32_t told = 0; told < list->count && told < LISTED; told++) {
        uint32_t best = 0;
        for (uint32_t i = 1; i < list->count; i++)
            if (list->counts[i] > list->counts[best])
                best = i;
        twin_detail_thing(frame, watch, relation, label, &list->things[best], list->texts[best]);
        list->counts[best] = 0;
    }
}

/* Each request that is remembered or under way, as `each` wants it. */
typedef void (*each_request)(const jw_world *world, const twin_request *request, const twin_traced *trace,
                             void *context);
static void visit_requests(const jw_world *world, each_request each, void *context)
{
    const twin_examples *examples = twin_examples_of(world);
    const twin_requests *requests = twin_requests_of(world);
    for (uint32_t slot = 0; slot < requests->pool.slot_count; slot++)
        if (requests->pool.generations[slot] & 1)
            each(world, &requests->requests[slot], twin_trace_of(world, slot), context);
    if (!examples)
        return;
    const twin_ring *const rings[] = {&examples->bad, &examples->in_time};
    for (uint32_t r = 0; r < JW_COUNT_OF(rings); r++)
        for (uint32_t i = 0; i < rings[r]->count; i++)
            each(world, &rings[r]->items[i].request, &rings[r]->items[i], context);
}

typedef struct visit {
    uint32_t slot; /* of the site, link, line or junction */
    uint8_t stage; /* of a trace that must have gone through it */
    asked sites, senders, types;
} visit;

static void count_site(const jw_world *world, const twin_request *request, asked *list)
{
    jw_site_state site;
    if (request->site.index1 &&
        jw_compute_site(world, twin_compute_of(world), request->site.index1 - 1, &site)) {
        jw_watch thing = twin_thing_asset(site.def->name);
        count_thing(list, &thing, "");
    }
}

static void count_sender(const jw_world *world, const twin_request *request, asked *list)
{
    jw_watch thing = twin_thing_sender(world, request->sender, request->a);
    char name[32];
    if (thing.kind == JW_WATCH_VEHICLE)
        return; /* too many, and gone soon */
    name[0] = 0;
    if (thing.kind == JW_WATCH_NONE)
        twin_sender_name(world, request, name, sizeof name);
    count_thing(list, &thing, name);
}

static void of_site(const jw_world *world, const twin_request *request, const twin_traced *trace,
                    void *context)
{
    visit *to = context;
    (void)trace;
    if (request->site.index1 == to->slot + 1)
        count_sender(world, request, &to->senders);
}

static void of_stage(const jw_world *world, const twin_request *request, const twin_traced *trace,
                     void *context)
{
    visit *to = context;
    for (uint32_t i = 0; trace && i < trace->stage_count; i++)
        if (trace->stages[i].kind == to->stage && trace->stages[i].slot == to->slot) {
            count_site(world, request, &to->sites);
            count_sender(world, request, &to->senders);
            return;
        }
}

static void of_line(const jw_world *world, const twin_request *request, const twin_traced *trace,
                    void *context)
{
    visit *to = context;
    (void)trace;
    bool is_its = (request->sender == JW_SENDER_LINE || request->sender == JW_SENDER_STATION) &&
                  (uint32_t)request->a == to->slot + 1;
    if (!is_its)
        return;
    jw_watch none = {0};
    count_site(world, request, &to->sites);
    count_thing(&to->types, &none, twin_requests_of(world)->types[request->type].service);
}

static void of_junction(const jw_world *world, const twin_request *request, const twin_traced *trace,
                        void *context)
{
    visit *to = context;
    (void)trace;
    if ((request->sender == JW_SENDER_CAMERA || request->sender == JW_SENDER_WATCH) &&
        twin_signals_of(world)->cameras[request->a].junction == to->slot)
        count_site(world, request, &to->sites);
}

/* ---- one kind each ----------------------------------------------------------------------------------------
 */

static void tell_links_at(const jw_world *world, const jw_watch *watch, jw_net_node_id node,
                          jw_relation relation, jw_frame *frame)
{
    const jw_network *network = twin_network_of(world);
    uint32_t told = 0;
    for (uint32_t i = 0; i < jw_network_link_count(network) && told < LISTED; i++) {
        jw_net_node_id from, to;
        jw_frame_link link;
        if (!jw_network_link_ends(network, i, &from, &to) ||
            (from.index1 != node.index1 && to.index1 != node.index1) ||
            !jw_network_link(world, network, i, &link))
            continue;
        jw_watch thing = twin_thing_link(link.name);
        twin_detail_thing(frame, watch, relation, "fibre", &thing, "");
        told++;
    }
}

static bool is_of_node(const jw_network *network, uint32_t cell, jw_net_node_id node, const jw_world *world,
                       jw_cell_state *out)
{
    return jw_network_cell(world, network, cell, out) &&
           jw_network_find_node(network, out->def->node).index1 == node.index1;
}

static void relate_site(const jw_world *world, const jw_watch *watch, jw_site_id id, jw_frame *frame)
{
    const twin_requests *requests = twin_requests_of(world);
    visit to = {.slot = id.index1 - 1};
    if (to.slot < requests->site_node_count && requests->site_nodes[to.slot].index1)
        tell_links_at(world, watch, requests->site_nodes[to.slot], JW_RELATION_NEEDS, frame);
    visit_requests(world, of_site, &to);
    tell_asked(frame, watch, JW_RELATION_SERVES, "asked_by", &to.senders);
}

static void relate_cell(const jw_world *world, const jw_watch *watch, const jw_cell_state *cell,
                        jw_frame *frame)
{
    const jw_network *network = twin_network_of(world);
    const twin_radio *radio = twin_radio_of(world);
    tell_links_at(world, watch, jw_network_find_node(network, cell->def->node), JW_RELATION_NEEDS, frame);
    visit to = {.slot = cell->id.index1 - 1, .stage = TWIN_STAGE_AIR};
    visit_requests(world, of_stage, &to);
    tell_asked(frame, watch, JW_RELATION_NEEDS, "asks", &to.sites);
    tell_asked(frame, watch, JW_RELATION_SERVES, "asked_by", &to.senders);
    uint32_t told = 0;
    for (uint32_t slot = 0; slot < radio->slot_count && told < LISTED; slot++) {
        jw_user_radio air;
        if (!radio->slots[slot].user.index1 ||
            !jw_network_user_radio(network, radio->slots[slot].user, &air) ||
            air.cell.index1 != cell->id.index1)
            continue;
        jw_watch thing = twin_thing_vehicle((jw_vehicle_id){slot + 1, radio->slots[slot].generation});
        twin_detail_thing(frame, watch, JW_RELATION_SERVES, "carries", &thing, "");
        told++;
    }
}

static void relate_line(const jw_world *world, const jw_watch *watch, uint32_t line, jw_frame *frame)
{
    visit to = {.slot = line};
    visit_requests(world, of_line, &to);
    tell_asked(frame, watch, JW_RELATION_NEEDS, "model", &to.types);
    tell_asked(frame, watch, JW_RELATION_NEEDS, "asks", &to.sites);
}

static void relate_camera(const jw_world *world, const jw_watch *watch, uint32_t camera, jw_frame *frame)
{
    const twin_camera *its = &twin_signals_of(world)->cameras[camera];
    visit to = {.slot = its->junction};
    visit_requests(world, of_junction, &to);
    tell_asked(frame, watch, JW_RELATION_NEEDS, "decides", &to.sites);
    if (its->node.index1)
        tell_links_at(world, watch, its->node, JW_RELATION_NEEDS, frame);
    jw_watch thing = twin_thing_junction(its->junction);
    twin_detail_thing(frame, watch, JW_RELATION_SERVES, "junction", &thing, "");
}

static void relate_asset(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const jw_network *network = twin_network_of(world);
    jw_site_id site = jw_compute_find_site(twin_compute_of(world), watch->name);
    if (site.index1) {
        relate_site(world, watch, site, frame);
        return;
    }
    for (uint32_t i = 0; i < jw_network_cell_count(network); i++) {
        jw_cell_state cell;
        if (jw_network_cell(world, network, i, &cell) && strcmp(cell.def->name, watch->name) == 0) {
            relate_cell(world, watch, &cell, frame);
            return;
        }
    }
    for (uint32_t i = 0; i < jw_economy_line_count(twin_economy_of(world)); i++) {
        jw_production_line_state line;
        if (jw_economy_line(world, twin_economy_of(world), i, &line) &&
            strcmp(line.def->name, watch->name) == 0) {
            jw_watch park = twin_thing_park(line.def->park);
            relate_line(world, watch, i, frame);
            if (park.name[0])
                twin_detail_thing(frame, watch, JW_RELATION_SERVES, "park", &park, "");
            return;
        }
    }
    uint32_t camera;
    if (twin_camera_find(world, watch->name, &camera))
        relate_camera(world, watch, camera, frame);
    jw_roadside_state unit;
    for (uint32_t i = 0; jw_roadside_unit(twin_roadside_of(world), i, &unit); i++)
        if (!unit.is_removed && strcmp(unit.def->name, watch->name) == 0 && unit.def->junction != JW_NONE) {
            jw_watch thing = twin_thing_junction(unit.def->junction);
            twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "junction", &thing, "");
        }
}

/* The sites and masts at a link's ends, and whose requests went over it. */
static void relate_link(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const jw_network *network = twin_network_of(world);
    const twin_requests *requests = twin_requests_of(world);
    jw_frame_link link;
    jw_net_node_id ends[2];
    visit to = {.stage = TWIN_STAGE_LINK};
    while (to.slot < jw_network_link_count(network) &&
           !(jw_network_link(world, network, to.slot, &link) && strcmp(link.name, watch->name) == 0))
        to.slot++;
    if (!jw_network_link_ends(network, to.slot, &ends[0], &ends[1]))
        return;
    for (uint32_t e = 0; e < 2; e++) {
        uint32_t told = 0;
        for (uint32_t i = 0; i < requests->site_node_count; i++) {
            jw_site_state site;
            if (requests->site_nodes[i].index1 != ends[e].index1 ||
                !jw_compute_site(world, twin_compute_of(world), i, &site))
                continue;
            jw_watch thing = twin_thing_asset(site.def->name);
            twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "end", &thing, "");
        }
        for (uint32_t i = 0; i < jw_network_cell_count(network) && told < 3; i++) {
            jw_cell_state cell;
            if (!is_of_node(network, i, ends[e], world, &cell))
                continue;
            jw_watch thing = twin_thing_asset(cell.def->name);
            twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "end", &thing, "");
            told++;
        }
    }
    visit_requests(world, of_stage, &to);
    tell_asked(frame, watch, JW_RELATION_SERVES, "leads_to", &to.sites);
    tell_asked(frame, watch, JW_RELATION_SERVES, "asked_by", &to.senders);
}

/* By where one comes from. */
static const char *arm_label(const jw_city *city, uint32_t index)
{
    const jw_edge *edge = &city->edges[index];
    if (edge->point_count < 2)
        return "arm";
    const jw_vec3 *end = &city->points[edge->first_point + edge->point_count - 1];
    double east_m = end[-1].x - end[0].x, north_m = end[-1].y - end[0].y;
    if (jw_abs(east_m) > jw_abs(north_m))
        return east_m > 0 ? "arm_east" : "arm_west";
    return north_m > 0 ? "arm_north" : "arm_south";
}

static void relate_junction(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const jw_city *city = jw_twin_city(world);
    const twin_signals *signals = twin_signals_of(world);
    if (watch->a >= city->junction_count)
        return;
    for (uint32_t i = 0; i < signals->camera_count; i++) {
        char name[JW_ASSET_NAME_SIZE];
        if (signals->cameras[i].junction != watch->a)
            continue;
        twin_camera_name(i, name, sizeof name);
        jw_watch thing = twin_thing_asset(name);
        twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "camera", &thing, "");
        visit to = {.slot = watch->a};
        visit_requests(world, of_junction, &to);
        tell_asked(frame, watch, JW_RELATION_NEEDS, "decides", &to.sites);
    }
    jw_roadside_state unit;
    for (uint32_t i = 0; jw_roadside_unit(twin_roadside_of(world), i, &unit); i++)
        if (!unit.is_removed && unit.def->junction == watch->a) {
            jw_watch thing = twin_thing_asset(unit.def->name);
            twin_detail_thing(frame, watch, JW_RELATION_SERVES, "roadside", &thing, "");
        }
    const jw_junction *junction = &city->junctions[watch->a];
    for (uint32_t i = 0; i < junction->in_count && i < LISTED; i++) {
        uint32_t edge = city->junction_edges[junction->first_in + i];
        jw_watch thing = twin_thing_edge(edge);
        twin_detail_thing(frame, watch, JW_RELATION_SERVES, arm_label(city, edge), &thing, "");
    }
}

static void relate_edge(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const jw_city *city = jw_twin_city(world);
    if (watch->a >= city->edge_count)
        return;
    jw_watch from = twin_thing_junction(city->edges[watch->a].from),
             to = twin_thing_junction(city->edges[watch->a].to);
    twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "begins_at", &from, "");
    twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "leads_to", &to, "");
}

static void relate_building(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const jw_city *city = jw_twin_city(world);
    if (watch->a >= city->building_count)
        return;
    const jw_building *building = &city->buildings[watch->a];
    jw_user_radio air = jw_network_probe(twin_network_of(world), building->x_m, building->y_m, 1.5);
    jw_cell_state cell;
    if (air.cell.index1 == 0 || !jw_network_cell(world, twin_network_of(world), air.cell.index1 - 1, &cell))
        return;
    jw_watch thing = twin_thing_asset(cell.def->name);
    twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "cell", &thing, "");
}

void twin_relate(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    switch (watch->kind) {
    case JW_WATCH_ASSET:
        relate_asset(world, watch, frame);
        break;
    case JW_WATCH_LINK:
        relate_link(world, watch, frame);
        break;
    case JW_WATCH_JUNCTION:
        relate_junction(world, watch, frame);
        break;
    case JW_WATCH_EDGE:
        relate_edge(world, watch, frame);
        break;
    case JW_WATCH_BUILDING:
        relate_building(world, watch, frame);
        break;
    default:
        break;
    }
}
