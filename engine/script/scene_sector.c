/* Sectors, sources and consumers of data in a scene, and kinds of sources in the catalogue. */
#include "script/script_internal.h"

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)
#define NUMBER(type, key, member, is_required, low, high, unit, doc)                                         \
    {                                                                                                        \
        key, FIELD_NUMBER, is_required, low, high, NULL, unit, doc, AT(type, member)                         \
    }

/* The texts of a list of up to `most` places of `size` bytes; reports what is none. */
static bool read_texts(lua_State *L, const char *what, const char *key, char *out, size_t size, uint32_t most,
                       uint32_t *count)
{
    bool has_list = lua_getfield(L, 2, key) == LUA_TTABLE;
    lua_Integer length = has_list ? luaL_len(L, -1) : 0;
    *count = 0;
    if (length > most) {
        script_report(L, "%s: \"%s\" lists more than %d", what, key, (int)most);
        return false;
    }
    for (lua_Integer i = 1; i <= length; i++) {
        size_t bytes = 0;
        const char *text = lua_geti(L, -1, i) == LUA_TSTRING ? lua_tolstring(L, -1, &bytes) : NULL;
        if (!text || bytes == 0 || bytes >= size || !jw_text_is_utf8(text, bytes)) {
            script_report(L, "%s: \"%s\" holds at %d no name of 1 to %d bytes", what, key, (int)i,
                          (int)size - 1);
            return false;
        }
        jw_text_copy(out + (size_t)(*count)++ * size, size, text);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return true;
}

static void check(lua_State *L, jw_result result, jw_error *error)
{
    if (result != JW_OK)
        script_report_error(L, error);
}

/* ---- sectors ---- */

const script_field script_sector_fields[SCRIPT_SECTOR_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "tax, health, logistics, transport, industry, ...",
     AT(jw_sector_def, id)},
    {"owner", FIELD_TEXT, true, 0, 0, NULL, NULL, "who decides on uses, for people",
     AT(jw_sector_def, owner)},
    {"purposes", FIELD_LIST, false, 0, 0, NULL, NULL, "names of the uses that it allows; none when left out",
     0, 0},
};

int script_city_sector(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "sector");
    jw_sector_def sector = {0};
    jw_error error = {0};
    if (script_read_fields(L, 2, "city:sector", script_sector_fields, SCRIPT_SECTOR_FIELDS, &sector) &&
        read_texts(L, "city:sector", "purposes", sector.purposes[0], sizeof sector.purposes[0],
                   JW_PURPOSES_MAX, &sector.purpose_count))
        check(L, jw_twin_def_add_sector(def, &sector, &error), &error);
    return 0;
}

/* ---- sources ---- */

typedef struct source_entry {
    jw_source_entry source;
    char kind[JW_MODEL_ID_SIZE];
    double records_per_person_day;
    char origin[300];
} source_entry;

#define PART(member) source.def.member
/* What the catalogue and a scene say alike; the catalogue has to. */
#define SOURCE_FIELDS(is_kind)                                                                               \
    {"schema", FIELD_TEXT, is_kind, 0, 0, NULL, NULL, "name of its form", AT(source_entry, PART(schema))},   \
        {"feed",                                                                                             \
         FIELD_SMALL,                                                                                        \
         false,                                                                                              \
         0,                                                                                                  \
         0,                                                                                                  \
         "clock|cameras|trips|parts",                                                                        \
         NULL,                                                                                               \
         "what makes records: time, or what the city really does; clock when left out",                      \
         AT(source_entry, PART(feed))},                                                                      \
        NUMBER(source_entry, "records_per_day", PART(records_per_day), false, 0, 1e9, NULL,                  \
               "by the clock; of another feed before the start only; 0 when left out"),                      \
        NUMBER(source_entry, "records_per_person_day", records_per_person_day, false, 0, 1e6, NULL,          \
               "the same of each of its persons; 0 when left out"),                                          \
        NUMBER(source_entry, "records_per_event", PART(records_per_event), false, 0, 1e4, NULL,              \
               "of a picture answered, trip ended or part inspected; 1 when left out"),                      \
        NUMBER(source_entry, "history_days", PART(history_days), false, 0, 36525, "d",                       \
               "of records_per_day that are there at the start; 0 when left out"),                           \
        NUMBER(source_entry, "record_bytes", PART(record_bytes), is_kind, 1, 1e9, "B", "of a record"),       \
        NUMBER(source_entry, "quality", PART(quality), is_kind, 0, 1, NULL,                                  \
               "share of right and complete records"),                                                       \
        NUMBER(source_entry, "sensitivity", PART(sensitivity), is_kind, 0, 100, NULL,                        \
               "of a record: 0 open, 1 personal, above: special"),                                           \
        NUMBER(source_entry, "coverage", PART(coverage), is_kind, 0, 1, NULL,                                \
               "share of the people, vehicles or parts in question that it knows"),                          \
        NUMBER(source_entry, "match", PART(match), is_kind, 0, 1, NULL,                                      \
               "share of records with a key by which another source finds them"),                            \
        {"persons",                                                                                          \
         FIELD_COUNT,                                                                                        \
         false,                                                                                              \
         0,                                                                                                  \
         4e9,                                                                                                \
         NULL,                                                                                               \
         NULL,                                                                                               \
         "that its records are about; 0 when left out: about nobody",                                        \
         AT(source_entry, PART(persons))},                                                                   \
        NUMBER(source_entry, "effort_days", PART(effort_days), is_kind, 0, 1000, "d",                        \
               "of a person, to understand it"),                                                             \
    {                                                                                                        \
        "residency", FIELD_SMALL, false, 0, 0, "any|city|district", NULL, "where its records may lie",       \
            AT(source_entry, PART(residency))                                                                \
    }

