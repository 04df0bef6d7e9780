/* What sectors show: metrics, and tables of the catalogue, the uses of it, and the people's work. */
#include "ai/ai_internal.h"

double sector_metric(const jw_world *world, const jw_ai *ai, uint32_t metric)
{
    jw_integration_state all = jw_ai_integration(world, ai);
    const double values[AI_SECTOR_METRICS] = {all.records,       all.person_days,      all.cost_cny,
                                              all.adapters_done, all.adapters_waiting, all.consumers_complete,
                                              all.data_days,     all.exposure,         all.forbidden};
    return values[metric];
}

static const char *site_name(const jw_world *world, const jw_ai *ai, uint64_t site)
{
    return ai->ports.site_name && site != JW_NO_SITE ? ai->ports.site_name(world, site) : "";
}

/* ---- sectors
 * ---------------------------------------------------------------------------------------------------- */

const jw_column sector_owner_columns[SECTOR_OWNER_COLUMNS] = {
    {"id", JW_COLUMN_TEXT, "", "id of the sector"},
    {"owner", JW_COLUMN_TEXT, "", "who allows uses"},
    {"exposure", JW_COLUMN_F64, "", "person-records x sensitivity x risk x sites beside their home"},
    {"sources", JW_COLUMN_I64, "", "it owns"},
    {"purposes", JW_COLUMN_I64, "", "it allows"},
    {"refused", JW_COLUMN_I64, "", "uses asked for that it forbade"},
};

uint32_t sector_owner_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_ai *)state)->sectors.owner_count;
}

double sector_owner_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    jw_sector_state s;
    return jw_ai_sector(state, row, &s) ? s.exposure : 0;
}

int64_t sector_owner_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_sector_state s;
    if (!jw_ai_sector(state, row, &s))
        return 0;
    const int64_t values[] = {s.sources, s.def->purpose_count, s.refused};
    return values[column - 3];
}

const char *sector_owner_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_sector_def *def = &((const jw_ai *)state)->sectors.owners[row].def;
    return column == 0 ? def->id : def->owner;
}

/* ---- the catalogue of sources
 * ----------------------------------------------------------------------------------- */

const jw_column sector_source_columns[SECTOR_SOURCE_COLUMNS] = {
    {"id", JW_COLUMN_TEXT, "", "id of the source"},
    {"sector", JW_COLUMN_TEXT, "", "that owns it"},
    {"schema", JW_COLUMN_TEXT, "", "its form"},
    {"home", JW_COLUMN_TEXT, "", "site where it is made"},
    {"record_bytes", JW_COLUMN_F64, "B", "of a record"},
    {"quality", JW_COLUMN_F64, "", "share of right and complete records"},
    {"sensitivity", JW_COLUMN_F64, "", "of a record: 0 open, 1 personal, above: special"},
    {"coverage", JW_COLUMN_F64, "", "share of those in question that it knows"},
    {"dropped", JW_COLUMN_F64, "", "share of records dropped to make it anonymous"},
    {"detail", JW_COLUMN_F64, "", "of a record that is left then"},
    {"risk", JW_COLUMN_F64, "", "chance to pick the right person then"},
    {"exposure", JW_COLUMN_F64, "", "person-records x sensitivity x risk x sites beside its home"},
    {"made", JW_COLUMN_I64, "", "records, its history among them"},
    {"persons", JW_COLUMN_I64, "", "that it is about"},
    {"k", JW_COLUMN_I64, "", "least group that leaves it; 1: as they are"},
};

uint32_t sector_source_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_ai *)state)->sectors.source_count;
}

double sector_source_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_source_state s;
    if (!jw_ai_source(world, state, row, &s))
        return 0;
    const double values[] = {s.def->record_bytes, s.def->quality,     s.def->sensitivity, s.def->coverage,
                             s.anonymity.dropped, s.anonymity.detail, s.anonymity.risk,   s.exposure};
    return values[column - 4];
}

int64_t sector_source_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_source_state s;
    if (!jw_ai_source(world, state, row, &s))
        return 0;
    const int64_t values[] = {s.made, s.def->persons, s.k};
    return values[column - 12];
}

const char *sector_source_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_ai *ai = state;
    const jw_source_def *def = &ai->sectors.sources[row].def;
    return column == 0   ? def->id
           : column == 1 ? def->sector
           : column == 2 ? def->schema
                         : site_name(world, ai, def->home);
}

/* ---- consumers
 * -------------------------------------------------------------------------------------------------- */

