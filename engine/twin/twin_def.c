/* What a scene says, gathered and checked before a world is made of it. */
#include "traffic/traffic_bus.h"
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

static const jw_request_type builtin_requests[] = {
    /* A junction camera sends one compressed 1080p picture of about 200 kB and wants counts per approach
     * before the next controller second (unverified: sizes and deadlines are scene parameters, not
     * measurements). */
    {.name = "signal",
     .service = "signal-vision",
     .up_bytes = 200000,
     .down_bytes = 500,
     .items = 1,
     .deadline_s = 1,
     .timeout_s = 5,
     .kind = JW_TRAFFIC_VIDEO},
    /* A production line's picture of a part (unverified, as above). */
    {.name = "inspection",
     .service = "inspection-vision",
     .up_bytes = 500000,
     .down_bytes = 300,
     .items = 1,
     .deadline_s = 0.5,
     .timeout_s = 10,
     .retries = 1,
     .kind = JW_TRAFFIC_VIDEO},
    /* A question to the car's assistant: means of the Azure conversation trace of 2023, 1155 context and 211
     * generated tokens; 4 bytes a token. */
    {.name = "assistant",
     .service = "city-llm",
     .up_bytes = 4620,
     .down_bytes = 844,
     .items = 1155,
     .output_tokens = 211,
     .deadline_s = 10,
     .timeout_s = 60,
     .retries = 1,
     .kind = JW_TRAFFIC_AI},
};

jw_result jw_twin_def_init(jw_twin_def *def, jw_error *error)
{
    memset(def, 0, sizeof *def);
    def->seed = 1;
    def->dt_ns = JW_NS_PER_S / 2;
    def->start_time_ns = 7 * 3600 * JW_NS_PER_S;
    def->threads = 1;
    def->traffic = jw_default_traffic_def();
    def->network = jw_default_network_def();
    def->industry.equip = jw_default_equip_def();
    def->approval = jw_default_approval_def();
    def->sectors.integration = jw_default_integration_def();
    def->connected_share = 0.4;
    def->has_cautious_shuttles = true;
    def->assistant_per_hour = 4;
    def->camera_interval_s = 2;
    for (uint32_t i = 0; i < JW_DECISION_COUNT; i++)
        def->rules[i] = jw_default_decision_rule((jw_decision_kind)i);
    def->incidents = jw_default_incident_def();
    for (uint32_t i = 0; i < JW_COUNT_OF(builtin_requests); i++) {
        jw_result result = jw_twin_def_set_request(def, &builtin_requests[i], error);
        if (result != JW_OK) {
            jw_twin_def_free(def);
            return result;
        }
    }
    return JW_OK;
}

void jw_twin_def_free(jw_twin_def *def)
{
    jw_city_release(def->city);
    jw_demand_data_free(&def->demand_data);
    jw_free(def->vehicle_types);
    jw_free(def->bus_lines);
    jw_free(def->detectors);
    jw_free(def->nodes);
    jw_free(def->links);
    jw_free(def->cells);
    jw_free(def->roadside_units);
    jw_free(def->cards);
    jw_free(def->supply);
    jw_free(def->compressions);
    jw_free(def->services);
    jw_free(def->timings);
    jw_free(def->regions);
    jw_free(def->sites);
    jw_free(def->models);
    jw_free(def->rollouts);
    jw_free(def->datasets);
    twin_sector_free(&def->sectors);
    jw_free(def->desks);
    jw_free(def->lines);
    jw_free(def->production_kinds);
    jw_free(def->industry.regions);
    jw_free(def->industry.parks);
    jw_free(def->industry.suppliers);
    jw_free(def->cameras);
    jw_free(def->requests);
    jw_free(def->crowds);
    for (uint32_t i = 0; i < def->trace_count; i++)
        jw_llm_trace_free(&def->traces[i].trace);
    jw_free(def->traces);
    jw_free(def->scales);
    jw_free(def->faults);
    memset(def, 0, sizeof *def);
}

const char *jw_coupling_name(jw_coupling coupling)
{
    static const char *const names[JW_COUPLING_COUNT] = {"radio",  "signals", "factory", "assistant",
                                                         "energy", "rollout", "advice"};
    return names[coupling];
}

/* A name is what people type in scripts and commands. */
jw_result twin_def_check_name(const char *kind, const char *name, jw_error *error)
{
    if (name[0] == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a %s has no id: give it one", kind);
    for (const char *c = name; *c; c++) {
        bool is_fine = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                       *c == '-' || *c == '_' || *c == '.' || (unsigned char)*c >= 0x80;
        if (!is_fine)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "%s \"%s\": an id holds letters, digits, '-', '_' and '.' only", kind, name);
    }
    return JW_OK;
}

