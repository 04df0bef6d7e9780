/* Trees: shapes near the eye, round spots beyond. Inside a chunk they stand in an order of chance, so that
 * any beginning of it is a thinner wood. */
#include "view/view_internal.h"

#include <math.h>
#include <stddef.h>

#define SPOT_MIN_PX 1.1f /* smaller ones are left out */
#define SPOT_TREE_M 8.0f /* the size that this is told by */

static float spot_reach_m(const jw_view *view)
{
    return SPOT_TREE_M * view->pixels_per_m / (SPOT_MIN_PX * view->sampling);
}

/* The square of the distance by which a chunk's trees are thinned: that of its nearest. */
static double thinned_m2(const jw_view *view, uint32_t i)
{
    double near_m = jw_max((double)view->seen_m[i].near_m, 1);
    return near_m * near_m;
}

void jw_view_trees_create(jw_view *view)
{
    view->tree_buffer =
        jw_view_upload_buffer(view, view->mesh->trees, view->mesh->tree_count * sizeof(mesh_tree));
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
    glGenBuffers(1, &view->edge_trees.buffer);
    glBindVertexArray(0);
}

void jw_view_trees_destroy(jw_view *view)
{
    jw_view_gl_stream_free(&view->edge_trees);
    glDeleteBuffers(1, &view->tree_buffer);
    glDeleteVertexArrays(1, &view->tree_array);
    glDeleteVertexArrays(1, &view->tree_spot_array);
}

static float distance_m(const jw_view *view, const mesh_tree *tree)
{
    float dx = tree->x - view->eye[0], dy = tree->y - view->eye[1], dz = tree->z - view->eye[2];
    return sqrtf(dx * dx + dy * dy + dz * dz);
}

/* So near that no more trees get a shape than there are triangles for: counted by distance in steps of a
 * 64th. */
static float shape_radius_m(const jw_view *view)
{
    enum { STEPS = 64 };
    uint32_t counts[STEPS] = {0}, sum = 0;
    uint32_t most = (uint32_t)(0.45 * jw_view_triangles_left(view)) / (view->prop_count[PROP_TREE] / 3);
    if (most > view->limits.max_trees)
        most = view->limits.max_trees;
    const float reach_m = view->limits.tree_m * view->detail.stretch;
    for (uint32_t i = 0; i < view->seen_count && view->seen_m[i].near_m < reach_m; i++)
        sum += view->mesh->chunks[view->seen[i]].tree_count;
    if (sum <= most)
        return reach_m;
    for (uint32_t i = 0; i < view->seen_count && view->seen_m[i].near_m < reach_m; i++) {
        const mesh_chunk *chunk = &view->mesh->chunks[view->seen[i]];
        const mesh_tree *trees = view->mesh->trees + chunk->first_tree;
        for (uint32_t k = 0; k < chunk->tree_count; k++) {
            float away_m = distance_m(view, &trees[k]);
            if (away_m < reach_m)
                counts[(int)(away_m / reach_m * STEPS)]++;
        }
    }
    sum = 0;
    for (int k = 0; k < STEPS; k++) {
        sum += counts[k];
        if (sum > most)
            return reach_m * fmaxf((float)k, 0.5f) / STEPS;
    }
    return reach_m;
}

/* How far trees are all there; beyond, as many as their share of the square of the distance: what is thinned
 * is so small that nobody misses a crown over its baked shadow. Chunks are nearest first: with those up to
 * one of them whole, the others leave room for so large a distance. */
static float spot_radius_m(const jw_view *view)
{
    float far_m = spot_reach_m(view);
    double near = 0, far = 0, least_m2 = 1, most = view->limits.max_tree_spots;
    for (uint32_t i = 0; i < view->seen_count && view->seen_m[i].near_m < far_m; i++)
        far += view->mesh->chunks[view->seen[i]].tree_count / thinned_m2(view, i);
    for (uint32_t i = 0; i < view->seen_count && view->seen_m[i].near_m < far_m; i++) {
        uint32_t trees = view->mesh->chunks[view->seen[i]].tree_count;
        least_m2 = thinned_m2(view, i);
        if (near + far * least_m2 > most)
            return (float)jw_sqrt(jw_max(most - near, 1) / far);
        near += trees;
        far = jw_max(far - trees / least_m2, 1e-12);
    }
    return far_m;
}

/* A chunk's trees are sent as they lie where all of them have shapes; where some do, these alone. */
static bool is_inside(const jw_view *view, uint32_t i)
{
    return view->seen_m[i].far_m <= view->detail.tree_m * (1 - view->fade_share);
}

bool jw_view_shows_trees(const jw_view *view, const jw_view_scene *scene)
{
    return !scene->hides_trees && view->flat < 1;
}

