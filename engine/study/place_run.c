/* Placement for a scene: its demand, the candidates, and the worlds that judge the answers. */
#include "study/place.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define CELL_M      200.0 /* vehicles are counted by squares of this side */
#define SAMPLE_S    10.0
#define MINUTES_MAX (24 * 60.0)

static const struct {
    const char *name, *unit;
} measures[] = {{"mean", "ms"}, {"p50", "ms"},     {"p95", "ms"},  {"late", "%"},
                {"lost", "%"},  {"energy", "kWh"}, {"cost", "CNY"}};
_Static_assert(JW_COUNT_OF(measures) == JW_PLACE_MEASURE_COUNT, "every measure has a name");

const char *jw_place_measure_name(jw_place_measure measure)
{
    return measures[measure].name;
}

const char *jw_place_measure_unit(jw_place_measure measure)
{
    return measures[measure].unit;
}

/* ---- the scene with its sites elsewhere
 * ----------------------------------------------------------------------- */

static const jw_site_def *edge_site(const jw_twin_def *def, uint32_t number)
{
    for (uint32_t i = 0; i < def->site_count; i++)
        if (def->sites[i].tier == JW_TIER_EDGE && number-- == 0)
            return &def->sites[i];
    return NULL;
}

static bool is_edge(const jw_twin_def *def, const char *name)
{
    const jw_site_def *site;
    for (uint32_t i = 0; (site = edge_site(def, i)); i++)
        if (strcmp(site->name, name) == 0)
            return true;
    return false;
}

static const jw_net_node_def *find_node(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->node_count; i++)
        if (strcmp(def->nodes[i].name, name) == 0)
            return &def->nodes[i];
    return NULL;
}

/* Sites and switches: what cells are wired to. */
static const char *nearest_anchor(const jw_twin_def *def, const char *name)
{
    const jw_net_node_def *at = find_node(def, name), *best = NULL;
    double best_m = 0;
    for (uint32_t i = 0; at && i < def->node_count; i++) {
        const jw_net_node_def *node = &def->nodes[i];
        double m = jw_vec2_distance((jw_vec2){node->x_m, node->y_m}, (jw_vec2){at->x_m, at->y_m});
        if (node->kind != JW_NET_CELL_SITE && node != at && (!best || m < best_m)) {
            best = node;
            best_m = m;
        }
    }
    return best ? best->name : NULL;
}

static jw_result add_places(const jw_twin_def *def, const jw_vec2 *places, uint32_t count, jw_twin_def *out,
                            jw_error *error)
{
    jw_site_def usual = {.tier = JW_TIER_EDGE, .rack_count = 1, .racks = {{"ascend-310p", 8}}};
    const jw_site_def *like = edge_site(def, 0);
    jw_result result = JW_OK;
    for (uint32_t i = 0, fresh = 0; i < count && result == JW_OK; i++) {
        jw_site_def site = like ? *like : usual;
        const jw_site_def *old = edge_site(def, i);
        if (old)
            jw_text_copy(site.name, sizeof site.name, old->name);
        else
            do
                snprintf(site.name, sizeof site.name, "place-%u", ++fresh);
            while (find_node(out, site.name));
        site.x_m = places[i].x;
        site.y_m = places[i].y;
        result = jw_twin_def_add_site(out, &site, error);
    }
    return result;
}

/* Links of the nodes that stay; what hung on a site that went hangs on the nearest. Fibre between sites that
 * went is replaced by the ring. */
