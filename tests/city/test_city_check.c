/* Whether traffic can flow: faults that are made on purpose are found, each with its street or junction; what
 * the builder makes of awkward maps has none. */
#include "city/city_fixtures.h"
#include "city/test_osm.h"

static const jw_problem *find(const jw_problems *problems, jw_severity severity, const char *words)
{
    for (uint32_t i = 0; i < problems->count; i++)
        if (problems->items[i].severity == severity && strstr(problems->items[i].message, words))
            return &problems->items[i];
    return NULL;
}

static void check(const jw_city *city, jw_problems *out)
{
    jw_error error = {0};
    *out = (jw_problems){0};
    assert_int_equal(jw_city_check(city, out, &error), JW_OK);
}

static void assert_sound(const jw_city *city)
{
    jw_problems problems;
    check(city, &problems);
    for (uint32_t i = 0; i < problems.count; i++)
        print_message("%s: %s\n", problems.items[i].element, problems.items[i].message);
    assert_int_equal(problems.count, 0);
    jw_problems_free(&problems);
}

static void test_sound(void **state)
{
    (void)state;
    jw_city *cities[] = {jw_fixture_cross(200, 3, 14, true), jw_fixture_cross(200, 1, 14, false),
                         jw_fixture_priority_t(200, 14), jw_fixture_roundabout(20, 100),
                         jw_fixture_grid(4, 150, 2, 14, true)};
    for (uint32_t i = 0; i < JW_COUNT_OF(cities); i++) {
        assert_sound(cities[i]);
        jw_city_release(cities[i]);
    }
}

/* One fault after the other in the signals of a crossing. */
static void test_signals(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_cross(200, 2, 14, true);
    const jw_programme *p = &city->programmes[0];
    char *states = (char *)(uintptr_t)city->signal_states; /* the test alone holds the city */
    jw_problems problems;
    char keep[4096];
    assert_true(city->signal_state_size < sizeof keep);
    memcpy(keep, states, city->signal_state_size);
    for (uint32_t k = 0; k < p->phase_count; k++)
        states[city->signal_phases[p->first_phase + k].first_state + 3] = 'r';
    check(city, &problems);
    assert_int_equal(problems.count, 1);
    assert_non_null(find(&problems, JW_PROBLEM, "never gets green (at "));
    assert_string_equal(problems.items[0].element, "node 1");
    jw_problems_free(&problems);

    memcpy(states, keep, city->signal_state_size);
    memset(states + city->signal_phases[p->first_phase].first_state, 'G', p->link_count);
    check(city, &problems);
    assert_non_null(find(&problems, JW_PROBLEM, "crosses another while both are green and neither yields"));
    jw_problems_free(&problems);

    memcpy(states, keep, city->signal_state_size);
    uint32_t held = 0;
    while (held < city->connection_count &&
           !(city->connections[held].conflict_count > 0 &&
             city->conflicts[city->connections[held].first_conflict].must_yield))
        held++;
    assert_true(held < city->connection_count);
    uint32_t foe = city->connections[city->conflicts[city->connections[held].first_conflict].foe].signal_link;
    for (uint32_t k = 0; k < p->phase_count; k++)
        states[city->signal_phases[p->first_phase + k].first_state + foe] = 'G';
    check(city, &problems);
    assert_non_null(find(&problems, JW_PROBLEM, "always gives way to one that is never red"));
    jw_problems_free(&problems);

    memcpy(states, keep, city->signal_state_size);
    jw_signal_phase *phase = (jw_signal_phase *)(uintptr_t)&city->signal_phases[p->first_phase];
    phase->duration_s = 2;
    check(city, &problems);
    assert_non_null(find(&problems, JW_PROBLEM, "is green too shortly for two vehicles"));
    jw_problems_free(&problems);
    jw_city_release(city);
}

