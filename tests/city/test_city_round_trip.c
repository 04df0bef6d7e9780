/* Cities as GeoPackages: what was built comes back the same. */
#include "city/city_gpkg_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void round_trip(jw_city *city)
{
    jw_gpkg_test_write(city);
    jw_city *again = jw_gpkg_test_read();
    jw_gpkg_test_expect_same_network(city, again);
    jw_city_release(again);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_networks_come_back(void **state)
{
    (void)state;
    round_trip(jw_fixture_road(1000, 3, 20));
    round_trip(jw_fixture_two_roads(300, 3, 2, 15));
    round_trip(jw_fixture_cross(200, 2, 14, true));
    round_trip(jw_fixture_cross(200, 3, 14, false));
    round_trip(jw_fixture_priority_t(200, 50 / 3.6));
    round_trip(jw_fixture_roundabout(25, 150));
    round_trip(jw_fixture_grid(3, 180, 2, 50 / 3.6, true));
}

/* What metres the file gives back are those that went in, to the millimetre. */
static void test_millimetres(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(2, 180, 2, 50 / 3.6, false);
    jw_gpkg_test_write(city);
    jw_draft draft;
    jw_gpkg_test_read_draft(&draft, NULL);
    assert_int_equal(draft.road_count, city->edge_count);
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *edge = &city->edges[i];
        const jw_draft_road *road = &draft.roads[i];
        assert_int_equal(edge->point_count, road->ref_count);
        for (uint32_t k = 0; k < edge->point_count; k++) {
            jw_vec3 p = city->points[edge->first_point + k];
            const jw_draft_node *node = &draft.nodes[draft.refs[road->first_ref + k]];
            assert_true(fabs(node->x_m - p.x) < 0.000501 && fabs(node->y_m - p.y) < 0.000501);
            assert_true(node->x_m == jw_round_mm(node->x_m));
        }
    }
    jw_draft_free(&draft);
    jw_city_release(city);
}

/* ---- heights ------------------------------------------------------------------------------------------- */

/* By the way along, as points that are one in the file's millimetres are one. */
static void expect_same_heights(const jw_city *city, const jw_city *again)
{
    for (uint32_t e = 0; e < city->edge_count; e++) {
        const jw_edge *a = &city->edges[e], *b = &again->edges[e];
        for (uint32_t k = 0; k <= 8; k++) {
            double s_m = a->length_m * k / 8;
            jw_vec3 p = jw_polyline_at(city->points + a->first_point, a->point_count, s_m, NULL);
            jw_vec3 q = jw_polyline_at(again->points + b->first_point, b->point_count, s_m, NULL);
            assert_true(fabs(p.z - q.z) < 0.005);
        }
    }
    for (uint32_t j = 0; j < city->junction_count; j++)
        assert_true(fabs(city->junctions[j].z_m - again->junctions[j].z_m) < 0.001);
}

