/* The module: its table, life, events and phases. */
#include "network/network_internal.h"

#include <string.h>

#define SAMPLE_NS JW_NS_PER_S /* links' rates are means over this */

jw_network_def jw_default_network_def(void)
{
    return (jw_network_def){.failover_s = 0.05,
                            .message_timeout_s = 2,
                            .is_los_from_buildings = true,
                            .has_shadowing = true,
                            .a3_offset_db = 3,
                            .a3_hysteresis_db = 1,
                            .a3_trigger_s = 0.16,
                            .t310_s = 1,
                            .up_p0_dbm = -80,
                            .up_alpha = 0.8};
}

void jw_network_set_ports(jw_network *network, const jw_network_ports *ports)
{
    network->ports = *ports;
}

/* ---- life ------------------------------------------------------------------------------------------------
 */

static void destroy(void *state)
{
    jw_network *network = state;
    for (uint32_t i = 0; i < 2 * network->link_count; i++) {
        jw_free(network->wires[i].flows);
        jw_free(network->wires[i].bundles);
    }
    for (uint32_t i = 0; i < network->cell_count; i++) {
        jw_free(network->cells[i].servers[0].jobs);
        jw_free(network->cells[i].servers[1].jobs);
    }
    jw_free(network->nodes);
    jw_free(network->links);
    jw_free(network->cells);
    jw_pool_free(&network->user_pool);
    jw_free(network->users);
    jw_pool_free(&network->message_pool);
    jw_free(network->messages);
    jw_pool_free(&network->flow_pool);
    jw_free(network->flows);
    jw_free(network->waiting);
    jw_pool_free(&network->bundle_pool);
    jw_free(network->bundles);
    jw_free(network->dirty_bundles);
    jw_free(network->dirty_directions);
    jw_free(network->rising);
    jw_map_free(&network->node_names);
    jw_map_free(&network->link_names);
    jw_map_free(&network->cell_names);
    jw_network_routes_destroy(network->routes);
    jw_network_share_free(&network->share);
    jw_free(network->wires);
    jw_free(network->blocks.items);
    jw_free(network->blocks.free);
    jw_free(network->due.times_ns);
    jw_free(network->bundle_chains);
    jw_free(network->touched);
    jw_free(network->partings);
    jw_free(network->places);
    jw_free(network->place_states);
    jw_free(network->place_pages);
    jw_map_free(&network->place_page_numbers);
    jw_free(network->heard);
    jw_free(network->shadows);
    jw_free(network->sight_fields);
    jw_free(network->leaks);
    jw_free(network->place_jobs);
    jw_network_sight_destroy(network->sight);
    memset(network, 0, sizeof *network);
}

/* What comes from the world and the city and is not saved. */
static jw_result derive(jw_world *world, jw_network *network, jw_error *error)
{
    const net_shared *shared = jw_world_shared(world);
    network->city = shared ? shared->city : NULL;
    network->loss_key = jw_world_random(world, jw_hash_text(0, "network.loss"));
    network->sight_key = jw_world_random(world, jw_hash_text(0, "network.sight"));
    network->shadow_key = jw_world_random(world, jw_hash_text(0, "network.shadow"));
    jw_network_shadow_make(jw_world_random(world, jw_hash_text(0, "network.shadow.common")), 0, 0,
                           &network->common_shadow);
    for (jw_cqi_table table = JW_CQI_64QAM; table <= JW_CQI_256QAM; table++) {
        for (uint8_t cqi = 0; cqi <= 15; cqi++) {
            network->cqi_efficiency[table][cqi] = (float)jw_cqi_efficiency(table, cqi);
            if (cqi > 0) {
                network->cqi_sinr[table][cqi - 1] = (float)jw_pow(10, jw_cqi_threshold_db(table, cqi) / 10);
            }
        }
    }
    network->module = (uint16_t)jw_world_find_module(world, "network");
    jw_result result = jw_network_routes_create(&network->routes, error);
    if (!result) {
        result = jw_network_sight_create(network->city, &network->sight, error);
    }
    return result;
}

static double or_default(double value, double fallback)
{
    return value == 0 ? fallback : value;
}

