/* The static city in sight: which chunks of the mesh, how far away, and of their layers what is drawn at that
 * distance, within the tier's budget of triangles. */
#include "view/view_internal.h"

#include <math.h>

#define ENDLESS_M           1e9f
#define SMALL_STEP          0.97f
#define SIDE_STREET_PIXEL_M 24.0f /* where a pixel is larger they are paler than can be seen */

static chunk_distance distance_to(const float eye[3], const float box[4], float max_z)
{
    float dx = fmaxf(0, fmaxf(box[0] - eye[0], eye[0] - box[2]));
    float dy = fmaxf(0, fmaxf(box[1] - eye[1], eye[1] - box[3]));
    float dz = fmaxf(0, eye[2] - max_z);
    float far_x = fmaxf(eye[0] - box[0], box[2] - eye[0]), far_y = fmaxf(eye[1] - box[1], box[3] - eye[1]);
    float far_z = fmaxf(fabsf(eye[2]), fabsf(max_z - eye[2]));
    return (chunk_distance){sqrtf(dx * dx + dy * dy + dz * dz),
                            sqrtf(far_x * far_x + far_y * far_y + far_z * far_z)};
}

/* Nearest first, in steps of a 256th of the farthest: the nearest trees are planted first and early depth
 * saves work. */
static void sort_seen(jw_view *view)
{
    enum { STEPS = 256 };
    uint32_t first[STEPS + 1] = {0}, count = view->seen_count;
    float farthest_m = 1;
    for (uint32_t i = 0; i < count; i++)
        farthest_m = fmaxf(farthest_m, view->found_m[i].near_m);
    float scale = (STEPS - 1) / farthest_m;
    for (uint32_t i = 0; i < count; i++)
        first[(int)(view->found_m[i].near_m * scale) + 1]++;
    for (int k = 0; k < STEPS; k++)
        first[k + 1] += first[k];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = first[(int)(view->found_m[i].near_m * scale)]++;
        view->seen[place] = view->found[i];
        view->seen_m[place] = view->found_m[i];
    }
}

static void widen(chunk_distance *span, chunk_distance away)
{
    span->near_m = fminf(span->near_m, away.near_m);
    span->far_m = fmaxf(span->far_m, away.far_m);
}

void jw_view_find_seen(jw_view *view)
{
    const jw_view_mesh *mesh = view->mesh;
    view->seen_count = view->area_count = 0;
    view->seen_span = view->areas_span = (chunk_distance){ENDLESS_M, 0};
    for (uint32_t c = 0; c < mesh->chunk_columns * mesh->chunk_rows; c++) {
        const mesh_chunk *chunk = &mesh->chunks[c];
        const float box[4] = {chunk->min_x, chunk->min_y, chunk->max_x, chunk->max_y};
        if (jw_view_is_box_visible(view, chunk->area_box, 0)) {
            view->areas[view->area_count] = c;
            view->areas_m[view->area_count] = distance_to(view->eye, chunk->area_box, 0);
            widen(&view->areas_span, view->areas_m[view->area_count++]);
        }
        if (!jw_view_is_box_visible(view, box, chunk->max_z))
            continue;
        view->found[view->seen_count] = c;
        view->found_m[view->seen_count] = distance_to(view->eye, box, chunk->max_z);
        widen(&view->seen_span, view->found_m[view->seen_count++]);
    }
    sort_seen(view);
}

/* Between which distances a layer is there. From in_m to in_m + in_width_m it comes, pixel by pixel, and
 * where out_m begins it goes likewise: of two forms of one thing each pixel shows one. Without widths chunks
 * change as a whole. */
typedef struct layer_range {
    float in_m, in_width_m, out_m, out_width_m;
} layer_range;

static layer_range range_of(const jw_view *view, int layer, float stretch)
{
    const float near_m = view->limits.near_m * stretch, house_m = view->limits.house_m * stretch;
    const float country_m = view->limits.country_pixel_m * view->pixels_per_m * stretch;
    float in_m = -1, out_m = ENDLESS_M; /* less than any distance */
    if (layer < LAYER_AREA_FAR)
        out_m = near_m * 2;
    else if (layer < LAYER_AREA_COUNTRY)
        in_m = near_m * 2, out_m = country_m;
    else if (layer < LAYER_PATH)
        in_m = country_m;
    else if (layer == LAYER_ROAD_MINOR_FAR || layer == LAYER_ROAD_MAJOR_FAR)
        in_m = near_m, out_m = fmaxf(country_m, near_m);
    else if (layer == LAYER_ROAD_COUNTRY)
        in_m = country_m;
    else if (layer == LAYER_ROAD_SIDE)
        in_m = country_m, out_m = fmaxf(SIDE_STREET_PIXEL_M * view->pixels_per_m * stretch, country_m);
    else if (layer == LAYER_HOUSE)
        out_m = house_m;
    else if (layer == LAYER_BOX)
        in_m = house_m;
    else if (layer != LAYER_RAIL && layer != LAYER_BRIDGE)
        out_m = near_m;
    float share = view->fade_share;
    return (layer_range){in_m * (1 - share), in_m * share, out_m * (1 - share), out_m * share};
}

