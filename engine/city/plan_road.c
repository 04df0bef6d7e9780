/* One street from a line of points to draft roads: bridges over water and rail, attributes by grade, signals.
 */
#include "city/plan_internal.h"

#include <string.h>

enum { MAX_BRIDGES = 32 };

typedef struct span {
    double from_m, to_m;
} span;

static jw_vec2 street_at(const plan_street_point *points, const double *s, uint32_t count, double at_m)
{
    uint32_t i = 1;
    while (i + 1 < count && s[i] < at_m) {
        ++i;
    }
    double length = s[i] - s[i - 1];
    return jw_vec2_lerp(points[i - 1].at, points[i].at, length > 0 ? (at_m - s[i - 1]) / length : 0);
}

/* Arc lengths at which the street crosses the obstacle's outline, ascending. */
static uint32_t find_crossings(const city_plan *plan, const plan_obstacle *obstacle,
                               const plan_street_point *points, const double *s, uint32_t count, double *out)
{
    const jw_vec2 *line = &plan->obstacle_points[obstacle->first_point];
    uint32_t segments = obstacle->point_count - (obstacle->is_closed ? 0 : 1);
    uint32_t found = 0;
    for (uint32_t i = 0; i + 1 < count; ++i) {
        jw_vec2 a = points[i].at, b = points[i + 1].at;
        jw_box box = jw_box_extend(jw_box_extend(jw_box_empty(), a.x, a.y), b.x, b.y);
        if (!jw_box_overlaps(box, obstacle->box)) {
            continue;
        }
        for (uint32_t k = 0; k < segments && found < 2 * MAX_BRIDGES; ++k) {
            double t, u;
            if (jw_segments_cross(a, b, line[k], line[(k + 1) % obstacle->point_count], &t, &u)) {
                double at = s[i] + t * (s[i + 1] - s[i]);
                uint32_t place = found++;
                for (; place > 0 && out[place - 1] > at; --place) {
                    out[place] = out[place - 1];
                }
                out[place] = at;
            }
        }
    }
    return found;
}

/* A bridge keeps away from junctions on either side, and joins the one it would overlap. */
static void add_span(span *spans, uint32_t *span_count, const plan_street_point *points, const double *s,
                     uint32_t count, double from_m, double to_m, double margin_m)
{
    double low = from_m - margin_m, high = to_m + margin_m;
    for (uint32_t i = 0; i < count; ++i) {
        if (points[i].is_junction && s[i] <= from_m) {
            low = jw_max(low, s[i] + 1.0);
        }
        if (points[i].is_junction && s[i] >= to_m) {
            high = jw_min(high, s[i] - 1.0);
        }
    }
    for (uint32_t i = 0; i < *span_count; ++i) {
        if (low <= spans[i].to_m + 5.0 && high >= spans[i].from_m - 5.0) {
            spans[i].from_m = jw_min(spans[i].from_m, low);
            spans[i].to_m = jw_max(spans[i].to_m, high);
            return;
        }
    }
    if (*span_count < MAX_BRIDGES) {
        uint32_t place = (*span_count)++;
        for (; place > 0 && spans[place - 1].from_m > low; --place) {
            spans[place] = spans[place - 1];
        }
        spans[place] = (span){low, high};
    }
}

static uint32_t find_bridges(const city_plan *plan, const plan_street_point *points, const double *s,
                             uint32_t count, span *spans)
{
    uint32_t span_count = 0;
    double at[2 * MAX_BRIDGES];
    for (uint32_t o = 0; o < plan->obstacle_count; ++o) {
        const plan_obstacle *obstacle = &plan->obstacles[o];
        uint32_t found = find_crossings(plan, obstacle, points, s, count, at);
        for (uint32_t i = 0; i < found; ++i) {
            if (!obstacle->is_closed) {
                add_span(spans, &span_count, points, s, count, at[i], at[i], obstacle->margin_m);
                continue;
            }
            jw_vec2 middle =
                i + 1 < found ? street_at(points, s, count, 0.5 * (at[i] + at[i + 1])) : points[0].at;
            if (i + 1 < found && jw_plan_contains(&plan->obstacle_points[obstacle->first_point],
                                                  obstacle->point_count, middle)) {
                add_span(spans, &span_count, points, s, count, at[i], at[i + 1], obstacle->margin_m);
            }
        }
    }
    return span_count;
}