jw_result jw_view_trees_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error)
{
    stream_buffer *edge = &view->edge_trees;
    edge->count = 0;
    if (!jw_view_shows_trees(view, scene))
        return JW_OK;
    jw_view_approach(view, &view->detail.tree_m, shape_radius_m(view));
    jw_view_approach(view, &view->detail.spot_m, spot_radius_m(view));
    for (uint32_t i = 0; i < view->seen_count && view->seen_m[i].near_m < view->detail.tree_m; i++) {
        const mesh_chunk *chunk = &view->mesh->chunks[view->seen[i]];
        if (is_inside(view, i))
            continue;
        jw_result result =
            jw_view_gl_stream_reserve(edge, edge->count + chunk->tree_count, sizeof(mesh_tree), error);
        if (result != JW_OK)
            return result;
        mesh_tree *out = edge->items;
        const mesh_tree *trees = view->mesh->trees + chunk->first_tree;
        for (uint32_t k = 0; k < chunk->tree_count; k++)
            if (distance_m(view, &trees[k]) < view->detail.tree_m)
                out[edge->count++] = trees[k];
    }
    jw_view_gl_stream_upload(edge, sizeof(mesh_tree));
    return JW_OK;
}

/* Base instances came with GL 4.2, so the attribute pointers move instead. */
static void draw_shapes(jw_view *view, GLuint buffer, uint32_t first, uint32_t count)
{
    const char *base = (const char *)(first * sizeof(mesh_tree));
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glVertexAttribPointer(5, 4, GL_FLOAT, GL_FALSE, sizeof(mesh_tree), base);
    glVertexAttribPointer(7, 4, GL_UNSIGNED_BYTE, GL_TRUE, sizeof(mesh_tree),
                          base + offsetof(mesh_tree, colour));
    glDrawElementsInstanced(GL_TRIANGLES, (GLsizei)view->prop_count[PROP_TREE], GL_UNSIGNED_SHORT,
                            (void *)(view->prop_first[PROP_TREE] * sizeof(uint16_t)), (GLsizei)count);
    view->counters.draw_calls++;
    view->counters.trees_drawn += count;
    view->counters.triangles += view->prop_count[PROP_TREE] / 3 * count;
}

/* Those that are left of a thinned wood stand for the others and are larger. */
static void draw_spots(jw_view *view)
{
    const jw_view_mesh *mesh = view->mesh;
    float far_m = spot_reach_m(view), fade[4];
    double whole_m2 = (double)view->detail.spot_m * (double)view->detail.spot_m;
    GLsizei count = 0;
    for (uint32_t i = 0; i < view->seen_count && view->seen_m[i].near_m < far_m; i++) {
        const mesh_chunk *chunk = &mesh->chunks[view->seen[i]];
        GLsizei spots = (GLsizei)jw_ceil(chunk->tree_count * jw_min(whole_m2 / thinned_m2(view, i), 1));
        if (spots == 0 || is_inside(view, i))
            continue;
        view->draw_firsts[count] = (GLint)chunk->first_tree;
        view->draw_counts[count++] = spots;
        view->counters.trees_drawn += (uint32_t)spots;
    }
    if (count == 0)
        return;
    glUseProgram(view->programs[PROGRAM_TREE_SPOT]);
    jw_view_fade_between(view, view->detail.tree_m, 1, fade);
    glUniform4f(view->spot_uniform, view->detail.spot_m, 0, fade[0], fade[1]);
    glBindVertexArray(view->tree_spot_array);
    glEnable(GL_PROGRAM_POINT_SIZE);
    glEnable(GL_BLEND);
    glMultiDrawArrays(GL_POINTS, view->draw_firsts, view->draw_counts, count);
    glDisable(GL_BLEND);
    glDisable(GL_PROGRAM_POINT_SIZE);
    glBindVertexArray(0);
    view->counters.draw_calls++;
}

static void draw_all_shapes(jw_view *view)
{
    const stream_buffer *edge = &view->edge_trees;
    glBindVertexArray(view->tree_array);
    glUseProgram(view->programs[PROGRAM_TREE]);
    for (uint32_t i = 0; i < view->seen_count && view->seen_m[i].near_m < view->detail.tree_m; i++) {
        const mesh_chunk *chunk = &view->mesh->chunks[view->seen[i]];
        if (chunk->tree_count > 0 && is_inside(view, i))
            draw_shapes(view, view->tree_buffer, chunk->first_tree, chunk->tree_count);
    }
    if (edge->count > 0) {
        float fade[4];
        jw_view_fade_between(view, 0, view->detail.tree_m, fade);
        glUseProgram(view->programs[PROGRAM_TREE_FADE]);
        glUniform4fv(view->fade_uniforms[PROGRAM_TREE_FADE], 1, fade);
        draw_shapes(view, edge->buffer, 0, edge->count);
    }
    glBindVertexArray(0);
}

void jw_view_trees_cast(jw_view *view)
{
    uint32_t drawn = view->counters.trees_drawn;
    draw_all_shapes(view);
    view->counters.trees_drawn = drawn;
}

void jw_view_trees_draw(jw_view *view)
{
    draw_all_shapes(view);
    draw_spots(view);
}
