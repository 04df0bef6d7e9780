/* The builder behind all meshes: vertices, triangles by layer and chunk, and their final grouping. */
#include "view/view_mesh.h"

#include <assert.h>
#include <string.h>

#define CHUNK_M           400.0
#define MAX_CHUNKS_A_SIDE 64
#define MAX_VERTICES      60000000u

uint32_t jw_mesh_chunk_at(const jw_view_mesh *mesh, double x_m, double y_m)
{
    double column = jw_floor((x_m - mesh->city->bounds.min_x) / mesh->chunk_m);
    double row = jw_floor((y_m - mesh->city->bounds.min_y) / mesh->chunk_m);
    uint32_t i = (uint32_t)jw_clamp(column, 0, mesh->chunk_columns - 1.0);
    uint32_t j = (uint32_t)jw_clamp(row, 0, mesh->chunk_rows - 1.0);
    return j * mesh->chunk_columns + i;
}

static void fail(mesh_builder *builder, jw_result result)
{
    if (builder->result == JW_OK)
        builder->result = result;
}

uint32_t jw_mesh_add_vertex(mesh_builder *builder, jw_vec3 point, const uint8_t normal[4],
                            const uint8_t colour[4], double u, double v, uint32_t id)
{
    jw_view_mesh *mesh = builder->mesh;
    if (builder->result != JW_OK)
        return 0;
    if (mesh->vertex_count >= MAX_VERTICES) {
        fail(builder, jw_fail(builder->error, JW_ERROR_LIMIT, NULL, 0,
                              "the map needs more than %u vertices: use a smaller extract", MAX_VERTICES));
        return 0;
    }
    fail(builder, jw_grow(&mesh->vertices, &builder->vertex_capacity, (uint64_t)mesh->vertex_count + 1,
                          sizeof *mesh->vertices, builder->error));
    if (builder->result != JW_OK)
        return 0;
    mesh_vertex *vertex = &mesh->vertices[mesh->vertex_count];
    vertex->x = (float)(point.x - mesh->origin_x_m);
    vertex->y = (float)(point.y - mesh->origin_y_m);
    vertex->z = (float)point.z;
    memcpy(vertex->normal, normal, 4);
    memcpy(vertex->colour, colour, 4);
    vertex->u = (float)u;
    vertex->v = (float)v;
    vertex->id = id;
    return mesh->vertex_count++;
}

void jw_mesh_add_triangle(mesh_builder *builder, mesh_layer layer, uint32_t chunk, uint32_t a, uint32_t b,
                          uint32_t c)
{
    if (builder->result != JW_OK)
        return;
    mesh_triangles *triangles = &builder->layers[layer];
    fail(builder, jw_grow(&triangles->items, &triangles->capacity, (uint64_t)triangles->count + 1,
                          sizeof *triangles->items, builder->error));
    if (builder->result == JW_OK)
        triangles->items[triangles->count++] = (mesh_triangle){chunk, {a, b, c}, builder->size_m};
}

void jw_mesh_sort_by_size(mesh_sized *items, mesh_sized *scratch, uint32_t count)
{
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t begin = 0; begin < count; begin += 2 * width) {
            uint32_t middle = begin + width < count ? begin + width : count;
            uint32_t end = begin + 2 * width < count ? begin + 2 * width : count;
            uint32_t a = begin, b = middle;
            for (uint32_t k = begin; k < end; k++)
                scratch[k] =
                    a < middle && (b >= end || items[a].size_m <= items[b].size_m) ? items[a++] : items[b++];
        }
        memcpy(items, scratch, count * sizeof *items);
        if (width > UINT32_MAX / 4)
            break;
    }
}

