/* Cells, masts and fibre that are placed, moved, removed and restored while users and messages are there. */
#include "network/network_fixture.h"

#include <string.h>

static const jw_net_node_def nodes[] = {{"west", JW_NET_CELL_SITE, 0, 0},
                                        {"east", JW_NET_CELL_SITE, 400, 0},
                                        {"hub", JW_NET_SWITCH, 200, 0},
                                        {"far", JW_NET_HOST, 200, 1000}};
static const jw_net_link_def links[] = {
    {.name = "hub-west", .from = "hub", .to = "west", .capacity_bps = 1e9},
    {.name = "hub-east", .from = "hub", .to = "east", .capacity_bps = 1e9},
    {.name = "direct", .from = "hub", .to = "far", .capacity_bps = 1e9},
    {.name = "detour", .from = "hub", .to = "far", .capacity_bps = 1e9, .length_m = 13000}};
static const jw_cell_def cells[] = {{.name = "w", .node = "west"},
                                    {.name = "e1", .node = "east", .x_m = 400},
                                    {.name = "e2", .node = "east", .x_m = 400, .band_ghz = 2.6}};

static jw_world *small_world(shared *made)
{
    jw_network_def def = jw_default_network_def();
    def.nodes = nodes, def.node_count = 4, def.links = links, def.link_count = 4;
    def.cells = cells, def.cell_count = 3, def.has_shadowing = false, def.failover_s = 0.05;
    return world_create(&def, made, 100 * JW_NS_PER_MS, 1);
}

/* Told by command, as everything is; what came of it, when the step is done. */
static jw_result tell(jw_world *world, const char *verb, const char *name, double x_m, double y_m)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, "name", name);
    if (strstr(verb, "cell") && (verb[0] == 'm' || verb[0] == 'p')) {
        jw_command_number(&command, "x", x_m);
        jw_command_number(&command, "y", y_m);
    }
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_for(world, 0.1);
    return jw_world_log_entry(world, jw_world_log_count(world) - 1).result;
}

static uint32_t live_cells(jw_world *world)
{
    uint32_t count = 0;
    jw_cell_state cell;
    for (uint32_t i = 0; i < jw_network_cell_count(network_of(world)); i++) {
        count += jw_network_cell(world, network_of(world), i, &cell);
    }
    return count;
}

static bool find_link(jw_world *world, const char *name, jw_frame_link *out)
{
    for (uint32_t i = 0; i < jw_network_link_count(network_of(world)); i++) {
        if (jw_network_link(world, network_of(world), i, out) && !strcmp(out->name, name)) {
            return true;
        }
    }
    return false;
}

static uint32_t cell_of(jw_world *world, jw_user_id user)
{
    jw_user_radio radio;
    assert_true(jw_network_user_radio(network_of(world), user, &radio));
    return radio.cell.index1;
}

static bool is_near(int64_t time_ns, double expected_ns)
{
    return jw_abs((double)time_ns - expected_ns) < 2;
}

