/* Tunings as jobs: read, wait for cards, train, make a version. */
#include "ai/ai_internal.h"

#include <stdio.h>
#include <string.h>

#define TAG_TUNE    (1ull << 62)
#define ASK_AGAIN_S 60.0

bool tune_is_tag(uint64_t tag)
{
    return tag & TAG_TUNE;
}

/* Of a read: the tuning's serial, and which of its datasets. That of its training is the serial. */
static uint64_t read_tag(const tuning *t, uint32_t dataset)
{
    return TAG_TUNE | t->serial << 4 | dataset;
}

static uint32_t find_serial(const jw_ai *ai, uint64_t serial)
{
    for (uint32_t i = 0; i < ai->tuning_count; i++)
        if (ai->tunings[i].serial == serial)
            return i;
    return JW_NONE;
}

static bool is_under_way(const tuning *t)
{
    return t->phase <= JW_TUNE_TRAINING;
}

static void end(const jw_world *world, tuning *t, jw_tune_phase phase, const char *why)
{
    t->phase = (uint8_t)phase;
    t->ended_ns = jw_world_time_ns(world);
    jw_text_copy(t->why, sizeof t->why, why);
}

/* ---- the version that comes of it ---- */

static const tuning *tuning_of(const jw_ai *ai, uint32_t model)
{
    return ai->origins[model].tuning1 ? &ai->tunings[ai->origins[model].tuning1 - 1] : NULL;
}

static uint32_t parent_of(const jw_ai *ai, uint32_t model)
{
    uint32_t parent = ai->origins[model].parent;
    return parent ? ai_find_model(ai, ai->models[model].id, parent) : JW_NONE;
}

static bool has_dataset(const jw_model_lineage *lineage, const char *id)
{
    for (uint32_t i = 0; i < lineage->dataset_count; i++)
        if (strcmp(lineage->datasets[i].id, id) == 0)
            return true;
    return false;
}

static void add_datasets(const tuning *t, jw_model_lineage *lineage)
{
    for (uint32_t i = 0; i < t->dataset_count && lineage->dataset_count < JW_LINEAGE_DATASETS_MAX; i++)
        if (!has_dataset(lineage, t->datasets[i].id))
            lineage->datasets[lineage->dataset_count++] = t->datasets[i];
}

/* Of the ancestors, from the version itself to the one that no tuning made; returns that one. */
static uint32_t add_ancestors(const jw_ai *ai, uint32_t model, jw_model_lineage *lineage)
{
    uint32_t root = model;
    for (uint32_t at = model; at != JW_NONE; at = parent_of(ai, at)) {
        if (tuning_of(ai, at))
            add_datasets(tuning_of(ai, at), lineage);
        root = at;
    }
    return root;
}

static double worth_of(const jw_world *world, const jw_ai *ai, const jw_model_lineage *lineage)
{
    double tokens = 0;
    for (uint32_t i = 0; i < lineage->dataset_count; i++) {
        jw_corpus corpus = lineage->datasets[i].corpus;
        corpus.age_days +=
            (double)(jw_world_time_ns(world) - lineage->datasets[i].read_ns) / (86400.0 * JW_NS_PER_S);
        tokens += jw_tune_worth_tokens(&ai->law, &corpus, lineage->datasets[i].epochs);
    }
    return tokens;
}

/* By the law, from the version that no tuning made, in this one's size. */
static void settle_quality(const jw_world *world, const jw_ai *ai, uint32_t base, jw_model_lineage *lineage,
                           jw_model *made)
{
    const jw_model *root = &ai->models[add_ancestors(ai, base, lineage)];
    const jw_tune_base known = {.parameters = 1e9 * root->parameters_b,
                                .quality = root->quality,
                                .tokens = 1e9 * root->domain_tokens_b};
    made->quality = jw_tune_quality(&ai->law, &known, 1e9 * made->parameters_b, worth_of(world, ai, lineage));
    made->is_unverified |= ai->law.is_unverified;
}

