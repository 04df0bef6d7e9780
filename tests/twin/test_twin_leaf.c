/* LEAF's smart city (Wiesner and Thamsen, "LEAF: simulating large energy-aware fog computing environments",
 * ICFEC 2021) for a day: 16 crossings with cameras, taxis that ask for the state of the crossings on their
 * way, and no, three or six fog nodes that spare the cloud and the way to it. Its figures of power: fog nodes
 * 100 to 240 W by use, the cloud 700 uW per MIPS, 6658 and 20572 nJ a bit up and down the wide-area network,
 * 300 and 100 nJ over radio. The same city is made here of sites and links, its placement rule by a module of
 * the test's own.
 *
 * What differs: taxis and speeds of the day are the hourly means of LEAF's minutes; a taxi that has moved to
 * another crossing keeps its energy over the first radio link, where LEAF counts none. */
#include "compute/compute.h"
#include "network/network.h"

#include "base/test_base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIGHTS = 16, FOG_MAX = 6, CCTV = 0, V2I = 1, DAY_S = 86400, GATES = 16 };
#define WAN_UP_NJ   6658.0
#define WAN_DOWN_NJ 20572.0

/* Of the taxi rides of the DEBS Grand Challenge 2015, as in LEAF's example: taxis over 75 a minute, and m/s.
 */
static const double taxis[24] = {0.62,   0.4579, 0.3398, 0.248,  0.1816, 0.1557, 0.3217, 0.5637,
                                 0.6982, 0.723,  0.7014, 0.7239, 0.7629, 0.7551, 0.7787, 0.7404,
                                 0.621,  0.7566, 0.9311, 0.9737, 0.9216, 0.9029, 0.876,  0.7761};
static const double speeds_mps[24] = {6.8249, 7.1226, 7.1556, 7.1146, 8.4064, 10.0765, 8.7075, 6.7739,
                                      5.584,  5.3657, 5.429,  5.526,  5.4205, 5.5303,  5.6591, 5.535,
                                      5.4547, 5.17,   5.2865, 5.7892, 6.2056, 6.5997,  6.5985, 6.6078};

typedef struct leaf_plan {
    uint32_t fogs;
} leaf_plan;
typedef struct leaf {
    uint32_t fogs, arrivals, done, rejected;
    uint32_t fog_light[FOG_MAX];
    uint64_t taxi_s;
} leaf;
enum { LEAF_NETWORK, LEAF_COMPUTE, LEAF_CITY, LEAF_MODULES };
enum { EVENT_BEGIN, EVENT_TAXI };

static jw_network *network_of(const jw_world *world)
{
    return jw_world_state(world, LEAF_NETWORK);
}

static jw_compute *compute_of(const jw_world *world)
{
    return jw_world_state(world, LEAF_COMPUTE);
}

static double draw(const jw_world *world, uint64_t entity, uint64_t counter)
{
    return jw_random_uniform(jw_world_random(world, 1), entity, counter);
}

static jw_net_node_id node(const jw_world *world, const char *kind, uint32_t number)
{
    char name[24];
    snprintf(name, sizeof name, "%s%u", kind, number);
    jw_net_node_id id = jw_network_find_node(network_of(world), name);
    assert_true(id.index1 > 0);
    return id;
}

static void flow(jw_world *world, jw_net_node_id from, jw_net_node_id to, double rate_bps, uint32_t life_s)
{
    jw_error error = {0};
    jw_flow_id id;
    jw_flow_def def = {.from = from, .to = to, .rate_cap_bps = rate_bps};
    def.size_bytes = (int64_t)(rate_bps * life_s / 8);
    if (jw_network_start_flow(world, network_of(world), &def, &id, &error) != JW_OK)
        fail_msg("%s", error.message);
}

static void work(jw_world *world, uint32_t site, uint32_t service, uint32_t life_s)
{
    jw_error error = {0};
    jw_site_state state;
    assert_true(jw_compute_site(world, compute_of(world), site, &state));
    jw_job_def job = {.site = state.id, .service = service, .items = life_s};
    if (jw_compute_submit(world, compute_of(world), &job, NULL, &error) != JW_OK)
        fail_msg("%s", error.message);
}

