/* One world made of all domains. */
#include "ai/ai_sector.h"
#include "twin/twin_internal.h"

#include <string.h>

const jw_city *jw_twin_city(const jw_world *world)
{
    return ((const jw_shared_city *)jw_world_shared(world))->city;
}

uint64_t jw_twin_site_handle(jw_site_id site)
{
    return twin_pack_site(site);
}

/* The modules in the order of the enumeration in twin.h; defs are filled in by jw_twin_create. */
static const jw_module *module_at(uint32_t index)
{
    const jw_module *const modules[JW_TWIN_MODULE_COUNT] = {
        [JW_TWIN_TRAFFIC] = &jw_traffic_module,
        [JW_TWIN_RADIO] = &twin_radio_module,
        [JW_TWIN_NETWORK] = &jw_network_module,
        [JW_TWIN_COMPUTE] = &jw_compute_module,
        [JW_TWIN_AI] = &jw_ai_module,
        [JW_TWIN_ECONOMY] = &jw_economy_module,
        [JW_TWIN_REQUESTS] = &twin_requests_module,
        [JW_TWIN_SIGNALS] = &twin_signals_module,
        [JW_TWIN_CITY] = &twin_city_module,
        [JW_TWIN_DIARY] = &twin_diary_module,
        [JW_TWIN_ROADSIDE] = &jw_roadside_module,
        [JW_TWIN_ADVICE] = &twin_advice_module,
        [JW_TWIN_TRACES] = &twin_traces_module,
        [JW_TWIN_FIXED] = &twin_fixed_module,
        [JW_TWIN_DECISIONS] = &twin_decisions_module,
    };
    return modules[index];
}

void jw_twin_modules(const jw_module_entry *extra, uint32_t extra_count, jw_module_entry *out)
{
    for (uint32_t i = 0; i < JW_TWIN_MODULE_COUNT; i++)
        out[i] = (jw_module_entry){module_at(i), NULL};
    for (uint32_t i = 0; i < extra_count; i++)
        out[JW_TWIN_MODULE_COUNT + i] = extra[i];
}

/* Models name their service; the ai domain knows it by number. */
static jw_result resolve_models(const jw_twin_def *def, jw_model *out, jw_error *error)
{
    for (uint32_t i = 0; i < def->model_count; i++) {
        out[i] = def->models[i];
        out[i].service = JW_NONE;
        for (uint32_t s = 0; s < def->service_count; s++)
            if (strcmp(def->services[s].id, def->models[i].id) == 0)
                out[i].service = s;
        if (out[i].service == JW_NONE)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                           "model \"%s\" has no service of that id in the catalogue", def->models[i].id);
    }
    return JW_OK;
}

jw_traffic_def jw_twin_def_traffic(const jw_twin_def *def)
{
    jw_traffic_def traffic = def->traffic;
    traffic.demand_data = &def->demand_data;
    traffic.extra_types = def->vehicle_types;
    traffic.extra_type_count = def->vehicle_type_count;
    traffic.bus_lines = def->bus_lines;
    traffic.bus_line_count = def->bus_line_count;
    traffic.detectors = def->detectors;
    traffic.detector_count = def->detector_count;
    return traffic;
}

jw_result jw_twin_create(const jw_twin_def *def, const jw_module_entry *extra, uint32_t extra_count,
                         jw_world **out, jw_error *error)
{
    *out = NULL;
    jw_problems problems = {0};
    jw_result result = jw_twin_def_check(def, &problems, error);
    jw_problems_free(&problems);
    if (result != JW_OK)
        return result;
    jw_model *models = jw_alloc((def->model_count + 1) * sizeof *models);
    jw_module_entry *entries = jw_alloc((JW_TWIN_MODULE_COUNT + extra_count) * sizeof *entries);
    result = models && entries ? resolve_models(def, models, error) : jw_fail_memory(error);
    if (result == JW_OK) {
        jw_network_def network = def->network;
        network.nodes = def->nodes;
        network.node_count = def->node_count;
        network.links = def->links;
        network.link_count = def->link_count;
        network.cells = def->cells;
        network.cell_count = def->cell_count;
        jw_compute_def compute = {.cards = def->cards,
                                  .card_count = def->card_count,
                                  .services = def->services,
                                  .service_count = def->service_count,
                                  .regions = def->regions,
                                  .region_count = def->region_count,
                                  .sites = def->sites,
                                  .site_count = def->site_count,
                                  .scales = def->scales,
                                  .scale_count = def->scale_count,
                                  .faults = def->faults,
                                  .fault_count = def->fault_count,
                                  .timings = def->timings,
                                  .timing_count = def->timing_count,
                                  .day_of_year = def->day_of_year};
        jw_ai_def ai = {models,
                        def->model_count,
                        def->supply,
                        def->supply_count,
                        def->compressions,
                        def->compression_count,
                        def->has_tune_law ? &def->tune_law : NULL,
                        &def->approval};
        const jw_industry_def *industry = &def->industry;
        jw_economy_def economy = {.lines = def->lines,
                                  .line_count = def->line_count,
                                  .desks = def->desks,
                                  .desk_count = def->desk_count,
                                  .regions = industry->regions,
                                  .region_count = industry->region_count,
                                  .parks = industry->parks,
                                  .park_count = industry->park_count,
                                  .suppliers = industry->suppliers,
                                  .supplier_count = industry->supplier_count,
                                  .fund = industry->fund,
                                  .budget = industry->budget,
                                  .productivity = industry->productivity,
                                  .equip = &industry->equip};
        jw_twin_modules(extra, extra_count, entries);
        jw_traffic_def traffic = jw_twin_def_traffic(def);
        entries[JW_TWIN_TRAFFIC].def = &traffic;
        entries[JW_TWIN_NETWORK].def = &network;
        jw_roadside_system roadside = def->roadside;
        roadside.units = def->roadside_units;
        roadside.unit_count = def->roadside_unit_count;
        entries[JW_TWIN_ROADSIDE].def = &roadside;
        entries[JW_TWIN_COMPUTE].def = &compute;
        entries[JW_TWIN_AI].def = &ai;
        entries[JW_TWIN_ECONOMY].def = &economy;
        entries[JW_TWIN_RADIO].def = entries[JW_TWIN_REQUESTS].def = entries[JW_TWIN_FIXED].def = def;
        entries[JW_TWIN_SIGNALS].def = entries[JW_TWIN_CITY].def = entries[JW_TWIN_TRACES].def = def;
        entries[JW_TWIN_DECISIONS].def = entries[JW_TWIN_ADVICE].def = def;
        jw_world_def world = {.seed = def->seed,
                              .dt_ns = def->dt_ns,
                              .start_time_ns = def->start_time_ns,
                              .warm_ns = def->warm_ns,
                              .threads = def->threads,
                              .modules = entries,
                              .module_count = JW_TWIN_MODULE_COUNT + extra_count,
                              .shared = &def->city->as_shared,
                              .shared_hash = def->city->content_hash,
                              .progress = def->progress,
                              .progress_context = def->progress_context};
        result = jw_world_create(&world, out, error);
    }
    jw_free(models);
    jw_free(entries);
    return result;
}