static jw_result make_version(jw_world *world, jw_ai *ai, uint32_t slot, jw_error *error)
{
    tuning *t = &ai->tunings[slot];
    jw_model_lineage lineage = {0};
    add_datasets(t, &lineage);
    jw_model made = ai->models[t->base];
    model_origin origin = {.parent = made.version, .tuning1 = slot + 1, .made_ns = jw_world_time_ns(world)};
    made.version = jw_ai_newest_version(ai, made.id) + 1;
    settle_quality(world, ai, t->base, &lineage, &made);
    jw_result result = ai_add_model(ai, &made, &origin, error);
    if (result == JW_OK)
        t->made1 = ai->model_count;
    return result;
}

/* ---- training ---- */

static jw_training_need need_of(const jw_ai *ai, const tuning *t)
{
    double parameters = 1e9 * ai->models[t->base].parameters_b, tokens = 0;
    for (uint32_t i = 0; i < t->dataset_count; i++)
        tokens += t->datasets[i].corpus.tokens * t->epochs;
    return (jw_training_need){.operations = jw_tune_operations((jw_tune_method)t->method, parameters, tokens),
                              .memory_gb = jw_tune_memory_gb((jw_tune_method)t->method, parameters),
                              .cards = t->cards};
}

static void ask_for_cards(jw_world *world, jw_ai *ai, uint32_t slot)
{
    tuning *t = &ai->tunings[slot];
    jw_error error = {0};
    jw_training_need need = need_of(ai, t);
    t->operations = need.operations;
    jw_result result = ai->ports.start_training(world, t->site, &need, t->serial, &t->job, &error);
    t = &ai->tunings[slot];
    if (result == JW_OK) {
        t->phase = JW_TUNE_TRAINING;
        t->trained_ns = jw_world_time_ns(world);
        t->why[0] = 0;
    } else if (result == JW_ERROR_STATE) {
        t->phase = JW_TUNE_WAITING;
        jw_text_copy(t->why, sizeof t->why, error.message);
        jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(ASK_AGAIN_S), JW_PRIORITY_NORMAL,
                    ai->module, EVENT_TUNE, slot + 1, t->serial);
    } else {
        end(world, t, JW_TUNE_FAILED, error.message);
    }
}

void tune_ask_again(jw_world *world, jw_ai *ai, const jw_event *event)
{
    uint32_t slot = event->a - 1;
    if (slot < ai->tuning_count && ai->tunings[slot].serial == event->b &&
        ai->tunings[slot].phase == JW_TUNE_WAITING)
        ask_for_cards(world, ai, slot);
}

uint32_t jw_ai_find_training(const jw_ai *ai, uint64_t tag)
{
    return find_serial(ai, tag);
}

void jw_ai_training_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok)
{
    uint32_t slot = find_serial(ai, tag);
    if (slot == JW_NONE || ai->tunings[slot].phase != JW_TUNE_TRAINING)
        return;
    jw_error error = {0};
    if (!is_ok)
        end(world, &ai->tunings[slot], JW_TUNE_FAILED, "its training was thrown out of the site");
    else if (make_version(world, ai, slot, &error) != JW_OK)
        end(world, &ai->tunings[slot], JW_TUNE_FAILED, error.message);
    else
        end(world, &ai->tunings[slot], JW_TUNE_DONE, "");
}

/* ---- reading ---- */

static void note_read(const jw_world *world, const jw_ai *ai, tuning *t, uint32_t i)
{
    jw_ai_corpus(world, ai, t->datasets[i].id, &t->datasets[i].corpus);
    t->datasets[i].read_ns = jw_world_time_ns(world);
    t->is_read[i] = 1;
}

static uint32_t read_count(const tuning *t)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->dataset_count; i++)
        count += t->is_read[i];
    return count;
}

void tune_read_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok)
{
    uint32_t slot = find_serial(ai, (tag & ~TAG_TUNE) >> 4), i = (uint32_t)(tag & 15);
    if (slot == JW_NONE || ai->tunings[slot].phase != JW_TUNE_READING || i >= ai->tunings[slot].dataset_count)
        return;
    tuning *t = &ai->tunings[slot];
    char why[TUNE_WHY_SIZE];
    if (!is_ok) {
        snprintf(why, sizeof why, "dataset \"%s\" was lost on its way", t->datasets[i].id);
        end(world, t, JW_TUNE_FAILED, why);
        return;
    }
    note_read(world, ai, t, i);
    if (read_count(t) == t->dataset_count)
        ask_for_cards(world, ai, slot);
}

