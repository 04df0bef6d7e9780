/* Signals as others set them: bands of green waves, requests, the port, advised speeds; that amber, all-red
 * and the least greens are kept whatever is asked, and that a restored world goes on with it. */
#include "traffic/traffic_internal.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>

/* ---- green waves -----------------------------------------------------------------------------------------
 */

#define STREETS 5

/* A main road west to east with signals at every cross street, `spacing_m` apart; edges of draft road r: 2 r
 * and 2 r + 1. Road k leads from node k to k + 1. */
static jw_city *make_corridor(double spacing_m)
{
    jw_draft draft = {0};
    uint32_t main[STREETS + 2];
    for (uint32_t k = 0; k < STREETS + 2; k++)
        main[k] = jw_fixture_add_node(&draft, k * spacing_m, 0, k > 0 && k <= STREETS);
    for (uint32_t k = 0; k <= STREETS; k++)
        jw_fixture_add_road(&draft, main[k], main[k + 1], JW_ROAD_PRIMARY, 2, 2, 13.89);
    for (uint32_t k = 1; k <= STREETS; k++) {
        uint32_t south = jw_fixture_add_node(&draft, k * spacing_m, -200, false),
                 north = jw_fixture_add_node(&draft, k * spacing_m, 200, false);
        jw_fixture_add_road(&draft, south, main[k], JW_ROAD_SECONDARY, 1, 1, 13.89);
        jw_fixture_add_road(&draft, main[k], north, JW_ROAD_SECONDARY, 1, 1, 13.89);
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

static uint32_t junction_at(const jw_city *city, double x_m)
{
    for (uint32_t j = 0; j < city->junction_count; j++)
        if (fabs(city->junctions[j].x_m - x_m) < 1 && fabs(city->junctions[j].y_m) < 1)
            return j;
    return JW_NONE;
}

/* The edge along the main road that ends (or begins) at x. */
static uint32_t main_edge(const jw_city *city, double from_m, double to_m)
{
    for (uint32_t e = 0; e < city->edge_count; e++)
        if (city->edges[e].from == junction_at(city, from_m) && city->edges[e].to == junction_at(city, to_m))
            return e;
    return JW_NONE;
}

/* A platoon that reaches the first line when the band opens drives through. */
static void test_green_wave(void **state)
{
    (void)state;
    const double spacings_m[] = {310, 430};
    for (uint32_t n = 0; n < 2; n++) {
        double spacing_m = spacings_m[n];
        jw_traffic_def def = test_plain_def();
        def.types[JW_VEHICLE_CAR].max_speed_mps = 40 / 3.6;
        test_scene s = test_scene_make(make_corridor(spacing_m), &def, 0.5, 0, 1);
        jw_wave_def wave_def = {.from_junction = junction_at(s.city, spacing_m),
                                .to_junction = junction_at(s.city, STREETS * spacing_m),
                                .speed_mps = 40 / 3.6,
                                .cycle_s = 90};
        jw_wave wave;
        jw_error error = {0};
        assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wave_def, &wave, &error), JW_OK);
        printf(
            "wave of %u signals %.0f m apart at %.1f km/h: cycle %.0f s, bands %.0f s there, %.0f s back\n",
            wave.programme_count, spacing_m, 3.6 * wave.speed_mps, wave.cycle_s, wave.forward_s,
            wave.backward_s);
        assert_int_equal(wave.programme_count, STREETS);
        assert_true(wave.cycle_s == 90 && wave.forward_s > 25 && fabs(wave.speed_mps - 40 / 3.6) < 0.01);
        /* Green at the first line, 3 cycles on, when all are in step. */
        uint32_t first = s.city->junctions[wave_def.from_junction].programme;
        double offset_s = jw_s_from_ns(s.traffic->signals.plans[first].offset_ns);
        double open_s = 3 * 90 + offset_s, to_line_s = (spacing_m - 20) / (40 / 3.6);
        for (uint32_t k = 0; k < 12; k++)
            test_scene_trip(&s, open_s - to_line_s + 4 + 2.0 * k, main_edge(s.city, 0, spacing_m),
                            main_edge(s.city, STREETS * spacing_m, (STREETS + 1) * spacing_m), 0);
        float slowest = 100;
        uint32_t most = 0;
        while (test_scene_time(&s) < open_s + 300) {
            test_scene_step(&s);
            const jw_traffic *t = s.traffic;
            most = t->running > most ? t->running : most;
            for (uint32_t slot = 0; slot < t->pool.slot_count; slot++)
                if (t->pool.generations[slot] & 1)
                    slowest = jw_minf(slowest, t->cars[t->place_of_slot[slot]].speed_mps);
        }
        jw_traffic_counts c = jw_traffic_count(s.traffic);
        printf("  platoon of %u: slowest %.1f km/h, mean delay %.1f s\n", most, 3.6 * (double)slowest,
               c.mean_delay_s);
        assert_true(c.arrived == 12 && most == 12 && slowest > 20 / 3.6f);
        test_scene_free(&s);
    }
}

