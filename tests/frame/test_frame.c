/* Frames: copies, compressed bytes there and back, damaged bytes refused, the exchange between two threads.
 */
#include "frame/frame.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void *grown(void *pointer, uint32_t *capacity, uint32_t count, size_t size)
{
    assert_int_equal(jw_grow(pointer, capacity, count, size, NULL), JW_OK);
    void *items;
    memcpy(&items, pointer, sizeof items);
    return items;
}

/* A frame with something in every array. */
static void fill_frame(jw_frame *f, uint32_t vehicles)
{
    f->time_ns = 29400 * JW_NS_PER_S;
    f->day_of_year = 196;
    f->rain_mm_per_h = 8;
    f->visibility_m = 300;
    f->step = 58800;
    f->state_hash = 0x0123456789abcdef;
    f->assets_revision = 3;
    jw_frame_vehicle *v = grown(&f->vehicles, &f->vehicle_capacity, vehicles, sizeof *v);
    f->vehicle_count = vehicles;
    for (uint32_t i = 0; i < vehicles; i++)
        v[i] = (jw_frame_vehicle){.index1 = 3 * i + 1,
                                  .generation = 2 * i + 1,
                                  .x_m = -3000 + 0.37f * (float)i,
                                  .y_m = 2000 - 0.53f * (float)i,
                                  .z_m = 0.01f * (float)(i % 700),
                                  .heading_rad = -3.1f + 0.013f * (float)(i % 470),
                                  .speed_mps = 0.11f * (float)(i % 200),
                                  .vehicle_class = (uint8_t)(i % JW_VEHICLE_CLASS_COUNT),
                                  .flags = (uint8_t)(i % 16),
                                  .length_dm = (uint16_t)(17 + i % 160)};
    f->signals = grown(&f->signals, &f->signal_capacity, 4, 1);
    memcpy(f->signals, "Ggyr", 4);
    f->signal_count = 4;
    f->edges = grown(&f->edges, &f->edge_capacity, 2, sizeof *f->edges);
    f->edges[1] = (jw_frame_edge){8.25f, 31.5f, 44.0f, 17, UINT32_C(1) << 31 | 2};
    f->edge_count = 2;
    f->assets = grown(&f->assets, &f->asset_capacity, 1, sizeof *f->assets);
    f->assets[0] = (jw_frame_asset){.name = "edge-3",
                                    .kind = JW_ASSET_KIND_COUNT - 1,
                                    .tier = 2,
                                    .is_up = 1,
                                    .x_m = 12.25f,
                                    .y_m = -7.5f,
                                    .z_m = 9,
                                    .load = 0.625f,
                                    .queue = 4,
                                    .rate = 1250,
                                    .latency_ms = 18.5f,
                                    .heading_rad = 2.5f,
                                    .full_rate_m = 112,
                                    .reach_m = 760};
    f->asset_count = 1;
    f->links = grown(&f->links, &f->link_capacity, 1, sizeof *f->links);
    f->links[0] = (jw_frame_link){.name = "ring-0",
                                  .x0_m = 1,
                                  .y0_m = 2,
                                  .x1_m = 300,
                                  .y1_m = 400,
                                  .capacity_bps = 1e11f,
                                  .rate_bps = {{1e6f, 2e9f, 3e8f}, {4e6f, 5e5f, 6e7f}},
                                  .is_up = 1};
    f->link_count = 1;
    f->metrics = grown(&f->metrics, &f->metric_capacity, 1, sizeof *f->metrics);
    f->metrics[0] = (jw_frame_metric){"traffic.running", "1", 1234.5, true, true};
    f->metric_count = 1;
    f->events = grown(&f->events, &f->event_capacity, 1, sizeof *f->events);
    f->events[0] = (jw_frame_event){.time_ns = 5 * JW_NS_PER_S,
                                    .x_m = __builtin_nanf(""),
                                    .y_m = 7.25f,
                                    .kind = JW_EVENT_FAILURE,
                                    .key = "cut_link",
                                    .text = "ring-0",
                                    .text_zh = "环 0"};
    f->event_count = 1;
    f->details = grown(&f->details, &f->detail_capacity, 1, sizeof *f->details);
    f->details[0] = (jw_frame_detail){.watch_id = 7, .label = "speed", .number = 3};
    f->detail_count = 1;
}

