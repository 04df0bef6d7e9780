/* How requests find their servers: policies, residency, and routes weighed by a script. */
#include "twin/twin_internal.h"

#include <string.h>

static const char *const policy_names[JW_POLICY_COUNT] = {
    "default", "latency", "nearest", "edge_only", "cloud_only", "least_loaded", "carbon", "script"};

const char *jw_policy_name(jw_policy policy)
{
    return policy_names[policy];
}

bool jw_policy_from_name(const char *name, jw_policy *out)
{
    for (uint32_t i = 0; i < JW_POLICY_COUNT; i++)
        if (strcmp(name, policy_names[i]) == 0) {
            *out = i;
            return true;
        }
    return false;
}

void jw_twin_set_policy(jw_world *world, uint32_t type, jw_policy policy)
{
    twin_requests *requests = twin_requests_of(world);
    if (type < requests->type_count)
        requests->types[type].policy = (uint8_t)policy;
}

/* ---- where things are
 * -------------------------------------------------------------------------------------- */

uint32_t twin_district_at(const jw_world *world, double x_m, double y_m)
{
    const jw_compute *compute = twin_compute_of(world);
    uint32_t best = JW_NONE;
    double best_m = 0;
    for (uint32_t i = 0; i < jw_compute_site_count(compute); i++) {
        jw_site_state site;
        if (!jw_compute_site(world, compute, i, &site) || site.is_removed || site.def->tier != JW_TIER_EDGE)
            continue;
        double m = jw_vec2_distance((jw_vec2){x_m, y_m}, (jw_vec2){site.def->x_m, site.def->y_m});
        if (best == JW_NONE || m < best_m) {
            best = i;
            best_m = m;
        }
    }
    return best;
}

jw_result twin_requests_map_sites(jw_world *world, twin_requests *requests, jw_error *error)
{
    const jw_compute *compute = twin_compute_of(world);
    uint32_t count = jw_compute_site_count(compute);
    jw_result result = jw_grow(&requests->site_nodes, &requests->site_node_capacity, count,
                               sizeof *requests->site_nodes, error);
    if (result == JW_OK)
        result = jw_grow(&requests->site_districts, &requests->site_district_capacity, count,
                         sizeof *requests->site_districts, error);
    if (result == JW_OK)
        result = jw_grow(&requests->breakers, &requests->breaker_capacity,
                         (uint64_t)count * requests->type_count, sizeof *requests->breakers, error);
    if (result == JW_OK)
        result = jw_grow(&requests->held, &requests->held_capacity, (uint64_t)count * requests->type_count,
                         sizeof *requests->held, error);
    if (result != JW_OK)
        return result;
    requests->site_node_count = count;
    if (requests->breaker_count < count * requests->type_count)
        requests->breaker_count = count * requests->type_count;
    for (uint32_t i = 0; i < count; i++) {
        jw_site_state site;
        requests->site_nodes[i] = (jw_net_node_id){0, 0};
        requests->site_districts[i] = JW_NONE;
        if (!jw_compute_site(world, compute, i, &site) || site.is_removed)
            continue;
        requests->site_nodes[i] = jw_network_find_node(twin_network_of(world), site.def->name);
        if (site.def->tier <= JW_TIER_EDGE)
            requests->site_districts[i] =
                site.def->tier == JW_TIER_EDGE ? i : twin_district_at(world, site.def->x_m, site.def->y_m);
    }
    twin_count_held(requests);
    return JW_OK;
}

jw_net_node_id twin_site_node(jw_world *world, jw_site_id site)
{
    const twin_requests *requests = twin_requests_of(world);
    if (site.index1 == 0 || site.index1 > requests->site_node_count)
        return (jw_net_node_id){0, 0};
    return requests->site_nodes[site.index1 - 1];
}

/* ---- candidates
 * -------------------------------------------------------------------------------------------- */

bool twin_is_candidate(const jw_world *world, const twin_requests *requests, uint32_t type, uint32_t district,
                       uint32_t slot, twin_site *out)
{
    if (requests->site_nodes[slot].index1 == 0 || requests->services[type] == JW_NONE ||
        !jw_compute_is_serving(twin_compute_of(world), slot, requests->services[type], &out->id, &out->tier))
        return false;
    switch (requests->types[type].residency) {
    case JW_RESIDENCY_CITY:
        return out->tier < JW_TIER_WEST;
    case JW_RESIDENCY_DISTRICT:
        return district != JW_NONE && requests->site_districts[slot] == district;
    default:
        return true;
    }
}

