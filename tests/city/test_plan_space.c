/* Space in planned cities: streets meet in nodes, buildings keep clear of streets, water and each other,
 * everyone can drive everywhere. Over several seeds, sizes and styles. */
#include "city/city.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct segment {
    jw_vec2 a, b;
    uint32_t node_a, node_b, road;
} segment;

typedef struct space {
    jw_draft draft;
    char label[160];
    segment *segments;
    jw_box *segment_boxes;
    uint32_t segment_count;
    jw_box *building_boxes;
    jw_grid *roads, *buildings;
} space;

static jw_vec2 node_at(const jw_draft *draft, uint32_t node)
{
    return (jw_vec2){draft->nodes[node].x_m, draft->nodes[node].y_m};
}

static double kerb_m(const jw_draft_road *road)
{
    return 0.5 * road->median_m + road->lanes_forward * road->lane_width_m + 2.0 * road->bike_lane_forward;
}

static void open_space(const jw_plan_def *def, space *s)
{
    memset(s, 0, sizeof *s);
    jw_error error = {0};
    snprintf(s->label, sizeof s->label, "style \"%s\" area %g seed %u block %g clusters %u lake %g",
             def->style, def->area_km2, (unsigned)def->seed, def->block_m, def->clusters, def->lake_share);
    if (jw_plan_city(def, &s->draft, &error) != JW_OK) {
        fail_msg("%s: %s", s->label, error.message);
    }
    const jw_draft *draft = &s->draft;
    for (uint32_t r = 0; r < draft->road_count; ++r) {
        s->segment_count += draft->roads[r].ref_count - 1;
    }
    s->segments = jw_alloc(s->segment_count * sizeof *s->segments);
    s->segment_boxes = jw_alloc(s->segment_count * sizeof *s->segment_boxes);
    s->building_boxes = jw_alloc(draft->building_count * sizeof *s->building_boxes);
    uint32_t next = 0;
    for (uint32_t r = 0; r < draft->road_count; ++r) {
        for (uint32_t i = 0; i + 1 < draft->roads[r].ref_count; ++i, ++next) {
            uint32_t a = draft->refs[draft->roads[r].first_ref + i],
                     b = draft->refs[draft->roads[r].first_ref + i + 1];
            s->segments[next] = (segment){node_at(draft, a), node_at(draft, b), a, b, r};
            jw_box box = jw_box_extend(jw_box_empty(), s->segments[next].a.x, s->segments[next].a.y);
            s->segment_boxes[next] = jw_box_extend(box, s->segments[next].b.x, s->segments[next].b.y);
        }
    }
    for (uint32_t i = 0; i < draft->building_count; ++i) {
        jw_ring_range ring = draft->rings[draft->buildings[i].shape.first_ring];
        s->building_boxes[i] = jw_box_empty();
        for (uint32_t k = 0; k < ring.point_count; ++k) {
            jw_vec2 p = node_at(draft, draft->refs[ring.first_point + k]);
            s->building_boxes[i] = jw_box_extend(s->building_boxes[i], p.x, p.y);
        }
    }
    assert_int_equal(jw_grid_create(s->segment_boxes, s->segment_count, 0, &s->roads, &error), JW_OK);
    assert_int_equal(jw_grid_create(s->building_boxes, draft->building_count, 0, &s->buildings, &error),
                     JW_OK);
}

