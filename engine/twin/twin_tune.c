/* Fine-tuning in the city: trainings on the cards of a site, and the command that begins one.
 *
 * A tuning trains on a training service of the catalogue that no model of the registry names: the one with
 * the fewest cards an instance that hold what it needs. It is installed on as many cards of the site when a
 * tuning begins and taken away after the last; meanwhile whoever lacks cards takes them (a training waits at
 * its last checkpoint). */
#include "twin/twin_internal.h"

#include <string.h>

static bool is_for_tuning(const jw_world *world, uint32_t index)
{
    const jw_service *service = jw_compute_service(twin_compute_of(world), index);
    return service->kind == JW_SERVICE_TRAINING && jw_ai_newest_version(twin_ai_of(world), service->id) == 0;
}

static uint32_t cards_of(const jw_service *service)
{
    return service->cards_per_instance ? service->cards_per_instance : 1;
}

/* Whether so many cards of one of the site's racks hold it together, free or not. */
static bool fits(const jw_world *world, const jw_site_state *site, const jw_service *service,
                 const jw_training_need *need)
{
    for (uint32_t r = 0; r < site->def->rack_count; r++) {
        const jw_rack_def *rack = &site->def->racks[r];
        const jw_card *card = jw_compute_card(twin_compute_of(world), rack->card);
        if (card && rack->count >= cards_of(service) && cards_of(service) >= need->cards &&
            jw_service_room_gb(service, card, rack->count) > need->memory_gb)
            return true;
    }
    return false;
}

static uint32_t choose_service(const jw_world *world, const jw_site_state *site, const jw_training_need *need)
{
    const jw_compute *compute = twin_compute_of(world);
    uint32_t best = JW_NONE;
    for (uint32_t i = 0; jw_compute_service(compute, i); i++) {
        const jw_service *service = jw_compute_service(compute, i);
        if (is_for_tuning(world, i) && fits(world, site, service, need) &&
            (best == JW_NONE || cards_of(service) < cards_of(jw_compute_service(compute, best))))
            best = i;
    }
    return best;
}

static jw_result refuse(const jw_world *world, const jw_site_state *site, const jw_training_need *need,
                        jw_error *error)
{
    double room_gb = 0;
    uint32_t most = 0;
    const jw_service plain = {.cards_per_instance = 1024};
    for (uint32_t r = 0; r < site->def->rack_count; r++) {
        const jw_card *card = jw_compute_card(twin_compute_of(world), site->def->racks[r].card);
        if (card)
            room_gb = jw_max(room_gb, jw_service_room_gb(&plain, card, site->def->racks[r].count));
        most = site->def->racks[r].count > most ? site->def->racks[r].count : most;
    }
    return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                   "the training takes %.4g GB and %u cards at least; the largest rack of \"%s\" has %.4g GB "
                   "on %u, or no "
                   "training service of the catalogue fits it: a larger site, or a smaller model",
                   need->memory_gb, need->cards ? need->cards : 1, site->def->name, room_gb, most);
}

static jw_result on_start_training(jw_world *world, uint64_t packed, const jw_training_need *need,
                                   uint64_t tag, uint64_t *job, jw_error *error)
{
    jw_compute *compute = twin_compute_of(world);
    jw_site_state site;
    jw_site_id id = twin_unpack_site(packed);
    if (id.index1 == 0 || !jw_compute_site(world, compute, id.index1 - 1, &site))
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "there is no such site");
    uint32_t index = choose_service(world, &site, need);
    if (index == JW_NONE)
        return refuse(world, &site, need, error);
    const jw_service *service = jw_compute_service(compute, index);
    if (tag == 0)
        return JW_OK;
    if (!site.is_up)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "the site is down");
    double items = jw_ceil(need->operations / (service->gflop_per_item * 1e9));
    if (items > UINT32_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "%g operations are beyond what a training can count",
                       need->operations);
    if (jw_compute_installed_version(compute, id, index) == 0 &&
        jw_compute_install(world, compute, id, index, 1, cards_of(service), error) != JW_OK)
        return JW_ERROR_STATE;
    jw_job_def def = {.site = id,
                      .service = index,
                      .items = (uint32_t)jw_clamp(items, 1, UINT32_MAX),
                      .tag = twin_tag(OWNER_TUNING, (uint32_t)tag, 0)};
    jw_job_id made;
    jw_result result = jw_compute_submit(world, compute, &def, &made, error);
    if (result == JW_OK)
        *job = (uint64_t)made.generation << 32 | made.index1;
    return result;
}

/* Training services of tunings that have nothing left to do give their cards back. */
static void give_back(jw_world *world, jw_site_id site)
{
    jw_compute *compute = twin_compute_of(world);
    for (uint32_t i = 0; jw_compute_service(compute, i); i++)
        if (is_for_tuning(world, i) && jw_compute_installed_version(compute, site, i) > 0 &&
            jw_compute_jobs(compute, site, i) == 0)
            jw_compute_uninstall(world, compute, site, i, NULL);
}

static void on_stop_training(jw_world *world, uint64_t site, uint64_t job)
{
    jw_compute_cancel(world, twin_compute_of(world),
                      (jw_job_id){.index1 = (uint32_t)job, .generation = (uint32_t)(job >> 32)});
    give_back(world, twin_unpack_site(site));
}

void twin_tune_job_ended(jw_world *world, uint64_t tag, bool is_ok)
{
    jw_ai *ai = twin_ai_of(world);
    jw_tuning_state tuning;
    uint32_t slot = jw_ai_find_training(ai, (uint32_t)tag);
    jw_ai_training_ended(world, ai, (uint32_t)tag, is_ok);
    if (jw_ai_tuning(ai, slot, &tuning))
        give_back(world, twin_unpack_site(tuning.site));
}

void twin_tune_wire(jw_ai_ports *ports)
{
    ports->start_training = on_start_training;
    ports->stop_training = on_stop_training;
}

/* "a,b": names of datasets. */
static jw_result split_data(const char *text, jw_tune_def *def, jw_error *error)
{
    while (*text) {
        size_t length = strcspn(text, ", ");
        if (length >= JW_MODEL_ID_SIZE || (length > 0 && def->dataset_count == JW_TUNE_DATASETS_MAX))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "tune_model: data takes up to %d ids of datasets, with commas between them",
                           JW_TUNE_DATASETS_MAX);
        if (length > 0)
            memcpy(def->datasets[def->dataset_count++], text, length);
        text += length + (text[length] != 0);
    }
    return JW_OK;
}

jw_result twin_verb_tune(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    const char *site = jw_command_get_text(command, "site", ""),
               *method = jw_command_get_text(command, "method", "full");
    jw_tune_def def = {.version = (uint32_t)jw_command_get_number(command, "version", 0),
                       .epochs = jw_command_get_number(command, "epochs", 1),
                       .cards = (uint32_t)jw_command_get_number(command, "cards", 0)};
    jw_site_id id = jw_compute_find_site(twin_compute_of(world), site);
    if (id.index1 == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no site \"%s\"", command->verb,
                       site);
    if (!jw_tune_method_from_name(method, &def.method))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "tune_model: \"%s\" is no method; it takes full or lora", method);
    jw_text_copy(def.model, sizeof def.model, jw_command_get_text(command, "model", ""));
    jw_text_copy(def.purpose, sizeof def.purpose, jw_command_get_text(command, "purpose", ""));
    def.site = twin_pack_site(id);
    uint32_t slot;
    jw_result result = split_data(jw_command_get_text(command, "data", ""), &def, error);
    return result == JW_OK ? jw_ai_tune(world, twin_ai_of(world), &def, &slot, error) : result;
}
