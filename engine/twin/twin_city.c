/* The twin as a whole: which couplings are on, models on their way to sites, the commands that concern more
 * than one domain, and the sums over all of them. */
#include "twin/twin_example.h"

#include <stdio.h>
#include <string.h>

enum { EVENT_LOCAL_TRANSFER };

bool twin_is_coupled(const jw_world *world, jw_coupling coupling)
{
    return !twin_city_of(world)->is_off[coupling];
}

/* ---- model images on their way
 * ----------------------------------------------------------------------------- */

/* Images come from the first site of the highest tier that is up: the model registry stands there. */
static jw_net_node_id repository_node(jw_world *world)
{
    const jw_compute *compute = twin_compute_of(world);
    jw_site_id best = {0, 0};
    int best_tier = -1;
    for (uint32_t i = 0; i < jw_compute_site_count(compute); i++) {
        jw_site_state site;
        if (jw_compute_site(world, compute, i, &site) && site.is_up && (int)site.def->tier > best_tier) {
            best_tier = (int)site.def->tier;
            best = site.id;
        }
    }
    return twin_site_node(world, best);
}

static jw_result start_transfer(jw_world *world, jw_net_node_id from, jw_site_id site, int64_t bytes,
                                twin_transfer transfer)
{
    twin_city *city = twin_city_of(world);
    jw_net_node_id to = twin_site_node(world, site);
    if (from.index1 == 0 || to.index1 == 0)
        return JW_ERROR_NOT_FOUND;
    uint32_t slot, generation;
    jw_result result = jw_grow(&city->transfers, &city->transfer_capacity,
                               city->transfer_pool.slot_count + 1ull, sizeof *city->transfers, NULL);
    if (result == JW_OK)
        result = jw_pool_take(&city->transfer_pool, &slot, &generation, NULL);
    if (result != JW_OK)
        return result;
    city->transfers[slot] = transfer;
    uint64_t tag = twin_tag(OWNER_TRANSFER, slot + 1, generation);
    bool is_local = from.index1 == to.index1 || !twin_is_coupled(world, JW_COUPLING_ROLLOUT);
    jw_flow_def flow = {.from = from, .to = to, .size_bytes = bytes, .kind = JW_TRAFFIC_AI, .tag = tag};
    if (is_local)
        jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, JW_TWIN_CITY, EVENT_LOCAL_TRANSFER,
                    slot + 1, tag);
    else
        result =
            jw_network_start_flow(world, twin_network_of(world), &flow, &city->transfers[slot].flow, NULL);
    if (result != JW_OK)
        jw_pool_give(&city->transfer_pool, slot);
    return result;
}

static jw_result on_start_transfer(jw_world *world, uint64_t source, uint64_t site, int64_t bytes,
                                   uint64_t ai_tag)
{
    jw_net_node_id from =
        source == JW_AI_REGISTRY ? repository_node(world) : twin_site_node(world, twin_unpack_site(source));
    return start_transfer(world, from, twin_unpack_site(site), bytes, (twin_transfer){.ai_tag = ai_tag});
}

jw_result twin_pull_image(jw_world *world, jw_site_id site, uint32_t service, int64_t bytes)
{
    return start_transfer(world, repository_node(world), site, bytes,
                          (twin_transfer){.image_site = site, .image_service = service});
}

void twin_transfer_ended(jw_world *world, uint64_t tag, bool is_ok)
{
    twin_city *city = twin_city_of(world);
    uint32_t slot =
        twin_tag_owner(tag) == OWNER_TRANSFER ? twin_tag_slot(&city->transfer_pool, tag) : JW_NONE;
    if (slot == JW_NONE)
        return;
    twin_transfer ended = city->transfers[slot];
    city->transfers[slot] = (twin_transfer){0};
    jw_pool_give(&city->transfer_pool, slot);
    if (ended.image_site.index1)
        jw_compute_image_here(world, twin_compute_of(world), ended.image_site, ended.image_service, is_ok);
    else
        jw_ai_transfer_ended(world, twin_ai_of(world), ended.ai_tag, is_ok);
}