static void close_space(space *s)
{
    jw_grid_destroy(s->roads);
    jw_grid_destroy(s->buildings);
    jw_free(s->segments);
    jw_free(s->segment_boxes);
    jw_free(s->building_boxes);
    jw_draft_free(&s->draft);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static double segment_distance(jw_vec2 p, jw_vec2 a, jw_vec2 b)
{
    jw_vec2 along = jw_vec2_sub(b, a);
    double t =
        jw_clamp(jw_vec2_dot(jw_vec2_sub(p, a), along) / jw_max(jw_vec2_dot(along, along), 1e-12), 0, 1);
    return jw_vec2_distance(p, jw_vec2_lerp(a, b, t));
}

/* ---- streets ---------------------------------------------------------------------------------------------
 */

typedef struct road_query {
    const space *s;
    uint32_t self;
} road_query;

static bool check_crossing(void *context, uint32_t other)
{
    const road_query *query = context;
    const segment *a = &query->s->segments[query->self], *b = &query->s->segments[other];
    if (other <= query->self) {
        return true;
    }
    const jw_draft *draft = &query->s->draft;
    bool shares =
        a->node_a == b->node_a || a->node_a == b->node_b || a->node_b == b->node_a || a->node_b == b->node_b;
    double t, u;
    if (!shares && draft->roads[a->road].layer == draft->roads[b->road].layer &&
        jw_segments_cross(a->a, a->b, b->a, b->b, &t, &u)) {
        fail_msg("%s: roads %u and %u cross without a node at %.1f %.1f", query->s->label, a->road, b->road,
                 a->a.x + t * (a->b.x - a->a.x), a->a.y + t * (a->b.y - a->a.y));
    }
    return true;
}

static void check_streets(const space *s)
{
    for (uint32_t i = 0; i < s->segment_count; ++i) {
        road_query query = {s, i};
        if (jw_vec2_distance(s->segments[i].a, s->segments[i].b) < 0.5) {
            fail_msg("%s: road %u has a piece shorter than 0.5 m at %.0f %.0f", s->label, s->segments[i].road,
                     s->segments[i].a.x, s->segments[i].a.y);
        }
        jw_grid_query(s->roads, s->segment_boxes[i], check_crossing, &query);
    }
}

/* Junctions nearer than 40 m are no design: they would be merged, or leave no room to stop. */
static void check_junction_spacing(const space *s)
{
    const jw_draft *draft = &s->draft;
    uint8_t *arms = jw_alloc(draft->node_count);
    for (uint32_t i = 0; i < s->segment_count; ++i) {
        ++arms[s->segments[i].node_a];
        ++arms[s->segments[i].node_b];
    }
    for (uint32_t r = 0; r < draft->road_count; ++r) {
        double since_m = 1e9;
        for (uint32_t i = 0; i < draft->roads[r].ref_count; ++i) {
            uint32_t node = draft->refs[draft->roads[r].first_ref + i];
            if (i > 0) {
                since_m += jw_vec2_distance(node_at(draft, node),
                                            node_at(draft, draft->refs[draft->roads[r].first_ref + i - 1]));
            }
            if (arms[node] >= 3) {
                if (since_m < 40) {
                    fail_msg("%s: junctions %.0f m apart on road %u at %.0f %.0f", s->label, since_m, r,
                             draft->nodes[node].x_m, draft->nodes[node].y_m);
                }
                since_m = 0;
            }
        }
    }
    jw_free(arms);
}

/* ---- buildings -------------------------------------------------------------------------------------------
 */

typedef struct building_query {
    const space *s;
    uint32_t self;
    uint32_t pairs;
} building_query;

static uint32_t ring_of(const jw_draft *draft, uint32_t first_ring, jw_vec2 *out, uint32_t capacity)
{
    jw_ring_range ring = draft->rings[first_ring];
    assert_true(ring.point_count >= 3 && ring.point_count <= capacity);
    for (uint32_t i = 0; i < ring.point_count; ++i) {
        out[i] = node_at(draft, draft->refs[ring.first_point + i]);
    }
    return ring.point_count;
}

/* Kerb to wall at least 4 m, as the plan promises 4 to 8 (and more on wide roads). */
static bool check_wall(void *context, uint32_t road_segment)
{
    building_query *query = context;
    const segment *street = &query->s->segments[road_segment];
    jw_vec2 ring[64];
    uint32_t count =
        ring_of(&query->s->draft, query->s->draft.buildings[query->self].shape.first_ring, ring, 64);
    double needed_m = kerb_m(&query->s->draft.roads[street->road]) + 3.9;
    for (uint32_t i = 0; i < count; ++i) {
        jw_vec2 p = ring[i], q = ring[(i + 1) % count];
        double t, u;
        if (segment_distance(p, street->a, street->b) < needed_m ||
            segment_distance(street->a, p, q) < needed_m ||
            jw_segments_cross(p, q, street->a, street->b, &t, &u)) {
            fail_msg("%s: building %u at %.0f %.0f stands on road %u or nearer than 3.9 m", query->s->label,
                     query->self, p.x, p.y, street->road);
        }
    }
    return true;
}

static bool check_neighbour(void *context, uint32_t other)
{
    building_query *query = context;
    if (other <= query->self) {
        return true;
    }
    const jw_draft *draft = &query->s->draft;
    jw_vec2 flat[2][64];
    jw_vec3 points[2][64];
    jw_ring rings[2];
    for (int k = 0; k < 2; ++k) {
        uint32_t building = k == 0 ? query->self : other;
        uint32_t count = ring_of(draft, draft->buildings[building].shape.first_ring, flat[k], 64);
        for (uint32_t i = 0; i < count; ++i) {
            points[k][i] = (jw_vec3){flat[k][i].x, flat[k][i].y, 0};
        }
        rings[k] = (jw_ring){points[k], count};
    }
    jw_polygons shared = {0};
    jw_error error = {0};
    assert_int_equal(jw_polygon_combine(JW_POLYGON_INTERSECTION, &rings[0], 1, &rings[1], 1, &shared, &error),
                     JW_OK);
    for (uint32_t r = 0; r < shared.ring_count; ++r) {
        uint32_t first = shared.ring_first[r];
        double area_m2 = jw_abs(jw_ring_area_m2(&shared.points[first], shared.ring_first[r + 1] - first));
        if (area_m2 > 1.0) { /* shared walls on a grid of millimetres */
            fail_msg("%s: buildings %u and %u share %.1f m2 at %.0f %.0f", query->s->label, query->self,
                     other, area_m2, points[0][0].x, points[0][0].y);
        }
    }
    jw_polygons_free(&shared);
    ++query->pairs;
    return true;
}

static void check_buildings(const space *s)
{
    for (uint32_t i = 0; i < s->draft.building_count; ++i) {
        building_query query = {s, i, 0};
        jw_box box = s->building_boxes[i];
        jw_grid_query(s->buildings, box, check_neighbour, &query);
        jw_box wide = {box.min_x - 24, box.min_y - 24, box.max_x + 24, box.max_y + 24};
        jw_grid_query(s->roads, wide, check_wall, &query);
    }
}

typedef struct water_query {
    const space *s;
    jw_vec2 ring[512];
    uint32_t count;
} water_query;

static bool check_dry(void *context, uint32_t building)
{
    water_query *query = context;
    jw_vec2 wall[64];
    uint32_t count =
        ring_of(&query->s->draft, query->s->draft.buildings[building].shape.first_ring, wall, 64);
    for (uint32_t i = 0; i < count; ++i) {
        bool is_wet = false;
        for (uint32_t k = 0, l = query->count - 1; k < query->count; l = k++) {
            jw_vec2 a = query->ring[k], b = query->ring[l];
            double t, u;
            if ((a.y > wall[i].y) != (b.y > wall[i].y) &&
                wall[i].x < (b.x - a.x) * (wall[i].y - a.y) / (b.y - a.y) + a.x) {
                is_wet = !is_wet;
            }
            if (jw_segments_cross(wall[i], wall[(i + 1) % count], a, b, &t, &u)) {
                fail_msg("%s: building %u crosses a bank", query->s->label, building);
            }
        }
        if (is_wet) {
            fail_msg("%s: building %u stands in water", query->s->label, building);
        }
    }
    return true;
}

static bool check_bridge(void *context, uint32_t road_segment)
{
    water_query *query = context;
    const segment *street = &query->s->segments[road_segment];
    for (uint32_t k = 0, l = query->count - 1; k < query->count; l = k++) {
        double t, u;
        if (!query->s->draft.roads[street->road].is_bridge &&
            jw_segments_cross(street->a, street->b, query->ring[k], query->ring[l], &t, &u)) {
            fail_msg("%s: road %u goes into water without a bridge at %.0f %.0f", query->s->label,
                     street->road, street->a.x, street->a.y);
        }
    }
    return true;
}

static void check_water(const space *s)
{
    for (uint32_t i = 0; i < s->draft.area_count; ++i) {
        if (s->draft.areas[i].kind != JW_AREA_WATER) {
            continue;
        }
        water_query query = {.s = s};
        query.count = ring_of(&s->draft, s->draft.areas[i].shape.first_ring, query.ring, 512);
        jw_box box = jw_box_empty();
        for (uint32_t k = 0; k < query.count; ++k) {
            box = jw_box_extend(box, query.ring[k].x, query.ring[k].y);
        }
        jw_grid_query(s->buildings, box, check_dry, &query);
        jw_grid_query(s->roads, box, check_bridge, &query);
    }
}

/* ---- areas -----------------------------------------------------------------------------------------------
 */

static void check_areas(const space *s)
{
    enum { MAX_POINTS = 512 };
    for (uint32_t i = 0; i < s->draft.area_count; ++i) {
        jw_draft_shape shape = s->draft.areas[i].shape;
        for (uint32_t r = 0; r < shape.ring_count; ++r) {
            jw_vec2 ring[MAX_POINTS];
            uint32_t count = ring_of(&s->draft, shape.first_ring + r, ring, MAX_POINTS);
            for (uint32_t a = 0; a < count; ++a) {
                for (uint32_t b = a + 2; b < count - (a == 0); ++b) {
                    double t, u;
                    if (jw_segments_cross(ring[a], ring[a + 1], ring[b], ring[(b + 1) % count], &t, &u)) {
                        fail_msg("%s: area %u (kind %d, ring %u) crosses itself at %.0f %.0f", s->label, i,
                                 s->draft.areas[i].kind, r, ring[a].x, ring[a].y);
                    }
                }
            }
            jw_vec2 outer[MAX_POINTS];
            uint32_t outer_count = ring_of(&s->draft, shape.first_ring, outer, MAX_POINTS);
            for (uint32_t a = 0; a < count && r > 0; ++a) {
                bool is_inside = false;
                for (uint32_t k = 0, l = outer_count - 1; k < outer_count; l = k++) {
                    jw_vec2 p = outer[k], q = outer[l];
                    if ((p.y > ring[a].y) != (q.y > ring[a].y) &&
                        ring[a].x < (q.x - p.x) * (ring[a].y - p.y) / (q.y - p.y) + p.x) {
                        is_inside = !is_inside;
                    }
                }
                if (!is_inside) {
                    fail_msg("%s: a hole of area %u leaves it at %.0f %.0f", s->label, i, ring[a].x,
                             ring[a].y);
                }
            }
        }
    }
}

static void check_plan(jw_plan_def def)
{
    space s;
    open_space(&def, &s);
    check_streets(&s);
    check_junction_spacing(&s);
    check_buildings(&s);
    check_water(&s);
    check_areas(&s);
    close_space(&s);
}

static void test_default_city(void **state)
{
    (void)state;
    check_plan((jw_plan_def){0});
}

static void test_seeds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        check_plan((jw_plan_def){.seed = seed * 1001});
        check_plan((jw_plan_def){.style = "district", .seed = seed * 17});
    }
}

