/* Sites, services and jobs: the door. */
#include "compute/compute_internal.h"

#include <string.h>

static const char *const tier_names[JW_TIER_COUNT] = {"roadside", "base_station", "park",
                                                      "edge",     "city",         "west"};

const char *jw_tier_name(jw_tier tier)
{
    return tier_names[tier];
}

bool jw_tier_from_name(const char *name, jw_tier *out)
{
    for (uint32_t i = 0; i < JW_TIER_COUNT; i++)
        if (strcmp(name, tier_names[i]) == 0) {
            *out = i;
            return true;
        }
    return false;
}

uint32_t compute_slot(const jw_compute *compute, jw_site_id id)
{
    return jw_pool_is_alive(&compute->site_pool, id.index1, id.generation) ? id.index1 - 1 : JW_NONE;
}

uint32_t compute_place(const compute_site *s, uint32_t service)
{
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++)
        if (s->services[p].service == service)
            return p;
    return JW_NONE;
}

static jw_site_id id_of(const jw_compute *compute, uint32_t slot)
{
    return (jw_site_id){slot + 1, compute->site_pool.generations[slot]};
}

jw_site_id jw_compute_find_site(const jw_compute *compute, const char *name)
{
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++)
        if ((compute->site_pool.generations[i] & 1) && !compute->sites[i].is_removed &&
            strcmp(compute->sites[i].def.name, name) == 0)
            return id_of(compute, i);
    return (jw_site_id){0, 0};
}

uint32_t jw_compute_find_service(const jw_compute *compute, const char *id)
{
    for (uint32_t i = 0; i < compute->service_count; i++)
        if (strcmp(compute->services[i].id, id) == 0)
            return i;
    return JW_NONE;
}

const jw_service *jw_compute_service(const jw_compute *compute, uint32_t service)
{
    return service < compute->service_count ? &compute->services[service] : NULL;
}

const jw_card *jw_compute_card(const jw_compute *compute, const char *id)
{
    for (uint32_t i = 0; i < compute->card_count; i++)
        if (strcmp(compute->cards[i].id, id) == 0)
            return &compute->cards[i];
    return NULL;
}

/* ---- sites
 * ------------------------------------------------------------------------------------------------- */

static jw_result resolve_site(const jw_compute *compute, compute_site *s, jw_error *error)
{
    for (uint32_t r = 0; r < s->def.rack_count; r++) {
        s->rack_card[r] = JW_NONE;
        for (uint32_t c = 0; c < compute->card_count; c++)
            if (strcmp(compute->cards[c].id, s->def.racks[r].card) == 0)
                s->rack_card[r] = c;
        if (s->rack_card[r] == JW_NONE)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "site \"%s\": the catalogue has no card \"%s\"", s->def.name,
                           s->def.racks[r].card);
        s->cards += s->def.racks[r].count;
    }
    const char *region = s->def.region[0] ? s->def.region : "hebei";
    s->region = JW_NONE;
    for (uint32_t g = 0; g < compute->region_count; g++)
        if (strcmp(compute->regions[g].id, region) == 0)
            s->region = g;
    if (s->region == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "site \"%s\": the catalogue has no grid region \"%s\"", s->def.name, region);
    return JW_OK;
}

jw_result jw_compute_add_site(jw_world *world, jw_compute *compute, const jw_site_def *def, jw_site_id *out,
                              jw_error *error)
{
    char fault[FAULT_SIZE];
    if (def->name[0] == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a site needs a name");
    if (jw_compute_find_site(compute, def->name).index1)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "site \"%s\" exists already", def->name);
    if (!compute_is_site_fine(def, fault))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "site \"%s\": %s", def->name, fault);
    compute_site fresh = {.def = *def, .is_up = 1};
    compute_start_power(world, &fresh);
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++)
        fresh.services[p].service = JW_NONE;
    jw_result result = resolve_site(compute, &fresh, error);
    if (result != JW_OK)
        return result;
    if (fresh.def.queue_max == 0)
        fresh.def.queue_max = 1000;
    if (fresh.def.base_power_w <= 0)
        fresh.def.base_power_w = CARD_SERVER_W * fresh.cards;
    result = compute_check_power(compute, &fresh, error);
    if (result != JW_OK)
        return result;
    uint32_t slot, generation;
    /* Room first: every slot of the pool has its record, also when memory ends here. */
    result = jw_grow(&compute->sites, &compute->site_capacity, compute->site_pool.slot_count + 1ull,
                     sizeof *compute->sites, error);
    if (result == JW_OK)
        result = jw_pool_take(&compute->site_pool, &slot, &generation, error);
    if (result != JW_OK)
        return result;
    compute->sites[slot] = fresh;
    compute_settle(world, compute, &compute->sites[slot]);
    compute_start_faults(world, compute, slot);
    *out = (jw_site_id){slot + 1, generation};
    return JW_OK;
}