/* Without a wave the same platoon has to stop: what the test above measures is not there by itself. */
static void test_no_wave(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    test_scene s = test_scene_make(make_corridor(310), &def, 0.5, 0, 1);
    jw_wave_def wrong = {junction_at(s.city, 310), junction_at(s.city, 310), 10, 90, true};
    jw_wave wave;
    jw_error error = {0};
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wrong, &wave, &error), JW_ERROR_NOT_FOUND);
    wrong.to_junction = junction_at(s.city, 310 * STREETS);
    wrong.cycle_s = 20;
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wrong, &wave, &error), JW_ERROR_INPUT);
    wrong.cycle_s = 10;
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wrong, &wave, &error), JW_ERROR_INPUT);
    wrong.from_junction = 1 << 20;
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &wrong, &wave, &error), JW_ERROR_NOT_FOUND);
    /* Bands in both directions share what one alone would have. */
    /* 22 s from line to line, a quarter of the cycle: at 28 s there would be none. */
    jw_wave_def both = {junction_at(s.city, 310), junction_at(s.city, 310 * STREETS), 13.89, 90, true};
    assert_int_equal(jw_traffic_make_wave(s.world, s.traffic, &both, &wave, &error), JW_OK);
    printf("both ways: %.0f s there, %.0f s back\n", wave.forward_s, wave.backward_s);
    assert_true(wave.forward_s > 5 && wave.backward_s > 5);
    test_scene_free(&s);
}

/* A start under GREEN_WAVE: every signal of the corridor is part of one chain. */
static void test_all_waves(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_GREEN_WAVE;
    test_scene s = test_scene_make(make_corridor(310), &def, 0.5, 0, 1);
    assert_int_equal(s.traffic->signals.wave_count, 1);
    assert_int_equal(s.traffic->signals.waves[0].programme_count, STREETS);
    test_scene_run(&s, 300);
    test_scene_free(&s);
}

/* ---- from outside ----------------------------------------------------------------------------------------
 */

typedef struct caller {
    uint32_t calls, greens;
    uint64_t seed;
    bool is_random;
} caller;

/* Any green phase, or none; now and then nonsense. */
static void decide(void *context, jw_world *world, const jw_signal_view *view, jw_signal_answer *answer)
{
    caller *c = context;
    (void)world;
    jw_random_key key = {c->seed, 5};
    uint32_t draw = jw_random_index(key, view->programme, (uint64_t)view->time_ns, view->green_count + 2);
    c->calls++;
    c->greens = view->green_count;
    if (!c->is_random)
        answer->phase = view->green[view->green_count - 1];
    else if (draw < view->green_count)
        answer->phase = view->green[draw];
    else if (draw == view->green_count)
        answer->phase = 1; /* amber: refused */
}

/* Letters of one connection over time. */
typedef struct watch {
    char letter;
    double since_s;
} watch;

/* Whatever is asked: no link goes from green to red but over 3 s of amber at least, and then a green of
 * another street comes no sooner than 1 s later; no green ends before 5 s. */
