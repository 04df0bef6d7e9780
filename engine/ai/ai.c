/* The rollout of model versions to sites in waves.
 *
 * A wave: each of its sites gets the image (unless it is there already), then serves it. When all of a wave's
 * sites have ended well or badly, a pause passes in which they may still fail; then the share of failed ones
 * decides between the next wave and going back. */
#include "ai/ai_internal.h"

#include <string.h>

/* ---- what lies where
 * --------------------------------------------------------------------------------------- */

static holding *find_holding(const jw_ai *ai, uint64_t site, uint32_t model)
{
    for (uint32_t i = 0; i < ai->holding_count; i++)
        if (ai->holdings[i].site == site && ai->holdings[i].model == model)
            return &ai->holdings[i];
    return NULL;
}

jw_result jw_ai_pass_days(jw_world *world, jw_ai *ai, double days, jw_error *error)
{
    if (!(days >= 0 && days <= 10000))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%g days cannot pass: 0 to 10,000 can", days);
    double working_days = days * WORKING_SHARE;
    jw_result result = approval_pass_days(world, ai, working_days, error);
    if (result == JW_OK) {
        supply_pass_days(world, ai, days);
        port_event(world, ai);
        port_schedule(world, ai);
        sector_pass_days(world, ai, days, working_days);
    }
    return result;
}

