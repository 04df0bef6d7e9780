/* The registry of model versions: what each came from, and compression. */
#include "ai/ai_internal.h"

#include <string.h>

uint32_t ai_find_model(const jw_ai *ai, const char *id, uint32_t version)
{
    uint32_t best = JW_NONE;
    for (uint32_t i = 0; i < ai->model_count; i++) {
        if (strcmp(ai->models[i].id, id) != 0)
            continue;
        if (ai->models[i].version == version)
            return i;
        if (version == 0 && (best == JW_NONE || ai->models[i].version > ai->models[best].version))
            best = i;
    }
    return best;
}

uint32_t jw_ai_newest_version(const jw_ai *ai, const char *model)
{
    uint32_t index = ai_find_model(ai, model, 0);
    return index == JW_NONE ? 0 : ai->models[index].version;
}

jw_result ai_add_model(jw_ai *ai, const jw_model *model, const model_origin *origin, jw_error *error)
{
    if (!ai_is_model_fine(model))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "model \"%s\" version %u: the image must be above 0 GB and the quality 0 to 1; "
                       "parameters_b at most "
                       "1e6, domain_tokens_b at most 1e9",
                       model->id, model->version);
    if (ai_find_model(ai, model->id, model->version) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "model \"%s\" version %u exists already", model->id,
                       model->version);
    jw_result result =
        jw_grow(&ai->models, &ai->model_capacity, ai->model_count + 1ull, sizeof *model, error);
    if (result == JW_OK)
        result = jw_grow(&ai->origins, &ai->origin_capacity, ai->model_count + 1ull, sizeof *origin, error);
    if (result != JW_OK)
        return result;
    ai->origins[ai->model_count] = *origin;
    ai->models[ai->model_count] = *model;
    result = approval_add_model(ai, origin, error);
    ai->model_count += result == JW_OK;
    return result;
}

bool ai_is_method_fine(const jw_compression *method)
{
    return method->id[0] && method->memory_factor > 0 && method->memory_factor <= 1 &&
           method->quality_factor > 0 && method->quality_factor <= 1.1 && method->operation_factor >= 0 &&
           method->operation_factor <= 1 && method->sparse_factor >= 0 && method->sparse_factor <= 1;
}

static uint32_t find_method(const jw_ai *ai, const char *id)
{
    for (uint32_t i = 0; i < ai->method_count; i++)
        if (strcmp(ai->methods[i].id, id) == 0)
            return i;
    return JW_NONE;
}

jw_result ai_add_method(jw_ai *ai, const jw_compression *method, jw_error *error)
{
    if (!ai_is_method_fine(method))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "compression \"%s\": memory_factor must be above 0 to 1, quality_factor above 0 to "
                       "1.1, the factors of "
                       "operations at most 1",
                       method->id);
    if (find_method(ai, method->id) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "compression \"%s\" exists already", method->id);
    jw_result result =
        jw_grow(&ai->methods, &ai->method_capacity, ai->method_count + 1ull, sizeof *method, error);
    if (result == JW_OK)
        ai->methods[ai->method_count++] = *method;
    return result;
}

jw_result jw_ai_compress(jw_world *world, jw_ai *ai, const char *model, uint32_t version, const char *method,
                         uint32_t *made, jw_error *error)
{
    uint32_t index = ai_find_model(ai, model, version), by = find_method(ai, method);
    if (index == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "%s: there is no model \"%s\" of version %u (0: newest)", "compress_model", model,
                       version);
    if (by == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "compress_model: the catalogue has no compression \"%s\" (see "
                       "assets/catalog/compression.lua)",
                       method);
    if (ai->origins[index].method1)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "compress_model: \"%s\" version %u is compressed already, by \"%s\": take version %u",
                       model, ai->models[index].version, ai->methods[ai->origins[index].method1 - 1].id,
                       ai->origins[index].parent);
    jw_model smaller = ai->models[index];
    model_origin origin = {.parent = smaller.version, .method1 = by + 1, .made_ns = jw_world_time_ns(world)};
    smaller.version = jw_ai_newest_version(ai, model) + 1;
    smaller.image_gb *= ai->methods[by].memory_factor;
    smaller.quality *= ai->methods[by].quality_factor;
    smaller.quality = smaller.quality > 1 ? 1 : smaller.quality;
    smaller.is_unverified |= ai->methods[by].is_unverified;
    *made = smaller.version;
    return ai_add_model(ai, &smaller, &origin, error);
}

