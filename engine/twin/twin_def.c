/* What a scene says, gathered and checked before a world is made of it. */
#include "traffic/traffic_bus.h"
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

#define CELLS_SPACING_MAX_M 5000.0
#define CELLS_STEP_M        50.0

static const jw_request_type builtin_requests[] = {
    /* A junction camera sends one compressed 1080p picture of about 200 kB and wants counts per approach
     * before the next controller second (unverified: sizes and deadlines are scene parameters, not
     * measurements). */
    {.name = "signal",
     .service = "signal-vision",
     .up_bytes = 200000,
     .down_bytes = 500,
     .items = 1,
     .deadline_s = 1,
     .timeout_s = 5,
     .kind = JW_TRAFFIC_VIDEO},
    /* A production line's picture of a part (unverified, as above). */
    {.name = "inspection",
     .service = "inspection-vision",
     .up_bytes = 500000,
     .down_bytes = 300,
     .items = 1,
     .deadline_s = 0.5,
     .timeout_s = 10,
     .retries = 1,
     .kind = JW_TRAFFIC_VIDEO},
    /* A question to the car's assistant: means of the Azure conversation trace of 2023, 1155 context and 211
     * generated tokens; 4 bytes a token. */
    {.name = "assistant",
     .service = "city-llm",
     .up_bytes = 4620,
     .down_bytes = 844,
     .items = 1155,
     .output_tokens = 211,
     .deadline_s = 10,
     .timeout_s = 60,
     .retries = 1,
     .kind = JW_TRAFFIC_AI},
};

jw_result jw_twin_def_init(jw_twin_def *def, jw_error *error)
{
    memset(def, 0, sizeof *def);
    def->seed = 1;
    def->dt_ns = JW_NS_PER_S / 2;
    def->start_time_ns = 7 * 3600 * JW_NS_PER_S;
    def->threads = 1;
    def->traffic = jw_default_traffic_def();
    def->network = jw_default_network_def();
    def->industry.equip = jw_default_equip_def();
    def->connected_share = 0.4;
    def->assistant_per_hour = 4;
    def->camera_interval_s = 2;
    for (uint32_t i = 0; i < JW_COUNT_OF(builtin_requests); i++) {
        jw_result result = jw_twin_def_set_request(def, &builtin_requests[i], error);
        if (result != JW_OK) {
            jw_twin_def_free(def);
            return result;
        }
    }
    return JW_OK;
}

void jw_twin_def_free(jw_twin_def *def)
{
    jw_city_release(def->city);
    jw_demand_data_free(&def->demand_data);
    jw_free(def->vehicle_types);
    jw_free(def->bus_lines);
    jw_free(def->detectors);
    jw_free(def->nodes);
    jw_free(def->links);
    jw_free(def->cells);
    jw_free(def->roadside_units);
    jw_free(def->cards);
    jw_free(def->supply);
    jw_free(def->compressions);
    jw_free(def->services);
    jw_free(def->timings);
    jw_free(def->regions);
    jw_free(def->sites);
    jw_free(def->models);
    jw_free(def->rollouts);
    jw_free(def->datasets);
    jw_free(def->lines);
    jw_free(def->production_kinds);
    jw_free(def->industry.regions);
    jw_free(def->industry.parks);
    jw_free(def->industry.suppliers);
    jw_free(def->cameras);
    jw_free(def->requests);
    jw_free(def->crowds);
    for (uint32_t i = 0; i < def->trace_count; i++)
        jw_llm_trace_free(&def->traces[i].trace);
    jw_free(def->traces);
    jw_free(def->scales);
    jw_free(def->faults);
    memset(def, 0, sizeof *def);
}

const char *jw_coupling_name(jw_coupling coupling)
{
    static const char *const names[JW_COUPLING_COUNT] = {"radio",  "signals", "factory", "assistant",
                                                         "energy", "rollout", "advice"};
    return names[coupling];
}

/* A name is what people type in scripts and commands. */
jw_result twin_def_check_name(const char *kind, const char *name, jw_error *error)
{
    if (name[0] == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a %s has no id: give it one", kind);
    for (const char *c = name; *c; c++) {
        bool is_fine = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                       *c == '-' || *c == '_' || *c == '.' || (unsigned char)*c >= 0x80;
        if (!is_fine)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "%s \"%s\": an id holds letters, digits, '-', '_' and '.' only", kind, name);
    }
    return JW_OK;
}

static bool has_node(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->node_count; i++)
        if (strcmp(def->nodes[i].name, name) == 0)
            return true;
    return false;
}

jw_result jw_twin_def_add_node(jw_twin_def *def, const jw_net_node_def *node, jw_error *error)
{
    jw_result result = twin_def_check_name("network node", node->name, error);
    if (result != JW_OK)
        return result;
    if (has_node(def, node->name))
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                       "the id \"%s\" is taken: ids are unique over sites and nodes", node->name);
    result = jw_grow(&def->nodes, &def->node_capacity, def->node_count + 1ull, sizeof *node, error);
    if (result == JW_OK)
        def->nodes[def->node_count++] = *node;
    return result;
}

