/* Equilibria that are known: two ways of which one has a bottleneck (Pigou's example with a queue for the
 * cost that rises), and Braess's network, where a road more makes everybody slower. */
#include "city/city_fixtures.h"
#include "study/assign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAST_MPS 14.0
#define LONG_M   3000.0
#define SLOW_MPS 4.0 /* of the bottlenecks: about 950 vehicles an hour on one lane */

/* ---- scenes ----------------------------------------------------------------------------------------------
 */

static void add_street(jw_draft *draft, uint32_t from, uint32_t to, uint32_t lanes, double speed_mps)
{
    jw_fixture_add_road(draft, from, to, JW_ROAD_SECONDARY, lanes, 0, speed_mps);
}

/* A street with a slow last part of one lane. */
static void add_bottleneck(jw_draft *draft, uint32_t from, uint32_t to, uint32_t lanes)
{
    const jw_draft_node *a = &draft->nodes[from], *b = &draft->nodes[to];
    uint32_t middle =
        jw_fixture_add_node(draft, a->x_m + 0.8 * (b->x_m - a->x_m), a->y_m + 0.8 * (b->y_m - a->y_m), false);
    add_street(draft, from, middle, lanes, FAST_MPS);
    add_street(draft, middle, to, 1, SLOW_MPS);
}

#define BOW_POINTS 41

static void bow(const jw_draft_node *a, const jw_draft_node *b, double height_m, jw_vec2 *out)
{
    for (uint32_t k = 0; k < BOW_POINTS; k++) {
        double t = (double)k / (BOW_POINTS - 1), up = jw_sin(JW_PI * t), dx = b->x_m - a->x_m,
               dy = b->y_m - a->y_m, length = jw_sqrt(dx * dx + dy * dy);
        up = height_m * up * up + (height_m > 0 ? 60 : -60) * up;
        out[k] = (jw_vec2){a->x_m + t * dx - up * dy / length, a->y_m + t * dy + up * dx / length};
    }
}

static double bow_length(const jw_vec2 *points)
{
    double sum_m = 0;
    for (uint32_t k = 0; k + 1 < BOW_POINTS; k++) {
        double dx = points[k + 1].x - points[k].x, dy = points[k + 1].y - points[k].y;
        sum_m += jw_sqrt(dx * dx + dy * dy);
    }
    return sum_m;
}

/* A street of that length in a wide bow to the left (side 1) or right (-1), so that no corner slows it. */
static void add_long_way(jw_draft *draft, uint32_t from, uint32_t to, double length_m, double side)
{
    jw_vec2 points[BOW_POINTS];
    jw_error error = {0};
    uint32_t refs[BOW_POINTS] = {from};
    double low = 10, high = length_m;
    for (uint32_t k = 0; k < 40; k++) {
        double height_m = (low + high) / 2;
        bow(&draft->nodes[from], &draft->nodes[to], side * height_m, points);
        if (bow_length(points) < length_m)
            low = height_m;
        else
            high = height_m;
    }
    for (uint32_t k = 1; k + 1 < BOW_POINTS; k++)
        assert_int_equal(jw_draft_add_point(draft, points[k].x, points[k].y, &refs[k], &error), JW_OK);
    refs[BOW_POINTS - 1] = to;
    jw_draft_road road = {.road_class = JW_ROAD_SECONDARY,
                          .lanes_forward = 1,
                          .allow = JW_ALLOW_MOTOR,
                          .speed_mps = FAST_MPS,
                          .source_id = draft->road_count + 1};
    assert_int_equal(jw_draft_add_road(draft, &road, refs, BOW_POINTS, NULL, &error), JW_OK);
}

/* The edge of the n-th street drawn. */
static uint32_t find_edge(const jw_city *city, uint32_t n)
{
    for (uint32_t e = 0; e < city->edge_count; e++)
        if (city->edges[e].source_id == n + 1)
            return e;
    fail_msg("no edge of street %u", n);
    return JW_NONE;
}