static void check_letters(const test_scene *s, watch *watches, double *red_s, double least_s)
{
    const jw_city *city = s->city;
    const uint8_t *shown = jw_traffic_signals(s->traffic);
    double now_s = test_scene_time(s);
    for (uint32_t c = 0; c < city->connection_count; c++) {
        watch *w = &watches[c];
        char letter = (char)shown[c] == 'g' ? 'G' : (char)shown[c];
        if (letter == w->letter)
            continue;
        double lasted_s = now_s - w->since_s;
        if (w->letter == 'G') {
            assert_int_equal(letter, 'y');
            assert_true(lasted_s >= least_s - 1e-6);
        } else if (w->letter == 'y') {
            assert_int_equal(letter, 'r');
            assert_true(lasted_s >= 3 - 1e-6);
            red_s[c] = now_s;
        } else if (w->letter == 'r') {
            assert_int_equal(letter, 'G');
            for (uint32_t k = 0; k < city->connections[c].conflict_count; k++) {
                uint32_t foe = city->conflicts[city->connections[c].first_conflict + k].foe;
                if (!city->conflicts[city->connections[c].first_conflict + k].is_merge && shown[foe] == 'r')
                    assert_true(now_s - red_s[foe] >= 1 - 1e-6);
                assert_true(shown[foe] != 'y');
            }
        }
        w->letter = letter;
        w->since_s = now_s;
    }
}

static void test_random_decisions(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = JW_SIGNAL_OUTSIDE;
        def.signals.decision_s = 2;
        def.signals.has_priority = seed % 2 == 0;
        test_scene s =
            test_scene_make(jw_fixture_cross(200, 1 + 2 * (seed % 3 == 0), 13.89, true), &def, 0.5, 0, 1);
        caller c = {.seed = seed, .is_random = true};
        jw_traffic_set_signal_port(s.traffic, (jw_signal_port){decide, &c});
        for (uint32_t k = 0; k < 60; k++) {
            test_scene_trip(&s, k * 20.0, 0, 3, 0);
            test_scene_trip(&s, k * 17.0, 4, 1, 0);
            test_scene_trip_of(&s, k % 3 ? JW_VEHICLE_BUS : JW_VEHICLE_EMERGENCY, k * 41.0, 6, 5);
        }
        watch watches[64] = {0};
        double red_s[64];
        assert_true(s.city->connection_count <= JW_COUNT_OF(watches));
        for (uint32_t i = 0; i < JW_COUNT_OF(red_s); i++)
            red_s[i] = -100;
        test_scene_step(&s);
        for (uint32_t i = 0; i < s.city->connection_count; i++)
            watches[i].letter =
                jw_traffic_signals(s.traffic)[i] == 'g' ? 'G' : (char)jw_traffic_signals(s.traffic)[i];
        for (uint32_t i = 0; i < s.city->connection_count; i++)
            watches[i].since_s = -100;
        while (test_scene_time(&s) < 1800) {
            /* Controls change at run time, too. */
            if (jw_world_step_number(s.world) % 199 == 0) {
                jw_random_key key = {seed, 9};
                uint32_t control =
                    1 + jw_random_index(key, 0, jw_world_step_number(s.world), JW_SIGNAL_CONTROL_COUNT - 1);
                assert_int_equal(jw_traffic_set_signal_control(s.traffic, 0, (jw_signal_control)control),
                                 JW_OK);
            }
            test_scene_step(&s);
            check_letters(&s, watches, red_s, seed % 3 ? 10 : 7);
        }
        assert_true(c.calls > 50);
        test_scene_free(&s);
    }
}