bool twin_def_has_node(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->node_count; i++)
        if (strcmp(def->nodes[i].name, name) == 0)
            return true;
    return false;
}

jw_result jw_twin_def_add_node(jw_twin_def *def, const jw_net_node_def *node, jw_error *error)
{
    jw_result result = twin_def_check_name("network node", node->name, error);
    if (result != JW_OK)
        return result;
    if (twin_def_has_node(def, node->name))
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                       "the id \"%s\" is taken: ids are unique over sites and nodes", node->name);
    result = jw_grow(&def->nodes, &def->node_capacity, def->node_count + 1ull, sizeof *node, error);
    if (result == JW_OK)
        def->nodes[def->node_count++] = *node;
    return result;
}

jw_result jw_twin_def_add_site(jw_twin_def *def, const jw_site_def *site, jw_error *error)
{
    jw_net_node_def node = {.kind = JW_NET_HOST, .x_m = site->x_m, .y_m = site->y_m};
    jw_text_copy(node.name, sizeof node.name, site->name);
    for (uint32_t i = 0; i < site->rack_count; i++) {
        bool is_known = false;
        for (uint32_t c = 0; c < def->card_count && !is_known; c++)
            is_known = strcmp(def->cards[c].id, site->racks[i].card) == 0;
        if (!is_known)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "site \"%s\": the catalogue has no card \"%s\" (see assets/catalog/cards.lua)",
                           site->name, site->racks[i].card);
    }
    bool is_known_region = site->region[0] == 0;
    for (uint32_t i = 0; i < def->region_count && !is_known_region; i++)
        is_known_region = strcmp(def->regions[i].id, site->region) == 0;
    if (!is_known_region)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "site \"%s\": the catalogue has no grid region \"%s\" (see assets/catalog/grid.lua)",
                       site->name, site->region);
    jw_result result = jw_grow(&def->sites, &def->site_capacity, def->site_count + 1ull, sizeof *site, error);
    if (result == JW_OK)
        result = jw_twin_def_add_node(def, &node, error);
    if (result == JW_OK)
        def->sites[def->site_count++] = *site;
    return result;
}

jw_result jw_twin_def_add_link(jw_twin_def *def, const jw_net_link_def *link, jw_error *error)
{
    const char *ends[2] = {link->from, link->to};
    for (int i = 0; i < 2; i++)
        if (!twin_def_has_node(def, ends[i]))
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "link %s-%s: there is no site or node \"%s\"",
                           link->from, link->to, ends[i]);
    if (strcmp(link->from, link->to) == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "link %s-%s: both ends are the same", link->from,
                       link->to);
    if (!(link->capacity_bps > 0 && link->capacity_bps <= 1e15))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "link %s-%s: the capacity must be above 0 and at most 1e6 Gbit/s", link->from,
                       link->to);
    jw_result result = jw_grow(&def->links, &def->link_capacity, def->link_count + 1ull, sizeof *link, error);
    if (result == JW_OK)
        def->links[def->link_count++] = *link;
    return result;
}

/* ---- the simple lists
 * -------------------------------------------------------------------------------------- */

jw_result jw_twin_def_add_card(jw_twin_def *def, const jw_card *card, jw_error *error)
{
    ADD_UNIQUE(def->cards, def->card_count, def->card_capacity, card,
               strcmp(def->cards[i_].id, card->id) == 0, "card", card->id);
}

jw_result jw_twin_def_add_supply(jw_twin_def *def, const jw_supply_card *card, jw_error *error)
{
    ADD_UNIQUE(def->supply, def->supply_count, def->supply_capacity, card,
               strcmp(def->supply[i_].id, card->id) == 0, "supply of card", card->id);
}

jw_result jw_twin_def_add_compression(jw_twin_def *def, const jw_compression *method, jw_error *error)
{
    ADD_UNIQUE(def->compressions, def->compression_count, def->compression_capacity, method,
               strcmp(def->compressions[i_].id, method->id) == 0, "compression", method->id);
}

jw_result jw_twin_def_add_service(jw_twin_def *def, const jw_service *service, jw_error *error)
{
    ADD_UNIQUE(def->services, def->service_count, def->service_capacity, service,
               strcmp(def->services[i_].id, service->id) == 0, "service", service->id);
}

jw_result jw_twin_def_add_region(jw_twin_def *def, const jw_grid_region *region, jw_error *error)
{
    ADD_UNIQUE(def->regions, def->region_count, def->region_capacity, region,
               strcmp(def->regions[i_].id, region->id) == 0, "grid region", region->id);
}

