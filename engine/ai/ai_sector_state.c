/* Saving and loading of sectors, sources, consumers, adapters and streams. */
#include "ai/ai_internal.h"

static void save_source(const jw_source_def *def, jw_writer *writer)
{
    jw_write_text(writer, def->id);
    jw_write_text(writer, def->sector);
    jw_write_text(writer, def->schema);
    jw_write_u8(writer, def->feed);
    const double figures[] = {
        def->records_per_day, def->records_per_event, def->history_days, def->record_bytes, def->quality,
        def->sensitivity,     def->coverage,          def->match,        def->effort_days};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        jw_write_f64(writer, figures[i]);
    jw_write_u32(writer, def->persons);
    jw_write_u64(writer, def->home);
    jw_write_u8(writer, def->residency);
    jw_write_u8(writer, def->is_unverified);
}

static void load_source(jw_source_def *def, jw_reader *reader)
{
    jw_read_text(reader, def->id, sizeof def->id);
    jw_read_text(reader, def->sector, sizeof def->sector);
    jw_read_text(reader, def->schema, sizeof def->schema);
    def->feed = jw_read_u8(reader);
    double *const figures[] = {
        &def->records_per_day, &def->records_per_event, &def->history_days, &def->record_bytes, &def->quality,
        &def->sensitivity,     &def->coverage,          &def->match,        &def->effort_days};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        *figures[i] = jw_read_f64(reader);
    def->persons = jw_read_u32(reader);
    def->home = jw_read_u64(reader);
    def->residency = jw_read_u8(reader);
    def->is_unverified = jw_read_u8(reader);
}

static void save_integration(const jw_integration_def *def, jw_writer *writer)
{
    jw_write_u8(writer, def->wiring);
    jw_write_u64(writer, def->substrate);
    jw_write_f64(writer, def->substrate_days);
    jw_write_u32(writer, def->substrate_packages);
    jw_write_f64(writer, def->schema_days);
    jw_write_u32(writer, def->integrators);
    const double figures[] = {def->day_s, def->cny_per_day, def->batch_s, def->check_share,
                              def->rework_share};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        jw_write_f64(writer, figures[i]);
}

static void load_integration(jw_integration_def *def, jw_reader *reader)
{
    def->wiring = jw_read_u8(reader);
    def->substrate = jw_read_u64(reader);
    def->substrate_days = jw_read_f64(reader);
    def->substrate_packages = jw_read_u32(reader);
    def->schema_days = jw_read_f64(reader);
    def->integrators = jw_read_u32(reader);
    double *const figures[] = {&def->day_s, &def->cny_per_day, &def->batch_s, &def->check_share,
                               &def->rework_share};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        *figures[i] = jw_read_f64(reader);
    if (!sector_is_integration_fine(def))
        jw_reader_fail(reader, "the integration of data is out of range");
}

static void save_batch(const data_batch *batch, jw_writer *writer)
{
    jw_write_i64(writer, batch->records);
    jw_write_f64(writer, batch->made_days);
    jw_write_f64(writer, batch->risk);
    jw_write_f64(writer, batch->detail);
}

static int64_t load_records(jw_reader *reader)
{
    int64_t records = jw_read_i64(reader);
    if (records < 0 || records > 4 * SECTOR_RECORDS_MAX)
        jw_reader_fail(reader, "a count of records is out of range");
    return records;
}

static double load_sum(jw_reader *reader)
{
    double sum = jw_read_f64(reader);
    if (!(sum >= -1e22 && sum <= 1e22))
        jw_reader_fail(reader, "a sum over records is out of range");
    return sum;
}

static void load_batch(data_batch *batch, jw_reader *reader)
{
    batch->records = load_records(reader);
    batch->made_days = load_sum(reader);
    batch->risk = load_sum(reader);
    batch->detail = load_sum(reader);
}

