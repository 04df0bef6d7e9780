/* Roadside units: reach against the closed form, channel load against sums by hand, messages counted. */
#include "network/network_fixture.h"
#include "network/network_roadside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USERS_MAX = 4000 };

typedef struct road {
    jw_city city;
    jw_vec3 points[4];
    jw_ring_range ring;
    jw_building building;
    jw_junction junctions[4];
    shared shared;
    float x_m[USERS_MAX], y_m[USERS_MAX];
    uint8_t flags[USERS_MAX];
    uint32_t count;
} road;

/* A wall of 20 m from (0, 100) to (2000, 110), seen from a pole at the origin's south. */
static road *road_create(void)
{
    road *made = calloc(1, sizeof *made);
    assert_non_null(made);
    const jw_vec3 wall[] = {{-1000, 100, 0}, {1000, 100, 0}, {1000, 110, 0}, {-1000, 110, 0}};
    memcpy(made->points, wall, sizeof wall);
    made->ring = (jw_ring_range){0, 4};
    made->building = (jw_building){.ring_count = 1, .y_m = 105, .height_m = 20};
    made->city = (jw_city){.points = made->points,
                           .point_count = 4,
                           .rings = &made->ring,
                           .ring_count = 1,
                           .buildings = &made->building,
                           .building_count = 1,
                           .junctions = made->junctions,
                           .junction_count = 4};
    made->shared.city = &made->city;
    for (uint32_t j = 0; j < 4; j++) { /* two of them are worked as one */
        made->junctions[j].programme = j == 3 ? 2 : j;
    }
    return made;
}

static void add_user(road *made, double x_m, double y_m, uint8_t flags)
{
    made->x_m[made->count] = (float)x_m;
    made->y_m[made->count] = (float)y_m;
    made->flags[made->count++] = flags;
}

static jw_result try_world(const jw_roadside_system *system, road *made, int threads, jw_world **out,
                           jw_error *error)
{
    jw_module_entry entry = {&jw_roadside_module, system};
    jw_world_def def = {.seed = 3,
                        .dt_ns = 500 * JW_NS_PER_MS,
                        .threads = threads,
                        .modules = &entry,
                        .module_count = 1,
                        .shared = &made->shared};
    return jw_world_create(&def, out, error);
}

static jw_world *road_world(const jw_roadside_system *system, road *made, int threads)
{
    jw_error error = {0};
    jw_world *world = NULL;
    if (try_world(system, made, threads, &world, &error) != JW_OK) {
        fail_msg("%s", error.message);
    }
    return world;
}

static jw_roadside *roadside_of(jw_world *world)
{
    return jw_world_state(world, 0);
}

static jw_result step(jw_world *world, const road *made)
{
    jw_result result = jw_world_step(world, NULL);
    jw_road_users users = {made->count, made->x_m, made->y_m, made->flags};
    return result ? result : jw_roadside_step(world, roadside_of(world), &users);
}

static jw_roadside_state unit_of(jw_world *world, uint32_t slot)
{
    jw_roadside_state unit;
    assert_true(jw_roadside_unit(roadside_of(world), slot, &unit));
    return unit;
}

/* TR 37.885 table 6.2.1-1 at 5.9 GHz: lg 5.9 = 0.770852. */
static void test_loss(void **state)
{
    (void)state;
    assert_true(fabs(jw_sidelink_loss_db(true, 5.9, 100) - (38.77 + 33.4 + 14.029506)) < 1e-5);
    assert_true(fabs(jw_sidelink_loss_db(false, 5.9, 100) - (36.85 + 60 + 14.569103)) < 1e-5);
    assert_true(fabs(jw_sidelink_loss_db(false, 5.9, 1000) - jw_sidelink_loss_db(false, 5.9, 10) - 60) <
                1e-9);
}