jw_result jw_twin_def_add_model(jw_twin_def *def, const jw_model *model, jw_error *error)
{
    if (model->version == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "model \"%s\": versions start at 1", model->id);
    ADD_UNIQUE(def->models, def->model_count, def->model_capacity, model,
               strcmp(def->models[i_].id, model->id) == 0 && def->models[i_].version == model->version,
               "model version", model->id);
}

static bool has_service(const jw_twin_def *def, const char *id)
{
    for (uint32_t i = 0; i < def->service_count; i++)
        if (strcmp(def->services[i].id, id) == 0)
            return true;
    return false;
}

jw_result jw_twin_def_add_timing(jw_twin_def *def, const jw_llm_timing *timing, jw_error *error)
{
    if (!has_service(def, timing->service))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "timing: the catalogue has no service \"%s\"",
                       timing->service);
    ADD_UNIQUE(def->timings, def->timing_count, def->timing_capacity, timing,
               strcmp(def->timings[i_].service, timing->service) == 0 &&
                   strcmp(def->timings[i_].card, timing->card) == 0 &&
                   def->timings[i_].cards == timing->cards,
               "timing of service", timing->service);
}

static bool has_model(const jw_twin_def *def, const jw_rollout_def *rollout)
{
    for (uint32_t i = 0; i < def->model_count; i++)
        if (strcmp(def->models[i].id, rollout->model) == 0 &&
            (rollout->version == 0 || def->models[i].version == rollout->version))
            return true;
    return false;
}

jw_result jw_twin_def_add_rollout(jw_twin_def *def, const jw_rollout_def *rollout, jw_error *error)
{
    if (!has_model(def, rollout))
        return jw_fail(
            error, JW_ERROR_NOT_FOUND, NULL, 0,
            "rollout: model \"%s\" version %u is not in the catalogue (see assets/catalog/models.lua)",
            rollout->model, rollout->version);
    ADD_UNIQUE(def->rollouts, def->rollout_count, def->rollout_capacity, rollout,
               strcmp(def->rollouts[i_].model, rollout->model) == 0 &&
                   (def->rollouts[i_].tiers & rollout->tiers) != 0,
               "rollout of model", rollout->model);
}

jw_result jw_twin_def_add_dataset(jw_twin_def *def, const jw_data_def *data, jw_error *error)
{
    jw_result result = twin_def_check_name("dataset", data->dataset.id, error);
    if (result != JW_OK)
        return result;
    ADD_UNIQUE(def->datasets, def->dataset_count, def->dataset_capacity, data,
               strcmp(def->datasets[i_].dataset.id, data->dataset.id) == 0, "dataset", data->dataset.id);
}

jw_result jw_twin_def_add_line(jw_twin_def *def, const jw_production_line_def *line, jw_error *error)
{
    jw_result result = twin_def_check_name("production line", line->name, error);
    if (result == JW_OK)
        result = jw_economy_check_line(line, error);
    if (result != JW_OK)
        return result;
    ADD_UNIQUE(def->lines, def->line_count, def->line_capacity, line,
               strcmp(def->lines[i_].name, line->name) == 0, "production line", line->name);
}

jw_result jw_twin_def_add_camera(jw_twin_def *def, uint32_t junction, jw_error *error)
{
    if (!def->city || junction >= def->city->junction_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "camera: the city has no junction %u", junction);
    if (def->city->junctions[junction].programme == JW_NONE)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "camera: junction %u has no signals", junction);
    jw_camera_def camera = {junction};
    char name[16];
    snprintf(name, sizeof name, "%u", junction);
    ADD_UNIQUE(def->cameras, def->camera_count, def->camera_capacity, &camera,
               def->cameras[i_].junction == junction, "the camera at junction", name);
}