void jw_ai_site_up(jw_world *world, jw_ai *ai)
{
    supply_fill_racks(world, ai);
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

static jw_result hold(jw_ai *ai, uint64_t site, uint32_t model, jw_error *error)
{
    if (find_holding(ai, site, model))
        return JW_OK;
    jw_result result =
        jw_grow(&ai->holdings, &ai->holding_capacity, ai->holding_count + 1ull, sizeof *ai->holdings, error);
    if (result == JW_OK)
        ai->holdings[ai->holding_count++] = (holding){.site = site, .model = model};
    return result;
}

static jw_result serve(jw_world *world, jw_ai *ai, uint64_t site, uint32_t model, jw_error *error)
{
    const jw_model *version = &ai->models[model];
    jw_result result = hold(ai, site, model, error);
    if (result == JW_OK)
        result = ai->ports.install(world, site, version->service, version->version, error);
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

/* The canary is a wave of one site before the others. */
static bool is_canary(const deployment *d)
{
    return d->canary_share > 0 && d->waves_done == 0;
}

static uint32_t wave_begin(const deployment *d)
{
    return d->canary_share > 0 && d->waves_done > 0 ? 1 + (d->waves_done - 1) * d->wave_size
                                                    : d->waves_done * d->wave_size;
}

uint32_t rollout_wave_end(const deployment *d)
{
    uint32_t begin = wave_begin(d), size = is_canary(d) ? 1 : d->wave_size;
    return begin >= d->site_count || d->site_count - begin < size ? d->site_count : begin + size;
}

static void set_phase(jw_ai *ai, rollout_site *at, site_phase phase)
{
    ai->sites_failed += (phase == SITE_FAILED) - (at->phase == SITE_FAILED);
    at->phase = (uint8_t)phase;
}

/* The image is at a site: it serves it, or answers a share beside the old version, or has failed. */
static void begin_serving(jw_world *world, jw_ai *ai, const deployment *d, rollout_site *at)
{
    bool is_shared = is_canary(d) && d->canary_share < 1 && at->previous_version > 0;
    jw_result result = JW_ERROR_STATE;
    if (ai->ports.is_site_up(world, at->site))
        result = is_shared ? hold(ai, at->site, d->model, NULL) : serve(world, ai, at->site, d->model, NULL);
    set_phase(ai, at, result == JW_OK ? SITE_SERVING : SITE_FAILED);
    at->has_served |= result == JW_OK && !is_shared;
}

bool rollout_is_sharing(const jw_ai *ai, const deployment *d)
{
    const rollout_site *at = &ai->sites[d->first_site];
    return d->phase == JW_DEPLOY_RUNNING && is_canary(d) && at->phase == SITE_SERVING && !at->has_served;
}

/* The pause begins when nothing of the wave is under way any more. */
static void check_wave(jw_world *world, jw_ai *ai, uint32_t index)
{
    const deployment *d = &ai->deployments[index];
    for (uint32_t i = wave_begin(d); i < rollout_wave_end(d); i++)
        if (ai->sites[d->first_site + i].phase <= SITE_TRANSFERRING)
            return;
    jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(d->wave_pause_s), JW_PRIORITY_NORMAL,
                ai->module, EVENT_HEALTH, index + 1, d->waves_done);
}

static void start_wave(jw_world *world, jw_ai *ai, uint32_t index)
{
    deployment *d = &ai->deployments[index];
    const jw_model *model = &ai->models[d->model];
    d->test.judged = d->test.wrong = d->test.late = 0;
    for (uint32_t i = wave_begin(d); i < rollout_wave_end(d); i++) {
        rollout_site *at = &ai->sites[d->first_site + i];
        if (!ai->ports.is_site_up(world, at->site)) {
            set_phase(ai, at, SITE_FAILED);
        } else if (find_holding(ai, at->site, d->model)) {
            begin_serving(world, ai, d, at);
        } else {
            bool has_started =
                ai->ports.start_transfer(world, JW_AI_REGISTRY, at->site, (int64_t)(model->image_gb * 1e9),
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
        /* Also a site that failed after it had got the version: it comes back with the old one. Where a later
         * rollout brought another version, that one stays. */
        if (at->has_served && jw_ai_serving_version(ai, at->site, model->id) == model->version) {
            uint32_t previous =
                at->previous_version ? ai_find_model(ai, model->id, at->previous_version) : JW_NONE;
            if (ai->ports.install(world, at->site, model->service, at->previous_version, NULL) == JW_OK)
                mark_serving(ai, at->site, model->id, previous);
        }
        if (at->phase != SITE_FAILED)
            set_phase(ai, at, SITE_WAITING);
    }
    d->phase = JW_DEPLOY_ROLLED_BACK;
}

void jw_ai_transfer_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok)
{
    if (fabric_is_tag(tag)) {
        fabric_transfer_ended(world, ai, tag, is_ok);
        return;
    }
    if (tag & SECTOR_TAG) {
        sector_transfer_ended(world, ai, tag, is_ok);
        return;
    }
    uint32_t index = (uint32_t)(tag >> 32) - 1, i = (uint32_t)tag;
    if (index >= ai->deployment_count || i >= ai->deployments[index].site_count)
        return;
    const deployment *d = &ai->deployments[index];
    rollout_site *at = &ai->sites[d->first_site + i];
    if (d->phase != JW_DEPLOY_RUNNING || at->phase != SITE_TRANSFERRING)
        return;
    if (is_ok) {
        ai->bytes_transferred += (int64_t)(ai->models[d->model].image_gb * 1e9);
        begin_serving(world, ai, d, at);
    } else {
        set_phase(ai, at, SITE_FAILED);
    }
    check_wave(world, ai, index);
}

/* After a wave's pause, or at once when its answers are too bad. A canary's sample may take more pauses; then
 * its site gets the version for good. */
static void look_at_health(jw_world *world, jw_ai *ai, uint32_t index)
{
    deployment *d = &ai->deployments[index];
    uint32_t begin = wave_begin(d), end = rollout_wave_end(d), failed = 0;
    test_verdict verdict = d->test.sample ? test_verdict_of(&d->test) : TEST_PASSED;
    for (uint32_t i = begin; i < end; i++) {
        rollout_site *at = &ai->sites[d->first_site + i];
        if (at->phase == SITE_SERVING && !ai->ports.is_site_up(world, at->site))
            set_phase(ai, at, SITE_FAILED);
        failed += at->phase == SITE_FAILED;
    }
    bool is_ill = verdict == TEST_FAILED || failed > d->max_failed_share * (end - begin);
    if (!is_ill && is_canary(d) && verdict == TEST_OPEN) {
        check_wave(world, ai, index);
        return;
    }
    bool was_shared = rollout_is_sharing(ai, d);
    d->waves_done++;
    if (!is_ill && was_shared) {
        begin_serving(world, ai, d, &ai->sites[d->first_site]);
        is_ill = !ai->sites[d->first_site].has_served;
    }
    if (is_ill)
        go_back(world, ai, index);
    else if (end == d->site_count)
        d->phase = JW_DEPLOY_DONE;
    else
        start_wave(world, ai, index);
}

static void ai_on_event(jw_world *world, void *state, const jw_event *event)
{
    jw_ai *ai = state;
    if (event->kind == EVENT_READ_HERE) {
        fabric_read_here(world, ai, event);
        return;
    }
    if (event->kind == EVENT_TUNE) {
        tune_ask_again(world, ai, event);
        return;
    }
    if (event->kind == EVENT_PORTED) {
        port_event(world, ai);
        return;
    }
    if (event->kind == EVENT_DELIVERY) {
        supply_deliver(world, ai, event);
        return;
    }
    if (event->kind == EVENT_REVIEWED) {
        approval_reviewed(world, ai);
        return;
    }
    if (event->kind == EVENT_OBSERVE) {
        drift_observe(world, ai);
        return;
    }
    if (event->kind == EVENT_SECTOR_WORK) {
        sector_work(world, ai);
        return;
    }
    if (event->kind == EVENT_SECTOR_TICK) {
        sector_tick(world, ai, event);
        return;
    }
    uint32_t index = event->a - 1;
    if (index >= ai->deployment_count)
        return;
    const deployment *d = &ai->deployments[index];
    if (d->phase == JW_DEPLOY_RUNNING && d->waves_done == (uint32_t)event->b && wave_begin(d) < d->site_count)
        look_at_health(world, ai, index);
}

/* ---- the door
 * ---------------------------------------------------------------------------------------------- */

/* A site that is on its way to one version cannot be sent to another: which came last would depend on the
 * links. */
static bool is_under_way(const jw_ai *ai, const char *id, uint64_t site)
{
    for (uint32_t d = 0; d < ai->deployment_count; d++) {
        const deployment *other = &ai->deployments[d];
        if (other->phase != JW_DEPLOY_RUNNING || strcmp(ai->models[other->model].id, id) != 0)
            continue;
        for (uint32_t i = 0; i < other->site_count; i++)
            if (ai->sites[other->first_site + i].site == site)
                return true;
    }
    return false;
}

static jw_result check_deployment(const jw_ai *ai, const jw_deployment_def *def, const deployment *d,
                                  jw_error *error)
{
    bool has_shares = def->canary_share >= 0 && def->canary_share <= 1 && def->max_error_share >= 0 &&
                      def->max_error_share <= 1 && def->max_late_share >= 0 && def->max_late_share <= 1;
    if (def->site_count == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a deployment of \"%s\" needs sites", def->model);
    if (!has_shares || !ai_is_rollout_fine(d))
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "a deployment of \"%s\": the pause must be at most 1e8 s, shares of errors and of a canary "
            "0 to 1, and the other share a number",
            def->model);
    for (uint32_t i = 0; i < def->site_count; i++) {
        if (is_under_way(ai, def->model, def->sites[i]))
            return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                           "\"%s\" is being rolled out to one of these sites: wait for its end, or roll it "
                           "back",
                           def->model);
        for (uint32_t k = 0; k < i; k++)
            if (def->sites[k] == def->sites[i])
                return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a deployment of \"%s\" names a site twice",
                               def->model);
    }
    return JW_OK;
}

