/* Heights of roads. The ground is flat; a bridge that crosses a road or railway of a lower layer is raised, a
 * tunnel is sunk, by 6 m a layer (4.5 m of clearance, CJJ 37-2012, 3.4.3, and the deck), and the roads at
 * their ends slope at 5 % until they reach the ground or the next deck. Bridges over water alone stay at
 * ground level, where the water lies below. Roads whose heights are given keep them. */
#include "city/build.h"

#define LAYER_M       6.0
#define LAYERS_MAX    4
#define SLOPE         0.05
#define TUNNEL_MIN_M  40.0 /* shorter ones are passages through buildings or under tracks */
#define SAME_HEIGHT_M 0.01

/* Heights above the ground, or depths below it: the same rule either way. */
typedef struct level_work {
    jw_build *build;
    double *base_m; /* per piece: its deck; 0: on the ground */
    double *knot_m; /* per knot: where pieces hang together */
    uint32_t *queue;
    uint8_t *is_queued; /* per knot */
    uint32_t knot_count;
} level_work;

/* Pieces hang together at draft nodes; in a network, where each has end nodes of its own, at junctions. The
 * last knot, of no piece that stays, has no ends. */
static uint32_t count_knots(const jw_build *build)
{
    return build->draft->is_network ? build->parts.junction_count + 1 : build->draft->node_count;
}

static uint32_t knot_of(const jw_build *build, uint32_t piece, uint32_t end)
{
    const jw_build_piece *p = &build->pieces[piece];
    if (!build->draft->is_network)
        return p->node[end];
    return p->junction[end] == JW_NONE ? build->parts.junction_count : p->junction[end];
}

static const uint32_t *ends_at(const jw_build *build, uint32_t knot, uint32_t *out_count)
{
    bool is_network = build->draft->is_network;
    const uint32_t *first = is_network ? build->junction_first_end : build->node_first_end;
    bool has_ends = !is_network || knot < build->parts.junction_count;
    *out_count = has_ends ? first[knot + 1] - first[knot] : 0;
    return (is_network ? build->junction_ends : build->node_ends) + (has_ends ? first[knot] : 0);
}

static jw_vec2 flat(jw_vec3 p)
{
    return (jw_vec2){p.x, p.y};
}

static double deck_m(const jw_build_piece *piece)
{
    int layers = piece->layer < 0 ? -piece->layer : piece->layer;
    return LAYER_M * (layers < LAYERS_MAX ? layers : LAYERS_MAX);
}

/* ---- which bridges cross something ------------------------------------------------------------------- */

/* A straight stretch that a bridge may cross: of a piece, or of a railway (piece JW_NONE). */
typedef struct stretch {
    jw_vec2 a, b;
    uint32_t piece;
    int8_t layer;
} stretch;

typedef struct crossing_query {
    const jw_build *build;
    const stretch *stretches;
    uint32_t piece; /* the bridge */
    jw_vec2 a, b;
    bool is_found;
} crossing_query;

static bool visit_stretch(void *context, uint32_t item)
{
    crossing_query *query = context;
    const stretch *s = &query->stretches[item];
    const jw_build_piece *bridge = &query->build->pieces[query->piece];
    if (s->layer >= bridge->layer)
        return true;
    if (s->piece != JW_NONE) {
        for (uint32_t i = 0; i < 4; i++)
            if (knot_of(query->build, query->piece, i / 2) == knot_of(query->build, s->piece, i % 2))
                return true; /* they meet, they do not cross */
    }
    query->is_found = jw_segments_cross(query->a, query->b, s->a, s->b, NULL, NULL);
    return !query->is_found;
}

static uint32_t list_stretches(const jw_build *build, stretch *out)
{
    uint32_t count = 0;
    for (uint32_t p = 0; p < build->piece_count; p++) {
        const jw_build_piece *piece = &build->pieces[p];
        const jw_vec3 *line = build->line + piece->first_point;
        for (uint32_t i = 0; i + 1 < piece->point_count; i++, count++)
            out[count] = (stretch){flat(line[i]), flat(line[i + 1]), p, piece->layer};
    }
    const jw_draft *draft = build->draft;
    for (uint32_t l = 0; l < draft->line_count; l++) {
        const jw_draft_line *line = &draft->lines[l];
        if (line->kind != JW_LINE_RAIL || (uint64_t)line->first_ref + line->ref_count > draft->ref_count)
            continue;
        const uint32_t *refs = draft->refs + line->first_ref;
        for (uint32_t i = 0; i + 1 < line->ref_count; i++)
            if (refs[i] < draft->node_count && refs[i + 1] < draft->node_count)
                out[count++] =
                    (stretch){build->place[refs[i]], build->place[refs[i + 1]], JW_NONE, line->layer};
    }
    return count;
}

