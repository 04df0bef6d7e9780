/* Which connections of a junction cross or merge, where along them, and who yields.
 *
 * Right of way, in this order (the PRC road traffic safety law's implementing regulation, articles 51 and 52,
 * and the Vienna convention on road traffic, article 18, agree on it):
 *   1. from the same edge: out of a motor lane where a bike lane ends in it, the way straight on, then the
 *      one that keeps its lane; lanes that become fewer merge by turns;
 *   2. the approach of higher priority: the ring of a roundabout, signs, the higher road class, the road that
 *      goes on through the junction; not under signals, where who has green is equal;
 *   3. turning round yields; turning left yields to oncoming traffic;
 *   4. the one coming from the right. */
#include "city/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAR_HALF_M    1.15 /* half a car and half the room beside it */
#define BIKE_HALF_M   0.45
#define SAME_EDGE_M   1.2 /* lanes of one edge run side by side: nearer than this they cross or merge */
#define STEP_M        0.75
#define BLOCK_SIZE    64
#define ONCOMING_RAD  2.36 /* 135 degrees */
#define ALONGSIDE_RAD 0.79 /* 45 degrees */
#define THROUGH_RAD   0.52 /* 30 degrees: the road goes on */

typedef struct pair_found {
    uint32_t a, b; /* connections */
    float a_begin_m, a_end_m, b_begin_m, b_end_m;
    uint8_t is_merge, a_yields;
} pair_found;

typedef struct block_output {
    pair_found *items;
    uint32_t count, capacity;
    bool has_failed;
} block_output;

typedef struct conflict_work {
    jw_build *build;
    block_output *blocks;
    double *in_heading_rad;  /* per connection: of its edge's end */
    uint32_t first_junction; /* of those that are looked at together */
} conflict_work;

/* ---- priorities -------------------------------------------------------------------------------------- */

/* Whether the road that arrives on `edge` goes on through the junction, under its own name where it has one.
 */
static bool goes_through(const jw_build *build, const jw_junction *junction, uint32_t edge, bool by_name)
{
    const jw_city_parts *parts = &build->parts;
    const jw_edge *in = &parts->edges[edge];
    double in_rad = jw_build_heading(parts->points + in->first_point, in->point_count, true);
    for (uint32_t i = 0; i < junction->out_count; i++) {
        const jw_edge *out = &parts->edges[parts->junction_edges[junction->first_out + i]];
        double out_rad = jw_build_heading(parts->points + out->first_point, out->point_count, false);
        if (jw_abs(jw_wrap_angle(out_rad - in_rad)) < THROUGH_RAD && out->road_class == in->road_class &&
            (!by_name || (in->name != 0 && strcmp(parts->texts + out->name, parts->texts + in->name) == 0)))
            return true;
    }
    return false;
}

static uint32_t own_priority(const jw_build *build, uint32_t edge)
{
    uint32_t side = build->edge_side[edge];
    const jw_build_piece *piece = &build->pieces[side / 2];
    uint32_t priority = piece->is_roundabout ? 0 : 8 + 4 * (uint32_t)piece->road_class + 2 * piece->is_link;
    return priority + 40u * piece->side[side % 2].yield;
}

/* Among equal approaches of through traffic roads, the one that goes on comes first: by its name, else by its
 * direction. In local streets equal approaches stay equal. */
static void prefer_through_roads(jw_build *build, const jw_junction *junction)
{
    const uint32_t *in = build->parts.junction_edges + junction->first_in;
    for (int by_name = 1; by_name >= 0; by_name--) {
        uint32_t through = 0, others = 0;
        for (uint32_t i = 0; i < junction->in_count; i++) {
            if (build->parts.edges[in[i]].road_class > JW_ROAD_TERTIARY)
                return;
            if (goes_through(build, junction, in[i], by_name))
                through++;
            else
                others++;
        }
        if (through == 0 || others == 0)
            continue;
        for (uint32_t i = 0; i < junction->in_count; i++)
            if (!goes_through(build, junction, in[i], by_name))
                build->edge_priority[in[i]]++;
        return;
    }
}