static void test_lanes(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_cross(200, 2, 14, false);
    jw_problems problems;
    jw_lane *lane = (jw_lane *)(uintptr_t)&city->lanes[0];
    lane->connection_count = 0;
    check(city, &problems);
    const jw_problem *problem = find(&problems, JW_PROBLEM, "lane 1 of 2 from the kerb leads nowhere");
    assert_non_null(problem);
    assert_string_equal(problem->element, "way 1");
    jw_problems_free(&problems);
    jw_city_release(city);
}

/* A one-way street that ends in the middle is the map's fault: a warning at its end. */
static void test_dead_end(void **state)
{
    (void)state;
    jw_draft draft = {0};
    uint32_t a = jw_fixture_add_node(&draft, 0, 0, false), b = jw_fixture_add_node(&draft, 300, 0, false);
    uint32_t c = jw_fixture_add_node(&draft, 300, 300, false),
             d = jw_fixture_add_node(&draft, 150, 150, false);
    jw_fixture_add_road(&draft, a, b, JW_ROAD_RESIDENTIAL, 1, 1, 10);
    jw_fixture_add_road(&draft, b, c, JW_ROAD_RESIDENTIAL, 1, 1, 10);
    jw_fixture_add_road(&draft, b, d, JW_ROAD_RESIDENTIAL, 1, 0, 10);
    jw_city *city = jw_fixture_build(&draft);
    jw_problems problems;
    check(city, &problems);
    assert_int_equal(problems.count, 1);
    assert_non_null(find(&problems, JW_WARNING, "cars that come to its end can go nowhere (at "));
    assert_string_equal(problems.items[0].element, "way 3");
    jw_problems_free(&problems);
    jw_city_release(city);
    jw_draft_free(&draft);
}

/* Of many alike the first three say where they are, the others their names. */
static void test_many_alike(void **state)
{
    (void)state;
    jw_draft draft = {0};
    uint32_t last = jw_fixture_add_node(&draft, 0, 0, false);
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t next = jw_fixture_add_node(&draft, 200.0 * (i + 1), 0, false);
        uint32_t end = jw_fixture_add_node(&draft, 200.0 * (i + 1), 150, false);
        jw_fixture_add_road(&draft, last, next, JW_ROAD_RESIDENTIAL, 1, 1, 10);
        jw_fixture_add_road(&draft, next, end, JW_ROAD_RESIDENTIAL, 1, 0, 10);
        last = next;
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_problems problems;
    check(city, &problems);
    assert_int_equal(problems.count, 5); /* and one road that is only left */
    assert_string_equal(problems.items[4].message,
                        "2 more: cars that come to its end can go nowhere: way 8, way 10");
    jw_problems_free(&problems);
    jw_city_release(city);
    jw_draft_free(&draft);
}

/* Under signals the street's class does not count: who goes straight on does not wait for a left turn against
 * him. */
static void test_right_of_way_under_signals(void **state)
{
    (void)state;
    jw_draft draft = {0};
    uint32_t centre = jw_fixture_add_node(&draft, 0, 0, true);
    uint32_t west = jw_fixture_add_node(&draft, -200, 0, false),
             east = jw_fixture_add_node(&draft, 200, 0, false);
    uint32_t north = jw_fixture_add_node(&draft, 0, 200, false);
    jw_fixture_add_road(&draft, west, centre, JW_ROAD_PRIMARY, 1, 1, 14);
    jw_fixture_add_road(&draft, east, centre, JW_ROAD_RESIDENTIAL, 1, 1, 14);
    jw_fixture_add_road(&draft, north, centre, JW_ROAD_PRIMARY, 1, 1, 14);
    jw_city *city = jw_fixture_build(&draft);
    bool is_seen = false;
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *straight = &city->connections[i];
        if (city->lanes[straight->from_lane].edge != 2 || straight->turn != JW_TURN_STRAIGHT)
            continue;
        for (uint32_t k = 0; k < straight->conflict_count; k++) {
            const jw_conflict *conflict = &city->conflicts[straight->first_conflict + k];
            const jw_connection *foe = &city->connections[conflict->foe];
            if (city->lanes[foe->from_lane].edge != 0 || foe->turn != JW_TURN_LEFT)
                continue;
            assert_false(conflict->must_yield);
            is_seen = true;
        }
    }
    assert_true(is_seen);
    assert_sound(city);
    jw_city_release(city);
    jw_draft_free(&draft);
}

