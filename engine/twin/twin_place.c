/* Sites that commands place, move, remove and restore: computers and their node in the network together. */
#include "twin/twin_internal.h"

#include <string.h>

#define SAME_MAST_M 50.0

jw_net_node_id twin_wired_node(const jw_world *world, double x_m, double y_m, jw_net_node_id *node)
{
    const jw_network *network = twin_network_of(world);
    jw_net_node_id same;
    jw_net_node_def def;
    bool is_up;
    if (node->index1 == 0 || !jw_network_node(network, node->index1 - 1, &same, &def, &is_up)) {
        *node = jw_network_nearest_node(network, JW_NET_CELL_SITE, x_m, y_m);
        if (node->index1 == 0)
            *node = jw_network_nearest_node(network, JW_NET_HOST, x_m, y_m);
    }
    return *node;
}

static jw_result link_site(jw_world *world, const jw_site_def *site, const jw_net_node_def *to,
                           double fibre_gbps, jw_error *error)
{
    jw_net_link_def link = {.capacity_bps = fibre_gbps * 1e9};
    jw_net_link_id link_id;
    jw_text_copy(link.from, sizeof link.from, to->name);
    jw_text_copy(link.to, sizeof link.to, site->name);
    return jw_network_add_link(world, twin_network_of(world), &link, &link_id, error);
}

/* A node for the site, on a link of its own to the nearest anchor, and on one to the mast that it stands at.
 */
static jw_result wire_site(jw_world *world, const jw_site_def *site, double fibre_gbps, jw_error *error)
{
    jw_network *network = twin_network_of(world);
    jw_net_node_id node_id, anchor = jw_network_nearest_anchor(network, site->x_m, site->y_m),
                            mast = jw_network_nearest_node(network, JW_NET_CELL_SITE, site->x_m, site->y_m);
    jw_net_node_def near, node = {.kind = JW_NET_HOST, .x_m = site->x_m, .y_m = site->y_m};
    bool is_up;
    jw_text_copy(node.name, sizeof node.name, site->name);
    jw_result result = jw_network_add_node(world, network, &node, &node_id, error);
    if (result != JW_OK)
        return result;
    if (anchor.index1 && jw_network_node(network, anchor.index1 - 1, &anchor, &near, &is_up))
        result = link_site(world, site, &near, fibre_gbps, error);
    if (result == JW_OK && mast.index1 && jw_network_node(network, mast.index1 - 1, &mast, &near, &is_up) &&
        jw_vec2_distance((jw_vec2){near.x_m, near.y_m}, (jw_vec2){site->x_m, site->y_m}) <= SAME_MAST_M)
        result = link_site(world, site, &near, fibre_gbps, error);
    if (result != JW_OK)
        jw_network_remove_node(world, network, site->name, NULL);
    return result;
}

/* All of the scene's models for the tier, or none: those that went out go back, and their money. */
static jw_result roll_out(jw_world *world, jw_site_id site, jw_error *error)
{
    jw_ai *ai = twin_ai_of(world);
    uint32_t before = jw_ai_deployment_count(ai);
    jw_result result = twin_deploy_rollouts(world, site, false, error);
    if (result == JW_OK)
        return JW_OK;
    for (uint32_t i = jw_ai_deployment_count(ai); i-- > before;) {
        jw_deployment_state deployment;
        if (jw_ai_deployment(ai, i, &deployment))
            jw_ai_rollback(world, ai, deployment.id, NULL);
        twin_take_back(world, (double)jw_economy_budget(twin_economy_of(world))->rollout_fen / 100);
    }
    return result;
}