static void on_stop_transfer(jw_world *world, uint64_t ai_tag)
{
    twin_city *city = twin_city_of(world);
    for (uint32_t slot = 0; slot < city->transfer_pool.slot_count; slot++) {
        if (!(city->transfer_pool.generations[slot] & 1) || city->transfers[slot].image_site.index1 ||
            city->transfers[slot].ai_tag != ai_tag)
            continue;
        if (city->transfers[slot].flow.index1)
            jw_network_stop_flow(world, twin_network_of(world), city->transfers[slot].flow);
        city->transfers[slot] = (twin_transfer){0};
        jw_pool_give(&city->transfer_pool, slot);
    }
}

/* What compute has to know of a version that was made smaller, or in another size. */
static jw_result describe(jw_world *world, uint32_t service, uint32_t version, jw_error *error)
{
    const jw_model *model = jw_ai_version(twin_ai_of(world), service, version);
    const jw_compression *method = jw_ai_compression(twin_ai_of(world), service, version);
    if (!model || (!method && !(model->operation_factor > 0)))
        return JW_OK;
    double size = model->operation_factor > 0 ? model->operation_factor : 1;
    jw_variant variant = {.memory_factor = size, .operation_factor = size};
    if (method) {
        variant.memory_factor *= method->memory_factor;
        variant.operation_factor *= method->operation_factor > 0 ? method->operation_factor : 1;
        variant.sparse_factor = size * method->sparse_factor;
        variant.is_int8 = method->is_int8;
    }
    return jw_compute_describe(twin_compute_of(world), service, version, &variant, error);
}

jw_result twin_install(jw_world *world, uint64_t packed, uint32_t service, uint32_t version, jw_error *error)
{
    jw_site_id site = twin_unpack_site(packed);
    twin_city_of(world)->assets_revision++;
    jw_compute *compute = twin_compute_of(world);
    if (version == 0)
        return jw_compute_uninstall(world, compute, site, service, error);
    jw_result described = describe(world, service, version, error);
    if (described != JW_OK)
        return described;
    /* A service takes its share of the site's cards: as many as there are services rolled out to the tier. */
    jw_site_state state;
    const jw_service *served = jw_compute_service(compute, service);
    if (!served || !jw_compute_site(world, compute, site.index1 - 1, &state))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "the site or the service is gone");
    uint32_t services = 0;
    const twin_city *city = twin_city_of(world);
    for (uint32_t i = 0; i < city->rollout_count; i++)
        services += city->rollouts[i].tiers >> state.def->tier & 1;
    uint32_t share = services > 1 ? state.cards / services : 0;
    uint32_t cards = services > 1 && share == 0 ? 1 : share; /* 0: all that are free */
    if (cards == 0 && jw_compute_installed_version(compute, site, service))
        cards = state.cards;
    return jw_compute_install(world, compute, site, service, version, cards, error);
}

static bool on_is_site_up(jw_world *world, uint64_t packed)
{
    jw_site_state state;
    jw_site_id site = twin_unpack_site(packed);
    return jw_compute_site(world, twin_compute_of(world), site.index1 - 1, &state) && state.is_up;
}

/* ---- deployments
 * ------------------------------------------------------------------------------------------- */

/* Sites of the tiers (bits), in order of slot; `only` restricts to one. */
static uint32_t sites_of_tiers(const jw_world *world, uint32_t tiers, jw_site_id only, uint64_t *out)
{
    const jw_compute *compute = twin_compute_of(world);
    uint32_t count = 0;
    for (uint32_t i = 0; i < jw_compute_site_count(compute); i++) {
        jw_site_state site;
        if (jw_compute_site(world, compute, i, &site) && !site.is_removed && (tiers >> site.def->tier & 1) &&
            (only.index1 == 0 || only.index1 == site.id.index1))
            out[count++] = twin_pack_site(site.id);
    }
    return count;
}