/* Angle between the directions in which two edges arrive, 0 to pi. */
static double angle_between(const jw_build *build, uint32_t a, uint32_t b)
{
    const jw_city_parts *parts = &build->parts;
    const jw_edge *ea = &parts->edges[a], *eb = &parts->edges[b];
    return jw_abs(jw_wrap_angle(jw_build_heading(parts->points + ea->first_point, ea->point_count, true) -
                                jw_build_heading(parts->points + eb->first_point, eb->point_count, true)));
}

static bool is_main_through(const jw_build *build, const jw_junction *junction, uint32_t edge)
{
    const jw_edge *e = &build->parts.edges[edge];
    return e->road_class <= JW_ROAD_SECONDARY && !e->is_link && goes_through(build, junction, edge, false);
}

/* Where two main roads cross, one of them at least divided, and no sign says who gives way, there are signals
 * in the world, though a map may lack them; without them nobody would ever come across. */
static bool is_main_crossing(const jw_build *build, const jw_junction *junction)
{
    const uint32_t *in = build->parts.junction_edges + junction->first_in;
    bool is_crossing = false;
    for (uint32_t i = 0; i < junction->in_count; i++) {
        if (build->pieces[build->edge_side[in[i]] / 2].side[build->edge_side[in[i]] % 2].yield)
            return false;
        bool is_divided = false, is_crossed = false;
        for (uint32_t k = 0; k < junction->in_count && is_main_through(build, junction, in[i]); k++) {
            double angle_rad = angle_between(build, in[i], in[k]);
            is_divided |= angle_rad > JW_PI * 3 / 4 && build->parts.edges[in[i]].opposite == JW_NONE &&
                          build->parts.edges[in[k]].opposite == JW_NONE;
            is_crossed |=
                angle_rad > JW_PI / 4 && angle_rad < JW_PI * 3 / 4 && is_main_through(build, junction, in[k]);
        }
        is_crossing |= is_divided && is_crossed;
    }
    return is_crossing && !build->draft->is_network;
}

static void rank_approaches(jw_build *build, jw_junction *junction)
{
    const uint32_t *in = build->parts.junction_edges + junction->first_in;
    bool is_equal = true, has_stop = false;
    for (uint32_t pass = 0; pass < 2; pass++) {
        is_equal = true;
        for (uint32_t i = 0; i < junction->in_count; i++) {
            uint32_t side = build->edge_side[in[i]];
            if (pass == 0)
                build->edge_priority[in[i]] = (uint8_t)own_priority(build, in[i]);
            has_stop |= build->pieces[side / 2].side[side % 2].yield == 2;
            is_equal &= build->edge_priority[in[i]] == build->edge_priority[in[0]];
        }
        if (pass == 0 && is_equal && junction->in_count >= 2)
            prefer_through_roads(build, junction);
    }
    if (junction->kind == JW_JUNCTION_PRIORITY && junction->in_count >= 2)
        junction->kind = has_stop   ? JW_JUNCTION_STOP
                         : is_equal ? JW_JUNCTION_RIGHT_FIRST
                                    : JW_JUNCTION_PRIORITY;
    if ((junction->kind == JW_JUNCTION_RIGHT_FIRST || junction->kind == JW_JUNCTION_PRIORITY) &&
        is_main_crossing(build, junction)) {
        char element[64];
        snprintf(element, sizeof element, "node %llu", (unsigned long long)junction->source_id);
        jw_problems_add(build->problems, JW_NOTE, NULL, 0, element,
                        "main roads cross here and the map has no signals: they are assumed");
        junction->kind = JW_JUNCTION_SIGNAL;
    }
    for (uint32_t i = 0; i < junction->in_count && junction->kind == JW_JUNCTION_SIGNAL; i++)
        build->edge_priority[in[i]] = 0;
}

/* ---- who yields -------------------------------------------------------------------------------------- */

/* The first stage of a left turn in two is a way straight on. */
static int straightness(const jw_connection *c)
{
    jw_turn turn = c->second != JW_NONE ? JW_TURN_STRAIGHT : c->turn;
    return turn == JW_TURN_STRAIGHT ? 0 : turn == JW_TURN_RIGHT ? 1 : turn == JW_TURN_LEFT ? 2 : 3;
}

