/* The registry of model versions and their rollout to sites in waves.
 *
 * A wave: each of its sites gets the image (unless it is there already), then serves it. When all of a wave's
 * sites have ended well or badly, a pause passes in which they may still fail; then the share of failed ones
 * decides between the next wave and going back. */
#include "ai/ai.h"

#include <string.h>

enum { EVENT_HEALTH };

typedef enum site_phase { SITE_WAITING, SITE_TRANSFERRING, SITE_SERVING, SITE_FAILED } site_phase;

/* An image that lies at a site; serving is told by `is_serving`. */
typedef struct holding {
    uint64_t site;
    uint32_t model; /* in the registry */
    uint8_t is_serving;
} holding;

typedef struct rollout_site {
    uint64_t site;
    uint32_t previous_version; /* served before: 0 none */
    uint8_t phase;
} rollout_site;

typedef struct deployment {
    uint32_t model; /* in the registry */
    uint8_t phase;
    uint32_t first_site, site_count;
    uint32_t wave_size, waves_done;
    double wave_pause_s, max_failed_share;
} deployment;

struct jw_ai {
    jw_model *models;
    uint32_t model_count, model_capacity;
    holding *holdings;
    uint32_t holding_count, holding_capacity;
    deployment *deployments; /* never removed: generation is 1 */
    uint32_t deployment_count, deployment_capacity;
    rollout_site *sites; /* of all deployments, one after the other */
    uint32_t site_count, site_capacity;
    int64_t bytes_transferred, sites_failed;
    jw_ai_ports ports;
    uint16_t module;
};

/* ---- registry
 * ---------------------------------------------------------------------------------------------- */

static uint32_t find_model(const jw_ai *ai, const char *id, uint32_t version)
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
    uint32_t index = find_model(ai, model, 0);
    return index == JW_NONE ? 0 : ai->models[index].version;
}

double jw_ai_quality(const jw_ai *ai, uint32_t service, uint32_t version)
{
    for (uint32_t i = 0; i < ai->model_count; i++)
        if (ai->models[i].service == service && ai->models[i].version == version)
            return ai->models[i].quality;
    return 0;
}

static bool is_model_fine(const jw_model *model)
{
    return model->id[0] && model->version > 0 && model->image_gb > 0 && model->image_gb <= 1e5 &&
           model->quality >= 0 && model->quality <= 1;
}

static jw_result add_model(jw_ai *ai, const jw_model *model, jw_error *error)
{
    if (!is_model_fine(model))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "model \"%s\" version %u: the image must be above 0 GB and the quality 0 to 1",
                       model->id, model->version);
    if (find_model(ai, model->id, model->version) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "model \"%s\" version %u exists already", model->id,
                       model->version);
    jw_result result =
        jw_grow(&ai->models, &ai->model_capacity, ai->model_count + 1ull, sizeof *model, error);
    if (result == JW_OK)
        ai->models[ai->model_count++] = *model;
    return result;
}

/* ---- what lies where
 * --------------------------------------------------------------------------------------- */

static holding *find_holding(const jw_ai *ai, uint64_t site, uint32_t model)
{
    for (uint32_t i = 0; i < ai->holding_count; i++)
        if (ai->holdings[i].site == site && ai->holdings[i].model == model)
            return &ai->holdings[i];
    return NULL;
}

uint32_t jw_ai_serving_version(const jw_ai *ai, uint64_t site, const char *model)
{
    for (uint32_t i = 0; i < ai->holding_count; i++) {
        const holding *held = &ai->holdings[i];
        if (held->site == site && held->is_serving && strcmp(ai->models[held->model].id, model) == 0)
            return ai->models[held->model].version;
    }
    return 0;
}

/* Serving this version (model JW_NONE: none) of a model id at a site, all others of that id not. */
static void mark_serving(jw_ai *ai, uint64_t site, const char *id, uint32_t model)
{
    for (uint32_t i = 0; i < ai->holding_count; i++) {
        holding *held = &ai->holdings[i];
        if (held->site == site && strcmp(ai->models[held->model].id, id) == 0)
            held->is_serving = held->model == model;
    }
}

