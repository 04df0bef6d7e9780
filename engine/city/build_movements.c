#include "city/build_movements.h"

#include <stdlib.h>
#include <string.h>

#define STRAIGHT_RAD 0.70 /* 40 degrees */
#define U_TURN_RAD   2.79 /* 160 degrees */

#define SHORT_M 25.0 /* no room to change lanes, which takes 3 s, at 30 km/h */

#define JUNCTION_MOVEMENTS_MAX 256 /* the largest real junctions have about 50 */

/* ---- restrictions ------------------------------------------------------------------------------------ */

static int compare_restrictions(const void *a, const void *b, void *context)
{
    const jw_draft_restriction *items = context;
    uint32_t ia = *(const uint32_t *)a, ib = *(const uint32_t *)b;
    const jw_draft_restriction *ra = &items[ia], *rb = &items[ib];
    if (ra->via_node_id != rb->via_node_id)
        return ra->via_node_id < rb->via_node_id ? -1 : 1;
    if (ra->from_road_id != rb->from_road_id)
        return ra->from_road_id < rb->from_road_id ? -1 : 1;
    return ia < ib ? -1 : ia > ib;
}

jw_result jw_build_prepare_movements(jw_build *build, jw_movement_finder *finder, jw_error *error)
{
    const jw_draft *draft = build->draft;
    uint64_t sides = (uint64_t)build->piece_count * 2;
    finder->restriction_count = draft->restriction_count;
    finder->stamp = 0;
    finder->restrictions = jw_build_take(build, draft->restriction_count, sizeof(uint32_t), error);
    finder->seen_side = jw_build_take(build, sides, sizeof(uint32_t), error);
    finder->seen_edge = jw_build_take(build, build->parts.edge_count, sizeof(uint32_t), error);
    finder->queue = jw_build_take(build, sides, sizeof(uint32_t), error);
    if (!finder->restrictions || !finder->seen_side || !finder->seen_edge || !finder->queue)
        return JW_ERROR_MEMORY;
    for (uint32_t i = 0; i < draft->restriction_count; i++)
        finder->restrictions[i] = i;
    if (draft->restriction_count > 1)
        qsort_r(finder->restrictions, draft->restriction_count, sizeof(uint32_t), compare_restrictions,
                draft->restrictions);
    return JW_OK;
}

/* Whether traffic from one road over a node to another is forbidden there. */
static bool is_banned(const jw_build *build, const jw_movement_finder *finder, uint32_t from_road,
                      uint32_t node, uint32_t to_road, bool is_u_turn)
{
    const jw_draft *draft = build->draft;
    uint64_t via = draft->nodes[node].source_id, from = draft->roads[from_road].source_id;
    uint64_t to = draft->roads[to_road].source_id;
    uint32_t low = 0, high = finder->restriction_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const jw_draft_restriction *r = &draft->restrictions[finder->restrictions[middle]];
        if (r->via_node_id < via || (r->via_node_id == via && r->from_road_id < from))
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < finder->restriction_count; low++) {
        const jw_draft_restriction *r = &draft->restrictions[finder->restrictions[low]];
        if (r->via_node_id != via || r->from_road_id != from)
            break;
        if (r->kind == JW_RESTRICTION_ONLY && r->to_road_id != to)
            return true;
        /* no_u_turn from a way onto itself forbids turning round, not going on along it */
        if (r->kind == JW_RESTRICTION_NO && r->to_road_id == to &&
            (r->turn != JW_TURN_U || from != to || is_u_turn))
            return true;
    }
    return false;
}

/* ---- what can be reached ----------------------------------------------------------------------------- */

/* Marks the edges that can be reached from the end of `edge` through the nodes and inner pieces of its
 * junction, one-way directions and restrictions obeyed. */
static void search_junction(const jw_build *build, jw_movement_finder *finder, uint32_t edge)
{
    uint32_t stamp = ++finder->stamp;
    uint32_t head = 0, tail = 0;
    finder->queue[tail++] = build->edge_side[edge];
    finder->seen_side[build->edge_side[edge]] = stamp;
    while (head < tail) {
        uint32_t piece_index = finder->queue[head] / 2, side = finder->queue[head] % 2;
        head++;
        const jw_build_piece *piece = &build->pieces[piece_index];
        uint32_t end = 1 - side;
        uint32_t node = piece->node[end];
        for (uint32_t i = build->node_first_end[node]; i < build->node_first_end[node + 1]; i++) {
            uint32_t next_end = build->node_ends[i];
            const jw_build_piece *next = &build->pieces[next_end / 2];
            uint32_t next_side = next_end % 2;
            if (next_end == piece_index * 2 + end || next->side[next_side].lanes == 0 ||
                finder->seen_side[next_end] == stamp ||
                is_banned(build, finder, piece->road[end], node, next->road[next_side], false))
                continue;
            finder->seen_side[next_end] = stamp; /* end and side have the same number when leaving */
            if (next->is_internal)
                finder->queue[tail++] = next_end;
            else
                finder->seen_edge[next->edge[next_side]] = stamp;
        }
    }
}

