/* Triple buffering: the writer owns one frame, the reader another, and the third lies in the middle. Each
 * side swaps its own with the middle one by a single atomic exchange, so neither waits and no frame is torn.
 */
#include "frame/frame.h"

#include <stdatomic.h>

enum { INDEX_MASK = 3, IS_FRESH = 4 };

struct jw_frame_exchange {
    jw_frame frames[3];
    uint32_t write_index; /* the writer's own */
    uint32_t read_index;  /* the reader's own */
    bool has_read;        /* the reader has had a frame: its own one is valid */
    _Atomic uint32_t middle;
};

jw_result jw_frame_exchange_create(jw_frame_exchange **out, jw_error *error)
{
    *out = NULL;
    jw_frame_exchange *exchange = jw_alloc(sizeof *exchange);
    if (!exchange)
        return jw_fail_memory(error);
    exchange->write_index = 0;
    exchange->read_index = 1;
    atomic_init(&exchange->middle, 2);
    *out = exchange;
    return JW_OK;
}

void jw_frame_exchange_destroy(jw_frame_exchange *exchange)
{
    if (!exchange)
        return;
    for (int i = 0; i < 3; i++)
        jw_frame_free(&exchange->frames[i]);
    jw_free(exchange);
}

jw_frame *jw_frame_exchange_begin(jw_frame_exchange *exchange)
{
    return &exchange->frames[exchange->write_index];
}

void jw_frame_exchange_publish(jw_frame_exchange *exchange)
{
    uint32_t old =
        atomic_exchange_explicit(&exchange->middle, exchange->write_index | IS_FRESH, memory_order_acq_rel);
    exchange->write_index = old & INDEX_MASK;
}

const jw_frame *jw_frame_exchange_take(jw_frame_exchange *exchange, bool *is_new)
{
    bool is_fresh = (atomic_load_explicit(&exchange->middle, memory_order_acquire) & IS_FRESH) != 0;
    if (is_fresh) {
        uint32_t old =
            atomic_exchange_explicit(&exchange->middle, exchange->read_index, memory_order_acq_rel);
        exchange->read_index = old & INDEX_MASK;
        exchange->has_read = true;
    }
    if (is_new)
        *is_new = is_fresh;
    return exchange->has_read ? &exchange->frames[exchange->read_index] : NULL;
}