static void test_remove_cell(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = small_world(made);
    jw_user_id user;
    jw_network_add_user(network_of(world), 0, 30, 5, 1.5f, &user, NULL);
    run_for(world, 0.5);
    assert_int_equal(cell_of(world, user), 1);
    double energy_j = jw_network_count(world, network_of(world)).energy_j;
    assert_int_equal(tell(world, "remove_cell", "w", 0, 0), JW_OK);
    assert_true(cell_of(world, user) == 2 || cell_of(world, user) == 3); /* served from the east at once */
    assert_int_equal(live_cells(world), 2);
    assert_int_equal(jw_network_find_node(network_of(world), "west").index1, 0); /* its mast is gone, too */
    jw_frame_link link;
    assert_false(find_link(world, "hub-west", &link));
    assert_true(jw_network_count(world, network_of(world)).energy_j > energy_j); /* what was used stays */
    assert_int_equal(tell(world, "remove_cell", "w", 0, 0), JW_ERROR_NOT_FOUND);
    assert_int_equal(tell(world, "repair_cell", "w", 0, 0), JW_ERROR_NOT_FOUND);
    assert_int_equal(tell(world, "move_cell", "w", 5, 5), JW_ERROR_NOT_FOUND);
    /* One of two on a mast leaves the mast. */
    assert_int_equal(tell(world, "remove_cell", "e1", 0, 0), JW_OK);
    assert_true(jw_network_find_node(network_of(world), "east").index1 != 0);
    assert_int_equal(cell_of(world, user), 3);
    assert_int_equal(tell(world, "remove_cell", "e2", 0, 0), JW_OK);
    assert_int_equal(cell_of(world, user), 0);
    assert_int_equal(jw_network_count(world, network_of(world)).radio_outages, 1);
    /* Back: as it was, on its mast with its fibre. */
    assert_int_equal(tell(world, "restore_cell", "w", 0, 0), JW_OK);
    run_for(world, 0.2);
    assert_int_equal(cell_of(world, user), 1);
    assert_true(find_link(world, "hub-west", &link) && link.is_up);
    assert_int_equal(live_cells(world), 1);
    assert_int_equal(tell(world, "restore_cell", "w", 0, 0), JW_ERROR_EXISTS);
    assert_int_equal(tell(world, "restore_cell", "nothing", 0, 0), JW_ERROR_NOT_FOUND);
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

/* What is on a fibre when it goes is lost, the next goes the long way: 200 m by 1.3 and 20 us of equipment,
 * then 13 km at 4.9 us/km. */
static void test_remove_link(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = small_world(made);
    send(world, "hub", "far", 1000, JW_TRAFFIC_CONTROL, 1);
    jw_frame_link link;
    assert_int_equal(jw_network_set_link_up(world, network_of(world), "nowhere", true, NULL),
                     JW_ERROR_NOT_FOUND);
    run_for(world, 0.1);
    assert_int_equal(made->seen.delivered[1], 1);
    assert_int_equal(tell(world, "remove_link", "direct", 0, 0), JW_OK);
    assert_false(find_link(world, "direct", &link));
    assert_int_equal(tell(world, "repair_link", "direct", 0, 0), JW_ERROR_NOT_FOUND);
    run_for(world, 0.1);
    int64_t begin_ns = jw_world_time_ns(world);
    send(world, "hub", "far", 1000, JW_TRAFFIC_CONTROL, 2);
    run_for(world, 0.1);
    assert_int_equal(made->seen.delivered[2], 1);
    assert_true(is_near(made->seen.time_ns[2] - begin_ns, 13000 * 4.9 + 20000 + 8000));
    assert_int_equal(tell(world, "restore_link", "direct", 0, 0), JW_OK);
    assert_true(find_link(world, "direct", &link) && link.is_up);
    assert_int_equal(tell(world, "restore_link", "direct", 0, 0), JW_ERROR_EXISTS);
    /* The name is free for another while it is away. */
    assert_int_equal(tell(world, "remove_link", "direct", 0, 0), JW_OK);
    jw_net_link_def again = {.name = "direct", .from = "hub", .to = "far", .capacity_bps = 5e9};
    assert_int_equal(jw_network_add_link(world, network_of(world), &again, NULL, NULL), JW_OK);
    assert_true(find_link(world, "direct", &link) && link.capacity_bps == 5e9f);
    assert_int_equal(tell(world, "restore_link", "direct", 0, 0), JW_ERROR_EXISTS);
    check_identities(world, network_of(world));
    jw_world_destroy(world);
    shared_destroy(made);
}

/* A mast 3 km off: its fibre gets as much longer, the delay with it, and it serves there. */
static void test_move_cell(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = small_world(made);
    jw_user_id user;
    jw_network_add_user(network_of(world), 0, 200, 3005, 1.5f, &user, NULL);
    run_for(world, 0.3);
    assert_int_equal(cell_of(world, user), 0);
    assert_int_equal(tell(world, "move_cell", "e1", 200, 3000), JW_OK);
    run_for(world, 0.1);
    assert_true(cell_of(world, user) == 2 || cell_of(world, user) == 3); /* both sectors came along */
    jw_cell_state cell;
    jw_network_cell(world, network_of(world), 2, &cell);
    assert_true(cell.def->x_m == 200 && cell.def->y_m == 3000);
    int64_t begin_ns = jw_world_time_ns(world);
    send(world, "hub", "east", 1000, JW_TRAFFIC_CONTROL, 3);
    run_for(world, 0.1);
    assert_true(is_near(made->seen.time_ns[3] - begin_ns, (1.3 * 3000 * 4.9) + 20000 + 8000));
    assert_int_equal(tell(world, "move_cell", "e1", 400, 0), JW_OK);
    begin_ns = jw_world_time_ns(world);
    send(world, "hub", "east", 1000, JW_TRAFFIC_CONTROL, 4);
    run_for(world, 0.1);
    assert_true(is_near(made->seen.time_ns[4] - begin_ns, (1.3 * 200 * 4.9) + 20000 + 8000));
    assert_int_equal(cell_of(world, user), 0);
    jw_world_destroy(world);
    shared_destroy(made);
}

static void test_place_mast(void **state)
{
    (void)state;
    shared *made = shared_create();
    jw_world *world = small_world(made);
    assert_int_equal(tell(world, "place_cell", "new", 210, 900), JW_OK);
    assert_int_equal(live_cells(world), 4);
    jw_net_node_id node = jw_network_find_node(network_of(world), "new");
    assert_true(node.index1 != 0);
    jw_frame_link link;
    assert_true(find_link(world, "new--far", &link)); /* the nearest host or switch */
    assert_true(link.capacity_bps == 25e9f);
    assert_int_equal(tell(world, "place_cell", "new", 0, 0), JW_ERROR_EXISTS);
    assert_int_equal(tell(world, "place_cell", "far", 0, 0), JW_ERROR_EXISTS); /* a node has the name */
    assert_int_equal(live_cells(world), 4);
    /* A fibre may be told by the cells at its ends. */
    jw_command fibre = jw_command_make("add_link");
    jw_command_text(&fibre, "from", "e2");
    jw_command_text(&fibre, "to", "w");
    jw_command_text(&fibre, "name", "between");
    jw_command_number(&fibre, "capacity_gbps", 10);
    jw_world_post(world, &fibre, NULL);
    run_for(world, 0.1);
    assert_true(find_link(world, "between", &link) && link.x0_m == 400 && link.x1_m == 0);
    /* Removed and placed again: the same name, another place. */
    assert_int_equal(tell(world, "remove_cell", "new", 0, 0), JW_OK);
    assert_int_equal(tell(world, "place_cell", "new", 50, 50), JW_OK);
    assert_true(find_link(world, "new--hub", &link));
    assert_int_equal(live_cells(world), 4);
    /* A cell that cannot be leaves nothing behind. */
    jw_command command = jw_command_make("place_cell");
    jw_command_text(&command, "name", "wrong");
    jw_command_number(&command, "x", 0);
    jw_command_number(&command, "y", 0);
    jw_command_number(&command, "height_m", 0.5);
    jw_world_post(world, &command, NULL);
    run_for(world, 0.1);
    assert_int_equal(live_cells(world), 4);
    assert_int_equal(jw_network_find_node(network_of(world), "wrong").index1, 0);
    assert_false(find_link(world, "wrong--hub", &link));
    jw_world_destroy(world);
    shared_destroy(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_remove_cell), cmocka_unit_test(test_remove_link),
                                       cmocka_unit_test(test_move_cell), cmocka_unit_test(test_place_mast)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