static jw_result serve(jw_world *world, jw_ai *ai, uint64_t site, uint32_t model, jw_error *error)
{
    if (!find_holding(ai, site, model)) {
        jw_result result = jw_grow(&ai->holdings, &ai->holding_capacity, ai->holding_count + 1ull,
                                   sizeof *ai->holdings, error);
        if (result != JW_OK)
            return result;
        ai->holdings[ai->holding_count++] = (holding){.site = site, .model = model};
    }
    const jw_model *version = &ai->models[model];
    jw_result result = ai->ports.install(world, site, version->service, version->version, error);
    if (result == JW_OK)
        mark_serving(ai, site, version->id, model);
    return result;
}

/* ---- waves
 * ------------------------------------------------------------------------------------------------- */

static uint64_t transfer_tag(uint32_t deployment_index, uint32_t site_index)
{
    return (uint64_t)(deployment_index + 1) << 32 | site_index;
}

static uint32_t wave_end(const deployment *d, uint32_t wave)
{
    uint64_t end = (uint64_t)(wave + 1) * d->wave_size;
    return end < d->site_count ? (uint32_t)end : d->site_count;
}

static void set_phase(jw_ai *ai, rollout_site *at, site_phase phase)
{
    ai->sites_failed += (phase == SITE_FAILED) - (at->phase == SITE_FAILED);
    at->phase = (uint8_t)phase;
}

/* The pause begins when nothing of the wave is under way any more. */
static void check_wave(jw_world *world, jw_ai *ai, uint32_t index)
{
    const deployment *d = &ai->deployments[index];
    for (uint32_t i = d->waves_done * d->wave_size; i < wave_end(d, d->waves_done); i++)
        if (ai->sites[d->first_site + i].phase <= SITE_TRANSFERRING)
            return;
    jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(d->wave_pause_s), JW_PRIORITY_NORMAL,
                ai->module, EVENT_HEALTH, index + 1, d->waves_done);
}

static void start_wave(jw_world *world, jw_ai *ai, uint32_t index)
{
    const deployment *d = &ai->deployments[index];
    const jw_model *model = &ai->models[d->model];
    for (uint32_t i = d->waves_done * d->wave_size; i < wave_end(d, d->waves_done); i++) {
        rollout_site *at = &ai->sites[d->first_site + i];
        if (!ai->ports.is_site_up(world, at->site)) {
            set_phase(ai, at, SITE_FAILED);
        } else if (find_holding(ai, at->site, d->model)) {
            set_phase(ai, at,
                      serve(world, ai, at->site, d->model, NULL) == JW_OK ? SITE_SERVING : SITE_FAILED);
        } else {
            bool has_started = ai->ports.start_transfer(world, at->site, (int64_t)(model->image_gb * 1e9),
                                                        transfer_tag(index, i)) == JW_OK;
            set_phase(ai, at, has_started ? SITE_TRANSFERRING : SITE_FAILED);
        }
    }
    check_wave(world, ai, index);
}

static void go_back(jw_world *world, jw_ai *ai, uint32_t index)
{
    deployment *d = &ai->deployments[index];
    const jw_model *model = &ai->models[d->model];
    for (uint32_t i = 0; i < d->site_count; i++) {
        rollout_site *at = &ai->sites[d->first_site + i];
        if (at->phase == SITE_TRANSFERRING)
            ai->ports.stop_transfer(world, transfer_tag(index, i));
        if (at->phase == SITE_SERVING && jw_ai_serving_version(ai, at->site, model->id) == model->version) {
            uint32_t previous =
                at->previous_version ? find_model(ai, model->id, at->previous_version) : JW_NONE;
            ai->ports.install(world, at->site, model->service, at->previous_version, NULL);
            mark_serving(ai, at->site, model->id, previous);
        }
        if (at->phase != SITE_FAILED)
            set_phase(ai, at, SITE_WAITING);
    }
    d->phase = JW_DEPLOY_ROLLED_BACK;
}

void jw_ai_transfer_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok)
{
    uint32_t index = (uint32_t)(tag >> 32) - 1, i = (uint32_t)tag;
    if (index >= ai->deployment_count || i >= ai->deployments[index].site_count)
        return;
    const deployment *d = &ai->deployments[index];
    rollout_site *at = &ai->sites[d->first_site + i];
    if (d->phase != JW_DEPLOY_RUNNING || at->phase != SITE_TRANSFERRING)
        return;
    bool is_serving = false;
    if (is_ok) {
        ai->bytes_transferred += (int64_t)(ai->models[d->model].image_gb * 1e9);
        is_serving =
            ai->ports.is_site_up(world, at->site) && serve(world, ai, at->site, d->model, NULL) == JW_OK;
    }
    set_phase(ai, at, is_serving ? SITE_SERVING : SITE_FAILED);
    check_wave(world, ai, index);
}