/* On a street too short for changing lanes every lane leads everywhere; on a long one each has its own. */
static void test_short_street(void **state)
{
    (void)state;
    for (int is_long = 0; is_long < 2; is_long++) {
        jw_draft draft = {0};
        double end_m = is_long ? 200 : 35;
        uint32_t west = jw_fixture_add_node(&draft, -200, 0, false),
                 first = jw_fixture_add_node(&draft, 0, 0, false);
        uint32_t second = jw_fixture_add_node(&draft, end_m, 0, false);
        uint32_t east = jw_fixture_add_node(&draft, end_m + 200, 0, false);
        uint32_t north = jw_fixture_add_node(&draft, end_m, 200, false);
        uint32_t south = jw_fixture_add_node(&draft, end_m, -200, false);
        uint32_t side = jw_fixture_add_node(&draft, 0, 200, false);
        jw_fixture_add_road(&draft, west, first, JW_ROAD_PRIMARY, 3, 3, 14);
        jw_fixture_add_road(&draft, first, second, JW_ROAD_PRIMARY, 3, 3, 14);
        jw_fixture_add_road(&draft, second, east, JW_ROAD_PRIMARY, 3, 3, 14);
        jw_fixture_add_road(&draft, second, north, JW_ROAD_PRIMARY, 1, 1, 14);
        jw_fixture_add_road(&draft, second, south, JW_ROAD_PRIMARY, 1, 1, 14);
        jw_fixture_add_road(&draft, first, side, JW_ROAD_PRIMARY, 1, 1, 14);
        jw_city *city = jw_fixture_build(&draft);
        const jw_edge *edge = &city->edges[2];
        assert_int_equal(edge->lane_count, 3);
        assert_true(is_long ? edge->length_m > 100 : edge->length_m < 25);
        for (uint32_t i = 0; i < 3; i++) {
            const jw_lane *lane = &city->lanes[edge->first_lane + i];
            bool has_turn[4] = {false};
            for (uint32_t k = 0; k < lane->connection_count; k++)
                has_turn[city->connections[city->lane_connections[lane->first_connection + k]].turn] = true;
            assert_int_equal(has_turn[JW_TURN_LEFT], !is_long || i == 2);
            assert_int_equal(has_turn[JW_TURN_RIGHT], !is_long || i == 0);
        }
        assert_sound(city);
        jw_city_release(city);
        jw_draft_free(&draft);
    }
}

static jw_city *read_map(const char *body, jw_problems *problems)
{
    char text[8192];
    jw_draft draft = {0};
    jw_error error = {0};
    jw_city *city = NULL;
    snprintf(text, sizeof text, "<osm version='0.6'>%s</osm>", body);
    must_read(jw_read_osm_bytes(text, strlen(text), "a.osm", &draft, problems, &error), &error);
    must_read(jw_city_build(&draft, NULL, problems, NULL, NULL, &city, &error), &error);
    must_read(jw_city_verify(city, &error), &error);
    jw_draft_free(&draft);
    return city;
}

#define TAGS "<tag k='highway' v='secondary'/>"
#define ONE  TAGS "<tag k='oneway' v='yes'/>"