enum presence { IS_AWAY, IS_THERE, IS_FADING };

static enum presence presence_of(const jw_view *view, const layer_range *r, chunk_distance away)
{
    float coming_m = view->fade_share > 0 ? away.far_m : away.near_m;
    if (coming_m <= r->in_m || away.near_m >= r->out_m + r->out_width_m)
        return IS_AWAY;
    bool is_whole = away.near_m >= r->in_m + r->in_width_m && away.far_m <= r->out_m;
    return is_whole || view->fade_share <= 0 ? IS_THERE : IS_FADING;
}

/* Size in metres of what is just too small to be drawn. */
static float smallest_m(const jw_view *view, int layer, float near_m, float stretch)
{
    float pixels = layer == LAYER_BOX ? view->limits.box_pixels : view->limits.area_pixels;
    return pixels * near_m / (view->pixels_per_m * stretch);
}

/* Indices of a chunk's layer, and how many before them are left out as too small to be seen. */
static uint32_t indices_of(const jw_view *view, const mesh_chunk *chunk, int layer, float size_m,
                           uint32_t *out_left_out)
{
    *out_left_out = jw_mesh_smaller_than(view->mesh, chunk, layer, size_m);
    return chunk->count[layer] - *out_left_out;
}

/* The chunks in sight that a layer may have something in: none where all are too near or too far. */
typedef struct layer_chunks {
    const uint32_t *chunks;
    const chunk_distance *away;
    uint32_t count;
} layer_chunks;

static layer_chunks chunks_of(const jw_view *view, int layer, const layer_range *r)
{
    bool is_area = layer < LAYER_PATH;
    chunk_distance span = is_area ? view->areas_span : view->seen_span;
    layer_chunks all = is_area ? (layer_chunks){view->areas, view->areas_m, view->area_count}
                               : (layer_chunks){view->seen, view->seen_m, view->seen_count};
    if (span.far_m <= r->in_m || span.near_m >= r->out_m + r->out_width_m)
        all.count = 0;
    return all;
}

static uint64_t count_triangles(const jw_view *view, float stretch)
{
    uint64_t indices = 0;
    for (int layer = 0; layer < LAYER_COUNT; layer++) {
        const layer_range range = range_of(view, layer, stretch);
        const layer_chunks in = chunks_of(view, layer, &range);
        for (uint32_t i = 0; i < in.count; i++) {
            const mesh_chunk *chunk = &view->mesh->chunks[in.chunks[i]];
            uint32_t left_out;
            if (presence_of(view, &range, in.away[i]) != IS_AWAY && chunk->count[layer] > 0)
                indices += indices_of(view, chunk, layer, smallest_m(view, layer, in.away[i].near_m, stretch),
                                      &left_out);
        }
    }
    return indices / 3;
}

void jw_view_approach(jw_view *view, float *value, float wished)
{
    bool is_at_once = view->is_single || view->fade_share <= 0 || *value <= 0 || wished < 0.9f * *value;
    float before = *value;
    *value = is_at_once ? wished : fminf(fmaxf(wished, *value * SMALL_STEP), *value / SMALL_STEP);
    view->detail.is_settling |= fabsf(*value - before) > 1e-3f * before;
}

void jw_view_fade_between(const jw_view *view, float from_m, float to_m, float out[4])
{
    float share = view->fade_share;
    out[0] = from_m > 0 ? from_m * (1 - share) : -1;
    out[1] = from_m > 0 ? 1 / fmaxf(from_m * share, 0.01f) : 1;
    out[2] = to_m * (1 - share);
    out[3] = 1 / fmaxf(to_m * share, 0.01f);
}

/* Triangles that are neither the static city's nor trees or vehicles: as many as the picture before had; of
 * a picture of its own, which may be drawn in parts, always the most that is left for them. */
static uint32_t count_others(const jw_view *view)
{
    uint32_t most = view->limits.triangle_budget / 5;
    return view->is_single || view->detail.other_triangles > most ? most : view->detail.other_triangles;
}