uint32_t jw_mesh_smaller_than(const jw_view_mesh *mesh, const mesh_chunk *chunk, int layer, float size_m)
{
    const mesh_step *steps = mesh->steps + chunk->first_step[layer];
    uint32_t low = 0, high = chunk->step_count[layer]; /* steps before `low` are too small */
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (steps[middle].size_m < size_m)
            low = middle + 1;
        else
            high = middle;
    }
    if (chunk->step_count[layer] == 0)
        return 0;
    return low < chunk->step_count[layer] ? steps[low].begin : chunk->count[layer];
}

jw_vec3 *jw_mesh_scratch(mesh_builder *builder, bool is_second, uint32_t count)
{
    jw_vec3 **scratch = is_second ? &builder->scratch_b : &builder->scratch_a;
    uint32_t *capacity = is_second ? &builder->scratch_capacity_b : &builder->scratch_capacity_a;
    if (builder->result == JW_OK)
        fail(builder, jw_grow(scratch, capacity, count, sizeof **scratch, builder->error));
    return builder->result == JW_OK ? *scratch : NULL;
}

void jw_mesh_add_polygon(mesh_builder *builder, mesh_layer layer, uint32_t chunk, const jw_ring *rings,
                         uint32_t ring_count, const uint8_t normal[4], const uint8_t colour[4], uint32_t id)
{
    if (builder->result != JW_OK)
        return;
    uint32_t *indices = NULL, index_count = 0;
    /* A polygon that cannot be cut into triangles is left out of the picture; memory is an error. */
    jw_error why = {0};
    jw_result result = jw_polygon_triangulate(rings, ring_count, &indices, &index_count, &why);
    if (result == JW_ERROR_MEMORY)
        fail(builder, jw_fail_memory(builder->error));
    if (result != JW_OK || builder->result != JW_OK)
        return;
    uint32_t first = builder->mesh->vertex_count;
    for (uint32_t r = 0; r < ring_count; r++)
        for (uint32_t i = 0; i < rings[r].count; i++)
            jw_mesh_add_vertex(builder, rings[r].points[i], normal, colour, 0, 0, id);
    for (uint32_t i = 0; i + 2 < index_count; i += 3)
        jw_mesh_add_triangle(builder, layer, chunk, first + indices[i], first + indices[i + 1],
                             first + indices[i + 2]);
    jw_free(indices);
}

void jw_mesh_add_ring(mesh_builder *builder, mesh_layer layer, uint32_t chunk, const jw_vec3 *points,
                      uint32_t count, const uint8_t normal[4], const uint8_t colour[4], uint32_t id)
{
    jw_ring ring = {points, count};
    if (count >= 3)
        jw_mesh_add_polygon(builder, layer, chunk, &ring, 1, normal, colour, id);
}

void jw_mesh_add_band(mesh_builder *builder, mesh_layer layer, const jw_vec3 *points, uint32_t count,
                      double left_m, double right_m, const uint8_t normal[4], const uint8_t colour[4],
                      uint32_t id)
{
    jw_vec3 *left = jw_mesh_scratch(builder, false, count), *right = jw_mesh_scratch(builder, true, count);
    if (!left || !right || count < 2)
        return;
    jw_polyline_offset(points, count, left_m, left);
    jw_polyline_offset(points, count, right_m, right);
    uint32_t chunk = jw_mesh_chunk_at(builder->mesh, (points[0].x + points[count - 1].x) / 2,
                                      (points[0].y + points[count - 1].y) / 2);
    uint32_t last[2] = {0, 0};
    double along_m = 0;
    bool is_road = layer >= LAYER_RAIL;
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            double dx = points[i].x - points[i - 1].x, dy = points[i].y - points[i - 1].y;
            along_m += jw_sqrt(dx * dx + dy * dy);
        }
        uint8_t shade[2][4];
        for (int k = 0; k < 2; k++) {
            jw_vec2 side = jw_vec2_unit((jw_vec2){right[i].x - left[i].x, right[i].y - left[i].y});
            double sign = k == 0 ? -1 : 1;
            memcpy(shade[k], colour, 4);
            if (!is_road)
                continue;
            shade[k][0] = (uint8_t)(127.5 + side.x * sign * 127);
            shade[k][1] = (uint8_t)(127.5 + side.y * sign * 127);
            shade[k][2] = colour[0];
        }
        uint32_t now[2] = {
            jw_mesh_add_vertex(builder, left[i], normal, shade[0], 0, along_m, id),
            jw_mesh_add_vertex(builder, right[i], normal, shade[1], left_m - right_m, along_m, id),
        };
        if (i > 0) {
            jw_mesh_add_triangle(builder, layer, chunk, last[1], now[1], now[0]);
            jw_mesh_add_triangle(builder, layer, chunk, last[1], now[0], last[0]);
        }
        last[0] = now[0], last[1] = now[1];
    }
}

