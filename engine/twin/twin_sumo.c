/* From the vehicles, trips and flows of SUMO's files to listed trips. */
#include "twin/twin_sumo.h"

#include <stdio.h>
#include <string.h>

static jw_vehicle_class class_of(uint8_t allow)
{
    uint32_t c = 0;
    while (c + 1 < JW_VEHICLE_CLASS_COUNT && !(allow >> c & 1))
        c++;
    return (jw_vehicle_class)c;
}

void sumo_tell(sumo_work *w, const jw_sumo_vehicle *v, const char *what, const char *why)
{
    char element[64];
    snprintf(element, sizeof element, "vehicle %.50s", jw_sumo_text(w->demand, v->id));
    jw_problems_add(w->problems, JW_PROBLEM, jw_sumo_text(w->demand, v->source), v->line, element, "%s: %s",
                    what, why);
}

static void refuse(sumo_work *w, const jw_sumo_vehicle *v, const char *why)
{
    sumo_tell(w, v, "left out", why);
}

/* One of the members, by the probabilities `weight` tells. */
static uint32_t draw_member(const sumo_work *w, const uint32_t *members, uint32_t count, uint64_t entity,
                            uint64_t counter, double (*weight)(const jw_sumo_demand *, uint32_t))
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += weight(w->demand, members[i]);
    double at = jw_random_uniform(w->key, entity, counter) * sum;
    for (uint32_t i = 0; i + 1 < count; i++) {
        at -= weight(w->demand, members[i]);
        if (at < 0)
            return members[i];
    }
    return members[count - 1];
}

static double type_weight(const jw_sumo_demand *demand, uint32_t type)
{
    return demand->types[type].probability;
}

static double route_weight(const jw_sumo_demand *demand, uint32_t route)
{
    return demand->routes[route].probability;
}

/* Number of its type; JW_NONE: the default one. False: there is none of that id. */
static bool find_type(sumo_work *w, const jw_sumo_vehicle *v, uint64_t entity, uint64_t k, uint32_t *out)
{
    static const char *const defaults[] = {"DEFAULT_VEHTYPE", "DEFAULT_TAXITYPE", "DEFAULT_BIKETYPE"};
    *out = jw_sumo_find_type(w->demand, v->type);
    if (v->type == 0)
        *out = jw_sumo_find_type(w->demand, jw_sumo_find_text(w->demand, defaults[0]));
    if (*out != JW_NONE || v->type == 0)
        return true;
    uint32_t d = jw_sumo_find_type_distribution(w->demand, v->type);
    if (d != JW_NONE && w->demand->type_distributions[d].member_count) {
        const jw_sumo_type_distribution *distribution = &w->demand->type_distributions[d];
        *out = draw_member(w, w->demand->members + distribution->first_member, distribution->member_count,
                           entity, 4 * k, type_weight);
        return true;
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(defaults); i++)
        if (strcmp(jw_sumo_text(w->demand, v->type), defaults[i]) == 0)
            return true;
    return false;
}

/* ---- types --------------------------------------------------------------------------------------------
 * All of them, in their order, then SUMO's default, so that a vehicle's type is told by its number. */

static jw_vehicle_type make_type(const jw_sumo_type *sumo)
{
    static const jw_follow_model models[] = {
        [JW_SUMO_KRAUSS] = JW_FOLLOW_KRAUSS, [JW_SUMO_IDM] = JW_FOLLOW_IDM, [JW_SUMO_ACC] = JW_FOLLOW_ACC};
    jw_vehicle_type type = jw_default_vehicle_type(class_of(sumo->allow));
    type.model = models[sumo->model];
    type.length_m = jw_clamp(sumo->length_m, 0.2, 49);
    type.width_m = sumo->width_m;
    type.max_speed_mps = jw_clamp(sumo->max_speed_mps, 0.1, 80);
    type.min_gap_m = jw_max(sumo->min_gap_m, 0.1);
    type.accel_mps2 = jw_max(sumo->accel_mps2, 0.1);
    type.decel_mps2 = jw_max(sumo->decel_mps2, 0.1);
    type.emergency_decel_mps2 = jw_max(sumo->emergency_decel_mps2, type.decel_mps2);
    type.desired_headway_s = jw_max(sumo->tau_s, 0.1);
    type.sigma = jw_clamp(sumo->sigma, 0, 1);
    type.speed_factor_mean = jw_max(sumo->speed_factor_mean, 0.21);
    type.speed_factor_sd = jw_clamp(sumo->speed_factor_sd, 0, 0.39);
    if (sumo->is_electric)
        type.electric_share = 1;
    if (sumo->mass_kg > 0)
        type.mass_kg = sumo->mass_kg;
    return type;
}

