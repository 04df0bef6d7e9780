/* Sectors, sources and consumers, and what is asked of them. */
#include "ai/ai_internal.h"

#include <string.h>

const char *jw_wiring_name(jw_wiring wiring)
{
    return wiring == JW_WIRING_FABRIC ? "fabric" : "point_to_point";
}

jw_integration_def jw_default_integration_def(void)
{
    return (jw_integration_def){.wiring = JW_WIRING_POINT_TO_POINT,
                                .substrate = JW_NO_SITE,
                                .substrate_days = 120,
                                .substrate_packages = 12,
                                .schema_days = 3,
                                .integrators = 6,
                                .day_s = 86400,
                                .cny_per_day = 2000,
                                .batch_s = 60,
                                .check_share = 0.8,
                                .rework_share = 0.4};
}

/* ---- finding
 * ---------------------------------------------------------------------------------------------------- */

uint32_t sector_find_owner(const sector_book *book, const char *id)
{
    for (uint32_t i = 0; i < book->owner_count; i++)
        if (strcmp(book->owners[i].def.id, id) == 0)
            return i;
    return JW_NONE;
}

uint32_t sector_find_source(const sector_book *book, const char *id)
{
    for (uint32_t i = 0; i < book->source_count; i++)
        if (strcmp(book->sources[i].def.id, id) == 0)
            return i;
    return JW_NONE;
}

uint32_t sector_find_consumer(const sector_book *book, const char *id)
{
    for (uint32_t i = 0; i < book->consumer_count; i++)
        if (strcmp(book->consumers[i].id, id) == 0)
            return i;
    return JW_NONE;
}

static uint32_t find_stream(const sector_book *book, uint32_t source, uint32_t consumer)
{
    for (uint32_t i = 0; i < book->stream_count; i++)
        if (book->streams[i].source == source && book->streams[i].consumer == consumer)
            return i;
    return JW_NONE;
}

/* Adapters of the substrate's side have JW_NONE there. */
static uint32_t find_adapter(const sector_book *book, uint32_t source, uint32_t consumer)
{
    for (uint32_t i = 0; i < book->adapter_count; i++)
        if (book->adapters[i].source == source && book->adapters[i].consumer == consumer)
            return i;
    return JW_NONE;
}

static bool has_purpose(const jw_sector_def *def, const char *purpose)
{
    for (uint32_t i = 0; i < def->purpose_count; i++)
        if (strcmp(def->purposes[i], purpose) == 0)
            return true;
    return false;
}

/* ---- what is there
 * ---------------------------------------------------------------------------------------------- */

static bool is_share(double x)
{
    return x >= 0 && x <= 1;
}

static bool is_within(double x, double low, double high)
{
    return x >= low && x <= high;
}

bool sector_is_integration_fine(const jw_integration_def *def)
{
    return def->wiring <= JW_WIRING_FABRIC && is_within(def->substrate_days, 0, 1e4) &&
           def->substrate_packages >= 1 && def->substrate_packages <= 1000 &&
           is_within(def->schema_days, 0, 1000) && def->integrators <= 100000 &&
           is_within(def->day_s, 0.01, 86400) && is_within(def->cny_per_day, 0, 1e6) &&
           is_within(def->batch_s, 1, 1e6) && is_share(def->check_share) && is_share(def->rework_share);
}

bool sector_is_source_fine(const jw_source_def *def)
{
    return def->id[0] && def->feed < JW_FEED_COUNT && is_within(def->records_per_day, 0, 1e9) &&
           is_within(def->records_per_event, 0, 1e4) && is_within(def->history_days, 0, 36525) &&
           is_within(def->record_bytes, 1, 1e9) && def->records_per_day * def->record_bytes <= 1e13 &&
           def->records_per_day * def->record_bytes * def->history_days <= 1e15 && is_share(def->quality) &&
           is_within(def->sensitivity, 0, 100) && is_share(def->coverage) && is_share(def->match) &&
           is_within(def->effort_days, 0, 1000);
}

bool sector_is_consumer_fine(const jw_consumer_def *def)
{
    return def->id[0] && def->purpose[0] && def->source_count >= 1 &&
           def->source_count <= JW_CONSUMER_SOURCES_MAX && is_within(def->effort_days, 0, 1000);
}

jw_result jw_ai_set_integration(jw_ai *ai, const jw_integration_def *def, jw_error *error)
{
    if (!sector_is_integration_fine(def))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a figure of the integration is out of range");
    if (ai->sectors.stream_count > 0)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "data are being integrated already");
    ai->sectors.def = *def;
    return JW_OK;
}