/* LEAF's rule: the least used fog node, unless all are above 85 %: then the cloud. Site 0 is the cloud. */
static uint32_t choose(const jw_world *world, const leaf *city)
{
    uint32_t best = 0;
    double least = 0.85;
    for (uint32_t f = 0; f < city->fogs; f++) {
        jw_site_state state;
        assert_true(jw_compute_site(world, compute_of(world), 1 + f, &state));
        if (state.utilisation < least) {
            least = state.utilisation;
            best = 1 + f;
        }
    }
    return best;
}

static jw_net_node_id processor(const jw_world *world, uint32_t site)
{
    return site == 0 ? node(world, "cloud", 0) : node(world, "fog", site - 1);
}

static void begin(jw_world *world, leaf *city)
{
    for (uint32_t l = 0; l < LIGHTS; l++) {
        uint32_t site = city->fogs ? 1 + l % city->fogs : 0; /* the least used, one after the other */
        work(world, site, CCTV, DAY_S);
        flow(world, node(world, "light", l), processor(world, site), 10e6, DAY_S);
        flow(world, processor(world, site), node(world, "cloud", 0), 200e3, DAY_S);
    }
}

typedef struct gate {
    int x, y;
    double leg_m;
} gate;

static gate gate_of(uint32_t number)
{
    int side = (int)number / 4, i = (int)number % 4;
    return side < 2 ? (gate){side * 3, i, 274} : (gate){i, (side - 2) * 3, 80};
}

static void taxi(jw_world *world, leaf *city)
{
    uint32_t number = city->arrivals++,
             hour = (uint32_t)(jw_world_time_ns(world) / (3600 * JW_NS_PER_S)) % 24;
    jw_schedule(world,
                jw_world_time_ns(world) +
                    jw_ns_from_s(-log(1 - draw(world, number, 0)) * 60 / (75 * taxis[hour])),
                JW_PRIORITY_NORMAL, LEAF_CITY, EVENT_TAXI, 0, 0);
    uint32_t from = (uint32_t)(draw(world, number, 1) * GATES),
             to = (uint32_t)(draw(world, number, 2) * (GATES - 1));
    gate a = gate_of(from), b = gate_of(to + (to >= from));
    double length_m = a.leg_m + b.leg_m + abs(a.x - b.x) * 274 + abs(a.y - b.y) * 80;
    uint32_t life_s =
        (uint32_t)(length_m / speeds_mps[hour]) - 1; /* whole seconds, ended one early as there */
    uint32_t site = choose(world, city);
    city->taxi_s += life_s;
    work(world, site, V2I, life_s);
    flow(world, node(world, "air", (uint32_t)(a.y * 4 + a.x)), processor(world, site), 100e3, life_s);
    for (int x = a.x, y = a.y;;) { /* along, then across */
        flow(world, processor(world, site), node(world, "light", (uint32_t)(y * 4 + x)), 50e3, life_s);
        if (x != b.x)
            x += x < b.x ? 1 : -1;
        else if (y != b.y)
            y += y < b.y ? 1 : -1;
        else
            break;
    }
}

static void on_event(jw_world *world, void *state, const jw_event *event)
{
    if (event->kind == EVENT_BEGIN)
        begin(world, state);
    else
        taxi(world, state);
}

static void on_done(jw_world *world, uint64_t tag, uint32_t version)
{
    (void)tag, (void)version;
    ((leaf *)jw_world_state(world, LEAF_CITY))->done++;
}

static void on_rejected(jw_world *world, uint64_t tag, jw_reject why)
{
    (void)tag, (void)why;
    ((leaf *)jw_world_state(world, LEAF_CITY))->rejected++;
}

static jw_result city_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    leaf *city = state;
    city->fogs = ((const leaf_plan *)def)->fogs;
    jw_compute_ports ports = {.job_done = on_done, .job_rejected = on_rejected};
    jw_compute_set_ports(compute_of(world), &ports);
    for (uint32_t i = 0; i <= city->fogs; i++) {
        jw_site_state site;
        assert_true(jw_compute_site(world, compute_of(world), i, &site));
        uint32_t cameras = i == 0 ? (city->fogs ? 0 : LIGHTS) : (LIGHTS + city->fogs - i) / city->fogs;
        jw_result result = JW_OK;
        if (cameras)
            result = jw_compute_install(world, compute_of(world), site.id, CCTV, 1, cameras * 30, error);
        if (result == JW_OK)
            result = jw_compute_install(world, compute_of(world), site.id, V2I, 1, 0, error);
        if (result != JW_OK)
            return result;
    }
    jw_schedule(world, 0, JW_PRIORITY_NORMAL, LEAF_CITY, EVENT_BEGIN, 0, 0);
    jw_schedule(world, 1, JW_PRIORITY_NORMAL, LEAF_CITY, EVENT_TAXI, 0, 0);
    return JW_OK;
}

