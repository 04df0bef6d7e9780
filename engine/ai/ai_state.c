/* Saving and loading what ai knows, and the ranges of its figures. */
#include "ai/ai_internal.h"

bool ai_is_model_fine(const jw_model *model)
{
    return model->id[0] && model->version > 0 && model->image_gb > 0 && model->image_gb <= 1e5 &&
           model->quality >= 0 && model->quality <= 1 && model->parameters_b >= 0 &&
           model->parameters_b <= 1e6 && model->operation_factor >= 0 && model->operation_factor <= 10 &&
           model->domain_tokens_b >= 0 && model->domain_tokens_b <= 1e9;
}

bool ai_is_rollout_fine(const deployment *d)
{
    return d->site_count > 0 && d->wave_size > 0 && d->wave_size <= d->site_count && d->canary_share >= 0 &&
           d->canary_share <= 1 &&
           (uint64_t)(d->waves_done - (d->canary_share > 0 && d->waves_done > 0)) * d->wave_size <
               (uint64_t)d->site_count + d->wave_size &&
           d->wave_pause_s > 0 && d->wave_pause_s <= 1e8 && d->max_failed_share > 0;
}

void ai_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const jw_ai *ai = state;
    jw_write_u32(writer, ai->method_count);
    for (uint32_t i = 0; i < ai->method_count; i++) {
        jw_write_text(writer, ai->methods[i].id);
        jw_write_f64(writer, ai->methods[i].memory_factor);
        jw_write_f64(writer, ai->methods[i].quality_factor);
        jw_write_f64(writer, ai->methods[i].operation_factor);
        jw_write_f64(writer, ai->methods[i].sparse_factor);
        jw_write_u8(writer, ai->methods[i].is_int8);
        jw_write_u8(writer, ai->methods[i].is_unverified);
    }
    jw_write_u32(writer, ai->model_count);
    for (uint32_t i = 0; i < ai->model_count; i++) {
        const jw_model *model = &ai->models[i];
        jw_write_text(writer, model->id);
        jw_write_u32(writer, model->version);
        jw_write_u32(writer, model->service);
        jw_write_f64(writer, model->image_gb);
        jw_write_f64(writer, model->quality);
        jw_write_u8(writer, model->is_unverified);
        jw_write_u32(writer, ai->origins[i].parent);
        jw_write_f64(writer, model->parameters_b);
        jw_write_f64(writer, model->operation_factor);
        jw_write_f64(writer, model->domain_tokens_b);
        jw_write_u32(writer, ai->origins[i].method1);
        jw_write_u32(writer, ai->origins[i].tuning1);
        jw_write_i64(writer, ai->origins[i].made_ns);
    }
    jw_write_u32(writer, ai->holding_count);
    for (uint32_t i = 0; i < ai->holding_count; i++) {
        jw_write_u64(writer, ai->holdings[i].site);
        jw_write_u32(writer, ai->holdings[i].model);
        jw_write_u8(writer, ai->holdings[i].is_serving);
    }
    jw_write_u32(writer, ai->site_count);
    for (uint32_t i = 0; i < ai->site_count; i++) {
        jw_write_u64(writer, ai->sites[i].site);
        jw_write_u32(writer, ai->sites[i].previous_version);
        jw_write_u8(writer, ai->sites[i].phase);
        jw_write_u8(writer, ai->sites[i].has_served);
    }
    jw_write_u32(writer, ai->deployment_count);
    for (uint32_t i = 0; i < ai->deployment_count; i++) {
        const deployment *d = &ai->deployments[i];
        jw_write_u32(writer, d->model);
        jw_write_u8(writer, d->phase);
        jw_write_u32(writer, d->first_site);
        jw_write_u32(writer, d->site_count);
        jw_write_u32(writer, d->wave_size);
        jw_write_u32(writer, d->waves_done);
        jw_write_f64(writer, d->wave_pause_s);
        jw_write_f64(writer, d->max_failed_share);
        jw_write_f64(writer, d->canary_share);
        test_save(&d->test, writer);
    }
    jw_write_i64(writer, ai->bytes_transferred);
    jw_write_i64(writer, ai->sites_failed);
    fabric_save(&ai->data, writer);
    supply_save(&ai->supply, writer);
    port_save(&ai->ports_made, writer);
    tune_save(ai, writer);
    approval_save(&ai->approval, writer);
    sector_save(&ai->sectors, writer);
}