jw_result twin_verb_place_edge_site(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_network *network = twin_network_of(world);
    jw_site_def site = {.tier = JW_TIER_EDGE};
    site.x_m = jw_command_get_number(command, "x", 0);
    site.y_m = jw_command_get_number(command, "y", 0);
    site.racks[0].count = (uint32_t)jw_command_get_number(command, "count", 8);
    site.rack_count = site.racks[0].count > 0;
    jw_text_copy(site.racks[0].card, sizeof site.racks[0].card, jw_command_get_text(command, "card", ""));
    if (!jw_text_copy(site.name, sizeof site.name, jw_command_get_text(command, "name", "")))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "place_edge_site: the name \"%s\" is too long",
                       jw_command_get_text(command, "name", ""));
    if (jw_network_find_node(network, site.name).index1)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "%s: the name \"%s\" is taken: choose another",
                       command->verb, site.name);
    double cny = (double)jw_economy_budget(twin_economy_of(world))->site_fen / 100 +
                 site.racks[0].count * twin_card_price_cny(world, site.racks[0].card);
    jw_site_id site_id;
    jw_result result = twin_spend(world, cny, site.name, error);
    if (result != JW_OK)
        return result;
    result = jw_compute_add_site(world, twin_compute_of(world), &site, &site_id, error);
    if (result == JW_OK) {
        result = wire_site(world, &site, jw_command_get_number(command, "fibre_gbps", 100), error);
        if (result == JW_OK) {
            result = twin_requests_map_sites(world, twin_requests_of(world), error);
            if (result == JW_OK && site.rack_count > 0)
                result = roll_out(world, site_id, error);
            if (result != JW_OK)
                jw_network_remove_node(world, network, site.name, NULL);
        }
        if (result != JW_OK) { /* all or nothing */
            jw_compute_remove_site(world, twin_compute_of(world), site.name, NULL);
            twin_requests_map_sites(world, twin_requests_of(world), NULL);
        }
    }
    if (result != JW_OK)
        twin_take_back(world, cny);
    ((twin_city *)state)->assets_revision++;
    return result;
}

jw_result twin_verb_move_site(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    const char *name = jw_command_get_text(command, "name", "");
    double x_m = jw_command_get_number(command, "x", 0), y_m = jw_command_get_number(command, "y", 0);
    jw_result result = jw_compute_move_site(twin_compute_of(world), name, x_m, y_m, error);
    if (result == JW_OK && jw_network_find_node(twin_network_of(world), name).index1)
        result = jw_network_move_node(world, twin_network_of(world), name, x_m, y_m, error);
    ((twin_city *)state)->assets_revision++;
    return result == JW_OK ? twin_requests_map_sites(world, twin_requests_of(world), error) : result;
}

jw_result twin_verb_remove_site(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    const char *name = jw_command_get_text(command, "name", "");
    jw_result result = jw_compute_remove_site(world, twin_compute_of(world), name, error);
    if (result != JW_OK)
        return result;
    if (jw_network_find_node(twin_network_of(world), name).index1)
        result = jw_network_remove_node(world, twin_network_of(world), name, error);
    ((twin_city *)state)->assets_revision++;
    return result == JW_OK ? twin_requests_map_sites(world, twin_requests_of(world), error) : result;
}

jw_result twin_verb_restore_site(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    const char *name = jw_command_get_text(command, "name", "");
    jw_network *network = twin_network_of(world);
    if (jw_network_find_node(network, name).index1)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                       "%s: the name \"%s\" is taken: give what bears it another", command->verb, name);
    jw_result result = jw_compute_restore_site(world, twin_compute_of(world), name, error);
    if (result != JW_OK)
        return result;
    result = jw_network_restore_node(world, network, name, error);
    if (result == JW_ERROR_NOT_FOUND) /* computers without a node: as place_site makes them */
        result = JW_OK;
    if (result != JW_OK)
        jw_compute_remove_site(world, twin_compute_of(world), name, NULL);
    ((twin_city *)state)->assets_revision++;
    return result == JW_OK ? twin_requests_map_sites(world, twin_requests_of(world), error) : result;
}

const jw_verb_arg twin_place_args[TWIN_PLACE_ARGS] = {
    {"name", 't', false, 0, 0, 0, "", "a new id"},
    {"x", 'n', false, -1e6, 1e6, 0, "m", "east of the city's origin"},
    {"y", 'n', false, -1e6, 1e6, 0, "m", "north of the city's origin"},
    {"card", 't', true, 0, 0, 0, "", "id in the catalogue"},
    {"count", 'n', true, 0, 100000, 8, "", "cards; 0: none, they are ordered"},
    {"fibre_gbps", 'n', true, 0.001, 100000, 100, "Gbit/s", "capacity of the link to the nearest site"},
};
const jw_verb_arg twin_move_args[TWIN_MOVE_ARGS] = {
    {"name", 't', false, 0, 0, 0, "", "id of the site"},
    {"x", 'n', false, -1e6, 1e6, 0, "m", "east of the city's origin"},
    {"y", 'n', false, -1e6, 1e6, 0, "m", "north of the city's origin"},
};
