/* The mesh's triangles and trees grouped by layer and chunk, as they are drawn. */
#include "view/view_mesh.h"

#include <assert.h>
#include <string.h>

/* Where the sizes of a layer change in each chunk. */
static void count_steps(mesh_builder *builder, int layer)
{
    jw_view_mesh *mesh = builder->mesh;
    const mesh_triangles *triangles = &builder->layers[layer];
    uint32_t chunk_count = mesh->chunk_columns * mesh->chunk_rows, last = mesh->step_count;
    if (triangles->count == 0 || triangles->items[0].size_m <= 0)
        return;
    /* At most one a triangle: room first, then each chunk's own steps side by side. */
    jw_mesh_fail(builder, jw_grow(&mesh->steps, &builder->step_capacity, (uint64_t)last + triangles->count,
                                  sizeof *mesh->steps, builder->error));
    uint32_t *filled = jw_alloc(chunk_count * sizeof *filled);
    if (!filled)
        jw_mesh_fail(builder, jw_fail_memory(builder->error));
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
void jw_mesh_group_triangles(mesh_builder *builder)
{
    jw_view_mesh *mesh = builder->mesh;
    if (builder->result != JW_OK)
        return;
    uint32_t chunk_count = mesh->chunk_columns * mesh->chunk_rows;
    uint64_t total = 0;
    for (int layer = 0; layer < LAYER_COUNT; layer++)
        total += builder->layers[layer].count;
    if (total * 3 > UINT32_MAX) {
        jw_mesh_fail(builder,
                     jw_fail(builder->error, JW_ERROR_LIMIT, NULL, 0, "the map needs too many triangles"));
        return;
    }
    mesh->indices = jw_alloc((total ? total : 1) * 3 * sizeof *mesh->indices);
    if (!mesh->indices) {
        jw_mesh_fail(builder, jw_fail_memory(builder->error));
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
        jw_free(builder->layers[layer].items);
        builder->layers[layer] = (mesh_triangles){0};
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
static void measure_some_chunks(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_view_mesh *mesh = context;
    (void)block;
    for (uint32_t c = begin; c < end; c++) {
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

void jw_mesh_measure_chunks(jw_view_mesh *mesh, int threads)
{
    enum { CHUNKS_A_BLOCK = 64 };
    jw_parallel_blocks(mesh->chunk_columns * mesh->chunk_rows, CHUNKS_A_BLOCK, threads, measure_some_chunks,
                       mesh);
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

void jw_mesh_group_trees(mesh_builder *builder)
{
    jw_view_mesh *mesh = builder->mesh;
    if (builder->result != JW_OK || mesh->tree_count == 0)
        return;
    mesh_tree *sorted = jw_alloc(mesh->tree_count * sizeof *sorted);
    if (!sorted) {
        jw_mesh_fail(builder, jw_fail_memory(builder->error));
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
