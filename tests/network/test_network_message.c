/* Messages over wires: delays, queues against closed forms, losses, failures. */
#include "network/network_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const jw_net_node_def nodes[] = {{"a", JW_NET_HOST, 0, 0},
                                        {"b", JW_NET_SWITCH, 1000, 0},
                                        {"c", JW_NET_HOST, 2000, 0},
                                        {"d", JW_NET_SWITCH, 1000, 9000}};

static jw_world *line_world(shared *made, const jw_net_link_def *links, uint32_t count, int64_t dt_ns)
{
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = 4, def.links = links, def.link_count = count;
    return world_create(&def, made, dt_ns, 1);
}

/* 100 km of fibre: 490 us, plus 1,000 bytes at 1 Gbit/s: 8 us, plus 20 us of equipment; twice for two hops.
 */
static void test_delay(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 1e9, .length_m = 100e3},
                               {.from = "b", .to = "c", .capacity_bps = 1e9, .length_m = 100e3}};
    shared *made = shared_create();
    jw_world *world = line_world(made, links, 2, 0);
    send(world, "a", "b", 1000, JW_TRAFFIC_AI, 1);
    send(world, "c", "a", 1000, JW_TRAFFIC_AI, 2);
    jw_network *network = network_of(world);
    double estimate_s = jw_network_estimate_s(network, at_node(network, "c"), at_node(network, "a"), 1000);
    assert_true(fabs(estimate_s - 2 * 518e-6) < 1e-9);
    assert_true(jw_network_estimate_s(network, at_node(network, "a"), at_node(network, "d"), 1) < 0);
    run_for(world, 0.5);
    assert_int_equal(made->seen.time_ns[1], 518001); /* 1 ns: sending is an event of its own */
    assert_int_equal(made->seen.time_ns[2], 2 * 518000 + 1);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* The forecast of a message behind others on two links is when it comes, for each kind. */
static void test_forecast(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 8e6, .length_m = 100e3},
                               {.from = "b", .to = "c", .capacity_bps = 4e6, .length_m = 50e3}};
    shared *made = shared_create();
    jw_world *world = line_world(made, links, 2, 0);
    jw_network *network = network_of(world);
    for (uint64_t i = 0; i < 300; i++) {
        send(world, i % 3 ? "a" : "b", "c", 1000 + 10 * (int64_t)i,
             i % 7 ? JW_TRAFFIC_VIDEO : JW_TRAFFIC_CONTROL, i);
    }
    run_for(world, 0.2);
    int64_t expected_ns[2];
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t kind = i ? JW_TRAFFIC_VIDEO : JW_TRAFFIC_CONTROL;
        double forecast_s =
            jw_network_forecast_s(world, network, at_node(network, "b"), at_node(network, "c"), 5000, kind);
        double empty_s = jw_network_estimate_s(network, at_node(network, "b"), at_node(network, "c"), 5000);
        assert_true(i ? forecast_s > empty_s + 0.2 : forecast_s >= empty_s);
        expected_ns[i] = jw_world_time_ns(world) + jw_ns_from_s(forecast_s) + 1;
        send(world, "b", "c", 5000, kind, 300 + i);
        run_for(world, i ? 4 : 0.01);
    }
    for (uint32_t i = 0; i < 2; i++)
        assert_true(made->seen.time_ns[300 + i] >= expected_ns[i] - 1 &&
                    made->seen.time_ns[300 + i] <= expected_ns[i] + 1);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* The transmitter is one: ten messages of 1 ms go out one after the other; control goes before all that wait.
 */
static void test_order(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 8e6, .length_m = 1}};
    shared *made = shared_create();
    jw_world *world = line_world(made, links, 1, 0);
    for (uint64_t i = 0; i < 10; i++) {
        send(world, "a", "b", 1000, JW_TRAFFIC_VIDEO, i);
    }
    send(world, "a", "b", 1000, JW_TRAFFIC_CONTROL, 10);
    send(world, "a", "b", 1000, JW_TRAFFIC_VIDEO, 11);
    run_for(world, 0.5);
    int64_t fixed_ns = 20000 + 5 + 1;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(made->seen.time_ns[i], (i + 1) * JW_NS_PER_MS + fixed_ns);
    }
    assert_int_equal(made->seen.time_ns[10], JW_NS_PER_MS + fixed_ns);
    assert_int_equal(made->seen.time_ns[11], 12 * JW_NS_PER_MS + fixed_ns); /* pays for the control message */
    jw_world_destroy(world);
    shared_destroy(made);
}

