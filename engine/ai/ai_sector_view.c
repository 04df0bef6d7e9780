/* What has become of the city's data: corpora, cost, time and exposure. */
#include "ai/ai_internal.h"

#include <string.h>

/* ---- corpora
 * ---------------------------------------------------------------------------------------------------- */

static const data_stream *stream_of(const sector_book *book, uint32_t source, uint32_t consumer)
{
    for (uint32_t i = 0; i < book->stream_count; i++)
        if (book->streams[i].source == source && book->streams[i].consumer == consumer)
            return &book->streams[i];
    return NULL;
}

/* What a consumer has of one source. */
typedef struct part {
    double records, bytes, made_days;
    double covered;     /* coverage x arrived share */
    double detail;      /* of a record */
    double match;       /* of a record with one of another source */
    double quality;     /* after the adapter's check */
    double sensitivity; /* of a record, as it lies there */
} part;

static part part_of(const sector_book *book, uint32_t source, uint32_t consumer)
{
    const jw_source_def *def = &book->sources[source].def;
    const data_stream *s = stream_of(book, source, consumer);
    if (!s || s->delivered.records == 0)
        return (part){0};
    double records = (double)s->delivered.records, risk = s->delivered.risk / records;
    double seen = (double)(s->upstream == JW_NONE ? s : &book->streams[s->upstream])->seen;
    return (part){.records = records,
                  .bytes = records * def->record_bytes,
                  .made_days = s->delivered.made_days,
                  .covered = def->coverage * jw_min(1, records / seen),
                  .detail = s->delivered.detail / records,
                  .match = def->match * (s->upstream == JW_NONE ? risk : 1),
                  .quality = def->quality / (1 - (1 - def->quality) * book->def.check_share),
                  .sensitivity = def->sensitivity * risk};
}

static void corpus_of_list(const part *parts, uint32_t count, jw_corpus *out)
{
    double bytes = 0, right = 0, weight = 0, covered = 0;
    for (uint32_t i = 0; i < count; i++) {
        out->records += parts[i].records;
        bytes += parts[i].bytes;
        right += parts[i].records * parts[i].quality;
        weight += parts[i].records * parts[i].sensitivity;
        covered += parts[i].covered * parts[i].detail;
    }
    out->tokens = bytes / JW_BYTES_PER_TOKEN;
    out->coverage = covered / count;
    out->quality = out->records > 0 ? right / out->records : 0;
    out->sensitivity = out->records > 0 ? weight / out->records : 0;
}

static void corpus_of_join(const part *parts, uint32_t count, jw_corpus *out)
{
    double found = 1, row_bytes = 0;
    out->coverage = out->quality = 1;
    for (uint32_t i = 0; i < count; i++) {
        found *= i > 0 ? parts[i].covered * parts[i].match : 1;
        out->coverage *= parts[i].covered * parts[i].detail * (i > 0 ? parts[i].match : 1);
        out->quality *= parts[i].quality;
        out->sensitivity += parts[i].sensitivity;
        row_bytes += parts[i].records > 0 ? parts[i].bytes / parts[i].records : 0;
    }
    out->records = parts[0].records * found;
    out->tokens = out->records * row_bytes / JW_BYTES_PER_TOKEN;
}

void sector_corpus(const jw_world *world, const sector_book *book, uint32_t consumer, jw_corpus *out)
{
    const jw_consumer_def *def = &book->consumers[consumer];
    part parts[JW_CONSUMER_SOURCES_MAX];
    double records = 0, made_days = 0;
    *out = (jw_corpus){0};
    for (uint32_t i = 0; i < def->source_count; i++) {
        parts[i] = part_of(book, sector_find_source(book, def->sources[i]), consumer);
        records += parts[i].records;
        made_days += parts[i].made_days;
    }
    if (def->is_joined)
        corpus_of_join(parts, def->source_count, out);
    else
        corpus_of_list(parts, def->source_count, out);
    if (records > 0)
        out->age_days = (double)sector_data_ns(world, book) / (double)SECTOR_DAY_NS - made_days / records;
}

