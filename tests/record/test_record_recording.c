/* Recordings: what goes in comes out, and what is cut or damaged is read up to there. */
#include "record/record_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void record_town_for(record_town *town, const char *folder, double seconds)
{
    record_make_town(town, 3);
    record_begin(town, folder, 20, 10);
    record_run_s(town, seconds);
}

static void assert_same_picture(const jw_frame *got, const jw_frame *expected)
{
    assert_true(got->time_ns == expected->time_ns && got->step == expected->step);
    assert_int_equal(got->vehicle_count, expected->vehicle_count);
    assert_int_equal(got->signal_count, expected->signal_count);
    assert_int_equal(got->edge_count, expected->edge_count);
    assert_int_equal(got->asset_count, expected->asset_count);
    assert_int_equal(got->link_count, expected->link_count);
    assert_int_equal(got->metric_count, expected->metric_count);
    for (uint32_t i = 0; i < got->vehicle_count; i++) {
        const jw_frame_vehicle *a = &got->vehicles[i], *b = &expected->vehicles[i];
        assert_true(a->index1 == b->index1 && a->generation == b->generation);
        assert_true(fabsf(a->x_m - b->x_m) < 0.0051f && fabsf(a->y_m - b->y_m) < 0.0051f);
        assert_true(fabsf(a->speed_mps - b->speed_mps) < 0.0051f);
        assert_int_equal(a->vehicle_class, b->vehicle_class);
    }
    assert_memory_equal(got->signals, expected->signals, got->signal_count);
    for (uint32_t i = 0; i < got->metric_count; i++) {
        assert_string_equal(got->metrics[i].name, expected->metrics[i].name);
        assert_true(got->metrics[i].value == expected->metrics[i].value);
    }
    for (uint32_t i = 0; i < got->asset_count; i++)
        assert_string_equal(got->assets[i].name, expected->assets[i].name);
}

static void test_frames_come_back(void **state)
{
    (void)state;
    record_town town;
    record_town_for(&town, "run", 90);
    record_end(&town, false);
    jw_frame now = {0}, frame = {0};
    assert_int_equal(jw_twin_fill_frame(town.world, NULL, 0, &now, NULL), JW_OK);
    jw_recording *recording;
    assert_int_equal(jw_recording_open("run/recording.jwr", &recording, NULL), JW_OK);
    assert_int_equal(jw_recording_frame_count(recording), 9);
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(jw_recording_frame(recording, i, &frame, NULL), JW_OK);
        assert_true(frame.time_ns == 8 * 3600 * JW_NS_PER_S + 10 * (i + 1) * JW_NS_PER_S);
    }
    assert_true(frame.vehicle_count > 0);
    assert_same_picture(&frame, &now);
    jw_error error = {0};
    assert_int_equal(jw_recording_frame(recording, 9, &frame, &error), JW_ERROR_NOT_FOUND);
    jw_recording_close(recording);
    jw_frame_free(&now);
    jw_frame_free(&frame);
    record_free_town(&town);
}

static uint32_t frames_of(const void *bytes, size_t size)
{
    jw_recording *recording = NULL;
    jw_error error = {0};
    assert_int_equal(jw_file_write("damaged.jwr", bytes, size, NULL), JW_OK);
    if (jw_recording_open("damaged.jwr", &recording, &error) != JW_OK) {
        assert_true(error.message[0]);
        return UINT32_MAX;
    }
    uint32_t count = jw_recording_frame_count(recording);
    for (uint32_t i = 0; i < count; i++) {
        jw_frame frame = {0};
        assert_int_equal(jw_recording_frame(recording, i, &frame, &error), JW_OK);
        jw_frame_free(&frame);
    }
    jw_recording_close(recording);
    return count;
}

static void test_cut_and_damaged_recordings(void **state)
{
    (void)state;
    record_town town;
    record_town_for(&town, "run", 60);
    record_end(&town, false);
    record_free_town(&town);
    char *bytes;
    size_t size;
    assert_int_equal(jw_file_read("run/recording.jwr", 1 << 30, &bytes, &size, NULL), JW_OK);
    assert_int_equal(frames_of(bytes, size), 6);
    uint32_t last = 0;
    for (size_t cut = 8; cut < size; cut += 1 + size / 200) { /* never fewer frames from more bytes */
        uint32_t count = frames_of(bytes, cut);
        assert_true(count >= last && count <= 6);
        last = count;
    }
    assert_int_equal(frames_of(bytes, size - 1), 6); /* hashes follow the last frame */
    for (size_t at = 8; at < size; at += 1 + size / 300) {
        bytes[at] ^= 0x10;
        assert_true(frames_of(bytes, size) <= 6);
        bytes[at] ^= 0x10;
    }
    for (size_t at = 0; at < 8; at++) {
        bytes[at] ^= 0x10;
        assert_int_equal(frames_of(bytes, size), UINT32_MAX);
        bytes[at] ^= 0x10;
    }
    for (size_t cut = 1; cut < 8; cut++)
        assert_int_equal(frames_of(bytes, cut), UINT32_MAX);
    jw_recording *recording;
    assert_int_not_equal(jw_recording_open("none.jwr", &recording, NULL), JW_OK);
    jw_free(bytes);
}

static void test_every_allocation_of_reading_may_fail(void **state)
{
    (void)state;
    record_town town;
    record_town_for(&town, "run", 60);
    record_end(&town, false);
    record_free_town(&town);
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t after = 0; result != JW_OK; after++) {
        jw_recording *recording = NULL;
        jw_frame frame = {0};
        jw_memory_fail_after(after);
        result = jw_recording_open("run/recording.jwr", &recording, NULL);
        if (result == JW_OK)
            result = jw_recording_frame(recording, 5, &frame, NULL);
        jw_memory_fail_after(-1);
        assert_true(result == JW_OK || result == JW_ERROR_MEMORY);
        jw_recording_close(recording);
        jw_frame_free(&frame);
        assert_true(jw_allocated_bytes() == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORD_UNIT(test_frames_come_back),
        RECORD_UNIT(test_cut_and_damaged_recordings),
        RECORD_UNIT(test_every_allocation_of_reading_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
