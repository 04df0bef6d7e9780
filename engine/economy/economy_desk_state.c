/* Desks saved and loaded, and their table. */
#include "economy/economy_internal.h"

void desk_save(jw_writer *writer, const economy_desk *desk)
{
    const jw_desk_def *def = &desk->def;
    const double figures[] = {def->x_m,        def->y_m,      def->per_h,   def->service_s,
                              def->patience_s, def->manual_s, def->rework_s};
    jw_write_text(writer, def->name);
    jw_write_u8(writer, (uint8_t)def->kind);
    jw_write_u32(writer, def->servers);
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        jw_write_f64(writer, figures[i]);
    jw_write_u32(writer, def->class_count);
    for (uint32_t k = 0; k < def->class_count; k++) {
        const jw_desk_class_counts *counts = &desk->counts[k];
        const int64_t integers[] = {counts->arrived, counts->begun, counts->over_limit, counts->misplaced,
                                    counts->done};
        jw_write_text(writer, def->classes[k].name);
        jw_write_f64(writer, def->classes[k].share);
        jw_write_f64(writer, def->classes[k].limit_s);
        jw_write_f64(writer, counts->wait_sum_s);
        jw_write_f64(writer, counts->turnaround_sum_s);
        for (uint32_t i = 0; i < JW_COUNT_OF(integers); i++)
            jw_write_i64(writer, integers[i]);
    }
    jw_write_i64(writer, desk->rework);
    jw_write_u64(writer, desk->draws);
    jw_write_u64(writer, desk->generation);
    jw_write_u32(writer, desk->numbers);
    jw_write_u32(writer, desk->asks);
    jw_write_u32(writer, desk->case_count);
    for (uint32_t i = 0; i < desk->case_count; i++) {
        const desk_case *c = &desk->cases[i];
        const uint8_t bytes[] = {c->stage, c->true_class, c->queue, c->is_wrong, c->is_unjudged};
        jw_write_u32(writer, c->number);
        jw_write_u32(writer, c->ask);
        jw_write_i64(writer, c->first_ns);
        jw_write_i64(writer, c->came_ns);
        for (uint32_t k = 0; k < JW_COUNT_OF(bytes); k++)
            jw_write_u8(writer, bytes[k]);
    }
}

