/* Saving and loading of approvals. */
#include "ai/ai_internal.h"

static void save_def(const jw_approval_def *def, jw_writer *writer)
{
    const double figures[] = {def->review_days,  def->day_s,           def->review_finds,
                              def->trial_margin, def->bad_share,       def->bad_loss,
                              def->tolerance,    def->complaint_share, def->drift};
    jw_write_u8(writer, def->is_on);
    jw_write_u8(writer, def->is_fast);
    jw_write_u32(writer, def->review_from);
    jw_write_u32(writer, def->trial_from);
    jw_write_u32(writer, def->reviewers);
    jw_write_u32(writer, def->trial_decisions);
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        jw_write_f64(writer, figures[i]);
}

static void load_def(jw_approval_def *def, jw_reader *reader)
{
    double *const figures[] = {&def->review_days,  &def->day_s,           &def->review_finds,
                               &def->trial_margin, &def->bad_share,       &def->bad_loss,
                               &def->tolerance,    &def->complaint_share, &def->drift};
    jw_error error = {0};
    def->is_on = jw_read_u8(reader);
    def->is_fast = jw_read_u8(reader);
    def->review_from = jw_read_u32(reader);
    def->trial_from = jw_read_u32(reader);
    def->reviewers = jw_read_u32(reader);
    def->trial_decisions = jw_read_u32(reader);
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        *figures[i] = jw_read_f64(reader);
    if (!reader->failed && !jw_approval_is_fine(def, &error))
        jw_reader_fail(reader, "%s", error.message);
}

static const size_t count_offsets[] = {offsetof(approval_book, skipped_ns),
                                       offsetof(approval_book, submitted),
                                       offsetof(approval_book, approved),
                                       offsetof(approval_book, rejected),
                                       offsetof(approval_book, withdrawn),
                                       offsetof(approval_book, wrong_approvals),
                                       offsetof(approval_book, wrong_rejections),
                                       offsetof(approval_book, judged),
                                       offsetof(approval_book, wrong),
                                       offsetof(approval_book, complaints),
                                       offsetof(approval_book, spent_ns),
                                       offsetof(approval_book, waited_ns)};

static void save_features(const double *features, jw_writer *writer)
{
    for (uint32_t i = 0; i < JW_CITY_FEATURES; i++)
        jw_write_f64(writer, features[i]);
}

static void load_features(double *features, jw_reader *reader)
{
    for (uint32_t i = 0; i < JW_CITY_FEATURES; i++) {
        features[i] = jw_read_f64(reader);
        if (!(jw_abs(features[i]) <= 1e12))
            jw_reader_fail(reader, "a feature of the city is out of range");
    }
}

void test_save(const quality_test *test, jw_writer *writer)
{
    const uint32_t values[] = {test->sample, test->max_wrong, test->max_late,
                               test->judged, test->wrong,     test->late};
    for (uint32_t i = 0; i < JW_COUNT_OF(values); i++)
        jw_write_u32(writer, values[i]);
}

void test_load(quality_test *test, jw_reader *reader)
{
    uint32_t *const values[] = {&test->sample, &test->max_wrong, &test->max_late,
                                &test->judged, &test->wrong,     &test->late};
    for (uint32_t i = 0; i < JW_COUNT_OF(values); i++)
        *values[i] = jw_read_u32(reader);
    if (test->judged > test->sample || test->wrong > test->judged || test->late > test->judged)
        jw_reader_fail(reader, "a sample of decisions is out of range");
}

void approval_save(const approval_book *book, jw_writer *writer)
{
    save_def(&book->def, writer);
    jw_write_u8(writer, book->is_fast);
    jw_write_u64(writer, book->draws);
    for (uint32_t i = 0; i < JW_COUNT_OF(count_offsets); i++)
        jw_write_i64(writer, *(const int64_t *)(const void *)((const char *)book + count_offsets[i]));
    jw_write_u32(writer, book->feature_samples);
    save_features(book->features, writer);
    for (uint32_t i = 0; i < book->model_count; i++) {
        const approval_model *m = &book->models[i];
        jw_write_f64(writer, m->loss);
        jw_write_u8(writer, m->is_approved);
        jw_write_u8(writer, m->has_features);
        jw_write_u32(writer, m->submission1);
        if (m->has_features)
            save_features(m->features, writer);
    }
    jw_write_u32(writer, book->submission_count);
    for (uint32_t i = 0; i < book->submission_count; i++) {
        const approval_submission *s = &book->submissions[i];
        jw_write_u32(writer, s->model);
        jw_write_u32(writer, s->score);
        jw_write_u8(writer, s->track);
        jw_write_u8(writer, s->phase);
        jw_write_text(writer, s->dataset);
        jw_write_u64(writer, s->site);
        jw_write_f64(writer, s->share);
        jw_write_i64(writer, s->submitted_ns);
        jw_write_i64(writer, s->begun_ns);
        jw_write_i64(writer, s->ended_ns);
        test_save(&s->test, writer);
    }
    for (uint32_t i = 0; i < book->def.reviewers; i++) {
        jw_write_u32(writer, book->desks[i].submission1);
        jw_write_i64(writer, book->desks[i].due_ns);
    }
}

