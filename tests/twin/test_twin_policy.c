/* How requests find their servers and survive: each policy in a town whose only senders are crowds, and each
 * guard against a case worked out by hand. */
#include "base/test_base.h"
#include "twin/twin_fixture.h"
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

/* edge-1 at (100, 100), edge-2 at (300, 300), the cloud at (200, 200) on a ring; no masts, so that a crowd
 * enters at the site beside it. Only crowds ask. */
static jw_twin_def quiet_town(void)
{
    jw_twin_def def;
    twin_fixture_sites(&def, 2);
    def.traffic.demand.factor = 1e-6;
    static const jw_coupling off[] = {JW_COUPLING_RADIO, JW_COUPLING_SIGNALS, JW_COUPLING_FACTORY,
                                      JW_COUPLING_ASSISTANT};
    for (uint32_t i = 0; i < JW_COUNT_OF(off); i++)
        def.is_coupling_off[off[i]] = 1;
    return def;
}

static void add_crowd(jw_twin_def *def, const char *name, const char *type, double x_m, double y_m,
                      double per_s)
{
    jw_error error = {0};
    jw_crowd_def crowd = {.x_m = x_m, .y_m = y_m, .per_s = per_s};
    snprintf(crowd.name, sizeof crowd.name, "%s", name);
    snprintf(crowd.type, sizeof crowd.type, "%s", type);
    assert_int_equal(jw_twin_def_add_crowd(def, &crowd, &error), JW_OK);
}

static jw_request_type *type_of(jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->request_count; i++)
        if (strcmp(def->requests[i].name, name) == 0)
            return &def->requests[i];
    fail();
    return NULL;
}

static int64_t done_at(const jw_world *world, const char *name)
{
    const jw_compute *compute = twin_compute_of(world);
    jw_site_state site;
    assert_true(jw_compute_site(world, compute, jw_compute_find_site(compute, name).index1 - 1, &site));
    return site.done;
}

static void run_and_end(jw_world *world, jw_twin_def *def, uint32_t steps)
{
    twin_fixture_run_checked(world, steps);
    jw_request_counts counts = jw_twin_requests(world, JW_NONE);
    assert_int_equal(counts.sent, counts.answered + counts.lost + counts.in_flight);
    jw_world_destroy(world);
    jw_twin_def_free(def);
}

/* A crowd beside edge-1 asks for inspections; the cloud has other cards and a cleaner region. */
static void where_they_go(jw_policy policy, jw_residency residency, int64_t out[3])
{
    jw_twin_def def = quiet_town();
    jw_grid_region green = {
        .id = "green", .kgco2_per_kwh = 0.1, .price_cny_per_kwh = 0.3, .green_share = 0.5};
    jw_error error = {0};
    assert_int_equal(jw_twin_def_add_region(&def, &green, &error), JW_OK);
    snprintf(def.sites[0].region, sizeof def.sites[0].region, "green");
    add_crowd(&def, "crowd", "inspection", 110, 100, 2);
    def.policy = policy;
    type_of(&def, "inspection")->residency = (uint8_t)residency;
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 120);
    out[0] = done_at(world, "city-cloud");
    out[1] = done_at(world, "edge-1");
    out[2] = done_at(world, "edge-2");
    assert_true(out[0] + out[1] + out[2] > 80);
    run_and_end(world, &def, 1);
}

static void test_policies_send_where_they_say(void **state)
{
    (void)state;
    int64_t done[3]; /* cloud, edge-1, edge-2 */
    where_they_go(JW_POLICY_NEAREST, JW_RESIDENCY_ANY, done);
    assert_true(done[0] == 0 && done[2] == 0);
    where_they_go(JW_POLICY_CLOUD_ONLY, JW_RESIDENCY_ANY, done);
    assert_true(done[1] == 0 && done[2] == 0);
    where_they_go(JW_POLICY_EDGE_ONLY, JW_RESIDENCY_ANY, done);
    assert_true(done[0] == 0 && done[1] > 80);
    where_they_go(JW_POLICY_CARBON, JW_RESIDENCY_ANY, done);
    assert_true(done[1] == 0 && done[2] == 0); /* 0.05 kg/kWh against 0.73 */
    where_they_go(JW_POLICY_CARBON, JW_RESIDENCY_DISTRICT, done);
    assert_true(done[0] == 0 && done[2] == 0); /* its data may not leave edge-1's district */
    where_they_go(JW_POLICY_CLOUD_ONLY, JW_RESIDENCY_CITY, done);
    assert_true(done[0] > 80); /* a city centre is not the west */
}

