/* Radio users: SINR by hand, sight through buildings, handover, the radio map. */
#include "network/network_fixture.h"

#include <math.h>
#include <string.h>

static const jw_net_node_def nodes[] = {{"mast", JW_NET_CELL_SITE, 0, 0}, {"hill", JW_NET_CELL_SITE, 400, 0}};
static const jw_cell_def cells[] = {{.name = "one", .node = "mast", .x_m = 0, .y_m = 5},
                                    {.name = "two", .node = "hill", .x_m = 400, .y_m = 5}};

static jw_world *radio_world(shared *made, uint32_t cell_count, int64_t dt_ns)
{
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = 2, def.cells = cells, def.cell_count = cell_count;
    def.has_shadowing = false;
    def.a3_offset_db = 0, def.a3_hysteresis_db = 3, def.a3_trigger_s = 0.256;
    return world_create(&def, made, dt_ns, 1);
}

static jw_user_id add_user(jw_world *world, float x_m, float y_m)
{
    jw_user_id user;
    assert_int_equal(jw_network_add_user(network_of(world), 0, x_m, y_m, 1.5f, &user, NULL), JW_OK);
    return user;
}

static const double noise_dbm = -174 + 9 + 80; /* in 100 MHz */

/* 44 dBm, 205 m (the middle of the tile), UMi in sight. */
static void test_noise_limited(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 1, 0);
    jw_user_id user = add_user(world, 203, 7);
    jw_user_radio radio;
    assert_true(jw_network_user_radio(network_of(world), user, &radio));
    double sinr_db = 44 - jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 205, 10, 1.5) - noise_dbm;
    assert_true(fabs((double)radio.sinr_db - sinr_db) < 1e-4);
    assert_int_equal(radio.cqi, jw_cqi_from_sinr(JW_CQI_64QAM, sinr_db));
    assert_int_equal(radio.has_los, 1);
    assert_int_equal(radio.cell.index1, 1);
    jw_user_radio probe = jw_network_probe(network_of(world), 203, 7, 1.5);
    assert_true(probe.cell.index1 == radio.cell.index1 && probe.sinr_db == radio.sinr_db &&
                probe.cqi == radio.cqi && probe.has_los == radio.has_los &&
                probe.rate_down_bps == radio.rate_down_bps && probe.rate_up_bps == radio.rate_up_bps);
    probe = jw_network_probe(network_of(world), 90, 7, 1.5); /* a place where nobody was */
    sinr_db = 44 - jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 95, 10, 1.5) - noise_dbm;
    assert_true(fabs((double)probe.sinr_db - sinr_db) < 1e-4);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* The neighbour's downlink full: its power counts as noise. The uplink is not touched. */
static void test_interference(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 2, 0);
    jw_network *network = network_of(world);
    jw_user_id user = add_user(world, 145, 5), other = add_user(world, 385, 5);
    jw_user_radio quiet, loud;
    run_for(world, 0.5);
    jw_network_user_radio(network, user, &quiet);
    for (uint64_t i = 0; i < 900; i++) {
        jw_message_def def = {
            .from = at_node(network, "hill"), .to = at_user(other), .size_bytes = 1000000, .tag = i};
        assert_int_equal(jw_network_send(world, network, &def, NULL), JW_OK);
    }
    run_for(world, 2);
    jw_network_user_radio(network, user, &loud);
    jw_cell_state cell;
    jw_network_cell(world, network, 1, &cell);
    assert_true(fabs(cell.load - 0.75) < 1e-6);
    assert_true(cell.throughput_bps > 2e8);
    double serving_mw = jw_pow(10, (44 - jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 145, 10, 1.5)) / 10);
    double other_mw = jw_pow(10, (44 - jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 255, 10, 1.5)) / 10);
    double noise_mw = jw_pow(10, noise_dbm / 10);
    assert_true(fabs((double)quiet.sinr_db - 10 * jw_log10(serving_mw / noise_mw)) < 1e-3);
    assert_true(fabs((double)loud.sinr_db - 10 * jw_log10(serving_mw / (noise_mw + other_mw))) < 1e-3);
    assert_true(loud.rate_down_bps < quiet.rate_down_bps && loud.rate_up_bps == quiet.rate_up_bps);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* From one cell to the other and back, 400 m apart, at 10 m/s: one handover each way, behind the middle:
 * where the new cell is 3 dB stronger, and at least 256 ms later. */