/* The port is asked once in each interval and what it says is done; the view shows the detectors. */
static void test_port(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_OUTSIDE;
    test_scene s = test_scene_make(jw_fixture_cross(200, 1, 13.89, true), &def, 0.5, 0, 1);
    caller c = {0};
    jw_traffic_set_signal_port(s.traffic, (jw_signal_port){decide, &c});
    test_scene_run(&s, 60);
    assert_int_equal(c.calls, 13); /* in the first step, then every 5 s */
    assert_int_equal(c.greens, 2);
    assert_int_equal(test_green_phase(&s), 3);
    test_scene_run(&s, 200);
    assert_int_equal(test_green_phase(&s), 3);
    jw_traffic_set_signal_port(s.traffic, (jw_signal_port){0});
    /* Detectors: 10 cars of one street, all counted once. */
    uint32_t count = 0;
    for (uint32_t k = 0; k < 10; k++)
        test_scene_trip(&s, test_scene_time(&s) + 2.5 * k, 4, 7, 0);
    double occupied = 0;
    for (uint32_t k = 0; k < 24; k++) {
        test_scene_run(&s, 5);
        jw_signal_answer answer;
        jw_signal_view view = jw_traffic_view_signal(s.world, s.traffic, 0, &answer);
        for (uint32_t l = 0; l < view.lane_count; l++) {
            count += view.count[l];
            occupied += 5 * (double)view.occupancy[l];
        }
        answer.phase = 3;
        assert_int_equal(jw_traffic_answer_signal(s.world, s.traffic, &view, &answer), JW_OK);
    }
    printf("10 cars: %u counted, %.1f s occupied\n", count, occupied);
    assert_int_equal(count, 10);
    assert_true(occupied > 10 && occupied < 40);
    jw_signal_answer answer;
    jw_signal_view view = jw_traffic_view_signal(s.world, s.traffic, 0, &answer);
    answer.phase = 2;
    assert_int_equal(jw_traffic_answer_signal(s.world, s.traffic, &view, &answer), JW_ERROR_INPUT);
    test_scene_free(&s);
}

/* Advised speeds: of connected cars, on that edge alone, until they end. */
static void test_advice(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.signals.connected_share = 0.5;
    test_scene s = test_scene_make(jw_fixture_cross(600, 1, 13.89, true), &def, 0.5, 0, 1);
    assert_int_equal(jw_traffic_advise_speed(s.world, s.traffic, 1, 8, JW_NS_PER_S), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_traffic_advise_speed(s.world, s.traffic, 99, 8, JW_NS_PER_S), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_traffic_advise_speed(s.world, s.traffic, 0, 8, 100000 * JW_NS_PER_S), JW_OK);
    uint32_t slow = 0, fast = 0;
    for (uint32_t k = 0; k < 20; k++) { /* one at a time: they do not hold each other up */
        double begin_s = test_scene_time(&s);
        test_scene_trip(&s, begin_s, 0, 3, 0);
        test_scene_run(&s, 12);
        float speed = s.traffic->cars[s.traffic->place_of_slot[0]].speed_mps;
        slow += speed < 8.1f;
        fast += speed > 13;
        assert_true(speed < 8.1f || speed > 13);
        while (s.traffic->running)
            test_scene_step(&s);
    }
    printf("advised 29 km/h: %u of 20 cars follow\n", slow);
    assert_true(slow >= 4 && fast >= 4);
    jw_traffic_advise_speed(s.world, s.traffic, 0, 0, 1000000 * JW_NS_PER_S);
    assert_int_equal(s.traffic->signals.advice_count, 0);
    /* Behind the line each drives as before. */
    jw_traffic_advise_speed(s.world, s.traffic, 0, 8, 1000000 * JW_NS_PER_S);
    test_scene_trip_of(&s, JW_VEHICLE_SHUTTLE, test_scene_time(&s), 0, 3);
    test_scene_run(&s, 20);
    float before = s.traffic->cars[s.traffic->place_of_slot[0]].speed_mps;
    while (s.traffic->cars[s.traffic->place_of_slot[0]].track != s.city->edges[3].first_lane)
        test_scene_step(&s);
    test_scene_run(&s, 15);
    float behind = s.traffic->cars[s.traffic->place_of_slot[0]].speed_mps;
    assert_true(before < 8.1f && behind > 10);
    assert_int_equal(s.traffic->signals.advised_count, 0);
    test_scene_free(&s);
}

/* What is announced of greens comes true, step by step, under the clock and in a green wave; nothing is
 * announced of what vehicles rule. */
