/* Bus lines: dwell by its formula, timetable, passengers conserved, bunching and holding, verbs, snapshots.
 */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MORNING (6 * 3600.0)

static jw_bus_line_def make_line(const char *name, uint32_t count, const uint32_t *through)
{
    jw_bus_line_def line = {.stop_spacing_m = -1, .headway_s = 300, .passengers_per_day = -1};
    jw_text_copy(line.name, sizeof line.name, name);
    line.through_count = count;
    memcpy(line.through, through, count * sizeof *through);
    return line;
}

static const uint32_t usual_way[] = {2, 30, 50, 20};

static test_scene make_scene(const jw_bus_line_def *line, bool has_signals, double dt_s, double start_s,
                             int threads)
{
    jw_traffic_def def = test_plain_def();
    def.bus_lines = line;
    def.bus_line_count = line != NULL;
    return test_scene_make(jw_fixture_grid(4, 150, 2, 13.9, has_signals), &def, dt_s, start_s, threads);
}

/* So many who wait at a call since now. */
static void put_passengers(test_scene *s, uint32_t call, uint32_t to, uint32_t count)
{
    jw_bus_line *line = &s->traffic->buses.lines[0];
    jw_passengers *queue = &line->calls[call].queue;
    assert_int_equal(
        jw_grow(&queue->items, &queue->capacity, queue->count + count, sizeof *queue->items, NULL), JW_OK);
    for (uint32_t k = 0; k < count; k++)
        queue->items[queue->count++] = (jw_passenger){(uint32_t)(test_scene_time(s) * 1000), to};
    line->created += count;
}

/* Seconds for which the first bus stands at a call, with doors opened once. */
static double dwell_at(test_scene *s, uint32_t call)
{
    double stood_s = 0;
    for (double end_s = test_scene_time(s) + 900; test_scene_time(s) < end_s;) {
        test_scene_step(s);
        const jw_bus *bus = &s->traffic->buses.items[0];
        if (!bus->is_used || bus->call != call ||
            s->traffic->stops.plans[bus->plan1 - 1].phase != JW_PLAN_STANDS) {
            if (stood_s > 0)
                return stood_s;
            continue;
        }
        stood_s += 0.5;
    }
    fail_msg("no bus stood at call %u", call);
    return 0;
}

static void test_dwell(void **state)
{
    (void)state;
    jw_bus_line_def line = make_line("1", 4, usual_way);
    line.hold = JW_BUS_HOLD_NONE;
    line.fleet = 1;
    line.seats = 20;
    test_scene s = make_scene(&line, false, 0.5, MORNING, 1);
    put_passengers(&s, 0, 3, 15); /* boards 0 to 14, nobody stands */
    put_passengers(&s, 1, 2, 10); /* 15 ride: seats */
    put_passengers(&s, 2, 3, 6);  /* 10 alight meanwhile: 4 + max(17.5, 16.5) */
    double first_s = dwell_at(&s, 1), second_s = dwell_at(&s, 2), third_s = dwell_at(&s, 3);
    print_message("dwell %.1f s for 31.5, %.1f s for 21.5, %.1f s for 40.75\n", first_s, second_s, third_s);
    assert_true(first_s >= 31.5 && first_s <= 32.5);
    assert_true(second_s >= 21.5 && second_s <= 22.5);
    assert_true(third_s >= 40.75 && third_s <= 41.75); /* 21 alight at the terminal: 4 + 36.75 */
    jw_bus_counts c = jw_traffic_count_bus(s.traffic, 0);
    assert_int_equal(c.arrived, 31);
    assert_int_equal(c.boarded, 31);
    test_scene_free(&s);
    /* More than there are seats: the others board past those who stand. */
    line.seats = 4;
    s = make_scene(&line, false, 0.5, MORNING, 1);
    put_passengers(&s, 0, 3, 10);
    put_passengers(&s, 1, 3, 8);
    double standing_s = dwell_at(&s, 1);
    assert_true(standing_s >= 4 + 8 * 3.25 && standing_s <= 4 + 8 * 3.25 + 1);
    test_scene_free(&s);
    /* A full bus leaves the others behind; nobody there: the least dwell. */
    line.capacity = 12;
    s = make_scene(&line, false, 0.5, MORNING, 1);
    put_passengers(&s, 0, 2, 30);
    double empty_s = dwell_at(&s, 1);
    assert_true(empty_s >= 10 && empty_s <= 11);
    c = jw_traffic_count_bus(s.traffic, 0);
    assert_true(c.riding == 12 && c.waiting == 18);
    jw_bus_stop_state stop;
    assert_true(jw_traffic_bus_stop(s.traffic, s.traffic->buses.lines[0].calls[0].stop, &stop));
    assert_true(stop.left_behind == 18 && stop.waiting == 18 && stop.boarded == 12);
    test_scene_free(&s);
}