static uint32_t share_of(double share, uint32_t sample)
{
    return share >= 1 ? sample : (uint32_t)(share * sample + 1e-9);
}

static quality_test health_test(const jw_deployment_def *def, double quality)
{
    uint32_t sample = def->health_decisions ? def->health_decisions : def->canary_share > 0 ? 200 : 0;
    double error_share = def->max_error_share > 0 ? def->max_error_share : 1 - quality + 0.05;
    return (quality_test){.sample = sample,
                          .max_wrong = share_of(error_share, sample),
                          .max_late =
                              def->max_late_share > 0 ? share_of(def->max_late_share, sample) : sample};
}

jw_result jw_ai_deploy(jw_world *world, jw_ai *ai, const jw_deployment_def *def, jw_deployment_id *out,
                       jw_error *error)
{
    uint32_t model = ai_find_model(ai, def->model, def->version);
    if (model == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "there is no model \"%s\" of version %u (0: newest)", def->model, def->version);
    uint32_t index = ai->deployment_count;
    deployment fresh = {
        .model = model,
        .phase = def->is_instant ? JW_DEPLOY_DONE : JW_DEPLOY_RUNNING,
        .first_site = ai->site_count,
        .site_count = def->site_count,
        .wave_size = def->wave_size && def->wave_size < def->site_count ? def->wave_size : def->site_count,
        .wave_pause_s = def->wave_pause_s != 0 ? def->wave_pause_s : 60,
        .max_failed_share = def->max_failed_share != 0 ? def->max_failed_share : 0.5,
        .canary_share = def->canary_share,
        .test = health_test(def, ai->models[model].quality),
    };
    jw_result result = check_deployment(ai, def, &fresh, error);
    if (result == JW_OK && def->is_instant)
        approval_trust(ai, model);
    else if (result == JW_OK)
        result = approval_check(ai, model, error);
    if (result == JW_OK)
        result = jw_grow(&ai->sites, &ai->site_capacity, (uint64_t)ai->site_count + def->site_count,
                         sizeof *ai->sites, error);
    if (result == JW_OK)
        result = jw_grow(&ai->deployments, &ai->deployment_capacity, ai->deployment_count + 1ull,
                         sizeof *ai->deployments, error);
    for (uint32_t i = 0; i < def->site_count && result == JW_OK; i++) {
        rollout_site *at = &ai->sites[ai->site_count + i];
        *at = (rollout_site){.site = def->sites[i],
                             .previous_version =
                                 jw_ai_serving_version(ai, def->sites[i], ai->models[model].id)};
        if (!def->is_instant)
            continue;
        result = serve(world, ai, def->sites[i], model, error);
        set_phase(ai, at, SITE_SERVING);
        at->has_served = 1;
    }
    if (result != JW_OK)
        return result;
    ai->deployments[index] = fresh;
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

jw_result jw_ai_take_away(jw_world *world, jw_ai *ai, uint64_t site, const char *model, jw_error *error)
{
    uint32_t version = jw_ai_serving_version(ai, site, model);
    if (version == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "the site serves no version of \"%s\"", model);
    jw_result result =
        ai->ports.install(world, site, ai->models[ai_find_model(ai, model, version)].service, 0, error);
    if (result == JW_OK)
        mark_serving(ai, site, model, JW_NONE);
    return result;
}

jw_result jw_ai_finish(jw_world *world, jw_ai *ai, jw_deployment_id id, jw_error *error)
{
    if (id.index1 == 0 || id.index1 > ai->deployment_count || id.generation != 1)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no such deployment");
    deployment *d = &ai->deployments[id.index1 - 1];
    if (d->phase != JW_DEPLOY_RUNNING)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "that deployment has ended already");
    d->waves_done =
        (d->site_count - (d->canary_share > 0) + d->wave_size - 1) / d->wave_size + (d->canary_share > 0);
    for (uint32_t i = 0; i < d->site_count; i++) {
        rollout_site *at = &ai->sites[d->first_site + i];
        if (at->phase == SITE_FAILED || at->has_served)
            continue;
        if (at->phase == SITE_TRANSFERRING)
            ai->ports.stop_transfer(world, transfer_tag(id.index1 - 1, i));
        if (!find_holding(ai, at->site, d->model))
            ai->bytes_transferred += (int64_t)(ai->models[d->model].image_gb * 1e9);
        begin_serving(world, ai, d, at);
    }
    d->phase = JW_DEPLOY_DONE;
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
                                 .waves_done = d->waves_done,
                                 .canary_share = is_canary(d) ? d->canary_share : 0,
                                 .judged = d->test.judged,
                                 .wrong = d->test.wrong,
                                 .late = d->test.late,
                                 .health_decisions = d->test.sample,
                                 .max_wrong = d->test.max_wrong,
                                 .max_late = d->test.max_late};
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

