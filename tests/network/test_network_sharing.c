/* Flows against closed forms: TCP's handshake, slow start and losses, the way's delay, processor sharing,
 * Erlang's loss formula. */
#include "network/network_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const jw_net_node_def nodes[] = {
    {"a", JW_NET_HOST, 0, 0}, {"b", JW_NET_SWITCH, 0, 0}, {"c", JW_NET_HOST, 0, 0}};

static jw_world *line(shared *made, const jw_net_link_def *links, uint32_t count)
{
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = 3, def.links = links, def.link_count = count;
    return world_create(&def, made, 0, 1);
}

static jw_result start_def(jw_world *world, const jw_flow_def *given, jw_flow_id *out)
{
    jw_flow_def def = *given;
    def.from = jw_network_find_node(network_of(world), "a");
    def.to = jw_network_find_node(network_of(world), "c");
    return jw_network_start_flow(world, network_of(world), &def, out, NULL);
}

/* 100 Mbit/s, 20 ms there and back: windows of 14,600 bytes and twice, 4, 8 times as many fit into rounds,
 * the fifth would be 187 Mbit/s and the link holds the flow. So k rounds carry 14,600 (2^k - 1), as in
 * Cardwell et al. (2000) with gamma 2, the next goes on at its window's rate or the link's. */
static double slow_start_s(double bytes, double capacity_bps, double round_trip_s)
{
    double window_bytes = 14600, time_s = round_trip_s; /* of the handshake */
    while (window_bytes * 8 / round_trip_s < capacity_bps && bytes > window_bytes) {
        bytes -= window_bytes;
        time_s += round_trip_s;
        window_bytes *= 2;
    }
    return time_s + bytes * 8 / jw_min(window_bytes * 8 / round_trip_s, capacity_bps);
}

static void test_slow_start(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1000, 14600, 14601, 100000, 219000, 1000000, 50000000};
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 1e9, .extra_delay_s = 4e-3},
                               {.from = "b", .to = "c", .capacity_bps = 1e8, .extra_delay_s = 6e-3}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        shared *made = shared_create();
        jw_world *world = line(made, links, 2);
        jw_flow_def def = {.size_bytes = sizes[i], .is_tcp = true};
        assert_int_equal(start_def(world, &def, NULL), JW_OK);
        run_for(world, 10);
        double wanted_s = slow_start_s((double)sizes[i], 1e8, 20e-3);
        assert_int_equal(made->seen.finished[0], 1);
        assert_true(fabs(jw_s_from_ns(made->seen.time_ns[0]) - wanted_s) < 1e-6 * wanted_s + 2e-9);
        check_identities(world, network_of(world));
        jw_world_destroy(world);
        shared_destroy(made);
    }
    assert_true(fabs(slow_start_s(1e6, 1e8, 20e-3) - 0.163792) < 1e-9); /* 6 rounds and 547,400 bytes */
}

/* Two flows at once, one with slow start: the other has what the window leaves, then half. And a cap of its
 * own ends the growth. */
static void test_beside_others(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 1e8, .extra_delay_s = 4e-3},
                               {.from = "b", .to = "c", .capacity_bps = 1e9, .extra_delay_s = 6e-3}};
    shared *made = shared_create();
    jw_world *world = line(made, links, 2);
    jw_network *network = network_of(world);
    jw_flow_id plain, slow, capped;
    jw_flow_def def = {.size_bytes = INT64_C(1) << 40};
    start_def(world, &def, &plain);
    def.is_tcp = true;
    start_def(world, &def, &slow);
    def.rate_cap_bps = 9e6;
    start_def(world, &def, &capped);
    run_for(world, 0.5); /* the step; the rounds are long over */
    assert_true(fabs(jw_network_flow_rate_bps(network, capped) - 9e6) < 1e-3);
    assert_true(fabs(jw_network_flow_rate_bps(network, slow) - 45.5e6) < 1e-2);
    assert_true(fabs(jw_network_flow_rate_bps(network, plain) - 45.5e6) < 1e-2);
    double carried_bits =
        8 * (double)((INT64_C(1) << 40) - jw_network_flow_remaining_bytes(world, network, slow));
    /* the handshake; 5.84, 11.68, 23.36 Mbit/s for 20 ms each, then 45.5 for the rest */
    assert_true(fabs(carried_bits - (40.88e6 * 0.02 + 45.5e6 * 0.42)) < 100);
    check_identities(world, network);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* The throughput equation, by hand: at 1 % and 100 ms 1.2247 / sqrt(p) segments a round trip by the square
 * root law, less for timeouts; and a flow over two links that lose, which opens, doubles and then has that
 * rate, also beside another that would leave it more. */
