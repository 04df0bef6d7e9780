/* Networks from files in a scene: a backbone beyond the map, joined to sites of it. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

enum { JOINS_MAX = 64 };

typedef struct topology_entry {
    char file[256];
    double capacity_gbps, join_gbps;
} topology_entry;

const script_field script_topology_fields[SCRIPT_TOPOLOGY_FIELDS] = {
    {"file", FIELD_TEXT, true, 0, 0, NULL, NULL,
     "beside the scene, or \"networks/x\" of the installed assets: node-link JSON, GraphML, SNDlib, or a "
     "GeoPackage "
     "with the layers nodes and links",
     AT(topology_entry, file)},
    {"join", FIELD_LIST, true, 0, 0, NULL, NULL,
     "{ [node of the file] = id of a site or node that stands there }, one or more", 0, 0},
    {"capacity_gbps", FIELD_NUMBER, false, 1e-6, 1e6, NULL, "Gbit/s",
     "of links of which the file does not say it; 100 when left out", AT(topology_entry, capacity_gbps)},
    {"join_gbps", FIELD_NUMBER, false, 1e-6, 1e6, NULL, "Gbit/s",
     "of the fibre from a node to what is joined there; 100 when left out", AT(topology_entry, join_gbps)},
};

static void find_file(lua_State *L, const char *file, char *out, size_t out_size)
{
    char home[512];
    const char *folder = script_box_of(L)->folder;
    bool is_beside = file[0] != '/' && folder[0] && strcmp(folder, ".") != 0;
    snprintf(out, out_size, "%s%s%s", is_beside ? folder : "", is_beside ? "/" : "", file);
    if (strncmp(file, "networks/", 9) == 0 && !jw_file_exists(out) && jw_data_folder(home, sizeof home))
        snprintf(out, out_size, "%s/assets/%s", home, file);
}

typedef struct topology_join {
    char node[JW_NET_NAME_SIZE], id[JW_NET_NAME_SIZE];
} topology_join;

/* The table "join", sorted by node; false when something was reported. */
static bool read_joins(lua_State *L, topology_join joins[JOINS_MAX], uint32_t *out_count)
{
    lua_getfield(L, 2, "join");
    int table = lua_gettop(L);
    *out_count = script_push_sorted_keys(L, table);
    if (*out_count == 0 || *out_count > JOINS_MAX) {
        script_report(L, "city:topology: \"join\" names %u nodes; it takes 1 to %d", *out_count, JOINS_MAX);
        return false;
    }
    for (uint32_t i = 0; i < *out_count; i++) {
        lua_rawgeti(L, table + 1, i + 1);
        bool is_text = lua_type(L, -1) == LUA_TSTRING;
        const char *node = is_text ? lua_tostring(L, -1) : "";
        lua_getfield(L, table, node);
        const char *id = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        if (!node[0] || !id[0] || !jw_text_copy(joins[i].node, JW_NET_NAME_SIZE, node) ||
            !jw_text_copy(joins[i].id, JW_NET_NAME_SIZE, id)) {
            script_report(L, "city:topology: \"join\" takes { [\"node of the file\"] = \"id of a site\" }");
            return false;
        }
        lua_pop(L, 2);
    }
    return true;
}

static const jw_net_node_def *node_of(const jw_net_node_def *nodes, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(nodes[i].name, name) == 0)
            return &nodes[i];
    return NULL;
}

static jw_result check_joins(const topology_join *joins, uint32_t count, const jw_twin_def *def,
                             const jw_net_topology *topology, jw_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!node_of(topology->nodes, topology->node_count, joins[i].node))
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "city:topology: the file has no node \"%s\"",
                           joins[i].node);
        if (!node_of(def->nodes, def->node_count, joins[i].id))
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "city:topology: \"%s\" is joined to \"%s\", which is no site or node so far",
                           joins[i].node, joins[i].id);
    }
    return JW_OK;
}