static jw_result add_types(sumo_work *w)
{
    jw_twin_def *def = w->def;
    uint32_t count =
        w->demand->type_count < JW_EXTRA_TYPES_MAX ? w->demand->type_count + 1 : JW_EXTRA_TYPES_MAX;
    def->vehicle_type_count = 0;
    jw_result result = jw_grow(&def->vehicle_types, &def->vehicle_type_capacity, count,
                               sizeof *def->vehicle_types, w->error);
    if (result != JW_OK)
        return result;
    for (uint32_t k = 0; k < count; k++) {
        jw_sumo_type type = k < w->demand->type_count ? w->demand->types[k] : jw_sumo_default_type();
        def->vehicle_types[def->vehicle_type_count++] = make_type(&type);
    }
    def->traffic.is_euler = !w->sumo->is_ballistic;
    return JW_OK;
}

/* ---- routes ------------------------------------------------------------------------------------------ */

static bool leads_to(const jw_city *city, uint32_t from, uint32_t to, uint8_t allow)
{
    const jw_edge *edge = &city->edges[from];
    for (uint32_t l = edge->first_lane; l < edge->first_lane + edge->lane_count; l++)
        for (uint32_t k = 0; k < city->lanes[l].connection_count; k++) {
            const jw_connection *c =
                &city->connections[city->lane_connections[city->lanes[l].first_connection + k]];
            if ((c->allow & allow) && city->lanes[c->to_lane].edge == to)
                return true;
        }
    return false;
}

bool sumo_may_drive(const jw_city *city, uint32_t edge, uint8_t allow)
{
    for (uint32_t l = 0; l < city->edges[edge].lane_count; l++)
        if (city->lanes[city->edges[edge].first_lane + l].allow & allow)
            return true;
    return false;
}

/* Copies the edges to the end of the data's; NULL, or why they are no way. */
static const char *take_route(sumo_work *w, const uint32_t *texts, uint32_t count, uint8_t allow)
{
    const jw_city *city = w->def->city;
    jw_demand_data *data = &w->def->demand_data;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t edge = w->edge_of[texts[i]];
        if (edge == JW_NONE)
            return "its route names an edge that the network does not have";
        if (!sumo_may_drive(city, edge, allow))
            return "its class may not drive on an edge of its route";
        if (i > 0 && !leads_to(city, data->route_edges[data->route_edge_count + i - 1], edge, allow))
            return "its route is not connected";
        data->route_edges[data->route_edge_count + i] = edge;
    }
    return NULL;
}

/* The vehicle's own route, or one of the name it gives. */
static const jw_sumo_route *find_route(sumo_work *w, const jw_sumo_vehicle *v, uint64_t entity, uint64_t k)
{
    const jw_sumo_demand *demand = w->demand;
    if (v->own_route != JW_NONE)
        return &demand->routes[v->own_route];
    uint32_t r = jw_sumo_find_route(demand, v->route), d = jw_sumo_find_route_distribution(demand, v->route);
    if (r == JW_NONE && d != JW_NONE && demand->route_distributions[d].member_count)
        r = draw_member(w, demand->members + demand->route_distributions[d].first_member,
                        demand->route_distributions[d].member_count, entity, 4 * k + 1, route_weight);
    return r == JW_NONE ? NULL : &demand->routes[r];
}

/* Where a trip without a route begins or ends: an edge, or one of a zone. */
static uint32_t find_end(const sumo_work *w, uint32_t edge, uint32_t zone_id, bool is_source, uint8_t allow,
                         double draw)
{
    uint32_t zone = jw_sumo_find_zone(w->demand, zone_id);
    if (edge)
        return w->edge_of[edge];
    return zone == JW_NONE ? JW_NONE : sumo_draw_zone_edge(w, zone, is_source, allow, draw);
}

static const char *aim_freely(sumo_work *w, const jw_sumo_vehicle *v, uint64_t entity, uint64_t k,
                              uint8_t allow, jw_listed_trip *trip, jw_result *out_result)
{
    const uint64_t zones = UINT64_C(1) << 41;
    double draws[2] = {jw_random_uniform(w->key, entity, zones + 2 * k),
                       jw_random_uniform(w->key, entity, zones + 2 * k + 1)};
    trip->from_edge = find_end(w, v->from, v->from_zone, true, allow, draws[0]);
    trip->to_edge = find_end(w, v->to, v->to_zone, false, allow, draws[1]);
    if (trip->from_edge == JW_NONE || trip->to_edge == JW_NONE)
        return v->from_zone || v->to_zone ? "its zone has no edge in the network that its class may use"
                                          : "it goes from or to an edge that the network does not have";
    if (!sumo_may_drive(w->def->city, trip->from_edge, allow) ||
        !sumo_may_drive(w->def->city, trip->to_edge, allow))
        return "its class may not drive on the edge it goes from or to";
    if (v->via_count && !sumo_find_way(w, v, trip->from_edge, trip->to_edge, allow, trip, out_result))
        return *out_result == JW_OK ? "no way leads over the edges that its via names" : NULL;
    return NULL;
}