static jw_result wire(const jw_twin_def *def, jw_twin_def *out, uint32_t count, jw_error *error)
{
    double ring_bps = 0;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < def->link_count && result == JW_OK; i++) {
        jw_net_link_def link = def->links[i];
        bool was_from = is_edge(def, link.from), was_to = is_edge(def, link.to);
        char *gone = was_from ? link.from : link.to;
        const char *stays = was_from ? link.to : link.from;
        const jw_net_node_def *other = find_node(def, stays);
        if (was_from || was_to) {
            if ((was_from && was_to) || (other && other->kind == JW_NET_HOST)) {
                ring_bps = jw_max(ring_bps, link.capacity_bps);
                continue;
            }
            const char *anchor = nearest_anchor(out, stays);
            if (!anchor)
                continue;
            jw_text_copy(gone, sizeof link.from, anchor);
            link.name[0] = 0;
        }
        result = jw_twin_def_add_link(out, &link, error);
    }
    const char **names = jw_alloc((count + 1) * sizeof *names);
    if (!names)
        return jw_fail_memory(error);
    const jw_site_def *top = NULL;
    for (uint32_t i = 0; i < out->site_count - count; i++) /* those that stayed come first */
        if (!top || out->sites[i].tier > top->tier)
            top = &out->sites[i];
    uint32_t ends = 0;
    if (top)
        names[ends++] = top->name;
    for (uint32_t i = 0; i < count; i++)
        names[ends++] = out->sites[out->site_count - count + i].name;
    if (result == JW_OK && ends > 1)
        result = jw_twin_def_add_fibre(out, "ring", names, ends, ring_bps > 0 ? ring_bps / 1e9 : 100, error);
    jw_free(names);
    return result;
}

static bool has_site(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->site_count; i++)
        if (strcmp(def->sites[i].name, name) == 0)
            return true;
    return false;
}

static void move_to_new(const jw_twin_def *out, char home[JW_CATALOG_ID_SIZE])
{
    if (home[0] && !has_site(out, home))
        jw_text_copy(home, JW_CATALOG_ID_SIZE, out->sites[out->site_count - 1].name);
}

/* Data of sites that went, and who wants them there, go to the last of the new ones; copies that went are
 * none. */
static jw_result move_data(const jw_twin_def *def, jw_twin_def *out, jw_error *error)
{
    jw_sectors_def *sectors = &out->sectors;
    uint32_t sources = def->sectors.source_count, consumers = def->sectors.consumer_count;
    jw_result result =
        jw_grow(&out->datasets, &out->dataset_capacity, def->dataset_count, sizeof *out->datasets, error);
    if (result == JW_OK)
        result =
            jw_grow(&sectors->sources, &sectors->source_capacity, sources, sizeof *sectors->sources, error);
    if (result == JW_OK)
        result = jw_grow(&sectors->consumers, &sectors->consumer_capacity, consumers,
                         sizeof *sectors->consumers, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < def->dataset_count; i++) {
        jw_data_def *data = &out->datasets[out->dataset_count++];
        *data = def->datasets[i];
        data->replica_count = 0;
        move_to_new(out, data->home);
        for (uint32_t r = 0; r < def->datasets[i].replica_count; r++) {
            const char *at = def->datasets[i].replicas[r];
            if (has_site(out, at) && strcmp(at, data->home) != 0)
                jw_text_copy(data->replicas[data->replica_count++], sizeof data->replicas[0], at);
        }
    }
    for (; sectors->source_count < sources; sectors->source_count++) {
        sectors->sources[sectors->source_count] = def->sectors.sources[sectors->source_count];
        move_to_new(out, sectors->sources[sectors->source_count].home);
    }
    for (; sectors->consumer_count < consumers; sectors->consumer_count++) {
        sectors->consumers[sectors->consumer_count] = def->sectors.consumers[sectors->consumer_count];
        move_to_new(out, sectors->consumers[sectors->consumer_count].site);
    }
    move_to_new(out, sectors->substrate);
    return JW_OK;
}

jw_result jw_place_make_def(const jw_twin_def *def, const jw_vec2 *places, uint32_t count, jw_twin_def *out,
                            jw_error *error)
{
    *out = *def;
    out->sites = NULL;
    out->nodes = NULL;
    out->links = NULL;
    out->datasets = NULL;
    out->sectors.sources = NULL;
    out->sectors.consumers = NULL;
    out->dataset_count = out->dataset_capacity = 0;
    out->sectors.source_count = out->sectors.source_capacity = 0;
    out->sectors.consumer_count = out->sectors.consumer_capacity = 0;
    out->site_count = out->site_capacity = out->node_count = out->node_capacity = out->link_count =
        out->link_capacity = 0;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < def->node_count && result == JW_OK; i++)
        if (!is_edge(def, def->nodes[i].name)) {
            result =
                jw_grow(&out->nodes, &out->node_capacity, out->node_count + 1ull, sizeof *out->nodes, error);
            if (result == JW_OK)
                out->nodes[out->node_count++] = def->nodes[i];
        }
    for (uint32_t i = 0; i < def->site_count && result == JW_OK; i++)
        if (def->sites[i].tier != JW_TIER_EDGE) {
            result =
                jw_grow(&out->sites, &out->site_capacity, out->site_count + 1ull, sizeof *out->sites, error);
            if (result == JW_OK)
                out->sites[out->site_count++] = def->sites[i];
        }
    if (result == JW_OK)
        result = add_places(def, places, count, out, error);
    if (result == JW_OK)
        result = wire(def, out, count, error);
    if (result == JW_OK)
        result = move_data(def, out, error);
    if (result != JW_OK)
        jw_place_free_def(out);
    return result;
}