void jw_mesh_add_tree(mesh_builder *builder, double x_m, double y_m, double size_m, const uint8_t colour[4])
{
    jw_view_mesh *mesh = builder->mesh;
    if (builder->result != JW_OK)
        return;
    fail(builder, jw_grow(&mesh->trees, &builder->tree_capacity, (uint64_t)mesh->tree_count + 1,
                          sizeof *mesh->trees, builder->error));
    if (builder->result != JW_OK)
        return;
    mesh_tree *tree = &mesh->trees[mesh->tree_count++];
    *tree =
        (mesh_tree){(float)(x_m - mesh->origin_x_m), (float)(y_m - mesh->origin_y_m), 0, (float)size_m, {0}};
    memcpy(tree->colour, colour, 4);
}

/* Where the sizes of a layer change in each chunk. */
static void count_steps(mesh_builder *builder, int layer)
{
    jw_view_mesh *mesh = builder->mesh;
    const mesh_triangles *triangles = &builder->layers[layer];
    uint32_t chunk_count = mesh->chunk_columns * mesh->chunk_rows, last = mesh->step_count;
    if (triangles->count == 0 || triangles->items[0].size_m <= 0)
        return;
    /* At most one a triangle: room first, then each chunk's own steps side by side. */
    fail(builder, jw_grow(&mesh->steps, &builder->step_capacity, (uint64_t)last + triangles->count,
                          sizeof *mesh->steps, builder->error));
    uint32_t *filled = jw_alloc(chunk_count * sizeof *filled);
    if (!filled)
        fail(builder, jw_fail_memory(builder->error));
    for (uint32_t c = 0; c < chunk_count && builder->result == JW_OK; c++) {
        mesh->chunks[c].first_step[layer] = last;
        last += mesh->chunks[c].count[layer] / 3;
    }
    for (uint32_t i = 0; i < triangles->count && builder->result == JW_OK; i++) {
        const mesh_triangle *t = &triangles->items[i];
        mesh_chunk *chunk = &mesh->chunks[t->chunk];
        mesh_step *step = mesh->steps + chunk->first_step[layer] + chunk->step_count[layer];
        if (chunk->step_count[layer] == 0 || step[-1].size_m < t->size_m) {
            *step = (mesh_step){t->size_m, filled[t->chunk]};
            chunk->step_count[layer]++;
        }
        filled[t->chunk] += 3;
    }
    /* Closed up. */
    uint32_t next = mesh->step_count;
    for (uint32_t c = 0; c < chunk_count && builder->result == JW_OK; c++) {
        mesh_chunk *chunk = &mesh->chunks[c];
        memmove(mesh->steps + next, mesh->steps + chunk->first_step[layer],
                chunk->step_count[layer] * sizeof *mesh->steps);
        chunk->first_step[layer] = next;
        next += chunk->step_count[layer];
    }
    mesh->step_count = next;
    jw_free(filled);
}

