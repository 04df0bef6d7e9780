/* Nodes become junctions. Where dual carriageways cross or a street is staggered, several nodes are one real
 * junction: nodes joined by a short piece are merged, shortest pieces first, while the cluster stays small.
 *
 * A short piece merges its ends when it is shorter than (m = jw_build_def.merge_m, 25 by default)
 *   1.4 m  where a signal stands and one-way carriageways meet,
 *   1 m    where one-way carriageways meet, or a signal stands,
 *   0.5 m  elsewhere; 0.25 m between service roads,
 *   0.5 m  between a junction and a node where only the road's attributes change (its lane count near the
 * stop line): such a stub would lie inside the junction, 3 metres always. Rings of roundabouts, bridges and
 * tunnels, motorways are not merged. A cluster's diagonal stays below 2.6 m. */
#include "city/build.h"

#include <math.h>
#include <stdlib.h>

#define ARMS_MAX            64 /* the largest real junctions have about 20 */
#define TINY_M              3.0
#define SIGNAL_REACH_M      40.0 /* of a stop line on a one-way approach */
#define SIGNAL_REACH_BOTH_M 30.0 /* on a road of both directions */
#define CROSSING_REACH_M    15.0 /* of a signal drawn as a pedestrian crossing */
#define STOP_REACH_M        30.0

typedef struct cluster_work {
    jw_build *build;
    uint32_t *parent; /* per node: union-find, the root is the lowest node */
    jw_box *box;      /* per root */
} cluster_work;

static jw_result list_node_ends(jw_build *build, jw_error *error)
{
    uint32_t n = build->draft->node_count;
    build->node_first_end = jw_build_take(build, (uint64_t)n + 1, sizeof *build->node_first_end, error);
    build->node_ends =
        jw_build_take(build, (uint64_t)build->piece_count * 2, sizeof *build->node_ends, error);
    if (!build->node_first_end || !build->node_ends)
        return JW_ERROR_MEMORY;
    uint32_t *first = build->node_first_end;
    for (uint32_t i = 0; i < 2 * build->piece_count; i++)
        first[build->pieces[i / 2].node[i % 2]]++;
    uint32_t sum = 0;
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t count = i < n ? first[i] : 0;
        first[i] = sum + count;
        sum += count;
    }
    for (uint32_t i = 2 * build->piece_count; i-- > 0;)
        build->node_ends[--first[build->pieces[i / 2].node[i % 2]]] = i;
    return JW_OK;
}

static uint32_t node_degree(const jw_build *build, uint32_t node)
{
    return build->node_first_end[node + 1] - build->node_first_end[node];
}

static bool is_one_way(const jw_build_piece *piece)
{
    return piece->side[0].lanes == 0 || piece->side[1].lanes == 0;
}

/* ---- signals and signs on approaches ----------------------------------------------------------------- */

/* The junction node that traffic reaches at the given end of a piece within reach_m, walking on through nodes
 * where only attributes change. JW_NONE when there is none; *out_m is the distance. */
static uint32_t reach_junction(const jw_build *build, uint32_t piece, uint32_t end, double distance_m,
                               double reach_m, double *out_m)
{
    for (uint32_t hops = 0; hops < 4 && distance_m <= reach_m; hops++) {
        uint32_t node = build->pieces[piece].node[end];
        uint32_t degree = node_degree(build, node);
        if (degree >= 3) {
            *out_m = distance_m;
            return node;
        }
        if (degree != 2)
            return JW_NONE;
        uint32_t first = build->node_first_end[node];
        uint32_t here = piece * 2 + end;
        uint32_t next =
            build->node_ends[first] == here ? build->node_ends[first + 1] : build->node_ends[first];
        piece = next / 2;
        end = 1 - next % 2;
        distance_m += build->pieces[piece].length_m;
    }
    return JW_NONE;
}

typedef struct approach {
    uint32_t node; /* junction node reached, or JW_NONE */
    uint32_t side; /* piece * 2 + side travelled */
    double distance_m;
} approach;