static bool crosses_lower(const jw_build *build, uint32_t p, const stretch *stretches, const jw_grid *grid)
{
    const jw_build_piece *piece = &build->pieces[p];
    const jw_vec3 *line = build->line + piece->first_point;
    crossing_query query = {.build = build, .stretches = stretches, .piece = p};
    for (uint32_t i = 0; i + 1 < piece->point_count && !query.is_found; i++) {
        query.a = flat(line[i]);
        query.b = flat(line[i + 1]);
        jw_box box = jw_box_extend(jw_box_empty(), query.a.x, query.a.y);
        jw_grid_query(grid, jw_box_extend(box, query.b.x, query.b.y), visit_stretch, &query);
    }
    return query.is_found;
}

static bool is_bridge(const jw_build_piece *piece)
{
    return piece->layer > 0 && !piece->is_tunnel && !piece->has_heights;
}

static jw_result raise_bridges(level_work *work, jw_error *error)
{
    jw_build *build = work->build;
    uint64_t most = build->line_count;
    for (uint32_t l = 0; l < build->draft->line_count; l++)
        most += build->draft->lines[l].ref_count;
    stretch *stretches = jw_build_take(build, most, sizeof *stretches, error);
    jw_box *boxes = jw_build_take(build, most, sizeof *boxes, error);
    if (!stretches || !boxes)
        return JW_ERROR_MEMORY;
    uint32_t count = list_stretches(build, stretches);
    for (uint32_t i = 0; i < count; i++) {
        boxes[i] = jw_box_extend(jw_box_empty(), stretches[i].a.x, stretches[i].a.y);
        boxes[i] = jw_box_extend(boxes[i], stretches[i].b.x, stretches[i].b.y);
    }
    jw_grid *grid;
    jw_result result = jw_grid_create(boxes, count, 0, &grid, error);
    if (result != JW_OK)
        return result;
    uint32_t head = 0, tail = 0; /* pieces whose neighbours are still to be raised */
    for (uint32_t p = 0; p < build->piece_count; p++)
        if (is_bridge(&build->pieces[p]) && crosses_lower(build, p, stretches, grid)) {
            work->base_m[p] = deck_m(&build->pieces[p]);
            work->queue[tail++] = p;
        }
    jw_grid_destroy(grid);
    /* A viaduct is drawn in many pieces: all that hang together are raised. */
    while (head < tail) {
        uint32_t p = work->queue[head++], end_count;
        for (uint32_t i = 0; i < 2; i++) {
            const uint32_t *ends = ends_at(build, knot_of(build, p, i), &end_count);
            for (uint32_t k = 0; k < end_count; k++) {
                uint32_t next = ends[k] / 2;
                if (work->base_m[next] == 0.0 && is_bridge(&build->pieces[next])) {
                    work->base_m[next] = deck_m(&build->pieces[next]);
                    work->queue[tail++] = next;
                }
            }
        }
    }
    return JW_OK;
}

static void sink_tunnels(level_work *work)
{
    for (uint32_t p = 0; p < work->build->piece_count; p++) {
        const jw_build_piece *piece = &work->build->pieces[p];
        bool is_sunk =
            piece->layer < 0 && !piece->has_heights && (piece->length_m >= TUNNEL_MIN_M || !piece->is_tunnel);
        work->base_m[p] = is_sunk ? deck_m(piece) : 0.0;
    }
}

/* ---- slopes ------------------------------------------------------------------------------------------ */

/* The lowest heights of knots at which every deck is reached and no road is steeper than the slope. */
static void slope_knots(level_work *work)
{
    jw_build *build = work->build;
    uint32_t n = work->knot_count, head = 0, waiting = 0;
    for (uint32_t p = 0; p < build->piece_count; p++)
        for (uint32_t i = 0; i < 2; i++) {
            uint32_t knot = knot_of(build, p, i);
            work->knot_m[knot] = jw_max(work->knot_m[knot], work->base_m[p]);
        }
    for (uint32_t i = 0; i < n; i++)
        if (work->knot_m[i] > 0.0) {
            work->queue[waiting++] = i;
            work->is_queued[i] = 1;
        }
    while (waiting > 0) { /* a ring of n places: each knot waits at most once */
        uint32_t knot = work->queue[head];
        head = head + 1 == n ? 0 : head + 1;
        waiting--;
        work->is_queued[knot] = 0;
        uint32_t count;
        const uint32_t *ends = ends_at(build, knot, &count);
        for (uint32_t k = 0; k < count; k++) {
            const jw_build_piece *piece = &build->pieces[ends[k] / 2];
            uint32_t next = knot_of(build, ends[k] / 2, 1 - ends[k] % 2);
            double reached_m = work->knot_m[knot] - SLOPE * piece->length_m;
            if (reached_m <= work->knot_m[next] + SAME_HEIGHT_M)
                continue;
            work->knot_m[next] = reached_m;
            if (!work->is_queued[next]) {
                work->queue[head + waiting < n ? head + waiting : head + waiting - n] = next;
                work->is_queued[next] = 1;
                waiting++;
            }
        }
    }
}

