/* Deferrable work under the carbon policy: the hour that is chosen against the closed form of a grid whose
 * carbon follows the sun, what that saves, and that nothing is lost or late for it. */
#include "base/test_base.h"
#include "twin/twin_fixture.h"
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

#define HOUR_S 3600.0
#define RUN_S  3600.0 /* of a tuning: 36 steps of 100 s on a card of 70 TFLOPS at one half */
#define SHARE  0.3    /* of the mix that follows the sun */
#define LOOK_S 150.0  /* looks of a day's deadline are no further apart */
#define DAY    105
#define PUE    1.25
#define CARD_W 57.0 /* between idle and peak */
#define MIX    0.6

/* A region whose sun stands highest at 12:00 plus 4 minutes for each degree west of 120. */
static void add_region(jw_twin_def *def, const char *id, double mix, double longitude_deg)
{
    jw_error error = {0};
    jw_grid_region region = {.kgco2_per_kwh = mix,
                             .price_cny_per_kwh = 0.5,
                             .latitude_deg = 39,
                             .longitude_deg = longitude_deg,
                             .solar_share = SHARE};
    snprintf(region.id, sizeof region.id, "%s", id);
    assert_int_equal(jw_twin_def_add_region(def, &region, &error), JW_OK);
}

/* A town where nobody drives or asks; "tuning" runs at the cloud, and at a hub in the west when it has a
 * mix. */
static jw_twin_def town(double start_h, double deadline_h, double west_mix, double west_longitude_deg)
{
    jw_twin_def def;
    jw_error error = {0};
    twin_fixture_sites(&def, 2);
    def.traffic.demand.factor = 1e-6;
    for (uint32_t i = 0; i < JW_COUPLING_COUNT; i++)
        def.is_coupling_off[i] = i != JW_COUPLING_ENERGY;
    def.dt_ns = JW_NS_PER_S;
    def.day_of_year = DAY;
    def.start_time_ns = jw_ns_from_s(start_h * HOUR_S);
    def.policy = JW_POLICY_CARBON;
    add_region(&def, "sun", MIX, 120);
    snprintf(def.sites[0].region, sizeof def.sites[0].region, "sun");
    def.sites[0].pue = PUE;
    if (west_mix > 0) {
        add_region(&def, "west", west_mix, west_longitude_deg);
        jw_site_def west = {.name = "west", .tier = JW_TIER_WEST, .x_m = 500, .rack_count = 1, .pue = PUE};
        snprintf(west.region, sizeof west.region, "west");
        snprintf(west.racks[0].card, sizeof west.racks[0].card, "card");
        west.racks[0].count = 8;
        assert_int_equal(jw_twin_def_add_site(&def, &west, &error), JW_OK);
        jw_net_link_def line = {.from = "city-cloud", .to = "west", .capacity_bps = 1e11, .length_m = 1500e3};
        assert_int_equal(jw_twin_def_add_link(&def, &line, &error), JW_OK);
    }
    jw_service tuning = {.id = "tuning",
                         .kind = JW_SERVICE_TRAINING,
                         .gflop_per_item = 3.5e6,
                         .efficiency = 0.5,
                         .image_gb = 1};
    jw_model model = {.id = "tuning", .version = 1, .image_gb = 1, .quality = 1};
    jw_rollout_def rollout = {
        .model = "tuning", .version = 1, .tiers = 1u << JW_TIER_CITY | 1u << JW_TIER_WEST};
    jw_request_type type = {.name = "tuning",
                            .service = "tuning",
                            .up_bytes = 1000,
                            .down_bytes = 1000,
                            .items = 36,
                            .deadline_s = deadline_h * HOUR_S,
                            .timeout_s = deadline_h * HOUR_S + 7200,
                            .is_deferrable = 1};
    assert_int_equal(jw_twin_def_add_service(&def, &tuning, &error), JW_OK);
    assert_int_equal(jw_twin_def_add_model(&def, &model, &error), JW_OK);
    assert_int_equal(jw_twin_def_add_rollout(&def, &rollout, &error), JW_OK);
    assert_int_equal(jw_twin_def_set_request(&def, &type, &error), JW_OK);
    def.rollouts[def.rollout_count - 1] = def.rollouts[0]; /* first in line for cards */
    def.rollouts[0] = rollout;
    return def;
}

