/* Pitched roofs over any footprint: the lowest of up to four slopes over its box. Where a slope is the lowest
 * is convex, so the footprint's triangles are cut to those parts, and every wall is carried up to the roof
 * above it: the house is closed whatever its outline is. A straight skeleton would follow wings and bays
 * better, at the price of its degenerate cases. */
#include "view/view_mesh.h"

#include <string.h>

#define GABLE_MAX_M2 320.0 /* of houses that get a pitched roof by rule */
#define GABLE_MIN_M2 30.0
#define GABLE_MAX_M  11.0
#define BY_RULE_FULL 0.75 /* of their box that they must fill */
#define TAGGED_FULL  0.5
#define LEAST_M      0.3

/* The box along the longest side: its middle, half its extents (the longer first) and that direction. */
typedef struct roof_box {
    jw_vec2 middle, along;
    double half_u_m, half_v_m;
} roof_box;

static roof_box box_round(const jw_ring *ring)
{
    jw_vec2 axis = {1, 0};
    double longest_m = 0, low[2] = {1e300, 1e300}, high[2] = {-1e300, -1e300};
    for (uint32_t i = 0; i < ring->count; i++) {
        const jw_vec3 *a = &ring->points[i], *b = &ring->points[(i + 1) % ring->count];
        jw_vec2 side = {b->x - a->x, b->y - a->y};
        if (jw_vec2_length(side) > longest_m) {
            longest_m = jw_vec2_length(side);
            axis = jw_vec2_unit(side);
        }
    }
    for (uint32_t i = 0; i < ring->count; i++) {
        const jw_vec3 *p = &ring->points[i];
        double at[2] = {p->x * axis.x + p->y * axis.y, p->y * axis.x - p->x * axis.y};
        for (int k = 0; k < 2; k++) {
            low[k] = jw_min(low[k], at[k]);
            high[k] = jw_max(high[k], at[k]);
        }
    }
    double u = (low[0] + high[0]) / 2, v = (low[1] + high[1]) / 2;
    roof_box box = {{u * axis.x - v * axis.y, u * axis.y + v * axis.x},
                    axis,
                    (high[0] - low[0]) / 2,
                    (high[1] - low[1]) / 2};
    if (box.half_v_m > box.half_u_m)
        box = (roof_box){box.middle, {-axis.y, axis.x}, box.half_v_m, box.half_u_m};
    return box;
}

/* A slope that falls by `fall` a metre towards `out`, and is `middle_m` high over the box's middle. */
static void add_slope(mesh_roof *roof, const roof_box *box, jw_vec2 out, double fall, double middle_m)
{
    double *slope = roof->slopes[roof->count++];
    slope[0] = -out.x * fall;
    slope[1] = -out.y * fall;
    slope[2] = middle_m + fall * (out.x * box->middle.x + out.y * box->middle.y);
}

static void add_slopes(mesh_roof *roof, jw_roof shape, const roof_box *box)
{
    jw_vec2 u = box->along, v = {-u.y, u.x};
    double rise_m = roof->rise_m, fall = rise_m / box->half_v_m;
    if (shape == JW_ROOF_SKILLION) {
        add_slope(roof, box, v, fall / 2, rise_m / 2);
        return;
    }
    for (int side = -1; side <= 1; side += 2)
        add_slope(roof, box, (jw_vec2){v.x * side, v.y * side}, fall, rise_m);
    if (shape == JW_ROOF_GABLED)
        return;
    /* Hips fall as steeply as the sides; a pyramid's slopes all meet in its middle. */
    double end_fall = shape == JW_ROOF_HIPPED ? fall : rise_m / box->half_u_m;
    for (int side = -1; side <= 1; side += 2)
        add_slope(roof, box, (jw_vec2){u.x * side, u.y * side}, end_fall, end_fall * box->half_u_m);
}

