/* What is moved, removed and restored while the network runs.
 *
 * What is removed stays in its slot, down and without its name, for messages on their way know it by its
 * slot; they are lost or go another way as when it fails. Restored it is as it was. A mast (a node of the
 * kind JW_NET_CELL_SITE) that nothing but one fibre hangs on goes with its last cell. */
#include "network/network_internal.h"

#include <string.h>

#define SAME_PLACE_M 1.0 /* between an end and the other: its fibre's detour says nothing */

static jw_result fail_absent(const char *what, const char *name, jw_error *error)
{
    return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no %s is named \"%.63s\"", what, name);
}

static jw_result fail_not_removed(const char *what, const char *name, jw_error *error)
{
    return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no %s named \"%.63s\" was removed", what, name);
}

static jw_result fail_taken(const char *what, const char *name, jw_error *error)
{
    return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "the name \"%.63s\" belongs to another %s by now", name,
                   what);
}

/* ---- nodes -----------------------------------------------------------------------------------------------
 */

jw_net_node_id jw_network_nearest_anchor(const jw_network *network, double x_m, double y_m)
{
    jw_net_node_id ids[2] = {jw_network_nearest_node(network, JW_NET_SWITCH, x_m, y_m),
                             jw_network_nearest_node(network, JW_NET_HOST, x_m, y_m)};
    double away_m[2] = {1e30, 1e30};
    for (int i = 0; i < 2; i++) {
        uint32_t slot = jw_network_node_slot(network, ids[i]);
        if (slot != JW_NONE) {
            const jw_net_node_def *def = &network->nodes[slot].def;
            away_m[i] = jw_vec2_distance((jw_vec2){def->x_m, def->y_m}, (jw_vec2){x_m, y_m});
        }
    }
    return ids[away_m[1] < away_m[0]];
}

static void take_node(jw_world *world, jw_network *network, uint32_t slot, bool is_removed)
{
    if (is_removed) {
        jw_network_set_node_up(world, network, slot, false);
    }
    network->nodes[slot].is_removed = is_removed;
    if (!is_removed) {
        jw_network_set_node_up(world, network, slot, true);
    }
}

jw_result jw_network_remove_node(jw_world *world, jw_network *network, const char *name, jw_error *error)
{
    uint32_t slot = jw_network_find_node_slot(network, name);
    if (slot == JW_NONE) {
        return fail_absent("network node", name, error);
    }
    take_node(world, network, slot, true);
    return JW_OK;
}

/* The last that went of those with this name; JW_NONE. */
static uint32_t find_gone_node(const jw_network *network, const char *name)
{
    for (uint32_t i = network->node_count; i-- > 0;) {
        if (network->nodes[i].is_removed && !strcmp(network->nodes[i].def.name, name)) {
            return i;
        }
    }
    return JW_NONE;
}

/* Its own name and those of the links and cells that come back with it are free. */
static jw_result check_names(const jw_network *network, uint32_t node, jw_error *error)
{
    const char *name = network->nodes[node].def.name;
    if (jw_network_find_node_slot(network, name) != JW_NONE) {
        return fail_taken("network node", name, error);
    }
    for (uint32_t i = 0; i < network->link_count; i++) {
        const net_link *link = &network->links[i];
        if ((link->from == node || link->to == node) && !link->is_removed &&
            jw_network_find_link_slot(network, link->def.name) != JW_NONE) {
            return fail_taken("link", link->def.name, error);
        }
    }
    for (uint32_t i = 0; i < network->cell_count; i++) {
        const net_cell *cell = &network->cells[i];
        if (cell->node == node && !cell->is_removed &&
            jw_network_find_cell_slot(network, cell->def.name) != JW_NONE) {
            return fail_taken("cell", cell->def.name, error);
        }
    }
    return JW_OK;
}

static jw_result restore_node(jw_world *world, jw_network *network, uint32_t slot, jw_error *error)
{
    jw_result result = check_names(network, slot, error);
    if (!result) {
        take_node(world, network, slot, false);
    }
    return result;
}

jw_result jw_network_restore_node(jw_world *world, jw_network *network, const char *name, jw_error *error)
{
    uint32_t slot = find_gone_node(network, name);
    return slot == JW_NONE ? fail_not_removed("network node", name, error)
                           : restore_node(world, network, slot, error);
}