/* Tries travelling on `side` of a piece over distance_m to its end. */
static void try_approach(const jw_build *build, uint32_t piece, uint32_t side, double distance_m,
                         double reach_m, approach *best)
{
    const jw_build_piece *p = &build->pieces[piece];
    if (p->side[side].lanes == 0)
        return;
    double reached_m;
    uint32_t node = reach_junction(build, piece, side == 0 ? 1 : 0, distance_m, reach_m, &reached_m);
    if (node != JW_NONE && (best->node == JW_NONE || reached_m < best->distance_m))
        *best = (approach){node, piece * 2 + side, reached_m};
}

static double signal_reach_m(const jw_draft_node *node, bool is_both_ways)
{
    if (!is_both_ways)
        return SIGNAL_REACH_M;
    return node->has_crossing ? CROSSING_REACH_M : SIGNAL_REACH_BOTH_M;
}

static void apply_marks(jw_build *build, const jw_draft_node *node, const approach *signal,
                        const approach *sign)
{
    if (node->has_signal && signal->node != JW_NONE)
        build->node_signal[signal->node] = 1;
    if ((node->has_stop || node->has_give_way) && sign->node != JW_NONE)
        build->pieces[sign->side / 2].side[sign->side % 2].yield = node->has_stop ? 2 : 1;
}

/* Signals and signs drawn on the approach, between the ends of a piece. */
static void mark_from_inside(jw_build *build, const jw_build_mark *mark)
{
    const jw_draft_node *node = &build->draft->nodes[mark->node];
    const jw_build_piece *p = &build->pieces[mark->piece];
    double reach_m = signal_reach_m(node, !is_one_way(p));
    jw_vec2 place = build->place[mark->node];
    double s_m;
    jw_polyline_project(build->line + p->first_point, p->point_count, place.x, place.y, &s_m);
    approach signal = {.node = JW_NONE}, sign = {.node = JW_NONE};
    try_approach(build, mark->piece, 0, p->length_m - s_m, reach_m, &signal);
    try_approach(build, mark->piece, 1, s_m, reach_m, &signal);
    try_approach(build, mark->piece, 0, p->length_m - s_m, STOP_REACH_M, &sign);
    try_approach(build, mark->piece, 1, s_m, STOP_REACH_M, &sign);
    apply_marks(build, node, &signal, &sign);
}

/* Those drawn where pieces end: at the junction itself, or where attributes change before it. */
static void mark_from_end(jw_build *build, uint32_t n)
{
    const jw_draft_node *node = &build->draft->nodes[n];
    uint32_t degree = node_degree(build, n);
    bool is_network = build->draft->is_network;
    if (degree >= 3 || is_network)
        build->node_signal[n] |= node->has_signal;
    approach signal = {.node = JW_NONE}, sign = {.node = JW_NONE};
    for (uint32_t i = 0; i < degree; i++) {
        uint32_t end = build->node_ends[build->node_first_end[n] + i];
        jw_build_piece *p = &build->pieces[end / 2];
        if (is_network && (node->has_stop || node->has_give_way))
            p->side[1 - end % 2].yield = node->has_stop ? 2 : 1;
        if (degree != 2 || is_network)
            continue;
        uint32_t side = end % 2; /* from end 0 traffic leaves on side 0, from end 1 on side 1 */
        try_approach(build, end / 2, side, p->length_m, signal_reach_m(node, !is_one_way(p)), &signal);
        try_approach(build, end / 2, side, p->length_m, STOP_REACH_M, &sign);
    }
    apply_marks(build, node, &signal, &sign);
}

static jw_result mark_nodes(jw_build *build, jw_error *error)
{
    build->node_signal = jw_build_take(build, build->draft->node_count, 1, error);
    if (!build->node_signal)
        return JW_ERROR_MEMORY;
    for (uint32_t i = 0; i < build->mark_count; i++) {
        if (node_degree(build, build->marks[i].node) == 0)
            mark_from_inside(build, &build->marks[i]);
        else
            mark_from_end(build, build->marks[i].node);
    }
    return JW_OK;
}

/* ---- clusters ---------------------------------------------------------------------------------------- */

static uint32_t find_root(cluster_work *work, uint32_t node)
{
    while (work->parent[node] != node) {
        work->parent[node] = work->parent[work->parent[node]];
        node = work->parent[node];
    }
    return node;
}

