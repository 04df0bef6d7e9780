/* Saving and loading production lines, and what a sound one is. */
#include "economy/economy_internal.h"

#define MARGIN_MAX_FEN (INT64_MAX / 2)
#define TIME_MAX_NS    (INT64_MAX / 8) /* above the longest life, 1e9 s */

/* ---- definition */

enum { LINE_NUMBERS = 16, STATION_NUMBERS = 5 };

static void list_line_numbers(jw_production_line_def *def, double *out[LINE_NUMBERS])
{
    double *const list[LINE_NUMBERS] = {
        &def->x_m,           &def->y_m,        &def->cycle_s,  &def->mtbf_s,         &def->mttr_s,
        &def->defect_share,  &def->patience_s, &def->manual_s, &def->manual_quality, &def->changeover_s,
        &def->shift_start_s, &def->shift_s,    &def->sample_s, &def->warning_s,      &def->planned_s,
        &def->power_kw};
    for (uint32_t i = 0; i < LINE_NUMBERS; i++)
        out[i] = list[i];
}

static void list_station_numbers(jw_station_def *def, double *out[STATION_NUMBERS])
{
    double *const list[STATION_NUMBERS] = {&def->cycle_s, &def->mtbf_s, &def->mttr_s, &def->cycle_cv,
                                           &def->defect_share};
    for (uint32_t i = 0; i < STATION_NUMBERS; i++)
        out[i] = list[i];
}

static void save_def(jw_writer *writer, const jw_production_line_def *from)
{
    jw_production_line_def copy = *from, *def = &copy;
    double *numbers[LINE_NUMBERS];
    jw_write_text(writer, def->name);
    jw_write_text(writer, def->park);
    list_line_numbers(def, numbers);
    for (uint32_t i = 0; i < LINE_NUMBERS; i++)
        jw_write_f64(writer, *numbers[i]);
    const uint32_t counts[] = {def->buffer, (uint32_t)def->fallback, def->shifts,       def->alarms,
                               def->crew,   def->station_count,      def->product_count};
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        jw_write_u32(writer, counts[i]);
    const int64_t money[] = {def->value_fen, def->scrap_cost_fen, def->escape_cost_fen, def->capital_fen};
    for (uint32_t i = 0; i < JW_COUNT_OF(money); i++)
        jw_write_i64(writer, money[i]);
    for (uint32_t s = 0; s < def->station_count; s++) {
        double *figures[STATION_NUMBERS];
        list_station_numbers(&def->stations[s], figures);
        jw_write_text(writer, def->stations[s].name);
        for (uint32_t i = 0; i < STATION_NUMBERS; i++)
            jw_write_f64(writer, *figures[i]);
        jw_write_u32(writer, def->stations[s].buffer);
    }
    for (uint32_t p = 0; p < def->product_count; p++) {
        jw_write_text(writer, def->products[p].name);
        jw_write_u32(writer, def->products[p].batch);
        jw_write_f64(writer, def->products[p].cycle_scale);
    }
}

static void load_def(jw_reader *reader, jw_production_line_def *def)
{
    double *numbers[LINE_NUMBERS];
    uint32_t fallback = 0;
    jw_read_text(reader, def->name, sizeof def->name);
    jw_read_text(reader, def->park, sizeof def->park);
    list_line_numbers(def, numbers);
    for (uint32_t i = 0; i < LINE_NUMBERS; i++)
        *numbers[i] = jw_read_f64(reader);
    uint32_t *const counts[] = {&def->buffer, &fallback,           &def->shifts,       &def->alarms,
                                &def->crew,   &def->station_count, &def->product_count};
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        *counts[i] = jw_read_u32(reader);
    def->fallback = fallback == JW_FALLBACK_BYPASS ? JW_FALLBACK_BYPASS : JW_FALLBACK_MANUAL;
    int64_t *const money[] = {&def->value_fen, &def->scrap_cost_fen, &def->escape_cost_fen,
                              &def->capital_fen};
    for (uint32_t i = 0; i < JW_COUNT_OF(money); i++)
        *money[i] = jw_read_i64(reader);
    if (def->station_count > JW_LINE_STATIONS_MAX || def->product_count > JW_LINE_PRODUCTS_MAX ||
        fallback > JW_FALLBACK_BYPASS) {
        jw_reader_fail(reader, "production line \"%s\" has more stations or products than there can be",
                       def->name);
        def->station_count = def->product_count = 0;
    }
    for (uint32_t s = 0; s < def->station_count; s++) {
        double *figures[STATION_NUMBERS];
        list_station_numbers(&def->stations[s], figures);
        jw_read_text(reader, def->stations[s].name, sizeof def->stations[s].name);
        for (uint32_t i = 0; i < STATION_NUMBERS; i++)
            *figures[i] = jw_read_f64(reader);
        def->stations[s].buffer = jw_read_u32(reader);
    }
    for (uint32_t p = 0; p < def->product_count; p++) {
        jw_read_text(reader, def->products[p].name, sizeof def->products[p].name);
        def->products[p].batch = jw_read_u32(reader);
        def->products[p].cycle_scale = jw_read_f64(reader);
    }
}

