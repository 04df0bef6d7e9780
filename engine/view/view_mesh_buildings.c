/* Buildings: walls and roofs in full, and as oriented boxes for far away. */
#include "view/view_mesh.h"

#include <string.h>

enum { MAX_RINGS = 64 };

/* An architect's card: off-white, tinted faintly by use. */
static const uint8_t use_colours[JW_USE_COUNT][3] = {
    [JW_USE_NONE] = {240, 237, 231},       [JW_USE_RESIDENTIAL] = {243, 237, 226},
    [JW_USE_COMMERCIAL] = {243, 226, 213}, [JW_USE_OFFICE] = {226, 233, 239},
    [JW_USE_INDUSTRIAL] = {226, 224, 226}, [JW_USE_PUBLIC] = {244, 233, 206},
    [JW_USE_STATION] = {222, 230, 228},    [JW_USE_COMPUTING] = {208, 230, 235},
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

/* Flat roofs differ a little from block to block; pitched ones are tiled. */
static void roof_colour_of(const jw_building *building, uint32_t index, bool is_pitched, uint8_t colour[4])
{
    static const int8_t flat[4][3] = {{-12, -14, -18}, {-20, -24, -31}, {-30, -29, -28}, {-4, -5, -7}};
    static const uint8_t tiles[4][3] = {{204, 158, 134}, {188, 144, 124}, {194, 168, 146}, {170, 152, 142}};
    uint32_t dice =
        jw_mesh_scatter(building->block != JW_NONE && !is_pitched ? building->block * 31 + 7 : index);
    for (int i = 0; i < 3; i++) {
        int shade =
            is_pitched ? tiles[dice % 4][i] + (int)(dice >> 8 & 15) - 8 : colour[i] + flat[dice % 4][i];
        colour[i] = (uint8_t)(shade < 0 ? 0 : shade > 255 ? 255 : shade);
    }
}

static uint8_t windows_of(uint8_t use)
{
    switch (use) {
    case JW_USE_OFFICE:
    case JW_USE_COMMERCIAL:
    case JW_USE_PUBLIC:
    case JW_USE_STATION:
        return 2;
    case JW_USE_INDUSTRIAL:
    case JW_USE_COMPUTING:
        return 3;
    default:
        return 1;
    }
}

static void add_quad(mesh_builder *builder, const house_part *piece, const uint32_t v[4])
{
    jw_mesh_add_triangle(builder, piece->layer, piece->chunk, v[0], v[1], v[2]);
    jw_mesh_add_triangle(builder, piece->layer, piece->chunk, v[0], v[2], v[3]);
}

/* One wall from a to b (outside on the right of the way), lit as its surroundings are just outside. Its
 * windows are numbered from `window`; returns the next number. */
static uint32_t add_wall(mesh_builder *builder, const house_part *piece, jw_vec3 a, jw_vec3 b,
                         uint32_t window)
{
    static const double pitch_m[] = {1, 3.2, 4, 8}; /* from window to window, by style */
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
        normal[end][3] = 0;
        memcpy(colours[end], piece->colour, 3);
        colours[end][3] = (uint8_t)(jw_clamp(jw_light_sky_at(light, x_m, y_m), 0, 1) * 255);
    }
    /* A whole number of windows from corner to corner; a narrow wall has none. */
    uint32_t windows = (uint32_t)jw_clamp(length_m / pitch_m[piece->windows] + 0.35, 0, 10000);
    uint32_t v[4];
    for (int k = 0; k < 4; k++) {
        int end = k == 1 || k == 2;
        jw_vec3 p = end ? b : a;
        p.z = k < 2 ? piece->base_m : piece->top_m;
        v[k] = jw_mesh_add_vertex(builder, p, normal[end], colours[end], window + (end ? windows : 0),
                                  windows > 0 ? FACADE_OF(piece->windows, piece->top_m) : 0, piece->id);
    }
    add_quad(builder, piece, v);
    return window + windows;
}

uint32_t jw_mesh_add_roof_corner(mesh_builder *builder, const house_part *piece, jw_vec3 at,
                                 const double normal[3])
{
    const uint8_t *colour = normal[2] > 0 ? piece->roof : piece->colour; /* gables belong to the walls */
    /* The raster knows one height a building: what a roof's lower parts lack of it is no shadow. */
    double lacks_m = jw_clamp(piece->roof_m - at.z + 0.6, 0, 12.7);
    uint8_t packed[4] = {(uint8_t)(int8_t)(normal[0] * 127), (uint8_t)(int8_t)(normal[1] * 127),
                         (uint8_t)(int8_t)(normal[2] * 127), (uint8_t)(lacks_m * 10)};
    return jw_mesh_add_vertex(builder, at, packed, colour, 0, 0, piece->id);
}

