/* The streams: what sources make, what adapters drop, and batches over the network. */
#include "ai/ai_internal.h"

#define BATCH_BYTES_MAX 1e15

int64_t sector_data_ns(const jw_world *world, const sector_book *book)
{
    return jw_world_time_ns(world) + book->passed_ns;
}

static double days_of(int64_t ns)
{
    return (double)ns / (double)SECTOR_DAY_NS;
}

/* ---- what a source makes
 * ---------------------------------------------------------------------------------------- */

static int64_t history_of(const jw_source_def *def)
{
    return (int64_t)(def->records_per_day * def->history_days);
}

static uint64_t measured(const jw_world *world, const jw_ai *ai, uint8_t feed)
{
    return ai->ports.measured ? ai->ports.measured(world, feed) : 0;
}

/* A count that fell was set to zero at the end of a warm-up. */
static int64_t events_since(const jw_world *world, const jw_ai *ai, const data_source *s)
{
    uint64_t count = measured(world, ai, s->def.feed);
    return (int64_t)jw_min((double)(count >= s->base ? count - s->base : count), 1e12);
}

int64_t sector_made(const jw_world *world, const jw_ai *ai, uint32_t source)
{
    const data_source *s = &ai->sectors.sources[source];
    double made = s->def.feed == JW_FEED_CLOCK
                      ? s->def.records_per_day * days_of(sector_data_ns(world, &ai->sectors) - s->since_ns)
                      : s->def.records_per_event * (double)(s->events + events_since(world, ai, s));
    return history_of(&s->def) + (int64_t)jw_min(made, (double)SECTOR_RECORDS_MAX);
}

static void take_events(jw_world *world, jw_ai *ai, uint32_t source)
{
    data_source *s = &ai->sectors.sources[source];
    if (s->def.feed == JW_FEED_CLOCK)
        return;
    s->events += events_since(world, ai, s);
    s->base = measured(world, ai, s->def.feed);
}

/* ---- batches
 * ---------------------------------------------------------------------------------------------------- */

static void add(data_batch *to, const data_batch *from)
{
    to->records += from->records;
    to->made_days += from->made_days;
    to->risk += from->risk;
    to->detail += from->detail;
}

/* Takes so many of them out, of all kinds alike. */
static data_batch take(data_batch *from, int64_t records)
{
    if (records <= 0)
        return (data_batch){0};
    double share = (double)records / (double)from->records;
    data_batch taken = {records, from->made_days * share, from->risk * share, from->detail * share};
    if (records == from->records) {
        taken = *from;
        *from = (data_batch){0};
        return taken;
    }
    from->records -= records;
    from->made_days -= taken.made_days;
    from->risk -= taken.risk;
    from->detail -= taken.detail;
    return taken;
}

static uint64_t goal_of(const sector_book *book, const data_stream *s)
{
    return s->consumer == JW_NONE ? book->def.substrate : book->consumers[s->consumer].site;
}

static uint64_t origin_of(const sector_book *book, const data_stream *s)
{
    return s->upstream != JW_NONE ? book->def.substrate : book->sources[s->source].def.home;
}

/* From now on what the substrate gets of the source is handed on, after what lies there already. */
void sector_feed(jw_world *world, jw_ai *ai, uint32_t stream)
{
    (void)world;
    data_stream *s = &ai->sectors.streams[stream];
    if (s->is_fed || s->upstream == JW_NONE)
        return;
    const data_stream *up = &ai->sectors.streams[s->upstream];
    s->is_fed = 1;
    s->seen += up->delivered.records;
    add(&s->waiting, &up->delivered);
}

/* Those of the history were made evenly before the start, the others since it was last looked. */
static void see(jw_world *world, jw_ai *ai, data_stream *s)
{
    sector_book *book = &ai->sectors;
    if (s->upstream != JW_NONE)
        return;
    const data_source *source = &book->sources[s->source];
    int64_t now_ns = sector_data_ns(world, book), fresh;
    if (!s->is_fed) {
        s->is_fed = 1;
        s->seen_ns = source->since_ns;
        int64_t history = history_of(&source->def);
        double mean_days = days_of(source->since_ns) - source->def.history_days / 2, n = (double)history;
        add(&s->waiting, &(data_batch){history, n * mean_days, n, n});
        s->seen += history;
    }
    take_events(world, ai, s->source);
    fresh = sector_made(world, ai, s->source) - s->seen;
    fresh = fresh > 0 ? fresh : 0; /* a source forgets nothing, but an image may be damaged */
    double mean_days = days_of(s->seen_ns / 2 + now_ns / 2), n = (double)fresh;
    add(&s->waiting, &(data_batch){fresh, n * mean_days, n, n});
    s->seen += fresh;
    s->seen_ns = now_ns;
}