/* ---- what runs */

static void list_station_counts(station_counts *c, int64_t *out[STATION_COUNTS])
{
    uint32_t n = 0;
    for (; n < JW_STATION_STATUS_COUNT; n++)
        out[n] = &c->time_ns[n];
    int64_t *const rest[] = {&c->ideal_ns, &c->made,    &c->made_bad, &c->failures,
                             &c->services, &c->samples, &c->alarms};
    for (uint32_t i = 0; i < JW_COUNT_OF(rest); i++)
        out[n++] = rest[i];
}

static void list_line_counts(line_counts *c, int64_t *out[LINE_COUNTS])
{
    int64_t *const list[LINE_COUNTS] = {&c->made,          &c->shipped_good, &c->shipped_bad,
                                        &c->scrapped_good, &c->scrapped_bad, &c->by_model,
                                        &c->by_fallback};
    for (uint32_t i = 0; i < LINE_COUNTS; i++)
        out[i] = list[i];
}

static void list_marks(line_mark *m, int64_t *out[LINE_MARKS])
{
    int64_t *const list[LINE_MARKS] = {&m->made,       &m->by_model, &m->by_fallback, &m->good,    &m->judged,
                                       &m->margin_fen, &m->busy_ns,  &m->planned_ns,  &m->ideal_ns};
    for (uint32_t i = 0; i < LINE_MARKS; i++)
        out[i] = list[i];
}

static void save_station(jw_writer *writer, const line_station *from)
{
    line_station copy = *from;
    const uint8_t flags[] = {copy.phase, copy.status, copy.has_part, copy.is_part_bad, copy.product};
    const uint32_t numbers[] = {copy.generation, copy.begun,     copy.lives,   copy.sample,
                                copy.judged,     copy.alarm_row, copy.buffered};
    const int64_t times[] = {copy.work_left_ns, copy.life_left_ns, copy.sample_left_ns, copy.since_ns};
    for (uint32_t i = 0; i < JW_COUNT_OF(flags); i++)
        jw_write_u8(writer, flags[i]);
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++)
        jw_write_u32(writer, numbers[i]);
    for (uint32_t i = 0; i < JW_COUNT_OF(times); i++)
        jw_write_i64(writer, times[i]);
    jw_write_u64(writer, copy.bad_mask);
    for (uint32_t k = 0; k < JW_LINE_SHIFTS_MAX; k++) {
        int64_t *counts[STATION_COUNTS];
        list_station_counts(&copy.counts[k], counts);
        for (uint32_t i = 0; i < STATION_COUNTS; i++)
            jw_write_i64(writer, *counts[i]);
    }
}