/* On empty streets every departure is on time to the second, the terminal's included, from the first on. */
static void test_timetable(void **state)
{
    (void)state;
    jw_bus_line_def line = make_line("1", 4, usual_way);
    line.stop_spacing_m = 300;
    test_scene s = make_scene(&line, false, 0.5, MORNING - 60, 1);
    uint32_t departures = 0;
    const jw_bus_line *l = &s.traffic->buses.lines[0];
    assert_true(l->call_count > 8);
    int64_t last_ns[64];
    for (uint32_t k = 0; k < l->call_count; k++)
        last_ns[k] = l->calls[k].last_ns;
    double worst_s = 0, least_s = 0;
    while (test_scene_time(&s) < MORNING + 5400) {
        test_scene_step(&s);
        for (uint32_t k = 0; k < l->call_count; k++) {
            if (l->calls[k].last_ns == last_ns[k])
                continue;
            last_ns[k] = l->calls[k].last_ns;
            double late_s = jw_s_from_ns(last_ns[k]) - MORNING - (double)l->calls[k].offset_s;
            late_s -= 300 * jw_floor(late_s / 300 + 0.5);
            worst_s = jw_max(worst_s, late_s);
            least_s = jw_min(least_s, late_s);
            departures++;
        }
    }
    jw_bus_counts c = jw_traffic_count_bus(s.traffic, 0);
    print_message("%u departures from %u calls, %.1f to %.1f s late, cycle %.0f s, %u buses\n", departures,
                  l->call_count, least_s, worst_s, (double)(l->run_s[0] + l->run_s[1]), c.buses);
    assert_true(departures > 100 && least_s >= 0 && worst_s <= 5);
    assert_true(c.cancelled == 0 && c.trips >= 34 && c.headway_cv < 0.01);
    assert_int_equal(c.buses, jw_bus_fleet(l));
    test_scene_free(&s);
}

/* A bus too few: departures are left out, and the buses there are run all the time. */
static void test_fleet(void **state)
{
    (void)state;
    jw_bus_line_def line = make_line("1", 4, usual_way);
    line.fleet = 1;
    test_scene s = make_scene(&line, false, 0.5, MORNING, 1);
    test_scene_run(&s, 5400);
    jw_bus_counts c = jw_traffic_count_bus(s.traffic, 0);
    const jw_bus_line *l = &s.traffic->buses.lines[0];
    double cycle_s = (double)(l->run_s[0] + l->run_s[1]);
    print_message("one bus: %lld trips, %lld left out, cycle %.0f s\n", (long long)c.trips,
                  (long long)c.cancelled, cycle_s);
    assert_int_equal(c.buses, 1);
    assert_true(c.cancelled > 10 && (double)c.trips > 2 * 5400 / (cycle_s + 320) - 2);
    assert_true(c.trips + c.cancelled >= 34 && c.trips + c.cancelled <= 38);
    test_scene_free(&s);
}

/* Of a list of departures the densest part counts. */
static void test_fleet_of_departures(void **state)
{
    (void)state;
    static const double due_s[] = {0, 1200, 2400, 2700, 3000, 3300, 3600, 4800, 6000};
    jw_bus_line line = {.run_s = {1000, 600}, .direction_count = 2};
    memcpy(line.def.departures_s, due_s, sizeof due_s);
    line.def.departure_count = JW_COUNT_OF(due_s);
    assert_int_equal(jw_bus_fleet(&line), 4 + 2); /* 2400..3300 within 1000 s, two within 600 s */
    line.def.departure_count = 0;
    line.def.headway_s = 300;
    assert_int_equal(jw_bus_fleet(&line), 4 + 2);
    line.def.fleet = 3;
    assert_int_equal(jw_bus_fleet(&line), 3);
}