/* Whether a gives way to b; exactly one of the two does. */
static bool does_yield(const conflict_work *work, uint32_t a, uint32_t b)
{
    const jw_city_parts *parts = &work->build->parts;
    const jw_connection *ca = &parts->connections[a], *cb = &parts->connections[b];
    uint32_t edge_a = parts->lanes[ca->from_lane].edge, edge_b = parts->lanes[cb->from_lane].edge;
    int turn_a = straightness(ca), turn_b = straightness(cb);
    bool is_bike_a = jw_build_is_for_bikes(ca), is_bike_b = jw_build_is_for_bikes(cb);
    if (edge_a == edge_b && ca->to_lane == cb->to_lane && is_bike_a != is_bike_b)
        return is_bike_a; /* its own lane ends */
    if (edge_a == edge_b)
        return turn_a != turn_b ? turn_a > turn_b : a > b;
    uint32_t priority_a = work->build->edge_priority[edge_a], priority_b = work->build->edge_priority[edge_b];
    if (priority_a != priority_b)
        return priority_a > priority_b;
    if ((ca->turn == JW_TURN_U) != (cb->turn == JW_TURN_U))
        return ca->turn == JW_TURN_U;
    double between_rad = jw_wrap_angle(work->in_heading_rad[b] - work->in_heading_rad[a]);
    if (jw_abs(between_rad) > ONCOMING_RAD || jw_abs(between_rad) < ALONGSIDE_RAD)
        return turn_a != turn_b ? turn_a > turn_b : a > b;
    return between_rad > 0; /* b heads to a's left: it comes from the right */
}

/* ---- where they meet --------------------------------------------------------------------------------- */

static jw_box curve_box(const jw_city_parts *parts, const jw_connection *c)
{
    jw_box box = jw_box_empty();
    for (uint32_t i = 0; i < c->point_count; i++)
        box = jw_box_extend(box, parts->points[c->first_point + i].x, parts->points[c->first_point + i].y);
    return box;
}

typedef struct foot {
    double square_m2; /* square of the distance */
    uint32_t segment;
    double t; /* along the segment, 0..1 */
} foot;

/* Nearest point of a curve. */
static foot nearest_on(const jw_vec3 *points, uint32_t count, double x, double y)
{
    foot best = {1e300, 0, 0.0};
    for (uint32_t i = 0; i + 1 < count; i++) {
        double dx = points[i + 1].x - points[i].x, dy = points[i + 1].y - points[i].y;
        double square = dx * dx + dy * dy;
        double along = (x - points[i].x) * dx + (y - points[i].y) * dy;
        double t = along <= 0.0 ? 0.0 : along >= square ? 1.0 : along / square;
        double ex = points[i].x + t * dx - x, ey = points[i].y + t * dy - y;
        if (ex * ex + ey * ey < best.square_m2)
            best = (foot){ex * ex + ey * ey, i, t};
    }
    return best;
}

static double arc_length_m(const jw_vec3 *points, foot at)
{
    jw_vec3 p = points[at.segment], q = points[at.segment + 1];
    return jw_polyline_length(points, at.segment + 1) +
           at.t * jw_vec2_distance((jw_vec2){p.x, p.y}, (jw_vec2){q.x, q.y});
}

typedef struct zone {
    double begin_m, end_m;
} zone;

static void widen(zone *z, double s_m)
{
    z->begin_m = jw_min(z->begin_m, s_m);
    z->end_m = jw_max(z->end_m, s_m);
}

/* Walks along `a` and widens both zones where `b` is nearer than near_m. The distance to `b` changes by at
 * most the way walked, so the walk strides over what is surely too far away. */
static void scan_curve(const jw_city_parts *parts, const jw_connection *a, const jw_connection *b,
                       double near_m, zone *zone_a, zone *zone_b)
{
    const jw_vec3 *points = parts->points + a->first_point, *foe = parts->points + b->first_point;
    double begin_m = 0.0, s_m = 0.0;
    for (uint32_t i = 0; i + 1 < a->point_count; i++) {
        jw_vec3 p = points[i], q = points[i + 1];
        double length_m = jw_vec2_distance((jw_vec2){p.x, p.y}, (jw_vec2){q.x, q.y});
        bool is_last = i + 2 == a->point_count;
        while (s_m <= begin_m + length_m) {
            double t = length_m > 0.0 ? (s_m - begin_m) / length_m : 0.0;
            foot at = nearest_on(foe, b->point_count, p.x + (q.x - p.x) * t, p.y + (q.y - p.y) * t);
            bool is_end = is_last && s_m == begin_m + length_m;
            if (at.square_m2 < near_m * near_m) {
                widen(zone_a, s_m);
                widen(zone_b, arc_length_m(foe, at));
                s_m += STEP_M;
            } else {
                s_m += jw_max(jw_sqrt(at.square_m2) - near_m, STEP_M);
            }
            if (is_end)
                return;
            if (is_last && s_m > begin_m + length_m)
                s_m = begin_m + length_m; /* the end itself is always looked at */
        }
        begin_m += length_m;
    }
}