/* Poisson arrivals at one link, mean service 1 ms, fixed (M/D/1) or exponential (M/M/1). Each arrival
 * schedules the next. */
static struct {
    double load;
    bool is_exponential;
    uint32_t count;
    int64_t sent_ns[TAGS_MAX];
} queue;

static void arrive(jw_world *world, uint32_t i)
{
    jw_random_key key = {3, queue.is_exponential};
    double service = queue.is_exponential ? jw_random_exponential(key, i, 1, 1) : 1;
    queue.sent_ns[i] = jw_world_time_ns(world);
    int64_t size_bytes = (int64_t)(service * 1e6 + 0.5);
    send(world, "a", "b", size_bytes > 0 ? size_bytes : 1, JW_TRAFFIC_AI, i);
    if (i + 1 < queue.count) {
        source_at(world,
                  jw_world_time_ns(world) + jw_ns_from_s(jw_random_exponential(key, i, 0, 1e-3 / queue.load)),
                  i + 1);
    }
}

/* Mean time in the system over `count` messages, in `out`; returns the half width of its 99 % confidence
 * interval by the method of batch means: 50 batches, Student's t of 49 degrees of freedom at 0.995. */
static double mean_time_ms(double load, bool is_exponential, uint32_t count, double *out)
{
    enum { BATCHES = 50 };
    double batch_ms[BATCHES] = {0}, variance = 0;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 8e9, .length_m = 1e-3}};
    shared *made = shared_create();
    made->on_source = arrive;
    queue.load = load, queue.is_exponential = is_exponential, queue.count = count;
    jw_world *world = line_world(made, links, 1, 0);
    source_at(world, 0, 0);
    run_for(world, count * 1e-3 / load * 1.1 + 5);
    *out = 0;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(made->seen.delivered[i], 1);
        double time_ms = (double)(made->seen.time_ns[i] - queue.sent_ns[i] - 20001) * 1e-6;
        batch_ms[(uint64_t)i * BATCHES / count] += time_ms * BATCHES / count;
        *out += time_ms / count;
    }
    for (int i = 0; i < BATCHES; i++) {
        variance += (batch_ms[i] - *out) * (batch_ms[i] - *out) / (BATCHES - 1);
    }
    jw_world_destroy(world);
    shared_destroy(made);
    return 2.680 * sqrt(variance / BATCHES);
}

/* Pollaczek-Khinchine: M/D/1 1.5 and 3 service times at loads 0.5 and 0.8, M/M/1 2 and 5. */
static void test_waiting(void **state)
{
    (void)state;
    static const struct {
        double load, wanted_ms;
        bool is_exponential;
        uint32_t count;
    } cases[] = {
        {0.5, 1.5, false, 100000}, {0.8, 3, false, 200000}, {0.5, 2, true, 100000}, {0.8, 5, true, 200000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double mean_ms,
            half_width_ms = mean_time_ms(cases[i].load, cases[i].is_exponential, cases[i].count, &mean_ms);
        printf("%s, load %.1f: %.3f +- %.3f ms, closed form %.1f\n",
               cases[i].is_exponential ? "M/M/1" : "M/D/1", cases[i].load, mean_ms, half_width_ms,
               cases[i].wanted_ms);
        assert_true(fabs(mean_ms - cases[i].wanted_ms) < half_width_ms);
        assert_true(half_width_ms < 0.07 * cases[i].wanted_ms); /* narrow enough to tell */
    }
}

/* Loss 0.1 a hop over two hops: 0.81 arrive; the rest are lost by error. Standard deviation of the share over
 * 20,000: 0.0028. */
static void test_loss(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 1e12, .loss = 0.1},
                               {.from = "b", .to = "c", .capacity_bps = 1e12, .loss = 0.1}};
    shared *made = shared_create();
    jw_world *world = line_world(made, links, 2, 0);
    for (uint64_t i = 0; i < 20000; i++) {
        send(world, "a", "c", 100, JW_TRAFFIC_AI, i);
    }
    run_for(world, 1);
    check_identities(world, network_of(world));
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_int_equal(counts.messages_in_flight, 0);
    assert_true(fabs((double)counts.messages_delivered / 20000 - 0.81) < 4 * 0.0028);
    for (int i = 0; i < 20000; i++) {
        assert_int_equal(made->seen.delivered[i] + made->seen.lost[i], 1);
        assert_true(!made->seen.lost[i] || made->seen.why[i] == JW_LOSS_ERROR);
    }
    jw_world_destroy(world);
    shared_destroy(made);
}

