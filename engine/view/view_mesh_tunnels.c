/* Tunnels as a plan shows them: what lies under the ground is dashed on it, and where a street goes down
 * there is a portal with a wall over it. */
#include "view/view_mesh.h"

#include <string.h>

#define LINE_M   0.7 /* of the dashes */
#define PORTAL_M 9.0 /* of the way down that lies in its shade */
#define WALL_M   1.3
#define THICK_M  0.7
#define BESIDE_M 0.8

static double half_width_of(const jw_city *city, const jw_edge *edge)
{
    double width_m = 0;
    for (uint32_t k = 0; k < edge->lane_count; k++)
        width_m += city->lanes[edge->first_lane + k].width_m;
    return width_m / 2;
}

const jw_vec3 *jw_mesh_split_at_ground(mesh_builder *builder, const jw_edge *edge, uint32_t *out_count)
{
    const jw_vec3 *points = builder->city->points + edge->first_point;
    uint32_t crossings = 0, count = 0;
    for (uint32_t i = 0; i + 1 < edge->point_count; i++)
        crossings += (points[i].z < SUNK_M) != (points[i + 1].z < SUNK_M);
    *out_count = edge->point_count;
    if (crossings == 0)
        return points;
    if (builder->result == JW_OK)
        builder->result = jw_grow(&builder->split, &builder->split_capacity, edge->point_count + crossings,
                                  sizeof *builder->split, builder->error);
    if (builder->result != JW_OK)
        return NULL;
    for (uint32_t i = 0; i < edge->point_count; i++) {
        const jw_vec3 *a = &points[i], *b = &points[i + 1 < edge->point_count ? i + 1 : i];
        builder->split[count++] = *a;
        if ((a->z < SUNK_M) == (b->z < SUNK_M))
            continue;
        double t = (SUNK_M - a->z) / (b->z - a->z);
        builder->split[count++] = (jw_vec3){a->x + (b->x - a->x) * t, a->y + (b->y - a->y) * t, SUNK_M};
    }
    *out_count = count;
    return builder->split;
}

/* Both edges of the carriageway, dashed, on the ground. */
static void add_ghost(mesh_builder *builder, const jw_vec3 *points, uint32_t count, double half_m)
{
    static const uint8_t dashed[4] = {MARKING_TUNNEL, 0, 0, 0}, dark[4] = {96, 90, 86, 255};
    /* The band itself takes the first halves of both. */
    jw_vec3 *flat = jw_mesh_scratch(builder, true, 2 * count);
    if (!flat || count < 2)
        return;
    flat += count;
    memcpy(flat, points, count * sizeof *flat);
    for (uint32_t i = 0; i < count; i++)
        flat[i].z = 0;
    jw_mesh_add_band(builder, LAYER_TUNNEL, flat, count, half_m, half_m - LINE_M, dashed, dark, 0);
    jw_mesh_add_band(builder, LAYER_TUNNEL, flat, count, LINE_M - half_m, -half_m, dashed, dark, 0);
}

