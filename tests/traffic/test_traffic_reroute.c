/* Drivers under way: better ways by live times, closures, being cut off; and that what is customised in the
 * background comes out the same with other threads and after a restore. */
#include "traffic/traffic_internal.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- informed drivers ------------------------------------------------------------------------------------
 */

/* 6 km to a fork; from there 600 m straight on, or 1 km over a hill; then 300 m together. */
static jw_city *make_fork(uint32_t *out_short)
{
    static const double places[][2] = {{0, 0}, {6000, 0}, {6600, 0}, {6900, 0}, {6300, 400}};
    static const uint32_t ends[][2] = {{0, 1}, {1, 2}, {1, 4}, {4, 2}, {2, 3}};
    jw_draft draft = {0};
    for (uint32_t k = 0; k < JW_COUNT_OF(places); k++)
        jw_fixture_add_node(&draft, places[k][0], places[k][1], false);
    draft.is_network = true;
    for (uint32_t k = 0; k < JW_COUNT_OF(ends); k++)
        jw_fixture_add_road(&draft, ends[k][0], ends[k][1], JW_ROAD_SECONDARY, k == 0 || k == 4 ? 2 : 1, 0,
                            14);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    for (uint32_t e = 0; e < city->edge_count; e++)
        if (city->edges[e].source_id == 2)
            *out_short = e;
    return city;
}

static jw_traffic_counts run_fork(double share, double interval_s)
{
    jw_traffic_def def = test_plain_def();
    uint32_t by_short = 0;
    def.reroute_share = share;
    def.router_interval_s = 30;
    def.reroute_interval_s = interval_s;
    test_scene s = test_scene_make(make_fork(&by_short), &def, 0.5, 0, 1);
    uint32_t from = JW_NONE, to = JW_NONE;
    for (uint32_t e = 0; e < s.city->edge_count; e++) {
        from = s.city->edges[e].source_id == 1 ? e : from;
        to = s.city->edges[e].source_id == 5 ? e : to;
    }
    for (uint32_t k = 0; k < 120; k++)
        test_scene_trip(&s, k * 6, from, to, 0);
    test_scene_run(&s, 100);
    test_scene_command(&s, "incident", "edge", (double)by_short, "lane", 0.0, "position_m", 300.0,
                       "duration_s", 3600.0, NULL);
    test_scene_run(&s, 1500);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    assert_int_equal(c.departed, 120);
    assert_int_equal(c.departed, c.arrived + c.running);
    test_scene_free(&s);
    return c;
}

/* The short way is blocked before the first arrives at the fork. Who knows nothing queues up there (some give
 * up waiting), as does who looks at live times at departure only: nobody knew then. Who listens under way
 * leaves it at the fork. */
static void test_informed(void **state)
{
    (void)state;
    jw_traffic_counts none = run_fork(-1, 300), before = run_fork(1, -1), under_way = run_fork(1, 30);
    printf("fork: %lld of 120 arrive who know nothing, %lld who ask at departure, %lld who ask under way "
           "(%lld changes of way)\n",
           (long long)none.arrived, (long long)before.arrived, (long long)under_way.arrived,
           (long long)under_way.rerouted);
    assert_true(before.arrived >= none.arrived);
    assert_true(under_way.arrived > before.arrived + 20);
    assert_true(under_way.rerouted > before.rerouted + 10);
}

/* A way that is better by less than the gain asked for is not taken. */
static void test_gain(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    uint32_t by_short = 0;
    def.reroute_share = 1;
    def.reroute_interval_s = 5;
    def.reroute_gain = 0.05; /* of less than 20 minutes: a minute counts */
    test_scene s = test_scene_make(make_fork(&by_short), &def, 0.5, 0, 1);
    jw_traffic *t = s.traffic;
    for (uint32_t e = 0; e < s.city->edge_count; e++)
        if (s.city->edges[e].source_id == 1)
            for (uint32_t k = 0; k < 10; k++)
                test_scene_trip(&s, k * 3, e, t->net.turn_to[t->net.turn_first[by_short]], 0);
    test_scene_run(&s, 35);
    assert_int_equal(jw_traffic_count(t).running, 10);
    /* The short way becomes slower than the other by 50 s, then by 70 s: only that is a minute. */
    uint32_t turn = t->net.turn_first[by_short], other_ms = 0;
    for (uint32_t e = 0; e < s.city->edge_count; e++)
        if (s.city->edges[e].source_id == 3 || s.city->edges[e].source_id == 4)
            other_ms += jw_traffic_free_turn_ms(t, t->net.turn_first[e], JW_FAR);
    for (uint32_t more_ms = 50000; more_ms <= 70000; more_ms += 20000) {
        t->router.live_ms[turn] = other_ms + more_ms;
        jw_traffic_router_invalidate(t);
        test_scene_run(&s, 6);
        assert_int_equal(jw_traffic_count(t).rerouted, more_ms > 60000 ? 10 : 0);
    }
    test_scene_free(&s);
}