static jw_net_end end_of(const twin_requests *requests, uint32_t slot)
{
    return (jw_net_end){.node = requests->site_nodes[slot]};
}

/* The way back from a site to whoever asked, behind what waits on it now. */
static double answer_delay_s(const jw_world *world, const twin_requests *requests,
                             const twin_request *request, uint32_t slot)
{
    const jw_request_type *type = &requests->types[request->type];
    return jw_network_forecast_s(world, twin_network_of(world), end_of(requests, slot), request->from,
                                 type->down_bytes, type->kind);
}

double twin_way_s(const jw_world *world, const twin_requests *requests, const twin_request *request,
                  uint32_t slot)
{
    const jw_request_type *type = &requests->types[request->type];
    double up_s = jw_network_forecast_s(world, twin_network_of(world), request->from, end_of(requests, slot),
                                        type->up_bytes, type->kind);
    double down_s = up_s < 0 ? -1 : answer_delay_s(world, requests, request, slot);
    return down_s < 0 ? -1 : up_s + down_s;
}

/* The same on empty links: how near it is, whatever goes on. */
static double distance_s(const jw_world *world, const twin_requests *requests, const twin_request *request,
                         uint32_t slot)
{
    const jw_network *network = twin_network_of(world);
    const jw_request_type *type = &requests->types[request->type];
    double up_s = jw_network_estimate_s(network, request->from, end_of(requests, slot), type->up_bytes);
    double down_s =
        up_s < 0 ? -1
                 : jw_network_estimate_s(network, end_of(requests, slot), request->from, type->down_bytes);
    return down_s < 0 ? -1 : up_s + down_s;
}

double twin_forecast_s(const jw_world *world, const twin_requests *requests, const twin_request *request,
                       jw_site_id site, bool is_there)
{
    uint32_t slot = site.index1 - 1;
    double network_s = is_there ? answer_delay_s(world, requests, request, slot)
                                : twin_way_s(world, requests, request, slot);
    double compute_s =
        jw_compute_estimate_s(world, twin_compute_of(world), site, requests->services[request->type],
                              request->items, request->output_tokens, 0);
    return network_s < 0 || compute_s < 0 ? -1 : network_s + compute_s;
}

/* ---- the choice
 * -------------------------------------------------------------------------------------------- */

/* Assumed of a way that is not there now, in a ranking among others that are not: the network holds a message
 * so long by default. */
#define NO_WAY_S 2.0

typedef struct candidate {
    jw_site_id site;
    uint32_t slot;
    uint32_t reluctance;  /* 1: a try just failed there; 2: no way leads there now, it would wait for one */
    double first, second; /* the lesser is better, then the lesser of the second */
    double network_s;
    double distance_s; /* for the policies that need it */
} candidate;

static bool is_better(const candidate *a, const candidate *b)
{
    if (a->reluctance != b->reluctance)
        return a->reluctance < b->reluctance;
    if (a->first < b->first || a->first > b->first)
        return a->first < b->first;
    return a->second < b->second;
}

/* False when the policy does not take the site. */
static bool rank(const jw_world *world, const twin_requests *requests, const twin_request *request,
                 jw_policy policy, const twin_site *site, candidate *c)
{
    const jw_request_type *type = &requests->types[request->type];
    bool is_cloud = site->tier >= JW_TIER_CITY;
    if ((policy == JW_POLICY_EDGE_ONLY && is_cloud) || (policy == JW_POLICY_CLOUD_ONLY && !is_cloud))
        return false;
    if (policy == JW_POLICY_NEAREST) {
        c->first = c->distance_s;
        c->second = 0;
        return true;
    }
    double compute_s =
        jw_compute_estimate_s(world, twin_compute_of(world), site->id, requests->services[request->type],
                              request->items, request->output_tokens, 0);
    if (compute_s < 0)
        return false;
    double forecast_s = c->network_s + compute_s;
    c->first = c->second = forecast_s;
    jw_site_state state;
    bool is_by_state = policy == JW_POLICY_LEAST_LOADED || policy == JW_POLICY_CARBON;
    if (!is_by_state || !jw_compute_site(world, twin_compute_of(world), c->slot, &state))
        return true;
    if (policy == JW_POLICY_LEAST_LOADED)
        c->first = state.utilisation + (state.cards ? (double)state.queued / state.cards : 0);
    if (policy == JW_POLICY_CARBON) {
        double end_s = jw_s_from_ns(jw_world_time_ns(world) - request->created_ns) + forecast_s;
        /* 1e6 kg a kWh and the forecast: behind all that keep the deadline, in order of latency. */
        c->first = end_s <= type->deadline_s ? state.kgco2_per_kwh : 1e6 + forecast_s;
    }
    return true;
}

