/* Areas, paths, rails and trees. */
#include "view/view_mesh.h"

#include <string.h>

enum { MAX_RINGS = 256 };

static const struct area_look {
    uint8_t rank; /* painted in this order */
    uint8_t colour[4];
} area_looks[JW_AREA_KIND_COUNT] = {
    [JW_AREA_BUILT] = {0, {219, 213, 202, 255}},   [JW_AREA_GRASS] = {1, {171, 182, 134, 255}},
    [JW_AREA_WOOD] = {2, {118, 142, 98, 255}},     [JW_AREA_PARK] = {3, {150, 170, 116, 255}},
    [JW_AREA_WETLAND] = {4, {140, 164, 134, 255}}, [JW_AREA_WATER] = {WATER_RANK, {104, 146, 160, 255}},
    [JW_AREA_SQUARE] = {6, {212, 199, 178, 255}},  [JW_AREA_RAIL] = {1, {178, 170, 158, 255}},
};

/* Built land is tinted a little by its use. */
static const int8_t built_tints[JW_USE_COUNT][3] = {
    [JW_USE_RESIDENTIAL] = {2, 0, -5},  [JW_USE_COMMERCIAL] = {4, -3, -7}, [JW_USE_OFFICE] = {-6, -2, 3},
    [JW_USE_INDUSTRIAL] = {-8, -8, -4}, [JW_USE_PUBLIC] = {4, 0, -10},     [JW_USE_STATION] = {-5, -5, -2},
    [JW_USE_COMPUTING] = {-10, -2, 4},
};

static void area_colour(const jw_area *area, uint8_t out[4])
{
    memcpy(out, area_looks[area->kind].colour, 4);
    for (int i = 0; area->kind == JW_AREA_BUILT && i < 3; i++)
        out[i] = (uint8_t)(out[i] + built_tints[area->use][i]);
}

static uint32_t rings_of(const jw_city *city, uint32_t first, uint32_t count, jw_ring out[MAX_RINGS])
{
    count = count < MAX_RINGS ? count : MAX_RINGS; /* further holes of one polygon are not drawn */
    for (uint32_t r = 0; r < count; r++)
        out[r] =
            (jw_ring){city->points + city->rings[first + r].first_point, city->rings[first + r].point_count};
    return count;
}

static void build_lines(mesh_builder *builder)
{
    static const uint8_t rail_look[4] = {0, 0, 0, ROAD_IS_RAIL}, none[4] = {0};
    static const uint8_t rail[4] = {150, 144, 138, 255}, stream[4] = {104, 146, 160, 255},
                         footpath[4] = {222, 214, 200, 255}, cycleway[4] = {206, 190, 178, 255};
    const jw_city *city = builder->city;
    for (uint32_t i = 0; i < city->line_count && jw_mesh_goes_on(builder, i); i++) {
        const jw_line *line = &city->lines[i];
        const jw_vec3 *points = city->points + line->first_point;
        double width_m = (double)line->width_m;
        if (line->layer < 0 || line->point_count < 2)
            continue;
        switch (line->kind) {
        case JW_LINE_RAIL:
            jw_mesh_add_band(builder, LAYER_RAIL, points, line->point_count, 1.9, -1.9, rail_look, rail, 0);
            break;
        case JW_LINE_WATERWAY:
            width_m = jw_max(width_m, 2) / 2;
            jw_mesh_add_band(builder, LAYER_PATH, points, line->point_count, width_m, -width_m, none, stream,
                             0);
            break;
        case JW_LINE_FOOTPATH:
        case JW_LINE_CYCLEWAY:
            width_m = jw_clamp(width_m, 1.6, 8) / 2;
            jw_mesh_add_band(builder, LAYER_PATH, points, line->point_count, width_m, -width_m, none,
                             line->kind == JW_LINE_FOOTPATH ? footpath : cycleway, 0);
            break;
        }
    }
}

/* Smaller areas are left out. */
static const struct area_form {
    mesh_layer layer;
    double tolerance_m, least_m2;
} area_forms[] = {
    {LAYER_AREA, 0.25, 0}, {LAYER_AREA_FAR, 3, 250}, {LAYER_AREA_COUNTRY, JW_MESH_COUNTRY_M, 4000}};