static void test_other_definitions(void **state)
{
    (void)state;
    for (uint32_t clusters = 1; clusters <= 9; ++clusters) {
        check_plan((jw_plan_def){.clusters = clusters});
    }
    check_plan((jw_plan_def){.lake_share = -1});
    check_plan((jw_plan_def){.lake_share = 0.2});
    check_plan((jw_plan_def){.area_km2 = 10});
    check_plan((jw_plan_def){.area_km2 = 100});
    check_plan((jw_plan_def){.block_m = 120});
    check_plan((jw_plan_def){.block_m = 300});
    check_plan((jw_plan_def){.style = "district", .area_km2 = 1});
    check_plan((jw_plan_def){.style = "district", .area_km2 = 12, .lake_share = -1});
}

/* ---- driving ---------------------------------------------------------------------------------------------
 */

static void check_driving(jw_plan_def def)
{
    jw_draft draft;
    jw_city *city = NULL;
    jw_error error = {0};
    jw_problems problems = {0};
    jw_build_def build = {.threads = 1};
    if (jw_plan_city(&def, &draft, &error) != JW_OK ||
        jw_city_build(&draft, &build, &problems, NULL, NULL, &city, &error) != JW_OK ||
        jw_city_verify(city, &error) != JW_OK) {
        fail_msg("%s", error.message);
    }
    uint32_t *component = jw_alloc(city->edge_count * sizeof *component);
    assert_int_equal(jw_city_components(city, component, &error), JW_OK);
    uint32_t reached = 0;
    for (uint32_t i = 0; i < city->edge_count; ++i) {
        reached += component[i] == 0;
    }
    uint64_t people = 0;
    for (uint32_t i = 0; i < city->block_count; ++i) {
        people += city->blocks[i].population;
        assert_true(city->blocks[i].access_count >= 1);
    }
    print_message("%u edges, %u junctions, %u in the largest part, %u problems\n", city->edge_count,
                  city->junction_count, reached, problems.count);
    for (uint32_t i = 0; i < problems.count; ++i) {
        print_message("  %s %s x%u\n", problems.items[i].element, problems.items[i].message,
                      problems.items[i].count);
    }
    assert_true(reached > 0.99 * city->edge_count);
    assert_int_equal(people, (uint64_t)jw_round(def.area_km2 * 10000));
    assert_int_equal(problems.problem_count, 0);
    jw_free(component);
    jw_problems_free(&problems);
    jw_city_release(city);
    jw_draft_free(&draft);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_driving(void **state)
{
    (void)state;
    check_driving((jw_plan_def){.area_km2 = 38});
    check_driving((jw_plan_def){.style = "district", .area_km2 = 4});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_city),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_other_definitions),
        cmocka_unit_test(test_driving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
