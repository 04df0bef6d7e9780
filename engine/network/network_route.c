/* Routing: shortest delay (propagation + equipment) over the links that routing believes to be up. The ways
 * to a destination are computed when first asked for and kept until the topology changes: a city's messages
 * go to a few dozen destinations out of thousands of nodes.
 *
 * Ways of equal delay share the traffic (equal-cost multipath, RFC 2991): at each node a hash of the asker's
 * key, the node and the destination picks among them, so a flow stays on one way and flows spread evenly.
 * What is known here depends on the topology alone, not on the order of questions: a cache, neither saved nor
 * hashed. */
#include "network/network_internal.h"

#include <string.h>

/* To one target: by node the direction that leaves it on the shortest way, JW_NONE without any, or, of
 * several, SEVERAL and where in `several` they stand: their count, then they, ascending. One way is one look
 * into memory, which is what a flow's way costs where there are many targets. */
typedef struct route_tree {
    uint32_t *next;
    uint32_t *several;
    uint32_t next_capacity, several_capacity;
    uint32_t epoch; /* valid when equal to the routes' */
} route_tree;

#define SEVERAL 0x80000000u /* above all directions and places */

typedef struct queue_entry {
    int64_t delay_ns;
    uint32_t node;
} queue_entry;

struct net_routes {
    uint32_t epoch;
    uint32_t index_epoch; /* of the two arrays below */
    uint32_t *first;      /* node_count + 1, into `out` */
    uint32_t *out;        /* directions that leave a node */
    uint32_t first_capacity, out_capacity;
    route_tree *trees; /* by target */
    uint32_t tree_capacity;
    int64_t *delay_ns; /* scratch by node */
    queue_entry *queue;
    uint32_t delay_capacity, queue_capacity;
};

jw_result jw_network_routes_create(net_routes **out, jw_error *error)
{
    *out = jw_alloc(sizeof **out);
    if (!*out) {
        return jw_fail_memory(error);
    }
    (*out)->epoch = 1;
    return JW_OK;
}

void jw_network_routes_destroy(net_routes *routes)
{
    if (!routes) {
        return;
    }
    for (uint32_t i = 0; i < routes->tree_capacity; i++) {
        jw_free(routes->trees[i].next);
        jw_free(routes->trees[i].several);
    }
    jw_free(routes->first);
    jw_free(routes->out);
    jw_free(routes->trees);
    jw_free(routes->delay_ns);
    jw_free(routes->queue);
    jw_free(routes);
}

void jw_network_routes_forget(net_routes *routes)
{
    routes->epoch++;
}

static jw_result index_links(const jw_network *network, net_routes *routes)
{
    uint32_t nodes = network->node_count, links = network->link_count;
    jw_result result =
        jw_grow((void **)&routes->first, &routes->first_capacity, nodes + 2, sizeof *routes->first, NULL);
    if (!result && links > 0) {
        result = jw_grow((void **)&routes->out, &routes->out_capacity, 2 * (uint64_t)links,
                         sizeof *routes->out, NULL);
    }
    if (result) {
        return result;
    }
    memset(routes->first, 0, (nodes + 2) * sizeof *routes->first);
    for (uint32_t i = 0; i < links; i++) {
        routes->first[network->links[i].from + 2]++;
        routes->first[network->links[i].to + 2]++;
    }
    for (uint32_t i = 2; i < nodes + 2; i++) {
        routes->first[i] += routes->first[i - 1];
    }
    for (uint32_t i = 0; i < links; i++) { /* first[n + 1] runs from the start of n to the start of n + 1 */
        routes->out[routes->first[network->links[i].from + 1]++] = 2 * i;
        routes->out[routes->first[network->links[i].to + 1]++] = 2 * i + 1;
    }
    routes->index_epoch = routes->epoch;
    return JW_OK;
}

static bool is_before(queue_entry a, queue_entry b)
{
    return a.delay_ns != b.delay_ns ? a.delay_ns < b.delay_ns : a.node < b.node;
}

static void push(queue_entry *queue, uint32_t *count, queue_entry entry)
{
    uint32_t i = (*count)++;
    while (i > 0 && is_before(entry, queue[(i - 1) / 2])) {
        queue[i] = queue[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    queue[i] = entry;
}

static queue_entry pop(queue_entry *queue, uint32_t *count)
{
    queue_entry top = queue[0], last = queue[--*count];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= *count) {
            break;
        }
        if (child + 1 < *count && is_before(queue[child + 1], queue[child])) {
            child++;
        }
        if (!is_before(queue[child], last)) {
            break;
        }
        queue[i] = queue[child];
        i = child;
    }
    queue[i] = last;
    return top;
}

