/* Messages over radio: sharing of a cell against the closed form, coverage, failures, energy. */
#include "network/network_fixture.h"

#include <math.h>
#include <string.h>

static const jw_net_node_def nodes[] = {
    {"core", JW_NET_SWITCH, 0, 0}, {"mast", JW_NET_CELL_SITE, 0, 0}, {"hill", JW_NET_CELL_SITE, 400, 0}};
static const jw_net_link_def links[] = {
    {.name = "cm", .from = "core", .to = "mast", .capacity_bps = 1e12, .length_m = 1},
    {.name = "ch", .from = "core", .to = "hill", .capacity_bps = 1e12, .length_m = 1}};
static const jw_cell_def cells[] = {{.name = "one", .node = "mast", .x_m = 0, .y_m = 0},
                                    {.name = "two", .node = "hill", .x_m = 400, .y_m = 0}};

static jw_world *radio_world(shared *made, uint32_t cell_count, int64_t dt_ns)
{
    jw_network_def def = jw_default_network_def();
    def.has_shadowing = false;
    def.nodes = nodes, def.node_count = 3, def.links = links, def.link_count = 2;
    def.cells = cells, def.cell_count = cell_count;
    return world_create(&def, made, dt_ns, 1);
}

static jw_user_id add_user(jw_world *world, float x_m)
{
    jw_user_id user;
    assert_int_equal(jw_network_add_user(network_of(world), 0, x_m, 5, 1.5f, &user, NULL), JW_OK);
    return user;
}

static const double blocks_hz = 273 * 12 * 30e3; /* TS 38.101-1: 100 MHz at 30 kHz */

/* SINR in the uplink without interference: open-loop power over 100 MHz of 180 kHz blocks, at most 23 dBm; a
 * noise figure of 5 dB. The place is the middle of its tile. */
static double up_sinr_db(double middle_m)
{
    double loss_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, hypot(middle_m, 5), 10, 1.5);
    double power_dbm = jw_min(23, -80 + 10 * log10(100e6 / 180e3) + 0.8 * loss_db);
    return power_dbm - 80 - loss_db + 174 - 5;
}

static void send_to(jw_world *world, jw_net_end from, jw_net_end to, int64_t size_bytes, uint64_t tag)
{
    jw_message_def def = {
        .from = from, .to = to, .size_bytes = size_bytes, .kind = JW_TRAFFIC_AI, .tag = tag};
    assert_int_equal(jw_network_send(world, network_of(world), &def, NULL), JW_OK);
}

/* Alone a message takes size / rate and the air's 4 ms; the rate is one layer of 100 MHz at the user's CQI.
 */
static void test_alone(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 1, 0);
    jw_network *network = network_of(world);
    jw_user_id user = add_user(world, 35);
    jw_user_radio radio;
    assert_true(jw_network_user_radio(network, user, &radio));
    assert_int_equal(radio.cqi, 15);
    assert_true(fabs((double)radio.rate_down_bps - 5.5547 * blocks_hz * 0.75 * 0.86) < 100);
    uint8_t up_cqi = jw_cqi_from_sinr(JW_CQI_64QAM, up_sinr_db(35));
    assert_true(up_cqi == 14); /* where full power would have given 15 */
    double up_bps = jw_cqi_efficiency(JW_CQI_64QAM, up_cqi) * blocks_hz * 0.25 * 0.92;
    assert_true(fabs((double)radio.rate_up_bps - up_bps) < 100);
    send_to(world, at_node(network, "mast"), at_user(user), 1000000, 1);
    run_for(world, 1);
    double down_s = 8e6 / (double)radio.rate_down_bps, up_s = 8e6 / (double)radio.rate_up_bps;
    assert_true(fabs((double)made->seen.time_ns[1] * 1e-9 - down_s - 0.004) < 1e-8);
    jw_net_end mast = at_node(network, "mast");
    assert_true(fabs(jw_network_estimate_s(network, mast, at_user(user), 1000000) - down_s - 0.004) < 1e-8);
    send_to(world, at_user(user), mast, 1000000, 2);
    run_for(world, 1);
    assert_true(fabs((double)made->seen.time_ns[2] * 1e-9 - 1 - up_s - 0.004) < 1e-8);
    send_to(world, at_user(user), at_user(user), 1000000, 3); /* up and down */
    run_for(world, 1);
    assert_true(fabs((double)made->seen.time_ns[3] * 1e-9 - 2 - up_s - down_s - 0.008) < 1e-8);
    /* Three at once share: all end when the work of three is done. */
    for (uint64_t i = 4; i < 7; i++) {
        send_to(world, mast, at_user(user), 1000000, i);
    }
    run_for(world, 1);
    for (int i = 4; i < 7; i++) {
        assert_true(fabs((double)made->seen.time_ns[i] * 1e-9 - 3 - 3 * down_s - 0.004) < 1e-7);
    }
    jw_world_destroy(world);
    shared_destroy(made);
}