jw_result jw_twin_def_add_bus_line(jw_twin_def *def, const jw_bus_line_def *line, jw_error *error)
{
    jw_result result = twin_def_check_name("bus line", line->name, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < def->bus_line_count; i++)
        if (strcmp(def->bus_lines[i].name, line->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "bus line \"%s\" exists already", line->name);
    result =
        jw_grow(&def->bus_lines, &def->bus_line_capacity, def->bus_line_count + 1ull, sizeof *line, error);
    if (result == JW_OK)
        def->bus_lines[def->bus_line_count++] = *line;
    return result;
}

jw_result jw_twin_def_add_detector(jw_twin_def *def, const jw_detector_def *detector, jw_error *error)
{
    const jw_city *city = def->city;
    bool has_lane =
        city && detector->edge < city->edge_count && detector->lane < city->edges[detector->edge].lane_count;
    if (!has_lane)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "detector \"%.40s\": edge %u has no lane %u",
                       detector->name, detector->edge, detector->lane);
    double edge_m = city->edges[detector->edge].length_m;
    double begin_m = detector->position_m < 0 ? edge_m + detector->position_m : detector->position_m;
    if (!(begin_m >= 0 && detector->length_m >= 0 && begin_m + detector->length_m <= edge_m + 0.1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "detector \"%.40s\": %.1f m (and %.1f m on) is not on its lane, which is %.1f m long",
                       detector->name, detector->position_m, detector->length_m, edge_m);
    for (uint32_t i = 0; i < def->detector_count; i++)
        if (strcmp(def->detectors[i].name, detector->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "detector \"%.40s\" exists already",
                           detector->name);
    jw_result result = twin_def_check_name("detector", detector->name, error);
    if (result == JW_OK)
        result = jw_grow(&def->detectors, &def->detector_capacity, def->detector_count + 1ull,
                         sizeof *detector, error);
    if (result == JW_OK)
        def->detectors[def->detector_count++] = *detector;
    return result;
}

jw_result jw_twin_def_set_request(jw_twin_def *def, const jw_request_type *request, jw_error *error)
{
    if (!twin_is_type_fine(request, error))
        return JW_ERROR_INPUT;
    if (def->service_count > 0 && !has_service(def, request->service))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "request type \"%s\": the catalogue has no service \"%s\" (see "
                       "assets/catalog/services.lua)",
                       request->name, request->service);
    for (uint32_t i = 0; i < def->request_count; i++)
        if (strcmp(def->requests[i].name, request->name) == 0) {
            def->requests[i] = *request;
            return JW_OK;
        }
    jw_result result =
        jw_grow(&def->requests, &def->request_capacity, def->request_count + 1ull, sizeof *request, error);
    if (result == JW_OK)
        def->requests[def->request_count++] = *request;
    return result;
}

static bool has_request(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->request_count; i++)
        if (strcmp(def->requests[i].name, name) == 0)
            return true;
    return false;
}

jw_result jw_twin_def_add_crowd(jw_twin_def *def, const jw_crowd_def *crowd, jw_error *error)
{
    if (!twin_is_crowd_fine(crowd, error))
        return JW_ERROR_INPUT;
    if (!has_request(def, crowd->type))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "crowd \"%s\": there is no request type \"%s\"",
                       crowd->name, crowd->type);
    for (uint32_t i = 0; i < def->crowd_count; i++)
        if (strcmp(def->crowds[i].name, crowd->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "crowd \"%s\" exists already", crowd->name);
    jw_result result =
        jw_grow(&def->crowds, &def->crowd_capacity, def->crowd_count + 1ull, sizeof *crowd, error);
    if (result == JW_OK)
        def->crowds[def->crowd_count++] = *crowd;
    return result;
}

jw_result jw_twin_def_add_trace(jw_twin_def *def, const jw_crowd_def *crowd, const jw_trace_def *trace,
                                jw_error *error)
{
    if (trace->trace.count == 0 || (trace->rate != 0 && !(trace->rate >= 1e-3 && trace->rate <= 1e4)) ||
        trace->start_ns > 86400 * JW_NS_PER_S)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "trace of \"%s\": it needs requests, a rate of 1e-3 to 1e4 and a start within the day",
                       crowd->name);
    jw_trace_def copy = *trace;
    copy.crowd = def->crowd_count;
    copy.trace = (jw_llm_trace){0};
    jw_result result =
        jw_grow(&def->traces, &def->trace_capacity, def->trace_count + 1ull, sizeof copy, error);
    if (result == JW_OK)
        result = jw_grow(&copy.trace.requests, &copy.trace.capacity, trace->trace.count,
                         sizeof *copy.trace.requests, error);
    if (result == JW_OK)
        result = jw_twin_def_add_crowd(def, crowd, error);
    if (result != JW_OK) {
        jw_llm_trace_free(&copy.trace);
        return result;
    }
    for (uint32_t i = 0; i < trace->trace.count; i++)
        copy.trace.requests[i] = trace->trace.requests[i];
    copy.trace.count = trace->trace.count;
    def->traces[def->trace_count++] = copy;
    return JW_OK;
}

jw_result jw_twin_def_add_scale(jw_twin_def *def, const jw_scale_def *scale, jw_error *error)
{
    if (!has_service(def, scale->service))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "scaling: the catalogue has no service \"%s\"",
                       scale->service);
    jw_result result =
        jw_grow(&def->scales, &def->scale_capacity, def->scale_count + 1ull, sizeof *scale, error);
    if (result == JW_OK)
        def->scales[def->scale_count++] = *scale;
    return result;
}