/* 108 bits a resource block, ten blocks a subchannel, two of control. */
static void test_subchannels(void **state)
{
    (void)state;
    assert_int_equal(jw_sidelink_subchannels(13), 1);    /* 1 block and 2 */
    assert_int_equal(jw_sidelink_subchannels(108), 1);   /* 8 and 2 */
    assert_int_equal(jw_sidelink_subchannels(109), 2);   /* 9 and 2 */
    assert_int_equal(jw_sidelink_subchannels(300), 3);   /* 23 and 2 */
    assert_int_equal(jw_sidelink_subchannels(1323), 10); /* 98 and 2: a whole millisecond */
    assert_int_equal(jw_sidelink_subchannels(1324), 11);
    uint32_t bytes;
    assert_int_equal(jw_perception_messages(0, &bytes), 1);
    assert_int_equal(bytes, 121);
    assert_int_equal(jw_perception_messages(34, &bytes), 1);
    assert_int_equal(bytes, 121 + 34 * 35);
    assert_int_equal(jw_perception_messages(35, &bytes), 2);
    assert_int_equal(bytes, 121 + 18 * 35);
}

/* Behind the wall a message is heard to where 29 dBm less the loss is 2.4 dB over the noise of 18 MHz:
 * 119.05 dB, 36.85 + 30 lg d + 18.9 lg 5.915 of them without sight. In sight it goes farther than any range.
 */