/* ---- cut off ---------------------------------------------------------------------------------------------
 */

static void test_cut_off(void **state)
{
    (void)state;
    test_scene s = test_scene_make(jw_fixture_two_roads(600, 1, 1, 13.9), NULL, 0.5, 0, 1);
    for (uint32_t k = 0; k < 20; k++)
        test_scene_trip(&s, k * 3, 0, 1, 0);
    test_scene_run(&s, 30);
    jw_traffic_counts c = jw_traffic_count(s.traffic);
    assert_true(c.running >= 8 && c.arrived == 0);
    test_scene_command(&s, "close_edge", "edge", 1.0, NULL);
    test_scene_run(&s, 300);
    c = jw_traffic_count(s.traffic);
    int64_t on_the_way = c.running;
    assert_int_equal(c.cut_off, on_the_way); /* those who wait to depart do not count */
    assert_int_equal(c.departed + c.waiting, 20);
    assert_int_equal(c.arrived, 0);
    jw_writer image = {0};
    jw_error error = {0};
    assert_int_equal(jw_world_save(s.world, &image, &error), JW_OK);
    assert_int_equal(jw_world_restore(s.world, image.bytes, image.size, &error), JW_OK);
    s.traffic = jw_world_state(s.world, 0);
    jw_writer_free(&image);
    assert_int_equal(jw_traffic_count(s.traffic).cut_off, on_the_way);
    test_scene_command(&s, "open_edge", "edge", 1.0, NULL);
    test_scene_step(&s);
    assert_int_equal(jw_traffic_count(s.traffic).cut_off, 0);
    test_scene_run(&s, 400);
    assert_int_equal(jw_traffic_count(s.traffic).arrived, 20);
    test_scene_free(&s);
}

/* ---- in the background -----------------------------------------------------------------------------------
 */

static jw_city *plan_city(void)
{
    jw_plan_def plan = {.seed = 7, .style = "xiongan"};
    jw_draft draft = {0};
    jw_error error = {0};
    jw_city *city = NULL;
    if (jw_plan_city(&plan, &draft, &error) || jw_city_build(&draft, NULL, NULL, NULL, NULL, &city, &error))
        fail_msg("%s", error.message);
    jw_draft_free(&draft);
    return city;
}

/* A snapshot in the middle of a rebuild, restored with another number of threads: the same hashes as without,
 * step by step through this rebuild and the next. */
static void test_rebuild(void **state)
{
    (void)state;
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 1;
    def.router_interval_s = 60;
    def.reroute_interval_s = 20;
    def.reroute_gain = 0.02;
    test_scene s = test_scene_make(plan_city(), &def, 0.5, 7.5 * 3600, 2);
    test_scene_run(&s, 180);
    jw_router *r = &s.traffic->router;
    assert_true(r->rebuild_steps > 8);
    while (!r->is_rebuilding)
        test_scene_step(&s);
    for (uint32_t k = 0; k < r->rebuild_steps / 2; k++)
        test_scene_step(&s);
    assert_true(r->is_rebuilding && r->has_next[0]);
    assert_true(r->next[0].next_rank > 0 && r->next[0].next_rank < r->hierarchy.node_count);
    jw_writer image = {0};
    jw_error error = {0};
    assert_int_equal(jw_world_save(s.world, &image, &error), JW_OK);
    jw_world *other = NULL;
    jw_module_entry entry = {&jw_traffic_module, NULL};
    assert_int_equal(jw_world_create_from_snapshot(&entry, 1, jw_world_shared(s.world), s.city->content_hash,
                                                   1, image.bytes, image.size, &other, &error),
                     JW_OK);
    jw_writer_free(&image);
    int64_t rerouted = jw_traffic_count(s.traffic).rerouted;
    for (uint32_t k = 0; k < 160; k++) {
        test_scene_step(&s);
        assert_int_equal(jw_world_step(other, &error), JW_OK);
        assert_true(jw_world_hash(other) == jw_world_hash(s.world));
    }
    printf("rebuild: %u steps, %lld vehicles, %lld changes of way in two minutes\n", r->rebuild_steps,
           (long long)jw_traffic_count(s.traffic).running,
           (long long)(jw_traffic_count(s.traffic).rerouted - rerouted));
    assert_true(jw_traffic_count(s.traffic).rerouted > rerouted);
    jw_world_destroy(other);
    test_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_informed),
        cmocka_unit_test(test_gain),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_rebuild),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
