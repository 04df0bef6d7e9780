/* A 4-ary heap of whole events in one array. Four children are two cache lines, the tree is half as deep as a
 * binary one, and events hold no pointers, so that nothing is chased. A calendar queue would be O(1), but its
 * speed hangs on the spread of times, and ours is wild: packets in microseconds, failures in days. */
#include "kernel/kernel_internal.h"

#include <assert.h>

#define ARITY 4

__extension__ typedef __int128 event_key;

/* (time, order) as one number: a comparison without branches. */
static event_key key_of(const jw_event *event)
{
    return (event_key)event->time_ns * ((event_key)1 << 64) + event->order;
}

jw_event_queue *jw_event_queue_create(void)
{
    return jw_alloc(sizeof(jw_event_queue));
}

void jw_event_queue_destroy(jw_event_queue *queue)
{
    if (queue)
        jw_free(queue->events);
    jw_free(queue);
}

uint32_t jw_event_queue_count(const jw_event_queue *queue)
{
    return queue->count;
}

jw_result jw_event_queue_push(jw_event_queue *queue, const jw_event *event)
{
    if (queue->count == queue->capacity) {
        jw_result result = jw_grow(&queue->events, &queue->capacity, (uint64_t)queue->count + 1,
                                   sizeof *queue->events, NULL);
        if (result != JW_OK)
            return result;
    }
    jw_event *events = queue->events;
    event_key key = key_of(event);
    uint32_t hole = queue->count++;
    while (hole > 0) {
        uint32_t parent = (hole - 1) / ARITY;
        if (key_of(&events[parent]) <= key)
            break;
        events[hole] = events[parent];
        hole = parent;
    }
    events[hole] = *event;
    return JW_OK;
}

/* The earliest of the children first .. first + ARITY - 1. */
static uint32_t earliest_of_four(const jw_event *events, uint32_t first)
{
    event_key key_0 = key_of(&events[first]), key_1 = key_of(&events[first + 1]);
    event_key key_2 = key_of(&events[first + 2]), key_3 = key_of(&events[first + 3]);
    uint32_t left = first + (key_1 < key_0);
    uint32_t right = first + 2 + (key_3 < key_2);
    event_key left_key = key_1 < key_0 ? key_1 : key_0;
    event_key right_key = key_3 < key_2 ? key_3 : key_2;
    return right_key < left_key ? right : left;
}

static uint32_t earliest_child(const jw_event *events, uint32_t first, uint32_t count)
{
    if (first + ARITY <= count)
        return earliest_of_four(events, first);
    uint32_t best = first;
    for (uint32_t child = first + 1; child < count; child++)
        if (key_of(&events[child]) < key_of(&events[best]))
            best = child;
    return best;
}

bool jw_event_queue_pop(jw_event_queue *queue, int64_t until_ns, jw_event *out)
{
    jw_event *events = queue->events;
    if (queue->count == 0 || events[0].time_ns > until_ns)
        return false;
    *out = events[0];
    uint32_t count = --queue->count;
    jw_event last = events[count];
    event_key key = key_of(&last);
    uint32_t hole = 0;
    for (;;) {
        uint64_t first = (uint64_t)hole * ARITY + 1;
        if (first >= count)
            break;
        uint32_t child = earliest_child(events, (uint32_t)first, count);
        if (key <= key_of(&events[child]))
            break;
        events[hole] = events[child];
        hole = child;
    }
    events[hole] = last;
    return true;
}

jw_result jw_kernel_bench_hold(uint32_t pending, uint64_t operations, double *events_per_second)
{
    enum { INCREMENT_COUNT = 1 << 14 };
    assert(pending > 0 && operations > 0);
    jw_event_queue *queue = jw_event_queue_create();
    int64_t *increments_ns = jw_alloc(INCREMENT_COUNT * sizeof *increments_ns);
    jw_result result = queue && increments_ns ? JW_OK : JW_ERROR_MEMORY;
    jw_event event = {0};
    uint64_t sequence = 0;
    if (result == JW_OK)
        for (uint32_t i = 0; i < INCREMENT_COUNT; i++)
            increments_ns[i] =
                (int64_t)jw_random_exponential((jw_random_key){1, 1}, 0, i, (double)JW_NS_PER_S);
    for (uint32_t i = 0; i < pending && result == JW_OK; i++) {
        event.time_ns = increments_ns[sequence % INCREMENT_COUNT];
        event.order = sequence++;
        result = jw_event_queue_push(queue, &event);
    }
    double start_s = jw_clock_seconds();
    for (uint64_t i = 0; i < operations && result == JW_OK; i++) {
        jw_event_queue_pop(queue, INT64_MAX, &event);
        event.time_ns += increments_ns[sequence % INCREMENT_COUNT];
        event.order = sequence++;
        result = jw_event_queue_push(queue, &event);
    }
    *events_per_second = (double)operations / (jw_clock_seconds() - start_s);
    jw_free(increments_ns);
    jw_event_queue_destroy(queue);
    return result;
}