/* Control messages weigh ten times a message of another kind: 1 MB of each, begun together. */
static void test_control_weight(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 1, 0);
    jw_network *network = network_of(world);
    jw_user_id user = add_user(world, 35);
    jw_message_def def = {.from = at_node(network, "mast"), .to = at_user(user), .size_bytes = 1000000};
    for (uint8_t kind = 0; kind < 2; kind++) {
        def.kind = kind ? JW_TRAFFIC_VIDEO : JW_TRAFFIC_CONTROL;
        def.tag = def.kind;
        assert_int_equal(jw_network_send(world, network, &def, NULL), JW_OK);
    }
    run_for(world, 1);
    double need_s = 8e6 / (5.5547 * blocks_hz * 0.75 * 0.86);
    assert_true(fabs((double)made->seen.time_ns[JW_TRAFFIC_CONTROL] * 1e-9 - need_s * 1.1 - 0.004) < 1e-7);
    assert_true(fabs((double)made->seen.time_ns[JW_TRAFFIC_VIDEO] * 1e-9 - need_s * 2 - 0.004) < 1e-7);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A terminal so far that 23 dBm reach CQI 1 only over a narrow band: its upload is slow, but costs the cell
 * no more than CQI 1 over the whole band, so that another upload beside it is hardly slowed. */
static void test_narrow_band(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 1, 0);
    jw_network *network = network_of(world);
    jw_user_id far = add_user(world, 1805), near = add_user(world, 35);
    jw_user_radio radio;
    jw_network_user_radio(network, far, &radio);
    double sinr_db = up_sinr_db(1805);
    double whole_bps = 0.1523 * blocks_hz * 0.25 * 0.92,
           alone_bps = whole_bps * jw_pow(10, (sinr_db + 6.7) / 10);
    assert_true(alone_bps < 0.3 * whole_bps);
    assert_true(fabs((double)radio.rate_up_bps / alone_bps - 1) < 1e-4);
    send_to(world, at_user(far), at_node(network, "mast"), 100000, 1);
    send_to(world, at_user(near), at_node(network, "mast"), 100000, 2);
    run_for(world, 5);
    double near_s = 8e5 / (5.1152 * blocks_hz * 0.25 * 0.92);
    assert_true(fabs((double)made->seen.time_ns[2] * 1e-9 - 2 * near_s - 0.004) < 1e-6); /* half the cell */
    assert_true(fabs((double)made->seen.time_ns[1] * 1e-9 - 8e5 / alone_bps - near_s - 0.004) < 1e-3);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* M/G/1 processor sharing: E[T | x] = x / (1 - load), whatever the distribution of sizes. */
static struct {
    double load;
    uint32_t count;
    jw_user_id user;
    double rate_bps;
    int64_t sent_ns[TAGS_MAX];
    double need_ms[TAGS_MAX];
} share;

