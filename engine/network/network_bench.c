/* How fast flows are: random ones through a fat tree, each end and size drawn, at a rate or all at once. Wall
 * time is shown, never part of the state. */
#include "network/network_internal.h"

#include <stdio.h>
#include <string.h>

#define LINK_BPS     10e9
#define LINK_DELAY_S 10e-6
#define END_S        36000.0 /* nothing drawn here takes that long */

/* A fat tree of three levels, XGFT(3; 8,8,8; 1,2,2) of Ohring et al. (1995): 512 hosts, 64 leaf switches in
 * eight groups, 16 middle switches, 4 at the top. */
enum { HOSTS = 512, LEAVES = 64, MIDDLES = 16, TOPS = 4, LINKS = HOSTS + 2 * LEAVES + 2 * MIDDLES };

typedef struct launcher {
    net_shared shared; /* first: what every world's shared data begins with */
    const jw_network_bench_def *def;
    jw_network_bench_result *out;
    jw_random_key key;
    uint64_t *start_ns; /* by tag */
    double completion_s;
    int64_t empty_bytes, most_bytes;
    FILE *list;
    jw_result failure;
    uint16_t module;
} launcher;

static void launch(jw_world *world, launcher *l, uint32_t tag)
{
    jw_network *network = jw_world_state(world, (uint32_t)jw_world_find_module(world, "network"));
    uint32_t from = jw_random_index(l->key, tag, 0, HOSTS), to = jw_random_index(l->key, tag, 1, HOSTS - 1);
    to += to >= from;
    double mean_bytes = l->def->mean_bytes;
    jw_flow_def def = {.from = {from + 1, 1},
                       .to = {to + 1, 1},
                       .size_bytes =
                           1 + (int64_t)(-mean_bytes * jw_log(1 - jw_random_uniform(l->key, tag, 2))),
                       .kind = JW_TRAFFIC_AI,
                       .tag = tag};
    l->start_ns[tag] = (uint64_t)jw_world_time_ns(world);
    jw_flow_id id;
    jw_result result = jw_network_start_flow(world, network, &def, &id, NULL);
    if (result)
        l->failure = result;
    if (l->list && !result) {
        const net_flow *flow = &network->flows[id.index1 - 1];
        fprintf(l->list, "%.9f %u %u %lld %u", jw_s_from_ns(jw_world_time_ns(world)), from, to,
                (long long)def.size_bytes, flow->hop_count);
        for (uint32_t i = 0; i < flow->hop_count; i++)
            fprintf(l->list, " %u", jw_network_flow_hops(network, flow)[i]);
        fputc('\n', l->list);
    }
    if (network->flow_pool.alive_count > l->out->peak_flows)
        l->out->peak_flows = network->flow_pool.alive_count;
}

static void on_event(jw_world *world, void *state, const jw_event *event)
{
    (void)state;
    launcher *l = jw_world_shared(world);
    launch(world, l, event->a);
    if (event->a + 1 < l->def->flows) {
        double gap_s = l->def->flows_per_s > 0
                           ? -jw_log(1 - jw_random_uniform(l->key, event->a, 3)) / l->def->flows_per_s
                           : 0;
        jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(gap_s), JW_PRIORITY_NORMAL, l->module, 0,
                    event->a + 1, 0);
    }
}

static void on_finished(jw_world *world, uint64_t tag)
{
    launcher *l = jw_world_shared(world);
    l->completion_s += jw_s_from_ns(jw_world_time_ns(world) - (int64_t)l->start_ns[tag]);
    int64_t bytes = jw_allocated_bytes();
    l->most_bytes = bytes > l->most_bytes ? bytes : l->most_bytes;
}

static const jw_module launcher_module = {
    .name = "launcher", .version = 1, .state_size = 8, .on_event = on_event};

static void join(jw_net_link_def *links, uint32_t *count, const jw_net_node_def *from,
                 const jw_net_node_def *to)
{
    jw_net_link_def *link = &links[(*count)++];
    *link = (jw_net_link_def){.capacity_bps = LINK_BPS, .length_m = 0.01, .extra_delay_s = LINK_DELAY_S};
    jw_text_copy(link->from, sizeof link->from, from->name);
    jw_text_copy(link->to, sizeof link->to, to->name);
}

