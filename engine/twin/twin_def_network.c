/* A scene's network as its definition grows: masts over the land, roadside units, the core before a cloud,
 * fibre between sites. */
#include "twin/twin_internal.h"
#include <stdio.h>
#include <string.h>

#define CELLS_SPACING_MAX_M 5000.0
#define CELLS_STEP_M        50.0

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
    if (result == JW_OK && !twin_def_has_node(def, copy.node)) {
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

/* Where masts may stand: on built land, and not in water. */
typedef struct cell_land {
    const jw_city *city;
    jw_grid *built; /* buildings, or where a map has none, junctions of the city's roads */
    jw_grid *water; /* boxes of the areas that `waters` tells */
    uint32_t *waters;
} cell_land;

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

static jw_result water_grid(cell_land *land, jw_error *error)
{
    const jw_city *city = land->city;
    size_t most = city->area_count ? city->area_count : 1;
    jw_box *boxes = jw_alloc(most * sizeof *boxes);
    land->waters = jw_alloc(most * sizeof *land->waters);
    uint32_t count = 0;
    for (uint32_t i = 0; i < city->area_count && boxes && land->waters; i++) {
        const jw_area *area = &city->areas[i];
        if (area->kind != JW_AREA_WATER)
            continue;
        jw_box box = jw_box_empty();
        for (uint32_t r = area->first_ring; r < area->first_ring + area->ring_count; r++)
            for (uint32_t k = 0; k < city->rings[r].point_count; k++) {
                jw_vec3 at = city->points[city->rings[r].first_point + k];
                box = jw_box_extend(box, at.x, at.y);
            }
        boxes[count] = box;
        land->waters[count++] = i;
    }
    jw_result result =
        boxes && land->waters ? jw_grid_create(boxes, count, 0, &land->water, error) : jw_fail_memory(error);
    jw_free(boxes);
    return result;
}

static void free_land(cell_land *land)
{
    jw_grid_destroy(land->built);
    jw_grid_destroy(land->water);
    jw_free(land->waters);
}

static jw_result find_land(const jw_city *city, cell_land *out, jw_error *error)
{
    if (!city)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "cells need a city: read or plan the map first");
    *out = (cell_land){.city = city};
    jw_result result = built_grid(city, &out->built, error);
    if (result == JW_OK)
        result = water_grid(out, error);
    if (result != JW_OK)
        free_land(out);
    return result;
}

typedef struct water_search {
    const cell_land *land;
    double x_m, y_m;
    bool is_found;
} water_search;

/* An island in water is a ring more, which turns it to land again. */
static bool look_into_water(void *context, uint32_t item)
{
    water_search *search = context;
    const jw_city *city = search->land->city;
    const jw_area *area = &city->areas[search->land->waters[item]];
    for (uint32_t k = 0; k < area->ring_count; k++) {
        const jw_ring_range *ring = &city->rings[area->first_ring + k];
        search->is_found ^=
            jw_ring_contains(city->points + ring->first_point, ring->point_count, search->x_m, search->y_m);
    }
    return !search->is_found;
}

static bool is_water(const cell_land *land, double x_m, double y_m)
{
    water_search search = {land, x_m, y_m, false};
    jw_grid_query(land->water, (jw_box){x_m, y_m, x_m, y_m}, look_into_water, &search);
    return search.is_found;
}

/* Visits the places of a hexagonal lattice (the cellular layout of 3GPP TR 38.901 clause 7.2) that have
 * something built about them and are on land; false from `take` ends it. */
static void visit_lattice(const cell_land *land, double spacing_m,
                          bool (*take)(void *context, double x_m, double y_m), void *context)
{
    jw_box box = land->city->bounds;
    double row_m = spacing_m * 0.8660254037844386; /* sqrt(3)/2 */
    for (uint32_t row = 0; box.min_y + row * row_m <= box.max_y; row++) {
        for (uint32_t column = 0;; column++) {
            double x = box.min_x + (column + (row % 2 ? 0.5 : 0.0)) * spacing_m;
            double y = box.min_y + row * row_m;
            if (x > box.max_x)
                break;
            bool is_built = false;
            double r = spacing_m * 0.5;
            jw_grid_query(land->built, (jw_box){x - r, y - r, x + r, y + r}, mark_item, &is_built);
            if (is_built && !is_water(land, x, y) && !take(context, x, y))
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
    cell_land land;
    jw_result result = find_land(def->city, &land, error);
    if (result != JW_OK)
        return result;
    for (double wider_m = *spacing_m;; wider_m += CELLS_STEP_M) {
        cell_count cells = {.most = count_max};
        visit_lattice(&land, wider_m, count_cell, &cells);
        if (cells.count > count_max && wider_m + CELLS_STEP_M <= CELLS_SPACING_MAX_M)
            continue;
        *spacing_m = wider_m;
        break;
    }
    free_land(&land);
    return JW_OK;
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
    if (!(spacing_m >= 50 && spacing_m <= CELLS_SPACING_MAX_M))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "cells: spacing_m is %g, it must be 50 to %g",
                       spacing_m, CELLS_SPACING_MAX_M);
    cell_land land;
    jw_result result = find_land(def->city, &land, error);
    if (result != JW_OK)
        return result;
    cell_layer layer = {.def = def,
                        .cell = *like,
                        .spacing_m = spacing_m,
                        .fibre_gbps = fibre_gbps,
                        .sectors = sectors > 0 ? sectors : 1,
                        .number = def->cell_count,
                        .error = error};
    visit_lattice(&land, spacing_m, add_cell, &layer);
    free_land(&land);
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