/* ---- what is asked ---- */

static jw_result check_version(const jw_ai *ai, const char *verb, const char *id, uint32_t version,
                               uint32_t *out, jw_error *error)
{
    uint32_t model = ai_find_model(ai, id, version);
    if (model == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "%s: there is no model \"%s\" of version %u (0: newest)", verb, id, version);
    const jw_model *base = &ai->models[model];
    if (ai->origins[model].method1)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "%s: \"%s\" version %u is compressed, by \"%s\": tune version %u, then compress", verb,
                       id, base->version, ai->methods[ai->origins[model].method1 - 1].id,
                       ai->origins[model].parent);
    if (!(base->parameters_b > 0 && base->domain_tokens_b > 0))
        return jw_fail(
            error, JW_ERROR_STATE, NULL, 0,
            "%s: the catalogue does not say of \"%s\" version %u how many parameters it has and what its "
            "training is worth (parameters_b, domain_tokens_b)",
            verb, id, base->version);
    if (!ai->has_law || !ai->ports.start_training)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "%s: the catalogue has no law of tuning "
                       "(assets/catalog/tuning.lua)",
                       verb);
    *out = model;
    return JW_OK;
}

static jw_result check_data(const jw_world *world, const jw_ai *ai, const jw_tune_def *def, jw_error *error)
{
    jw_corpus corpus;
    if (def->dataset_count == 0 || def->dataset_count > JW_TUNE_DATASETS_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "tune_model: it takes 1 to %d datasets, not %u",
                       JW_TUNE_DATASETS_MAX, def->dataset_count);
    if (!(def->epochs >= 0 && def->epochs <= JW_TUNE_EPOCHS_MAX) || def->method >= JW_TUNE_METHOD_COUNT)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "tune_model: %g epochs, or the method, are out of range", def->epochs);
    for (uint32_t i = 0; i < def->dataset_count; i++) {
        if (!jw_ai_corpus(world, ai, def->datasets[i], &corpus))
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "tune_model: there is no dataset \"%s\"",
                           def->datasets[i]);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(def->datasets[k], def->datasets[i]) == 0)
                return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "tune_model: dataset \"%s\" is named twice",
                               def->datasets[i]);
    }
    return JW_OK;
}

/* Bytes of a dataset, times the share of it that is used. */
static double bytes_of(const jw_ai *ai, const jw_tune_data *data)
{
    uint32_t set = fabric_find_set(&ai->data, data->id);
    double bytes =
        set == JW_NONE ? data->corpus.tokens * JW_BYTES_PER_TOKEN : (double)ai->data.sets[set].def.size_bytes;
    return jw_max(1, bytes * jw_min(data->epochs, 1));
}

/* A consumer's corpus lies where it is used; a dataset of the fabric comes over the network. */
static jw_result read_data(jw_world *world, jw_ai *ai, uint32_t slot, uint32_t i, jw_error *error)
{
    tuning *t = &ai->tunings[slot];
    const char *id = t->datasets[i].id;
    if (fabric_find_set(&ai->data, id) != JW_NONE)
        return jw_ai_read(world, ai, id, t->site, (int64_t)bytes_of(ai, &t->datasets[i]), read_tag(t, i),
                          error);
    jw_consumer_state consumer;
    for (uint32_t c = 0; jw_ai_consumer(world, ai, c, &consumer); c++)
        if (strcmp(consumer.def->id, id) == 0 && consumer.def->site != t->site)
            return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                           "tune_model: what \"%s\" has gathered is used at its own site alone: train there",
                           id);
    note_read(world, ai, t, i);
    return t->datasets[i].corpus.tokens > 0
               ? JW_OK
               : jw_fail(error, JW_ERROR_STATE, NULL, 0, "tune_model: \"%s\" has gathered no record yet", id);
}