static double edge_heading(const jw_build *build, uint32_t edge, bool at_end)
{
    const jw_edge *e = &build->parts.edges[edge];
    return jw_build_heading(build->parts.points + e->first_point, e->point_count, at_end);
}

jw_turn jw_build_turn(const jw_build *build, uint32_t from_edge, uint32_t to_edge, double *out_angle_rad)
{
    double angle_rad =
        jw_wrap_angle(edge_heading(build, to_edge, false) - edge_heading(build, from_edge, true));
    if (build->parts.edges[from_edge].opposite == to_edge)
        angle_rad = JW_PI;
    *out_angle_rad = angle_rad;
    return jw_abs(angle_rad) < STRAIGHT_RAD ? JW_TURN_STRAIGHT
           : jw_abs(angle_rad) > U_TURN_RAD ? JW_TURN_U
           : angle_rad > 0                  ? JW_TURN_LEFT
                                            : JW_TURN_RIGHT;
}

static bool is_reached(const jw_build *build, const jw_movement_finder *finder, uint32_t in, uint32_t out)
{
    if (!build->draft->is_network)
        return finder->seen_edge[out] == finder->stamp;
    const jw_build_piece *a = &build->pieces[build->edge_side[in] / 2];
    const jw_build_piece *b = &build->pieces[build->edge_side[out] / 2];
    uint32_t a_end = 1 - build->edge_side[in] % 2, b_end = build->edge_side[out] % 2;
    return !is_banned(build, finder, a->road[a_end], a->node[a_end], b->road[b_end], false);
}

static int compare_movements(const void *a, const void *b)
{
    const jw_movement *ma = a, *mb = b;
    bool is_u_a = ma->turn == JW_TURN_U, is_u_b = mb->turn == JW_TURN_U;
    if (is_u_a != is_u_b)
        return is_u_a ? 1 : -1;
    if (ma->angle_rad != mb->angle_rad)
        return ma->angle_rad < mb->angle_rad ? -1 : 1;
    return ma->edge < mb->edge ? -1 : ma->edge > mb->edge;
}

/* From the straightest way on. */
static int compare_straightness(const void *a, const void *b)
{
    const jw_movement *ma = a, *mb = b;
    double bend_a = jw_abs(ma->angle_rad), bend_b = jw_abs(mb->angle_rad);
    if (bend_a != bend_b)
        return bend_a < bend_b ? -1 : 1;
    return ma->edge < mb->edge ? -1 : ma->edge > mb->edge;
}

/* Where absurdly many roads meet, each keeps the straightest ways: what follows grows with the square. */
static void bound_movements(jw_movement_list *list, uint32_t in_count)
{
    uint32_t most = JUNCTION_MOVEMENTS_MAX / (in_count > 0 ? in_count : 1);
    most = most < 1 ? 1 : most;
    if (list->count <= most)
        return;
    qsort(list->items, list->count, sizeof *list->items, compare_straightness);
    list->count = most;
}

static bool may_turn_round(const jw_build *build, const jw_movement_finder *finder, uint32_t edge)
{
    const jw_build_piece *piece = &build->pieces[build->edge_side[edge] / 2];
    uint32_t end = 1 - build->edge_side[edge] % 2;
    return !is_banned(build, finder, piece->road[end], piece->node[end], piece->road[end], true);
}