/* ---- jobs
 * -------------------------------------------------------------------------------------------------- */

jw_result jw_compute_submit(jw_world *world, jw_compute *compute, const jw_job_def *def, jw_job_id *out,
                            jw_error *error)
{
    uint32_t site_slot = compute_slot(compute, def->site);
    if (site_slot == JW_NONE || def->service >= compute->service_count || def->items == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "submit: no such site or service, or an empty job");
    uint32_t slot, generation;
    jw_result result = jw_grow(&compute->jobs, &compute->job_capacity, compute->job_pool.slot_count + 1ull,
                               sizeof *compute->jobs, error);
    if (result == JW_OK)
        result = jw_pool_take(&compute->job_pool, &slot, &generation, error);
    if (result != JW_OK)
        return result;
    compute->submitted++;
    if (out)
        *out = (jw_job_id){slot + 1, generation};
    compute->jobs[slot] = (job){.site_slot = site_slot,
                                .service = def->service,
                                .items = def->items,
                                .output_tokens = def->output_tokens,
                                .tag = def->tag,
                                .submitted_ns = jw_world_time_ns(world)};
    compute_site *s = &compute->sites[site_slot];
    uint32_t place = compute_place(s, def->service);
    const jw_service *service = &compute->services[def->service];
    jw_reject why = JW_REJECT_FAILED;
    bool is_refused = true;
    if (!s->is_up)
        why = JW_REJECT_DOWN;
    else if (place == JW_NONE)
        why = JW_REJECT_NOT_INSTALLED;
    else if (!compute_is_served(compute, s, &s->services[place]))
        why = JW_REJECT_DOWN;
    else if (s->services[place].queue_count >= s->def.queue_max)
        why = JW_REJECT_FULL;
    else if (service->kind == JW_SERVICE_STREAM && compute_stream_server(&s->services[place]) == JW_NONE)
        why = JW_REJECT_FULL;
    else if (service->kind == JW_SERVICE_LLM &&
             (uint64_t)def->items + def->output_tokens > s->services[place].block_count * JW_KV_BLOCK_TOKENS)
        why = JW_REJECT_TOO_LARGE;
    else
        is_refused = false;
    if (is_refused) {
        s->queued++; /* until its rejection is said */
        compute_reject_later(world, compute, slot, why);
    } else {
        compute_enqueue(world, compute, slot, site_slot, place);
    }
    return JW_OK;
}

/* ---- views
 * ------------------------------------------------------------------------------------------------- */

uint32_t jw_compute_site_count(const jw_compute *compute)
{
    return compute->site_pool.slot_count;
}

bool jw_compute_is_serving(const jw_compute *compute, uint32_t slot, uint32_t service, jw_site_id *out_id,
                           jw_tier *out_tier)
{
    if (slot >= compute->site_pool.slot_count || !(compute->site_pool.generations[slot] & 1))
        return false;
    const compute_site *s = &compute->sites[slot];
    *out_id = id_of(compute, slot);
    *out_tier = s->def.tier;
    return s->is_up && compute_place(s, service) != JW_NONE;
}