jw_result jw_twin_def_add_fault(jw_twin_def *def, const jw_fault_def *fault, jw_error *error)
{
    jw_result result =
        jw_grow(&def->faults, &def->fault_capacity, def->fault_count + 1ull, sizeof *fault, error);
    if (result == JW_OK)
        def->faults[def->fault_count++] = *fault;
    return result;
}

/* ---- check
 * ------------------------------------------------------------------------------------------------- */

static void check_demand(const jw_twin_def *def, jw_problems *problems)
{
    const jw_demand_def *d = &def->traffic.demand;
    const jw_demand_data *data = &def->demand_data;
    uint32_t early = 0;
    for (uint32_t k = 0; k < data->trip_count; k++)
        early += data->trips[k].depart_ns < def->start_time_ns - def->warm_ns;
    if (early)
        jw_problems_add(
            problems, JW_NOTE, NULL, 0, NULL,
            "%u of %u listed trips begin before the scene (its warm-up included) and are left out", early,
            data->trip_count);
    if (!d->is_gravity && d->through_per_day == 0 && d->chains_per_resident == 0 && !data->cell_count &&
        !data->trip_count)
        jw_problems_add(problems, JW_NOTE, NULL, 0, NULL, "no demand: only trips added by commands will run");
}

/* A model that no site it is meant for can hold: named with the one that comes nearest. */
static void check_memory(const jw_twin_def *def, const jw_rollout_def *rollout, jw_problems *problems)
{
    const jw_service *service = NULL;
    for (uint32_t i = 0; i < def->service_count; i++)
        if (strcmp(def->services[i].id, rollout->model) == 0)
            service = &def->services[i];
    const jw_site_def *nearest = NULL;
    const jw_rack_def *rack = NULL;
    double weights_gb = service ? jw_service_weights_gb(service) : 0, room_gb = -1;
    for (uint32_t s = 0; s < def->site_count; s++)
        for (uint32_t r = 0; r < def->sites[s].rack_count && (rollout->tiers >> def->sites[s].tier & 1); r++)
            for (uint32_t c = 0; c < def->card_count && service; c++) {
                const jw_rack_def *one = &def->sites[s].racks[r];
                double one_gb = jw_service_room_gb(service, &def->cards[c], one->count);
                if (strcmp(def->cards[c].id, one->card) != 0 || one_gb <= room_gb)
                    continue;
                nearest = &def->sites[s];
                rack = one;
                room_gb = one_gb;
            }
    if (nearest && weights_gb >= room_gb)
        jw_problems_add(
            problems, JW_PROBLEM, NULL, 0, rollout->model,
            "it takes %.4g GB on %u cards together, and no site it is rolled out to has them: the "
            "nearest, \"%s\", gives %.4g GB of %u x %s",
            weights_gb, service->cards_per_instance ? service->cards_per_instance : 1, nearest->name, room_gb,
            rack->count, rack->card);
}

jw_result jw_twin_def_check(const jw_twin_def *def, jw_problems *problems, jw_error *error)
{
    if (!def->city)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "the scene has no map");
    for (uint32_t i = 0; i < def->model_count; i++)
        if (!has_service(def, def->models[i].id))
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "model \"%s\" has no service of that id in the catalogue", def->models[i].id);
    for (uint32_t i = 0; i < def->rollout_count; i++) {
        bool has_site = false;
        for (uint32_t s = 0; s < def->site_count; s++)
            has_site |= (def->rollouts[i].tiers >> def->sites[s].tier & 1) != 0;
        if (!has_site)
            jw_problems_add(problems, JW_WARNING, NULL, 0, def->rollouts[i].model,
                            "no site is of a tier that this model is rolled out to");
        check_memory(def, &def->rollouts[i], problems);
    }
    if (def->cell_count == 0 && def->connected_share > 0)
        jw_problems_add(problems, JW_WARNING, NULL, 0, NULL, "no radio cell: vehicles stay unconnected");
    if (def->site_count == 0 && (def->connected_share > 0 || def->camera_count > 0 || def->line_count > 0))
        jw_problems_add(problems, JW_WARNING, NULL, 0, NULL, "no computing site: every request will be lost");
    check_demand(def, problems);
    if (def->city->block_count < 2 && def->traffic.demand.is_gravity)
        jw_problems_add(problems, JW_WARNING, NULL, 0, NULL, "fewer than two blocks: no trips can be drawn");
    return JW_OK;
}