static void test_handover(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 2, 100 * JW_NS_PER_MS);
    jw_network *network = network_of(world);
    jw_user_id user = add_user(world, 0, 5);
    float handover_m[2] = {0, 0};
    int count = 0;
    for (int i = 0; i <= 800; i++) {
        float x_m = (float)(i <= 400 ? i : 800 - i), y_m = 5;
        jw_network_move_users(network, 1, &user, &x_m, &y_m);
        run_for(world, 0.1);
        jw_user_radio radio;
        jw_network_user_radio(network, user, &radio);
        if ((int)radio.handovers > count) {
            assert_true(count < 2);
            handover_m[count++] = x_m;
        }
    }
    assert_int_equal(count, 2);
    assert_int_equal(jw_network_count(world, network).handovers, 2);
    double edge_m = 200; /* first tile middle where the difference is 3 dB */
    while (jw_path_loss_db(JW_RADIO_UMI, true, 3.5, edge_m + 5, 10, 1.5) -
               jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 395 - edge_m, 10, 1.5) <=
           3) {
        edge_m += 10;
    }
    /* 1 m a step, 256 ms, of which some passed on the way from the last tile's middle. */
    assert_true(fabs((double)handover_m[0] - edge_m - 1.5) < 2.51);
    assert_true(fabs((double)handover_m[1] - (400 - edge_m - 1.5)) < 2.51);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* ---- buildings -------------------------------------------------------------------------------------------
 */

static jw_vec3 points[8];
static jw_ring_range rings[2] = {{0, 4}, {4, 4}};
static jw_building buildings[2];

static void put_box(int i, double x0, double y0, double x1, double y1, float height_m, float base_m)
{
    jw_vec3 corners[] = {{x0, y0, 0}, {x1, y0, 0}, {x1, y1, 0}, {x0, y1, 0}};
    memcpy(points + 4 * i, corners, sizeof corners);
    buildings[i] = (jw_building){.first_ring = (uint32_t)i,
                                 .ring_count = 1,
                                 .x_m = (x0 + x1) / 2,
                                 .y_m = (y0 + y1) / 2,
                                 .height_m = height_m,
                                 .base_m = base_m};
}

/* In sight when an edge's Fresnel parameter, as given, is not above 0; the loss is that of sight and of the
 * edge, until that is as much as without sight. NAN: so deep that the edge does not matter. */
static bool sees(double x_m, double y_m, uint32_t building_count, double fresnel)
{
    jw_city city = {.points = points,
                    .point_count = 8,
                    .rings = rings,
                    .ring_count = 2,
                    .buildings = buildings,
                    .building_count = building_count};
    shared *made = shared_create();
    made->city = &city;
    jw_world *world = radio_world(made, 1, 0);
    jw_user_radio radio = jw_network_probe(network_of(world), x_m, y_m, 1.5);
    assert_true(radio.cell.index1 == 1);
    double seen_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, x_m, 10, 1.5),
           unseen_db = jw_path_loss_db(JW_RADIO_UMI, false, 3.5, x_m, 10, 1.5);
    double loss_db =
        isnan(fresnel) ? unseen_db : jw_min(seen_db + jw_diffraction_loss_db(fresnel), unseen_db);
    assert_true(fabs((double)radio.sinr_db - (44 - loss_db - noise_dbm)) < 0.01);
    assert_true(isnan(fresnel) || radio.has_los == (fresnel <= 0));
    jw_world_destroy(world);
    shared_destroy(made);
    return radio.has_los;
}