bool jw_compute_site(const jw_world *world, const jw_compute *compute, uint32_t slot, jw_site_state *out)
{
    if (slot >= compute->site_pool.slot_count || !(compute->site_pool.generations[slot] & 1))
        return false;
    const compute_site *s = &compute->sites[slot];
    const jw_region_hour *hour = &compute->hours[s->region];
    const int64_t *rate = s->power.rate;
    int64_t it_mw = rate[FLOW_USE] - rate[FLOW_COOLING] - rate[FLOW_LOSS];
    double pue = it_mw > 0 ? (double)rate[FLOW_USE] / (double)it_mw : 1;
    bool is_own = rate[FLOW_SOLAR] + rate[FLOW_WIND] > rate[FLOW_USE];
    uint32_t instances = 0;
    double busy = 0;
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++)
        if (s->services[p].service != JW_NONE && s->services[p].on_count) {
            busy += compute_busy_cards(&s->services[p]);
            instances += s->services[p].ready_count;
        }
    *out = (jw_site_state){.id = id_of(compute, slot),
                           .def = &s->def,
                           .is_up = s->is_up,
                           .is_removed = s->is_removed,
                           .cards = s->cards,
                           .cards_failed = compute_failed_cards(s),
                           .instances = instances,
                           .queued = s->queued,
                           .running = s->running,
                           .utilisation = s->cards ? busy / s->cards : 0,
                           .power_w = (double)rate[FLOW_USE] / 1000,
                           .energy_mj = compute_flow(world, s, FLOW_USE).sum,
                           .carbon_kg = compute_carbon_kg(world, s),
                           .cost_fen = compute_cost_fen(world, s),
                           .kgco2_per_kwh = is_own ? 0 : hour->kgco2_per_kwh * pue,
                           .price_cny_per_kwh = hour->price_cny_per_kwh * pue,
                           .done = s->done,
                           .mean_time_s = s->mean_time_s};
    return true;
}

jw_service_counts jw_compute_service_counts(const jw_compute *compute, uint32_t service)
{
    return service < compute->service_count ? compute->service_counts[service] : (jw_service_counts){0};
}

jw_compute_counts jw_compute_count(const jw_world *world, const jw_compute *compute)
{
    jw_compute_counts counts = {
        .submitted = compute->submitted, .done = compute->done, .rejected = compute->rejected};
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++) {
        jw_site_state state;
        if (!jw_compute_site(world, compute, i, &state))
            continue;
        counts.queued += state.queued;
        counts.running += state.running;
        counts.energy_mj += state.energy_mj;
        counts.carbon_kg += state.carbon_kg;
        counts.cost_fen += state.cost_fen;
    }
    return counts;
}

void jw_compute_set_ports(jw_compute *compute, const jw_compute_ports *ports)
{
    compute->ports = *ports;
}

/* ---- verbs
 * ------------------------------------------------------------------------------------------------- */

static jw_result verb_place_site(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_site_def def = {.rack_count = 1};
    const char *tier = jw_command_get_text(command, "tier", "edge");
    if (!jw_tier_from_name(tier, &def.tier))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "place_site: \"%s\" is no tier", tier);
    def.x_m = jw_command_get_number(command, "x", 0);
    def.y_m = jw_command_get_number(command, "y", 0);
    def.racks[0].count = (uint32_t)jw_command_get_number(command, "count", 8);
    jw_text_copy(def.name, sizeof def.name, jw_command_get_text(command, "name", ""));
    jw_text_copy(def.racks[0].card, sizeof def.racks[0].card, jw_command_get_text(command, "card", ""));
    jw_site_id id;
    return jw_compute_add_site(world, state, &def, &id, error);
}

void compute_set_up(jw_world *world, jw_compute *compute, uint32_t slot, bool is_up)
{
    compute_site *s = &compute->sites[slot];
    if (s->is_up == is_up || (is_up && s->is_removed))
        return;
    s->is_up = is_up;
    for (uint32_t p = 0; p < SERVICES_PER_SITE && !is_up; p++)
        if (s->services[p].service != JW_NONE)
            compute_clear(world, compute, slot, p, JW_REJECT_FAILED);
    for (uint32_t p = 0; p < SERVICES_PER_SITE && is_up; p++) /* trainings go on */
        if (s->services[p].service != JW_NONE)
            compute_wake(world, compute, slot, p);
    if (is_up)
        compute_give_to_training(world, compute, slot);
    compute_settle(world, compute, s);
    if (compute->ports.site_changed)
        compute->ports.site_changed(world, id_of(compute, slot), is_up);
}

