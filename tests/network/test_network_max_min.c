/* Max-min rates: by hand, against a plain water-filling, and the incremental sharing against the whole. */
#include "network/network_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Links of 10 and 4; A over both, B on the first, C on the second: 2, 8, 2 (SimGrid, network/model:CM02). */
static void test_hand_made(void **state)
{
    (void)state;
    double capacity[] = {10, 4}, rate[3];
    uint32_t first[] = {0, 2, 3, 4}, links[] = {0, 1, 0, 1};
    assert_int_equal(jw_max_min(capacity, 2, first, links, NULL, NULL, 3, rate, NULL), JW_OK);
    assert_true(fabs(rate[0] - 2) < 1e-9 && fabs(rate[1] - 8) < 1e-9 && fabs(rate[2] - 2) < 1e-9);
    double cap[] = {1, 0, 0}, weight[] = {0, 3, 1};
    assert_int_equal(jw_max_min(capacity, 2, first, links, cap, weight, 3, rate, NULL), JW_OK);
    assert_true(fabs(rate[0] - 1) < 1e-9 && fabs(rate[1] - 9) < 1e-9 && fabs(rate[2] - 3) < 1e-9);
    weight[0] = 2; /* C against A one to two on the second link, without caps */
    assert_int_equal(jw_max_min(capacity, 2, first, links, NULL, weight, 3, rate, NULL), JW_OK);
    assert_true(fabs(rate[0] - 8.0 / 3) < 1e-9 && fabs(rate[1] - 22.0 / 3) < 1e-9 &&
                fabs(rate[2] - 4.0 / 3) < 1e-9);
}