static void load_models(approval_book *book, uint32_t count, jw_reader *reader)
{
    if (jw_grow(&book->models, &book->model_capacity, count, sizeof *book->models, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    book->model_count = count;
    for (uint32_t i = 0; i < count; i++) {
        approval_model *m = &book->models[i];
        *m = (approval_model){.loss = jw_read_f64(reader)};
        m->is_approved = jw_read_u8(reader);
        m->has_features = jw_read_u8(reader);
        m->submission1 = jw_read_u32(reader);
        if (m->has_features)
            load_features(m->features, reader);
        if (!(m->loss >= 0 && m->loss <= 1))
            jw_reader_fail(reader, "the loss of version %u is out of range", i);
    }
}

static bool is_time(int64_t time_ns)
{
    return time_ns >= 0 && time_ns <= INT64_MAX / 4;
}

static void load_submissions(approval_book *book, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, 10000000, 78);
    if (!reader->failed && jw_grow(&book->submissions, &book->submission_capacity, count,
                                   sizeof *book->submissions, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    int64_t open = 0;
    for (; book->submission_count < count && !reader->failed; book->submission_count++) {
        approval_submission *s = &book->submissions[book->submission_count];
        *s = (approval_submission){.model = jw_read_u32(reader)};
        s->score = jw_read_u32(reader);
        s->track = jw_read_u8(reader);
        s->phase = jw_read_u8(reader);
        jw_read_text(reader, s->dataset, sizeof s->dataset);
        s->site = jw_read_u64(reader);
        s->share = jw_read_f64(reader);
        s->submitted_ns = jw_read_i64(reader);
        s->begun_ns = jw_read_i64(reader);
        s->ended_ns = jw_read_i64(reader);
        test_load(&s->test, reader);
        if (s->model >= book->model_count || s->track >= JW_TRACK_COUNT ||
            s->phase >= JW_APPROVAL_PHASE_COUNT || !(s->share >= 0 && s->share <= 1) ||
            !is_time(s->submitted_ns) || !(s->begun_ns == -1 || is_time(s->begun_ns)) ||
            !(s->ended_ns == -1 || is_time(s->ended_ns)))
            jw_reader_fail(reader, "submission %u is out of range", book->submission_count);
        book->trials += s->phase == JW_APPROVAL_TRIAL;
        open += s->phase <= JW_APPROVAL_TRIAL;
    }
    if (!reader->failed && book->submitted != book->approved + book->rejected + book->withdrawn + open)
        jw_reader_fail(reader, "the submissions do not add up");
    for (uint32_t i = 0; i < book->model_count && !reader->failed; i++)
        if (book->models[i].submission1 > book->submission_count)
            jw_reader_fail(reader, "version %u has a submission that is not there", i);
}

void approval_load(jw_ai *ai, jw_reader *reader)
{
    approval_book *book = &ai->approval;
    load_def(&book->def, reader);
    book->is_fast = jw_read_u8(reader);
    book->draws = jw_read_u64(reader);
    for (uint32_t i = 0; i < JW_COUNT_OF(count_offsets); i++) {
        int64_t value = jw_read_i64(reader);
        *(int64_t *)(void *)((char *)book + count_offsets[i]) = value;
        if (value < 0 || value > INT64_MAX / 4)
            jw_reader_fail(reader, "a count of approvals is out of range");
    }
    book->feature_samples = jw_read_u32(reader);
    load_features(book->features, reader);
    if (reader->failed)
        return;
    load_models(book, ai->model_count, reader);
    if (!reader->failed)
        load_submissions(book, reader);
    if (reader->failed)
        return;
    book->desks = jw_alloc(book->def.reviewers * sizeof *book->desks);
    if (!book->desks) {
        jw_reader_fail_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < book->def.reviewers; i++) {
        approval_desk *desk = &book->desks[i];
        desk->submission1 = jw_read_u32(reader);
        desk->due_ns = jw_read_i64(reader);
        if (desk->submission1 > book->submission_count || desk->due_ns < 0 || desk->due_ns > INT64_MAX / 2)
            jw_reader_fail(reader, "desk %u holds nothing that was submitted", i);
    }
}
