/* Nodes, links and cells, their names, and what is up.
 *
 * Propagation: 4.9 us/km one way in fibre (group index 1.468: 1.468 / 299,792.458 km/s). A link without a
 * length is 1.3 times as long as the straight line, because ducts follow streets (unverified). */
#include "network/network_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FIBRE_NS_PER_M 4.9
#define DETOUR         1.3
#define EQUIPMENT_S    20e-6
#define SWITCH_W       150.0 /* unverified: access and aggregation switch; its load changes little */
#define GATEWAY_W      300.0

/* ---- names -----------------------------------------------------------------------------------------------
 */

typedef bool (*is_gone_function)(const jw_network *network, uint32_t slot);

/* A map holds one slot per key, so that names with equal hashes take the following keys; the text decides,
 * and what was removed has left its name to others. */
static uint32_t find_name(const jw_network *network, const jw_map *map, const char *name, const void *items,
                          size_t item_size, is_gone_function is_gone)
{
    for (uint64_t key = jw_hash_text(0, name);; key++) {
        uint32_t slot = jw_map_get(map, key);
        if (slot == JW_NONE ||
            (!strcmp((const char *)items + slot * item_size, name) && !is_gone(network, slot))) {
            return slot;
        }
    }
}

static bool set_name(jw_map *map, const char *name, uint32_t slot)
{
    uint64_t key = jw_hash_text(0, name);
    while (jw_map_get(map, key) != JW_NONE) {
        key++;
    }
    return jw_map_set(map, key, slot);
}

_Static_assert(offsetof(net_node, def.name) == 0, "find_name reads the name at an item's start");
_Static_assert(offsetof(net_link, def.name) == 0, "find_name reads the name at an item's start");
_Static_assert(offsetof(net_cell, def.name) == 0, "find_name reads the name at an item's start");

bool jw_network_node_is_gone(const jw_network *network, uint32_t slot)
{
    return network->nodes[slot].is_removed;
}

bool jw_network_link_is_gone(const jw_network *network, uint32_t slot)
{
    const net_link *link = &network->links[slot];
    return link->is_removed || network->nodes[link->from].is_removed || network->nodes[link->to].is_removed;
}

bool jw_network_cell_is_gone(const jw_network *network, uint32_t slot)
{
    const net_cell *cell = &network->cells[slot];
    return cell->is_removed || network->nodes[cell->node].is_removed;
}

uint32_t jw_network_find_node_slot(const jw_network *network, const char *name)
{
    return find_name(network, &network->node_names, name, network->nodes, sizeof *network->nodes,
                     jw_network_node_is_gone);
}

uint32_t jw_network_find_link_slot(const jw_network *network, const char *name)
{
    return find_name(network, &network->link_names, name, network->links, sizeof *network->links,
                     jw_network_link_is_gone);
}

uint32_t jw_network_find_cell_slot(const jw_network *network, const char *name)
{
    return find_name(network, &network->cell_names, name, network->cells, sizeof *network->cells,
                     jw_network_cell_is_gone);
}

jw_result jw_network_index_names(jw_network *network, jw_error *error)
{
    bool is_ok = true;
    for (uint32_t i = 0; i < network->node_count && is_ok; i++) {
        is_ok = set_name(&network->node_names, network->nodes[i].def.name, i);
    }
    for (uint32_t i = 0; i < network->link_count && is_ok; i++) {
        is_ok = set_name(&network->link_names, network->links[i].def.name, i);
    }
    for (uint32_t i = 0; i < network->cell_count && is_ok; i++) {
        is_ok = set_name(&network->cell_names, network->cells[i].def.name, i);
    }
    return is_ok ? JW_OK : jw_fail_memory(error);
}

static bool is_name(const char *name)
{
    const char *end = memchr(name, 0, JW_NET_NAME_SIZE);
    return end && end != name && jw_text_is_utf8(name, (size_t)(end - name));
}

static bool is_place(double x_m, double y_m)
{
    return jw_abs(x_m) <= 1e7 && jw_abs(y_m) <= 1e7; /* false for NaN */
}