/* Counting sort, stable: what came smallest first stays so inside a chunk. */
static void group_triangles(mesh_builder *builder)
{
    jw_view_mesh *mesh = builder->mesh;
    uint32_t chunk_count = mesh->chunk_columns * mesh->chunk_rows;
    uint64_t total = 0;
    for (int layer = 0; layer < LAYER_COUNT; layer++)
        total += builder->layers[layer].count;
    if (total * 3 > UINT32_MAX) {
        fail(builder, jw_fail(builder->error, JW_ERROR_LIMIT, NULL, 0, "the map needs too many triangles"));
        return;
    }
    mesh->indices = jw_alloc((total ? total : 1) * 3 * sizeof *mesh->indices);
    if (!mesh->indices) {
        fail(builder, jw_fail_memory(builder->error));
        return;
    }
    mesh->index_count = (uint32_t)total * 3;
    uint32_t next = 0;
    for (int layer = 0; layer < LAYER_COUNT; layer++) {
        const mesh_triangles *triangles = &builder->layers[layer];
        for (uint32_t i = 0; i < triangles->count; i++)
            mesh->chunks[triangles->items[i].chunk].count[layer] += 3;
        for (uint32_t c = 0; c < chunk_count; c++) {
            mesh->chunks[c].first[layer] = next;
            next += mesh->chunks[c].count[layer];
            mesh->chunks[c].count[layer] = 0;
        }
        for (uint32_t i = 0; i < triangles->count; i++) {
            const mesh_triangle *from = &triangles->items[i];
            mesh_chunk *chunk = &mesh->chunks[from->chunk];
            memcpy(mesh->indices + chunk->first[layer] + chunk->count[layer], from->corners,
                   sizeof from->corners);
            chunk->count[layer] += 3;
        }
        count_steps(builder, layer);
    }
    assert(next == mesh->index_count);
}

static void grow_box(float box[4], const mesh_vertex *v)
{
    box[0] = v->x < box[0] ? v->x : box[0];
    box[1] = v->y < box[1] ? v->y : box[1];
    box[2] = v->x > box[2] ? v->x : box[2];
    box[3] = v->y > box[3] ? v->y : box[3];
}

/* The boxes of what is really drawn: things may reach beyond their chunk. */
static void measure_chunks(jw_view_mesh *mesh)
{
    for (uint32_t c = 0; c < mesh->chunk_columns * mesh->chunk_rows; c++) {
        mesh_chunk *chunk = &mesh->chunks[c];
        float box[4] = {1e30f, 1e30f, -1e30f, -1e30f};
        memcpy(chunk->area_box, box, sizeof box);
        chunk->max_z = 12; /* trees */
        for (int layer = 0; layer < LAYER_COUNT; layer++)
            for (uint32_t i = 0; i < chunk->count[layer]; i++) {
                const mesh_vertex *v = &mesh->vertices[mesh->indices[chunk->first[layer] + i]];
                grow_box(layer < LAYER_PATH ? chunk->area_box : box, v);
                chunk->max_z = v->z > chunk->max_z ? v->z : chunk->max_z;
            }
        for (uint32_t i = 0; i < chunk->tree_count; i++) {
            const mesh_tree *tree = &mesh->trees[chunk->first_tree + i];
            grow_box(box, &(mesh_vertex){.x = tree->x, .y = tree->y});
        }
        chunk->min_x = box[0], chunk->min_y = box[1], chunk->max_x = box[2], chunk->max_y = box[3];
    }
}

/* Any beginning of a chunk's trees is a thinner wood. */
static void shuffle_trees(mesh_tree *trees, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = jw_mesh_scatter(i * 2654435761u) % i;
        mesh_tree kept = trees[i - 1];
        trees[i - 1] = trees[other];
        trees[other] = kept;
    }
    for (uint32_t i = 0; i < count; i++)
        trees[i].colour[3] = (uint8_t)(255.0 * i / count);
}