/* The rings with fewer corners, in the builder's scratch; holes that vanish are left out. */
static uint32_t simplify(mesh_builder *builder, const jw_ring *rings, uint32_t count, double tolerance_m,
                         jw_ring out[MAX_RINGS])
{
    uint64_t total = 0;
    for (uint32_t r = 0; r < count; r++)
        total += rings[r].count + 1;
    jw_vec3 *scratch = total < UINT32_MAX ? jw_mesh_scratch(builder, false, (uint32_t)total) : NULL;
    uint32_t kept = 0;
    for (uint32_t r = 0; r < count && scratch; r++) {
        uint32_t n = rings[r].count;
        memcpy(scratch, rings[r].points, n * sizeof *scratch);
        scratch[n] = scratch[0]; /* closed, so that the first corner is treated like the others' ends */
        n = jw_polyline_simplify(scratch, n + 1, tolerance_m) - 1;
        if (n >= 3)
            out[kept++] = (jw_ring){scratch, n};
        else if (r == 0)
            return 0;
        scratch += rings[r].count + 1;
    }
    return kept;
}

static void build_area(mesh_builder *builder, const jw_area *area)
{
    const struct area_look *look = &area_looks[area->kind];
    static const uint8_t none[4] = {0};
    uint8_t colour[4];
    jw_ring rings[MAX_RINGS], simple[MAX_RINGS];
    uint32_t count = rings_of(builder->city, area->first_ring, area->ring_count, rings);
    if (count == 0 || rings[0].count < 3)
        return;
    area_colour(area, colour);
    jw_vec2 middle = jw_ring_centroid(rings[0].points, rings[0].count);
    uint32_t chunk = jw_mesh_chunk_at(builder->mesh, middle.x, middle.y);
    double area_m2 = jw_abs(jw_ring_area_m2(rings[0].points, rings[0].count));
    for (uint32_t i = 0; i < JW_COUNT_OF(area_forms); i++) {
        const struct area_form *form = &area_forms[i];
        if (area_m2 < form->least_m2)
            continue;
        uint32_t kept = simplify(builder, rings, count, form->tolerance_m, simple);
        builder->size_m = i > 0 ? (float)jw_sqrt(area_m2) : 0;
        if (kept > 0)
            jw_mesh_add_polygon(builder, (mesh_layer)(form->layer + look->rank), chunk, simple, kept, none,
                                colour, 0);
    }
    builder->size_m = 0;
}

void jw_mesh_build_areas(mesh_builder *builder)
{
    const jw_city *city = builder->city;
    mesh_sized *order = jw_alloc(2 * (size_t)city->area_count * sizeof *order + 1);
    if (!order && builder->result == JW_OK)
        builder->result = jw_fail_memory(builder->error);
    for (uint32_t i = 0; i < city->area_count && order; i++) {
        const jw_area *area = &city->areas[i];
        const jw_ring_range *ring = area->ring_count ? &city->rings[area->first_ring] : NULL;
        order[i].index = i;
        if (ring)
            order[i].size_m = jw_abs(jw_ring_area_m2(city->points + ring->first_point, ring->point_count));
    }
    if (order)
        jw_mesh_sort_by_size(order, order + city->area_count, city->area_count);
    for (uint32_t i = 0; i < city->area_count && jw_mesh_goes_on(builder, i); i++)
        build_area(builder, &city->areas[order[i].index]);
    jw_free(order);
    build_lines(builder);
}

/* ---- trees -----------------------------------------------------------------------------------------------
 */

enum { MAX_TREES = 150000 };

#define WOODS_AROUND_M 1200.0 /* beyond the last roads and buildings */

/* Water beyond the light's raster, which knows only what lies inside. */
typedef struct outer_waters {
    struct outer_water {
        jw_box box;
        uint32_t area;
    } * items;
    uint32_t count;
} outer_waters;

static bool is_in_outer_water(const jw_city *city, const outer_waters *waters, double x_m, double y_m)
{
    for (uint32_t i = 0; i < waters->count; i++) {
        const jw_box *box = &waters->items[i].box;
        if (x_m < box->min_x || x_m > box->max_x || y_m < box->min_y || y_m > box->max_y)
            continue;
        const jw_ring_range *ring = &city->rings[city->areas[waters->items[i].area].first_ring];
        if (jw_ring_contains(city->points + ring->first_point, ring->point_count, x_m, y_m))
            return true;
    }
    return false;
}

