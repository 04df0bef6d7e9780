/* One busy world: equal hashes for any number of threads, restore, two worlds, damage, memory running out. */
#include "network/network_fixture.h"

#include <stdio.h>
#include <string.h>

enum { SITES = 12, USERS = 1500, TAG_COUNT = 100000 };

/* A ring of sites, each with a cell, some buildings between them. */
typedef struct scene {
    jw_net_node_def nodes[SITES];
    jw_net_link_def links[SITES + 2];
    jw_cell_def cells[SITES];
    jw_vec3 points[4 * 100];
    jw_ring_range rings[100];
    jw_building buildings[100];
    jw_city city;
    jw_network_def def;
} scene;

static scene *scene_create(void)
{
    static scene s;
    memset(&s, 0, sizeof s);
    for (int i = 0; i < SITES; i++) {
        s.nodes[i] = (jw_net_node_def){.kind = JW_NET_SWITCH, .x_m = 300 * (i % 4), .y_m = 300 * (i / 4)};
        snprintf(s.nodes[i].name, sizeof s.nodes[i].name, "n%d", i);
        s.cells[i] = (jw_cell_def){.x_m = s.nodes[i].x_m + 7,
                                   .y_m = s.nodes[i].y_m,
                                   .scenario = i % 2,
                                   .antenna = i % 4,
                                   .azimuth_deg = 30 * i,
                                   .tilt_deg = 4,
                                   .cqi_table = i % 2,
                                   .sleep_load = i % 4 ? 0 : 0.05,
                                   .sleep_after_s = 0.3,
                                   .wake_s = 0.2};
        snprintf(s.cells[i].name, sizeof s.cells[i].name, "cell-%d", i);
        snprintf(s.cells[i].node, sizeof s.cells[i].node, "n%d", i);
        s.links[i].capacity_bps = 1e8 * (1 + i % 3);
        snprintf(s.links[i].name, sizeof s.links[i].name, "link-%d", i);
        snprintf(s.links[i].from, sizeof s.links[i].from, "n%d", i);
        snprintf(s.links[i].to, sizeof s.links[i].to, "n%d", (i + 1) % SITES);
    }
    s.links[SITES] =
        (jw_net_link_def){.name = "chord", .from = "n1", .to = "n7", .capacity_bps = 2e8, .loss = 0.01};
    s.links[SITES + 1] = (jw_net_link_def){
        .from = "n4", .to = "n10", .capacity_bps = 1e8, .queue_bytes = 100000, .max_flows = 3};
    for (uint32_t i = 0; i < 100; i++) {
        double x_m = 40 + 100 * (i % 10), y_m = 40 + 70 * (i / 10);
        jw_vec3 box[] = {{x_m, y_m, 0}, {x_m + 50, y_m, 0}, {x_m + 50, y_m + 30, 0}, {x_m, y_m + 30, 0}};
        memcpy(s.points + 4 * i, box, sizeof box);
        s.rings[i] = (jw_ring_range){4 * i, 4};
        s.buildings[i] = (jw_building){.first_ring = i,
                                       .ring_count = 1,
                                       .x_m = x_m + 25,
                                       .y_m = y_m + 15,
                                       .height_m = (float)(6 + i % 20)};
    }
    s.city = (jw_city){.points = s.points,
                       .point_count = 400,
                       .rings = s.rings,
                       .ring_count = 100,
                       .buildings = s.buildings,
                       .building_count = 100};
    s.def = jw_default_network_def();
    s.def.nodes = s.nodes, s.def.node_count = SITES, s.def.links = s.links, s.def.link_count = SITES + 2;
    s.def.cells = s.cells, s.def.cell_count = SITES;
    s.def.user_background_bps = 5e4;
    return &s;
}

/* Now and then something is moved, removed or restored; what is not there is refused. */
static void edit(jw_world *world, jw_random_key key, uint64_t k)
{
    static const char *const verbs[] = {"remove_cell", "restore_cell", "move_cell",
                                        "remove_link", "restore_link", "place_cell"};
    if (k % 4 != 2) {
        return;
    }
    jw_command command = jw_command_make(verbs[jw_random_index(key, 2, 12, JW_COUNT_OF(verbs))]);
    bool is_link = strstr(command.verb, "link") != NULL;
    char name[24];
    snprintf(name, sizeof name, is_link ? "link-%u" : "cell-%u", jw_random_index(key, 2, 13, SITES));
    if (!strcmp(command.verb, "place_cell")) {
        snprintf(name, sizeof name, "new-%u", (unsigned)k);
    }
    jw_command_text(&command, "name", name);
    if (!strcmp(command.verb, "move_cell") || !strcmp(command.verb, "place_cell")) {
        jw_command_number(&command, "x", 900 * jw_random_uniform(key, 2, 14));
        jw_command_number(&command, "y", 650 * jw_random_uniform(key, 2, 15));
    }
    jw_world_post(world, &command, NULL);
}