/* To the sites of the tiers, for what else the def says. */
static jw_result deploy(jw_world *world, const jw_deployment_def *how, uint32_t tiers, jw_site_id only,
                        jw_error *error)
{
    uint64_t *sites = jw_alloc((jw_compute_site_count(twin_compute_of(world)) + 1) * sizeof *sites);
    if (!sites)
        return jw_fail_memory(error);
    jw_deployment_def def = *how;
    def.sites = sites;
    def.site_count = sites_of_tiers(world, tiers, only, sites);
    jw_deployment_id id;
    jw_result result = JW_OK;
    double cny = def.is_instant ? 0
                                : def.site_count *
                                      ((double)jw_economy_budget(twin_economy_of(world))->rollout_fen / 100);
    if (def.site_count > 0) {
        result = twin_spend(world, cny, "a rollout", error);
        if (result == JW_OK && (result = jw_ai_deploy(world, twin_ai_of(world), &def, &id, error)) != JW_OK)
            twin_take_back(world, cny);
    } else if (!def.is_instant) {
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "deploy_model: no site is of that tier");
    }
    jw_free(sites);
    return result;
}

jw_result twin_deploy_rollouts(jw_world *world, jw_site_id only, bool is_instant, jw_error *error)
{
    const twin_city *city = twin_city_of(world);
    for (uint32_t i = 0; i < city->rollout_count; i++) {
        const jw_rollout_def *rollout = &city->rollouts[i];
        uint64_t one;
        if (only.index1 && sites_of_tiers(world, rollout->tiers, only, &one) == 0)
            continue;
        jw_deployment_def def = {.version = rollout->version, .is_instant = is_instant};
        jw_text_copy(def.model, sizeof def.model, rollout->model);
        jw_result result = deploy(world, &def, rollout->tiers, only, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

/* ---- verbs
 * ------------------------------------------------------------------------------------------------- */

static jw_result verb_deploy_model(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    jw_tier tier = JW_TIER_EDGE;
    const char *name = jw_command_get_text(command, "tier", "edge");
    if (!jw_tier_from_name(name, &tier))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "deploy_model: \"%s\" is no tier", name);
    jw_deployment_def def = {.version = (uint32_t)jw_command_get_number(command, "version", 0),
                             .wave_size = (uint32_t)jw_command_get_number(command, "wave", 0),
                             .canary_share = jw_command_get_number(command, "canary", 0),
                             .health_decisions = (uint32_t)jw_command_get_number(command, "sample", 0),
                             .max_error_share = jw_command_get_number(command, "max_error", 0),
                             .max_late_share = jw_command_get_number(command, "max_late", 0)};
    jw_text_copy(def.model, sizeof def.model, jw_command_get_text(command, "model", ""));
    jw_site_id only = {0, 0};
    const char *site = jw_command_get_text(command, "site", "");
    if (site[0]) {
        only = jw_compute_find_site(twin_compute_of(world), site);
        if (only.index1 == 0)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no site \"%s\"", command->verb,
                           site);
    }
    return deploy(world, &def, only.index1 ? UINT32_MAX : 1u << tier, only, error);
}

static jw_result verb_rollback_model(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    const char *model = jw_command_get_text(command, "model", "");
    jw_ai *ai = twin_ai_of(world);
    jw_deployment_state deployment, newest = {0};
    /* The newest that is not rolled back yet: versions only grow. */
    for (uint32_t i = 0; i < jw_ai_deployment_count(ai); i++)
        if (jw_ai_deployment(ai, i, &deployment) && strcmp(deployment.model, model) == 0 &&
            deployment.phase != JW_DEPLOY_ROLLED_BACK && deployment.version >= newest.version)
            newest = deployment;
    if (newest.id.index1 == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "rollback_model: there is no deployment of \"%s\"",
                       model);
    return jw_ai_rollback(world, ai, newest.id, error);
}

static jw_result verb_set_coupling(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    twin_city *city = state;
    const char *name = jw_command_get_text(command, "name", "");
    for (uint32_t i = 0; i < JW_COUPLING_COUNT; i++)
        if (strcmp(name, jw_coupling_name(i)) == 0) {
            city->is_off[i] = jw_command_get_number(command, "on", 1) == 0;
            return JW_OK;
        }
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                   "set_coupling: \"%s\" is none of radio, signals, factory, assistant, energy, rollout, "
                   "advice",
                   name);
}