static void test_bad_input(void **state)
{
    (void)state;
    double capacity[] = {1}, rate[1], bad_capacity[] = {-1};
    uint32_t none[] = {0, 0}, one[] = {0, 1}, far[] = {3}, near[] = {0};
    jw_error error = {0};
    assert_int_equal(jw_max_min(capacity, 1, none, near, NULL, NULL, 1, rate, &error), JW_ERROR_INPUT);
    assert_true(strlen(error.message) > 0);
    assert_int_equal(jw_max_min(capacity, 1, one, far, NULL, NULL, 1, rate, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_max_min(bad_capacity, 1, one, near, NULL, NULL, 1, rate, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_allocated_bytes(), 0);
}

#define LINKS_MAX 40
#define FLOWS_MAX 60
#define HOPS_MAX  6

typedef struct problem {
    uint32_t links, flows;
    double capacity[LINKS_MAX], cap[FLOWS_MAX], weight[FLOWS_MAX], rate[FLOWS_MAX];
    uint32_t first[FLOWS_MAX + 1], uses[FLOWS_MAX * HOPS_MAX];
} problem;

/* Textbook filling, one level at a time, looking at everything each time. */
static void plain_filling(problem *p)
{
    bool is_frozen[FLOWS_MAX] = {0};
    for (uint32_t left = p->flows; left > 0;) {
        double level = INFINITY;
        for (uint32_t l = 0; l < p->links; l++) {
            double free_capacity = p->capacity[l], weight = 0;
            for (uint32_t f = 0; f < p->flows; f++) {
                for (uint32_t u = p->first[f]; u < p->first[f + 1]; u++) {
                    if (p->uses[u] == l && is_frozen[f]) {
                        free_capacity -= p->rate[f];
                    } else if (p->uses[u] == l) {
                        weight += p->weight[f];
                    }
                }
            }
            if (weight > 0) {
                level = jw_min(level, free_capacity / weight);
            }
        }
        for (uint32_t f = 0; f < p->flows; f++) {
            if (!is_frozen[f] && p->cap[f] > 0) {
                level = jw_min(level, p->cap[f] / p->weight[f]);
            }
        }
        bool now_frozen[FLOWS_MAX] = {0};
        for (uint32_t f = 0; f < p->flows; f++) {
            if (is_frozen[f]) {
                continue;
            }
            bool is_held = p->cap[f] > 0 && p->cap[f] / p->weight[f] <= level * (1 + 1e-12);
            for (uint32_t u = p->first[f]; u < p->first[f + 1]; u++) {
                double used = 0, weight = 0;
                for (uint32_t g = 0; g < p->flows; g++) {
                    for (uint32_t v = p->first[g]; v < p->first[g + 1]; v++) {
                        if (p->uses[v] == p->uses[u]) {
                            used += is_frozen[g] ? p->rate[g] : 0;
                            weight += is_frozen[g] ? 0 : p->weight[g];
                        }
                    }
                }
                is_held |= (p->capacity[p->uses[u]] - used) / weight <= level * (1 + 1e-12);
            }
            if (is_held) {
                now_frozen[f] = true;
                p->rate[f] = level * p->weight[f];
                left--;
            }
        }
        for (uint32_t f = 0; f < p->flows; f++) {
            is_frozen[f] |= now_frozen[f];
        }
    }
}

static double draw(uint64_t *counter)
{
    return jw_random_uniform((jw_random_key){1, 2}, 3, (*counter)++);
}

static void test_random_problems(void **state)
{
    (void)state;
    uint64_t counter = 0;
    for (int round = 0; round < 1000; round++) {
        problem p = {.links = 1 + (uint32_t)(draw(&counter) * (LINKS_MAX - 1)),
                     .flows = 1 + (uint32_t)(draw(&counter) * (FLOWS_MAX - 1))};
        for (uint32_t l = 0; l < p.links; l++) {
            p.capacity[l] =
                draw(&counter) < 0.5 ? 1 + (double)(int)(draw(&counter) * 4) : draw(&counter) * 10 + 0.01;
        }
        for (uint32_t f = 0; f < p.flows; f++) {
            p.first[f + 1] = p.first[f];
            p.cap[f] = draw(&counter) < 0.3 ? draw(&counter) + 0.01 : 0;
            p.weight[f] = draw(&counter) < 0.5 ? 1 : 0.1 + draw(&counter);
            uint32_t start_link = (uint32_t)(draw(&counter) * p.links),
                     hops = 1 + (uint32_t)(draw(&counter) * HOPS_MAX);
            for (uint32_t h = 0; h < hops && h < p.links && h < HOPS_MAX; h++) {
                p.uses[p.first[f + 1]++] = (start_link + 7 * h * h + h) % p.links;
                for (uint32_t u = p.first[f]; u + 1 < p.first[f + 1]; u++) { /* a link once */
                    if (p.uses[u] == p.uses[p.first[f + 1] - 1]) {
                        p.first[f + 1]--;
                        break;
                    }
                }
            }
        }
        double rate[FLOWS_MAX];
        assert_int_equal(
            jw_max_min(p.capacity, p.links, p.first, p.uses, p.cap, p.weight, p.flows, rate, NULL), JW_OK);
        plain_filling(&p);
        for (uint32_t f = 0; f < p.flows; f++) {
            assert_true(fabs(rate[f] - p.rate[f]) <= 1e-9 * (1 + p.rate[f]));
        }
    }
}

/* A ring of switches with hosts: hundreds of flows come and go; after each change the rates that the module
 * found by looking around the change are those of the whole problem. */
enum { NODES = 24 };

static void check_against_whole(const jw_network *network, const uint32_t *from, const uint32_t *to,
                                const double *cap, const jw_flow_id *ids, uint32_t count)
{
    /* Ring 0..NODES-1, link i joins i and i + 1; clockwise i is direction 2i, back 2i + 1. The module took
     * the shorter way; the test's pairs are never opposite each other. */
    static double capacity[2 * NODES], caps[1000], rate[1000];
    static uint32_t first[1001], uses[1000 * NODES], row[1000];
    uint32_t rows = 0, use = 0;
    for (uint32_t i = 0; i < 2 * NODES; i++) {
        capacity[i] = 1e6 * (double)(1 + (i / 2) % 5);
    }
    for (uint32_t f = 0; f < count; f++) {
        if (!ids[f].index1) {
            continue;
        }
        uint32_t ahead = (to[f] + NODES - from[f]) % NODES;
        first[rows] = use;
        for (uint32_t node = from[f]; node != to[f];
             node = (node + (ahead < NODES / 2 ? 1 : NODES - 1)) % NODES) {
            uses[use++] = ahead < NODES / 2 ? 2 * node : 2 * ((node + NODES - 1) % NODES) + 1;
        }
        caps[rows] = cap[f];
        row[rows++] = f;
    }
    first[rows] = use;
    assert_int_equal(jw_max_min(capacity, 2 * NODES, first, uses, caps, NULL, rows, rate, NULL), JW_OK);
    for (uint32_t r = 0; r < rows; r++) {
        double got_bps = jw_network_flow_rate_bps(network, ids[row[r]]);
        assert_true(fabs(got_bps - rate[r]) <= 1e-9 * rate[r]);
    }
}

static void test_incremental(void **state)
{
    (void)state;
    jw_net_node_def nodes[NODES] = {0};
    jw_net_link_def links[NODES] = {0};
    for (int i = 0; i < NODES; i++) {
        snprintf(nodes[i].name, sizeof nodes[i].name, "n%d", i);
        snprintf(links[i].from, sizeof links[i].from, "n%d", i);
        snprintf(links[i].to, sizeof links[i].to, "n%d", (i + 1) % NODES);
        links[i].length_m = 1000;
        links[i].capacity_bps = 1e6 * (1 + i % 5);
    }
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = NODES, def.links = links, def.link_count = NODES;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 100 * JW_NS_PER_MS, 1);
    enum { FLOWS = 400 };
    static jw_flow_id ids[FLOWS];
    static uint32_t from[FLOWS], to[FLOWS];
    static double cap[FLOWS];
    memset(ids, 0, sizeof ids);
    uint64_t counter = 0;
    for (int step = 0; step < 600; step++) {
        for (int k = 0; k < 3; k++) {
            uint32_t f = (uint32_t)(draw(&counter) * FLOWS);
            if (ids[f].index1) {
                jw_network_stop_flow(world, network_of(world), ids[f]);
                ids[f] = (jw_flow_id){0, 0};
            } else {
                char from_name[16], to_name[16];
                from[f] = (uint32_t)(draw(&counter) * NODES);
                to[f] = (from[f] + 1 + (uint32_t)(draw(&counter) * 10)) % NODES;
                cap[f] = draw(&counter) < 0.4 ? 1e4 + draw(&counter) * 1e5 : 0;
                snprintf(from_name, sizeof from_name, "n%u", from[f]);
                snprintf(to_name, sizeof to_name, "n%u", to[f]);
                ids[f] = start(world, from_name, to_name, INT64_C(1) << 50, cap[f], f);
            }
        }
        run_for(world, 0.1);
        check_against_whole(network_of(world), from, to, cap, ids, FLOWS);
        check_identities(world, network_of(world));
    }
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* 1,000 random trees, some links of equal capacity, flows with weights and caps that come and go: after each
 * change the rates of the running network are those of filling it whole. And 1,000 with few flows, most of
 * them alone on their links, which go from idle to live and back one at a time. */
enum { TREE_LINKS = 20, TREE_FLOWS = 40, TREE_ROUNDS = 4, FEW_FLOWS = 6, FEW_ROUNDS = 16 };

typedef struct tree {
    uint32_t count; /* of links; link i joins node i + 1 to its parent: direction 2i up, 2i + 1 down */
    uint32_t parent[TREE_LINKS + 1], depth[TREE_LINKS + 1];
    double capacity[2 * TREE_LINKS];
    uint32_t from[TREE_FLOWS], to[TREE_FLOWS];
    double cap[TREE_FLOWS], weight[TREE_FLOWS];
    jw_flow_id ids[TREE_FLOWS];
} tree;

static jw_world *make_tree(tree *t, shared *made, uint64_t *counter)
{
    jw_net_node_def nodes[TREE_LINKS + 1] = {{.name = "n0"}};
    jw_net_link_def links[TREE_LINKS] = {0};
    memset(t, 0, sizeof *t);
    t->count = 1 + (uint32_t)(draw(counter) * (TREE_LINKS - 1));
    for (uint32_t i = 0; i < t->count; i++) {
        t->parent[i + 1] = (uint32_t)(draw(counter) * (i + 1));
        t->depth[i + 1] = t->depth[t->parent[i + 1]] + 1;
        t->capacity[2 * i] = t->capacity[2 * i + 1] =
            draw(counter) < 0.5 ? 1e6 * (1 + (int)(draw(counter) * 3)) : 1e5 + draw(counter) * 1e7;
        snprintf(nodes[i + 1].name, sizeof nodes[0].name, "n%u", i + 1);
        snprintf(links[i].from, sizeof links[0].from, "n%u", i + 1);
        snprintf(links[i].to, sizeof links[0].to, "n%u", t->parent[i + 1]);
        links[i].capacity_bps = t->capacity[2 * i];
    }
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = t->count + 1, def.links = links, def.link_count = t->count;
    return world_create(&def, made, 100 * JW_NS_PER_MS, 1);
}

static void change_flow(tree *t, jw_world *world, uint32_t flows, uint64_t *counter)
{
    jw_network *network = network_of(world);
    uint32_t f = (uint32_t)(draw(counter) * flows);
    if (t->ids[f].index1) {
        jw_network_stop_flow(world, network, t->ids[f]);
        t->ids[f] = (jw_flow_id){0, 0};
        return;
    }
    t->from[f] = (uint32_t)(draw(counter) * (t->count + 1));
    t->to[f] = (t->from[f] + 1 + (uint32_t)(draw(counter) * t->count)) % (t->count + 1);
    t->cap[f] = draw(counter) < 0.3 ? 1e4 + draw(counter) * 1e6 : 0;
    t->weight[f] = draw(counter) < 0.5 ? 1 : 0.1 + 5 * draw(counter);
    jw_flow_def def = {.from = {t->from[f] + 1, 1},
                       .to = {t->to[f] + 1, 1},
                       .size_bytes = INT64_C(1) << 50,
                       .rate_cap_bps = t->cap[f],
                       .weight = t->weight[f]};
    assert_int_equal(jw_network_start_flow(world, network, &def, &t->ids[f], NULL), JW_OK);
}

static void check_tree(const tree *t, const jw_network *network)
{
    uint32_t first[TREE_FLOWS + 1], uses[TREE_FLOWS * 2 * TREE_LINKS], row[TREE_FLOWS], rows = 0, use = 0;
    double cap[TREE_FLOWS], weight[TREE_FLOWS], rate[TREE_FLOWS];
    for (uint32_t f = 0; f < TREE_FLOWS; f++) {
        if (!t->ids[f].index1) {
            continue;
        }
        first[rows] = use, row[rows] = f, cap[rows] = t->cap[f], weight[rows++] = t->weight[f];
        for (uint32_t a = t->from[f], b = t->to[f]; a != b;) {
            if (t->depth[a] >= t->depth[b]) {
                uses[use++] = 2 * (a - 1);
                a = t->parent[a];
            } else {
                uses[use++] = 2 * (b - 1) + 1;
                b = t->parent[b];
            }
        }
    }
    first[rows] = use;
    assert_int_equal(jw_max_min(t->capacity, 2 * t->count, first, uses, cap, weight, rows, rate, NULL),
                     JW_OK);
    for (uint32_t r = 0; r < rows; r++) {
        double got_bps = jw_network_flow_rate_bps(network, t->ids[row[r]]);
        assert_true(fabs(got_bps - rate[r]) <= 1e-9 * rate[r]);
    }
}

static void test_random_trees(void **state)
{
    (void)state;
    uint64_t counter = 1000000;
    shared *made = shared_create();
    for (int i = 0; i < 2000; i++) {
        tree t;
        uint32_t flows = i < 1000 ? TREE_FLOWS : FEW_FLOWS;
        jw_world *world = make_tree(&t, made, &counter);
        for (int round = 0; round < (i < 1000 ? TREE_ROUNDS : FEW_ROUNDS); round++) {
            for (uint32_t k = 0; k < (round == 0 ? flows : 2); k++) {
                change_flow(&t, world, flows, &counter);
            }
            run_for(world, 0.1);
            check_tree(&t, network_of(world));
        }
        check_identities(world, network_of(world));
        jw_world_destroy(world);
    }
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* A full tree as in a data centre: eight switches with eight hosts each under one core, their uplinks shared
 * four to one. Hundreds of flows, most of them held by the uplinks: hosts' links go idle and become live
 * again as the flows come and go, a few at once or hundreds. */
enum { SWITCHES = 8, HOSTS = 64, FULL_LINKS = SWITCHES + HOSTS, FULL_FLOWS = 600 };

typedef struct full_tree {
    uint32_t from[FULL_FLOWS], to[FULL_FLOWS];
    double cap[FULL_FLOWS], weight[FULL_FLOWS];
    jw_flow_id ids[FULL_FLOWS];
} full_tree;

/* Node 0 is the core, 1 to 8 switches, then hosts; link i joins node i + 1 up, direction 2i is upwards. */
static uint32_t parent_of(uint32_t node)
{
    return node <= SWITCHES ? 0 : 1 + (node - 1 - SWITCHES) / (HOSTS / SWITCHES);
}

static double link_bps(uint32_t link)
{
    return link < SWITCHES ? 2e9 : link % 5 == 0 ? 0.5e9 : 1e9;
}

static void check_full(const full_tree *t, const jw_network *network)
{
    static uint32_t first[FULL_FLOWS + 1], uses[4 * FULL_FLOWS], row[FULL_FLOWS];
    static double capacity[2 * FULL_LINKS], cap[FULL_FLOWS], weight[FULL_FLOWS], rate[FULL_FLOWS];
    uint32_t rows = 0, use = 0;
    for (uint32_t i = 0; i < 2 * FULL_LINKS; i++) {
        capacity[i] = link_bps(i / 2);
    }
    for (uint32_t f = 0; f < FULL_FLOWS; f++) {
        if (!t->ids[f].index1) {
            continue;
        }
        first[rows] = use, row[rows] = f, cap[rows] = t->cap[f], weight[rows++] = t->weight[f];
        uint32_t a = t->from[f], b = t->to[f];
        uses[use++] = 2 * (a - 1);
        uses[use++] = 2 * (b - 1) + 1;
        if (parent_of(a) != parent_of(b)) {
            uses[use++] = 2 * (parent_of(a) - 1);
            uses[use++] = 2 * (parent_of(b) - 1) + 1;
        }
    }
    first[rows] = use;
    assert_int_equal(jw_max_min(capacity, 2 * FULL_LINKS, first, uses, cap, weight, rows, rate, NULL), JW_OK);
    for (uint32_t r = 0; r < rows; r++) {
        double got_bps = jw_network_flow_rate_bps(network, t->ids[row[r]]);
        assert_true(fabs(got_bps - rate[r]) <= 1e-9 * rate[r]);
    }
}

static void change_full(full_tree *t, jw_world *world, uint32_t f, uint64_t *counter)
{
    if (t->ids[f].index1) {
        jw_network_stop_flow(world, network_of(world), t->ids[f]);
        t->ids[f] = (jw_flow_id){0, 0};
        return;
    }
    t->from[f] = 1 + SWITCHES + (uint32_t)(draw(counter) * HOSTS);
    t->to[f] = 1 + SWITCHES + (t->from[f] - SWITCHES + (uint32_t)(draw(counter) * (HOSTS - 1))) % HOSTS;
    t->cap[f] = draw(counter) < 0.1 ? 1e5 + draw(counter) * 1e8 : 0;
    t->weight[f] = draw(counter) < 0.8 ? 1 : 0.1 + 5 * draw(counter);
    jw_flow_def def = {.from = {t->from[f] + 1, 1},
                       .to = {t->to[f] + 1, 1},
                       .size_bytes = INT64_C(1) << 50,
                       .rate_cap_bps = t->cap[f],
                       .weight = t->weight[f]};
    assert_int_equal(jw_network_start_flow(world, network_of(world), &def, &t->ids[f], NULL), JW_OK);
}

static void test_full_tree(void **state)
{
    (void)state;
    static jw_net_node_def nodes[FULL_LINKS + 1];
    static jw_net_link_def links[FULL_LINKS];
    static full_tree t;
    for (uint32_t i = 0; i <= FULL_LINKS; i++) {
        snprintf(nodes[i].name, sizeof nodes[i].name, "n%u", i);
    }
    for (uint32_t i = 0; i < FULL_LINKS; i++) {
        snprintf(links[i].from, sizeof links[i].from, "n%u", i + 1);
        snprintf(links[i].to, sizeof links[i].to, "n%u", parent_of(i + 1));
        links[i].capacity_bps = link_bps(i);
    }
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = FULL_LINKS + 1, def.links = links, def.link_count = FULL_LINKS;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 100 * JW_NS_PER_MS, 1);
    uint64_t counter = 2000000;
    for (int round = 0; round < 400; round++) {
        uint32_t changes = round % 100 == 0 ? FULL_FLOWS : 1 + (uint32_t)(draw(&counter) * 8);
        for (uint32_t k = 0; k < changes; k++) {
            change_full(&t, world, changes == FULL_FLOWS ? k : (uint32_t)(draw(&counter) * FULL_FLOWS),
                        &counter);
        }
        run_for(world, 0.1);
        check_full(&t, network_of(world));
    }
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hand_made),       cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_random_problems), cmocka_unit_test(test_incremental),
        cmocka_unit_test(test_random_trees),    cmocka_unit_test(test_full_tree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