static int64_t due(double *carry, int64_t records, double share)
{
    *carry += (double)records * share;
    int64_t whole = (int64_t)*carry;
    whole = whole < records ? whole : records;
    *carry -= (double)whole;
    return whole;
}

/* What waits is dropped or fit to be moved: by residency, by the adapter's check where records leave their
 * source, and by groups where they leave for a consumer. */
static void check(jw_world *world, jw_ai *ai, data_stream *s)
{
    sector_book *book = &ai->sectors;
    const data_source *source = &book->sources[s->source];
    data_batch batch = take(&s->waiting, s->waiting.records);
    if (batch.records == 0)
        return;
    if (!ai->ports.may_hold(world, source->def.home, source->def.residency, goal_of(book, s))) {
        s->dropped_residency += batch.records;
        return;
    }
    if (s->upstream == JW_NONE) {
        int64_t bad =
            due(&s->quality_carry, batch.records, (1 - source->def.quality) * book->def.check_share);
        take(&batch, bad);
        s->dropped_quality += bad;
    }
    if (s->consumer != JW_NONE && source->k > 1) {
        int64_t rare = due(&s->anonymous_carry, batch.records, source->anonymity.dropped);
        take(&batch, rare);
        s->dropped_anonymous += rare;
        batch.risk = (double)batch.records * source->anonymity.risk;
        batch.detail = (double)batch.records * source->anonymity.detail;
    }
    add(&s->checked, &batch);
}

/* ---- moving
 * ----------------------------------------------------------------------------------------------------- */

static uint64_t tag_of(const sector_book *book, uint32_t stream)
{
    return SECTOR_TAG | (uint64_t)(book->streams[stream].tries & 0x3FFFFFFF) << 32 | (stream + 1);
}

static void move_on(jw_world *world, jw_ai *ai, uint32_t stream);

/* What came to the substrate goes on at once to those who have an adapter. */
static void deliver(jw_world *world, jw_ai *ai, uint32_t stream, int64_t bytes)
{
    sector_book *book = &ai->sectors;
    data_stream *s = &book->streams[stream];
    data_batch batch = take(&s->moving, s->moving.records);
    s->moving_bytes = 0;
    add(&s->delivered, &batch);
    if (s->first_ns < 0 && batch.records > 0)
        s->first_ns = jw_world_time_ns(world);
    if (s->consumer != JW_NONE) {
        const jw_source_def *def = &book->sources[s->source].def;
        fabric_grow_set(world, ai, &book->consumers[s->consumer], def, bytes);
        return;
    }
    for (uint32_t i = 0; i < book->stream_count; i++)
        if (book->streams[i].upstream == stream && book->streams[i].is_fed) {
            add(&book->streams[i].waiting, &batch);
            book->streams[i].seen += batch.records;
            move_on(world, ai, i);
        }
}

static bool is_way_up(jw_world *world, const jw_ai *ai, const data_stream *s)
{
    return ai->ports.is_site_up(world, origin_of(&ai->sectors, s)) &&
           ai->ports.is_site_up(world, goal_of(&ai->sectors, s));
}

static void start_batch(jw_world *world, jw_ai *ai, uint32_t stream)
{
    sector_book *book = &ai->sectors;
    data_stream *s = &book->streams[stream];
    double record_bytes = book->sources[s->source].def.record_bytes;
    double most = BATCH_BYTES_MAX / record_bytes;
    int64_t records = (double)s->checked.records > most ? (int64_t)most : s->checked.records;
    uint64_t from = origin_of(book, s), to = goal_of(book, s);
    if (records == 0)
        return;
    s->moving = take(&s->checked, records);
    s->moving_bytes = (int64_t)((double)records * record_bytes);
    if (from == to) {
        book->local_bytes += s->moving_bytes;
        deliver(world, ai, stream, s->moving_bytes);
        return;
    }
    s->tries++;
    book->asked_bytes += s->moving_bytes;
    if (ai->ports.start_transfer(world, from, to, s->moving_bytes, tag_of(book, stream)) != JW_OK)
        sector_transfer_ended(world, ai, tag_of(book, stream), false);
}

/* What did not arrive is moved again with the next batch. */
void sector_transfer_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok)
{
    sector_book *book = &ai->sectors;
    uint32_t stream = (uint32_t)tag - 1;
    if (stream >= book->stream_count || book->streams[stream].moving.records == 0 ||
        tag_of(book, stream) != tag)
        return;
    data_stream *s = &book->streams[stream];
    int64_t bytes = s->moving_bytes;
    *(is_ok ? &book->arrived_bytes : &book->lost_bytes) += bytes;
    if (is_ok) {
        deliver(world, ai, stream, bytes);
        return;
    }
    data_batch back = take(&s->moving, s->moving.records);
    add(&s->checked, &back);
    s->moving_bytes = 0;
}

