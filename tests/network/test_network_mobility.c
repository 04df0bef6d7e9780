/* Users on the move past cells: handover, ping-pong, failure; cells that sleep. */
#include "network/network_fixture.h"

#include <math.h>
#include <string.h>

static const jw_net_node_def nodes[] = {{"west", JW_NET_CELL_SITE, 0, 0}, {"east", JW_NET_CELL_SITE, 400, 0}};

static jw_world *two_cells(shared *made, double hysteresis_db, double trigger_s, double t310_s,
                           double sleep_load)
{
    static jw_cell_def cells[2];
    cells[0] = (jw_cell_def){.name = "w", .node = "west", .y_m = 5};
    cells[1] = (jw_cell_def){.name = "e", .node = "east", .x_m = 400, .y_m = 5, .sleep_load = sleep_load};
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = 2, def.cells = cells, def.cell_count = 2, def.has_shadowing = false;
    def.a3_offset_db = 0, def.a3_hysteresis_db = hysteresis_db, def.a3_trigger_s = trigger_s,
    def.t310_s = t310_s;
    return world_create(&def, made, 100 * JW_NS_PER_MS, 1);
}

static jw_user_id add_user(jw_world *world, float x_m)
{
    jw_user_id user;
    assert_int_equal(jw_network_add_user(network_of(world), 0, x_m, 5, 1.5f, &user, NULL), JW_OK);
    return user;
}

/* One step with the user there; the cell that serves it then, 0 in outage. */
static uint32_t step_at(jw_world *world, jw_user_id user, float x_m)
{
    float y_m = 5;
    jw_network_move_users(network_of(world), 1, &user, &x_m, &y_m);
    run_for(world, 0.1);
    jw_user_radio radio;
    jw_network_user_radio(network_of(world), user, &radio);
    return radio.cell.index1;
}

/* Stronger by more than hysteresis for the whole time to trigger: a shorter spell changes nothing. */
static void test_time_to_trigger(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = two_cells(made, 3, 0.5, 1, 0);
    jw_user_id user = add_user(world, 100);
    assert_int_equal(step_at(world, user, 100), 1);
    for (int spell = 0; spell < 3; spell++) {
        for (int i = 0; i < 5; i++) { /* seen better at 0, 0.1 .. 0.4 s: not yet 0.5 s */
            assert_int_equal(step_at(world, user, 300), 1);
        }
        assert_int_equal(step_at(world, user, 100), 1);
    }
    for (int i = 0; i < 30; i++) { /* stronger, yet by less than 3 dB: (205 / 195)^2.1 is 0.46 dB */
        assert_int_equal(step_at(world, user, 205), 1);
    }
    for (int i = 0; i < 6; i++) {
        assert_int_equal(step_at(world, user, 300), i < 5 ? 1 : 2);
    }
    jw_network_counts counts = jw_network_count(world, network_of(world));
    assert_true(counts.handovers == 1 && counts.ping_pongs == 0 && counts.radio_failures == 0);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* To and fro across the middle every 0.4 s without hysteresis: each return within a second is a ping-pong;
 * to and fro every 1.5 s is none; with 3 dB nothing is handed over. */
static void test_ping_pong(void **state)
{
    (void)state;
    for (int slow = 0; slow < 2; slow++) {
        shared *made = shared_create();
        jw_world *world = two_cells(made, 0.01, 0.1, 1, 0);
        jw_user_id user = add_user(world, 185);
        for (int turn = 0; turn < 6; turn++) {
            for (int i = 0; i < (slow ? 15 : 4); i++) {
                step_at(world, user, turn % 2 ? 185 : 215);
            }
        }
        jw_network_counts counts = jw_network_count(world, network_of(world));
        assert_int_equal(counts.handovers, 6);
        assert_int_equal(counts.ping_pongs, slow ? 0 : 5); /* the first is no return */
        jw_world_destroy(world);
        world = two_cells(made, 3, 0.1, 1, 0);
        user = add_user(world, 185);
        for (int i = 0; i < 40; i++) {
            step_at(world, user, i / 4 % 2 ? 185 : 215);
        }
        assert_int_equal(jw_network_count(world, network_of(world)).handovers, 0);
        jw_world_destroy(world);
        shared_destroy(made);
    }
}

/* Interference over the signal where a user stands, both cells' losses by the middle of the tile. */
static double ratio_db(double x_m)
{
    double middle_m = floor(x_m / 10) * 10 + 5, near_m = jw_max(400 - middle_m, 10);
    return jw_path_loss_db(JW_RADIO_UMI, true, 3.5, near_m, 10, 1.5) -
           jw_path_loss_db(JW_RADIO_UMI, true, 3.5, middle_m, 10, 1.5);
}

/* Seconds until the user at x_m goes to cell 2, which is loud; its order to hand over comes after trigger_s.
 */
static double time_to_fail(double trigger_s, double t310_s, float x_m, jw_network_counts *out_counts)
{
    shared *made = shared_create();
    jw_world *world = two_cells(made, 3, trigger_s, t310_s, 0);
    jw_network *network = network_of(world);
    jw_user_id user = add_user(world, 100), other = add_user(world, 385);
    for (uint64_t i = 0; i < 2000; i++) {
        jw_message_def def = {
            .from = at_node(network, "east"), .to = at_user(other), .size_bytes = 1000000, .tag = i};
        jw_network_send(world, network, &def, NULL);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(step_at(world, user, 100), 1);
    }
    int steps = 0;
    uint32_t cell = 1;
    while (cell != 2 && steps < 100) {
        cell = step_at(world, user, x_m);
        steps++;
    }
    *out_counts = jw_network_count(world, network);
    jw_world_destroy(world);
    shared_destroy(made);
    return 0.1 * (steps - 1);
}

/* The neighbour's full downlink drowns the serving cell close to the neighbour: below -8 dB the link fails
 * when T310 expires, or earlier when the handover is ordered, which cannot be heard; between -8 dB and CQI 1
 * nothing gets through, but the link lives until the handover. */
static void test_failure(void **state)
{
    (void)state;
    jw_network_counts counts;
    float bad_m = 100, poor_m = 100;
    while (ratio_db((double)bad_m) > -8) {
        bad_m += 10;
    }
    while (ratio_db((double)poor_m) > -6.7) {
        poor_m += 10;
    }
    assert_true(ratio_db((double)poor_m) > -8 && bad_m < 390);
    /* T310 after half of the 200 ms over which quality is looked at, A3 under way. */
    assert_true(fabs(time_to_fail(10, 1, bad_m, &counts) - 1.1) < 1e-9);
    assert_true(counts.radio_failures == 1 && counts.late_handovers == 1 && counts.handovers == 0);
    assert_true(fabs(time_to_fail(10, 0.4, bad_m, &counts) - 0.5) < 1e-9);
    assert_true(fabs(time_to_fail(0.5, 1, bad_m, &counts) - 0.5) < 1e-9); /* the order is not heard */
    assert_true(counts.radio_failures == 1 && counts.late_handovers == 1 && counts.handovers == 0);
    assert_true(fabs(time_to_fail(2, 1, poor_m, &counts) - 2) < 1e-9);
    assert_true(counts.radio_failures == 0 && counts.late_handovers == 0 && counts.handovers == 1);
}

/* Measurements are filtered: after a while at 205 m, where the east cell is better by half a decibel, that at
 * 280 m counts as better by the hysteresis only when 1 - 2^(-t / 0.2 s) of the difference has come in. */
static void test_filter(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = two_cells(made, 7.5, 0.1, 1, 0);
    jw_user_id user = add_user(world, 100);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(step_at(world, user, i ? 205 : 100), 1);
    }
    double near_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 205, 10, 1.5) -
                     jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 195, 10, 1.5),
           far_db = jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 285, 10, 1.5) -
                    jw_path_loss_db(JW_RADIO_UMI, true, 3.5, 115, 10, 1.5);
    assert_true(near_db > 0 && near_db < 1 && far_db > 7);
    int expected = 1;
    for (double kept = pow(0.5, 0.5); far_db + (near_db - far_db) * pow(kept, expected) <= 7.5;) {
        expected++;
    }
    assert_true(expected > 2);
    int steps = 1;
    while (step_at(world, user, 280) == 1) {
        steps++;
    }
    assert_int_equal(steps, expected + 1); /* and the time to trigger */
    jw_world_destroy(world);
    shared_destroy(made);
}