/* A fibre keeps its detour over the straight line. */
static void stretch_link(const jw_network *network, net_link *link, double was_m)
{
    const jw_net_node_def *from = &network->nodes[link->from].def, *to = &network->nodes[link->to].def;
    double length_m = jw_fibre_length_m(from->x_m, from->y_m, to->x_m, to->y_m);
    if (was_m > SAME_PLACE_M) {
        double is_m = jw_vec2_distance((jw_vec2){from->x_m, from->y_m}, (jw_vec2){to->x_m, to->y_m});
        length_m = jw_min(link->def.length_m * (is_m / was_m), 1e8);
    }
    jw_network_link_take_length(link, length_m);
}

static void shift_cell(jw_world *world, jw_network *network, uint32_t slot, double dx_m, double dy_m)
{
    net_cell *cell = &network->cells[slot];
    jw_network_places_cell_changed(network, slot); /* where it was */
    jw_network_air_clear(world, network, slot);
    cell->def.x_m += dx_m;
    cell->def.y_m += dy_m;
    jw_network_set_cell_constants(network, slot);
    jw_network_places_cell_changed(network, slot); /* and where it is */
}

static jw_result check_place(const char *what, const char *name, double x_m, double y_m, jw_error *error)
{
    return jw_abs(x_m) <= 1e7 && jw_abs(y_m) <= 1e7 /* false for NaN */
               ? JW_OK
               : jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s \"%.63s\": the place is off the map", what,
                         name);
}

static void move_node(jw_world *world, jw_network *network, uint32_t slot, double x_m, double y_m)
{
    jw_net_node_def *def = &network->nodes[slot].def;
    jw_vec2 was = {def->x_m, def->y_m};
    def->x_m = x_m;
    def->y_m = y_m;
    for (uint32_t i = 0; i < network->link_count; i++) {
        net_link *link = &network->links[i];
        if (link->from == slot || link->to == slot) {
            const jw_net_node_def *other = &network->nodes[link->from == slot ? link->to : link->from].def;
            stretch_link(network, link, jw_vec2_distance(was, (jw_vec2){other->x_m, other->y_m}));
        }
    }
    for (uint32_t i = 0; i < network->cell_count; i++) {
        if (network->cells[i].node == slot) {
            shift_cell(world, network, i, x_m - was.x, y_m - was.y);
        }
    }
    jw_network_hear_cells(network);
    jw_network_routes_forget(network->routes);
}

jw_result jw_network_move_node(jw_world *world, jw_network *network, const char *name, double x_m, double y_m,
                               jw_error *error)
{
    uint32_t slot = jw_network_find_node_slot(network, name);
    if (slot == JW_NONE) {
        return fail_absent("network node", name, error);
    }
    jw_result result = check_place("network node", name, x_m, y_m, error);
    if (!result) {
        move_node(world, network, slot, x_m, y_m);
    }
    return result;
}

/* ---- links -----------------------------------------------------------------------------------------------
 */

jw_result jw_network_set_link_removed(jw_world *world, jw_network *network, const char *name, bool is_removed,
                                      jw_error *error)
{
    uint32_t slot = jw_network_find_link_slot(network, name);
    if (is_removed && slot == JW_NONE) {
        return fail_absent("link", name, error);
    }
    if (!is_removed) {
        if (slot != JW_NONE) {
            return fail_taken("link", name, error);
        }
        for (uint32_t i = network->link_count; i-- > 0 && slot == JW_NONE;) {
            const net_link *link = &network->links[i];
            if (link->is_removed && !strcmp(link->def.name, name)) {
                slot = i;
            }
        }
        if (slot == JW_NONE) {
            return fail_not_removed("link", name, error);
        }
        if (network->nodes[network->links[slot].from].is_removed ||
            network->nodes[network->links[slot].to].is_removed) {
            return jw_fail(error, JW_ERROR_STATE, NULL, 0, "link \"%.63s\": one of its ends was removed",
                           name);
        }
    }
    network->links[slot].is_removed = is_removed;
    jw_network_link_changed(world, network, slot);
    return JW_OK;
}

/* ---- cells -----------------------------------------------------------------------------------------------
 */

/* A mast that holds nothing else and has one fibre at most. */
static bool is_bare_mast(const jw_network *network, uint32_t node)
{
    uint32_t links = 0, cells = 0;
    for (uint32_t i = 0; i < network->link_count; i++) {
        const net_link *link = &network->links[i];
        links += (link->from == node || link->to == node) && !jw_network_link_is_gone(network, i);
    }
    for (uint32_t i = 0; i < network->cell_count; i++) {
        cells += network->cells[i].node == node && !jw_network_cell_is_gone(network, i);
    }
    return network->nodes[node].def.kind == JW_NET_CELL_SITE && cells == 0 && links <= 1;
}