static void ai_on_event(jw_world *world, void *state, const jw_event *event)
{
    jw_ai *ai = state;
    uint32_t index = event->a - 1;
    if (index >= ai->deployment_count)
        return;
    deployment *d = &ai->deployments[index];
    if (d->phase != JW_DEPLOY_RUNNING || d->waves_done != (uint32_t)event->b)
        return;
    uint32_t begin = d->waves_done * d->wave_size, end = wave_end(d, d->waves_done), failed = 0;
    for (uint32_t i = begin; i < end; i++) {
        rollout_site *at = &ai->sites[d->first_site + i];
        if (at->phase == SITE_SERVING && !ai->ports.is_site_up(world, at->site))
            set_phase(ai, at, SITE_FAILED);
        failed += at->phase == SITE_FAILED;
    }
    d->waves_done++;
    if (failed > d->max_failed_share * (end - begin))
        go_back(world, ai, index);
    else if (end == d->site_count)
        d->phase = JW_DEPLOY_DONE;
    else
        start_wave(world, ai, index);
}

/* ---- the door
 * ---------------------------------------------------------------------------------------------- */

jw_result jw_ai_deploy(jw_world *world, jw_ai *ai, const jw_deployment_def *def, jw_deployment_id *out,
                       jw_error *error)
{
    uint32_t model = find_model(ai, def->model, def->version);
    if (model == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "there is no model \"%s\" of version %u (0: newest)", def->model, def->version);
    if (def->site_count == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a deployment of \"%s\" needs sites", def->model);
    jw_result result = jw_grow(&ai->sites, &ai->site_capacity, (uint64_t)ai->site_count + def->site_count,
                               sizeof *ai->sites, error);
    if (result == JW_OK)
        result = jw_grow(&ai->deployments, &ai->deployment_capacity, ai->deployment_count + 1ull,
                         sizeof *ai->deployments, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < def->site_count; i++)
        ai->sites[ai->site_count + i] = (rollout_site){
            .site = def->sites[i],
            .previous_version = jw_ai_serving_version(ai, def->sites[i], ai->models[model].id)};
    uint32_t index = ai->deployment_count;
    for (uint32_t i = 0; i < def->site_count && def->is_instant && result == JW_OK; i++) {
        result = serve(world, ai, def->sites[i], model, error);
        ai->sites[ai->site_count + i].phase = SITE_SERVING;
    }
    if (result != JW_OK)
        return result;
    ai->deployments[index] = (deployment){
        .model = model,
        .phase = def->is_instant ? JW_DEPLOY_DONE : JW_DEPLOY_RUNNING,
        .first_site = ai->site_count,
        .site_count = def->site_count,
        .wave_size = def->wave_size ? def->wave_size : def->site_count,
        .wave_pause_s = def->wave_pause_s > 0 ? def->wave_pause_s : 60,
        .max_failed_share = def->max_failed_share > 0 ? def->max_failed_share : 0.5,
    };
    ai->deployment_count++;
    ai->site_count += def->site_count;
    *out = (jw_deployment_id){index + 1, 1};
    if (!def->is_instant)
        start_wave(world, ai, index);
    return JW_OK;
}

jw_result jw_ai_rollback(jw_world *world, jw_ai *ai, jw_deployment_id id, jw_error *error)
{
    if (id.index1 == 0 || id.index1 > ai->deployment_count || id.generation != 1)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no such deployment");
    if (ai->deployments[id.index1 - 1].phase == JW_DEPLOY_ROLLED_BACK)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "that deployment was rolled back already");
    go_back(world, ai, id.index1 - 1);
    return JW_OK;
}

uint32_t jw_ai_deployment_count(const jw_ai *ai)
{
    return ai->deployment_count;
}

bool jw_ai_deployment(const jw_ai *ai, uint32_t slot, jw_deployment_state *out)
{
    if (slot >= ai->deployment_count)
        return false;
    const deployment *d = &ai->deployments[slot];
    *out = (jw_deployment_state){.id = {slot + 1, 1},
                                 .version = ai->models[d->model].version,
                                 .phase = (jw_deployment_phase)d->phase,
                                 .waves_done = d->waves_done};
    jw_text_copy(out->model, sizeof out->model, ai->models[d->model].id);
    uint32_t *const counts[] = {&out->sites_waiting, &out->sites_transferring, &out->sites_serving,
                                &out->sites_failed};
    for (uint32_t i = 0; i < d->site_count; i++)
        ++*counts[ai->sites[d->first_site + i].phase];
    return true;
}

