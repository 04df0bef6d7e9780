/* Disturbances: weather takes the published share of a lane's capacity, works take a lane, an event comes and
 * goes in waves, an emergency vehicle finds green; each ends by itself and leaves nothing behind. */
#include "traffic/traffic_test.h"

#include "traffic/traffic_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void post_text(test_scene *s, const char *verb, const char *where, double vehicles, double minutes)
{
    jw_command command = jw_command_make(verb);
    jw_error error = {0};
    jw_command_text(&command, "where", where);
    jw_command_number(&command, "vehicles", vehicles);
    jw_command_number(&command, strcmp(verb, "event") == 0 ? "start_min" : "minutes", minutes);
    assert_int_equal(jw_world_check_command(s->world, &command, &error), JW_OK);
    assert_int_equal(jw_world_post(s->world, &command, &error), JW_OK);
}

static uint32_t under_way(const test_scene *s)
{
    const jw_disturbance *all;
    return jw_traffic_disturbances(s->traffic, &all);
}

/* Vehicles an hour past the end of a road with a narrow place that a queue stands before. */
static double measure_flow(jw_city *city, uint32_t to, const char *verb, const char *key, double value,
                           const char *key2, double value2)
{
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 2500; k++)
        test_scene_trip(&s, 0, 0, to, 0);
    if (verb)
        test_scene_command(&s, verb, key, value, key2, value2, "hours", 2.0, NULL);
    test_scene_run(&s, 600);
    int64_t before = jw_traffic_count(s.traffic).arrived;
    test_scene_run(&s, 2400);
    double flow = (double)(jw_traffic_count(s.traffic).arrived - before) * 1.5;
    test_scene_free(&s);
    return flow;
}

/* Vehicles an hour that a long queue lets go once what it stands before is gone. */
static double measure_discharge(const char *verb, const char *key, double value)
{
    test_scene s = test_scene_make(jw_fixture_two_roads(4000, 1, 1, 13.89), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 700; k++)
        test_scene_trip(&s, 0, 0, 1, 0);
    if (verb)
        test_scene_command(&s, verb, key, value, "hours", 2.0, NULL);
    test_scene_command(&s, "incident", "edge", 0.0, "lane", 0.0, "position_m", 3900.0, "duration_s", 1800.0,
                       NULL);
    test_scene_run(&s, 1800 + 420); /* 288 s from there to the end */
    int64_t before = jw_traffic_count(s.traffic).arrived;
    test_scene_run(&s, 600);
    double flow = (double)(jw_traffic_count(s.traffic).arrived - before) * 6;
    test_scene_free(&s);
    return flow;
}

static void test_weather(void **state)
{
    (void)state;
    static const struct {
        const char *verb, *key;
        double value, capacity;
    } all[] = {{"rain", "rain_mm_per_h", 1, 0.9799},  {"rain", "rain_mm_per_h", 5, 0.9276},
               {"rain", "rain_mm_per_h", 20, 0.8587}, {"fog", "visibility_m", 1000, 0.9033},
               {"fog", "visibility_m", 500, 0.8833},  {"fog", "visibility_m", 100, 0.8951}};
    double dry = measure_discharge(NULL, NULL, 0);
    printf("dry: %.0f veh/h from a queue\n", dry);
    assert_true(dry > 1650 && dry < 1900);
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++) {
        double flow = measure_discharge(all[k].verb, all[k].key, all[k].value);
        printf("%s %g: %.0f veh/h, %.3f of %.3f\n", all[k].verb, all[k].value, flow, flow / dry,
               all[k].capacity);
        assert_true(flow / dry > all[k].capacity - 0.025 && flow / dry < all[k].capacity + 0.025);
    }
}

/* The stretched headway gives the equilibrium capacity that is wanted, and the peak is where it should be:
 * IDM of REFERENCES (v0 120 km/h, T 1.5, s0 2, l 5): 1836 veh/h. */