/* Room for `count` elements read from a stream; on failure the reader is marked and the count is 0. */
static uint32_t read_room(jw_reader *reader, void *items, uint32_t *capacity, size_t size, size_t stored_size)
{
    uint32_t count = jw_read_count(reader, 10000000, stored_size);
    if (!reader->failed && jw_grow(items, capacity, count, size, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    return reader->failed ? 0 : count;
}

void ai_load(jw_world *world, void *state, jw_reader *reader)
{
    jw_ai *ai = state;
    ai->method_count = read_room(reader, &ai->methods, &ai->method_capacity, sizeof *ai->methods, 38);
    for (uint32_t i = 0; i < ai->method_count; i++) {
        jw_read_text(reader, ai->methods[i].id, sizeof ai->methods[i].id);
        ai->methods[i].memory_factor = jw_read_f64(reader);
        ai->methods[i].quality_factor = jw_read_f64(reader);
        ai->methods[i].operation_factor = jw_read_f64(reader);
        ai->methods[i].sparse_factor = jw_read_f64(reader);
        ai->methods[i].is_int8 = jw_read_u8(reader);
        ai->methods[i].is_unverified = jw_read_u8(reader);
        if (!ai_is_method_fine(&ai->methods[i]))
            jw_reader_fail(reader, "compression %u is out of range", i);
    }
    ai->model_count = read_room(reader, &ai->models, &ai->model_capacity, sizeof *ai->models, 61);
    if (jw_grow(&ai->origins, &ai->origin_capacity, ai->model_count, sizeof *ai->origins, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        ai->model_count = 0;
    }
    for (uint32_t i = 0; i < ai->model_count; i++) {
        jw_model *model = &ai->models[i];
        jw_read_text(reader, model->id, sizeof model->id);
        model->version = jw_read_u32(reader);
        model->service = jw_read_u32(reader);
        model->image_gb = jw_read_f64(reader);
        model->quality = jw_read_f64(reader);
        model->is_unverified = jw_read_u8(reader);
        model_origin *origin = &ai->origins[i];
        origin->parent = jw_read_u32(reader);
        model->parameters_b = jw_read_f64(reader);
        model->operation_factor = jw_read_f64(reader);
        model->domain_tokens_b = jw_read_f64(reader);
        origin->method1 = jw_read_u32(reader);
        origin->tuning1 = jw_read_u32(reader);
        origin->made_ns = jw_read_i64(reader);
        if (!ai_is_model_fine(model) || origin->method1 > ai->method_count || origin->made_ns < 0 ||
            origin->parent >= model->version)
            jw_reader_fail(reader, "model %u is out of range", i);
    }
    ai->holding_count = read_room(reader, &ai->holdings, &ai->holding_capacity, sizeof *ai->holdings, 13);
    for (uint32_t i = 0; i < ai->holding_count; i++) {
        ai->holdings[i].site = jw_read_u64(reader);
        ai->holdings[i].model = jw_read_u32(reader);
        ai->holdings[i].is_serving = jw_read_u8(reader);
        if (ai->holdings[i].model >= ai->model_count)
            jw_reader_fail(reader, "image %u is of an unknown model", i);
    }
    ai->site_count = read_room(reader, &ai->sites, &ai->site_capacity, sizeof *ai->sites, 14);
    for (uint32_t i = 0; i < ai->site_count; i++) {
        ai->sites[i].site = jw_read_u64(reader);
        ai->sites[i].previous_version = jw_read_u32(reader);
        ai->sites[i].phase = jw_read_u8(reader);
        ai->sites[i].has_served = jw_read_u8(reader);
        if (ai->sites[i].phase > SITE_FAILED || ai->sites[i].has_served > 1)
            jw_reader_fail(reader, "rollout site %u is out of range", i);
    }
    ai->deployment_count =
        read_room(reader, &ai->deployments, &ai->deployment_capacity, sizeof *ai->deployments, 73);
    for (uint32_t i = 0; i < ai->deployment_count; i++) {
        deployment *d = &ai->deployments[i];
        d->model = jw_read_u32(reader);
        d->phase = jw_read_u8(reader);
        d->first_site = jw_read_u32(reader);
        d->site_count = jw_read_u32(reader);
        d->wave_size = jw_read_u32(reader);
        d->waves_done = jw_read_u32(reader);
        d->wave_pause_s = jw_read_f64(reader);
        d->max_failed_share = jw_read_f64(reader);
        d->canary_share = jw_read_f64(reader);
        test_load(&d->test, reader);
        if (d->model >= ai->model_count || d->phase > JW_DEPLOY_ROLLED_BACK ||
            (uint64_t)d->first_site + d->site_count > ai->site_count || !ai_is_rollout_fine(d))
            jw_reader_fail(reader, "deployment %u is out of range", i);
    }
    ai->bytes_transferred = jw_read_i64(reader);
    ai->sites_failed = jw_read_i64(reader);
    if (ai->bytes_transferred < 0 || ai->bytes_transferred > INT64_MAX / 2 || ai->sites_failed < 0 ||
        ai->sites_failed > ai->site_count)
        jw_reader_fail(reader, "its counts are out of range");
    if (!reader->failed)
        fabric_load(&ai->data, reader);
    if (!reader->failed)
        supply_load(&ai->supply, reader);
    if (!reader->failed)
        port_load(&ai->ports_made, reader);
    if (!reader->failed)
        tune_load(world, ai, reader);
    if (!reader->failed)
        approval_load(ai, reader);
    sector_load(&ai->sectors, reader);
}