jw_result jw_compute_remove_site(jw_world *world, jw_compute *compute, const char *name, jw_error *error)
{
    uint32_t slot = compute_slot(compute, jw_compute_find_site(compute, name));
    if (slot == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no site \"%s\"", name);
    compute->sites[slot].power.is_dark = 0;
    compute->sites[slot].is_removed = 1; /* first: nobody is told that it failed */
    compute_set_up(world, compute, slot, false);
    return JW_OK;
}

jw_result jw_compute_restore_site(jw_world *world, jw_compute *compute, const char *name, jw_error *error)
{
    if (jw_compute_find_site(compute, name).index1)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "site \"%s\" exists already", name);
    for (uint32_t i = compute->site_pool.slot_count; i-- > 0;)
        if ((compute->site_pool.generations[i] & 1) && compute->sites[i].is_removed &&
            strcmp(compute->sites[i].def.name, name) == 0) {
            compute->sites[i].is_removed = 0;
            compute_set_up(world, compute, i, true);
            return JW_OK;
        }
    return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no site named \"%s\" was removed", name);
}

jw_result jw_compute_move_site(jw_compute *compute, const char *name, double x_m, double y_m, jw_error *error)
{
    uint32_t slot = compute_slot(compute, jw_compute_find_site(compute, name));
    if (slot == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no site \"%s\"", name);
    if (!(jw_abs(x_m) <= 1e6 && jw_abs(y_m) <= 1e6)) /* NaN, too */
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "site \"%s\": the place is off the map", name);
    compute->sites[slot].def.x_m = x_m;
    compute->sites[slot].def.y_m = y_m;
    return JW_OK;
}

static jw_result set_up(jw_world *world, jw_compute *compute, const char *name, bool is_up, jw_error *error)
{
    uint32_t slot = compute_slot(compute, jw_compute_find_site(compute, name));
    if (slot == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no site \"%s\"", name);
    if (!is_up) /* what has failed in the dark stays down when the grid is back */
        compute->sites[slot].power.is_dark = 0;
    compute_set_up(world, compute, slot, is_up);
    return JW_OK;
}

static jw_result verb_fail_site(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return set_up(world, state, jw_command_get_text(command, "name", ""), false, error);
}

static jw_result verb_repair_site(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return set_up(world, state, jw_command_get_text(command, "name", ""), true, error);
}

static const jw_verb_arg place_args[] = {
    {"name", 't', false, 0, 0, 0, "", "a new id"},
    {"tier", 't', false, 0, 0, 0, "", "roadside, base_station, park, edge, city or west"},
    {"x", 'n', false, -1e6, 1e6, 0, "m", "east of the city's origin"},
    {"y", 'n', false, -1e6, 1e6, 0, "m", "north of the city's origin"},
    {"card", 't', false, 0, 0, 0, "", "id in the catalogue"},
    {"count", 'n', true, 1, 100000, 8, "", "cards"},
};
static const jw_verb_arg name_args[] = {{"name", 't', false, 0, 0, 0, "", "id of the site"}};
static const jw_verb verbs[] = {
    {"place_site", "a computing site without network: place_edge_site also wires it", place_args,
     JW_COUNT_OF(place_args), verb_place_site},
    {"fail_site", "a site's computers fail: what they hold is rejected", name_args, JW_COUNT_OF(name_args),
     verb_fail_site},
    {"repair_site", "a failed site serves again", name_args, JW_COUNT_OF(name_args), verb_repair_site},
    {"fail_rack", "a rack of a site fails: what its cards hold is rejected, the rest goes on",
     compute_rack_args, JW_COUNT_OF(compute_rack_args), compute_verb_fail_rack},
    {"repair_rack", "a rack's working cards serve again", compute_rack_args, JW_COUNT_OF(compute_rack_args),
     compute_verb_repair_rack},
    {"fail_card", "a card of a site fails: what its instance holds is rejected, the rest goes on",
     compute_card_args, JW_COUNT_OF(compute_card_args), compute_verb_fail_card},
    {"repair_card", "one failed card of a rack works again", compute_rack_args,
     JW_COUNT_OF(compute_rack_args), compute_verb_repair_card},
    {"set_card_faults", "cards fail and are repaired by chance, after exponential times", compute_fault_args,
     JW_COUNT_OF(compute_fault_args), compute_verb_set_card_faults},
    {"set_scaling", "instances of a service at a site follow its load", compute_scale_args,
     JW_COUNT_OF(compute_scale_args), compute_verb_set_scaling},
    {"cut_power", "a site loses the grid: it goes on by sun, wind and battery while these carry it",
     compute_power_args, JW_COUNT_OF(compute_power_args), compute_verb_cut_power},
    {"restore_power", "a site has the grid again", compute_power_args, JW_COUNT_OF(compute_power_args),
     compute_verb_restore_power},
};