/* ---- nodes -----------------------------------------------------------------------------------------------
 */

double jw_network_link_energy_j(const net_link *link)
{
    const double nj_per_bit[2] = {link->def.nj_per_bit, link->def.nj_per_bit_back > 0
                                                            ? link->def.nj_per_bit_back
                                                            : link->def.nj_per_bit};
    double energy_j = 0;
    for (int i = 0; i < 2; i++) {
        int64_t bytes = 0;
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++)
            bytes += link->directions[i].carried_bytes[kind];
        energy_j += (double)bytes * 8 * nj_per_bit[i] * 1e-9;
    }
    return energy_j;
}

void jw_network_switch_energy(const jw_world *world, jw_network *network)
{
    int64_t now_ns = jw_world_time_ns(world);
    network->switch_energy_j += network->switch_power_w * jw_s_from_ns(now_ns - network->switch_since_ns);
    network->switch_since_ns = now_ns;
    network->switch_power_w = 0;
    for (uint32_t i = 0; i < network->node_count; i++) {
        const net_node *node = &network->nodes[i];
        if (node->is_up) {
            network->switch_power_w += node->def.kind == JW_NET_SWITCH    ? SWITCH_W
                                       : node->def.kind == JW_NET_GATEWAY ? GATEWAY_W
                                                                          : 0;
        }
    }
}

jw_result jw_network_add_node(jw_world *world, jw_network *network, const jw_net_node_def *def,
                              jw_net_node_id *out, jw_error *error)
{
    if (!is_name(def->name)) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a network node needs a name of 1 to %d bytes of UTF-8", JW_NET_NAME_SIZE - 1);
    }
    if (jw_network_find_node_slot(network, def->name) != JW_NONE) {
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                       "network node \"%s\" exists already: choose another name", def->name);
    }
    if (!is_place(def->x_m, def->y_m) || def->kind < JW_NET_HOST || def->kind > JW_NET_GATEWAY) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "network node \"%s\": place or kind is out of range",
                       def->name);
    }
    if (network->node_count >= NET_LINKS_MAX) {
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u network nodes", NET_LINKS_MAX);
    }
    jw_result result = jw_grow((void **)&network->nodes, &network->node_capacity, network->node_count + 1,
                               sizeof *network->nodes, error);
    if (result) {
        return result;
    }
    uint32_t slot = network->node_count;
    if (!set_name(&network->node_names, def->name, slot)) {
        return jw_fail_memory(error);
    }
    network->nodes[slot] = (net_node){.def = *def, .is_up = true};
    network->node_count++;
    jw_network_routes_forget(network->routes);
    jw_network_switch_energy(world, network);
    if (out) {
        *out = (jw_net_node_id){slot + 1, 1};
    }
    return JW_OK;
}

uint32_t jw_network_node_slot(const jw_network *network, jw_net_node_id id)
{
    return id.generation == 1 && id.index1 >= 1 && id.index1 <= network->node_count ? id.index1 - 1 : JW_NONE;
}

jw_net_node_id jw_network_find_node(const jw_network *network, const char *name)
{
    uint32_t slot = jw_network_find_node_slot(network, name);
    return slot == JW_NONE ? (jw_net_node_id){0, 0} : (jw_net_node_id){slot + 1, 1};
}

jw_net_node_id jw_network_nearest_node(const jw_network *network, jw_net_node_kind kind, double x_m,
                                       double y_m)
{
    jw_net_node_id nearest = {0, 0};
    double nearest_m2 = INFINITY;
    for (uint32_t i = 0; i < network->node_count; i++) {
        const net_node *node = &network->nodes[i];
        double dx_m = node->def.x_m - x_m, dy_m = node->def.y_m - y_m;
        double distance_m2 = dx_m * dx_m + dy_m * dy_m;
        if (node->def.kind == kind && node->is_up && distance_m2 < nearest_m2) {
            nearest = (jw_net_node_id){i + 1, 1};
            nearest_m2 = distance_m2;
        }
    }
    return nearest;
}

