/* Signal programmes of an edited GeoPackage: the layers `programmes` and `signal_phases`. */
#include "city/city_gpkg.h"

#include <stdlib.h>

#define LAYER_PROGRAMMES "programmes"
#define LAYER_PHASES     "signal_phases"
#define SEQUENCE_MAX     1000000

typedef struct phase_row {
    uint32_t programme;
    int64_t sequence;
    uint32_t row;
    jw_draft_signal_phase phase;
} phase_row;

typedef struct programme_work {
    jw_city_reader *reader;
    phase_row *rows;
    uint32_t row_count, row_capacity;
} programme_work;

static jw_result on_programme(void *context, const jw_gpkg_row *row)
{
    jw_city_reader *r = context;
    uint64_t id = jw_city_row_id(row, "id");
    if (id == 0 || jw_map_get(&r->programme_numbers, id) != JW_NONE) {
        jw_city_row_report(r, JW_WARNING, LAYER_PROGRAMMES, row,
                           "a signal programme without a number of its own is left out");
        return JW_OK;
    }
    jw_programme_kind kind = (jw_programme_kind)jw_city_row_word(
        r, LAYER_PROGRAMMES, row, "kind", &jw_gpkg_programme_kinds, JW_PROGRAMME_FIXED);
    if (!jw_map_set(&r->programme_numbers, id, r->draft->programme_count))
        return jw_fail_memory(r->error);
    return jw_draft_add_programme(r->draft, kind, jw_city_row_real(row, "offset_s", 0), NULL, r->error);
}

static jw_result on_phase(void *context, const jw_gpkg_row *row)
{
    programme_work *work = context;
    jw_city_reader *r = work->reader;
    uint64_t id = jw_city_row_id(row, "programme_id");
    uint32_t programme = id ? jw_map_get(&r->programme_numbers, id) : JW_NONE;
    if (programme == JW_NONE) {
        jw_city_row_report(r, JW_WARNING, LAYER_PHASES, row, "a phase of no signal programme is left out");
        return JW_OK;
    }
    phase_row item = {.programme = programme,
                      .sequence = jw_city_row_integer(row, "sequence", 0, SEQUENCE_MAX, SEQUENCE_MAX),
                      .row = work->row_count,
                      .phase = {.duration_s = jw_city_row_real(row, "duration_s", 0),
                                .min_s = jw_city_row_real(row, "min_s", 0),
                                .max_s = jw_city_row_real(row, "max_s", 0)}};
    jw_result result = jw_city_reader_add_text(r, jw_city_row_text(row, "state"), &item.phase.state);
    if (result == JW_OK)
        result =
            jw_grow(&work->rows, &work->row_capacity, work->row_count + 1ull, sizeof *work->rows, r->error);
    if (result == JW_OK)
        work->rows[work->row_count++] = item;
    return result;
}

static int compare_rows(const void *a, const void *b)
{
    const phase_row *pa = a, *pb = b;
    if (pa->programme != pb->programme)
        return pa->programme < pb->programme ? -1 : 1;
    if (pa->sequence != pb->sequence)
        return pa->sequence < pb->sequence ? -1 : 1;
    return pa->row < pb->row ? -1 : pa->row > pb->row;
}

jw_result jw_city_read_programmes(jw_city_reader *r)
{
    programme_work work = {.reader = r};
    jw_draft *draft = r->draft;
    uint32_t layer = jw_gpkg_find_layer(r->gpkg, LAYER_PHASES);
    jw_result result = jw_city_reader_read_layer(r, LAYER_PROGRAMMES, on_programme);
    if (result == JW_OK && layer != JW_NONE)
        result = jw_gpkg_read(r->gpkg, layer, on_phase, &work, r->error);
    if (work.row_count > 0)
        qsort(work.rows, work.row_count, sizeof *work.rows, compare_rows);
    if (result == JW_OK)
        result = jw_grow(&draft->signal_phases, &draft->signal_phase_capacity, work.row_count + 1ull,
                         sizeof *draft->signal_phases, r->error);
    for (uint32_t i = 0; i < work.row_count && result == JW_OK; i++) {
        jw_draft_programme *programme = &draft->programmes[work.rows[i].programme];
        if (programme->phase_count++ == 0)
            programme->first_phase = i;
        draft->signal_phases[draft->signal_phase_count++] = work.rows[i].phase;
    }
    jw_free(work.rows);
    return result;
}
