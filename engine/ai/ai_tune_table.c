/* The table of tunings. */
#include "ai/ai_internal.h"

#include <string.h>

const jw_column tune_columns[TUNE_COLUMNS] = {
    {"model", JW_COLUMN_TEXT, "", "id in the catalogue"},
    {"phase", JW_COLUMN_TEXT, "", "reading, waiting for cards, training, done, cancelled or failed"},
    {"method", JW_COLUMN_TEXT, "", "full or lora"},
    {"site", JW_COLUMN_TEXT, "", "that reads and trains"},
    {"data", JW_COLUMN_TEXT, "", "its first dataset"},
    {"purpose", JW_COLUMN_TEXT, "", "of the version; empty: anything"},
    {"why", JW_COLUMN_TEXT, "", "it failed, or what it waits for"},
    {"data_gb", JW_COLUMN_F64, "GB", "that it reads"},
    {"tokens", JW_COLUMN_F64, "", "of the data, once all is read"},
    {"petaflop", JW_COLUMN_F64, "10^15", "operations of the training, once all is read"},
    {"waited_s", JW_COLUMN_F64, "s", "from its beginning to its training, or until now"},
    {"trained_s", JW_COLUMN_F64, "s", "from the start of its training to its end, or until now"},
    {"base", JW_COLUMN_I64, "", "version that is tuned"},
    {"version", JW_COLUMN_I64, "", "that came of it; 0: none yet"},
    {"datasets", JW_COLUMN_I64, "", "that it reads"},
};

uint32_t tune_rows(const jw_world *world, const void *state)
{
    (void)world;
    return jw_ai_tuning_count(state);
}

double tune_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_tuning_state t;
    if (!jw_ai_tuning(state, row, &t))
        return 0;
    int64_t until_ns = t.ended_ns ? t.ended_ns : jw_world_time_ns(world);
    int64_t waited_ns = (t.trained_ns ? t.trained_ns : until_ns) - t.begun_ns;
    const double values[] = {t.data_gb, t.tokens, t.operations / 1e15, jw_s_from_ns(waited_ns),
                             t.trained_ns ? jw_s_from_ns(until_ns - t.trained_ns) : 0};
    return values[column - 7];
}

int64_t tune_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_tuning_state t;
    if (!jw_ai_tuning(state, row, &t))
        return 0;
    const int64_t values[] = {t.base_version, t.made_version, t.datasets};
    return values[column - 12];
}

const char *tune_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_ai *ai = state;
    jw_tuning_state t;
    if (!jw_ai_tuning(ai, row, &t))
        return "";
    const char *const texts[] = {t.model,
                                 jw_tune_phase_name(t.phase),
                                 jw_tune_method_name(t.method),
                                 ai->ports.site_name ? ai->ports.site_name(world, t.site) : "",
                                 ai->tunings[row].datasets[0].id,
                                 t.purpose,
                                 t.why};
    return texts[column];
}

double tune_count_phases(const jw_ai *ai, jw_tune_phase first, jw_tune_phase last)
{
    double count = 0;
    for (uint32_t i = 0; i < ai->tuning_count; i++)
        count += ai->tunings[i].phase >= first && ai->tunings[i].phase <= last;
    return count;
}
