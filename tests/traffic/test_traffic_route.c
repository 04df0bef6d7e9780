/* The router against plain Dijkstra: equal costs for thousands of pairs, ways that can be driven and cost
 * what was said. */
#include "traffic/traffic_internal.h"
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the peer --------------------------------------------------------------------------------------------
 */

typedef struct reached {
    uint32_t cost_ms, edge;
} reached;

static void sift_down(reached *heap, uint32_t count)
{
    reached moved = heap[0];
    uint32_t at = 0;
    for (uint32_t child = 1; child < count; child = 2 * at + 1) {
        child += child + 1 < count && heap[child + 1].cost_ms < heap[child].cost_ms;
        if (heap[child].cost_ms >= moved.cost_ms)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

/* Dijkstra (1959) from one edge to all others. */
static void search_all(uint32_t edges, const uint32_t *turn_first, const uint32_t *turn_to,
                       const uint32_t *turn_ms, uint32_t from, uint32_t *out_ms)
{
    reached *heap = malloc((turn_first[edges] + 1) * sizeof *heap);
    uint32_t count = 1;
    for (uint32_t e = 0; e < edges; e++)
        out_ms[e] = JW_CLOSED_MS;
    out_ms[from] = 0;
    heap[0] = (reached){0, from};
    while (count > 0) {
        reached top = heap[0];
        heap[0] = heap[--count];
        sift_down(heap, count);
        if (top.cost_ms > out_ms[top.edge])
            continue;
        for (uint32_t k = turn_first[top.edge]; k < turn_first[top.edge + 1]; k++) {
            uint32_t cost_ms = top.cost_ms + turn_ms[k], at = count;
            if (turn_ms[k] >= JW_CLOSED_MS || cost_ms >= out_ms[turn_to[k]])
                continue;
            out_ms[turn_to[k]] = cost_ms;
            count++;
            for (; at > 0 && heap[(at - 1) / 2].cost_ms > cost_ms; at = (at - 1) / 2)
                heap[at] = heap[(at - 1) / 2];
            heap[at] = (reached){cost_ms, turn_to[k]};
        }
    }
    free(heap);
}

static uint64_t roll_state;
static uint32_t roll(uint32_t below)
{
    roll_state = jw_hash_u64(roll_state, 1);
    return (uint32_t)(roll_state % below);
}

/* Costs from one edge to `pairs` others; returns how many cannot be reached. */
static uint32_t check_from(const jw_hierarchy *h, const jw_route_metric *metric, jw_route_search *search,
                           uint32_t from, uint32_t pairs, uint32_t *all_ms)
{
    jw_error error = {0};
    uint32_t unreached = 0;
    search_all(h->node_count, h->turn_first, h->turn_to, metric->turn_ms, from, all_ms);
    for (uint32_t k = 0; k < pairs; k++) {
        uint32_t to = roll(h->node_count), at = from, sum_ms = 0;
        uint32_t cost_ms = jw_route_search_cost(search, h, metric, from, to, JW_CLOSED_MS);
        assert_int_equal(cost_ms, all_ms[to]);
        if (k % 4 == 0 && cost_ms > 0 && cost_ms < JW_CLOSED_MS) { /* with a bound: the same or nothing */
            assert_int_equal(jw_route_search_cost(search, h, metric, from, to, cost_ms), JW_CLOSED_MS);
            assert_int_equal(jw_route_search_cost(search, h, metric, from, to, cost_ms + 1), cost_ms);
        }
        search->turn_count = 0;
        jw_result result = jw_route_search_path(search, h, metric, &error);
        assert_int_equal(result, cost_ms < JW_CLOSED_MS ? JW_OK : JW_ERROR_NOT_FOUND);
        unreached += result != JW_OK;
        if (result)
            continue;
        for (uint32_t n = 0; n < search->turn_count; n++) {
            uint32_t turn = h->turn_first[at] + search->turns[n];
            assert_true(turn < h->turn_first[at + 1]);
            sum_ms += metric->turn_ms[turn];
            at = h->turn_to[turn];
        }
        assert_int_equal(at, to);
        assert_int_equal(sum_ms, cost_ms);
    }
    return unreached;
}

static void check_metric(const jw_hierarchy *h, jw_route_metric *metric, uint32_t origins, uint32_t pairs,
                         uint32_t *out_unreached)
{
    jw_error error = {0};
    jw_route_search search = {0};
    uint32_t *all_ms = malloc(h->node_count * sizeof *all_ms);
    assert_int_equal(jw_route_search_init(&search, h, &error), JW_OK);
    jw_route_metric_begin(metric, h);
    assert_true(jw_route_metric_advance(metric, h, UINT64_MAX));
    assert_int_equal(metric->triangles_done, h->triangle_count);
    *out_unreached = 0;
    for (uint32_t k = 0; k < origins; k++)
        *out_unreached += check_from(h, metric, &search, roll(h->node_count), pairs, all_ms);
    jw_route_search_free(&search);
    free(all_ms);
}

/* ---- random networks -------------------------------------------------------------------------------------
 */

/* Edges joined at random, in a random order, some turns closed, some of no length to speak of: equal ways. */
static void run_random(uint32_t edges, uint32_t turns_per_edge, uint64_t seed)
{
    roll_state = seed;
    jw_error error = {0};
    uint32_t *rank = malloc(edges * sizeof *rank), *first = malloc((edges + 1) * sizeof *first),
             *to = malloc(edges * turns_per_edge * sizeof *to), unreached;
    for (uint32_t e = 0; e < edges; e++) {
        uint32_t at = roll(e + 1);
        rank[e] = rank[at];
        rank[at] = e;
    }
    for (uint32_t e = 0; e <= edges; e++)
        first[e] = e * turns_per_edge;
    for (uint32_t e = 0; e < edges; e++) /* ascending, each once; now and then to itself */
        for (uint32_t k = 0; k < turns_per_edge; k++)
            to[first[e] + k] = k ? (to[first[e] + k - 1] + 1 + roll(3)) % edges : roll(edges);
    jw_hierarchy h;
    jw_route_metric metric = {0};
    assert_int_equal(jw_hierarchy_build(&h, edges, rank, first, to, &error), JW_OK);
    assert_int_equal(jw_route_metric_init(&metric, &h, &error), JW_OK);
    for (uint32_t k = 0; k < first[edges]; k++)
        metric.turn_ms[k] = roll(4) ? 1 + roll(10) * roll(3000) : JW_CLOSED_MS;
    check_metric(&h, &metric, 20, 50, &unreached);
    jw_route_metric_free(&metric);
    jw_hierarchy_free(&h);
    free(rank);
    free(first);
    free(to);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_random(void **state)
{
    (void)state;
    run_random(1, 1, 1);
    run_random(2, 1, 2);
    for (uint64_t seed = 3; seed < 30; seed++)
        run_random(40 + (uint32_t)seed * 7, 1 + (uint32_t)seed % 3, seed);
}

/* Pieces of any size give the same costs as one. */
static void test_pieces(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(5, 150, 1, 13.9, false);
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    const jw_traffic_net *net = &s.traffic->net;
    uint32_t *rank = malloc(net->edge_count * sizeof *rank);
    jw_error error = {0};
    jw_hierarchy h;
    jw_route_metric whole = {0}, pieces = {0};
    assert_int_equal(jw_route_order(city, rank, &error), JW_OK);
    assert_int_equal(jw_hierarchy_build(&h, net->edge_count, rank, net->turn_first, net->turn_to, &error),
                     JW_OK);
    assert_int_equal(jw_route_metric_init(&whole, &h, &error), JW_OK);
    assert_int_equal(jw_route_metric_init(&pieces, &h, &error), JW_OK);
    for (uint32_t k = 0; k < net->turn_count; k++)
        whole.turn_ms[k] = pieces.turn_ms[k] = 1000 + k % 17;
    jw_route_metric_begin(&whole, &h);
    assert_true(jw_route_metric_advance(&whole, &h, UINT64_MAX));
    jw_route_metric_begin(&pieces, &h);
    uint32_t calls = 0;
    for (uint64_t until = 100; !jw_route_metric_advance(&pieces, &h, until); until += 100)
        calls++;
    assert_true(calls > 3);
    assert_memory_equal(whole.up_ms, pieces.up_ms, h.arc_count * 4);
    assert_memory_equal(whole.down_ms, pieces.down_ms, h.arc_count * 4);
    jw_route_metric_free(&whole);
    jw_route_metric_free(&pieces);
    jw_hierarchy_free(&h);
    free(rank);
    test_scene_free(&s);
}

/* ---- the order -------------------------------------------------------------------------------------------
 */

/* A square grid of n x n blocks is parted by n + 1 streets of two directions, its halves by half as many, and
 * so on: the tree is about 2 (n + n/2 + n/2 + n/4 + ...) = 6 n deep, where an order
 * at random would make it as deep as there are edges. */
static void test_grid_order(void **state)
{
    (void)state;
    for (uint32_t n = 4; n <= 16; n *= 2) {
        jw_city *city = jw_fixture_grid(n, 150, 1, 13.9, false);
        test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
        const jw_traffic_net *net = &s.traffic->net;
        uint32_t *rank = malloc(net->edge_count * sizeof *rank);
        uint8_t *seen = calloc(net->edge_count, 1);
        jw_error error = {0};
        jw_hierarchy h;
        assert_int_equal(jw_route_order(city, rank, &error), JW_OK);
        for (uint32_t e = 0; e < net->edge_count; e++) {
            assert_true(rank[e] < net->edge_count && !seen[rank[e]]);
            seen[rank[e]] = 1;
        }
        assert_int_equal(jw_hierarchy_build(&h, net->edge_count, rank, net->turn_first, net->turn_to, &error),
                         JW_OK);
        printf("grid %u x %u: %u edges, %u shortcuts, %u deep\n", n, n, h.node_count, h.arc_count,
               h.depth_count);
        assert_true(h.depth_count <= 7 * (n + 1));
        jw_hierarchy_free(&h);
        free(rank);
        free(seen);
        test_scene_free(&s);
    }
}

/* ---- cities ----------------------------------------------------------------------------------------------
 */

/* Whether a class can go from one edge to another now, from the city alone: some lane leads there, is allowed
 * to it and open, as is the lane it leads to; an edge that is closed as a whole may still be left. */
static bool can_turn(const jw_traffic *t, uint32_t from, uint32_t to, uint32_t c)
{
    const jw_city *city = t->city;
    const jw_edge *edge = &city->edges[from];
    bool is_shut = true;
    for (uint32_t l = edge->first_lane; l < edge->first_lane + edge->lane_count; l++)
        is_shut &= t->lane_closed[l] != 0;
    for (uint32_t l = edge->first_lane; l < edge->first_lane + edge->lane_count; l++)
        for (uint32_t k = 0; k < city->lanes[l].connection_count; k++) {
            const jw_connection *connection =
                &city->connections[city->lane_connections[city->lanes[l].first_connection + k]];
            const jw_lane *target = &city->lanes[connection->to_lane];
            if (target->edge == to && (connection->allow & city->lanes[l].allow & target->allow) >> c & 1 &&
                (!t->lane_closed[l] || is_shut) && !t->lane_closed[connection->to_lane])
                return true;
        }
    return false;
}

static uint32_t check_kind(jw_traffic *t, uint32_t c, bool is_live)
{
    const jw_traffic_net *net = &t->net;
    jw_route_metric *metric =
        (jw_route_metric *)jw_traffic_route_metric(t, jw_traffic_route_kind(t, c, is_live));
    uint32_t closed = 0, unreached;
    for (uint32_t k = 0; k < net->turn_count; k++) {
        bool is_open = can_turn(t, net->turn_from[k], net->turn_to[k], c);
        assert_int_equal(metric->turn_ms[k] < JW_CLOSED_MS, is_open);
        if (is_open && is_live)
            assert_int_equal(metric->turn_ms[k], t->router.live_ms[k]);
        closed += !is_open;
    }
    check_metric(&t->router.hierarchy, metric, 25, 60, &unreached);
    printf("  class %u, %s times: %u of %u turns closed, %u of 1500 pairs out of reach\n", c,
           is_live ? "live" : "free", closed, net->turn_count, unreached);
    return unreached;
}

/* Closed edges and lanes, classes that may not go everywhere, turns that are not allowed, live times. */
static void check_city(jw_city *city, const char *name)
{
    test_scene s = test_scene_make(city, NULL, 0.5, 0, 1);
    jw_traffic *t = s.traffic;
    roll_state = 5;
    printf("%s: %u edges, %u shortcuts, %u deep\n", name, city->edge_count, t->router.hierarchy.arc_count,
           t->router.hierarchy.depth_count);
    for (uint32_t k = 0; k < 40; k++) {
        uint32_t edge = roll(city->edge_count);
        if (k % 2)
            test_scene_command(&s, "close_edge", "edge", (double)edge, NULL);
        else
            test_scene_command(&s, "close_lane", "edge", (double)edge, "lane",
                               (double)roll(city->edges[edge].lane_count), NULL);
    }
    test_scene_step(&s);
    assert_true(t->closed_count >= 30);
    for (uint32_t k = 0; k < t->net.turn_count; k++)
        t->router.live_ms[k] = 1000 + roll(100000);
    assert_true(check_kind(t, JW_VEHICLE_CAR, false) < 1500);
    check_kind(t, JW_VEHICLE_CAR, true);
    check_kind(t, JW_VEHICLE_BUS, true);
    check_kind(t, JW_VEHICLE_BICYCLE, false);
    test_scene_free(&s);
}

static void test_planned_city(void **state)
{
    (void)state;
    jw_plan_def plan = {.seed = 7, .style = "xiongan"};
    jw_draft draft = {0};
    jw_error error = {0};
    jw_city *city = NULL;
    if (jw_plan_city(&plan, &draft, &error) || jw_city_build(&draft, NULL, NULL, NULL, NULL, &city, &error))
        fail_msg("%s", error.message);
    jw_draft_free(&draft);
    check_city(city, "planned city");
}

static void test_maps(void **state)
{
    (void)state;
    static const char *const files[] = {"krems.osm.gz", "liechtenstein-latest.osm.pbf",
                                        "shanghai_center.osm.gz"};
    const char *folder = getenv("JINGWEI_DATA");
    if (!folder) {
        printf("maps: skipped, JINGWEI_DATA is not set\n");
        skip();
    }
    for (uint32_t k = 0; k < JW_COUNT_OF(files); k++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, files[k]);
        jw_draft draft = {0};
        jw_problems problems = {0};
        jw_error error = {0};
        jw_city *city = NULL;
        if (jw_read_osm(path, &draft, &problems, NULL, NULL, &error) ||
            jw_city_build(&draft, NULL, &problems, NULL, NULL, &city, &error))
            fail_msg("%s: %s", path, error.message);
        jw_draft_free(&draft);
        jw_problems_free(&problems);
        check_city(city, files[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),       cmocka_unit_test(test_pieces), cmocka_unit_test(test_grid_order),
        cmocka_unit_test(test_planned_city), cmocka_unit_test(test_maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