jw_result jw_ai_add_sector(jw_ai *ai, const jw_sector_def *def, jw_error *error)
{
    sector_book *book = &ai->sectors;
    if (def->id[0] == 0 || def->purpose_count > JW_PURPOSES_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "sector \"%s\" needs an id, and at most %d purposes",
                       def->id, JW_PURPOSES_MAX);
    if (sector_find_owner(book, def->id) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "sector \"%s\" exists already", def->id);
    jw_result result =
        jw_grow(&book->owners, &book->owner_capacity, book->owner_count + 1ull, sizeof *book->owners, error);
    if (result == JW_OK)
        book->owners[book->owner_count++] = (sector_owner){.def = *def};
    return result;
}

jw_result jw_ai_add_source(jw_world *world, jw_ai *ai, const jw_source_def *def, jw_error *error)
{
    sector_book *book = &ai->sectors;
    if (!sector_is_source_fine(def))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "source \"%s\": a figure is out of range, or it makes more than 10 TB a day or 1 PB "
                       "in its history",
                       def->id);
    uint32_t sector = sector_find_owner(book, def->sector);
    if (sector == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "source \"%s\": there is no sector \"%s\"",
                       def->id, def->sector);
    if (sector_find_source(book, def->id) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "source \"%s\" exists already", def->id);
    jw_result result = jw_grow(&book->sources, &book->source_capacity, book->source_count + 1ull,
                               sizeof *book->sources, error);
    if (result == JW_OK)
        book->sources[book->source_count++] = (data_source){.def = *def,
                                                            .sector = sector,
                                                            .k = 1,
                                                            .anonymity = {0, 1, 1},
                                                            .since_ns = sector_data_ns(world, book)};
    return result;
}

jw_result jw_ai_add_consumer(jw_ai *ai, const jw_consumer_def *def, jw_error *error)
{
    sector_book *book = &ai->sectors;
    if (!sector_is_consumer_fine(def))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "consumer \"%s\": it needs an id, a purpose, 1 to %d sources and an effort of at most "
                       "1000 days",
                       def->id, JW_CONSUMER_SOURCES_MAX);
    if (sector_find_consumer(book, def->id) != JW_NONE || fabric_find_set(&ai->data, def->id) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "a dataset \"%s\" exists already", def->id);
    for (uint32_t i = 0; i < def->source_count; i++) {
        if (sector_find_source(book, def->sources[i]) == JW_NONE)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "consumer \"%s\": there is no source \"%s\"",
                           def->id, def->sources[i]);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(def->sources[k], def->sources[i]) == 0)
                return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "consumer \"%s\" names \"%s\" twice", def->id,
                               def->sources[i]);
    }
    jw_result result = jw_grow(&book->consumers, &book->consumer_capacity, book->consumer_count + 1ull,
                               sizeof *book->consumers, error);
    if (result == JW_OK)
        book->consumers[book->consumer_count++] = *def;
    return result;
}

void sector_free(sector_book *book)
{
    jw_free(book->owners);
    jw_free(book->sources);
    jw_free(book->consumers);
    jw_free(book->streams);
    jw_free(book->adapters);
}

/* ---- connecting
 * ------------------------------------------------------------------------------------------------- */

static jw_result add_stream(jw_world *world, sector_book *book, const data_stream *like, uint32_t *out,
                            jw_error *error)
{
    jw_result result = jw_grow(&book->streams, &book->stream_capacity, book->stream_count + 1ull,
                               sizeof *book->streams, error);
    if (result != JW_OK)
        return result;
    data_stream *s = &book->streams[book->stream_count];
    *s = *like;
    s->asked_ns = sector_work_ns(world, book);
    s->ready_ns = s->first_ns = -1;
    *out = book->stream_count++;
    return JW_OK;
}

/* The adapter of that pair, queued where there is none. */
static jw_result need_adapter(jw_world *world, sector_book *book, uint32_t source, uint32_t consumer,
                              double effort_days, uint32_t *out, jw_error *error)
{
    *out = find_adapter(book, source, consumer);
    return *out != JW_NONE ? JW_OK
                           : sector_queue_adapter(world, book, source, consumer, effort_days, out, error);
}

static jw_result need_substrate(jw_world *world, sector_book *book, jw_error *error)
{
    jw_result result = JW_OK;
    uint32_t made;
    if (find_adapter(book, JW_NONE, JW_NONE) != JW_NONE)
        return JW_OK;
    for (uint32_t i = 0; i < book->def.substrate_packages && result == JW_OK; i++)
        result = sector_queue_adapter(world, book, JW_NONE, JW_NONE,
                                      book->def.substrate_days / book->def.substrate_packages, &made, error);
    return result;
}