/* What stands on small houses of which the map says nothing. */
static jw_roof roof_by_rule(const jw_building *building, uint32_t index, const roof_box *box, double area_m2)
{
    bool is_house = building->use == JW_USE_RESIDENTIAL || building->use == JW_USE_NONE;
    if (!is_house || area_m2 > GABLE_MAX_M2 || area_m2 < GABLE_MIN_M2 ||
        (double)building->height_m > GABLE_MAX_M ||
        area_m2 < BY_RULE_FULL * 4 * box->half_u_m * box->half_v_m)
        return JW_ROOF_FLAT;
    bool is_hipped = jw_mesh_scatter(index * 7 + 3) % 3 == 0 && box->half_u_m < 2 * box->half_v_m;
    return is_hipped ? JW_ROOF_HIPPED : JW_ROOF_GABLED;
}

mesh_roof jw_mesh_plan_roof(const jw_building *building, uint32_t index, const jw_ring *rings,
                            uint32_t ring_count, double area_m2)
{
    mesh_roof roof = {0};
    if (ring_count != 1 || rings[0].count < 3 || building->roof == JW_ROOF_FLAT)
        return roof;
    roof_box box = box_round(&rings[0]);
    double height_m = (double)building->height_m - (double)building->base_m;
    if (!(box.half_v_m > LEAST_M && area_m2 > TAGGED_FULL * 4 * box.half_u_m * box.half_v_m))
        return roof;
    jw_roof shape = (jw_roof)building->roof;
    if (shape == JW_ROOF_UNKNOWN)
        shape = building->roof_m > 0 ? JW_ROOF_GABLED : roof_by_rule(building, index, &box, area_m2);
    if (shape == JW_ROOF_FLAT)
        return roof;
    if (building->roof_is_across && shape == JW_ROOF_GABLED)
        box = (roof_box){box.middle, {-box.along.y, box.along.x}, box.half_v_m, box.half_u_m};
    double steep = shape == JW_ROOF_SKILLION ? 0.5 : 0.75; /* about 37 degrees, and 14 */
    roof.rise_m =
        building->roof_m > 0 ? (double)building->roof_m : jw_min(box.half_v_m * steep, 0.4 * height_m);
    roof.rise_m = jw_min(roof.rise_m, 0.75 * height_m);
    if (roof.rise_m > LEAST_M)
        add_slopes(&roof, shape, &box);
    return roof;
}

static double height_of(const mesh_roof *roof, uint32_t slope, double x, double y)
{
    return roof->slopes[slope][0] * x + roof->slopes[slope][1] * y + roof->slopes[slope][2];
}

static double lowest_of(const mesh_roof *roof, double x, double y)
{
    double lowest_m = height_of(roof, 0, x, y);
    for (uint32_t i = 1; i < roof->count; i++)
        lowest_m = jw_min(lowest_m, height_of(roof, i, x, y));
    return jw_max(0, lowest_m);
}

enum { MAX_CORNERS = 3 + MAX_SLOPES };

/* Keeps of a convex polygon where slope `mine` is no higher than `other`. */
static uint32_t cut(const mesh_roof *roof, uint32_t mine, uint32_t other, const jw_vec2 *from, uint32_t count,
                    jw_vec2 out[MAX_CORNERS])
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        jw_vec2 a = from[i], b = from[(i + 1) % count];
        double da = height_of(roof, mine, a.x, a.y) - height_of(roof, other, a.x, a.y);
        double db = height_of(roof, mine, b.x, b.y) - height_of(roof, other, b.x, b.y);
        if (da <= 0 && kept < MAX_CORNERS)
            out[kept++] = a;
        if ((da < 0) != (db < 0) && jw_abs(da - db) > 1e-9 && da * db < 0 && kept < MAX_CORNERS) {
            double t = da / (da - db);
            out[kept++] = (jw_vec2){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
        }
    }
    return kept;
}

static void add_fan(mesh_builder *builder, const house_part *piece, const mesh_roof *roof, uint32_t slope,
                    const jw_vec2 *corners, uint32_t count)
{
    const double *s = roof->slopes[slope];
    double scale = 1 / jw_sqrt(s[0] * s[0] + s[1] * s[1] + 1);
    const double normal[3] = {-s[0] * scale, -s[1] * scale, scale};
    uint32_t v[MAX_CORNERS];
    for (uint32_t i = 0; i < count; i++)
        v[i] = jw_mesh_add_roof_corner(
            builder, piece,
            (jw_vec3){corners[i].x, corners[i].y,
                      piece->top_m + jw_max(0, height_of(roof, slope, corners[i].x, corners[i].y))},
            normal);
    for (uint32_t i = 2; i < count; i++)
        jw_mesh_add_triangle(builder, piece->layer, piece->chunk, v[0], v[i - 1], v[i]);
}