static void test_next_green(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 2; k++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = k ? JW_SIGNAL_GREEN_WAVE : JW_SIGNAL_FIXED;
        test_scene s = test_scene_make(make_corridor(310), &def, 0.5, 0, 1);
        test_scene_run(&s, 300);
        uint32_t checked = 0;
        for (uint32_t round = 0; round < 9; round++) {
            enum { CONNECTIONS = 200, STEPS = 160 };
            static double begin_s[CONNECTIONS], end_s[CONNECTIONS];
            uint32_t count = s.city->connection_count;
            assert_true(count <= CONNECTIONS);
            double after_s = 7.0 * round;
            for (uint32_t c = 0; c < count; c++) {
                bool is_known = jw_traffic_next_green(s.traffic, c, after_s, &begin_s[c], &end_s[c]);
                assert_true(is_known == (s.city->connections[c].signal_link != JW_NONE));
                assert_true(!is_known || (begin_s[c] >= 0 && end_s[c] > after_s && end_s[c] > begin_s[c]));
                end_s[c] = is_known ? end_s[c] : -1;
            }
            for (uint32_t n = 1; n <= STEPS; n++) {
                test_scene_step(&s);
                double at_s = 0.5 * n; /* what is shown during the step that ended was set at its begin */
                for (uint32_t c = 0; c < count; c++) {
                    uint8_t shown = jw_traffic_signals(s.traffic)[c];
                    bool is_green = shown == 'G' || shown == 'g';
                    if (end_s[c] > 0 && at_s > after_s && at_s > 1 && at_s < begin_s[c] - 1)
                        assert_false(is_green);
                    if (end_s[c] > 0 && at_s > begin_s[c] + 1 && at_s < end_s[c] - 1) {
                        assert_true(is_green);
                        checked++;
                    }
                }
            }
        }
        assert_true(checked > 1000);
        double begin, end;
        jw_traffic_set_signal_control(s.traffic, JW_NONE, JW_SIGNAL_ACTUATED);
        test_scene_run(&s, 60);
        for (uint32_t c = 0; c < s.city->connection_count; c++)
            assert_false(jw_traffic_next_green(s.traffic, c, 0, &begin, &end));
        test_scene_free(&s);
    }
}

/* Advice to one vehicle: it alone follows, as long as it holds. */
static void test_advice_to_one(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_road(2000, 2, 13.89), NULL, 0.5, 0, 1);
    test_scene_trip(&s, 0, 0, 0, 0);
    test_scene_trip(&s, 0, 0, 0, 0);
    test_scene_run(&s, 20);
    jw_vehicle_columns v = jw_traffic_vehicles(s.traffic);
    assert_int_equal(v.count, 2);
    jw_vehicle_id one = v.id[0], other = v.id[1];
    assert_int_equal(jw_traffic_advise_vehicle(s.world, s.traffic, one, 6, 40 * JW_NS_PER_S), JW_OK);
    assert_int_equal(jw_traffic_advise_vehicle(s.world, s.traffic, one, 7, 40 * JW_NS_PER_S), JW_OK);
    assert_int_equal(s.traffic->signals.advised_count, 1);
    test_scene_run(&s, 15);
    assert_true(fabsf(s.traffic->cars[s.traffic->place_of_slot[one.index1 - 1]].speed_mps - 7) < 0.2f);
    assert_true(s.traffic->cars[s.traffic->place_of_slot[other.index1 - 1]].speed_mps > 13);
    test_scene_run(&s, 25);
    assert_true(s.traffic->cars[s.traffic->place_of_slot[one.index1 - 1]].speed_mps > 13);
    assert_int_equal(s.traffic->signals.advised_count, 0);
    test_scene_run(&s, 200);
    assert_int_equal(jw_traffic_advise_vehicle(s.world, s.traffic, one, 7, 900 * JW_NS_PER_S),
                     JW_ERROR_NOT_FOUND);
    test_scene_free(&s);
}

/* ---- state -----------------------------------------------------------------------------------------------
 */