bool jw_ai_corpus(const jw_world *world, const jw_ai *ai, const char *dataset, jw_corpus *out)
{
    uint32_t consumer = sector_find_consumer(&ai->sectors, dataset);
    if (consumer != JW_NONE) {
        sector_corpus(world, &ai->sectors, consumer, out);
        return true;
    }
    uint32_t index = fabric_find_set(&ai->data, dataset);
    if (index == JW_NONE)
        return false;
    const fabric_set *set = &ai->data.sets[index];
    double bytes = (double)set->def.size_bytes;
    *out = (jw_corpus){.records = bytes / JW_BYTES_PER_RECORD,
                       .tokens = bytes / JW_BYTES_PER_TOKEN,
                       .age_days = (double)(jw_world_time_ns(world) - set->added_ns) / (double)SECTOR_DAY_NS,
                       .coverage = 1,
                       .quality = 1};
    return true;
}

/* ---- exposure
 * --------------------------------------------------------------------------------------------------- */

static uint64_t site_of(const sector_book *book, const data_stream *s)
{
    return s->consumer == JW_NONE ? book->def.substrate : book->consumers[s->consumer].site;
}

/* Two consumers at a site hold the same records once: the more exposed holding counts. */
static double exposure_of(const sector_book *book, uint32_t source)
{
    const jw_source_def *def = &book->sources[source].def;
    double sum = 0;
    if (def->persons == 0)
        return 0;
    for (uint32_t i = 0; i < book->stream_count; i++) {
        const data_stream *s = &book->streams[i];
        double before = 0;
        if (s->source != source || site_of(book, s) == def->home)
            continue;
        for (uint32_t k = 0; k < i; k++)
            if (book->streams[k].source == source && site_of(book, &book->streams[k]) == site_of(book, s))
                before = jw_max(before, book->streams[k].delivered.risk);
        sum += jw_max(0, s->delivered.risk - before) * def->sensitivity;
    }
    return sum;
}

/* ---- one by one
 * ------------------------------------------------------------------------------------------------- */

bool jw_ai_sector(const jw_ai *ai, uint32_t slot, jw_sector_state *out)
{
    const sector_book *book = &ai->sectors;
    if (slot >= book->owner_count)
        return false;
    *out = (jw_sector_state){.def = &book->owners[slot].def, .refused = book->owners[slot].refused};
    for (uint32_t i = 0; i < book->source_count; i++)
        if (book->sources[i].sector == slot) {
            out->sources++;
            out->exposure += exposure_of(book, i);
        }
    return true;
}

bool jw_ai_source(const jw_world *world, const jw_ai *ai, uint32_t slot, jw_source_state *out)
{
    const sector_book *book = &ai->sectors;
    if (slot >= book->source_count)
        return false;
    const data_source *s = &book->sources[slot];
    *out = (jw_source_state){.def = &s->def,
                             .made = sector_made(world, ai, slot),
                             .k = s->k,
                             .anonymity = s->anonymity,
                             .exposure = exposure_of(book, slot)};
    return true;
}

bool jw_ai_consumer(const jw_world *world, const jw_ai *ai, uint32_t slot, jw_consumer_state *out)
{
    const sector_book *book = &ai->sectors;
    if (slot >= book->consumer_count)
        return false;
    *out = (jw_consumer_state){.def = &book->consumers[slot]};
    int64_t asked_ns = INT64_MAX, ready_ns = 0, opened_ns = 0, first_ns = 0;
    for (uint32_t i = 0; i < book->stream_count; i++) {
        const data_stream *s = &book->streams[i];
        if (s->consumer != slot)
            continue;
        out->asked++;
        asked_ns = s->asked_ns < asked_ns ? s->asked_ns : asked_ns;
        out->refused += s->phase == JW_STREAM_FORBIDDEN && s->first_ns < 0;
        if (s->ready_ns >= 0 && s->ready_ns >= ready_ns) {
            ready_ns = s->ready_ns;
            opened_ns = s->opened_ns > opened_ns ? s->opened_ns : opened_ns;
        }
        out->served += s->first_ns >= 0;
        first_ns = s->first_ns > first_ns ? s->first_ns : first_ns;
    }
    sector_corpus(world, book, slot, &out->corpus);
    out->is_complete = out->served > 0 && out->served + out->refused == out->asked;
    if (ready_ns > 0)
        out->adapter_days = jw_s_from_ns(ready_ns - asked_ns) / book->def.day_s;
    if (out->is_complete) {
        out->load_s = first_ns > opened_ns ? jw_s_from_ns(first_ns - opened_ns) : 0;
        out->data_days = out->adapter_days + out->load_s / 86400;
    }
    return true;
}