/* Least loaded: where latency puts all into the nearest site, both edges and the cloud get their part. */
static void test_least_loaded_spreads(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    add_crowd(&def, "crowd", "inspection", 110, 100, 900);
    def.policy = JW_POLICY_LEAST_LOADED;
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 60);
    int64_t cloud = done_at(world, "city-cloud"), one = done_at(world, "edge-1"),
            two = done_at(world, "edge-2");
    assert_true(cloud > one && one > 100 && two > 100); /* the cloud has four times the cards */
    run_and_end(world, &def, 1);
}

/* The fibre to the cloud is 4 ms shorter than that to the edges, until a video of two seconds is on it: by
 * latency the questions go elsewhere for so long, and with no other site that serves, admission refuses them
 * meanwhile; the nearest stays the nearest, and they are dropped on the way before they go elsewhere. */
static void test_a_jammed_way_is_seen(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        jw_twin_def def = quiet_town();
        jw_error error = {0};
        def.link_count = 0;
        static const char *const ends[] = {"city-cloud", "edge-2"};
        jw_net_node_def desk = {.name = "desk", .kind = JW_NET_HOST, .x_m = 200, .y_m = 100};
        assert_int_equal(jw_twin_def_add_node(&def, &desk, &error), JW_OK);
        for (uint32_t i = 0; i < 2; i++) {
            jw_net_link_def link = {.from = "desk", .capacity_bps = 1e10, .length_m = i ? 800e3 : 1000};
            snprintf(link.to, sizeof link.to, "%s", ends[i]);
            assert_int_equal(jw_twin_def_add_link(&def, &link, &error), JW_OK);
        }
        for (uint32_t i = 0; i < def.rollout_count && way == 2; i++)
            def.rollouts[i].tiers &= 1u << JW_TIER_CITY; /* the cloud alone */
        def.policy = way == 1 ? JW_POLICY_NEAREST : JW_POLICY_LATENCY;
        type_of(&def, "inspection")->admission = way == 2;
        add_crowd(&def, "crowd", "inspection", 200, 100, 100);
        jw_world *world = twin_fixture_create(&def, 1);
        twin_fixture_run_checked(world, 20);
        int64_t cloud = done_at(world, "city-cloud"), edge = done_at(world, "edge-2");
        assert_true(cloud > 900 && edge == 0 && jw_twin_requests(world, JW_NONE).refused == 0);
        jw_network *network = twin_network_of(world);
        jw_message_def video = {.from.node = jw_network_find_node(network, "desk"),
                                .to.node = jw_network_find_node(network, "city-cloud"),
                                .size_bytes = 2500000000,
                                .kind = JW_TRAFFIC_VIDEO};
        assert_int_equal(jw_network_send(world, network, &video, &error), JW_OK);
        twin_fixture_run_checked(world, 3);
        jw_request_counts counts = jw_twin_requests(world, JW_NONE);
        edge = done_at(world, "edge-2");
        assert_true(way == 2 ? edge == 0 : edge > 100);
        assert_true(way == 1 ? counts.retried > 50 : counts.retried == 0); /* dropped before the full link */
        assert_true(way == 2 ? counts.refused > 100 : counts.refused == 0);
        twin_fixture_run_checked(world, 3); /* the way is free again */
        edge = done_at(world, "edge-2");
        twin_fixture_run_checked(world, 10);
        assert_true(done_at(world, "edge-2") == edge && done_at(world, "city-cloud") > cloud + 400);
        run_and_end(world, &def, 1);
    }
}