/* What would wait more than a second is dropped at the tail. */
static void test_tail_drop(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 8e6, .length_m = 1}};
    shared *made = shared_create();
    jw_world *world = line_world(made, links, 1, 0);
    for (uint64_t i = 0; i < 1500; i++) { /* 1 ms each */
        send(world, "a", "b", 1000, JW_TRAFFIC_VIDEO, i);
    }
    run_for(world, 3);
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_int_equal(counts.messages_delivered, 1001);
    assert_int_equal(counts.messages_lost, 499);
    assert_int_equal(made->seen.why[1499], JW_LOSS_QUEUE);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A queue of 5,000 bytes before a transmitter of 1,000 bytes a millisecond: of bursts of 20 each 10 ms the
 * first goes at once, five wait, and one more that finds exactly 5,000 ahead; what is offered is carried,
 * dropped or queued at every step. */
static void send_burst(jw_world *world, uint32_t burst)
{
    for (uint32_t i = 0; i < 20; i++) {
        send(world, "a", "b", 1000, JW_TRAFFIC_VIDEO, 20 * burst + i);
    }
    if (burst < 49) {
        source_at(world, jw_world_time_ns(world) + 10 * JW_NS_PER_MS, burst + 1);
    }
}

static void test_queue_limit(void **state)
{
    (void)state;
    jw_net_link_def links[] = {
        {.from = "a", .to = "b", .capacity_bps = 8e6, .length_m = 1, .queue_bytes = 5000}};
    shared *made = shared_create();
    made->on_source = send_burst;
    jw_world *world = line_world(made, links, 1, 100 * JW_NS_PER_MS);
    source_at(world, 0, 0);
    for (int step = 0; step < 10; step++) {
        run_for(world, 0.1);
        check_identities(world, network_of(world));
    }
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_int_equal(counts.messages_delivered, 50 * 6);
    assert_int_equal(counts.bytes_dropped[JW_TRAFFIC_VIDEO], 50 * 14 * 1000);
    links[0].queue_bytes = -1;
    jw_net_link_def negative = links[0];
    assert_int_equal(jw_network_add_link(world, network_of(world), &negative, NULL, NULL), JW_ERROR_INPUT);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A queue that would take longer than the clock goes, on a link of a bit in a thousand seconds. */
static void test_queue_of_years(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 1e-3, .queue_bytes = 1000000000000}};
    shared *made = shared_create();
    jw_world *world = line_world(made, links, 1, 100 * JW_NS_PER_MS);
    for (uint32_t i = 0; i < 200; i++)
        send(world, "a", "b", 20000, JW_TRAFFIC_VIDEO, i);
    run_for(world, 1);
    check_identities(world, network_of(world));
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_true(counts.messages_lost > 190 && counts.messages_lost < 200);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* One message a millisecond from a to c over b; b-c is cut at 1 s; the way over d takes over failover_s
 * later. On the cut link were those sent in the last 100 ms (20,000 km); what comes to b before rerouting
 * waits there. */
static void send_one(jw_world *world, uint32_t i)
{
    send(world, "a", "c", 100, JW_TRAFFIC_AI, i);
    if (i < 1999) {
        source_at(world, jw_world_time_ns(world) + JW_NS_PER_MS, i + 1);
    }
}