jw_result jw_twin_def_add_site(jw_twin_def *def, const jw_site_def *site, jw_error *error)
{
    jw_net_node_def node = {.kind = JW_NET_HOST, .x_m = site->x_m, .y_m = site->y_m};
    jw_text_copy(node.name, sizeof node.name, site->name);
    for (uint32_t i = 0; i < site->rack_count; i++) {
        bool is_known = false;
        for (uint32_t c = 0; c < def->card_count && !is_known; c++)
            is_known = strcmp(def->cards[c].id, site->racks[i].card) == 0;
        if (!is_known)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "site \"%s\": the catalogue has no card \"%s\" (see assets/catalog/cards.lua)",
                           site->name, site->racks[i].card);
    }
    bool is_known_region = site->region[0] == 0;
    for (uint32_t i = 0; i < def->region_count && !is_known_region; i++)
        is_known_region = strcmp(def->regions[i].id, site->region) == 0;
    if (!is_known_region)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "site \"%s\": the catalogue has no grid region \"%s\" (see assets/catalog/grid.lua)",
                       site->name, site->region);
    jw_result result = jw_grow(&def->sites, &def->site_capacity, def->site_count + 1ull, sizeof *site, error);
    if (result == JW_OK)
        result = jw_twin_def_add_node(def, &node, error);
    if (result == JW_OK)
        def->sites[def->site_count++] = *site;
    return result;
}

jw_result jw_twin_def_add_link(jw_twin_def *def, const jw_net_link_def *link, jw_error *error)
{
    const char *ends[2] = {link->from, link->to};
    for (int i = 0; i < 2; i++)
        if (!has_node(def, ends[i]))
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "link %s-%s: there is no site or node \"%s\"",
                           link->from, link->to, ends[i]);
    if (strcmp(link->from, link->to) == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "link %s-%s: both ends are the same", link->from,
                       link->to);
    if (!(link->capacity_bps > 0 && link->capacity_bps <= 1e15))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "link %s-%s: the capacity must be above 0 and at most 1e6 Gbit/s", link->from,
                       link->to);
    jw_result result = jw_grow(&def->links, &def->link_capacity, def->link_count + 1ull, sizeof *link, error);
    if (result == JW_OK)
        def->links[def->link_count++] = *link;
    return result;
}

/* Joins two nodes by name; a longer name is cut, which the link's own uniqueness check then reports. */
static jw_result join(jw_twin_def *def, const char *from, const char *to, double capacity_gbps,
                      jw_error *error)
{
    jw_net_link_def link = {.capacity_bps = capacity_gbps * 1e9};
    jw_text_copy(link.from, sizeof link.from, from);
    jw_text_copy(link.to, sizeof link.to, to);
    return jw_twin_def_add_link(def, &link, error);
}

/* Name of the switch that stands before a site's servers. */
static void core_name(const char *site, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s-core", site);
}

jw_result jw_twin_def_add_core(jw_twin_def *def, const char *site, double delay_s, double capacity_gbps,
                               jw_error *error)
{
    jw_net_link_def link = {.capacity_bps = capacity_gbps * 1e9, .extra_delay_s = delay_s};
    jw_net_node_def node = {.kind = JW_NET_SWITCH};
    if (strlen(site) + sizeof "-core" > sizeof node.name)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "site \"%s\": with the core network before it the id may have %zu signs", site,
                       sizeof node.name - sizeof "-core");
    for (uint32_t i = 0; i < def->node_count; i++)
        if (strcmp(def->nodes[i].name, site) == 0) {
            node.x_m = def->nodes[i].x_m;
            node.y_m = def->nodes[i].y_m;
        }
    core_name(site, node.name, sizeof node.name);
    jw_text_copy(link.from, sizeof link.from, site);
    jw_text_copy(link.to, sizeof link.to, node.name);
    jw_result result = jw_twin_def_add_node(def, &node, error);
    return result == JW_OK ? jw_twin_def_add_link(def, &link, error) : result;
}

