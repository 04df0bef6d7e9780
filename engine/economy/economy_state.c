/* Saving and loading the module. */
#include "economy/economy_internal.h"

void economy_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const jw_economy *economy = state;
    jw_write_u32(writer, economy->line_count);
    for (uint32_t i = 0; i < economy->line_count; i++)
        line_save(writer, &economy->lines[i]);
}

void economy_load(jw_world *world, void *state, jw_reader *reader)
{
    jw_economy *economy = state;
    uint32_t count = jw_read_count(reader, 1000000, 500);
    if (jw_grow(&economy->lines, &economy->line_capacity, count, sizeof *economy->lines, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    economy->line_count = count;
    for (uint32_t i = 0; i < count; i++)
        line_load(reader, &economy->lines[i], jw_world_time_ns(world));
}