static void test_restore(void **state)
{
    (void)state;
    for (uint32_t control = 0; control < JW_SIGNAL_CONTROL_COUNT; control++) {
        jw_traffic_def def = test_plain_def();
        def.signals.control = (jw_signal_control)control;
        def.signals.has_priority = true;
        def.signals.connected_share = 0.5;
        test_scene s = test_scene_make(make_corridor(310), &def, 0.5, 0, 1);
        caller c = {.seed = control, .is_random = true};
        jw_traffic_set_signal_port(s.traffic, (jw_signal_port){decide, &c});
        uint32_t main = main_edge(s.city, 0, 310);
        for (uint32_t k = 0; k < 100; k++) {
            test_scene_trip_of(&s, k % 7 ? JW_VEHICLE_CAR : JW_VEHICLE_BUS, 3.0 * k, main,
                               main_edge(s.city, STREETS * 310, (STREETS + 1) * 310));
            test_scene_trip_of(&s, k % 9 ? JW_VEHICLE_CAR : JW_VEHICLE_EMERGENCY, 3.7 * k,
                               main_edge(s.city, (STREETS + 1) * 310, STREETS * 310),
                               main_edge(s.city, 310, 0));
        }
        assert_int_equal(jw_traffic_advise_speed(s.world, s.traffic, main, 9, 400 * JW_NS_PER_S), JW_OK);
        test_scene_command(&s, "set_green", "programme", 1.0, "phase", 0.0, "green_s", 41.0, NULL);
        test_scene_run(&s, 103);
        jw_writer image = {0};
        assert_int_equal(jw_world_save(s.world, &image, NULL), JW_OK);
        uint64_t at_save = jw_world_hash(s.world), later[40];
        for (uint32_t k = 0; k < JW_COUNT_OF(later); k++) {
            test_scene_run(&s, 7);
            later[k] = jw_world_hash(s.world);
        }
        jw_error error = {0};
        if (jw_world_restore(s.world, image.bytes, image.size, &error) != JW_OK)
            fail_msg("%s", error.message);
        s.traffic = jw_world_state(s.world, 0);
        jw_traffic_set_signal_port(s.traffic, (jw_signal_port){decide, &c});
        assert_true(jw_world_hash(s.world) == at_save);
        for (uint32_t k = 0; k < JW_COUNT_OF(later); k++) {
            test_scene_run(&s, 7);
            assert_true(jw_world_hash(s.world) == later[k]);
        }
        jw_writer_free(&image);
        test_scene_free(&s);
    }
}

/* Seconds of each full green of a phase in so long a time, as they are shown. */
static uint32_t measure_greens(test_scene *s, uint32_t programme, uint32_t phase, double for_s, double *out_s,
                               uint32_t most)
{
    const jw_signal *now = &s->traffic->signals.now[programme];
    double end_s = test_scene_time(s) + for_s, run_s = 0;
    bool is_whole = false;
    uint32_t count = 0;
    while (test_scene_time(s) < end_s) {
        test_scene_step(s);
        if (now->phase == phase) {
            run_s += 0.5;
        } else {
            if (run_s > 0 && is_whole && count < most)
                out_s[count++] = run_s;
            is_whole = true;
            run_s = 0;
        }
    }
    return count;
}

static jw_result last_result(const test_scene *s)
{
    return jw_world_log_entry(s->world, jw_world_log_count(s->world) - 1).result;
}