static void load_station(jw_reader *reader, line_station *station)
{
    uint8_t *const flags[] = {&station->phase, &station->status, &station->has_part, &station->is_part_bad,
                              &station->product};
    uint32_t *const numbers[] = {&station->generation, &station->begun,  &station->lives,
                                 &station->sample,     &station->judged, &station->alarm_row,
                                 &station->buffered};
    int64_t *const times[] = {&station->work_left_ns, &station->life_left_ns, &station->sample_left_ns,
                              &station->since_ns};
    for (uint32_t i = 0; i < JW_COUNT_OF(flags); i++)
        *flags[i] = jw_read_u8(reader);
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++)
        *numbers[i] = jw_read_u32(reader);
    for (uint32_t i = 0; i < JW_COUNT_OF(times); i++)
        *times[i] = jw_read_i64(reader);
    station->bad_mask = jw_read_u64(reader);
    for (uint32_t k = 0; k < JW_LINE_SHIFTS_MAX; k++) {
        int64_t *counts[STATION_COUNTS];
        list_station_counts(&station->counts[k], counts);
        for (uint32_t i = 0; i < STATION_COUNTS; i++)
            *counts[i] = jw_read_i64(reader);
    }
}

/* ---- an appraisal */

enum { YEAR_NUMBERS = 4, APPRAISAL_NUMBERS = YEAR_NUMBERS + 1 + LINE_MARKS };

static void list_appraisal(production_line *line, int64_t *out[APPRAISAL_NUMBERS])
{
    jw_line_year *year = &line->before;
    int64_t *const first[] = {&year->labour_fen, &year->energy_fen, &year->inventory_fen, &year->margin_fen,
                              &line->then.at_ns};
    for (uint32_t i = 0; i < JW_COUNT_OF(first); i++)
        out[i] = first[i];
    list_marks(&line->then.done, &out[JW_COUNT_OF(first)]);
}

static void save_appraisal(jw_writer *writer, production_line *line)
{
    int64_t *numbers[APPRAISAL_NUMBERS];
    list_appraisal(line, numbers);
    for (uint32_t i = 0; i < APPRAISAL_NUMBERS; i++)
        jw_write_i64(writer, *numbers[i]);
    jw_write_f64(writer, line->then.wip_part_s);
}

static void load_appraisal(jw_reader *reader, production_line *line, int64_t now_ns)
{
    int64_t *numbers[APPRAISAL_NUMBERS];
    list_appraisal(line, numbers);
    bool is_sound = true;
    for (uint32_t i = 0; i < APPRAISAL_NUMBERS; i++) {
        int64_t most = i < YEAR_NUMBERS ? MONEY_MAX_FEN : MARGIN_MAX_FEN - 1;
        *numbers[i] = jw_read_i64(reader);
        is_sound &= *numbers[i] >= -most && *numbers[i] <= most;
    }
    line->then.wip_part_s = jw_read_f64(reader);
    if (!is_sound || line->has_before > 1 || line->then.at_ns < 0 || line->then.at_ns > now_ns ||
        !(line->then.wip_part_s >= 0 && line->then.wip_part_s < 1e15))
        jw_reader_fail(reader, "the appraisal of production line \"%s\" is out of range", line->def.name);
}

void line_save(jw_writer *writer, const production_line *from)
{
    save_def(writer, &from->def);
    production_line copy = *from, *line = &copy;
    const uint8_t flags[] = {line->is_stopped, line->is_off_shift, line->is_unsupplied, line->is_manual_busy,
                             line->shift};
    for (uint32_t i = 0; i < JW_COUNT_OF(flags); i++)
        jw_write_u8(writer, flags[i]);
    jw_write_u32(writer, line->park);
    jw_write_u32(writer, line->shift_generation);
    jw_write_u32(writer, line->working);
    const int64_t numbers[] = {line->busy_ns, line->busy_since_ns, line->wip_since_ns, line->fed,
                               line->earlier, line->started_ns,    line->margin_fen};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++)
        jw_write_i64(writer, numbers[i]);
    jw_write_f64(writer, line->wip_part_s);
    for (uint32_t k = 0; k < JW_LINE_SHIFTS_MAX; k++) {
        int64_t *counts[LINE_COUNTS];
        list_line_counts(&line->counts[k], counts);
        for (uint32_t i = 0; i < LINE_COUNTS; i++)
            jw_write_i64(writer, *counts[i]);
    }
    int64_t *marks[LINE_MARKS];
    list_marks(&line->mark, marks);
    for (uint32_t i = 0; i < LINE_MARKS; i++)
        jw_write_i64(writer, *marks[i]);
    jw_write_u8(writer, line->has_before);
    if (line->has_before)
        save_appraisal(writer, line);
    for (uint32_t s = 0; s < line->def.station_count; s++)
        save_station(writer, &line->stations[s]);
    jw_write_u32(writer, line->waiting);
    for (uint32_t i = 0; i < line->waiting; i++) {
        jw_write_u32(writer, line->buffer[i].number);
        jw_write_u8(writer, line->buffer[i].is_defect);
        jw_write_u8(writer, line->buffer[i].is_manual);
        jw_write_i64(writer, line->buffer[i].made_ns);
    }
}