static void arrive(jw_world *world, uint32_t i)
{
    jw_random_key key = {5, 5};
    double need_ms =
        jw_random_uniform(key, i, 1) < 0.5 ? 0.4 : jw_random_exponential(key, i, 2, 1.6); /* mean 1 */
    int64_t size_bytes = 1 + (int64_t)(need_ms * 1e-3 * share.rate_bps / 8);
    share.sent_ns[i] = jw_world_time_ns(world);
    share.need_ms[i] = (double)size_bytes * 8 / share.rate_bps * 1e3;
    send_to(world, at_node(network_of(world), "mast"), at_user(share.user), size_bytes, i);
    if (i + 1 < share.count) {
        source_at(world,
                  jw_world_time_ns(world) + jw_ns_from_s(jw_random_exponential(key, i, 0, 1e-3 / share.load)),
                  i + 1);
    }
}

static void test_processor_sharing(void **state)
{
    (void)state;
    static const double loads[] = {0.5, 0.8};
    for (int k = 0; k < 2; k++) {
        shared *made = shared_create();
        made->on_source = arrive;
        jw_world *world = radio_world(made, 1, 0);
        share.user = add_user(world, 35);
        jw_user_radio radio;
        jw_network_user_radio(network_of(world), share.user, &radio);
        share.rate_bps = (double)radio.rate_down_bps, share.load = loads[k], share.count = 200000;
        source_at(world, 0, 0);
        double mean_load = 0;
        int steps = (int)(share.count * 1e-3 / share.load / 0.5 * 0.95);
        for (int i = 0; i < steps; i++) {
            run_for(world, 0.5);
            jw_cell_state cell;
            jw_network_cell(world, network_of(world), 0, &cell);
            mean_load += cell.load / steps;
        }
        run_for(world, share.count * 1e-3 / share.load * 0.1 + 5);
        assert_true(fabs(mean_load - 0.75 * share.load) < 0.01); /* of all blocks: the downlink has 0.75 */
        double small_ms = 0, large_ms = 0, large_need_ms = 0;
        uint32_t small = 0, large = 0;
        for (uint32_t i = 0; i < share.count; i++) {
            assert_int_equal(made->seen.delivered[i], 1);
            double time_ms = (double)(made->seen.time_ns[i] - share.sent_ns[i]) * 1e-6 - 4;
            if (share.need_ms[i] > 0.39 && share.need_ms[i] < 0.41) {
                small_ms += time_ms;
                small++;
            } else if (share.need_ms[i] > 3) {
                large_ms += time_ms;
                large_need_ms += share.need_ms[i];
                large++;
            }
        }
        assert_true(fabs(small_ms / small / 0.4 * (1 - share.load) - 1) < 0.04);
        assert_true(fabs(large_ms / large_need_ms * (1 - share.load) - 1) < 0.04);
        (void)large;
        jw_world_destroy(world);
        shared_destroy(made);
    }
}

/* A user out of coverage: its messages wait; it comes back in time or they are lost. */
static void test_outage(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 1, 0);
    jw_network *network = network_of(world);
    jw_user_id user = add_user(world, 50000);
    jw_user_radio radio;
    jw_network_user_radio(network, user, &radio);
    assert_true(radio.cell.index1 == 0 && radio.cqi == 0 && radio.rate_down_bps == 0);
    assert_true(jw_network_estimate_s(network, at_node(network, "core"), at_user(user), 1) < 0);
    run_for(world, 0.5);
    assert_int_equal(jw_network_count(world, network).radio_outages, 1);
    send_to(world, at_node(network, "core"), at_user(user), 1000, 1);
    send_to(world, at_user(user), at_node(network, "core"), 1000, 2);
    run_for(world, 3);
    assert_true(made->seen.lost[1] == 1 && made->seen.lost[2] == 1);
    assert_int_equal(made->seen.why[1], JW_LOSS_OUTAGE);
    assert_int_equal(made->seen.time_ns[2], 2500 * JW_NS_PER_MS + 1);
    send_to(world, at_node(network, "core"), at_user(user), 1000, 3);
    send_to(world, at_user(user), at_node(network, "core"), 1000, 4);
    run_for(world, 1);
    float x_m = 100, y_m = 0;
    jw_network_move_users(network, 1, &user, &x_m, &y_m);
    run_for(world, 1);
    assert_true(made->seen.delivered[3] == 1 && made->seen.delivered[4] == 1);
    /* Who left in the meantime is gone. */
    send_to(world, at_node(network, "core"), at_user(user), 1000, 5);
    jw_network_remove_user(world, network, user);
    run_for(world, 1);
    assert_int_equal(made->seen.lost[5], 1);
    assert_int_equal(made->seen.why[5], JW_LOSS_USER_GONE);
    check_identities(world, network);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A cell fails with messages in the air: its users go to the other one, each message still ends once. */