/* Fresnel parameter of an edge so far across the ray of 195 m, so far along it, at 3.5 GHz. */
static double fresnel(double over_m, double at_m)
{
    return over_m * sqrt(2 * 195 / (3e8 / 3.5e9 * at_m * (195 - at_m)));
}

/* The ray from (0, 5) at 10 m to (195, 5) at 1.5 m: over 105 m it is 5.42 m high. */
static void test_sight(void **state)
{
    (void)state;
    double over_m = 10 - 8.5 * 105 / 195;
    put_box(0, 95, -20, 105, 20, 5.4f, 0);
    assert_true(sees(195, 5, 1, fresnel(5.4 - over_m, 105)));
    put_box(0, 95, -20, 105, 20, 5.5f, 0);
    assert_false(sees(195, 5, 1, fresnel(5.5 - over_m, 105)));
    put_box(0, 95, -20, 105, 4, 50, 0); /* 1 m beside the ray: it hears a little of the edge; 3 m: nothing */
    assert_true(sees(195, 5, 1, fresnel(-1, 105)));
    put_box(0, 95, -20, 105, 2, 50, 0);
    assert_true(sees(195, 5, 1, -2));
    put_box(0, 95, -20, 105, 7, 50, 0); /* around its nearer side */
    assert_false(sees(195, 5, 1, fresnel(2, 105)));
    put_box(0, 95, -20, 105, 20, 50, 7); /* a bridge of a building: the ray passes below */
    assert_true(sees(195, 5, 1, fresnel(10 - 8.5 * 95 / 195 - 7, 95)));
    put_box(0, 205, -20, 215, 20, 50, 0); /* behind */
    assert_true(sees(195, 5, 1, -2));
    put_box(0, -10, -10, 20, 20, 30, 0); /* the cell's own */
    assert_true(sees(195, 5, 1, -2));
    put_box(1, 95, -20, 105, 20, 30, 0);
    assert_false(sees(195, 5, 2, NAN));
    put_box(0, 193, -20, 220, 20, 30, 0); /* the tile's middle is inside: it listens outdoors, at x = 192 */
    assert_false(sees(192, 5, 2, NAN));
    put_box(1, 300, -20, 305, 20, 30, 0);
    assert_true(sees(192, 5, 2, -2));
}

/* A wall's end in the middle of the way passes across the ray: the loss never jumps, and only grows, from
 * that of sight to that of none. */
static void test_soft_sight(void **state)
{
    (void)state;
    double last_db = 0, least_db = 0;
    for (int i = 0; i <= 400; i++) {
        put_box(0, 95, -40, 105, 1 + 0.025 * i, 50, 0);
        jw_city city = {.points = points,
                        .point_count = 8,
                        .rings = rings,
                        .ring_count = 2,
                        .buildings = buildings,
                        .building_count = 1};
        shared *made = shared_create();
        made->city = &city;
        jw_world *world = radio_world(made, 1, 0);
        double sinr_db = (double)jw_network_probe(network_of(world), 195, 5, 1.5).sinr_db;
        assert_true(i == 0 || (sinr_db <= last_db && sinr_db > last_db - 0.35));
        least_db = i == 0 ? sinr_db : least_db;
        last_db = sinr_db;
        jw_world_destroy(world);
        shared_destroy(made);
    }
    double gap_db = jw_path_loss_db(JW_RADIO_UMI, false, 3.5, 195, 10, 1.5) -
                    jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 195, 10, 1.5);
    assert_true(fabs(least_db - last_db - gap_db) < 1e-3 && gap_db > 20);
}

/* Without buildings the probability of the standard decides, by a field about each mast: its share over many
 * masts, and how alike places 10 m apart are. */
