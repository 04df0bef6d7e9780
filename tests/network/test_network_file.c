/* Topologies from files: our backbone and its delays, the Topology Zoo's, and what is wrong with a file. */
#include "network/network_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKBONE JW_TEST_FOLDER "/../assets/networks/east_west.json"
#define HUBS     8

/* Within 20 ms one way between any two hubs, also with any one fibre cut. */
static void test_backbone(void **state)
{
    (void)state;
    jw_net_topology topology;
    jw_error error = {0};
    if (jw_network_read_topology(BACKBONE, 0, &topology, &error))
        fail_msg("%s", error.message);
    assert_int_equal(topology.node_count, 11);
    assert_int_equal(topology.warning_count, 0);
    jw_network_def def = jw_default_network_def();
    def.nodes = topology.nodes, def.node_count = topology.node_count;
    def.links = topology.links, def.link_count = topology.link_count;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 100 * JW_NS_PER_MS, 1);
    jw_network *network = network_of(world);
    double worst_s[2] = {0};
    for (uint32_t cut = 0; cut <= topology.link_count; cut++) { /* the last time none */
        jw_frame_link link;
        if (jw_network_link(world, network, cut, &link))
            assert_int_equal(jw_network_set_link_up(world, network, link.name, false, NULL), JW_OK);
        run_for(world, 0.2);
        bool is_whole = cut == topology.link_count;
        for (uint32_t a = 0; a < HUBS; a++) {
            for (uint32_t b = 0; b < HUBS; b++) {
                double s = jw_network_estimate_s(network, at_node(network, topology.nodes[a].name),
                                                 at_node(network, topology.nodes[b].name), 1);
                assert_true(s >= 0 && s < 0.020);
                worst_s[is_whole] = jw_max(worst_s[is_whole], s);
            }
        }
        if (!is_whole)
            assert_int_equal(jw_network_set_link_up(world, network, link.name, true, NULL), JW_OK);
    }
    printf("hub to hub at most %.1f ms one way, %.1f ms with one fibre cut\n", worst_s[1] * 1e3,
           worst_s[0] * 1e3);
    assert_true(worst_s[1] > 0.005 && worst_s[1] < worst_s[0]);
    jw_world_destroy(world);
    shared_destroy(made);
    jw_network_topology_free(&topology);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Counts and lengths are those that the files themselves state. */
static void test_zoo(void **state)
{
    (void)state;
    const char *folder = getenv("JINGWEI_DATA");
    if (!folder) {
        printf("skipped: JINGWEI_DATA is not set\n");
        return;
    }
    char path[1024];
    jw_net_topology t;
    jw_error error = {0};
    snprintf(path, sizeof path, "%s/Chinanet.json", folder);
    if (jw_network_read_topology(path, 10e9, &t, &error))
        fail_msg("%s", error.message);
    assert_int_equal(t.node_count, 38);
    assert_int_equal(t.link_count, 62);
    double sum_m = 0;
    for (uint32_t i = 0; i < t.link_count; i++) {
        sum_m += t.links[i].length_m;
        assert_true(t.links[i].capacity_bps == 10e9);
    }
    assert_true(jw_abs(sum_m / 62 - 912230) < 10);
    jw_network_def def = jw_default_network_def();
    def.nodes = t.nodes, def.node_count = t.node_count, def.links = t.links, def.link_count = t.link_count;
    shared *made = shared_create();
    jw_world_destroy(world_create(&def, made, 0, 1));
    shared_destroy(made);
    jw_network_topology_free(&t);
}