static void make_tree(jw_net_node_def *nodes, jw_net_link_def *links)
{
    jw_net_node_def *leaves = nodes + HOSTS, *middles = leaves + LEAVES, *tops = middles + MIDDLES;
    for (uint32_t i = 0; i < HOSTS + LEAVES + MIDDLES + TOPS; i++) {
        nodes[i].kind = i < HOSTS ? JW_NET_HOST : JW_NET_SWITCH;
        snprintf(nodes[i].name, sizeof nodes[i].name, "%c%u", i < HOSTS ? 'h' : 's', i);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < HOSTS; i++)
        join(links, &count, &nodes[i], &leaves[i / 8]);
    for (uint32_t i = 0; i < 2 * LEAVES; i++) /* two middle switches for each group of eight */
        join(links, &count, &leaves[i / 2], &middles[i / 16 * 2 + i % 2]);
    for (uint32_t i = 0; i < 2 * MIDDLES;
         i++) /* even ones under the first two at the top, odd under the rest */
        join(links, &count, &middles[i / 2], &tops[i / 2 % 2 * 2 + i % 2]);
}

static jw_result run(jw_world *world, launcher *l, jw_error *error)
{
    jw_network *network = jw_world_state(world, (uint32_t)jw_world_find_module(world, "network"));
    jw_network_ports ports = {.flow_finished = on_finished};
    jw_network_set_ports(network, &ports);
    for (uint32_t i = 0; i < HOSTS; i++) { /* ways are found once, not once a flow */
        uint32_t direction;
        if (jw_network_next_hop(network, (i + 1) % HOSTS, i, 0, &direction))
            return jw_fail_memory(error);
    }
    l->module = (uint16_t)jw_world_find_module(world, "launcher");
    l->empty_bytes = l->most_bytes = jw_allocated_bytes();
    if (l->list) {
        fprintf(l->list, "wires %u %g\nflows %u\n", 2 * LINKS, LINK_BPS / 8, l->def->flows);
    }
    double begin_s = jw_clock_seconds();
    jw_schedule(world, jw_world_time_ns(world) + 1, JW_PRIORITY_NORMAL, l->module, 0, 0, 0);
    jw_result result = JW_OK;
    jw_network_counts counts = {0};
    while (!result && counts.flows_finished < l->def->flows) {
        result = jw_world_step(world, error);
        counts = jw_network_count(world, network);
        if (!result && (l->failure || jw_s_from_ns(jw_world_time_ns(world)) > END_S))
            result = jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "the benchmark's flows do not end");
    }
    l->out->flows_per_wall_s = l->def->flows / (jw_clock_seconds() - begin_s);
    l->out->bytes_per_flow = (double)(l->most_bytes - l->empty_bytes) / l->out->peak_flows;
    l->out->mean_completion_s = l->completion_s / l->def->flows;
    l->out->hash = jw_world_hash(world);
    return result;
}

jw_result jw_network_bench(const jw_network_bench_def *def, jw_network_bench_result *out, jw_error *error)
{
    *out = (jw_network_bench_result){0};
    enum { NODES = HOSTS + LEAVES + MIDDLES + TOPS };
    jw_net_node_def *nodes = jw_alloc(NODES * sizeof *nodes);
    jw_net_link_def *links = jw_alloc(LINKS * sizeof *links);
    launcher l = {.def = def, .out = out, .start_ns = jw_alloc(def->flows * sizeof(uint64_t))};
    jw_world *world = NULL;
    jw_result result = nodes && links && l.start_ns ? JW_OK : jw_fail_memory(error);
    if (!result) {
        make_tree(nodes, links);
        jw_network_def network = jw_default_network_def();
        network.nodes = nodes, network.node_count = NODES;
        network.links = links, network.link_count = LINKS;
        jw_module_entry modules[] = {{&jw_network_module, &network}, {&launcher_module, NULL}};
        jw_world_def world_def = {
            .seed = 1, .threads = 1, .modules = modules, .module_count = 2, .shared = &l};
        result = jw_world_create(&world_def, &world, error);
    }
    if (!result) {
        l.key = jw_world_random(world, jw_hash_text(0, "network.bench"));
        l.list = def->list_path ? fopen(def->list_path, "w") : NULL;
        result = def->list_path && !l.list
                     ? jw_fail(error, JW_ERROR_IO, def->list_path, 0, "the list cannot be written")
                     : run(world, &l, error);
        if (l.list && fclose(l.list) != 0 && !result)
            result = jw_fail(error, JW_ERROR_IO, def->list_path, 0, "the list cannot be written");
    }
    jw_world_destroy(world);
    jw_free(nodes);
    jw_free(links);
    jw_free(l.start_ns);
    return result;
}