jw_result jw_twin_def_add_cell(jw_twin_def *def, const jw_cell_def *cell, double fibre_gbps, jw_error *error)
{
    jw_cell_def copy = *cell;
    if (copy.node[0] == 0)
        jw_text_copy(copy.node, sizeof copy.node, copy.name);
    uint32_t nearest = JW_NONE;
    double nearest_m = 0;
    for (uint32_t i = 0; i < def->node_count; i++) {
        const jw_net_node_def *node = &def->nodes[i];
        if (node->kind == JW_NET_CELL_SITE)
            continue;
        double distance_m =
            jw_vec2_distance((jw_vec2){node->x_m, node->y_m}, (jw_vec2){cell->x_m, cell->y_m});
        /* A site's core switch stands where its servers do, and is wired in their place. */
        if (nearest == JW_NONE || distance_m < nearest_m ||
            (distance_m == nearest_m && node->kind == JW_NET_SWITCH)) {
            nearest = i;
            nearest_m = distance_m;
        }
    }
    if (nearest == JW_NONE)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "cell \"%s\" has nothing to be wired to: place sites or switches before cells",
                       cell->name);
    jw_result result = twin_def_check_name("cell", copy.name, error);
    if (result == JW_OK)
        result = jw_grow(&def->cells, &def->cell_capacity, def->cell_count + 1ull, sizeof copy, error);
    if (result == JW_OK && !has_node(def, copy.node)) {
        jw_net_node_def node = {.kind = JW_NET_CELL_SITE, .x_m = cell->x_m, .y_m = cell->y_m};
        jw_text_copy(node.name, sizeof node.name, copy.node);
        char anchor[JW_NET_NAME_SIZE];
        jw_text_copy(anchor, sizeof anchor, def->nodes[nearest].name);
        result = jw_twin_def_add_node(def, &node, error);
        if (result == JW_OK)
            result = join(def, copy.node, anchor, fibre_gbps, error);
    }
    if (result == JW_OK)
        def->cells[def->cell_count++] = copy;
    return result;
}

/* Built land: near a building, or where a map has none, near a junction of the city's roads. */
static bool mark_item(void *context, uint32_t item)
{
    (void)item;
    *(bool *)context = true;
    return false;
}

static jw_result built_grid(const jw_city *city, jw_grid **out, jw_error *error)
{
    bool has_buildings = city->building_count >= 50;
    uint32_t count = has_buildings ? city->building_count : city->junction_count;
    jw_box *boxes = jw_alloc((count ? count : 1) * sizeof *boxes);
    if (!boxes)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < count; i++) {
        double x = has_buildings ? city->buildings[i].x_m : city->junctions[i].x_m;
        double y = has_buildings ? city->buildings[i].y_m : city->junctions[i].y_m;
        boxes[i] = (jw_box){x, y, x, y};
    }
    jw_result result = jw_grid_create(boxes, count, 0, out, error);
    jw_free(boxes);
    return result;
}

/* Masts do not stand in water; an island in it is a ring more, which turns it to land again. */
static bool is_water(const jw_city *city, double x_m, double y_m)
{
    for (uint32_t i = 0; i < city->area_count; i++) {
        const jw_area *area = &city->areas[i];
        bool is_inside = false;
        for (uint32_t k = 0; k < area->ring_count && area->kind == JW_AREA_WATER; k++) {
            const jw_ring_range *ring = &city->rings[area->first_ring + k];
            is_inside ^= jw_ring_contains(city->points + ring->first_point, ring->point_count, x_m, y_m);
        }
        if (is_inside)
            return true;
    }
    return false;
}

/* Visits the places of a hexagonal lattice (the cellular layout of 3GPP TR 38.901 clause 7.2) that have
 * something built about them and are on land; false from `take` ends it. */
static void visit_lattice(const jw_city *city, const jw_grid *grid, double spacing_m,
                          bool (*take)(void *context, double x_m, double y_m), void *context)
{
    jw_box box = city->bounds;
    double row_m = spacing_m * 0.8660254037844386; /* sqrt(3)/2 */
    for (uint32_t row = 0; box.min_y + row * row_m <= box.max_y; row++) {
        for (uint32_t column = 0;; column++) {
            double x = box.min_x + (column + (row % 2 ? 0.5 : 0.0)) * spacing_m;
            double y = box.min_y + row * row_m;
            if (x > box.max_x)
                break;
            bool is_built = false;
            double r = spacing_m * 0.5;
            jw_grid_query(grid, (jw_box){x - r, y - r, x + r, y + r}, mark_item, &is_built);
            if (is_built && !is_water(city, x, y) && !take(context, x, y))
                return;
        }
    }
}

typedef struct cell_count {
    uint32_t count, most;
} cell_count;

static bool count_cell(void *context, double x_m, double y_m)
{
    cell_count *cells = context;
    (void)x_m;
    (void)y_m;
    return ++cells->count <= cells->most;
}

jw_result jw_twin_def_fit_cells(const jw_twin_def *def, double *spacing_m, uint32_t count_max,
                                jw_error *error)
{
    jw_grid *grid = NULL;
    jw_result result =
        def->city ? built_grid(def->city, &grid, error)
                  : jw_fail(error, JW_ERROR_STATE, NULL, 0, "cells need a city: read or plan the map first");
    for (double wider_m = *spacing_m; result == JW_OK; wider_m += CELLS_STEP_M) {
        cell_count cells = {.most = count_max};
        visit_lattice(def->city, grid, wider_m, count_cell, &cells);
        if (cells.count > count_max && wider_m + CELLS_STEP_M <= CELLS_SPACING_MAX_M)
            continue;
        *spacing_m = wider_m;
        break;
    }
    jw_grid_destroy(grid);
    return result;
}