/* A place goes dark or comes back: its links, and its computers when it is a site. */
static jw_result set_node(jw_world *world, const char *name, bool is_up, jw_error *error)
{
    jw_result result = jw_network_set_link_up(world, twin_network_of(world), name, is_up, error);
    if (result != JW_OK || jw_compute_find_site(twin_compute_of(world), name).index1 == 0)
        return result;
    jw_command command = jw_command_make(is_up ? "repair_site" : "fail_site");
    jw_command_text(&command, "name", name);
    const jw_module *module = jw_world_module(world, JW_TWIN_COMPUTE);
    for (uint32_t i = 0; i < module->verb_count; i++)
        if (strcmp(module->verbs[i].name, command.verb) == 0)
            return module->verbs[i].apply(world, twin_compute_of(world), &command, error);
    return JW_OK;
}

static jw_result verb_fail_node(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    ((twin_city *)state)->assets_revision++;
    return set_node(world, jw_command_get_text(command, "name", ""), false, error);
}

static jw_result verb_repair_node(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    ((twin_city *)state)->assets_revision++;
    return set_node(world, jw_command_get_text(command, "name", ""), true, error);
}

#define TEXT(key, doc)                                                                                       \
    {                                                                                                        \
        key, 't', false, 0, 0, 0, "", doc                                                                    \
    }
#define NUMBER(key, min, max, unit, doc)                                                                     \
    {                                                                                                        \
        key, 'n', false, min, max, 0, unit, doc                                                              \
    }
#define OPTIONAL(key, min, max, value, unit, doc)                                                            \
    {                                                                                                        \
        key, 'n', true, min, max, value, unit, doc                                                           \
    }

static const jw_verb_arg deploy_args[] = {
    TEXT("model", "id in the catalogue"),
    OPTIONAL("version", 0, 1e6, 0, "", "0: the newest"),
    OPTIONAL("wave", 0, 1e4, 0, "", "sites a wave; 0: all at once"),
    {"tier", 't', true, 0, 0, 0, "", "tier of the sites; edge when left out"},
    {"site", 't', true, 0, 0, 0, "", "one site, whatever its tier; all of the tier when left out"},
    OPTIONAL("canary", 0, 1, 0, "", "share of the first site's requests that it answers before all; 0: none"),
    OPTIONAL("sample", 0, 1e6, 0, "", "answers that health checks look at; 200 with a canary, else none"),
    OPTIONAL("max_error", 0, 1, 0, "",
             "wrong share of them above which it goes back; 0: as declared and 0.05"),
    OPTIONAL("max_late", 0, 1, 0, "", "late share of them above which it goes back; 0: any"),
};
static const jw_verb_arg rollback_args[] = {TEXT("model", "id in the catalogue")};
static const jw_verb_arg coupling_args[] = {
    TEXT("name", "radio, signals, factory, assistant, energy, rollout or advice"),
    NUMBER("on", 0, 1, "", "1 on, 0 off")};
static const jw_verb_arg name_args[] = {TEXT("name", "id of the site or node")};
static const jw_verb_arg data_args[] = {
    TEXT("name", "id of the dataset"),
    TEXT("site", "id of the site"),
};
static const jw_verb_arg keep_args[] = {
    TEXT("name", "a new id"),
    TEXT("sector", "transport, health, tax, logistics, industry, ..."),
    TEXT("site", "id of the site"),
    NUMBER("gb", 1e-6, 1e6, "GB", "of the volume"),
};
static const jw_verb_arg read_args[] = {
    TEXT("name", "id of the dataset"),
    TEXT("site", "id of the site that reads"),
    OPTIONAL("gb", 0, 1e6, 0, "GB", "how much; 0: all"),
};
static const jw_verb_arg order_args[] = {
    TEXT("card", "id in the catalogue"),
    TEXT("site", "id of the site that gets them"),
    NUMBER("count", 1, 1e6, "", "cards"),
};