void jw_place_free_def(jw_twin_def *def)
{
    jw_free(def->sites);
    jw_free(def->nodes);
    jw_free(def->links);
    jw_free(def->datasets);
    jw_free(def->sectors.sources);
    jw_free(def->sectors.consumers);
    *def = (jw_twin_def){0};
}

/* ---- candidates and demand
 * ------------------------------------------------------------------------------------ */

static jw_result find_candidates(const jw_city *city, uint32_t most, jw_placement *out, jw_error *error)
{
    uint32_t count = city->block_count < most ? city->block_count : most;
    uint8_t *is_taken = jw_alloc(city->block_count + 1ull);
    out->candidates = jw_alloc((count + 1ull) * sizeof *out->candidates);
    bool has_memory = is_taken && out->candidates;
    for (uint32_t n = 0; n < count && has_memory; n++) {
        uint32_t best = JW_NONE;
        for (uint32_t b = 0; b < city->block_count; b++) {
            uint64_t people = (uint64_t)city->blocks[b].population + city->blocks[b].jobs;
            if (!is_taken[b] && (best == JW_NONE ||
                                 people > (uint64_t)city->blocks[best].population + city->blocks[best].jobs))
                best = b;
        }
        is_taken[best] = 1;
        out->candidates[out->candidate_count++] = (jw_vec2){city->blocks[best].x_m, city->blocks[best].y_m};
    }
    jw_free(is_taken);
    return has_memory ? JW_OK : jw_fail_memory(error);
}

static jw_result add_demand(jw_placement *out, uint32_t *capacity, jw_vec2 at, double requests_hz,
                            double radio_s, jw_error *error)
{
    jw_result result = jw_grow(&out->demand, capacity, out->demand_count + 1ull, sizeof *out->demand, error);
    if (result == JW_OK)
        out->demand[out->demand_count++] = (jw_place_demand){at.x, at.y, requests_hz, radio_s};
    return result;
}

/* What vehicles ask enters the fibre at the nearest cell. */
static jw_vec2 nearest_cell(const jw_twin_def *def, jw_vec2 at)
{
    jw_vec2 best = at;
    double best_m = -1;
    for (uint32_t i = 0; i < def->cell_count; i++) {
        jw_vec2 cell = {def->cells[i].x_m, def->cells[i].y_m};
        double m = jw_vec2_distance(cell, at);
        if (best_m < 0 || m < best_m) {
            best = cell;
            best_m = m;
        }
    }
    return best;
}

typedef struct squares {
    double x_m, y_m;
    uint32_t columns, rows;
    double *vehicles; /* sums over samples */
    uint32_t samples;
} squares;

static void count_vehicles(const jw_world *world, squares *s)
{
    jw_vehicle_columns v = jw_traffic_vehicles(jw_world_state(world, JW_TWIN_TRAFFIC));
    s->samples++;
    for (uint32_t i = 0; i < v.count; i++) {
        if (v.vehicle_class[i] >= JW_VEHICLE_BICYCLE)
            continue;
        double column = ((double)v.x_m[i] - s->x_m) / CELL_M, row = ((double)v.y_m[i] - s->y_m) / CELL_M;
        s->vehicles[(uint32_t)jw_clamp(row, 0, s->rows - 1.0) * s->columns +
                    (uint32_t)jw_clamp(column, 0, s->columns - 1.0)] += 1;
    }
}

typedef struct place_work {
    const jw_place_def *def;
    jw_placement *out;
    jw_error *errors;
    atomic_uint done;
    atomic_bool is_cancelled, has_failed;
    atomic_flag is_telling;
} place_work;