/* One batch of a stream at a time. */
static void move_on(jw_world *world, jw_ai *ai, uint32_t stream)
{
    data_stream *s = &ai->sectors.streams[stream];
    if (s->phase != JW_STREAM_OPEN || s->moving.records > 0 || !is_way_up(world, ai, s))
        return;
    check(world, ai, s);
    start_batch(world, ai, stream);
}

void sector_tick(jw_world *world, jw_ai *ai, const jw_event *event)
{
    sector_book *book = &ai->sectors;
    uint32_t stream = event->a - 1;
    if (stream >= book->stream_count || book->streams[stream].chain != event->b ||
        book->streams[stream].phase != JW_STREAM_OPEN)
        return;
    see(world, ai, &book->streams[stream]);
    move_on(world, ai, stream);
    jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(book->def.batch_s), JW_PRIORITY_NORMAL,
                ai->module, EVENT_SECTOR_TICK, event->a, event->b);
}

/* A chain of ticks that was there before is stale from now on. */
void sector_start_ticks(jw_world *world, jw_ai *ai, uint32_t stream)
{
    data_stream *s = &ai->sectors.streams[stream];
    s->chain++;
    jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, ai->module, EVENT_SECTOR_TICK, stream + 1,
                s->chain);
}

void sector_site_down(jw_world *world, jw_ai *ai, uint64_t site)
{
    sector_book *book = &ai->sectors;
    for (uint32_t i = 0; i < book->stream_count; i++) {
        const data_stream *s = &book->streams[i];
        if (s->moving.records == 0 || (origin_of(book, s) != site && goal_of(book, s) != site))
            continue;
        ai->ports.stop_transfer(world, tag_of(book, i));
        sector_transfer_ended(world, ai, tag_of(book, i), false);
    }
}

/* What had arrived there is lost, and so is what waited there to go on; sources keep what they made. */
void sector_forget_store(jw_world *world, jw_ai *ai, uint64_t site)
{
    sector_book *book = &ai->sectors;
    sector_site_down(world, ai, site);
    for (uint32_t i = 0; i < book->stream_count; i++) {
        data_stream *s = &book->streams[i];
        if (goal_of(book, s) == site) {
            s->lost += s->delivered.records;
            s->delivered = (data_batch){0};
        }
        if (s->upstream != JW_NONE && book->def.substrate == site) {
            s->lost += s->waiting.records + s->checked.records;
            s->waiting = s->checked = (data_batch){0};
        }
    }
}

/* Streams to the substrate first: they feed the others. */
void sector_deliver_all(jw_world *world, jw_ai *ai)
{
    sector_book *book = &ai->sectors;
    for (int is_last = 0; is_last <= 1; is_last++)
        for (uint32_t i = 0; i < book->stream_count; i++) {
            data_stream *s = &book->streams[i];
            if (s->phase != JW_STREAM_OPEN || (s->upstream != JW_NONE) != is_last)
                continue;
            see(world, ai, s);
            if (s->moving.records > 0) {
                ai->ports.stop_transfer(world, tag_of(book, i));
                sector_transfer_ended(world, ai, tag_of(book, i), false);
            }
            if (s->moving.records > 0 || !is_way_up(world, ai, s))
                continue;
            check(world, ai, s);
            double record_bytes = book->sources[s->source].def.record_bytes;
            int64_t bytes = (int64_t)jw_min((double)s->checked.records * record_bytes, BATCH_BYTES_MAX);
            s->moving = take(&s->checked, s->checked.records);
            book->local_bytes += bytes;
            deliver(world, ai, i, bytes);
        }
}

int64_t sector_moving_bytes(const sector_book *book)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < book->stream_count; i++)
        bytes += book->streams[i].moving_bytes;
    return bytes;
}

/* The records that have arrived are what there is, not what was counted. */
void sector_restart_counts(sector_book *book)
{
    book->arrived_bytes = book->lost_bytes = book->local_bytes = 0;
    book->asked_bytes = sector_moving_bytes(book);
    for (uint32_t i = 0; i < book->owner_count; i++)
        book->owners[i].refused = 0;
    for (uint32_t i = 0; i < book->source_count; i++)
        book->sources[i].base = 0;
}

bool sector_is_consistent(const sector_book *book, jw_error *error)
{
    for (uint32_t i = 0; i < book->stream_count; i++) {
        const data_stream *s = &book->streams[i];
        int64_t sum = s->waiting.records + s->checked.records + s->moving.records + s->delivered.records +
                      s->dropped_quality + s->dropped_residency + s->dropped_anonymous + s->lost;
        if (sum != s->seen) {
            jw_fail(error, JW_ERROR_STATE, NULL, 0, "records of source \"%s\": %lld seen, %lld accounted for",
                    book->sources[s->source].def.id, (long long)s->seen, (long long)sum);
            return false;
        }
    }
    return true;
}

bool jw_ai_is_data_consistent(const jw_ai *ai, jw_error *error)
{
    return sector_is_consistent(&ai->sectors, error);
}