jw_result jw_ai_tune(jw_world *world, jw_ai *ai, const jw_tune_def *def, uint32_t *out, jw_error *error)
{
    uint32_t base = JW_NONE, slot = ai->tuning_count;
    jw_result result = check_version(ai, "tune_model", def->model, def->version, &base, error);
    if (result == JW_OK)
        result = check_data(world, ai, def, error);
    if (result == JW_OK)
        result = jw_grow(&ai->tunings, &ai->tuning_capacity, slot + 1ull, sizeof *ai->tunings, error);
    if (result != JW_OK)
        return result;
    tuning *t = &ai->tunings[slot];
    *t = (tuning){.base = base,
                  .site = def->site,
                  .serial = ++ai->tune_serial,
                  .method = (uint8_t)def->method,
                  .cards = def->cards,
                  .epochs = def->epochs > 0 ? def->epochs : 1,
                  .begun_ns = jw_world_time_ns(world),
                  .dataset_count = def->dataset_count};
    jw_text_copy(t->purpose, sizeof t->purpose, def->purpose);
    for (uint32_t i = 0; i < def->dataset_count; i++) {
        jw_text_copy(t->datasets[i].id, sizeof t->datasets[i].id, def->datasets[i]);
        t->datasets[i].epochs = t->epochs;
    }
    jw_training_need need = need_of(ai, t);
    result = ai->ports.start_training(world, def->site, &need, 0, NULL, error);
    if (result != JW_OK && result != JW_ERROR_STATE)
        return result;
    ai->tuning_count++;
    for (uint32_t i = 0; i < def->dataset_count; i++) {
        result = read_data(world, ai, slot, i, error);
        if (result == JW_OK && ai->tunings[slot].phase == JW_TUNE_FAILED)
            result =
                jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: %s", "tune_model", ai->tunings[slot].why);
        if (result != JW_OK) { /* its reads under way end for nobody */
            ai->tuning_count--;
            return result;
        }
    }
    if (read_count(&ai->tunings[slot]) == def->dataset_count) /* all of it lay here */
        ask_for_cards(world, ai, slot);
    *out = slot;
    return JW_OK;
}

jw_result jw_ai_resize(jw_world *world, jw_ai *ai, const char *model, uint32_t version, double factor,
                       uint32_t *out, jw_error *error)
{
    uint32_t base = JW_NONE;
    jw_result result = check_version(ai, "resize_model", model, version, &base, error);
    if (result != JW_OK)
        return result;
    if (!(factor >= 0.01 && factor <= 10))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "resize_model: the factor is %g, it must be 0.01 to 10", factor);
    jw_model made = ai->models[base];
    jw_model_lineage lineage = {0};
    model_origin origin = {.parent = made.version, .made_ns = jw_world_time_ns(world)};
    made.version = jw_ai_newest_version(ai, made.id) + 1;
    made.parameters_b *= factor;
    made.image_gb *= factor;
    made.operation_factor = (made.operation_factor > 0 ? made.operation_factor : 1) * factor;
    settle_quality(world, ai, base, &lineage, &made);
    *out = made.version;
    return ai_add_model(ai, &made, &origin, error);
}

jw_result tune_verb_resize(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    uint32_t made;
    return jw_ai_resize(world, state, jw_command_get_text(command, "model", ""),
                        (uint32_t)jw_command_get_number(command, "version", 0),
                        jw_command_get_number(command, "factor", 1), &made, error);
}

static jw_result check_under_way(const jw_ai *ai, uint32_t slot, jw_error *error)
{
    if (slot >= ai->tuning_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no such tuning");
    if (!is_under_way(&ai->tunings[slot]))
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "that tuning has ended already: it is %s",
                       jw_tune_phase_name((jw_tune_phase)ai->tunings[slot].phase));
    return JW_OK;
}