static void test_losses(void **state)
{
    (void)state;
    double root_law_bps = 1460 * 8 / 0.1 * sqrt(1.5 / 1e-6);
    assert_true(fabs(jw_tcp_rate_bps(0.1, 1e-6) / root_law_bps - 1) < 1e-4);
    /* 0.1 sqrt(0.02 / 3) + 0.4 * 3 sqrt(0.03 / 8) * 0.01 * 1.0032 = 0.0081650 + 0.0007372 s a segment */
    assert_true(fabs(jw_tcp_rate_bps(0.1, 0.01) - 1460 * 8 / 0.0089022) < 20);
    assert_true(isinf(jw_tcp_rate_bps(0.1, 0)));

    jw_net_link_def links[] = {
        {.from = "a", .to = "b", .capacity_bps = 1e9, .extra_delay_s = 4e-3, .loss = 1e-4},
        {.from = "b", .to = "c", .capacity_bps = 1e8, .extra_delay_s = 6e-3, .loss = 2e-4}};
    double rate_bps = jw_tcp_rate_bps(20e-3, 1 - (1 - 1e-4) * (1 - 2e-4));
    assert_true(rate_bps > 2 * 14600 * 8 / 20e-3 && rate_bps < 8 * 14600 * 8 / 20e-3);
    shared *made = shared_create();
    jw_world *world = line(made, links, 2);
    jw_network *network = network_of(world);
    jw_flow_id lossy, plain;
    jw_flow_def def = {.size_bytes = 20000000, .is_tcp = true, .tag = 1};
    start_def(world, &def, &lossy);
    run_for(world, 1);
    assert_true(fabs(jw_network_flow_rate_bps(network, lossy) - rate_bps) < 1e-3);
    def = (jw_flow_def){.size_bytes = INT64_C(1) << 40, .tag = 2};
    start_def(world, &def, &plain);
    run_for(world, 20);
    assert_true(fabs(jw_network_flow_rate_bps(network, plain) - 1e8) < 1e-3);
    /* the handshake, then windows of 14,600 and so on while they are below the rate */
    double wanted_s = 20e-3, left_bytes = 20e6;
    for (double window_bytes = 14600; window_bytes * 8 / 20e-3 < rate_bps; window_bytes *= 2) {
        left_bytes -= window_bytes;
        wanted_s += 20e-3;
    }
    wanted_s += left_bytes * 8 / rate_bps;
    assert_int_equal(made->seen.finished[1], 1);
    assert_true(fabs(jw_s_from_ns(made->seen.time_ns[1]) - wanted_s) < 1e-6);
    check_identities(world, network);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* 1 MB over 8 Mbit/s and 10 ms: ends at 1.010 s; an empty link until then. */
static void test_delay(void **state)
{
    (void)state;
    jw_net_link_def links[] = {{.from = "a", .to = "b", .capacity_bps = 8e6, .extra_delay_s = 4e-3},
                               {.from = "b", .to = "c", .capacity_bps = 8e6, .extra_delay_s = 6e-3}};
    shared *made = shared_create();
    jw_world *world = line(made, links, 2);
    jw_flow_def def = {.size_bytes = 1000000, .has_delay = true, .tag = 1};
    start_def(world, &def, NULL);
    def = (jw_flow_def){.size_bytes = 5000, .tag = 2};
    start_def(world, &def, NULL); /* done before the other takes its share */
    run_for(world, 2);
    assert_int_equal(made->seen.time_ns[1], 1010 * JW_NS_PER_MS);
    assert_int_equal(made->seen.time_ns[2], 5 * JW_NS_PER_MS);
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

/* ---- Poisson arrivals
 * --------------------------------------------------------------------------------------
 */

enum { FIXED, EXPONENTIAL, TWO_SIZES, SIZE_COUNT };

static struct {
    double flows_per_s, cap_bps;
    int sizes;
    uint32_t count;
    int64_t start_ns[TAGS_MAX];
    uint8_t is_refused[TAGS_MAX];
} source;

static void arrive(jw_world *world, uint32_t i)
{
    jw_random_key key = {5, (uint64_t)source.sizes};
    double mean_bytes = 125000, part = jw_random_uniform(key, i, 2); /* 1 s at 1 Mbit/s */
    double bytes = source.sizes == FIXED         ? mean_bytes
                   : source.sizes == EXPONENTIAL ? jw_random_exponential(key, i, 1, mean_bytes)
                                                 : mean_bytes * (part < 0.1 ? 5.5 : 0.5);
    jw_flow_def def = {.size_bytes = (int64_t)jw_max(bytes, 1), .rate_cap_bps = source.cap_bps, .tag = i};
    source.start_ns[i] = jw_world_time_ns(world);
    jw_result result = start_def(world, &def, NULL);
    assert_true(result == JW_OK || result == JW_ERROR_LIMIT);
    source.is_refused[i] = result == JW_ERROR_LIMIT;
    if (i + 1 < source.count) {
        double gap_s = jw_random_exponential(key, i, 0, 1 / source.flows_per_s);
        source_at(world, jw_world_time_ns(world) + jw_ns_from_s(gap_s), i + 1);
    }
}

/* Of the times of `count` flows (or of how many were refused): mean and half width of the 99 % confidence
 * interval, by batch means: 50 batches, Student's t of 49 degrees of freedom at 0.995. */
static double measure(const jw_net_link_def *link, bool is_of_refused, double *out)
{
    enum { BATCHES = 50 };
    double batch[BATCHES] = {0}, variance = 0;
    jw_net_link_def links[] = {*link, {.from = "b", .to = "c", .capacity_bps = 1e9}};
    shared *made = shared_create();
    made->on_source = arrive;
    jw_world *world = line(made, links, 2);
    source_at(world, 0, 0);
    run_for(world, source.count / source.flows_per_s * 1.1 + 500);
    check_identities(world, network_of(world));
    int64_t refused = 0;
    for (uint32_t i = 0; i < source.count; i++) {
        assert_int_equal(made->seen.finished[i], !source.is_refused[i]);
        refused += source.is_refused[i];
        batch[(uint64_t)i * BATCHES / source.count] +=
            (is_of_refused ? source.is_refused[i]
                           : jw_s_from_ns(made->seen.time_ns[i] - source.start_ns[i])) *
            BATCHES / source.count;
    }
    assert_int_equal(jw_network_count(world, network_of(world)).flows_refused, refused);
    *out = 0;
    for (int i = 0; i < BATCHES; i++) {
        *out += batch[i] / BATCHES;
    }
    for (int i = 0; i < BATCHES; i++) {
        variance += (batch[i] - *out) * (batch[i] - *out) / (BATCHES - 1);
    }
    jw_world_destroy(world);
    shared_destroy(made);
    return 2.680 * sqrt(variance / BATCHES);
}

/* Flows that share a link are M/G/1 with processor sharing: E[S] / (1 - load), whatever the sizes are
 * (Kleinrock, "Queueing Systems" volume 2, 4.4). */
static void test_processor_sharing(void **state)
{
    (void)state;
    static const char *const names[] = {"fixed", "exponential", "two sizes"};
    jw_net_link_def link = {.from = "a", .to = "b", .capacity_bps = 1e6};
    for (int k = 0; k < 2 * SIZE_COUNT; k++) {
        double load = k < SIZE_COUNT ? 0.5 : 0.8, wanted_s = 1 / (1 - load), mean_s;
        source.flows_per_s = load, source.cap_bps = 0;
        source.sizes = k % SIZE_COUNT, source.count = load > 0.6 ? TAGS_MAX : 60000;
        double half_width_s = measure(&link, false, &mean_s);
        printf("M/G/1-PS, %s, load %.1f: %.3f +- %.3f s, closed form %.1f\n", names[source.sizes], load,
               mean_s, half_width_s, wanted_s);
        assert_true(fabs(mean_s - wanted_s) < half_width_s);
        assert_true(half_width_s < 0.1 * wanted_s); /* narrow enough to tell */
    }
}

static double erlang_b(uint32_t circuits, double erlang)
{
    double blocking = 1;
    for (uint32_t i = 1; i <= circuits; i++) {
        blocking = erlang * blocking / (i + erlang * blocking);
    }
    return blocking;
}

/* Circuits of 1 Mbit/s on a link that admits ten: the share refused is Erlang's first formula, whatever the
 * holding times are (ITU-T E.501 annex A; Gross and Harris, "Fundamentals of Queueing Theory", 2.6). */
static void test_erlang_b(void **state)
{
    (void)state;
    static const double erlang[] = {5, 8, 12};
    jw_net_link_def link = {.from = "a", .to = "b", .capacity_bps = 10e6, .max_flows = 10};
    for (int k = 0; k < 3; k++) {
        double wanted = erlang_b(10, erlang[k]), share;
        source.flows_per_s = erlang[k], source.cap_bps = 1e6;
        source.sizes = k, source.count = 150000;
        double half_width = measure(&link, true, &share);
        printf("Erlang B, 10 circuits, %.0f erlang: %.5f +- %.5f refused, closed form %.5f\n", erlang[k],
               share, half_width, wanted);
        assert_true(fabs(share - wanted) < half_width);
        assert_true(half_width < 0.15 * wanted);
    }
    assert_true(fabs(erlang_b(10, 5) - 0.018385) < 1e-6); /* printed in every table */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slow_start),
                                       cmocka_unit_test(test_beside_others),
                                       cmocka_unit_test(test_losses),
                                       cmocka_unit_test(test_delay),
                                       cmocka_unit_test(test_processor_sharing),
                                       cmocka_unit_test(test_erlang_b)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
