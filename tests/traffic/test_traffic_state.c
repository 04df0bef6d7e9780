/* State: the same hashes for any number of threads, after a restore, beside another world; every failing
 * allocation; damaged snapshots. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static test_scene make_grid(int threads, jw_signal_control control)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.factor = 12;
    def.signals.control = control;
    def.router_interval_s = 60;
    return test_scene_make(jw_fixture_grid(4, 130, 3, 13.9, true), &def, 0.5, 8 * 3600, threads);
}

static void disturb(test_scene *s)
{
    test_scene_command(s, "incident", "edge", 10.0, "lane", 1.0, "position_m", 60.0, "duration_s", 90.0,
                       NULL);
    test_scene_command(s, "close_edge", "edge", 20.0, NULL);
    test_scene_command(s, "set_speed_limit", "edge", 3.0, "speed_kmh", 30.0, NULL);
}

static void test_threads(void **state)
{
    (void)state;
    const int threads[] = {1, 2, 3, 8};
    uint64_t expected[8] = {0};
    for (uint32_t k = 0; k < 4; k++) {
        test_scene s = make_grid(threads[k], JW_SIGNAL_ACTUATED);
        for (uint32_t part = 0; part < 8; part++) {
            if (part == 2)
                disturb(&s);
            test_scene_run(&s, 40);
            uint64_t hash = jw_world_hash(s.world);
            if (k == 0)
                expected[part] = hash;
            assert_true(hash == expected[part]);
        }
        jw_traffic_counts c = jw_traffic_count(s.traffic);
        assert_true(c.running > 100 && c.arrived > 100);
        test_scene_free(&s);
    }
}

static void test_restore(void **state)
{
    (void)state;
    test_scene s = make_grid(2, JW_SIGNAL_FIXED);
    test_scene_run(&s, 90);
    disturb(&s);
    test_scene_run(&s, 60);
    /* One signal is changing on a request at the moment of the snapshot. */
    uint32_t phases = s.city->programmes[0].phase_count, asked = 0;
    while (asked < phases && jw_traffic_request_phase(s.world, s.traffic, 0, asked,
                                                      jw_world_time_ns(s.world) + 20 * JW_NS_PER_S) != JW_OK)
        asked++;
    test_scene_run(&s, 2);
    jw_error error = {0};
    jw_writer image = {0};
    assert_int_equal(jw_world_save(s.world, &image, &error), JW_OK);
    uint64_t at_save = jw_world_hash(s.world), hashes[6];
    jw_world *other = NULL;
    jw_module_entry entry = {&jw_traffic_module, NULL};
    assert_int_equal(jw_world_create_from_snapshot(&entry, 1, jw_world_shared(s.world), s.city->content_hash,
                                                   1, image.bytes, image.size, &other, &error),
                     JW_OK);
    assert_true(jw_world_hash(other) == at_save);
    for (uint32_t k = 0; k < 6; k++) {
        test_scene_run(&s, 50);
        hashes[k] = jw_world_hash(s.world);
        /* The second world runs beside the first, step by step in turns of 50 s. */
        while (jw_world_time_ns(other) < jw_world_time_ns(s.world))
            assert_int_equal(jw_world_step(other, &error), JW_OK);
        assert_true(jw_world_hash(other) == hashes[k]);
    }
    assert_int_equal(jw_world_restore(s.world, image.bytes, image.size, &error), JW_OK);
    s.traffic = jw_world_state(s.world, 0);
    assert_true(jw_world_hash(s.world) == at_save);
    for (uint32_t k = 0; k < 6; k++) {
        test_scene_run(&s, 50);
        assert_true(jw_world_hash(s.world) == hashes[k]);
    }
    jw_world_destroy(other);
    jw_writer_free(&image);
    test_scene_free(&s);
}

static void test_failing_memory(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_cross(100, 2, 14, true);
    jw_shared_city shared = {city};
    jw_module_entry entry = {&jw_traffic_module, NULL};
    jw_world_def def = {.seed = 1, .modules = &entry, .module_count = 1, .shared = &shared};
    int64_t before = jw_allocated_bytes();
    for (int64_t k = 0;; k++) {
        jw_world *world = NULL;
        jw_error error = {0};
        jw_memory_fail_after(k);
        jw_result result = jw_world_create(&def, &world, &error);
        jw_memory_fail_after(-1);
        if (result == JW_OK) {
            assert_true(k > 50);
            jw_world_destroy(world);
            break;
        }
        assert_int_equal(result, JW_ERROR_MEMORY);
        assert_true(jw_allocated_bytes() == before);
    }
    /* In a step: the world fails with a message and can still be destroyed. */
    uint32_t failed = 0;
    for (int64_t k = 0; k < 12; k++) {
        jw_world *world = NULL;
        jw_error error = {0};
        assert_int_equal(jw_world_create(&def, &world, &error), JW_OK);
        jw_traffic *traffic = jw_world_state(world, 0);
        for (uint32_t trip = 0; trip < 40; trip++) {
            jw_trip_def trip_def = {.depart_ns = JW_NS_PER_S, .from_edge = 0, .to_edge = 3};
            assert_int_equal(jw_traffic_add_trip(world, traffic, &trip_def, &error), JW_OK);
        }
        jw_memory_fail_after(k);
        jw_result result = JW_OK;
        for (uint32_t step = 0; step < 40 && result == JW_OK; step++)
            result = jw_world_step(world, &error);
        jw_memory_fail_after(-1);
        failed += result == JW_ERROR_MEMORY;
        jw_world_destroy(world);
        assert_true(jw_allocated_bytes() == before);
    }
    assert_true(failed > 0);
    jw_city_release(city);
    assert_true(jw_allocated_bytes() == 0);
}

/* The module's own chunk, without the kernel's checksum: whatever the bytes, load ends well or refuses. */
static void test_damaged_chunk(void **state)
{
    (void)state;
    test_scene s = make_grid(1, JW_SIGNAL_FIXED);
    test_scene_run(&s, 60);
    jw_writer image = {0};
    jw_traffic_module.save(s.world, s.traffic, &image);
    assert_false(image.failed);
    void *fresh = calloc(1, jw_traffic_module.state_size);
    jw_random_key key = {3, 4};
    uint32_t refused = 0;
    for (uint32_t k = 0; k < 600; k++) {
        uint32_t at = jw_random_index(key, k, 0, (uint32_t)image.size);
        uint8_t kept = image.bytes[at];
        image.bytes[at] ^= (uint8_t)(1u << jw_random_index(key, k, 1, 8));
        size_t size = k % 10 == 0 ? at : image.size; /* cut too */
        jw_reader reader = jw_reader_make(image.bytes, size);
        memset(fresh, 0, jw_traffic_module.state_size);
        jw_traffic_module.load(s.world, fresh, &reader);
        refused += reader.failed;
        assert_true(size == image.size || reader.failed);
        jw_traffic_module.destroy(fresh);
        image.bytes[at] = kept;
    }
    printf("damaged chunks: %u of 600 refused, the others are other states\n", refused);
    free(fresh);
    jw_writer_free(&image);
    test_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads), cmocka_unit_test(test_restore),
                                       cmocka_unit_test(test_failing_memory),
                                       cmocka_unit_test(test_damaged_chunk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