static bool tell(place_work *work, double part)
{
    const jw_place_def *def = work->def;
    if (def->progress && !atomic_flag_test_and_set(&work->is_telling)) {
        double runs = 1.0 + JW_PLACE_METHOD_COUNT * def->seed_count;
        if (!def->progress(def->progress_context, jw_min((atomic_load(&work->done) + part) / runs, 1),
                           "simulating"))
            atomic_store(&work->is_cancelled, true);
        atomic_flag_clear(&work->is_telling);
    }
    return !atomic_load(&work->is_cancelled) && !atomic_load(&work->has_failed);
}

static bool keep_on(void *context, double fraction, const char *what)
{
    (void)fraction, (void)what;
    return tell(context, 0);
}

static jw_result simulate(place_work *work, jw_world *world, squares *count, jw_error *error)
{
    double dt_s = jw_s_from_ns(jw_world_dt_ns(world));
    uint64_t steps = (uint64_t)jw_round(work->def->minutes * 60 / dt_s),
             every = (uint64_t)jw_max(1, SAMPLE_S / dt_s);
    for (uint64_t i = 0; i < steps; i++) {
        if (i % 100 == 0 && !tell(work, (double)i / (double)steps))
            return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
        jw_result result = jw_world_step(world, error);
        if (result != JW_OK)
            return result;
        if (count && i % every == 0)
            count_vehicles(world, count);
    }
    if (jw_script_last_error(world)[0])
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s", jw_script_last_error(world));
    return JW_OK;
}

/* Vehicles on the road in a world of the scene as it is: those connected ask now and then. */
static jw_result count_pilot(place_work *work, squares *s, jw_error *error)
{
    const jw_twin_def *def = work->def->def;
    const jw_city *city = def->city;
    double right_m = 0, top_m = 0;
    for (uint32_t j = 0; j < city->junction_count; j++) {
        double x_m = city->junctions[j].x_m, y_m = city->junctions[j].y_m;
        s->x_m = j ? jw_min(s->x_m, x_m) : x_m;
        s->y_m = j ? jw_min(s->y_m, y_m) : y_m;
        right_m = j ? jw_max(right_m, x_m) : x_m;
        top_m = j ? jw_max(top_m, y_m) : y_m;
    }
    s->columns = (uint32_t)jw_clamp((right_m - s->x_m) / CELL_M, 0, 9999) + 1;
    s->rows = (uint32_t)jw_clamp((top_m - s->y_m) / CELL_M, 0, 9999) + 1;
    s->vehicles = jw_alloc((size_t)s->columns * s->rows * sizeof *s->vehicles);
    if (!s->vehicles)
        return jw_fail_memory(error);
    jw_twin_def own = *def;
    jw_world *world = NULL;
    jw_result result = jw_scene_make_world(work->def->scene, &own, NULL, keep_on, work, &world, error);
    if (result == JW_OK)
        result = simulate(work, world, s, error);
    jw_world_destroy(world);
    atomic_fetch_add(&work->done, 1);
    return result;
}

static jw_result find_demand(place_work *work, jw_error *error)
{
    const jw_twin_def *def = work->def->def;
    uint32_t capacity = 0;
    jw_result result = JW_OK;
    for (uint32_t i = 0;
         i < def->camera_count && result == JW_OK && !def->is_coupling_off[JW_COUPLING_SIGNALS]; i++) {
        const jw_junction *at = &def->city->junctions[def->cameras[i].junction];
        result = add_demand(work->out, &capacity, (jw_vec2){at->x_m, at->y_m},
                            1 / (def->camera_interval_s > 0 ? def->camera_interval_s : 2), 0, error);
    }
    for (uint32_t i = 0; i < def->line_count && result == JW_OK && !def->is_coupling_off[JW_COUPLING_FACTORY];
         i++)
        result = add_demand(work->out, &capacity, (jw_vec2){def->lines[i].x_m, def->lines[i].y_m},
                            1 / (def->lines[i].cycle_s > 0 ? def->lines[i].cycle_s : 4), 0, error);
    double each_hz = def->cell_count && !def->is_coupling_off[JW_COUPLING_RADIO] &&
                             !def->is_coupling_off[JW_COUPLING_ASSISTANT]
                         ? def->connected_share * def->assistant_per_hour / 3600
                         : 0;
    squares s = {0};
    if (result == JW_OK && each_hz > 0)
        result = count_pilot(work, &s, error);
    for (uint32_t i = 0; i < s.columns * s.rows && result == JW_OK && s.samples; i++) {
        jw_vec2 at = {s.x_m + (i % s.columns + 0.5) * CELL_M, s.y_m + (i / s.columns + 0.5) * CELL_M};
        if (s.vehicles[i] > 0)
            result = add_demand(work->out, &capacity, nearest_cell(def, at),
                                s.vehicles[i] / s.samples * each_hz, jw_network_air_delay_s(), error);
    }
    jw_free(s.vehicles);
    if (result == JW_OK && work->out->demand_count == 0)
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "%s has no demand for computing: no cameras or production lines, and no connected vehicle on the "
            "road asked the assistant",
            def->name);
    return result;
}

