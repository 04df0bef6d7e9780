/* Two rings and barriers: the diagram found, what goes with what, barriers crossed together, delay beside
 * that of one ring, snapshots. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* Edges in and out of jw_fixture_cross. */
enum { WEST, TO_WEST, EAST, TO_EAST, SOUTH, TO_SOUTH, NORTH, TO_NORTH };

typedef struct flow {
    uint32_t from, to;
    double per_hour;
} flow;

static void send_poisson(test_scene *s, const flow *flows, uint32_t count, double end_s)
{
    for (uint32_t f = 0; f < count; f++) {
        jw_random_key key = {31, f};
        double at_s = 0;
        for (uint32_t k = 0;; k++) {
            at_s += jw_random_exponential(key, f, k, 3600 / flows[f].per_hour);
            if (at_s >= end_s)
                break;
            test_scene_trip(s, at_s, flows[f].from, flows[f].to, 0);
        }
    }
}

static test_scene make_scene(uint32_t lanes, double passage_s)
{
    jw_traffic_def def = test_plain_def();
    def.signals.control = JW_SIGNAL_ACTUATED;
    def.signals.passage_s = passage_s;
    return test_scene_make(jw_fixture_cross(400, lanes, 13.89, true), &def, 0.5, 0, 1);
}

static bool has_green(const test_scene *s, uint32_t from, uint32_t to)
{
    const jw_city *city = s->city;
    for (uint32_t c = 0; c < city->connection_count; c++)
        if (s->traffic->shown[c] == 'G' && city->lanes[city->connections[c].from_lane].edge == from &&
            city->lanes[city->connections[c].to_lane].edge == to)
            return true;
    return false;
}

static void test_diagram(void **state)
{
    (void)state;
    test_scene plain = make_scene(1, 2), s = make_scene(3, 2);
    assert_int_equal(plain.traffic->signals.net.diagrams[0].sides, 0); /* no left turn has a phase */
    const jw_signal_net *net = &s.traffic->signals.net;
    assert_int_equal(net->diagrams[0].sides, 2);
    uint32_t ring_of[8][8];
    memset(ring_of, 0xFF, sizeof ring_of);
    for (uint32_t k = net->link_first[0]; k < net->link_first[1]; k++) {
        const jw_connection *c = &s.city->connections[net->links[k].connection];
        uint32_t from = s.city->lanes[c->from_lane].edge, to = s.city->lanes[c->to_lane].edge;
        assert_true(net->ring_of[k] < JW_RING_IDS);
        assert_true(ring_of[from][to] == JW_NONE || ring_of[from][to] == net->ring_of[k]);
        ring_of[from][to] = net->ring_of[k];
    }
    /* A left turn, then the way straight on that it crosses, in one ring: 1 and 2, 5 and 6, 3 and 4, 7 and 8.
     */
    const uint32_t rows[4][4] = {{EAST, TO_SOUTH, WEST, TO_EAST},
                                 {WEST, TO_NORTH, EAST, TO_WEST},
                                 {SOUTH, TO_WEST, NORTH, TO_SOUTH},
                                 {NORTH, TO_EAST, SOUTH, TO_NORTH}};
    uint32_t seen = 0;
    for (uint32_t r = 0; r < 4; r++) {
        uint32_t left = ring_of[rows[r][0]][rows[r][1]], through = ring_of[rows[r][2]][rows[r][3]];
        assert_true(left % 2 == 0 && through == left + 1);
        seen |= 3u << left;
    }
    assert_int_equal(seen, 0xFF);
    assert_true(ring_of[WEST][TO_NORTH] / 4 == ring_of[EAST][TO_SOUTH] / 4);
    assert_true(ring_of[WEST][TO_SOUTH] == ring_of[WEST][TO_EAST]); /* right turns go with straight on */
    test_scene_free(&plain);
    test_scene_free(&s);
}

/* Nothing green against green, at any time; all greens between two barriers; both rings begin together. */
static void check_shown(const test_scene *s, uint32_t *side, bool *was_green)
{
    const jw_city *city = s->city;
    const jw_signal_net *net = &s->traffic->signals.net;
    uint32_t sides = 0;
    bool rings[2] = {false, false};
    for (uint32_t k = net->link_first[0]; k < net->link_first[1]; k++) {
        uint32_t c = net->links[k].connection, id = net->ring_of[k];
        if (s->traffic->shown[c] == 'r')
            continue;
        sides |= 1u << id / 4;
        rings[id / 2 % 2] |= s->traffic->shown[c] != 'y';
        for (uint32_t n = 0; n < city->connections[c].conflict_count; n++) {
            const jw_conflict *zone = &city->conflicts[city->connections[c].first_conflict + n];
            uint8_t foe = s->traffic->shown[zone->foe];
            if (foe != 'r' && !zone->is_merge && !(zone->must_yield && s->traffic->shown[c] == 'g') &&
                foe != 'g')
                fail_msg("%.1f s: %c of connection %u against %c of %u", test_scene_time(s),
                         s->traffic->shown[c], c, foe, zone->foe);
        }
    }
    assert_true(sides != 3);
    if (sides && *side && sides != *side) /* a barrier was crossed */
        assert_true(rings[0] && rings[1] && !*was_green);
    *was_green = rings[0] || rings[1];
    *side = sides ? sides : *side;
}

/* Many left turns from the west, few from the east: straight on from the west begins while they still have
 * green, and straight on from the east waits. */