uint32_t jw_network_node_count(const jw_network *network)
{
    return network->node_count;
}

bool jw_network_node(const jw_network *network, uint32_t slot, jw_net_node_id *out_id, jw_net_node_def *out,
                     bool *out_is_up)
{
    if (slot >= network->node_count || jw_network_node_is_gone(network, slot)) {
        return false;
    }
    *out_id = (jw_net_node_id){slot + 1, 1};
    *out = network->nodes[slot].def;
    *out_is_up = network->nodes[slot].is_up;
    return true;
}

/* ---- links -----------------------------------------------------------------------------------------------
 */

void jw_network_link_derive(jw_network *network, uint32_t slot)
{
    net_link *link = &network->links[slot];
    link->is_up = !link->is_cut && !link->is_removed && network->nodes[link->from].is_up &&
                  network->nodes[link->to].is_up;
    for (uint32_t i = 0; i < 2; i++) {
        net_wire *wire = &network->wires[2 * slot + i];
        wire->capacity_bps = link->def.capacity_bps;
        wire->to = i == 0 ? link->to : link->from;
        wire->is_up = link->is_up;
    }
}

void jw_network_link_take_length(net_link *link, double length_m)
{
    link->def.length_m = length_m;
    link->delay_ns = (int64_t)jw_round(length_m * FIBRE_NS_PER_M) + jw_ns_from_s(link->def.extra_delay_s);
    link->delay_ns = link->delay_ns > 0 ? link->delay_ns : 1; /* 0 would let equal ways go in circles */
}

double jw_fibre_length_m(double x0_m, double y0_m, double x1_m, double y1_m)
{
    return DETOUR * jw_vec2_distance((jw_vec2){x0_m, y0_m}, (jw_vec2){x1_m, y1_m});
}

/* "from--to" shortened to fit, with a number when that is taken. */
static void make_link_name(const jw_network *network, const jw_net_link_def *def, char out[JW_NET_NAME_SIZE])
{
    char from[16], to[16];
    jw_text_copy(from, 13, def->from);
    jw_text_copy(to, 13, def->to);
    jw_text_format(out, JW_NET_NAME_SIZE, "%.12s--%.12s", from, to);
    for (uint32_t n = 2; jw_network_find_link_slot(network, out) != JW_NONE; n++) {
        jw_text_format(out, JW_NET_NAME_SIZE, "%.11s--%.11s#%u", from, to, n % 100000);
    }
}

static jw_result check_link(const jw_network *network, const jw_net_link_def *def, uint32_t *out_from,
                            uint32_t *out_to, jw_error *error)
{
    const char *ends[2] = {def->from, def->to};
    uint32_t slots[2];
    for (int i = 0; i < 2; i++) {
        slots[i] = is_name(ends[i]) ? jw_network_find_node_slot(network, ends[i]) : JW_NONE;
        if (slots[i] == JW_NONE) {
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "link \"%.31s\": no network node is named \"%.31s\"", def->name, ends[i]);
        }
    }
    if (slots[0] == slots[1]) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "link \"%.31s\" begins and ends at node \"%s\"",
                       def->name, def->from);
    }
    if (!(def->capacity_bps > 0) || def->capacity_bps > 1e15) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "link \"%.31s\": capacity must be above 0 and at most 1e15 bit/s", def->name);
    }
    if (!(def->length_m >= 0) || def->length_m > 1e8 || !(def->extra_delay_s >= 0) ||
        def->extra_delay_s > 100 || !(def->loss >= 0) || def->loss > 1 || !(def->nj_per_bit >= 0) ||
        def->nj_per_bit > 1e9 || !(def->nj_per_bit_back >= 0) || def->nj_per_bit_back > 1e9 ||
        def->queue_bytes < 0) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "link \"%.31s\": length (0 to 1e8 m), extra delay (0 to 100 s), loss (0 to 1), "
                       "energy of a bit (0 to 1e9 nJ) or queue (0 or more bytes) is out of range",
                       def->name);
    }
    *out_from = slots[0];
    *out_to = slots[1];
    return JW_OK;
}

