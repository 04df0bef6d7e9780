/* jw_city_build on hand-made drafts: junctions, lanes, connections, right of way, signals, blocks. */
#include "city/city_fixtures.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void test_road(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_road(1000, 3, 20);
    assert_int_equal(city->edge_count, 1);
    assert_int_equal(city->lane_count, 3);
    assert_int_equal(city->junction_count, 2);
    assert_int_equal(city->connection_count, 0);
    assert_true(city->edges[0].length_m == 1000.0);
    /* kerb lane first, on the right of travel eastwards: the south */
    double y0 = city->points[city->lanes[0].first_point].y, y2 = city->points[city->lanes[2].first_point].y;
    assert_true(y0 == -city->lanes[0].width_m && y2 == city->lanes[2].width_m);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_lane_drop(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_two_roads(300, 3, 2, 15);
    assert_int_equal(city->edge_count, 2);
    assert_int_equal(city->junctions[1].kind, JW_JUNCTION_JOINT);
    assert_int_equal(city->connection_count, 3); /* every lane leads somewhere */
    uint32_t merges = 0;
    for (uint32_t i = 0; i < city->conflict_count; i++)
        merges += city->conflicts[i].is_merge;
    assert_int_equal(merges, 2); /* one pair, seen from both */
    jw_city_release(city);
}

static const jw_connection *find_connection(const jw_city *city, uint32_t from_edge, uint32_t to_edge)
{
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *c = &city->connections[i];
        if (city->lanes[c->from_lane].edge == from_edge && city->lanes[c->to_lane].edge == to_edge)
            return c;
    }
    return NULL;
}

static const jw_conflict *find_conflict(const jw_city *city, const jw_connection *a, const jw_connection *b)
{
    for (uint32_t i = 0; i < a->conflict_count; i++)
        if (&city->connections[city->conflicts[a->first_conflict + i].foe] == b)
            return &city->conflicts[a->first_conflict + i];
    return NULL;
}

static void test_priority_t(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_priority_t(200, 50 / 3.6);
    assert_int_equal(city->junctions[1].kind, JW_JUNCTION_PRIORITY);
    const jw_connection *ahead = find_connection(city, 0, 3), *back = find_connection(city, 2, 1);
    const jw_connection *out_left = find_connection(city, 4, 1), *out_right = find_connection(city, 4, 3);
    const jw_connection *in_left = find_connection(city, 2, 5), *in_right = find_connection(city, 0, 5);
    assert_true(ahead && back && out_left && out_right && in_left && in_right);
    assert_int_equal(city->junctions[1].connection_count, 6); /* no U-turns */
    assert_int_equal(ahead->turn, JW_TURN_STRAIGHT);
    assert_int_equal(out_left->turn, JW_TURN_LEFT);
    assert_int_equal(in_right->turn, JW_TURN_RIGHT);
    assert_int_equal(ahead->rank, 0);
    assert_int_equal(back->rank, 0);
    assert_int_equal(in_right->rank, 0);
    assert_null(find_conflict(city, ahead, back));
    /* the minor road yields to both directions; the left turn off the main road yields to the oncoming one */
    assert_true(find_conflict(city, out_left, ahead) && find_conflict(city, out_left, ahead)->must_yield);
    assert_true(find_conflict(city, out_left, back) && find_conflict(city, out_left, back)->is_merge);
    assert_true(find_conflict(city, out_right, ahead) && find_conflict(city, out_right, ahead)->must_yield);
    assert_null(find_conflict(city, out_right, back));
    assert_true(find_conflict(city, in_left, ahead) && find_conflict(city, in_left, ahead)->must_yield);
    assert_true(find_conflict(city, ahead, in_left) && !find_conflict(city, ahead, in_left)->must_yield);
    jw_city_release(city);
}

static void check_programmes(const jw_city *city)
{
    for (uint32_t p = 0; p < city->programme_count; p++) {
        const jw_programme *programme = &city->programmes[p];
        const jw_junction *junction = &city->junctions[programme->junction];
        assert_true(programme->phase_count <= 16);
        for (uint32_t link = 0; link < programme->link_count; link++) {
            bool is_served = false;
            const jw_connection *c = &city->connections[junction->first_connection + link];
            assert_int_equal(c->signal_link, link);
            for (uint32_t k = 0; k < programme->phase_count; k++) {
                const char *s =
                    city->signal_states + city->signal_phases[programme->first_phase + k].first_state;
                is_served |= s[link] == 'G' || s[link] == 'g';
                for (uint32_t f = 0; f < c->conflict_count && s[link] == 'G'; f++) {
                    uint32_t foe = city->connections[city->conflicts[c->first_conflict + f].foe].signal_link;
                    assert_int_not_equal(s[foe], 'G'); /* never two with priority in each other's way */
                }
                /* after green comes amber */
                const char *next =
                    city->signal_states +
                    city->signal_phases[programme->first_phase + (k + 1) % programme->phase_count]
                        .first_state;
                if ((s[link] == 'G' || s[link] == 'g') && next[link] != 'G' && next[link] != 'g')
                    assert_int_equal(next[link], 'y');
            }
            assert_true(is_served);
        }
    }
}