typedef struct cell_layer {
    jw_twin_def *def;
    jw_cell_def cell;
    double spacing_m, fibre_gbps;
    uint32_t sectors, number;
    jw_result result;
    jw_error *error;
} cell_layer;

static bool add_cell(void *context, double x_m, double y_m)
{
    cell_layer *layer = context;
    if (layer->number + layer->sectors > JW_TWIN_CELLS_MAX) {
        layer->result = jw_fail(layer->error, JW_ERROR_LIMIT, NULL, 0,
                                "cells: a spacing of %g m makes more than %d cells here: widen it",
                                layer->spacing_m, JW_TWIN_CELLS_MAX);
        return false;
    }
    layer->cell.x_m = x_m;
    layer->cell.y_m = y_m;
    for (uint32_t i = 0; i < layer->sectors && layer->result == JW_OK; i++) {
        jw_cell_def cell = layer->cell;
        cell.azimuth_deg = jw_fmod(cell.azimuth_deg + 360.0 * i / layer->sectors, 360);
        snprintf(cell.name, sizeof cell.name, "cell-%u", ++layer->number);
        if (i == 0)
            jw_text_copy(layer->cell.node, sizeof layer->cell.node, cell.name); /* the mast's */
        jw_text_copy(cell.node, sizeof cell.node, layer->cell.node);
        layer->result = jw_twin_def_add_cell(layer->def, &cell, layer->fibre_gbps, layer->error);
    }
    return layer->result == JW_OK;
}

jw_result jw_twin_def_add_cells(jw_twin_def *def, double spacing_m, const jw_cell_def *like, uint32_t sectors,
                                double fibre_gbps, jw_error *error)
{
    if (!def->city)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "cells need a city: read or plan the map first");
    if (!(spacing_m >= 50 && spacing_m <= CELLS_SPACING_MAX_M))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "cells: spacing_m is %g, it must be 50 to %g",
                       spacing_m, CELLS_SPACING_MAX_M);
    jw_grid *grid = NULL;
    jw_result result = built_grid(def->city, &grid, error);
    if (result != JW_OK)
        return result;
    cell_layer layer = {.def = def,
                        .cell = *like,
                        .spacing_m = spacing_m,
                        .fibre_gbps = fibre_gbps,
                        .sectors = sectors > 0 ? sectors : 1,
                        .number = def->cell_count,
                        .error = error};
    visit_lattice(def->city, grid, spacing_m, add_cell, &layer);
    jw_grid_destroy(grid);
    return layer.result;
}

/* ---- the digital road
 * ------------------------------------------------------------------------------------------------- */

jw_result jw_twin_def_add_roadside_units(jw_twin_def *def, const jw_roadside_def *like, uint32_t count_max,
                                         jw_error *error)
{
    if (!def->city)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "roadside units need a city: read or plan the map first");
    uint32_t added = 0;
    for (uint32_t j = 0; j < def->city->junction_count && (count_max == 0 || added < count_max); j++) {
        const jw_junction *junction = &def->city->junctions[j];
        bool is_taken =
            junction->programme == JW_NONE || def->city->programmes[junction->programme].junction != j;
        for (uint32_t i = 0; i < def->roadside_unit_count && !is_taken; i++)
            is_taken = def->roadside_units[i].junction == j;
        if (is_taken)
            continue;
        if (jw_grow(&def->roadside_units, &def->roadside_unit_capacity, def->roadside_unit_count + 1ull,
                    sizeof *def->roadside_units, error))
            return JW_ERROR_MEMORY;
        jw_roadside_def *unit = &def->roadside_units[def->roadside_unit_count];
        *unit = *like;
        unit->x_m = junction->x_m;
        unit->y_m = junction->y_m;
        unit->junction = j;
        snprintf(unit->name, sizeof unit->name, "roadside-%u", ++def->roadside_unit_count);
        added++;
    }
    return JW_OK;
}

/* ---- fibre
 * ------------------------------------------------------------------------------------------------- */

typedef struct fibre_end {
    const jw_net_node_def *node;
    double angle_rad;
    uint32_t number;
    jw_tier tier;
} fibre_end;

/* Insertion sort: a few dozen sites, stable, by angle then number. */
static void sort_by_angle(fibre_end *ends, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        fibre_end end = ends[i];
        uint32_t k = i;
        for (; k > 0 && ends[k - 1].angle_rad > end.angle_rad; k--)
            ends[k] = ends[k - 1];
        ends[k] = end;
    }
}

static double end_distance_m(const fibre_end *a, const fibre_end *b)
{
    return jw_vec2_distance((jw_vec2){a->node->x_m, a->node->y_m}, (jw_vec2){b->node->x_m, b->node->y_m});
}