static const jw_verb_arg control_args[] = {
    {"rule", 't', false, 0, 0, 0, "", "none, oct2023-first or oct2023 (both tiers)"},
};
static const jw_verb_arg resize_args[] = {
    {"model", 't', false, 0, 0, 0, "", "id in the catalogue"},
    {"factor", 'n', false, 0.01, 10, 0, "", "of parameters, image and operations"},
    {"version", 'n', true, 0, 1e6, 0, "", "that is resized; 0: the newest"},
};
static const jw_verb_arg cancel_args[] = {{"model", 't', false, 0, 0, 0, "", "id in the catalogue"}};
static const jw_verb_arg days_args[] = {{"days", 'n', false, 0, 10000, 0, "d", "by the calendar"}};

static jw_result verb_pass_days(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_ai_pass_days(world, state, jw_command_get_number(command, "days", 0), error);
}

static const jw_verb verbs[] = {
    {"release_model", "a new version of a model becomes known", ai_release_args, AI_RELEASE_ARGS,
     ai_verb_release},
    {"compress_model", "a version of a model is made smaller by a method of the catalogue: a new version",
     ai_compress_args, AI_COMPRESS_ARGS, ai_verb_compress},
    {"resize_model", "a version of a model in another size, its quality by the law of tuning: a new version",
     resize_args, JW_COUNT_OF(resize_args), tune_verb_resize},
    {"cancel_tuning", "the newest fine-tuning of a model that is under way ends without a version",
     cancel_args, JW_COUNT_OF(cancel_args), tune_verb_cancel},
    {"pass_days", "days pass at once for what waits for days: cards arrive, reviewers and integrators work",
     days_args, JW_COUNT_OF(days_args), verb_pass_days},
    {"export_control", "which imported cards may be bought; restricted orders under way are cancelled",
     control_args, JW_COUNT_OF(control_args), supply_verb_control},
    {"require_approval", "model versions need approval from now on; those that serve have it",
     approval_require_args, APPROVAL_REQUIRE_ARGS, approval_verb_require},
    {"withdraw_model", "a version is taken back from its approval", approval_withdraw_args,
     APPROVAL_WITHDRAW_ARGS, approval_verb_withdraw},
    {"fast_track", "what is submitted from now on goes one track lower, or not", approval_fast_args,
     APPROVAL_FAST_ARGS, approval_verb_fast_track},
    {"connect_source", "a data consumer asks for a source; integrators build what it takes",
     sector_connect_args, SECTOR_CONNECT_ARGS, sector_verb_connect},
    {"wire_data", "how connections asked for from now on are made", sector_wire_args, SECTOR_WIRE_ARGS,
     sector_verb_wire},
    {"set_integrators", "how many people build adapters", sector_people_args, SECTOR_PEOPLE_ARGS,
     sector_verb_people},
    {"allow_purpose", "a sector's owner allows or forbids a use of its data", sector_purpose_args,
     SECTOR_PURPOSE_ARGS, sector_verb_purpose},
    {"anonymise", "records of a source leave it only in groups of k equals", sector_anonymise_args,
     SECTOR_ANONYMISE_ARGS, sector_verb_anonymise},
    {"change_schema", "a source's form changes: its adapters stand still until they are reworked",
     sector_schema_args, SECTOR_SCHEMA_ARGS, sector_verb_schema},
};