static const jw_module city_module = {
    .name = "leaf", .version = 1, .state_size = sizeof(leaf), .init = city_init, .on_event = on_event};

/* ---- the city
 * ------------------------------------------------------------------------------------------------- */

typedef struct build {
    jw_net_node_def nodes[2 * LIGHTS + FOG_MAX + 1];
    jw_net_link_def links[200];
    uint32_t node_count, link_count, wan_first;
} build;

static void add_node(build *b, const char *kind, uint32_t number)
{
    jw_net_node_def *made = &b->nodes[b->node_count++];
    *made = (jw_net_node_def){.kind = JW_NET_HOST};
    snprintf(made->name, sizeof made->name, "%s%u", kind, number);
}

static void add_link(build *b, const char *from, uint32_t i, const char *to, uint32_t k, double delay_s,
                     double nj, double nj_back)
{
    jw_net_link_def *made = &b->links[b->link_count++];
    *made = (jw_net_link_def){.capacity_bps = 1e12,
                              .length_m = 1,
                              .extra_delay_s = delay_s,
                              .nj_per_bit = nj,
                              .nj_per_bit_back = nj_back};
    snprintf(made->from, sizeof made->from, "%s%u", from, i);
    snprintf(made->to, sizeof made->to, "%s%u", to, k);
}

static void build_network(build *b, uint32_t fogs)
{
    add_node(b, "cloud", 0);
    for (uint32_t l = 0; l < LIGHTS; l++) {
        add_node(b, "light", l);
        add_node(b, "air", l);
    }
    for (uint32_t l = 0; l < LIGHTS; l++)
        add_link(b, "light", l, "cloud", 0, 0.1, WAN_UP_NJ, WAN_DOWN_NJ);
    for (uint32_t l = 0; l < LIGHTS; l++) {
        add_link(b, "air", l, "light", l, 0.01, 300, 0);
        for (uint32_t k = 0; k < l; k++) /* within 300 m of each other */
            if (hypot(((double)(l % 4) - k % 4) * 274, ((double)(l / 4) - k / 4) * 80) <= 300)
                add_link(b, "light", l, "light", k, 0.01, 100, 0);
    }
    for (uint32_t f = 0; f < fogs; f++) {
        add_node(b, "fog", f);
        add_link(b, "fog", f, "light", (f * 7 + 5) % LIGHTS, 0.001, 0, 0); /* spread over the crossings */
    }
}

typedef struct day {
    double cloud, fog, up, down, radio, total; /* kWh */
} day;