static jw_result fibre_ring(jw_twin_def *def, fibre_end *ends, uint32_t count, double capacity_gbps,
                            jw_error *error)
{
    double x = 0, y = 0;
    for (uint32_t i = 0; i < count; i++) {
        x += ends[i].node->x_m / count;
        y += ends[i].node->y_m / count;
    }
    for (uint32_t i = 0; i < count; i++)
        ends[i].angle_rad = jw_atan2(ends[i].node->y_m - y, ends[i].node->x_m - x);
    sort_by_angle(ends, count);
    jw_result result = JW_OK;
    uint32_t links = count == 2 ? 1 : count;
    for (uint32_t i = 0; i < links && result == JW_OK; i++)
        result = join(def, ends[i].node->name, ends[(i + 1) % count].node->name, capacity_gbps, error);
    return result;
}

static jw_tier tier_of(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->site_count; i++)
        if (strcmp(def->sites[i].name, name) == 0)
            return def->sites[i].tier;
    return JW_TIER_ROADSIDE;
}

static jw_result fibre_star(jw_twin_def *def, fibre_end *ends, uint32_t count, double capacity_gbps,
                            jw_error *error)
{
    uint32_t hub = 0;
    for (uint32_t i = 1; i < count; i++)
        if (ends[i].tier > ends[hub].tier)
            hub = i;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < count && result == JW_OK; i++)
        if (i != hub)
            result = join(def, ends[hub].node->name, ends[i].node->name, capacity_gbps, error);
    return result;
}

/* Prim's algorithm; ties go to the lower number. */
static jw_result fibre_tree(jw_twin_def *def, fibre_end *ends, uint32_t count, double capacity_gbps,
                            jw_error *error)
{
    jw_result result = JW_OK;
    for (uint32_t joined = 1; joined < count && result == JW_OK; joined++) {
        uint32_t best_from = 0, best = joined;
        double best_m = -1;
        for (uint32_t i = 0; i < joined; i++)
            for (uint32_t k = joined; k < count; k++) {
                double distance_m = end_distance_m(&ends[i], &ends[k]);
                if (best_m < 0 || distance_m < best_m) {
                    best_m = distance_m;
                    best_from = i;
                    best = k;
                }
            }
        result = join(def, ends[best_from].node->name, ends[best].node->name, capacity_gbps, error);
        fibre_end swapped = ends[joined];
        ends[joined] = ends[best];
        ends[best] = swapped;
    }
    return result;
}

jw_result jw_twin_def_add_fibre(jw_twin_def *def, const char *shape, const char *const *names, uint32_t count,
                                double capacity_gbps, jw_error *error)
{
    uint32_t total = count ? count : def->site_count;
    if (total < 2)
        return JW_OK; /* one site needs no fibre */
    fibre_end *ends = jw_alloc(total * sizeof *ends);
    if (!ends)
        return jw_fail_memory(error);
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < total && result == JW_OK; i++) {
        const char *name = count ? names[i] : def->sites[i].name;
        char core[JW_NET_NAME_SIZE + 8];
        core_name(name, core, sizeof core);
        const jw_net_node_def *own = NULL;
        for (uint32_t n = 0; n < def->node_count; n++) {
            if (strcmp(def->nodes[n].name, name) == 0)
                own = &def->nodes[n];
            if (strcmp(def->nodes[n].name, core) == 0)
                ends[i].node = &def->nodes[n];
        }
        if (!ends[i].node)
            ends[i].node = own;
        ends[i].number = i;
        ends[i].tier = tier_of(def, name);
        if (!ends[i].node)
            result =
                jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "fibre: there is no site or node \"%s\"", name);
    }
    if (result == JW_OK) {
        if (strcmp(shape, "ring") == 0)
            result = fibre_ring(def, ends, total, capacity_gbps, error);
        else if (strcmp(shape, "star") == 0)
            result = fibre_star(def, ends, total, capacity_gbps, error);
        else if (strcmp(shape, "tree") == 0)
            result = fibre_tree(def, ends, total, capacity_gbps, error);
        else
            result = jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                             "fibre: the shape \"%s\" is unknown, use \"ring\", \"star\" or \"tree\"", shape);
    }
    jw_free(ends);
    return result;
}

/* ---- the simple lists
 * -------------------------------------------------------------------------------------- */

#define ADD_UNIQUE(list, count, capacity, item, same, what, name)                                            \
    do {                                                                                                     \
        for (uint32_t i_ = 0; i_ < (count); i_++)                                                            \
            if (same)                                                                                        \
                return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, what " \"%s\" is defined twice", name);      \
        jw_result result_ = jw_grow(&(list), &(capacity), (count) + 1ull, sizeof *(item), error);            \
        if (result_ == JW_OK)                                                                                \
            (list)[(count)++] = *(item);                                                                     \
        return result_;                                                                                      \
    } while (0)

jw_result jw_twin_def_add_card(jw_twin_def *def, const jw_card *card, jw_error *error)
{
    ADD_UNIQUE(def->cards, def->card_count, def->card_capacity, card,
               strcmp(def->cards[i_].id, card->id) == 0, "card", card->id);
}

