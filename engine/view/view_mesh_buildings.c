/* Buildings: walls and roofs in full, and as oriented boxes for far away. */
#include "view/view_mesh.h"

#include <string.h>

enum { MAX_RINGS = 64 };

/* An architect's card: off-white, tinted faintly by use. */
static const uint8_t use_colours[JW_USE_COUNT][3] = {
    [JW_USE_NONE] = {238, 235, 229},       [JW_USE_RESIDENTIAL] = {241, 234, 222},
    [JW_USE_COMMERCIAL] = {242, 226, 214}, [JW_USE_OFFICE] = {226, 232, 237},
    [JW_USE_INDUSTRIAL] = {225, 222, 224}, [JW_USE_PUBLIC] = {243, 232, 205},
    [JW_USE_STATION] = {222, 228, 226},    [JW_USE_COMPUTING] = {212, 230, 234},
};

static uint32_t id_of_building(uint32_t index)
{
    return (uint32_t)JW_PICK_BUILDING << ID_KIND_SHIFT | (index & ID_INDEX_MASK);
}

static void colour_of(const jw_building *building, uint32_t index, uint8_t out[4])
{
    int shade = (int)(jw_mesh_scatter(index) % 13) - 6; /* no two pieces of card are quite the same */
    for (int i = 0; i < 3; i++) {
        int c = use_colours[building->use][i] + shade;
        out[i] = (uint8_t)(c < 0 ? 0 : (c > 255 ? 255 : c));
    }
    out[3] = 255;
}

static uint8_t shadow_byte(double top_m)
{
    return (uint8_t)jw_clamp(jw_round(top_m / 2), 0, 127);
}

/* One wall from a to b (outside on the right of the way), lit as its surroundings are just outside. */
static void add_wall(mesh_builder *builder, mesh_layer layer, uint32_t chunk, jw_vec3 a, jw_vec3 b,
                     double base_m, double top_m, double along_m, const uint8_t colour[4], uint32_t id)
{
    const mesh_light *light = &builder->mesh->light;
    jw_vec2 along = jw_vec2_unit((jw_vec2){b.x - a.x, b.y - a.y});
    jw_vec2 out = {along.y, -along.x};
    double length_m = jw_sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
    double step_m = light->cell_m * 1.6, inset_m = jw_min(length_m * 0.25, 1.0);
    uint8_t normal[2][4], colours[2][4];
    for (int end = 0; end < 2; end++) {
        jw_vec3 p = end == 0 ? a : b;
        double sign = end == 0 ? 1 : -1;
        double x_m = p.x + out.x * step_m + along.x * inset_m * sign;
        double y_m = p.y + out.y * step_m + along.y * inset_m * sign;
        normal[end][0] = (uint8_t)(int8_t)(out.x * 127);
        normal[end][1] = (uint8_t)(int8_t)(out.y * 127);
        normal[end][2] = 0;
        /* A raster cell that touches the wall itself must not shade it. */
        double shadow_m = jw_light_shadow_top_m(light, x_m, y_m);
        normal[end][3] = shadow_m < top_m + 0.5 && (jw_light_cover_at(light, x_m, y_m) & COVER_BUILDING)
                             ? 0
                             : shadow_byte(shadow_m);
        memcpy(colours[end], colour, 3);
        colours[end][3] = (uint8_t)(jw_clamp(jw_light_sky_at(light, x_m, y_m), 0, 1) * 255);
    }
    a.z = b.z = base_m;
    uint32_t v0 = jw_mesh_add_vertex(builder, a, normal[0], colours[0], along_m, top_m, id);
    uint32_t v1 = jw_mesh_add_vertex(builder, b, normal[1], colours[1], along_m + length_m, top_m, id);
    a.z = b.z = top_m;
    uint32_t v2 = jw_mesh_add_vertex(builder, b, normal[1], colours[1], along_m + length_m, top_m, id);
    uint32_t v3 = jw_mesh_add_vertex(builder, a, normal[0], colours[0], along_m, top_m, id);
    jw_mesh_add_triangle(builder, layer, chunk, v0, v1, v2);
    jw_mesh_add_triangle(builder, layer, chunk, v0, v2, v3);
}