/* First route of a type and home, as a place in the sorted list. */
static uint32_t first_route(const twin_requests *requests, uint32_t type, uint32_t home)
{
    uint32_t low = 0, high = requests->route_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const twin_route *r = &requests->routes[middle];
        if (r->type < type || (r->type == type && r->home < home))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_route_of(const twin_requests *requests, uint32_t at, uint32_t type, uint32_t home)
{
    return at < requests->route_count && requests->routes[at].type == type &&
           requests->routes[at].home == home;
}

/* One of the candidates by the weights that a script left; zero when none of them has any. */
static jw_site_id draw_route(const jw_world *world, const twin_requests *requests,
                             const twin_request *request, const candidate *found, uint32_t count)
{
    uint32_t home = 0;
    for (uint32_t i = 1; i < count; i++)
        if (found[i].distance_s < found[home].distance_s)
            home = i;
    uint32_t type = request->type, first = count ? first_route(requests, type, found[home].slot) : 0;
    double sum = 0, drawn = 0;
    jw_site_id chosen = {0, 0};
    for (int is_drawing = 0; is_drawing < 2; is_drawing++) {
        uint32_t i = 0;
        for (uint32_t at = first; count && is_route_of(requests, at, type, found[home].slot); at++) {
            const twin_route *r = &requests->routes[at];
            while (i < count && found[i].slot < r->site)
                i++;
            if (i == count || found[i].slot != r->site || found[i].reluctance)
                continue;
            if (!is_drawing) {
                sum += r->weight;
            } else if (drawn >= 0) {
                chosen = found[i].site;
                drawn -= r->weight;
            }
        }
        if (!is_drawing) {
            const twin_request_stats *stats = &requests->stats[type];
            jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.request.route"));
            drawn = sum * jw_random_uniform(key, type, (uint64_t)(stats->earlier + stats->sent));
        }
    }
    return chosen;
}

jw_site_id twin_choose_site(jw_world *world, const twin_requests *requests, const twin_request *request,
                            jw_site_id avoid, jw_site_id exclude)
{
    const jw_request_type *type = &requests->types[request->type];
    jw_policy policy = type->policy == JW_POLICY_DEFAULT ? requests->policy : (jw_policy)type->policy;
    candidate best = {.slot = JW_NONE};
    candidate *found = NULL;
    uint32_t found_count = 0;
    if (requests->services[request->type] == JW_NONE)
        return best.site;
    if (policy == JW_POLICY_SCRIPT) {
        found = jw_alloc((requests->site_node_count + 1) * sizeof *found);
        if (!found) {
            jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for the choice of a site");
            return best.site;
        }
    }
    for (uint32_t i = 0; i < requests->site_node_count; i++) {
        twin_site site;
        if (i + 1 == exclude.index1 ||
            !twin_is_candidate(world, requests, request->type, request->district, i, &site) ||
            !twin_breaker_lets_through(world, requests, request->type, i))
            continue;
        candidate c = {.site = site.id, .slot = i, .reluctance = i + 1 == avoid.index1};
        c.network_s = twin_way_s(world, requests, request, i);
        if (c.network_s < 0) {
            c.network_s = NO_WAY_S;
            c.reluctance += 2;
        }
        c.distance_s = c.network_s;
        if (c.reluctance < 2 && (policy == JW_POLICY_NEAREST || policy == JW_POLICY_SCRIPT))
            c.distance_s = distance_s(world, requests, request, i);
        if (!rank(world, requests, request, policy, &site, &c))
            continue;
        if (found)
            found[found_count++] = c;
        if (best.slot == JW_NONE || is_better(&c, &best))
            best = c;
    }
    if (found) {
        jw_site_id drawn = draw_route(world, requests, request, found, found_count);
        if (drawn.index1)
            best.site = drawn;
        jw_free(found);
    }
    return best.site;
}

/* ---- routes
 * ------------------------------------------------------------------------------------------------ */

static double weight_of(const twin_requests *requests, uint32_t type, uint32_t home, uint32_t site)
{
    for (uint32_t at = first_route(requests, type, home); is_route_of(requests, at, type, home); at++)
        if (requests->routes[at].site == site)
            return requests->routes[at].weight;
    return 0;
}

uint32_t jw_twin_routes(const jw_world *world, uint32_t type, uint32_t home_slot, jw_route *out,
                        uint32_t capacity)
{
    const twin_requests *requests = twin_requests_of(world);
    if (type >= requests->type_count || home_slot >= requests->site_node_count ||
        requests->services[type] == JW_NONE)
        return 0;
    const jw_request_type *t = &requests->types[type];
    jw_net_end from = {.node = requests->site_nodes[home_slot]};
    twin_request mean = {.type = type,
                         .from = from,
                         .created_ns = jw_world_time_ns(world),
                         .items = t->items,
                         .output_tokens = t->output_tokens};
    uint32_t count = 0;
    for (uint32_t i = 0; i < requests->site_node_count; i++) {
        twin_site there;
        jw_site_state site;
        if (!twin_is_candidate(world, requests, type, requests->site_districts[home_slot], i, &there) ||
            !jw_compute_site(world, twin_compute_of(world), i, &site))
            continue;
        double network_s = jw_network_forecast_s(world, twin_network_of(world), from, end_of(requests, i),
                                                 t->up_bytes, t->kind);
        double compute_s = jw_compute_estimate_s(world, twin_compute_of(world), site.id,
                                                 requests->services[type], t->items, t->output_tokens, 0);
        if (network_s < 0 || compute_s < 0)
            continue;
        twin_plan now, ever = {site.id, jw_world_time_ns(world), site.kgco2_per_kwh};
        if (t->is_deferrable)
            twin_plan_at(world, requests, &mean, site.id, true, &now, &ever);
        if (count < capacity)
            out[count] = (jw_route){.site = site.id,
                                    .name = site.def->name,
                                    .region = site.def->region,
                                    .tier = site.def->tier,
                                    .network_s = network_s,
                                    .compute_s = compute_s,
                                    .load = site.utilisation,
                                    .kgco2_per_kwh = site.kgco2_per_kwh,
                                    .price_cny_per_kwh = site.price_cny_per_kwh,
                                    .greenest_kgco2_per_kwh = ever.kgco2_per_kwh,
                                    .greenest_s = jw_s_from_ns(ever.start_ns - jw_world_time_ns(world)),
                                    .weight = weight_of(requests, type, home_slot, i)};
        count++;
    }
    return count;
}

jw_result jw_twin_set_routes(jw_world *world, uint32_t type, uint32_t home_slot, const double *weights,
                             uint32_t count, jw_error *error)
{
    twin_requests *requests = twin_requests_of(world);
    jw_route *routes = jw_alloc((requests->site_node_count + 1) * sizeof *routes);
    if (!routes)
        return jw_fail_memory(error);
    uint32_t route_count = jw_twin_routes(world, type, home_slot, routes, requests->site_node_count);
    jw_result result = JW_OK;
    if (count > route_count)
        result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%u weights for %u sites: give each one", count,
                         route_count);
    uint32_t positive = 0;
    for (uint32_t i = 0; i < count && result == JW_OK; i++) {
        if (!(weights[i] >= 0 && weights[i] <= 1e9))
            result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the weight of site \"%s\" is %g: 0 to 1e9",
                             routes[i].name, weights[i]);
        positive += weights[i] > 0;
    }
    if (result == JW_OK)
        result = jw_grow(&requests->routes, &requests->route_capacity,
                         (uint64_t)requests->route_count + positive, sizeof *requests->routes, error);
    if (result == JW_OK) {
        uint32_t first = first_route(requests, type, home_slot), last = first;
        while (is_route_of(requests, last, type, home_slot))
            last++;
        memmove(&requests->routes[first + positive], &requests->routes[last],
                (requests->route_count - last) * sizeof *requests->routes);
        requests->route_count = requests->route_count - (last - first) + positive;
        for (uint32_t i = 0; i < count; i++)
            if (weights[i] > 0)
                requests->routes[first++] =
                    (twin_route){type, home_slot, routes[i].site.index1 - 1, weights[i]};
    }
    jw_free(routes);
    return result;
}
