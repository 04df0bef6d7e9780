/* Flows in the running module: finishing times, bytes, failures. */
#include "network/network_fixture.h"
#include "network/network_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const jw_net_node_def line_nodes[] = {{"a", JW_NET_HOST, 0, 0},
                                             {"b", JW_NET_SWITCH, 1000, 0},
                                             {"c", JW_NET_HOST, 2000, 0},
                                             {"d", JW_NET_SWITCH, 1000, 1000}};

/* Links of 10 and 4 MB/s; A over both, B on the first, C on the second, 8 MB each: rates 2, 8, 2 MB/s, ends
 * at 4, 1 and 4 s (SimGrid 3.32, network/model:CM02). */
static void test_finish_times(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 80e6},
                               {.from = "b", .to = "c", .capacity_bps = 32e6}};
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 4, def.links = links, def.link_count = 2;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    jw_flow_id a = start(world, "a", "c", 8000000, 0, 1), b = start(world, "a", "b", 8000000, 0, 2);
    jw_flow_id c = start(world, "b", "c", 8000000, 0, 3);
    run_for(world, 0.5);
    assert_true(fabs(jw_network_flow_rate_bps(network_of(world), a) - 16e6) < 1e-3);
    assert_true(fabs(jw_network_flow_rate_bps(network_of(world), b) - 64e6) < 1e-3);
    assert_true(fabs(jw_network_flow_rate_bps(network_of(world), c) - 16e6) < 1e-3);
    assert_int_equal(jw_network_flow_remaining_bytes(world, network_of(world), b), 4000000);
    run_for(world, 4.5);
    assert_int_equal(made->seen.time_ns[1], 4 * JW_NS_PER_S);
    assert_int_equal(made->seen.time_ns[2], 1 * JW_NS_PER_S);
    assert_int_equal(made->seen.time_ns[3], 4 * JW_NS_PER_S);
    assert_true(made->seen.finished[1] == 1 && made->seen.finished[2] == 1 && made->seen.finished[3] == 1);
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_int_equal(counts.flow_bytes_carried, 24000000);
    assert_int_equal(counts.bytes_carried[JW_TRAFFIC_CONTROL], 32000000); /* A crosses two links */
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A stream at its cap carries cap times time; its rate shows on the link; stopping it frees the capacity. */
static void test_stream(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.name = "ab", .from = "a", .to = "b", .capacity_bps = 10e6}};
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 4, def.links = links, def.link_count = 1;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    jw_flow_id stream = start(world, "b", "a", 0, 4e6, 0);
    jw_flow_id bulk = start(world, "b", "a", 1 << 30, 0, 1);
    run_for(world, 10);
    assert_true(fabs(jw_network_flow_rate_bps(network_of(world), stream) - 4e6) < 1e-3);
    assert_true(fabs(jw_network_flow_rate_bps(network_of(world), bulk) - 6e6) < 1e-3);
    jw_frame_link link;
    assert_true(jw_network_link(world, network_of(world), 0, &link));
    assert_true(fabs((double)link.rate_bps[1][JW_TRAFFIC_CONTROL] - 10e6) < 100);
    assert_true(link.rate_bps[0][JW_TRAFFIC_CONTROL] == 0);
    jw_network_stop_flow(world, network_of(world), stream);
    run_for(world, 1);
    assert_true(fabs(jw_network_flow_rate_bps(network_of(world), bulk) - 10e6) < 1e-3);
    int64_t carried = (1 << 30) - jw_network_flow_remaining_bytes(world, network_of(world), bulk);
    assert_true(llabs(carried - (7500000 + 1250000)) <= 1);
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

static bool is_taken(jw_world *world)
{
    jw_writer writer = {0};
    jw_network_module.save(world, network_of(world), &writer);
    jw_reader reader = jw_reader_make(writer.bytes, writer.size);
    void *copy = jw_alloc(jw_network_module.state_size);
    jw_network_module.load(world, copy, &reader);
    bool is_taken = !reader.failed;
    jw_network_module.destroy(copy);
    jw_free(copy);
    jw_writer_free(&writer);
    return is_taken;
}

/* Ends in the past, ends of what has none, more bytes than there are: the step could not go on. */
static void test_flows_that_cannot_be_are_refused(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 10e6}};
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 4, def.links = links, def.link_count = 1;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    start(world, "b", "a", 0, 4e6, 0);
    start(world, "b", "a", 1 << 30, 0, 1);
    run_for(world, 2);
    jw_network *network = network_of(world);
    net_flow *stream = &network->flows[0], *bulk = &network->flows[1];
    assert_true(is_taken(world));