jw_result jw_twin_create_from_snapshot(jw_city *city, const jw_module_entry *extra, uint32_t extra_count,
                                       int threads, const void *bytes, size_t size, jw_world **out,
                                       jw_error *error)
{
    *out = NULL;
    jw_module_entry *entries = jw_alloc((JW_TWIN_MODULE_COUNT + extra_count) * sizeof *entries);
    if (!entries)
        return jw_fail_memory(error);
    jw_twin_modules(extra, extra_count, entries);
    jw_result result =
        jw_world_create_from_snapshot(entries, JW_TWIN_MODULE_COUNT + extra_count, &city->as_shared,
                                      city->content_hash, threads, bytes, size, out, error);
    jw_free(entries);
    return result;
}

bool jw_twin_is_consistent(const jw_world *world, jw_error *error)
{
    const twin_requests *requests = twin_requests_of(world);
    if (!jw_traffic_is_consistent(twin_traffic_of(world), error))
        return false;
    jw_request_counts total = jw_twin_requests(world, JW_NONE);
    if (total.in_flight != (int64_t)requests->pool.alive_count) {
        jw_fail(error, JW_ERROR_STATE, NULL, 0, "requests: %lld in flight by counts, %u by records",
                (long long)total.in_flight, requests->pool.alive_count);
        return false;
    }
    jw_network_counts network = jw_network_count(world, twin_network_of(world));
    if (network.messages_sent !=
        network.messages_delivered + network.messages_lost + network.messages_in_flight) {
        jw_fail(error, JW_ERROR_STATE, NULL, 0,
                "messages: %lld sent, but %lld delivered, %lld lost, %lld in flight",
                (long long)network.messages_sent, (long long)network.messages_delivered,
                (long long)network.messages_lost, (long long)network.messages_in_flight);
        return false;
    }
    jw_compute_counts compute = jw_compute_count(world, twin_compute_of(world));
    if (compute.submitted != compute.done + compute.rejected + compute.queued + compute.running) {
        jw_fail(error, JW_ERROR_STATE, NULL, 0,
                "jobs: %lld submitted, but %lld done, %lld rejected, %lld queued, %lld running",
                (long long)compute.submitted, (long long)compute.done, (long long)compute.rejected,
                (long long)compute.queued, (long long)compute.running);
        return false;
    }
    if (!jw_compute_is_energy_exact(twin_compute_of(world), error))
        return false;
    jw_data_counts data = jw_ai_count_data(twin_ai_of(world));
    if (data.asked_bytes != data.arrived_bytes + data.lost_bytes + data.moving_bytes) {
        jw_fail(error, JW_ERROR_STATE, NULL, 0,
                "data: %lld bytes asked, but %lld arrived, %lld lost, %lld moving",
                (long long)data.asked_bytes, (long long)data.arrived_bytes, (long long)data.lost_bytes,
                (long long)data.moving_bytes);
        return false;
    }
    jw_approval_counts a = jw_ai_count_approvals(world, twin_ai_of(world));
    if (a.submitted != a.approved + a.rejected + a.withdrawn + a.open) {
        jw_fail(error, JW_ERROR_STATE, NULL, 0,
                "approvals: %lld submitted, but %lld approved, %lld rejected, %lld withdrawn, %lld open",
                (long long)a.submitted, (long long)a.approved, (long long)a.rejected, (long long)a.withdrawn,
                (long long)a.open);
        return false;
    }
    return jw_ai_is_data_consistent(twin_ai_of(world), error) &&
           jw_economy_is_consistent(world, twin_economy_of(world), error);
}