/* Rides given: the rates come out, and all of them arrive. Poisson: four standard deviations. */
static void test_rides(void **state)
{
    (void)state;
    jw_bus_line_def line = make_line("1", 4, usual_way);
    line.rides[0] = (jw_bus_ride){1, 3, 120};
    line.rides[1] = (jw_bus_ride){2, 1, 60};
    line.ride_count = 2;
    line.hold = JW_BUS_HOLD_NONE;
    test_scene s = make_scene(&line, false, 0.5, MORNING + 3600, 1);
    test_scene_run(&s, 3600);
    const jw_bus_line *l = &s.traffic->buses.lines[0];
    jw_bus_counts c = jw_traffic_count_bus(s.traffic, JW_NONE);
    print_message("%lld came, wait %.0f s, ride %.0f s\n", (long long)c.created, c.mean_wait_s,
                  c.mean_ride_s);
    assert_true(c.created > 180 - 54 && c.created < 180 + 54);
    int64_t out = 0, back = 0;
    for (uint32_t k = 0; k < l->call_count; k++) {
        int64_t boarded = s.traffic->buses.stops[l->calls[k].stop].boarded;
        out += k == 1 ? boarded : 0;
        back += k == l->first_call[1] + 1 ? boarded : 0;
        assert_true(boarded == 0 || k == 1 || k == l->first_call[1] + 1);
    }
    assert_true(out > back && out + back == c.boarded);
    /* Even headways H of which the doors are open for D = 10 to 35 s: (H - D)^2 / 2H. */
    assert_true(c.mean_wait_s > 110 && c.mean_wait_s < 148);
    assert_int_equal(c.gave_up, 0);
    test_scene_free(&s);
}

/* By people and jobs: so many a day as asked for; the share of an hour is the demand's. */
static void test_demand(void **state)
{
    (void)state;
    jw_bus_line_def line = make_line("1", 4, usual_way);
    line.passengers_per_day = 12000;
    test_scene s = make_scene(&line, false, 0.5, MORNING, 1);
    const jw_bus_line *l = &s.traffic->buses.lines[0];
    double day = 0, hour8 = 0, people[2] = {0};
    for (uint32_t hour = 0; hour < 24; hour++)
        for (uint32_t k = 0; k < l->call_count; k++) {
            double rate = jw_bus_call_rate(l, k, hour, l->first_call[jw_bus_direction(l, k) + 1] - 1);
            assert_true(rate <= (double)l->calls[k].most_per_s * 1.0001);
            day += 3600 * rate;
            hour8 += hour == 8 ? 3600 * rate : 0;
        }
    for (uint32_t k = 0; k < l->call_count; k++)
        people[jw_bus_direction(l, k)] += (double)l->calls[k].people;
    assert_true(jw_abs(day - 12000) < 1 && hour8 > 900 && hour8 < 1200);
    assert_true(jw_abs(people[0] - 1) < 1e-4 && jw_abs(people[1] - 1) < 1e-4);
    test_scene_free(&s);
    line.passengers_per_day = 0; /* by rule: 0.1 for each of at most 16 blocks of 300 people and 150 jobs */
    s = make_scene(&line, false, 0.5, MORNING, 1);
    double by_rule = s.traffic->buses.lines[0].def.passengers_per_day;
    assert_true(by_rule > 300 && by_rule <= 720);
    test_scene_free(&s);
}

/* Newell and Potts: evenly sent buses bunch when passengers make late ones later; holding keeps them apart.
 */
static double spread(double per_hour, jw_bus_hold hold, double *out_wait_s)
{
    static const uint32_t way[] = {2, 30, 50, 20, 60, 8};
    jw_bus_line_def line = make_line("1", 6, way);
    line.headway_s = 150;
    line.stop_spacing_m = 250;
    line.hold = hold;
    line.slack = 0.01;
    line.hold_share = 0.9;
    line.fleet = 30;
    for (uint32_t k = 0; k + 1 < 6; k++) {
        line.rides[2 * k] = (jw_bus_ride){k, k + 1, per_hour};
        line.rides[2 * k + 1] = (jw_bus_ride){k + 1, k, per_hour};
    }
    line.ride_count = per_hour > 0 ? 10 : 0;
    test_scene s = make_scene(&line, true, 0.5, MORNING, 1);
    test_scene_run(&s, 2400);
    jw_buses_restart_counts(s.traffic);
    test_scene_run(&s, 3600);
    jw_bus_counts c = jw_traffic_count_bus(s.traffic, 0);
    *out_wait_s = c.mean_wait_s;
    print_message(
        "%4.0f passengers an hour, hold %d: spread of headways %.3f, wait %.0f s, late %.0f s, %u buses\n",
        per_hour * 10, (int)hold, c.headway_cv, c.mean_wait_s, c.mean_late_s, c.buses);
    test_scene_free(&s);
    return c.headway_cv;
}