static void save_stream(const data_stream *s, jw_writer *writer)
{
    const uint32_t links[] = {s->source, s->consumer, s->upstream, s->adapter, s->chain, s->tries};
    for (uint32_t i = 0; i < JW_COUNT_OF(links); i++)
        jw_write_u32(writer, links[i]);
    jw_write_u8(writer, s->phase);
    jw_write_u8(writer, s->is_fed);
    const int64_t times[] = {s->asked_ns, s->ready_ns, s->opened_ns, s->first_ns, s->seen_ns};
    for (uint32_t i = 0; i < JW_COUNT_OF(times); i++)
        jw_write_i64(writer, times[i]);
    save_batch(&s->waiting, writer);
    save_batch(&s->checked, writer);
    save_batch(&s->moving, writer);
    save_batch(&s->delivered, writer);
    const int64_t counts[] = {
        s->seen, s->moving_bytes, s->dropped_quality, s->dropped_residency, s->dropped_anonymous, s->lost};
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        jw_write_i64(writer, counts[i]);
    jw_write_f64(writer, s->quality_carry);
    jw_write_f64(writer, s->anonymous_carry);
}

static bool is_stream_fine(const sector_book *book, const data_stream *s, uint32_t streams, uint32_t adapters)
{
    bool is_linked = s->source < book->source_count &&
                     (s->consumer == JW_NONE || s->consumer < book->consumer_count) &&
                     (s->upstream == JW_NONE || (s->upstream < streams && s->consumer != JW_NONE)) &&
                     (s->adapter == JW_NONE || s->adapter < adapters);
    return is_linked && s->phase <= JW_STREAM_OPEN && s->is_fed <= 1 &&
           (s->phase == JW_STREAM_FORBIDDEN || s->adapter != JW_NONE) && s->quality_carry >= 0 &&
           s->quality_carry <= 2 && s->anonymous_carry >= 0 && s->anonymous_carry <= 2 && s->ready_ns >= -1 &&
           s->first_ns >= -1;
}

static void load_stream(data_stream *s, jw_reader *reader)
{
    uint32_t *const links[] = {&s->source, &s->consumer, &s->upstream, &s->adapter, &s->chain, &s->tries};
    for (uint32_t i = 0; i < JW_COUNT_OF(links); i++)
        *links[i] = jw_read_u32(reader);
    s->phase = jw_read_u8(reader);
    s->is_fed = jw_read_u8(reader);
    int64_t *const times[] = {&s->asked_ns, &s->ready_ns, &s->opened_ns, &s->first_ns, &s->seen_ns};
    for (uint32_t i = 0; i < JW_COUNT_OF(times); i++) {
        *times[i] = jw_read_i64(reader);
        if (*times[i] < -INT64_MAX / 4 || *times[i] == INT64_MAX)
            jw_reader_fail(reader, "a time of a stream of records is out of range");
    }
    load_batch(&s->waiting, reader);
    load_batch(&s->checked, reader);
    load_batch(&s->moving, reader);
    load_batch(&s->delivered, reader);
    int64_t *const counts[] = {
        &s->seen, &s->moving_bytes, &s->dropped_quality, &s->dropped_residency, &s->dropped_anonymous,
        &s->lost};
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        *counts[i] = load_records(reader);
    s->quality_carry = jw_read_f64(reader);
    s->anonymous_carry = jw_read_f64(reader);
}