/* ---- module
 * ------------------------------------------------------------------------------------------------ */

static void compute_destroy(void *state)
{
    jw_compute *compute = state;
    for (uint32_t i = 0; i < compute->site_pool.slot_count && i < compute->site_capacity; i++) {
        for (uint32_t p = 0; p < SERVICES_PER_SITE; p++)
            compute_free_servers(&compute->sites[i].services[p]);
        jw_free(compute->sites[i].broken);
    }
    jw_pool_free(&compute->site_pool);
    jw_pool_free(&compute->job_pool);
    jw_free(compute->sites);
    jw_free(compute->jobs);
    jw_free(compute->software);
    jw_free(compute->variants);
    jw_free(compute->cards);
    jw_free(compute->services);
    jw_free(compute->regions);
    jw_free(compute->timings);
    jw_free(compute->service_totals);
    jw_free(compute->service_done);
    jw_free(compute->hours);
    jw_free(compute->llm);
    jw_free(compute->service_counts);
    jw_free(compute->scales);
    jw_free(compute->faults);
}

static jw_result check_catalogue(const jw_compute_def *def, jw_error *error)
{
    char fault[FAULT_SIZE];
    for (uint32_t i = 0; i < def->card_count; i++)
        if (!compute_is_card_fine(&def->cards[i], fault))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "card \"%s\": %s", def->cards[i].id, fault);
    for (uint32_t i = 0; i < def->service_count; i++)
        if (!compute_is_service_fine(&def->services[i], fault))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "service \"%s\": %s", def->services[i].id, fault);
    for (uint32_t i = 0; i < def->region_count; i++)
        if (!compute_is_region_fine(&def->regions[i], fault))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "grid region \"%s\": %s", def->regions[i].id,
                           fault);
    for (uint32_t i = 0; i < def->timing_count; i++)
        if (!compute_is_timing_fine(&def->timings[i], fault))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "timing of \"%s\" on \"%s\": %s",
                           def->timings[i].service, def->timings[i].card, fault);
    return JW_OK;
}

static jw_result compute_init(jw_world *world, void *state, const void *definition, jw_error *error)
{
    jw_compute *compute = state;
    const jw_compute_def *def = definition;
    jw_result result = check_catalogue(def, error);
    if (result != JW_OK)
        return result;
    compute->cards = jw_alloc((def->card_count + 1) * sizeof *compute->cards);
    compute->services = jw_alloc((def->service_count + 1) * sizeof *compute->services);
    compute->regions = jw_alloc((def->region_count + 1) * sizeof *compute->regions);
    compute->timings = jw_alloc((def->timing_count + 1) * sizeof *compute->timings);
    compute->llm = jw_alloc((def->service_count + 1) * sizeof *compute->llm);
    compute->service_counts = jw_alloc((def->service_count + 1) * sizeof *compute->service_counts);
    if (!compute->cards || !compute->services || !compute->regions || !compute->timings || !compute->llm ||
        !compute->service_counts) {
        compute_destroy(state);
        return jw_fail_memory(error);
    }
    for (uint32_t i = 0; i < def->card_count; i++)
        compute->cards[i] = def->cards[i];
    for (uint32_t i = 0; i < def->service_count; i++)
        compute->services[i] = def->services[i];
    for (uint32_t i = 0; i < def->region_count; i++)
        compute->regions[i] = def->regions[i];
    for (uint32_t i = 0; i < def->timing_count; i++)
        compute->timings[i] = def->timings[i];
    compute->timing_count = def->timing_count;
    compute->card_count = def->card_count;
    compute->service_count = def->service_count;
    compute->region_count = def->region_count;
    compute->module = jw_world_find_module(world, "compute");
    compute->day_of_year = def->day_of_year ? def->day_of_year : 105;
    result = compute_make_service_totals(compute, error);
    if (result == JW_OK) {
        compute_look_at_regions(world, compute);
        compute_schedule_minute(world, compute);
    }
    for (uint32_t i = 0; i < def->scale_count && result == JW_OK; i++)
        result = compute_set_scale(world, compute, &def->scales[i], error);
    for (uint32_t i = 0; i < def->fault_count && result == JW_OK; i++)
        result = compute_set_fault(world, compute, &def->faults[i], error);
    for (uint32_t i = 0; i < def->site_count && result == JW_OK; i++) {
        jw_site_id id;
        result = jw_compute_add_site(world, compute, &def->sites[i], &id, error);
    }
    if (result != JW_OK)
        compute_destroy(state);
    return result;
}