static void test_cut(void **state)
{
    (void)state;
    jw_net_link_def links[] = {
        {.name = "ab", .from = "a", .to = "b", .capacity_bps = 1e9, .length_m = 1000},
        {.name = "bc", .from = "b", .to = "c", .capacity_bps = 1e9, .length_m = 100e3 / 4.9 * 1e3},
        {.name = "bd", .from = "b", .to = "d", .capacity_bps = 1e9, .length_m = 30e6},
        {.name = "dc", .from = "d", .to = "c", .capacity_bps = 1e9, .length_m = 1000}};
    shared *made = shared_create();
    made->on_source = send_one;
    jw_world *world = line_world(made, links, 4, 0);
    jw_network *network = network_of(world);
    source_at(world, 500000, 0);
    run_for(world, 1);
    assert_int_equal(jw_network_set_link_up(world, network, "bc", false, NULL), JW_OK);
    for (int i = 0; i < 8; i++) {
        run_for(world, 0.5);
        check_identities(world, network);
    }
    int lost = 0;
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(made->seen.delivered[i] + made->seen.lost[i], 1);
        assert_true(!made->seen.lost[i] || (made->seen.why[i] == JW_LOSS_OUTAGE && i >= 899 && i < 1000));
        lost += (int)made->seen.lost[i];
    }
    assert_int_equal(lost, 100);
    /* The first that waited at b left it when the routes were new, 50 ms after the cut. */
    int64_t left_ns = made->seen.time_ns[1000] - 147000000 - 4900 - 2 * 20000;
    assert_true(left_ns - 1050 * JW_NS_PER_MS >= 0 && left_ns - 1050 * JW_NS_PER_MS < 2000);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* No route at all: lost after message_timeout_s; a repair within it saves the message. */
static void test_timeout(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.name = "ab", .from = "a", .to = "b", .capacity_bps = 1e9}};
    shared *made = shared_create();
    jw_world *world = line_world(made, links, 1, 0);
    jw_network *network = network_of(world);
    send(world, "a", "c", 100, JW_TRAFFIC_AI, 1);
    jw_network_set_link_up(world, network, "a", false, NULL);
    send(world, "b", "a", 100, JW_TRAFFIC_AI, 2);
    run_for(world, 1);
    jw_network_set_link_up(world, network, "a", true, NULL);
    run_for(world, 2);
    assert_int_equal(made->seen.lost[1], 1);
    assert_int_equal(made->seen.why[1], JW_LOSS_NO_ROUTE);
    assert_int_equal(made->seen.time_ns[1], 2 * JW_NS_PER_S + 1);
    assert_int_equal(made->seen.delivered[2], 1);
    assert_true(made->seen.time_ns[2] > JW_NS_PER_S);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* Flows leave a quarter of the link, then nothing: a message sees a quarter, then its least share, a tenth.
 */
static void test_beside_flows(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 8e6, .length_m = 1e-3}};
    shared *made = shared_create();
    jw_world *world = line_world(made, links, 1, 0);
    start(world, "a", "b", 0, 6e6, 9);
    run_for(world, 1);
    send(world, "a", "b", 1000, JW_TRAFFIC_AI, 0);
    run_for(world, 1);
    start(world, "a", "b", 0, 8e6, 9);
    int64_t before_ns = jw_world_time_ns(world);
    send(world, "a", "b", 1000, JW_TRAFFIC_AI, 1);
    send(world, "b", "a", 1000, JW_TRAFFIC_AI, 2);
    run_for(world, 1);
    assert_int_equal(made->seen.time_ns[1] - before_ns, 10 * JW_NS_PER_MS + 20001);
    assert_int_equal(made->seen.time_ns[2] - before_ns, JW_NS_PER_MS + 20001);
    assert_int_equal(made->seen.time_ns[0], JW_NS_PER_S + 4 * JW_NS_PER_MS + 20001);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delay),       cmocka_unit_test(test_forecast),
        cmocka_unit_test(test_order),       cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_loss),        cmocka_unit_test(test_tail_drop),
        cmocka_unit_test(test_queue_limit), cmocka_unit_test(test_queue_of_years),
        cmocka_unit_test(test_cut),         cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_beside_flows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