static day run_day(uint32_t fogs)
{
    static build b;
    b = (build){0};
    build_network(&b, fogs);
    jw_network_def network = jw_default_network_def();
    network.nodes = b.nodes;
    network.node_count = b.node_count;
    network.links = b.links;
    network.link_count = b.link_count;
    /* A card of the cloud and of a fog node is 1,000 MIPS; a picture is a second of the service's work. */
    const jw_card cards[] = {
        {.id = "cloud", .fp16_tflops = 1, .int8_tops = 1, .memory_gb = 1, .bandwidth_tbps = 1, .peak_w = 0.7},
        {.id = "fog", .fp16_tflops = 1, .int8_tops = 1, .memory_gb = 1, .bandwidth_tbps = 1}};
    const jw_service services[] = {{.id = "cctv",
                                    .gflop_per_item = 30000,
                                    .efficiency = 1,
                                    .is_int8 = 1,
                                    .max_batch = 1,
                                    .cards_per_instance = 30},
                                   {.id = "v2i",
                                    .gflop_per_item = 7000,
                                    .efficiency = 1,
                                    .is_int8 = 1,
                                    .max_batch = 1,
                                    .cards_per_instance = 7}};
    const jw_grid_region region = {.id = "hebei", .kgco2_per_kwh = 0.7, .price_cny_per_kwh = 0.6};
    jw_site_def sites[1 + FOG_MAX] = {
        {.name = "cloud", .pue = 1, .base_power_w = 1e-6, .rack_count = 1, .racks = {{"cloud", 3000}}}};
    for (uint32_t f = 0; f < fogs; f++) {
        sites[1 + f] = (jw_site_def){
            .pue = 1, .base_power_w = 240, .base_idle_w = 100, .rack_count = 1, .racks = {{"fog", 400}}};
        snprintf(sites[1 + f].name, sizeof sites[1 + f].name, "fog%u", f);
    }
    jw_compute_def compute = {.cards = cards,
                              .card_count = 2,
                              .services = services,
                              .service_count = 2,
                              .regions = &region,
                              .region_count = 1,
                              .sites = sites,
                              .site_count = 1 + fogs};
    leaf_plan plan = {fogs};
    jw_module_entry modules[] = {
        {&jw_network_module, &network}, {&jw_compute_module, &compute}, {&city_module, &plan}};
    const void *no_city = NULL;
    jw_world_def def = {.seed = 1,
                        .dt_ns = JW_NS_PER_S,
                        .modules = modules,
                        .module_count = LEAF_MODULES,
                        .shared = &no_city};
    jw_world *world;
    jw_error error = {0};
    if (jw_world_create(&def, &world, &error) != JW_OK)
        fail_msg("%s", error.message);
    for (uint32_t s = 0; s < DAY_S; s++)
        if (jw_world_step(world, &error) != JW_OK)
            fail_msg("%s", error.message);
    const leaf *city = jw_world_state(world, LEAF_CITY);
    assert_int_equal(city->rejected, 0);
    day out = {0};
    for (uint32_t i = 0; i <= fogs; i++) {
        jw_site_state site;
        assert_true(jw_compute_site(world, compute_of(world), i, &site));
        *(i ? &out.fog : &out.cloud) += (double)site.energy_mj / 3.6e9;
        assert_int_equal(site.queued, 0); /* an instance was free for each */
    }
    for (uint32_t l = 0; l < b.link_count; l++)
        for (uint32_t back = 0; back < 2; back++) {
            jw_link_bytes bytes;
            assert_true(jw_network_link_bytes(network_of(world), l, back, &bytes));
            double bits = 8 * (double)(bytes.carried[0] + bytes.carried[1] + bytes.carried[2]);
            if (l < LIGHTS)
                *(back ? &out.down : &out.up) += bits * (back ? WAN_DOWN_NJ : WAN_UP_NJ) * 1e-9 / 3.6e6;
            else
                out.radio += bits * b.links[l].nj_per_bit * 1e-9 / 3.6e6;
        }
    out.total = out.cloud + out.fog + out.up + out.down + out.radio;
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_true(fabs(counts.link_energy_j / 3.6e6 - (out.up + out.down + out.radio)) < 1e-6);
    printf(
        "fog %u: %.2f kWh: cloud %.3f, up %.2f, down %.3f, fog %.2f, radio %.2f; %u taxis, %.1f at a time\n",
        fogs, out.total, out.cloud, out.up, out.down, out.fog, out.radio, city->arrivals,
        (double)city->taxi_s / DAY_S);
    jw_world_destroy(world);
    return out;
}

static void check(const char *what, double value, double leafs, double within)
{
    if (!(fabs(value - leafs) <= within))
        fail_msg("%s: %.3f kWh, LEAF's %.3f +- %.3f", what, value, leafs, within);
}

static void test_without_fog(void **state)
{
    (void)state;
    day d = run_day(0);
    check("total", d.total, 63.26, 0.01 * 63.26);
    check("cloud", d.cloud, 22.20, 0.01 * 22.2);
    check("up", d.up, 27.49, 0.005 * 27.49);
    check("down", d.down, 13.54, 0.02 * 13.54);
}

static void test_with_three(void **state)
{
    (void)state;
    day d = run_day(3);
    check("total", d.total, 29.22, 0.02 * 29.22);
    check("cloud", d.cloud, 6.10, 0.05 * 6.1);
    check("up", d.up, 1.34, 0.05 * 1.34);
    check("down", d.down, 5.84, 0.05 * 5.84);
}

static void test_with_six(void **state)
{
    (void)state;
    day d = run_day(6);
    check("total", d.total, 26.84, 0.01 * 26.84);
    check("cloud", d.cloud, 0.001, 0.05);
    check("up", d.up, 0.51, 0.01);
    check("down", d.down, 0.001, 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_without_fog),
        JW_UNIT(test_with_three),
        JW_UNIT(test_with_six),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