static double height_at_m(const level_work *work, uint32_t p, double s_m)
{
    const jw_build_piece *piece = &work->build->pieces[p];
    double from_begin_m = work->knot_m[knot_of(work->build, p, 0)] - SLOPE * s_m;
    double from_end_m = work->knot_m[knot_of(work->build, p, 1)] - SLOPE * (piece->length_m - s_m);
    return jw_max(work->base_m[p], jw_max(from_begin_m, from_end_m));
}

/* Where the slope from an end meets the deck or the ground; outside the piece when nowhere. */
static double foot_m(const level_work *work, uint32_t p, uint32_t end)
{
    const jw_build_piece *piece = &work->build->pieces[p];
    double run_m = (work->knot_m[knot_of(work->build, p, end)] - work->base_m[p]) / SLOPE;
    return end == 0 ? run_m : piece->length_m - run_m;
}

/* Writes the heights (sign -1: depths) into the piece's points, with further points where its slopes end. */
static jw_result shape_piece(level_work *work, uint32_t p, double sign, jw_error *error)
{
    jw_build *build = work->build;
    jw_build_piece *piece = &build->pieces[p];
    if (piece->has_heights)
        return JW_OK;
    if (work->knot_m[knot_of(work->build, p, 0)] == 0.0 && work->knot_m[knot_of(work->build, p, 1)] == 0.0 &&
        work->base_m[p] == 0.0)
        return JW_OK;
    jw_result result =
        jw_grow(&build->line, &build->line_capacity, (uint64_t)build->line_count + piece->point_count + 2,
                sizeof *build->line, error);
    if (result != JW_OK)
        return result;
    double feet_m[2] = {foot_m(work, p, 0), foot_m(work, p, 1)};
    if (feet_m[0] > feet_m[1]) { /* the slopes meet before they end */
        double swap = feet_m[0];
        feet_m[0] = feet_m[1];
        feet_m[1] = swap;
    }
    const jw_vec3 *from = build->line + piece->first_point;
    jw_vec3 *to = build->line + build->line_count;
    uint32_t count = 0, foot = 0;
    double s_m = 0.0;
    for (uint32_t i = 0; i < piece->point_count; i++) {
        double next_m = i > 0 ? s_m + jw_vec2_distance(flat(from[i - 1]), flat(from[i])) : 0.0;
        for (; foot < 2 && feet_m[foot] < next_m - 1.0; foot++) {
            if (i == 0 || feet_m[foot] <= s_m + 1.0)
                continue;
            double t = (feet_m[foot] - s_m) / (next_m - s_m);
            jw_vec2 at = jw_vec2_lerp(flat(from[i - 1]), flat(from[i]), t);
            double ground_m = from[i - 1].z + (from[i].z - from[i - 1].z) * t;
            to[count++] = (jw_vec3){at.x, at.y, ground_m + sign * height_at_m(work, p, feet_m[foot])};
        }
        s_m = next_m;
        to[count] = from[i];
        to[count++].z += sign * height_at_m(work, p, s_m);
    }
    piece->first_point = build->line_count;
    piece->point_count = count;
    build->line_count += count;
    return JW_OK;
}

static jw_result apply(level_work *work, double sign, jw_error *error)
{
    jw_build *build = work->build;
    slope_knots(work);
    for (uint32_t n = 0; n < build->draft->node_count; n++) {
        uint32_t j = build->node_junction[n];
        double height_m = j != JW_NONE ? work->knot_m[build->draft->is_network ? j : n] : 0.0;
        if (height_m > 0.0 && jw_abs(build->parts.junctions[j].z_m) < height_m)
            build->parts.junctions[j].z_m = sign * height_m;
    }
    for (uint32_t p = 0; p < build->piece_count; p++) {
        jw_result result = shape_piece(work, p, sign, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

jw_result jw_build_levels(jw_build *build, jw_error *error)
{
    uint32_t n = count_knots(build);
    uint64_t places = n > build->piece_count ? n : build->piece_count;
    level_work work = {.build = build, .knot_count = n};
    for (uint32_t pass = 0; pass < 2; pass++) {
        work.base_m = jw_build_take(build, build->piece_count, sizeof(double), error);
        work.knot_m = jw_build_take(build, n, sizeof(double), error);
        work.queue = jw_build_take(build, places, sizeof(uint32_t), error);
        work.is_queued = jw_build_take(build, n, 1, error);
        if (!work.base_m || !work.knot_m || !work.queue || !work.is_queued)
            return JW_ERROR_MEMORY;
        jw_result result = JW_OK;
        if (pass == 0)
            result = raise_bridges(&work, error);
        else
            sink_tunnels(&work);
        if (result == JW_OK)
            result = apply(&work, pass == 0 ? 1.0 : -1.0, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}