/* What happens in step k, from the step's number and the state alone: also after a restore. */
static void drive(jw_world *world, jw_user_id *users)
{
    jw_network *network = network_of(world);
    uint64_t k = jw_world_step_number(world);
    jw_random_key key = {99, k};
    for (uint32_t i = 0; i < USERS; i++) {
        if (!users[i].index1 && jw_random_uniform(key, i, 0) < 0.5) {
            float x_m = (float)(900 * jw_random_uniform(key, i, 1)),
                  y_m = (float)(650 * jw_random_uniform(key, i, 2));
            jw_network_add_user(network, i, x_m, y_m, i % 10 ? 1.5f : 12, &users[i], NULL);
            jw_network_set_indoor(network, users[i], i % 4 == 0);
            jw_network_set_demand(network, users[i], i % 7 * 1e5, i % 5 * 1e5);
        } else if (users[i].index1 && jw_random_uniform(key, i, 3) < 0.01) {
            jw_network_remove_user(world, network, users[i]);
            users[i] = (jw_user_id){0, 0};
        } else if (users[i].index1) {
            float x_m = (float)(450 + 450 * jw_sin(0.01 * (double)k + i)),
                  y_m = (float)(325 + 325 * jw_cos(0.013 * (double)k + i));
            jw_network_move_users(network, 1, &users[i], &x_m, &y_m);
        }
    }
    for (uint32_t i = 0; i < 400; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u", jw_random_index(key, i, 4, SITES));
        jw_net_end node = at_node(network, name), user = at_user(users[jw_random_index(key, i, 5, USERS)]);
        jw_message_def def = {.from = i % 2 ? node : user,
                              .to = i % 2 ? user : node,
                              .size_bytes = 1 + jw_random_index(key, i, 6, 150000),
                              .kind = (uint8_t)(i % 3),
                              .tag = i};
        jw_network_send(world, network, &def, NULL); /* refused where the user is not there */
    }
    for (uint32_t i = 0; i < 8; i++) {
        jw_flow_def def = {.from = {1 + jw_random_index(key, i, 7, SITES), 1},
                           .to = {1 + jw_random_index(key, i, 8, SITES), 1},
                           .size_bytes = 1 + jw_random_index(key, i, 9, 50000000),
                           .weight = i % 3 == 1 ? 2.5 : 0,
                           .rate_cap_bps = i % 5 == 2 ? 3e7 : 0,
                           .is_tcp = i % 4 == 3,
                           .has_delay = i % 4 > 1,
                           .kind = JW_TRAFFIC_AI,
                           .tag = i};
        jw_network_start_flow(world, network, &def, NULL, NULL);
    }
    if (k % 7 == 3) {
        char name[16];
        snprintf(name, sizeof name, k % 2 ? "link-%u" : "n%u", jw_random_index(key, 0, 10, SITES));
        jw_network_set_link_up(world, network, name, k % 3 == 0, NULL);
    }
    jw_command command = jw_command_make(k % 2 ? "fail_cell" : "repair_cell");
    char cell[16];
    snprintf(cell, sizeof cell, "cell-%u", jw_random_index(key, 1, 11, SITES));
    jw_command_text(&command, "name", cell);
    if (k % 5 == 1) {
        jw_world_post(world, &command, NULL);
    }
    edit(world, key, k);
}

static jw_result step(jw_world *world, jw_user_id *users)
{
    drive(world, users);
    return jw_world_step(world, NULL);
}

static jw_world *busy_world(shared *made, int threads)
{
    scene *s = scene_create();
    made->city = &s->city;
    return world_create(&s->def, made, 100 * JW_NS_PER_MS, threads);
}