static bool is_count(int64_t value)
{
    return value >= 0 && value <= UINT32_MAX;
}

static bool is_time(int64_t value, int64_t now_ns)
{
    return value >= 0 && value <= now_ns;
}

static bool is_left(int64_t time_ns)
{
    return time_ns >= -TIME_MAX_NS && time_ns <= TIME_MAX_NS;
}

/* Its times sum to the time since counting began, and nothing is out of this world. */
static bool is_station_sound(const production_line *line, uint32_t s, int64_t now_ns)
{
    line_station copy = line->stations[s];
    int64_t spent_ns = 0;
    if (!is_time(copy.since_ns, now_ns) || !is_time(line->started_ns, copy.since_ns))
        return false;
    for (uint32_t k = 0; k < JW_LINE_SHIFTS_MAX; k++) {
        int64_t *counts[STATION_COUNTS];
        list_station_counts(&copy.counts[k], counts);
        for (uint32_t i = 0; i < STATION_COUNTS; i++) {
            bool is_span = i <= JW_STATION_STATUS_COUNT;
            if (!(is_span ? *counts[i] >= 0 && *counts[i] <= TIME_MAX_NS : is_count(*counts[i])))
                return false;
            if (i < JW_STATION_STATUS_COUNT && (spent_ns += *counts[i]) > now_ns)
                return false;
        }
    }
    bool is_last = s + 1 == line->def.station_count;
    /* A part was begun only because there is room for it behind. */
    bool has_room = is_last ? line->waiting + (uint64_t)copy.has_part <= line->def.buffer
                            : copy.buffered + (uint64_t)copy.has_part <= line->def.stations[s].buffer;
    bool has_products = line->def.product_count > 0 ? copy.product < line->def.product_count : !copy.product;
    return spent_ns == copy.since_ns - line->started_ns && copy.phase <= PHASE_SETUP &&
           copy.status < JW_STATION_STATUS_COUNT && copy.has_part <= 1 && copy.is_part_bad <= 1 &&
           has_products && has_room && (!is_last || copy.buffered == 0) && is_left(copy.work_left_ns) &&
           is_left(copy.life_left_ns) && is_left(copy.sample_left_ns) &&
           (copy.phase != PHASE_WORK || copy.has_part) && copy.begun < UINT32_MAX / 2 &&
           copy.lives < UINT32_MAX / 2 && copy.sample < UINT32_MAX / 2 && copy.judged <= copy.sample;
}

bool line_is_consistent(const jw_world *world, const production_line *line)
{
    line_counts c = line_total(line);
    int64_t now_ns = jw_world_time_ns(world);
    for (uint32_t s = 0; s < line->def.station_count; s++) {
        station_counts counts = line_station_counts(world, line, s, JW_NONE);
        int64_t sum_ns = 0;
        for (uint32_t k = 0; k < JW_STATION_STATUS_COUNT; k++)
            sum_ns += counts.time_ns[k];
        if (sum_ns != now_ns - line->started_ns)
            return false;
    }
    return line->fed == c.made + line_in_process(line) &&
           c.made == c.shipped_good + c.shipped_bad + c.scrapped_good + c.scrapped_bad + line->waiting;
}

