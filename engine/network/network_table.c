/* What the world can tell the network and ask of it: verbs, tables, metrics. */
#include "network/network_internal.h"

/* ---- verbs -----------------------------------------------------------------------------------------------
 */

static jw_result cut_link(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_set_link_up(world, state, jw_command_get_text(command, "name", ""), false, error);
}

static jw_result repair_link(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_set_link_up(world, state, jw_command_get_text(command, "name", ""), true, error);
}

static jw_result fail_cell(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_set_cell_up(world, state, jw_command_get_text(command, "name", ""), false, error);
}

static jw_result repair_cell(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_set_cell_up(world, state, jw_command_get_text(command, "name", ""), true, error);
}

/* A name too long must not become another one's by cutting it. */
static jw_result take_name(const jw_command *command, const char *key, char out[JW_NET_NAME_SIZE],
                           jw_error *error)
{
    const char *name = jw_command_get_text(command, key, "");
    return jw_text_copy(out, JW_NET_NAME_SIZE, name)
               ? JW_OK
               : jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s \"%s\" has more than %d bytes", key, name,
                         JW_NET_NAME_SIZE - 1);
}

static jw_result add_link(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_net_link_def def = {.capacity_bps = jw_command_get_number(command, "capacity_gbps", 0) * 1e9};
    jw_result result = take_name(command, "from", def.from, error);
    if (!result) {
        result = take_name(command, "to", def.to, error);
    }
    if (!result) {
        result = take_name(command, "name", def.name, error);
    }
    jw_network_node_of_cell(state, def.from);
    jw_network_node_of_cell(state, def.to);
    return result ? result : jw_network_add_link(world, state, &def, NULL, error);
}

static jw_result remove_link(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_set_link_removed(world, state, jw_command_get_text(command, "name", ""), true, error);
}

static jw_result restore_link(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_set_link_removed(world, state, jw_command_get_text(command, "name", ""), false, error);
}

static jw_result place_cell(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_cell_def def = {.x_m = jw_command_get_number(command, "x", 0),
                       .y_m = jw_command_get_number(command, "y", 0),
                       .band_ghz = jw_command_get_number(command, "band_ghz", 0),
                       .power_dbm = jw_command_get_number(command, "power_dbm", 0),
                       .height_m = jw_command_get_number(command, "height_m", 0)};
    jw_result result = take_name(command, "name", def.name, error);
    if (!result) {
        result = take_name(command, "node", def.node, error);
    }
    if (result) {
        return result;
    }
    return def.node[0] ? jw_network_add_cell(world, state, &def, NULL, error)
                       : jw_network_place_mast(world, state, &def,
                                               jw_command_get_number(command, "fibre_gbps", 25) * 1e9, error);
}

static jw_result move_cell(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_move_cell(world, state, jw_command_get_text(command, "name", ""),
                                jw_command_get_number(command, "x", 0),
                                jw_command_get_number(command, "y", 0), error);
}

static jw_result remove_cell(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_remove_cell(world, state, jw_command_get_text(command, "name", ""), error);
}

static jw_result restore_cell(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_network_restore_cell(world, state, jw_command_get_text(command, "name", ""), error);
}

static const jw_verb_arg link_args[] = {
    {.key = "name", .type = 't', .unit = "", .doc = "a link, or a node: all its links"}};
static const jw_verb_arg cell_args[] = {{.key = "name", .type = 't', .unit = "", .doc = "a cell"}};
static const jw_verb_arg one_link_args[] = {{.key = "name", .type = 't', .unit = "", .doc = "a link"}};
static const jw_verb_arg add_link_args[] = {
    {.key = "from", .type = 't', .unit = "", .doc = "a network node, or a cell: its mast"},
    {.key = "to", .type = 't', .unit = "", .doc = "another one"},
    {.key = "capacity_gbps", .type = 'n', .min = 1e-6, .max = 1e6, .unit = "Gbit/s", .doc = "each way"},
    {.key = "name", .type = 't', .is_optional = true, .unit = "", .doc = "made of its ends when left out"}};
#define PLACE(axis, what)                                                                                    \
    {                                                                                                        \
        .key = axis, .type = 'n', .min = -1e7, .max = 1e7, .unit = "m", .doc = what " of the city's origin"  \
    }