jw_result jw_network_add_link(jw_world *world, jw_network *network, const jw_net_link_def *def,
                              jw_net_link_id *out, jw_error *error)
{
    (void)world;
    net_link link = {.def = *def};
    jw_result result = check_link(network, def, &link.from, &link.to, error);
    if (result) {
        return result;
    }
    if (!def->name[0]) {
        make_link_name(network, def, link.def.name);
    } else if (!is_name(def->name)) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a link's name must be UTF-8 of at most %d bytes",
                       JW_NET_NAME_SIZE - 1);
    } else if (jw_network_find_link_slot(network, def->name) != JW_NONE) {
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "link \"%s\" exists already: choose another name",
                       def->name);
    }
    if (network->link_count >= NET_LINKS_MAX) {
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u links", NET_LINKS_MAX);
    }
    if (link.def.length_m == 0) {
        const jw_net_node_def *from = &network->nodes[link.from].def, *to = &network->nodes[link.to].def;
        link.def.length_m = jw_fibre_length_m(from->x_m, from->y_m, to->x_m, to->y_m);
    }
    if (link.def.extra_delay_s == 0) {
        link.def.extra_delay_s = EQUIPMENT_S;
    }
    jw_network_link_take_length(&link, link.def.length_m);
    result = jw_grow((void **)&network->links, &network->link_capacity, network->link_count + 1, sizeof link,
                     error);
    result = result ? result : jw_network_reserve_wires(network, network->link_count + UINT64_C(1), error);
    if (result) {
        return result;
    }
    uint32_t slot = network->link_count;
    if (!set_name(&network->link_names, link.def.name, slot)) {
        return jw_fail_memory(error);
    }
    network->links[slot] = link;
    network->wires[2 * slot] = network->wires[2 * slot + 1] = (net_wire){0};
    jw_network_link_derive(network, slot);
    network->links[slot].is_known_up = network->links[slot].is_up;
    network->link_count++;
    jw_network_routes_forget(network->routes);
    if (out) {
        *out = (jw_net_link_id){slot + 1, 1};
    }
    return JW_OK;
}

/* The link's ends see a change at once: what was on its way or queued is lost, flows stall. Routing believes
 * it failover_s later. */
void jw_network_link_changed(jw_world *world, jw_network *network, uint32_t slot)
{
    net_link *link = &network->links[slot];
    bool was_up = link->is_up;
    jw_network_link_derive(network, slot);
    if (link->is_up == was_up) {
        return;
    }
    if (was_up) {
        link->cut_count++;
        for (int i = 0; i < 2; i++) {
            link->directions[i].busy_ns = 0;
            link->directions[i].control_busy_ns = 0;
        }
        jw_network_flows_stall(world, network, slot);
    }
    jw_schedule(world, jw_world_time_ns(world) + network->failover_ns, JW_PRIORITY_FIRST, network->module,
                NET_EVENT_REROUTE, slot, 0);
}

void jw_network_set_node_up(jw_world *world, jw_network *network, uint32_t slot, bool is_up)
{
    if (network->nodes[slot].is_up == is_up) {
        return;
    }
    network->nodes[slot].is_up = is_up;
    jw_network_hear_cells(network);
    jw_network_switch_energy(world, network);
    for (uint32_t cell = 0; cell < network->cell_count; cell++) {
        if (network->cells[cell].node == slot && !network->cells[cell].is_failed) {
            jw_network_places_cell_changed(network, cell);
            if (!is_up) {
                jw_network_air_clear(world, network, cell);
            }
        }
    }
    for (uint32_t i = 0; i < network->link_count; i++) {
        const net_link *link = &network->links[i];
        if (link->from == slot || link->to == slot) {
            jw_network_link_changed(world, network, i);
        }
    }
}

