/* Saving and loading of tunings. */
#include "ai/ai_internal.h"

static double *law_figure(jw_tune_law *law, uint32_t index)
{
    double *const figures[] = {&law->floor,
                               &law->size_scale,
                               &law->size_exponent,
                               &law->data_scale,
                               &law->data_exponent,
                               &law->transfer_scale,
                               &law->transfer_data_exponent,
                               &law->transfer_size_exponent,
                               &law->half_life_days,
                               &law->repeat_worth,
                               &law->error_exponent};
    return index < JW_COUNT_OF(figures) ? figures[index] : NULL;
}

static void save_data(const jw_tune_data *data, uint8_t is_read, jw_writer *writer)
{
    jw_write_text(writer, data->id);
    jw_write_f64(writer, data->corpus.records);
    jw_write_f64(writer, data->corpus.tokens);
    jw_write_f64(writer, data->corpus.age_days);
    jw_write_f64(writer, data->corpus.coverage);
    jw_write_f64(writer, data->corpus.quality);
    jw_write_f64(writer, data->corpus.sensitivity);
    jw_write_i64(writer, data->read_ns);
    jw_write_u8(writer, is_read);
}

void tune_save(const jw_ai *ai, jw_writer *writer)
{
    jw_tune_law law = ai->law;
    jw_write_u8(writer, ai->has_law);
    for (uint32_t i = 0; ai->has_law && law_figure(&law, i); i++)
        jw_write_f64(writer, *law_figure(&law, i));
    jw_write_u8(writer, law.is_unverified);
    jw_write_u64(writer, ai->tune_serial);
    jw_write_u32(writer, ai->tuning_count);
    for (uint32_t i = 0; i < ai->tuning_count; i++) {
        const tuning *t = &ai->tunings[i];
        jw_write_u32(writer, t->base);
        jw_write_u32(writer, t->made1);
        jw_write_u64(writer, t->site);
        jw_write_u64(writer, t->job);
        jw_write_u64(writer, t->serial);
        jw_write_text(writer, t->purpose);
        jw_write_text(writer, t->why);
        jw_write_u8(writer, t->method);
        jw_write_u8(writer, t->phase);
        jw_write_u32(writer, t->cards);
        jw_write_f64(writer, t->epochs);
        jw_write_f64(writer, t->operations);
        jw_write_i64(writer, t->begun_ns);
        jw_write_i64(writer, t->trained_ns);
        jw_write_i64(writer, t->ended_ns);
        jw_write_u32(writer, t->dataset_count);
        for (uint32_t k = 0; k < t->dataset_count; k++)
            save_data(&t->datasets[k], t->is_read[k], writer);
    }
}

static bool is_data_fine(const jw_tune_data *data, int64_t now_ns)
{
    const jw_corpus *c = &data->corpus;
    return data->id[0] && c->records >= 0 && c->tokens >= 0 && c->tokens <= 1e20 && c->age_days >= 0 &&
           c->coverage >= 0 && c->coverage <= 1 && c->quality >= 0 && c->quality <= 1 &&
           c->sensitivity >= 0 && data->read_ns >= 0 && data->read_ns <= now_ns;
}

static void load_datasets(const jw_world *world, jw_reader *reader, tuning *t)
{
    t->dataset_count = jw_read_count(reader, JW_TUNE_DATASETS_MAX, 61);
    for (uint32_t k = 0; k < t->dataset_count && !reader->failed; k++) {
        jw_tune_data *data = &t->datasets[k];
        jw_read_text(reader, data->id, sizeof data->id);
        data->corpus.records = jw_read_f64(reader);
        data->corpus.tokens = jw_read_f64(reader);
        data->corpus.age_days = jw_read_f64(reader);
        data->corpus.coverage = jw_read_f64(reader);
        data->corpus.quality = jw_read_f64(reader);
        data->corpus.sensitivity = jw_read_f64(reader);
        data->read_ns = jw_read_i64(reader);
        t->is_read[k] = jw_read_u8(reader);
        data->epochs = t->epochs;
        if (t->is_read[k] > 1 || !is_data_fine(data, jw_world_time_ns(world)))
            jw_reader_fail(reader, "data of a tuning is out of range");
    }
}

static void load_tuning(const jw_world *world, const jw_ai *ai, jw_reader *reader, tuning *t)
{
    t->base = jw_read_u32(reader);
    t->made1 = jw_read_u32(reader);
    t->site = jw_read_u64(reader);
    t->job = jw_read_u64(reader);
    t->serial = jw_read_u64(reader);
    jw_read_text(reader, t->purpose, sizeof t->purpose);
    jw_read_text(reader, t->why, sizeof t->why);
    t->method = jw_read_u8(reader);
    t->phase = jw_read_u8(reader);
    t->cards = jw_read_u32(reader);
    t->epochs = jw_read_f64(reader);
    t->operations = jw_read_f64(reader);
    t->begun_ns = jw_read_i64(reader);
    t->trained_ns = jw_read_i64(reader);
    t->ended_ns = jw_read_i64(reader);
    load_datasets(world, reader, t);
    if (t->base >= ai->model_count || t->made1 > ai->model_count ||
        (t->phase == JW_TUNE_DONE) != (t->made1 > 0) || t->method >= JW_TUNE_METHOD_COUNT ||
        t->phase >= JW_TUNE_PHASE_COUNT || t->serial == 0 || t->serial > ai->tune_serial ||
        !(t->epochs > 0 && t->epochs <= JW_TUNE_EPOCHS_MAX) ||
        !(t->operations >= 0 && t->operations <= 1e40) || t->begun_ns < 0 || t->trained_ns < 0 ||
        t->ended_ns < 0)
        jw_reader_fail(reader, "a tuning is out of range");
}

void tune_load(jw_world *world, jw_ai *ai, jw_reader *reader)
{
    ai->has_law = jw_read_u8(reader);
    for (uint32_t i = 0; ai->has_law && law_figure(&ai->law, i); i++)
        *law_figure(&ai->law, i) = jw_read_f64(reader);
    ai->law.is_unverified = jw_read_u8(reader);
    if (ai->has_law > 1 || (ai->has_law && !tune_is_law_fine(&ai->law)))
        jw_reader_fail(reader, "the law of tuning is out of range");
    ai->tune_serial = jw_read_u64(reader);
    uint32_t count = jw_read_count(reader, 10000000, 100);
    if (!reader->failed &&
        jw_grow(&ai->tunings, &ai->tuning_capacity, count, sizeof *ai->tunings, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (; ai->tuning_count < count && !reader->failed; ai->tuning_count++) {
        ai->tunings[ai->tuning_count] = (tuning){0};
        load_tuning(world, ai, reader, &ai->tunings[ai->tuning_count]);
    }
    for (uint32_t i = 0; i < ai->model_count; i++)
        if (ai->origins[i].tuning1 > ai->tuning_count)
            jw_reader_fail(reader, "model %u comes of no tuning", i);
}