static void test_signal_cross(void **state)
{
    (void)state;
    for (uint32_t lanes = 1; lanes <= 4; lanes++) {
        jw_city *city = jw_fixture_cross(200, lanes, 50 / 3.6, true);
        assert_int_equal(city->edge_count, 8);
        assert_int_equal(city->junctions[1].kind, JW_JUNCTION_SIGNAL);
        assert_int_equal(city->programme_count, 1);
        check_programmes(city);
        assert_int_equal(city->programmes[0].phase_count, lanes >= 3 ? 12 : 6); /* protected left turns */
        assert_true(city->programmes[0].cycle_s >= 60 && city->programmes[0].cycle_s <= 120);
        assert_true(find_connection(city, 0, 3) && find_connection(city, 0, 5) &&
                    find_connection(city, 0, 7));
        const jw_connection *left = find_connection(city, 0, 7), *oncoming = find_connection(city, 2, 1);
        assert_true(find_conflict(city, left, oncoming)->must_yield);
        /* every lane in has a way, every lane out is reached */
        for (uint32_t e = 0; e < 8; e += 2)
            for (uint32_t l = 0; l < lanes; l++)
                assert_true(city->lanes[city->edges[e].first_lane + l].connection_count >= 1);
        jw_city_release(city);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_grid(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(4, 150, 2, 50 / 3.6, true);
    assert_int_equal(city->junction_count, 21); /* the corners are bends */
    assert_int_equal(city->edge_count, 2 * (2 * 4 * 5 - 4));
    assert_int_equal(city->block_count, 16);
    assert_int_equal(city->building_count, 16);
    assert_int_equal(city->programme_count, 21);
    check_programmes(city);
    for (uint32_t b = 0; b < city->block_count; b++) {
        assert_int_equal(city->blocks[b].population, 300);
        assert_int_equal(city->buildings[b].block, b);
        assert_int_equal(city->blocks[b].access_count, 4);
    }
    uint32_t component[80];
    jw_error error = {0};
    assert_int_equal(jw_city_components(city, component, &error), JW_OK);
    for (uint32_t e = 0; e < city->edge_count; e++)
        assert_int_equal(component[e], 0);
    jw_city_release(city);
}

static void test_roundabout(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_roundabout(15, 100);
    uint32_t rings = 0;
    for (uint32_t j = 0; j < city->junction_count; j++)
        rings += city->junctions[j].kind == JW_JUNCTION_ROUNDABOUT;
    assert_int_equal(rings, 4);
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *c = &city->connections[i];
        if (city->edges[city->lanes[c->from_lane].edge].is_roundabout)
            assert_int_equal(c->rank, 0);
        else
            for (uint32_t k = 0; k < c->conflict_count; k++) {
                const jw_conflict *conflict = &city->conflicts[c->first_conflict + k];
                const jw_connection *foe = &city->connections[conflict->foe];
                if (city->edges[city->lanes[foe->from_lane].edge].is_roundabout)
                    assert_true(conflict->must_yield);
            }
    }
    jw_city_release(city);
}

/* A bridge over a street is raised, its ramps slope, the street stays on the ground. */
static void test_bridge(void **state)
{
    (void)state;
    jw_draft draft = {0};
    const double x_m[4] = {-400, -30, 30, 400};
    uint32_t nodes[4];
    for (uint32_t i = 0; i < 4; i++)
        nodes[i] = jw_fixture_add_node(&draft, x_m[i], 0, false);
    for (uint32_t i = 0; i < 3; i++)
        jw_fixture_add_road(&draft, nodes[i], nodes[i + 1], JW_ROAD_PRIMARY, 1, 1, 14);
    draft.roads[1].is_bridge = 1;
    draft.roads[1].layer = 1;
    uint32_t south = jw_fixture_add_node(&draft, 0, -200, false),
             north = jw_fixture_add_node(&draft, 0, 200, false);
    jw_fixture_add_road(&draft, south, north, JW_ROAD_TERTIARY, 1, 1, 14);
    jw_city *city = jw_fixture_build(&draft);
    const jw_edge *ramp = &city->edges[0], *bridge = &city->edges[2], *street = &city->edges[6];
    jw_vec3 middle = jw_polyline_at(city->points + bridge->first_point, bridge->point_count, 20, NULL);
    assert_true(middle.z == 6.0);
    jw_vec3 low = jw_polyline_at(city->points + ramp->first_point, ramp->point_count, 200, NULL);
    assert_true(low.z == 0.0);
    jw_vec3 half_way =
        jw_polyline_at(city->points + ramp->first_point, ramp->point_count, 370 - 60 - 3.0, NULL);
    assert_true(jw_abs(half_way.z - 3.0) < 0.2); /* 120 m of ramp at 5 % */
    for (uint32_t i = 0; i < street->point_count; i++)
        assert_true(city->points[street->first_point + i].z == 0.0);
    assert_int_equal(city->junction_count, 6); /* they do not meet */
    jw_city_release(city);
    draft.roads[3].layer = 2; /* the street passes above instead: the bridge has nothing to cross */
    city = jw_fixture_build(&draft);
    middle = jw_polyline_at(city->points + city->edges[2].first_point, city->edges[2].point_count, 20, NULL);
    assert_true(middle.z == 0.0);
    jw_city_release(city);
    jw_draft_free(&draft);
}

/* Two dual carriageways that cross, drawn as four one-way roads with four nodes: one junction with signals.
 */
static void test_dual_carriageways(void **state)
{
    (void)state;
    jw_draft draft = {0};
    const double d = 9;
    uint32_t sw = jw_fixture_add_node(&draft, -d, -d, true), se = jw_fixture_add_node(&draft, d, -d, true);
    uint32_t ne = jw_fixture_add_node(&draft, d, d, false), nw = jw_fixture_add_node(&draft, -d, d, false);
    const struct {
        double x0, y0, x1, y1;
        uint32_t first, second;
    } ways[4] = {{-300, -d, 300, -d, sw, se},
                 {d, -300, d, 300, se, ne},
                 {300, d, -300, d, ne, nw},
                 {-d, 300, -d, -300, nw, sw}};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t begin = jw_fixture_add_node(&draft, ways[i].x0, ways[i].y0, false);
        uint32_t end = jw_fixture_add_node(&draft, ways[i].x1, ways[i].y1, false);
        jw_fixture_add_road(&draft, begin, ways[i].first, JW_ROAD_PRIMARY, 3, 0, 50 / 3.6);
        jw_fixture_add_road(&draft, ways[i].first, ways[i].second, JW_ROAD_PRIMARY, 3, 0, 50 / 3.6);
        jw_fixture_add_road(&draft, ways[i].second, end, JW_ROAD_PRIMARY, 3, 0, 50 / 3.6);
    }
    jw_city *city = jw_fixture_build(&draft);
    assert_int_equal(city->edge_count, 8);
    assert_int_equal(city->junction_count, 9);
    assert_int_equal(city->programme_count, 1);
    check_programmes(city);
    const jw_junction *junction = &city->junctions[city->programmes[0].junction];
    assert_int_equal(junction->in_count, 4);
    /* from the west (edge 0): on to the east (1), left to the north (3), right to the south (7), round (5) */
    static const struct {
        uint32_t to;
        jw_turn turn;
    } ways_on[4] = {{1, JW_TURN_STRAIGHT}, {3, JW_TURN_LEFT}, {7, JW_TURN_RIGHT}, {5, JW_TURN_U}};
    for (uint32_t i = 0; i < 4; i++) {
        const jw_connection *c = find_connection(city, 0, ways_on[i].to);
        assert_non_null(c);
        assert_int_equal(c->turn, ways_on[i].turn);
        assert_true(c->speed_mps <= 50 / 3.6 && (c->turn == JW_TURN_STRAIGHT || c->speed_mps < 10));
    }
    assert_int_equal(city->programmes[0].phase_count, 12); /* protected left turns */
    jw_city_release(city);
    /* no left turn, and only straight on from the east */
    jw_draft_restriction no_left = {1, 5, 3, JW_RESTRICTION_NO, JW_TURN_LEFT};
    no_left.from_road_id = 2; /* the inner piece of the road from the west ... */
    no_left.to_road_id = 5;   /* ... onto the inner piece of the one to the north */
    no_left.via_node_id = draft.nodes[se].source_id;
    assert_int_equal(jw_draft_add_restriction(&draft, &no_left, NULL), JW_OK);
    jw_draft_restriction only = {7, 8, draft.nodes[ne].source_id, JW_RESTRICTION_ONLY, JW_TURN_STRAIGHT};
    assert_int_equal(jw_draft_add_restriction(&draft, &only, NULL), JW_OK);
    city = jw_fixture_build(&draft);
    assert_null(find_connection(city, 0, 3));
    assert_non_null(find_connection(city, 0, 1));
    assert_null(find_connection(city, 4, 3)); /* from the east: no right turn to the north */
    assert_non_null(find_connection(city, 4, 5));
    jw_city_release(city);
    jw_draft_free(&draft);
}

