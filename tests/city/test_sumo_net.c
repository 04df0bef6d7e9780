/* SUMO networks as cities: the town of tests/data/sumo (made with netconvert 1.15 of our own nodes and edges)
 * has a signal with a crossing, a priority junction, an all-way stop, right before left, a zipper, a tram
 * line. */
#include "city/test_sumo.h"

#include <stdlib.h>

typedef struct town {
    jw_city *city;
    jw_sumo_missing missing;
    jw_problems problems;
    jw_sumo_plane plane;
} town;

static town read_town(const jw_sumo_demand *demand)
{
    town t = {0};
    jw_error error = {0};
    must_read(jw_sumo_read_net(TOWN, demand, &t.missing, &t.problems, NULL, NULL, &t.city, &t.plane, &error),
              &error);
    must_read(jw_city_verify(t.city, &error), &error);
    return t;
}

static void forget(town *t)
{
    jw_city_release(t->city);
    jw_problems_free(&t->problems);
    jw_sumo_missing_free(&t->missing);
}

static void test_roads(void **state)
{
    (void)state;
    town t = read_town(NULL);
    const jw_city *city = t.city;
    assert_int_equal(city->edge_count, 26);
    assert_int_equal(city->junction_count, 14);
    uint32_t wc = find_edge(city, "wc"), cp = find_edge(city, "cp"), sc = find_edge(city, "sc"),
             ca = find_edge(city, "ca");
    assert_int_equal(city->edges[wc].lane_count, 2);
    assert_near(city->edges[wc].speed_mps, 16.67, 1e-9);
    assert_string_equal(jw_city_text(city, city->edges[wc].name), "人民路 & West");
    assert_int_equal(city->edges[wc].road_class, JW_ROAD_PRIMARY); /* by its type */
    assert_int_equal(city->edges[cp].road_class, JW_ROAD_PRIMARY); /* by its speed */
    assert_int_equal(city->edges[wc].opposite, find_edge(city, "-wc"));
    assert_int_equal(city->edges[find_edge(city, "ze")].opposite, JW_NONE);
    assert_int_equal(city->lanes[city->edges[sc].first_lane].allow,
                     JW_ALLOW_BUS | JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE);
    assert_int_equal(city->lanes[city->edges[ca].first_lane].allow, JW_ALLOW_PEDESTRIAN);
    assert_int_equal(city->edges[ca].lane_count, 2);
    /* "c" lies at 150, 150 of 670 x 500: seen from the middle. */
    const jw_junction *c = &city->junctions[find_junction(city, "c")];
    assert_near(c->x_m + t.plane.offset_x_m, 150, 1e-9);
    assert_near(c->y_m + t.plane.offset_y_m, 150, 1e-9);
    assert_int_equal(city->line_count, 1);
    assert_int_equal(city->lines[0].kind, JW_LINE_RAIL);
    assert_int_equal(count_missing(&t.missing, "rail edge"), 1);
    assert_int_equal(count_missing(&t.missing, "crossing of pedestrians"), 1);
    assert_int_equal(count_missing(&t.missing, "walking area"), 8);
    forget(&t);
}

/* As the requests say: junction p lets the main road go first, a is everybody's stop, r the right's, z a zip.
 */
