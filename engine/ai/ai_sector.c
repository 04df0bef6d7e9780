/* Data as what models learn from. */
#include "ai/ai_sector.h"
#include "ai/ai_internal.h"

bool jw_ai_corpus(const jw_world *world, const jw_ai *ai, const char *dataset, jw_corpus *out)
{
    uint32_t index = fabric_find_set(&ai->data, dataset);
    if (index == JW_NONE)
        return false;
    const fabric_set *set = &ai->data.sets[index];
    double bytes = (double)set->def.size_bytes;
    *out = (jw_corpus){.records = bytes / JW_BYTES_PER_RECORD,
                       .tokens = bytes / JW_BYTES_PER_TOKEN,
                       .age_days = (double)(jw_world_time_ns(world) - set->added_ns) / 1e9 / 86400,
                       .coverage = 1,
                       .quality = 1};
    return true;
}