/* ---- runs ---------------------------------------------------------------------------------------------- */

static void measure(const jw_world *world, double *out)
{
    jw_request_counts requests = jw_twin_requests(world, JW_NONE);
    jw_twin_totals totals = jw_twin_total(world);
    double ended = jw_max((double)(requests.answered + requests.lost), 1);
    out[JW_PLACE_MEAN] = requests.mean_ms;
    out[JW_PLACE_P50] = requests.p50_ms;
    out[JW_PLACE_P95] = requests.p95_ms;
    out[JW_PLACE_LATE] = 100 * (double)requests.late / ended;
    out[JW_PLACE_LOST] = 100 * (double)requests.lost / ended;
    out[JW_PLACE_ENERGY] = totals.energy_wh / 1000;
    out[JW_PLACE_COST] = totals.cost_cny;
}

static jw_result run_one(place_work *work, uint32_t method, uint32_t seed, jw_error *error)
{
    const jw_place_def *def = work->def;
    jw_placement *out = work->out;
    jw_vec2 *places = jw_alloc(out->site_count * sizeof *places);
    if (!places)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < out->site_count; i++)
        places[i] = out->candidates[out->chosen[method * out->site_count + i]];
    jw_twin_def own = {0};
    jw_world *world = NULL;
    jw_result result = jw_place_make_def(def->def, places, out->site_count, &own, error);
    if (result == JW_OK) {
        own.seed = out->first_seed + seed;
        own.threads = 1;
        result = jw_scene_make_world(def->scene, &own, NULL, keep_on, work, &world, error);
    }
    if (result == JW_OK)
        result = simulate(work, world, NULL, error);
    if (result == JW_OK)
        measure(world, out->values + ((size_t)method * out->seed_count + seed) * JW_PLACE_MEASURE_COUNT);
    jw_world_destroy(world);
    jw_place_free_def(&own);
    jw_free(places);
    return result;
}

static void run_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    place_work *work = context;
    (void)block;
    for (uint32_t run = begin; run < end && tell(work, 0); run++) {
        if (run_one(work, run / work->def->seed_count, run % work->def->seed_count, &work->errors[run]) !=
            JW_OK)
            atomic_store(&work->has_failed, true);
        atomic_fetch_add(&work->done, 1);
    }
}

static jw_result judge(place_work *work, jw_error *error)
{
    uint32_t runs = JW_PLACE_METHOD_COUNT * work->def->seed_count;
    work->errors = jw_alloc(runs * sizeof *work->errors);
    work->out->values = jw_alloc((size_t)runs * JW_PLACE_MEASURE_COUNT * sizeof *work->out->values);
    if (!work->errors || !work->out->values) {
        jw_free(work->errors);
        return jw_fail_memory(error);
    }
    jw_parallel_blocks(runs, 1, work->def->threads, run_block, work);
    jw_result result = JW_OK;
    for (uint32_t run = 0; run < runs && result == JW_OK; run++)
        if (work->errors[run].code != JW_OK && work->errors[run].code != JW_ERROR_CANCELLED)
            result = jw_fail(error, work->errors[run].code, work->errors[run].file, work->errors[run].line,
                             "%s with seed %llu: %.180s", jw_place_method_name(run / work->def->seed_count),
                             (unsigned long long)(work->out->first_seed + run % work->def->seed_count),
                             work->errors[run].message);
    if (result == JW_OK && atomic_load(&work->is_cancelled))
        result = jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    jw_free(work->errors);
    return result;
}