static void test_cell_failure(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 2, 0);
    jw_network *network = network_of(world);
    jw_user_id user = add_user(world, 105);
    for (uint64_t i = 0; i < 200; i++) {
        send_to(world, at_node(network, "core"), at_user(user), 200000, i);
        send_to(world, at_user(user), at_node(network, "core"), 20000, 200 + i);
    }
    run_for(world, 0.5);
    jw_network_counts counts = jw_network_count(world, network);
    assert_true(counts.messages_in_flight > 0);
    jw_command command = jw_command_make("fail_cell");
    jw_command_text(&command, "name", "one");
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_for(world, 1);
    jw_user_radio radio;
    jw_network_user_radio(network, user, &radio);
    assert_int_equal(radio.cell.index1, 2);
    check_identities(world, network);
    run_for(world, 20);
    for (int i = 0; i < 400; i++) {
        assert_int_equal(made->seen.delivered[i], 1);
    }
    command = jw_command_make("repair_cell");
    jw_command_text(&command, "name", "one");
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_for(world, 2);
    jw_network_user_radio(network, user, &radio);
    assert_int_equal(radio.cell.index1, 1);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A cell refuses what it cannot hold: 1,000 messages a direction. */
static void test_full_cell(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 1, 0);
    jw_user_id user = add_user(world, 35);
    for (uint64_t i = 0; i < 1200; i++) {
        send_to(world, at_node(network_of(world), "mast"), at_user(user), 1000000, i);
    }
    run_for(world, 60);
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_int_equal(counts.messages_delivered, 1000);
    assert_int_equal(counts.messages_lost, 200);
    assert_int_equal(made->seen.why[1199], JW_LOSS_QUEUE);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* Idle 300 W; with the users' other traffic in 0.4 of the downlink, a 0.3 of all blocks: 300 + 0.3 * 600 W.
 */