void sector_save(const sector_book *book, jw_writer *writer)
{
    save_integration(&book->def, writer);
    jw_write_u32(writer, book->owner_count);
    for (uint32_t i = 0; i < book->owner_count; i++) {
        const jw_sector_def *def = &book->owners[i].def;
        jw_write_text(writer, def->id);
        jw_write_text(writer, def->owner);
        jw_write_u32(writer, def->purpose_count);
        for (uint32_t k = 0; k < def->purpose_count; k++)
            jw_write_text(writer, def->purposes[k]);
        jw_write_i64(writer, book->owners[i].refused);
    }
    jw_write_u32(writer, book->source_count);
    for (uint32_t i = 0; i < book->source_count; i++) {
        const data_source *s = &book->sources[i];
        save_source(&s->def, writer);
        jw_write_u32(writer, s->sector);
        jw_write_u32(writer, s->k);
        jw_write_f64(writer, s->anonymity.dropped);
        jw_write_f64(writer, s->anonymity.detail);
        jw_write_f64(writer, s->anonymity.risk);
        jw_write_i64(writer, s->since_ns);
        jw_write_i64(writer, s->events);
        jw_write_u64(writer, s->base);
    }
    jw_write_u32(writer, book->consumer_count);
    for (uint32_t i = 0; i < book->consumer_count; i++) {
        const jw_consumer_def *def = &book->consumers[i];
        jw_write_text(writer, def->id);
        jw_write_text(writer, def->purpose);
        jw_write_u64(writer, def->site);
        jw_write_u8(writer, def->is_joined);
        jw_write_f64(writer, def->effort_days);
        jw_write_u32(writer, def->source_count);
        for (uint32_t k = 0; k < def->source_count; k++)
            jw_write_text(writer, def->sources[k]);
    }
    jw_write_u32(writer, book->adapter_count);
    for (uint32_t i = 0; i < book->adapter_count; i++) {
        const data_adapter *a = &book->adapters[i];
        jw_write_u32(writer, a->source);
        jw_write_u32(writer, a->consumer);
        jw_write_u8(writer, a->phase);
        jw_write_u64(writer, a->turn);
        jw_write_f64(writer, a->effort_days);
        jw_write_f64(writer, a->worked_days);
        jw_write_i64(writer, a->queued_ns);
        jw_write_i64(writer, a->started_ns);
        jw_write_i64(writer, a->due_ns);
    }
    jw_write_u32(writer, book->stream_count);
    for (uint32_t i = 0; i < book->stream_count; i++)
        save_stream(&book->streams[i], writer);
    jw_write_u64(writer, book->turns);
    const int64_t sums[] = {book->worked_ns,     book->passed_ns,  book->asked_bytes,
                            book->arrived_bytes, book->lost_bytes, book->local_bytes};
    for (uint32_t i = 0; i < JW_COUNT_OF(sums); i++)
        jw_write_i64(writer, sums[i]);
}

#define ROOM(items, count, capacity, least)                                                                  \
    load_room(reader, &(items), &(capacity), sizeof *(items), least, &(count))