static jw_result solve(jw_placement *out, jw_error *error)
{
    jw_place_problem problem = {.demand = out->demand,
                                .demand_count = out->demand_count,
                                .candidates = out->candidates,
                                .candidate_count = out->candidate_count,
                                .site_count = out->site_count};
    uint32_t n = out->site_count, *chosen = out->chosen;
    jw_result result = jw_place_greedy(&problem, chosen + JW_PLACE_BY_GREEDY * n, error);
    if (result == JW_OK)
        result = jw_place_exact(&problem, chosen + JW_PLACE_BY_EXACT * n, &out->is_proven, error);
    if (result == JW_OK)
        result = jw_place_k_means(&problem, out->first_seed, chosen + JW_PLACE_BY_K_MEANS * n, error);
    if (result == JW_OK)
        result = jw_place_random(&problem, out->first_seed, chosen + JW_PLACE_BY_RANDOM * n, error);
    for (uint32_t m = 0; m < JW_PLACE_METHOD_COUNT && result == JW_OK; m++)
        out->cost_s[m] = jw_place_cost_s(&problem, chosen + m * n);
    return result;
}

static jw_result check_def(const jw_place_def *def, const jw_placement *out, jw_error *error)
{
    if (def->seed_count < 2 || def->seed_count > 1000)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a placement takes 2 to 1000 seeds, not %u",
                       def->seed_count);
    if (!(def->minutes > 0 && def->minutes <= MINUTES_MAX))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a placement takes up to a day, not %g min",
                       def->minutes);
    if (def->sites == 0 || def->sites > out->candidate_count)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "%u sites are wanted, and there are %u candidates: 1 to %u can be placed (candidates "
                       "are the blocks "
                       "of the map; it has %u)",
                       def->sites, out->candidate_count, out->candidate_count, def->def->city->block_count);
    return JW_OK;
}

jw_result jw_place_run(const jw_place_def *def, jw_placement *out, jw_error *error)
{
    *out = (jw_placement){.site_count = def->sites,
                          .seed_count = def->seed_count,
                          .first_seed = def->def->seed,
                          .minutes = def->minutes};
    place_work work = {.def = def, .out = out, .is_telling = ATOMIC_FLAG_INIT};
    jw_result result = find_candidates(def->def->city, def->candidates ? def->candidates : 40, out, error);
    if (result == JW_OK)
        result = check_def(def, out, error);
    if (result == JW_OK)
        result = find_demand(&work, error);
    if (result == JW_OK) {
        out->chosen = jw_alloc((size_t)JW_PLACE_METHOD_COUNT * def->sites * sizeof *out->chosen);
        result = out->chosen ? solve(out, error) : jw_fail_memory(error);
    }
    if (result == JW_OK)
        result = judge(&work, error);
    if (result != JW_OK)
        jw_place_free(out);
    return result;
}

void jw_place_free(jw_placement *place)
{
    jw_free(place->demand);
    jw_free(place->candidates);
    jw_free(place->chosen);
    jw_free(place->values);
    *place = (jw_placement){0};
}

/* ---- statistics
 * ---------------------------------------------------------------------------------------------- */

static const double *values_of(const jw_placement *place, uint32_t method, uint32_t measured)
{
    return place->values + (size_t)method * place->seed_count * JW_PLACE_MEASURE_COUNT + measured;
}

jw_benchmark_cell jw_place_at(const jw_placement *place, jw_place_method method, jw_place_measure measured)
{
    const double *values = values_of(place, method, measured),
                 *random = values_of(place, JW_PLACE_BY_RANDOM, measured);
    jw_estimate own = jw_estimate_mean(values, NULL, place->seed_count, JW_PLACE_MEASURE_COUNT),
                gap = jw_estimate_mean(values, random, place->seed_count, JW_PLACE_MEASURE_COUNT);
    return (jw_benchmark_cell){own.mean, own.half_width, gap.mean, gap.half_width};
}
