/* Flows over a tree beside SimGrid 3.32: tests/data/network/tree_flows.txt holds 600 flows drawn over 40
 * links of 100 to 1,000 Mbit/s and the time that SimGrid took for each (network/model:CM02,
 * network/optim:Full, TCP-gamma 0, no cross-traffic, no latency). tools/simgrid_flows.cpp makes such times.
 */
#include "network/network_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINKS_MAX = 64, FLOWS_MAX = 1000 };

typedef struct listed_flow {
    double start_s, bytes, completion_s;
    int from, to;
} listed_flow;

static listed_flow listed[FLOWS_MAX];

static void launch(jw_world *world, uint32_t i)
{
    char from[16], to[16];
    snprintf(from, sizeof from, "n%d", listed[i].from);
    snprintf(to, sizeof to, "n%d", listed[i].to);
    start(world, from, to, (int64_t)listed[i].bytes, 0, i);
}

static void test_tree(void **state)
{
    (void)state;
    jw_net_node_def nodes[LINKS_MAX + 1] = {{.name = "n0"}};
    jw_net_link_def links[LINKS_MAX] = {0};
    int link_count, flow_count;
    FILE *file = fopen(JW_TEST_FOLDER "/data/network/tree_flows.txt", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "links %d", &link_count), 1);
    assert_true(link_count <= LINKS_MAX);
    for (int i = 0; i < link_count; i++) {
        int parent;
        double capacity, latency;
        assert_int_equal(fscanf(file, "%d %lf %lf", &parent, &capacity, &latency), 3);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