static void test_right_of_way(void **state)
{
    (void)state;
    town t = read_town(NULL);
    const jw_city *city = t.city;
    uint32_t minor_left = find_connection(city, "psp", 0, "-cp", 1),
             main = find_connection(city, "cp", 0, "pz", 0);
    uint32_t main_left = find_connection(city, "cp", 1, "pr", 0);
    assert_int_not_equal(main, JW_NONE);
    assert_true(yields(city, minor_left, main) && !yields(city, main, minor_left));
    assert_int_equal(city->connections[main].rank, 0);
    assert_int_equal(city->connections[minor_left].rank, 1);
    assert_int_equal(city->connections[main].turn, JW_TURN_STRAIGHT);
    assert_int_equal(city->connections[main_left].turn, JW_TURN_LEFT);
    uint32_t east = find_connection(city, "-aaw", 0, "ar", 0),
             south = find_connection(city, "-an", 0, "-ca", 1);
    assert_int_equal(city->connections[east].rule, JW_RULE_ALL_STOP);
    assert_true(yields(city, east, south) && yields(city, south, east));
    assert_int_equal(city->junctions[find_junction(city, "a")].kind, JW_JUNCTION_STOP);
    /* From the south one has the east on one's right. */
    uint32_t north = find_connection(city, "pr", 0, "rrn", 0),
             west = find_connection(city, "-rre", 0, "-ar", 0);
    assert_true(yields(city, north, west) && !yields(city, west, north));
    assert_int_equal(city->junctions[find_junction(city, "r")].kind, JW_JUNCTION_RIGHT_FIRST);
    uint32_t zip_a = find_connection(city, "pz", 0, "ze", 0),
             zip_b = find_connection(city, "znz", 0, "ze", 0);
    assert_int_equal(city->connections[zip_a].rule, JW_RULE_ZIPPER);
    assert_non_null(find_conflict(city, zip_a, zip_b));
    assert_true(find_conflict(city, zip_a, zip_b)->is_merge);
    forget(&t);
}

/* Left turns at the signal wait inside, where their first internal lane ends: 3.90 m of 15.17. */
static void test_signal(void **state)
{
    (void)state;
    town t = read_town(NULL);
    const jw_city *city = t.city;
    const jw_junction *c = &city->junctions[find_junction(city, "c")];
    assert_int_equal(c->kind, JW_JUNCTION_SIGNAL);
    const jw_programme *p = &city->programmes[c->programme];
    assert_int_equal(p->kind, JW_PROGRAMME_EXTENDED);
    assert_int_equal(p->phase_count, 5);
    assert_int_equal(p->link_count, 17);
    const jw_signal_phase *phase = &city->signal_phases[p->first_phase];
    assert_near(phase->duration_s, 36, 1e-9);
    assert_near(phase->min_s, 7, 1e-9);
    assert_near(phase->max_s, 50, 1e-9);
    assert_memory_equal(city->signal_states + phase->first_state, "rrrgGGgrrrrrGGGgG", 17);
    uint32_t left = find_connection(city, "wc", 1, "ca", 1),
             ahead = find_connection(city, "-cp", 1, "-wc", 1);
    assert_near(city->connections[left].wait_m, 3.9, 1e-6);
    assert_near(city->connections[left].length_m, 15.17, 1e-9);
    assert_near(city->connections[ahead].wait_m, 0, 1e-9);
    assert_true(yields(city, left, ahead) && !yields(city, ahead, left));
    assert_int_equal(city->connections[left].signal_link, 15);
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < city->connection_count; i++)
        waiting += city->connections[i].wait_m > 0;
    assert_int_equal(waiting, 6);
    forget(&t);
}

static void test_programme_of_demand(void **state)
{
    (void)state;
    static const char text[] = "<additional><tlLogic id='c' type='static' programID='1' offset='10'>"
                               "<phase duration='30' state='rrrgGGgrrrrrGGGgG'/>"
                               "<phase duration='5' state='rrrYYYuOosrrYYYgr'/>"
                               "</tlLogic></additional>";
    jw_sumo_demand demand = {0};
    jw_error error = {0};
    must_read(jw_sumo_read_demand_bytes(text, sizeof text - 1, "a.add.xml", &demand, NULL, &error), &error);
    town t = read_town(&demand);
    const jw_programme *p = &t.city->programmes[t.city->junctions[find_junction(t.city, "c")].programme];
    assert_int_equal(p->kind, JW_PROGRAMME_FIXED);
    assert_int_equal(p->phase_count, 2);
    assert_near(p->offset_s, 10, 1e-9);
    assert_near(p->cycle_s, 35, 1e-9);
    assert_memory_equal(t.city->signal_states + t.city->signal_phases[p->first_phase + 1].first_state,
                        "rrryyyuOosrryyygr", 17);
    forget(&t);
    jw_sumo_demand_free(&demand);
}

/* A network of one street, with what stands in the location element. */
static const char street[] =
    "<net><location %s/>"
    "<edge id='e' from='a' to='b'><lane id='e_0' index='0' speed='10' length='%s' "
    "shape='%s'/></edge>"
    "<junction id='a' type='dead_end' x='0' y='0'/><junction id='b' type='dead_end' x='100' "
    "y='0'/></net>";