static void add_flat_roof(mesh_builder *builder, const house_part *piece, const jw_ring *rings,
                          uint32_t ring_count)
{
    static const double up[3] = {0, 0, 1};
    uint32_t *indices = NULL, index_count = 0;
    jw_error why = {0};
    jw_result result = jw_polygon_triangulate(rings, ring_count, &indices, &index_count, &why);
    if (result != JW_OK) {
        if (result == JW_ERROR_MEMORY && builder->result == JW_OK)
            builder->result = jw_fail_memory(builder->error);
        return; /* a footprint that crosses itself has walls only */
    }
    uint32_t first = builder->mesh->vertex_count;
    for (uint32_t r = 0; r < ring_count; r++)
        for (uint32_t i = 0; i < rings[r].count; i++) {
            jw_vec3 p = rings[r].points[i];
            p.z = piece->top_m;
            jw_mesh_add_roof_corner(builder, piece, p, up);
        }
    for (uint32_t i = 0; i + 2 < index_count; i += 3)
        jw_mesh_add_triangle(builder, piece->layer, piece->chunk, first + indices[i], first + indices[i + 1],
                             first + indices[i + 2]);
    jw_free(indices);
}

/* Stair heads and plant rooms on larger flat roofs, along the longest axis: they give the eye a scale. Data
 * centres are told by two rows of coolers. */
static void add_roof_rooms(mesh_builder *builder, const house_part *piece, const jw_ring *rings,
                           uint32_t ring_count, const jw_vec3 box[4])
{
    jw_vec2 u = {box[1].x - box[0].x, box[1].y - box[0].y}, v = {box[3].x - box[0].x, box[3].y - box[0].y};
    double length_m = jw_vec2_length(u), width_m = jw_vec2_length(v);
    if (piece->top_m - piece->base_m < 8 || width_m < 8 || length_m < 12)
        return;
    int rows = piece->has_coolers ? 2 : 1;
    int count = rows * (int)jw_clamp(length_m / (rows == 2 ? 10 : 26), 1, rows == 2 ? 12 : 5);
    double half_u = jw_min(3.0, length_m * 0.12) / length_m, half_v = jw_min(2.2, width_m * 0.18) / width_m;
    for (int i = 0; i < count; i++) {
        double at_u = (i / rows + 0.5) * rows / count;
        double at_v = rows == 2 ? 0.3 + 0.4 * (i % 2) : 0.5 + (((piece->id + (uint32_t)i) % 3) - 1.0) * 0.08;
        jw_vec3 corners[4];
        bool is_on_roof = true;
        for (int k = 0; k < 4; k++) {
            double s = at_u + (k == 1 || k == 2 ? half_u : -half_u), t = at_v + (k >= 2 ? half_v : -half_v);
            corners[k] = (jw_vec3){box[0].x + u.x * s + v.x * t, box[0].y + u.y * s + v.y * t, piece->top_m};
            for (uint32_t r = 0; r < ring_count; r++) /* inside the outline, outside the courts */
                is_on_roof &=
                    jw_ring_contains(rings[r].points, rings[r].count, corners[k].x, corners[k].y) == (r == 0);
        }
        if (!is_on_roof)
            continue;
        house_part room = *piece;
        room.base_m = piece->top_m;
        room.top_m = piece->top_m + 2.8;
        room.windows = 0;
        for (int k = 0; k < 3 && piece->has_coolers; k++)
            room.roof[k] = (uint8_t)(piece->roof[k] / 2); /* their fans */
        for (int k = 0; k < 4; k++)
            add_wall(builder, &room, corners[k], corners[(k + 1) % 4], 0);
        add_flat_roof(builder, &room, &(jw_ring){corners, 4}, 1);
    }
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

static double area_of(const jw_ring *rings, uint32_t ring_count)
{
    double area_m2 = 0;
    for (uint32_t r = 0; r < ring_count; r++) {
        double ring_m2 = jw_abs(jw_ring_area_m2(rings[r].points, rings[r].count));
        area_m2 += r == 0 ? ring_m2 : -ring_m2;
    }
    return area_m2;
}

static void build_house(mesh_builder *builder, const house_part *whole, const jw_ring *rings,
                        uint32_t ring_count, const mesh_roof *roof, const jw_vec3 box[4])
{
    uint32_t window = 0;
    house_part piece = *whole;
    piece.layer = LAYER_HOUSE;
    piece.top_m -= roof->rise_m;
    for (uint32_t r = 0; r < ring_count; r++)
        for (uint32_t i = 0; i < rings[r].count; i++) {
            jw_vec3 a = rings[r].points[i], b = rings[r].points[(i + 1) % rings[r].count];
            window = add_wall(builder, &piece, a, b, window);
        }
    if (roof->count > 0) {
        jw_mesh_add_pitched_roof(builder, &piece, roof, &rings[0]);
        return;
    }
    add_flat_roof(builder, &piece, rings, ring_count);
    add_roof_rooms(builder, &piece, rings, ring_count, box);
}

static void build_one(mesh_builder *builder, const mesh_sized *sized)
{
    const jw_city *city = builder->city;
    const jw_building *building = &city->buildings[sized->index];
    jw_view_mesh *mesh = builder->mesh;
    jw_ring rings[MAX_RINGS];
    uint32_t ring_count = building->ring_count < MAX_RINGS ? building->ring_count : MAX_RINGS;
    for (uint32_t r = 0; r < ring_count; r++)
        rings[r] = (jw_ring){city->points + city->rings[building->first_ring + r].first_point,
                             city->rings[building->first_ring + r].point_count};
    house_part box_piece = {.layer = LAYER_BOX,
                            .chunk = jw_mesh_chunk_at(mesh, building->x_m, building->y_m),
                            .id = id_of_building(sized->index),
                            .base_m = (double)building->base_m,
                            .top_m = jw_max((double)building->height_m, (double)building->base_m + 1),
                            .windows = windows_of(building->use),
                            .has_coolers = building->use == JW_USE_COMPUTING};
    box_piece.roof_m = box_piece.top_m;
    double area_m2 = area_of(rings, ring_count);
    mesh_roof roof = jw_mesh_plan_roof(building, sized->index, rings, ring_count, area_m2);
    bool is_tiled = roof.count > 0 && building->use != JW_USE_STATION && building->use != JW_USE_INDUSTRIAL;
    colour_of(building, sized->index, box_piece.colour);
    memcpy(box_piece.roof, box_piece.colour, sizeof box_piece.roof);
    roof_colour_of(building, sized->index, is_tiled, box_piece.roof);
    jw_vec3 box[4];
    box_of(&rings[0], area_m2, box);
    build_house(builder, &box_piece, rings, ring_count, &roof, box);
    box_piece.top_m -= roof.rise_m / 2;
    uint32_t window = 0;
    builder->size_m = (float)sized->size_m;
    for (int k = 0; k < 4; k++)
        window = add_wall(builder, &box_piece, box[k], box[(k + 1) % 4], window);
    add_flat_roof(builder, &box_piece, &(jw_ring){box, 4}, 1);
    builder->size_m = 0;
    if (builder->result != JW_OK)
        return;
    mesh->chunks[box_piece.chunk].house_count++;
}

void jw_mesh_build_buildings(mesh_builder *builder)
{
    const jw_city *city = builder->city;
    if (builder->result != JW_OK || city->building_count == 0)
        return;
    mesh_sized *order = jw_alloc(2 * (size_t)city->building_count * sizeof *order);
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
        order[count++] = (mesh_sized){jw_max(jw_sqrt(area_m2), (double)building->height_m), i};
    }
    jw_mesh_sort_by_size(order, order + count, count);
    for (uint32_t i = 0; i < count && builder->result == JW_OK; i++) {
        if (i % 1024 == 0) /* far below 50 ms */
            jw_mesh_tell(builder, 0.2 + 0.75 * i / count, "buildings");
        build_one(builder, &order[i]);
    }
    jw_free(order);
}