static void test_drawn_sight(void **state)
{
    (void)state;
    enum { MASTS = 120, STEPS = 30 };
    double seen_count[STEPS] = {0}, expected[STEPS], same = 0;
    for (int mast = 0; mast < MASTS; mast++) {
        jw_cell_def cell = cells[0];
        cell.x_m = 1000.0 * mast;
        jw_network_def def = jw_default_network_def();
        def.nodes = nodes, def.node_count = 2, def.cells = &cell, def.cell_count = 1,
        def.is_los_from_buildings = false, def.has_shadowing = false;
        shared *made = shared_create();
        jw_world *world = world_create(&def, made, 0, 1);
        bool last = false;
        for (int i = 0; i < STEPS; i++) {
            bool is_seen = jw_network_probe(network_of(world), cell.x_m + 15 + 10 * i, 5, 1.5).has_los;
            expected[i] = jw_los_probability(JW_RADIO_UMI, 15 + 10 * i);
            seen_count[i] += is_seen;
            same += i > 0 && is_seen == last;
            last = is_seen;
        }
        jw_world_destroy(world);
        shared_destroy(made);
    }
    double independent = 0;
    for (int i = 0; i < STEPS; i++) {
        double p = expected[i], before = i > 0 ? expected[i - 1] : 0;
        assert_true(fabs(seen_count[i] - MASTS * p) <= 4 * sqrt(MASTS * p * (1 - p)) + 1e-9);
        independent += i > 0 ? p * before + (1 - p) * (1 - before) : 0;
    }
    assert_true(1 - same / (MASTS * (STEPS - 1)) < 0.6 * (1 - independent / (STEPS - 1)));
}

/* A cell placed by command serves who is near at the next step; with radio_interval_s each user has its turn.
 */
static void test_new_cell_and_turns(void **state)
{
    (void)state;
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = 2, def.cells = cells, def.cell_count = 1, def.radio_interval_s = 2;
    def.has_shadowing = false;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 0, 1);
    jw_network *network = network_of(world);
    jw_user_id users[4];
    for (int i = 0; i < 4; i++) {
        users[i] = add_user(world, 365, 5);
    }
    jw_command command = jw_command_make("place_cell");
    jw_command_text(&command, "name", "three");
    jw_command_text(&command, "node", "hill");
    jw_command_number(&command, "x", 380);
    jw_command_number(&command, "y", 5);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    int moved_before = 0;
    for (int step = 1; step <= 8; step++) { /* the first look starts A3, the second, 2 s later, ends it */
        run_for(world, 0.5);
        int moved = 0;
        for (int i = 0; i < 4; i++) {
            jw_user_radio radio;
            jw_network_user_radio(network, users[i], &radio);
            moved += radio.cell.index1 == 2;
        }
        assert_int_equal(moved - moved_before, step > 4 ? 1 : 0);
        moved_before = moved;
    }
    jw_cell_state cell;
    assert_true(jw_network_cell(world, network, 1, &cell));
    assert_int_equal(cell.users, 4);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Indoors: the building around is not in the way, its wall and rooms are; the same place outdoors hears
 * without them. An array's beam helps its own users alone. */