static void add_roof(mesh_builder *builder, mesh_layer layer, uint32_t chunk, const jw_ring *rings,
                     uint32_t ring_count, double top_m, const uint8_t colour[4], uint32_t id)
{
    const mesh_light *light = &builder->mesh->light;
    uint32_t *indices = NULL, index_count = 0;
    jw_error why = {0};
    jw_result result = jw_polygon_triangulate(rings, ring_count, &indices, &index_count, &why);
    if (result != JW_OK) {
        if (result == JW_ERROR_MEMORY && builder->result == JW_OK)
            builder->result = jw_fail_memory(builder->error);
        return; /* a footprint that crosses itself has walls only */
    }
    uint8_t roof[4] = {(uint8_t)(colour[0] * 250 / 255), (uint8_t)(colour[1] * 250 / 255),
                       (uint8_t)(colour[2] * 250 / 255), 255};
    uint32_t first = builder->mesh->vertex_count;
    for (uint32_t r = 0; r < ring_count; r++)
        for (uint32_t i = 0; i < rings[r].count; i++) {
            jw_vec3 p = rings[r].points[i];
            double shadow_m = jw_light_shadow_top_m(light, p.x, p.y);
            uint8_t normal[4] = {0, 0, 127, shadow_m > top_m + 1 ? shadow_byte(shadow_m) : 0};
            p.z = top_m;
            jw_mesh_add_vertex(builder, p, normal, roof, 0, top_m, id);
        }
    for (uint32_t i = 0; i + 2 < index_count; i += 3)
        jw_mesh_add_triangle(builder, layer, chunk, first + indices[i], first + indices[i + 1],
                             first + indices[i + 2]);
    jw_free(indices);
}

/* The rectangle along the footprint's longest side that has the footprint's area. */
static void box_of(const jw_ring *ring, double area_m2, jw_vec3 out[4])
{
    jw_vec2 axis = {1, 0};
    double longest = 0;
    for (uint32_t i = 0; i < ring->count; i++) {
        const jw_vec3 *a = &ring->points[i], *b = &ring->points[(i + 1) % ring->count];
        jw_vec2 side = {b->x - a->x, b->y - a->y};
        double length = jw_vec2_length(side);
        if (length > longest) {
            longest = length;
            axis = jw_vec2_unit(side);
        }
    }
    double low[2] = {1e300, 1e300}, high[2] = {-1e300, -1e300};
    for (uint32_t i = 0; i < ring->count; i++) {
        double p[2] = {ring->points[i].x * axis.x + ring->points[i].y * axis.y,
                       ring->points[i].y * axis.x - ring->points[i].x * axis.y};
        for (int k = 0; k < 2; k++) {
            low[k] = jw_min(low[k], p[k]);
            high[k] = jw_max(high[k], p[k]);
        }
    }
    double full_m2 = (high[0] - low[0]) * (high[1] - low[1]);
    double scale = full_m2 > 0 ? jw_sqrt(jw_clamp(area_m2 / full_m2, 0.05, 1)) : 1;
    for (int k = 0; k < 4; k++) {
        double middle[2] = {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2};
        double u = middle[0] + (high[0] - low[0]) / 2 * scale * (k == 1 || k == 2 ? 1 : -1);
        double v = middle[1] + (high[1] - low[1]) / 2 * scale * (k >= 2 ? 1 : -1);
        out[k] = (jw_vec3){u * axis.x - v * axis.y, u * axis.y + v * axis.x, 0};
    }
}

typedef struct sized_building {
    double size_m;
    uint32_t index;
} sized_building;

const double jw_mesh_box_sizes_m[BOX_CLASSES] = {90, 60, 42, 30, 22, 16, 11, 0};

static double area_of(const jw_ring *rings, uint32_t ring_count)
{
    double area_m2 = 0;
    for (uint32_t r = 0; r < ring_count; r++) {
        double ring_m2 = jw_abs(jw_ring_area_m2(rings[r].points, rings[r].count));
        area_m2 += r == 0 ? ring_m2 : -ring_m2;
    }
    return area_m2;
}