jw_result jw_ai_cancel_tuning(jw_world *world, jw_ai *ai, uint32_t slot, jw_error *error)
{
    jw_result result = check_under_way(ai, slot, error);
    if (result != JW_OK)
        return result;
    tuning *t = &ai->tunings[slot];
    bool is_training = t->phase == JW_TUNE_TRAINING;
    end(world, t, JW_TUNE_CANCELLED, "");
    if (is_training)
        ai->ports.stop_training(world, t->site, t->job);
    return JW_OK;
}

jw_result jw_ai_finish_tuning(jw_world *world, jw_ai *ai, uint32_t slot, jw_error *error)
{
    jw_result result = check_under_way(ai, slot, error);
    if (result != JW_OK)
        return result;
    tuning *t = &ai->tunings[slot];
    for (uint32_t i = 0; i < t->dataset_count; i++)
        if (!t->is_read[i])
            note_read(world, ai, t, i);
    bool is_training = t->phase == JW_TUNE_TRAINING;
    t->operations = need_of(ai, t).operations;
    result = make_version(world, ai, slot, error);
    if (result != JW_OK)
        return result;
    t = &ai->tunings[slot];
    end(world, t, JW_TUNE_DONE, "");
    if (is_training)
        ai->ports.stop_training(world, t->site, t->job);
    return JW_OK;
}

/* The newest tuning of the model that is under way. */
jw_result tune_verb_cancel(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_ai *ai = state;
    const char *model = jw_command_get_text(command, "model", "");
    for (uint32_t i = ai->tuning_count; i-- > 0;)
        if (is_under_way(&ai->tunings[i]) && strcmp(ai->models[ai->tunings[i].base].id, model) == 0)
            return jw_ai_cancel_tuning(world, ai, i, error);
    return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "cancel_tuning: no tuning of \"%s\" is under way",
                   model);
}

/* ---- views ---- */

const char *jw_tune_phase_name(jw_tune_phase phase)
{
    static const char *const names[JW_TUNE_PHASE_COUNT] = {"reading", "waiting for cards", "training",
                                                           "done",    "cancelled",         "failed"};
    return names[phase];
}

uint32_t jw_ai_tuning_count(const jw_ai *ai)
{
    return ai->tuning_count;
}

bool jw_ai_tuning(const jw_ai *ai, uint32_t slot, jw_tuning_state *out)
{
    if (slot >= ai->tuning_count)
        return false;
    const tuning *t = &ai->tunings[slot];
    *out = (jw_tuning_state){.model = ai->models[t->base].id,
                             .base_version = ai->models[t->base].version,
                             .made_version = t->made1 ? ai->models[t->made1 - 1].version : 0,
                             .site = t->site,
                             .purpose = t->purpose,
                             .why = t->why,
                             .method = (jw_tune_method)t->method,
                             .phase = (jw_tune_phase)t->phase,
                             .datasets = t->dataset_count,
                             .datasets_read = read_count(t),
                             .operations = t->operations,
                             .begun_ns = t->begun_ns,
                             .trained_ns = t->trained_ns,
                             .ended_ns = t->ended_ns};
    for (uint32_t i = 0; i < t->dataset_count; i++) {
        out->data_gb += bytes_of(ai, &t->datasets[i]) / 1e9;
        out->tokens += t->operations > 0 ? t->datasets[i].corpus.tokens * jw_min(t->epochs, 1) : 0;
    }
    return true;
}

bool jw_ai_lineage(const jw_ai *ai, const char *id, uint32_t version, jw_model_lineage *out)
{
    uint32_t model = ai_find_model(ai, id, version);
    if (model == JW_NONE)
        return false;
    const model_origin *origin = &ai->origins[model];
    *out = (jw_model_lineage){
        .parent_version = origin->parent, .site = JW_AI_REGISTRY, .made_ns = origin->made_ns, .purpose = ""};
    out->method = ai_method_name(ai, model);
    if (origin->tuning1) {
        out->site = tuning_of(ai, model)->site;
        out->operations = tuning_of(ai, model)->operations;
    }
    for (uint32_t at = model; at != JW_NONE && !out->purpose[0]; at = parent_of(ai, at))
        if (tuning_of(ai, at))
            out->purpose = tuning_of(ai, at)->purpose;
    add_ancestors(ai, model, out);
    return true;
}