jw_result jw_network_set_link_up(jw_world *world, jw_network *network, const char *link_or_node, bool is_up,
                                 jw_error *error)
{
    uint32_t link = jw_network_find_link_slot(network, link_or_node);
    if (link != JW_NONE) {
        network->links[link].is_cut = !is_up;
        jw_network_link_changed(world, network, link);
        return JW_OK;
    }
    uint32_t node = jw_network_find_node_slot(network, link_or_node);
    if (node == JW_NONE) {
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no link and no network node is named \"%.63s\"",
                       link_or_node);
    }
    jw_network_set_node_up(world, network, node, is_up);
    return JW_OK;
}

uint32_t jw_network_link_count(const jw_network *network)
{
    return network->link_count;
}

bool jw_network_link_ends(const jw_network *network, uint32_t slot, jw_net_node_id *out_from,
                          jw_net_node_id *out_to)
{
    if (slot >= network->link_count || network->links[slot].is_removed) {
        return false;
    }
    *out_from = (jw_net_node_id){network->links[slot].from + 1, 1};
    *out_to = (jw_net_node_id){network->links[slot].to + 1, 1};
    return true;
}

bool jw_network_link(const jw_world *world, const jw_network *network, uint32_t slot, jw_frame_link *out)
{
    (void)world;
    if (slot >= network->link_count || jw_network_link_is_gone(network, slot)) {
        return false;
    }
    const net_link *link = &network->links[slot];
    const jw_net_node_def *from = &network->nodes[link->from].def, *to = &network->nodes[link->to].def;
    *out = (jw_frame_link){.x0_m = (float)from->x_m,
                           .y0_m = (float)from->y_m,
                           .x1_m = (float)to->x_m,
                           .y1_m = (float)to->y_m,
                           .capacity_bps = (float)link->def.capacity_bps,
                           .is_up = link->is_up};
    jw_text_copy(out->name, sizeof out->name, link->def.name);
    for (int i = 0; i < 2; i++) {
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
            out->rate_bps[i][kind] = (float)link->directions[i].rate_bps[kind];
        }
    }
    return true;
}

bool jw_network_link_bytes(const jw_network *network, uint32_t slot, bool is_backward, jw_link_bytes *out)
{
    if (slot >= network->link_count) {
        return false;
    }
    const net_direction *wire = &network->links[slot].directions[is_backward];
    for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
        out->offered[kind] = wire->offered_bytes[kind];
        out->carried[kind] = wire->carried_bytes[kind];
        out->dropped[kind] = wire->dropped_bytes[kind];
        out->queued[kind] = wire->queued_bytes[kind];
    }
    return true;
}

/* ---- cells -----------------------------------------------------------------------------------------------
 */

bool jw_network_cell_is_up(const jw_network *network, uint32_t cell)
{
    const net_cell *c = &network->cells[cell];
    return !c->is_failed && !c->is_removed && network->nodes[c->node].is_up;
}

jw_result jw_network_reserve_cells(jw_network *network, uint32_t count, jw_error *error)
{
    jw_result result =
        jw_grow((void **)&network->heard, &network->heard_capacity, count, sizeof *network->heard, error);
    if (!result) {
        result = jw_grow((void **)&network->shadows, &network->shadow_capacity, count,
                         sizeof *network->shadows, error);
    }
    return result ? result
                  : jw_grow((void **)&network->sight_fields, &network->sight_field_capacity, count,
                            sizeof *network->sight_fields, error);
}