bool jw_build_find_meeting(const jw_city_parts *parts, const jw_connection *a, const jw_connection *b,
                           double near_m, bool is_merge, double out_m[4])
{
    zone za = {1e9, -1e9}, zb = {1e9, -1e9};
    scan_curve(parts, a, b, near_m, &za, &zb);
    scan_curve(parts, b, a, near_m, &zb, &za);
    if (is_merge) {
        widen(&za, a->length_m);
        widen(&zb, b->length_m);
    }
    out_m[0] = jw_max(za.begin_m, 0.0);
    out_m[1] = jw_min(za.end_m, a->length_m);
    out_m[2] = jw_max(zb.begin_m, 0.0);
    out_m[3] = jw_min(zb.end_m, b->length_m);
    return za.end_m >= za.begin_m;
}

double jw_build_near_m(const jw_city_parts *parts, const jw_connection *a, const jw_connection *b)
{
    if (parts->lanes[a->from_lane].edge == parts->lanes[b->from_lane].edge)
        return SAME_EDGE_M;
    return (jw_build_is_for_bikes(a) ? BIKE_HALF_M : CAR_HALF_M) +
           (jw_build_is_for_bikes(b) ? BIKE_HALF_M : CAR_HALF_M);
}

static bool find_pair(const conflict_work *work, uint32_t a, uint32_t b, const jw_box *boxes, pair_found *out)
{
    const jw_city_parts *parts = &work->build->parts;
    const jw_connection *ca = &parts->connections[a], *cb = &parts->connections[b];
    if (ca->from_lane == cb->from_lane)
        return false;
    bool is_merge = ca->to_lane == cb->to_lane;
    uint32_t from_a = parts->lanes[ca->from_lane].edge, from_b = parts->lanes[cb->from_lane].edge;
    uint32_t to_a = parts->lanes[ca->to_lane].edge, to_b = parts->lanes[cb->to_lane].edge;
    bool is_same_order = (ca->from_lane < cb->from_lane) == (ca->to_lane < cb->to_lane);
    if (from_a == from_b && to_a == to_b && !is_merge && is_same_order)
        return false; /* side by side all the way */
    double near_m = jw_build_near_m(parts, ca, cb), at_m[4];
    jw_box grown = boxes[0];
    grown = (jw_box){grown.min_x - near_m, grown.min_y - near_m, grown.max_x + near_m, grown.max_y + near_m};
    if (!jw_box_overlaps(grown, boxes[b - a]) ||
        !jw_build_find_meeting(parts, ca, cb, near_m, is_merge, at_m))
        return false;
    /* In its second stage a left turn has the place of those beside whom it goes on. */
    uint32_t as_a = jw_build_is_second_stage(parts, ca, cb, at_m[1]) ? ca->second : a;
    uint32_t as_b = jw_build_is_second_stage(parts, cb, ca, at_m[3]) ? cb->second : b;
    *out = (pair_found){.a = a,
                        .b = b,
                        .a_begin_m = (float)at_m[0],
                        .a_end_m = (float)at_m[1],
                        .b_begin_m = (float)at_m[2],
                        .b_end_m = (float)at_m[3],
                        .is_merge = is_merge,
                        .a_yields = does_yield(work, as_a, as_b)};
    return true;
}