void jw_build_find_movements(jw_build *build, jw_movement_finder *finder, uint32_t junction, uint32_t edge,
                             jw_movement_list *out)
{
    const jw_city_parts *parts = &build->parts;
    const jw_junction *j = &parts->junctions[junction];
    uint32_t opposite = parts->edges[edge].opposite;
    search_junction(build, finder, edge);
    out->count = 0;
    uint32_t ahead = 0;
    for (uint32_t i = 0; i < j->out_count && out->count < JW_MOVEMENTS_MAX; i++) {
        uint32_t target = parts->junction_edges[j->first_out + i];
        if (target == opposite || !is_reached(build, finder, edge, target))
            continue;
        double angle_rad;
        jw_turn turn = jw_build_turn(build, edge, target, &angle_rad);
        out->items[out->count++] = (jw_movement){target, angle_rad, turn};
    }
    bound_movements(out, j->in_count);
    for (uint32_t i = 0; i < out->count; i++)
        ahead += out->items[i].turn != JW_TURN_U;
    if (ahead == 0 && opposite != JW_NONE && out->count < JW_MOVEMENTS_MAX &&
        (out->count == 0 || may_turn_round(build, finder, edge)))
        out->items[out->count++] = (jw_movement){opposite, JW_PI, JW_TURN_U};
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, compare_movements);
    /* Turning round over the median: at signals, or when there is no other way. */
    if (ahead > 0 && j->kind != JW_JUNCTION_SIGNAL)
        out->count = ahead;
}

/* ---- which lanes serve what -------------------------------------------------------------------------- */

typedef struct lane_range {
    uint32_t low, high; /* lanes, both included */
} lane_range;

/* Several ways that all go straight on (a fork): the rightmost keeps to the right, the leftmost to the left.
 */
static lane_range fork_range(uint32_t lanes, uint32_t targets, uint32_t number, uint32_t forks)
{
    uint32_t width = targets < lanes ? (targets > 0 ? targets : 1) : lanes;
    if (number == 0)
        return (lane_range){0, width - 1};
    if (number + 1 == forks)
        return (lane_range){lanes - width, lanes - 1};
    uint32_t low = (lanes - width) / 2;
    return (lane_range){low, low + width - 1};
}

/* By rule: right turns from the kerb lane, left turns from the leftmost, straight on from the others; the
 * leftmost lane is for left turns alone from three lanes on, the kerb lane shares unless the target is too
 * narrow for all straight lanes. Without a way straight on the lanes are shared out between left and right.
 */
static lane_range range_by_rule(uint32_t lanes, const uint32_t *targets, const jw_movement_list *list,
                                uint32_t m)
{
    uint32_t rights = 0, straights = 0, lefts = 0, number = 0;
    uint32_t right_targets = 0, left_targets = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        jw_turn turn = list->items[i].turn;
        if (i == m)
            number = straights;
        rights += turn == JW_TURN_RIGHT;
        straights += turn == JW_TURN_STRAIGHT;
        lefts += turn == JW_TURN_LEFT;
        if (turn == JW_TURN_RIGHT && targets[i] > right_targets)
            right_targets = targets[i];
        if (turn == JW_TURN_LEFT && targets[i] > left_targets)
            left_targets = targets[i];
    }
    jw_turn turn = list->items[m].turn;
    if (turn == JW_TURN_U)
        return list->count == 1 ? (lane_range){0, lanes - 1} : (lane_range){lanes - 1, lanes - 1};
    if (lanes == 1 || rights + straights + lefts == 1)
        return (lane_range){0, lanes - 1};
    if (straights == 0 && (rights == 0 || lefts == 0)) /* turns to one side only: like a fork */
        return fork_range(lanes, targets[m], m, rights + lefts);
    if (straights == 0) {
        uint32_t right_lanes = right_targets < lanes / 2 ? right_targets : lanes / 2;
        if (lanes - right_lanes > left_targets && right_lanes < right_targets)
            right_lanes = lanes - left_targets < right_targets ? lanes - left_targets : right_targets;
        right_lanes = right_lanes < 1 ? 1 : right_lanes >= lanes ? lanes - 1 : right_lanes;
        return turn == JW_TURN_RIGHT ? (lane_range){0, right_lanes - 1}
                                     : (lane_range){right_lanes, lanes - 1};
    }
    if (turn == JW_TURN_RIGHT)
        return (lane_range){0, 0};
    if (turn == JW_TURN_LEFT)
        return (lane_range){lanes - 1, lanes - 1};
    lane_range straight = {0, lefts > 0 && lanes >= 3 ? lanes - 2 : lanes - 1};
    if (straights > 1) {
        lane_range fork = fork_range(straight.high + 1, targets[m], number, straights);
        return fork;
    }
    if (straight.high - straight.low + 1 > targets[m] && rights > 0)
        straight.low++;
    if (straight.high - straight.low + 1 > targets[m] && lefts > 0 && straight.high == lanes - 1 &&
        straight.high > straight.low)
        straight.high--;
    return straight;
}

enum { TAG_LEFT = 1, TAG_THROUGH = 2, TAG_RIGHT = 4, TAG_REVERSE = 8 };

