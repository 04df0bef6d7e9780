/* A city's binary form, its hash, what verification finds, and what the builder does with bad drafts and with
 * memory that runs out. */
#include "base/test_base.h"
#include "city/city_fixtures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_save_and_load(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(3, 120, 2, 14, true);
    jw_writer writer = {0};
    jw_city_save(city, &writer);
    assert_false(writer.failed);
    jw_reader reader = jw_reader_make(writer.bytes, writer.size);
    jw_city *copy = NULL;
    jw_error error = {0};
    assert_int_equal(jw_city_load(&reader, &copy, &error), JW_OK);
    assert_int_equal(reader.position, writer.size);
    assert_true(copy->content_hash == city->content_hash);
    assert_int_equal(copy->connection_count, city->connection_count);
    jw_writer again = {0};
    jw_city_save(copy, &again);
    assert_int_equal(again.size, writer.size);
    assert_memory_equal(again.bytes, writer.bytes, writer.size);
    jw_writer_free(&again);
    jw_city_release(copy);
    jw_writer_free(&writer);
    jw_city_retain(city);
    jw_city_release(city);
    assert_string_equal(jw_city_text(city, 0), "");
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_damaged_bytes(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_cross(100, 2, 14, true);
    jw_writer writer = {0};
    jw_city_save(city, &writer);
    jw_city_release(city);
    for (size_t size = 0; size < writer.size; size += 1 + writer.size / 97) {
        jw_reader reader = jw_reader_make(writer.bytes, size);
        jw_city *copy = NULL;
        assert_int_not_equal(jw_city_load(&reader, &copy, NULL), JW_OK);
    }
    for (size_t i = 0; i < writer.size; i += 7) {
        writer.bytes[i] ^= 0x41;
        jw_reader reader = jw_reader_make(writer.bytes, writer.size);
        jw_city *copy = NULL;
        jw_error error = {0};
        assert_int_not_equal(jw_city_load(&reader, &copy, &error), JW_OK);
        assert_true(error.message[0] != 0);
        writer.bytes[i] ^= 0x41;
    }
    jw_writer_free(&writer);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Verification on its own, without the hash: each spoilt field is found. */
static void test_verify(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_cross(100, 2, 14, true);
    jw_error error = {0};
    assert_int_equal(jw_city_verify(city, &error), JW_OK);
#define SPOIL(type, array, index, member, value)                                                             \
    do {                                                                                                     \
        type *item = (type *)(uintptr_t)&city->array[index];                                                 \
        type kept = *item;                                                                                   \
        item->member = value;                                                                                \
        assert_int_equal(jw_city_verify(city, NULL), JW_ERROR_CORRUPT);                                      \
        *item = kept;                                                                                        \
        assert_int_equal(jw_city_verify(city, NULL), JW_OK);                                                 \
    } while (0)
    SPOIL(jw_junction, junctions, 1, first_connection, 9999);
    SPOIL(jw_junction, junctions, 1, programme, JW_NONE);
    SPOIL(jw_edge, edges, 0, to, 99);
    SPOIL(jw_edge, edges, 0, opposite, 2);
    SPOIL(jw_edge, edges, 0, length_m, 0.0);
    SPOIL(jw_lane, lanes, 0, strips, 5);
    SPOIL(jw_lane, lanes, 3, first_connection, 0);
    SPOIL(jw_connection, connections, 0, to_lane, kept.from_lane);
    SPOIL(jw_connection, connections, 2, length_m, (double)NAN);
    SPOIL(jw_connection, connections, 0, allow, 0);
    SPOIL(jw_conflict, conflicts, 0, must_yield, 1 - kept.must_yield);
    SPOIL(jw_conflict, conflicts, 0, end_m, 1000.0f);
    SPOIL(jw_programme, programmes, 0, cycle_s, 61.5);
    SPOIL(jw_signal_phase, signal_phases, 1, duration_s, -1.0);
    SPOIL(jw_vec3, points, city->lanes[0].first_point, x, 5e5);
    jw_city_release(city);
}

static void test_same_draft_same_city(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_fixture_draw_grid(&draft, 12, 100, 2, 14, true); /* several blocks of the parallel step */
    uint64_t hash = 0;
    for (int threads = 1; threads <= 8; threads = threads == 3 ? 8 : threads + 1) {
        jw_city *city = NULL;
        jw_build_def def = {.threads = threads};
        jw_error error = {0};
        assert_int_equal(jw_city_build(&draft, &def, NULL, NULL, NULL, &city, &error), JW_OK);
        if (hash == 0)
            hash = city->content_hash;
        assert_true(city->content_hash == hash);
        jw_city_release(city);
    }
    draft.roads[7].lanes_forward = 3;
    jw_city *other = jw_fixture_build(&draft);
    assert_true(other->content_hash != hash);
    jw_city_release(other);
    jw_draft_free(&draft);
}

static void test_bad_drafts(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_city *city = NULL;
    jw_error error = {0};
    assert_int_equal(jw_city_build(&draft, NULL, NULL, NULL, NULL, &city, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "no roads"));
    jw_fixture_draw_grid(&draft, 2, 100, 1, 14, false);
    uint32_t sound = draft.road_count;
    jw_problems problems = {0};
    jw_fixture_add_road(&draft, 0, 4, JW_ROAD_PRIMARY, 1, 1, 14);
    draft.roads[sound].ref_count = 1000000;
    jw_fixture_add_road(&draft, 0, 4, JW_ROAD_PRIMARY, 0, 0, 14);
    jw_fixture_add_road(&draft, 0, jw_fixture_add_node(&draft, (double)NAN, 0, false), JW_ROAD_PRIMARY, 1, 1,
                        14);
    jw_fixture_add_road(&draft, 1, 1, JW_ROAD_PRIMARY, 1, 1, 14); /* no length at all */
    uint32_t odd =
        jw_fixture_add_road(&draft, 0, 1, JW_ROAD_PRIMARY, 255, 255, (double)NAN); /* over another */
    draft.roads[odd].lane_width_m = -3;
    draft.roads[odd].median_m = (double)INFINITY;
    assert_int_equal(jw_city_build(&draft, NULL, &problems, NULL, NULL, &city, NULL), JW_OK);
    assert_true(problems.count >= 3);
    error = (jw_error){0};
    jw_result result = jw_city_verify(city, &error);
    if (result != JW_OK)
        print_message("%s\n", error.message);
    assert_int_equal(result, JW_OK);
    jw_city_release(city);
    jw_problems_free(&problems);
    jw_draft_free(&draft);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static bool cancel_at(void *context, double fraction, const char *what)
{
    (void)what;
    return fraction < *(double *)context;
}

static void test_cancel(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_fixture_draw_grid(&draft, 2, 100, 1, 14, false);
    for (double at = 0.0; at < 1.0; at += 0.15) {
        jw_city *city = NULL;
        assert_int_equal(jw_city_build(&draft, NULL, NULL, cancel_at, &at, &city, NULL), JW_ERROR_CANCELLED);
    }
    jw_draft_free(&draft);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_every_allocation_fails(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_fixture_draw_grid(&draft, 2, 100, 1, 14, true);
    int64_t before = jw_allocated_bytes();
    bool is_done = false;
    for (int64_t n = 0; !is_done; n++) {
        jw_city *city = NULL;
        jw_error error = {0};
        jw_memory_fail_after(n);
        jw_result result = jw_city_build(&draft, NULL, NULL, NULL, NULL, &city, &error);
        jw_memory_fail_after(-1);
        is_done = result == JW_OK;
        if (!is_done)
            assert_int_equal(result, JW_ERROR_MEMORY);
        jw_city_release(city);
        assert_true(jw_allocated_bytes() == before);
    }
    jw_draft_free(&draft);
}

/* Drafts at random: whatever they hold, the result is an error or a city that verifies. */
static void test_random_drafts(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        jw_random_key key = {seed, 1};
        jw_draft draft = {.is_network = seed % 5 == 0};
        uint32_t nodes = 4 + jw_random_index(key, 0, 0, 20);
        double span_m = seed % 8 == 0 ? 60 : 600;
        for (uint32_t i = 0; i < nodes; i++) {
            uint32_t n = jw_fixture_add_node(&draft, jw_random_uniform(key, i, 1) * span_m,
                                             jw_random_uniform(key, i, 2) * span_m,
                                             jw_random_index(key, i, 3, 3) == 0);
            draft.nodes[n].has_stop = jw_random_index(key, i, 4, 5) == 0;
            if (draft.is_network)
                draft.nodes[n].source_id = 1 + jw_random_index(key, i, 5, nodes / 2);
        }
        for (uint32_t r = 0; r < nodes; r++) {
            jw_draft_road road = {.road_class =
                                      (jw_road_class)jw_random_index(key, r, 10, JW_ROAD_CLASS_COUNT),
                                  .lanes_forward = (uint8_t)jw_random_index(key, r, 11, 5),
                                  .lanes_backward = (uint8_t)jw_random_index(key, r, 12, 4),
                                  .bike_lane_forward = (uint8_t)jw_random_index(key, r, 13, 2),
                                  .bus_lane_forward = (uint8_t)jw_random_index(key, r, 14, 2),
                                  .is_roundabout = (uint8_t)(jw_random_index(key, r, 15, 8) == 0),
                                  .layer = (int8_t)(jw_random_index(key, r, 16, 5) - 2),
                                  .is_bridge = (uint8_t)jw_random_index(key, r, 17, 2),
                                  .source_id = r + 1};
            uint32_t refs[5], count = 2 + jw_random_index(key, r, 18, 4);
            for (uint32_t i = 0; i < count; i++)
                refs[i] = jw_random_index(key, r, 20 + i, nodes);
            snprintf(road.turn_forward, sizeof road.turn_forward, "%s", r % 2 ? "left|through;right" : "");
            assert_int_equal(jw_draft_add_road(&draft, &road, refs, count, NULL, NULL), JW_OK);
        }
        jw_city *city = NULL;
        jw_error error = {0};
        if (jw_city_build(&draft, NULL, NULL, NULL, NULL, &city, &error) == JW_OK) {
            jw_result result = jw_city_verify(city, &error);
            if (result != JW_OK)
                print_message("seed %d: %s\n", (int)seed, error.message);
            assert_int_equal(result, JW_OK);
            jw_city_release(city);
        }
        jw_draft_free(&draft);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save_and_load),
        cmocka_unit_test(test_damaged_bytes),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_same_draft_same_city),
        cmocka_unit_test(test_bad_drafts),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_random_drafts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