/* A deadline of ten minutes lets a job go to the clean site that is slow; one of 50 ms does not. */
static void test_carbon_keeps_deadlines(void **state)
{
    (void)state;
    for (int is_patient = 0; is_patient < 2; is_patient++) {
        jw_twin_def def = quiet_town();
        jw_grid_region green = {.id = "green", .kgco2_per_kwh = 0.01, .price_cny_per_kwh = 0.3};
        jw_error error = {0};
        assert_int_equal(jw_twin_def_add_region(&def, &green, &error), JW_OK);
        jw_site_def west = {
            .name = "west", .tier = JW_TIER_WEST, .x_m = 2000, .rack_count = 1, .region = "green"};
        snprintf(west.racks[0].card, sizeof west.racks[0].card, "card");
        west.racks[0].count = 8;
        assert_int_equal(jw_twin_def_add_site(&def, &west, &error), JW_OK);
        jw_net_link_def line = {.from = "city-cloud",
                                .to = "west",
                                .capacity_bps = 1e11,
                                .length_m = 1500e3}; /* 7.4 ms each way */
        assert_int_equal(jw_twin_def_add_link(&def, &line, &error), JW_OK);
        for (uint32_t i = 0; i < def.rollout_count; i++)
            def.rollouts[i].tiers |= 1u << JW_TIER_WEST;
        jw_request_type *type = type_of(&def, "inspection");
        type->deadline_s = is_patient ? 600 : 0.024;
        type->timeout_s = 600;
        def.policy = JW_POLICY_CARBON;
        add_crowd(&def, "crowd", "inspection", 110, 100, 1);
        jw_world *world = twin_fixture_create(&def, 1);
        twin_fixture_run_checked(world, 120);
        assert_true((done_at(world, "west") > 40) == is_patient);
        run_and_end(world, &def, 1);
    }
}

/* Routes: weights of 3 to 1 between the edges, for senders nearest to edge-1; nobody else is touched. */
static void test_routes_share_by_weight(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    jw_error error = {0};
    def.policy = JW_POLICY_SCRIPT;
    add_crowd(&def, "crowd", "inspection", 110, 100, 100);
    jw_world *world = twin_fixture_create(&def, 1);
    uint32_t type = twin_request_type_find(twin_requests_of(world), "inspection");
    uint32_t home = jw_compute_find_site(twin_compute_of(world), "edge-1").index1 - 1;
    jw_route routes[8];
    assert_int_equal(jw_twin_routes(world, type, home, routes, 8), 3);
    assert_string_equal(routes[1].name, "edge-1");
    assert_true(routes[1].network_s < routes[2].network_s && routes[1].weight == 0);
    static const double bad[] = {0, -1, 0}, weights[] = {0, 1, 3}, many[] = {1, 1, 1, 1};
    assert_int_equal(jw_twin_set_routes(world, type, home, bad, 3, &error), JW_ERROR_INPUT);
    assert_int_equal(jw_twin_set_routes(world, type, home, many, 4, &error), JW_ERROR_INPUT);
    assert_int_equal(jw_twin_set_routes(world, type, home, weights, 3, &error), JW_OK);
    assert_int_equal(jw_twin_set_routes(world, type, home, weights, 3, &error), JW_OK); /* replaces */
    assert_int_equal(twin_requests_of(world)->route_count, 2);
    twin_fixture_run_checked(world, 120);
    double share =
        (double)done_at(world, "edge-2") / (double)(done_at(world, "edge-1") + done_at(world, "edge-2"));
    assert_true(done_at(world, "city-cloud") == 0);
    assert_true(share > 0.73 && share < 0.77); /* 6,000 draws: 0.75 +- 0.017 at three deviations */
    /* A site that fails drops out, the others take its part. */
    twin_fixture_command(world, "fail_site", "name", "edge-2");
    int64_t before = done_at(world, "edge-2");
    twin_fixture_run_checked(world, 20);
    assert_true(done_at(world, "edge-2") == before && done_at(world, "city-cloud") == 0);
    run_and_end(world, &def, 1);
}

/* ---- guards ---- */