static void test_reach(void **state)
{
    (void)state;
    road *made = road_create();
    jw_roadside_def def = {.name = "a", .junction = 2, .camera_range_m = 60, .radar_range_m = 150};
    jw_roadside_system system = {.units = &def, .unit_count = 1};
    jw_world *world = road_world(&system, made, 1);
    double noise_dbm = -174 + 9 + 10 * log10(18e6);
    double reach_m = pow(10, (29 - noise_dbm - 2.4 - 36.85 - 18.9 * log10(5.915)) / 30);
    assert_true(reach_m > 170 && reach_m < 190);
    jw_roadside *roadside = roadside_of(world);
    assert_true(jw_roadside_is_heard(roadside, 0, 2, -490));
    assert_false(jw_roadside_is_heard(roadside, 0, 2, -510)); /* out of range_m */
    assert_true(jw_roadside_is_heard(roadside, 0, 2, reach_m - 10));
    assert_false(jw_roadside_is_heard(roadside, 0, 2, reach_m + 10));
    /* The camera sees to 60 m, the radar vehicles to 150 m, neither through the wall. */
    add_user(made, 2, 50, JW_ROAD_USER_IS_ON_FOOT);
    add_user(made, 2, -70, JW_ROAD_USER_IS_ON_FOOT);
    add_user(made, 2, -140, 0);
    add_user(made, 2, -160, 0);
    add_user(made, 2, 130, JW_ROAD_USER_IS_CONNECTED);
    add_user(made, 2, reach_m - 10, JW_ROAD_USER_IS_CONNECTED); /* its own 26 dBm do not reach back */
    assert_int_equal(step(world, made), JW_OK);
    assert_int_equal(unit_of(world, 0).seen, 2);
    assert_int_equal(unit_of(world, 0).hearers, 2);
    assert_int_equal(unit_of(world, 0).counts.received[0], 10);
    /* Perception of 191 bytes: 15 blocks and 2, two subchannels. */
    assert_true(fabs(unit_of(world, 0).busy - 10 * (4 + 2 + 3) / 10000.0) < 1e-12);
    jw_world_destroy(world);
    free(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* 10 s at 10 Hz: one hundred of each kind, each taken by the three who hear it; a unit that is off is silent.
 */
static void test_messages_are_counted(void **state)
{
    (void)state;
    road *made = road_create();
    jw_roadside_def defs[] = {{.name = "a", .junction = 2, .camera_range_m = 60},
                              {.name = "b", .x_m = 5000, .junction = JW_NONE, .signal_hz = 2}};
    jw_roadside_system system = {.units = defs, .unit_count = 2};
    jw_world *world = road_world(&system, made, 1);
    for (int i = 0; i < 3; i++) {
        add_user(made, 10 * i, -20, JW_ROAD_USER_IS_CONNECTED);
    }
    add_user(made, 3, -20, 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(step(world, made), JW_OK);
    }
    jw_roadside_state a = unit_of(world, 0), b = unit_of(world, 1);
    for (int kind = 0; kind < JW_ROADSIDE_KIND_COUNT; kind++) {
        assert_int_equal(a.counts.sent[kind], 100);
        assert_int_equal(a.counts.received[kind], 300);
        assert_int_equal(a.counts.dropped[kind], 0);
        assert_int_equal(b.counts.sent[kind], 0); /* it has neither signals nor sensors */
    }
    assert_true(fabs(a.age_s - 0.061) < 1e-9);
    /* 400 bytes: 4 subchannels; 121 + 4 * 35: 22 blocks, 3 subchannels; three vehicles of 300 bytes: 3 each.
     */
    assert_true(fabs(a.busy - 10 * (4 + 3 + 3 * 3) / 10000.0) < 1e-12);
    assert_int_equal(jw_roadside_of_junction(roadside_of(world), 2), 0);
    assert_int_equal(jw_roadside_of_junction(roadside_of(world), 1), JW_NONE);
    assert_int_equal(jw_roadside_of_junction(roadside_of(world), 3), 0); /* of the programme of 2 */
    jw_command command = jw_command_make("fail_roadside");
    jw_command_text(&command, "name", "a");
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(step(world, made), JW_OK);
    }
    a = unit_of(world, 0);
    assert_true(!a.is_up && a.counts.sent[0] == 100 && a.hearers == 0 && a.busy == 0);
    assert_int_equal(jw_roadside_of_junction(roadside_of(world), 2), JW_NONE);
    assert_false(jw_roadside_is_heard(roadside_of(world), 0, 0, -20));
    jw_world_destroy(world);
    free(made);
}

/* 200 vehicles take 0.6 of the channel, signals 0.004: 0.046 are left to perception, which wants 0.06 at 200
 * seen (6 messages of 34: 10 subchannels each). 300 vehicles leave nothing. */
static void test_full_channel(void **state)
{
    (void)state;
    road *made = road_create();
    jw_roadside_def def = {.name = "a", .junction = 2, .camera_range_m = 300};
    jw_roadside_system system = {.units = &def, .unit_count = 1};
    jw_world *world = road_world(&system, made, 1);
    for (int i = 0; i < 200; i++) {
        add_user(made, i - 100, -30 - i % 7, JW_ROAD_USER_IS_CONNECTED);
    }
    for (int i = 0; i < 200; i++) {
        assert_int_equal(step(world, made), JW_OK);
    }
    jw_roadside_state a = unit_of(world, 0);
    uint32_t bytes, messages = jw_perception_messages(200, &bytes);
    double wish = messages * jw_sidelink_subchannels(bytes) * 10 / 10000.0;
    assert_true(messages == 6 && wish > 0.046);
    assert_true(fabs(a.busy - 0.65) < 1e-12);
    assert_int_equal(a.counts.sent[0], 1000);
    assert_int_equal(a.counts.sent[1] + a.counts.dropped[1], 6000);
    assert_true(fabs((double)a.counts.sent[1] - 6000 * 0.046 / wish) <= 1);
    for (int i = 0; i < 100; i++) {
        add_user(made, i - 50, -60, JW_ROAD_USER_IS_CONNECTED);
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(step(world, made), JW_OK);
    }
    assert_int_equal(unit_of(world, 0).counts.sent[0], 1100);
    assert_true(unit_of(world, 0).counts.sent[1] - a.counts.sent[1] <= 1);
    jw_world_destroy(world);
    free(made);
}

/* Of two units that hear each other each counts both; one behind the wall and beyond reach counts itself. */
static void test_neighbours(void **state)
{
    (void)state;
    road *made = road_create();
    jw_roadside_def defs[] = {{.name = "a", .junction = 0},
                              {.name = "b", .x_m = 300, .junction = 1},
                              {.name = "c", .y_m = 300, .junction = 2}};
    jw_roadside_system system = {.units = defs, .unit_count = 3, .vehicle_hz = -1};
    jw_world *world = road_world(&system, made, 1);
    assert_int_equal(step(world, made), JW_OK);
    assert_true(fabs(unit_of(world, 0).busy - 0.008) < 1e-12);
    assert_true(fabs(unit_of(world, 1).busy - 0.008) < 1e-12);
    assert_true(fabs(unit_of(world, 2).busy - 0.004) < 1e-12);
    jw_world_destroy(world);
    free(made);
}

/* ---- state ---- */

enum { UNITS = 60 };

static jw_world *busy_world(road *made, int threads)
{
    static jw_roadside_def defs[UNITS];
    for (uint32_t i = 0; i < UNITS; i++) {
        defs[i] = (jw_roadside_def){.x_m = 90 * (i % 10),
                                    .y_m = 80 * (i / 10),
                                    .junction = i < 4 ? i : JW_NONE,
                                    .camera_range_m = 80 + i,
                                    .radar_range_m = 120,
                                    .perception_hz = 3 + i % 9};
        snprintf(defs[i].name, sizeof defs[i].name, "unit-%u", i);
    }
    jw_roadside_system system = {.units = defs, .unit_count = UNITS};
    return road_world(&system, made, threads);
}

static void move_all(road *made, uint64_t k)
{
    made->count = 0;
    for (uint32_t i = 0; i < 1500; i++) {
        add_user(made, 450 + 500 * jw_sin(0.01 * (double)k + i), 250 + 300 * jw_cos(0.013 * (double)k * i),
                 (uint8_t)(i % 3 == 0   ? JW_ROAD_USER_IS_CONNECTED
                           : i % 3 == 1 ? JW_ROAD_USER_IS_ON_FOOT
                                        : 0));
    }
}

static uint64_t run(jw_world *world, road *made, int steps)
{
    for (int i = 0; i < steps; i++) {
        move_all(made, jw_world_step_number(world));
        assert_int_equal(step(world, made), JW_OK);
    }
    return jw_world_hash(world);
}

/* A channel that signals alone fill leaves nothing, for whatever limit: not a little less than nothing, which
 * rounding would make of it. */
/* A unit is placed, moved, removed and restored: who hears it follows, and what it sent stays counted. */
static void test_edit(void **state)
{
    (void)state;
    road *made = road_create();
    add_user(made, 0, 0, JW_ROAD_USER_IS_CONNECTED);
    add_user(made, 1500, -300, JW_ROAD_USER_IS_CONNECTED);
    jw_roadside_system system = {.vehicle_hz = -1};
    jw_world *world = NULL;
    jw_error error = {0};
    assert_int_equal(try_world(&system, made, 1, &world, &error), JW_OK);
    static const struct {
        const char *verb;
        double x_m;
        jw_result result;
        uint32_t hearers;
        bool announces;
    } steps[] = {
        {"place_roadside", 20, JW_OK, 1, true},
        {"place_roadside", 20, JW_ERROR_EXISTS, 1, true},
        {"move_roadside", 1500, JW_OK, 1, true},
        {"move_roadside", 800, JW_OK, 0, true},
        {"remove_roadside", 0, JW_OK, 0, false},
        {"remove_roadside", 0, JW_ERROR_NOT_FOUND, 0, false},
        {"move_roadside", 0, JW_ERROR_NOT_FOUND, 0, false},
        {"restore_roadside", 0, JW_OK, 0, true},
        {"move_roadside", 20, JW_OK, 1, true},
    };
    jw_roadside *roadside = jw_world_state(world, 0);
    int64_t sent = 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(steps); i++) {
        jw_command command = jw_command_make(steps[i].verb);
        jw_command_text(&command, "name", "new");
        if (command.verb[0] == 'p' || command.verb[0] == 'm') {
            jw_command_number(&command, "x", steps[i].x_m);
            jw_command_number(&command, "y", -300);
        }
        if (command.verb[0] == 'p') {
            jw_command_number(&command, "junction", 1);
        }
        assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
        step(world, made);
        assert_int_equal(jw_world_log_entry(world, i).result, steps[i].result);
        jw_roadside_state unit;
        assert_true(jw_roadside_unit(roadside, 0, &unit));
        assert_int_equal(unit.hearers, steps[i].hearers);
        assert_int_equal(jw_roadside_of_junction(roadside, 1) == 0, steps[i].announces);
        assert_true(jw_roadside_total(roadside).sent[0] >= sent);
        sent = jw_roadside_total(roadside).sent[0];
    }
    assert_int_equal(jw_roadside_count(roadside), 1);
    assert_true(sent > 0);
    jw_world_destroy(world);
    free(made);
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    road *made = road_create();
    for (uint32_t i = 0; i < 200; i++) {
        jw_roadside_def units[] = {{.name = "a", .junction = 0, .signal_hz = 50, .camera_range_m = 100},
                                   {.name = "b", .x_m = 100, .junction = 1, .signal_hz = 50},
                                   {.name = "c", .x_m = 200, .junction = 2, .signal_hz = 50}};
        double limit = 0.1 + 0.001 * i;
        jw_roadside_system system = {
            .units = units, .unit_count = 3, .busy_limit = limit, .signal_bytes = 6000};
        jw_world *world = road_world(&system, made, 1);
        for (uint32_t k = 0; k < 4; k++)
            assert_int_equal(step(world, made), JW_OK);
        for (uint32_t k = 0; k < 3; k++) {
            double busy = unit_of(world, k).busy;
            if (!(busy <= limit && busy > limit - 1e-9))
                fail_msg("limit %.17g, unit %u: busy %.17g", limit, k, busy);
        }
        assert_int_equal(unit_of(world, 0).counts.sent[JW_ROADSIDE_PERCEPTION], 0);
        jw_writer writer = {0};
        assert_int_equal(jw_world_save(world, &writer, NULL), JW_OK);
        assert_int_equal(jw_world_restore(world, writer.bytes, writer.size, NULL), JW_OK);
        jw_writer_free(&writer);
        jw_world_destroy(world);
    }
    free(made);
}

