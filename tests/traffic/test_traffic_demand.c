/* Demand: every trip of a matrix or a list departs, waits or is counted as impossible; the hours add up to a
 * day; files that are wrong are named by line. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char path[] = "test_traffic_demand.csv";

static void write_text(const char *text)
{
    jw_error error = {0};
    assert_int_equal(jw_file_write(path, text, strlen(text), &error), JW_OK);
}

static jw_city *grid(void)
{
    return jw_fixture_grid(4, 200, 2, 13.9, false);
}

static void test_matrix_is_conserved(void **state)
{
    (void)state;
    write_text("# morning\nfrom,to,begin,end,count,class\nblock:0,block:15,07:00,07:10,60,car\n"
               "block:3,block:12,07:05,07:06,25.5,\nedge:0,west,07:02:30,07:09,7,truck\n"
               "block:1,block:2,06:00,07:00,99,car\n");
    jw_city *city = grid();
    jw_demand_data data = {0};
    jw_error error = {0};
    const jw_vec2 corners[] = {{-50, -50}, {150, -50}, {150, 900}, {-50, 900}};
    assert_int_equal(jw_demand_add_polygon(&data, city, "west", corners, 4, &error), JW_OK);
    assert_true(data.zones[0].from_count > 5);
    assert_int_equal(jw_demand_read_od(&data, city, path, &error), JW_OK);
    assert_int_equal(data.cell_count, 4);
    assert_int_equal(data.cells[2].line, 5);
    jw_traffic_def def = test_plain_def();
    def.demand_data = &data;
    test_scene s = test_scene_make(city, &def, 0.5, 7 * 3600, 2);
    jw_demand_data_free(&data); /* the module has its own */
    test_scene_run(&s, 5 * 60);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    /* Half of the first cell and of the third's 390 s what has gone by; the second begins now. */
    assert_in_range(c.created + c.impossible, 30 + 2, 30 + 3 + 26);
    test_scene_run(&s, 6 * 60);
    c = jw_traffic_count(s.traffic);
    assert_in_range(c.created + c.impossible, 60 + 25 + 7, 60 + 26 + 7);
    assert_int_equal(c.impossible, 0);
    assert_int_equal(c.created, c.departed + c.waiting);
    test_scene_run(&s, 20 * 60);
    c = jw_traffic_count(s.traffic);
    assert_in_range(c.arrived, 92, 93);
    assert_int_equal(c.running + c.waiting, 0);
    /* The tag is the cell's number: the truck's trips are seven. */
    const jw_table *trips = &jw_traffic_module.tables[2];
    uint32_t of_cell[5] = {0};
    for (uint32_t row = 0; row < trips->row_count(s.world, s.traffic); row++)
        of_cell[trips->integer(s.world, s.traffic, row, 10)]++;
    assert_int_equal(of_cell[1], 60);
    assert_in_range(of_cell[2], 25, 26);
    assert_int_equal(of_cell[3], 7);
    test_scene_free(&s);
    unlink(path);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* A fraction of a trip is a trip on as many days; the factor multiplies. */
static void test_matrix_fractions(void **state)
{
    (void)state;
    double mean = 0;
    for (uint32_t seed = 0; seed < 2; seed++) {
        jw_city *city = grid();
        jw_demand_data data = {0};
        jw_error error = {0};
        uint32_t from, to;
        assert_int_equal(jw_demand_find_zone(&data, city, "block:0", &from, &error), JW_OK);
        assert_int_equal(jw_demand_find_zone(&data, city, "block:15", &to, &error), JW_OK);
        assert_int_equal(jw_grow(&data.cells, &data.cell_capacity, 400, sizeof *data.cells, &error), JW_OK);
        for (uint32_t k = 0; k < 400; k++)
            data.cells[data.cell_count++] = (jw_od_cell){.begin_s = 10 * (k % 7),
                                                         .end_s = 600 + k,
                                                         .trips = 0.15,
                                                         .from_zone = from,
                                                         .to_zone = to,
                                                         .vehicle_class = seed ? 5 : JW_VEHICLE_CLASS_COUNT};
        jw_traffic_def def = test_plain_def();
        def.demand_data = &data;
        def.demand.factor = 2;
        test_scene s = test_scene_make(city, &def, 1, 0, 1);
        test_scene_run(&s, 1100);
        jw_traffic_counts c = jw_traffic_count(s.traffic);
        mean += (double)(c.created + c.impossible) / 2;
        test_scene_free(&s);
        jw_demand_data_free(&data);
    }
    /* 400 cells of 0.3: 120 +- 4 sd of sqrt(400 * 0.3 * 0.7 / 2). */
    printf("fractions: %.1f trips of 120\n", mean);
    assert_true(mean > 120 - 26 && mean < 120 + 26);
}