static void group_trees(mesh_builder *builder)
{
    jw_view_mesh *mesh = builder->mesh;
    if (builder->result != JW_OK || mesh->tree_count == 0)
        return;
    mesh_tree *sorted = jw_alloc(mesh->tree_count * sizeof *sorted);
    if (!sorted) {
        fail(builder, jw_fail_memory(builder->error));
        return;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < mesh->tree_count; i++) {
            const mesh_tree *tree = &mesh->trees[i];
            mesh_chunk *chunk =
                &mesh->chunks[jw_mesh_chunk_at(mesh, tree->x + mesh->origin_x_m, tree->y + mesh->origin_y_m)];
            if (pass == 1)
                sorted[chunk->first_tree + chunk->tree_count] = *tree;
            chunk->tree_count++;
        }
        uint32_t next = 0;
        for (uint32_t c = 0; pass == 0 && c < mesh->chunk_columns * mesh->chunk_rows; c++) {
            mesh->chunks[c].first_tree = next;
            next += mesh->chunks[c].tree_count;
            mesh->chunks[c].tree_count = 0;
        }
    }
    jw_free(mesh->trees);
    mesh->trees = sorted;
    for (uint32_t c = 0; c < mesh->chunk_columns * mesh->chunk_rows; c++)
        shuffle_trees(sorted + mesh->chunks[c].first_tree, mesh->chunks[c].tree_count);
}

static jw_result lay_out_chunks(jw_view_mesh *mesh, jw_error *error)
{
    jw_box box = mesh->city->bounds;
    double width = box.max_x - box.min_x, height = box.max_y - box.min_y;
    if (!(width >= 0 && height >= 0 && width < 1e6 && height < 1e6))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "the city has no extent: it has neither roads nor buildings");
    mesh->origin_x_m = (box.min_x + box.max_x) / 2;
    mesh->origin_y_m = (box.min_y + box.max_y) / 2;
    mesh->chunk_m = jw_max(CHUNK_M, jw_max(width, height) / MAX_CHUNKS_A_SIDE);
    mesh->chunk_columns = (uint32_t)jw_clamp(jw_ceil(width / mesh->chunk_m), 1, MAX_CHUNKS_A_SIDE);
    mesh->chunk_rows = (uint32_t)jw_clamp(jw_ceil(height / mesh->chunk_m), 1, MAX_CHUNKS_A_SIDE);
    mesh->chunks = jw_alloc((size_t)mesh->chunk_columns * mesh->chunk_rows * sizeof *mesh->chunks);
    return mesh->chunks ? JW_OK : jw_fail_memory(error);
}

bool jw_mesh_tell(mesh_builder *builder, double fraction, const char *what)
{
    if (builder->result == JW_OK && builder->progress &&
        !builder->progress(builder->progress_context, fraction, what))
        fail(builder, jw_fail(builder->error, JW_ERROR_CANCELLED, NULL, 0, "drawing the city was cancelled"));
    return builder->result == JW_OK;
}

/* Names of places stand over their roofs. */
static void raise_names(jw_view_mesh *mesh)
{
    for (uint32_t i = 0; i < mesh->names.count; i++) {
        mesh_name *name = &mesh->names.items[i];
        if (name->line == JW_NONE)
            name->z = (float)jw_mesh_roof_m(mesh, (double)name->x + mesh->origin_x_m,
                                            (double)name->y + mesh->origin_y_m);
    }
}

static void bake_first_sun(mesh_builder *builder, const jw_view_mesh_def *def)
{
    const jw_city *city = builder->city;
    double sun[3], lamp[3] = {SUN_X, SUN_Y, SUN_Z};
    if (def && def->hour > 0) {
        jw_view_sun_at(city->origin_lon_deg, city->origin_lat_deg,
                       def->day_of_year > 0 ? def->day_of_year : JW_MID_APRIL, def->hour, sun);
        jw_view_lamp_of(sun, lamp);
    }
    fail(builder, jw_light_bake_sun(builder->mesh, lamp, builder->error));
}