/* A bridge with its ramps over a road, and a tunnel. */
static jw_city *make_bridge(void)
{
    static const double places[][2] = {{-300, 0}, {-60, 0}, {60, 0},    {300, 0},
                                       {0, -300}, {0, 300}, {100, 300}, {400, 300}};
    static const uint32_t roads[][2] = {{0, 1}, {1, 2}, {2, 3}, {4, 5}, {5, 6}, {6, 7}};
    jw_draft draft = {0};
    for (uint32_t i = 0; i < JW_COUNT_OF(places); i++)
        jw_fixture_add_node(&draft, places[i][0], places[i][1], false);
    for (uint32_t i = 0; i < JW_COUNT_OF(roads); i++)
        jw_fixture_add_road(&draft, roads[i][0], roads[i][1], JW_ROAD_PRIMARY, 2, 2, 14);
    draft.roads[1].layer = 1;
    draft.roads[1].is_bridge = 1;
    draft.roads[5].layer = -1;
    draft.roads[5].is_tunnel = 1;
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

static void test_heights(void **state)
{
    (void)state;
    jw_city *city = make_bridge();
    double highest_m = 0, lowest_m = 0;
    for (uint32_t i = 0; i < city->point_count; i++) {
        highest_m = jw_max(highest_m, city->points[i].z);
        lowest_m = jw_min(lowest_m, city->points[i].z);
    }
    assert_float_equal(highest_m, 6, 1e-6);
    assert_float_equal(lowest_m, -6, 1e-6);
    jw_gpkg_test_write(city);
    jw_city *again = jw_gpkg_test_read();
    expect_same_heights(city, again);
    jw_city_release(again);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- rules that the file must carry -------------------------------------------------------------------- */

static void test_forbidden_turns_and_signs(void **state)
{
    (void)state;
    {
        jw_draft draft = {0};
        jw_fixture_draw_grid(&draft, 2, 200, 2, 50 / 3.6, false);
        for (uint32_t i = 0; i < draft.road_count; i++)
            draft.roads[i].road_class = i % 2 ? JW_ROAD_SECONDARY : JW_ROAD_TERTIARY;
        for (uint32_t i = 0; i < draft.node_count; i++)
            draft.nodes[i].source_id = 1000 + i;
        for (uint32_t i = 0; i < draft.road_count; i++)
            draft.roads[i].source_id = 1 + i;
        jw_city *free_city = jw_fixture_build(&draft);
        for (uint32_t a = 0; a < draft.road_count;
             a++) /* no turns from the first three roads to the next ones */
            for (uint32_t n = 0; n < draft.node_count && a < 3; n++) {
                jw_draft_restriction ban = {1 + a, 2 + a, 1000 + n, JW_RESTRICTION_NO, JW_TURN_LEFT};
                assert_int_equal(jw_draft_add_restriction(&draft, &ban, NULL), JW_OK);
            }
        jw_city *city = jw_fixture_build(&draft);
        assert_true(jw_gpkg_test_missing_connections(free_city, city) > 0);
        jw_city_release(free_city);
        jw_draft_free(&draft);
        round_trip(city);
    }
}

static void test_stop_signs(void **state)
{
    (void)state;
    /* A residential street crosses a primary road that must stop: against what the classes say. */
    jw_draft draft = {.is_projected = true, .origin_lon_deg = 116, .origin_lat_deg = 39};
    uint32_t middle = jw_fixture_add_node(&draft, 0, 0, false);
    const double x[] = {-200, 200, 0, 0}, y[] = {0, 0, -200, 200};
    for (int i = 0; i < 4; i++) {
        uint32_t end = jw_fixture_add_node(&draft, x[i], y[i], false);
        if (i >= 2) {
            jw_fixture_add_road(&draft, end, middle, JW_ROAD_RESIDENTIAL, 1, 1, 10);
            continue;
        }
        uint32_t sign = jw_fixture_add_node(&draft, x[i] * 0.05, 0, false);
        draft.nodes[sign].has_stop = 1;
        uint32_t refs[] = {end, sign, middle};
        jw_draft_road road = {
            .road_class = JW_ROAD_PRIMARY, .lanes_forward = 1, .lanes_backward = 1, .speed_mps = 14};
        assert_int_equal(jw_draft_add_road(&draft, &road, refs, 3, NULL, NULL), JW_OK);
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    uint32_t stops = 0;
    for (uint32_t j = 0; j < city->junction_count; j++)
        stops += city->junctions[j].kind == JW_JUNCTION_STOP;
    assert_int_equal(stops, 1);
    jw_gpkg_test_write(city);
    jw_city *again = jw_gpkg_test_read();
    jw_gpkg_test_expect_same_network(city, again);
    /* Each pair of connections is decided alike. */
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *p = &city->connections[i], *q = &again->connections[i];
        assert_int_equal(p->conflict_count, q->conflict_count);
        for (uint32_t k = 0; k < p->conflict_count; k++) {
            const jw_conflict *c = &city->conflicts[p->first_conflict + k];
            for (uint32_t m = 0; m < q->conflict_count; m++) {
                const jw_conflict *d = &again->conflicts[q->first_conflict + m];
                if (d->foe == c->foe)
                    assert_int_equal(c->must_yield, d->must_yield);
            }
        }
    }
    jw_city_release(again);
    jw_city_release(city);
}

/* ---- whole cities -------------------------------------------------------------------------------------- */

static void test_planned_city(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_plan_def def = {.style = "district"};
    assert_int_equal(jw_plan_city(&def, &draft, NULL), JW_OK);
    uint32_t drawn = 0, built = 0;
    for (uint32_t i = 0; i < draft.node_count; i++)
        drawn += draft.nodes[i].is_gate;
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    for (uint32_t i = 0; i < city->place_count; i++)
        built += city->places[i].kind == JW_PLACE_GATE;
    assert_true(drawn > 0);
    assert_int_equal(built, drawn); /* each gate once */
    round_trip(city);
}

static void test_real_maps(void **state)
{
    (void)state;
    const char *data = getenv("JINGWEI_DATA");
    if (!data) {
        print_message("skipped: JINGWEI_DATA does not name the folder of real maps\n");
        skip();
    }
    static const char *const maps[] = {"monaco.osm.gz", "krems.osm.gz", "shanghai_center.osm.gz"};
    for (uint32_t m = 0; m < JW_COUNT_OF(maps); m++) {
        char map[300];
        snprintf(map, sizeof map, "%s/%s", data, maps[m]);
        jw_draft draft = {0};
        jw_error error = {0};
        if (jw_read_osm(map, &draft, NULL, NULL, NULL, &error) != JW_OK)
            fail_msg("%s", error.message);
        jw_city *city = jw_fixture_build(&draft);
        jw_draft_free(&draft);
        jw_gpkg_test_write(city);
        jw_city *again = jw_gpkg_test_read();
        jw_gpkg_test_expect_same_network(city, again);
        expect_same_heights(city, again);
        assert_int_equal(city->conflict_count, again->conflict_count);
        assert_int_equal(again->building_count, city->building_count);
        assert_int_equal(again->area_count, city->area_count);
        assert_int_equal(again->block_count, city->block_count);
        assert_int_equal(again->place_count, city->place_count);
        for (uint32_t b = 0; b < city->block_count; b++)
            assert_true(again->blocks[b].x_m == city->blocks[b].x_m &&
                        again->blocks[b].y_m == city->blocks[b].y_m &&
                        again->blocks[b].access_count == city->blocks[b].access_count);
        for (uint32_t e = 0; e < city->edge_count; e++) {
            const jw_edge *p = &city->edges[e], *q = &again->edges[e];
            assert_int_equal(p->point_count, q->point_count);
            for (uint32_t k = 0; k < p->point_count; k++)
                assert_true(city->points[p->first_point + k].x == again->points[q->first_point + k].x &&
                            city->points[p->first_point + k].y == again->points[q->first_point + k].y);
        }
        for (uint32_t c = 0; c < city->connection_count; c++)
            assert_true(city->connections[c].speed_mps == again->connections[c].speed_mps &&
                        city->connections[c].length_m == again->connections[c].length_m);
        jw_city_release(again);
        jw_city_release(city);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- given signal programmes --------------------------------------------------------------------------- */

/* A grid's draft with connections as given, all of them under one programme of two phases. */
static void draw_programme(jw_draft *draft, const char *first, const char *second, double duration_s)
{
    jw_city *city = jw_fixture_grid(2, 180, 1, 50 / 3.6, true);
    jw_gpkg_test_write(city);
    jw_gpkg_test_read_draft(draft, NULL);
    jw_city_release(city);
    draft->programme_count = draft->signal_phase_count = 0;
    uint32_t programme;
    assert_int_equal(jw_draft_add_programme(draft, JW_PROGRAMME_ACTUATED, 12.5, &programme, NULL), JW_OK);
    assert_int_equal(jw_draft_add_signal_phase(draft, duration_s, 5, 50, first, NULL), JW_OK);
    assert_int_equal(jw_draft_add_signal_phase(draft, 3.3, 0, 0, second, NULL), JW_OK);
    for (uint32_t i = 0; i < draft->connection_count; i++) {
        draft->connections[i].programme1 = programme + 1;
        draft->connections[i].signal_link = i % 3;
    }
}

/* One programme for junctions that are worked as one: shared links, any letters, durations that are no whole
 * seconds. */
static void test_given_programmes(void **state)
{
    (void)state;
    jw_draft draft;
    draw_programme(&draft, "GsOr", "uyor", 33.3);
    draft.connections[5].programme1 = 0; /* no signal for it */
    jw_city *city = jw_fixture_build(&draft);
    assert_int_equal(city->programme_count, 1);
    const jw_programme *p = &city->programmes[0];
    assert_true(p->kind == JW_PROGRAMME_ACTUATED && p->offset_s == 12.5 && p->link_count == 4);
    assert_true(fabs(p->cycle_s - 36.6) < 1e-9);
    uint32_t controlled = 0, free_count = 0;
    for (uint32_t j = 0; j < city->junction_count; j++)
        controlled += city->junctions[j].programme == 0;
    for (uint32_t c = 0; c < city->connection_count; c++)
        free_count += city->connections[c].signal_link == JW_NONE;
    assert_true(controlled == city->junction_count && free_count == 1);
    const jw_signal_phase *phases = city->signal_phases + p->first_phase;
    assert_memory_equal(city->signal_states + phases[0].first_state, "GsOr", 4);
    assert_memory_equal(city->signal_states + phases[1].first_state, "uyor", 4);
    assert_true(phases[0].min_s == 5 && phases[0].max_s == 50);
    assert_true(phases[1].min_s == 3.3 && phases[1].max_s == 3.3);
    jw_draft_free(&draft);
    round_trip(city);
}

static void test_senseless_programmes(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second, *says;
        double duration_s;
    } cases[] = {{"Gr", "yr", "no such link", 30},       {"GrG", "yr", "not equally long", 30},
                 {"GrX", "yrr", "none of GgsyuroO", 30}, {"", "", "no link", 30},
                 {"GrG", "yry", "a duration", 0},        {"GrG", "yry", "a duration", 1e9}};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        jw_draft draft;
        draw_programme(&draft, cases[i].first, cases[i].second, cases[i].duration_s);
        jw_problems problems = {0};
        jw_city *city = NULL;
        assert_int_equal(jw_city_build(&draft, NULL, &problems, NULL, NULL, &city, NULL), JW_OK);
        assert_int_equal(jw_city_verify(city, NULL), JW_OK);
        assert_int_equal(city->programme_count, 5); /* where three or four roads meet: timed by rule */
        bool is_said = false;
        for (uint32_t k = 0; k < problems.count; k++)
            is_said |= strstr(problems.items[k].message, cases[i].says) != NULL;
        assert_true(is_said);
        jw_problems_free(&problems);
        jw_city_release(city);
        jw_draft_free(&draft);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        file_test(test_networks_come_back),
        file_test(test_millimetres),
        file_test(test_heights),
        file_test(test_forbidden_turns_and_signs),
        file_test(test_stop_signs),
        file_test(test_planned_city),
        file_test(test_real_maps),
        file_test(test_given_programmes),
        file_test(test_senseless_programmes),
    };
    return cmocka_run_group_tests(tests, jw_gpkg_test_begin, jw_gpkg_test_end);
}