static void unite(cluster_work *work, uint32_t a, uint32_t b)
{
    a = find_root(work, a);
    b = find_root(work, b);
    if (a == b)
        return;
    uint32_t low = a < b ? a : b, high = a < b ? b : a;
    work->parent[high] = low;
    work->box[low] = jw_box_union(work->box[low], work->box[high]);
}

typedef struct node_traits {
    uint32_t degree;
    bool has_ring, has_one_way, has_motorway;
} node_traits;

static node_traits traits_of(const jw_build *build, uint32_t node, uint32_t without_piece)
{
    node_traits traits = {.degree = node_degree(build, node)};
    for (uint32_t i = 0; i < traits.degree; i++) {
        uint32_t p = build->node_ends[build->node_first_end[node] + i] / 2;
        const jw_build_piece *piece = &build->pieces[p];
        traits.has_ring |= piece->is_roundabout != 0;
        traits.has_motorway |= piece->road_class == JW_ROAD_MOTORWAY;
        traits.has_one_way |= p != without_piece && is_one_way(piece);
    }
    return traits;
}

/* Pieces shorter than this merge their ends; 0: never. */
static double merge_limit_m(const jw_build *build, uint32_t p)
{
    const jw_build_piece *piece = &build->pieces[p];
    double m = build->def.merge_m;
    node_traits a = traits_of(build, piece->node[0], p), b = traits_of(build, piece->node[1], p);
    if (a.has_ring || b.has_ring || a.has_motorway || b.has_motorway || piece->is_bridge ||
        piece->is_tunnel || a.degree == 1 || b.degree == 1 || (a.degree == 2 && b.degree == 2))
        return TINY_M;
    if (a.degree == 2 || b.degree == 2)
        return 0.5 * m;
    bool has_signal = build->node_signal[piece->node[0]] || build->node_signal[piece->node[1]];
    bool is_divided = is_one_way(piece) || (a.has_one_way && b.has_one_way);
    if (is_divided)
        return has_signal ? 1.4 * m : m;
    if (has_signal)
        return m;
    return piece->road_class == JW_ROAD_SERVICE ? 0.25 * m : 0.5 * m;
}

typedef struct merge_candidate {
    double length_m;
    uint32_t piece;
} merge_candidate;

static int compare_candidates(const void *a, const void *b)
{
    const merge_candidate *ca = a, *cb = b;
    if (ca->length_m != cb->length_m)
        return ca->length_m < cb->length_m ? -1 : 1;
    return ca->piece < cb->piece ? -1 : ca->piece > cb->piece;
}

static jw_result merge_near_nodes(cluster_work *work, jw_error *error)
{
    jw_build *build = work->build;
    merge_candidate *candidates = jw_build_take(build, build->piece_count, sizeof *candidates, error);
    if (!candidates)
        return JW_ERROR_MEMORY;
    uint32_t count = 0;
    for (uint32_t p = 0; p < build->piece_count; p++) {
        const jw_build_piece *piece = &build->pieces[p];
        if (piece->node[0] != piece->node[1] && piece->length_m < merge_limit_m(build, p))
            candidates[count++] = (merge_candidate){piece->length_m, p};
    }
    qsort(candidates, count, sizeof *candidates, compare_candidates);
    double widest_m = 2.6 * build->def.merge_m;
    for (uint32_t i = 0; i < count; i++) {
        const jw_build_piece *piece = &build->pieces[candidates[i].piece];
        uint32_t a = find_root(work, piece->node[0]), b = find_root(work, piece->node[1]);
        jw_box box = jw_box_union(work->box[a], work->box[b]);
        jw_vec2 diagonal = {box.max_x - box.min_x, box.max_y - box.min_y};
        if (jw_vec2_length(diagonal) < widest_m)
            unite(work, a, b);
    }
    return JW_OK;
}

/* In a network the ends that name the same junction are one. */
static jw_result merge_named_nodes(cluster_work *work, jw_error *error)
{
    jw_build *build = work->build;
    jw_map first = {0};
    jw_result result = JW_OK;
    for (uint32_t n = 0; n < build->draft->node_count && result == JW_OK; n++) {
        uint64_t id = build->draft->nodes[n].source_id;
        if (id == 0 || node_degree(build, n) == 0)
            continue;
        uint32_t known = jw_map_get(&first, id);
        if (known != JW_NONE)
            unite(work, known, n);
        else if (!jw_map_set(&first, id, n))
            result = jw_fail_memory(error);
    }
    jw_map_free(&first);
    return result;
}