/* Sites that turn most away: no more are tried again than the bucket holds, the rest is lost at once. */
static void test_retries_have_a_budget(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    jw_request_type *type = type_of(&def, "inspection");
    type->retries = 5;
    type->retry_budget = 0.01;
    type->timeout_s = 30;
    def.policy = JW_POLICY_EDGE_ONLY;
    for (uint32_t i = 0; i < def.site_count; i++)
        def.sites[i].queue_max = 5; /* most are turned away */
    add_crowd(&def, "crowd", "inspection", 110, 100, 3000);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 20);
    jw_request_counts counts = jw_twin_requests(world, JW_NONE);
    uint32_t index = twin_request_type_find(twin_requests_of(world), "inspection");
    const twin_request_stats *stats = &twin_requests_of(world)->stats[index];
    assert_true(counts.lost > 5000 && counts.no_budget > 5000);
    /* Tokens: 100 at first, a hundredth for each sent; each second try took one. */
    assert_true(counts.retried >= 90);
    assert_true((double)counts.retried <= 100 + 0.01 * (double)counts.sent + 1);
    assert_true(stats->tokens_milli < 1000);
    run_and_end(world, &def, 1);
}

/* What cannot be answered in time is refused at once and costs nobody's time. Four cards an edge do 620 a
 * second: with twice the load that both carry, most answers of those taken are in time; without admission
 * nearly all are late. */
static void test_admission_keeps_answers_in_time(void **state)
{
    (void)state;
    double in_time[2];
    for (int is_on = 0; is_on < 2; is_on++) {
        jw_twin_def def = quiet_town();
        jw_request_type *type = type_of(&def, "inspection");
        type->admission = 0.9 * is_on;
        type->retries = 0;
        def.policy = JW_POLICY_EDGE_ONLY;
        add_crowd(&def, "crowd", "inspection", 200, 200, 2400);
        jw_world *world = twin_fixture_create(&def, 1);
        twin_fixture_run_checked(world, 60);
        jw_request_counts counts = jw_twin_requests(world, JW_NONE);
        in_time[is_on] = (double)(counts.answered - counts.late) / (double)counts.sent;
        assert_true(is_on ? counts.refused > 1000 && counts.late * 8 < counts.answered
                          : counts.refused == 0 && counts.late * 2 > counts.answered);
        run_and_end(world, &def, 1);
    }
    assert_true(in_time[1] > 2 * in_time[0]);
}

/* A site at three quarters of its capacity answers some requests late: their second copies come back from the
 * other site, and each counts once. */
static void test_hedges_count_once(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    jw_request_type *type = type_of(&def, "inspection");
    type->hedge = 0.9;
    type->retry_budget = 0.5;
    def.policy = JW_POLICY_NEAREST;
    add_crowd(&def, "crowd", "inspection", 110, 100, 450);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 100);
    uint32_t index = twin_request_type_find(twin_requests_of(world), "inspection");
    jw_request_counts counts = jw_twin_requests(world, index);
    assert_true(counts.hedged > 100 && counts.hedge_won > 0 && counts.hedge_won < counts.hedged);
    /* A tenth of the answers take longer than the wait; some of them answer before the second copy goes. */
    assert_true((double)counts.hedged < 0.15 * (double)counts.sent);
    assert_int_equal(counts.lost, 0);
    assert_int_equal(counts.sent, counts.answered + counts.in_flight);
    /* What both copies did is more than what was answered, unless the slower was cancelled in its queue. */
    jw_compute_counts jobs = jw_compute_count(world, twin_compute_of(world));
    assert_true(jobs.submitted <= counts.sent + counts.hedged + jw_twin_requests(world, 0).sent);
    run_and_end(world, &def, 1);
}

/* Closed, open after `window` outcomes of which the share failed, half open after open_s with one trial at a
 * time, closed after `trials` answers, open again at a failure. */