static void ask(jw_world *world, uint32_t count)
{
    jw_error error = {0};
    uint32_t type = twin_request_type_find(twin_requests_of(world), "tuning");
    jw_net_end from = {.node = jw_network_find_node(twin_network_of(world), "edge-1")};
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(jw_request_send(world, type, JW_SENDER_VEHICLE, 0, i, from, &error), JW_OK);
}

static int64_t running_at(const jw_world *world, const char *name)
{
    const jw_compute *compute = twin_compute_of(world);
    jw_site_state site;
    assert_true(jw_compute_site(world, compute, jw_compute_find_site(compute, name).index1 - 1, &site));
    return site.running;
}

/* The hour at which work begins that was sent at the start, and where. */
static double begins_h(double start_h, double deadline_h, double west_mix, double west_longitude_deg,
                       const char *where)
{
    jw_twin_def def = town(start_h, deadline_h, west_mix, west_longitude_deg);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 2);
    ask(world, 1);
    double at_h = -1;
    for (uint32_t i = 0; i < 24 * 3600 && at_h < 0; i++) {
        jw_request_counts counts = jw_twin_requests(world, JW_NONE);
        assert_int_equal(counts.in_flight, 1); /* held or under way */
        twin_fixture_run_checked(world, 1);
        if (running_at(world, where) > 0)
            at_h = jw_s_from_ns(jw_world_time_ns(world)) / HOUR_S;
    }
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    return at_h;
}

static void assert_hour(double measured_h, double expected_h)
{
    if (measured_h < expected_h - LOOK_S / HOUR_S || measured_h > expected_h + (LOOK_S + 2) / HOUR_S)
        fail_msg("it began at %.4f h, expected %.4f h", measured_h, expected_h);
}

static void test_work_waits_for_the_hour_of_least_carbon(void **state)
{
    (void)state;
    double half_h = RUN_S / HOUR_S / 2;
    /* A sinusoid's least mean over a window lies symmetric about noon. */
    assert_hour(begins_h(9, 8, 0, 0, "city-cloud"), 12 - half_h);
    /* Falling until the deadline at 11:00: as late as its run and a twentieth allow. */
    assert_hour(begins_h(9, 2, 0, 0, "city-cloud"), 11 - 1.05 * 2 * half_h);
    /* Rising: at once. */
    assert_hour(begins_h(13, 6, 0, 0, "city-cloud"), 13);
    /* A hub at 105 degrees east with half the carbon: its own noon is 13:00. */
    assert_hour(begins_h(10, 8, MIX / 2, 105, "west"), 13 - half_h);
    /* What saves less than a hundredth is not worth waiting for. */
    assert_hour(begins_h(11.4, 4, 0, 0, "city-cloud"), 11.4);
    /* A hub of the same mix, whose sun sets later: there, at once. */
    assert_hour(begins_h(14, 4, MIX, 105, "west"), 14);
    /* And one that is never cleaner gets nothing. */
    assert_hour(begins_h(11, 8, 2 * MIX, 105, "city-cloud"), 12 - half_h);
}

/* kg a kWh at an hour of the day: the sun's share follows the sine of its height, whose mean over the day is
 * that above the horizon. */
static double mix_at(double hour)
{
    double latitude = 39 * JW_PI / 180,
           declination = 23.45 * JW_PI / 180 * jw_sin(JW_TAU * (284 + DAY) / 365);
    double north = jw_sin(latitude) * jw_sin(declination), slope = jw_cos(latitude) * jw_cos(declination);
    double sine = north + slope * jw_cos((hour - 12) * JW_PI / 12), sunset = jw_acos(-north / slope);
    double mean = (sunset * north + slope * jw_sin(sunset)) / JW_PI;
    return MIX * (1 - SHARE * (sine > 0 ? sine / mean : 0)) / (1 - SHARE);
}

static double mean_mix(double from_h)
{
    double sum = 0;
    for (int i = 0; i < 60; i++) /* the twin looks once a minute */
        sum += mix_at(from_h + i / 60.0);
    return sum / 60;
}