/* Pieces within one cluster vanish, unless they are a real loop around something. */
static void find_internal_pieces(cluster_work *work)
{
    jw_build *build = work->build;
    for (uint32_t p = 0; p < build->piece_count; p++) {
        jw_build_piece *piece = &build->pieces[p];
        uint32_t root = find_root(work, piece->node[0]);
        if (root != find_root(work, piece->node[1]))
            continue;
        jw_box box = work->box[root];
        double diagonal_m = jw_vec2_length((jw_vec2){box.max_x - box.min_x, box.max_y - box.min_y});
        double limit_m = build->draft->is_network ? TINY_M : 1.5 * diagonal_m + 15.0;
        piece->is_internal = piece->length_m < limit_m;
    }
}

/* ---- numbering --------------------------------------------------------------------------------------- */

/* Junctions in the order in which the pieces that stay touch them. */
static jw_result number_junctions(cluster_work *work, jw_error *error)
{
    jw_build *build = work->build;
    uint32_t n = build->draft->node_count;
    build->node_junction = jw_build_take(build, n, sizeof *build->node_junction, error);
    if (!build->node_junction)
        return JW_ERROR_MEMORY;
    for (uint32_t i = 0; i < n; i++)
        build->node_junction[i] = JW_NONE;
    uint32_t count = 0;
    for (uint32_t i = 0; i < 2 * build->piece_count; i++) {
        jw_build_piece *piece = &build->pieces[i / 2];
        if (piece->is_internal)
            continue;
        uint32_t root = find_root(work, piece->node[i % 2]);
        if (build->node_junction[root] == JW_NONE)
            build->node_junction[root] = count++;
    }
    if (count == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "all roads of the map are shorter than a junction");
    for (uint32_t i = 0; i < n; i++)
        if (node_degree(build, i) > 0)
            build->node_junction[i] = build->node_junction[find_root(work, i)];
    for (uint32_t i = 0; i < 2 * build->piece_count; i++)
        build->pieces[i / 2].junction[i % 2] = build->node_junction[build->pieces[i / 2].node[i % 2]];
    build->parts.junction_count = 0;
    jw_result result = JW_CITY_ROOM(&build->parts, junctions, junction_count, count, error);
    if (result == JW_OK)
        build->parts.junction_count = count;
    return result;
}

static jw_result list_junction_ends(jw_build *build, jw_error *error)
{
    uint32_t count = build->parts.junction_count;
    build->junction_first_end = jw_build_take(build, (uint64_t)count + 1, sizeof(uint32_t), error);
    build->junction_ends = jw_build_take(build, (uint64_t)build->piece_count * 2, sizeof(uint32_t), error);
    if (!build->junction_first_end || !build->junction_ends)
        return JW_ERROR_MEMORY;
    uint32_t *first = build->junction_first_end;
    uint32_t total = 2 * build->piece_count;
    for (uint32_t i = 0; i < total; i++)
        if (build->pieces[i / 2].junction[i % 2] != JW_NONE) /* a cluster of internal pieces alone is none */
            first[build->pieces[i / 2].junction[i % 2]]++;
    uint32_t sum = 0;
    for (uint32_t j = 0; j <= count; j++) {
        uint32_t own = j < count ? first[j] : 0;
        first[j] = sum + own;
        sum += own;
    }
    for (uint32_t i = total; i-- > 0;)
        if (build->pieces[i / 2].junction[i % 2] != JW_NONE)
            build->junction_ends[--first[build->pieces[i / 2].junction[i % 2]]] = i;
    return JW_OK;
}