static void test_bunching(void **state)
{
    (void)state;
    double wait_s, held_wait_s;
    double none = spread(0, JW_BUS_HOLD_NONE, &wait_s), some = spread(60, JW_BUS_HOLD_NONE, &wait_s);
    double many = spread(120, JW_BUS_HOLD_NONE, &wait_s),
           held = spread(120, JW_BUS_HOLD_HEADWAY, &held_wait_s);
    assert_true(some > 1.3 * none && many > some);
    assert_true(held < 0.5 * many && held_wait_s < wait_s);
}

/* In the evening buses go back to the depot; in the morning they come again. */
static void test_night(void **state)
{
    (void)state;
    jw_bus_line_def line = make_line("1", 4, usual_way);
    line.first_s = 6 * 3600;
    line.last_s = 7 * 3600;
    line.passengers_per_day = 5000;
    test_scene s = make_scene(&line, false, 1, 5 * 3600, 1);
    jw_error error = {0};
    uint32_t at_noon = 1, at_night = 0;
    while (test_scene_time(&s) < 86400 + 6.5 * 3600) {
        assert_int_equal(jw_world_step(s.world, &error), JW_OK);
        if (test_scene_time(&s) == 12 * 3600)
            at_noon = s.traffic->running;
        if (test_scene_time(&s) == 6.5 * 3600)
            at_night = s.traffic->running;
    }
    assert_true(jw_traffic_is_consistent(s.traffic, &error));
    jw_bus_counts c = jw_traffic_count_bus(s.traffic, 0);
    assert_int_equal(at_noon, 0);
    assert_true(at_night >= 2 && c.buses >= 2 && c.trips > 30);
    assert_true(c.arrived > 0 && c.waiting < c.created / 2);
    test_scene_free(&s);
}

/* A closing loop serves its first stop once a round; a one-way line's buses drive back empty. */
static void test_shapes(void **state)
{
    (void)state;
    jw_bus_line_def line = make_line("ring", 4, usual_way);
    line.is_loop = 1;
    test_scene s = make_scene(&line, false, 0.5, MORNING, 1);
    const jw_bus_line *l = &s.traffic->buses.lines[0];
    assert_true(l->direction_count == 1 && l->call_count == 5 && l->calls[0].stop == l->calls[4].stop);
    put_passengers(&s, 3, 4, 5);
    test_scene_run(&s, 3600);
    jw_bus_counts c = jw_traffic_count_bus(s.traffic, 0);
    assert_true(c.arrived == 5 && c.trips >= 11 && c.cancelled == 0 && c.mean_late_s < 4);
    test_scene_free(&s);
    line = make_line("out", 4, usual_way);
    line.is_one_way = 1;
    s = make_scene(&line, false, 0.5, MORNING, 1);
    test_scene_run(&s, 3600);
    c = jw_traffic_count_bus(s.traffic, 0);
    assert_true(s.traffic->buses.lines[0].call_count == 4 && c.trips >= 11 && c.cancelled == 0);
    test_scene_free(&s);
}

/* ---- commands --------------------------------------------------------------------------------------------
 */

static jw_result post(test_scene *s, const char *verb, const char *id, const char *through, double headway_s)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, "id", id);
    if (through)
        jw_command_text(&command, "through", through);
    if (headway_s)
        jw_command_number(&command, "headway_s", headway_s);
    jw_error error = {0};
    if (jw_world_check_command(s->world, &command, &error) || jw_world_post(s->world, &command, &error))
        fail_msg("%s", error.message);
    uint32_t before = jw_world_log_count(s->world);
    test_scene_step(s);
    return jw_world_log_entry(s->world, before).result;
}