/* turn:lanes wins over the rule; a bike lane is a lane of its own at the kerb. */
static void test_turn_lanes(void **state)
{
    (void)state;
    jw_draft draft = {0};
    uint32_t centre = jw_fixture_add_node(&draft, 0, 0, true);
    const double ends[4][2] = {{-200, 0}, {200, 0}, {0, -200}, {0, 200}};
    for (uint32_t i = 0; i < 4; i++)
        jw_fixture_add_road(&draft, jw_fixture_add_node(&draft, ends[i][0], ends[i][1], false), centre,
                            JW_ROAD_PRIMARY, 3, 3, 14);
    snprintf(draft.roads[0].turn_forward, sizeof draft.roads[0].turn_forward, "left|left|through;right");
    draft.roads[0].bike_lane_forward = 1;
    jw_city *city = jw_fixture_build(&draft);
    const jw_edge *in = &city->edges[0];
    assert_int_equal(in->lane_count, 4);
    assert_int_equal(city->lanes[in->first_lane].allow, JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE);
    assert_int_equal(city->lanes[in->first_lane].strips, 2);
    assert_int_equal(city->lanes[in->first_lane + 1].allow & JW_ALLOW_BICYCLE, 0);
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *c = &city->connections[i];
        if (c->from_lane == in->first_lane + 3 || c->from_lane == in->first_lane + 2)
            assert_int_equal(c->turn, JW_TURN_LEFT);
        if (c->from_lane == in->first_lane + 1)
            assert_true(c->turn == JW_TURN_STRAIGHT || c->turn == JW_TURN_RIGHT);
    }
    assert_int_equal(city->lanes[in->first_lane].connection_count, 3); /* cyclists go everywhere */
    jw_city_release(city);
    jw_draft_free(&draft);
}