static const jw_verb_arg tune_args[] = {
    TEXT("model", "id in the catalogue"),
    TEXT("data", "ids of datasets, with commas between them"),
    TEXT("site", "id of the site that reads the data and trains"),
    OPTIONAL("version", 0, 1e6, 0, "", "that is tuned; 0: the newest"),
    {"method", 't', true, 0, 0, 0, "", "full or lora; full when left out"},
    {"purpose", 't', true, 0, 0, 0, "", "what the version is for"},
    OPTIONAL("epochs", 0.001, 1000, 1, "", "passes over the data; below 1 a part of it"),
    OPTIONAL("cards", 0, 1024, 0, "", "that train together, at least; 0: as few as hold it"),
};

static const jw_verb_arg software_args[] = {
    TEXT("card", "id in the catalogue"),
    NUMBER("share", 0.001, 1, "", "of the efficiencies of services that are not ported to it"),
};
static const jw_verb_arg port_args[] = {
    TEXT("service", "id in the catalogue"),
    TEXT("card", "id in the catalogue"),
    OPTIONAL("person_days", 0, 1e6, PORT_PERSON_DAYS, "d", "of work"),
    OPTIONAL("engineers", 1, 10000, PORT_ENGINEERS, "", "at work on it"),
};

static const jw_verb_arg license_args[] = {
    TEXT("supplier", "id of the start-up that sells it"),
    TEXT("model", "that production lines ask for verdicts"),
    TEXT("region", "whose parks buy it"),
    OPTIONAL("version", 0, 1e6, 0, "", "0: the newest"),
};

static const jw_verb verbs[] = {
    {"deploy_model", "rolls a model version out to the sites of a tier, in waves", deploy_args,
     JW_COUNT_OF(deploy_args), verb_deploy_model},
    {"submit_model", "puts a model version on the track of its risk: register, review, or review and trial",
     twin_submit_args, TWIN_SUBMIT_ARGS, twin_verb_submit_model},
    {"rollback_model", "undoes the newest deployment of a model", rollback_args, JW_COUNT_OF(rollback_args),
     verb_rollback_model},
    {"set_coupling", "switches a coupling between domains on or off", coupling_args,
     JW_COUNT_OF(coupling_args), verb_set_coupling},
    {"fail_node", "a site or node goes dark: its computers and links", name_args, JW_COUNT_OF(name_args),
     verb_fail_node},
    {"repair_node", "a site or node comes back", name_args, JW_COUNT_OF(name_args), verb_repair_node},
    {"place_edge_site",
     "a new edge site, wired to the nearest one and to the mast it stands at; its models come over the "
     "network",
     twin_place_args, TWIN_PLACE_ARGS, twin_verb_place_edge_site},
    {"move_site", "moves a site; its fibres get longer or shorter, requests go where they went",
     twin_move_args, TWIN_MOVE_ARGS, twin_verb_move_site},
    {"remove_site", "takes a site away with what hangs on it: what it holds is lost or tried elsewhere",
     name_args, JW_COUNT_OF(name_args), twin_verb_remove_site},
    {"restore_site", "sets up again, as it was, the site that was removed last of those with the name",
     name_args, JW_COUNT_OF(name_args), twin_verb_restore_site},
    {"keep_data", "a new dataset lies at a site from now on, free to go anywhere", keep_args,
     JW_COUNT_OF(keep_args), twin_verb_keep_data},
    {"replicate", "a copy of a dataset goes to a site, from the nearest replica", data_args,
     JW_COUNT_OF(data_args), twin_verb_replicate},
    {"read_data", "a site reads a dataset from the nearest replica", read_args, JW_COUNT_OF(read_args),
     twin_verb_read_data},
    {"lose_store", "a site's store is gone for good, and the data that lay there", name_args,
     JW_COUNT_OF(name_args), twin_verb_lose_store},
    {"tune_model",
     "a model is fine-tuned on datasets at a site: a new version, after its reading and training", tune_args,
     JW_COUNT_OF(tune_args), twin_verb_tune},
    {"set_software", "what services reach on a card that their software was not written for", software_args,
     JW_COUNT_OF(software_args), twin_verb_set_software},
    {"port_service",
     "engineers bring a service to a card, one porting after the other; days pass by the calendar", port_args,
     JW_COUNT_OF(port_args), twin_verb_port_service},
    {"license_model",
     "parks of a region buy a model version of a start-up: those with computers and a worse model, who can "
     "pay",
     license_args, JW_COUNT_OF(license_args), twin_verb_license_model},
    {"order_cards", "buys cards for a site; they come after their maker's queue and lead time", order_args,
     JW_COUNT_OF(order_args), twin_verb_order_cards},
};