static void test_idm_capacity(void **state)
{
    (void)state;
    jw_vehicle_type type = jw_default_vehicle_type(JW_VEHICLE_CAR);
    type.min_gap_m = 2;
    double flow = 3600 * jw_idm_capacity(&type, 120 / 3.6, 1.5);
    assert_true(flow > 1835 && flow < 1837);
    flow = 3600 * jw_idm_capacity(&type, 50 / 3.6, 1.2);
    assert_true(flow > 1697 && flow < 1699);
    jw_weather weather = jw_weather_of_rain(20);
    double factor = jw_weather_headway_factor(&type, &weather);
    double ratio = jw_idm_capacity(&type, 50 / 3.6 * weather.speed_factor, type.desired_headway_s * factor) /
                   jw_idm_capacity(&type, 50 / 3.6, type.desired_headway_s);
    assert_true(ratio > 0.8586 && ratio < 0.8588);
}

static void test_works(void **state)
{
    (void)state;
    double open = measure_flow(jw_fixture_two_roads(600, 2, 2, 13.89), 1, NULL, NULL, 0, NULL, 0);
    double works = measure_flow(jw_fixture_two_roads(600, 2, 2, 13.89), 1, "works", "edge", 1, "lane", 0);
    printf("works on one of two lanes: %.0f of %.0f veh/h\n", works, open);
    assert_true(works > 0.35 * open && works < 0.55 * open);
    /* They end by themselves, and what was closed by hand stays closed. */
    test_scene s = test_scene_make(jw_fixture_two_roads(600, 3, 3, 13.89), NULL, 0.5, 0, 1);
    test_scene_command(&s, "close_lane", "edge", 1.0, "lane", 0.0, NULL);
    test_scene_command(&s, "set_speed_limit", "edge", 1.0, "speed_kmh", 70.0, NULL);
    test_scene_command(&s, "works", "edge", 1.0, "lane", 0.0, "hours", 0.1, NULL);
    test_scene_command(&s, "works", "edge", 1.0, "lane", 2.0, "hours", 0.05, "limit_kmh", 30.0, NULL);
    test_scene_step(&s);
    const jw_table *edges = &jw_traffic_module.tables[0];
    assert_int_equal(edges->integer(s.world, s.traffic, 1, 5), 2);
    assert_int_equal(jw_traffic_edges(s.traffic)[1].closed_lanes, 1 << 0 | 1 << 2);
    assert_true(s.traffic->tracks[s.city->edges[1].first_lane].limit_mps == (float)(30 / 3.6));
    test_scene_run(&s, 180);
    assert_int_equal(edges->integer(s.world, s.traffic, 1, 5), 1);
    assert_true(s.traffic->tracks[s.city->edges[1].first_lane].limit_mps == (float)(40 / 3.6));
    assert_int_equal(under_way(&s), 1);
    test_scene_run(&s, 180);
    assert_int_equal(under_way(&s), 0);
    assert_int_equal(edges->integer(s.world, s.traffic, 1, 5), 1);
    assert_true(s.traffic->tracks[s.city->edges[1].first_lane].limit_mps == (float)(70 / 3.6));
    test_scene_command(&s, "open_lane", "edge", 1.0, "lane", 0.0, NULL);
    test_scene_step(&s);
    assert_int_equal(edges->integer(s.world, s.traffic, 1, 5), 0);
    test_scene_free(&s);
}

static jw_traffic_def busy_def(void)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 6;
    def.demand.chains_per_resident = 0.1;
    return def;
}

static void begin_all(test_scene *s)
{
    test_scene_command(s, "rain", "rain_mm_per_h", 8.0, "hours", 0.2, NULL);
    test_scene_command(s, "fog", "visibility_m", 300.0, "hours", 0.1, NULL);
    test_scene_command(s, "works", "edge", 9.0, "lane", 0.0, "hours", 0.15, NULL);
    test_scene_command(s, "incident", "edge", 12.0, "lane", 1.0, "position_m", 60.0, "duration_s", 300.0,
                       NULL);
    test_scene_command(s, "emergency", "from_edge", 3.0, "to_edge", 40.0, NULL);
    post_text(s, "school_hour", "block:5", 30, 10);
    post_text(s, "event", "block:10", 60, 20);
}