static void test_breaker_opens_and_closes(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    def.breaker =
        (jw_breaker_def){.is_on = true, .window = 4, .failure_share = 0.5, .open_s = 3, .trials = 2};
    jw_world *world = twin_fixture_create(&def, 1);
    twin_requests *requests = twin_requests_of(world);
    jw_site_id site = jw_compute_find_site(twin_compute_of(world), "edge-1");
    twin_copy copy = {.site = site, .phase = 1}, other = copy;
    static const bool outcomes[] = {false, true, true, true, false}; /* 1 of 4, then 1 of 4 again */
    for (uint32_t i = 0; i < JW_COUNT_OF(outcomes); i++)
        twin_breaker_ends(world, requests, 1, &copy, outcomes[i]);
    assert_int_equal(jw_twin_breaker(world, 1, site), JW_BREAKER_CLOSED);
    twin_breaker_ends(world, requests, 1, &copy, false); /* 2 of 4 */
    assert_int_equal(jw_twin_breaker(world, 1, site), JW_BREAKER_OPEN);
    assert_int_equal(jw_twin_breaker(world, 0, site), JW_BREAKER_CLOSED); /* another type's is its own */
    assert_false(twin_breaker_lets_through(world, requests, 1, site.index1 - 1));
    twin_fixture_run(world, 6);
    assert_int_equal(jw_twin_breaker(world, 1, site), JW_BREAKER_HALF_OPEN);
    assert_true(twin_breaker_lets_through(world, requests, 1, site.index1 - 1));
    twin_breaker_leaves(world, requests, 1, &copy);
    assert_true(copy.is_trial);
    assert_false(twin_breaker_lets_through(world, requests, 1, site.index1 - 1)); /* one at a time */
    twin_breaker_ends(world, requests, 1, &other, true); /* an old one: says nothing */
    twin_breaker_ends(world, requests, 1, &copy, false);
    assert_int_equal(jw_twin_breaker(world, 1, site), JW_BREAKER_OPEN);
    twin_fixture_run(world, 6);
    for (int trial = 0; trial < 2; trial++) {
        assert_int_equal(jw_twin_breaker(world, 1, site), JW_BREAKER_HALF_OPEN);
        twin_breaker_leaves(world, requests, 1, &copy);
        twin_breaker_ends(world, requests, 1, &copy, true);
    }
    assert_int_equal(jw_twin_breaker(world, 1, site), JW_BREAKER_CLOSED);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Breakers that are set anew know nothing of the trials of those before; and a town with one type of request
 * has a policy of its own for it. */
static void test_breakers_and_policies_set_anew(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    jw_error error = {0};
    def.breaker.is_on = true;
    def.request_count = 1; /* the signals' */
    add_crowd(&def, "crowd", def.requests[0].name, 110, 100, 50);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_requests *requests = twin_requests_of(world);
    uint32_t at = JW_NONE;
    for (uint32_t step = 0; step < 1000 && at == JW_NONE; step++) {
        twin_fixture_run(world, 1);
        for (uint32_t i = 0; i < requests->pool.slot_count; i++)
            if ((requests->pool.generations[i] & 1) && requests->requests[i].copies[0].phase)
                at = i;
    }
    assert_int_not_equal(at, JW_NONE);
    requests->requests[at].copies[0].is_trial = 1;
    jw_command breaker = jw_command_make("set_breaker"), policy = jw_command_make("set_policy");
    jw_command_number(&breaker, "on", 1);
    assert_int_equal(twin_requests_verbs[2].apply(world, requests, &breaker, &error), JW_OK);
    assert_int_equal(requests->requests[at].copies[0].is_trial, 0);
    jw_command_text(&policy, "name", "nearest");
    jw_command_text(&policy, "type", def.requests[0].name);
    assert_int_equal(twin_requests_verbs[0].apply(world, requests, &policy, &error), JW_OK);
    assert_int_equal(requests->types[0].policy, JW_POLICY_NEAREST);
    assert_int_equal(requests->policy, JW_POLICY_LATENCY);
    run_and_end(world, &def, 10);
}

/* ---- a cut ring ---- */

/* The cloud alone serves; the fibre between it and the crowd's site is cut. Until routing knows (failover_s,
 * 0.05 s) messages wait, then they go round: nobody is lost, nobody counted twice, and the slowest answer is
 * late by no more than the failover and the detour. */
static void test_a_cut_ring_fails_over_in_its_time(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    for (uint32_t i = 0; i < def.link_count; i++) {
        const char *from = def.links[i].from, *to = def.links[i].to;
        if ((strcmp(from, "edge-1") == 0 && strcmp(to, "city-cloud") == 0) ||
            (strcmp(to, "edge-1") == 0 && strcmp(from, "city-cloud") == 0))
            snprintf(def.links[i].name, sizeof def.links[i].name, "short way");
    }
    def.policy = JW_POLICY_CLOUD_ONLY;
    add_crowd(&def, "crowd", "inspection", 110, 100, 300);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 20);
    uint32_t type = twin_request_type_find(twin_requests_of(world), "inspection");
    jw_request_counts before = jw_twin_requests(world, type);
    twin_fixture_command(world, "cut_link", "name", "short way");
    twin_fixture_run_checked(world, 20);
    jw_request_counts after = jw_twin_requests(world, type);
    const twin_request_stats *stats = &twin_requests_of(world)->stats[type];
    uint32_t top = LATENCY_BINS - 1;
    while (stats->bins[top] == 0)
        top--;
    assert_true(after.lost == 0 && after.retried == 0 && after.late == 0);
    assert_true(after.answered - before.answered > 2700);
    assert_true(twin_bin_ms(top) > before.p99_ms + 10); /* some did wait */
    assert_true(twin_bin_ms(top) < before.p99_ms + 50 + 10);
    run_and_end(world, &def, 1);
}