/* ---- sums
 * -------------------------------------------------------------------------------------------------- */

jw_twin_totals jw_twin_total(const jw_world *world)
{
    jw_twin_totals totals = {0};
    if (!twin_is_coupled(world, JW_COUPLING_ENERGY))
        return totals;
    jw_compute_counts compute = jw_compute_count(world, twin_compute_of(world));
    jw_network_counts network = jw_network_count(world, twin_network_of(world));
    double compute_wh = (double)compute.energy_mj / 3.6e6;
    double network_wh = network.energy_j / 3600.0;
    /* The network draws the mean mix and price of the sites; where no site draws any, the national mean of
     * 2022 (0.5366 kg/kWh, Ministry of Ecology and Environment) and 0.6 yuan/kWh (unverified). */
    double kg_per_wh = compute_wh > 0 ? compute.carbon_kg / compute_wh : 0.5366e-3;
    double cny_per_wh = compute_wh > 0 ? (double)compute.cost_fen / 100.0 / compute_wh : 0.6e-3;
    totals.energy_wh = compute_wh + network_wh;
    totals.carbon_kg = compute.carbon_kg + network_wh * kg_per_wh;
    totals.cost_cny = (double)compute.cost_fen / 100.0 + network_wh * cny_per_wh;
    return totals;
}

static const jw_metric metrics[] = {
    {"twin.energy", "Wh", JW_METRIC_COUNTER, "computers, cells and switches since the start"},
    {"twin.carbon", "kg", JW_METRIC_COUNTER, "CO2 of that energy by grid region"},
    {"twin.cost", "CNY", JW_METRIC_COUNTER, "its price"},
};

static double city_metric(const jw_world *world, const void *state, uint32_t metric)
{
    (void)state;
    jw_twin_totals totals = jw_twin_total(world);
    const double values[] = {totals.energy_wh, totals.carbon_kg, totals.cost_cny};
    return values[metric];
}

/* ---- module
 * ------------------------------------------------------------------------------------------------ */

static void wire(jw_world *world)
{
    jw_ai_ports ports = {.start_transfer = on_start_transfer,
                         .stop_transfer = on_stop_transfer,
                         .install = twin_install,
                         .is_site_up = on_is_site_up};
    twin_fabric_wire(&ports);
    twin_tune_wire(&ports);
    twin_approval_wire(&ports);
    jw_ai_set_ports(twin_ai_of(world), &ports);
}

static jw_result city_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    twin_city *city = state;
    const jw_twin_def *twin = def;
    memcpy(city->is_off, twin->is_coupling_off, sizeof city->is_off);
    city->rollouts = jw_alloc((twin->rollout_count + 1) * sizeof *city->rollouts);
    if (!city->rollouts)
        return jw_fail_memory(error);
    city->rollout_count = twin->rollout_count;
    for (uint32_t i = 0; i < twin->rollout_count; i++)
        city->rollouts[i] = twin->rollouts[i];
    wire(world);
    jw_result result = twin_fabric_start(world, twin, error);
    if (result != JW_OK)
        jw_free(city->rollouts);
    return result;
}