static void load_cases(jw_reader *reader, economy_desk *desk, int64_t now_ns)
{
    uint32_t count = jw_read_count(reader, 100000, 29), before = 0;
    if (jw_grow(&desk->cases, &desk->case_capacity, count, sizeof *desk->cases, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        desk_case *c = &desk->cases[i];
        uint8_t *const bytes[] = {&c->stage, &c->true_class, &c->queue, &c->is_wrong, &c->is_unjudged};
        c->number = jw_read_u32(reader);
        c->ask = jw_read_u32(reader);
        c->first_ns = jw_read_i64(reader);
        c->came_ns = jw_read_i64(reader);
        for (uint32_t k = 0; k < JW_COUNT_OF(bytes); k++)
            *bytes[k] = jw_read_u8(reader);
        if (c->number <= before || c->number > desk->numbers || c->ask > desk->asks || c->first_ns < 0 ||
            c->first_ns > c->came_ns || c->came_ns > now_ns || c->stage > CASE_AWAY ||
            c->true_class >= desk->def.class_count || c->queue >= desk->def.class_count || c->is_wrong > 1 ||
            c->is_unjudged > 1)
            jw_reader_fail(reader, "case %u of desk \"%s\" is out of range", i, desk->def.name);
        before = c->number;
        desk->busy += c->stage == CASE_SERVED;
        desk->case_count = i + 1;
    }
}

void desk_load(jw_reader *reader, economy_desk *desk, int64_t now_ns)
{
    jw_desk_def *def = &desk->def;
    double *const figures[] = {&def->x_m,        &def->y_m,      &def->per_h,   &def->service_s,
                               &def->patience_s, &def->manual_s, &def->rework_s};
    jw_read_text(reader, def->name, sizeof def->name);
    def->kind = (jw_desk_kind)jw_read_u8(reader);
    def->servers = jw_read_u32(reader);
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        *figures[i] = jw_read_f64(reader);
    def->class_count = jw_read_count(reader, JW_DESK_CLASSES_MAX, 24);
    for (uint32_t k = 0; k < def->class_count; k++) {
        jw_desk_class_counts *counts = &desk->counts[k];
        int64_t *const integers[] = {&counts->arrived, &counts->begun, &counts->over_limit,
                                     &counts->misplaced, &counts->done};
        jw_read_text(reader, def->classes[k].name, sizeof def->classes[k].name);
        def->classes[k].share = jw_read_f64(reader);
        def->classes[k].limit_s = jw_read_f64(reader);
        counts->wait_sum_s = jw_read_f64(reader);
        counts->turnaround_sum_s = jw_read_f64(reader);
        for (uint32_t i = 0; i < JW_COUNT_OF(integers); i++) {
            *integers[i] = jw_read_i64(reader);
            if (*integers[i] < 0 || *integers[i] > INT64_MAX / 16)
                jw_reader_fail(reader, "the counts of desk \"%s\" are out of range", def->name);
        }
        if (!economy_is_within(counts->wait_sum_s, 0, 1e300) ||
            !economy_is_within(counts->turnaround_sum_s, 0, 1e300))
            jw_reader_fail(reader, "the waits of desk \"%s\" are out of range", def->name);
    }
    if (!economy_is_desk_fine(def))
        jw_reader_fail(reader, "desk \"%s\" is out of range", def->name);
    desk->rework = jw_read_i64(reader);
    desk->draws = jw_read_u64(reader);
    desk->generation = jw_read_u64(reader);
    desk->numbers = jw_read_u32(reader);
    desk->asks = jw_read_u32(reader);
    if (!reader->failed)
        load_cases(reader, desk, now_ns);
    if (!reader->failed && !desk_is_consistent(desk))
        jw_reader_fail(reader, "desk \"%s\" lost count of its cases", def->name);
}

/* ---- table: a row for each desk and class */

const jw_column economy_desk_columns[ECONOMY_DESK_COLUMNS] = {
    {"desk", JW_COLUMN_TEXT, "", "id of the desk"},
    {"kind", JW_COLUMN_TEXT, "", "triage or clearing"},
    {"class", JW_COLUMN_TEXT, "", "of its cases, the most urgent first"},
    {"arrived", JW_COLUMN_I64, "", "cases since the start"},
    {"done", JW_COLUMN_I64, "", "of them"},
    {"begun", JW_COLUMN_I64, "", "times that one was taken"},
    {"over_limit", JW_COLUMN_I64, "", "of these, after a wait beyond the limit"},
    {"misplaced", JW_COLUMN_I64, "", "of these, from the queue of another class"},
    {"rework", JW_COLUMN_I64, "", "cases of the desk that were sent back"},
    {"waiting", JW_COLUMN_I64, "", "at the desk now"},
    {"served", JW_COLUMN_I64, "", "at the desk now"},
    {"wait_s", JW_COLUMN_F64, "s", "mean until a case is taken"},
    {"turnaround_s", JW_COLUMN_F64, "s", "mean from the first arrival until it is done"},
};

/* The desk and class of a row. */
static const economy_desk *desk_of_row(const jw_economy *economy, uint32_t row, uint32_t *out_class)
{
    for (uint32_t i = 0; i < economy->desk_count; i++) {
        if (row < economy->desks[i].def.class_count) {
            *out_class = row;
            return &economy->desks[i];
        }
        row -= economy->desks[i].def.class_count;
    }
    return NULL;
}

uint32_t economy_desk_rows(const jw_world *world, const void *state)
{
    (void)world;
    const jw_economy *economy = state;
    uint32_t count = 0;
    for (uint32_t i = 0; i < economy->desk_count; i++)
        count += economy->desks[i].def.class_count;
    return count;
}

double economy_desk_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    uint32_t k;
    const economy_desk *desk = desk_of_row(state, row, &k);
    if (!desk)
        return 0;
    const jw_desk_class_counts *c = &desk->counts[k];
    return column == 11 ? c->wait_sum_s / jw_max(1, (double)c->begun)
                        : c->turnaround_sum_s / jw_max(1, (double)c->done);
}

int64_t economy_desk_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    uint32_t k;
    jw_desk_state now;
    const economy_desk *desk = desk_of_row(state, row, &k);
    if (!desk || !jw_economy_desk(world, state, (uint32_t)(desk - ((const jw_economy *)state)->desks), &now))
        return 0;
    const jw_desk_class_counts *c = &desk->counts[k];
    const int64_t values[] = {c->arrived,   c->done,    c->begun,    c->over_limit,
                              c->misplaced, now.rework, now.waiting, now.served};
    return values[column - 3];
}

const char *economy_desk_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    uint32_t k;
    const economy_desk *desk = desk_of_row(state, row, &k);
    if (!desk)
        return "";
    return column == 0   ? desk->def.name
           : column == 2 ? desk->def.classes[k].name
                         : (desk->def.kind == JW_DESK_TRIAGE ? "triage" : "clearing");
}