static void emit_road(city_plan *plan, const uint32_t *refs, uint32_t count, plan_grade grade, uint32_t name,
                      bool is_bridge)
{
    const plan_grade_info *info = &jw_plan_grades[grade];
    jw_draft_road road = {.road_class = info->road_class,
                          .lanes_forward = info->lanes,
                          .lanes_backward = info->lanes,
                          .bike_lane_forward = info->has_bike_lane,
                          .bike_lane_backward = info->has_bike_lane,
                          .allow = JW_ALLOW_MOTOR,
                          .speed_mps = info->speed_mps,
                          .lane_width_m = info->lane_width_m,
                          .median_m = info->median_m,
                          .layer = is_bridge ? 1 : 0,
                          .is_bridge = is_bridge,
                          .name = name,
                          .source_id = plan->draft->road_count + 1};
    if (!info->has_bike_lane) {
        road.allow |= JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE;
    }
    if (jw_plan_is_ok(plan) && count >= 2) {
        plan->result = jw_draft_add_road(plan->draft, &road, refs, count, NULL, plan->error);
    }
}

void jw_plan_add_street(city_plan *plan, const plan_street_point *points, uint32_t count, plan_grade grade,
                        uint32_t name)
{
    uint32_t *refs = jw_plan_is_ok(plan) ? jw_alloc((count + 2 * MAX_BRIDGES) * sizeof *refs) : NULL;
    double *s = refs != NULL ? jw_alloc(count * sizeof *s) : NULL;
    if (s == NULL) {
        plan->result = jw_plan_is_ok(plan) ? jw_fail_memory(plan->error) : plan->result;
        jw_free(refs);
        return;
    }
    for (uint32_t i = 1; i < count; ++i) {
        s[i] = s[i - 1] + jw_vec2_distance(points[i - 1].at, points[i].at);
    }
    span spans[MAX_BRIDGES];
    uint32_t span_count = find_bridges(plan, points, s, count, spans), next_span = 0;
    uint32_t used = 0;
    bool on_bridge = false;
    double last_cut_m = -1e9;
    for (uint32_t i = 0; i < count; ++i) {
        while (next_span < span_count &&
               s[i] > (on_bridge ? spans[next_span].to_m : spans[next_span].from_m)) {
            double at = on_bridge ? spans[next_span].to_m : spans[next_span].from_m;
            uint32_t node = jw_plan_point(plan, street_at(points, s, count, at));
            refs[used++] = node;
            emit_road(plan, refs, used, grade, name, on_bridge);
            refs[0] = node;
            used = 1;
            last_cut_m = at;
            next_span += on_bridge;
            on_bridge = !on_bridge;
        }
        bool is_end = i == 0 || i + 1 == count;
        double next_cut_m = next_span == span_count ? 1e9
                            : on_bridge             ? spans[next_span].to_m
                                                    : spans[next_span].from_m;
        bool is_crowded = s[i] - last_cut_m < 6.0 || next_cut_m - s[i] < 6.0;
        if (points[i].node != JW_NONE) {
            refs[used++] = points[i].node;
        } else if (is_end || !is_crowded) {
            refs[used++] = jw_plan_point(plan, points[i].at);
        }
    }
    emit_road(plan, refs, used, grade, name, on_bridge);
    jw_free(s);
    jw_free(refs);
}

/* ---- signals ---------------------------------------------------------------------------------------------
 */

/* An arm is a road's piece that ends at the node; inside a road there are two. Signals stand where an
 * arterial or avenue meets another one or a collector. */
void jw_plan_set_signals(city_plan *plan)
{
    jw_draft *draft = plan->draft;
    uint8_t *arms = jw_plan_is_ok(plan) ? jw_alloc((size_t)draft->node_count * 3 + 1) : NULL;
    if (arms == NULL) {
        plan->result = jw_plan_is_ok(plan) ? jw_fail_memory(plan->error) : plan->result;
        return;
    }
    for (uint32_t r = 0; r < draft->road_count; ++r) {
        const jw_draft_road *road = &draft->roads[r];
        uint32_t rank = road->road_class <= JW_ROAD_SECONDARY  ? 0
                        : road->road_class == JW_ROAD_TERTIARY ? 1
                                                               : 2;
        for (uint32_t i = 0; i < road->ref_count; ++i) {
            bool is_end = i == 0 || i + 1 == road->ref_count;
            uint8_t *count = &arms[(size_t)draft->refs[road->first_ref + i] * 3 + rank];
            *count = (uint8_t)(*count + (is_end ? 1 : 2));
        }
    }
    for (uint32_t n = 0; n < draft->node_count; ++n) {
        const uint8_t *arm = &arms[(size_t)n * 3];
        draft->nodes[n].has_signal = arm[0] >= 3 || (arm[0] >= 2 && arm[1] >= 1);
        draft->nodes[n].has_crossing = draft->nodes[n].has_signal;
    }
    jw_free(arms);
}