static jw_result read_def(jw_network *network, const jw_network_def *def, jw_error *error)
{
    network->radio_interval_s = def->radio_interval_s;
    network->background_bps = def->user_background_bps;
    network->is_los_from_buildings = def->is_los_from_buildings;
    network->has_shadowing = def->has_shadowing;
    network->a3_offset_db = def->a3_offset_db;
    network->a3_hysteresis_db = or_default(def->a3_hysteresis_db, 1);
    network->up_p0_dbm = or_default(def->up_p0_dbm, -80);
    network->up_alpha = or_default(def->up_alpha, 0.8);
    double trigger_s = or_default(def->a3_trigger_s, 0.16), t310_s = or_default(def->t310_s, 1);
    double failover_s = or_default(def->failover_s, 0.05), timeout_s = or_default(def->message_timeout_s, 2);
    bool is_ok = def->radio_interval_s >= 0 && def->radio_interval_s <= 3600 && failover_s > 0 &&
                 failover_s <= 3600 && timeout_s > 0 && timeout_s <= 3600 && def->user_background_bps >= 0 &&
                 def->user_background_bps <= 1e12 && jw_abs(network->a3_offset_db) <= 15 &&
                 network->a3_hysteresis_db >= 0 && network->a3_hysteresis_db <= 15 && trigger_s >= 0 &&
                 trigger_s <= 10 && t310_s > 0 && t310_s <= 6 && network->up_p0_dbm >= -202 &&
                 network->up_p0_dbm <= 24 && network->up_alpha >= 0.1 && network->up_alpha <= 1;
    if (!is_ok) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "network: radio_interval_s, failover_s and message_timeout_s are 0 to 3600, "
                       "user_background_bps 0 to 1e12, a3_offset_db -15 to 15, a3_hysteresis_db 0 to 15, "
                       "a3_trigger_s 0 to 10, t310_s 0 to 6, up_p0_dbm -202 to 24, up_alpha 0.1 to 1");
    }
    network->a3_trigger_ns = jw_ns_from_s(trigger_s);
    network->t310_ns = jw_ns_from_s(t310_s);
    network->failover_ns = jw_ns_from_s(failover_s);
    network->message_timeout_ns = jw_ns_from_s(timeout_s);
    return JW_OK;
}

static jw_result init(jw_world *world, void *state, const void *def_pointer, jw_error *error)
{
    jw_network *network = state;
    jw_network_def def = def_pointer ? *(const jw_network_def *)def_pointer : jw_default_network_def();
    network->flow_timer_ns = NET_NEVER_NS;
    network->sample_ns = network->radio_ns = network->switch_since_ns = jw_world_time_ns(world);
    jw_result result = read_def(network, &def, error);
    if (!result) {
        result = derive(world, network, error);
    }
    for (uint32_t i = 0; i < def.node_count && !result; i++) {
        result = jw_network_add_node(world, network, &def.nodes[i], NULL, error);
    }
    for (uint32_t i = 0; i < def.link_count && !result; i++) {
        result = jw_network_add_link(world, network, &def.links[i], NULL, error);
    }
    for (uint32_t i = 0; i < def.cell_count && !result; i++) {
        result = jw_network_add_cell(world, network, &def.cells[i], NULL, error);
    }
    if (result) {
        destroy(network);
    }
    return result;
}

static jw_result attach(jw_world *world, void *state, jw_error *error)
{
    jw_network *network = state;
    if (network->routes) {
        return JW_OK; /* from init */
    }
    jw_result result = derive(world, network, error);
    if (!result) {
        result = jw_network_index_names(network, error);
    }
    if (!result) {
        result = jw_network_bundle_index(network, error);
    }
    if (!result && network->cell_count > 0) {
        result = jw_network_reserve_cells(network, network->cell_count, error);
    }
    if (!result) {
        for (uint32_t i = 0; i < network->cell_count; i++) {
            jw_network_set_cell_constants(network, i);
        }
        jw_network_hear_cells(network);
    }
    return result;
}

/* ---- events and phases -----------------------------------------------------------------------------------
 */

static void on_event(jw_world *world, void *state, const jw_event *event)
{
    jw_network *network = state;
    switch (event->kind) {
    case NET_EVENT_MESSAGE:
        jw_network_message_event(world, network, event->a, event->b);
        break;
    case NET_EVENT_AIR:
        jw_network_air_event(world, network, event->a, event->b);
        break;
    case NET_EVENT_REROUTE:
        network->links[event->a].is_known_up = network->links[event->a].is_up;
        jw_network_routes_forget(network->routes);
        jw_network_messages_wake(world, network, true);
        jw_network_flows_reroute(world, network);
        break;
    case NET_EVENT_SHARE:
        jw_network_share_event(world, network);
        break;
    case NET_EVENT_FLOW_TIMER:
        jw_network_flow_timer_event(world, network, event->time_ns);
        break;
    case NET_EVENT_FLOW_DUE:
        jw_network_flow_due_event(world, network, event->a, event->b);
        break;
    default:
        break;
    }
}