static jw_box box_of_area(const jw_city *city, const jw_area *area)
{
    const jw_ring_range *ring = &city->rings[area->first_ring];
    jw_box box = jw_box_empty();
    for (uint32_t i = 0; i < ring->point_count; i++)
        box =
            jw_box_extend(box, city->points[ring->first_point + i].x, city->points[ring->first_point + i].y);
    return box;
}

static void find_outer_waters(mesh_builder *builder, outer_waters *out)
{
    const jw_city *city = builder->city;
    out->items = jw_alloc((city->area_count + 1) * sizeof *out->items);
    if (!out->items && builder->result == JW_OK)
        builder->result = jw_fail_memory(builder->error);
    for (uint32_t i = 0; i < city->area_count && out->items; i++) {
        if (city->areas[i].kind != JW_AREA_WATER || city->areas[i].ring_count == 0)
            continue;
        jw_box box = box_of_area(city, &city->areas[i]), in = city->bounds;
        if (box.min_x < in.min_x || box.min_y < in.min_y || box.max_x > in.max_x || box.max_y > in.max_y)
            out->items[out->count++] = (struct outer_water){box, i};
    }
}

/* Whether a crown would reach into a wall or over water; by its middle and eight places around it. */
static bool has_room(const mesh_light *light, double x_m, double y_m, double radius_m)
{
    for (int k = 0; k < 8; k++) {
        double c = jw_cos(k * JW_PI / 4), s = jw_sin(k * JW_PI / 4);
        if (jw_light_cover_at(light, x_m + c * radius_m, y_m + s * radius_m) & (COVER_BUILDING | COVER_WATER))
            return false;
    }
    return true;
}

static void plant(mesh_builder *builder, double x_m, double y_m, double size_m, uint32_t dice)
{
    static const uint8_t greens[4][4] = {
        {118, 146, 98, 255}, {134, 158, 108, 255}, {104, 134, 96, 255}, {146, 162, 112, 255}};
    mesh_light *light = &builder->mesh->light;
    if (jw_light_cover_at(light, x_m, y_m))
        return;
    size_m *= 0.75 + (dice >> 8 & 255) / 255.0 * 0.5;
    double reach_m = 0.36 * size_m + 0.5 * light->cell_m;
    if (!has_room(light, x_m, y_m, reach_m)) { /* a smaller one between the houses */
        size_m *= 0.55;
        if (!has_room(light, x_m, y_m, reach_m * 0.55))
            return;
    }
    jw_mesh_add_tree(builder, x_m, y_m, size_m, greens[dice & 3]);
    jw_light_darken_sky(light, x_m, y_m, size_m * 0.36);
}

static double trees_spacing_m(const jw_area *area)
{
    switch (area->kind) {
    case JW_AREA_WOOD:
        return 9;
    case JW_AREA_PARK:
        return 13;
    case JW_AREA_GRASS:
        return 45;
    case JW_AREA_BUILT:
        return area->use == JW_USE_RESIDENTIAL || area->use == JW_USE_PUBLIC ? 24 : 0;
    default:
        return 0;
    }
}

/* Sum over areas of area / spacing^2: how many trees full planting would take. */
static double trees_wanted(const jw_city *city)
{
    double wanted = 0;
    for (uint32_t i = 0; i < city->area_count; i++) {
        const jw_area *area = &city->areas[i];
        double spacing_m = trees_spacing_m(area);
        if (spacing_m > 0 && area->ring_count > 0) {
            const jw_ring_range *ring = &city->rings[area->first_ring];
            wanted += jw_abs(jw_ring_area_m2(city->points + ring->first_point, ring->point_count)) /
                      (spacing_m * spacing_m);
        }
    }
    return wanted;
}

static bool is_inside(const jw_ring *rings, uint32_t count, double x_m, double y_m)
{
    if (!jw_ring_contains(rings[0].points, rings[0].count, x_m, y_m))
        return false;
    for (uint32_t r = 1; r < count; r++)
        if (jw_ring_contains(rings[r].points, rings[r].count, x_m, y_m))
            return false;
    return true;
}