static const jw_verb_arg place_cell_args[] = {
    {.key = "name", .type = 't', .unit = "", .doc = "of the new cell"},
    {.key = "node",
     .type = 't',
     .is_optional = true,
     .unit = "",
     .doc = "network node it hangs on; when left out a new mast, with a fibre to the nearest switch or host"},
    PLACE("x", "east"),
    PLACE("y", "north"),
    {.key = "band_ghz", .type = 'n', .is_optional = true, .max = 100, .unit = "GHz", .doc = "0: 3.5"},
    {.key = "power_dbm", .type = 'n', .is_optional = true, .max = 90, .unit = "dBm", .doc = "0: 44"},
    {.key = "height_m", .type = 'n', .is_optional = true, .max = 150, .unit = "m", .doc = "0: 10"},
    {.key = "fibre_gbps",
     .type = 'n',
     .is_optional = true,
     .min = 0.001,
     .max = 1e5,
     .default_number = 25,
     .unit = "Gbit/s",
     .doc = "of a new mast"}};
static const jw_verb_arg move_cell_args[] = {
    {.key = "name", .type = 't', .unit = "", .doc = "a cell"}, PLACE("x", "east"), PLACE("y", "north")};

const jw_verb jw_network_verbs[NET_VERB_COUNT] = {
    {"cut_link", "cuts a link, or all links of a node", link_args, 1, cut_link},
    {"repair_link", "repairs what cut_link cut", link_args, 1, repair_link},
    {"fail_cell", "switches a cell off", cell_args, 1, fail_cell},
    {"repair_cell", "switches a cell on again", cell_args, 1, repair_cell},
    {"add_link", "lays a fibre between two nodes", add_link_args, JW_COUNT_OF(add_link_args), add_link},
    {"remove_link", "takes a fibre away: what is on it is lost, the rest goes another way", one_link_args, 1,
     remove_link},
    {"restore_link", "lays again the fibre that was removed last of those with the name", one_link_args, 1,
     restore_link},
    {"place_cell", "sets up a cell (UMi, a channel of its band's usual width)", place_cell_args,
     JW_COUNT_OF(place_cell_args), place_cell},
    {"move_cell", "moves a cell, with its mast and the mast's other cells; its users look for a cell anew",
     move_cell_args, JW_COUNT_OF(move_cell_args), move_cell},
    {"remove_cell", "takes a cell away, with its mast when nothing else stands there; its users hand over",
     cell_args, 1, remove_cell},
    {"restore_cell", "sets up again, as it was, the cell that was removed last of those with the name",
     cell_args, 1, restore_cell},
};

/* ---- metrics ---------------------------------------------------------------------------------------------
 */

const jw_metric jw_network_metrics[NET_METRIC_COUNT] = {
    {"network.messages_sent", "", JW_METRIC_COUNTER, "messages handed to the network"},
    {"network.lost", "", JW_METRIC_COUNTER, "messages lost"},
    {"network.in_flight", "", JW_METRIC_GAUGE, "messages under way"},
    {"network.flows", "", JW_METRIC_GAUGE, "flows running or stalled"},
    {"network.users", "", JW_METRIC_GAUGE, "radio users"},
    {"network.outages", "", JW_METRIC_GAUGE, "radio users without a cell"},
    {"network.handovers", "", JW_METRIC_COUNTER, "changes of the serving cell"},
    {"network.throughput", "bit/s", JW_METRIC_GAUGE, "delivered over the last second"},
    {"network.max_link_load", "%", JW_METRIC_GAUGE,
     "rate over capacity of the fullest direction, last second"},
    {"network.energy_wh", "Wh", JW_METRIC_COUNTER, "cells, switches and the bits on links"},
    {"network.ping_pongs", "", JW_METRIC_COUNTER, "handovers back to the cell left less than a second ago"},
    {"network.radio_failures", "", JW_METRIC_COUNTER,
     "radio links that failed: out of synchronisation for T310, or at a handover"},
    {"network.cells_asleep", "", JW_METRIC_GAUGE, "cells asleep or waking"},
};