uint32_t jw_view_triangles_left(const jw_view *view)
{
    uint32_t taken = view->detail.static_triangles + count_others(view);
    return taken < view->limits.triangle_budget ? view->limits.triangle_budget - taken : 0;
}

#define STATIC_SHARE 0.72 /* of the budget: the rest is for what moves, trees and equipment */

void jw_view_fit_budget(jw_view *view)
{
    bool is_single = view->is_single;
    double most = STATIC_SHARE * (view->limits.triangle_budget - count_others(view));
    float before = view->detail.stretch, stretch = is_single ? 1 : before;
    uint64_t count = count_triangles(view, stretch);
    if (count > most) {
        for (int i = 0; i < 90 && count > most * (is_single || i > 0 ? 1 : 1.07); i++) {
            stretch *= SMALL_STEP;
            count = count_triangles(view, stretch);
        }
        if (!is_single && stretch >= before) {
            stretch *= SMALL_STEP;
            count = count_triangles(view, stretch);
        }
    } else if (stretch < 1 && !is_single && count < most * 0.95) {
        float wider = fminf(1, stretch / SMALL_STEP);
        uint64_t wider_count = count_triangles(view, wider);
        if (wider_count <= most * 0.97)
            stretch = wider, count = wider_count;
    }
    view->detail.stretch = stretch;
    view->detail.static_triangles = (uint32_t)count;
    view->detail.is_settling = stretch < before || stretch > before;
}

/* The commands go into a buffer one after the other; where it is full a fresh store follows, so that nothing
 * waits for draws that still read the old one. */
static void draw_indirect(jw_view *view, GLsizei count)
{
    enum { LAYERS_A_STORE = 16 };
    uint32_t capacity = LAYERS_A_STORE * view->chunk_count;
    bool is_new = view->command_buffer == 0;
    if (is_new)
        glGenBuffers(1, &view->command_buffer);
    glBindBuffer(GL_DRAW_INDIRECT_BUFFER, view->command_buffer);
    if (is_new || view->commands_used + (uint32_t)count > capacity) {
        glBufferData(GL_DRAW_INDIRECT_BUFFER, (GLsizeiptr)(capacity * sizeof *view->commands), NULL,
                     GL_STREAM_DRAW);
        view->commands_used = 0;
    }
    for (GLsizei i = 0; i < count; i++)
        view->commands[i] =
            (draw_command){.count = (uint32_t)view->draw_counts[i],
                           .instance_count = 1,
                           .first_index = (uint32_t)((size_t)view->draw_offsets[i] / sizeof(uint32_t))};
    size_t offset = view->commands_used * sizeof *view->commands;
    glBufferSubData(GL_DRAW_INDIRECT_BUFFER, (GLintptr)offset,
                    (GLsizeiptr)((size_t)count * sizeof *view->commands), view->commands);
    glMultiDrawElementsIndirect(GL_TRIANGLES, GL_UNSIGNED_INT, (const GLvoid *)offset, count, 0);
    view->commands_used += (uint32_t)count;
}

static uint32_t draw_chunks(jw_view *view, GLsizei count, uint32_t indices)
{
    if (count > 0) {
        if (view->has_indirect)
            draw_indirect(view, count);
        else
            glMultiDrawElements(GL_TRIANGLES, view->draw_counts, GL_UNSIGNED_INT, view->draw_offsets, count);
        view->counters.draw_calls++;
        view->counters.triangles += indices / 3;
    }
    return indices;
}

static GLsizei add_chunk(jw_view *view, GLsizei at, uint32_t first, uint32_t count)
{
    view->draw_counts[at] = (GLsizei)count;
    view->draw_offsets[at] = (const GLvoid *)((size_t)first * sizeof(uint32_t));
    return at + (count > 0);
}

/* Boxes only a little larger than what is left out go in steps, one after the other. */
#define VANISHING_STEPS 6
#define VANISHING_SIZE  1.5f /* to this many times that size */