/* A stop line's signal some metres before the junction, and a stub where the lanes change: one junction. */
static void test_approach(void **state)
{
    (void)state;
    jw_draft draft = {0};
    uint32_t west = jw_fixture_add_node(&draft, -200, 0, false),
             change = jw_fixture_add_node(&draft, -8, 0, false);
    uint32_t line = jw_fixture_add_node(&draft, 20, 0, true),
             east = jw_fixture_add_node(&draft, 200, 0, false);
    uint32_t centre = jw_fixture_add_node(&draft, 0, 0, false),
             south = jw_fixture_add_node(&draft, 0, -200, false);
    jw_fixture_add_road(&draft, west, change, JW_ROAD_SECONDARY, 1, 1, 14);
    jw_fixture_add_road(&draft, change, centre, JW_ROAD_SECONDARY, 2, 1, 14);
    uint32_t refs[3] = {east, line, centre};
    jw_draft_road road = draft.roads[0];
    road.source_id = 99;
    assert_int_equal(jw_draft_add_road(&draft, &road, refs, 3, NULL, NULL), JW_OK);
    jw_fixture_add_road(&draft, south, centre, JW_ROAD_SECONDARY, 1, 1, 14);
    jw_city *city = jw_fixture_build(&draft);
    assert_int_equal(city->programme_count, 1);
    assert_int_equal(city->junction_count, 4);
    assert_int_equal(city->edge_count, 6);
    check_programmes(city);
    jw_city_release(city);
    jw_draft_free(&draft);
}

/* ---- maps that are no use, or nearly ------------------------------------------------------------------- */

static bool has_problem(const jw_problems *problems, const char *text)
{
    for (uint32_t i = 0; i < problems->count; i++)
        if (strstr(problems->items[i].message, text))
            return true;
    return false;
}

static jw_result build_bad(const jw_draft *draft, jw_problems *problems, jw_city **city, jw_error *error)
{
    *city = NULL;
    *error = (jw_error){0};
    jw_problems_free(problems);
    *problems = (jw_problems){0};
    return jw_city_build(draft, NULL, problems, NULL, NULL, city, error);
}