static void find_in_junction(const conflict_work *work, const jw_junction *junction, block_output *output)
{
    const jw_city_parts *parts = &work->build->parts;
    if (junction->connection_count < 2)
        return;
    jw_box *boxes = jw_alloc(junction->connection_count * sizeof *boxes);
    if (!boxes) {
        output->has_failed = true;
        return;
    }
    uint32_t first = junction->first_connection;
    for (uint32_t i = 0; i < junction->connection_count; i++)
        boxes[i] = curve_box(parts, &parts->connections[first + i]);
    for (uint32_t i = 0; i < junction->connection_count; i++)
        for (uint32_t k = i + 1; k < junction->connection_count; k++) {
            pair_found found;
            if (!find_pair(work, first + i, first + k, boxes + i, &found))
                continue;
            if (jw_grow(&output->items, &output->capacity, (uint64_t)output->count + 1, sizeof found, NULL) !=
                JW_OK)
                output->has_failed = true;
            else
                output->items[output->count++] = found;
        }
    jw_free(boxes);
}

static void find_in_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    conflict_work *work = context;
    block += work->first_junction / BLOCK_SIZE;
    for (uint32_t j = work->first_junction + begin; j < work->first_junction + end; j++)
        find_in_junction(work, &work->build->parts.junctions[j], &work->blocks[block]);
}

/* A tenth at a time: between them it may be cancelled. */
static jw_result find_conflicts(conflict_work *work, jw_error *error)
{
    jw_build *build = work->build;
    uint32_t count = build->parts.junction_count;
    uint32_t part = jw_block_count(count, 10 * BLOCK_SIZE) * BLOCK_SIZE;
    jw_result result = JW_OK;
    for (uint32_t j = 0; j < count && result == JW_OK; j += part) {
        work->first_junction = j;
        jw_parallel_blocks(count - j < part ? count - j : part, BLOCK_SIZE, build->def.threads, find_in_block,
                           work);
        result = jw_build_tell(build, build->fraction, build->what, error);
    }
    return result;
}

/* ---- storing ----------------------------------------------------------------------------------------- */

static int compare_conflicts(const void *a, const void *b)
{
    const jw_conflict *ca = a, *cb = b;
    if (ca->begin_m != cb->begin_m)
        return ca->begin_m < cb->begin_m ? -1 : 1;
    return ca->foe < cb->foe ? -1 : ca->foe > cb->foe;
}

static void add_conflict(jw_city_parts *parts, uint32_t of, const jw_conflict *conflict)
{
    jw_connection *c = &parts->connections[of];
    parts->conflicts[c->first_conflict + c->conflict_count++] = *conflict;
}

static jw_result store_pairs(conflict_work *work, uint32_t block_count, jw_error *error)
{
    jw_city_parts *parts = &work->build->parts;
    uint64_t total = 0;
    for (uint32_t b = 0; b < block_count; b++) {
        if (work->blocks[b].has_failed)
            return jw_fail_memory(error);
        total += 2 * (uint64_t)work->blocks[b].count;
        for (uint32_t i = 0; i < work->blocks[b].count; i++) {
            parts->connections[work->blocks[b].items[i].a].conflict_count++;
            parts->connections[work->blocks[b].items[i].b].conflict_count++;
        }
    }
    jw_result result = JW_CITY_ROOM(parts, conflicts, conflict_count, total, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < parts->connection_count; i++) {
        jw_connection *c = &parts->connections[i];
        c->first_conflict = parts->conflict_count;
        parts->conflict_count += c->conflict_count;
        c->conflict_count = 0;
    }
    for (uint32_t b = 0; b < block_count; b++)
        for (uint32_t i = 0; i < work->blocks[b].count; i++) {
            const pair_found *p = &work->blocks[b].items[i];
            add_conflict(parts, p->a,
                         &(jw_conflict){p->b, p->a_yields, p->is_merge, p->a_begin_m, p->a_end_m,
                                        p->b_begin_m, p->b_end_m});
            add_conflict(parts, p->b,
                         &(jw_conflict){p->a, !p->a_yields, p->is_merge, p->b_begin_m, p->b_end_m,
                                        p->a_begin_m, p->a_end_m});
        }
    return JW_OK;
}

/* Lanes of one road that become fewer, with nothing said about which of them goes on: by turns (the PRC road
 * traffic safety law's implementing regulation, article 53). */