static uint32_t draw_vanishing_boxes(jw_view *view, program_kind fading)
{
    const layer_range range = range_of(view, LAYER_BOX, view->detail.stretch);
    uint32_t total = 0;
    for (int k = 0; k < VANISHING_STEPS && view->fade_share > 0; k++) {
        const float lower = 1 + (VANISHING_SIZE - 1) * (float)k / VANISHING_STEPS,
                    upper = 1 + (VANISHING_SIZE - 1) * (float)(k + 1) / VANISHING_STEPS;
        GLsizei count = 0;
        uint32_t indices = 0;
        for (uint32_t i = 0; i < view->seen_count; i++) {
            const mesh_chunk *chunk = &view->mesh->chunks[view->seen[i]];
            if (presence_of(view, &range, view->seen_m[i]) == IS_AWAY)
                continue;
            float size_m = smallest_m(view, LAYER_BOX, view->seen_m[i].near_m, view->detail.stretch);
            uint32_t from = jw_mesh_smaller_than(view->mesh, chunk, LAYER_BOX, size_m * lower);
            uint32_t to = jw_mesh_smaller_than(view->mesh, chunk, LAYER_BOX, size_m * upper);
            count = add_chunk(view, count, chunk->first[LAYER_BOX] + from, to - from);
            indices += to - from;
        }
        if (count == 0)
            continue;
        glUseProgram(view->programs[fading]);
        float gone = 1 - (float)(k + 1) / (VANISHING_STEPS + 1);
        glUniform4f(view->fade_uniforms[fading], -1 - gone, 1, ENDLESS_M, 1 / ENDLESS_M);
        total += draw_chunks(view, count, indices);
    }
    return total;
}

/* Adds a layer's chunks that are wholly there or fading, as wanted; *out_others: there are others. */
static GLsizei gather(jw_view *view, int layer, const layer_range *range, enum presence wanted,
                      float enlarged, uint32_t *out_indices, bool *out_others)
{
    const layer_chunks in = chunks_of(view, layer, range);
    GLsizei count = 0;
    *out_indices = 0;
    *out_others = false;
    for (uint32_t i = 0; i < in.count; i++) {
        enum presence is = presence_of(view, range, in.away[i]);
        const mesh_chunk *chunk = &view->mesh->chunks[in.chunks[i]];
        *out_others |= is != wanted && is != IS_AWAY;
        if (is != wanted || chunk->count[layer] == 0)
            continue;
        uint32_t left_out,
            n = indices_of(view, chunk, layer,
                           smallest_m(view, layer, in.away[i].near_m, view->detail.stretch) * enlarged,
                           &left_out);
        count = add_chunk(view, count, chunk->first[layer] + left_out, n);
        *out_indices += n;
    }
    return count;
}

/* In a rehearsal each layer is drawn once, and what is left when its time is over waits for the next portion;
 * at least one comes in each. */
_Static_assert(LAYER_COUNT <= 64, "a bit for each layer");
static bool is_its_turn(jw_view *view, int layer, bool is_fading)
{
    uint64_t bit = UINT64_C(1) << layer, *drawn = &view->rehearsal.layers[is_fading];
    if (!view->rehearsal.is_on)
        return true;
    if (*drawn & bit)
        return false;
    view->rehearsal.is_cut = view->rehearsal.drawn > 0 && jw_clock_seconds() > view->rehearsal.end_s;
    if (view->rehearsal.is_cut)
        return false;
    *drawn |= bit;
    view->rehearsal.drawn++;
    return true;
}

/* One call for the chunks that are wholly there, one for those where pixels are left out. */
uint32_t jw_view_draw_layer(jw_view *view, int layer, program_kind program, program_kind fading)
{
    const layer_range range = range_of(view, layer, view->detail.stretch);
    bool has_vanishing = layer == LAYER_BOX && fading != program && view->fade_share > 0, has_others = true;
    uint32_t total = 0;
    for (enum presence wanted = IS_THERE; wanted <= IS_FADING && has_others; wanted++) {
        uint32_t indices;
        GLsizei count =
            gather(view, layer, &range, wanted, has_vanishing ? VANISHING_SIZE : 1, &indices, &has_others);
        if (count == 0 || !is_its_turn(view, layer, wanted == IS_FADING))
            continue;
        program_kind kind = wanted == IS_THERE ? program : fading;
        glUseProgram(view->programs[kind]);
        if (wanted == IS_FADING)
            glUniform4f(view->fade_uniforms[kind], range.in_m, 1 / fmaxf(range.in_width_m, 1), range.out_m,
                        1 / range.out_width_m);
        total += draw_chunks(view, count, indices);
    }
    return has_vanishing && !view->rehearsal.is_cut ? total + draw_vanishing_boxes(view, fading) : total;
}

uint32_t jw_view_count_houses(const jw_view *view)
{
    const layer_range range = range_of(view, LAYER_BOX, view->detail.stretch);
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->seen_count; i++)
        if (presence_of(view, &range, view->seen_m[i]) == IS_AWAY)
            count += view->mesh->chunks[view->seen[i]].house_count;
    return count;
}