/* Carbon of a day's hours with one tuning sent at 8:00. */
static double carbon_kg(bool is_deferrable)
{
    jw_twin_def def = town(8, 8, 0, 0);
    def.requests[def.request_count - 1].is_deferrable = is_deferrable;
    jw_world *world = twin_fixture_create(&def, 1);
    ask(world, 1);
    twin_fixture_run_checked(world, 6 * 3600);
    assert_int_equal(jw_twin_requests(world, JW_NONE).answered, 1);
    double kg = jw_twin_total(world).carbon_kg;
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    return kg;
}

static void test_what_waiting_saves(void **state)
{
    (void)state;
    double saved_g = 1000 * (carbon_kg(false) - carbon_kg(true));
    double expected_g = CARD_W * PUE * RUN_S / HOUR_S * (mean_mix(8) - mean_mix(11.5));
    printf("one tuning held from 8:00 to noon saves %.3f g, by the closed form %.3f g\n", saved_g,
           expected_g);
    assert_true(expected_g > 10 && jw_abs(saved_g / expected_g - 1) < 0.01);
}

/* Six at once for one card: they do not all wait for the last minute. */
static void test_many_keep_their_deadline(void **state)
{
    (void)state;
    jw_twin_def def = town(8, 10, 0, 0);
    def.sites[0].racks[0].count = 1;
    for (uint32_t i = def.rollout_count; i-- > 1;) /* the card is the tuning's */
        def.rollouts[i].tiers = 1u << JW_TIER_EDGE;
    for (uint32_t i = 0; i < def.rollout_count; i++)
        if (strcmp(def.rollouts[i].model, "city-llm") == 0)
            def.rollouts[i--] = def.rollouts[--def.rollout_count];
    jw_world *world = twin_fixture_create(&def, 1);
    ask(world, 6);
    jw_request_counts counts = jw_twin_requests(world, JW_NONE);
    assert_true(counts.held_now == 6 && counts.in_flight == 6 && counts.held == 6);
    jw_writer image = {0};
    jw_error error = {0};
    twin_fixture_run_checked(world, 2 * 3600);
    assert_int_equal(jw_world_save(world, &image, &error), JW_OK);
    twin_fixture_run_checked(world, 8 * 3600);
    counts = jw_twin_requests(world, JW_NONE);
    assert_true(counts.answered == 6 && counts.late == 0 && counts.held_now == 0);
    /* Restored where some were held and some ran, it ends alike. */
    uint64_t hash = jw_world_hash(world);
    assert_int_equal(jw_world_restore(world, image.bytes, image.size, &error), JW_OK);
    assert_true(jw_twin_requests(world, JW_NONE).held_now > 0 && running_at(world, "city-cloud") > 0);
    twin_fixture_run(world, 8 * 3600);
    assert_true(jw_world_hash(world) == hash);
    jw_writer_free(&image);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* A policy from outside sees the same forecast. */
static void test_routes_show_the_forecast(void **state)
{
    (void)state;
    jw_twin_def def = town(9, 8, MIX / 2, 105);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 2);
    uint32_t type = twin_request_type_find(twin_requests_of(world), "tuning");
    uint32_t home = jw_compute_find_site(twin_compute_of(world), "city-cloud").index1 - 1;
    jw_route routes[4];
    assert_int_equal(jw_twin_routes(world, type, home, routes, 4), 2);
    for (uint32_t i = 0; i < 2; i++) {
        double noon_s = (i ? 4 : 3) * HOUR_S - RUN_S / 2;
        double least = PUE * mean_mix(11.5) * (i ? 0.5 : 1);
        assert_true(jw_abs(routes[i].greenest_s - noon_s) < LOOK_S);
        assert_true(jw_abs(routes[i].greenest_kgco2_per_kwh / least - 1) < 0.01);
        assert_true(routes[i].kgco2_per_kwh > 1.1 * routes[i].greenest_kgco2_per_kwh);
    }
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_work_waits_for_the_hour_of_least_carbon),
        JW_UNIT(test_what_waiting_saves),
        JW_UNIT(test_many_keep_their_deadline),
        JW_UNIT(test_routes_show_the_forecast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