const jw_model *jw_ai_version(const jw_ai *ai, uint32_t service, uint32_t version)
{
    for (uint32_t i = 0; i < ai->model_count; i++)
        if (ai->models[i].service == service && ai->models[i].version == version)
            return &ai->models[i];
    return NULL;
}

const jw_compression *jw_ai_compression(const jw_ai *ai, uint32_t service, uint32_t version)
{
    for (uint32_t i = 0; i < ai->model_count; i++)
        if (ai->models[i].service == service && ai->models[i].version == version)
            return ai->origins[i].method1 ? &ai->methods[ai->origins[i].method1 - 1] : NULL;
    return NULL;
}

const char *ai_method_name(const jw_ai *ai, uint32_t model)
{
    const model_origin *origin = &ai->origins[model];
    return origin->method1   ? ai->methods[origin->method1 - 1].id
           : origin->tuning1 ? jw_tune_method_name((jw_tune_method)ai->tunings[origin->tuning1 - 1].method)
                             : "";
}

uint32_t jw_ai_model_count(const jw_ai *ai)
{
    return ai->model_count;
}

bool jw_ai_model(const jw_ai *ai, uint32_t slot, jw_model_state *out)
{
    if (slot >= ai->model_count)
        return false;
    const model_origin *origin = &ai->origins[slot];
    *out = (jw_model_state){.model = &ai->models[slot],
                            .parent_version = origin->parent,
                            .method = ai_method_name(ai, slot),
                            .made_ns = origin->made_ns,
                            .is_approved = !ai->approval.def.is_on || ai->approval.models[slot].is_approved,
                            .distance = drift_distance(&ai->approval, slot)};
    for (uint32_t i = 0; i < ai->holding_count; i++)
        out->sites_serving += ai->holdings[i].model == slot && ai->holdings[i].is_serving;
    return true;
}

/* ---- verbs --------------------------------------------------------------------------------------------- */

jw_result ai_verb_release(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_ai *ai = state;
    jw_model model = {.version = (uint32_t)jw_command_get_number(command, "version", 0),
                      .image_gb = jw_command_get_number(command, "image_gb", 0),
                      .quality = jw_command_get_number(command, "quality", 0)};
    jw_text_copy(model.id, sizeof model.id, jw_command_get_text(command, "model", ""));
    uint32_t older = ai_find_model(ai, model.id, 0);
    if (older == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "release_model: the catalogue has no model \"%s\"",
                       model.id);
    model.service = ai->models[older].service;
    model.parameters_b = ai->models[older].parameters_b;
    model.domain_tokens_b = ai->models[older].domain_tokens_b;
    model_origin origin = {.made_ns = jw_world_time_ns(world)};
    return ai_add_model(ai, &model, &origin, error);
}

const jw_verb_arg ai_release_args[AI_RELEASE_ARGS] = {
    {"model", 't', false, 0, 0, 0, "", "id in the catalogue"},
    {"version", 'n', false, 1, 1e6, 0, "", "a new number"},
    {"image_gb", 'n', false, 1e-6, 1e5, 0, "GB", "size of the deployed image"},
    {"quality", 'n', false, 0, 1, 0, "", "share of right decisions on fresh input"},
};
jw_result ai_verb_compress(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    uint32_t made;
    return jw_ai_compress(world, state, jw_command_get_text(command, "model", ""),
                          (uint32_t)jw_command_get_number(command, "version", 0),
                          jw_command_get_text(command, "method", ""), &made, error);
}

const jw_verb_arg ai_compress_args[AI_COMPRESS_ARGS] = {
    {"model", 't', false, 0, 0, 0, "", "id in the catalogue"},
    {"method", 't', false, 0, 0, 0, "", "id in the catalogue of compressions"},
    {"version", 'n', true, 0, 1e6, 0, "", "that is made smaller; 0: the newest"},
};
