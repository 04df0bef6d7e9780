/* The city's data in a scene: what it says of sectors, sources and consumers, and their beginning in a world.
 */
#include "twin/twin_internal.h"

#include <string.h>

jw_result jw_twin_def_add_source_kind(jw_twin_def *def, const jw_source_kind *kind, jw_error *error)
{
    jw_sectors_def *all = &def->sectors;
    ADD_UNIQUE(all->kinds, all->kind_count, all->kind_capacity, kind,
               strcmp(all->kinds[i_].def.id, kind->def.id) == 0, "kind of source", kind->def.id);
}

const jw_source_kind *jw_twin_def_find_source_kind(const jw_twin_def *def, const char *id)
{
    for (uint32_t i = 0; i < def->sectors.kind_count; i++)
        if (strcmp(def->sectors.kinds[i].def.id, id) == 0)
            return &def->sectors.kinds[i];
    return NULL;
}

jw_result jw_twin_def_add_sector(jw_twin_def *def, const jw_sector_def *sector, jw_error *error)
{
    jw_sectors_def *all = &def->sectors;
    jw_result result = twin_def_check_name("sector", sector->id, error);
    if (result != JW_OK)
        return result;
    ADD_UNIQUE(all->sectors, all->sector_count, all->sector_capacity, sector,
               strcmp(all->sectors[i_].id, sector->id) == 0, "sector", sector->id);
}

jw_result jw_twin_def_add_source(jw_twin_def *def, const jw_source_entry *source, jw_error *error)
{
    jw_sectors_def *all = &def->sectors;
    bool has_sector = false;
    for (uint32_t i = 0; i < all->sector_count; i++)
        has_sector |= strcmp(all->sectors[i].id, source->def.sector) == 0;
    jw_result result = twin_def_check_name("data source", source->def.id, error);
    if (result == JW_OK && !has_sector)
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                         "data source \"%s\": there is no sector \"%s\" (city:sector)", source->def.id,
                         source->def.sector);
    if (result != JW_OK)
        return result;
    ADD_UNIQUE(all->sources, all->source_count, all->source_capacity, source,
               strcmp(all->sources[i_].def.id, source->def.id) == 0, "data source", source->def.id);
}

static bool has_source(const jw_sectors_def *all, const char *id)
{
    for (uint32_t i = 0; i < all->source_count; i++)
        if (strcmp(all->sources[i].def.id, id) == 0)
            return true;
    return false;
}

jw_result jw_twin_def_add_consumer(jw_twin_def *def, const jw_consumer_entry *consumer, jw_error *error)
{
    jw_sectors_def *all = &def->sectors;
    jw_result result = twin_def_check_name("data consumer", consumer->def.id, error);
    for (uint32_t i = 0; i < consumer->def.source_count && result == JW_OK; i++)
        if (!has_source(all, consumer->def.sources[i]))
            result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                             "data consumer \"%s\": there is no data source \"%s\" (city:data_source)",
                             consumer->def.id, consumer->def.sources[i]);
    if (result != JW_OK)
        return result;
    ADD_UNIQUE(all->consumers, all->consumer_count, all->consumer_capacity, consumer,
               strcmp(all->consumers[i_].def.id, consumer->def.id) == 0, "data consumer", consumer->def.id);
}

void twin_sector_free(jw_sectors_def *def)
{
    jw_free(def->kinds);
    jw_free(def->sectors);
    jw_free(def->sources);
    jw_free(def->consumers);
}

jw_result twin_sector_start(jw_world *world, const jw_sectors_def *def, jw_error *error)
{
    jw_ai *ai = twin_ai_of(world);
    jw_integration_def integration = def->integration;
    jw_result result = JW_OK;
    if (def->substrate[0])
        result = twin_find_site(world, "the substrate of the data fabric", def->substrate,
                                &integration.substrate, error);
    if (result == JW_OK)
        result = jw_ai_set_integration(ai, &integration, error);
    for (uint32_t i = 0; i < def->sector_count && result == JW_OK; i++)
        result = jw_ai_add_sector(ai, &def->sectors[i], error);
    for (uint32_t i = 0; i < def->source_count && result == JW_OK; i++) {
        jw_source_def source = def->sources[i].def;
        result = twin_find_site(world, source.id, def->sources[i].home, &source.home, error);
        if (result == JW_OK)
            result = jw_ai_add_source(world, ai, &source, error);
    }
    for (uint32_t i = 0; i < def->consumer_count && result == JW_OK; i++) {
        jw_consumer_def consumer = def->consumers[i].def;
        result = twin_find_site(world, consumer.id, def->consumers[i].site, &consumer.site, error);
        if (result == JW_OK)
            result = jw_ai_add_consumer(ai, &consumer, error);
    }
    return result;
}