static void test_threads_and_restore(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 8};
    road *made = road_create();
    uint64_t expected = 0;
    for (int t = 0; t < 4; t++) {
        jw_world *world = busy_world(made, threads[t]);
        uint64_t hash = run(world, made, 30);
        expected = t == 0 ? hash : expected;
        assert_true(hash == expected);
        jw_roadside_counts total = jw_roadside_total(roadside_of(world));
        assert_true(total.dropped[1] > 100 && total.sent[1] > 100 && total.received[0] > 1000);
        jw_world_destroy(world);
    }
    jw_world *world = busy_world(made, 1), *other = busy_world(made, 2);
    run(world, made, 12);
    jw_writer writer = {0};
    assert_int_equal(jw_world_save(world, &writer, NULL), JW_OK);
    assert_int_equal(jw_world_restore(other, writer.bytes, writer.size, NULL), JW_OK);
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    assert_true(run(other, made, 18) == expected);
    jw_writer_free(&writer);
    jw_world_destroy(world);
    jw_world_destroy(other);
    free(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Bytes flipped or cut: loaded or refused, never a crash, nothing left behind. */
static void test_damage(void **state)
{
    (void)state;
    road *made = road_create();
    jw_world *world = busy_world(made, 1);
    run(world, made, 3);
    jw_writer writer = {0};
    jw_roadside_module.save(world, roadside_of(world), &writer);
    int64_t held_bytes = jw_allocated_bytes();
    int refused = 0;
    for (uint32_t i = 0; i < 400; i++) {
        jw_random_key key = {1, i};
        uint8_t *bytes = jw_alloc(writer.size);
        memcpy(bytes, writer.bytes, writer.size);
        size_t size = i % 4 ? writer.size : (size_t)(jw_random_uniform(key, 0, 0) * (double)writer.size);
        for (uint32_t k = 0; k < 3; k++) {
            bytes[(size_t)(jw_random_uniform(key, k, 1) * (double)writer.size)] ^=
                (uint8_t)(1 << jw_random_index(key, k, 2, 8));
        }
        jw_reader reader = jw_reader_make(bytes, size);
        void *copy = jw_alloc(jw_roadside_module.state_size);
        jw_roadside_module.load(world, copy, &reader);
        if (!reader.failed && jw_roadside_module.attach(world, copy, NULL) == JW_OK) {
            jw_road_users users = {made->count, made->x_m, made->y_m, made->flags};
            assert_int_equal(jw_roadside_step(world, copy, &users), JW_OK);
        }
        refused += reader.failed;
        jw_roadside_module.destroy(copy);
        jw_free(copy);
        jw_free(bytes);
    }
    assert_true(refused > 100 && refused < 400);
    assert_int_equal(jw_allocated_bytes(), held_bytes);
    jw_writer_free(&writer);
    jw_world_destroy(world);
    free(made);
}

static void test_memory(void **state)
{
    (void)state;
    road *made = road_create();
    int completed = 0;
    for (int64_t count = 0; completed == 0; count++) {
        jw_roadside_def defs[] = {{.name = "a", .junction = 2, .camera_range_m = 60},
                                  {.name = "b", .x_m = 100, .junction = JW_NONE}};
        jw_roadside_system system = {.units = defs, .unit_count = 2};
        jw_world *world = NULL;
        move_all(made, 1);
        jw_memory_fail_after(count);
        jw_result result = try_world(&system, made, 1, &world, NULL);
        if (!result) {
            result = step(world, made);
        }
        completed += result == JW_OK;
        jw_memory_fail_after(-1);
        jw_world_destroy(world);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
    free(made);
}

static void test_bad_units(void **state)
{
    (void)state;
    static const struct {
        jw_roadside_def defs[2];
        const char *words;
    } cases[] = {
        {{{.name = "a", .junction = 1}, {.name = "a", .junction = 2}}, "\"a\" is there twice"},
        {{{.name = "a", .junction = 1}, {.name = "b", .junction = 1}}, "the same junction"},
        {{{.name = "a", .junction = 1}, {.name = "b", .junction = 4}}, "there is no junction 4"},
        {{{.name = "a", .junction = 1}, {.name = "b", .junction = 2, .range_m = 5000}}, "range 20 to 2000 m"},
        {{{.name = "a", .junction = 1}, {.name = "b", .junction = 2, .camera_range_m = 600}}, "camera"},
    };
    road *made = road_create();
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        jw_roadside_system system = {.units = cases[i].defs, .unit_count = 2};
        jw_error error = {0};
        jw_world *world = NULL;
        assert_true(try_world(&system, made, 1, &world, &error) != JW_OK);
        assert_non_null(strstr(error.message, cases[i].words));
    }
    free(made);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_loss),
                                       cmocka_unit_test(test_subchannels),
                                       cmocka_unit_test(test_reach),
                                       cmocka_unit_test(test_messages_are_counted),
                                       cmocka_unit_test(test_full_channel),
                                       cmocka_unit_test(test_neighbours),
                                       cmocka_unit_test(test_edit),
                                       cmocka_unit_test(test_nothing_is_left),
                                       cmocka_unit_test(test_threads_and_restore),
                                       cmocka_unit_test(test_damage),
                                       cmocka_unit_test(test_memory),
                                       cmocka_unit_test(test_bad_units)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