/* Its edges into the trip; NULL, or why there is no way. */
static const char *aim_along(sumo_work *w, const jw_sumo_route *route, uint8_t allow, jw_listed_trip *trip,
                             jw_result *out_result)
{
    jw_demand_data *data = &w->def->demand_data;
    uint32_t count = route->edge_count;
    *out_result = jw_grow(&data->route_edges, &data->route_edge_capacity,
                          (uint64_t)data->route_edge_count + count, sizeof *data->route_edges, w->error);
    if (*out_result != JW_OK)
        return NULL;
    const char *why = take_route(w, w->demand->route_edges + route->first_edge, count, allow);
    if (why)
        return why;
    trip->first_route = data->route_edge_count;
    trip->route_count = count;
    trip->from_edge = data->route_edges[data->route_edge_count];
    trip->to_edge = data->route_edges[data->route_edge_count + count - 1];
    data->route_edge_count += count;
    return NULL;
}

/* ---- vehicles ---------------------------------------------------------------------------------------- */

static float depart_place_m(const sumo_work *w, const jw_sumo_vehicle *v, uint64_t entity, uint64_t k,
                            uint32_t edge)
{
    double length_m = w->def->city->edges[edge].length_m;
    switch (v->depart_pos) {
    case JW_SUMO_POS_RANDOM:
        return (float)(jw_random_uniform(w->key, entity, 4 * k + 2) * length_m);
    case JW_SUMO_POS_NUMBER:
        return (float)jw_clamp(v->depart_pos_m < 0 ? length_m + v->depart_pos_m : v->depart_pos_m, 0,
                               length_m);
    default:
        return 0;
    }
}

static void set_departure(const sumo_work *w, const jw_sumo_vehicle *v, jw_listed_trip *trip)
{
    static const uint32_t lanes[] = {[JW_SUMO_LANE_FIRST] = JW_DEPART_FIRST,
                                     [JW_SUMO_LANE_RANDOM] = JW_DEPART_RANDOM,
                                     [JW_SUMO_LANE_FREE] = JW_DEPART_FREE,
                                     [JW_SUMO_LANE_ALLOWED] = JW_DEPART_FREE,
                                     [JW_SUMO_LANE_BEST] = JW_DEPART_BEST};
    trip->depart_lane =
        v->depart_lane == JW_SUMO_LANE_NUMBER ? JW_DEPART_LANE + v->depart_lane_index : lanes[v->depart_lane];
    switch (v->depart_speed) {
    case JW_SUMO_SPEED_NUMBER:
        trip->depart_speed = JW_DEPART_SPEED;
        trip->depart_mps = (float)jw_min(v->depart_speed_mps, 150);
        break;
    case JW_SUMO_SPEED_LIMIT:
        trip->depart_speed = JW_DEPART_UP_TO;
        trip->depart_mps = (float)jw_min(w->def->city->edges[trip->from_edge].speed_mps, 150);
        break;
    default:
        trip->depart_speed = JW_DEPART_FAST;
        break;
    }
    double length_m = w->def->city->edges[trip->to_edge].length_m;
    if (v->arrival_pos_m < JW_SUMO_TO_END)
        trip->arrive_s_m = (float)jw_clamp(
            v->arrival_pos_m < 0 ? length_m + v->arrival_pos_m : v->arrival_pos_m, 0.1, length_m);
}