static bool is_sound(const production_line *line, int64_t now_ns)
{
    production_line copy = *line;
    for (uint32_t k = 0; k < JW_LINE_SHIFTS_MAX; k++) {
        int64_t *counts[LINE_COUNTS];
        list_line_counts(&copy.counts[k], counts);
        for (uint32_t i = 0; i < LINE_COUNTS; i++)
            if (!is_count(*counts[i]))
                return false;
    }
    int64_t *marks[LINE_MARKS];
    list_marks(&copy.mark, marks);
    for (uint32_t i = 0; i < LINE_MARKS; i++)
        if (*marks[i] <= -MARGIN_MAX_FEN || *marks[i] >= MARGIN_MAX_FEN)
            return false;
    uint32_t working = 0;
    for (uint32_t s = 0; s < line->def.station_count; s++) {
        if (!is_station_sound(line, s, now_ns))
            return false;
        working += line->stations[s].phase == PHASE_WORK;
    }
    line_counts c = line_total(line);
    return line->waiting <= line->def.buffer && is_count(line->fed) && is_count(line->earlier) &&
           c.made <= UINT32_MAX - line->earlier && line->fed == c.made + line_in_process(line) &&
           c.made == c.shipped_good + c.shipped_bad + c.scrapped_good + c.scrapped_bad + line->waiting &&
           line->is_stopped <= 1 && line->is_off_shift <= 1 && line->is_unsupplied <= 1 &&
           line->is_manual_busy <= 1 && line->shift < (line->def.shifts ? line->def.shifts : 1) &&
           working == line->working && is_time(line->started_ns, now_ns) && is_time(line->busy_ns, now_ns) &&
           is_time(line->busy_since_ns, now_ns) && is_time(line->wip_since_ns, now_ns) &&
           line->wip_part_s >= 0 && line->wip_part_s < 1e15 && line->margin_fen > -MARGIN_MAX_FEN &&
           line->margin_fen < MARGIN_MAX_FEN;
}

void line_load(jw_reader *reader, production_line *line, int64_t now_ns)
{
    load_def(reader, &line->def);
    uint8_t *const flags[] = {&line->is_stopped, &line->is_off_shift, &line->is_unsupplied,
                              &line->is_manual_busy, &line->shift};
    for (uint32_t i = 0; i < JW_COUNT_OF(flags); i++)
        *flags[i] = jw_read_u8(reader);
    line->park = jw_read_u32(reader);
    line->shift_generation = jw_read_u32(reader);
    line->working = jw_read_u32(reader);
    int64_t *const numbers[] = {&line->busy_ns, &line->busy_since_ns, &line->wip_since_ns, &line->fed,
                                &line->earlier, &line->started_ns,    &line->margin_fen};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++)
        *numbers[i] = jw_read_i64(reader);
    line->wip_part_s = jw_read_f64(reader);
    for (uint32_t k = 0; k < JW_LINE_SHIFTS_MAX; k++) {
        int64_t *counts[LINE_COUNTS];
        list_line_counts(&line->counts[k], counts);
        for (uint32_t i = 0; i < LINE_COUNTS; i++)
            *counts[i] = jw_read_i64(reader);
    }
    int64_t *marks[LINE_MARKS];
    list_marks(&line->mark, marks);
    for (uint32_t i = 0; i < LINE_MARKS; i++)
        *marks[i] = jw_read_i64(reader);
    line->has_before = jw_read_u8(reader);
    if (line->has_before)
        load_appraisal(reader, line, now_ns);
    for (uint32_t s = 0; s < line->def.station_count; s++)
        load_station(reader, &line->stations[s]);
    line->waiting = jw_read_u32(reader);
    if (reader->failed || !economy_is_line_fine(&line->def) || !is_sound(line, now_ns)) {
        jw_reader_fail(reader, "production line \"%s\" is out of range", line->def.name);
        line->waiting = 0;
        return;
    }
    for (uint32_t i = 0; i < line->waiting; i++) {
        line->buffer[i].number = jw_read_u32(reader);
        line->buffer[i].is_defect = jw_read_u8(reader);
        line->buffer[i].is_manual = jw_read_u8(reader);
        line->buffer[i].made_ns = jw_read_i64(reader);
    }
}