static double link_load(const net_link *link, int direction)
{
    double rate_bps = 0;
    for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
        rate_bps += link->directions[direction].rate_bps[kind];
    }
    return rate_bps / link->def.capacity_bps;
}

static double max_link_load(const jw_network *network)
{
    double load = 0;
    for (uint32_t i = 0; i < network->link_count; i++) {
        load = jw_max(load, jw_max(link_load(&network->links[i], 0), link_load(&network->links[i], 1)));
    }
    return load;
}

static uint32_t cells_asleep(const jw_network *network)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < network->cell_count; i++) {
        count += network->cells[i].sleep != NET_CELL_AWAKE;
    }
    return count;
}

double jw_network_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const jw_network *network = state;
    const jw_network_counts *counts = &network->counts;
    switch (metric) {
    case 0:
        return (double)counts->messages_sent;
    case 1:
        return (double)counts->messages_lost;
    case 2:
        return network->message_pool.alive_count;
    case 3:
        return network->flow_pool.alive_count;
    case 4:
        return network->user_pool.alive_count;
    case 5:
        return (double)counts->radio_outages;
    case 6:
        return (double)counts->handovers;
    case 7:
        return network->throughput_bps;
    case 8:
        return 100 * max_link_load(network);
    case 9:
        return jw_network_count(world, network).energy_j / 3600;
    case 10:
        return (double)counts->ping_pongs;
    case 11:
        return (double)counts->radio_failures;
    default:
        return cells_asleep(network);
    }
}

/* ---- tables ----------------------------------------------------------------------------------------------
 */

static uint32_t no_geometry(const jw_world *world, const void *state, uint32_t row)
{
    (void)world, (void)state, (void)row;
    return JW_NONE;
}

static const jw_column link_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "unique among those not removed"},
    {"from", JW_COLUMN_TEXT, "", "node"},
    {"to", JW_COLUMN_TEXT, "", "node"},
    {"x_m", JW_COLUMN_F64, "m", "middle"},
    {"y_m", JW_COLUMN_F64, "m", "middle"},
    {"length_m", JW_COLUMN_F64, "m", "of the fibre"},
    {"capacity_bps", JW_COLUMN_F64, "bit/s", "each way"},
    {"load_forward", JW_COLUMN_F64, "", "rate over capacity, last second"},
    {"load_backward", JW_COLUMN_F64, "", "rate over capacity, last second"},
    {"carried_bytes", JW_COLUMN_I64, "byte", "both ways, since the start"},
    {"is_up", JW_COLUMN_I64, "", "1 works; -1: removed"},
    {"dropped_bytes", JW_COLUMN_I64, "byte", "both ways: full queue, loss, failure"},
    {"queued_bytes", JW_COLUMN_I64, "byte", "both ways: waiting or on the fibre now"},
    {"energy_wh", JW_COLUMN_F64, "Wh", "of the bits carried, by the link's nJ a bit"},
};

static uint32_t link_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_network *)state)->link_count;
}

static double link_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_network *network = state;
    const net_link *link = &network->links[row];
    const jw_net_node_def *from = &network->nodes[link->from].def, *to = &network->nodes[link->to].def;
    switch (column) {
    case 3:
        return (from->x_m + to->x_m) / 2;
    case 4:
        return (from->y_m + to->y_m) / 2;
    case 5:
        return link->def.length_m;
    case 6:
        return link->def.capacity_bps;
    case 13:
        return jw_network_link_energy_j(link) / 3600;
    default:
        return link_load(link, column == 7 ? 0 : 1);
    }
}

static int64_t link_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_network *network = state;
    if (column == 10) {
        return jw_network_link_is_gone(network, row) ? -1 : network->links[row].is_up;
    }
    int64_t bytes = 0;
    for (int i = 0; i < 2 * JW_TRAFFIC_KIND_COUNT; i++) {
        const net_direction *wire = &network->links[row].directions[i & 1];
        bytes += column == 9    ? wire->carried_bytes[i / 2]
                 : column == 11 ? wire->dropped_bytes[i / 2]
                                : wire->queued_bytes[i / 2];
    }
    return bytes;
}

static const char *link_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_net_link_def *def = &((const jw_network *)state)->links[row].def;
    return column == 0 ? def->name : column == 1 ? def->from : def->to;
}