jw_result jw_network_add_cell(jw_world *world, jw_network *network, const jw_cell_def *def, jw_cell_id *out,
                              jw_error *error)
{
    int64_t now_ns = jw_world_time_ns(world);
    net_cell cell = {.def = *def, .energy_since_ns = now_ns, .sleep_since_ns = NET_NEVER_NS};
    if (!is_name(def->name)) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a cell needs a name of 1 to %d bytes of UTF-8",
                       JW_NET_NAME_SIZE - 1);
    }
    if (jw_network_find_cell_slot(network, def->name) != JW_NONE) {
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "cell \"%s\" exists already: choose another name",
                       def->name);
    }
    cell.node = is_name(def->node) ? jw_network_find_node_slot(network, def->node) : JW_NONE;
    if (cell.node == JW_NONE) {
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "cell \"%s\": no network node is named \"%.31s\"",
                       def->name, def->node);
    }
    jw_network_default_cell(&cell.def);
    if (!jw_network_is_cell_sound(&cell.def)) {
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "cell \"%s\": out of range (height 1 to 150 m, band 0.5 to 100 GHz, a bandwidth of 3GPP TS "
            "38.101 "
            "for its subcarriers: %g MHz of %g kHz has none of 5 to 400 MHz, power -20 to 90 dBm, downlink "
            "share "
            "and sleep load between 0 and 1, sleep power at most idle power, that at most busy power)",
            def->name, cell.def.bandwidth_mhz, cell.def.subcarrier_khz);
    }
    if (network->cell_count >= NET_LINKS_MAX) {
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u cells", NET_LINKS_MAX);
    }
    jw_result result = jw_grow((void **)&network->cells, &network->cell_capacity, network->cell_count + 1,
                               sizeof cell, error);
    if (!result) {
        result = jw_network_reserve_cells(network, network->cell_count + 1, error);
    }
    if (result) {
        return result;
    }
    uint32_t slot = network->cell_count;
    if (!set_name(&network->cell_names, def->name, slot)) {
        return jw_fail_memory(error);
    }
    cell.power_w = network->nodes[cell.node].is_up ? cell.def.idle_power_w : 0;
    cell.servers[NET_DOWN].speed = cell.servers[NET_UP].speed = 1;
    cell.servers[NET_DOWN].since_ns = cell.servers[NET_UP].since_ns = now_ns;
    network->cells[slot] = cell;
    network->cell_count++;
    jw_network_set_cell_constants(network, slot);
    jw_network_hear_cells(network);
    jw_network_places_cell_changed(network, slot);
    if (out) {
        *out = (jw_cell_id){slot + 1, 1};
    }
    return JW_OK;
}

jw_result jw_network_set_cell_up(jw_world *world, jw_network *network, const char *name, bool is_up,
                                 jw_error *error)
{
    uint32_t slot = jw_network_find_cell_slot(network, name);
    if (slot == JW_NONE) {
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no cell is named \"%.63s\"", name);
    }
    net_cell *cell = &network->cells[slot];
    if (cell->is_failed == !is_up) {
        return JW_OK;
    }
    cell->is_failed = !is_up;
    jw_network_hear_cells(network);
    jw_network_places_cell_changed(network, slot);
    if (!is_up) {
        jw_network_air_clear(world, network, slot);
    }
    return JW_OK;
}

uint32_t jw_network_cell_count(const jw_network *network)
{
    return network->cell_count;
}

bool jw_network_cell(const jw_world *world, const jw_network *network, uint32_t slot, jw_cell_state *out)
{
    if (slot >= network->cell_count || jw_network_cell_is_gone(network, slot)) {
        return false;
    }
    *out = jw_network_cell_state_of(world, network, slot);
    return true;
}

jw_cell_state jw_network_cell_state_of(const jw_world *world, const jw_network *network, uint32_t slot)
{
    const net_cell *cell = &network->cells[slot];
    double since_s = jw_s_from_ns(jw_world_time_ns(world) - cell->energy_since_ns);
    return (jw_cell_state){
        .id = {slot + 1, 1},
        .def = &cell->def,
        .is_up = jw_network_cell_is_up(network, slot),
        .users = cell->users,
        .load = cell->load,
        .throughput_bps = cell->throughput_bps,
        .energy_j = cell->energy_j + cell->power_w * since_s,
        .full_rate_m = cell->full_rate_m,
        .reach_m = cell->reach_m,
        .prb_count = jw_prb_count(cell->def.band_ghz, cell->def.bandwidth_mhz, cell->def.subcarrier_khz),
        .is_asleep = cell->sleep != NET_CELL_AWAKE,
        .up_load = cell->up_load,
        .up_rise_db = 10 * jw_log10(1 + cell->up_interference / jw_pow(10, NET_UP_NOISE_DBM_PER_HZ / 10))};
}