jw_result jw_twin_def_add_supply(jw_twin_def *def, const jw_supply_card *card, jw_error *error)
{
    ADD_UNIQUE(def->supply, def->supply_count, def->supply_capacity, card,
               strcmp(def->supply[i_].id, card->id) == 0, "supply of card", card->id);
}

jw_result jw_twin_def_add_compression(jw_twin_def *def, const jw_compression *method, jw_error *error)
{
    ADD_UNIQUE(def->compressions, def->compression_count, def->compression_capacity, method,
               strcmp(def->compressions[i_].id, method->id) == 0, "compression", method->id);
}

jw_result jw_twin_def_add_service(jw_twin_def *def, const jw_service *service, jw_error *error)
{
    ADD_UNIQUE(def->services, def->service_count, def->service_capacity, service,
               strcmp(def->services[i_].id, service->id) == 0, "service", service->id);
}

jw_result jw_twin_def_add_region(jw_twin_def *def, const jw_grid_region *region, jw_error *error)
{
    ADD_UNIQUE(def->regions, def->region_count, def->region_capacity, region,
               strcmp(def->regions[i_].id, region->id) == 0, "grid region", region->id);
}

jw_result jw_twin_def_add_model(jw_twin_def *def, const jw_model *model, jw_error *error)
{
    if (model->version == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "model \"%s\": versions start at 1", model->id);
    ADD_UNIQUE(def->models, def->model_count, def->model_capacity, model,
               strcmp(def->models[i_].id, model->id) == 0 && def->models[i_].version == model->version,
               "model version", model->id);
}

static bool has_service(const jw_twin_def *def, const char *id)
{
    for (uint32_t i = 0; i < def->service_count; i++)
        if (strcmp(def->services[i].id, id) == 0)
            return true;
    return false;
}

jw_result jw_twin_def_add_timing(jw_twin_def *def, const jw_llm_timing *timing, jw_error *error)
{
    if (!has_service(def, timing->service))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "timing: the catalogue has no service \"%s\"",
                       timing->service);
    ADD_UNIQUE(def->timings, def->timing_count, def->timing_capacity, timing,
               strcmp(def->timings[i_].service, timing->service) == 0 &&
                   strcmp(def->timings[i_].card, timing->card) == 0 &&
                   def->timings[i_].cards == timing->cards,
               "timing of service", timing->service);
}

static bool has_model(const jw_twin_def *def, const jw_rollout_def *rollout)
{
    for (uint32_t i = 0; i < def->model_count; i++)
        if (strcmp(def->models[i].id, rollout->model) == 0 &&
            (rollout->version == 0 || def->models[i].version == rollout->version))
            return true;
    return false;
}

jw_result jw_twin_def_add_rollout(jw_twin_def *def, const jw_rollout_def *rollout, jw_error *error)
{
    if (!has_model(def, rollout))
        return jw_fail(
            error, JW_ERROR_NOT_FOUND, NULL, 0,
            "rollout: model \"%s\" version %u is not in the catalogue (see assets/catalog/models.lua)",
            rollout->model, rollout->version);
    ADD_UNIQUE(def->rollouts, def->rollout_count, def->rollout_capacity, rollout,
               strcmp(def->rollouts[i_].model, rollout->model) == 0 &&
                   (def->rollouts[i_].tiers & rollout->tiers) != 0,
               "rollout of model", rollout->model);
}

jw_result jw_twin_def_add_dataset(jw_twin_def *def, const jw_data_def *data, jw_error *error)
{
    jw_result result = twin_def_check_name("dataset", data->dataset.id, error);
    if (result != JW_OK)
        return result;
    ADD_UNIQUE(def->datasets, def->dataset_count, def->dataset_capacity, data,
               strcmp(def->datasets[i_].dataset.id, data->dataset.id) == 0, "dataset", data->dataset.id);
}

jw_result jw_twin_def_add_line(jw_twin_def *def, const jw_production_line_def *line, jw_error *error)
{
    jw_result result = twin_def_check_name("production line", line->name, error);
    if (result == JW_OK)
        result = jw_economy_check_line(line, error);
    if (result != JW_OK)
        return result;
    ADD_UNIQUE(def->lines, def->line_count, def->line_capacity, line,
               strcmp(def->lines[i_].name, line->name) == 0, "production line", line->name);
}

jw_result jw_twin_def_add_camera(jw_twin_def *def, uint32_t junction, jw_error *error)
{
    if (!def->city || junction >= def->city->junction_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "camera: the city has no junction %u", junction);
    if (def->city->junctions[junction].programme == JW_NONE)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "camera: junction %u has no signals", junction);
    jw_camera_def camera = {junction};
    char name[16];
    snprintf(name, sizeof name, "%u", junction);
    ADD_UNIQUE(def->cameras, def->camera_count, def->camera_capacity, &camera,
               def->cameras[i_].junction == junction, "the camera at junction", name);
}