/* Adapters of a stream that is allowed, and what feeds it. */
static jw_result build(jw_world *world, jw_ai *ai, uint32_t index, jw_wiring wiring, jw_error *error)
{
    sector_book *book = &ai->sectors;
    uint32_t source = book->streams[index].source, consumer = book->streams[index].consumer, adapter, up;
    double source_days = book->sources[source].def.effort_days,
           consumer_days = book->consumers[consumer].effort_days;
    jw_result result;
    if (wiring == JW_WIRING_POINT_TO_POINT) {
        result = need_adapter(world, book, source, consumer, source_days + consumer_days, &adapter, error);
        if (result == JW_OK)
            book->streams[index].adapter = adapter;
        return result;
    }
    result = need_substrate(world, book, error);
    if (result == JW_OK)
        result =
            need_adapter(world, book, source, JW_NONE, source_days + book->def.schema_days, &adapter, error);
    up = find_stream(book, source, JW_NONE);
    if (result == JW_OK && up == JW_NONE)
        result = add_stream(world, book,
                            &(data_stream){.source = source,
                                           .consumer = JW_NONE,
                                           .upstream = JW_NONE,
                                           .adapter = adapter,
                                           .phase = JW_STREAM_WAITING},
                            &up, error);
    if (result == JW_OK)
        result = need_adapter(world, book, JW_NONE, consumer, consumer_days + book->def.schema_days, &adapter,
                              error);
    if (result == JW_OK) {
        book->streams[index].upstream = up;
        book->streams[index].adapter = adapter;
    }
    return result;
}

/* What is forbidden has no adapter, and asks for none. */
static jw_result permit(jw_world *world, jw_ai *ai, uint32_t index, jw_error *error)
{
    sector_book *book = &ai->sectors;
    jw_result result = JW_OK;
    if (book->streams[index].adapter == JW_NONE)
        result = build(world, ai, index, (jw_wiring)book->def.wiring, error);
    if (result == JW_OK) {
        book->streams[index].phase = JW_STREAM_WAITING;
        sector_feed(world, ai, index);
    }
    return result;
}

static jw_result connect_pair(jw_world *world, jw_ai *ai, uint32_t source, uint32_t consumer, jw_error *error)
{
    sector_book *book = &ai->sectors;
    uint32_t index;
    sector_owner *owner = &book->owners[book->sources[source].sector];
    data_stream like = {.source = source,
                        .consumer = consumer,
                        .upstream = JW_NONE,
                        .adapter = JW_NONE,
                        .phase = JW_STREAM_FORBIDDEN};
    jw_result result = add_stream(world, book, &like, &index, error);
    if (result != JW_OK)
        return result;
    if (has_purpose(&owner->def, book->consumers[consumer].purpose))
        return permit(world, ai, index, error);
    owner->refused++;
    return JW_OK;
}

jw_result jw_ai_connect_source(jw_world *world, jw_ai *ai, const char *consumer_id, const char *source_id,
                               jw_error *error)
{
    sector_book *book = &ai->sectors;
    uint32_t consumer = sector_find_consumer(book, consumer_id), asked = 0;
    if (consumer == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no data consumer \"%s\"", consumer_id);
    if (book->def.wiring == JW_WIRING_FABRIC && book->def.substrate == JW_NO_SITE)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "\"%s\" cannot be wired by the fabric: its substrate is at no site", consumer_id);
    bool is_wanted = false;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < book->consumers[consumer].source_count && result == JW_OK; i++) {
        uint32_t source = sector_find_source(book, book->consumers[consumer].sources[i]);
        if (source_id[0] && strcmp(book->sources[source].def.id, source_id) != 0)
            continue;
        is_wanted = true;
        if (find_stream(book, source, consumer) != JW_NONE)
            continue;
        asked++;
        result = connect_pair(world, ai, source, consumer, error);
    }
    if (result == JW_OK && !is_wanted)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "\"%s\" does not want a source \"%s\"",
                       consumer_id, source_id);
    if (result == JW_OK && asked == 0)
        return source_id[0] ? jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                                      "\"%s\" has asked for source \"%s\" already", consumer_id, source_id)
                            : jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                                      "\"%s\" has asked for all its sources already", consumer_id);
    sector_work(world, ai);
    return result;
}

jw_result jw_ai_set_wiring(jw_ai *ai, jw_wiring wiring, jw_error *error)
{
    if (wiring == JW_WIRING_FABRIC && ai->sectors.def.substrate == JW_NO_SITE)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "the fabric's substrate is at no site");
    ai->sectors.def.wiring = (uint8_t)wiring;
    return JW_OK;
}