static void test_list(void **state)
{
    (void)state;
    write_text(
        "depart,class,from,to,route,tag\n07:00:20,car,block:0,block:15,,11\n07:00:05,truck,edge:0,block:9,,"
        "12\n06:59:59,car,block:0,block:3,,13\n25260,car,,,0 5,14\n");
    jw_city *city = grid();
    jw_demand_data data = {0};
    jw_error error = {0};
    /* The one way on from edge 0 that the fixture has: whatever it is. */
    uint32_t next = JW_NONE;
    const jw_lane *lane = &city->lanes[city->edges[0].first_lane];
    next = city->lanes[city->connections[city->lane_connections[lane->first_connection]].to_lane].edge;
    char text[400];
    snprintf(
        text, sizeof text,
        "depart,class,from,to,route,tag\n07:00:20,car,block:0,block:15,,11\n07:00:05,truck,edge:0,block:9,,"
        "12\n06:59:59,car,block:0,block:3,,13\n25260,car,,,0 %u,14\n",
        next);
    write_text(text);
    assert_int_equal(jw_demand_read_trips(&data, city, path, &error), JW_OK);
    assert_int_equal(data.trip_count, 4);
    assert_int_equal(data.trips[3].route_count, 2);
    jw_traffic_def def = test_plain_def();
    def.demand_data = &data;
    test_scene s = test_scene_make(city, &def, 0.5, 7 * 3600, 1);
    jw_demand_data_free(&data);
    test_scene_run(&s, 300);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    assert_int_equal(c.created, 3); /* one was too early */
    assert_int_equal(c.arrived, 3);
    const jw_table *trips = &jw_traffic_module.tables[2];
    for (uint32_t row = 0; row < 3; row++) {
        int64_t tag = trips->integer(s.world, s.traffic, row, 10);
        double depart_s = jw_s_from_ns(trips->integer(s.world, s.traffic, row, 0));
        assert_in_range(tag, 11, 14);
        assert_true(depart_s == (tag == 11 ? 25220 : tag == 12 ? 25205 : 25260));
    }
    test_scene_free(&s);
    unlink(path);
}

