/* The integrators: adapters wait for the next free one in the order they were asked for, and are built one by
 * one. Everything is timed by the clock of work, which is the world's plus what jw_ai_pass_days let
 * pass. */
#include "ai/ai_internal.h"

int64_t sector_work_ns(const jw_world *world, const sector_book *book)
{
    return jw_world_time_ns(world) + book->worked_ns;
}

jw_result sector_queue_adapter(jw_world *world, sector_book *book, uint32_t source, uint32_t consumer,
                               double effort_days, uint32_t *out, jw_error *error)
{
    jw_result result = jw_grow(&book->adapters, &book->adapter_capacity, book->adapter_count + 1ull,
                               sizeof *book->adapters, error);
    if (result != JW_OK)
        return result;
    book->adapters[book->adapter_count] = (data_adapter){.source = source,
                                                         .consumer = consumer,
                                                         .phase = JW_ADAPTER_QUEUED,
                                                         .turn = book->turns++,
                                                         .effort_days = effort_days,
                                                         .queued_ns = sector_work_ns(world, book)};
    *out = book->adapter_count++;
    return JW_OK;
}

double sector_worked_days(const jw_world *world, const sector_book *book, const data_adapter *adapter)
{
    double running_days = 0;
    if (adapter->phase == JW_ADAPTER_WORKING)
        running_days = jw_s_from_ns(sector_work_ns(world, book) - adapter->started_ns) / book->def.day_s;
    return adapter->worked_days + jw_min(running_days, adapter->effort_days);
}

/* Of those that are being built the first to be done by `until_ns`, the one that waited longest of equals. */
static uint32_t first_done(const sector_book *book, int64_t until_ns)
{
    uint32_t best = JW_NONE;
    for (uint32_t i = 0; i < book->adapter_count; i++) {
        const data_adapter *a = &book->adapters[i];
        if (a->phase != JW_ADAPTER_WORKING || a->due_ns > until_ns)
            continue;
        if (best == JW_NONE || a->due_ns < book->adapters[best].due_ns ||
            (a->due_ns == book->adapters[best].due_ns && a->turn < book->adapters[best].turn))
            best = i;
    }
    return best;
}

static void start_queued(sector_book *book, int64_t at_ns)
{
    uint32_t busy = 0;
    for (uint32_t i = 0; i < book->adapter_count; i++)
        busy += book->adapters[i].phase == JW_ADAPTER_WORKING;
    for (; busy < book->def.integrators; busy++) {
        uint32_t next = JW_NONE;
        for (uint32_t i = 0; i < book->adapter_count; i++)
            if (book->adapters[i].phase == JW_ADAPTER_QUEUED &&
                (next == JW_NONE || book->adapters[i].turn < book->adapters[next].turn))
                next = i;
        if (next == JW_NONE)
            return;
        data_adapter *a = &book->adapters[next];
        a->phase = JW_ADAPTER_WORKING;
        a->started_ns = at_ns;
        a->due_ns = at_ns + (int64_t)(a->effort_days * book->def.day_s * 1e9);
    }
}

static bool is_built(const sector_book *book, uint32_t adapter)
{
    return adapter != JW_NONE && book->adapters[adapter].phase == JW_ADAPTER_DONE;
}

static bool is_substrate_built(const sector_book *book)
{
    for (uint32_t i = 0; i < book->adapter_count; i++)
        if (book->adapters[i].source == JW_NONE && book->adapters[i].consumer == JW_NONE &&
            book->adapters[i].phase != JW_ADAPTER_DONE)
            return false;
    return true;
}

static bool is_ready(const sector_book *book, const data_stream *s)
{
    bool is_by_substrate = s->consumer == JW_NONE || s->upstream != JW_NONE;
    return is_built(book, s->adapter) && (!is_by_substrate || is_substrate_built(book)) &&
           (s->upstream == JW_NONE || is_built(book, book->streams[s->upstream].adapter));
}

void sector_open_streams(jw_world *world, jw_ai *ai, int64_t at_ns)
{
    sector_book *book = &ai->sectors;
    for (uint32_t i = 0; i < book->stream_count; i++) {
        data_stream *s = &book->streams[i];
        if (s->phase != JW_STREAM_WAITING || !is_ready(book, s))
            continue;
        s->phase = JW_STREAM_OPEN;
        if (s->ready_ns < 0) {
            s->ready_ns = at_ns;
            s->opened_ns = jw_world_time_ns(world);
        }
        sector_start_ticks(world, ai, i);
    }
}

void sector_work(jw_world *world, jw_ai *ai)
{
    sector_book *book = &ai->sectors;
    int64_t now_ns = sector_work_ns(world, book);
    for (uint32_t done; (done = first_done(book, now_ns)) != JW_NONE;) {
        data_adapter *a = &book->adapters[done];
        a->phase = JW_ADAPTER_DONE;
        a->worked_days += a->effort_days;
        int64_t at_ns = a->due_ns;
        start_queued(book, at_ns);
        sector_open_streams(world, ai, at_ns);
    }
    start_queued(book, now_ns);
    sector_open_streams(world, ai, now_ns);
    /* One event at the next end; those of before are found early or late, and do no harm. */
    uint32_t next = first_done(book, INT64_MAX);
    if (next != JW_NONE)
        jw_schedule(world, book->adapters[next].due_ns - book->worked_ns, JW_PRIORITY_NORMAL, ai->module,
                    EVENT_SECTOR_WORK, 0, 0);
}