/* Room for as many as follow; `count` grows as they are read. */
static uint32_t load_room(jw_reader *reader, void *items, uint32_t *capacity, size_t size, size_t least,
                          uint32_t *count)
{
    uint32_t wanted = jw_read_count(reader, 1000000, least);
    *count = 0;
    if (!reader->failed && jw_grow(items, capacity, wanted, size, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    return reader->failed ? 0 : wanted;
}

static void load_owners(sector_book *book, jw_reader *reader)
{
    uint32_t count = ROOM(book->owners, book->owner_count, book->owner_capacity, 20);
    for (uint32_t i = 0; i < count && !reader->failed; i++, book->owner_count++) {
        sector_owner *o = &book->owners[i];
        *o = (sector_owner){0};
        jw_read_text(reader, o->def.id, sizeof o->def.id);
        jw_read_text(reader, o->def.owner, sizeof o->def.owner);
        o->def.purpose_count = jw_read_u32(reader);
        if (o->def.purpose_count > JW_PURPOSES_MAX)
            jw_reader_fail(reader, "sector %u has too many purposes", i);
        for (uint32_t k = 0; k < o->def.purpose_count && !reader->failed; k++)
            jw_read_text(reader, o->def.purposes[k], sizeof o->def.purposes[k]);
        o->refused = load_records(reader);
    }
}

static void load_sources(sector_book *book, jw_reader *reader)
{
    uint32_t count = ROOM(book->sources, book->source_count, book->source_capacity, 158);
    for (uint32_t i = 0; i < count && !reader->failed; i++, book->source_count++) {
        data_source *s = &book->sources[i];
        *s = (data_source){0};
        load_source(&s->def, reader);
        s->sector = jw_read_u32(reader);
        s->k = jw_read_u32(reader);
        s->anonymity.dropped = jw_read_f64(reader);
        s->anonymity.detail = jw_read_f64(reader);
        s->anonymity.risk = jw_read_f64(reader);
        s->since_ns = jw_read_i64(reader);
        s->events = load_records(reader);
        s->base = jw_read_u64(reader);
        const double shares[] = {s->anonymity.dropped, s->anonymity.detail, s->anonymity.risk};
        for (uint32_t k = 0; k < 3; k++)
            if (!(shares[k] >= 0 && shares[k] <= 1))
                jw_reader_fail(reader, "source %u has shares out of range", i);
        if (!sector_is_source_fine(&s->def) || s->sector >= book->owner_count || s->k == 0 ||
            s->since_ns < -INT64_MAX / 4 || s->since_ns > INT64_MAX / 4)
            jw_reader_fail(reader, "source %u is out of range", i);
    }
}

static void load_consumers(sector_book *book, jw_reader *reader)
{
    uint32_t count = ROOM(book->consumers, book->consumer_count, book->consumer_capacity, 29);
    for (uint32_t i = 0; i < count && !reader->failed; i++, book->consumer_count++) {
        jw_consumer_def *def = &book->consumers[i];
        *def = (jw_consumer_def){0};
        jw_read_text(reader, def->id, sizeof def->id);
        jw_read_text(reader, def->purpose, sizeof def->purpose);
        def->site = jw_read_u64(reader);
        def->is_joined = jw_read_u8(reader);
        def->effort_days = jw_read_f64(reader);
        def->source_count = jw_read_u32(reader);
        if (!sector_is_consumer_fine(def))
            jw_reader_fail(reader, "data consumer %u is out of range", i);
        for (uint32_t k = 0; k < def->source_count && !reader->failed; k++) {
            jw_read_text(reader, def->sources[k], sizeof def->sources[k]);
            if (sector_find_source(book, def->sources[k]) == JW_NONE)
                jw_reader_fail(reader, "data consumer %u wants no source", i);
        }
    }
}

static void load_adapters(sector_book *book, jw_reader *reader)
{
    uint32_t count = ROOM(book->adapters, book->adapter_count, book->adapter_capacity, 57);
    for (uint32_t i = 0; i < count && !reader->failed; i++, book->adapter_count++) {
        data_adapter *a = &book->adapters[i];
        a->source = jw_read_u32(reader);
        a->consumer = jw_read_u32(reader);
        a->phase = jw_read_u8(reader);
        a->turn = jw_read_u64(reader);
        a->effort_days = jw_read_f64(reader);
        a->worked_days = jw_read_f64(reader);
        a->queued_ns = jw_read_i64(reader);
        a->started_ns = jw_read_i64(reader);
        a->due_ns = jw_read_i64(reader);
        if ((a->source != JW_NONE && a->source >= book->source_count) ||
            (a->consumer != JW_NONE && a->consumer >= book->consumer_count) || a->phase > JW_ADAPTER_DONE ||
            !(a->effort_days >= 0 && a->effort_days <= 1e4) ||
            !(a->worked_days >= 0 && a->worked_days <= 1e12) || a->queued_ns < -INT64_MAX / 4 ||
            a->started_ns < -INT64_MAX / 4 ||
            (a->phase == JW_ADAPTER_WORKING && (a->due_ns < a->started_ns || a->due_ns > INT64_MAX - 1)))
            jw_reader_fail(reader, "adapter %u is out of range", i);
    }
}

void sector_load(sector_book *book, jw_reader *reader)
{
    load_integration(&book->def, reader);
    load_owners(book, reader);
    load_sources(book, reader);
    load_consumers(book, reader);
    load_adapters(book, reader);
    uint32_t count = ROOM(book->streams, book->stream_count, book->stream_capacity, 258);
    for (uint32_t i = 0; i < count && !reader->failed; i++, book->stream_count++) {
        book->streams[i] = (data_stream){0};
        load_stream(&book->streams[i], reader);
        if (!is_stream_fine(book, &book->streams[i], count, book->adapter_count))
            jw_reader_fail(reader, "stream %u of records is out of range", i);
    }
    book->turns = jw_read_u64(reader);
    int64_t *const sums[] = {&book->worked_ns,     &book->passed_ns,  &book->asked_bytes,
                             &book->arrived_bytes, &book->lost_bytes, &book->local_bytes};
    for (uint32_t i = 0; i < JW_COUNT_OF(sums); i++) {
        *sums[i] = jw_read_i64(reader);
        if (*sums[i] < 0 || *sums[i] > (i < 2 ? 2 * SECTOR_PASSED_NS_MAX : FABRIC_BYTES_MAX))
            jw_reader_fail(reader, "a sum over data is out of range");
    }
    if (!reader->failed &&
        book->asked_bytes != book->arrived_bytes + book->lost_bytes + sector_moving_bytes(book))
        jw_reader_fail(reader, "the bytes of the sectors' data do not add up");
    if (!reader->failed && !sector_is_consistent(book, NULL))
        jw_reader_fail(reader, "the records of the sectors' data do not add up");
}