/* A green that was set holds from its next time on, and the cycle with it; 0 is the map's again. */
static void test_set_green(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_cross(400, 1, 13.89, true), NULL, 0.5, 0, 1);
    double mapped_s, green_s, greens_s[8], cycle_s = jw_traffic_plan_cycle_s(s.traffic, 0);
    assert_true(jw_traffic_plan_green(s.traffic, 0, 0, &mapped_s) && mapped_s > 30);
    test_scene_command(&s, "set_green", "programme", 0.0, "phase", 0.0, "green_s", 25.0, NULL);
    test_scene_run(&s, 2 * cycle_s); /* in step with its new clock */
    assert_int_equal(last_result(&s), JW_OK);
    jw_traffic_plan_green(s.traffic, 0, 0, &green_s);
    assert_true(green_s == 25 && jw_traffic_plan_cycle_s(s.traffic, 0) == cycle_s - mapped_s + 25);
    uint32_t count = measure_greens(&s, 0, 0, 5 * cycle_s, greens_s, 8);
    assert_true(count >= 4);
    for (uint32_t k = 0; k < count; k++)
        assert_true(greens_s[k] == 25);
    test_scene_command(&s, "set_green", "programme", 0.0, "phase", 0.0, "green_s", 0.0, NULL);
    test_scene_run(&s, 2 * cycle_s);
    assert_true(jw_traffic_plan_cycle_s(s.traffic, 0) == cycle_s);
    count = measure_greens(&s, 0, 0, 5 * cycle_s, greens_s, 8);
    assert_true(count >= 3);
    for (uint32_t k = 0; k < count; k++)
        assert_true(greens_s[k] == mapped_s);
    /* The map's own duration is the map again; what is refused changes nothing. */
    test_scene_command(&s, "set_green", "programme", 0.0, "phase", 0.0, "green_s", mapped_s, NULL);
    test_scene_step(&s);
    assert_true(last_result(&s) == JW_OK && s.traffic->signals.own_ns[0] == 0);
    static const double bad[][3] = {{9, 0, 30}, {0, 77, 30}, {0, 1, 30}, {0, 0, 2}};
    for (uint32_t k = 0; k < JW_COUNT_OF(bad); k++) {
        test_scene_command(&s, "set_green", "programme", bad[k][0], "phase", bad[k][1], "green_s", bad[k][2],
                           NULL);
        test_scene_step(&s);
        assert_true(last_result(&s) != JW_OK && s.traffic->signals.own_ns[0] == 0);
    }
    assert_int_equal(jw_traffic_set_signal_control(s.traffic, 0, JW_SIGNAL_ACTUATED), JW_OK);
    test_scene_command(&s, "set_green", "programme", 0.0, "phase", 0.0, "green_s", 30.0, NULL);
    test_scene_step(&s);
    assert_int_equal(last_result(&s), JW_ERROR_STATE);
    test_scene_free(&s);
}

static void test_verbs(void **state)
{
    (void)state;
    test_scene s = test_scene_make(make_corridor(310), NULL, 0.5, 0, 1);
    test_scene_command(&s, "green_wave", "from", (double)junction_at(s.city, 310), "to",
                       (double)junction_at(s.city, 310 * STREETS), NULL);
    test_scene_command(&s, "signal_priority", "on", 1.0, NULL);
    test_scene_command(&s, "signal_request", "programme", 1.0, "phase", 0.0, NULL);
    test_scene_command(&s, "advise_speed", "edge", (double)main_edge(s.city, 0, 310), "speed_kmh", 36.0,
                       NULL);
    test_scene_step(&s);
    for (uint32_t k = 0; k < jw_world_log_count(s.world); k++)
        assert_int_equal(jw_world_log_entry(s.world, k).result, JW_OK);
    assert_int_equal(s.traffic->signals.wave_count, 1);
    assert_true(s.traffic->signals.now[2].has_priority && s.traffic->signals.now[1].request == 0);
    uint32_t module;
    const jw_table *waves = jw_world_find_table(s.world, "waves", &module);
    assert_int_equal(waves->row_count(s.world, s.traffic), 1);
    assert_int_equal(waves->integer(s.world, s.traffic, 0, 2), STREETS);
    const jw_table *signals = jw_world_find_table(s.world, "signals", &module);
    assert_int_equal(signals->row_count(s.world, s.traffic), STREETS);
    assert_string_equal(signals->text(s.world, s.traffic, 0, 1), "green_wave");
    test_scene_command(&s, "signal_request", "programme", 1.0, "phase", 1.0, NULL);
    test_scene_command(&s, "signal_request", "programme", 77.0, "phase", 0.0, NULL);
    test_scene_command(&s, "green_wave", "from", 0.0, "to", 1.0, NULL);
    uint32_t before = jw_world_log_count(s.world);
    test_scene_step(&s);
    for (uint32_t k = before; k < jw_world_log_count(s.world); k++)
        assert_true(jw_world_log_entry(s.world, k).result != JW_OK);
    test_scene_free(&s);
}

static int check_memory(void **state)
{
    (void)state;
    return jw_allocated_bytes() == 0 ? 0 : -1;
}

#define signal_test(name) cmocka_unit_test_teardown(name, check_memory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        signal_test(test_green_wave), signal_test(test_no_wave),
        signal_test(test_all_waves),  signal_test(test_random_decisions),
        signal_test(test_port),       signal_test(test_advice),
        signal_test(test_next_green), signal_test(test_advice_to_one),
        signal_test(test_restore),    signal_test(test_verbs),
        signal_test(test_set_green),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