static jw_result read_text(const char *text, jw_net_topology *out, jw_error *error)
{
    FILE *file = fopen("test_network_file.json", "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    jw_result result = jw_network_read_topology("test_network_file.json", 1e9, out, error);
    remove("test_network_file.json");
    return result;
}

#define NODES "{\"nodes\": [{\"id\": 1, \"pos\": [10, 50]}, {\"id\": \"2\", \"pos\": [11, 50]}], \"edges\": ["

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"", "is empty"},
        {"[]", "not a JSON object"},
        {NODES, "not a JSON object"},
        {"{\"nodes\": 3, \"edges\": []}", "not a network"},
        {"{\"nodes\": [{\"id\": 1}]}", "not a network"},
        {"{\"nodes\": [{\"name\": \"x\"}], \"edges\": []}", "node 0"},
        {"{\"nodes\": [{\"id\": 1}, {\"id\": 1}], \"edges\": []}", "twice"},
        {"{\"nodes\": [{\"id\": 1, \"pos\": [500, 0]}], \"edges\": []}", "degrees"},
        {NODES "{\"source\": 1, \"target\": 3}]}", "edge 0: its \"target\""},
        {NODES "{\"source\": 1, \"target\": 2}, {\"target\": 2}]}", "edge 1: its \"source\""},
        {NODES "{\"source\": 1, \"target\": 2, \"capacity_gbps\": 0}]}", "capacity"},
        {NODES "{\"source\": 1, \"target\": 2, \"capacity_gbps\": -4}]}", "capacity"},
        {NODES "{\"source\": 1, \"target\": 2, \"capacity_gbps\": \"fast\"}]}", "capacity"},
        {NODES "{\"source\": 1, \"target\": 2, \"dist\": -1}]}", "dist"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jw_net_topology t;
        jw_error error = {0};
        assert_true(read_text(cases[i].text, &t, &error) != JW_OK);
        if (!strstr(error.message, cases[i].told))
            fail_msg("case %zu: \"%s\" lacks \"%s\"", i, error.message, cases[i].told);
        assert_true(t.nodes == NULL && t.links == NULL);
    }
    jw_net_topology t;
    assert_true(jw_network_read_topology("no such file", 1e9, &t, NULL) != JW_OK);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Great circle of a degree of longitude at 50 degrees north: 71.47 km, and 1.3 times that of fibre. */
static void test_doubtful(void **state)
{
    (void)state;
    jw_net_topology t;
    assert_int_equal(read_text(NODES "{\"source\": 1, \"target\": 2}]}", &t, NULL), JW_OK);
    assert_true(t.link_count == 1 && t.warning_count == 0 && t.links[0].capacity_bps == 1e9);
    assert_true(jw_abs(t.links[0].length_m - 1.3 * 71474) < 20);
    assert_true(jw_abs(t.nodes[1].x_m - t.nodes[0].x_m - 71474) < 20);
    jw_network_topology_free(&t);
    assert_int_equal(read_text(NODES "{\"source\": 1, \"target\": 2, \"capacity_gbps\": 1e-7},"
                                     "{\"source\": 1, \"target\": 1}]}",
                               &t, NULL),
                     JW_OK);
    assert_true(t.link_count == 1 && t.warning_count == 2);
    assert_non_null(strstr(t.warning.message, "Gbit/s?"));
    jw_network_topology_free(&t);
    assert_int_equal(
        read_text("{\"nodes\": [{\"id\": 1, \"name\": \"x\"}, {\"id\": 2, \"name\": \"x\"}], \"edges\": []}",
                  &t, NULL),
        JW_OK);
    assert_string_equal(t.nodes[1].name, "x#2");
    assert_int_equal(t.warning_count, 2); /* no places */
    jw_network_topology_free(&t);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_memory(void **state)
{
    (void)state;
    bool is_read = false;
    for (int64_t after = 0; !is_read; after++) {
        jw_net_topology t;
        jw_memory_fail_after(after);
        jw_result result = jw_network_read_topology(BACKBONE, 1e9, &t, NULL);
        jw_memory_fail_after(-1);
        is_read = result == JW_OK;
        if (is_read)
            jw_network_topology_free(&t);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_backbone), cmocka_unit_test(test_zoo),
                                       cmocka_unit_test(test_bad), cmocka_unit_test(test_doubtful),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