bool jw_ai_stream(const jw_ai *ai, uint32_t slot, jw_stream_state *out)
{
    const sector_book *book = &ai->sectors;
    if (slot >= book->stream_count)
        return false;
    const data_stream *s = &book->streams[slot];
    *out = (jw_stream_state){.source = book->sources[s->source].def.id,
                             .consumer = s->consumer == JW_NONE ? "" : book->consumers[s->consumer].id,
                             .is_by_substrate = s->consumer == JW_NONE || s->upstream != JW_NONE,
                             .phase = (jw_stream_phase)s->phase,
                             .seen = s->seen,
                             .waiting = s->waiting.records,
                             .checked = s->checked.records,
                             .moving = s->moving.records,
                             .delivered = s->delivered.records,
                             .dropped_quality = s->dropped_quality,
                             .dropped_residency = s->dropped_residency,
                             .dropped_anonymous = s->dropped_anonymous,
                             .lost = s->lost};
    return true;
}

bool jw_ai_adapter(const jw_world *world, const jw_ai *ai, uint32_t slot, jw_adapter_state *out)
{
    const sector_book *book = &ai->sectors;
    if (slot >= book->adapter_count)
        return false;
    const data_adapter *a = &book->adapters[slot];
    int64_t until_ns = a->phase == JW_ADAPTER_QUEUED ? sector_work_ns(world, book) : a->started_ns;
    *out = (jw_adapter_state){.source = a->source == JW_NONE ? "" : book->sources[a->source].def.id,
                              .consumer = a->consumer == JW_NONE ? "" : book->consumers[a->consumer].id,
                              .phase = (jw_adapter_phase)a->phase,
                              .effort_days = a->effort_days,
                              .worked_days = sector_worked_days(world, book, a),
                              .waited_days = jw_s_from_ns(until_ns - a->queued_ns) / book->def.day_s};
    return true;
}

/* ---- all together
 * ----------------------------------------------------------------------------------------------- */

jw_integration_state jw_ai_integration(const jw_world *world, const jw_ai *ai)
{
    const sector_book *book = &ai->sectors;
    jw_integration_state all = {.def = book->def, .adapters = book->adapter_count};
    jw_consumer_state consumer;
    for (uint32_t i = 0; i < book->adapter_count; i++) {
        all.adapters_done += book->adapters[i].phase == JW_ADAPTER_DONE;
        all.adapters_waiting += book->adapters[i].phase == JW_ADAPTER_QUEUED;
        all.person_days += sector_worked_days(world, book, &book->adapters[i]);
    }
    for (uint32_t i = 0; i < book->stream_count; i++) {
        all.asked += book->streams[i].consumer != JW_NONE;
        all.forbidden += book->streams[i].phase == JW_STREAM_FORBIDDEN;
    }
    for (uint32_t i = 0; jw_ai_consumer(world, ai, i, &consumer); i++) {
        all.consumers_complete += consumer.is_complete;
        all.data_days += consumer.data_days;
        all.records += consumer.corpus.records;
    }
    for (uint32_t i = 0; i < book->source_count; i++)
        all.exposure += exposure_of(book, i);
    if (all.consumers_complete > 0)
        all.data_days /= all.consumers_complete;
    all.cost_cny = all.person_days * book->def.cny_per_day;
    return all;
}