/* A jittered lattice over the area's box; groups and clearings come from a coarse lattice of chances. */
static void plant_area(mesh_builder *builder, const jw_area *area, double spacing_m,
                       const outer_waters *waters)
{
    const jw_city *city = builder->city;
    jw_ring rings[MAX_RINGS];
    uint32_t count = rings_of(city, area->first_ring, area->ring_count, rings);
    if (count == 0)
        return;
    jw_box box = box_of_area(city, area);
    if ((box.max_x - box.min_x) * (box.max_y - box.min_y) / (spacing_m * spacing_m) > 4e6)
        return;
    box.min_x = jw_max(box.min_x, city->bounds.min_x - WOODS_AROUND_M);
    box.min_y = jw_max(box.min_y, city->bounds.min_y - WOODS_AROUND_M);
    box.max_x = jw_min(box.max_x, city->bounds.max_x + WOODS_AROUND_M);
    box.max_y = jw_min(box.max_y, city->bounds.max_y + WOODS_AROUND_M);
    bool is_loose = area->kind == JW_AREA_PARK;
    for (double row = jw_floor(box.min_y / spacing_m); row * spacing_m <= box.max_y; row++)
        for (double column = jw_floor(box.min_x / spacing_m); column * spacing_m <= box.max_x; column++) {
            uint32_t dice =
                jw_mesh_scatter((uint32_t)(int32_t)row * 73856093u ^ (uint32_t)(int32_t)column * 19349663u);
            uint32_t grove = jw_mesh_scatter((uint32_t)(int32_t)jw_floor(row / 5) * 83492791u ^
                                             (uint32_t)(int32_t)jw_floor(column / 5) * 2654435761u);
            if (is_loose && (grove & 255) < 90 && (dice >> 24) > 40)
                continue;
            double x_m = (column + 0.1 + 0.8 * ((dice & 1023) / 1023.0)) * spacing_m;
            double y_m = (row + 0.1 + 0.8 * ((dice >> 10 & 1023) / 1023.0)) * spacing_m;
            if (builder->mesh->tree_count < MAX_TREES && is_inside(rings, count, x_m, y_m) &&
                !is_in_outer_water(city, waters, x_m, y_m))
                plant(builder, x_m, y_m, area->kind == JW_AREA_WOOD ? 9.5 : 8, dice);
        }
}

/* A row on the pavement of the larger streets. */
static void plant_street(mesh_builder *builder, uint32_t edge_index)
{
    const jw_city *city = builder->city;
    const jw_edge *edge = &city->edges[edge_index];
    bool has_trees = edge->road_class == JW_ROAD_PRIMARY || edge->road_class == JW_ROAD_SECONDARY ||
                     edge->road_class == JW_ROAD_TERTIARY;
    if (!has_trees || edge->is_bridge || edge->is_tunnel || edge->is_roundabout)
        return;
    double half_m = 0;
    for (uint32_t k = 0; k < edge->lane_count; k++)
        half_m += city->lanes[edge->first_lane + k].width_m / 2;
    const jw_vec3 *points = city->points + edge->first_point;
    double length_m = jw_polyline_length(points, edge->point_count);
    for (double s_m = 14; s_m < length_m - 14; s_m += 13) {
        double heading_rad;
        jw_vec3 at = jw_polyline_at(points, edge->point_count, s_m, &heading_rad);
        uint32_t dice = jw_mesh_scatter(edge_index * 31337u + (uint32_t)s_m);
        double side_m = half_m + 2.2 + builder->mesh->light.cell_m * 0.5;
        if (builder->mesh->tree_count < MAX_TREES && jw_abs(at.z) < 1)
            plant(builder, at.x + jw_sin(heading_rad) * side_m, at.y - jw_cos(heading_rad) * side_m, 6.5,
                  dice);
    }
}

void jw_mesh_build_trees(mesh_builder *builder)
{
    const jw_city *city = builder->city;
    for (uint32_t i = 0; i < city->edge_count && jw_mesh_goes_on(builder, i); i++)
        plant_street(builder, i);
    /* Large woods are planted thinner, so that every wood has some. */
    double left = MAX_TREES - builder->mesh->tree_count, wanted = trees_wanted(city);
    double stretch = wanted > left && left > 0 ? jw_sqrt(wanted / left) : 1;
    outer_waters waters = {0};
    find_outer_waters(builder, &waters);
    for (uint32_t i = 0; i < city->area_count && jw_mesh_goes_on(builder, i); i++) {
        double spacing_m = trees_spacing_m(&city->areas[i]);
        if (spacing_m > 0)
            plant_area(builder, &city->areas[i], spacing_m * stretch, &waters);
    }
    jw_free(waters.items);
}