/* What drivers wish and roads allow is bit for bit what it would be had nothing happened. */
static void test_undone(void **state)
{
    (void)state;
    jw_traffic_def def = busy_def();
    test_scene s = test_scene_make(jw_fixture_grid(4, 150, 2, 13.9, true), &def, 0.5, 8 * 3600, 2);
    test_scene_run(&s, 120);
    jw_traffic *t = s.traffic;
    float *limits = malloc(t->net.lane_count * sizeof *limits);
    for (uint32_t k = 0; k < t->net.lane_count; k++)
        limits[k] = t->tracks[k].limit_mps;
    begin_all(&s);
    test_scene_run(&s, 60);
    assert_int_equal(under_way(&s), 7);
    assert_true(t->disturbances.speed_factor == 0.88 && t->disturbances.headway_factor > 1.1);
    uint32_t slower = 0, checked = 0;
    for (uint32_t k = 0; k < t->net.lane_count; k++)
        slower += t->tracks[k].limit_mps < limits[k];
    assert_true(slower > 5);
    test_scene_command(&s, "end_disturbance", "edge", 9.0, NULL);
    test_scene_step(&s);
    assert_int_equal(under_way(&s), 6); /* the newest on that street */
    for (uint32_t number = 1; number <= 7; number++)
        test_scene_command(&s, "end_disturbance", "number", (double)number, NULL);
    test_scene_step(&s);
    assert_int_equal(under_way(&s), 0);
    for (uint32_t k = 0; k < t->net.lane_count; k++)
        assert_true(t->tracks[k].limit_mps == limits[k] && t->lane_closed[k] == 0 &&
                    t->obstacle_m[k] == JW_FAR);
    assert_int_equal(t->closed_count, 0);
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        if (!(t->pool.generations[slot] & 1))
            continue;
        const jw_car *car = &t->cars[t->place_of_slot[slot]];
        const jw_vehicle_type *type = &t->type_defs[car->type];
        float factor, headway_s;
        jw_disturb_driver(s.world, t, car->type, t->vehicles[slot].number, &factor, &headway_s);
        assert_true(car->factor == factor && car->headway_s == headway_s);
        assert_true((double)headway_s < type->desired_headway_s * 1.21);
        checked++;
    }
    assert_true(checked > 20);
    /* Whoever had not set off for the event stays at home; the others leave and are gone. */
    test_scene_run(&s, 1200);
    assert_int_equal(jw_traffic_count_persons(t).visitors, 0);
    free(limits);
    test_scene_free(&s);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_restore(void **state)
{
    (void)state;
    jw_traffic_def def = busy_def();
    uint64_t hashes[2][8];
    for (int threads = 1; threads <= 2; threads++) {
        test_scene s = test_scene_make(jw_fixture_grid(4, 150, 2, 13.9, true), &def, 0.5, 8 * 3600, threads);
        test_scene_run(&s, 60);
        begin_all(&s);
        test_scene_run(&s, 61);
        jw_error error = {0};
        jw_writer image = {0};
        assert_int_equal(jw_world_save(s.world, &image, &error), JW_OK);
        for (uint32_t k = 0; k < 8; k++) { /* beyond the end of all but the event */
            test_scene_run(&s, 100);
            hashes[threads - 1][k] = jw_world_hash(s.world);
        }
        assert_int_equal(under_way(&s), 1);
        assert_int_equal(jw_world_restore(s.world, image.bytes, image.size, &error), JW_OK);
        s.traffic = jw_world_state(s.world, 0);
        for (uint32_t k = 0; k < 8; k++) {
            test_scene_run(&s, 100);
            assert_true(jw_world_hash(s.world) == hashes[threads - 1][k]);
        }
        jw_writer_free(&image);
        test_scene_free(&s);
    }
    assert_memory_equal(hashes[0], hashes[1], sizeof hashes[0]);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Share of a triangle's area before x. */
static double triangle_share(double x, double begin, double top, double end)
{
    if (x <= begin || x >= end)
        return x >= end;
    return x < top ? (x - begin) * (x - begin) / ((end - begin) * (top - begin))
                   : 1 - (end - x) * (end - x) / ((end - begin) * (end - top));
}

static void test_event(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    double now = 18 * 3600, start = now + 5400, end = start + 7200;
    test_scene s = test_scene_make(jw_fixture_grid(6, 150, 2, 13.9, true), &def, 1, now, 1);
    post_text(&s, "event", "block:14", 1500, 90);
    test_scene_run(&s, 5400 + 3600);
    jw_person_counts there = jw_traffic_count_persons(s.traffic);
    assert_int_equal(there.visitors, 1500);
    assert_int_equal(there.elsewhere, 1500);
    test_scene_run(&s, 3 * 3600);
    assert_int_equal(jw_traffic_count_persons(s.traffic).persons, 0);
    assert_int_equal(under_way(&s), 0);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    assert_int_equal(c.created, 3000);
    assert_int_equal(c.arrived, 3000);
    /* Wishes follow the two triangles, the first ahead by the way: Kolmogorov-Smirnov at 1 %. */
    const jw_table *trips = &jw_traffic_module.tables[2];
    double worst = 0;
    for (int wave = 0; wave < 2; wave++)
        for (double x = wave ? end : now; x < (wave ? end + 3600 : start + 600); x += 300) {
            uint32_t before = 0;
            for (uint32_t row = 0; row < trips->row_count(s.world, s.traffic); row++) {
                double wish = jw_s_from_ns(trips->integer(s.world, s.traffic, row, 0));
                before += wish < x - (wave ? 0 : 50) && (wish > start + 1200) == wave;
            }
            double want = wave ? triangle_share(x, end, end + 720, end + 3600)
                               : triangle_share(x, now, start - 1350, start + 600);
            worst = jw_max(worst, jw_abs(before / 1500.0 - want));
        }
    printf("event: waves off by at most %.3f\n", worst);
    assert_true(worst < 1.63 / 38.7 + 0.02); /* the way is 50 s give or take as much */
    test_scene_free(&s);
}

/* Through a row of signals: sooner than one that has to pass red lights with care. */
static void test_emergency(void **state)
{
    (void)state;
    double sum[2] = {0, 0};
    for (uint32_t run = 0; run < 8; run++)
        for (uint32_t k = 0; k < 2; k++) {
            test_scene s = test_scene_make(jw_fixture_grid(6, 150, 2, 13.9, true), NULL, 0.5, 7.0 * run, 1);
            uint32_t from = 0, to = 0;
            for (uint32_t e = 0; e < s.city->edge_count; e++) { /* along the third street from the south */
                const jw_junction *a = &s.city->junctions[s.city->edges[e].from];
                const jw_junction *b = &s.city->junctions[s.city->edges[e].to];
                if (jw_abs(a->y_m - 300) < 20 && jw_abs(b->y_m - 300) < 20 && b->x_m > a->x_m) {
                    from = a->x_m < 20 ? e : from;
                    to = b->x_m > 880 ? e : to;
                }
            }
            if (k)
                test_scene_command(&s, "emergency", "from_edge", (double)from, "to_edge", (double)to, NULL);
            else
                test_scene_trip_of(&s, JW_VEHICLE_EMERGENCY, test_scene_time(&s), from, to);
            while (jw_traffic_count(s.traffic).arrived == 0)
                test_scene_step(&s);
            sum[k] += test_scene_time(&s) - 7.0 * run;
            test_scene_run(&s, 1);
            assert_int_equal(under_way(&s), 0);
            test_scene_free(&s);
        }
    printf("emergency: %.0f s with green before it, %.0f s without\n", sum[1] / 8, sum[0] / 8);
    assert_true(sum[1] < 0.92 * sum[0]);
}

static void test_evacuation(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_plan_def plan = {.style = "district", .area_km2 = 2, .seed = 3};
    jw_build_def build = {.threads = 1};
    jw_problems problems = {0};
    jw_city *city = NULL;
    jw_error error = {0};
    assert_int_equal(jw_plan_city(&plan, &draft, &error), JW_OK);
    assert_int_equal(jw_city_build(&draft, &build, &problems, NULL, NULL, &city, &error), JW_OK);
    jw_draft_free(&draft);
    jw_problems_free(&problems);
    double x = 0, y = 0;
    uint32_t most = 0;
    for (uint32_t b = 0; b < city->block_count; b++)
        if (city->blocks[b].population > most) {
            most = city->blocks[b].population;
            x = city->blocks[b].x_m;
            y = city->blocks[b].y_m;
        }
    test_scene s = test_scene_make(city, NULL, 1, 0, 1);
    test_scene_command(&s, "evacuate", "x", x, "y", y, "radius_m", 250.0, "vehicles_per_resident", 0.2, NULL);
    test_scene_run(&s, 1);
    uint32_t all = jw_traffic_count_persons(s.traffic).visitors;
    assert_true(all > 50);
    test_scene_run(&s, 1799);
    uint32_t at_home = jw_traffic_count_persons(s.traffic).at_home;
    printf("evacuation: %u vehicles, %.2f of them set off within 30 minutes\n", all,
           1 - (double)at_home / all);
    double share = 1 - (double)at_home / all; /* 1 - exp(-900 / 1800) = 0.393 */
    assert_true(share > 0.393 - 0.1 && share < 0.393 + 0.1);
    test_scene_run(&s, 4 * 3600);
    assert_int_equal(jw_traffic_count_persons(s.traffic).persons, 0);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, all);
    test_scene_free(&s);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *verb, *keys[4];
        double values[4];
        const char *part;
    } bad[] = {{"works", {"edge", "lane"}, {999, 0}, "does not exist"},
               {"works", {"edge", "lane"}, {0, 7}, "has lanes 0 to"},
               {"incident", {"edge", "lane", "position_m"}, {0, 0, 9999}, "lies beyond"},
               {"end_disturbance", {"number"}, {3}, "there is no disturbance 3"},
               {"emergency", {"from_edge", "to_edge"}, {0, 999}, "does not exist"},
               {"evacuate", {"x", "y"}, {0, 0}, "no gate outside"}};
    test_scene s = test_scene_make(jw_fixture_grid(2, 150, 2, 13.9, false), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < JW_COUNT_OF(bad); k++) {
        jw_command command = jw_command_make(bad[k].verb);
        for (uint32_t a = 0; a < 4 && bad[k].keys[a]; a++)
            jw_command_number(&command, bad[k].keys[a], bad[k].values[a]);
        for (uint32_t v = 0; v < jw_traffic_module.verb_count; v++) {
            jw_error error = {0};
            if (strcmp(jw_traffic_module.verbs[v].name, bad[k].verb) != 0)
                continue;
            assert_int_not_equal(jw_traffic_module.verbs[v].apply(s.world, s.traffic, &command, &error),
                                 JW_OK);
            assert_non_null(strstr(error.message, bad[k].part));
        }
    }
    jw_command command = jw_command_make("event");
    jw_error error = {0};
    jw_command_text(&command, "where", "the moon");
    assert_int_equal(jw_disturb_event(s.world, s.traffic, &command, &error), JW_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "event: there is no zone \"the moon\""));
    assert_int_equal(under_way(&s), 0);
    test_scene_free(&s);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_weather),   cmocka_unit_test(test_idm_capacity),
                                       cmocka_unit_test(test_works),     cmocka_unit_test(test_undone),
                                       cmocka_unit_test(test_restore),   cmocka_unit_test(test_event),
                                       cmocka_unit_test(test_emergency), cmocka_unit_test(test_evacuation),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