static jw_result compute_attach(jw_world *world, void *state, jw_error *error)
{
    (void)error;
    ((jw_compute *)state)->module = jw_world_find_module(world, "compute");
    return JW_OK;
}

static void compute_on_event(jw_world *world, void *state, const jw_event *event)
{
    jw_compute *compute = state;
    if (event->kind == EVENT_SERVER) {
        compute_server_event(world, compute, event);
        return;
    }
    if (event->kind == EVENT_MINUTE) {
        compute_minute(world, compute);
        return;
    }
    if (event->kind == EVENT_FAULT || event->kind == EVENT_REPAIR) {
        compute_fault_event(world, compute, event);
        return;
    }
    if (event->kind == EVENT_SCALE) {
        compute_scale_event(world, compute, event);
        return;
    }
    if (event->kind == EVENT_READY) {
        compute_ready_event(world, compute, event);
        return;
    }
    if (event->kind == EVENT_DARK) {
        if (jw_pool_is_alive(&compute->site_pool, event->a, (uint32_t)event->b))
            compute_dark(world, compute, event->a - 1);
        return;
    }
    if (!jw_pool_is_alive(&compute->job_pool, event->a, (uint32_t)event->b))
        return;
    const job *due = &compute->jobs[event->a - 1];
    if (event->kind == EVENT_JOB)
        compute_job_event(world, compute, event->a - 1);
    else if (event->kind == EVENT_CACHE && due->stage == STAGE_SENDING && due->cache_ns == event->time_ns)
        compute_llm_cache_event(world, compute, event->a - 1); /* not of a sending that was given up */
    if (event->kind != EVENT_REJECT || compute->jobs[event->a - 1].phase != JOB_REJECTING)
        return;
    job ended = compute->jobs[event->a - 1];
    compute->sites[ended.site_slot].queued--;
    compute->sites[ended.site_slot].rejected++;
    compute->rejected++;
    compute->jobs[event->a - 1] = (job){0};
    jw_pool_give(&compute->job_pool, event->a - 1);
    if (compute->ports.job_rejected && !ended.is_cancelled)
        compute->ports.job_rejected(world, ended.tag, (jw_reject)ended.reject);
}

static void compute_restart_counts(jw_world *world, void *state)
{
    jw_compute *compute = state;
    compute->submitted = compute->job_pool.alive_count;
    compute->done = compute->rejected = 0;
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++) {
        compute_site *s = &compute->sites[i];
        s->done = s->rejected = 0;
    }
    compute_restart_power(world, compute);
    for (uint32_t i = 0; i < compute->service_count; i++)
        compute->llm[i] = (llm_stats){0};
    for (uint32_t i = 0; i < compute->service_count; i++)
        compute->service_counts[i] = (jw_service_counts){0};
}

const jw_module jw_compute_module = {
    .name = "compute",
    .version = 13,
    .state_size = sizeof(jw_compute),
    .init = compute_init,
    .attach = compute_attach,
    .destroy = compute_destroy,
    .on_event = compute_on_event,
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = compute_save,
    .load = compute_load,
    .metrics = compute_metrics,
    .metric_count = COMPUTE_METRICS,
    .metric = compute_metric,
    .tables = compute_tables,
    .table_count = COMPUTE_TABLES,
    .restart_counts = compute_restart_counts,
};