static void test_bad_files(void **state)
{
    (void)state;
    static const struct {
        bool is_od;
        int line;
        const char *text, *part;
    } bad[] = {
        {true, 1, "from,to,begin,end\n", "there is no column \"count\""},
        {true, 2, "from,to,begin,end,count\nblock:99,block:1,7:00,8:00,5\n", "there is no zone \"block:99\""},
        {true, 2, "from,to,begin,end,count\nblock:x,block:1,7:00,8:00,5\n", "there is no zone \"block:x\""},
        {true, 3, "from,to,begin,end,count\nblock:0,block:1,7:00,8:00,5\nblock:1,block:0,8:00,7:00,5\n",
         "it must end later"},
        {true, 2, "from,to,begin,end,count\nblock:0,block:1,7:00,25:00,5\n", "lies beyond 24 h"},
        {true, 2, "from,to,begin,end,count\nblock:0,block:1,7:00,8:00,-5\n", "is not between"},
        {true, 2, "from,to,begin,end,count\nblock:0,block:1,7:00,8:00,1e99\n", "is not between"},
        {true, 2, "from,to,begin,end,count,class\nblock:0,block:1,7:00,8:00,5,horse\n",
         "does not exist: car"},
        {false, 1, "from,to\n1,2\n", "there is no column \"depart\""},
        {false, 2, "depart,from,to\n-5,block:0,block:1\n", "is not between"},
        {false, 2, "depart,from\n5,block:0\n", "from and to, or a route"},
        {false, 2, "depart,route\n5,0 1x\n", "write the numbers of edges"},
        {false, 2, "depart,route\n5,0 0\n", "cannot go from edge 0 to edge 0"},
        {false, 2, "depart,route\n5,0 123456\n", "write the numbers of edges"},
        {false, 2, "depart,from,to,tag\n5,block:0,block:1,-1\n", "tag: -1 is not between"},
    };
    jw_city *city = grid();
    for (uint32_t k = 0; k < JW_COUNT_OF(bad); k++) {
        jw_demand_data data = {0};
        jw_error error = {0};
        write_text(bad[k].text);
        jw_result result = bad[k].is_od ? jw_demand_read_od(&data, city, path, &error)
                                        : jw_demand_read_trips(&data, city, path, &error);
        assert_int_equal(result, JW_ERROR_INPUT);
        if (!strstr(error.message, bad[k].part))
            printf("%s\n", error.message);
        assert_non_null(strstr(error.message, bad[k].part));
        assert_string_equal(error.file, path);
        assert_int_equal(error.line, bad[k].line);
        jw_demand_data_free(&data);
    }
    jw_city_release(city);
    unlink(path);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* What is written is what was read. */
static void test_write(void **state)
{
    (void)state;
    static const char text[] = "from,to,begin,end,count,class\nblock:0,block:1,07:00:00,08:00:00,5.25,\n"
                               "edge:3,block:1,00:00:00,24:00:00,100,ebike\n";
    jw_city *city = grid();
    jw_demand_data data = {0};
    jw_error error = {0};
    char *back;
    size_t size;
    write_text(text);
    assert_int_equal(jw_demand_read_od(&data, city, path, &error), JW_OK);
    assert_int_equal(jw_demand_write_od(&data, path, &error), JW_OK);
    assert_int_equal(jw_file_read(path, 1000, &back, &size, &error), JW_OK);
    assert_string_equal(back, text);
    jw_free(back);
    jw_demand_data_free(&data);
    jw_city_release(city);
    unlink(path);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* The hours of gravity add up to trips_per_person_day; 16 blocks of 300 people. Nobody has to drive: what is
 * wished is counted. */
static void test_day(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.demand.is_gravity = true;
    def.demand.trips_per_person_day = 0.5;
    def.demand.max_running = 1;
    test_scene s = test_scene_make(jw_fixture_grid(4, 200, 2, 13.9, false), &def, 1, 0, 1);
    double half = 0;
    for (uint32_t hour = 0; hour < 24; hour++) {
        for (uint32_t k = 0; k < 3600; k++) {
            jw_error error = {0};
            assert_int_equal(jw_world_step(s.world, &error), JW_OK);
        }
        jw_traffic_counts c = jw_traffic_count(s.traffic);
        if (hour == 8)
            half = (double)(c.created + c.impossible);
    }
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    double day = (double)(c.created + c.impossible), expected = 16 * 300 * 0.5;
    printf("a day: %.0f trips of %.0f, %.0f by 9 o'clock\n", day, expected, half);
    assert_true(day > expected - 4 * 49 && day < expected + 4 * 49); /* Poisson */
    assert_true(c.impossible < 0.02 * expected);
    assert_true(half > 0.2 * expected && half < 0.3 * expected); /* 0.25 by the table */
    test_scene_free(&s);
}

/* Vehicles in the background: from gate to gate, over the hours as all trips. */
static void test_through(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_plan_def plan = {.style = "district", .area_km2 = 2, .seed = 3};
    jw_build_def build = {.threads = 1};
    jw_city *city = NULL;
    jw_error error = {0};
    assert_int_equal(jw_plan_city(&plan, &draft, &error), JW_OK);
    assert_int_equal(jw_city_build(&draft, &build, NULL, NULL, NULL, &city, &error), JW_OK);
    jw_draft_free(&draft);
    jw_traffic_def def = test_plain_def();
    def.demand.through_per_day = 24000;
    test_scene s = test_scene_make(city, &def, 1, 8 * 3600, 1);
    test_scene_run(&s, 3600);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    printf("through: %lld of 1920 in the hour from 8\n", (long long)c.created);
    assert_in_range(c.created, 1920 - 4 * 44, 1920 + 4 * 44); /* 8.0 % of a day's; Poisson */
    assert_int_equal(c.impossible, 0);
    const jw_table *trips = &jw_traffic_module.tables[2];
    uint32_t rows = trips->row_count(s.world, s.traffic);
    assert_true(rows > 500);
    for (uint32_t row = 0; row < rows; row++)
        for (uint32_t end = 0; end < 2; end++) {
            const jw_edge *edge = &city->edges[trips->integer(s.world, s.traffic, row, 4 + end)];
            const jw_junction *j = &city->junctions[end ? edge->to : edge->from];
            bool is_gate = false;
            for (uint32_t k = 0; k < city->place_count; k++)
                is_gate |= city->places[k].kind == JW_PLACE_GATE &&
                           jw_abs(city->places[k].x_m - j->x_m) + jw_abs(city->places[k].y_m - j->y_m) < 250;
            assert_true(is_gate);
        }
    test_scene_free(&s);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Everybody goes out and comes home to where the vehicle stood; nothing is made or lost on the way (each step
 * is checked). Leaving times follow the published shares. */
static void test_chains(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.demand.chains_per_resident = 0.1;
    def.demand.work_share = 1;
    def.demand.ebike_share = 0.2;
    test_scene s = test_scene_make(jw_fixture_grid(4, 200, 2, 13.9, false), &def, 1, 4 * 3600, 1);
    jw_person_counts at_4 = jw_traffic_count_persons(s.traffic);
    assert_in_range(at_4.persons, 470, 480); /* 16 x 300 x 0.1; a few live where they work */
    assert_int_equal(at_4.persons, at_4.at_home + at_4.at_work + at_4.elsewhere);
    assert_true(at_4.at_home > 0.85 * at_4.persons);
    const jw_table *edges = &jw_traffic_module.tables[0];
    int64_t standing[100] = {0};
    uint32_t edge_count = s.city->edge_count, moved = 0;
    assert_true(edge_count <= 100);
    for (uint32_t e = 0; e < edge_count; e++)
        standing[e] = edges->integer(s.world, s.traffic, e, 6);
    test_scene_run(&s, 8 * 3600);
    jw_person_counts noon = jw_traffic_count_persons(s.traffic);
    assert_int_equal(noon.persons, at_4.persons);
    assert_true(noon.at_work > 0.75 * noon.persons);
    test_scene_run(&s, 16 * 3600);
    jw_person_counts next = jw_traffic_count_persons(s.traffic);
    assert_int_equal(next.persons, at_4.persons);
    for (uint32_t e = 0; e < edge_count; e++)
        moved += standing[e] > edges->integer(s.world, s.traffic, e, 6)
                     ? (uint32_t)(standing[e] - edges->integer(s.world, s.traffic, e, 6))
                     : 0;
    /* At the same hour of the next day few are out that were not the day before. */
    printf("chains: %u persons, %u at home at 4, %u at work at noon, %u at home next day; %u moved\n",
           at_4.persons, at_4.at_home, noon.at_work, next.at_home, moved);
    assert_true(moved < 0.1 * at_4.persons);
    /* Trips of persons: by tag. All begin where the one before ended, and each person's day closes. */
    const jw_table *trips = &jw_traffic_module.tables[2];
    int64_t *where = calloc(at_4.persons, sizeof *where);
    double *came_h = calloc(at_4.persons, sizeof *came_h), stays_h = 0, stays = 0;
    double by_7 = 0, by_9 = 0, first = 0;
    for (uint32_t row = 0; row < trips->row_count(s.world, s.traffic); row++) {
        int64_t person = trips->integer(s.world, s.traffic, row, 10) - ((int64_t)1 << 40);
        assert_in_range(person, 0, at_4.persons - 1);
        int64_t from = trips->integer(s.world, s.traffic, row, 4),
                to = trips->integer(s.world, s.traffic, row, 5);
        double hour = jw_s_from_ns(trips->integer(s.world, s.traffic, row, 0)) / 3600;
        if (where[person]) {
            assert_int_equal(where[person], from + 1);
            /* 6 to 11 h is all that work takes; others came home from the night to sleep. */
            double stay_h = came_h[person] > 0 ? hour - came_h[person] : 0;
            stays_h += stay_h > 5.9 && stay_h < 11.1 ? stay_h : 0;
            stays += stay_h > 5.9 && stay_h < 11.1;
            came_h[person] = 0;
        } else if (hour < 12) {
            first++;
            by_7 += hour < 7;
            by_9 += hour < 9;
            came_h[person] = jw_s_from_ns(trips->integer(s.world, s.traffic, row, 2)) / 3600;
        }
        where[person] = to + 1;
    }
    free(where);
    free(came_h);
    printf("        at work for %.2f h in the mean\n", stays_h / stays);
    assert_true(stays > 300 && stays_h / stays > 8.5 - 0.25 && stays_h / stays < 8.5 + 0.25);
    printf("        %.0f first trips before noon, %.2f of them by 7, %.2f by 9\n", first, by_7 / first,
           by_9 / first);
    /* 31.7 % and 75.7 % of 85.7 %, each less 1.2 % who were gone before; 3.5 sd of some 400. */
    assert_true(by_7 / first > 0.361 - 0.085 && by_7 / first < 0.361 + 0.085);
    assert_true(by_9 / first > 0.882 - 0.06 && by_9 / first < 0.882 + 0.06);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    assert_true(c.arrived > 2.0 * 0.95 * at_4.persons && c.arrived < 3.0 * at_4.persons);
    assert_int_equal(c.impossible, 0);
    test_scene_free(&s);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_restore(void **state)
{
    (void)state;
    write_text(
        "from,to,begin,end,count\nblock:0,block:15,07:00,07:30,200\nblock:12,block:3,07:02,07:20,90.7\n");
    jw_city *city = grid();
    jw_demand_data data = {0};
    jw_error error = {0};
    assert_int_equal(jw_demand_read_od(&data, city, path, &error), JW_OK);
    write_text("depart,from,to\n07:03,block:0,block:9\n07:09,block:5,block:9\n");
    assert_int_equal(jw_demand_read_trips(&data, city, path, &error), JW_OK);
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.is_gravity = false;
    def.demand.chains_per_resident = 0.2;
    def.demand_data = &data;
    test_scene s = test_scene_make(city, &def, 0.5, 7 * 3600, 1);
    jw_demand_data_free(&data);
    test_scene_run(&s, 290);
    jw_writer image = {0};
    assert_int_equal(jw_world_save(s.world, &image, &error), JW_OK);
    test_scene_run(&s, 600);
    uint64_t hash = jw_world_hash(s.world);
    assert_int_equal(jw_world_restore(s.world, image.bytes, image.size, &error), JW_OK);
    s.traffic = jw_world_state(s.world, 0);
    test_scene_run(&s, 600);
    assert_true(jw_world_hash(s.world) == hash);
    jw_writer_free(&image);
    test_scene_free(&s);
    unlink(path);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_matrix_is_conserved),
                                       cmocka_unit_test(test_matrix_fractions),
                                       cmocka_unit_test(test_list),
                                       cmocka_unit_test(test_bad_files),
                                       cmocka_unit_test(test_write),
                                       cmocka_unit_test(test_day),
                                       cmocka_unit_test(test_through),
                                       cmocka_unit_test(test_chains),
                                       cmocka_unit_test(test_restore)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