static void test_commands(void **state)
{
    (void)state;
    test_scene s = make_scene(NULL, false, 0.5, MORNING, 1);
    assert_int_equal(post(&s, "add_bus_line", "7", "2 30  50", 240), JW_OK);
    assert_int_equal(post(&s, "add_bus_line", "7", "2 30", 240), JW_ERROR_EXISTS);
    assert_int_equal(post(&s, "add_bus_line", "8", "edge:12, block:3 ,block:12", 400), JW_OK);
    assert_int_equal(post(&s, "add_bus_line", "9", "nowhere, block:3", 400), JW_ERROR_NOT_FOUND);
    assert_int_equal(post(&s, "add_bus_line", "9", "3 99999", 400), JW_ERROR_NOT_FOUND);
    assert_int_equal(post(&s, "set_headway", "7", NULL, 120), JW_OK);
    assert_int_equal(post(&s, "set_headway", "6", NULL, 120), JW_ERROR_NOT_FOUND);
    test_scene_run(&s, 1800);
    jw_bus_counts c = jw_traffic_count_bus(s.traffic, 0);
    uint64_t revision = jw_traffic_bus_revision(s.traffic);
    assert_true(c.trips >= 28 && c.buses >= 4 && c.created > 0);
    assert_int_equal(post(&s, "remove_bus_line", "7", NULL, 0), JW_OK);
    assert_int_equal(post(&s, "remove_bus_line", "7", NULL, 0), JW_ERROR_NOT_FOUND);
    test_scene_run(&s, 1200);
    assert_null(jw_traffic_bus_line_name(s.traffic, 0));
    assert_true(jw_traffic_bus_revision(s.traffic) > revision);
    c = jw_traffic_count_bus(s.traffic, JW_NONE);
    assert_true(c.buses > 0 && jw_traffic_count(s.traffic).running == (int64_t)c.buses);
    assert_int_equal(post(&s, "add_bus_line", "10", "50 2", 240), JW_OK); /* takes the place of the first */
    assert_string_equal(jw_traffic_bus_line_name(s.traffic, 0), "10");
    test_scene_run(&s, 600);
    test_scene_free(&s);
}

static void test_bad(void **state)
{
    (void)state;
    jw_bus_line_def good = make_line("a", 4, usual_way);
    test_scene s = make_scene(&good, false, 0.5, MORNING, 1);
#define BAD(change, text)                                                                                    \
    {                                                                                                        \
        jw_bus_line_def line = make_line("b", 4, usual_way);                                                 \
        jw_error error = {0};                                                                                \
        change;                                                                                              \
        assert_int_not_equal(jw_traffic_add_bus_line(s.world, s.traffic, &line, &error), JW_OK);             \
        if (!strstr(error.message, text))                                                                    \
            fail_msg("%s", error.message);                                                                   \
    }
    BAD(line.name[0] = 0, "needs a name")
    BAD(line.name[0] = 'a', "exists already")
    BAD(line.through_count = 1, "2 to 48")
    BAD(line.through[2] = 900, "edge 900 does not exist")
    BAD(line.through[1] = 2, "edge 2 twice")
    BAD(line.headway_s = 5, "headway")
    BAD(line.headway_s = __builtin_nan(""), "headway")
    BAD(line.first_s = 80000; line.last_s = 70000, "not after the last")
    BAD(line.departure_count = 2; line.departures_s[0] = 100, "rising")
    BAD(line.vehicle_class = JW_VEHICLE_TRUCK, "shuttles")
    BAD(line.board_s = -1, "times of doors")
    BAD(line.stop_spacing_m = 20, "100 m apart")
    BAD(line.ride_count = 1, "rides")
    BAD(line.fleet = 5000, "fleet")
#undef BAD
    assert_int_equal(jw_traffic_bus_line_count(s.traffic), 1);
    test_scene_free(&s);
    /* No way back: one-way streets. */
    test_scene road = test_scene_make(jw_fixture_two_roads(400, 2, 2, 13.9), NULL, 0.5, 0, 1);
    jw_bus_line_def line = make_line("b", 2, (uint32_t[]){0, 1});
    jw_error error = {0};
    assert_int_equal(jw_traffic_add_bus_line(road.world, road.traffic, &line, &error), JW_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "no way from edge 1 to edge 0"));
    assert_true(jw_traffic_is_consistent(road.traffic, &error));
    test_scene_free(&road);
}

static void test_places(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(4, 150, 2, 13.9, false);
    jw_vec2 places[2] = {{160, 220}, {450, 310}};
    uint32_t edges[2];
    jw_error error = {0};
    assert_int_equal(jw_bus_find_edges(city, places, 2, JW_VEHICLE_BUS, edges, &error), JW_OK);
    const jw_edge *edge = &city->edges[edges[0]];
    assert_true(jw_abs(city->junctions[edge->from].x_m - 150) < 1 &&
                jw_abs(city->junctions[edge->to].x_m - 150) < 1);
    places[1].x = 5000;
    assert_int_equal(jw_bus_find_edges(city, places, 2, JW_VEHICLE_BUS, edges, &error), JW_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "place 2"));
    jw_city_release(city);
}