/* Dijkstra from the target outwards: links are full duplex with equal delay both ways. */
static void measure_delays(const jw_network *network, net_routes *routes, uint32_t target)
{
    for (uint32_t i = 0; i < network->node_count; i++) {
        routes->delay_ns[i] = INT64_MAX;
    }
    uint32_t queued = 0;
    routes->delay_ns[target] = 0;
    push(routes->queue, &queued, (queue_entry){0, target});
    while (queued > 0) {
        queue_entry entry = pop(routes->queue, &queued);
        if (entry.delay_ns > routes->delay_ns[entry.node]) {
            continue;
        }
        for (uint32_t i = routes->first[entry.node]; i < routes->first[entry.node + 1]; i++) {
            uint32_t direction = routes->out[i];
            const net_link *link = &network->links[direction / 2];
            uint32_t other = direction & 1 ? link->from : link->to;
            int64_t delay_ns = entry.delay_ns + link->delay_ns;
            if (link->is_known_up && delay_ns < routes->delay_ns[other]) {
                routes->delay_ns[other] = delay_ns;
                push(routes->queue, &queued, (queue_entry){delay_ns, other});
            }
        }
    }
}

/* Every direction that brings a node nearer by exactly its own delay, which is above 0: no loops. */
static jw_result list_next(const jw_network *network, net_routes *routes, route_tree *tree)
{
    uint32_t end = 0;
    for (uint32_t node = 0; node < network->node_count; node++) {
        uint32_t first = routes->first[node], last = routes->first[node + 1], count = 0;
        jw_result result = jw_grow((void **)&tree->several, &tree->several_capacity,
                                   (uint64_t)end + 1 + last - first, sizeof *tree->several, NULL);
        if (result)
            return result;
        for (uint32_t i = first; i < last; i++) {
            uint32_t direction = routes->out[i];
            const net_link *link = &network->links[direction / 2];
            int64_t rest_ns = routes->delay_ns[direction & 1 ? link->from : link->to];
            if (link->is_known_up && rest_ns != INT64_MAX &&
                rest_ns + link->delay_ns == routes->delay_ns[node])
                tree->several[end + ++count] = direction;
        }
        tree->next[node] = count == 0 ? JW_NONE : count == 1 ? tree->several[end + 1] : SEVERAL | end;
        if (count > 1) {
            tree->several[end] = count;
            end += 1 + count;
        }
    }
    return JW_OK;
}

static jw_result grow_tree(const jw_network *network, net_routes *routes, uint32_t target)
{
    uint32_t nodes = network->node_count;
    route_tree *tree = &routes->trees[target];
    jw_result result = jw_grow((void **)&tree->next, &tree->next_capacity, nodes, sizeof *tree->next, NULL);
    if (!result) {
        result = jw_grow((void **)&routes->delay_ns, &routes->delay_capacity, nodes, sizeof(int64_t), NULL);
    }
    if (!result) { /* an entry per relaxation, at most one per direction, and the target */
        result = jw_grow((void **)&routes->queue, &routes->queue_capacity,
                         2 * (uint64_t)network->link_count + 1, sizeof *routes->queue, NULL);
    }
    if (!result) {
        measure_delays(network, routes, target);
        result = list_next(network, routes, tree);
    }
    if (!result) {
        tree->epoch = routes->epoch;
    }
    return result;
}

jw_result jw_network_next_hop(const jw_network *network, uint32_t node, uint32_t target, uint64_t key,
                              uint32_t *out_direction)
{
    net_routes *routes = network->routes;
    jw_result result = JW_OK;
    *out_direction = JW_NONE;
    if (target >= routes->tree_capacity) {
        result = jw_grow((void **)&routes->trees, &routes->tree_capacity, network->node_count,
                         sizeof *routes->trees, NULL);
    }
    if (!result && routes->index_epoch != routes->epoch) {
        result = index_links(network, routes);
    }
    if (!result && routes->trees[target].epoch != routes->epoch) {
        result = grow_tree(network, routes, target);
    }
    if (!result) {
        const route_tree *tree = &routes->trees[target];
        *out_direction = tree->next[node];
        if (*out_direction != JW_NONE &&
            (*out_direction & SEVERAL)) { /* the upper half of the hash, scaled */
            const uint32_t *several = tree->several + (*out_direction & ~SEVERAL);
            uint64_t hash = jw_hash_u64(jw_hash_u64(key, node), target);
            *out_direction = several[1 + ((hash >> 32) * several[0] >> 32)];
        }
    }
    return result;
}