static bool merges_by_turns(const jw_build *build, const jw_connection *c)
{
    const jw_city_parts *parts = &build->parts;
    uint32_t edge = parts->lanes[c->from_lane].edge, side = build->edge_side[edge], merges = 0;
    if (jw_build_is_for_bikes(c) || build->pieces[side / 2].side[side % 2].yield)
        return false;
    for (uint32_t k = 0; k < c->conflict_count; k++) {
        const jw_conflict *conflict = &parts->conflicts[c->first_conflict + k];
        const jw_connection *foe = &parts->connections[conflict->foe];
        if (!conflict->is_merge)
            continue;
        if (jw_build_is_for_bikes(foe) || parts->lanes[foe->from_lane].edge != edge)
            return false;
        merges++;
    }
    return merges > 0;
}

static bool has_stop_sign(const jw_build *build, uint32_t edge)
{
    uint32_t side = build->edge_side[edge];
    return build->pieces[side / 2].side[side % 2].yield == 2;
}

/* A stop sign on the approach; one on each of three or more: all in the order of arrival. */
static jw_rule rule_of(const jw_build *build, const jw_connection *c)
{
    const jw_city_parts *parts = &build->parts;
    const jw_junction *junction = &parts->junctions[c->junction];
    if (junction->kind != JW_JUNCTION_STOP || !has_stop_sign(build, parts->lanes[c->from_lane].edge))
        return merges_by_turns(build, c) ? JW_RULE_ZIPPER : JW_RULE_NONE;
    uint32_t signs = 0;
    for (uint32_t k = 0; k < junction->in_count; k++)
        signs += has_stop_sign(build, parts->junction_edges[junction->first_in + k]);
    return signs == junction->in_count && signs >= 3 ? JW_RULE_ALL_STOP : JW_RULE_STOP;
}

/* Sorts each connection's conflicts; ranks: 0 where nothing is yielded to, else 1 + the approach's place
 * among the priorities of its junction. */
static void sort_and_rank(jw_build *build)
{
    jw_city_parts *parts = &build->parts;
    for (uint32_t i = 0; i < parts->connection_count; i++) {
        jw_connection *c = &parts->connections[i];
        jw_conflict *conflicts = parts->conflicts + c->first_conflict;
        if (c->conflict_count > 1)
            qsort(conflicts, c->conflict_count, sizeof *conflicts, compare_conflicts);
        c->rule = (uint8_t)rule_of(build, c);
        bool yields = false;
        for (uint32_t k = 0; k < c->conflict_count; k++)
            yields |= conflicts[k].must_yield && !(conflicts[k].is_merge && c->rule == JW_RULE_ZIPPER);
        if (!yields)
            continue;
        const jw_junction *junction = &parts->junctions[c->junction];
        uint32_t own = build->edge_priority[parts->lanes[c->from_lane].edge], before = 0;
        for (uint32_t k = 0; k < junction->in_count; k++)
            before += build->edge_priority[parts->junction_edges[junction->first_in + k]] < own;
        c->rank = (uint8_t)(1 + (before < 254 ? before : 254));
    }
}

jw_result jw_build_conflicts(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    uint32_t block_count = jw_block_count(parts->junction_count, BLOCK_SIZE);
    conflict_work work = {.build = build};
    build->edge_priority = jw_build_take(build, parts->edge_count, 1, error);
    work.in_heading_rad = jw_build_take(build, parts->connection_count, sizeof(double), error);
    work.blocks = jw_build_take(build, block_count, sizeof *work.blocks, error);
    if (!build->edge_priority || !work.in_heading_rad || !work.blocks)
        return JW_ERROR_MEMORY;
    for (uint32_t j = 0; j < parts->junction_count; j++)
        rank_approaches(build, &parts->junctions[j]);
    jw_result result = jw_build_two_stage(build, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < parts->connection_count; i++) {
        const jw_edge *edge = &parts->edges[parts->lanes[parts->connections[i].from_lane].edge];
        work.in_heading_rad[i] = jw_build_heading(parts->points + edge->first_point, edge->point_count, true);
    }
    result = find_conflicts(&work, error);
    if (result == JW_OK)
        result = store_pairs(&work, block_count, error);
    for (uint32_t b = 0; b < block_count; b++)
        jw_free(work.blocks[b].items);
    if (result == JW_OK)
        sort_and_rank(build);
    return result;
}