const script_field script_source_fields[SCRIPT_SOURCE_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name", AT(source_entry, PART(id))},
    {"kind", FIELD_TEXT, false, 0, 0, NULL, NULL, "of the catalogue: what is left out is as it says there",
     AT(source_entry, kind)},
    {"sector", FIELD_TEXT, false, 0, 0, NULL, NULL, "that owns it; the kind's when left out",
     AT(source_entry, PART(sector))},
    {"home", FIELD_TEXT, true, 0, 0, NULL, NULL, "id of the site where it is made",
     AT(source_entry, source.home)},
    SOURCE_FIELDS(false),
};

const script_field script_source_kind_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "kind in city:data_source", AT(source_entry, PART(id))},
    {"sector", FIELD_TEXT, true, 0, 0, NULL, NULL, "that owns it", AT(source_entry, PART(sector))},
    SOURCE_FIELDS(true),
    {"unverified", FIELD_FLAG, false, 0, 0, NULL, NULL, "figures from memory or assumed",
     AT(source_entry, PART(is_unverified))},
    {"source", FIELD_TEXT, true, 0, 0, NULL, NULL, "where the figures were read", AT(source_entry, origin)},
};
const uint32_t script_source_kind_field_count = JW_COUNT_OF(script_source_kind_fields);

jw_result script_take_source_kind(lua_State *L, jw_twin_def *def, jw_error *error)
{
    source_entry entry = {.source.def = {.records_per_event = 1}};
    if (!script_read_fields(L, -1, "kind of data source", script_source_kind_fields,
                            script_source_kind_field_count, &entry))
        return JW_OK; /* reported */
    return jw_twin_def_add_source_kind(def, &(jw_source_kind){entry.source.def, entry.records_per_person_day},
                                       error);
}

int script_city_data_source(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "data_source");
    source_entry entry = {
        .source.def = {
            .records_per_event = 1, .record_bytes = 1000, .quality = 1, .coverage = 1, .match = 1}};
    jw_error error = {0};
    if (lua_istable(L, 2) && script_read_field(L, 2, "city:data_source", &script_source_fields[1], &entry) &&
        entry.kind[0]) {
        const jw_source_kind *kind = jw_twin_def_find_source_kind(def, entry.kind);
        if (kind) {
            entry.source.def = kind->def;
            entry.records_per_person_day = kind->records_per_person_day;
        } else
            script_report(L, "city:data_source: there is no kind \"%s\" (see assets/catalog/sectors.lua)",
                          entry.kind);
    }
    if (!script_read_fields(L, 2, "city:data_source", script_source_fields, SCRIPT_SOURCE_FIELDS, &entry))
        return 0;
    entry.source.def.records_per_day += entry.records_per_person_day * entry.source.def.persons;
    check(L, jw_twin_def_add_source(def, &entry.source, &error), &error);
    return 0;
}