/* Cars from one edge to another, evenly over a time. */
static jw_twin_def make_scene(jw_city *city, uint32_t from, uint32_t to, double per_hour, double minutes)
{
    jw_twin_def scene;
    jw_error error = {0};
    assert_int_equal(jw_twin_def_init(&scene, &error), JW_OK);
    scene.city = city;
    scene.seed = 3;
    scene.start_time_ns = scene.warm_ns = 0;
    scene.traffic.demand.is_gravity = false;
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++) {
        scene.traffic.types[c] = jw_default_vehicle_type((jw_vehicle_class)c);
        scene.traffic.types[c].speed_factor_sd = 0;
    }
    jw_demand_data *data = &scene.demand_data;
    uint32_t count = (uint32_t)(per_hour * minutes / 60);
    for (uint32_t k = 0; k < count; k++) {
        assert_int_equal(jw_grow(&data->trips, &data->trip_capacity, k + 1, sizeof *data->trips, &error),
                         JW_OK);
        data->trips[data->trip_count++] = (jw_listed_trip){
            .depart_ns = jw_ns_from_s(k * 3600 / per_hour), .from_edge = from, .to_edge = to, .tag = k};
    }
    return scene;
}

static bool show(void *context, const jw_assign_iteration *i)
{
    (void)context;
    printf("  %2u: gap %.4f, %lld of %lld arrived, mean %.1f s, %u moved, %lld left their way\n", i->number,
           i->relative_gap, (long long)i->arrived, (long long)i->trips, i->mean_travel_s, i->moved,
           (long long)i->rerouted);
    return true;
}

static jw_assign_result assign_scene(const jw_twin_def *scene, double minutes, double gap, int threads)
{
    jw_assign_def def = {.scene = scene,
                         .end_ns = jw_ns_from_s(minutes * 60),
                         .bin_s = 120,
                         .gap = gap,
                         .iterations = 60,
                         .threads = threads,
                         .on_iteration = show};
    jw_assign_result result;
    jw_error error = {0};
    if (jw_assign_run(&def, &result, &error))
        fail_msg("%s", error.message);
    return result;
}

static bool uses(const jw_assign_result *r, uint32_t trip, uint32_t edge)
{
    const jw_listed_trip *t = &r->trips.trips[trip];
    for (uint32_t k = 0; k < t->route_count; k++)
        if (r->trips.route_edges[t->first_route + k] == edge)
            return true;
    return false;
}

/* Mean time and number of trips that use an edge, of those that depart between two minutes. */
static double mean_over(const jw_assign_result *r, uint32_t edge, double from_min, double to_min,
                        uint32_t *out_count)
{
    double sum_s = 0;
    *out_count = 0;
    for (uint32_t k = 0; k < r->trips.trip_count; k++) {
        double depart_min = jw_s_from_ns(r->trips.trips[k].depart_ns) / 60;
        if (depart_min < from_min || depart_min >= to_min || (edge != JW_NONE && !uses(r, k, edge)))
            continue;
        sum_s += r->time_s[k];
        ++*out_count;
    }
    return *out_count ? sum_s / *out_count : 0;
}

/* ---- two ways --------------------------------------------------------------------------------------------
 */

/* West to east 950 m with a bottleneck, or 2.5 km round it. */
static jw_city *make_two_ways(uint32_t *out_from, uint32_t *out_to, uint32_t *out_short, uint32_t *out_long)
{
    jw_draft draft = {0};
    uint32_t s = jw_fixture_add_node(&draft, -600, 0, false), o = jw_fixture_add_node(&draft, 0, 0, false),
             d = jw_fixture_add_node(&draft, 950, 0, false), e = jw_fixture_add_node(&draft, 1400, 0, false);
    draft.is_network = true;
    add_street(&draft, s, o, 2, FAST_MPS);
    add_bottleneck(&draft, o, d, 1);
    add_long_way(&draft, o, d, LONG_M, 1);
    add_street(&draft, d, e, 2, FAST_MPS);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    *out_from = find_edge(city, 0);
    *out_to = find_edge(city, 4);
    *out_short = find_edge(city, 2);
    *out_long = find_edge(city, 3);
    return city;
}

