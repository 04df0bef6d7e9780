/* Flows over a tree beside SimGrid 3.32: tests/data/network/tree_flows.txt holds 600 flows drawn over 40
 * links of 100 to 1,000 Mbit/s and the time that SimGrid took for each (network/model:CM02,
 * network/optim:Full, TCP-gamma 0, no cross-traffic, no latency); tree_delay_flows.txt 300 of them with
 * latencies of 0.2 to 8 ms a link, where SimGrid begins a flow a way's latency later and weighs it by one
 * over that latency. tools/simgrid_flows.cpp makes such times. */
#include "network/network_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINKS_MAX = 64, FLOWS_MAX = 1000 };

typedef struct listed_flow {
    double start_s, bytes, completion_s, weight;
    int from, to;
} listed_flow;

static listed_flow listed[FLOWS_MAX];
static int parents[LINKS_MAX + 1];
static double latency_s[LINKS_MAX + 1]; /* of the link to the parent */

static void launch(jw_world *world, uint32_t i)
{
    const listed_flow *f = &listed[i];
    jw_flow_def def = {.from = {(uint32_t)f->from + 1, 1},
                       .to = {(uint32_t)f->to + 1, 1},
                       .size_bytes = (int64_t)f->bytes,
                       .weight = f->weight,
                       .has_delay = f->weight > 0,
                       .tag = i};
    assert_int_equal(jw_network_start_flow(world, network_of(world), &def, NULL, NULL), JW_OK);
}

static int depth_of(int node)
{
    return node == 0 ? 0 : 1 + depth_of(parents[node]);
}

static double way_latency_s(int a, int b)
{
    double sum_s = 0;
    while (a != b) {
        int *deeper = depth_of(a) >= depth_of(b) ? &a : &b;
        sum_s += latency_s[*deeper];
        *deeper = parents[*deeper];
    }
    return sum_s;
}

static void compare(const char *path, bool has_latency)
{
    jw_net_node_def nodes[LINKS_MAX + 1] = {{.name = "n0"}};
    jw_net_link_def links[LINKS_MAX] = {0};
    int link_count, flow_count;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "links %d", &link_count), 1);
    assert_true(link_count <= LINKS_MAX);
    for (int i = 0; i < link_count; i++) {
        int parent;
        double capacity;
        assert_int_equal(fscanf(file, "%d %lf %lf", &parent, &capacity, &latency_s[i + 1]), 3);
        parents[i + 1] = parent;
        links[i].extra_delay_s = latency_s[i + 1];
        snprintf(nodes[i + 1].name, sizeof nodes[0].name, "n%d", i + 1);
        snprintf(links[i].from, sizeof links[0].from, "n%d", i + 1);
        snprintf(links[i].to, sizeof links[0].to, "n%d", parent);
        links[i].capacity_bps = 8 * capacity;
    }
    assert_int_equal(fscanf(file, " flows %d", &flow_count), 1);
    assert_true(flow_count <= FLOWS_MAX);
    for (int i = 0; i < flow_count; i++) {
        listed_flow *f = &listed[i];
        assert_int_equal(
            fscanf(file, "%lf %d %d %lf %lf", &f->start_s, &f->from, &f->to, &f->bytes, &f->completion_s), 5);
        f->weight = has_latency ? 1 / way_latency_s(f->from, f->to) : 0;
    }
    fclose(file);

    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = (uint32_t)link_count + 1;
    def.links = links, def.link_count = (uint32_t)link_count;
    shared *made = shared_create();
    made->on_source = launch;
    jw_world *world = world_create(&def, made, 0, 1);
    for (int i = 0; i < flow_count; i++)
        source_at(world, jw_ns_from_s(listed[i].start_s), (uint32_t)i);
    run_for(world, 1000);
    double worst = 0, mean_s = 0;
    for (int i = 0; i < flow_count; i++) {
        assert_int_equal(made->seen.finished[i], 1);
        double took_s = jw_s_from_ns(made->seen.time_ns[i]) - listed[i].start_s;
        mean_s += took_s / flow_count;
        worst = jw_max(worst, fabs(took_s / listed[i].completion_s - 1));
    }
    printf("%d flows, %.3f s in the mean, largest difference to SimGrid %.2g\n", flow_count, mean_s, worst);
    assert_true(worst < 1e-3);
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

static void test_tree(void **state)
{
    (void)state;
    compare(JW_TEST_FOLDER "/data/network/tree_flows.txt", false);
}

static void test_latency(void **state)
{
    (void)state;
    compare(JW_TEST_FOLDER "/data/network/tree_delay_flows.txt", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tree), cmocka_unit_test(test_latency)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