static void copies_are_equal_and_independent(void **state)
{
    (void)state;
    jw_frame a = {0}, b = {0};
    fill_frame(&a, 100);
    assert_int_equal(jw_frame_copy(&a, &b, NULL), JW_OK);
    assert_int_equal(b.vehicle_count, 100);
    assert_memory_equal(a.vehicles, b.vehicles, 100 * sizeof *a.vehicles);
    assert_ptr_not_equal(a.vehicles, b.vehicles);
    assert_int_equal(b.detail_count, 1);
    assert_int_equal(b.step, a.step);
    a.vehicle_count = 0; /* a smaller frame copied over a larger one */
    assert_int_equal(jw_frame_copy(&a, &b, NULL), JW_OK);
    assert_int_equal(b.vehicle_count, 0);
    const jw_frame_metric *metric = jw_frame_find_metric(&b, "traffic.running");
    assert_non_null(metric);
    assert_true(metric->value == 1234.5);
    assert_null(jw_frame_find_metric(&b, "traffic.walking"));
    jw_frame_free(&a);
    jw_frame_free(&b);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void compression_keeps_what_it_promises(void **state)
{
    (void)state;
    jw_frame a = {0}, b = {0};
    fill_frame(&a, 5000);
    jw_writer out = {0};
    assert_int_equal(jw_frame_compress(&a, &out, NULL), JW_OK);
    assert_true(out.size < 5000 * sizeof(jw_frame_vehicle) / 2);
    assert_int_equal(jw_frame_decompress(out.bytes, out.size, &b, NULL), JW_OK);
    assert_int_equal(b.time_ns, a.time_ns);
    assert_int_equal(b.day_of_year, a.day_of_year);
    assert_true(b.rain_mm_per_h == a.rain_mm_per_h && b.visibility_m == a.visibility_m);
    assert_int_equal(b.state_hash, a.state_hash);
    assert_int_equal(b.vehicle_count, 5000);
    for (uint32_t i = 0; i < 5000; i++) {
        const jw_frame_vehicle *v = &a.vehicles[i], *w = &b.vehicles[i];
        assert_int_equal(v->index1, w->index1);
        assert_int_equal(v->generation, w->generation);
        assert_true(jw_abs((double)v->x_m - (double)w->x_m) <= 0.0053);
        assert_true(jw_abs((double)v->y_m - (double)w->y_m) <= 0.0053);
        assert_true(jw_abs(jw_wrap_angle((double)v->heading_rad - (double)w->heading_rad)) <= 0.0051);
        assert_true(jw_abs((double)v->speed_mps - (double)w->speed_mps) <= 0.0051);
        assert_int_equal(v->vehicle_class, w->vehicle_class);
        assert_int_equal(v->flags, w->flags);
        assert_int_equal(v->length_dm, w->length_dm);
    }
    assert_memory_equal(b.signals, "Ggyr", 4);
    assert_int_equal(b.edges[1].vehicles, 17);
    assert_int_equal(b.edges[1].closed_lanes, UINT32_C(1) << 31 | 2);
    assert_true(b.edges[1].speed_mps == 8.25f);
    assert_memory_equal(&b.assets[0], &a.assets[0], sizeof a.assets[0]);
    assert_memory_equal(&b.links[0], &a.links[0], sizeof a.links[0]);
    assert_string_equal(b.metrics[0].unit, "1");
    assert_true(b.metrics[0].is_since_start && b.metrics[0].is_mean);
    assert_true(b.events[0].x_m != b.events[0].x_m); /* nowhere stays nowhere */
    assert_true(b.events[0].y_m == 7.25f);
    assert_int_equal(b.events[0].kind, JW_EVENT_FAILURE);
    assert_string_equal(b.events[0].key, "cut_link");
    assert_string_equal(b.events[0].text, "ring-0");
    assert_string_equal(b.events[0].text_zh, "环 0");
    assert_int_equal(b.detail_count, 0);
    jw_writer_free(&out);
    jw_frame_free(&a);
    jw_frame_free(&b);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void empty_frames_pass(void **state)
{
    (void)state;
    jw_frame a = {0}, b = {0};
    jw_writer out = {0};
    assert_int_equal(jw_frame_compress(&a, &out, NULL), JW_OK);
    assert_int_equal(jw_frame_decompress(out.bytes, out.size, &b, NULL), JW_OK);
    assert_int_equal(b.vehicle_count, 0);
    jw_writer_free(&out);
    jw_frame_free(&b);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void damaged_bytes_are_refused(void **state)
{
    (void)state;
    jw_frame a = {0}, b = {0};
    fill_frame(&a, 50);
    jw_writer out = {0};
    assert_int_equal(jw_frame_compress(&a, &out, NULL), JW_OK);
    for (size_t size = 0; size < out.size; size++) {
        jw_error error = {0};
        assert_int_not_equal(jw_frame_decompress(out.bytes, size, &b, &error), JW_OK);
        assert_true(error.message[0] != 0);
        assert_int_equal(b.vehicle_count, 0);
    }
    for (size_t i = 0; i < out.size; i++) {
        out.bytes[i] ^= 0x20;
        assert_int_not_equal(jw_frame_decompress(out.bytes, out.size, &b, NULL), JW_OK);
        out.bytes[i] ^= 0x20;
    }
    a.vehicles[20].index1 = 1; /* out of order: readers could not join two frames */
    out.size = 0;
    assert_int_equal(jw_frame_compress(&a, &out, NULL), JW_OK);
    assert_int_equal(jw_frame_decompress(out.bytes, out.size, &b, NULL), JW_ERROR_CORRUPT);
    jw_writer_free(&out);
    jw_frame_free(&a);
    jw_frame_free(&b);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void failing_memory_is_an_error(void **state)
{
    (void)state;
    jw_frame a = {0}, b = {0};
    fill_frame(&a, 20);
    jw_writer good = {0};
    assert_int_equal(jw_frame_compress(&a, &good, NULL), JW_OK);
    bool is_done = false;
    for (int64_t n = 0; !is_done; n++) {
        jw_writer out = {0};
        jw_frame copy = {0};
        jw_frame_exchange *exchange = NULL;
        jw_error error = {0};
        jw_memory_fail_after(n);
        is_done = jw_frame_compress(&a, &out, &error) == JW_OK &&
                  jw_frame_decompress(good.bytes, good.size, &b, &error) == JW_OK &&
                  jw_frame_copy(&a, &copy, &error) == JW_OK &&
                  jw_frame_exchange_create(&exchange, &error) == JW_OK;
        jw_memory_fail_after(-1);
        assert_true(is_done || error.code == JW_ERROR_MEMORY);
        jw_writer_free(&out);
        jw_frame_free(&copy);
        jw_frame_free(&b);
        jw_frame_exchange_destroy(exchange);
    }
    jw_writer_free(&good);
    jw_frame_free(&a);
    assert_int_equal(jw_allocated_bytes(), 0);
}

enum { PUBLISHED = 200000 };

static void *publish_frames(void *context)
{
    jw_frame_exchange *exchange = context;
    for (uint64_t step = 1; step <= PUBLISHED; step++) {
        jw_frame *frame = jw_frame_exchange_begin(exchange);
        frame->step = step;
        frame->state_hash = step * 31;
        frame->time_ns = (int64_t)step * 7;
        jw_frame_exchange_publish(exchange);
    }
    return NULL;
}

static void exchange_never_tears_and_goes_forward(void **state)
{
    (void)state;
    jw_frame_exchange *exchange;
    assert_int_equal(jw_frame_exchange_create(&exchange, NULL), JW_OK);
    bool is_new = true;
    assert_null(jw_frame_exchange_take(exchange, &is_new));
    assert_false(is_new);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, publish_frames, exchange), 0);
    uint64_t last = 0;
    while (last < PUBLISHED) {
        const jw_frame *frame = jw_frame_exchange_take(exchange, &is_new);
        if (!frame)
            continue;
        assert_true(frame->step >= last);
        assert_true(is_new == (frame->step > last));
        assert_true(frame->state_hash == frame->step * 31 && frame->time_ns == (int64_t)frame->step * 7);
        last = frame->step;
    }
    pthread_join(writer, NULL);
    jw_frame_exchange_destroy(exchange);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_equal_and_independent),
        cmocka_unit_test(compression_keeps_what_it_promises),
        cmocka_unit_test(empty_frames_pass),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(failing_memory_is_an_error),
        cmocka_unit_test(exchange_never_tears_and_goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