static void build_one(mesh_builder *builder, const sized_building *sized)
{
    const jw_city *city = builder->city;
    const jw_building *building = &city->buildings[sized->index];
    jw_view_mesh *mesh = builder->mesh;
    jw_ring rings[MAX_RINGS];
    uint32_t ring_count = building->ring_count < MAX_RINGS ? building->ring_count : MAX_RINGS;
    for (uint32_t r = 0; r < ring_count; r++)
        rings[r] = (jw_ring){city->points + city->rings[building->first_ring + r].first_point,
                             city->rings[building->first_ring + r].point_count};
    uint32_t chunk = jw_mesh_chunk_at(mesh, building->x_m, building->y_m), id = id_of_building(sized->index);
    double top_m = jw_max((double)building->height_m, (double)building->base_m + 1);
    double base_m = (double)building->base_m;
    uint8_t colour[4];
    colour_of(building, sized->index, colour);
    double along_m = 0;
    for (uint32_t r = 0; r < ring_count; r++)
        for (uint32_t i = 0; i < rings[r].count; i++) {
            jw_vec3 a = rings[r].points[i], b = rings[r].points[(i + 1) % rings[r].count];
            add_wall(builder, LAYER_HOUSE, chunk, a, b, base_m, top_m, along_m, colour, id);
            along_m += jw_sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
        }
    add_roof(builder, LAYER_HOUSE, chunk, rings, ring_count, top_m, colour, id);
    jw_vec3 box[4];
    box_of(&rings[0], area_of(rings, ring_count), box);
    for (int k = 0; k < 4; k++)
        add_wall(builder, LAYER_BOX, chunk, box[k], box[(k + 1) % 4], base_m, top_m, 0, colour, id);
    add_roof(builder, LAYER_BOX, chunk, &(jw_ring){box, 4}, 1, top_m, colour, id);
    if (builder->result != JW_OK)
        return;
    mesh->chunks[chunk].house_count++;
    for (int k = 0; k < BOX_CLASSES; k++)
        if (sized->size_m >= jw_mesh_box_sizes_m[k])
            mesh->chunks[chunk].box_count[k] += 30; /* ten triangles */
}

/* Largest first; equal ones in order. Merge sort, because the order must not depend on the library. */
static void sort_by_size(sized_building *items, sized_building *scratch, uint32_t count)
{
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t begin = 0; begin < count; begin += 2 * width) {
            uint32_t middle = begin + width < count ? begin + width : count;
            uint32_t end = begin + 2 * width < count ? begin + 2 * width : count;
            uint32_t a = begin, b = middle;
            for (uint32_t k = begin; k < end; k++)
                scratch[k] =
                    a < middle && (b >= end || items[a].size_m >= items[b].size_m) ? items[a++] : items[b++];
        }
        memcpy(items, scratch, count * sizeof *items);
        if (width > UINT32_MAX / 4)
            break;
    }
}

void jw_mesh_build_buildings(mesh_builder *builder)
{
    const jw_city *city = builder->city;
    if (builder->result != JW_OK || city->building_count == 0)
        return;
    sized_building *order = jw_alloc(2 * (size_t)city->building_count * sizeof *order);
    if (!order) {
        builder->result = jw_fail_memory(builder->error);
        return;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *building = &city->buildings[i];
        if (building->ring_count == 0 || city->rings[building->first_ring].point_count < 3)
            continue;
        const jw_ring_range *ring = &city->rings[building->first_ring];
        double area_m2 = jw_abs(jw_ring_area_m2(city->points + ring->first_point, ring->point_count));
        order[count++] = (sized_building){jw_max(jw_sqrt(area_m2), (double)building->height_m), i};
    }
    sort_by_size(order, order + count, count);
    for (uint32_t i = 0; i < count && builder->result == JW_OK; i++)
        build_one(builder, &order[i]);
    jw_free(order);
}