/* The k-th vehicle of an entry, as often as the scale says. */
static jw_result add_trip(sumo_work *w, const jw_sumo_vehicle *v, uint64_t k, double depart_s)
{
    jw_demand_data *data = &w->def->demand_data;
    uint64_t entity = (uint64_t)(v - w->demand->vehicles);
    double before = jw_floor(w->kept);
    w->kept = (double)++w->wished * w->sumo->scale;
    uint32_t copies = (uint32_t)(jw_floor(w->kept) - before), type;
    if (copies == 0)
        return JW_OK;
    if (depart_s < w->sumo->begin_s)
        return jw_sumo_note_missing(w->missing, w->error, "vehicle that departs before the begin: left out");
    if (!find_type(w, v, entity, k, &type)) {
        refuse(w, v, "there is no type of the id it names");
        return JW_OK;
    }
    uint8_t allow = type == JW_NONE ? JW_ALLOW_CAR : w->demand->types[type].allow;
    if (allow == 0)
        return jw_sumo_note_missing(w->missing, w->error, "vehicle of a class that is not modelled");
    uint32_t at = type == JW_NONE ? w->demand->type_count : type;
    if (at >= JW_EXTRA_TYPES_MAX)
        return jw_sumo_note_missing(w->missing, w->error, "vehicle of a type beyond the first %d",
                                    JW_EXTRA_TYPES_MAX);
    if (data->trip_count + copies > JW_DEMAND_ROWS_MAX)
        return jw_fail(w->error, JW_ERROR_LIMIT, NULL, v->line, "more than %u vehicles", JW_DEMAND_ROWS_MAX);
    jw_listed_trip trip = {.depart_ns = jw_ns_from_s(depart_s),
                           .tag = (entity + 1) << 32 | (k & UINT32_MAX),
                           .vehicle_class = class_of(allow),
                           .type_index1 = at + 1};
    jw_result result = JW_OK;
    bool has_route = v->own_route != JW_NONE || v->route;
    const jw_sumo_route *route = has_route ? find_route(w, v, entity, k) : NULL;
    const char *why = has_route && !route ? "there is no route of the id it names"
                      : route             ? aim_along(w, route, allow, &trip, &result)
                                          : aim_freely(w, v, entity, k, allow, &trip, &result);
    if (why)
        refuse(w, v, why);
    if (why || result != JW_OK)
        return result;
    trip.from_s_m = depart_place_m(w, v, entity, k, trip.from_edge);
    set_departure(w, v, &trip);
    result = sumo_add_stops(w, v, route, &trip);
    if (result != JW_OK)
        return result;
    result = jw_grow(&data->trips, &data->trip_capacity, (uint64_t)data->trip_count + copies,
                     sizeof *data->trips, w->error);
    for (uint32_t i = 0; i < copies && result == JW_OK; i++)
        data->trips[data->trip_count++] = trip;
    return result;
}

static jw_result add_flow(sumo_work *w, const jw_sumo_vehicle *v)
{
    uint64_t entity = (uint64_t)(v - w->demand->vehicles), k = 0;
    double end_s = w->sumo->end_s >= 0 ? jw_min(v->end_s, w->sumo->end_s) : v->end_s, at_s = v->depart_s;
    jw_result result = JW_OK;
    if (v->probability > 0) {
        for (uint64_t second = 0; at_s < end_s && k < v->count && result == JW_OK; second++, at_s += 1)
            if (jw_random_uniform(w->key, entity, UINT64_C(1) << 40 | second) < v->probability)
                result = add_trip(w, v, k++, at_s);
        return result;
    }
    if (v->period_s == 0) /* all at once */
        end_s = JW_SUMO_TO_END;
    while (at_s < end_s && k < v->count && result == JW_OK) {
        result = add_trip(w, v, k++, at_s);
        at_s = v->is_poisson
                   ? at_s + jw_random_exponential(w->key, entity, UINT64_C(1) << 40 | k, v->period_s)
                   : v->depart_s + (double)k * v->period_s;
    }
    return result;
}

static jw_result add_vehicle(sumo_work *w, const jw_sumo_vehicle *v)
{
    if (v->count != 1 || v->period_s > 0 || v->probability > 0)
        return add_flow(w, v);
    if (w->sumo->end_s >= 0 && v->depart_s >= w->sumo->end_s)
        return JW_OK;
    return add_trip(w, v, 0, v->depart_s);
}

jw_result jw_twin_def_add_sumo(jw_twin_def *def, const jw_sumo_demand *demand, const jw_twin_sumo_def *sumo,
                               jw_sumo_missing *missing, jw_problems *problems, jw_error *error)
{
    sumo_work w = {.def = def,
                   .demand = demand,
                   .sumo = sumo,
                   .missing = missing,
                   .problems = problems,
                   .key = {def->seed, jw_hash_text(0, "sumo.demand")},
                   .way_of = JW_NONE,
                   .error = error};
    jw_result result = add_types(&w);
    if (result == JW_OK)
        result = sumo_find_places(&w);
    if (result == JW_OK)
        result = sumo_add_detectors(&w);
    for (uint32_t i = 0; i < demand->vehicle_count && result == JW_OK; i++)
        result = add_vehicle(&w, &demand->vehicles[i]);
    void *scratch[] = {w.edge_of, w.lane_of, w.reached_from, w.reached_s, w.heap};
    for (uint32_t i = 0; i < JW_COUNT_OF(scratch); i++)
        jw_free(scratch[i]);
    return result;
}