/* ---- an image crosses the network ---- */

/* A service that was scaled to none and asked again: its image of 1.2 GB comes from the cloud over a fibre of
 * 1 Gbit/s in 9.6 s, is loaded at 2 GB/s, and then it answers. */
static void test_an_image_is_pulled(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    jw_error error = {0};
    for (uint32_t i = 0; i < def.link_count; i++)
        def.links[i].capacity_bps = 1e9;
    for (uint32_t i = 0; i < def.service_count; i++)
        if (strcmp(def.services[i].id, "inspection-vision") == 0)
            def.services[i].image_gb = 1.2;
    jw_scale_def scale = {.service = "inspection-vision",
                          .site = "edge-1",
                          .min = 0,
                          .max = 4,
                          .interval_s = 2,
                          .cooldown_s = 4};
    assert_int_equal(jw_twin_def_add_scale(&def, &scale, &error), JW_OK);
    jw_request_type *type = type_of(&def, "inspection");
    type->timeout_s = 60;
    type->residency = JW_RESIDENCY_DISTRICT;
    add_crowd(&def, "crowd", "inspection", 110, 100, 0);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 40);
    jw_site_state site;
    jw_compute_site(world, twin_compute_of(world), 1, &site);
    assert_string_equal(site.def->name, "edge-1");
    uint32_t idle = site.instances;
    assert_int_equal(twin_crowd_set(world, twin_requests_of(world), "crowd", 5, &error), JW_OK);
    twin_fixture_run_checked(world, 19); /* 9.5 s: it is on its way */
    assert_int_equal(jw_twin_requests(world, 1).answered, 0);
    twin_fixture_run_checked(world, 11);
    jw_request_counts counts = jw_twin_requests(world, 1);
    assert_true(counts.answered > 20 && counts.lost == 0);
    jw_compute_site(world, twin_compute_of(world), 1, &site);
    assert_true(site.instances > idle);
    run_and_end(world, &def, 1);
}

/* ---- all at once ---- */

static jw_world *guarded_town(jw_twin_def *def, int threads)
{
    *def = quiet_town();
    jw_request_type *type = type_of(def, "inspection");
    type->hedge = 0.9;
    type->admission = 0.5;
    type->retries = 2;
    type->residency = JW_RESIDENCY_CITY;
    def->breaker.is_on = true;
    def->policy = JW_POLICY_SCRIPT;
    def->sites[1].queue_max = 3;
    add_crowd(def, "crowd", "inspection", 110, 100, 3500);
    add_crowd(def, "other", "signal", 290, 290, 100);
    jw_world *world = twin_fixture_create(def, threads);
    static const double weights[] = {1, 1, 1};
    for (uint32_t home = 0; home < 3; home++)
        assert_int_equal(jw_twin_set_routes(world, 1, home, weights, 3, NULL), JW_OK);
    return world;
}