#define REFUSED(place, value)                                                                                \
    do {                                                                                                     \
        __typeof__(place) kept = place;                                                                      \
        place = value;                                                                                       \
        if (is_taken(world))                                                                                 \
            fail_msg("taken: %s = %s", #place, #value);                                                      \
        place = kept;                                                                                        \
    } while (0)
    REFUSED(network->due.times_ns[bulk->bundle], jw_world_time_ns(world) - 1);
    REFUSED(network->due.times_ns[stream->bundle], jw_world_time_ns(world) + JW_NS_PER_S);
    REFUSED(bulk->carried_bytes, bulk->size_bytes + 1);
    REFUSED(bulk->size_bytes, INT64_MAX);
    REFUSED(bulk->finish, 1e300);
    REFUSED(stream->finish, -1e300);
    REFUSED(network->links[0].directions[0].busy_ns, INT64_MAX);
    assert_true(is_taken(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

/* The energy of a bit may be known of the way back alone. */
static void test_energy_of_the_way_back(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 8e6, .nj_per_bit_back = 50}};
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 4, def.links = links, def.link_count = 1;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    start(world, "b", "a", 1000000, 0, 1);
    start(world, "a", "b", 1000000, 0, 2);
    run_for(world, 3);
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_true(fabs(counts.link_energy_j - 8e6 * 50e-9) < 1e-9);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* 1,003 bit/s for 1,000 s, settled each second: no part of a byte is forgotten. */
static void test_parts_of_bytes(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.name = "ab", .from = "a", .to = "b", .capacity_bps = 10e6}};
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 4, def.links = links, def.link_count = 1;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    start(world, "b", "a", 0, 1003, 0);
    run_for(world, 1000);
    int64_t carried = jw_network_count(world, network_of(world)).flow_bytes_carried;
    assert_true(carried == 125375 || carried == 125374);
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

/* a-b-c, and a longer way a-d-c. Cut b-c at 1 s: the flow stalls, goes on over d after failover_s, and ends
 * when 10 MB have moved: 1 s + 0.3 s + 9 s at 1 MB/s. */
static void test_failover(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.name = "ab", .from = "a", .to = "b", .capacity_bps = 8e6},
                               {.name = "bc", .from = "b", .to = "c", .capacity_bps = 8e6},
                               {.name = "ad", .from = "a", .to = "d", .capacity_bps = 8e6},
                               {.name = "dc", .from = "d", .to = "c", .capacity_bps = 8e6}};
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 4, def.links = links, def.link_count = 4, def.failover_s = 0.3;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 100 * JW_NS_PER_MS, 1);
    jw_network *network = network_of(world);
    jw_flow_id flow = start(world, "a", "c", 10000000, 0, 1);
    run_for(world, 1);
    assert_int_equal(jw_network_set_link_up(world, network, "bc", false, NULL), JW_OK);
    run_for(world, 0.1);
    assert_true(jw_network_flow_rate_bps(network, flow) == 0);
    check_identities(world, network);
    run_for(world, 10);
    assert_int_equal(made->seen.finished[1], 1);
    assert_int_equal(made->seen.time_ns[1], 10300 * JW_NS_PER_MS);
    check_identities(world, network);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* No other way: fails after message_timeout_s; repaired in time: goes on. */
static void test_no_route(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.name = "ab", .from = "a", .to = "b", .capacity_bps = 8e6}};
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 4, def.links = links, def.link_count = 1;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    jw_network *network = network_of(world);
    start(world, "a", "b", 5000000, 0, 1);
    start(world, "a", "c", 5000000, 0, 2); /* never a way */
    run_for(world, 1);
    jw_network_set_link_up(world, network, "ab", false, NULL);
    run_for(world, 1);
    jw_network_set_link_up(world, network, "ab", true, NULL);
    run_for(world, 2);
    assert_int_equal(made->seen.failed[2], 1);
    assert_int_equal(made->seen.time_ns[2], 2 * JW_NS_PER_S);
    jw_network_set_link_up(world, network, "b", false, NULL); /* the node: all its links */
    run_for(world, 3);
    assert_int_equal(made->seen.failed[1], 1);
    assert_int_equal(made->seen.finished[1], 0);
    jw_network_counts counts = jw_network_count(world, network);
    assert_int_equal(counts.flow_bytes_dropped, 10000000 - counts.flow_bytes_carried);
    assert_true(llabs(counts.flow_bytes_carried - 2950000) <= 1); /* 1 s, then from 2.05 s to 4 s */
    check_identities(world, network);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Within one node nothing is shared and nothing takes time. */
static void test_local(void **state)
{
    (void)state;
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 1;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    start(world, "a", "a", 1000000, 0, 1);
    send(world, "a", "a", 1000, JW_TRAFFIC_AI, 2);
    run_for(world, 0.5);
    assert_int_equal(made->seen.finished[1], 1);
    assert_int_equal(made->seen.delivered[2], 1);
    assert_true(made->seen.time_ns[1] < JW_NS_PER_MS && made->seen.time_ns[2] > 0);
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

static void test_bad_input(void **state)
{
    (void)state;
    jw_network_def def = jw_default_network_def();
    def.nodes = line_nodes, def.node_count = 2;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    jw_network *network = network_of(world);
    jw_net_node_id a = jw_network_find_node(network, "a"), b = jw_network_find_node(network, "b");
    jw_flow_def endless = {.from = a, .to = b}, lost = {.from = a, .size_bytes = 1};
    assert_int_equal(jw_network_start_flow(world, network, &endless, NULL, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_network_start_flow(world, network, &lost, NULL, NULL), JW_ERROR_INPUT);
    jw_net_link_def nowhere = {.from = "a", .to = "z", .capacity_bps = 1}, none = {.from = "a", .to = "b"};
    jw_error error = {0};
    assert_int_equal(jw_network_add_link(world, network, &nowhere, NULL, &error), JW_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "\"z\""));
    assert_int_equal(jw_network_add_link(world, network, &none, NULL, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_network_add_node(world, network, &line_nodes[0], NULL, NULL), JW_ERROR_EXISTS);
    assert_int_equal(jw_network_set_link_up(world, network, "nothing", false, NULL), JW_ERROR_NOT_FOUND);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_finish_times),
                                       cmocka_unit_test(test_stream),
                                       cmocka_unit_test(test_flows_that_cannot_be_are_refused),
                                       cmocka_unit_test(test_energy_of_the_way_back),
                                       cmocka_unit_test(test_parts_of_bytes),
                                       cmocka_unit_test(test_failover),
                                       cmocka_unit_test(test_no_route),
                                       cmocka_unit_test(test_local),
                                       cmocka_unit_test(test_bad_input)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