static const jw_column cell_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "unique among those not removed"},
    {"node", JW_COLUMN_TEXT, "", "network node it hangs on"},
    {"x_m", JW_COLUMN_F64, "m", "antenna"},
    {"y_m", JW_COLUMN_F64, "m", "antenna"},
    {"height_m", JW_COLUMN_F64, "m", "antenna above ground"},
    {"load", JW_COLUMN_F64, "", "share of resource blocks used, last interval"},
    {"throughput_bps", JW_COLUMN_F64, "bit/s", "messages over the last interval"},
    {"energy_wh", JW_COLUMN_F64, "Wh", "until now"},
    {"band_ghz", JW_COLUMN_F64, "GHz", "middle of its channel"},
    {"azimuth_deg", JW_COLUMN_F64, "deg", "where it looks, clockwise from north"},
    {"up_load", JW_COLUMN_F64, "", "share of the uplink's resource blocks used, last interval"},
    {"up_rise_db", JW_COLUMN_F64, "dB", "other cells' terminals over the noise of its uplink"},
    {"users", JW_COLUMN_I64, "", "served now"},
    {"is_up", JW_COLUMN_I64, "", "1 works; -1: removed"},
    {"is_asleep", JW_COLUMN_I64, "", "1 sleeps or wakes"},
};

static uint32_t cell_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_network *)state)->cell_count;
}

static double cell_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_cell_state cell = jw_network_cell_state_of(world, state, row);
    switch (column) {
    case 2:
        return cell.def->x_m;
    case 3:
        return cell.def->y_m;
    case 4:
        return cell.def->height_m;
    case 5:
        return cell.load;
    case 6:
        return cell.throughput_bps;
    case 7:
        return cell.energy_j / 3600;
    case 8:
        return cell.def->band_ghz;
    case 9:
        return cell.def->azimuth_deg;
    case 10:
        return cell.up_load;
    default:
        return cell.up_rise_db;
    }
}

static int64_t cell_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_network *network = state;
    switch (column) {
    case 12:
        return network->cells[row].users;
    case 13:
        return jw_network_cell_is_gone(network, row) ? -1 : jw_network_cell_is_up(network, row);
    default:
        return network->cells[row].sleep != NET_CELL_AWAKE;
    }
}

static const char *cell_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_cell_def *def = &((const jw_network *)state)->cells[row].def;
    return column == 0 ? def->name : def->node;
}

static const jw_column node_columns[] = {
    {"name", JW_COLUMN_TEXT, "", "unique among those not removed"},
    {"kind", JW_COLUMN_TEXT, "", "host, switch, cell site or gateway"},
    {"x_m", JW_COLUMN_F64, "m", "place"},
    {"y_m", JW_COLUMN_F64, "m", "place"},
    {"is_up", JW_COLUMN_I64, "", "1 works; -1: removed"},
};

static uint32_t node_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_network *)state)->node_count;
}

static double node_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_net_node_def *def = &((const jw_network *)state)->nodes[row].def;
    return column == 2 ? def->x_m : def->y_m;
}

static int64_t node_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    const net_node *node = &((const jw_network *)state)->nodes[row];
    return node->is_removed ? -1 : node->is_up;
}

static const char *node_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    static const char *const kinds[] = {"host", "switch", "cell site", "gateway"};
    const jw_net_node_def *def = &((const jw_network *)state)->nodes[row].def;
    return column == 0 ? def->name : kinds[def->kind];
}

const jw_table jw_network_tables[NET_TABLE_COUNT] = {
    {"links", "fibre between network nodes", JW_TABLE_STATE, JW_GEOMETRY_POINT, link_columns,
     JW_COUNT_OF(link_columns), link_rows, no_geometry, link_number, link_integer, link_text},
    {"cells", "radio cells", JW_TABLE_STATE, JW_GEOMETRY_POINT, cell_columns, JW_COUNT_OF(cell_columns),
     cell_rows, no_geometry, cell_number, cell_integer, cell_text},
    {"nodes", "network nodes", JW_TABLE_STATE, JW_GEOMETRY_POINT, node_columns, JW_COUNT_OF(node_columns),
     node_rows, no_geometry, node_number, node_integer, node_text},
};