static void test_partner_begins_early(void **state)
{
    (void)state;
    const flow flows[] = {{WEST, TO_NORTH, 350}, {EAST, TO_SOUTH, 40},   {WEST, TO_EAST, 500},
                          {EAST, TO_WEST, 500},  {SOUTH, TO_NORTH, 200}, {NORTH, TO_SOUTH, 200},
                          {SOUTH, TO_WEST, 60}};
    test_scene s = make_scene(3, 2);
    send_poisson(&s, flows, JW_COUNT_OF(flows), 3600);
    uint32_t side = 0, crossings = 0, early = 0, together = 0;
    bool was_green = false;
    while (test_scene_time(&s) < 3600) {
        uint32_t before = side;
        test_scene_step(&s);
        check_shown(&s, &side, &was_green);
        crossings += before && side != before;
        bool left = has_green(&s, WEST, TO_NORTH), straight = has_green(&s, WEST, TO_EAST);
        early += left && straight;
        together += left && has_green(&s, EAST, TO_SOUTH);
        assert_false(left && has_green(&s, EAST, TO_WEST));
    }
    print_message(
        "%u barriers crossed; left turns of the west with the east's for %.0f s, with straight on for "
        "%.0f s\n",
        crossings, together / 2.0, early / 2.0);
    assert_true(crossings > 60 && early / 2.0 > 300 && together / 2.0 > 60);
    test_scene_free(&s);
}

/* Mean delay, with the diagram or stage by stage. */
static double delay_of(const flow *flows, uint32_t count, bool has_rings)
{
    test_scene s = make_scene(3, 2);
    if (!has_rings)
        s.traffic->signals.net.diagrams[0].sides = 0;
    send_poisson(&s, flows, count, 3600);
    test_scene_run(&s, 4200);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    assert_true((double)c.arrived > 0.95 * (double)c.created);
    double delay_s = c.mean_delay_s;
    test_scene_free(&s);
    return delay_s;
}

static void test_delay(void **state)
{
    (void)state;
    const flow unbalanced[] = {{WEST, TO_NORTH, 350},  {WEST, TO_EAST, 800},  {EAST, TO_WEST, 300},
                               {EAST, TO_SOUTH, 20},   {SOUTH, TO_WEST, 250}, {SOUTH, TO_NORTH, 400},
                               {NORTH, TO_SOUTH, 150}, {NORTH, TO_EAST, 20}};
    const flow balanced[] = {{WEST, TO_NORTH, 150}, {WEST, TO_EAST, 500},  {EAST, TO_WEST, 500},
                             {EAST, TO_SOUTH, 150}, {SOUTH, TO_WEST, 120}, {SOUTH, TO_NORTH, 300},
                             {NORTH, TO_EAST, 120}, {NORTH, TO_SOUTH, 300}};
    double one = delay_of(unbalanced, JW_COUNT_OF(unbalanced), false),
           two = delay_of(unbalanced, JW_COUNT_OF(unbalanced), true);
    double one_even = delay_of(balanced, JW_COUNT_OF(balanced), false),
           two_even = delay_of(balanced, JW_COUNT_OF(balanced), true);
    print_message(
        "mean delay under unbalanced demand: one ring %.1f s, two %.1f s; balanced %.1f s and %.1f s\n", one,
        two, one_even, two_even);
    assert_true(two < 0.85 * one && two_even < 1.03 * one_even);
}

/* Requests and other modes take over at any time, and the rings come back. Saved and restored within. */
static void test_take_over(void **state)
{
    (void)state;
    const flow flows[] = {{WEST, TO_NORTH, 300},
                          {WEST, TO_EAST, 400},
                          {EAST, TO_WEST, 300},
                          {SOUTH, TO_WEST, 200},
                          {NORTH, TO_SOUTH, 300}};
    test_scene s = make_scene(3, 1.5);
    jw_error error = {0};
    send_poisson(&s, flows, JW_COUNT_OF(flows), 3000);
    uint32_t side = 0, in_rings = 0, given = 0, restored = 0;
    bool was_green = false;
    for (uint32_t k = 0; test_scene_time(&s) < 3000; k++) {
        jw_random_key key = {3, 4};
        uint32_t draw = jw_random_index(key, k, 0, 400);
        const uint32_t phases[] = {0, 3, 6, 9};
        if (draw < 4)
            given += jw_traffic_request_phase(s.world, s.traffic, 0, phases[draw],
                                              jw_world_time_ns(s.world) + 20 * JW_NS_PER_S) == JW_OK;
        else if (draw == 4)
            assert_int_equal(jw_traffic_set_signal_control(s.traffic, 0, JW_SIGNAL_FIXED), JW_OK);
        else if (draw < 12)
            assert_int_equal(jw_traffic_set_signal_control(s.traffic, 0, JW_SIGNAL_ACTUATED), JW_OK);
        test_scene_step(&s);
        in_rings += s.traffic->signals.now[0].in_rings;
        check_shown(&s, &side, &was_green);
        if (draw != 20)
            continue;
        jw_writer image = {0};
        assert_int_equal(jw_world_save(s.world, &image, &error), JW_OK);
        uint64_t hash = jw_world_hash(s.world);
        test_scene_run(&s, 60);
        uint64_t later = jw_world_hash(s.world);
        if (jw_world_restore(s.world, image.bytes, image.size, &error))
            fail_msg("%s", error.message);
        s.traffic = jw_world_state(s.world, 0);
        assert_true(jw_world_hash(s.world) == hash);
        test_scene_run(&s, 60);
        assert_true(jw_world_hash(s.world) == later);
        side = 0;
        was_green = false;
        restored++;
        jw_writer_free(&image);
    }
    print_message("%u steps in rings, %u requests, %u restored\n", in_rings, given, restored);
    assert_true(in_rings > 1000 && given > 10 && restored > 3);
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
        cmocka_unit_test(test_diagram), cmocka_unit_test(test_partner_begins_early),
        cmocka_unit_test(test_delay),   cmocka_unit_test(test_take_over),
        cmocka_unit_test(test_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