jw_result jw_network_remove_cell(jw_world *world, jw_network *network, const char *name, jw_error *error)
{
    uint32_t slot = jw_network_find_cell_slot(network, name);
    if (slot == JW_NONE) {
        return fail_absent("cell", name, error);
    }
    uint32_t node = network->cells[slot].node;
    network->cells[slot].is_removed = true;
    jw_network_hear_cells(network);
    jw_network_places_cell_changed(network, slot);
    jw_network_air_clear(world, network, slot);
    if (is_bare_mast(network, node)) {
        take_node(world, network, node, true);
    }
    return JW_OK;
}

jw_result jw_network_restore_cell(jw_world *world, jw_network *network, const char *name, jw_error *error)
{
    if (jw_network_find_cell_slot(network, name) != JW_NONE) {
        return fail_taken("cell", name, error);
    }
    uint32_t slot = JW_NONE;
    for (uint32_t i = network->cell_count; i-- > 0 && slot == JW_NONE;) {
        if (jw_network_cell_is_gone(network, i) && !strcmp(network->cells[i].def.name, name)) {
            slot = i;
        }
    }
    if (slot == JW_NONE) {
        return fail_not_removed("cell", name, error);
    }
    net_cell *cell = &network->cells[slot];
    jw_result result =
        network->nodes[cell->node].is_removed ? restore_node(world, network, cell->node, error) : JW_OK;
    if (!result) {
        cell->is_removed = false;
        jw_network_hear_cells(network);
        jw_network_places_cell_changed(network, slot);
    }
    return result;
}

jw_result jw_network_move_cell(jw_world *world, jw_network *network, const char *name, double x_m, double y_m,
                               jw_error *error)
{
    uint32_t slot = jw_network_find_cell_slot(network, name);
    if (slot == JW_NONE) {
        return fail_absent("cell", name, error);
    }
    jw_result result = check_place("cell", name, x_m, y_m, error);
    if (result) {
        return result;
    }
    const net_cell *cell = &network->cells[slot];
    const jw_net_node_def *mast = &network->nodes[cell->node].def;
    double dx_m = x_m - cell->def.x_m, dy_m = y_m - cell->def.y_m;
    if (mast->kind == JW_NET_CELL_SITE) {
        move_node(world, network, cell->node, mast->x_m + dx_m, mast->y_m + dy_m);
    } else { /* on a roof with computers: these stay */
        shift_cell(world, network, slot, dx_m, dy_m);
        jw_network_hear_cells(network);
    }
    return JW_OK;
}

void jw_network_node_of_cell(const jw_network *network, char name[JW_NET_NAME_SIZE])
{
    uint32_t cell = jw_network_find_node_slot(network, name) == JW_NONE
                        ? jw_network_find_cell_slot(network, name)
                        : JW_NONE;
    if (cell != JW_NONE) {
        memcpy(name, network->nodes[network->cells[cell].node].def.name, JW_NET_NAME_SIZE);
    }
}

jw_result jw_network_place_mast(jw_world *world, jw_network *network, const jw_cell_def *def,
                                double fibre_bps, jw_error *error)
{
    jw_net_node_def mast = {.kind = JW_NET_CELL_SITE, .x_m = def->x_m, .y_m = def->y_m};
    jw_cell_def cell = *def;
    memcpy(mast.name, def->name, sizeof mast.name);
    memcpy(cell.node, def->name, sizeof cell.node);
    uint32_t anchor = jw_network_node_slot(network, jw_network_nearest_anchor(network, def->x_m, def->y_m));
    if (anchor == JW_NONE) {
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "cell \"%.31s\": there is no node to join its mast to",
                       def->name);
    }
    jw_net_link_def link = {.capacity_bps = fibre_bps};
    memcpy(link.from, def->name, sizeof link.from);
    memcpy(link.to, network->nodes[anchor].def.name, sizeof link.to);
    jw_result result = jw_network_add_node(world, network, &mast, NULL, error);
    if (result) {
        return result;
    }
    result = jw_network_add_link(world, network, &link, NULL, error);
    if (!result) {
        result = jw_network_add_cell(world, network, &cell, NULL, error);
    }
    if (result) { /* all or nothing */
        take_node(world, network, network->node_count - 1, true);
    }
    return result;
}