void jw_ai_set_ports(jw_ai *ai, const jw_ai_ports *ports)
{
    ai->ports = *ports;
}

static jw_result verb_release(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    jw_ai *ai = state;
    jw_model model = {.version = (uint32_t)jw_command_get_number(command, "version", 0),
                      .image_gb = jw_command_get_number(command, "image_gb", 0),
                      .quality = jw_command_get_number(command, "quality", 0)};
    jw_text_copy(model.id, sizeof model.id, jw_command_get_text(command, "model", ""));
    uint32_t older = find_model(ai, model.id, 0);
    if (older == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "release_model: the catalogue has no model \"%s\"",
                       model.id);
    model.service = ai->models[older].service;
    return add_model(ai, &model, error);
}

static const jw_verb_arg release_args[] = {
    {"model", 't', false, 0, 0, 0, "", "id in the catalogue"},
    {"version", 'n', false, 1, 1e6, 0, "", "a new number"},
    {"image_gb", 'n', false, 1e-6, 1e5, 0, "GB", "size of the deployed image"},
    {"quality", 'n', false, 0, 1, 0, "", "share of right decisions on fresh input"},
};
static const jw_verb verbs[] = {{"release_model", "a new version of a model becomes known", release_args,
                                 JW_COUNT_OF(release_args), verb_release}};

/* ---- metrics and table
 * ------------------------------------------------------------------------------------- */

static const jw_metric metrics[] = {
    {"ai.deployments", "", JW_METRIC_GAUGE, "rollouts under way"},
    {"ai.sites_serving_newest", "", JW_METRIC_GAUGE, "site and model pairs that serve the newest version"},
    {"ai.sites_failed", "", JW_METRIC_GAUGE, "sites that a rollout did not reach"},
    {"ai.transferred", "GB", JW_METRIC_COUNTER, "model images that arrived over the network"},
};

static double ai_metric(const jw_world *world, const void *state, uint32_t metric)
{
    (void)world;
    const jw_ai *ai = state;
    double running = 0, newest = 0;
    for (uint32_t i = 0; i < ai->deployment_count; i++)
        running += ai->deployments[i].phase == JW_DEPLOY_RUNNING;
    for (uint32_t i = 0; i < ai->holding_count; i++) {
        const jw_model *model = &ai->models[ai->holdings[i].model];
        newest += ai->holdings[i].is_serving && model->version == jw_ai_newest_version(ai, model->id);
    }
    const double values[] = {running, newest, (double)ai->sites_failed, (double)ai->bytes_transferred / 1e9};
    return values[metric];
}

static const jw_column deployment_columns[] = {
    {"model", JW_COLUMN_TEXT, "", "id in the catalogue"},
    {"phase", JW_COLUMN_TEXT, "", "running, done or rolled back"},
    {"version", JW_COLUMN_I64, "", "version that is rolled out"},
    {"waves_done", JW_COLUMN_I64, "", "waves past their health check"},
    {"waiting", JW_COLUMN_I64, "", "sites still to come"},
    {"transferring", JW_COLUMN_I64, "", "sites whose image is under way"},
    {"serving", JW_COLUMN_I64, "", "sites that serve it"},
    {"failed", JW_COLUMN_I64, "", "sites that it did not reach or that failed"},
};

static uint32_t deployment_rows(const jw_world *world, const void *state)
{
    (void)world;
    return jw_ai_deployment_count(state);
}

static int64_t deployment_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_deployment_state d;
    if (!jw_ai_deployment(state, row, &d))
        return 0;
    const int64_t values[] = {d.version,       d.waves_done,  d.sites_waiting, d.sites_transferring,
                              d.sites_serving, d.sites_failed};
    return values[column - 2];
}

static const char *deployment_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    static const char *const phases[] = {"running", "done", "rolled back"};
    const jw_ai *ai = state;
    const deployment *d = &ai->deployments[row];
    return column == 0 ? ai->models[d->model].id : phases[d->phase];
}

static const jw_table tables[] = {
    {"deployments", "rollouts of model versions", JW_TABLE_STATE, JW_GEOMETRY_NONE, deployment_columns,
     JW_COUNT_OF(deployment_columns), deployment_rows, NULL, NULL, deployment_integer, deployment_text},
};

