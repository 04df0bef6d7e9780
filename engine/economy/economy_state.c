/* Saving and loading production lines, and the ranges of their figures. */
#include "economy/economy_internal.h"

#define MARGIN_MAX_FEN (INT64_MAX / 2)

static bool is_within(double value, double low, double high)
{
    return value >= low && value <= high; /* not NaN */
}

static bool is_money(int64_t value_fen)
{
    return value_fen >= -1000000000 && value_fen <= 1000000000; /* ten million yuan a part */
}

/* With defaults filled in. 1e9 s: 30 years between failures, whose longest draw still fits in the clock. */
bool economy_is_line_fine(const jw_production_line_def *def)
{
    return is_within(def->x_m, -1e7, 1e7) && is_within(def->y_m, -1e7, 1e7) &&
           is_within(def->cycle_s, 0.01, 1e6) && is_within(def->mtbf_s, 0.1, 1e9) &&
           is_within(def->mttr_s, 0.1, 1e9) && is_within(def->defect_share, 0, 1) &&
           is_within(def->patience_s, 1e-6, 1e6) && is_within(def->manual_s, 1e-3, 1e6) &&
           is_within(def->manual_quality, 0, 1) && def->buffer >= 1 && def->buffer <= BUFFER_MAX &&
           (def->fallback == JW_FALLBACK_MANUAL || def->fallback == JW_FALLBACK_BYPASS) &&
           is_money(def->value_fen) && is_money(def->scrap_cost_fen) && is_money(def->escape_cost_fen);
}

static void save_line(jw_writer *writer, const production_line *line)
{
    const jw_production_line_def *def = &line->def;
    jw_write_text(writer, def->name);
    jw_write_text(writer, def->park);
    const double numbers[] = {def->x_m,        def->y_m,      def->cycle_s,
                              def->mtbf_s,     def->mttr_s,   def->defect_share,
                              def->patience_s, def->manual_s, def->manual_quality};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++)
        jw_write_f64(writer, numbers[i]);
    jw_write_u32(writer, def->buffer);
    jw_write_u8(writer, (uint8_t)def->fallback);
    jw_write_u8(writer, line->is_up);
    jw_write_u8(writer, line->is_stopped);
    jw_write_u8(writer, line->is_blocked);
    jw_write_u8(writer, line->is_manual_busy);
    jw_write_u32(writer, line->cycle_generation);
    jw_write_u32(writer, line->break_generation);
    const int64_t counts[] = {
        def->value_fen,     def->scrap_cost_fen, def->escape_cost_fen, line->earlier,      line->made,
        line->shipped_good, line->shipped_bad,   line->scrapped_good,  line->scrapped_bad, line->by_model,
        line->by_fallback,  line->started_ns,    line->up_ns,          line->up_since_ns,  line->margin_fen};
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        jw_write_i64(writer, counts[i]);
    jw_write_u32(writer, line->waiting);
    for (uint32_t i = 0; i < line->waiting; i++) {
        jw_write_u32(writer, line->buffer[i].number);
        jw_write_u8(writer, line->buffer[i].is_defect);
        jw_write_u8(writer, line->buffer[i].is_manual);
    }
}

/* Every part is somewhere, and no time or sum is out of this world. */
static bool is_line_sound(const production_line *line, int64_t now_ns)
{
    const int64_t counts[] = {line->shipped_good, line->shipped_bad, line->scrapped_good,
                              line->scrapped_bad, line->by_model,    line->by_fallback};
    int64_t sum = line->waiting;
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++) {
        if (counts[i] < 0 || counts[i] > UINT32_MAX)
            return false;
        sum += i < 4 ? counts[i] : 0;
    }
    return line->waiting <= line->def.buffer && sum == line->made && line->made >= 0 && line->earlier >= 0 &&
           line->earlier <= UINT32_MAX && line->made <= UINT32_MAX - line->earlier && line->is_up <= 1 &&
           line->is_stopped <= 1 && line->is_blocked <= 1 && line->is_manual_busy <= 1 &&
           line->started_ns >= 0 && line->started_ns <= now_ns && line->up_since_ns >= line->started_ns &&
           line->up_since_ns <= now_ns && line->up_ns >= 0 && line->up_ns <= now_ns &&
           line->margin_fen > -MARGIN_MAX_FEN && line->margin_fen < MARGIN_MAX_FEN;
}

static void load_line(jw_reader *reader, production_line *line, int64_t now_ns)
{
    jw_production_line_def *def = &line->def;
    jw_read_text(reader, def->name, sizeof def->name);
    jw_read_text(reader, def->park, sizeof def->park);
    double *const numbers[] = {&def->x_m,        &def->y_m,      &def->cycle_s,
                               &def->mtbf_s,     &def->mttr_s,   &def->defect_share,
                               &def->patience_s, &def->manual_s, &def->manual_quality};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++)
        *numbers[i] = jw_read_f64(reader);
    def->buffer = jw_read_u32(reader);
    uint8_t fallback = jw_read_u8(reader);
    def->fallback = fallback == JW_FALLBACK_BYPASS ? JW_FALLBACK_BYPASS : JW_FALLBACK_MANUAL;
    line->is_up = jw_read_u8(reader);
    line->is_stopped = jw_read_u8(reader);
    line->is_blocked = jw_read_u8(reader);
    line->is_manual_busy = jw_read_u8(reader);
    line->cycle_generation = jw_read_u32(reader);
    line->break_generation = jw_read_u32(reader);
    int64_t *const counts[] = {&def->value_fen,    &def->scrap_cost_fen, &def->escape_cost_fen,
                               &line->earlier,     &line->made,          &line->shipped_good,
                               &line->shipped_bad, &line->scrapped_good, &line->scrapped_bad,
                               &line->by_model,    &line->by_fallback,   &line->started_ns,
                               &line->up_ns,       &line->up_since_ns,   &line->margin_fen};
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        *counts[i] = jw_read_i64(reader);
    line->waiting = jw_read_u32(reader);
    if (!economy_is_line_fine(def) || fallback > JW_FALLBACK_BYPASS || !is_line_sound(line, now_ns)) {
        jw_reader_fail(reader, "production line \"%s\" is out of range", def->name);
        line->waiting = 0;
        return;
    }
    for (uint32_t i = 0; i < line->waiting; i++) {
        line->buffer[i].number = jw_read_u32(reader);
        line->buffer[i].is_defect = jw_read_u8(reader);
        line->buffer[i].is_manual = jw_read_u8(reader);
    }
}

void economy_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const jw_economy *economy = state;
    jw_write_u32(writer, economy->line_count);
    for (uint32_t i = 0; i < economy->line_count; i++)
        save_line(writer, &economy->lines[i]);
}

void economy_load(jw_world *world, void *state, jw_reader *reader)
{
    jw_economy *economy = state;
    uint32_t count = jw_read_count(reader, 1000000, 200);
    if (jw_grow(&economy->lines, &economy->line_capacity, count, sizeof *economy->lines, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    economy->line_count = count;
    for (uint32_t i = 0; i < count; i++)
        load_line(reader, &economy->lines[i], jw_world_time_ns(world));
}
