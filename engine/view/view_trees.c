/* Trees: shapes near the eye, round spots beyond, chunk by chunk. Inside a chunk they stand in an order of
 * chance, so that any beginning of it is a thinner wood. */
#include "view/view_internal.h"

#include <math.h>
#include <stddef.h>

#define SPOT_MIN_PX 1.1f /* smaller ones are left out */
#define SPOT_TREE_M 8.0f /* the size that this is told by */

void jw_view_trees_create(jw_view *view)
{
    view->tree_buffer = jw_view_gl_buffer(
        GL_ARRAY_BUFFER, view->mesh->trees,
        (view->mesh->tree_count ? view->mesh->tree_count : 1) * sizeof(mesh_tree), GL_STATIC_DRAW);
    glGenVertexArrays(1, &view->tree_array);
    glBindVertexArray(view->tree_array);
    jw_view_props_bind(view);
    for (GLuint i = 5; i <= 7; i += 2) {
        glEnableVertexAttribArray(i);
        glVertexAttribDivisor(i, 1);
    }
    glGenVertexArrays(1, &view->tree_spot_array);
    glBindVertexArray(view->tree_spot_array);
    glBindBuffer(GL_ARRAY_BUFFER, view->tree_buffer);
    glEnableVertexAttribArray(0);
    glVertexAttribPointer(0, 4, GL_FLOAT, GL_FALSE, sizeof(mesh_tree), (void *)offsetof(mesh_tree, x));
    glEnableVertexAttribArray(2);
    glVertexAttribPointer(2, 4, GL_UNSIGNED_BYTE, GL_TRUE, sizeof(mesh_tree),
                          (void *)offsetof(mesh_tree, colour));
    glBindVertexArray(0);
}

void jw_view_trees_destroy(jw_view *view)
{
    glDeleteBuffers(1, &view->tree_buffer);
    glDeleteVertexArrays(1, &view->tree_array);
    glDeleteVertexArrays(1, &view->tree_spot_array);
}

/* Base instances came with GL 4.2, so the attribute pointers move instead. Returns how many chunks, and of
 * the last one how many trees, have their shapes. */
static uint32_t draw_shapes(jw_view *view, float stretch, uint32_t *out_of_last)
{
    const jw_view_mesh *mesh = view->mesh;
    glUseProgram(view->programs[PROGRAM_TREE]);
    glBindVertexArray(view->tree_array);
    glBindBuffer(GL_ARRAY_BUFFER, view->tree_buffer);
    uint32_t left = view->limits.max_trees, i = 0;
    *out_of_last = 0;
    for (; i < view->seen_count && left > 0 && view->seen_m[i] <= view->limits.tree_m * stretch; i++) {
        const mesh_chunk *chunk = &mesh->chunks[view->seen[i]];
        uint32_t count = *out_of_last = chunk->tree_count < left ? chunk->tree_count : left;
        if (count == 0)
            continue;
        const char *base = (const char *)(chunk->first_tree * sizeof(mesh_tree));
        glVertexAttribPointer(5, 4, GL_FLOAT, GL_FALSE, sizeof(mesh_tree), base);
        glVertexAttribPointer(7, 4, GL_UNSIGNED_BYTE, GL_TRUE, sizeof(mesh_tree),
                              base + offsetof(mesh_tree, colour));
        glDrawElementsInstanced(GL_TRIANGLES, (GLsizei)view->prop_count[PROP_TREE], GL_UNSIGNED_SHORT,
                                (void *)(view->prop_first[PROP_TREE] * sizeof(uint16_t)), (GLsizei)count);
        left -= count;
        view->counters.draw_calls++;
        view->counters.trees_drawn += count;
        view->counters.triangles += view->prop_count[PROP_TREE] / 3 * count;
    }
    glBindVertexArray(0);
    return i;
}

/* Thinned alike everywhere when there are too many; those that are left stand for the others and are larger.
 */
static void draw_spots(jw_view *view, uint32_t from_chunk, uint32_t of_last)
{
    const jw_view_mesh *mesh = view->mesh;
    float far_m = SPOT_TREE_M * view->pixels_per_m / (SPOT_MIN_PX * view->sampling);
    uint32_t end = from_chunk, first = from_chunk > 0 ? from_chunk - 1 : 0;
    double total = 0;
    for (; end < view->seen_count && view->seen_m[end] < far_m; end++)
        total += mesh->chunks[view->seen[end]].tree_count;
    double share = jw_clamp(view->limits.max_tree_spots / jw_max(total, 1), 0, 1);
    GLsizei count = 0;
    for (uint32_t i = first; i < end; i++) {
        const mesh_chunk *chunk = &mesh->chunks[view->seen[i]];
        uint32_t shapes = i < from_chunk ? of_last : 0;
        GLsizei spots = (GLsizei)(chunk->tree_count * share) - (GLsizei)shapes;
        if (spots <= 0)
            continue;
        view->draw_firsts[count] = (GLint)(chunk->first_tree + shapes);
        view->draw_counts[count++] = spots;
        view->counters.trees_drawn += (uint32_t)spots;
    }
    if (count == 0)
        return;
    glUseProgram(view->programs[PROGRAM_TREE_SPOT]);
    glUniform4f(view->spot_uniform, (float)jw_min(1 / jw_sqrt(jw_max(share, 0.1)), 1.8), 0, 0, 0);
    glBindVertexArray(view->tree_spot_array);
    glEnable(GL_PROGRAM_POINT_SIZE);
    glEnable(GL_BLEND);
    glMultiDrawArrays(GL_POINTS, view->draw_firsts, view->draw_counts, count);
    glDisable(GL_BLEND);
    glDisable(GL_PROGRAM_POINT_SIZE);
    glBindVertexArray(0);
    view->counters.draw_calls++;
}

void jw_view_trees_cast(jw_view *view)
{
    uint32_t of_last, drawn = view->counters.trees_drawn;
    draw_shapes(view, view->stretch, &of_last);
    view->counters.trees_drawn = drawn;
}

void jw_view_trees_draw(jw_view *view, float stretch)
{
    uint32_t of_last, chunks = draw_shapes(view, stretch, &of_last);
    draw_spots(view, chunks, of_last);
}