/* An upright or level face; its corners counter-clockwise from where it is seen. */
static void add_face(mesh_builder *builder, uint32_t chunk, const jw_vec3 corners[4], uint32_t id)
{
    static const uint8_t concrete[4] = {206, 200, 190, 225};
    jw_vec3 a = {corners[1].x - corners[0].x, corners[1].y - corners[0].y, corners[1].z - corners[0].z};
    jw_vec3 b = {corners[3].x - corners[0].x, corners[3].y - corners[0].y, corners[3].z - corners[0].z};
    jw_vec3 n = {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
    double scale = 127 / jw_max(jw_sqrt(n.x * n.x + n.y * n.y + n.z * n.z), 1e-9);
    const uint8_t normal[4] = {(uint8_t)(int8_t)(n.x * scale), (uint8_t)(int8_t)(n.y * scale),
                               (uint8_t)(int8_t)(n.z * scale), 0};
    uint32_t v[4];
    for (int k = 0; k < 4; k++)
        v[k] = jw_mesh_add_vertex(builder, corners[k], normal, concrete, 0, 0, id);
    jw_mesh_add_triangle(builder, LAYER_HOUSE, chunk, v[0], v[1], v[2]);
    jw_mesh_add_triangle(builder, LAYER_HOUSE, chunk, v[0], v[2], v[3]);
}

/* Where a street goes under the ground at `at`, on its way along `down` (a unit vector). */
static void add_portal(mesh_builder *builder, jw_vec3 at, jw_vec2 down, double half_m, uint32_t id)
{
    static const uint8_t shade[4] = {MARKING_PORTAL, 0, 0, 0}, dark[4] = {30, 29, 30, 255};
    uint32_t chunk = jw_mesh_chunk_at(builder->mesh, at.x, at.y), v[4];
    jw_vec2 left = {-down.y, down.x};
    for (int k = 0; k < 4; k++) {
        double along_m = k == 0 || k == 3 ? -PORTAL_M : 0, side_m = k < 2 ? -half_m : half_m;
        jw_vec3 p = {at.x + down.x * along_m + left.x * side_m, at.y + down.y * along_m + left.y * side_m, 0};
        v[k] = jw_mesh_add_vertex(builder, p, shade, dark, side_m, along_m < 0 ? 0 : 1, 0);
    }
    jw_mesh_add_triangle(builder, LAYER_TUNNEL, chunk, v[0], v[1], v[2]);
    jw_mesh_add_triangle(builder, LAYER_TUNNEL, chunk, v[0], v[2], v[3]);
    jw_vec3 foot[4], top[4];
    for (int k = 0; k < 4; k++) { /* counter-clockwise from above */
        double along_m = k == 1 || k == 2 ? THICK_M : 0, side_m = (half_m + BESIDE_M) * (k < 2 ? -1 : 1);
        foot[k] = (jw_vec3){at.x + down.x * along_m + left.x * side_m,
                            at.y + down.y * along_m + left.y * side_m, 0};
        top[k] = foot[k];
        top[k].z = WALL_M;
    }
    for (int k = 0; k < 4; k++) {
        int next = (k + 1) % 4;
        add_face(builder, chunk, (jw_vec3[]){foot[k], foot[next], top[next], top[k]}, id);
    }
    add_face(builder, chunk, top, id);
}

static void add_portal_at(mesh_builder *builder, const jw_vec3 *from, const jw_vec3 *to, double half_m,
                          uint32_t id)
{
    jw_vec2 down = jw_vec2_unit((jw_vec2){to->x - from->x, to->y - from->y});
    if (down.x * down.x + down.y * down.y > 0.5)
        add_portal(builder, *from, down, half_m, id);
}

void jw_mesh_build_tunnels(mesh_builder *builder)
{
    const jw_city *city = builder->city;
    for (uint32_t i = 0; i < city->edge_count && jw_mesh_goes_on(builder, i); i++) {
        const jw_edge *edge = &city->edges[i];
        uint32_t count;
        const jw_vec3 *points = jw_mesh_split_at_ground(builder, edge, &count);
        uint32_t id = (uint32_t)JW_PICK_EDGE << ID_KIND_SHIFT | (i & ID_INDEX_MASK);
        double half_m = half_width_of(city, edge);
        for (uint32_t first = 0, end; points && first < count; first = end + 1) {
            for (end = first; end < count && points[end].z < SUNK_M; end++)
                ;
            if (end == first)
                continue;
            /* With the points where it leaves the ground. */
            uint32_t from = first > 0 ? first - 1 : 0, to = end < count ? end : count - 1;
            add_ghost(builder, points + from, to - from + 1, half_m);
            if (first > 0)
                add_portal_at(builder, &points[from], &points[first], half_m, id);
            if (end < count)
                add_portal_at(builder, &points[to], &points[end - 1], half_m, id);
        }
    }
}