/* From the eaves up to the roof along a wall from a to b, where it is not all at the eaves. */
static void add_wall_top(mesh_builder *builder, const house_part *piece, const mesh_roof *roof, jw_vec3 a,
                         jw_vec3 b)
{
    jw_vec2 along = jw_vec2_unit((jw_vec2){b.x - a.x, b.y - a.y});
    const double normal[3] = {along.y, -along.x, 0};
    double breaks[MAX_SLOPES * MAX_SLOPES + 2] = {0};
    uint32_t count = 1;
    for (uint32_t i = 0; i < roof->count; i++)
        for (uint32_t j = i + 1; j < roof->count; j++) {
            double da = height_of(roof, i, a.x, a.y) - height_of(roof, j, a.x, a.y);
            double db = height_of(roof, i, b.x, b.y) - height_of(roof, j, b.x, b.y);
            if (da * db >= 0)
                continue;
            double t = da / (da - db);
            uint32_t k = count++;
            for (; k > 1 && breaks[k - 1] > t; k--)
                breaks[k] = breaks[k - 1];
            breaks[k] = t;
        }
    breaks[count++] = 1;
    for (uint32_t k = 0; k + 1 < count; k++) {
        jw_vec3 p[4];
        for (int i = 0; i < 4; i++) {
            double t = breaks[i == 1 || i == 2 ? k + 1 : k];
            p[i] = (jw_vec3){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, piece->top_m};
            p[i].z += i >= 2 ? lowest_of(roof, p[i].x, p[i].y) : 0;
        }
        bool rises_at_a = p[3].z > p[0].z + 1e-6, rises_at_b = p[2].z > p[1].z + 1e-6;
        if (!rises_at_a && !rises_at_b)
            continue;
        uint32_t v[4];
        for (int i = 0; i < 4; i++)
            v[i] = jw_mesh_add_roof_corner(builder, piece, p[i], normal);
        if (rises_at_b)
            jw_mesh_add_triangle(builder, piece->layer, piece->chunk, v[0], v[1], v[2]);
        if (rises_at_a)
            jw_mesh_add_triangle(builder, piece->layer, piece->chunk, v[0], v[2], v[3]);
    }
}

void jw_mesh_add_pitched_roof(mesh_builder *builder, const house_part *piece, const mesh_roof *roof,
                              const jw_ring *ring)
{
    uint32_t *indices = NULL, index_count = 0;
    jw_error why = {0};
    jw_result result = jw_polygon_triangulate(ring, 1, &indices, &index_count, &why);
    if (result == JW_ERROR_MEMORY && builder->result == JW_OK)
        builder->result = jw_fail_memory(builder->error);
    for (uint32_t i = 0; result == JW_OK && i + 2 < index_count; i += 3)
        for (uint32_t slope = 0; slope < roof->count; slope++) {
            jw_vec2 corners[2][MAX_CORNERS];
            uint32_t count = 3, now = 0;
            for (int k = 0; k < 3; k++)
                corners[0][k] = (jw_vec2){ring->points[indices[i + (uint32_t)k]].x,
                                          ring->points[indices[i + (uint32_t)k]].y};
            for (uint32_t other = 0; other < roof->count && count >= 3; other++)
                if (other != slope) {
                    count = cut(roof, slope, other, corners[now], count, corners[1 - now]);
                    now = 1 - now;
                }
            if (count >= 3)
                add_fan(builder, piece, roof, slope, corners[now], count);
        }
    jw_free(indices);
    for (uint32_t i = 0; i < ring->count; i++)
        add_wall_top(builder, piece, roof, ring->points[i], ring->points[(i + 1) % ring->count]);
}