jw_result jw_twin_def_add_bus_line(jw_twin_def *def, const jw_bus_line_def *line, jw_error *error)
{
    jw_result result = twin_def_check_name("bus line", line->name, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < def->bus_line_count; i++)
        if (strcmp(def->bus_lines[i].name, line->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "bus line \"%s\" exists already", line->name);
    result =
        jw_grow(&def->bus_lines, &def->bus_line_capacity, def->bus_line_count + 1ull, sizeof *line, error);
    if (result == JW_OK)
        def->bus_lines[def->bus_line_count++] = *line;
    return result;
}

jw_result jw_twin_def_add_detector(jw_twin_def *def, const jw_detector_def *detector, jw_error *error)
{
    const jw_city *city = def->city;
    bool has_lane =
        city && detector->edge < city->edge_count && detector->lane < city->edges[detector->edge].lane_count;
    if (!has_lane)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "detector \"%.40s\": edge %u has no lane %u",
                       detector->name, detector->edge, detector->lane);
    double edge_m = city->edges[detector->edge].length_m;
    double begin_m = detector->position_m < 0 ? edge_m + detector->position_m : detector->position_m;
    if (!(begin_m >= 0 && detector->length_m >= 0 && begin_m + detector->length_m <= edge_m + 0.1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "detector \"%.40s\": %.1f m (and %.1f m on) is not on its lane, which is %.1f m long",
                       detector->name, detector->position_m, detector->length_m, edge_m);
    for (uint32_t i = 0; i < def->detector_count; i++)
        if (strcmp(def->detectors[i].name, detector->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "detector \"%.40s\" exists already",
                           detector->name);
    jw_result result = twin_def_check_name("detector", detector->name, error);
    if (result == JW_OK)
        result = jw_grow(&def->detectors, &def->detector_capacity, def->detector_count + 1ull,
                         sizeof *detector, error);
    if (result == JW_OK)
        def->detectors[def->detector_count++] = *detector;
    return result;
}

jw_result jw_twin_def_set_request(jw_twin_def *def, const jw_request_type *request, jw_error *error)
{
    if (!twin_is_type_fine(request, error))
        return JW_ERROR_INPUT;
    if (def->service_count > 0 && !has_service(def, request->service))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "request type \"%s\": the catalogue has no service \"%s\" (see "
                       "assets/catalog/services.lua)",
                       request->name, request->service);
    for (uint32_t i = 0; i < def->request_count; i++)
        if (strcmp(def->requests[i].name, request->name) == 0) {
            def->requests[i] = *request;
            return JW_OK;
        }
    jw_result result =
        jw_grow(&def->requests, &def->request_capacity, def->request_count + 1ull, sizeof *request, error);
    if (result == JW_OK)
        def->requests[def->request_count++] = *request;
    return result;
}

static bool has_request(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->request_count; i++)
        if (strcmp(def->requests[i].name, name) == 0)
            return true;
    return false;
}

jw_result jw_twin_def_add_crowd(jw_twin_def *def, const jw_crowd_def *crowd, jw_error *error)
{
    if (!twin_is_crowd_fine(crowd, error))
        return JW_ERROR_INPUT;
    if (!has_request(def, crowd->type))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "crowd \"%s\": there is no request type \"%s\"",
                       crowd->name, crowd->type);
    for (uint32_t i = 0; i < def->crowd_count; i++)
        if (strcmp(def->crowds[i].name, crowd->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "crowd \"%s\" exists already", crowd->name);
    jw_result result =
        jw_grow(&def->crowds, &def->crowd_capacity, def->crowd_count + 1ull, sizeof *crowd, error);
    if (result == JW_OK)
        def->crowds[def->crowd_count++] = *crowd;
    return result;
}

jw_result jw_twin_def_add_trace(jw_twin_def *def, const jw_crowd_def *crowd, const jw_trace_def *trace,
                                jw_error *error)
{
    if (trace->trace.count == 0 || (trace->rate != 0 && !(trace->rate >= 1e-3 && trace->rate <= 1e4)) ||
        trace->start_ns > 86400 * JW_NS_PER_S)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "trace of \"%s\": it needs requests, a rate of 1e-3 to 1e4 and a start within the day",
                       crowd->name);
    jw_trace_def copy = *trace;
    copy.crowd = def->crowd_count;
    copy.trace = (jw_llm_trace){0};
    jw_result result =
        jw_grow(&def->traces, &def->trace_capacity, def->trace_count + 1ull, sizeof copy, error);
    if (result == JW_OK)
        result = jw_grow(&copy.trace.requests, &copy.trace.capacity, trace->trace.count,
                         sizeof *copy.trace.requests, error);
    if (result == JW_OK)
        result = jw_twin_def_add_crowd(def, crowd, error);
    if (result != JW_OK) {
        jw_llm_trace_free(&copy.trace);
        return result;
    }
    for (uint32_t i = 0; i < trace->trace.count; i++)
        copy.trace.requests[i] = trace->trace.requests[i];
    copy.trace.count = trace->trace.count;
    def->traces[def->trace_count++] = copy;
    return JW_OK;
}