/* ---- module
 * ------------------------------------------------------------------------------------------------ */

static void ai_destroy(void *state)
{
    jw_ai *ai = state;
    jw_free(ai->models);
    jw_free(ai->origins);
    jw_free(ai->methods);
    jw_free(ai->holdings);
    jw_free(ai->deployments);
    jw_free(ai->sites);
    jw_free(ai->tunings);
    fabric_free(&ai->data);
    supply_free(&ai->supply);
    jw_free(ai->ports_made.items);
    approval_free(&ai->approval);
    sector_free(&ai->sectors);
}

static jw_result ai_init(jw_world *world, void *state, const void *definition, jw_error *error)
{
    jw_ai *ai = state;
    const jw_ai_def *def = definition;
    jw_result result = approval_init(world, ai, def->approval, error);
    ai->sectors.def = jw_default_integration_def();
    for (uint32_t i = 0; i < def->model_count && result == JW_OK; i++)
        result = ai_add_model(ai, &def->models[i], &(model_origin){0}, error);
    for (uint32_t i = 0; i < def->method_count && result == JW_OK; i++)
        result = ai_add_method(ai, &def->methods[i], error);
    for (uint32_t i = 0; i < def->card_count && result == JW_OK; i++)
        result = supply_add_card(&ai->supply, &def->cards[i], error);
    if (def->law && result == JW_OK) {
        ai->law = *def->law;
        ai->has_law = 1;
        if (!tune_is_law_fine(def->law))
            result = jw_fail(
                error, JW_ERROR_INPUT, NULL, 0,
                "the law of tuning: scales and exponents must be above 0, exponents at most 10, the floor "
                "0 or more");
    }
    if (result != JW_OK)
        ai_destroy(state);
    return result;
}

static jw_result ai_attach(jw_world *world, void *state, jw_error *error)
{
    (void)error;
    ((jw_ai *)state)->module = (uint16_t)jw_world_find_module(world, "ai");
    approval_attach(world, &((jw_ai *)state)->approval);
    return JW_OK;
}

static void ai_restart_counts(jw_world *world, void *state)
{
    (void)world;
    ((jw_ai *)state)->bytes_transferred = 0;
    fabric_restart_counts(&((jw_ai *)state)->data);
    supply_restart_counts(&((jw_ai *)state)->supply);
    approval_restart_counts(&((jw_ai *)state)->approval);
    sector_restart_counts(&((jw_ai *)state)->sectors);
}

const jw_module jw_ai_module = {
    .name = "ai",
    .version = 11,
    .state_size = sizeof(jw_ai),
    .init = ai_init,
    .attach = ai_attach,
    .destroy = ai_destroy,
    .on_event = ai_on_event,
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = ai_save,
    .load = ai_load,
    .metrics = ai_metrics,
    .metric_count = AI_METRICS,
    .metric = ai_metric,
    .tables = ai_tables,
    .table_count = AI_TABLES,
    .restart_counts = ai_restart_counts,
};