/* ---- sleep -----------------------------------------------------------------------------------------------
 */

static jw_cell_state cell_of(jw_world *world, uint32_t slot)
{
    jw_cell_state cell;
    assert_true(jw_network_cell(world, network_of(world), slot, &cell));
    return cell;
}

/* Quiet for 30 s the cell falls asleep, its user goes to the other; a user out of the other's reach needs it:
 * it wakes in 1 s. Energy: 300 W awake and idle, 30 W asleep, 300 W while it wakes. */
static void test_sleep(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = two_cells(made, 3, 0.256, 1, 0.1);
    jw_network *network = network_of(world);
    jw_user_id user = add_user(world, 300);
    jw_user_radio radio;
    run_for(world, 29.9);
    assert_false(cell_of(world, 1).is_asleep);
    double before_j = cell_of(world, 1).energy_j;
    assert_true(fabs(before_j - 300 * 29.9) < 1e-6);
    run_for(world, 0.3);
    assert_true(cell_of(world, 1).is_asleep);
    jw_network_user_radio(network, user, &radio);
    assert_int_equal(radio.cell.index1, 1);
    double asleep_j = cell_of(world, 1).energy_j;
    run_for(world, 60);
    assert_true(cell_of(world, 1).is_asleep);
    assert_true(fabs(cell_of(world, 1).energy_j - asleep_j - 30 * 60) < 40); /* power is set each phase */
    assert_int_equal(jw_network_count(world, network).cell_sleeps, 1);
    jw_user_id far;
    assert_int_equal(jw_network_add_user(network, 0, 7000, 5, 1.5f, &far, NULL), JW_OK);
    jw_network_user_radio(network, far, &radio);
    assert_int_equal(radio.cell.index1, 0);
    run_for(world, 0.9);
    assert_true(cell_of(world, 1).is_asleep);
    run_for(world, 0.5);
    assert_false(cell_of(world, 1).is_asleep);
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A cell whose user hears nobody else stays awake however quiet; so does one with sleep_load 0. */
static void test_no_sleep(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = two_cells(made, 3, 0.256, 1, 0.1);
    float far_m = 400; /* the farthest place where only the east cell is heard */
    double needed_db = 44 - 80 + 165 + 6.7;
    while (jw_path_loss_db(JW_RADIO_UMI, true, 3.5, (double)far_m + 5, 10, 1.5) < needed_db) {
        far_m += 10;
    }
    jw_user_id user = add_user(world, far_m);
    assert_int_equal(step_at(world, user, far_m), 2);
    run_for(world, 60);
    assert_false(cell_of(world, 1).is_asleep);
    jw_network_remove_user(world, network_of(world), user);
    run_for(world, 0.2);
    assert_true(cell_of(world, 1).is_asleep);
    assert_false(cell_of(world, 0).is_asleep);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_to_trigger), cmocka_unit_test(test_ping_pong),
        cmocka_unit_test(test_failure),         cmocka_unit_test(test_filter),
        cmocka_unit_test(test_sleep),           cmocka_unit_test(test_no_sleep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