static void test_map_without_roads(void **state)
{
    (void)state;
    jw_draft draft = {.is_projected = true};
    jw_problems problems = {0};
    jw_city *city;
    jw_error error;
    jw_fixture_add_node(&draft, 0, 0, false);
    assert_int_equal(build_bad(&draft, &problems, &city, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "no roads"));
    assert_non_null(strstr(error.message, "take an extract that contains streets"));
    /* Roads of no length are none. */
    uint32_t a = jw_fixture_add_node(&draft, 5, 5, false), b = jw_fixture_add_node(&draft, 5, 5, false);
    jw_fixture_add_road(&draft, a, b, JW_ROAD_PRIMARY, 1, 1, 14);
    jw_fixture_add_road(&draft, a, a, JW_ROAD_PRIMARY, 1, 1, 14);
    assert_int_equal(build_bad(&draft, &problems, &city, &error), JW_ERROR_INPUT);
    assert_true(has_problem(&problems, "road of no length"));
    /* Beside a sound one they are left out. */
    uint32_t c = jw_fixture_add_node(&draft, 305, 5, false);
    jw_fixture_add_road(&draft, a, c, JW_ROAD_PRIMARY, 1, 1, 14);
    assert_int_equal(build_bad(&draft, &problems, &city, &error), JW_OK);
    assert_true(problems.count == 1 && problems.items[0].count == 2);
    assert_int_equal(city->edge_count, 2);
    assert_int_equal(jw_city_verify(city, NULL), JW_OK);
    jw_city_release(city);
    jw_problems_free(&problems);
    jw_draft_free(&draft);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_disconnected_roads(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_problems problems = {0};
    jw_city *city;
    jw_error error;
    jw_fixture_draw_grid(&draft, 2, 200, 1, 14, false);
    assert_int_equal(build_bad(&draft, &problems, &city, &error), JW_OK);
    assert_int_equal(problems.count, 0);
    jw_city_release(city);
    for (int i = 0; i < 2; i++) { /* two roads of 500 m, both ways: less 3 m where each turns round */
        uint32_t a = jw_fixture_add_node(&draft, 2000, 300.0 * i, false);
        uint32_t b = jw_fixture_add_node(&draft, 2500, 300.0 * i, false);
        jw_fixture_add_road(&draft, a, b, JW_ROAD_RESIDENTIAL, 1, 1, 14);
    }
    assert_int_equal(build_bad(&draft, &problems, &city, &error), JW_OK);
    assert_int_equal(problems.count, 1);
    assert_true(has_problem(&problems, "1.98 of "));
    assert_true(has_problem(&problems, "lie outside the main part, in 2 parts"));
    jw_city_release(city);
    jw_problems_free(&problems);
    jw_draft_free(&draft);
}

static void draw_star(jw_draft *draft, uint32_t arms, uint32_t lanes)
{
    uint32_t middle = jw_fixture_add_node(draft, 0, 0, false);
    for (uint32_t i = 0; i < arms; i++) {
        double angle_rad = 2 * JW_PI * i / arms;
        uint32_t end = jw_fixture_add_node(draft, 300 * jw_cos(angle_rad), 300 * jw_sin(angle_rad), false);
        jw_fixture_add_road(draft, end, middle, JW_ROAD_PRIMARY, lanes, lanes, 14);
    }
}

static void test_crowded_node(void **state)
{
    (void)state;
    jw_draft draft = {.is_projected = true};
    jw_problems problems = {0};
    jw_city *city;
    jw_error error;
    draw_star(&draft, 200, 250); /* 100,000 lanes at one node */
    draft.nodes[0].source_id = 4711;
    assert_int_equal(build_bad(&draft, &problems, &city, &error), JW_ERROR_LIMIT);
    assert_true(has_problem(&problems, "more than 16 lanes in one direction"));
    assert_non_null(strstr(error.message, "200 roads meet at one junction (node 4711"));
    assert_non_null(strstr(error.message, "several junctions"));
    jw_draft_free(&draft);
    draft = (jw_draft){.is_projected = true};
    draw_star(&draft, 8, 250);
    assert_int_equal(build_bad(&draft, &problems, &city, &error), JW_OK);
    assert_int_equal(city->lane_count, 2 * 8 * 16);
    assert_int_equal(jw_city_verify(city, NULL), JW_OK);
    jw_city_release(city);
    jw_problems_free(&problems);
    jw_draft_free(&draft);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_without_roads), cmocka_unit_test(test_disconnected_roads),
        cmocka_unit_test(test_crowded_node),      cmocka_unit_test(test_road),
        cmocka_unit_test(test_lane_drop),         cmocka_unit_test(test_priority_t),
        cmocka_unit_test(test_signal_cross),      cmocka_unit_test(test_bridge),
        cmocka_unit_test(test_dual_carriageways), cmocka_unit_test(test_turn_lanes),
        cmocka_unit_test(test_approach),          cmocka_unit_test(test_grid),
        cmocka_unit_test(test_roundabout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