static jw_city *read_street(const char *location, const char *length, const char *shape, jw_sumo_plane *plane)
{
    char text[2048];
    jw_city *city = NULL;
    jw_error error = {0};
    snprintf(text, sizeof text, street, location, length, shape);
    must_read(
        jw_sumo_read_net_bytes(text, strlen(text), "street.net.xml", NULL, NULL, NULL, &city, plane, &error),
        &error);
    return city;
}

/* UTM zone 50 about Beijing: SUMO's metres are 0.9996 of ours at the central meridian, and turned by the
 * angle of the meridians. */
static void test_projection(void **state)
{
    (void)state;
    jw_sumo_plane plane;
    jw_city *city = read_street("netOffset='-440000,-4410000' projParameter='+proj=utm +zone=50 +ellps=WGS84 "
                                "+datum=WGS84 +units=m +no_defs'",
                                "1000", "0,0 1000,0", &plane);
    assert_near(city->origin_lon_deg, 116.30, 0.02);
    assert_near(city->origin_lat_deg, 39.84, 0.02);
    jw_vec3 a = city->points[city->lanes[0].first_point], b = city->points[city->lanes[0].first_point + 1];
    double drawn_m = jw_sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
    assert_near(drawn_m, 1000 / 0.99964, 0.05);
    assert_true(jw_abs(b.y - a.y) > 3);               /* half a degree or so */
    assert_near(city->lanes[0].length_m, 1000, 1e-9); /* as stated */
    assert_true(plane.projection[0]);
    jw_city_release(city);
    city = read_street("netOffset='0,0' projParameter='!'", "77", "0,0 100,0", &plane);
    assert_near(city->lanes[0].length_m, 77, 1e-9);
    assert_near(city->origin_lon_deg, 0, 1e-9);
    assert_near(plane.offset_x_m, 50, 1e-9);
    jw_city_release(city);
}

/* What cities of other sources can, this one can: stored, written as a GeoPackage, used for demand. */
static void test_is_a_city(void **state)
{
    (void)state;
    town t = read_town(NULL);
    jw_writer writer = {0};
    jw_city_save(t.city, &writer);
    jw_reader reader = jw_reader_make(writer.bytes, writer.size);
    jw_city *again = NULL;
    jw_error error = {0};
    must_read(jw_city_load(&reader, &again, &error), &error);
    assert_true(again->content_hash == t.city->content_hash);
    assert_string_equal(jw_city_text(again, again->edges[find_edge(again, "-psp")].id), "-psp");
    assert_true(t.city->block_count > 0);
    jw_city_release(again);
    jw_writer_free(&writer);
    forget(&t);
}

/* The real city of the data folder: every road, lane and connection. */
static void test_xuancheng(void **state)
{
    (void)state;
    const char *folder = getenv("JINGWEI_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/sumo/xuancheng/xuancheng.net.xml.gz", folder ? folder : "");
    if (!folder || !jw_file_exists(path)) {
        print_message("skipped: JINGWEI_DATA is unset or has no sumo/xuancheng\n");
        skip();
    }
    jw_city *city = NULL;
    jw_problems problems = {0};
    jw_error error = {0};
    must_read(jw_sumo_read_net(path, NULL, NULL, &problems, NULL, NULL, &city, NULL, &error), &error);
    must_read(jw_city_verify(city, &error), &error);
    assert_int_equal(city->edge_count, 968);
    assert_int_equal(city->lane_count, 1936);
    assert_int_equal(city->connection_count, 3827); /* as many as requests */
    assert_int_equal(city->junction_count, 344);
    /* The file has a lane of 1,281,246,898 m. */
    assert_int_equal(count_problems(&problems, "1281246898.01"), 1);
    jw_problems_free(&problems);
    jw_city_release(city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_roads),      JW_UNIT(test_right_of_way),
        JW_UNIT(test_signal),     JW_UNIT(test_programme_of_demand),
        JW_UNIT(test_projection), JW_UNIT(test_is_a_city),
        JW_UNIT(test_xuancheng),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