/* ---- state -----------------------------------------------------------------------------------------------
 */

static test_scene make_busy(int threads)
{
    static const uint32_t other_way[] = {8, 33, 61, 40};
    jw_bus_line_def lines[3] = {make_line("1", 4, usual_way), make_line("2", 4, other_way),
                                make_line("ring", 4, usual_way)};
    lines[0].passengers_per_day = 20000;
    lines[0].bays = JW_BUS_BAYS_ALL;
    lines[1].passengers_per_day = 8000;
    lines[1].hold = JW_BUS_HOLD_HEADWAY;
    lines[1].stop_spacing_m = 250;
    lines[2].is_loop = 1;
    lines[2].vehicle_class = JW_VEHICLE_SHUTTLE;
    lines[2].capacity = 8;
    lines[2].passengers_per_day = 6000;
    lines[2].headway_s = 120;
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 6;
    def.bus_lines = lines;
    def.bus_line_count = 3;
    def.kerb.dropoff_share = 0.2;
    return test_scene_make(jw_fixture_grid(4, 150, 2, 13.9, true), &def, 0.5, 7 * 3600, threads);
}

static void test_state(void **state)
{
    (void)state;
    test_scene a = make_busy(1), b = make_busy(2);
    void *shared = jw_world_shared(b.world);
    for (uint32_t k = 0; k < 20; k++) {
        test_scene_run(&a, 45);
        test_scene_run(&b, 45);
        uint64_t hash = jw_world_hash(a.world);
        assert_true(jw_world_hash(b.world) == hash);
        jw_world *other = test_scene_copy(&a, 2);
        assert_true(jw_world_hash(other) == hash);
        jw_world_destroy(b.world); /* the restored one goes on in its place */
        b.world = other;
        b.traffic = jw_world_state(other, 0);
        if (k == 10) {
            test_scene_command(&a, "close_edge", "edge", 31.0, NULL);
            test_scene_command(&b, "close_edge", "edge", 31.0, NULL);
        }
    }
    jw_bus_counts c = jw_traffic_count_bus(a.traffic, JW_NONE);
    print_message("%lld came, %lld arrived, wait %.0f s, spread %.2f, %u buses\n", (long long)c.created,
                  (long long)c.arrived, c.mean_wait_s, c.headway_cv, c.buses);
    assert_true(c.arrived > 200 && c.buses > 8);
    jw_world_destroy(b.world); /* before a: it is in a's city */
    test_scene_free(&a);
    jw_city_release(b.city);
    free(shared);
}

/* Bytes of lines, stops and buses changed at random: refused or taken, and if taken fit to go on. */
static void test_damage(void **state)
{
    (void)state;
    test_scene s = make_busy(1);
    test_scene_run(&s, 200);
    jw_writer image = {0};
    jw_buses_save(s.traffic, &image);
    jw_random_key key = {5, 5};
    uint32_t refused = 0;
    for (uint32_t k = 0; k < 4000; k++) {
        uint32_t at = jw_random_index(key, k, 0, (uint32_t)image.size);
        uint8_t kept = image.bytes[at];
        image.bytes[at] = (uint8_t)jw_random_u64(key, k, 1);
        jw_buses old = s.traffic->buses;
        memset(&s.traffic->buses, 0, sizeof old);
        jw_reader r = jw_reader_make(image.bytes, image.size);
        jw_buses_load(s.traffic, &r);
        refused += r.failed;
        if (!r.failed)
            jw_buses_run(s.world, s.traffic);
        jw_buses_free(s.traffic);
        s.traffic->buses = old;
        image.bytes[at] = kept;
    }
    assert_true(refused > 500);
    jw_writer_free(&image);
    test_scene_free(&s);
}

static void test_no_leak(void **state)
{
    (void)state;
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dwell),    cmocka_unit_test(test_timetable),
        cmocka_unit_test(test_fleet),    cmocka_unit_test(test_fleet_of_departures),
        cmocka_unit_test(test_rides),    cmocka_unit_test(test_demand),
        cmocka_unit_test(test_bunching), cmocka_unit_test(test_night),
        cmocka_unit_test(test_shapes),   cmocka_unit_test(test_commands),
        cmocka_unit_test(test_bad),      cmocka_unit_test(test_places),
        cmocka_unit_test(test_state),    cmocka_unit_test(test_damage),
        cmocka_unit_test(test_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
