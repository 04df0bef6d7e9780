/* Ways through the network: equal ones share, failures are learnt of, bytes are accounted for at each link.
 */
#include "network/network_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIDDLES = 4, FLOWS = 4000 };

/* a and z joined over four switches, all ways of the same length. */
typedef struct diamond {
    jw_net_node_def nodes[MIDDLES + 2];
    jw_net_link_def links[2 * MIDDLES];
    jw_network_def def;
} diamond;

static void make_diamond(diamond *out)
{
    memset(out, 0, sizeof *out);
    strcpy(out->nodes[0].name, "a");
    strcpy(out->nodes[1].name, "z");
    for (int i = 0; i < MIDDLES; i++) {
        snprintf(out->nodes[2 + i].name, sizeof out->nodes[0].name, "m%d", i);
        for (int side = 0; side < 2; side++) {
            jw_net_link_def *link = &out->links[2 * i + side];
            *link = (jw_net_link_def){.capacity_bps = 1e9, .length_m = 1000};
            snprintf(link->name, sizeof link->name, "%c%d", side ? 'z' : 'a', i);
            snprintf(link->from, sizeof link->from, "m%d", i);
            strcpy(link->to, side ? "z" : "a");
        }
    }
    out->def = jw_default_network_def();
    out->def.nodes = out->nodes, out->def.node_count = MIDDLES + 2;
    out->def.links = out->links, out->def.link_count = 2 * MIDDLES;
}

static int64_t carried_to_a(const jw_network *network, uint32_t middle)
{
    jw_link_bytes bytes;
    assert_true(jw_network_link_bytes(network, 2 * middle, false, &bytes));
    return bytes.carried[JW_TRAFFIC_CONTROL];
}

/* Flows and messages spread evenly over equal ways (each count within 4 standard deviations of a quarter),
 * and each flow keeps to one. */
static void test_equal_ways(void **state)
{
    (void)state;
    diamond d;
    make_diamond(&d);
    shared *made = shared_create();
    jw_world *world = world_create(&d.def, made, 0, 1);
    jw_network *network = network_of(world);
    for (uint32_t i = 0; i < FLOWS; i++) {
        start(world, "z", "a", 1000, 0, i);
    }
    run_for(world, 1);
    double spread = 4 * sqrt(FLOWS * 0.25 * 0.75);
    for (uint32_t i = 0; i < MIDDLES; i++) {
        int64_t flows = carried_to_a(network, i) / 1000;
        assert_int_equal(carried_to_a(network, i) % 1000, 0);
        assert_true(fabs((double)flows - FLOWS / MIDDLES) < spread);
    }
    check_identities(world, network);
    jw_world_destroy(world);
    world = world_create(&d.def, made, 0, 1);
    network = network_of(world);
    for (uint32_t i = 0; i < FLOWS; i++) {
        send(world, "z", "a", 1000, JW_TRAFFIC_CONTROL, i);
    }
    run_for(world, 1);
    for (uint32_t i = 0; i < MIDDLES; i++) {
        assert_true(fabs((double)carried_to_a(network, i) / 1000 - FLOWS / MIDDLES) < spread);
    }
    check_identities(world, network);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* One middle switch fails: until routing knows, what goes there waits; then the other three carry it all;
 * repaired, it takes its share again. */
static void test_failed_switch(void **state)
{
    (void)state;
    diamond d;
    make_diamond(&d);
    d.def.failover_s = 0.25;
    shared *made = shared_create();
    jw_world *world = world_create(&d.def, made, 100 * JW_NS_PER_MS, 1);
    jw_network *network = network_of(world);
    assert_int_equal(jw_network_set_link_up(world, network, "m2", false, NULL), JW_OK);
    for (uint32_t i = 0; i < FLOWS; i++) {
        send(world, "z", "a", 1000, JW_TRAFFIC_CONTROL, i);
    }
    run_for(world, 0.2);
    int64_t before = jw_network_count(world, network).messages_delivered;
    assert_true(before > FLOWS / 2 && before < FLOWS * 9 / 10);
    check_identities(world, network);
    run_for(world, 0.2);
    assert_int_equal(jw_network_count(world, network).messages_delivered, FLOWS);
    assert_int_equal(carried_to_a(network, 2), 0);
    assert_int_equal(jw_network_set_link_up(world, network, "m2", true, NULL), JW_OK);
    run_for(world, 0.3);
    for (uint32_t i = 0; i < FLOWS; i++) {
        send(world, "z", "a", 1000, JW_TRAFFIC_CONTROL, i);
    }
    run_for(world, 0.3);
    assert_true(fabs((double)carried_to_a(network, 2) / 1000 - FLOWS / MIDDLES) <
                4 * sqrt(FLOWS * 0.25 * 0.75));
    assert_int_equal(jw_network_count(world, network).messages_delivered, 2 * FLOWS);
    check_identities(world, network);
    jw_world_destroy(world);
    shared_destroy(made);
}

static double draw(uint64_t *counter)
{
    return jw_random_uniform((jw_random_key){4, 4}, 1, (*counter)++);
}

/* Lossy, overloaded, now and then cut links under flows and messages of all classes: at every step each
 * direction of each link accounts for each byte, and no byte is queued where no message is. */
static void test_bytes(void **state)
{
    (void)state;
    diamond d;
    make_diamond(&d);
    for (int i = 0; i < 2 * MIDDLES; i++) {
        d.links[i].capacity_bps = 2e6, d.links[i].loss = 0.05;
    }
    shared *made = shared_create();
    jw_world *world = world_create(&d.def, made, 100 * JW_NS_PER_MS, 1);
    jw_network *network = network_of(world);
    uint64_t counter = 0, tag = 0;
    bool is_up[2 * MIDDLES] = {true, true, true, true, true, true, true, true};
    for (int step = 0; step < 600; step++) {
        for (int k = 0; k < 20 && step < 400; k++) {
            bool is_there = draw(&counter) < 0.5;
            send(world, is_there ? "a" : "z", is_there ? "z" : "a", 100 + (int64_t)(draw(&counter) * 30000),
                 (uint8_t)(draw(&counter) * JW_TRAFFIC_KIND_COUNT), tag++);
        }
        start(world, "a", "z", 1 + (int64_t)(draw(&counter) * 20000), 0, tag++);
        uint32_t hit = (uint32_t)(draw(&counter) * 2 * MIDDLES);
        if (draw(&counter) < 0.1) {
            is_up[hit] = !is_up[hit];
            assert_int_equal(jw_network_set_link_up(world, network, d.links[hit].name, is_up[hit], NULL),
                             JW_OK);
        }
        run_for(world, 0.1);
        check_identities(world, network);
    }
    for (int i = 0; i < 2 * MIDDLES; i++) {
        jw_network_set_link_up(world, network, d.links[i].name, true, NULL);
    }
    run_for(world, 10);
    jw_network_counts counts = jw_network_count(world, network);
    assert_true(counts.messages_in_flight == 0 && counts.messages_lost > 1000 &&
                counts.messages_delivered > 1000);
    check_identities(world, network);
    uint32_t reasons = 0;
    for (uint64_t i = 0; i < tag; i++) {
        reasons |= made->seen.lost[i] ? 1u << made->seen.why[i] : 0;
    }
    assert_true(reasons >> JW_LOSS_OUTAGE & reasons >> JW_LOSS_ERROR & reasons >> JW_LOSS_QUEUE & 1);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_equal_ways),
                                       cmocka_unit_test(test_failed_switch), cmocka_unit_test(test_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