jw_result jw_ai_set_integrators(jw_world *world, jw_ai *ai, uint32_t people, jw_error *error)
{
    if (people > 100000)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%u integrators are too many: 100000 at most", people);
    ai->sectors.def.integrators = people;
    sector_work(world, ai);
    return JW_OK;
}

static jw_result set_purpose(jw_sector_def *def, const char *purpose, bool is_allowed, jw_error *error)
{
    uint32_t kept = 0;
    if (is_allowed && def->purpose_count == JW_PURPOSES_MAX)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "sector \"%s\" allows %d purposes already", def->id,
                       JW_PURPOSES_MAX);
    for (uint32_t i = 0; i < def->purpose_count; i++)
        if (strcmp(def->purposes[i], purpose) != 0)
            memmove(def->purposes[kept++], def->purposes[i], sizeof def->purposes[i]);
    def->purpose_count = kept;
    if (is_allowed)
        jw_text_copy(def->purposes[def->purpose_count++], JW_SECTOR_NAME_SIZE, purpose);
    return JW_OK;
}

jw_result jw_ai_allow_purpose(jw_world *world, jw_ai *ai, const char *sector, const char *purpose,
                              bool is_allowed, jw_error *error)
{
    sector_book *book = &ai->sectors;
    uint32_t index = sector_find_owner(book, sector);
    if (index == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no sector \"%s\"", sector);
    if (purpose[0] == 0 || strlen(purpose) >= JW_SECTOR_NAME_SIZE)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "\"%s\" is no purpose: 1 to %d bytes", purpose,
                       JW_SECTOR_NAME_SIZE - 1);
    jw_sector_def *def = &book->owners[index].def;
    jw_result result =
        has_purpose(def, purpose) == is_allowed ? JW_OK : set_purpose(def, purpose, is_allowed, error);
    for (uint32_t i = 0; i < book->stream_count && result == JW_OK; i++) {
        data_stream *s = &book->streams[i];
        if (s->consumer == JW_NONE || book->sources[s->source].sector != index ||
            strcmp(book->consumers[s->consumer].purpose, purpose) != 0)
            continue;
        if (is_allowed && s->phase == JW_STREAM_FORBIDDEN)
            result = permit(world, ai, i, error);
        else if (!is_allowed)
            s->phase = JW_STREAM_FORBIDDEN;
    }
    sector_work(world, ai);
    return result;
}

jw_result jw_ai_anonymise(jw_world *world, jw_ai *ai, const char *source, uint32_t k, jw_error *error)
{
    uint32_t index = sector_find_source(&ai->sectors, source);
    if (index == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no data source \"%s\"", source);
    data_source *s = &ai->sectors.sources[index];
    if (s->def.persons == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "source \"%s\" is about nobody: nothing to make anonymous", source);
    jw_random_key key = jw_world_random(world, jw_hash_text(0, source));
    jw_result result = jw_anonymity_of(key, s->def.persons, k, &s->anonymity, error);
    if (result == JW_OK)
        s->k = k;
    return result;
}

jw_result jw_ai_change_schema(jw_world *world, jw_ai *ai, const char *source, jw_error *error)
{
    sector_book *book = &ai->sectors;
    uint32_t index = sector_find_source(book, source);
    if (index == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no data source \"%s\"", source);
    for (uint32_t i = 0; i < book->adapter_count; i++) {
        data_adapter *a = &book->adapters[i];
        if (a->source != index || a->phase != JW_ADAPTER_DONE)
            continue;
        a->phase = JW_ADAPTER_QUEUED;
        a->turn = book->turns++;
        a->queued_ns = sector_work_ns(world, book);
        a->effort_days = book->def.rework_share * book->sources[index].def.effort_days;
        for (uint32_t s = 0; s < book->stream_count; s++)
            if (book->streams[s].adapter == i && book->streams[s].phase == JW_STREAM_OPEN)
                book->streams[s].phase = JW_STREAM_WAITING;
    }
    sector_work(world, ai);
    return JW_OK;
}

/* People work on working days; sources make records on all. */
void sector_pass_days(jw_world *world, jw_ai *ai, double days, double working_days)
{
    sector_book *book = &ai->sectors;
    if (book->passed_ns > SECTOR_PASSED_NS_MAX)
        return;
    book->worked_ns += (int64_t)(working_days * book->def.day_s * 1e9);
    book->passed_ns += (int64_t)(days * (double)SECTOR_DAY_NS);
    sector_work(world, ai);
    sector_deliver_all(world, ai);
}