/* ---- consumers ---- */

const script_field script_consumer_fields[SCRIPT_CONSUMER_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name, and that of the dataset which grows at its site",
     AT(jw_consumer_entry, def.id)},
    {"purpose", FIELD_TEXT, true, 0, 0, NULL, NULL, "that it declares", AT(jw_consumer_entry, def.purpose)},
    {"site", FIELD_TEXT, true, 0, 0, NULL, NULL, "id of the site", AT(jw_consumer_entry, site)},
    {"sources", FIELD_LIST, true, 0, 0, NULL, NULL, "ids of up to 12 sources that it wants", 0, 0},
    {"joined", FIELD_FLAG, false, 0, 0, NULL, NULL, "records are joined by their keys",
     AT(jw_consumer_entry, def.is_joined)},
    NUMBER(jw_consumer_entry, "effort_days", def.effort_days, false, 0, 1000, "d",
           "of a person, to understand what it needs; 10 when left out (unverified)"),
};

int script_city_data_consumer(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "data_consumer");
    jw_consumer_entry entry = {.def.effort_days = 10};
    jw_error error = {0};
    if (script_read_fields(L, 2, "city:data_consumer", script_consumer_fields, SCRIPT_CONSUMER_FIELDS,
                           &entry) &&
        read_texts(L, "city:data_consumer", "sources", entry.def.sources[0], sizeof entry.def.sources[0],
                   JW_CONSUMER_SOURCES_MAX, &entry.def.source_count))
        check(L, jw_twin_def_add_consumer(def, &entry, &error), &error);
    return 0;
}

/* ---- how they come together ---- */

typedef struct integration_entry {
    jw_integration_def def;
    char substrate[JW_CATALOG_ID_SIZE];
} integration_entry;

const script_field script_integration_fields[SCRIPT_INTEGRATION_FIELDS] = {
    {"mode", FIELD_SMALL, false, 0, 0, "point_to_point|fabric", NULL,
     "an adapter for each pair, or to a substrate; point_to_point when left out",
     AT(integration_entry, def.wiring)},
    {"substrate", FIELD_TEXT, false, 0, 0, NULL, NULL, "id of the site where it stands; none when left out",
     AT(integration_entry, substrate)},
    NUMBER(integration_entry, "substrate_days", def.substrate_days, false, 0, 1e4, "d",
           "of a person, to build it; 120 when left out (unverified)"),
    {"substrate_packages", FIELD_COUNT, false, 1, 1000, NULL, NULL,
     "of equal work in which it is built; 12 when left out (unverified)",
     AT(integration_entry, def.substrate_packages)},
    NUMBER(integration_entry, "schema_days", def.schema_days, false, 0, 1000, "d",
           "of a person, for each adapter to the unified schema; 3 when left out (unverified)"),
    {"integrators", FIELD_COUNT, false, 0, 100000, NULL, NULL,
     "people who build adapters; 6 when left out (unverified)", AT(integration_entry, def.integrators)},
    NUMBER(integration_entry, "day_s", def.day_s, false, 0.01, 86400, "s",
           "of the clock for a working day; 86400 when left out"),
    NUMBER(integration_entry, "cny_per_day", def.cny_per_day, false, 0, 1e6, "CNY",
           "of a person; 2000 when left out (unverified)"),
    NUMBER(integration_entry, "batch_s", def.batch_s, false, 1, 1e6, "s",
           "between batches of records; 60 when left out"),
    NUMBER(integration_entry, "check_share", def.check_share, false, 0, 1, NULL,
           "of wrong or incomplete records that adapters find; 0.8 when left out (unverified)"),
    NUMBER(integration_entry, "rework_share", def.rework_share, false, 0, 1, NULL,
           "of a source's effort when its schema changes; 0.4 when left out (unverified)"),
};

int script_city_data_fabric(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "data_fabric");
    integration_entry entry = {.def = def->sectors.integration};
    jw_text_copy(entry.substrate, sizeof entry.substrate, def->sectors.substrate);
    if (!script_read_fields(L, 2, "city:data_fabric", script_integration_fields, SCRIPT_INTEGRATION_FIELDS,
                            &entry))
        return 0;
    def->sectors.integration = entry.def;
    jw_text_copy(def->sectors.substrate, sizeof def->sectors.substrate, entry.substrate);
    return 0;
}