/* Ids hold letters, digits, '-', '_' and '.': what else is in a name becomes '-'. */
static void make_id(char name[JW_NET_NAME_SIZE])
{
    for (char *c = name; *c; c++) {
        bool is_letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!is_letter && !(*c >= '0' && *c <= '9') && !strchr("-_.", *c))
            *c = '-';
    }
}

/* The join that fixes where the file's nodes lie: the first by name that is in the city. */
static const topology_join *anchor_of(const jw_twin_def *def, const topology_join *joins, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bool is_western = false;
        for (uint32_t k = 0; k < def->site_count; k++)
            is_western |= strcmp(def->sites[k].name, joins[i].id) == 0 && def->sites[k].tier == JW_TIER_WEST;
        if (!is_western)
            return &joins[i];
    }
    return &joins[0];
}

/* A node stands where its site does, the rest as far from the anchor as they are on the earth: the links have
 * their own lengths, and the window can look from the street to the country. */
static jw_result add_topology(jw_twin_def *def, const jw_net_topology *topology, const topology_join *joins,
                              uint32_t count, double join_gbps, jw_error *error)
{
    const topology_join *anchor = anchor_of(def, joins, count);
    const jw_net_node_def *here = node_of(def->nodes, def->node_count, anchor->id);
    const jw_net_node_def *there = node_of(topology->nodes, topology->node_count, anchor->node);
    double x_m = here->x_m - there->x_m, y_m = here->y_m - there->y_m;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < topology->node_count && !result; i++) {
        jw_net_node_def node = topology->nodes[i];
        jw_net_link_def link = {.capacity_bps = join_gbps * 1e9};
        node.x_m += x_m, node.y_m += y_m;
        make_id(node.name);
        jw_text_copy(link.from, sizeof link.from, node.name);
        for (uint32_t k = 0; k < count; k++) {
            if (strcmp(joins[k].node, topology->nodes[i].name) == 0) {
                const jw_net_node_def *site = node_of(def->nodes, def->node_count, joins[k].id);
                node.x_m = site->x_m, node.y_m = site->y_m;
                jw_text_copy(link.to, sizeof link.to, site->name);
            }
        }
        result = jw_twin_def_add_node(def, &node, error);
        if (!result && link.to[0])
            result = jw_twin_def_add_link(def, &link, error);
    }
    for (uint32_t i = 0; i < topology->link_count && !result; i++) {
        jw_net_link_def link = topology->links[i];
        make_id(link.from);
        make_id(link.to);
        result =
            link.length_m > 0
                ? jw_twin_def_add_link(def, &link, error)
                : jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                          "city:topology: the link from \"%s\" to \"%s\" has neither a length nor places",
                          link.from, link.to);
    }
    return result;
}

/* Nothing of Lua is called while the topology is there: it could not be freed. */
int script_city_topology(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "topology");
    topology_entry entry = {.capacity_gbps = 100, .join_gbps = 100};
    topology_join joins[JOINS_MAX];
    uint32_t count;
    char path[1100];
    jw_error error = {0};
    jw_net_topology topology;
    if (!script_read_fields(L, 2, "city:topology", script_topology_fields, SCRIPT_TOPOLOGY_FIELDS, &entry) ||
        !read_joins(L, joins, &count))
        return 0;
    find_file(L, entry.file, path, sizeof path);
    jw_problems *problems = script_box_of(L)->problems;
    jw_result result = jw_network_read_topology(path, entry.capacity_gbps * 1e9, &topology, &error);
    if (!result) {
        if (topology.warning_count > 0)
            jw_problems_add(problems, JW_WARNING, path, topology.warning.line, "topology",
                            "%s (%u warnings in all)", topology.warning.message, topology.warning_count);
        result = check_joins(joins, count, def, &topology, &error);
        result = result ? result : add_topology(def, &topology, joins, count, entry.join_gbps, &error);
        jw_network_topology_free(&topology);
    }
    if (result)
        script_report_error(L, &error);
    return 0;
}