/* Two carriageways that cross two others: four nodes, one junction. */
static const char crossing[] =
    "<node id='1' lat='31.0000' lon='121.0000'/><node id='2' lat='31.0000' lon='121.0020'/>"
    "<node id='3' lat='31.0000' lon='121.0022'/><node id='4' lat='31.0000' lon='121.0042'/>"
    "<node id='5' lat='31.0002' lon='121.0000'/><node id='6' lat='31.0002' lon='121.0020'/>"
    "<node id='7' lat='31.0002' lon='121.0022'/><node id='8' lat='31.0002' lon='121.0042'/>"
    "<node id='11' lat='30.9980' lon='121.0022'/><node id='12' lat='31.0022' lon='121.0022'/>"
    "<node id='13' lat='30.9980' lon='121.0020'/><node id='14' lat='31.0022' lon='121.0020'/>"
    "<way id='21'><nd ref='1'/><nd ref='2'/><nd ref='3'/><nd ref='4'/>" ONE
    "<tag k='name' v='East Road'/></way>"
    "<way id='22'><nd ref='8'/><nd ref='7'/><nd ref='6'/><nd ref='5'/>" ONE
    "<tag k='name' v='East Road'/></way>"
    "<way id='23'><nd ref='11'/><nd ref='3'/><nd ref='7'/><nd ref='12'/>" ONE
    "<tag k='name' v='North Road'/></way>"
    "<way id='24'><nd ref='14'/><nd ref='6'/><nd ref='2'/><nd ref='13'/>" ONE
    "<tag k='name' v='North Road'/></way>";

/* A road of both ways that passes an island, and a one-way street. */
static const char island[] =
    "<node id='1' lat='31.0000' lon='121.0000'/><node id='2' lat='31.0000' lon='121.0020'/>"
    "<node id='3' lat='31.0001' lon='121.0025'/><node id='4' lat='30.9999' lon='121.0025'/>"
    "<node id='5' lat='31.0000' lon='121.0030'/><node id='6' lat='31.0000' lon='121.0060'/>"
    "<node id='7' lat='31.0020' lon='121.0060'/>"
    "<way id='31'><nd ref='1'/><nd ref='2'/>" TAGS "<tag k='name' v='Road'/></way>"
    "<way id='32'><nd ref='5'/><nd ref='3'/><nd ref='2'/>" ONE "<tag k='name' v='Road'/></way>"
    "<way id='33'><nd ref='2'/><nd ref='4'/><nd ref='5'/>" ONE "<tag k='name' v='Road'/></way>"
    "<way id='34'><nd ref='5'/><nd ref='6'/>" TAGS "<tag k='name' v='Road'/></way>"
    "<way id='35'><nd ref='6'/><nd ref='7'/>" ONE "<tag k='name' v='Street'/></way>";

static uint32_t count_lanes(const jw_city *city, uint64_t way)
{
    for (uint32_t e = 0; e < city->edge_count; e++)
        if (city->edges[e].source_id == way)
            return city->edges[e].lane_count;
    return 0;
}

/* Divided main roads have two lanes each way and signals where they cross. */
static void test_divided_roads(void **state)
{
    (void)state;
    jw_problems problems = {0};
    jw_city *city = read_map(crossing, &problems);
    assert_int_equal(city->programme_count, 1);
    assert_non_null(find(&problems, JW_NOTE, "no signals: they are assumed"));
    for (uint64_t way = 21; way <= 24; way++)
        assert_int_equal(count_lanes(city, way), 2);
    assert_sound(city);
    jw_city_release(city);
    jw_problems_free(&problems);
    /* A one-way street is no divided road; nor are the two sides of an island in a road of both ways. */
    city = read_map(island, NULL);
    for (uint64_t way = 31; way <= 35; way++)
        assert_int_equal(count_lanes(city, way), 1);
    assert_int_equal(city->programme_count, 0);
    jw_city_release(city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_lanes),        cmocka_unit_test(test_dead_end),
        cmocka_unit_test(test_many_alike),   cmocka_unit_test(test_right_of_way_under_signals),
        cmocka_unit_test(test_short_street), cmocka_unit_test(test_divided_roads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