/* The list comes back as it was; SUMO's form says the same. */
static void check_files(const jw_assign_result *r, const jw_twin_def *scene)
{
    char folder[] = "/tmp/jingwei-assign-XXXXXX", path[128];
    jw_error error = {0};
    assert_non_null(mkdtemp(folder));
    if (jw_assign_write(r, scene, NULL, folder, &error))
        fail_msg("%s", error.message);
    jw_demand_data read = {0};
    snprintf(path, sizeof path, "%s/trips.csv", folder);
    if (jw_demand_read_trips(&read, scene->city, path, &error))
        fail_msg("%s", error.message);
    assert_int_equal(read.trip_count, r->trips.trip_count);
    assert_int_equal(read.route_edge_count, r->trips.route_edge_count);
    assert_memory_equal(read.route_edges, r->trips.route_edges, 4 * read.route_edge_count);
    for (uint32_t k = 0; k < read.trip_count; k++)
        assert_int_equal(read.trips[k].depart_ns / JW_NS_PER_MS, r->trips.trips[k].depart_ns / JW_NS_PER_MS);
    jw_demand_data_free(&read);
    jw_sumo_demand demand = {0};
    jw_problems problems = {0};
    snprintf(path, sizeof path, "%s/routes.rou.xml", folder);
    if (jw_sumo_read_demand(path, &demand, &problems, NULL, NULL, &error))
        fail_msg("%s", error.message);
    assert_int_equal(problems.count, 0);
    assert_int_equal(demand.missing.count, 0);
    assert_int_equal(demand.vehicle_count, r->trips.trip_count);
    for (uint32_t k = 0; k < demand.vehicle_count; k++) {
        const jw_sumo_route *route = &demand.routes[demand.vehicles[k].own_route];
        const jw_listed_trip *trip = &r->trips.trips[k];
        assert_int_equal(route->edge_count, trip->route_count);
        for (uint32_t n = 0; n < route->edge_count; n++)
            assert_int_equal(atoi(jw_sumo_text(&demand, demand.route_edges[route->first_edge + n])),
                             r->trips.route_edges[trip->first_route + n]);
    }
    jw_sumo_demand_free(&demand);
    jw_problems_free(&problems);
    static const char *const names[] = {"gap.csv", "gap.svg", "times.csv", "trips.csv", "routes.rou.xml"};
    for (uint32_t k = 0; k < JW_COUNT_OF(names); k++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[k]);
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

/* Wardrop's first principle: where both ways are used, they take the same time; the short one carries what
 * its bottleneck lets through, and its queue is as long as the detour. */
static void test_two_ways(void **state)
{
    (void)state;
    uint32_t from, to, by_short, by_long, on_short, on_long;
    jw_city *city = make_two_ways(&from, &to, &by_short, &by_long);
    jw_twin_def scene = make_scene(city, from, to, 1500, 40);
    jw_assign_result r = assign_scene(&scene, 40, 0.025, 2);
    assert_true(r.has_converged);
    assert_int_equal(r.impossible, 0);
    assert_int_equal(r.iterations[r.iteration_count - 1].arrived, 1000);
    assert_true(r.iterations[0].relative_gap > 0.3); /* all on the short way at first */
    double short_s = mean_over(&r, by_short, 15, 40, &on_short),
           long_s = mean_over(&r, by_long, 15, 40, &on_long);
    printf("two ways: %.1f s by the short one (%u), %.1f s by the long one (%u)\n", short_s, on_short, long_s,
           on_long);
    assert_true(on_short > 100 && on_long > 100);
    assert_true(short_s > 0.95 * long_s && short_s < 1.05 * long_s);
    check_files(&r, &scene);
    /* On one thread all is the same. */
    jw_assign_result other = assign_scene(&scene, 40, 0.025, 1);
    assert_int_equal(other.iteration_count, r.iteration_count);
    for (uint32_t k = 0; k < r.iteration_count; k++)
        assert_true(other.iterations[k].relative_gap == r.iterations[k].relative_gap);
    jw_assign_result_free(&other);
    jw_assign_result_free(&r);
    jw_twin_def_free(&scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- Braess ----------------------------------------------------------------------------------------------
 */

/* From O by a bottleneck to A, then a long way to D; or a long way to B, then a bottleneck to D; and, if
 * there is one, the bridge from A to B. */
static jw_city *make_braess(bool has_bridge, uint32_t *out_from, uint32_t *out_to)
{
    jw_draft draft = {0};
    uint32_t s = jw_fixture_add_node(&draft, -600, 0, false), o = jw_fixture_add_node(&draft, 0, 0, false),
             a = jw_fixture_add_node(&draft, 700, 100, false),
             b = jw_fixture_add_node(&draft, 1100, -100, false),
             d = jw_fixture_add_node(&draft, 1800, 0, false), e = jw_fixture_add_node(&draft, 2250, 0, false);
    draft.is_network = true;
    add_street(&draft, s, o, 2, FAST_MPS);
    add_street(&draft, d, e, 2, FAST_MPS);
    add_bottleneck(&draft, o, a, 1);
    add_long_way(&draft, a, d, LONG_M, 1);
    add_long_way(&draft, o, b, LONG_M, -1);
    add_bottleneck(&draft, b, d, 2);
    if (has_bridge)
        add_street(&draft, a, b, 1, FAST_MPS);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    *out_from = find_edge(city, 0);
    *out_to = find_edge(city, 1);
    return city;
}

static double braess_mean_s(bool has_bridge)
{
    uint32_t from, to, count;
    jw_city *city = make_braess(has_bridge, &from, &to);
    jw_twin_def scene = make_scene(city, from, to, 1200, 60);
    printf("Braess %s the bridge:\n", has_bridge ? "with" : "without");
    jw_assign_result r = assign_scene(&scene, 60, 0.03, 2);
    assert_true(r.has_converged);
    assert_int_equal(r.iterations[r.iteration_count - 1].arrived, r.trips.trip_count);
    double mean_s = mean_over(&r, JW_NONE, 30, 60, &count);
    jw_assign_result_free(&r);
    jw_twin_def_free(&scene);
    return mean_s;
}

/* With b the time of a bottleneck without a queue, l of a long way and c of the bridge: without the bridge
 * half of the vehicles go either way and take b + l. With it the queues grow until all three ways take the
 * same: waits of l - b - c at both bottlenecks, 2 l - c in all. */
static void test_braess(void **state)
{
    (void)state;
    double without_s = braess_mean_s(false), with_s = braess_mean_s(true);
    double b_s = 0.8 * 707 / FAST_MPS + 0.2 * 707 / SLOW_MPS, l_s = LONG_M / FAST_MPS, c_s = 447 / FAST_MPS;
    double first_s = 600 / FAST_MPS; /* the common first street */
    printf("Braess: %.1f s without the bridge (%.1f by free times), %.1f s with it (%.1f)\n", without_s,
           first_s + b_s + l_s, with_s, first_s + 2 * l_s - c_s);
    assert_true(without_s > 0.9 * (first_s + b_s + l_s) && without_s < 1.15 * (first_s + b_s + l_s));
    assert_true(with_s > 1.15 * without_s);
    assert_true(with_s > 0.85 * (first_s + 2 * l_s - c_s) && with_s < 1.15 * (first_s + 2 * l_s - c_s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_ways),
        cmocka_unit_test(test_braess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
