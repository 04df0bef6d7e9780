#include "base/test_base.h"
#include "kernel/kernel.h"

#include <string.h>

static const jw_random_key key = {9, 9};

static bool is_before(const jw_event *a, const jw_event *b)
{
    return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->order < b->order);
}

static void equal_times_go_by_priority_then_sequence(void **state)
{
    (void)state;
    jw_event_queue *queue = jw_event_queue_create();
    static const struct {
        int64_t time_ns;
        uint64_t priority;
    } pushed[] = {{5, 128}, {5, 0}, {-3, 255}, {5, 255}, {5, 128}, {INT64_MIN, 7}, {INT64_MAX, 0}, {5, 0}};
    static const uint32_t wanted[] = {5, 2, 1, 7, 0, 4, 3, 6};
    for (uint32_t i = 0; i < JW_COUNT_OF(pushed); i++) {
        jw_event event = {.time_ns = pushed[i].time_ns, .order = pushed[i].priority << 56 | i, .a = i};
        assert_int_equal(jw_event_queue_push(queue, &event), JW_OK);
    }
    assert_int_equal(jw_event_queue_count(queue), JW_COUNT_OF(pushed));
    jw_event event;
    for (uint32_t i = 0; i < JW_COUNT_OF(wanted); i++) {
        assert_true(jw_event_queue_pop(queue, INT64_MAX, &event));
        assert_int_equal(event.a, wanted[i]);
    }
    assert_false(jw_event_queue_pop(queue, INT64_MAX, &event));
    jw_event_queue_destroy(queue);
    jw_event_queue_destroy(NULL);
}

static void nothing_later_than_asked_is_given(void **state)
{
    (void)state;
    jw_event_queue *queue = jw_event_queue_create();
    jw_event event = {.time_ns = 100, .kind = 7, .module = 3, .a = 1, .b = UINT64_MAX};
    assert_int_equal(jw_event_queue_push(queue, &event), JW_OK);
    jw_event out = {0};
    assert_false(jw_event_queue_pop(queue, 99, &out));
    assert_true(jw_event_queue_pop(queue, 100, &out));
    assert_memory_equal(&out, &event, sizeof event);
    jw_event_queue_destroy(queue);
}

/* The hold model against the plainest reference, a list kept sorted by insertion. */
static void hold_model_equals_a_sorted_list(void **state)
{
    (void)state;
    enum { MOST = 3000 };
    static jw_event list[MOST + 1];
    for (uint32_t pending = 1; pending <= MOST; pending = pending * 3 + 1) {
        jw_event_queue *queue = jw_event_queue_create();
        uint32_t count = 0;
        uint64_t sequence = 0;
        jw_event event = {0};
        for (uint32_t i = 0; i < 20000; i++) {
            /* coarse times: many are equal */
            event.time_ns += (int64_t)jw_random_exponential(key, pending, i, 5.0);
            event.order = (uint64_t)jw_random_index(key, pending + 10000, i, 3) << 56 | sequence++;
            event.b = sequence * 17;
            uint32_t place = count;
            for (; place > 0 && is_before(&event, &list[place - 1]); place--)
                list[place] = list[place - 1];
            list[place] = event;
            count++;
            assert_int_equal(jw_event_queue_push(queue, &event), JW_OK);
            if (count <= pending)
                continue;
            assert_true(jw_event_queue_pop(queue, INT64_MAX, &event));
            assert_memory_equal(&event, &list[0], sizeof event);
            memmove(&list[0], &list[1], --count * sizeof list[0]);
        }
        assert_int_equal(jw_event_queue_count(queue), count);
        jw_event_queue_destroy(queue);
    }
}

static void a_million_come_out_in_order(void **state)
{
    (void)state;
    enum { COUNT = 1000000 };
    jw_event_queue *queue = jw_event_queue_create();
    for (uint32_t i = 0; i < COUNT; i++) {
        jw_event event = {.time_ns = (int64_t)(jw_random_u64(key, 0, i) >> 44), .order = i};
        assert_int_equal(jw_event_queue_push(queue, &event), JW_OK);
    }
    jw_event before, event;
    assert_true(jw_event_queue_pop(queue, INT64_MAX, &before));
    for (uint32_t i = 1; i < COUNT; i++) {
        assert_true(jw_event_queue_pop(queue, INT64_MAX, &event));
        assert_true(is_before(&before, &event));
        before = event;
    }
    jw_event_queue_destroy(queue);
}

static void a_push_without_memory_changes_nothing(void **state)
{
    (void)state;
    jw_event_queue *queue = jw_event_queue_create();
    jw_event event = {.time_ns = 1};
    jw_memory_fail_after(0);
    assert_null(jw_event_queue_create());
    assert_int_equal(jw_event_queue_push(queue, &event), JW_ERROR_MEMORY);
    jw_memory_fail_after(-1);
    assert_int_equal(jw_event_queue_count(queue), 0);
    assert_int_equal(jw_event_queue_push(queue, &event), JW_OK);
    jw_event_queue_destroy(queue);
}

static void the_benchmark_measures(void **state)
{
    (void)state;
    double events_per_second = 0;
    assert_int_equal(jw_kernel_bench_hold(1000, 20000, &events_per_second), JW_OK);
    assert_true(events_per_second > 1000);
    jw_memory_fail_after(1);
    assert_int_equal(jw_kernel_bench_hold(1000, 20000, &events_per_second), JW_ERROR_MEMORY);
    jw_memory_fail_after(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(equal_times_go_by_priority_then_sequence), JW_UNIT(nothing_later_than_asked_is_given),
        JW_UNIT(hold_model_equals_a_sorted_list),          JW_UNIT(a_million_come_out_in_order),
        JW_UNIT(a_push_without_memory_changes_nothing),    JW_UNIT(the_benchmark_measures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