/* ---- module
 * ------------------------------------------------------------------------------------------------ */

static void ai_destroy(void *state)
{
    jw_ai *ai = state;
    jw_free(ai->models);
    jw_free(ai->holdings);
    jw_free(ai->deployments);
    jw_free(ai->sites);
}

static jw_result ai_init(jw_world *world, void *state, const void *definition, jw_error *error)
{
    (void)world;
    jw_ai *ai = state;
    const jw_ai_def *def = definition;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < def->model_count && result == JW_OK; i++)
        result = add_model(ai, &def->models[i], error);
    if (result != JW_OK)
        ai_destroy(state);
    return result;
}

static jw_result ai_attach(jw_world *world, void *state, jw_error *error)
{
    (void)error;
    ((jw_ai *)state)->module = (uint16_t)jw_world_find_module(world, "ai");
    return JW_OK;
}

static void ai_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const jw_ai *ai = state;
    jw_write_u32(writer, ai->model_count);
    for (uint32_t i = 0; i < ai->model_count; i++) {
        const jw_model *model = &ai->models[i];
        jw_write_text(writer, model->id);
        jw_write_u32(writer, model->version);
        jw_write_u32(writer, model->service);
        jw_write_f64(writer, model->image_gb);
        jw_write_f64(writer, model->quality);
        jw_write_u8(writer, model->is_unverified);
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
    }
    jw_write_i64(writer, ai->bytes_transferred);
    jw_write_i64(writer, ai->sites_failed);
}

/* Room for `count` elements read from a stream; on failure the reader is marked and the count is 0. */
static uint32_t read_room(jw_reader *reader, void *items, uint32_t *capacity, size_t size, size_t stored_size)
{
    uint32_t count = jw_read_count(reader, 10000000, stored_size);
    if (!reader->failed && jw_grow(items, capacity, count, size, NULL) != JW_OK)
        jw_reader_fail(reader, "out of memory");
    return reader->failed ? 0 : count;
}

static void ai_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    jw_ai *ai = state;
    ai->model_count = read_room(reader, &ai->models, &ai->model_capacity, sizeof *ai->models, 25);
    for (uint32_t i = 0; i < ai->model_count; i++) {
        jw_model *model = &ai->models[i];
        jw_read_text(reader, model->id, sizeof model->id);
        model->version = jw_read_u32(reader);
        model->service = jw_read_u32(reader);
        model->image_gb = jw_read_f64(reader);
        model->quality = jw_read_f64(reader);
        model->is_unverified = jw_read_u8(reader);
        if (!is_model_fine(model))
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
    ai->site_count = read_room(reader, &ai->sites, &ai->site_capacity, sizeof *ai->sites, 13);
    for (uint32_t i = 0; i < ai->site_count; i++) {
        ai->sites[i].site = jw_read_u64(reader);
        ai->sites[i].previous_version = jw_read_u32(reader);
        ai->sites[i].phase = jw_read_u8(reader);
        if (ai->sites[i].phase > SITE_FAILED)
            jw_reader_fail(reader, "rollout site %u is out of range", i);
    }
    ai->deployment_count =
        read_room(reader, &ai->deployments, &ai->deployment_capacity, sizeof *ai->deployments, 41);
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
        if (d->model >= ai->model_count || d->phase > JW_DEPLOY_ROLLED_BACK || d->wave_size == 0 ||
            (uint64_t)d->first_site + d->site_count > ai->site_count || !(d->wave_pause_s >= 0))
            jw_reader_fail(reader, "deployment %u is out of range", i);
    }
    ai->bytes_transferred = jw_read_i64(reader);
    ai->sites_failed = jw_read_i64(reader);
}

static uint64_t ai_hash(const jw_world *world, const void *state)
{
    jw_writer writer = {0};
    ai_save(world, state, &writer);
    uint64_t hash = jw_hash_bytes(0, writer.bytes, writer.size);
    jw_writer_free(&writer);
    return hash;
}

const jw_module jw_ai_module = {
    .name = "ai",
    .version = 1,
    .state_size = sizeof(jw_ai),
    .init = ai_init,
    .attach = ai_attach,
    .destroy = ai_destroy,
    .on_event = ai_on_event,
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = ai_save,
    .load = ai_load,
    .hash = ai_hash,
    .metrics = metrics,
    .metric_count = JW_COUNT_OF(metrics),
    .metric = ai_metric,
    .tables = tables,
    .table_count = JW_COUNT_OF(tables),
};