static jw_result city_attach(jw_world *world, void *state, jw_error *error)
{
    twin_city *city = state;
    wire(world);
    if (city->is_started)
        return JW_OK;
    city->is_started = 1;
    return twin_deploy_rollouts(world, (jw_site_id){0, 0}, true, error);
}

static void city_destroy(void *state)
{
    twin_city *city = state;
    jw_free(city->rollouts);
    jw_pool_free(&city->transfer_pool);
    jw_free(city->transfers);
    twin_examples_free(city->examples);
}

static void run_trails(jw_world *world, void *state)
{
    (void)state;
    twin_trail_step(world);
}

static const jw_phase phases[] = {{"twin.trails", JW_SLOT_COUPLING, run_trails}};

static void city_on_event(jw_world *world, void *state, const jw_event *event)
{
    (void)state;
    twin_transfer_ended(world, event->b, true);
}

static void city_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_city *city = state;
    jw_write_bytes(writer, city->is_off, sizeof city->is_off);
    jw_write_u8(writer, city->is_started);
    jw_write_u64(writer, city->assets_revision);
    jw_write_u32(writer, city->rollout_count);
    for (uint32_t i = 0; i < city->rollout_count; i++) {
        jw_write_text(writer, city->rollouts[i].model);
        jw_write_u32(writer, city->rollouts[i].version);
        jw_write_u32(writer, city->rollouts[i].tiers);
    }
    jw_pool_save(&city->transfer_pool, writer);
    for (uint32_t i = 0; i < city->transfer_pool.slot_count; i++) {
        jw_write_u64(writer, city->transfers[i].ai_tag);
        jw_write_u32(writer, city->transfers[i].image_site.index1);
        jw_write_u32(writer, city->transfers[i].image_site.generation);
        jw_write_u32(writer, city->transfers[i].image_service);
        jw_write_u32(writer, city->transfers[i].flow.index1);
        jw_write_u32(writer, city->transfers[i].flow.generation);
    }
}

static void city_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    twin_city *city = state;
    jw_read_bytes(reader, city->is_off, sizeof city->is_off);
    city->is_started = jw_read_u8(reader);
    city->assets_revision = jw_read_u64(reader);
    uint32_t count = jw_read_count(reader, 10000, 12);
    city->rollouts = jw_alloc((count + 1) * sizeof *city->rollouts);
    if (!city->rollouts) {
        jw_reader_fail_memory(reader);
        return;
    }
    city->rollout_count = count;
    for (uint32_t i = 0; i < count; i++) {
        jw_read_text(reader, city->rollouts[i].model, sizeof city->rollouts[i].model);
        city->rollouts[i].version = jw_read_u32(reader);
        city->rollouts[i].tiers = jw_read_u32(reader);
    }
    jw_pool_load(&city->transfer_pool, reader);
    if (reader->failed)
        return;
    if (jw_grow(&city->transfers, &city->transfer_capacity, city->transfer_pool.slot_count,
                sizeof *city->transfers, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < city->transfer_pool.slot_count; i++) {
        city->transfers[i].ai_tag = jw_read_u64(reader);
        city->transfers[i].image_site.index1 = jw_read_u32(reader);
        city->transfers[i].image_site.generation = jw_read_u32(reader);
        city->transfers[i].image_service = jw_read_u32(reader);
        city->transfers[i].flow.index1 = jw_read_u32(reader);
        city->transfers[i].flow.generation = jw_read_u32(reader);
    }
}

const jw_module twin_city_module = {
    .name = "twin_city",
    .version = 3,
    .state_size = sizeof(twin_city),
    .init = city_init,
    .attach = city_attach,
    .destroy = city_destroy,
    .on_event = city_on_event,
    .phases = phases,
    .phase_count = JW_COUNT_OF(phases),
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = city_save,
    .load = city_load,
    .metrics = metrics,
    .metric_count = JW_COUNT_OF(metrics),
    .metric = city_metric,
};
