/* The builder behind all meshes: vertices, triangles by layer and chunk; and its steps. */
#include "view/view_mesh.h"

#include <pthread.h>
#include <string.h>

#define CHUNK_M           400.0
#define MAX_CHUNKS_A_SIDE 128
#define MAX_VERTICES      60000000u

uint32_t jw_mesh_chunk_at(const jw_view_mesh *mesh, double x_m, double y_m)
{
    double column = jw_floor((x_m - mesh->city->bounds.min_x) / mesh->chunk_m);
    double row = jw_floor((y_m - mesh->city->bounds.min_y) / mesh->chunk_m);
    uint32_t i = (uint32_t)jw_clamp(column, 0, mesh->chunk_columns - 1.0);
    uint32_t j = (uint32_t)jw_clamp(row, 0, mesh->chunk_rows - 1.0);
    return j * mesh->chunk_columns + i;
}

static jw_result fail_vertices(jw_error *error)
{
    return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                   "the map needs more than %u vertices: use a smaller extract", MAX_VERTICES);
}

uint32_t jw_mesh_add_vertex(mesh_builder *builder, jw_vec3 point, const uint8_t normal[4],
                            const uint8_t colour[4], double u, double v, uint32_t id)
{
    jw_view_mesh *mesh = builder->mesh;
    if (builder->result != JW_OK)
        return 0;
    if (mesh->vertex_count >= MAX_VERTICES) {
        jw_mesh_fail(builder, fail_vertices(builder->error));
        return 0;
    }
    jw_mesh_fail(builder, jw_grow(&mesh->vertices, &builder->vertex_capacity,
                                  (uint64_t)mesh->vertex_count + 1, sizeof *mesh->vertices, builder->error));
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
    jw_mesh_fail(builder, jw_grow(&triangles->items, &triangles->capacity, (uint64_t)triangles->count + 1,
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
        jw_mesh_fail(builder, jw_grow(scratch, capacity, count, sizeof **scratch, builder->error));
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
        jw_mesh_fail(builder, jw_fail_memory(builder->error));
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
    jw_mesh_fail(builder, jw_grow(&mesh->trees, &builder->tree_capacity, (uint64_t)mesh->tree_count + 1,
                                  sizeof *mesh->trees, builder->error));
    if (builder->result != JW_OK)
        return;
    mesh_tree *tree = &mesh->trees[mesh->tree_count++];
    *tree =
        (mesh_tree){(float)(x_m - mesh->origin_x_m), (float)(y_m - mesh->origin_y_m), 0, (float)size_m, {0}};
    memcpy(tree->colour, colour, 4);
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
    builder->fraction = fraction;
    builder->what = what;
    if (builder->result == JW_OK && builder->progress &&
        !builder->progress(builder->progress_context, fraction, what))
        jw_mesh_fail(builder,
                     jw_fail(builder->error, JW_ERROR_CANCELLED, NULL, 0, "drawing the city was cancelled"));
    return builder->result == JW_OK;
}

bool jw_mesh_goes_on(mesh_builder *builder, uint32_t i)
{
    return i % 1024 == 0 ? jw_mesh_tell(builder, builder->fraction, builder->what) : builder->result == JW_OK;
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
    jw_mesh_fail(builder, jw_light_bake_sun(builder->mesh, lamp, builder->error));
}

/* What stands, and the light that it needs. */
static void build_standing(mesh_builder *builder, const jw_view_mesh_def *def)
{
    mesh_light *light = &builder->mesh->light;
    uint32_t size_px = def && def->light_size_px ? def->light_size_px : 4096;
    if (jw_mesh_tell(builder, 0.0, "light"))
        jw_mesh_fail(builder, jw_light_create(light, builder->city, size_px, builder->error));
    if (jw_mesh_tell(builder, 0.1, "light"))
        jw_mesh_fail(builder, jw_light_bake_sky(light, builder->error));
    if (!jw_mesh_tell(builder, 0.2, "buildings"))
        return;
    jw_mesh_build_buildings(builder);
    if (builder->result == JW_OK)
        jw_mesh_fail(builder, jw_mesh_find_houses(builder->mesh, builder->error));
    if (builder->result == JW_OK)
        jw_mesh_fail(builder,
                     jw_names_collect(builder->city, builder->mesh->origin_x_m, builder->mesh->origin_y_m,
                                      &builder->mesh->names, builder->error));
    raise_names(builder->mesh);
    if (builder->result == JW_OK)
        jw_mesh_fail(builder,
                     jw_country_create(builder->city, builder->mesh->origin_x_m, builder->mesh->origin_y_m,
                                       &builder->mesh->country, builder->error));
    jw_mesh_tell(builder, 1.0, "buildings");
}

static void build_ground(mesh_builder *builder)
{
    if (jw_mesh_tell(builder, 0.0, "streets"))
        jw_mesh_build_areas(builder);
    if (jw_mesh_tell(builder, 0.3, "streets"))
        jw_mesh_build_roads(builder);
    if (jw_mesh_tell(builder, 0.7, "streets"))
        jw_mesh_build_tunnels(builder);
    jw_mesh_build_junctions(builder);
    jw_mesh_build_arrows(builder);
    jw_mesh_build_signals(builder);
    jw_mesh_tell(builder, 1.0, "streets");
}

/* ---- two halves beside each other: what stands, and the ground with its streets ----------------------- */

typedef struct mesh_half {
    struct mesh_halves *both;
    mesh_builder *builder;
    double done, share; /* of itself; of the whole */
} mesh_half;

typedef struct mesh_halves {
    mesh_half standing, ground;
    const jw_view_mesh_def *def;
    pthread_mutex_t mutex; /* of the following and of `done` */
    jw_progress progress;
    void *progress_context;
} mesh_halves;

static bool tell_half(void *context, double fraction, const char *what)
{
    mesh_half *half = context;
    mesh_halves *both = half->both;
    pthread_mutex_lock(&both->mutex);
    half->done = fraction;
    bool goes_on = both->progress(
        both->progress_context,
        both->standing.done * both->standing.share + both->ground.done * both->ground.share, what);
    pthread_mutex_unlock(&both->mutex);
    return goes_on;
}

static void build_half(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    mesh_halves *both = context;
    (void)begin;
    (void)end;
    if (block == 0)
        build_standing(both->standing.builder, both->def);
    else
        build_ground(both->ground.builder);
}

/* The ground's triangles come before the others of their layer. */
static void join_triangles(mesh_builder *builder, mesh_builder *ground)
{
    uint32_t first = builder->mesh->vertex_count;
    for (int layer = 0; layer < LAYER_COUNT && builder->result == JW_OK; layer++) {
        mesh_triangles *from = &ground->layers[layer], *to = &builder->layers[layer];
        for (uint32_t i = 0; i < from->count; i++)
            for (int k = 0; k < 3; k++)
                from->items[i].corners[k] += first;
        if (to->count == 0) {
            mesh_triangles none = *to;
            *to = *from;
            *from = none;
            continue;
        }
        jw_mesh_fail(builder, jw_grow(&to->items, &to->capacity, (uint64_t)to->count + from->count,
                                      sizeof *to->items, builder->error));
        if (builder->result != JW_OK || from->count == 0)
            continue;
        memmove(to->items + from->count, to->items, to->count * sizeof *to->items);
        memcpy(to->items, from->items, from->count * sizeof *to->items);
        to->count += from->count;
    }
}

static void join_vertices(mesh_builder *builder, const jw_view_mesh *ground)
{
    jw_view_mesh *mesh = builder->mesh;
    uint64_t count = (uint64_t)mesh->vertex_count + ground->vertex_count;
    if (builder->result != JW_OK || ground->vertex_count == 0)
        return;
    jw_mesh_fail(builder, count <= MAX_VERTICES ? jw_grow(&mesh->vertices, &builder->vertex_capacity, count,
                                                          sizeof *mesh->vertices, builder->error)
                                                : fail_vertices(builder->error));
    if (builder->result != JW_OK)
        return;
    memcpy(mesh->vertices + mesh->vertex_count, ground->vertices,
           ground->vertex_count * sizeof *mesh->vertices);
    mesh->vertex_count = (uint32_t)count;
}

static void free_builder(mesh_builder *builder)
{
    for (int layer = 0; layer < LAYER_COUNT; layer++)
        jw_free(builder->layers[layer].items);
    jw_free(builder->scratch_a);
    jw_free(builder->scratch_b);
    jw_free(builder->split);
}

static void build_halves(mesh_builder *builder, const jw_view_mesh_def *def, int threads)
{
    jw_view_mesh ground_mesh = *builder->mesh; /* whose vertices alone are its own */
    jw_error ground_error = {0};
    mesh_builder ground = *builder;
    ground.mesh = &ground_mesh;
    ground.error = &ground_error;
    mesh_halves both = {.def = def,
                        .progress = builder->progress,
                        .progress_context = builder->progress_context,
                        .standing = {&both, builder, 0, 0.6},
                        .ground = {&both, &ground, 0, 0.25}};
    pthread_mutex_init(&both.mutex, NULL);
    if (both.progress)
        builder->progress = ground.progress = tell_half;
    builder->progress_context = &both.standing;
    ground.progress_context = &both.ground;
    jw_parallel_blocks(2, 1, threads, build_half, &both);
    pthread_mutex_destroy(&both.mutex);
    builder->progress = both.progress;
    builder->progress_context = both.progress_context;
    if (builder->result == JW_OK && ground.result != JW_OK)
        jw_mesh_fail(builder, jw_fail(builder->error, ground.result, NULL, 0, "%s", ground_error.message));
    join_triangles(builder, &ground);
    jw_mesh_group_triangles(builder); /* before: its memory is the ground's then */
    join_vertices(builder, &ground_mesh);
    free_builder(&ground);
    jw_free(ground_mesh.vertices);
}

static void build_all(mesh_builder *builder, const jw_view_mesh_def *def)
{
    jw_view_mesh *mesh = builder->mesh;
    int threads = def && def->threads > 1 ? def->threads : 1;
    if (builder->result == JW_OK)
        jw_mesh_fail(builder, jw_extent_create(&mesh->extent, builder->city, builder->error));
    build_halves(builder, def, threads);
    if (!jw_mesh_tell(builder, 0.9, "trees"))
        return;
    jw_mesh_build_trees(builder);
    jw_mesh_group_trees(builder);
    if (jw_mesh_tell(builder, 0.97, "light"))
        bake_first_sun(builder, def);
    if (builder->result == JW_OK)
        jw_mesh_measure_chunks(mesh, threads);
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
    free_builder(&builder);
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
    if (mesh->bake.is_running)
        pthread_join(mesh->bake.thread, NULL);
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