static void flows_phase(jw_world *world, void *state)
{
    jw_network *network = state;
    int64_t now_ns = jw_world_time_ns(world), interval_ns = now_ns - network->sample_ns;
    if (interval_ns < SAMPLE_NS) {
        return;
    }
    network->sample_ns = now_ns;
    for (uint32_t i = 0; i < network->flow_pool.slot_count; i++) {
        if (network->flow_pool.generations[i] & 1) {
            jw_network_flow_settle(network, i, now_ns);
        }
    }
    double interval_s = jw_s_from_ns(interval_ns);
    for (uint32_t i = 0; i < 2 * network->link_count; i++) {
        net_direction *wire = &network->links[i / 2].directions[i & 1];
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
            wire->rate_bps[kind] =
                (double)(wire->carried_bytes[kind] - wire->sampled_bytes[kind]) * 8 / interval_s;
            wire->sampled_bytes[kind] = wire->carried_bytes[kind];
        }
    }
    network->throughput_bps =
        (double)(network->delivered_bytes - network->sampled_delivered_bytes) * 8 / interval_s;
    network->sampled_delivered_bytes = network->delivered_bytes;
}

jw_network_counts jw_network_count(const jw_world *world, const jw_network *network)
{
    int64_t now_ns = jw_world_time_ns(world);
    jw_network_counts counts = network->counts;
    counts.messages_in_flight = network->message_pool.alive_count;
    counts.flows_running = network->flow_pool.alive_count;
    for (uint32_t i = 0; i < network->flow_pool.slot_count; i++) {
        const net_flow *flow = &network->flows[i];
        if ((network->flow_pool.generations[i] & 1) && flow->size_bytes > 0) {
            counts.flow_bytes_remaining += flow->size_bytes - flow->carried_bytes;
        }
    }
    counts.energy_j =
        network->switch_energy_j + network->switch_power_w * jw_s_from_ns(now_ns - network->switch_since_ns);
    for (uint32_t i = 0; i < network->cell_count; i++) {
        const net_cell *cell = &network->cells[i];
        counts.energy_j += cell->energy_j + cell->power_w * jw_s_from_ns(now_ns - cell->energy_since_ns);
    }
    for (uint32_t i = 0; i < network->link_count; i++)
        counts.link_energy_j += jw_network_link_energy_j(&network->links[i]);
    counts.energy_j += counts.link_energy_j;
    return counts;
}

/* Bytes of the sample that is under way stay: rates do not notice. */
static void restart_counts(jw_world *world, void *state)
{
    jw_network *network = state;
    int64_t now_ns = jw_world_time_ns(world);
    jw_network_counts now = jw_network_count(world, network);
    network->counts = (jw_network_counts){.messages_sent = now.messages_in_flight,
                                          .flows_started = now.flows_running,
                                          .radio_outages = now.radio_outages,
                                          .flow_bytes_offered = now.flow_bytes_remaining};
    for (uint32_t i = 0; i < 2 * network->link_count; i++) {
        net_direction *wire = &network->links[i / 2].directions[i & 1];
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++) {
            wire->carried_bytes[kind] -= wire->sampled_bytes[kind];
            wire->sampled_bytes[kind] = 0;
            wire->dropped_bytes[kind] = 0;
            wire->offered_bytes[kind] = wire->carried_bytes[kind] + wire->queued_bytes[kind];
        }
    }
    network->delivered_bytes -= network->sampled_delivered_bytes;
    network->sampled_delivered_bytes = 0;
    for (uint32_t i = 0; i < network->cell_count; i++) {
        network->cells[i].energy_j = 0;
        network->cells[i].energy_since_ns = now_ns;
    }
    network->switch_energy_j = 0;
    network->switch_since_ns = now_ns;
}

static const jw_phase phases[] = {{"network.radio", JW_SLOT_COUPLING, jw_network_radio_phase},
                                  {"network.flows", JW_SLOT_COUPLING, flows_phase}};

const jw_module jw_network_module = {
    .name = "network",
    .version = 7,
    .state_size = sizeof(jw_network),
    .init = init,
    .attach = attach,
    .destroy = destroy,
    .phases = phases,
    .phase_count = 2,
    .on_event = on_event,
    .verbs = jw_network_verbs,
    .verb_count = NET_VERB_COUNT,
    .save = jw_network_save,
    .load = jw_network_load,
    .hash = jw_network_hash,
    .metrics = jw_network_metrics,
    .metric_count = NET_METRIC_COUNT,
    .metric = jw_network_metric,
    .tables = jw_network_tables,
    .table_count = NET_TABLE_COUNT,
    .restart_counts = restart_counts,
};