/* "left|through;right|" -> bits per lane, left to right; returns the number of lanes named. */
static uint32_t parse_turn_lanes(const char *text, uint8_t *bits, uint32_t max)
{
    if (!*text)
        return 0;
    uint32_t count = 0;
    uint8_t current = 0;
    for (const char *word = text;;) {
        size_t size = strcspn(word, "|;");
        if (size >= 4 && memcmp(word + size - 4, "left", 4) == 0 && strncmp(word, "merge", 5) != 0)
            current |= TAG_LEFT;
        else if (size >= 5 && memcmp(word + size - 5, "right", 5) == 0 && strncmp(word, "merge", 5) != 0)
            current |= TAG_RIGHT;
        else if (size == 7 && memcmp(word, "through", 7) == 0)
            current |= TAG_THROUGH;
        else if (size == 7 && memcmp(word, "reverse", 7) == 0)
            current |= TAG_REVERSE;
        char separator = word[size];
        if (separator != ';') {
            if (count < max)
                bits[count] = current;
            count++;
            current = 0;
        }
        if (separator == '\0')
            return count;
        word += size + 1;
    }
}

/* What a movement is called by turn lanes: its turn, but the outermost of several straight ways is the left
 * or right one where no other is. */
static uint8_t tag_of(const jw_movement_list *list, uint32_t m, uint8_t used)
{
    jw_turn turn = list->items[m].turn;
    if (turn == JW_TURN_U)
        return TAG_REVERSE;
    if (turn != JW_TURN_STRAIGHT)
        return turn == JW_TURN_LEFT ? TAG_LEFT : TAG_RIGHT;
    bool is_first = true, is_last = true, is_alone = true;
    for (uint32_t i = 0; i < list->count; i++) {
        if (i == m || list->items[i].turn == JW_TURN_U)
            continue;
        is_alone &= list->items[i].turn != JW_TURN_STRAIGHT;
        is_first &= i > m;
        is_last &= i < m;
    }
    if (!is_alone && is_first && (used & TAG_RIGHT))
        return TAG_RIGHT;
    if (!is_alone && is_last && (used & TAG_LEFT))
        return TAG_LEFT;
    return TAG_THROUGH;
}

void jw_build_serve_movements(const jw_build *build, uint32_t edge, uint32_t lane_count,
                              const uint32_t *targets, const jw_movement_list *list, uint32_t *masks)
{
    memset(masks, 0, lane_count * sizeof *masks);
    if (lane_count == 0 || list->count == 0)
        return;
    if (build->parts.edges[edge].length_m < SHORT_M) { /* everybody must go on from the lane he has */
        uint32_t last = list->items[list->count - 1].turn == JW_TURN_U && list->count > 1;
        for (uint32_t lane = 0; lane < lane_count; lane++)
            masks[lane] = (uint32_t)((1ull << (list->count - (lane + 1 < lane_count ? last : 0))) - 1);
        return;
    }
    const jw_build_piece *piece = &build->pieces[build->edge_side[edge] / 2];
    uint8_t bits[64] = {0}, used = 0;
    uint32_t tags = parse_turn_lanes(jw_build_turn_lanes(build, piece, build->edge_side[edge] % 2), bits,
                                     JW_COUNT_OF(bits));
    bool has_bus_lane = piece->side[build->edge_side[edge] % 2].has_bus_lane; /* then the last one named */
    bool is_tagged = tags == lane_count + has_bus_lane && tags <= JW_COUNT_OF(bits);
    for (uint32_t i = 0; i < tags && is_tagged; i++)
        used |= bits[i];
    for (uint32_t m = 0; m < list->count; m++) {
        uint32_t served = 0;
        uint8_t tag = tag_of(list, m, used);
        for (uint32_t lane = 0; lane < lane_count && is_tagged; lane++) {
            uint8_t named = bits[lane_count - 1 - lane];
            if (named & tag || (named == 0 && tag == TAG_THROUGH)) {
                masks[lane] |= 1u << m;
                served++;
            }
        }
        if (served > 0 || targets[m] == 0)
            continue;
        lane_range range = range_by_rule(lane_count, targets, list, m);
        for (uint32_t lane = range.low; lane <= range.high; lane++)
            masks[lane] |= 1u << m;
    }
    /* A lane whose marking fits no way goes where its neighbour goes. */
    for (uint32_t lane = 0; lane < lane_count; lane++)
        for (uint32_t away = 1; away < lane_count && masks[lane] == 0; away++)
            masks[lane] = lane >= away && masks[lane - away] ? masks[lane - away]
                          : lane + away < lane_count         ? masks[lane + away]
                                                             : 0;
}