static void test_threads(void **state)
{
    (void)state;
    enum { STEPS = 60 };
    static const int threads[] = {1, 2, 3, 8};
    uint64_t hashes[STEPS];
    for (int t = 0; t < 4; t++) {
        shared *made = shared_create();
        jw_world *world = busy_world(made, threads[t]);
        static jw_user_id users[USERS];
        memset(users, 0, sizeof users);
        for (int i = 0; i < STEPS; i++) {
            assert_int_equal(step(world, users), JW_OK);
            check_identities(world, network_of(world));
            if (t == 0) {
                hashes[i] = jw_world_hash(world);
            } else {
                assert_true(hashes[i] == jw_world_hash(world));
            }
        }
        jw_network_counts counts = jw_network_count(world, network_of(world));
        assert_true(counts.messages_lost > 50 && counts.messages_delivered > 1000 &&
                    counts.flows_failed > 0 && counts.flows_finished > 20 &&
                    counts.handovers > 100); /* a busy world it is */
        jw_world_destroy(world);
        shared_destroy(made);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_restore(void **state)
{
    (void)state;
    static jw_user_id users[USERS], other_users[USERS];
    memset(users, 0, sizeof users);
    shared *made = shared_create(), *other_made = shared_create();
    jw_world *world = busy_world(made, 1), *other = busy_world(other_made, 2);
    jw_network_ports ports = {0};
    jw_network_set_ports(network_of(world), &ports);
    for (int i = 0; i < 25; i++) {
        step(world, users);
    }
    drive(world, users); /* with things pending that were begun between steps */
    jw_writer writer = {0};
    assert_int_equal(jw_world_save(world, &writer, NULL), JW_OK);
    jw_error error = {0};
    if (jw_world_restore(other, writer.bytes, writer.size, &error) != JW_OK) {
        fail_msg("%s", error.message);
    }
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    memcpy(other_users, users, sizeof users);
    for (int i = 0; i < 25; i++) { /* side by side */
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        assert_int_equal(jw_world_step(other, NULL), JW_OK);
        assert_true(jw_world_hash(world) == jw_world_hash(other));
        drive(world, users);
        drive(other, other_users);
    }
    jw_writer_free(&writer);
    jw_world_destroy(world);
    jw_world_destroy(other);
    shared_destroy(made);
    shared_destroy(other_made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* The module's chunk with bytes flipped or cut: loaded or refused, never a crash, nothing left behind. */
static void test_damage(void **state)
{
    (void)state;
    static jw_user_id users[USERS];
    memset(users, 0, sizeof users);
    shared *made = shared_create();
    jw_world *world = busy_world(made, 1);
    for (int i = 0; i < 6; i++) {
        step(world, users);
    }
    jw_writer writer = {0};
    jw_network_module.save(world, network_of(world), &writer);
    int64_t held_bytes = jw_allocated_bytes();
    int refused = 0;
    for (uint32_t i = 0; i < 600; i++) {
        jw_random_key key = {1, i};
        uint8_t *bytes = jw_alloc(writer.size);
        memcpy(bytes, writer.bytes, writer.size);
        size_t size = i % 4 ? writer.size : (size_t)(jw_random_uniform(key, 0, 0) * (double)writer.size);
        for (uint32_t k = 0; k < 4 && i > 0; k++) { /* half of the hits among nodes and links */
            double range = k % 2 ? (double)writer.size : 4000;
            bytes[(size_t)(jw_random_uniform(key, k, 1) * range)] ^=
                (uint8_t)(1 << jw_random_index(key, k, 2, 8));
        }
        jw_reader reader = jw_reader_make(bytes, i ? size : writer.size);
        void *copy = jw_alloc(jw_network_module.state_size);
        jw_network_module.load(world, copy, &reader);
        assert_true(i > 0 || !reader.failed);
        if (!reader.failed) {
            jw_network_module.hash(world, copy);
        }
        refused += reader.failed;
        jw_network_module.destroy(copy);
        jw_free(copy);
        jw_free(bytes);
    }
    assert_true(refused > 200);
    assert_int_equal(jw_allocated_bytes(), held_bytes);
    jw_writer_free(&writer);
    jw_world_destroy(world);
    shared_destroy(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Every allocation fails in turn: creation is refused with nothing left, a step says so, nothing crashes. */
static void test_memory(void **state)
{
    (void)state;
    scene *s = scene_create();
    shared *made = shared_create();
    made->city = &s->city;
    jw_module_entry entry = {&jw_network_module, &s->def};
    jw_world_def def = {
        .seed = 7, .dt_ns = 100 * JW_NS_PER_MS, .modules = &entry, .module_count = 1, .shared = made};
    static jw_user_id users[USERS];
    int created = 0, completed = 0;
    for (int64_t count = 0; completed == 0; count += count < 150 ? 1 : 7) {
        memset(users, 0, sizeof users);
        jw_world *world = NULL;
        jw_memory_fail_after(count);
        jw_result result = jw_world_create(&def, &world, NULL);
        created += result == JW_OK;
        assert_true((result == JW_OK) == (world != NULL));
        for (int i = 0; i < 6 && !result; i++) {
            result = step(world, users);
        }
        jw_writer writer = {0};
        if (!result) {
            result = jw_world_save(world, &writer, NULL);
        }
        if (!result) {
            result = jw_world_restore(world, writer.bytes, writer.size, NULL);
        }
        completed += result == JW_OK;
        jw_memory_fail_after(-1);
        jw_writer_free(&writer);
        jw_world_destroy(world);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
    assert_true(created > 20);
    shared_destroy(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads), cmocka_unit_test(test_restore),
                                       cmocka_unit_test(test_damage), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