jw_result jw_twin_def_add_scale(jw_twin_def *def, const jw_scale_def *scale, jw_error *error)
{
    if (!has_service(def, scale->service))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "scaling: the catalogue has no service \"%s\"",
                       scale->service);
    jw_result result =
        jw_grow(&def->scales, &def->scale_capacity, def->scale_count + 1ull, sizeof *scale, error);
    if (result == JW_OK)
        def->scales[def->scale_count++] = *scale;
    return result;
}

jw_result jw_twin_def_add_fault(jw_twin_def *def, const jw_fault_def *fault, jw_error *error)
{
    jw_result result =
        jw_grow(&def->faults, &def->fault_capacity, def->fault_count + 1ull, sizeof *fault, error);
    if (result == JW_OK)
        def->faults[def->fault_count++] = *fault;
    return result;
}

/* ---- check
 * ------------------------------------------------------------------------------------------------- */

static void check_demand(const jw_twin_def *def, jw_problems *problems)
{
    const jw_demand_def *d = &def->traffic.demand;
    const jw_demand_data *data = &def->demand_data;
    uint32_t early = 0;
    for (uint32_t k = 0; k < data->trip_count; k++)
        early += data->trips[k].depart_ns < def->start_time_ns - def->warm_ns;
    if (early)
        jw_problems_add(
            problems, JW_NOTE, NULL, 0, NULL,
            "%u of %u listed trips begin before the scene (its warm-up included) and are left out", early,
            data->trip_count);
    if (!d->is_gravity && d->through_per_day == 0 && d->chains_per_resident == 0 && !data->cell_count &&
        !data->trip_count)
        jw_problems_add(problems, JW_NOTE, NULL, 0, NULL, "no demand: only trips added by commands will run");
}

/* A model that no site it is meant for can hold: named with the one that comes nearest. */
static void check_memory(const jw_twin_def *def, const jw_rollout_def *rollout, jw_problems *problems)
{
    const jw_service *service = NULL;
    for (uint32_t i = 0; i < def->service_count; i++)
        if (strcmp(def->services[i].id, rollout->model) == 0)
            service = &def->services[i];
    const jw_site_def *nearest = NULL;
    const jw_rack_def *rack = NULL;
    double weights_gb = service ? jw_service_weights_gb(service) : 0, room_gb = -1;
    for (uint32_t s = 0; s < def->site_count; s++)
        for (uint32_t r = 0; r < def->sites[s].rack_count && (rollout->tiers >> def->sites[s].tier & 1); r++)
            for (uint32_t c = 0; c < def->card_count && service; c++) {
                const jw_rack_def *one = &def->sites[s].racks[r];
                double one_gb = jw_service_room_gb(service, &def->cards[c], one->count);
                if (strcmp(def->cards[c].id, one->card) != 0 || one_gb <= room_gb)
                    continue;
                nearest = &def->sites[s];
                rack = one;
                room_gb = one_gb;
            }
    if (nearest && weights_gb >= room_gb)
        jw_problems_add(
            problems, JW_PROBLEM, NULL, 0, rollout->model,
            "it takes %.4g GB on %u cards together, and no site it is rolled out to has them: the "
            "nearest, \"%s\", gives %.4g GB of %u x %s",
            weights_gb, service->cards_per_instance ? service->cards_per_instance : 1, nearest->name, room_gb,
            rack->count, rack->card);
}

jw_result jw_twin_def_check(const jw_twin_def *def, jw_problems *problems, jw_error *error)
{
    if (!def->city)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "the scene has no map");
    for (uint32_t i = 0; i < def->model_count; i++)
        if (!has_service(def, def->models[i].id))
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "model \"%s\" has no service of that id in the catalogue", def->models[i].id);
    for (uint32_t i = 0; i < def->rollout_count; i++) {
        bool has_site = false;
        for (uint32_t s = 0; s < def->site_count; s++)
            has_site |= (def->rollouts[i].tiers >> def->sites[s].tier & 1) != 0;
        if (!has_site)
            jw_problems_add(problems, JW_WARNING, NULL, 0, def->rollouts[i].model,
                            "no site is of a tier that this model is rolled out to");
        check_memory(def, &def->rollouts[i], problems);
    }
    if (def->cell_count == 0 && def->connected_share > 0)
        jw_problems_add(problems, JW_WARNING, NULL, 0, NULL, "no radio cell: vehicles stay unconnected");
    if (def->site_count == 0 && (def->connected_share > 0 || def->camera_count > 0 || def->line_count > 0))
        jw_problems_add(problems, JW_WARNING, NULL, 0, NULL, "no computing site: every request will be lost");
    check_demand(def, problems);
    if (def->city->block_count < 2 && def->traffic.demand.is_gravity)
        jw_problems_add(problems, JW_WARNING, NULL, 0, NULL, "fewer than two blocks: no trips can be drawn");
    return JW_OK;
}