static const jw_ring_range *outline_of(const jw_city *city, uint32_t building)
{
    return city->buildings[building].ring_count ? &city->rings[city->buildings[building].first_ring] : NULL;
}

jw_result jw_mesh_find_houses(jw_view_mesh *mesh, jw_error *error)
{
    const jw_city *city = mesh->city;
    if (city->building_count == 0)
        return JW_OK;
    jw_box *boxes = jw_alloc(city->building_count * sizeof *boxes);
    if (!boxes)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_ring_range *ring = outline_of(city, i);
        boxes[i] = jw_box_extend(jw_box_empty(), city->buildings[i].x_m, city->buildings[i].y_m);
        for (uint32_t k = 0; ring && k < ring->point_count; k++)
            boxes[i] = jw_box_extend(boxes[i], city->points[ring->first_point + k].x,
                                     city->points[ring->first_point + k].y);
    }
    jw_result result = jw_grid_create(boxes, city->building_count, 0, &mesh->houses, error);
    jw_free(boxes);
    return result;
}

typedef struct roof_search {
    const jw_city *city;
    double x_m, y_m, height_m;
} roof_search;

static bool look_under_roof(void *context, uint32_t item)
{
    roof_search *search = context;
    const jw_ring_range *ring = outline_of(search->city, item);
    double height_m = (double)search->city->buildings[item].height_m;
    if (ring && height_m > search->height_m &&
        jw_ring_contains(search->city->points + ring->first_point, ring->point_count, search->x_m,
                         search->y_m))
        search->height_m = height_m;
    return true;
}

double jw_mesh_roof_m(const jw_view_mesh *mesh, double x_m, double y_m)
{
    roof_search search = {mesh->city, x_m, y_m, 0};
    if (mesh->houses)
        jw_grid_query(mesh->houses, (jw_box){x_m, y_m, x_m, y_m}, look_under_roof, &search);
    return search.height_m;
}