static void test_energy_and_background(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_network_def def = jw_default_network_def();
    def.has_shadowing = false;
    def.nodes = nodes, def.node_count = 3, def.links = links, def.link_count = 2, def.cells = cells,
    def.cell_count = 1;
    def.user_background_bps = 0.4 * 5.5547 * blocks_hz * 0.75 * 0.86;
    jw_world *world = world_create(&def, made, 0, 1);
    jw_network *network = network_of(world);
    run_for(world, 10);
    jw_cell_state cell;
    jw_network_cell(world, network, 0, &cell);
    assert_true(fabs(cell.energy_j - 3000) < 1e-6);
    assert_true(fabs(jw_network_count(world, network).energy_j - 3000 - 1500) <
                1e-6); /* one switch of 150 W */
    jw_user_id user = add_user(world, 35);
    run_for(world, 1); /* attached in one step, its traffic measured in the next */
    jw_network_cell(world, network, 0, &cell);
    double before_j = cell.energy_j;
    assert_true(fabs(cell.load - 0.3) < 1e-6);
    run_for(world, 10);
    jw_network_cell(world, network, 0, &cell);
    assert_int_equal(cell.users, 1);
    assert_true(fabs(cell.energy_j - before_j - 4800) < 0.01);
    int64_t before_ns = jw_world_time_ns(world);
    send_to(world, at_node(network, "mast"), at_user(user), 1000000, 1);
    run_for(world, 1);
    double need_s = 8e6 / (5.5547 * blocks_hz * 0.75 * 0.86) / 0.6; /* what the others leave */
    assert_true(fabs((double)(made->seen.time_ns[1] - before_ns) * 1e-9 - need_s - 0.004) < 1e-6);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* The neighbour's terminal, alone with its cell's whole uplink, is heard here as what it sends less the loss
 * to here: the noise rises by that, the uplink slows, the downlink does not. */
static void test_uplink_interference(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 2, 100 * JW_NS_PER_MS);
    jw_network *network = network_of(world);
    jw_user_id here = add_user(world, 105), there = add_user(world, 255);
    add_user(world, 355); /* as likely to be the one who sends: all users of a cell count alike */
    jw_user_radio quiet, loud;
    jw_cell_state cell;
    run_for(world, 1);
    jw_network_user_radio(network, here, &quiet);
    assert_true(jw_network_cell(world, network, 0, &cell));
    assert_true(cell.up_rise_db == 0);
    for (uint64_t i = 0; i < 50; i++) {
        send_to(world, at_user(there), at_node(network, "hill"), 2000000, i);
    }
    run_for(world, 1);
    jw_network_user_radio(network, here, &loud);
    assert_true(jw_network_cell(world, network, 1, &cell));
    assert_true(fabs(cell.up_load - 1) < 1e-9 && cell.up_rise_db == 0);
    assert_true(jw_network_cell(world, network, 0, &cell));
    double rise = 1;
    for (int k = 0; k < 2; k++) {
        double away_m = k ? 355 : 255;
        double own_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, hypot(400 - away_m, 5), 10, 1.5),
               other_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, hypot(away_m, 5), 10, 1.5);
        double sent_dbm = jw_min(23, -80 + 10 * log10(100e6 / 180e3) + 0.8 * own_db) - 80;
        rise += 0.5 * pow(10, (sent_dbm - other_db + 174 - 5) / 10);
    }
    assert_true(rise > 1.2 && fabs(cell.up_rise_db - 10 * log10(rise)) < 1e-3);
    double sinr_db = up_sinr_db(105) - 10 * log10(rise);
    double up_bps =
        jw_cqi_efficiency(JW_CQI_64QAM, jw_cqi_from_sinr(JW_CQI_64QAM, sinr_db)) * blocks_hz * 0.25 * 0.92;
    assert_true(fabs((double)loud.rate_up_bps - up_bps) < 100);
    assert_true(loud.rate_up_bps < quiet.rate_up_bps && loud.rate_down_bps == quiet.rate_down_bps);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A user's own demand is its share of the cell both ways: what is left serves messages. */
static void test_demand(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = radio_world(made, 1, 100 * JW_NS_PER_MS);
    jw_network *network = network_of(world);
    jw_user_id many = add_user(world, 35), one = add_user(world, 35);
    jw_user_radio before, after;
    jw_cell_state cell;
    jw_network_user_radio(network, one, &before);
    jw_network_set_demand(network, many, (double)before.rate_down_bps / 4, (double)before.rate_up_bps / 2);
    run_for(world, 0.5);
    jw_network_user_radio(network, one, &after);
    assert_true(jw_network_cell(world, network, 0, &cell));
    assert_true(fabs((double)(after.rate_down_bps / before.rate_down_bps) - 0.75) < 1e-6);
    assert_true(fabs((double)(after.rate_up_bps / before.rate_up_bps) - 0.5) < 1e-6);
    assert_true(fabs(cell.up_load - 0.5) < 1e-6 && fabs(cell.load - 0.75 * 0.25 - 0.25 * 0.5) < 1e-6);
    jw_network_set_demand(network, many, 0, 0);
    run_for(world, 0.5);
    jw_network_user_radio(network, one, &after);
    assert_true(after.rate_down_bps == before.rate_down_bps);
    jw_world_destroy(world);
    shared_destroy(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),       cmocka_unit_test(test_control_weight),
        cmocka_unit_test(test_narrow_band), cmocka_unit_test(test_processor_sharing),
        cmocka_unit_test(test_outage),      cmocka_unit_test(test_cell_failure),
        cmocka_unit_test(test_full_cell),   cmocka_unit_test(test_uplink_interference),
        cmocka_unit_test(test_demand),      cmocka_unit_test(test_energy_and_background)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