const jw_column sector_consumer_columns[SECTOR_CONSUMER_COLUMNS] = {
    {"id", JW_COLUMN_TEXT, "", "id of the consumer and of its dataset"},
    {"purpose", JW_COLUMN_TEXT, "", "it declares"},
    {"site", JW_COLUMN_TEXT, "", "where its dataset lies"},
    {"adapter_days", JW_COLUMN_F64, "d", "of work from asking to the last adapter"},
    {"load_s", JW_COLUMN_F64, "s", "from then to the first record of each source"},
    {"data_days", JW_COLUMN_F64, "d", "time to data; 0: not yet complete"},
    {"records", JW_COLUMN_F64, "", "of its corpus; joined ones where it joins"},
    {"tokens", JW_COLUMN_F64, "", "of its corpus"},
    {"age_days", JW_COLUMN_F64, "d", "mean age of its records"},
    {"coverage", JW_COLUMN_F64, "", "share of what it should tell that it tells"},
    {"quality", JW_COLUMN_F64, "", "share of right and complete records"},
    {"asked", JW_COLUMN_I64, "", "sources"},
    {"refused", JW_COLUMN_I64, "", "sources whose owner forbids the purpose"},
    {"served", JW_COLUMN_I64, "", "sources with records delivered"},
};

uint32_t sector_consumer_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_ai *)state)->sectors.consumer_count;
}

double sector_consumer_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_consumer_state s;
    if (!jw_ai_consumer(world, state, row, &s))
        return 0;
    const double values[] = {s.adapter_days,  s.load_s,          s.data_days,       s.corpus.records,
                             s.corpus.tokens, s.corpus.age_days, s.corpus.coverage, s.corpus.quality};
    return values[column - 3];
}

int64_t sector_consumer_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_consumer_state s;
    if (!jw_ai_consumer(world, state, row, &s))
        return 0;
    const int64_t values[] = {s.asked, s.refused, s.served};
    return values[column - 11];
}

const char *sector_consumer_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_ai *ai = state;
    const jw_consumer_def *def = &ai->sectors.consumers[row];
    return column == 0 ? def->id : column == 1 ? def->purpose : site_name(world, ai, def->site);
}

/* ---- streams: which source is in which dataset
 * ------------------------------------------------------------------ */

const jw_column sector_stream_columns[SECTOR_STREAM_COLUMNS] = {
    {"source", JW_COLUMN_TEXT, "", "id of the source"},
    {"consumer", JW_COLUMN_TEXT, "", "id of the consumer and its dataset; empty: the substrate"},
    {"by", JW_COLUMN_TEXT, "", "source or substrate: what it comes from"},
    {"phase", JW_COLUMN_TEXT, "", "forbidden, waiting for adapters, or open"},
    {"seen", JW_COLUMN_I64, "", "records"},
    {"waiting", JW_COLUMN_I64, "", "records not yet fetched"},
    {"checked", JW_COLUMN_I64, "", "records to be moved"},
    {"moving", JW_COLUMN_I64, "", "records on the network"},
    {"delivered", JW_COLUMN_I64, "", "records"},
    {"dropped_quality", JW_COLUMN_I64, "", "records that were wrong or incomplete"},
    {"dropped_residency", JW_COLUMN_I64, "", "records that may not be there"},
    {"dropped_anonymous", JW_COLUMN_I64, "", "records in groups that were too small"},
    {"lost", JW_COLUMN_I64, "", "records whose store was lost"},
};

uint32_t sector_stream_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_ai *)state)->sectors.stream_count;
}

int64_t sector_stream_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_stream_state s;
    if (!jw_ai_stream(state, row, &s))
        return 0;
    const int64_t values[] = {s.seen,      s.waiting,         s.checked,           s.moving,
                              s.delivered, s.dropped_quality, s.dropped_residency, s.dropped_anonymous,
                              s.lost};
    return values[column - 4];
}

const char *sector_stream_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    static const char *const phases[] = {"forbidden", "waiting", "open"};
    jw_stream_state s;
    if (!jw_ai_stream(state, row, &s))
        return "";
    return column == 0   ? s.source
           : column == 1 ? s.consumer
           : column == 2 ? (s.is_by_substrate && s.consumer[0] ? "substrate" : "source")
                         : phases[s.phase];
}

/* ---- adapters
 * --------------------------------------------------------------------------------------------------- */

const jw_column sector_adapter_columns[SECTOR_ADAPTER_COLUMNS] = {
    {"source", JW_COLUMN_TEXT, "", "id of the source; empty: the substrate"},
    {"consumer", JW_COLUMN_TEXT, "", "id of the consumer; empty: the substrate; both: a package of it"},
    {"phase", JW_COLUMN_TEXT, "", "queued, in work or done"},
    {"effort_days", JW_COLUMN_F64, "d", "of a person, of what is to be done"},
    {"worked_days", JW_COLUMN_F64, "d", "of a person, so far, rework among them"},
    {"waited_days", JW_COLUMN_F64, "d", "in the queue, the last time"},
};

uint32_t sector_adapter_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_ai *)state)->sectors.adapter_count;
}

double sector_adapter_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_adapter_state a;
    if (!jw_ai_adapter(world, state, row, &a))
        return 0;
    const double values[] = {a.effort_days, a.worked_days, a.waited_days};
    return values[column - 3];
}

const char *sector_adapter_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    static const char *const phases[] = {"queued", "in work", "done"};
    jw_adapter_state a;
    if (!jw_ai_adapter(world, state, row, &a))
        return "";
    return column == 0 ? a.source : column == 1 ? a.consumer : phases[a.phase];
}