static void build_all(mesh_builder *builder, const jw_view_mesh_def *def)
{
    mesh_light *light = &builder->mesh->light;
    uint32_t size_px = def && def->light_size_px ? def->light_size_px : 4096;
    if (!jw_mesh_tell(builder, 0.0, "light"))
        return;
    fail(builder, jw_light_create(light, builder->city, size_px, builder->error));
    if (builder->result == JW_OK)
        fail(builder, jw_extent_create(&builder->mesh->extent, builder->city, builder->error));
    if (builder->result == JW_OK)
        fail(builder, jw_light_bake_sky(light, builder->error));
    if (!jw_mesh_tell(builder, 0.5, "streets"))
        return;
    jw_mesh_build_areas(builder);
    if (!jw_mesh_tell(builder, 0.55, "streets"))
        return;
    jw_mesh_build_roads(builder);
    if (!jw_mesh_tell(builder, 0.65, "streets"))
        return;
    jw_mesh_build_tunnels(builder);
    jw_mesh_build_junctions(builder);
    jw_mesh_build_arrows(builder);
    jw_mesh_build_signals(builder);
    if (!jw_mesh_tell(builder, 0.7, "buildings"))
        return;
    jw_mesh_build_buildings(builder);
    if (builder->result == JW_OK)
        fail(builder, jw_mesh_find_houses(builder->mesh, builder->error));
    if (builder->result == JW_OK)
        fail(builder, jw_names_collect(builder->city, builder->mesh->origin_x_m, builder->mesh->origin_y_m,
                                       &builder->mesh->names, builder->error));
    raise_names(builder->mesh);
    if (builder->result == JW_OK)
        fail(builder, jw_country_create(builder->city, builder->mesh->origin_x_m, builder->mesh->origin_y_m,
                                        &builder->mesh->country, builder->error));
    if (!jw_mesh_tell(builder, 0.9, "trees"))
        return;
    jw_mesh_build_trees(builder);
    if (!jw_mesh_tell(builder, 0.94, "trees"))
        return;
    group_triangles(builder);
    group_trees(builder);
    if (jw_mesh_tell(builder, 0.97, "light"))
        bake_first_sun(builder, def);
    if (builder->result == JW_OK)
        measure_chunks(builder->mesh);
}

jw_result jw_view_mesh_build(jw_city *city, const jw_view_mesh_def *def, jw_progress progress,
                             void *progress_context, jw_view_mesh **out, jw_error *error)
{
    *out = NULL;
    double begin_s = jw_clock_seconds();
    jw_view_mesh *mesh = jw_alloc(sizeof *mesh);
    if (!mesh)
        return jw_fail_memory(error);
    mesh->city = jw_city_retain(city);
    mesh_builder builder = {.city = city,
                            .mesh = mesh,
                            .error = error,
                            .progress = progress,
                            .progress_context = progress_context};
    builder.result = lay_out_chunks(mesh, error);
    if (builder.result == JW_OK)
        build_all(&builder, def);
    for (int layer = 0; layer < LAYER_COUNT; layer++)
        jw_free(builder.layers[layer].items);
    jw_free(builder.scratch_a);
    jw_free(builder.scratch_b);
    jw_free(builder.split);
    if (builder.result != JW_OK) {
        jw_view_mesh_destroy(mesh);
        return builder.result;
    }
    mesh->build_s = jw_clock_seconds() - begin_s;
    *out = mesh;
    return JW_OK;
}

void jw_view_mesh_destroy(jw_view_mesh *mesh)
{
    if (!mesh)
        return;
    jw_free(mesh->vertices);
    jw_free(mesh->indices);
    jw_free(mesh->steps);
    jw_free(mesh->chunks);
    jw_free(mesh->trees);
    jw_names_free(&mesh->names);
    jw_country_free(&mesh->country);
    jw_light_free(&mesh->light);
    jw_free(mesh->extent.share);
    jw_grid_destroy(mesh->houses);
    jw_city_release(mesh->city);
    jw_free(mesh);
}