/* In a network, nodes on no road that carry a junction's number are its place. */
static jw_result place_named_junctions(jw_build *build, jw_error *error)
{
    const jw_draft *draft = build->draft;
    jw_map junctions = {0};
    jw_result result = JW_OK;
    for (uint32_t n = 0; n < draft->node_count && result == JW_OK; n++)
        if (draft->nodes[n].source_id != 0 && build->node_junction[n] != JW_NONE &&
            !jw_map_set(&junctions, draft->nodes[n].source_id, build->node_junction[n]))
            result = jw_fail_memory(error);
    for (uint32_t n = 0; n < draft->node_count && result == JW_OK; n++) {
        uint64_t id = draft->nodes[n].source_id;
        uint32_t j = id != 0 && node_degree(build, n) == 0 ? jw_map_get(&junctions, id) : JW_NONE;
        if (j == JW_NONE || !isfinite(build->place[n].x) || !isfinite(build->place[n].y))
            continue;
        build->parts.junctions[j].x_m = build->place[n].x;
        build->parts.junctions[j].y_m = build->place[n].y;
        build->parts.junctions[j].z_m = draft->nodes[n].z_m;
    }
    jw_map_free(&junctions);
    return result;
}

/* Position: the mean of its nodes. Kind: for now SIGNAL where a signal stands and three arms meet. */
static jw_result fill_junctions(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    for (uint32_t j = 0; j < parts->junction_count; j++)
        parts->junctions[j] = (jw_junction){.programme = JW_NONE, .kind = JW_JUNCTION_JOINT};
    for (uint32_t n = 0; n < build->draft->node_count; n++) {
        if (build->node_junction[n] == JW_NONE)
            continue;
        jw_junction *j = &parts->junctions[build->node_junction[n]];
        if (j->in_count == 0)
            j->source_id = build->draft->nodes[n].source_id;
        j->x_m += build->place[n].x;
        j->y_m += build->place[n].y;
        j->in_count++; /* lent as a counter */
        if (build->node_signal[n])
            j->kind = JW_JUNCTION_SIGNAL;
    }
    for (uint32_t j = 0; j < parts->junction_count; j++) {
        jw_junction *junction = &parts->junctions[j];
        junction->x_m /= junction->in_count;
        junction->y_m /= junction->in_count;
        junction->in_count = 0;
        uint32_t arms = 0;
        bool has_ring = false;
        for (uint32_t i = build->junction_first_end[j]; i < build->junction_first_end[j + 1]; i++) {
            const jw_build_piece *piece = &build->pieces[build->junction_ends[i] / 2];
            /* two directions that are drawn one by one are one arm */
            bool is_second = piece->opposite != JW_NONE && piece->opposite < build->junction_ends[i] / 2;
            arms += !piece->is_internal && !is_second;
            has_ring |= !piece->is_internal && piece->is_roundabout;
        }
        if (arms > ARMS_MAX)
            return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                           "%u roads meet at one junction (node %llu, at %.0f m east, %.0f m north of the "
                           "map's origin), at most %d can: draw it as several junctions",
                           arms, (unsigned long long)junction->source_id, junction->x_m, junction->y_m,
                           ARMS_MAX);
        if (arms == 1)
            junction->kind = JW_JUNCTION_DEAD_END;
        else if (arms == 2)
            junction->kind = JW_JUNCTION_JOINT;
        else if (has_ring)
            junction->kind = JW_JUNCTION_ROUNDABOUT;
        else if (junction->kind != JW_JUNCTION_SIGNAL)
            junction->kind = JW_JUNCTION_PRIORITY;
    }
    return JW_OK;
}

jw_result jw_build_junctions(jw_build *build, jw_error *error)
{
    uint32_t n = build->draft->node_count;
    cluster_work work = {.build = build};
    work.parent = jw_build_take(build, n, sizeof *work.parent, error);
    work.box = jw_build_take(build, n, sizeof *work.box, error);
    if (!work.parent || !work.box)
        return JW_ERROR_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        work.parent[i] = i;
        work.box[i] = jw_box_extend(jw_box_empty(), build->place[i].x, build->place[i].y);
    }
    jw_result result = list_node_ends(build, error);
    if (result == JW_OK)
        result = mark_nodes(build, error);
    if (result == JW_OK)
        result = build->draft->is_network ? merge_named_nodes(&work, error) : merge_near_nodes(&work, error);
    if (result != JW_OK)
        return result;
    find_internal_pieces(&work);
    result = number_junctions(&work, error);
    if (result == JW_OK)
        result = list_junction_ends(build, error);
    if (result == JW_OK && build->draft->is_network)
        result = jw_build_opposites(build, error);
    if (result == JW_OK)
        result = fill_junctions(build, error);
    return result == JW_OK && build->draft->is_network ? place_named_junctions(build, error) : result;
}