static void test_restored_guards_go_on_alike(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_world *world = guarded_town(&def, 2);
    jw_writer writer = {0};
    jw_error error = {0};
    twin_fixture_run(world, 60);
    twin_fixture_command(world, "fail_site", "name", "edge-1");
    twin_fixture_run(world, 3);
    assert_int_equal(jw_world_save(world, &writer, &error), JW_OK);
    uint64_t saved = jw_world_hash(world);
    twin_fixture_run(world, 60);
    uint64_t expected = jw_world_hash(world);
    assert_true(jw_twin_requests(world, JW_NONE).hedged > 0 && jw_twin_requests(world, JW_NONE).refused > 0);
    assert_int_equal(jw_world_restore(world, writer.bytes, writer.size, &error), JW_OK);
    assert_true(jw_world_hash(world) == saved);
    twin_fixture_run(world, 60);
    assert_true(jw_world_hash(world) == expected);
    jw_writer_free(&writer);
    run_and_end(world, &def, 1);
}

static void test_every_allocation_of_creation_may_fail(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    jw_error error = {0};
    jw_scale_def scale = {.service = "inspection-vision", .min = 1, .max = 4};
    jw_fault_def fault = {.card_mtbf_s = 1000, .card_mttr_s = 100};
    assert_int_equal(jw_twin_def_add_scale(&def, &scale, &error), JW_OK);
    assert_int_equal(jw_twin_def_add_fault(&def, &fault, &error), JW_OK);
    add_crowd(&def, "crowd", "inspection", 110, 100, 10);
    int64_t before = jw_allocated_bytes();
    for (int64_t count = 0;; count++) {
        jw_world *world = NULL;
        jw_memory_fail_after(count);
        jw_result result = jw_twin_create(&def, NULL, 0, &world, &error);
        jw_memory_fail_after(-1);
        jw_world_destroy(world);
        assert_true(jw_allocated_bytes() == before);
        if (result == JW_OK)
            break;
        assert_int_equal(result, JW_ERROR_MEMORY);
        assert_true(count < 100000);
    }
    jw_twin_def_free(&def);
}

static void test_bad_figures_are_named(void **state)
{
    (void)state;
    jw_twin_def def = quiet_town();
    jw_error error = {0};
    jw_request_type bad = *type_of(&def, "signal");
    bad.hedge = 1.5;
    assert_int_equal(jw_twin_def_set_request(&def, &bad, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "hedge"));
    bad.hedge = 0;
    bad.retries = 255;
    error = (jw_error){0};
    assert_int_equal(jw_twin_def_set_request(&def, &bad, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "retries"));
    jw_crowd_def crowd = {.name = "c", .type = "nothing", .per_s = 1};
    assert_int_equal(jw_twin_def_add_crowd(&def, &crowd, &error), JW_ERROR_NOT_FOUND);
    snprintf(crowd.type, sizeof crowd.type, "signal");
    crowd.per_s = -1;
    assert_int_equal(jw_twin_def_add_crowd(&def, &crowd, &error), JW_ERROR_INPUT);
    jw_policy policy;
    for (uint32_t i = 0; i < JW_POLICY_COUNT; i++)
        assert_true(jw_policy_from_name(jw_policy_name(i), &policy) && policy == i);
    assert_false(jw_policy_from_name("best", &policy));
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_policies_send_where_they_say),
        JW_UNIT(test_least_loaded_spreads),
        JW_UNIT(test_a_jammed_way_is_seen),
        JW_UNIT(test_carbon_keeps_deadlines),
        JW_UNIT(test_routes_share_by_weight),
        JW_UNIT(test_retries_have_a_budget),
        JW_UNIT(test_admission_keeps_answers_in_time),
        JW_UNIT(test_hedges_count_once),
        JW_UNIT(test_breaker_opens_and_closes),
        JW_UNIT(test_breakers_and_policies_set_anew),
        JW_UNIT(test_a_cut_ring_fails_over_in_its_time),
        JW_UNIT(test_an_image_is_pulled),
        JW_UNIT(test_restored_guards_go_on_alike),
        JW_UNIT(test_every_allocation_of_creation_may_fail),
        JW_UNIT(test_bad_figures_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
