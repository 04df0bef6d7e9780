#include "network/network_fixture.h"

#include <stdlib.h>
#include <string.h>

shared *shared_create(void)
{
    shared *made = calloc(1, sizeof *made);
    assert_non_null(made);
    return made;
}

void shared_destroy(shared *made)
{
    free(made);
}

static seen *seen_of(jw_world *world)
{
    return &((shared *)jw_world_shared(world))->seen;
}

static void on_delivered(jw_world *world, uint64_t tag)
{
    seen_of(world)->delivered[tag]++;
    seen_of(world)->time_ns[tag] = jw_world_time_ns(world);
}

static void on_lost(jw_world *world, uint64_t tag, jw_net_loss why)
{
    seen_of(world)->lost[tag]++;
    seen_of(world)->why[tag] = why;
    seen_of(world)->time_ns[tag] = jw_world_time_ns(world);
}

static void on_finished(jw_world *world, uint64_t tag)
{
    seen_of(world)->finished[tag]++;
    seen_of(world)->time_ns[tag] = jw_world_time_ns(world);
}

static void on_failed(jw_world *world, uint64_t tag)
{
    seen_of(world)->failed[tag]++;
    seen_of(world)->time_ns[tag] = jw_world_time_ns(world);
}

jw_network *network_of(jw_world *world)
{
    return jw_world_state(world, jw_world_find_module(world, "network"));
}

static void on_source_event(jw_world *world, void *state, const jw_event *event)
{
    (void)state;
    ((shared *)jw_world_shared(world))->on_source(world, event->a);
}

static const jw_module source_module = {
    .name = "source", .version = 1, .state_size = 8, .on_event = on_source_event};

void source_at(jw_world *world, int64_t time_ns, uint32_t a)
{
    jw_schedule(world, time_ns, JW_PRIORITY_NORMAL, (uint16_t)jw_world_find_module(world, "source"), 0, a, 0);
}

jw_world *world_create(const jw_network_def *def, shared *made, int64_t dt_ns, int threads)
{
    jw_module_entry modules[] = {{&jw_network_module, def}, {&source_module, NULL}};
    jw_world_def world_def = {
        .seed = 7, .dt_ns = dt_ns, .threads = threads, .modules = modules, .module_count = 2, .shared = made};
    jw_world *world = NULL;
    jw_error error = {0};
    if (jw_world_create(&world_def, &world, &error) != JW_OK) {
        fail_msg("%s", error.message);
    }
    jw_network_ports ports = {.message_delivered = on_delivered,
                              .message_lost = on_lost,
                              .flow_finished = on_finished,
                              .flow_failed = on_failed};
    jw_network_set_ports(network_of(world), &ports);
    return world;
}

void run_for(jw_world *world, double seconds)
{
    int64_t end_ns = jw_world_time_ns(world) + jw_ns_from_s(seconds);
    while (jw_world_time_ns(world) < end_ns) {
        jw_error error = {0};
        if (jw_world_step(world, &error) != JW_OK) {
            fail_msg("%s", error.message);
        }
    }
}

jw_net_end at_node(const jw_network *network, const char *name)
{
    return (jw_net_end){.node = jw_network_find_node(network, name)};
}

jw_net_end at_user(jw_user_id user)
{
    return (jw_net_end){.user = user};
}

void send(jw_world *world, const char *from, const char *to, int64_t size_bytes, uint8_t kind, uint64_t tag)
{
    jw_network *network = network_of(world);
    jw_message_def def = {.from = at_node(network, from),
                          .to = at_node(network, to),
                          .size_bytes = size_bytes,
                          .kind = kind,
                          .tag = tag};
    assert_int_equal(jw_network_send(world, network, &def, NULL), JW_OK);
}

jw_flow_id start(jw_world *world, const char *from, const char *to, int64_t size_bytes, double cap_bps,
                 uint64_t tag)
{
    jw_network *network = network_of(world);
    jw_flow_def def = {.from = at_node(network, from).node,
                       .to = at_node(network, to).node,
                       .size_bytes = size_bytes,
                       .rate_cap_bps = cap_bps,
                       .tag = tag};
    jw_flow_id flow;
    assert_int_equal(jw_network_start_flow(world, network, &def, &flow, NULL), JW_OK);
    return flow;
}

void check_identities(const jw_world *world, const jw_network *network)
{
    jw_network_counts c = jw_network_count(world, network);
    assert_int_equal(c.messages_sent, c.messages_delivered + c.messages_lost + c.messages_in_flight);
    assert_int_equal(c.flows_started, c.flows_finished + c.flows_failed + c.flows_stopped + c.flows_running);
    assert_int_equal(c.flow_bytes_offered,
                     c.flow_bytes_carried + c.flow_bytes_dropped + c.flow_bytes_remaining);
    int64_t carried[JW_TRAFFIC_KIND_COUNT] = {0}, dropped[JW_TRAFFIC_KIND_COUNT] = {0};
    jw_link_bytes b;
    for (uint32_t i = 0; jw_network_link_bytes(network, i / 2, i & 1, &b); i++) {
        for (int k = 0; k < JW_TRAFFIC_KIND_COUNT; k++) {
            assert_int_equal(b.offered[k], b.carried[k] + b.dropped[k] + b.queued[k]);
            assert_true(b.queued[k] >= 0 && b.dropped[k] >= 0 && b.carried[k] >= 0);
            assert_true(c.messages_in_flight > 0 || b.queued[k] == 0);
            carried[k] += b.carried[k], dropped[k] += b.dropped[k];
        }
    }
    for (int k = 0; k < JW_TRAFFIC_KIND_COUNT; k++) {
        assert_int_equal(carried[k], c.bytes_carried[k]);
        assert_int_equal(dropped[k], c.bytes_dropped[k]);
    }
}