static void test_indoors_and_beams(void **state)
{
    (void)state;
    static const jw_vec3 house[] = {{180, -20, 0}, {230, -20, 0}, {230, 30, 0}, {180, 30, 0}};
    static const jw_ring_range ring = {0, 4};
    for (int k = 0; k < 4; k++) {
        jw_building building = {.ring_count = 1,
                                .x_m = 205,
                                .y_m = 5,
                                .height_m = 12,
                                .use = k & 1 ? JW_USE_OFFICE : JW_USE_RESIDENTIAL};
        jw_city city = {.points = house,
                        .point_count = 4,
                        .rings = &ring,
                        .ring_count = 1,
                        .buildings = &building,
                        .building_count = 1};
        jw_cell_def both[2] = {cells[0], cells[1]};
        both[0].antenna = k & 2 ? JW_ANTENNA_ARRAY : JW_ANTENNA_OMNI;
        both[0].azimuth_deg = 90;
        jw_network_def def = jw_default_network_def();
        def.nodes = nodes, def.node_count = 2, def.cells = both, def.cell_count = 1,
        def.has_shadowing = false;
        shared *made = shared_create();
        made->city = &city;
        jw_world *world = world_create(&def, made, 0, 1);
        jw_user_id user = add_user(world, 203, 7), street = add_user(world, 153, 7);
        jw_network_set_indoor(network_of(world), user, true);
        run_for(world, 0.5);
        jw_user_radio radio, outside;
        assert_true(jw_network_user_radio(network_of(world), user, &radio));
        assert_true(jw_network_user_radio(network_of(world), street, &outside));
        double gain_db = k & 2 ? jw_cell_gain_dbi(&(jw_cell_def){.antenna = JW_ANTENNA_ARRAY,
                                                                 .antenna_gain_dbi = 8,
                                                                 .azimuth_deg = 90,
                                                                 .y_m = 5,
                                                                 .height_m = 10},
                                                  205, 5, 1.5) +
                                     10 * log10(64) - 2
                               : 0;
        double loss_db =
            jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 205, 10, 1.5) + jw_wall_loss_db(k & 1, 3.5) + 25.0 / 6;
        assert_true(fabs((double)radio.sinr_db - (44 + gain_db - loss_db - noise_dbm)) < 1e-3);
        assert_int_equal(radio.has_los, 1);
        assert_true(outside.sinr_db > radio.sinr_db + 15);
        jw_world_destroy(world);
        shared_destroy(made);
    }
}

/* Maps say at each place what a probe says there, for any number of threads, and change nothing. One cell's
 * power a subcarrier is 44 dBm less 10 lg (100 MHz / 30 kHz) and the loss. */
static void test_map(void **state)
{
    (void)state;
    enum { PLACES = 3000 };
    static double x_m[PLACES], y_m[PLACES];
    static jw_radio_at one[PLACES], many[PLACES];
    for (uint32_t i = 0; i < PLACES; i++) {
        x_m[i] = -300 + 20.0 * (i % 60);
        y_m[i] = -400 + 17.0 * (i / 60);
    }
    x_m[7] = NAN;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 2, 0);
    add_user(world, 145, 5);
    run_for(world, 1);
    uint64_t hash = jw_world_hash(world);
    jw_network_map(network_of(world), PLACES, x_m, y_m, 1.5, 1, one);
    jw_network_map(network_of(world), PLACES, x_m, y_m, 1.5, 3, many);
    assert_memory_equal(one, many, sizeof one);
    assert_true(isnan(one[7].power_dbm) && one[7].rate_down_bps == 0 && one[7].cell.index1 == 0);
    for (uint32_t i = 8; i < PLACES; i++) {
        jw_user_radio probe = jw_network_probe(network_of(world), x_m[i], y_m[i], 1.5);
        assert_true(probe.sinr_db == one[i].sinr_db && probe.rate_down_bps == one[i].rate_down_bps &&
                    probe.rate_up_bps == one[i].rate_up_bps && probe.cell.index1 == one[i].cell.index1);
    }
    assert_true(jw_world_hash(world) == hash);
    double x = 203, y = 7;
    jw_network_map(network_of(world), 1, &x, &y, 1.5, 1, one);
    double loss_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 195, 10, 1.5); /* of "two" */
    assert_true(fabs((double)one[0].power_dbm - (44 - 10 * jw_log10(100e6 / 30e3) - loss_db)) < 1e-3);
    jw_world_destroy(world);
    shared_destroy(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_limited),     cmocka_unit_test(test_map),
        cmocka_unit_test(test_indoors_and_beams), cmocka_unit_test(test_interference),
        cmocka_unit_test(test_handover),          cmocka_unit_test(test_sight),
        cmocka_unit_test(test_soft_sight),        cmocka_unit_test(test_drawn_sight),
        cmocka_unit_test(test_new_cell_and_turns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
